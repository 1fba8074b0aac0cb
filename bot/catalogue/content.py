"""content/ -> Site, Programme: what the programme offers, frozen and validated; load it again and it is reloaded.

The files are edited by people who do not program, so every mistake in them is found at once and told with its file and
line (`ContentError`), and what people type to find their site is read forgivingly.
"""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from bot.catalogue.lesson_files import Fact, Lesson, Module, Question, Shelf, read_facts, read_modules
from bot.catalogue.yaml_files import ContentError, Lines, Problem, Written, load
from bot.people.people import SECTORS, Purpose
from bot.people.quiet_hours import SEARCH_DAYS, Closed, OpenHours, next_opening, wall_times
from bot.words.texts import ZONE_LABELS, zone_label

__all__ = ["Content", "Fact", "Lesson", "Module", "Programme", "Question", "Site", "load_content"]

DAYS: Final = {"senin": 0, "selasa": 1, "rabu": 2, "kamis": 3, "jumat": 4, "sabtu": 5, "minggu": 6}
UNITS: Final = {"menit": 1, "jam": 60, "hari": 1440}
UNKNOWN_ZONE: Final = "Asia/Makassar"
"""Where the place is not known yet we keep to the middle zone, an hour in from both ends: polite in all three."""


# --- what stands in the files ---------------------------------------------------------------------------------------


class Site(Written):
    """A place of the programme. Coordinates are rough pins (degrees, WGS 84), not addresses."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
    name: Annotated[str, Field(min_length=1, max_length=80)]
    kind: Literal["sentra_ekraf", "destinasi"]
    province: str | None
    regency: str | None
    district: str | None = None
    region_code: Annotated[str, Field(pattern=r"^\d\d(\.\d\d(\.\d\d(\.\d{4})?)?)?$")] | None
    lat: Annotated[float, Field(ge=-11.2, le=6.3)] | None
    lon: Annotated[float, Field(ge=94.8, le=141.1)] | None
    coord_precision: Literal["town", "district", "none"]
    timezone: str | None
    tz_label: Literal["WIB", "WITA", "WIT"] | None
    name_status: Literal["verified", "sample"]
    location_status: Literal["verified", "inferred", "unknown"]
    location_note: str | None = None
    active: bool = True
    description: str
    aliases: tuple[str, ...] = ()

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, zone: str | None) -> str | None:
        if zone is not None and zone not in ZONE_LABELS:
            raise ValueError(f"unknown zone '{zone}'; it must be one of {', '.join(ZONE_LABELS)}")
        return zone

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.active and self.timezone is None:
            raise ValueError(f"'{self.id}' is active but has no timezone; fill it in or write active: false")
        if self.tz_label != (self.timezone and zone_label(self.timezone)):
            raise ValueError(f"'{self.id}': tz_label {self.tz_label} does not belong to timezone {self.timezone}")
        if (self.lat is None) != (self.lon is None):
            raise ValueError(f"'{self.id}' needs both lat and lon, or neither")
        return self

    @property
    def zone(self) -> str:
        """The IANA zone. Raises ValueError for a site whose place is not confirmed (never an active one)."""
        if self.timezone is None:
            raise ValueError(f"the place of {self.id} is not confirmed, so it has no zone")
        return self.timezone

    @property
    def label(self) -> str:
        """WIB, WITA or WIT; raises as `zone` does."""
        return zone_label(self.zone)


class _SitesFile(Written):
    schema_version: Literal[1]
    source_date: str
    editable: bool = True
    province_aliases: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    sites: tuple[Site, ...]


def _stretch(value: object) -> tuple[time, time]:
    if not isinstance(value, str):
        raise ValueError(f"'{value}' is not a stretch of time like 08.00-19.30")
    start, end = wall_times(value)
    if start >= end:
        raise ValueError(f"'{value}' ends before it begins")
    return start, end


def _day(value: object) -> int:
    day = DAYS.get(str(value).lower().replace("'", ""))
    if day is None:
        raise ValueError(f"'{value}' is not one of {', '.join(DAYS)}")
    return day


def _minutes(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    match = re.fullmatch(r"(\d+) *(menit|jam|hari)", str(value).strip())
    if not match:
        raise ValueError(f"'{value}' is not a time ahead like 1 hari, 2 jam or 30 menit")
    return int(match[1]) * UNITS[match[2]]


Stretch = Annotated[tuple[time, time], BeforeValidator(_stretch)]
Leads = tuple[Annotated[int, BeforeValidator(_minutes), Field(ge=1, le=20160)], ...]
"""Minutes before the start."""


class Dates(Written):
    """From the first day to the last, both included."""

    first: date
    last: date
    note: str | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.last < self.first:
            raise ValueError(f"{self.last} is before {self.first}")
        return self


class ClosedTimes(Written):
    """Hours in which nobody is written to: on one weekday, between dates, in some provinces, or always everywhere."""

    why: str
    hours: Stretch
    day: Annotated[int, BeforeValidator(_day)] | None = None
    provinces: tuple[str, ...] | None = None
    dates: tuple[Dates, ...] | None = None

    def closed(self) -> Iterator[Closed]:
        start, end = self.hours
        if self.dates is None:
            yield Closed(start, end, self.day)
        else:
            for dates in self.dates:
                yield Closed(start, end, self.day, dates.first, dates.last)


class Hours(Written):
    open: Stretch
    closed: tuple[ClosedTimes, ...] = ()


class SiteRules(Written):
    """What is different at one site; what is left out is as everywhere. `closed` replaces the whole general list."""

    open: Stretch | None = None
    closed: tuple[ClosedTimes, ...] | None = None
    leads: Leads | None = None
    capacity: Annotated[int, Field(ge=1, le=500)] | None = None


class ConsentText(Written):
    """Which text a consent is given to. `texts` keeps the fingerprint of each version's words (see `bot check`)."""

    version: Annotated[str, Field(min_length=1, max_length=20)]
    keys: tuple[str, ...]
    texts: dict[str, str]


class Retention(Written):
    unconsented_hours: Annotated[int, Field(ge=1)]
    inbox_hours: Annotated[int, Field(ge=1)]
    outbox_words_days: Annotated[int, Field(ge=1)]
    profile_months: Annotated[int, Field(ge=1)]


ModuleId = Annotated[str, Field(pattern=r"^M\d\d$")]


class Learning(Written):
    """Lessons, quizzes and the tests before and after."""

    core: tuple[ModuleId, ...]
    """For everybody, first."""
    by_sector: dict[str, tuple[ModuleId, ...]]
    """What comes next for a type of business (people.SECTORS)."""
    test: tuple[Annotated[str, Field(pattern=r"^M\d\dL\d{1,2}-Q\d+$")], ...]
    """Ids of questions."""
    default_days: Annotated[tuple[Annotated[int, BeforeValidator(_day)], ...], Field(min_length=1)]
    """Weekdays of the daily lesson; Monday is 0."""
    default_hour: Annotated[int, Field(ge=0, le=23)]
    """Wall time of the site."""
    unanswered_limit: Annotated[int, Field(ge=1, le=60)]
    review_days: Annotated[tuple[Annotated[int, Field(ge=1, le=365)], ...], Field(min_length=1)]
    """Days after which a missed question returns: after the first right answer the second, and so on."""
    review_a_day: Annotated[int, Field(ge=1, le=20)]

    @field_validator("by_sector")
    @classmethod
    def _known_sectors(cls, by_sector: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        if unknown := [sector for sector in by_sector if sector not in SECTORS]:
            raise ValueError(f"'{unknown[0]}' is not one of {', '.join(SECTORS)}")
        return by_sector

    @field_validator("review_days")
    @classmethod
    def _rising(cls, days: tuple[int, ...]) -> tuple[int, ...]:
        if list(days) != sorted(set(days)):
            raise ValueError("each number of days must be larger than the one before")
        return days


class Programme(Written):
    """The programme's rules, as they hold where `sites` says nothing else."""

    schema_version: Literal[1]
    hours: Hours
    leads: Leads
    """When reminders come: minutes before the start, the earliest first."""
    capacity: Annotated[int, Field(ge=1, le=500)]
    consents: dict[Purpose, ConsentText]
    retention: Retention
    learning: Learning
    kept_until: date | None = None
    """The date the privacy notice names; None: it names `retention.profile_months` after the last class instead."""
    sites: dict[str, SiteRules] = Field(default_factory=dict)

    @field_validator("leads")
    @classmethod
    def _sorted(cls, leads: tuple[int, ...]) -> tuple[int, ...]:
        if len(set(leads)) != len(leads):
            raise ValueError("the same reminder stands there twice")
        return tuple(sorted(leads, reverse=True))

    @field_validator("consents")
    @classmethod
    def _all_purposes(cls, consents: dict[Purpose, ConsentText]) -> dict[Purpose, ConsentText]:
        if missing := [purpose.value for purpose in Purpose if purpose not in consents]:
            raise ValueError(f"no text for the consents {', '.join(missing)}")
        return consents


# --- what the bot asks of it ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Content:
    """Everything of content/, unchangeable. `sites` stand in the order of the file."""

    sites: tuple[Site, ...]
    programme: Programme
    province_aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    modules: tuple[Module, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)

    @cached_property
    def _by_id(self) -> dict[str, Site]:
        return {site.id: site for site in self.sites}

    @cached_property
    def _hours(self) -> dict[str, OpenHours]:
        return {site.id: self._open_hours(site) for site in self.sites if site.timezone}

    @cached_property
    def _elsewhere(self) -> OpenHours:
        hours = self.programme.hours
        opens, closes = _moved(hours.open[0], 1), _moved(hours.open[1], -1)
        everywhere = (closed for times in hours.closed if times.provinces is None for closed in times.closed())
        return OpenHours(UNKNOWN_ZONE, opens, closes, tuple(everywhere))

    @cached_property
    def _terms(self) -> list[tuple[Site, tuple[_Term, ...]]]:
        return [(site, tuple(_terms(site, self.province_aliases))) for site in self.sites]

    def site(self, site_id: str) -> Site | None:
        return self._by_id.get(site_id)

    def open_hours(self, site_id: str | None) -> OpenHours:
        """When people of a site may be written to. A site without a confirmed place, or one that no longer stands in
        the file, has hours that are polite in all three zones."""
        return self._hours.get(site_id or "", self._elsewhere)

    def leads(self, site_id: str) -> tuple[int, ...]:
        """When reminders come: minutes before the start, the earliest first."""
        rules = self.programme.sites.get(site_id)
        if rules is None or rules.leads is None:
            return self.programme.leads
        return tuple(sorted(rules.leads, reverse=True))

    def capacity(self, site_id: str) -> int:
        """Seats of a class whose table names none."""
        rules = self.programme.sites.get(site_id)
        return self.programme.capacity if rules is None or rules.capacity is None else rules.capacity

    def consent_version(self, purpose: Purpose) -> str:
        return self.programme.consents[purpose].version

    def search_sites(self, text: str, limit: int = 5) -> list[Site]:
        """Sites whose name, regency or province `text` may mean, the likeliest first; none for what means no place."""
        words = _significant(text)
        if not words:
            return []
        scored = [(max(_score(words, term) for term in terms), site) for site, terms in self._terms]
        best = max((score for score, _ in scored), default=0.0)
        if best < FOUND:
            return []
        # Two sites of one regency are both meant; a far weaker likeness beside a good one is chance.
        near = [(score, site) for score, site in scored if score >= max(FOUND, best - 15)]
        near.sort(key=lambda pair: -pair[0])
        return [site for _, site in near[:limit]]

    def nearest(self, lat: float, lon: float, limit: int = 3) -> list[tuple[Site, float]]:
        """The sites with a pin nearest to a point (degrees), with their distance in km as the crow flies."""
        found = [
            (site, _distance(lat, lon, site.lat, site.lon))
            for site in self.sites
            if site.lat is not None and site.lon is not None
        ]
        found.sort(key=lambda pair: pair[1])
        return found[:limit]

    # --- learning ---------------------------------------------------------------------------------------------------

    @cached_property
    def _modules(self) -> dict[str, Module]:
        return {module.id: module for module in self.modules}

    @cached_property
    def _lessons(self) -> dict[str, Lesson]:
        return {lesson.id: lesson for module in self.modules for lesson in module.lessons}

    @cached_property
    def _questions(self) -> dict[str, Question]:
        return {lesson.question.id: lesson.question for lesson in self._lessons.values()}

    @cached_property
    def _index(self) -> _Index:
        return _Index(self.modules)

    @cached_property
    def core(self) -> frozenset[str]:
        """Ids of the modules that are for everybody."""
        return frozenset(self.programme.learning.core)

    @cached_property
    def test_questions(self) -> tuple[Question, ...]:
        """Those of the tests before and after learning, one for each module."""
        return tuple(self._questions[one] for one in self.programme.learning.test if one in self._questions)

    def module(self, module_id: str) -> Module | None:
        return self._modules.get(module_id)

    def lesson(self, lesson_id: str) -> Lesson | None:
        return self._lessons.get(lesson_id)

    def question(self, question_id: str) -> Question | None:
        """None also for a question that another one has taken the place of."""
        return self._questions.get(question_id)

    def overdue(self, lesson: Lesson, today: date) -> tuple[Fact, ...]:
        """The facts of a lesson that somebody must look at again (see Fact.is_overdue). A lesson with any is marked:
        shown with a word to ask a mentor, and its question is not asked."""
        known = (self.facts[code] for code in lesson.facts if code in self.facts)
        return tuple(fact for fact in known if fact.is_overdue(today))

    def marked(self, today: date) -> list[Lesson]:
        """The lessons with an overdue fact."""
        return [lesson for lesson in self._lessons.values() if self.overdue(lesson, today)]

    def path(self, sector: str | None) -> tuple[Module, ...]:
        """All modules in the order somebody of this type of business learns them."""
        learning = self.programme.learning
        wanted = [*learning.core, *learning.by_sector.get(sector or "", ()), *self._modules]
        return tuple(self._modules[one] for one in dict.fromkeys(wanted) if one in self._modules)

    def search_lessons(self, text: str, limit: int = 5) -> list[Lesson]:
        """Lessons that `text` may mean, the likeliest first; none for what means no lesson."""
        return self._index.search(text)[:limit]

    # --- hours ------------------------------------------------------------------------------------------------------

    def _open_hours(self, site: Site) -> OpenHours:
        general, rules = self.programme.hours, self.programme.sites.get(site.id, SiteRules())
        opens, closes = rules.open or general.open
        times = general.closed if rules.closed is None else rules.closed
        closed = (
            one
            for stretch in times
            if stretch.provinces is None or site.province in stretch.provinces
            for one in stretch.closed()
        )
        return OpenHours(site.zone, opens, closes, tuple(closed))


def load_content(folder: Path) -> Content:
    """Read the files of content/. Raises ContentError with everything that is wrong, each with file and line."""
    problems: list[Problem] = []
    sites = load(folder / "sites.yaml", _SitesFile, problems)
    programme = load(folder / "programme.yaml", Programme, problems)
    if sites:
        problems += _wrong_sites(sites[0], sites[1])
    if sites and programme:
        problems += _broken_links(sites[0], programme[0], programme[1])
    facts = read_facts(folder / "facts.yaml", problems)
    shelf = read_modules(folder / "lessons", problems)
    problems += _unknown_facts(shelf, facts)
    if problems or sites is None or programme is None:
        raise ContentError(sorted(problems))
    content = Content(sites[0].sites, programme[0], sites[0].province_aliases, shelf.modules, facts)
    if problems := list(_never_open(content, programme[1])):
        raise ContentError(problems)
    return content


def _wrong_sites(file: _SitesFile, lines: Lines) -> Iterator[Problem]:
    seen: set[str] = set()
    provinces = {site.province for site in file.sites}
    for index, site in enumerate(file.sites):
        if site.id in seen:
            yield lines.problem(("sites", index, "id"), f"the id '{site.id}' stands there twice")
        seen.add(site.id)
    for province in file.province_aliases:
        if province not in provinces:
            yield lines.problem(("province_aliases", province), f"no site lies in the province '{province}'")


def _broken_links(sites: _SitesFile, programme: Programme, lines: Lines) -> Iterator[Problem]:
    ids = {site.id for site in sites.sites}
    provinces = {site.province for site in sites.sites}
    for site_id in programme.sites:
        if site_id not in ids:
            yield lines.problem(("sites", site_id), f"no site '{site_id}' in content/sites.yaml")
    lists: list[tuple[tuple[Hashable, ...], tuple[ClosedTimes, ...]]] = [(("hours", "closed"), programme.hours.closed)]
    lists += [(("sites", site_id, "closed"), rules.closed or ()) for site_id, rules in programme.sites.items()]
    for path, closed in lists:
        for index, times in enumerate(closed):
            for province in times.provinces or ():
                if province not in provinces:
                    words = f"no site lies in the province '{province}' (content/sites.yaml)"
                    yield lines.problem((*path, index, "provinces"), words)


def _unknown_facts(shelf: Shelf, facts: Mapping[str, Fact]) -> Iterator[Problem]:
    for lesson in (lesson for module in shelf.modules for lesson in module.lessons):
        for index, code in enumerate(lesson.facts):
            if code not in facts:
                yield shelf.lines[lesson.id].problem(("facts", index), f"no fact {code} in content/facts.yaml")


def _never_open(content: Content, lines: Lines) -> Iterator[Problem]:
    """Nobody could ever be written to: the sender would look for an opening in vain."""
    marks = [datetime.combine(dates.first, time(12), tzinfo=UTC) for dates in _all_dates(content.programme)]
    for site in content.sites:
        hours = content.open_hours(site.id)
        for mark in (datetime(2026, 1, 5, tzinfo=UTC), *marks):
            try:
                next_opening(hours, mark)
            except ValueError:
                words = f"'{site.id}' would be closed for more than {SEARCH_DAYS} days on end (around {mark:%Y-%m-%d})"
                yield lines.problem(("sites", site.id) if site.id in content.programme.sites else ("hours",), words)
                break


def _all_dates(programme: Programme) -> Iterator[Dates]:
    for times in (*programme.hours.closed, *(one for rules in programme.sites.values() for one in rules.closed or ())):
        yield from times.dates or ()


# --- finding a site -------------------------------------------------------------------------------------------------

FOUND: Final = 80.0
"""Likeness from 0 to 100 above which a site is offered."""
IGNORED: Final = frozenset(re.findall(r"\w+", """
    di ke dari dan saya aku kami mau ikut yang ini itu
    desa wisata kampung kota kab kabupaten kec kecamatan prov provinsi daerah lokasi wilayah sentra ekraf
"""))  # fmt: skip
"""Words that do not tell one site from another."""


@dataclass(frozen=True)
class _Term:
    """One way of naming a site. What names it alone weighs more than what it shares with its neighbours."""

    words: tuple[str, ...]
    weight: float

    @cached_property
    def joined(self) -> str:
        return "".join(self.words)


def _significant(text: str) -> tuple[str, ...]:
    words = re.findall(r"[^\W_]+", text.casefold().replace("'", ""))
    kept = [word for word in words if word not in IGNORED]
    # "Ekraf Victory" is still found by its whole name; only "desa wisata" alone means no place.
    return tuple(kept[:12])


def _terms(site: Site, province_aliases: Mapping[str, tuple[str, ...]]) -> Iterator[_Term]:
    named = [(site.name, 1.0), (site.id, 1.0), *((alias, 1.0) for alias in site.aliases)]
    named += [(site.district or "", 0.98), (site.regency or "", 0.96), (site.province or "", 0.94)]
    named += [(alias, 0.94) for alias in province_aliases.get(site.province or "", ())]
    for name, weight in named:
        if words := _significant(name):
            yield _Term(words, weight)


def _score(words: tuple[str, ...], term: _Term) -> float:
    joined = "".join(words)
    if joined == term.joined:
        return 100 * term.weight
    scores = [0.0]
    if len(joined) >= 3 and term.joined.startswith(joined):
        scores.append(97.0)
    if len(joined) >= 5 and len(term.joined) >= 5:
        scores.append(_spelt_alike(joined, term.joined))  # "jaya pura", "labuanbajo", "tiga rihit"
    scores.append(_covered(words, term.words) - 2)  # part of the name: "suhi suhi", "bulbul"
    if len(term.joined) >= 5:
        scores.append(_covered(term.words, words) - 4)  # the name inside a sentence
    return max(scores) * term.weight


def _covered(parts: Sequence[str], whole: Sequence[str]) -> float:
    """How well each of `parts` is found among `whole`, 0 to 100; each must be, and longer words weigh more."""
    total, length = 0.0, 0
    for part in parts:
        best = max(_alike(part, word) for word in whole)
        if best < 75:
            return 0.0
        total += best * len(part)
        length += len(part)
    return total / length


def _alike(part: str, word: str) -> float:
    if part == word:
        return 100.0
    if len(part) >= 3 and word.startswith(part):
        return 95.0
    return _spelt_alike(part, word)


def _spelt_alike(one: str, other: str) -> float:
    """Likeness of spelling, 0 to 100. "Jakarta" is not a misspelt "Jogjakarta", nor "karu" a misspelt "Karo"."""
    if abs(len(one) - len(other)) > 2:
        return 0.0
    from rapidfuzz import fuzz  # most places are spelt right

    likeness = fuzz.ratio(one, other)
    return likeness if min(len(one), len(other)) >= 5 or likeness > 85 else 0.0


def _distance(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Great-circle distance in km."""
    first, second = math.radians(lat), math.radians(other_lat)
    half = math.sin((second - first) / 2) ** 2
    half += math.cos(first) * math.cos(second) * math.sin(math.radians(other_lon - lon) / 2) ** 2
    return 2 * 6371.0 * math.asin(math.sqrt(min(1.0, half)))


def _moved(wall: time, hours: int) -> time:
    return (datetime.combine(date(2000, 1, 1), wall, tzinfo=UTC) + timedelta(hours=hours)).time()


# --- finding a lesson -----------------------------------------------------------------------------------------------

COMMON: Final = frozenset(re.findall(r"\w+", """
    ada adalah agar akan anda apa atau bagaimana bagi bagus baik belajar bisa boleh buat cara cari dalam dan dari dengan
    di dulu hai halo hal hari harus itu ini ingin jadi jangan juga kak kalau kami karena ke kenapa lagi lalu lebih mana
    mau mengapa mohon pada paling pelajaran perlu punya saja sama satu saya sebelum semua sudah supaya tanya tentang
    terima kasih tidak tolong tiap untuk ya yang
"""))  # fmt: skip
"""Words that do not tell one lesson from another."""


class _Index:
    """The words of all lessons: those of a title weigh most, those of an example least."""

    def __init__(self, modules: Sequence[Module]) -> None:
        self.by_id = {lesson.id: lesson for module in modules for lesson in module.lessons}
        self.weights: dict[str, dict[str, float]] = {}
        for module in modules:
            for lesson in module.lessons:
                texts = [(lesson.title, 1.0), (lesson.goal, 0.85), (module.title, 0.8)]
                texts += [(text, 0.75) for text in (*lesson.points, lesson.task, lesson.opening)]
                texts += [(lesson.question.text, 0.7), (lesson.question.options[0], 0.7), (lesson.example or "", 0.65)]
                for text, weight in texts:
                    for word in _telling(text):
                        of_word = self.weights.setdefault(word, {})
                        of_word[lesson.id] = max(weight, of_word.get(lesson.id, 0.0))

    def search(self, text: str) -> list[Lesson]:
        exact = self.by_id.get(re.sub(r"[\W_]", "", text).upper())
        if exact is not None:
            return [exact]
        words = _telling(text)[:12]
        if not words:
            return []
        scores = dict.fromkeys(self.by_id, 0.0)
        for word in words:
            best: dict[str, float] = {}
            for known, of_word in self.weights.items():
                likeness = _alike(word, known)
                if likeness >= FOUND:
                    for lesson_id, weight in of_word.items():
                        best[lesson_id] = max(best.get(lesson_id, 0.0), likeness * weight)
            for lesson_id, score in best.items():
                scores[lesson_id] += score / len(words)
        top = max(scores.values(), default=0.0)
        # what holds one word of three is chance, and so is a far weaker likeness beside a good one
        near = [(score, lesson_id) for lesson_id, score in scores.items() if score >= max(50.0, top - 25)]
        near.sort(key=lambda pair: -pair[0])
        return [self.by_id[lesson_id] for _, lesson_id in near]


def _telling(text: str) -> list[str]:
    words = re.findall(r"[^\W_]+", text.casefold().replace("'", ""))
    return [word for word in dict.fromkeys(words) if len(word) > 1 and word not in COMMON]
