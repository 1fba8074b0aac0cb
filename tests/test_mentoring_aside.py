"""Words typed after another screen was looked at, though a question to a human being is still open: they go to nobody
before it is said that they should."""

from __future__ import annotations

from typing import Any

import pytest

from bot.people.people import Role
from tests.chat import Chat, enrolled, registered, staffed
from tests.test_mentoring import SITE, asked, mentor, said, ticket

PHOTO: dict[str, Any] = {"photo": [{"file_id": "P", "file_unique_id": "p", "width": 9, "height": 9}]}


def test_words_typed_two_screens_later_wait_for_a_yes(chat: Chat) -> None:
    rina, siti = mentor(chat), registered(chat)
    siti.types("/tanya").types("/menu").types("/jadwal").types("fotonya selalu gelap")
    siti.sees("Kirim ini ke pendamping, Bu Siti?", "fotonya selalu gelap").does_not_see("Sudah diteruskan")
    assert rina.bubbles == []
    siti.types("padahal sudah siang hari").sees("fotonya selalu gelap", "padahal sudah siang hari")
    siti.sends(**PHOTO).sees("Kirim ini", "(foto)").taps("Kirim").sees("Sudah diteruskan")
    assert [(form, text) for _, form, text in said(chat)] == [
        ("text", "fotonya selalu gelap"), ("text", "padahal sudah siang hari"), ("photo", None)
    ]  # fmt: skip
    rina.sees("fotonya selalu gelap", "padahal sudah siang hari")


@pytest.mark.parametrize(
    ("answer", "sent"), [("ya", True), ("kirim saja", True), ("tidak", False), ("jangan dikirim", False)]
)
def test_the_yes_may_be_typed(chat: Chat, answer: str, sent: bool) -> None:
    siti = registered(chat).types("/tanya").types("/menu").types("fotonya selalu gelap").types(answer)
    siti.sees("Sudah diteruskan" if sent else "Tidak ada yang dikirim")


def test_what_is_plainly_for_the_bot_is_answered_by_the_bot(chat: Chat) -> None:
    rina, siti = mentor(chat), registered(chat)
    siti.types("/tanya").types("/belajar").types("jadwal kelas saya").sees("belum punya kelas")
    siti.types("fotonya selalu gelap").does_not_see("Sudah diteruskan", "Kirim ini")
    assert rina.bubbles == []


def test_below_the_question_itself_words_go_out_at_once(chat: Chat) -> None:
    siti = registered(chat).types("/tanya").types("/jadwal").taps("Lanjutkan").sees("Mau tanya apa")
    siti.types("fotonya selalu gelap").sees("Sudah diteruskan")


def test_an_old_button_of_other_words_sends_nothing(chat: Chat) -> None:
    siti = registered(chat).types("/tanya").types("/menu").types("fotonya selalu gelap")
    old = siti.button("Kirim")
    siti.types("dan buram sekali").sends_tap(*old).sees("Kirim ini", "dan buram sekali")
    siti.does_not_see("Sudah diteruskan").taps("Kirim").sees("Sudah diteruskan")
    siti.sends_tap(*old)  # a doubled tap
    assert len(said(chat)) == 2


def test_an_answer_written_after_the_queue_was_looked_at_names_its_person_first(chat: Chat) -> None:
    rina, siti = mentor(chat), asked(chat)
    budi = asked(chat, "Budi", "Berapa harga jual kopi bubuk?")
    rina.sends_tap("mentoring:take:1").taps("Balas").sends_tap("mentoring:take:2").types("Hitung modalnya dulu.")
    rina.sees("Kirim ini ke Bu Siti (pertanyaan 1)?", "Hitung modalnya dulu.")
    siti.does_not_see("modalnya")
    rina.types("jangan").sees("Tidak ada yang dikirim")
    rina.sends_tap("mentoring:reply:2").types("Hitung modalnya dulu.").sees("Terkirim ke Bu Budi")
    budi.sees("Hitung modalnya dulu.")
    assert len(said(chat)) == 1


def test_a_note_for_a_colleague_waits_too(chat: Chat) -> None:
    rina, anton = mentor(chat), mentor(chat, "Anton")
    asked(chat)
    rina.sends_tap("mentoring:take:1").taps("Oper").taps("Anton").types("/antrean").types("Tanya soal kemasan")
    rina.sees("Oper ke Anton dengan catatan ini?", "Tanya soal kemasan")
    anton.does_not_see("kemasan")
    rina.types("Tanya soal label").sees("Tanya soal label").does_not_see("dengan catatan ini?\n\nTanya soal kemasan\n")
    rina.taps("Kirim").sees("Anton")
    anton.sees("Catatan: Tanya soal label")
    assert ticket(chat).claimed_by is not None


def test_a_trainer_who_looked_elsewhere_is_asked_before_one_person_is_written_to(chat: Chat) -> None:
    maria = staffed(chat, "Maria", role=Role.TRAINER, site=SITE)
    session = chat.add_class()
    siti = enrolled(chat, session=session)
    with chat.database.transaction() as db:
        person = siti.person(db).id
    maria.sends_tap(f"mentoring:write:{person}:{session}").types("/menu").types("Bawa keripik, ya.")
    maria.sees("Kirim ini ke Bu Siti?", "Bawa keripik")
    siti.does_not_see("keripik")
    maria.types("ya").sees("Terkirim")
    siti.sees("Bawa keripik, ya.")


def test_who_lost_the_role_sends_nothing_that_waits(chat: Chat) -> None:
    rina, siti = mentor(chat), asked(chat)
    rina.sends_tap("mentoring:take:1").taps("Balas").types("/antrean").types("Hitung modalnya dulu.")
    button = rina.button("Kirim")
    with chat.database.transaction() as db:
        from bot.people.people import RoleGrant

        for grant in db.query(RoleGrant):
            db.delete(grant)
    rina.sends_tap(*button)
    siti.does_not_see("modalnya")
    assert len(said(chat)) == 1
