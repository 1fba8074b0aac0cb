"""The person's own classes, coming and past, and the calendar file of one."""

from __future__ import annotations

from collections.abc import Sequence

from bot.actions.buttons import SCHEDULE, other_classes
from bot.actions.certificates import SeeCertificates
from bot.actions.enrolment import GetCalendar, SeeClasses, SeePast
from bot.documents.calendar_file import MIME, calendar_file
from bot.documents.file_names import file_name
from bot.programme import enrolment, sessions
from bot.programme.attendance import Mark
from bot.programme.enrolment import SEATS, EnrolmentStatus
from bot.programme.past_classes import PastClass, past_classes
from bot.turns.turn import Turn
from bot.words.message import Button, File, Form, Lines, Message, Words
from handlers.enrolment.looking import show_class
from handlers.enrolment.parts import SHOWN, check_in_button, is_today, see_button, start_of


def schedule_asked_for(turn: Turn) -> None:
    """Shows the person's coming classes, and in how many of the past ones they were."""
    mine = enrolment.mine(turn.db, turn.person, turn.now)
    past = past_classes(turn.db, turn.person, turn.now)
    came = _came(past)
    behind = [Button("enrolment.button.past", SeePast())] if past else []
    pick = Button("enrolment.button.pick", SeeClasses())
    if not mine:
        key = "enrolment.mine_past" if past else "enrolment.mine_empty"
        turn.show(key, came=came, buttons=[[pick, *behind]])
        return
    rows = [[see_button(turn, session, one)] for session, one in mine[:SHOWN]]
    today = [one for session, one in mine if one.status == EnrolmentStatus.SEATED and is_today(turn, session)]
    if today:
        rows.insert(0, [check_in_button()])
    turn.show("enrolment.mine", came=came, buttons=[*rows, [pick, *behind]])


def past_asked_for(turn: Turn) -> None:
    past = past_classes(turn.db, turn.person, turn.now)
    if not past:
        return schedule_asked_for(turn)
    lines = [
        Words(
            f"enrolment.past.{one.presence or 'unknown'}",
            {"title": one.session.title, "starts": start_of(turn, one.session)},
        )
        for one in past[:SHOWN]
    ]
    papers = Button("certificates.button.list", SeeCertificates())
    turn.show("enrolment.past", came=_came(past), classes=Lines(tuple(lines)), buttons=[[papers], [SCHEDULE]])


def _came(past: Sequence[PastClass]) -> Words | None:
    """Returns in how many classes the person was, of those of which that is known; None if of none."""
    known = [one.presence for one in past if one.presence in (Mark.PRESENT, Mark.ABSENT)]
    came = sum(presence == Mark.PRESENT for presence in known)
    return Words("enrolment.came", {"came": came, "n": len(known)}) if known else None


def calendar_asked_for(turn: Turn, action: GetCalendar) -> None:
    """Sends the calendar file of a class: to a person with a seat the class as it is now, to everybody else a file that
    takes the class out of their calendar."""
    session = sessions.get(turn.db, action.session)
    if session is None:
        return turn.show("enrolment.unknown", buttons=[[other_classes()]])
    mine = enrolment.enrolment_of(turn.db, turn.person, session.id)
    if mine is None or mine.status in (EnrolmentStatus.WAITLISTED, EnrolmentStatus.OFFERED):
        return show_class(turn, session)  # the class never was in their calendar
    has_seat = mine.status in SEATS
    site = turn.content.site(session.site_id)
    content = calendar_file(
        session,
        site_name=site.name if site else session.site_id,
        zone=turn.zone(session.site_id),
        description=turn.settings.programme_name,
        language=turn.language,
        changes=enrolment.changes(mine),
        gone=not has_seat,
    )
    key = "enrolment.calendar" if has_seat else "enrolment.calendar_gone"
    name = file_name("", session.title, session.starts_at, turn.zone(session.site_id), "ics")
    turn.send(Message(key, form=Form.DOCUMENT, file=File(name, MIME, content)))
