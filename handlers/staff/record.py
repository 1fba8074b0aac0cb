"""The record of what staff did, and of what was refused."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.actions.buttons import back
from bot.actions.staff import GetRecordFile, PickRecordMonth, SeeRecord, SeeRefusals
from bot.documents.xlsx_writer import MIME
from bot.overridable import What
from bot.people import audit
from bot.people.audit import AuditRow
from bot.programme import privacy, sessions, staff
from bot.programme.override_words import told
from bot.turns.pages import in_pairs, page_of
from bot.turns.turn import Turn
from bot.words.message import At, Button, File, Form, Lines, Message, Sheet, Value, Who, Words
from handlers.staff.parts import actor_of, called, to_list

RECORDS: Final = 10
"""How many deeds are on one screen."""
MONTHS: Final = 12
"""How many months are on one screen."""
RECORD: Final = "catatan-{month}.xlsx"


def record_asked_for(turn: Turn, action: SeeRecord) -> None:
    turn.must_be_admin()
    page, looks = action.page, action.looks
    found = audit.deeds(turn.db, limit=RECORDS + 1, offset=page * RECORDS, looks=looks)
    refused = Button("staff.button.refusals", SeeRefusals())
    whole = [] if looks else [Button("staff.button.looks", SeeRecord(looks=True))]
    if not found and page == 0:
        turn.show("staff.record_empty", buttons=[whole, [refused], [to_list()]])
        return
    lines = Lines(tuple(Words("staff.record_line", _line(turn, row)) for row in found[:RECORDS]))
    buttons = [whole, [Button("staff.button.record_file", GetRecordFile()), refused]]
    if len(found) > RECORDS:
        buttons.insert(0, [Button("staff.button.older", SeeRecord(page + 1, looks))])
    key = "staff.record_whole" if looks else "staff.record"
    turn.show(key, lines=lines, buttons=[*buttons, [to_list()]], secret=True)


def refusals_asked_for(turn: Turn, action: SeeRefusals) -> None:
    turn.must_be_admin()
    page = action.page
    found = audit.refusals(turn.db, limit=RECORDS + 1, offset=page * RECORDS)
    record = Button("staff.button.record", SeeRecord())
    if not found and page == 0:
        turn.show("staff.refusals_empty", buttons=[[record], [to_list()]])
        return
    lines = Lines(tuple(Words("staff.refusal_line", _refusal(turn, row)) for row in found[:RECORDS]))
    buttons = [[Button("staff.button.older", SeeRefusals(page + 1))]] if len(found) > RECORDS else []
    turn.show("staff.refusals", lines=lines, buttons=[*buttons, [record], [to_list()]], secret=True)


def month_asked_for(turn: Turn, action: PickRecordMonth) -> None:
    turn.must_be_admin()
    page = page_of(_months(turn), action.page, MONTHS)
    names = [
        Button("staff.button.month", GetRecordFile(f"{month:%Y-%m}"), {"month": At(month, privacy.ZONE)})
        for month in page.items
    ]
    buttons = in_pairs(names)
    if page.after:
        buttons.append([Button("staff.button.older", PickRecordMonth(page.after))])
    turn.show("staff.which_month", buttons=[*buttons, [back(SeeRecord())]])


def record_file_asked_for(turn: Turn, action: GetRecordFile) -> None:
    turn.must_be_admin()
    months = _months(turn)
    month = next((one for one in months if f"{one:%Y-%m}" == action.month), None)
    if month is None and len(months) == 1:
        month = months[0]
    if month is None:
        return month_asked_for(turn, PickRecordMonth()) if months else record_asked_for(turn, SeeRecord())
    found = audit.deeds_between(turn.db, month, _next_month(month))
    turn.note("record_taken", month=f"{month:%Y-%m}", rows=len(found))
    head = tuple(
        Words(key)
        for key in (
            "staff.head.at", "staff.head.who", "staff.head.what", "staff.head.whom", "staff.head.site",
            "staff.head.details",
        )
    )  # fmt: skip
    rows = []
    for row in found:
        facts = _record(turn, row)
        details = ", ".join(f"{name}={value}" for name, value in sorted(row.details.items()) if name != "of")
        rows.append((facts["at"], facts["staff"], facts["what"], facts["whom"], facts["site"], details))
    sheet = Sheet(Words("staff.head.title"), head, tuple(rows))
    file = File(RECORD.format(month=f"{month:%Y-%m}"), MIME)
    values: dict[str, Value] = {"month": At(month, privacy.ZONE)}
    turn.send(Message("staff.record_file", values, form=Form.DOCUMENT, file=file, sheets=(sheet,), secret=True))


def _months(turn: Turn) -> list[datetime]:
    """Returns the first moments (in privacy.ZONE) of the months from the oldest deed to today, the newest first."""
    first = audit.first_deed(turn.db)
    if first is None:
        return []
    zone = ZoneInfo(privacy.ZONE)
    month = datetime(first.astimezone(zone).year, first.astimezone(zone).month, 1, tzinfo=zone)
    months = []
    while month <= turn.now:
        months.append(month)
        month = _next_month(month)
    return months[::-1]


def _next_month(month: datetime) -> datetime:
    return (month + timedelta(days=32)).replace(day=1)


def _line(turn: Turn, row: AuditRow) -> dict[str, Value]:
    facts = _record(turn, row)
    site = Words("staff.at_site", {"site": facts["site"]}) if facts["site"] else None
    return facts | {"whom": _then(facts["whom"]), "site": _then(site)}


def _then(what: Value) -> Value:
    """Returns the words with a blank before them, for a line in which they may be missing."""
    return None if what is None else Words("staff.then", {"what": what})


def _record(turn: Turn, row: AuditRow) -> dict[str, Value]:
    site = turn.content.site(row.site_id or "")
    return {
        "at": At(row.at, turn.zone(row.site_id) if row.site_id else privacy.ZONE),
        "staff": actor_of(turn, row),
        "what": Words(f"staff.audit.{row.action}"),
        "whom": _subject(turn, row),
        "site": site.name if site else None,
    }


def _refusal(turn: Turn, row: AuditRow) -> dict[str, Value]:
    facts = _record(turn, row)
    tried = str(row.details.get("tried", "")) or None
    return facts | {"tried": _then(tried), "whom": _then(facts["whom"]), "n": row.times}


def _subject(turn: Turn, row: AuditRow) -> Value:
    kind, _, number = row.subject.partition(":")
    if kind == "setting" and number in {*What}:
        what, to = What(number), row.details.get("to")
        key = "staff.setting" if to is None else "staff.setting_to"
        return Words(key, {"what": Words(f"overrides.what.{what}"), "to": told(what, to)})
    if not number.isdigit():
        return None
    match kind:
        case "person":
            return Words("staff.subject", {"whom": Who(int(number))})
        case "broadcast" | "ticket" | "incident":
            return Words("staff.subject", {"whom": number})
        case "session":
            session = sessions.get(turn.db, int(number))
            return Words("staff.subject", {"whom": session.title}) if session else None
        case "account":
            account = staff.account_of(turn.db, int(number))
            whom = called(int(number), account.staff_name if account else None)
            return Words("staff.subject", {"whom": whom})
    return None
