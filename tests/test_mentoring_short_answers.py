"""Words that people type below the messages of a question, instead of tapping a button."""

from __future__ import annotations

from tests.chat import Chat, Phone, enrolled, registered, staffed
from tests.databases import by_turns
from tests.test_mentoring import asked, mentor, said, ticket

NUMBER = "+6281234567890"


def asked_for_number(chat: Chat) -> tuple[Phone, Phone]:
    rina, siti = mentor(chat), asked(chat)
    rina.taps("Ambil").taps("Minta nomor")
    rina.looks_up()
    return rina, siti


@by_turns("typed", ["boleh", "ya boleh", "Boleh, ini nomornya", "silakan bu"])
def test_a_yes_typed_below_the_question_for_a_number_asks_which(chat: Chat, typed: str) -> None:
    rina, siti = asked_for_number(chat)
    siti.types(typed).sees("Nomor").does_not_see("diteruskan ke pendamping").types("0812 3456 7890")
    siti.sees("Nomornya sudah diteruskan")
    rina.sees("pertanyaan 1: +6281234567890")
    assert (ticket(chat).phone, len(said(chat))) == (NUMBER, 1)


@by_turns("typed", ["jangan", "tidak usah pak", "gak boleh"])
def test_a_no_typed_below_the_question_for_a_number_is_told(chat: Chat, typed: str) -> None:
    _rina, siti = asked_for_number(chat)
    siti.types(typed).sees("tidak ada telepon")
    assert (ticket(chat).phone, len(said(chat))) == (None, 1)


@by_turns("typed", ["0812 3456 7890", "boleh, 081234567890"])
def test_a_number_typed_below_the_question_for_it_goes_into_that_question_alone(chat: Chat, typed: str) -> None:
    anton = mentor(chat, "Anton")
    rina, siti = asked_for_number(chat)
    siti.types(typed).sees("Nomornya sudah diteruskan")
    rina.sees("pertanyaan 1: +6281234567890")
    assert (ticket(chat).phone, len(said(chat))) == (NUMBER, 1)
    assert not any("34567890" in bubble.text for bubble in anton.bubbles)


def test_a_contact_shared_below_the_question_for_a_number_is_the_number(chat: Chat) -> None:
    _rina, siti = asked_for_number(chat)
    chat.deliver(siti.message(contact={"phone_number": "6281234567890", "first_name": "Siti"}), siti)
    siti.sees("Nomornya sudah diteruskan")
    assert (ticket(chat).phone, len(said(chat))) == (NUMBER, 1)


def test_a_number_typed_later_is_words_like_any_other(chat: Chat) -> None:
    _rina, siti = asked_for_number(chat)
    siti.types("/menu").types("0812 3456 7890")
    assert ticket(chat).phone is None
    registered(chat, "Wati").types("0812 3456 7890").does_not_see("Nomornya sudah diteruskan")


def answered(chat: Chat) -> tuple[Phone, Phone]:
    rina, siti = mentor(chat), asked(chat)
    rina.taps("Ambil").taps("Balas").types("Foto di dekat jendela.")
    rina.looks_up()
    return rina, siti


@by_turns("typed", ["sudah jelas", "Jelas", "udah ngerti pak", "sudah jelas terima kasih"])
def test_clear_typed_below_an_answer_acts_as_its_button(chat: Chat, typed: str) -> None:
    _rina, siti = answered(chat)
    siti.types(typed).sees("Bagaimana jawabannya?")
    assert (ticket(chat).state, len(said(chat))) == ("closed", 2)


@by_turns("typed", ["saya belum paham", "belum jelas", "masih bingung", "gak ngerti", "Belum jelas"])
def test_unclear_typed_below_an_answer_starts_the_clock(chat: Chat, typed: str) -> None:
    rina, siti = answered(chat)
    siti.types(typed).sees("Mau tambah apa")
    rina.sees("belum jelas")
    assert ticket(chat).waiting_since is not None


def test_a_question_about_being_clear_is_for_the_mentor(chat: Chat) -> None:
    answered(chat)[1].types("sudah jelas?")
    assert ticket(chat).state != "closed"


@by_turns("typed", ["besok pagi", "bisa bawa anak?", "jam 9", "hasilnya masih gelap, lalu bagaimana"])
def test_words_below_an_answer_are_for_who_wrote_it(chat: Chat, typed: str) -> None:
    rina, siti = answered(chat)
    siti.types(typed).sees("Sudah diteruskan")
    rina.sees(typed)
    assert said(chat)[-1] == ("in", "text", typed)


@by_turns("typed,seen", [("menu", "Ada yang bisa kami bantu"), ("bantuan", "0800-0000-000"), ("stop", "Mau berhenti")])
def test_the_way_out_is_open_below_an_answer(chat: Chat, typed: str, seen: str) -> None:
    rina, siti = answered(chat)
    siti.types(typed).sees(seen)
    rina.sees_nothing_new()
    assert len(said(chat)) == 2


@by_turns("typed", ["hapus data saya", "saya mau bunuh diri", "kapan kelas saya?"])
def test_rights_danger_and_plain_commands_are_for_the_bot_below_an_answer(chat: Chat, typed: str) -> None:
    _rina, siti = answered(chat)
    siti.types(typed).does_not_see("Sudah diteruskan ke pendamping")
    assert len(said(chat)) == 2


@by_turns("typed", ["bisa bawa anak?", "belum jelas pak", "jam 9"])
def test_words_below_those_of_a_trainer_are_for_the_trainer(chat: Chat, typed: str) -> None:
    maria = staffed(chat)
    siti = enrolled(chat, session=chat.add_class()).types("saya telat 10 menit, parkir di mana?")
    maria.taps("Balas").types("Di belakang gedung.")
    maria.looks_up()
    siti.types(typed).sees("diteruskan")
    maria.sees(typed)
    assert said(chat)[-1] == ("in", "text", typed)


# --- clear, thanks, and what is not asked after all -------------------------------------------------------------------


@by_turns(
    "typed",
    [
        ("makasih", "sudah jelas", "sudah jelas", "makasih bu"),
        ("terima kasih banyak", "oke", "udah paham"),
        ("sudah jelas", "makasih", "sudah jelas ya"),
        ("makasih, sudah jelas", "makasih", "paham"),
        ("👍", "sip", "jelas"),
    ],
)
def test_clear_and_thanks_in_any_order_end_the_question_once(chat: Chat, typed: tuple[str, ...]) -> None:
    rina, siti = answered(chat)
    for words in typed:
        siti.types(words).does_not_see("Sudah diteruskan", "belum paham")
    assert (ticket(chat).state, ticket(chat).closed_because, len(said(chat))) == ("closed", "clear", 2)
    assert len([one for one in siti.bubbles if "Bagaimana jawabannya" in one.text]) == 1
    assert len([one for one in rina.bubbles if "sudah jelas" in one.text]) == 1


def test_clear_after_thanks_asks_which_where_two_were_answered(chat: Chat) -> None:
    rina, siti = answered(chat)
    siti.types("/tanya").taps("Tanya pendamping").types("Berapa harga jual kopi bubuk?").sees("Sudah diteruskan")
    rina.taps("Ambil").taps("Balas").types("Hitung modalnya dulu.")
    siti.types("makasih").types("sudah jelas").sees("Pertanyaan Bu Siti", "Sudah jelas")
    assert (ticket(chat).state, ticket(chat, 2).state) == ("answered", "answered")
    siti.types("/menu").types("sudah jelas").does_not_see("Bagaimana jawabannya")


def test_a_greeting_or_a_mere_yes_is_no_question(chat: Chat) -> None:
    rina = mentor(chat)
    siti = registered(chat).types("/tanya")
    for typed in ("halo", "ok", "?", "ya", "mau tanya bu", "makasih", "tidak", "..."):
        siti.types(typed).sees("Mau tanya apa? Tulis pertanyaannya", "Jangan kirim")
    assert rina.bubbles == []
    siti.types("batal").sees("Tidak ada yang dikirim").types("/tanya").types("Kopi?").sees("Sudah diteruskan")
    assert said(chat) == [("in", "text", "Kopi?")]
    # a yes may be what a mentor asked for: it is passed on where a question is under way
    siti.taps("Tambah pesan").types("ya").sees("Sudah diteruskan")


@by_turns("typed", ["tidak", "batal", "gak jadi", "gak jadi tanya", "jangan"])
def test_no_below_a_question_that_waits_offers_to_take_it_back(chat: Chat, typed: str) -> None:
    rina, siti = mentor(chat), asked(chat)
    siti.types(typed).sees("Mau menarik pertanyaan ini, Bu Siti", "Tarik pertanyaan 1")
    assert ticket(chat).state == "open"
    siti.types("fotonya selalu gelap").sees("Sudah diteruskan").types(typed)
    siti.sees("Tarik pertanyaan 1", "Bukan untuk pendamping")
    older = siti.button("Tarik pertanyaan 1")
    siti.types("/tanya").taps("Tanya pendamping").types("Berapa harga jual kopi bubuk?").types(typed)
    siti.sees("Tarik pertanyaan 2").does_not_see("Tarik pertanyaan 1")
    siti.sends_tap(*older).sees("sudah ditarik")
    assert (ticket(chat).state, ticket(chat, 2).state) == ("cancelled", "open")
    rina.looks_up()
    siti.types("/menu").types(typed).does_not_see("Sudah diteruskan")


def test_taken_back_without_a_seat_shows_the_question_that_waits(chat: Chat) -> None:
    asked(chat).types("/menu").types("batal").sees("Pertanyaan Bu Siti", "Tarik pertanyaan")
