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
