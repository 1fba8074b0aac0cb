"""Who comes to a class: pages of names, the file, moving somebody, freeing a seat, adding who just came."""

from __future__ import annotations

import io
from datetime import datetime

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from bot.delivery.outbox import OutboxRow, SentFile
from bot.people.audit import AuditRow
from bot.people.people import Consent, Person
from bot.programme import class_changes, sessions
from bot.programme.enrolment import Enrolment, EnrolmentStatus
from bot.programme.sessions import ClassSession
from tests.chat import Chat, Phone, enrolled, local

AT_TEN = datetime(2026, 11, 23, 10, 0)  # noqa: DTZ001 - a spreadsheet knows wall time only


def statuses(chat: Chat, session: int) -> dict[str, str]:
    with chat.database.transaction() as db:
        query = select(Person.name, Enrolment.status).join(Enrolment).where(Enrolment.session_id == session)
        return {row[0]: row[1] for row in db.execute(query)}


def seats(chat: Chat, session: int) -> tuple[int, int]:
    with chat.database.transaction() as db:
        found = db.get(ClassSession, session)
        assert found is not None
        return found.seats_taken, found.capacity


def notes(chat: Chat, *, seen: bool = False) -> list[tuple[str, str]]:
    """What was done, and with `seen` also which lists were looked at."""
    with chat.database.transaction() as db:
        rows = db.scalars(select(AuditRow).order_by(AuditRow.id))
        return [(row.action, row.subject) for row in rows if seen or row.action != "roster_seen"]


# --- seeing ---------------------------------------------------------------------------------------------------------


def test_names_with_their_answers_and_the_waitlist(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(capacity=2, starts=local(26, 9))
    siti, _ = enrolled(chat, "Siti", session=session), enrolled(chat, "Anton", session=session)
    enrolled(chat, "Rina", session=session)
    siti.sends_tap(f"reminders:coming:{session}")
    maria.types("/peserta").sees("peserta kelas yang mana").taps("Kam 26 Nov, 09.00 · Foto Produk")
    maria.sees(
        "Punya kursi 2 dari 2, ditawari 0, daftar tunggu 1", "1. Bu Anton, belum menjawab", "2. Bu Siti, akan datang"
    )
    maria.sees("3. Bu Rina, daftar tunggu nomor 1").taps("3. Bu Rina").sees("daftar tunggu nomor 1", "Pindah kelas")
    maria.taps("Lihat peserta").taps("Atur kelas").sees("Terisi 2 dari 2").taps("Lihat peserta").sees("Bu Siti")


def test_the_list_says_what_is_recorded_and_who_said_that_they_come(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(23, 12))
    siti, rina, _ = (enrolled(chat, name, session=session) for name in ("Siti", "Rina", "Anton"))
    siti.types("/berhenti")
    maria.sends_tap(f"roster:list:{session}").sees("3. Bu Siti, tidak bisa dihubungi")
    siti.taps("Ya, tetap ikut")
    maria.sends_tap(f"roster:list:{session}").sees("Akan datang 1", "3. Bu Siti, akan datang")
    chat.travel(to=local(23, 15))
    maria.sends_tap(f"roster:list:{session}").sees("Hadir 0, tidak hadir 0", "3. Bu Siti, belum tercatat")
    maria.does_not_see("Akan datang").does_not_see("akan datang").does_not_see("belum menjawab")
    maria.sends_tap(f"attendance:names:{session}").types("siti tidak hadir").sees("Tercatat tidak hadir")
    with chat.database.transaction() as db:
        hers = rina.person(db).id
    rina.sends_tap(f"attendance:claim:{session}:{hers}").sees("Pelatih akan memeriksa")
    maria.sends_tap(f"roster:list:{session}")
    maria.sees("1. Bu Anton, belum tercatat", "2. Bu Rina, melapor hadir", "3. Bu Siti, tidak hadir")


def test_twenty_three_names_make_three_pages(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(capacity=30)
    for number in range(23):
        enrolled(chat, f"Orang {chr(65 + number)}", session=session)
    maria.types("/peserta").taps("Foto Produk").sees("1. Bu Orang A", "10. Bu Orang J").does_not_see("11. ")
    maria.taps("Lihat berikutnya").sees("11. Bu Orang K", "20. Bu Orang T").taps("Lihat berikutnya")
    maria.sees("21. Bu Orang U", "23. Bu Orang W").does_not_see("Lihat berikutnya").taps("Lihat sebelumnya")
    maria.sees("11. Bu Orang K")


def test_the_whole_list_as_a_file_that_leaves_no_trace(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(capacity=1, starts=local(26, 9))
    enrolled(chat, "Kunigunda", session=session).taps("Simpan di kalender")
    enrolled(chat, "Zebedeus", session=session)
    maria.types("/peserta").taps("Foto Produk").taps("Unduh Excel").sees("Daftar peserta Foto Produk", "mohon jangan")
    name, content, _ = maria.last.params["files"]["document"]
    assert name == "peserta-foto-produk-2026-11-26.xlsx"
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows == [
        ["Kelas", "Foto Produk", "", ""],
        ["Waktu", "Kamis, 26 November 2026 pukul 09.00 WITA", "", ""],
        ["Tempat", "Puncak Waringin, Labuan Bajo", "", ""],
        ["Pelatih", "Pelatih (contoh)", "", ""],
        ["", "", "", ""],
        ["Nomor", "Nama", "Status", "Sejak"],
        [1.0, "Bu Kunigunda", "belum menjawab", AT_TEN],
        [2.0, "Bu Zebedeus", "daftar tunggu nomor 1", AT_TEN],
    ]
    assert notes(chat, seen=True) == [(what, f"session:{session}") for what in ("roster_seen", "roster_taken")]
    with chat.database.transaction() as db:
        assert "Kunigunda" not in " ".join(str(row.message) for row in db.scalars(select(OutboxRow)))
        # only the calendar file of the class: what Telegram calls a list of names is not remembered either
        assert len(db.scalars(select(SentFile)).all()) == 1


def test_who_left_the_programme_is_nobody_on_the_list(chat: Chat, maria: Phone) -> None:
    session = chat.add_class()
    siti, _ = enrolled(chat, "Siti", session=session), enrolled(chat, "Anton", session=session)
    maria.types("/peserta").taps("Foto Produk").sees("Bu Siti")
    siti.types("/hapus_data").taps("Ya, hapus")
    maria.types("/peserta").taps("Foto Produk").sees("1. Bu Anton").does_not_see("Siti")


def test_classes_of_the_last_days_stay_in_reach(chat: Chat, maria: Phone) -> None:
    maria.types("/peserta").sees("Belum ada kelas")
    chat.add_class("LB-1", title="Kemarin", starts=local(23, 12))
    chat.add_class("LB-2", title="Besok", starts=local(25, 12))
    chat.add_class("JY-1", title="Jauh", site="jayapura", starts=local(25, 12))
    chat.travel(to=local(24, 12))
    maria.types("/peserta").sees("Besok", "Kemarin").does_not_see("Jauh")
    assert maria.last.labels[0].endswith("Besok")
    chat.travel(to=local(30, 13))
    maria.types("/peserta").sees("Besok").does_not_see("Kemarin")


# --- freeing and moving ---------------------------------------------------------------------------------------------


def test_a_freed_seat_is_told_and_goes_to_the_next(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(capacity=1, starts=local(26, 9))
    siti, anton = enrolled(chat, "Siti", session=session), enrolled(chat, "Anton", session=session)
    siti.looks_up()
    anton.looks_up()
    maria.types("/peserta").taps("Foto Produk").taps("1. Bu Siti").taps("Lepas kursi").sees("Lepas kursi Bu Siti")
    siti.sees_nothing_new()
    maria.taps("Ya, lepas").sees("Bu Siti sudah tidak di kelas Foto Produk")
    siti.sees("Bu Siti, kursi di kelas Foto Produk dilepas oleh pelatih", "Pilih kelas lain")
    anton.sees("ada kursi kosong")
    assert statuses(chat, session) == {"Siti": EnrolmentStatus.WITHDRAWN, "Anton": EnrolmentStatus.OFFERED}
    assert notes(chat)[0][0] == "seat_freed"
    with chat.database.transaction() as db:
        line = db.scalars(select(Enrolment.id).order_by(Enrolment.id)).first()
    maria.sends_tap(f"roster:freed:{line}").sees_toast("sudah dilepas")
    chat.travel(hours=13)
    maria.sends_tap(f"roster:freed:{line}").sees("Sudah tidak bisa")
    assert len(notes(chat)) == 1


def test_somebody_is_taken_off_the_waitlist(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(capacity=1, starts=local(26, 9))
    _, anton = enrolled(chat, "Siti", session=session), enrolled(chat, "Anton", session=session)
    maria.types("/peserta").taps("Foto Produk").taps("2. Bu Anton").taps("Lepas kursi").sees("dari daftar tunggu")
    anton.looks_up()
    maria.taps("Ya, lepas")
    anton.sees("dihapus oleh pelatih")


def test_after_the_start_nobody_is_freed_or_moved(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(23, 12))
    enrolled(chat, "Siti", session=session)
    maria.types("/peserta").taps("Foto Produk").taps("1. Bu Siti").sees("Lepas kursi")
    chat.travel(to=local(23, 12, 30))
    maria.taps("Lepas kursi").sees("Sudah tidak bisa")
    maria.types("/peserta").taps("Foto Produk").taps("1. Bu Siti").does_not_see("Lepas kursi", "Pindah kelas")
    for forged in ("move:1", "freed:1", "moved:1:1"):
        maria.types("/peserta").sends_tap(f"roster:{forged}").sees("Sudah tidak bisa")
    assert statuses(chat, session) == {"Siti": EnrolmentStatus.SEATED}


def test_somebody_is_moved_to_another_class_and_told(chat: Chat, maria: Phone) -> None:
    old = chat.add_class("LB-1", starts=local(26, 9))
    new = chat.add_class("LB-2", title="Video Pendek", starts=local(27, 15), venue="Balai Desa")
    chat.add_class("LB-3", title="Sudah Penuh", starts=local(27, 15), capacity=1)
    chat.add_class("JY-1", title="Jauh", site="jayapura", starts=local(27, 15))
    siti = enrolled(chat, "Siti", session=old)
    with chat.database.transaction() as db:
        full = sessions.find(db, "LB-3")
        assert full is not None
    enrolled(chat, "Anton", session=full.id)
    siti.looks_up()
    maria.types("/peserta").taps("Foto Produk").taps("1. Bu Siti").taps("Pindah kelas").sees("Video Pendek")
    maria.does_not_see("Sudah Penuh", "Jauh").taps("Video Pendek").sees("Pindahkan Bu Siti dari Foto Produk")
    maria.sees("Jumat, 27 November 2026 pukul 15.00 WITA").taps("Ya, pindahkan").sees(
        "Bu Siti sudah pindah ke kelas Video"
    )
    siti.sees(
        "dipindahkan oleh pelatih dari kelas Foto Produk", "Balai Desa", "Jumat, 27 November 2026 pukul 15.00 WITA"
    )
    assert statuses(chat, old) == {"Siti": EnrolmentStatus.WITHDRAWN}
    assert statuses(chat, new) == {"Siti": EnrolmentStatus.SEATED}
    assert notes(chat)[0][0] == "person_moved"
    maria.taps("Lihat kelas lama").sees("Belum ada peserta")


def test_a_confirmation_is_about_the_seat_and_the_class_it_named(chat: Chat, maria: Phone) -> None:
    """Another time of the class, or another seat of the person: it is said again before it is done."""
    old = chat.add_class("LB-1", starts=local(26, 9))
    new = chat.add_class("LB-2", title="Video Pendek", starts=local(27, 15))
    siti = enrolled(chat, "Siti", session=old)
    maria.sends_tap(f"roster:list:{old}").taps("1. Bu Siti").taps("Pindah kelas").taps("Video Pendek")
    move = maria.button("Ya, pindahkan")
    maria.sends_tap(f"roster:list:{old}").taps("1. Bu Siti").taps("Lepas kursi")
    free = maria.button("Ya, lepas")
    with chat.database.transaction() as db:
        found = db.get_one(ClassSession, new)
        class_changes.change(db, found, chat.now, starts_at=local(28, 15), leads=(), zone="Asia/Makassar")
    maria.sends_tap(*move).sees("Pindahkan Bu Siti", "Sabtu, 28 November 2026")
    siti.sends_tap(f"enrolment:withdrawn:{old}")
    chat.travel(minutes=1)
    siti.sends_tap(f"enrolment:take:{old}")
    maria.sends_tap(*free).sees("Bu Siti")
    assert statuses(chat, old) == {"Siti": EnrolmentStatus.SEATED}
    maria.taps("Ya, lepas")
    assert statuses(chat, old) == {"Siti": EnrolmentStatus.WITHDRAWN}


def test_a_class_that_filled_up_in_between_changes_nothing(chat: Chat, maria: Phone) -> None:
    old = chat.add_class("LB-1", starts=local(26, 9))
    new = chat.add_class("LB-2", title="Video Pendek", starts=local(27, 15), capacity=1)
    enrolled(chat, "Siti", session=old)
    maria.types("/peserta").taps("Foto Produk").taps("1. Bu Siti").taps("Pindah kelas").taps("Video Pendek")
    enrolled(chat, "Anton", session=new)
    maria.taps("Ya, pindahkan").sees("Kelas Video Pendek", "sudah penuh")
    assert statuses(chat, old) == {"Siti": EnrolmentStatus.SEATED}
    assert notes(chat) == []


def test_a_clash_and_a_seat_that_is_there_already_are_told(chat: Chat, maria: Phone) -> None:
    old = chat.add_class("LB-1", starts=local(26, 9))
    same_time = chat.add_class("LB-2", title="Video Pendek", starts=local(27, 15))
    other = chat.add_class("LB-3", title="Harga", starts=local(27, 16))
    siti = enrolled(chat, "Siti", session=old)
    siti.sends_tap(f"enrolment:take:{same_time}")
    maria.sends_tap(f"roster:moved:1:{other}").sees("Bu Siti sudah punya kursi di kelas Video Pendek pada waktu itu")
    maria.sends_tap(f"roster:moved:1:{same_time}").sees("sudah punya kursi di kelas Video Pendek")
    maria.sends_tap("roster:moved:1:999").sees("peserta kelas yang mana")


def test_where_there_is_no_other_class_it_is_said(chat: Chat, maria: Phone) -> None:
    enrolled(chat, "Siti", session=chat.add_class())
    maria.types("/peserta").taps("Foto Produk").taps("1. Bu Siti").taps("Pindah kelas").sees("Belum ada kelas lain")


def test_who_is_called_by_the_name_alone_is_so_in_every_list(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9))
    siti = enrolled(chat, "Siti", session=session).types("/profil").taps("Ubah sapaan").taps("Nama saja")
    siti.sees("Ini data Siti.").sends_tap(f"reminders:coming:{session}").sees("Terima kasih, Siti.")
    maria.types("/peserta").taps("Foto Produk").sees("1. Siti, akan datang").taps("1. Siti").sees(
        "Siti · Makanan"
    ).does_not_see("Kak Siti")
    maria.taps("Lepas kursi").sees("Lepas kursi Siti di kelas").taps("Ya, lepas").sees("Siti sudah tidak di kelas")
    siti.sees("\nSiti, kursi di kelas Foto Produk dilepas")


# --- who just came --------------------------------------------------------------------------------------------------


def test_somebody_without_a_phone_gets_a_seat_after_a_spoken_yes(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(23, 12), capacity=2)
    maria.types("/peserta").taps("Foto Produk").sees("Belum ada peserta").taps("Tambah peserta").sees("Siapa nama")
    maria.types("???").sees("belum terbaca").types("pak zebedeus").sees("Bacakan untuk Zebedeus", "Kami simpan nama")
    maria.sees("Umur sudah 18 tahun dan setuju?")
    assert seats(chat, session) == (0, 2)
    maria.taps("Ya, setuju").sees("Pak Zebedeus sudah dapat kursi", "Terisi 1 dari 2")
    with chat.database.transaction() as db:
        person = db.scalars(select(Person)).one()
        consent = db.scalars(select(Consent)).one()
        assert (person.account_id, person.name, person.salutation) == (None, "Zebedeus", "bapak")
        assert (person.site_id, person.consent_training) == ("labuan-bajo", True)
        assert (consent.purpose, consent.given) == ("training", True)
        assert consent.text_version.startswith("lisan ")
    assert notes(chat) == [("walk_in_added", f"person:{person.id}")]
    maria.taps("Lihat peserta").sees("1. Pak Zebedeus, tanpa HP").taps("Tambah peserta").types("Ratna")
    maria.taps("Ya, setuju").sees("✅ Ratna sudah dapat kursi")


def test_a_spoken_yes_is_that_of_the_person_it_was_read_to(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(23, 12), capacity=1)
    maria.sends_tap(f"roster:walk_in:{session}").types("Zebedeus")
    agreed, refused = maria.button("Ya, setuju"), maria.button("Tidak setuju")
    maria.types("/batal").sends_tap(f"roster:walk_in:{session}").types("Ratna")
    for old in (agreed, refused):
        maria.sends_tap(*old).sees_toast("tidak berlaku").sees("Bacakan untuk Ratna")
    assert statuses(chat, session) == {}
    maria.taps("Ya, setuju").sees("Ratna sudah dapat kursi")
    maria.sends_tap(f"roster:walk_in:{session}").types("Zebedeus").taps("Ya, setuju").sees("sudah penuh")
    raised = maria.button("Tambah 1 kursi")
    maria.types("/batal").sends_tap(f"roster:walk_in:{session}").types("Musa").taps("Ya, setuju")
    maria.sends_tap(*raised).sees_toast("tidak berlaku").sees("sudah penuh")
    assert statuses(chat, session) == {"Ratna": "seated"}
    assert seats(chat, session) == (1, 1)


@pytest.mark.parametrize("typed", ["nama saya bu Hj. Rosa", "Assalamualaikum bu Rosa", "Bu Rosa"])
def test_the_address_before_a_walk_ins_name_is_read_as_at_registration(chat: Chat, maria: Phone, typed: str) -> None:
    session = chat.add_class(starts=local(23, 12))
    maria.sends_tap(f"roster:walk_in:{session}").types(typed).taps("Ya, setuju").sees("Bu Rosa sudah dapat kursi")


def test_without_a_yes_nothing_is_kept(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(23, 12))
    maria.sends_tap(f"roster:walk_in:{session}").types("Zebedeus").types("hmm").sees("Bacakan untuk Zebedeus")
    maria.taps("Tidak setuju").sees("Tidak ada yang disimpan")
    maria.sends_tap(f"roster:walk_in:{session}").types("Zebedeus").types("/batal").sees("tidak jadi ditambahkan")
    maria.sends_tap(f"roster:walk_in:{session}").taps("Berhenti mengisi").sees("tidak jadi ditambahkan")
    with chat.database.transaction() as db:
        assert db.scalars(select(Person)).all() == []
        assert "Zebedeus" not in " ".join(str(row.message) for row in db.scalars(select(OutboxRow)))


def test_never_over_capacity_without_raising_it_first(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(23, 12), capacity=1)
    enrolled(chat, "Siti", session=session)
    chat.travel(to=local(23, 11, 30))
    maria.sends_tap(f"roster:walk_in:{session}").types("Zebedeus").taps("Ya, setuju")
    maria.sees("sudah penuh: 1 dari 1", "Tambah 1 kursi dulu?").types("halo").sees("sudah penuh")
    assert seats(chat, session) == (1, 1)
    maria.taps("Tambah 1 kursi").sees("✅ Zebedeus sudah dapat kursi", "Terisi 2 dari 2")
    assert seats(chat, session) == (2, 2)
    assert [action for action, _ in notes(chat)] == ["seat_added", "walk_in_added"]


def test_a_seat_given_back_meanwhile_is_given_without_raising_the_capacity(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(23, 12), capacity=1)
    siti = enrolled(chat, "Siti", session=session)
    chat.travel(to=local(23, 11, 30))
    maria.sends_tap(f"roster:walk_in:{session}").types("Zebedeus").taps("Ya, setuju").sees("sudah penuh: 1 dari 1")
    siti.sends_tap(f"enrolment:withdrawn:{session}")
    maria.types("halo").sees("✅ Zebedeus sudah dapat kursi", "Terisi 1 dari 1")
    assert seats(chat, session) == (1, 1)


def test_until_the_last_hour_those_who_wait_come_first(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(24, 9), capacity=1)
    siti, _ = enrolled(chat, "Siti", session=session), enrolled(chat, "Anton", session=session)
    chat.travel(to=local(23, 21))  # in the night the seat waits for its offer
    siti.sends_tap(f"enrolment:withdrawn:{session}")
    chat.travel(minutes=2)
    maria.sends_tap(f"roster:walk_in:{session}").types("Zebedeus").taps("Ya, setuju")
    maria.sees("Ada 1 orang di daftar tunggu", "satu jam sebelum mulai")
    chat.travel(to=local(24, 8, 15))
    with chat.database.transaction() as db:
        found = sessions.get(db, session)
        assert found is not None
        class_changes.change(db, found, chat.now, capacity=3, leads=(), zone="Asia/Makassar")
    maria.sends_tap(f"roster:walk_in:{session}").types("Zebedeus").taps("Ya, setuju").sees("sudah dapat kursi")


def test_the_roster_is_completed_from_paper_for_a_week(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(23, 12))
    chat.travel(to=local(25, 9))
    maria.sends_tap(f"roster:walk_in:{session}").types("Zebedeus").taps("Ya, setuju").sees("sudah dapat kursi")
    maria.sends_tap(f"roster:walk_in:{session}").types("Ratna")
    chat.travel(to=local(30, 15))
    maria.taps("Ya, setuju").sees("Sudah tidak bisa")
    maria.types("/sesi").sends_tap(f"roster:walk_in:{session}").sees("Sudah tidak bisa")


def test_a_question_in_the_middle_leads_back(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(23, 12))
    maria.sends_tap(f"roster:walk_in:{session}").types("/bantuan").taps("Lanjutkan").sees("Siapa nama")
    maria.types("Zebedeus").types("/sesi").taps("Lanjutkan").sees("Bacakan untuk Zebedeus")
    chat.restart()
    maria.taps("Ya, setuju").sees("sudah dapat kursi")
    maria.sends_tap("roster:agreed").sees_toast("Tombol ini sudah")
    assert seats(chat, session) == (1, 20)
