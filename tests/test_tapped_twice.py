"""A second tap on a button that did its work is told what was done; one that would write into a list that somebody has
closed meanwhile asks first, once."""

from __future__ import annotations

from datetime import timedelta

from bot.programme.attendance import Mark
from tests.chat import Chat, Phone, local, registered
from tests.test_attendance import START, a_class, audited, enrolled, trainer
from tests.test_roster import seats, statuses
from tests.test_roster_adding import running
from tests.test_whole_class import a_full_class, marks


def twice(chat: Chat, phone: Phone, label: str) -> Phone:
    """Taps a button two times before the first is answered."""
    button = phone.button(label)
    chat.deliver_all([phone.tap_update(*button), phone.tap_update(*button)], phone)
    return phone


# --- attendance -------------------------------------------------------------------------------------------------------


def test_everybody_but_some_recorded_twice(chat: Chat) -> None:
    session = a_full_class(chat, 4)
    chat.travel(to=START + timedelta(hours=3))
    maria = trainer(chat).sends_tap(f"attendance:all_but:{session}").types("1")
    old = maria.button("Ya, catat")
    twice(chat, maria, "Ya, catat").sees_toast("Sudah dicatat: 3 orang hadir").sees("3 hadir, 1 tidak hadir")
    assert "menu" not in maria.last.text.casefold()
    maria.sends_tap(f"attendance:names:{session}").taps("1. ✗").sends_tap(*old).sees_toast("Sudah dicatat: 3 orang")
    maria.sees_nothing_new()
    assert marks(chat, session) == [Mark.PRESENT] * 4, "the tick after it stays"
    assert [action for action, _ in audited(chat)].count("list_recorded") == 1
    maria.sends_tap(f"attendance:all_but:{session}").sends_tap(*old).sees_toast("Sudah dicatat: 3 orang")
    assert "Siapa yang tidak hadir?" in maria.last.text


def test_a_picking_stopped_twice(chat: Chat) -> None:
    session = a_full_class(chat, 3)
    maria = trainer(chat).sends_tap(f"attendance:all_but:{session}")
    twice(chat, maria, "Batalkan pilihan").sees_toast("sudah selesai").sees("0 dari 3 orang hadir")


def test_all_others_recorded_twice(chat: Chat) -> None:
    session = a_full_class(chat, 3)
    chat.travel(to=START + timedelta(hours=3))
    maria = trainer(chat).sends_tap(f"attendance:others:{session}:present")
    twice(chat, maria, "Ya, semua hadir").sees_toast("Sudah dicatat: 3 orang").sees("3 dari 3 orang hadir")
    assert marks(chat, session) == [Mark.PRESENT] * 3


def test_a_list_closed_twice_and_by_two_trainers(chat: Chat) -> None:
    session = a_full_class(chat, 2)
    chat.travel(to=START + timedelta(hours=3))
    maria, joko = trainer(chat), trainer(chat, "Joko")
    for phone in (maria, joko):
        phone.sends_tap(f"attendance:finish:{session}")
    twice(chat, maria, "Tutup juga").sees_toast("Daftar ini sudah ditutup").sees("2 orang tidak tercatat")
    joko.taps("Tutup juga").sees_toast("Daftar ini sudah ditutup pelatih lain")
    assert [action for action, _ in audited(chat)].count("attendance_settled") == 1


def test_a_code_closed_twice(chat: Chat) -> None:
    session = a_class(chat)
    maria = trainer(chat).sends_tap(f"attendance:open:{session}").sends_tap(f"attendance:class:{session}")
    twice(chat, maria, "Tutup kode").sees_toast("Kode hadir ditutup")


# --- a list that was closed meanwhile ---------------------------------------------------------------------------------


def test_what_was_repeated_back_before_the_list_was_closed_is_asked_once_more(chat: Chat) -> None:
    session = a_full_class(chat, 3)
    chat.travel(to=START + timedelta(hours=3))
    maria, joko = trainer(chat), trainer(chat, "Joko")
    maria.sends_tap(f"attendance:all_but:{session}").types("1").does_not_see("ditutup")
    joko.sends_tap(f"attendance:names:{session}").taps("2.").sends_tap(f"attendance:finish:{session}")
    joko.taps("Tutup juga").sees("1 hadir")
    old = maria.button("Ya, catat")
    maria.taps("Ya, catat").sees_toast("baru saja ditutup").sees("Daftar ini ditutup pelatih lain, Sen 23 Nov, 13.20")
    assert marks(chat, session) == [None, Mark.PRESENT, None]
    maria.sends_tap(*old).sees_toast("tidak berlaku").taps("Ya, tetap catat").sees("2 hadir, 1 tidak hadir")
    assert marks(chat, session) == [Mark.ABSENT, Mark.PRESENT, Mark.PRESENT]
    maria.sends_tap(f"attendance:names:{session}").sees("Daftar ini ditutup", "Nama masih bisa diubah")


def test_who_begins_after_the_list_was_closed_is_told_and_not_asked_again(chat: Chat) -> None:
    session = a_full_class(chat, 3)
    chat.travel(to=START + timedelta(hours=3))
    maria = trainer(chat).sends_tap(f"attendance:finish:{session}").taps("Tutup juga")
    maria.sends_tap(f"attendance:all_but:{session}").types("1").sees("Daftar ini sudah ditutup").taps("Ya, catat")
    maria.sees("2 hadir, 1 tidak hadir")


def test_what_the_other_recorded_is_not_overruled_by_the_second_yes(chat: Chat) -> None:
    session = a_full_class(chat, 3)
    chat.travel(to=START + timedelta(hours=3))
    maria, joko = trainer(chat), trainer(chat, "Joko")
    maria.sends_tap(f"attendance:all_but:{session}").types("1")
    joko.sends_tap(f"attendance:names:{session}").taps("1.").sends_tap(f"attendance:finish:{session}")
    joko.taps("Tutup juga")
    maria.taps("Ya, catat").taps("Ya, tetap catat").sees("Tidak diubah, karena baru saja dicatat:\n1. ")
    assert marks(chat, session) == [Mark.PRESENT] * 3


def test_all_others_in_a_list_that_was_closed_meanwhile_is_asked_once_more(chat: Chat) -> None:
    session = a_full_class(chat, 2)
    chat.travel(to=START + timedelta(hours=3))
    maria, joko = trainer(chat), trainer(chat, "Joko")
    maria.sends_tap(f"attendance:others:{session}:present")
    joko.sends_tap(f"attendance:finish:{session}").taps("Tutup juga")
    maria.taps("Ya, semua hadir").sees("Catat hadir 2 orang", "Daftar ini ditutup pelatih lain")
    assert marks(chat, session) == [None, None]
    maria.taps("Ya, semua hadir")
    assert marks(chat, session) == [Mark.PRESENT] * 2


# --- the people of a class --------------------------------------------------------------------------------------------


def test_a_pasted_list_agreed_to_twice(chat: Chat, maria: Phone) -> None:
    session = running(chat)
    maria.sends_tap(f"roster:walk_in:{session}").types("Ana\nBima\nCitra").sees("3 orang")
    twice(chat, maria, "Ya, setuju").sees_toast("Sudah dicatat: 3 orang ditambahkan").sees("3 orang")
    assert len(statuses(chat, session)) == 3


def test_one_agreed_to_twice_and_then_refused(chat: Chat, maria: Phone) -> None:
    session = running(chat)
    maria.sends_tap(f"roster:walk_in:{session}").types("Ana")
    refuse = maria.button("Tidak setuju")
    twice(chat, maria, "Ya, setuju").sees_toast("Sudah dicatat: 1 orang ditambahkan").sees("Ana")
    maria.sends_tap(*refuse).sees_toast("Sudah dicatat: 1 orang").sees_nothing_new()
    assert len(statuses(chat, session)) == 1


def test_a_seat_added_twice_is_one_seat(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(23, 12), capacity=1)
    enrolled(chat, "Rina", session=session)
    chat.travel(to=local(23, 12, 30))
    maria.sends_tap(f"roster:walk_in:{session}").types("Ana").taps("Ya, setuju")
    twice(chat, maria, "Tambah 1 kursi").sees_toast("Sudah dicatat: 1 orang ditambahkan")
    assert seats(chat, session) == (2, 2)


def test_a_question_broken_off_twice(chat: Chat, maria: Phone) -> None:
    session = running(chat)
    maria.sends_tap(f"roster:walk_in:{session}")
    twice(chat, maria, "Berhenti mengisi").sees_toast("Sudah selesai")


def test_somebody_known_added_twice(chat: Chat, maria: Phone) -> None:
    registered(chat, "Siti Aminah")
    session = running(chat)
    maria.sends_tap(f"roster:walk_in:{session}").types("Siti")
    twice(chat, maria, "1. Bu Siti").sees_toast("Sudah dicatat: 1 orang ditambahkan").sees("Bu Siti Aminah")


def test_a_seat_freed_and_somebody_moved_twice(chat: Chat, maria: Phone) -> None:
    session, other = chat.add_class(), chat.add_class("LB-2", starts=local(27, 9))
    for name in ("Siti", "Anton"):
        enrolled(chat, name, session=session)
    maria.sends_tap(f"roster:list:{session}").taps("2. Bu Siti").taps("Lepas kursi")
    twice(chat, maria, "Ya, lepas").sees_toast("sudah dilepas").sees("Bu Siti")
    maria.sends_tap(f"roster:list:{session}").taps("1. Bu Anton").taps("Pindah kelas").taps("Foto Produk")
    twice(chat, maria, "Ya, pindahkan").sees_toast("Sudah dipindahkan").sees("Bu Anton")
    assert statuses(chat, other) == {"Anton": "seated"}


def test_two_merged_twice_and_parted_twice(chat: Chat, maria: Phone) -> None:
    session = running(chat)
    registered(chat, "Siti")
    maria.sends_tap(f"roster:walk_in:{session}").types("Siti").taps("Orang lain").taps("Ya, setuju")
    maria.sends_tap(f"roster:consider_merge:2:1:{session}")
    twice(chat, maria, "Ya, gabung").sees_toast("Sudah digabung").sees("Bu Siti")
    twice(chat, maria, "Pisahkan lagi").sees_toast("Sudah dipisah lagi").sees("sudah dipisah")


def test_somebody_deleted_twice(chat: Chat, maria: Phone) -> None:
    session = running(chat)
    maria.sends_tap(f"roster:walk_in:{session}").types("Ana").taps("Ya, setuju")
    maria.sends_tap(f"roster:list:{session}").taps("1. Ana").taps("Hapus data")
    twice(chat, maria, "Ya, hapus").sees_toast("Sudah dihapus").sees("sudah dihapus")
