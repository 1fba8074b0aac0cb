"""The sandbox as a process of its own: `python -m bot.sandbox`."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.sandbox_process import ROOT, SandboxProcess


@pytest.mark.usefixtures("anew")
def test_it_says_where_it_is_serves_and_ends_when_asked(tmp_path: Path) -> None:
    file = tmp_path / "transcript.jsonl"
    rates = json.dumps({"on": True, "chat_burst": 2})
    with SandboxProcess(
        "--person", "101:Siti", "--person", "102:Maria:trainer", "--rates", rates, "--transcript", str(file)
    ) as box:
        assert box.call("getMe")["result"]["username"] == "jalin_coba_bot"
        assert [person["role"] for person in box.get("world")["people"]] == ["participant", "trainer"]
        box.post("chat/101/say", text="halo")
        (update,) = box.call("getUpdates")["result"]
        assert update["message"]["text"] == "halo"
        answers = [box.call("sendMessage", chat_id=101, text=f"pesan {number}") for number in range(3)]
        assert [answer["ok"] for answer in answers] == [True, True, False]
        assert box.request("GET", "/")[0] == 200
        state = box.until_quiet(quiet=0.0, patience=0.1)
        assert (state["people"], state["updates_waiting"]) == (2, 1)
        entries = box.transcript(what="said,called")
        assert box.get("report")["texts"]["answered"] == 1
    assert box.process.returncode == 0
    written = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert [entry for entry in written if entry["what"] != "handed"] == entries


def test_its_token_is_a_new_one_each_time_and_told_to_whoever_started_it() -> None:
    tokens = set()
    for _ in range(2):
        with SandboxProcess(token=None) as box:
            assert box.call("getMe")["ok"]
            tokens.add(box.token)
            assert json.loads(box.request("POST", "/bot1000000001:sandbox/getMe")[1])["error_code"] == 401
    assert len(tokens) == 2


def test_a_folder_keeps_the_world(tmp_path: Path) -> None:
    options = ("--folder", str(tmp_path), "--person", "101:Siti")
    with SandboxProcess(*options) as box:
        box.post("chat/101/say", text="sebelum")
        box.process.send_signal(signal.SIGKILL)
        box.process.wait(5)
    with SandboxProcess(*options) as box:
        (update,) = box.call("getUpdates")["result"]
        assert update["message"]["text"] == "sebelum"


_PARENT = """
import os, sys, time
os.environ['JALIN_START_ANEW'] = '1'
from tests.sandbox_process import SandboxProcess
box = SandboxProcess()
print(box.process.pid, flush=True)
time.sleep(60)
"""


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_it_does_not_outlive_its_parent() -> None:
    parent = subprocess.Popen([sys.executable, "-c", _PARENT], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.stdout.close()
        assert alive(child)
        parent.kill()
        parent.wait()
        deadline = time.monotonic() + 10
        while alive(child) and time.monotonic() < deadline:
            time.sleep(0.05)
        orphaned = alive(child)
        if orphaned:
            os.kill(child, signal.SIGKILL)
        assert not orphaned
    finally:
        parent.kill()
        parent.wait()


def test_what_it_is_told_is_looked_at() -> None:
    for options in (["--person", "Siti"], ["--rates", '{"all_rate": 0}']):
        told = subprocess.run(
            [sys.executable, "-m", "bot.sandbox", *options], cwd=ROOT, capture_output=True, text=True, timeout=20
        )
        assert (told.returncode, told.stdout) == (2, "")
        assert "error:" in told.stderr


def test_every_example_of_the_documentation_works() -> None:
    text = (ROOT / "docs" / "sandbox.md").read_text("utf-8")
    examples = re.findall(r"""curl (-X DELETE )?"?\$B(/[^\s"]+)"?(?: -d '([^']*)')?""", text)
    assert len(examples) == text.count("curl ")
    with SandboxProcess("--person", "101:Siti") as box:
        for delete, path, body in examples:
            verb = "DELETE" if delete else "POST" if body else "GET"
            status, answer = box.request(verb, path, json.loads(body) if body else None)
            may_refuse = path in ("/sandbox/replay", "/sandbox/travel") and status == 409
            may_refuse = may_refuse or (path.endswith(("/edit", "/forward")) and status == 404)  # nobody's message
            assert status < 300 or may_refuse, (path, body, answer)
            if path == "/sandbox/people":
                assert json.loads(answer)["first_name"] == "Rina"
