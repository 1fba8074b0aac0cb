"""HTML as Telegram reads it: plain text, entities in UTF-16 units, and Telegram's own words for what is wrong."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.html import Entity, EntityError, finish, found_entities, parse_html, utf16_length


def _published_vectors() -> list[dict[str, Any]]:
    """Telegram's own test vectors, where a copy lies beside the project."""
    for folder in Path(__file__).resolve().parents:
        path = folder / "shared" / "telegram" / "entity_vectors.json"
        if path.is_file():
            return [vector for vector in json.loads(path.read_text("utf-8")) if vector["mode"] == "html"]
    return []


OWN_VECTORS: list[dict[str, Any]] = [
    {"text": "a < b", "error": 'Unsupported start tag "" at byte offset 2'},
    {"text": "satu<br>dua", "error": 'Unsupported start tag "br" at byte offset 4'},
    {"text": "<p>satu</p>", "error": 'Unsupported start tag "p" at byte offset 0'},
    {"text": "</b>", "error": "Unexpected end tag at byte offset 0"},
    {"text": "<b>satu", "error": 'Can\'t find end tag corresponding to start tag "b"'},
    {"text": "<b><i>x</b></i>", "error": 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'},
    {"text": "<span>x</span>", "error": 'Tag "span" must have class "tg-spoiler" at byte offset 0'},
    {"text": "😀<x>", "error": 'Unsupported start tag "x" at byte offset 4'},
    {"text": '<tg-emoji emoji-id="x">👍</tg-emoji>', "error": "Invalid custom emoji identifier specified"},
    {"text": "Kopi & teh &nbsp; &amp; &lt;b&gt; &#x2764; &#39;", "plain": "Kopi & teh &nbsp; & <b> \u2764 '"},
    {"text": "<B>Besar</B>", "plain": "Besar"},
    {"text": "<b/>x</b>", "error": 'Unsupported start tag "b/" at byte offset 0'},
]


@pytest.mark.parametrize("vector", [*OWN_VECTORS, *_published_vectors()], ids=lambda v: str(v["text"])[:40])
def test_html_is_read_as_telegram_reads_it(vector: dict[str, Any]) -> None:
    if "error" in vector:
        with pytest.raises(EntityError) as refused:
            parse_html(vector["text"])
        assert str(refused.value) == vector["error"]
    else:
        assert parse_html(vector["text"])[0] == vector["plain"]


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("<b>Halo</b> Ibu", [Entity("bold", 0, 4)]),
        ("🏟 <i>miring</i>", [Entity("italic", 3, 6)]),
        ("<b>a<i>b</i></b>", [Entity("bold", 0, 2), Entity("italic", 1, 1)]),
        ("<i><b>ab</b></i>", [Entity("bold", 0, 2), Entity("italic", 0, 2)]),
        ("<u>a</u><s>b</s>", [Entity("underline", 0, 1), Entity("strikethrough", 1, 1)]),
        ("<tg-spoiler>x</tg-spoiler>", [Entity("spoiler", 0, 1)]),
        ('<span class="tg-spoiler">x</span>', [Entity("spoiler", 0, 1)]),
        ('<a href="https://Kemenparekraf.go.id">x</a>', [Entity("text_link", 0, 1, url="https://kemenparekraf.go.id/")]),
        ("<a href=telegram.org>x</a>", [Entity("text_link", 0, 1, url="http://telegram.org/")]),
        ("<a>telegram.org</a>", [Entity("text_link", 0, 12, url="http://telegram.org/")]),
        ("<a>bukan tautan</a>", []),
        ('<a href="tg://user?id=42">x</a>', [Entity("text_mention", 0, 1, user_id=42)]),
        ('<pre><code class="language-py">x</code></pre>', [Entity("pre", 0, 1, language="py")]),
        ("<pre><code>x</code></pre>", [Entity("pre", 0, 1), Entity("code", 0, 1)]),
        ("<code>x</code>", [Entity("code", 0, 1)]),
        ("<blockquote>x</blockquote>", [Entity("blockquote", 0, 1)]),
        ("<blockquote expandable>x</blockquote>", [Entity("expandable_blockquote", 0, 1)]),
        ('<tg-emoji emoji-id="5368324170671202286">👍</tg-emoji>',
         [Entity("custom_emoji", 0, 2, custom_emoji_id="5368324170671202286")]),
        ('<tg-time unix="12345" format="r">x</tg-time>',
         [Entity("date_time", 0, 1, unix_time=12345, date_time_format="r")]),
        ("<b></b>x", []),
    ],
)  # fmt: skip
def test_entities(text: str, entities: list[Entity]) -> None:
    assert parse_html(text)[1] == entities


def test_what_telegram_trims() -> None:
    assert finish(*parse_html("  \n <b>Halo</b> \n")) == ("Halo", [Entity("bold", 0, 4)])
    assert finish(*parse_html("a <b> </b>b")) == ("a  b", [])
    assert finish(*parse_html("<b>tebal  </b>  ")) == ("tebal", [Entity("bold", 0, 5)])
    assert finish(" \n ") == ("", [])
    assert finish("a\r\nb\tc") == ("a\nb c", [])


def test_what_telegram_finds_by_itself() -> None:
    text = "😀 /start, @nama_bot #kopi_2 situs.id/a?b=c. surat@contoh.co.id https://x.id/y) 10.30 dan/atau"
    found = {
        text.encode("utf-16-le")[2 * e.offset : 2 * (e.offset + e.length)].decode("utf-16-le"): e.type
        for e in found_entities(text)
    }
    assert found == {
        "/start": "bot_command",
        "@nama_bot": "mention",
        "#kopi_2": "hashtag",
        "situs.id/a?b=c": "url",
        "surat@contoh.co.id": "email",
        "https://x.id/y": "url",
    }


def test_nothing_is_found_inside_code() -> None:
    assert finish(*parse_html("<code>/start</code> /batal"))[1] == [
        Entity("code", 0, 6),
        Entity("bot_command", 7, 6),
    ]


def test_only_a_hundred_entities_are_kept() -> None:
    assert len(finish(*parse_html("<b>x</b> " * 150))[1]) == 100


@given(st.text(max_size=200).filter(lambda text: "\0" not in text))
def test_escaped_text_comes_back_whole(text: str) -> None:
    assert parse_html(html.escape(text)) == (text, [])


@given(st.text(alphabet="<>/&=\"' abi;#x3😀-", max_size=80))
def test_any_markup_gives_entities_within_the_text_or_a_refusal(text: str) -> None:
    try:
        plain, entities = parse_html(text)
    except EntityError:
        return
    plain, entities = finish(plain, entities)
    size = utf16_length(plain)
    assert all(0 <= e.offset < e.offset + e.length <= size for e in entities)
