"""Who may be written to, and when: the one table that every sender asks (open hours are those of the person's site).

| kind                                   | consent  | after /berhenti          | quiet hours                         |
| reply to what the person just did      | -        | yes                      | ignored                             |
| change: a class moved or was cancelled | training | yes, while seated        | ignored in the last 24 h before it  |
| reminder                               | reminders| no                       | held; dropped < 30 min before start |
| offer of a seat                        | training | no (leaves the waitlist) | sent and ended in open hours        |
| offer, of classes: a site has some now | training | no (the wish goes)       | held                                |
| lesson, review                         | lessons  | no                       | held to the next opening            |
| lesson, about a class: feedback, absence | reminders | no                    | held to the next opening            |
| announcement                           | reminders| no                       | held, unless an admin says urgent   |
| announcement, of a class one takes     | training,| no; nor after a no to    | held, as above                      |
|   part in (docs/decisions/016)         | if asked | reminders                |                                     |
| deletion or edit of what was announced | -        | deletion: yes            | ignored: it makes no sound          |
| survey                                 | follow-up| no                       | held                                |
| answer: a mentor's word in an open question | training | yes                 | ignored; silent outside open hours  |
| live: the next step of a quiz in the room | -      | yes                      | ignored; dropped when it is over    |
| appointment: booked, moved, called off | training | yes, while it is booked  | as change                           |
| staff: what staff are told of their work | -      | yes                      | held to the site's next opening     |
| duty: what mentors are told of questions | -      | yes                      | held to the site's mentoring hours  |
| alarm: something staff must act on     | -        | yes                      | ignored                             |
| breach: the notice the law asks for    | -        | yes                      | held to the site's next opening     |

While somebody's data are frozen (/bekukan) only replies, changes (to who keeps a seat), the notice of a breach and what
they are told as staff come.

Hours are wall time of the site; moments are UTC. A window may cross midnight in UTC: 08.00-19.30 WIT is 23.00-10.30.
For `duty` the caller gives the mentoring hours (`App.gate` does).
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
"""In this time before the start people are told at any hour that the class moved or was cancelled."""
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
    STAFF = "staff"
    ALARM = "alarm"
    ANSWER = "answer"
    LIVE = "live"
    APPOINTMENT = "appointment"
    DUTY = "duty"
    BREACH = "breach"


NEEDS_CONSENT: Final[dict[Kind, str]] = {
    Kind.CHANGE: "training",
    Kind.REMINDER: "reminders",
    Kind.OFFER: "training",
    Kind.LESSON: "lessons",
    Kind.ANNOUNCEMENT: "reminders",
    Kind.SURVEY: "follow_up",
    Kind.ANSWER: "training",
    Kind.APPOINTMENT: "training",
}
"""The consent (people.Purpose) that each kind needs; replies, and messages to staff, need none. Feedback and questions
after a class are of kind `lesson`, too, but need the consent to reminders: the code that posts them checks that."""
OF_STAFF: Final = frozenset({Kind.STAFF, Kind.ALARM, Kind.DUTY})
"""The kinds that people are sent as staff."""
REACHES_STOPPED: Final = OF_STAFF | {Kind.REPLY, Kind.CHANGE, Kind.ANSWER, Kind.LIVE, Kind.APPOINTMENT, Kind.BREACH}
"""The kinds that are sent even after /berhenti."""
REACHES_FROZEN: Final = OF_STAFF | {Kind.REPLY, Kind.CHANGE, Kind.BREACH}
"""The kinds that are sent even while the person's data are frozen; a change only reaches who keeps a seat."""
ENDED_BY_FREEZING: Final = tuple(kind for kind in Kind if kind not in REACHES_FROZEN)
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
    """Send it now (all empty), send it `silent` (without a sound), hold it until a moment, or drop it for a reason."""

    hold_until: datetime | None = None
    drop: str | None = None
    silent: bool = False


SEND: Final = Verdict()


def windows(hours: OpenHours, day: date) -> list[tuple[datetime, datetime]]:
    """Returns the open times of one calendar day of the site, as UTC moments, in order, none of them empty."""
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
    """Returns when the open time around `moment` ends; None if `moment` is in quiet hours."""
    for start, end in _windows(hours, moment.astimezone(ZoneInfo(hours.zone)).date()):
        if start <= moment < end:
            return end
    return None


def next_opening(hours: OpenHours, moment: datetime) -> datetime:
    """Returns `moment` itself if it is open, else the first open moment after it.

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
    """Decides by the table about a message of `kind` that is ready at `now`.

    `hours` None (no site known) means that the message cannot be held; replies, changes and messages to all staff have
    no site. `starts_at` is the start of the class that the message is about. `consented` and `stopped` are as they are
    for the person now. `urgent`: an admin decided so; it counts for announcements alone.
    """
    if kind in (Kind.REPLY, Kind.ALARM, Kind.LIVE):
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
    if kind is Kind.ANSWER:
        return SEND if is_open(hours, now) else Verdict(silent=True)
    if kind in (Kind.CHANGE, Kind.APPOINTMENT) and starts_at is not None and starts_at - now < LAST_DAY:
        return SEND
    opening = next_opening(hours, now)
    if opening == now:
        return SEND
    if kind is Kind.REMINDER and starts_at is not None and starts_at - opening < USEFUL:
        return Verdict(drop="stale")
    # an offer comes here only when something kept it from leaving at once; it may be held over night, too, and is
    # dropped as stale if that is past the moment to answer (the row's own not_after)
    return Verdict(hold_until=opening)


def overlapping(first: tuple[datetime, datetime], second: tuple[datetime, datetime]) -> bool:
    """Returns whether two spans of time share a moment; touching ends do not count."""
    return first[0] < second[1] and second[0] < first[1]
