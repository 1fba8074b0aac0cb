"""A mentor answers: by [Balas] and the words after it, or by a Telegram reply to a message of the question.

Nothing else that a mentor types is ever sent to anybody. Which question it is stands in the draft, or is that of the
message replied to; whose it is to answer is asked again when it is sent.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from bot.actions.mentoring import (
    MarkDone,
    ReplyTo,
    SeeQueue,
    SendHeldAnswer,
    SendInMorning,
    SendToo,
    StopReplying,
    Unsay,
)
from bot.people.people import Account
from bot.people.quiet_hours import is_open, next_opening
from bot.programme import mentoring
from bot.programme.mentoring import Given, Ticket, TicketMessage
from bot.turns.turn import Turn
from bot.understanding.short_answers import takes_back, yes_or_no
from bot.words.message import At, Button, Message, Value, Who, Words
from bot.words.typed_text import cleaned
from handlers.mentoring import aside, words
from handlers.mentoring.rights import must_answer, must_hold, must_see

REPLYING: Final = "mentoring_reply"
WORDS: Final = "words"
SURE: Final = "sure"
"""Whether to send an answer though a colleague answered."""


def reply_begun(turn: Turn, action: ReplyTo) -> None:
    ticket = must_hold(turn, action.ticket)
    if ticket is None:
        return
    turn.enter(REPLYING, WORDS, ticket=ticket.id)
    _ask(turn, ticket)


def asked_again(turn: Turn) -> None:
    ticket = must_see(turn, turn.draft.get("ticket", 0))
    if ticket is None or ticket.state not in mentoring.ALIVE:
        turn.leave(REPLYING)
        return over(turn)
    if turn.account.state == SURE:
        return _ask_whether(turn, ticket)
    if turn.account.state == aside.HELD and aside.held(turn):
        return _ask_held(turn, ticket)
    _ask(turn, ticket)


def _ask(turn: Turn, ticket: Ticket) -> None:
    """Asks for the words of the answer; where a colleague answered already, says what."""
    before = mentoring.answered_by_colleague(turn.db, ticket, turn.account)
    turn.keep(known=before.id if before is not None else 0)
    key = "mentoring.reply" if before is None else "mentoring.reply_too"
    stop = [Button("mentoring.button.stop", StopReplying())]
    turn.say(key, _about(turn, ticket, before), buttons=[stop], plain=True, secret=before is not None)
    turn.ask(REPLYING, WORDS)


def _about(turn: Turn, ticket: Ticket, before: TicketMessage | None) -> dict[str, Value]:
    about: dict[str, Value] = {"number": ticket.id, "who": Who(ticket.person_id)}
    if before is None:
        return about
    by = turn.db.get(Account, before.account_id) if before.account_id is not None else None
    mentor = mentoring.called(by) if by is not None else Words("mentoring.somebody")
    return about | {"mentor": mentor, "before": words.said_line(turn, ticket, before)}


def words_given(turn: Turn) -> None:
    ticket = must_see(turn, turn.draft.get("ticket", 0))
    given = words.given(turn, mentoring.MOST_ANSWER_LETTERS)
    if isinstance(given, str):
        turn.say(given, plain=True)
        return asked_again(turn)
    if ticket is not None and aside.waits(turn):
        if aside.hold(turn, given):
            _ask_held(turn, ticket)
        return
    known = turn.draft.get("known", 0)
    turn.leave(REPLYING)
    if ticket is None:
        return over(turn)
    send(turn, ticket, given, known=known)


def _ask_held(turn: Turn, ticket: Ticket) -> None:
    aside.ask(turn, REPLYING, "mentoring.held.answer", _about(turn, ticket, None))


def held_answered(turn: Turn) -> None:
    """Words below the question whether to send what waits: a yes, a no, or more words."""
    must_answer(turn)
    answer = aside.answered(turn)
    if answer is None:
        return words_given(turn)
    if answer:
        return held_sent(turn, SendHeldAnswer(aside.said(turn)))
    reply_stopped(turn)


def held_sent(turn: Turn, action: SendHeldAnswer) -> None:
    must_answer(turn)
    if action.said != aside.said(turn):
        turn.toast("menu.stale")
        return asked_again(turn)
    _send_held(turn)


def nothing_held(turn: Turn) -> None:
    """Answers a [Kirim] below words that wait no more: they were sent, or thrown away after a day."""
    must_answer(turn)
    turn.show("mentoring.held.nothing", buttons=[[_queue()]])


def reply_stopped(turn: Turn) -> None:
    then = turn.draft.get("then")
    turn.leave(REPLYING)
    turn.show("mentoring.stopped", buttons=[[_queue()]])
    _go_on(turn, then)


def replied(turn: Turn, ticket: Ticket) -> None:
    """Takes a Telegram reply to a message of this question as an answer. The conversation under way stays as it is."""
    found = must_see(turn, ticket.id)
    given = words.given(turn, mentoring.MOST_ANSWER_LETTERS)
    if found is None:
        return over(turn)
    if isinstance(given, str):
        turn.say(given, plain=turn.account.conversation is not None)
        return
    if found.claimed_by is None and not turn.admin:
        _take(turn, found)
    send(turn, found, given)


def _take(turn: Turn, ticket: Ticket) -> None:
    """Who replies to a card takes the question, if nobody has it at this moment."""
    match mentoring.take(turn.db, ticket.id, turn.account, turn.now, content=turn.content):
        case mentoring.Taken(ticket):
            turn.note("question_taken", f"ticket:{ticket.id}", site_id=ticket.site_id)
            mentoring.cards.taken(turn.db, ticket, turn.account, turn.now)
            turn.say("mentoring.taken_by_reply", number=ticket.id, plain=True)
        case _:
            pass  # what it is then is said when the answer is sent


def send(turn: Turn, ticket: Ticket, *given: Given, known: int = 0) -> None:
    """Sends an answer, of several pictures if they were sent at once. `known`: the newest answer of a colleague that
    the mentor was shown."""
    if ticket.claimed_by is None and not turn.admin:
        return words.held_by(turn, ticket, None)
    first, *rest = given
    outcome = mentoring.reply(
        turn.db, ticket, first, turn.now, by=turn.account, admin=turn.admin, content=turn.content, known=known
    )
    match outcome:
        case mentoring.Answered(ticket, message):
            for one in rest:
                mentoring.reply(turn.db, ticket, one, turn.now, by=turn.account, admin=turn.admin, content=turn.content)
            turn.note("question_answered", f"ticket:{ticket.id}", site_id=ticket.site_id)
            sent(turn, ticket, message)
            _tell_holder(turn, ticket, message)
        case mentoring.AnsweredBefore(ticket, message):
            answering = turn.account.conversation == REPLYING and turn.account.state == WORDS
            then = turn.draft.get("ticket") if answering else None
            held = [asdict(one) for one in given]
            turn.enter(REPLYING, SURE, ticket=ticket.id, known=message.id, held=held, then=then)
            aside.note(turn)
            _ask_whether(turn, ticket)
        case outcome:
            not_answered(turn, outcome)


def _tell_holder(turn: Turn, ticket: Ticket, message: TicketMessage) -> None:
    """Tells the mentor who has the question what an admin answered in it."""
    holder = mentoring.holder(turn.db, ticket)
    if holder is None or holder.id == turn.account.id or holder.blocked_at is not None:
        return
    about = _about(turn, ticket, message)
    told = Message("mentoring.told_answered", about, mentoring.cards.buttons_of(ticket), secret=True, protected=True)
    mentoring.cards.tell(turn.db, ticket, holder, told, turn.now)


# --- a colleague answered meanwhile -----------------------------------------------------------------------------------


def _ask_whether(turn: Turn, ticket: Ticket) -> None:
    """Shows what a colleague answered, and asks whether to answer too, before the person is told anything twice."""
    before = mentoring.answered_by_colleague(turn.db, ticket, turn.account)
    if before is None:  # the person wrote meanwhile, or it was taken back: the answer is wanted
        return _send_held(turn)
    turn.keep(known=before.id)
    too = Button("mentoring.button.send_too", SendToo(ticket.id, _said(turn), before.id))
    stop = Button("mentoring.button.stop", StopReplying())
    turn.say(
        "mentoring.answered_before", _about(turn, ticket, before), buttons=[[too], [stop]], plain=True, secret=True
    )
    turn.ask(REPLYING, SURE)


def _said(turn: Turn) -> int:
    """Returns Telegram's number of the message whose words are held."""
    held = turn.draft.get("held") or [{}]
    return int(held[0].get("telegram_message_id") or 0)


def sent_too(turn: Turn, action: SendToo) -> None:
    if (action.ticket, action.said, action.known) != (turn.draft.get("ticket"), _said(turn), turn.draft.get("known")):
        turn.toast("menu.stale")
        return asked_again(turn)
    _send_held(turn)


def _send_held(turn: Turn) -> None:
    draft = dict(turn.draft)
    ticket = must_see(turn, draft.get("ticket", 0))
    given = [Given(**one) for one in draft.get("held") or ()]
    turn.leave(REPLYING)
    if ticket is None or not given:
        return over(turn)
    send(turn, ticket, *given, known=draft.get("known", 0))
    _go_on(turn, draft.get("then"))


def whether_answered(turn: Turn) -> None:
    """Words below the question whether to send it too: a yes, a no, or other words in the place of those held."""
    must_answer(turn)
    typed = turn.content.spelled(cleaned(turn.text))
    if takes_back(typed) or yes_or_no(typed) is False:
        return reply_stopped(turn)
    if yes_or_no(typed) or set(typed) <= {"kirim", "juga", "ya", "iya"}:
        return _send_held(turn)
    instead_given(turn)


def holds_album(turn: Turn) -> bool:
    """Whether this is a further picture of the album that is held."""
    message = turn.update.message
    album = message.media_group_id if message is not None else None
    held = turn.draft.get("held") if (turn.account.conversation, turn.account.state) == (REPLYING, SURE) else None
    return bool(album and held and held[-1].get("album") == album)


def instead_given(turn: Turn) -> None:
    ticket = must_see(turn, turn.draft.get("ticket", 0))
    given = words.given(turn, mentoring.MOST_ANSWER_LETTERS)
    if ticket is None:
        turn.leave(REPLYING)
        return over(turn)
    if isinstance(given, str):
        turn.say(given, plain=True)
        return _ask_whether(turn, ticket)
    if holds_album(turn):
        turn.keep(held=[*turn.draft["held"], asdict(given)])
        return
    turn.keep(held=[asdict(given)])
    aside.note(turn)
    _ask_whether(turn, ticket)


def _go_on(turn: Turn, then: int | None) -> None:
    """Takes the answer to another question up again that was being written when this one was asked about."""
    ticket = mentoring.get(turn.db, then) if then is not None and turn.account.conversation is None else None
    if ticket is not None and ticket.state in mentoring.ALIVE:
        turn.enter(REPLYING, WORDS, ticket=ticket.id)
        asked_again(turn)


# --- what is said -----------------------------------------------------------------------------------------------------


def not_answered(
    turn: Turn,
    outcome: mentoring.AnsweredBefore | mentoring.HeldBy | mentoring.NotSent | mentoring.Own | mentoring.Over,
) -> None:
    """Says why nothing was sent."""
    match outcome:
        case mentoring.HeldBy(ticket, account):
            words.held_by(turn, ticket, account)
        case mentoring.NotSent(ticket):
            done = Button("mentoring.button.done", MarkDone(ticket.id))
            who = Who(ticket.person_id)
            phone = ticket.phone if ticket.claimed_by == turn.account.id or turn.admin else None
            key = "mentoring.unreachable" if phone is None else "mentoring.unreachable_phone"
            turn.say(key, number=ticket.id, who=who, phone=phone, buttons=[[done, _queue()]], secret=True)
        case mentoring.Own():
            words.own(turn)
        case mentoring.Over() | mentoring.AnsweredBefore():
            over(turn)


def sent(turn: Turn, ticket: Ticket, message: TicketMessage) -> None:
    """Says that it is on its way, and to whom."""
    values: dict[str, Value] = {"number": ticket.id, "who": Who(ticket.person_id)}
    back = Button("mentoring.button.unsay", Unsay(message.id))
    again = Button("mentoring.button.reply_again", ReplyTo(ticket.id))
    done = Button("mentoring.button.done", MarkDone(ticket.id))
    morning = []
    hours = turn.content.open_hours(ticket.site_id)
    if not is_open(hours, turn.now):
        at = At(next_opening(hours, turn.now), turn.zone(ticket.site_id))
        morning.append(Button("mentoring.button.morning", SendInMorning(message.id), {"at": at}))
    turn.say("mentoring.sent", values, buttons=[[back, again], morning, [done, _queue()]])


def _still_said(turn: Turn, message_id: int) -> mentoring.TicketMessage | None:
    """Returns the answer with this id. None, and it is said, if it was taken back before."""
    must_answer(turn)
    message = mentoring.message_of(turn.db, message_id)
    if message is None:
        turn.show("mentoring.unsaid_before", buttons=[[_queue()]])
    return message


def put_off(turn: Turn, action: SendInMorning) -> None:
    """Lets an answer that was given at night come in the morning, so that nobody is written to in their sleep."""
    message = _still_said(turn, action.message)
    if message is None:
        return
    match mentoring.in_the_morning(turn.db, message, turn.now, by=turn.account, content=turn.content):
        case mentoring.PutOff(ticket, at):
            turn.note("answer_put_off", f"ticket:{ticket.id}", site_id=ticket.site_id)
            back = Button("mentoring.button.unsay", Unsay(message.id))
            moment = At(at, turn.zone(ticket.site_id))
            about: dict[str, Value] = {"number": ticket.id, "who": Who(ticket.person_id), "at": moment}
            turn.show("mentoring.put_off", about, buttons=[[back, _queue()]])
        case mentoring.TooLate():
            turn.show("mentoring.put_off_too_late", buttons=[[_queue()]])
        case mentoring.Over():
            over(turn)


def answer_taken_back(turn: Turn, action: Unsay) -> None:
    message = _still_said(turn, action.message)
    if message is None:
        return
    match mentoring.unsay(turn.db, message, turn.now, by=turn.account, content=turn.content):
        case mentoring.Unsaid(ticket, sent):
            turn.note("answer_taken_back", f"ticket:{ticket.id}", site_id=ticket.site_id)
            key = "mentoring.unsaid_sent" if sent else "mentoring.unsaid"
            again = Button("mentoring.button.reply_again", ReplyTo(ticket.id))
            turn.show(key, number=ticket.id, who=Who(ticket.person_id), buttons=[[again, _queue()]])
        case mentoring.TooLate():
            turn.show("mentoring.unsay_too_late", buttons=[[_queue()]])
        case mentoring.Over():
            over(turn)


def over(turn: Turn) -> None:
    words.over(turn)


def _queue() -> Button:
    return Button("mentoring.button.queue", SeeQueue())
