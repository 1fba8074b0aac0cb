"""Reminders: the right hour, the right words, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from sqlalchemy import func, select, update

from bot.capability import Context
from bot.catalogue.content import load_content
from bot.database import take_due_flag
from bot.delivery.outbox import OutboxRow, Status
from bot.people.people import Account, Person
from bot.people.quiet_hours import Kind
from bot.programme import class_changes, reminders, sessions
from bot.programme.enrolment import Enrolment
from bot.programme.sessions import ClassSession, SessionLead
from bot.settings import ROOT, Settings
from tests.chat import Chat, Phone, enrolled, registered
from tests.databases import by_turns, quick_database

ZONES = {
    "yogyakarta": ("WIB", ZoneInfo("Asia/Jakarta")),
    "labuan-bajo": ("WITA", ZoneInfo("Asia/Makassar")),
    "jayapura": ("WIT", ZoneInfo("Asia/Jayapura")),
}


OUTAGE = timedelta(minutes=20)


def moment(site: str, day: int, hour: int, minute: int = 0) -> datetime:
    """A wall time of November 2026 at a site."""
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONES[site][1])


def reminders_to(phone: Phone) -> list[str]:
    return [bubble.text for bubble in phone.bubbles if "Bisa datang?" in bubble.text]


def reminders_in_ledger(chat: Chat) -> int:
    with chat.database.transaction() as db:
        query = select(func.count()).where(OutboxRow.kind == Kind.REMINDER, OutboxRow.status != Status.DROPPED)
        return db.scalar(query) or 0


def move(chat: Chat, session: int, **changes: object) -> None:
    with chat.database.transaction() as db:
        found = sessions.get(db, session)
        assert found is not None
        zone = chat.content.open_hours(found.site_id).zone
        class_changes.change(db, found, chat.now, leads=chat.content.leads(found.site_id), zone=zone, **changes)  # type: ignore[arg-type]
    chat.look()


@by_turns("site", ZONES)
def test_one_day_and_two_hours_before_in_the_zone_of_the_site(chat: Chat, site: str) -> None:
    label, _ = ZONES[site]
    session = chat.add_class(site=site, starts=moment(site, 26, 10))
    siti = enrolled(chat, session=session, site=site).looks_up()
    chat.travel(to=moment(site, 25, 9, 59))
    siti.sees_nothing_new()
    chat.travel(to=moment(site, 25, 10))
    siti.sees("Bu Siti, besok ada kelas Foto Produk", f"Kamis, 26 November 2026 pukul 10.00 {label}")
    siti.sees("Bisa datang", "Tidak bisa", "Lihat peta", "Bantuan").looks_up()
    chat.travel(to=moment(site, 26, 7, 59))
    siti.sees_nothing_new()
    chat.travel(to=moment(site, 26, 8))
    siti.sees("hari ini ada kelas Foto Produk")
    chat.travel(days=2)
    assert len(reminders_to(siti)) == 2


def test_papua_gets_its_morning_reminder_though_it_is_still_yesterday_in_utc(chat: Chat) -> None:
    session = chat.add_class(site="jayapura", starts=moment("jayapura", 26, 10, 15))
    siti = enrolled(chat, session=session, site="jayapura")
    chat.travel(to=moment("jayapura", 26, 8, 15))
    assert chat.now.astimezone(UTC).day == 25
    siti.sees("hari ini ada kelas")


def test_a_reminder_held_by_the_night_comes_at_the_opening(chat: Chat) -> None:
    site = "labuan-bajo"
    session = chat.add_class(site=site, starts=moment(site, 26, 9, 30))  # two hours before is 07.30
    siti = enrolled(chat, session=session)
    chat.travel(to=moment(site, 26, 7, 59))
    siti.looks_up()
    chat.travel(to=moment(site, 26, 8))
    siti.sees("hari ini ada kelas")


def test_a_held_reminder_too_near_the_start_is_never_sent(chat: Chat) -> None:
    site = "labuan-bajo"
    session = chat.add_class(site=site, starts=moment(site, 26, 8, 20))
    siti = enrolled(chat, session=session)
    chat.travel(to=moment(site, 25, 12))
    assert len(reminders_to(siti)) == 1
    chat.travel(to=moment(site, 26, 12))
    assert len(reminders_to(siti)) == 1


def test_friday_prayer_and_sunday_morning_are_quiet(chat: Chat) -> None:
    site = "labuan-bajo"
    friday = chat.add_class("F", site=site, starts=moment(site, 27, 14))  # two hours before is Friday 12.00
    monday = chat.add_class(
        "M", site=site, title="Atur Uang", starts=moment(site, 30, 9)
    )  # a day before is Sunday 09.00
    siti = enrolled(chat, session=friday)
    siti.sends_tap(f"enrolment:take:{monday}")
    chat.travel(to=moment(site, 27, 12, 59))
    assert len(reminders_to(siti)) == 1
    chat.travel(to=moment(site, 27, 13))
    assert len(reminders_to(siti)) == 2
    chat.travel(to=moment(site, 29, 11, 59))
    assert len(reminders_to(siti)) == 2
    chat.travel(to=moment(site, 29, 12))
    siti.sees("besok ada kelas Atur Uang")


def test_nothing_that_is_past_at_enrolment_is_sent_and_all_that_is_ahead(chat: Chat) -> None:
    session = chat.add_class(starts=chat.now + timedelta(hours=5))
    siti = enrolled(chat, session=session)
    assert reminders_to(siti) == []
    chat.travel(hours=3)
    assert len(reminders_to(siti)) == 1
    late = enrolled(chat, "Anton", session=session)
    chat.travel(hours=1)
    assert reminders_to(late) == []


def test_without_consent_or_after_stop_or_without_a_seat_nobody_is_reminded(chat: Chat) -> None:
    session = chat.add_class(capacity=3)
    no = registered(chat, "Tono", reminders=False).sends_tap(f"enrolment:take:{session}")
    never_asked = registered(chat, "Ani", reminders=None).sends_tap(f"enrolment:take:{session}")
    stopped = enrolled(chat, "Budi", session=session).types("/berhenti").taps("Ya, tetap ikut")
    waiting = enrolled(chat, "Rina", session=session)
    chat.travel(days=2, hours=12)
    for phone in (no, never_asked, stopped, waiting):
        assert reminders_to(phone) == []


def test_coming_is_noted_and_can_be_tapped_twice(chat: Chat) -> None:
    session = chat.add_class()
    siti = enrolled(chat, session=session)
    chat.travel(days=2)
    siti.taps("Bisa datang").sees("Sampai jumpa di kelas Foto Produk", "dicatat nanti").sees_toast("bisa datang")
    siti.taps("Bisa datang").sees("Sampai jumpa")


def test_who_said_they_come_is_asked_nothing_on_the_day(chat: Chat) -> None:
    session = chat.add_class(starts=moment("labuan-bajo", 26, 10))
    siti, anton = enrolled(chat, session=session), enrolled(chat, "Anton", session=session)
    chat.travel(to=moment("labuan-bajo", 25, 10))
    siti.taps("Bisa datang").looks_up()
    anton.looks_up()
    chat.travel(to=moment("labuan-bajo", 26, 8))
    siti.sees("Sampai jumpa hari ini pukul 10.00 WITA", "Puncak Waringin").does_not_see("Bisa datang?")
    assert siti.last.labels == ["Lihat peta", "Catat hadir", "Tidak bisa", "Saya terlambat", "Bantuan"]
    anton.sees("hari ini ada kelas", "Bisa datang?", "Catat hadir")
    siti.taps("Catat hadir").sees("Pindai gambarnya, atau ketik empat hurufnya")
    siti.taps("Tidak bisa").sees("Terima kasih sudah memberi kabar")
    with chat.database.transaction() as db:
        sent = db.scalars(select(OutboxRow.once).where(OutboxRow.kind == Kind.REMINDER)).all()
    assert len(sent) == len(set(sent)) == 4


def test_which_day_it_is_is_said_as_it_is_when_the_message_leaves(chat: Chat) -> None:
    """Written on Tuesday evening, held by an outage and then by the night: it leaves on Wednesday morning."""
    session = chat.add_class(starts=moment("labuan-bajo", 25, 19, 20))
    siti = enrolled(chat, session=session)
    chat.travel(to=moment("labuan-bajo", 24, 19, 19))
    siti.looks_up()
    with chat.database.transaction() as db:
        reminders.due(db, moment("labuan-bajo", 24, 19, 20), chat.context)
        db.execute(update(OutboxRow).where(OutboxRow.kind == Kind.REMINDER).values(not_before=chat.now + OUTAGE))
    chat.travel(to=moment("labuan-bajo", 25, 7, 59))
    siti.sees_nothing_new()
    chat.travel(to=moment("labuan-bajo", 25, 8))
    siti.sees("hari ini ada kelas Foto Produk").does_not_see("besok")


def test_far_ahead_the_day_is_named(chat: Chat) -> None:
    session = chat.add_class(starts=moment("labuan-bajo", 26, 10))
    siti = enrolled(chat, session=session)
    with chat.database.transaction() as db:
        found = sessions.get(db, session)
        assert found is not None
        sessions.date_leads(db, found, (3 * 24 * 60 - 60,), chat.now)
    chat.travel(hours=1)
    siti.sees("Kamis, 26 November ada kelas Foto Produk").does_not_see("sebentar lagi", "besok")


def test_what_an_earlier_version_left_waiting_is_still_said(chat: Chat) -> None:
    with chat.database.transaction() as db:
        session = db.get(ClassSession, chat.add_class())
        assert session is not None
        for key in reminders.SAID_BEFORE:
            now = reminders.reminder(session, "Asia/Makassar", chat.now, False)
            said = chat.app.texts.words(key, {**now.values, "person": "Siti"}, "id")
            assert "Foto Produk" in said


def test_the_phones_calendar_is_kept_true(chat: Chat) -> None:
    """The class moves, then it is called off: a button each time, for the same entry."""
    session = chat.add_class(starts=moment("labuan-bajo", 28, 10))
    siti = enrolled(chat, session=session).taps("Simpan di kalender")
    files = [siti.last]
    move(chat, session, starts_at=moment("labuan-bajo", 29, 10))
    siti.sees("berubah", "Perbarui kalender").taps("Perbarui kalender")
    files.append(siti.last)
    with chat.database.transaction() as db:
        found = sessions.get(db, session)
        assert found is not None
        class_changes.cancel(db, found, chat.now, zone="Asia/Makassar")
    chat.look()
    siti.sees("dibatalkan", "Hapus dari kalender").taps("Hapus dari kalender").sees("hilang dari kalender")
    files.append(siti.last)
    contents = [content for one in files for _, content, _ in one.params["files"].values()]
    events = [Calendar.from_ical(content).walk("VEVENT")[0] for content in contents]
    assert len({str(one["UID"]) for one in events}) == 1
    numbers = [int(str(one["SEQUENCE"])) for one in events]
    assert numbers == sorted(set(numbers))
    assert [str(one["STATUS"]) for one in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert b"METHOD:CANCEL" in contents[2]
    assert b"DTSTART;TZID=Asia/Makassar:20261129T100000" in contents[1]


def test_who_gives_the_seat_back_can_take_it_out_of_the_calendar(chat: Chat) -> None:
    siti = enrolled(chat, session=chat.add_class())
    siti.taps("Batal ikut").taps("Ya, batal ikut").taps("Hapus dari kalender").sees("hilang dari kalender")
    ((_, content, _),) = siti.last.params["files"].values()
    assert b"METHOD:CANCEL" in content
    assert b"STATUS:CANCELLED" in content


def test_cannot_come_frees_the_seat_two_minutes_later(chat: Chat) -> None:
    session = chat.add_class(capacity=1)
    siti, anton = enrolled(chat, session=session), enrolled(chat, "Anton", session=session)
    chat.travel(days=2)
    siti.taps("Tidak bisa").sees("Terima kasih sudah memberi kabar", "Pilih kelas lain", "Kembalikan")
    chat.travel(minutes=2)
    anton.sees("ada kursi kosong")
    siti.sends_tap(f"reminders:not_coming:{session}").sees("sudah dilepas")
    siti.sends_tap(f"reminders:coming:{session}").sees("belum punya kursi", "Lihat kelas")


def test_the_map_is_a_pin(chat: Chat) -> None:
    session = chat.add_class()
    siti = enrolled(chat, session=session)
    chat.travel(days=2)
    siti.taps("Lihat peta")
    assert siti.last.method == "sendVenue"


def test_no_button_leads_to_a_map_that_is_not_there(chat: Chat) -> None:
    session = chat.add_class(starts=moment("labuan-bajo", 26, 10))
    siti = enrolled(chat, session=session)
    move(chat, session, latitude=None, longitude=None, venue="Balai Desa")
    siti.sends_tap(f"enrolment:show:{session}").sees("Balai Desa", "Simpan di kalender").does_not_see("Lihat peta")
    siti.looks_up()
    chat.travel(to=moment("labuan-bajo", 26, 8))
    siti.sees("hari ini ada kelas", "Catat hadir", "Saya terlambat").does_not_see("Lihat peta")
    siti.taps("Saya terlambat").sees("Kursinya tetap").does_not_see("Lihat peta")
    siti.sends_tap(f"reminders:map:{session}").sees("Petanya belum ada")


def test_a_moved_class_says_so_once_and_takes_its_reminders_along(chat: Chat) -> None:
    site = "labuan-bajo"
    session = chat.add_class(starts=moment(site, 26, 10))
    siti = enrolled(chat, session=session).looks_up()
    move(chat, session, starts_at=moment(site, 28, 15))
    siti.sees("Sabtu, 28 November 2026 pukul 15.00 WITA").looks_up()
    chat.look()
    siti.sees_nothing_new()
    chat.travel(to=moment(site, 27, 14, 59))
    siti.sees_nothing_new()
    chat.travel(to=moment(site, 27, 15))
    siti.sees("besok ada kelas", "Sabtu, 28 November 2026 pukul 15.00 WITA")


def test_a_reminder_that_was_sent_is_sent_again_for_the_new_date(chat: Chat) -> None:
    site = "labuan-bajo"
    session = chat.add_class(starts=moment(site, 26, 10))
    siti = enrolled(chat, session=session)
    chat.travel(to=moment(site, 25, 12))
    assert len(reminders_to(siti)) == 1
    move(chat, session, starts_at=moment(site, 28, 10))
    siti.looks_up()
    chat.travel(to=moment(site, 28, 12))
    assert sum("ada kelas" in bubble.text for bubble in siti.new) == 2


def test_asked_twice_or_after_a_restart_it_is_said_once(chat: Chat) -> None:
    session = chat.add_class()
    siti = enrolled(chat, session=session)
    chat.travel(days=2)
    with chat.database.transaction() as db:
        for lead in db.scalars(select(SessionLead)):
            lead.done_at = None  # as if a second clock had not seen the first one's work
    chat.look()
    chat.restart()
    chat.look()
    assert len(reminders_to(siti)) == 1
    assert reminders_in_ledger(chat) == 1


def test_after_six_hours_down_nothing_stale_is_sent_and_nothing_useful_is_missing(chat: Chat) -> None:
    site = "labuan-bajo"
    soon = chat.add_class("A", title="Sudah lewat", starts=moment(site, 23, 15))  # its reminder is due at 13.00
    later = chat.add_class("B", title="Masih jauh", starts=moment(site, 24, 14))  # a day before: today 14.00
    near = chat.add_class("C", title="Sebentar lagi", starts=moment(site, 23, 17))  # due at 15.00
    siti = enrolled(chat, session=soon)
    for session in (later, near):
        siti.sends_tap(f"enrolment:take:{session}")
    chat.start += timedelta(hours=6)  # 10.00 -> 16.00, with nobody at home
    chat.restart()
    siti.looks_up()
    chat.look()
    siti.sees("besok ada kelas Masih jauh", "hari ini ada kelas Sebentar lagi").does_not_see("Sudah lewat")
    chat.look()
    assert len(reminders_to(siti)) == 2


def test_an_answer_is_about_the_class_as_it_was_asked_about(chat: Chat) -> None:
    """Below the reminder of a class that was moved since, nobody promises or gives up the new time."""
    session = chat.add_class()
    siti = enrolled(chat, session=session)
    chat.travel(days=2, hours=1)
    coming, not_coming = siti.button("Bisa datang", "besok ada kelas"), siti.button("Tidak bisa", "besok ada kelas")
    with chat.database.transaction() as db:
        found = db.get_one(ClassSession, session)
        later = found.starts_at + timedelta(days=2)
        class_changes.change(db, found, chat.now, starts_at=later, leads=(), zone="Asia/Makassar")
    chat.look()
    for old in (coming, not_coming):
        siti.sends_tap(*old).sees_toast("tidak berlaku").sees("Sabtu, 28 November 2026")
    with chat.database.transaction() as db:
        one = db.scalars(select(Enrolment)).one()
        assert (one.status, one.reply) == ("seated", None)
    siti.sends_tap(*siti.button("Bisa datang", "Sabtu, 28 November 2026")).sees_toast("bisa datang")
    with chat.database.transaction() as db:
        assert db.scalars(select(Enrolment.reply)).one() == "coming"


def test_two_reminders_due_at_once_are_one(chat: Chat) -> None:
    session = chat.add_class(starts=chat.now + timedelta(hours=25))
    siti = enrolled(chat, session=session)
    chat.start += timedelta(hours=23, minutes=30)
    chat.restart()
    chat.look()
    assert len(reminders_to(siti)) == 1
    siti.sees("hari ini ada kelas")


def test_a_blocked_person_stops_only_themselves(chat: Chat) -> None:
    session = chat.add_class()
    siti, anton = enrolled(chat, session=session), enrolled(chat, "Anton", session=session)
    siti.blocks()
    chat.travel(days=2)
    assert len(reminders_to(anton)) == 1
    with chat.database.transaction() as db:
        account = siti.account(db)
        assert account is not None
        assert account.blocked_at is not None
    siti.blocks(False).starts()
    with chat.database.transaction() as db:
        account = siti.account(db)
        assert account is not None
        assert account.blocked_at is None
    chat.travel(hours=22)
    assert len(reminders_to(siti)) == 1


def test_new_year_is_an_ordinary_midnight(chat: Chat) -> None:
    starts = datetime(2027, 1, 1, 10, tzinfo=ZONES["jayapura"][1])
    session = chat.add_class(site="jayapura", starts=starts)
    siti = enrolled(chat, session=session, site="jayapura")
    chat.travel(to=starts - timedelta(days=1))
    siti.sees("besok ada kelas", "Jumat, 1 Januari 2027 pukul 10.00 WIT")


def test_a_crowd_is_reminded_in_portions_each_person_once_and_of_their_own_class(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminders, "AT_ONCE", 10)
    monkeypatch.setattr(reminders, "CLASSES_AT_ONCE", 4)
    now = moment("labuan-bajo", 26, 9)
    sizes = [3, 25, 1, 4, 6, 0, 2, 2, 10]
    database = quick_database(database_url)
    with database.transaction() as db:
        person = 0
        for size in sizes:
            session = sessions.create(
                db, now - timedelta(days=2), code=f"c{size}-{person}", site_id="labuan-bajo", title="Foto Produk",
                starts_at=now + timedelta(hours=2), minutes=60, capacity=30, venue=f"Balai {size}", leads=[120],
            )  # fmt: skip
            session.seats_taken = size
            for _ in range(size):
                person += 1
                db.add(Account(id=person, telegram_id=person, created_at=now, seen_at=now, draft={}))
                db.add(
                    Person(id=person, account_id=person, name="X", salutation="ibu", consent_training=True,
                           consent_messages=True, registered_at=now)
                )  # fmt: skip
                db.flush()
                db.add(
                    Enrolment(session_id=session.id, person_id=person, status="seated", created_at=now, changed_at=now)
                )
    context = Context(load_content(ROOT / "content"), Settings())
    try:
        posted: list[int] = []
        more = True
        while more:
            with database.transaction() as db:
                posted.append(reminders.due(db, now, context))
                more = take_due_flag(db)
        assert sum(posted) == sum(sizes)
        assert max(posted) == 10
        with database.transaction() as db:
            assert reminders.next_due(db, now, context) is None
            said = db.execute(
                select(OutboxRow.person_id, OutboxRow.message, ClassSession.venue, Enrolment.person_id)
                .join(ClassSession, ClassSession.id == OutboxRow.session_id)
                .join(
                    Enrolment, (Enrolment.session_id == ClassSession.id) & (Enrolment.person_id == OutboxRow.person_id)
                )
            ).all()
        assert sorted(row[0] for row in said) == list(range(1, sum(sizes) + 1))
        assert all(row[1]["values"]["venue"] == row[2] for row in said)
    finally:
        database.close()
