"""`python -m bot check`: this project passes; and in a small house each mistake is told with its file and line."""

from __future__ import annotations

import re
import shutil
import time
from pathlib import Path

import pytest

from bot.check import RULES, check, fingerprint
from bot.content import Problem
from bot.programme.people import SECTORS, Purpose, Salutation
from bot.settings import ROOT
from bot.texts import read_catalogue

HANDLER = '''"""Saying hello."""

HELLO = "greeting:hello"


def hello(turn):
    turn.say("greeting.hello", name="Siti", buttons=[[Button("button.back", HELLO)]])


def handlers():
    return [tap(HELLO, hello), tap("greeting:choose", hello)]
'''
KEYS = {
    "greeting.hello": ("Halo, {name}.", "Hello, {name}."),
    "greeting.consent": ("Setuju ikut pelatihan?", "Do you agree to take part?"),
    "button.back": ("Kembali", "Back"),
}
HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {plurals}\\n"\n'
PLURALS = ("nplurals=1; plural=0;", "nplurals=2; plural=(n != 1);")


class SmallHouse:
    """A project of one handler. Its real content/ names one consent text for all four purposes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        shutil.copytree(ROOT / "content", root / "content")
        (root / "bot").mkdir()
        self.words: dict[str, tuple[str, str]] = dict(KEYS)
        self.comments: dict[str, str] = {}
        self.handler = HANDLER + '\n\ndef consent(turn):\n    turn.say("greeting.consent")\n'
        self.bot = 'SECTOR, CALLED, SALUTATION = f"people.sector.{x}", f"people.called.{x}", f"people.salutation.{x}"\n'
        for language in ("id", "en"):
            for entry in read_catalogue(ROOT / "locales" / language / "LC_MESSAGES" / "bot.po").entries:
                if entry.key.startswith(("format.", "people.called", "people.sector", "people.salutation")):
                    before = self.words.get(entry.key, ("", ""))
                    said = entry.variants[-1]
                    self.words[entry.key] = (said, before[1]) if language == "id" else (before[0], said)
        self.consent_version, self.consent_texts = "1", ""

    def with_words(self, key: str, indonesian: str, english: str = "Fine.") -> SmallHouse:
        """Change a key's words, or add one that is said without values."""
        if key not in self.words:
            self.handler += f'\n\ndef more{len(self.words)}(turn):\n    turn.say("{key}")\n'
        self.words[key] = (indonesian, english)
        return self

    def po(self, language: str) -> Path:
        return self.root / "locales" / language / "LC_MESSAGES" / "bot.po"

    def write(self) -> None:
        for place, language in enumerate(("id", "en")):
            out = HEAD.format(plurals=PLURALS[place])
            for key, words in self.words.items():
                comment = f"# {self.comments[key]}\n" if key in self.comments else ""
                said = words[place].replace('"', '\\"').replace("\n", "\\n")
                out += f'\n{comment}msgid "{key}"\nmsgstr "{said}"\n'
            self.po(language).parent.mkdir(parents=True, exist_ok=True)
            self.po(language).write_text(out, encoding="utf-8")
        (self.root / "handlers").mkdir(exist_ok=True)
        (self.root / "handlers" / "greeting.py").write_text(self.handler, encoding="utf-8")
        (self.root / "bot" / "people.py").write_text(self.bot, encoding="utf-8")
        path = self.root / "content" / "programme.yaml"
        before, _, rest = path.read_text(encoding="utf-8").partition("consents:\n")
        consents = "".join(
            f'  {purpose.value}:\n    version: "{self.consent_version}"\n    keys: [greeting.consent]\n'
            f"    texts: {{{self.consent_texts or self.print()}}}\n"
            for purpose in Purpose
        )
        path.write_text(f"{before}consents:\n{consents}\n{rest[rest.index('# How long things'):]}", encoding="utf-8")

    def print(self, version: str = "1") -> str:
        words = {code: {e.key: e for e in read_catalogue(self.po(code)).entries} for code in ("id", "en")}
        return f'"{version}": "{fingerprint(words, ["greeting.consent"])}"'

    def problems(self) -> list[Problem]:
        self.write()
        return check(self.root)

    def problem(self) -> Problem:
        found = self.problems()
        assert len(found) == 1, "\n".join(map(str, found))
        return found[0]


@pytest.fixture
def house(tmp_path: Path) -> SmallHouse:
    return SmallHouse(tmp_path)


def test_this_project_passes() -> None:
    assert "\n".join(map(str, check(ROOT))) == ""


def test_it_takes_less_than_three_seconds() -> None:
    began = time.process_time()
    check(ROOT)
    assert time.process_time() - began < 3


def test_a_small_house_in_order_passes(house: SmallHouse) -> None:
    assert house.problems() == []


def test_a_problem_is_told_as_file_line_and_words() -> None:
    assert str(Problem("locales/id/LC_MESSAGES/bot.po", 7, "x.y: no")) == "locales/id/LC_MESSAGES/bot.po:7: x.y: no"


def test_every_rule_is_a_function_of_its_own() -> None:
    assert len({rule.__name__ for rule in RULES}) == len(RULES) >= 15


# --- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("Kamu sudah daftar.", "'Kamu'"),
        ("Silahkan pilih.", "silakan"),
        ("Klik disini ya.", "'Klik disini'"),
        ("Submit dulu.", "kirim"),
        ("Satu user saja.", "peserta"),
        ("Mudah kok.", "easy"),
        ("Reschedule kelas?", "ganti jadwal"),
        ("Masuk waitlist.", "daftar tunggu"),
        ("Data anda aman.", "Anda"),
        ("Harga Rp50.000,00 saja.", "Rp50.000"),
        ("Harga Rp 50.000 saja.", "Rp50.000"),
        ("Cepat!!!", "one is enough"),
        ("Ini PENTING sekali.", "capitals"),
        ("Atas\n────────\nbawah", "rulers"),
        ("✅ Sudah 🎉", "more than one emoji"),
        ("✅", "alone"),
        ("Mulai pukul 09.00 besok.", "WIB, WITA or WIT"),
        ("Mulai jam 9.30 pagi.", "WIB, WITA or WIT"),
        ("satu dua tiga empat lima enam tujuh delapan sembilan sepuluh sebelas duabelas tigabelas", "13 words ('satu"),
        ("\n".join(["Satu dua tiga empat lima enam."] * 11), "66 words in one message"),
        ("<b>Halo", "Telegram refuses the HTML"),
        ("<h1>Halo</h1>", "Telegram refuses the HTML"),
        ("1 < 2", "Telegram refuses the HTML"),
        ("", "has no words"),
    ],
)
def test_words_the_style_guide_or_telegram_refuses(house: SmallHouse, words: str, said: str) -> None:
    house.with_words("greeting.more", words)
    problem = house.problem()
    assert problem.file == "locales/id/LC_MESSAGES/bot.po"
    lines = house.po("id").read_text(encoding="utf-8").splitlines()
    assert lines[problem.line - 1] == 'msgid "greeting.more"'
    assert said in problem.words


@pytest.mark.parametrize(
    "words",
    [
        "Mulai pukul 09.00 WITA.",
        "Tulis di sini, ya. QRIS dan UMKM boleh. TikTok juga.",
        "✅ Bu Siti sudah terdaftar!",
        "Harga Rp50.000.\n<b>Bagus</b> &amp; murah.\nLihat www.oss.go.id.",
        "Data Anda aman. Selalu.",
        "\n".join(["Satu dua tiga empat lima enam tujuh delapan sembilan sepuluh."] * 6),
    ],
)
def test_good_words_pass(house: SmallHouse, words: str) -> None:
    assert house.with_words("greeting.more", words).problems() == []


def test_style_is_a_matter_of_indonesian(house: SmallHouse) -> None:
    english = "The user may submit a registration for the event here and is then put on the waitlist of the session."
    assert house.with_words("greeting.more", "Baik.", english).problems() == []


def test_a_long_text_says_why_it_is_long(house: SmallHouse) -> None:
    house.with_words("greeting.more", "\n".join(["Satu dua tiga empat lima enam."] * 11))
    house.comments["greeting.more"] = "long: the notice in full"
    assert house.problems() == []
    house.comments["greeting.more"] = "long:"
    assert "must say why" in house.problem().words


def test_telegrams_limits_count_the_longest_values(house: SmallHouse) -> None:
    house.words["greeting.hello"] = ("Halo, {name}." * 60, "Hello.{name}")
    house.comments["greeting.hello"] = "long: for the test"
    assert "may have 4020" not in "".join(map(str, house.problems()))
    house.words["greeting.hello"] = ("Halo, {name}." * 70, "Hello.{name}")
    assert "may have 4690 characters; Telegram takes 4096" in house.problem().words


def test_captions_and_toasts_are_shorter(house: SmallHouse) -> None:
    house.handler += (
        '\n\ndef more(turn):\n    turn.toast("greeting.toast")\n'
        '    turn.send(Message("greeting.caption", form=Form.DOCUMENT))\n'
    )
    house.words["greeting.toast"] = ("kata " * 41, "Fine.")
    house.words["greeting.caption"] = ("kata " * 205, "Fine.")
    house.comments = {"greeting.caption": "long: for the test"}
    found = house.problems()
    assert [re.search(r"may have.*", problem.words) for problem in found].count(None) == 0
    assert sorted(problem.words.split("; ")[1] for problem in found) == ["Telegram takes 1024", "Telegram takes 200"]


def test_what_is_shown_plainly_has_no_tags(house: SmallHouse) -> None:
    house.words["button.back"] = ("<b>Kembali</b>", "Back")
    assert "without HTML" in house.problem().words


@pytest.mark.parametrize(
    ("label", "said"), [("Kembali ke menu utama", "4 words"), ("Kembalikeberandamenuutama", "25 characters")]
)
def test_labels_are_short(house: SmallHouse, label: str, said: str) -> None:
    house.words["button.back"] = (label, "Back")
    assert said in house.problem().words


def test_a_key_on_a_button_is_a_label_wherever_it_stands(house: SmallHouse) -> None:
    house.handler = house.handler.replace('Button("button.back", HELLO)', 'Button("greeting.take", HELLO)')
    house.handler += '\n\nBACK = "button.back"\n'
    house.words["greeting.take"] = ("Ambil kursi ini sekarang juga", "Take")
    assert "a button has 24" in house.problem().words


# --- languages --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("place", "language"), [(0, "id"), (1, "en")])
def test_a_key_stands_in_both_languages(house: SmallHouse, place: int, language: str) -> None:
    house.write()
    text = house.po(language).read_text()
    house.po(language).write_text(re.sub(r'msgid "greeting.hello"\nmsgstr.*\n', "", text))
    found = [problem for problem in check(house.root) if "is missing in" in problem.words]
    assert [problem.words for problem in found] == [f"greeting.hello: is missing in '{language}'"]
    assert found[0].file == f"locales/{'en' if language == 'id' else 'id'}/LC_MESSAGES/bot.po"


def test_placeholders_are_the_same_in_both(house: SmallHouse) -> None:
    house.words["greeting.hello"] = ("Halo, {name}.", "Hello, {nama}.")
    found = [problem.words for problem in house.problems()]
    assert "greeting.hello: {nama}, {name} stands in only one of 'id' and 'en'" in found
    assert "'greeting.hello' needs a value for {nama} (en)" in found


@pytest.mark.parametrize(("words", "said"), [("{name:ounces}", "no form 'ounces'"), ("{na me}", "not a placeholder")])
def test_placeholders_can_be_read(house: SmallHouse, words: str, said: str) -> None:
    house.words["greeting.hello"] = (f"Halo {words}.", "Hello, {name}.")
    assert any(said in problem.words for problem in house.problems())


@pytest.mark.parametrize(("place", "wrong"), [(0, PLURALS[1]), (1, PLURALS[0])])
def test_each_language_has_its_number_of_plurals(house: SmallHouse, place: int, wrong: str) -> None:
    house.write()
    path = house.po(("id", "en")[place])
    path.write_text(path.read_text().replace(PLURALS[place], wrong))
    (problem,) = check(house.root)
    assert "nplurals" in problem.words


def test_a_counting_key_has_all_its_forms(house: SmallHouse) -> None:
    house.write()
    path = house.po("en")
    path.write_text(path.read_text().replace(
        'msgid "button.back"\nmsgstr "Back"', 'msgid "button.back"\nmsgid_plural "button.back"\nmsgstr[0] "Back"'
    ))  # fmt: skip
    said = " ".join(problem.words for problem in check(house.root))
    assert "counts (msgid_plural) in only one" in said
    assert "needs a value for {n}" in said


def test_a_key_that_stands_there_twice(house: SmallHouse) -> None:
    house.write()
    path = house.po("id")
    path.write_text(path.read_text() + '\nmsgid "greeting.hello"\nmsgstr "Halo lagi, {name}."\n')
    (problem,) = check(house.root)
    assert problem.words == "greeting.hello: stands there twice"
    assert problem.line == len(path.read_text().splitlines()) - 1


def test_a_file_of_words_that_cannot_be_read(house: SmallHouse) -> None:
    house.write()
    house.po("id").write_text(house.po("id").read_text() + "\nmsgid what\n")
    (problem,) = check(house.root)
    assert (problem.file, problem.line) == (
        "locales/id/LC_MESSAGES/bot.po",
        len(house.po("id").read_text().splitlines()),
    )


# --- code -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        'turn.say("greeting.nothing")',
        'turn.show("greeting.hello" if x else "greeting.nothing", name=x)',
        'key = "greeting.nothing"',
        'Words("greeting.nothing")',
        'key = f"greeting.nothing.{x}"',
        'key = "greeting.nothing." + x',
    ],
)
def test_a_key_nobody_wrote_words_for(house: SmallHouse, line: str) -> None:
    house.handler += f"\n\ndef more(turn, x):\n    {line}\n"
    problem = house.problem()
    assert (problem.file, problem.line) == ("handlers/greeting.py", len(house.handler.splitlines()))
    assert "no words for the key 'greeting.nothing" in problem.words


@pytest.mark.parametrize("line", ['x = "greeting.csv"', 'ForeignKey("greeting.id")', '"greeting.nothing"', 'x = "a.b"'])
def test_what_only_looks_like_a_key(house: SmallHouse, line: str) -> None:
    house.handler += f"\n\n{line}\n"
    assert house.problems() == []


def test_a_key_nobody_uses(house: SmallHouse) -> None:
    house.words["greeting.old"] = ("Lama.", "Old.")
    assert house.problem().words == "greeting.old: is used nowhere in handlers/ or bot/"
    house.handler += '\n\nOLD = f"greeting.{x}"\n'
    assert house.problems() == []


def test_families_of_keys_are_whole(house: SmallHouse) -> None:
    gone = [f"people.sector.{SECTORS[0]}", f"people.called.{Salutation.IBU.value}", "format.short", "format.hours"]
    for key in gone:
        del house.words[key]
    found = {problem.words.split(":")[0] for problem in house.problems()}
    assert found == set(gone)


@pytest.mark.parametrize(
    "line",
    [
        'turn.say("greeting.hello")',
        'turn.say("greeting.hello", {"nama": 1}, person=1)',
        'Words("greeting.hello", {"nama": 1})',
        'Button("greeting.hello", "greeting:choose", {"a": 1})',
    ],
)
def test_a_placeholder_without_a_value(house: SmallHouse, line: str) -> None:
    house.handler += f"\n\ndef more(turn):\n    {line}\n"
    found = [problem for problem in house.problems() if problem.line == len(house.handler.splitlines())]
    assert {problem.words for problem in found} == {
        "'greeting.hello' needs a value for {name} (id)",
        "'greeting.hello' needs a value for {name} (en)",
    }


@pytest.mark.parametrize(
    "line",
    [
        'turn.say("greeting.hello", **x)',
        'turn.say("greeting.hello", x)',
        'turn.say("greeting.hello", {"name": 1})',
        'Words("greeting.hello", {**x})',
        'Words("greeting.hello", x)',
    ],
)
def test_values_that_cannot_be_read_in_the_code_are_let_pass(house: SmallHouse, line: str) -> None:
    house.handler += f"\n\ndef more(turn, x):\n    {line}\n"
    assert house.problems() == []


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ('"greeting:choose:' + "x" * 60 + '"', "may take 76 bytes of 64"),
        ('f"greeting:choose:{a}:{b}:{c}:{a}"', "may take 67 bytes of 64"),
        ('f"greeting:choose:{site.id}:{site_id}"', "may take 75 bytes of 64"),
        ('"greeting:nowhere"', "no handler is tapped with 'greeting:nowhere'"),
        ('f"greeting:chosen:{a}"', "no handler is tapped"),
        ('"other:choose"', "does not begin with a capability"),
    ],
)
def test_button_data(house: SmallHouse, action: str, said: str) -> None:
    house.handler += f'\n\ndef more(turn, a, b, c, site):\n    Button("button.back", {action})\n'
    problem = house.problem()
    assert said in problem.words
    assert problem.line == len(house.handler.splitlines())


@pytest.mark.parametrize(
    "action", ['f"greeting:choose:{session.id}"', "HELLO", 'f"{HELLO}:{x}"', "action", 'action=f"{a}:{b}"']
)
def test_button_data_in_order(house: SmallHouse, action: str) -> None:
    house.handler += f'\n\ndef more(turn, session, x):\n    Button("button.back", {action})\n'
    assert house.problems() == []


def test_names_in_capitals_are_known_across_files_if_they_are_one(house: SmallHouse) -> None:
    house.bot += 'GONE, x = 1, 2\nMENU = "greeting:gone"\n'
    house.handler += '\n\ndef more(turn):\n    Button("button.back", MENU)\n'
    assert "no handler is tapped with 'greeting:gone'" in house.problem().words
    house.handler = house.handler.replace("HELLO = ", 'MENU = "greeting:choose"\nHELLO = ', 1)
    assert house.problems() == []


def test_every_command_of_the_menu_has_words(house: SmallHouse) -> None:
    house.bot += 'COMMANDS: Final = {"participant": ("jadwal",)}\n'
    assert house.problem().words == "no words for the key 'command.jadwal' in locales/id"
    house.words["command.jadwal"] = ("Lihat jadwal", "See the schedule")
    assert house.problems() == []


def test_files_that_the_code_names_exist(house: SmallHouse) -> None:
    house.bot += 'A, B = "content/sites.yaml", "content/map.png"\n'
    assert house.problem().words == "there is no file content/map.png"


# --- content ----------------------------------------------------------------------------------------------------------


def test_mistakes_of_the_content_are_told_beside_all_others(house: SmallHouse) -> None:
    house.with_words("greeting.more", "Kamu.").write()
    path = house.root / "content" / "sites.yaml"
    path.write_text(path.read_text().replace("Asia/Jayapura\n    tz_label: WIT", "null\n    tz_label: null"))
    assert [problem.file for problem in check(house.root)] == ["content/sites.yaml", "locales/id/LC_MESSAGES/bot.po"]


def test_a_consents_text_cannot_change_without_a_new_version(house: SmallHouse) -> None:
    house.write()
    recorded = house.print()
    house.consent_texts = recorded
    house.words["greeting.consent"] = ("Setuju ikut semuanya?", "Do you agree to everything?")
    found = house.problems()
    assert len(found) == len(Purpose)
    assert {problem.file for problem in found} == {"content/programme.yaml"}
    assert all("no longer that of version 1" in problem.words for problem in found)

    house.consent_version = "2"
    found = house.problems()
    assert all("version 2 is not recorded" in problem.words for problem in found)
    asked_for = re.search(r'"2": "[0-9a-f]{12}"', found[0].words)
    assert asked_for
    house.consent_texts = f"{recorded}, {asked_for[0]}"
    assert house.problems() == []


def test_a_line_break_more_is_no_other_text(house: SmallHouse) -> None:
    house.write()
    house.consent_texts = house.print()
    house.words["greeting.consent"] = ("Setuju  ikut\npelatihan?", "Do you agree to take part?")
    assert house.problems() == []


def test_a_consent_needs_keys_that_exist(house: SmallHouse) -> None:
    house.write()
    path = house.root / "content" / "programme.yaml"
    text = path.read_text().replace("keys: [greeting.consent]", "keys: []", 1)
    path.write_text(text.replace("keys: [greeting.consent]", "keys: [greeting.gone]", 1))
    assert [problem.words for problem in check(house.root)] == [
        "training: no keys, so its text cannot be known again",
        "messages: no words for greeting.gone",
    ]
