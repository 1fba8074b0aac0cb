"""What people wrote in a file is what the bot reads: YAML that means something else, and files in other encodings."""

from __future__ import annotations

import codecs
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from bot.__main__ import cli
from bot.catalogue.check import check
from bot.catalogue.content import load_content
from bot.catalogue.lesson_files import Lesson, read_lesson
from bot.catalogue.yaml_files import ContentError, Problem, Written, parse_yaml, validated
from bot.settings import ROOT, Settings, SettingsError, read_settings
from bot.text_files import NotUtf8, decoded
from tests.small_house import SmallHouse

LESSON = "lessons/m01/01-foto-terang.md"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of content/ to write in."""
    return Path(shutil.copytree(ROOT / "content", tmp_path / "content"))


def rewrite(path: Path, old: str, new: str) -> int:
    """Change the one place of a file; returns the line of it."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands there {text.count(old)} times"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def problem_of(folder: Path) -> Problem:
    with pytest.raises(ContentError) as caught:
        load_content(folder)
    (problem,) = caught.value.problems
    return problem


# --- YAML -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "title",
    ["20:30", "50.000", "0712", "08.00", "1_000", "0x1F", "1e3", "yes", "no", "on", "Off", "true", "2026-11-29", "=",
     "<<", "20", "-3", "0", "-0", "nullable", ".5", "1.", "+62"],
)  # fmt: skip
def test_a_title_is_read_as_it_is_written(folder: Path, title: str) -> None:
    rewrite(folder / LESSON, "title: Foto terang tanpa lampu mahal", f"title: {title}")
    assert read_lesson(folder / LESSON)[0].title == title


def test_so_are_the_keys(folder: Path) -> None:
    assert parse_yaml("no: Norway\n0712: x\n20: y\n", "x")[0] == {"no": "Norway", "0712": "x", 20: "y"}


@pytest.mark.parametrize(
    ("title", "read"),
    [("QRIS #1", "only 'QRIS' is read"), ("#1 di kota", "nothing is read"), ("QRIS # satu", "only 'QRIS' is read")],
)
def test_a_title_with_a_hash_is_not_cut_short(folder: Path, title: str, read: str) -> None:
    line = rewrite(folder / LESSON, "title: Foto terang tanpa lampu mahal", f"title: {title}")
    problem = problem_of(folder)
    assert (problem.file, problem.line) == (f"content/{LESSON}", line)
    assert problem.words.startswith(read)
    assert "put the whole text in quotes" in problem.words
    rewrite(folder / LESSON, f"title: {title}", f'title: "{title}"')
    assert read_lesson(folder / LESSON)[0].title == title


@pytest.mark.parametrize(
    "text",
    ["a: 20  # seats", "a:  # nothing yet", 'a: "x"  # quoted', "a: [x, y]  # a list", "# a: x", "a: x#1", "a: C#",
     "a: |\n  x #1", "a:\n  - b\n  # c\n"],
)  # fmt: skip
def test_other_comments_are_left_alone(text: str) -> None:
    parse_yaml(text, "x")


@pytest.mark.parametrize(
    ("capacity", "said"),
    [("yes", "'yes' is none; write it like 20"), ("1:30", "'1:30' is none"), ("50.000", "write 50000 if that is meant"),
     ("20.5", "'20.5' is not a whole number"), ("0x14", "'0x14' is none"), ("dua puluh", "'dua puluh' is none"),
     ("1,000", "write 1000 if that is meant")],
)  # fmt: skip
def test_a_number_of_seats_is_a_whole_number(folder: Path, capacity: str, said: str) -> None:
    line = rewrite(folder / "programme.yaml", "\ncapacity: 20\n", f"\ncapacity: {capacity}\n") + 1
    problem = problem_of(folder)
    assert (problem.file, problem.line) == ("content/programme.yaml", line)
    assert problem.words.startswith("capacity: ")
    assert said in problem.words


@pytest.mark.parametrize(("capacity", "seats"), [("024", 24), ('"24"', 24), ("24", 24), ("24  # chairs", 24)])
def test_seats_are_counted_in_tens(folder: Path, capacity: str, seats: int) -> None:
    rewrite(folder / "programme.yaml", "\ncapacity: 20\n", f"\ncapacity: {capacity}\n")
    assert load_content(folder).programme.capacity == seats


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("review_days: [2, 7, 21]", "review_days: [2, 7.000, 21]", "'7.000' is not a whole number"),
        ("sites: {}", "sites: {malang: {capacity: 50.000}}", "'50.000' is not a whole number"),
        ("default_hour: 9", "default_hour: 9.0", "'9.0' is not a whole number"),
        ("first: 2027-02-08", "first: 20270208", "'20270208' is not a date like 2027-02-28"),
        ("kept_until:\n", "kept_until: 86400\n", "'86400' is not a date like"),
        ("leads: [1 hari, 2 jam]", "leads: [1:30]", "'1:30' is not a time ahead"),
    ],
)
def test_other_numbers_and_dates_are_what_they_say(folder: Path, old: str, new: str, said: str) -> None:
    line = rewrite(folder / "programme.yaml", old, new)
    problem = problem_of(folder)
    assert (problem.file, problem.line) == ("content/programme.yaml", line)
    assert said in problem.words


class Anything(Written):
    text: str


@given(st.from_regex(r"[0-9:.,_+eExXoO-]{1,12}", fullmatch=True))
def test_what_looks_like_a_number_stays_what_it_is_or_is_refused(value: str) -> None:
    problems: list[Problem] = []
    try:
        data, lines = parse_yaml(f"text: {value}\n", "x")
    except ContentError:
        return
    read = validated(data, lines, Anything, problems)
    assert problems or (read is not None and read.text == value)


# --- encodings --------------------------------------------------------------------------------------------------------


def plain(path: Path) -> Lesson:
    return read_lesson(path)[0]


def test_a_lesson_with_a_mark_at_its_start_is_read_like_any_other(folder: Path) -> None:
    path = folder / LESSON
    before = plain(path)
    path.write_bytes(codecs.BOM_UTF8 + path.read_bytes().replace(b"\n", b"\r\n"))
    assert plain(path) == before
    for name in ("programme.yaml", "sites.yaml", "facts.yaml", "question-ids.txt", "lessons/m01/module.yaml"):
        (folder / name).write_bytes(codecs.BOM_UTF8 + (folder / name).read_bytes())
    marked, as_it_is = load_content(folder), load_content(ROOT / "content")
    assert replace(marked, understanding=None) == replace(as_it_is, understanding=None)


@pytest.mark.parametrize("name", [LESSON, "programme.yaml", "question-ids.txt", "lessons/m01/module.yaml"])
@pytest.mark.parametrize(
    ("encoding", "said"), [("utf-16", "UTF-16"), ("utf-16-le", "UTF-16"), ("cp1252", "not UTF-8 (perhaps 'ANSI')")]
)
def test_content_in_another_encoding_is_told_in_one_line(folder: Path, name: str, encoding: str, said: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8").rstrip("\n") + "\n# é\n"
    path.write_bytes(text.encode(encoding))
    problem = problem_of(folder)
    assert problem.file == f"content/{name}"
    assert problem.line == (text.count("\n") if encoding == "cp1252" else 1)
    assert said in problem.words
    assert problem.words.endswith("save it as UTF-8")


def test_so_are_words_and_a_mark_at_their_start_changes_nothing(tmp_path: Path) -> None:
    house = SmallHouse(tmp_path)
    house.write()
    path = house.po("id")
    text = path.read_text(encoding="utf-8")
    path.write_bytes(codecs.BOM_UTF8 + text.encode())
    assert check(house.root) == []
    path.write_bytes(text.encode("utf-16"))
    (problem,) = check(house.root)
    assert (problem.file, problem.line) == ("locales/id/LC_MESSAGES/bot.po", 1)
    assert "UTF-16" in problem.words
    path.write_bytes((text + "\n# é\n").encode("latin-1"))
    (problem,) = check(house.root)
    assert (problem.file, problem.line) == ("locales/id/LC_MESSAGES/bot.po", text.count("\n") + 2)
    assert "save it as UTF-8" in problem.words


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("PROGRAMME_NAME=Jalin\n".encode("utf-16"), ".env:1: is saved as UTF-16 ('Unicode'); save it as UTF-8"),
        ("PROGRAMME_NAME=Jalin\n".encode("utf-16-be"), ".env:1: is saved as UTF-16 ('Unicode'); save it as UTF-8"),
        (
            "HOST=127.0.0.1\nPROGRAMME_NAME=Kafé\n".encode("latin-1"),
            ".env:2: holds letters that are not UTF-8 (perhaps 'ANSI'); save it as UTF-8",
        ),
    ],
)
def test_settings_in_another_encoding_are_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raw: bytes, said: str
) -> None:
    path = tmp_path / ".env"
    path.write_bytes(raw)
    with pytest.raises(SettingsError) as caught:
        read_settings(_env_file=path)
    assert str(caught.value) == said
    monkeypatch.setitem(Settings.model_config, "env_file", path)
    monkeypatch.delenv("JOURNAL_STREAM", raising=False)
    result = CliRunner().invoke(cli, ["run"])
    assert (result.exit_code, result.output) == (2, f"{said}\n")


def test_a_mark_before_the_first_setting_does_not_hide_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROGRAMME_NAME", raising=False)
    path = tmp_path / ".env"
    path.write_bytes(codecs.BOM_UTF8 + "PROGRAMME_NAME=Kafé\r\nHOST=127.0.0.2\r\n".encode())
    settings = read_settings(_env_file=path)
    assert (settings.programme_name, settings.host) == ("Kafé", "127.0.0.2")
    assert read_settings(_env_file=tmp_path / "none").host == Settings(_env_file=None).host


@given(st.binary(max_size=60))
def test_any_bytes_are_text_or_told_with_a_line_they_have(raw: bytes) -> None:
    line = 1
    try:
        assert decoded(raw).encode() in (raw, raw.removeprefix(codecs.BOM_UTF8))
    except NotUtf8 as error:
        line = error.line
    assert 1 <= line <= raw.count(b"\n") + 1
