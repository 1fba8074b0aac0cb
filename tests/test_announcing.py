"""Announcements as a trainer makes them: who speaks, what a confirmation confirms, one's own message edited in
Telegram, what a correction replaces, the list, colleagues of a site, and words that are typed instead of tapped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.people.people import RoleGrant
from bot.programme.broadcasts import BroadcastStatus
from tests.chat import Chat, Phone, enrolled, registered, staffed
from tests.test_broadcasts import actions, copies, drafted, newest, refused
from tests.test_pieces_and_corrections import changes, writes
from tests.test_rights import ADMIN, admin


@pytest.fixture
def admins() -> tuple[int, ...]:
    return (ADMIN,)


def preview(phone: Phone) -> tuple[str, int]:
    """The button that sends what stands above it, to be tapped later."""
    return phone.button("Kirim sekarang")


# --- who speaks -------------------------------------------------------------------------------------------------------


def test_a_photo_without_a_question_leads_a_trainer_to_the_announcement(chat: Chat) -> None:
    maria = staffed(chat, "Maria")
    photo = [{"file_id": "P", "file_unique_id": "p", "width": 9, "height": 9}]
    maria.sends(photo=photo).sees("tidak kami simpan", "Untuk pengumuman?").taps("Kirim pengumuman").sees("untuk siapa")


def test_everybody_reads_who_speaks_and_about_which_class(chat: Chat) -> None:
    session = chat.add_class(starts=datetime(2026, 11, 26, 1, 0, tzinfo=UTC))
    other = chat.add_class("LB-2", title="Toko Online", starts=chat.now + timedelta(days=5))
    siti, maria = enrolled(chat, session=session), staffed(chat, "Maria")
    drafted(maria, "Bawa produk.", to=f"class:{session}")
    head = "📣 Maria, pelatih di Labuan Bajo\nKelas Foto Produk, Kam 26 Nov, 09.00"
    assert maria.new[0].text == f"{head}\n\nBawa produk."
    maria.taps("Tambah penerima").taps("Satu kelas").taps("Toko Online")
    assert maria.new[0].text == f"{head}\nKelas Toko Online, Sab 28 Nov, 10.00\n\nBawa produk."
    maria.taps("Pilih waktu kirim").types("besok 9").taps("Jadwalkan")
    # the class moves meanwhile: the announcement says what is true when it is sent
    maria.sends_tap(f"sessions:move:{session}").types("Jumat depan 10").taps("Simpan")
    chat.travel(days=1)
    assert "Kelas Foto Produk, Jum 4 Des, 10.00" in copies(siti, "Bawa produk.")[0].text
    # of a part of a class people read the class alone
    drafted(maria, "Jawab ya.", to=f"silent:{other}").sees("Belum menjawab pengingat Toko Online")
    assert maria.new[0].text.startswith("📣 Maria, pelatih di Labuan Bajo\nKelas Toko Online, Sab 28 Nov")
    drafted(admin(chat), "Libur.", to="everyone").taps("Kirim sekarang")
    assert siti.last.text == "📣 Admin program\n\nLibur."
    assert (chat.phone().id, other) != (0, 0)


def test_words_that_fit_alone_may_be_too_long_below_who_speaks(chat: Chat) -> None:
    registered(chat)
    maria = staffed(chat, "Maria").types("/pengumuman").taps("Semua peserta saya")
    maria.types("a" * 3960).sees("Akan dikirim ke 1 orang").types("b" * 4050)
    maria.sees("terlalu panjang: 4.050 huruf. Di sini paling banyak 3.965").types("Pendek.").sees("Akan dikirim")


# --- a confirmation sends what stands above it ------------------------------------------------------------------------


def test_two_drafts_each_send_their_own_words_to_their_own_people(chat: Chat) -> None:
    one, two = chat.add_class("LB-1"), chat.add_class("LB-2", title="Toko Online", starts=chat.now + timedelta(days=5))
    siti, anton = enrolled(chat, "Siti", session=one), enrolled(chat, "Anton", session=two)
    maria = staffed(chat, "Maria")
    first = preview(drafted(maria, "Untuk kelas foto.", to=f"class:{one}"))
    second = preview(drafted(maria, "Untuk kelas toko.", to=f"class:{two}"))
    maria.types("/pengumuman").sends_tap(f"broadcasts:to:class:{two}")  # a third one is begun: it goes on
    maria.sends_tap(*first).sees("mulai dikirim ke 1 orang")
    maria.types("Yang ketiga.").sees("Yang ketiga.", "Toko Online", "Akan dikirim ke 1 orang")
    third = newest(chat).id
    maria.sends_tap(*second).sees("mulai dikirim ke 1 orang").taps("Kirim sekarang")
    assert [len(copies(siti, text)) for text in ("kelas foto", "kelas toko", "ketiga")] == [1, 0, 0]
    assert [len(copies(anton, text)) for text in ("kelas foto", "kelas toko", "ketiga")] == [0, 1, 1]
    # broken off by its own button, not by that of another draft
    old = maria.types("/pengumuman").sends_tap("broadcasts:to:mine").types("Yang keempat.").button("Berhenti mengisi")
    kept = preview(drafted(maria, "Simpan saya.", to=f"class:{one}"))
    maria.sends_tap(*old).sees("tidak jadi dibuat").sends_tap(*kept).sees("mulai dikirim")
    assert copies(siti, "Simpan saya.")
    maria.sends_tap(f"broadcasts:cancel:{third}").sees("Pengumuman 3").does_not_see("tidak jadi dibuat")


def test_words_sent_one_by_one_are_told_to_replace_each_other(chat: Chat) -> None:
    siti = registered(chat)
    maria = drafted(staffed(chat, "Maria"), "Bagian satu")
    old = preview(maria)
    maria.types("Bagian dua").sees("Isi draf sudah diganti", "Bagian dua", "Akan dikirim")
    maria.sends_tap(*old).sees_toast("Sudah diubah").sees("Bagian dua")
    assert not copies(siti, "Bagian")
    maria.taps("Kirim sekarang")
    assert [bool(copies(siti, text)) for text in ("Bagian satu", "Bagian dua")] == [False, True]
    maria.sends_tap(*old).sees_toast("Sudah dikirim")
    assert len(copies(siti, "Bagian")) == 1


# --- one's own message, edited ----------------------------------------------------------------------------------------


def test_editing_ones_own_message_edits_the_draft_wherever_one_is(chat: Chat) -> None:
    siti, maria = registered(chat), staffed(chat, "Maria")
    maria.types("/pengumuman").taps("Semua peserta saya")
    first = writes(maria, "Salah ketk")
    old = preview(maria)
    changes(maria, first, text="Salah ketik").sees("Isi draf sudah diganti", "Salah ketik", "Akan dikirim ke 1 orang")
    second = writes(maria, "Isi kedua")
    changes(maria, first, text="Isi pertama lagi").sees("Perubahan pesan tidak terbaca", "Isi kedua")
    maria.taps("Pilih waktu kirim").sees("Kapan dikirim?")
    changes(maria, second, text="Isi kedua, diperbaiki").sees("Isi kedua, diperbaiki", "Kirim sekarang")
    maria.sends_tap(*old).sees_toast("Sudah diubah").sees("Isi kedua, diperbaiki")
    changes(maria, second, text="x" * 4090).sees("terlalu panjang")
    maria.types("/pengumuman").taps("Semua peserta saya")
    changes(maria, second, text="Isi ketiga").sees("Isi ketiga").taps("Kirim sekarang").sees("mulai dikirim")
    assert [bubble.text.split("\n")[-1] for bubble in siti.bubbles] == ["Isi ketiga"]
    # after it was sent: a correction, which is asked about
    changes(maria, second, text="Isi keempat").sees("Menggantikan:\n«Isi ketiga»", "Diubah di tempat: 1")
    assert "Isi ketiga" in siti.last.text
    changes(maria, second, text="Isi kelima").sees("Menggantikan:\n«Isi ketiga»", "Isi kelima").taps(
        "Perbaiki sekarang"
    )
    assert [(bubble.text.split("\n")[-1], bubble.edited) for bubble in siti.bubbles] == [("Isi kelima", 1)]
    location = maria.message(location={"latitude": -8.5, "longitude": 119.9, "live_period": 900})
    maria.types("/pengumuman").taps("Semua peserta saya")
    chat.deliver(location, maria)
    maria.looks_up()
    changes(maria, location["message"], location={"latitude": -8.6, "longitude": 119.9}).sees_nothing_new()


def test_the_words_of_a_photo_are_edited_and_a_scheduled_one_is_corrected(chat: Chat) -> None:
    siti, maria = registered(chat), staffed(chat, "Maria")
    sizes: dict[str, Any] = {"file_id": "besar", "file_unique_id": "b", "width": 900, "height": 900}
    maria.types("/pengumuman").taps("Semua peserta saya")
    photo = maria.message(photo=[sizes], caption="Salah")
    chat.deliver(photo, maria)
    changes(maria, photo["message"], photo=[sizes], caption="Benar").sees("Akan dikirim ke 1 orang")
    maria.taps("Pilih waktu kirim").types("besok 9").taps("Jadwalkan")
    changes(maria, photo["message"], photo=[sizes], caption="Lebih benar").sees("Menggantikan:\n(foto) «Benar»")
    maria.taps("Perbaiki sekarang").sees("Isi sudah diganti. Tetap dikirim Selasa")
    chat.travel(days=1)
    assert siti.last.text.endswith("Lebih benar")
    maria.types("/pengumuman").taps("Lihat pengumuman lama").sees("1. Sel 24 Nov, 09.00", "(foto) «Lebih benar»")


# --- corrections, the list, colleagues --------------------------------------------------------------------------------


def test_colleagues_of_a_site_see_stop_and_correct_each_others(chat: Chat) -> None:
    siti, session = registered(chat), chat.add_class()
    maria, yosef = staffed(chat, "Maria"), staffed(chat, "Yosef")
    far = staffed(chat, "Frans", site="jayapura")
    drafted(maria, "Kelas pindah ke Aula Paroki.").taps("Kirim sekarang")
    chat.travel(seconds=4)
    yosef.types("/pengumuman").taps("Lihat pengumuman lama")
    yosef.sees("1. Sen 23 Nov, 10.00", "1 orang · oleh Maria", "«Kelas pindah ke Aula Paroki.»").types("1")
    yosef.sees("oleh Maria", "Terkirim: 1").types("ralat").sees(
        "Pengumuman 1, untuk:", "Isinya sekarang:\n«Kelas pindah"
    )
    maria.looks_up()
    yosef.types("Kelas pindah ke Aula Desa.").sees("Menggantikan:\n«Kelas pindah ke Aula Paroki.»")
    old = yosef.button("Perbaiki sekarang")
    # Maria corrects it first: Yosef's confirmation replaces something else than what it shows
    maria.sends_tap("broadcasts:correct:1").types("Kelas tetap di sini.").taps("Perbaiki sekarang")
    yosef.sends_tap(*old).sees_toast("Sudah diubah").sees("Menggantikan:\n«Kelas tetap di sini.»")
    yosef.taps("Perbaiki sekarang").sees("Perbaikan dimulai")
    maria.sees("Yosef memperbaiki pengumuman 1", "«Kelas pindah ke Aula Desa.»", "Lihat hasil")
    assert siti.last.text == "📣 Yosef, pelatih di Labuan Bajo\n\nKelas pindah ke Aula Desa."
    assert len(siti.bubbles) == 1
    chat.travel(to=datetime(2026, 11, 23, 13, 0, tzinfo=UTC))
    drafted(maria, "Untuk besok.").taps("Kirim sekarang").looks_up()
    number = newest(chat).id
    yosef.sends_tap(f"broadcasts:report:{number}").sees("sedang dikirim", "oleh Maria").taps("Hentikan pengiriman")
    maria.sees(f"Yosef menghentikan pengumuman {number}", "«Untuk besok.»")
    drafted(maria, "Nanti.").taps("Pilih waktu kirim").types("besok 11").taps("Jadwalkan").looks_up()
    later = newest(chat).id
    yosef.sends_tap(f"broadcasts:unschedule:{later}").sees("sudah dibatalkan")
    maria.sees(f"Yosef membatalkan pengumuman {later}")
    drafted(maria)
    draft = newest(chat).id
    before = refused(chat)
    for action in ("send", "more", "preview", "when", "cancel"):
        yosef.sends_tap(f"broadcasts:{action}:{draft}").sees("hanya untuk pelatih atau admin")
    for phone in (far, siti):
        for action in ("report", "correct", "stop", "again", "unschedule"):
            phone.sends_tap(f"broadcasts:{action}:1").sees("hanya untuk pelatih atau admin")
    assert refused(chat) == before + 15
    # what an admin says to a class is seen, not changed
    drafted(admin(chat), "Dari admin.", to=f"class:{session}")
    assert newest(chat).site_id == "labuan-bajo"


def test_what_an_admin_said_is_seen_by_trainers_and_changed_by_admins(chat: Chat) -> None:
    session = chat.add_class()
    siti, maria = enrolled(chat, session=session), staffed(chat, "Maria")
    drafted(admin(chat), "Dari admin.", to=f"class:{session}").taps("Kirim sekarang")
    maria.types("/pengumuman").taps("Lihat pengumuman lama").sees("«Dari admin.»").taps("Lihat 1").sees("Terkirim: 1")
    maria.sends_tap("broadcasts:correct:1").sees("hanya untuk pelatih atau admin")
    maria.sends_tap("broadcasts:stop:1").sees("hanya untuk pelatih atau admin")
    assert "Dari admin." in siti.last.text


def test_a_long_list_has_pages_and_says_what_each_said(chat: Chat) -> None:
    registered(chat)
    maria = staffed(chat, "Maria")
    for number in range(1, 8):
        drafted(maria, f"Pesan ke-{number}, <b>bukan</b> & tanda").taps("Kirim sekarang")
    maria.types("/pengumuman").taps("Lihat pengumuman lama").sees("7. ", "«Pesan ke-7, <b>bukan</b> & tanda»", "3. ")
    maria.does_not_see("«Pesan ke-2").taps("Yang lebih lama").sees("2. ", "«Pesan ke-1,").taps("Yang lebih baru")
    maria.sees("«Pesan ke-7").sends_tap("broadcasts:list:999").sees("«Pesan ke-1,")


def test_colleagues_hear_that_one_whose_author_left_was_not_sent(chat: Chat) -> None:
    siti, maria, yosef = registered(chat), staffed(chat, "Maria"), staffed(chat, "Yosef")
    far, dewi = staffed(chat, "Frans", site="jayapura"), admin(chat).types("/menu")
    drafted(maria, "Aula tutup.").taps("Pilih waktu kirim").types("besok 9").taps("Jadwalkan")
    for phone in (yosef, far, dewi):
        phone.looks_up()
    with chat.database.transaction() as db:
        account = maria.account(db)
        assert account is not None
        for grant in db.scalars(select(RoleGrant).where(RoleGrant.account_id == account.id)):
            db.delete(grant)
    chat.travel(days=1)
    for phone in (yosef, dewi):
        phone.sees("Pengumuman 1 dari Maria tidak dikirim", "«Aula tutup.»", "Buat pengumuman")
    far.sees_nothing_new()
    assert not copies(siti, "Aula")


# --- typed words ------------------------------------------------------------------------------------------------------


def test_words_of_buttons_are_never_what_is_announced(chat: Chat) -> None:
    siti = registered(chat)
    maria = staffed(chat, "Maria").types("/pengumuman").taps("Semua peserta saya")
    maria.types("kirim").sees("Kirim isi pengumuman di sini").types("ganti penerima").sees("untuk siapa?")
    maria.taps("Semua peserta saya").types("batal").sees("tidak jadi dibuat")
    drafted(maria, "Bawa produk.")
    for typed in ("kirim", "Kirim sekarang!", "ya", "oke kirim saja"):
        maria.types(typed).sees("Bawa produk.", "Kirim sekarang", "Akan dikirim ke 1 orang")
        assert newest(chat).status == BroadcastStatus.DRAFT
    maria.types("ganti").sees("Kirim saja isi yang baru").types("ganti isi").sees("Kirim saja isi yang baru")
    maria.types("ganti penerima").sees("Kirim ke siapa? Isinya tetap.").taps("Kembali").sees("Bawa produk.")
    maria.types("jadwalkan").sees("Kapan dikirim?").types("kirim sekarang").sees("Bawa produk.", "Akan dikirim")
    maria.types("pilih waktu kirim").sees("Kapan dikirim?").types("besok 9").sees("Dikirim Selasa").types("ya")
    maria.sees("Jadwalkan").types("ganti").sees("Kapan dikirim?").types("besok 10").sees("10.00").taps("Jadwalkan")
    maria.types("batal").sees("Batalkan kirim").types("perbaiki").sees("Pengumuman", "Isinya sekarang:\n«Bawa produk.»")
    maria.types("tidak jadi").sees("tidak jadi dibuat")
    drafted(maria, "Bawa HP.").types("jangan dikirim").sees("tidak jadi dibuat")
    chat.travel(to=datetime(2026, 11, 23, 13, 0, tzinfo=UTC))
    drafted(maria, "Malam.").taps("Kirim sekarang").sees("sedang dikirim").types("stop").sees("Hentikan pengiriman")
    assert siti.bubbles == []
    assert "broadcast_stopped" not in actions(chat)
    maria.taps("Hentikan pengiriman").sees_toast("Dihentikan")
