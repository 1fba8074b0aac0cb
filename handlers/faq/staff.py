"""Staff: the list, one answer, asking its asker, a second pair of eyes, and taking it away again."""

from __future__ import annotations

from typing import Final

from bot.actions.buttons import back
from bot.actions.faq import (
    ApproveFaq,
    BeginFaq,
    ConsiderRemoval,
    ConsiderReturn,
    RemoveFaq,
    ReturnFaq,
    SeeFaq,
    SeeFaqs,
    SetScope,
    SubmitFaq,
    WriteFaq,
)
from bot.actions.mentoring import SeeQueue
from bot.programme import faq, mentoring
from bot.programme.faq import EVERYWHERE, Faq, State
from bot.turns.turn import NotAllowedError, Turn
from bot.words.message import Button, Lines, Style, Value, Words

PAGE: Final = 5
ON_BUTTON: Final = 24
WHY: Final = ("unclear", "wrong", "long")


def must_see(turn: Turn, number: int) -> Faq | None:
    """Returns the answer; None: there is none. Raises NotAllowedError for who may not see it."""
    turn.must_mentor()
    one = faq.get(turn.db, number)
    if one is not None and one.written_by != turn.account.id:  # a mentor from near may have answered
        turn.must_mentor(one.site_id)
    return one


def may_write(turn: Turn, one: Faq) -> bool:
    """Whether it is this account's to write: it began it, nobody's account has it, or it is an admin's."""
    return turn.admin or one.written_by in (None, turn.account.id)


def list_asked_for(turn: Turn, action: SeeFaqs) -> None:
    turn.must_mentor()
    page = min(action.page, 1000)
    sites = {*turn.mentor_sites, ""} if turn.admin else turn.mentor_sites  # "": what the programme wrote by itself
    found = faq.of_sites(turn.db, sites, limit=PAGE + 1, offset=page * PAGE)
    queue = Button("mentoring.button.queue", SeeQueue())
    if not found:
        turn.show("faq.staff_none", buttons=[[queue]])
        return
    ways = []
    if page:
        ways.append(Button("faq.button.before", SeeFaqs(page - 1)))
    if len(found) > PAGE:
        ways.append(Button("faq.button.after", SeeFaqs(page + 1)))
    lines = [_line(turn, one) for one in found[:PAGE]]
    buttons = [
        [Button("faq.button.open", SeeFaq(one.id), {"number": one.id, "text": _name(one)})] for one in found[:PAGE]
    ]
    turn.show("faq.staff", lines=Lines(tuple(lines)), buttons=[*buttons, ways, [queue]])


def _line(turn: Turn, one: Faq) -> Words:
    values: dict[str, Value] = {"number": one.id, "text": _name(one), "shown": one.shown, "helped": one.helped}
    state = "hidden" if _is_hidden(turn, one) else one.state
    return Words(f"faq.line.{state}", values)


def _is_hidden(turn: Turn, one: Faq) -> bool:
    day = faq.day_at(turn.content, one.site_id, turn.now)
    return one.state == State.PUBLISHED and faq.hidden(one, day, turn.content)


def _name(one: Faq) -> Value:
    """Returns what an answer is called: its question, or the number of the question it comes from."""
    if one.question:
        text = " ".join(one.question.split())
        return text if len(text) <= ON_BUTTON else text[:ON_BUTTON].rstrip() + "…"
    return Words("faq.from_question", {"number": one.from_ticket})


def one_asked_for(turn: Turn, action: SeeFaq) -> None:
    one = must_see(turn, action.faq)
    if one is None:
        return over(turn)
    show(turn, one)


def show(turn: Turn, one: Faq) -> None:
    """Shows it with what this account may do with it now."""
    state = "hidden" if _is_hidden(turn, one) else one.state
    if one.state in (State.REFUSED, State.WITHDRAWN):
        return over(turn)
    if one.state == State.ASKED:
        turn.show("faq.is_asked", number=one.from_ticket, buttons=[[_list()]])
        return
    if not one.question or not one.answer or one.fact is None:
        write = [Button("faq.button.write", WriteFaq(one.id))] if may_write(turn, one) else []
        turn.show("faq.is_unwritten", number=one.from_ticket, buttons=[write, [_list()]])
        return
    site = turn.content.site(one.site_id)
    scope: Value = Words("faq.scope.all") if one.audience == EVERYWHERE else (site.name if site else None)
    values = faq.news.described(one, turn.context) | {
        "state": Words(f"faq.state.{state}", {"shown": one.shown, "helped": one.helped}),
        "scope": scope,
    }
    turn.show("faq.card", values, buttons=_buttons(turn, one))


def _buttons(turn: Turn, one: Faq) -> list[list[Button]]:
    version = faq.writing.version(one)
    rows: list[list[Button]] = []
    if one.state == State.DRAFT and may_write(turn, one):
        rows.append([Button("faq.button.submit", SubmitFaq(one.id, version), style=Style.PRIMARY)])
        rows.append([Button("faq.button.rewrite", WriteFaq(one.id))])
    elif one.state == State.WAITING and one.written_by != turn.account.id:
        rows.append([Button("faq.button.approve", ApproveFaq(one.id, version), style=Style.PRIMARY)])
        rows.append([Button("faq.button.return", ConsiderReturn(one.id, version))])
    elif one.state == State.PUBLISHED and turn.admin:
        rows.append([Button("faq.button.remove", ConsiderRemoval(one.id), style=Style.DANGER)])
        if one.site_id:
            everywhere = one.audience != EVERYWHERE
            key = "faq.button.everywhere" if everywhere else "faq.button.here"
            rows.append([Button(key, SetScope(one.id, everywhere))])
    return [*rows, [_list()]]


# --- asking -----------------------------------------------------------------------------------------------------------


def begun(turn: Turn, action: BeginFaq) -> None:
    """Asks the asker, once, whether their question may help others, because the member of staff who answered it wants
    that."""
    turn.must_mentor()
    ticket = mentoring.get(turn.db, action.ticket)
    if ticket is None:
        return over(turn)
    if ticket.site_id not in turn.mentor_sites and not faq.writing.answered_by(turn.db, ticket, turn.account):
        raise NotAllowedError
    before = faq.writing.of_ticket(turn.db, ticket.id)
    if before is not None:
        return _shown_before(turn, before)
    match faq.writing.begin(turn.db, ticket, turn.now, by=turn.account):
        case faq.writing.CannotAsk() as why:
            turn.show(f"faq.cannot.{why}", buttons=[[Button("mentoring.button.queue", SeeQueue())]])
        case one:
            turn.note("faq_begun", f"ticket:{ticket.id}", site_id=ticket.site_id)
            faq.news.ask(turn.db, one, turn.now, turn.context)
            turn.say("faq.begun", number=ticket.id, buttons=[[_list(), Button("mentoring.button.queue", SeeQueue())]])


def _shown_before(turn: Turn, one: Faq) -> None:
    if one.state in (State.REFUSED, State.WITHDRAWN):
        turn.show("faq.not_this_one", number=one.from_ticket, buttons=[[_list()]])
    else:
        show(turn, one)


# --- approving --------------------------------------------------------------------------------------------------------


def submitted(turn: Turn, action: SubmitFaq) -> None:
    one = must_see(turn, action.faq)
    if one is None:
        return over(turn)
    if not may_write(turn, one) or one.state != State.DRAFT or action.version != faq.writing.version(one):
        turn.toast("menu.stale")
        return show(turn, one)
    if not faq.writing.submit(turn.db, one, turn.now):
        return show(turn, one)
    turn.note("faq_written", f"faq:{one.id}", site_id=one.site_id)
    asked = faq.news.ask_second(turn.db, one, turn.now, turn.context)
    turn.show("faq.submitted" if asked else "faq.submitted_nobody", buttons=[[_list()]])


def approved(turn: Turn, action: ApproveFaq) -> None:
    one = _to_look_at(turn, action.faq)
    if one is None:
        return
    if not faq.writing.approve(turn.db, one, action.version, turn.now, by=turn.account):
        turn.toast("menu.stale")
        return show(turn, one)
    turn.note("faq_approved", f"faq:{one.id}", site_id=one.site_id)
    faq.news.tell_published(turn.db, one, turn.now)
    turn.show("faq.approved", question=one.question, buttons=[[Button("faq.button.see", SeeFaq(one.id)), _list()]])


def return_considered(turn: Turn, action: ConsiderReturn) -> None:
    one = _to_look_at(turn, action.faq)
    if one is None:
        return
    if one.state != State.WAITING or action.version != faq.writing.version(one):
        turn.toast("menu.stale")
        return show(turn, one)
    why = [[Button(f"faq.button.why_{reason}", ReturnFaq(one.id, action.version, reason))] for reason in WHY]
    turn.show("faq.why", question=one.question, buttons=[*why, [back(SeeFaq(one.id))]])


def returned(turn: Turn, action: ReturnFaq) -> None:
    one = _to_look_at(turn, action.faq)
    if one is None:
        return
    if not faq.writing.send_back(turn.db, one, action.version, turn.now):
        turn.toast("menu.stale")
        return show(turn, one)
    turn.note("faq_returned", f"faq:{one.id}", site_id=one.site_id, why=action.why)
    faq.news.tell_returned(turn.db, one, action.why, turn.now)
    turn.show("faq.returned", buttons=[[_list()]])


def _to_look_at(turn: Turn, number: int) -> Faq | None:
    """Returns an answer that this account may look at as a second one; None: it was told why not."""
    one = must_see(turn, number)
    if one is None:
        over(turn)
        return None
    if one.written_by == turn.account.id and one.state == State.WAITING:
        turn.show("faq.needs_another", buttons=[[_list()]])
        return None
    return one


# --- taking away ------------------------------------------------------------------------------------------------------


def removal_considered(turn: Turn, action: ConsiderRemoval) -> None:
    turn.must_be_admin()
    one = must_see(turn, action.faq)
    if one is None or one.state != State.PUBLISHED:
        return over(turn)
    yes = Button("faq.button.remove_now", RemoveFaq(one.id), style=Style.DANGER)
    turn.show("faq.removing", question=one.question, buttons=[[yes], [back(SeeFaq(one.id))]])


def removed(turn: Turn, action: RemoveFaq) -> None:
    turn.must_be_admin()
    one = must_see(turn, action.faq)
    if one is None:
        return over(turn)
    if faq.writing.remove(turn.db, one, turn.now):
        turn.note("faq_removed", f"faq:{one.id}", site_id=one.site_id)
    turn.show("faq.removed", buttons=[[_list()]])


def scope_set(turn: Turn, action: SetScope) -> None:
    turn.must_be_admin()
    one = must_see(turn, action.faq)
    if one is None or one.state != State.PUBLISHED:
        return over(turn)
    if (one.audience == EVERYWHERE) is not action.everywhere:
        faq.writing.show_to(turn.db, one, action.everywhere, turn.now)
        turn.note("faq_scope_set", f"faq:{one.id}", site_id=one.site_id, everywhere=action.everywhere)
    turn.toast("faq.toast.scope")
    show(turn, one)


def over(turn: Turn) -> None:
    turn.show("faq.over", buttons=[[_list()]])


def _list() -> Button:
    return Button("faq.button.list", SeeFaqs())
