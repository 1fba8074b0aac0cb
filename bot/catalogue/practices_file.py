"""The `practices` of content/indicators.yaml: what a business has or does, as people are asked about it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import ConfigDict, Field, field_validator

from bot.catalogue.yaml_files import Lines, Problem, Written, load
from bot.people.people import SECTORS
from bot.words import writing_rules

INDICATORS: Final = "indicators.yaml"
MOST_ASKED: Final = 6
"""So many practices one person is asked about at most: each is a button."""
MOST_NAME_LETTERS: Final = 22
"""A name stands on a button of 24 characters, behind a box."""


class InBoth(Written):
    """Words in both languages."""

    id: Annotated[str, Field(min_length=2, max_length=60)]
    en: Annotated[str, Field(min_length=2, max_length=60)]

    def words(self, language: str) -> str:
        """Returns the words in that language; in Indonesian for all languages but English."""
        return self.en if language == "en" else self.id


class Practice(Written):
    """A practice. `name` stands inside a sentence; `still` asks whether it goes on; `typed`: what people write for it;
    `sectors`: the types of business that are asked about it."""

    code: Annotated[str, Field(pattern=r"^[a-z][a-z_]{1,11}$")]
    name: InBoth
    still: InBoth
    typed: Annotated[tuple[str, ...], Field(alias="words")] = ()
    sectors: tuple[str, ...] = SECTORS

    @field_validator("sectors")
    @classmethod
    def _known_sectors(cls, sectors: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := [one for one in sectors if one not in SECTORS]:
            raise ValueError(f"no type of business is called {unknown[0]}; there are {', '.join(SECTORS)}")
        return sectors

    def label(self, language: str) -> str:
        """Returns the name as it begins a line."""
        name = self.name.words(language)
        return name[:1].upper() + name[1:]


class _PracticesFile(Written):
    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True)

    practices: Annotated[tuple[Practice, ...], Field(min_length=1)]


def read_practices(folder: Path, problems: list[Problem]) -> tuple[Practice, ...]:
    """Returns the practices in the content folder, in their order; what is wrong with them is added to `problems`."""
    read = load(folder / INDICATORS, _PracticesFile, problems)
    if read is None:
        return ()
    problems += _wrong(*read)
    return read[0].practices


def _wrong(file: _PracticesFile, lines: Lines) -> Iterator[Problem]:
    codes = [one.code for one in file.practices]
    for index, one in enumerate(file.practices):
        if one.code in codes[:index]:
            yield lines.problem(("practices", index, "code"), f"the code '{one.code}' stands there twice")
        for language in ("id", "en"):
            if len(one.name.words(language)) > MOST_NAME_LETTERS:
                words = f"{one.code}: a name has {MOST_NAME_LETTERS} characters at most, it stands on a button"
                yield lines.problem(("practices", index, "name", language), words)
        for said in (*writing_rules.forbidden(one.still.id), *writing_rules.loud(one.still.id)):
            yield lines.problem(("practices", index, "still", "id"), f"{one.code}: {said}")
    for sector in SECTORS:
        asked = [one.code for one in file.practices if sector in one.sectors]
        if not 1 <= len(asked) <= MOST_ASKED:
            words = f"{sector}: {len(asked)} practices; people are asked about 1 to {MOST_ASKED}"
            yield lines.problem(("practices",), words)


def practices_of(practices: tuple[Practice, ...], sector: str | None) -> tuple[Practice, ...]:
    """Returns what somebody with this type of business is asked about; without one, what everybody is."""
    wanted: Any = [sector] if sector in SECTORS else SECTORS
    return tuple(one for one in practices if all(each in one.sectors for each in wanted))
