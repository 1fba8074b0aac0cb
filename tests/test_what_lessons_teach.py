"""What lessons teach agrees with itself and with facts.yaml: sums, prices, limits, and what was once taught wrongly."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

import pytest

from bot.catalogue.content import Content, load_content
from bot.catalogue.lesson_files import Lesson, every_text
from bot.settings import ROOT

NUMBER: Final = r"(?:Rp)?\d[\d.]*(?:,\d+)?(?: juta| miliar|%)?"
SUM: Final = re.compile(rf"({NUMBER})((?: [a-z]+)*(?: [x:+-] (?:[a-z]+ )*{NUMBER}(?: jam)?)+) = ({NUMBER})")
WORD: Final = {" juta": Decimal(10) ** 6, " miliar": Decimal(10) ** 9, "%": Decimal("0.01")}
LEAST_AN_HOUR: Final = 14_196
"""Rupiah: fact F58 divided by the 173 working hours of a month."""


@pytest.fixture(scope="module")
def content() -> Content:
    return load_content(ROOT / "content")


def lesson(content: Content, lesson_id: str) -> Lesson:
    found = content.lesson(lesson_id)
    assert found is not None
    return found


def words_of(lesson: Lesson) -> str:
    """All that somebody reads of a lesson, one piece a line."""
    return "\n".join(text for _, text in every_text(lesson))


def taught(lesson: Lesson) -> str:
    """As `words_of`, without the wrong options."""
    wrong = lesson.question.options[1:]
    return "\n".join(text for _, text in every_text(lesson) if text not in wrong)


def everything(content: Content) -> Iterator[Lesson]:
    for module in content.modules:
        yield from module.lessons


def amount(written: str) -> Decimal:
    """Rp1.000, 0,3% or Rp600 juta as a number."""
    match = re.fullmatch(r"(?:Rp)?([\d.]+)(?:,(\d+))?( juta| miliar|%)?", written.strip())
    assert match, written
    whole = Decimal(f"{match[1].replace('.', '')}.{match[2] or 0}")
    return whole * WORD.get(match[3] or "", Decimal(1))


def reckoned(first: str, rest: str) -> Decimal:
    total = amount(first)
    for sign, number in re.findall(rf" ([x:+-]) (?:[a-z]+ )*({NUMBER})", rest):
        value = amount(number)
        total = {"x": total * value, ":": total / value, "+": total + value, "-": total - value}[sign]
    return total


def test_every_sum_in_a_lesson_is_right(content: Content) -> None:
    found = 0
    for one in everything(content):
        for first, rest, result in SUM.findall(words_of(one)):
            assert reckoned(first, rest) == amount(result), f"{one.id}: {first}{rest} = {result}"
            found += 1
    assert found >= 20


def test_sums_are_read_as_people_write_them() -> None:
    for text, result in (
        ("Biayanya: 0,3% x Rp1.000.000 = Rp3.000.", 3_000),
        ("Upah: 40 jam x Rp15.000 = Rp600.000.", 600_000),
        ("kardus Rp2.000 + potongan toko Rp7.000 = Rp9.000", 9_000),
    ):
        ((first, rest, written),) = SUM.findall(text)
        assert reckoned(first, rest) == amount(written) == result
    assert amount("Rp600 juta") == 600_000_000


def test_what_is_sold_costs_the_same_everywhere_and_more_than_making_it(content: Content) -> None:
    """Coffee of M04L3 is shown live in M03L2; the cloth of M04L2 in M03L1."""
    (coffee,) = re.findall(r"Harga jual: .* = (Rp[\d.]+)\.", words_of(lesson(content, "M04L3")))
    assert f"kopi bubuk Manggarai, 200 gram. Cocok diseduh pagi hari. Harganya {coffee}." in words_of(
        lesson(content, "M03L2")
    )
    assert "Kopi Manggarai 200 gram" in words_of(lesson(content, "M04L3"))
    (cost,) = re.findall(r"HPP: .* = (Rp[\d.]+)\.", words_of(lesson(content, "M04L2")))
    (price,) = re.findall(r"kain songke (Rp[\d.]+)", words_of(lesson(content, "M03L1")))
    assert amount(price) > amount(cost)


def test_own_work_is_worth_at_least_the_minimum_wage(content: Content) -> None:
    (wage,) = re.findall(r"jam x (Rp[\d.]+)", words_of(lesson(content, "M04L2")))
    assert amount(wage) >= LEAST_AN_HOUR
    (monthly,) = re.findall(r"Rp([\d.]+) sebulan", content.facts["F58"].fact)
    assert -(-int(monthly.replace(".", "")) // 173) == LEAST_AN_HOUR


def test_passwords_shown_as_good_are_taken_by_tiktok(content: Content) -> None:
    """Fact F54: 8 to 20 characters, with letters, a number and a sign."""
    one = lesson(content, "M09L1")
    (example,) = re.findall(r"angka: (\S+)\. Ketiga", words_of(one))
    for password in (example, one.question.options[0]):
        assert 8 <= len(password) <= 20
        assert re.search(r"[a-z]", password)
        assert re.search(r"\d", password)
        assert re.search(r"[^\w]", password)
        assert len(re.findall(r"[a-z]{4,}", password)) == 3
    assert "8-20" in content.facts["F54"].fact


def test_hashtags_shown_as_good_are_at_most_five(content: Content) -> None:
    for one in everything(content):
        for text in taught(one).splitlines():
            assert len(re.findall(r"#\w+", text)) <= 5, one.id
    assert "TikTok membatasi lima" in taught(lesson(content, "M02L4"))


def test_all_that_causes_allergies_stands_in_the_lesson_on_labels(content: Content) -> None:
    one = lesson(content, "M08L2")
    for cause in ("telur", "susu", "kacang", "kedelai", "gandum", "ikan", "udang"):
        assert cause in " ".join(one.points)
        assert cause in content.facts["F61"].fact
    assert {"F25", "F61"} <= set(one.facts)


@pytest.mark.parametrize(
    ("lesson_id", "facts", "says", "never"),
    [
        ("M09L1", {"F53", "F54"}, ["tiga kata", "Keamanan dan izin"], ["empat kata", "Empat kata"]),
        ("M08L5", {"F64", "F32", "F33"}, ["Jawab dalam dua hari", "lewat chat"], ["3 hari", "dibayar pembeli"]),
        ("M04L3", {"F13"}, ["dihitung dari harga jual", "angka contoh"], ["Rp45.000"]),
        ("M04L4", {"F13"}, ["komisi 10%", "angka contoh", "= Rp1.700"], ["= Rp200"]),
        ("M03L1", {"F14", "F45"}, ["Anak jangan sampai masuk gambar", "stok 1"], ["Rp150.000", "stok 4"]),
        (
            "M06L5",
            {"F10", "F11", "F59"},
            ["SPT (laporan pajak tahunan) tetap dilaporkan", "kantor pajak"],
            ["Rp12.000.000"],
        ),
        ("M06L3", {"F06", "F60"}, ["daftar P-IRT", "selai", "lebih dari 7 hari"], ["kering", "diabetes"]),
        ("M03L3", {"F12", "F67"}, ["keranjang kuning", "chat sendiri boleh transfer"], ["luar aplikasi."]),
        (
            "M06L4",
            {"F07", "F08"},
            ["dengan pendamping halal", "tidak halal", "Samosir"],
            ["muslim", "tanya pendamping:"],
        ),
        ("M02L4", {"F30"}, ["TikTok membatasi lima"], ["30 tagar"]),
        ("M03L2", {"F13"}, ["keranjang kuning"], ["gambar keranjang", "Rp45.000"]),
    ],
)
def test_what_was_taught_wrongly_is_put_right(
    content: Content, lesson_id: str, facts: set[str], says: list[str], never: list[str]
) -> None:
    one = lesson(content, lesson_id)
    assert facts <= set(one.facts)
    read_before_the_question = "\n".join((one.opening, *one.points, one.example or "", one.task))
    for words in says:
        assert words in read_before_the_question
    for words in never:
        assert words not in words_of(one)


def test_a_wrong_lesson_asks_another_question_now(content: Content) -> None:
    """Answers to the old one keep their meaning; who began a test with it is still asked it."""
    for lesson_id in ("M09L1", "M08L5", "M04L4", "M06L5", "M08L2", "M06L4", "M02L4", "M03L3"):
        assert lesson(content, lesson_id).question.id == f"{lesson_id}-Q2"
        assert content.question(f"{lesson_id}-Q1") is None
        old = content.once_published(f"{lesson_id}-Q1")
        assert old is not None
        assert old.options != lesson(content, lesson_id).question.options
    for question in (*content.test_questions(), *content.test_questions("1")):
        assert question is content.question(question.id)


def test_nothing_is_promised(content: Content) -> None:
    promise = re.compile(
        r"\b(?:pasti (?:laku|untung|laris|viral|cair)|dijamin|omzet naik|untung besar|cepat kaya)\b", re.I
    )
    for one in everything(content):
        assert not promise.search(taught(one)), one.id
