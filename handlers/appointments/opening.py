"""A mentor offers times: when, how long each, how the two meet. Four taps, or a few words and three."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from bot.actions.appointments import (
    CloseOpened,
    ConsiderMoving,
    Kind,
    OpenTimes,
    PickStretch,
    PickTimeLength,
    PickTimesSite,
    SaveTimes,
    Schedule,
    SeeDesk,
    SeeFree,
    StopOpening,
)
from bot.catalogue.content import Site
from bot.programme import appointments, mentoring, privacy
from bot.turns.turn import NotAllowedError, Turn
from bot.words.message import At, Button, Value, Words
from bot.words.spoken_time import Unread, Why, read_stretch
from bot.words.unread_time import words_of
from handlers.appointments import parts

OPENING: Final = "appointments"
SITE, WHEN, LENGTH, WAY, OFFICE = "site", "when", "length", "way", "office"
SAID_DAY, SAID_PART = "said_day", "said_part"
SITES: Final = 8
SUGGESTED: Final = 4
KINDS: Final = (Kind.CHAT, Kind.CALL, Kind.VISIT, Kind.OFFICE)


def begun(turn: Turn, action: OpenTimes) -> None:
    turn.must_mentor()
    site = None
    if action.ticket and (ticket := mentoring.get(turn.db, action.ticket)) is not None:
        site = ticket.site_id
    if action.appointment and (one := appointments.get(turn.db, action.appointment)) is not None:
        site = one.site_id
    if site is not None:
        turn.must_mentor(site)
    mine = _sites(turn)
    if site is None and len(mine) == 1:
        site = mine[0].id
    turn.enter(OPENING, SITE if site is None else WHEN, ticket=action.ticket, appointment=action.appointment)
    if site is not None:
        turn.keep(site=site)
    _ask(turn, SITE if site is None else WHEN)


def _sites(turn: Turn) -> list[Site]:
    return [one for one in turn.content.sites if one.active and one.id in turn.mentor_sites]


def asked_again(turn: Turn) -> None:
    _ask(turn, turn.account.state or WHEN)


def _must_still(turn: Turn) -> str:
    """Returns the site that the times are for. Raises NotAllowedError for who is no mentor there (any more), and ends
    the questions."""
    site = turn.draft.get("site")
    try:
        turn.must_mentor(site)
    except NotAllowedError:
        turn.leave(OPENING)
        raise
    return site or ""


def _ask(turn: Turn, state: str, key: str | None = None, **values: Value) -> None:
    """Puts the question of this state; without its answers so far it begins with the first."""
    needed = {SITE: (), WHEN: ("site",), LENGTH: ("site", "start", "minutes")}.get(state, ("site", "start", "each"))
    if any(turn.draft.get(one) is None for one in needed):
        state = WHEN if turn.draft.get("site") else SITE
        key = None
    about: dict[str, Value] = {**_said(turn), **values}
    turn.say(key or f"appointments.ask.{state}", about, buttons=[*_answers(turn, state), [_stop()]], plain=True)
    turn.ask(OPENING, state)


def _said(turn: Turn) -> dict[str, Value]:
    """Returns the stretch that was said, in full."""
    start = parts.moment_of(turn.draft.get("start") or 0)
    if start is None or not turn.draft.get("start"):
        return {}
    zone = turn.zone(turn.draft.get("site"))
    minutes = turn.draft.get("minutes") or 0
    if not minutes:
        return {"when": Words("appointments.from", {"starts": At(start, zone)})}
    end = At(start + timedelta(minutes=minutes), zone)
    return {"when": Words("appointments.stretch", {"starts": At(start, zone), "ends": end})}


def _answers(turn: Turn, state: str) -> list[list[Button]]:
    match state:
        case "site":
            return parts.pairs(
                [
                    Button("appointments.button.site", PickTimesSite(one.id), {"site": one.name})
                    for one in _sites(turn)[:SITES]
                ]
            )
        case "when":
            site = turn.draft["site"]
            zone = turn.zone(site)
            promised = appointments.promised(turn.db, turn.account, turn.now)
            found = appointments.suggestions(site, turn.now, content=turn.content, promised=promised, most=SUGGESTED)
            return [
                [
                    Button(
                        "appointments.button.part",
                        PickStretch(parts.minutes_of(start), parts.minutes_of(end) - parts.minutes_of(start)),
                        {"starts": At(start, zone), "ends": At(end, zone)},
                    )
                ]
                for start, end in found
            ]
        case "length":
            start = turn.draft["start"]
            return [
                [
                    Button(f"appointments.button.length_{each}", PickTimeLength(start, each))
                    for each in appointments.LENGTHS
                ]
            ]
        case "way":
            start, each = turn.draft["start"], turn.draft["each"]
            return parts.pairs([Button(f"appointments.button.{one}", SaveTimes(start, each, one)) for one in KINDS])
    return []


def _stop() -> Button:
    return Button("appointments.button.stop", StopOpening())


def site_picked(turn: Turn, action: PickTimesSite) -> None:
    turn.must_mentor(action.site)
    turn.keep(site=action.site)
    _ask(turn, WHEN)


def site_typed(turn: Turn) -> None:
    turn.must_mentor()
    mine = {one.id for one in _sites(turn)}
    found = [one for one in turn.content.search_sites(turn.text) if one.id in mine]
    if not found:
        return _ask(turn, SITE, "appointments.ask.site_again")
    turn.keep(site=found[0].id)
    _ask(turn, WHEN)


def part_picked(turn: Turn, action: PickStretch) -> None:
    _must_still(turn)
    start = parts.moment_of(action.start)
    if start is None or not _at(turn, start, action.minutes):
        return
    _ask(turn, LENGTH)


def time_typed(turn: Turn) -> None:
    """Words instead of a button: "sel 9-12". Also at the next questions, as another time."""
    site = _must_still(turn)
    zone = turn.zone(site)
    day, part = turn.draft.get(SAID_DAY), turn.draft.get(SAID_PART)
    said = date.fromisoformat(day) if day else None
    found = read_stretch(turn.text, now=turn.now, zone=zone, day=said, part=part)
    for name in (SAID_DAY, SAID_PART):
        turn.take_back(name)
    if isinstance(found, Unread):
        if found.why is Why.HOUR:  # the hour alone may come next: the day is kept
            turn.keep(**{SAID_PART: found.part} | ({SAID_DAY: found.day.isoformat()} if found.day else {}))
        return _ask(turn, WHEN, "appointments.ask.when_why", why=words_of(found, zone))
    if _at(turn, found.moment, found.minutes or 0):
        _ask(turn, LENGTH)


def _at(turn: Turn, start: datetime, minutes: int) -> bool:
    """Keeps the stretch, from the next quarter of an hour on. Returns False if it cannot be offered; that was said."""
    zone = turn.zone(turn.draft.get("site"))
    first = appointments.on_quarter(start.astimezone(UTC))
    end = start + timedelta(minutes=minutes)
    if first <= turn.now:
        _ask(turn, WHEN, "appointments.ask.when_past", when=At(start, zone))
    elif first > turn.now + appointments.FARTHEST:
        _ask(turn, WHEN, "appointments.ask.when_far", when=At(start, zone), n=appointments.FARTHEST.days)
    elif minutes and not appointments.LENGTHS[0] <= parts.minutes_of(end) - parts.minutes_of(first):
        _ask(turn, WHEN, "appointments.ask.when_short", n=appointments.LENGTHS[0])
    elif minutes and end - first > appointments.LONGEST:
        _ask(turn, WHEN, "appointments.ask.when_long", n=int(appointments.LONGEST.total_seconds()) // 3600)
    else:
        length = parts.minutes_of(end) - parts.minutes_of(first) if minutes else 0
        turn.keep(start=parts.minutes_of(first), minutes=length)
        turn.take_back("each")
        return True
    return False


def length_picked(turn: Turn, action: PickTimeLength) -> None:
    _must_still(turn)
    minutes = turn.draft.get("minutes")
    if action.start != turn.draft.get("start") or action.each not in appointments.LENGTHS:
        return _ask(turn, LENGTH)
    if minutes and action.each > minutes:
        return _ask(turn, LENGTH, "appointments.ask.length_long")
    turn.keep(each=action.each)
    _ask(turn, WAY)


def way_picked(turn: Turn, action: SaveTimes) -> None:
    site = _must_still(turn)
    if (action.start, action.each) != (turn.draft.get("start"), turn.draft.get("each")):
        return _ask(turn, WAY)
    place = None
    if action.kind is Kind.OFFICE:
        place = appointments.office_of(turn.db, turn.account, site)
        if place is None:
            return _ask(turn, OFFICE)
    _save(turn, site, action.kind, place)


def office_typed(turn: Turn) -> None:
    site = _must_still(turn)
    place = " ".join(turn.text.split())
    if not place or len(place) > appointments.PLACE_LETTERS or privacy.holds_secret_code(place):
        return _ask(turn, OFFICE, "appointments.ask.office_again")
    _save(turn, site, Kind.OFFICE, place)


def _save(turn: Turn, site: str, kind: Kind, place: str | None) -> None:
    draft: dict[str, Any] = dict(turn.draft)
    start, each = parts.moment_of(draft["start"]), draft["each"]
    turn.leave(OPENING)
    assert start is not None
    offered = appointments.offer(
        turn.db, turn.account, site, start, draft["minutes"] or each, each, kind, turn.now, place=place
    )
    if offered.n:
        turn.note("times_opened", f"account:{turn.account.id}", site_id=site, n=offered.n)
    if offered.n and draft.get("ticket"):
        return turn.follow(Schedule(draft["ticket"]))
    if offered.n and draft.get("appointment"):
        return turn.follow(ConsiderMoving(draft["appointment"]))
    desk = Button("appointments.button.desk", SeeDesk())
    if not offered.n:
        free = Button("appointments.button.open", OpenTimes(draft.get("ticket", 0), draft.get("appointment", 0)))
        return turn.say("appointments.none_opened", buttons=[[free], [desk]])
    back = Button("appointments.button.unopen", CloseOpened(int(offered.at.timestamp())))
    zone = turn.zone(site)
    end = start + timedelta(minutes=draft["minutes"] or each)
    how = Words(f"appointments.how.{kind}_at", {"place": place}) if place else Words(f"appointments.how.{kind}")
    values: dict[str, Value] = {
        "n": offered.n,
        "when": Words("appointments.stretch", {"starts": At(start, zone), "ends": At(end, zone)}),
        "each": each,
        "how": how,
        "left": Words("appointments.left_out", {"n": offered.overlapping}) if offered.overlapping else None,
    }
    more = Button("appointments.button.open_more", OpenTimes())
    turn.say("appointments.opened", values, buttons=[[back, more], [desk]])


def stopped(turn: Turn) -> None:
    turn.leave(OPENING)
    turn.show("appointments.stopped")


def opened_taken_back(turn: Turn, action: CloseOpened) -> None:
    turn.must_mentor()
    at = parts.second_of(action.at)
    n = appointments.close_opened(turn.db, turn.account, at) if at is not None else 0
    if n:
        turn.note("time_closed", f"account:{turn.account.id}", n=n)
        turn.toast("appointments.toast.unopened", n=n)
    else:
        turn.toast("appointments.toast.not_closed")
    turn.follow(SeeFree())
