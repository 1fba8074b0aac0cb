"""A town of people on one database: what they do, and the auditor who compares it with what came of it."""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select

from bot.catalogue.content import Content, load_content
from bot.clock import keep_offset
from bot.database import Database
from bot.delivery.outbox import OutboxRow, Status
from bot.people.people import DIVIDED, Account, Consent, Person, Purpose, record_consent
from bot.people.quiet_hours import Kind
from bot.programme import enrolment, quizzes, sessions
from bot.programme.enrolment import Enrolment, EnrolmentStatus
from bot.programme.quizzes import Quiz
from bot.programme.sessions import ClassSession, SessionLead
from bot.settings import ROOT
from bot.turns.inbox import InboxRow
from tests.fake_api import StandIn, tap_update, text_update

SEED: Final = int(os.environ.get("SEED", "1"))
SOAK: Final = int(os.environ.get("SOAK", "1"))
"""How many times as long as in CI."""
OPENS: Final = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""The town's present when it begins: a Monday, 10.00 WITA, when anything may be said."""
SITE: Final = "labuan-bajo"
ADMIN: Final = 9001
TALKERS: Final = range(501, 561)
"""They write and tap."""
LISTENERS: Final = range(2001, 2301)
"""They only hear the announcement."""
NEWCOMERS: Final = dict(
    enumerate(("Ayu", "Budi", "Citra", "Dewi", "Eka", "Fitri", "Gita", "Hadi", "Indah", "Joko", "Kartika", "Lina"), 701)
)
"""They register meanwhile, under these names."""
LEARNERS: Final = range(521, 551)
"""They have a question of each of LESSONS before them."""
LESSONS: Final = ("M01L1", "M01L2")
SEATS: Final = 20
"""In the class that all the talkers want."""
REMINDED: Final = range(501, 541)
"""They have a seat in tomorrow's class."""
REMINDERS_AFTER: Final = timedelta(seconds=8)
IN_TIME: Final = 30.0
"""So many seconds after it became due a reminder is said at the latest, if nothing keeps the bot from it: hundreds of
answers and copies of the announcement may be before it."""
ANNOUNCED: Final = "Besok bawa produk"


@dataclass
class Town:
    """`url`: its database. `wanted`: the class with few seats; `tomorrow`: the one people are reminded of; `asked`: who
    has which askings of questions before them."""

    url: str
    wanted: int
    tomorrow: int
    asked: dict[int, int]
    """Asking -> Telegram id."""
    picked: dict[int, int] = field(default_factory=dict)
    """Asking -> what was answered first, by its place as shown."""
    fed: list[int] = field(default_factory=list)
    """The ids of all updates that Telegram had for us."""

    def feeding(
        self, bring: Callable[[Sequence[dict[str, Any]]], list[int]]
    ) -> Callable[[Sequence[dict[str, Any]]], None]:
        """What has updates brought by `bring`, which tells their ids, and remembers them for the auditor."""

        def feed(updates: Sequence[dict[str, Any]]) -> None:
            self.fed += bring(updates)

        return feed


def founded(url: str) -> Town:
    """People, two classes, seats in one of them; the bot's present is moved to OPENS."""
    content = load_content(ROOT / "content")
    database = Database(url)
    try:
        with database.transaction() as db:
            keep_offset(db, OPENS - datetime.now(UTC))
            persons = {telegram_id: _person(db, telegram_id, content) for telegram_id in (*TALKERS, *LISTENERS)}
            classes = [
                sessions.create(
                    db, OPENS, code=f"LB-{number}", site_id=SITE, title=title, starts_at=OPENS + ahead, minutes=90,
                    capacity=capacity, venue="Balai Desa", latitude=None, longitude=None, trainer="Pelatih (contoh)",
                    leads=content.leads(SITE),
                )
                for number, (title, ahead, capacity) in enumerate(
                    (
                        ("Kelas Batu", timedelta(days=5), SEATS),
                        ("Kelas Cahaya", timedelta(days=1) + REMINDERS_AFTER, 50),
                    )
                )
            ]  # fmt: skip
            for telegram_id in REMINDED:
                enrolment.enrol(db, persons[telegram_id], classes[1].id, OPENS)
            return Town(url, classes[0].id, classes[1].id, dict(_asked(db, persons, content)))
    finally:
        database.close()


def _asked(db: Any, persons: dict[int, Person], content: Content) -> Iterator[tuple[int, int]]:
    """The learners are asked, with letters to tap."""
    for telegram_id in LEARNERS:
        for lesson in LESSONS:
            asked = quizzes.ask_of_lesson(db, persons[telegram_id], lesson, OPENS, content=content)
            assert isinstance(asked, quizzes.Asked)
            asked.quiz.native = False
            yield asked.quiz.id, telegram_id


def _person(db: Any, telegram_id: int, content: Content) -> Person:
    account = Account(
        telegram_id=telegram_id, language="id", created_at=OPENS, seen_at=OPENS, last_message_id=10, draft={}
    )
    db.add(account)
    db.flush()
    person = Person(
        account_id=account.id, name="Siti", salutation="ibu", sector="kuliner", site_id=SITE, registered_at=OPENS
    )
    db.add(person)
    db.flush()
    account.person = person
    for purpose in (Purpose.TRAINING, *DIVIDED):
        version = content.consent_version(purpose)
        record_consent(db, person, purpose, given=True, text_version=version, language="id", now=OPENS)
    return person


# --- what people do ---------------------------------------------------------------------------------------------------


def life(town: Town, rng: random.Random, updates: int) -> list[dict[str, Any]]:
    """What people do, in an order of its own for each seed: everybody wants a seat early, and then `updates` come of
    newcomers who register, of learners who answer their questions (some change their mind, which comes too late), and
    of talkers who look, read, learn and ask for help."""
    wants = [tap_update(person, f"enrolment:take:{town.wanted}", f"{person}-take") for person in TALKERS]
    doings: list[Callable[[int, int], dict[str, Any]]] = [
        lambda person, at: tap_update(person, f"enrolment:show:{town.wanted}", f"{person}-{at}"),
        lambda person, at: tap_update(person, f"enrolment:take:{town.wanted}", f"{person}-{at}"),
        lambda person, at: text_update(person, "/jadwal", at),
        lambda person, at: text_update(person, "/belajar", at),
        lambda person, at: text_update(person, "apa kabar", at),
        lambda person, at: text_update(person, "/bantuan", at),
        lambda person, at: tap_update(person, f"reminders:coming:{town.tomorrow}", f"{person}-{at}"),
    ]
    steps = [
        *([*_registers(telegram_id, name)] for telegram_id, name in NEWCOMERS.items()),
        *([*_answers(town, quiz_id, telegram_id, rng)] for quiz_id, telegram_id in town.asked.items()),
    ]
    number = max(0, updates - sum(map(len, steps)))
    steps += [[rng.choice(doings)(rng.choice(TALKERS), 100 + at)] for at in range(number)]
    rng.shuffle(wants)
    return [*wants, *_shuffled(steps, rng)]


def _registers(person: int, name: str) -> Iterator[dict[str, Any]]:
    yield text_update(person, f"/start s_{SITE}", 1)
    for at, data in enumerate(("consent:yes", "salutation:ibu")):
        yield tap_update(person, f"registration:{data}", f"{person}-{at}")
    yield text_update(person, name, 2)
    for at, data in enumerate(("sector:kuliner", "confirm"), 2):
        yield tap_update(person, f"registration:{data}", f"{person}-{at}")


def _answers(town: Town, quiz_id: int, person: int, rng: random.Random) -> Iterator[dict[str, Any]]:
    first, second = rng.sample(range(3), 2)
    town.picked[quiz_id] = first
    yield tap_update(person, f"quizzes:answer:{quiz_id}:{first}", f"{person}-quiz-{quiz_id}")
    if rng.random() < 0.3:
        yield tap_update(person, f"quizzes:answer:{quiz_id}:{second}", f"{person}-quiz-{quiz_id}-again")


def _shuffled(steps: Sequence[list[dict[str, Any]]], rng: random.Random) -> list[dict[str, Any]]:
    """All steps in any order, but those of each list one after the other."""
    order = [at for at, several in enumerate(steps) for _ in several]
    rng.shuffle(order)
    left = [iter(several) for several in steps]
    return [next(left[at]) for at in order]


def announce(stand_in: StandIn, feed: Callable[[Sequence[dict[str, Any]]], None], seconds: float) -> None:
    """The admin sends an announcement to everybody, step by step, as on the phone. Bounded by `seconds`."""
    steps = (
        ([tap_update(ADMIN, "broadcasts:to:everyone", "a-1")], None),
        ([text_update(ADMIN, ANNOUNCED, 20)], "orang"),
        ([tap_update(ADMIN, "broadcasts:send:1", "a-2")], None),
    )
    deadline = time.monotonic() + seconds
    for updates, awaited in steps:
        feed(updates)
        while awaited and not any(awaited in one["text"] for one in stand_in.log()["sent"] if one["chat"] == ADMIN):
            if time.monotonic() > deadline:
                raise TimeoutError("the announcement never came to its preview")
            time.sleep(0.1)


class Feeder(threading.Thread):
    """Lets the town live while others kill: hands out its updates, a few at a time, until `stop()` or the end."""

    def __init__(
        self, updates: Iterable[dict[str, Any]], feed: Callable[[Sequence[dict[str, Any]]], None], rate: float
    ):
        super().__init__(daemon=True)
        self._updates = list(updates)
        self._feed = feed
        self._rate = rate
        self.trouble: BaseException | None = None

    def run(self) -> None:
        try:
            began, at = time.monotonic(), 0
            while at < len(self._updates):
                until = min(len(self._updates), int((time.monotonic() - began) * self._rate) + 1)
                if until > at:
                    self._feed(self._updates[at:until])
                    at = until
                time.sleep(0.02)
        except BaseException as trouble:
            self.trouble = trouble

    def finish(self, seconds: float) -> None:
        self.join(seconds)
        assert not self.is_alive(), "the town still lives"
        if self.trouble is not None:
            raise self.trouble


# --- the auditor ------------------------------------------------------------------------------------------------------


def open_work(url: str) -> dict[str, int]:
    """What is still to be done: nothing, once all is quiet."""
    database = Database(url)
    try:
        with database.transaction() as db:
            undone = db.scalar(select(func.count()).select_from(InboxRow).where(InboxRow.done_at.is_(None)))
            waiting = db.scalar(
                select(func.count())
                .select_from(OutboxRow)
                .where(OutboxRow.status.in_([Status.WAITING, Status.CLAIMED]))
            )
            # what became due while nothing could be written is looked for again at the next regular run
            unposted = db.scalar(
                select(func.count())
                .select_from(SessionLead)
                .where(SessionLead.done_at.is_(None), SessionLead.due_at <= OPENS + REMINDERS_AFTER)
            )
            return {"updates": undone or 0, "messages": waiting or 0, "reminders": unposted or 0}
    finally:
        database.close()


@dataclass(frozen=True)
class Found:
    """What the auditor counted."""

    updates: int
    messages: int
    doubled: int
    admitted: int
    unknown: int
    reminded_after: float
    """Seconds from the moment they were due to the last reminder."""


def audit(town: Town, sent: Sequence[dict[str, Any]], *, away: float, announced: bool = True, beyond: int = 0) -> Found:
    """Compare what people did, what the database says, and what Telegram delivered. Raises AssertionError.

    `away`: for so many seconds in all nothing could be said, or nothing be written.
    `beyond`: so many messages may be doubled without being counted, where answers are lost and the process is killed in
    the hundredth of a second before it wrote that down.
    """
    database = Database(town.url)
    try:
        with database.transaction() as db:
            inbox = dict(db.execute(select(InboxRow.update_id, InboxRow.done_at)).all())
            rows = list(db.scalars(select(OutboxRow).order_by(OutboxRow.id)))
            taken, capacity = db.execute(
                select(ClassSession.seats_taken, ClassSession.capacity).where(ClassSession.id == town.wanted)
            ).one()
            states = Counter(db.scalars(select(Enrolment.status).where(Enrolment.session_id == town.wanted)))
            queue = list(
                db.scalars(
                    select(Enrolment.queue_no).where(
                        Enrolment.session_id == town.wanted, Enrolment.status == EnrolmentStatus.WAITLISTED
                    )
                )
            )
            starts_at = db.execute(select(ClassSession.starts_at).where(ClassSession.id == town.tomorrow)).scalar_one()
            _audit_newcomers(db)
            _audit_answers(db, town)
    finally:
        database.close()

    # 1. updates: each of them handled, once, none invented
    assert sorted(inbox) == sorted(set(town.fed)), "updates were lost or invented"
    assert all(done is not None for done in inbox.values()), "updates were left undone"

    # 2. seats
    assert capacity == SEATS
    assert taken == states[EnrolmentStatus.SEATED] == SEATS, f"{taken} seats taken, {states}"
    assert states.total() == len(TALKERS), "somebody who wanted a seat is not on the list"
    assert len(set(queue)) == len(queue), "two people have the same place in the line"

    # 3. messages: everything said is known, everything known was said
    by_id = {row.telegram_message_id: row for row in rows if row.telegram_message_id is not None}
    arrived: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for entry in sent:
        if entry["method"].startswith("send"):
            arrived[entry["chat"]].append(entry)
    got = {entry["message_id"] for entries in arrived.values() for entry in entries}
    for row in rows:
        assert row.status in (Status.SENT, Status.UNKNOWN, Status.DROPPED), f"{row.kind} {row.status} {row.reason}"
        if row.status == Status.SENT and row.edit_message_id is None and row.edits is None:
            assert row.telegram_message_id in got, f"{row.kind} to {row.chat_id} is called sent and never came"
        if row.status == Status.DROPPED:
            assert row.reason == "superseded", f"a {row.kind} was dropped: {row.reason}"
        if row.status == Status.UNKNOWN:
            assert row.kind == Kind.ANNOUNCEMENT
    unknown = Counter(row.chat_id for row in rows if row.status == Status.UNKNOWN)
    admitted = Counter[int]()
    for row in rows:
        if row.attempts > 1:
            admitted[row.chat_id] += row.attempts - 1
    doubled, uncounted = 0, 0
    for chat, entries in arrived.items():
        extra = sum(entry["message_id"] not in by_id for entry in entries)
        uncounted += max(0, extra - admitted[chat] - unknown[chat])
        doubled += max(0, extra - unknown[chat])
    assert uncounted <= beyond, f"{uncounted} messages were heard that the ledger knows nothing of"

    # 4. order: what somebody was told in answer came in the order it was decided
    replies: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        if row.kind == Kind.REPLY and row.status == Status.SENT and row.telegram_message_id and not row.edit_message_id:
            replies[row.chat_id].append(row.telegram_message_id)
    for chat, numbers in replies.items():
        assert numbers == sorted(numbers), f"{chat} was answered out of order: {_seen_of(chat, rows, arrived[chat])}"
    for person in TALKERS:
        assert replies[person], f"{person} was never answered"

    # 5. reminders: each of those with a seat has the one that became due, once in the ledger, and in time
    reminders = [row for row in rows if row.kind == Kind.REMINDER and row.session_id == town.tomorrow]
    assert sorted(row.chat_id for row in reminders) == list(REMINDED), "reminders were lost or doubled"
    for row in reminders:
        assert row.status == Status.SENT, f"{row.chat_id} was not reminded: {row.status} {row.reason}"
        assert row.sent_at is not None
        assert row.not_after is not None
        assert row.sent_at <= row.not_after < starts_at, f"{row.chat_id} was reminded of what is over: {row.sent_at}"
    last = max(row.sent_at for row in reminders if row.sent_at is not None)
    reminded_after = (last - OPENS - REMINDERS_AFTER).total_seconds()
    assert reminded_after <= IN_TIME + away, f"the last reminder came {reminded_after:.1f} s late, {away:.1f} s away"

    # 6. the announcement: to everybody, to nobody twice unless it is counted unknown; the sum is right
    if announced:
        copies = [row for row in rows if row.kind == Kind.ANNOUNCEMENT and row.broadcast_id is not None]
        assert len(copies) == len({row.chat_id for row in copies}) == len(TALKERS) + len(LISTENERS)
        heard = Counter(
            chat for chat, entries in arrived.items() for entry in entries if entry["text"].endswith(f"\n\n{ANNOUNCED}")
        )
        for row in copies:
            if row.status == Status.SENT:
                assert heard[row.chat_id] == 1, f"{row.chat_id} heard the announcement {heard[row.chat_id]} times"
            else:
                assert heard[row.chat_id] <= 1
    return Found(len(inbox), len(rows), doubled, admitted.total(), unknown.total(), round(reminded_after, 1))


def _audit_newcomers(db: Any) -> None:
    """Who answered every question is registered, once, with their answers; and was told so, once."""
    rows = db.execute(
        select(Account.telegram_id, Person.name, Person.salutation, Person.sector, Person.site_id, Person.registered_at)
        .join(Person, Person.account_id == Account.id)
        .where(Account.telegram_id.in_(NEWCOMERS))
        .order_by(Account.telegram_id)
    ).all()
    given = [(telegram_id, name, "ibu", "kuliner", SITE) for telegram_id, name in NEWCOMERS.items()]
    assert [tuple(row)[:-1] for row in rows] == given, "registrations were lost, doubled or mixed up"
    assert all(row.registered_at is not None for row in rows), "somebody has answered everything and is not registered"
    consents = db.scalars(
        select(Account.telegram_id)
        .join(Person, Person.account_id == Account.id)
        .join(Consent, Consent.person_id == Person.id)
        .where(Account.telegram_id.in_(NEWCOMERS), Consent.purpose == Purpose.TRAINING, Consent.given.is_(True))
    )
    assert sorted(consents) == sorted(NEWCOMERS), "consents were lost or recorded twice"
    _told_once(db, "registration.done", Counter(NEWCOMERS.keys()))


def _audit_answers(db: Any, town: Town) -> None:
    """The first answer to each question stands, once, and was acknowledged, once."""
    found = {
        quiz.id: (telegram_id, quiz.shown_order.index(quiz.chosen) if quiz.answered_at is not None else None)
        for quiz, telegram_id in db.execute(
            select(Quiz, Account.telegram_id)
            .join(Person, Person.id == Quiz.person_id)
            .join(Account, Account.id == Person.account_id)
        )
    }
    assert town.picked
    assert found == {quiz_id: (town.asked[quiz_id], place) for quiz_id, place in town.picked.items()}, "answers differ"
    right_or_wrong = ("quizzes.right", "quizzes.wrong")
    _told_once(db, right_or_wrong, Counter(town.asked.values()))


def _told_once(db: Any, keys: str | tuple[str, ...], expected: Counter[int]) -> None:
    """How often the ledger holds a message of these words for whom."""
    wanted = (keys,) if isinstance(keys, str) else keys
    told = Counter(
        row.chat_id for row in db.scalars(select(OutboxRow)) if row.message and row.message.get("key") in wanted
    )
    assert told == expected, f"{wanted}: said {told - expected} too often, {expected - told} too rarely"


def _seen_of(chat: int, rows: Sequence[OutboxRow], arrived: Sequence[dict[str, Any]]) -> str:
    """What the ledger says of somebody, and what reached them, for whoever has to find out what went wrong."""
    ledger = [
        f"{row.id} {row.status} {row.message and row.message['key']} {row.attempts} x, id {row.telegram_message_id},"
        f" sent {row.sent_at:%X.%f}" if row.sent_at else f"{row.id} {row.status}"
        for row in rows
        if row.chat_id == chat
    ]  # fmt: skip
    heard = [f"id {one['message_id']} at {one['at']:.3f}: {one['text'][:40]!r}" for one in arrived]
    return "\n".join([str(chat), *ledger, *heard])
