"""The check-in of a class: trainers open and close it, its changing code is shown in their chats, and people check in
by the QR code or the four letters."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from bot.actions.attendance import CloseCheckIn, OpenCheckIn, SeeNames
from bot.actions.buttons import HELP, MENU
from bot.catalogue.content import Content
from bot.database import insert_or, something_due
from bot.delivery import outbox
from bot.documents.deep_links import link, qr_png
from bot.people import audit, rights
from bot.people.people import Account, Person, account_of
from bot.programme.attendance.codes import (
    claim_until,
    closes_at,
    code_of,
    good_codes,
    old_codes,
    opens_at,
    payload,
    read_payload,
    stretch_begin,
    stretch_of,
)
from bot.programme.attendance.outcomes import (
    AlreadyIn,
    AlreadyOpen,
    Cancelled,
    CheckedIn,
    CheckIn,
    Closed,
    NoCodeNow,
    NotEnrolled,
    NotOpen,
    NotShown,
    Opened,
    Stale,
    StillShown,
    TooEarly,
    TooLate,
    TooManyTries,
    Unknown,
    WrongCode,
)
from bot.programme.attendance.records import (
    count,
    ensure_sheet,
    has_seat,
    is_open,
    locked_mark,
    mark_of,
    mine_now,
    record,
    sheet_of,
)
from bot.programme.attendance.tables import AttendanceSheet, CheckInScreen, How, Mark
from bot.programme.sessions import ClassSession
from bot.settings import Settings
from bot.words.message import At, Button, File, Form, Message, Value, Words, rows

TRIES: Final = 10
TRIES_FORGET: Final = timedelta(minutes=10)
"""After TRIES wrong codes from one phone within this time no code counts there, not even the right one. At any moment
two of 160,000 codes are good; somebody who tries one a second for a whole class would find one in ten times."""
NEAR_KM: Final = 1.0


def distance_km(first: tuple[float, float], second: tuple[float, float]) -> float:
    """Returns the distance between two points in degrees, as the crow flies."""
    (lat1, lon1), (lat2, lon2) = ((math.radians(a), math.radians(b)) for a, b in (first, second))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 12_742 * math.asin(min(1.0, math.sqrt(half)))


def open_check_in(
    db: Session, account: Account, session_id: int, now: datetime, *, content: Content
) -> Opened | AlreadyOpen | TooEarly | TooLate | Cancelled | Unknown:
    """Opens the check-in of a class: from the next tick on its code is shown in this trainer's chat. A second trainer
    shows the same code."""
    session = db.get(ClassSession, session_id)
    if session is None:
        return Unknown()
    if session.cancelled_at is not None:
        return Cancelled(session)
    if now < opens_at(session):
        return TooEarly(session, opens_at(session))
    if now > closes_at(session):
        return TooLate(session, None)
    sheet = ensure_sheet(db, session)
    already = is_open(sheet)
    if not already:
        sheet.opened_at, sheet.closed_at = now, None
    showing = insert_or(db, CheckInScreen).values(session_id=session.id, account_id=account.id)
    db.execute(showing.on_conflict_do_nothing())
    # asked for once more, the code comes again: the message with it may have scrolled away
    screen = db.scalars(_screens(session.id).where(CheckInScreen.account_id == account.id)).one()
    shown_already = screen.stretch is not None
    _take_down(db, account, screen, now)
    screen.stretch = screen.outbox_id = None
    something_due(db)
    return AlreadyOpen(session) if already and shown_already else Opened(session)


def showing(db: Session, session: ClassSession) -> list[int]:
    """Returns the accounts on whose phones the code is shown."""
    return [screen.account_id for screen in db.scalars(_screens(session.id))]


def shown_by(db: Session, account: Account) -> ClassSession | None:
    """Returns the class whose code this trainer's phone shows; None if it shows none, or several."""
    query = (
        select(ClassSession)
        .join(CheckInScreen, CheckInScreen.session_id == ClassSession.id)
        .where(CheckInScreen.account_id == account.id)
        .limit(2)
    )
    found = db.scalars(query).all()
    return found[0] if len(found) == 1 else None


def close_screen(db: Session, account: Account, session: ClassSession, now: datetime) -> Closed | StillShown | NotShown:
    """Takes the code off this trainer's phone. The check-in is closed when nobody shows the code any more."""
    sheet = sheet_of(db, session.id)
    if sheet is None or not is_open(sheet):
        return NotShown(session)
    screens = {screen.account_id: screen for screen in db.scalars(_screens(session.id)).all()}
    mine = screens.pop(account.id, None)
    if not screens:
        close_check_in(db, session, now)
        return Closed(session)
    if mine is not None:
        _take_down(db, account, mine, now)
        db.delete(mine)
        db.flush()
    return StillShown(session, len(screens), mine is not None)


def close_for_all(db: Session, account: Account, session: ClassSession, now: datetime) -> Closed | NotShown:
    """Takes the code off all phones; the other trainers hear who did."""
    others = [one for one in showing(db, session) if one != account.id]
    if not close_check_in(db, session, now):
        return NotShown(session)
    staff = account.staff_name or Words("attendance.other_trainer")
    again = Button("attendance.button.open", OpenCheckIn(session.id))
    message = Message("attendance.closed_by", {"staff": staff, "title": session.title}, rows((again,), (MENU, HELP)))
    for other in others:
        told = db.get(Account, other)
        if told is not None:
            outbox.post(db, outbox.to(told, message, session_id=session.id), now=now)
    return Closed(session)


def close_check_in(db: Session, session: ClassSession, now: datetime) -> bool:
    """Removes the code from all chats; False if it was not shown."""
    sheet = sheet_of(db, session.id)
    if sheet is None or not is_open(sheet):
        return False
    sheet.closed_at = now
    for screen in db.scalars(_screens(session.id)).all():
        account = db.get(Account, screen.account_id)
        if account is not None:
            _take_down(db, account, screen, now)
        db.delete(screen)
    db.flush()
    return True


def check_in_by_link(db: Session, person: Person, text: str, now: datetime, *, content: Content) -> CheckIn:
    """Checks in by a QR code: its payload names the class and the code."""
    read = read_payload(text)
    session = db.get(ClassSession, read[0]) if read and read[0] < 2**62 else None
    if read is None or session is None:
        return Unknown()
    return _check_in(db, person, session, read[1], How.LINK, now, content)


def check_in_by_code(db: Session, person: Person, letters: str, now: datetime, *, content: Content) -> CheckIn:
    """Checks in by four typed letters. They count if exactly one class now under way has this code."""
    query = (
        select(ClassSession, AttendanceSheet)
        .join(AttendanceSheet, AttendanceSheet.session_id == ClassSession.id)
        .where(AttendanceSheet.opened_at.is_not(None), AttendanceSheet.closed_at.is_(None))
        .order_by(ClassSession.id)
    )
    running = [(session, sheet) for session, sheet in db.execute(query)]
    mine = [session for session, _ in running if has_seat(db, person, session)]
    fitting = [session for session, sheet in running if letters in good_codes(sheet, now)]
    if len(fitting) > 1:  # by chance the same letters: then the class one has a seat in is meant
        fitting = [session for session in fitting if session in mine]
    if len(fitting) == 1:
        return _check_in(db, person, fitting[0], letters, How.CODE, now, content)
    if mine:
        return _check_in(db, person, mine[0], letters, How.CODE, now, content)
    over = [one for one in mine_now(db, person, now, content=content) if opens_at(one) <= now]
    if not over:
        return NoCodeNow()
    return _check_in(db, person, over[-1], letters, How.CODE, now, content)


def shown_now(db: Session, person: Person, now: datetime) -> ClassSession | None:
    """Returns the class in which the person has a seat and whose code is shown now, if they are not recorded as
    present; None: there is none."""
    query = (
        select(ClassSession)
        .join(AttendanceSheet, AttendanceSheet.session_id == ClassSession.id)
        .where(AttendanceSheet.opened_at.is_not(None), AttendanceSheet.closed_at.is_(None))
        .where(ClassSession.cancelled_at.is_(None))
        .order_by(ClassSession.id)
    )
    for session in db.scalars(query):
        known = mark_of(db, session.id, person.id)
        present = known is not None and known.mark == Mark.PRESENT
        if opens_at(session) <= now <= closes_at(session) and has_seat(db, person, session) and not present:
            return session
    return None


def _check_in(
    db: Session, person: Person, session: ClassSession, code: str, how: How, now: datetime, content: Content
) -> CheckIn:
    if session.cancelled_at is not None:
        return Cancelled(session)
    known = locked_mark(db, session.id, person.id)
    if known is not None and known.mark == Mark.PRESENT:
        sheet = sheet_of(db, session.id)
        if not How(known.how).by_code and sheet is not None and is_open(sheet) and code in good_codes(sheet, now):
            known.how = how  # who read the code was in the room: taking the presence away asks first from now on
        return AlreadyIn(session)
    if not has_seat(db, person, session):
        return NotEnrolled(session)
    if now < opens_at(session):
        return TooEarly(session, opens_at(session))
    if now > closes_at(session):
        until = claim_until(session, content.open_hours(session.site_id))
        return TooLate(session, until if now < until else None)
    sheet = sheet_of(db, session.id)
    if sheet is None or not is_open(sheet):
        return NotOpen(session)
    account = account_of(db, person)
    if account is not None and audit.number_of(db, account, audit.CODE_REFUSED, since=now - TRIES_FORGET) >= TRIES:
        return TooManyTries(session)
    if code not in good_codes(sheet, now):
        if code in old_codes(sheet, session, now):
            return Stale(session)
        if account is not None:
            subject = f"session:{session.id}"
            audit.note(db, actor=account, action=audit.CODE_REFUSED, now=now, subject=subject, site_id=session.site_id)
        return WrongCode(session)
    record(db, session, person, Mark.PRESENT, how, now)
    return CheckedIn(session)


def note_location(
    db: Session, person: Person, session_id: int, latitude: float, longitude: float
) -> ClassSession | None:
    """Notes whether a location is near the class, and nothing else of it. Returns None if the person is not recorded as
    present there."""
    session = db.get(ClassSession, session_id)
    known = mark_of(db, session_id, person.id)
    if session is None or known is None or known.mark != Mark.PRESENT:
        return None
    if session.latitude is not None and session.longitude is not None:
        known.near = distance_km((session.latitude, session.longitude), (latitude, longitude)) <= NEAR_KM
    return session


def _screens(session_id: int) -> Select[CheckInScreen]:
    return select(CheckInScreen).where(CheckInScreen.session_id == session_id).order_by(CheckInScreen.id)


def refresh_screens(db: Session, now: datetime, content: Content, settings: Settings, username: str) -> None:
    """Shows the code of these five minutes in each trainer's chat, in place of the former one, so that there is no
    sound and messages below stay where they are. If Telegram refuses that, a new message comes, without a sound, too.
    Closes the check-in of classes whose time for that is over."""
    query = (
        select(AttendanceSheet)
        .where(AttendanceSheet.opened_at.is_not(None), AttendanceSheet.closed_at.is_(None))
        .order_by(AttendanceSheet.session_id)
        .with_for_update(skip_locked=True)
    )
    for sheet in db.scalars(query).all():
        session = db.get(ClassSession, sheet.session_id)
        assert session is not None
        zone = content.open_hours(session.site_id).zone
        if session.cancelled_at is not None or not opens_at(session) <= now <= closes_at(session):
            accounts = [db.get(Account, screen.account_id) for screen in db.scalars(_screens(session.id)).all()]
            close_check_in(db, session, now)
            for account in accounts:
                if account is not None and session.cancelled_at is None:
                    outbox.post(db, outbox.to(account, _over(db, session), session_id=session.id), now=now)
            continue
        stretch = stretch_of(now)
        for screen in db.scalars(_screens(session.id)).all():
            account = db.get(Account, screen.account_id)
            if account is None or not rights.leads(db, account, session.site_id, settings):
                if account is not None:  # the role was taken away
                    _take_down(db, account, screen, now)
                db.delete(screen)
                continue
            if screen.stretch == stretch:
                continue
            until = stretch_begin(stretch + 1)
            message = _screen(db, session, sheet, stretch, At(until, zone), username)
            # one that takes the place of another is sent late, too: the next one finds it there
            post = outbox.to(account, message, session_id=session.id, not_after=until)
            if screen.outbox_id is not None:
                silent = replace(message, silent=True)
                post = outbox.to(account, silent, session_id=session.id, edits=screen.outbox_id)
            screen.stretch, screen.outbox_id = stretch, outbox.post(db, post, now=now)


def _screen(
    db: Session, session: ClassSession, sheet: AttendanceSheet, stretch: int, until: At, username: str
) -> Message:
    code = code_of(sheet.secret, session.id, stretch)
    numbers = count(db, session)
    values: dict[str, Value] = {
        "title": session.title,
        "code": " ".join(code),
        "until": until,
        "present": numbers.present,
        "expected": numbers.expected,
    }
    buttons = rows(
        (Button("attendance.button.names", SeeNames(session.id)),),
        (Button("attendance.button.close", CloseCheckIn(session.id)), HELP),
    )
    picture = File("kode-hadir.png", "image/png", qr_png(link(username, payload(session.id, code))))
    return Message("attendance.screen", values, buttons, form=Form.PHOTO, file=picture, secret=True)


def _take_down(db: Session, account: Account, screen: CheckInScreen, now: datetime) -> None:
    if screen.outbox_id is not None:
        outbox.post(db, outbox.to(account, Message(form=Form.DELETE), edits=screen.outbox_id), now=now)


def _over(db: Session, session: ClassSession) -> Message:
    numbers = count(db, session)
    values: dict[str, Value] = {"title": session.title, "present": numbers.present, "expected": numbers.expected}
    names_button = Button("attendance.button.names", SeeNames(session.id))
    return Message("attendance.over", values, rows((names_button,), (MENU, HELP)))
