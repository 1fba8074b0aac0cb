"""content/answers.yaml: short true answers, in both languages, that lean on facts which exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.catalogue.answers_file import ANSWERS, answers_problems, load_answers
from bot.catalogue.content import load_content
from bot.catalogue.yaml_files import ContentError
from bot.settings import ROOT

FACTS = load_content(ROOT / "content").facts


def changed(folder: Path, before: str, after: str) -> list[str]:
    text = (ROOT / "content" / ANSWERS).read_text(encoding="utf-8")
    assert before in text
    (folder / ANSWERS).write_text(text.replace(before, after, 1), encoding="utf-8")
    return [str(problem) for problem in answers_problems(folder, FACTS)]


def test_the_answers_of_the_project_are_fine() -> None:
    assert list(answers_problems(ROOT / "content", FACTS)) == []


def test_an_answer_is_given_in_the_language_or_in_indonesian() -> None:
    cost = load_answers(ROOT / "content")["cost"]
    assert "gratis" in cost.words("id")
    assert "free" in cost.words("en")
    assert cost.words("jv") == cost.words("id")


def test_emergency_numbers_are_those_of_the_fact() -> None:
    urgent = load_answers(ROOT / "content")["urgent"]
    assert urgent.facts == ("F31",)
    for number in ("112", "110", "119", "129"):
        assert number in FACTS["F31"].fact
        assert number in urgent.id
        assert number in urgent.en


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("  thanks:\n", "  no_thanks:\n", "the answer 'thanks' is missing"),
        ("facts: [F31]", "facts: [F99]", "urgent: there is no fact F99"),
        ("    en: You are welcome. Glad to help.\n", "", "answers.thanks.en"),
        ("Senang bisa membantu.", "Silahkan!", "thanks: "),
        ("Senang bisa membantu.", "ya " * 13 + ".", "thanks: "),
        ("schema_version: 1", "schema_version: 7", "schema_version"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, before: str, after: str, said: str) -> None:
    found = changed(tmp_path, before, after)
    assert any(said in problem for problem in found), found
    assert all(problem.split(":")[1].isdigit() for problem in found)


def test_answers_that_are_missing_are_not_loaded(tmp_path: Path) -> None:
    with pytest.raises(ContentError):
        load_answers(tmp_path)
