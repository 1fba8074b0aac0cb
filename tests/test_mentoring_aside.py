"""Words typed after another screen was looked at, though a question to a human being is still open: they go to nobody
before it is said that they should."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.people.people import Role
from bot.programme.mentoring import held
from bot.programme.mentoring.tables import HeldWords, Ticket
from tests.chat import Chat, Phone, enrolled, local, registered, staffed
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


# --- what becomes of words that nobody sends --------------------------------------------------------------------------


def draft(chat: Chat, phone: Phone) -> tuple[str | None, object]:
    """The conversation a phone is in, and the words that wait in its draft."""
    with chat.database.transaction() as db:
        account = phone.account(db)
        assert account is not None
        return account.conversation, account.draft.get("held")


def nobody_asked(chat: Chat) -> bool:
    with chat.database.transaction() as db:
        return db.scalar(select(func.count()).select_from(Ticket)) == 0


def waiting_rows(chat: Chat) -> int:
    with chat.database.transaction() as db:
        return db.scalar(select(func.count()).select_from(HeldWords)) or 0


@pytest.mark.both_databases
def test_words_that_wait_are_asked_about_after_an_hour_and_thrown_away_after_a_day(chat: Chat) -> None:
    rina, siti = mentor(chat), registered(chat)
    siti.types("/tanya").types("/menu").types("fotonya selalu gelap")
    old = siti.button("Kirim")
    siti.looks_up()
    chat.travel(minutes=59)
    siti.sees_nothing_new()
    chat.travel(minutes=2)
    siti.sees("pesan yang belum dikirim", "Sel 24 Nov, 10.00", "Lanjutkan").does_not_see("gelap")
    siti.looks_up()
    chat.travel(hours=20)
    siti.sees_nothing_new()
    chat.travel(hours=3, minutes=2)
    siti.sees_nothing_new()
    assert draft(chat, siti) == (None, None)
    siti.sends_tap(*old).sees("Tidak ada pesan yang menunggu", "lewat sehari", "Tanya pendamping")
    assert nobody_asked(chat)
    assert (rina.bubbles, waiting_rows(chat)) == ([], 0)


def test_who_goes_on_when_asked_sends_the_words(chat: Chat) -> None:
    rina, siti = mentor(chat), registered(chat)
    siti.types("/tanya").types("/menu").types("fotonya selalu gelap")
    chat.travel(minutes=70)
    siti.taps("Lanjutkan").sees("Kirim ini ke pendamping", "fotonya selalu gelap").taps("Kirim").sees("diteruskan")
    rina.sees("fotonya selalu gelap").looks_up()
    siti.looks_up()
    chat.travel(days=1, hours=2)
    siti.does_not_see("belum dikirim")
    assert waiting_rows(chat) == 0


def test_more_words_begin_the_day_anew_and_nobody_is_asked_at_night(chat: Chat) -> None:
    siti = registered(chat)
    siti.types("/tanya").types("/menu").types("fotonya selalu gelap")
    chat.travel(to=local(23, 19, 10))
    siti.types("padahal siang hari").looks_up()
    chat.travel(to=local(24, 7, 59))
    siti.sees_nothing_new()
    chat.travel(to=local(24, 8, 1))
    siti.sees("belum dikirim", "19.10")


def test_the_bot_was_down_for_two_days_and_says_one_thing(chat: Chat) -> None:
    siti = registered(chat)
    siti.types("/tanya").types("/menu").types("fotonya selalu gelap").looks_up()
    chat.app.clock.move_to(chat.now + timedelta(days=2))  # nobody looked meanwhile
    chat.look()
    assert [bubble.text.split(",")[0] for bubble in siti.new] == ["Pesan yang belum dikirim sudah kami hapus"]
    siti.sees("Tanya pendamping")


@pytest.mark.both_databases
def test_an_answer_that_waits_goes_with_the_person_who_deletes_their_data(chat: Chat) -> None:
    rina, siti = mentor(chat), asked(chat)
    rina.sends_tap("mentoring:take:1").taps("Balas").types("/antrean").types("Tambah lampu di kiri, Bu Siti.")
    assert draft(chat, rina)[1]
    siti.types("/hapus_data").taps("Ya, hapus")
    chat.travel(minutes=1)
    assert draft(chat, rina) == (None, None)
    rina.sees("menghapus data").does_not_see("kami hapus")
    assert waiting_rows(chat) == 0


def test_an_answer_to_a_question_that_is_over_is_thrown_away_and_its_writer_told(chat: Chat) -> None:
    rina, siti = mentor(chat), asked(chat)
    rina.sends_tap("mentoring:take:1").taps("Balas").types("/antrean").types("Tambah lampu di kiri.")
    siti.sends_tap("mentoring:cancel:1").sees("ditarik")
    rina.looks_up()
    chat.travel(hours=2)
    rina.sees("Pertanyaannya sudah selesai", "kami hapus", "Lihat antrean")
    assert draft(chat, rina) == (None, None)


def test_words_that_wait_behind_another_conversation_go_too(chat: Chat) -> None:
    rina, siti = mentor(chat), asked(chat)
    rina.sends_tap("mentoring:take:1").taps("Balas").types("/antrean").types("Tambah lampu di kiri.")
    rina.sends_tap("mentoring:ready_add:1").looks_up()
    chat.travel(hours=2)
    rina.does_not_see("belum dikirim")
    chat.travel(days=1)
    rina.sees("Pesan yang belum dikirim sudah kami hapus")
    rina.types("/batal").does_not_see("Tambah lampu")
    siti.does_not_see("lampu")
    assert draft(chat, rina) == (None, None)


def test_whose_words_it_is_is_not_asked_for_ever(chat: Chat) -> None:
    """Words of a phone of two people, which wait until a name is picked."""
    siti = registered(chat)
    with chat.database.transaction() as db:
        account = siti.account(db)
        assert account is not None
        account.conversation, account.state = "mentoring_whose", "which"
        account.draft = {"held": [{"form": "text", "text": "fotonya gelap", "telegram_message_id": 7}]}
        held.note(db, account, None, chat.now, content=chat.content)
    chat.travel(days=1, hours=1)
    assert draft(chat, siti) == (None, None)
