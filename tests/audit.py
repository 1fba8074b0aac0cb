"""`make audit`: are there known holes in what the bot runs with (requirements.lock)? Asks pip-audit, in an environment
of its own, and says so where it could not look something up: then nobody knows."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
HOLES, UNKNOWN = 1, 3
"""Exit statuses: a hole is known; something could not be looked up."""


def verdict(found: Sequence[dict[str, Any]]) -> tuple[int, list[str]]:
    """Returns the exit status, and the lines to print, for what pip-audit found of each package."""
    lines = [
        f"{one['name']} {one['version']}: {hole['id']}, put right in {', '.join(hole['fix_versions']) or 'none'}"
        for one in found
        for hole in one.get("vulns", ())
    ]
    holes = len(lines)
    skipped = [one["name"] for one in found if "skip_reason" in one]
    known = len(found) - len(skipped)
    lines.append(f"{known} packages looked up, {holes} known holes.")
    if skipped or not found:
        lines.append(f"COULD NOT LOOK UP {len(skipped)} packages: {', '.join(skipped)}. Nothing is known of them.")
    return (HOLES if holes else UNKNOWN if skipped or not found else 0), lines


def main(program: str) -> int:
    """Runs pip-audit and prints what it found. Returns the exit status."""
    ran = subprocess.run(
        [program, "--format=json", "--progress-spinner=off", "--disable-pip", "-r", str(ROOT / "requirements.lock")],
        capture_output=True, text=True,
    )  # fmt: skip
    try:
        found = json.loads(ran.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        last = (ran.stderr.strip().splitlines() or ["no word"])[-1]
        print(f"COULD NOT LOOK UP anything: {last[:300]}", file=sys.stderr)  # noqa: T201
        return UNKNOWN
    status, lines = verdict(found)
    print("\n".join(lines))  # noqa: T201
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
