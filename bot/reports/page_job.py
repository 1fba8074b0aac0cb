"""The page of a quarter, its spreadsheet and its files for machines: the job "page", asked for in the chat."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from bot.actions.buttons import HELP, MENU
from bot.catalogue.content import Content
from bot.database import Database
from bot.delivery import outbox
from bot.delivery.background_jobs import Finish, Job, Worker
from bot.documents import one_page, xlsx_writer
from bot.people import rights
from bot.people.people import Account
from bot.programme import released
from bot.programme.released import WHOLE, Quarter, Reading
from bot.reports import exporting, renewal
from bot.reports.one_page import PageMaker
from bot.settings import Settings
from bot.words.message import File, Form, Message, rows
from bot.words.texts import Texts

KIND: Final = "page"
ZIP: Final = "application/zip"


def maker(
    database: Database, texts: Texts, content: Callable[[], Content], settings: Settings, now: Callable[[], datetime]
) -> Worker:
    """Returns the worker of the job: its args are `form` (pdf or data), `site` (empty for all) and `quarter`. What the
    last night counted is told; what it did not count is counted now. Who looks after none of it any more is told so."""

    async def make(job: Job) -> Finish:
        moment, places = now(), content()
        site_id, quarter = str(job.args["site"]), released.read_quarter(str(job.args["quarter"]))
        if quarter is None or not await database.read(_may_see, job.account_id, site_id, settings):
            return _say_no_site
        if not await database.read(_is_fresh, site_id, quarter, moment):
            only = (site_id,) if site_id else None
            counted = await database.read(released.gather, places, quarter, moment, only)
            await database.in_transaction(renewal.write, counted, places, moment)
        seen = (site_id,) if site_id else (WHOLE, *(site.id for site in places.sites))
        reading = await database.read(released.read, str(quarter), seen)
        messages = await asyncio.to_thread(
            made, reading, job.args["form"], site_id, quarter, places, texts, settings, moment
        )

        def finish(db: Session, account: Account, written_at: datetime) -> None:
            for message in messages:
                outbox.post(db, outbox.to(account, message), now=written_at)

        return finish

    return make


def _may_see(db: Session, account_id: int, site_id: str, settings: Settings) -> bool:
    account = db.get(Account, account_id)  # the role may have gone since it was asked for
    if account is None:
        return False
    return rights.leads(db, account, site_id, settings) if site_id else rights.is_admin(db, account, settings)


def _is_fresh(db: Session, site_id: str, quarter: Quarter, now: datetime) -> bool:
    at = released.was_released(db, str(quarter), site_id)
    return at is not None and (now - at < renewal.FRESH or now - quarter.ends("Asia/Jakarta") > renewal.STILL_COUNTED)


def _say_no_site(db: Session, account: Account, now: datetime) -> None:
    outbox.post(db, outbox.to(account, Message("reports.no_site", buttons=rows((MENU, HELP)))), now=now)


def made(
    reading: Reading,
    form: str,
    site_id: str,
    quarter: Quarter,
    content: Content,
    texts: Texts,
    settings: Settings,
    now: datetime,
) -> tuple[Message, ...]:
    """Returns what is sent: the page with its spreadsheet, or the zip of files."""
    name = exporting.name_of_file(site_id, quarter)
    seen = (site_id,) if site_id else (WHOLE, *(site.id for site in content.sites))
    ways = rows((MENU, HELP))
    values = {"n": quarter.number, "year": quarter.year}
    if form == "data":
        zipped = exporting.zipped(exporting.files([reading], content, seen, now))
        file = File(f"{name}.zip", ZIP, content=zipped)
        return (Message("reports.data_file", values, ways, form=Form.DOCUMENT, file=file),)
    page = PageMaker(reading, content, texts, settings, now).page(site_id, quarter)
    pdf = File(f"{name}.pdf", one_page.MIME, content=one_page.pdf(page))
    table = exporting.spreadsheet(reading, content, texts, seen)
    sheet = File(f"{name}.xlsx", xlsx_writer.MIME, content=table)
    return (
        Message("reports.page_file", values, form=Form.DOCUMENT, file=pdf),
        Message("reports.page_table", values, ways, form=Form.DOCUMENT, file=sheet),
    )
