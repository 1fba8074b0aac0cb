"""An admin lets somebody ask nothing for thirty days, after a question, and can take it back."""

from __future__ import annotations

from bot.actions.mentoring import Block, ConsiderBlocking, SeeQueue, SeeTalk, Unblock
from bot.programme import mentoring
from bot.programme.mentoring import Ticket
from bot.turns.turn import Turn
from bot.words.message import At, Button, Style, Who
from handlers.mentoring import replying


def blocking_considered(turn: Turn, action: ConsiderBlocking) -> None:
    ticket = _ticket(turn, action.ticket)
    if ticket is None:
        return
    yes = Button("mentoring.button.block_now", Block(ticket.id), style=Style.DANGER)
    no = Button("mentoring.button.block_not", SeeTalk(ticket.id))
    turn.say("mentoring.block", who=Who(ticket.person_id), n=mentoring.BLOCKED_DAYS, buttons=[[yes], [no]])


def blocked(turn: Turn, action: Block) -> None:
    ticket = _ticket(turn, action.ticket)
    if ticket is None:
        return
    until = mentoring.block(turn.db, ticket, turn.now, context=turn.context)
    undo = [[Button("mentoring.button.unblock", Unblock(ticket.id))], [Button("mentoring.button.queue", SeeQueue())]]
    if until is None:
        turn.show("mentoring.block_before", who=Who(ticket.person_id), buttons=undo)
        return
    turn.note("questions_blocked", f"ticket:{ticket.id}", site_id=ticket.site_id)
    shown = At(until, turn.zone(ticket.site_id))
    turn.show("mentoring.block_done", who=Who(ticket.person_id), until=shown, buttons=undo)


def unblocked(turn: Turn, action: Unblock) -> None:
    ticket = _ticket(turn, action.ticket)
    if ticket is None:
        return
    if mentoring.unblock(turn.db, ticket, turn.now):
        turn.note("questions_unblocked", f"ticket:{ticket.id}", site_id=ticket.site_id)
    queue = [[Button("mentoring.button.queue", SeeQueue())]]
    turn.show("mentoring.unblocked", who=Who(ticket.person_id), buttons=queue)


def _ticket(turn: Turn, number: int) -> Ticket | None:
    turn.must_be_admin()
    ticket = mentoring.get(turn.db, number)
    if ticket is None:
        replying.over(turn)
    return ticket
