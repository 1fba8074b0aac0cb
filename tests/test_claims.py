"""Who says they were there: gathered, told apart from namesakes, answered once, and never refused unseen."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.programme.attendance import Mark, payload
from tests.chat import Chat, Phone, local, registered
from tests.test_attendance import START, a_class, audited, came, code_now, enrolled, mark_of, person_id, trainer


def two_sitis(chat: Chat, session: int) -> tuple[Phone, Phone]:
    """Two of one name; the first makes things by hand, the second gave a number."""
    first, second = (enrolled(chat, "Siti", session=session) for _ in range(2))
    with chat.database.transaction() as db:
        first.person(db).sector = "kriya"
        second.person(db).phone = "6281234567678"
    return first, second


def claims(chat: Chat, session: int, *people: Phone) -> None:
    for phone in people:
        phone.sends_tap(f"attendance:claim:{session}:{person_id(chat, phone)}").sees("Pelatih akan memeriksa")


# --- gathered, and answered one by one --------------------------------------------------------------------------------


def test_claims_come_together_after_an_hour_and_namesakes_are_told_apart(chat: Chat) -> None:
    session = a_class(chat)
    first, second = two_sitis(chat, session)
    maria = trainer(chat)
    chat.travel(to=START + timedelta(hours=1))
    claims(chat, session, first, second)
    maria.sees_nothing_new()
    chat.travel(hours=1)
    maria.sees("Kabar dari peserta", "Melapor hadir di kelas Foto Produk, Sen 23 Nov, 10.20: 2")
    maria.sees("1. Bu Siti · Kerajinan", "2. Bu Siti · Makanan dan minuman", "1. Ya, hadir", "2. Tidak hadir")
    maria.taps("2. Tidak hadir").sees("Bu Siti · Makanan dan minuman tercatat tidak hadir", "menunggu jawaban, 1 orang")
    maria.sees("1. Bu Siti · Kerajinan").taps("Ya, hadir").sees("Bu Siti · Kerajinan tercatat hadir di kelas")
    assert (mark_of(chat, first, session), mark_of(chat, second, session)) == (Mark.PRESENT, Mark.ABSENT)


def test_the_news_that_says_more_stays_when_a_claim_is_answered(chat: Chat) -> None:
    session = a_class(chat)
    siti = enrolled(chat, "Siti", session=session)
    maria = trainer(chat)
    chat.travel(to=START + timedelta(hours=1))
    claims(chat, session, siti)
    chat.travel(hours=1)
    news = maria.last
    maria.taps("Ya, hadir").sees("Bu Siti tercatat hadir")
    assert news in maria.bubbles
    assert "Kabar dari peserta" in news.text
    assert maria.last is not news


def test_claims_of_several_classes_are_one_message_and_each_class_has_a_way(chat: Chat) -> None:
    early, late = a_class(chat), a_class(chat, "LB-2", starts=START + timedelta(minutes=10))
    siti, anton = enrolled(chat, "Siti", session=early), enrolled(chat, "Anton", session=late)
    maria = trainer(chat)
    chat.travel(to=START + timedelta(hours=1))
    claims(chat, early, siti)
    claims(chat, late, anton)
    chat.travel(hours=1)
    assert sum("Kabar dari peserta" in bubble.text for bubble in maria.bubbles) == 1
    maria.sees("10.20: 1\n1. Bu Siti", "10.30: 1\n1. Bu Anton", "Jawab: Foto Produk")
    maria.sends_tap(f"attendance:claims:{late}").sees("menunggu jawaban, 1 orang:\n1. Bu Anton")
    maria.taps("Ya, hadir").sees("Bu Anton tercatat hadir")
    maria.sends_tap(f"attendance:claims:{late}").sees("sudah dijawab")


def test_what_is_answered_before_it_is_told_is_no_news(chat: Chat) -> None:
    session = a_class(chat)
    siti = enrolled(chat, "Siti", session=session)
    maria = trainer(chat)
    chat.travel(to=START + timedelta(hours=1))
    claims(chat, session, siti)
    maria.sends_tap(f"attendance:names:{session}").taps("1. ? Bu Siti").sees("1. ✓ Bu Siti").looks_up()
    chat.travel(minutes=70)
    maria.does_not_see("elapor hadir")


def test_rows_of_a_list_of_claims_keep_their_places(chat: Chat) -> None:
    session = a_class(chat)
    people = [enrolled(chat, name, session=session) for name in ("Ana", "Budi", "Cici")]
    maria, yosef = trainer(chat), trainer(chat, "Yosef")
    chat.travel(to=START + timedelta(hours=3))
    claims(chat, session, *people)
    maria.sends_tap(f"attendance:claims:{session}").sees("3 orang", "1. Ya, hadir", "3. Tidak hadir")
    yosef.sends_tap(f"attendance:claims:{session}")
    maria.taps("1. Ya, hadir").sees("2 orang:\n2. Bu Budi", "1. Bu Ana: hadir")
    assert maria.last.labels[:4] == ["1. ✓ Hadir", "1. Tidak hadir", "2. Ya, hadir", "2. Tidak hadir"]
    maria.taps("1. ✓ Hadir").sees_toast("Sudah dijawab: hadir").taps("1. Tidak hadir").sees_toast("Tidak diubah")
    yosef.taps("1. Tidak hadir").sees_toast("Tidak diubah. Catatan sekarang: hadir").sees("1. ✓ Hadir")
    maria.taps("2. Tidak hadir").taps("3. Ya, hadir").sees("sudah dijawab", "2. Bu Budi: tidak hadir")
    assert maria.last.labels[:6:2] == ["1. ✓ Hadir", "2. Ya, hadir", "3. ✓ Hadir"]
    assert [mark_of(chat, one, session) for one in people] == [Mark.PRESENT, Mark.ABSENT, Mark.PRESENT]


def test_an_answer_tapped_twice_says_it_is_recorded(chat: Chat) -> None:
    session = a_class(chat)
    siti = enrolled(chat, "Siti", session=session)
    maria, rina = trainer(chat), trainer(chat, "Rina")
    chat.travel(to=START + timedelta(hours=1))
    claims(chat, session, siti)
    chat.travel(hours=1)
    yes, hers = maria.button("Ya, hadir"), rina.button("Ya, hadir")
    chat.deliver_all([maria.tap_update(*yes), maria.tap_update(*yes)], maria)
    maria.sees_toast("Sudah dijawab: hadir").sees("tercatat hadir")
    rina.sends_tap(*hers).sees_toast("Sudah dijawab: hadir, dicatat").sees_nothing_new()
    assert [action for action, _ in audited(chat)].count("presence_ticked") == 1


# --- never refused unseen ---------------------------------------------------------------------------------------------


def test_claims_are_shown_as_such_where_all_but_some_are_recorded(chat: Chat) -> None:
    session = a_class(chat)
    first, second = two_sitis(chat, session)
    enrolled(chat, "Anton", session=session)
    maria = trainer(chat)
    chat.travel(to=START + timedelta(hours=3))
    claims(chat, session, first, second)
    maria.sends_tap(f"attendance:all_but:{session}")
    maria.sees(
        "2 orang melapor hadir.\n2. Bu Siti · Kerajinan\n3. Bu Siti · Makanan dan minuman", "2. ? Bu Siti · Kerajinan"
    )
    maria.taps("2. ? Bu Siti").sees("2. ✗? Bu Siti · Kerajinan").taps("Lanjut")
    maria.sees("1 orang ini melapor hadir, tetapi akan dicatat tidak hadir:\n2. Bu Siti · Kerajinan")
    maria.sees("1 orang ini melapor hadir, dan akan dicatat hadir:\n3. Bu Siti · Makanan dan minuman")
    maria.sees("Tidak hadir:\n2. Bu Siti · Kerajinan").taps("Ya, catat").sees("2 hadir, 1 tidak hadir")
    assert (mark_of(chat, first, session), mark_of(chat, second, session)) == (Mark.ABSENT, Mark.PRESENT)


def test_one_of_two_namesakes_is_told_apart_also_where_the_other_is_not_named(chat: Chat) -> None:
    session = a_class(chat)
    first, _ = two_sitis(chat, session)
    maria = trainer(chat)
    came(chat, first, session)
    chat.travel(to=START + timedelta(hours=3))
    maria.sends_tap(f"attendance:finish:{session}").sees("2. Bu Siti · Makanan dan minuman")
    maria.taps("Semua tidak hadir").sees("2. Bu Siti · Makanan dan minuman")


def test_absence_typed_of_somebody_who_says_they_were_there_is_asked(chat: Chat) -> None:
    session = a_class(chat)
    rina, siti = (enrolled(chat, name, session=session) for name in ("Rina", "Siti"))
    maria = trainer(chat)
    chat.travel(to=START + timedelta(hours=3))
    claims(chat, session, siti)
    maria.sends_tap(f"attendance:names:{session}").types("rina, siti tidak hadir")
    maria.sees("Tercatat tidak hadir, 1 orang:\n1. Bu Rina", "Melapor hadir", "2. Bu Siti")
    assert (mark_of(chat, rina, session), mark_of(chat, siti, session)) == (Mark.ABSENT, Mark.CLAIMED)
    maria.taps("Tidak hadir").sees("Bu Siti tercatat tidak hadir")
    assert mark_of(chat, siti, session) == Mark.ABSENT


# --- a list that closes -----------------------------------------------------------------------------------------------


def test_a_list_that_closes_by_itself_names_open_claims_with_buttons(chat: Chat) -> None:
    session = a_class(chat)
    first, second = two_sitis(chat, session)
    anton, rina = (enrolled(chat, name, session=session) for name in ("Anton", "Rina"))
    maria = trainer(chat)
    came(chat, anton, session)
    chat.travel(to=local(24, 19, 20))
    claims(chat, session, first, second)
    chat.travel(to=local(25, 8, 1))
    maria.sees("sudah ditutup: 1 hadir, 0 tidak hadir", "1 orang tidak tercatat:\n2. Bu Rina")
    maria.sees("2 orang melapor hadir dan belum dijawab:\n3. Bu Siti · Kerajinan\n4. Bu Siti · Makanan dan minuman")
    assert sum("elapor hadir" in bubble.text for bubble in maria.bubbles) == 1, "told once"
    maria.taps("4. Ya, hadir").sees("Bu Siti · Makanan dan minuman tercatat hadir", "menunggu jawaban, 1 orang")
    maria.taps("Tidak hadir").sees("Bu Siti · Kerajinan tercatat tidak hadir")
    assert (mark_of(chat, first, session), mark_of(chat, second, session)) == (Mark.ABSENT, Mark.PRESENT)
    assert mark_of(chat, rina, session) is None


def test_what_closed_at_night_is_told_in_the_morning_as_it_is_then(chat: Chat) -> None:
    session = a_class(chat, capacity=2)
    maria = trainer(chat).sends_tap(f"attendance:open:{session}")
    _, rina = (enrolled(chat, name, session=session) for name in ("Anton", "Rina"))
    outside = [registered(chat, name) for name in ("Siti", "Dewi")]
    for one in outside:
        one.starts(payload(session, code_now(chat, session))).sees("Permintaan masuk")
    maria.sends_tap(f"attendance:names:{session}").types("anton hadir")
    chat.travel(to=local(24, 19, 20))
    claims(chat, session, rina)
    chat.travel(to=local(25, 0, 30))
    maria.looks_up()
    for one in outside:
        one.looks_up()
    maria.sends_tap(f"attendance:names:{session}").taps("2. ? Bu Rina").sees("2. ✓ Bu Rina", "Daftar ini sudah ditutup")
    maria.sends_tap(f"attendance:doors:{session}").taps("Belum bisa: Bu Siti").looks_up()
    chat.travel(to=local(25, 8, 1))
    maria.sees("sudah ditutup: 2 hadir, 0 tidak hadir", "1 orang minta masuk", "• Bu Dewi")
    maria.does_not_see("melapor hadir", "• Bu Siti")
    outside[0].sees("Pelatih sudah menjawab").does_not_see("belum dijawab pelatih")
    outside[1].sees("belum dijawab pelatih")


def test_the_numbers_of_a_class_are_those_of_its_names_also_after_an_erasure(chat: Chat) -> None:
    session = a_class(chat)
    siti, anton = (enrolled(chat, name, session=session) for name in ("Siti", "Anton"))
    maria = trainer(chat)
    came(chat, anton, session)
    chat.travel(to=START + timedelta(hours=3))
    siti.types("/hapus_data").sends_tap("privacy:erased")
    maria.sends_tap(f"attendance:names:{session}").sees("1 dari 1 orang hadir", "1. ✓ Bu Anton")
    maria.sends_tap(f"attendance:finish:{session}").does_not_see("belum dicatat").taps("Ya, tutup")
    maria.sees("ditutup: 1 hadir, 0 tidak hadir").does_not_see("tidak tercatat")


# --- what people type themselves --------------------------------------------------------------------------------------


def test_i_was_there_typed_the_next_day_is_taken_as_said(chat: Chat) -> None:
    session = a_class(chat)
    siti, anton = (enrolled(chat, name, session=session) for name in ("Siti", "Anton"))
    came(chat, anton, session)
    chat.travel(to=local(24, 10))
    siti.types("saya hadir").sees("Pelatih akan memeriksa kehadiran di kelas Foto Produk")
    assert mark_of(chat, siti, session) == Mark.CLAIMED
    siti.types("saya hadir").sees("menunggu jawaban pelatih")
    anton.types("saya hadir").sees("sudah tercatat hadir di kelas Foto Produk")


def test_i_was_there_typed_after_the_last_moment_leads_to_a_human_being(chat: Chat) -> None:
    session = a_class(chat)
    siti, anton = (enrolled(chat, name, session=session) for name in ("Siti", "Anton"))
    came(chat, anton, session)
    chat.travel(days=3)
    for typed in ("saya hadir", "kemarin saya hadir bu", "/hadir"):
        siti.types(typed).sees("sudah lewat", "Tanya pendamping")
        anton.types(typed).sees("Waktu melapor hadir sudah lewat", "10.20: sudah tercatat hadir")
    siti.sees("Waktu melapor hadir sudah lewat", "10.20: tidak tercatat")
    assert mark_of(chat, siti, session) is None


@pytest.mark.parametrize("typed", ["I was there", "i attended the class"])
def test_i_was_there_in_english_is_no_emergency(chat: Chat, typed: str) -> None:
    session = a_class(chat)
    siti = enrolled(chat, "Siti", session=session)
    chat.travel(to=local(24, 10))
    siti.types(typed).sees("Pelatih akan memeriksa").does_not_see("112")
    assert mark_of(chat, siti, session) == Mark.CLAIMED


def test_i_was_there_typed_below_the_question_is_its_answer(chat: Chat) -> None:
    session = a_class(chat)
    siti, anton = (enrolled(chat, name, session=session) for name in ("Siti", "Anton"))
    came(chat, anton, session)
    chat.travel(to=local(24, 12, 1))
    siti.sees("Waktu itu hadir?").types("saya hadir").sees("Pelatih akan memeriksa")
    assert mark_of(chat, siti, session) == Mark.CLAIMED


@pytest.mark.parametrize("asks", ["/hadir", "saya hadir"])
def test_who_is_present_hears_so(chat: Chat, asks: str) -> None:
    session = a_class(chat)
    siti = enrolled(chat, "Siti", session=session)
    came(chat, siti, session)
    siti.types(asks).sees("sudah tercatat hadir di kelas Foto Produk").does_not_see("Kode hadir ada pada pelatih")
    chat.travel(to=local(24, 10))
    siti.types(asks).sees("sudah tercatat hadir di kelas Foto Produk").does_not_see("Lupa mencatat")


def test_of_two_classes_each_says_what_is_recorded(chat: Chat) -> None:
    early, late = a_class(chat), a_class(chat, "LB-2", starts=START + timedelta(hours=3))
    siti = enrolled(chat, "Siti", session=early)
    siti.sends_tap(f"enrolment:take:{late}")
    came(chat, siti, early)
    chat.travel(to=START + timedelta(hours=3, minutes=31))
    siti.types("/hadir").sees("10.20: sudah tercatat hadir", "Sen 23 Nov, 13.20\n", "Saya hadir: Foto Produk")
    assert sum("Saya hadir" in label for label in siti.last.labels) == 1
