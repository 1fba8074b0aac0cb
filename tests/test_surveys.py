"""Feedback after a class: faces, a sentence if one likes, and averages of at least five."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.delivery.outbox import OutboxRow
from bot.programme import privacy, surveys
from bot.programme.sessions import ClassSession
from bot.programme.surveys import Feedback
from tests.chat import Chat, Phone, local, registered
from tests.test_attendance import START, a_class, audited, came, enrolled, person_id, trainer

END = START + timedelta(hours=2)


def five(chat: Chat, session: int, number: int = 5) -> list[Phone]:
    return [enrolled(chat, f"Peserta {letter}", session=session) for letter in "ABCDEFG"[:number]]


def faces(chat: Chat) -> list[tuple[int, str | None]]:
    with chat.database.transaction() as db:
        return [(one.face, one.sentence) for one in db.scalars(select(Feedback).order_by(Feedback.id))]


def test_a_face_and_a_sentence(chat: Chat) -> None:
    session = a_class(chat)
    siti = enrolled(chat, "Siti", session=session)
    siti.looks_up()
    chat.travel(to=END)
    siti.sees("Bu Siti, bagaimana kelas Foto Produk?", "Senang", "Biasa saja", "Kurang", "Bantuan")
    siti.taps("😊 Senang").sees_toast("Sudah dicatat").sees("satu kalimat", "Lewati")
    siti.types("Contohnya jelas sekali").sees("membantu kelas berikutnya")
    assert faces(chat) == [(3, "Contohnya jelas sekali")]
    siti.types("halo").does_not_see("membantu kelas")
    assert faces(chat) == [(3, "Contohnya jelas sekali")]


def test_the_face_can_be_changed_and_the_sentence_left_out(chat: Chat) -> None:
    session = a_class(chat)
    siti = enrolled(chat, "Siti", session=session)
    chat.travel(to=END)
    siti.taps("😊 Senang").taps("Lewati").sees("Terima kasih")
    siti.sends_tap("surveys:skip").sees_toast("Sudah dicatat")
    siti.sends_tap(f"surveys:face:{session}:{person_id(chat, siti)}:1").types("/batal")
    assert faces(chat) == [(1, None)]


def test_a_sentence_has_a_length(chat: Chat) -> None:
    session = a_class(chat)
    siti = enrolled(chat, "Siti", session=session)
    chat.travel(to=END)
    siti.taps("🙁 Kurang").types("a" * 301).sees("Paling banyak 300 huruf").types("b" * 300).sees("Terima kasih")
    assert faces(chat) == [(1, "b" * 300)]


def test_what_looks_like_an_identity_number_is_not_kept(chat: Chat) -> None:
    session = a_class(chat)
    siti = enrolled(chat, "Siti", session=session)
    chat.travel(to=END)
    siti.taps("😐 Biasa saja").types("nomor saya 3171234567890123")
    assert faces(chat) == [(2, None)]


def test_it_is_asked_once_at_the_next_open_hour(chat: Chat) -> None:
    session = a_class(chat, starts=local(23, 18, 30))
    siti = enrolled(chat, "Siti", session=session)
    siti.looks_up()
    chat.travel(to=local(23, 23))
    siti.does_not_see("bagaimana kelas")
    chat.travel(to=local(24, 8, 1))
    siti.sees("bagaimana kelas")
    chat.restart()
    chat.look()
    assert sum("bagaimana kelas" in bubble.text for bubble in siti.bubbles) == 1


def test_who_comes_back_at_night_waits_for_the_morning(chat: Chat) -> None:
    """The bot was away when the class ended: what quiet hours forbid is not due before they end."""
    a_class(chat)
    chat.app.clock.offset += END + timedelta(hours=10) - chat.now
    chat.look()
    with chat.database.transaction() as db:
        due = surveys.next_due(db, chat.now, chat.app.context())
    assert due == local(24, 8)


def test_only_who_was_there_and_wants_messages_is_asked(chat: Chat) -> None:
    session = a_class(chat)
    siti, anton = (enrolled(chat, name, session=session) for name in ("Siti", "Anton"))
    rina = registered(chat, "Rina", reminders=False).sends_tap(f"enrolment:take:{session}")
    dewi = enrolled(chat, "Dewi", session=session)
    for phone in (siti, rina, dewi):
        came(chat, phone, session)
    dewi.types("/berhenti")
    chat.travel(to=END)
    siti.sees("bagaimana kelas")
    for phone in (anton, rina, dewi):
        phone.does_not_see("bagaimana kelas")


def test_where_nobody_was_recorded_who_was_not_there_can_say_so(chat: Chat) -> None:
    """Nobody can tell yet who came: it is asked of everybody with a seat, but not of who was recorded as absent."""
    session = a_class(chat)
    siti, anton = (enrolled(chat, name, session=session) for name in ("Siti", "Anton"))
    chat.travel(to=START)
    came(chat, anton, session, present=False)
    chat.travel(to=END)
    anton.does_not_see("bagaimana kelas")
    siti.sees("bagaimana kelas Foto Produk", "juga kalau tidak ikut", "Saya tidak ikut")
    siti.taps("Saya tidak ikut").sees("terima kasih sudah memberi tahu", "Menu").does_not_see("satu kalimat")
    assert faces(chat) == []


def test_who_was_recorded_is_not_asked_whether_they_were_there(chat: Chat) -> None:
    session = a_class(chat)
    siti = enrolled(chat, "Siti", session=session)
    came(chat, siti, session)
    chat.travel(to=END)
    siti.sees("bagaimana kelas").does_not_see("Saya tidak ikut")


def test_a_cancelled_class_is_not_asked_about(chat: Chat) -> None:
    session = a_class(chat)
    siti = enrolled(chat, "Siti", session=session)
    with chat.database.transaction() as db:
        found = db.get(ClassSession, session)
        assert found is not None
        found.cancelled_at = chat.now
    chat.travel(to=END)
    siti.does_not_see("bagaimana kelas")


def test_forged_foreign_and_late_answers_change_nothing(chat: Chat) -> None:
    session = a_class(chat)
    siti = enrolled(chat, "Siti", session=session)
    rina = registered(chat, "Rina")
    hers, other = person_id(chat, siti), person_id(chat, rina)
    siti.sends_tap(f"surveys:face:{session}:{hers}:3").sees_toast("Tombol")
    chat.travel(to=END)
    for data in (f"{session}:{hers}:3", f"{session}:{other}:3", "999:1:3", "x", ""):
        rina.sends_tap(f"surveys:face:{data}").sees_toast("Tombol")
    for face in ("-1", "4", "99", "x"):
        siti.sends_tap(f"surveys:face:{session}:{hers}:{face}").sees_toast("Tombol")
    chat.travel(to=END + timedelta(days=7, minutes=1))
    siti.sends_tap(f"surveys:face:{session}:{hers}:3").sees("sudah ditutup")
    assert faces(chat) == []


def answers(chat: Chat, session: int, people: list[Phone], *, but: int = 0) -> None:
    with chat.database.transaction() as db:
        for number, phone in enumerate(people[: len(people) - but]):
            person = phone.person(db)
            assert isinstance(surveys.answer(db, person, session, 3 if number else 1, chat.now), surveys.Noted)
            if number < 2:
                surveys.keep_sentence(db, person, session, f"Kalimat {number}{'!' * number}", chat.now)


def test_trainers_hear_the_average_of_five_a_day_later(chat: Chat) -> None:
    session = a_class(chat)
    people = five(chat, session)
    maria = trainer(chat)
    chat.travel(to=END)
    answers(chat, session, people)
    chat.travel(hours=19)
    maria.does_not_see("rata-rata")
    chat.travel(hours=2)
    maria.sees("rata-rata 2,6 dari 3", "Dijawab 5 orang: senang 4, biasa 0, kurang 1", "2 menulis kalimat")
    maria.taps("Baca kalimat").sees("• Kalimat 0", "• Kalimat 1").does_not_see("Peserta")
    assert ("feedback_seen", f"session:{session}") in audited(chat)
    with chat.database.transaction() as db:
        told = select(func.count()).where(OutboxRow.message["key"].as_string() == "surveys.average")
        assert db.scalar(told) == 1


def test_fewer_than_five_stay_untold_until_the_fifth(chat: Chat) -> None:
    session = a_class(chat)
    people = five(chat, session)
    maria = trainer(chat)
    chat.travel(to=END)
    answers(chat, session, people, but=1)
    chat.travel(hours=21)
    maria.does_not_see("rata-rata")
    maria.sends_tap(f"surveys:average:{session}").sees("mulai 5 jawaban")
    maria.sends_tap(f"surveys:sentences:{session}").sees("Belum ada kalimat")
    people[4].taps("😊 Senang")
    maria.sees("Dijawab 5 orang")
    maria.sends_tap(f"surveys:average:{session}")
    assert "Dijawab 5 orang" in maria.last.text


def test_the_card_of_a_class_that_is_over_leads_to_the_newest_figures(chat: Chat) -> None:
    session = a_class(chat)
    people = five(chat, session, 6)
    maria = trainer(chat)
    maria.sends_tap(f"sessions:show:{session}").does_not_see("Lihat tanggapan")
    chat.travel(to=END)
    answers(chat, session, people, but=2)
    maria.sends_tap(f"sessions:show:{session}").taps("Lihat tanggapan").sees("mulai 5 jawaban")
    people[4].taps("😊 Senang")
    maria.taps("Kembali ke kelas").sees("Terisi 6 dari").taps("Lihat tanggapan").sees("senang 4, biasa 0, kurang 1")
    people[5].taps("😐 Biasa saja")
    maria.taps("Hitung lagi").sees("rata-rata 2,5 dari 3", "Dijawab 6 orang: senang 4, biasa 1, kurang 1")
    maria.taps("Baca kalimat").sees("Kalimat 0", "Kembali ke kelas")


def test_trainers_hear_of_it_in_open_hours(chat: Chat) -> None:
    session = a_class(chat)
    people = five(chat, session)
    maria = trainer(chat)
    chat.travel(to=END)
    answers(chat, session, people, but=1)
    chat.travel(to=END + timedelta(days=2))
    chat.travel(to=END + timedelta(days=2, hours=12))
    with chat.database.transaction() as db:
        surveys.answer(db, people[4].person(db), session, 3, chat.now)
    maria.looks_up()
    chat.look()
    maria.sees_nothing_new()
    chat.travel(hours=12)
    maria.sees("Dijawab 5 orang")


@pytest.mark.parametrize("who", ["participant", "elsewhere"])
def test_nobody_else_reads_it(chat: Chat, who: str) -> None:
    session = a_class(chat)
    people = five(chat, session)
    chat.travel(to=END)
    answers(chat, session, people)
    phone = people[0] if who == "participant" else trainer(chat, "Yohanes", site="jayapura")
    for action in ("average", "sentences"):
        phone.sends_tap(f"surveys:{action}:{session}").does_not_see("Kalimat", "Dijawab")
    maria = trainer(chat)
    for action in ("average", "sentences"):
        maria.sends_tap(f"surveys:{action}:999")
        assert "tidak ditemukan" in maria.last.text


def test_who_leaves_takes_the_words_along(chat: Chat) -> None:
    session = a_class(chat)
    siti = enrolled(chat, "Siti", session=session)
    chat.travel(to=END)
    siti.taps("😊 Senang").types("Tolong lebih pelan")
    with chat.database.transaction() as db:
        (told,) = privacy.copy_of(db, siti.person(db), context=chat.context, now=chat.now)["tanggapan_kelas"]
        assert (told["kelas"], told["wajah"], told["kalimat"]) == ("LB-1", 3, "Tolong lebih pelan")
    siti.types("/hapus_data").sends_tap("privacy:erased")
    assert faces(chat) == [(3, None)]
