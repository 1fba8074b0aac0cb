"""Who may be written to, and when: the one table that every sender asks (open hours are those of the person's site).

| kind                                   | consent  | after /berhenti          | quiet hours                         |
| reply to what the person just did      | -        | yes                      | ignored                             |
| change: a class moved or was cancelled | training | yes, while seated        | ignored in the last 24 h before it  |
| reminder                               | messages | no                       | held; dropped < 30 min before start |
| offer of a seat                        | training | no (leaves the waitlist) | sent and ended in open hours        |
| lesson, review, feedback               | messages | no                       | held to the next opening            |
| announcement                           | messages | no                       | held, unless an admin says urgent   |
| survey                                 | follow-up| no                       | held                                |

Hours are wall time of the site; moments are UTC. A window may cross midnight in UTC: 08.00-19.30 WIT is 23.00-10.30.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

USEFUL: Final = timedelta(minutes=30)
"""A reminder helps only if it comes at least this long before the start."""
LAST_DAY: Final = timedelta(hours=24)
"""In this time before the start a moved or cancelled class is told at any hour."""
SEARCH_DAYS: Final = 15
"""How far ahead an opening is looked for; programme.yaml may not close a site longer than this."""


class Kind(StrEnum):
    REPLY = "reply"
    CHANGE = "change"
    REMINDER = "reminder"
    OFFER = "offer"
    LESSON = "lesson"
    ANNOUNCEMENT = "announcement"
    SURVEY = "survey"


NEEDS_CONSENT: Final[dict[Kind, str]] = {
    Kind.CHANGE: "training",
    Kind.REMINDER: "messages",
    Kind.OFFER: "training",
    Kind.LESSON: "messages",
    Kind.ANNOUNCEMENT: "messages",
    Kind.SURVEY: "follow_up",
}
"""The consent (people.Purpose) each kind rests on; a reply needs none."""
REACHES_STOPPED: Final = frozenset({Kind.REPLY, Kind.CHANGE})
"""What still comes after /berhenti."""
ENDED_BY_STOP: Final = tuple(kind for kind in Kind if kind not in REACHES_STOPPED)


@dataclass(frozen=True)
class Closed:
    """A time of day in which nobody is written to. `weekday` 0 is Monday, None every day; `first`/`last` bound the
    dates it holds for (both included)."""

    start: time
    end: time
    weekday: int | None = None
    first: date | None = None
    last: date | None = None

    def on(self, day: date) -> bool:
        if self.weekday is not None and day.weekday() != self.weekday:
            return False
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass(frozen=True)
class OpenHours:
    """When people of one site may be written to: `opens` to `closes` in `zone` (IANA), less the closed times."""

    zone: str
    opens: time
    closes: time
    closed: tuple[Closed, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """Send it now (both empty), hold it until a moment, or drop it for a reason."""

    hold_until: datetime | None = None
    drop: str | None = None


SEND: Final = Verdict()


def windows(hours: OpenHours, day: date) -> list[tuple[datetime, datetime]]:
    """The open stretches of one calendar day of the site, as UTC moments, in order, none of them empty."""
    return list(_windows(hours, day))


@lru_cache(maxsize=4096)
def _windows(hours: OpenHours, day: date) -> tuple[tuple[datetime, datetime], ...]:
    stretches = [(hours.opens, hours.closes)] if hours.opens < hours.closes else []
    for closed in hours.closed:
        if not closed.on(day) or closed.start >= closed.end:
            continue
        left: list[tuple[time, time]] = []
        for start, end in stretches:
            left += [(start, min(end, closed.start)), (max(start, closed.end), end)]
        stretches = [(start, end) for start, end in left if start < end]
    zone = ZoneInfo(hours.zone)
    utc = ZoneInfo("UTC")
    return tuple(
        (datetime.combine(day, start, zone).astimezone(utc), datetime.combine(day, end, zone).astimezone(utc))
        for start, end in stretches
    )


def _upcoming(hours: OpenHours, moment: datetime) -> Iterable[tuple[datetime, datetime]]:
    first = moment.astimezone(ZoneInfo(hours.zone)).date()
    for offset in range(SEARCH_DAYS):
        yield from _windows(hours, first + timedelta(days=offset))


def is_open(hours: OpenHours, moment: datetime) -> bool:
    """Whether people of this site may be written to at `moment`. The opening minute is in, the closing minute out."""
    return closing(hours, moment) is not None


def closing(hours: OpenHours, moment: datetime) -> datetime | None:
    """When the open stretch around `moment` ends; None if `moment` is in quiet hours."""
    for start, end in _windows(hours, moment.astimezone(ZoneInfo(hours.zone)).date()):
        if start <= moment < end:
            return end
    return None


def next_opening(hours: OpenHours, moment: datetime) -> datetime:
    """`moment` itself if it is open, else the first open moment after it.

    Raises ValueError if the site is closed for more than SEARCH_DAYS days on end.
    """
    for start, end in _upcoming(hours, moment):
        if moment < end:
            return max(start, moment)
    raise ValueError(f"no open hour within {SEARCH_DAYS} days")


def verdict(
    kind: Kind,
    *,
    now: datetime,
    hours: OpenHours | None,
    starts_at: datetime | None = None,
    consented: bool = True,
    stopped: bool = False,
    urgent: bool = False,
) -> Verdict:
    """What the table says of a message of `kind` that is ready at `now`.

    `hours` None (no site known) means the message cannot be held; only replies and changes are without a site.
    `starts_at` is when the class it is about begins. Consent and /berhenti as they are for the person now. `urgent` is
    an admin's word, and counts for announcements alone.
    """
    if kind is Kind.REPLY:
        return SEND
    if not consented:
        return Verdict(drop="no consent")
    if stopped and kind not in REACHES_STOPPED:
        return Verdict(drop="stopped")
    if kind is Kind.REMINDER and starts_at is not None and starts_at - now < USEFUL:
        return Verdict(drop="stale")
    if kind is Kind.OFFER and starts_at is not None and starts_at <= now:
        return Verdict(drop="stale")
    if hours is None or (urgent and kind is Kind.ANNOUNCEMENT):
        return SEND
    if kind is Kind.CHANGE and starts_at is not None and starts_at - now < LAST_DAY:
        return SEND
    opening = next_opening(hours, now)
    if opening == now:
        return SEND
    if kind is Kind.REMINDER and starts_at is not None and starts_at - opening < USEFUL:
        return Verdict(drop="stale")
    # an offer comes here only when something kept it from leaving at once; it may be held over night, too, and is
    # dropped as stale if that is past the moment to answer (the row's own not_after)
    return Verdict(hold_until=opening)


def wall_times(value: str) -> tuple[time, time]:
    """Read "08.00-19.30". Raises ValueError in words for the person who wrote it."""
    start, dash, end = value.replace(" ", "").replace("–", "-").partition("-")
    if not dash:
        raise ValueError(f"'{value}' is not a stretch of time like 08.00-19.30")
    return _wall_time(start), _wall_time(end)


def _wall_time(value: str) -> time:
    hour, _, minute = value.replace(":", ".").partition(".")
    try:
        return time(int(hour), int(minute or 0))
    except ValueError:
        raise ValueError(f"'{value}' is not a time of day like 08.00") from None


def overlapping(first: tuple[datetime, datetime], second: tuple[datetime, datetime]) -> bool:
    """Whether two stretches of time share a moment; touching ends do not."""
    return first[0] < second[1] and second[0] < first[1]
