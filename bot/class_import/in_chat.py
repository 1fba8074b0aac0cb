"""Tables of classes in the chat: the job that imports a table somebody sent.

A table is imported in two steps: first it is only tried (nothing stays) and whoever sent it sees what it would do;
saying yes reads it again. What would be saved then must be what was shown: the calendar may have changed in between.
Where the table leaves open whether the day or the month stands first, that is asked before; so is whether a class moved
where a row without a code has the title of one class at another time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final

from sqlalchemy.orm import Session

from bot.actions.buttons import HELP, MENU
from bot.actions.sessions import GetTemplate, ImportClasses, ReadDates, ReadMoves, SeeMyClasses
from bot.catalogue.content import Content
from bot.class_import import preview
from bot.class_import.starts import Order
from bot.class_import.table_files import MAX_FILE_BYTES, Fact, Problem, Row, TableError, rows_of
from bot.class_import.tables import DatesUnclear, Imported, MovesUnclear, Refused, import_sessions
from bot.delivery import kept_files, outbox
from bot.delivery.background_jobs import Finish, Job, Worker
from bot.documents.xlsx_writer import MIME
from bot.people import audit, rights
from bot.people.people import Account
from bot.settings import Settings
from bot.telegram import http
from bot.words.message import At, Button, File, Form, Lines, Message, Sheet, Value, Words, rows
from bot.words.unread_time import day_alone

PROBLEMS_NAME: Final = "perbaikan.xlsx"
SHOWN: Final = 10
"""How many problems stand in the message: more would not be read there, and one mistake often makes many. All of them
come as a file."""
TEMPLATE: Final = Button("sessions.button.template", GetTemplate())


def importer(api: kept_files.Downloads, content: Callable[[], Content], settings: Settings) -> Worker:
    """Returns the worker of the job "import": its args are `file_id` (Telegram's), `order` once the trainer has said
    which of day and month stands first, `moved` once they have said whether classes moved, and `save`, with the
    `version` of what was shown, once they have said yes."""

    async def fetch(job: Job) -> Finish:
        try:
            table = await kept_files.fetched(api, job.args["file_id"], MAX_FILE_BYTES)
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
        audit.refuse(db, actor=account, tried="import", now=now)
        contact: Value = settings.privacy_contact or Words("menu.contact_trainer")
        _say(db, account, now, Message("turn.not_allowed", {"contact": contact}, rows([HELP])))
        return
    save = bool(job.args.get("save"))
    order = Order(job.args["order"]) if job.args.get("order") else None
    with db.begin_nested() as trial:
        outcome = import_sessions(db, read, content, now, sites=sites, order=order, moved=job.args.get("moved"))
        same = isinstance(outcome, Imported) and job.args.get("version", 0) in (0, preview.version(outcome))
        if not save or not same:
            trial.rollback()
    if isinstance(outcome, Refused):
        _say_refused(outcome.problems, db, account, now)
        return
    if isinstance(outcome, DatesUnclear):
        _ask_dates(outcome, job, db, account, now)
        return
    if isinstance(outcome, MovesUnclear):
        _ask_moves(outcome, job, db, account, now)
        return
    counts = preview.counts(outcome)
    classes = Button("sessions.button.list", SeeMyClasses())
    if not outcome.created and not outcome.changed:
        _say(db, account, now, Message("sessions.import.nothing", counts, rows([classes], [MENU, HELP])))
    elif save and same:
        _note(db, account, outcome, now)
        _say(db, account, now, Message("sessions.import.done", counts, rows([classes], [MENU, HELP])))
    else:
        if save:
            _say(db, account, now, Message("sessions.import.changed_meanwhile"))
        _show(outcome, read[0].page, job, db, account, now)


def _show(outcome: Imported, page: str, job: Job, db: Session, account: Account, now: datetime) -> None:
    """Shows what would be saved. The button carries of which job, and what was shown."""
    save = Button("sessions.button.import", ImportClasses(job.id, preview.version(outcome)))
    leave = Button("sessions.button.leave_unsaved", SeeMyClasses())
    shown = preview.shown(outcome)
    key = "sessions.import.shown"
    if len(outcome.changes) > shown:
        key = "sessions.import.shown_many"
        _say(db, account, now, preview.all_of_them(outcome))
    values = {**preview.counts(outcome), "classes": preview.lines(outcome), "shown": shown}
    values |= preview.remarks(outcome, page)
    _say(db, account, now, Message(key, values, rows([save], [leave, HELP])))


def _ask_dates(unclear: DatesUnclear, job: Job, db: Session, account: Account, now: datetime) -> None:
    """Asks once for the whole file which of day and month stands first."""
    buttons = [
        [Button("sessions.button.dates", ReadDates(job.id, "day"), {"day": day_alone(unclear.day_first)})],
        [Button("sessions.button.dates", ReadDates(job.id, "month"), {"day": day_alone(unclear.month_first)})],
    ]
    leave = Button("sessions.button.leave_unsaved", SeeMyClasses())
    values: dict[str, Value] = {"row": unclear.row, "text": unclear.text}
    _say(db, account, now, Message("sessions.import.dates", values, rows(*buttons, [leave, HELP])))


def _ask_moves(unclear: MovesUnclear, job: Job, db: Session, account: Account, now: datetime) -> None:
    """Asks once for the whole file whether classes moved, or are new: without codes nothing tells."""
    buttons = [
        [Button("sessions.button.moved", ReadMoves(job.id, moved=True))],
        [Button("sessions.button.not_moved", ReadMoves(job.id, moved=False))],
    ]
    leave = Button("sessions.button.leave_unsaved", SeeMyClasses())
    lines = Lines(
        tuple(
            Words(
                "sessions.import.move",
                {"row": one.row, "title": one.title, "old": At(one.before, one.zone), "new": At(one.after, one.zone)},
            )
            for one in unclear.moves[:SHOWN]
        )
    )
    values: dict[str, Value] = {"n": len(unclear.moves), "lines": lines}
    _say(db, account, now, Message("sessions.import.moves", values, rows(*buttons, [leave, HELP])))


def _note(db: Session, account: Account, outcome: Imported, now: datetime) -> None:
    created, changed = len(outcome.created), len(outcome.changed)
    audit.note(
        db, actor=account, action="sessions_imported", now=now, created=created, changed=changed, told=outcome.told
    )


def _say_too_large(db: Session, account: Account, now: datetime) -> None:
    values: dict[str, Value] = {"n": MAX_FILE_BYTES // 1024 // 1024}
    _say(db, account, now, Message("sessions.import.too_large", values, rows([TEMPLATE], [MENU, HELP])))


def _say_refused(problems: Sequence[Problem], db: Session, account: Account, now: datetime) -> None:
    lines = Lines(tuple(_told(problem, now) for problem in problems[:SHOWN]))
    if any(problem.kind == "foreign" for problem in problems):
        audit.refuse(db, actor=account, tried="import", now=now)
    values: dict[str, Value] = {"n": len(problems), "problems": lines}
    key = "sessions.import.refused" if len(problems) <= SHOWN else "sessions.import.refused_many"
    _say(db, account, now, Message(key, values, rows([TEMPLATE], [MENU, HELP])))
    if len(problems) > SHOWN:
        _say(db, account, now, _all_problems(problems, now))


def _all_problems(problems: Sequence[Problem], now: datetime) -> Message:
    """Returns the problems that do not fit into the message, as a table beside the one that was sent."""
    head = tuple(Words(f"sessions.problem.head.{name}") for name in ("row", "column", "what"))
    cells = tuple((problem.row or None, _column(problem), _what(problem, now)) for problem in problems)
    return Message(
        "sessions.import.all_problems",
        {"n": len(problems)},
        form=Form.DOCUMENT,
        file=File(PROBLEMS_NAME, MIME),
        sheets=(Sheet(Words("sessions.problem.head.title"), head, cells),),
    )


def _told(problem: Problem, now: datetime) -> Words:
    """Returns a problem in the language of the sender: which row, which column, and what must stand there."""
    what = _what(problem, now)
    if not problem.row:
        return Words("sessions.problem.whole", {"what": what})
    if not problem.column:
        return Words("sessions.problem.row", {"row": problem.row, "what": what})
    return Words("sessions.problem.cell", {"row": problem.row, "column": _column(problem), "what": what})


def _column(problem: Problem) -> Value:
    """Returns a column's name as the header of the table has it; of a column that is missing there, the bot's own
    name."""
    return problem.heading or (Words(f"sessions.column.{problem.column}") if problem.column else None)


def _what(problem: Problem, now: datetime) -> Words:
    """Returns what is wrong and what to write instead; the example of a date is a day of next week."""
    sample = day_alone((now + timedelta(days=7)).date())
    values: dict[str, Value] = {"sample": sample, **{name: _fact(value) for name, value in problem.facts}}
    if problem.kind in ("empty", "missing"):
        values["example"] = Words(f"sessions.example.{problem.column}", {"sample": sample})
    return Words(f"sessions.problem.{problem.kind or ('cells' if problem.row else 'file')}", values)


def _fact(value: Fact) -> Value:
    if isinstance(value, datetime):
        return day_alone(value.date())
    return day_alone(value) if isinstance(value, date) else value


def _say(db: Session, account: Account, now: datetime, message: Message) -> None:
    person_id = account.person.id if account.person else None
    outbox.post(db, outbox.to(account, message, person_id=person_id), now=now)
