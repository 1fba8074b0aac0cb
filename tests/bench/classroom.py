"""python -m tests.bench classroom [--people 60] [--site 500] [--repeats 5]

How long a trainer waits for each screen of a class, and for what is typed below it: the whole bot on SQLite with a
faked Telegram, from the update's arrival until the answer was handed over. Told are the median of the repeats in
milliseconds and how many statements the database was asked, for a class of six at a site of ten and for a large one.
Ends with an error where the large class asks oftener (`tests/test_big_class.py`).
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bot.database import migrate
from tests.chat import Chat, Phone, local, staffed
from tests.test_big_class import PAGED, SCREENS, SMALL, TYPED, grown, statements

WARM_UP: Final = 1


def main(given: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="tests.bench classroom", description=__doc__)
    parser.add_argument("--people", type=int, default=60, help="people in the large class")
    parser.add_argument("--site", type=int, default=500, help="people at its site")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args(given)
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bot.sqlite'}"
        migrate(url)
        chat = Chat(url)
        try:
            maria = staffed(chat)
            session = chat.add_class(starts=local(23, 9, 30), capacity=5)
            grown(chat, session, *SMALL)
            small = measured(chat, maria, session, options.repeats)
            grown(chat, session, options.people, options.site)
            large = measured(chat, maria, session, options.repeats)
        finally:
            chat.close()
    print(f"class of {SMALL[0]} at a site of {SMALL[1]}, and of {options.people} at a site of {options.site}")
    for what, (ms, asked) in large.items():
        print(
            f"  {what.replace(chr(10), ' / '):<58} {small[what][0]:5.1f} ms {small[what][1]:3}   {ms:6.1f} ms {asked:3}"
        )
    oftener = [what for what, (_, asked) in large.items() if asked > small[what][1] + PAGED]
    if oftener:
        raise SystemExit(f"asks the database oftener: {', '.join(oftener)}")


def measured(chat: Chat, maria: Phone, session: int, repeats: int) -> dict[str, tuple[float, int]]:
    """Returns for each screen and text the median in milliseconds, and how many statements it took."""
    found: dict[str, tuple[float, int]] = {}
    for screen, text in [*((screen, "") for screen in SCREENS), *TYPED]:
        tap = screen.replace("{class}", str(session))
        times, asked = list[float](), 0
        for _ in range(WARM_UP + repeats):
            if text:
                maria.sends_tap(tap)
            with statements(chat) as seen:
                began = time.perf_counter()
                if text:
                    maria.types(text)
                else:
                    maria.sends_tap(tap)
                times.append((time.perf_counter() - began) * 1000)
            asked = len(seen)
            maria.types("/batal")
        found[f"{screen} {text}".strip()] = (statistics.median(times[WARM_UP:]), asked)
    return found
