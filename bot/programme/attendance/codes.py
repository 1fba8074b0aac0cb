"""The codes of a check-in: how they are made and read, and from when to when they are good. No database."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from datetime import time as wall_time
from typing import Final
from zoneinfo import ZoneInfo

from bot.people.quiet_hours import OpenHours
from bot.programme.attendance.tables import AttendanceSheet
from bot.programme.sessions import ClassSession

BEFORE: Final = timedelta(minutes=30)
AFTER: Final = timedelta(minutes=30)
"""Codes are good from this long before the start until this long after it."""
CHANGE_SECONDS: Final = 300
LETTERS: Final = "BCDFGHJKLMNPRSTVWXYZ"
"""Without vowels, so that no code is a word and no word is a code, and without Q, which is hard to read aloud."""
CODE_LENGTH: Final = 4
LINK: Final = "h_"
"""The beginning of a deep link's payload: then come the class's number in base 36 and the code, `?start=h_2s_KTRB`."""
DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


def stretch_of(moment: datetime) -> int:
    """Returns the number of the five minutes (the stretch) in which a moment lies."""
    return int(moment.timestamp()) // CHANGE_SECONDS


def stretch_begin(stretch: int) -> datetime:
    return datetime.fromtimestamp(stretch * CHANGE_SECONDS, UTC)


def code_of(secret: str, session_id: int, stretch: int) -> str:
    digest = hmac.digest(bytes.fromhex(secret), f"{session_id}:{stretch}".encode(), hashlib.sha256)
    number = int.from_bytes(digest[:8], "big")
    letters = []
    for _ in range(CODE_LENGTH):
        number, at = divmod(number, len(LETTERS))
        letters.append(LETTERS[at])
    return "".join(letters)


def payload(session_id: int, code: str) -> str:
    """Returns the payload of the link, which stands behind `?start=`."""
    digits, number = "", session_id
    while number:
        number, at = divmod(number, 36)
        digits = DIGITS[at] + digits
    return f"{LINK}{digits}_{code}"


def read_payload(text: str) -> tuple[int, str] | None:
    """Returns class and code of a payload (with or without LINK); None if it is not one of ours."""
    match = re.fullmatch(r"([0-9a-z]{1,11})_([A-Za-z]{4})", text.removeprefix(LINK))
    return (int(match[1], 36), match[2].upper()) if match else None


_WRITTEN: Final = re.compile(
    r"\s*(?P<said>(?:(?:saya )?(?:hadir|absen)\b[\s:=,]*)?(?:(?:ini )?kode(?:nya)?\b(?: (?:hadir|absen|kelas)\b)?"
    r"(?: saya\b)?[\s:=,]*(?:(?:itu|adalah)\b\s*)?)?)"
    rf"(?P<code>[{LETTERS}](?:[\s.\-_]*[{LETTERS}]){{{CODE_LENGTH - 1}}})"
    r"(?P<called>[\s,]+(?:kak|kakak|bu|ibu|pak|bapak|ya|min|mbak|mas))?[\s.!]*",
    re.IGNORECASE,
)


def readable_code(text: str) -> str | None:
    """Returns the four letters that somebody typed, however they were written, alone or as in "Kode: TFGW bu"; None if
    the text is no code."""
    found = _WRITTEN.fullmatch(text)
    if found is None or (found["called"] and not found["said"] and not found["code"].isupper()):
        return None  # "mksh bu"
    return re.sub(r"[^A-Z]", "", found["code"].upper())


def is_called_code(text: str) -> bool:
    """Returns whether the text says itself that it is a code: "kode tfgw", "hadir, kodenya TFGW"."""
    return re.search(r"\bkode(?:nya)?\b", text, re.IGNORECASE) is not None


_LIKE_ONE: Final = re.compile(r"(?P<said>kode(?:nya)?[\s:=]+)?(?P<code>[a-z0-9]{4})[\s.!]*", re.IGNORECASE)


def resembles_code(text: str) -> bool:
    """Returns whether the text is four letters or digits that look like a code and cannot be one, "KTRA" or "kode:
    k7rb": they were misread. Words are not taken for codes: small letters count only behind "kode", and only if a digit
    is among them."""
    found = _LIKE_ONE.fullmatch(text.strip())
    if found is None or readable_code(text) is not None or found["code"].isdigit():
        return False
    has_digit = any(character.isdigit() for character in found["code"])
    return found["code"].isupper() or (found["said"] is not None and has_digit)


def opens_at(session: ClassSession) -> datetime:
    return session.starts_at - BEFORE


def closes_at(session: ClassSession) -> datetime:
    return session.starts_at + AFTER


def claim_until(session: ClassSession, hours: OpenHours) -> datetime:
    """Returns until when a person can say that they were in the class: the end of the open hours on the day after
    it."""
    zone = ZoneInfo(hours.zone)
    day = session.starts_at.astimezone(zone).date() + timedelta(days=1)
    evening = hours.closes if hours.closes > wall_time(12) else wall_time(19, 30)
    return datetime.combine(day, evening, zone).astimezone(UTC)


def good_codes(sheet: AttendanceSheet, now: datetime) -> tuple[str, str]:
    """Returns the code of these five minutes, and that of the five before."""
    stretch = stretch_of(now)
    return code_of(sheet.secret, sheet.session_id, stretch), code_of(sheet.secret, sheet.session_id, stretch - 1)


def old_codes(sheet: AttendanceSheet, session: ClassSession, now: datetime) -> frozenset[str]:
    first, last = stretch_of(opens_at(session)) - 1, stretch_of(now) - 2
    return frozenset(code_of(sheet.secret, sheet.session_id, stretch) for stretch in range(first, last + 1))
