"""A trainer's classes: see, create, copy, move, make larger or smaller, cancel, and import from a table.

    /sesi -> class -> what is to change -> whom it touches -> [really] -> those are told

What is being put together stands in the draft, one question a message; nothing is saved before it was repeated back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from telegram.ext import filters

from bot.capability import Capability, Command, Handlers
from bot.catalogue.content import Site
from bot.class_import import in_chat
from bot.class_import.tables import (
    CAPACITY,
    LATITUDES,
    LONGITUDES,
    MAX_FILE_BYTES,
    MINUTES,
    TITLE_LENGTH,
    VENUE_LENGTH,
    read_number,
    read_words,
)
from bot.class_import.time_words import read_moment, says_next_week
from bot.delivery import background_jobs
from bot.documents.xlsx_writer import MIME
from bot.programme import class_changes, registration, sessions
from bot.programme.sessions import ClassSession
from bot.turns.pages import page_of
from bot.turns.router import Conversation, command, sent, tap, typed
from bot.turns.turn import END, State, Turn, enter, leave
from bot.words.message import At, Button, File, Form, Lines, Message, Value, Words

SESSIONS: Final = "sessions"
PAGE: Final = 5
SITES: Final = 8
SITE, TITLE, WHEN, LENGTH, SEATS, VENUE, PIN, CONFIRM = (
    "site", "title", "when", "length", "seats", "venue", "pin", "confirm",
)  # fmt: skip
QUESTIONS: Final = {
    "new": (SITE, TITLE, WHEN, LENGTH, SEATS, VENUE, PIN),
    "copy": (WHEN,),
    "move": (WHEN,),
    "seats": (SEATS,),
    "venue": (VENUE, PIN),
}
"""What is asked for each kind of change, in order."""
LENGTHS: Final = (60, 120, 180)
USUAL_SEATS: Final = (15, 20, 30)
WALL: Final = "%Y%m%d%H%M"
"""How a button carries a moment: wall time of the site."""
LONG_AGO: Final = timedelta(hours=12)
"""A class that began is still listed for so long."""
FARTHEST: Final = timedelta(days=730)
TABLES: Final = (
    filters.Document.FileExtension("csv")
    | filters.Document.FileExtension("xlsx")
    | filters.Document.FileExtension("xls")
)


def handlers() -> Handlers:
    conversation = Conversation(
        SESSIONS,
        entry_points=[
            tap("sessions:new", new_wanted),
            tap("sessions:copy", copy_wanted),
            tap("sessions:move", move_wanted),
            tap("sessions:seats", other_seats_wanted),
            tap("sessions:venue", other_venue_wanted),
        ],
        states={
            SITE: [tap("sessions:at", site_picked), typed(site_written)],
            TITLE: [typed(title_written)],
            WHEN: [tap("sessions:when", moment_picked), typed(moment_written)],
            LENGTH: [tap("sessions:length", length_picked), typed(length_written)],
            SEATS: [tap("sessions:size", seats_picked), typed(seats_written)],
            VENUE: [tap("sessions:same_venue", same_venue_taken), typed(venue_written)],
            PIN: [
                tap("sessions:no_pin", pin_left_out),
                sent(filters.LOCATION, pin_sent),
                typed(pin_written),
            ],
            CONFIRM: [
                tap("sessions:confirm", confirmed),
                tap("sessions:lower", lowering_confirmed),
                typed(summary_asked_again),
            ],
        },
        fallbacks=[
            tap("sessions:back", went_back),
            tap("sessions:stop", broken_off),
            command("batal", broken_off),
        ],
        resume=question_asked_again,
    )
    return [
        conversation,
        command("sesi", list_asked_for),
        tap("sessions:list", list_asked_for),
        tap("sessions:show", class_picked),
        tap("sessions:change", change_considered),
        tap("sessions:cancel", cancelling_considered),
        tap("sessions:cancelled", class_cancelled),
        tap("sessions:template", template_asked_for),
        tap("sessions:import", import_confirmed),
        sent(TABLES, table_sent),
    ]


CAPABILITY: Final = Capability(
    "sessions",
    handlers,
    commands=(Command("sesi", "trainer", place=10),),
    data=sessions.DATA,
)


# --- looking --------------------------------------------------------------------------------------------------------


def list_asked_for(turn: Turn) -> State:
    """sessions:list[:<page>]: the classes of my sites."""
    turn.must_be_staff()
    leave(turn.account, SESSIONS)
    coming = sessions.of_sites(turn.db, turn.staff_sites, turn.now - LONG_AGO)
    page = page_of(coming, turn.number(), PAGE)
    buttons: list[Sequence[Button]] = [[_class(turn, session, f"sessions:show:{session.id}")] for session in page.items]
    if page.after:
        buttons.append([Button("sessions.button.more", f"sessions:list:{page.after}")])
    buttons.append([Button("sessions.button.new", "sessions:new"), in_chat.TEMPLATE])
    lines = Lines(tuple(Words("sessions.line", _facts(turn, session)) for session in page.items))
    turn.show("sessions.list" if coming else "sessions.none", classes=lines, buttons=buttons)
    return None


def class_picked(turn: Turn) -> State:
    session = _mine(turn)
    if session is None or session.cancelled_at is not None:
        turn.show("sessions.unknown", buttons=[[_list()]])
        return None
    copy = Button("sessions.button.copy", f"sessions:copy:{session.id}")
    change = Button("sessions.button.change", f"sessions:change:{session.id}")
    _show_card(
        turn,
        session,
        [
            [
                Button("sessions.button.roster", f"roster:list:{session.id}"),
                Button("sessions.button.attendance", f"attendance:class:{session.id}"),
            ],
            [Button("sessions.button.announce", f"broadcasts:to:class:{session.id}")],
            [change, copy] if session.starts_at > turn.now else [copy],
            [_list_back()],
        ],
    )
    return None


def change_considered(turn: Turn) -> State:
    """sessions:change:<class>: what of it?"""
    session = _mine(turn)
    if session is None or session.cancelled_at is not None or session.starts_at <= turn.now:
        turn.show("sessions.unknown", buttons=[[_list()]])
        return None
    _show_card(
        turn,
        session,
        [
            [
                Button("sessions.button.move", f"sessions:move:{session.id}"),
                Button("sessions.button.venue", f"sessions:venue:{session.id}"),
            ],
            [
                Button("sessions.button.seats", f"sessions:seats:{session.id}"),
                Button("sessions.button.cancel", f"sessions:cancel:{session.id}"),
            ],
            [Button("button.back", f"sessions:show:{session.id}")],
        ],
    )
    return None


def _show_card(turn: Turn, session: ClassSession, buttons: list[list[Button]]) -> None:
    waiting = class_changes.touched(turn.db, session).waiting
    turn.show("sessions.card", _facts(turn, session), waiting=waiting, buttons=buttons)


# --- what is wanted -------------------------------------------------------------------------------------------------


def new_wanted(turn: Turn) -> State:
    turn.must_be_staff()
    _begin(turn, "new")
    mine = _sites(turn)
    if len(mine) == 1:
        turn.keep(site=mine[0].id)
    return _go_on(turn)


def copy_wanted(turn: Turn) -> State:
    """Everything as it is, at another time: "minggu depan lagi"."""
    return _change_wanted(turn, "copy")


def move_wanted(turn: Turn) -> State:
    return _change_wanted(turn, "move")


def other_seats_wanted(turn: Turn) -> State:
    return _change_wanted(turn, "seats")


def other_venue_wanted(turn: Turn) -> State:
    return _change_wanted(turn, "venue")


def _change_wanted(turn: Turn, kind: str) -> State:
    session = _mine(turn)
    over = session is not None and kind != "copy" and session.starts_at <= turn.now
    if session is None or session.cancelled_at is not None or over:
        turn.show("sessions.unknown", buttons=[[_list()]])
        return None
    _begin(turn, kind)
    turn.keep(session=session.id, site=session.site_id)
    return _go_on(turn)


def _begin(turn: Turn, kind: str) -> None:
    enter(turn.account, SESSIONS, WHEN)
    turn.account.draft = {"kind": kind}


# --- asking ---------------------------------------------------------------------------------------------------------


def _go_on(turn: Turn) -> State:
    draft = turn.draft
    missing = next((one for one in QUESTIONS[draft["kind"]] if one not in draft), None)
    return _summary(turn) if missing is None else _ask(turn, missing)


def question_asked_again(turn: Turn) -> None:
    state = turn.account.state or WHEN
    if state == CONFIRM:
        _summary(turn)
    else:
        _ask(turn, state)


def _ask(turn: Turn, question: str, key: str = "") -> State:
    """Put a question; `key` are other words for it, because the last answer could not be read."""
    enter(turn.account, SESSIONS, question)
    turn.asked = True
    buttons: list[Sequence[Button]] = []
    values: dict[str, Value] = {}
    match question:
        case "site":
            key = key or "sessions.ask.site"
            buttons = [[_site(site)] for site in _sites(turn)[:SITES]]
        case "title":
            key = key or "sessions.ask.title"
        case "when":
            key = key or "sessions.ask.when"
            buttons = _moments(turn)
        case "length":
            key = key or "sessions.ask.length"
            lengths = [Button("sessions.button.length", f"sessions:length:{n}", {"minutes": n}) for n in LENGTHS]
            buttons = [lengths]
        case "seats":
            key = key or "sessions.ask.seats"
            seats = [Button("sessions.button.size", f"sessions:size:{n}", {"n": n}) for n in USUAL_SEATS]
            buttons = [seats]
            values = {"least": CAPACITY[0], "most": CAPACITY[1]}
        case "venue":
            key = key or "sessions.ask.venue"
            last = sessions.last_venue(turn.db, turn.draft["site"]) if turn.draft["kind"] == "new" else None
            if last:
                buttons = [[Button("sessions.button.same_venue", "sessions:same_venue", {"venue": last.venue})]]
        case _:
            key = key or "sessions.ask.pin"
            buttons = [[Button("sessions.button.no_pin", "sessions:no_pin")]]
    back, stop = Button("button.back", "sessions:back"), Button("button.cancel", "sessions:stop")
    turn.show(key, values, buttons=[*buttons, [back, stop]])
    return question


def _moments(turn: Turn) -> list[Sequence[Button]]:
    """Times to tap: the same hour next week, or the usual ones of the coming days."""
    zone = ZoneInfo(_zone(turn))
    session = _session(turn)
    if session is None:
        day = turn.now.astimezone(zone).date()
        hours = [(1, 9), (1, 13), (7, 9)]
        found = [datetime(day.year, day.month, day.day, hour, tzinfo=zone) + timedelta(days=n) for n, hour in hours]
    else:
        starts = session.starts_at.astimezone(zone)
        again = _same_day_again(turn, session)
        found = [again, again + timedelta(weeks=1)]
        found = [starts + timedelta(days=1), *found] if starts + timedelta(days=1) > turn.now else found
    next_week = session.starts_at + timedelta(weeks=1) if session is not None else None
    buttons = [
        Button(
            "sessions.button.next_week" if one == next_week else "sessions.button.when",
            f"sessions:when:{one:{WALL}}",
            {"starts": At(one, zone.key)},
        )
        for one in found
    ]
    return [[button] for button in buttons]


def _same_day_again(turn: Turn, session: ClassSession) -> datetime:
    """The same weekday and hour a week later; of a class that is long over, the first such moment to come."""
    weeks = max(1, (turn.now - session.starts_at) // timedelta(weeks=1) + 1)
    return session.starts_at.astimezone(ZoneInfo(_zone(turn))) + timedelta(weeks=weeks)


def went_back(turn: Turn) -> State:
    """One question back; before the first one, out."""
    _may(turn)
    asked = [one for one in QUESTIONS[turn.draft["kind"]] if one in turn.draft]
    fixed = SITE if turn.draft["kind"] == "new" and len(_sites(turn)) == 1 else None
    if not asked or asked == [fixed]:
        return broken_off(turn)
    turn.account.draft = {name: value for name, value in turn.draft.items() if name != asked[-1]}
    return _go_on(turn)


def broken_off(turn: Turn) -> State:
    session_id = turn.draft.get("session")
    leave(turn.account, SESSIONS)
    see = Button("sessions.button.see", f"sessions:show:{session_id}") if session_id else _list()
    turn.show("sessions.nothing_changed", buttons=[[see]])
    return END


# --- answers --------------------------------------------------------------------------------------------------------


def site_picked(turn: Turn) -> State:
    turn.must_lead(turn.choice)
    return _answered(turn, SITE, turn.choice) if turn.content.site(turn.choice) else _ask(turn, SITE)


def site_written(turn: Turn) -> State:
    turn.must_be_staff()
    mine = {site.id for site in _sites(turn)}
    found = [site for site in turn.content.search_sites(turn.text) if site.id in mine]
    return _answered(turn, SITE, found[0].id) if found else _ask(turn, SITE, "sessions.ask.site_again")


def title_written(turn: Turn) -> State:
    _may(turn)
    try:
        return _answered(turn, TITLE, read_words(turn.text, TITLE_LENGTH))
    except ValueError:
        return _ask(turn, TITLE, "sessions.ask.title_again")


def moment_picked(turn: Turn) -> State:
    _may(turn)
    try:
        # a button carries the wall time of the site
        wall = datetime.strptime(turn.choice, WALL).replace(tzinfo=ZoneInfo(_zone(turn)))
    except ValueError:
        return _ask(turn, WHEN)
    return _at(turn, wall)


def moment_written(turn: Turn) -> State:
    _may(turn)
    session = _session(turn)
    if session is not None and says_next_week(turn.text):
        return _at(turn, _same_day_again(turn, session))
    usual = session.starts_at.astimezone(ZoneInfo(_zone(turn))).time() if session is not None else None
    moment = read_moment(turn.text, now=turn.now, zone=_zone(turn), usual=usual)
    return _ask(turn, WHEN, "sessions.ask.when_again") if moment is None else _at(turn, moment)


def _at(turn: Turn, moment: datetime) -> State:
    if moment <= turn.now:
        return _ask(turn, WHEN, "sessions.ask.when_past")
    if moment - turn.now > FARTHEST:
        return _ask(turn, WHEN, "sessions.ask.when_again")
    return _answered(turn, WHEN, moment.astimezone(UTC).isoformat())


def length_picked(turn: Turn) -> State:
    _may(turn)
    minutes = turn.number() or 0
    return _answered(turn, LENGTH, minutes) if MINUTES[0] <= minutes <= MINUTES[1] else _ask(turn, LENGTH)


def length_written(turn: Turn) -> State:
    """Minutes; "2 jam" is read, too."""
    _may(turn)
    words = registration.cleaned(turn.text).casefold().split()
    unit = 60 if words[-1:] and words[-1] in ("jam", "hours", "hour") else 1
    try:
        number = read_number(words[0], (1, MINUTES[1])) if 1 <= len(words) <= 2 else 0
    except ValueError:
        number = 0
    minutes = number * unit
    if not MINUTES[0] <= minutes <= MINUTES[1]:
        return _ask(turn, LENGTH, "sessions.ask.length_again")
    return _answered(turn, LENGTH, minutes)


def seats_picked(turn: Turn) -> State:
    _may(turn)
    seats = turn.number() or 0
    return _answered(turn, SEATS, seats) if CAPACITY[0] <= seats <= CAPACITY[1] else _ask(turn, SEATS)


def seats_written(turn: Turn) -> State:
    _may(turn)
    try:
        return _answered(turn, SEATS, read_number(registration.cleaned(turn.text), CAPACITY))
    except ValueError:
        return _ask(turn, SEATS, "sessions.ask.seats_again")


def venue_written(turn: Turn) -> State:
    _may(turn)
    try:
        return _answered(turn, VENUE, read_words(turn.text, VENUE_LENGTH))
    except ValueError:
        return _ask(turn, VENUE, "sessions.ask.venue_again")


def same_venue_taken(turn: Turn) -> State:
    """Where the last class of the site was, with its pin."""
    _may(turn)
    last = sessions.last_venue(turn.db, turn.draft["site"])
    if last is None:
        return _ask(turn, VENUE)
    turn.keep(pin=[last.latitude, last.longitude] if last.latitude is not None else None)
    return _answered(turn, VENUE, last.venue)


def pin_sent(turn: Turn) -> State:
    _may(turn)
    message = turn.update.message
    place = message.location if message is not None else None
    if place is None or not (
        LATITUDES[0] <= place.latitude <= LATITUDES[1] and LONGITUDES[0] <= place.longitude <= LONGITUDES[1]
    ):
        return _ask(turn, PIN, "sessions.ask.pin_again")
    return _answered(turn, PIN, [place.latitude, place.longitude])


def pin_left_out(turn: Turn) -> State:
    _may(turn)
    return _answered(turn, PIN, None)


def pin_written(turn: Turn) -> State:
    _may(turn)
    return _ask(turn, PIN, "sessions.ask.pin_again")


def _answered(turn: Turn, question: str, answer: Any) -> State:
    turn.keep(**{question: answer})
    return _go_on(turn)


# --- whom it touches, and doing it ----------------------------------------------------------------------------------


def summary_asked_again(turn: Turn) -> State:
    _may(turn)
    return _summary(turn)


def _summary(turn: Turn) -> State:
    """What would be saved, in full, and whom it touches. Nothing is written yet."""
    _may(turn)
    enter(turn.account, SESSIONS, CONFIRM)
    turn.asked = True
    draft = turn.draft
    session = _session(turn)
    buttons: list[Sequence[Button]] = [[Button("sessions.button.confirm", "sessions:confirm")], _ways_back()]
    if draft["kind"] == "new":
        turn.show("sessions.confirm.new", _planned(turn), buttons=buttons)
        return CONFIRM
    if session is None or session.cancelled_at is not None:
        leave(turn.account, SESSIONS)
        turn.show("sessions.unknown", buttons=[[_list()]])
        return END
    facts = _facts(turn, session)
    touched = class_changes.touched(turn.db, session)
    people: dict[str, Value] = {"seated": touched.seats, "waiting": touched.waiting, "told": touched.told}
    match draft["kind"]:
        case "copy":
            turn.show("sessions.confirm.new", _planned(turn), buttons=buttons)
        case "move":
            turn.show("sessions.confirm.move", {**facts, **people}, new=_when(turn), buttons=buttons)
        case "venue":
            turn.show("sessions.confirm.venue", {**facts, **people}, new=draft[VENUE], buttons=buttons)
        case _ if draft[SEATS] < session.seats_taken:
            _offer_to_lower(turn, session, draft[SEATS])
        case _:
            turn.show("sessions.confirm.seats", {**facts, **people}, new=draft[SEATS], buttons=buttons)
    return CONFIRM


def _offer_to_lower(turn: Turn, session: ClassSession, seats: int) -> None:
    """So few seats are refused, unless the last enrolled are asked to wait."""
    over = session.seats_taken - seats
    buttons: list[Sequence[Button]] = [_ways_back()]
    if session.starts_at > turn.now:
        buttons.insert(0, [Button("sessions.button.lower", "sessions:lower")])
    turn.show("sessions.seats_taken", _facts(turn, session), new=seats, over=over, buttons=buttons)


def confirmed(turn: Turn) -> State:
    _may(turn)
    match turn.draft["kind"]:
        case "new" | "copy":
            return _create(turn)
    session = _session(turn)
    if session is None:
        return _summary(turn)
    draft, site = turn.draft, session.site_id
    changes: dict[str, Any] = {}
    if draft["kind"] == "move":
        changes["starts_at"] = datetime.fromisoformat(draft[WHEN])
        if changes["starts_at"] <= turn.now:
            return _ask(turn, WHEN, "sessions.ask.when_past")
    elif draft["kind"] == "venue":
        latitude, longitude = draft[PIN] or (None, None)
        changes |= {"venue": draft[VENUE], "latitude": latitude, "longitude": longitude}
    else:
        changes["capacity"] = draft[SEATS]
    match class_changes.change(turn.db, session, turn.now, **changes, leads=turn.content.leads(site), zone=_zone(turn)):
        case class_changes.Changed(session, fields, _, told):
            turn.note("session_changed", f"session:{session.id}", site_id=site, fields=list(fields), told=told)
            leave(turn.account, SESSIONS)
            turn.say("sessions.changed", _facts(turn, session), n=told, buttons=[[_see(session), _list()]])
        case class_changes.SeatsTaken(session):
            turn.say("sessions.seats_meanwhile", plain=True)
            return _summary(turn)
        case class_changes.Unchanged(session):
            leave(turn.account, SESSIONS)
            turn.show("sessions.same", buttons=[[_see(session), _list()]])
        case class_changes.AlreadyCancelled():
            leave(turn.account, SESSIONS)
            turn.show("sessions.unknown", buttons=[[_list()]])
    return END


def lowering_confirmed(turn: Turn) -> State:
    _may(turn)
    session = _session(turn)
    if session is None or turn.draft["kind"] != "seats":
        return _summary(turn)
    seats = turn.draft[SEATS]
    if seats >= session.seats_taken:
        return confirmed(turn)  # somebody gave a seat back in the meantime
    match class_changes.lower(turn.db, session, turn.now, capacity=seats, zone=_zone(turn)):
        case class_changes.Lowered(session, waiting, told):
            details = {"seats": seats, "waiting": waiting, "told": told}
            turn.note("session_lowered", f"session:{session.id}", site_id=session.site_id, **details)
            leave(turn.account, SESSIONS)
            facts = _facts(turn, session)
            turn.say("sessions.lowered", facts, waiting=waiting, n=told, buttons=[[_see(session), _list()]])
        case class_changes.SeatsTaken(session) | class_changes.AlreadyOver(session):
            leave(turn.account, SESSIONS)
            turn.show("sessions.cannot_lower", buttons=[[_see(session), _list()]])
        case class_changes.AlreadyCancelled():
            leave(turn.account, SESSIONS)
            turn.show("sessions.unknown", buttons=[[_list()]])
    return END


def _create(turn: Turn) -> State:
    draft, source = turn.draft, _session(turn)
    starts = datetime.fromisoformat(draft[WHEN])
    if starts <= turn.now:
        return _ask(turn, WHEN, "sessions.ask.when_past")
    if source is not None:
        site = source.site_id
        same = ("title", "minutes", "capacity", "venue", "latitude", "longitude", "trainer")
        details = {name: getattr(source, name) for name in same}
    else:
        site = draft[SITE]
        latitude, longitude = draft[PIN] or (None, None)
        details = {
            "title": draft[TITLE],
            "minutes": draft[LENGTH],
            "capacity": draft[SEATS],
            "venue": draft[VENUE],
            "latitude": latitude,
            "longitude": longitude,
            "trainer": turn.account.staff_name,
        }
    code = sessions.free_code(turn.db, site, starts.astimezone(ZoneInfo(_zone(turn))).date())
    session = sessions.create(
        turn.db, turn.now, code=code, site_id=site, starts_at=starts, leads=turn.content.leads(site), **details
    )
    what = "session_copied" if source else "session_created"
    turn.note(what, f"session:{session.id}", site_id=site, code=code)
    leave(turn.account, SESSIONS)
    turn.say("sessions.created", _facts(turn, session), buttons=[[_see(session), _list()]])
    return END


# --- cancelling -----------------------------------------------------------------------------------------------------


def cancelling_considered(turn: Turn) -> State:
    session = _mine(turn)
    if session is None or session.cancelled_at is not None or session.ends_at <= turn.now:
        turn.show("sessions.unknown", buttons=[[_list()]])
        return None
    touched = class_changes.touched(turn.db, session)
    really = Button("sessions.button.really_cancel", f"sessions:cancelled:{session.id}")
    turn.show(
        "sessions.cancel",
        _facts(turn, session),
        seated=touched.seats,
        waiting=touched.waiting,
        told=touched.told,
        buttons=[[really], [Button("sessions.button.keep", f"sessions:show:{session.id}")]],
    )
    return None


def class_cancelled(turn: Turn) -> State:
    session = _mine(turn)
    if session is None:
        turn.show("sessions.unknown", buttons=[[_list()]])
        return None
    site = session.site_id
    match class_changes.cancel(turn.db, session, turn.now, zone=turn.content.open_hours(site).zone):
        case class_changes.Cancelled(session, told):
            turn.note("session_cancelled", f"session:{session.id}", site_id=site, told=told)
            turn.show("sessions.cancelled_now", _facts(turn, session), n=told, buttons=[[_list()]])
        case class_changes.AlreadyCancelled(session):
            turn.show("sessions.cancelled_before", _facts(turn, session), buttons=[[_list()]])
        case class_changes.AlreadyOver(session):
            turn.show("sessions.over", _facts(turn, session), buttons=[[_list()]])
    return None


# --- tables ---------------------------------------------------------------------------------------------------------


def template_asked_for(turn: Turn) -> State:
    turn.must_be_staff()
    content = in_chat.template(_sites(turn), turn.content, turn.now)
    file = File(in_chat.FILE_NAME, MIME, content)
    turn.send(Message("sessions.template", form=Form.DOCUMENT, file=file))
    return None


def table_sent(turn: Turn) -> State:
    """A .csv or .xlsx of somebody who is no staff is a file like any other: not kept."""
    message = turn.update.message
    document = message.document if message else None
    if document is None or not turn.staff:
        return turn.follow("privacy:not_kept")
    if (document.file_size or 0) > MAX_FILE_BYTES:
        turn.say("sessions.import.too_large", n=MAX_FILE_BYTES // 1024 // 1024)
        return None
    background_jobs.ask(turn.db, turn.account, "import", {"file_id": document.file_id}, turn.now)
    turn.say("sessions.import.reading", plain=True)
    return None


def import_confirmed(turn: Turn) -> State:
    """sessions:import:<job>: read it again, and save what it says."""
    turn.must_be_staff()
    tried = background_jobs.find(turn.db, turn.account, turn.number() or 0)
    if tried is None or tried.kind != "import":
        turn.show("sessions.import.send_again", buttons=[[_list()]])
        return None
    background_jobs.ask(turn.db, turn.account, "import", {"file_id": tried.args["file_id"], "save": True}, turn.now)
    turn.show("sessions.import.saving", plain=True)
    return None


# --- small things ---------------------------------------------------------------------------------------------------


def _mine(turn: Turn) -> ClassSession | None:
    """The class that was picked, if its site is one of mine; refused if it is somebody else's."""
    turn.must_be_staff()
    session = sessions.get(turn.db, turn.number() or 0)
    if session is not None:
        turn.must_lead(session.site_id)
    return session


def _may(turn: Turn) -> None:
    """Before every step: rights may have been taken away since the last one."""
    turn.must_be_staff()
    if site := turn.draft.get("site"):
        turn.must_lead(site)


def _session(turn: Turn) -> ClassSession | None:
    """The class that is to be changed or copied; None for a new one."""
    return sessions.get(turn.db, turn.draft.get("session") or 0)


def _sites(turn: Turn) -> list[Site]:
    return [site for site in turn.content.sites if site.active and site.id in turn.staff_sites]


def _zone(turn: Turn) -> str:
    return turn.content.open_hours(turn.draft.get("site")).zone


def _when(turn: Turn) -> At:
    return At(datetime.fromisoformat(turn.draft[WHEN]), _zone(turn))


def _facts(turn: Turn, session: ClassSession) -> dict[str, Value]:
    return {
        "title": session.title,
        "starts": At(session.starts_at, turn.content.open_hours(session.site_id).zone),
        "minutes": session.minutes,
        "venue": session.venue,
        "site": _site_name(turn, session.site_id),
        "taken": session.seats_taken,
        "capacity": session.capacity,
        "code": session.code,
    }


def _planned(turn: Turn) -> dict[str, Value]:
    """The class that would be made, as it stands in the draft or in the class it is copied from."""
    draft, source = turn.draft, _session(turn)
    if source is not None:
        return _facts(turn, source) | {"starts": _when(turn)}
    return {
        "title": draft[TITLE],
        "starts": _when(turn),
        "minutes": draft[LENGTH],
        "venue": draft[VENUE],
        "site": _site_name(turn, draft[SITE]),
        "capacity": draft[SEATS],
    }


def _site_name(turn: Turn, site_id: str) -> str:
    site = turn.content.site(site_id)
    return site.name if site else site_id


def _class(turn: Turn, session: ClassSession, action: str) -> Button:
    facts = _facts(turn, session)
    return Button("sessions.button.class", action, {"title": facts["title"], "starts": facts["starts"]})


def _site(site: Site) -> Button:
    return Button("sessions.button.site", f"sessions:at:{site.id}", {"site": site.name})


def _see(session: ClassSession) -> Button:
    return Button("sessions.button.see", f"sessions:show:{session.id}")


def _list() -> Button:
    return Button("sessions.button.list", "sessions:list")


def _list_back() -> Button:
    return Button("button.back", "sessions:list")


def _ways_back() -> list[Button]:
    return [Button("button.back", "sessions:back"), Button("button.cancel", "sessions:stop")]
