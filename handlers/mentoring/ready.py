"""Ready answers: words that the mentors of a site say often. They are sent only after being shown."""

from __future__ import annotations

from typing import Final

from bot.actions.buttons import back
from bot.actions.mentoring import AddReady, DropReady, ReplyTo, SeeReady, SendReady, ShowReady, StopReplying
from bot.programme import mentoring, privacy
from bot.programme.mentoring import Given, ReadyAnswer, Ticket
from bot.turns.pages import page_of
from bot.turns.turn import Turn
from bot.words.action import version_of
from bot.words.message import Button, Who
from handlers.mentoring import replying
from handlers.mentoring.rights import must_see

WRITING: Final = "mentoring_ready"
WORDS: Final = "words"
PAGE: Final = 6
SEEN: Final = 24
"""So many letters of one stand on its button."""


def list_asked_for(turn: Turn, action: SeeReady) -> None:
    ticket = must_see(turn, action.ticket)
    if ticket is None:
        return replying.over(turn)
    page = page_of(mentoring.ready_answers(turn.db, ticket.site_id), action.page, PAGE)
    buttons = [
        [Button("mentoring.button.ready_one", ShowReady(ticket.id, one.id), {"text": _beginning(one.text)})]
        for one in page.items
    ]
    if page.after:
        buttons.append([Button("mentoring.button.after", SeeReady(ticket.id, page.after))])
    buttons.append([Button("mentoring.button.ready_add", AddReady(ticket.id))])
    buttons.append([Button("mentoring.button.reply", ReplyTo(ticket.id))])
    turn.show("mentoring.ready" if page.items else "mentoring.ready_none", number=ticket.id, buttons=buttons)


def _beginning(text: str) -> str:
    first = " ".join(text.split())
    return first if len(first) <= SEEN else first[:SEEN].rstrip() + "…"


def one_shown(turn: Turn, action: ShowReady) -> None:
    found = _found(turn, action.ticket, action.ready)
    if found is not None:
        _show(turn, *found)


def _show(turn: Turn, ticket: Ticket, ready: ReadyAnswer) -> None:
    send = Button("mentoring.button.ready_send", SendReady(ticket.id, ready.id, version_of(ready.text)))
    drop = Button("mentoring.button.ready_drop", DropReady(ticket.id, ready.id))
    turn.show(
        "mentoring.ready_one",
        text=ready.text,
        who=Who(ticket.person_id),
        number=ticket.id,
        buttons=[[send], [drop, back(SeeReady(ticket.id))]],
    )


def one_sent(turn: Turn, action: SendReady) -> None:
    found = _found(turn, action.ticket, action.ready)
    if found is None:
        return
    ticket, ready = found
    if action.version != version_of(ready.text):  # other words than those that were shown
        turn.toast("menu.stale")
        return _show(turn, ticket, ready)
    replying.send(turn, ticket, Given("text", ready.text))


def one_dropped(turn: Turn, action: DropReady) -> None:
    ticket = must_see(turn, action.ticket)
    if ticket is None:
        return replying.over(turn)
    if mentoring.drop_ready(turn.db, ticket.site_id, action.ready):
        turn.note("ready_answer_dropped", site_id=ticket.site_id)
        turn.toast("mentoring.toast.dropped")
    list_asked_for(turn, SeeReady(ticket.id))


def words_asked_for(turn: Turn, action: AddReady) -> None:
    ticket = must_see(turn, action.ticket)
    if ticket is None:
        return replying.over(turn)
    turn.enter(WRITING, WORDS, ticket=ticket.id)
    _ask(turn)


def asked_again(turn: Turn) -> None:
    _ask(turn)


def _ask(turn: Turn) -> None:
    turn.say("mentoring.ready_ask", buttons=[[Button("mentoring.button.stop", StopReplying())]])
    turn.ask(WRITING, WORDS)


def words_written(turn: Turn) -> None:
    ticket = must_see(turn, turn.draft.get("ticket", 0))
    text = turn.text.strip()
    if len(text) > mentoring.MOST_LETTERS:
        turn.say("mentoring.too_long", plain=True)
        return _ask(turn)
    if privacy.holds_secret_code(text):
        turn.say("mentoring.secret_code", plain=True)
        return _ask(turn)
    turn.leave(WRITING)
    if ticket is None:
        return replying.over(turn)
    kept = mentoring.add_ready(turn.db, ticket.site_id, text, turn.now, by=turn.account)
    if kept is None:
        turn.say("mentoring.ready_full", buttons=[[back(SeeReady(ticket.id))]])
        return
    turn.note("ready_answer_added", site_id=ticket.site_id)
    _show(turn, ticket, kept)


def writing_stopped(turn: Turn) -> None:
    turn.leave(WRITING)
    turn.show("mentoring.stopped")


def _found(turn: Turn, number: int, ready_id: int) -> tuple[Ticket, ReadyAnswer] | None:
    ticket = must_see(turn, number)
    ready = mentoring.ready_answer(turn.db, ticket.site_id, ready_id) if ticket is not None else None
    if ticket is None:
        replying.over(turn)
        return None
    if ready is None:
        turn.toast("menu.stale")
        list_asked_for(turn, SeeReady(ticket.id))
        return None
    return ticket, ready
