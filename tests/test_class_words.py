"""Words about a class: what people say reaches its trainer, a trainer writes to one of the list, and nothing of it lies
forgotten."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.delivery.outbox import OutboxRow
from bot.people.audit import AuditRow
from bot.people.people import Consent, Person, RoleGrant
from bot.programme import mentoring
from bot.programme.enrolment import Enrolment
from bot.programme.mentoring import State, Ticket, TicketMessage
from bot.programme.sessions import ClassSession
from tests.chat import Chat, Phone, enrolled, registered, staffed
from tests.test_mentoring import mentor, replies, said, ticket

ANNOUNCED = "Besok bawa produk dan HP ya"
LATE = "saya telat 10 menit, parkir di mana?"


def in_class(chat: Chat, name: str = "Siti", *, hours: float = 30) -> tuple[Phone, int]:
    """Somebody with a seat in a class that begins so many hours from now."""
    session = chat.add_class(starts=chat.now + timedelta(hours=hours))
    return enrolled(chat, name, session=session), session


def announced(maria: Phone, session: int, text: str = ANNOUNCED) -> None:
    maria.types("/pengumuman").sends_tap(f"broadcasts:to:class:{session}").types(text).taps("Kirim sekarang")


def written_to(chat: Chat, maria: Phone, siti: Phone, session: int, text: str = "Bisa bawa contoh produk?") -> None:
    """The trainer writes to one person of the list."""
    with chat.database.transaction() as db:
        line = db.scalars(select(Enrolment.id).where(Enrolment.person_id == siti.person(db).id)).one()
    maria.sends_tap(f"roster:one:{line}").taps("Tulis pesan").types(text)


def talks(chat: Chat) -> list[Ticket]:
    with chat.database.transaction() as db:
        found = list(db.scalars(select(Ticket).order_by(Ticket.id)))
        db.expunge_all()
        return found


# --- what people say --------------------------------------------------------------------------------------------------


def test_words_about_being_late_and_parking_reach_the_trainer_quietly_and_are_answered(chat: Chat) -> None:
    maria, rina = staffed(chat), mentor(chat)
    siti, session = in_class(chat, hours=2)
    siti.types(LATE).sees("Sudah diteruskan ke Maria (pelatih)", "Bukan untuk pelatih")
    maria.sees("Bu Siti", "Tentang kelas Foto Produk", LATE, "Balas").does_not_see("Menunggu sejak")
    card = next(one for one in maria.bubbles if LATE in one.text)
    assert (card.params["disable_notification"], card.params["protect_content"]) == (True, True)
    rina.sees_nothing_new()
    siti.looks_up()
    maria.sends_tap("mentoring:talk:1").sees("Pesan tentang kelas", "Dipegang: Maria (pelatih)")
    maria.does_not_see("Pendamping:").taps("Balas").sees("Balasan untuk Bu Siti").types(
        "Di belakang balai desa, Bu."
    ).sees("Terkirim ke Bu Siti")
    siti.sees("Maria", "(pelatih)", "belakang balai desa", "Balas pesan").taps("Sudah jelas").sees("Sampai jumpa")
    found = ticket(chat)
    assert (found.origin, found.state, found.closed_because) == (f"class.{session}", "closed", "clear")
    assert said(chat) == [("in", "text", LATE), ("out", "text", "Di belakang balai desa, Bu.")]


def test_nothing_of_it_stands_in_the_outbox(chat: Chat) -> None:
    maria = staffed(chat)
    siti, session = in_class(chat, hours=2)
    siti.types(LATE)
    maria.taps("Balas").types("Di belakang balai desa.")
    written_to(chat, maria, siti, session, "Jangan lupa bawa cas HP")
    with chat.database.transaction() as db:
        rows = [str(row) for row in db.scalars(select(OutboxRow.message)) if row]
    assert not [row for row in rows if "parkir" in row or "belakang" in row or "cas HP" in row]


def test_words_after_an_announcement_go_to_who_wrote_it(chat: Chat) -> None:
    dewi, maria = staffed(chat, "Dewi"), staffed(chat)
    siti, session = in_class(chat)
    announced(maria, session)
    siti.sees(ANNOUNCED).types("kripiknya boleh yang balado saja").sees("Sudah diteruskan ke Maria (pelatih)")
    maria.sees("yang balado saja")
    dewi.sees_nothing_new()


def test_the_calendar_says_whose_class_it_is(chat: Chat) -> None:
    dewi, maria = staffed(chat, "Dewi"), staffed(chat)
    siti, session = in_class(chat, hours=3)
    with chat.database.transaction() as db:
        db.get_one(ClassSession, session).trainer = "Ibu Dewi"
    announced(maria, session)
    siti.types(LATE).sees("Sudah diteruskan ke Dewi (pelatih)")
    dewi.sees("parkir di mana")
    assert not any("parkir" in bubble.text for bubble in maria.bubbles)


def test_where_nobody_can_tell_all_trainers_see_it_and_one_takes_it(chat: Chat) -> None:
    dewi, maria = staffed(chat, "Dewi"), staffed(chat)
    siti, _ = in_class(chat, hours=3)
    siti.types(LATE).sees("Sudah diteruskan ke pelatih")
    dewi.sees("parkir di mana", "Ambil")
    maria.taps("Ambil").taps("Balas").types("Di belakang balai desa.").sees("Terkirim")
    assert not any("parkir" in bubble.text for bubble in dewi.bubbles)
    siti.sees("belakang balai desa")


@pytest.mark.parametrize("hours", [25, 24 * 9])
def test_words_that_mean_nothing_are_for_nobody_after_a_day_or_without_a_seat(chat: Chat, hours: int) -> None:
    maria = staffed(chat)
    siti, session = in_class(chat, hours=24 * 20)
    budi = registered(chat, "Budi")
    announced(maria, session)
    maria.looks_up()
    budi.types("kripiknya boleh yang balado saja").does_not_see("diteruskan")
    chat.travel(hours=hours)
    siti.types("kripiknya boleh yang balado saja").does_not_see("diteruskan")
    assert talks(chat) == []


def test_what_the_bot_can_answer_it_answers_itself(chat: Chat) -> None:
    maria = staffed(chat)
    siti, session = in_class(chat)
    announced(maria, session)
    maria.looks_up()
    siti.types("kelasnya di mana?").sees("Puncak Waringin")
    siti.types("jadwal saya").types("terima kasih").types("menu")
    maria.sees_nothing_new()
    assert talks(chat) == []


def test_parking_is_asked_of_the_trainer_and_the_place_is_shown_at_once(chat: Chat) -> None:
    maria = staffed(chat)
    siti, _ = in_class(chat)
    siti.types("parkir di mana bu").sees("Puncak Waringin", "Sudah diteruskan ke Maria")
    maria.sees("parkir di mana bu")


def test_danger_keeps_its_own_way(chat: Chat) -> None:
    maria = staffed(chat)
    siti, session = in_class(chat)
    announced(maria, session)
    siti.types("tolong saya kecelakaan di jalan").sees("112").does_not_see("diteruskan")
    replies(siti, ANNOUNCED, text="tolong saya kecelakaan di jalan").does_not_see("diteruskan")
    assert talks(chat) == []
    assert not any("kecelakaan" in bubble.text for bubble in maria.bubbles)


def test_a_telegram_reply_to_an_announcement_names_its_class(chat: Chat) -> None:
    maria = staffed(chat)
    siti, session = in_class(chat, hours=24 * 5)
    announced(maria, session)
    chat.travel(days=2)
    replies(siti, ANNOUNCED, text="produk basah boleh?").sees("Sudah diteruskan ke Maria")
    maria.sees("produk basah boleh?")
    assert ticket(chat).class_id == session


def test_a_voice_as_a_telegram_reply_to_an_announcement_names_its_class_too(chat: Chat) -> None:
    maria = staffed(chat)
    siti, session = in_class(chat, hours=24 * 5)
    announced(maria, session)
    chat.travel(days=2)
    replies(siti, ANNOUNCED, voice={"file_id": "VOICE", "file_unique_id": "v", "duration": 20})
    siti.sees("Sudah diteruskan ke Maria")
    assert any(bubble.params.get("voice") == "VOICE" for bubble in maria.bubbles)
    replies(siti, ANNOUNCED, text="NIK saya 5315 0101 0101 0001").does_not_see("diteruskan")
    assert [form for _, form, _ in said(chat)] == ["voice"]


def test_a_voice_after_an_announcement_reaches_the_trainer(chat: Chat) -> None:
    maria = staffed(chat)
    siti, session = in_class(chat)
    announced(maria, session)
    chat.deliver(siti.message(voice={"file_id": "VOICE", "file_unique_id": "v", "duration": 20}), siti)
    siti.sees("Sudah diteruskan ke Maria")
    assert maria.last.params["voice"] == "VOICE"
    chat.deliver(siti.message(voice={"file_id": "LONG", "file_unique_id": "w", "duration": 3600}), siti)
    siti.sees("Suaranya terlalu panjang")
    assert len(said(chat)) == 1


def test_it_can_be_written_from_the_class_itself(chat: Chat) -> None:
    maria = staffed(chat)
    siti, session = in_class(chat)
    siti.sends_tap(f"enrolment:show:{session}").taps("Tanya pelatih").sees("Mau tulis apa ke pelatih kelas Foto Produk")
    siti.types("a" * 1001).sees("terlalu panjang", "Mau tulis apa").types("Boleh bawa anak?")
    siti.sees("Sudah diteruskan ke Maria")
    maria.sees("Boleh bawa anak?")


def test_what_was_not_for_the_trainer_is_taken_back_and_gone(chat: Chat) -> None:
    maria = staffed(chat)
    siti, _ = in_class(chat)
    siti.types(LATE)
    carried, _message = siti.button("Bukan untuk pelatih")
    siti.sends_tap(carried).sees("Sudah ditarik. Pelatih tidak melihatnya lagi")
    assert not any("parkir" in bubble.text for bubble in maria.bubbles)
    assert (ticket(chat).state, said(chat)) == ("cancelled", [("in", "text", None)])
    siti.sends_tap(carried)
    siti.types(LATE).sees("Sudah diteruskan")
    siti.types("parkir motor saja, lantai berapa ya parkirnya").taps("Bukan untuk pelatih").sees("Sudah ditarik")
    assert [text for _, _, text in said(chat, 2)] == [LATE]
    assert "parkir motor" not in "".join(bubble.text for bubble in maria.bubbles)


def test_one_talk_for_each_person_and_class_and_no_more_words_than_ten_an_hour(chat: Chat) -> None:
    maria = staffed(chat)
    siti, _ = in_class(chat)
    for number in range(10):
        siti.types(f"parkir nomor {'abcdefghij'[number]} gimana").sees("Sudah diteruskan")
    siti.types("parkir lagi gimana").sees("Pesan tadi belum diteruskan")
    assert len(talks(chat)) == 1
    assert len(said(chat)) == 10
    maria.sees("Bu Siti, pertanyaan 1")


def test_talks_about_a_class_leave_room_for_questions(chat: Chat) -> None:
    staffed(chat)
    siti, _ = in_class(chat)
    siti.types(LATE)
    for number in range(3):
        siti.sends_tap("mentoring:ask").types(f"Pertanyaan saya yang ke-{number}").sees("Sudah diteruskan")
    siti.sends_tap("mentoring:ask").sees("Masih ada 3 pertanyaan")
    siti.types("/tanya").sees("dengan pelatih kelas")


# --- the net below ----------------------------------------------------------------------------------------------------


def test_where_the_trainer_is_silent_the_mentors_hear_and_the_person_is_told(chat: Chat) -> None:
    maria, rina = staffed(chat), mentor(chat)
    siti, _ = in_class(chat)
    siti.types(LATE)
    siti.looks_up()
    maria.looks_up()
    chat.travel(hours=4, minutes=59)  # four hours of work, with the break at noon
    rina.sees_nothing_new()
    chat.travel(minutes=2)
    maria.sees("kami kembalikan ke antrean")
    rina.sees("Tentang kelas Foto Produk", "parkir di mana", "Ambil")
    siti.sees("belum ada yang sempat menjawab")
    rina.taps("Ambil").taps("Balas").types("Di belakang balai desa.").sees("Terkirim")
    siti.sees("Rina", "(pendamping)", "belakang balai desa")


def test_a_trainer_whose_role_was_taken_has_nothing_of_it(chat: Chat) -> None:
    maria, dewi = staffed(chat), mentor(chat, "Dewi")
    siti, _ = in_class(chat)
    siti.types(LATE)
    siti.looks_up()
    maria.taps("Balas")
    with chat.database.transaction() as db:
        account = maria.account(db)
        assert account is not None
        db.delete(db.scalars(select(RoleGrant).where(RoleGrant.account_id == account.id)).one())
        mentoring.release(db, account, chat.now)
    maria.types("Di belakang balai desa.").sees("hanya untuk pelatih atau admin")
    siti.sees_nothing_new()
    chat.look()
    dewi.sees("kembali ke antrean")


def test_it_ends_by_itself_without_a_word_more(chat: Chat) -> None:
    maria = staffed(chat)
    siti, _ = in_class(chat)
    siti.types(LATE)
    maria.taps("Balas").types("Di belakang balai desa.")
    chat.travel(days=4)
    siti.looks_up()
    chat.travel(days=2)
    assert (ticket(chat).state, ticket(chat).closed_because) == ("closed", "silence")
    assert not any("kami tutup dulu" in bubble.text for bubble in siti.bubbles)


@pytest.fixture
def only_mentors_answer(chat: Chat) -> Iterator[None]:
    rules = chat.content.programme.mentoring
    object.__setattr__(rules, "trainers_answer", False)
    yield
    object.__setattr__(rules, "trainers_answer", True)


@pytest.mark.usefixtures("only_mentors_answer")
def test_trainers_talk_with_their_class_also_where_they_answer_no_questions(chat: Chat) -> None:
    maria = staffed(chat)
    siti, _ = in_class(chat)
    siti.types(LATE)
    maria.taps("Balas").types("Di belakang balai desa.").sees("Terkirim")
    siti.sees("belakang balai desa")
    rina = mentor(chat)
    registered(chat, "Budi").types("/tanya").types("Bagaimana cara memotret keripik?")
    rina.sees("memotret keripik")
    maria.types("/antrean").sees("Bu Siti").does_not_see("Bu Budi")  # her talks, and no question of others
    maria.sends_tap("mentoring:talk:2").sees("hanya untuk pelatih atau admin")


# --- what a trainer writes --------------------------------------------------------------------------------------------


def test_a_trainer_writes_to_one_person_of_the_list_who_answers(chat: Chat) -> None:
    maria = staffed(chat)
    siti, session = in_class(chat)
    budi = enrolled(chat, "Budi", session=session)
    for phone in (siti, budi):
        phone.looks_up()
    written_to(chat, maria, siti, session)
    maria.sees("Terkirim ke Bu Siti", "Tarik")
    budi.sees_nothing_new()
    siti.sees("Maria", "(pelatih)", "Bisa bawa contoh produk?", "Balas pesan")
    maria.looks_up()
    siti.types("iya bu").sees("Sudah diteruskan ke Maria")
    maria.sees("iya bu")
    assert ticket(chat).state == State.ANSWERED  # nobody waits for an answer to a yes
    siti.taps("Balas pesan").types("Tapi yang kecil saja, boleh?").sees("Sudah diteruskan ke Maria")
    assert ticket(chat).state == State.CLAIMED
    maria.sees("yang kecil saja").taps("Balas").types("Boleh, Bu.")
    siti.sees("Boleh, Bu.")
    found = ticket(chat)
    assert (found.from_staff, found.first_reply_at) == (True, None)
    assert [way for way, _, _ in said(chat)] == ["out", "in", "in", "out"]
    with chat.database.transaction() as db:
        assert "person_written_to" in set(db.scalars(select(AuditRow.action)))


def test_a_plain_yes_is_for_the_trainer_who_asked_and_not_for_an_older_reminder(chat: Chat) -> None:
    maria = staffed(chat)
    siti, session = in_class(chat, hours=26)
    chat.travel(hours=2)  # the reminder of the day before
    siti.sees("Bisa datang")
    written_to(chat, maria, siti, session)
    for typed in ("bisa", "tidak bisa"):
        maria.looks_up()
        siti.types(typed).sees("Sudah diteruskan ke Maria").does_not_see("Kursi")
        maria.sees(typed)
        written_to(chat, maria, siti, session, "Kalau begitu bawa HP saja, bisa?")
    with chat.database.transaction() as db:
        assert db.scalars(select(Enrolment.reply)).all() == [None]


def test_a_trainer_takes_back_what_they_wrote(chat: Chat) -> None:
    maria = staffed(chat)
    siti, session = in_class(chat)
    written_to(chat, maria, siti, session, "Salah orang")
    carried, _ = maria.button("Tarik")
    maria.sends_tap(carried).sees("Sudah dihapus dari HP Bu Siti")
    assert not any("Salah orang" in bubble.text for bubble in siti.bubbles)
    assert ticket(chat).state == State.CLOSED


def test_only_who_leads_the_class_writes_and_only_to_who_is_on_its_list(chat: Chat) -> None:
    maria, yosef, rina = staffed(chat), staffed(chat, "Yosef", site="samosir"), mentor(chat)
    siti, session = in_class(chat)
    budi = registered(chat, "Budi")
    with chat.database.transaction() as db:
        here, there = siti.person(db).id, budi.person(db).id
    for phone in (yosef, rina, budi):
        phone.sends_tap(f"mentoring:write:{here}:{session}").sees("hanya untuk pelatih atau admin")
    maria.sends_tap(f"mentoring:write:{there}:{session}").sees("tidak ada di daftar kelas ini")
    maria.sends_tap(f"mentoring:write:{here}:9999").does_not_see("Pesan untuk")
    assert talks(chat) == []


def test_what_a_colleague_has_is_not_taken_from_them(chat: Chat) -> None:
    maria, dewi = staffed(chat), staffed(chat, "Dewi")
    siti, session = in_class(chat)
    written_to(chat, maria, siti, session)
    with chat.database.transaction() as db:
        here = siti.person(db).id
    siti.looks_up()
    dewi.sends_tap(f"mentoring:write:{here}:{session}").sees("dipegang Maria").types("Halo Bu Siti")
    siti.sees_nothing_new()
    assert len(talks(chat)) == 1


def test_who_cannot_be_reached_is_told_to_the_trainer_kindly(chat: Chat) -> None:
    maria = staffed(chat)
    siti, session = in_class(chat)
    with chat.database.transaction() as db:
        person, account = siti.person(db), siti.account(db)
        assert account is not None
        here, account.blocked_at = person.id, chat.now
    maria.sends_tap(f"mentoring:write:{here}:{session}").sees("menutup bot ini")
    with chat.database.transaction() as db:
        account = siti.account(db)
        assert account is not None
        account.blocked_at = None
        siti.person(db).frozen_at = chat.now
    maria.sends_tap(f"mentoring:write:{here}:{session}").sees("membekukan datanya")
    with chat.database.transaction() as db:
        siti.person(db).frozen_at = None
    maria.sends_tap(f"mentoring:write:{here}:{session}").sees("Pesan untuk Bu Siti")
    chat.travel(days=20)
    maria.types("Halo, Bu").sees("kelasnya sudah lama selesai")
    assert talks(chat) == []


def test_no_more_than_ten_an_hour_to_one_person(chat: Chat) -> None:
    maria = staffed(chat)
    siti, session = in_class(chat)
    for number in range(10):
        written_to(chat, maria, siti, session, f"Pesan {'abcdefghij'[number]}")
    written_to(chat, maria, siti, session, "Satu lagi")
    maria.sees("sudah banyak sekali")
    assert not any("Satu lagi" in bubble.text for bubble in siti.bubbles)


def test_on_a_shared_phone_it_says_for_whom_it_is_and_the_answer_is_theirs(chat: Chat) -> None:
    maria = staffed(chat)
    siti, session = in_class(chat)
    with chat.database.transaction() as db:
        account, here = siti.account(db), siti.person(db).id
        assert account is not None
        other = Person(account_id=account.id, name="Yosef", salutation="bapak", site_id="labuan-bajo", sector="kriya",
                       registered_at=chat.now, consent_training=True)  # fmt: skip
        db.add(other)
        db.flush()
        account.person = other
    maria.sends_tap(f"mentoring:write:{here}:{session}").types("Bisa bawa contoh produk?")
    siti.sees("Untuk Bu Siti").types("bisa").sees("Sudah diteruskan")
    assert said(chat)[-1] == ("in", "text", "bisa")
    with chat.database.transaction() as db:
        assert set(db.scalars(select(TicketMessage.person_id))) == {here}


# --- keeping and forgetting -------------------------------------------------------------------------------------------


def test_it_is_copied_and_forgotten_with_all_else(chat: Chat) -> None:
    maria = staffed(chat)
    siti, session = in_class(chat)
    siti.types(LATE)
    maria.taps("Balas").types("Di belakang balai desa.")
    siti.types("/data_saya")
    copy = json.loads(siti.last.params["files"]["document"][1])
    assert (copy["pertanyaan"][0]["dari"], copy["pesan_pertanyaan"][0]["isi"]) == (f"class.{session}", LATE)
    siti.types("/hapus_data").sends_tap("privacy:erased")
    assert [text for _, _, text in said(chat)] == [None, None]
    assert not any("parkir" in bubble.text for bubble in maria.bubbles)


def test_who_agreed_to_the_older_notice_is_not_overheard(chat: Chat) -> None:
    maria = staffed(chat)
    siti, session = in_class(chat)
    with chat.database.transaction() as db:
        for consent in db.scalars(select(Consent)):
            consent.text_version = "1"
        person = siti.person(db)
        person.training_version, here = None, person.id
    maria.looks_up()
    siti.types(LATE).does_not_see("diteruskan")
    maria.sees_nothing_new()
    maria.sends_tap(f"mentoring:write:{here}:{session}").sees("belum menyetujui percakapan")
    siti.sends_tap(f"mentoring:ask:class.{session}").sees("Setuju")


def test_a_question_under_way_and_an_announcement_whichever_came_last(chat: Chat) -> None:
    rina, maria = mentor(chat), staffed(chat)
    siti, session = in_class(chat)
    siti.types("/tanya").types("Bagaimana cara memotret keripik supaya kelihatan renyah?")
    siti.types("kripiknya pakai bumbu balado loh").sees("Sudah diteruskan ke pendamping")
    chat.travel(minutes=5)
    announced(maria, session)
    chat.travel(minutes=5)
    siti.types("kripiknya boleh yang manis saja").sees("Sudah diteruskan ke Maria")
    assert [len(said(chat, 1)), len(said(chat, 2))] == [2, 1]
    rina.taps("Ambil").sees("bumbu balado").does_not_see("manis saja")


def test_a_word_of_the_question_under_way_is_not_taken_for_one_of_the_class(chat: Chat) -> None:
    rina, maria = mentor(chat), staffed(chat)
    siti, _ = in_class(chat)
    siti.types("/tanya").types("Bagaimana cara memotret keripik supaya kelihatan renyah?")
    rina.taps("Ambil").looks_up()
    maria.looks_up()
    siti.types("tempat keripiknya toples bening gitu loh").sees("Sudah diteruskan ke pendamping")
    rina.sees("toples bening")
    maria.sees_nothing_new()


def test_what_is_taken_back_after_an_answer_leaves_nobody_waiting(chat: Chat) -> None:
    maria, rina = staffed(chat), mentor(chat)
    siti, _ = in_class(chat)
    siti.types(LATE)
    first, _message = siti.button("Bukan untuk pelatih")
    maria.taps("Balas").types("Di belakang balai desa.")
    siti.taps("Balas pesan").types("Ini untuk suami saya").sees("Sudah diteruskan")
    assert ticket(chat).state == State.CLAIMED
    siti.taps("Bukan untuk pelatih").sees("Sudah ditarik")
    assert (ticket(chat).state, ticket(chat).waiting_since) == (State.ANSWERED, None)
    siti.sends_tap(first).sees("sudah dijawab")
    rina.looks_up()
    siti.looks_up()
    chat.travel(days=4)
    rina.sees_nothing_new()
    assert not any("belum ada yang sempat" in bubble.text for bubble in siti.new)
    chat.travel(days=3)
    assert ticket(chat).closed_because == "silence"
