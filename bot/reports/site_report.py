"""A report as a picture for the phone and as a spreadsheet: the job "picture", in the language of the account that
asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from bot.actions.buttons import HELP, MENU
from bot.actions.mentoring import SeeQueue
from bot.catalogue.content import Content
from bot.database import Database
from bot.delivery import outbox
from bot.delivery.background_jobs import Finish, Job, Worker
from bot.documents import charts
from bot.documents.charts import Bar, Block, Chart
from bot.documents.xlsx_writer import MIME
from bot.people import rights
from bot.people.people import Account
from bot.programme import mentoring, reports
from bot.programme.privacy import ZONE
from bot.programme.reports import HIDDEN, Figures, Report, told
from bot.programme.surveys import FEW
from bot.settings import Settings
from bot.words.message import At, Button, File, Form, Lines, Message, Sheet, Value, Words, rows
from bot.words.texts import Texts

KIND: Final = "picture"
QUESTIONS: Final = [
    "asked_due",
    "replied",
    "in_time",
    "share_in_time",
    "median_minutes",
    "unanswered",
    "withdrawn",
    "waiting",
    "overdue",
]
SITES: Final = 8
"""Of so many sites the words tell what was asked; the spreadsheet tells of all."""
ATTENDANCE, SEATS = 0, 1
"""Places in the legend."""


def painter(
    database: Database, texts: Texts, content: Callable[[], Content], settings: Settings, now: Callable[[], datetime]
) -> Worker:
    """Returns the worker of the job: its args are `days` and `site` (empty for all sites the account looks after). Who
    asked and looks after none of them any more is told so."""

    async def paint(job: Job) -> Finish:
        moment, places = now(), content()

        def read(db: Session) -> tuple[Report, str, bool] | None:
            account = db.get(Account, job.account_id)
            if account is None:
                return None
            # the role may have gone since it was asked for
            site_ids = [site.id for site in places.sites if rights.leads(db, account, site.id, settings)]
            if job.args.get("site"):
                site_ids = [one for one in site_ids if one == job.args["site"]]
            if not site_ids:
                return None
            zones = {places.open_hours(site_id).zone for site_id in site_ids}
            zone = zones.pop() if len(zones) == 1 else ZONE
            answers = rights.answers(db, account, settings, trainers_answer=places.programme.mentoring.trainers_answer)
            found = reports.report(db, site_ids, moment, days=int(job.args["days"]), zone=zone)
            return found, account.language, answers

        read_now = await database.read(read)
        if read_now is None:
            return _say_no_site
        found, language, answers = read_now
        # on a phone's width every word counts
        names = {site.id: site.name.removeprefix("Desa Wisata ") for site in places.sites}
        picture = await asyncio.to_thread(charts.png, chart(found, names, texts, language))

        def finish(db: Session, account: Account, written_at: datetime) -> None:
            shown, kept = messages(found, names, picture)
            rule = places.programme.mentoring.first_reply
            for message in (shown, questions(found, names, rule=rule, answers=answers), kept):
                outbox.post(db, outbox.to(account, message), now=written_at)

        return finish

    return paint


def _say_no_site(db: Session, account: Account, now: datetime) -> None:
    outbox.post(db, outbox.to(account, Message("reports.no_site", buttons=rows((MENU, HELP)))), now=now)


def messages(report: Report, names: Mapping[str, str], picture: bytes) -> tuple[Message, Message]:
    """Returns the report as a message with the picture, and one with the spreadsheet."""
    at = At(report.until, report.zone)
    name = f"laporan-{report.until:%Y-%m-%d}"
    ways = rows((MENU, HELP))
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


# --- questions to mentors, in words -----------------------------------------------------------------------------------


def questions(report: Report, names: Mapping[str, str], *, rule: int, answers: bool) -> Message:
    """Returns what is told of questions: of all sites together, then of those where most waits. `rule`: within how many
    minutes of work a question is to be answered. With a way to the queue for whoever answers."""
    asked = [one for one in report.sites if not one.questions.empty]
    most = sorted(asked, key=lambda one: (one.questions.overdue, one.questions.waiting, one.questions.number))
    named = {one.site_id for one in most[-SITES:]}
    several = len(asked) > 1
    parts = [_questions_of(report.whole, names)] if several and report.whole is not None else []
    parts += [_questions_of(one, names) for one in asked if one.site_id in named]
    if not parts:
        parts = [Words("mentoring.figures.none")]
    if len(asked) > SITES:
        parts.append(Words("reports.questions_more", {"n": len(asked) - SITES}))
    values: dict[str, Value] = {"period": _period(report), "sites": Lines(tuple(parts)), "rule": rule}
    queue = (Button("mentoring.button.queue", SeeQueue()),) if answers else ()
    return Message("reports.questions", values, rows(queue))


def _questions_of(figures: Figures, names: Mapping[str, str]) -> Words:
    site = names.get(figures.site_id) or Words("reports.chart.whole")
    return Words("reports.questions_of", {"site": site, "lines": Lines(mentoring.figures.told(figures.questions))})


def _period(report: Report) -> Words:
    until = At(report.until, report.zone)
    if report.since is None:
        return Words("reports.chart.since_ever", {"until": until})
    return Words("reports.chart.period", {"since": At(report.since, report.zone), "until": until})


# --- the picture ----------------------------------------------------------------------------------------------------


def chart(report: Report, names: Mapping[str, str], texts: Texts, language: str) -> Chart:
    """Returns the report in words, ready to be drawn."""

    def words(key: str, **values: Value) -> str:
        return texts.words(key, values, language, html=False)

    def bar(share: float | None, colour: int) -> Bar:
        return Bar(share, HIDDEN if share is None else words("reports.chart.share", share=round(share, 2)), colour)

    def block(figures: Figures) -> Block:
        title = names.get(figures.site_id) or words("reports.chart.whole")
        # lines break between two facts, never within one
        note = " · ".join(one.replace(" ", "\N{NO-BREAK SPACE}") for one in _note(figures, words))
        if not figures.classes:
            aside = words("reports.chart.unrecorded", n=figures.unrecorded) if figures.unrecorded else ""
            return Block(title, aside, (), note)
        aside = words("reports.chart.number", n=told(figures.expected))
        return Block(title, aside, (bar(figures.attendance, ATTENDANCE), bar(figures.seats_used, SEATS)), note)

    shown = [one for one in report.sites if not one.empty]
    whole = report.whole if len(shown) > 1 else None
    everything = [block(one) for one in (*((whole,) if whole else ()), *shown)]
    period = _period(report)
    notes = [
        words("reports.define.attendance"),
        words("reports.define.seats"),
        words("reports.define.number", few=HIDDEN),
    ]
    if whole is not None:
        notes.append(words("reports.define.whole"))
    if any(one.gain for one in report.sites) and len(everything) <= charts.BLOCKS_WITH_NOTES:
        notes.append(words("reports.define.gain"))
    return Chart(
        title=words("reports.chart.title"),
        subtitle=words(period.key, **period.values),
        legend=(words("reports.chart.attendance"), words("reports.chart.seats")),
        blocks=everything,
        notes=notes,
        empty=words("reports.chart.empty"),
    )


def _note(figures: Figures, words: Callable[..., str]) -> list[str]:
    parts = []
    if figures.missing:
        parts.append(words("reports.chart.missing", n=told(figures.missing)))
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
    """Returns one row for each site, and what each column means. Lessons, tests and questions have columns only if
    there are any."""
    lessons = any(one.lessons is not None for one in report.sites)
    gains = any(one.gain is not None for one in report.sites)
    columns = ["site", "classes", "unrecorded", "seats", "expected", "present", "missing", "attendance"]
    columns += ["seats_used", "from_waitlist", "answers", "satisfaction"]
    columns += ["learners", "lessons"] if lessons else []
    columns += ["took_both", "before", "after"] if gains else []
    columns += QUESTIONS if any(not one.questions.empty for one in report.sites) else []
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
    gain, asked = figures.gain, figures.questions
    match column:
        case "asked_due":
            return asked.number
        case "replied" | "in_time" | "unanswered" | "withdrawn" | "waiting" | "overdue":
            return int(getattr(asked, "answered" if column == "replied" else column))
        case "share_in_time":
            return _of_enough(asked.number, None if asked.share_in_time is None else round(asked.share_in_time, 3))
        case "median_minutes":
            return _of_enough(asked.answered, asked.median_minutes)
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


def _of_enough(number: int, figure: float | None) -> Value:
    """Returns a figure that rests on so many questions, or words that say why there is none."""
    if figure is not None:
        return figure
    return Words("reports.too_few", {"n": mentoring.figures.ENOUGH}) if number else Words("reports.none_yet")
