"""Hours of work: what `working_minutes` and `after_working` say, against a count minute by minute."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.people.quiet_hours import Closed, OpenHours, is_open
from bot.people.working_hours import LONGEST_DAYS, after_working, working_minutes
from tests.chat import content

ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")
MINUTE = timedelta(minutes=1)
CASES = 600
PRAYER = Closed(time(11, 30), time(13), weekday=4)


def drawn(dice: random.Random) -> OpenHours:
    """Hours with breaks, free weekdays, a day off, and often the prayer on Friday; some begin before midnight UTC."""
    opens = dice.randrange(0, 14 * 60, 5)
    closes = dice.randrange(opens + 30, 24 * 60, 5)
    closed = [PRAYER] if dice.random() < 0.7 else []
    for _ in range(dice.randrange(3)):
        start = dice.randrange(0, 23 * 60)
        closed.append(Closed(clock(start), clock(min(start + dice.randrange(1, 180), 24 * 60 - 1))))
    closed += [Closed(time.min, time.max, weekday) for weekday in range(7) if dice.random() < 0.35]
    off = date(2026, 11, 23) + timedelta(days=dice.randrange(10))
    closed.append(Closed(time.min, time.max, first=off, last=off))
    return OpenHours(dice.choice(ZONES), clock(opens), clock(closes), tuple(closed))


def clock(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


def counted(hours: OpenHours, since: datetime, until: datetime) -> int:
    """Counts one minute after the other."""
    minutes, at = 0, since
    while at < until:
        minutes += is_open(hours, at)
        at += MINUTE
    return minutes


def test_minutes_of_work_are_those_that_a_clock_counts() -> None:
    dice = random.Random(20261129)
    zones, with_work = set(), 0
    for _ in range(CASES):
        hours = drawn(dice)
        since = datetime(2026, 11, 23, tzinfo=UTC) + dice.randrange(10 * 24 * 60) * MINUTE
        until = since + dice.randrange(-60, 2 * 24 * 60) * MINUTE
        minutes = counted(hours, since, until)
        assert working_minutes(hours, since, until) == minutes, (hours, since, until)
        zones.add(hours.zone)
        with_work += minutes > 0
        if minutes:
            after = after_working(hours, since, minutes)
            assert after <= until
            assert counted(hours, since, after) == minutes
            assert counted(hours, since, after - MINUTE) == minutes - 1
    assert zones == set(ZONES)
    assert with_work > CASES // 4


def test_no_time_passes_without_minutes() -> None:
    hours = OpenHours("Asia/Jakarta", time(9), time(16))
    night = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
    assert after_working(hours, night, 0) == night
    assert working_minutes(hours, night, night) == 0


def test_hours_without_work_are_told() -> None:
    never = OpenHours("Asia/Jakarta", time(9), time(9))
    with pytest.raises(ValueError, match=str(LONGEST_DAYS)):
        after_working(never, datetime(2026, 11, 23, tzinfo=UTC), 1)


def test_a_question_on_friday_at_1550_in_jayapura_is_due_on_monday_at_1350() -> None:
    """Ten minutes on Friday, 180 before the break on Monday, fifty after it: four hours."""
    hours = content().mentoring_hours("jayapura")
    zone = ZoneInfo("Asia/Jayapura")
    friday = datetime(2026, 11, 27, 15, 50, tzinfo=zone)
    due = after_working(hours, friday.astimezone(UTC), content().programme.mentoring.first_reply)
    assert due == datetime(2026, 11, 30, 13, 50, tzinfo=zone)


def test_nobody_works_during_the_prayer_on_friday() -> None:
    hours = content().mentoring_hours("samosir")
    zone = ZoneInfo("Asia/Jakarta")
    assert is_open(hours, datetime(2026, 11, 26, 11, 45, tzinfo=zone))
    assert not is_open(hours, datetime(2026, 11, 27, 11, 45, tzinfo=zone))
    assert not is_open(hours, datetime(2026, 11, 28, 10, 0, tzinfo=zone)), "a Saturday"
