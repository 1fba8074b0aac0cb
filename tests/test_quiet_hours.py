"""Who may be written to, and when: windows in all three zones, and the table of `verdict` row by row."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.people.quiet_hours import (
    LAST_DAY,
    NEEDS_CONSENT,
    REACHES_STOPPED,
    SEND,
    USEFUL,
    Closed,
    Kind,
    OpenHours,
    Verdict,
    closing,
    is_open,
    next_opening,
    overlapping,
    verdict,
    windows,
)

FRIDAY_NOON = Closed(time(11, 30), time(13), weekday=4)
SUNDAY_MORNING = Closed(time(0), time(12), weekday=6)
RAMADAN = Closed(time(17, 30), time(19, 30), first=date(2027, 2, 8), last=date(2027, 3, 9))
ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")
JAYAPURA = OpenHours("Asia/Jayapura", time(8), time(19, 30), (FRIDAY_NOON, SUNDAY_MORNING, RAMADAN))
SEMARANG = OpenHours("Asia/Jakarta", time(8), time(19, 30), (FRIDAY_NOON, RAMADAN))


def utc(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment in January 2024: the 22nd is a Monday, the 26th a Friday, the 28th a Sunday."""
    return datetime(2024, 1, day, hour, minute, tzinfo=UTC)


def wall(hours: OpenHours, *when: int) -> datetime:
    return datetime(*when, tzinfo=ZoneInfo(hours.zone))  # type: ignore[misc,arg-type]


# --- windows ----------------------------------------------------------------------------------------------------------


def test_an_eastern_window_crosses_midnight_in_utc() -> None:
    """08.00-19.30 WIT is 23.00-10.30 UTC: the site's Tuesday begins on Monday."""
    assert windows(JAYAPURA, date(2024, 1, 23)) == [(utc(22, 23), utc(23, 10, 30))]
    assert not is_open(JAYAPURA, utc(22, 22, 59))
    assert is_open(JAYAPURA, utc(22, 23))
    assert is_open(JAYAPURA, utc(23, 0))
    assert is_open(JAYAPURA, utc(23, 10, 29))
    assert not is_open(JAYAPURA, utc(23, 10, 30)), "the closing minute is out"
    assert next_opening(JAYAPURA, utc(23, 10, 30)) == utc(23, 23)


def test_the_same_moment_is_open_in_the_west_and_closed_in_the_east() -> None:
    moment = utc(23, 11)
    assert is_open(SEMARANG, moment)
    assert not is_open(JAYAPURA, moment)


@pytest.mark.parametrize("hours", [SEMARANG, JAYAPURA], ids=["WIB", "WIT"])
def test_friday_noon_is_quiet_everywhere(hours: OpenHours) -> None:
    before, noon, after = (wall(hours, 2024, 1, 26, *at) for at in ((11, 29), (11, 30), (13, 0)))
    assert [is_open(hours, moment) for moment in (before, noon, after)] == [True, False, True]
    assert closing(hours, before) == noon
    assert next_opening(hours, noon) == after
    assert is_open(hours, wall(hours, 2024, 1, 25, 12)), "on Thursday it is open"


def test_sunday_morning_is_quiet_only_where_it_is_said() -> None:
    assert not is_open(JAYAPURA, wall(JAYAPURA, 2024, 1, 28, 9))
    assert next_opening(JAYAPURA, wall(JAYAPURA, 2024, 1, 28, 9)) == wall(JAYAPURA, 2024, 1, 28, 12)
    assert is_open(SEMARANG, wall(SEMARANG, 2024, 1, 28, 9))


def test_saturday_evening_in_jayapura_waits_for_sunday_noon() -> None:
    assert next_opening(JAYAPURA, wall(JAYAPURA, 2024, 1, 27, 20)) == wall(JAYAPURA, 2024, 1, 28, 12)


@pytest.mark.parametrize(
    ("day", "open_at_six"),
    [(date(2027, 2, 7), True), (date(2027, 2, 8), False), (date(2027, 3, 9), False), (date(2027, 3, 10), True)],
)
def test_ramadan_evenings_are_quiet_from_its_first_day_to_its_last(day: date, open_at_six: bool) -> None:
    six = datetime.combine(day, time(18), ZoneInfo(SEMARANG.zone))
    assert is_open(SEMARANG, six) is open_at_six
    assert is_open(SEMARANG, six.replace(hour=17, minute=29))


def test_closed_times_may_overlap_touch_and_lie_outside() -> None:
    closed = (
        Closed(time(9), time(11)),
        Closed(time(10), time(12)),
        Closed(time(12), time(12)),
        Closed(time(14), time(14)),
        Closed(time(5), time(7)),
        Closed(time(19), time(23)),
    )
    hours = OpenHours("Asia/Jakarta", time(8), time(19, 30), closed)
    assert windows(hours, date(2024, 1, 23)) == [(utc(23, 1), utc(23, 2)), (utc(23, 5), utc(23, 12))]


def test_hours_that_end_before_they_begin_are_never_open() -> None:
    hours = OpenHours("Asia/Jakarta", time(19), time(8))
    assert windows(hours, date(2024, 1, 23)) == []
    with pytest.raises(ValueError, match="no open hour"):
        next_opening(hours, utc(23, 0))


def test_a_site_closed_for_too_long_is_told() -> None:
    fortnight = Closed(time(0), time(23, 59), first=date(2024, 1, 1), last=date(2024, 1, 31))
    with pytest.raises(ValueError, match="no open hour within 15 days"):
        next_opening(OpenHours("Asia/Jakarta", time(8), time(19), (fortnight,)), utc(1, 0))


# --- properties -------------------------------------------------------------------------------------------------------


@st.composite
def stretches(draw: st.DrawFn, first: int = 0, last: int = 1439) -> tuple[time, time]:
    start = draw(st.integers(first, last - 1))
    end = draw(st.integers(start + 1, last))
    return time(start // 60, start % 60), time(end // 60, end % 60)


@st.composite
def closed_times(draw: st.DrawFn) -> Closed:
    start, end = draw(stretches(first=0, last=1200))
    first = draw(st.none() | st.dates(date(2027, 1, 1), date(2027, 3, 1)))
    last = first and first + timedelta(days=draw(st.integers(0, 40)))
    return Closed(start, end, draw(st.none() | st.integers(0, 6)), first, last)


@st.composite
def open_hours(draw: st.DrawFn) -> OpenHours:
    """Every site of these is open from 20.00 to 20.30 at least, so an opening is always found."""
    opens = draw(st.integers(0, 20 * 60))
    closes = draw(st.integers(20 * 60 + 30, 1439))
    closed = tuple(draw(st.lists(closed_times(), max_size=4)))
    return OpenHours(
        draw(st.sampled_from(ZONES)), time(opens // 60, opens % 60), time(closes // 60, closes % 60), closed
    )


FIRST, LAST = datetime(2026, 12, 1), datetime(2027, 4, 1)  # noqa: DTZ001  (hypothesis adds the zone)
moments = st.datetimes(FIRST, LAST, timezones=st.just(UTC))


def is_open_by_the_wall(hours: OpenHours, moment: datetime) -> bool:
    """The same question answered as a person would: look at the clock on the wall and at the calendar."""
    local = moment.astimezone(ZoneInfo(hours.zone))
    here = local.time()
    closed = any(one.on(local.date()) and one.start <= here < one.end for one in hours.closed)
    return hours.opens <= here < hours.closes and not closed


@given(open_hours(), moments)
def test_open_means_what_the_wall_clock_says(hours: OpenHours, moment: datetime) -> None:
    assert is_open(hours, moment) == is_open_by_the_wall(hours, moment)


@given(open_hours(), moments)
def test_the_next_opening_is_open_never_before_and_its_own_next(hours: OpenHours, moment: datetime) -> None:
    opening = next_opening(hours, moment)
    assert opening >= moment
    assert is_open(hours, opening)
    assert next_opening(hours, opening) == opening
    assert (opening == moment) == is_open(hours, moment)


@given(open_hours(), moments, st.floats(0, 1, exclude_max=True))
def test_nothing_before_the_next_opening_is_open(hours: OpenHours, moment: datetime, share: float) -> None:
    between = moment + (next_opening(hours, moment) - moment) * share
    if between < next_opening(hours, moment):
        assert not is_open(hours, between)


@given(open_hours(), moments)
def test_it_is_open_until_the_closing_and_closed_at_it(hours: OpenHours, moment: datetime) -> None:
    end = closing(hours, moment)
    if end is None:
        assert not is_open(hours, moment)
    else:
        assert end > moment
        assert is_open(hours, end - timedelta(microseconds=1))
        assert not is_open(hours, end)


@given(open_hours(), st.dates(date(2026, 12, 1), date(2027, 4, 1)))
def test_windows_are_in_order_apart_and_on_their_own_day(hours: OpenHours, day: date) -> None:
    found = windows(hours, day)
    for start, end in found:
        assert start < end
        assert {start.astimezone(ZoneInfo(hours.zone)).date(), end.astimezone(ZoneInfo(hours.zone)).date()} == {day}
    assert all(earlier[1] < later[0] for earlier, later in pairwise(found))


@given(moments, moments, moments, moments)
def test_overlapping_is_mutual(a: datetime, b: datetime, c: datetime, d: datetime) -> None:
    first, second = (min(a, b), max(a, b)), (min(c, d), max(c, d))
    assert overlapping(first, second) == overlapping(second, first)
    if first[0] < first[1]:
        assert overlapping(first, first)
        assert not overlapping(first, (first[1], first[1] + timedelta(hours=1))), "touching is not overlapping"


# --- the table, row by row --------------------------------------------------------------------------------------------

NIGHT = utc(22, 16)  # 23.00 WIB on Monday
MORNING = utc(23, 1)  # 08.00 WIB on Tuesday, the next opening
NOON = utc(23, 5)
HELD = Verdict(hold_until=MORNING)
FOR_STAFF = (Kind.STAFF, Kind.ALARM, Kind.DUTY)
WITHOUT_CONSENT = (Kind.REPLY, Kind.LIVE, Kind.BREACH, *FOR_STAFF)


def test_a_reply_always_goes() -> None:
    assert verdict(Kind.REPLY, now=NIGHT, hours=SEMARANG, consented=False, stopped=True) == SEND


def test_an_alarm_reaches_staff_at_any_hour_and_their_other_news_waits_for_the_opening() -> None:
    assert verdict(Kind.ALARM, now=NIGHT, hours=SEMARANG, stopped=True) == SEND
    assert verdict(Kind.STAFF, now=NIGHT, hours=SEMARANG, stopped=True) == HELD
    assert verdict(Kind.STAFF, now=NIGHT, hours=None) == SEND


def test_an_answer_comes_at_any_hour_but_makes_no_sound_at_night() -> None:
    assert verdict(Kind.ANSWER, now=NIGHT, hours=SEMARANG, stopped=True) == Verdict(silent=True)
    assert verdict(Kind.ANSWER, now=NOON, hours=SEMARANG, stopped=True) == SEND
    assert verdict(Kind.ANSWER, now=NIGHT, hours=SEMARANG, consented=False) == Verdict(drop="no consent")


def test_what_mentors_are_told_waits_for_the_hours_that_are_given() -> None:
    assert verdict(Kind.DUTY, now=NIGHT, hours=SEMARANG, stopped=True) == HELD
    assert verdict(Kind.DUTY, now=NOON, hours=SEMARANG) == SEND


def test_a_quiz_in_the_room_goes_on_at_any_hour_and_the_notice_of_a_breach_waits_for_the_opening() -> None:
    assert verdict(Kind.LIVE, now=NIGHT, hours=SEMARANG, stopped=True) == SEND
    assert verdict(Kind.BREACH, now=NIGHT, hours=SEMARANG, stopped=True, consented=True) == HELD


def test_an_appointment_is_told_as_a_change_of_a_class_is() -> None:
    soon = NIGHT + LAST_DAY - timedelta(minutes=1)
    assert verdict(Kind.APPOINTMENT, now=NIGHT, hours=SEMARANG, starts_at=NIGHT + LAST_DAY) == HELD
    assert verdict(Kind.APPOINTMENT, now=NIGHT, hours=SEMARANG, starts_at=soon, stopped=True) == SEND


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in WITHOUT_CONSENT])
def test_everything_else_needs_its_consent(kind: Kind) -> None:
    assert kind in NEEDS_CONSENT
    assert verdict(kind, now=NOON, hours=SEMARANG, consented=False) == Verdict(drop="no consent")
    assert verdict(kind, now=NOON, hours=SEMARANG, starts_at=utc(24, 2)) == SEND


def test_which_consent_is_which() -> None:
    assert NEEDS_CONSENT == {
        Kind.CHANGE: "training",
        Kind.OFFER: "training",
        Kind.REMINDER: "reminders",
        Kind.LESSON: "lessons",
        Kind.ANNOUNCEMENT: "reminders",
        Kind.SURVEY: "follow_up",
        Kind.ANSWER: "training",
        Kind.APPOINTMENT: "training",
    }


@pytest.mark.parametrize("kind", list(Kind))
def test_after_stopping_only_replies_changes_and_what_staff_must_know_come(kind: Kind) -> None:
    said = verdict(kind, now=NOON, hours=SEMARANG, stopped=True)
    assert said == (
        SEND if kind in (*WITHOUT_CONSENT, Kind.CHANGE, Kind.ANSWER, Kind.APPOINTMENT) else Verdict(drop="stopped")
    )
    assert (kind in REACHES_STOPPED) == (said == SEND)


@pytest.mark.parametrize("kind", [Kind.REMINDER, Kind.LESSON, Kind.ANNOUNCEMENT, Kind.SURVEY])
def test_at_night_these_are_held_to_the_opening(kind: Kind) -> None:
    assert verdict(kind, now=NIGHT, hours=SEMARANG, starts_at=utc(23, 6)) == HELD


@pytest.mark.parametrize(
    ("starts_at", "expected"),
    [
        (MORNING + USEFUL, HELD),
        (MORNING + USEFUL - timedelta(seconds=1), Verdict(drop="stale")),
        (NIGHT + USEFUL - timedelta(seconds=1), Verdict(drop="stale")),
        (NIGHT - timedelta(hours=1), Verdict(drop="stale")),
    ],
)
def test_a_held_reminder_is_dropped_when_it_would_come_too_late(starts_at: datetime, expected: Verdict) -> None:
    assert verdict(Kind.REMINDER, now=NIGHT, hours=SEMARANG, starts_at=starts_at) == expected


def test_a_reminder_in_open_hours_needs_half_an_hour() -> None:
    assert verdict(Kind.REMINDER, now=NOON, hours=SEMARANG, starts_at=NOON + USEFUL) == SEND
    late = verdict(Kind.REMINDER, now=NOON, hours=SEMARANG, starts_at=NOON + timedelta(minutes=29))
    assert late == Verdict(drop="stale")


def test_a_change_breaks_quiet_hours_only_in_the_last_day() -> None:
    assert verdict(Kind.CHANGE, now=NIGHT, hours=SEMARANG, starts_at=NIGHT + LAST_DAY) == HELD
    soon = NIGHT + LAST_DAY - timedelta(minutes=1)
    assert verdict(Kind.CHANGE, now=NIGHT, hours=SEMARANG, starts_at=soon) == SEND
    assert verdict(Kind.CHANGE, now=NIGHT, hours=SEMARANG, starts_at=soon, stopped=True) == SEND


def test_an_offer_is_not_sent_at_night_nor_after_the_start() -> None:
    assert verdict(Kind.OFFER, now=NIGHT, hours=SEMARANG, starts_at=utc(24, 2)) == Verdict(
        hold_until=next_opening(SEMARANG, NIGHT)
    )
    assert verdict(Kind.OFFER, now=NOON, hours=SEMARANG, starts_at=NOON) == Verdict(drop="stale")
    assert verdict(Kind.OFFER, now=NOON, hours=SEMARANG, starts_at=NOON + timedelta(minutes=1)) == SEND


def test_only_an_announcement_can_be_urgent() -> None:
    assert verdict(Kind.ANNOUNCEMENT, now=NIGHT, hours=SEMARANG, urgent=True) == SEND
    for kind in (Kind.LESSON, Kind.SURVEY, Kind.REMINDER):
        assert verdict(kind, now=NIGHT, hours=SEMARANG, urgent=True) == HELD
    dropped = verdict(Kind.ANNOUNCEMENT, now=NIGHT, hours=SEMARANG, urgent=True, stopped=True)
    assert dropped == Verdict(drop="stopped"), "urgent is no way round /berhenti"


@given(
    st.sampled_from(list(Kind)), moments, open_hours(), st.none() | moments, st.booleans(), st.booleans(), st.booleans()
)
def test_what_is_held_is_sent_when_it_is_asked_again(
    kind: Kind,
    now: datetime,
    hours: OpenHours,
    starts_at: datetime | None,
    consented: bool,
    stopped: bool,
    urgent: bool,
) -> None:
    def asked(moment: datetime) -> Verdict:
        return verdict(
            kind, now=moment, hours=hours, starts_at=starts_at, consented=consented, stopped=stopped, urgent=urgent
        )

    said = asked(now)
    assert not (said.hold_until and said.drop)
    if said.hold_until:
        assert said.hold_until > now
        assert is_open(hours, said.hold_until)
        assert asked(said.hold_until) == SEND
