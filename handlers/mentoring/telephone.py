"""[Minta nomor]: a mentor asks whether a call may help; the person gives a number for this question, or does not."""

from __future__ import annotations

from typing import Final

from bot.actions.mentoring import AskNumber, GiveNumber, RefuseNumber, SeeTalk, StopAsking
from bot.actions.menu import OpenMenu
from bot.people.people import Person
from bot.programme import mentoring, registration
from bot.turns.turn import Turn
from bot.words.message import Button, Who
from handlers.mentoring import participant
from handlers.mentoring.rights import must_hold

GIVING: Final = "mentoring_number"
NUMBER: Final = "number"


def number_wanted(turn: Turn, action: AskNumber) -> None:
    ticket = must_hold(turn, action.ticket)
    if ticket is None:
        return
    back = [[Button("mentoring.button.talk", SeeTalk(ticket.id))]]
    if mentoring.ask_number(turn.db, ticket, turn.now, by=turn.account):
        turn.note("number_asked", f"ticket:{ticket.id}", site_id=ticket.site_id)
        turn.say("mentoring.number_asked", who=Who(ticket.person_id), number=ticket.id, buttons=back)
    else:
        turn.say("mentoring.number_asked_before", who=Who(ticket.person_id), number=ticket.id, buttons=back)


def giving_begun(turn: Turn, action: GiveNumber) -> None:
    ticket = mentoring.mine(turn.db, turn.person, action.ticket)
    if ticket is None or ticket.phone_asked_at is None or ticket.state not in mentoring.ALIVE:
        return participant.over(turn)
    turn.enter(GIVING, NUMBER, ticket=ticket.id, asker=ticket.person_id)
    _ask(turn, again=False)


def asked_again(turn: Turn) -> None:
    _ask(turn, again=True)


def _ask(turn: Turn, *, again: bool) -> None:
    stop = [[Button("mentoring.button.stop", StopAsking())]]
    turn.say("mentoring.number_again" if again else "mentoring.number_which", buttons=stop)
    turn.ask(GIVING, NUMBER)


def number_given(turn: Turn) -> None:
    person = turn.whose(turn.draft.get("asker"))
    if person is None:  # they left this phone in the meantime
        turn.leave(GIVING)
        return turn.follow(OpenMenu())
    number = registration.readable_phone(typed_or_shared(turn))
    if number is None:
        return _ask(turn, again=True)
    ticket = turn.draft.get("ticket", 0)
    turn.leave(GIVING)
    _keep(turn, person, ticket, number)


def keep(turn: Turn, asked: GiveNumber, number: str) -> None:
    """Keeps a telephone number that was typed directly below the question for it, without a tap."""
    person = turn.whose(asked.person)
    if person is None:
        return turn.follow(OpenMenu())
    turn.act_for(person)
    _keep(turn, person, asked.ticket, number)


def _keep(turn: Turn, person: Person, number_of: int, number: str) -> None:
    ticket = mentoring.mine(turn.db, person, number_of)
    if ticket is None or not mentoring.give_number(turn.db, ticket, number, turn.now):
        return participant.over(turn)
    no = Button("mentoring.button.number_back", RefuseNumber(ticket.id, person=person.id))
    turn.say("mentoring.number_kept", buttons=[[no]])


def typed_or_shared(turn: Turn) -> str:
    """Returns the telephone number that was typed, or that of a contact that was shared."""
    message = turn.update.message
    contact = message.contact if message is not None else None
    return f"+{contact.phone_number.lstrip('+')}" if contact is not None else turn.text


def giving_stopped(turn: Turn) -> None:
    turn.leave(GIVING)
    turn.show("mentoring.stopped")


def number_refused(turn: Turn, action: RefuseNumber) -> None:
    turn.leave(GIVING)
    ticket = mentoring.mine(turn.db, turn.person, action.ticket)
    if ticket is None or not mentoring.refuse_number(turn.db, ticket, turn.now):
        return participant.over(turn)
    turn.show("mentoring.number_not_kept")
