"""Attendance: codes that change, ticks, "I was there", no-shows, and a question instead of a punishment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.delivery.outbox import OutboxRow
from bot.documents.deep_links import link
from bot.people.audit import AuditRow
from bot.people.people import Account, Person, Role, RoleGrant
from bot.people.quiet_hours import OpenHours
from bot.programme import attendance, enrolment, privacy
from bot.programme.attendance import (
    LETTERS,
    Attendance,
    CheckInScreen,
    Mark,
    claim_until,
    code_of,
    payload,
    read_payload,
    readable_code,
    stretch_of,
)
from bot.programme.enrolment import TAKEN, Enrolment, EnrolmentStatus
from bot.programme.sessions import ClassSession
from tests import qr_codes
from tests.chat import MONDAY, Chat, Phone, content, local, registered

START = MONDAY + timedelta(minutes=20)
"""The class of these tests begins on Monday at 10.20 WITA, twenty minutes after the chats begin: codes are good at
once. It is two hours long."""


def trainer(chat: Chat, name: str = "Maria", site: str = "labuan-bajo") -> Phone:
    """Somebody who trains at a site, and is no participant."""
    phone = chat.phone(name)
    with chat.database.transaction() as db:
        account = Account(
            telegram_id=phone.id, language="id", created_at=chat.now, seen_at=chat.now, last_message_id=0, draft={}
        )
        db.add(account)
        db.flush()
        db.add(RoleGrant(account_id=account.id, role=Role.TRAINER, site_id=site, granted_at=chat.now))
    return phone


def a_class(chat: Chat, code: str = "LB-1", *, starts: datetime = START, capacity: int = 20) -> int:
    return chat.add_class(code, starts=starts, capacity=capacity)


def code_now(chat: Chat, session: int, *, ago: int = 0) -> str:
    """The code of the present five minutes, or of some stretches before."""
    with chat.database.transaction() as db:
        sheet = attendance.sheet_of(db, session)
        assert sheet is not None
        return code_of(sheet.secret, session, stretch_of(chat.now) - ago)


def mark_of(chat: Chat, phone: Phone, session: int) -> str | None:
    with chat.database.transaction() as db:
        known = attendance.mark_of(db, session, phone.person(db).id)
        return known.mark if known else None


def status_of(chat: Chat, phone: Phone, session: int) -> str:
    with chat.database.transaction() as db:
        known = enrolment.enrolment_of(db, phone.person(db), session)
        assert known is not None
        return known.status


def person_id(chat: Chat, phone: Phone) -> int:
    with chat.database.transaction() as db:
        return phone.person(db).id


def seats_agree(chat: Chat) -> None:
    """Every class's seats_taken counts exactly those of TAKEN, and never more than there are."""
    with chat.database.transaction() as db:
        for session in db.scalars(select(ClassSession)):
            taken = select(func.count()).where(Enrolment.session_id == session.id, Enrolment.status.in_(TAKEN))
            assert db.scalar(taken) == session.seats_taken <= session.capacity


def audited(chat: Chat) -> list[tuple[str, str]]:
    with chat.database.transaction() as db:
        return [(row.action, row.subject) for row in db.scalars(select(AuditRow).order_by(AuditRow.id))]


def opened(chat: Chat, session: int) -> Phone:
    """A trainer who opened the check-in."""
    maria = trainer(chat)
    maria.types("/hadir").taps("Foto Produk").taps("Tunjukkan kode")
    return maria


def enrolled(chat: Chat, name: str, *, session: int) -> Phone:
    """Somebody with a seat (or a place on the waitlist), without the chat it takes."""
    phone = registered(chat, name)
    with chat.database.transaction() as db:
        enrolment.enrol(db, phone.person(db), session, chat.now)
    return phone


def came(chat: Chat, phone: Phone, session: int, *, present: bool = True) -> None:
    """A trainer's tick, without the chat it takes."""
    with chat.database.transaction() as db:
        account = phone.account(db)
        assert account is not None
        person = phone.person(db).id
        version = attendance.version_of_mark(attendance.mark_of(db, session, person))
        marked = attendance.mark(db, account, session, person, chat.now, present=present, version=version)
        assert isinstance(marked, attendance.Marked)


# --- the arithmetic of codes ----------------------------------------------------------------------------------------


@given(session=st.integers(1, 2**50), stretch=st.integers(0, 10**9))
def test_a_code_is_four_letters_and_survives_the_link(session: int, stretch: int) -> None:
    code = code_of("ab" * 32, session, stretch)
    assert len(code) == 4
    assert set(code) <= set(LETTERS)
    assert read_payload(payload(session, code)) == (session, code)
    assert len(payload(session, code)) <= 64
    assert readable_code(f" {code[:2].lower()} {code[2:].lower()} ") == code


def test_codes_differ_by_class_secret_and_time() -> None:
    codes = {code_of(secret, session, stretch) for secret in ("00" * 32, "11" * 32) for session in (1, 2)
             for stretch in range(25)}  # fmt: skip
    assert len(codes) >= 98  # of 100; two may meet by chance among 160,000


@pytest.mark.parametrize("text", ["halo", "KTRA", "KTR", "KTRBB", "1234", "", "s_labuan-bajo"])
def test_words_are_no_codes(text: str) -> None:
    assert readable_code(text) is None


@pytest.mark.parametrize("text", ["h_", "h_1", "h_1_AB", "h_zz_ABCDE", "h_-1_KTRB", "h_1_KT1B", "h_A_KTRB"])
def test_payloads_that_are_not_ours_are_read_as_nothing(text: str) -> None:
    assert read_payload(text) is None


@given(st.integers(0, 525_600), st.sampled_from(["Asia/Jakarta", "Asia/Jayapura"]))
def test_who_forgot_has_until_the_next_evening(minutes: int, zone: str) -> None:
    session = ClassSession(starts_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes), minutes=120)
    hours = content().open_hours("jayapura")
    until = claim_until(session, OpenHours(zone, hours.opens, hours.closes)).astimezone(ZoneInfo(zone))
    day = session.starts_at.astimezone(ZoneInfo(zone)).date()
    assert (until.date() - day).days == 1
    assert until.hour == 19


# --- the trainer opens the check-in ---------------------------------------------------------------------------------


def test_the_trainer_shows_a_qr_code_and_four_letters(chat: Chat) -> None:
    session = a_class(chat)
    enrolled(chat, "Siti", session=session)
    maria = opened(chat, session)
    photo = next(bubble for bubble in maria.new if bubble.method == "sendPhoto")
    assert " ".join(code_now(chat, session)) in photo.text
    assert "0 dari 1 orang" in photo.text
    (_, (name, png, mime)) = next(iter(photo.params["files"].items()))
    assert (name, mime) == ("kode-hadir.png", "image/png")
    for width in (None, 120):  # also small, on a screen seen from the third row
        assert qr_codes.read(png, width=width) == link("jalin_bot", payload(session, code_now(chat, session)))
    assert ("check_in_opened", f"session:{session}") in audited(chat)


def test_the_code_changes_in_place_every_five_minutes(chat: Chat) -> None:
    session = a_class(chat)
    enrolled(chat, "Siti", session=session)
    maria = opened(chat, session)
    first = code_now(chat, session)
    for _ in range(3):
        chat.travel(minutes=5)
        photos = [bubble for bubble in maria.bubbles if bubble.method == "sendPhoto"]
        assert len(photos) == 1, "it takes the place of the former"
        assert " ".join(code_now(chat, session)) in photos[0].text
    assert code_now(chat, session) != first
    methods = [method for method, _ in chat.telegram.calls]
    assert (methods.count("sendPhoto"), methods.count("deleteMessage")) == (1, 0)
    edits = [params for method, params in chat.telegram.calls if method == "editMessageMedia"]
    assert [edit["media"]["media"] for edit in edits] == ["attach://photo"] * 3


def test_where_the_picture_cannot_be_exchanged_a_new_one_comes_without_a_sound(chat: Chat) -> None:
    session = a_class(chat)
    enrolled(chat, "Siti", session=session)
    maria = opened(chat, session)
    gone = next(bubble for bubble in maria.bubbles if bubble.method == "sendPhoto")
    chat.telegram.chats[maria.id].remove(gone)
    for _ in range(2):
        chat.travel(minutes=5)
        photos = [bubble for bubble in maria.bubbles if bubble.method == "sendPhoto"]
        assert [" ".join(code_now(chat, session)) in photo.text for photo in photos] == [True]
    sent = [params for method, params in chat.telegram.calls if method == "sendPhoto"]
    assert [one.get("disable_notification", False) for one in sent] == [False, True]


def test_half_an_hour_after_the_start_the_code_goes_and_the_trainer_hears_the_count(chat: Chat) -> None:
    session = a_class(chat)
    siti = enrolled(chat, "Siti", session=session)
    maria = opened(chat, session)
    siti.types(code_now(chat, session))
    maria.looks_up()
    chat.travel(to=START + timedelta(minutes=31))
    maria.sees("ditutup", "1 dari 1 orang", "Lihat daftar nama")
    assert not [bubble for bubble in maria.bubbles if bubble.method == "sendPhoto"]


def test_a_restart_in_the_middle_shows_the_next_code(chat: Chat) -> None:
    session = a_class(chat)
    enrolled(chat, "Siti", session=session)
    maria = opened(chat, session)
    chat.restart()
    chat.travel(minutes=5)
    photos = [bubble for bubble in maria.bubbles if bubble.method == "sendPhoto"]
    assert [" ".join(code_now(chat, session)) in photo.text for photo in photos] == [True]


def test_asked_for_again_the_code_comes_again(chat: Chat) -> None:
    session = a_class(chat)
    enrolled(chat, "Siti", session=session)
    maria = opened(chat, session)
    maria.sends_tap(f"attendance:open:{session}").sees_toast("dikirim lagi")
    assert len([bubble for bubble in maria.bubbles if bubble.method == "sendPhoto"]) == 1


def shows_code(phone: Phone) -> bool:
    return any(bubble.method == "sendPhoto" for bubble in phone.bubbles)


def test_two_trainers_show_the_same_code_and_each_closes_their_own(chat: Chat) -> None:
    session = a_class(chat)
    siti = enrolled(chat, "Siti", session=session)
    maria = opened(chat, session)
    yohanes = trainer(chat, "Yohanes").sends_tap(f"attendance:open:{session}")
    yohanes.sees(" ".join(code_now(chat, session)))
    yohanes.sends_tap(f"attendance:close:{session}").sees_toast("Masih tampil di 1 HP").sees("Tutup untuk semua")
    assert (shows_code(maria), shows_code(yohanes)) == (True, False)
    yohanes.sends_tap(f"attendance:close:{session}").sees_toast("bukan di HP ini")
    siti.types(code_now(chat, session)).sees("sudah tercatat hadir")
    maria.sends_tap(f"attendance:close:{session}").sees_toast("ditutup")
    assert not shows_code(maria)
    assert ("check_in_closed", f"session:{session}") in audited(chat)
    yohanes.sends_tap(f"attendance:open:{session}").sees(" ".join(code_now(chat, session)))


def test_closing_for_all_tells_the_others_who_did(chat: Chat) -> None:
    session = a_class(chat)
    enrolled(chat, "Siti", session=session)
    maria = opened(chat, session)
    yohanes = trainer(chat, "Yohanes").sends_tap(f"attendance:open:{session}")
    maria.looks_up()
    yohanes.sends_tap(f"attendance:class:{session}").taps("Tutup untuk semua").sees_toast("ditutup")
    assert not shows_code(maria)
    assert not shows_code(yohanes)
    maria.sees("menutup kode hadir kelas Foto Produk", "Tunjukkan kode")


def test_a_trainer_who_lost_the_role_shows_no_new_code(chat: Chat) -> None:
    session = a_class(chat)
    enrolled(chat, "Siti", session=session)
    maria = opened(chat, session)
    with chat.database.transaction() as db:
        db.delete(db.scalars(select(RoleGrant)).one())
    chat.travel(minutes=5)
    assert not [bubble for bubble in maria.bubbles if bubble.method == "sendPhoto"]
    with chat.database.transaction() as db:
        assert db.scalar(select(func.count()).select_from(CheckInScreen)) == 0


def test_the_class_that_is_on_stands_first(chat: Chat) -> None:
    """With one hand free nobody looks for it below the class of tomorrow."""
    begins = {"Besok": timedelta(hours=22), "Sore": timedelta(hours=6), "Ini": timedelta(hours=2)}
    for title, later in (begins | {"Lalu": timedelta(hours=-7)}).items():
        chat.add_class(title, starts=START + later, title=title)
    maria = trainer(chat)

    def listed() -> list[str]:
        maria.types("/hadir")
        return [label.split(" · ")[1] for label in maria.last.labels if " · " in label]

    assert listed() == ["Besok", "Sore", "Ini", "Lalu"]
    chat.travel(to=START + timedelta(hours=1, minutes=50))
    assert listed() == ["Ini", "Besok", "Sore", "Lalu"]
    with chat.database.transaction() as db:
        pages = [attendance.classes_to_record(db, None, chat.now, limit=1, offset=at) for at in range(5)]
    assert [one.title for page in pages for one in page] == ["Ini", "Besok", "Sore", "Lalu"]


def test_too_early_too_late_cancelled_and_gone_are_told(chat: Chat) -> None:
    starts = START + timedelta(hours=1)
    session = a_class(chat, starts=starts)
    enrolled(chat, "Siti", session=session)
    maria = trainer(chat)
    trainer(chat, "Yohanes", site="jayapura").types("/hadir").sees("Belum ada kelas")
    maria.types("/hadir").taps("Foto Produk").sees("1 orang terdaftar", "mulai 10.50 WITA")
    maria.sends_tap(f"attendance:open:{session}").sees("belum mulai", "10.50 WITA")
    maria.sends_tap("attendance:open:999").sees("tidak ditemukan")
    chat.travel(to=starts + timedelta(minutes=31))
    maria.sends_tap(f"attendance:open:{session}").sees("sudah lewat", "Lihat daftar nama")
    with chat.database.transaction() as db:
        found = db.get(ClassSession, session)
        assert found is not None
        found.cancelled_at = chat.now
    maria.sends_tap(f"attendance:open:{session}").sees("dibatalkan")


def test_a_class_that_is_cancelled_or_moved_takes_its_code_away(chat: Chat) -> None:
    session = a_class(chat)
    enrolled(chat, "Siti", session=session)
    maria = opened(chat, session)
    with chat.database.transaction() as db:
        found = db.get(ClassSession, session)
        assert found is not None
        found.starts_at = chat.now + timedelta(days=1)
    chat.travel(minutes=5)
    assert not [bubble for bubble in maria.bubbles if bubble.method == "sendPhoto"]


def test_no_code_and_no_secret_stays_in_the_ledger(chat: Chat) -> None:
    session = a_class(chat)
    enrolled(chat, "Siti", session=session)
    opened(chat, session)
    with chat.database.transaction() as db:
        sheet = attendance.sheet_of(db, session)
        assert sheet is not None
        for row in db.scalars(select(OutboxRow).where(OutboxRow.session_id == session)):
            assert sheet.secret not in str(row.message)
            assert " ".join(code_now_of(sheet, chat)) not in str(row.message)


def code_now_of(sheet: attendance.AttendanceSheet, chat: Chat) -> str:
    return code_of(sheet.secret, sheet.session_id, stretch_of(chat.now))


# --- the participant reads or types it ------------------------------------------------------------------------------


def test_the_link_of_the_qr_code_checks_in_once(chat: Chat) -> None:
    session = a_class(chat)
    siti = enrolled(chat, "Siti", session=session)
    opened(chat, session)
    link = payload(session, code_now(chat, session))
    siti.starts(link).sees("Bu Siti sudah tercatat hadir")
    siti.starts(link).sees("sudah tercatat hadir", "Tidak perlu apa-apa lagi")
    with chat.database.transaction() as db:
        one = db.scalars(select(Attendance)).one()
        assert (one.mark, one.how) == (Mark.PRESENT, "link")


def test_the_letters_can_be_typed_as_people_type(chat: Chat) -> None:
    session = a_class(chat)
    people = [enrolled(chat, name, session=session) for name in ("Siti", "Anton", "Rina")]
    opened(chat, session)
    code = code_now(chat, session)
    for phone, typed in zip(people, (code, f" {code} ", " ".join(code.lower())), strict=True):
        phone.types(typed).sees("sudah tercatat hadir")
        assert mark_of(chat, phone, session) == Mark.PRESENT


def test_the_code_before_is_still_good_and_the_one_before_that_is_not(chat: Chat) -> None:
    session = a_class(chat)
    siti, anton = (enrolled(chat, name, session=session) for name in ("Siti", "Anton"))
    opened(chat, session)
    chat.travel(minutes=10)
    anton.types(code_now(chat, session, ago=2)).sees("sudah berganti")
    anton.starts(payload(session, code_now(chat, session, ago=2))).sees("sudah berganti")
    siti.types(code_now(chat, session, ago=1)).sees("sudah tercatat hadir")
    assert mark_of(chat, anton, session) is None


def test_a_code_of_the_future_or_out_of_the_air_is_answered_kindly(chat: Chat) -> None:
    session = a_class(chat)
    siti = enrolled(chat, "Siti", session=session)
    opened(chat, session)
    siti.types(code_now(chat, session, ago=-3)).sees("belum cocok", "Bantuan")
    wrong = next(code for code in ("BBBB", "CCCC") if code != code_now(chat, session))
    siti.starts(payload(session, wrong)).sees("belum cocok")
    siti.starts("h_zzzzz_BBBB").sees("tidak ditemukan")
    siti.starts("h_rubbish").sees("tidak ditemukan")
    assert mark_of(chat, siti, session) is None


def test_too_early_not_open_and_too_late(chat: Chat) -> None:
    later = a_class(chat, "LB-2", starts=START + timedelta(hours=3))
    siti = enrolled(chat, "Siti", session=later)
    siti.starts(payload(later, "BBBB")).sees("belum mulai", "pukul 12.50 WITA")
    siti.types("BBBB").sees("Belum ada kelas yang meminta kode")
    session = a_class(chat)
    siti.sends_tap(f"enrolment:take:{session}")
    siti.starts(payload(session, "BBBB")).sees("belum dibuka")
    maria = trainer(chat).sends_tap(f"attendance:open:{session}")
    code = code_now(chat, session)
    chat.travel(to=START + timedelta(minutes=31))
    siti.types(code).sees("sudah ditutup", "24 November 2026 pukul 19.30 WITA", "Saya hadir")
    siti.starts(payload(session, code)).taps("Saya hadir").sees("Pelatih akan memeriksa")
    chat.travel(hours=1)
    maria.sees("Melapor hadir di kelas Foto Produk", "Bu Siti")
    maria.sends_tap(f"attendance:close:{session}")
    chat.travel(to=local(24, 19, 31))
    registered(chat, "Anton").starts(payload(session, code)).sees("belum terdaftar")
    siti.starts(payload(session, code)).sees("sudah lewat")


def test_only_who_has_a_seat_checks_in(chat: Chat) -> None:
    session = a_class(chat, capacity=1)
    enrolled(chat, "Siti", session=session)
    anton = enrolled(chat, "Anton", session=session)
    rina = registered(chat, "Rina")
    opened(chat, session)
    for phone in (anton, rina):
        phone.types(code_now(chat, session)).sees("sudah penuh", "pelatih")
        assert mark_of(chat, phone, session) is None
    newcomer = chat.phone("Budi").starts(payload(session, code_now(chat, session)))
    newcomer.sees("Ya, setuju")


def test_typed_letters_mean_the_class_they_fit(chat: Chat) -> None:
    first = a_class(chat)
    second = a_class(chat, "LB-2", starts=START + timedelta(minutes=5))
    siti, anton = enrolled(chat, "Siti", session=first), enrolled(chat, "Anton", session=second)
    trainer(chat).sends_tap(f"attendance:open:{first}").sends_tap(f"attendance:open:{second}")
    siti.types(code_now(chat, first)).sees("sudah tercatat hadir")
    anton.types(code_now(chat, second)).sees("sudah tercatat hadir")
    assert (mark_of(chat, siti, first), mark_of(chat, anton, second)) == (Mark.PRESENT, Mark.PRESENT)
    anton.types(code_now(chat, first)).sees("mau ikut kelas Foto Produk")
    assert mark_of(chat, anton, first) is None


def comes_along(chat: Chat, phone: Phone, name: str) -> int:
    """Somebody else on the same phone, as whom it speaks from now on. Returns their id."""
    with chat.database.transaction() as db:
        account = phone.account(db)
        assert account is not None
        person = Person(
            account_id=account.id, name=name, salutation="bapak", site_id="labuan-bajo", registered_at=chat.now,
            consent_training=True,
        )  # fmt: skip
        db.add(person)
        db.flush()
        account.person = person
        return person.id


def test_a_qr_code_read_by_a_shared_phone_is_asked_for_whom(chat: Chat) -> None:
    session = a_class(chat)
    siti = enrolled(chat, "Siti", session=session)
    comes_along(chat, siti, "Anton")
    siti.sends_tap(f"enrolment:take:{session}").taps("Pak Anton")
    opened(chat, session)
    siti.starts(payload(session, code_now(chat, session))).sees("Untuk siapa?", "Bu Siti", "Pak Anton")
    siti.taps("Bu Siti").sees("Bu Siti sudah tercatat hadir")
    siti.starts(payload(session, code_now(chat, session))).sees("Pak Anton sudah tercatat hadir")


def test_who_of_a_shared_phone_has_no_seat_is_not_seated_by_a_qr_code_unasked(chat: Chat) -> None:
    session = a_class(chat)
    siti = enrolled(chat, "Siti", session=session)
    comes_along(chat, siti, "Anton")
    opened(chat, session)
    siti.starts(payload(session, code_now(chat, session))).sees("Untuk siapa?").does_not_see("mau ikut kelas")
    siti.taps("Pak Anton").sees("mau ikut kelas Foto Produk")
    siti.starts(payload(session, code_now(chat, session))).taps("Bu Siti").sees("Bu Siti sudah tercatat hadir")


def test_a_code_on_a_shared_phone_is_asked_for_whom(chat: Chat) -> None:
    session = a_class(chat)
    siti = enrolled(chat, "Siti", session=session)
    comes_along(chat, siti, "Anton")
    opened(chat, session)
    siti.types(code_now(chat, session)).sees("Untuk siapa?", "Bu Siti").does_not_see("Pak Anton")
    siti.taps("Bu Siti").sees("Bu Siti sudah tercatat hadir")


def test_hadir_of_a_participant_tells_what_to_do(chat: Chat) -> None:
    siti = registered(chat)
    siti.types("/hadir").sees("Belum ada kelas")
    session = a_class(chat)
    siti.sends_tap(f"enrolment:take:{session}")
    siti.types("/hadir").sees("Foto Produk", "ketik empat hurufnya").does_not_see("Saya hadir:")
    chat.travel(to=START + timedelta(hours=1))
    siti.types("/hadir").sees("Lupa mencatat", "Saya hadir: Foto Produk")
    chat.phone("Budi").types("/hadir").sees("Ya, setuju")


# --- a location of free will ----------------------------------------------------------------------------------------


def test_a_location_is_a_hint_and_is_not_kept(chat: Chat) -> None:
    session = a_class(chat)
    siti, anton = (enrolled(chat, name, session=session) for name in ("Siti", "Anton"))
    maria = opened(chat, session)
    for phone, latitude in ((siti, -8.501), (anton, -8.7)):
        phone.types(code_now(chat, session)).taps("Kirim lokasi").sees("kalau mau")
        phone.shares_location(latitude, 119.88).sees("tidak disimpan")
        assert mark_of(chat, phone, session) == Mark.PRESENT
    maria.sends_tap(f"attendance:names:{session}").sees("✓ Bu Siti", "Lokasi Bu Anton jauh dari tempat kelas")
    maria.does_not_see("Lokasi Bu Siti")


def test_nobody_has_to_say_where_they_are(chat: Chat) -> None:
    session = a_class(chat)
    siti = enrolled(chat, "Siti", session=session)
    opened(chat, session)
    siti.types(code_now(chat, session))
    for words in ("Kembali", "/batal"):
        siti.sends_tap(f"attendance:locate:{session}").types(words).sees("Kehadiran tetap tercatat")
    with chat.database.transaction() as db:
        assert db.scalars(select(Attendance.near)).one() is None
    siti.sends_tap("attendance:locate:999").sees("tidak ditemukan")


# --- names ticked from paper ----------------------------------------------------------------------------------------


def test_names_are_ticked_page_by_page_at_any_time_later(chat: Chat) -> None:
    session = a_class(chat)
    people = [enrolled(chat, f"Peserta {letter}", session=session) for letter in "ABCDEFGHIJKLMN"]
    maria = trainer(chat)
    chat.travel(to=START + timedelta(days=3))
    maria.types("/hadir").sees("0 dari 14 hadir, 14 tidak tercatat").taps("Foto Produk").taps("Lihat daftar nama")
    maria.sees("Halaman 1 dari 2").taps("1. Bu Peserta A").sees_toast("Tercatat hadir")
    maria.sees("1. ✓ Bu Peserta A", "1 dari 14")
    maria.taps("1. ✓ Bu Peserta A").sees_toast("tidak hadir").sees("1. ✗ Bu Peserta A")
    maria.taps("Lihat berikutnya").taps("14. Bu Peserta N").sees("14. ✓ Bu Peserta N").taps("Lihat sebelumnya").sees(
        "Halaman 1 dari 2"
    )
    assert mark_of(chat, people[0], session) == Mark.ABSENT
    assert mark_of(chat, people[13], session) == Mark.PRESENT
    assert status_of(chat, people[0], session) == EnrolmentStatus.ABSENT
    assert status_of(chat, people[13], session) == EnrolmentStatus.ATTENDED
    assert status_of(chat, people[1], session) == EnrolmentStatus.UNRECORDED
    maria.sends_tap(f"attendance:tick:{session}:{person_id(chat, people[1])}:0").sees_toast("Tercatat hadir")
    assert status_of(chat, people[1], session) == EnrolmentStatus.ATTENDED
    maria.sends_tap(f"attendance:class:{session}").sees("Daftar sudah ditutup", "2 dari 14", "11 orang tidak tercatat")
    maria.types("/hadir").sees("2 dari 14 hadir, 11 tidak tercatat, ditutup")
    seats_agree(chat)
    actions = [action for action, _ in audited(chat)]
    assert {"attendance_seen", "presence_ticked", "absence_ticked"} <= set(actions)
    assert all("Peserta" not in subject for _, subject in audited(chat))


def test_names_stand_in_no_row_of_the_outbox(chat: Chat) -> None:
    session = a_class(chat)
    siti = enrolled(chat, "Rosalinda", session=session)
    maria = trainer(chat)
    chat.travel(to=START + timedelta(hours=1))
    siti.types("/hadir").taps("Saya hadir: Foto Produk")
    chat.travel(hours=2)
    maria.sees("1. Bu Rosalinda").sends_tap(f"attendance:names:{session}")
    maria.sees("? Bu Rosalinda", "1 orang melapor hadir")
    with chat.database.transaction() as db:
        assert all("Rosalinda" not in str(message) for message in db.scalars(select(OutboxRow.message)))


def test_a_name_tapped_twice_is_ticked_once(chat: Chat) -> None:
    session = a_class(chat)
    siti = enrolled(chat, "Siti", session=session)
    maria, joko = trainer(chat), trainer(chat, "Joko")
    for phone in (maria, joko):
        phone.sends_tap(f"attendance:names:{session}")
    there, same = maria.button("1. Bu Siti"), joko.button("1. Bu Siti")
    chat.deliver_all([maria.tap_update(*there), maria.tap_update(*there)], maria)
    assert mark_of(chat, siti, session) == Mark.PRESENT
    joko.sends_tap(*same).sees_toast("Tidak diubah").sees("1. ✓ Bu Siti")
    assert mark_of(chat, siti, session) == Mark.PRESENT
    maria.taps("1. ✓ Bu Siti").sees("✗ Bu Siti").taps("1. ✗ Bu Siti").sees("✓ Bu Siti")


def test_ticking_has_its_limits(chat: Chat) -> None:
    session = a_class(chat)
    siti = enrolled(chat, "Siti", session=session)
    rina = registered(chat, "Rina")
    maria = trainer(chat)
    tick = f"attendance:tick:{session}:{person_id(chat, siti)}:0"
    later = a_class(chat, "LB-3", starts=START + timedelta(hours=3))
    siti.sends_tap(f"enrolment:take:{later}")
    maria.sends_tap(f"attendance:tick:{later}:{person_id(chat, siti)}:0").sees("belum mulai")
    maria.sends_tap(f"attendance:finish:{session}").sees("belum berakhir")
    maria.types("/hadir").sends_tap(f"attendance:finished:{session}").sees("belum berakhir")
    maria.sends_tap(f"attendance:tick:{session}:{person_id(chat, rina)}:0").sees_toast("tidak lagi ada")
    maria.sends_tap(f"attendance:tick:{session}:999:0").sees_toast("tidak lagi ada")
    empty = a_class(chat, "LB-2", starts=START)
    maria.sends_tap(f"attendance:names:{empty}").sees("Belum ada peserta")
    for malformed in ("attendance:tick:x:y", "attendance:finish:"):
        maria.sends_tap(malformed).sees_toast("sudah tidak berlaku")
    for forged in ("attendance:names:999", "attendance:tick:999:1:0", "attendance:finish:999",
                   "attendance:finished:999", "attendance:close:999", "attendance:class:999",
                   "attendance:came:999:1"):  # fmt: skip
        maria.sends_tap(forged)
        assert "tidak ditemukan" in maria.last.text
    with chat.database.transaction() as db:
        found = db.get(ClassSession, session)
        assert found is not None
        found.cancelled_at = chat.now
    for action in (tick, f"attendance:finished:{session}"):
        maria.sends_tap(action)
        assert "dibatalkan" in maria.last.text


def test_the_trainers_word_stands_above_a_code(chat: Chat) -> None:
    session = a_class(chat)
    siti = enrolled(chat, "Siti", session=session)
    maria = opened(chat, session)
    siti.types(code_now(chat, session))
    maria.sends_tap(f"attendance:names:{session}").taps("1. ✓ Bu Siti").sees("Bu Siti mencatat hadir lewat kode pukul")
    assert mark_of(chat, siti, session) == Mark.PRESENT
    maria.taps("Tetap hadir").sees("1. ✓ Bu Siti").taps("1. ✓ Bu Siti").taps("Ya, tidak hadir").sees("1. ✗ Bu Siti")
    chat.travel(to=START + timedelta(hours=1))
    siti.sends_tap(f"attendance:claim:{session}:{person_id(chat, siti)}").sees("Pelatih mencatat tidak hadir")


def test_a_code_read_after_the_trainers_tick_is_proof_all_the_same(chat: Chat) -> None:
    """Taking the presence away asks first, as it does of who read the code before."""
    session = a_class(chat)
    siti = enrolled(chat, "Siti", session=session)
    maria = opened(chat, session)
    maria.sends_tap(f"attendance:names:{session}").taps("1. Bu Siti").sees("1. ✓ Bu Siti")
    siti.types("BCDF").types(code_now(chat, session)).sees("sudah tercatat hadir")
    maria.sends_tap(f"attendance:names:{session}").taps("1. ✓ Bu Siti").sees("Bu Siti mencatat hadir lewat kode pukul")
    assert mark_of(chat, siti, session) == Mark.PRESENT


STAFF_ACTIONS = (
    "class", "open", "close", "names", "tick", "came", "not_came", "finish", "finished", "all_but", "others",
)  # fmt: skip


@pytest.mark.parametrize("who", ["participant", "elsewhere"])
def test_nobody_else_gets_near_the_list(chat: Chat, who: str) -> None:
    session = a_class(chat)
    siti = enrolled(chat, "Siti", session=session)
    phone = siti if who == "participant" else trainer(chat, "Yohanes", site="jayapura")
    for action in STAFF_ACTIONS:
        phone.sends_tap(f"attendance:{action}:{session}:{person_id(chat, siti)}:0").does_not_see("Bu Siti sudah")
        assert "✓" not in phone.last.text
    assert mark_of(chat, siti, session) is None
    assert not [action for action, _ in audited(chat) if action != "refused"]
    with chat.database.transaction() as db:
        assert attendance.sheet_of(db, session) is None


# --- who forgot, and who did not come -------------------------------------------------------------------------------


def test_the_trainer_is_asked_then_the_people_and_the_list_closes_at_the_end_of_the_next_day(chat: Chat) -> None:
    session = a_class(chat)
    siti, anton, rina = (enrolled(chat, name, session=session) for name in ("Siti", "Anton", "Rina"))
    maria = trainer(chat)
    came(chat, siti, session)
    for phone in (anton, rina, maria):
        phone.looks_up()
    chat.travel(to=START + timedelta(hours=4))
    maria.sees(
        "1 orang hadir, 2 orang belum dicatat",
        "ditutup sendiri Selasa 24 Nov malam, pukul 24.00",
        "Semua hadir",
        "Tutup daftar",
    )
    assert status_of(chat, anton, session) == EnrolmentStatus.SEATED
    anton.does_not_see("Waktu itu hadir?")
    chat.travel(to=local(24, 12, 1))
    rina.sees("belum tercatat", "Waktu itu hadir?")
    anton.taps("Saya hadir").sees_toast("Pelatih akan memeriksa")
    chat.travel(to=local(24, 13, 2))
    maria.sees("Melapor hadir di kelas Foto Produk, Sen 23 Nov, 10.20: 1", "1. Bu Anton")
    maria.taps("Ya, hadir").sees("Bu Anton tercatat hadir")
    chat.travel(to=local(25, 0, 1))
    assert status_of(chat, siti, session) == EnrolmentStatus.ATTENDED
    assert status_of(chat, anton, session) == EnrolmentStatus.ATTENDED
    assert status_of(chat, rina, session) == EnrolmentStatus.UNRECORDED
    maria.does_not_see("sudah ditutup")
    chat.travel(to=local(25, 8, 1))
    maria.sees("sudah ditutup: 2 hadir, 0 tidak hadir", "1 orang tidak tercatat:\n2. Bu Rina")
    anton.sends_tap(f"attendance:claim:{session}:{person_id(chat, anton)}").sees("sudah tercatat hadir")
    seats_agree(chat)


def test_a_complete_list_closes_without_a_question(chat: Chat) -> None:
    session = a_class(chat)
    siti = enrolled(chat, "Siti", session=session)
    maria = trainer(chat)
    came(chat, siti, session)
    maria.looks_up()
    chat.travel(to=START + timedelta(hours=4))
    assert status_of(chat, siti, session) == EnrolmentStatus.ATTENDED
    maria.does_not_see("belum dicatat")


def test_closing_by_hand_names_who_is_not_recorded_and_whose_word_has_no_answer(chat: Chat) -> None:
    session = a_class(chat)
    siti, anton, rina = (enrolled(chat, name, session=session) for name in ("Siti", "Anton", "Rina"))
    maria = trainer(chat)
    came(chat, siti, session)
    chat.travel(to=START + timedelta(hours=3))
    anton.sends_tap(f"attendance:claim:{session}:{person_id(chat, anton)}")
    maria.sends_tap(f"attendance:finish:{session}")
    maria.sees("1 orang melapor hadir dan belum dijawab:\n1. Bu Anton", "menjadi tidak tercatat:\n2. Bu Rina")
    close = maria.button("Tutup juga")
    maria.taps("Jawab dulu").sees("menunggu jawaban, 1 orang:\n1. Bu Anton")
    rina.sends_tap(f"attendance:claim:{session}:{person_id(chat, rina)}")
    maria.sends_tap(*close).sees_toast("baru saja berubah").sees("2 orang melapor hadir")
    maria.taps("Tutup juga").sees("1 hadir, 0 tidak hadir.\n2 orang tidak tercatat", "belum dijawab:\n1. Bu Anton")
    assert status_of(chat, anton, session) == EnrolmentStatus.UNRECORDED
    maria.taps("2. Ya, hadir").sees("Bu Rina tercatat hadir", "menunggu jawaban, 1 orang:\n1. Bu Anton")
    assert status_of(chat, rina, session) == EnrolmentStatus.ATTENDED
    seats_agree(chat)


def test_all_others_are_recorded_at_once_after_their_names_were_read(chat: Chat) -> None:
    session = a_class(chat)
    siti, anton, rina = (enrolled(chat, name, session=session) for name in ("Siti", "Anton", "Rina"))
    maria = trainer(chat)
    came(chat, siti, session)
    chat.travel(to=START + timedelta(hours=4, minutes=1))
    anton.sends_tap(f"attendance:claim:{session}:{person_id(chat, anton)}")
    maria.sends_tap(f"attendance:finish:{session}").taps("Semua tidak hadir")
    maria.sees("Catat tidak hadir 1 orang")
    maria.taps("Ya, tidak hadir").sees_toast("1 orang dicatat")
    assert (mark_of(chat, anton, session), mark_of(chat, rina, session)) == (Mark.CLAIMED, Mark.ABSENT)
    maria.sends_tap(f"attendance:others:{session}:present").sees("Catat hadir 1 orang", "1. Bu Anton")
    maria.taps("Ya, semua hadir").sees_toast("1 orang dicatat")
    assert mark_of(chat, anton, session) == Mark.PRESENT
    maria.sends_tap(f"attendance:others:{session}:present").sees_toast("Semua nama sudah dicatat")


def test_an_answered_claim_is_not_overruled_by_an_old_message(chat: Chat) -> None:
    session = a_class(chat)
    siti = enrolled(chat, "Siti", session=session)
    maria, joko = trainer(chat), trainer(chat, "Joko")
    chat.travel(to=START + timedelta(minutes=31))
    siti.sends_tap(f"attendance:claim:{session}:{person_id(chat, siti)}").sees("Pelatih akan memeriksa")
    chat.travel(hours=1)
    old = joko.button("Tidak hadir")
    maria.taps("Ya, hadir").sees("tercatat hadir")
    joko.sends_tap(*old).sees("catatan sekarang hadir, dicatat", "Pesan tadi tidak mengubahnya")
    assert mark_of(chat, siti, session) == Mark.PRESENT
    joko.taps("Lihat daftar nama").taps("1. ✓ Bu Siti").sees_toast("mencatat hadir").sees("1. ✗ Bu Siti")
    assert mark_of(chat, siti, session) == Mark.ABSENT


def test_people_hear_once_that_their_word_was_answered_and_never_at_night(chat: Chat) -> None:
    session = a_class(chat, starts=local(23, 17))
    siti, anton = (enrolled(chat, name, session=session) for name in ("Siti", "Anton"))
    maria = trainer(chat)
    chat.travel(to=local(23, 19, 27))
    for phone in (siti, anton):
        phone.sends_tap(f"attendance:claim:{session}:{person_id(chat, phone)}").looks_up()
    maria.sends_tap(f"attendance:came:{session}:{person_id(chat, siti)}")
    maria.sends_tap(f"attendance:not_came:{session}:{person_id(chat, anton)}")
    maria.sends_tap(f"attendance:names:{session}").taps("1. ✗ Bu Anton")  # mended at once
    chat.travel(to=local(23, 23))
    for phone in (siti, anton):
        phone.sees_nothing_new()
    chat.travel(to=local(24, 8, 1))
    for phone in (siti, anton):
        phone.sees("pelatih sudah memeriksa kehadiran", "Foto Produk, Sen 23 Nov, 17.00: hadir")
        assert sum("memeriksa kehadiran:" in bubble.text for bubble in phone.bubbles) == 1


def test_people_hear_when_presence_they_know_of_is_taken_back_but_not_of_a_slip(chat: Chat) -> None:
    session = a_class(chat)
    siti, anton, rina = (enrolled(chat, name, session=session) for name in ("Siti", "Anton", "Rina"))
    maria = opened(chat, session)
    for phone in (siti, anton):
        phone.types(code_now(chat, session)).looks_up()
    rina.looks_up()
    maria.sends_tap(f"attendance:names:{session}").taps("3. ✓ Bu Siti").taps("Ya, tidak hadir")
    maria.taps("1. ✓ Bu Anton").taps("Ya, tidak hadir").taps("1. ✗ Bu Anton").sees("1. ✓ Bu Anton")
    maria.taps("2. Bu Rina").taps("2. ✓ Bu Rina").sees("2. ✗ Bu Rina")  # ticked through: nobody was told of it
    chat.travel(minutes=6)
    siti.sees("catatan kehadiran berubah", "tidak hadir")
    for phone in (anton, rina):
        phone.sees_nothing_new()
    maria.sends_tap(f"attendance:names:{session}").taps("3. ✗ Bu Siti").sees("3. ✓ Bu Siti")
    siti.looks_up()
    chat.travel(minutes=6)
    siti.sees("catatan kehadiran berubah", ": hadir")


def test_who_stopped_messages_hears_nothing_of_it(chat: Chat) -> None:
    session = a_class(chat)
    siti = enrolled(chat, "Siti", session=session)
    maria = opened(chat, session)
    siti.types(code_now(chat, session)).types("/berhenti").looks_up()
    maria.sends_tap(f"attendance:names:{session}").taps("1. ✓ Bu Siti").taps("Ya, tidak hadir")
    chat.travel(minutes=30)
    siti.sees_nothing_new()


def test_a_claim_can_be_refused_and_is_made_once(chat: Chat) -> None:
    session = a_class(chat)
    siti = enrolled(chat, "Siti", session=session)
    maria = trainer(chat)
    claim = f"attendance:claim:{session}:{person_id(chat, siti)}"
    siti.sends_tap(claim).sees("Minta kode hadir")
    chat.travel(to=START + timedelta(minutes=31))
    siti.sends_tap(claim).sees("Pelatih akan memeriksa")
    siti.sends_tap(claim).sees("belum memeriksa")
    chat.travel(hours=1)
    assert sum("Melapor hadir" in bubble.text for bubble in maria.bubbles) == 1
    maria.taps("Tidak hadir").sees("tercatat tidak hadir")
    siti.sends_tap(claim).sees("mencatat tidak hadir")


def test_forged_and_foreign_claims_are_answered_and_change_nothing(chat: Chat) -> None:
    session = a_class(chat)
    siti = enrolled(chat, "Siti", session=session)
    rina = registered(chat, "Rina")
    chat.travel(to=START + timedelta(hours=1))
    hers = person_id(chat, siti)
    for action in (f"claim:{session}:{hers}", f"missed:{session}:{hers}", f"reason:{session}:{hers}:far", "claim:x"):
        rina.sends_tap(f"attendance:{action}").sees_toast("Tombol")
    assert mark_of(chat, siti, session) is None
    siti.sends_tap(f"attendance:claim:999:{hers}").sees("tidak ditemukan")
    rina.sends_tap(f"attendance:claim:{session}:{person_id(chat, rina)}").sees("belum terdaftar")
    siti.sends_tap(f"attendance:reason:{session}:{hers}:nonsense")
    siti.sends_tap(f"attendance:reason:{session}:{hers}:far")
    with chat.database.transaction() as db:
        assert db.scalar(select(func.count()).select_from(Attendance)) == 0


def test_many_claims_come_as_one_word_and_at_open_hours(chat: Chat) -> None:
    session = a_class(chat, starts=local(23, 18))
    people = [enrolled(chat, f"Peserta {letter}", session=session) for letter in "ABCDEFGH"]
    maria = trainer(chat)
    chat.travel(to=local(23, 21))
    for phone in people:
        phone.sends_tap(f"attendance:claim:{session}:{person_id(chat, phone)}").sees("Pelatih akan memeriksa")
    maria.does_not_see("elapor hadir")
    chat.travel(to=local(24, 8, 1))
    said = [bubble for bubble in maria.bubbles if "Melapor hadir" in bubble.text]
    assert len(said) == 1
    assert "pukul" not in said[0].text
    maria.sees("18.00: 8", "6. Bu Peserta F", "dan 2 lagi", "6. Tidak hadir").does_not_see("Peserta G")
    maria.taps("Lihat yang lain").sees("menunggu jawaban, 8 orang").taps("1. Ya, hadir")
    maria.sees("Bu Peserta A tercatat hadir", "menunggu jawaban, 7 orang", "1. ✓ Hadir").does_not_see("7. Bu Peserta G")
    maria.taps("Lihat yang lain").sees("7. Bu Peserta G", "7. Ya, hadir").does_not_see("Bu Peserta A")


def test_in_a_class_without_a_list_nobody_is_absent_and_nobody_is_asked(chat: Chat) -> None:
    session = a_class(chat)
    siti = enrolled(chat, "Siti", session=session)
    maria = trainer(chat)
    siti.looks_up()
    chat.travel(to=local(24, 20))
    maria.sees("Kehadiran belum dicatat")
    assert sum("belum dicatat" in bubble.text for bubble in maria.bubbles) == 1
    assert status_of(chat, siti, session) == EnrolmentStatus.SEATED
    siti.does_not_see("Waktu itu hadir?")
    chat.travel(to=local(25, 9))
    maria.sees("sudah ditutup: 0 hadir, 0 tidak hadir", "1. Bu Siti")
    assert status_of(chat, siti, session) == EnrolmentStatus.UNRECORDED
    siti.does_not_see("Waktu itu hadir?")


def test_without_a_trainer_the_admins_hear_of_it(database_url: str) -> None:
    chat = Chat(database_url, admin_ids=(501,))
    try:
        session = a_class(chat)
        enrolled(chat, "Siti", session=session)
        admin = Phone(chat, 501, "Ketua")
        chat.known[501] = set()
        admin.types("/hadir").looks_up()
        chat.travel(to=START + timedelta(hours=5))
        admin.sees("Kehadiran belum dicatat").taps("Centang nama").sees("Bu Siti")
    finally:
        chat.close()


def test_who_says_they_did_not_come_is_thanked(chat: Chat) -> None:
    session = a_class(chat)
    siti, anton = (enrolled(chat, name, session=session) for name in ("Siti", "Anton"))
    came(chat, siti, session)
    chat.travel(to=local(24, 12, 1))
    missed = anton.button("Tidak hadir")
    anton.taps("Tidak hadir").sees("Terima kasih sudah memberi tahu", "Pilih kelas lain")
    assert mark_of(chat, anton, session) == Mark.ABSENT
    anton.sends_tap(*missed)
    chat.travel(to=local(25, 1))
    assert status_of(chat, anton, session) == EnrolmentStatus.ABSENT


def test_consent_and_stop_are_minded(chat: Chat) -> None:
    session = a_class(chat)
    siti, anton = enrolled(chat, "Siti", session=session), enrolled(chat, "Anton", session=session)
    rina = registered(chat, "Rina", reminders=False).sends_tap(f"enrolment:take:{session}")
    anton.types("/berhenti")
    came(chat, siti, session)
    for phone in (anton, rina):
        phone.looks_up()
    chat.travel(to=local(25, 8))
    assert status_of(chat, anton, session) == status_of(chat, rina, session) == EnrolmentStatus.UNRECORDED
    for phone in (anton, rina):
        phone.does_not_see("Waktu itu hadir?")


def miss(chat: Chat, code: str, starts: datetime, *absent: Phone) -> int:
    """A class that Tina comes to and these people do not, as their trainer ticks."""
    session = a_class(chat, code, starts=starts)
    for phone in absent:
        with chat.database.transaction() as db:
            enrolment.enrol(db, phone.person(db), session, chat.now)
    tina = enrolled(chat, "Tina", session=session)
    chat.travel(to=starts + timedelta(minutes=1))
    came(chat, tina, session)
    for phone in absent:
        came(chat, phone, session, present=False)
    return session


def test_two_absences_in_a_row_are_a_question_not_a_punishment(chat: Chat) -> None:
    maria = trainer(chat)
    people = [registered(chat, name) for name in ("Siti", "Rina", "Dewi", "Tuti")]
    miss(chat, "LB-1", START, *people)
    second = miss(chat, "LB-2", START + timedelta(hours=3), *people)
    for phone in people:
        phone.looks_up()
    chat.travel(to=local(25, 8, 1))
    answers = {
        "Waktu kurang cocok": ("di waktu lain", "waktu kurang cocok"),
        "Tempatnya jauh": ("lebih dekat", "tempatnya jauh"),
        "Sedang sibuk": ("kalau sempat", "sedang sibuk"),
        "Minta dihubungi": ("Nanti pelatih menghubungi", "minta dihubungi"),
    }
    for phone, (label, (heard, told)) in zip(people, answers.items(), strict=True):
        phone.sees("dua kelas terakhir", "Apa yang bisa kami bantu?").taps(label).sees(heard, "Pilih kelas lain")
        maria.sees(f"Bu {phone.first_name} dua kali tidak hadir", told)
    siti = people[0]
    maria.looks_up()
    siti.sends_tap(f"attendance:reason:{second}:{person_id(chat, siti)}:time")
    maria.sees_nothing_new()
    third = miss(chat, "LB-3", local(25, 9), siti)
    siti.looks_up()
    chat.travel(to=local(27, 8, 1))
    siti.does_not_see("Apa yang bisa kami bantu?")
    assert status_of(chat, siti, third) == EnrolmentStatus.ABSENT


def test_who_came_in_between_is_not_asked(chat: Chat) -> None:
    siti = registered(chat)
    first = miss(chat, "LB-1", START, siti)
    came(chat, siti, first)
    miss(chat, "LB-2", START + timedelta(hours=3), siti)
    siti.looks_up()
    chat.travel(to=local(25, 8, 1))
    siti.does_not_see("Apa yang bisa kami bantu?")


# --- seats ----------------------------------------------------------------------------------------------------------


def test_a_seat_got_after_waiting_is_known_as_such(chat: Chat) -> None:
    session = a_class(chat, starts=local(26, 9), capacity=1)
    siti = enrolled(chat, "Siti", session=session)
    anton = enrolled(chat, "Anton", session=session)
    siti.sends_tap(f"enrolment:withdrawn:{session}")
    chat.travel(minutes=2)
    anton.taps("Ambil kursi")
    with chat.database.transaction() as db:
        known = enrolment.enrolment_of(db, anton.person(db), session)
        assert known is not None
        assert known.from_waitlist_at is not None
    anton.sends_tap(f"enrolment:withdrawn:{session}")
    chat.travel(minutes=2)
    anton.sends_tap(f"enrolment:take:{session}")
    with chat.database.transaction() as db:
        known = enrolment.enrolment_of(db, anton.person(db), session)
        assert known is not None
        assert known.status == EnrolmentStatus.SEATED
        assert known.from_waitlist_at is None, "the second seat was free at once"
    seats_agree(chat)


def test_a_settled_seat_is_not_taken_twice(chat: Chat) -> None:
    session = a_class(chat)
    siti = enrolled(chat, "Siti", session=session)
    came(chat, siti, session)
    chat.travel(to=START + timedelta(hours=5))
    with chat.database.transaction() as db:  # a class that is held again under its old row
        found = db.get(ClassSession, session)
        assert found is not None
        found.starts_at = chat.now + timedelta(days=2)
    siti.sends_tap(f"enrolment:take:{session}").sees_toast("Sudah terdaftar")
    seats_agree(chat)


def test_the_copy_of_ones_data_tells_what_was_recorded(chat: Chat) -> None:
    session = a_class(chat)
    siti = enrolled(chat, "Siti", session=session)
    came(chat, siti, session)
    with chat.database.transaction() as db:
        copy = privacy.copy_of(db, siti.person(db), context=chat.context, now=chat.now)
    (record,) = copy["kehadiran"]
    assert (record["kelas"], record["tanda"], record["cara"]) == ("LB-1", "present", "trainer")


# --- guessing -------------------------------------------------------------------------------------------------------


def test_a_code_cannot_be_found_by_trying(chat: Chat) -> None:
    session = a_class(chat)
    siti, anton = enrolled(chat, "Siti", session=session), enrolled(chat, "Anton", session=session)
    opened(chat, session)
    right = code_now(chat, session)
    with chat.database.transaction() as db:
        sheet = attendance.sheet_of(db, session)
        assert sheet is not None
        known = {code_of(sheet.secret, session, stretch_of(chat.now) - ago) for ago in range(40)}
    wrong = [code for letter in LETTERS for code in (f"BCD{letter}", f"BCF{letter}") if code not in known]
    for code in wrong[:5]:
        siti.types(code).sees("belum cocok")
        siti.starts(payload(session, code)).sees("belum cocok")
    siti.types(wrong[11]).sees("belum cocok", "10 menit")
    siti.types(right).sees("belum cocok")
    siti.starts(payload(session, right)).sees("belum cocok")
    assert mark_of(chat, siti, session) is None
    anton.types(right).sees("tercatat hadir")
    assert mark_of(chat, anton, session) == Mark.PRESENT
    assert [action for action, _ in audited(chat)].count("code_refused") == 10
    chat.travel(minutes=11)
    siti.types(code_now(chat, session))
    assert mark_of(chat, siti, session) == Mark.PRESENT


# --- codes that were misread ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["KTRA", "K7RB", " ktr ", "Kode: KTRO", "kode k7rb", "KTRQ."])
def test_what_looks_like_a_code_and_can_be_none(text: str) -> None:
    assert attendance.resembles_code(text) is (len(text.strip(" .")) > 3)


@pytest.mark.parametrize("text", ["halo", "KTRB", "ktrb", "kode saya", "kode otp", "2026", "KTRAB", "iyaa", ""])
def test_words_and_codes_do_not_look_misread(text: str) -> None:
    assert not attendance.resembles_code(text)


@pytest.mark.parametrize("typed", ["KTRA", "K7RB", "kode: k7rb"])
def test_who_misreads_the_code_is_told_what_a_code_looks_like(chat: Chat, typed: str) -> None:
    session = a_class(chat)
    siti = enrolled(chat, "Siti", session=session)
    opened(chat, session)
    for _ in range(8):
        siti.types(typed).sees("belum cocok dengan kelas Foto Produk", "empat huruf")
    siti.types(code_now(chat, session)).sees("tercatat hadir")
    siti.types(typed).does_not_see("belum cocok")


@pytest.mark.parametrize("typed", ["HALO", "SIAP", "mksh"])
def test_words_in_capitals_are_words_also_while_a_code_is_shown(chat: Chat, typed: str) -> None:
    session = a_class(chat)
    siti = enrolled(chat, "Siti", session=session)
    opened(chat, session)
    siti.types(typed).does_not_see("belum cocok")


def test_where_no_code_is_shown_what_looks_misread_is_no_try(chat: Chat) -> None:
    siti = enrolled(chat, "Siti", session=a_class(chat)).types("KTRA").sees("tidak ada kelas yang meminta kode hadir")
    siti.does_not_see("belum cocok").types("SIAP").does_not_see("kode hadir")
    chat.phone("Rina").types("KTRA").does_not_see("belum cocok")
