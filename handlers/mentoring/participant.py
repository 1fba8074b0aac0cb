"""The person who asks: a question is begun, said, added to, corrected, taken back, and in the end clear."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.actions.appointments import SeeAppointment
from bot.actions.buttons import HELP, MENU
from bot.actions.consents import AskFirst
from bot.actions.faq import SeeNear, SeeTopics, SendAnyway
from bot.actions.mentoring import (
    AddToQuestion,
    AnswerClear,
    AnswerUnclear,
    AskMentor,
    CancelQuestion,
    HearMore,
    LookInstead,
    MeetInstead,
    NotForMentor,
    RateAnswer,
    SeeQuestions,
    SendHeld,
    ShowOpened,
    StopAsking,
)
from bot.actions.menu import OpenMenu
from bot.actions.understanding import HearWords
from bot.delivery import outbox
from bot.people.people import Person, Use
from bot.programme import consents, faq, mentoring, sessions
from bot.programme.mentoring import Closed, Given, State, Ticket, TicketMessage, Way
from bot.programme.sessions import ClassSession
from bot.turns.turn import Turn
from bot.understanding.intents import FOR_MENTORS
from bot.understanding.short_answers import asks_nothing
from bot.words.message import At, Button, Lines, Message, Value, Who, Words
from bot.words.typed_text import cleaned
from handlers.mentoring import aside, class_words, words

ASKING: Final = "mentoring"
WORDS: Final = "words"
FACES: Final = (3, 2, 1)


# --- asking -----------------------------------------------------------------------------------------------------------


def command_given(turn: Turn) -> None:
    """Shows the open questions after /tanya if there are any, else begins a new one."""
    if mentoring.open_questions(turn.db, turn.person):
        return questions_asked_for(turn)
    turn.follow(AskMentor())


def question_begun(turn: Turn, action: AskMentor) -> None:
    person = turn.person
    if not consents.covers(turn.db, person, Use.QUESTIONS, content=turn.content):
        return turn.follow(AskFirst(Use.QUESTIONS))
    session = _class_of(turn, person, action.origin)
    if session is None:
        _send_waiting(turn, person)
        match mentoring.may_ask(turn.db, person, turn.now):
            case mentoring.TooMany(most):
                return _too_many(turn, most)
            case mentoring.Blocked(until):
                return words.blocked(turn, until, person.site_id)
    turn.enter(ASKING, WORDS, origin=action.origin, asker=person.id)
    _ask(turn)


def _class_of(turn: Turn, person: Person, origin: str | None) -> ClassSession | None:
    """Returns the class that is spoken of, if the person has a seat in it; else it is a question like any other."""
    kind, _, number = (origin or "").partition(".")
    session = sessions.get(turn.db, int(number)) if kind == "class" and number.isdecimal() else None
    return session if session is not None and mentoring.class_words.has_seat(turn.db, person, session) else None


def more_begun(turn: Turn, action: AddToQuestion) -> None:
    ticket = _mine(turn, action.ticket)
    if ticket is None:
        return over(turn)
    if ticket.state not in mentoring.ALIVE and not mentoring.can_be_opened(ticket, turn.now):
        return turn.follow(AskMentor(ticket.origin or ""))  # too long ago: a new one
    turn.enter(ASKING, WORDS, ticket=ticket.id, asker=ticket.person_id)
    _ask(turn)


def asked_again(turn: Turn) -> None:
    if turn.account.state == aside.HELD and aside.held(turn):
        return _ask_whether(turn)
    _ask(turn)


def _ask(turn: Turn) -> None:
    stop = [[Button("mentoring.button.stop", StopAsking())]]
    if "ticket" in turn.draft:
        turn.say("mentoring.ask_more", buttons=stop)
    elif (session := _class_of(turn, turn.person, turn.draft.get("origin"))) is not None:
        turn.say("mentoring.ask_trainer", title=session.title, buttons=stop)
    else:
        site = turn.person.site_id or ""
        known = faq.some_published(turn.db, turn.person.site_id, turn.now, content=turn.content)
        topics = [[Button("faq.button.topics", LookInstead())]] if known else []
        topics.append([Button("appointments.button.begin", MeetInstead())])
        turn.say("mentoring.ask", expect=words.expected(turn, site, turn.content), buttons=[*topics, *stop])
    turn.ask(ASKING, WORDS)


def asking_stopped(turn: Turn) -> None:
    turn.leave(ASKING)
    turn.show("mentoring.stopped")


def meeting_instead(turn: Turn) -> None:
    """Looks for a time to meet instead of asking."""
    turn.leave(ASKING)
    turn.follow(SeeAppointment())


def topics_instead(turn: Turn) -> None:
    """Looks at what was answered for everybody instead of asking; what is typed there is no question any more."""
    turn.leave(ASKING)
    turn.follow(SeeTopics())


def words_given(turn: Turn) -> None:
    person = turn.whose(turn.draft.get("asker"))
    if person is None:  # they left this phone in the meantime
        turn.leave(ASKING)
        turn.follow(OpenMenu())
        return
    given = words.given(turn, mentoring.MOST_LETTERS)
    if isinstance(given, str):
        turn.say(given, plain=True)
        return asked_again(turn)
    if aside.waits(turn):
        return _written_aside(turn, given)
    if turn.draft.get("ticket") is None and _says_nothing(turn, given):
        turn.say("mentoring.no_question", buttons=[[Button("mentoring.button.stop", StopAsking())]])
        return turn.ask(ASKING, WORDS)
    pass_all_on(turn, person, [given])


def _written_aside(turn: Turn, given: Given) -> None:
    """Words typed after another screen was looked at: what is plainly for the bot is left to it, all else waits until
    the person says whether it is for the mentor."""
    if turn.account.state != aside.HELD and turn.text:
        found = turn.content.understand(cleaned(turn.text))
        if found.at_once and found.intent not in FOR_MENTORS:
            turn.leave(ASKING)
            return turn.follow(HearWords())
    if aside.hold(turn, given):
        _ask_whether(turn)


def _ask_whether(turn: Turn) -> None:
    session = _class_of(turn, turn.person, turn.draft.get("origin"))
    if session is not None:
        aside.ask(turn, ASKING, "mentoring.held.trainer", {"title": session.title})
    else:
        aside.ask(turn, ASKING, "mentoring.held.mentor")


def whether_answered(turn: Turn) -> None:
    """Words below the question whether to send what waits: a yes, a no, or more words."""
    answer = aside.answered(turn)
    if answer is None:
        return words_given(turn)
    if answer:
        return held_sent(turn, SendHeld(aside.said(turn)))
    asking_stopped(turn)


def held_sent(turn: Turn, action: SendHeld) -> None:
    if action.said != aside.said(turn):
        turn.toast("menu.stale")
        return asked_again(turn)
    person, given = turn.whose(turn.draft.get("asker")), aside.held(turn)
    if person is None or not given:  # they left this phone in the meantime
        turn.leave(ASKING)
        return turn.follow(OpenMenu())
    pass_all_on(turn, person, given)


def nothing_held(turn: Turn) -> None:
    """Answers a [Kirim] below words that wait no more: they were sent, or thrown away after a day."""
    turn.show("mentoring.held.nothing", buttons=[[Button("mentoring.button.ask", AskMentor())]])


def pass_all_on(turn: Turn, person: Person, given: Sequence[Given]) -> None:
    """Passes on what was written where the conversation asked for it: in a question, to the trainer of a class, or as
    a question of its own."""
    number, origin = turn.draft.get("ticket"), turn.draft.get("origin") or None
    turn.leave(ASKING)
    if number is not None:
        return add_all(turn, mentoring.mine(turn.db, person, number), given)
    if (session := _class_of(turn, person, origin)) is not None:
        for one in given:
            class_words.pass_on(turn, person, session, one)
        return
    origin = None if origin is not None and origin.startswith("class.") else origin  # the seat was given back meanwhile
    first, *rest = given
    if not rest and _waits_for_answers(turn, person, first, origin):
        return
    match mentoring.ask(turn.db, person, first, turn.now, content=turn.content, origin=origin):
        case mentoring.TooMany(most):
            _too_many(turn, most)
        case mentoring.Blocked(until):
            words.blocked(turn, until, person.site_id)
        case mentoring.Opened(ticket, _):
            for one in rest:
                mentoring.add(turn.db, ticket, one, turn.now, content=turn.content)
            _say_opened(turn, ticket)


def add_all(turn: Turn, ticket: Ticket | None, given: Sequence[Given]) -> None:
    if ticket is None:
        return over(turn)
    for one in given:
        _add(turn, ticket, one)


def _says_nothing(turn: Turn, given: Given) -> bool:
    """Whether the words are a greeting, thanks, a yes or no, or a mere question mark: nobody can answer that."""
    if given.form != "text":
        return False
    typed = cleaned(given.text or "")
    found = turn.content.understand(typed)
    return asks_nothing(turn.content.spelled(typed)) or (found.intent == "small_talk" and found.at_once)


def _waits_for_answers(turn: Turn, person: Person, given: Given, origin: str | None) -> bool:
    """Whether something was answered already that fits: it is shown first, and the question waits."""
    turn.act_for(person)
    _send_waiting(turn, person)
    if mentoring.may_ask(turn.db, person, turn.now) is not None:
        return False
    question = faq.hold(turn.db, person, given, turn.now, content=turn.content, origin=origin)
    if question is not None:
        turn.follow(SeeNear(question.said))
    return question is not None


def _send_waiting(turn: Turn, person: Person) -> None:
    """Sends a question that waits, before the next one is asked."""
    if (before := faq.held(turn.db, person)) is not None:
        turn.follow(SendAnyway(before.said))


def opened(turn: Turn, action: ShowOpened) -> None:
    ticket = _mine(turn, action.ticket)
    if ticket is None or ticket.state != State.OPEN:
        return questions_asked_for(turn)
    _say_opened(turn, ticket)


def _say_opened(turn: Turn, ticket: Ticket) -> None:
    """Shows a new question to the mentors on duty, and tells the person what to expect."""
    mentoring.cards.show_new(turn.db, ticket, turn.now, turn.context)
    site = turn.content.site(ticket.site_id)
    turn.say(
        "mentoring.opened",
        site=site.name if site else None,
        expect=words.expected(turn, ticket.site_id, turn.content),
        buttons=[
            [_more(ticket), Button("mentoring.button.cancel", CancelQuestion(ticket.id))],
            [Button("appointments.button.begin", SeeAppointment(ticket.id))],
        ],
    )


def _too_many(turn: Turn, most: int) -> None:
    turn.show("mentoring.too_many", n=most, buttons=[[Button("mentoring.button.mine", SeeQuestions())]])


# --- adding -----------------------------------------------------------------------------------------------------------


def more_heard(turn: Turn, action: HearMore) -> None:
    """Adds to an open question what came meanwhile and answered nothing else."""
    if action.ticket:
        named = mentoring.get(turn.db, action.ticket)
        ticket = named if named is not None and turn.whose(named.person_id) is not None else None
    else:
        ticket = mentoring.meant(turn.db, turn.person, turn.now) if turn.registered else None
    given = words.given(turn, mentoring.MOST_LETTERS)
    if ticket is not None:
        turn.act_for(turn.whose(ticket.person_id))
    if ticket is None or isinstance(given, str):
        turn.say(given if isinstance(given, str) else "mentoring.over")
        return
    _add(turn, ticket, given, waits=action.waits)


def replied(turn: Turn, ticket: Ticket) -> None:
    """Adds a Telegram reply to the question whose answer it replies to, whoever of the phone writes it."""
    person = turn.whose(ticket.person_id)
    given = words.given(turn, mentoring.MOST_LETTERS)
    if person is None:
        turn.say("mentoring.over")
    elif isinstance(given, str):
        turn.say(given, plain=turn.account.conversation is not None)
    else:
        turn.act_for(person)
        _add(turn, ticket, given)


def _add(turn: Turn, ticket: Ticket, given: Given, *, waits: bool = True) -> None:
    waited = ticket.state in mentoring.WAITS
    match mentoring.add(turn.db, ticket, given, turn.now, content=turn.content, waits=waits):
        case mentoring.NotOpen():
            person = turn.whose(ticket.person_id)
            until = mentoring.blocked_until(turn.db, person, turn.now) if person is not None else None
            if until is not None:
                return words.blocked(turn, until, ticket.site_id)
            over(turn)
        case mentoring.TooFast():
            turn.say("mentoring.too_fast", plain=turn.account.conversation is not None)
        case mentoring.Added(ticket, message, _):
            _pass_on(turn, ticket, message, waited=waited)
            if ticket.class_id is not None:
                return class_words.passed_on(turn, ticket, message)
            taken_back = Button("mentoring.button.not_mine", NotForMentor(message.id, person=ticket.person_id))
            key = "mentoring.passed_on" if turn.acts_for is None else "mentoring.passed_on_for"
            turn.say(key, buttons=[[taken_back]])


def _pass_on(turn: Turn, ticket: Ticket, message: TicketMessage, *, waited: bool) -> None:
    holder = mentoring.holder(turn.db, ticket)
    if holder is not None:
        mentoring.cards.show_more(turn.db, ticket, message, holder, turn.now)
    elif not waited and ticket.class_id is not None:
        class_words.show_to_trainers(turn, ticket, message)
    elif not waited:  # nobody's any more
        mentoring.cards.show_new(turn.db, ticket, turn.now, turn.context)


def not_meant(turn: Turn, action: NotForMentor) -> None:
    message = mentoring.message_of(turn.db, action.message)
    if message is None or message.person_id != turn.person.id or message.way != Way.IN:
        turn.toast("menu.stale")
        return turn.follow(SeeQuestions())
    ticket = mentoring.get(turn.db, message.ticket_id)
    about_class = ticket is not None and ticket.class_id is not None
    if not mentoring.is_first(turn.db, message):
        for one in mentoring.albums.pieces(turn.db, message):
            mentoring.cards.taken_back(turn.db, one, turn.now, key="mentoring.card_message_back")
            mentoring.take_back(turn.db, one)
        if ticket is not None:
            mentoring.waits_no_more(turn.db, ticket, turn.now, content=turn.content)
        turn.show("mentoring.class_taken_back" if about_class else "mentoring.taken_back")
    elif ticket is not None and about_class and mentoring.cancel(turn.db, ticket, turn.now):
        mentoring.cards.over(turn.db, ticket, turn.now, key="mentoring.card_cancelled")
        mentoring.empty(turn.db, [ticket.id], turn.now)
        turn.show("mentoring.class_taken_back")
    elif ticket is not None and about_class:
        clear = Button("mentoring.button.clear", AnswerClear(ticket.id))
        turn.show("mentoring.answered_already", buttons=[[clear]])
    else:
        turn.show("mentoring.not_taken_back", buttons=[[Button("mentoring.button.mine", SeeQuestions())]])


# --- looking and ending -----------------------------------------------------------------------------------------------


def questions_asked_for(turn: Turn) -> None:
    person = turn.person
    found = mentoring.open_questions(turn.db, person)
    for one in found:
        mentoring.send_again(
            turn.db, one, turn.now, content=turn.content
        )  # what did not arrive while the bot was blocked
    ask = [Button("mentoring.button.ask", AskMentor())]
    if faq.some_published(turn.db, person.site_id, turn.now, content=turn.content):
        ask.append(Button("faq.button.topics", SeeTopics()))
    if not found:
        turn.show("mentoring.none", buttons=[ask])
        return
    zone = turn.zone(person.site_id)
    lines = [
        Words(
            f"mentoring.mine_line.{one.state if one.class_id is None else 'class'}",
            {"number": one.id, "since": At(one.opened_at, zone)},
        )
        for one in found
    ]
    buttons = [
        [
            Button("mentoring.button.add", AddToQuestion(one.id), {"number": one.id}),
            *(
                [Button("mentoring.button.cancel", CancelQuestion(one.id))]
                if not one.answered
                else [Button("mentoring.button.clear", AnswerClear(one.id))]
            ),
        ]
        for one in found
    ]
    turn.show("mentoring.mine", lines=Lines(tuple(lines)), buttons=[*buttons, ask])


def question_taken_back(turn: Turn, action: CancelQuestion) -> None:
    ticket = _mine(turn, action.ticket)
    if ticket is None or ticket.state == State.CLOSED:
        return over(turn)
    if ticket.state == State.CANCELLED:
        turn.show("mentoring.cancelled")
        return
    if mentoring.cancel(turn.db, ticket, turn.now):
        mentoring.cards.over(turn.db, ticket, turn.now, key="mentoring.card_cancelled")
        turn.show("mentoring.cancelled")
    else:
        clear = Button("mentoring.button.clear", AnswerClear(ticket.id))
        turn.show("mentoring.answered_already", buttons=[[clear]])


def answer_clear(turn: Turn, action: AnswerClear) -> None:
    ticket = _mine(turn, action.ticket)
    if ticket is None:
        return over(turn)
    if not mentoring.close(turn.db, ticket, turn.now, Closed.CLEAR):
        turn.toast("mentoring.toast.closed")
        if not turn.sees_answer_in_place or ticket.face is not None:
            return
    else:
        _tell_mentor(turn, ticket, "mentoring.told_clear")
    if ticket.class_id is not None:  # a word about parking needs no marks
        return turn.say("mentoring.class_closed", plain=turn.account.conversation is not None)
    faces = [Button(f"mentoring.button.face_{face}", RateAnswer(ticket.id, face)) for face in FACES]
    turn.say("mentoring.closed", buttons=[faces])


def heart_put(turn: Turn) -> None:
    """Records that an answer is clear, as the button does, when a friendly emoji is put on it. On anything else, and on
    an answer in a question that is over, an emoji does nothing."""
    if turn.reaction is None:
        return
    ticket = mentoring.cards.answer_replied_to(turn.db, turn.account, turn.reaction[0])
    person = turn.whose(ticket.person_id) if ticket is not None else None
    if ticket is not None and person is not None and ticket.state == State.ANSWERED:
        turn.act_for(person)
        answer_clear(turn, AnswerClear(ticket.id))


def answer_unclear(turn: Turn, action: AnswerUnclear) -> None:
    ticket = _mine(turn, action.ticket)
    if ticket is None or ticket.state in (State.CLOSED, State.CANCELLED):
        return over(turn)
    if mentoring.unclear(turn.db, ticket, turn.now, content=turn.content):
        _tell_mentor(turn, ticket, "mentoring.told_unclear")
    turn.enter(ASKING, WORDS, ticket=ticket.id, asker=ticket.person_id)
    _ask(turn)


def answer_rated(turn: Turn, action: RateAnswer) -> None:
    ticket = _mine(turn, action.ticket)
    if ticket is None or action.face not in FACES:
        return over(turn)
    mentoring.rate(turn.db, ticket, action.face)
    turn.show("mentoring.rated", buttons=[[MENU, HELP]], plain=True)


def _tell_mentor(turn: Turn, ticket: Ticket, key: str) -> None:
    holder = mentoring.holder(turn.db, ticket)
    if holder is None or holder.blocked_at is not None:
        return
    values: dict[str, Value] = {"number": ticket.id, "who": Who(ticket.person_id)}
    message = Message(key, values, mentoring.cards.buttons_of(ticket))
    post = outbox.to(holder, message, kind=mentoring.cards.kind_of(ticket), site_id=ticket.site_id)
    mentoring.cards.note(turn.db, ticket, holder, outbox.post(turn.db, post, now=turn.now))


def _mine(turn: Turn, number: int) -> Ticket | None:
    person: Person = turn.person
    return mentoring.mine(turn.db, person, number)


def _more(ticket: Ticket) -> Button:
    return Button("mentoring.button.more", AddToQuestion(ticket.id))


def over(turn: Turn) -> None:
    """Tells that the button belongs to a question that is over, or is nobody's on this phone; a new one can be
    asked."""
    turn.toast("menu.stale")
    turn.show("mentoring.over", buttons=[[Button("mentoring.button.ask", AskMentor())]])
