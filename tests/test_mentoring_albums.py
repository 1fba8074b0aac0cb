"""Several pictures sent at once: Telegram sends each by itself, here they are one thing."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from bot.programme.mentoring import State, TicketMessage
from tests.chat import Chat, Phone, registered
from tests.test_mentoring import asked, mentor, replies, said, ticket


def picture(name: str) -> list[dict[str, Any]]:
    return [{"file_id": name, "file_unique_id": name, "width": 9, "height": 9}]


def sends_album(phone: Phone, *names: str, album: str = "77", caption: str = "", **content: Any) -> Phone:
    """Pictures that were picked together; the words stand below the first."""
    updates = [phone.message(photo=picture(one), media_group_id=album, **content) for one in names]
    if caption:
        updates[0]["message"]["caption"] = caption
    phone.looks_up()
    for update in updates:
        phone.chat.deliver(update)
    return phone


def pictures(phone: Phone) -> list[str]:
    return [bubble.params["photo"] for bubble in phone.bubbles if "photo" in bubble.params]


def test_an_album_is_one_question_and_is_taken_back_as_one(chat: Chat) -> None:
    rina, anton = mentor(chat), mentor(chat, "Anton")
    siti = registered(chat).types("/tanya")
    sends_album(siti, "A", "B", "C", caption="Mana yang bagus?").sees("Sudah diteruskan")
    assert len(siti.new) == 1
    for phone in (rina, anton):
        assert pictures(phone) == ["A", "B", "C"]
    assert [form for _, form, _ in said(chat)] == ["photo"] * 3
    rina.sends_tap("mentoring:take:1").looks_up()
    assert pictures(anton) == []
    # one more album in the open question goes to who has it, and back as one
    sends_album(siti, "D", "E", album="78").sees("Sudah diteruskan")
    assert len(siti.new) == 1
    assert [one.params["photo"] for one in rina.new] == ["D", "E"]
    siti.taps("Bukan untuk pendamping").sees("Sudah ditarik")
    assert pictures(rina)[-1] == "C"
    assert len(said(chat)) == 3
    siti.types("/hapus_data").sends_tap("privacy:erased")
    assert pictures(rina) == []
    with chat.database.transaction() as db:
        assert {(one.file_id, one.album) for one in db.scalars(select(TicketMessage))} == {(None, None)}


def test_an_album_of_a_mentor_reaches_the_one_person_and_is_taken_back_as_one(chat: Chat) -> None:
    rina, siti = mentor(chat), asked(chat)
    rina.taps("Ambil").taps("Balas")
    siti.looks_up()
    sends_album(rina, "A", "B", caption="Seperti ini.").sees("Terkirim ke Bu Siti")
    assert len(rina.new) == 1
    assert pictures(siti) == ["A", "B"]
    assert siti.bubbles[-2].labels == ["Sudah jelas", "Belum jelas"]
    rina.taps("Tarik").sees("Sudah dihapus dari HP Bu Siti")
    assert pictures(siti) == []
    assert ticket(chat).state == State.CLAIMED
    replies(rina, "renyah", photo=picture("C"), media_group_id="79")
    replies(rina, "renyah", photo=picture("D"), media_group_id="79").sees_nothing_new()
    assert pictures(siti) == ["C", "D"]


def test_what_is_more_than_an_hour_takes_is_said_once(chat: Chat) -> None:
    rina, siti = mentor(chat), asked(chat)
    for at in range(6):
        siti.types(f"fotonya gelap terus {at}")
    names = [f"P{at}" for at in range(6)]
    sends_album(siti, *names).sees("Sudah diteruskan", "Baru 3 foto atau video")
    assert len(siti.new) == 2
    rina.sends_tap("mentoring:take:1")
    assert pictures(rina) == names[:3]


def test_an_album_that_was_refused_begins_nothing(chat: Chat) -> None:
    """The number below the first picture is kept out, and so are the pictures after it."""
    rina = mentor(chat)
    siti = registered(chat).types("/tanya")
    sends_album(siti, "A", "B", caption="KTP 5315012345678901").sees("nomor KTP").does_not_see("Sudah diteruskan")
    assert rina.bubbles == []
    siti.types("Bagaimana memotret keripik?").sees("Sudah diteruskan")
