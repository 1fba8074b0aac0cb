"""Reads content/ and locales/ again while the bot runs: all of it, once it has passed the check, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.catalogue.check import check
from bot.catalogue.content import Content, load_content
from bot.catalogue.yaml_files import ContentError, Problem
from bot.words.texts import Texts


@dataclass(frozen=True)
class Fresh:
    """The files passed the check and may replace what the bot holds."""

    content: Content
    texts: Texts


@dataclass(frozen=True)
class Unusable:
    """The files have mistakes: everything stays as it was."""

    problems: tuple[Problem, ...]


def read_again(root: Path, spoken: Texts) -> Fresh | Unusable:
    """Reads and checks the files below `root`, which takes about a second. `spoken` are the words of the running bot:
    it may be older than the code on the disk, so every key it uses must still have words."""
    if problems := check(root):
        return Unusable(tuple(problems))
    try:
        content, texts = load_content(root / "content"), Texts(root / "locales")
        content.get_ready_to_hear()  # made here, beside the turns, and not by the first turn
    except ContentError as error:  # somebody saved a file in this very moment
        return Unusable(error.problems)
    except (OSError, ValueError) as error:
        return Unusable((Problem("locales", 1, str(error)),))
    if gone := sorted(spoken.keys - texts.keys):
        return Unusable((Problem("locales", 1, f"the running bot still says '{gone[0]}': it must be started again"),))
    return Fresh(content, texts)
