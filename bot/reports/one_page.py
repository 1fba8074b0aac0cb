"""The page of a site, or of all sites, in Bahasa Indonesia: made of what stands in the ledger, and of nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.catalogue.content import Content
from bot.catalogue.indicators_file import base_of
from bot.documents.one_page import Number, OnePage, Pair, Split
from bot.programme.follow_up import RoundKind
from bot.programme.privacy import ZONE
from bot.programme.released import PER_CENT_FROM, WHOLE, Figure, Quarter, Reading
from bot.settings import Settings
from bot.words.message import At, Value
from bot.words.texts import REFERENCE, Texts

BARS: Final = 6
QUESTION_LETTERS: Final = 110
ORDERS: Final = ("up", "same", "down", "unknown")
WHY: Final = ("silent", "no_consent", "stopped", "blocked", "other")
ROUNDS: Final = tuple(one.value for one in RoundKind)
COMPARED: Final = "qris"
"""The practice by which those who answered again are compared to the silent, if it is told; else the first that is."""


class PageMaker:
    """Puts the figures of one reading into words."""

    def __init__(self, reading: Reading, content: Content, texts: Texts, settings: Settings, now: datetime) -> None:
        self.reading, self.content, self.texts, self.settings, self.now = reading, content, texts, settings, now
        self.site = WHOLE
        self.zone = ZONE

    def page(self, site_id: str, quarter: Quarter) -> OnePage:
        """Returns the page of a site; of all together for the empty text."""
        self.site = site_id
        self.zone = self.content.open_hours(site_id).zone if site_id else ZONE
        site = self.content.site(site_id)
        last = quarter.ends(self.zone) - timedelta(hours=1)
        today = self.now.astimezone(ZoneInfo(self.zone)).date()
        pairs = list(self._pairs())
        orders = list(self._orders())
        return OnePage(
            programme=self.settings.programme_name,
            title=site.name if site is not None else self._say("title_whole"),
            period=self._say(
                "period",
                number=quarter.number,
                year=quarter.year,
                first=At(quarter.begins(self.zone), self.zone),
                last=At(last, self.zone),
            ),
            made=self._say("made", at=At(self.now, self.zone)),
            day=(today.year, today.month, today.day),
            logos=self.settings.report_logos or (self.settings.data_controller,),
            numbers=list(self._numbers()),
            service=self._say("service"),
            pairs_title=self._say("pairs"),
            pairs_legend=(self._say("first"), self._say("last")),
            pairs=pairs,
            pairs_none=self._say("pairs_none"),
            orders_title=self._say("orders"),
            orders_legend=[self._say(f"orders_{one}") for one in ORDERS],
            orders=orders,
            orders_none=self._say("orders_none"),
            answered_title=self._say("answered"),
            answered=list(self._answered()),
            sites_title=self._say("sites", awake=self._awake(), n=len(self.content.sites)) if not site_id else "",
            sites=list(self._sites()) if not site_id else [],
            definitions=[self._say("define_same"), self._say("define_small"), self._say("define_who")],
            footer=self._say("footer", period=str(quarter)),
        )

    def _say(self, key: str, **values: Value) -> str:
        return self.texts.words(f"reports.page.{key}", values, REFERENCE, html=False)

    def _one(self, code: str, part: str = "") -> Figure | None:
        return self.reading.one(self.site, code, part)

    # --- of the service -----------------------------------------------------------------------------------------------

    def _numbers(self) -> Iterator[Number]:
        none = self._say("none")
        attended, came, lessons, gain, asked, median, classes = (
            self._one(code)
            for code in ("attended", "attendance", "lessons", "gain", "questions", "questions_median", "classes")
        )
        yield Number(
            self._say("attended"),
            self._number(attended.n if attended is not None else None),
            self._say("attended_note"),
        )
        share = self._share(came.k, came.n) if came is not None else ""
        yield Number(
            self._say("attendance"),
            self._say("of", k=came.k or 0, n=came.n) if came is not None and came.n else none,
            self._say("attendance_note", share=share) if share else self._say("attendance_few"),
        )
        yield Number(
            self._say("lessons"),
            self._number(int(lessons.value or 0) if lessons is not None else None),
            self._say("lessons_note", n=lessons.n) if lessons is not None and lessons.n else self._say("lessons_few"),
        )
        if gain is not None and gain.value is not None and gain.value_before is not None and gain.n:
            before, after = round(gain.value_before, 2), round(gain.value, 2)
            yield Number(
                self._say("gain"), self._say("gain_value", before=before, after=after), self._say("gain_note", n=gain.n)
            )
        else:
            yield Number(self._say("gain"), none, self._say("gain_few"))
        wait = median.value if median is not None else None
        yield Number(
            self._say("questions"),
            self._say("of", k=asked.k or 0, n=asked.n) if asked is not None and asked.n else none,
            self._say("questions_note", minutes=int(wait)) if wait is not None else self._say("questions_few"),
        )
        yield Number(
            self._say("classes"), self._number(classes.n if classes is not None else None), self._say("classes_note")
        )

    def _number(self, number: int | None) -> str:
        return self._say("number", n=number) if number else self._say("none")

    def _share(self, k: int | None, n: int | None) -> str:
        return "" if not n or k is None or n < PER_CENT_FROM else self._say("share", share=round(k / n, 2))

    # --- of what people answered --------------------------------------------------------------------------------------

    def _of(self, k: int | None, n: int | None, word: str | None) -> str:
        """Returns "9 dari 14", "45% (9 dari 20)" or "sebagian besar dari 14"; without n "sebagian besar"."""
        if k is None:
            word = word or "some"
            return self._say(f"word_{word}") if n is None else self._say(f"word_{word}_of", n=n)
        if n is None:
            return self._say("number", n=k)
        share = self._share(k, n)
        return self._say("of_share", share=share, k=k, n=n) if share else self._say("of", k=k, n=n)

    def _pairs(self) -> Iterator[Pair]:
        found = {one.partition(".")[2] for one in self.reading.codes(self.site, "practice.")}
        for practice in [one for one in self.content.practices if one.code in found][:BARS]:
            one = self._one(f"practice.{practice.code}")
            if one is None or not one.n:
                continue
            yield Pair(
                practice.label(REFERENCE),
                self._of(one.before, one.n, one.word_before),
                None if one.before is None else one.before / one.n,
                self._of(one.k, one.n, one.word),
                None if one.k is None else one.k / one.n,
                self._note(one),
            )

    def _note(self, one: Figure) -> str:
        if one.sites is not None:
            return self._say("of_sites", sites=one.sites)
        day = one.counted_at.astimezone(ZoneInfo(self.zone)).date()
        return self._say("as_of", at=At(one.counted_at, self.zone)) if day < self._newest() else ""

    def _newest(self) -> date:
        newest = max((one.counted_at for one in self.reading.figures), default=self.now)
        return newest.astimezone(ZoneInfo(self.zone)).date()

    def _orders(self) -> Iterator[Split]:
        for kind in ROUNDS:
            one = self._one(f"orders.{kind}")
            if one is None or not one.n:
                continue
            parts = self.reading.parts(self.site, f"orders.{kind}")
            label = self._say("day", n=int(kind[1:]))
            counts = {name: parts[name].k or 0 for name in ORDERS if name in parts}
            if counts:
                told = ", ".join(f"{self._say(f'orders_{name}')} {number}" for name, number in counts.items())
                words = self._say("orders_told", told=told, n=one.n)
                yield Split(label, words, [counts.get(name, 0) / one.n for name in ORDERS])
            elif one.word in ORDERS:
                yield Split(label, self._say("orders_most", answer=self._say(f"orders_{one.word}"), n=one.n))
            else:
                yield Split(label, self._say("orders_mixed", n=one.n))

    def _answered(self) -> Iterator[str]:
        for kind in ROUNDS:
            one = self._one(f"round.{kind}")
            if one is None:
                continue
            day = self._say("day", n=int(kind[1:]))
            if one.k is not None and one.n is None:
                word = self._say(f"word_{one.word}") if one.word else ""
                yield self._say("answered_known", day=day, k=one.k, word=word)
            else:
                yield self._say("answered_of", day=day, told=self._of(one.k, one.n, one.word))
            reached = self._one(f"reached.{kind}")
            if reached is not None and reached.k is not None and reached.n is not None and reached.k < reached.n:
                yield self._say("reached", day=day, k=reached.k, n=reached.n)
            parts = self.reading.parts(self.site, f"why.{kind}")
            silent = [name for name in WHY if name in parts and parts[name].k]
            if silent:
                told = ", ".join(f"{self._say(f'why_{name}')} {parts[name].k}" for name in silent)
                yield self._say("why", day=day, told=told)
        yield from self._differed()
        yield from self._fooled()

    def _differed(self) -> Iterator[str]:
        """How those who answered again had answered at first, beside those who fell silent."""
        codes = [one.partition(".")[2] for one in self.reading.codes(self.site, "silent.")]
        for code in sorted(codes, key=lambda code: (code != COMPARED, code)):
            theirs, ours = self._one(f"silent.{code}"), self._one(f"practice.{code}")
            name = next((one.name.words(REFERENCE) for one in self.content.practices if one.code == code), code)
            if theirs is None or ours is None:
                continue
            yield self._say(
                "differed",
                practice=name,
                answered=self._of(ours.before, ours.n, ours.word_before),
                silent=self._of(theirs.k, theirs.n, theirs.word),
            )
            return

    def _fooled(self) -> Iterator[str]:
        told = [one for one in self.reading.parts(self.site, "question").values() if one.k is not None and one.n]
        if not told:
            return
        worst = min(told, key=lambda one: ((one.k or 0) / (one.n or 1), one.part))
        question = self.content.once_published(worst.part)
        if question is None or worst.k == worst.n:
            return
        text = question.text if len(question.text) <= QUESTION_LETTERS else f"{question.text[:QUESTION_LETTERS]}…"
        yield self._say("fooled", question=text, told=self._of(worst.k, worst.n, None))
        place = int(worst.value) if worst.value is not None else -1
        if 0 <= place < len(question.options):
            yield self._say("fooled_by", option=str(question.options[place]))

    # --- all sites ----------------------------------------------------------------------------------------------------

    def _held(self) -> Mapping[str, int]:
        return {one.site_id: one.n or 0 for one in self.reading.figures if one.code == "classes" and one.site_id}

    def _awake(self) -> int:
        return sum(self._held().get(site.id, 0) > 0 for site in self.content.sites)

    def _sites(self) -> Iterator[tuple[str, str, bool]]:
        held = self._held()
        for site in self.content.sites:
            number = held.get(site.id, 0)
            words = self._say("site_held", n=number) if number else self._say("site_asleep")
            yield site.name.removeprefix("Desa Wisata "), words, number > 0


def numbers_of(reading: Reading, site_id: str) -> list[Figure]:
    """Returns what a spreadsheet and a file tell of a site: each figure of the service, of answers and of questions."""
    told = ("service", "answers", "question")
    return [one for one in reading.figures if one.site_id == site_id and one.topic in told and base_of(one.code)]
