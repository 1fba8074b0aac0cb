"""Shows what would be saved and how many people that concerns, before the trainer confirms it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.actions.sessions import ConfirmClass, LowerSeats, TeachMyself
from bot.programme import class_changes
from bot.programme.class_telling import number_of_listeners
from bot.programme.enrolment import HOLDING
from bot.programme.sessions import ClassSession
from bot.turns.corrections import HEARD
from bot.turns.turn import Turn
from bot.words.action import version_of
from bot.words.message import At, Button, Style, Value, Words
from handlers.sessions.classes import SESSIONS, class_values, list_button
from handlers.sessions.draft import (
    CONFIRM,
    CONTACT,
    LENGTH,
    SEATS,
    TITLE,
    TRAINER,
    VENUE,
    as_planned,
    back_and_cancel,
    class_changed,
    moment_of_draft,
    must_still_lead,
    planned_values,
)
from handlers.sessions.warnings import warning_of


def summary_asked_again(turn: Turn) -> None:
    must_still_lead(turn)
    show_summary(turn)


def show_summary(turn: Turn) -> None:
    """Asks the trainer to confirm the class or the change in the draft: shows what would be saved and, for a change,
    how many people have a seat, wait, and will be told. Saves nothing. Ends the conversation if the class is gone or
    cancelled."""
    must_still_lead(turn)
    turn.ask(SESSIONS, CONFIRM)
    draft = turn.draft
    session = class_changed(turn)
    if draft["kind"] != "new" and (session is None or (session.cancelled_at is not None and draft["kind"] != "copy")):
        turn.leave(SESSIONS)
        turn.show("sessions.unknown", buttons=[[list_button()]])
        return
    warning, _ = _warning(turn)
    save = "sessions.button.confirm" if warning is None else "sessions.button.confirm_all_the_same"
    buttons: list[Sequence[Button]] = [[Button(save, ConfirmClass(_version(turn)))], back_and_cancel()]
    if draft["kind"] == "new" or session is None:
        turn.show("sessions.confirm.new", planned_values(turn), warning=warning, buttons=buttons)
        return
    facts = class_values(turn, session) | {"warning": warning}
    touched = class_changes.touched(turn.db, session)
    people: dict[str, Value] = {"seated": touched.seats, "waiting": touched.waiting, "told": touched.told}
    match draft["kind"]:
        case "copy":
            mine = turn.account.staff_name
            if mine and draft.get(TRAINER, session.trainer) != mine:
                buttons.insert(1, [Button("sessions.button.myself", TeachMyself(), {"name": mine})])
            turn.show("sessions.confirm.new", planned_values(turn), warning=warning, buttons=buttons)
        case "move":
            length = Words("sessions.new_length", {"minutes": draft[LENGTH]}) if LENGTH in draft else None
            new = moment_of_draft(turn)
            turn.show("sessions.confirm.move", {**facts, **people}, new=new, length=length, buttons=buttons)
        case "venue":
            turn.show("sessions.confirm.venue", {**facts, **people}, new=draft[VENUE], buttons=buttons)
        case "title" | "length" | "trainer" | "contact" as detail:
            _confirm_detail(turn, session, detail, warning)
        case _ if draft[SEATS] < session.seats_taken:
            _offer_to_lower(turn, session, draft[SEATS])
        case _:
            turn.show("sessions.confirm.seats", {**facts, **people}, new=draft[SEATS], buttons=buttons)


def _warning(turn: Turn) -> tuple[Words | None, list[int]]:
    planned = as_planned(turn)
    return (None, []) if planned is None else warning_of(turn, planned)


def _confirm_detail(turn: Turn, session: ClassSession, detail: str, warning: Words | None) -> None:
    """Shows the old and the new words. Whether those with a seat are told is up to the trainer: a typing error is no
    news. A new length is always told."""
    told = number_of_listeners(turn.db, session, HOLDING)
    save = ConfirmClass(_version(turn))
    facts = class_values(turn, session) | {"told": told, "seated": class_changes.touched(turn.db, session).seats}
    facts["warning"] = warning
    label = "sessions.button.confirm" if warning is None else "sessions.button.confirm_all_the_same"
    buttons: list[Sequence[Button]] = [[Button(label, save)]]
    if told and detail != LENGTH:
        buttons = [
            [Button("sessions.button.confirm_and_tell", save, {"n": told})],
            [Button("sessions.button.confirm_quietly", replace(save, quiet=True))],
        ]
    buttons.append(back_and_cancel())
    nothing = Words("sessions.import.nothing_there")
    before = {TITLE: session.title, TRAINER: session.trainer or nothing, CONTACT: session.contact or nothing}
    new = turn.draft[detail]
    if detail == LENGTH:
        until = At(session.starts_at + timedelta(minutes=new), turn.zone(session.site_id))
        turn.show("sessions.confirm.length", facts, new=new, until=until, buttons=buttons)
    else:
        key = f"sessions.confirm.{detail}"
        turn.show(key, facts, before=before[detail], new=new or nothing, buttons=buttons)


def _offer_to_lower(turn: Turn, session: ClassSession, seats: int) -> None:
    """Refuses so few seats, unless the last enrolled are asked to wait."""
    over = session.seats_taken - seats
    buttons: list[Sequence[Button]] = [back_and_cancel()]
    if session.starts_at > turn.now:
        buttons.insert(0, [Button("sessions.button.lower", LowerSeats(_version(turn)), style=Style.DANGER)])
    facts = class_values(turn, session) | {"taken": session.seats_taken}
    turn.show("sessions.seats_taken", facts, new=seats, over=over, buttons=buttons)


def _version(turn: Turn) -> int:
    """Returns the version of what is shown for confirmation: the answers, and the class as it is now."""
    session = class_changed(turn)
    answers = {name: value for name, value in turn.draft.items() if name != HEARD}
    now = session and (session.id, session.revision, session.edits, session.cancelled_at)
    return version_of(answers, now, *(_warning(turn)[1:] if turn.account.state == CONFIRM else ()))


def was_changed(turn: Turn, version: int) -> bool:
    """Returns whether what would be saved has changed since the button was sent; then it is shown for confirmation
    again."""
    if version in (0, _version(turn)):
        return False
    turn.toast("sessions.toast.changed", alert=True)
    show_summary(turn)
    return True
