"""What each intent leads to: a screen that exists, or a function of this package."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from bot.actions.attendance import SeeAttendanceClasses
from bot.actions.broadcasts import BeginAnnouncement
from bot.actions.call_list import PickCalls
from bot.actions.enrolment import SeeClasses, SeeSchedule
from bot.actions.lessons import SeeDailyLesson, SeePath
from bot.actions.menu import GetHelp, OpenMenu, SeeLanguages
from bot.actions.paper import PickSheet
from bot.actions.privacy import ReadNotice
from bot.actions.registration import SeePersons, SeeProfile
from bot.actions.reports import PickPeriod
from bot.actions.roster import SeeRosters
from bot.actions.sessions import SeeMyClasses
from bot.turns.turn import Turn
from bot.words.action import Action
from handlers.understanding.answers import certificate, complaint, cost, human, lesson_search, scam, small_talk, urgent
from handlers.understanding.classes import class_details, give_back_seat, move_class, place, progress, running_late
from handlers.understanding.leaving import erase_data, restart_messages, stop_messages
from handlers.understanding.parts import tell_for_whom
from handlers.understanding.presence import was_there

SCREENS: Final[Mapping[str, Action]] = {
    "menu": OpenMenu(),
    "help": GetHelp(),
    "classes": SeeClasses(),
    "my_schedule": SeeSchedule(),
    "learn": SeePath(),
    "progress": SeePath(),
    "profile": SeeProfile(),
    "language": SeeLanguages(),
    "other_person": SeePersons(),
    "my_data": ReadNotice(),
    "lesson_settings": SeeDailyLesson(),
    "t_classes": SeeMyClasses(),
    "t_change_class": SeeMyClasses(),
    "t_roster": SeeRosters(),
    "t_attendance": SeeAttendanceClasses(),
    "t_sheet": PickSheet(),
    "t_calls": PickCalls(),
    "t_announce": BeginAnnouncement(),
    "t_report": PickPeriod(),
}
"""Intents that an existing screen answers; each screen checks the rights it needs."""
ABOUT_A_PERSON: Final = frozenset(
    {
        *("classes", "my_schedule", "place", "class_details", "running_late", "learn", "lesson_search", "progress"),
        *("profile", "lesson_settings", "check_in"),
    }
)
"""Intents about one of the people of a phone: about the person whom the newest message was said to. All other intents
are about the phone, or ask for whom they are."""
_ANSWERS: Final[Mapping[str, Callable[[Turn], None]]] = {
    "place": place,
    "check_in": was_there,
    "class_details": class_details,
    "cost": cost,
    "certificate": certificate,
    "running_late": running_late,
    "progress": progress,
    "lesson_search": lesson_search,
    "small_talk": small_talk,
    "question_for_human": human,
    "complaint": complaint,
    "scam_report": scam,
    "urgent": urgent,
    "give_back_seat": give_back_seat,
    "move_class": move_class,
    "stop_messages": stop_messages,
    "restart_messages": restart_messages,
    "erase_data": erase_data,
}
OFFERED: Final = frozenset({*SCREENS, *_ANSWERS} - {"check_in", "small_talk", "urgent"})
"""Intents that may stand on a button below a guess."""


def do(turn: Turn, intent: str) -> None:
    """Does what an intent leads to; shows the menu for an intent that is not known (any more)."""
    if intent in ABOUT_A_PERSON:
        tell_for_whom(turn)
    elif intent != "small_talk":  # thanks are for whoever was spoken to, and so is what comes after them
        turn.act_for(None)
    if intent in _ANSWERS:
        _ANSWERS[intent](turn)
    else:
        turn.follow(SCREENS.get(intent, OpenMenu()))
