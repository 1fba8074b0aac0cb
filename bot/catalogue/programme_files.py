"""What may stand in content/sites.yaml and content/programme.yaml: sites, hours, consents, retention, lessons. A value
that cannot be right raises ValueError, in words for the people who edit the files. `bot.catalogue.content` loads
them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, time
from itertools import pairwise
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from bot.catalogue.yaml_files import Written
from bot.people.people import SECTORS, Purpose, Use
from bot.people.quiet_hours import Closed
from bot.words.spoken_time import read_length, read_range, read_weekday
from bot.words.texts import ZONE_LABELS, zone_label

DAYS: Final = ("senin", "selasa", "rabu", "kamis", "jumat", "sabtu", "minggu")


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
    contact: Annotated[str, Field(min_length=1, max_length=80)] | None = None
    """Whom people of this site ask: a name, a number. Without one it is PRIVACY_CONTACT."""
    description: str
    aliases: tuple[str, ...] = ()
    nearby: tuple[str, ...] = ()
    """Other places, which have no site of their own and to which this one is the nearest."""

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
        """The IANA zone. Raises ValueError for a site whose place is not confirmed (an active site always has one)."""
        if self.timezone is None:
            raise ValueError(f"the place of {self.id} is not confirmed, so it has no zone")
        return self.timezone

    @property
    def label(self) -> str:
        """WIB, WITA or WIT; raises as `zone` does."""
        return zone_label(self.zone)


class SitesFile(Written):
    schema_version: Literal[1]
    source_date: str
    editable: bool = True
    province_aliases: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    sites: tuple[Site, ...]


def _stretch(value: object) -> tuple[time, time]:
    if not isinstance(value, str):
        raise ValueError(f"'{value}' is not a stretch of time like 08.00-19.30")
    start, end = read_range(value)
    if start >= end:
        raise ValueError(f"'{value}' ends before it begins")
    return start, end


def _day(value: object) -> int:
    day = read_weekday(str(value))
    if day is None:
        raise ValueError(f"'{value}' is not one of {', '.join(DAYS)}")
    return day


def _minutes(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    minutes = read_length(str(value))
    if minutes is None:
        raise ValueError(f"'{value}' is not a time ahead like 1 hari, 2 jam or 30 menit")
    return minutes


def _apart(stretches: tuple[tuple[time, time], ...]) -> tuple[tuple[time, time], ...]:
    for (_, end), (start, _) in pairwise(stretches):
        if start < end:
            raise ValueError(f"{start:%H.%M} is before the stretch above it ends ({end:%H.%M})")
    return stretches


Stretch = Annotated[tuple[time, time], BeforeValidator(_stretch)]
Stretches = Annotated[tuple[Stretch, ...], Field(min_length=1), AfterValidator(_apart)]
"""Several stretches of one day, in order, apart."""
WorkDays = Annotated[tuple[Annotated[int, BeforeValidator(_day)], ...], Field(min_length=1)]
Leads = tuple[Annotated[int, BeforeValidator(_minutes), Field(ge=1, le=20160)], ...]
"""Minutes before the start."""


class Dates(Written):
    """A period, from its first day to its last, both included."""

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


class MentoringHours(Written):
    """When mentors work, where it differs at one site."""

    days: WorkDays | None = None
    hours: Stretches | None = None


class Mentoring(Written):
    """Questions to mentors: the hours in which they are answered, and how soon."""

    days: WorkDays
    """Weekdays; Monday is 0."""
    hours: Stretches
    """Wall time of the site. The closed times of `hours` (the prayer on Friday) are taken off."""
    first_reply: Annotated[int, BeforeValidator(_minutes), Field(ge=10, le=2400)]
    """Minutes of these hours within which a question is answered."""
    closed: tuple[date, ...] = ()
    """Days on which nobody answers."""
    trainers_answer: bool = True
    """Whether the trainers of a site answer as its mentors do."""


class SiteRules(Written):
    """The rules that differ at one site; everything else is as everywhere. `closed` replaces the whole general list."""

    open: Stretch | None = None
    closed: tuple[ClosedTimes, ...] | None = None
    leads: Leads | None = None
    capacity: Annotated[int, Field(ge=1, le=500)] | None = None
    mentoring: MentoringHours | None = None


ConsentVersion = Annotated[str, Field(pattern=r"^[a-z0-9.-]{1,8}$")]
"""Short and without a colon: it stands in buttons."""


class ConsentText(Written):
    """The texts of one consent. `texts` has the fingerprint of each version's words (see `bot check`)."""

    version: ConsentVersion
    keys: tuple[str, ...] = ()
    texts: dict[ConsentVersion, str]
    """All versions there ever were, the oldest first."""
    adds: dict[ConsentVersion, tuple[Use, ...]] = Field(default_factory=dict)
    """The uses that a version covers and those before it did not."""
    ended: bool = False
    """Whether nobody is asked for this consent any more, so that its words are shown nowhere."""

    def versions_for(self, use: Use) -> frozenset[str]:
        """Returns the versions that cover `use`; none if another consent covers it."""
        first = next((version for version, added in self.adds.items() if use in added), None)
        known = [*self.texts]
        return frozenset(known[known.index(first) :] if first in known else ())


class Retention(Written):
    unconsented_hours: Annotated[int, Field(ge=1)]
    inbox_hours: Annotated[int, Field(ge=1)]
    outbox_words_days: Annotated[int, Field(ge=1)]
    profile_months: Annotated[int, Field(ge=1)]
    consent_months: Annotated[int, Field(ge=1)] = 24
    """How long a consent is kept without a name, after its person was erased."""
    record_months: Annotated[int, Field(ge=1)] = 24
    """How long it is kept what staff did, and what was refused."""
    sheet_photo_days: Annotated[int, Field(ge=1, le=90)] = 90
    """How long a photo of a signed attendance sheet is kept: the sheet says so, and 90 days are promised."""
    questions_days: Annotated[int, Field(ge=1)] = 90
    """How long it is kept what was said in a question, after it was closed."""


ModuleId = Annotated[str, Field(pattern=r"^M\d\d$")]
LessonId = Annotated[str, Field(pattern=r"^M\d\dL\d{1,2}$")]
PathName = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,8}$")]
"""Short: it is kept for each person (`Person.learning_path`)."""


class LearningPath(Written):
    """An order of modules, and the questions of the tests before and after. Each person keeps the path on which they
    began."""

    core: tuple[ModuleId, ...]
    """Ids of the modules that everybody takes first."""
    by_sector: dict[str, tuple[ModuleId, ...]]
    """Ids of the modules that come next for a type of business (people.SECTORS)."""
    test: tuple[Annotated[str, Field(pattern=r"^M\d\dL\d{1,2}-Q\d+$")], ...]
    """Ids of questions."""

    @field_validator("by_sector")
    @classmethod
    def _known_sectors(cls, by_sector: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        if unknown := [sector for sector in by_sector if sector not in SECTORS]:
            raise ValueError(f"'{unknown[0]}' is not one of {', '.join(SECTORS)}")
        return by_sector


class EarlierPath(LearningPath):
    """A path on which nobody begins any more."""

    later: tuple[LessonId, ...] = ()
    """Lessons that came into its modules afterwards: they stand at the end of the path, and a module is done without
    them."""


class Learning(LearningPath):
    """Lessons, quizzes and the tests before and after: the path of people who begin now, and those of the others."""

    path: PathName = "1"
    """The name of the path of people who begin now."""
    earlier: dict[PathName, EarlierPath] = Field(default_factory=dict)
    """The paths of people who began before, by name."""
    default_days: Annotated[tuple[Annotated[int, BeforeValidator(_day)], ...], Field(min_length=1)]
    """Weekdays of the daily lesson; Monday is 0."""
    default_hour: Annotated[int, Field(ge=0, le=23)]
    """Wall time of the site."""
    unanswered_limit: Annotated[int, Field(ge=1, le=60)]
    review_days: Annotated[tuple[Annotated[int, Field(ge=1, le=365)], ...], Field(min_length=1)]
    """Days after which a missed question returns: after the first right answer the second, and so on."""
    review_a_day: Annotated[int, Field(ge=1, le=20)]

    @model_validator(mode="after")
    def _other_name(self) -> Self:
        if self.path in self.earlier:
            raise ValueError(f"the path '{self.path}' stands under earlier, too: give the present one another name")
        return self

    @field_validator("review_days")
    @classmethod
    def _rising(cls, days: tuple[int, ...]) -> tuple[int, ...]:
        if list(days) != sorted(set(days)):
            raise ValueError("each number of days must be larger than the one before")
        return days


def _share(value: object) -> int:
    found = re.fullmatch(r"(\d{1,3}) ?%", str(value))
    if found is None or not 1 <= int(found[1]) <= 100:
        raise ValueError(f"'{value}' is not a share like 80%")
    return int(found[1])


class Completion(Written):
    """What a certificate of a completed wave asks for. What is left out is not asked for."""

    classes: Annotated[int, BeforeValidator(_share)] | None = None
    """Per cent of the wave's classes that were held at the site."""
    lessons: Literal["core"] | None = None
    test: Literal["posttest"] | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.classes is None and self.lessons is None and self.test is None:
            raise ValueError("a certificate of completion asks for something: classes, lessons or test")
        return self


class Signer(Written):
    """Whose name stands below a certificate, as text."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    position: Annotated[str, Field(min_length=1, max_length=80)] | None = None


class Certificates(Written):
    completion: Completion
    lesson_minutes: Annotated[int, Field(ge=0, le=60)] = 5
    """What a lesson counts on a certificate, in minutes."""
    signed_by: Signer | None = None


class Wave(Dates):
    """A round of training at one site, from its first day to its last: a certificate of completion is about one."""

    site: str


class Programme(Written):
    """The programme's rules, where `sites` does not say otherwise."""

    schema_version: Literal[1]
    hours: Hours
    leads: Leads
    """When reminders come: minutes before the start, the earliest first."""
    capacity: Annotated[int, Field(ge=1, le=500)]
    consents: dict[Purpose, ConsentText]
    retention: Retention
    learning: Learning
    mentoring: Mentoring
    certificates: Certificates = Field(
        default_factory=lambda: Certificates(completion=Completion(classes="80%", lessons="core", test="posttest"))
    )
    waves: tuple[Wave, ...] = ()
    kept_until: date | None = None
    """The date until which data are kept, as the privacy notice names it; None: it names `retention.profile_months`
    after the last class instead."""
    sites: dict[str, SiteRules] = Field(default_factory=dict)

    @field_validator("leads")
    @classmethod
    def _sorted(cls, leads: tuple[int, ...]) -> tuple[int, ...]:
        if len(set(leads)) != len(leads):
            raise ValueError("the same reminder stands there twice")
        return tuple(sorted(leads, reverse=True))

    @field_validator("waves")
    @classmethod
    def _apart(cls, waves: tuple[Wave, ...]) -> tuple[Wave, ...]:
        for before, after in pairwise(sorted(waves, key=lambda wave: (wave.site, wave.first))):
            if before.site == after.site and after.first <= before.last:
                raise ValueError(f"two waves at {after.site} on the same days: {after.first} is before {before.last}")
        return waves

    @field_validator("consents")
    @classmethod
    def _all_purposes(cls, consents: dict[Purpose, ConsentText]) -> dict[Purpose, ConsentText]:
        if missing := [purpose.value for purpose in Purpose if purpose not in consents]:
            raise ValueError(f"no text for the consents {', '.join(missing)}")
        return consents
