"""Handing a question over: to a colleague of its site, or back to the queue; a note for the colleague if wished."""

from __future__ import annotations

from typing import Final

from bot.actions.mentoring import HandOver, HandOverNow, PickColleague, SeeQueue, SendHeldAnswer, StopReplying
from bot.delivery import outbox
from bot.people.people import Account
from bot.people.rights import mentors_of
from bot.programme import mentoring, privacy
from bot.programme.mentoring import Given, Ticket
from bot.turns.pages import page_of
from bot.turns.turn import Turn
from bot.words.message import Button, Message
from handlers.mentoring import aside, replying, words
from handlers.mentoring.rights import must_see

HANDING: Final = "mentoring_hand"
NOTE: Final = "note"
PAGE: Final = 6


def colleague_asked_for(turn: Turn, action: PickColleague) -> None:
    ticket = _mine_to_give(turn, action.ticket)
    if ticket is None:
        return
    page = page_of(_colleagues(turn, ticket), action.page, PAGE)
    buttons = [
        [Button("mentoring.button.colleague", HandOver(ticket.id, one.id), {"mentor": mentoring.called(one)})]
        for one in page.items
    ]
    if page.after:
        buttons.append([Button("mentoring.button.after", PickColleague(ticket.id, page.after))])
    back = [Button("mentoring.button.to_queue", HandOverNow(ticket.id, 0)), _queue()]
    turn.show("mentoring.hand", number=ticket.id, buttons=[*buttons, back])


def note_asked_for(turn: Turn, action: HandOver) -> None:
    ticket = _mine_to_give(turn, action.ticket)
    if ticket is None:
        return
    to = _colleague(turn, ticket, action.account)
    if to is None:
        return colleague_asked_for(turn, PickColleague(ticket.id))
    turn.enter(HANDING, NOTE, ticket=ticket.id, account=to.id)
    _ask(turn, ticket, to)


def asked_again(turn: Turn, *, waits: bool = False) -> None:
    ticket = _mine_to_give(turn, turn.draft.get("ticket", 0))
    to = _colleague(turn, ticket, turn.draft.get("account", 0)) if ticket is not None else None
    if ticket is None or to is None:
        turn.leave(HANDING)
        return
    if (waits or turn.account.state == aside.HELD) and aside.held(turn):
        return _ask_held(turn, to)
    _ask(turn, ticket, to)


def _ask(turn: Turn, ticket: Ticket, to: Account) -> None:
    none = Button("mentoring.button.no_note", HandOverNow(ticket.id, to.id))
    stop = Button("mentoring.button.stop", StopReplying())
    turn.say("mentoring.hand_note", mentor=mentoring.called(to), buttons=[[none], [stop]], secret=True)
    turn.ask(HANDING, NOTE)


def note_written(turn: Turn) -> None:
    if _mine_to_give(turn, turn.draft.get("ticket", 0)) is None:
        turn.leave(HANDING)
        return
    note = turn.text.strip()
    if len(note) > mentoring.NOTE_LETTERS:
        turn.say("mentoring.note_too_long", n=mentoring.NOTE_LETTERS, plain=True)
        return asked_again(turn)
    if privacy.holds_secret_code(note):
        turn.say("mentoring.secret_code", plain=True)
        return asked_again(turn)
    if aside.waits(turn):
        said = turn.update.message.message_id if turn.update.message is not None else None
        turn.keep(**{aside.HELD: []})  # the newest note alone
        aside.hold(turn, Given("text", note, telegram_message_id=said))
        return asked_again(turn, waits=True)
    _go(turn, note)


def _ask_held(turn: Turn, to: Account) -> None:
    aside.ask(turn, HANDING, "mentoring.held.colleague", {"mentor": mentoring.called(to)})


def held_answered(turn: Turn) -> None:
    """Words below the question whether to hand it over with the note that waits: a yes, a no, or another note."""
    answer = aside.answered(turn)
    if answer is None:
        return note_written(turn)
    if answer:
        return held_sent(turn, SendHeldAnswer(aside.said(turn)))
    handing_stopped(turn)


def held_sent(turn: Turn, action: SendHeldAnswer) -> None:
    given = aside.held(turn)
    if action.said != aside.said(turn) or not given:
        turn.toast("menu.stale")
        return asked_again(turn)
    _go(turn, given[-1].text or "")


def _go(turn: Turn, note: str) -> None:
    number, account = turn.draft.get("ticket", 0), turn.draft.get("account", 0)
    turn.leave(HANDING)
    _hand_over(turn, number, account, note)


def handed_over(turn: Turn, action: HandOverNow) -> None:
    turn.leave(HANDING)
    _hand_over(turn, action.ticket, action.account, None)


def handing_stopped(turn: Turn) -> None:
    turn.leave(HANDING)
    turn.show("mentoring.stopped", buttons=[[_queue()]])


def _hand_over(turn: Turn, number: int, account: int, note: str | None) -> None:
    ticket = _mine_to_give(turn, number)
    if ticket is None:
        return
    to = _colleague(turn, ticket, account) if account else None
    if account and to is None:
        return colleague_asked_for(turn, PickColleague(ticket.id))
    mentoring.cards.over_number(turn.db, ticket, turn.now)  # who has it next sees the number in the talk
    match mentoring.hand_over(turn.db, ticket, turn.now, by=turn.account, to=to, note=note, content=turn.content):
        case mentoring.HandedOver(ticket, None):
            turn.note("question_handed_over", f"ticket:{ticket.id}", site_id=ticket.site_id)
            turn.show("mentoring.handed_to_queue", number=ticket.id, buttons=[[_queue()]])
        case mentoring.HandedOver(ticket, Account() as colleague):
            turn.note("question_handed_over", f"ticket:{ticket.id}", site_id=ticket.site_id, to=colleague.id)
            mentoring.cards.taken(turn.db, ticket, colleague, turn.now)
            _tell(turn, ticket, colleague, note)
            name = mentoring.called(colleague)
            turn.show("mentoring.handed", number=ticket.id, mentor=name, buttons=[[_queue()]], secret=True)
        case mentoring.HeldBy(ticket, holder):
            words.held_by(turn, ticket, holder)
        case mentoring.Over():
            replying.over(turn)


def _tell(turn: Turn, ticket: Ticket, to: Account, note: str | None) -> None:
    values = mentoring.cards.about(turn.db, ticket, turn.context) | {
        "mentor": mentoring.called(turn.account), "note": note
    }  # fmt: skip
    key = "mentoring.card_handed_note" if note else "mentoring.card_handed"
    message = Message(key, values, mentoring.cards.buttons_of(ticket), secret=True, protected=True)
    post = outbox.to(to, message, kind=mentoring.cards.kind_of(ticket), site_id=ticket.site_id)
    mentoring.cards.note(turn.db, ticket, to, outbox.post(turn.db, post, now=turn.now))


def _mine_to_give(turn: Turn, number: int) -> Ticket | None:
    """Returns the question if this account may hand it over: who has it, a trainer of its site, an admin. Tells who
    may not, why."""
    ticket = must_see(turn, number)
    if ticket is None or ticket.state not in mentoring.ALIVE:
        replying.over(turn)
        return None
    if ticket.claimed_by != turn.account.id and not turn.admin and ticket.site_id not in turn.staff_sites:
        words.held_by(turn, ticket, mentoring.holder(turn.db, ticket))
        return None
    return ticket


def _colleagues(turn: Turn, ticket: Ticket) -> list[Account]:
    answer = turn.content.programme.mentoring.trainers_answer
    asks = mentoring.asker_of(turn.db, ticket)
    away = {ticket.claimed_by, asks.id if asks is not None else None}
    away |= mentoring.cards.resting_at(turn.db, ticket.site_id)  # a question must not lie with who rests
    return [one for one in mentors_of(turn.db, ticket.site_id, trainers_answer=answer) if one.id not in away]


def _colleague(turn: Turn, ticket: Ticket, account: int) -> Account | None:
    return next((one for one in _colleagues(turn, ticket) if one.id == account), None)


def _queue() -> Button:
    return Button("mentoring.button.queue", SeeQueue())
