"""`report site` and `report export`: figures as files in a folder."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.catalogue.content import Content
from bot.database import Database
from bot.documents import one_page
from bot.programme import released
from bot.programme.privacy import ZONE
from bot.programme.released import WHOLE, Reading, Released
from bot.report_views import make_views
from bot.reports import exporting, renewal
from bot.reports.one_page import PageMaker
from bot.settings import ROOT, read_settings
from bot.words.texts import Texts

ALL: Final = ("semua", "all")


def write_page(
    database: Database, content: Content, now: datetime, site: str, quarter: str, folder: Path
) -> tuple[int, list[str]]:
    """Writes the page and its spreadsheet. Returns what to print, and the exit code."""
    wanted = released.read_quarter(quarter)
    if wanted is None:
        return 2, [f"--quarter: '{quarter}' is no quarter; write it like 2027Q1"]
    if wanted.begins(ZONE) >= now:
        return 2, [f"--quarter: {wanted} has not begun"]
    site_id = WHOLE if site.lower() in ALL else site
    if site_id and content.site(site_id) is None:
        return 2, [f"there is no site '{site}'; there are: {', '.join(one.id for one in content.sites)}, semua"]
    renewal.renew(database, content, wanted, now, (site_id,) if site_id else None)
    seen = (site_id,) if site_id else (WHOLE, *(one.id for one in content.sites))
    with database.transaction() as db:
        reading = released.read(db, str(wanted), seen)
    texts = Texts(ROOT / "locales")
    page = PageMaker(reading, content, texts, read_settings(), now).page(site_id, wanted)
    name = exporting.name_of_file(site_id, wanted)
    made = {f"{name}.pdf": one_page.pdf(page), f"{name}.xlsx": exporting.spreadsheet(reading, content, texts, seen)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, data in made.items():
            (folder / file).write_bytes(data)
    except OSError as problem:
        return 1, [f"--folder: nothing can be written into {folder} ({problem.strerror})"]
    return 0, [str(folder / file) for file in made]


def export(database: Database, content: Content, now: datetime, folder: Path) -> tuple[int, list[str]]:
    """Brings this quarter (and the last, for some weeks) up to date, and writes all there is of all quarters. Each file
    takes the place of the one before at once."""
    with database.transaction() as db:
        if not make_views(db.connection()):
            return 1, ["DATABASE_URL: its role may make no schema, so there are no views: docs/operations.md, Figures"]
    for quarter in renewal.quarters_to_count(now):
        renewal.renew(database, content, quarter, now)
    sites = (WHOLE, *(one.id for one in content.sites))
    with Session(database.engine.execution_options(only_reads=True)) as db, db.begin():
        periods = db.scalars(select(Released.period).distinct().order_by(Released.period)).all()
        readings: list[Reading] = [released.read(db, period, sites) for period in periods]
        try:
            folder.mkdir(parents=True, exist_ok=True)
            part = folder / f".{exporting.DATABASE}.part"
            part.unlink(missing_ok=True)
            exporting.write_sqlite(db, part)
            os.replace(part, folder / exporting.DATABASE)
            for name, data in exporting.files(readings, content, sites, now).items():
                part = folder / f".{name}.part"
                part.write_bytes(data)
                os.replace(part, folder / name)
        except OSError as problem:
            return 1, [f"nothing can be written into {folder} ({problem.strerror})"]
    figures = sum(len(one.figures) for one in readings)
    return 0, [f"{folder}: {figures} figures of {', '.join(periods)}"]
