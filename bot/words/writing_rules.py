"""Checks one text against the style guide: short sentences, daily words, no shouting. Indonesian, as people read it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
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
"""Words that the style guide forbids, and what to write instead."""
MESSAGE_FORBIDDEN: Final[dict[str, str]] = {
    r"tautan": "is link",
    r"berkas\w*": "is file, as phones say",
    r"tadinya": "is semula: it points to today",
    r"jam buka|jam tenang": "is jam kirim, or say when it is sent",
    r"berkata hadir|bilang hadir": "is melapor hadir, or akan datang",
    r"ganti orang|orang baru": "is ganti peserta, peserta lain",
    r"bicara dengan orang": "is translated: Mau bertanya langsung?",
    r"(di|me)?tarik izin\w*|izin( \w+){0,3} ditarik": "a permission is dicabut",
    r"modul inti": "is modul utama",
    r"ketuk": "is tekan",
    r"sebentar lagi ada": "means within minutes",
}
"""Words that locales/ may not use either, and what to write instead: one word for one thing."""
SHORT_FORMS: Final = frozenset({"BPJPH", "SEHATI", "TIKTOK"})
"""Names of more than four letters that are written in capitals."""
_EMOJI: Final = re.compile("[\U0001f1e6-\U0001faff☀-➿⬀-⯿⌚-⏿]")
_MONTHS: Final = "jan|feb|mar|apr|mei|may|jun|jul|agu|aug|sep|okt|oct|nov|des|dec"
_WORD: Final = re.compile(r"[\w'/@.-]*\w")


def word_count(text: str) -> int:
    """Returns the number of words as they are read: oss.go.id and "dua-tiga" are one each."""
    return len(_WORD.findall(text))


def sentences(text: str) -> list[str]:
    """Returns the sentences of a text, none of them empty; the end of a line, and a colon, end one."""
    parts = re.split(r"(?<=[.!?:])[\"')]*\s+|\n", text)
    return [part for part in parts if word_count(part)]


def forbidden(text: str) -> Iterator[str]:
    yield from _listed(text, FORBIDDEN)
    if re.search(r"\banda\b", text):
        yield "'anda' is written Anda"


def _listed(text: str, words: Mapping[str, str]) -> Iterator[str]:
    for pattern, reason in words.items():
        if match := _as_word(pattern).search(text):
            yield f"'{match[0]}': {reason}"


@cache
def _as_word(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b({pattern})\b", re.IGNORECASE)


def in_messages(text: str) -> Iterator[str]:
    """Yields words that messages must not use, and errors of grammar: no comma after Namun, lebih ... dari."""
    yield from _listed(text, MESSAGE_FORBIDDEN)
    if match := re.search(r"(?:^|[.!?:]\s+|\n)(Namun|Jadi|Oleh karena itu) \w", text):
        yield f"'{match[1]}' at the head of a sentence has a comma"
    if re.search(r"(?:^|[.!?]\s+|\n)Tetapi\b", text):
        yield "'Tetapi' begins no sentence: Namun, or one sentence"
    if match := re.search(r"\blebih \w+ dari\b(?! (?:satu|dua|\d))", text, re.IGNORECASE):
        yield f"'{match[0]}' is daripada"


def dated(text: str) -> Iterator[str]:
    """Yields typed examples of a day: once that day is over, the example is not understood, or makes a class a year
    later."""
    if match := re.search(rf"\b\d{{1,2}}(?: (?:{_MONTHS})\b|/\d{{1,2}}\b)|\b20[2-9]\d\b", text, re.IGNORECASE):
        yield f"'{match[0]}': an example of a date ages; write besok jam 9, Jumat depan"


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
