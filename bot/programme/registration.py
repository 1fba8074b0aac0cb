"""Becoming a participant: what is asked, how answers are read, and when somebody is registered.

From the consent on, answers stand on the person's row at once: whoever is interrupted goes on where they were, and the
first field that is still empty is the next question. Reading what people write is forgiving and never invents.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeVar

from sqlalchemy.orm import Session

from bot.people.people import (
    SECTORS,
    Account,
    Person,
    Purpose,
    Salutation,
    persons_of,
    record_consent,
    switch_person,
)
from bot.words.message import Words


class Field(StrEnum):
    """What can be asked, and changed later. The first four are needed to take part."""

    SALUTATION = "salutation"
    NAME = "name"
    SECTOR = "sector"
    SITE = "site"
    PHONE = "phone"
    NEEDS = "needs"


NEEDED: Final = (Field.SALUTATION, Field.NAME, Field.SECTOR, Field.SITE)
"""In the order in which they are asked."""
SITE_LINK: Final = "s_"
"""A deep link's payload is this and the id of a site: `?start=s_samosir`."""
NAME_LETTERS: Final = 40
NAME_LENGTH: Final = 60
NAME_WORDS: Final = 5
NEEDS_LENGTH: Final = 200


# --- outcomes -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Registered:
    """From now on a participant."""

    person: Person


@dataclass(frozen=True)
class Missing:
    """Not yet: this is still to be answered."""

    field: Field


# --- decisions: reading what people write ---------------------------------------------------------------------------

_Choice = TypeVar("_Choice")
_SALUTATION_WORDS: Final = {
    "ibu": Salutation.IBU,
    "bu": Salutation.IBU,
    "bapak": Salutation.BAPAK,
    "bpk": Salutation.BAPAK,
    "pak": Salutation.BAPAK,
    "kakak": Salutation.KAKAK,
    "kak": Salutation.KAKAK,
    "mrs": Salutation.IBU,
    "ms": Salutation.IBU,
    "mr": Salutation.BAPAK,
}
_SECTOR_WORDS: Final = {
    "kuliner": "kuliner makanan minuman makan minum masakan kue roti warung kopi katering food drink snack",
    "kriya": "kriya kerajinan anyaman ukiran souvenir suvenir keramik craft crafts",
    "fesyen": "fesyen fashion pakaian baju kain tenun batik songket ulos jahit penjahit clothes textiles",
    "penginapan": "penginapan homestay hotel kos villa losmen lodging stay places",
    "wisata": "wisata pemandu tur tour tours guide guiding travel perjalanan",
    "pertanian": "pertanian tani petani olahan kebun panen farm ternak ikan",
    "jasa_kreatif": "kreatif desain foto video musik percetakan creative design",
    "lainnya": "lain lainnya other",
}
_BACK_WORDS: Final = frozenset({"kembali", "back", "balik"})
_LEAD_INS: Final = tuple(
    tuple(words.split())
    for words in (
        "nama panggilan saya", "nama panggilan", "nama lengkap saya", "nama lengkap", "nama saya adalah", "nama saya",
        "nama", "namaku", "panggil saja", "panggil aja", "panggil saya", "panggil", "saya adalah", "saya", "aku",
        "my name is", "my name", "call me", "i am", "i'm", "name", "biasa dipanggil", "dipanggil", "halo", "hai",
    )
)  # fmt: skip
_TAILS: Final = frozenset({"aja", "saja", "ya", "yah", "please"})
_NAME_ENDS: Final = frozenset({"dari", "di", "umur", "usia", "from"})
"""What follows these says something else: "siti dari samosir"."""
_NO_NAMES: Final = frozenset(
    {"ya", "tidak", "ok", "oke", "yes", "no", "menu", "bantuan", "help", "batal", "daftar", "lanjut"}
)
_APOSTROPHES: Final = "'\u2019\u02bc\u2018`\u00b4"
UNSEEN: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters, marks and signs by their category, and blank on every screen."""
_PHONE: Final = re.compile(r"\+?[\d\s().\-]{9,24}")


def cleaned(text: str) -> str:
    """Text without what cannot be seen (control and direction characters, zero-width spaces), blanks made single."""
    kept = (
        " " if char in "\n\t\r" or unicodedata.category(char) in ("Zs", "Zl", "Zp") else char
        for char in unicodedata.normalize("NFC", text)
        if char in "\n\t\r" or not (unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn") or char in UNSEEN)
    )
    return " ".join("".join(kept).split())


def readable_name(text: str) -> str | None:
    """The name to call somebody by, as it may be read from what they wrote; None if no name can be read from it.

    "nama saya siti" is Siti, "SITI AMINAH" is Siti Aminah, "Bu Siti." is Siti. At most 40 letters and 5 words; letters
    of any script, apostrophes and hyphens inside words; nothing else is kept.
    """
    if "?" in text:
        return None
    words = [word for word in map(_name_word, cleaned(_lettered(text)).split()) if word]
    words = _without_surroundings(words)
    if not words or len(words) > NAME_WORDS:
        return None
    if len(words) == 1 and words[0].casefold() in _NO_NAMES | _SALUTATION_WORDS.keys():
        return None
    name = " ".join(words)
    if sum(char.isalpha() for char in name) > NAME_LETTERS or len(name) > NAME_LENGTH:
        return None
    capitalised = _capitalised(name, lower_rest=False)
    if name == name.lower() or capitalised == capitalised.upper():
        return _capitalised(name, lower_rest=True)
    return capitalised


def _lettered(text: str) -> str:
    """Letters, their marks, apostrophes and hyphens; everything else becomes a blank. Ornate letters become plain."""
    out: list[str] = []
    marks = 0
    # the apostrophes first: one of them would come apart
    for char in unicodedata.normalize("NFKC", re.sub(f"[{_APOSTROPHES}]", "'", text)):
        kind = unicodedata.category(char)
        if char in UNSEEN:
            continue
        if kind.startswith("L"):
            out.append(char)
            marks = 0
        elif kind in ("Mn", "Mc") and out and out[-1] not in " '-" and not "\ufe00" <= char <= "\ufe0f" and marks < 2:
            out.append(char)
            marks += 1
        elif char == "'":
            out.append("'")
        elif char in "-\u2010\u2011":
            out.append("-")
        elif kind not in ("Cf", "Mn", "Mc", "Me"):  # a zero-width space does not part a word, all else does
            out.append(" ")
    return unicodedata.normalize("NFC", "".join(out))


def _name_word(word: str) -> str:
    """Signs at the ends are quotes and dashes, inside they belong to the name; never two in a row."""
    return re.sub(r"(['-])['-]+", r"\1", word.strip("'-"))


def _without_surroundings(words: list[str]) -> list[str]:
    """Without "nama saya", "Bu" in front and "ya" behind, as long as something remains."""
    while True:
        folded = [word.casefold() for word in words]
        lead = next((len(lead) for lead in _LEAD_INS if tuple(folded[: len(lead)]) == lead), 0)
        if not lead and folded and folded[0] in _SALUTATION_WORDS:
            lead = 1
        if lead and lead >= len(words):
            return [] if folded[0] not in _SALUTATION_WORDS else words[:1]
        if lead:
            words = words[lead:]
        elif len(words) > 1 and folded[-1] in _TAILS:
            words = words[:-1]
        else:
            return words[: next((at for at in range(1, len(words)) if folded[at] in _NAME_ENDS), None)]


def _capitalised(name: str, *, lower_rest: bool) -> str:
    """Each word and each part behind a hyphen begins large; an apostrophe begins nothing: Ma'ruf."""
    out: list[str] = []
    for char in name:
        if not out or out[-1] in " -":
            out.append(_same_length(char, char.upper()))
        else:
            out.append(_same_length(char, char.lower()) if lower_rest else char)
    return "".join(out)


def _same_length(char: str, other: str) -> str:
    """A few letters become two in the other case: those stay as they are."""
    return other if len(other) == len(char) else char


def readable_salutation(text: str) -> Salutation | None:
    """Ibu, Bapak or Kakak, from a word or the number of the choice."""
    word = _word(text)
    if word.isascii() and word.isdigit():
        return _numbered(word, list(Salutation))
    return next((_SALUTATION_WORDS[part] for part in word.split() if part in _SALUTATION_WORDS), None)


def readable_sector(text: str) -> str | None:
    """One of SECTORS, from a word of it or the number of the choice."""
    word = _word(text)
    if word.isascii() and word.isdigit():
        return _numbered(word, SECTORS)
    for part in word.split():
        for sector, words in _SECTOR_WORDS.items():
            if part in words.split():
                return sector
    return None


def is_back(text: str) -> bool:
    """Whether somebody wrote (or tapped on the keyboard) "Kembali"."""
    return _word(text) in _BACK_WORDS


def readable_phone(text: str) -> str | None:
    """A telephone number in international form (+62812...); a national one is Indonesian. None if it is none."""
    plain = cleaned(text)
    if not _PHONE.fullmatch(plain):
        return None
    digits = re.sub(r"\D", "", plain)
    if not digits.isascii():
        return None
    if plain.startswith("+") or (digits.startswith("62") and len(digits) >= 11):
        number = digits
    elif digits.startswith("0"):
        number = "62" + digits.lstrip("0")
    elif digits.startswith("8"):
        number = "62" + digits
    else:
        return None
    return f"+{number}" if 10 <= len(number) <= 15 else None


def masked(phone: str) -> str:
    """A number as it is shown: +6281234565678 is 0812-xxxx-x678."""
    national = "0" + phone[3:] if phone.startswith("+62") else phone
    return f"{national[:4]}-xxxx-x{national[-3:]}"


def _word(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", cleaned(text).casefold()))


def _numbered(digits: str, choices: Sequence[_Choice]) -> _Choice | None:
    at = int(digits) if len(digits) < 3 else 0
    return choices[at - 1] if 1 <= at <= len(choices) else None


# --- services -------------------------------------------------------------------------------------------------------


def begin(
    db: Session, account: Account, *, site_id: str | None, text_version: str, language: str, now: datetime
) -> Person:
    """Consent 1 was given: the person exists from this moment, with the proof of it, and speaks on this phone."""
    person = Person(
        account_id=account.id, name="", salutation="", site_id=site_id, consent_training=False, registered_at=None
    )
    db.add(person)
    db.flush()
    record_consent(db, person, Purpose.TRAINING, given=True, text_version=text_version, language=language, now=now)
    account.person = person
    return person


def next_missing(person: Person) -> Field | None:
    """What is to be asked next; None when all that is needed was answered."""
    answers = {
        Field.SALUTATION: person.salutation,
        Field.NAME: person.name,
        Field.SECTOR: person.sector,
        Field.SITE: person.site_id,
    }
    return next((field for field in NEEDED if not answers[field]), None)


def answer(person: Person, field: Field, value: str | None) -> None:
    """Write down an answer; it counts at once. None empties what may be empty (phone, needs)."""
    match field:
        case Field.SALUTATION:
            person.salutation = Salutation(value or "")
        case Field.NAME:
            person.name = value or ""
        case Field.SECTOR:
            person.sector = value
        case Field.SITE:
            person.site_id = value
        case Field.PHONE:
            person.phone = value
        case Field.NEEDS:
            person.needs = value


def complete(person: Person, now: datetime) -> Registered | Missing:
    """The person says that all is right."""
    missing = next_missing(person)
    if missing is not None:
        return Missing(missing)
    person.registered_at = person.registered_at or now
    return Registered(person)


def go_back_to(db: Session, account: Account, person_id: int | None) -> Person | None:
    """Somebody else's registration on this phone is broken off: speak as the one before, or as the first of them."""
    if person_id is not None and (person := switch_person(db, account, person_id)):
        return person
    registered = [person for person in persons_of(db, account) if person.registered_at is not None]
    return switch_person(db, account, registered[0].id) if registered else None


def sector_words(sector: str | None) -> Words | None:
    """The words of a type of business."""
    return Words(f"people.sector.{sector}") if sector in SECTORS else None
