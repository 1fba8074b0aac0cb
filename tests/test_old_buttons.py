"""Buttons that are in people's chats already (tests/wire/) keep leading to the same answer."""

from __future__ import annotations

import dataclasses
import re
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from bot.words.action import parse
from tests.button_world import World, opened

LISTED: Final = Path(__file__).parent / "wire" / "buttons_v0_1.txt"
SLOW: Final = frozenset({"menu:reload"})
"""Reads all content anew: tapped once, undamaged."""


class Button(NamedTuple):
    """A line of the list."""

    line: int
    person: str
    action: str
    answer: str

    @property
    def capability_and_action(self) -> str:
        return ":".join(self.action.split(":")[:2])


def buttons() -> list[Button]:
    """Reads the list."""
    lines = enumerate(LISTED.read_text(encoding="utf-8").splitlines(), 1)
    return [Button(at, *line.split(maxsplit=2)) for at, line in lines if line and not line.startswith("#")]


def agree(said: str, listed: str) -> bool:
    """Compares an answer with the listed one, which may have alternatives (a|b) and an open end (...)."""
    expected = listed.removesuffix("...").split()
    got = said.split()[: len(expected)] if listed.endswith("...") else said.split()
    return len(got) == len(expected) and all(
        one in any_of.split("|") for one, any_of in zip(got, expected, strict=True)
    )


def form_of(action: str) -> re.Pattern[str]:
    """Matches all data of the same form: any ids, pages, hours and sites."""
    parts = [re.sub(r"\\\{\w+\\\}", "[^:]+", re.sub(r"\d+", r"\\d+", re.escape(part))) for part in action.split(":")]
    return re.compile(":".join(parts))


def as_before(data: str) -> str:
    """What the button carried before buttons named a person and the version of what they confirm."""
    action = parse(data)
    if action is None:
        return data
    added = {
        field.name: field.default
        for field in dataclasses.fields(typing.cast(Any, action))
        if field.name in {"person", "version", "text"} and field.default is not dataclasses.MISSING
    }
    return str(dataclasses.replace(typing.cast(Any, action), **added).pack())


def damaged(button: Button, world: World) -> Iterator[str]:
    """Yields near misses: a part more, a part less, letters in place of a number, a number that no table holds."""
    carried = world.filled(button.action)
    parts = carried.split(":")
    yield f"{carried}:x"
    if len(parts) > 2:
        yield ":".join(parts[:-1])
    if parts[-1].isdigit():
        yield ":".join([*parts[:-1], "abc"])
        yield ":".join([*parts[:-1], "9" * 30])


@pytest.fixture(scope="module")
def world(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    path = sqlite_template.parent / "buttons.sqlite"
    path.write_bytes(sqlite_template.read_bytes())
    with opened(f"sqlite:///{path}", tmp_path_factory.mktemp("locales")) as world:
        yield world


@pytest.mark.slow
def test_every_old_button_is_answered_as_it_was(world: World) -> None:
    wrong = []
    for button in buttons():
        world.reset()
        said = world.tap(button.person, world.filled(button.action))
        if not agree(said, button.answer):
            wrong.append(
                f"{LISTED.name}:{button.line}: {button.person} {button.action}\n  was {button.answer}\n  is  {said}"
            )
    assert not wrong, "\n".join(["old buttons are answered otherwise:", *wrong])
    # every button that was shown meanwhile is on the list
    forms = [form_of(button.action) for button in buttons()]
    new = sorted({as_before(data) for data in world.shown})
    new = [data for data in new if not any(form.fullmatch(data) for form in forms)]
    assert not new, f"a new button is to be added to tests/wire/{LISTED.name}: {new}"


@pytest.mark.slow
def test_damaged_buttons_are_answered_too(world: World) -> None:
    """Never silence, never an error. What forged buttons must not do: tests/test_hostile_buttons.py."""
    wrong, seen = [], set(SLOW)
    for button in buttons():
        if button.capability_and_action in seen:
            continue
        seen.add(button.capability_and_action)
        world.reset()
        for data in damaged(button, world):
            said = world.tap(button.person, data)
            if not said or "turn.failed" in said:
                wrong.append(f"{button.person} {data}: {said or 'silence'}")
    assert len(seen) > 160
    assert not wrong, "\n".join(["damaged buttons are left without an answer:", *wrong])
