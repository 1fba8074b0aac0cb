"""What trainers type below a list of names, or a screen of a class: understood as the taps it stands for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from bot.people.people import Person, RoleGrant
from bot.programme.attendance import Mark
from bot.programme.enrolment import Enrolment, EnrolmentStatus
from tests.chat import Chat, Phone
from tests.test_attendance import START, a_class, audited, code_now, enrolled, mark_of, opened, trainer
from tests.test_whole_class import a_full_class, marks


def listed(chat: Chat, people: int = 25) -> tuple[int, Phone]:
    """A class of so many, over for an hour, and its trainer in front of the list of names."""
    session = a_full_class(chat, people)
    chat.travel(to=START + timedelta(hours=3))
    return session, trainer(chat).sends_tap(f"attendance:names:{session}")


def recorded(chat: Chat, session: int, what: Mark) -> list[int]:
    return [at for at, mark in enumerate(marks(chat, session), 1) if mark is what]


# --- below the list ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["3,7", "3 dan 7", "3 7", "no 3, no 7"])
def test_several_numbers_lead_to_these_names(chat: Chat, typed: str) -> None:
    session, maria = listed(chat)
    maria.types(typed).sees("2 nama cocok", "3. Bu Ana Citra", "7. Bu Cici Aman")
    maria.taps("7. Bu Cici")
    assert recorded(chat, session, Mark.PRESENT) == [7]


def test_a_name_and_its_number_is_that_one_and_else_all_of_the_name_are_shown(chat: Chat) -> None:
    _, maria = listed(chat)
    maria.types("ana 2").sees("1 nama cocok", "2. Bu Ana Bela")
    maria.types("ana 9").sees("3 nama cocok", "1. Bu Ana Aman", "3. Bu Ana Citra")


@pytest.mark.parametrize(
    ("typed", "what", "who"),
    [
        ("ana aman hadir", Mark.PRESENT, [1]),
        ("Bu Ana Bela sudah hadir", Mark.PRESENT, [2]),
        ("3, 7 hadir", Mark.PRESENT, [3, 7]),
        ("hadir: 3, 7", Mark.PRESENT, [3, 7]),
        ("3 dan 7 tidak hadir", Mark.ABSENT, [3, 7]),
        ("tidak hadir 4", Mark.ABSENT, [4]),
        ("ana citra ga datang", Mark.ABSENT, [3]),
        ("absen: 5", Mark.ABSENT, [5]),
        ("ana aman sakit", Mark.ABSENT, [1]),
        ("ana bela izin", Mark.ABSENT, [2]),
        ("ana citra ngga hadir", Mark.ABSENT, [3]),
        ("4 tdk hdr 🙏", Mark.ABSENT, [4]),
        ("ana aman hadir 😀", Mark.PRESENT, [1]),
    ],
)
def test_what_is_said_of_somebody_is_recorded(chat: Chat, typed: str, what: Mark, who: list[int]) -> None:
    session, maria = listed(chat)
    maria.types(typed).sees(
        f"Tercatat {'hadir' if what is Mark.PRESENT else 'tidak hadir'}, {len(who)} orang", "dari 25"
    )
    assert recorded(chat, session, what) == who
    assert sum(one is not None for one in marks(chat, session)) == len(who)
    assert len([action for action, _ in audited(chat) if action.endswith("_ticked")]) == len(who)


def test_where_it_is_in_doubt_who_is_meant_nothing_is_recorded(chat: Chat) -> None:
    session, maria = listed(chat)
    maria.types("ana hadir").sees("3 nama cocok", "1. Bu Ana Aman", "2. Bu Ana Bela")
    maria.types("1, zaenab hadir").sees("1 nama cocok", "“zaenab” tidak ada di daftar ini")
    assert not any(marks(chat, session))
    maria.types("ana aman hadir?").types("ana aman hadir ❌").does_not_see("Tercatat")
    maria.types("zaenab hadir").does_not_see("nama cocok", "Tercatat")
    maria.sends_tap(f"attendance:names:{session}").types("ana aman belum hadir").does_not_see("Tercatat")
    maria.sends_tap(f"attendance:names:{session}").types("besok ada kelas lagi, jangan lupa bawa produk ya")
    assert not any(marks(chat, session))


def test_presence_by_the_code_is_taken_back_after_a_question_alone(chat: Chat) -> None:
    session = a_class(chat)
    anton, rina = (enrolled(chat, name, session=session) for name in ("Anton", "Rina"))
    maria = opened(chat, session)
    anton.types(code_now(chat, session))
    maria.sends_tap(f"attendance:names:{session}").types("anton tidak hadir").sees("lewat kode", "Tetap hadir")
    maria.sends_tap(f"attendance:names:{session}").types("1, 2 tidak hadir")
    maria.sees("Tercatat tidak hadir, 1 orang:\n2. Bu Rina", "Hadir lewat kode, jadi tetap hadir:\n1. Bu Anton")
    assert (mark_of(chat, anton, session), mark_of(chat, rina, session)) == (Mark.PRESENT, Mark.ABSENT)


@pytest.mark.parametrize(
    "typed",
    [
        "semua hadir kecuali 2 dan 5",
        "Semua hadir, kecuali 2, 5.",
        "semuanya datang kecuali no 2 dan no 5",
        "kecuali 2, 5",
    ],
)
def test_everybody_but_some_is_repeated_back_and_recorded_by_a_tap(chat: Chat, typed: str) -> None:
    session, maria = listed(chat)
    maria.types(typed).sees("23 orang dicatat hadir, 2 orang tidak hadir", "2. Bu Ana Bela", "5. Bu Budi")
    assert not any(marks(chat, session))
    maria.taps("Ya, catat").sees("23 hadir, 2 tidak hadir")
    assert recorded(chat, session, Mark.ABSENT) == [2, 5]


def test_everybody_came_typed_below_the_question_of_the_bot(chat: Chat) -> None:
    session = a_full_class(chat, 4)
    maria = trainer(chat)
    chat.travel(to=START + timedelta(hours=4, minutes=1))
    maria.sees("Mohon centang nama").types("semua hadir").sees("semua dicatat hadir, 4 orang").taps("Ya, catat")
    assert marks(chat, session) == [Mark.PRESENT] * 4


@pytest.mark.parametrize("typed", ["tutup daftar", "Tutup daftarnya ya", "selesaikan daftar hadir"])
def test_closing_is_asked_as_by_the_button(chat: Chat, typed: str) -> None:
    session, maria = listed(chat, 3)
    maria.types(typed).sees(
        "Tutup daftar hadir kelas Foto Produk, Sen 23 Nov, 10.20?", "3 orang belum dicatat", "Tutup juga"
    )
    maria.sends_tap(f"attendance:class:{session}").types(typed).sees("Tutup daftar hadir kelas")


def test_a_list_is_not_closed_before_the_class_is_over(chat: Chat) -> None:
    session = a_full_class(chat, 3)
    maria = trainer(chat).sends_tap(f"attendance:names:{session}")
    maria.types("tutup daftar").sees("belum berakhir", "12.20")


def test_words_that_end_go_on_or_lead_back_do_so_below_the_list(chat: Chat) -> None:
    """Nothing of it is taken for a name, and nobody is asked to register who trains."""
    session, maria = listed(chat, 15)
    names = f"attendance:names:{session}"
    for typed in ("selesai", "tutup", "sudah", "Sudah semua ya", "beres"):
        for screen in (names, f"attendance:class:{session}"):
            maria.sends_tap(screen).types(typed).sees("Tutup daftar hadir kelas Foto Produk", "15 orang belum dicatat")
    maria.sends_tap(names).types("lanjut").sees("Halaman 2 dari 2", "15. Bu").types("lanjut").sees("Tutup daftar hadir")
    for typed in ("batal", "ga jadi"):
        maria.types("bu gita aman hadir").types(typed).sees("Tidak ada yang dibatalkan", "1 dari 15 orang hadir")
    maria.types("gita").sees("12. ✓ Bu Gita").types("kembali").sees("Halaman 1 dari 2").types("kembali")
    maria.sees("1 dari 15 orang tercatat hadir").sends_tap(names)
    maria.types("hadir semua kecuali 3 dan 5").sees("13 orang dicatat hadir, 2 orang tidak hadir").taps("Ya, catat")
    assert recorded(chat, session, Mark.ABSENT) == [3, 5]
    people = f"roster:list:{session}"
    maria.sends_tap(people).types("lanjut").sees("11. Bu Fani").types("kembali").sees("Daftar peserta kelas yang mana?")
    for typed in ("selesai", "batal", "sudah"):
        maria.sends_tap(people).types(typed).sees("tidak ada yang perlu ditutup atau dibatalkan")
    maria.sends_tap(people).types("hadir semua kecuali anton").sees("dicatat di daftar hadir").taps("Buka daftar hadir")
    maria.types("selesai").taps("Ya, tutup").types("selesai").sees("Daftar ini sudah ditutup")


def test_words_of_participants_lead_a_trainer_to_the_menu_not_to_registration(chat: Chat) -> None:
    maria = trainer(chat).types("/laporan")
    for typed in ("lanjut", "batal", "selesai"):
        maria.types(typed).does_not_see("Ya, setuju").sees("Ini menu pelatih")


@pytest.mark.parametrize(
    ("screen", "typed"),
    [
        ("attendance:names:{}", "ana aman hadir"),
        ("attendance:names:{}", "selesai"),
        ("attendance:all_but:{}", "1, 2"),
        ("roster:list:{}", "ana"),
        ("roster:walk_in:{}", "Bu Rina"),
        ("roster:walk_in:{}", "Bu Rina\nPak Budi 3201234567890123"),
        ("call_list:see:{}", "1"),
    ],
)
def test_who_is_a_trainer_no_more_is_told_so_whatever_is_typed(chat: Chat, screen: str, typed: str) -> None:
    session, maria = listed(chat, 3)
    maria.sends_tap(screen.format(session))
    with chat.database.transaction() as db:
        db.execute(delete(RoleGrant))
    maria.types(typed).sees("hanya untuk pelatih", "Hubungi").does_not_see("Ana", "Ya, setuju")
    maria.sends_tap(f"attendance:names:{session}").sees("hanya untuk pelatih").types("tolong").does_not_see("Ana")
    assert not any(marks(chat, session))


def test_of_several_names_the_tap_records_what_was_said(chat: Chat) -> None:
    session, maria = listed(chat)
    maria.types("ana tidak datang").sees("3 nama cocok. Tekan yang dicatat tidak hadir", "1. Bu Ana Aman")
    maria.taps("2. Bu Ana Bela").sees_toast("idak hadir")
    assert (recorded(chat, session, Mark.ABSENT), recorded(chat, session, Mark.PRESENT)) == ([2], [])
    maria.types("ana hadir").sees("Tekan yang dicatat hadir").taps("1.").sees_toast("hadir")
    maria.types("ana hadir").taps("1.").sees_toast("hadir")
    assert (recorded(chat, session, Mark.ABSENT), recorded(chat, session, Mark.PRESENT)) == ([2], [1])


def test_a_long_line_of_names_is_read_to_its_end(chat: Chat) -> None:
    """A name that stands behind the three-hundredth letter counts, too."""
    session, maria = listed(chat)
    typed = ", ".join(["Ana Aman", "Ana Bela"] * 20 + ["5"])
    maria.types(f"semua hadir kecuali {typed}").sees("22 orang dicatat hadir, 3 orang tidak hadir", "5. Bu Budi")
    maria.taps("Batalkan pilihan").types(f"{typed} tidak hadir")
    assert recorded(chat, session, Mark.ABSENT) == [1, 2, 5]


@pytest.mark.parametrize("typed", ["2 tidak hadir", "3 hadir", "3", "semua hadir kecuali 2"])
def test_typed_numbers_mean_the_list_that_was_shown(chat: Chat, typed: str) -> None:
    session = a_class(chat)
    ana, citra = (enrolled(chat, name, session=session) for name in ("Ana", "Citra"))
    maria = opened(chat, session).sends_tap(f"attendance:names:{session}")
    enrolled(chat, "Budi", session=session)
    maria.types("ana hadir").sees("Tercatat hadir, 1 orang")
    maria.types(typed).sees("baru saja berubah", "2. Bu Budi", "3. Bu Citra")
    assert marks(chat, session) == [Mark.PRESENT, None, None]
    maria.types("3 tidak hadir").sees("3. Bu Citra")
    assert (mark_of(chat, ana, session), mark_of(chat, citra, session)) == (Mark.PRESENT, Mark.ABSENT)


def test_numbers_typed_in_the_picking_mean_the_names_that_were_shown(chat: Chat) -> None:
    _, maria = listed(chat, 3)
    maria.taps("Semua hadir kecuali").does_not_see("Halaman")
    with chat.database.transaction() as db:
        db.execute(update(Enrolment).where(Enrolment.person_id == 1).values(status=EnrolmentStatus.WITHDRAWN))
    maria.types("2").sees("Siapa yang tidak hadir?", "baru saja berubah", "Dipilih: 0")
    maria.types("2").sees("1 orang dicatat hadir, 1 orang tidak hadir")


# --- in the picking ---------------------------------------------------------------------------------------------------


def picking(chat: Chat) -> tuple[int, Phone]:
    session, maria = listed(chat)
    return session, maria.taps("Semua hadir kecuali").sees("Siapa yang tidak hadir?")


@pytest.mark.parametrize("typed", ["bukan 1", "1 hadir", "hapus 1", "salah 1"])
def test_somebody_picked_is_taken_back_by_words(chat: Chat, typed: str) -> None:
    session, maria = picking(chat)
    maria.types("1, 2").sees("23 orang dicatat hadir, 2 orang tidak hadir")
    maria.types(typed).sees("24 orang dicatat hadir, 1 orang tidak hadir", "2. Bu Ana Bela").does_not_see("1. Bu Ana")
    maria.taps("Ya, catat")
    assert recorded(chat, session, Mark.ABSENT) == [2]


@pytest.mark.parametrize("typed", ["tidak ada", "Tidak ada yang absen", "semua hadir", "nihil", "ga ada"])
def test_nobody_stayed_away(chat: Chat, typed: str) -> None:
    _, maria = picking(chat)
    maria.types(typed).sees("semua dicatat hadir, 25 orang")


@pytest.mark.parametrize("typed", ["itu saja", "sudah", "lanjut", "tidak ada lagi"])
def test_that_is_all_of_them(chat: Chat, typed: str) -> None:
    _, maria = picking(chat)
    maria.taps("1. Bu Ana").types(typed).sees("24 orang dicatat hadir, 1 orang tidak hadir")


@pytest.mark.parametrize("typed", ["kecuali 2 dan 5", "2 dan 5 tidak hadir", "yang tidak hadir: 2, 5", "absen 2, 5"])
def test_who_stayed_away_is_said_in_a_sentence(chat: Chat, typed: str) -> None:
    _, maria = picking(chat)
    maria.types(typed).sees("23 orang dicatat hadir, 2 orang tidak hadir", "2. Bu Ana Bela", "5. Bu Budi")


@pytest.mark.parametrize("typed", ["ya", "ya catat", "betul"])
def test_a_yes_to_what_was_repeated_back_needs_the_tap(chat: Chat, typed: str) -> None:
    session, maria = picking(chat)
    maria.types("1").types(typed).sees("tekan tombolnya", "24 orang dicatat hadir", "Ya, catat")
    assert not any(marks(chat, session))


# --- a name that is not on the list -----------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["Xerxes", "bu xerxes aminah", "99", "budi", "hana", "Pak Budi"])
def test_a_name_that_is_not_on_the_list_leads_to_adding_somebody_for_staff_alone(chat: Chat, typed: str) -> None:
    """A trainer who takes no part in classes is not led into registering for them."""
    session = a_class(chat)
    enrolled(chat, "Siti", session=session)
    maria = trainer(chat).sends_tap(f"attendance:names:{session}").types(typed)
    maria.sees("Tidak ada", "di daftar kelas Foto Produk", "Tambah peserta").does_not_see("setuju", "Daftar dulu")
    maria.types("siti").sees("1 nama cocok").types(typed).taps("Tambah peserta").sees("Siapa namanya?")


def test_words_that_mean_something_are_no_name_of_the_list(chat: Chat) -> None:
    session = a_class(chat)
    maria = trainer(chat).sends_tap(f"attendance:names:{session}").sees("Belum ada peserta", "Tambah peserta")
    maria.types("Yohana").sees("Tidak ada nama seperti itu")
    for words in ("menu", "laporan", "kirim pengumuman", "apa itu QRIS?"):
        maria.sends_tap(f"attendance:names:{session}").types(words).does_not_see("Tidak ada nama seperti itu")


# --- as people say it -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "what", "who"),
    [
        ("ana aman ada", Mark.PRESENT, [1]),
        ("yang hadir: 3, 7", Mark.PRESENT, [3, 7]),
        ("yg hadir 3 sama 7", Mark.PRESENT, [3, 7]),
        ("ana bela ga dateng", Mark.ABSENT, [2]),
        ("ana bela tidak jadi hadir", Mark.ABSENT, [2]),
        ("ana bela tidak ada", Mark.ABSENT, [2]),
        ("yang tidak hadir: 4, 5", Mark.ABSENT, [4, 5]),
        ("yg ga dateng 4 sama 5", Mark.ABSENT, [4, 5]),
    ],
)
def test_who_came_is_recorded_as_people_say_it(chat: Chat, typed: str, what: Mark, who: list[int]) -> None:
    session, maria = listed(chat)
    maria.types(typed).sees(f"Tercatat {'hadir' if what is Mark.PRESENT else 'tidak hadir'}, {len(who)} orang")
    assert recorded(chat, session, what) == who
    assert sum(one is not None for one in marks(chat, session)) == len(who)


@pytest.mark.parametrize(
    "typed",
    [
        "Semua hadir kecuali:\n1. Bu Ana Bela\n2. Pak Cici Aman",
        "semua hadir, kecuali ana bela dan cici aman",
        "smua hadir kcuali ana bela sama cici aman",
        "lengkap kecuali ana bela, cici aman",
        "yang hadir semua, kecuali ana bela, cici aman",
        "semua dateng minus ana bela & cici aman",
    ],
)
def test_everybody_but_some_as_people_say_it(chat: Chat, typed: str) -> None:
    session, maria = listed(chat)
    maria.types(typed).sees("23 orang dicatat hadir, 2 orang tidak hadir", "Ana Bela", "Cici Aman").taps("Ya, catat")
    assert len(recorded(chat, session, Mark.ABSENT)) == 2


@pytest.mark.parametrize("typed", ["ana bela belum datang", "ana bela telat", "ana bela masih di jalan"])
def test_who_is_still_to_come_is_shown_and_nothing_is_recorded(chat: Chat, typed: str) -> None:
    session, maria = listed(chat)
    maria.types(typed).sees("1 nama cocok", "2. Bu Ana Bela")
    assert all(one is None for one in marks(chat, session))


def test_two_things_said_in_one_line_are_shown_and_nothing_is_recorded(chat: Chat) -> None:
    session, maria = listed(chat)
    maria.types("ana aman hadir, ana bela tidak").sees("2 nama cocok", "1. Bu Ana Aman", "2. Bu Ana Bela")
    assert all(one is None for one in marks(chat, session))


def test_the_whole_sentence_typed_in_the_picking_begins_it_anew(chat: Chat) -> None:
    """Whoever was picked before is not meant any more."""
    session, maria = listed(chat)
    maria.types("semua hadir kecuali 3 dan 7").sees("3. Bu Ana Citra")
    maria.types("semua hadir, kecuali 4").sees("24 orang dicatat hadir, 1 orang tidak hadir").taps("Ya, catat")
    assert recorded(chat, session, Mark.ABSENT) == [4]


@pytest.mark.parametrize("typed", ["ana bela sakit", "tidak hadir 2", "2 belum datang", "yg ga hadir: ana bela"])
def test_in_the_picking_absence_is_said_as_below_the_list(chat: Chat, typed: str) -> None:
    _, maria = listed(chat)
    maria.taps("Semua hadir kecuali").types(typed).sees("1 orang tidak hadir", "2. Bu Ana Bela")
    maria.types("ana bela sudah datang").sees("semua dicatat hadir, 25 orang")


def test_words_ask_for_what_the_buttons_of_the_class_do(chat: Chat) -> None:
    session = a_full_class(chat, 3)
    maria = trainer(chat)
    names = f"attendance:names:{session}"
    for typed in ("tambah", "tambah orang", "Tambahkan peserta baru ya"):
        maria.sends_tap(names).types(typed).sees("Peserta baru di kelas Foto Produk", "Siapa namanya").types("/batal")
    maria.sends_tap(names).types("siapa yang belum datang?").sees("0 dari 3 orang hadir", "3. Bu Cici")
    maria.sends_tap(names).types("tampilkan kode").sees("Kode hadir kelas Foto Produk dibuka")
    maria.sends_tap(names).types("tutup kode").sees("0 dari 3 orang tercatat hadir").does_not_see("Tutup kode")


def test_below_the_shown_code_names_are_those_of_its_class(chat: Chat) -> None:
    session = a_full_class(chat, 3)
    maria = trainer(chat).sends_tap(f"attendance:open:{session}").sends_tap(f"attendance:open:{session}")
    maria.types("budi").sees("1 nama cocok", "2. Bu Budi Aman")
    maria.sends_tap(f"attendance:open:{session}").types("cici hadir").sees("Tercatat hadir, 1 orang")
    assert recorded(chat, session, Mark.PRESENT) == [3]
    yosef = trainer(chat, "Yosef").types("/menu").types("budi")
    yosef.does_not_see("nama cocok")


def test_everybody_but_some_is_understood_where_no_list_is_in_sight(chat: Chat) -> None:
    session = a_full_class(chat, 3)
    maria = trainer(chat).types("/menu").types("semua hadir kecuali budi")
    maria.sees("Kelas Foto Produk", "2 orang dicatat hadir, 1 orang tidak hadir").types("/batal")
    a_class(chat, "LB-2")
    maria.types("/menu").types("semua hadir kecuali budi").does_not_see("dicatat hadir")
    assert all(one is None for one in marks(chat, session))


def test_words_about_the_shown_list_do_not_answer_a_question_above_it(chat: Chat) -> None:
    """A class is being made, or somebody is being added; then the list is opened, which says that names can be
    typed."""
    session, maria = listed(chat)
    maria.types("/sesi").taps("Buat kelas").sees("Apa judul kelasnya?")
    maria.sends_tap(f"attendance:names:{session}").types("ana bela hadir").sees("Tercatat hadir, 1 orang", "Lanjutkan")
    maria.taps("Lanjutkan").sees("Apa judul kelasnya?").types("Hadir di pasar").sees("Kapan kelasnya mulai?")
    maria.types("/batal").sends_tap(f"roster:walk_in:{session}").sees("Siapa namanya?")
    maria.sends_tap(f"attendance:names:{session}").types("semua hadir kecuali 3").sees("1 orang tidak hadir")
    maria.taps("Ya, catat").sees("24 hadir, 1 tidak hadir")
    maria.sends_tap(f"roster:list:{session}").types("ana citra").sees("3. Bu Ana Citra")
    maria.sends_tap(f"attendance:names:{session}").types("Yuliana").sees("Bacakan untuk Yuliana")


def test_the_last_digits_beside_a_name_find_it(chat: Chat) -> None:
    session = a_full_class(chat, 3)
    with chat.database.transaction() as db:
        people = db.scalars(select(Person).order_by(Person.id)).all()
        for number, one in enumerate(people[-3:], 1):
            one.phone = f"+62812345678{number:02}"
    trainer(chat).sends_tap(f"attendance:names:{session}").types("aman 802").sees("1 nama cocok", "2. Bu Budi Aman")
