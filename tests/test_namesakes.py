"""Who is called alike is told apart wherever a name is picked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from bot.people.namesakes import called
from bot.people.people import Person
from bot.words.message import At, Value, Who, Words
from tests.chat import MONDAY

ZONE = "Asia/Makassar"


@dataclass
class People:
    """Makes people with numbers of their own."""

    ids = count(1)

    def one(
        self,
        name: str = "Siti",
        salutation: str = "ibu",
        *,
        sector: str | None = None,
        phone: str | None = None,
        registered: datetime | None = MONDAY,
    ) -> Person:
        person = Person(name=name, sector=sector, phone=phone, registered_at=registered)
        person.form_of_address = salutation
        person.id = next(self.ids)
        return person


def said(*people: Person) -> list[Value]:
    names = called(people, ZONE)
    return [names[one.id] for one in people]


def test_who_is_called_alike_is_told_apart_by_trade_digits_or_registration() -> None:
    people = People()
    crafts, dated = people.one(sector="kriya"), people.one(sector="kuliner", registered=MONDAY + timedelta(days=1))
    reached, alone = people.one(sector="kuliner", phone="+6281234567890"), people.one("Anton", "bapak")
    assert said(crafts, dated, reached, alone) == [
        Words("people.apart.trade", {"who": Who(crafts.id), "trade": Words("people.sector.kriya")}),
        Words("people.apart.since", {"who": Who(dated.id), "since": At(MONDAY + timedelta(days=1), ZONE)}),
        Words("people.apart.digits", {"who": Who(reached.id), "digits": "890"}),
        Who(alone.id),
    ]


def test_with_nothing_to_tell_them_apart_their_own_numbers_do() -> None:
    people = People()
    first, second = people.one(registered=None), people.one("siti", registered=None)
    assert said(second, first) == [
        Words("people.apart.number", {"who": Who(second.id), "n": second.id}),
        Words("people.apart.number", {"who": Who(first.id), "n": first.id}),
    ]


def test_pak_and_bu_of_the_same_name_differ_already() -> None:
    people = People()
    assert [type(one) for one in said(people.one(), people.one(salutation="bapak"))] == [Who, Who]


signs = st.tuples(
    st.sampled_from(["Siti", "siti", "Ana"]),
    st.sampled_from(["ibu", "nama"]),
    st.sampled_from([None, "kriya", "kuliner"]),
    st.sampled_from([None, "+6281234567890", "+6281234567891"]),
    st.sampled_from([None, MONDAY, MONDAY + timedelta(seconds=5), MONDAY + timedelta(minutes=1)]),
)


@given(st.lists(signs, max_size=12))
def test_no_two_look_the_same(given_signs: list[tuple[str, str, str | None, str | None, datetime | None]]) -> None:
    people = People()
    everybody = [
        people.one(name, salutation, sector=sector, phone=phone, registered=registered)
        for name, salutation, sector, phone, registered in given_signs
    ]
    names = called(everybody, ZONE)
    shown = []
    for one in everybody:
        value = names[one.id]
        sign = (value.key, *(str(v) for k, v in value.values.items() if k != "who")) if isinstance(value, Words) else ()
        shown.append((one.name.casefold(), one.form_of_address, sign))
    assert len(set(shown)) == len(shown)
