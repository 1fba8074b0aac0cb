"""A question itself: the order of its options, whether it fits a poll, whether it may be asked today."""

from __future__ import annotations

import hashlib
import random
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from bot.catalogue.content import Content
from bot.catalogue.lesson_files import Question

OPTION_LIMIT: Final = 100
QUESTION_LIMIT: Final = 300
EXPLANATION_LIMIT: Final = 200
"""Telegram's limits for a quiz poll, in characters; longer questions are asked with buttons."""


def shuffled(seed: str, options: int) -> tuple[int, ...]:
    """Returns an order of so many options: always the same for one seed, and over many seeds every order equally
    often."""
    order = list(range(options))
    random.Random(seed).shuffle(order)
    return tuple(order)


def edition_of(question: Question) -> str:
    """Returns a fingerprint of the words that give an answer its meaning."""
    words = "\0".join((question.text, *question.options))
    return hashlib.sha256(words.encode()).hexdigest()[:12]


def fits_poll(question: Question) -> bool:
    """Returns whether Telegram takes the question as a quiz poll."""
    return (
        len(question.text) <= QUESTION_LIMIT
        and all(len(option) <= OPTION_LIMIT for option in question.options)
        and len(question.explanation) <= EXPLANATION_LIMIT
        and question.explanation.count("\n") <= 2
    )


def askable(content: Content, question_id: str, today: date, *, in_test: bool = False) -> Question | None:
    """Returns the question, unless its lesson is gone or marked on this day. If another one has taken its place,
    returns that one; in a test the old one as it was published, so that the tests before and after ask the same."""
    question = content.once_published(question_id) if in_test else content.in_its_place(question_id)
    lesson = content.lesson(question.lesson_id) if question else None
    if question is None or lesson is None or content.overdue(lesson, today):
        return None
    return question


def zone_of(content: Content, site_id: str | None) -> ZoneInfo:
    return ZoneInfo(content.open_hours(site_id).zone)
