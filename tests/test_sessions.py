"""Classes: created, moved, cancelled; what hangs on their date; who hears of it, and once."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.database import take_due_flag
from bot.delivery import outbox
from bot.delivery.outbox import OutboxRow, Status
from bot.people.people import Account, Person
from bot.people.quiet_hours import Kind, OpenHours, verdict
from bot.programme import class_changes, sessions
from bot.programme.class_changes import Changed
from bot.programme.enrolment import Enrolment, EnrolmentStatus
from bot.programme.sessions import ClassSession, SessionLead
from bot.settings import ROOT
from bot.words.message import At, Called, Message, Words
from bot.words.spoken_time import read_range
from bot.words.texts import Texts
from tests.databases import quick_database

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
STARTS = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
ZONE = "Asia/Makassar"
LEADS = (1440, 120)
NUMBERS = itertools.count(1)


@pytest.fixture
def db(database_url: str) -> Iterator[Session]:
    database = quick_database(database_url)
    try:
        with database.transaction() as opened:
            yield opened
    finally:
        database.close()


def a_class(db: Session, code: str = "LBJ-1", **different: Any) -> ClassSession:
    details: dict[str, Any] = {
        "site_id": "labuan-bajo",
        "title": "Foto Produk",
        "starts_at": STARTS,
        "minutes": 120,
        "capacity": 20,
        "venue": "Puncak Waringin",
        "latitude": -8.4964,
        "longitude": 119.8877,
        "trainer": "Maria",
        "leads": LEADS,
    }
    return sessions.create(db, NOW, code=code, **(details | different))


def enrol(
    db: Session,
    session: ClassSession,
    status: EnrolmentStatus = EnrolmentStatus.SEATED,
    *,
    name: str = "Siti",
    account: Account | None = None,
    consent: bool = True,
    stopped: bool = False,
    blocked: bool = False,
    walk_in: bool = False,
    offered_until: datetime | None = None,
) -> Enrolment:
    if account is None:
        account = Account(
            telegram_id=next(NUMBERS), language="id", created_at=NOW, seen_at=NOW, draft={}, last_message_id=0,
            stopped_at=NOW if stopped else None, blocked_at=NOW if blocked else None,
        )  # fmt: skip
        db.add(account)
        db.flush()
    person = Person(
        account_id=None if walk_in else account.id,
        name=name,
        salutation="ibu",
        consent_training=consent,
        registered_at=NOW,
    )
    db.add(person)
    db.flush()
    enrolment = Enrolment(
        session_id=session.id,
        person_id=person.id,
        status=status,
        queue_no=1 if status is EnrolmentStatus.WAITLISTED else None,
        offered_until=offered_until,
        created_at=NOW,
        changed_at=NOW,
    )
    db.add(enrolment)
    if status in {EnrolmentStatus.SEATED, EnrolmentStatus.OFFERED}:
        session.seats_taken += 1
    db.flush()
    return enrolment


def move(db: Session, session: ClassSession, now: datetime = NOW, **what: Any) -> Changed:
    outcome = class_changes.change(db, session, now, leads=LEADS, zone=ZONE, **what)
    assert isinstance(outcome, Changed)
    return outcome


def rows(db: Session, kind: Kind = Kind.CHANGE, status: Status = Status.WAITING) -> list[OutboxRow]:
    query = select(OutboxRow).where(OutboxRow.kind == kind, OutboxRow.status == status).order_by(OutboxRow.id)
    return list(db.scalars(query.execution_options(populate_existing=True)))


def said(row: OutboxRow) -> Message:
    assert row.message is not None
    return Message.from_json(row.message)


def addressed(db: Session, row: OutboxRow) -> Message:
    """As the sender completes it: no name stands in the ledger."""
    person = db.get(Person, row.person_id)
    assert person is not None
    message = said(row)
    return replace(message, values={**message.values, "person": person.called})


def leads_of(db: Session, session: ClassSession) -> dict[int, tuple[datetime, bool]]:
    query = select(SessionLead).where(SessionLead.session_id == session.id)
    return {lead.lead_minutes: (lead.due_at, lead.done_at is not None) for lead in db.scalars(query)}


def reminder_waiting(db: Session, session: ClassSession, kind: Kind = Kind.REMINDER) -> None:
    post = outbox.Post(None, 7, "id", Message("reminders.due"), kind, session_id=session.id)
    assert outbox.post(db, post, now=NOW)


# --- the calendar ---------------------------------------------------------------------------------------------------


def test_upcoming_are_the_classes_of_a_site_that_have_not_begun_in_order(db: Session) -> None:
    later = a_class(db, "B", starts_at=STARTS + timedelta(days=1))
    sooner = a_class(db, "A")
    a_class(db, "elsewhere", site_id="jayapura")
    a_class(db, "begun", starts_at=NOW)
    class_changes.cancel(db, a_class(db, "off"), NOW, zone=ZONE)
    assert sessions.upcoming(db, "labuan-bajo", NOW) == [sooner, later]
    assert sessions.upcoming(db, "labuan-bajo", STARTS) == [later]


def test_a_class_is_found_by_its_code_and_its_id(db: Session) -> None:
    session = a_class(db)
    assert sessions.find(db, "LBJ-1") is session
    assert sessions.get(db, session.id) is session
    assert sessions.find(db, "lbj-2") is None
    assert sessions.get(db, session.id + 1) is None


def test_a_code_names_one_class(db: Session) -> None:
    a_class(db)
    with pytest.raises(ValueError, match="'LBJ-1'"):
        a_class(db)


def test_a_start_given_in_another_zone_is_the_same_moment(db: Session) -> None:
    session = a_class(db, starts_at=datetime.fromisoformat("2026-11-26T09:00+08:00"))
    db.expire(session)
    assert session.starts_at == STARTS


def test_what_is_due_before_the_class_is_known_is_not_said(db: Session) -> None:
    session = a_class(db, starts_at=NOW + timedelta(hours=5))
    assert leads_of(db, session) == {
        1440: (NOW - timedelta(hours=19), True),
        120: (NOW + timedelta(hours=3), False),
    }


def test_new_leads_replace_the_old(db: Session) -> None:
    session = a_class(db)
    sessions.date_leads(db, session, (2880, 120), NOW)
    assert leads_of(db, session) == {
        2880: (STARTS - timedelta(days=2), False),
        120: (STARTS - timedelta(hours=2), False),
    }


def test_the_clock_looks_when_a_seat_more_may_be_offered(db: Session) -> None:
    session = a_class(db)
    take_due_flag(db)
    assert not take_due_flag(db)
    move(db, session, capacity=25)
    assert take_due_flag(db)
    class_changes.cancel(db, session, NOW, zone=ZONE)
    assert take_due_flag(db)


# --- changing -------------------------------------------------------------------------------------------------------


def test_the_same_again_changes_nothing(db: Session) -> None:
    session = a_class(db)
    enrol(db, session)
    outcome = class_changes.change(
        db, session, NOW + timedelta(hours=1), title="Foto Produk", starts_at=STARTS, capacity=20, trainer="Maria",
        latitude=-8.4964, leads=LEADS, zone=ZONE,
    )  # fmt: skip
    assert outcome == class_changes.Unchanged(session)
    assert (session.revision, session.changed_at, rows(db)) == (1, NOW, [])


@pytest.mark.parametrize(
    ("what", "value"), [("title", "Foto Makanan"), ("trainer", None), ("capacity", 25), ("contact", "Bu Maria")]
)
def test_what_moves_nobody_is_not_announced(db: Session, what: str, value: Any) -> None:
    session = a_class(db)
    enrol(db, session)
    reminder_waiting(db, session)
    later = NOW + timedelta(hours=1)
    outcome = move(db, session, later, **{what: value})
    assert outcome == Changed(session, (what,), moved=False, told=0)
    assert getattr(session, what) == value
    assert (session.revision, session.changed_at) == (1, later)
    assert rows(db) == []
    assert len(rows(db, Kind.REMINDER)) == 1


def test_shorter_means_an_earlier_end(db: Session) -> None:
    session = a_class(db)
    move(db, session, minutes=45)
    assert session.ends_at == STARTS + timedelta(minutes=45)


def test_a_moved_class_tells_everybody_enrolled_once(db: Session) -> None:
    session = a_class(db)
    siti = enrol(db, session, name="Siti")
    anton = enrol(db, session, EnrolmentStatus.OFFERED, name="Anton", offered_until=NOW + timedelta(hours=1))
    rina = enrol(db, session, EnrolmentStatus.WAITLISTED, name="Rina")
    for gone in (EnrolmentStatus.WITHDRAWN, EnrolmentStatus.LAPSED, EnrolmentStatus.CANCELLED):
        enrol(db, session, gone)
    new = STARTS + timedelta(hours=4)
    assert move(db, session, starts_at=new, venue="Balai Desa") == Changed(
        session, ("starts_at", "venue"), moved=True, told=3
    )
    told = rows(db)
    assert sorted(row.person_id or 0 for row in told) == [siti.person_id, anton.person_id, rina.person_id]
    assert {row.once for row in told} == {f"change:{session.id}:2:{one.person_id}" for one in (siti, anton, rina)}
    assert {(row.site_id, row.session_id, row.priority) for row in told} == {("labuan-bajo", session.id, 1)}
    message = said(told[0])
    assert message.key == "sessions.moved"
    assert message.values == {
        "title": "Foto Produk",
        "starts": At(new, ZONE),
        "venue": "Balai Desa",
        "before": At(STARTS, ZONE),
        "question": Words("sessions.coming_question"),
    }
    assert [[button.action for button in row] for row in message.buttons] == [
        [f"reminders:coming:{session.id}:0:2", f"reminders:not_coming:{session.id}:0:2"],
        [f"reminders:map:{session.id}", f"enrolment:calendar:{session.id}"],
        ["menu:help"],
    ]
    # the same again moves nothing and says nothing
    again = class_changes.change(db, session, NOW, starts_at=new, venue="Balai Desa", leads=LEADS, zone=ZONE)
    assert again == class_changes.Unchanged(session)
    assert len(rows(db)) == 3


def test_who_waits_for_a_seat_is_not_asked_whether_they_come(db: Session) -> None:
    session = a_class(db, latitude=None, longitude=None)
    enrol(db, session, EnrolmentStatus.WAITLISTED)
    move(db, session, venue="Balai Desa")
    message = said(rows(db)[0])
    assert message.values["question"] == Words("sessions.still_waiting")
    assert [[button.action for button in row] for row in message.buttons] == [
        [f"reminders:not_coming:{session.id}:0:2"],
        ["menu:help"],
    ]


@pytest.mark.parametrize(
    "what", [{"venue": "Balai Desa"}, {"latitude": -8.5, "longitude": 119.9}, {"latitude": None, "longitude": None}]
)
def test_a_new_place_is_announced_with_the_old_hour(db: Session, what: dict[str, Any]) -> None:
    session = a_class(db)
    enrol(db, session)
    assert move(db, session, **what).told == 1
    assert said(rows(db)[0]).key == "sessions.venue_moved"
    assert session.revision == 2


@pytest.mark.parametrize(
    ("status", "who", "told"),
    [
        (EnrolmentStatus.SEATED, {"stopped": True}, 1),
        (EnrolmentStatus.OFFERED, {"stopped": True}, 1),
        (EnrolmentStatus.WAITLISTED, {"stopped": True}, 0),
        (EnrolmentStatus.SEATED, {"blocked": True}, 0),
        (EnrolmentStatus.SEATED, {"walk_in": True}, 0),
        (EnrolmentStatus.SEATED, {"consent": False}, 0),
    ],
)
def test_who_can_and_may_be_told(db: Session, status: EnrolmentStatus, who: dict[str, bool], told: int) -> None:
    session = a_class(db)
    enrol(db, session, status, **who)  # type: ignore[arg-type]
    assert move(db, session, starts_at=STARTS + timedelta(days=1)).told == told
    outcome = class_changes.cancel(db, session, NOW, zone=ZONE)
    assert outcome == class_changes.Cancelled(session, told)


def test_two_persons_on_one_phone_are_each_told(db: Session) -> None:
    session = a_class(db)
    first = enrol(db, session, name="Siti")
    person = db.get(Person, first.person_id)
    assert person is not None
    enrol(db, session, name="Rina", account=db.get(Account, person.account_id))
    assert move(db, session, starts_at=STARTS + timedelta(hours=1)).told == 2
    assert len({row.chat_id for row in rows(db)}) == 1
    assert {addressed(db, row).values["person"] for row in rows(db)} == {Called("ibu", "Siti"), Called("ibu", "Rina")}


def test_a_move_makes_what_was_said_before_untrue(db: Session) -> None:
    session, other = a_class(db), a_class(db, "LBJ-2")
    enrol(db, session)
    for one in (session, other):
        reminder_waiting(db, one)
    move(db, session, starts_at=STARTS + timedelta(hours=1))
    move(db, session, starts_at=STARTS + timedelta(hours=2))
    assert [row.once for row in rows(db)] == [f"change:{session.id}:3:{rows(db)[0].person_id}"]
    dropped = rows(db, status=Status.DROPPED) + rows(db, Kind.REMINDER, Status.DROPPED)
    assert [(row.session_id, row.reason) for row in dropped] == [(session.id, "superseded")] * 2
    assert [row.session_id for row in rows(db, Kind.REMINDER)] == [other.id]


def test_reminders_follow_a_moved_class(db: Session) -> None:
    session = a_class(db)
    now = STARTS - timedelta(hours=20)
    for lead in db.scalars(select(SessionLead)):
        if lead.due_at <= now:
            lead.done_at = lead.due_at  # the day before was said
    assert {minutes: done for minutes, (_, done) in leads_of(db, session).items()} == {1440: True, 120: False}
    later = STARTS + timedelta(days=3)
    move(db, session, now, starts_at=later)
    assert leads_of(db, session) == {
        1440: (later - timedelta(days=1), False),
        120: (later - timedelta(hours=2), False),
    }
    # brought forward to in three hours: the day before is past, and the announcement says it all
    sooner = now + timedelta(hours=3)
    move(db, session, now, starts_at=sooner)
    assert leads_of(db, session) == {
        1440: (sooner - timedelta(days=1), True),
        120: (sooner - timedelta(hours=2), False),
    }


def test_an_offer_does_not_outlast_an_earlier_start(db: Session) -> None:
    session = a_class(db)
    long = enrol(db, session, EnrolmentStatus.OFFERED, offered_until=NOW + timedelta(hours=6))
    short = enrol(db, session, EnrolmentStatus.OFFERED, offered_until=NOW + timedelta(hours=1))
    sooner = NOW + timedelta(hours=4)
    move(db, session, starts_at=sooner)
    db.expire_all()
    assert (long.offered_until, short.offered_until) == (sooner, NOW + timedelta(hours=1))


def test_coming_was_said_of_the_old_date(db: Session) -> None:
    session = a_class(db)
    siti = enrol(db, session)
    siti.reply, siti.replied_at = "coming", NOW
    move(db, session, title="Foto")
    db.expire_all()
    assert siti.reply == "coming"
    move(db, session, starts_at=STARTS + timedelta(days=1))
    db.expire_all()
    reply = db.execute(select(Enrolment.reply, Enrolment.replied_at)).one()
    assert tuple(reply) == (None, None)


def test_a_class_of_this_morning_is_told_at_night_though_its_new_date_is_far(db: Session) -> None:
    opens, closes = read_range("08.00-19.30")
    hours = OpenHours(ZONE, opens, closes)
    night = datetime(2026, 11, 25, 14, 0, tzinfo=UTC)  # 22.00 WITA; the class is at 09.00
    session = a_class(db)
    enrol(db, session)
    move(db, session, night, starts_at=STARTS + timedelta(days=7))
    row = rows(db)[0]
    assert verdict(Kind.CHANGE, now=night, hours=hours, starts_at=row.starts_at).hold_until is None
    assert row.not_after == session.ends_at
    # without hurry it waits for the morning
    far = a_class(db, "LBJ-2", starts_at=STARTS + timedelta(days=7))
    enrol(db, far)
    move(db, far, night, venue="Balai Desa")
    row = rows(db)[1]
    assert verdict(Kind.CHANGE, now=night, hours=hours, starts_at=row.starts_at).hold_until == datetime(
        2026, 11, 26, 0, 0, tzinfo=UTC
    )


def test_what_is_over_is_not_announced(db: Session) -> None:
    session = a_class(db)
    enrol(db, session)
    assert move(db, session, STARTS + timedelta(hours=2), venue="Balai Desa").told == 0


def test_taken_seats_stay(db: Session) -> None:
    session = a_class(db)
    enrol(db, session)
    enrol(db, session, EnrolmentStatus.OFFERED, offered_until=STARTS)
    outcome = class_changes.change(db, session, NOW, capacity=1, title="Foto", leads=LEADS, zone=ZONE)
    assert outcome == class_changes.SeatsTaken(session, 2)
    assert (session.capacity, session.title) == (20, "Foto Produk")
    move(db, session, capacity=2)
    assert session.capacity == 2
    overbooked = update(ClassSession).where(ClassSession.id == session.id).values(seats_taken=3)
    with pytest.raises(IntegrityError), db.begin_nested():  # the database would not have it otherwise
        db.execute(overbooked)


def test_seats_taken_meanwhile_count(database_url: str) -> None:
    """The class in hand may be older than what others wrote."""
    database = quick_database(database_url)
    try:
        with database.transaction() as db:
            stale = a_class(db)
        with database.transaction() as db:
            enrol(db, db.get_one(ClassSession, stale.id))
            enrol(db, db.get_one(ClassSession, stale.id))
        with database.transaction() as db:
            mine = db.merge(stale, load=False)
            assert mine.seats_taken == 0
            outcome = class_changes.change(db, mine, NOW, capacity=1, leads=LEADS, zone=ZONE)
            assert outcome == class_changes.SeatsTaken(mine, 2)
    finally:
        database.close()


# --- cancelling -----------------------------------------------------------------------------------------------------


def test_a_cancelled_class_lets_everybody_go_and_tells_them_once(db: Session) -> None:
    session = a_class(db)
    gone = [
        enrol(db, session),
        enrol(db, session, EnrolmentStatus.OFFERED, offered_until=STARTS),
        enrol(db, session, EnrolmentStatus.WAITLISTED),
    ]
    left = enrol(db, session, EnrolmentStatus.WITHDRAWN)
    for kind in (Kind.REMINDER, Kind.OFFER, Kind.CHANGE):
        reminder_waiting(db, session, kind)
    later = NOW + timedelta(hours=1)
    assert class_changes.cancel(db, session, later, zone=ZONE) == class_changes.Cancelled(session, 3)
    assert class_changes.cancel(db, session, later + timedelta(hours=1), zone=ZONE) == class_changes.AlreadyCancelled(
        session
    )
    db.expire_all()
    assert {(one.status, one.offered_until, one.changed_at) for one in gone} == {("cancelled", None, later)}
    assert [one.before_cancel for one in gone] == ["seated", "offered", "waitlisted"]
    assert left.status == "withdrawn"
    assert (session.cancelled_at, session.changed_at, session.seats_taken, session.revision) == (later, later, 0, 2)
    assert all(done for _, done in leads_of(db, session).values())
    assert rows(db, Kind.REMINDER) == rows(db, Kind.OFFER) == []
    told = rows(db)
    assert sorted(row.person_id or 0 for row in told) == [one.person_id for one in gone]
    message = said(told[0])
    assert message.key == "sessions.cancelled"
    assert message.values == {
        "title": "Foto Produk", "starts": At(STARTS, ZONE)
    }  # fmt: skip
    assert [[button.action for button in row] for row in message.buttons] == [
        [f"enrolment:calendar:{session.id}"],
        ["enrolment:classes:labuan-bajo"],
        ["menu:help"],
    ]
    assert class_changes.change(
        db, session, later, title="Foto", leads=LEADS, zone=ZONE
    ) == class_changes.AlreadyCancelled(session)


def test_a_class_that_is_over_cannot_be_cancelled(db: Session) -> None:
    session = a_class(db)
    siti = enrol(db, session)
    over = STARTS + timedelta(hours=2)
    assert class_changes.cancel(db, session, over, zone=ZONE) == class_changes.AlreadyOver(session)
    assert (siti.status, session.cancelled_at, rows(db)) == ("seated", None, [])
    assert isinstance(
        class_changes.cancel(db, session, over - timedelta(minutes=1), zone=ZONE), class_changes.Cancelled
    )


# --- in words -------------------------------------------------------------------------------------------------------


def test_how_it_reads(db: Session) -> None:
    session = a_class(db)
    enrol(db, session)
    enrol(db, session, EnrolmentStatus.WAITLISTED, name="Rina")
    move(db, session, starts_at=STARTS + timedelta(days=1))
    seated, waiting = (addressed(db, row) for row in rows(db))
    texts = Texts(ROOT / "locales")
    assert texts.render(seated, "id").text == (
        "Bu Siti, waktu kelas Foto Produk berubah.\n"
        "Semula Kam 26 Nov, 09.00.\n"
        "Sekarang Jumat, 27 November 2026 pukul 09.00 WITA, di Puncak Waringin.\n"
        "Bisa datang?"
    )
    assert texts.render(waiting, "id").text.endswith(
        "Nama tetap di daftar tunggu. Kalau ada kursi kosong, kami kabari."
    )
    class_changes.cancel(db, session, NOW, zone=ZONE)
    assert texts.render(addressed(db, rows(db)[0]), "id").text == (
        "Bu Siti, mohon maaf. Kelas Foto Produk dibatalkan.\n"
        "Jadwal semula Jumat, 27 November 2026 pukul 09.00 WITA.\n"
        "Mau ikut kelas lain?"
    )
