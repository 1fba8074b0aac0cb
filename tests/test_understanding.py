"""What typed words are taken to mean: safety first, then the open question, then phrases and a small model.

The figures are kept to with a margin; `make bench ARGS=understanding` prints them, and how quick it is.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.__main__ import cli
from bot.catalogue.understanding_file import UNDERSTANDING, load_phrasebook, phrasebook_problems
from bot.catalogue.yaml_files import ContentError
from bot.settings import ROOT
from bot.understanding.intents import CONTEXTS, KINDS, ONLY_IN, Handling, Kind, fits
from bot.understanding.phrases import Phrasebook
from bot.understanding.understand import Understanding
from tests import understanding_scores as scoring
from tests.split_examples import split


@pytest.fixture(scope="module")
def book() -> Phrasebook:
    return load_phrasebook(ROOT / "content")


@pytest.fixture(scope="module")
def understanding(book: Phrasebook) -> Understanding:
    return Understanding(book)


# --- figures --------------------------------------------------------------------------------------------------------


def test_examples_nobody_looked_at_are_understood(understanding: Understanding) -> None:
    found = scoring.score(understanding, scoring.read(scoring.HELD_OUT))
    assert found.right.of > 170
    assert found.right.value >= 0.80
    assert found.mean >= 0.80
    assert found.shown.value >= 0.65
    assert found.dangerous.hit <= 1
    assert found.hard.value >= 0.75


def test_hard_sentences_and_emergencies_nobody_tuned_by_are_understood(understanding: Understanding) -> None:
    found = scoring.score(understanding, scoring.read(scoring.FRESH))
    assert found.hard.of > 120
    assert found.hard.value >= 0.80
    assert found.by_intent["urgent"].of == 40
    assert found.by_intent["urgent"].value >= 0.95
    assert found.dangerous.hit <= 1


def test_the_other_examples_are_understood_without_their_phrases(book: Phrasebook) -> None:
    found = scoring.folds(book, scoring.read(scoring.DEV), count=3)
    assert found.right.value >= 0.90
    assert found.mean >= 0.90
    assert found.hard.value >= 0.85
    assert found.shown.value >= 0.70
    assert found.dangerous.value <= 0.005
    for intent in scoring.MUST_BE_FOUND:
        assert found.by_intent[intent].value >= 0.95, intent


def test_what_was_once_understood_still_is(understanding: Understanding) -> None:
    found = scoring.score(understanding, scoring.read(scoring.MORE))
    assert found.right.of > 900
    assert found.right.value >= 0.94
    assert found.dangerous.hit == 0
    assert found.by_intent["urgent"].value >= 0.97


def test_ordinary_sentences_set_nothing_off(understanding: Understanding) -> None:
    lines = scoring.ordinary()
    assert len(lines) == len(set(lines)) == 500
    every, costly = scoring.false_alarms(understanding, lines)
    assert costly.hit <= 3
    assert every.hit <= 5


def test_danger_is_found_in_sentences_nobody_has_seen(understanding: Understanding) -> None:
    found = scoring.alarms(understanding, scoring.danger_rows(scoring.UNSEEN))
    assert (found[True].at_once.of, found[False].at_once.of) == (240, 240)
    assert found[True].found >= 0.90
    assert found[True].at_once.value >= 0.73
    assert found[False].at_once.value <= 0.05
    assert found[False].asked.value <= 0.10


def test_what_was_learned_of_danger_stays_learned(understanding: Understanding) -> None:
    """It has learned these sentences themselves: nobody is told by them how it fares with others."""
    for learned in (scoring.LEARNED, scoring.LEARNED_LATER):
        found = scoring.alarms(understanding, scoring.danger_rows(learned))
        assert found[True].found >= 0.97
        assert found[True].at_once.value >= 0.86
        assert found[False].at_once.value <= 0.02
        assert found[False].asked.value <= 0.09


def test_a_veiled_wish_to_die_is_heard_and_what_jests_with_death_is_not(understanding: Understanding) -> None:
    for text in (
        "tdk usah kirim pelajaran besok. sy tdk akan bangun lagi besok",
        "enak ya jd alm bapak, sudah tenang. sy mau susul bapak malam ini",
        "kucing sy sdh sy titip ke tetangga, tabungan sdh sy pindah ke kakak. sudah beres semua. tinggal sy nya",
        "malam ini saya susul mama, dia sudah tenang di sana",
        "besok jangan dicari ya, saya tidak akan bangun",
    ):
        assert understanding.understand(text).intent == "urgent", text
    for text in (
        "kucing saya titip ke tetangga, mau ikut pelatihan tiga hari",
        "nanti malam saya susul materinya",
        "hidup segan mati tak mau ini warung, ada saran promosi?",
        "bot km udah makan? jangan sampe pingsan ya wkwk",
        "rumah kami kebakaran tahun kmrn tapi sdh bangun lagi, skrg dapurnya jd tempat produksi",
    ):
        assert understanding.understand(text).intent != "urgent", text


def test_danger_is_found_where_the_sentence_was_not_learned(book: Phrasebook) -> None:
    rows = scoring.danger_rows(scoring.LEARNED)
    found = scoring.alarms_in_folds(book, rows, count=3)
    assert (found[True].at_once.of, found[False].at_once.of) == (260, 260)
    assert found[True].found >= 0.92
    assert found[False].at_once.value <= 0.05
    assert found[False].asked.value <= 0.10


def test_it_is_seldom_asked_about_danger_in_ordinary_talk(understanding: Understanding) -> None:
    found = scoring.alarms(understanding, [(one, False) for one in scoring.ordinary()])[False]
    assert found.at_once.hit <= 2
    assert found.asked.hit <= 5


def test_what_is_made_of_words_of_danger_is_found_however_it_is_typed(understanding: Understanding) -> None:
    for text in (
        "ibu dicekiik tetangga brdarah",
        "ADA YANG KETINDIH TIANG!!",
        "adekku kesambarr gledek di kbun",
        "td tu ada yg ditodng pistol di toko",
    ):
        assert understanding.understand(text).intent == "urgent", text


def test_a_wish_to_die_is_told_apart(understanding: Understanding) -> None:
    assert understanding.understand("saya mau bunuh diri").slots["alone"] == "yes"
    assert "alone" not in understanding.understand("rumah saya kebakaran tolong").slots


def test_danger_is_found_in_sentences_typed_in_haste(understanding: Understanding) -> None:
    lines = scoring.lines("emergencies.txt")
    missed = [one for one in lines if understanding.understand(one).intent != "urgent"]
    assert len(lines) > 300
    assert len(missed) <= len(lines) // 100, missed


def test_words_of_danger_in_everyday_talk_call_nobody(understanding: Understanding) -> None:
    lines = scoring.lines("no_emergencies.txt")
    assert len(lines) > 130
    called = [one for one in lines if (found := understanding.understand(one)).intent == "urgent" and found.at_once]
    assert not called


def test_a_lone_cry_for_help_gets_the_numbers_and_calls_nobody(understanding: Understanding) -> None:
    for text in ("tolongg", "TOLONG!!", "tlg"):
        found = understanding.understand(text)
        assert (found.intent, found.at_once) == ("urgent", False), text


def test_a_fifth_of_the_examples_is_held_out_by_a_fixed_seed() -> None:
    rows: list[dict[str, str]] = []
    for path in (scoring.DEV, scoring.HELD_OUT):
        with path.open(encoding="utf-8", newline="") as file:
            rows += csv.DictReader(file)
    dev, held_out = split(sorted(rows, key=lambda row: row["id"]))
    assert {row["id"] for row in held_out} == {row["id"] for row in rows[len(dev) :]}
    assert 0.15 < len(held_out) / len(rows) < 0.25


def test_the_same_phrases_give_the_same_answers(book: Phrasebook, understanding: Understanding) -> None:
    again = Understanding(book)
    for text in ("kelasnya dimana?", "bsk jd ga kls nya", "cabe naik lagi", "mau tanya bu"):
        assert again.understand(text) == understanding.understand(text)


# --- what must never be done at once, and never be missed -----------------------------------------------------------


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize(
    "text",
    [
        "saya mau bunuh diri",
        "PENGEN MATI AJA RASANYA",
        "tolong pak, suami saya mukulin saya",
        "ada kebakaran di rumah",
        "ada yg pingsan",
        "sa mo mati saja kaka",
    ],
)
def test_danger_to_life_is_heard_whatever_is_asked(understanding: Understanding, text: str, context: str) -> None:
    found = understanding.understand(text, context)
    assert found.intent == "urgent"
    assert found.action is Handling.AT_ONCE


@pytest.mark.parametrize(
    "text",
    ["mati lampu dari tadi", "usaha saya mati suri", "hp mati", "cara bunuh tikus di gudang", "terjebak macet nih bu"],
)
def test_what_only_sounds_like_danger_is_none(understanding: Understanding, text: str) -> None:
    assert understanding.understand(text).intent != "urgent"


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("berhenti", "stop_messages"),
        ("STOP", "stop_messages"),
        ("brhenti", "stop_messages"),
        ("jgn kirim pesan lagi ya kak", "stop_messages"),
        ("aku nggak mau dikirimi pesan lagi", "stop_messages"),
        ("saya mau keluar dari program", "stop_messages"),
        ("hapus data saya", "erase_data"),
        ("tlg hpus akun sy", "erase_data"),
        ("nama dan nomor saya tolong dihapus", "erase_data"),
        ("batalin kelas sabtu dong", "give_back_seat"),
        ("pindah ke hari lain bisa?", "move_class"),
    ],
)
def test_what_gives_something_up_asks_first(understanding: Understanding, text: str, intent: str) -> None:
    found = understanding.understand(text)
    assert found.intent == intent
    assert found.action is Handling.CONFIRM


@pytest.mark.parametrize(
    "text",
    [
        "jangan hapus data saya ya",
        "cara hapus video di tiktok",
        "saya ga mau berhenti belajar",
        "hujan belum berhenti juga",
        "stok sudah stop dari pabrik",
    ],
)
def test_the_words_of_a_right_may_mean_something_else(understanding: Understanding, text: str) -> None:
    assert understanding.understand(text).intent not in {"stop_messages", "erase_data", "give_back_seat"}


def test_who_asks_us_to_go_on_is_not_asked_whether_to_stop(understanding: Understanding) -> None:
    for text in ("jangan berhenti kirim pesan ya saya suka", "tidak jadi berhenti, kirim pesan terus ya"):
        found = understanding.understand(text)
        assert "stop_messages" not in {found.intent, found.second}, text


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("tempatx dmn", "place"),
        ("jdwlnya dong", "my_schedule"),
        ("tlg teleponin sy", "question_for_human"),
        ("sertfikat sy mna", "certificate"),
        ("menuuuu", "menu"),
        ("ngendi panggonane", "place"),
        ("sa pu sertifikat mana kaka", "certificate"),
    ],
)
def test_spelling_does_not_matter(understanding: Understanding, text: str, intent: str) -> None:
    assert understanding.understand(text).intent == intent


def test_fewer_lessons_are_not_the_end_of_all_messages(understanding: Understanding) -> None:
    assert understanding.understand("pelajarannya jangan tiap hari").intent == "lesson_settings"
    assert understanding.understand("stop kirim pelajaran pagi, sore aja").intent == "lesson_settings"


@pytest.mark.parametrize(
    "text",
    ["ada yg minta kode otp", "akun tiktok saya dibajak", "disuruh transfer 200 ribu buat sertifikat", "sy kena tipu"],
)
def test_scams_get_help_at_once(understanding: Understanding, text: str) -> None:
    found = understanding.understand(text)
    assert found.intent == "scam_report"
    assert found.at_once


def test_a_question_what_an_otp_is_is_no_scam(understanding: Understanding) -> None:
    assert understanding.understand("otp itu apa").intent == "lesson_search"


def test_nothing_that_asks_first_is_ever_done_at_once(understanding: Understanding) -> None:
    texts = [one.text for one in scoring.read(scoring.DEV)] + scoring.ordinary()
    for context in CONTEXTS:
        for text in texts:
            found = understanding.understand(text, context)
            assert not (found.at_once and KINDS[found.intent] is Kind.CONFIRM), (context, text)
            assert fits(found.intent, context), (context, text, found.intent)
            assert 0 <= found.certainty <= 1, (context, text)


# --- the open question ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("context", "text", "intent", "action"),
    [
        ("reminder", "hadir", "coming", Handling.AT_ONCE),
        ("reminder", "insyaallah dtg bu", "coming", Handling.AT_ONCE),
        ("reminder", "👍", "coming", Handling.AT_ONCE),
        ("reminder", "gak bisa dtg kak, anak sakit", "give_back_seat", Handling.CONFIRM),
        ("reminder", "lihat besok ya", "not_sure", Handling.AT_ONCE),
        ("reminder", "datang, tapi mungkin anak saya", "not_sure", None),
        ("reminder", "jangan dibatalkan, saya datang", "coming", None),
        ("reminder", "jam berapa?", "my_schedule", None),
        ("offer", "ambil", "accept_offer", Handling.AT_ONCE),
        ("offer", "ga jadi", "decline_offer", Handling.CONFIRM),
        ("quiz", "b", "quiz_answer", Handling.AT_ONCE),
        ("quiz", "jawabannya C kak", "quiz_answer", Handling.AT_ONCE),
        ("quiz", "a atau b ya", "unclear", Handling.OFFER),
        ("quiz", "bu siti jawab b", "unclear", None),
        ("consent", "setuju", "agree", Handling.AT_ONCE),
        ("consent", "setuju, umur saya 34 tahun", "agree", Handling.AT_ONCE),
        ("consent", "iya", "unclear", Handling.OFFER),
        ("consent", "👍", "unclear", Handling.OFFER),
        ("consent", "tidak setuju", "disagree", Handling.AT_ONCE),
        ("consent", "16", "under_age", Handling.AT_ONCE),
        ("consent", "1", "unclear", Handling.OFFER),
        ("consent", "saya 9 tahun", "under_age", Handling.AT_ONCE),
        ("consent", "setuju tapi saya baru 17", "under_age", Handling.AT_ONCE),
        ("consent", "belum 18 kak", "under_age", Handling.AT_ONCE),
        ("in_class", "KTRB", "check_in", Handling.AT_ONCE),
        ("in_class", "kode: xfxd", "check_in", Handling.AT_ONCE),
        ("in_class", "saya sudah hadir", "check_in", Handling.AT_ONCE),
        ("in_class", "mksh", "small_talk", Handling.AT_ONCE),
        ("name_question", "Selamet", "answer", Handling.AT_ONCE),
        ("name_question", "Kasih", "answer", Handling.AT_ONCE),
        ("name_question", "batal", "break_off", Handling.AT_ONCE),
        ("name_question", "Bantuan", "help", Handling.AT_ONCE),
        ("name_question", "berhenti", "stop_messages", Handling.CONFIRM),
        ("open_ticket", "stok saya sudah habis dihapus semua", "ticket_message", Handling.AT_ONCE),
        ("open_ticket", "menu", "menu", Handling.AT_ONCE),
        ("trainer", "batalkan kelas besok", "t_change_class", Handling.CONFIRM),
        ("trainer", "siapa aja yg ikut besok", "t_roster", Handling.AT_ONCE),
        ("none", "kelasnya dimana?", "place", Handling.AT_ONCE),
        ("none", "jdwl sy kpn", "my_schedule", Handling.AT_ONCE),
        ("none", "terima kasih 🙏", "small_talk", Handling.AT_ONCE),
        ("none", "???", "unclear", Handling.OFFER),
    ],
)
def test_words_mean_what_was_asked(
    understanding: Understanding, context: str, text: str, intent: str, action: Handling | None
) -> None:
    found = understanding.understand(text, context)
    assert found.intent == intent
    assert action is None or found.action is action


@pytest.mark.parametrize("context", ["none", "reminder", "offer", "in_class"])
@pytest.mark.parametrize(
    "text",
    [
        *("kursi saya", "krsi sy", "kursiku", "seat saya", "kursi saya mana", "kursi saya di mana ya kak"),
        *("kursi saya masih ada?", "cek kursi saya", "kak kursiku mana ya", "apakah kursi saya masih aman bu"),
        *("apakah saya punya kursi", "kursi atas nama saya", "kelas saya", "kelasku", "kelasku apa saja", "kursi"),
        *("tempat duduk saya", "daftar tunggu saya", "my seat", "my classes", "where is my seat?"),
    ],
)
def test_who_asks_for_their_seats_is_shown_them(understanding: Understanding, text: str, context: str) -> None:
    found = understanding.understand(text, context)
    assert (found.intent, found.action) == ("my_schedule", Handling.AT_ONCE)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("kursi saya hilang", "complaint"),
        ("kursi saya kok tidak ada", "complaint"),
        ("kursi saya diambil orang", "complaint"),
        ("batalkan kursi saya", "give_back_seat"),
        ("kursi saya kasih orang lain saja", "give_back_seat"),
        ("kursinya masih ada?", "classes"),
        ("kursi plastik rusak", "unclear"),
        ("jual kursi rotan", "lesson_search"),
        ("tempat saya", "place"),
    ],
)
def test_who_speaks_of_a_seat_may_mean_something_else(understanding: Understanding, text: str, intent: str) -> None:
    assert understanding.understand(text).intent == intent
    assert understanding.understand(text, "reminder").intent not in {"coming", "accept_offer", "my_schedule"}


def test_what_was_found_beside_the_intent_is_told(understanding: Understanding) -> None:
    assert understanding.understand("B aja kak", "quiz").slots["letter"] == "b"
    assert understanding.understand("k t r b", "in_class").slots["code"] == "KTRB"
    assert understanding.understand("mau ikut kelas hari rabu jam 9").slots == {"day": "rabu", "hour": "9"}


def test_an_unknown_context_is_a_mistake_of_the_caller(understanding: Understanding) -> None:
    with pytest.raises(KeyError):
        understanding.understand("halo", "nowhere")


def test_any_text_is_answered(understanding: Understanding) -> None:
    for text in ("", " ", "\n", "🇮🇩", "x" * 5000, "ya " * 3000, "\x00", "١٢٣", "<b>", "😀" * 50):
        for context in CONTEXTS:
            assert understanding.understand(text, context).intent in KINDS


# --- the file -------------------------------------------------------------------------------------------------------


def changed(folder: Path, before: str, after: str) -> tuple[str, ...]:
    """What is wrong in the phrases when one piece of the file is another."""
    text = (ROOT / "content" / UNDERSTANDING).read_text(encoding="utf-8")
    assert before in text
    (folder / UNDERSTANDING).write_text(text.replace(before, after, 1), encoding="utf-8")
    return tuple(map(str, phrasebook_problems(folder)))


def test_the_phrases_of_the_project_are_fine() -> None:
    assert phrasebook_problems(ROOT / "content") == ()


def test_a_phrase_that_two_intents_claim_is_refused(tmp_path: Path) -> None:
    line = "      mana menunya\n"
    found = changed(tmp_path, line, f"{line}      jadwalnya kapan bu\n      jadwal saya\n")
    assert len(found) == 1
    assert "'jadwal saya' is claimed by my_schedule and by menu" in found[0]
    assert found[0].startswith("content/understanding.yaml:")


def test_a_claim_is_seen_through_spelling_and_politeness(tmp_path: Path) -> None:
    (problem,) = changed(tmp_path, "      mana menunya\n", "      mana menunya\n      jdwl sy dong kak\n")
    assert "is claimed by my_schedule and by menu" in problem


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("  menu:\n    id: |", "  menus:\n    id: |", "there is no intent 'menus'"),
        ("      mana menunya\n", "      mana menunya\n      mana menunya\n", "stands there twice"),
        ("      mana menunya\n", "      mana menunya\n      ?!\n", "holds no word"),
        ("schema_version: 1", "schema_version: 2", "schema_version"),
        ("words: |\n", "words: |\n  jadwal gak\n", "must be 'right word: other, other'"),
        ("words: |\n", "words: |\n  nope: gak\n", "'gak' stands for 'nope' and for 'tidak'"),
        ("  quiet: |\n", "  quiet: |\n    dia gak gerak gerak kak\n", "'dia gak gerak gerak kak' stands in line"),
        ("    unconscious: |\n", "    unconscious: |\n      Pingsan\n", "'Pingsan' may hold small letters only"),
        ("    unconscious: |\n", "    Unconscious: |\n", "danger.harm"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_line(tmp_path: Path, before: str, after: str, said: str) -> None:
    found = changed(tmp_path, before, after)
    assert any(said in problem for problem in found), found


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    assert "cannot be read" in str(phrasebook_problems(tmp_path)[0])
    with pytest.raises(ContentError):
        load_phrasebook(tmp_path)


def test_context_intents_are_intents() -> None:
    assert set(ONLY_IN) <= set(KINDS)
    assert {context for of in ONLY_IN.values() for context in of} <= set(CONTEXTS)


# --- the command ----------------------------------------------------------------------------------------------------


def run(*given: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["understand", *given])
    return result.exit_code, result.output


def test_the_command_tells_intent_certainty_and_what_would_be_done() -> None:
    code, words = run("kelasnya dimana?")
    assert code == 0
    assert "intent:    place" in words
    assert "done:      at once" in words
    assert "certainty: " in words


def test_the_command_reads_a_table(tmp_path: Path) -> None:
    table = tmp_path / "some.csv"
    table.write_text('id,context,text\nu1,none,menu\nu2,reminder,"ga bisa, maaf"\n', encoding="utf-8")
    code, words = run("--csv", str(table))
    assert code == 0
    assert list(csv.reader(io.StringIO(words))) == [
        ["id", "intent", "action_at_once"],
        ["u1", "menu", "yes"],
        ["u2", "give_back_seat", "no"],
    ]


@pytest.mark.parametrize(
    "given",
    [(), ("halo", "--context", "nowhere"), ("--csv", "/nowhere/at/all.csv"), ("halo", "--csv", "some.csv")],
)
def test_the_command_refuses_what_it_cannot_do(given: tuple[str, ...]) -> None:
    assert run(*given)[0] == 2


@pytest.mark.parametrize("row", ["u1,nowhere,menu", "u1"])
def test_the_command_names_the_line_of_a_table_that_is_wrong(tmp_path: Path, row: str) -> None:
    table = tmp_path / "some.csv"
    table.write_text(f"id,context,text\n{row}\n", encoding="utf-8")
    code, _ = run("--csv", str(table))
    assert code == 2
