"""Giving a seat back, refusing an offer and moving can be taken back for two minutes, and harm nobody."""

from __future__ import annotations

import os
import random
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.people.people import Person
from bot.programme import class_changes, enrolment, sessions
from bot.programme.enrolment import TAKEN, Enrolment, EnrolmentStatus, KeptSeat
from bot.programme.sessions import ClassSession
from tests.chat import Chat, enrolled, local, registered
from tests.databases import by_turns
from tests.test_enrolment import seats_taken, status_of

pytestmark = pytest.mark.both_databases

STORIES = int(os.environ.get("JALIN_SEEDS", "6"))
"""How many random stories are lived through; more when somebody looks for trouble."""


def kept(chat: Chat) -> int:
    with chat.database.transaction() as db:
        return db.scalar(select(func.count()).select_from(KeptSeat)) or 0


# --- a slip of the finger -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["enrolment:withdrawn", "reminders:not_coming"])
def test_a_seat_given_back_by_mistake_is_theirs_again_and_nobody_noticed(chat: Chat, how: str) -> None:
    session = chat.add_class(capacity=1, starts=local(26, 9))
    siti, anton = enrolled(chat, session=session), enrolled(chat, "Anton", session=session)
    anton.looks_up()
    siti.sends_tap(f"{how}:{session}").sees("Salah tekan? ", "2 menit", "Kembalikan")
    chat.travel(seconds=119)
    siti.taps("Kembalikan").sees(
        "Kursi Bu Siti sudah kembali", "Kamis, 26 November 2026 pukul 09.00 WITA", "Lihat peta"
    )
    siti.sees_toast("Sudah kembali")
    chat.travel(minutes=5)
    anton.sees_nothing_new()
    assert (status_of(chat, siti, session), seats_taken(chat, session), kept(chat)) == ("seated", 1, 0)


def test_what_was_answered_to_the_reminder_comes_back_with_the_seat(chat: Chat) -> None:
    session = chat.add_class(starts=local(26, 9))
    siti = enrolled(chat, session=session).sends_tap(f"reminders:coming:{session}")
    siti.sends_tap(f"enrolment:withdrawn:{session}").taps("Kembalikan")
    with chat.database.transaction() as db:
        assert db.scalar(select(Enrolment.reply)) == "coming"


def test_an_offer_that_was_refused_by_mistake_is_offered_again(chat: Chat) -> None:
    session = chat.add_class(capacity=1, starts=local(26, 9))
    siti, anton = enrolled(chat, session=session), enrolled(chat, "Anton", session=session)
    rina = enrolled(chat, "Rina", session=session)
    siti.sends_tap(f"enrolment:withdrawn:{session}")
    chat.travel(minutes=2)
    rina.looks_up()
    anton.taps("Tidak diambil").taps("Kembalikan").sees("Ada kursi untuk Bu Anton", "Jawab sebelum", "16.02 WITA")
    chat.travel(minutes=10)
    rina.sees_nothing_new()
    anton.taps("Ambil kursi").sees("sudah dapat kursi")
    assert seats_taken(chat, session) == 1


def test_a_place_in_line_that_was_left_by_mistake_is_the_same_again(chat: Chat) -> None:
    session = chat.add_class(capacity=1)
    enrolled(chat, session=session)
    anton, rina = enrolled(chat, "Anton", session=session), enrolled(chat, "Rina", session=session)
    anton.sends_tap(f"enrolment:withdrawn:{session}").sees("Nomornya masih disimpan 2 menit").taps("Kembalikan")
    anton.sees("nomor 1 di daftar tunggu")
    rina.types("/jadwal").taps("Foto Produk").sees("nomor 2 di daftar tunggu")


def test_a_move_can_be_taken_back_and_leaves_one_seat(chat: Chat) -> None:
    first = chat.add_class("LB-1", starts=local(26, 9), capacity=1)
    second = chat.add_class("LB-2", title="Atur Uang", starts=local(27, 9), capacity=1)
    siti = enrolled(chat, session=first)
    anton, rina = enrolled(chat, "Anton", session=first), registered(chat, "Rina")
    siti.sends_tap(f"enrolment:moved:{first}:{second}").taps("Ya, pindah").sees("Kursi lama disimpan 2 menit")
    assert len(siti.last.labels) <= 6
    rina.sends_tap(f"enrolment:take:{second}").sees("nomor 1")
    anton.looks_up()
    siti.taps("Kembalikan").sees("sudah kembali", "Foto Produk", "Kursi di kelas Atur Uang dilepas")
    anton.sees_nothing_new()
    rina.sees("ada kursi kosong di kelas Atur Uang")
    assert (status_of(chat, siti, first), status_of(chat, siti, second)) == ("seated", "withdrawn")
    assert (seats_taken(chat, first), seats_taken(chat, second)) == (1, 1)


def test_signing_up_again_within_the_two_minutes_is_taking_it_back(chat: Chat) -> None:
    session = chat.add_class(capacity=1)
    siti, anton = enrolled(chat, session=session), enrolled(chat, "Anton", session=session)
    siti.sends_tap(f"enrolment:withdrawn:{session}").sends_tap(f"enrolment:take:{session}").sees("sudah dapat kursi")
    chat.travel(minutes=3)
    assert (status_of(chat, siti, session), status_of(chat, anton, session)) == ("seated", "waitlisted")
    assert (seats_taken(chat, session), kept(chat)) == (1, 0)


# --- why not --------------------------------------------------------------------------------------------------------


def test_a_second_tap_and_a_late_one_change_nothing_and_say_why(chat: Chat) -> None:
    session = chat.add_class(capacity=1, starts=local(26, 9))
    siti, anton = enrolled(chat, session=session), enrolled(chat, "Anton", session=session)
    siti.sends_tap(f"enrolment:withdrawn:{session}")
    undo, _ = siti.button("Kembalikan")
    siti.sends_tap(undo).sees("sudah kembali")
    siti.sends_tap(undo).sees_toast("Tidak ada yang berubah").sees("Foto Produk", "sudah dapat kursi")
    chat.travel(seconds=5)
    siti.sends_tap(f"enrolment:withdrawn:{session}")
    again, _ = siti.button("Kembalikan")
    siti.sends_tap(undo).sees("tidak disimpan lagi")  # of the time before
    assert status_of(chat, siti, session) == "withdrawn"
    chat.travel(minutes=2)
    anton.sees("ada kursi kosong")
    siti.types("/jadwal").sends_tap(again).sees("Sudah lewat waktunya", "tidak disimpan lagi", "Lihat kelas")
    assert (status_of(chat, siti, session), status_of(chat, anton, session)) == ("withdrawn", "offered")
    siti.taps("Lihat kelas").sees("Masuk daftar tunggu")


def test_another_class_at_the_same_time_stands_in_the_way(chat: Chat) -> None:
    first = chat.add_class("LB-1", starts=local(26, 9))
    second = chat.add_class("LB-2", title="Atur Uang", starts=local(26, 10))
    siti = enrolled(chat, session=first).sends_tap(f"enrolment:withdrawn:{first}")
    undo, _ = siti.button("Kembalikan")
    siti.sends_tap(f"enrolment:take:{second}").sees("sudah dapat kursi")
    siti.sends_tap(undo).sees("belum bisa dikembalikan", "bersamaan dengan kelas Atur Uang")
    assert (status_of(chat, siti, first), status_of(chat, siti, second)) == ("withdrawn", "seated")


def test_a_move_that_was_followed_by_another_is_not_taken_back_into_two_seats(chat: Chat) -> None:
    classes = [chat.add_class(f"LB-{day}", title=f"Hari {day}", starts=local(day, 9)) for day in (26, 27, 28)]
    siti = enrolled(chat, session=classes[0])
    siti.sends_tap(f"enrolment:moved:{classes[0]}:{classes[1]}").taps("Ya, pindah")
    undo, _ = siti.button("Kembalikan")
    siti.sends_tap(f"enrolment:moved:{classes[1]}:{classes[2]}").taps("Ya, pindah")
    siti.sends_tap(undo).sees("tidak disimpan lagi")
    assert [status_of(chat, siti, one) for one in classes] == ["withdrawn", "withdrawn", "seated"]


def test_in_the_last_hour_there_is_no_taking_back(chat: Chat) -> None:
    session = chat.add_class(capacity=1, starts=local(23, 14))
    siti, anton = enrolled(chat, session=session), enrolled(chat, "Anton", session=session)
    chat.travel(to=local(23, 13, 0))
    siti.sends_tap(f"enrolment:withdrawn:{session}").sees("batal ikut kelas Foto Produk").does_not_see("Kembalikan")
    anton.sees("Siapa cepat, dia dapat").taps("Ambil kursi").sees("sudah dapat kursi")


def test_a_minute_before_the_last_hour_it_is_kept_for_that_minute(chat: Chat) -> None:
    session = chat.add_class(capacity=1, starts=local(23, 14))
    siti, anton = enrolled(chat, session=session), enrolled(chat, "Anton", session=session)
    chat.travel(to=local(23, 12, 59))
    siti.sends_tap(f"enrolment:withdrawn:{session}").sees("masih disimpan 1 menit")
    undo, _ = siti.button("Kembalikan")
    chat.travel(to=local(23, 13, 0))
    anton.sees("Siapa cepat, dia dapat")
    siti.sends_tap(undo).sees("tidak disimpan lagi")


def test_what_the_trainer_does_is_done_at_once(chat: Chat) -> None:
    """A class that is called off or made smaller: what somebody gave back a moment ago is in nobody's way."""
    session = chat.add_class(capacity=2, starts=local(26, 9))
    siti, _ = enrolled(chat, session=session), enrolled(chat, "Anton", session=session)
    siti.sends_tap(f"enrolment:withdrawn:{session}")
    undo, _ = siti.button("Kembalikan")
    with chat.database.transaction() as db:
        found = db.get(ClassSession, session)
        assert found is not None
        changed = class_changes.change(db, found, chat.now, capacity=1, leads=(), zone="Asia/Makassar")
        assert isinstance(changed, class_changes.Changed)
    siti.sends_tap(undo).sees("tidak disimpan lagi")
    with chat.database.transaction() as db:
        found = db.get(ClassSession, session)
        assert found is not None
        class_changes.cancel(db, found, chat.now, zone="Asia/Makassar")
    siti.sends_tap(undo).sees("dibatalkan")
    assert (seats_taken(chat, session), kept(chat)) == (0, 0)


def test_of_who_leaves_for_good_nothing_is_kept(chat: Chat) -> None:
    session = chat.add_class(capacity=1)
    siti, anton = enrolled(chat, session=session), enrolled(chat, "Anton", session=session)
    siti.sends_tap(f"enrolment:withdrawn:{session}").types("/hapus_data").taps("Ya, hapus")
    chat.look()
    anton.sees("ada kursi kosong")
    assert kept(chat) == 0


def test_the_other_one_on_the_phone_gets_nothing_back(chat: Chat) -> None:
    """The button carries whom it is about."""
    session = chat.add_class(starts=local(26, 9))
    siti = enrolled(chat, session=session).sends_tap(f"enrolment:withdrawn:{session}")
    undo, _ = siti.button("Kembalikan")
    with chat.database.transaction() as db:
        number = siti.person(db).id
    assert undo.endswith(f":{number}")
    anton = registered(chat, "Anton").sends_tap(undo)
    assert (status_of(chat, siti, session), status_of(chat, anton, session)) == ("withdrawn", None)


def test_a_process_that_ends_in_the_two_minutes_loses_nothing(chat: Chat) -> None:
    session = chat.add_class(capacity=1)
    siti, anton = enrolled(chat, session=session), enrolled(chat, "Anton", session=session)
    siti.sends_tap(f"enrolment:withdrawn:{session}")
    undo, _ = siti.button("Kembalikan")
    chat.restart()
    siti.sends_tap(undo).sees("sudah kembali")
    siti.sends_tap(f"enrolment:withdrawn:{session}")
    anton.looks_up()
    chat.restart()
    anton.sees_nothing_new()
    chat.travel(minutes=2)
    anton.sees("ada kursi kosong")


# --- whatever people do ---------------------------------------------------------------------------------------------


def counts(db: Session, session: ClassSession) -> None:
    """Every seat is somebody's, or kept for somebody, and there are never more than there are."""
    taken = select(func.count()).where(Enrolment.session_id == session.id, Enrolment.status.in_(TAKEN))
    holding = select(func.count()).where(KeptSeat.session_id == session.id, KeptSeat.holds)
    assert (db.scalar(taken) or 0) + (db.scalar(holding) or 0) == session.seats_taken <= session.capacity


def in_line(db: Session, session: ClassSession) -> dict[int, int]:
    waiting = select(Enrolment.person_id, Enrolment.queue_no).where(
        Enrolment.session_id == session.id, Enrolment.status == EnrolmentStatus.WAITLISTED
    )
    return {row[0]: row[1] or 0 for row in db.execute(waiting)}


@by_turns("seed", range(STORIES))
def test_whatever_people_do_no_seat_is_lost_and_the_line_keeps_its_order(chat: Chat, seed: int) -> None:
    dice = random.Random(seed)
    numbers = [
        chat.add_class(f"LB-{at}", starts=local(24, 9) + timedelta(days=at, hours=at), capacity=1 + at % 2)
        for at in range(3)
    ]
    phones = [registered(chat, name) for name in ("Siti", "Anton", "Rina", "Budi", "Dewi")]
    now = chat.now
    taken_back = 0
    for step in range(150):
        with chat.database.transaction() as db:
            people = {phone.person(db).id: phone.person(db) for phone in phones}
            person, number = people[dice.choice(sorted(people))], dice.choice(numbers)
            before = {one: in_line(db, _class(db, one)) for one in numbers}
            match dice.randrange(9):
                case 0 | 1 | 2:
                    enrolment.enrol(db, person, number, now, undo=True)
                case 3 | 4:
                    enrolment.withdraw(db, person, number, now, undo=True)
                case 5:
                    enrolment.move(db, person, number, dice.choice(numbers), now, waits=dice.random() < 0.5)
                case 6:
                    taken_back += _takes_back(db, now)
                case _:
                    now += timedelta(seconds=dice.choice([1, 30, 60, 119, 120, 600]))
                    enrolment.DATA.due(db, now, chat.context)  # type: ignore[misc]
            for one in numbers:
                session = _class(db, one)
                db.refresh(session)
                counts(db, session)
                after = in_line(db, session)
                stayed = before[one].keys() & after.keys()
                assert all(before[one][who] == after[who] for who in stayed), f"step {step}: somebody was moved in line"
                assert len(set(after.values())) == len(after), f"step {step}: two of one number"
    assert taken_back, "the story was worth telling"
    with chat.database.transaction() as db:
        enrolment.DATA.due(db, now + timedelta(minutes=2), chat.context)  # type: ignore[misc]
        assert db.scalar(select(func.count()).select_from(KeptSeat)) == 0
        for one in numbers:
            session = _class(db, one)
            db.refresh(session)
            counts(db, session)
            if session.starts_at - now > timedelta(hours=2):
                assert session.seats_taken == session.capacity or not in_line(db, session), "a seat stands empty"


def _takes_back(db: Session, now: datetime) -> bool:
    """Whoever gave something up last wants it back."""
    found = db.scalars(select(KeptSeat).order_by(KeptSeat.given_up_at.desc(), KeptSeat.id)).first()
    person = db.get(Person, found.person_id) if found is not None else None
    if found is None or person is None:
        return False
    number, status, until, version = found.session_id, found.status, found.until, found.version
    queue_no = found.queue_no
    done = enrolment.take_back(db, person, number, version, now)
    mine = enrolment.enrolment_of(db, person, number)
    assert mine is not None
    if isinstance(done, enrolment.TakenBack):
        assert now < until
        assert (mine.status, mine.queue_no) == (status, queue_no)
    else:
        assert isinstance(done, enrolment.Clash | enrolment.TooLate | enrolment.StillTheirs)
    again = enrolment.take_back(db, person, number, version, now)
    assert not isinstance(again, enrolment.TakenBack) or not isinstance(done, enrolment.TakenBack)
    return isinstance(done, enrolment.TakenBack)


def _class(db: Session, number: int) -> ClassSession:
    found = sessions.get(db, number)
    assert found is not None
    return found
