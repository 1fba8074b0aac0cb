"""Words about a class: what a participant says goes to its trainer, and a trainer writes to one person of the list."""

from __future__ import annotations

from typing import Final

from bot.actions.consents import AskFirst
from bot.actions.mentoring import HearClassWords, NotForMentor, SeeTalk, SendHeldAnswer, StopReplying, WriteToPerson
from bot.actions.roster import SeePerson, SeeRosters
from bot.people.people import Account, Person, Use
from bot.programme import consents, mentoring, sessions
from bot.programme.mentoring import Given, Ticket
from bot.programme.sessions import ClassSession
from bot.turns.led import led
from bot.turns.turn import Turn
from bot.words.message import At, Button, Value, Who
from handlers.mentoring import aside, replying, words

WRITING: Final = "mentoring_write"
WORDS: Final = "words"


# --- a participant ----------------------------------------------------------------------------------------------------


def words_heard(turn: Turn, action: HearClassWords) -> None:
    """Passes on what was typed, said or photographed about this class."""
    session = sessions.get(turn.db, action.session)
    given = words.given(turn, mentoring.MOST_LETTERS)
    if isinstance(given, str):
        turn.say(given, plain=turn.account.conversation is not None)
    elif session is not None:
        pass_on(turn, turn.person, session, given)


def pass_on(turn: Turn, person: Person, session: ClassSession, given: Given) -> None:
    if not consents.covers(turn.db, person, Use.QUESTIONS, content=turn.content):
        return turn.follow(AskFirst(Use.QUESTIONS))
    match mentoring.class_words.say(turn.db, person, session, given, turn.now, context=turn.context):
        case mentoring.Blocked(until):
            words.blocked(turn, until, person.site_id)
        case mentoring.TooFast():
            turn.say("mentoring.too_fast", plain=turn.account.conversation is not None)
        case mentoring.Opened(ticket, message):
            show_to_trainers(turn, ticket, message)
            passed_on(turn, ticket, message)
        case mentoring.Added(ticket, message, again):
            holder = mentoring.holder(turn.db, ticket)
            if holder is not None:
                mentoring.cards.show_more(turn.db, ticket, message, holder, turn.now)
            elif again or ticket.level == 0:
                show_to_trainers(turn, ticket, message)
            passed_on(turn, ticket, message)


def show_to_trainers(turn: Turn, ticket: Ticket, message: mentoring.TicketMessage) -> None:
    """Shows a message, without a sound, to the trainer who has the talk; if nobody can tell whose class it is, to all
    of the site."""
    holder = mentoring.holder(turn.db, ticket)
    session = sessions.get(turn.db, ticket.class_id or 0)
    person = turn.db.get(Person, ticket.person_id)
    if holder is not None:
        shown: list[Account] = [holder]
    elif session is not None and person is not None:
        shown = mentoring.class_words.trainers(turn.db, session, person, turn.context)
    else:
        shown = []
    shown = shown or mentoring.cards.on_duty(turn.db, ticket, turn.context)
    mentoring.cards.show_class_words(turn.db, ticket, message, shown, turn.now, turn.context)


def passed_on(turn: Turn, ticket: Ticket, message: mentoring.TicketMessage) -> None:
    """Tells the person to whom it went; beside an open question, which is asked again, in one line."""
    holder = mentoring.holder(turn.db, ticket)
    trainer = mentoring.called(holder) if holder is not None and holder.staff_name else None
    key = "mentoring.to_trainer" if trainer is None else "mentoring.to_trainer_named"
    if turn.acts_for is not None:
        key = "mentoring.to_trainer_for" if trainer is None else "mentoring.to_trainer_named_for"
    back = Button("mentoring.button.not_trainer", NotForMentor(message.id, person=ticket.person_id))
    turn.say(key, trainer=trainer, buttons=[[back]], secret=trainer is not None)


# --- a trainer --------------------------------------------------------------------------------------------------------


def writing_begun(turn: Turn, action: WriteToPerson) -> None:
    found = _whom(turn, action.person, action.session)
    if found is None:
        return
    person, session = found
    turn.enter(WRITING, WORDS, whom=person.id, session=session.id)
    _ask(turn, person, session)


def asked_again(turn: Turn) -> None:
    found = _whom(turn, turn.draft.get("whom", 0), turn.draft.get("session", 0))
    if found is None:
        return
    if turn.account.state == aside.HELD and aside.held(turn):
        return _ask_held(turn, *found)
    _ask(turn, *found)


def _ask(turn: Turn, person: Person, session: ClassSession) -> None:
    stop = [Button("mentoring.button.stop", StopReplying())]
    turn.say("mentoring.write", _facts(turn, person, session), buttons=[stop], plain=True)
    turn.ask(WRITING, WORDS)


def words_given(turn: Turn) -> None:
    found = _whom(turn, turn.draft.get("whom", 0), turn.draft.get("session", 0))
    if found is None:
        return
    given = words.given(turn, mentoring.MOST_ANSWER_LETTERS)
    if isinstance(given, str):
        turn.say(given, plain=True)
        return asked_again(turn)
    if aside.waits(turn):
        if aside.hold(turn, given):
            _ask_held(turn, *found)
        return
    turn.leave(WRITING)
    _write(turn, *found, given)


def _ask_held(turn: Turn, person: Person, session: ClassSession) -> None:
    aside.ask(turn, WRITING, "mentoring.held.person", {"who": Who(person.id)})


def held_answered(turn: Turn) -> None:
    """Words below the question whether to send what waits: a yes, a no, or more words."""
    answer = aside.answered(turn)
    if answer is None:
        return words_given(turn)
    if answer:
        return held_sent(turn, SendHeldAnswer(aside.said(turn)))
    writing_stopped(turn)


def held_sent(turn: Turn, action: SendHeldAnswer) -> None:
    found = _whom(turn, turn.draft.get("whom", 0), turn.draft.get("session", 0))
    if found is None:
        return
    if action.said != aside.said(turn):
        turn.toast("menu.stale")
        return asked_again(turn)
    given = aside.held(turn)
    turn.leave(WRITING)
    for one in given:
        _write(turn, *found, one)


def _write(turn: Turn, person: Person, session: ClassSession, given: Given) -> None:
    outcome = mentoring.class_words.write(
        turn.db, person, session, given, turn.now, by=turn.account, admin=turn.admin, content=turn.content
    )
    match outcome:
        case mentoring.Answered(ticket, message):
            turn.note("person_written_to", f"ticket:{ticket.id}", site_id=ticket.site_id)
            mentoring.cards.taken(turn.db, ticket, turn.account, turn.now)
            replying.sent(turn, ticket, message)
        case mentoring.HeldBy(ticket, account):
            words.held_by(turn, ticket, account)
        case mentoring.Own():
            words.own(turn)
        case mentoring.Unreachable(why):
            _unreachable(turn, person, session, why)
        case mentoring.TooFast():
            turn.say("mentoring.write_too_fast", who=Who(person.id), buttons=[[_back(person, session)]])
        case _:  # gone between the question and the words
            replying.over(turn)


def writing_stopped(turn: Turn) -> None:
    person, session = turn.draft.get("whom", 0), turn.draft.get("session", 0)
    turn.leave(WRITING)
    turn.show("mentoring.stopped", buttons=[[Button("button.back", SeePerson(person, session))]])


def _whom(turn: Turn, person_id: int, session_id: int) -> tuple[Person, ClassSession] | None:
    """Returns whom a trainer writes to, and the class; None: it cannot be, and they were told why. Refuses who does not
    look after the class."""
    session = led(turn, sessions.get(turn.db, session_id))
    person = turn.db.get(Person, person_id)
    if session is None or person is None or person.anonymised_at is not None:
        turn.leave(WRITING)
        turn.toast("menu.stale")
        turn.follow(SeeRosters())
        return None
    why = mentoring.class_words.why_not(turn.db, person, session, turn.now, content=turn.content)
    if why is not None:
        turn.leave(WRITING)
        _unreachable(turn, person, session, why)
        return None
    talk = mentoring.class_words.talk_of(turn.db, person, session)
    held = talk is not None and talk.state in mentoring.ALIVE and talk.claimed_by not in (None, turn.account.id)
    if talk is not None and held and not turn.admin:
        turn.leave(WRITING)
        see = Button("mentoring.button.talk", SeeTalk(talk.id))
        words.held_by(turn, talk, mentoring.holder(turn.db, talk), ways=[see])
        return None
    return person, session


def _unreachable(turn: Turn, person: Person, session: ClassSession, why: str) -> None:
    turn.show(f"mentoring.write_not.{why}", who=Who(person.id), buttons=[[_back(person, session)]])


def _back(person: Person, session: ClassSession) -> Button:
    return Button("button.back", SeePerson(person.id, session.id))


def _facts(turn: Turn, person: Person, session: ClassSession) -> dict[str, Value]:
    return {
        "who": Who(person.id),
        "title": session.title,
        "starts": At(session.starts_at, turn.zone(session.site_id)),
    }
