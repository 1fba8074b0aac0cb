"""What the buttons of /sesi carry. `session` is the number of a class."""

from __future__ import annotations

from typing import Literal

from bot.words.action import Action


class SeeMyClasses(Action, name="sessions:list"):
    """Lists the classes of the trainer's sites: with many of them those of one month (202612), 0: the first one."""

    page: int = 0
    month: int = 0


class SeeMyClass(Action, name="sessions:show"):
    """Shows one class."""

    session: int


class ConsiderChange(Action, name="sessions:change"):
    """Asks what to change of the class."""

    session: int


class NewClass(Action, name="sessions:new"):
    """Begins a new class."""


class CopyClass(Action, name="sessions:copy"):
    """Begins a copy of the class at another time."""

    session: int


class MoveClass(Action, name="sessions:move"):
    """Asks for another time of the class."""

    session: int


class ResizeClass(Action, name="sessions:seats"):
    """Asks for another number of seats."""

    session: int


class RelocateClass(Action, name="sessions:venue"):
    """Asks for another venue."""

    session: int


class ConsiderDetails(Action, name="sessions:details"):
    """Asks which of title, length, trainer and contact is to change."""

    session: int


class ChangeDetail(Action, name="sessions:detail"):
    """Asks for another title, length, trainer or contact of the class."""

    session: int
    what: Literal["title", "length", "trainer", "contact"]


class PickTrainer(Action, name="sessions:trainer"):
    """Makes the trainer with this account the one who is named; 0: nobody is."""

    account: int


class LeaveContactOut(Action, name="sessions:no_contact"):
    """Takes the contact of the class away: people are told that of the site."""


class PickClassSite(Action, name="sessions:at"):
    """Sets the site of the new class."""

    site: str


class PickMoment(Action, name="sessions:when"):
    """Sets when the class begins: wall time of the site, written as `sessions.WALL`."""

    wall: str


class PickLength(Action, name="sessions:length"):
    """Sets how many minutes the class takes."""

    minutes: int


class PickSize(Action, name="sessions:size"):
    """Sets how many seats the class has."""

    seats: int


class TakeSameVenue(Action, name="sessions:same_venue"):
    """Takes the venue of the site's last class."""


class LeavePinOut(Action, name="sessions:no_pin"):
    """Leaves the point on the map out."""


class ConfirmClass(Action, name="sessions:confirm"):
    """Saves the class or the change that was shown for confirmation. `version` is the version that was shown; `quiet`:
    nobody is told of it."""

    version: int = 0
    quiet: bool = False


class LowerSeats(Action, name="sessions:lower"):
    """Lowers the seats below those that are taken: the last enrolled have to wait. `version` is the version that was
    shown."""

    version: int = 0


class GoBackInClass(Action, name="sessions:back"):
    """Goes back one question."""


class StopClass(Action, name="sessions:stop"):
    """Stops putting a class together, or changing it; nothing is saved."""


class ConsiderCancelling(Action, name="sessions:cancel"):
    """Asks whether to cancel the class."""

    session: int


class PickReason(Action, name="sessions:why"):
    """Shows the cancellation of the class with this reason, before it is done."""

    session: int
    why: Literal["trainer", "venue", "few", "weather"]


class CancelClass(Action, name="sessions:cancelled"):
    """Cancels the class. `version` is the version that was shown, `why` the reason that was picked, or that one was
    written."""

    session: int
    version: int = 0
    why: Literal["none", "written", "trainer", "venue", "few", "weather"] = "none"


class ConsiderRestoring(Action, name="sessions:restore"):
    """Asks whether to put the cancelled class back."""

    session: int


class RestoreClass(Action, name="sessions:restored"):
    """Puts the cancelled class back: the same people have their seats again. `version` is the version that was
    shown."""

    session: int
    version: int


class TeachMyself(Action, name="sessions:myself"):
    """Makes whoever copies a class the trainer of the copy."""


class PickSiteLink(Action, name="sessions:links"):
    """Shows the link of the trainer's site; of several sites, asks which."""

    page: int = 0


class SeeSiteLink(Action, name="sessions:link"):
    """Shows the link by which people register at the site, and the ways to its poster."""

    site: str


class SeeUnplaced(Action, name="sessions:unplaced"):
    """Shows the people of the site who have no class to come."""

    site: str
    page: int = 0


class GetPoster(Action, name="sessions:poster"):
    """Sends the poster of the site's link."""

    site: str
    form: Literal["pdf", "png"]


class GetTemplate(Action, name="sessions:template"):
    """Sends a table to be filled in with classes."""


class ReadDates(Action, name="sessions:dates"):
    """Reads the table of this job again, its dates with the day or the month first."""

    job: int
    order: Literal["day", "month"]


class ReadMoves(Action, name="sessions:moves"):
    """Reads the table of this job again: its rows without a code that look like a class at another time are classes
    that moved, or new ones."""

    job: int
    moved: bool


class GetCalendarTable(Action, name="sessions:calendar"):
    """Sends the coming classes of one's sites as the table that can be sent back."""


class ImportClasses(Action, name="sessions:import"):
    """Saves the classes of the table that this job has read. `version` is the version that was shown."""

    job: int
    version: int = 0
