"""A person's own copy as a page that people can read: the facts of the file for computers, with words in place of
codes.

The names of sections and fields stand in `locales/`: `copy.section.<name>`, `copy.field.<name>`, and for a code
`copy.code.<field>.<code>`. A name without words there is shown as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot.catalogue.content import Content
from bot.documents.readable_page import Section, readable_page
from bot.words.message import At, Called
from bot.words.texts import Texts

_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(\.\d+)?[+-]\d\d:\d\d")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_ZONES: Final[Mapping[int, str]] = {7: "Asia/Jakarta", 8: "Asia/Makassar", 9: "Asia/Jayapura"}
"""The zone of a moment, by its hours from UTC: a class is told in the zone of its own site."""
WITHOUT_A_HEADING: Final = "lainnya"
"""The section of the facts that stand by themselves."""


def readable_copy(
    copy: Mapping[str, Any],
    content: Content,
    texts: Texts,
    language: str,
    *,
    zone: str,
    name: Called | None,
    now: datetime,
) -> bytes:
    """Returns the page. `zone` is that of the person's site, also for moments that are kept in UTC; `name` is None in
    the middle of registering."""
    reader = _Reader(content, texts, language, zone)
    sections: list[Section] = []
    alone: list[tuple[str, str]] = []
    for section, value in copy.items():
        if isinstance(value, Mapping | list | tuple):
            sections += reader.sections(section, value)
        elif section != "dibuat_pada":  # it stands at the head of the page
            alone += reader.facts({section: value})
    if alone:
        sections.append(Section(reader.heading(WITHOUT_A_HEADING), [alone]))
    title = reader.say("copy.title") if name is None else reader.say("copy.title_of", name=name)
    return readable_page(title, reader.say("copy.opening", at=At(now, zone)), language, sections)


@dataclass(frozen=True)
class _Reader:
    content: Content
    texts: Texts
    language: str
    zone: str

    def say(self, key: str, **values: Any) -> str:
        return self.texts.words(key, values, self.language, html=False)

    def heading(self, name: str) -> str:
        return self._words(f"copy.section.{name}", name)

    def label(self, name: str) -> str:
        return self._words(f"copy.field.{name}", name)

    def _words(self, key: str, name: str) -> str:
        return self.say(key) if key in self.texts else name.replace("_", " ").capitalize()

    def sections(self, name: str, value: Any, level: int = 1) -> list[Section]:
        """Returns a section, and those inside it; none for what is empty."""
        if isinstance(value, Mapping):
            inner = {key: its for key, its in value.items() if _is_part(key, its)}
            facts = self.facts({key: its for key, its in value.items() if key not in inner})
            parts = [part for key, its in inner.items() for part in self.sections(key, its, level + 1)]
            return [Section(self.heading(name), [facts] if facts else [], level), *parts] if facts or parts else []
        boxes = [facts for one in value if (facts := self.facts(one))]
        return [Section(self.heading(name), boxes, level)] if boxes else []

    def facts(self, of: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Returns label and words of everything that has a value."""
        return [(self.label(name), shown) for name, value in of.items() if (shown := self.shown(name, value, of))]

    def shown(self, name: str, value: Any, beside: Mapping[str, Any]) -> str:
        """Returns the words for a value; `beside` are the facts it stands among."""
        match name, value:
            case _, None | "":
                return ""
            case "pilihan", int():
                question = self.content.once_published(str(beside.get("pertanyaan")))
                return question.options[value] if question and value < len(question.options) else str(value + 1)
            case "hari", list():
                return ", ".join(self.say(f"lessons.day.{day}") for day in value)
            case "lokasi", {"nama": site}:
                return str(site or "")
            case "foto", str():
                return self.say("copy.yes")
            case _, bool():
                return self.say("copy.yes") if value else self.say("copy.no")
            case _, str() if (key := f"copy.code.{name}.{value}") in self.texts:
                return self.say(key)
            case "jenis_usaha", str() if (key := f"people.sector.{value}") in self.texts:
                return self.say(key)
            case "praktik", str() if practice := self.content.practice(value):
                return practice.name.words(self.language)
            case "pertanyaan", str():
                question = self.content.once_published(value)
                return "" if beside.get("kata_pertanyaan") else question.text if question else value
            case "lokasi", str():
                site = self.content.site(value)
                return site.name if site else value
            case "pelajaran", str():
                lesson = self.content.lesson(value)
                return lesson.title if lesson else value
            case _, str() if _MOMENT.fullmatch(value):
                moment = datetime.fromisoformat(value)
                offset = moment.utcoffset()
                hours = 0 if offset is None else offset.seconds // 3600
                return self.say("copy.moment", at=At(moment, _ZONES.get(hours, self.zone)))
            case _, str() if _DAY.fullmatch(value):
                noon = datetime.combine(date.fromisoformat(value), time(12), ZoneInfo(self.zone))
                return self.say("copy.day", at=At(noon, self.zone))
            case _, list() | tuple():
                return ", ".join(filter(None, (self.shown(name, one, beside) for one in value)))
            case _:
                return str(value)


def _is_part(name: str, value: Any) -> bool:
    """Whether a value is a section of its own: facts with names, or a list of such."""
    if name == "lokasi":
        return False
    if isinstance(value, Mapping):
        return True
    return isinstance(value, Sequence) and not isinstance(value, str) and any(isinstance(one, Mapping) for one in value)
