"""The record of what staff did: nobody can push a deed out of it, it is read by month, and it ends when it should."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from bot.people import audit
from bot.people.audit import AuditRow
from bot.programme import retention
from bot.programme.privacy import MONTH
from bot.turns.floods import MAX_UNHANDLED_PER_PERSON
from tests.chat import Chat, Phone, enrolled, registered, staffed

ADMIN = 9001


@pytest.fixture
def admins() -> tuple[int, ...]:
    return (ADMIN,)


def admin(chat: Chat) -> Phone:
    """An admin by the settings."""
    return chat.phone("Dewi", ADMIN).types("/status")


def record(chat: Chat) -> list[AuditRow]:
    with chat.database.transaction() as db:
        rows = list(db.scalars(select(AuditRow).order_by(AuditRow.id)))
        db.expunge_all()
        return rows


def cancelled(phone: Phone) -> None:
    """A trainer calls a class off: a deed."""
    phone.types("/sesi").taps("Foto Produk").taps("Ubah kelas").taps("Batalkan kelas").taps("Ya, batalkan")


def in_file(phone: Phone) -> list[str]:
    """The deeds in the spreadsheet that came last."""
    content = phone.last.params["files"]["document"][1]
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    return [str(row[2]) for row in sheet[1:]]


def test_forged_taps_push_no_deed_out_of_the_record(chat: Chat) -> None:
    taps = 2 * MAX_UNHANDLED_PER_PERSON  # two thousand: tests/test_floods.py
    chat.add_class()
    boss, maria = admin(chat), staffed(chat, "Maria")
    cancelled(maria)
    stranger = chat.phone("Joni")
    for begin in range(0, taps, MAX_UNHANDLED_PER_PERSON):
        number = min(MAX_UNHANDLED_PER_PERSON, taps - begin)
        chat.deliver_all([stranger.tap_update("staff:list") for _ in range(number)], stranger)
    rows = [row for row in record(chat) if row.action == audit.REFUSED]
    assert [(row.times, row.details) for row in rows] == [(taps, {"tried": "staff:list"})]
    boss.types("/catatan").sees("Maria membatalkan kelas").does_not_see("tidak diizinkan")
    times = f"{taps:,}".replace(",", ".")
    boss.taps("Lihat yang ditolak").sees(f"mencoba tindakan yang tidak diizinkan: {times} kali staff:list")
    boss.does_not_see("Maria")
    boss.taps("Lihat catatan").taps("Unduh Excel")
    assert in_file(boss) == ["membatalkan kelas"]


def test_refusals_are_a_row_for_each_account_and_hour(chat: Chat) -> None:
    siti, anton = registered(chat, "Siti"), registered(chat, "Anton")
    siti.types("/sesi").types("/staf")
    anton.types("/catatan")
    chat.travel(hours=1)
    siti.types("/catatan")
    refused = [(row.details["tried"], row.times) for row in record(chat)]
    assert refused == [("/sesi", 2), ("/catatan", 1), ("/catatan", 1)]


def test_long_lists_of_refusals_have_pages_and_none_says_so(chat: Chat) -> None:
    boss = admin(chat)
    boss.types("/catatan").sees("Belum ada catatan").taps("Lihat yang ditolak").sees("Belum ada yang ditolak")
    siti = registered(chat, "Siti")
    for _ in range(11):
        siti.types("/staf")
        chat.travel(hours=1)
    boss.types("/catatan").taps("Lihat yang ditolak").taps("Lihat sebelumnya").sees("1 kali /staf")
    boss.does_not_see("Lihat sebelumnya")


def test_the_file_is_of_a_month(chat: Chat) -> None:
    chat.add_class()
    boss, maria = admin(chat), staffed(chat, "Maria")
    cancelled(maria)
    boss.types("/catatan").taps("Unduh Excel").sees("bulan November 2026")
    assert in_file(boss) == ["membatalkan kelas"]
    chat.travel(days=31)
    boss.types("/catatan").taps("Unduh Excel").sees("Catatan bulan apa?").taps("November 2026")
    boss.sees("bulan November 2026")
    assert boss.last.params["files"]["document"][0] == "catatan-2026-11.xlsx"
    assert in_file(boss) == ["mengunduh catatan", "membatalkan kelas"]
    boss.sends_tap("staff:record_file:2026-12").sees("bulan Desember 2026")
    assert in_file(boss) == ["mengunduh catatan"]
    boss.sends_tap("staff:record_file:2020-01").sees("Catatan bulan apa?")


def test_the_record_ends_when_the_rules_say_and_by_a_trusted_clock_alone(chat: Chat) -> None:
    chat.add_class()
    cancelled(staffed(chat, "Maria"))
    registered(chat, "Siti").types("/staf")
    months = chat.context.content.programme.retention.record_months
    last = max(row.at for row in record(chat)) + months * MONTH

    def looked_at(moment: timedelta, *, trusted: bool = True) -> int:
        with chat.database.transaction() as db:
            retention.due(db, last + moment, replace(chat.context, clock_is_trusted=trusted))
        return len(record(chat))

    assert months == 24
    number = len(record(chat))
    assert looked_at(timedelta(days=-1)) == number
    assert looked_at(timedelta(days=1), trusted=False) == number
    assert looked_at(timedelta(days=1)) == 0


def test_what_a_trainer_did_stays_without_their_name_when_they_erase_themselves(chat: Chat) -> None:
    session = chat.add_class("SM-1", site="samosir")
    boss, maria = admin(chat), enrolled(chat, "Maria", session=session)
    boss.types("/staf").taps("Undang staf").taps("Undang pelatih").taps("Samosir")
    code = boss.last.text.partition("?start=")[2].split()[0]
    cancelled(maria.starts(code).taps("Ya, saya mau"))
    joko = staffed(chat, "Joko")
    joko.types("/sesi").taps("Buat kelas").types("/batal")
    joko.types("/staf")
    assert "Maria" in {row.actor_name for row in record(chat)}
    maria.types("/hapus_data").taps("Ya, hapus Maria").sees("sudah dihapus")
    names = {row.actor_name for row in record(chat)}
    assert "Maria" not in names
    assert "Joko" in names, "somebody else's name stays"
    boss.types("/catatan").sees("Staf nomor", "membatalkan kelas").does_not_see("Maria")


def test_the_record_says_the_zone_and_leaves_out_who_only_looked(chat: Chat) -> None:
    chat.add_class(site="jayapura", code="JP-1")
    maria = staffed(chat, "Maria", site="jayapura")
    cancelled(maria)
    joko = staffed(chat, "Joko", site="samosir")
    chat.add_class(site="samosir", code="SM-1")
    for _ in range(11):
        joko.types("/peserta").taps("Foto Produk")
    boss = admin(chat).types("/staf").taps("Undang staf").taps("Undang admin").types("/catatan")
    boss.sees("• Sen 23 Nov, 11.00 WIT\nMaria membatalkan kelas (Foto Produk) di Jayapura")
    boss.sees("• Sen 23 Nov, 09.00 WIB\nAdmin nomor", "membuat undangan").does_not_see("Joko")
    boss.taps("Lihat semua catatan").sees("Joko melihat daftar peserta (Foto Produk) di Samosir")
    boss.does_not_see("Maria", "Lihat semua catatan").taps("Lihat sebelumnya").sees("Maria membatalkan kelas")


def test_who_was_refused_has_a_name(chat: Chat) -> None:
    registered(chat, "Siti").types("/staf")
    chat.phone("Ani").types("/staf")
    staffed(chat, "Joko").types("/staf")
    boss = admin(chat).types("/catatan").taps("Lihat yang ditolak")
    boss.sees("Peserta Bu Siti mencoba", "Joko mencoba", "Orang belum terdaftar (nomor").does_not_see("Staf nomor")
