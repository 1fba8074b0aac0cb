"""What is found for a typed question: how often the right answer, how often a wrong one, and how much work it is.

tests/faq/questions.txt holds what owners might type, with what helps them, written by hand; the limits in `matching`
were chosen with it. tests/faq/fresh.txt was written before, and looked at only afterwards.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot.database import Database
from bot.programme import faq
from bot.programme.faq import matching
from bot.programme.faq.matching import Entry, Index, stem, stems
from tests.chat import MONDAY, content
from tests.databases import quick_database

FOLDER = Path(__file__).parent / "faq"


def lines(name: str) -> list[tuple[str, str]]:
    written = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    found = [line.split("\t") for line in written if not line.startswith("#")]
    return [(first, second) for first, second in found]


@pytest.fixture
def answered(database_url: str) -> Database:
    """A programme that has answered the questions of answers.txt for everybody."""
    database = quick_database(database_url)
    with database.transaction() as db:
        for _, question in lines("answers.txt"):
            faq.published_by_programme(db, question, "Jawaban.", MONDAY)
    return database


def found(db: Session, names: dict[str, str], text: str) -> set[str]:
    near = faq.find(db, "labuan-bajo", text, MONDAY, content=content())
    assert len(near.answers) + len(near.lessons) <= 2
    return {names[one.question or ""] for one in near.answers} | {one.id for one in near.lessons}


def outcome(database: Database, name: str) -> tuple[int, int, int]:
    """How many questions found the right answer, how many only a wrong one, how many nothing."""
    names = {question: number for number, question in lines("answers.txt")}
    right = wrong = nothing = 0
    with database.transaction() as db:
        for expected, text in lines(name):
            shown = found(db, names, text)
            if shown & set(expected.split("|")):
                right += 1
            elif shown:
                wrong += 1
            else:
                nothing += 1
    return right, wrong, nothing


def test_of_sixty_questions_most_find_the_right_answer_and_few_a_wrong_one(answered: Database) -> None:
    right, wrong, nothing = outcome(answered, "questions.txt")
    assert right + wrong + nothing == 60
    assert right >= 48
    assert wrong <= 1  # a new lesson about live, which is not the one that was meant


def test_questions_that_nobody_looked_at_before_find_it_nearly_as_often(answered: Database) -> None:
    right, wrong, nothing = outcome(answered, "fresh.txt")
    assert right + wrong + nothing == 43
    assert right >= 27
    assert wrong <= 7


def test_little_is_shown_for_words_that_ask_nothing(answered: Database) -> None:
    texts = [line for line in (FOLDER / "nothing.txt").read_text(encoding="utf-8").splitlines() if line[0] != "#"]
    with answered.transaction() as db:
        shown = [text for text in texts if faq.find(db, "labuan-bajo", text, MONDAY, content=content())]
    assert len(texts) == 15
    assert len(shown) <= 3, shown


def test_what_fits_well_is_right(answered: Database) -> None:
    """An answer is offered to who asked nobody only where it is nearly certain."""
    names = {question: number for number, question in lines("answers.txt")}
    shown = wrong = 0
    with answered.transaction() as db:
        for expected, text in (*lines("questions.txt"), *lines("fresh.txt")):
            one = faq.find_well(db, "labuan-bajo", text, MONDAY, content=content())
            if one is not None:
                shown += 1
                wrong += names[one.question or ""] not in expected.split("|")
    assert shown >= 25
    assert wrong <= 1


def test_a_lesson_with_an_outdated_fact_is_not_offered(answered: Database) -> None:
    lesson = content().lesson("M06L4")
    assert lesson is not None
    with answered.transaction() as db:
        later = datetime(2026, 11, 1, 3, tzinfo=UTC), MONDAY
        before, after = (
            faq.find(db, "labuan-bajo", "halal untuk usaha mikro dan kecil", one, content=content()) for one in later
        )
    assert lesson in before.lessons
    assert lesson not in after.lessons


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("memotret", "foto"), ("fotonya", "foto"), ("menyimpan", "simpan"), ("membungkus", "bungkus"),
        ("packing", "bungkus"), ("menulis", "tulis"), ("kemasan", "kemas"), ("jaminan", "jamin"),
    ],
)  # fmt: skip
def test_forms_of_a_word_are_one_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_words_that_stand_in_every_question_find_nothing() -> None:
    index = Index([Entry("a", (("bagaimana cara foto keripik", 1.0),))])
    assert stems(["bagaimana", "cara", "ya"]) == ()
    assert index.search(["bagaimana", "cara", "ya"]) == []
    assert index.search([]) == []
    assert Index([]).search(["foto"]) == []


def test_a_slip_of_the_finger_is_forgiven() -> None:
    index = Index([Entry("a", (("foto keripik renyah", 1.0),)), Entry("b", (("kirim kopi jakarta", 1.0),))])
    (best, *_) = index.search(["foto", "keripk", "renyah"])
    assert best.key == "a"
    assert best.likeness > 0.8


def test_five_hundred_answers_are_compared_with_few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """The letters of a word are compared with the vocabulary once, and not at all if the word is known."""
    calls: list[str] = []
    compare = matching.extract  # type: ignore[attr-defined]

    def counted(word: str, *given: Any, **more: Any) -> Any:
        calls.append(word)
        return compare(word, *given, **more)

    monkeypatch.setattr(matching, "extract", counted)
    questions = [question for _, question in lines("answers.txt")]
    index = Index([Entry(str(at), ((f"{questions[at % 30]} bagian{at}", 1.0),)) for at in range(500)])
    index.search(["cetak", "stiker", "labell"])
    assert calls == ["labell"]
