"""What the buttons of learning carry: the path, lessons, tasks, the daily lesson."""

from __future__ import annotations

import dataclasses
from typing import Literal

from bot.words.action import Action, PersonalAction


class SeePath(PersonalAction, name="lessons:path"):
    """Shows how far the person has come."""


class LearnNext(PersonalAction, name="lessons:next"):
    """Opens what comes next on the path."""


class OpenLesson(PersonalAction, name="lessons:open"):
    """Opens a lesson at `page` (from 1); without one where the person stopped."""

    lesson: str
    page: int | None = None


class FinishLesson(PersonalAction, name="lessons:finish"):
    """Ends the lesson and asks its question."""

    lesson: str


class SeeModules(PersonalAction, name="lessons:modules"):
    """Lists the modules, at `page` (from 1); without one at the page with the module to go on with."""

    page: int | None = None


class SeeModule(PersonalAction, name="lessons:module"):
    """Lists the lessons of a module."""

    module: str


class SearchLessons(PersonalAction, name="lessons:search"):
    """Asks for a word, to find a lesson by it."""


class MarkTaskDone(PersonalAction, name="lessons:task"):
    """Notes that the person did the task of the lesson."""

    lesson: str


class SkipShowing(PersonalAction, name="lessons:skip"):
    """Goes on without a photo or a link of the task."""

    lesson: str


class SeeDailyLesson(PersonalAction, name="lessons:daily"):
    """Shows the settings of the daily lesson."""


class SwitchDailyLesson(PersonalAction, name="lessons:switch"):
    """Switches the daily lesson on or off."""

    to: Literal["on", "off"]


class SeeDays(PersonalAction, name="lessons:days"):
    """Asks on which days the daily lesson is to come."""


class ToggleDay(PersonalAction, name="lessons:day"):
    """Switches the daily lesson on or off for this day (0 is Monday). Older buttons carry no `to`: they change whatever
    is set."""

    day: int
    to: Literal["on", "off"] | None = dataclasses.field(default=None, kw_only=True)


class AskHour(PersonalAction, name="lessons:hours"):
    """Asks at what time the daily lesson is to come."""


class PickHour(PersonalAction, name="lessons:hour"):
    """Sets the time of the daily lesson: `minute` minutes after midnight, in the zone of the person's site."""

    minute: int


class SaveData(PersonalAction, name="lessons:saving"):
    """Switches "Hemat kuota" (no pictures, no polls) on or off."""

    to: Literal["on", "off"]


class PutLessonOff(PersonalAction, name="lessons:later"):
    """Puts today's lesson off."""


class RestFromLessons(PersonalAction, name="lessons:rest"):
    """Stops the daily lesson for some days."""


class SeeTasks(Action, name="lessons:tasks"):
    """For trainers: shows the newest task that was done; with `before`, the newest before the task of that number."""

    before: int | None = None


class PraiseTask(Action, name="lessons:good"):
    """For trainers: praises this task."""

    task: int
