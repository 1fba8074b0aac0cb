"""`indicators:` and `sponsors:` of content/indicators.yaml: what reports tell, and what it means.

`practices:` of the same file is read by `practices_file`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from bot.catalogue.yaml_files import ContentError, Lines, Problem, Written, read_yaml, validated

FILE: Final = "indicators.yaml"
COUNTED: Final = (
    *("classes", "attended", "attendance", "seats_used", "lessons", "questions", "questions_in_time"),
    *("questions_median", "class", "lesson", "delivery"),
    *(
        "satisfaction",
        "gain",
        "practice",
        "silent",
        "orders",
        "workers",
        "turnover",
        "round",
        "reached",
        "why",
        "question",
    ),
)
"""What the code counts: each must be defined."""
Unit = Literal["people", "classes", "seats", "lessons", "questions", "minutes", "points", "share", "messages"]
Split = Literal["sex", "age", "sector"]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,23}$")]


class InLanguages(Written):
    """Words in Bahasa Indonesia and in English."""

    id: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]

    def words(self, language: str) -> str:
        return self.en if language == "en" else self.id


class Indicator(Written):
    code: Code
    name: InLanguages
    definition: InLanguages
    formula: Annotated[str, Field(min_length=1)]
    unit: Unit
    answers: bool = False
    """Whether people answered it: then the rules for small numbers hold."""
    split: tuple[Split, ...] = ()
    standards: tuple[str, ...] = ()
    since: date


class SponsorsIndicator(Written):
    code: Annotated[str, Field(min_length=1, max_length=40)]
    name: Annotated[str, Field(min_length=1)]
    of: Annotated[str, Field(min_length=1)]
    """An indicator, or a part of one: practice.nib."""


class SponsorsList(Written):
    name: Annotated[str, Field(min_length=1)]
    indicators: tuple[SponsorsIndicator, ...]


class IndicatorsFile(Written):
    indicators: tuple[Indicator, ...] = ()
    sponsors: tuple[SponsorsList, ...] = ()

    def of(self, code: str) -> Indicator | None:
        """Returns the indicator of a figure's code: practice for practice.nib."""
        base = base_of(code)
        return next((one for one in self.indicators if one.code == base), None)

    def standards_of(self, code: str) -> tuple[str, ...]:
        """Returns the lists of others that a figure answers to, those of sponsors too."""
        indicator = self.of(code)
        mine = indicator.standards if indicator is not None else ()
        theirs = (
            f"{sponsor.name} {one.code} ({one.name})"
            for sponsor in self.sponsors
            for one in sponsor.indicators
            if one.of in (code, base_of(code))
        )
        return (*mine, *theirs)


def base_of(code: str) -> str:
    return code.partition(".")[0]


def read_indicators(folder: Path, problems: list[Problem]) -> IndicatorsFile:
    """Reads the file in `folder`; mistakes are added to `problems`. A folder without it has no indicators."""
    if not (folder / FILE).exists():
        return IndicatorsFile()
    try:
        data, lines = read_yaml(folder / FILE)
    except ContentError as error:
        problems.extend(error.problems)
        return IndicatorsFile()
    ours = {key: data[key] for key in ("indicators", "sponsors") if isinstance(data, dict) and key in data}
    read = validated(ours, lines, IndicatorsFile, problems)
    if read is None:
        return IndicatorsFile()
    problems.extend(_wrong(read, lines, data))
    return read


def _wrong(read: IndicatorsFile, lines: Lines, data: Any) -> Iterator[Problem]:
    seen: set[str] = set()
    for at, one in enumerate(read.indicators):
        if one.code in seen:
            yield lines.problem(("indicators", at, "code"), f"the code '{one.code}' stands there twice")
        elif one.code not in COUNTED:
            yield lines.problem(("indicators", at, "code"), f"nothing is counted as '{one.code}'")
        seen.add(one.code)
    if missing := [code for code in COUNTED if code not in seen]:
        yield lines.problem(("indicators",), f"no definition of {', '.join(missing)}, which reports tell")
    written = data.get("practices") or ()
    practices = {one.get("code") for one in written if isinstance(one, dict)}
    for at, sponsor in enumerate(read.sponsors):
        for place, theirs in enumerate(sponsor.indicators):
            base, _, part = theirs.of.partition(".")
            if base not in seen or (base == "practice" and part and part not in practices):
                path = ("sponsors", at, "indicators", place, "of")
                yield lines.problem(path, f"'{theirs.of}' is none of the indicators above")
