"""What the buttons of /peserta carry. `session` is the number of a class, `line` the number of an enrolment."""

from __future__ import annotations

from bot.words.action import Action


class SeeRosters(Action, name="roster:classes"):
    """Lists the classes to choose from."""

    page: int = 0


class SeeRoster(Action, name="roster:list"):
    """Shows the names of a class."""

    session: int
    page: int = 0


class GetRosterFile(Action, name="roster:file"):
    """Sends the names of a class as a spreadsheet."""

    session: int


class SeeLine(Action, name="roster:one"):
    """Shows one person of the list."""

    line: int


class ConsiderFreeing(Action, name="roster:free"):
    """Asks whether to free this person's seat."""

    line: int


class FreeSeat(Action, name="roster:freed"):
    """Frees the seat. `version` is the version of what the question said about it."""

    line: int
    version: int = 0


class PickTarget(Action, name="roster:move"):
    """Asks to which class to move this person."""

    line: int


class ConsiderMovingLine(Action, name="roster:to"):
    """Asks whether to move this person to `session`."""

    line: int
    session: int


class MoveLine(Action, name="roster:moved"):
    """Moves this person to `session`. `version` is the version of what the question said about them."""

    line: int
    session: int
    version: int = 0


class AddWalkIn(Action, name="roster:walk_in"):
    """Begins to add somebody who came without a seat: asks for the name."""

    session: int


class WalkInAgreed(Action, name="roster:agreed"):
    """The people heard the text of consent 1 and agree: adds them. `version` is the version of the list of people who
    were asked about."""

    version: int = 0
    text: str = ""
    """The version of the words that were read out; empty in buttons that were sent before they carried it."""
    numbers: bool = False
    """Whether they agree, too, that their telephone numbers are kept."""


class WalkInRefused(Action, name="roster:refused"):
    """The person does not agree: nobody is added. `version` is the version of the list of people who were asked
    about."""

    version: int = 0


class AddSeat(Action, name="roster:raise"):
    """Raises the capacity of the class by `number` seats, and adds the people. `version` is the version of the list of
    people who were asked about."""

    version: int = 0
    number: int = 1


class AddKnown(Action, name="roster:known"):
    """Gives a seat to somebody who is registered. `capacity`: the number of seats to which a full class is raised
    first."""

    session: int
    person: int
    capacity: int = 0


class AddSomebodyElse(Action, name="roster:other"):
    """The person is none of the known people that were offered: adds somebody new. `version` is the version of the list
    of people who were asked about."""

    version: int


class PickWhoRefused(Action, name="roster:refusers"):
    """Asks who of the list does not agree. `version` is the version of the list."""

    version: int


class LeaveOutWalkIn(Action, name="roster:without"):
    """Leaves the person at this place of the list (from 0) out, who does not agree. `version` is the version of the
    list."""

    at: int
    version: int


class PickWhoIsKnown(Action, name="roster:same_ones"):
    """Asks who of the list is somebody whom the bot knows already. `version` is the version of the list. `back`: shows
    the list again instead."""

    version: int
    back: bool = False


class AddKnownOfList(Action, name="roster:is_known"):
    """The line at this place of the list (from 0) is this registered person: gives them the seat, and takes the line
    out. `version` is the version of the list."""

    at: int
    person: int
    version: int


class StopWalkIn(Action, name="roster:stop"):
    """Stops adding people; nobody is added."""


class SeePerson(Action, name="roster:person"):
    """Shows a person. `session` is the class whose list they were picked from, 0: none."""

    person: int
    session: int


class CorrectWalkInName(Action, name="roster:rename"):
    """Asks for the right name of somebody without an account."""

    person: int
    session: int


class CorrectWalkInNumber(Action, name="roster:number"):
    """Asks for the telephone number of somebody without an account."""

    person: int
    session: int


class ForgetWalkInNumber(Action, name="roster:no_number"):
    """Deletes the telephone number of somebody without an account."""

    person: int
    session: int


class PickWalkInAddress(Action, name="roster:address"):
    """Asks how somebody without an account is addressed."""

    person: int
    session: int


class SetWalkInAddress(Action, name="roster:addressed"):
    """Sets how somebody without an account is addressed. `to` is a Salutation."""

    person: int
    session: int
    to: str


class StopCorrecting(Action, name="roster:leave"):
    """Stops correcting or merging; nothing is changed."""


class ConsiderErasingWalkIn(Action, name="roster:erase"):
    """Asks whether to delete somebody without an account."""

    person: int
    session: int


class EraseWalkIn(Action, name="roster:erased"):
    """Deletes somebody without an account. `version` is the version of the person that was shown."""

    person: int
    session: int
    version: int


class PickMerge(Action, name="roster:same"):
    """Asks who is the same human being as this person."""

    person: int
    session: int


class ConsiderMerging(Action, name="roster:consider_merge"):
    """Asks whether to merge `gone`, who has no account, into `kept`."""

    gone: int
    kept: int
    session: int


class MergePeople(Action, name="roster:merge"):
    """Merges `gone` into `kept`. `version` is the version of both, and of what belongs to `gone`."""

    gone: int
    kept: int
    session: int
    version: int


class PartPeople(Action, name="roster:part"):
    """Undoes a merge: makes two people of them again."""

    merge: int
