"""Seats: take, wait, move, give back, be offered one."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from bot.database import take_due_flag
from bot.people.people import Account, Purpose, consent_of
from bot.people.quiet_hours import Closed, OpenHours, closing, is_open
from bot.programme import class_changes, enrolment, sessions
from bot.programme.enrolment import Enrolment, EnrolmentStatus, Seated, Waitlisted, offer_end
from bot.programme.sessions import ClassSession
from tests.chat import Chat, Phone, enrolled, local, registered

pytestmark = pytest.mark.both_databases


def seats_taken(chat: Chat, session: int) -> int:
    with chat.database.transaction() as db:
        found = db.get(ClassSession, session)
        assert found is not None
        return found.seats_taken


def status_of(chat: Chat, phone: Phone, session: int) -> str | None:
    with chat.database.transaction() as db:
        person = phone.person(db)
        return db.scalar(
            select(Enrolment.status).where(Enrolment.session_id == session, Enrolment.person_id == person.id)
        )


# --- seeing and taking --------------------------------------------------------------------------------------------


def test_classes_of_my_site_are_listed_with_hour_and_seats(chat: Chat) -> None:
    chat.add_class("LB-1", starts=local(26, 9), capacity=5)
    chat.add_class("JY-1", site="jayapura", title="Toko Online")
    siti = registered(chat).types("/kelas")
    siti.sees("Kelas di Labuan Bajo", "Kam 26 Nov, 09.00 · Foto Produk")
    assert siti.last.text.count("Foto Produk") == 0, "the name stands on the button, and only there"
    siti.does_not_see("Toko Online")


def test_a_class_shows_all_that_is_needed_to_decide(chat: Chat) -> None:
    chat.add_class(starts=local(26, 9), minutes=150)
    siti = registered(chat).types("/kelas").taps("Foto Produk")
    siti.sees(
        "Kamis, 26 November 2026 pukul 09.00 WITA", "2 jam 30 menit", "Puncak Waringin", "Pelatih (contoh)", "Sisa 20"
    )
    siti.sees("Ikut kelas ini", "Lihat peta", "Kembali", "Bantuan")


def test_hours_are_told_in_the_zone_of_the_site(chat: Chat) -> None:
    chat.add_class("JY-1", site="jayapura", starts=datetime(2026, 11, 26, 0, 30, tzinfo=UTC))
    siti = registered(chat, site="jayapura").types("/kelas").taps("Foto Produk")
    siti.sees("Kamis, 26 November 2026 pukul 09.30 WIT")


def test_taking_a_seat_brings_one_message_with_the_calendar_and_the_map_a_tap_away(chat: Chat) -> None:
    session = chat.add_class(starts=local(26, 9))
    siti = registered(chat).types("/kelas").taps("Foto Produk")
    card = siti.last.message_id
    siti.taps("Ikut kelas ini")
    siti.sees("Bu Siti sudah dapat kursi", "Kamis, 26 November 2026 pukul 09.00 WITA", "Lihat jadwal")
    assert [bubble.message_id for bubble in siti.new] == [card], (
        "the card became the confirmation: no old button is left"
    )
    assert len(siti.last.labels) <= 6
    assert seats_taken(chat, session) == 1
    siti.taps("Simpan di kalender")
    assert [bubble.method for bubble in siti.new] == ["sendDocument"]
    (_, (name, content, mime)) = next(iter(siti.last.params["files"].items()))
    assert name == "foto-produk-2026-11-26.ics"
    assert mime == "text/calendar"
    assert b"BEGIN:VTIMEZONE" in content
    assert b"DTSTART;TZID=Asia/Makassar:20261126T090000" in content
    siti.taps("Lihat peta")
    assert [bubble.method for bubble in siti.new] == ["sendVenue"]
    assert (siti.last.params["latitude"], siti.last.params["longitude"]) == (-8.5, 119.88)


def test_the_calendar_file_is_uploaded_once_for_everybody(chat: Chat) -> None:
    session = chat.add_class()
    enrolled(chat, "Siti", session=session).taps("Simpan di kalender")
    rina = enrolled(chat, "Rina", session=session).taps("Simpan di kalender")
    assert isinstance(rina.last.params["document"], str)
    assert not rina.last.params["files"]


def test_consent_two_is_asked_at_the_first_seat_and_only_then(chat: Chat) -> None:
    chat.add_class("LB-1")
    second = chat.add_class("LB-2", title="Atur Uang", starts=local(28, 9))
    siti = registered(chat, reminders=None).types("/kelas").taps("Foto Produk").taps("Ikut kelas ini")
    siti.sees("Ya, ingatkan")
    assert "sudah dapat kursi" in siti.last.text, "the confirmation is last"
    labels = [label for bubble in siti.bubbles for label in bubble.labels]
    assert "Ikut kelas ini" not in labels, "no old card offers the seat that was just taken"
    siti.taps("Ya, ingatkan")
    with chat.database.transaction() as db:
        assert consent_of(siti.person(db), Purpose.REMINDERS) is True
    siti.sends_tap(f"enrolment:take:{second}").sees("sudah dapat kursi").does_not_see("Ya, ingatkan")


def test_tapping_twice_takes_one_seat(chat: Chat) -> None:
    session = chat.add_class()
    siti = registered(chat).types("/kelas").taps("Foto Produk")
    card = siti.last.message_id
    twice = [siti.tap_update(f"enrolment:take:{session}", card) for _ in range(2)]
    chat.deliver_all(twice, siti)
    assert seats_taken(chat, session) == 1
    siti.sees_toast("Sudah terdaftar").sees("sudah dapat kursi")


def test_a_full_class_gives_a_place_on_the_waitlist(chat: Chat) -> None:
    session = chat.add_class(capacity=1)
    enrolled(chat, "Siti", session=session)
    anton = registered(chat, "Anton").types("/kelas")
    anton.sees("penuh").taps("Foto Produk").sees("sudah penuh").taps("Masuk daftar tunggu")
    anton.sees("nomor 1 di daftar tunggu", "kami kabari")
    rina = enrolled(chat, "Rina", session=session)
    rina.sees("nomor 2 di daftar tunggu")
    rina.sends_tap(f"enrolment:take:{session}").sees("nomor 2 di daftar tunggu")
    assert seats_taken(chat, session) == 1


def test_a_class_that_filled_up_meanwhile_still_answers_kindly(chat: Chat) -> None:
    session = chat.add_class(capacity=1)
    siti = registered(chat).types("/kelas").taps("Foto Produk").sees("Ikut kelas ini")
    enrolled(chat, "Anton", session=session)
    siti.taps("Ikut kelas ini").sees("nomor 1 di daftar tunggu")


@pytest.mark.parametrize("minutes", [0, 30])
@pytest.mark.parametrize("action", ["take", "show", "accept"])
def test_a_class_that_has_begun_takes_nobody(chat: Chat, minutes: int, action: str) -> None:
    session = chat.add_class(starts=chat.now + timedelta(hours=2))
    siti = registered(chat)
    chat.travel(hours=2, minutes=minutes)
    siti.sends_tap(f"enrolment:{action}:{session}").sees("sudah mulai", "Pilih kelas lain")
    assert seats_taken(chat, session) == 0


def test_two_classes_at_one_time_are_noticed_and_can_be_swapped(chat: Chat) -> None:
    first = chat.add_class("LB-1", starts=local(26, 9))
    second = chat.add_class("LB-2", title="Atur Uang", starts=local(26, 10))
    siti = enrolled(chat, session=first)
    siti.sends_tap(f"enrolment:take:{second}").sees("Waktunya bersamaan dengan kelas Foto Produk", "Tetap kelas lama")
    assert seats_taken(chat, second) == 0
    siti.taps("Ya, pindah").sees("pindah dari kelas Foto Produk", "Kursi lama disimpan 2 menit")
    chat.travel(minutes=2)
    assert (seats_taken(chat, first), seats_taken(chat, second)) == (0, 1)


def test_classes_that_only_touch_do_not_clash(chat: Chat) -> None:
    first = chat.add_class("LB-1", starts=local(26, 9), minutes=60)
    second = chat.add_class("LB-2", title="Atur Uang", starts=local(26, 10))
    siti = enrolled(chat, session=first)
    siti.sends_tap(f"enrolment:take:{second}").sees("sudah dapat kursi")


def test_moving_asks_first_and_says_what_becomes_of_the_old_seat(chat: Chat) -> None:
    first = chat.add_class("LB-1", starts=local(26, 9))
    second = chat.add_class("LB-2", title="Atur Uang", starts=local(27, 9))
    siti = enrolled(chat, session=first)
    siti.types("/jadwal").taps("✅ ").taps("Pindah kelas").sees("kami tanya dulu").taps("Atur Uang")
    siti.sees("Pindah ke kelas Atur Uang?", "Kursi di kelas Foto Produk, Kam 26 Nov, 09.00, nanti dilepas")
    assert (seats_taken(chat, first), seats_taken(chat, second)) == (1, 0), "nothing has happened yet"
    siti.taps("Tetap kelas lama").sees("Foto Produk", "sudah dapat kursi")
    siti.sends_tap(f"enrolment:moved:{first}:{second}").taps("Ya, pindah").sees("pindah dari kelas Foto Produk")
    assert (status_of(chat, siti, first), status_of(chat, siti, second)) == ("withdrawn", "seated")
    chat.travel(minutes=2)
    assert (seats_taken(chat, first), seats_taken(chat, second)) == (0, 1)


@pytest.mark.parametrize("which", ["the list", "the question"])
def test_an_old_screen_of_moving_leads_to_the_class_that_was_meant(chat: Chat, which: str) -> None:
    """Its buttons say from which class to which: once there is nothing to move from, the wish is still known."""
    first = chat.add_class("LB-1", starts=local(26, 9))
    second = chat.add_class("LB-2", title="Atur Uang", starts=local(27, 9))
    siti = enrolled(chat, session=first)
    siti.types("/jadwal").taps("✅ ").taps("Pindah kelas")
    old = siti.button("Atur Uang") if which == "the list" else siti.taps("Atur Uang").button("Ya, pindah")
    siti.sends_tap(f"enrolment:withdrawn:{first}")
    siti.sends_tap(*old).sees("tidak terdaftar di kelas Foto Produk", "Jum 27 Nov, 09.00 · Atur Uang")
    assert status_of(chat, siti, second) is None
    siti.taps("Atur Uang").taps("Ikut kelas ini").sees("sudah dapat kursi")
    chat.travel(to=local(27, 10))
    siti.sends_tap(*old).sees("tidak terdaftar di kelas Foto Produk").taps("Atur Uang").sees("sudah mulai")


def test_moving_to_a_full_class_keeps_the_old_seat_until_the_offer_is_taken(chat: Chat) -> None:
    first = chat.add_class("LB-1", starts=local(26, 9))
    second = chat.add_class("LB-2", title="Atur Uang", starts=local(27, 9), capacity=1)
    anton = enrolled(chat, "Anton", session=second)
    siti = enrolled(chat, session=first)
    siti.sends_tap(f"enrolment:moved:{first}:{second}")
    siti.sees("Kelas Atur Uang sudah penuh", "Kursi di kelas Foto Produk tetap ada").taps("Masuk daftar tunggu")
    siti.sees("nomor 1 di daftar tunggu", "Kursi di kelas Foto Produk tetap ada")
    siti.types("/jadwal").taps("Atur Uang").sees("Kursi di kelas Foto Produk tetap ada")
    assert status_of(chat, siti, first) == EnrolmentStatus.SEATED
    anton.sends_tap(f"enrolment:withdrawn:{second}")
    chat.travel(minutes=2)
    siti.sees("ada kursi kosong di kelas Atur Uang", "Kalau diambil, kursi di kelas Foto Produk dilepas")
    siti.taps("Ambil kursi").sees("pindah dari kelas Foto Produk")
    assert (status_of(chat, siti, first), status_of(chat, siti, second)) == ("withdrawn", "seated")
    chat.travel(minutes=2)
    assert (seats_taken(chat, first), seats_taken(chat, second)) == (0, 1)


def test_who_refuses_the_seat_they_waited_for_keeps_the_old_one(chat: Chat) -> None:
    first = chat.add_class("LB-1", starts=local(26, 9))
    second = chat.add_class("LB-2", title="Atur Uang", starts=local(27, 9), capacity=1)
    anton, siti = enrolled(chat, "Anton", session=second), enrolled(chat, session=first)
    siti.sends_tap(f"enrolment:moved:{first}:{second}").taps("Masuk daftar tunggu")
    anton.sends_tap(f"enrolment:withdrawn:{second}")
    chat.travel(minutes=2)
    siti.taps("Tetap kelas lama").sees("Kursi di kelas Foto Produk tetap ada", "Kembalikan")
    chat.travel(minutes=2)
    assert (status_of(chat, siti, first), status_of(chat, siti, second)) == ("seated", "withdrawn")
    assert (seats_taken(chat, first), seats_taken(chat, second)) == (1, 0)


def test_who_moved_in_between_leaves_the_class_they_are_in_now(chat: Chat) -> None:
    """The offer is for who waits in place of the seat they have, whichever that is by then."""
    first, third = (chat.add_class(f"LB-{day}", title=f"Hari {day}", starts=local(day, 9)) for day in (26, 28))
    second = chat.add_class("LB-2", title="Atur Uang", starts=local(27, 9), capacity=1)
    anton, siti = enrolled(chat, "Anton", session=second), enrolled(chat, session=first)
    siti.sends_tap(f"enrolment:moved:{first}:{second}").taps("Masuk daftar tunggu")
    siti.sends_tap(f"enrolment:moved:{first}:{third}").taps("Ya, pindah")
    anton.sends_tap(f"enrolment:withdrawn:{second}")
    chat.travel(minutes=2)
    siti.sees("kursi di kelas Hari 28 dilepas").taps("Ambil kursi").sees("pindah dari kelas Hari 28")
    assert [status_of(chat, siti, one) for one in (first, second, third)] == ["withdrawn", "seated", "withdrawn"]


def test_an_offer_gives_back_no_other_seat_than_the_one_it_names(chat: Chat) -> None:
    """Two seats are offered at once to somebody who waits for both in place of one seat."""
    first = chat.add_class("LB-1", starts=local(26, 9))
    second, third = (
        chat.add_class(f"LB-{day}", title=title, starts=local(day, 9), capacity=1)
        for day, title in ((27, "Atur Uang"), (28, "Toko Online"))
    )
    anton, rina = enrolled(chat, "Anton", session=second), enrolled(chat, "Rina", session=third)
    siti = enrolled(chat, session=first)
    for wished in (second, third):
        siti.sends_tap(f"enrolment:moved:{first}:{wished}").taps("Masuk daftar tunggu")
    anton.sends_tap(f"enrolment:withdrawn:{second}")
    rina.sends_tap(f"enrolment:withdrawn:{third}")
    chat.travel(minutes=2)
    siti.sees("kelas Toko Online", "kursi di kelas Foto Produk dilepas")
    later = siti.button("Ambil kursi", "kelas Toko Online")
    siti.sends_tap(*siti.button("Ambil kursi", "kelas Atur Uang")).sees("pindah dari kelas Foto Produk")
    siti.sends_tap(*later).sees_toast("Kursi yang dilepas sekarang lain").sees("Kursi di kelas Atur Uang", "dilepas")
    mine = [status_of(chat, siti, one) for one in (first, second, third)]
    assert mine == ["withdrawn", "seated", "offered"]
    siti.taps("Ya, pindah").sees("pindah dari kelas Atur Uang").taps("Kembalikan").sees("Kursi Bu Siti sudah kembali")
    chat.travel(minutes=3)
    assert [seats_taken(chat, one) for one in (first, second, third)] == [0, 1, 0]


def test_a_move_is_asked_about_again_when_things_changed_meanwhile(chat: Chat) -> None:
    first = chat.add_class("LB-1", starts=local(26, 9))
    second = chat.add_class("LB-2", title="Atur Uang", starts=local(27, 9), capacity=1)
    siti = enrolled(chat, session=first).sends_tap(f"enrolment:moved:{first}:{second}").sees("Ya, pindah")
    anton = enrolled(chat, "Anton", session=second)
    siti.taps("Ya, pindah").sees("Kelas Atur Uang sudah penuh", "tetap ada", "Masuk daftar tunggu")
    anton.sends_tap(f"enrolment:withdrawn:{second}")
    chat.travel(minutes=2)
    siti.taps("Masuk daftar tunggu").sees("Pindah ke kelas Atur Uang?", "nanti dilepas")
    assert status_of(chat, siti, first) == EnrolmentStatus.SEATED
    yes, _ = siti.button("Ya, pindah")
    siti.sends_tap(f"enrolment:withdrawn:{first}")
    siti.sends_tap(yes).sees("tidak terdaftar di kelas Foto Produk")
    assert status_of(chat, siti, second) is None


def test_my_schedule_shows_seats_and_waiting(chat: Chat) -> None:
    first = chat.add_class("LB-1", starts=local(26, 9))
    second = chat.add_class("LB-2", title="Atur Uang", starts=local(27, 9), capacity=1)
    enrolled(chat, "Anton", session=second)
    siti = registered(chat).types("/jadwal").sees("belum punya kelas", "Pilih kelas")
    siti.sends_tap(f"enrolment:take:{first}").sends_tap(f"enrolment:take:{second}")
    siti.types("/jadwal").sees(
        "Jadwal Bu Siti", "✅ Kam 26 Nov, 09.00 · Foto Produk", "Jum 27 Nov, 09.00 · Atur Uang · menunggu"
    )
    assert "Foto Produk" not in siti.last.text


def test_other_sites_can_be_looked_at(chat: Chat) -> None:
    chat.add_class("JY-1", site="jayapura", title="Toko Online")
    siti = registered(chat).types("/kelas").sees("Belum ada kelas baru di Labuan Bajo")
    siti.taps("Pilih lokasi lain").sees("Jayapura").taps("Jayapura").sees("Toko Online")


def test_many_classes_come_in_pages(chat: Chat) -> None:
    for number in range(7):
        chat.add_class(f"LB-{number}", title=f"Kelas {number}", starts=local(25, 8) + timedelta(days=number))
    siti = registered(chat).types("/kelas").sees("Kelas 2").does_not_see("Kelas 3")
    assert len(siti.last.labels) == 6
    siti.taps("Lihat berikutnya").sees("Kelas 3", "Kelas 5").does_not_see("Kelas 6", "Pilih lokasi lain")
    siti.taps("Lihat berikutnya").sees("Kelas 6", "Pilih lokasi lain")
    siti.sends_tap("enrolment:classes:labuan-bajo:9").sees("Kelas 2").does_not_see("Kelas 3")


@pytest.mark.parametrize(
    "data",
    ["enrolment:take:99", "enrolment:show:0", "enrolment:moved:1:2", "enrolment:accept:99", "enrolment:withdrawn:7"],
)
def test_forged_buttons_are_answered_kindly(chat: Chat, data: str) -> None:
    registered(chat).sends_tap(data).sees("Kelas ini sudah tidak ada", "Bantuan")


@pytest.mark.parametrize(
    "data", ["enrolment:take:x", "enrolment:take", "enrolment:show:-1", "enrolment:moved:1", "enrolment:moved:7:8:9:1"]
)
def test_malformed_buttons_are_answered_like_old_ones(chat: Chat, data: str) -> None:
    registered(chat).sends_tap(data).sees_toast("sudah tidak berlaku").sees("Ada yang bisa kami bantu")


# --- giving back --------------------------------------------------------------------------------------------------


def test_giving_a_seat_back_is_confirmed_first(chat: Chat) -> None:
    session = chat.add_class(starts=local(26, 9))
    siti = enrolled(chat, session=session)
    siti.taps("Batal ikut").sees(
        "Bu Siti batal ikut kelas Foto Produk, Kamis, 26 November 2026 pukul 09.00 WITA?", "Tidak, tetap ikut"
    )
    assert seats_taken(chat, session) == 1
    siti.taps("Ya, batal ikut").sees("Bu Siti batal ikut kelas Foto Produk", "Hapus dari kalender")
    chat.travel(minutes=2)
    assert seats_taken(chat, session) == 0
    siti.sends_tap(f"enrolment:withdrawn:{session}").sees("tidak terdaftar")
    assert seats_taken(chat, session) == 0


def test_changing_ones_mind_keeps_the_seat(chat: Chat) -> None:
    session = chat.add_class()
    siti = enrolled(chat, session=session)
    siti.taps("Batal ikut").taps("Tidak, tetap ikut").sees("sudah dapat kursi")
    assert seats_taken(chat, session) == 1


def test_who_comes_back_stands_at_the_end_of_the_line(chat: Chat) -> None:
    session = chat.add_class(capacity=1)
    enrolled(chat, "Siti", session=session)
    anton = enrolled(chat, "Anton", session=session)
    rina = enrolled(chat, "Rina", session=session)
    anton.sends_tap(f"enrolment:withdrawn:{session}")
    chat.travel(minutes=2)
    anton.sends_tap(f"enrolment:take:{session}").sees("nomor 2")
    rina.types("/jadwal").taps("Foto Produk").sees("nomor 1 di daftar tunggu")


def test_who_leaves_the_line_is_not_told_of_a_seat(chat: Chat) -> None:
    session = chat.add_class(capacity=1)
    enrolled(chat, "Siti", session=session)
    anton = enrolled(chat, "Anton", session=session)
    anton.taps("Keluar daftar tunggu").sees("Bu Anton keluar dari daftar tunggu kelas Foto Produk").taps("Ya, keluar")
    anton.sees("sudah keluar dari daftar tunggu").does_not_see("Kursi")


def test_who_waits_while_stopped_can_start_again_with_one_tap(chat: Chat) -> None:
    session = chat.add_class(capacity=1)
    enrolled(chat, "Siti", session=session)
    anton = registered(chat, "Anton").types("/berhenti").sends_tap(f"enrolment:take:{session}")
    anton.sees("nomor 1 di daftar tunggu", "Pesan dari kami sedang dihentikan").taps("Terima pesan lagi").sees(
        "dikirim lagi"
    )


# --- offers -------------------------------------------------------------------------------------------------------


def test_the_next_in_line_inherits_a_seat(chat: Chat) -> None:
    session = chat.add_class(capacity=1, starts=local(26, 9))
    siti = enrolled(chat, "Siti", session=session)
    anton = enrolled(chat, "Anton", session=session)
    anton.sees("daftar tunggu")
    siti.sends_tap(f"reminders:not_coming:{session}").sees("Terima kasih sudah memberi kabar")
    chat.travel(minutes=2)
    anton.sees("ada kursi kosong", "Jawab sebelum", "pukul 16.02 WITA")  # 10.02 + 6 h
    assert seats_taken(chat, session) == 1, "the offered seat is held"
    anton.taps("Ambil kursi").sees("Bu Anton sudah dapat kursi")
    assert seats_taken(chat, session) == 1


def test_a_declined_offer_goes_to_the_next(chat: Chat) -> None:
    session = chat.add_class(capacity=1)
    siti = enrolled(chat, "Siti", session=session)
    anton, rina = enrolled(chat, "Anton", session=session), enrolled(chat, "Rina", session=session)
    siti.sends_tap(f"enrolment:withdrawn:{session}")
    chat.travel(minutes=2)
    rina.looks_up()
    anton.sees("Ambil kursi").taps("Tidak diambil").sees("kepada peserta lain", "Kembalikan")
    rina.sees_nothing_new()
    chat.travel(minutes=2)
    rina.sees("ada kursi kosong").taps("Ambil kursi").sees("sudah dapat kursi")


def test_no_below_an_offer_that_was_taken_asks_first(chat: Chat) -> None:
    session = chat.add_class(capacity=1)
    siti, anton = enrolled(chat, "Siti", session=session), enrolled(chat, "Anton", session=session)
    siti.sends_tap(f"enrolment:withdrawn:{session}")
    chat.travel(minutes=2)
    declined = anton.button("Tidak diambil", "kursi kosong")
    anton.taps("Ambil kursi").sends_tap(*declined).sees("batal ikut kelas Foto Produk")
    assert status_of(chat, anton, session) == EnrolmentStatus.SEATED


def test_a_confirmation_gives_back_only_the_seat_it_was_about(chat: Chat) -> None:
    """Who gave a seat back and took another one is asked about that one."""
    session = chat.add_class()
    siti = enrolled(chat, session=session).taps("Batal ikut")
    confirmed = siti.button("Ya, batal ikut", "untuk peserta lain")
    siti.sends_tap(*confirmed).sees("batal ikut").sends_tap(*confirmed).sees("tidak terdaftar")
    chat.travel(minutes=1)
    siti.sends_tap(f"enrolment:take:{session}").sends_tap(*confirmed).sees("batal ikut kelas Foto Produk")
    assert status_of(chat, siti, session) == EnrolmentStatus.SEATED
    siti.taps("Ya, batal ikut").sees("batal ikut")
    assert status_of(chat, siti, session) == EnrolmentStatus.WITHDRAWN


def test_an_unanswered_offer_lapses_and_goes_to_the_next(chat: Chat) -> None:
    session = chat.add_class(capacity=1, starts=local(26, 9))
    siti = enrolled(chat, "Siti", session=session)
    anton, rina = enrolled(chat, "Anton", session=session), enrolled(chat, "Rina", session=session)
    siti.sends_tap(f"enrolment:withdrawn:{session}")
    chat.travel(minutes=2)
    anton.sees("Ambil kursi").looks_up()
    rina.looks_up()
    chat.travel(to=local(23, 16, 1))
    rina.sees_nothing_new()
    chat.travel(to=local(23, 16, 2))
    anton.sees("Waktu menjawab untuk kelas Foto Produk sudah lewat", "Daftar lagi")
    rina.sees("ada kursi kosong")
    anton.sends_tap(f"enrolment:accept:{session}").sees("sudah tidak ada")
    rina.taps("Ambil kursi").sees("sudah dapat kursi")
    assert seats_taken(chat, session) == 1


def test_a_newcomer_does_not_jump_the_line_at_night(chat: Chat) -> None:
    session = chat.add_class(capacity=1, starts=local(26, 9))
    siti, anton = enrolled(chat, "Siti", session=session), enrolled(chat, "Anton", session=session)
    chat.travel(to=local(23, 21))
    anton.looks_up()
    siti.sends_tap(f"enrolment:withdrawn:{session}")
    anton.sees_nothing_new()
    rina = enrolled(chat, "Rina", session=session)
    rina.sees("nomor 2 di daftar tunggu")
    chat.travel(to=local(24, 8))
    anton.sees("ada kursi kosong")


def test_who_is_first_in_line_may_take_a_free_seat_at_night(chat: Chat) -> None:
    session = chat.add_class(capacity=1, starts=local(26, 9))
    siti, anton = enrolled(chat, "Siti", session=session), enrolled(chat, "Anton", session=session)
    rina = enrolled(chat, "Rina", session=session)
    chat.travel(to=local(23, 21))
    siti.sends_tap(f"enrolment:withdrawn:{session}")
    chat.travel(minutes=2)
    rina.sends_tap(f"enrolment:take:{session}").sees("nomor 2")
    anton.sends_tap(f"enrolment:take:{session}").sees("sudah dapat kursi")


def test_in_the_last_hour_the_first_tap_wins(chat: Chat) -> None:
    session = chat.add_class(capacity=1, starts=local(23, 14))
    siti = enrolled(chat, "Siti", session=session)
    anton, rina = enrolled(chat, "Anton", session=session), enrolled(chat, "Rina", session=session)
    chat.travel(to=local(23, 13, 15))
    siti.sends_tap(f"enrolment:withdrawn:{session}")
    anton.sees("Siapa cepat, dia dapat")
    rina.sees("Siapa cepat, dia dapat").taps("Ambil kursi").sees("sudah dapat kursi")
    anton.taps("Ambil kursi").sees("nomor 1 di daftar tunggu")
    assert seats_taken(chat, session) == 1


def test_an_offer_is_never_held_past_the_start(chat: Chat) -> None:
    session = chat.add_class(capacity=1, starts=local(23, 12))
    siti, anton = enrolled(chat, "Siti", session=session), enrolled(chat, "Anton", session=session)
    siti.sends_tap(f"enrolment:withdrawn:{session}")
    chat.travel(minutes=2)
    anton.sees("pukul 11.01 WITA")  # half of the time left


def test_somebody_who_blocked_the_bot_is_passed_over(chat: Chat) -> None:
    session = chat.add_class(capacity=1)
    siti, anton = enrolled(chat, "Siti", session=session), enrolled(chat, "Anton", session=session)
    rina = enrolled(chat, "Rina", session=session)
    anton.blocks()
    siti.sends_tap(f"enrolment:withdrawn:{session}")
    chat.travel(minutes=2)
    chat.look()
    rina.sees("ada kursi kosong")
    assert status_of(chat, anton, session) == EnrolmentStatus.LAPSED


def test_offers_survive_a_restart(chat: Chat) -> None:
    session = chat.add_class(capacity=1, starts=local(26, 9))
    siti, anton = enrolled(chat, "Siti", session=session), enrolled(chat, "Anton", session=session)
    siti.sends_tap(f"enrolment:withdrawn:{session}")
    chat.travel(minutes=2)
    chat.restart()
    anton.taps("Ambil kursi").sees("sudah dapat kursi")


def test_an_offered_person_may_take_the_seat_from_the_class_itself(chat: Chat) -> None:
    session = chat.add_class(capacity=1, starts=local(26, 9))
    siti, anton = enrolled(chat, "Siti", session=session), enrolled(chat, "Anton", session=session)
    siti.sends_tap(f"enrolment:withdrawn:{session}")
    chat.travel(minutes=2)
    anton.types("/jadwal").sees("ada kursi").taps("Foto Produk").sees("Ada kursi untuk Bu Anton")
    anton.taps("Ambil kursi").sees("sudah dapat kursi")


def test_a_cancelled_class_tells_everybody_once_and_offers_others(chat: Chat) -> None:
    session = chat.add_class(capacity=1, starts=local(26, 9))
    siti, anton = enrolled(chat, "Siti", session=session), enrolled(chat, "Anton", session=session)
    for _ in range(2):
        with chat.database.transaction() as db:
            found = sessions.get(db, session)
            assert found is not None
            class_changes.cancel(db, found, chat.now, zone="Asia/Makassar")
        chat.look()
    for phone in (siti, anton):
        told = [bubble for bubble in phone.bubbles if "dibatalkan" in bubble.text]
        assert len(told) == 1
        assert "Pilih kelas lain" in told[0].labels
    siti.sends_tap(f"enrolment:take:{session}").sees("dibatalkan")
    siti.types("/jadwal").sees("belum punya kelas")


def test_two_hundred_people_for_twenty_seats(chat: Chat) -> None:
    session = chat.add_class(capacity=20)
    phones = [registered(chat, f"Orang {number}") for number in range(200)]
    chat.deliver_all([phone.tap_update(f"enrolment:take:{session}") for phone in phones])
    with chat.database.transaction() as db:
        rows = db.execute(
            select(Enrolment.status, Enrolment.queue_no, Account.telegram_id)
            .join(Account, Account.current_person_id == Enrolment.person_id)
            .where(Enrolment.session_id == session)
        ).all()
    seated = [row for row in rows if row.status == EnrolmentStatus.SEATED]
    waiting = sorted((row for row in rows if row.status == EnrolmentStatus.WAITLISTED), key=lambda row: row.queue_no)
    assert len(seated) == 20
    assert seats_taken(chat, session) == 20
    assert [row.queue_no for row in waiting] == list(range(1, 181))
    if chat.database.is_sqlite:  # one writer: those who came first are seated, and the line is in order
        assert {row.telegram_id for row in seated} == {phone.id for phone in phones[:20]}
        assert [row.telegram_id for row in waiting] == [phone.id for phone in phones[20:]]
    assert all(phone.bubbles for phone in phones)


def test_comings_and_goings_in_one_commit_are_counted_as_they_happen(chat: Chat) -> None:
    def place(outcome: enrolment.Enrolled) -> int:
        assert isinstance(outcome, Waitlisted)
        return outcome.place

    session = chat.add_class(capacity=1)
    phones = [registered(chat, name) for name in ("Siti", "Anton", "Rina", "Dewi", "Budi")]
    with chat.database.transaction() as db:
        siti, anton, rina, dewi, budi = (phone.person(db) for phone in phones)
        assert isinstance(enrolment.enrol(db, siti, session, chat.now), Seated)
        assert place(enrolment.enrol(db, anton, session, chat.now)) == 1
        assert place(enrolment.enrol(db, rina, session, chat.now)) == 2
        assert not take_due_flag(db), "there is no seat to offer"
        enrolment.withdraw(db, anton, session, chat.now)
        assert place(enrolment.enrol(db, dewi, session, chat.now)) == 2
        enrolment.withdraw(db, siti, session, chat.now)
        assert take_due_flag(db)
        assert place(enrolment.enrol(db, budi, session, chat.now)) == 3
        assert take_due_flag(db), "the seat is to be offered to Rina"
    chat.look()
    phones[2].sees("ada kursi kosong")


def test_what_was_taken_back_is_not_believed(chat: Chat) -> None:
    """A savepoint that was rolled back leaves neither a seat nor a lock of the class behind."""
    session = chat.add_class(capacity=1)
    phones = [registered(chat, name) for name in ("Siti", "Anton")]
    with chat.database.transaction() as db:
        siti, anton = (phone.person(db) for phone in phones)
        trial = db.begin_nested()
        assert isinstance(enrolment.enrol(db, siti, session, chat.now), Seated)
        trial.rollback()
        assert isinstance(enrolment.enrol(db, anton, session, chat.now), Seated)
        assert isinstance(enrolment.enrol(db, siti, session, chat.now), Waitlisted)


def test_the_database_itself_refuses_overbooking(chat: Chat) -> None:
    session = chat.add_class(capacity=1)
    with pytest.raises(Exception, match=r"(?i)check"), chat.database.transaction() as db:
        db.execute(update(ClassSession).where(ClassSession.id == session).values(seats_taken=2))


# --- how long an offer is held ------------------------------------------------------------------------------------

HOURS = OpenHours("Asia/Makassar", time(8), time(19, 30), (Closed(time(11, 30), time(13), weekday=4),))


@given(
    now=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda moment: moment.replace(tzinfo=UTC)),  # noqa: DTZ001
    left=st.timedeltas(timedelta(minutes=1), timedelta(days=10)),
)
def test_an_offer_ends_in_open_hours_before_the_start_with_time_to_answer(now: datetime, left: timedelta) -> None:
    starts = now + left
    end = offer_end(now, starts, HOURS)
    if end is None:
        closes = closing(HOURS, now)
        assert closes is None or left <= timedelta(hours=1) or closes - now < timedelta(minutes=15)
        return
    assert now + timedelta(minutes=15) <= end < starts
    assert is_open(HOURS, end) or closing(HOURS, end - timedelta(microseconds=1)) == end


@pytest.mark.parametrize(
    ("now", "starts", "end"),
    [
        (local(23, 9), local(26, 9), local(23, 15)),  # six hours
        (local(23, 9), local(23, 13), local(23, 11)),  # half the time left
        (local(23, 9), local(23, 10, 20), local(23, 9, 40)),
        (local(23, 18), local(26, 9), local(24, 9)),  # over night: an hour in the morning
        (local(23, 18), local(24, 9), local(24, 8, 30)),  # half an hour before the class
        (local(23, 18), local(24, 8), local(23, 19, 30)),  # the class is too early: the evening only
        (local(23, 19, 20), local(24, 8), None),
        (local(23, 21), local(26, 9), None),
        (local(23, 9), local(23, 10), None),  # the last hour
        (local(27, 8), local(27, 15), local(27, 11, 30)),  # half of seven hours is when Friday prayer begins
        (local(27, 8), local(27, 16), local(27, 14)),  # half of eight would fall into it
    ],
)
def test_examples_of_how_long_an_offer_is_held(now: datetime, starts: datetime, end: datetime | None) -> None:
    assert offer_end(now, starts, HOURS) == end
