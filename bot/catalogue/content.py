"""Everything in content/, frozen and validated: what the bot asks of it, and reading it from its files.

The files are edited by people who do not program, so every mistake in them is found at once and told with its file and
line (`ContentError`), and what people type to find their site or a lesson is read forgivingly.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Final

from bot.catalogue.answers_file import Answer, load_answers
from bot.catalogue.indicators_file import IndicatorsFile, read_indicators
from bot.catalogue.lesson_files import Fact, Lesson, Module, Question, Shelf, read_facts, read_modules
from bot.catalogue.lesson_search import LessonIndex
from bot.catalogue.practices_file import Practice, practices_of, read_practices
from bot.catalogue.programme_files import (
    ClosedTimes,
    Dates,
    EarlierPath,
    LearningPath,
    MentoringHours,
    Programme,
    Site,
    SiteRules,
    SitesFile,
)
from bot.catalogue.published_questions import read_published
from bot.catalogue.site_search import SiteIndex
from bot.catalogue.understanding_file import load_understanding
from bot.catalogue.yaml_files import ContentError, Lines, Problem, load
from bot.people.people import Purpose, Use
from bot.people.quiet_hours import SEARCH_DAYS, Closed, OpenHours, next_opening
from bot.understanding.intents import Handling, Understood
from bot.understanding.understand import Understanding

__all__ = ["Content", "Fact", "Lesson", "Module", "Programme", "Question", "Site", "load_content"]

UNKNOWN_ZONE: Final = "Asia/Makassar"
"""The zone used where the place is not known yet: the middle one, with an hour less at both ends, is polite in all
three."""


@dataclass(frozen=True)
class Content:
    """Everything in content/, frozen. `sites` are in the order of the file."""

    sites: tuple[Site, ...]
    programme: Programme
    province_aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    modules: tuple[Module, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)
    answers: Mapping[str, Answer] = field(default_factory=dict)
    published: Mapping[str, Question] = field(default_factory=dict)
    """Every question that was ever asked, in the words it was first asked in."""
    understanding: Callable[[], Understanding] | None = None
    """Makes what understands typed text; without it nothing that is typed is understood."""
    holidays: Mapping[str, tuple[Dates, ...]] = field(default_factory=dict)
    """Whole days on which nobody is written to and no mentor works, made in the chat: by the id of a site, or by an
    empty text for all sites (`overriding.EVERYWHERE`)."""
    practices: tuple[Practice, ...] = ()
    """What people are asked about after the classes, in the order of the file."""
    indicators: IndicatorsFile = field(default_factory=IndicatorsFile)
    """What reports tell, and what it means."""
    as_written: Content | None = None
    """Content as it stands in the files, where settings of the chat are laid over it; None: this is it."""

    @property
    def written(self) -> Content:
        """Content as it stands in the files."""
        return self.as_written or self

    def understood_by(self) -> Understanding:
        """Returns what understands typed text, made once. Raises LookupError if there is none."""
        if self._understanding is None:
            raise LookupError("nothing understands typed text")
        return self._understanding

    def share_lessons(self, other: Content) -> None:
        """Takes over what `other`, which has the same lessons, has made of them already."""
        for name in ("_modules", "_lessons", "_questions", "_index", "spelled_often"):
            if name in other.__dict__:
                self.__dict__[name] = other.__dict__[name]

    @cached_property
    def _understanding(self) -> Understanding | None:
        return None if self.understanding is None else self.understanding()

    def get_ready_to_hear(self) -> None:
        """Does what takes half a second at the first typed text, before the first turn. Processes that run no turns
        need not call this."""
        self.understand("")

    @cached_property
    def _by_id(self) -> dict[str, Site]:
        return {site.id: site for site in self.sites}

    @cached_property
    def _hours(self) -> dict[str, OpenHours]:
        return {site.id: self._open_hours(site) for site in self.sites if site.timezone}

    @cached_property
    def _working(self) -> dict[str, OpenHours]:
        return {site_id: self._at_work(site_id, hours) for site_id, hours in self._hours.items()}

    @cached_property
    def _elsewhere(self) -> OpenHours:
        hours = self.programme.hours
        opens, closes = _moved(hours.open[0], 1), _moved(hours.open[1], -1)
        everywhere = (closed for times in hours.closed if times.provinces is None for closed in times.closed())
        return OpenHours(UNKNOWN_ZONE, opens, closes, (*everywhere, *self._holidays("")))

    @cached_property
    def _site_index(self) -> SiteIndex:
        return SiteIndex(self.sites, self.province_aliases)

    def site(self, site_id: str) -> Site | None:
        return self._by_id.get(site_id)

    def contact(self, site_id: str | None) -> str | None:
        """Returns whom people of a site ask for help; None: it has no contact of its own."""
        site = self.site(site_id or "")
        return site.contact if site is not None else None

    def open_hours(self, site_id: str | None) -> OpenHours:
        """Returns when people of a site may be written to. For a site without a confirmed place, or one that is no
        longer in the file, these are hours that are polite in all three zones."""
        return self._hours.get(site_id or "", self._elsewhere)

    def mentoring_hours(self, site_id: str | None) -> OpenHours:
        """Returns when mentors of a site work: its mentoring hours, less the times in which nobody is written to."""
        return self._working.get(site_id or "") or self._at_work(site_id, self._elsewhere)

    def leads(self, site_id: str) -> tuple[int, ...]:
        """Returns when reminders come: minutes before the start, the earliest first."""
        rules = self.programme.sites.get(site_id)
        if rules is None or rules.leads is None:
            return self.programme.leads
        return tuple(sorted(rules.leads, reverse=True))

    def capacity(self, site_id: str) -> int:
        """Returns the number of seats of a class whose table names none."""
        rules = self.programme.sites.get(site_id)
        return self.programme.capacity if rules is None or rules.capacity is None else rules.capacity

    def consent_version(self, purpose: Purpose) -> str:
        return self.programme.consents[purpose].version

    def covered_by(self, use: Use) -> tuple[Purpose, frozenset[str]]:
        """Returns the consent that covers `use`, and which of its versions do. Raises LookupError if none does."""
        for purpose, consent in self.programme.consents.items():
            if versions := consent.versions_for(use):
                return purpose, versions
        raise LookupError(f"no consent covers {use}")

    def search_sites(self, text: str, limit: int = 5) -> list[Site]:
        """Returns the sites whose name, regency or province `text` may mean, the likeliest first; none if it means no
        place."""
        return self._site_index.search(text)[:limit]

    def nearest(self, lat: float, lon: float, limit: int = 3) -> list[tuple[Site, float]]:
        """Returns the sites with a pin nearest to a point (degrees), with their distance in km as the crow flies."""
        return self._site_index.nearest(lat, lon)[:limit]

    def practice(self, code: str) -> Practice | None:
        return next((one for one in self.practices if one.code == code), None)

    def practices_of(self, sector: str | None) -> tuple[Practice, ...]:
        """Returns the practices that somebody with this type of business is asked about."""
        return practices_of(self.practices, sector)

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
    def _index(self) -> LessonIndex:
        return LessonIndex(self.modules)

    def test_questions(self, path: str | None = None) -> tuple[Question, ...]:
        """Returns the questions of the tests before and after learning for people on this path, one for each module.
        Without a path, or with one that is no longer in the file: for people who begin now; so in the others."""
        return tuple(
            question for one in self._learning_path(path).test if (question := self.once_published(one)) is not None
        )

    def module(self, module_id: str) -> Module | None:
        return self._modules.get(module_id)

    def lesson(self, lesson_id: str) -> Lesson | None:
        return self._lessons.get(lesson_id)

    def question(self, question_id: str) -> Question | None:
        """Returns the question; None also if another one has replaced it."""
        return self._questions.get(question_id)

    def once_published(self, question_id: str) -> Question | None:
        """Returns the question, also if another one has replaced it: then as it was published, without explanation.
        None if there never was one."""
        return self._questions.get(question_id) or self.published.get(question_id)

    def in_its_place(self, question_id: str) -> Question | None:
        """Returns the question that its lesson asks now: itself, or the one that replaced it."""
        lesson = self.lesson(question_id.partition("-")[0])
        return None if lesson is None else lesson.question

    def overdue(self, lesson: Lesson, today: date) -> tuple[Fact, ...]:
        """Returns the facts of a lesson that somebody must look at again (see Fact.is_overdue).

        A lesson with any is marked: it is shown with the advice to ask a mentor, and its question is not asked.
        """
        known = (self.facts[code] for code in lesson.facts if code in self.facts)
        return tuple(fact for fact in known if fact.is_overdue(today))

    def marked(self, today: date) -> list[Lesson]:
        """Returns the lessons with an overdue fact."""
        return [lesson for lesson in self._lessons.values() if self.overdue(lesson, today)]

    def _learning_path(self, path: str | None) -> LearningPath:
        learning = self.programme.learning
        return learning.earlier.get(path or "", learning)

    def path(self, sector: str | None, path: str | None = None) -> tuple[Module, ...]:
        """Returns all modules in the order in which somebody of this type of business learns them who is on this
        path."""
        learning = self._learning_path(path)
        wanted = [*learning.core, *learning.by_sector.get(sector or "", ()), *self._modules]
        return tuple(self._modules[one] for one in dict.fromkeys(wanted) if one in self._modules)

    def lessons_of_path(self, sector: str | None, path: str | None = None) -> tuple[Lesson, ...]:
        """Returns all lessons in the order of `path`; those that came into its modules afterwards are the last."""
        later = self.later(path)
        lessons = [lesson for module in self.path(sector, path) for lesson in module.lessons]
        return tuple(sorted(lessons, key=lambda lesson: lesson.id in later))  # sorting keeps the order of equals

    def later(self, path: str | None) -> frozenset[str]:
        """Returns the ids of the lessons that came into the modules of a path after people had begun on it."""
        learning = self._learning_path(path)
        return frozenset(learning.later) if isinstance(learning, EarlierPath) else frozenset()

    def core_lessons(self, path: str | None = None) -> frozenset[str]:
        """Returns the ids of the lessons that everybody on this path takes first: the test after learning opens when
        they are done."""
        core = (self._modules[one] for one in self._learning_path(path).core if one in self._modules)
        return frozenset(lesson.id for module in core for lesson in module.lessons) - self.later(path)

    def search_lessons(self, text: str, limit: int = 5) -> list[Lesson]:
        """Lessons that `text` may mean, the likeliest first; none for what means no lesson."""
        return self._index.search(text)[:limit]

    # --- what people type -------------------------------------------------------------------------------------------

    def understand(self, text: str, context: str = "none") -> Understood:
        """Returns what somebody means who types this when `context` (`understanding.intents.CONTEXTS`) is open."""
        if self._understanding is None:
            return Understood("unclear", 0.0, Handling.OFFER)
        return self._understanding.understand(text, context)

    def spelled(self, text: str) -> tuple[str, ...]:
        """Returns the words of a typed text in one spelling."""
        return () if self._understanding is None else self._understanding.spelled(text)

    @cached_property
    def spelled_often(self) -> Callable[[str], str]:
        """Like `spelled`, as one string, and remembered: for texts that are looked at again and again."""
        return lru_cache(maxsize=2048)(lambda text: " ".join(self.spelled(text)))

    def way_out(self, text: str) -> str | None:
        """Returns `break_off`, `back`, `menu`, `help` or `stop_messages` for a text that is nothing but one of these
        words; None for every other text."""
        return None if self._understanding is None else self._understanding.way_out(text)

    def is_no_name(self, text: str) -> bool:
        """Whether what staff typed below a list of names means something by itself."""
        return self._understanding is not None and self._understanding.is_no_name(text)

    def comes_in(self, text: str) -> bool:
        """Whether the text says that somebody is at the door of a class, or asks to be let in."""
        return self._understanding is not None and self._understanding.comes_in(text)

    def answer(self, name: str, language: str) -> str:
        """Returns a short answer of answers.yaml in the language. Raises KeyError for one that is not there."""
        return self.answers[name].words(language)

    # --- hours ------------------------------------------------------------------------------------------------------

    def _at_work(self, site_id: str | None, open_hours: OpenHours) -> OpenHours:
        mentoring = self.programme.mentoring
        own = self.programme.sites.get(site_id or "", SiteRules()).mentoring or MentoringHours()
        days, stretches = own.days or mentoring.days, own.hours or mentoring.hours
        free = [Closed(time.min, time.max, weekday) for weekday in range(7) if weekday not in days]
        free += [Closed(time.min, time.max, first=day, last=day) for day in mentoring.closed]
        breaks = [Closed(end, start) for (_, end), (start, _) in pairwise(stretches)]
        closed = (*open_hours.closed, *free, *breaks)
        return OpenHours(open_hours.zone, stretches[0][0], stretches[-1][1], closed)

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
        return OpenHours(site.zone, opens, closes, (*closed, *self._holidays("", site.id)))

    def _holidays(self, *of: str) -> Iterator[Closed]:
        for dates in (dates for one in of for dates in self.holidays.get(one, ())):
            yield Closed(time.min, time.max, first=dates.first, last=dates.last)


def _moved(wall: time, hours: int) -> time:
    return (datetime.combine(date(2000, 1, 1), wall, tzinfo=UTC) + timedelta(hours=hours)).time()


def load_content(folder: Path) -> Content:
    """Reads the files of content/. Raises ContentError with everything that is wrong, each with file and line."""
    problems: list[Problem] = []
    sites = load(folder / "sites.yaml", SitesFile, problems)
    programme = load(folder / "programme.yaml", Programme, problems)
    if sites:
        problems += _wrong_sites(sites[0], sites[1])
    if sites and programme:
        problems += _broken_links(sites[0], programme[0], programme[1])
    facts = read_facts(folder / "facts.yaml", problems)
    shelf = read_modules(folder / "lessons", problems)
    problems += _unknown_facts(shelf, facts)
    practices = read_practices(folder, problems)
    published = {one: known.question for one, known in read_published(folder, problems).items()}
    answers: Mapping[str, Answer] = {}
    understanding: Callable[[], Understanding] | None = None
    try:
        answers = load_answers(folder)
        understanding = load_understanding(folder)
    except ContentError as error:
        problems += error.problems
    indicators = read_indicators(folder, problems)
    if problems or sites is None or programme is None:
        raise ContentError(sorted(problems))
    aliases = sites[0].province_aliases
    content = Content(
        sites[0].sites, programme[0], aliases, shelf.modules, facts, answers, published, understanding,
        practices=practices, indicators=indicators,
    )  # fmt: skip
    if problems := list(never_open(content, programme[1])):
        raise ContentError(problems)
    return content


def _wrong_sites(file: SitesFile, lines: Lines) -> Iterator[Problem]:
    seen: set[str] = set()
    provinces = {site.province for site in file.sites}
    for index, site in enumerate(file.sites):
        if site.id in seen:
            yield lines.problem(("sites", index, "id"), f"the id '{site.id}' stands there twice")
        seen.add(site.id)
    for province in file.province_aliases:
        if province not in provinces:
            yield lines.problem(("province_aliases", province), f"no site lies in the province '{province}'")


def _broken_links(sites: SitesFile, programme: Programme, lines: Lines) -> Iterator[Problem]:
    ids = {site.id for site in sites.sites}
    provinces = {site.province for site in sites.sites}
    for site_id in programme.sites:
        if site_id not in ids:
            yield lines.problem(("sites", site_id), f"no site '{site_id}' in content/sites.yaml")
    for index, wave in enumerate(programme.waves):
        if wave.site not in ids:
            yield lines.problem(("waves", index, "site"), f"no site '{wave.site}' in content/sites.yaml")
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


def never_open(content: Content, lines: Lines | None) -> Iterator[Problem]:
    """Yields a problem for a site at which nobody could ever be written to: there the sender would find no opening.
    `lines`: of programme.yaml; None: what is wrong does not stand there."""
    lines = lines or Lines("content/programme.yaml", {})
    marks = [mark for dates in _all_dates(content) for mark in _around(dates.first)]
    for site in content.sites:
        hours = content.open_hours(site.id)
        for mark in (datetime(2026, 1, 5, tzinfo=UTC), *marks):
            try:
                next_opening(hours, mark)
            except ValueError:
                words = f"'{site.id}' would be closed for more than {SEARCH_DAYS} days on end (around {mark:%Y-%m-%d})"
                yield lines.problem(("sites", site.id) if site.id in content.programme.sites else ("hours",), words)
                break
        else:
            yield from _never_answered(content, lines, site)


def _never_answered(content: Content, lines: Lines, site: Site) -> Iterator[Problem]:
    """Yields a problem for a site at which the mentors do not work for more than SEARCH_DAYS days on end: questions
    would wait there unanswered."""
    mentoring = content.programme.mentoring
    hours = content.mentoring_hours(site.id)
    days = [*mentoring.closed, *(one.first for one in _all_dates(content)), date(2026, 1, 5)]
    for mark in (mark for day in days for mark in (datetime.combine(day, time(0), tzinfo=UTC), *_around(day))):
        try:
            next_opening(hours, mark)
        except ValueError:
            own = ("sites", site.id) if site.id in content.programme.sites else ("mentoring",)
            words = (
                f"'{site.id}': mentors would not work for more than {SEARCH_DAYS} days on end (around {mark.date()})"
            )
            yield lines.problem(own, words)
            return


def _around(day: date) -> Iterator[datetime]:
    """Yields the noon of a day from which something is closed, and the evenings before it: a weekend may stand before
    it, and who waits since Friday evening waits longest."""
    yield datetime.combine(day, time(12), tzinfo=UTC)
    for before in range(1, 5):
        yield datetime.combine(day - timedelta(days=before), time(15), tzinfo=UTC)  # 22.00 WIB, midnight WIT


def _all_dates(content: Content) -> Iterator[Dates]:
    programme = content.programme
    for times in (*programme.hours.closed, *(one for rules in programme.sites.values() for one in rules.closed or ())):
        yield from times.dates or ()
    for holidays in content.holidays.values():
        yield from holidays
