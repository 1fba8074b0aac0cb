"""Becoming a participant: what is asked, how answers are read, and when somebody is registered.

From the consent on, each answer is written to the person's row at once: people who are interrupted go on where they
were, and the first field that is still empty is the next question. Reading what people write is forgiving and never
invents.
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
from bot.words.typed_text import UNSEEN, cleaned


class Field(StrEnum):
    """What can be asked, and changed later. The first four are needed to take part."""

    SALUTATION = "salutation"
    NAME = "name"
    SECTOR = "sector"
    SITE = "site"
    PHONE = "phone"
    NEEDS = "needs"


NEEDED: Final = (Field.SALUTATION, Field.NAME, Field.SECTOR, Field.SITE)
"""The needed fields, in the order in which they are asked."""
NAME_LETTERS: Final = 40
NAME_LENGTH: Final = 60
NAME_WORDS: Final = 7
NEEDS_LENGTH: Final = 200


# --- outcomes -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Registered:
    """The person is a participant now."""

    person: Person


@dataclass(frozen=True)
class Missing:
    """The person is not registered yet: this field must still be answered."""

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
    "pertanian": "pertanian tani petani olahan kebun panen ternak ikan perikanan nelayan laut farm farming fishing",
    "jasa_kreatif": "kreatif desain foto video musik percetakan creative design",
    "lainnya": "lain lainnya other",
}
_NAME_ALONE: Final = re.compile(
    r"\b(nama(nya)? ?(saja|aja|doang)|cukup nama\w*|tanpa sapaan|(just|only) (the|my) name|name only)\b"
)
SHORT_ANSWER: Final = 4
"""Of so many words an answer to "Sudah benar?" is still only a yes or no, or one other answer."""
_RIGHT_WORDS: Final = frozenset(
    {
        "ya", "iya", "yah", "benar", "betul", "sudah", "tepat", "cocok", "lengkap", "ok", "oke", "sip", "siap", "kak",
        "bu", "pak", "semua", "semuanya", "yes", "right", "correct",
    }
)  # fmt: skip
_WRONG_WORDS: Final = frozenset(
    {
        "salah", "keliru", "belum", "bukan", "tidak", "nggak", "gak", "ubah", "ganti", "betulkan", "no", "not",
        "wrong", "change",
    }
)  # fmt: skip
_BACK_WORDS: Final = frozenset({"kembali", "back", "balik"})
_LEAD_INS: Final = tuple(
    tuple(words.split())
    for words in (
        "nama panggilan", "nama lengkap", "nama", "nm", "nma", "namaku", "panggil saja", "panggil aja", "panggil",
        "biasa dipanggil", "dipanggil", "saya", "sya", "sy", "aku", "adalah", "ini dengan", "dengan",
        "my name is", "my name", "call me", "i am", "im", "name",
        "assalamualaikum", "assalamu alaikum", "assalaamualaikum", "asalamualaikum", "wr wb",
        "warahmatullahi wabarakatuh",
        "selamat pagi", "selamat siang", "selamat sore", "selamat malam", "pagi", "om swastiastu", "shalom", "syalom",
        "horas", "permisi", "halo", "hallo", "hello", "hai", "hi", "good morning", "good afternoon", "good evening",
    )
)  # fmt: skip
"""What people write before a name, several of them after another; apostrophes do not count."""
_TITLES: Final = frozenset(
    {
        "h", "hj", "haji", "hajah", "hajjah", "dr", "drs", "dra", "ir", "prof", "ust", "ustaz", "ustad",
        "ustadz", "ustadzah", "kh", "pdt", "pendeta",
    }
)  # fmt: skip
_OTHER_ADDRESSES: Final = {
    "mbak": (Salutation.IBU, Salutation.KAKAK),
    "mba": (Salutation.IBU, Salutation.KAKAK),
    "mas": (Salutation.BAPAK, Salutation.KAKAK),
}
"""Words people use for an address that we do not, and those of ours that may be meant."""
_FIELD_OF_DEGREE: Final = (
    "pd|e|h|kom|ikom|t|st|si|sos|p|pt|pi|ag|th|hum|ked|psi|sn|ip|km|kep|keb|farm|ak|tr|i|m|md|ab|ap|kes|ds|ars|par|"
    "sc|a|b|fil|hut|gz|ling|han|ec|eng"
)
_DEGREES: Final = re.compile(
    rf"(?:[,\s]+(?:[smad]\.(?:[a-z]{{1,5}}|\s(?:{_FIELD_OF_DEGREE})(?![a-z]))(?:\.[a-z]{{1,4}})*"
    rf"|(?<=[,.]\s)[smad]\s?(?:{_FIELD_OF_DEGREE})(?![a-z])|(?<=,)[smad](?:{_FIELD_OF_DEGREE})(?![a-z])"
    r"|(?<=[,.]\s)(?:mba|ph\.?\s?d|drs|dra|ir))[.,]*)+\s*$",
    re.IGNORECASE,
)
"""Academic degrees at the end: with a full stop ("S.Pd", "M. Si"), or after a comma ("SE", "MBA")."""
_TAILS: Final = frozenset({"aja", "saja", "ya", "yah", "please"})
_NAME_ENDS: Final = frozenset({"dari", "di", "umur", "usia", "from"})
"""Words after a name that begin something else: "siti dari samosir"."""
_NO_NAMES: Final = frozenset(
    {
        "ya", "iya", "tidak", "ok", "oke", "yes", "no", "menu", "bantuan", "help", "batal", "daftar",
        "lanjut", "berhenti", "stop", "hadir", "tanya", "start", "mulai", "jadwal", "admin", "siap", "baik",
        "setuju", "benar", "hapus", "keluar", "profil", "kembali", "back", "makasih", "thanks", "nanti",
        "salah",
    }
)  # fmt: skip
"""Words that are no name, alone or together."""
_NO_NAME_BEGINS: Final = frozenset(
    {
        "mau", "ingin", "pengen", "kepengen", "tidak", "tak", "gak", "ga", "nggak", "ngga", "enggak", "belum",
        "sudah", "bisa", "boleh", "tolong", "terima", "kapan", "dimana", "apa", "apakah", "siapa", "kenapa",
        "mengapa", "bagaimana", "gimana", "berapa", "jangan", "karena",
    }
)  # fmt: skip
"""Words that begin a sentence, not a name."""
_APOSTROPHES: Final = "'\u2019\u02bc\u2018`\u00b4"
_PHONE: Final = re.compile(r"\+?\(?[0-9][0-9\s()./\u2010-\u2015\u2212-]*[0-9]")
_EXIT_PREFIX: Final = re.compile(r"0(?:0[178]?|17)(?=62)|00")
"""What is dialled before a country's number: 00, and in Indonesia 001, 007, 008, 017 too."""
_MOBILE_DIGITS: Final = range(9, 14)
"""How many digits an Indonesian mobile number has, without 0 or 62."""


def readable_name(text: str) -> str | None:
    """Returns the name to call somebody by, as it may be read from what they wrote; None if no name can be read from
    it.

    "nama saya siti" is Siti, "SITI AMINAH" is Siti Aminah, "Bu Hj. Siti, S.Pd." is Siti. At most 40 letters and 7
    words; letters of any script, apostrophes and hyphens in words; nothing else is kept.
    """
    if "?" in text:
        return None
    words = _without_surroundings(_words_of_name(text))
    folded = [word.casefold() for word in words]
    if not words or len(words) > NAME_WORDS or folded[0] in _NO_NAME_BEGINS:
        return None
    if all(word in _NO_NAMES or word in _SALUTATION_WORDS or word in _OTHER_ADDRESSES for word in folded):
        return None
    name = " ".join(words)
    if sum(char.isalpha() for char in name) > NAME_LETTERS or len(name) > NAME_LENGTH:
        return None
    capitalised = _capitalised(name, lower_rest=False)
    if name == name.lower() or capitalised == capitalised.upper():
        return _capitalised(name, lower_rest=True)
    return capitalised


def salutation_before_name(text: str) -> Salutation | None:
    """Returns the address somebody wrote directly before their name: Ibu for "IBU SITI", "nama saya bu Hj. Siti"."""
    words = _words_of_name(text)
    before = len(words) - len(_without_surroundings(words, ends=False))
    while before and words[before - 1].casefold() in _TITLES:
        before -= 1
    return _SALUTATION_WORDS.get(words[before - 1].casefold()) if before else None


def _words_of_name(text: str) -> list[str]:
    """Returns the words of the text without the degrees behind it; an apostrophe in front of a word stays, unless it
    is a quote."""
    words = cleaned(_lettered(_DEGREES.sub("", cleaned(text)))).split()
    quoted = any(len(word) > 1 and word.endswith("'") for word in words)
    return [name for word in words if (name := _name_word(word, quoted=quoted))]


def _lettered(text: str) -> str:
    """Keeps letters, their marks, apostrophes and hyphens; everything else becomes a blank. Ornate letters become
    plain."""
    out: list[str] = []
    marks = 0
    # the apostrophes first: NFKC would split one of them in two
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


def _name_word(word: str, *, quoted: bool) -> str:
    """Removes signs at the ends of a word, which are quotes and dashes; inside they belong to the name, but never two
    in a row. One apostrophe in front belongs to it too: 'Arfan."""
    core = re.sub(r"(['-])['-]+", r"\1", word.strip("'-"))
    return f"'{core}" if core and not quoted and word.lstrip("-").startswith("'") else core


def _without_surroundings(words: list[str], *, ends: bool = True) -> list[str]:
    """Removes "nama saya", "Bu", "Hj." in front and (with `ends`) "ya" behind, as long as something remains."""
    while True:
        folded = [word.casefold().replace("'", "") for word in words]
        lead = max((len(lead) for lead in _LEAD_INS if tuple(folded[: len(lead)]) == lead), default=0)
        address = not lead and folded and (folded[0] in _SALUTATION_WORDS or folded[0] in _OTHER_ADDRESSES)
        if address or (not lead and len(words) > 1 and folded[0] in _TITLES):
            lead = 1
        if lead and lead >= len(words):
            return words[:1] if address else []
        if lead:
            words = words[lead:]
        elif not ends:
            return words
        elif len(words) > 1 and folded[-1] in _TAILS:
            words = words[:-1]
        else:
            return words[: next((at for at in range(1, len(words)) if folded[at] in _NAME_ENDS), None)]


def _capitalised(name: str, *, lower_rest: bool) -> str:
    """Capitalises each word and each part after a hyphen; not after an apostrophe inside a word: Ma'ruf, but 'Arfan."""
    out: list[str] = []
    for char in name:
        if not out or out[-1] in " -" or (out[-1] == "'" and (len(out) == 1 or out[-2] in " -")):
            out.append(_same_length(char, char.upper()))
        else:
            out.append(_same_length(char, char.lower()) if lower_rest else char)
    return "".join(out)


def _same_length(char: str, other: str) -> str:
    """Changes the case of letters that stay one letter; a few become two in the other case, and stay as they are."""
    return other if len(other) == len(char) else char


def readable_salutation(text: str) -> Salutation | None:
    """Returns Ibu, Bapak or Kakak, from a word or the number of the choice."""
    word = _word(text)
    if word.isascii() and word.isdigit():
        return _numbered(word, list(Salutation))
    if _NAME_ALONE.search(word):
        return Salutation.NAME
    return next((_SALUTATION_WORDS[part] for part in word.split() if part in _SALUTATION_WORDS), None)


def possible_salutations(text: str) -> tuple[Salutation, Salutation] | None:
    """Returns which of our addresses may be meant by another one: Ibu or Kakak by "Mbak"."""
    return next((_OTHER_ADDRESSES[part] for part in _word(text).split() if part in _OTHER_ADDRESSES), None)


def readable_sector(text: str) -> str | None:
    """Returns one of SECTORS, from a word of it or the number of the choice."""
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


def says_card_is_right(text: str) -> bool | None:
    """Returns whether words written below the card say that all is right, or that something is wrong; None: neither."""
    words = set(_word(text).split())
    if words & _WRONG_WORDS and len(words) <= SHORT_ANSWER:
        return False
    return True if words and words <= _RIGHT_WORDS else None


def as_dialled(phone: str) -> str:
    """Returns a number in international form as it is dialled: +6281234567890 is 0812-3456-7890."""
    national = "0" + phone[3:] if phone.startswith("+62") else phone
    return "-".join((national[:4], national[4:8], national[8:]))


def readable_phone(text: str) -> str | None:
    """Returns a telephone number in international form (+62812...); a national one is Indonesian. None if it is none.

    Words may stand around it ("WA 0812 3456 7890"), but no other digits, and no letter directly behind it: that would
    be a slip of the finger inside the number.
    """
    plain = cleaned(text)
    found = list(_PHONE.finditer(plain))
    if len(found) != 1:
        return None
    written = found[0].group()
    around = plain[: found[0].start()], plain[found[0].end() :]
    if any(char.isdigit() for char in "".join(around)) or around[1][:1].isalpha():
        return None
    digits = re.sub(r"[^0-9]", "", written)
    exit_prefix = _EXIT_PREFIX.match(digits)
    if exit_prefix:
        number = digits[exit_prefix.end() :]
    elif digits.startswith("0"):
        number = "62" + digits[1:]
    elif written.startswith("+") or (digits.startswith("62") and len(digits) >= 11):
        number = digits
    elif digits.startswith("8"):
        number = "62" + digits
    else:
        return None
    if number.startswith("62"):
        national = number[2:].lstrip("0")  # "+62 (0) 812"
        if national.startswith("8") and len(national) not in _MOBILE_DIGITS:
            return None
        number = "62" + national
    return f"+{number}" if 10 <= len(number) <= 15 and number[0] != "0" else None


def masked(phone: str) -> str:
    """Returns a number as it is shown: +6281234565678 is 0812-xxxx-x678."""
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
    """Records consent 1: the person exists from this moment, with the proof of it, and speaks on this phone."""
    person = Person(
        account_id=account.id, name="", salutation="", site_id=site_id, consent_training=False, registered_at=None
    )
    db.add(person)
    db.flush()
    record_consent(db, person, Purpose.TRAINING, given=True, text_version=text_version, language=language, now=now)
    account.person = person
    return person


def next_missing(person: Person) -> Field | None:
    """Returns what is to be asked next; None when everything needed was answered."""
    answers = {
        Field.SALUTATION: person.salutation,
        Field.NAME: person.name,
        Field.SECTOR: person.sector,
        Field.SITE: person.site_id,
    }
    return next((field for field in NEEDED if not answers[field]), None)


def answer(person: Person, field: Field, value: str | None) -> None:
    """Stores an answer; it counts at once. None empties what may be empty (phone, needs)."""
    match field:
        case Field.SALUTATION:
            person.form_of_address = Salutation(value or "")
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
    """Registers the person, who says that all answers are right."""
    missing = next_missing(person)
    if missing is not None:
        return Missing(missing)
    person.registered_at = person.registered_at or now
    return Registered(person)


def go_back_to(db: Session, account: Account, person_id: int | None) -> Person | None:
    """Breaks off somebody else's registration on this phone: it speaks as the person before again, or as its first."""
    if person_id is not None and (person := switch_person(db, account, person_id)):
        return person
    registered = [person for person in persons_of(db, account) if person.registered_at is not None]
    return switch_person(db, account, registered[0].id) if registered else None


def sector_words(sector: str | None) -> Words | None:
    """Returns the words of a type of business."""
    return Words(f"people.sector.{sector}") if sector in SECTORS else None
