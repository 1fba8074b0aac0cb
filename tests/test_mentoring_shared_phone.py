"""Questions on a phone that several people share: what is typed below words for one of them is theirs."""

from __future__ import annotations

from bot.people.people import Person
from tests.chat import Chat, Phone
from tests.test_mentoring import SITE, asked, mentor, said, ticket


def joined(chat: Chat, phone: Phone, name: str = "Yosef") -> int:
    """Somebody else registers on this phone, and it speaks as them from now on. Returns their number."""
    with chat.database.transaction() as db:
        account = phone.account(db)
        assert account is not None
        other = Person(
            account_id=account.id, name=name, salutation="bapak", site_id=SITE, sector="kriya",
            registered_at=chat.now, consent_training=True,
            training_version=chat.content.consent_version("training"),  # type: ignore[arg-type]
        )  # fmt: skip
        db.add(other)
        db.flush()
        account.person = other
        return other.id


def test_what_is_typed_below_an_answer_is_of_whom_it_was_for(chat: Chat) -> None:
    rina, siti = mentor(chat), asked(chat)
    joined(chat, siti)
    rina.taps("Ambil").taps("Balas").types("Pakai cahaya pagi.")
    siti.sees("Untuk Bu Siti").types("hasilnya masih gelap").sees("untuk pertanyaan Bu Siti")
    # what comes after goes on with the same question, after thanks too
    siti.types("fotonya buram terus").sees("untuk pertanyaan Bu Siti")
    rina.taps("Balas").types("Coba jam 9.")
    siti.types("makasih").does_not_see("Yosef").types("fotonya tetap buram").sees("untuk pertanyaan Bu Siti")
    siti.sends(photo=[{"file_id": "P", "file_unique_id": "p", "width": 9, "height": 9}]).sees("pertanyaan Bu Siti")
    assert [way for way, _, _ in said(chat)] == ["in", "out", "in", "in", "out", "in", "in"]


def test_where_nobody_can_tell_whose_question_it_is_it_is_asked(chat: Chat) -> None:
    rina, siti = mentor(chat), asked(chat)
    joined(chat, siti)
    siti.types("/menu").types("fotonya selalu gelap").sees("untuk pertanyaan siapa?", "Pertanyaan Bu Siti")
    siti.does_not_see("Sudah diteruskan").taps("Pertanyaan Bu Siti").sees("diteruskan", "untuk pertanyaan Bu Siti")
    assert said(chat)[-1] == ("in", "text", "fotonya selalu gelap")
    siti.types("/tanya").types("Berapa harga jual kopi bubuk?").sees("Sudah diteruskan")
    assert ticket(chat, 2).person_id != ticket(chat).person_id
    # each has a question now: the words go on with that of whom the phone spoke to last
    siti.types("kopinya robusta ya").does_not_see("siapa?").sees("Sudah diteruskan")
    assert said(chat, 2)[-1] == ("in", "text", "kopinya robusta ya")
    rina.looks_up()


def test_a_name_typed_or_more_words_pick_the_question_and_nothing_is_typed_twice(chat: Chat) -> None:
    siti = asked(chat)
    joined(chat, siti)
    siti.types("/menu").types("fotonya selalu gelap").sees("untuk pertanyaan siapa?")
    siti.types("padahal sudah siang hari").sees("untuk pertanyaan siapa?").types("punya bu Siti")
    siti.sees("untuk pertanyaan Bu Siti")
    assert [text for _, _, text in said(chat)][1:] == ["fotonya selalu gelap", "padahal sudah siang hari"]
    photo = [{"file_id": "P", "file_unique_id": "p", "width": 9, "height": 9}]
    siti.types("/menu").sends(photo=photo, caption="ini lagi").sees("untuk pertanyaan siapa?")
    siti.types("tidak jadi").sees("Tidak ada yang dikirim")
    assert len(said(chat)) == 3


def test_the_words_that_wait_may_be_a_new_question_of_the_other_one(chat: Chat) -> None:
    siti = asked(chat)
    yosef = joined(chat, siti)
    siti.types("/menu").types("apakah kain tenun boleh dicuci mesin ya").sees("untuk pertanyaan siapa?")
    siti.taps("Pertanyaan baru Pak Yosef").sees("Sudah diteruskan")
    assert (ticket(chat, 2).person_id, said(chat, 2)[0][2]) == (yosef, "apakah kain tenun boleh dicuci mesin ya")


def test_an_old_name_button_gives_other_words_to_nobody(chat: Chat) -> None:
    siti = asked(chat)
    joined(chat, siti)
    old = siti.types("/menu").types("fotonya selalu gelap").button("Pertanyaan Bu Siti")
    siti.taps("Jangan kirim").types("/menu").types("hasilnya buram sekali").sees("untuk pertanyaan siapa?")
    siti.sends_tap(*old).sees("untuk pertanyaan siapa?")
    assert len(said(chat)) == 1
    siti.types("/jadwal").types("jadwal saya").does_not_see("diteruskan")  # it is for the bot
    siti.sends_tap(*old)
    assert len(said(chat)) == 1


def test_who_left_the_phone_gets_none_of_the_words_that_wait(chat: Chat) -> None:
    siti = asked(chat)
    joined(chat, siti)
    button = siti.types("/menu").types("fotonya selalu gelap").button("Pertanyaan Bu Siti")
    with chat.database.transaction() as db:
        db.get_one(Person, ticket(chat).person_id).account_id = None
    siti.sends_tap(*button)
    assert len(said(chat)) == 1
