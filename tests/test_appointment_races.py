"""Appointments under many hands: no time has two people, no mentor two times at once, no person two appointments."""

from __future__ import annotations

import itertools
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select

from bot.actions.appointments import Kind
from bot.database import Database
from bot.delivery.outbox import OutboxRow
from bot.people.people import Account, Person, Role, RoleGrant
from bot.programme import appointments
from bot.programme.appointments import Appointment, Booked, HasOne, Moved, Slot, SlotQuarter, SlotState, State
from tests.chat import MONDAY, Chat, Phone, add_registered, content, local, registered, staffed
from tests.databases import quick_database

SITE = "labuan-bajo"
PEOPLE, TIMES, HANDS = 100, 10, 8


def a_mentor(database: Database, number: int = 0) -> int:
    with database.transaction() as db:
        account = Account(telegram_id=50_000 + number, language="id", created_at=MONDAY, seen_at=MONDAY,
                          last_message_id=0, draft={}, staff_name=f"Pendamping {number}")  # fmt: skip
        db.add(account)
        db.flush()
        db.add(RoleGrant(account_id=account.id, role=Role.MENTOR, site_id=SITE, granted_at=MONDAY))
        return account.id


def people(database: Database, number: int) -> list[int]:
    with database.transaction() as db:
        return [add_registered(db, 90_000 + at, f"Orang {at}", MONDAY).id for at in range(number)]


def audit(database: Database) -> None:
    """Each booked time has one appointment, each person one, and each quarter one time."""
    with database.transaction() as db:
        booked = db.scalars(select(Appointment).where(Appointment.state == State.BOOKED)).all()
        slots = {one.id: one for one in db.scalars(select(Slot))}
        assert len({one.person_id for one in booked}) == len(booked)
        assert len({one.slot_id for one in booked}) == len(booked)
        assert {one.slot_id for one in booked} == {one.id for one in slots.values() if one.state == SlotState.BOOKED}
        for one in booked:
            slot = slots[one.slot_id or 0]
            assert (one.account_id, one.starts_at, one.ends_at) == (slot.account_id, slot.starts_at, slot.ends_at)
        quarters = db.execute(select(SlotQuarter.slot_id, func.count()).group_by(SlotQuarter.slot_id)).all()
        assert dict(quarters) == {
            one.id: (one.ends_at - one.starts_at) // timedelta(minutes=15) for one in slots.values()
        }
        for account in {one.account_id for one in slots.values()}:
            mine = sorted((one.starts_at, one.ends_at) for one in slots.values() if one.account_id == account)
            assert all(before[1] <= after[0] for before, after in itertools.pairwise(mine))


@pytest.mark.slow
def test_a_hundred_people_race_for_ten_times_and_ten_have_one_each(database_url: str) -> None:
    database = quick_database(database_url)
    account_id, everybody = a_mentor(database), people(database, PEOPLE)
    with database.transaction() as db:
        mentor = db.get_one(Account, account_id)
        offered = appointments.offer(db, mentor, SITE, local(24, 9), TIMES * 30, 30, Kind.CHAT, MONDAY)
        assert offered.n == TIMES
        times = list(db.scalars(select(Slot.id)))
    start = Barrier(HANDS)

    def race(hand: int) -> list[tuple[int, int]]:
        """This hand's people go for times, each in an order of their own, until they have one or none is left."""
        dice, won = random.Random(hand), []
        start.wait(timeout=60)
        for person_id in everybody[hand::HANDS]:
            for number in dice.sample(times, TIMES):
                with database.transaction() as db:
                    outcome = appointments.book(db, number, db.get_one(Person, person_id), MONDAY, content=content())
                if isinstance(outcome, Booked):
                    won.append((person_id, number))
                if isinstance(outcome, Booked | HasOne):
                    break
        return won

    with ThreadPoolExecutor(HANDS) as pool:
        won = [one for some in pool.map(race, range(HANDS)) for one in some]
    assert len(won) == TIMES
    assert len({person for person, _ in won}) == len({number for _, number in won}) == TIMES
    audit(database)


@pytest.mark.slow
def test_one_person_booked_by_many_at_once_has_one(database_url: str) -> None:
    """Themselves, and mentors who schedule: two phones at the same moment."""
    database = quick_database(database_url)
    mentors, (person_id,) = [a_mentor(database, number) for number in range(HANDS)], people(database, 1)
    with database.transaction() as db:
        for account_id in mentors:
            appointments.offer(db, db.get_one(Account, account_id), SITE, local(24, 9), 30, 30, Kind.CHAT, MONDAY)
        times = list(db.scalars(select(Slot.id)))
    start = Barrier(HANDS)

    def book(hand: int) -> object:
        start.wait(timeout=60)
        with database.transaction() as db:
            person = db.get_one(Person, person_id)
            return type(
                appointments.book(db, times[hand], person, MONDAY, content=content(), by_mentor=hand > 0, anyway=True)
            )

    with ThreadPoolExecutor(HANDS) as pool:
        found = list(pool.map(book, range(HANDS)))
    assert found.count(Booked) == 1
    audit(database)


@pytest.mark.slow
def test_one_mentor_offers_overlapping_times_from_many_threads(database_url: str) -> None:
    database = quick_database(database_url)
    account_id = a_mentor(database)
    start = Barrier(HANDS)

    def offer(hand: int) -> int:
        start.wait(timeout=60)
        total = 0
        for step in range(6):
            with database.transaction() as db:
                at = local(24, 9) + timedelta(minutes=15 * ((hand * 5 + step * 3) % 12))
                mentor = db.get_one(Account, account_id)
                total += appointments.offer(db, mentor, SITE, at, 60, (30, 60)[hand % 2], Kind.CHAT, MONDAY).n
        return total

    with ThreadPoolExecutor(HANDS) as pool:
        total = sum(pool.map(offer, range(HANDS)))
    with database.transaction() as db:
        assert db.scalar(select(func.count()).select_from(Slot)) == total > 0
    audit(database)


@pytest.mark.slow
def test_moves_and_cancellations_cross_each_other(database_url: str) -> None:
    """Everybody moves, gives up and books again, while the mentor moves them, too."""
    database = quick_database(database_url)
    account_id, everybody = a_mentor(database), people(database, HANDS)
    with database.transaction() as db:
        mentor = db.get_one(Account, account_id)
        appointments.offer(db, mentor, SITE, local(24, 9), 360, 30, Kind.CHAT, MONDAY)
    start = Barrier(HANDS)

    def act(hand: int) -> int:
        dice, moves = random.Random(hand), 0
        start.wait(timeout=60)
        for step in range(12):
            now = MONDAY + timedelta(minutes=10 * step)
            with database.transaction() as db:
                person = db.get_one(Person, dice.choice(everybody) if step % 3 == 0 else everybody[hand])
                free = list(db.scalars(select(Slot.id).where(Slot.state == SlotState.OPEN)))
                mine = appointments.booked_by(db, person)
                if mine is None and free:
                    appointments.book(db, dice.choice(free), person, now, content=content(), by_mentor=True)
                elif mine is not None and free and dice.random() < 0.7:
                    outcome = appointments.move(
                        db, mine, dice.choice(free), mine.revision, now, content=content(), by_mentor=False
                    )
                    moves += isinstance(outcome, Moved)
                elif mine is not None:
                    appointments.cannot(db, mine, mine.revision, now)
        return moves

    with ThreadPoolExecutor(HANDS) as pool:
        assert sum(pool.map(act, range(HANDS))) > 0
    audit(database)


# --- many reminders ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.both_databases
def test_reminders_of_many_at_once_are_said_once_each_in_portions(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot.programme.appointments import clock

    monkeypatch.setattr(clock, "AT_ONCE", 40)
    with chat.database.transaction() as db:
        for number in range(100):
            mentor = Account(telegram_id=50_000 + number, language="id", created_at=chat.now, seen_at=chat.now,
                             last_message_id=0, draft={}, staff_name=f"Pendamping {number}")  # fmt: skip
            db.add(mentor)
            db.flush()
            db.add(RoleGrant(account_id=mentor.id, role=Role.MENTOR, site_id=SITE, granted_at=chat.now))
            person = add_registered(db, 90_000 + number, f"Orang {number}", chat.now)
            appointments.offer(db, mentor, SITE, local(25, 9), 30, 30, Kind.CHAT, chat.now)
            (slot,) = appointments.free_of(db, mentor, chat.now, limit=1)
            assert isinstance(appointments.book(db, slot.id, person, chat.now, content=chat.content), Booked)
    chat.travel(to=local(25, 7))
    chat.look()
    with chat.database.transaction() as db:
        names = list(db.scalars(select(OutboxRow.once).where(OutboxRow.once.like("appointment:%:r%"))))
        assert len(names) == len(set(names)) == 300  # the mentor is reminded once, two hours before
        assert {one.rsplit(":", 1)[1] for one in names if one} == {"person", "mentor"}


# --- killed -----------------------------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_a_new_process_goes_on_where_the_old_one_stopped(chat: Chat) -> None:
    rina, siti = staffed(chat, "Rina", role=Role.MENTOR), registered(chat)
    with chat.database.transaction() as db:
        account = rina.account(db)
        assert account is not None
        appointments.offer(db, account, SITE, local(24, 9), 60, 30, Kind.CHAT, chat.now)

    def step(phone: Phone, label: str) -> None:
        phone.taps(label)
        chat.restart()

    siti.types("/janji")
    step(siti, "Sel 24 Nov, 09.00")
    rina.types("/janji").taps("Buka waktu").types("rabu 9-10")
    chat.restart()
    rina.taps("60 menit")
    chat.restart()
    rina.taps("Di chat").sees("1 waktu dibuka")
    chat.restart()
    chat.travel(to=local(24, 7))
    siti.sees("hari ini, pukul 09.00 WITA")
    chat.restart()
    chat.travel(to=local(24, 9, 30))
    rina.sees("Sudah bertemu Bu Siti?")
    audit(chat.database)
