"""Who could not be told about a class, or by an announcement to it: names, numbers, words for WhatsApp to be sent by a
human being, and a note of whom staff told.

The list cannot be forwarded, and nothing of it stays in the ledger but which list it was: a name or number typed below
it leads to that line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from bot.actions.broadcasts import SeeSendingReport
from bot.actions.call_list import MarkTold, PickCalls, SeeCalls, SeeUnheard
from bot.actions.sessions import SeeMyClass
from bot.capability import Capability, Handlers
from bot.people import namesakes
from bot.programme import broadcasts, call_list, registration, roster, sessions
from bot.programme.broadcasts import Broadcast
from bot.programme.call_list import CallList, Entry, Occasion
from bot.programme.sessions import ClassSession
from bot.turns.led import led
from bot.turns.pages import page_of
from bot.turns.router import tap
from bot.turns.turn import Turn
from bot.turns.typed_below import is_of_list, was_forwarded
from bot.words.action import Action
from bot.words.message import At, Button, Lines, Link, Share, Value, Words
from bot.words.typed_presence import BACK, DONE, NEXT, UNDO
from bot.words.typed_text import cleaned

CLASSES: Final = 6
"""Of so many classes one may be chosen."""
PAGE: Final = 5
"""How many names are on one screen: each has two buttons."""
LONGEST: Final = 40
"""So many letters may be a name."""
NUMBER: Final = re.compile(r"(?:no\.?|nomor)?\s*(\d{1,4})[.)]?", re.IGNORECASE)
"""The number that stands before a name on the list."""
NAME: Final = "call_list"
TITLE: Final = 60
VENUE: Final = 80
"""Longer titles and places are cut in words for WhatsApp: an address holds about 2,000 characters."""


def handlers() -> Handlers:
    return [
        tap(PickCalls, class_wanted),
        tap(SeeCalls, list_asked_for),
        tap(SeeUnheard, unheard_asked_for),
        tap(MarkTold, told_tapped),
    ]


CAPABILITY: Final = Capability("call_list", handlers, data=call_list.DATA, hears_first=lambda turn: name_typed(turn))


def list_asked_for(turn: Turn, action: SeeCalls) -> None:
    session = _own_class(turn, action.session)
    if session is None:
        return turn.show("call_list.unknown")
    _show(turn, call_list.of_class(turn.db, session, turn.now, turn.content), action.page)


def class_wanted(turn: Turn, action: PickCalls) -> None:
    """Shows the list of the only class that is near; where there are several, how many are to be called of each."""
    turn.must_be_staff()
    near = call_list.near_classes(turn.db, turn.staff_sites, turn.now, limit=CLASSES)
    if len(near) == 1:
        return turn.follow(SeeCalls(near[0].id))
    lines, buttons = [], []
    for session in near:
        calls = call_list.of_class(turn.db, session, turn.now, turn.content)
        facts: dict[str, Value] = {
            "title": session.title,
            "starts": At(session.starts_at, turn.zone(session.site_id)),
            "n": calls.to_call,
        }
        lines.append(Words("call_list.of_class" if calls.to_call else "call_list.of_class_none", facts))
        buttons.append([Button("call_list.button.of_class", SeeCalls(session.id), facts)])
    key = "call_list.which" if near else "call_list.no_class"
    turn.show(key, classes=Lines(tuple(lines)), buttons=buttons)


def unheard_asked_for(turn: Turn, action: SeeUnheard) -> None:
    turn.must_be_staff()
    broadcast = broadcasts.find(turn.db, action.broadcast)
    session = call_list.class_of(turn.db, broadcast) if broadcast is not None else None
    if broadcast is None or session is None:
        return turn.show("call_list.unknown")
    turn.must_lead(session.site_id)
    calls = call_list.of_announcement(turn.db, broadcast, turn.content)
    assert calls is not None
    _show(turn, calls, action.page)


def told_tapped(turn: Turn, action: MarkTold) -> None:
    """Records that staff told somebody, or that they did not after all. Tapped twice, or by two at once, it is recorded
    once."""
    session = _own_class(turn, action.session)
    if session is None:
        return turn.show("call_list.unknown")
    if not call_list.is_current(turn.db, session, action.person, action.about):
        turn.toast("call_list.toast.changed", alert=True)
        return list_asked_for(turn, SeeCalls(session.id))
    details = {"session": session.id, "about": action.about}
    if not action.told:
        if call_list.take_back(turn.db, session, action.person, action.about):
            turn.note("call_taken_back", f"person:{action.person}", site_id=session.site_id, **details)
        turn.toast("call_list.toast.taken_back")
    else:
        since = call_list.told_since(session, action.about, turn.now, turn.content)
        before = call_list.mark_told(
            turn.db, session, action.person, action.about, by=turn.account, since=since, now=turn.now
        )
        if before is None:
            turn.note("call_made", f"person:{action.person}", site_id=session.site_id, **details)
            turn.toast("call_list.toast.told")
        else:
            turn.toast("call_list.toast.told_before", when=At(before.at, turn.zone(session.site_id)))
    _show_again(turn, session, action)


def _show_again(turn: Turn, session: ClassSession, action: MarkTold) -> None:
    calls = _calls(turn, session, action.about)
    if calls is not None:
        _show(turn, calls, action.page, in_place=True)


def _calls(turn: Turn, session: ClassSession, about: str) -> CallList | None:
    broadcast = _announcement(turn, about)
    if broadcast is None:
        return call_list.of_class(turn.db, session, turn.now, turn.content)
    return call_list.of_announcement(turn.db, broadcast, turn.content)


def _announcement(turn: Turn, about: str) -> Broadcast | None:
    return broadcasts.find(turn.db, int(about[1:])) if about.startswith("b") else None


def _own_class(turn: Turn, session_id: int) -> ClassSession | None:
    """Returns the class, if the trainer looks after its site; refuses otherwise."""
    return led(turn, sessions.get(turn.db, session_id))


# --- a name or number typed below the list ----------------------------------------------------------------------------


def name_typed(turn: Turn) -> bool:
    """Shows the line of a call list whose number or part of a name was typed below it, with its buttons; tells kindly
    if there is no such line. Returns False for everything else, and for what means something by itself. Where a
    question is open above the list, what is no name of it is left to the question."""
    asked = turn.account.conversation is not None
    if was_forwarded(turn) or not 0 < len(turn.text) <= LONGEST:
        return False
    calls = _above(turn)
    if calls is None:
        return False
    typed = cleaned(turn.text)
    if not asked and _way_typed(turn, calls, typed.casefold().strip(" .!")):
        return True
    number, wanted = NUMBER.fullmatch(typed), roster.folded(typed)
    found = [
        at
        for at, one in enumerate(calls.entries, 1)
        if (number is not None and at == int(number[1]))
        or roster.likeness_of(wanted, roster.folded(one.person.name), shortest=2) >= roster.ALIKE
    ][:PAGE]
    if not found and (asked or (number is None and (not wanted or turn.content.is_no_name(typed)))):
        return False
    turn.note("call_list_seen", f"session:{calls.session.id}", site_id=calls.session.site_id, rows=len(found))
    if not found:
        ways = [[Button("call_list.button.list", _page(calls, 0))]]
        turn.say("call_list.not_on_list", n=len(calls.entries), buttons=ways, secret=True, row=_name(calls))
        return True
    lines, buttons = _lines(turn, calls, found)
    buttons.append([Button("call_list.button.list", _page(calls, (found[0] - 1) // PAGE))])
    turn.say("call_list.found", names=Lines(lines), buttons=buttons, secret=True, protected=True, row=_name(calls))
    return True


def _way_typed(turn: Turn, calls: CallList, typed: str) -> bool:
    """ "Sudah" alone leaves open who was told, so that is asked; "lanjut", "kembali" and "batal" show the list anew."""
    if DONE.fullmatch(typed):
        ways = [[Button("call_list.button.list", _page(calls, 0))]]
        turn.say("call_list.whom_told", buttons=ways, secret=True, row=_name(calls))
        return True
    if any(form.fullmatch(typed) for form in (NEXT, BACK, UNDO)):
        _show(turn, calls, 0)
        return True
    return False


def _name(calls: CallList) -> str:
    """Returns the name of the message's row, by which it is known which list it shows."""
    return f"{NAME}:{calls.session.id}:{calls.about}"


def _above(turn: Turn) -> CallList | None:
    """Returns the list that the newest message of the chat shows, if this trainer looks after its site."""
    name, _, rest = turn.newest.row.partition(":")
    number, _, about = rest.partition(":")
    session = sessions.get(turn.db, int(number)) if name == NAME and number.isdecimal() else None
    if session is None or not is_of_list(turn, session.site_id):
        return None
    return _calls(turn, session, about)


# --- shown ------------------------------------------------------------------------------------------------------------


def _show(turn: Turn, calls: CallList, number: int, *, in_place: bool = False) -> None:
    """Shows a page of the list. A first page is a new message, which can be protected; other pages take the place of
    the one before."""
    session = calls.session
    zone = turn.zone(session.site_id)
    page = page_of(calls.entries, number, PAGE)
    lines, buttons = _lines(turn, calls, range(page.first + 1, page.first + len(page.items) + 1))
    pages = []
    if page.before is not None:
        pages.append(Button("call_list.button.before", _page(calls, page.before)))
    if page.after:
        pages.append(Button("call_list.button.more", _page(calls, page.after)))
    if not in_place:
        turn.note("call_list_seen", f"session:{session.id}", site_id=session.site_id, rows=len(calls.entries))
    facts: dict[str, Value] = {
        "title": session.title,
        "starts": At(session.starts_at, zone),
        "about": Words(f"call_list.about.{calls.occasion}"),
        "told": calls.told,
        "know": Words("call_list.told", {"n": calls.told}) if calls.told else None,
        "n": calls.to_call,
        "names": Lines(lines),
        "how": _how(calls),
    }
    ways = [*buttons, pages, [_back(calls)]]
    key = "call_list.list" if calls.entries else _nobody(calls)
    speak = turn.show if in_place or number else turn.say
    speak(key, facts, buttons=ways, secret=True, protected=True, row=_name(calls))


def _nobody(calls: CallList) -> str:
    """Returns what is said where nobody is on the list."""
    if not calls.told:
        return "call_list.empty"
    return "call_list.all_reachable" if calls.occasion is Occasion.COMING else "call_list.nobody"


def _how(calls: CallList) -> Words | None:
    """Returns how to tell those whom nobody has told: by the buttons, or in another way if no number is kept."""
    left = [one for one in calls.entries if one.call is None]
    if any(_may_be_written_to(one) for one in left):
        some = any(not _may_be_written_to(one) and one.why not in call_list.PENDING for one in left)
        return Words("call_list.how.both" if some else "call_list.how.whatsapp")
    return Words("call_list.how.no_number") if calls.to_call else None


def _may_be_written_to(one: Entry) -> bool:
    """Whether a number is kept that may be used: not of somebody whose data are frozen."""
    return bool(one.person.phone) and one.person.frozen_at is None


def _lines(turn: Turn, calls: CallList, numbers: Iterable[int]) -> tuple[tuple[Words, ...], list[Sequence[Button]]]:
    """Returns these lines of the list, and their buttons."""
    zone = turn.zone(calls.session.site_id)
    called = namesakes.called([one.person for one in calls.entries], zone)
    lines: list[Words] = []
    buttons: list[Sequence[Button]] = []
    for at in numbers:
        one = calls.entries[at - 1]
        lines.append(_line(at, one, called[one.person.id], zone))
        buttons.append(_buttons(turn, calls, at, one, (at - 1) // PAGE))
    return tuple(lines), buttons


def _line(at: int, one: Entry, called: Value, zone: str) -> Words:
    values: dict[str, Value] = {
        "n": at,
        "called": called,
        "phone": Words("call_list.phone", {"phone": registration.as_dialled(one.person.phone)})
        if one.person.phone and _may_be_written_to(one)
        else None,
        "why": Words(f"call_list.why.{one.why}"),
    }
    if one.call is None:
        return Words("call_list.line", values)
    staff = one.call.staff or Words("call_list.somebody")
    return Words("call_list.line_told", {**values, "staff": staff, "when": At(one.call.at, zone)})


def _buttons(turn: Turn, calls: CallList, at: int, one: Entry, page: int) -> list[Button]:
    told = one.call is None
    action = MarkTold(calls.session.id, one.person.id, calls.about, told, page)
    mark = Button("call_list.button.told" if told else "call_list.button.not_told", action, {"n": at})
    if not one.person.phone or not _may_be_written_to(one) or one.call is not None:
        return [mark]
    share = Share(_whatsapp(turn, calls), to=one.person.phone, language=one.language)
    return [Button("call_list.button.whatsapp", values={"n": at}, share=share), mark]


def _whatsapp(turn: Turn, calls: CallList) -> Words:
    """Returns the words that a trainer sends by WhatsApp: about the class alone, with nobody's name."""
    session = calls.session
    values: dict[str, Value] = {
        "title": _cut(session.title, TITLE),
        "starts": At(session.starts_at, turn.zone(session.site_id)),
        "venue": _cut(session.venue, VENUE),
        "link": Link(f"https://t.me/{turn.bot_username}"),
    }
    return Words(f"call_list.whatsapp.{calls.occasion}", values)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def _page(calls: CallList, page: int) -> Action:
    if calls.occasion is Occasion.NEWS:
        return SeeUnheard(int(calls.about[1:]), page)
    return SeeCalls(calls.session.id, page)


def _back(calls: CallList) -> Button:
    if calls.occasion is Occasion.NEWS:
        return Button("broadcasts.button.look", SeeSendingReport(int(calls.about[1:])))
    return Button("call_list.button.class", SeeMyClass(calls.session.id))
