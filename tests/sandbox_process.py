"""The sandbox (docs/sandbox.md) in a process of its own, for as long as a `with` block; steered over HTTP."""

from __future__ import annotations

import contextlib
import http.client
import json
import subprocess
import time
from pathlib import Path
from typing import Any, Final

from tests import warm_start

ROOT: Final = Path(__file__).resolve().parent.parent
TOKEN: Final = "1000000001:sandbox"


class SandboxProcess:
    """`options`: more arguments for `python -m bot.sandbox`. Without a token it makes one itself."""

    def __init__(self, *options: str, token: str | None = TOKEN) -> None:
        command = ["-m", "bot.sandbox", *(("--token", token) if token else ()), *options]
        self.process = warm_start.start(command, cwd=ROOT)
        try:
            assert self.process.stdout is not None
            self.address = self.process.stdout.readline().strip()
            assert self.address.startswith("http://127.0.0.1:"), self.address
            self.port = int(self.address.rpartition(":")[2])
            self.token = self.process.stdout.readline().strip()
        except BaseException:
            self.kill()
            raise

    def __enter__(self) -> SandboxProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ask it to end; kill it if it does not within 5 seconds."""
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        self.kill()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()

    # --- requests -----------------------------------------------------------------------------------------------------

    def request(self, verb: str, path: str, body: Any = None) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            content = None if body is None else json.dumps(body)
            connection.request(verb, path, content, {"Content-Type": "application/json"})
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def get(self, path: str) -> Any:
        """GET /sandbox/<path>."""
        status, text = self.request("GET", f"/sandbox/{path}")
        assert status == 200, text
        return json.loads(text)

    def post(self, path: str, /, **body: Any) -> Any:
        """POST /sandbox/<path> with JSON."""
        status, text = self.request("POST", f"/sandbox/{path}", body)
        assert status < 300, text
        return json.loads(text)

    def delete(self, path: str) -> Any:
        status, text = self.request("DELETE", f"/sandbox/{path}")
        assert status == 200, text
        return json.loads(text)

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """One call of the Bot API, as a bot makes it; returns the whole answer."""
        answer: dict[str, Any] = json.loads(self.request("POST", f"/bot{self.token}/{method}", params)[1])
        return answer

    def transcript(self, after: int = 0, **query: Any) -> list[dict[str, Any]]:
        """Entries after that number; `what`, `person` and `limit` choose among them."""
        words = "&".join(f"{name}={value}" for name, value in {"after": after, **query}.items())
        status, text = self.request("GET", f"/sandbox/transcript?{words}")
        assert status == 200, text
        return [json.loads(line) for line in text.splitlines()]

    def every(self, what: str, method: str | None = None, **query: Any) -> list[dict[str, Any]]:
        """All entries of that kind, however many; of calls, those of one method."""
        found: list[dict[str, Any]] = []
        after = 0
        while more := self.transcript(after, what=what, limit=20_000, **query):
            after = more[-1]["n"]
            found += [entry for entry in more if method is None or entry["method"] == method]
        return found

    # --- one person's phone -------------------------------------------------------------------------------------------

    def said_to(self, person: int) -> list[dict[str, Any]]:
        """The bot's messages in somebody's chat as they look now, the oldest first."""
        return [one for one in self.get(f"chat/{person}")["messages"] if one["from"] == "bot"]

    def tap(self, person: int, data: str) -> None:
        """Tap the newest button that carries this."""
        for message in reversed(self.said_to(person)):
            for button in (button for row in message.get("buttons") or () for button in row):
                if button.get("data") == data:
                    self.post(f"chat/{person}/tap", message_id=message["id"], data=data)
                    return
        raise AssertionError(f"{person} sees no button {data}")

    def until_quiet(self, quiet: float = 1.0, patience: float = 30.0) -> dict[str, Any]:
        """Wait until no update waits and nothing has happened for `quiet` seconds; returns the state either way."""
        deadline = time.monotonic() + patience
        while True:
            state: dict[str, Any] = self.get("state")
            settled = not state["updates_waiting"] and not state["under_way"] and state["quiet_for"] >= quiet
            if settled or time.monotonic() > deadline:
                return state
            time.sleep(0.05)
