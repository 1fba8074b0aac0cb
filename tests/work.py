"""How much a piece of code does, told by something other than a clock: a busy machine changes nothing of it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def python_calls(do: Callable[[], Any]) -> int:
    """Returns how many Python functions are called while `do` runs. What C does by itself is not seen."""
    calls = 0

    def note(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        do()
    finally:
        sys.setprofile(before)
    return calls
