"""Classes from a table: the template, a file that was sent, and its import."""

from __future__ import annotations

from typing import Any, Final

from telegram.ext import filters

from bot.actions.privacy import KeepNoFile
from bot.actions.sessions import ImportClasses, ReadDates, ReadMoves, SeeMyClasses
from bot.class_import import sheets
from bot.class_import.table_files import MAX_FILE_BYTES
from bot.delivery import background_jobs
from bot.programme import sessions
from bot.turns.turn import Turn
from handlers.sessions.classes import list_button
from handlers.sessions.draft import own_sites

TABLES: Final = (
    filters.Document.FileExtension("csv")
    | filters.Document.FileExtension("xlsx")
    | filters.Document.FileExtension("xls")
)


def template_asked_for(turn: Turn) -> None:
    turn.must_be_staff()
    turn.send(sheets.sample(own_sites(turn), turn.content, turn.now))


def calendar_asked_for(turn: Turn) -> None:
    """Sends the coming classes of the trainer's sites as the table that can be sent back."""
    turn.must_be_staff()
    coming = sessions.of_sites(turn.db, turn.staff_sites, turn.now)
    if not coming:
        return turn.follow(SeeMyClasses())
    turn.send(sheets.calendar(coming, turn.content))


def table_sent(turn: Turn) -> None:
    """Imports a .csv or .xlsx that staff sent. From anybody else it is a file like any other: not kept."""
    message = turn.update.message
    document = message.document if message else None
    if document is None or not turn.staff:
        return turn.follow(KeepNoFile())
    if (document.file_size or 0) > MAX_FILE_BYTES:
        turn.say("sessions.import.too_large", n=MAX_FILE_BYTES // 1024 // 1024)
        return
    background_jobs.ask(turn.db, turn.account, "import", {"file_id": document.file_id}, turn.now)
    turn.say("sessions.import.reading", plain=True)


def dates_answered(turn: Turn, action: ReadDates) -> None:
    """Reads the table again, with its days or its months first."""
    turn.must_be_staff()
    _again(turn, action.job, {"order": action.order}, "sessions.import.reading")


def moves_answered(turn: Turn, action: ReadMoves) -> None:
    """Reads the table again, with classes that moved, or with new ones."""
    turn.must_be_staff()
    _again(turn, action.job, {"moved": action.moved}, "sessions.import.reading")


def import_confirmed(turn: Turn, action: ImportClasses) -> None:
    """Reads the table again, and saves what it says if that is what was shown."""
    turn.must_be_staff()
    _again(turn, action.job, {"save": True, "version": action.version}, "sessions.import.saving")


def _again(turn: Turn, job: int, args: dict[str, Any], key: str) -> None:
    tried = background_jobs.find(turn.db, turn.account, job)
    if tried is None or tried.kind != "import":
        turn.show("sessions.import.send_again", buttons=[[list_button()]])
        return
    kept: dict[str, Any] = {name: tried.args[name] for name in ("file_id", "order", "moved") if name in tried.args}
    background_jobs.ask(turn.db, turn.account, "import", {**kept, **args}, turn.now)
    turn.show(key, plain=True)
