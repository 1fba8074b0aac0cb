"""Words on a phone of several people that may belong to the question of any of them: they wait until a name is
picked."""

from __future__ import annotations

from typing import Final

from bot.actions.mentoring import AskMentor, GiveTo, StopAsking
from bot.actions.understanding import HearWords
from bot.people.people import Person, Use
from bot.programme import consents, mentoring
from bot.programme.mentoring import Ticket
from bot.turns.turn import Turn
from bot.understanding.short_answers import takes_back, yes_or_no
from bot.words.message import Button
from bot.words.typed_text import cleaned
from handlers.mentoring import aside, participant, words

WHOSE: Final = "mentoring_whose"
WHICH: Final = "which"
NAME: Final = 4
"""The most words that name somebody: "punya bu Siti ya"."""


def whose_asked(turn: Turn) -> None:
    """Asks to whose question words belong, and keeps them meanwhile."""
    given = words.given(turn, mentoring.MOST_LETTERS)
    if isinstance(given, str):
        return turn.say(given)
    turn.enter(WHOSE, WHICH)
    aside.hold(turn, given)
    asked_again(turn)


def asked_again(turn: Turn) -> None:
    said = _first_said(turn)
    buttons = [
        [Button("mentoring.button.add_for", GiveTo(one.id, person.id, said), {"whom": person.called})]
        for one, person in _found(turn)
    ]
    if _may_be_new(turn):
        new = GiveTo(0, turn.person.id, said)
        buttons.append([Button("mentoring.button.new_question", new, {"whom": turn.person.called})])
    buttons.append([Button("mentoring.button.stop", StopAsking())])
    turn.say("mentoring.whose", buttons=buttons, plain=True)
    turn.ask(WHOSE, WHICH)


def _found(turn: Turn) -> list[tuple[Ticket, Person]]:
    """Returns the questions in which anything was said lately, one of each person of this phone, with the person."""
    others = mentoring.meant_by_others(turn.db, turn.account, turn.person, turn.now)
    mine = mentoring.meant(turn.db, turn.person, turn.now)
    found = [(one, turn.whose(one.person_id)) for one in (*([mine] if mine is not None else ()), *others)]
    return [(one, person) for one, person in found if person is not None]


def _may_be_new(turn: Turn) -> bool:
    return mentoring.meant(turn.db, turn.person, turn.now) is None


def _first_said(turn: Turn) -> int:
    waiting = aside.held(turn)
    return (waiting[0].telegram_message_id or 0) if waiting else 0


def given_to(turn: Turn, action: GiveTo) -> None:
    person, given = turn.whose(action.whom), aside.held(turn)
    if person is None or not given or action.said != _first_said(turn):
        turn.toast("menu.stale")
        return asked_again(turn)
    turn.leave(WHOSE)
    turn.act_for(person)
    if action.ticket:
        return participant.add_all(turn, mentoring.mine(turn.db, person, action.ticket), given)
    if not consents.covers(turn.db, person, Use.QUESTIONS, content=turn.content):
        return turn.follow(AskMentor())  # which asks for it
    turn.enter(participant.ASKING, participant.WORDS, asker=person.id)
    participant.pass_all_on(turn, person, given)


def words_given(turn: Turn) -> None:
    """A name picks the question; what is plainly for the bot, after another screen, is left to it; other words wait
    with the first."""
    typed = turn.content.spelled(cleaned(turn.text))
    if turn.text and aside.went_aside(turn):
        turn.leave(WHOSE)
        return turn.follow(HearWords())
    if turn.text and (takes_back(typed) or yes_or_no(typed) is False):
        return stopped(turn)
    named = _named(turn)
    if named is not None:
        return given_to(turn, GiveTo(named[0], named[1], _first_said(turn)))
    given = words.given(turn, mentoring.MOST_LETTERS)
    if isinstance(given, str):
        turn.say(given, plain=True)
        return asked_again(turn)
    if aside.hold(turn, given):
        asked_again(turn)


def _named(turn: Turn) -> tuple[int, int] | None:
    """Returns the question, and whose it is, of the one person whose name was typed."""
    typed = cleaned(turn.text).casefold().split()
    named = [(one.id, person.id) for one, person in _found(turn) if person.name and person.name.casefold() in typed]
    return named[0] if len(named) == 1 and len(typed) <= NAME else None


def stopped(turn: Turn) -> None:
    turn.leave(WHOSE)
    turn.show("mentoring.stopped")
