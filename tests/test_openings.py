"""Where a site has no classes people are told when there are: once, whoever makes them, and only while they want it."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot.delivery.outbox import OutboxRow
from bot.programme import privacy
from bot.programme.openings import ClassWish
from tests.chat import Chat, Phone, registered, staffed

TOLD = "sudah ada kelas di Labuan Bajo"


def wishes(chat: Chat) -> int:
    with chat.database.transaction() as db:
        return len(db.scalars(select(ClassWish.person_id)).all())


def wishing(chat: Chat, name: str = "Siti") -> Phone:
    siti = registered(chat, name).types("/kelas").sees("Belum ada kelas baru di Labuan Bajo", "Mau kami kabari")
    return siti.taps("Ya, kabari saya").sees_toast("nanti kami kabari").sees("kami kabari", "Tidak perlu dikabari")


def times_told(phone: Phone) -> int:
    """How often the phone was sent the word (a tap may have changed the message since)."""
    with phone.chat.database.transaction() as db:
        sent = select(OutboxRow.id).where(OutboxRow.chat_id == phone.id, OutboxRow.sent_at.is_not(None))
        return len(db.scalars(sent.where(OutboxRow.once.startswith("opened:"))).all())


def test_several_classes_at_once_are_told_once(chat: Chat) -> None:
    siti, budi = wishing(chat), registered(chat, "Budi")
    for number in range(3):
        chat.add_class(f"LB-{number}", starts=chat.now + timedelta(days=3 + number))
    chat.look()
    siti.sees(f"Bu Siti, {TOLD}", "Pilih kelas", "Bantuan").taps("Pilih kelas").sees("Kelas di Labuan Bajo")
    chat.add_class("LB-9", starts=chat.now + timedelta(days=9))
    chat.travel(days=2)
    assert (times_told(siti), times_told(budi), wishes(chat)) == (1, 0, 0)


def test_a_class_made_in_the_chat_is_told_too_and_one_elsewhere_is_not(chat: Chat) -> None:
    siti = wishing(chat)
    chat.add_class("JY-1", site="jayapura")
    chat.look()
    assert (times_told(siti), wishes(chat)) == (0, 1)
    maria = staffed(chat)
    maria.types("/sesi").taps("Buat kelas").types("Foto Produk").types("Sabtu 28 November jam 9").taps("2 jam")
    maria.taps("20").types("Puncak Waringin").taps("Tanpa peta").taps("Simpan")
    chat.look()
    assert (times_told(siti), wishes(chat)) == (1, 0)


def test_in_the_night_it_waits_for_the_morning(chat: Chat) -> None:
    siti = wishing(chat)
    chat.travel(to=datetime(2026, 11, 23, 21, 0, tzinfo=ZoneInfo("Asia/Makassar")))
    chat.add_class(starts=chat.now + timedelta(days=4))
    chat.look()
    assert times_told(siti) == 0
    chat.travel(to=datetime(2026, 11, 24, 8, 0, tzinfo=ZoneInfo("Asia/Makassar")))
    assert times_told(siti) == 1


def test_who_no_longer_wants_it_or_stops_everything_is_not_told(chat: Chat) -> None:
    siti, budi, ani = wishing(chat), wishing(chat, "Budi"), wishing(chat, "Ani")
    siti.taps("Tidak perlu dikabari").sees_toast("tidak kami kabari").sees("Mau kami kabari")
    budi.types("/berhenti")
    with chat.database.transaction() as db:
        privacy.erase(db, ani.account(db), ani.person(db), chat.now, chat.context.capabilities)
    assert wishes(chat) == 0
    budi.types("/kelas").sees("Tekan Terima pesan lagi", "Terima pesan lagi").does_not_see("Ya, kabari saya")
    chat.add_class()
    chat.look()
    assert [times_told(phone) for phone in (siti, budi, ani)] == [0, 0, 0]


def test_tapped_twice_or_when_there_are_classes_by_now(chat: Chat) -> None:
    siti = wishing(chat)
    siti.sends_tap("openings:tell:labuan-bajo")
    assert wishes(chat) == 1
    chat.add_class()
    budi = registered(chat, "Budi").sends_tap("openings:tell:labuan-bajo").sees("Foto Produk")
    budi.sends_tap("openings:tell:nowhere").sees("Kelas sudah dibuka")


def test_it_is_about_whom_it_was_sent_to(chat: Chat) -> None:
    siti = registered(chat).types("/kelas")
    with chat.database.transaction() as db:
        person = siti.person(db).id
    data, message = siti.button("Ya, kabari saya")
    assert data == f"openings:tell:labuan-bajo:{person}"
    siti.sends_tap(data, message)
    with chat.database.transaction() as db:
        assert list(db.scalars(select(ClassWish.person_id))) == [person]


def test_the_copy_tells_it(chat: Chat) -> None:
    siti = wishing(chat).types("/data_saya")
    assert b"kabar_kelas" in siti.last.params["files"]["document"][1]


def test_nobody_is_sent_to_pick_a_class_where_there_is_none(chat: Chat) -> None:
    siti = chat.phone("Siti").starts("s_jayapura").taps("Ya, setuju").taps("Ibu").types("Siti").taps("Makanan")
    siti.taps("Sudah benar").sees(
        "sudah terdaftar", "Belum ada kelas baru di Jayapura", "Mau kami kabari"
    ).does_not_see("Kelas di Jayapura")
