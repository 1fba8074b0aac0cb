"""A report as a picture for the phone and as a spreadsheet: the job "picture", in the words of whoever asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from bot.catalogue.content import Content
from bot.database import Database
from bot.delivery import outbox
from bot.delivery.background_jobs import Finish, Job, Worker
from bot.documents import charts
from bot.documents.charts import Bar, Block, Chart
from bot.documents.xlsx_writer import MIME
from bot.people import rights
from bot.people.people import Account
from bot.programme import reports
from bot.programme.privacy import ZONE
from bot.programme.reports import HIDDEN, Figures, Report, told
from bot.programme.surveys import FEW
from bot.settings import Settings
from bot.words.message import At, Button, File, Form, Message, Sheet, Value, Words, rows
from bot.words.texts import Texts

KIND: Final = "picture"
ATTENDANCE, SEATS = 0, 1
"""Places in the legend."""


class Nothing(LookupError):
    """Whoever asked looks after no site any more: nothing is told, and it is not tried again."""


def painter(
    database: Database, texts: Texts, content: Callable[[], Content], settings: Settings, now: Callable[[], datetime]
) -> Worker:
    """The worker of the job: its args are `days` and `site` (empty for all sites the account looks after)."""

    async def paint(job: Job) -> Finish:
        moment, places = now(), content()

        def read(db: Session) -> tuple[Report, str]:
            account = db.get(Account, job.account_id)
            if account is None:
                raise Nothing
            # the role may have gone since it was asked for
            site_ids = [site.id for site in places.sites if rights.leads(db, account, site.id, settings)]
            if job.args.get("site"):
                site_ids = [one for one in site_ids if one == job.args["site"]]
            if not site_ids:
                raise Nothing
            zones = {places.open_hours(site_id).zone for site_id in site_ids}
            zone = zones.pop() if len(zones) == 1 else ZONE
            return reports.report(db, site_ids, moment, days=int(job.args["days"]), zone=zone), account.language

        found, language = await database.read(read)
        # on a phone's width every word counts
        names = {site.id: site.name.removeprefix("Desa Wisata ") for site in places.sites}
        picture = await asyncio.to_thread(charts.png, chart(found, names, texts, language))

        def finish(db: Session, account: Account, written_at: datetime) -> None:
            for message in messages(found, names, picture):
                outbox.post(db, outbox.to(account, message), now=written_at)

        return finish

    return paint


def messages(report: Report, names: Mapping[str, str], picture: bytes) -> tuple[Message, Message]:
    """The picture, and the same as a spreadsheet."""
    at = At(report.until, report.zone)
    name = f"laporan-{report.until:%Y-%m-%d}"
    ways = rows((Button("button.menu", "menu:show"), Button("button.help", "menu:help")))
    shown = Message(
        "reports.picture", {"at": at}, form=Form.PHOTO, file=File(f"{name}.png", "image/png", content=picture)
    )
    kept = Message(
        "reports.spreadsheet",
        {"at": at},
        ways,
        form=Form.DOCUMENT,
        file=File(f"{name}.xlsx", MIME),
        sheets=sheets(report, names),
    )
    return shown, kept


# --- the picture ----------------------------------------------------------------------------------------------------


def chart(report: Report, names: Mapping[str, str], texts: Texts, language: str) -> Chart:
    """The report in words, ready to be drawn."""

    def words(key: str, **values: Value) -> str:
        return texts.words(key, values, language, html=False)

    def bar(share: float | None, colour: int) -> Bar:
        return Bar(share, HIDDEN if share is None else words("reports.chart.share", share=round(share, 2)), colour)

    def block(figures: Figures) -> Block:
        title = names.get(figures.site_id) or words("reports.chart.whole")
        # a line breaks between two facts, not within one
        note = " · ".join(one.replace(" ", "\N{NO-BREAK SPACE}") for one in _note(figures, words))
        if not figures.classes:
            aside = words("reports.chart.unrecorded", n=figures.unrecorded) if figures.unrecorded else ""
            return Block(title, aside, (), note)
        aside = words("reports.chart.number", n=told(figures.expected))
        return Block(title, aside, (bar(figures.attendance, ATTENDANCE), bar(figures.seats_used, SEATS)), note)

    everything = [block(one) for one in (*((report.whole,) if report.whole else ()), *report.sites)]
    period = (
        words("reports.chart.period", since=At(report.since, report.zone), until=At(report.until, report.zone))
        if (report.since is not None)
        else words("reports.chart.since_ever", until=At(report.until, report.zone))
    )
    notes = [
        words("reports.define.attendance"),
        words("reports.define.seats"),
        words("reports.define.number", few=HIDDEN),
    ]
    if report.whole is not None:
        notes.append(words("reports.define.whole"))
    if any(one.gain for one in report.sites) and len(everything) <= charts.BLOCKS_WITH_NOTES:
        notes.append(words("reports.define.gain"))
    return Chart(
        title=words("reports.chart.title"),
        subtitle=period,
        legend=(words("reports.chart.attendance"), words("reports.chart.seats")),
        blocks=everything,
        notes=notes,
        empty=words("reports.chart.empty"),
    )


def _note(figures: Figures, words: Callable[..., str]) -> list[str]:
    parts = []
    if figures.from_waitlist:
        parts.append(words("reports.chart.from_waitlist", n=told(figures.from_waitlist)))
    if figures.satisfaction is not None:
        parts.append(words("reports.chart.faces", mean=round(figures.satisfaction, 1), n=figures.answers))
    if figures.lessons:
        few = (figures.learners or 0) < FEW
        parts.append(words("reports.chart.lessons", lessons=HIDDEN if few else figures.lessons))
    if figures.gain is not None:
        few = figures.gain.people < FEW
        points = f"{round((figures.gain.after - figures.gain.before) * 100):+d}"
        parts.append(
            words("reports.chart.gain_hidden", few=HIDDEN)
            if few
            else words("reports.chart.gain", points=points, n=figures.gain.people)
        )
    if figures.unrecorded and figures.classes:
        parts.append(words("reports.chart.unrecorded", n=figures.unrecorded))
    return parts


# --- the spreadsheet ------------------------------------------------------------------------------------------------


def sheets(report: Report, names: Mapping[str, str]) -> tuple[Sheet, Sheet]:
    """One row for each site, and what each column means. Lessons and tests have columns only where there are any."""
    lessons = any(one.lessons is not None for one in report.sites)
    gains = any(one.gain is not None for one in report.sites)
    columns = ["site", "classes", "unrecorded", "seats", "expected", "present", "attendance", "seats_used"]
    columns += ["from_waitlist", "answers", "satisfaction"]
    columns += ["learners", "lessons"] if lessons else []
    columns += ["took_both", "before", "after"] if gains else []
    everything = [*report.sites, *((report.whole,) if report.whole else ())]
    head = tuple(Words(f"reports.column.{column}") for column in columns)
    cells = tuple(tuple(_cell(one, column, names) for column in columns) for one in everything)
    meaning = tuple(
        (Words(f"reports.column.{column}"), Words(f"reports.meaning.{column}", {"few": HIDDEN})) for column in columns
    )
    dates: tuple[tuple[Value, ...], ...] = (
        (Words("reports.column.made_at"), At(report.until, report.zone)),
        (Words("reports.column.since"), At(report.since, report.zone) if report.since else Words("reports.ever")),
    )
    about = (Words("reports.column.column"), Words("reports.column.meaning"))
    return (
        Sheet(Words("reports.sheet.figures"), head, cells),
        Sheet(Words("reports.sheet.meanings"), about, (*dates, *meaning)),
    )


def _cell(figures: Figures, column: str, names: Mapping[str, str]) -> Value:
    gain = figures.gain
    match column:
        case "site":
            return names.get(figures.site_id) or Words("reports.chart.whole")
        case "classes" | "unrecorded" | "seats":
            return int(getattr(figures, column))
        case "attendance" | "seats_used":
            share = getattr(figures, column)
            return (HIDDEN if figures.expected else None) if share is None else round(float(share), 3)
        case "satisfaction":
            none = HIDDEN if figures.answers else None
            return none if figures.satisfaction is None else round(figures.satisfaction, 2)
        case "lessons":
            return HIDDEN if 0 < (figures.learners or 0) < FEW else figures.lessons or 0
        case "took_both":
            return told(gain.people) if gain else 0
        case "before" | "after":
            if gain is None or gain.people < FEW:
                return HIDDEN if gain else None
            return round(gain.before if column == "before" else gain.after, 3)
    return told(getattr(figures, column) or 0)
