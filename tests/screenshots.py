"""Takes the pictures of docs/screenshots anew: `python -m tests.screenshots` walks the browser journeys and keeps
eleven of their pictures, at 360 x 740: those of the README with two pixels each way a point, those of the guides alone
with one. Look at each before it is committed. The machine needs a font with emoji (Debian: fonts-noto-color-emoji)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from bot.settings import ROOT

JOURNEYS: Final = ("tests/test_journey.py", "tests/test_journey_of_a_trainer.py")
SHOWN: Final = {
    "consent": "consent",
    "seat-taken": "seat-taken",
    "reminder": "reminder",
    "lesson": "lesson",
    "t12-summary": "new-class",
    "t17-progress": "announcement",
    "t24-code": "check-in",
    "t30-report": "report",
    "t03-invitation": "invitation",
    "t05b-confirm": "confirm",
    "t27-names": "names",
}
"""The journeys' names of the pictures, and those in docs/screenshots."""


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *JOURNEYS]
        walked = subprocess.run(command, cwd=ROOT, env=os.environ | {"JALIN_SCREENSHOTS": folder}, check=False)
        if walked.returncode:
            return walked.returncode
        for taken, shown in SHOWN.items():
            shutil.copyfile(Path(folder) / f"{taken}.png", ROOT / "docs" / "screenshots" / f"{shown}.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
