"""Answers for everybody: a question that was answered well helps others, and is offered before the next one goes out.

    tables    the rows
    matching  what fits a typed question
    near      typed questions that wait whether one of the answers was enough
    writing   from an answered question to a published one
    news      what people and staff are told
    clock     what happens by itself
    data      what is owed of the tables

Whoever uses it imports it as one: `faq.find`.
"""

from bot.programme.faq import news, writing
from bot.programme.faq.clock import due, next_due
from bot.programme.faq.data import DATA
from bot.programme.faq.near import (
    WAITS,
    Near,
    count_helped,
    count_shown,
    day_at,
    drop,
    find,
    find_well,
    held,
    hidden,
    hold,
    of_sites,
    published,
    send,
    some_published,
)
from bot.programme.faq.tables import (
    ANSWER_LETTERS,
    EVERYWHERE,
    NO_FACT,
    QUESTION_LETTERS,
    Faq,
    HeldQuestion,
    State,
)
from bot.programme.faq.writing import get, published_by_programme

__all__ = [
    "ANSWER_LETTERS",
    "DATA",
    "EVERYWHERE",
    "NO_FACT",
    "QUESTION_LETTERS",
    "WAITS",
    "Faq",
    "HeldQuestion",
    "Near",
    "State",
    "count_helped",
    "count_shown",
    "day_at",
    "drop",
    "due",
    "find",
    "find_well",
    "get",
    "held",
    "hidden",
    "hold",
    "news",
    "next_due",
    "of_sites",
    "published",
    "published_by_programme",
    "send",
    "some_published",
    "writing",
]
