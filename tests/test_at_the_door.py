"""Who reads the QR code of a class and has no seat in it, or is not registered yet."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.programme import attendance, class_changes, enrolment
from bot.programme.attendance import Mark, ScannedCode, payload
from bot.programme.enrolment import EnrolmentStatus
from bot.programme.sessions import ClassSession
from tests.chat import Chat, Phone, content, enrolled, local, registered
from tests.test_attendance import START, a_class, code_now, mark_of, seats_agree, trainer
from tests.test_shared_phone import shared


def scanned(chat: Chat, phone: Phone, session: int) -> Phone:
    """The phone reads the QR code that is shown now."""
    return phone.starts(payload(session, code_now(chat, session)))


def opened(chat: Chat, *, capacity: int = 20) -> int:
    """A class of which the code is shown, twenty minutes before it begins."""
    session = a_class(chat, capacity=capacity)
    trainer(chat).sends_tap(f"attendance:open:{session}")
    return session


def present(chat: Chat, phone: Phone, session: int) -> bool:
    return mark_of(chat, phone, session) == Mark.PRESENT


def registers(phone: Phone) -> Phone:
    return phone.taps("Ya, setuju").taps("Ibu").types("Rina").taps("Makanan").taps("Sudah benar")


@pytest.mark.parametrize("minutes", [1, 25])
def test_a_newcomer_who_reads_the_code_registers_joins_and_is_present(chat: Chat, minutes: int) -> None:
    """The place is the class's, and what the link meant is asked after the last question, also when it has begun."""
    session = opened(chat)
    rina = scanned(chat, chat.phone("Rina"), session).sees("Ya, setuju")
    chat.travel(minutes=minutes)
    registers(rina).sees("mau ikut kelas Foto Produk, hari ini pukul").does_not_see("Kelas di Labuan Bajo")
    rina.taps("Ikut kelas ini").sees("sudah dapat kursi dan tercatat hadir di kelas Foto Produk")
    assert present(chat, rina, session)
    seats_agree(chat)


def test_what_the_code_meant_survives_breaking_the_registration_off(chat: Chat) -> None:
    session = opened(chat)
    rina = scanned(chat, chat.phone("Rina"), session).taps("Ya, setuju").types("/batal").taps("Lanjut daftar")
    rina.taps("Ibu").types("Rina").taps("Makanan").taps("Sudah benar").sees("mau ikut kelas Foto Produk")
    rina.taps("Ikut kelas ini")
    assert present(chat, rina, session)


def test_who_is_registered_and_has_no_seat_joins_with_one_tap(chat: Chat) -> None:
    session = opened(chat)
    siti = scanned(chat, registered(chat), session).sees("mau ikut kelas Foto Produk").taps("Ikut kelas ini")
    siti.sees("tercatat hadir")
    assert present(chat, siti, session)
    siti.taps("Lihat jadwal").taps("✅ ").sees("Kehadiran sudah dicatat")
    seats_agree(chat)


def test_a_code_that_is_not_good_makes_nobody_present(chat: Chat) -> None:
    session = opened(chat)
    siti = registered(chat).starts(payload(session, "BCDF")).sees("Foto Produk").taps("Ikut kelas ini")
    siti.sees("sudah dapat kursi").does_not_see("tercatat hadir")
    assert not present(chat, siti, session)
    chat.travel(minutes=25)
    anton = registered(chat, "Anton").starts(payload(session, "BCDF")).sees("Sampaikan kepada pelatih")
    anton.sends_tap(f"attendance:join:{session}")
    assert not present(chat, anton, session)
    assert status_in(chat, anton, session) is None


def test_in_a_full_class_the_trainer_lets_in_without_a_seat(chat: Chat) -> None:
    session = a_class(chat, capacity=1)
    maria = trainer(chat).sends_tap(f"attendance:open:{session}")
    enrolled(chat, "Anton", session=session)
    maria.looks_up()
    siti = scanned(chat, registered(chat), session).sees("sudah penuh", "sudah kami kirim ke pelatih")
    maria.sees("1 orang ada di ruangan", "• Bu Siti", "Terima Bu Siti")
    assert "\n\n\n" not in maria.last.text, "an empty part of the words leaves no empty lines"
    scanned(chat, siti, session).sees("sudah ada di pelatih")
    rina = scanned(chat, registered(chat, "Rina"), session)
    maria.sees("2 orang ada di ruangan")
    old = maria.button("Terima Bu Siti")
    siti.looks_up()
    maria.taps("Terima Bu Siti").sees_toast("hadir").sees("1 orang ada di ruangan", "• Bu Rina", "• Bu Siti: diterima")
    siti.sees("Bu Siti boleh ikut. Sudah tercatat hadir di kelas Foto Produk")
    maria.sends_tap(*old).sees_toast("Sudah dijawab: diterima")
    rina.looks_up()
    maria.taps("Belum bisa: Bu Rina").sees("Tidak ada lagi yang menunggu jawaban")
    rina.sees("maaf, kelas Foto Produk penuh")
    scanned(chat, rina, session).sees("belum bisa menerima")
    assert present(chat, siti, session)
    assert not present(chat, rina, session)
    assert status_in(chat, siti, session) == EnrolmentStatus.GUEST
    seats_agree(chat)
    with chat.database.transaction() as db:
        numbers = attendance.count(db, db.get_one(ClassSession, session))
        assert (numbers.expected, numbers.present) == (2, 1)
    maria.sends_tap(f"roster:list:{session}").sees("Punya kursi 1 dari 1", "Bu Siti, hadir tanpa kursi")


def test_a_yes_makes_present_also_whom_a_trainer_had_recorded_as_absent(chat: Chat) -> None:
    session = a_class(chat, capacity=1)
    maria = trainer(chat).sends_tap(f"attendance:open:{session}")
    siti = enrolled(chat, "Siti", session=session)
    maria.sends_tap(f"attendance:names:{session}").types("siti tidak hadir").sees("Tercatat tidak hadir")
    siti.sends_tap(f"enrolment:withdrawn:{session}")
    enrolled(chat, "Anton", session=session)
    scanned(chat, siti, session).sees("sudah kami kirim ke pelatih")
    maria.taps("Terima Bu Siti").sees_toast("hadir")
    siti.sees("Bu Siti boleh ikut. Sudah tercatat hadir")
    assert present(chat, siti, session)


@pytest.mark.parametrize("typed", ["saya hadir", "saya sudah di kelas", "/hadir"])
def test_who_was_let_in_before_the_start_hears_what_is_recorded(chat: Chat, typed: str) -> None:
    session, maria = full(chat)
    siti = asks(chat, "Siti", session)
    maria.taps("Terima Bu Siti")
    siti.types(typed).sees("Bu Siti sudah tercatat hadir di kelas Foto Produk").does_not_see("belum punya kelas")


def test_a_seat_that_is_free_by_then_is_theirs(chat: Chat) -> None:
    session = a_class(chat, capacity=1)
    maria = trainer(chat).sends_tap(f"attendance:open:{session}")
    anton = enrolled(chat, "Anton", session=session)
    siti = scanned(chat, registered(chat), session).sees("sudah penuh")
    anton.sends_tap(f"enrolment:withdrawn:{session}")
    chat.travel(minutes=2)
    maria.taps("Terima Bu Siti")
    assert status_in(chat, siti, session) == EnrolmentStatus.SEATED
    assert present(chat, siti, session)
    seats_agree(chat)


def test_two_trainers_see_each_others_answers(chat: Chat) -> None:
    session = a_class(chat, capacity=1)
    maria, yosef = trainer(chat).sends_tap(f"attendance:open:{session}"), trainer(chat, "Yosef")
    enrolled(chat, "Anton", session=session)
    siti = scanned(chat, registered(chat), session)
    old = yosef.button("Belum bisa")
    maria.taps("Terima Bu Siti")
    yosef.sends_tap(*old).sees_toast("Sudah dijawab: diterima")
    assert present(chat, siti, session)


def test_the_typed_code_does_what_the_read_one_does(chat: Chat) -> None:
    session = opened(chat)
    siti = registered(chat).types(code_now(chat, session)).sees("mau ikut kelas Foto Produk").taps("Ikut kelas ini")
    siti.sees("tercatat hadir")
    assert present(chat, siti, session)
    chat.travel(minutes=25)
    anton = registered(chat, "Anton").types(code_now(chat, session).lower()).taps("Ikut kelas ini")
    assert present(chat, anton, session)
    seats_agree(chat)


def test_who_tries_many_codes_gets_in_nowhere(chat: Chat) -> None:
    session = opened(chat)
    siti = registered(chat)
    for number in range(10):
        siti.types("BCDF" if number % 2 else "GHJK")
        chat.travel(seconds=20)
    siti.looks_up()
    siti.types(code_now(chat, session)).taps("Ikut kelas ini")
    assert not present(chat, siti, session)


def test_who_was_let_in_leaves_the_list_after_a_question_alone_and_hears_of_it(chat: Chat) -> None:
    session, maria = full(chat)
    siti, rina = asks(chat, "Siti", session), asks(chat, "Rina", session)
    maria.taps("Terima Bu Siti").taps("Terima Bu Rina")
    yosef = trainer(chat, "Yosef").sends_tap(f"attendance:names:{session}")
    hers = yosef.button("3. ✓ Bu Siti")
    maria.sends_tap(f"attendance:names:{session}").taps("3. ✓ Bu Siti")
    maria.sees("Bu Siti diterima tanpa kursi di kelas Foto Produk, Sen 23 Nov, 10.20", "tidak ada lagi di daftar")
    yes = maria.button("Ya, tidak hadir")
    maria.taps("Tetap hadir").sees("3. ✓ Bu Siti")
    assert present(chat, siti, session)
    for typed in ("siti tidak hadir", "semua hadir kecuali siti"):
        maria.sends_tap(f"attendance:names:{session}").types(typed).sees("Bu Siti", "diterima tanpa kursi")
    maria.taps("Batalkan pilihan").types("1, 3 tidak hadir").sees(
        "Diterima tanpa kursi, jadi tetap hadir", "3. Bu Siti"
    )
    assert present(chat, siti, session)
    maria.sends_tap(*yes).sees_toast("Tercatat tidak hadir. Tanpa kursi").does_not_see("Bu Siti")
    maria.sends_tap(*yes).sees_toast("tidak lagi ada di daftar")
    yosef.sends_tap(*hers).sees_toast("tidak lagi ada di daftar")
    assert status_in(chat, siti, session) == EnrolmentStatus.WITHDRAWN
    assert (present(chat, siti, session), present(chat, rina, session)) == (False, True)
    seats_agree(chat)
    siti.looks_up()
    chat.travel(minutes=6)
    siti.sees("catatan kehadiran berubah", "tidak hadir")


def scans(chat: Chat) -> list[ScannedCode]:
    with chat.database.transaction() as db:
        return list(db.scalars(select(ScannedCode)))


def test_what_was_scanned_is_forgotten_when_the_class_is_over(chat: Chat) -> None:
    session = opened(chat)
    scanned(chat, registered(chat), session)
    chat.travel(to=START + timedelta(hours=6))
    assert scans(chat) == []


def test_what_was_scanned_is_forgotten_when_the_trainer_ends_the_list(chat: Chat) -> None:
    session = opened(chat)
    scanned(chat, registered(chat), session)
    with chat.database.transaction() as db:
        ends = db.get_one(ClassSession, session).ends_at
    chat.travel(to=ends + timedelta(minutes=1))
    assert scans(chat)
    with chat.database.transaction() as db:
        attendance.settle(db, session, chat.now, content=content())
    assert scans(chat) == []


def test_what_was_scanned_is_forgotten_when_the_class_is_called_off(chat: Chat) -> None:
    session = opened(chat)
    scanned(chat, registered(chat), session)
    with chat.database.transaction() as db:
        one = db.get_one(ClassSession, session)
        assert isinstance(class_changes.cancel(db, one, chat.now, zone="Asia/Makassar"), class_changes.Cancelled)
    assert scans(chat) == []


def status_in(chat: Chat, phone: Phone, session: int) -> str | None:
    with chat.database.transaction() as db:
        known = enrolment.enrolment_of(db, phone.person(db), session)
        return known.status if known is not None else None


def two_at_once(chat: Chat, *, minutes: int) -> tuple[int, int]:
    """A class of which the code is shown, and one that begins so many minutes later, while it lasts."""
    session = opened(chat)
    return session, chat.add_class("LB-9", title="Toko Online", starts=START + timedelta(minutes=minutes))


def test_who_has_a_seat_in_a_class_at_that_hour_is_told_so_and_can_change(chat: Chat) -> None:
    session, other = two_at_once(chat, minutes=30)
    siti = scanned(chat, enrolled(chat, session=other), session).taps("Ikut kelas ini")
    siti.sees("Waktunya bersamaan dengan kelas Toko Online", "Tetap kelas lama").taps("Ya, pindah")
    siti.sees("tercatat hadir di kelas Foto Produk")
    assert present(chat, siti, session)
    assert status_in(chat, siti, other) == EnrolmentStatus.WITHDRAWN
    seats_agree(chat)


def test_who_keeps_the_class_at_that_hour_is_not_present_in_the_other(chat: Chat) -> None:
    session, other = two_at_once(chat, minutes=30)
    siti = scanned(chat, enrolled(chat, session=other), session).taps("Ikut kelas ini").taps("Tetap kelas lama")
    siti.sees("Toko Online", "Sampai jumpa di kelas")
    assert not present(chat, siti, session)
    assert status_in(chat, siti, session) is None


def test_a_seat_in_a_class_that_has_begun_is_not_given_back_for_another(chat: Chat) -> None:
    session, other = two_at_once(chat, minutes=0)
    siti = scanned(chat, enrolled(chat, session=other), session).taps("Ikut kelas ini").sees("Ya, pindah")
    old, message = siti.button("Ya, pindah")
    chat.travel(minutes=25)
    siti.sends_tap(old, message).sees("kelas Toko Online", "kelas itu sudah mulai", "Sampaikan kepada pelatih")
    assert not present(chat, siti, session)
    assert status_in(chat, siti, other) == EnrolmentStatus.SEATED
    seats_agree(chat)


# --- requests of a full class: seen, answered, closed over ------------------------------------------------------------


def full(chat: Chat) -> tuple[int, Phone]:
    """A full class of which the code is shown, and its trainer."""
    session = a_class(chat, capacity=1)
    maria = trainer(chat).sends_tap(f"attendance:open:{session}")
    enrolled(chat, "Anton", session=session)
    return session, maria.looks_up()


def asks(chat: Chat, name: str, session: int) -> Phone:
    return scanned(chat, registered(chat, name), session).sees(f"Permintaan masuk Bu {name} sudah kami kirim")


def ends(chat: Chat, session: int) -> None:
    with chat.database.transaction() as db:
        over = db.get_one(ClassSession, session).ends_at
    chat.travel(to=over + timedelta(minutes=1))


def test_requests_are_on_the_class_card_and_on_the_list_with_their_number(chat: Chat) -> None:
    session, maria = full(chat)
    maria.sends_tap(f"attendance:class:{session}").does_not_see("Minta masuk")
    asks(chat, "Siti", session)
    asks(chat, "Rina", session)
    for screen in (f"attendance:class:{session}", f"attendance:names:{session}", f"sessions:show:{session}"):
        maria.sends_tap(screen).sees("Minta masuk: 2")
    maria.taps("Minta masuk: 2").sees("2 orang ada di ruangan", "• Bu Siti", "Terima Bu Rina").taps("Kembali")
    maria.taps("Minta masuk: 2").taps("Terima Bu Siti").sees("1 orang ada di ruangan", "• Bu Siti: diterima")
    maria.taps("Belum bisa: Bu Rina").sees("Tidak ada lagi yang menunggu", "• Bu Rina: belum bisa diterima").taps(
        "Kembali"
    ).does_not_see("Minta masuk")
    stranger = trainer(chat, "Joko", site="samosir").sends_tap(f"attendance:doors:{session}")
    stranger.sees("hanya untuk pelatih").does_not_see("Siti", "Rina")


def test_no_button_of_the_card_leaves_open_whom_it_means(chat: Chat) -> None:
    session, maria = full(chat)
    first, second = asks(chat, "Siti", session), asks(chat, "Siti", session)
    with chat.database.transaction() as db:
        first.person(db).phone, second.person(db).phone = "+6281234567111", "+6281234567222"
    maria.sends_tap(f"attendance:doors:{session}")
    maria.sees("Terima Bu Siti · …111", "Belum bisa: Bu Siti · …111", "Terima Bu Siti · …222")
    answers = [one for one in maria.last.labels if one.startswith(("Terima", "Belum bisa"))]
    assert len(answers) == len(set(answers)) == 4
    maria.taps("Terima Bu Siti · …222")
    assert (present(chat, first, session), present(chat, second, session)) == (False, True)


def test_what_the_trainer_let_in_did_is_said(chat: Chat) -> None:
    session, maria = full(chat)
    asks(chat, "Siti", session)
    maria.taps("Terima Bu Siti").sees_toast("Tercatat hadir, tanpa kursi")
    rina = asks(chat, "Rina", session)
    with chat.database.transaction() as db:
        db.get_one(ClassSession, session).capacity = 2
    maria.taps("Terima Bu Rina").sees_toast("Dapat kursi yang kosong, dan tercatat hadir")
    assert status_in(chat, rina, session) == EnrolmentStatus.SEATED


def test_who_is_present_meanwhile_asks_no_more(chat: Chat) -> None:
    session, maria = full(chat)
    siti = asks(chat, "Siti", session)
    old = maria.button("Belum bisa: Bu Siti")
    with chat.database.transaction() as db:
        db.get_one(ClassSession, session).capacity = 2
    scanned(chat, siti, session).taps("Ikut kelas ini").sees("tercatat hadir").looks_up()
    maria.sends_tap(f"attendance:class:{session}").does_not_see("Minta masuk")
    maria.sends_tap(*old).sees_toast("Sudah tercatat hadir. Tidak ada yang diubah").sees("Tidak ada lagi yang menunggu")
    siti.sees_nothing_new()
    assert present(chat, siti, session)


def test_requests_are_named_before_the_list_closes_and_answered_when_it_does(chat: Chat) -> None:
    session, maria = full(chat)
    siti = asks(chat, "Siti", session).looks_up()
    ends(chat, session)
    maria.sends_tap(f"attendance:finish:{session}").sees(
        "1 orang minta masuk kelas penuh dan belum dijawab", "• Bu Siti"
    )
    maria.sees("Minta masuk: 1").taps("Tutup juga").sees("1 orang yang minta masuk dikabari: belum dijawab")
    siti.sees("Bu Siti, maaf. Permintaan masuk ke kelas Foto Produk", "belum dijawab pelatih", "masih bisa dicatat")
    maria.looks_up()
    siti.looks_up()
    maria.sends_tap(f"attendance:finished:{session}")
    siti.sees_nothing_new()  # said once
    maria.sends_tap(f"attendance:doors:{session}").taps("Terima Bu Siti")
    maria.sees_toast("Kelas sudah selesai: tercatat hadir, tanpa kursi. Peserta dikabari")
    siti.sees("Pelatih sudah menjawab: Bu Siti tercatat hadir di kelas Foto Produk").does_not_see("boleh ikut")
    assert present(chat, siti, session)
    seats_agree(chat)


def test_a_no_after_the_list_was_closed_is_not_told_twice(chat: Chat) -> None:
    session, maria = full(chat)
    siti = asks(chat, "Siti", session)
    ends(chat, session)
    rina_less = maria.sends_tap(f"attendance:finish:{session}").taps("Tutup juga")
    siti.sees("belum dijawab pelatih").looks_up()
    rina_less.sends_tap(f"attendance:doors:{session}").taps("Belum bisa: Bu Siti").sees("Tidak ada lagi yang menunggu")
    siti.sees_nothing_new()


def test_no_card_of_the_door_comes_at_night(chat: Chat) -> None:
    """A colleague who answers late in the evening changes nobody's night: the card changes where it stands, without a
    sound."""
    session, maria = full(chat)
    yosef = trainer(chat, "Yosef")
    for name in ("Siti", "Rina"):
        asks(chat, name, session)
    yosef.sees("Terima Bu Rina").looks_up()
    chat.travel(to=local(23, 22))
    yosef.looks_up()
    maria.sends_tap(f"attendance:doors:{session}").taps("Belum bisa: Bu Siti")
    yosef.sees("Terima Bu Rina", "• Bu Siti: belum bisa diterima")
    assert [bubble.edited for bubble in yosef.new] == [1]


def test_a_no_after_the_class_is_told_as_what_it_is(chat: Chat) -> None:
    session, maria = full(chat)
    siti = asks(chat, "Siti", session)
    ends(chat, session)
    siti.looks_up()
    maria.sends_tap(f"attendance:doors:{session}").taps("Belum bisa: Bu Siti")
    siti.sees("Pelatih sudah menjawab: Bu Siti tidak dicatat hadir").does_not_see("penuh")


def test_a_list_that_is_complete_but_for_a_request_asks_before_it_closes(chat: Chat) -> None:
    session, maria = full(chat)
    siti = asks(chat, "Siti", session)
    maria.sends_tap(f"attendance:names:{session}").taps("1. Bu Anton").looks_up()
    ends(chat, session)
    siti.looks_up()
    chat.travel(hours=2)
    maria.sees("semua nama sudah dicatat", "1 orang minta masuk kelas penuh", "• Bu Siti", "Minta masuk: 1")
    maria.does_not_see("Centang nama").looks_up()
    siti.sees_nothing_new()
    chat.travel(days=2)
    maria.sees("sudah ditutup: 1 hadir, 0 tidak hadir", "1 orang minta masuk kelas penuh", "Minta masuk: 1")
    siti.sees("belum dijawab pelatih")


def test_when_the_class_is_called_off_the_requests_are_too(chat: Chat) -> None:
    session, maria = full(chat)
    siti = asks(chat, "Siti", session).looks_up()
    old = maria.button("Terima Bu Siti")
    with chat.database.transaction() as db:
        class_changes.cancel(db, db.get_one(ClassSession, session), chat.now, zone="Asia/Makassar")
    chat.look()
    siti.sees("Kelas Foto Produk", "dibatalkan, jadi permintaan masuk tidak berlaku lagi")
    maria.sends_tap(*old).sees("dibatalkan")
    assert not present(chat, siti, session)


def test_a_request_that_is_gone_is_said_to_be(chat: Chat) -> None:
    session, maria = full(chat)
    siti = asks(chat, "Siti", session)
    old = maria.button("Terima Bu Siti")
    siti.types("/hapus_data").sends_tap("privacy:erased")
    maria.sends_tap(*old).sees_toast("Permintaan ini sudah tidak ada. Tidak ada yang dicatat").sees(
        "Tidak ada lagi yang menunggu"
    )


# --- rows keep their places, minds change -----------------------------------------------------------------------------


def test_rows_keep_their_places_when_one_is_answered_and_a_no_can_become_a_yes(chat: Chat) -> None:
    session, maria = full(chat)
    yosef = trainer(chat, "Yosef")
    siti, rina = asks(chat, "Siti", session), asks(chat, "Rina", session)
    fourth = maria.last.labels[3]
    theirs, card = yosef.button("Terima Bu Siti"), yosef.last
    maria.taps("Belum bisa: Bu Siti").sees_toast("Berubah pikiran? Tekan Terima").sees("• Bu Siti: belum bisa diterima")
    assert maria.last.labels[:4] == ["Terima Bu Siti", "✗ Belum bisa: Bu Siti", "Terima Bu Rina", fourth]
    maria.taps("✗ Belum bisa: Bu Siti").sees_toast("Sudah dijawab: belum diterima")
    assert yosef.last is card, "the colleague's card stays where it is"
    yosef.sees("• Bu Siti: belum bisa diterima", "1 orang ada di ruangan")
    yosef.sends_tap(*theirs).sees_toast("Sudah dijawab: belum diterima")  # what was not seen is not overruled
    assert not present(chat, siti, session)
    siti.looks_up()
    maria.taps("Terima Bu Siti").sees_toast("hadir").sees("• Bu Siti: diterima")
    siti.sees("Bu Siti boleh ikut")
    assert maria.last.labels[:3] == ["✓ Diterima: Bu Siti", "Belum bisa: Bu Siti", "Terima Bu Rina"]
    maria.taps("Terima Bu Rina").sees("Tidak ada lagi yang menunggu jawaban")
    assert present(chat, siti, session)
    assert present(chat, rina, session)
    maria.sends_tap(f"attendance:doors:{session}").sees("Tidak ada lagi yang menunggu").does_not_see("Bu Siti")


@pytest.mark.parametrize("typed", ["", "tidak jadi", "Ga jadi masuk bu 🙏", "batal"])
def test_who_asked_takes_it_back_and_the_card_says_so(chat: Chat, typed: str) -> None:
    session, maria = full(chat)
    siti = asks(chat, "Siti", session)
    asks(chat, "Rina", session)
    old, card = maria.button("Terima Bu Siti"), maria.last
    maria.looks_up()
    (siti.types(typed) if typed else siti.taps("Tarik permintaan")).sees("permintaan masuk Bu Siti ke kelas", "ditarik")
    assert maria.last is card
    maria.sees("1 orang ada di ruangan", "• Bu Siti: tidak jadi minta masuk", "Tidak jadi: Bu Siti", "Terima Bu Rina")
    maria.sends_tap(*old).sees_toast("tidak jadi minta masuk. Tidak ada yang dicatat")
    assert not present(chat, siti, session)
    withdrawn = siti.button("Minta masuk lagi")
    chat.travel(seconds=5)
    siti.taps("Minta masuk lagi").sees("Permintaan masuk Bu Siti sudah kami kirim")
    maria.sees("2 orang ada di ruangan").sends_tap(*old).sees_toast("sudah tidak ada")
    maria.taps("Terima Bu Siti")
    assert present(chat, siti, session)
    siti.taps("Tarik permintaan").sees("Bu Siti sudah tercatat hadir di kelas Foto Produk").sends_tap(*withdrawn)
    siti.sees("sudah penuh")


def test_a_name_typed_below_the_list_means_the_list_although_a_card_above_it_changed(chat: Chat) -> None:
    session, maria = full(chat)
    siti = asks(chat, "Siti", session)
    maria.sends_tap(f"attendance:claims:{session}").sends_tap(f"attendance:names:{session}").sees("1. Bu Anton")
    siti.taps("Tarik permintaan")
    maria.types("1").sees("1 nama cocok", "1. Bu Anton")


def test_three_people_of_one_phone_ask_at_a_full_door(chat: Chat) -> None:
    session, maria = full(chat)
    phone, _ = shared(chat)
    scanned(chat, phone, session).sees("Permintaan masuk Bu Cici", "Juga untuk Bu Ani", "Juga untuk Bu Bunga")
    phone.taps("Juga untuk Bu Ani").sees("Permintaan masuk Bu Ani")
    maria.sees("Terima Bu Cici").taps("Terima Bu Cici")
    phone.taps("Juga untuk Bu Bunga").sees("Permintaan masuk Bu Bunga", "Juga untuk Bu Ani")
    phone.does_not_see("untuk Bu Cici")
    maria.sees("2 orang ada di ruangan", "• Bu Ani", "• Bu Bunga").taps("Terima Bu Bunga").taps("Terima Bu Ani")
    with chat.database.transaction() as db:
        assert attendance.count(db, db.get_one(ClassSession, session)).present == 3


# --- words at the door ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["boleh masuk?", "saya sudah di depan pintu bu", "hadir bu", "izin masuk kelas"])
def test_who_asks_at_the_door_is_led_to_the_request(chat: Chat, typed: str) -> None:
    session, maria = full(chat)
    siti = registered(chat).types(typed).sees("Bu Siti belum punya kursi di kelas Foto Produk", "4 huruf kode hadir")
    siti.types(code_now(chat, session)).sees("Permintaan masuk Bu Siti sudah kami kirim ke pelatih")
    maria.sees("1 orang ada di ruangan")
    siti.types(typed).sees("Permintaan masuk Bu Siti ke kelas Foto Produk sudah ada di pelatih")


def test_somebody_else_at_the_door_is_no_request_to_come_in(chat: Chat) -> None:
    full(chat)
    registered(chat).types("orangnya sudah di depan pintu saya takut").does_not_see("4 huruf kode hadir")
    registered(chat, "Rina").types("dia di depan pintu").does_not_see("4 huruf kode hadir")


def test_who_asks_at_the_door_of_a_class_with_seats_joins_by_the_code(chat: Chat) -> None:
    session = opened(chat)
    siti = registered(chat).types("boleh masuk?").sees("4 huruf kode hadir").types(code_now(chat, session))
    siti.sees("Bu Siti, mau ikut kelas Foto Produk").taps("Ikut kelas ini").sees("tercatat hadir")


def test_where_no_code_is_shown_the_words_mean_what_they_meant(chat: Chat) -> None:
    a_class(chat)
    registered(chat).types("boleh masuk?").does_not_see("kode hadir")
    registered(chat, "Rina").sends_tap("attendance:come_in").sees("tidak ada kelas yang kode hadirnya dibuka")


# --- what became of a request ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["saya hadir", "saya sudah di kelas", "/hadir", "boleh masuk?", "hadir bu"])
def test_who_was_refused_hears_that_the_trainer_decided_and_what_can_be_done(chat: Chat, typed: str) -> None:
    """While the code is shown, after it was closed, and when the class is over."""
    session, maria = full(chat)
    siti = asks(chat, "Siti", session)
    maria.taps("Belum bisa: Bu Siti")
    siti.sees("belum bisa menerima", "Pilih kelas lain")
    siti.types(typed).sees("pelatih belum bisa menerima", "Pilih kelas lain").does_not_see("belum punya kelas")
    maria.sends_tap(f"attendance:close:{session}")
    siti.types(typed).sees("pelatih belum bisa menerima", "Pilih kelas lain", "Tanya pendamping")
    ends(chat, session)
    if typed != "boleh masuk?":
        siti.types(typed).sees("tidak dicatat hadir di kelas Foto Produk", "Tanya pendamping")


def test_who_waits_for_an_answer_hears_that_also_after_the_class(chat: Chat) -> None:
    session, maria = full(chat)
    siti = asks(chat, "Siti", session)
    for typed in ("/hadir", "sudah boleh?", "bagaimana bu?", "Belum dijawab ya"):
        siti.types(typed).sees("sudah ada di pelatih", "Tarik permintaan")
    ends(chat, session)
    siti.types("saya hadir").sees("belum dijawab pelatih", "masih bisa dicatat").does_not_see("belum punya kelas")
    maria.sends_tap(f"attendance:doors:{session}").taps("Terima Bu Siti")
    assert present(chat, siti, session)
    siti.types("saya hadir").does_not_see("belum dijawab")
    chat.travel(days=3)
    siti.types("/hadir").does_not_see("belum dijawab", "belum bisa menerima")


def test_asked_how_it_stands_a_seat_that_is_free_by_then_is_offered(chat: Chat) -> None:
    session = a_class(chat, capacity=1)
    trainer(chat).sends_tap(f"attendance:open:{session}")
    anton = enrolled(chat, "Anton", session=session)
    siti = asks(chat, "Siti", session)
    anton.sends_tap(f"enrolment:withdrawn:{session}")
    chat.travel(minutes=3)
    siti.types("sudah boleh?").sees("mau ikut kelas Foto Produk").taps("Ikut kelas ini").sees("tercatat hadir")


def test_a_new_card_keeps_who_was_refused_so_that_a_no_can_still_become_a_yes(chat: Chat) -> None:
    session, maria = full(chat)
    siti = asks(chat, "Siti", session)
    maria.taps("Belum bisa: Bu Siti")
    asks(chat, "Rina", session)
    maria.sees("1 orang ada di ruangan", "• Bu Rina", "• Bu Siti: belum bisa diterima")
    assert maria.last.labels[:4] == ["Terima Bu Siti", "✗ Belum bisa: Bu Siti", "Terima Bu Rina", "Belum bisa: Bu Rina"]
    maria.taps("Terima Bu Siti").sees_toast("hadir")
    assert present(chat, siti, session)
    asks(chat, "Wati", session)
    maria.sees("2 orang ada di ruangan", "• Bu Rina", "• Bu Wati").does_not_see("Bu Siti")


def test_on_a_new_card_those_who_wait_come_before_those_who_were_refused(chat: Chat) -> None:
    session, maria = full(chat)
    for name in ("Siti", "Rina"):
        asks(chat, name, session)
        maria.taps(f"Belum bisa: Bu {name}")
    for name in ("Wati", "Eka", "Gita", "Hana", "Indra"):
        asks(chat, name, session)
    maria.sees("5 orang ada di ruangan", "Terima Bu Indra", "• Bu Rina: belum bisa").does_not_see("Bu Siti")


# --- letters --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["{code}", "kode {code}", "hadir, kodenya {code} bu"])
def test_a_newcomer_who_types_the_code_registers_joins_and_is_present(chat: Chat, typed: str) -> None:
    session = opened(chat)
    rina = chat.phone("Rina").types(typed.format(code=code_now(chat, session))).sees("Ya, setuju")
    chat.travel(minutes=25)
    registers(rina).sees("mau ikut kelas Foto Produk").does_not_see("Kelas di Labuan Bajo")
    rina.taps("Ikut kelas ini")
    assert present(chat, rina, session)


def test_letters_of_a_newcomer_that_are_no_code_lead_to_registration_and_count_as_tries(chat: Chat) -> None:
    session = opened(chat)
    right = code_now(chat, session)
    rina = chat.phone("Rina")
    for _ in range(10):
        rina.types("BCDF" if right != "BCDF" else "BCDG")
        rina.types("/batal")
    rina.types(right)
    with chat.database.transaction() as db:
        account = rina.account(db)
        assert account is not None
        scan = db.get(ScannedCode, (account.id, session))
        assert scan is None or scan.good_at is None


@pytest.mark.parametrize("typed", ["ABCD", "XK7F", "kode: k7rb"])
def test_where_no_code_is_asked_for_what_looks_like_one_is_told_so(chat: Chat, typed: str) -> None:
    siti = registered(chat).types(typed).sees("tidak ada kelas yang meminta kode hadir dari Bu Siti", "empat huruf")
    siti.does_not_see("belum paham")


@pytest.mark.parametrize("typed", ["BCDF", "Kode: bcdf", "hadir kode bcdf", "kode bcdf"])
def test_a_code_where_none_is_asked_for_is_told_so_however_it_is_written(chat: Chat, typed: str) -> None:
    registered(chat).types(typed).sees("Belum ada kelas yang meminta kode hadir sekarang")
