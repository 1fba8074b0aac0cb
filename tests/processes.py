"""The bot as several real processes on PostgreSQL, and Telegram's side of the webhook, for tests that kill them."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import queue
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tests.bot_process import Bot, asked, until

SECRET: Final = "a-secret-of-the-tests-0123456789"
RETRY_SECONDS: Final = 0.1


class Processes(dict[str, Bot]):
    """The processes, each under its name: web-1, web-2, worker-1 ... `port`: where Telegram knocks."""

    port: int


@contextlib.contextmanager
def split_processes(folder: Path, url: str, address: str, *commands: str, **environment: str) -> Iterator[Processes]:
    """Processes of the commands, each under its name and a number. Each `web` listens on a port of its own, behind a
    `Front` that is the address of the webhook; all of them listen when this returns."""
    with contextlib.ExitStack() as stack:
        bots = Processes()
        front = stack.enter_context(Front())
        bots.port = front.port
        for command in commands:
            name = f"{command}-{1 + sum(one.startswith(command) for one in bots)}"
            bot = bots[name] = Bot(
                folder,
                command,
                name,
                **{
                    "BOT_API_URL": address,
                    "DATABASE_URL": url,
                    "WEBHOOK_URL": f"http://127.0.0.1:{front.port}/telegram",
                    "WEBHOOK_SECRET": SECRET,
                    **({} if command == "web" else {"PORT": "0"}),
                    **environment,
                },
            )
            stack.callback(bot.close)
            bot.start()
            if command == "web":
                front.ports.append(bot.port)
        for port in front.ports:
            until(
                lambda port=port: asked(port, "/health")[0] == 200,  # type: ignore[misc]
                30,
                lambda: "\n".join(one.output for one in bots.values()),
            )
        yield bots


class Front:
    """A load balancer, as simple as can be: every connection goes to the next port in turn, also to that of a killed
    process. A request that is refused is made again, and so reaches another port."""

    def __init__(self) -> None:
        self.ports: list[int] = []
        self._turn = 0
        self._loop = asyncio.new_event_loop()
        self._server = self._loop.run_until_complete(asyncio.start_server(self._connect, "127.0.0.1", 0))
        self.port = int(self._server.sockets[0].getsockname()[1])
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Front:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        under_way = asyncio.all_tasks() - {asyncio.current_task()}
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer):
            if not self.ports:
                return
            self._turn += 1
            port = self.ports[self._turn % len(self.ports)]
            with contextlib.suppress(OSError):
                inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
                with contextlib.closing(inner_writer):
                    there, back = _pass_on(reader, inner_writer), _pass_on(inner_reader, writer)
                    await _first_of(asyncio.create_task(there), asyncio.create_task(back))


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while part := await reader.read(65_536):
            writer.write(part)
            await writer.drain()


async def _first_of(*tasks: asyncio.Task[None]) -> None:
    """When one side has hung up, so does the other."""
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def bring(port: int, update: Mapping[str, Any]) -> int:
    """Bring an update to the webhook; returns the status of the answer, 0 when nobody listens."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET, "Content-Type": "application/json"}
        connection.request("POST", "/telegram", json.dumps(update), headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def deliver(port: int, update: Mapping[str, Any], seconds: float = 60) -> None:
    """As Telegram does it: the update is brought until it is taken. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while bring(port, update) != 200:
        if time.monotonic() > deadline:
            raise TimeoutError("an update was never taken")
        time.sleep(RETRY_SECONDS)


class Postmen:
    """Telegram's queues: the updates of one person one after the other, those of different people side by side."""

    def __init__(self, port: int, number: int = 8) -> None:
        self._port = port
        self._queues: list[queue.Queue[dict[str, Any] | None]] = [queue.Queue() for _ in range(number)]
        self._ids = 0
        self.trouble: list[BaseException] = []
        self._threads = [threading.Thread(target=self._walk, args=(one,), daemon=True) for one in self._queues]
        for thread in self._threads:
            thread.start()

    def feed(self, updates: Sequence[Mapping[str, Any]]) -> list[int]:
        """Have updates brought; returns the ids they got."""
        ids = []
        for update in updates:
            self._ids += 1
            ids.append(self._ids)
            part = update.get("message") or update["callback_query"]
            self._queues[part["from"]["id"] % len(self._queues)].put({"update_id": self._ids, **update})
        return ids

    def finish(self, seconds: float) -> None:
        """Wait until everything was taken."""
        for one in self._queues:
            one.put(None)
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
            assert not thread.is_alive(), "updates are still not taken"
        if self.trouble:
            raise self.trouble[0]

    def _walk(self, waiting: queue.Queue[dict[str, Any] | None]) -> None:
        try:
            while (update := waiting.get()) is not None:
                deliver(self._port, update)
        except BaseException as trouble:
            self.trouble.append(trouble)
