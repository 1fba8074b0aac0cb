"""Quizzes: a question after the lesson, reviews of missed ones, the tests before and after, and the report on
questions."""

from __future__ import annotations

from typing import Final

from bot.actions.buttons import HELP, MENU, back
from bot.actions.lessons import LearnNext, OpenLesson, SeePath
from bot.actions.privacy import AskConsent
from bot.actions.quizzes import (
    AnswerQuestion,
    AskQuestion,
    AskWithLetters,
    PutReviewOff,
    SeeQuestionReport,
    SkipTest,
    StartReview,
    StopReviews,
    TakePosttest,
    TakePretest,
    WantReviews,
)
from bot.actions.registration import SeePersons
from bot.capability import Capability, Command, Handlers
from bot.catalogue.content import Content
from bot.people import people
from bot.people.people import Person, Purpose
from bot.programme import lessons, quizzes
from bot.programme.quizzes import QuizPurpose, TestStatus
from bot.turns.router import answered, command, tap
from bot.turns.turn import Turn
from bot.words.message import Button, Form, Lines, Message, Quiz, Words, rows

LETTERS: Final = "ABCDEFGHIJKL"
PAGE: Final = 5
"""How many questions are on one screen of the report."""
SHOWN_AGAIN: Final = 3
"""How many of the lessons missed in the test after are offered to be read again."""


def handlers() -> Handlers:
    return [
        answered(poll_answered),
        tap(AskQuestion, question_asked_for),
        tap(AskWithLetters, letters_asked_for),
        tap(AnswerQuestion, letter_tapped),
        tap(StartReview, review_asked_for),
        tap(PutReviewOff, review_put_off),
        tap(StopReviews, reviews_stopped),
        tap(WantReviews, reviews_wanted),
        tap(TakePretest, pretest_asked_for),
        tap(TakePosttest, posttest_asked_for),
        tap(SkipTest, sitting_put_off),
        command("laporan_kuis", report_asked_for, SeeQuestionReport()),
        tap(SeeQuestionReport, report_asked_for),
    ]


CAPABILITY: Final = Capability(
    "quizzes",
    handlers,
    commands=(Command("laporan_kuis", "admin", place=50),),
    data=quizzes.DATA,
)


# --- asking ---------------------------------------------------------------------------------------------------------


def question_asked_for(turn: Turn, action: AskQuestion) -> None:
    match quizzes.ask_of_lesson(turn.db, turn.person, action.lesson, turn.now, content=turn.content):
        case quizzes.Asked() as asked:
            _put(turn, asked)
        case quizzes.JustAsked():
            turn.toast("quizzes.toast.asked")
        case quizzes.Marked():
            turn.show("quizzes.marked", contact=turn.contact, buttons=[[_go_on()]])
        case quizzes.Unknown():
            turn.show("quizzes.gone", buttons=[[_path()]])


def letters_asked_for(turn: Turn, action: AskWithLetters) -> None:
    """Asks the question of a poll again, with buttons."""
    match quizzes.ask_with_letters(turn.db, turn.person, action.quiz, turn.now, content=turn.content):
        case quizzes.Asked() as asked:
            _put(turn, asked)
        case quizzes.AlreadyAnswered():
            turn.toast("quizzes.already")
        case quizzes.OfAnother(owner):
            if _act_for(turn, owner):
                letters_asked_for(turn, action)
        case quizzes.Unknown():
            turn.show("quizzes.gone", buttons=[[_path()]])


def _put(turn: Turn, asked: quizzes.Asked) -> None:
    """Sends the question as a quiz poll, or as a text with letters to tap. A vote in the poll finds its question by the
    row of the outbox; a letter's button names it. Why an answer is right is told once, by the words that follow it:
    what a poll explains would cover the screen, be gone after some seconds, and be read twice."""
    quiz, question = asked.quiz, asked.question
    if not quiz.native:
        turn.show("quizzes.question", question=question.text, options=_options(asked), buttons=[_letters(quiz)])
        return
    shown = tuple(question.options[place] for place in quiz.shown_order)
    buttons = rows(
        [Button("quizzes.button.letters", AskWithLetters(quiz.id))],
        [MENU, HELP],
    )
    poll = Quiz(question.text, shown, quiz.correct)
    turn.send(Message(form=Form.QUIZ, quiz=poll, buttons=buttons), quiz_id=quiz.id)


def _options(asked: quizzes.Asked | quizzes.NextQuestion) -> Lines:
    return Lines(
        tuple(
            Words("quizzes.option", {"letter": letter, "option": asked.question.options[place]})
            for letter, place in zip(LETTERS, asked.quiz.shown_order, strict=False)
        )
    )


def _letters(quiz: quizzes.Quiz) -> list[Button]:
    return [
        Button("quizzes.button.letter", AnswerQuestion(quiz.id, position), {"letter": LETTERS[position]})
        for position in range(len(quiz.shown_order))
    ]


# --- answering ------------------------------------------------------------------------------------------------------


def poll_answered(turn: Turn) -> None:
    """Takes a vote. Strangers get no answer: a poll can be passed on, and a bot may not write first."""
    vote = turn.poll_answer
    if vote is None or not vote.option_ids or not turn.registered:
        return
    position = vote.option_ids[0]
    quiz = quizzes.quiz_of_poll(turn.db, turn.person, vote.poll_id, position)
    if quiz is not None:
        return _answer(turn, quiz.id, position)
    newest = quizzes.newest_open_poll(turn.db, turn.person)
    if newest is None:
        turn.say("quizzes.gone", buttons=[[_path()]])
        return
    turn.say("quizzes.unclear", plain=True)
    letters_asked_for(turn, AskWithLetters(newest.id))


def letter_tapped(turn: Turn, action: AnswerQuestion) -> None:
    _answer(turn, action.quiz, action.position)


def _answer(turn: Turn, quiz_id: int, position: int) -> None:
    match quizzes.answer(turn.db, turn.person, quiz_id, position, turn.now, content=turn.content):
        case quizzes.Right(quiz, question, days):
            turn.toast("quizzes.toast.noted")
            lessons.learned(turn.db, turn.person, turn.now, content=turn.content)
            if quiz.purpose != QuizPurpose.REVIEW:
                if question is not None and question.explanation:
                    turn.say("quizzes.right", why=question.explanation, buttons=[[_go_on()]])
                else:
                    turn.say("quizzes.right_bare", buttons=[[_go_on()]])
                return
            if days is None:
                turn.say("quizzes.review.kept", plain=True)
            else:
                turn.say("quizzes.review.right", again=_again(turn, days), plain=True)
            return _go_on_reviewing(turn)
        case quizzes.Wrong(quiz, question, days):
            turn.toast("quizzes.toast.noted")
            lessons.learned(turn.db, turn.person, turn.now, content=turn.content)
            review = quiz.purpose == QuizPurpose.REVIEW
            go_on = [] if review else [_go_on()]
            if question is None:  # taken out of the programme since it was asked
                turn.say("quizzes.wrong_bare", buttons=[go_on], plain=review)
            else:
                read = Button("quizzes.button.read", OpenLesson(question.lesson_id))
                turn.say(
                    "quizzes.wrong",
                    right=question.options[0],
                    why=question.explanation,
                    again=_again(turn, days),
                    buttons=[go_on, [read]],
                    plain=review,
                )
            if people.consent_of(turn.person, Purpose.LESSONS) is None:
                turn.follow(AskConsent(Purpose.LESSONS))  # without consent 2b nothing can come back by itself
            if review:
                _go_on_reviewing(turn)
        case quizzes.Noted(quiz):
            turn.toast("quizzes.toast.noted")
            return _go_on_with_test(turn, QuizPurpose(quiz.purpose), noted=True)
        case quizzes.AlreadyAnswered(quiz):
            return _already_answered(turn, quiz)
        case quizzes.OfAnother(owner):
            if _act_for(turn, owner):
                _answer(turn, quiz_id, position)
        case quizzes.Unknown():
            turn.show("quizzes.gone", buttons=[[_path()]])


def _already_answered(turn: Turn, quiz: quizzes.Quiz) -> None:
    if turn.poll_answer is not None:  # a poll that was sent twice
        turn.say("quizzes.already", buttons=[[_go_on()]])
        return
    turn.toast("quizzes.already")
    if quiz.purpose in quizzes.TESTS:
        return _go_on_with_test(turn, QuizPurpose(quiz.purpose), noted=True)


def _act_for(turn: Turn, owner: Person | None) -> bool:
    """Makes the turn about the person who was asked, whoever is the phone's current person. Returns False if that
    person is on another phone."""
    if owner is None:
        turn.say("quizzes.not_yours", buttons=[[_path()]])
        return False
    turn.act_for(owner)
    if turn.poll_answer is not None:  # a vote cannot be answered by a toast
        turn.say("quizzes.of_another", owner=owner.called, plain=True)
    return True


def _again(turn: Turn, days: int) -> Words:
    """Returns words for when the question comes back; if nothing comes by itself, for where it is found."""
    if not quizzes.comes_by_itself(turn.db, turn.person):
        return Words("quizzes.in_learning")
    return Words("quizzes.in_two_days") if days == 2 else Words("quizzes.in_days", {"n": days})


# --- reviewing ------------------------------------------------------------------------------------------------------


def review_asked_for(turn: Turn) -> None:
    match quizzes.next_review(turn.db, turn.person, turn.now, content=turn.content):
        case quizzes.Asked() as asked:
            _put(turn, asked)
        case quizzes.JustAsked():
            turn.toast("quizzes.toast.asked")
        case None:
            change = [Button("menu.button.people", SeePersons())]
            several = len(people.persons_of(turn.db, turn.account)) > 1
            turn.show("quizzes.review.none", buttons=[[_path()], change if several else []])


def review_put_off(turn: Turn) -> None:
    quizzes.put_off_review(turn.db, turn.person, turn.now, content=turn.content)
    again = "quizzes.tomorrow" if quizzes.comes_by_itself(turn.db, turn.person) else "quizzes.in_learning"
    turn.show("quizzes.review.later", again=Words(again), buttons=[[_path()]])


def reviews_stopped(turn: Turn) -> None:
    quizzes.stop_offers(turn.db, turn.person, turn.now)
    want = Button("quizzes.button.want_reviews", WantReviews())
    turn.show("quizzes.review.stopped", buttons=[[want], [_path()]])


def reviews_wanted(turn: Turn) -> None:
    quizzes.begin_offers_again(turn.db, turn.person, turn.now, turn.content)
    turn.show("quizzes.review.wanted", buttons=[[_path()]])


def _go_on_reviewing(turn: Turn) -> None:
    match quizzes.next_review(turn.db, turn.person, turn.now, content=turn.content):
        case quizzes.Asked() as asked:
            _put(turn, asked)
        case None:
            done = quizzes.repeated_today(turn.db, turn.person, turn.now, content=turn.content)
            turn.say("quizzes.review.finished", n=done, buttons=[[_go_on()]])


# --- the tests before and after -------------------------------------------------------------------------------------


def pretest_asked_for(turn: Turn, action: TakePretest) -> None:
    _test_asked_for(turn, QuizPurpose.PRETEST, begin=action.go is not None)


def posttest_asked_for(turn: Turn, action: TakePosttest) -> None:
    _test_asked_for(turn, QuizPurpose.POSTTEST, begin=action.go is not None)


def _test_asked_for(turn: Turn, purpose: QuizPurpose, *, begin: bool) -> None:
    state = _state(turn, purpose)
    if begin or state.status in (TestStatus.BEGUN, TestStatus.DONE):
        return _go_on_with_test(turn, purpose)
    closed = quizzes.closed_test(turn.db, turn.person, purpose, turn.now, content=turn.content)
    if closed is not None:
        _say_closed(turn, closed)
        return
    number = len(turn.content.test_questions(turn.person.learning_path))
    if purpose is QuizPurpose.PRETEST:
        start = Button("quizzes.button.start", TakePretest("go"))
        turn.show("quizzes.pretest.offer", n=number, buttons=[[start, _skip(purpose, "quizzes.button.skip")]])
    else:
        start = Button("quizzes.button.start", TakePosttest("go"))
        turn.show("quizzes.posttest.offer", n=number, buttons=[[start, _skip(purpose, "quizzes.button.skip")]])


def _go_on_with_test(turn: Turn, purpose: QuizPurpose, *, noted: bool = False) -> None:
    """Shows the next question in place of the one before. What was right is told only at the end of the test."""
    match quizzes.take_test(turn.db, turn.person, purpose, turn.now, content=turn.content):
        case quizzes.NextQuestion(quiz, question, number, total) as asked:
            turn.show(
                "quizzes.test.next" if noted else "quizzes.test.question",
                number=number,
                total=total,
                question=question.text,
                options=_options(asked),
                buttons=[_letters(quiz), [_skip(purpose, "quizzes.button.stop")]],
            )
        case quizzes.TestDone() as done:
            _show_result(turn, purpose, done)
        case closed:
            _say_closed(turn, closed)


def _show_result(turn: Turn, purpose: QuizPurpose, done: quizzes.TestDone) -> None:
    """Shows the result in place, so that no notification shows a score to other people who hold the phone."""
    if purpose is QuizPurpose.PRETEST:
        turn.show("quizzes.pretest.done", score=done.score, total=done.answered, buttons=[[_go_on()]])
        return
    missed = [found for one in done.missed[:SHOWN_AGAIN] if (found := turn.content.lesson(one)) is not None]
    again = [[Button("quizzes.button.lesson", OpenLesson(one.id), {"title": one.title})] for one in missed]
    buttons = [[_go_on()], *again]
    if done.before is None:
        turn.show("quizzes.posttest.done", score=done.score, total=done.answered, buttons=buttons)
    else:
        before, of = done.before
        turn.show(
            "quizzes.posttest.both",
            score=done.score,
            total=done.answered,
            before=before,
            before_total=of,
            buttons=buttons,
        )


def _say_closed(turn: Turn, closed: quizzes.TooLate | quizzes.TooEarly) -> None:
    key = "quizzes.pretest.late" if isinstance(closed, quizzes.TooLate) else "quizzes.posttest.early"
    turn.show(key, buttons=[[_go_on()]])


def sitting_put_off(turn: Turn, action: SkipTest) -> None:
    purpose = QuizPurpose.POSTTEST if action.purpose == "posttest" else QuizPurpose.PRETEST
    state = quizzes.put_off_test(turn.db, turn.person, purpose, turn.now)
    if state.status is TestStatus.SKIPPED:
        turn.toast("quizzes.toast.skipped")
        return turn.follow(LearnNext())
    if state.status is TestStatus.DONE:
        return _go_on_with_test(turn, purpose)
    again = TakePretest("go") if purpose is QuizPurpose.PRETEST else TakePosttest("go")
    go_on = Button("quizzes.button.go_on", again)
    turn.show("quizzes.test.stopped", n=state.answered, total=state.questions, buttons=[[go_on], [_path()]])


def _skip(purpose: QuizPurpose, key: str) -> Button:
    return Button(key, SkipTest("posttest" if purpose is QuizPurpose.POSTTEST else "pretest"))


def _state(turn: Turn, purpose: QuizPurpose) -> quizzes.TestState:
    ask = quizzes.pretest_state if purpose is QuizPurpose.PRETEST else quizzes.posttest_state
    return ask(turn.db, turn.person)


# --- for admins -----------------------------------------------------------------------------------------------------


def report_asked_for(turn: Turn, action: SeeQuestionReport) -> None:
    """Shows how often each question is answered rightly."""
    turn.must_be_admin()
    reports = quizzes.question_reports(turn.db, turn.content)
    if not reports:
        turn.show("quizzes.report.empty")
        return
    pages = -(-len(reports) // PAGE)
    page = max(min(action.page or 1, pages), 1)
    lines = [line for one in reports[(page - 1) * PAGE : page * PAGE] for line in _report(one, turn.content)]
    earlier = [back(SeeQuestionReport(page - 1))] if page > 1 else []
    on = [Button("quizzes.button.next", SeeQuestionReport(page + 1))] if page < pages else []
    turn.show("quizzes.report.show", page=page, pages=pages, lines=Lines(tuple(lines)), buttons=[[*on, *earlier]])


def _report(one: quizzes.QuestionReport, content: Content) -> list[Words]:
    values = {"question": one.question_id, "asked": quizzes.told(one.asked), "first": quizzes.told(one.first)}
    if one.first < quizzes.FEW:
        return [Words("quizzes.report.few", values)]
    lines = [Words("quizzes.report.line", {**values, "share": round(one.first_right / one.first, 2)})]
    question = content.question(one.question_id)
    if question is not None and one.fools is not None and one.fools < len(question.options):
        wrong = {"option": question.options[one.fools], "fooled": quizzes.told(one.fooled)}
        lines.append(Words("quizzes.report.fools", wrong))
    return lines


# --- ways on --------------------------------------------------------------------------------------------------------


def _go_on() -> Button:
    return Button("quizzes.button.next", LearnNext())


def _path() -> Button:
    return Button("quizzes.button.learn", SeePath())
