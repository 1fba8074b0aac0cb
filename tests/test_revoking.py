"""Taking a role away asks about the announcements that are under way, and stops them if it is wanted."""

from __future__ import annotations

import pytest

from bot.programme.broadcasts import BroadcastStatus
from tests.chat import Chat, Phone, registered
from tests.test_broadcasts import actions, announced, copies, drafted, newest, trainer

ADMIN = 9001


@pytest.fixture
def admins() -> tuple[int, ...]:
    return (ADMIN,)


@pytest.fixture
def dewi(chat: Chat) -> Phone:
    """An admin by the settings."""
    return chat.phone("Dewi", ADMIN).types("/status")


def revokes(boss: Phone) -> Phone:
    """Takes the first role of the list away."""
    return boss.types("/staf").taps("Staf nomor").taps("Cabut").taps("Ya, cabut")


def at_night(chat: Chat) -> None:
    """Quiet hours at the site: 22.00 WITA."""
    chat.travel(to=chat.now.replace(hour=14, minute=0))


def scheduled(chat: Chat, who: Phone) -> int:
    drafted(who).taps("Pilih waktu kirim").types("besok 10").taps("Jadwalkan")
    return newest(chat).id


def test_what_waits_for_open_hours_is_stopped_with_one_tap(chat: Chat, dewi: Phone) -> None:
    siti, maria = registered(chat), trainer(chat)
    at_night(chat)
    announced(chat, maria)
    assert not copies(siti)
    revokes(dewi).sees("bukan lagi pelatih", "dijadwalkan: 0", "menunggu jam kirim: 1", "Mau dihentikan?")
    dewi.taps("Hentikan pengumumannya").sees("1 pengumuman sudah dihentikan", "1 pesan tidak jadi dikirim")
    chat.travel(hours=24)
    assert not copies(siti)
    assert newest(chat).status == BroadcastStatus.STOPPED
    assert "broadcast_stopped" in actions(chat)


def test_it_may_go_on(chat: Chat, dewi: Phone) -> None:
    siti, maria = registered(chat), trainer(chat)
    at_night(chat)
    announced(chat, maria)
    revokes(dewi).taps("Biarkan").sees("Yang sedang dikirim tetap berjalan: 1", "tidak akan terkirim: 0")
    chat.travel(hours=24)
    assert len(copies(siti)) == 1
    dewi.sends_tap("staff:stop_theirs:1").sees("Tidak ada lagi pengumumannya yang berjalan")


def test_one_put_down_for_later_is_counted_and_called_off(chat: Chat, dewi: Phone) -> None:
    siti, maria = registered(chat), trainer(chat)
    scheduled(chat, maria)
    revokes(dewi).sees("dijadwalkan: 1", "menunggu jam kirim: 0").taps("Hentikan").sees("1 pengumuman", "0 pesan")
    assert newest(chat).status == BroadcastStatus.DISCARDED
    chat.travel(days=2)
    assert not copies(siti)


def test_without_any_nothing_is_asked(chat: Chat, dewi: Phone) -> None:
    registered(chat)
    maria = trainer(chat)
    announced(chat, maria)
    chat.travel(minutes=5)
    assert newest(chat).status == BroadcastStatus.DONE
    revokes(dewi).sees("bukan lagi pelatih").does_not_see("Mau dihentikan?")


def test_what_they_may_still_say_is_left_alone(chat: Chat, dewi: Phone) -> None:
    """A trainer of two sites loses one; the announcement was to the other."""
    siti, maria = registered(chat), trainer(chat, "labuan-bajo", "jayapura")
    at_night(chat)
    announced(chat, maria, to="site:labuan-bajo")
    revokes(dewi).sees("bukan lagi pelatih di Jayapura").does_not_see("Mau dihentikan?")
    chat.travel(days=1)
    assert len(copies(siti)) == 1
