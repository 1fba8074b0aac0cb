"""A message that was corrected in Telegram: the words of a question change where the mentors see them, those of an
answer where the person sees them."""

from __future__ import annotations

from typing import Final

from bot.programme import mentoring, privacy
from bot.programme.mentoring import TicketMessage, Way
from bot.turns.turn import Turn
from bot.words.message import Who

LONGEST: Final = {Way.IN: mentoring.MOST_LETTERS, Way.OUT: mentoring.MOST_ANSWER_LETTERS}
"""The most characters that the words may have."""


def is_of_question(turn: Turn) -> bool:
    """Whether the corrected message belongs to an open question of somebody on this phone, or was an answer of this
    account."""
    return _corrected(turn) is not None


def words_corrected(turn: Turn) -> None:
    message = _corrected(turn)
    edited = turn.update.edited_message
    text = ((edited.text or edited.caption or "") if edited is not None else "").strip()
    if message is None or not text:
        return
    plain = turn.account.conversation is not None
    if privacy.holds_secret_number(text):
        return turn.say("privacy.secret_number", plain=plain)
    if privacy.holds_secret_code(text):
        return turn.say("mentoring.secret_code", plain=plain)
    if len(text) > LONGEST[Way(message.way)]:
        return turn.say("mentoring.too_long", plain=plain)
    if message.way == Way.OUT:
        ticket = mentoring.correct(turn.db, message, text, turn.now, by=turn.account)
        if ticket is None:
            return turn.say("mentoring.question_over", plain=plain)
        turn.note("answer_corrected", f"ticket:{ticket.id}", site_id=ticket.site_id)
        return turn.say("mentoring.corrected", number=ticket.id, who=Who(ticket.person_id), plain=plain)
    ticket = mentoring.get(turn.db, message.ticket_id)
    assert ticket is not None
    message.text, message.edited_at = text, turn.now
    mentoring.cards.edit_shown(turn.db, ticket, message, turn.now, turn.context)
    turn.say("mentoring.edited" if ticket.class_id is None else "mentoring.class_edited", plain=plain)


def _corrected(turn: Turn) -> TicketMessage | None:
    """Returns the message of a question that was edited; None if it is none, or was written by somebody whose rights
    were taken since."""
    edited = turn.update.edited_message
    if edited is None:
        return None
    if turn.account.person is not None:
        mine = mentoring.of_this_phone(turn.db, turn.account, edited.message_id)
        if mine is not None:
            return mine
    written = mentoring.written_by(turn.db, turn.account, edited.message_id) if turn.serves else None
    if written is None:
        return None
    ticket = mentoring.get(turn.db, written.ticket_id)
    held = ticket is not None and (ticket.claimed_by == turn.account.id or turn.admin)
    return written if held else None
