"""Which tests begin with the real date, and that those are run on other days, too (tests/days.py)."""

from __future__ import annotations

import ast
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from tests.bot_process import Bot
from tests.days import MOMENTS, ROOT

Definition = tuple[str, str]
"""A file of tests/ and a function, class or constant at its top level; "" is what stands between them."""

TODAY: Final = {"datetime.now", "datetime.today", "datetime.utcnow", "date.today", "time.time", "time.time_ns"}
STARTS: Final = {
    "subprocess.Popen",
    "subprocess.run",
    "subprocess.check_output",
    "CliRunner",
    "warm_start.start",
    "warm_start.run",
}
GIVEN: Final = {"Clock": ("offset", "real"), "App": ("clock",), "Sandbox": ("time",)}
"""What takes the real present unless it is given another."""

ALONE: Final = "starts, stops and talks to Telegram; nobody it knows could be written to"
LEASE: Final = "a lease is of real time, and only how long it lasts counts"
APART: Final = "moments so far from the present: which present makes no difference"
READS: Final = "a command that asks nothing of the date"
DATES: Final = "Telegram's side: it dates messages, and knows of no day and no hour at which something is due"

ALLOWED: Final[dict[str, str]] = {
    "test_settings_in_chat.py::test_check_shows_what_the_database_sets": "only reads",
    "fake_api.py::text_update": DATES,
    "test_databases.py": "only lists names of tests",
    "test_database_file.py": "files, whatever the day",
    "test_encrypted_backups.py": APART,
    "test_sandbox.py::opened": DATES,
    "test_sandbox.py::test_a_kill_loses_no_update_that_was_answered": DATES,
    "test_sandbox.py::test_a_sandbox_that_was_stopped_before_it_started_stays_stopped": ALONE,
    "test_sandbox_origin.py": DATES,
    "test_sandbox_population.py::test_people_can_be_stopped_however_soon_after_something_was_said_to_them": DATES,
    "test_sandbox_process.py": DATES,
    "test_sandbox_faults.py::test_the_transcript_tells_everything_in_order": DATES,
    "test_lessons_in_sandbox.py::World": "its sandbox has the time of its bot, a Monday",
    "test_clock.py": "real ticks, which are always due",
    "test_sender.py": LEASE,
    "test_sender_parts.py": LEASE,
    "test_backup.py::Ledger": APART,
    "test_backup.py::command": READS,
    "test_backup.py::peopled": APART,
    "test_backup.py::process": READS,
    "test_backup.py::test_a_no_that_was_said_since_the_backup_stays_a_no": APART,
    "test_backup.py::test_an_announcement_whose_moment_has_passed_is_called_off": APART,
    "test_backup.py::test_what_came_due_since_the_backup_may_be_heard_twice_but_no_announcement_is": APART,
    "test_backup.py::test_what_people_heard_long_ago_is_not_said_again": APART,
    "test_backup.py::test_who_was_forgotten_in_another_database_is_nobody_here": APART,
    "test_check.py::test_warnings_do_not_fail_the_command": READS,
    "test_database_trouble.py": "what databases say, whatever the day",
    "test_settings.py": "names of settings, and Ctrl-C",
    "test_release.py": "clones made for it, and the day is given",
    "test_metrics.py": "files that are given an age; programs that know no day",
    "test_watchdog.py": ALONE,
    "test_lock.py": "files, and a shell script",
    "test_deploy.py": "shell scripts, and what systemd says of the units",
    "test_hostile_files.py": "only reads a workbook",
    "test_lesson_files.py": READS,
    "test_links.py": READS,
    "test_quizzes.py::test_the_command_prints_the_table": READS,
    "test_files_as_written.py::test_settings_in_another_encoding_are_told_in_one_line": READS,
    "test_reloading.py::test_a_preview_of_nothing_says_so": READS,
    "test_crash.py::test_it_serves_by_webhook_and_takes_it_off_when_it_ends": ALONE,
    "test_crash.py::test_it_can_be_stopped_while_telegram_cannot_be_reached": ALONE,
    "test_crash.py::test_it_can_be_stopped_while_the_database_lets_nobody_in": ALONE,
    "test_crash.py::test_the_journal_is_told_how_bad_each_line_is": ALONE,
    "test_crash.py::test_only_the_journal_is_told": ALONE,
    "test_crash.py::test_a_wrong_setting_is_one_line_that_names_it": ALONE,
    "test_crash.py::test_a_database_that_nobody_may_make_is_one_line": ALONE,
    "test_crash.py::test_a_token_telegram_does_not_know_is_one_line": ALONE,
    "test_crash.py::test_a_second_process_on_the_same_sqlite_file_is_refused": ALONE,
    "test_crash.py::test_it_serves_on_postgresql_and_only_one_process_does": ALONE,
    "test_crash.py::test_a_taken_port_is_one_line": ALONE,
    "test_crash.py::test_the_token_is_never_in_its_output": ALONE,
    "test_new_migration.py": "Alembic, ruff and the migrations, which know no day",
    "test_add_a_capability.py": "commands that only read, and tests with a time of their own",
    "test_command_menus.py": "what Telegram answers to setMyCommands, whatever the day",
    "test_processes.py": ALONE,
    "test_understanding.py::run": READS,
    "test_warm_start.py": READS,
    "test_web_server.py::test_a_crowd_with_half_a_request_each_keeps_nobody_away": ALONE,
    "test_webhook.py": ALONE,
}
"""What reads the real clock, or starts a process that may, and yet comes out the same on every day; and why."""


@cache
def tree(file: str) -> ast.Module:
    return ast.parse((ROOT / "tests" / file).read_text())


@cache
def definitions(file: str) -> dict[str, list[ast.stmt]]:
    found: dict[str, list[ast.stmt]] = {"": []}
    for statement in tree(file).body:
        match statement:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.setdefault(name, []).append(statement)
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                found.setdefault(name, []).append(statement)
            case _:
                found[""].append(statement)
    return found


@cache
def imported(file: str) -> dict[str, Definition]:
    """The names that a file has of other files of tests/."""
    return {
        alias.asname or alias.name: (f"{statement.module.removeprefix('tests.')}.py", alias.name)
        for statement in ast.walk(tree(file))
        if isinstance(statement, ast.ImportFrom) and statement.module and statement.module.startswith("tests.")
        for alias in statement.names
    }


@cache
def fixtures() -> dict[str, Definition]:
    """Those that every file has."""
    return {
        name: (file, name)
        for file in ("conftest.py", "requirements.py", "databases.py", "browser.py", "days.py")
        for name, statements in definitions(file).items()
        if any("fixture" in ast.unparse(one) for s in statements for one in getattr(s, "decorator_list", ()))
    }


@cache
def reads_today(definition: Definition) -> bool:
    """Whether its own lines ask for the real present, or start a process."""
    file, name = definition
    calls = (one for s in definitions(file).get(name, ()) for one in ast.walk(s) if isinstance(one, ast.Call))
    return any(_reads_today(call) for call in calls)


def _reads_today(call: ast.Call) -> bool:
    called = ast.unparse(call.func)
    if called in GIVEN:
        given = {keyword.arg for keyword in call.keywords}
        return not given.intersection(GIVEN[called]) and not (called == "Clock" and call.args)
    return any(called == one or called.endswith(f".{one}") for one in TODAY | STARTS)


@cache
def uses(definition: Definition) -> frozenset[Definition]:
    """The functions, classes, constants and fixtures whose names stand in it."""
    return frozenset(_uses(definition))


def _uses(definition: Definition) -> Iterator[Definition]:
    file, name = definition
    for statement in definitions(file).get(name, ()):
        for node in ast.walk(statement):
            match node:
                case ast.Name(id=used) | ast.arg(arg=used) if used in definitions(file):
                    yield file, used
                case ast.Name(id=used) | ast.arg(arg=used) if used in imported(file):
                    yield imported(file)[used]
        for argument in statement.args.args if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) else ():
            if argument.arg in fixtures() and argument.arg not in definitions(file):
                yield fixtures()[argument.arg]


def origin(definition: Definition, allowed: frozenset[str]) -> Definition | None:
    """What asks for the real present when this is used, as far as it is not allowed to."""
    seen, left = {definition}, [definition]
    while left:
        one = left.pop()
        if one[0] in allowed or "::".join(one) in allowed:
            continue
        if reads_today(one):
            return one
        new = uses(one) - seen
        seen |= new
        left += new
    return None


def marked(file: str, test: ast.stmt) -> bool:
    decorators = [ast.unparse(one) for one in getattr(test, "decorator_list", ())]
    whole = [ast.unparse(one) for one in definitions(file).get("pytestmark", ())]
    return any("pytest.mark.today" in one for one in decorators + whole)


def all_tests() -> Iterator[tuple[Definition, ast.stmt]]:
    for path in sorted((ROOT / "tests").glob("test_*.py")):
        for name, statements in definitions(path.name).items():
            if name.startswith("test_"):
                yield (path.name, name), statements[-1]


def unmarked(allowed: frozenset[str]) -> list[str]:
    found = ((test, origin(test, allowed)) for test, statement in all_tests() if not marked(test[0], statement))
    return [f"{'::'.join(test)} by {'::'.join(source)}" for test, source in found if source]


def test_who_begins_with_the_real_date_is_run_on_other_days() -> None:
    assert unmarked(frozenset(ALLOWED)) == [], "mark it `today`, or say in ALLOWED why the date makes no difference"


@pytest.mark.parametrize("allowed", ALLOWED)
def test_what_is_allowed_to_is_there_and_does(allowed: str) -> None:
    assert set(unmarked(frozenset(ALLOWED) - {allowed})), "take it off the list"


@pytest.mark.today
def test_a_process_with_an_environment_of_its_own_lives_on_the_same_day(tmp_path: Path) -> None:
    bot = Bot(tmp_path, program="import time; print(time.time())")
    before = time.time()
    bot.start()
    assert bot.process is not None
    assert bot.process.wait(20) == 0, bot.output
    assert before - 1 <= float(bot.output) <= time.time() + 1  # each moves its own clock, one a little after the other


def test_all_days_of_the_week_are_tried() -> None:
    assert {moment.at.weekday() for moment in MOMENTS} == set(range(7))
    assert any((moment.at.month, moment.at.day) == (2, 29) for moment in MOMENTS)
    assert any(moment.slow for moment in MOMENTS)
