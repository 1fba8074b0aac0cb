"""Key + language -> words; dates, rupiah, zones. The only place where speech as data becomes what people read.

The words stand in `locales/<language>/LC_MESSAGES/bot.po`: `msgid` is the key, `msgstr` the words. A key that counts
has a `msgid_plural` (the same key) and chooses by its value `n`. A placeholder is `{name}` or `{name:form}`:

    {starts} {starts:full}   Selasa, 23 Januari 2024 pukul 09.00 WITA        (a moment: messages.At)
    {starts:short}           Sel 23 Jan, 09.00
    {starts:date} {starts:day} {starts:time}    Selasa, 23 Januari 2024 · Selasa, 23 Januari · 09.00 WITA
    {ends:clock}             12.00
    {closes:until}           Selasa 24 Nov, 17.30 · at midnight the evening before: Selasa 24 Nov malam, pukul 24.00
    {starts:ahead}           hari ini · besok · Selasa, 23 Januari      (as it is when it is said)
    {price:rupiah}           Rp50.000
    {share:percent}          0,3%                                            (of 0.003)
    {minutes:duration}       2 jam 30 menit                                  (of 150)
    {year:plain}             2024, where a number alone would be 2.024

A new form of moment is a new key `format.<form>` whose words are a pattern of CLDR (`EEEE, d MMMM y`); in it, `z`
stands for WIB, WITA or WIT. Two settings say how a language speaks: the folder's name (whose words) and the header
`X-Format-Locale` (whose numbers, months and days): Batak Toba has words of its own but counts as Indonesian does.
"""

from __future__ import annotations

import gettext
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Any, Final, NamedTuple
from urllib.parse import quote
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime
from babel.messages.pofile import PoFileError, read_po
from babel.numbers import format_decimal, format_percent

from bot.documents import attendance_sheet, certificate, poster
from bot.documents.attendance_sheet import SheetOfNames
from bot.documents.certificate import PrintedCertificate
from bot.documents.xlsx_writer import Cell, Page, workbook
from bot.text_files import NotUtf8, read_utf8
from bot.words import button_rows
from bot.words.message import At, Button, Called, Form, Keyboard, Lines, Link, Message, Share, Sheet, Value, Words

REFERENCE: Final = "id"
"""The language every key has words in; the others fall back to it."""
ZONE_LABELS: Final[Mapping[str, str]] = {
    "Asia/Jakarta": "WIB",
    "Asia/Pontianak": "WIB",
    "Asia/Makassar": "WITA",
    "Asia/Jayapura": "WIT",
}
"""The country's zones as people call them, in every language."""
NUMBER_FORMS: Final = frozenset({"", "plain", "rupiah", "percent", "duration"})
MOMENT_FORMS: Final = frozenset(
    {"full", "short", "zoned", "zone", "date", "day", "month", "time", "clock", "ahead", "until"}
)
MOST_COPIED: Final = 256
"""The most characters that a button can copy, by Telegram's limit."""
NEAR: Final = ("ahead_today", "ahead_tomorrow")
"""How the form `ahead` is written of a moment today and tomorrow, by the days until then."""
_EMPTY_LINES: Final = re.compile(r"\n{3,}")
_PO_LINE: Final = re.compile(r'(?:#.*|(?:(?:msgid|msgid_plural|msgstr|msgstr\[\d\]) )?"(?:[^"\\]|\\.)*")?')
MINUTES_OF: Final = (("format.days", 1440), ("format.hours", 60), ("format.minutes", 1))


class NoWordsError(KeyError):
    """There are no words for a key: an earlier version of the bot said it, and this one does not."""


class Placeholder(NamedTuple):
    """A placeholder in the words: the value's name and how it is written ("" for the usual way)."""

    name: str
    form: str


class Rendered(NamedTuple):
    """A message as Telegram takes it: HTML, and the keyboard's JSON."""

    text: str
    reply_markup: dict[str, Any] | None


Pieces = tuple[str | Placeholder, ...]
"""Words cut into pieces at their placeholders."""


@dataclass(frozen=True)
class Entry:
    """One key's words in one language; several variants if it counts. `line` is where it begins in the file."""

    key: str
    line: int
    variants: tuple[str, ...]
    counts: bool
    fuzzy: bool = False
    comments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """One .po file that was read."""

    path: Path
    entries: tuple[Entry, ...]
    number_of_plurals: int
    plural: Callable[[int], int]
    format_locale: Locale


@dataclass(frozen=True)
class _Speech:
    """One key's words, ready to be filled, and the language they were found in."""

    variants: tuple[Pieces, ...]
    counts: bool
    language: _Language


@dataclass(frozen=True, eq=False)
class _Language:
    code: str
    locale: Locale
    plural: Callable[[int], int]


def read_catalogue(path: Path) -> Catalogue:
    """Reads a .po file. Raises ValueError with file and line if it cannot be read."""
    try:
        raw = read_utf8(path)
    except NotUtf8 as error:
        raise ValueError(f"{path}:{error.line}: {error}") from None
    for number, line in enumerate(raw.splitlines(), 1):
        if not _PO_LINE.fullmatch(line.strip()):  # Babel would guess what is meant
            raise ValueError(f'{path}:{number}: cannot be read; a line looks like msgstr "words"')
    try:
        read = read_po(io.BytesIO(raw.encode()), abort_invalid=True)
    except PoFileError as error:
        raise ValueError(f"{path}:{error.lineno + 1}: {error}") from None
    header = re.search(r'^"X-Format-Locale: *([\w-]+)\\n"', raw, re.MULTILINE)
    entries = []
    for message in read:
        if not message.id:
            continue
        key = message.id if isinstance(message.id, str) else message.id[0]
        words = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        counts, comments = isinstance(message.id, tuple | list), tuple(message.user_comments)
        entries.append(Entry(key, message.lineno or 1, words, counts, message.fuzzy, comments))
    plural = gettext.c2py(read.plural_expr)
    code = header[1] if header else path.parent.parent.name
    return Catalogue(path, tuple(entries), read.num_plurals, plural, Locale.parse(code))


@lru_cache(maxsize=4096)
def pieces_of(words: str) -> Pieces:
    """Returns the words cut at their placeholders. Raises ValueError if a placeholder is not `{name}` or
    `{name:form}`."""
    pieces: list[str | Placeholder] = []
    for literal, name, form, conversion in Formatter().parse(words):
        if literal:
            pieces.append(literal)
        if name is None:
            continue
        if not name.isidentifier() or conversion or not re.fullmatch(r"\w*", form or ""):
            raise ValueError(f"'{{{name}}}' is not a placeholder like {{name}} or {{starts:full}}")
        pieces.append(Placeholder(name, form or ""))
    return tuple(pieces)


def zone_label(zone: str) -> str:
    """Returns WIB, WITA or WIT. Raises ValueError for a zone that is not Indonesia's."""
    try:
        return ZONE_LABELS[zone]
    except KeyError:
        raise ValueError(f"'{zone}' is not a zone of the programme") from None


class Texts:
    """All languages in memory; nothing is read from files later."""

    def __init__(self, folder: Path) -> None:
        """Loads `folder`/<language>/LC_MESSAGES/bot.po. Raises ValueError naming file and line of what is wrong."""
        self.roles: Mapping[str, Sequence[str]] = {}
        """Which commands stand in the menu of which role, in order; set by the app."""
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        """The bot's present, which the app sets: "today" is what it is when the message leaves."""
        self._speech: dict[str, dict[str, _Speech]] = {}
        self._languages: dict[str, _Language] = {}
        for path in sorted(folder.glob("*/LC_MESSAGES/bot.po")):
            self._load(path)
        if REFERENCE not in self._languages:
            raise ValueError(f"{folder}: no words in the reference language '{REFERENCE}'")

    def _load(self, path: Path) -> None:
        code = path.parent.parent.name
        catalogue = read_catalogue(path)
        language = _Language(code, catalogue.format_locale, catalogue.plural)
        _ = language.locale.number_symbols  # Babel reads a language at its first use: the event loop would wait for it
        speech: dict[str, _Speech] = {}
        for entry in catalogue.entries:
            if not all(entry.variants) or entry.fuzzy:
                continue
            try:
                variants = tuple(pieces_of(words) for words in entry.variants)
            except ValueError as error:
                raise ValueError(f"{path}:{entry.line}: {entry.key}: {error}") from None
            speech[entry.key] = _Speech(variants, entry.counts, language)
        self._languages[code] = language
        self._speech[code] = speech

    @property
    def languages(self) -> tuple[str, ...]:
        """The codes of the languages the bot speaks, the reference first."""
        return tuple(sorted(self._languages, key=lambda code: (code != REFERENCE, code)))

    @property
    def keys(self) -> frozenset[str]:
        """Every key that has words in the reference language."""
        return frozenset(self._speech[REFERENCE])

    def become(self, other: Texts) -> None:
        """Takes over the words of `other`: objects that hold these texts need not be told that they were read again."""
        self._speech, self._languages = other._speech, other._languages

    def __contains__(self, key: object) -> bool:
        return key in self._speech[REFERENCE]

    def words(self, key: str, values: Mapping[str, Value], language: str, *, html: bool = True) -> str:
        """Returns the words of `key` with `values` filled in. The values are escaped for Telegram's HTML unless `html`
        is off (labels, toasts, files).

        Raises KeyError for a key no language has, or for a placeholder without a value.
        """
        speech = self._find(key, language)
        variant = speech.variants[0]
        if speech.counts:
            variant = speech.variants[speech.language.plural(_count(key, values))]
        out: list[str] = []
        for piece in variant:
            if isinstance(piece, str):
                out.append(piece)
                continue
            try:
                value = values[piece.name]
            except KeyError:
                raise KeyError(f"{key}: no value for {{{piece.name}}}") from None
            # What is looked up keeps to the language asked for; how it is written follows the words around it.
            out.append(self._shown(value, piece.form, language, speech.language, html))
        return "".join(out)

    def render(self, message: Message, language: str) -> Rendered:
        """Returns a message's text or caption as HTML, without outer blanks, and its keyboard.

        Buttons under the message win over a keyboard under the typing field: Telegram takes only one of them.
        """
        text = self.words(message.key, message.values, language).strip() if message.key else ""
        text = _EMPTY_LINES.sub("\n\n", text)  # where a part of the words is empty
        if message.html:
            text = f"{text}\n\n{message.html}" if text else message.html
        if message.buttons:
            given = ([self._button(button, language) for button in row] for row in message.buttons)
            keys = [row for wide in given for row in button_rows.fitting(wide)]
            return Rendered(text, {"inline_keyboard": keys})
        return Rendered(text, self._keyboard(message.keyboard, language) if message.keyboard else None)

    def commands(self, role: str, language: str) -> list[dict[str, str]]:
        """Returns the command menu of `role`, as setMyCommands takes it."""
        return [
            {"command": name, "description": self.words(f"command.{name}", {}, language, html=False)}
            for name in self.roles[role]
        ]

    def workbook(self, message: Message, language: str) -> bytes:
        """Returns the .xlsx that the message's `sheets` describe. Numbers and moments stay what they are."""
        about = self._about(message, language)
        return workbook([self._page(sheet, language, () if at else about) for at, sheet in enumerate(message.sheets)])

    def printed(self, message: Message) -> bytes:
        """Returns what the message's `paper`, `poster` or `certificate` describes, in the reference language: a PDF, or
        of a poster or certificate that is sent as a photo a picture. Raises ValueError if the message has none of them,
        or a letter of it cannot be printed."""
        words = cell = self._printed_value
        if (drawing := message.poster) is not None:
            return poster.drawn(
                poster.PosterOfSite(
                    drawing.link,
                    drawing.programme,
                    words(drawing.title),
                    drawing.place,
                    [words(one) for one in drawing.steps],
                    [words(one) for one in drawing.below],
                ),
                "png" if message.form is Form.PHOTO else "pdf",
            )
        if message.certificate is not None:
            drawn, template = self.certificate(message), message.certificate.template
            return certificate.drawn(drawn, "png" if message.form is Form.PHOTO else "pdf", template)
        paper = message.paper
        if paper is None:
            raise ValueError("nothing to print")

        number, name, signature = paper.head
        return attendance_sheet.pdf(
            SheetOfNames(
                words(paper.title),
                self._about(message, REFERENCE),
                (words(number), words(name), words(signature)),
                [(cell(at), cell(called), cell(remark)) for at, called, remark in paper.rows],
                paper.blank,
                words(paper.blank_head),
                words(paper.note),
                words(paper.footer),
            )
        )

    def _printed_value(self, value: Value) -> str:
        return self._shown(value, "", REFERENCE, self._languages[REFERENCE], html=False)

    def certificate(self, message: Message) -> PrintedCertificate:
        """Returns the message's certificate as it is printed, in the reference language. Raises ValueError if it has
        none."""
        found, words = message.certificate, self._printed_value
        if found is None:
            raise ValueError("no certificate")
        return PrintedCertificate(
            found.link,
            found.programme,
            words(found.title),
            words(found.given_to),
            found.name,
            [words(one) for one in found.lines],
            [(words(label), words(value)) for label, value in found.facts],
            found.signed,
            [words(one) for one in found.check],
            found.issued,
        )

    def _about(self, message: Message, language: str) -> list[tuple[str, str]]:
        local = self._languages.get(language, self._languages[REFERENCE])
        return [
            (self.words(label.key, label.values, language, html=False), self._shown(value, "", language, local, False))
            for label, value in message.about
        ]

    def _page(self, sheet: Sheet, language: str, about: Sequence[tuple[str, str]]) -> Page:
        head = [self.words(cell.key, cell.values, language, html=False) for cell in sheet.head]
        cells = [[self._cell(value, language) for value in row] for row in sheet.rows]
        return Page(self.words(sheet.title.key, sheet.title.values, language, html=False), head, cells, about)

    def _cell(self, value: Value, language: str) -> Cell:
        match value:
            case At(moment, zone):
                return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
            case int() | float():
                return value
        local = self._languages.get(language, self._languages[REFERENCE])
        return self._shown(value, "", language, local, html=False)

    def _find(self, key: str, language: str) -> _Speech:
        speech = self._speech.get(language)
        found = speech.get(key) if speech else None
        if found is None:
            found = self._speech[REFERENCE].get(key)
            if found is None:
                raise NoWordsError(f"no words for '{key}'")
        return found

    def _button(self, button: Button, language: str) -> dict[str, Any]:
        label = self.words(button.key, button.values, language, html=False)
        if button.values and button_rows.width(label) > button_rows.ROOM[0]:
            label = self._shortened(button, label, language)
        shown: dict[str, Any] = {"text": label}
        if button.style is not None:
            shown["style"] = button.style.value
        if button.url is not None:
            return shown | {"url": button.url}
        if button.copy is not None:
            copied = self.words(button.copy, button.values, language, html=False)
            if not 0 < len(copied) <= MOST_COPIED:
                raise ValueError(f"{button.copy}: a button copies 1 to {MOST_COPIED} characters")
            return shown | {"copy_text": {"text": copied}}
        if button.share is not None:
            return shown | {"url": self._whatsapp(button.share, language)}
        if button.data is None:
            raise ValueError(f"{button.key}: a button needs an action or an address")
        return shown | {"callback_data": button.data}

    def _whatsapp(self, share: Share, language: str) -> str:
        """Returns the address that opens WhatsApp with the words filled in."""
        said = self.words(share.words.key, share.words.values, share.language or language, html=False)
        return f"https://wa.me/{share.to.removeprefix('+')}?text={quote(said, safe='')}"

    def _shortened(self, button: Button, label: str, language: str) -> str:
        """Returns a label with less of its title, if the title takes the room of what follows it (the day, the
        hour)."""
        for name, value in button.values.items():
            if isinstance(value, str) and value and not label.endswith(value):
                shorter = button_rows.shortened(label, value)
                return self.words(button.key, {**button.values, name: shorter}, language, html=False)
        return label

    def _keyboard(self, keyboard: Keyboard, language: str) -> dict[str, Any]:
        if keyboard is Keyboard.REMOVE:
            return {"remove_keyboard": True}
        wanted = "location" if keyboard is Keyboard.SHARE_LOCATION else "contact"
        share = {"text": self.words(f"button.share_{wanted}", {}, language, html=False), f"request_{wanted}": True}
        back = {"text": self.words("button.back", {}, language, html=False)}
        return {"keyboard": [[share], [back]], "resize_keyboard": True, "one_time_keyboard": True}

    def _shown(self, value: Value, form: str, language: str, local: _Language, html: bool) -> str:
        match value:
            case str():
                return escaped(value) if html else value
            case None:
                return ""
            case At(moment, zone):
                if form == "ahead":
                    form = self._nearness(moment, zone)
                if form == "until" and moment.astimezone(ZoneInfo(zone)).time() == time():
                    form, moment = "until_midnight", moment - timedelta(minutes=1)
                pattern = self._find(f"format.{form or 'full'}", local.code).variants[0]
                return _moment(moment, zone, "".join(map(str, pattern)), local.locale)
            case Called(salutation, name):
                return self.words(f"people.called.{salutation}", {"name": name}, language, html=html)
            case Words(key, values):
                return self.words(key, values, language, html=html)
            case Lines(parts):
                return "\n".join(self.words(part.key, part.values, language, html=html) for part in parts)
            case Link(url):
                return escaped(url) if html else url
            case int() | float():
                return self._duration(value, local.code) if form == "duration" else _number(value, form, local.locale)
        raise TypeError(f"no words for a {type(value).__name__}")

    def _nearness(self, moment: datetime, zone: str) -> str:
        there = ZoneInfo(zone)
        days = (moment.astimezone(there).date() - self.now().astimezone(there).date()).days
        return NEAR[days] if 0 <= days < len(NEAR) else "ahead"

    def _duration(self, minutes: float, language: str) -> str:
        """Returns whole minutes in words, days and hours split off: 150 is "2 jam 30 menit"."""
        left = round(minutes)
        parts: list[str] = []
        for key, size in MINUTES_OF:
            number, left = divmod(left, size)
            if number or (size == 1 and not parts):
                parts.append(self.words(key, {"n": number}, language, html=False))
        return " ".join(parts)


def escaped(text: str) -> str:
    """Returns the text as Telegram's HTML, also safe inside an attribute's double quotes."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _count(key: str, values: Mapping[str, Value]) -> int:
    number = values.get("n")
    if not isinstance(number, int):
        raise KeyError(f"{key}: no number for {{n}}")
    return number


@lru_cache(maxsize=8192)
def _moment(moment: datetime, zone: str, pattern: str, locale: Locale) -> str:
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone")
    return format_datetime(moment.astimezone(ZoneInfo(zone)), _labelled(pattern, zone_label(zone)), locale=locale)


def _labelled(pattern: str, label: str) -> str:
    """Returns a pattern with WIB, WITA and WIT as quoted words: CLDR knows them in Indonesian alone."""
    outside = pattern.split("'")
    outside[::2] = [part.replace("z", f"'{label}'") for part in outside[::2]]
    return "'".join(outside)


@lru_cache(maxsize=4096)
def _number(value: float, form: str, locale: Locale) -> str:
    match form:
        case "":
            return format_decimal(value, "#,##0.##", locale=locale)
        case "plain":
            return str(value)
        case "rupiah":
            return "Rp" + format_decimal(round(value), "#,##0", locale=locale)
        case "percent":
            return format_percent(value, "#,##0.##%", locale=locale)
    raise ValueError(f"a number has no form '{form}'")
