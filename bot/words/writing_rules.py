"""The style guide, asked of one text: short sentences, daily words, no shouting. Indonesian, as people read it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

SENTENCE_WORDS: Final = 12
MESSAGE_WORDS: Final = 60

FORBIDDEN: Final[dict[str, str]] = {
    r"kamu|lu|gue": "speak without a pronoun, or say Anda",
    r"silahkan": "is spelt silakan",
    r"klik di ?sini": "say what opens",
    r"(?<!klik )disini|disana|dimana": "is spelt di sini, di sana, di mana",
    r"submit": "is kirim",
    r"user": "is peserta, or nobody",
    r"mudah kok|gampang kok": "what is easy for us may not be for them",
    r"reschedule": "is ganti jadwal",
    r"waitlist|waiting list": "is daftar tunggu",
    r"registrasi": "is daftar or pendaftaran",
    r"meeting|event|session": "has an Indonesian word",
}
"""Words the style guide leaves out, and what is said instead."""
SHORT_FORMS: Final = frozenset({"BPJPH", "SEHATI", "TIKTOK"})
"""Names of more than four letters that are written in capitals."""
_EMOJI: Final = re.compile("[\U0001f1e6-\U0001faff☀-➿⬀-⯿⌚-⏿]")
_WORD: Final = re.compile(r"[\w'/@.-]*\w")


def word_count(text: str) -> int:
    """Words as they are read: oss.go.id and "dua-tiga" are one each."""
    return len(_WORD.findall(text))


def sentences(text: str) -> list[str]:
    """The sentences of a text, none of them empty; a line, and what stands before a colon, ends one."""
    parts = re.split(r"(?<=[.!?:])[\"')]*\s+|\n", text)
    return [part for part in parts if word_count(part)]


def forbidden(text: str) -> Iterator[str]:
    for pattern, reason in FORBIDDEN.items():
        if match := re.search(rf"\b({pattern})\b", text, re.IGNORECASE):
            yield f"'{match[0]}': {reason}"
    if re.search(r"\banda\b", text):
        yield "'anda' is written Anda"


def loud(text: str) -> Iterator[str]:
    if match := re.search(r"!!+", text):
        yield f"'{match[0]}': one is enough"
    if match := re.search(r"[─━═=_*-]{4,}", text):
        yield f"'{match[0]}': no rulers"
    if len(_EMOJI.findall(text)) > 1:
        yield "more than one emoji"
    if text.strip() and not re.search(r"\w", text):
        yield "an emoji or sign alone says nothing to who cannot see it"
    for shouted in re.findall(r"\b[A-Z]{5,}\b", text):
        if shouted not in SHORT_FORMS:
            yield f"'{shouted}': no words in capitals"


def times_and_sums(text: str) -> Iterator[str]:
    if match := re.search(r"\b(?:pukul|jam) \d{1,2}[.:]\d\d(?! (?:WIB|WITA|WIT)\b)", text):
        yield f"'{match[0]}' needs WIB, WITA or WIT"
    if match := re.search(r"Rp ?[\d.]+,00|Rp [\d.]+", text):
        yield f"'{match[0]}' is written like Rp50.000"


def long_sentences(text: str) -> Iterator[str]:
    for sentence in sentences(text):
        if (count := word_count(sentence)) > SENTENCE_WORDS:
            beginning = " ".join(sentence.split()[:4])
            yield f"a sentence of {count} words ('{beginning} ...'); {SENTENCE_WORDS} are enough"
