"""Which questions a member of staff may see: those of their sites, those near that nobody answers, those they have; and
words about the classes of the sites they lead."""

from __future__ import annotations

from bot.programme import mentoring
from bot.programme.mentoring import Ticket
from bot.turns.turn import NotAllowedError, Turn
from handlers.mentoring import words


def must_answer(turn: Turn) -> None:
    """Raises NotAllowedError for who neither answers questions nor leads classes."""
    if not turn.staff:  # trainers talk with the people of their classes also where they answer no questions
        turn.must_mentor()


def must_see(turn: Turn, number: int) -> Ticket | None:
    """Returns the question; None: there is none. Raises NotAllowedError for who may not see it."""
    must_answer(turn)
    ticket = mentoring.get(turn.db, number)
    if ticket is None:
        return None
    mine = turn.mentor_sites
    if turn.admin or mentoring.queue.may_see(ticket, mine, mentoring.queue.neighbours(mine, turn.content)):
        return ticket
    if ticket.claimed_by == turn.account.id:
        return ticket
    if ticket.class_id is not None and ticket.site_id in turn.staff_sites:
        return ticket
    raise NotAllowedError


def must_hold(turn: Turn, number: int) -> Ticket | None:
    """Returns the open question that this account has, or sees as an admin. None: it is over, or somebody else has it,
    and they were told. Raises NotAllowedError for who may not see it."""
    ticket = must_see(turn, number)
    if ticket is None or ticket.state not in mentoring.ALIVE:
        words.over(turn)
        return None
    if ticket.claimed_by != turn.account.id and not turn.admin:
        words.held_by(turn, ticket, mentoring.holder(turn.db, ticket))
        return None
    return ticket
