"""Who has read nothing and guesses by how the options look (bot.catalogue.guessing) must not do better than by rolling
dice."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

import pytest

from bot.catalogue.content import Content, load_content
from bot.catalogue.guessing import GUESSERS, careful, guessed_in_a_module, right
from bot.catalogue.lesson_files import Question
from bot.settings import ROOT

CHANCE: Final = Fraction(1, 3)
MARGIN: Final = Fraction(1, 10)
YES_OR_NO: Final = re.compile(
    r"\b(?:apa|boleh|perlu|cukup|bisa|sudah|harus|ada|benar|aman|masih|wajib)kah\b", re.IGNORECASE
)
REFUSAL: Final = re.compile(r"(?:tidak|jangan|bukan|belum|tak)\b", re.IGNORECASE)


@pytest.fixture(scope="module")
def content() -> Content:
    return load_content(ROOT / "content")


@pytest.fixture(scope="module")
def questions(content: Content) -> list[Question]:
    return [lesson.question for module in content.modules for lesson in module.lessons]


def in_the_middle(question: Question) -> Fraction:
    lengths = [len(option) for option in question.options]
    taken = [place for place, length in enumerate(lengths) if length == sorted(lengths)[1]]
    return Fraction(0 in taken, len(taken))


@pytest.mark.parametrize("name", GUESSERS)
def test_a_guesser_stays_near_chance(questions: list[Question], name: str) -> None:
    hits = sum(right(question, GUESSERS[name]) for question in questions)
    limit = (CHANCE + MARGIN) * len(questions)
    assert hits <= limit, (
        f"'{name}' gets {float(hits):.1f} of {len(questions)} right, at most {float(limit):.1f} is near chance"
    )


def test_the_right_option_is_the_longest_the_shortest_and_between_about_equally_often(
    questions: list[Question],
) -> None:
    shortest = sum((right(question, GUESSERS["the shortest"]) for question in questions), Fraction())
    longest = sum((right(question, GUESSERS["the longest"]) for question in questions), Fraction())
    between = sum(map(in_the_middle, questions), Fraction())
    for share in (shortest, between, longest):
        assert abs(share / len(questions) - CHANCE) <= MARGIN, (float(shortest), float(between), float(longest))


def test_in_no_module_one_guess_is_always_right(content: Content) -> None:
    for module in content.modules:
        assert guessed_in_a_module(lesson.question for lesson in module.lessons) == [], module.id


def test_the_options_of_a_question_are_about_equally_long(questions: list[Question]) -> None:
    for question in questions:
        shortest, *_, longest = sorted(map(len, question.options))
        assert longest - shortest <= 10, f"{question.id}: {shortest} to {longest} characters"


def test_no_question_is_answered_by_yes_or_no(questions: list[Question]) -> None:
    """Nine in a row of "Bolehkah ...? Tidak" teach to say no. What people would do is asked instead."""
    for question in questions:
        assert not YES_OR_NO.search(question.text), question.id
    refusals = [bool(REFUSAL.match(question.options[0])) for question in questions]
    wrong = [option for question in questions for option in question.options[1:]]
    assert sum(refusals) <= sum(bool(REFUSAL.match(option)) for option in wrong)


def test_what_counts_as_careful() -> None:
    said = ["Tutup telepon, hubungi bank", "Beri OTP-nya", "Bertanya dulu", "Aman?"]
    assert [careful(option) for option in said] == [2, 0, 2, 1]
    question = Question("M01L1-Q1", "M01L1", "?", ("Jangan dibuka", "Buka", "Tanya"), "")
    assert right(question, GUESSERS["the most careful, else the shortest"]) == 0  # "Tanya" is as careful, and shorter
    assert right(question, GUESSERS["the longest"]) == 1
    assert right(Question("", "", "", ("ab", "cd", "efg"), ""), GUESSERS["the shortest"]) == Fraction(1, 2)
