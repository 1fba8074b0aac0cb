"""Cancels a class, after a question that says who is concerned: without a reason, or with one that was picked or
written and is shown as people will read it."""

from __future__ import annotations

from typing import Final

from bot.actions.sessions import CancelClass, ConsiderCancelling, PickReason, SeeMyClass
from bot.class_import.cells import REASON_LENGTH, read_words
from bot.programme import call_list, class_changes, class_restoring
from bot.programme.sessions import REASONS, ClassSession
from bot.turns.turn import Turn
from bot.words.action import version_of
from bot.words.message import Button, Style, Value, Words
from bot.words.typed_text import cleaned
from handlers.sessions.classes import (
    CANCELLING,
    call_names,
    class_values,
    list_button,
    missing,
    own_class,
)
from handlers.sessions.restoring import restore_button

REASON: Final = "reason"
BECAUSE: Final = "because"
"""In the draft: the reason that was written."""
YES_OR_NO: Final = 3
"""The most words of a plain yes or no."""


def _version_of(session: ClassSession, because: str = "") -> int:
    """Returns the version of the class as it is shown before it is cancelled, with the reason that was written. New
    enrolments do not change it."""
    return version_of(session.revision, because) if because else version_of(session.revision)


def cancelling_considered(turn: Turn, action: ConsiderCancelling) -> None:
    """Asks whether to cancel the class, and why: a reason can be picked or written, or left out."""
    session = own_class(turn, action.session)
    if session is None or not _stands(turn, session):
        turn.leave(CANCELLING)
        turn.show("sessions.unknown", buttons=[[list_button()]])
        return
    turn.enter(CANCELLING, REASON, session=session.id)
    _ask(turn, session)


def _ask(turn: Turn, session: ClassSession, key: str = "sessions.cancel") -> None:
    turn.ask(CANCELLING, REASON)
    reasons = [Button(f"sessions.button.why.{why}", PickReason(session.id, why)) for why in REASONS]
    really = CancelClass(session.id, _version_of(session))
    turn.show(
        key,
        class_values(turn, session) | _people(turn, session),
        buttons=[
            *(reasons[at : at + 2] for at in range(0, len(reasons), 2)),
            [Button("sessions.button.really_cancel", really, style=Style.DANGER), _keep(session)],
        ],
    )


def _people(turn: Turn, session: ClassSession) -> dict[str, Value]:
    touched = class_changes.touched(turn.db, session)
    undo = "sessions.can_be_restored" if session.starts_at > turn.now else "sessions.cannot_be_restored"
    return {"seated": touched.seats, "waiting": touched.waiting, "told": touched.told, "undo": Words(undo)}


def _keep(session: ClassSession) -> Button:
    return Button("sessions.button.keep", SeeMyClass(session.id))


def reason_picked(turn: Turn, action: PickReason) -> None:
    session = own_class(turn, action.session)
    if session is None or not _stands(turn, session):
        return cancelling_considered(turn, ConsiderCancelling(action.session))
    turn.enter(CANCELLING, REASON, session=session.id)  # another reason can be picked or written
    turn.ask(CANCELLING, REASON)
    really = CancelClass(session.id, _version_of(session), action.why)
    _show_with_reason(turn, session, Words(f"sessions.reason.{action.why}"), really)


def reason_written(turn: Turn) -> None:
    """Shows the cancellation with the reason that was written. A plain "tidak" keeps the class; a plain "ya" needs a
    tap."""
    session = own_class(turn, turn.draft.get("session") or 0)
    if session is None or not _stands(turn, session):
        turn.leave(CANCELLING)
        turn.show("sessions.unknown", buttons=[[list_button()]])
        return
    typed = cleaned(turn.text)
    if len(typed.split()) <= YES_OR_NO:
        no, yes = turn.content.understand(typed, "consent"), turn.content.understand(typed, "reminder")
        if no.intent == "disagree" and no.at_once:
            return cancelling_left(turn)
        if yes.intent == "coming" and yes.at_once:
            return _tap_it(turn)
    try:
        because = read_words(turn.text, REASON_LENGTH).rstrip(". ")
    except ValueError:
        return _ask(turn, session, "sessions.cancel_again")
    if not because:
        return _ask(turn, session, "sessions.cancel_again")
    turn.keep(**{BECAUSE: because})
    cancelling_asked_again(turn)


def yes_typed(turn: Turn) -> bool:
    """Handles the words of the button that cancels, before "batalkan" is taken for the end of the conversation: they
    need a tap. False: these are other words."""
    if turn.account.conversation != CANCELLING:
        return False
    newest = turn.newest.said
    if newest is None or not isinstance(turn.button_typed(newest), CancelClass):
        return False
    _tap_it(turn)
    return True


def _tap_it(turn: Turn) -> None:
    turn.say("understanding.tap_it", plain=True)
    cancelling_asked_again(turn)


def cancelling_asked_again(turn: Turn) -> None:
    """Asks again: with the reason that was written, if one was."""
    session = own_class(turn, turn.draft.get("session") or 0)
    if session is None or not _stands(turn, session):
        turn.leave(CANCELLING)
        turn.show("sessions.unknown", buttons=[[list_button()]])
    elif because := turn.draft.get(BECAUSE):
        turn.ask(CANCELLING, REASON)
        really = CancelClass(session.id, _version_of(session, because), "written")
        _show_with_reason(turn, session, because, really)
    else:
        _ask(turn, session)


def _show_with_reason(turn: Turn, session: ClassSession, reason: Value, really: CancelClass) -> None:
    turn.show(
        "sessions.cancel_because",
        class_values(turn, session) | _people(turn, session),
        reason=reason,
        buttons=[
            [Button("sessions.button.really_cancel", really, style=Style.DANGER), _keep(session)],
            [Button("sessions.button.other_reason", ConsiderCancelling(session.id))],
        ],
    )


def cancelling_left(turn: Turn) -> None:
    session_id = turn.draft.get("session") or 0
    turn.leave(CANCELLING)
    turn.show("sessions.nothing_changed", buttons=[[Button("sessions.button.see", SeeMyClass(session_id))]])


def class_cancelled(turn: Turn, action: CancelClass) -> None:
    session = own_class(turn, action.session)
    if session is None:
        turn.leave(CANCELLING)
        turn.show("sessions.unknown", buttons=[[list_button()]])
        return
    site = session.site_id
    because = ""
    if action.why == "written":
        mine = turn.account.conversation == CANCELLING and turn.draft.get("session") == session.id
        because = turn.draft.get(BECAUSE, "") if mine else ""
    shown = _version_of(session, because)
    if _stands(turn, session) and (action.version not in (0, shown) or (action.why == "written" and not because)):
        turn.toast("sessions.toast.changed", alert=True)
        return turn.follow(ConsiderCancelling(session.id))
    turn.leave(CANCELLING)
    why = None if action.why in ("none", "written") else action.why
    match class_changes.cancel(turn.db, session, turn.now, zone=turn.zone(site), why=why, because=because or None):
        case class_changes.Cancelled(session, told):
            turn.note("session_cancelled", f"session:{session.id}", site_id=site, told=told, why=action.why)
            calls = call_list.of_class(turn.db, session, turn.now, turn.content)
            undo = [restore_button(session)] if class_restoring.may_be_restored(session, turn.now) else []
            facts, ways = class_values(turn, session), [call_names(calls), undo, [list_button()]]
            heard = missing(turn, calls, session.starts_at if told else None)
            turn.show("sessions.cancelled_now", facts, n=told, missing=heard, buttons=ways)
        case class_changes.AlreadyCancelled(session):
            calls = call_list.of_class(turn.db, session, turn.now, turn.content)
            undo = [restore_button(session)] if class_restoring.may_be_restored(session, turn.now) else []
            ways = [call_names(calls), undo, [list_button()]]
            turn.show("sessions.cancelled_before", class_values(turn, session), buttons=ways)
        case class_changes.AlreadyOver(session):
            turn.show("sessions.over", class_values(turn, session), buttons=[[list_button()]])


def _stands(turn: Turn, session: ClassSession) -> bool:
    return session.cancelled_at is None and session.ends_at > turn.now
