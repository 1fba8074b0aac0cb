"""Questions of staff how something is done here: the page of the guide on that job answers them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from bot.actions.guide import Job, SeeGuide, SeeJob
from bot.turns.turn import Turn
from bot.understanding.intents import Understood
from bot.words.action import Action
from bot.words.typed_text import cleaned

JOBS: Final[Mapping[str, Job]] = {
    "t_classes": "class_new",
    "t_change_class": "class_change",
    "t_roster": "people",
    "t_attendance": "attendance",
    "t_sheet": "signal",
    "t_calls": "untold",
    "t_announce": "announce",
    "t_report": "report",
}
_GUIDE: Final = re.compile(r"(?:buka |lihat |baca |mana )?(?:buku )?panduan(?:nya)?|(?:the )?guide", re.IGNORECASE)
_HOW: Final = re.compile(
    r"(?:(?:tolong|mohon|maaf|halo|hai|min|bu|pak|kak|mau tanya|tanya)[ ,]+)*"
    r"(?:gimana|gmn|gmana|bagaimana|bgmn|bgmana|cara|caranya|how (?:do|can|to))\b",
    re.IGNORECASE,
)


def in_guide(turn: Turn, found: Understood) -> Action | None:
    """Returns what shows the guide to staff who ask for it, or how one of their jobs is done; None: they ask something
    else."""
    typed = cleaned(turn.text).strip(" ?!.")
    if not turn.serves:
        return None
    if _GUIDE.fullmatch(typed):
        return SeeGuide()
    if not _HOW.match(typed):
        return None
    jobs = [JOBS[one] for one in (found.intent, found.second) if one is not None and one in JOBS]
    return SeeJob(jobs[0]) if jobs else None
