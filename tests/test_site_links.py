"""The link by which people register at a site, and its poster with a QR code, in a trainer's chat."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from sqlalchemy import select

from bot.delivery.outbox import OutboxRow
from bot.documents.poster import PosterOfSite, drawn
from bot.people.people import Role
from tests import qr_codes
from tests.chat import Chat, Phone, enrolled, registered, staffed
from tests.test_call_list import gives_number


def test_the_link_of_ones_site_is_shared_copied_and_printed(chat: Chat, maria: Phone) -> None:
    maria.types("/sesi").taps("Link dan poster").sees("Link pendaftaran Labuan Bajo", "?start=s_labuan-bajo")
    buttons = [button for row in maria.last.buttons for button in row]
    (shared,) = (unquote(button["url"]) for button in buttons if button["text"] == "Bagikan lewat WhatsApp")
    assert shared.startswith("https://wa.me/?text=")
    assert shared.endswith("?start=s_labuan-bajo")
    (copied,) = (button["copy_text"]["text"] for button in buttons if "copy_text" in button)
    assert shared.endswith(copied)
    maria.taps("Poster PDF").sees("Poster Labuan Bajo, ukuran A4")
    name, content, mime = maria.last.params["files"]["document"]
    assert (name, mime, content[:5]) == ("poster-labuan-bajo.pdf", "application/pdf", b"%PDF-")
    maria.sends_tap("sessions:poster:labuan-bajo:png").sees("untuk dibagikan di grup")
    name, content, mime = maria.last.params["files"]["photo"]
    assert (name, mime) == ("poster-labuan-bajo.png", "image/png")
    assert qr_codes.read(content) == qr_codes.read(content, width=480) == copied
    # a second one is the same file, which Telegram has already; no row holds it
    yosef = staffed(chat, "Yosef").sends_tap("sessions:poster:labuan-bajo:pdf").sees("siap dicetak")
    assert isinstance(yosef.last.params.get("document"), str)
    with chat.database.transaction() as db:
        rows = db.scalars(select(OutboxRow.message).where(OutboxRow.message.is_not(None)))
        assert max(len(str(message)) for message in rows) < 6_000


def test_whoever_opens_the_link_registers_at_the_site(chat: Chat, maria: Phone) -> None:
    maria.types("link pendaftaran").sees("Link pendaftaran Labuan Bajo")
    maria.types("poster").sees("Poster PDF").types("Poster PDF").sees("siap dicetak")
    registered(chat).types("poster").does_not_see("Poster PDF")


def test_an_admin_picks_the_site_and_others_are_refused(chat: Chat) -> None:
    dewi = staffed(chat, "Dewi", role=Role.ADMIN, site=None)
    dewi.types("/sesi").taps("Link dan poster").sees("lokasi mana?").taps("Lihat berikutnya").sees("lokasi mana?")
    dewi.sends_tap("sessions:link:jayapura").sees("Link pendaftaran Jayapura").sends_tap("sessions:link:nowhere")
    dewi.sees("lokasi mana?")
    anton = staffed(chat, "Anton", site="samosir")
    for data in ("sessions:link:jayapura", "sessions:poster:jayapura:pdf", "sessions:poster:jayapura:png"):
        anton.sends_tap(data).sees("hanya untuk pelatih").does_not_see("s_jayapura")


def test_people_without_a_class_are_listed_and_can_be_written_to(chat: Chat, maria: Phone) -> None:
    session = chat.add_class()
    for number in range(6):
        gives_number(chat, registered(chat, f"Orang {number}"), f"+62812345678{number}")
        chat.travel(minutes=1)
    placed, waits = enrolled(chat, "Siti", session=session), registered(chat, "Rina", reminders=False)
    gives_number(chat, waits, "+628123456799")
    registered(chat, "Jauh", site="jayapura")
    maria.types("/sesi").taps("Link dan poster").sees("Belum ikut kelas: 7").taps("Belum ikut kelas")
    maria.sees("Belum ikut kelas di Labuan Bajo: 7 orang", "1. Bu Rina", "2. Bu Orang 5, 0812-3456-785")
    maria.does_not_see("Siti", "Jauh", "1. WhatsApp").sees("2. WhatsApp", "Buat kelas", "Kirim pengumuman")
    assert maria.last.params["protect_content"]
    maria.taps("Lihat berikutnya").sees("7. Bu Orang 0").does_not_see("Rina").taps("Kirim pengumuman").sees("Labuan")
    placed.sends_tap(f"enrolment:withdrawn:{session}")
    chat.travel(minutes=3)
    maria.sends_tap("sessions:unplaced:labuan-bajo").sees("8 orang", "Bu Siti")
    staffed(chat, "Anton", site="samosir").sends_tap("sessions:unplaced:labuan-bajo").does_not_see("Rina")
    with chat.database.transaction() as db:
        kept = [str(message) for message in db.scalars(select(OutboxRow.message)) if message is not None]
    assert not any("sessions.unplaced" in message for message in kept)


@pytest.mark.parametrize("form", ["pdf", "png"])
def test_nothing_on_a_poster_is_markup(form: str) -> None:
    odd = '#eval("1") $x$ *a* <b> \\ "q" ' + "n" * 90
    poster = PosterOfSite("https://t.me/a_bot?start=s_x", odd, odd, odd, [odd], [odd])
    assert drawn(poster, form) == drawn(poster, form)  # type: ignore[arg-type]
