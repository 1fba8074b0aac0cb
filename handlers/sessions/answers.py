"""The answers to the questions, tapped or written."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot.actions.sessions import PickClassSite, PickLength, PickMoment, PickSize, PickTrainer
from bot.class_import.cells import (
    CAPACITY,
    LATITUDES,
    LONGITUDES,
    MINUTES,
    TITLE_LENGTH,
    TRAINER_LENGTH,
    VENUE_LENGTH,
    read_contact,
    read_seats,
    read_words,
)
from bot.people import rights
from bot.programme import sessions
from bot.turns.turn import Turn
from bot.words.message import At, Button, Words
from bot.words.spoken_time import Spoken, Unread, Why, read_length, read_time, says_next_week
from bot.words.typed_text import cleaned
from bot.words.unread_time import words_of
from handlers.sessions.draft import (
    CONTACT,
    LENGTH,
    PIN,
    SAID_DAY,
    SAID_LENGTH,
    SAID_PART,
    SEATS,
    SITE,
    TITLE,
    TRAINER,
    VENUE,
    WHEN,
    class_changed,
    must_still_lead,
    own_sites,
    zone_of_draft,
)
from handlers.sessions.questions import WALL, ask, go_on, same_day_again

FARTHEST: Final = timedelta(days=730)


def site_picked(turn: Turn, action: PickClassSite) -> None:
    turn.must_lead(action.site)
    if turn.content.site(action.site):
        _answered(turn, SITE, action.site)
    else:
        ask(turn, SITE)


def site_written(turn: Turn) -> None:
    turn.must_be_staff()
    mine = {site.id for site in own_sites(turn)}
    found = [site for site in turn.content.search_sites(turn.text) if site.id in mine]
    if found:
        _answered(turn, SITE, found[0].id)
    else:
        ask(turn, SITE, "sessions.ask.site_again")


def title_written(turn: Turn) -> None:
    must_still_lead(turn)
    try:
        title = read_words(turn.text, TITLE_LENGTH)
    except ValueError:
        return ask(turn, TITLE, "sessions.ask.title_again")
    _answered(turn, TITLE, title)


def moment_picked(turn: Turn, action: PickMoment) -> None:
    must_still_lead(turn)
    try:
        # a button carries the wall time of the site
        wall = datetime.strptime(action.wall, WALL).replace(tzinfo=ZoneInfo(zone_of_draft(turn)))
    except ValueError:
        return ask(turn, WHEN)
    if wall <= turn.now:
        _forget_time(turn)
        return ask(turn, WHEN, "sessions.ask.when_past")
    _at(turn, Spoken(wall))


def moment_written(turn: Turn) -> None:
    must_still_lead(turn)
    session = class_changed(turn)
    zone = zone_of_draft(turn)
    if session is not None and says_next_week(turn.text):
        return _at(turn, Spoken(same_day_again(turn, session)))
    usual = session.starts_at.astimezone(ZoneInfo(zone)).time() if session is not None else None
    day, part = turn.draft.get(SAID_DAY), turn.draft.get(SAID_PART)
    found = read_time(
        turn.text, now=turn.now, zone=zone, usual=usual, day=date.fromisoformat(day) if day else None, part=part
    )
    if isinstance(found, Unread):
        return _unread(turn, found)
    if found.midnight:
        _forget_time(turn)
        moment = At(found.moment, zone)
        keep = [[Button("sessions.button.when", PickMoment(f"{found.moment:{WALL}}"), {"starts": moment})]]
        return ask(turn, WHEN, "sessions.ask.midnight", {"when": moment}, instead=keep)
    _at(turn, found)


def _unread(turn: Turn, unread: Unread) -> None:
    """Says why. Of a day without its hour the hour is asked for, and the day is kept."""
    why = words_of(unread, zone_of_draft(turn))
    if unread.why is not Why.HOUR:
        return ask(turn, WHEN, "sessions.ask.when_why", {"why": why})
    _forget_time(turn)
    turn.keep(**{SAID_PART: unread.part} | ({SAID_DAY: unread.day.isoformat()} if unread.day else {}))
    ask(turn, WHEN, "sessions.ask.hour", {"why": why})


def _forget_time(turn: Turn) -> None:
    for name in (SAID_DAY, SAID_PART):
        turn.take_back(name)


def _at(turn: Turn, said: Spoken) -> None:
    _forget_time(turn)
    moment, when = said.moment, At(said.moment, zone_of_draft(turn))
    if moment <= turn.now:
        return ask(turn, WHEN, "sessions.ask.when_passed", {"when": when})
    if moment - turn.now > FARTHEST:
        return ask(turn, WHEN, "sessions.ask.when_far", {"when": when})
    if said.minutes is not None:
        if not MINUTES[0] <= said.minutes <= MINUTES[1]:
            return ask(turn, WHEN, "sessions.ask.when_why", {"why": Words("spoken.end")})
        turn.keep(**{LENGTH: said.minutes, SAID_LENGTH: True})
    elif SAID_LENGTH in turn.draft:  # of another answer than this
        turn.take_back(LENGTH)
        turn.take_back(SAID_LENGTH)
    _answered(turn, WHEN, moment.astimezone(UTC).isoformat())


def length_picked(turn: Turn, action: PickLength) -> None:
    must_still_lead(turn)
    minutes = action.minutes
    if MINUTES[0] <= minutes <= MINUTES[1]:
        _answered(turn, LENGTH, minutes)
    else:
        ask(turn, LENGTH)


def length_written(turn: Turn) -> None:
    """Takes minutes; "2 jam" is read, too."""
    must_still_lead(turn)
    minutes = read_length(turn.text, bare=1) or 0
    if not MINUTES[0] <= minutes <= MINUTES[1]:
        return ask(turn, LENGTH, "sessions.ask.length_again")
    _answered(turn, LENGTH, minutes)


def seats_picked(turn: Turn, action: PickSize) -> None:
    must_still_lead(turn)
    seats = action.seats
    if CAPACITY[0] <= seats <= CAPACITY[1]:
        _answered(turn, SEATS, seats)
    else:
        ask(turn, SEATS)


def seats_written(turn: Turn) -> None:
    must_still_lead(turn)
    try:
        seats = read_seats(cleaned(turn.text))
    except ValueError:
        return ask(turn, SEATS, "sessions.ask.seats_again")
    _answered(turn, SEATS, seats)


def venue_written(turn: Turn) -> None:
    must_still_lead(turn)
    try:
        venue = read_words(turn.text, VENUE_LENGTH)
    except ValueError:
        return ask(turn, VENUE, "sessions.ask.venue_again")
    _answered(turn, VENUE, venue)


def same_venue_taken(turn: Turn) -> None:
    """Takes the place of the site's last class, with its pin."""
    must_still_lead(turn)
    last = sessions.last_venue(turn.db, turn.draft["site"])
    if last is None:
        return ask(turn, VENUE)
    turn.keep(pin=[last.latitude, last.longitude] if last.latitude is not None else None)
    _answered(turn, VENUE, last.venue)


def pin_sent(turn: Turn) -> None:
    must_still_lead(turn)
    message = turn.update.message
    place = message.location if message is not None else None
    if place is None or not (
        LATITUDES[0] <= place.latitude <= LATITUDES[1] and LONGITUDES[0] <= place.longitude <= LONGITUDES[1]
    ):
        return ask(turn, PIN, "sessions.ask.pin_again")
    _answered(turn, PIN, [place.latitude, place.longitude])


def pin_left_out(turn: Turn) -> None:
    must_still_lead(turn)
    _answered(turn, PIN, None)


def pin_written(turn: Turn) -> None:
    must_still_lead(turn)
    ask(turn, PIN, "sessions.ask.pin_again")


def trainer_picked(turn: Turn, action: PickTrainer) -> None:
    """Names a trainer of the site, or nobody. Somebody who is no trainer of it any more cannot be picked."""
    must_still_lead(turn)
    if not action.account:
        return _answered(turn, TRAINER, None)
    theirs = [one for one in rights.trainers_of(turn.db, turn.draft["site"]) if one.id == action.account]
    if not theirs or not theirs[0].staff_name:
        turn.toast("sessions.toast.changed", alert=True)
        return ask(turn, TRAINER)
    _answered(turn, TRAINER, theirs[0].staff_name)


def trainer_written(turn: Turn) -> None:
    must_still_lead(turn)
    try:
        name = read_words(turn.text, TRAINER_LENGTH)
    except ValueError:
        return ask(turn, TRAINER, "sessions.ask.trainer_again")
    _answered(turn, TRAINER, name)


def contact_written(turn: Turn) -> None:
    must_still_lead(turn)
    try:
        contact = read_contact(turn.text)
    except ValueError:
        return ask(turn, CONTACT, "sessions.ask.contact_again")
    _answered(turn, CONTACT, contact)


def contact_left_out(turn: Turn) -> None:
    must_still_lead(turn)
    _answered(turn, CONTACT, None)


def _answered(turn: Turn, question: str, answer: Any) -> None:
    turn.keep(**{question: answer})
    go_on(turn)
