"""A class of 60 at a site of 500 people: each screen of a trainer asks the database as often as for a class of six at a
site of ten. How long it takes, `python -m tests.bench classroom` measures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
from sqlalchemy import event, select

from bot.people.people import Person, Salutation
from bot.programme.enrolment import Enrolment, EnrolmentStatus
from bot.programme.sessions import ClassSession
from tests.chat import Chat, Phone, local, staffed

pytestmark = pytest.mark.both_databases

SMALL: Final = (6, 10)
LARGE: Final = (60, 500)
"""People in the class, and at the site."""
PAGED: Final = 3
"""So many statements more a first page may take that has a second one."""
MOST: Final = 28
"""So many statements a screen takes, with storing the tap and its answer and sending it."""
SCREENS: Final = (
    "attendance:classes",
    "attendance:class:{class}",
    "attendance:names:{class}",
    "attendance:finish:{class}",
    "attendance:doors:{class}",
    "attendance:claims:{class}",
    "attendance:others:{class}:present",
    "attendance:all_but:{class}",
    "sessions:show:{class}",
    "roster:classes",
    "roster:list:{class}",
    "call_list:see:{class}",
    "call_list:pick",
    "paper:class:{class}",
)
TYPED: Final = (
    ("attendance:names:{class}", "peserta 3"),
    ("attendance:names:{class}", "99"),
    ("roster:list:{class}", "3"),
    ("roster:list:{class}", "peserta"),
    ("call_list:see:{class}", "2"),
    ("roster:walk_in:{class}", "Peserta 3"),
    ("roster:walk_in:{class}", "Ana\nBudi 0812345\nPeserta 4"),
)
"""Below which screen what is typed."""


def grown(chat: Chat, session: int, in_class: int, at_site: int) -> None:
    """So many people without a phone are at the site, and so many of them in the class."""
    with chat.database.transaction() as db:
        here = list(db.scalars(select(Person).where(Person.account_id.is_(None)).order_by(Person.id)))
        more = [
            Person(
                account_id=None,
                name=f"Peserta {number}",
                form_of_address=Salutation.IBU,
                site_id="labuan-bajo",
                registered_at=chat.now,
            )
            for number in range(len(here), at_site)
        ]
        db.add_all(more)
        db.flush()
        seated = set(db.scalars(select(Enrolment.person_id)))
        facts = {"status": EnrolmentStatus.SEATED, "created_at": chat.now, "changed_at": chat.now}
        coming = [one.id for one in [*here, *more][:in_class] if one.id not in seated]
        db.add_all([Enrolment(session_id=session, person_id=one, **facts) for one in coming])
        one = db.get_one(ClassSession, session)
        one.capacity, one.seats_taken = in_class + 5, in_class


@contextmanager
def statements(chat: Chat) -> Iterator[list[str]]:
    found: list[str] = []

    def executed(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        found.append(statement)

    event.listen(chat.database.engine, "before_cursor_execute", executed)
    try:
        yield found
    finally:
        event.remove(chat.database.engine, "before_cursor_execute", executed)


def asked(chat: Chat, maria: Phone, session: int) -> dict[str, int]:
    """How many statements each screen and each typed text takes, with all that is said and stored for it."""
    counted: dict[str, int] = {}
    for screen in SCREENS:
        with statements(chat) as found:
            maria.sends_tap(screen.replace("{class}", str(session)))
        counted[screen] = len(found)
        maria.types("/batal")
    for screen, text in TYPED:
        maria.sends_tap(screen.replace("{class}", str(session)))
        with statements(chat) as found:
            maria.types(text)
        counted[f"{screen} {text}"] = len(found)
        maria.types("/batal")
    return counted


def least(chat: Chat, maria: Phone, session: int) -> dict[str, int]:
    """The smaller count of two visits: on a busy machine the sender settles in more steps, which no screen asks for."""
    first, second = asked(chat, maria, session), asked(chat, maria, session)
    return {screen: min(number, second[screen]) for screen, number in first.items()}


def test_a_large_class_asks_no_oftener_than_a_small_one(chat: Chat) -> None:
    maria = staffed(chat)
    session = chat.add_class(starts=local(23, 9, 30), capacity=5)
    grown(chat, session, *SMALL)
    asked(chat, maria, session)  # what is read once and kept
    small = least(chat, maria, session)
    grown(chat, session, *LARGE)
    large = least(chat, maria, session)
    more = {screen: (small[screen], number) for screen, number in large.items() if number > small[screen] + PAGED}
    assert not more
    assert max(large.values()) <= MOST, large
