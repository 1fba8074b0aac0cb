"""Questions to mentors at their edges: numbers to call, corrections both ways, who may ask nothing for a while, and
what people send that nobody should get, or that cannot arrive."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.delivery.outbox import OutboxRow
from bot.operations.clock_check import Source
from bot.people.audit import AuditRow
from bot.people.people import RoleGrant
from bot.programme import mentoring, privacy
from bot.programme.mentoring import TicketMessage
from tests.chat import Chat, Phone, registered
from tests.test_mentoring import QUESTION, ZONE, asked, mentor, replies, said, ticket
from tests.test_rights import ADMIN, admin

NUMBER = "+6281234567890"


@pytest.fixture
def admins() -> tuple[int, ...]:
    return (ADMIN,)


def corrected(phone: Phone, number: int, **content: Any) -> None:
    """The message of this number is changed in Telegram."""
    edited = phone.message(**content)["message"] | {"message_id": number, "edit_date": 2}
    phone.chat.deliver({"edited_message": edited}, phone)


def typed(phone: Phone, text: str) -> int:
    """Typed; returns Telegram's number of the message."""
    update = phone.message(text=text)
    phone.chat.deliver(update, phone)
    return int(update["message"]["message_id"])


def deeds(chat: Chat) -> set[str]:
    with chat.database.transaction() as db:
        return set(db.scalars(select(AuditRow.action)))


# --- a number to call -------------------------------------------------------------------------------------------------


def test_a_number_is_asked_for_given_and_stands_in_that_question_alone(chat: Chat) -> None:
    rina, anton = mentor(chat), mentor(chat, "Anton")
    siti = asked(chat)
    rina.taps("Ambil").taps("Minta nomor").sees("Sudah ditanyakan ke Bu Siti")
    siti.sees("Boleh pendamping menelepon", "Rina ingin membantu", "Boleh, ini nomornya", "Jangan")
    siti.taps("Boleh, ini nomornya").types("nomor saya").sees("belum terbaca").types("0812 3456 7890")
    siti.sees("Nomornya sudah diteruskan")
    rina.sees("Bu Siti, pertanyaan 1: +6281234567890")
    assert ticket(chat).phone == NUMBER
    assert not any("34567890" in bubble.text for bubble in anton.bubbles)
    anton.sends_tap("mentoring:talk:1").does_not_see("34567890")
    rina.sends_tap("mentoring:talk:1").sees(NUMBER).does_not_see("Minta nomor")
    rina.sends_tap("mentoring:number:1").sees("sudah pernah ditanyakan")
    siti.types("/data_saya")
    assert json.loads(siti.last.params["files"]["document"][1])["pertanyaan"][0]["nomor_hp"] == NUMBER
    with chat.database.transaction() as db:
        rows = [str(row) for row in db.scalars(select(OutboxRow.message)) if row]
        assert siti.person(db).phone != NUMBER
    assert not [row for row in rows if "34567890" in row]
    assert "number_asked" in deeds(chat)


def test_a_number_is_refused_and_taken_back(chat: Chat) -> None:
    rina = mentor(chat)
    siti = asked(chat)
    rina.taps("Ambil").taps("Minta nomor")
    refused, _ = siti.button("Jangan")
    siti.taps("Boleh, ini nomornya").types("0812 3456 7890")
    rina.looks_up()
    siti.sends_tap(refused).sees("tidak ada telepon")
    rina.sees("tidak ingin ditelepon")
    assert not any("34567890" in bubble.text for bubble in rina.bubbles)
    assert ticket(chat).phone is None


def test_a_shared_contact_is_a_number_too_and_sixteen_digits_are_none(chat: Chat) -> None:
    rina = mentor(chat)
    siti = asked(chat)
    rina.taps("Ambil").taps("Minta nomor")
    siti.taps("Boleh, ini nomornya").types("5315 0101 0101 0001").does_not_see("sudah diteruskan")
    contact = {"phone_number": "6281234567890", "first_name": "Siti"}
    chat.deliver(siti.message(contact=contact), siti)
    siti.sees("Nomornya sudah diteruskan")
    assert ticket(chat).phone == NUMBER


def test_a_colleague_who_gets_the_question_sees_the_number_and_the_first_one_does_not_any_more(chat: Chat) -> None:
    rina, anton = mentor(chat), mentor(chat, "Anton")
    siti = asked(chat)
    rina.taps("Ambil").taps("Minta nomor")
    siti.taps("Boleh, ini nomornya").types("0812 3456 7890")
    rina.sends_tap("mentoring:hand:1").taps("Anton").taps("Tanpa catatan").sees("dioper ke Anton")
    assert not any("34567890" in bubble.text for bubble in rina.bubbles if "pertanyaan 1: +62" in bubble.text)
    anton.sends_tap("mentoring:talk:1").sees(NUMBER)
    rina.sends_tap("mentoring:talk:1").does_not_see("34567890")


def test_the_number_goes_with_the_words(chat: Chat) -> None:
    rina = mentor(chat)
    siti = asked(chat)
    rina.taps("Ambil").taps("Minta nomor")
    siti.taps("Boleh, ini nomornya").types("0812 3456 7890")
    rina.sends_tap("mentoring:reply:1").types("Saya telepon besok.")
    siti.taps("Sudah jelas")
    chat.app.clock_check.hear(chat.now, Source.HEADER)
    chat.travel(days=91)
    assert ticket(chat).phone is None
    assert not any("pertanyaan 1: +62" in bubble.text for bubble in rina.bubbles)


def test_an_old_question_for_the_number_does_nothing_when_its_question_is_over(chat: Chat) -> None:
    rina = mentor(chat)
    siti = asked(chat)
    rina.taps("Ambil").taps("Minta nomor")
    given, _ = siti.button("Boleh, ini nomornya")
    rina.sends_tap("mentoring:reply:1").types("Pakai cahaya pagi.")
    siti.taps("Sudah jelas")
    siti.sends_tap(given).sees("sudah selesai").types("0812 3456 7890")
    assert ticket(chat).phone is None


# --- corrections ------------------------------------------------------------------------------------------------------


def test_a_mentor_corrects_an_answer_and_the_person_sees_it_changed(chat: Chat) -> None:
    rina = mentor(chat)
    siti = asked(chat)
    rina.taps("Ambil").taps("Balas")
    number = typed(rina, "Pakai cahaya sore.")
    siti.sees("cahaya sore")
    corrected(rina, number, text="Pakai cahaya pagi.")
    rina.sees("Perubahannya sudah dikirim ke Bu Siti")
    shown = [bubble.text for bubble in siti.bubbles if "cahaya" in bubble.text]
    assert len(shown) == 1
    assert "cahaya pagi" in shown[0]
    assert said(chat)[-1] == ("out", "text", "Pakai cahaya pagi.")
    corrected(rina, number, text="Kirim ke 5315 0101 0101 0001")
    corrected(rina, number, text="a" * 2001)
    assert said(chat)[-1] == ("out", "text", "Pakai cahaya pagi.")
    assert "answer_corrected" in deeds(chat)


def test_the_words_below_a_photo_are_corrected_both_ways(chat: Chat) -> None:
    rina = mentor(chat)
    siti = registered(chat).types("/tanya")
    photo = [{"file_id": "PHOTO", "file_unique_id": "p", "width": 9, "height": 9}]
    update = siti.message(photo=photo, caption="kemasan lama")
    chat.deliver(update, siti)
    rina.sees("kemasan lama")
    corrected(siti, update["message"]["message_id"], photo=photo, caption="kemasan baru")
    siti.sees("Perubahannya sudah diteruskan")
    assert "kemasan baru" in next(bubble.text for bubble in rina.bubbles if bubble.method == "sendPhoto")
    rina.taps("Ambil").sends_tap("mentoring:reply:1")
    update = rina.message(photo=photo, caption="seperti itu")
    chat.deliver(update, rina)
    corrected(rina, update["message"]["message_id"], photo=photo, caption="seperti ini")
    assert "seperti ini" in next(bubble.text for bubble in siti.bubbles if bubble.method == "sendPhoto")


def test_a_correction_by_who_has_it_no_longer_reaches_nobody(chat: Chat) -> None:
    rina, _ = mentor(chat), mentor(chat, "Anton")
    siti = asked(chat)
    rina.taps("Ambil").taps("Balas")
    number = typed(rina, "Pakai cahaya pagi.")
    rina.sends_tap("mentoring:hand:1").taps("Anton").taps("Tanpa catatan")
    corrected(rina, number, text="Ini sudah bukan punya saya")
    assert not any("bukan punya" in bubble.text for bubble in siti.bubbles)
    with chat.database.transaction() as db:
        account = rina.account(db)
        assert account is not None
        db.delete(db.scalars(select(RoleGrant).where(RoleGrant.account_id == account.id)).one())
    corrected(rina, number, text="Ini juga bukan")
    assert not any("juga bukan" in bubble.text for bubble in siti.bubbles)


# --- asking nothing for a while ---------------------------------------------------------------------------------------


def test_an_admin_lets_somebody_ask_nothing_for_thirty_days_and_takes_it_back(chat: Chat) -> None:
    boss, rina = admin(chat), mentor(chat)
    siti = asked(chat)
    rina.taps("Ambil").does_not_see("Batasi pertanyaan")
    boss.sends_tap("mentoring:talk:1").taps("Batasi pertanyaan").sees("Batasi Bu Siti?", "30 hari")
    assert ticket(chat).blocked_until is None
    boss.taps("Ya, batasi").sees("Bu Siti tidak bisa bertanya sampai")
    siti.sees("untuk sementara pertanyaan tidak bisa dikirim")
    rina.sees("ditutup oleh admin")
    siti.types("/tanya").sees("tidak bisa dikirim, sampai").types(QUESTION).does_not_see("diteruskan")
    siti.types("menu").sees("Pilih kelas")
    boss.sends_tap("mentoring:blocked:1").sees("sudah dibatasi sebelumnya").taps("Buka lagi").sees("bisa bertanya lagi")
    siti.sends_tap("mentoring:ask").types(QUESTION).sees("Sudah diteruskan")
    assert {"questions_blocked", "questions_unblocked"} <= deeds(chat)


def test_it_ends_by_itself(chat: Chat) -> None:
    boss = admin(chat)
    mentor(chat)
    siti = asked(chat)
    boss.sends_tap("mentoring:blocked:1")
    chat.travel(days=29)
    siti.types("/tanya").sees("tidak bisa dikirim")
    chat.travel(days=2)
    siti.types("/tanya").sees("Mau tanya apa")


# --- a heart ----------------------------------------------------------------------------------------------------------


def test_a_heart_on_an_answer_says_that_it_is_clear_and_on_anything_else_nothing(chat: Chat) -> None:
    rina = mentor(chat)
    siti = asked(chat)
    siti.reacts("❤", siti.last)
    rina.taps("Ambil").taps("Balas").types("Pakai cahaya pagi.")
    answer = next(bubble for bubble in siti.bubbles if "cahaya pagi" in bubble.text)
    siti.looks_up()
    siti.reacts("👎", answer).sees_nothing_new()
    assert ticket(chat).state == "answered"
    siti.reacts("❤", answer).sees("Bagaimana jawabannya?").taps("😊")
    assert (ticket(chat).closed_because, ticket(chat).face) == ("clear", 3)
    rina.sees("sudah jelas")
    siti.looks_up()
    siti.reacts("👍", answer).sees_nothing_new()
    rina.reacts("👍", rina.last)


# --- again, within two weeks ------------------------------------------------------------------------------------------


def test_what_was_closed_is_opened_again_by_its_button_and_later_it_is_a_new_question(chat: Chat) -> None:
    rina = mentor(chat)
    siti = asked(chat)
    rina.taps("Ambil").taps("Balas").types("Pakai cahaya pagi.")
    chat.travel(days=7)
    siti.sees("kami tutup dulu")
    carried, _ = siti.button("Tambah pesan", "kami tutup dulu")
    rina.looks_up()
    siti.taps("Tambah pesan").types("Kalau hujan bagaimana?").sees("Sudah diteruskan")
    rina.sees("Kalau hujan")
    assert (ticket(chat).state, ticket(chat).reopened) == ("claimed", 1)
    rina.taps("Balas").types("Tunggu terang, ya.")
    siti.taps("Sudah jelas")
    chat.travel(days=15)
    siti.sends_tap(carried).sees("Mau tanya apa").types("Sekarang soal kemasan").sees("Sudah diteruskan")
    assert ticket(chat, 2).state == "open"


# --- what should not be sent, and what cannot arrive ------------------------------------------------------------------

BAD = [
    ({"text": "a" * 5000}, "terlalu panjang"),
    ({"text": "NIK 5315 0101 0101 0001"}, "nomor KTP"),
    ({"photo": [{"file_id": "P", "file_unique_id": "p", "width": 9, "height": 9}],
      "caption": "KTP saya 5315010101010001"}, "nomor KTP"),
    ({"voice": {"file_id": "V", "file_unique_id": "v", "duration": 3600}}, "Suaranya terlalu panjang"),
    ({"document": {"file_id": "D", "file_unique_id": "d", "file_name": "ktp.pdf"}}, "belum bisa kami teruskan"),
    ({"location": {"latitude": -8.5, "longitude": 119.9}}, "belum bisa kami teruskan"),
    ({"dice": {"emoji": "🎲", "value": 3}}, "belum bisa kami teruskan"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "words"), BAD)
def test_bad_input_is_told_kindly_sent_to_nobody_and_the_question_goes_on(
    chat: Chat, content: dict[str, Any], words: str
) -> None:
    rina = mentor(chat)
    siti = registered(chat).types("/tanya")
    rina.looks_up()
    chat.deliver(siti.message(**content), siti)
    siti.sees(words)
    rina.sees_nothing_new()
    with chat.database.transaction() as db:
        assert db.scalars(select(TicketMessage.id)).all() == []
    siti.types(QUESTION).sees("Sudah diteruskan")
    rina.sees("renyah")


@pytest.mark.parametrize(("content", "words"), BAD)
def test_bad_input_of_a_mentor_reaches_nobody_and_the_answer_goes_on(
    chat: Chat, content: dict[str, Any], words: str
) -> None:
    rina = mentor(chat)
    siti = asked(chat)
    rina.taps("Ambil").taps("Balas")
    siti.looks_up()
    chat.deliver(rina.message(**content), rina)
    rina.sees(words)
    siti.sees_nothing_new()
    rina.types("Pakai cahaya pagi.").sees("Terkirim ke Bu Siti")
    siti.sees("cahaya pagi")


def test_a_photo_of_an_identity_card_is_deleted_everywhere_and_said_why(chat: Chat) -> None:
    rina, anton = mentor(chat), mentor(chat, "Anton")
    siti = registered(chat).types("/tanya")
    photo = [{"file_id": "KTP", "file_unique_id": "p", "width": 9, "height": 9}]
    chat.deliver(siti.message(photo=photo), siti)
    for phone in (rina, anton):
        assert any(bubble.params.get("photo") == "KTP" for bubble in phone.bubbles)
    anton.taps("Hapus foto").sees("Fotonya sudah dihapus")
    for phone in (rina, anton):
        assert not any(bubble.params.get("photo") == "KTP" for bubble in phone.bubbles)
    siti.sees("Fotonya sudah kami hapus")
    assert said(chat) == [("in", "photo", None)]


def test_an_answer_to_a_deleted_account_is_lost_on_nobody(chat: Chat) -> None:
    """Telegram says that the person is gone: the answer stands in the question, and nobody else gets it."""
    rina = mentor(chat)
    siti = asked(chat)
    budi = asked(chat, "Budi", "Berapa harga jual kopi bubuk?")
    chat.telegram.blocked.add(siti.id)
    budi.looks_up()
    rina.sends_tap("mentoring:take:1").sends_tap("mentoring:reply:1").types("Pakai cahaya pagi.").sees("Terkirim")
    budi.sees_nothing_new()
    assert said(chat)[-1] == ("out", "text", "Pakai cahaya pagi.")
    with chat.database.transaction() as db:
        account = siti.account(db)
        assert account is not None
        assert account.blocked_at is not None


def test_a_photo_sent_as_a_file_is_asked_for_as_a_photo(chat: Chat) -> None:
    file = {"file_id": "D", "file_unique_id": "d", "mime_type": "image/jpeg", "file_name": "kripik.jpg"}
    siti = registered(chat).types("/tanya").sends(document=file).sees("Kirim lagi sebagai foto", "Mau tanya apa")
    siti.sends(document=file | {"mime_type": "application/pdf"}).sees("belum bisa kami teruskan")


def test_a_question_of_who_blocked_the_bot_can_be_ended_without_an_answer(chat: Chat) -> None:
    rina, siti = mentor(chat), asked(chat)
    rina.taps("Ambil").taps("Tandai selesai").sees("dulu")  # who can be answered is answered first
    assert ticket(chat).state == "claimed"
    with chat.database.transaction() as db:
        account = siti.account(db)
        assert account is not None
        account.blocked_at = chat.now
    rina.taps("Balas").types("Di dekat jendela.").sees("sedang tidak bisa dihubungi")
    rina.taps("Tandai selesai").sees("selesai").does_not_see("dulu")
    assert (ticket(chat).state, ticket(chat).closed_because) == ("closed", "done")


def test_who_erases_their_data_while_a_mentor_writes_gets_nothing(chat: Chat) -> None:
    rina = mentor(chat)
    siti = asked(chat)
    rina.taps("Ambil").taps("Balas")
    siti.types("/hapus_data").sends_tap("privacy:erased")
    siti.looks_up()
    rina.types("Pakai cahaya pagi.").sees("sudah selesai", "Tidak ada yang dikirim")
    siti.sees_nothing_new()
    with chat.database.transaction() as db:
        assert mentoring.messages(db, db.get_one(mentoring.Ticket, 1))[0].text is None
        assert len(db.scalars(select(TicketMessage.id)).all()) == 1


def test_a_telegram_reply_of_who_is_no_mentor_any_more_reaches_nobody(chat: Chat) -> None:
    rina = mentor(chat)
    siti = asked(chat)
    rina.taps("Ambil")
    siti.looks_up()
    with chat.database.transaction() as db:
        account = rina.account(db)
        assert account is not None
        db.delete(db.scalars(select(RoleGrant).where(RoleGrant.account_id == account.id)).one())
        mentoring.release(db, account, chat.now)
    replies(rina, "renyah", text="Pakai cahaya pagi.")
    siti.sees_nothing_new()
    assert len(said(chat)) == 1


# --- the clock after a night without a process ------------------------------------------------------------------------


def test_after_twelve_hours_down_everybody_hears_one_thing(chat: Chat) -> None:
    """Asked on Monday at 10.00 WITA; nothing ran until 22.00. The mentors read of it when their day begins."""
    rina = mentor(chat)
    siti = asked(chat)
    rina.looks_up()
    siti.looks_up()
    chat.app.clock.move_to(chat.now + timedelta(hours=12))
    chat.look()
    siti.sees("belum ada yang sempat menjawab")
    assert len(siti.new) == 1
    rina.sees_nothing_new()
    chat.travel(to=datetime(2026, 11, 24, 9, 0, tzinfo=ZONE))
    rina.sees("lewat waktu")
    assert len(rina.new) == 1
    assert len(siti.new) == 1


# --- what nobody should be told, and who may ask nothing --------------------------------------------------------------


CODES = (
    *("OTP saya 482913", "kode verifikasi: 48 29 13", "PIN ATM saya 1234"),
    *("password saya: ikan1990", "482913 itu otp", "PIN saya 5000", "pinku 482000", "kode pin 4821", "PIN BCA: 112233"),
)
NO_CODES = (
    *("OTP tidak masuk, kenapa?", "PIN harus 6 angka ya?", "jual pin 5000 rupiah per biji"),
    *(
        "password lupa, bagaimana?",
        "kode pos 86554",
        "PIN salah 3 kali",
        "PIN 5000",
        "pinnya 2500 kak",
        "pin 7250 per biji",
    ),
    *("harga pin 5250, terlalu mahal?", "saya jual pin saya 5000", "titik toko di pin 4821 ya", "gantungan pin 3750"),
)


def test_a_secret_code_reaches_nobody_and_is_kept_nowhere(chat: Chat) -> None:
    rina = mentor(chat)
    siti = registered(chat).types("/tanya")
    for text in CODES:
        siti.types(text).sees("seperti kode OTP", "Mau tanya apa").does_not_see("Sudah diteruskan")
    assert rina.bubbles == []
    siti.types("Kopi?").types("itu kopi bubuk ya").types(CODES[0]).sees("seperti kode OTP")
    rina.taps("Ambil").taps("Balas").types("Pakai PIN 4821 saja.").sees("seperti kode OTP", "Balasan untuk")
    rina.types("Jangan beri tahu siapa pun.").sees("Terkirim")
    assert [text for _, _, text in said(chat)] == ["Kopi?", "itu kopi bubuk ya", "Jangan beri tahu siapa pun."]
    assert not [text for text in NO_CODES if privacy.holds_secret_code(text)]


def test_a_voice_and_a_video_are_deleted_everywhere_as_a_photo_is(chat: Chat) -> None:
    rina = mentor(chat)
    siti = registered(chat).types("/tanya")
    siti.sends(voice={"file_id": "V", "file_unique_id": "v", "duration": 9})
    siti.sends(video={"file_id": "F", "file_unique_id": "f", "duration": 9, "width": 1, "height": 1})
    rina.taps("Ambil").taps("Hapus suara").sees("Suaranya sudah dihapus")
    siti.sees("Suaranya sudah kami hapus")
    rina.taps("Hapus video").sees("Videonya sudah dihapus")
    assert not [bubble for bubble in rina.bubbles if bubble.method in ("sendVoice", "sendVideo")]
    assert said(chat) == [("in", "voice", None), ("in", "video", None)]
    with chat.database.transaction() as db:
        assert not db.scalars(select(TicketMessage.file_id).where(TicketMessage.file_id.is_not(None))).all()


def test_who_may_ask_nothing_opens_no_older_question_either(chat: Chat) -> None:
    rina, boss, siti = mentor(chat), admin(chat), asked(chat)
    rina.taps("Ambil").taps("Balas").types("Di dekat jendela.")
    siti.taps("Sudah jelas").types("/tanya").types("Berapa harga jual kopi bubuk?")
    boss.sends_tap("mentoring:blocked:2")
    replies(siti, "Di dekat jendela", text="masih gelap").sees("untuk sementara", "0800-0000-000").does_not_see(
        "selesai"
    )
    assert ticket(chat).state == "closed"


# --- what mentors keep and hand over ----------------------------------------------------------------------------------


def test_twenty_ready_answers_are_kept_and_one_is_deleted(chat: Chat) -> None:
    rina, _siti = mentor(chat), asked(chat)
    rina.taps("Ambil")
    for at in range(20):
        rina.sends_tap("mentoring:ready_add:1").types(f"Jawaban {at}.").sees("Kirim ini ke Bu Siti")
    rina.sends_tap("mentoring:ready_add:1").types("Satu lagi.").sees("Sudah ada 20 jawaban siap")
    rina.sends_tap("mentoring:ready:1").sends_tap("mentoring:ready_drop:1:1").sends_tap("mentoring:ready_drop:1:1")
    rina.sends_tap("mentoring:ready_add:1").types("Satu lagi.").sees("Kirim ini ke Bu Siti")
    with chat.database.transaction() as db:
        assert len(mentoring.ready_answers(db, "labuan-bajo")) == 20


def test_a_note_of_two_hundred_letters_goes_along_and_a_longer_one_is_asked_for_again(chat: Chat) -> None:
    rina, anton, siti = mentor(chat), mentor(chat, "Anton"), asked(chat)
    rina.taps("Ambil").taps("Oper").taps("Anton").types("a" * 201).sees("Catatannya terlalu panjang", "Anton")
    rina.types("OTP dia 482913").sees("seperti kode OTP")
    siti.looks_up()
    rina.types("b" * 200).sees("Anton")
    anton.sees("b" * 200)
    siti.sees_nothing_new()


def test_the_queue_has_five_on_a_page_and_tells_who_rests(chat: Chat) -> None:
    rina = mentor(chat)
    for at in range(7):
        asked(chat, f"Siti{at}", f"Berapa harga jual kopi nomor {at}?")
    rina.types("/antrean").sees("7 menunggu", "1 · Bu Siti0", "5 · Bu Siti4").does_not_see("Bu Siti5", "\n\n\n")
    rina.taps("Berikutnya").sees("6 · Bu Siti5", "7 · Bu Siti6").does_not_see("Bu Siti4")
    rina.sends_tap("mentoring:talk:7").sees("Ambil").does_not_see("Lihat percakapan")
    rina.taps("Ambil")
    assert rina.last.labels == [
        "Balas",
        "Jawaban siap",
        "Oper",
        "Jadwalkan",
        "Minta nomor",
        "Tandai selesai",
        "Lihat antrean",
    ]
    rina.sends_tap("mentoring:rested").types("/antrean").sees("Anda sedang libur", "Aktif lagi")
