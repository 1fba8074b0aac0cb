"""Reads names that a trainer wrote down, one on a line, as they stand on paper or in a chat group."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from bot.people.people import Salutation
from bot.programme.registration import readable_name, readable_phone, readable_sector, salutation_before_name
from bot.words.typed_text import cleaned

LONGEST_ODD: Final = 24
"""How many characters are said back of a number that cannot be one."""
AT_ONCE: Final = 60
"""How many people are read from one message; the lines after them are returned as unread."""
_NUMBERED: Final = re.compile(r"^\s*(?:[-*•·●▪‣–—✅✔☑]\s*|\(?\d{1,3}\s*[.):\]-]\s*|\d{1,3}\s+(?=[^\W\d]))+")
"""A bullet, or a number with its sign, in front of a name: "1. Bu Siti", "- Bu Siti", "12) Bu Siti"."""
_NUMBER: Final = re.compile(r"\+?\(?\d[\d\s()./\u2010-\u2015\u2212-]{6,}\d")
_PART_OF_NUMBER: Final = re.compile(r"(?<!\w)(?:\+\d[\d\s.-]*\d|0\d[\d\s.-]*\d|62\d[\d\s.-]*\d|\d[\d\s.-]{3,}\d)(?!\w)")
"""What begins as a telephone number and is too short for one, or five digits and more."""
_ABOUT_NUMBER: Final = re.compile(
    r"\b(?:no(?:mor)?\.?\s*)?(?:hp|wa|whatsapp|telp?|telepon|phone)\b\.?\s*:?", re.IGNORECASE
)
_ASIDE: Final = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_STAMP: Final = re.compile(
    r"^\s*(?:\[\d{1,2}[.:]\d{2}[^\]]*\d{2,4}[^\]]*\]|\[\d{1,2}/\d{1,2}/\d{2,4}[^\]]*\]"
    r"|\d{1,2}/\d{1,2}/\d{2,4},? \d{1,2}[.:]\d{2}(?: [AP]M)? -)\s*(?:[^:\d]|\d(?!\.)){1,40}:\s*",
    re.IGNORECASE,
)
"""What WhatsApp puts before a copied message: "[10.20, 23/11/2026] Yosef: "."""
_HEADING: Final = re.compile(
    r"(?:daftar|list|absensi|presensi)(?: (?:hadir|nama|peserta|kehadiran|absen|absensi)\b.*| ?)"
    r"|(?:hadir|peserta)(?: (?:kelas|hari ini|pelatihan|kegiatan)\b.*)",
    re.IGNORECASE,
)
"""What stands above the names."""
_STAYED_AWAY: Final = re.compile(
    r"\b(?:(?:tidak|tdk|tak|gak|ga|ngga|nggak|enggak|belum|batal) (?:bisa |dapat )?(?:hadir|hdr|datang|dtg|masuk|ikut)"
    r"|absen|alpa|izin|ijin|sakit|berhalangan)\b",
    re.IGNORECASE,
)
"""What is written behind the name of somebody who is not there."""
_AND_ADDRESSED: Final = re.compile(
    r"\S\s*(?:\bdan\b|\bsama\b|&|\+)\s*(?:bu|ibu|pak|bapak|kak|kakak|mbak|mas|bang|mama|hj|h)\b|\S\s+(?:dan|&)\s+\S",
    re.IGNORECASE,
)
"""Two people on one line."""
_BETWEEN: Final = re.compile(r"\s*(?:[,;]|\bdan\b|&)\s*", re.IGNORECASE)
"""Between several names that were typed in one line: "Ana, Budi dan Cici"."""
_NO_LETTERS: Final = re.compile(r"(?:\W|\d|hp|wa|no|nomor|telp?)+", re.IGNORECASE)
_PARTS: Final = re.compile(r"\t|[;|:/]|\s[-–—]\s|\s[-–—]$|^[-–—]\s")


@dataclass(frozen=True)
class Written:
    """A person as the trainer wrote them down. `phone` in international form; `odd_phone`: the digits of a number that
    cannot be one."""

    name: str
    salutation: Salutation
    phone: str | None = None
    odd_phone: str = ""


@dataclass(frozen=True)
class Unread:
    """A line in which no name can be read: its number, from 1, and its words."""

    line: int
    text: str


def people_in(text: str) -> tuple[list[Written], list[Unread]]:
    """Returns who is written in a text of one line or several, and the lines that cannot be read: those of several
    people (unless commas stand between them, in a text of one line) and of people who are not there, too. A line that
    stands there twice with the same number is one person; the heading of a list is left out."""
    found: list[Written] = []
    unread: list[Unread] = []
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if cleaned(line)]
    if len(lines) > 1:
        lines = [(number, line) for number, line in lines if not _HEADING.fullmatch(_bare(line))]
    for number, line in lines:
        people = _several_in(line) if len(lines) == 1 else []
        if not people:
            one = person_in(line)
            people = [one] if one is not None else []
        if not people or len(found) + len(people) > AT_ONCE:
            unread.append(Unread(number, cleaned(line)))
        else:
            found += [one for one in people if one.phone is None or one not in found]
    return found, unread


def _several_in(line: str) -> list[Written]:
    """Returns the people of a text of one line with commas between their names, if each part is a name by itself;
    nobody, if there is no comma. Degrees behind a name, and a trade, are no names: "Rina, S.Pd", "Ana, kuliner"."""
    if re.search(r"[,;]", line) is None:
        return []
    parts = [part for part in _BETWEEN.split(_ASIDE.sub(" ", cleaned(line)).strip(" ,;")) if part]
    joined: list[str] = []
    for part in parts:
        longer = f"{joined[-1]}, {part}" if joined else part
        if joined and (_NO_LETTERS.fullmatch(part) or readable_name(longer) == readable_name(joined[-1])):
            joined[-1] = longer  # a number, or a degree
        elif not joined or readable_sector(part) is None:
            joined.append(part)
    people = [person_in(part) for part in joined]
    return [one for one in people if one is not None] if None not in people else []


def is_of_several(text: str) -> bool:
    """Returns whether one line names two people ("Ana dan Budi"), of whom none is read."""
    return len(text.splitlines()) == 1 and _AND_ADDRESSED.search(_ASIDE.sub(" ", cleaned(text))) is not None


def person_in(line: str) -> Written | None:
    """Returns the person of one line: a name, and perhaps a number behind it. None if there is no name in it, or
    several, or if they are said not to be there."""
    rest = _NUMBERED.sub("", _STAMP.sub("", cleaned(line)))
    if _STAYED_AWAY.search(rest) or _AND_ADDRESSED.search(_ASIDE.sub(" ", rest)):
        return None
    number = _NUMBER.search(rest) or _PART_OF_NUMBER.search(rest)
    phone = readable_phone(number.group()) if number else None
    if number:
        rest = f"{rest[: number.start()]} {rest[number.end() :]}"
    rest = _ABOUT_NUMBER.sub(" ", _ASIDE.sub(" ", rest)).strip()
    if number is None and rest.endswith(":"):
        return None  # a heading
    part = next((part for part in _PARTS.split(rest) if cleaned(part).strip(" -–—.,")), "")
    name = readable_name(part)
    if name is None:
        return None
    salutation = salutation_before_name(part) or Salutation.NAME
    odd = number.group().strip(" .-")[:LONGEST_ODD] if number is not None and phone is None else ""
    return Written(name, salutation, phone, odd)


def _bare(line: str) -> str:
    """Returns the line without the number or sign before it, and the signs at its ends."""
    return _STAMP.sub("", cleaned(line)).strip(" :.*_-")


def number_in(text: str) -> tuple[str | None, str]:
    """Returns the telephone number of a text that holds nothing but one, and else the digits that cannot be one; both
    are empty where it holds anything else."""
    only = cleaned(_ABOUT_NUMBER.sub(" ", text)).strip(" .:-")
    if re.fullmatch(r"\+?[\d\s()./\u2010-\u2015\u2212-]+", only) is None:
        return None, ""
    phone = readable_phone(only)
    return phone, "" if phone is not None else only[:LONGEST_ODD]
