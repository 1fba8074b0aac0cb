"""content/lessons and facts.yaml: the real ones, the fixed shape, and every mistake told with its file and line."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from bot.__main__ import cli
from bot.catalogue.content import Content, load_content
from bot.catalogue.lesson_files import Fact, every_text, read_facts, read_lesson, read_modules
from bot.catalogue.yaml_files import ContentError, Problem
from bot.people.people import SECTORS
from bot.reports.reading_level import reading_level
from bot.settings import ROOT

LESSON = """---
id: M01L1
title: Foto terang
goal: Bisa memotret dengan cahaya matahari.
minutes: 2
facts: [F01]
---

Foto yang terang membuat orang berhenti.
Tidak perlu lampu.

## Poin

1. Foto dekat jendela.
2. Matikan lampu kilat,
   juga pada siang hari.
3. Lap lensa HP.

## Contoh

Seorang penenun memotret kain di teras.

## Tugas

Foto satu produk.

## Kuis M01L1-Q1

Cahaya mana yang paling baik?

- [x] Cahaya jendela
- [ ] Lampu kilat dari dekat
- [ ] Matahari siang bolong

Lampu kilat membuat produk silau.
Cahaya jendela lebih lembut.
"""
FACT = """schema_version: 1
facts:
  - id: F01
    fact: Sesuatu
    source: contoh.id
    status: verified
    checked_on: 2026-11-23
    review_by: 2027-01-31
"""


@pytest.fixture(scope="module")
def content() -> Content:
    return load_content(ROOT / "content")


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """A folder content/lessons/m01 with one lesson."""
    folder = tmp_path / "content" / "lessons" / "m01"
    folder.mkdir(parents=True)
    (folder / "module.yaml").write_text('id: M01\ntitle: "Foto"\npicture: null\nalt: null\n')
    (folder / "01-foto-terang.md").write_text(LESSON, encoding="utf-8")
    return folder


def problems_of(module: Path) -> list[Problem]:
    problems: list[Problem] = []
    read_modules(module.parent, problems)
    return problems


# --- the shape --------------------------------------------------------------------------------------------------------


def test_a_lesson_is_read_with_the_line_of_each_part(module: Path) -> None:
    lesson, lines = read_lesson(module / "01-foto-terang.md")
    assert (lesson.id, lesson.module_id, lesson.number, lesson.slug) == ("M01L1", "M01", 1, "foto-terang")
    assert (lesson.title, lesson.minutes, lesson.facts) == ("Foto terang", 2, ("F01",))
    assert lesson.opening == "Foto yang terang membuat orang berhenti.\nTidak perlu lampu."
    assert lesson.points == (
        "Foto dekat jendela.", "Matikan lampu kilat, juga pada siang hari.", "Lap lensa HP.",
    )  # fmt: skip
    assert lesson.example == "Seorang penenun memotret kain di teras."
    assert lesson.task == "Foto satu produk."
    question = lesson.question
    assert (question.id, question.lesson_id, question.text) == ("M01L1-Q1", "M01L1", "Cahaya mana yang paling baik?")
    assert question.options == ("Cahaya jendela", "Lampu kilat dari dekat", "Matahari siang bolong")
    assert question.explanation == "Lampu kilat membuat produk silau.\nCahaya jendela lebih lembut."
    written = LESSON.splitlines()
    for place, text in every_text(lesson):
        assert text.split("\n")[0].split(",")[0] in written[lines.of(place) - 1], place
    assert written[lines.of(("question", "id")) - 1] == "## Kuis M01L1-Q1"


def test_the_example_may_be_missing(module: Path) -> None:
    path = module / "01-foto-terang.md"
    path.write_text(LESSON.replace("## Contoh\n\nSeorang penenun memotret kain di teras.\n\n", ""), encoding="utf-8")
    assert read_lesson(path)[0].example is None


def test_line_ends_of_another_system_change_nothing(module: Path) -> None:
    path = module / "01-foto-terang.md"
    before = read_lesson(path)
    path.write_bytes(LESSON.replace("\n", "\r\n").encode())
    assert read_lesson(path) == before


@pytest.mark.parametrize(
    ("old", "new", "said", "at"),
    [
        ("---\nid: M01L1", "id: M01L1", "begins with a head", "id: M01L1"),
        ("title: Foto terang\n", "", "title: Field required", "id: M01L1"),
        ("Foto yang terang membuat orang berhenti.\nTidak perlu lampu.\n", "", "no words for the opening", "---"),
        ("minutes: 2", "minutes: dua", "minutes: Input should be a valid integer", "minutes: dua"),
        ("minutes: 2", "minutes: 2\nwarna: biru", "Extra inputs", "warna: biru"),
        ("minutes: 2", "minutes: [2", "not YAML", None),
        ("minutes: 2", "minutes: 2\nminutes: 3", "'minutes' stands there twice", "minutes: 3"),
        ("id: M01L1", "id: M1", "pattern", "id: M1"),
        ("## Contoh", "## Cerita", "not one of the headings", "## Cerita"),
        ("## Contoh", "### Contoh", "not one of the headings", "### Contoh"),
        ("## Kuis M01L1-Q1", "## Kuis", "not one of the headings", "## Kuis"),
        ("## Kuis M01L1-Q1", "## Kuis M01L2-Q1", "is called M01L1-Q1", "## Kuis M01L2-Q1"),
        ("## Tugas\n\nFoto satu produk.\n", "", "## Tugas is missing", None),
        ("## Tugas\n\nFoto satu produk.\n", "## Tugas\n", "no words for the task", "## Tugas"),
        ("## Tugas", "## Poin", "## Poin stands there twice", None),
        ("3. Lap lensa HP.\n", "", "exactly 3 points", "## Poin"),
        ("3. Lap lensa HP.\n", "3. Lap lensa HP.\n4. Senyum.\n", "exactly 3 points", "## Poin"),
        ("3. Lap", "4. Lap", "the points count 1, 2, 3", "4. Lap lensa HP."),
        ("3. Lap", "- Lap", "a point begins with its number", "- Lap lensa HP."),
        ("- [ ] Lampu", "- [x] Lampu", "exactly one option is right", "- [x] Lampu kilat dari dekat"),
        ("- [x] Cahaya", "- [ ] Cahaya", "exactly one option is right", "- [ ] Cahaya jendela"),
        ("- [ ] Matahari siang bolong\n", "", "exactly 3 options", "## Kuis M01L1-Q1"),
        ("- [ ] Matahari siang bolong", "- [ ] cahaya jendela", "two options are the same", "- [x] Cahaya jendela"),
        ("- [ ] Matahari", "- Matahari", "an option is written", "- Matahari siang bolong"),
        ("Cahaya mana yang paling baik?\n", "", "no words for the question", "## Kuis M01L1-Q1"),
        ("1. Foto dekat", "1. Foto **dekat**", "plain text", "1. Foto **dekat** jendela."),
        ("Foto satu", "Foto [satu](https://x.id)", "plain text", "Foto [satu](https://x.id) produk."),
        ("Foto satu", "Foto <b>satu</b>", "plain text", "Foto <b>satu</b> produk."),
    ],
)
def test_a_mistake_is_told_with_its_line(module: Path, old: str, new: str, said: str, at: str | None) -> None:
    text = LESSON.replace(old, new)
    assert text != LESSON
    (module / "01-foto-terang.md").write_text(text, encoding="utf-8")
    problem = next(problem for problem in problems_of(module) if said in problem.words)
    assert problem.file == "content/lessons/m01/01-foto-terang.md"
    if at is not None:
        assert text.splitlines()[problem.line - 1] == at


def test_the_right_option_stands_first(module: Path) -> None:
    text = LESSON.replace("- [x]", "- [ ]").replace("- [ ] Matahari", "- [x] Matahari")
    (module / "01-foto-terang.md").write_text(text, encoding="utf-8")
    (problem,) = problems_of(module)
    assert "stands first" in problem.words
    assert text.splitlines()[problem.line - 1] == "- [x] Matahari siang bolong"


@given(st.data())
def test_any_file_is_read_or_refused_with_a_line_it_has(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Lines taken out, doubled or changed places: never an error of another kind, never a line that is not there."""
    lines = LESSON.splitlines()
    at = data.draw(st.integers(0, len(lines) - 1))
    match data.draw(st.sampled_from(["out", "twice", "swap", "text"])):
        case "out":
            del lines[at]
        case "twice":
            lines.insert(at, lines[at])
        case "swap":
            lines[at - 1], lines[at] = lines[at], lines[at - 1]
        case _:
            lines[at] = data.draw(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
    path = tmp_path_factory.getbasetemp() / "content" / "lessons" / "m01" / "01-foto-terang.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines), encoding="utf-8")
    count = path.read_text(encoding="utf-8").count("\n") + 1
    problems: list[Problem] = []
    shelf = read_modules(path.parent.parent, problems)
    of_lesson = [problem for problem in problems if problem.file.endswith(".md")]
    assert all(1 <= problem.line <= count for problem in of_lesson)
    if not of_lesson:
        lesson, places = read_lesson(path)
        assert len(lesson.points) == len(lesson.question.options) == 3
        assert all(1 <= places.of(place) <= count for place, _ in every_text(lesson))
    assert not shelf.modules  # this folder has no module.yaml


@pytest.mark.parametrize("name", ["foto-terang.md", "1-foto.md", "01-Foto.md", "01_foto.md"])
def test_how_a_file_is_called(module: Path, name: str) -> None:
    (module / "01-foto-terang.md").rename(module / name)
    assert [problem.words for problem in problems_of(module)] == [
        "a lesson's file is called like 03-tiga-sudut-foto.md"
    ]


# --- modules ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id: M02\ntitle: x\n", "does not belong to the folder 'm01'"),
        ("id: M01\n", "title: Field required"),
        ("id: M01\ntitle: x\npicture: a.png\n", "a picture needs alt"),
        ("id: M01\ntitle: x\nalt: Sebuah kamera\n", "alt without picture"),
        ("id: M01\ntitle: x\npicture: ../a.png\nalt: Sebuah kamera\n", "pattern"),
    ],
)
def test_a_mistake_in_a_module_is_told(module: Path, text: str, said: str) -> None:
    (module / "module.yaml").write_text(text)
    (problem,) = problems_of(module)
    assert problem.file == "content/lessons/m01/module.yaml"
    assert said in problem.words


def test_a_module_without_its_file_is_told(module: Path) -> None:
    (module / "module.yaml").unlink()
    (problem,) = problems_of(module)
    assert "cannot be read" in problem.words


def test_lessons_of_a_module_count_from_one(module: Path) -> None:
    shutil.copy(module / "01-foto-terang.md", module / "03-lagi.md")
    text = LESSON.replace("M01L1", "M01L3")
    (module / "03-lagi.md").write_text(text, encoding="utf-8")
    (problem,) = problems_of(module)
    assert (problem.file, problem.words[:12]) == ("content/lessons/m01/03-lagi.md", "the number 3")


def test_an_id_stands_once_and_in_its_module(module: Path) -> None:
    (module / "02-lagi.md").write_text(LESSON, encoding="utf-8")
    (module / "03-lain.md").write_text(LESSON.replace("M01L1", "M02L3"), encoding="utf-8")
    twice, elsewhere = problems_of(module)
    assert "stands in content/lessons/m01/01-foto-terang.md, too" in twice.words
    assert "does not belong to the module M01" in elsewhere.words


# --- facts ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "on_the_day", "after"),
    [("verified", False, True), ("remembered", False, True), ("uncertain", True, True)],
)
def test_when_a_fact_is_overdue(tmp_path: Path, status: str, on_the_day: bool, after: bool) -> None:
    path = tmp_path / "facts.yaml"
    path.write_text(FACT.replace("verified", status))
    fact = read_facts(path, [])["F01"]
    days = [fact.is_overdue(fact.review_by + timedelta(days=day)) for day in (-1, 0, 1)]
    assert days == [False, on_the_day, after]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("status: verified", "status: sure", "'verified', 'remembered' or 'uncertain'"),
        ("review_by: 2027-01-31", "review_by: soon", "valid date"),
        ("review_by: 2027-01-31", "review_by: 2026-01-31", "review_by is before checked_on"),
        ("    source: contoh.id\n", "", "Field required"),
        (FACT[FACT.index("  - id") :], FACT[FACT.index("  - id") :] * 2, "F01 stands there twice"),
    ],
)
def test_a_mistake_in_the_facts_is_told(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "facts.yaml"
    path.write_text(FACT.replace(old, new))
    problems: list[Problem] = []
    read_facts(path, problems)
    (problem,) = problems
    assert said in problem.words


def test_a_lesson_names_only_facts_of_the_ledger(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(ROOT / "content", tmp_path / "content"))
    path = next((folder / "lessons" / "m05").glob("04-*.md"))
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("facts: [F01,", "facts: [F77,"), encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        load_content(folder)
    (problem,) = caught.value.problems
    assert problem.words == "no fact F77 in content/facts.yaml"
    assert text.splitlines()[problem.line - 1].startswith("facts:")


def test_what_can_be_copied_is_one_passage_between_quotation_marks(module: Path) -> None:
    path = next(iter(sorted(module.glob("*.md"))))
    text = path.read_text(encoding="utf-8")
    before, _, rest = text.partition("## Contoh\n\n")
    after = rest[rest.index("\n\n") :]

    def written(example: str) -> str | None:
        head = before.replace("\n---\n", "\ncopied: true\n---\n", 1)
        path.write_text(f"{head}## Contoh\n\n{example}{after}", encoding="utf-8")
        return read_lesson(path)[0].copied

    assert written('Bengkel menulis: "Kami tutup." Lalu pulang.') == "Kami tutup."
    for example in ("Tanpa tanda petik.", '"Satu." Lalu "dua."', f'"{"a" * 257}"'):
        with pytest.raises(ContentError, match="copied: the example has"):
            written(example)


# --- the real lessons -------------------------------------------------------------------------------------------------


def test_all_seventy_two_lessons_stand_there_in_order(content: Content) -> None:
    assert [len(module.lessons) for module in content.modules] == [5, 6, 6, 6, 6, 5, 5, 6, 6, 5, 6, 5, 5]
    for number, module in enumerate(content.modules, 1):
        assert (module.id, module.number) == (f"M{number:02}", number)
        assert [lesson.id for lesson in module.lessons] == [f"{module.id}L{n + 1}" for n in range(len(module.lessons))]
        assert any(lesson.example for lesson in module.lessons), f"{module.id} has no worked example"
        for lesson in module.lessons:
            assert content.lesson(lesson.id) is lesson
            assert content.question(lesson.question.id) is lesson.question
        assert content.module(module.id) is module
    assert (content.lesson("M99L1"), content.question("M99L1-Q1"), content.module("M99")) == (None, None, None)


def test_the_path_begins_with_the_core_and_leaves_nothing_out(content: Content) -> None:
    everything = {module.id for module in content.modules}
    for sector in (*SECTORS, None, "unheard-of"):
        ids = [module.id for module in content.path(sector)]
        assert ids[:7] == ["M01", "M02", "M11", "M04", "M03", "M09", "M05"], sector
        assert set(ids) == everything
        assert len(ids) == len(everything)
        lessons = content.lessons_of_path(sector)
        assert [lesson.id for lesson in lessons] == [one.id for m in content.path(sector) for one in m.lessons]
    assert len(content.core_lessons()) == 41
    assert [module.id for module in content.path("kuliner")][7:10] == ["M06", "M08", "M12"]
    assert [module.id for module in content.path("kriya")][7:10] == ["M07", "M08", "M12"]
    assert [module.id for module in content.path("wisata")][7:9] == ["M10", "M13"]
    assert [module.id for module in content.path("pertanian")][7:10] == ["M13", "M06", "M08"]


def test_who_began_before_keeps_the_path_and_what_came_later_stands_at_its_end(content: Content) -> None:
    everything = {lesson.id for module in content.modules for lesson in module.lessons}
    for sector in (*SECTORS, None, "unheard-of"):
        ids = [module.id for module in content.path(sector, "1")]
        assert ids[:5] == ["M01", "M02", "M04", "M05", "M09"], sector
        assert ids[-3:] == ["M11", "M12", "M13"]
        lessons = [lesson.id for lesson in content.lessons_of_path(sector, "1")]
        assert lessons[-4:] == sorted(["M03L6", "M04L6", "M05L6", "M09L6"], key=lambda one: ids.index(one[:3]))
        assert (len(lessons), set(lessons)) == (72, everything)
    assert [module.id for module in content.path("kuliner", "1")][5:8] == ["M06", "M08", "M03"]
    assert len(content.core_lessons("1")) == 26
    assert "M04L6" not in content.core_lessons("1")
    assert content.path("kuliner", "9") == content.path("kuliner")  # a path that is no longer in the file


def test_the_test_has_a_question_of_each_module(content: Content) -> None:
    assert [question.id[:3] for question in content.test_questions()] == [module.id for module in content.modules]
    before = content.test_questions("1")
    assert [question.id[:3] for question in before] == [f"M{number:02}" for number in range(1, 11)]
    assert content.test_questions()[:10] == before
    assert [question.id for question in content.test_questions()[10:]] == ["M11L3-Q1", "M12L4-Q1", "M13L1-Q1"]


def test_the_halal_lesson_is_marked_until_somebody_has_looked(content: Content) -> None:
    lesson = content.lesson("M06L4")
    assert lesson is not None
    assert [fact.id for fact in content.overdue(lesson, date(2026, 11, 23))] == ["F07"]
    assert content.marked(date(2026, 11, 23)) == [lesson]
    assert content.marked(date(2026, 11, 22)) == []
    assert [fact.id for fact in content.overdue(lesson, date(2027, 2, 1))] == ["F07", "F08"]


def test_every_fact_of_the_ledger_says_where_it_stands(content: Content) -> None:
    taught = {code for module in content.modules for lesson in module.lessons for code in lesson.facts}
    assert taught <= set(content.facts)
    for fact in content.facts.values():
        assert isinstance(fact, Fact)
        assert fact.checked_on <= fact.review_by <= fact.checked_on + timedelta(days=400)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("halal", "M06L4"),
        ("HALAL!", "M06L4"),
        ("hallal", "M06L4"),
        ("qris", "M05L4"),
        ("cara foto produk", "M01L1"),
        ("otp", "M09L2"),
        ("kemasn", "M08L1"),
        ("harga jual", "M04L3"),
        ("google maps", "M10L1"),
        ("tagar", "M02L4"),
        ("mau belajar pajak", "M06L5"),
        ("siaran langsung", "M03L1"),
        ("m08l2", "M08L2"),
        ("M08 L2", "M08L2"),
    ],
)
def test_what_people_type_finds_the_lesson(content: Content, typed: str, expected: str) -> None:
    found = [lesson.id for lesson in content.search_lessons(typed)]
    assert expected in found[:2]
    assert len(found) <= 5


@pytest.mark.parametrize(
    "typed", ["", "  ", "halo", "terima kasih", "asdfghjkl", "xyzzy", "12345", "😀", "?", "saya mau"]
)
def test_what_means_no_lesson_finds_nothing(content: Content, typed: str) -> None:
    assert content.search_lessons(typed) == []


def test_every_lesson_is_found_by_its_title(content: Content) -> None:
    for module in content.modules:
        for lesson in module.lessons:
            assert lesson in content.search_lessons(lesson.title)[:2], lesson.title


@given(st.text(max_size=200))
def test_any_text_can_be_searched_for(content: Content, typed: str) -> None:
    found = content.search_lessons(typed)
    assert len(found) == len({lesson.id for lesson in found}) <= 5


# --- how they read ----------------------------------------------------------------------------------------------------


def test_the_table_in_docs_is_up_to_date(content: Content) -> None:
    written = (ROOT / "docs" / "reading-level.md").read_text(encoding="utf-8")
    assert written == reading_level(content), "write it again: python -m bot report reading > docs/reading-level.md"


def test_the_table_counts_what_stands_there(module: Path) -> None:
    shelf = read_modules(module.parent, [])
    real = load_content(ROOT / "content")
    table = reading_level(Content(real.sites, real.programme, modules=shelf.modules))
    # opening 6 + 3, points 3 + 7 + 3, example 6, task 3, question 5, options 2 + 4 + 3, explanation 5 + 4
    assert "| M01 Foto | 1 | 54 | 54 | 4.5 | 7 | 0.5 |" in table


def test_it_is_printed_at_the_desk() -> None:
    result = CliRunner().invoke(cli, ["report", "reading"])
    assert result.exit_code == 0
    assert result.output == (ROOT / "docs" / "reading-level.md").read_text(encoding="utf-8")
