"""What is forgotten by itself: whom, when, how many a day, who is told; a clock nobody trusts erases nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from bot.people.people import Consent, ErasedBecause, Person, Salutation
from bot.programme import privacy, retention
from bot.programme.enrolment import Enrolment
from tests.chat import Chat, Phone, registered
from tests.test_registration import everything_kept

pytestmark = pytest.mark.both_databases

ADMIN = 9001
LONG = timedelta(days=366)


@pytest.fixture
def admins() -> tuple[int, ...]:
    return (ADMIN,)


@pytest.fixture
def dewi(chat: Chat) -> Phone:
    return admin(chat)


def admin(chat: Chat) -> Phone:
    """An admin by the settings."""
    return chat.phone("Dewi", ADMIN).types("/status")


def days_pass(chat: Chat, number: int) -> None:
    for _ in range(number):
        chat.travel(days=1)


def left(chat: Chat) -> list[str]:
    """The names that are known."""
    with chat.database.transaction() as db:
        return sorted(db.scalars(select(Person.name).where(Person.anonymised_at.is_(None))))


def why(chat: Chat) -> list[str | None]:
    with chat.database.transaction() as db:
        return list(db.scalars(select(Person.erased_because).where(Person.anonymised_at.is_not(None))))


def looked_at(chat: Chat, moment: datetime, *, trusted: bool = True) -> None:
    """The tick alone does what is due then."""
    with chat.database.transaction() as db:
        retention.due(db, moment, replace(chat.context, clock_is_trusted=trusted))


def test_an_admin_named_in_the_settings_is_not_forgotten_for_having_no_seat(chat: Chat, dewi: Phone) -> None:
    chat.travel(days=2)
    with chat.database.transaction() as db:
        assert dewi.account(db) is not None


def test_a_year_after_the_last_class_the_name_is_forgotten_and_the_counts_stay(chat: Chat) -> None:
    session = chat.add_class()
    gone = registered(chat, "Siti Nurhaliza").sends_tap(f"enrolment:take:{session}")
    stays = registered(chat, "Anton").sends_tap(f"enrolment:take:{session}")
    chat.travel(days=200)
    stays.types("/jadwal")
    chat.travel(days=165)
    assert left(chat) == ["Anton", "Siti Nurhaliza"], "not yet"
    days_pass(chat, 8)
    with chat.database.transaction() as db:
        assert gone.account(db) is None
        assert "Nurhaliza" not in everything_kept(db)
        assert db.scalar(select(func.count()).select_from(Enrolment)) == 2
        assert retention.waiting(db) == 0
    assert left(chat) == ["Anton"]
    assert why(chat) == [ErasedBecause.RETENTION]


def test_admins_are_told_the_day_before(chat: Chat, dewi: Phone) -> None:
    for name in ("Siti", "Rina"):
        registered(chat, name)
    registered(chat, "Anton")
    chat.travel(days=200)
    dewi.looks_up()
    chat.travel(to=chat.start + LONG + timedelta(hours=22))  # 07.00 WIB
    dewi.sees_nothing_new()
    assert left(chat) == ["Anton", "Rina", "Siti"]
    chat.travel(hours=3)  # 10.00 WIB
    dewi.sees("Besok kami hapus data 3 orang").looks_up()
    assert left(chat) == ["Anton", "Rina", "Siti"]
    chat.travel(hours=22)
    assert left(chat) == ["Anton", "Rina", "Siti"]
    chat.travel(hours=3)
    assert left(chat) == []
    dewi.sees_nothing_new()


def test_who_comes_back_in_the_last_day_stays(chat: Chat, dewi: Phone) -> None:
    siti, _ = registered(chat, "Siti"), registered(chat, "Rina")
    chat.travel(to=chat.start + LONG + timedelta(hours=25))
    dewi.sees("Besok kami hapus data 2 orang")
    siti.types("/jadwal")
    chat.travel(days=2)
    assert left(chat) == ["Siti"]
    with chat.database.transaction() as db:
        assert retention.waiting(db) == 0


@pytest.fixture
def few_a_day(database_url: str) -> Iterator[Chat]:
    chat = Chat(database_url, admin_ids=(ADMIN,), erase_per_day=2)
    try:
        yield chat
    finally:
        chat.close()


def test_only_so_many_a_day_and_admins_hear_that_more_wait(few_a_day: Chat) -> None:
    chat = few_a_day
    dewi = admin(chat)
    for name in ("Siti", "Rina", "Anton", "Budi", "Tuti"):
        registered(chat, name)
    chat.travel(to=chat.start + LONG + timedelta(hours=25))
    dewi.sees("Besok kami hapus data 5 orang").looks_up()
    numbers = []
    for _ in range(4):
        chat.travel(days=1)
        numbers.append(len(left(chat)))
        if numbers[-1]:
            dewi.sees(f"Masih {numbers[-1]} orang menunggu", "Paling banyak 2 orang sehari").looks_up()
    assert numbers == [3, 1, 0, 0]
    assert chat.app.scheduler.stuck == [], "who waits for tomorrow is not due today"


@pytest.mark.parametrize("days", [-400, -1, 1, 400, 4_000])
def test_a_clock_nobody_trusts_erases_nobody(chat: Chat, days: int) -> None:
    registered(chat, "Siti")
    stranger = chat.phone("Anton").starts()
    for look in range(6):
        looked_at(chat, chat.now + timedelta(days=days, seconds=look * 30), trusted=False)
    assert left(chat) == ["Siti"]
    with chat.database.transaction() as db:
        assert stranger.account(db) is not None
        assert retention.waiting(db) == 0
        untrusted = replace(chat.context, clock_is_trusted=False)
        assert retention.next_due(db, chat.now + timedelta(days=days), untrusted) is None


def test_a_clock_that_was_trusted_and_jumps_for_a_minute_erases_nobody(chat: Chat) -> None:
    """Even if the check were fooled: the first thing that comes of a wrong clock is a notice, not an erasure."""
    registered(chat, "Siti")
    for look in range(6):
        looked_at(chat, chat.now + timedelta(days=400, seconds=look * 30))
    assert left(chat) == ["Siti"]
    with chat.database.transaction() as db:
        assert retention.waiting(db) == 1
    for days in range(3):
        looked_at(chat, chat.now + timedelta(days=days))
    assert left(chat) == ["Siti"]


def test_walk_ins_and_half_registered_people_go_too(chat: Chat) -> None:
    with chat.database.transaction() as db:
        for name, registered_at in (("Tanpa HP", chat.now), ("Setengah Jalan", None)):
            person = Person(
                name=name, salutation=Salutation.IBU, site_id="labuan-bajo", consent_training=True,
                registered_at=registered_at,
            )  # fmt: skip
            db.add(person)
            db.flush()
            db.add(
                Consent(
                    person_id=person.id, purpose="training", text_version="1", language="id", given=True, at=chat.now
                )
            )
    chat.travel(days=365)
    assert left(chat) == ["Setengah Jalan", "Tanpa HP"]
    days_pass(chat, 3)
    assert left(chat) == []


def test_a_proof_of_consent_ends_two_years_after_its_person(chat: Chat) -> None:
    siti = registered(chat, "Siti")
    anton = registered(chat, "Anton")
    with chat.database.transaction() as db:
        account = siti.account(db)
        assert account is not None
        privacy.erase(db, account, siti.person(db), chat.now, chat.context.capabilities)

    def proofs() -> int:
        with chat.database.transaction() as db:
            return db.scalar(select(func.count()).select_from(Consent)) or 0

    both = proofs()
    looked_at(chat, chat.now + timedelta(days=730))
    assert proofs() == both
    anton.types("/jadwal")
    looked_at(chat, chat.now + timedelta(days=735))
    assert 0 < proofs() < both
    assert ErasedBecause.WISH in why(chat)


def test_where_there_are_many_each_look_takes_some_of_them(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "SLICE", 2)
    phones = [registered(chat, name) for name in ("Siti", "Anton", "Rina", "Dewi", "Budi")]
    with chat.database.transaction() as db:
        ids = sorted(phone.person(db).id for phone in phones)
    later = datetime(2028, 1, 3, 0, 0, tzinfo=UTC)  # 07.00 WIB: nobody is told yet
    numbers = []
    for look in range(ids[-1] // retention.SLICE + 1):
        looked_at(chat, later + look * timedelta(seconds=retention.SLICE_SECONDS))
        with chat.database.transaction() as db:
            numbers.append(retention.waiting(db))
    assert numbers[-1] == 5, "after one round everybody was looked at"
    assert len(set(numbers)) >= 3, "no look takes all of them"
