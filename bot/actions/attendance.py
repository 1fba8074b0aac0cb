"""What the buttons of attendance carry. `session` is the number of a class."""

from __future__ import annotations

from typing import Literal

from bot.words.action import Action, PersonalAction


class SeeMyAttendance(PersonalAction, name="attendance:mine"):
    """Shows the person's own classes that can be checked in to now, or claimed afterwards."""


class ScanCode(Action, name="attendance:code"):
    """Checks in by the QR code's link. `code` is `<class>_<code>`. No button carries this: /start leads here."""

    code: str


class EnterCode(PersonalAction, name="attendance:enter"):
    """Checks in by the four letters that were typed. Shown where several people of the phone have a class now."""

    code: str


class OfferToJoin(PersonalAction, name="attendance:offer"):
    """Asks whether to join the class whose code was read."""

    session: int


class JoinClass(PersonalAction, name="attendance:join"):
    """Takes a seat in the class whose code was read; the person is recorded as present if the code was good."""

    session: int


class JoinInstead(PersonalAction, name="attendance:join_instead"):
    """Does what `JoinClass` does, and gives back the seat in `left`, a class at the same hour."""

    left: int
    session: int


class ShareWhere(PersonalAction, name="attendance:locate"):
    """Asks the person to share their location, to note whether they are near the class."""

    session: int


class ClaimPresence(Action, name="attendance:claim"):
    """The person says that they were in the class."""

    session: int
    person: int


class AdmitAbsence(Action, name="attendance:missed"):
    """The person says that they were not in the class."""

    session: int
    person: int


class TellReason(Action, name="attendance:reason"):
    """The person says why they did not come: one of `attendance.Reason`."""

    session: int
    person: int
    reason: str


class SeeAttendanceClasses(Action, name="attendance:classes"):
    """For trainers: lists the classes from tomorrow back into the past."""

    page: int = 0


class SeeAttendance(Action, name="attendance:class"):
    """For trainers: shows the attendance of one class."""

    session: int


class OpenCheckIn(Action, name="attendance:open"):
    """Opens the check-in, and shows its code in this trainer's chat."""

    session: int


class CloseCheckIn(Action, name="attendance:close"):
    """Takes the code out of this trainer's chat. The check-in is closed when no trainer shows the code any more."""

    session: int


class CloseForAll(Action, name="attendance:close_all"):
    """Closes the check-in: takes the code out of the chats of all trainers."""

    session: int


class SeeNames(Action, name="attendance:names"):
    """Shows the names of the class, with buttons to tick them."""

    session: int
    page: int = 0


class TickName(Action, name="attendance:tick"):
    """Marks this person as present or absent, if the record is still in the state `version` that the button was shown
    with. Older buttons: `version` is 0, and in the oldest `to` is None."""

    session: int
    person: int
    page: int
    to: Literal["present", "absent"] | None = None
    version: int = 0


class TakeBackPresence(Action, name="attendance:take_back"):
    """Marks a person as absent who checked in by the code in the room. The trainer was asked first."""

    session: int
    person: int
    page: int
    version: int


class SeeClaims(Action, name="attendance:claims"):
    """Who says they were there and waits for an answer."""

    session: int


class ConfirmClaim(Action, name="attendance:came"):
    """The trainer confirms that this person was in the class, as they say. `version` is the version of the record."""

    session: int
    person: int
    version: int = 0


class RefuseClaim(Action, name="attendance:not_came"):
    """The trainer answers that this person was not in the class, although they say so. `version` is the version of the
    record."""

    session: int
    person: int
    version: int = 0


class AnswerAtDoor(Action, name="attendance:door"):
    """Whether this person is let into the full class. `version` is of their request."""

    session: int
    person: int
    to: Literal["yes", "no"]
    version: int


class SeeDoor(Action, name="attendance:doors"):
    """Who asks to be let into the full class."""

    session: int


class WithdrawRequest(PersonalAction, name="attendance:door_off"):
    """The person does not want to be let into the full class after all."""

    session: int


class AskToComeIn(PersonalAction, name="attendance:come_in"):
    """May I come in? Typed at the door of a class whose code is shown, by somebody without a seat."""


class ConsiderFinishing(Action, name="attendance:finish"):
    """Ask whether the list is to be closed."""

    session: int


class ConsiderOthers(Action, name="attendance:others"):
    """Asks whether to mark everybody of whom nothing is recorded as `to`."""

    session: int
    to: Literal["present", "absent"]


class MarkOthers(Action, name="attendance:mark_others"):
    """Marks everybody of whom nothing is recorded as `to`, if the list still is as it was shown (`version`)."""

    session: int
    to: Literal["present", "absent"]
    version: int


class BeginAllBut(Action, name="attendance:all_but"):
    """Begins to record everybody as present but some: asks who was not there."""

    session: int


class SeeAllBut(Action, name="attendance:all_but_page"):
    """Shows a page of the names of which the trainer picks who was not there. `version` is the version of the picking
    that is under way."""

    page: int
    version: int


class PickAbsent(Action, name="attendance:pick_absent"):
    """Picks this person as absent (`out`), or takes that back."""

    person: int
    out: bool
    page: int
    version: int


class ReviewAllBut(Action, name="attendance:review_all_but"):
    """Ends the picking of who was not there, and shows whom it would record as absent before it is saved. `version` is
    the version of the picking that is under way."""

    version: int


class RecordAllBut(Action, name="attendance:record_all_but"):
    """Records the people who were picked as absent, and all others as present. `version` is the version of the people
    that were shown for confirmation."""

    version: int


class StopAllBut(Action, name="attendance:stop_all_but"):
    """Ends the picking of who was not there; nothing is recorded."""


class FinishList(Action, name="attendance:finished"):
    """Closes the list of the class, if it still is as it was shown (`version`)."""

    session: int
    version: int = 0
