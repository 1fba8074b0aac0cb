"""`python -m bot check`: what would go wrong in front of people is refused at the desk, with file and line.

Three things are read: content/, the words of every language, and (as syntax, nothing is run) the code that says them.
Each rule is a function that yields problems. A text that must be long carries its reason in the .po file of the
reference language, as a comment above the key: `# long: the whole notice of UU PDP article 21`.

Facts past their review date are warnings: they are told, and stop nothing.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Final

from bot.catalogue.content import Content, load_content
from bot.catalogue.lesson_files import Lesson, Shelf, every_text, read_modules
from bot.catalogue.yaml_files import ContentError, Lines, Problem, read_yaml
from bot.people.people import SECTORS, Salutation
from bot.words import writing_rules
from bot.words.texts import (
    MINUTES_OF,
    MOMENT_FORMS,
    NUMBER_FORMS,
    REFERENCE,
    Catalogue,
    Entry,
    Placeholder,
    pieces_of,
    read_catalogue,
)

REQUIRED: Final = (REFERENCE, "en")
"""Languages in which every key must have words; another may still be growing and falls back."""
PLURALS: Final = {"id": 1, "en": 2}
"""nplurals as CLDR has it. `pybabel init` writes 2 for Indonesian, which has one form only."""
MESSAGE_LIMIT: Final = 4096
CAPTION_LIMIT: Final = 1024
TOAST_LIMIT: Final = 200
COMMAND_LIMIT: Final = 256
DATA_LIMIT: Final = 64
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
OPTION_LIMIT: Final = 100
EXPLANATION_LINE_FEEDS: Final = 2
OPENING_WORDS: Final = 60
"""Of a lesson's opening and points together: they stand in one message."""
EXAMPLE_WORDS: Final = 45
TASK_WORDS: Final = 40
PICTURE_BYTES: Final = 60 * 1024
SAME_MEANING: Final = 60.0
"""Likeness (0 to 100) above which a question or option is only worded better, and asks the same."""
NUMBER_DIGITS: Final = 12
"""Digits of an id or number in a button's data, at the most: no table will ever hold more rows."""
LABEL_WORDS: Final = 3
LABEL_LENGTH: Final = 24
NEGATIONS: Final = re.compile(r"\b(?:tidak|tak|bukan|jangan|belum|tanpa|kecuali)\b", re.IGNORECASE)
QUESTION_IDS: Final = "question-ids.txt"
"""Below content/: every question that was ever published."""
_KEY: Final = re.compile(r"[a-z][a-z_]*(\.[a-z0-9_]+)+")
_NO_KEYS: Final = frozenset({"CapabilityData", "ForeignKey", "relationship", "get_logger", "getLogger"})
"""Calls whose words with a dot are names of something else."""
_FILE: Final = re.compile(r"\.(py|csv|xlsx|json|ics|html|css|js|md|png|jpg|ya?ml|po|sqlite|log|pid)$")
_CAPTIONED: Final = frozenset({"PHOTO", "DOCUMENT", "VOICE"})


@dataclass(frozen=True)
class Findings:
    """`problems` must be put right; `warnings` tell what somebody should look at, and stop nothing."""

    problems: list[Problem]
    warnings: list[Problem]


def check(root: Path) -> list[Problem]:
    """Everything that is wrong under `root` (the project's folder), in the order of the files; empty if all is well."""
    return examine(root).problems


def examine(root: Path, today: date | None = None) -> Findings:
    """Everything that is wrong under `root`, and what is to be looked at (`today`: of UTC, unless given)."""
    problems: list[Problem] = []
    content: Content | None = None
    try:
        content = load_content(root / "content")
    except ContentError as error:
        problems += error.problems
    try:
        catalogues = _catalogues(root)
    except ValueError as error:
        file, _, rest = str(error).partition(":")
        line, _, words = rest.partition(":")
        shown = Path(file).relative_to(root).as_posix() if Path(file).is_relative_to(root) else file
        problems.append(Problem(shown, int(line) if line.isdigit() else 1, words.strip() or str(error)))
        return Findings(sorted(problems), [])
    code = read_code(root)
    house = House(root, catalogues, code, content)
    for rule in RULES:
        problems += rule(house)
    warnings = list(overdue_facts(house, today or datetime.now(UTC).date()))
    return Findings(sorted(set(problems)), warnings)


def _catalogues(root: Path) -> dict[str, Catalogue]:
    paths = sorted((root / "locales").glob("*/LC_MESSAGES/bot.po"))
    read = {path.parent.parent.name: read_catalogue(path) for path in paths}
    for language in REQUIRED:
        if language not in read:
            raise ValueError(f"{root / 'locales' / language / 'LC_MESSAGES' / 'bot.po'}:1: does not exist")
    return read


# --- what the code says ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Use:
    """A key (or, as a pattern, a family of keys) in the code."""

    file: str
    line: int
    pattern: str
    shown: str


@dataclass(frozen=True)
class Spoken:
    """A key said with certain values: `given` is None where the code does not show which."""

    file: str
    line: int
    key: str
    role: str
    given: frozenset[str] | None


@dataclass(frozen=True)
class Action:
    """What a button carries, with `holes` where values come in: their names, one for each gap between `parts`."""

    file: str
    line: int
    parts: tuple[str, ...]
    holes: tuple[str, ...]

    def __str__(self) -> str:
        rest = zip(self.holes, self.parts[1:], strict=True)
        return self.parts[0] + "".join(f"{{{hole}}}{part}" for hole, part in rest)


@dataclass
class Code:
    """What a reading of the source found. `files` are those that were read."""

    uses: list[Use] = field(default_factory=list)
    spoken: list[Spoken] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    handled: set[str] = field(default_factory=set)
    labels: list[str] = field(default_factory=list)
    captions: set[str] = field(default_factory=set)
    commands: list[Use] = field(default_factory=list)
    paths: list[Use] = field(default_factory=list)
    capabilities: frozenset[str] = frozenset()


def read_code(root: Path) -> Code:
    """Read handlers/ and bot/ (without the sandbox, which has a page and words of its own)."""
    paths = [*sorted((root / "handlers").glob("*.py")), *sorted((root / "bot").rglob("*.py"))]
    skipped = {root / "bot" / "sandbox", root / "bot" / "migrations"}
    code = Code()
    code.capabilities = frozenset(path.stem for path in (root / "handlers").glob("*.py") if path.stem != "__init__")
    trees = [
        (path, ast.parse(path.read_text(encoding="utf-8"), str(path)))
        for path in paths
        if not skipped & set(path.parents) and path.name != "check.py"
    ]
    values: dict[str, set[str]] = {}
    for _, tree in trees:
        for name, value in _named_strings(tree):
            values.setdefault(name, set()).add(value)
    shared = {name: min(of) for name, of in values.items() if len(of) == 1}  # else: whose of them is imported?
    for path, tree in trees:
        _Reader(path.relative_to(root).as_posix(), code, shared | dict(_named_strings(tree))).visit(tree)
    return code


def _named_strings(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """MENU = "menu:show" and the like: what a name in capitals stands for."""
    for node in tree.body:
        if not isinstance(node, ast.Assign | ast.AnnAssign):
            continue
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if not isinstance(target, ast.Name) or not target.id.isupper() or not isinstance(node.value, ast.Constant):
            continue
        if isinstance(node.value.value, str):
            yield target.id, node.value.value


class _Reader(ast.NodeVisitor):
    def __init__(self, file: str, code: Code, named: dict[str, str]) -> None:
        self.file = file
        self.code = code
        self.named = named

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self._string(node, (node.value,), ())

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        parts, holes = self._pieces(node)
        self._string(node, parts, holes)
        for value in node.values:
            if isinstance(value, ast.FormattedValue):
                self.visit(value.value)

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # docstrings say nothing to people
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in _NO_KEYS:
            return
        match name:
            case "say" | "show" | "toast" if isinstance(node.func, ast.Attribute):
                self._spoken(node, name, None)
            case "Words" | "Message":
                self._spoken(node, name, 1)
                if name == "Message" and self._form(node) in _CAPTIONED:
                    self.code.captions |= set(self._keys(self._argument(node, 0, "key")))
            case "Button":
                self._spoken(node, name, 2)
                label = self._argument(node, 0, "key")
                if label is not None:
                    self.code.labels += [self._pattern(*self._pieces(one)) for one in _branches(label)]
                action = self._argument(node, 1, "action")
                for one in _branches(action) if action is not None else ():
                    parts, holes = self._pieces(one)
                    if parts[0]:
                        self.code.actions.append(Action(self.file, one.lineno, parts, holes))
            case "Command" if node.args and isinstance(node.args[0], ast.Constant):
                key = f"command.{node.args[0].value!s}"
                self.code.commands.append(Use(self.file, node.lineno, re.escape(key), key))
            case "tap" | "Tap" if node.args:
                parts, holes = self._pieces(node.args[0])
                if parts[0]:  # what is only passed on names no action, and would stand for all of them
                    self.code.handled.add(self._pattern(parts, holes))
        self.generic_visit(node)

    def _string(self, node: ast.expr, parts: tuple[str, ...], holes: tuple[str, ...]) -> None:
        shown = "{}".join(parts)
        if not holes and parts[0].startswith("content/"):
            self.code.paths.append(Use(self.file, node.lineno, "", parts[0]))
        if re.match(r"[a-z][a-z_]*\.", parts[0]) and not _FILE.search(shown) and re.fullmatch(r"[a-z0-9_.{}]+", shown):
            whole = (*parts, "") if shown.endswith(".") else parts  # "people.sector." + name
            self.code.uses.append(Use(self.file, node.lineno, self._pattern(whole, holes), shown))

    def _spoken(self, node: ast.Call, role: str, place: int | None) -> None:
        given: frozenset[str] | None
        if place is None:
            names = {keyword.arg for keyword in node.keywords}
            more = _dict_keys(node.args[1]) if len(node.args) > 1 else frozenset()
            given = None if more is None or None in names else more | {name for name in names if name}
        else:
            values = self._argument(node, place, "values")
            given = frozenset() if values is None else _dict_keys(values)
        for key in self._keys(self._argument(node, 0, "key")):
            self.code.spoken.append(Spoken(self.file, node.lineno, key, role, given))

    def _argument(self, node: ast.Call, place: int, name: str) -> ast.expr | None:
        if place < len(node.args):
            return node.args[place]
        return next((keyword.value for keyword in node.keywords if keyword.arg == name), None)

    def _form(self, node: ast.Call) -> str:
        form = self._argument(node, 3, "form")
        return form.attr if isinstance(form, ast.Attribute) else ""

    def _keys(self, node: ast.expr | None) -> Iterator[str]:
        for one in _branches(node) if node is not None else ():
            parts, holes = self._pieces(one)
            if not holes and _KEY.fullmatch(parts[0]):
                yield parts[0]

    def _pieces(self, node: ast.expr) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """A string cut at its holes; ("", "") and one hole for what is no string here."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return (node.value,), ()
        if isinstance(node, ast.Name | ast.Attribute):
            name = node.id if isinstance(node, ast.Name) else node.attr
            if name in self.named:
                return (self.named[name],), ()
        if not isinstance(node, ast.JoinedStr):
            return ("", ""), (ast.unparse(node),)
        parts, holes = [""], []
        for value in node.values:
            inner = value.value if isinstance(value, ast.FormattedValue) else value
            more_parts, more_holes = self._pieces(inner)
            if isinstance(value, ast.FormattedValue) and more_holes:
                parts.append("")
                holes.append(ast.unparse(inner))
            else:
                parts[-1] += more_parts[0]
                parts += more_parts[1:]
                holes += more_holes
        return tuple(parts), tuple(holes)

    def _pattern(self, parts: tuple[str, ...], holes: tuple[str, ...]) -> str:
        return r"[a-z0-9_.]+".join(map(re.escape, parts))


def _branches(node: ast.expr) -> list[ast.expr]:
    """Both sides of `a if b else c`."""
    return [*_branches(node.body), *_branches(node.orelse)] if isinstance(node, ast.IfExp) else [node]


def _dict_keys(node: ast.expr) -> frozenset[str] | None:
    if not isinstance(node, ast.Dict):
        return None
    keys = [key.value for key in node.keys if isinstance(key, ast.Constant)]
    return frozenset(map(str, keys)) if len(keys) == len(node.keys) else None


# --- what is checked ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class House:
    """All that the rules look at. `content` is None when it could not be read (that is a problem of its own)."""

    root: Path
    catalogues: dict[str, Catalogue]
    code: Code
    content: Content | None

    @cached_property
    def words(self) -> dict[str, dict[str, Entry]]:
        return {
            language: {entry.key: entry for entry in catalogue.entries}
            for language, catalogue in self.catalogues.items()
        }

    @cached_property
    def namespaces(self) -> frozenset[str]:
        return frozenset(key.split(".")[0] for key in self.words[REFERENCE]) | self.code.capabilities

    @cached_property
    def uses(self) -> list[Use]:
        """Keys in the code: a string with a dot counts if its first part names a capability or a known group."""
        found = [use for use in self.code.uses if use.shown.split(".")[0] in self.namespaces]
        return found + self.code.commands

    @cached_property
    def labels(self) -> frozenset[str]:
        """Keys that stand on buttons."""
        patterns = [re.compile(pattern) for pattern in set(self.code.labels) if not pattern.startswith("[")]
        return frozenset(
            key
            for key in self.words[REFERENCE]
            if "button" in key.split(".") or any(pattern.fullmatch(key) for pattern in patterns)
        )

    @cached_property
    def toasts(self) -> frozenset[str]:
        return frozenset(spoken.key for spoken in self.code.spoken if spoken.role == "toast")

    def is_plain(self, key: str) -> bool:
        """Whether its words are shown without HTML."""
        return key in self.labels or key in self.toasts or key.startswith(("command.", "format."))

    @cached_property
    def shelf(self) -> Shelf:
        """The lessons, with the lines they stand on; empty if content/ could not be read."""
        return read_modules(self.root / "content" / "lessons", []) if self.content else Shelf((), {})

    def lessons(self) -> Iterator[tuple[Lesson, Lines]]:
        for module in self.shelf.modules:
            yield from ((lesson, self.shelf.lines[lesson.id]) for lesson in module.lessons)

    def po(self, language: str, entry: Entry, words: str) -> Problem:
        path = self.catalogues[language].path
        return Problem(path.relative_to(self.root).as_posix(), entry.line, f"{entry.key}: {words}")

    def entries(self, language: str | None = None) -> Iterator[tuple[str, Entry]]:
        """All words there are, of one language or of all."""
        for code, catalogue in self.catalogues.items():
            if language in (None, code):
                yield from ((code, entry) for entry in catalogue.entries)


Rule = Callable[[House], Iterable[Problem]]
RULES: list[Rule] = []


def rule(function: Rule) -> Rule:
    RULES.append(function)
    return function


@rule
def headers(house: House) -> Iterator[Problem]:
    for language, catalogue in house.catalogues.items():
        file = catalogue.path.relative_to(house.root).as_posix()
        expected = PLURALS.get(language)
        if expected and catalogue.number_of_plurals != expected:
            yield Problem(file, 1, f"nplurals is {catalogue.number_of_plurals} in the header and must be {expected}")
        for entry in catalogue.entries:
            if entry.counts and len(entry.variants) != catalogue.number_of_plurals:
                yield house.po(language, entry, f"needs msgstr[0] to msgstr[{catalogue.number_of_plurals - 1}]")


@rule
def keys_stand_once(house: House) -> Iterator[Problem]:
    """A second msgid of the same key would silently win."""
    for catalogue in house.catalogues.values():
        seen: set[str] = set()
        for number, line in enumerate(catalogue.path.read_text(encoding="utf-8").splitlines(), 1):
            match = re.fullmatch(r'msgid "(.+)"\s*', line)
            if match and match[1] in seen:
                file = catalogue.path.relative_to(house.root).as_posix()
                yield Problem(file, number, f"{match[1]}: stands there twice")
            elif match:
                seen.add(match[1])


@rule
def every_key_in_every_language(house: House) -> Iterator[Problem]:
    for language in REQUIRED:
        other = REQUIRED[1] if language == REFERENCE else REFERENCE
        for entry in house.words[other].values():
            if entry.key not in house.words[language]:
                yield house.po(other, entry, f"is missing in '{language}'")
    for language, entry in house.entries():
        if not all(entry.variants):
            yield house.po(language, entry, "has no words")
        if entry.fuzzy:
            yield house.po(language, entry, "is marked fuzzy: look at it and take the mark off")
        if language not in REQUIRED and entry.key not in house.words[REFERENCE]:
            yield house.po(language, entry, f"is unknown in '{REFERENCE}'")
        if not _KEY.fullmatch(entry.key):
            yield house.po(language, entry, "a key looks like capability.what_is_said")


@rule
def placeholders_agree(house: House) -> Iterator[Problem]:
    forms = NUMBER_FORMS | MOMENT_FORMS | {key.split(".")[1] for key in house.words[REFERENCE] if _is_format(key)}
    for language, entry in house.entries():
        try:
            holes = _placeholders(entry)
        except ValueError as error:
            yield house.po(language, entry, str(error))
            continue
        for hole in holes:
            if hole.form not in forms:
                yield house.po(language, entry, f"{{{hole.name}:{hole.form}}}: there is no form '{hole.form}'")
        reference = house.words[REFERENCE].get(entry.key)
        if language == REFERENCE or reference is None:
            continue
        here, there = _names(entry), _names(reference)
        if here != there:
            different = ", ".join(f"{{{name}}}" for name in sorted(here ^ there))
            yield house.po(language, entry, f"{different} stands in only one of '{REFERENCE}' and '{language}'")
        if entry.counts != reference.counts:
            yield house.po(language, entry, f"counts (msgid_plural) in only one of '{REFERENCE}' and '{language}'")


@rule
def keys_of_the_code_exist(house: House) -> Iterator[Problem]:
    known = house.words[REFERENCE]
    for use in house.uses:
        pattern = re.compile(use.pattern)
        if use.shown not in known and not any(pattern.fullmatch(key) for key in known):
            yield Problem(use.file, use.line, f"no words for the key '{use.shown}' in locales/{REFERENCE}")
    families = [f"people.sector.{sector}" for sector in SECTORS]
    families += [f"people.{group}.{one.value}" for group in ("called", "salutation") for one in Salutation]
    families += [f"format.{form}" for form in sorted(MOMENT_FORMS)] + [key for key, _ in MINUTES_OF]
    file = house.catalogues[REFERENCE].path.relative_to(house.root).as_posix()
    for key in families:
        if key not in known:
            yield Problem(file, 1, f"{key}: is missing; the bot makes this key out of its data")


@rule
def keys_are_used(house: House) -> Iterator[Problem]:
    patterns = [re.compile(pattern) for pattern in {use.pattern for use in house.uses}]
    for entry in house.words[REFERENCE].values():
        if not _is_format(entry.key) and not any(pattern.fullmatch(entry.key) for pattern in patterns):
            yield house.po(REFERENCE, entry, "is used nowhere in handlers/ or bot/")


@rule
def values_fill_the_placeholders(house: House) -> Iterator[Problem]:
    """What is said with values that can be read in the code has one for each placeholder."""
    for spoken in house.code.spoken:
        if spoken.given is None:
            continue
        given = set(spoken.given)
        if spoken.role in ("say", "show", "Message"):
            given.add("person")  # every message knows whom it speaks to
        for language in house.catalogues:
            entry = house.words[language].get(spoken.key)
            if entry is None:
                continue
            needed = _names(entry) | ({"n"} if entry.counts else set())
            for name in sorted(needed - given):
                yield Problem(spoken.file, spoken.line, f"'{spoken.key}' needs a value for {{{name}}} ({language})")


@rule
def buttons_carry_little(house: House) -> Iterator[Problem]:
    if house.content is None:
        return  # how long its ids are is not known
    longest_site = max((len(site.id) for site in house.content.sites), default=40)
    for action in house.code.actions:
        size = sum(len(part.encode()) for part in action.parts)
        size += sum(longest_site if "site" in hole else NUMBER_DIGITS for hole in action.holes)
        if size > DATA_LIMIT:
            yield Problem(action.file, action.line, f"button data '{action}' may take {size} bytes of {DATA_LIMIT}")


@rule
def buttons_lead_somewhere(house: House) -> Iterator[Problem]:
    patterns = [re.compile(rf"{pattern}(:.*)?", re.DOTALL) for pattern in house.code.handled]
    for action in house.code.actions:
        example = "1".join(action.parts)
        if action.parts[0].split(":")[0] not in house.code.capabilities:
            yield Problem(action.file, action.line, f"button data '{action}' does not begin with a capability")
        elif not any(pattern.fullmatch(example) for pattern in patterns):
            yield Problem(action.file, action.line, f"no handler is tapped with '{action}'")


@rule
def files_exist(house: House) -> Iterator[Problem]:
    for use in house.code.paths:
        if not (house.root / use.shown).exists():
            yield Problem(use.file, use.line, f"there is no file {use.shown}")


@rule
def telegram_takes_the_html(house: House) -> Iterator[Problem]:
    from bot.telegram.html import EntityError, parse_html

    for language, entry in house.entries():
        for words in _filled(entry, lambda hole: "x"):
            if house.is_plain(entry.key):
                if re.search(r"</?[a-z]+>|&(amp|lt|gt|quot);", words):
                    yield house.po(language, entry, "is shown without HTML: the tags would be read as they stand")
                continue
            try:
                parse_html(words)
            except EntityError as error:
                yield house.po(language, entry, f"Telegram refuses the HTML: {error}")


@rule
def telegram_takes_the_length(house: House) -> Iterator[Problem]:
    from bot.telegram.html import EntityError, parse_html

    for language, entry in house.entries():
        limit = MESSAGE_LIMIT
        if entry.key in house.code.captions:
            limit = CAPTION_LIMIT
        if entry.key in house.toasts:
            limit = TOAST_LIMIT
        if entry.key.startswith("command."):
            limit = COMMAND_LIMIT
        for words in _filled(entry, lambda hole: "x" * _longest(hole)):
            if not house.is_plain(entry.key):
                try:
                    words = parse_html(words)[0]
                except EntityError:
                    continue
            if len(words) > limit:
                yield house.po(language, entry, f"may have {len(words)} characters; Telegram takes {limit}")


@rule
def labels_are_short(house: House) -> Iterator[Problem]:
    for language, entry in house.entries():
        if entry.key not in house.labels:
            continue
        for words in _filled(entry, lambda hole: ""):
            label = " ".join(words.split())
            count = len(re.findall(r"\w+", label))
            if len(label) > LABEL_LENGTH:
                yield house.po(language, entry, f"'{label}' has {len(label)} characters; a button has {LABEL_LENGTH}")
            elif count > LABEL_WORDS and language == REFERENCE:
                yield house.po(language, entry, f"'{label}' has {count} words; a button has {LABEL_WORDS}")


@rule
def forbidden_words(house: House) -> Iterator[Problem]:
    yield from _by_style(house, REFERENCE, writing_rules.forbidden)


@rule
def quiet_letters(house: House) -> Iterator[Problem]:
    yield from _by_style(house, None, writing_rules.loud)


@rule
def times_and_sums(house: House) -> Iterator[Problem]:
    yield from _by_style(house, REFERENCE, writing_rules.times_and_sums)


def _by_style(house: House, language: str | None, look: Callable[[str], Iterable[str]]) -> Iterator[Problem]:
    for code, entry in house.entries(language):
        for words in _plain(entry):
            yield from (house.po(code, entry, said) for said in look(words))


@rule
def short_sentences(house: House) -> Iterator[Problem]:
    for _, entry in house.entries(REFERENCE):
        reason = next((comment for comment in entry.comments if comment.startswith("long:")), None)
        if reason is not None:
            if len(reason.split()) < 3:
                yield house.po(REFERENCE, entry, "'# long:' must say why")
            continue
        if house.is_plain(entry.key):
            continue
        for words in _plain(entry):
            yield from (house.po(REFERENCE, entry, said) for said in writing_rules.long_sentences(words))
            if (count := writing_rules.word_count(words)) > writing_rules.MESSAGE_WORDS:
                yield house.po(
                    REFERENCE, entry, f"{count} words in one message; {writing_rules.MESSAGE_WORDS} are enough"
                )


@rule
def consents_keep_their_words(house: House) -> Iterator[Problem]:
    """A consent was given to certain words: when they change it is another text, with another version."""
    if house.content is None:
        return
    lines = read_yaml(house.root / "content" / "programme.yaml")[1]
    for purpose, consent in house.content.programme.consents.items():
        path = ("consents", purpose.value)
        if not consent.keys:
            yield lines.problem((*path, "keys"), f"{purpose.value}: no keys, so its text cannot be known again")
            continue
        if unknown := [key for key in consent.keys if key not in house.words[REFERENCE]]:
            yield lines.problem((*path, "keys"), f"{purpose.value}: no words for {', '.join(unknown)}")
            continue
        yield from _fingerprint(house, lines, path, consent.version, consent.keys, consent.texts)


def _fingerprint(
    house: House, lines: Lines, path: tuple[str, str], version: str, keys: tuple[str, ...], texts: dict[str, str]
) -> Iterator[Problem]:
    now = fingerprint(house.words, keys)
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
    """The first 12 digits of the SHA-256 of a text in the required languages; a blank more or less changes nothing."""
    digest = hashlib.sha256()
    for key in keys:
        for language in REQUIRED:
            entry = words[language].get(key)
            text = "\0".join(" ".join(variant.split()) for variant in entry.variants) if entry else ""
            digest.update(f"{language}\0{key}\0{text}\0".encode())
    return digest.hexdigest()[:12]


# --- lessons --------------------------------------------------------------------------------------------------------


@rule
def lessons_keep_to_the_style(house: House) -> Iterator[Problem]:
    for lesson, lines in house.lessons():
        for place, text in every_text(lesson):
            found = [*writing_rules.forbidden(text), *writing_rules.loud(text), *writing_rules.times_and_sums(text)]
            if "options" not in place:
                found += writing_rules.long_sentences(text)
            yield from (lines.problem(place, said) for said in found)


@rule
def lessons_fit(house: House) -> Iterator[Problem]:
    """A lesson is read in two minutes, and Telegram takes each of its messages."""
    for lesson, lines in house.lessons():
        counted: list[tuple[tuple[str | int, ...], str, str, int]] = [
            (("opening",), "opening and points", "\n".join((lesson.opening, *lesson.points)), OPENING_WORDS),
            (("example",), "the example", lesson.example or "", EXAMPLE_WORDS),
            (("task",), "the task", lesson.task, TASK_WORDS),
        ]
        for place, what, text, limit in counted:
            if (count := writing_rules.word_count(text)) > limit:
                yield lines.problem(place, f"{what}: {count} words; {limit} are enough")
        measured: list[tuple[tuple[str | int, ...], str, int]]
        measured = [
            ((name,), str(getattr(lesson, name) or ""), LONGEST[name]) for name in ("opening", "example", "task")
        ]
        # each point has its number, a line of its own and perhaps an empty one
        measured.append((("points",), "\n".join(f"1. {point}\n" for point in lesson.points), LONGEST["points"]))
        measured.append((("question", "text"), lesson.question.text, LONGEST["question"]))
        measured.append((("question", "explanation"), lesson.question.explanation, LONGEST["explanation"]))
        measured += [
            (("question", "options", index), option, OPTION_LIMIT)
            for index, option in enumerate(lesson.question.options)
        ]
        for place, text, limit in measured:
            if (length := len(text.encode("utf-16-le")) // 2) > limit:  # as Telegram counts
                yield lines.problem(place, f"{length} characters; {limit} is the limit")
        if lesson.question.explanation.count("\n") > EXPLANATION_LINE_FEEDS:
            words = f"the explanation has more than {EXPLANATION_LINE_FEEDS} line feeds; Telegram refuses it"
            yield lines.problem(("question", "explanation"), words)


@rule
def pictures_are_small(house: House) -> Iterator[Problem]:
    for module in house.shelf.modules:
        if module.picture is None:
            continue
        path, where = house.root / module.picture, house.shelf.lines[module.id]
        if not path.is_file():
            yield where.problem(("picture",), f"there is no file {module.picture}")
        elif path.suffix not in (".png", ".jpg"):
            yield where.problem(("picture",), f"{module.picture}: a picture is a .png or .jpg")
        elif (size := path.stat().st_size) > PICTURE_BYTES:
            words = f"{module.picture} has {size / 1024:.0f} KB; people pay for {PICTURE_BYTES // 1024} at the most"
            yield where.problem(("picture",), words)


@rule
def modules_and_test_questions_exist(house: House) -> Iterator[Problem]:
    if house.content is None:
        return
    lines = read_yaml(house.root / "content" / "programme.yaml")[1]
    learning, known = house.content.programme.learning, {module.id for module in house.content.modules}
    named: list[tuple[tuple[str | int, ...], str]]
    named = [(("learning", "core", index), one) for index, one in enumerate(learning.core)]
    for sector, modules in learning.by_sector.items():
        named += [(("learning", "by_sector", sector), one) for one in modules]
    for path, module_id in named:
        if module_id not in known:
            yield lines.problem(path, f"no module {module_id} in content/lessons")
    tested: dict[str, str] = {}
    for index, question_id in enumerate(learning.test):
        module_id = question_id[:3]
        if house.content.question(question_id) is None:
            yield lines.problem(("learning", "test", index), f"no question {question_id} in content/lessons")
        elif module_id in tested:
            words = f"{question_id}: the module {module_id} has {tested[module_id]} already; one of each is enough"
            yield lines.problem(("learning", "test", index), words)
        tested[module_id] = question_id
    for module in house.content.modules:
        if module.id not in tested:
            yield lines.problem(("learning", "test"), f"no question of the module {module.id}")


@rule
def questions_keep_their_meaning(house: House) -> Iterator[Problem]:
    """Answers are kept under the id of the question and the place of the option: both must stay what they were."""
    if house.content is None:
        return
    file = f"content/{QUESTION_IDS}"
    path = house.root / file
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    known: dict[str, tuple[int, tuple[str, ...]]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        question_id, *texts = (part.strip() for part in line.split(" | "))
        if not re.fullmatch(r"M\d\dL\d{1,2}-Q\d+", question_id) or len(texts) < 2:
            yield Problem(file, number, "a line looks like: M01L1-Q1 | the question | the right option | others")
        elif question_id in known:
            yield Problem(file, number, f"{question_id} stands there twice")
        else:
            known[question_id] = (number, tuple(texts))
    newest: dict[str, int] = {}
    for lesson, lines in house.lessons():
        question = lesson.question
        newest[lesson.id] = _number_of(question.id)
        now = (question.text.replace("\n", " "), *question.options)
        before = known.get(question.id)
        if before is None:
            words = f"a new question; write this line into {file}: {question.id} | {' | '.join(now)}"
            yield lines.problem(("question",), words)
            continue
        if _changed(before[1], now):
            words = (
                f"{question.id} asked something else when it was published ({file}:{before[0]}). Put it back, or call "
                f"it {lesson.id}-Q{newest[lesson.id] + 1}: answers that were given keep their meaning"
            )
            yield lines.problem(("question",), words)
    for question_id, (number, _) in known.items():
        lesson_id = question_id.partition("-")[0]
        if newest.get(lesson_id, 0) < _number_of(question_id):
            yield Problem(file, number, f"{question_id} was published and is gone: people have answered it")


def _number_of(question_id: str) -> int:
    return int(question_id.rpartition("Q")[2])


def _changed(before: Sequence[str], now: Sequence[str]) -> bool:
    """Whether a question, or one of its options, means something else now; words that only tell it better do not."""
    if len(before) != len(now) or any(map(_differ, before, now)):
        return True
    # options that changed places: an answer is kept as the place of its option
    olds = before[1:]
    return any(
        max(olds, key=lambda old: (_likeness(old, option), old == olds[place])) != olds[place]
        for place, option in enumerate(now[1:])
    )


def _differ(before: str, now: str) -> bool:
    if re.findall(r"\d+", before) != re.findall(r"\d+", now):
        return True
    if len(NEGATIONS.findall(before)) != len(NEGATIONS.findall(now)):
        return True
    return _likeness(before, now) < SAME_MEANING


def _likeness(one: str, other: str) -> float:
    from rapidfuzz import fuzz

    return fuzz.ratio(one.casefold(), other.casefold())


def overdue_facts(house: House, today: date) -> Iterator[Problem]:
    """Warnings: the lessons that teach these are marked until somebody has looked again."""
    if house.content is None:
        return
    lines = read_yaml(house.root / "content" / "facts.yaml")[1]
    for index, fact in enumerate(house.content.facts.values()):
        if fact.is_overdue(today):
            marked = [lesson.id for lesson in house.content.marked(today) if fact.id in lesson.facts]
            words = f"{fact.id} was to be looked at by {fact.review_by} ({fact.status}); marked: {', '.join(marked)}"
            yield lines.problem(("facts", index), words if marked else words.partition(";")[0])


# --- words, looked at -----------------------------------------------------------------------------------------------


def _is_format(key: str) -> bool:
    return key.startswith("format.")


def _placeholders(entry: Entry) -> list[Placeholder]:
    return [piece for words in entry.variants for piece in pieces_of(words) if isinstance(piece, Placeholder)]


def _names(entry: Entry) -> set[str]:
    """Names of the placeholders; empty if they cannot be read, which is told elsewhere."""
    try:
        return {hole.name for hole in _placeholders(entry)}
    except ValueError:
        return set()


def _filled(entry: Entry, value: Callable[[Placeholder], str]) -> Iterator[str]:
    """The words of each variant with a value in every placeholder."""
    if _is_format(entry.key) and entry.key not in {key for key, _ in MINUTES_OF}:
        return
    for words in entry.variants:
        try:
            yield "".join(piece if isinstance(piece, str) else value(piece) for piece in pieces_of(words))
        except ValueError:
            continue


def _plain(entry: Entry) -> Iterator[str]:
    """Each variant as it is read: without tags, a placeholder counting as one word."""
    for words in _filled(entry, lambda hole: "x"):
        text = re.sub(r"<[^>]*>", "", words)
        yield text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")


def _longest(hole: Placeholder) -> int:
    if hole.form in MOMENT_FORMS:
        return 50
    return LONGEST.get(hole.name, 160)
