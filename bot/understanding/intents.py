"""The intents: what people can mean, and what may be done about it without asking."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """How an intent may be acted on, by what a wrong guess would cost."""

    SHOW = "show"
    """Shows a screen or an answer, changes nothing: may be done at once when it is clear."""
    ANSWER = "answer"
    """Answers the open question: may be done at once in its context, when the words are clear."""
    CONFIRM = "confirm"
    """Gives something up, or starts or stops something the law protects: never at once, always one tap."""
    HUMAN = "human"
    """A person should read it: offered with one tap."""
    ALARM = "alarm"
    """Help is shown at once: danger to life, and scams."""
    NONE = "none"
    """Not understood."""


class Handling(StrEnum):
    """What may be done about a message."""

    AT_ONCE = "at once"
    CONFIRM = "confirm"
    """One tap that names what it does."""
    OFFER = "offer"
    """The likely things as buttons."""


CONTEXTS: Final = (
    "none",
    "reminder",
    "offer",
    "quiz",
    "consent",
    "name_question",
    "in_class",
    "open_ticket",
    "trainer",
)
"""What the bot asked last or is waiting for. `trainer`: staff, and nothing was asked."""

KINDS: Final[dict[str, Kind]] = {
    **dict.fromkeys(
        (
            "menu",
            "help",
            "classes",
            "my_schedule",
            "place",
            "class_details",
            "cost",
            "certificate",
            "running_late",
            "learn",
            "lesson_search",
            "progress",
            "profile",
            "language",
            "other_person",
            "my_data",
            "lesson_settings",
            "small_talk",
            "t_classes",
            "t_roster",
            "t_attendance",
            "t_sheet",
            "t_calls",
            "t_announce",
            "t_report",
        ),
        Kind.SHOW,
    ),
    **dict.fromkeys(
        (
            "coming",
            "not_sure",
            "accept_offer",
            "quiz_answer",
            "agree",
            "disagree",
            "under_age",
            "answer",
            "check_in",
            "break_off",
            "ticket_message",
        ),
        Kind.ANSWER,
    ),
    **dict.fromkeys(
        (
            "give_back_seat",
            "decline_offer",
            "move_class",
            "stop_messages",
            "restart_messages",
            "erase_data",
            "t_change_class",
        ),
        Kind.CONFIRM,
    ),
    **dict.fromkeys(("question_for_human", "complaint"), Kind.HUMAN),
    **dict.fromkeys(("urgent", "scam_report"), Kind.ALARM),
    "unclear": Kind.NONE,
}

ONLY_IN: Final[dict[str, frozenset[str]]] = {
    "coming": frozenset({"reminder"}),
    "not_sure": frozenset({"reminder", "offer", "consent"}),
    "accept_offer": frozenset({"offer"}),
    "decline_offer": frozenset({"offer"}),
    "quiz_answer": frozenset({"quiz"}),
    "agree": frozenset({"consent"}),
    "disagree": frozenset({"consent"}),
    "under_age": frozenset({"consent"}),
    "answer": frozenset({"name_question"}),
    "break_off": frozenset({"name_question", "quiz"}),
    "check_in": frozenset({"in_class"}),
    "ticket_message": frozenset({"open_ticket"}),
    **dict.fromkeys(
        ("t_classes", "t_roster", "t_attendance", "t_sheet", "t_calls", "t_announce", "t_report", "t_change_class"),
        frozenset({"trainer"}),
    ),
}
"""Intents that are considered in some contexts alone. All others are considered everywhere."""


FOR_MENTORS: Final = frozenset({"unclear", "small_talk", "question_for_human", "complaint", "lesson_search"})
"""Intents that may be words for a mentor: they ask nothing of the bot that it could do."""


def fits(intent: str, context: str) -> bool:
    """Whether the intent is considered in the context."""
    return context in ONLY_IN.get(intent, (context,))


@dataclass(frozen=True)
class Understood:
    """The meaning of one message. `certainty` lies between 0 and 1. `second` is the next likely intent, if there is
    one.

    `certainty` lies between 0 and 1. `second` is the next likely intent, if there is one. `slots` hold what was cheap
    to find: `day` (a weekday, "hari ini", "besok", "lusa" or a day of the month), `hour`, `letter` of a quiz, `code` of
    a check-in, `topic` (the words that say what it is about), `asks` ("yes") of what is a question or only supposed,
    `past` ("yes" of who asks which classes they were in), `warm` (which friendly line fits: thanks, salam, greeting,
    wrong_chat, alright), `alone` ("yes" of a wish to die).
    They are taken from the message and never stored here.
    """

    intent: str
    certainty: float
    action: Handling
    second: str | None = None
    slots: dict[str, str] = field(default_factory=dict)

    @property
    def at_once(self) -> bool:
        return self.action is Handling.AT_ONCE


def action_for(intent: str, *, clear: bool) -> Handling:
    """Returns what may be done; `clear`: the words leave no doubt. A `confirm` intent is never done at once."""
    match KINDS[intent]:
        case Kind.CONFIRM:
            return Handling.CONFIRM
        case Kind.HUMAN | Kind.NONE:
            return Handling.OFFER
        case Kind.ALARM:
            return Handling.AT_ONCE if clear else Handling.OFFER
        case Kind.ANSWER:
            return Handling.AT_ONCE if clear else Handling.CONFIRM
        case Kind.SHOW:
            return Handling.AT_ONCE if clear else Handling.OFFER
