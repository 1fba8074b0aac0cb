"""Answers for everybody under many hands, in both databases: each change is done once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import func, select

from bot.database import Database
from bot.people.people import Account
from bot.programme import faq, mentoring
from bot.programme.faq import Faq, HeldQuestion, State
from bot.programme.mentoring import Given, Ticket
from tests.chat import MONDAY, add_registered, content
from tests.databases import quick_database

HANDS = 6


def at_once(database: Database, does: Callable[[int], bool]) -> int:
    """Has all hands do it at the same moment. Returns how many did."""
    start = Barrier(HANDS)

    def hand(number: int) -> bool:
        start.wait()
        return does(number)

    with ThreadPoolExecutor(HANDS) as pool:
        return sum(pool.map(hand, range(HANDS)))


def test_of_many_who_approve_or_send_back_one_does(database_url: str) -> None:
    database = quick_database(database_url)
    with database.transaction() as db:
        for number in range(HANDS):
            db.add(Account(telegram_id=50_000 + number, language="id", created_at=MONDAY, seen_at=MONDAY,
                           last_message_id=0, draft={}))  # fmt: skip
        one = faq.published_by_programme(db, "Di mana?", "Di sini.", MONDAY, site_id="labuan-bajo")
        one.state = State.WAITING
        db.flush()
        number, seen = one.id, faq.writing.version(one)
        accounts = list(db.scalars(select(Account.id).where(Account.telegram_id >= 50_000)).unique())

    def decides(hand: int) -> bool:
        with database.transaction() as db:
            found, account = db.get_one(Faq, number), db.get_one(Account, accounts[hand])
            if hand % 3 == 2:
                return faq.writing.send_back(db, found, seen, MONDAY)
            return faq.writing.approve(db, found, seen, MONDAY, by=account)

    assert at_once(database, decides) == 1
    with database.transaction() as db:
        found = db.get_one(Faq, number)
        assert found.state in (State.PUBLISHED, State.DRAFT)
        assert (found.approved_by is not None) == (found.state == State.PUBLISHED)


def test_a_question_that_waits_goes_out_once_however_many_send_it(database_url: str) -> None:
    database = quick_database(database_url)
    with database.transaction() as db:
        faq.published_by_programme(db, "Bagaimana memotret keripik?", "Di jendela.", MONDAY)
        person = add_registered(db, 90_000, "Siti", MONDAY)
        given = Given("text", "cara memotret keripik", telegram_message_id=7)
        assert faq.hold(db, person, given, MONDAY, content=content(), origin=None) is not None
        person_id = person.id

    def sends(_hand: int) -> bool:
        with database.transaction() as db:
            waits = db.get(HeldQuestion, person_id)
            return waits is not None and faq.send(db, waits, MONDAY, content=content()) is not None

    assert at_once(database, sends) == 1
    with database.transaction() as db:
        assert db.scalar(select(func.count()).select_from(Ticket)) == 1
        assert mentoring.messages(db, db.scalars(select(Ticket)).one())[0].text == "cara memotret keripik"


def test_one_question_becomes_one_answer_however_many_begin_it(database_url: str) -> None:
    database = quick_database(database_url)
    with database.transaction() as db:
        person = add_registered(db, 90_000, "Siti", MONDAY)
        mentor = Account(
            telegram_id=50_000, language="id", created_at=MONDAY, seen_at=MONDAY, last_message_id=0, draft={}
        )
        db.add(mentor)
        db.flush()
        opened = mentoring.ask(db, person, Given("text", "?"), MONDAY, content=content())
        assert isinstance(opened, mentoring.Opened)
        mentoring.take(db, opened.ticket.id, mentor, MONDAY, content=content())
        mentoring.reply(db, opened.ticket, Given("text", "!"), MONDAY, by=mentor, admin=False, content=content())
        ticket_id, account_id = opened.ticket.id, mentor.id

    def begins(_hand: int) -> bool:
        with database.transaction() as db:
            ticket, account = db.get_one(Ticket, ticket_id), db.get_one(Account, account_id)
            return isinstance(faq.writing.begin(db, ticket, MONDAY, by=account), Faq)

    assert at_once(database, begins) == HANDS
    with database.transaction() as db:
        assert db.scalar(select(func.count()).select_from(Faq)) == 1
