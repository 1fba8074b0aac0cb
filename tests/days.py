"""The tests that begin with the real date (marked `today`), run as if today were another day: `make test-days`.

Each of the moments below is a run of pytest of its own, which begins at that moment. So does every Python that the run
starts: `tests/faked_time/` is on their PYTHONPATH, and moves the present of each by JALIN_TIME_SHIFT seconds. Browsers,
PostgreSQL and the times of files are not moved.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import pytest

ROOT: Final = Path(__file__).resolve().parent.parent
WIB, WITA, WIT = ZoneInfo("Asia/Jakarta"), ZoneInfo("Asia/Makassar"), ZoneInfo("Asia/Jayapura")
FAKED_TIME: Final = ROOT / "tests" / "faked_time"
SHIFT: Final = "JALIN_TIME_SHIFT"
MARK: Final = "pytest.mark.today"
LONGEST_SECONDS: Final = 1500
"""What takes longer is stuck."""


class Moment(NamedTuple):
    at: datetime
    why: str
    slow: bool = False
    """Whether also those are run that are slow: in a browser, under load."""


# Content of 2026/27: its quiet hours, and its table of Ramadan.
MOMENTS: Final = (
    Moment(datetime(2026, 12, 5, 15, 0, tzinfo=WITA), "Saturday: the next morning is closed", slow=True),
    Moment(datetime(2026, 12, 31, 23, 30, tzinfo=WIB), "half an hour before the new year", slow=True),
    Moment(datetime(2027, 2, 10, 17, 45, tzinfo=WITA), "Ramadan, at the hour of breaking the fast", slow=True),
    Moment(datetime(2026, 11, 30, 8, 59, 45, tzinfo=WITA), "Monday, just before the daily lessons of WITA"),
    Moment(datetime(2026, 12, 1, 23, 40, tzinfo=WIB), "Tuesday, and Wednesday in WITA and WIT"),
    Moment(datetime(2026, 12, 2, 5, 30, tzinfo=WIB), "Wednesday, before anybody may be written to"),
    Moment(datetime(2026, 12, 3, 20, 0, tzinfo=WITA), "Thursday, after the last open hour"),
    Moment(datetime(2026, 12, 4, 11, 35, tzinfo=WITA), "Friday, in the hours of prayer"),
    Moment(datetime(2026, 12, 6, 3, 0, tzinfo=WITA), "Sunday, before the closed morning"),
    Moment(datetime(2028, 2, 29, 9, 30, tzinfo=WIT), "29 February"),
)


def same_day() -> dict[str, str]:
    """What a process with an environment of its own must find in it to live on the same day as the test, and to find
    the project's modules."""
    if SHIFT not in os.environ:
        return {"PYTHONPATH": str(ROOT)}
    return {"PYTHONPATH": os.pathsep.join((str(FAKED_TIME), str(ROOT))), SHIFT: os.environ[SHIFT]}


def pytest_configure(config: pytest.Config) -> None:
    """Refuses to run on the real day when another was asked for."""
    if SHIFT in os.environ:
        import time_machine  # only where it is needed: the quick suite does without

        if not time_machine.escape_hatch.is_travelling():
            raise pytest.UsageError(f"{SHIFT} is set, but time was not moved: is tests/faked_time on PYTHONPATH?")


def run(moment: Moment, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    """Runs the marked tests as if it were that moment now."""
    files = [str(path) for path in sorted((ROOT / "tests").glob("test_*.py")) if MARK in path.read_text()]
    marks = "today" if moment.slow else "today and not browser and not slow"
    path = os.pathsep.join(filter(None, (str(FAKED_TIME), os.environ.get("PYTHONPATH"))))
    shift = (moment.at - datetime.now(UTC)).total_seconds()
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-m", marks, "-p", "no:cacheprovider"),
            # sitecustomize imports it before pytest could rewrite the plugin that is in it
            *("-W", "ignore:Module already imported so cannot be rewritten; time_machine:pytest.PytestWarning"),
            *files,
            *arguments,
        ],
        cwd=ROOT,
        env=os.environ | {SHIFT: str(shift), "PYTHONPATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LONGEST_SECONDS,
    )


def main(arguments: list[str]) -> int:
    """All moments, some at a time; returns how many of them failed. What pytest says is shown where it failed."""

    def tried(moment: Moment) -> bool:
        began = time.monotonic()
        try:
            done = run(moment, arguments)
            code, output = done.returncode, done.stdout
        except subprocess.TimeoutExpired as stuck:
            code, output = 1, f"{stuck.stdout!r}\nstuck for {LONGEST_SECONDS} seconds"
        outcome = output.strip().splitlines()[-1] if output.strip() else "nothing was said"
        lines = [output] if code else []
        lines.append(f"{moment.at:%a %F %H.%M %Z}, {moment.why}: {outcome} ({time.monotonic() - began:.0f} s)\n")
        sys.stdout.write("\n".join(lines))
        sys.stdout.flush()
        return code == 0

    with ThreadPoolExecutor(int(os.environ.get("JOBS") or os.cpu_count() or 1)) as jobs:
        return sum(not passed for passed in jobs.map(tried, MOMENTS))


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
