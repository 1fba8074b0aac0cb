"""Trainers: answers to people who say they were there. What was answered once is not overruled by an old message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.actions.attendance import ConfirmClaim, RefuseClaim, SeeClaims
from bot.people.people import Person
from bot.programme import attendance
from bot.programme.attendance import Mark, Name
from bot.programme.sessions import ClassSession
from bot.turns.turn import Turn
from bot.words.message import Lines, Value, Words
from handlers.attendance.names import note_mark
from handlers.attendance.parts import class_of, in_words, names_button, no_class, not_now, starts_of

CARDS: Final = ("claim", "confirmed", "denied", "finish")
"""How the keys of messages begin whose place the answer takes. All others say more than who was there, and stay."""


def claims_asked_for(turn: Turn, action: SeeClaims) -> None:
    session = class_of(turn, action.session)
    if session is None:
        return no_class(turn)
    turn.note("attendance_seen", f"session:{session.id}", site_id=session.site_id)
    _keep_what_says_more(turn)
    if not _show_open(turn, session, anew=True):
        turn.show(
            "attendance.claims_none",
            title=session.title,
            starts=starts_of(turn, session),
            buttons=[[names_button(turn, session)]],
        )


def claim_confirmed(turn: Turn, action: ConfirmClaim) -> None:
    _answer(turn, action, present=True)


def claim_refused(turn: Turn, action: RefuseClaim) -> None:
    _answer(turn, action, present=False)


def _answer(turn: Turn, action: ConfirmClaim | RefuseClaim, *, present: bool) -> None:
    session = class_of(turn, action.session)
    if session is None:
        return no_class(turn)
    outcome = attendance.answer_claim(
        turn.db, turn.account, session.id, action.person, turn.now, present=present, version=action.version
    )
    _keep_what_says_more(turn)
    match outcome:
        case attendance.Marked(session, person, present):
            note_mark(turn, session, person.id, present=present)
            _tell(turn, session, person, present=present)
        case attendance.Unchanged(session, person, known) if known.mark is (Mark.PRESENT if present else Mark.ABSENT):
            turn.toast("attendance.toast.answered", recorded=in_words(turn, session, known))
            if not turn.keeps_tapped:
                _tell(turn, session, person, present=present)
        case attendance.Unchanged(session, person, known) if _keeps_places(turn):
            turn.toast("attendance.toast.unchanged", recorded=in_words(turn, session, known), alert=True)
            _show_open(turn, session)
        case attendance.Unchanged(session, person, known):
            turn.show(
                "attendance.claim_answered",
                who=attendance.called_in(turn.db, session, person, turn.zone(session.site_id)),
                title=session.title,
                starts=starts_of(turn, session),
                recorded=in_words(turn, session, known),
                buttons=[[names_button(turn, session, person.id)]],
            )
        case attendance.TooEarly() | attendance.Cancelled():
            not_now(turn, outcome)
        case attendance.NotEnrolled() | attendance.Unknown():
            turn.show(
                "attendance.claimant_gone",
                title=session.title,
                starts=starts_of(turn, session),
                buttons=[[names_button(turn, session)]],
            )


def _tell(turn: Turn, session: ClassSession, person: Person, *, present: bool) -> None:
    """Says what is recorded now, and who of the class still waits for an answer."""
    who = attendance.called_in(turn.db, session, person, turn.zone(session.site_id))
    key = "attendance.confirmed" if present else "attendance.denied"
    facts: dict[str, Value] = {"who": who, "title": session.title, "starts": starts_of(turn, session)}
    if not _show_open(turn, session, Words(key, facts)):
        turn.show(key, facts, buttons=[[names_button(turn, session, person.id)]])


def _show_open(turn: Turn, session: ClassSession, *before: Words, anew: bool = False) -> bool:
    """Shows who waits for an answer, below these words; unless it is opened `anew`, the people of the tapped list keep
    their places in it. False: nobody does, and nobody has a place to keep."""
    everybody = attendance.names(turn.db, session)
    claims = attendance.claims_of(everybody)
    kept = _claimants_tapped(turn) if not anew and _keeps_places(turn) else []
    if not claims and not kept:
        return False
    shown = attendance.claims_with(everybody, kept)
    over = [one for one in shown[: attendance.ON_CARD] if one.mark is not Mark.CLAIMED]
    waiting = [one for one in shown[: attendance.ON_CARD] if one.mark is Mark.CLAIMED]
    called = attendance.called(everybody, turn.zone(session.site_id))
    done = Lines(tuple(_answered_line(one, called) for one in over))
    turn.show(
        "attendance.claims_open" if claims else "attendance.claims_done",
        done=Lines(tuple(Words("attendance.claims_open.done", {"told": one}) for one in before)),
        title=session.title,
        starts=starts_of(turn, session),
        n=len(claims),
        names=attendance.name_lines(waiting, called),
        over=Lines((Words("attendance.claims_open.over", {"names": done}),) if over else ()),
        buttons=[
            *attendance.claim_rows(session, shown),
            [names_button(turn, session, shown[0].person.id)],
        ],
    )
    return True


def _answered_line(one: Name, called: Mapping[int, Value]) -> Words:
    mark = one.mark if one.mark is not None else "nothing"
    return Words(f"attendance.claims_open.{mark}", {"n": one.number, "who": called[one.person.id]})


def _claimants_tapped(turn: Turn) -> list[int]:
    query = turn.update.callback_query
    tapped = query.message if query is not None else None
    return attendance.claimants_on(turn.said_as(tapped.message_id)) if tapped is not None else []


def _keeps_places(turn: Turn) -> bool:
    """Whether the answer takes the place of a list of several claims."""
    return not turn.keeps_tapped and len(_claimants_tapped(turn)) > 1


def _keep_what_says_more(turn: Turn) -> None:
    """Leaves a message that says more than who was there where it is: the answer comes below it."""
    query = turn.update.callback_query
    said = turn.said_as(query.message.message_id) if query is not None and query.message is not None else None
    turn.keeps_tapped = said is not None and not said.key.removeprefix("attendance.").startswith(CARDS)
