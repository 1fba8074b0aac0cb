"""/laporan: numbers of the sites, as a picture for the phone and a spreadsheet, over a month, a quarter, or
altogether."""

from __future__ import annotations

from typing import Final

from bot.actions.mentoring import GetQuestionsFile
from bot.actions.reports import MakeReport, PickPeriod
from bot.capability import Capability, Command, Handlers
from bot.delivery import background_jobs
from bot.programme import reports
from bot.turns.router import command, tap
from bot.turns.turn import Turn
from bot.words.message import Button

PICTURE: Final = "picture"
SITES: Final = 8
"""How many sites have a button of their own; an admin of all of them sees them together."""


def handlers() -> Handlers:
    return [
        command("laporan", report_asked_for, PickPeriod()),
        tap(PickPeriod, report_asked_for),
        tap(MakeReport, period_picked),
    ]


CAPABILITY: Final = Capability("reports", handlers, commands=(Command("laporan", "trainer", place=50),))


def report_asked_for(turn: Turn, action: PickPeriod) -> None:
    """Asks for the period."""
    turn.must_be_staff()
    site_id = action.site if turn.content.site(action.site) else ""
    if site_id:
        turn.must_lead(site_id)
    periods = [Button(f"reports.button.days_{days}", MakeReport(days, site_id)) for days in reports.PERIODS]
    mine = [site for site in turn.content.sites if site.id in turn.staff_sites]
    others = []
    if not site_id and 1 < len(mine) <= SITES:
        others = [[Button("reports.button.site", PickPeriod(site.id), {"site": site.name})] for site in mine]
    others.append([Button("mentoring.button.file", GetQuestionsFile(site_id))])
    site = turn.content.site(site_id)
    if site is not None:
        turn.show("reports.period_of_site", site=site.name, buttons=[periods, *others])
    else:
        turn.show("reports.period", buttons=[periods, *others])


def period_picked(turn: Turn, action: MakeReport) -> None:
    turn.must_be_staff()
    days, site_id = action.days, action.site
    if days not in reports.PERIODS:
        return report_asked_for(turn, PickPeriod())
    if site_id:
        turn.must_lead(site_id)
    turn.note("report_asked", site_id=site_id or None, days=days)
    background_jobs.ask(turn.db, turn.account, PICTURE, {"days": days, "site": site_id}, turn.now)
    turn.show("reports.coming")
