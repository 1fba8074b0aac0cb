"""A process begun as a fork is what Python would have begun (tests/warm_start.py)."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import pytest

from tests import warm_start
from tests.days import same_day
from tests.warm_start import ANEW, ROOT, Warm

SEEN = """
import json, os, signal, sys, threading
print(json.dumps({
    "arguments": sys.argv, "folder": os.getcwd(), "environment": dict(os.environ), "path": sys.path[0],
    "threads": len(os.listdir("/proc/self/task")), "files": sorted(os.listdir("/proc/self/fd")),
    "name": __name__, "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ())),
    "signals": [str(signal.getsignal(one)) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGPIPE)],
    "input": sys.stdin.read(), "encodings": [sys.stdout.encoding, sys.stderr.encoding, sys.getfilesystemencoding()],
    "buffered": [sys.stdout.line_buffering, sys.stdout.write_through], "depth": sys.getrecursionlimit(),
}))
sys.stderr.write("a complaint\\n")
sys.exit(7)
"""


def test_it_fares_as_one_that_loaded_everything_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {**same_day(), "A": "b"}
    told = []
    for anew in (False, True):
        monkeypatch.setenv(ANEW, "1" if anew else "")
        with (tmp_path / "output").open("wb") as output:
            process = warm_start.start(["-c", SEEN, "word"], cwd=tmp_path, env=environment, output=output.fileno())
        assert isinstance(process, Warm) is not anew
        assert process.wait(30) == 7
        line, complaint = sorted((tmp_path / "output").read_text().splitlines(), reverse=True)
        assert complaint == "a complaint"
        told.append(json.loads(line))
        told[-1]["environment"].pop("LC_CTYPE", None)  # Python's own, where nobody says a language
    assert told[0] == told[1]


def test_the_same_command_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    said = []
    for anew in ("", "1"):
        monkeypatch.setenv(ANEW, anew)
        process = warm_start.start(["-m", "bot", "--help"], cwd=ROOT)
        assert process.stdout is not None
        with process.stdout as output:
            said.append(output.read())
        assert process.wait(30) == 0
    assert said[0] == said[1]
    assert "import-sessions" in str(said[0])


def test_an_error_and_a_signal_end_it_as_they_end_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ANEW, "")
    with (tmp_path / "output").open("wb") as output:
        process = warm_start.start(["-c", "1 / 0"], cwd=tmp_path, env=same_day(), output=output.fileno())
        assert process.wait(30) == 1
        assert (tmp_path / "output").read_text().endswith("ZeroDivisionError: division by zero\n")
        for number in (signal.SIGTERM, signal.SIGKILL):
            process = warm_start.start(
                ["-c", "import time; time.sleep(60)"], cwd=tmp_path, env=same_day(), output=output.fileno()
            )
            assert process.poll() is None
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.01)
            process.send_signal(number)
            assert process.wait(30) == -number
            process.kill()  # of what has ended nothing more comes
