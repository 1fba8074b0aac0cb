"""What a list of names says of itself before the consent: who was read with which number, and what is in doubt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.people.people import Person
from bot.programme import registration, roster
from bot.programme.roster import Written
from bot.programme.sessions import ClassSession
from bot.turns.turn import Turn
from bot.words.message import Called, Lines, Words
from handlers.roster.parts import apart_each

LIKE_KNOWN: Final = 10
"""How many lines are said about names that the site already has."""


def listed(at: int, one: Written) -> Words:
    """Returns a line of a list before the consent, with the digits as they were read, to be compared with the paper."""
    phone = Words("roster.walk_in.phone", {"phone": registration.as_dialled(one.phone)}) if one.phone else None
    return Words("roster.walk_in.one", {"n": at, "called": Called(one.salutation, one.name), "phone": phone})


def doubts_about(turn: Turn, session: ClassSession | None, people: Sequence[Written]) -> list[Words]:
    """Returns which lines of a list could not be read, and which names the site already has, with line and person."""
    unread = turn.draft["unread"]
    doubts = [Words("roster.walk_in.unread", {"line": line, "text": said}) for line, said in unread]
    secret = turn.draft.get("secret", ())
    doubts += [Words("roster.walk_in.secret_line", {"line": line}) for line in secret]
    if secret:
        doubts.append(Words("roster.walk_in.secret_kept_out"))
    numbered = [(at, one, Called(one.salutation, one.name)) for at, one in enumerate(people, 1)]
    doubts += [
        Words("roster.walk_in.odd_number", {"n": at, "called": called, "digits": one.odd_phone})
        for at, one, called in numbered
        if one.odd_phone
    ]
    if any(one.odd_phone for one in people):
        doubts.append(Words("roster.walk_in.number_again"))
    alike = known_of(turn, session, people)
    named = apart_each(turn, [roster.known_of(who) for _, _, who in alike[:LIKE_KNOWN]])
    doubts += [
        Words("roster.walk_in.like_known", {"n": at, "called": called, "known": apart})
        for (at, called, _), apart in zip(alike, named, strict=False)
    ]
    if len(alike) > LIKE_KNOWN:
        doubts.append(Words("roster.walk_in.more_known", {"n": len(alike) - LIKE_KNOWN}))
    if alike:
        doubts.append(Words("roster.walk_in.tap_same"))
    return [*doubts, Words("roster.walk_in.write_again")] if unread else doubts


def known_of(turn: Turn, session: ClassSession | None, people: Sequence[Written]) -> list[tuple[int, Called, Person]]:
    """Returns the lines of a list, from 1, whose name somebody at the site has already: as the line calls
    them, with each person who may be meant."""
    if session is None:
        return []
    by_name = roster.people_called(turn.db, session.site_id, [one.name for one in people])
    return [
        (at, Called(one.salutation, one.name), who)
        for at, one in enumerate(people, 1)
        for who in by_name.get(roster.folded(one.name), ())
    ]


def doubts_about_number(turn: Turn) -> Lines:
    """Returns that the number written for one person cannot be one; the name is kept."""
    odd = turn.draft.get("odd_phone")
    return Lines((Words("roster.walk_in.odd_number_of_one", {"digits": odd}),) if odd else ())
