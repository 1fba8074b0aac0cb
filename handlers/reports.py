"""/laporan: numbers of the sites, as a picture for the phone and a spreadsheet, over a month, a quarter, or
altogether; one page of a quarter as a PDF, and its files for machines."""

from __future__ import annotations

from typing import Final

from bot.actions.buttons import back
from bot.actions.guide import SeeJob
from bot.actions.mentoring import GetQuestionsFile
from bot.actions.reports import MakePage, MakeReport, PickPage, PickPeriod, PickQuarter
from bot.capability import Capability, Command, Handlers
from bot.delivery import background_jobs
from bot.people.people import Role
from bot.programme import released, reports
from bot.programme.privacy import ZONE
from bot.turns.pages import page_of
from bot.turns.router import command, tap
from bot.turns.turn import Turn
from bot.words.message import Button, Words

PICTURE: Final = "picture"
PAGE: Final = "page"
FORMS: Final = ("pdf", "data")
QUARTERS: Final = 4
"""So many quarters can be asked for, the newest first."""
ON_A_PAGE: Final = 5
SITES: Final = 8
"""How many sites have a button of their own; an admin of all of them sees them together."""


def handlers() -> Handlers:
    return [
        command("laporan", report_asked_for, PickPeriod()),
        tap(PickPeriod, report_asked_for),
        tap(MakeReport, period_picked),
        tap(PickPage, page_asked_for),
        tap(PickQuarter, site_picked),
        tap(MakePage, quarter_picked),
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
        forms = [[Button(f"reports.button.{form}", PickPage(form)) for form in FORMS]]
        turn.show("reports.period", buttons=[periods, *others, *forms])


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


# --- one page, and files for machines ---------------------------------------------------------------------------------


def page_asked_for(turn: Turn, action: PickPage) -> None:
    """Asks for the site, if there are several; admins can also have all of them together."""
    turn.must_be_staff()
    form = action.form if action.form in FORMS else FORMS[0]
    mine = [site for site in turn.content.sites if site.id in turn.staff_sites]
    if len(mine) == 1 and turn.role is not Role.ADMIN:
        return turn.follow(PickQuarter(form, mine[0].id))
    whole = [[Button("reports.button.whole", PickQuarter(form))]] if turn.role is Role.ADMIN else []
    page = page_of(mine, action.page, ON_A_PAGE)
    sites = [[Button("reports.button.site", PickQuarter(form, site.id), {"site": site.name})] for site in page.items]
    ways = []
    if page.before is not None:
        ways.append(Button("reports.button.before", PickPage(form, page.before)))
    if page.after:
        ways.append(Button("reports.button.after", PickPage(form, page.after)))
    turn.show("reports.which_site", buttons=[*whole, *sites, ways])


def site_picked(turn: Turn, action: PickQuarter) -> None:
    """Asks for the quarter."""
    _may_see(turn, action.site)
    form = action.form if action.form in FORMS else FORMS[0]
    quarter = released.quarter_of(turn.now, ZONE)
    quarters = [quarter]
    while len(quarters) < QUARTERS:
        quarters.append(quarters[-1].before)
    buttons = [
        Button("reports.button.quarter", MakePage(form, str(one), action.site), {"n": one.number, "year": one.year})
        for one in quarters
    ]
    how = Button("reports.button.how", SeeJob("read_report"))
    turn.show(
        "reports.which_quarter",
        site=_called(turn, action.site),
        buttons=[buttons[:2], buttons[2:], [how], [back(PickPage(form))]],
    )


def quarter_picked(turn: Turn, action: MakePage) -> None:
    _may_see(turn, action.site)
    quarter = released.read_quarter(action.quarter)
    begins = quarter.begins(ZONE) if quarter is not None else turn.now
    if quarter is None or action.form not in FORMS or begins >= turn.now:
        return page_asked_for(turn, PickPage(FORMS[0]))
    turn.note("report_page_asked", site_id=action.site or None, form=action.form, quarter=str(quarter))
    args = {"form": action.form, "site": action.site, "quarter": str(quarter)}
    background_jobs.ask(turn.db, turn.account, PAGE, args, turn.now)
    turn.show("reports.page_coming", site=_called(turn, action.site), n=quarter.number, year=quarter.year)


def _may_see(turn: Turn, site_id: str) -> None:
    """A trainer sees the own sites; all sites together only an admin does."""
    turn.must_be_staff()
    if site_id:
        turn.must_lead(site_id)
    else:
        turn.must_be_admin()


def _called(turn: Turn, site_id: str) -> str | Words:
    site = turn.content.site(site_id)
    return site.name if site is not None else Words("reports.page.title_whole")
