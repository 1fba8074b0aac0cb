"""Telegram replies to a message of a question: they name by themselves which question they belong to."""

from __future__ import annotations

from bot.actions.mentoring import HearClassWords, SeeQueue
from bot.people.people import Person
from bot.programme import mentoring, privacy
from bot.programme.mentoring import Ticket
from bot.programme.sessions import ClassSession
from bot.turns.turn import Turn
from bot.words.message import Button
from bot.words.typed_text import cleaned
from handlers.mentoring import participant, replying


def reply_heard(turn: Turn) -> bool:
    """Takes a typed Telegram reply to a message of a question, whatever conversation is under way. A number that
    should be kept out is left to `privacy`."""
    message = turn.update.message
    if message is None or message.reply_to_message is None:
        return False
    if privacy.holds_secret_number(turn.text) or _in_danger(turn):
        return False
    return _replied(turn) or _replied_to_announcement(turn) or _replied_to_what_ended(turn)


def _in_danger(turn: Turn) -> bool:
    """Whether a reply speaks of danger to life, which is handled before everything else (`understanding`). False for a
    mentor's answer, which may speak of danger."""
    found = turn.content.understand(cleaned(turn.text))
    if found.intent != "urgent" or not found.at_once:
        return False
    replied_to = _question_replied_to(turn)
    return replied_to is None or not replied_to[1]


def _replied_to_announcement(turn: Turn) -> bool:
    """Passes a reply to an announcement to a class, or to another message about it, on to the class's trainer. Returns
    False if it is none."""
    found = _announced(turn)
    if found is None or (turn.text and turn.content.understand(cleaned(turn.text), "reminder").at_once):
        return False  # "hadir" below a reminder is an answer to it
    session, person = found
    turn.act_for(person)
    turn.follow(HearClassWords(session.id))
    return True


def _announced(turn: Turn) -> tuple[ClassSession, Person] | None:
    message = turn.update.message
    to = message.reply_to_message if message is not None else None
    if to is None or turn.account.conversation is not None or (to.from_user is not None and not to.from_user.is_bot):
        return None
    found = mentoring.class_words.announcement_replied_to(turn.db, turn.account, to.message_id)
    return found if found is not None and turn.whose(found[1].id) is not None else None


def replies_to_question(turn: Turn) -> bool:
    """Whether what was sent, a voice or a picture, replies to a message of a question or to one about a class."""
    return _question_replied_to(turn) is not None or _announced(turn) is not None or _told_staff(turn)


def file_replied(turn: Turn) -> None:
    if not _replied(turn) and not _replied_to_announcement(turn):
        _replied_to_what_ended(turn)


def _told_staff(turn: Turn) -> bool:
    message = turn.update.message
    to = message.reply_to_message if message is not None else None
    if to is None or (to.from_user is not None and not to.from_user.is_bot):
        return False
    return mentoring.cards.told_staff(turn.db, turn.account, to.message_id)


def _replied_to_what_ended(turn: Turn) -> bool:
    """A reply to a card that shows no question any more, or by somebody who is no mentor any more: it goes to nobody,
    and they are told so."""
    if not _told_staff(turn):
        return False
    plain = turn.account.conversation is not None
    if turn.serves:
        turn.say("mentoring.reply_to_nothing", buttons=[[Button("mentoring.button.queue", SeeQueue())]], plain=plain)
    else:
        turn.say("mentoring.role_over", contact=turn.contact, plain=plain)
    return True


def _question_replied_to(turn: Turn) -> tuple[Ticket, bool] | None:
    """Returns the question, and whether a mentor replies to it; None: it is a reply to something else."""
    message = turn.update.message
    to = message.reply_to_message if message is not None else None
    if to is None or (to.from_user is not None and not to.from_user.is_bot):
        return None
    if turn.serves:
        ticket = mentoring.cards.answered_by_reply(turn.db, turn.account, to.message_id)
        if ticket is not None:
            return ticket, True
    ticket = mentoring.cards.answer_replied_to(turn.db, turn.account, to.message_id)
    return (ticket, False) if ticket is not None else None


def _replied(turn: Turn) -> bool:
    found = _question_replied_to(turn)
    if found is None:
        return False
    ticket, by_mentor = found
    if by_mentor:
        replying.replied(turn, ticket)
    else:
        participant.replied(turn, ticket)
    return True
