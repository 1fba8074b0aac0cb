"""Speech as it is kept in the outbox: what was written by earlier versions is read, and what is written can be read by
them: while a new version starts, the old one still serves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import pytest

from bot.words.action import Packed
from bot.words.message import (
    At,
    Button,
    Called,
    File,
    Form,
    Keyboard,
    Lines,
    Link,
    Message,
    Place,
    Quiz,
    Share,
    Sheet,
    Style,
    Value,
    Who,
    Words,
    rows,
)

STORED = Path(__file__).parent / "wire" / "messages_v0_1.jsonl"
"""Rows of the outbox as version 0.1 wrote them, each with its name below."""
MOMENT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
ALL_BYTES = bytes(range(256))
"""In Base64 with the letters + and /."""
BUTTONS = rows(
    [
        Button("reminders.button.yes", Packed("reminders:yes:12")),
        Button("reminders.button.map", url="https://a.id/?q=1"),
    ],
    [Button("lessons.button.hour", Packed("lessons:hour:480"), {"hour": At(MOMENT, "Asia/Jayapura"), "n": 3})],
)
MESSAGES: Mapping[str, Message] = {
    "nothing": Message(),
    "key": Message("menu.hello"),
    "words": Message(
        "enrolment.seat",
        {
            "text": 'Foto 😀 "Produk" <b>&</b>\n\u200b',
            "empty": "",
            "number": 12,
            "large": 2**53 + 1,
            "negative": -1,
            "share": 0.25,
            "whole": 3.0,
            "yes": True,
            "none": None,
            "starts": At(MOMENT, "Asia/Makassar"),
            "local": At(datetime(2026, 11, 24, 9, 30, 15, 250000, timezone(timedelta(hours=8))), "Asia/Makassar"),
            "called": Called("ibu", "Siti"),
            "who": Who(7),
            "link": Link("https://a.id/?q=1&r=2"),
            "inner": Words("people.sector.kuliner"),
            "deep": Words("a.b", {"more": Words("c.d", {"who": Who(8), "at": At(MOMENT, "Asia/Jakarta")})}),
            "lines": Lines((Words("a.line", {"n": 1, "who": Who(9)}), Words("a.end"))),
            "no_lines": Lines(()),
        },
        BUTTONS,
    ),
    "keyboard": Message("registration.phone", keyboard=Keyboard.SHARE_CONTACT),
    "photo": Message("lessons.picture", form=Form.PHOTO, file=File("a.png", "image/png", path="content/a.png")),
    "document": Message(
        form=Form.DOCUMENT, file=File("a.bin", "application/octet-stream", ALL_BYTES), html="<b>Halo</b>"
    ),
    "empty_file": Message(form=Form.DOCUMENT, file=File("a.txt", "text/plain", b"")),
    "voice": Message(form=Form.VOICE, file=File("a.ogg", "audio/ogg", id="AwACAgUAAx")),
    "venue": Message(form=Form.VENUE, place=Place(-8.4964, 119.8877, "Puncak Waringin", "Labuan Bajo")),
    "location": Message(form=Form.LOCATION, place=Place(-8.0, 119.5)),
    "quiz": Message("quizzes.ask", form=Form.QUIZ, quiz=Quiz("Yang mana?", ("Ini", "Itu"), 1, "Sebab <terang>.")),
    "quiz_unexplained": Message(form=Form.QUIZ, quiz=Quiz("Yang mana?", ("Ini", "Itu"), 0), buttons=BUTTONS),
    "reaction": Message(form=Form.REACTION, emoji="👍"),
    "commands": Message(form=Form.COMMANDS, role="trainer"),
    "delete": Message(form=Form.DELETE),
    "secret": Message("staff.link", {"link": Link("https://t.me/b?start=x")}, secret=True),
    "sheets": Message(
        "roster.file",
        {"n": 2},
        form=Form.DOCUMENT,
        file=File("peserta.xlsx", "application/xlsx"),
        sheets=(
            Sheet(
                Words("roster.sheet", {"title": "Foto"}),
                (Words("roster.head.name"), Words("roster.head.at")),
                ((Who(1), At(MOMENT, "Asia/Makassar")), ("Budi", None), (2.5, 3), (Words("roster.yes"), "")),
            ),
            Sheet(Words("roster.empty"), (), ()),
        ),
    ),
}


def stored() -> dict[str, Any]:
    return {line["name"]: line["message"] for line in map(json.loads, STORED.read_text(encoding="utf-8").splitlines())}


def test_every_example_was_stored() -> None:
    assert set(stored()) == set(MESSAGES)
    assert {message.form for message in MESSAGES.values()} >= set(Form) - {Form.VIDEO}


@pytest.mark.parametrize("name", MESSAGES)
def test_what_an_earlier_version_wrote_is_read(name: str) -> None:
    read = Message.from_json(stored()[name])
    assert read == MESSAGES[name]
    values = {"values": dict(read.values), "sheets": [row for sheet in read.sheets for row in sheet.rows]}
    expected = {
        "values": dict(MESSAGES[name].values),
        "sheets": [row for sheet in MESSAGES[name].sheets for row in sheet.rows],
    }
    assert repr_of_types(values) == repr_of_types(expected)  # True is 1 and 3.0 is 3, but they read differently


def repr_of_types(value: object) -> object:
    match value:
        case dict():
            return {name: repr_of_types(inner) for name, inner in value.items()}
        case list() | tuple():
            return [repr_of_types(inner) for inner in value]
    return type(value)


@pytest.mark.parametrize("name", MESSAGES)
def test_an_earlier_version_can_read_what_is_written(name: str) -> None:
    """It is written as it was: what is empty is left out, and what was never left out is not."""
    written = json.loads(json.dumps(MESSAGES[name].to_json()))
    assert written == stored()[name]
    assert Message.from_json(written) == MESSAGES[name]


def test_what_later_versions_added_is_read_back_and_left_out_where_it_is_empty() -> None:
    """The version before reads such a row, too: it knows nothing of these fields and leaves them out."""
    button = Button("a.b", copy="a.copied", style=Style.PRIMARY)
    message = Message("menu.hello", buttons=rows([button]), silent=True, protected=True)
    written = json.loads(json.dumps(message.to_json()))
    assert written["silent"] is written["protected"] is True
    assert written["buttons"][0][0] == {"key": "a.b", "copy": "a.copied", "style": "primary"}
    assert Message.from_json(written) == message


class Kind(StrEnum):
    ONE = "one"


def test_what_is_a_string_of_its_own_kind_is_written_as_one() -> None:
    written = json.dumps(Message("a.b", {"kind": Kind.ONE}).to_json())
    assert Message.from_json(json.loads(written)) == Message("a.b", {"kind": "one"})


@pytest.mark.parametrize("value", [date(2026, 11, 24), b"x", object(), ["a"], Message("a.b")])
def test_what_no_words_have_is_refused_when_it_is_written(value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        Message("a.b", {"x": cast(Value, value)}).to_json()
    with pytest.raises(ValueError, match=r"."):
        Message("a.b", MappingProxyType({"x": "a mapping, and no dict"})).to_json()


@pytest.mark.parametrize(
    "data",
    [
        {"form": "song"},
        {"key": 3},
        {"form": "text", "values": {"x": {"odd": 1}}},
        {"form": "text", "values": {"x": [1]}},
    ],
)
def test_what_is_no_message_is_refused_when_it_is_read(data: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        Message.from_json(data)


def test_words_for_whatsapp_and_protection_are_kept() -> None:
    button = Button("call_list.button.whatsapp", share=Share(Words("a.b", {"n": 1}), "+62812", "en"))
    message = Message("call_list.list", buttons=rows([button]), protected=True)
    assert Message.from_json(json.loads(json.dumps(message.to_json()))) == message
    assert "protected" not in Message("menu.hello").to_json()
