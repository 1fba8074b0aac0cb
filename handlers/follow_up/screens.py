"""What is shown after an answer, and what is said where a round cannot be answered."""

from __future__ import annotations

from bot.actions.follow_up import SayOpen
from bot.actions.menu import OpenMenu
from bot.actions.privacy import OfferConsent
from bot.people.people import Purpose
from bot.programme import follow_up
from bot.programme.follow_up import AgeBand, BusinessClosed, NeedsConsent, NotOpen, Open, RoundKind, Stale
from bot.turns.turn import Turn
from bot.words.message import Button, Message


def to_answer(turn: Turn, kind: RoundKind, version: int) -> Open | None:
    """Returns the round that a button answers. None if it cannot be answered (so), which has been said then."""
    if is_frozen(turn):
        return None
    found = follow_up.to_answer(turn.db, turn.person, kind, version, turn.now, content=turn.content)
    if isinstance(found, Stale):
        turn.toast("follow_up.toast.changed")
        show_next(turn, found.now.kind)
        return None
    if isinstance(found, Open):
        return found
    refused(turn, found)
    return None


def answerable(turn: Turn, kind: RoundKind) -> Open | None:
    """Returns a round that can be answered now. None if it cannot, which has been said then."""
    if is_frozen(turn):
        return None
    found = follow_up.opened(turn.db, turn.person, kind, turn.now, content=turn.content)
    if isinstance(found, Open):
        return found
    refused(turn, found)
    return None


def is_frozen(turn: Turn) -> bool:
    """Whether the person froze their data: nothing is kept then. The menu, which says so, has been shown."""
    if turn.person.frozen_at is None:
        return False
    turn.follow(OpenMenu())
    return True


def refused(turn: Turn, why: NotOpen) -> None:
    match why:
        case NeedsConsent():
            offer = Button("privacy.button.give.follow_up", OfferConsent(Purpose.FOLLOW_UP))
            turn.show("follow_up.needs_consent", buttons=[[offer]])
        case BusinessClosed(row) if row is not None:
            turn.show("follow_up.closed", buttons=[[Button("follow_up.button.open", SayOpen(RoundKind(row.kind)))]])
        case _:
            turn.show("follow_up.over")


def show_next(turn: Turn, kind: RoundKind) -> None:
    """Shows the question that is open, or the thanks with what is asked once ever."""
    person = turn.person
    turn.db.flush()
    found = follow_up.opened(turn.db, person, kind, turn.now, content=turn.content)
    if not isinstance(found, Open):
        return refused(turn, found)
    part, version = found.part, found.round.version
    if part < follow_up.PARTS:
        return show_question(turn, follow_up.question(kind, version, part, found.standing, turn.content, turn.language))
    about = follow_up.about_open(turn.db, person, found.round, turn.now)
    if about is not None:
        return show_question(turn, follow_up.age_question() if about is AgeBand else follow_up.sex_question())
    message = follow_up.thanks(kind, list(follow_up.outcomes_of(turn.db, person, kind)))
    turn.show(message.key, message.values, buttons=message.buttons)


def show_question(turn: Turn, message: Message) -> None:
    turn.show(message.key, message.values, buttons=message.buttons, plain=True)
