"""Settings: a name that is misspelled is not passed over. (Wrong values: tests/test_crash.py; encodings:
tests/test_files_as_written.py)"""

from __future__ import annotations

import contextlib
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.exc import ProgrammingError
from typer.testing import CliRunner

from bot.__main__ import cli
from bot.command_line.parts import trouble_migrating, trouble_with_schema
from bot.settings import ROOT, Settings, SettingsError, read_settings, unknown_names
from tests.bot_process import PATIENCE, until
from tests.test_deploy import OF_OTHERS


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("BOT_TOKN", "BOT_TOKEN"),
        ("ADMIN_ID", "ADMIN_IDS"),
        ("SEND_RAT", "SEND_RATE"),
        ("PROGRAM_NAME", "PROGRAMME_NAME"),
        ("bot_tokne", "BOT_TOKEN"),
    ],
)
def test_a_misspelled_name_is_refused_with_the_one_that_is_meant(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, written: str, meant: str
) -> None:
    said = f"{written}: there is no such setting; is {meant} meant?"
    (tmp_path / ".env").write_text(f"HOST=127.0.0.1\n{written}=1\n")
    with pytest.raises(SettingsError) as caught:
        read_settings(_env_file=tmp_path / ".env")
    assert str(caught.value) == said
    monkeypatch.setitem(Settings.model_config, "env_file", None)
    monkeypatch.setenv(written, "1")
    ran = CliRunner().invoke(cli, [])
    assert (ran.exit_code, ran.stderr.splitlines()) == (2, [said])


@pytest.mark.parametrize("written", ["TOKEN", "ADMINS", "HOTS", "POT"])
def test_in_our_own_file_it_need_not_be_as_near(tmp_path: Path, written: str) -> None:
    (tmp_path / ".env").write_text(f"{written}=1\n")
    with pytest.raises(SettingsError, match=f"^{written}: there is no such setting; is .+ meant?"):
        read_settings(_env_file=tmp_path / ".env")


def test_names_of_others_are_left_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """So an older version starts with the settings of a newer one, when somebody rolls back."""
    names = sorted(
        {*OF_OTHERS, "HOSTNAME", "LOGNAME", "HOME", "PORTS", "TERM", "LC_ALL", "POSTGRES_PORT", "WATCH_MINUTES"}
    )
    for name in names:
        monkeypatch.setenv(name, "1")
    (tmp_path / ".env").write_text("WATCH_MINUTES=5\nTMPDIR=/var/tmp\nHOST=127.0.0.2\n")
    assert read_settings(_env_file=tmp_path / ".env").host == "127.0.0.2"
    assert unknown_names(tmp_path / ".env") == ["WATCH_MINUTES", "TMPDIR"]
    assert unknown_names(None) == []


def _catches(process: subprocess.Popen[str]) -> bool:
    """Returns whether Ctrl-C is caught now. Python does, from its first moments until the bot's first line."""
    found = re.search(r"SigCgt:\s+(\w+)", Path(f"/proc/{process.pid}/status").read_text())
    return found is not None and bool(int(found[1], 16) >> (signal.SIGINT - 1) & 1)


@pytest.mark.slow
@pytest.mark.parametrize("moment", [0.0, 0.3, 1.0, 3.0])
def test_ctrl_c_is_quiet_at_any_moment(tmp_path: Path, moment: float) -> None:
    """While Python loads what the bot needs, while it gets ready, and once it serves. What comes before the bot's first
    line is Python's own matter."""
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "sandbox", "--data", str(tmp_path / "sandbox")],
        cwd=ROOT, env={"PORT": "0"}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        # a shell lets what it starts in the background ignore Ctrl-C, and every process below it
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process, contextlib.ExitStack() as ends:  # fmt: skip
        ends.callback(process.kill)
        deadline = time.monotonic() + 20 * PATIENCE
        while not _catches(process) and time.monotonic() < deadline:  # for some hundredths of a second
            pass
        # the bot catches it again once it serves; whoever looks too late finds its folder
        begun = (tmp_path / "sandbox").exists
        until(lambda: not _catches(process) or begun(), 20, lambda: "the bot's first line is not reached")
        time.sleep(moment)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[0]
    assert "Traceback" not in said
    assert "Exception" not in said
    assert process.returncode in (-signal.SIGINT, 130, 0), said


@pytest.mark.parametrize("asked", [trouble_migrating, trouble_with_schema])
def test_a_database_that_ctrl_c_closed_is_no_trouble_with_the_database(
    monkeypatch: pytest.MonkeyPatch, asked: Callable[[Settings], str | None]
) -> None:
    """SQLAlchemy tidies up after Ctrl-C, and what fails then hides it: "Cannot operate on a closed database"."""

    def called_off(*_: object) -> None:
        try:
            raise KeyboardInterrupt
        finally:
            raise ProgrammingError("ROLLBACK", None, sqlite3.ProgrammingError("Cannot operate on a closed database."))

    monkeypatch.setattr("bot.database.migrate", called_off)
    monkeypatch.setattr("bot.database.schema_revision", called_off)
    with pytest.raises(KeyboardInterrupt):
        asked(Settings(_env_file=None))
