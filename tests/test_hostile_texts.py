"""Texts as strangers and clumsy people write them, said in answer to every question the bot asks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.chat import Chat, Phone
from tests.every_question import ADMIN, Rooms

TEXTS = [
    " ",
    "\n\t\r\n",
    "x",
    "Z" * 4096,
    "panjang " * 512,
    "😀",
    "👨‍👩‍👧‍👦" * 300,
    "S̷̢̛i̴̡̛t̸̨̛i" + "\u0301" * 900,
    "\u202egnirts\u202c kiri",
    "\u2066isolasi\u2069\u200f",
    "\u200b\u200d\ufeff\u2060",
    "\u3164\u115f\uffa0",
    "Si\x00ti",
    "\x00",
    "Siti\x1b[31m\x07\x7f\x85",
    "Siti\ud800",
    "\udc00\ud83d",
    "\ufffe\uffff",
    "<b>Siti</b> &lt;i&gt; &amp; <a href='x'>y",
    "</b></i><script>alert(1)</script>",
    "'; DROP TABLE person; --",
    "{person} %s %(name)s {0.__class__.__mro__} {n!r:>9999}",
    '=HYPERLINK("http://x","y")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "3171 2345 6789 0123",
    "٣١٧١٢٣٤٥٦٧٨٩٠١٢٣",
    "٢٠",
    "²",
    "१२०",
    "-1",
    "1e9",
    "9" * 4000,
    "99999999999999999999",
    "0",
    "besok 99.99",
    "32/13/2026 25.61",
    "29 feb 0000",
    "0000-00-00",
    "kembali",
    "/",
    "/start",
    "/start " + "A" * 64,
    "/start t_" + "A" * 64,
    "/start h_zzzzzzzzzzz_BCDF",
    "/start s_\ud800",
    "/menu@jalin_bot \x00",
    "/\u0661",
    "//..//etc/passwd",
    "https://" + "a." * 1500 + "id",
    "http://x\ny",
    "ﷺ" * 40,
    "ǅ ŉ ß ﬃ İ",
    "a\u2028b\u2029c\u0085d",
]
WILD = st.text(
    st.one_of(
        st.characters(codec=None),
        st.sampled_from("\x00\x1b\ud800\udc00\ufffe\u202e\u200b\u3164\u0301<>&{}%'\"=+-@ 0\u0661²/_"),
    ),
    min_size=1,
    max_size=200,
)
HASTY = settings(
    deadline=None,
    derandomize=True,
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
BOUND = 20_000
"""Bytes of what one person's row may hold."""


@pytest.fixture
def rooms(database_url: str) -> Iterator[Rooms]:
    opened = Chat(database_url, admin_ids=(ADMIN, ADMIN + 1))
    try:
        yield Rooms(opened)
    finally:
        opened.close()


def said(text: str) -> dict[str, Any]:
    """The message as Telegram marks it up."""
    if not text.startswith("/"):
        return {"text": text}
    length = len(text.split(None, 1)[0].encode("utf-16-le", "surrogatepass")) // 2
    return {"text": text, "entities": [{"type": "bot_command", "offset": 0, "length": length}]}


def everybody_writes(rooms: Rooms, text: str, people: Mapping[str, Phone], log: pytest.CaptureFixture[str]) -> None:
    before = rooms.standing()
    log.readouterr()
    rooms.hear([(phone, phone.message(**said(text))) for phone in people.values()])
    out = "".join(log.readouterr())
    assert "turn failed" not in out, f"{text!r}: {out}"
    assert "put into words" not in out, f"{text!r}: {out}"
    assert "no words any more" not in out, f"{text!r}: {out}"
    if len(text.strip()) > 3:
        assert text.strip() not in out
    rooms.nothing_failed()
    rooms.all_can_be_sent()
    after = rooms.standing()
    for name, phone in people.items():
        assert phone.new, f"{name} heard nothing after {text!r}"
        assert len(json.dumps(after[phone.id], default=str).encode()) < BOUND, name
    for phone in rooms.others(people):
        phone.sees_nothing_new()
        assert after.get(phone.id) == before.get(phone.id)
    rooms.put_back()


def test_what_people_write_is_answered_in_every_room(rooms: Rooms, capsys: pytest.CaptureFixture[str]) -> None:
    """Each text is said in every fourth room (on PostgreSQL in every eighth), in others each time."""
    everywhere = list(rooms.people.items())
    step = 4 if rooms.chat.database.is_sqlite else 8
    for number, text in enumerate(TEXTS):
        everybody_writes(rooms, text, dict(everywhere[number % step :: step]), capsys)


def test_whatever_people_write_is_answered(rooms: Rooms, capsys: pytest.CaptureFixture[str]) -> None:
    @HASTY
    @given(st.sampled_from(sorted(rooms.people)), WILD)
    def anywhere(room: str, text: str) -> None:
        everybody_writes(rooms, text, {room: rooms.people[room]}, capsys)

    anywhere()
