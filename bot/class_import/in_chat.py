"""Tables of classes that come and go in the chat: the example to fill in, and the job that imports what came back.

A table is imported in two steps: first it is only tried (nothing stays) and whoever sent it hears what it would do;
saying yes reads it again, since the calendar may have changed in between.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.catalogue.content import Content, Site
from bot.class_import.tables import (
    COLUMNS,
    MAX_FILE_BYTES,
    Imported,
    Problem,
    Refused,
    Row,
    TableError,
    import_sessions,
    rows_of,
)
from bot.delivery import outbox
from bot.delivery.background_jobs import Finish, Job, Worker
from bot.documents.xlsx_writer import MIME, Page, workbook
from bot.people import audit, rights
from bot.people.people import Account
from bot.settings import Settings
from bot.telegram import http
from bot.words.message import Button, File, Form, Lines, Message, Sheet, Value, Words, rows

FILE_NAME: Final = "contoh-kelas.xlsx"
PROBLEMS_NAME: Final = "perbaikan.xlsx"
SHOWN: Final = 10
"""So many problems stand in the message: more would not be read there, and one mistake often makes many. All of them
come as a file beside it."""
MENU: Final = Button("button.menu", "menu:show")
HELP: Final = Button("button.help", "menu:help")
TEMPLATE: Final = Button("sessions.button.template", "sessions:template")


class Api(Protocol):
    async def call(self, method: str, params: Mapping[str, Any]) -> Any: ...

    async def download(self, file_path: str, limit_bytes: int = ...) -> bytes: ...


def template(sites: Sequence[Site], content: Content, now: datetime) -> bytes:
    """An .xlsx with the columns and a sample class for each of the sites (three at the most), ready to be imported."""
    lines: list[list[str | int | float | None]] = []
    for number, site in enumerate(sites[:3], 1):
        day = (now + timedelta(days=7)).astimezone(ZoneInfo(site.zone)).date()
        starts = f"{day} 09:00"
        seats = content.capacity(site.id)
        place = f"{site.name} (contoh)"
        lines.append([f"CONTOH-{number}", site.id, "Foto Produk", starts, 120, seats, place, site.lat, site.lon, None])
    return workbook([Page("sesi", COLUMNS, lines)])


def importer(api: Api, content: Callable[[], Content], settings: Settings) -> Worker:
    """The worker of the job "import": args `file_id` (Telegram's), and `save` once it was said yes to."""

    async def fetch(job: Job) -> Finish:
        try:
            found = await api.call("getFile", {"file_id": job.args["file_id"]})
            table = await api.download(found["file_path"], MAX_FILE_BYTES)
        except http.Refused as refusal:
            # the message about the file may have said nothing of its size, or less than the truth
            if refusal.code == 413 or "too big" in refusal.description:
                return _say_too_large
            raise
        try:
            read = await asyncio.to_thread(rows_of, table)
        except TableError as error:
            return partial(_say_refused, error.problems)
        return partial(_import, job, read, content(), settings)

    return fetch


def _import(
    job: Job,
    read: Sequence[Row],
    content: Content,
    settings: Settings,
    db: Session,
    account: Account,
    now: datetime,
) -> None:
    sites = None if rights.is_admin(db, account, settings) else rights.sites_of(db, account)
    if sites is not None and not sites:
        audit.note(db, actor=account, action=audit.REFUSED, now=now, tried="import")
        contact: Value = settings.privacy_contact or Words("menu.contact_trainer")
        _say(db, account, now, Message("turn.not_allowed", {"contact": contact}, rows([HELP])))
        return
    with db.begin_nested() as trial:
        outcome = import_sessions(db, read, content, now, sites=sites)
        if isinstance(outcome, Refused) or not job.args.get("save"):
            trial.rollback()
    if isinstance(outcome, Refused):
        _say_refused(outcome.problems, db, account, now)
        return
    counts: dict[str, Value] = {
        "created": len(outcome.created),
        "changed": len(outcome.changed),
        "unchanged": len(outcome.unchanged),
        "told": outcome.told,
    }
    classes = Button("sessions.button.list", "sessions:list")
    if not outcome.created and not outcome.changed:
        _say(db, account, now, Message("sessions.import.nothing", counts, rows([classes], [MENU, HELP])))
    elif job.args.get("save"):
        _note(db, account, outcome, now)
        _say(db, account, now, Message("sessions.import.done", counts, rows([classes], [MENU, HELP])))
    else:
        save = Button("sessions.button.import", f"sessions:import:{job.id}")
        cancel = Button("button.cancel", "sessions:list")
        _say(db, account, now, Message("sessions.import.preview", counts, rows([save], [cancel, HELP])))


def _note(db: Session, account: Account, outcome: Imported, now: datetime) -> None:
    created, changed = len(outcome.created), len(outcome.changed)
    audit.note(
        db, actor=account, action="sessions_imported", now=now, created=created, changed=changed, told=outcome.told
    )


def _say_too_large(db: Session, account: Account, now: datetime) -> None:
    values: dict[str, Value] = {"n": MAX_FILE_BYTES // 1024 // 1024}
    _say(db, account, now, Message("sessions.import.too_large", values, rows([TEMPLATE], [MENU, HELP])))


def _say_refused(problems: Sequence[Problem], db: Session, account: Account, now: datetime) -> None:
    lines = Lines(tuple(_told(problem) for problem in problems[:SHOWN]))
    if any(problem.kind == "foreign" for problem in problems):
        audit.note(db, actor=account, action=audit.REFUSED, now=now, tried="import")
    values: dict[str, Value] = {"n": len(problems), "problems": lines}
    key = "sessions.import.refused" if len(problems) <= SHOWN else "sessions.import.refused_many"
    _say(db, account, now, Message(key, values, rows([TEMPLATE], [MENU, HELP])))
    if len(problems) > SHOWN:
        _say(db, account, now, _all_problems(problems))


def _all_problems(problems: Sequence[Problem]) -> Message:
    """More than a message holds, as a table beside the one that was sent."""
    head = tuple(Words(f"sessions.problem.head.{name}") for name in ("row", "column", "what"))
    cells = tuple((problem.row or None, problem.column or None, _what(problem)) for problem in problems)
    return Message(
        "sessions.import.all_problems",
        {"n": len(problems)},
        form=Form.DOCUMENT,
        file=File(PROBLEMS_NAME, MIME),
        sheets=(Sheet(Words("sessions.problem.head.title"), head, cells),),
    )


def _told(problem: Problem) -> Words:
    """A problem in the words of whoever sent the table: which row, which column, and what has to stand there."""
    if not problem.row:
        return Words("sessions.problem.file")
    what = _what(problem)
    if not problem.column:
        return Words("sessions.problem.row", {"row": problem.row, "what": what})
    return Words("sessions.problem.cell", {"row": problem.row, "column": problem.column, "what": what})


def _what(problem: Problem) -> Words:
    return Words(
        f"sessions.problem.{problem.kind or problem.column or 'cells'}" if problem.row else "sessions.problem.file"
    )


def _say(db: Session, account: Account, now: datetime, message: Message) -> None:
    person_id = account.person.id if account.person else None
    outbox.post(db, outbox.to(account, message, person_id=person_id), now=now)
