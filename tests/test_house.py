"""The house's own rules (docs/house.md): who may import whom, what names are made of, that models match migrations."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
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
from bot.turns.turn import Conversation, Tap

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


def test_only_the_app_imports_handlers() -> None:
    for path in sources("bot"):
        if path.name != "app.py":
            assert not [name for name in imports(path) if reaches(name, "handlers")], path


def test_the_programme_knows_no_telegram_no_languages_and_no_doors() -> None:
    forbidden = (
        "telegram",
        "babel",
        "handlers",
        "bot.turns.turn",
        "bot.delivery.sender",
        "bot.turns.inbox",
        "bot.words.texts",
        "bot.app",
    )
    for path in sources("bot/programme"):
        # privacy forgets what was handled, status counts what waits: both look at the inbox's table
        allowed = {"bot.turns.inbox"} if path.stem in ("privacy", "status") else set()
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


def test_the_sandbox_knows_nothing_of_the_bot() -> None:
    for path in sources("bot/sandbox"):
        wrong = [
            name for name in imports(path) if reaches(name, "bot", "handlers") and not reaches(name, "bot.sandbox")
        ]
        assert not wrong, f"{path}: {wrong}"


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
