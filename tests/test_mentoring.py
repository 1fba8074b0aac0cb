"""Questions to mentors, as the person and the mentors see them in their chats."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.delivery.outbox import OutboxRow
from bot.people.audit import AuditRow
from bot.people.people import Person, Role
from bot.programme import mentoring
from bot.programme.mentoring import State, Ticket, TicketMessage
from tests.chat import Chat, Phone, registered, staffed
from tests.test_rights import ADMIN, admin

SITE = "labuan-bajo"
ZONE = ZoneInfo("Asia/Makassar")
QUESTION = "Bagaimana cara memotret keripik supaya kelihatan renyah?"


@pytest.fixture
def admins() -> tuple[int, ...]:
    return (ADMIN,)


def mentor(chat: Chat, name: str = "Rina", site: str = SITE) -> Phone:
    return staffed(chat, name, role=Role.MENTOR, site=site)


def asked(chat: Chat, name: str = "Siti", text: str = QUESTION) -> Phone:
    """Somebody who asked a question."""
    return registered(chat, name).types("/tanya").types(text)


def taken(chat: Chat, siti: Phone, rina: Phone) -> Phone:
    """The newest question is the mentor's."""
    return rina.taps("Ambil")


def ticket(chat: Chat, number: int = 1) -> Ticket:
    with chat.database.transaction() as db:
        found = db.get_one(Ticket, number)
        db.expunge(found)
        return found


def said(chat: Chat, number: int = 1) -> list[tuple[str, str, str | None]]:
    with chat.database.transaction() as db:
        return [(one.way, one.form, one.text) for one in mentoring.messages(db, db.get_one(Ticket, number))]


def replies(phone: Phone, words: str, **content: Any) -> Phone:
    """A Telegram reply to the newest message with these words."""
    bubble = next(one for one in reversed(phone.bubbles) if words in one.text)
    to = {
        "message_id": bubble.message_id,
        "date": 1,
        "chat": {"id": phone.id, "type": "private"},
        "from": {"id": 1, "is_bot": True, "first_name": "Jalin"},
        "text": "...",
    }
    phone.chat.deliver(phone.message(reply_to_message=to, **content), phone)
    return phone


# --- asking -----------------------------------------------------------------------------------------------------------


def test_a_question_is_asked_taken_answered_and_clear(chat: Chat) -> None:
    rina, anton = mentor(chat), mentor(chat, "Anton")
    siti = registered(chat).types("/menu").taps("Tanya pendamping")
    siti.sees(
        "Mau tanya apa, Bu Siti", "Jangan kirim KTP", "Dijawab paling lambat Senin, 23 November 2026 pukul 15.00 WITA"
    )
    siti.types(QUESTION).sees("Sudah diteruskan ke pendamping Labuan Bajo", "Tambah pesan", "Tarik pertanyaan")
    for phone in (rina, anton):
        phone.sees("Pertanyaan 1", "Bu Siti", "Makanan dan minuman", "renyah", "Ambil")
        assert phone.last.params["protect_content"] is True
    rina.taps("Ambil").sees("Pertanyaan 1", "peserta: Bagaimana", "Balas", "Oper")
    anton.sees("Pertanyaan 1 sudah diambil Rina").does_not_see("renyah")
    siti.looks_up()
    rina.taps("Balas").sees("Balasan untuk Bu Siti").types("Foto di dekat jendela pagi hari.")
    rina.sees("Terkirim ke Bu Siti")
    siti.sees("Rina", "(pendamping)", "dekat jendela", "Sudah jelas", "Belum jelas")
    siti.taps("Sudah jelas").sees("Bagaimana jawabannya?").taps("😊").sees("Terima kasih")
    rina.sees("Bu Siti: jawaban pertanyaan 1 sudah jelas")
    found = ticket(chat)
    assert (found.state, found.closed_because, found.face) == ("closed", "clear", 3)
    assert said(chat) == [("in", "text", QUESTION), ("out", "text", "Foto di dekat jendela pagi hari.")]


def test_what_was_said_stands_nowhere_but_in_the_question(chat: Chat) -> None:
    rina = mentor(chat)
    asked(chat)
    rina.taps("Ambil").taps("Balas").types("Di dekat jendela, ya.")
    with chat.database.transaction() as db:
        rows = [str(row.message) for row in db.scalars(select(OutboxRow)) if row.message]
        assert rows
        assert not [row for row in rows if "renyah" in row or "jendela" in row]


def test_it_is_asked_from_help_a_lesson_and_by_words(chat: Chat) -> None:
    siti = registered(chat).types("/bantuan").taps("Tanya pendamping").sees("Mau tanya apa").taps("Jangan kirim")
    siti.sees("Tidak ada yang dikirim")
    siti.sends_tap("lessons:open:M01L1:1").taps("Tanya pendamping").types("Apa itu?").sees("Sudah diteruskan")
    assert (ticket(chat).topic, ticket(chat).origin) == ("M01", "lesson.M01L1")
    registered(chat, "Maria").types("mau tanya pendamping").sees("Tanya pendamping").taps("Tanya pendamping").sees(
        "Mau tanya apa"
    )


def test_who_agreed_to_the_older_notice_is_asked_first(chat: Chat) -> None:
    siti = registered(chat)
    with chat.database.transaction() as db:
        from bot.people.people import Consent

        for consent in db.scalars(select(Consent)):
            consent.text_version = "1"
        siti.person(db).training_version = None
    siti.types("/tanya").sees("Setuju").does_not_see("Mau tanya apa")
    siti.taps("Setuju")
    siti.types("/tanya").sees("Mau tanya apa")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"text": "a" * 1001}, "terlalu panjang"),
        ({"voice": {"file_id": "V", "file_unique_id": "v", "duration": 121}}, "Suaranya terlalu panjang"),
        ({"video": {"file_id": "V", "file_unique_id": "v", "duration": 61, "width": 1, "height": 1}}, "Videonya"),
        ({"sticker": {"file_id": "S", "file_unique_id": "s", "type": "regular", "width": 1, "height": 1,
                      "is_animated": False, "is_video": False}}, "belum bisa kami teruskan"),
    ],
)  # fmt: skip
def test_what_cannot_be_passed_on_is_told_kindly_and_asked_again(
    chat: Chat, content: dict[str, Any], words: str
) -> None:
    siti = registered(chat).types("/tanya")
    chat.deliver(siti.message(**content), siti)
    siti.sees(words, "Mau tanya apa").types(QUESTION).sees("Sudah diteruskan")
    assert said(chat) == [("in", "text", QUESTION)]


def test_a_number_of_sixteen_digits_never_gets_this_far(chat: Chat) -> None:
    rina = mentor(chat)
    siti = registered(chat).types("/tanya").types("NIK saya 5315 0101 0101 0001").sees("Mau tanya apa")
    with chat.database.transaction() as db:
        assert db.scalars(select(Ticket)).all() == []
    siti.types(QUESTION)
    rina.taps("Ambil")
    rina.looks_up()
    replies(rina, "peserta: Bagaimana", text="Kirim ke 5315010101010001").does_not_see("Terkirim")
    assert len(said(chat)) == 1


def test_a_voice_and_a_photo_reach_the_mentor_by_their_file_id(chat: Chat) -> None:
    rina = mentor(chat)
    siti = registered(chat).types("/tanya")
    chat.deliver(siti.message(voice={"file_id": "VOICE", "file_unique_id": "v", "duration": 20}), siti)
    siti.sees("Sudah diteruskan")
    assert rina.last.method == "sendVoice"
    assert rina.last.params["voice"] == "VOICE"
    rina.taps("Ambil")
    photo = [{"file_id": "PHOTO", "file_unique_id": "p", "width": 9, "height": 9}]
    chat.deliver(siti.message(photo=photo, caption="ini fotonya"), siti)
    siti.sees("Sudah diteruskan ke pendamping")
    assert rina.last.params["photo"] == "PHOTO"
    assert "ini fotonya" in rina.last.text
    siti.looks_up()
    rina.taps("Hapus foto").sees("Fotonya sudah dihapus")
    siti.sees("Fotonya sudah kami hapus")
    with chat.database.transaction() as db:
        assert [one.file_id for one in db.scalars(select(TicketMessage).order_by(TicketMessage.id))] == ["VOICE", None]


def test_what_is_written_while_a_question_is_open_belongs_to_it_unless_it_means_something_else(chat: Chat) -> None:
    rina = mentor(chat)
    siti = asked(chat)
    rina.taps("Ambil").looks_up()
    siti.types("kripiknya pakai bumbu balado loh").sees("Sudah diteruskan ke pendamping", "Bukan untuk pendamping")
    rina.sees("Bu Siti, pertanyaan 1", "bumbu balado")
    siti.types("jadwal saya").does_not_see("diteruskan")
    siti.types("menu").does_not_see("diteruskan")
    assert len(said(chat)) == 2
    chat.travel(hours=25)
    siti.types("kripiknya pakai bumbu balado loh").does_not_see("diteruskan")


def test_what_was_not_meant_for_the_mentor_is_taken_back(chat: Chat) -> None:
    rina = mentor(chat)
    siti = asked(chat)
    rina.taps("Ambil")
    siti.types("blabla hmm zzz")
    siti.taps("Bukan untuk pendamping").sees("Sudah ditarik")
    assert len(said(chat)) == 1
    assert not any("blabla" in bubble.text for bubble in rina.bubbles)


def test_a_correction_of_a_message_reaches_the_mentor_in_place(chat: Chat) -> None:
    rina = mentor(chat)
    siti = registered(chat).types("/tanya")
    update = siti.message(text="Cara foto kripek?")
    chat.deliver(update, siti)
    number = update["message"]["message_id"]
    rina.sees("Cara foto kripek?")
    edited = siti.message(text="Cara foto keripik?")["message"] | {"message_id": number, "edit_date": 2}
    chat.deliver({"edited_message": edited}, siti)
    siti.sees("Perubahannya sudah diteruskan")
    assert said(chat) == [("in", "text", "Cara foto keripik?")]
    assert "Cara foto keripik?" in rina.bubbles[-1].text


def test_three_open_questions_and_no_more(chat: Chat) -> None:
    siti = registered(chat)
    for number in range(3):
        siti.sends_tap("mentoring:ask").types(f"Pertanyaan saya yang ke-{number}").sees("Sudah diteruskan")
    siti.sends_tap("mentoring:ask").sees("Masih ada 3 pertanyaan").taps("Lihat pertanyaan saya").sees(
        "menunggu pendamping"
    )
    siti.taps("Tarik pertanyaan").sees("sudah ditarik")
    siti.sends_tap("mentoring:ask").sees("Mau tanya apa")


def test_a_question_that_nobody_answered_can_be_taken_back_once(chat: Chat) -> None:
    rina = mentor(chat)
    siti = asked(chat)
    carried, _ = siti.button("Tarik pertanyaan")
    siti.sends_tap(carried).sees("Pertanyaan sudah ditarik")
    rina.sees("ditarik oleh peserta").does_not_see("renyah")
    siti.sends_tap(carried).does_not_see("sudah selesai")
    rina.sends_tap("mentoring:take:1").sees("Pertanyaan itu sudah selesai")
    assert ticket(chat).state == State.CANCELLED


# --- answering --------------------------------------------------------------------------------------------------------


def test_a_telegram_reply_answers_the_question_it_replies_to_in_the_middle_of_anything(chat: Chat) -> None:
    rina = mentor(chat)
    siti = asked(chat)
    rina.taps("Ambil")
    budi = asked(chat, "Budi", "Berapa harga jual kopi bubuk?")
    rina.taps("Ambil").taps("Balas").sees("pertanyaan 2")
    siti.looks_up()
    budi.looks_up()
    replies(rina, "renyah", text="Ini untuk keripik.").sees("Terkirim ke Bu Siti (pertanyaan 1)")
    siti.sees("Ini untuk keripik")
    budi.sees_nothing_new()
    rina.types("Hitung biayanya dulu.").sees("Kirim ini ke Bu Budi (pertanyaan 2)?")  # or was that for Bu Siti, too?
    budi.sees_nothing_new()
    rina.taps("Kirim").sees("Terkirim ke Bu Budi (pertanyaan 2)")
    budi.sees("Hitung biayanya")
    assert [way for way, _, _ in said(chat, 1)] == ["in", "out"]


def test_nothing_else_that_a_mentor_types_is_sent_to_anybody(chat: Chat) -> None:
    rina = mentor(chat)
    siti = asked(chat)
    rina.taps("Ambil")
    siti.looks_up()
    rina.types("halo apa kabar").types("Terkirim?").types("/menu").types("keripik itu enak")
    siti.sees_nothing_new()
    assert len(said(chat)) == 1


def test_a_colleague_cannot_answer_what_another_has(chat: Chat) -> None:
    rina, anton = mentor(chat), mentor(chat, "Anton")
    siti = asked(chat)
    carried, _ = anton.button("Ambil")
    rina.taps("Ambil")
    siti.looks_up()
    anton.sends_tap(carried).sees("dipegang Rina", "Tidak ada yang dikirim")
    anton.sends_tap("mentoring:reply:1").sees("dipegang Rina").types("Saya saja yang jawab")
    siti.sees_nothing_new()


def test_an_answer_is_taken_back_within_two_minutes(chat: Chat) -> None:
    rina = mentor(chat)
    siti = asked(chat)
    rina.taps("Ambil").taps("Balas").types("Salah ketik")
    carried, _ = rina.button("Tarik")
    rina.sends_tap(carried).sees("Sudah dihapus dari HP Bu Siti")
    assert not any("Salah ketik" in bubble.text for bubble in siti.bubbles)
    assert (ticket(chat).state, ticket(chat).first_reply_at) == ("claimed", None)
    rina.sends_tap(carried).sees("sudah ditarik")
    rina.sends_tap("mentoring:reply:1").types("Foto di dekat jendela")
    carried, _ = rina.button("Tarik")
    chat.travel(minutes=3)
    rina.sends_tap(carried).sees("Sudah lewat 2 menit")
    assert ticket(chat).state == "answered"


def test_an_answer_at_night_makes_no_sound(chat: Chat) -> None:
    rina = mentor(chat)
    siti = asked(chat)
    rina.taps("Ambil")
    chat.travel(to=datetime(2026, 11, 23, 22, 0, tzinfo=ZONE).astimezone(UTC))
    rina.sends_tap("mentoring:take:1").sends_tap("mentoring:reply:1").types("Selamat malam, begini caranya.")
    answer = next(one for one in siti.bubbles if "begini caranya" in one.text)
    assert answer.params["disable_notification"] is True


def test_an_answer_at_night_may_wait_for_the_morning(chat: Chat) -> None:
    rina, siti = mentor(chat), asked(chat)
    rina.taps("Ambil")
    chat.travel(to=datetime(2026, 11, 23, 22, 0, tzinfo=ZONE).astimezone(UTC))
    rina.sends_tap("mentoring:take:1").sends_tap("mentoring:reply:1").types("Begini caranya.").sees("Kirim Sel 24 Nov")
    old = rina.button("Kirim Sel 24 Nov")
    rina.sends_tap(*old).sees("dikirim Selasa, 24 November 2026 pukul", "Tarik")
    assert not any("Begini caranya" in one.text for one in siti.bubbles)  # it was deleted in the chat
    rina.sends_tap(*old)  # a second tap puts nothing off twice
    assert "dikirim Selasa" in rina.last.text
    chat.travel(hours=3)
    assert not any("Begini caranya" in one.text for one in siti.bubbles)
    chat.travel(to=datetime(2026, 11, 24, 9, 30, tzinfo=ZONE).astimezone(UTC))
    assert sum("Begini caranya" in one.text for one in siti.bubbles) == 1
    siti.taps("Sudah jelas").sees("Bagaimana jawabannya")
    rina.sends_tap(*old).sees("sudah selesai")
    assert said(chat)[-1] == ("out", "text", "Begini caranya.")


def test_an_answer_that_waits_for_the_morning_is_taken_back_any_time_before(chat: Chat) -> None:
    rina, siti = mentor(chat), asked(chat)
    rina.taps("Ambil")
    chat.travel(to=datetime(2026, 11, 23, 22, 0, tzinfo=ZONE).astimezone(UTC))
    rina.sends_tap("mentoring:take:1").sends_tap("mentoring:reply:1").types("Begini caranya.").taps("Kirim Sel 24 Nov")
    chat.travel(hours=2)
    rina.taps("Tarik").sees("ditarik")
    chat.travel(days=1)
    assert not any("Begini caranya" in one.text for one in siti.bubbles)
    assert ticket(chat).state != "answered"


def test_by_day_and_after_two_minutes_nothing_is_put_off(chat: Chat) -> None:
    rina, siti = mentor(chat), asked(chat)
    rina.taps("Ambil").taps("Balas").types("Begini caranya.").does_not_see("Kirim Sen", "Kirim Sel")
    chat.travel(to=datetime(2026, 11, 23, 22, 0, tzinfo=ZONE).astimezone(UTC))
    rina.sends_tap("mentoring:reply:1").types("Satu lagi.")
    chat.travel(minutes=3)
    rina.taps("Kirim Sel 24 Nov").sees("Sudah terlalu lama")
    assert any("Satu lagi" in one.text for one in siti.bubbles)


def test_who_still_does_not_understand_waits_again_for_the_same_mentor(chat: Chat) -> None:
    rina = mentor(chat)
    siti = asked(chat)
    rina.taps("Ambil").taps("Balas").types("Pakai cahaya pagi.").looks_up()
    siti.taps("Belum jelas").sees("Mau tambah apa").types("Pagi itu jam berapa?").sees("Sudah diteruskan")
    rina.sees("belum jelas", "Pagi itu jam berapa?")
    assert (ticket(chat).state, ticket(chat).turn) == ("claimed", 2)


def test_a_reply_to_the_answer_opens_a_closed_question_again_within_two_weeks(chat: Chat) -> None:
    rina = mentor(chat)
    siti = asked(chat)
    rina.taps("Ambil").taps("Balas").types("Pakai cahaya pagi.")
    siti.taps("Sudah jelas")
    chat.travel(days=13)
    rina.looks_up()
    replies(siti, "cahaya pagi", text="Kalau hujan bagaimana?").sees("Sudah diteruskan")
    assert (ticket(chat).state, ticket(chat).reopened) == ("claimed", 1)
    assert "Kalau hujan" in [text for _, _, text in said(chat)][-1]  # type: ignore[operator]
    chat.travel(days=1)
    replies(rina, "Kalau hujan", text="Tunggu terang, ya.").sees("Terkirim")
    siti.taps("Sudah jelas")
    chat.travel(days=15)
    replies(siti, "Tunggu terang", text="Masih hujan").sees("sudah selesai")


def test_a_question_is_of_the_person_who_asked_whoever_the_phone_speaks_as(chat: Chat) -> None:
    rina = mentor(chat)
    siti = asked(chat)
    with chat.database.transaction() as db:
        account = siti.account(db)
        assert account is not None
        other = Person(account_id=account.id, name="Yosef", salutation="bapak", site_id=SITE, sector="kriya",
                       registered_at=chat.now, consent_training=True)  # fmt: skip
        db.add(other)
        db.flush()
        account.person = other
    rina.taps("Ambil").taps("Balas").types("Pakai cahaya pagi.")
    siti.sees("Untuk Bu Siti").taps("Sudah jelas")
    assert ticket(chat).closed_because == "clear"


def test_a_question_is_handed_over_with_a_note_for_the_colleague_alone(chat: Chat) -> None:
    rina, anton = mentor(chat), mentor(chat, "Anton")
    siti = asked(chat)
    rina.taps("Ambil").taps("Oper").taps("Anton").sees("Ada catatan untuk Anton?")
    siti.looks_up()
    rina.types("Ini soal foto, bagianmu").sees("sudah dioper ke Anton")
    anton.sees("Rina mengoper", "Ini soal foto")
    siti.sees_nothing_new()
    rina.sends_tap("mentoring:reply:1").sees("dipegang Anton")
    anton.taps("Balas").types("Pakai cahaya pagi.").sees("Terkirim")
    siti.sees("Anton", "cahaya pagi").does_not_see("bagianmu").types("/data_saya")
    copy = json.loads(siti.last.params["files"]["document"][1])
    assert [one["arah"] for one in copy["pesan_pertanyaan"]] == ["in", "internal", "out"]


def test_back_in_the_queue_everybody_on_duty_sees_it(chat: Chat) -> None:
    rina, anton = mentor(chat), mentor(chat, "Anton")
    asked(chat)
    rina.taps("Ambil").taps("Oper")
    anton.looks_up()
    rina.taps("Kembali ke antrean").sees("kembali ke antrean")
    chat.look()
    anton.sees("kembali ke antrean").taps("Ambil").sees("Balas")


def test_who_rests_gets_no_cards_and_gives_back_what_they_had(chat: Chat) -> None:
    rina, anton = mentor(chat), mentor(chat, "Anton")
    asked(chat)
    rina.taps("Ambil").types("/antrean").taps("Libur dulu").sees("1 pertanyaan yang dipegang")
    anton.looks_up()
    rina.taps("Ya, libur").sees("Selamat beristirahat")
    chat.look()
    anton.sees("kembali ke antrean")
    rina.looks_up()
    asked(chat, "Budi", "Berapa harga kopi?")
    rina.sees_nothing_new()
    rina.types("/antrean").sees("Anda sedang libur").taps("Aktif lagi")
    asked(chat, "Yosef", "Bagaimana kalau hujan terus?")
    assert any("hujan terus" in bubble.text for bubble in rina.bubbles)


def test_ready_answers_are_sent_only_after_being_shown(chat: Chat) -> None:
    rina = mentor(chat)
    siti = asked(chat)
    rina.taps("Ambil").taps("Jawaban siap").sees("Belum ada jawaban siap").taps("Tambah jawaban siap")
    siti.looks_up()
    rina.types("Foto di dekat jendela.").sees("Kirim ini ke Bu Siti")
    siti.sees_nothing_new()
    rina.taps("Kirim").sees("Terkirim ke Bu Siti")
    siti.sees("dekat jendela")


def test_a_mentor_whose_role_was_taken_has_nothing_any_more(chat: Chat) -> None:
    boss, rina, anton = admin(chat), mentor(chat), mentor(chat, "Anton")
    siti = asked(chat)
    rina.taps("Ambil").taps("Balas")
    siti.looks_up()
    boss.types("/staf").taps("Rina").taps("Cabut").taps("Ya, cabut")
    rina.types("Masih boleh?").sees("hanya untuk pelatih atau admin")
    siti.sees_nothing_new()
    assert (ticket(chat).state, ticket(chat).claimed_by) == ("open", None)
    anton.types("/antrean").sees("1 menunggu", "Bu Siti")


# --- the clock --------------------------------------------------------------------------------------------------------


def test_nobody_answers_and_each_step_is_said_once(chat: Chat) -> None:
    boss, rina = admin(chat), mentor(chat)
    boss.types("/menu")
    siti = asked(chat)  # Monday 10.00 WITA
    rina.looks_up()
    siti.looks_up()
    chat.travel(hours=2, minutes=59)
    rina.sees_nothing_new()  # half of it is gone at noon, but the mentors have their break until 13.00
    chat.travel(minutes=1)
    rina.sees("masih menunggu")
    rina.looks_up()
    chat.travel(hours=2)
    siti.sees("belum ada yang sempat menjawab pertanyaan 1 (Sen 23 Nov, 10.00)", "Tambah pesan")
    rina.sees("lewat waktu")
    boss.looks_up()
    chat.travel(days=1)
    boss.sees("Pertanyaan 1", "lewat waktu")
    chat.travel(days=3)
    siti.sees("Hubungi kami langsung", "0800-0000-000")
    texts = [bubble.text for bubble in siti.bubbles]
    assert sum("belum ada yang sempat" in text for text in texts) == 1
    assert sum("Hubungi kami langsung" in text for text in texts) == 1
    cards = [bubble.text for bubble in rina.bubbles if "Pertanyaan 1" in bubble.text]
    assert len(cards) == 5  # the question, half, late, twice, three days
    seen = len(rina.bubbles) + len(siti.bubbles)
    chat.travel(days=5)
    assert len(rina.bubbles) + len(siti.bubbles) == seen
    boss.types("/status").sees("Menunggu lebih dari tiga hari kerja: 1")


def test_after_twelve_hours_down_there_is_one_message_not_four(chat: Chat) -> None:
    rina = mentor(chat)
    asked(chat)
    rina.looks_up()
    chat.app.clock.move_to(chat.now + timedelta(days=2))  # nobody looked meanwhile
    chat.look()
    assert len(rina.new) == 1
    assert "lewat waktu" in rina.last.text


def test_a_mentor_who_takes_a_question_and_is_silent_loses_it_without_blame(chat: Chat) -> None:
    rina, anton = mentor(chat), mentor(chat, "Anton")
    asked(chat)
    rina.taps("Ambil").looks_up()
    anton.looks_up()
    chat.travel(hours=4, minutes=59)
    rina.sees_nothing_new()
    chat.travel(minutes=2)
    rina.sees("kami kembalikan ke antrean")
    anton.sees("Pertanyaan 1", "Ambil")
    assert (ticket(chat).state, ticket(chat).claimed_by) == ("open", None)


def test_who_answered_and_hears_nothing_is_not_late_and_the_question_closes_after_five_days(chat: Chat) -> None:
    rina = mentor(chat)
    siti = asked(chat)
    rina.taps("Ambil").taps("Balas").types("Pakai cahaya pagi.").looks_up()
    siti.looks_up()
    chat.travel(days=4)
    siti.sees_nothing_new()
    rina.sees_nothing_new()
    chat.travel(days=2)
    siti.sees("kami tutup dulu")
    assert (ticket(chat).state, ticket(chat).closed_because) == ("closed", "silence")


def test_a_question_on_friday_afternoon_in_jayapura_is_due_on_monday(sqlite_url: str) -> None:
    zone = ZoneInfo("Asia/Jayapura")
    chat = Chat(sqlite_url, now=datetime(2026, 11, 27, 15, 50, tzinfo=zone).astimezone(UTC))
    try:
        rina = mentor(chat, site="jayapura")
        siti = registered(chat, site="jayapura").types("/tanya").sees("Senin, 30 November 2026 pukul 13.50 WIT")
        siti.types(QUESTION)
        siti.looks_up()
        chat.travel(to=datetime(2026, 11, 30, 13, 49, tzinfo=zone))
        siti.sees_nothing_new()
        chat.travel(minutes=1)
        siti.sees("belum ada yang sempat menjawab")
        rina.sees("lewat waktu")
    finally:
        chat.close()


def test_mentors_elsewhere_in_the_province_see_it_only_when_its_time_is_over_twice(chat: Chat) -> None:
    site = chat.content.site(SITE)
    assert site is not None
    near = next((one.id for one in chat.content.sites if one.province == site.province and one.id != SITE), None)
    if near is None:
        pytest.skip("the site is alone in its province")
    yosef = mentor(chat, "Yosef", near)
    asked(chat)
    yosef.sends_tap("mentoring:talk:1").sees("hanya untuk pelatih atau admin")
    chat.travel(days=2)
    yosef.types("/antrean").sees("dari Labuan Bajo")
    yosef.sends_tap("mentoring:take:1").sees("Balas")


def test_what_to_expect_is_what_most_waited_here_lately(chat: Chat) -> None:
    rina = mentor(chat)
    for number in range(5):
        asked(chat, f"Peserta {chr(97 + number)}", f"Pertanyaan nomor {number} tentang kemasan?")
        chat.travel(minutes=10)
        rina.sends_tap(f"mentoring:take:{number + 1}").sends_tap(f"mentoring:reply:{number + 1}").types(
            "Begini caranya."
        )
    registered(chat).types("/tanya").sees("Biasanya dijawab dalam 1 jam")


# --- keeping and forgetting -------------------------------------------------------------------------------------------


def test_what_was_said_is_deleted_ninety_days_after_closing_and_the_times_stay(chat: Chat) -> None:
    rina = mentor(chat)
    siti = asked(chat)
    rina.taps("Ambil").taps("Balas").types("Pakai cahaya pagi.")
    siti.taps("Sudah jelas")
    chat.app.clock_check.hear(chat.now, __import__("bot.operations.clock_check", fromlist=["Source"]).Source.HEADER)
    chat.travel(days=89)
    assert [text for _, _, text in said(chat)] == [QUESTION, "Pakai cahaya pagi."]
    chat.travel(days=2)
    assert [text for _, _, text in said(chat)] == [None, None]
    assert ticket(chat).first_reply_at is not None
    rina.sends_tap("mentoring:talk:1").sees("(sudah dihapus)")


def test_who_erases_their_data_takes_their_question_out_of_the_mentors_chats(chat: Chat) -> None:
    rina = mentor(chat)
    siti = asked(chat)
    rina.taps("Ambil").looks_up()
    siti.types("/hapus_data").sends_tap("privacy:erased")
    rina.sees("Peserta menghapus datanya").does_not_see("renyah")
    assert not any("renyah" in bubble.text for bubble in rina.bubbles)
    assert (ticket(chat).state, ticket(chat).closed_because) == ("closed", "erased")
    assert [text for _, _, text in said(chat)] == [None]
    rina.sends_tap("mentoring:reply:1").sees("sudah selesai")


def test_what_mentors_do_is_noted(chat: Chat) -> None:
    rina = mentor(chat)
    asked(chat)
    rina.sends_tap("mentoring:talk:1").sends_tap("mentoring:take:1").sends_tap("mentoring:reply:1").types("Begini.")
    with chat.database.transaction() as db:
        found = [(row.action, row.subject) for row in db.scalars(select(AuditRow).order_by(AuditRow.id))]
    assert found == [("question_read", "ticket:1"), ("question_taken", "ticket:1"), ("question_answered", "ticket:1")]
