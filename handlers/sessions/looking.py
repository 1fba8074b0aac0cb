"""The list of one's classes, the card of one, and what can be changed of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.actions.attendance import SeeAttendance, SeeDoor
from bot.actions.broadcasts import PickAudience
from bot.actions.buttons import back
from bot.actions.call_list import SeeCalls
from bot.actions.roster import SeeRoster
from bot.actions.sessions import (
    ChangeDetail,
    ConsiderCancelling,
    ConsiderChange,
    ConsiderDetails,
    CopyClass,
    GetCalendarTable,
    MoveClass,
    NewClass,
    PickSiteLink,
    RelocateClass,
    ResizeClass,
    SeeMyClass,
    SeeMyClasses,
)
from bot.actions.surveys import SeeAverage
from bot.class_import import in_chat
from bot.programme import attendance, class_changes, class_restoring, sessions
from bot.programme.sessions import ClassSession
from bot.turns.class_buttons import class_button
from bot.turns.pages import page_of
from bot.turns.turn import Turn
from bot.words.message import At, Button, Lines, Value, Words
from bot.words.typed_buttons import plain
from bot.words.typed_text import cleaned
from handlers.sessions.classes import (
    CANCELLING,
    SESSIONS,
    class_values,
    list_button,
    own_class,
    site_name,
)
from handlers.sessions.restoring import show_cancelled

PAGE: Final = 5
MANY: Final = 10
"""More classes than these are shown month by month."""
LONGEST: Final = 60
"""So many letters may be what is looked for."""
LISTS: Final = frozenset(
    {"sessions.list", "sessions.list_month", "sessions.list_long", "sessions.found", "sessions.found_many"}
)
"""Messages below which a class may be looked for by typing."""
NEVER_A_TITLE: Final = frozenset({"urgent", "scam_report", "stop_messages", "erase_data"})
MONTHS: Final = (
    *("januari", "februari", "maret", "april", "mei", "juni", "juli", "agustus", "september", "oktober"),
    *("november", "desember"),
)
LONG_AGO: Final = timedelta(hours=12)
"""For how long a class that began is still listed."""


def list_asked_for(turn: Turn, action: SeeMyClasses) -> None:
    """Shows the classes of the trainer's sites; many of them month by month."""
    turn.must_be_staff()
    turn.leave(CANCELLING)
    turn.leave(SESSIONS)
    coming = classes_to_list(turn)
    by_month = _months(turn, coming)
    month = _month_shown(by_month, action.month)
    page = page_of(by_month[month] if month else coming, action.page, PAGE)
    buttons: list[Sequence[Button]] = [[class_button(turn, session, SeeMyClass(session.id))] for session in page.items]
    ways = [Button("sessions.button.before", SeeMyClasses(page.before, month))] if page.before is not None else []
    ways += [Button("sessions.button.more", SeeMyClasses(page.after, month))] if page.after else []
    buttons.append(ways)
    if month:
        months = sorted(by_month)
        at = months.index(month)
        near = [*months[max(at - 1, 0) : at], *months[at + 1 : at + 2]]
        buttons.append([_month_button(turn, by_month, one) for one in near])
    buttons.append([Button("sessions.button.new", NewClass()), in_chat.TEMPLATE])
    links = Button("sessions.button.links", PickSiteLink())
    buttons.append([Button("sessions.button.calendar", GetCalendarTable()), links] if coming else [links])
    lines = Lines(tuple(_line(turn, session) for session in page.items))
    if month:
        facts: dict[str, Value] = {"month": _first_of(turn, by_month[month]), "n": len(by_month[month])}
        turn.show("sessions.list_month", facts, classes=lines, buttons=buttons)
    elif page.count > 1:
        turn.show("sessions.list_long", classes=lines, n=len(coming), buttons=buttons)
    else:
        turn.show("sessions.list" if coming else "sessions.none", classes=lines, buttons=buttons)


def classes_to_list(turn: Turn) -> list[ClassSession]:
    """Returns the coming classes of the trainer's sites, those that began a while ago, and those that were cancelled
    and can be put back."""
    since = turn.now - class_restoring.RESTORABLE
    found = sessions.of_sites(turn.db, turn.staff_sites, turn.now - LONG_AGO, cancelled_since=since)
    return [one for one in found if one.cancelled_at is None or class_restoring.may_be_restored(one, turn.now)]


def _months(turn: Turn, coming: Sequence[ClassSession]) -> dict[int, list[ClassSession]]:
    """Returns the classes by month (202612), each in the zone of its site."""
    found: dict[int, list[ClassSession]] = {}
    for one in coming:
        local = one.starts_at.astimezone(ZoneInfo(turn.zone(one.site_id)))
        found.setdefault(local.year * 100 + local.month, []).append(one)
    return found


def _month_shown(by_month: Mapping[int, Sequence[ClassSession]], wanted: int) -> int:
    """Returns the month that is shown, the wanted one if it has classes; 0: the classes are few, or of one month."""
    if len(by_month) < 2 or sum(map(len, by_month.values())) <= MANY:
        return 0
    return wanted if wanted in by_month else min(by_month)


def _first_of(turn: Turn, classes: Sequence[ClassSession]) -> At:
    return At(classes[0].starts_at, turn.zone(classes[0].site_id))


def _month_button(turn: Turn, by_month: Mapping[int, Sequence[ClassSession]], month: int) -> Button:
    facts: dict[str, Value] = {"month": _first_of(turn, by_month[month]), "n": len(by_month[month])}
    return Button("sessions.button.month", SeeMyClasses(0, month), facts)


def _place_of(turn: Turn, session: ClassSession) -> SeeMyClasses:
    """Returns the screen of the list on which the class stands."""
    coming = classes_to_list(turn)
    by_month = _months(turn, coming)
    month = next((number for number, found in by_month.items() if session in found), 0)
    month = _month_shown(by_month, month)
    among = by_month[month] if month else coming
    return SeeMyClasses(among.index(session) // PAGE if session in among else 0, month)


def class_typed(turn: Turn) -> bool:
    """Handles the title, place, site, code, day or month of a class, typed below the list. False: it is none of these,
    or means something by itself."""
    newest = turn.newest.said
    if not turn.staff or turn.account.conversation is not None or newest is None or newest.key not in LISTS:
        return False
    typed = cleaned(turn.text)
    asks = re.match(r"(?:cari|search|find)\b", typed, re.IGNORECASE)
    wanted = plain(typed[asks.end() :] if asks else typed)
    if not 2 <= len(wanted) <= LONGEST or turn.button_typed(newest) is not None or turn.content.way_out(typed):
        return False
    meant = turn.content.understand(typed)
    if asks is None and meant.at_once and (meant.intent.startswith("t_") or meant.intent in NEVER_A_TITLE):
        return False
    coming = classes_to_list(turn)
    found = [one for one in coming if _fits(turn, one, wanted)]
    if not found:
        if asks:
            turn.say("sessions.found_none", text=wanted, buttons=[[list_button()]])
        return asks is not None
    buttons: list[Sequence[Button]] = [[class_button(turn, one, SeeMyClass(one.id))] for one in found[:PAGE]]
    lines = Lines(tuple(_line(turn, one) for one in found[:PAGE]))
    key = "sessions.found" if len(found) <= PAGE else "sessions.found_many"
    turn.say(key, classes=lines, n=len(found), buttons=[*buttons, [list_button()]])
    return True


def _fits(turn: Turn, session: ClassSession, wanted: str) -> bool:
    """Whether all that was typed stands in what the class is called, where it is, or when, as people write it."""
    local = session.starts_at.astimezone(ZoneInfo(turn.zone(session.site_id)))
    month = MONTHS[local.month - 1]
    days = f"{local.day} {month} {local.day} {month[:3]} {local.day} {local.month} {local.year}"
    facts = (session.title, session.venue, site_name(turn, session.site_id), session.code, session.trainer or "", days)
    return any(f" {wanted}" in f" {plain(fact)}" for fact in facts)


def _line(turn: Turn, session: ClassSession) -> Words:
    facts = class_values(turn, session)
    return Words("sessions.line" if session.cancelled_at is None else "sessions.line_cancelled", facts)


def class_picked(turn: Turn, action: SeeMyClass) -> None:
    session = own_class(turn, action.session)
    turn.leave(CANCELLING)
    if session is None:
        turn.show("sessions.unknown", buttons=[[list_button()]])
        return
    if session.cancelled_at is not None:
        return show_cancelled(turn, session)
    copy = Button("sessions.button.copy", CopyClass(session.id))
    change = Button("sessions.button.change", ConsiderChange(session.id))
    calls = Button("call_list.button.see", SeeCalls(session.id))
    feedback = Button("sessions.button.feedback", SeeAverage(session.id))
    asking = attendance.people_asking(turn.db, session)
    door = [Button("attendance.button.door", SeeDoor(session.id), {"n": len(asking)})] if asking else []
    _show_card(
        turn,
        session,
        [
            door,
            [
                Button("sessions.button.roster", SeeRoster(session.id)),
                Button("sessions.button.attendance", SeeAttendance(session.id)),
            ],
            [Button("sessions.button.announce", PickAudience("class", str(session.id)))],
            [feedback] if session.ends_at <= turn.now else [calls],
            [change, copy] if session.starts_at > turn.now else [copy],
            [back(_place_of(turn, session))],
        ],
    )


def change_considered(turn: Turn, action: ConsiderChange) -> None:
    """Asks what to change of the class."""
    session = own_class(turn, action.session)
    turn.leave(CANCELLING)
    if session is None or session.cancelled_at is not None or session.starts_at <= turn.now:
        turn.show("sessions.unknown", buttons=[[list_button()]])
        return
    _show_card(
        turn,
        session,
        [
            [
                Button("sessions.button.move", MoveClass(session.id)),
                Button("sessions.button.venue", RelocateClass(session.id)),
            ],
            [
                Button("sessions.button.seats", ResizeClass(session.id)),
                Button("sessions.button.details", ConsiderDetails(session.id)),
            ],
            [Button("sessions.button.cancel", ConsiderCancelling(session.id))],
            [back(SeeMyClass(session.id))],
        ],
    )


def details_considered(turn: Turn, action: ConsiderDetails) -> None:
    """Asks which of what is written about the class to change."""
    session = own_class(turn, action.session)
    if session is None or session.cancelled_at is not None or session.starts_at <= turn.now:
        turn.show("sessions.unknown", buttons=[[list_button()]])
        return
    _show_card(
        turn,
        session,
        [
            [
                Button("sessions.button.title", ChangeDetail(session.id, "title")),
                Button("sessions.button.minutes", ChangeDetail(session.id, "length")),
            ],
            [
                Button("sessions.button.trainer", ChangeDetail(session.id, "trainer")),
                Button("sessions.button.contact", ChangeDetail(session.id, "contact")),
            ],
            [back(ConsiderChange(session.id))],
        ],
    )


def _show_card(turn: Turn, session: ClassSession, buttons: list[list[Button]]) -> None:
    waiting = class_changes.touched(turn.db, session).waiting
    turn.show("sessions.card", class_values(turn, session), waiting=waiting, buttons=buttons)
