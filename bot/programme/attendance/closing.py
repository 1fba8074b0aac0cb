"""The list of a class closes: who was there has ATTENDED, who was ticked as absent is ABSENT, and of whom nothing is
recorded is UNRECORDED.

Two hours after the end the trainers are asked about those who are not recorded. If somebody keeps the list, these
people are asked themselves on the next day, at noon, while they still can say that they were there. At the end of that
day the list closes by itself, and the trainers hear who is not recorded. All days and hours are those of the site. What
comes up at night is looked at when the site opens, and told as it is then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as wall_time
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from bot.actions.attendance import ConsiderFinishing, ConsiderOthers, SeeDoor, SeeNames
from bot.actions.buttons import HELP, MENU
from bot.catalogue.content import Content
from bot.database import something_due
from bot.people import audit, namesakes
from bot.people.people import Person
from bot.people.quiet_hours import OpenHours, next_opening
from bot.programme.attendance.at_the_door import forget_scans
from bot.programme.attendance.check_in import close_check_in
from bot.programme.attendance.claim_cards import claim_rows, claims_of
from bot.programme.attendance.codes import claim_until
from bot.programme.attendance.door_cards import people_asking
from bot.programme.attendance.follow_up import ask_the_unrecorded, tell_trainers
from bot.programme.attendance.outcomes import Cancelled, Changed, Settled, TooEarly, Unknown
from bot.programme.attendance.records import (
    Name,
    called,
    count,
    ensure_sheet,
    names,
    sheet_of,
    sheets_due,
    version_of_list,
)
from bot.programme.attendance.requests import tell_unanswered
from bot.programme.attendance.tables import Attendance, AttendanceSheet, Mark
from bot.programme.enrolment import SEATS, Enrolment, EnrolmentStatus
from bot.programme.news import What, told
from bot.programme.sessions import ClassSession
from bot.settings import Settings
from bot.words.message import At, Button, Lines, Message, Value, Words, rows

CLOSED_DEED: Final = "attendance_settled"
"""How the record of staff names the closing of a list."""
GRACE: Final = timedelta(hours=2)
"""How long after the end the trainers are asked about people who are not recorded."""
LOOK_BACK: Final = timedelta(days=14)
"""Classes that ended longer ago are not looked at (the bot was down, or did not exist yet)."""
NOON: Final = wall_time(12)
TIME_TO_ANSWER: Final = timedelta(hours=12)
"""At least so long the trainers have between the question and the end of the list."""
NAMED: Final = 40
"""So many names are told at once; of more their number."""


@dataclass(frozen=True)
class ClosedList:
    """When the list of a class was closed, and by which trainer; None: by itself."""

    at: datetime
    by_account_id: int | None


def closed_list(db: Session, session: ClassSession) -> ClosedList | None:
    """Returns whether the list is closed, and by whom."""
    sheet = sheet_of(db, session.id)
    if sheet is None or sheet.settled_at is None:
        return None
    by = audit.actor_of(db, CLOSED_DEED, f"session:{session.id}", at=sheet.settled_at)
    return ClosedList(sheet.settled_at, by)


def list_closes_at(session: ClassSession, hours: OpenHours, *, asked_at: datetime) -> datetime:
    """Returns the end of the day after the class; if the trainers are asked too late for that (the bot was down), the
    end of the day after they were asked."""
    closes = _end_of_next_day(session.ends_at, hours)
    return closes if closes - asked_at >= TIME_TO_ANSWER else _end_of_next_day(asked_at, hours)


def _end_of_next_day(moment: datetime, hours: OpenHours) -> datetime:
    zone = ZoneInfo(hours.zone)
    day = moment.astimezone(zone).date() + timedelta(days=2)
    return datetime.combine(day, wall_time(), zone).astimezone(ZoneInfo("UTC"))


def settle(
    db: Session, session_id: int, now: datetime, *, content: Content, version: int = 0
) -> Settled | Changed | TooEarly | Cancelled | Unknown:
    """Closes the list of a class. Seats stay taken. Of whom nothing is recorded is asked whether they were there, as
    long as they can still say so. Closing it again changes only people ticked since.

    `version`: of the list as it was told; 0: whatever it is.
    """
    session = db.get(ClassSession, session_id, populate_existing=True, with_for_update={"of": ClassSession})
    if session is None:
        return Unknown()
    if session.cancelled_at is not None:
        return Cancelled(session)
    if now < session.ends_at:
        return TooEarly(session, session.ends_at)
    if version and version != version_of_list(names(db, session)):
        return Changed(session)
    sheet = ensure_sheet(db, session)
    close_check_in(db, session, now)
    forget_scans(db, session)
    first = sheet.settled_at is None
    sheet.settled_at = sheet.settled_at or now
    sheet.looked_at = sheet.looked_at or now
    sheet.close_at = sheet.ask_at = None
    _write_status(db, session.id, now)
    if first:
        hours = content.open_hours(session.site_id)
        until = claim_until(session, hours)
        sheet.care_at = sheet.certificates_at = next_opening(hours, max(until, now))
        opening = next_opening(hours, now)
        if opening > now:
            sheet.tell_at = opening
            sheet.ask_at = opening if opening < until else None
        else:
            tell_unanswered(db, session, now, zone=hours.zone)
            if now < until:
                ask_the_unrecorded(db, session, until, now, hours)
        something_due(db)
    numbers = count(db, session)
    return Settled(session, numbers.present, numbers.absent, numbers.unmarked + numbers.claims, first)


def _write_status(db: Session, session_id: int, now: datetime) -> None:
    """Makes every seat say what is recorded. A seat that an earlier version settled stays as it is, unless something
    was recorded since."""

    def marked(what: Mark) -> Select[int]:
        return select(Attendance.person_id).where(Attendance.session_id == session_id, Attendance.mark == what)

    db.flush()
    seat = Enrolment.session_id == session_id
    said = (marked(Mark.PRESENT), marked(Mark.ABSENT))
    for status, which in (
        (EnrolmentStatus.ATTENDED, (Enrolment.status.in_(SEATS), Enrolment.person_id.in_(said[0]))),
        (EnrolmentStatus.ABSENT, (Enrolment.status.in_(SEATS), Enrolment.person_id.in_(said[1]))),
        (EnrolmentStatus.UNRECORDED, (Enrolment.status == EnrolmentStatus.SEATED,)),
    ):
        db.execute(
            update(Enrolment)
            .where(seat, Enrolment.status != status, *which)
            .values(status=status, changed_at=now, late_at=None)
            .execution_options(synchronize_session="fetch")
        )


# --- by itself ------------------------------------------------------------------------------------------------------


def classes_not_looked_at(now: datetime) -> Select[ClassSession]:
    return (
        select(ClassSession)
        .outerjoin(AttendanceSheet, AttendanceSheet.session_id == ClassSession.id)
        .where(ClassSession.starts_at > now - LOOK_BACK, ClassSession.cancelled_at.is_(None))
        .where(AttendanceSheet.looked_at.is_(None))
        .order_by(ClassSession.starts_at, ClassSession.id)
    )


def ended_classes(db: Session, now: datetime) -> list[ClassSession]:
    query = classes_not_looked_at(now).where(ClassSession.starts_at <= now - GRACE)
    return [session for session in db.scalars(query) if session.ends_at + GRACE <= now]


def look_at_ended(db: Session, session: ClassSession, now: datetime, content: Content, settings: Settings) -> None:
    """Closes a list that is complete; asks the trainers about one that is not."""
    sheet = ensure_sheet(db, session)
    sheet.looked_at = now
    forget_scans(db, session)
    late = (Enrolment.session_id == session.id, Enrolment.late_at.is_not(None))
    db.execute(update(Enrolment).where(*late).values(late_at=None))
    hours = content.open_hours(session.site_id)
    opening = next_opening(hours, now)
    if opening > now and not _is_complete(db, session):
        sheet.tell_at = opening
        something_due(db)
    else:
        _ask_or_close(db, session, sheet, now, content, settings)


def _is_complete(db: Session, session: ClassSession) -> bool:
    """Whether something is recorded of everybody, and nobody waits for an answer."""
    numbers = count(db, session)
    return not numbers.unmarked and not numbers.claims and not people_asking(db, session)


def _ask_or_close(
    db: Session, session: ClassSession, sheet: AttendanceSheet, now: datetime, content: Content, settings: Settings
) -> None:
    if _is_complete(db, session):
        if count(db, session).expected:
            settle(db, session.id, now, content=content)
        return
    hours = content.open_hours(session.site_id)
    sheet.close_at = list_closes_at(session, hours, asked_at=now)
    ask_at = _noon_after(session, hours)
    sheet.ask_at = ask_at if ask_at < claim_until(session, hours) else None
    something_due(db)
    tell_trainers(db, session, _question(db, session, sheet.close_at, hours.zone), now, settings)


def _noon_after(session: ClassSession, hours: OpenHours) -> datetime:
    zone = ZoneInfo(hours.zone)
    day = session.starts_at.astimezone(zone).date() + timedelta(days=1)
    return next_opening(hours, datetime.combine(day, NOON, zone).astimezone(ZoneInfo("UTC")))


def _question(db: Session, session: ClassSession, closes: datetime, zone: str) -> Message:
    numbers = count(db, session)
    values: dict[str, Value] = {
        "title": session.title,
        "starts": At(session.starts_at, zone),
        "closes": At(closes, zone),
        "present": numbers.present,
        "n": numbers.unmarked + numbers.claims,
    }
    tick = Button("attendance.button.tick", SeeNames(session.id))
    all_ = Button("attendance.button.all_present", ConsiderOthers(session.id, "present"))
    close = Button("attendance.button.close_list", ConsiderFinishing(session.id))
    asking = people_asking(db, session)
    values["asking"] = door_lines(asking, zone)
    door = [Button("attendance.button.door", SeeDoor(session.id), {"n": len(asking)})] if asking else []
    left = [tick, all_] if numbers.unmarked or numbers.claims else []
    key = "attendance.unfinished" if numbers.present or numbers.absent else "attendance.unrecorded"
    if not left:
        key = "attendance.unanswered"
    return Message(key, values, rows(door, left, (close,), (MENU, HELP)))


def ask_people(db: Session, now: datetime, content: Content) -> None:
    """Asks people of whom nothing is recorded in a list that somebody keeps. In a class without any ticks nobody is
    asked: then it is the trainer who is missing."""
    for sheet in sheets_due(db, AttendanceSheet.ask_at, now):
        sheet.ask_at = None
        session = db.get_one(ClassSession, sheet.session_id)
        hours = content.open_hours(session.site_id)
        until = claim_until(session, hours)
        numbers = count(db, session)
        kept = numbers.present or numbers.absent or numbers.settled
        if session.cancelled_at is None and now < until and kept:
            ask_the_unrecorded(db, session, until, now, hours)


def close_lists(db: Session, now: datetime, content: Content, settings: Settings) -> None:
    """Closes the lists whose time is over, and tells the trainers who is not recorded, and whose word that they were
    there has no answer."""
    for sheet in sheets_due(db, AttendanceSheet.close_at, now):
        sheet.close_at = None
        match settle(db, sheet.session_id, now, content=content):
            case Settled(session, present, absent, _, True):
                told(db, What.CLAIM, session)
                if sheet.tell_at is None:
                    zone = content.open_hours(session.site_id).zone
                    tell_trainers(db, session, _closed(db, session, present, absent, zone), now, settings)
            case _:
                pass


def tell_in_the_morning(db: Session, now: datetime, content: Content, settings: Settings) -> None:
    """Tells what came up while the site was closed, as it is now: who asked at the door and has no answer hears so, and
    the trainers what became of a list that closed by itself, or are asked about one that is open."""
    for sheet in sheets_due(db, AttendanceSheet.tell_at, now):
        sheet.tell_at = None
        session = db.get_one(ClassSession, sheet.session_id)
        if session.cancelled_at is not None:
            continue
        if sheet.settled_at is None:
            _ask_or_close(db, session, sheet, now, content, settings)
            continue
        zone = content.open_hours(session.site_id).zone
        tell_unanswered(db, session, now, zone=zone)
        closed = closed_list(db, session)
        if closed is not None and closed.by_account_id is None:
            numbers = count(db, session)
            tell_trainers(db, session, _closed(db, session, numbers.present, numbers.absent, zone), now, settings)


def _closed(db: Session, session: ClassSession, present: int, absent: int, zone: str) -> Message:
    everybody = names(db, session)
    left, answers = whose_word_is_open(session, everybody, zone)
    nothing = [one for one in everybody if one.mark is None]
    if nothing:
        listed = name_lines(nothing, called(everybody, zone))
        left = [Words("attendance.closed.unrecorded", {"n": len(nothing), "names": listed}), *left]
    asking = people_asking(db, session)
    left += door_lines(asking, zone).parts
    door = [Button("attendance.button.door", SeeDoor(session.id), {"n": len(asking)})] if asking else []
    values: dict[str, Value] = {
        "title": session.title,
        "starts": At(session.starts_at, zone),
        "present": present,
        "absent": absent,
        "left": Lines(tuple(left)),
    }
    key = "attendance.closed_by_itself" if left else "attendance.closed_complete"
    see = Button("attendance.button.names", SeeNames(session.id))
    return Message(key, values, rows(*answers, door, (see,), (MENU, HELP)))


def whose_word_is_open(
    session: ClassSession, everybody: Sequence[Name], zone: str
) -> tuple[list[Words], list[Sequence[Button]]]:
    """Returns the names of those of a closed list who say they were there and have no answer, and buttons to answer
    them."""
    claims = claims_of(everybody)
    if not claims:
        return [], []
    listed = name_lines(claims, called(everybody, zone))
    return [Words("attendance.closed.claims", {"n": len(claims), "names": listed})], claim_rows(session, claims)


def door_lines(asking: Sequence[Person], zone: str) -> Lines:
    """Returns the names of people who ask to come into the full class and have no answer, in words that close a message
    about a list. It is empty without any."""
    if not asking:
        return Lines(())
    who = namesakes.called(asking, zone)
    listed = [Words("attendance.door.one", {"who": who[one.id]}) for one in asking[:NAMED]]
    return Lines((Words("attendance.door.unanswered_names", {"n": len(asking), "names": Lines(tuple(listed))}),))


def name_lines(people: Sequence[Name], who: Mapping[int, Value]) -> Lines:
    """Returns these names of a list, with their numbers, one below the other. `who`: what the people of the whole
    list are called, see `records.called`."""
    lines = [Words("attendance.numbered", {"n": one.number, "who": who[one.person.id]}) for one in people[:NAMED]]
    more = len(people) - NAMED
    return Lines((*lines, *([Words("attendance.and_more", {"n": more})] if more > 0 else ())))
