"""Tells people apart in a list who are called alike: three times "Bu Siti" become "Bu Siti · Kerajinan",
"Bu Siti · …678" and "Bu Siti · Sen 23 Nov, 09.00", or "Bu Siti · no. 812", if nothing else differs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from bot.people.people import Person
from bot.words.message import At, Value, Who, Words

DIGITS: Final = 3
"""How many of the last digits of a number are shown: enough to recognise somebody, too few to call."""


def called(people: Iterable[Person], zone: str) -> dict[int, Value]:
    """Returns what to call each of these people in one list, by the person's number.

    Usually that is `Who`. If another one in the list is called the same, something is added that tells the person from
    all of them: the trade, the last digits of the number, when they registered (in `zone`), or else the person's own
    number, which is the same on every screen and counts up with registration. As with `Who`, names are looked up only
    when the message is sent.
    """
    alike: dict[tuple[str, str], list[Person]] = defaultdict(list)
    for one in people:
        alike[one.form_of_address, one.name.casefold()].append(one)
    named: dict[int, Value] = {}
    for group in alike.values():
        for one in group:
            named[one.id] = Who(one.id) if len(group) == 1 else _with_sign(one, group, zone)
    return named


def called_at_site(db: Session, person: Person, zone: str) -> Value:
    """Returns what to call one person where no list is in sight: told apart from everybody else of their site."""
    alike = select(Person).where(
        Person.site_id == person.site_id,
        Person.anonymised_at.is_(None),
        or_(Person.name == person.name, func.lower(Person.name) == (person.name or "").lower()),
    )
    if not person.name:
        return Who(person.id)
    mine = (person.form_of_address, person.name.casefold())
    others = (one for one in db.scalars(alike).unique() if one.id != person.id and one.name)
    group = [person, *(one for one in others if (one.form_of_address, one.name.casefold()) == mine)]
    return Who(person.id) if len(group) == 1 else _with_sign(person, group, zone)


def twins(db: Session, people: Collection[Person]) -> frozenset[int]:
    """Returns who of these people has a namesake at their site with the same trade, the same last digits and the same
    minute of registration, so that only their own numbers tell them apart."""
    names = {(one.name or "").lower() for one in people} - {""}
    if not names:
        return frozenset()
    query = select(Person).where(
        Person.site_id.in_({one.site_id for one in people}),
        Person.anonymised_at.is_(None),
        or_(Person.name.in_({one.name for one in people}), func.lower(Person.name).in_(names)),
    )
    seen: dict[tuple[object, ...], set[int]] = defaultdict(set)
    for one in (*db.scalars(query).unique(), *people):
        seen[_signs(one)].add(one.id)
    return frozenset(one.id for one in people if len(seen[_signs(one)]) > 1)


def _signs(one: Person) -> tuple[object, ...]:
    digits = one.phone[-DIGITS:] if one.phone else None
    called = (one.site_id, one.form_of_address, (one.name or "").casefold())
    return (*called, one.sector, digits, one.account_id is None, _minute(one))


def _with_sign(one: Person, group: Sequence[Person], zone: str) -> Words:
    who: dict[str, Value] = {"who": Who(one.id)}
    if one.sector and _tells(one, group, lambda person: person.sector):
        return Words("people.apart.trade", who | {"trade": Words("people.sector." + one.sector)})
    if one.phone and _tells(one, group, lambda person: person.phone and person.phone[-DIGITS:]):
        return Words("people.apart.digits", who | {"digits": one.phone[-DIGITS:]})
    registered = one.registered_at
    if registered is not None and _tells(one, group, lambda person: _minute(person)):
        return Words("people.apart.since", who | {"since": At(registered, zone)})
    return Words("people.apart.number", who | {"n": one.id})


def _minute(person: Person) -> datetime | None:
    """Returns the moment of registration, as exactly as it is shown."""
    return None if person.registered_at is None else person.registered_at.replace(second=0, microsecond=0)


def _tells(one: Person, group: Sequence[Person], sign: Callable[[Person], object]) -> bool:
    """Returns whether nobody else of the group has the same sign."""
    return Counter(sign(person) for person in group)[sign(one)] == 1
