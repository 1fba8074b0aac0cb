"""Every table of the project, by importing every file that has one: what migrations and the tests compare with."""

from bot import clock, errands, inbox, outbox
from bot.programme import attendance, audit, broadcasts, enrolment, lessons, people, quizzes, sessions, staff, surveys

__all__ = [
    "attendance",
    "audit",
    "broadcasts",
    "clock",
    "enrolment",
    "errands",
    "inbox",
    "lessons",
    "outbox",
    "people",
    "quizzes",
    "sessions",
    "staff",
    "surveys",
]
