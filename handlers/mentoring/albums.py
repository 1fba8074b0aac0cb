"""Several pictures sent at once: those after the first go where the first went, and get no answer of their own."""

from __future__ import annotations

from bot.actions.buttons import HELP, MENU
from bot.delivery import outbox
from bot.programme import mentoring
from bot.programme.mentoring import Given, Ticket, TicketMessage, Way
from bot.turns.turn import Turn
from bot.words.message import Message, rows
from handlers.mentoring import participant, replying, words
from handlers.mentoring.rights import must_see


def goes_on(turn: Turn) -> bool:
    """Whether this is a further piece of an album whose first piece belongs to a question, or waits for a mentor's
    yes."""
    return replying.holds_album(turn) or _first(turn) is not None


def piece_heard(turn: Turn) -> None:
    if replying.holds_album(turn):
        return replying.instead_given(turn)
    first = _first(turn)
    ticket = mentoring.get(turn.db, first.ticket_id) if first is not None else None
    if first is None or ticket is None:
        return
    answers = first.way == Way.OUT
    given = words.given(turn, mentoring.MOST_ANSWER_LETTERS if answers else mentoring.MOST_LETTERS)
    if isinstance(given, str):
        turn.say(given, plain=turn.account.conversation is not None)
    elif answers:
        _answered(turn, ticket, given)
    else:
        _said(turn, ticket, first, given)


def _first(turn: Turn) -> TicketMessage | None:
    message = turn.update.message
    album = message.media_group_id if message is not None else None
    return mentoring.albums.begun(turn.db, turn.account, album) if album is not None else None


def _said(turn: Turn, ticket: Ticket, first: TicketMessage, given: Given) -> None:
    match mentoring.add(turn.db, ticket, given, turn.now, content=turn.content):
        case mentoring.Added(ticket, message, _):
            holder = mentoring.holder(turn.db, ticket)
            if holder is not None:
                mentoring.cards.show_more(turn.db, ticket, message, holder, turn.now)
            else:
                mentoring.cards.show_piece(turn.db, ticket, first, message, turn.now)
        case mentoring.TooFast():
            _tell_limit(turn, ticket, first)
        case mentoring.NotOpen():
            participant.over(turn)


def _tell_limit(turn: Turn, ticket: Ticket, first: TicketMessage) -> None:
    """Tells once how many pieces were passed on, and that the rest was not."""
    n = len(mentoring.albums.pieces(turn.db, first))
    message = Message("mentoring.album_too_many", {"n": n}, rows((MENU, HELP)))
    once = f"ticket:{ticket.id}:album:{first.id}"
    outbox.post(turn.db, outbox.to(turn.account, message, person_id=ticket.person_id, once=once), now=turn.now)


def _answered(turn: Turn, ticket: Ticket, given: Given) -> None:
    if must_see(turn, ticket.id) is None:
        return replying.over(turn)
    match mentoring.reply(turn.db, ticket, given, turn.now, by=turn.account, admin=turn.admin, content=turn.content):
        case mentoring.Answered():
            pass  # that it was sent was said of the first
        case outcome:
            replying.not_answered(turn, outcome)
