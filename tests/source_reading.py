"""Reads the bot's own source, as syntax (nothing is run): which keys it says, how, and with which values.

`problems(root)` is what is wrong between source and words; `template(root)` what `locales/bot.pot` must say, which
`make keys` (`python -m tests.source_reading`) writes.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from bot.catalogue.check import catalogues_of
from bot.catalogue.key_template import TEMPLATE, Known, written_template
from bot.catalogue.word_rules import names_in
from bot.catalogue.yaml_files import Problem
from bot.settings import ROOT
from bot.words.texts import REFERENCE, Catalogue, Entry

_KEY: Final = re.compile(r"[a-z][a-z_]*(\.[a-z0-9_]+)+")
_NO_KEYS: Final = frozenset({"CapabilityData", "ForeignKey", "relationship", "get_logger", "getLogger"})
"""Calls whose words with a dot are names of something else."""
_FILE: Final = re.compile(r"\.(py|csv|xlsx|json|ics|html|css|js|md|png|jpg|ya?ml|po|pot|sqlite|log|pid)$")
_NO_VALUES: Final = frozenset({"buttons", "keyboard", "plain", "secret", "protected", "row", "alert"})
"""Of `say`, `show` and `toast`: no words have these."""
_CAPTIONED: Final = frozenset({"PHOTO", "DOCUMENT", "VOICE"})


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


@dataclass
class Code:
    """What a reading of the source found. `files` are those that were read."""

    uses: list[Use] = field(default_factory=list)
    spoken: list[Spoken] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    captions: set[str] = field(default_factory=set)
    commands: list[Use] = field(default_factory=list)
    paths: list[Use] = field(default_factory=list)
    capabilities: frozenset[str] = frozenset()


def read_code(root: Path) -> Code:
    """Read handlers/ and bot/ (without the sandbox, which has a page and words of its own)."""
    paths = [*sorted((root / "handlers").rglob("*.py")), *sorted((root / "bot").rglob("*.py"))]
    skipped = {root / "bot" / "sandbox", root / "bot" / "migrations"}
    code = Code()
    code.capabilities = capabilities_of(root)
    trees = [
        (path, ast.parse(path.read_text(encoding="utf-8"), str(path)))
        for path in paths
        if not skipped & set(path.parents) and path.name != "word_rules.py"
    ]
    values: dict[str, set[str]] = {}
    for _, tree in trees:
        for name, value in _named_strings(tree):
            values.setdefault(name, set()).add(value)
    shared = {name: min(of) for name, of in values.items() if len(of) == 1}  # else: whose of them is imported?
    for path, tree in trees:
        _Reader(path.relative_to(root).as_posix(), code, shared | dict(_named_strings(tree))).visit(tree)
    return code


def capabilities_of(root: Path) -> frozenset[str]:
    """The names of the capabilities: each is a file in handlers/, or a folder of files."""
    files = [path for path in (root / "handlers").glob("*.py") if path.stem != "__init__"]
    folders = [path.parent for path in (root / "handlers").glob("*/__init__.py")]
    return frozenset(path.stem for path in (*files, *folders))


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
            case "Command" if node.args and isinstance(node.args[0], ast.Constant):
                key = f"command.{node.args[0].value!s}"
                self.code.commands.append(Use(self.file, node.lineno, re.escape(key), key))
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
            names = {keyword.arg for keyword in node.keywords} - _NO_VALUES
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


@dataclass(frozen=True)
class Source:
    """The source beside the words it says."""

    root: Path
    catalogues: dict[str, Catalogue]
    code: Code

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

    def po(self, language: str, entry: Entry, words: str) -> Problem:
        path = self.catalogues[language].path
        return Problem(path.relative_to(self.root).as_posix(), entry.line, f"{entry.key}: {words}")

    @cached_property
    def given(self) -> dict[str, list[frozenset[str]]]:
        """Of each key the values it is said with, once for each place whose values can be read."""
        found: dict[str, list[frozenset[str]]] = {}
        for spoken in self.code.spoken:
            if spoken.given is not None:
                # every message knows whom it speaks to
                more = {"person"} if spoken.role in ("say", "show", "Message") else set()
                found.setdefault(spoken.key, []).append(spoken.given | more)
        return found


def keys_of_the_code_exist(source: Source) -> Iterator[Problem]:
    known = source.words[REFERENCE]
    for use in source.uses:
        pattern = re.compile(use.pattern)
        if use.shown not in known and not any(pattern.fullmatch(key) for key in known):
            yield Problem(use.file, use.line, f"no words for the key '{use.shown}' in locales/{REFERENCE}")


def keys_are_used(source: Source) -> Iterator[Problem]:
    patterns = [re.compile(pattern) for pattern in {use.pattern for use in source.uses}]
    for entry in source.words[REFERENCE].values():
        if not entry.key.startswith("format.") and not any(pattern.fullmatch(entry.key) for pattern in patterns):
            yield source.po(REFERENCE, entry, "is used nowhere in handlers/ or bot/")


def values_fill_the_placeholders(source: Source) -> Iterator[Problem]:
    """What is said with values that can be read in the code has one for each placeholder."""
    for spoken in source.code.spoken:
        if spoken.given is None:
            continue
        given = set(spoken.given)
        if spoken.role in ("say", "show", "Message"):
            given.add("person")  # every message knows whom it speaks to
        for language in source.catalogues:
            entry = source.words[language].get(spoken.key)
            if entry is None:
                continue
            needed = names_in(entry) | ({"n"} if entry.counts else set())
            for name in sorted(needed - given):
                yield Problem(spoken.file, spoken.line, f"'{spoken.key}' needs a value for {{{name}}} ({language})")


def files_exist(source: Source) -> Iterator[Problem]:
    for use in source.code.paths:
        if not (source.root / use.shown).exists():
            yield Problem(use.file, use.line, f"there is no file {use.shown}")


Rule = Callable[[Source], Iterable[Problem]]
RULES: Final[tuple[Rule, ...]] = (
    keys_of_the_code_exist,
    keys_are_used,
    values_fill_the_placeholders,
    files_exist,
)


def source_of(root: Path) -> Source:
    """Raises ValueError if the words cannot be read."""
    return Source(root, catalogues_of(root), read_code(root))


def problems(root: Path) -> list[Problem]:
    """What is wrong between the source below `root` and its words, in the order of the files."""
    return problems_of(source_of(root))


def problems_of(source: Source) -> list[Problem]:
    return sorted({problem for rule in RULES for problem in rule(source)})


# --- locales/bot.pot --------------------------------------------------------------------------------------------------


def template(source: Source) -> dict[str, Known]:
    """What the source says of each key: those it names, and of those it makes up those that have words."""
    named = {use.shown for use in source.uses if use.pattern == re.escape(use.shown)}
    patterns = [re.compile(pattern) for pattern in {use.pattern for use in source.uses}]
    made = {key for key in source.words[REFERENCE] if any(pattern.fullmatch(key) for pattern in patterns)}
    return {key: Known(_shown_as(source, key), values_of(source, key)) for key in named | made}


def _shown_as(source: Source, key: str) -> frozenset[str]:
    found = {
        "button": key in source.labels,
        "caption": key in source.code.captions,
        "command": key.startswith("command."),
        "toast": key in source.toasts,
    }
    return frozenset(name for name, holds in found.items() if holds)


def values_of(source: Source, key: str) -> frozenset[str]:
    """The values that words of the key may use: those given wherever the source shows which; where it shows it nowhere,
    those that are used today."""
    if given := source.given.get(key):
        return frozenset.intersection(*given)
    entries = [words[key] for words in source.words.values() if key in words]
    return frozenset(name for entry in entries for name in (*names_in(entry), *(["n"] if entry.counts else [])))


if __name__ == "__main__":
    (ROOT / TEMPLATE).write_text(written_template(template(source_of(ROOT))), encoding="utf-8")
