"""python -m bot.sandbox: the sandbox as a process of its own, without a bot, on 127.0.0.1.

Its first line is its address, its second the bot's token. It ends on SIGTERM, on SIGINT, and when the process that
started it is gone.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import os
import secrets
import signal
import socket
import sys
from pathlib import Path

import uvicorn

from .rates import Rates
from .server import SamplePerson, Sandbox

_PARENT_SECONDS = 0.5


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox", description="Telegram on your own machine")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--token", help="the bot's token; without it a new one each time, which the second line tells")
    parser.add_argument("--username", default="jalin_coba_bot", help="the bot's @username, without the @")
    parser.add_argument("--folder", type=Path, help="keeps the world between two starts; without it all is in memory")
    parser.add_argument("--fresh", action="store_true", help="empty the folder first")
    parser.add_argument("--transcript", type=Path, metavar="FILE", help="gets the transcript as JSON lines")
    parser.add_argument("--keep", type=int, default=200_000, help="entries of the transcript kept in memory")
    parser.add_argument("--history", type=int, default=200, help="messages kept of each chat")
    parser.add_argument("--person", action="append", default=[], metavar="ID:NAME[:ROLE]", help="somebody who is there")
    parser.add_argument("--rates", metavar="JSON", help='rates as /sandbox/rates takes them, e.g. {"on": true}')
    given = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    rates = Rates()
    try:
        rates.change(json.loads(given.rates) if given.rates else {})
        people = [_person(words) for words in given.person]
    except ValueError as problem:
        parser.error(str(problem))
    token = given.token or f"1000000001:{secrets.token_urlsafe(24)}"
    sandbox = Sandbox(
        given.folder,
        token=token,
        bot_username=given.username,
        people=people,
        fresh=given.fresh,
        rates=rates,
        transcript_file=given.transcript,
        keep=max(given.keep, 1),
        history=max(given.history, 1),
    )
    asyncio.run(_serve(sandbox, given.port, token))


def _person(words: str) -> SamplePerson:
    number, _, rest = words.partition(":")
    name, _, role = rest.partition(":")
    if not (number.isascii() and number.isdigit() and name):
        raise ValueError(f"--person {words}: an id, a name and perhaps a role, with colons between them")
    return SamplePerson(int(number), name, role or "participant")


async def _serve(sandbox: Sandbox, port: int, token: str) -> None:
    # Named as TCP, so that asyncio turns off Nagle's delay on what it accepts (40 ms an answer otherwise).
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(512)
    config = uvicorn.Config(
        sandbox.asgi, log_level="error", access_log=False, lifespan="on", timeout_graceful_shutdown=2, backlog=512
    )
    server = uvicorn.Server(config)
    parent = os.getppid()  # before anybody hears of us, and may be gone a moment later
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    serving = asyncio.create_task(_served(server, listener))
    sys.stdout.write(f"http://127.0.0.1:{listener.getsockname()[1]}\n{token}\n")
    sys.stdout.flush()
    while not stop.is_set() and not serving.done() and os.getppid() == parent:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PARENT_SECONDS):
                await stop.wait()
    await sandbox.stop()
    server.should_exit = True
    await serving
    listener.close()
    sandbox.close()


async def _served(server: uvicorn.Server, listener: socket.socket) -> None:
    """uvicorn without its own signal handling."""
    with contextlib.suppress(asyncio.CancelledError):
        await server._serve([listener])


if __name__ == "__main__":
    main()
