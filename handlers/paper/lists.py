"""Attendance on paper: the sheet that people sign as a PDF, and who was at the classes of past months, on the screen
and as a spreadsheet.

/peserta or /hadir -> [Kelas yang lalu] -> month -> class -> names
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.actions.attendance import SeeAttendance, SeeAttendanceClasses
from bot.actions.buttons import back
from bot.actions.certificates import SeeCertificatesOfClass
from bot.actions.paper import (
    GetAttendanceFile,
    GetSheet,
    PickSheet,
    SeePastClass,
    SeePastClasses,
    SeeSheetPhotos,
    SendSheetPhoto,
)
from bot.documents import attendance_sheet, xlsx_writer
from bot.documents.file_names import file_name
from bot.programme import paper, privacy, sessions, sheet_photos
from bot.programme.attendance import Mark
from bot.programme.paper import Line
from bot.programme.sessions import ClassSession
from bot.turns.class_buttons import class_button
from bot.turns.pages import page_of
from bot.turns.turn import Turn
from bot.words.message import At, Button, File, Form, Lines, Message, Paper, Sheet, Value, Words
from handlers.paper.parts import about_of, called_in, class_of, facts_of, no_class

CLASSES: Final = 6
"""How many classes are on one screen."""
NEAR: Final = timedelta(hours=12)
"""So long ago a class may have begun whose sheet is offered first."""
NAMES: Final = 20
"""How many names are on one screen."""
HOW: Final = {"link": "code", "code": "code", "trainer": "trainer", "self": "self"}
"""The words for how somebody was recorded (`attendance.How`)."""


# --- the sheet, asked for by words ------------------------------------------------------------------------------------


def sheet_wanted(turn: Turn, action: PickSheet) -> None:
    """Sends the sheet of the class that is near; where there are several, asks which."""
    turn.must_be_staff()
    near = sessions.of_sites(turn.db, turn.staff_sites, turn.now - NEAR)[:CLASSES]
    if len(near) == 1:
        return turn.follow(GetSheet(near[0].id))
    buttons = [[class_button(turn, one, GetSheet(one.id))] for one in near]
    past = [Button("paper.button.past", SeePastClasses())]
    turn.show("paper.which_sheet" if near else "paper.no_sheet", buttons=[*buttons, past])


# --- past classes -----------------------------------------------------------------------------------------------------


def past_classes_asked_for(turn: Turn, action: SeePastClasses) -> None:
    """Shows the classes of a month, and the ways to the months around it."""
    turn.must_be_staff()
    month = paper.month_of(turn.db, None if turn.admin else turn.staff_sites, turn.now, action.month)
    if month is None:
        return turn.show("paper.no_past", buttons=[[back(SeeAttendanceClasses())]])
    page = page_of(month.classes, action.page, CLASSES)
    buttons: list[Sequence[Button]] = [
        [class_button(turn, session, SeePastClass(session.id))] for session in page.items
    ]
    if page.before is not None:
        buttons.append([Button("paper.button.before", SeePastClasses(month.number, page.before))])
    if page.after:
        buttons.append([Button("paper.button.more", SeePastClasses(month.number, page.after))])
    months = [_month_button("paper.button.older", month.older)] if month.older else []
    months += [_month_button("paper.button.newer", month.newer)] if month.newer else []
    turn.show(
        "paper.past",
        month=At(month.first, privacy.ZONE),
        n=len(month.classes),
        buttons=[*buttons, months, [back(SeeAttendanceClasses())]],
    )


def _month_button(key: str, number: int) -> Button:
    return Button(key, SeePastClasses(number), {"month": At(paper.first_of(number), privacy.ZONE)})


def past_class_picked(turn: Turn, action: SeePastClass) -> None:
    """Shows who was in the class, by name."""
    session = class_of(turn, action.session)
    if session is None:
        return no_class(turn)
    if session.starts_at > turn.now:
        return turn.follow(SeeAttendance(session.id))
    everybody = paper.lines(turn.db, session)
    page = page_of(everybody, action.page, NAMES)
    turn.note("attendance_seen", f"session:{session.id}", site_id=session.site_id)
    pages = []
    if page.before is not None:
        pages.append(Button("paper.button.before", SeePastClass(session.id, page.before)))
    if page.after:
        pages.append(Button("paper.button.more", SeePastClass(session.id, page.after)))
    file = (
        [Button("paper.button.file", GetAttendanceFile(session.id)), Button("paper.button.sheet", GetSheet(session.id))]
        if everybody
        else []
    )
    photos = [Button("paper.button.send_photo", SendSheetPhoto(session.id))] if session.cancelled_at is None else []
    if sheet_photos.number_of(turn.db, session.id):
        photos.append(Button("paper.button.photos", SeeSheetPhotos(session.id)))
    if session.cancelled_at is None and session.ends_at <= turn.now and everybody:
        photos.append(Button("certificates.button.list_of_class", SeeCertificatesOfClass(session.id)))
    present = sum(one.presence is Mark.PRESENT for one in everybody)
    absent = sum(one.presence is Mark.ABSENT for one in everybody)
    called = called_in(turn, session)
    turn.show(
        "paper.class" if everybody else "paper.nobody",
        facts_of(turn, session),
        present=present,
        absent=absent,
        unknown=len(everybody) - present - absent,
        names=Lines(tuple(_line(turn, session, one, called) for one in page.items)),
        buttons=[pages, file, photos, [back(SeePastClasses(paper.number_of(session.starts_at)))]],
    )


def _line(turn: Turn, session: ClassSession, one: Line, called: Mapping[int, Value]) -> Words:
    if one.person_id is None:
        return Words("paper.line_erased", {"n": one.number})
    said = _presence(turn, session, one)
    return Words("paper.line", {"n": one.number, "called": called[one.person_id], "presence": said})


def _presence(turn: Turn, session: ClassSession, one: Line) -> Words:
    """Returns whether the person came, how that is known, and when it was recorded: the hour, with the day if that was
    another one."""
    what = _mark(one)
    how = HOW.get(one.how or "")
    if one.presence not in (Mark.PRESENT, Mark.ABSENT) or how is None or one.at is None:
        return what
    zone = turn.zone(session.site_id)
    there = ZoneInfo(zone)
    same_day = one.at.astimezone(there).date() == session.starts_at.astimezone(there).date()
    at: dict[str, Value] = {"at": At(one.at, zone)}
    when = Words("paper.at_time", at) if same_day else Words("paper.at_day", at)
    return Words("paper.presence", {"what": what, "how": Words(f"paper.how.{how}"), "when": when})


def _mark(one: Line) -> Words:
    return Words(f"paper.mark.{one.presence}" if one.presence else "paper.mark.unknown")


def file_asked_for(turn: Turn, action: GetAttendanceFile) -> None:
    """Sends who was in the class as .xlsx. The file is made when it is sent, so that no row holds the names."""
    session = class_of(turn, action.session)
    if session is None:
        return no_class(turn)
    everybody = paper.lines(turn.db, session)
    turn.note("attendance_taken", f"session:{session.id}", site_id=session.site_id, rows=len(everybody))
    zone = turn.zone(session.site_id)
    head = tuple(Words(f"paper.head.{name}") for name in ("number", "name", "presence", "how", "at"))
    rows: list[tuple[Value, ...]] = []
    called = called_in(turn, session)
    for one in everybody:
        if one.person_id is None:
            rows.append((one.number, Words("paper.erased"), None, None, None))
            continue
        how = HOW.get(one.how or "")
        said = Words(f"paper.how.{how}") if how else None
        at = At(one.at, zone) if one.at else None
        rows.append((one.number, called[one.person_id], _mark(one), said, at))
    name = file_name("hadir", session.title, session.starts_at, zone, "xlsx")
    turn.send(
        Message(
            "paper.file",
            facts_of(turn, session),
            form=Form.DOCUMENT,
            file=File(name, xlsx_writer.MIME),
            sheets=(Sheet(Words("paper.sheet_title"), head, tuple(rows)),),
            about=about_of(turn, session),
        )
    )


# --- the sheet to be signed -------------------------------------------------------------------------------------------


def sheet_asked_for(turn: Turn, action: GetSheet) -> None:
    """Sends the sheet for signatures as PDF. The file may be saved and sent on, because it is to be printed."""
    session = class_of(turn, action.session)
    if session is None:
        return no_class(turn)
    if session.cancelled_at is not None:
        return turn.show("attendance.cancelled", title=session.title, buttons=[[back(SeeAttendanceClasses())]])
    everybody = paper.lines(turn.db, session)
    turn.note("sheet_printed", f"session:{session.id}", site_id=session.site_id, rows=len(everybody))
    zone = turn.zone(session.site_id)
    over = session.ends_at <= turn.now
    called = called_in(turn, session)
    rows = tuple(
        (
            one.number,
            called[one.person_id] if one.person_id is not None else Words("paper.erased"),
            _presence(turn, session, one) if over and one.person_id is not None else "",
        )
        for one in everybody
    )
    number, name_head, signature = (Words(f"paper.head.{name}") for name in ("number", "name", "signature"))
    consent: dict[str, Value] = {
        "controller": turn.settings.data_controller,
        "kept": privacy.kept_until(turn.content.programme),
        "n": turn.content.programme.retention.sheet_photo_days,
    }
    sheet = Paper(
        Words("paper.sheet_title"),
        (number, name_head, signature),
        rows,
        0 if over else paper.blank_rows(len(everybody)),
        Words("paper.blank"),
        Words("paper.consent", consent),
        Words("paper.footer", {"title": session.title, "printed": At(turn.now, zone), **facts_of(turn, session)}),
    )
    name = file_name("lembar-hadir", session.title, session.starts_at, zone, "pdf")
    turn.send(
        Message(
            "paper.sheet",
            {"n": len(everybody), **facts_of(turn, session)},
            form=Form.DOCUMENT,
            file=File(name, attendance_sheet.MIME),
            paper=sheet,
            about=about_of(turn, session),
        )
    )
