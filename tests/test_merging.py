"""Somebody without a phone becomes the same as somebody else, and for a day they can be parted again."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.app import DATA
from bot.people.people import PURPOSES, Account, Consent, Person, Purpose, consent_of, record_consent
from bot.programme import enrolment, merging, privacy
from bot.programme.attendance import Attendance, AttendanceSheet, Mark
from bot.programme.enrolment import TAKEN, Enrolment, EnrolmentStatus, KeptSeat
from bot.programme.merging import PersonMerge
from bot.programme.sessions import ClassSession
from tests.chat import Chat, Phone, local, registered, staffed
from tests.databases import by_turns
from tests.test_attendance import mark_of
from tests.test_roster import notes, seats
from tests.test_roster_adding import people, running
from tests.test_roster_people import card, walk_in

pytestmark = pytest.mark.both_databases


def counted(db: Session) -> dict[int, tuple[int, int]]:
    """Of each class: what it counts as taken, and what people hold or have kept for them."""
    found = {}
    for session in db.scalars(select(ClassSession).execution_options(populate_existing=True)):
        held = select(func.count()).where(Enrolment.session_id == session.id, Enrolment.status.in_(TAKEN))
        kept = select(func.count()).where(KeptSeat.session_id == session.id, KeptSeat.holds)
        found[session.id] = (session.seats_taken, (db.scalar(held) or 0) + (db.scalar(kept) or 0))
        assert session.seats_taken <= session.capacity
    return found


def no_seat_is_lost(db: Session) -> None:
    assert all(taken == held for taken, held in counted(db).values()), counted(db)


# --- as staff do it -------------------------------------------------------------------------------------------------


def test_a_walk_in_goes_into_the_one_who_has_a_phone_and_comes_back(chat: Chat, maria: Phone) -> None:
    siti = registered(chat)
    session = walk_in(chat, maria, "Bu Siti 0812 3456 7890")
    card(maria, session, "1. Bu Siti").taps("Gabung").sees("Bu Siti", "sama dengan").taps("1. Bu Siti")
    maria.sees("Gabungkan Bu Siti · HP …890", "ke Bu Siti · Makanan", "kelas 1, kehadiran 1").taps("Ya, gabung")
    maria.sees("Sudah digabung")
    assert mark_of(chat, siti, session) == Mark.PRESENT
    assert [one.name for one in people(chat)] == ["Siti", ""]
    assert people(chat)[0].phone is None  # whose number it is only the person with the phone can say
    maria.taps("Pisahkan lagi").sees("sudah dipisah")
    assert mark_of(chat, siti, session) is None
    assert [(one.name, one.phone) for one in people(chat)] == [("Siti", None), ("Siti", "+6281234567890")]
    assert [what for what, _ in notes(chat)][-2:] == ["people_merged", "people_parted"]
    with chat.database.transaction() as db:
        no_seat_is_lost(db)
        assert db.scalars(select(PersonMerge)).all() == []
    maria.sends_tap("roster:part:1").sees_toast("Sudah dipisah lagi")
    chat.travel(hours=13)
    maria.sends_tap("roster:part:1").sees("tidak bisa dipisah lagi")


def test_from_the_card_of_the_one_with_a_phone_only_those_without_are_offered(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(23, 12))
    registered(chat, "Siti Aminah").sends_tap(f"enrolment:take:{session}")
    registered(chat, "Siti Rahma")
    walk_in(chat, maria, "Siti", session=session)
    card(maria, session, "2. Bu Siti Aminah").taps("Gabung").does_not_see("Rahma").types("Xerxes").sees(
        "Tidak ada nama"
    )
    maria.types("siti").taps("1. Siti").sees("Gabungkan Siti", "ke Bu Siti Aminah").taps("Ya, gabung")
    assert [one.name for one in people(chat)] == ["Siti Aminah", "Siti Rahma", ""]
    assert seats(chat, session)[0] == 2  # held for a day


def test_two_with_phones_are_never_merged(chat: Chat, maria: Phone) -> None:
    registered(chat), registered(chat, "Sity")
    maria.sends_tap("roster:consider_merge:1:2:0").sees("sama-sama punya HP")
    maria.sends_tap("roster:merge:1:2:0:5").does_not_see("Sudah digabung")
    assert [one.name for one in people(chat)] == ["Siti", "Sity"]


def test_a_confirmation_is_about_what_it_named(chat: Chat, maria: Phone) -> None:
    registered(chat)
    session = walk_in(chat, maria, "Bu Siti")
    maria.sends_tap(f"roster:consider_merge:2:1:{session}").sees("kelas 1")
    old = maria.button("Ya, gabung")
    other = chat.add_class("LB-2", starts=local(24, 12))
    maria.sends_tap(f"roster:known:{other}:2").sends_tap(*old).sees("kelas 2")
    assert [one.name for one in people(chat)] == ["Siti", "Siti"]


def test_trainers_of_other_sites_merge_and_part_nobody(chat: Chat, maria: Phone) -> None:
    registered(chat)
    session = walk_in(chat, maria, "Bu Siti")
    yosef = staffed(chat, "Yosef", site="samosir")
    yosef.sends_tap(f"roster:consider_merge:2:1:{session}").sees("hanya untuk pelatih")
    maria.sends_tap(f"roster:consider_merge:2:1:{session}").taps("Ya, gabung")
    yosef.sends_tap("roster:part:1").sees("hanya untuk pelatih")
    assert [one.name for one in people(chat)] == ["Siti", ""]


def test_after_a_day_and_after_erasing_they_stay_one(chat: Chat, maria: Phone) -> None:
    siti = registered(chat)
    session = walk_in(chat, maria, "Bu Siti")
    maria.sends_tap(f"roster:consider_merge:2:1:{session}").taps("Ya, gabung")
    chat.travel(hours=25)
    maria.sends_tap("roster:part:1").sees("tidak bisa dipisah lagi")
    walk_in(chat, maria, "Bu Siti", session=session)
    maria.sends_tap(f"roster:consider_merge:3:1:{session}").taps("Ya, gabung")
    siti.types("/hapus_data").sends_tap("privacy:erased")
    maria.sends_tap("roster:part:2").sees("tidak bisa dipisah lagi")
    with chat.database.transaction() as db:
        assert db.scalars(select(PersonMerge)).all() == []


def test_what_was_done_since_stays_with_whom_it_was_done_to(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(24, 12), capacity=2)
    siti = registered(chat)
    walk_in(chat, maria, "Bu Siti", session=session)
    maria.sends_tap(f"roster:consider_merge:2:1:{session}").taps("Ya, gabung")
    siti.sends_tap(f"enrolment:withdrawn:{session}")
    maria.sends_tap("roster:part:1").sees("sudah dipisah")
    with chat.database.transaction() as db:
        states = dict(db.execute(select(Enrolment.person_id, Enrolment.status)).all())
        assert states == {1: EnrolmentStatus.WITHDRAWN, 2: EnrolmentStatus.SEATED}
        no_seat_is_lost(db)


def test_a_seat_that_somebody_else_has_is_not_given_twice(chat: Chat, maria: Phone) -> None:
    session = running(chat, capacity=2)
    siti = registered(chat)
    maria.sends_tap(f"roster:known:{session}:1")
    walk_in(chat, maria, "Bu Siti", session=session)
    maria.sends_tap(f"roster:consider_merge:2:1:{session}").taps("Ya, gabung")
    assert seats(chat, session) == (1, 2)
    walk_in(chat, maria, "Zebedeus", session=session)
    maria.sends_tap("roster:part:1").sees("Kelas Foto Produk penuh")
    assert [one.name for one in people(chat)] == ["Siti", "", "Zebedeus"]
    assert mark_of(chat, siti, session) == Mark.PRESENT


# --- any two people -------------------------------------------------------------------------------------------------

STATES = tuple(EnrolmentStatus)


def furnish(db: Session, chat: Chat, dice: random.Random) -> tuple[Account, Person, Person]:
    """Two people who may be one, in some of four classes, in any state; the second perhaps with a phone."""
    by = db.scalars(select(Account)).unique().first()
    assert by is not None
    both = []
    for number in range(2):
        account = None
        if number and dice.random() < 0.7:
            account = Account(
                telegram_id=dice.randrange(10**6, 10**9), language="id", created_at=chat.now, seen_at=chat.now,
                last_message_id=0, draft={},
            )  # fmt: skip
            db.add(account)
            db.flush()
        person = Person(
            account_id=account.id if account else None, name=f"Orang {number}", salutation="ibu",
            site_id="labuan-bajo", phone=dice.choice((None, "+6281234567890")), registered_at=chat.now,
        )  # fmt: skip
        db.add(person)
        db.flush()
        if account:
            account.current_person_id = person.id
        record_consent(db, person, Purpose.TRAINING, given=True, text_version="1", language="id", now=chat.now)
        for purpose in PURPOSES[1:]:
            given = dice.choice((None, True, False))
            if given is not None:
                record_consent(db, person, purpose, given=given, text_version="1", language="id", now=chat.now)
        both.append(person)
    for session in db.scalars(select(ClassSession)).all():
        settled = db.get(AttendanceSheet, session.id)
        for person in both:
            if dice.random() < 0.3:
                continue
            states = [one for one in STATES if one != EnrolmentStatus.CANCELLED]
            over = (EnrolmentStatus.ATTENDED, EnrolmentStatus.ABSENT, EnrolmentStatus.UNRECORDED)
            states = [one for one in states if (one in over) == bool(settled) or one == EnrolmentStatus.WITHDRAWN]
            status = dice.choice(states)
            mark = dice.choice((None, *Mark)) if status in (*enrolment.SEATS,) else None
            if status == EnrolmentStatus.GUEST:
                mark = Mark.PRESENT
            if status in over:
                mark = {"attended": Mark.PRESENT, "absent": Mark.ABSENT}.get(status)
            queue = dice.randrange(1, 9) if status == EnrolmentStatus.WAITLISTED else None
            db.add(
                Enrolment(
                    session_id=session.id, person_id=person.id, status=status, queue_no=queue, created_at=chat.now,
                    changed_at=chat.now,
                )
            )  # fmt: skip
            if mark is not None:
                how = dice.choice(("link", "code", "trainer"))
                db.add(Attendance(session_id=session.id, person_id=person.id, mark=mark, how=how, at=chat.now))
            if status in TAKEN:
                session.seats_taken += 1
    db.flush()
    return by, both[0], both[1]


def as_it_stands(db: Session, *persons: Person) -> dict[str, Any]:
    """All that is known of these people, without the numbers of rows."""
    db.flush()
    ids = [one.id for one in persons]
    found: dict[str, Any] = {}
    for model in (Enrolment, Attendance, Consent, KeptSeat):
        table = model.__table__
        columns = [column for column in table.c if column.name != "id"]
        rows = db.execute(select(*columns).where(table.c.person_id.in_(ids))).all()
        found[model.__tablename__] = sorted(map(repr, rows))
    person = Person.__table__
    found["person"] = sorted(map(repr, db.execute(select(person).where(person.c.id.in_(ids))).all()))
    return found


def best(db: Session, persons: list[Person]) -> dict[int, tuple[int, bool]]:
    """Of each class the best mark that these people have there, and whether any has a seat."""
    marks: dict[int, tuple[int, bool]] = {}
    ids = [one.id for one in persons]
    for one in db.scalars(select(Enrolment).where(Enrolment.person_id.in_(ids))):
        known = db.scalar(
            select(Attendance.mark).where(
                Attendance.session_id == one.session_id, Attendance.person_id == one.person_id
            )
        )
        worth = merging.MARKS.get(Mark(known), 0) if known else 0
        before = marks.get(one.session_id, (0, False))
        marks[one.session_id] = (max(worth, before[0]), before[1] or one.status in TAKEN)
    return marks


@by_turns("seed", range(4))
def test_whoever_is_merged_and_parted_no_seat_is_lost_and_no_consent_widened(chat: Chat, seed: int) -> None:
    dice = random.Random(seed)
    staffed(chat, "Maria")
    for number, hours in enumerate((-48, -1, 2, 72)):
        chat.add_class(f"LB-{number}", starts=chat.now + timedelta(hours=hours), capacity=60)
    with chat.database.transaction() as db:
        first = db.scalars(select(ClassSession).order_by(ClassSession.starts_at)).first()
        assert first is not None
        db.add(AttendanceSheet(session_id=first.id, secret="x", settled_at=chat.now, looked_at=chat.now))
    for _ in range(6):
        with chat.database.transaction() as db:
            by, gone, kept = furnish(db, chat, dice)
            before = as_it_stands(db, gone, kept)
            consents = {one: (consent_of(gone, one), consent_of(kept, one)) for one in PURPOSES}
            expected = best(db, [gone, kept])
            merged = merging.merge(db, by, gone, kept, chat.now)
            assert isinstance(merged, merging.Merged)
            no_seat_is_lost(db)
            assert best(db, [kept]) == expected
            assert best(db, [gone]) == {}
            for purpose, (his, hers) in consents.items():
                now_given = consent_of(kept, purpose)
                assert now_given is (False if False in (his, hers) else hers), purpose
            since = dice.choice(("nothing", "withdrawn", "erased"))
            if since == "withdrawn":
                for session, _ in enrolment.mine(db, kept, chat.now):
                    enrolment.withdraw(db, kept, session.id, chat.now)
                no_seat_is_lost(db)
            if since == "erased":
                account = db.get(Account, kept.account_id) if kept.account_id else None
                privacy.erase(db, account, kept, chat.now, DATA)
                assert isinstance(merging.part(db, merged.merge_id, chat.now), merging.TooLate)
                no_seat_is_lost(db)
                continue
            assert isinstance(merging.part(db, merged.merge_id, chat.now), merging.Parted)
            no_seat_is_lost(db)
            if since == "nothing":
                assert as_it_stands(db, gone, kept) == before
        with chat.database.transaction() as db:  # room for the next two
            db.execute(update(Person).values(name="Lain"))
