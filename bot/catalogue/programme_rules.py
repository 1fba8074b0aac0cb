"""The rules of content/programme.yaml: the consents it names, and what is taught and tested."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Final

from bot.catalogue.checked_files import REQUIRED, CheckedFiles, Rule
from bot.catalogue.programme_files import LearningPath
from bot.catalogue.yaml_files import Lines, Problem, read_yaml
from bot.people.people import Use
from bot.words.texts import REFERENCE, Entry


def consents_keep_their_words(files: CheckedFiles) -> Iterator[Problem]:
    """Checks that the words of a consent's version stay the same: other words are another text, with another
    version."""
    if files.content is None:
        return
    lines = read_yaml(files.root / "content" / "programme.yaml")[1]
    for purpose, consent in files.content.programme.consents.items():
        path = ("consents", purpose.value)
        if consent.ended:
            continue
        if not consent.keys:
            yield lines.problem((*path, "keys"), f"{purpose.value}: no keys, so its text cannot be known again")
            continue
        if unknown := [key for key in consent.keys if key not in files.words[REFERENCE]]:
            yield lines.problem((*path, "keys"), f"{purpose.value}: no words for {', '.join(unknown)}")
            continue
        yield from _fingerprint(files, lines, path, consent.version, consent.keys, consent.texts)


def every_use_is_covered(files: CheckedFiles) -> Iterator[Problem]:
    """Checks that every use of data is covered by some version of a consent, and that the version is on record:
    otherwise nobody could agree to the use."""
    if files.content is None:
        return
    lines = read_yaml(files.root / "content" / "programme.yaml")[1]
    covered: set[Use] = set()
    for purpose, consent in files.content.programme.consents.items():
        for version, uses in consent.adds.items():
            covered.update(uses)
            if version not in consent.texts:
                words = f"{purpose.value}: version {version} is not one of its texts"
                yield lines.problem(("consents", purpose.value, "adds", version), words)
    if missing := [use.value for use in Use if use not in covered]:
        yield lines.problem(("consents",), f"no version of a consent covers {', '.join(missing)}")


def _fingerprint(
    files: CheckedFiles, lines: Lines, path: tuple[str, str], version: str, keys: tuple[str, ...], texts: dict[str, str]
) -> Iterator[Problem]:
    now = fingerprint(files.words, keys)
    known = texts.get(version)
    if known is None:
        words = f'{path[1]}: the text of version {version} is not recorded; add to texts:   "{version}": "{now}"'
        yield lines.problem((*path, "texts"), words)
    elif known != now:
        words = (
            f"{path[1]}: the text is no longer that of version {version}; give it a new version and add to texts: "
            f'  "<version>": "{now}"'
        )
        yield lines.problem((*path, "version"), words)
    twins = [other for other, print_ in texts.items() if other != version and print_ == now]
    if known == now and twins:
        yield lines.problem((*path, "texts"), f"{path[1]}: version {twins[0]} has the very same text")


def fingerprint(words: dict[str, dict[str, Entry]], keys: Iterable[str]) -> str:
    """Returns the first 12 digits of the SHA-256 of a text in the required languages; the number of blanks changes
    nothing."""
    digest = hashlib.sha256()
    for key in keys:
        for language in REQUIRED:
            entry = words[language].get(key)
            text = "\0".join(" ".join(variant.split()) for variant in entry.variants) if entry else ""
            digest.update(f"{language}\0{key}\0{text}\0".encode())
    return digest.hexdigest()[:12]


def modules_and_test_questions_exist(files: CheckedFiles) -> Iterator[Problem]:
    """Checks what the paths name, that of people who begin now and those of the others."""
    if files.content is None:
        return
    lines = read_yaml(files.root / "content" / "programme.yaml")[1]
    learning, known = files.content.programme.learning, {module.id for module in files.content.modules}
    paths: list[tuple[tuple[str, ...], LearningPath]] = [(("learning",), learning)]
    paths += [(("learning", "earlier", name), one) for name, one in learning.earlier.items()]
    for place, path in paths:
        named: list[tuple[tuple[str | int, ...], str]]
        named = [((*place, "core", index), one) for index, one in enumerate(path.core)]
        for sector, modules in path.by_sector.items():
            named += [((*place, "by_sector", sector), one) for one in modules]
        for where, module_id in named:
            if module_id not in known:
                yield lines.problem(where, f"no module {module_id} in content/lessons")
    for name, earlier in learning.earlier.items():
        place = ("learning", "earlier", name)
        for index, lesson_id in enumerate(earlier.later):
            if files.content.lesson(lesson_id) is None:
                yield lines.problem((*place, "later", index), f"no lesson {lesson_id} in content/lessons")
        for index, question_id in enumerate(earlier.test):
            if files.content.once_published(question_id) is None:
                yield lines.problem((*place, "test", index), f"no question {question_id} was ever published")
    tested: dict[str, str] = {}
    for index, question_id in enumerate(learning.test):
        module_id = question_id[:3]
        if files.content.question(question_id) is None:
            yield lines.problem(("learning", "test", index), f"no question {question_id} in content/lessons")
        elif module_id in tested:
            words = f"{question_id}: the module {module_id} has {tested[module_id]} already; one of each is enough"
            yield lines.problem(("learning", "test", index), words)
        tested[module_id] = question_id
    for module in files.content.modules:
        if module.id not in tested:
            yield lines.problem(("learning", "test"), f"no question of the module {module.id}")


RULES: Final[tuple[Rule, ...]] = (
    consents_keep_their_words,
    every_use_is_covered,
    modules_and_test_questions_exist,
)
