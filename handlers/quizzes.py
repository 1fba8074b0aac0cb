"""Quizzes: a question after the lesson, what was missed coming back, the tests before and after; what questions do."""

from __future__ import annotations

from typing import Final

from bot.capability import Capability, Command, Handlers
from bot.catalogue.content import Content
from bot.people import people
from bot.people.people import Person
from bot.programme import lessons, quizzes
from bot.programme.quizzes import QuizPurpose, TestStatus
from bot.turns.router import answered, command, tap
from bot.turns.turn import HELP, MENU, State, Turn
from bot.words.message import Button, Form, Lines, Message, Quiz, Words, rows

LETTERS: Final = "ABCDEFGHIJKL"
PAGE: Final = 5
"""Questions on one screen of the report."""
SHOWN_AGAIN: Final = 3
"""So many of the lessons missed in the post-test are offered to be read again."""


def handlers() -> Handlers:
    return [
        answered(poll_answered),
        tap("quizzes:ask", question_asked_for),
        tap("quizzes:letters", letters_asked_for),
        tap("quizzes:answer", letter_tapped),
        tap("quizzes:review", review_asked_for),
        tap("quizzes:later", review_put_off),
        tap("quizzes:pretest", pretest_asked_for),
        tap("quizzes:posttest", posttest_asked_for),
        tap("quizzes:skip", sitting_put_off),
        command("laporan_kuis", report_asked_for),
        tap("quizzes:report", report_asked_for),
    ]


CAPABILITY: Final = Capability(
    "quizzes",
    handlers,
    commands=(Command("laporan_kuis", "admin", place=50),),
    data=quizzes.DATA,
)


# --- asking ---------------------------------------------------------------------------------------------------------


def question_asked_for(turn: Turn) -> State:
    """quizzes:ask:<lesson id>"""
    match quizzes.ask_of_lesson(turn.db, turn.person, turn.choice, turn.now, content=turn.content):
        case quizzes.Asked() as asked:
            _put(turn, asked)
        case quizzes.JustAsked():
            turn.toast("quizzes.toast.asked")
        case quizzes.Marked():
            turn.show("quizzes.marked", contact=_contact(turn), buttons=[[_go_on()]])
        case quizzes.Unknown():
            turn.show("quizzes.gone", buttons=[[_path()]])
    return None


def letters_asked_for(turn: Turn) -> State:
    """quizzes:letters:<asking>: the poll once more, with buttons."""
    match quizzes.ask_with_letters(turn.db, turn.person, turn.number() or 0, turn.now, content=turn.content):
        case quizzes.Asked() as asked:
            _put(turn, asked)
        case quizzes.AlreadyAnswered():
            turn.toast("quizzes.already")
        case quizzes.OfAnother(owner):
            _say_whose(turn, owner)
        case quizzes.Unknown():
            turn.show("quizzes.gone", buttons=[[_path()]])
    return None


def _put(turn: Turn, asked: quizzes.Asked) -> None:
    """As a poll: votes are found by the row of the outbox; or with letters: the buttons name the asking."""
    quiz, question = asked.quiz, asked.question
    if not quiz.native:
        turn.show("quizzes.question", question=question.text, options=_options(asked), buttons=[_letters(quiz)])
        return
    shown = tuple(question.options[place] for place in quiz.shown_order)
    buttons = rows(
        [Button("quizzes.button.letters", f"quizzes:letters:{quiz.id}")],
        [Button("button.menu", MENU), Button("button.help", HELP)],
    )
    poll = Quiz(question.text, shown, quiz.correct, question.explanation or None)
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
        Button("quizzes.button.letter", f"quizzes:answer:{quiz.id}:{position}", {"letter": LETTERS[position]})
        for position in range(len(quiz.shown_order))
    ]


# --- answering ------------------------------------------------------------------------------------------------------


def poll_answered(turn: Turn) -> State:
    """A vote. Nothing is said to strangers: a poll can be passed on, and a bot may not write first."""
    vote = turn.poll_answer
    if vote is None or not vote.option_ids or not turn.registered:
        return None
    position = vote.option_ids[0]
    quiz = quizzes.quiz_of_poll(turn.db, turn.person, vote.poll_id, position)
    if quiz is not None:
        return _answer(turn, quiz.id, position)
    newest = quizzes.newest_open_poll(turn.db, turn.person)
    if newest is None:
        turn.say("quizzes.gone", buttons=[[_path()]])
        return None
    turn.say("quizzes.unclear", plain=True)
    turn.choice = str(newest.id)
    return letters_asked_for(turn)


def letter_tapped(turn: Turn) -> State:
    """quizzes:answer:<asking>:<place as shown>"""
    position = turn.number(1)
    return _answer(turn, turn.number() or 0, -1 if position is None else position)


def _answer(turn: Turn, quiz_id: int, position: int) -> State:
    match quizzes.answer(turn.db, turn.person, quiz_id, position, turn.now, content=turn.content):
        case quizzes.Right(quiz, days):
            turn.toast("quizzes.toast.noted")
            lessons.learned(turn.db, turn.person, turn.now, content=turn.content)
            if quiz.purpose != QuizPurpose.REVIEW:
                turn.say("quizzes.right", buttons=[[_go_on()]])
                return None
            if days is None:
                turn.say("quizzes.review.kept", plain=True)
            else:
                turn.say("quizzes.review.right", again=_in_days(days), plain=True)
            return _go_on_reviewing(turn)
        case quizzes.Wrong(quiz, question, days):
            turn.toast("quizzes.toast.noted")
            lessons.learned(turn.db, turn.person, turn.now, content=turn.content)
            review = quiz.purpose == QuizPurpose.REVIEW
            go_on = [] if review else [_go_on()]
            if question is None:  # taken out of the programme since it was asked
                turn.say("quizzes.wrong_bare", buttons=[go_on], plain=review)
            else:
                read = Button("quizzes.button.read", f"lessons:open:{question.lesson_id}")
                turn.say(
                    "quizzes.wrong",
                    right=question.options[0],
                    why=question.explanation,
                    again=_in_days(days),
                    buttons=[go_on, [read]],
                    plain=review,
                )
            if turn.person.consent_messages is None:
                turn.follow("privacy:ask:messages")  # without it nothing can come back by itself
            return _go_on_reviewing(turn) if review else None
        case quizzes.Noted(quiz):
            turn.toast("quizzes.toast.noted")
            return _go_on_with_test(turn, QuizPurpose(quiz.purpose), noted=True)
        case quizzes.AlreadyAnswered(quiz):
            return _already_answered(turn, quiz)
        case quizzes.OfAnother(owner):
            _say_whose(turn, owner)
        case quizzes.Unknown():
            turn.show("quizzes.gone", buttons=[[_path()]])
    return None


def _already_answered(turn: Turn, quiz: quizzes.Quiz) -> State:
    if turn.poll_answer is not None:  # a poll that was sent twice
        turn.say("quizzes.already", buttons=[[_go_on()]])
        return None
    turn.toast("quizzes.already")
    if quiz.purpose in quizzes.TESTS:
        return _go_on_with_test(turn, QuizPurpose(quiz.purpose), noted=True)
    return None


def _say_whose(turn: Turn, owner: Person | None) -> None:
    if owner is None:
        turn.say("quizzes.not_yours", buttons=[[_path()]])
        return
    change = Button("menu.button.people", "registration:people")
    turn.say("quizzes.of_another", owner=owner.called, buttons=[[change], [_path()]])


def _in_days(days: int) -> Words:
    return Words("quizzes.in_two_days") if days == 2 else Words("quizzes.in_days", {"n": days})


# --- reviewing ------------------------------------------------------------------------------------------------------


def review_asked_for(turn: Turn) -> State:
    match quizzes.next_review(turn.db, turn.person, turn.now, content=turn.content):
        case quizzes.Asked() as asked:
            _put(turn, asked)
        case quizzes.JustAsked():
            turn.toast("quizzes.toast.asked")
        case None:
            change = [Button("menu.button.people", "registration:people")]
            several = len(people.persons_of(turn.db, turn.account)) > 1
            turn.show("quizzes.review.none", buttons=[[_path()], change if several else []])
    return None


def review_put_off(turn: Turn) -> State:
    quizzes.put_off_review(turn.db, turn.person, turn.now, content=turn.content)
    turn.show("quizzes.review.later", buttons=[[_path()]])
    return None


def _go_on_reviewing(turn: Turn) -> State:
    match quizzes.next_review(turn.db, turn.person, turn.now, content=turn.content):
        case quizzes.Asked() as asked:
            _put(turn, asked)
        case None:
            done = quizzes.repeated_today(turn.db, turn.person, turn.now, content=turn.content)
            turn.say("quizzes.review.finished", n=done, buttons=[[_go_on()]])
    return None


# --- the tests before and after -------------------------------------------------------------------------------------


def pretest_asked_for(turn: Turn) -> State:
    """quizzes:pretest offers the test (or goes on with it); quizzes:pretest:go begins it."""
    return _test_asked_for(turn, QuizPurpose.PRETEST)


def posttest_asked_for(turn: Turn) -> State:
    return _test_asked_for(turn, QuizPurpose.POSTTEST)


def _test_asked_for(turn: Turn, purpose: QuizPurpose) -> State:
    state = _state(turn, purpose)
    if turn.choice == "go" or state.status in (TestStatus.BEGUN, TestStatus.DONE):
        return _go_on_with_test(turn, purpose)
    closed = quizzes.closed_test(turn.db, turn.person, purpose, turn.now, content=turn.content)
    if closed is not None:
        _say_closed(turn, closed)
        return None
    number = len(turn.content.test_questions)
    if purpose is QuizPurpose.PRETEST:
        start = Button("quizzes.button.start", "quizzes:pretest:go")
        turn.show("quizzes.pretest.offer", n=number, buttons=[[start, _skip(purpose, "quizzes.button.skip")]])
    else:
        start = Button("quizzes.button.start", "quizzes:posttest:go")
        turn.show("quizzes.posttest.offer", n=number, buttons=[[start, _skip(purpose, "quizzes.button.skip")]])
    return None


def _go_on_with_test(turn: Turn, purpose: QuizPurpose, *, noted: bool = False) -> State:
    """The next question takes the place of the one before: nobody is told in between what was right."""
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
    return None


def _show_result(turn: Turn, purpose: QuizPurpose, done: quizzes.TestDone) -> None:
    """In place, so that no notification shows a score to whoever holds the phone."""
    if purpose is QuizPurpose.PRETEST:
        turn.show("quizzes.pretest.done", score=done.score, total=done.answered, buttons=[[_go_on()]])
        return
    missed = [found for one in done.missed[:SHOWN_AGAIN] if (found := turn.content.lesson(one)) is not None]
    again = [[Button("quizzes.button.lesson", f"lessons:open:{one.id}", {"title": one.title})] for one in missed]
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


def sitting_put_off(turn: Turn) -> State:
    """quizzes:skip:<pretest|posttest>; without a choice it is the pre-test."""
    purpose = QuizPurpose.POSTTEST if turn.choice == QuizPurpose.POSTTEST else QuizPurpose.PRETEST
    state = quizzes.put_off_test(turn.db, turn.person, purpose, turn.now)
    if state.status is TestStatus.SKIPPED:
        turn.toast("quizzes.toast.skipped")
        return turn.follow("lessons:next")
    if state.status is TestStatus.DONE:
        return _go_on_with_test(turn, purpose)
    again = "quizzes:pretest:go" if purpose is QuizPurpose.PRETEST else "quizzes:posttest:go"
    go_on = Button("quizzes.button.go_on", again)
    turn.show("quizzes.test.stopped", n=state.answered, total=state.questions, buttons=[[go_on], [_path()]])
    return None


def _skip(purpose: QuizPurpose, key: str) -> Button:
    return Button(key, f"quizzes:skip:{purpose}")


def _state(turn: Turn, purpose: QuizPurpose) -> quizzes.TestState:
    ask = quizzes.pretest_state if purpose is QuizPurpose.PRETEST else quizzes.posttest_state
    return ask(turn.db, turn.person)


# --- for admins -----------------------------------------------------------------------------------------------------


def report_asked_for(turn: Turn) -> State:
    """/laporan_kuis, and quizzes:report:<page>: how each question does."""
    turn.must_be_admin()
    reports = quizzes.question_reports(turn.db, turn.content)
    if not reports:
        turn.show("quizzes.report.empty")
        return None
    pages = -(-len(reports) // PAGE)
    page = min(turn.number() or 1, pages) if turn.choice else 1
    page = max(page, 1)
    lines = [line for one in reports[(page - 1) * PAGE : page * PAGE] for line in _report(one, turn.content)]
    back = [Button("button.back", f"quizzes:report:{page - 1}")] if page > 1 else []
    on = [Button("quizzes.button.next", f"quizzes:report:{page + 1}")] if page < pages else []
    turn.show("quizzes.report.show", page=page, pages=pages, lines=Lines(tuple(lines)), buttons=[[*on, *back]])
    return None


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
    return Button("quizzes.button.next", "lessons:next")


def _path() -> Button:
    return Button("quizzes.button.learn", "lessons:path")


def _contact(turn: Turn) -> str | Words:
    return turn.settings.privacy_contact or Words("menu.contact_trainer")
