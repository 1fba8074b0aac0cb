"""The bot as several real processes on PostgreSQL, and Telegram's side of the webhook, for tests that kill them."""

from __future__ import annotations

import contextlib
import http.client
import json
import queue
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tests.bot_process import Bot, until

SECRET: Final = "a-secret-of-the-tests-0123456789"
RETRY_SECONDS: Final = 0.1


@contextlib.contextmanager
def crew(folder: Path, url: str, address: str, *commands: str, **environment: str) -> Iterator[dict[str, Bot]]:
    """Processes of the commands, each under its name and a number: web-1, worker-1, worker-2 ... A `web-1` listens
    on its `port`; the door is open when this returns."""
    port = Bot(folder).port
    bots: dict[str, Bot] = {}
    with contextlib.ExitStack() as stack:
        for command in commands:
            name = f"{command}-{1 + sum(one.startswith(command) for one in bots)}"
            bots[name] = Bot(
                folder,
                command,
                name,
                **{
                    "BOT_API_URL": address,
                    "DATABASE_URL": url,
                    "WEBHOOK_URL": f"http://127.0.0.1:{port}/telegram",
                    "WEBHOOK_SECRET": SECRET,
                    "PORT": str(port) if name == "web-1" else "0",
                    **environment,
                },
            )
            stack.callback(bots[name].close)
            bots[name].start()
        if "web-1" in bots:
            bots["web-1"].port = port
            until(lambda: _is_open(port), 30, lambda: bots["web-1"].output)
        yield bots


def _is_open(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health")
        connection.getresponse()
    except OSError:
        return False
    finally:
        connection.close()
    return True


def deliver(port: int, update: Mapping[str, Any], seconds: float = 60) -> None:
    """As Telegram does it: the update is brought until it is taken. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET, "Content-Type": "application/json"}
            connection.request("POST", "/telegram", json.dumps(update), headers)
            if connection.getresponse().status == 200:
                return
        except (OSError, http.client.HTTPException):
            pass  # nobody is at the door
        finally:
            connection.close()
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
