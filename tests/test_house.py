"""The house's own rules (docs/house.md): who may import whom, what names are made of, that models match migrations."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
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
from tests.source_reading import capabilities_of

CAPABILITIES = sorted(capabilities_of(ROOT))
NAMELESS = {"utils", "helpers", "common", "constants", "base", "misc", "tools"}


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


@cache
def imports(path: Path) -> tuple[str, ...]:
    """Every module a file imports, also inside functions."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def reaches(name: str, *forbidden: str) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in forbidden)


# --- packages -------------------------------------------------------------------------------------------------------

TOP = {
    "settings",
    "database",
    "database_trouble",
    "version",
    "clock",
    "capability",
    "processes",
    "private_files",
    "text_files",
    "allowance",
    "overridable",
    "report_views",
}
"""Modules directly in bot/ that every package may import."""
WIRING = {"app", "serving", "demo", "command_line", "__main__"}
"""Modules directly in bot/, and the commands of the command line, that join the packages: they may import everything,
and nothing else imports them."""
SAYS = re.compile(r"\nMay be imported by: (?P<by>.+)\.\nMay import: (?P<may>.+)\.\n$")


def declared() -> dict[str, tuple[set[str], set[str]]]:
    """Of each package in bot/ what its __init__.py says: who may import it, and what it may import."""
    found = {}
    for name in sorted({path.parent.name for path in ROOT.glob("bot/*/*.py")}):
        path = ROOT / "bot" / name / "__init__.py"
        if name not in {"sandbox", "migrations", "command_line"}:
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


@cache
def imported(path: Path) -> tuple[str, ...]:
    """What a file imports when it runs: what only type checkers read makes no circle."""
    return tuple(_imported(path))


def _imported(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text())
    for_types = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and getattr(block.test, "id", "") == "TYPE_CHECKING"
        for statement in block.body  # not what stands under `else`
        for node in ast.walk(statement)
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


def test_imports_can_be_read() -> None:
    """What the tests of this file read imports from: no relative names, and no names that are made while running."""
    for path in sources("bot", "handlers"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                # inside the sandbox, which imports nothing else of the bot
                assert node.level == 0 or "sandbox" in path.parts, f"{path}:{node.lineno}: a relative import"
            elif isinstance(node, ast.Call):
                called = ast.unparse(node.func).rpartition(".")[2]
                assert called not in {"import_module", "__import__"}, f"{path}:{node.lineno}: an import by a made name"


def test_nothing_imports_what_joins_the_packages() -> None:
    for (mine, theirs), files in arrows().items():
        assert theirs not in WIRING or mine in WIRING | {"migrations"}, files


def test_there_is_no_circle_between_packages() -> None:
    graph: dict[str, set[str]] = {}
    for mine, theirs in arrows():
        graph.setdefault(mine, set()).add(theirs)
    TopologicalSorter(graph).prepare()  # raises CycleError


def test_modules_directly_in_bot_are_few_and_stand_at_the_bottom_or_the_top() -> None:
    assert {path.stem for path in ROOT.glob("bot/*.py")} - {"__init__"} == TOP | WIRING - {"command_line"}
    for mine, theirs in arrows():
        if mine in TOP:
            assert theirs in TOP, f"bot/{mine}.py imports {theirs}"


def test_no_product_code_imports_the_sandbox() -> None:
    """The demonstration runs the bot beside its sandbox, and the command line starts it: nothing else knows of it."""
    for (mine, theirs), files in arrows().items():
        assert theirs != "sandbox" or mine in {"demo", "command_line"}, files


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


def test_the_programme_knows_no_telegram_no_languages_and_no_turns() -> None:
    forbidden = ("telegram", "bot.telegram", "babel", "handlers", "bot.turns", "bot.words.texts")
    for path in sources("bot/programme"):
        # status counts what waits in the inbox's table
        allowed = {"bot.turns"} if path.stem == "status" else set()
        wrong = [name for name in imports(path) if reaches(name, *forbidden) and not reaches(name, *allowed)]
        assert not wrong, f"{path}: {wrong}"


def test_of_the_delivery_others_know_the_outbox_the_jobs_and_kept_files_and_the_app_the_sender() -> None:
    """The sender's parts are its own business."""
    for path in sources("bot", "handlers"):
        if path.parent.name != "delivery":
            known = ("bot.delivery.outbox", "bot.delivery.background_jobs", "bot.delivery.kept_files") + (
                ("bot.delivery.sender",) if path.name == "app.py" else ()
            )
            wrong = [name for name in imports(path) if reaches(name, "bot.delivery") and not reaches(name, *known)]
            assert set(wrong) <= {"bot.delivery"}, f"{path}: {wrong}"


def test_no_part_of_the_delivery_reaches_into_another() -> None:
    for path in sources("bot/delivery"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and re.match(r"_[a-z]", node.attr):
                assert isinstance(node.value, ast.Name), f"{path}:{node.lineno}: {ast.unparse(node)}"
                assert node.value.id in {"self", "cls"}, f"{path}:{node.lineno}: {ast.unparse(node)}"


def test_no_file_and_no_class_is_too_long_to_be_read() -> None:
    """500 lines a file of the engine: that is all of bot/ but what the programme decides. The sandbox's classes are
    equipment for tests."""
    for path in sources("bot", "handlers"):
        text, package = path.read_text(), package_of(".".join(path.relative_to(ROOT).parts))
        most = 600 if package in {"handlers", "programme"} else 500
        assert len(text.splitlines()) <= most, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ClassDef) and package != "sandbox":
                assert (node.end_lineno or 0) - node.lineno < 400, f"{path}: {node.name}"


def test_handlers_are_thin() -> None:
    for path in sources("handlers"):
        wrong = [name for name in imports(path) if reaches(name, "sqlalchemy", "babel")]
        assert not wrong, f"{path}: {wrong}"
        capability = path.relative_to(ROOT / "handlers").with_suffix("").parts[0]
        if capability != "__init__":  # the table of contents
            others = [name for name in imports(path) if reaches(name, "handlers")]
            wrong = [name for name in others if not reaches(name, f"handlers.{capability}")]
            assert not wrong, f"{path}: handlers import one another"


def test_handlers_move_in_a_conversation_by_the_turn_alone() -> None:
    """By `turn.ask`, `turn.enter`, `turn.leave`: what is set by hand is forgotten in one place or the other."""
    of_the_turn = {"conversation", "state", "draft", "parked"}
    for path in sources("handlers"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
                assert node.attr not in of_the_turn | {"asked"}, f"{path.name}:{node.lineno} sets {node.attr}"
        wrong = {"bot.turns.turn.enter", "bot.turns.turn.leave"} & set(imports(path))
        assert not wrong, f"{path.name} imports {wrong}"


def own_returns(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.Return]:
    """The return statements of a function, without those of functions inside it."""
    left: list[ast.AST] = list(function.body)
    while left:
        node = left.pop()
        if isinstance(node, ast.Return):
            yield node
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            left += ast.iter_child_nodes(node)


def test_handlers_return_nothing() -> None:
    """Not even None: where a conversation goes on, `turn.ask`, `turn.enter` and `turn.leave` say."""
    for path in sources("handlers", "bot"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and ast.unparse(node.returns or node) == "None":
                wrong = [one.lineno for one in own_returns(node) if one.value and ast.unparse(one.value) == "None"]
                assert not wrong, f"{path}:{wrong}: returns None, though it returns nothing"


def test_buttons_carry_typed_actions() -> None:
    """No action is glued from strings: its class knows how it is packed, and how long it may be."""
    for path in sources("handlers", "bot"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "Button":
                carried = [*node.args[1:2], *(one.value for one in node.keywords if one.arg == "action")]
                glued = [one for one in carried if isinstance(one, ast.JoinedStr | ast.BinOp | ast.Constant)]
                assert not glued, f"{path}:{node.lineno}: {ast.unparse(node)}"


def test_a_class_name_stands_for_one_thing_in_a_package() -> None:
    """In bot/programme each capability counts by itself, because others name its outcomes with it: `enrolment.Full`."""
    found: dict[tuple[str, str], str] = {}
    for path in sources("bot", "handlers"):
        flat = path.parent.name == "programme"
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                named = (str(path if flat else path.parent), node.name)
                assert named not in found, f"{node.name}: {found[named]} and {path}:{node.lineno}"
                found[named] = f"{path}:{node.lineno}"


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert not [path for path in sources("bot", "handlers", "tests") if path.stem in NAMELESS]


def test_a_folder_of_topics_says_what_each_of_its_files_is_about() -> None:
    """A line a file in its `__init__.py`: in the packages of handlers, of the programme, and inside other packages."""
    folders = [path.parent for path in sources("bot", "handlers") if path.name == "__init__.py"]
    of_topics = [one for one in folders if len(one.relative_to(ROOT).parts) == 2 and one.parent.name == "handlers"]
    of_topics += [one for one in folders if len(one.relative_to(ROOT).parts) == 3 and "migrations" not in one.parts]
    assert len(of_topics) > 15
    for folder in [*of_topics, ROOT / "bot" / "command_line"]:
        said = ast.get_docstring(ast.parse((folder / "__init__.py").read_text())) or ""
        for path in folder.glob("*.py"):
            assert path.stem == "__init__" or re.search(rf"^ *{path.stem} ", said, re.MULTILINE), f"{path}: what is it?"


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
            if isinstance(handler, Tap):
                assert handler.action.name.startswith(f"{name}:"), handler.action
            if isinstance(handler, Conversation):
                assert str(handler.name).startswith(name)


def test_words_for_people_stand_in_locales_only() -> None:
    """No string in handlers/ that looks like a sentence, docstrings aside. programme/ has reasons and errors for staff
    who read logs; what it says to people are keys, which `check` wants to find in locales/."""
    for path in sources("handlers"):
        tree = ast.parse(path.read_text())
        docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
                assert not re.search(r"[a-z]{3,} [a-z]{3,} [a-z]{3,}", node.value), f"{path.name}: {node.value!r}"


def test_the_check_of_the_content_finds_nothing() -> None:
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
        assert f"`handlers/{name}.py`" in readme or f"`handlers/{name}/`" in readme, name
