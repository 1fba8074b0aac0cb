"""What buttons carry: packed, read back, forged; and every class of it that the product has."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Final, Literal

import pytest

import handlers
from bot.actions.broadcasts import LookForAudience
from bot.actions.consents import AnswerNotice, PutNoticeOff, ReadNewNotice
from bot.actions.lessons import OpenLesson
from bot.actions.privacy import AnswerPurpose
from bot.actions.registration import AnswerConsent
from bot.actions.roster import WalkInAgreed
from bot.turns.router import Conversation, Tap
from bot.words.action import Action, MalformedError, classes, parse
from bot.words.message import Button, Message, rows
from tests.buttons import every_class, example
from tests.chat import content


class Size(StrEnum):
    SMALL = "small"
    LARGE = "large"


class Try(Action, name="example:try"):
    number: int
    words: str
    sure: bool
    size: Size
    to: Literal["on", "off"]
    page: int | None = None
    person: int = 0


class Bare(Action, name="example:bare"):
    """Carries nothing but its name."""


FULL = Try(7, "samosir", False, Size.LARGE, "off", 2, 12)


def test_what_is_packed_is_read_back() -> None:
    assert FULL.pack() == "example:try:7:samosir:no:large:off:2:12"
    assert parse(FULL.pack()) == FULL
    assert Bare().pack() == "example:bare"
    assert parse("example:bare") == Bare()


def test_last_fields_that_are_as_they_would_be_read_anyway_are_left_out() -> None:
    """So a class may get a new last field with a default: the buttons that were sent before are read with it."""
    assert Try(7, "", True, Size.SMALL, "on").pack() == "example:try:7::yes:small:on"
    assert Try(7, "", True, Size.SMALL, "on", person=3).pack() == "example:try:7::yes:small:on::3"
    assert parse("example:try:7::yes:small:on::3") == Try(7, "", True, Size.SMALL, "on", None, 3)
    assert parse("example:try:7::yes:small:on:0") == Try(7, "", True, Size.SMALL, "on", 0)


@pytest.mark.parametrize(
    "data",
    [
        "", "example", "example:tr", "example:trying", "example:try", "example:try:", "example:try:7", "other:try:7",
        "example:bare:", "example:bare:1", "example:bare\n", "\nexample:bare",
        "example:try:x::yes:small:on", "example:try:-1::yes:small:on", "example:try:+1::yes:small:on",
        "example:try: 1::yes:small:on", "example:try:٣::yes:small:on", "example:try:²::yes:small:on",
        "example:try:1\n::yes:small:on", f"example:try:{'9' * 16}::yes:small:on",
        "example:try:7::ja:small:on", "example:try:7::yes:huge:on", "example:try:7::yes:small:ON",
        "example:try:7::yes:small:on:1:2:3", "example:try:7::yes:small:on:x", "example:try:7::yes:small:on:1:",
    ],
)  # fmt: skip
def test_what_was_never_sent_is_not_read(data: str) -> None:
    assert Try.parse(data) is None
    assert Bare.parse(data) is None
    assert parse(data) is None


def test_more_than_a_button_carries_is_refused_when_it_is_made() -> None:
    fits = Try(1, "x" * (64 - len("example:try:1::yes:small:on")), True, Size.SMALL, "on")
    assert len(fits.pack()) == 64
    with pytest.raises(ValueError, match="64 bytes"):
        Button("button.back", Try(11, fits.words, True, Size.SMALL, "on"))
    with pytest.raises(ValueError, match="64 bytes"):
        Try(1, "é" * 30, True, Size.SMALL, "on").pack()


@pytest.mark.parametrize(("number", "words"), [(-1, ""), (10**15, ""), (1, "a:b")])
def test_what_could_not_be_read_back_is_refused_when_it_is_made(number: int, words: str) -> None:
    with pytest.raises(ValueError, match="carr"):
        Try(number, words, True, Size.SMALL, "on").pack()


def test_a_button_is_the_same_after_it_was_a_row() -> None:
    message = Message(
        "menu.show", buttons=rows([Button("button.back", FULL), Button("button.yes", url="https://x.id")])
    )
    assert Message.from_json(message.to_json()) == message
    assert message.buttons[0][0].data == FULL.pack()
    assert message.buttons[0][1].data is None


def test_an_audience_has_its_page_behind_its_kind() -> None:
    for action, data in (
        (LookForAudience("class"), "broadcasts:pick:class"),
        (LookForAudience("class", 2), "broadcasts:pick:class.2"),
        (LookForAudience("class", site="samosir"), "broadcasts:pick:class:samosir"),
        (LookForAudience("class", 12, "samosir"), "broadcasts:pick:class.12:samosir"),
    ):
        assert action.pack() == data
        assert parse(data) == action
    for data in ("broadcasts:pick", "broadcasts:pick:class.x", "broadcasts:pick:class.9999", "broadcasts:pick:a:b:c"):
        assert parse(data) is None


def test_a_lesson_may_be_opened_at_a_page() -> None:
    assert OpenLesson("M01L1").pack() == "lessons:open:M01L1"
    assert OpenLesson("M01L1", 1).pack() == "lessons:open:M01L1:1"


def test_a_type_that_buttons_cannot_carry_is_refused_where_it_stands() -> None:
    with pytest.raises(TypeError, match="cannot carry"):
        type("Wrong", (Action,), {"__annotations__": {"share": float}}, name="example:wrong")
    with pytest.raises(TypeError, match="is the name of Bare"):
        type("Again", (Action,), {}, name="example:bare")
    assert "example:wrong" not in classes()
    with pytest.raises(MalformedError):
        Bare.of_parts(["1"])


# --- all there are ----------------------------------------------------------------------------------------------------


def waited_for() -> set[type[Action]]:
    found: set[type[Action]] = set()
    for capability in handlers.CAPABILITIES:
        stack = list(capability.handlers())
        while stack:
            one = stack.pop()
            if isinstance(one, Conversation):
                stack += [*one.entry_points, *one.fallbacks, *(h for state in one.states.values() for h in state)]
            elif isinstance(one, Tap):
                found.add(one.action)
    return found


def test_every_action_leads_somewhere() -> None:
    assert waited_for() == set(every_class())


OF_A_TEXT: Final = (AnswerConsent, AnswerNotice, AnswerPurpose, PutNoticeOff, ReadNewNotice, WalkInAgreed)
"""What carries the version of the words above the button, and no site."""


@pytest.mark.parametrize("kind", every_class())
def test_every_action_fits_into_a_button_and_is_read_back(kind: type[Action]) -> None:
    """With the longest site, and numbers larger than any table will hold."""
    largest = example(kind, 10**12 - 1)
    data = largest.pack()
    assert parse(data) == largest
    site = max((one.id for one in content().sites), key=len)
    if kind in OF_A_TEXT:
        site = "12345678"  # the longest version of a text
    assert len(data.replace("labuan-bajo", site).encode()) <= 64


def test_actions_are_called_by_their_capability_and_every_class_by_one_name() -> None:
    for kind in every_class():
        assert Path(kind.__module__.replace(".", "/")).stem == kind.name.split(":")[0]
    assert len({kind.__name__ for kind in every_class()}) == len(every_class()) > 150
