"""Saves a new class or a change, and tells the people concerned."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.actions.sessions import ConfirmClass, LowerSeats
from bot.programme import call_list, class_changes, sessions
from bot.turns.turn import Turn
from bot.words.message import Words
from handlers.sessions.classes import SESSIONS, call_names, class_values, list_button, missing, see_button
from handlers.sessions.draft import (
    DETAILS,
    LENGTH,
    PIN,
    SEATS,
    SITE,
    TITLE,
    TRAINER,
    VENUE,
    WHEN,
    class_changed,
    is_closed,
    must_still_lead,
    say_closed,
    zone_of_draft,
)
from handlers.sessions.questions import ask
from handlers.sessions.summary import show_summary, was_changed


def confirmed(turn: Turn, action: ConfirmClass) -> None:
    must_still_lead(turn)
    if not was_changed(turn, action.version):
        _save(turn, quiet=action.quiet)


def _save(turn: Turn, *, quiet: bool = False) -> None:
    match turn.draft["kind"]:
        case "new" | "copy":
            return _create(turn)
    session = class_changed(turn)
    if session is None:
        return show_summary(turn)
    draft, site, before = turn.draft, session.site_id, session.starts_at
    changes: dict[str, Any] = {}
    if draft["kind"] == "move":
        changes["starts_at"] = datetime.fromisoformat(draft[WHEN])
        if changes["starts_at"] <= turn.now:
            return ask(turn, WHEN, "sessions.ask.when_past")
        if LENGTH in draft:
            changes["minutes"] = draft[LENGTH]
    elif draft["kind"] == "venue":
        latitude, longitude = draft[PIN] or (None, None)
        changes |= {"venue": draft[VENUE], "latitude": latitude, "longitude": longitude}
    elif draft["kind"] in DETAILS:
        name = "minutes" if draft["kind"] == LENGTH else draft["kind"]
        changes |= {name: draft[draft["kind"]], "tell_details": not quiet}
    else:
        changes["capacity"] = draft[SEATS]
    match class_changes.change(
        turn.db, session, turn.now, **changes, leads=turn.content.leads(site), zone=zone_of_draft(turn)
    ):
        case class_changes.Changed(session, fields, moved, told, offers):
            turn.note("session_changed", f"session:{session.id}", site_id=site, fields=list(fields), told=told)
            turn.leave(SESSIONS)
            facts, ways = class_values(turn, session), [[see_button(session), list_button()]]
            if moved:
                calls = call_list.of_class(turn.db, session, turn.now, turn.content)
                heard = missing(turn, calls, class_changes.heard_by(session, before, turn.now) if told else None)
                turn.say("sessions.changed", facts, n=told, missing=heard, buttons=[call_names(calls), *ways])
            elif draft["kind"] in DETAILS:
                who_is_told = Words("sessions.told", {"n": told}) if told else Words("sessions.nobody_told")
                turn.say("sessions.changed_detail", facts, who_is_told=who_is_told, buttons=ways)
            else:  # seats alone are no news for those who have one; those who wait are offered what is free
                who = Words("sessions.offers", {"n": offers}) if offers else None
                turn.say("sessions.changed_seats", facts, offers=who, buttons=ways)
        case class_changes.SeatsTaken(session):
            turn.say("sessions.seats_meanwhile", plain=True)
            return show_summary(turn)
        case class_changes.Unchanged(session):
            turn.leave(SESSIONS)
            turn.show("sessions.same", buttons=[[see_button(session), list_button()]])
        case class_changes.AlreadyCancelled():
            turn.leave(SESSIONS)
            turn.show("sessions.unknown", buttons=[[list_button()]])


def lowering_confirmed(turn: Turn, action: LowerSeats) -> None:
    must_still_lead(turn)
    if was_changed(turn, action.version):
        return
    session = class_changed(turn)
    if session is None or turn.draft["kind"] != "seats":
        return show_summary(turn)
    seats = turn.draft[SEATS]
    if seats >= session.seats_taken:
        return _save(turn)  # somebody gave a seat back in the meantime
    match class_changes.lower(turn.db, session, turn.now, capacity=seats, zone=zone_of_draft(turn)):
        case class_changes.Lowered(session, waiting, told):
            details = {"seats": seats, "waiting": waiting, "told": told}
            turn.note("session_lowered", f"session:{session.id}", site_id=session.site_id, **details)
            turn.leave(SESSIONS)
            facts = class_values(turn, session)
            turn.say("sessions.lowered", facts, waiting=waiting, n=told, buttons=[[see_button(session), list_button()]])
        case class_changes.SeatsTaken(session) | class_changes.AlreadyOver(session):
            turn.leave(SESSIONS)
            turn.show("sessions.cannot_lower", buttons=[[see_button(session), list_button()]])
        case class_changes.AlreadyCancelled():
            turn.leave(SESSIONS)
            turn.show("sessions.unknown", buttons=[[list_button()]])


def _create(turn: Turn) -> None:
    draft, source = turn.draft, class_changed(turn)
    at = source.site_id if source is not None else draft[SITE]
    if is_closed(turn, at):  # since the questions were put
        turn.leave(SESSIONS)
        return say_closed(turn, at)
    starts = datetime.fromisoformat(draft[WHEN])
    if starts <= turn.now:
        return ask(turn, WHEN, "sessions.ask.when_past")
    if source is not None:
        site = source.site_id
        same = ("title", "minutes", "capacity", "venue", "latitude", "longitude", "trainer")
        details = {name: getattr(source, name) for name in same}
        details |= {"minutes": draft.get(LENGTH, source.minutes), "trainer": draft.get(TRAINER, source.trainer)}
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
    code = sessions.free_code(turn.db, site, starts.astimezone(ZoneInfo(zone_of_draft(turn))).date())
    session = sessions.create(
        turn.db, turn.now, code=code, site_id=site, starts_at=starts, leads=turn.content.leads(site), **details
    )
    what = "session_copied" if source else "session_created"
    turn.note(what, f"session:{session.id}", site_id=site, code=code)
    turn.leave(SESSIONS)
    turn.say("sessions.created", class_values(turn, session), buttons=[[see_button(session), list_button()]])
