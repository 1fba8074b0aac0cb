"""The bot's source and its words fit together: this project's do; in a small house each mistake is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.catalogue.key_template import TEMPLATE, Known, read_template, written_template
from bot.settings import ROOT
from tests import source_reading
from tests.small_house import SmallHouse


@pytest.fixture
def house(tmp_path: Path) -> SmallHouse:
    return SmallHouse(tmp_path)


@pytest.fixture(scope="module")
def source() -> source_reading.Source:
    """This project's: to read it takes seconds."""
    return source_reading.source_of(ROOT)


def test_this_project_passes(source: source_reading.Source) -> None:
    assert "\n".join(map(str, source_reading.problems_of(source))) == ""


def test_what_is_written_of_the_source_is_true(source: source_reading.Source) -> None:
    """If not: `make keys`, and look at what changes in locales/bot.pot. Words that use a value less change nothing."""
    real, written = source_reading.template(source), read_template(ROOT / TEMPLATE)
    assert sorted(real) == sorted(written), "run: make keys"
    for key, known in real.items():
        assert known.shown_as == written[key].shown_as, f"{key}: run: make keys"
        if key in source.given:
            assert known.values == written[key].values, f"{key}: run: make keys"
        else:
            assert known.values <= written[key].values, f"{key}: run: make keys"


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    known = {"a.b": Known(frozenset({"button", "toast"}), frozenset({"n", "name"})), "a.c": Known()}
    (tmp_path / "bot.pot").write_text(written_template(known))
    assert read_template(tmp_path / "bot.pot") == known


def test_what_is_written_of_a_small_house(house: SmallHouse) -> None:
    house.handler += (
        '\n\ndef more(turn):\n    turn.say("greeting.hello", name="Siti", n=1)\n    turn.toast("greeting.done")\n'
    )
    house.words |= {"greeting.done": ("Sudah", "Done")}
    house.write()
    known = read_template(house.root / TEMPLATE)
    assert known["greeting.hello"] == Known(values=frozenset({"name", "person"})), "what is given everywhere"
    assert known["greeting.done"] == Known(shown_as=frozenset({"toast"}))
    assert known["button.back"] == Known(shown_as=frozenset({"button"}))


@pytest.mark.parametrize(
    "line",
    [
        'turn.say("greeting.nothing")',
        'turn.show("greeting.hello" if x else "greeting.nothing", name=x)',
        'key = "greeting.nothing"',
        'Words("greeting.nothing")',
        'key = f"greeting.nothing.{x}"',
        'key = "greeting.nothing." + x',
    ],
)
def test_a_key_nobody_wrote_words_for(house: SmallHouse, line: str) -> None:
    house.handler += f"\n\ndef more(turn, x):\n    {line}\n"
    problem = house.problem_of_the_source()
    assert (problem.file, problem.line) == ("handlers/greeting.py", len(house.handler.splitlines()))
    assert "no words for the key 'greeting.nothing" in problem.words


@pytest.mark.parametrize("line", ['x = "greeting.csv"', 'ForeignKey("greeting.id")', '"greeting.nothing"', 'x = "a.b"'])
def test_what_only_looks_like_a_key(house: SmallHouse, line: str) -> None:
    house.handler += f"\n\n{line}\n"
    assert house.problems_of_the_source() == []


def test_a_key_nobody_uses(house: SmallHouse) -> None:
    house.words["greeting.old"] = ("Lama.", "Old.")
    assert house.problem_of_the_source().words == "greeting.old: is used nowhere in handlers/ or bot/"
    house.handler += '\n\nOLD = f"greeting.{x}"\n'
    assert house.problems_of_the_source() == []


@pytest.mark.parametrize(
    "line",
    [
        'turn.say("greeting.hello")',
        'turn.say("greeting.hello", {"nama": 1}, person=1)',
        'Words("greeting.hello", {"nama": 1})',
        'Button("greeting.hello", "greeting:choose", {"a": 1})',
    ],
)
def test_a_placeholder_without_a_value(house: SmallHouse, line: str) -> None:
    house.handler += f"\n\ndef more(turn):\n    {line}\n"
    found = [problem for problem in house.problems_of_the_source() if problem.line == len(house.handler.splitlines())]
    assert {problem.words for problem in found} == {
        "'greeting.hello' needs a value for {name} (id)",
        "'greeting.hello' needs a value for {name} (en)",
    }


@pytest.mark.parametrize(
    "line",
    [
        'turn.say("greeting.hello", **x)',
        'turn.say("greeting.hello", x)',
        'turn.say("greeting.hello", {"name": 1})',
        'Words("greeting.hello", {**x})',
        'Words("greeting.hello", x)',
    ],
)
def test_values_that_cannot_be_read_in_the_code_are_let_pass(house: SmallHouse, line: str) -> None:
    house.handler += f"\n\ndef more(turn, x):\n    {line}\n"
    assert house.problems_of_the_source() == []


def test_names_in_capitals_are_known_across_files_if_they_are_one(house: SmallHouse) -> None:
    house.bot += 'GONE, x = 1, 2\nDONE = "greeting.gone"\n'
    house.handler += "\n\ndef more(turn):\n    turn.say(DONE)\n"
    assert "no words for the key 'greeting.gone'" in house.problem_of_the_source().words
    house.words["greeting.gone"] = ("Sudah, {name}.", "Done, {name}.")
    problems = house.problems_of_the_source()
    assert {problem.file for problem in problems} == {"handlers/greeting.py"}
    assert {problem.words.split(" (")[0] for problem in problems} == {"'greeting.gone' needs a value for {name}"}
    house.handler = house.handler.replace("HELLO = ", 'DONE = "greeting.hello"\nHELLO = ', 1)
    found = house.problems_of_the_source()
    assert {problem.words.split(" (")[0] for problem in found} == {"'greeting.hello' needs a value for {name}"}


def test_every_command_of_the_menu_has_words(house: SmallHouse) -> None:
    house.bot += 'Command("jadwal", "participant", place=30)\n'
    assert house.problem_of_the_source().words == "no words for the key 'command.jadwal' in locales/id"
    house.words["command.jadwal"] = ("Lihat jadwal", "See the schedule")
    assert house.problems_of_the_source() == []


def test_files_that_the_code_names_exist(house: SmallHouse) -> None:
    house.bot += 'A, B = "content/sites.yaml", "content/map.png"\n'
    assert house.problem_of_the_source().words == "there is no file content/map.png"
