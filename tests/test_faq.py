"""Answers for everybody, as people and staff see them in their chats."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.delivery.outbox import OutboxRow
from bot.people.audit import AuditRow
from bot.people.people import Person, Role, RoleGrant
from bot.programme import faq, mentoring
from bot.programme.faq import Faq, HeldQuestion
from bot.programme.mentoring import Ticket
from tests.chat import Chat, Phone, registered, staffed
from tests.test_rights import ADMIN, admin

SITE = "labuan-bajo"
TYPED = "gmn cara foto kripik biar keliatan renyah ya"
QUESTION = "Bagaimana memotret keripik supaya kelihatan renyah?"
ANSWER = "Foto di dekat jendela pada pagi hari. Taruh di piring gelap."


@pytest.fixture
def admins() -> tuple[int, ...]:
    return (ADMIN,)


def mentor(chat: Chat, name: str = "Rina", site: str = SITE) -> Phone:
    return staffed(chat, name, role=Role.MENTOR, site=site)


def published(chat: Chat, question: str = QUESTION, answer: str = ANSWER, site: str = SITE, fact: str = "-") -> int:
    """An answer that the programme wrote by itself."""
    with chat.database.transaction() as db:
        return faq.published_by_programme(db, question, answer, chat.now, topic="M01", site_id=site, fact=fact).id


def one(chat: Chat, number: int = 1) -> Faq:
    with chat.database.transaction() as db:
        found = db.get_one(Faq, number)
        db.expunge(found)
        return found


def tickets(chat: Chat) -> list[tuple[int, str]]:
    with chat.database.transaction() as db:
        return [(one.id, one.state) for one in db.scalars(select(Ticket).order_by(Ticket.id))]


def held(chat: Chat) -> list[str]:
    with chat.database.transaction() as db:
        return [one.text for one in db.scalars(select(HeldQuestion))]


def answered(chat: Chat, rina: Phone, text: str = "kripik saya lembek kalau difoto, gimana") -> Phone:
    """Somebody whose question was answered by this mentor."""
    siti = registered(chat).types("/tanya").types(text)
    rina.taps("Ambil").taps("Balas").types("Bu Siti, foto di dekat jendela ya.")
    return siti


def offered(chat: Chat, rina: Phone) -> Phone:
    """The asker is asked whether the question may help others."""
    siti = answered(chat, rina)
    siti.taps("Sudah jelas")
    rina.taps("Jadikan jawaban umum").sees("kami tanyai dulu")
    return siti


def allowed(chat: Chat, rina: Phone) -> Phone:
    return offered(chat, rina).taps("Boleh")


def written(chat: Chat, rina: Phone) -> Phone:
    siti = allowed(chat, rina)
    rina.taps("Tulis jawaban umum").types(QUESTION).types(ANSWER).taps("Tanpa aturan")
    return siti


def waiting(chat: Chat, rina: Phone) -> Phone:
    siti = written(chat, rina)
    rina.taps("Minta disetujui")
    return siti


# --- before a question goes out ---------------------------------------------------------------------------------------


def test_what_was_answered_already_is_shown_before_the_question_goes_out(chat: Chat) -> None:
    published(chat)
    rina = mentor(chat)
    siti = registered(chat).types("/tanya").types(TYPED)
    siti.sees("Mungkin sudah ada jawabannya, Bu Siti", QUESTION, ANSWER, "10 menit", "Sudah terjawab", "Tetap tanya")
    rina.sees_nothing_new()
    assert tickets(chat) == []
    siti.taps("Sudah terjawab").sees("Senang bisa membantu", "tidak diteruskan")
    assert (one(chat).shown, one(chat).helped) == (1, 1)
    assert (tickets(chat), held(chat)) == ([], [])
    chat.travel(minutes=30)
    rina.sees_nothing_new()


def test_a_human_being_is_asked_all_the_same(chat: Chat) -> None:
    published(chat)
    rina = mentor(chat)
    siti = registered(chat).types("/tanya").types(TYPED)
    siti.taps("Tetap tanya orang").sees("Sudah diteruskan ke pendamping Labuan Bajo", "Tambah pesan")
    rina.sees("Pertanyaan 1", "renyah", "Ambil")
    assert (tickets(chat), held(chat), one(chat).helped) == ([(1, "open")], [], 0)


def test_who_walks_away_is_asked_for_by_itself_after_ten_minutes(chat: Chat) -> None:
    published(chat)
    rina = mentor(chat)
    siti = registered(chat).types("/tanya").types(TYPED).looks_up()
    chat.travel(minutes=9)
    rina.sees_nothing_new()
    chat.travel(minutes=2)
    siti.sees("Pertanyaan tadi sudah diteruskan ke pendamping Labuan Bajo", "Tarik pertanyaan")
    rina.sees("Pertanyaan 1", "renyah")
    chat.travel(minutes=20)
    assert tickets(chat) == [(1, "open")]
    siti.taps("Sudah terjawab").sees("sudah diteruskan").taps("Lihat pertanyaan saya").sees("Tarik pertanyaan")
    assert one(chat).helped == 0


def test_a_doubled_tap_sends_one_question_and_counts_one_help(chat: Chat) -> None:
    published(chat)
    siti = registered(chat).types("/tanya").types(TYPED)
    send, known = siti.button("Tetap tanya orang"), siti.button("Sudah terjawab")
    siti.sends_tap(*send).sends_tap(*send).sees("sudah selesai, atau sudah diteruskan").sends_tap(*known)
    assert (tickets(chat), one(chat).helped) == ([(1, "open")], 0)
    maria = registered(chat, "Maria").types("/tanya").types(TYPED)
    known = maria.button("Sudah terjawab")
    maria.sends_tap(*known).sends_tap(*known)
    assert (len(tickets(chat)), one(chat).helped) == (1, 1)


def test_an_old_button_does_nothing_to_the_question_that_waits_now(chat: Chat) -> None:
    published(chat)
    siti = registered(chat).types("/tanya").types(TYPED)
    old = siti.button("Sudah terjawab")
    siti.taps("Sudah terjawab").types("/tanya").types("foto kripik biar renyah")
    siti.sends_tap(*old).sees("sudah selesai, atau sudah diteruskan")
    assert held(chat) == ["foto kripik biar renyah"]
    chat.travel(minutes=11)
    assert [state for _, state in tickets(chat)] == ["open"]


def test_nothing_is_asked_first_where_nothing_fits_nor_for_a_voice(chat: Chat) -> None:
    published(chat)
    siti = registered(chat).types("/tanya").types("mesin jahit saya rusak, siapa yang bisa betulkan")
    siti.sees("Sudah diteruskan")
    maria = registered(chat, "Maria").types("/tanya")
    chat.deliver(maria.message(voice={"file_id": "V", "file_unique_id": "v", "duration": 9}), maria)
    maria.sees("Sudah diteruskan")


def test_a_lesson_is_offered_and_read_while_the_question_waits(chat: Chat) -> None:
    siti = registered(chat).types("/tanya").types("latar foto yg bagus pake apa").sees("Ada pelajaran tentang ini")
    siti.taps("Baca: Latar rapi").sees("Latar rapi")
    assert held(chat)
    siti.taps("Tetap tanya orang").sees("Sudah diteruskan")
    maria = registered(chat, "Maria").types("/tanya").types("latar foto yg bagus pake apa").taps("Sudah terjawab")
    maria.sees("Senang bisa membantu")
    assert len(tickets(chat)) == 1


def test_the_lesson_from_which_it_is_asked_is_not_offered_for_it(chat: Chat) -> None:
    siti = registered(chat).sends_tap("mentoring:ask:lesson.M01L2").types("latar foto yg bagus pake apa")
    siti.does_not_see("Baca: Latar rapi")


def test_two_answers_are_numbered_so_that_the_right_one_is_counted(chat: Chat) -> None:
    first = published(chat)
    second = published(chat, "Bagaimana memotret keripik supaya tampak renyah?", "Pakai piring polos.")
    siti = registered(chat).types("/tanya").types("foto keripik biar renyah").sees("1. ", "2. ")
    siti.taps("Terjawab (2)")
    assert sorted([one(chat, first).helped, one(chat, second).helped]) == [0, 1]


def test_only_answers_of_ones_own_site_or_of_all_are_shown(chat: Chat) -> None:
    published(chat, site="samosir")
    siti = registered(chat).types("/tanya").does_not_see("Pertanyaan umum").types(TYPED)
    siti.does_not_see("Mungkin sudah ada jawabannya")
    published(chat, site="")
    maria = registered(chat, "Maria").types("/tanya").sees("Pertanyaan umum").types(TYPED)
    maria.sees("Mungkin sudah ada jawabannya")


def test_a_question_that_waits_is_corrected_and_goes_out_when_more_is_written(chat: Chat) -> None:
    published(chat)
    rina = mentor(chat)
    siti = registered(chat).types("/tanya").types(TYPED)
    with chat.database.transaction() as db:
        said = db.scalars(select(HeldQuestion.said)).one()
    edited = siti.message(text="foto kripik balado biar renyah")["message"] | {"message_id": said, "edit_date": 5}
    chat.deliver({"edited_message": edited}, siti)
    siti.sees("Pertanyaannya sudah diubah")
    assert held(chat) == ["foto kripik balado biar renyah"]
    siti.types("blabla hmm zzz").sees("Sudah diteruskan")
    rina.sees("balado")
    with chat.database.transaction() as db:
        assert [one.text for one in mentoring.messages(db, db.get_one(Ticket, 1))] == [
            "foto kripik balado biar renyah", "blabla hmm zzz",
        ]  # fmt: skip


def test_the_question_that_waits_goes_out_before_the_next_is_asked(chat: Chat) -> None:
    published(chat)
    rina = mentor(chat)
    siti = registered(chat)
    for text in ("mesin jahit saya rusak", "kenapa harga cabai naik terus", TYPED):
        siti.sends_tap("mentoring:ask").types(text)
    assert (len(tickets(chat)), held(chat)) == (2, [TYPED])
    siti.sends_tap("mentoring:ask").sees("Sudah diteruskan").does_not_see("Mau tanya apa")
    rina.sees("renyah")
    assert (len(tickets(chat)), held(chat)) == (3, [])


def test_who_has_as_many_questions_as_may_be_is_still_sent_the_one_that_waits(chat: Chat) -> None:
    published(chat)
    siti = registered(chat).types("/tanya").types(TYPED)
    with chat.database.transaction() as db:
        for number in range(3):
            mentoring.ask(
                db, siti.person(db), mentoring.Given("text", f"Soal {number}"), chat.now, content=chat.content
            )
    chat.travel(minutes=11)
    siti.sees("sudah diteruskan")
    assert (len(tickets(chat)), held(chat)) == (4, [])


@pytest.mark.parametrize("tapped", [True, False])
def test_a_question_that_waits_goes_nowhere_once_an_admin_blocked_the_person(chat: Chat, tapped: bool) -> None:
    published(chat)
    siti = registered(chat).types("/tanya").types(TYPED)
    with chat.database.transaction() as db:
        given = mentoring.Given("text", "Soal")
        before = mentoring.ask(db, siti.person(db), given, chat.now, content=chat.content)
        assert isinstance(before, mentoring.Opened)
        before.ticket.blocked_until = chat.now + timedelta(days=30)
    siti.looks_up()
    if tapped:
        siti.taps("Tetap tanya orang").does_not_see("Sudah diteruskan")
    else:
        chat.travel(minutes=11)
        siti.sees_nothing_new()
    assert (len(tickets(chat)), held(chat)) == (1, [])


def shares_phone(chat: Chat, siti: Phone) -> int:
    """Yosef uses Siti's phone, too, and it speaks as him now. Returns Siti's number."""
    with chat.database.transaction() as db:
        account = siti.account(db)
        assert account is not None
        before = account.current_person_id
        assert before is not None
        yosef = Person(account_id=account.id, name="Yosef", salutation="bapak", site_id=SITE, sector="kriya",
                       registered_at=chat.now, consent_training=True,
                       training_version=chat.content.consent_version("training"))  # type: ignore[arg-type]  # fmt: skip
        db.add(yosef)
        db.flush()
        account.person = yosef
    siti.looks_up()
    return before


def test_on_a_shared_phone_the_question_is_its_askers(chat: Chat) -> None:
    published(chat)
    rina = mentor(chat)
    siti = registered(chat).types("/tanya").types(TYPED)
    asker = shares_phone(chat, siti)
    chat.travel(minutes=11)
    siti.sees("Untuk Bu Siti: pertanyaan tadi sudah diteruskan")
    rina.sees("Bu Siti", "renyah")
    with chat.database.transaction() as db:
        assert db.get_one(Ticket, 1).person_id == asker


def test_on_a_shared_phone_a_tap_acts_for_who_asked(chat: Chat) -> None:
    published(chat)
    siti = registered(chat).types("/tanya").types(TYPED)
    asker = shares_phone(chat, siti)
    siti.taps("Tetap tanya orang").sees("Sudah diteruskan")
    with chat.database.transaction() as db:
        assert db.get_one(Ticket, 1).person_id == asker


def test_on_a_shared_phone_the_asker_is_named_when_asked_and_says_yes(chat: Chat) -> None:
    rina = mentor(chat)
    siti = answered(chat, rina)
    siti.taps("Sudah jelas")
    shares_phone(chat, siti)
    rina.taps("Jadikan jawaban umum")
    siti.sees("Untuk Bu Siti: boleh pertanyaan ini").taps("Boleh")
    assert one(chat).state == "draft"


def test_at_night_nobody_is_asked_whether_a_question_may_help_others(chat: Chat) -> None:
    rina = mentor(chat)
    siti = answered(chat, rina)
    siti.taps("Sudah jelas")
    chat.travel(hours=13)
    siti.looks_up()
    rina.sends_tap("faq:begin:1")
    siti.sees_nothing_new()
    chat.travel(hours=11)
    siti.sees("membantu peserta lain")


def test_a_forged_tap_sends_nobodys_question(chat: Chat) -> None:
    published(chat)
    registered(chat).types("/tanya").types(TYPED)
    with chat.database.transaction() as db:
        waits = db.scalars(select(HeldQuestion)).one()
        said, person = waits.said, waits.person_id
    thief = registered(chat, "Maria")
    for data in (f"faq:send:{said}", f"faq:send:{said}:{person}", f"faq:known:{said}:1:{person}"):
        thief.sends_tap(data)
    thief.sends_tap("faq:helped:99").sends_tap("faq:answer:99").sees("Foto dan video")
    assert (held(chat), tickets(chat), one(chat).helped) == ([TYPED], [], 0)


@pytest.mark.parametrize("frozen", [True, False])
def test_a_question_that_waits_goes_to_nobody_once_its_person_is_gone_or_frozen(chat: Chat, frozen: bool) -> None:
    published(chat)
    rina = mentor(chat)
    siti = registered(chat).types("/tanya").types(TYPED)
    if frozen:
        siti.types("/bekukan").taps("Ya, bekukan")
    else:
        siti.types("/hapus_data").sends_tap("privacy:erased")
    chat.travel(minutes=30)
    assert (held(chat), tickets(chat)) == ([], [])
    rina.sees_nothing_new()


# --- by topic, and by understanding -----------------------------------------------------------------------------------


def test_answers_are_found_by_topic(chat: Chat) -> None:
    published(chat)
    published(chat, "Di mana mencetak stiker label?", "Di kota.")
    siti = registered(chat).types("/tanya").taps("Pertanyaan umum").sees("Ada 2 pertanyaan", "Foto dan video")
    siti.taps("Foto dan video").sees("1. Bagaimana memotret", "2. Di mana mencetak").taps("2. Di mana").sees("Di kota.")
    siti.taps("Sudah terjawab").sees("Senang bisa membantu")
    siti.types("cuma bilang terima kasih").does_not_see("Sudah diteruskan")
    assert tickets(chat) == []
    assert (one(chat, 2).shown, one(chat, 2).helped) == (1, 1)


def test_help_is_counted_once_for_a_doubled_tap(chat: Chat) -> None:
    number = published(chat)
    siti = registered(chat).sends_tap(f"faq:answer:{number}")
    tap = siti.button("Sudah terjawab")
    siti.sends_tap(*tap).sends_tap(*tap)
    assert one(chat).helped == 1


def test_words_that_fit_an_answer_well_are_answered_at_once(chat: Chat) -> None:
    published(chat)
    siti = registered(chat).types(TYPED).sees("Mungkin ini jawabannya", ANSWER, "Tanya pendamping")
    siti.taps("Tanya pendamping").sees("Mau tanya apa")


def test_what_the_bot_itself_can_do_is_not_taken_for_a_question(chat: Chat) -> None:
    published(chat, "Kapan jadwal kelas saya?", "Lihat di menu.")
    registered(chat).types("jadwal kelas saya kapan").does_not_see("Mungkin ini jawabannya")


# --- the asker is asked -----------------------------------------------------------------------------------------------


def test_from_an_answered_question_to_an_answer_for_everybody(chat: Chat) -> None:
    rina, anton = mentor(chat), mentor(chat, "Anton")
    siti = offered(chat, rina)
    siti.sees("boleh pertanyaan ini membantu peserta lain?", "kripik saya lembek", "Nama tidak ditulis")
    siti.taps("Boleh").sees("Terima kasih")
    rina.sees("Pertanyaan 1 boleh dijadikan jawaban umum").taps("Tulis jawaban umum")
    rina.sees("Tulis ulang pertanyaannya", "kripik saya lembek").types(QUESTION)
    rina.sees("Sekarang jawabannya", "dekat jendela").types(ANSWER).sees("Adakah aturan atau angka").taps(
        "Tanpa aturan"
    )
    rina.sees(QUESTION, ANSWER, "Foto dan video", "Belum diminta").taps("Minta disetujui").sees("mengeceknya")
    anton.sees("Tolong cek", QUESTION, ANSWER).taps("Setujui").sees("Sekarang peserta bisa melihatnya")
    rina.sees("Sudah disetujui")
    found = one(chat)
    assert (found.state, found.topic, found.fact, found.audience) == ("published", "M01", "-", SITE)
    registered(chat, "Maria").types("/tanya").types(TYPED).sees(ANSWER)
    with chat.database.transaction() as db:
        deeds = [row.action for row in db.scalars(select(AuditRow).order_by(AuditRow.id))]
        assert [one for one in deeds if one.startswith("faq")] == ["faq_begun", "faq_written", "faq_approved"]
        words = " ".join(str(row.message) for row in db.scalars(select(OutboxRow)) if row.message)
        assert "lembek" not in words


def test_the_asker_says_no_once_and_that_is_that(chat: Chat) -> None:
    rina = mentor(chat)
    siti = offered(chat, rina)
    yes = siti.button("Boleh")
    siti.taps("Jangan").sees("tidak dipakai")
    rina.sees("Pertanyaan 1 tidak dipakai untuk jawaban umum")
    siti.sends_tap(*yes).sees("Sudah diputuskan")
    rina.sends_tap("faq:begin:1").sees("tidak dipakai").sends_tap("faq:write:1").sees("sudah tidak ada")
    assert one(chat).state == "refused"


def test_no_answer_within_seven_days_is_a_no(chat: Chat) -> None:
    rina = mentor(chat)
    siti = offered(chat, rina)
    chat.travel(days=6, hours=23)
    assert one(chat).state == "asked"
    rina.looks_up()
    chat.travel(hours=26)
    rina.sees("tidak dipakai untuk jawaban umum")
    siti.taps("Boleh").sees("Sudah diputuskan")
    assert one(chat).state == "refused"


def test_the_asker_is_asked_once_however_often_it_is_tapped(chat: Chat) -> None:
    rina = mentor(chat)
    siti = offered(chat, rina)
    rina.sends_tap("faq:begin:1").sees("belum menjawab").sends_tap("faq:begin:1")
    asked = [bubble for bubble in siti.bubbles if "membantu peserta lain" in bubble.text]
    assert len(asked) == 1


def test_a_no_after_the_yes_counts_until_it_is_published(chat: Chat) -> None:
    rina, anton = mentor(chat), mentor(chat, "Anton")
    siti = offered(chat, rina)
    no = siti.button("Jangan")
    siti.taps("Boleh")
    rina.taps("Tulis jawaban umum").types(QUESTION).types(ANSWER).taps("Tanpa aturan").taps("Minta disetujui")
    approve = anton.button("Setujui")
    siti.sends_tap(*no).sees("tidak dipakai")
    found = one(chat)
    assert (found.state, found.question, found.answer) == ("refused", None, None)
    anton.sends_tap(*approve).sees("sudah tidak ada")
    assert one(chat).state == "refused"


def test_who_stopped_messages_is_not_asked(chat: Chat) -> None:
    rina = mentor(chat)
    siti = answered(chat, rina)
    siti.types("/berhenti")
    rina.sends_tap("faq:begin:1").sees("tidak bisa dihubungi")
    with chat.database.transaction() as db:
        assert db.scalars(select(Faq)).all() == []


def test_only_who_answered_may_begin(chat: Chat) -> None:
    rina, anton = mentor(chat), mentor(chat, "Anton")
    answered(chat, rina)
    anton.sends_tap("faq:begin:1").sees("Yang menjawab pertanyaan ini")
    registered(chat, "Maria").types("/tanya").types("mesin jahit saya rusak")
    rina.sends_tap("faq:begin:2").sees("belum dijawab")


def test_a_mentor_from_near_who_answered_may_write_it_and_the_site_approves(chat: Chat) -> None:
    rina, anton = mentor(chat, site="samosir"), mentor(chat, "Anton")
    siti = registered(chat).types("/tanya").types("kripik saya lembek kalau difoto, gimana")
    with chat.database.transaction() as db:
        account, found = rina.account(db), db.get_one(Ticket, 1)
        assert account is not None
        found.claimed_by, found.state = account.id, "claimed"
    rina.sends_tap("mentoring:reply:1").types("Foto dekat jendela.")
    rina.sends_tap("faq:begin:1").sees("kami tanyai dulu")
    siti.taps("Boleh")
    rina.taps("Tulis jawaban umum").types(QUESTION).types(ANSWER).taps("Tanpa aturan").taps("Minta disetujui")
    anton.taps("Setujui").sees("Disetujui")
    rina.sends_tap("faq:see:1").sees("Ditampilkan")
    assert one(chat).site_id == SITE


def test_a_strangers_yes_counts_for_nothing(chat: Chat) -> None:
    rina = mentor(chat)
    offered(chat, rina)
    registered(chat, "Maria").sends_tap("faq:allow:1:yes")
    assert one(chat).state == "asked"


# --- writing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a " * 61, "Paling banyak 120"),
        ("Bagaimana Siti memotret keripik?", "Ada nama orang: Siti"),
        ("bagaimana siti memotret keripik?", "Ada nama orang: siti"),
        ("Apa kata Pak Yosef soal foto?", "Ada nama orang: Pak Yosef"),
        ("Bolehkah menelepon 0812 3456 7890?", "Ada nomor pribadi"),
        ("...", "Belum ada katanya"),
    ],
)
def test_names_numbers_and_too_many_letters_are_refused_kindly(chat: Chat, text: str, words: str) -> None:
    rina = mentor(chat)
    allowed(chat, rina)
    rina.taps("Tulis jawaban umum").types(text).sees(words, "Tulis ulang pertanyaannya")
    assert one(chat).question is None
    rina.types(QUESTION).sees("Sekarang jawabannya")


def test_a_number_of_sixteen_digits_never_gets_into_an_answer(chat: Chat) -> None:
    rina = mentor(chat)
    allowed(chat, rina)
    rina.taps("Tulis jawaban umum").types(QUESTION).types("NIK 5315010101010001 ya")
    assert one(chat).answer is None
    rina.types(ANSWER).sees("Adakah aturan")


def test_a_name_that_is_an_ordinary_word_may_be_written_small(chat: Chat) -> None:
    rina = mentor(chat)
    allowed(chat, rina)
    with chat.database.transaction() as db:
        person = db.get_one(Person, one(chat).person_id)
        person.name = "Jendela"
    rina.taps("Tulis jawaban umum").types("Di mana Jendela memotret?").sees("Ada nama orang: Jendela")
    rina.types("Bolehkah memotret di dekat jendela?").sees("Sekarang jawabannya")


def test_advice_is_shown_and_need_not_be_followed(chat: Chat) -> None:
    rina = mentor(chat)
    allowed(chat, rina)
    rina.taps("Tulis jawaban umum").types(QUESTION)
    rina.types("kamu WAJIB bayar Rp 5000 untuk izin usaha itu setiap bulan sekali sampai selesai semuanya nanti ya")
    rina.taps("Tanpa aturan").sees("Saran", "12 kata", "kamu", "huruf besar", "Rp50.000", "Pilih faktanya")
    rina.taps("Minta disetujui").sees("Tersimpan")


def test_an_answer_hangs_on_a_fact_that_is_searched(chat: Chat) -> None:
    rina, anton = mentor(chat), mentor(chat, "Anton")
    allowed(chat, rina)
    rina.taps("Tulis jawaban umum").types("Berapa biaya membuat NIB?").types("Gratis di oss.go.id.").sees("F03")
    rina.types("stiker palsu").sees("F16").types("qwertyuiop").sees("Tulis kata untuk mencari").types("NIB").sees("F03")
    rina.taps("Pilih F03").sees("F03. NIB gratis").taps("Minta disetujui")
    anton.sees("F03. NIB gratis").taps("Setujui")
    assert one(chat).fact == "F03"


def test_facts_are_suggested_where_the_answer_speaks_of_one_and_only_then(chat: Chat) -> None:
    rina = mentor(chat)
    allowed(chat, rina)
    rina.taps("Tulis jawaban umum").types("Apakah usaha kecil kena pajak?").types("Di bawah Rp500 juta tidak kena.")
    rina.sees("F10").taps("Tanpa aturan").taps("Ubah tulisan").types(QUESTION).types(ANSWER)
    rina.sees("Tulis kata untuk mencari").does_not_see("Pilih F")


def test_an_answer_whose_fact_is_overdue_is_hidden_and_staff_are_told_once(chat: Chat) -> None:
    rina = mentor(chat)
    published(chat, "Berapa banyak tagar sebaiknya?", "Tiga sampai lima.", fact="F01")
    siti = registered(chat).types("/tanya").sees("Pertanyaan umum").types("/batal")
    chat.travel(to=chat.now + timedelta(days=140))
    rina.sees("disembunyikan dulu", "Berapa banyak tagar", "F01")
    assert len([one for one in rina.bubbles if "disembunyikan dulu" in one.text]) == 1
    chat.travel(days=3)
    assert len([one for one in rina.bubbles if "disembunyikan dulu" in one.text]) == 1
    siti.types("/tanya").does_not_see("Pertanyaan umum").types("berapa banyak tagar sebaiknya")
    siti.does_not_see("Tiga sampai lima").sends_tap("faq:topics").sees("Belum ada pertanyaan umum")
    siti.sends_tap("faq:answer:1").does_not_see("Tiga sampai lima")
    rina.sends_tap("faq:list").sees("disembunyikan, fakta perlu dicek")


def test_writing_is_left_and_taken_up_again(chat: Chat) -> None:
    rina = mentor(chat)
    allowed(chat, rina)
    rina.taps("Tulis jawaban umum").types(QUESTION).taps("Berhenti menulis").sees("tetap tersimpan")
    rina.types("/antrean").taps("Jawaban umum").sees("perlu ditulis").taps("Buka 1").taps("Tulis jawaban umum")
    rina.sees("Sudah ditulis: Bagaimana").taps("Pakai yang ini").sees("Sekarang jawabannya")
    rina.types(ANSWER).taps("Tanpa aturan").taps("Ubah tulisan").taps("Pakai yang ini").taps("Pakai yang ini")
    rina.taps("Tanpa aturan").sees(ANSWER)


# --- a second pair of eyes --------------------------------------------------------------------------------------------


def test_nobody_approves_their_own_words(chat: Chat) -> None:
    rina = mentor(chat)
    waiting(chat, rina)
    with chat.database.transaction() as db:
        version = faq.writing.version(db.get_one(Faq, 1))
    rina.sends_tap(f"faq:approve:1:{version}").sees("tulisan Anda sendiri")
    rina.types("/antrean").sends_tap(f"faq:return:1:{version}:long").sees("tulisan Anda sendiri")
    assert one(chat).state == "waiting"


def test_what_needs_a_change_goes_back_and_old_buttons_approve_nothing(chat: Chat) -> None:
    rina, anton = mentor(chat), mentor(chat, "Anton")
    waiting(chat, rina)
    old = anton.button("Setujui")
    anton.taps("Minta perbaikan").sees("Apa yang perlu diperbaiki?").taps("Terlalu panjang").sees("dikembalikan")
    rina.sees("Ada yang perlu diperbaiki: terlalu panjang")
    anton.sends_tap(*old)
    assert one(chat).state == "draft"
    rina.taps("Tulis jawaban umum").types("Bagaimana memotret keripik?").taps("Pakai yang ini").taps("Tanpa aturan")
    rina.taps("Minta disetujui")
    anton.sends_tap(*old)
    assert one(chat).state == "waiting"
    anton.taps("Setujui")
    assert (one(chat).state, one(chat).question) == ("published", "Bagaimana memotret keripik?")


def test_of_two_who_approve_one_does(chat: Chat) -> None:
    rina, anton, dewi = mentor(chat), mentor(chat, "Anton"), mentor(chat, "Dewi")
    waiting(chat, rina)
    mine, hers = anton.button("Setujui"), dewi.button("Minta perbaikan")
    approve = dewi.button("Setujui")
    anton.sends_tap(*mine).sees("Disetujui")
    dewi.sends_tap(*approve).sees("Ditampilkan").sends_tap(*hers)
    with chat.database.transaction() as db:
        approved = [row for row in db.scalars(select(AuditRow)) if row.action == "faq_approved"]
        assert len(approved) == 1
        account = anton.account(db)
        assert account is not None
        assert db.get_one(Faq, 1).approved_by == account.id
    assert len([one for one in rina.bubbles if "Sudah disetujui" in one.text]) == 1


def test_where_there_is_no_second_one_an_admin_looks(chat: Chat) -> None:
    boss = admin(chat)
    boss.types("/menu")
    rina = mentor(chat)
    waiting(chat, rina)
    rina.sees("mengeceknya")
    boss.sees("Tolong cek").taps("Setujui").sees("Disetujui")


def test_who_lost_the_role_midway_writes_and_approves_nothing(chat: Chat) -> None:
    rina, anton = mentor(chat), mentor(chat, "Anton")
    waiting(chat, rina)
    approve = anton.button("Setujui")
    with chat.database.transaction() as db:
        account = anton.account(db)
        assert account is not None
        for grant in db.scalars(select(RoleGrant).where(RoleGrant.account_id == account.id)):
            db.delete(grant)
    anton.sends_tap(*approve).sees("hanya untuk pelatih atau admin")
    assert one(chat).state == "waiting"


def test_who_loses_the_role_while_writing_writes_nothing_more(chat: Chat) -> None:
    rina = mentor(chat)
    allowed(chat, rina)
    rina.taps("Tulis jawaban umum")
    with chat.database.transaction() as db:
        account = rina.account(db)
        assert account is not None
        for grant in db.scalars(select(RoleGrant).where(RoleGrant.account_id == account.id)):
            db.delete(grant)
    rina.types(QUESTION).sees("hanya untuk pelatih atau admin")
    assert one(chat).question is None


def test_an_admin_goes_on_with_what_somebody_left_unwritten(chat: Chat) -> None:
    boss, rina = admin(chat), mentor(chat)
    allowed(chat, rina)
    boss.types("/menu").sends_tap("faq:list").sees("perlu ditulis").taps("Buka 1").taps("Tulis jawaban umum")
    boss.types(QUESTION).types(ANSWER).taps("Tanpa aturan").sees(ANSWER)


def test_an_admin_sees_what_the_programme_wrote_by_itself(chat: Chat) -> None:
    boss, rina = admin(chat), mentor(chat)
    published(chat, site="")
    boss.sends_tap("faq:list").sees("Bagaimana memotret").taps("Buka 1").sees("semua lokasi").taps("Hapus dari umum")
    rina.sends_tap("faq:list").does_not_see("Bagaimana memotret")


def test_an_admin_takes_it_away_and_shows_it_everywhere(chat: Chat) -> None:
    boss, rina = admin(chat), mentor(chat)
    number = published(chat)
    rina.sends_tap(f"faq:see:{number}").sees("Ditampilkan 0 kali").does_not_see("Hapus dari umum")
    rina.sends_tap(f"faq:remove:{number}").sees("hanya untuk pelatih atau admin")
    boss.sends_tap(f"faq:see:{number}").taps("Untuk semua lokasi").sees("semua lokasi")
    everywhere = boss.button("Hanya lokasi ini")
    assert one(chat).audience == "*"
    boss.sends_tap(*everywhere).sends_tap(*everywhere)
    assert one(chat).audience == SITE
    boss.taps("Hapus dari umum").sees("Hapus dari jawaban umum?").taps("Hapus sekarang").sees("Tidak ada peserta")
    siti = registered(chat).sends_tap(f"faq:answer:{number}").does_not_see(ANSWER)
    siti.types(TYPED).does_not_see(ANSWER)


# --- data -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("begin", [offered, allowed, written, waiting])
def test_who_erases_their_data_before_it_is_published_takes_it_along(chat: Chat, begin: object) -> None:
    rina, anton = mentor(chat), mentor(chat, "Anton")
    siti = begin(chat, rina)  # type: ignore[operator]
    approve = anton.button("Setujui") if begin is waiting else None
    siti.types("/hapus_data").sends_tap("privacy:erased")
    rina.sees("menghapus datanya")
    found = one(chat)
    assert (found.state, found.person_id, found.from_ticket) == ("withdrawn", None, None)
    assert (found.question, found.answer) == (None, None)
    if approve is not None:
        anton.sends_tap(*approve).sees("sudah tidak ada")
    rina.types("kata apa saja")
    assert one(chat).state == "withdrawn"


def test_a_published_answer_stays_and_is_nobodys(chat: Chat) -> None:
    rina, anton = mentor(chat), mentor(chat, "Anton")
    siti = waiting(chat, rina)
    anton.taps("Setujui")
    siti.types("/data_saya")
    copy = json.loads(siti.last.params["files"]["document"][1])
    assert [one["pertanyaan"] for one in copy["jawaban_umum"]] == [QUESTION]
    siti.types("/hapus_data").sends_tap("privacy:erased")
    found = one(chat)
    assert (found.state, found.person_id, found.from_ticket, found.question) == ("published", None, None, QUESTION)


def test_what_was_never_finished_is_forgotten_with_the_question(chat: Chat) -> None:
    rina = mentor(chat)
    written(chat, rina)
    chat.travel(days=91)
    found = one(chat)
    assert (found.state, found.person_id, found.question, found.answer) == ("withdrawn", None, None, None)
