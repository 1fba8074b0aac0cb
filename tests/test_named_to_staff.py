"""Wherever staff read one name, namesakes are told apart; and what they are told of their work comes as such."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.delivery.outbox import OutboxRow
from bot.people.quiet_hours import Kind
from bot.words.message import At, Lines, Value
from tests.chat import Chat, Phone, enrolled, local, texts
from tests.test_attendance import START, a_class, came, miss, person_id, trainer
from tests.test_paper import document, rows_of, texts_of


def two_sitis(chat: Chat, session: int) -> tuple[Phone, Phone]:
    """Two of one name with seats; the first makes things by hand."""
    first, second = (enrolled(chat, "Siti", session=session) for _ in range(2))
    with chat.database.transaction() as db:
        first.person(db).sector = "kriya"
    return first, second


def kinds(chat: Chat, key: str) -> set[str]:
    with chat.database.transaction() as db:
        query = select(OutboxRow.kind).where(OutboxRow.message["key"].as_string().startswith(key))
        return set(db.scalars(query))


def test_a_seat_given_back_late(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(24, 9))
    first, _ = two_sitis(chat, session)
    first.sends_tap(f"enrolment:withdrawn:{session}")
    chat.travel(minutes=20)
    maria.sees("Kursi dikembalikan", "• Bu Siti · Kerajinan")


def test_who_comes_late_or_is_far_away(chat: Chat) -> None:
    session = a_class(chat)
    first, _ = two_sitis(chat, session)
    first.sends_tap(f"reminders:late:{session}")
    maria = trainer(chat).sends_tap(f"attendance:class:{session}").sees("Bu Siti · Kerajinan bilang datang terlambat")
    maria.sends_tap(f"attendance:names:{session}").sees("Bu Siti · Kerajinan bilang datang terlambat")


def test_whose_seat_is_freed_and_who_is_moved(chat: Chat, maria: Phone) -> None:
    session = chat.add_class()
    chat.add_class("LB-2", starts=local(27, 9))
    two_sitis(chat, session)
    maria.sends_tap(f"roster:list:{session}").taps("1. Bu Siti").taps("Pindah kelas").sees("Bu Siti · Kerajinan")
    maria.taps("Foto Produk").sees("Bu Siti · Kerajinan").taps("Ya, pindahkan").sees("Bu Siti · Kerajinan")
    maria.sends_tap(f"roster:list:{session}").taps("1. Bu Siti").taps("Lepas kursi").sees("Bu Siti · Makanan")
    maria.taps("Ya, lepas").sees("Bu Siti · Makanan")


def test_who_is_merged_and_parted(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(23, 12))
    first, _ = two_sitis(chat, session)
    chat.travel(to=local(23, 12, 30))
    maria.sends_tap(f"roster:walk_in:{session}").types("Siti").taps("Orang lain").taps("Ya, setuju")
    maria.sends_tap(f"roster:consider_merge:3:{person_id(chat, first)}:{session}").taps("Ya, gabung")
    maria.sees("Bu Siti · Kerajinan").taps("Pisahkan lagi").sees("Bu Siti · Kerajinan", "tanpa HP")


def test_who_stands_on_paper(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(23, 12))
    first, second = two_sitis(chat, session)
    maria.sends_tap(f"paper:sheet:{session}")
    printed = texts_of(document(maria)[1])[0]
    assert "Bu Siti · Kerajinan" in printed
    assert "Bu Siti · Makanan" in printed
    chat.travel(to=local(23, 15))
    for phone in (first, second):
        came(chat, phone, session)
    maria.sends_tap(f"paper:class:{session}").sees("1. Bu Siti · Kerajinan, hadir", "2. Bu Siti · Makanan")
    maria.taps("Unduh Excel")
    names = [row[1] for row in rows_of(document(maria)[1])]
    assert {"Bu Siti · Kerajinan", "Bu Siti · Makanan dan minuman"} <= set(names)


def test_what_keeps_people_away_is_news_for_staff(chat: Chat) -> None:
    maria = trainer(chat)
    siti, _ = two_sitis(chat, a_class(chat, "LB-0", starts=START + timedelta(days=30)))
    miss(chat, "LB-1", START, siti)
    miss(chat, "LB-2", START + timedelta(days=1), siti)
    chat.travel(to=START + timedelta(days=3))
    siti.sees("Apa yang bisa kami bantu?").taps("Minta dihubungi")
    maria.sees("minta dihubungi")
    assert kinds(chat, "attendance.reason") == {Kind.STAFF}


def test_questions_about_a_list_are_news_for_staff(chat: Chat) -> None:
    session = a_class(chat)
    anton = enrolled(chat, "Anton", session=session)
    enrolled(chat, "Siti", session=session)
    trainer(chat)
    came(chat, anton, session)
    chat.travel(to=local(25, 9))
    for key in ("attendance.unfinished", "attendance.closed_by_itself"):
        assert kinds(chat, key) == {Kind.STAFF}


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (local(25, 0), "Selasa 24 Nov malam, pukul 24.00"),
        (local(25, 0, 1), "Rabu 25 Nov, 00.01"),
        (local(24, 17, 30), "Selasa 24 Nov, 17.30"),
    ],
)
def test_the_end_of_a_day_is_told_as_its_evening(at: datetime, told: str) -> None:
    facts: dict[str, Value] = {"title": "Foto Produk", "present": 1, "n": 1, "asking": Lines(())}
    facts |= {"starts": At(START, "Asia/Makassar"), "closes": At(at, "Asia/Makassar")}
    assert f"ditutup sendiri {told}." in texts().words("attendance.unfinished", facts, "id", html=False)
