"""The commands for the programme as it runs: classes from a table, one cancelled, links for posters, `report quiz`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.command_line.parts import migrate_or_stop, of_sandbox_unless_named, settings_or_stop, stop_with
from bot.settings import ROOT, Settings

if TYPE_CHECKING:
    from bot.catalogue.content import Content
    from bot.database import Database


def report_quiz() -> None:
    """Print how often each question is answered rightly, and the results of the tests before and after."""
    from bot.reports.quiz_report import run_quiz_report

    _with_database(run_quiz_report)


def report_site(
    site: Annotated[str, typer.Argument(help="The code of a site, for instance labuan-bajo; or: semua")],
    quarter: Annotated[str, typer.Option(help="The quarter, for instance 2027Q1")],
    folder: Annotated[Path, typer.Option(help="Where the page and its spreadsheet are written")] = Path(),
) -> None:
    """Write the page of a site (or of all) as a PDF, and the same numbers as .xlsx."""
    from bot.reports.files import write_page

    _with_database(lambda database, content, now: write_page(database, content, now, site, quarter, folder))


def report_export(
    folder: Annotated[Path, typer.Argument(help="The folder that gets the CSVs, their dictionary and laporan.sqlite")],
) -> None:
    """Bring the figures of reports up to date, and write them for others to read: nightly, while the bot serves."""
    from bot.reports.files import export

    _with_database(lambda database, content, now: export(database, content, now, folder))


def import_sessions(
    file: Annotated[Path, typer.Argument(help="A .csv or .xlsx of classes: docs/import-sessions.md")],
    dates: Annotated[
        str | None, typer.Option(help="day or month: which comes first in dates like 1/12/2027 that prove neither")
    ] = None,
) -> None:
    """Import a table of classes: all of it, or nothing with every error named."""
    from bot.class_import.starts import Order
    from bot.class_import.tables import run_import

    if dates not in (None, *Order):
        raise typer.BadParameter("must be day or month", param_hint="--dates")
    order = Order(dates) if dates else None
    _with_database(lambda database, content, now: run_import(file, database, content, now, order))


def cancel_session(code: Annotated[str, typer.Argument(help="The code of the class")]) -> None:
    """Cancel a class; everybody enrolled is told."""
    from bot.class_import.tables import run_cancel

    _with_database(lambda database, content, now: run_cancel(code, database, content, now))


def links(
    username: Annotated[str | None, typer.Argument(help="The bot's @username; without it Telegram is asked")] = None,
    folder: Annotated[Path, typer.Option(help="Where the QR codes are written")] = ROOT / "data" / "qr",
) -> None:
    """Print the link of every active site and write a QR code for its poster."""
    from bot.catalogue.content import load_content
    from bot.documents.deep_links import site_links, write_qr_pngs

    content = load_content(ROOT / "content")
    username = username or asyncio.run(_own_username(settings_or_stop()))
    try:
        for site, address in site_links(username, content.sites):
            print(f"{site.name}: {address}")
        files = write_qr_pngs(folder, username, content.sites)
    except ValueError as problem:
        stop_with(str(problem))
    except OSError as problem:
        stop_with(f"--folder: nothing can be written into {folder} ({problem.strerror})")
    print(f"{len(files)} QR codes in {folder}")


async def _own_username(settings: Settings) -> str:
    from bot.telegram.http import UNKNOWN_BOT, AnswerLost, NotReached, Refused, TelegramHttp

    if settings.bot_token is None:
        stop_with("BOT_TOKEN: is needed to ask Telegram for the bot's name; or give it: python -m bot links @name")
    telegram = TelegramHttp(settings.bot_token.get_secret_value(), settings.bot_api_url)
    try:
        return str((await telegram.call("getMe", {}))["username"])
    except Refused:
        stop_with(UNKNOWN_BOT)
    except (NotReached, AnswerLost):
        stop_with("BOT_API_URL: Telegram could not be reached; or give the name: python -m bot links @name")
    finally:
        await telegram.shutdown()


def _with_database(work: Callable[[Database, Content, Any], tuple[int, list[str]]]) -> None:
    """Runs a short command on the database that is served. Without a BOT_TOKEN that is the sandbox's database, and the
    present is the sandbox's."""
    from bot.catalogue.content import load_content
    from bot.clock import Clock, kept_offset
    from bot.database import Database
    from bot.programme.overrides import content_now

    settings = of_sandbox_unless_named(settings_or_stop())
    migrate_or_stop(settings)
    database = Database(settings.database_url)
    database.tells_others = not database.is_sqlite
    try:
        with database.transaction() as db:
            offset = kept_offset(db)
            content = content_now(db, load_content(ROOT / "content"))
        code, lines = work(database, content, Clock(offset).now())
    finally:
        database.close()
    for line in lines:
        print(line)
    raise typer.Exit(code)
