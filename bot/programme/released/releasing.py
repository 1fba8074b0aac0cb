"""The ledger is written here: of what was counted, what may be printed. By `rules`, in this order, so that the same is
always told first: what a business does, orders, who answered, and then the rest.

What may not be printed anew leaves the last one standing, also in the next quarter, with its date.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bot.catalogue.indicators_file import base_of
from bot.programme.follow_up import UNKNOWN
from bot.programme.released.counting import ANSWERED, ORDERS_AT, WHY, Answers, Round
from bot.programme.released.gathering import Counted
from bot.programme.released.rules import (
    FEW,
    Fact,
    Printed,
    Word,
    apart,
    apart_in_sums,
    chain,
    fits,
    follows,
    may_stand,
    most_said,
    printed,
    release,
    release_split,
    together,
)
from bot.programme.released.tables import Released, Topic

WHOLE: Final = ""
"""The site of all sites together."""
NOT_HEADS: Final = ("satisfaction", "gain")
"""Figures of people who are not among those who answer the rounds."""
OF_A_QUARTER: Final = ("satisfaction",)
"""Figures of what was answered within the quarter: those of another quarter are of other answers."""
SPLITS: Final = ("orders", "workers", "turnover", "why")
LOCK: Final = 7_411_226_121
"""PostgreSQL's advisory lock of who writes the ledger."""

Unit = Mapping[str, Printed]
"""A figure and its parts; the part of the figure itself is the empty text."""


class Ledger:
    """All that was ever printed of what people answered, at these sites and of all together; and how to add to it."""

    def __init__(self, db: Session, sites: Sequence[str], period: str, now: datetime) -> None:
        self.db, self.period, self.now = db, period, now
        self._rows: dict[tuple[str, str], list[Released]] = defaultdict(list)
        self.heads: dict[str, set[int]] = defaultdict(set)
        self._service: dict[tuple[str, str, str], Released] = {}
        query = select(Released).where(Released.site_id.in_([*sites, WHOLE]))
        answered = query.where(Released.topic.in_([Topic.ANSWERS, Topic.QUESTION])).order_by(Released.id)
        for row in db.scalars(answered):
            self._know(row)
        for row in db.scalars(
            query.where(Released.topic.not_in([Topic.ANSWERS, Topic.QUESTION]), Released.period == period)
        ):
            self._service[row.site_id, row.code, row.part] = row

    def _know(self, row: Released) -> None:
        self._rows[row.site_id, row.code].append(row)
        base = base_of(row.code)
        if row.topic == Topic.ANSWERS and base not in NOT_HEADS and ":" not in row.part:
            counts = (row.n, row.k) if base in ("round", "reached") else (row.n,)
            self.heads[row.site_id].update(one for one in counts if one is not None)

    def history(self, site_id: str, code: str, part: str = "") -> list[Printed]:
        """Returns all that was ever printed of the figure: of those of a quarter, in this one."""
        mine = self._rows[site_id, code]
        if base_of(code) in OF_A_QUARTER:
            mine = [row for row in mine if row.period == self.period]
        return [_read(row) for row in mine if row.part == part]

    def units(self, site_id: str, code: str, prefix: str = "") -> list[dict[str, int]]:
        """Returns the splits of the figure that were ever printed in numbers: each by its parts."""
        found: dict[tuple[str, datetime], dict[str, int]] = defaultdict(dict)
        for row in self._rows[site_id, code]:
            if row.part.startswith(prefix) and row.part and row.k is not None:
                found[row.period, row.at][row.part] = row.k
        return list(found.values())

    def now_printed(self, site_id: str, code: str) -> dict[str, Printed]:
        """Returns what stands of the figure in this period."""
        mine = self._rows[site_id, code]
        return {row.part: _read(row) for row in mine if row.period == self.period and row.replaced_at is None}

    def counted_at(self, site_id: str, code: str) -> datetime | None:
        rows = [row for row in self._rows[site_id, code] if row.period == self.period and row.replaced_at is None]
        return rows[-1].counted_at if rows else None

    def put(
        self,
        site_id: str,
        code: str,
        unit: Unit,
        counted_at: datetime,
        *,
        topic: Topic = Topic.ANSWERS,
        prefix: str | None = None,
    ) -> None:
        """Prints the figure with its parts in place of what stands of it; a unit that stands already stays as it is.
        `prefix`: only of parts that begin so."""

        def mine(part: str) -> bool:
            return ":" not in part if prefix is None else part.startswith(prefix)

        standing = {part: one for part, one in self.now_printed(site_id, code).items() if mine(part)}
        if standing == dict(unit):
            return
        for row in self._rows[site_id, code]:
            if row.period == self.period and row.replaced_at is None and mine(row.part):
                row.replaced_at = self.now
        for part, one in unit.items():
            row = _row(topic, site_id, code, part, self.period, one, counted_at, self.now)
            self.db.add(row)
            self._know(row)

    def stand(self, site_id: str, code: str) -> None:
        """Lets what was printed last stand in this period, too, with its date."""
        rows = self._rows[site_id, code]
        if base_of(code) in OF_A_QUARTER or any(one.period == self.period for one in rows):
            return
        earlier = [one for one in rows if one.replaced_at is None and one.period < self.period]
        if not earlier:
            return
        last = max(one.period for one in earlier)
        for old in [one for one in earlier if one.period == last]:
            row = _row(Topic(old.topic), site_id, code, old.part, self.period, _read(old), old.counted_at, self.now)
            self.db.add(row)
            self._know(row)

    def serve(
        self,
        topic: Topic,
        site_id: str,
        code: str,
        values: Printed,
        counted_at: datetime,
        *,
        part: str = "",
        day: date | None = None,
    ) -> None:
        """Brings a figure of the service up to date."""
        row = self._service.get((site_id, code, part))
        if row is None:
            row = self._service[site_id, code, part] = Released(
                topic=topic, site_id=site_id, code=code, part=part, period=self.period
            )
            self.db.add(row)
        row.n, row.k, row.value, row.sites, row.day = values.n, values.k, values.value, values.sites, day
        row.counted_at, row.at = counted_at, self.now

    def drop_classes(self, site_id: str, known: Iterable[str]) -> None:
        """Takes out classes whose list is not closed (any more), or that moved into another quarter."""
        keep = set(known)
        for (site, code, part), row in list(self._service.items()):
            if site == site_id and code == "class" and part not in keep:
                self.db.delete(row)
                del self._service[site, code, part]


def _read(row: Released) -> Printed:
    return Printed(row.n, row.k, row.before, row.word, row.word_before, row.value, row.value_before, row.sites)


def _row(
    topic: Topic, site_id: str, code: str, part: str, period: str, one: Printed, counted_at: datetime, now: datetime
) -> Released:
    return Released(
        topic=topic,
        site_id=site_id,
        code=code,
        part=part,
        period=period,
        n=one.n,
        k=one.k,
        before=one.before,
        word=one.word,
        word_before=one.word_before,
        value=one.value,
        value_before=one.value_before,
        sites=one.sites,
        counted_at=counted_at,
        at=now,
    )


def write(
    db: Session, counted: Counted, now: datetime, *, sectors: Mapping[str, frozenset[str]], all_sites: Sequence[str]
) -> None:
    """Prints of the counted what may be printed. `sectors`: of each practice the types of business that are asked about
    it; empty: all."""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    ledger = Ledger(db, all_sites if counted.everything else counted.sites, str(counted.quarter), now)
    for site_id in counted.sites:
        until = counted.until[site_id]
        _service(ledger, counted, site_id, until)
        _answers(ledger, counted.answers.get(site_id, Answers()), site_id, until, sectors)
        _tests_and_faces(ledger, counted, site_id, until)
        known = [code for (site, code) in list(ledger._rows) if site == site_id]
        for code in known:
            ledger.stand(site_id, code)
    if counted.everything:
        until = max(counted.until.values(), default=now)
        _whole(ledger, counted, all_sites, until)
        _of_no_site(ledger, counted, until)
    db.flush()


def _service(ledger: Ledger, counted: Counted, site_id: str, until: datetime) -> None:
    one = counted.service.get(site_id)
    if one is None:
        return

    def serve(code: str, values: Printed) -> None:
        ledger.serve(Topic.SERVICE, site_id, code, values, until)

    asked = one.questions
    serve("classes", Printed(one.classes))
    serve("attended", Printed(counted.attended.get(site_id, 0)))
    serve("attendance", Printed(one.expected, one.present))
    serve("seats_used", Printed(one.seats, one.present))
    serve("lessons", Printed(one.learners or 0, value=float(one.lessons or 0)))
    serve("questions", Printed(asked.number, asked.answered))
    serve("questions_in_time", Printed(asked.number, asked.in_time))
    median = asked.median_minutes
    serve("questions_median", Printed(asked.answered, value=None if median is None else float(median)))
    mine = [each for each in counted.classes if each.site_id == site_id]
    ledger.drop_classes(site_id, (each.code for each in mine))
    for each in mine:
        values = Printed(each.expected, each.present, value=float(each.capacity))
        ledger.serve(Topic.CLASS, site_id, "class", values, until, part=each.code, day=each.day)


# --- what people answered ---------------------------------------------------------------------------------------------


def _answers(
    ledger: Ledger, answers: Answers, site_id: str, until: datetime, sectors: Mapping[str, frozenset[str]]
) -> None:
    everybody = [code for code in answers.practices if not sectors.get(code)]
    some = {code: fact for code, fact in answers.practices.items() if sectors.get(code)}
    for code in sorted(everybody):
        _fact(ledger, site_id, f"practice.{code}", answers.practices[code], until)
    for kind in ORDERS_AT:
        if kind.value in answers.orders:
            _split(ledger, site_id, f"orders.{kind}", answers.orders[kind.value], until)
    for name, one in sorted(answers.rounds.items(), reverse=True):
        _asked(ledger, site_id, name, one, until)
    whole = max((answers.practices[code].n for code in everybody), default=0)
    if apart_in_sums(whole, {sectors[code]: fact.n for code, fact in some.items()}):
        for code, fact in sorted(some.items()):
            _fact(ledger, site_id, f"practice.{code}", fact, until)
    for key, moved in sorted(answers.moved.items()):
        _split(ledger, site_id, key, moved, until)


def _fact(ledger: Ledger, site_id: str, code: str, fact: Fact, until: datetime, *, alone: bool = False) -> None:
    """`alone`: its people are not among those of other figures."""
    heads = () if alone else ledger.heads[site_id]
    new = release(fact, ledger.history(site_id, code), heads)
    if new is not None:
        ledger.put(site_id, code, {"": new}, until)


def _split(ledger: Ledger, site_id: str, code: str, parts: Mapping[str, int], until: datetime) -> None:
    n, heads = sum(parts.values()), ledger.heads[site_id]
    whole = Printed(n)
    earlier = ledger.units(site_id, code)
    told = release_split(parts, earlier, heads)
    if told is not None and follows(whole, ledger.history(site_id, code)):
        ledger.put(site_id, code, {"": whole} | {part: Printed(n, k) for part, k in told.items()}, until)
    elif not earlier and n >= FEW and may_stand(n, heads):
        ledger.put(site_id, code, {"": replace(whole, word=most_said(parts, (UNKNOWN,)))}, until)


def _asked(ledger: Ledger, site_id: str, name: str, one: Round, until: datetime) -> None:
    heads = ledger.heads[site_id]
    told = chain([("answered", one.answered), ("asked", one.asked)], heads)
    if one.asked >= FEW:
        ledger.put(site_id, f"round.{name}", {"": _of_those(told, one.answered, one.asked)}, until)
    heads = ledger.heads[site_id]
    told = chain([("answered", one.reached), ("asked", one.asked)], heads)
    if one.asked >= FEW:
        ledger.put(site_id, f"reached.{name}", {"": _of_those(told, one.reached, one.asked)}, until)
    parts = dict.fromkeys(WHY, 0)
    for (because, _), number in one.why.items():
        parts[because] += number
    fine = all(fits(number) for number in one.why.values()) and may_stand(parts[ANSWERED], heads)
    if fine and may_stand(one.asked, heads | {one.planned}):
        code = f"why.{name}"
        split = release_split(parts, ledger.units(site_id, code), heads)
        if split is not None:
            unit = {"": Printed(one.planned)} | {part: Printed(one.planned, k) for part, k in split.items()}
            ledger.put(site_id, code, unit, until)


def _of_those(told: Mapping[str, int], k: int, n: int) -> Printed:
    """Returns k of n, in numbers as far as both may be told, else with a word."""
    shown = Printed(told.get("asked"), told.get("answered"))
    if shown.n is not None and shown.k is not None:
        return shown
    if not 0 < k < n or n < 2 * FEW:
        return replace(shown, word=Word.SOME if k > 0 else None)
    return replace(shown, word=Word.MOST if 2 * k > n else Word.MINOR)


def _tests_and_faces(ledger: Ledger, counted: Counted, site_id: str, until: datetime) -> None:
    one = counted.service.get(site_id)
    if one is None:
        return
    if one.gain is not None:
        mean = Fact(one.gain.people, value=round(one.gain.after, 3), value_before=round(one.gain.before, 3))
        _fact(ledger, site_id, "gain", mean, until, alone=True)
    if one.answers >= FEW:
        faces = Fact(one.answers, value=round(one.faces / one.answers, 2))
        _fact(ledger, site_id, "satisfaction", faces, until, alone=True)


# --- all sites together -----------------------------------------------------------------------------------------------


def _whole(ledger: Ledger, counted: Counted, sites: Sequence[str], until: datetime) -> None:
    codes = sorted({code for site, code in list(ledger._rows) if site in sites})
    for code in codes:
        places = [ledger.now_printed(site, code) for site in sites]
        parts = {part for place in places for part in place if ":" not in part}
        if base_of(code) in SPLITS:
            places = [place for place in places if len(place) > 1]  # of those that print it in numbers
        unit = {part: total for part in sorted(parts) if (total := together([place.get(part) for place in places]))}
        if unit:
            ledger.put(WHOLE, code, unit, until)
    _sums(ledger, sites, until)
    for code in codes:
        if base_of(code) == "practice":
            _splits(ledger, counted, sites, code, until)
            _silent(ledger, counted, sites, code, until)
    for code in {code for site, code in list(ledger._rows) if site == WHOLE}:
        if base_of(code) in ("silent", "practice"):
            ledger.stand(WHOLE, code)


def _sums(ledger: Ledger, sites: Sequence[str], until: datetime) -> None:
    """Adds up the figures of the service; of a median there is no sum."""
    for code in ("classes", "attended", "attendance", "seats_used", "lessons", "questions", "questions_in_time"):
        rows = [row for site in sites if (row := ledger._service.get((site, code, "")))]
        if not rows:
            continue
        n = sum(row.n or 0 for row in rows)
        k = None if any(row.k is None for row in rows) else sum(row.k or 0 for row in rows)
        value = sum(row.value or 0 for row in rows) if code == "lessons" else None
        ledger.serve(Topic.SERVICE, WHOLE, code, Printed(n, k, value=value, sites=len(rows)), until)


def _in_numbers(ledger: Ledger, counted: Counted, sites: Sequence[str], code: str) -> list[str]:
    """Returns the sites whose figure is in the sum."""
    found = []
    for site in sites:
        one = ledger.now_printed(site, code).get("")
        if one is not None and one.n and one.word is None and one.word_before is None:
            found.append(site)
    return found


def _splits(ledger: Ledger, counted: Counted, sites: Sequence[str], code: str, until: datetime) -> None:
    """A split of the sum by sex, age or sector: only if its parts add up to the sum as it stands (an older figure of
    one site would tell how many came since), and all of them may be told."""
    whole = ledger.now_printed(WHOLE, code).get("")
    if whole is None or whole.n is None:
        return
    within = _in_numbers(ledger, counted, sites, code)
    practice = code.partition(".")[2]
    for name, of in counted.splits.items():
        parts: dict[str, Fact] = {}
        for site in within:
            for part, fact in of.get(site, {}).get(practice, {}).items():
                old = parts.get(part, Fact(0, 0, 0))
                parts[part] = Fact(old.n + fact.n, (old.k or 0) + (fact.k or 0), (old.before or 0) + (fact.before or 0))
        adds_up = (
            sum(one.n for one in parts.values()) == whole.n
            and sum(one.k or 0 for one in parts.values()) == whole.k
            and sum(one.before or 0 for one in parts.values()) == whole.before
        )
        made = {f"{name}:{part}": printed(fact) for part, fact in parts.items()}
        if not adds_up or len(parts) < 2:
            continue
        told = {part: one for part, one in made.items() if one is not None}
        in_numbers = all(one.word is None and one.word_before is None for one in told.values())
        followed = all(follows(one, ledger.history(WHOLE, code, part)) for part, one in told.items())
        gone = set(ledger.now_printed(WHOLE, code)) - set(told)
        if len(told) == len(made) and in_numbers and followed and not any(one.startswith(f"{name}:") for one in gone):
            ledger.put(WHOLE, code, told, until, prefix=f"{name}:")


def _silent(ledger: Ledger, counted: Counted, sites: Sequence[str], code: str, until: datetime) -> None:
    """How those who fell silent answered at first, at the sites whose figure is in the sum."""
    whole = ledger.now_printed(WHOLE, code).get("")
    practice = code.partition(".")[2]
    facts = [counted.silent.get(site, {}).get(practice) for site in _in_numbers(ledger, counted, sites, code)]
    n = sum(one.n for one in facts if one is not None)
    if whole is None or whole.n is None or n < FEW:
        return
    heads = ledger.heads[WHOLE]
    if not may_stand(n, heads) or not may_stand(n + whole.n, heads):
        return
    _fact(ledger, WHOLE, f"silent.{practice}", Fact(n, sum(one.k or 0 for one in facts if one is not None)), until)


def _of_no_site(ledger: Ledger, counted: Counted, until: datetime) -> None:
    for lesson_id, number in counted.lessons.items():
        ledger.serve(Topic.LESSON, WHOLE, "lesson", Printed(number), until, part=lesson_id)
    for (day, kind), (sent, lost) in counted.messages.items():
        # a message that was lost is a person who blocked the bot: few of them are not told
        total = sent + lost if fits(lost) else None
        ledger.serve(Topic.DELIVERY, WHOLE, "delivery", Printed(total, sent), until, part=f"{day} {kind}", day=day)
    for one in counted.questions:
        fact = Fact(one.first, one.first_right)
        new = printed(fact)
        history = ledger.history(WHOLE, "question", one.question_id)
        if new is None or not follows(new, history) or not all(apart(new.n or 0, old.n or 0) for old in history):
            continue
        if new.k is not None and one.fools is not None and one.fooled >= FEW:
            new = replace(new, value=float(one.fools))
        ledger.put(WHOLE, "question", {one.question_id: new}, until, topic=Topic.QUESTION, prefix=one.question_id)
    ledger.stand(WHOLE, "question")
