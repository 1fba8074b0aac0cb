"""python -m tests.bench certificates [--papers 1000] [--checks 2000] [--repeats 3]

So many certificates are printed as PDFs at once, as the sender prints them (in threads, a few at a time), while
somebody taps ten times a second in the same process: how long until all are printed, and how long the answers took.
Then known codes are asked for, as HTTP requests without a network, in one process: how many a second of its CPU time.
Beside it: the bare time of typst for as many empty pages, and a page of the same size from the same routes without the
database. Each PDF and each page is looked at: it names the person whose it is.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import sqlalchemy as sa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.database import migrate
from bot.operations import certificate_pages
from bot.programme import certificates
from bot.programme.certificates import Certificate
from bot.words.message import Message
from tests.bench import machine
from tests.bench.serving import sqlite_on_disk, table
from tests.chat import Chat, Phone, add_registered
from tests.test_certificates import after_class, taken

AT_ONCE: Final = 4
"""So many are printed at the same time."""
EVERY: Final = 0.1
"""Seconds between two taps."""


@dataclass(frozen=True)
class Measured:
    """Of one repeat, in seconds where nothing else is said."""

    printed: float
    """Until all papers were printed."""
    p50: float
    p95: float
    """Of the answers to the taps meanwhile, until they were sent."""
    bare: float
    """The same number of pages with one word each, by typst alone."""
    ratio: float
    """`printed`, as a multiple of that."""
    checks: float
    """Known codes a second of CPU time."""
    share: float
    """Of what the routes answer with a page that is ready."""


def prepare(chat: Chat, papers: int) -> list[Certificate]:
    siti, _ = after_class(chat)
    made = taken(chat, siti)
    with chat.database.transaction() as db:
        first = db.get_one(Certificate, made.id)
        fields_of = {column.name: getattr(first, column.name) for column in Certificate.__table__.columns}
        for number in range(1, papers):
            person = add_registered(db, 50_000 + number, f"Orang {number}", chat.now)
            db.flush()
            row = {name: value for name, value in fields_of.items() if name != "id"}
            row |= {"person_id": person.id, "code": f"A{number:09}", "name": f"Orang {number}"}
            db.execute(sa.insert(Certificate).values(row))
    with chat.database.transaction() as db:
        found = list(db.scalars(sa.select(Certificate).order_by(Certificate.id)))
        db.expunge_all()
    return found


async def _print_all(chat: Chat, found: Sequence[Certificate], anton: Phone) -> tuple[float, list[float]]:
    room, answers = asyncio.Semaphore(AT_ONCE), list[float]()

    async def one(certificate: Certificate) -> None:
        async with room:
            message = Message(certificate=certificates.printed(certificate))
            body = await asyncio.to_thread(chat.app.texts.printed, message)
        if not body.startswith(b"%PDF"):
            raise SystemExit("no PDF")

    async def taps() -> None:
        while True:
            began = time.monotonic()
            await chat._take([{"update_id": next(chat._updates), **anton.tap_update("menu:help", 1)}])
            answers.append(time.monotonic() - began)
            await asyncio.sleep(max(0.0, EVERY - answers[-1]))

    tapping = asyncio.create_task(taps())
    began = time.monotonic()
    await asyncio.gather(*(one(certificate) for certificate in found))
    took = time.monotonic() - began
    await asyncio.sleep(EVERY)
    tapping.cancel()
    return took, answers


def _bare(papers: int) -> float:
    import typst

    began = time.monotonic()
    for number in range(papers):
        typst.compile(f"#set page(width: 10cm, height: 10cm)\n{number}".encode(), format="pdf")
    return time.monotonic() - began


async def _ask(app: Starlette, path: str) -> bytes:
    said: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        said.append(message)

    scope = {
        "type": "http", "http_version": "1.1", "method": "GET", "scheme": "https", "path": path,
        "raw_path": path.encode(), "root_path": "", "query_string": b"", "headers": [],
        "client": ("203.0.113.7", 40_000), "server": ("jalin.example.org", 443),
    }  # fmt: skip
    await app(scope, receive, send)
    return b"".join(one.get("body", b"") for one in said[1:])


async def _a_second(app: Starlette, asked: Sequence[tuple[str, str]]) -> float:
    """Returns how many are answered for a second of the process's CPU time."""
    began = time.process_time()
    for path, name in asked:
        if name.encode() not in await _ask(app, path):
            raise SystemExit(f"{path} does not name {name}")
    return len(asked) / (time.process_time() - began)


def measure(url: str, papers: int, checks: int) -> Measured:
    chat = Chat(url)
    try:
        found = prepare(chat, papers)
        printed, answers = chat._loop.run_until_complete(_print_all(chat, found, chat.phone("Anton")))
        cuts = statistics.quantiles(answers, n=20) if len(answers) > 1 else answers * 19
        bare = _bare(papers)
        asked = [(f"/v/{one.code}", one.name.replace("'", "&#x27;")) for one in found]
        asked = [asked[number % len(asked)] for number in range(checks)]
        checked = chat._loop.run_until_complete(_a_second(Starlette(routes=certificate_pages.routes(chat.app)), asked))
        page = chat._loop.run_until_complete(_ask(Starlette(routes=certificate_pages.routes(chat.app)), asked[0][0]))

        async def ready(request: Request) -> Response:
            return Response(page)

        bare_app = Starlette(routes=[Route("/v/{code}", ready)])
        same = [(path, asked[0][1]) for path, _ in asked]
        at_most = chat._loop.run_until_complete(_a_second(bare_app, same))
    finally:
        chat.close()
    return Measured(printed, cuts[9], cuts[18], bare, printed / bare, checked, checked / at_most)


ROWS: Final = (
    ("printed", "all PDFs, s", "{:.1f}"),
    ("p50", "an answer meanwhile, p50, ms", "ms"),
    ("p95", "p95, ms", "ms"),
    ("bare", "as many pages of one word by typst, s", "{:.1f}"),
    ("ratio", "all PDFs as a multiple of that", "{:.1f}"),
    ("checks", "known codes a second of CPU time", "{:.0f}"),
    ("share", "share of what the routes answer without the database", "{:.2f}"),
)


def main(given: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench certificates", description=__doc__)
    parser.add_argument("--papers", type=int, default=1_000)
    parser.add_argument("--checks", type=int, default=2_000)
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args(given)
    print("\n".join(machine.described()), flush=True)
    results: dict[str, list[Measured]] = {"SQLite": []}
    with sqlite_on_disk() as make:
        for repeat in range(arguments.repeats):
            url = make()
            migrate(url)
            measured = measure(url, arguments.papers, arguments.checks)
            results["SQLite"].append(measured)
            figures = " ".join(f"{one.name}={getattr(measured, one.name):.3f}" for one in fields(Measured))
            print(f"RESULT run={repeat + 1} {figures}", flush=True)
    print(
        f"\n{arguments.papers} papers, {arguments.checks} checks, {arguments.repeats} repeats: median (lowest-highest)"
    )
    print("\n".join(table(results, ROWS)))


if __name__ == "__main__":
    main(sys.argv[1:])
