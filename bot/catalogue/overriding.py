"""The settings that an admin makes in the chat, laid over content as it stands in the files.

The files stay the source: an override takes the place of one value, of one site or of all, and taking it away brings
the file's value back. `bot.programme.overrides` keeps them in the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from typing import Any

from bot.catalogue.content import Content, never_open
from bot.catalogue.programme_files import Dates, Programme, Site, SiteRules
from bot.overridable import EVERYWHERE, OF_TIME, What


@dataclass(frozen=True)
class Override:
    """One setting made in the chat. `value` is what JSON can hold: a name or contact as text, a pin as [lat, lon] in
    degrees, `active` as bool, seats as a number, hours as ["08.00", "19.30"], holidays as [["2027-03-10",
    "2027-03-12"], ...] (first and last day), leads as minutes."""

    what: What
    site: str
    """The site's id, or EVERYWHERE."""
    value: Any


def overridden(content: Content, overrides: Iterable[Override]) -> Content:
    """Returns content as it stands in the files with these settings in place of the files' own. What belongs to no site
    of the files, or makes active a site whose place nobody knows, changes nothing."""
    written = content.written
    values = {(one.what, one.site): one.value for one in overrides}
    if not values:
        return written
    understanding = written.understanding
    laid_over = replace(
        written,
        sites=tuple(_site(site, values) for site in written.sites),
        programme=_programme(written, values),
        holidays={site: _dates(value) for (what, site), value in values.items() if what is What.HOLIDAYS},
        # shared: making it takes half a second
        understanding=None if understanding is None else written.understood_by,
        as_written=written,
    )
    laid_over.share_lessons(written)
    return laid_over


def in_force(content: Content, overrides: Sequence[Override]) -> tuple[Content, bool]:
    """Returns content with the overrides laid over it, and whether all of them are: hours and holidays that, with what
    stands in the files, would close some site for weeks are left out, because messages could not be held there."""
    laid_over = overridden(content, overrides)
    if not any(one.what in OF_TIME for one in overrides) or can_open(laid_over):
        return laid_over, True
    return overridden(content, [one for one in overrides if one.what not in OF_TIME]), False


def can_open(content: Content) -> bool:
    """Whether every site is open, and has mentors at work, at least every two weeks or so."""
    return next(never_open(content, None), None) is None


def value_of(content: Content, what: What, site: str) -> Any:
    """Returns what this content says, as `Override.value`; None: it says nothing (no pin, no contact)."""
    known = content.site(site)
    rules = content.programme.sites.get(site, SiteRules())
    match what:
        case What.NAME:
            return known.name if known else None
        case What.PIN:
            return None if known is None or known.lat is None or known.lon is None else [known.lat, known.lon]
        case What.ACTIVE:
            return known is not None and known.active
        case What.CONTACT:
            return known.contact if known else None
        case What.SEATS:
            return content.capacity(site)
        case What.HOURS:
            return [f"{one:%H.%M}" for one in rules.open or content.programme.hours.open]
        case What.HOLIDAYS:
            return [[f"{one.first}", f"{one.last}"] for one in content.holidays.get(site, ())]
        case What.LEADS:
            return list(content.leads(site))


def hours_of(value: Sequence[str]) -> tuple[time, time]:
    """Returns the two hours of a stretch as `Override.value` writes it."""
    opens, closes = (time.fromisoformat(one.replace(".", ":")) for one in value)
    return opens, closes


def _dates(value: Sequence[Sequence[str]]) -> tuple[Dates, ...]:
    return tuple(Dates(first=date.fromisoformat(first), last=date.fromisoformat(last)) for first, last in value)


def _site(site: Site, values: Mapping[tuple[What, str], Any]) -> Site:
    def of(what: What, otherwise: Any) -> Any:
        return values.get((what, site.id), otherwise)

    lat, lon = of(What.PIN, (site.lat, site.lon))
    changes = {
        "name": of(What.NAME, site.name),
        "lat": lat,
        "lon": lon,
        "active": of(What.ACTIVE, site.active) and site.timezone is not None,
        "contact": of(What.CONTACT, site.contact),
    }
    same = all(getattr(site, name) == value for name, value in changes.items())
    return site if same else site.model_copy(update=changes)


def _programme(written: Content, values: Mapping[tuple[What, str], Any]) -> Programme:
    programme = written.programme
    general: dict[str, Any] = {}
    if (seats := values.get((What.SEATS, EVERYWHERE))) is not None:
        general["capacity"] = seats
    if (leads := values.get((What.LEADS, EVERYWHERE))) is not None:
        general["leads"] = tuple(leads)
    if (hours := values.get((What.HOURS, EVERYWHERE))) is not None:
        general["hours"] = programme.hours.model_copy(update={"open": hours_of(hours)})
    sites = dict(programme.sites)
    for site in written.sites:
        own: dict[str, Any] = {}
        if (seats := values.get((What.SEATS, site.id))) is not None:
            own["capacity"] = seats
        if (leads := values.get((What.LEADS, site.id))) is not None:
            own["leads"] = tuple(leads)
        if (hours := values.get((What.HOURS, site.id))) is not None:
            own["open"] = hours_of(hours)
        if own:
            sites[site.id] = sites.get(site.id, SiteRules()).model_copy(update=own)
    return programme.model_copy(update=general | {"sites": sites})
