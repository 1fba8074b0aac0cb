"""What the buttons of feedback carry. `session` is the number of a class."""

from __future__ import annotations

from bot.words.action import Action


class PickFace(Action, name="surveys:face"):
    """Records how the person found the class: a number of `surveys.Face`, or 0 of who was not there."""

    session: int
    person: int
    face: int


class SkipSentence(Action, name="surveys:skip"):
    """Ends the feedback without a sentence."""


class SeeAverage(Action, name="surveys:average"):
    """For trainers: shows how people found a class, on average."""

    session: int


class ReadSentences(Action, name="surveys:sentences"):
    """For trainers: shows what people wrote about a class."""

    session: int
    page: int = 0
