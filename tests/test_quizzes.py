"""Quizzes: asked, answered once, what was missed coming back; the tests before and after; what questions do."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update
from typer.testing import CliRunner

from bot import __main__ as command_line
from bot.catalogue.content import Lesson
from bot.catalogue.lesson_files import Question
from bot.delivery.outbox import OutboxRow, Status
from bot.people.people import Person
from bot.programme import lessons, privacy, quizzes
from bot.programme.quizzes import Quiz, QuizPurpose, Review, ReviewOffer
from bot.reports.quiz_report import run_quiz_report
from tests.chat import WITA, Chat, Phone, registered
from tests.databases import by_turns

LESSON = "M01L1"


def question(chat: Chat, lesson: str = LESSON) -> Question:
    found = chat.content.lesson(lesson)
    assert found is not None
    return found.question


def asked(chat: Chat, phone: Phone, lesson: str = LESSON) -> Question:
    """The phone is asked the question of a lesson."""
    phone.sends_tap(f"quizzes:ask:{lesson}")
    return question(chat, lesson)


def missed(chat: Chat, phone: Phone, *of: str) -> list[Question]:
    """Questions of these lessons, each answered wrongly."""
    questions = []
    for lesson in of or (LESSON,):
        questions.append(asked(chat, phone, lesson))
        phone.answers(questions[-1].options[1])
    return questions


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A wall time at Labuan Bajo, so many days after Monday 23 November 2026."""
    return datetime(2026, 11, 23, hour, minute, tzinfo=WITA) + timedelta(days=day)


def offers_to(phone: Phone) -> list[str]:
    return [bubble.text for bubble in phone.bubbles if "untuk diulang" in bubble.text]


def quizzes_of(chat: Chat, phone: Phone) -> list[Quiz]:
    with chat.database.transaction() as db:
        return quizzes.answers_of(db, phone.person(db))


def review_of(chat: Chat, phone: Phone) -> Review:
    with chat.database.transaction() as db:
        (review,) = quizzes.reviews_of(db, phone.person(db))
        return review


def saver(chat: Chat, name: str = "Siti") -> Phone:
    """Somebody who saves data: no polls."""
    phone = registered(chat, name)
    with chat.database.transaction() as db:
        phone.person(db).saves_data = True
    return phone


def picks(phone: Phone, option: str) -> Phone:
    """Tap the letter of an option in the newest message that shows it."""
    for bubble in reversed(phone.bubbles):
        for line in bubble.text.splitlines():
            letter, _, shown = line.partition(". ")
            if shown == option and letter in bubble.labels:
                (data,) = (b["callback_data"] for row in bubble.buttons for b in row if b["text"] == letter)
                return phone.sends_tap(data, bubble.message_id)
    raise AssertionError(f"no '{option}' to pick:\n{phone.transcript()}")


def with_lesson(chat: Chat, lesson_id: str, **changes: object) -> None:
    """The content is reloaded with a lesson that was edited."""

    def edited(lesson: Lesson) -> Lesson:
        return replace(lesson, **changes) if lesson.id == lesson_id else lesson  # type: ignore[arg-type]

    modules = tuple(replace(one, lessons=tuple(map(edited, one.lessons))) for one in chat.content.modules)
    chat.content = chat.app.content = replace(chat.content, modules=modules)


# --- asking and answering -------------------------------------------------------------------------------------------


def test_the_question_is_a_quiz_poll_with_the_right_option_where_it_was_shuffled(chat: Chat) -> None:
    siti = registered(chat)
    given = asked(chat, siti)
    poll = siti.last.params
    assert siti.last.method == "sendPoll"
    assert (poll["type"], poll["is_anonymous"]) == ("quiz", False)
    assert not poll.get("explanation"), "it is told once, by the words that follow the answer"
    shown = [option["text"] for option in poll["options"]]
    assert sorted(shown) == sorted(given.options)
    assert shown[poll["correct_option_ids"][0]] == given.options[0]
    assert siti.last.labels == ["Jawab lewat tombol", "Menu", "Bantuan"]


def test_a_right_answer_is_praised_and_leads_on(chat: Chat) -> None:
    siti = registered(chat)
    given = asked(chat, siti)
    siti.answers(given.options[0]).sees("✅ Tepat.", given.explanation, "Lanjut", "Bantuan")
    siti.does_not_see("Belum tepat")
    (quiz,) = quizzes_of(chat, siti)
    assert (quiz.right, quiz.chosen, quiz.attempt, quiz.answered_at) == (True, 0, 1, chat.now)
    with chat.database.transaction() as db:
        assert lessons.learning_days(db, siti.person(db)) == [date(2026, 11, 23)]
        assert quizzes.reviews_of(db, siti.person(db)) == []


def test_a_wrong_answer_explains_and_promises_the_day_after_tomorrow(chat: Chat) -> None:
    siti = registered(chat)
    given = asked(chat, siti)
    siti.answers(given.options[2])
    siti.sees("Belum tepat", given.options[0], given.explanation, "Lusa kita ulang", "Lanjut", "Baca lagi", "Bantuan")
    (quiz,) = quizzes_of(chat, siti)
    assert (quiz.right, quiz.chosen) == (False, 2)
    siti.taps("Baca lagi")


def test_the_first_miss_asks_whether_it_may_come_back(chat: Chat) -> None:
    siti = registered(chat, reminders=None)
    missed(chat, siti)
    siti.sees("Belum tepat", "boleh kami")
    siti.taps("Ya, kirim")
    missed(chat, siti, "M01L2")
    siti.does_not_see("boleh kami")


@pytest.mark.parametrize("why", ["saver", "long"])
def test_long_options_and_people_who_save_data_get_letters(chat: Chat, why: str) -> None:
    siti = saver(chat) if why == "saver" else registered(chat)
    if why == "long":
        given = question(chat)
        with_lesson(chat, LESSON, question=replace(given, options=(given.options[0] + "a" * 100, *given.options[1:])))
    given = asked(chat, siti)
    assert siti.last.method == "sendMessage"
    siti.sees(given.text, "A. ", "B. ", "C. ", "Bantuan", *given.options)
    picks(siti, given.options[0]).sees("Tepat").sees_toast("dicatat")
    (quiz,) = quizzes_of(chat, siti)
    assert (quiz.right, quiz.native) == (True, False)


def test_the_first_answer_counts(chat: Chat) -> None:
    siti = saver(chat)
    given = asked(chat, siti)
    picks(siti, given.options[1])
    before = len(siti.bubbles)
    picks(siti, given.options[0]).sees_nothing_new().sees_toast("Jawaban pertama yang dihitung")
    (quiz,) = quizzes_of(chat, siti)
    assert quiz.right is False
    assert len(siti.bubbles) == before


def test_asked_twice_in_a_moment_it_stands_there_once_and_later_again(chat: Chat) -> None:
    siti = registered(chat)
    asked(chat, siti)
    asked(chat, siti)
    siti.sees_nothing_new().sees_toast("sudah ada di bawah")
    chat.travel(minutes=2)
    first = siti.last.params["options"]
    given = asked(chat, siti)
    assert [bubble.method for bubble in siti.bubbles] == ["sendPoll", "sendPoll"]
    assert siti.last.params["options"] == first
    siti.answers(given.options[0], poll_id=f"poll{siti.bubbles[0].message_id}").sees("Tepat")
    siti.answers(given.options[1]).sees("Sudah dijawab", "Lanjut")
    assert len(quizzes_of(chat, siti)) == 1
    asked(chat, siti)
    assert [quiz.attempt for quiz in quizzes_of(chat, siti)] == [1, 2]


def test_a_poll_can_be_answered_with_buttons_instead(chat: Chat) -> None:
    siti = registered(chat)
    given = asked(chat, siti)
    siti.taps("Jawab lewat tombol")
    siti.sees(given.text, *given.options)
    picks(siti, given.options[0]).sees("Tepat")
    siti.answers(given.options[1]).sees("Sudah dijawab")
    siti.sends_tap(f"quizzes:letters:{quizzes_of(chat, siti)[0].id}").sees_toast("Sudah dijawab")


def test_a_vote_quicker_than_the_polls_id_finds_the_one_open_quiz(chat: Chat) -> None:
    siti = registered(chat)
    given = asked(chat, siti)
    with chat.database.transaction() as db:
        db.execute(update(OutboxRow).values(poll_id=None, status=Status.CLAIMED))
    siti.answers(given.options[0]).sees("Tepat")


def test_a_vote_that_may_mean_two_quizzes_is_asked_again_with_buttons(chat: Chat) -> None:
    siti = registered(chat)
    asked(chat, siti)
    given = asked(chat, siti, "M01L2")
    siti.votes("nobody knows it", 0)
    siti.sees("belum tercatat", given.text, *given.options)
    assert all(quiz.answered_at is None for quiz in quizzes_of(chat, siti))
    picks(siti, given.options[0]).sees("Tepat")


def test_votes_on_old_polls_taken_back_or_by_strangers(chat: Chat) -> None:
    siti = registered(chat)
    siti.votes("old", 1).sees("tidak berlaku", "Belajar")
    given = asked(chat, siti)
    siti.votes(f"poll{siti.last.message_id}").sees_nothing_new()
    chat.phone("Orang lain").votes(f"poll{siti.last.message_id}", 0).sees_nothing_new()
    anton = registered(chat, "Anton")
    anton.votes(f"poll{siti.last.message_id}", 0).sees("untuk peserta lain")
    assert quizzes_of(chat, siti)[0].answered_at is None
    siti.answers(given.options[0]).sees("Tepat")


def test_a_vote_in_the_middle_of_another_conversation_leaves_it_alone(chat: Chat) -> None:
    siti = registered(chat)
    given = asked(chat, siti)
    siti.sends_tap("registration:profile").taps("Ubah")
    with chat.database.transaction() as db:
        account = siti.account(db)
        assert account is not None
        before = (account.conversation, account.state)
        assert before[0] is not None
    siti.answers(given.options[0]).sees("Tepat")
    with chat.database.transaction() as db:
        account = siti.account(db)
        assert account is not None
        assert (account.conversation, account.state) == before


def test_on_a_shared_phone_an_answer_counts_for_the_one_who_was_asked(chat: Chat) -> None:
    siti = registered(chat)
    given = asked(chat, siti)
    with chat.database.transaction() as db:
        account = siti.account(db)
        assert account is not None
        rina = Person(
            account_id=account.id, name="Rina", salutation="kakak", site_id="labuan-bajo", registered_at=chat.now
        )
        rina.consent_training = True
        db.add(rina)
        db.flush()
        account.person = rina
    siti.taps("Jawab lewat tombol").sees_toast("Untuk Bu Siti").sees(given.text)
    siti.answers(given.options[0]).sees("Jawaban untuk Bu Siti", "Tepat")
    siti.sends_tap("quizzes:review").sees("Untuk siapa?").taps("Kak Rina").sees("Belum ada pertanyaan")
    with chat.database.transaction() as db:
        quiz = db.scalars(select(Quiz)).one()
        assert quiz.right
        assert quiz.person_id != siti.person(db).id


@pytest.mark.parametrize(
    "data",
    ["quizzes:answer:999:0", "quizzes:letters:7", "quizzes:ask:M99L9"],
)
def test_forged_buttons_are_answered_kindly(chat: Chat, data: str) -> None:
    registered(chat).sends_tap(data).sees("tidak berlaku", "Belajar", "Bantuan")


@pytest.mark.parametrize("data", ["quizzes:answer:x:y", "quizzes:answer", "quizzes:letters:-1", "quizzes:ask"])
def test_malformed_buttons_are_answered_like_old_ones(chat: Chat, data: str) -> None:
    registered(chat).sends_tap(data).sees_toast("sudah tidak berlaku").sees("Ada yang bisa kami bantu")


def test_a_place_that_was_never_shown_is_no_answer(chat: Chat) -> None:
    siti = saver(chat)
    asked(chat, siti)
    quiz_id = quizzes_of(chat, siti)[0].id
    siti.sends_tap(f"quizzes:answer:{quiz_id}:7").sees("tidak berlaku")
    asked(chat, siti)
    siti.sends_tap(f"quizzes:answer:{quiz_id}:-1").sees_toast("sudah tidak berlaku")
    assert quizzes_of(chat, siti)[0].answered_at is None


def test_before_registration_a_quiz_leads_there(chat: Chat) -> None:
    chat.phone().sends_tap(f"quizzes:ask:{LESSON}").sees("Ya, setuju")


def test_the_question_of_a_marked_lesson_is_not_asked(chat: Chat) -> None:
    siti = registered(chat)
    (marked, *_) = chat.content.marked(chat.now.date())
    siti.sends_tap(f"quizzes:ask:{marked.id}").sees("sedang kami periksa", "Lanjut")
    assert quizzes_of(chat, siti) == []


def test_later_edits_do_not_change_what_an_answer_meant(chat: Chat) -> None:
    siti = registered(chat)
    given = asked(chat, siti)
    right, *wrong = given.options
    with_lesson(chat, LESSON, question=replace(given, options=(wrong[0], right, wrong[1])))
    siti.answers(right).sees("Tepat")
    assert quizzes_of(chat, siti)[0].right is True
    chat.travel(minutes=5)
    asked(chat, siti)  # the new edition is another asking
    siti.answers(right).sees("Belum tepat")


def test_a_question_taken_out_meanwhile_is_answered_all_the_same(chat: Chat) -> None:
    siti = registered(chat)
    given = asked(chat, siti)
    with_lesson(chat, LESSON, question=replace(given, id="M01L1-Q2"))
    siti.answers(given.options[1]).sees("Belum tepat", "Lanjut")


def test_the_right_option_stands_everywhere_equally_often() -> None:
    orders = Counter(quizzes.shuffled(f"{person}:M01L1-Q1:lesson:0", 3) for person in range(6_000))
    assert len(orders) == 6
    # chi square with 5 degrees of freedom: above 20.5 once in a thousand
    assert sum((number - 1_000) ** 2 / 1_000 for number in orders.values()) < 20.5
    places = Counter(order.index(0) for order in orders.elements())
    assert sum((number - 2_000) ** 2 / 2_000 for number in places.values()) < 13.8
    assert quizzes.shuffled("same", 3) == quizzes.shuffled("same", 3)


# --- reviews --------------------------------------------------------------------------------------------------------


def test_a_miss_comes_back_after_2_7_and_21_days_and_then_is_done(chat: Chat) -> None:
    siti = registered(chat)
    (given,) = missed(chat, siti)
    for number, day in enumerate((2, 7, 21), 1):
        chat.travel(to=at(day, 8, 59))
        assert len(offers_to(siti)) == number - 1
        siti.looks_up()
        chat.travel(to=at(day, 9))
        siti.sees("Bu Siti, ada 1 pertanyaan untuk diulang", "Mulai", "Nanti", "Bantuan")
        siti.taps("Mulai")
        assert siti.last.params["question"] == given.text
        siti.answers(given.options[0]).sees("Tepat", "Ulangan singkat hari ini selesai", "Lanjut")
        if number == 1:
            siti.sees("5 hari lagi")
    assert review_of(chat, siti).done_at == chat.now
    chat.travel(days=60)
    assert len(offers_to(siti)) == 3
    with chat.database.transaction() as db:
        assert quizzes.kept(db, chat.content) == quizzes.Kept(1, 1)
    assert [quiz.repeat for quiz in quizzes_of(chat, siti)] == [0, 1, 2, 3]


def test_wrong_starts_over(chat: Chat) -> None:
    siti = registered(chat)
    (given,) = missed(chat, siti)
    chat.travel(to=at(2, 9))
    siti.taps("Mulai").answers(given.options[0])
    chat.travel(to=at(7, 9))
    siti.taps("Mulai").answers(given.options[1]).sees("Belum tepat", given.explanation, "Lusa kita ulang", "selesai")
    review = review_of(chat, siti)
    assert (review.stage, review.due_at) == (0, at(9, 9))
    chat.travel(to=at(9, 9))
    siti.sees("ada 1 pertanyaan")


def test_at_most_three_a_day_and_one_message(chat: Chat) -> None:
    siti = registered(chat)
    missed(chat, siti, "M01L1", "M01L2", "M01L3", "M01L4", "M02L1")
    chat.travel(to=at(2, 9))
    assert offers_to(siti) == ["Bu Siti, ada 3 pertanyaan untuk diulang.\nWaktunya kira-kira satu menit."]
    siti.taps("Mulai")
    for lesson in ("M01L1", "M01L2", "M01L3"):
        assert siti.last.params["question"] == question(chat, lesson).text
        siti.answers(question(chat, lesson).options[0])
    siti.sees("selesai: 3 pertanyaan")
    siti.sends_tap("quizzes:review").sees("Belum ada pertanyaan")
    chat.travel(to=at(3, 9))
    siti.sees("ada 2 pertanyaan")


def test_it_comes_three_hours_from_the_daily_lesson_in_the_zone_of_the_site(chat: Chat) -> None:
    siti, rina = registered(chat), registered(chat, "Rina", "jayapura")
    with chat.database.transaction() as db:
        lessons.plan(db, siti.person(db), content=chat.content, now=chat.now, minute=16 * 60 + 30)
    missed(chat, siti)
    missed(chat, rina)
    chat.travel(to=datetime(2026, 11, 25, 0, 0, tzinfo=UTC))  # 09.00 WIT
    rina.sees("ada 1 pertanyaan")
    chat.travel(to=at(2, 13, 29))
    assert offers_to(siti) == []
    chat.travel(to=at(2, 13, 30))  # three hours before the lesson: after it would be evening
    assert len(offers_to(siti)) == 1


def test_quiet_hours_hold_it(chat: Chat) -> None:
    chat.travel(days=4)  # a Friday: two days later is a Sunday, quiet before 12 in NTT
    siti = registered(chat)
    missed(chat, siti)
    chat.travel(to=at(6, 11, 59))
    assert offers_to(siti) == []
    chat.travel(to=at(6, 12))
    assert len(offers_to(siti)) == 1


def test_without_consent_after_stop_or_when_blocked_nothing_comes_by_itself(chat: Chat) -> None:
    no, stopped, gone = registered(chat, reminders=False), registered(chat, "Budi"), registered(chat, "Ani")
    for phone in (no, stopped, gone):
        missed(chat, phone)
    stopped.types("/berhenti")
    with chat.database.transaction() as db:
        account = gone.account(db)
        assert account is not None
        account.blocked_at = chat.now
    chat.travel(days=5)
    assert [offers_to(phone) for phone in (no, stopped, gone)] == [[], [], []]
    no.sends_tap("quizzes:review")
    assert no.last.method == "sendPoll"  # asked for, it is there


def test_offers_let_pass_come_less_often_and_end(chat: Chat) -> None:
    siti = registered(chat)
    missed(chat, siti)
    chat.travel(to=at(9, 13))
    siti.sees("untuk diulang")
    for _ in range(3):
        chat.travel(days=30)
    siti.sees("Bu Siti, 4 ulangan terakhir belum sempat dijawab", "Mulai", "Bantuan")
    assert "Jangan kirim lagi" not in siti.last.labels
    with chat.database.transaction() as db:
        sent = db.scalars(select(OutboxRow.sent_at).where(OutboxRow.once.startswith("review:")).order_by(OutboxRow.id))
        days = [(moment.astimezone(WITA).date() - at(0, 0).date()).days for moment in sent if moment is not None]
    assert days == [2, 3, 5, 9, 16]  # four offers, and the word that they end
    siti.taps("Mulai").answers(question(chat).options[1]).sees("Lusa kita ulang")  # who answers wants them again
    chat.travel(days=2)
    siti.sees("ada 1 pertanyaan untuk diulang")


def test_no_more_offers_after_jangan_kirim_lagi_until_they_are_wanted(chat: Chat) -> None:
    siti = registered(chat)
    missed(chat, siti)
    chat.travel(to=at(2, 9))
    siti.taps("Jangan kirim lagi").sees("ulangan tidak kami kirim lagi", "Kirim ulangan lagi")
    siti.answers(asked(chat, siti).options[1]).sees("bisa diulang di menu Belajar").does_not_see("Lusa")
    siti.looks_up()
    for _ in range(3):
        chat.travel(days=30)
    siti.sees_nothing_new()
    siti.types("/belajar").taps("Ulang pertanyaan")
    assert siti.last.method == "sendPoll"  # asked for, it is there
    siti.types("/belajar").taps("Atur jam belajar").taps("Kirim ulangan lagi").sees("kami kirim lagi")
    chat.travel(days=2)
    siti.sees("ada 1 pertanyaan untuk diulang")
    siti.types("/belajar").taps("Atur jam belajar").does_not_see("Kirim ulangan lagi")


def test_jangan_kirim_lagi_is_about_whom_it_was_sent_to(chat: Chat) -> None:
    siti = registered(chat)
    missed(chat, siti)
    chat.travel(to=at(2, 9))
    (data,) = (b["callback_data"] for row in siti.last.buttons for b in row if b["text"] == "Jangan kirim lagi")
    with chat.database.transaction() as db:
        assert data == f"quizzes:stop_reviews:{siti.person(db).id}"


def test_it_never_comes_with_the_daily_lesson(chat: Chat) -> None:
    """Over nine days of lessons every day, at hours whose days have quiet times, of which none is answered."""
    hours = (8, 9, 12, 15, 16, 19)
    phones = [registered(chat, f"Orang {n}") for n in range(len(hours))]
    for phone, hour in zip(phones, hours, strict=True):
        missed(chat, phone)
        with chat.database.transaction() as db:
            lessons.plan(db, phone.person(db), content=chat.content, now=chat.now, minute=hour * 60, days=127)
    chat.travel(days=9)
    with chat.database.transaction() as db:
        rows = db.execute(
            select(OutboxRow.chat_id, OutboxRow.once, OutboxRow.sent_at).where(
                OutboxRow.sent_at.is_not(None), OutboxRow.kind == "lesson"
            )
        ).all()
    for phone in phones:
        mine = [(str(once), sent) for chat_id, once, sent in rows if chat_id == phone.id and sent is not None]
        reviews = [sent for once, sent in mine if once.startswith("review:")]
        taught = [sent for once, sent in mine if once.startswith("lesson:")]
        assert reviews
        assert taught
        assert min(abs(one - other) for one in reviews for other in taught) >= timedelta(hours=1)


@by_turns("end", ["silence", "Matikan pelajaran"])
def test_nothing_comes_after_lessons_were_stopped(chat: Chat, end: str) -> None:
    siti = registered(chat)
    siti.types("/belajar").taps("Atur jam belajar").taps("Nyalakan pelajaran")
    if end == "silence":
        for _ in range(4):
            chat.travel(days=10)
        siti.sees("Kami berhenti mengirim dulu")
    else:
        siti.taps(end)
    missed(chat, siti)
    siti.sees("bisa diulang di menu Belajar")
    siti.looks_up()
    chat.travel(days=30)
    siti.sees_nothing_new()
    siti.types("/belajar").taps("Atur jam belajar").taps("Nyalakan pelajaran")
    chat.travel(days=4)
    assert offers_to(siti)


def test_a_rest_from_lessons_is_one_from_reviews(chat: Chat) -> None:
    siti = registered(chat)
    siti.types("/belajar").taps("Atur jam belajar").taps("Nyalakan pelajaran").taps("Libur dulu")
    missed(chat, siti)
    chat.travel(days=6)
    assert offers_to(siti) == []
    chat.travel(days=4)
    assert len(offers_to(siti)) >= 1


def test_later_means_tomorrow(chat: Chat) -> None:
    siti = registered(chat)
    missed(chat, siti)
    chat.travel(to=at(2, 9))
    siti.taps("Nanti").sees("Besok kami tanya lagi")
    chat.travel(to=at(3, 8, 59))
    siti.looks_up()
    chat.travel(to=at(3, 9))
    siti.sees("ada 1 pertanyaan")


def test_looked_at_twice_or_after_a_restart_it_is_said_once(chat: Chat) -> None:
    siti = registered(chat)
    missed(chat, siti)
    chat.travel(to=at(2, 9))
    with chat.database.transaction() as db:
        db.execute(update(ReviewOffer).values(due_at=chat.now))  # as if another process had not seen it done
    chat.restart()
    chat.look()
    assert len(offers_to(siti)) == 1


def test_two_taps_on_mulai_ask_once(chat: Chat) -> None:
    siti = registered(chat)
    missed(chat, siti)
    chat.travel(to=at(2, 9))
    siti.taps("Mulai").taps("Mulai").sees_nothing_new().sees_toast("sudah ada di bawah")


def test_a_question_that_cannot_be_asked_now_waits(chat: Chat) -> None:
    siti = registered(chat)
    missed(chat, siti)
    (marked, *_) = chat.content.marked(chat.now.date())
    lesson = chat.content.lesson(LESSON)
    assert lesson is not None
    with_lesson(chat, LESSON, facts=marked.facts)
    chat.travel(to=at(4, 9))
    assert offers_to(siti) == []
    siti.sends_tap("quizzes:review").sees("Belum ada pertanyaan")
    with_lesson(chat, LESSON, facts=lesson.facts)
    chat.travel(to=at(5, 9))
    assert len(offers_to(siti)) == 1


def test_many_people_are_asked_in_one_look(chat: Chat) -> None:
    phones = [registered(chat, f"Orang {n}", site) for n in range(6) for site in ("labuan-bajo", "yogyakarta")]
    for phone in phones:
        missed(chat, phone)
    chat.travel(to=at(2, 10))
    assert [len(offers_to(phone)) for phone in phones] == [1] * len(phones)


# --- the tests before and after -------------------------------------------------------------------------------------


def answer_test(chat: Chat, phone: Phone, right: int, of: int = 13) -> None:
    """Answer the next `of` questions of a test, the first `right` of them rightly."""
    for number in range(of):
        given = next(q for q in chat.content.test_questions() if q.text in phone.last.text)
        picks(phone, given.options[0 if number < right else 1])


def finish_core(chat: Chat, phone: Phone) -> None:
    with chat.database.transaction() as db:
        for lesson_id in sorted(chat.content.core_lessons()):
            lessons.finish(db, phone.person(db), lesson_id, content=chat.content, now=chat.now)


def states(chat: Chat, phone: Phone) -> tuple[quizzes.TestState, quizzes.TestState]:
    with chat.database.transaction() as db:
        person = phone.person(db)
        return quizzes.pretest_state(db, person), quizzes.posttest_state(db, person)


def test_before_and_after_with_the_same_questions(chat: Chat) -> None:
    siti = registered(chat)
    siti.sends_tap("quizzes:pretest").sees("13 pertanyaan pendek", "Mulai", "Lewati", "Bantuan")
    siti.taps("Mulai").sees("Pertanyaan 1 dari 13", "Berhenti dulu")
    answer_test(chat, siti, 4, 12)
    siti.sees("Terima kasih, dicatat", "Pertanyaan 13 dari 13").does_not_see("tepat", "Tepat")
    answer_test(chat, siti, 0, 1)
    siti.sees("Tes awal selesai: 4 dari 13 tepat", "Lanjut")
    assert len(siti.bubbles) == 1  # one message, edited: no score in a notification
    assert states(chat, siti)[0] == quizzes.TestState(quizzes.TestStatus.DONE, 13, 13, 4)
    with chat.database.transaction() as db:
        assert quizzes.reviews_of(db, siti.person(db)) == []  # it was not taught yet

    siti.sends_tap("quizzes:posttest").sees("setelah modul utama")
    finish_core(chat, siti)
    siti.sends_tap("quizzes:posttest").sees("13 pertanyaan penutup").taps("Mulai")
    answer_test(chat, siti, 7)
    siti.sees("Tes akhir selesai: 7 dari 13 tepat", "Di tes awal: 4 dari 13", "Lanjut")
    with chat.database.transaction() as db:
        assert quizzes.gain(db) == quizzes.Gain(1, 4 / 13, 7 / 13)
        assert len(quizzes.reviews_of(db, siti.person(db))) == 6
    before = [q for q in quizzes_of(chat, siti) if q.purpose == QuizPurpose.PRETEST]
    after = [q for q in quizzes_of(chat, siti) if q.purpose == QuizPurpose.POSTTEST]
    assert [q.question_id for q in before] == [q.question_id for q in after]
    assert [q.shown_order for q in before] != [q.shown_order for q in after]
    siti.types("/menu").sends_tap("quizzes:posttest", 1).sees("7 dari 13")  # taken once; the result is there to see


def test_a_test_is_stopped_and_gone_on_with(chat: Chat) -> None:
    siti = registered(chat)
    siti.sends_tap("quizzes:pretest").taps("Mulai")
    answer_test(chat, siti, 2, 3)
    siti.taps("Berhenti dulu").sees("Tersimpan: 3 dari 13", "Lanjutkan tes", "Belajar")
    assert states(chat, siti)[0] == quizzes.TestState(quizzes.TestStatus.BEGUN, 3, 13, put_off=True)
    chat.restart()
    chat.travel(days=3)
    siti.taps("Lanjutkan tes").sees("Pertanyaan 4 dari 13")


def test_a_skipped_test_leads_to_the_lesson_and_stays_open_until_something_was_learnt(chat: Chat) -> None:
    siti = registered(chat)
    siti.sends_tap("quizzes:pretest").taps("Lewati").sees_toast("dilewati").sees("Foto terang")
    assert states(chat, siti)[0].status == quizzes.TestStatus.SKIPPED
    siti.sends_tap("quizzes:pretest").sees("Mulai")
    siti.answers(asked(chat, siti).options[0])
    siti.sends_tap("quizzes:pretest").sees("Mulai")  # one lesson is no learning yet
    siti.answers(asked(chat, siti, "M01L2").options[0])
    siti.sends_tap("quizzes:pretest").sees("yang baru mulai belajar", "Lanjut")
    siti.types("/menu").sends_tap("quizzes:pretest:go", 1).sees("yang baru mulai belajar")


def test_the_post_test_alone_gives_a_result_but_no_gain(chat: Chat) -> None:
    siti = registered(chat)
    finish_core(chat, siti)
    siti.sends_tap("quizzes:posttest").taps("Lewati")
    siti.sends_tap("quizzes:posttest:go")
    answer_test(chat, siti, 13)
    siti.sees("13 dari 13").does_not_see("tes awal")
    siti.types("/menu").sends_tap("quizzes:skip:posttest", 1).sees("13 dari 13")
    with chat.database.transaction() as db:
        assert quizzes.gain(db) is None


def test_tapping_twice_in_a_test_answers_once(chat: Chat) -> None:
    siti = registered(chat)
    siti.sends_tap("quizzes:pretest").taps("Mulai")
    data = siti.last.buttons[0][0]["callback_data"]
    siti.sends_tap(data).sends_tap(data).sees_toast("Sudah dijawab")
    assert "Pertanyaan 2 dari 13" in siti.last.text
    assert [quiz.answered_at is None for quiz in quizzes_of(chat, siti)] == [False, True]


def test_a_question_gone_or_marked_in_the_middle_is_left_out_of_the_test(chat: Chat) -> None:
    siti = registered(chat)
    siti.sends_tap("quizzes:pretest").taps("Mulai")
    answer_test(chat, siti, 5, 5)
    last = chat.content.test_questions()[-1]
    (marked, *_) = chat.content.marked(chat.now.date())
    with_lesson(chat, last.lesson_id, facts=marked.facts)
    answer_test(chat, siti, 0, 7)
    siti.sees("5 dari 12 tepat")


def new_question(chat: Chat, lesson_id: str) -> tuple[Question, Question]:
    """The content is reloaded with another question in the lesson. Returns the old one and the new one."""
    old = question(chat, lesson_id)
    new = replace(old, id=f"{lesson_id}-Q9", text="Apa yang baru?", options=("Ini", "Itu", "Sana"))
    with_lesson(chat, lesson_id, question=new)
    learning = chat.content.programme.learning
    test = tuple(new.id if one == old.id else one for one in learning.test)
    programme = chat.content.programme.model_copy(update={"learning": learning.model_copy(update={"test": test})})
    chat.content = chat.app.content = replace(chat.content, programme=programme)
    return old, new


def test_the_test_after_asks_what_the_test_before_asked_though_lessons_ask_something_else_now(chat: Chat) -> None:
    siti, budi = registered(chat), registered(chat, "Budi")
    siti.sends_tap("quizzes:pretest").taps("Mulai")
    questions = chat.content.test_questions()
    answer_test(chat, siti, 2, 5)
    changed = [new_question(chat, question.lesson_id) for question in (questions[0], questions[7])]
    for number in range(5, 13):
        siti.sees(questions[number].text)
        picks(siti, questions[number].options[0])
    siti.sees("Tes awal selesai: 10 dari 13")

    finish_core(chat, siti)
    siti.sends_tap("quizzes:posttest").taps("Mulai")
    for number, given in enumerate(questions):
        siti.sees(given.text)
        picks(siti, given.options[1 if number == 7 else 0])
    siti.sees("Tes akhir selesai: 12 dari 13", "Di tes awal: 10 dari 13")
    chat.travel(days=2)
    siti.types("/menu").sends_tap("quizzes:review")
    assert siti.last.params["question"] == changed[1][1].text  # what was missed comes back as the lesson asks it now

    budi.sends_tap("quizzes:pretest").taps("Mulai").sees("Apa yang baru?").does_not_see(questions[0].text)


def test_what_was_missed_comes_back_as_the_question_that_took_its_place(chat: Chat) -> None:
    siti = registered(chat)
    missed(chat, siti)
    _, new = new_question(chat, LESSON)
    for number, day in enumerate((2, 7, 21), 1):
        chat.travel(to=at(day, 9))
        siti.sees("ada 1 pertanyaan untuk diulang").taps("Mulai")
        assert siti.last.params["question"] == new.text
        siti.answers(new.options[0]).sees("Tepat", "Ulangan singkat hari ini selesai")
        assert review_of(chat, siti).stage == number
    assert review_of(chat, siti).done_at == chat.now
    siti.sends_tap(f"quizzes:ask:{LESSON}").answers(new.options[1]).sees("Belum tepat")
    assert (review_of(chat, siti).stage, review_of(chat, siti).question_id) == (0, new.id)


# --- one's own data -------------------------------------------------------------------------------------------------


def test_the_copy_holds_the_answers_and_leaving_keeps_only_counts(chat: Chat) -> None:
    siti = registered(chat)
    missed(chat, siti)
    siti.sends_tap("quizzes:pretest:go")
    siti.types("/data_saya")
    files = siti.last.params["files"]
    copy = json.loads(files["document"][1])
    assert copy["kuis"][0]["pertanyaan"] == question(chat).id
    assert copy["kuis"][0]["tepat"] is False
    assert copy["ulangan_singkat"][0]["sudah_tepat"] == 0
    with chat.database.transaction() as db:
        account = siti.account(db)
        assert account is not None
        privacy.erase(db, account, siti.person(db), chat.now, chat.context.capabilities)
    with chat.database.transaction() as db:
        assert db.scalars(select(Review)).all() == []
        assert db.scalars(select(ReviewOffer)).all() == []
        (owner_id,) = set(db.scalars(select(Quiz.person_id)))
        owner = db.get(Person, owner_id)
        assert owner is not None
        assert (owner.name, owner.account_id) == ("", None)
    chat.travel(days=3)


# --- reports --------------------------------------------------------------------------------------------------------


def crowd(chat: Chat, right: int, wrong: int) -> None:
    for number in range(right + wrong):
        phone = registered(chat, f"Orang {number}")
        given = asked(chat, phone)
        phone.answers(given.options[0 if number < right else 2])


def test_the_report_of_questions_for_admins(chat: Chat) -> None:
    admin = registered(chat, "Ani")
    admin.types("/laporan_kuis").sees("hanya untuk pelatih atau admin")
    object.__setattr__(chat.app.settings, "admin_ids", (admin.id,))
    admin.types("/laporan_kuis").sees("Belum ada kuis")
    crowd(chat, 2, 5)
    for lesson in ("M01L2", "M01L3", "M01L4", "M01L5", "M02L1"):
        asked(chat, admin, lesson)
    first, second = question(chat).id, question(chat, "M01L2").id
    admin.types("/laporan_kuis").sees(f"{first}: ditanyakan 7 kali, langsung tepat 29% (n = 7)")
    admin.sees(f"Paling mengecoh: {question(chat).options[2]} (5)", f"{second}: ditanyakan <5 kali (n = 0)")
    admin.sees("halaman 1 dari 2")
    admin.taps("Lanjut").sees("halaman 2 dari 2").taps("Kembali").sees("halaman 1 dari 2")
    admin.sends_tap("quizzes:report:999").sees("halaman 2 dari 2")


def test_the_report_in_the_terminal_hides_few(chat: Chat) -> None:
    assert run_quiz_report(chat.database, chat.content, chat.now)[1][0] == "No question was asked yet."
    crowd(chat, 3, 1)
    code, lines = run_quiz_report(chat.database, chat.content, chat.now)
    assert code == 0
    assert lines[1].split()[:4] == [question(chat).id, "<5", "<5", "-"]
    crowd(chat, 1, 1)
    lines = run_quiz_report(chat.database, chat.content, chat.now)[1]
    assert lines[1].split()[:4] == [question(chat).id, "6", "6", "67%"]
    assert lines[1].endswith("(<5)")
    assert "Before and after: n 0, too few to tell." in lines


def test_the_command_prints_the_table(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    done = CliRunner().invoke(command_line.cli, ["report", "quiz"])
    assert done.exit_code == 0, done.output
    assert "No question was asked yet." in done.output
