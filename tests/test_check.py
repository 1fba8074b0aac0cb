"""`python -m bot check`: this project passes; and in a small house each mistake is told with its file and line."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.__main__ import cli
from bot.catalogue.check import RULES, Findings, check, examine, fingerprint
from bot.catalogue.yaml_files import Problem
from bot.people.people import SECTORS, Purpose, Salutation
from bot.settings import ROOT
from bot.words.texts import read_catalogue
from tests.work import python_calls

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
        path.write_text(f"{before}consents:\n{consents}\n{rest[rest.index('# How long things') :]}", encoding="utf-8")

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


def test_it_takes_hardly_more_than_a_second() -> None:
    """That is two million calls; `make run` begins with it each time."""
    assert python_calls(lambda: check(ROOT)) < 5_000_000


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


def test_an_action_that_is_only_passed_on_does_not_stand_for_all_others(house: SmallHouse) -> None:
    house.bot += "def tap(action, handler):\n    return Tap(action, handler)\n"
    house.handler += '\n\ndef more(turn):\n    Button("button.back", "greeting:nowhere")\n'
    assert "no handler is tapped with 'greeting:nowhere'" in house.problem().words


def test_names_in_capitals_are_known_across_files_if_they_are_one(house: SmallHouse) -> None:
    house.bot += 'GONE, x = 1, 2\nMENU = "greeting:gone"\n'
    house.handler += '\n\ndef more(turn):\n    Button("button.back", MENU)\n'
    assert "no handler is tapped with 'greeting:gone'" in house.problem().words
    house.handler = house.handler.replace("HELLO = ", 'MENU = "greeting:choose"\nHELLO = ', 1)
    assert house.problems() == []


def test_every_command_of_the_menu_has_words(house: SmallHouse) -> None:
    house.bot += 'Command("jadwal", "participant", place=30)\n'
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


# --- lessons ----------------------------------------------------------------------------------------------------------

FIRST = "content/lessons/m01/01-foto-terang.md"


def rewrite(house: SmallHouse, pattern: str, new: str, file: str = FIRST) -> int:
    """Change one place of a file (`pattern` as in `re`); returns the line of it."""
    path = house.root / file
    text = path.read_text(encoding="utf-8")
    found = re.search(pattern, text, re.MULTILINE)
    assert found, f"{pattern} is not in {file}"
    path.write_text(text[: found.start()] + new + text[found.end() :], encoding="utf-8")
    return text[: found.start()].count("\n") + 1


@pytest.mark.parametrize(
    ("pattern", "new", "said"),
    [
        (r"^1\. .*$", "1. Satu dua tiga empat lima enam tujuh delapan sembilan sepuluh sebelas dua belas.", "13 words"),
        (r"^1\. .*$", "1. Kamu foto dekat jendela.", "'Kamu': speak without"),
        (r"^1\. .*$", "1. Foto dekat jendela!!", "one is enough"),
        (r"^1\. .*$", "1. Foto pukul 09.00.", "needs WIB, WITA or WIT"),
        (r"^1\. .*$", "1. Harganya Rp 50.000.", "written like Rp50.000"),
        (r"^1\. .*$", "1. " + "Foto dekat jendela yang terang. " * 12, "are enough"),
        (r"(?<=## Tugas\n\n).*$", "Foto satu produk di dekat jendela. " * 7, "the task: 42 words; 40 are enough"),
        (r"(?<=## Contoh\n\n).*$", "Foto satu produk di dekat jendela. " * 8, "the example: 48 words; 45 are enough"),
        (r"(?<=\n\n)[^\n]*\n\Z", "Foto itu.\n\nFoto ini.\nFoto lagi.", "more than 2 line feeds"),
        (r"(?<=\n\n)[^\n]*\n\Z", "Foto yang terang. " * 12, "characters; 200 is the limit"),
        (r"(?<=^title: ).*$", "Submit foto", "is kirim"),
    ],
)
def test_a_lesson_that_is_too_long_or_too_hard(house: SmallHouse, pattern: str, new: str, said: str) -> None:
    line = rewrite(house, pattern, new)
    problem = house.problem()
    assert problem.file == FIRST
    assert said in problem.words
    assert problem.line <= line
    assert line - problem.line <= 4, "what is counted together is told where it begins"


def test_options_and_questions_have_telegrams_limits(house: SmallHouse) -> None:
    """101 signs are too many for an option; an emoji counts as two, as Telegram counts."""
    option = "Cahaya dari jendela, tidak langsung".ljust(99, "a") + "😀"
    rewrite(house, r"(?<=- \[x\] ).*$", option)
    rewrite(house, r"(?<=Q1\n\n).*$", "Cahaya mana yang paling baik untuk foto produk? " * 7)
    said = [problem.words for problem in house.problems() if "is the limit" in problem.words]
    assert sorted(said) == ["101 characters; 100 is the limit", "335 characters; 300 is the limit"]


def test_a_picture_is_there_and_small(house: SmallHouse) -> None:
    folder = house.root / "content" / "lessons" / "m01"
    (folder / "module.yaml").write_text("id: M01\ntitle: Foto\npicture: kamera.png\nalt: Sebuah kamera\n")
    assert house.problem() == Problem(
        "content/lessons/m01/module.yaml", 3, "there is no file content/lessons/m01/kamera.png"
    )
    (folder / "kamera.png").write_bytes(bytes(60 * 1024))
    assert house.problems() == []
    (folder / "kamera.png").write_bytes(bytes(62 * 1024))
    assert "has 62 KB" in house.problem().words
    (folder / "module.yaml").write_text("id: M01\ntitle: Foto\npicture: kamera.svg\nalt: Sebuah kamera\n")
    (folder / "kamera.svg").write_bytes(b"<svg/>")
    assert "is a .png or .jpg" in house.problem().words


@pytest.mark.parametrize(
    ("pattern", "new", "said"),
    [
        ("M01L2-Q1", "M01L99-Q1", ["no question M01L99-Q1"]),
        ("M01L2-Q1", "M02L1-Q1", ["M02L6-Q1: the module M02 has M02L1-Q1 already", "no question of the module M01"]),
        (r"core: \[M01", "core: [M11, M01", ["no module M11"]),
        (r"kuliner: \[M06", "kuliner: [M66", ["no module M66"]),
    ],
)
def test_what_the_programme_names_is_taught(house: SmallHouse, pattern: str, new: str, said: list[str]) -> None:
    house.write()
    rewrite(house, pattern, new, "content/programme.yaml")
    problems = check(house.root)
    assert len(problems) == len(said)
    for part in said:
        assert any(part in problem.words for problem in problems), problems
        assert {problem.file for problem in problems} == {"content/programme.yaml"}


# --- questions keep their meaning -------------------------------------------------------------------------------------


def test_better_words_for_a_question_change_nothing(house: SmallHouse) -> None:
    rewrite(house, r"(?<=Q1\n\n).*$", "Cahaya mana yang terbaik untuk foto produk?")
    rewrite(house, r"(?<=- \[x\] ).*$", "Cahaya jendela yang tidak langsung")
    assert house.problems() == []


def test_another_question_needs_another_id(house: SmallHouse) -> None:
    rewrite(house, r"(?<=Q1\n\n).*$", "Kapan lensa HP perlu dilap?")
    problem = house.problem()
    assert "M01L1-Q1 asked something else when it was published" in problem.words
    assert "M01L1-Q2" in problem.words
    line = rewrite(house, "M01L1-Q1", "M01L1-Q2")
    problem = house.problem()
    assert (problem.file, problem.line) == (FIRST, line)
    new = problem.words.partition("question-ids.txt: ")[2]
    with (house.root / "content" / "question-ids.txt").open("a", encoding="utf-8") as ledger:
        ledger.write(new + "\n")
    assert house.problems() == []  # and the line of Q1 stays


@pytest.mark.parametrize(("old", "new"), [("Tidak boleh", "Boleh"), ("Rp4.000", "Rp5.000")])
def test_an_option_that_says_the_opposite_is_another_one(house: SmallHouse, old: str, new: str) -> None:
    file = "content/lessons/m08/02-label-makanan.md" if "boleh" in old else "content/lessons/m04/01-hitung-bahan.md"
    rewrite(house, rf"(?<=- \[x\] ){re.escape(old)}$", new, file)
    assert "asked something else" in house.problem().words


def test_options_do_not_change_places(house: SmallHouse) -> None:
    """An answer is kept as the place of the option: two wrong ones that swap would change what people said."""
    path = house.root / FIRST
    text = path.read_text(encoding="utf-8")
    first, second = re.findall(r"^- \[ \] .*$", text, re.MULTILINE)
    path.write_text(text.replace(f"{first}\n{second}", f"{second}\n{first}"), encoding="utf-8")
    assert "asked something else" in house.problem().words


def test_a_published_question_does_not_disappear(house: SmallHouse) -> None:
    ledger = house.root / "content" / "question-ids.txt"
    ledger.write_text(ledger.read_text(encoding="utf-8") + "M01L9-Q1 | Apa? | Ini | Itu | Sana\n", encoding="utf-8")
    problem = house.problem()
    assert (problem.file, problem.words) == (
        "content/question-ids.txt",
        "M01L9-Q1 was published and is gone: people have answered it",
    )
    ledger.write_text(ledger.read_text(encoding="utf-8").replace("M01L9-Q1 | Apa?", "apa"), encoding="utf-8")
    assert "a line looks like" in house.problem().words


# --- warnings ---------------------------------------------------------------------------------------------------------


def test_an_overdue_fact_is_a_warning_and_no_problem(house: SmallHouse) -> None:
    house.write()
    found = examine(house.root, date(2026, 11, 30))
    assert found.problems == []
    (warning,) = found.warnings
    lines = (house.root / "content" / "facts.yaml").read_text(encoding="utf-8").splitlines()
    assert (warning.file, lines[warning.line - 1]) == ("content/facts.yaml", "  - id: F07")
    assert warning.words == "F07 was to be looked at by 2026-11-23 (uncertain); marked: M06L4"
    later = examine(house.root, date(2028, 1, 1)).warnings
    assert len(later) == 29
    assert "F05 was to be looked at by 2027-11-30 (verified)" in [one.words for one in later]


def test_looking_again_takes_the_mark_off(house: SmallHouse) -> None:
    house.write()
    rewrite(house, r"(?<=review_by: )2026-11-23", "2027-06-30", "content/facts.yaml")
    assert examine(house.root, date(2026, 11, 30)) == Findings([], [])


def test_warnings_do_not_fail_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    warning = Problem("content/facts.yaml", 48, "F07 was to be looked at")
    monkeypatch.setattr("bot.catalogue.check.examine", lambda root: Findings([], [warning]))
    result = CliRunner().invoke(cli, ["check"])
    assert (result.exit_code, result.output) == (0, f"{warning} (a warning)\n")
    monkeypatch.setattr("bot.catalogue.check.examine", lambda root: Findings([warning], [warning]))
    result = CliRunner().invoke(cli, ["check"])
    assert (result.exit_code, result.output.splitlines()[-1]) == (1, "1 to put right.")
