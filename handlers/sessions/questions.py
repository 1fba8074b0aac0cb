"""Begins a change, and asks its questions one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.actions.sessions import (
    ChangeDetail,
    CopyClass,
    LeaveContactOut,
    LeavePinOut,
    MoveClass,
    PickClassSite,
    PickLength,
    PickMoment,
    PickSize,
    PickTrainer,
    RelocateClass,
    ResizeClass,
    SeeMyClass,
    TakeSameVenue,
)
from bot.catalogue.content import Site
from bot.class_import.cells import CAPACITY
from bot.people import rights
from bot.programme import sessions
from bot.programme.sessions import ClassSession
from bot.turns.turn import Turn
from bot.words.message import At, Button, Value
from bot.words.spoken_time import Unread, Why
from bot.words.unread_time import words_of
from handlers.sessions.classes import SESSIONS, list_button, own_class
from handlers.sessions.draft import (
    CONFIRM,
    QUESTIONS,
    SAID_DAY,
    SAID_PART,
    SITE,
    TRAINER,
    WHEN,
    back_and_cancel,
    class_changed,
    is_closed,
    must_still_lead,
    own_sites,
    say_closed,
    zone_of_draft,
)
from handlers.sessions.summary import show_summary

SITES: Final = 8
TRAINERS: Final = 4
"""So many trainers of the site are offered; any name can be written."""
LENGTHS: Final = (60, 120, 180)
USUAL_SEATS: Final = (15, 20, 30)
WALL: Final = "%Y%m%d%H%M"
"""How a button carries a moment: wall time of the site."""


def new_wanted(turn: Turn) -> None:
    turn.must_be_staff()
    mine = own_sites(turn)
    if not mine:
        turn.show("sessions.no_open_site", buttons=[[list_button()]])
        return
    turn.enter(SESSIONS, WHEN, kind="new")
    if len(mine) == 1:
        turn.keep(site=mine[0].id)
    go_on(turn)


def copy_wanted(turn: Turn, action: CopyClass) -> None:
    """Begins a copy of the class at another time: "minggu depan lagi"."""
    session = own_class(turn, action.session)
    if session is not None and is_closed(turn, session.site_id):
        return say_closed(turn, session.site_id)
    _change_wanted(turn, action.session, "copy")


def move_wanted(turn: Turn, action: MoveClass) -> None:
    _change_wanted(turn, action.session, "move")


def other_seats_wanted(turn: Turn, action: ResizeClass) -> None:
    _change_wanted(turn, action.session, "seats")


def other_venue_wanted(turn: Turn, action: RelocateClass) -> None:
    _change_wanted(turn, action.session, "venue")


def detail_wanted(turn: Turn, action: ChangeDetail) -> None:
    _change_wanted(turn, action.session, action.what)


def _change_wanted(turn: Turn, session_id: int, kind: str) -> None:
    session = own_class(turn, session_id)
    gone = session is not None and (session.cancelled_at is not None or session.starts_at <= turn.now)
    if session is None or (gone and kind != "copy"):
        turn.show("sessions.unknown", buttons=[[list_button()]])
        return
    turn.enter(SESSIONS, WHEN, kind=kind, session=session.id, site=session.site_id)
    go_on(turn)


def go_on(turn: Turn) -> None:
    draft = turn.draft
    missing = next((one for one in QUESTIONS[draft["kind"]] if one not in draft), None)
    if missing is None:
        show_summary(turn)
    else:
        ask(turn, missing)


def question_asked_again(turn: Turn) -> None:
    state = turn.account.state or WHEN
    if state == CONFIRM:
        show_summary(turn)
    else:
        ask(turn, state)


def ask(
    turn: Turn,
    question: str,
    key: str = "",
    why: Mapping[str, Value] | None = None,
    *,
    instead: Sequence[Sequence[Button]] | None = None,
) -> None:
    """Asks a question; `key` names other words for it (of `why`), because the last answer could not be read. The hour
    alone is asked for where the day was said. `instead`: buttons in the place of the usual ones."""
    turn.ask(SESSIONS, question)
    buttons: list[Sequence[Button]] = []
    values: dict[str, Value] = {**(why or {})}
    match question:
        case "site":
            key = key or "sessions.ask.site"
            buttons = [[_site(site)] for site in own_sites(turn)[:SITES]]
        case "title":
            key = key or ("sessions.ask.title" if turn.draft["kind"] == "new" else "sessions.ask.other_title")
            values |= _now(turn)
        case "trainer":
            key = key or "sessions.ask.trainer"
            buttons = _trainers(turn)
            values |= _now(turn)
        case "contact":
            key = key or "sessions.ask.contact"
            session = class_changed(turn)
            has_one = session is not None and session.contact
            buttons = [[Button("sessions.button.no_contact", LeaveContactOut())]] if has_one else []
            values |= _now(turn)
        case "when":
            if not key and (day := turn.draft.get(SAID_DAY)):
                asked = Unread(Why.HOUR, day=date.fromisoformat(day))
                key, values = "sessions.ask.hour", {"why": words_of(asked, zone_of_draft(turn))}
            key = key or "sessions.ask.when"
            buttons = _hours(turn) if SAID_DAY in turn.draft else _moments(turn)
        case "length":
            key = key or "sessions.ask.length"
            lengths = [Button("sessions.button.length", PickLength(n), {"minutes": n}) for n in LENGTHS]
            buttons = [lengths]
        case "seats":
            key = key or "sessions.ask.seats"
            seats = [Button("sessions.button.size", PickSize(n), {"n": n}) for n in _usual_seats(turn)]
            buttons = [seats]
            values |= {"least": CAPACITY[0], "most": CAPACITY[1]}
        case "venue":
            key = key or "sessions.ask.venue"
            last = sessions.last_venue(turn.db, turn.draft["site"]) if turn.draft["kind"] == "new" else None
            if last:
                buttons = [[Button("sessions.button.same_venue", TakeSameVenue(), {"venue": last.venue})]]
        case _:
            key = key or "sessions.ask.pin"
            buttons = [[Button("sessions.button.no_pin", LeavePinOut())]]
    turn.show(key, values, buttons=[*(buttons if instead is None else instead), back_and_cancel()])


def _usual_seats(turn: Turn) -> list[int]:
    """Returns the numbers of seats on buttons: the usual ones, with that of the site."""
    usual = turn.content.capacity(turn.draft.get("site") or "")
    return sorted({*USUAL_SEATS, usual})


def _now(turn: Turn) -> dict[str, Value]:
    """Returns what is written about the class now, for the question what it should be."""
    session = class_changed(turn)
    if session is None:
        return {}
    return {"title": session.title, "trainer": session.trainer or "-", "contact": session.contact or "-"}


def _trainers(turn: Turn) -> list[Sequence[Button]]:
    """Returns buttons with the trainers of the site, but for the one who is named now, and one for nobody."""
    session = class_changed(turn)
    named = session.trainer if session is not None else None
    found = [
        account
        for account in rights.trainers_of(turn.db, turn.draft["site"])
        if account.staff_name and account.staff_name != named
    ]
    buttons: list[Sequence[Button]] = [
        [Button("sessions.button.name", PickTrainer(account.id), {"name": account.staff_name})]
        for account in found[:TRAINERS]
    ]
    return [*buttons, [Button("sessions.button.no_trainer", PickTrainer(0))]] if named else buttons


def _moments(turn: Turn) -> list[Sequence[Button]]:
    """Returns buttons with moments: the same hour next week, or the usual ones of the coming days."""
    zone = ZoneInfo(zone_of_draft(turn))
    session = class_changed(turn)
    if session is None:
        day = turn.now.astimezone(zone).date()
        hours = [(1, 9), (1, 13), (7, 9)]
        found = [datetime(day.year, day.month, day.day, hour, tzinfo=zone) + timedelta(days=n) for n, hour in hours]
    else:
        starts = session.starts_at.astimezone(zone)
        again = same_day_again(turn, session)
        found = [again, again + timedelta(weeks=1)]
        found = [starts + timedelta(days=1), *found] if starts + timedelta(days=1) > turn.now else found
    next_week = session.starts_at + timedelta(weeks=1) if session is not None else None
    buttons = [
        Button(
            "sessions.button.next_week" if one == next_week else "sessions.button.when",
            PickMoment(f"{one:{WALL}}"),
            {"starts": At(one, zone.key)},
        )
        for one in found
    ]
    return [[button] for button in buttons]


HOURS_OF: Final = {"pagi": (8, 9, 10), "siang": (13, 14), "sore": (15, 16), "malam": (19,)}
"""The hours that are offered for a part of the day, and for a day alone."""


def _hours(turn: Turn) -> list[Sequence[Button]]:
    """Returns buttons with hours of the day that was said, those to come."""
    zone = ZoneInfo(zone_of_draft(turn))
    day = date.fromisoformat(turn.draft[SAID_DAY])
    hours = HOURS_OF.get(turn.draft.get(SAID_PART) or "", (9, 13))
    found = [datetime(day.year, day.month, day.day, hour, tzinfo=zone) for hour in hours]
    return [
        [Button("sessions.button.when", PickMoment(f"{one:{WALL}}"), {"starts": At(one, zone.key)})]
        for one in found
        if one > turn.now
    ]


def same_day_again(turn: Turn, session: ClassSession) -> datetime:
    """Returns the same weekday and hour a week later; for a class that is long over, the first such moment to come."""
    weeks = max(1, (turn.now - session.starts_at) // timedelta(weeks=1) + 1)
    return session.starts_at.astimezone(ZoneInfo(zone_of_draft(turn))) + timedelta(weeks=weeks)


def myself_teaching(turn: Turn) -> None:
    """Names whoever copies the class as the trainer of the copy."""
    must_still_lead(turn)
    if turn.draft["kind"] == "copy" and turn.account.staff_name:
        turn.keep(**{TRAINER: turn.account.staff_name})
    show_summary(turn)


def went_back(turn: Turn) -> None:
    """Goes one question back; before the first one, out of the conversation."""
    must_still_lead(turn)
    asked = [one for one in QUESTIONS[turn.draft["kind"]] if one in turn.draft]
    fixed = SITE if turn.draft["kind"] == "new" and len(own_sites(turn)) == 1 else None
    if not asked or asked == [fixed]:
        return broken_off(turn)
    for name in (SAID_DAY, SAID_PART, asked[-1]):
        turn.take_back(name)
    go_on(turn)


def broken_off(turn: Turn) -> None:
    session_id = turn.draft.get("session")
    turn.leave(SESSIONS)
    see = Button("sessions.button.see", SeeMyClass(session_id)) if session_id else list_button()
    turn.show("sessions.nothing_changed", buttons=[[see]])


def _site(site: Site) -> Button:
    return Button("sessions.button.site", PickClassSite(site.id), {"site": site.name})
