"""What was learned from content/understanding.yaml is kept in a file, and is the same as learned anew."""

from __future__ import annotations

import hashlib
import pickle
from pathlib import Path

import pytest

from bot.catalogue import kept_understanding as kept
from bot.catalogue import understanding_file
from bot.catalogue.understanding_file import UNDERSTANDING, load_phrasebook, load_understanding
from bot.catalogue.yaml_files import ContentError
from bot.settings import ROOT
from bot.understanding.understand import Understanding
from tests import understanding_scores as scoring

CONTENT = ROOT / "content"
TEXT = (CONTENT / UNDERSTANDING).read_bytes()
"""As it is kept under: the file has no mark at its beginning, and ends its lines with a line feed alone."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CACHE_DIRECTORY", str(tmp_path / "cache"))
    understanding_file._made.cache_clear()
    return tmp_path / "cache"


@pytest.fixture(scope="module")
def learned() -> Understanding:
    return Understanding(load_phrasebook(CONTENT))


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.exists() else []


def start_again() -> Understanding:
    understanding_file._made.cache_clear()
    return load_understanding(CONTENT)()


def test_what_is_kept_understands_the_same_in_every_figure(learned: Understanding) -> None:
    read = kept.understanding_of(kept.keep(TEXT, learned))
    assert read is not None
    sentences = [one.text for path in (scoring.DEV, scoring.HELD_OUT, scoring.FRESH) for one in scoring.read(path)]
    sentences += [text for path in (scoring.LEARNED, scoring.UNSEEN) for text, _ in scoring.danger_rows(path)]
    assert len(sentences) > 1500
    for text in (*sentences, *scoring.ordinary()):
        assert read.understand(text) == learned.understand(text)
        assert read._alarm.weight(read._normalise(text)) == learned._alarm.weight(learned._normalise(text))


def test_it_is_learned_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert start_again().understand("jadwal").intent == "my_schedule"
    assert len(files(folder)) == 1
    monkeypatch.setattr(understanding_file, "_book", None)  # whoever reads the phrases fails
    assert start_again().understand("jadwal").intent == "my_schedule"


@pytest.mark.parametrize("harm", ["shorter", "another byte", "empty"])
def test_a_file_that_is_not_whole_is_made_again(folder: Path, harm: str) -> None:
    start_again()
    (file,) = files(folder)
    whole = file.read_bytes()
    file.write_bytes({"shorter": whole[:-1], "another byte": whole[:-9] + b"x" + whole[-8:], "empty": b""}[harm])
    assert start_again().understand("ada kebakaran di rumah").intent == "urgent"
    assert kept.read(TEXT) is not None


class Foreign:
    def __reduce__(self) -> tuple[object, ...]:
        return (pytest.fail, ("code of a foreign file was run",))


@pytest.mark.parametrize("found", [Foreign(), {"weights": 1}, "understanding"])
def test_a_foreign_file_runs_nothing_and_is_not_believed(folder: Path, found: object) -> None:
    start_again()
    (file,) = files(folder)
    foreign = pickle.dumps(found)
    file.write_bytes(hashlib.sha256(foreign).digest() + foreign)
    assert start_again().understand("ada kebakaran di rumah").intent == "urgent"


def test_where_nothing_can_be_written_it_is_learned_at_each_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "taken").write_text("no folder")
    monkeypatch.setenv("CACHE_DIRECTORY", str(tmp_path / "taken"))
    assert start_again().understand("ada kebakaran di rumah").intent == "urgent"


def test_other_phrases_and_other_code_are_learned_anew_and_few_files_stay(
    folder: Path, learned: Understanding, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.keep(TEXT, learned)
    assert kept.read(TEXT + b"#") is None
    for number in range(5):
        kept.keep(TEXT + b"#" * number, learned)
    assert len(files(folder)) == kept.AS_MANY
    kept.keep(TEXT, learned)
    monkeypatch.setattr(kept, "_code", lambda: b"another version")
    assert kept.read(TEXT) is None


def test_phrases_with_a_mistake_are_refused_whatever_is_kept(tmp_path: Path) -> None:
    start_again()
    wrong = TEXT.replace(b"schema_version: 1", b"schema_version: 7")
    assert wrong != TEXT
    (tmp_path / UNDERSTANDING).write_bytes(wrong)
    with pytest.raises(ContentError):
        load_understanding(tmp_path)
