"""The house's own rules (docs/house.md): who may import whom, what names are made of, that models match migrations."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from telegram.ext import BaseHandler

import handlers
from bot.app import DATA
from bot.catalogue.check import check
from bot.database import Base, Database
from bot.settings import ROOT, Settings
from bot.turns.router import Conversation, Tap

CAPABILITIES = [path.stem for path in (ROOT / "handlers").glob("*.py") if path.stem != "__init__"]
NAMELESS = {"utils", "helpers", "common", "constants", "base", "misc", "tools"}


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """Every module a file imports, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def reaches(name: str, *forbidden: str) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in forbidden)


# --- packages -------------------------------------------------------------------------------------------------------

TOP = {"settings", "database", "clock", "capability", "processes"}
"""Modules directly in bot/ that every package may import."""
WIRING = {"app", "demo", "__main__"}
"""Modules directly in bot/ that join the packages: they may import everything, and nothing imports them."""
SAYS = re.compile(r"\nMay be imported by: (?P<by>.+)\.\nMay import: (?P<may>.+)\.\n$")


def declared() -> dict[str, tuple[set[str], set[str]]]:
    """Of each package in bot/ what its __init__.py says: who may import it, and what it may import."""
    found = {}
    for path in sorted(ROOT.glob("bot/*/__init__.py")):
        name = path.parent.name
        if name not in {"sandbox", "migrations"}:
            said = SAYS.search(ast.get_docstring(ast.parse(path.read_text()), clean=False) or "")
            assert said is not None, f"{path} does not say who may import it and what it may import"
            found[name] = (listed(said["by"]), listed(said["may"]))
    return found


def listed(names: str) -> set[str]:
    nobody = {"app and the command line alone", "nothing of the bot"}
    return set() if names in nobody else set(names.split(", "))


def package_of(module: str) -> str | None:
    """The package of the bot that a module belongs to; a module directly in bot/ counts as one of its own."""
    parts = module.split(".")
    if parts[0] == "handlers":
        return "handlers"
    return parts[1] if parts[0] == "bot" and len(parts) > 1 else None


def imported(path: Path) -> Iterator[str]:
    """What a file imports when it runs: what only type checkers read makes no circle."""
    tree = ast.parse(path.read_text())
    for_types = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and getattr(block.test, "id", "") == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    for node in ast.walk(tree):
        if id(node) not in for_types:
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                yield from [f"bot.{alias.name}" for alias in node.names] if node.module == "bot" else [node.module]


def arrows() -> dict[tuple[str, str], list[str]]:
    """Every import from one package into another, with the files in which it stands."""
    found: dict[tuple[str, str], list[str]] = {}
    for path in sources("bot", "handlers"):
        mine = package_of(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for name in imported(path):
            theirs = package_of(name)
            if mine is not None and theirs not in (None, mine):
                assert theirs is not None
                found.setdefault((mine, theirs), []).append(str(path.relative_to(ROOT)))
    return found


def test_packages_import_what_they_say_and_are_imported_by_whom_they_say() -> None:
    """A new import between packages, or one that is gone, is written down in both: so whoever reads them sees it."""
    real = arrows()
    for name, (importers, may) in declared().items():
        assert {mine for mine, theirs in real if theirs == name} - WIRING == importers, f"who imports bot/{name}"
        assert {theirs for mine, theirs in real if mine == name} - TOP == may, f"what bot/{name} imports"


def test_nothing_imports_what_joins_the_packages() -> None:
    for (mine, theirs), files in arrows().items():
        assert theirs not in WIRING or mine in WIRING | {"migrations"}, files


def test_there_is_no_circle_between_packages() -> None:
    graph: dict[str, set[str]] = {}
    for mine, theirs in arrows():
        graph.setdefault(mine, set()).add(theirs)
    TopologicalSorter(graph).prepare()  # raises CycleError


def test_modules_directly_in_bot_are_few_and_stand_at_the_bottom_or_the_top() -> None:
    assert {path.stem for path in ROOT.glob("bot/*.py")} - {"__init__"} == TOP | WIRING
    for mine, theirs in arrows():
        if mine in TOP:
            assert theirs in TOP, f"bot/{mine}.py imports {theirs}"


def test_no_product_code_imports_the_sandbox() -> None:
    """The demonstration runs the bot beside its sandbox, and the command line starts it: nothing else knows of it."""
    for (mine, theirs), files in arrows().items():
        assert theirs != "sandbox" or mine in {"demo", "__main__"}, files


def test_the_sandbox_knows_nothing_of_the_bot() -> None:
    """Only how Telegram reads HTML, which the bot checks its own words by."""
    for path in sources("bot/sandbox"):
        wrong = [
            name
            for name in imports(path)
            if reaches(name, "bot", "handlers") and not reaches(name, "bot.sandbox", "bot.telegram.html")
        ]
        assert not wrong, f"{path}: {wrong}"


def test_only_the_app_imports_handlers() -> None:
    for path in sources("bot"):
        if path.name != "app.py":
            assert not [name for name in imports(path) if reaches(name, "handlers")], path


def test_the_programme_knows_no_telegram_no_languages_and_no_doors() -> None:
    forbidden = ("telegram", "bot.telegram", "babel", "handlers", "bot.turns", "bot.delivery.sender", "bot.words.texts")
    for path in sources("bot/programme"):
        # status counts what waits in the inbox's table
        allowed = {"bot.turns"} if path.stem == "status" else set()
        wrong = [name for name in imports(path) if reaches(name, *forbidden) and not reaches(name, *allowed)]
        assert not wrong, f"{path}: {wrong}"


def test_handlers_are_thin() -> None:
    for path in sources("handlers"):
        wrong = [name for name in imports(path) if reaches(name, "sqlalchemy", "babel")]
        assert not wrong, f"{path}: {wrong}"
        if path.stem != "__init__":
            assert not [name for name in imports(path) if reaches(name, "handlers")], (
                f"{path}: handlers import one another"
            )


def test_no_room_is_called_by_what_it_is_not() -> None:
    assert not [path for path in sources("bot", "handlers", "tests") if path.stem in NAMELESS]


def test_every_handler_file_is_in_the_table_of_contents() -> None:
    assert sorted(one.name for one in handlers.CAPABILITIES) == sorted(CAPABILITIES)


def inside(handler: BaseHandler) -> Iterator[BaseHandler]:  # type: ignore[type-arg]
    yield handler
    if isinstance(handler, Conversation):
        for one in (
            *handler.entry_points,
            *(h for state in handler.states.values() for h in state),
            *handler.fallbacks,
        ):
            yield from inside(one)


def test_actions_and_conversations_begin_with_the_name_of_their_capability() -> None:
    for capability in handlers.CAPABILITIES:
        name = capability.name
        for handler in (one for top in capability.handlers() for one in inside(top)):
            if isinstance(handler, Tap) and re.fullmatch(
                r"[a-z_:]+", handler.action
            ):  # not the one for all that is left
                assert handler.action.startswith(f"{name}:"), handler.action
            if isinstance(handler, Conversation):
                assert str(handler.name).startswith(name)


def test_words_for_people_stand_in_locales_only() -> None:
    """No string in handlers/ and programme/ that looks like a sentence, docstrings and error texts for staff aside."""
    for path in sources("handlers"):
        tree = ast.parse(path.read_text())
        docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
                assert not re.search(r"[a-z]{3,} [a-z]{3,} [a-z]{3,}", node.value), f"{path.name}: {node.value!r}"


def test_the_desk_check_finds_nothing() -> None:
    assert check(ROOT) == []


def test_models_match_migrations(database_url: str) -> None:
    database = Database(database_url)
    try:
        with database.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, Base.metadata) == []
    finally:
        database.close()
    assert DATA  # every table was imported


@pytest.mark.parametrize("name", sorted(field.upper() for field in Settings.model_fields))
def test_every_setting_is_documented(name: str) -> None:
    assert re.search(rf"^#? ?{name}=", (ROOT / ".env.example").read_text(), re.MULTILINE)


def test_the_readme_tells_every_capability() -> None:
    readme = (ROOT / "README.md").read_text()
    for name in CAPABILITIES:
        assert f"`handlers/{name}.py`" in readme, name
