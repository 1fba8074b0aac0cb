"""The results of opening and finishing a lesson, of changing a plan, and of a task."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.catalogue.content import Lesson, Module
from bot.programme.lessons.tables import TaskDone


class Page(StrEnum):
    POINTS = "points"
    EXAMPLE = "example"
    TASK = "task"


class Ended(StrEnum):
    """Why a plan ended."""

    ASKED = "asked"
    UNANSWERED = "unanswered"
    FINISHED = "finished"
    ERASED = "erased"


@dataclass(frozen=True)
class Opened:
    """A page of a lesson. `first_time`: the person had not opened the lesson before. `marked`: a fact in it may have
    changed, so it is shown with a warning and its question is not asked."""

    lesson: Lesson
    module: Module
    page: int
    pages: tuple[Page, ...]
    first_time: bool
    marked: bool

    @property
    def kind(self) -> Page:
        return self.pages[self.page - 1]


@dataclass(frozen=True)
class Finished:
    lesson: Lesson
    marked: bool


@dataclass(frozen=True)
class UnknownLesson:
    """There is no such lesson: forged, or taken out of the programme."""


@dataclass(frozen=True)
class ModuleProgress:
    """`complete`: all lessons that belong to it on the person's path are done; one that came later may be left."""

    module: Module
    done: int
    total: int
    complete: bool

    @property
    def bar(self) -> str:
        """As many boxes as lessons, at most ten; finished ones are dark."""
        boxes = min(self.total, 10)
        dark = self.done * boxes // self.total if self.total else 0
        return "▓" * dark + "░" * (boxes - dark)


@dataclass(frozen=True)
class Standing:
    """How far a person is. `next`: the lesson to go on with, None when all are done; `begun`: it was opened before."""

    modules: tuple[ModuleProgress, ...]
    next: Lesson | None
    begun: bool
    core_done: bool
    weeks: int
    days_this_week: int

    @property
    def done(self) -> int:
        return sum(module.done for module in self.modules)

    @property
    def total(self) -> int:
        return sum(module.total for module in self.modules)


@dataclass(frozen=True)
class Planned:
    """The daily lesson as it stands; `at` is the next one (UTC)."""

    at: datetime


@dataclass(frozen=True)
class Resting:
    until: datetime


@dataclass(frozen=True)
class NoPlan:
    """There is no daily lesson to put off."""


@dataclass(frozen=True)
class TaskNoted:
    """`first_time`: it was not noted before."""

    task: TaskDone
    first_time: bool


@dataclass(frozen=True)
class Praised:
    """`told`: the person will be told (they agreed to messages)."""

    task: TaskDone
    told: bool


@dataclass(frozen=True)
class AlreadyPraised:
    task: TaskDone


@dataclass(frozen=True)
class UnknownTask:
    """There is no such task, or its person has left."""
