"""What the buttons of /laporan carry."""

from __future__ import annotations

from bot.words.action import Action


class PickPeriod(Action, name="reports:period"):
    """Asks for the period of a report: of a site, or of all."""

    site: str = ""


class MakeReport(Action, name="reports:make"):
    """Makes the report over `days` days, of a site; an empty `site` means all."""

    days: int
    site: str


class PickPage(Action, name="reports:pages"):
    """Asks of which site a page or a file of figures is wanted; `page` of the list."""

    form: str
    page: int = 0


class PickQuarter(Action, name="reports:quarters"):
    """Asks for the quarter; an empty `site` means all sites together."""

    form: str
    site: str = ""


class MakePage(Action, name="reports:page"):
    """Makes the page (`pdf`) or the files (`data`) of a quarter."""

    form: str
    quarter: str
    site: str = ""
