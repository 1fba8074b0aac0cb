"""`python -m bot check`: this project passes; and in a small house each mistake is told with its file and line."""

from __future__ import annotations

import re
import shutil
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.__main__ import cli
from bot.catalogue.check import RULES, Findings, check, examine
from bot.catalogue.key_template import TEMPLATE
from bot.catalogue.lesson_rules import leaning
from bot.catalogue.yaml_files import Problem
from bot.people.people import SECTORS, Purpose, Salutation
from bot.settings import ROOT
from tests.small_house import PLURALS, SmallHouse, only
from tests.work import python_calls


@pytest.fixture
def house(tmp_path: Path) -> SmallHouse:
    return SmallHouse(tmp_path)


def test_this_project_passes() -> None:
    assert "\n".join(map(str, check(ROOT))) == ""


def test_it_takes_hardly_more_than_a_second() -> None:
    """That is nearly two million calls, more with each key of words; `make run` begins with it each time."""
    check(ROOT)  # what it imports at its first call is not counted
    assert python_calls(lambda: check(ROOT)) < 2_000_000


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
        ("Kirim tautan ini.", "is link"),
        ("Berkasnya belum terbaca.", "is file"),
        ("Tadinya besok.", "semula"),
        ("Menunggu jam buka.", "jam kirim"),
        ("Siti berkata hadir.", "melapor hadir"),
        ("Ganti orang dulu.", "ganti peserta"),
        ("Mau bicara dengan orang?", "Mau bertanya langsung?"),
        ("Tarik izin kapan saja.", "dicabut"),
        ("Izin ini bisa ditarik.", "dicabut"),
        ("Modul inti selesai.", "modul utama"),
        ("Ketuk tombolnya.", "is tekan"),
        ("Baik. Namun kelasnya penuh.", "has a comma"),
        ("Kelasnya penuh. Tetapi ada yang lain.", "begins no sentence"),
        ("Kursinya lebih sedikit dari kemarin.", "daripada"),
        ("Tulis seperti ini: sel 24 nov 13.30", "ages"),
        ("Tulis seperti ini: 24/11 13.30", "ages"),
        ("Tulis seperti ini: 2026-11-24", "ages"),
        ("Maaf, saya belum paham.", "says kami"),
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
        "Namun, kelasnya penuh. Kursinya lebih sedikit daripada kemarin.\nHalaman 1 dari 2, hadir 12 dari 20.",
        "Tulis seperti ini: besok jam 9, atau Jumat depan 13.30",
        "\n".join(["Satu dua tiga empat lima enam tujuh delapan sembilan sepuluh."] * 6),
    ],
)
def test_good_words_pass(house: SmallHouse, words: str) -> None:
    assert house.with_words("greeting.more", words).problems() == []


@pytest.mark.parametrize("label", ["Ya", "Tidak", "Batal", "OK", "Kuis"])
def test_a_button_says_what_it_does(house: SmallHouse, label: str) -> None:
    house.words["button.back"] = (label, "Back")
    assert "does not say what it does" in house.problem().words


@pytest.mark.parametrize("english", ["Sorry, I did not understand that.", "Write it like this: tue 24 nov 13.30"])
def test_english_says_we_and_gives_no_date_either(house: SmallHouse, english: str) -> None:
    house.with_words("greeting.more", "Baik.", english)
    assert re.search("says we|ages", house.problem().words)


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
    assert "greeting.hello: the bot has no value {nama} for this key; there are: {name}, {person}" in found


def test_a_placeholder_that_is_renamed_in_both_languages_is_told(house: SmallHouse) -> None:
    """Nothing but what the code says shows it: both languages agree."""
    house.write()
    house.words["greeting.hello"] = ("Halo, {nama}.", "Hello, {nama}.")
    house.write_words()
    found = check(house.root)
    assert [problem.words for problem in found] == [
        "greeting.hello: the bot has no value {nama} for this key; there are: {name}, {person}"
    ] * 2
    assert [problem.file for problem in found] == [f"locales/{code}/LC_MESSAGES/bot.po" for code in ("en", "id")]
    lines = house.po("id").read_text(encoding="utf-8").splitlines()
    assert lines[found[1].line - 1] == 'msgid "greeting.hello"'


def test_also_of_a_key_whose_values_cannot_be_read_in_the_code(house: SmallHouse) -> None:
    house.handler = house.handler.replace(', name="Siti", buttons', ", **values, buttons")
    assert house.problems() == []
    house.words["greeting.hello"] = ("Halo, {nama}.", "Hello, {nama}.")
    house.write_words()
    assert {problem.words for problem in check(house.root)} == {
        "greeting.hello: the bot has no value {nama} for this key; there are: {name}"
    }


def test_a_key_that_is_renamed_in_both_languages_is_told(house: SmallHouse) -> None:
    house.write()
    house.words["greeting.halo"] = house.words.pop("greeting.hello")
    house.write_words()
    assert [problem.words for problem in check(house.root)] == [
        "greeting.hello: is missing; the bot says it",
        "greeting.halo: is said nowhere (who has just written code that says it: make keys)",
    ]


def test_the_source_is_not_needed(house: SmallHouse) -> None:
    house.write()
    shutil.rmtree(house.root / "handlers")
    shutil.rmtree(house.root / "bot")
    assert check(house.root) == []


@pytest.mark.parametrize("text", [None, "msgid what\n"])
def test_without_what_the_source_says_nothing_is_checked(house: SmallHouse, text: str | None) -> None:
    house.write()
    (house.root / TEMPLATE).unlink()
    if text is not None:
        (house.root / TEMPLATE).write_text(text)
    problem = only(check(house.root))
    assert problem.file == "locales/bot.pot"
    assert ("make keys" in problem.words) is (text is None)


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
    assert "the bot has no value {n}" in said


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


def test_families_of_keys_are_whole(house: SmallHouse) -> None:
    gone = [f"people.sector.{SECTORS[0]}", f"people.called.{Salutation.IBU.value}", "format.short", "format.hours"]
    for key in gone:
        del house.words[key]
    found = {problem.words.split(":")[0] for problem in house.problems()}
    assert found == set(gone)


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
        (r"(?<=## Tugas\n\n).*$", "Foto pukul 09.00.", "needs WIB, WITA or WIT"),
        (r"(?<=## Tugas\n\n).*$", "Harganya Rp 50.000.", "written like Rp50.000"),
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


@pytest.mark.parametrize(
    ("pattern", "new", "figure"),
    [
        (r"^1\. .*$", "1. Komisinya 8% dari harga.", "8%"),
        (r"^1\. .*$", "1. Biayanya Rp1.250 per pesanan.", "Rp1.250"),
        (r"^2\. .*$", "2. Perlu 600 pengikut.", "600"),
        (r"^2\. .*$", "2. Uangnya cair dalam 7 hari.", "7"),
        (r"(?<=---\n\n).*$", "Serahkan sebelum jam 9 pagi.", "jam 9"),
        (r"(?<=\n\n)[^\n]*\n\Z", "Sebab 40% cahaya hilang.\n", "40%"),
        # ways round it
        (r"^1\. .*$", "1. Komisinya 8 persen dari harga.", "8"),
        (r"^1\. .*$", "1. Komisinya delapan persen dari harga.", "8"),
        (r"^2\. .*$", "2. Uangnya cair dalam tujuh hari.", "7"),
        (r"^1\. .*$", "1. Komisi toko = 8%.", "8%"),
        (r"^goal: .*$", "goal: Tahu bahwa komisinya 8%.", "8%"),
        (r"(?<=## Contoh\n\n).*$", "Toko di Malang membayar komisi 8% kepada TikTok.", "8%"),
    ],
)
def test_a_figure_that_is_taught_has_a_source(house: SmallHouse, pattern: str, new: str, figure: str) -> None:
    """Until it stands in a fact, and the lesson names the fact."""
    line = rewrite(house, pattern, new)
    problem = house.problem()
    assert (problem.file, problem.line) == (FIRST, line)
    assert f"'{figure}' stands in no fact that the lesson names" in problem.words
    rewrite(house, r"(?<=  - id: F03\n    fact: ).*$", f'"NIB gratis, {figure}."', "content/facts.yaml")
    assert figure in house.problem().words, "no lesson names it yet"
    rewrite(house, r"^facts: .*$", "facts: [F03]")
    assert house.problems() == []


def test_the_right_answer_to_how_much_has_a_source_or_is_reckoned(house: SmallHouse) -> None:
    path = house.root / FIRST
    before = path.read_text(encoding="utf-8").partition("## Kuis")
    identity = before[2].splitlines()[0]

    def asked(question: str, right: str, explanation: str) -> list[str]:
        options = f"- [x] {right}\n- [ ] 9%, sesuai harga\n- [ ] 7%, sesuai harga"
        path.write_text(f"{before[0]}## Kuis{identity}\n\n{question}\n\n{options}\n\n{explanation}\n", encoding="utf-8")
        return [problem.words for problem in house.problems() if "stands in no fact" in problem.words]

    assert "'8%'" in asked("Berapa komisi toko?", "8%, dari harga", "Banyak yang mengira lain.")[0]
    assert asked("Harga Rp100, komisi 8%. Berapa komisinya?", "Rp8, dari harga", "Rp100 x 8 : 100 = Rp8.") == []
    assert asked("Harga Rp100, komisi 8%. Berapa persen?", "8%, dari harga", "Banyak yang mengira lain.") == []


@pytest.mark.parametrize(
    "point",
    [
        "Siapkan 3-5 produk.",
        "Tiga menit cukup.",
        "Coba dua kali.",
        "Hitung: Rp60.000 : 3 = Rp20.000.",
        "Persen: harga x angka : 100.",
        "Kirim 2 foto.",
    ],
)
def test_advice_and_sums_need_no_source(house: SmallHouse, point: str) -> None:
    rewrite(house, r"^1\. .*$", f"1. {point}")
    assert house.problems() == []


@pytest.mark.parametrize(
    ("task", "needed"),
    [
        ("Buka toko Anda. Catat satu pesanan.", "toko"),
        ("Buka akun usaha, lalu baca profilnya.", "akun"),
        ("Timbang satu paket.", "Timbang"),
        ("Cari satu menu di pusat penjual.", "pusat penjual"),
        # ways round it
        ("Buka toko Anda. Jangan ragu, tidak sulit, pasti bisa.", "toko"),
        ("Buka toko Anda. Sudah selesai?", "toko"),
        ("Menimbang satu paket.", "Menimbang"),
        ("Taruh satu produk di keranjang.", "keranjang"),
    ],
)
def test_a_task_says_what_they_do_who_have_no_account_shop_or_scale(house: SmallHouse, task: str, needed: str) -> None:
    line = rewrite(house, r"(?<=## Tugas\n\n).*$", task)
    assert house.problem() == Problem(
        FIRST, line, f"'{needed}': not everybody has it; say what they do instead (Belum punya ...? ...)"
    )
    rewrite(house, r"(?<=## Tugas\n\n).*$", f"{task} Tanpa timbangan atau toko? Tulis di kertas.")
    assert house.problems() == []


def test_who_has_a_shop_may_still_have_no_scale(house: SmallHouse) -> None:
    task = "Timbang paket dari toko. Belum punya toko? Pakai paket lain."
    rewrite(house, r"(?<=## Tugas\n\n).*$", task)
    assert "'Timbang': not everybody has it" in house.problem().words
    rewrite(house, r"(?<=## Tugas\n\n).*$", f"{task} Tanpa timbangan, pakai sendok.")
    assert house.problems() == []


@pytest.mark.parametrize(
    ("right", "wrong", "name"),
    [
        ("Pilihan yang lebih panjang", ("Pilihan pendek satu", "Pilihan pendek dua"), "the longest option"),
        ("Tanya dulu", ("Langsung satu", "Langsung dua"), "the most careful, else the longest option"),
    ],
)
def test_in_a_module_the_right_option_is_not_always_known_by_its_looks(
    house: SmallHouse, right: str, wrong: tuple[str, str], name: str
) -> None:
    for path in sorted((house.root / "content" / "lessons" / "m01").glob("*.md"))[:4]:
        text = path.read_text(encoding="utf-8")
        before, _, rest = text.partition("- [x] ")
        text = f"{before}- [x] {right}\n- [ ] {wrong[0]}\n- [ ] {wrong[1]}\n\n" + rest.rpartition("\n\n")[2]
        path.write_text(text, encoding="utf-8")
    found = [problem for problem in house.problems() if "whoever picks" in problem.words]
    assert {problem.file for problem in found} == {"content/lessons/m01/module.yaml"}
    assert any(problem.words.startswith(f"whoever picks {name} is right") for problem in found), found


def test_options_and_questions_have_telegrams_limits(house: SmallHouse) -> None:
    """101 signs are too many for an option; an emoji counts as two, as Telegram counts."""
    option = "Cahaya jendela, pagi atau sore".ljust(99, "a") + "😀"
    rewrite(house, r"(?<=- \[x\] ).*$", option)
    rewrite(house, r"(?<=Q2\n\n).*$", "Cahaya mana yang paling baik untuk foto produk? " * 7)
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
        ("M01L2-Q2", "M01L99-Q1", ["no question M01L99-Q1"]),
        ("M01L2-Q2", "M02L1-Q2", ["M02L6-Q2: the module M02 has M02L1-Q2 already", "no question of the module M01"]),
        (r"core: \[M01", "core: [M77, M01", ["no module M77"]),
        (r"kuliner: \[M06, M08, M03", "kuliner: [M77", ["no module M77"]),
        (r"later: \[M03L6", "later: [M03L9", ["no lesson M03L9"]),
        (r"M10L1-Q1\]\n      later", "M10L1-Q9]\n      later", ["no question M10L1-Q9"]),
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
    rewrite(house, r"(?<=Q2\n\n).*$", "Cahaya mana yang terbaik untuk foto produk?")
    rewrite(house, r"(?<=- \[x\] ).*$", "Cahaya dari jendela, pagi atau sore")
    assert house.problems() == []


def test_another_question_needs_another_id(house: SmallHouse) -> None:
    rewrite(house, r"(?<=Q2\n\n).*$", "Kapan lensa HP perlu dilap?")
    problem = house.problem()
    assert "M01L1-Q2 asked something else when it was published" in problem.words
    assert "M01L1-Q3" in problem.words
    line = rewrite(house, "M01L1-Q2", "M01L1-Q3")
    problem = house.problem()
    assert (problem.file, problem.line) == (FIRST, line)
    new = problem.words.partition("question-ids.txt: ")[2]
    with (house.root / "content" / "question-ids.txt").open("a", encoding="utf-8") as ledger:
        ledger.write(new + "\n")
    assert house.problems() == []  # and the lines of Q1 and Q2 stay


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("m10/04-ulasan-tamu.md", "menulis dengan jujur", "menulis dengan tidak jujur"),
        ("m04/01-hitung-bahan.md", "Rp4.000", "Rp5.000"),
    ],
)
def test_an_option_that_says_the_opposite_is_another_one(house: SmallHouse, file: str, old: str, new: str) -> None:
    rewrite(house, rf"{re.escape(old)}$", new, f"content/lessons/{file}")
    assert "asked something else" in house.problem().words


def test_options_do_not_change_places(house: SmallHouse) -> None:
    """An answer is kept as the place of the option: two wrong ones that swap would change what people said."""
    path = house.root / FIRST
    text = path.read_text(encoding="utf-8")
    first, second = re.findall(r"^- \[ \] .*$", text, re.MULTILINE)
    path.write_text(text.replace(f"{first}\n{second}", f"{second}\n{first}"), encoding="utf-8")
    assert "asked something else" in house.problem().words


LEANING = [
    "Semua jawaban di atas benar", "Semua benar", "Semuanya betul", "A dan B benar", "A, B, dan C", "Hanya B", "C",
    "Tidak ada yang benar di atas", "Tidak ada jawaban yang tepat", "Tak satu pun benar", "Benar semua",
    "Keduanya benar", "Dua-duanya salah", "Kedua jawaban benar", "Bukan keduanya", "Jawaban lain salah",
    "Pilihan pertama", "Jawaban nomor 2", "Jawaban A", "All of the above",
]  # fmt: skip
STANDING_ALONE = [
    "Boleh kalau belanja di bawah Rp10.000", "Semua yang di atas Rp500 juta", "Semua biaya dan bagian untuk warga",
    "Tidak ada, usaha sudah berhasil", "Vitamin A dan C", "Taruh di atas meja", "Ada, Kak. Warna merah dan biru",
    "Tidak tepat waktu", "A4",
]  # fmt: skip


@pytest.mark.parametrize("option", LEANING)
def test_an_option_that_leans_on_its_place_is_known(option: str) -> None:
    assert leaning(option, option=True)


@pytest.mark.parametrize("option", STANDING_ALONE)
def test_an_option_that_stands_alone_is_left_alone(option: str) -> None:
    assert leaning(option, option=True) is None


def test_what_leans_on_the_place_of_options_is_told_with_its_line(house: SmallHouse) -> None:
    """The bot shuffles them: "di atas" may be below, and A may be C."""
    lines = {rewrite(house, r"(?<=- \[ \] )Matahari.*$", "Semua jawaban di atas benar"): "'jawaban di atas'"}
    lines[rewrite(house, r"(?<=- \[ \] )Lampu.*$", "Semua benar")] = "'Semua benar'"
    lines[rewrite(house, r"(?<=\n\n)[^\n]*\n\Z", "Jawaban B silau.\n")] = "'Jawaban B'"
    found = [problem for problem in house.problems() if "the bot shuffles" in problem.words]
    assert {problem.line: problem.words.partition(":")[0] for problem in found} == lines
    assert {problem.file for problem in found} == {FIRST}


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
    assert len(later) == 66
    assert "F58 was to be looked at by 2026-12-31 (verified)" in [one.words for one in later]  # no lesson names it


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
