"""Every table of the project, by importing every file that has one: what migrations and the tests compare with."""

from bot import clock, inbox, outbox
from bot.programme import enrolment, lessons, people, quizzes, sessions

__all__ = ["clock", "enrolment", "inbox", "lessons", "outbox", "people", "quizzes", "sessions"]
