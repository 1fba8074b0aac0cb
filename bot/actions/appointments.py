"""What the buttons of appointments carry. `appointment` and `slot` are numbers, `version` is the revision of the
appointment that was shown, `start` a moment in minutes since 1970, `ticket` the question it is about (0: none)."""

from __future__ import annotations

from enum import StrEnum

from bot.words.action import Action, PersonalAction


class Kind(StrEnum):
    """How or where the two meet."""

    CHAT = "chat"
    CALL = "call"
    VISIT = "visit"
    """At the person's business."""
    OFFICE = "office"


class Why(StrEnum):
    """Why a mentor calls an appointment off."""

    SICK = "sick"
    DUTY = "duty"
    WEATHER = "weather"
    OTHER = "other"


# --- the person -------------------------------------------------------------------------------------------------------


class SeeAppointment(PersonalAction, name="appointments:mine"):
    """The person's appointment; without one, the next free times."""

    ticket: int = 0


class SeeTimes(PersonalAction, name="appointments:times"):
    """Free times of the person's site that begin after `start` (0: the next)."""

    ticket: int = 0
    start: int = 0


class BookTime(PersonalAction, name="appointments:book"):
    """Book this free time. `anyway`: although a class is at the same hour."""

    slot: int
    ticket: int = 0
    anyway: bool = False


class SeeOtherTimes(PersonalAction, name="appointments:move"):
    """Free times to move the appointment to."""

    appointment: int
    start: int = 0


class MoveTo(PersonalAction, name="appointments:to"):
    """Move it there."""

    appointment: int
    slot: int


class ComeToAppointment(PersonalAction, name="appointments:coming"):
    """The person will be there."""

    appointment: int
    version: int


class CannotCome(PersonalAction, name="appointments:not_coming"):
    """The person cannot: the time is free again."""

    appointment: int
    version: int


class KeepAppointment(PersonalAction, name="appointments:back"):
    """It stays after all."""

    appointment: int
    version: int


class GetAppointmentFile(PersonalAction, name="appointments:calendar"):
    """The calendar file of the person's appointment."""

    appointment: int


class GivePlace(PersonalAction, name="appointments:place"):
    """Tell the address of the business, or the number to call."""

    appointment: int


class LeavePlace(PersonalAction, name="appointments:no_place"):
    """Not now."""


# --- mentors ----------------------------------------------------------------------------------------------------------


class SeeDesk(Action, name="appointments:desk"):
    """The appointments of this account."""

    page: int = 0


class SeeBooked(Action, name="appointments:show"):
    """One of them."""

    appointment: int


class OpenTimes(Action, name="appointments:open"):
    """Offer times: when? `ticket`: to book one for the person of this question then; `appointment`: to move it."""

    ticket: int = 0
    appointment: int = 0


class PickTimesSite(Action, name="appointments:site"):
    """At this one of my sites."""

    site: str


class PickStretch(Action, name="appointments:part"):
    """This stretch of time, so many minutes long. How long is each appointment?"""

    start: int
    minutes: int


class PickTimeLength(Action, name="appointments:each"):
    """So many minutes each. How do we meet? `start`: of the stretch that was shown."""

    start: int
    each: int


class SaveTimes(Action, name="appointments:save"):
    """Offer them, to meet in this way."""

    start: int
    each: int
    kind: Kind


class StopOpening(Action, name="appointments:stop"):
    """Out of what was begun; nothing was saved."""


class CloseOpened(Action, name="appointments:unopen"):
    """Take back the times that were offered at that second, as far as nobody has booked them."""

    at: int


class SeeFree(Action, name="appointments:free"):
    """The free times of this account."""

    page: int = 0


class CloseTime(Action, name="appointments:close"):
    """Offer this time no more."""

    slot: int


class Schedule(Action, name="appointments:schedule"):
    """My free times, to book one for the person of this question."""

    ticket: int


class BookFor(Action, name="appointments:book_for"):
    """Book it for them."""

    ticket: int
    slot: int


class ConsiderMoving(Action, name="appointments:move_it"):
    """My free times, to move this appointment to one of them."""

    appointment: int


class MoveIt(Action, name="appointments:moved_it"):
    """Move it there."""

    appointment: int
    slot: int
    version: int


class ConsiderCallingOff(Action, name="appointments:call_off"):
    """Why can it not take place?"""

    appointment: int


class CallOff(Action, name="appointments:called_off"):
    """Call it off, with this word for the person."""

    appointment: int
    why: Why
    version: int


class MarkMet(Action, name="appointments:met"):
    """They met (or not)."""

    appointment: int
    met: bool
    version: int


class GetTheirCalendar(Action, name="appointments:file"):
    """The calendar file of an appointment, for the mentor: without a name in it."""

    appointment: int
