"""The rules for the words in locales/, in every language. Each function yields what is wrong, with file and line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from bot.catalogue.checked_files import REQUIRED, CheckedFiles, Rule
from bot.catalogue.yaml_files import Problem
from bot.people.people import SECTORS, Salutation
from bot.telegram.html import EntityError, parse_html
from bot.words import writing_rules
from bot.words.texts import (
    MINUTES_OF,
    MOMENT_FORMS,
    NEAR,
    NUMBER_FORMS,
    REFERENCE,
    Entry,
    Placeholder,
    pieces_of,
)

PLURALS: Final = {"id": 1, "en": 2}
"""nplurals as CLDR has it. `pybabel init` writes 2 for Indonesian, which has one form only."""
MESSAGE_LIMIT: Final = 4096
LIMITS: Final = {"caption": 1024, "toast": 200, "command": 256}
"""Telegram's limits for texts that are not messages; the last that applies counts."""
LONGEST: Final = {
    "name": 60,
    "person": 64,
    "n": 6,
    "opening": 500,
    "points": 900,
    "example": 600,
    "task": 500,
    "question": 300,
    "explanation": 200,
}
"""The longest values by the placeholder's name, in characters (of lessons: kept to by `lessons_fit`); a moment has 50,
all others 160."""
LABEL_WORDS: Final = 3
LABEL_LENGTH: Final = 24
CONSENT_TEXTS: Final = ("registration.consent.", "consents.", "privacy.ask_")
FIRST_PERSON: Final = {"id": r"\b[Ss]aya\b", "en": r"\bI\b(?!\.)"}
BARE_LABELS: Final = frozenset(
    {
        "ya",
        "tidak",
        "ok",
        "oke",
        "batal",
        "tidak jadi",
        "kuis",
        "cabut",
        "hadir",
        "yes",
        "no",
        "cancel",
        "quiz",
        "take away",
    }
)
ANSWERS: Final = frozenset({"button.yes"})
"""Yes and nothing more, where the message asks nothing but who somebody is."""
_KEY: Final = re.compile(r"[a-z][a-z_]*(\.[a-z0-9_]+)+")


def headers(files: CheckedFiles) -> Iterator[Problem]:
    for language, catalogue in files.catalogues.items():
        file = catalogue.path.relative_to(files.root).as_posix()
        expected = PLURALS.get(language)
        if expected and catalogue.number_of_plurals != expected:
            yield Problem(file, 1, f"nplurals is {catalogue.number_of_plurals} in the header and must be {expected}")
        for entry in catalogue.entries:
            if entry.counts and len(entry.variants) != catalogue.number_of_plurals:
                yield files.po(language, entry, f"needs msgstr[0] to msgstr[{catalogue.number_of_plurals - 1}]")


def keys_stand_once(files: CheckedFiles) -> Iterator[Problem]:
    """Checks that no key stands twice in a file: the second would silently take the place of the first."""
    for catalogue in files.catalogues.values():
        seen: set[str] = set()
        for number, line in enumerate(catalogue.path.read_text(encoding="utf-8").splitlines(), 1):
            match = re.fullmatch(r'msgid "(.+)"\s*', line)
            if match and match[1] in seen:
                file = catalogue.path.relative_to(files.root).as_posix()
                yield Problem(file, number, f"{match[1]}: stands there twice")
            elif match:
                seen.add(match[1])


def every_key_in_every_language(files: CheckedFiles) -> Iterator[Problem]:
    for language in REQUIRED:
        other = REQUIRED[1] if language == REFERENCE else REFERENCE
        for entry in files.words[other].values():
            if entry.key not in files.words[language]:
                yield files.po(other, entry, f"is missing in '{language}'")
    for language, entry in files.entries():
        if not all(entry.variants):
            yield files.po(language, entry, "has no words")
        if entry.fuzzy:
            yield files.po(language, entry, "is marked fuzzy: look at it and take the mark off")
        if language not in REQUIRED and entry.key not in files.words[REFERENCE]:
            yield files.po(language, entry, f"is unknown in '{REFERENCE}'")
        if not _KEY.fullmatch(entry.key):
            yield files.po(language, entry, "a key looks like capability.what_is_said")


def placeholders_agree(files: CheckedFiles) -> Iterator[Problem]:
    forms = NUMBER_FORMS | MOMENT_FORMS | {key.split(".")[1] for key in files.words[REFERENCE] if _is_format(key)}
    for language, entry in files.entries():
        try:
            holes = _placeholders(entry)
        except ValueError as error:
            yield files.po(language, entry, str(error))
            continue
        for hole in holes:
            if hole.form not in forms:
                yield files.po(language, entry, f"{{{hole.name}:{hole.form}}}: there is no form '{hole.form}'")
        reference = files.words[REFERENCE].get(entry.key)
        if language == REFERENCE or reference is None:
            continue
        here, there = names_in(entry), names_in(reference)
        if here != there:
            different = ", ".join(f"{{{name}}}" for name in sorted(here ^ there))
            yield files.po(language, entry, f"{different} stands in only one of '{REFERENCE}' and '{language}'")
        if entry.counts != reference.counts:
            yield files.po(language, entry, f"counts (msgid_plural) in only one of '{REFERENCE}' and '{language}'")


def keys_are_known(files: CheckedFiles) -> Iterator[Problem]:
    """Checks that every key the bot says has words, and that there are no others."""
    reference = files.words[REFERENCE]
    file = files.catalogues[REFERENCE].path.relative_to(files.root).as_posix()
    families = [f"people.sector.{sector}" for sector in SECTORS]
    families += [f"people.{group}.{one.value}" for group in ("called", "salutation") for one in Salutation]
    families += [f"format.{form}" for form in (*sorted(MOMENT_FORMS), *NEAR)] + [key for key, _ in MINUTES_OF]
    somewhere = {
        key for language in REQUIRED for key in files.words[language]
    }  # otherwise another rule has reported it
    for key in sorted({*files.known, *families} - somewhere):
        yield Problem(file, 1, f"{key}: is missing; the bot says it")
    for entry in reference.values():
        if entry.key not in files.known and not _is_format(entry.key):
            yield files.po(REFERENCE, entry, "is said nowhere (who has just written code that says it: make keys)")


def placeholders_have_values(files: CheckedFiles) -> Iterator[Problem]:
    """Checks that the bot has a value for each placeholder, under this name."""
    for language, entry in files.entries():
        if (known := files.known.get(entry.key)) is None:
            continue
        for name in sorted((names_in(entry) | ({"n"} if entry.counts else set())) - known.values):
            there_are = ", ".join(f"{{{one}}}" for one in sorted(known.values)) or "none"
            yield files.po(language, entry, f"the bot has no value {{{name}}} for this key; there are: {there_are}")


def telegram_takes_the_html(files: CheckedFiles) -> Iterator[Problem]:
    for language, entry in files.entries():
        for words in _filled(entry, lambda hole: "x"):
            if files.is_plain(entry.key):
                if re.search(r"</?[a-z]+>|&(amp|lt|gt|quot);", words):
                    yield files.po(language, entry, "is shown without HTML: the tags would be read as they stand")
                continue
            try:
                parse_html(words)
            except EntityError as error:
                yield files.po(language, entry, f"Telegram refuses the HTML: {error}")


def telegram_takes_the_length(files: CheckedFiles) -> Iterator[Problem]:
    for language, entry in files.entries():
        limit = MESSAGE_LIMIT
        for what, its_limit in LIMITS.items():
            if files.is_shown_as(entry.key, what):
                limit = its_limit
        for words in _filled(entry, lambda hole: "x" * _longest(hole)):
            if not files.is_plain(entry.key):
                try:
                    words = parse_html(words)[0]
                except EntityError:
                    continue
            if len(words) > limit:
                yield files.po(language, entry, f"may have {len(words)} characters; Telegram takes {limit}")


def labels_are_short(files: CheckedFiles) -> Iterator[Problem]:
    for language, entry in files.entries():
        if not files.is_shown_as(entry.key, "button"):
            continue
        for words in _filled(entry, lambda hole: ""):
            label = " ".join(words.split())
            count = len(re.findall(r"\w+", label))
            if len(label) > LABEL_LENGTH:
                yield files.po(language, entry, f"'{label}' has {len(label)} characters; a button has {LABEL_LENGTH}")
            elif count > LABEL_WORDS and language == REFERENCE:
                yield files.po(language, entry, f"'{label}' has {count} words; a button has {LABEL_WORDS}")


def forbidden_words(files: CheckedFiles) -> Iterator[Problem]:
    yield from _by_style(files, REFERENCE, writing_rules.forbidden)


def one_word_for_one_thing(files: CheckedFiles) -> Iterator[Problem]:
    """Checks that messages call each thing by one word (`writing_rules.in_messages`) and hold no example of a date that
    will be past. Texts that people agree to are left out: they change with a new version only, and name laws by their
    year."""
    for language, entry in files.entries():
        if entry.key.startswith(CONSENT_TEXTS) or _is_format(entry.key):
            continue
        for words in _plain(entry):
            if language == REFERENCE:
                yield from (files.po(language, entry, said) for said in writing_rules.in_messages(words))
            yield from (files.po(language, entry, said) for said in writing_rules.dated(words))


def the_bot_says_we(files: CheckedFiles) -> Iterator[Problem]:
    """Checks that the bot says "we" of itself. Only labels and command menus, which speak for the person, say "I"."""
    for language, entry in files.entries():
        first = FIRST_PERSON.get(language)
        if first is None or ".meant." in entry.key:
            continue
        if files.is_shown_as(entry.key, "button") or files.is_shown_as(entry.key, "command"):
            continue
        for words in _plain(entry):
            if match := re.search(first, words):
                yield files.po(
                    language, entry, f"'{match[0]}': the bot says {'kami' if language == REFERENCE else 'we'}"
                )


def labels_say_what_they_do(files: CheckedFiles) -> Iterator[Problem]:
    """Checks that no button is labelled with a bare Yes, No or Cancel: people who read only the button must know what
    it does."""
    for language, entry in files.entries():
        if entry.key in ANSWERS or not files.is_shown_as(entry.key, "button"):
            continue
        for words in _plain(entry):
            if words.strip().casefold() in BARE_LABELS:
                yield files.po(language, entry, f"'{words}' on a button does not say what it does")


def quiet_letters(files: CheckedFiles) -> Iterator[Problem]:
    yield from _by_style(files, None, writing_rules.loud)


def times_and_sums(files: CheckedFiles) -> Iterator[Problem]:
    yield from _by_style(files, REFERENCE, writing_rules.times_and_sums)


def _by_style(files: CheckedFiles, language: str | None, look: Callable[[str], Iterable[str]]) -> Iterator[Problem]:
    for code, entry in files.entries(language):
        for words in _plain(entry):
            yield from (files.po(code, entry, said) for said in look(words))


def short_sentences(files: CheckedFiles) -> Iterator[Problem]:
    for _, entry in files.entries(REFERENCE):
        reason = next((comment for comment in entry.comments if comment.startswith("long:")), None)
        if reason is not None:
            if len(reason.split()) < 3:
                yield files.po(REFERENCE, entry, "'# long:' must say why")
            continue
        if files.is_plain(entry.key):
            continue
        for words in _plain(entry):
            yield from (files.po(REFERENCE, entry, said) for said in writing_rules.long_sentences(words))
            if (count := writing_rules.word_count(words)) > writing_rules.MESSAGE_WORDS:
                yield files.po(
                    REFERENCE, entry, f"{count} words in one message; {writing_rules.MESSAGE_WORDS} are enough"
                )


# --- words, looked at -----------------------------------------------------------------------------------------------


def _is_format(key: str) -> bool:
    return key.startswith("format.")


def _placeholders(entry: Entry) -> list[Placeholder]:
    return [piece for words in entry.variants for piece in pieces_of(words) if isinstance(piece, Placeholder)]


def names_in(entry: Entry) -> set[str]:
    """Returns the names of the placeholders; empty if they cannot be read, which another rule reports."""
    try:
        return {hole.name for hole in _placeholders(entry)}
    except ValueError:
        return set()


def _filled(entry: Entry, value: Callable[[Placeholder], str]) -> Iterator[str]:
    """Yields the words of each variant with a value in every placeholder."""
    if _is_format(entry.key) and entry.key not in {key for key, _ in MINUTES_OF}:
        return
    for words in entry.variants:
        try:
            yield "".join(piece if isinstance(piece, str) else value(piece) for piece in pieces_of(words))
        except ValueError:
            continue


def _plain(entry: Entry) -> Iterator[str]:
    """Yields each variant as people read it: without tags, a placeholder counting as one word."""
    for words in _filled(entry, lambda hole: "x"):
        text = re.sub(r"<[^>]*>", "", words)
        yield text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")


def _longest(hole: Placeholder) -> int:
    if hole.form in MOMENT_FORMS:
        return 50
    return LONGEST.get(hole.name, 160)


RULES: Final[tuple[Rule, ...]] = (
    headers,
    keys_stand_once,
    every_key_in_every_language,
    placeholders_agree,
    keys_are_known,
    placeholders_have_values,
    telegram_takes_the_html,
    telegram_takes_the_length,
    labels_are_short,
    forbidden_words,
    one_word_for_one_thing,
    the_bot_says_we,
    labels_say_what_they_do,
    quiet_letters,
    times_and_sums,
    short_sentences,
)
