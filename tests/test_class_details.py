"""What is written about a class is changed in the chat (title, length, trainer, contact), and a class is cancelled with
a reason: those with a seat are told once, and their calendars follow."""

from __future__ import annotations

import pytest
from icalendar import Calendar

from bot.people.people import RoleGrant
from tests.chat import Chat, Phone, enrolled, local, registered, staffed
from tests.databases import by_turns
from tests.test_class_management import classes, notes


def calendar(phone: Phone, session: int) -> tuple[str, int, str]:
    """The newest calendar file: which event, its number, until when."""
    phone.sends_tap(f"enrolment:calendar:{session}")
    _, content, _ = phone.last.params["files"]["document"]
    (event,) = Calendar.from_ical(content).walk("VEVENT")
    return str(event["UID"]), int(str(event["SEQUENCE"])), f"{event['SUMMARY']} {event.decoded('DTEND'):%H.%M}"


def changing(maria: Phone, button: str) -> Phone:
    return maria.types("/sesi").taps("Foto Produk").taps("Ubah kelas").taps("Judul, lama, pelatih").taps(button)


def test_another_title_is_told_to_those_with_a_seat_unless_it_was_a_typing_error(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9), capacity=1)
    siti, rina = enrolled(chat, "Siti", session=session), enrolled(chat, "Rina", session=session)
    before = calendar(siti, session)
    for phone in (siti, rina):
        phone.looks_up()
    changing(maria, "Ganti judul").sees("Judulnya sekarang Foto Produk.").types("=1").sees("Judulnya belum bisa")
    maria.types("Foto Makanan & <b>Kue</b>").sees("Semula: Foto Produk", "Menjadi: Foto Makanan & <b>Kue</b>")
    maria.sees("Simpan, kabari 1 orang", "Simpan tanpa kabar").taps("Simpan, kabari").sees("1 orang dikabari")
    siti.sees("ada yang berubah di kelas Foto Produk", "Judulnya sekarang Foto Makanan & <b>", "Perbarui kalender")
    siti.sees("Waktunya tetap Kamis, 26 November 2026 pukul 09.00 WITA")
    rina.sees_nothing_new()
    after = calendar(siti, session)
    assert (after[0], after[2]) == (before[0], "Foto Makanan & <b>Kue</b> 11.00")
    assert after[1] > before[1]
    siti.looks_up()
    maria.sends_tap(f"sessions:detail:{session}:title").types("Foto Makanan dan Kue").taps("Simpan tanpa kabar")
    maria.sees("Foto Makanan dan Kue", "Tidak ada yang dikabari")
    siti.sees_nothing_new()
    assert calendar(siti, session)[1] > after[1]
    assert notes(chat)[-1] == ("session_changed", f"session:{session}")
    maria.sends_tap(f"sessions:detail:{session}:title").types("Foto Makanan dan Kue").taps("Simpan")
    maria.sees("Tidak ada yang berubah")


def test_what_waits_for_the_morning_is_told_with_what_is_changed_next(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(30, 9))
    siti = enrolled(chat, "Siti", session=session)
    chat.travel(to=local(23, 21))
    siti.looks_up()
    changing(maria, "Ganti judul").types("Foto Makanan").taps("Simpan, kabari")
    maria.sends_tap(f"sessions:detail:{session}:length").types("3 jam").sees("Semula 2 jam, menjadi 3 jam")
    maria.sees("Selesai pukul 12.00", "Yang akan dikabari: 1 orang").does_not_see("tanpa kabar")
    maria.taps("Simpan").sees("1 orang dikabari")
    siti.sees_nothing_new()
    chat.travel(to=local(24, 9))
    siti.sees("di kelas Foto Produk", "sekarang Foto Makanan", "Lamanya sekarang 3 jam, sampai pukul 12.00")
    assert sum("ada yang berubah" in bubble.text for bubble in siti.bubbles) == 1
    chat.travel(to=local(24, 21))
    siti.looks_up()
    maria.sends_tap(f"sessions:detail:{session}:contact").sees("Kontak kelas sekarang: -").types("x" * 90)
    maria.sees("Kontaknya belum bisa").types("@maria, +62 812 3456 7890").taps("Simpan, kabari")
    maria.sends_tap(f"sessions:move:{session}").types("1 des 10").taps("Simpan")
    chat.travel(to=local(25, 9))
    siti.sees("waktu kelas Foto Makanan berubah", "Hubungi @maria, +62 812 3456 7890.", "Bisa datang?")
    assert sum("ada yang berubah" in bubble.text for bubble in siti.bubbles) == 1
    siti.sends_tap(f"enrolment:show:{session}").sees("Kontak: @maria, +62 812 3456 7890")
    registered(chat, "Rina").sends_tap(f"enrolment:show:{session}").does_not_see("@maria")
    maria.sends_tap(f"sessions:detail:{session}:contact").taps("Hapus kontak").sees("Menjadi: (kosong)")
    maria.taps("Simpan, kabari")
    siti.sees("Kontak yang lama tidak dipakai lagi")
    assert classes(chat)[0].contact is None


def test_another_trainer_is_picked_or_written(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9))
    yosef, elsewhere = staffed(chat, "Yosef"), staffed(chat, "Anton", site="samosir")
    siti = enrolled(chat, "Siti", session=session)
    siti.looks_up()
    changing(maria, "Ganti pelatih").sees("sekarang Pelatih (contoh)", "Maria", "Yosef").does_not_see("Anton")
    with chat.database.transaction() as db:
        there, gone = elsewhere.account(db), yosef.account(db)
        assert there is not None
        assert gone is not None
        numbers = there.id, gone.id
        db.delete(db.query(RoleGrant).filter_by(account_id=gone.id).one())
    for number in numbers:  # forged, and no longer a trainer
        maria.sends_tap(f"sessions:trainer:{number}").sees_toast("Sudah diubah")
    assert "Yosef" not in maria.last.labels
    maria.taps("Maria").sees("Semula: Pelatih (contoh)", "Menjadi: Maria").taps("Simpan, kabari").sees("Pelatih: Maria")
    siti.sees("Pelatihnya sekarang Maria.")
    changing(maria, "Ganti pelatih").types("Bu Ani").taps("Simpan tanpa kabar").sees("Pelatih: Bu Ani")
    changing(maria, "Ganti pelatih").taps("Tanpa nama").taps("Simpan, kabari").does_not_see("Pelatih:")
    siti.sees("Pelatihnya belum ditentukan.")


def test_a_confirmation_of_what_is_written_confirms_only_that(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9))
    changing(maria, "Ganti judul").types("Foto Satu")
    data, message = maria.button("Simpan")
    maria.taps("Kembali").types("Foto Dua")
    maria.sends_tap(data, message).sees_toast("Sudah diubah").sees("Menjadi: Foto Dua").taps("Simpan")
    maria.sends_tap(data, message).sees_toast("Tombol ini sudah")
    assert classes(chat)[0].title == "Foto Dua"
    maria.sends_tap(f"sessions:detail:{session}:title").types("Foto Tiga").sees("Menjadi")
    data, message = maria.button("Simpan")
    other = staffed(chat, "Yosef").sends_tap(f"sessions:detail:{session}:title").types("Foto Empat").taps("Simpan")
    other.sees("Sudah diubah")
    maria.sends_tap(data, message).sees("Semula: Foto Empat", "Menjadi: Foto Tiga")
    chat.travel(to=local(26, 10))
    maria.sends_tap(f"sessions:details:{session}").sees("sudah tidak bisa diubah")
    maria.sends_tap(f"sessions:detail:{session}:length").sees("sudah tidak bisa diubah")


# --- a reason -------------------------------------------------------------------------------------------------------


@by_turns(
    "reason,seen",
    [
        ("Pelatih berhalangan", "Alasannya: pelatih berhalangan"),
        ("Cuaca buruk", "Alasannya: cuaca buruk"),
        ("Banjir di jalan <Trans Flores>.", "Alasannya: Banjir di jalan <Trans Flores>"),
        ("2 pelatih sakit, maaf ya!", "Alasannya: 2 pelatih sakit, maaf ya!"),
    ],
)
def test_people_read_why_a_class_is_cancelled(chat: Chat, maria: Phone, reason: str, seen: str) -> None:
    session = chat.add_class(starts=local(26, 9))
    siti = enrolled(chat, "Siti", session=session)
    siti.looks_up()
    maria.sends_tap(f"sessions:cancel:{session}").sees("Kenapa?")
    if reason in maria.last.labels:
        maria.taps(reason)
    else:
        maria.types(reason)
    maria.sees("Peserta akan membaca", seen, "dikabari: 1 orang").does_not_see("Lanjutkan")
    siti.sees_nothing_new()
    maria.taps("Ya, batalkan").sees("sudah dibatalkan", "1 orang dikabari").does_not_see("Lanjutkan")
    siti.sees("Kelas Foto Produk dibatalkan", seen)
    siti.sends_tap(f"enrolment:show:{session}").sees("dibatalkan", seen)


def test_no_reason_is_needed_and_bad_ones_are_asked_again(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9))
    siti = enrolled(chat, "Siti", session=session)
    maria.sends_tap(f"sessions:cancel:{session}")
    for wrong in ("x" * 201, "=A1", "."):
        maria.types(wrong).sees("Alasannya belum bisa dipakai", "Ya, batalkan")
    maria.types("tidak").sees("tidak ada yang diubah").types("/menu").sees("menu pelatih")
    maria.sends_tap(f"sessions:cancel:{session}").types("batal").sees("tidak ada yang diubah")
    maria.sends_tap(f"sessions:cancel:{session}").types("ya").sees("tekan", "Kenapa?")
    maria.types("Ya, batalkan").sees("Kenapa?").taps("Tidak, biarkan").sees("Terisi 1 dari 20")
    maria.does_not_see("Lanjutkan").types("/sesi").sees("Foto Produk")
    assert classes(chat)[0].cancelled_at is None
    siti.looks_up()
    maria.sends_tap(f"sessions:cancel:{session}").taps("Ya, batalkan").sees("1 orang dikabari")
    siti.sees("dibatalkan").does_not_see("Alasannya")


def test_a_cancellation_is_done_with_the_reason_above_its_button(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9))
    siti = enrolled(chat, "Siti", session=session)
    maria.sends_tap(f"sessions:cancel:{session}").types("Hujan")
    data, message = maria.button("Ya, batalkan")
    maria.types("Banjir").sees("Alasannya: Banjir")
    maria.sends_tap(data, message).sees_toast("Sudah diubah").sees("Kenapa?")
    maria.sends_tap(data, message).sees_toast("Sudah diubah")  # and nothing written is left
    assert classes(chat)[0].cancelled_at is None
    maria.types("Banjir")
    chat.restart()
    maria.taps("Ya, batalkan").sees("dibatalkan")
    maria.sends_tap(*maria.button("Lihat semua kelas"))
    siti.sees("Alasannya: Banjir")
    maria.sends_tap(f"sessions:why:{session}:few").sees("sudah tidak bisa diubah")
    assert notes(chat)[-1] == ("session_cancelled", f"session:{session}")


@pytest.mark.parametrize("what", ["detail:{}:title", "details:{}", "why:{}:few", "cancel:{}"])
def test_a_trainer_of_another_site_is_refused(chat: Chat, what: str) -> None:
    session = chat.add_class(starts=local(26, 9))
    anton = staffed(chat, "Anton", site="samosir")
    anton.sends_tap(f"sessions:{what.format(session)}").sees("hanya untuk pelatih").does_not_see("Foto Produk")
