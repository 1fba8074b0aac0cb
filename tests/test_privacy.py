"""People's own data: notice, copy, consents, stopping, leaving; and what is kept out."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.capability import Context
from bot.delivery import outbox
from bot.delivery.outbox import OutboxRow, Status
from bot.people import people
from bot.people.people import Consent, Person, Purpose
from bot.people.quiet_hours import Kind
from bot.programme import retention
from bot.programme.enrolment import Enrolment, EnrolmentStatus
from bot.programme.privacy import holds_secret_number
from bot.programme.sessions import ClassSession
from bot.turns import inbox
from bot.turns.inbox import InboxRow
from bot.words.message import Message
from tests.chat import Chat, Phone, enrolled, registered
from tests.test_registration import UNMISTAKABLE, at_name, everything_kept

pytestmark = pytest.mark.both_databases

PHOTO = {"photo": [{"file_id": "p", "file_unique_id": "p", "width": 9, "height": 9}]}
DOCUMENT = {"document": {"file_id": "d", "file_unique_id": "d", "file_name": "ktp.pdf"}}
VOICE = {"voice": {"file_id": "v", "file_unique_id": "v", "duration": 1}}
VIDEO = {"video": {"file_id": "w", "file_unique_id": "w", "width": 1, "height": 1, "duration": 1}}


def waiting(chat: Chat, phone: Phone, kind: Kind) -> str:
    """Put a message of this kind into the outbox, for tomorrow; returns its `once` name."""
    once = f"{phone.id}-{kind}"
    with chat.database.transaction() as db:
        account = phone.account(db)
        assert account is not None
        tomorrow = chat.now + timedelta(days=1)
        given_ = outbox.to(
            account,
            Message("menu.show"),
            kind=kind,
            person_id=account.current_person_id,
            once=once,
            not_before=tomorrow,
        )
        assert outbox.post(db, given_, now=chat.now) is not None
    return once


def became_of(chat: Chat, once: str) -> tuple[str, str | None]:
    with chat.database.transaction() as db:
        row = db.scalars(select(OutboxRow).where(OutboxRow.once == once)).one()
        return row.status, row.reason


def status_of(chat: Chat, phone: Phone, session: int) -> str:
    with chat.database.transaction() as db:
        person = phone.person(db)
        return db.scalars(
            select(Enrolment.status).where(Enrolment.session_id == session, Enrolment.person_id == person.id)
        ).one()


# --- what should not be sent ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["3201010101010001", "NIK saya 3201 0101 0101 0001", "3201.0101.0101.0001 ini", "32-01-01-01-01-01-00-01"]
)
def test_sixteen_digits_are_a_secret_number(text: str) -> None:
    assert holds_secret_number(text)


@pytest.mark.parametrize(
    "text", ["0812 3456 7678", "+62 812 3456 7678", "12345678901234567", "Rp1.250.000", "", "23/11/2026"]
)
def test_other_numbers_are_not(text: str) -> None:
    assert not holds_secret_number(text)


@given(st.integers(10**15, 10**16 - 1), st.sampled_from(["", " ", ".", "-"]), st.text("abc ,\u200b", max_size=9))
def test_however_it_is_written(number: int, between: str, around: str) -> None:
    digits = str(number)
    written = between.join(digits[at : at + 4] for at in range(0, 16, 4))
    assert holds_secret_number(f"{around}{written}{around}")


def trusting(chat: Chat) -> Context:
    return replace(chat.context, clock_is_trusted=True)


def forget_due(chat: Chat, db: Session, now: datetime) -> None:
    """What the ticks forget by themselves at that moment."""
    for one in (retention.DATA, inbox.DATA, outbox.DATA):
        assert one.due is not None
        one.due(db, now, trusting(chat))


def test_a_secret_number_is_kept_nowhere_and_the_question_comes_again(chat: Chat) -> None:
    siti = at_name(chat).types("Siti 3201 0101 0101 0001").sees("nomor KTP", "Kami tidak menyimpannya", "Siapa nama")
    siti.types("Siti").taps("Makanan").taps("Sudah benar").types("/profil").taps("Ubah kebutuhan")
    siti.types("nik 3201010101010001").sees("nomor KTP", "Apa yang dibutuhkan")
    siti.types("/batal").types("3201010101010001").sees("nomor KTP", "Menu", "Bantuan")
    siti.sends(**PHOTO, caption="3201010101010001").sees("nomor KTP")
    chat.phone("Anton").types("3201010101010001").sees("nomor KTP", "Bantuan")
    with chat.database.transaction() as db:
        kept = everything_kept(db)
    for written in ("3201 0101", "3201010101010001"):
        assert written not in kept


@pytest.mark.parametrize("file", [PHOTO, DOCUMENT, VOICE, VIDEO], ids=["photo", "document", "voice", "video"])
def test_files_nobody_asked_for_are_not_kept(sqlite_url: str, file: dict[str, Any]) -> None:
    chat = Chat(sqlite_url)
    try:
        said = "belum bisa mendengar suara" if file is VOICE else "Foto atau file ini tidak kami simpan"
        at_name(chat).sends(**file).sees(said, "Siapa nama panggilannya?")
        registered(chat).sends(**file).sees(said, "Menu", "Bantuan")
        with chat.database.transaction() as db:
            assert "file_unique_id" not in everything_kept(db)
            assert "ktp.pdf" not in everything_kept(db)
    finally:
        chat.close()


# --- notice, copy, consents -----------------------------------------------------------------------------------------


def test_the_notice_at_any_time(chat: Chat) -> None:
    chat.phone("Anton").types("/privasi").sees("pengelola program Jalin Nusantara", "0800-0000-000", "Baca lengkap")
    siti = registered(chat).types("/privasi").sees("Lihat data", "Atur izin", "Hentikan pesan", "Hapus data")
    siti.taps("Baca lengkap").sees("1. Dasar hukum", "6. Data dipakai", "7. Kapan saja", "/hapus_data", "12 bulan")


def test_a_copy_to_read_and_as_a_file(chat: Chat) -> None:
    siti = enrolled(chat, "Siti", session=chat.add_class())
    siti.types("/profil").taps("Ubah nomor HP").types("0812 3456 7678").taps("Ubah kebutuhan").types("huruf besar")
    siti.types("/data_saya").sees(
        "Nama panggilan: Bu Siti", "0812-xxxx-x678", "khusus: sudah diisi", "Kelas: 1.", "ada di file"
    )
    siti.does_not_see("huruf besar", "7678")
    name, content, mime = siti.last.params["files"]["document"]
    assert (name, mime) == ("data-saya.json", "application/json")
    copy = json.loads(content.decode("utf-8"))
    assert copy["profil"]["nama_panggilan"] == "Siti"
    assert copy["profil"]["nomor_kontak"] == "+6281234567678"
    assert copy["profil"]["kebutuhan_khusus"] == "huruf besar"
    assert copy["profil"]["lokasi"] == {"id": "labuan-bajo", "nama": "Labuan Bajo"}
    assert copy["akun"]["id_telegram"] == siti.id
    consents = [(one["untuk"], one["setuju"], one["versi_teks"]) for one in copy["persetujuan"]]
    assert ("training", True, "3") in consents
    assert ("lessons", True, "1") in consents
    assert copy["kelas"][0]["judul"] == "Foto Produk"
    assert copy["kelas"][0]["mulai"] == "2026-11-26T10:00:00+08:00"
    assert copy["kelas"][0]["status"] == "seated"
    assert copy["jumlah_pesan_terkirim"] > 0


def test_a_copy_for_who_is_not_registered(chat: Chat) -> None:
    chat.phone("Anton").types("/data_saya").sees("hanya menyimpan nomor akun Telegram dan bahasa", "0800-0000-000")
    siti = at_name(chat).types("/data_saya").sees("Pendaftaran belum selesai", "Labuan Bajo", "Lanjutkan")
    siti.types("/izin").sees("Ikut pelatihan: diizinkan").taps("Lanjutkan").sees("Siapa nama panggilannya?")


def test_each_consent_is_given_and_withdrawn_by_itself(chat: Chat) -> None:
    siti = registered(chat, reminders=None).types("/izin")
    siti.sees(
        "Ikut pelatihan: diizinkan sejak Senin, 23 November 2026", "kabar kelas: belum ditanya", "chat: belum ditanya",
        "180 hari: belum", "mitra: belum",
    )  # fmt: skip
    siti.taps("Izinkan pengingat").sees("boleh kami ingatkan sebelum kelas?").taps("Ya, ingatkan")
    siti.types("/izin").sees("kabar kelas: diizinkan sejak", "Cabut izin pengingat", "chat: belum ditanya")
    siti.taps("Izinkan pelajaran").sees("bisa dicabut kapan saja").taps("Ya, kirim").types("/izin").taps("Izin lainnya")
    for give, yes in (("ditanya lagi", "Ya, boleh"), ("nama dibagikan", "Ya, boleh")):
        siti.taps(f"Izinkan {give}").sees("bisa dicabut kapan saja").taps(yes).types("/izin")
    siti.sees("chat: diizinkan", "180 hari: diizinkan", "mitra: diizinkan")
    reminder, lesson = waiting(chat, siti, Kind.REMINDER), waiting(chat, siti, Kind.LESSON)
    change, survey = waiting(chat, siti, Kind.CHANGE), waiting(chat, siti, Kind.SURVEY)
    siti.types("/izin").taps("Cabut izin pengingat").sees("kabar kelas: tidak diizinkan sejak", "Izinkan pengingat")
    siti.sees("chat: diizinkan sejak").sees_toast("dicabut")
    assert became_of(chat, reminder) == ("dropped", "consent withdrawn")
    assert became_of(chat, lesson)[0] == became_of(chat, change)[0] == became_of(chat, survey)[0] == "waiting"
    siti.taps("Cabut izin pelajaran").sees("chat: tidak diizinkan sejak", "Izinkan pelajaran")
    assert became_of(chat, lesson) == ("dropped", "consent withdrawn")
    siti.sends_tap("privacy:change:reminders:no").sends_tap("privacy:change:messages:no")  # again: nothing new
    with chat.database.transaction() as db:
        person = siti.person(db)
        log = [(one.purpose, one.given) for one in people.consents_of(db, person)]
        assert log == [
            ("training", True),
            ("reminders", True),
            ("lessons", True),
            ("follow_up", True),
            ("names", True),
            ("reminders", False),
            ("lessons", False),
        ]
        assert [people.consent_of(person, one) for one in people.PURPOSES] == [True, False, False, True, True]
    siti.sends_tap("privacy:change:everything:yes").sends_tap("privacy:consent:training:yes").types("/izin").sees(
        "Ini izin Anda"
    )
    siti.taps("Keluar, hapus data").sees("Hapus data Bu ").taps("Jangan hapus").sees("Ada yang bisa kami bantu")


def test_a_consent_is_asked_when_it_matters_and_once(chat: Chat) -> None:
    siti = registered(chat, reminders=None).sends_tap(f"enrolment:take:{chat.add_class()}")
    siti.sees("boleh kami ingatkan sebelum kelas?").taps("Tidak usah").sees(
        "Kami tidak mengingatkan", "tetap kami kabari"
    )
    siti.sends_tap(f"enrolment:take:{chat.add_class('LB-2', title='Harga', starts=chat.now + timedelta(days=5))}")
    siti.does_not_see("boleh kami ingatkan")
    anton = registered(chat, "Anton", reminders=None)
    for purpose, question in [("follow_up", "90, dan 180 hari?"), ("names", "kementerian dan mitra?")]:
        anton.sends_tap(f"privacy:ask:{purpose}").sees(question).taps("Ya, boleh").sees("sudah dicatat")
        anton.sends_tap(f"privacy:ask:{purpose}").sees("Ini izin Anda")
    with chat.database.transaction() as db:
        assert people.consent_of(siti.person(db), Purpose.REMINDERS) is False
        assert people.has_consented(anton.person(db), Purpose.NAMES)
        versions = {(one.purpose, one.text_version) for one in db.scalars(select(Consent))}
    asked = {Purpose.TRAINING, Purpose.REMINDERS, Purpose.FOLLOW_UP, Purpose.NAMES}
    assert versions == {(purpose, chat.content.consent_version(purpose)) for purpose in asked}


# --- stopping -------------------------------------------------------------------------------------------------------


def test_stopping_ends_what_waits_and_asks_about_seats(chat: Chat) -> None:
    session = chat.add_class()
    full = chat.add_class("LB-2", title="Harga Jual", capacity=1, starts=chat.now + timedelta(days=6))
    enrolled(chat, "Anton", session=full)
    siti = enrolled(chat, "Siti", session=session)
    siti.sends_tap(f"enrolment:take:{full}").sees("daftar tunggu")
    reminder, change = waiting(chat, siti, Kind.REMINDER), waiting(chat, siti, Kind.CHANGE)
    siti.types("/berhenti").sees("Pesan sudah dihentikan", "Foto Produk, Kamis, 26 November 2026 pukul 10.00 WITA")
    siti.sees("Ya, tetap ikut", "Tidak, lepas kursi", "Hapus data", "Terima pesan lagi").does_not_see("Harga Jual")
    assert became_of(chat, reminder) == ("dropped", "stopped")
    assert became_of(chat, change)[0] == "waiting"
    assert status_of(chat, siti, full) == EnrolmentStatus.WITHDRAWN
    siti.taps("Ya, tetap ikut").sees("kursinya tetap ada", "berubah atau dibatalkan")
    assert status_of(chat, siti, session) == EnrolmentStatus.SEATED
    siti.types("/berhenti").taps("Tidak, lepas kursi").sees("Kursinya sudah dilepas")
    assert status_of(chat, siti, session) == EnrolmentStatus.WITHDRAWN
    siti.starts().sees("dikirim lagi", "Halo Bu Siti")
    with chat.database.transaction() as db:
        account = siti.account(db)
        assert account is not None
        assert account.stopped_at is None


def test_only_the_seats_that_were_listed_are_left(chat: Chat) -> None:
    """A button below /berhenti of long ago frees no seat that was taken since."""
    session = chat.add_class()
    later = chat.add_class("LB-2", title="Harga Jual", starts=chat.now + timedelta(days=6))
    siti = enrolled(chat, "Siti", session=session).types("/berhenti")
    leave = siti.button("Tidak, lepas kursi")
    siti.sends_tap(f"enrolment:take:{later}").sends_tap(*leave).sees("Kursi ini masih ada", "Harga Jual")
    newer = siti.button("Tidak, lepas kursi", "Harga Jual")
    siti.types("/mulai").sends_tap(*leave).sees_toast("tidak berlaku").sees("Foto Produk", "Harga Jual")
    assert {status_of(chat, siti, one) for one in (session, later)} == {EnrolmentStatus.SEATED}
    siti.sends_tap(*newer).sees("Kursinya sudah dilepas").sends_tap(*newer).sees("Kursinya sudah dilepas")
    assert {status_of(chat, siti, one) for one in (session, later)} == {EnrolmentStatus.WITHDRAWN}


def test_stopping_in_the_middle_of_registering(chat: Chat) -> None:
    siti = at_name(chat).types("/berhenti").sees("Pesan sudah dihentikan", "Hapus data").does_not_see("Ya, tetap ikut")
    siti.taps("Terima pesan lagi").sees("Siapa nama panggilannya?")
    anton = chat.phone("Anton").starts().types("/berhenti").sees("Semua sudah dihapus")
    with chat.database.transaction() as db:
        assert anton.account(db) is None


# --- leaving --------------------------------------------------------------------------------------------------------


def test_leaving_takes_two_taps_and_leaves_nobody(chat: Chat) -> None:
    chat.numbers_phones_from(UNMISTAKABLE)
    session = chat.add_class()
    siti = enrolled(chat, "Sitiratna", session=session)
    siti.types("/profil").taps("Ubah nomor HP").types("0812 3456 7678").taps("Ubah kebutuhan").types("kursi roda")
    siti.types("/data_saya")
    waiting(chat, siti, Kind.REMINDER)
    with chat.database.transaction() as db:
        number = siti.person(db).id
    siti.types("/hapus_data").sees(
        "Yang dihapus", "Yang tetap, tanpa nama", "35 hari", "Ya, hapus data", "Jangan hapus"
    )
    siti.taps("Ya, hapus data").sees("Data Anda sudah dihapus", "35 hari", "0800-0000-000", "Tekan Ayo daftar")
    with chat.database.transaction() as db:
        kept = everything_kept(db)
        for gone in ("Sitiratna", "81234567678", "kursi roda", str(siti.id)):
            assert gone not in kept
        person = db.get(Person, number)
        assert person is not None
        assert (person.name, person.site_id, person.account_id) == ("", None, None)
        assert person.anonymised_at == chat.now
        assert person.consent_training is False
        seat = db.scalars(select(Enrolment)).one()  # counted on, without a name
        assert seat.status == EnrolmentStatus.WITHDRAWN
        taken = db.get(ClassSession, session)
        assert taken is not None
        assert taken.seats_taken == 0
        assert len(people.consents_of(db, person)) == 3
        assert people.number_registered(db) == 0
    siti.taps("Ayo daftar").sees("Ya, setuju")
    siti.sends_tap("privacy:erased").sees("Semua sudah dihapus")


def test_what_few_are_asked_about_stands_one_tap_further_and_a_yes_beside_the_others(chat: Chat) -> None:
    siti = registered(chat).types("/izin")
    assert siti.last.labels == [
        "Cabut izin pengingat", "Cabut izin pelajaran", "Izin lainnya", "Keluar, hapus data", "Menu", "Bantuan",
    ]  # fmt: skip
    siti.taps("Izin lainnya").sees("Nama dibagikan ke kementerian dan mitra: belum ditanyakan")
    assert siti.last.labels == ["Izinkan ditanya lagi", "Izinkan nama dibagikan", "Kembali", "Menu", "Bantuan"]
    siti.taps("Izinkan nama dibagikan").sees("boleh nama Anda kami bagikan").taps("Ya, boleh").types("/izin")
    siti.sees("Cabut izin nama", "Izinkan ditanya lagi").does_not_see("Izin lainnya")


def test_leaving_with_others_on_the_phone(chat: Chat) -> None:
    siti = (
        registered(chat, "Sitiratna")
        .types("/bantuan")
        .taps("Ganti peserta")
        .taps("Daftar peserta lain")
        .taps("Ya, setuju")
    )
    siti.taps("Bapak").types("Anton").taps("Kerajinan").taps("Sudah benar")
    siti.types("/menu").taps("Ganti peserta").taps("Bu Sitiratna")
    siti.types("/hapus_data").taps("Ya, hapus").sees("sudah dihapus", "Chat ini sekarang dipakai", "Ganti peserta")
    siti.types("/profil").sees("Ini data Pak Anton")
    with chat.database.transaction() as db:
        assert "Sitiratna" not in everything_kept(db)
        assert [person.name for person in db.scalars(select(Person)) if person.account_id] == ["Anton"]
    siti.types("/hapus_data").taps("Ya, hapus").sees("Data Anda sudah dihapus")
    with chat.database.transaction() as db:
        assert siti.account(db) is None


def test_nobody_has_nothing_to_delete(chat: Chat) -> None:
    chat.numbers_phones_from(UNMISTAKABLE)
    siti = chat.phone("Siti").types("/hapus_data").sees("Semua sudah dihapus", "Ayo daftar")
    with chat.database.transaction() as db:
        assert siti.account(db) is None
        assert str(siti.id) not in everything_kept(db)
    at_name(chat).types("/hapus_data").taps("Ya, hapus").sees("Data Anda sudah dihapus")


# --- what is forgotten by itself ------------------------------------------------------------------------------------


def test_what_is_old_is_forgotten(chat: Chat) -> None:
    siti = registered(chat).types("/menu")
    stranger = chat.phone("Anton").starts()
    with chat.database.transaction() as db:
        assert retention.next_due(db, chat.now, trusting(chat)) == chat.now + timedelta(hours=24)
        later = chat.now + timedelta(days=31)
        forget_due(chat, db, later - timedelta(days=2))
        assert stranger.account(db) is None
        assert db.scalars(select(InboxRow)).all() == []
        assert any(row.message for row in db.scalars(select(OutboxRow)))
        forget_due(chat, db, later)
        rows = db.scalars(select(OutboxRow)).all()
        assert rows
        assert all(row.message is None and row.status == Status.SENT for row in rows)
        assert siti.person(db).name == "Siti"
        assert retention.next_due(db, later, trusting(chat)) is None


def test_handled_updates_are_remembered_for_two_days(chat: Chat) -> None:
    registered(chat).types("/menu")
    with chat.database.transaction() as db:
        forget_due(chat, db, chat.now + timedelta(hours=48))
        assert len(db.scalars(select(InboxRow)).all()) == 1
