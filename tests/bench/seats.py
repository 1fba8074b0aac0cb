"""python -m tests.bench seats [--people 6000] [--seats 4000] [--repeats 3]

Everybody taps "Ambil kursi" of one class at the same moment. First through the whole bot: the real process on SQLite,
everything durable, taps from the stand-in's queue; then the claim alone, as a turn makes it: `enrolment.enrol` in
batches, on SQLite and from several threads on a PostgreSQL that waits for its disk; and the same writes with
nothing but sqlite3 (`bare`). After each run the database is read: every seat given once, none too many, the rest in
line in the order they came, every tap answered.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import select

from bot.actions.enrolment import TakeSeat
from bot.database import Database, migrate
from bot.people.people import Person
from bot.programme import enrolment, sessions
from bot.programme.enrolment import Enrolment, EnrolmentStatus
from bot.programme.sessions import ClassSession
from tests import postgres
from tests.bench import bare, machine, our_bot
from tests.bench.serving import add_people
from tests.fake_api import FIRST_PERSON, StandIn, tap_update

GOAL: Final = 50_000
"""Sign-ups a minute."""
BATCH: Final = 64
THREADS: Final = 4
AT_ONCE: Final = 1000
"""So many taps fit into one request to the stand-in."""
LONGEST: Final = 300.0
DURABLE: Final = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
TELEGRAM_RATE: Final = 30
FAST_RATE: Final = 10_000
BOT_CORE, STAND_IN_CORE = 0, 1
ALONE: Final = "the claim alone, SQLite"
BARE: Final = "bare sqlite3, with update and reply"
WANTED_SHARE: Final = 0.6
"""Of the claim alone, the whole bot's sign-ups."""


def prepare(url: str, people: int, seats: int) -> int:
    """A fresh database with registered people and one class; returns its id. A person's id is its number, from 1."""
    migrate(url)
    database = Database(url)
    now = datetime.now(UTC)
    try:
        with database.transaction() as db:
            add_people(db, range(1, people + 1), now)
            session = sessions.create(
                db, now, code="RUSH", site_id=our_bot.SITE, title="Foto Produk", starts_at=now + timedelta(days=7),
                minutes=120, capacity=seats, venue="Puncak Waringin", latitude=-8.5, longitude=119.88, leads=(1440,),
            )  # fmt: skip
            return session.id
    finally:
        database.close()


def check(url: str, people: int, seats: int, *, in_order: bool) -> None:
    """Ends the bench unless every seat was given once and everybody else stands in line. `in_order`: by number."""
    database = Database(url)
    try:
        with database.transaction() as db:
            taken = db.scalar(select(ClassSession.seats_taken))
            rows = db.execute(
                select(Enrolment.person_id, Enrolment.status, Enrolment.queue_no).order_by(Enrolment.person_id)
            ).all()
    finally:
        database.close()
    seated = [person for person, status, _ in rows if status == EnrolmentStatus.SEATED]
    line = sorted((number, person) for person, status, number in rows if status == EnrolmentStatus.WAITLISTED)
    expected = min(seats, people)
    wrong = []
    if not len(seated) == taken == expected:
        wrong.append(f"{len(seated)} people sit on {taken} taken of {expected} seats")
    if len(rows) != people or len(seated) + len(line) != people:
        wrong.append(f"{len(rows)} of {people} people have an answer")
    if [number for number, _ in line] != list(range(1, len(line) + 1)):
        wrong.append("the line has gaps")
    if in_order and (seated != list(range(1, expected + 1)) or [p for _, p in line] != sorted(p for _, p in line)):
        wrong.append("somebody overtook somebody")
    if undone := our_bot.truth(url)["not handled"]:
        wrong.append(f"{undone} taps were not handled")
    if wrong:
        raise SystemExit("; ".join(wrong))


# --- through the whole bot ----------------------------------------------------------------------------------------


def through_the_bot(people: int, seats: int, rate: int) -> dict[str, float]:
    """Everybody taps at once; figures from the stand-in's and the process's side."""
    with machine.folder() as folder:
        url = f"sqlite:///{folder / 'bot.sqlite'}"
        session = prepare(url, people, seats)
        taps = [
            tap_update(FIRST_PERSON + number, TakeSeat(session, person=number).pack(), f"tap-{number}")
            for number in range(1, people + 1)
        ]
        with (
            StandIn(core=machine.core(STAND_IN_CORE)) as stand_in,
            our_bot.running(stand_in, folder, url, core=machine.core(BOT_CORE), send_rate=rate) as (_bot, pid),
        ):
            _until_it_asks(stand_in)
            cpu = machine.cpu_seconds(pid)
            began = time.monotonic()
            for first in range(0, people, AT_ONCE):
                stand_in.feed(taps[first : first + AT_ONCE])
            log = _until(stand_in, lambda log: len(log["taps"]) >= people)
            answered = sorted(tap["at"] for tap in log["taps"])
            cpu = machine.cpu_seconds(pid) - cpu
            if rate == FAST_RATE:
                log = _until(stand_in, lambda log: len(log["sent"]) >= people)
            sent = sorted(one["at"] for one in log["sent"])
        if len({tap["id"] for tap in log["taps"]}) != people:
            raise SystemExit("a tap was answered twice")
        check(url, people, seats, in_order=True)
    return {
        "per_minute": 60 * people / (answered[-1] - began),
        "first": 1000 * (answered[0] - began),
        "cpu_ms": 1000 * cpu / people,
        "said": (sent[-1] - began) if rate == FAST_RATE else float("nan"),
    }


def _until_it_asks(stand_in: StandIn) -> None:
    deadline = time.monotonic() + LONGEST
    while stand_in.control("figures")["polls"] < 1:
        if time.monotonic() > deadline:
            raise SystemExit("the bot does not ask for updates")
        time.sleep(0.05)
    time.sleep(1)  # its first look at what is due is not what is measured


def _until(stand_in: StandIn, enough: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The log once there is enough in it. Asked for seldom: it is long, and others want the machine."""
    deadline = time.monotonic() + LONGEST
    log = stand_in.log()
    while not enough(log):
        if time.monotonic() > deadline:
            raise SystemExit(f"{len(log['taps'])} taps are answered, {len(log['sent'])} messages sent, and no more")
        time.sleep(0.5)
        log = stand_in.log()
    return log


# --- the claim alone ----------------------------------------------------------------------------------------------


def alone(url: str, people: int, seats: int, threads: int) -> dict[str, float]:
    """`enrol` for everybody, BATCH of them in a transaction, from so many threads."""
    session = prepare(url, people, seats)
    database = Database(url)
    numbers = iter(range(1, people + 1, BATCH))
    lock, failed = threading.Lock(), []

    def work() -> None:
        while True:
            with lock:
                first = next(numbers, None)
            if first is None:
                return
            try:
                with database.transaction() as db:
                    now = datetime.now(UTC)
                    ids = range(first, min(first + BATCH, people + 1))
                    for person in db.scalars(select(Person).where(Person.id.in_(ids)).order_by(Person.id)).all():
                        enrolment.enrol(db, person, session, now)
            except Exception as problem:
                failed.append(problem)
                raise

    try:
        workers = [threading.Thread(target=work) for _ in range(threads)]
        began = time.monotonic()
        cpu = time.process_time()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        seconds, cpu = time.monotonic() - began, time.process_time() - cpu
    finally:
        database.close()
    if failed:
        raise SystemExit(f"{len(failed)} batches failed: {failed[0]!r}")
    check(url, people, seats, in_order=threads == 1)
    return {"per_minute": 60 * people / seconds, "cpu_ms": 1000 * cpu / people}


def bare_writes(url: str, people: int) -> dict[str, float]:
    """The yardstick: what sign-ups write, with nothing but sqlite3; a seat for everybody."""
    prepare(url, people, people)
    done = bare.measured("seats", url, people)
    return {"per_minute": 60 * done.per_second, "cpu_ms": done.cpu_ms}


# --- several runs -------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _postgresql() -> Iterator[postgres.Server | None]:
    try:
        with postgres.running_server(on_disk=True, **DURABLE) as server:
            yield server
    except postgres.Unavailable as reason:
        print(f"without PostgreSQL: {reason}")
        yield None


def main(given: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench seats", description=__doc__)
    parser.add_argument("--people", type=int, default=6000)
    parser.add_argument("--seats", type=int, default=4000)
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args(given)
    people, seats = arguments.people, arguments.seats
    print("\n".join(machine.described()), flush=True)
    results: dict[str, list[dict[str, float]]] = {}

    def note(name: str, figures: dict[str, float]) -> None:
        results.setdefault(name, []).append(figures)
        print(f"RESULT {name}: " + " ".join(f"{key}={value:.2f}" for key, value in figures.items()), flush=True)

    with _postgresql() as server, machine.folder() as folder:
        for repeat in range(arguments.repeats):
            note(f"whole bot, SEND_RATE={TELEGRAM_RATE}", through_the_bot(people, seats, TELEGRAM_RATE))
            note(f"whole bot, SEND_RATE={FAST_RATE}", through_the_bot(people, seats, FAST_RATE))
            note(ALONE, alone(f"sqlite:///{folder / f'{repeat}.sqlite'}", people, seats, 1))
            note(BARE, bare_writes(f"sqlite:///{folder / f'{repeat}-bare.sqlite'}", people))
            if server is not None:
                for threads in (1, THREADS):
                    figures = alone(server.url(server.create()), people, seats, threads)
                    note(f"the claim alone, PostgreSQL, {threads} threads", figures)
    whole = results[f"whole bot, SEND_RATE={TELEGRAM_RATE}"]
    parts = [one["per_minute"] / two["per_minute"] for one, two in zip(whole, results[ALONE], strict=True)]
    print(f"\nwhole bot: {statistics.median(parts):.2f} of the claim alone, wanted {WANTED_SHARE}")
    print(f"\n{people} people, {seats} seats; medians of {arguments.repeats}; the goal is {GOAL:,} a minute")
    print("| | sign-ups a minute | CPU ms each | all messages sent after, s |\n|---|---:|---:|---:|")
    for name, runs in results.items():
        per_minute, cpu, said = (
            statistics.median(run.get(key, float("nan")) for run in runs) for key in ("per_minute", "cpu_ms", "said")
        )
        print(f"| {name} | {per_minute:,.0f} | {cpu:.2f} | {'' if said != said else f'{said:.0f}'} |")


if __name__ == "__main__":
    main(sys.argv[1:])
