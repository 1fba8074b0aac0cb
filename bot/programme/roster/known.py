"""Finds people whom a trainer may mean by a name: people of the same sites, by likeness of the name or by the last
digits of the number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rapidfuzz import fuzz
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.people.people import Person
from bot.words.typed_text import cleaned

ALIKE: Final = 80
"""From this likeness on (of 100) two names may be of the same person."""
DIGITS: Final = 3
"""How many last digits of a number are enough to look for it."""


@dataclass(frozen=True)
class Known:
    """Somebody the bot knows, with what tells them apart; the name is for `Who(person_id)`."""

    person_id: int
    sector: str | None
    digits: str | None
    """The last three digits of the number, if they gave one."""
    registered_at: datetime | None
    has_account: bool


def alike(
    db: Session,
    sites: Iterable[str],
    text: str,
    *,
    limit: int,
    without: Sequence[int] = (),
    accountless: bool = False,
) -> list[Known]:
    """Returns people of these sites whose name is like the text, or begins like it, or whose number ends in it: the
    most alike first. `accountless`: only people without a phone of their own here."""
    query = select(Person).where(
        Person.site_id.in_(sorted(sites)), Person.anonymised_at.is_(None), Person.registered_at.is_not(None)
    )
    if accountless:
        query = query.where(Person.account_id.is_(None))
    digits = re.sub(r"\D", "", text)
    wanted = folded(text)
    found: list[tuple[float, int, Person]] = []
    for person in db.scalars(query):
        if person.id in without:
            continue
        likeness = 0.0
        if len(digits) >= DIGITS and person.phone and person.phone.endswith(digits.lstrip("0") or digits):
            likeness = 100.0
        elif wanted:
            likeness = likeness_of(wanted, folded(person.name))
        if likeness >= ALIKE:
            found.append((likeness, person.id, person))
    found.sort(key=lambda one: (-one[0], one[1]))
    return [known_of(person) for _, _, person in found[:limit]]


def known_of(person: Person) -> Known:
    digits = person.phone[-3:] if person.phone else None
    return Known(person.id, person.sector, digits, person.registered_at, person.account_id is not None)


def folded(name: str) -> str:
    """Returns a name as names are compared: small letters, without signs."""
    return " ".join(re.findall(r"[^\W\d_]+", cleaned(name).casefold()))


def likeness_of(wanted: str, name: str, *, shortest: int = 3) -> float:
    """Returns how alike two folded names are, 0 to 100. One word that both have is enough, and so is the beginning of a
    word of `name`, if `wanted` has `shortest` letters or more."""
    if not wanted or not name:
        return 0.0
    words = name.split()
    if len(wanted) >= shortest and any(" ".join(words[at:]).startswith(wanted) for at in range(len(words))):
        return 99.0 if wanted != name else 100.0
    return max(fuzz.ratio(wanted, name), fuzz.token_set_ratio(wanted, name) - 1)


def people_called(db: Session, site_id: str, names: Iterable[str]) -> dict[str, list[Person]]:
    """Returns everybody at the site who has one of these names, by the folded name, who came first first."""
    wanted = {folded(name) for name in names}
    query = select(Person).where(Person.site_id == site_id, Person.anonymised_at.is_(None)).order_by(Person.id)
    found: dict[str, list[Person]] = {}
    for person in db.scalars(query):
        if (name := folded(person.name)) in wanted:
            found.setdefault(name, []).append(person)
    return found
