"""The path through the lessons is fixed when somebody begins: a new one is for those who begin later."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.database import Database, migrate
from bot.people.people import Account, Person, Role
from bot.programme import lessons, merging, quizzes
from bot.programme.quizzes import QuizPurpose
from tests.chat import MONDAY, Chat, Phone, content, registered, staffed
from tests.test_migrations import a_row, emptied

OLD_CORE = ("M01", "M02", "M04", "M05", "M09")
LATER = ["M03L6", "M04L6", "M05L6", "M09L6"]
"""What came into modules of the old path."""
VERSIONS = Path(__file__).parent.parent / "bot" / "migrations" / "versions"


@pytest.fixture
def quick(sqlite_url: str) -> Iterator[Chat]:
    """A chat on SQLite alone, for what is the same on every database."""
    opened = Chat(sqlite_url)
    try:
        yield opened
    finally:
        opened.close()


def of_module(module_id: str) -> list[str]:
    """The lessons that a module had when there was one path only."""
    module = content().module(module_id)
    assert module is not None
    return [one.id for one in module.lessons if one.id not in LATER]


def finishes(chat: Chat, phone: Phone, lesson_ids: list[str]) -> None:
    with chat.database.transaction() as db:
        for lesson_id in lesson_ids:
            lessons.finish(db, phone.person(db), lesson_id, content=chat.content, now=chat.now)


def began_before(chat: Chat, name: str = "Siti") -> Phone:
    """Somebody who began while there was one path only, skipped the test before, and is in the middle of M03: she runs
    a kitchen, so it came after the core, M06 and M08."""
    phone = registered(chat, name)
    with chat.database.transaction() as db:
        person = phone.person(db)
        person.learning_path = "1"
        quizzes.put_off_test(db, person, QuizPurpose.PRETEST, chat.now)
        quizzes.put_off_test(db, person, QuizPurpose.POSTTEST, chat.now)
    before = [one for module in (*OLD_CORE, "M06", "M08") for one in of_module(module)]
    finishes(chat, phone, [*before, "M03L1", "M03L2"])
    return phone


def title(lesson_id: str) -> str:
    lesson = content().lesson(lesson_id)
    assert lesson is not None
    return lesson.title


def standing(chat: Chat, phone: Phone) -> lessons.Standing:
    with chat.database.transaction() as db:
        return lessons.standing(db, phone.person(db), content=chat.content, now=chat.now)


def test_somebody_in_the_middle_of_m03_goes_on_there(quick: Chat) -> None:
    siti = began_before(quick)
    siti.types("/belajar").sees(f"Berikutnya: {title('M03L3')}", "dari 72")
    siti.taps("Lanjut belajar").sees(title("M03L3"), "(1/3)")
    finishes(quick, siti, ["M03L3", "M03L4", "M03L5"])
    now = standing(quick, siti)
    assert now.next is not None
    assert now.next.module_id == "M07"  # what came later waits until the path that was begun is walked


def test_the_daily_lesson_goes_on_there_too(quick: Chat) -> None:
    siti, budi = began_before(quick), registered(quick, "Budi")
    with quick.database.transaction() as db:
        for phone in (siti, budi):
            lessons.plan(
                db, phone.person(db), content=quick.content, now=quick.now, days=lessons.EVERY_DAY, minute=18 * 60
            )
    quick.travel(to=MONDAY.replace(hour=10, minute=1))  # 18.01 in Labuan Bajo
    siti.sees("ini pelajaran hari ini", title("M03L3"))
    budi.sees("ini pelajaran hari ini", title("M01L1"))


def test_nothing_that_was_done_is_undone(quick: Chat) -> None:
    siti = began_before(quick)
    now = standing(quick, siti)
    assert now.core_done
    done = {one.module.id for one in now.modules if one.complete}
    assert done == {*OLD_CORE, "M06", "M08"}
    siti.types("/belajar").taps("Lihat semua modul").taps("Modul lain")
    while not any("1. Foto" in label for label in siti.last.labels):
        siti.taps("Modul lain")
    assert [label[0] for label in siti.last.labels[:5]] == ["✅"] * 5
    siti.taps("✅ 3.").sees("5 dari 6 selesai", title("M04L6"))  # the new lesson is there for who likes it
    assert f"✅ {title('M04L6')}" not in siti.last.labels


def test_what_came_later_follows_at_the_end_and_is_never_shut(quick: Chat) -> None:
    siti = began_before(quick)
    everything = [lesson.id for module in quick.content.modules for lesson in module.lessons]
    finishes(quick, siti, [one for one in everything if one not in LATER])
    order = []
    while (lesson := standing(quick, siti).next) is not None:
        order.append(lesson.id)
        finishes(quick, siti, [lesson.id])
    assert sorted(order) == LATER
    siti.types("/belajar").sees("Semua 72 pelajaran sudah selesai")


def test_what_is_core_is_fixed_with_the_first_lesson(quick: Chat) -> None:
    siti = registered(quick)
    with quick.database.transaction() as db:
        assert siti.person(db).learning_path is None
    siti.types("/belajar").taps("Mulai belajar").sees("(1/3)")
    with quick.database.transaction() as db:
        assert siti.person(db).learning_path == "2"
        begun_on = lessons.standing(db, siti.person(db), content=quick.content, now=quick.now).modules
        siti.person(db).learning_path = "1"
    siti.types("/belajar").taps("Lanjut belajar")  # what is written once is not written again
    with quick.database.transaction() as db:
        assert siti.person(db).learning_path == "1"
    assert [one.module.id for one in begun_on][:7] == ["M01", "M02", "M11", "M04", "M03", "M09", "M05"]
    assert [one.module.id for one in standing(quick, siti).modules][:5] == [*OLD_CORE]


def test_the_added_questions_are_for_people_who_begin_later(quick: Chat) -> None:
    siti, budi = began_before(quick), registered(quick, "Budi")
    siti.types("/menu").sends_tap("quizzes:posttest").sees("10 pertanyaan penutup").taps("Mulai")
    siti.sees("Pertanyaan 1 dari 10")
    budi.types("/menu").sends_tap("quizzes:pretest").sees("13 pertanyaan pendek").taps("Mulai")
    budi.sees("Pertanyaan 1 dari 13")


def test_the_test_after_opens_with_the_core_of_the_path(quick: Chat) -> None:
    siti, budi = registered(quick), registered(quick, "Budi")
    with quick.database.transaction() as db:
        siti.person(db).learning_path = "1"
    for phone in (siti, budi):
        finishes(quick, phone, [one for module in OLD_CORE for one in of_module(module)])
    assert [standing(quick, phone).core_done for phone in (siti, budi)] == [True, False]
    finishes(quick, budi, sorted(quick.content.core_lessons()))
    assert standing(quick, budi).core_done


def test_the_report_on_questions_knows_the_new_modules(quick: Chat) -> None:
    """By their place in the content, whatever is asked first."""
    siti = registered(quick)
    asked = ["M13L5", "M12L4", "M11L1", "M03L6", "M01L1"]
    with quick.database.transaction() as db:
        for lesson_id in asked:
            quizzes.ask_of_lesson(db, siti.person(db), lesson_id, quick.now, content=quick.content)
        reports = quizzes.question_reports(db, quick.content)
    assert [one.question_id.partition("-")[0] for one in reports] == asked[::-1]
    admin = staffed(quick, "Dewi", role=Role.ADMIN, site=None)
    admin.types("/laporan_kuis").sees("M13L5-Q1", "M12L4-Q1", "M11L1-Q1")


def test_who_is_merged_keeps_a_path_that_one_of_the_two_had(quick: Chat) -> None:
    maria = registered(quick, "Maria")
    with quick.database.transaction() as db:
        kept, gone = (
            Person(name=name, salutation="ibu", registered_at=quick.now, consent_training=True)
            for name in ("Siti", "Ibu Siti")
        )
        gone.learning_path = "1"
        db.add_all([kept, gone])
        db.flush()
        by = db.get_one(Account, maria.person(db).account_id)
        assert isinstance(merging.merge(db, by, gone, kept, quick.now), merging.Merged)
        db.refresh(kept)
        db.refresh(gone)
        assert [kept.learning_path, gone.learning_path] == ["1", None]


def test_people_of_an_old_database_stay_on_the_path_there_was(database_url: str) -> None:
    """Siti is in the middle of M03, Budi has begun the test before, Anton has not begun."""
    url = emptied(database_url)
    (file,) = VERSIONS.glob("*_learning_paths.py")
    before = re.search(r'down_revision = "(\d+)"', file.read_text(encoding="utf-8"))
    assert before
    migrate(url, before[1])
    with closing(Database(url)) as database, database.engine.begin() as connection:
        metadata = sa.MetaData()
        metadata.reflect(connection, only=["person", "lesson_progress", "sitting"])
        person, progress, sitting = (metadata.tables[one] for one in ("person", "lesson_progress", "sitting"))
        for number, name in enumerate(("Siti", "Budi", "Anton"), 1):
            mine = {"id": number, "name": name, "account_id": None, "sector": "kuliner", "site_id": "labuan-bajo"}
            connection.execute(person.insert().values(a_row(person, number) | mine | {"anonymised_at": None}))
        done = [one for module in (*OLD_CORE, "M06", "M08") for one in of_module(module)] + ["M03L1", "M03L2"]
        for number, lesson_id in enumerate(done, 1):
            moment = MONDAY - timedelta(days=100 - number)
            row = {"id": number, "person_id": 1, "lesson_id": lesson_id, "page": 3}
            row |= dict.fromkeys(("started_at", "turned_at", "finished_at"), moment)
            connection.execute(progress.insert().values(row))
        row = {"id": 1, "person_id": 2, "purpose": "pretest", "begun_at": MONDAY, "questions": []}
        connection.execute(sitting.insert().values(a_row(sitting, 1) | row))
        connection.execute(
            sitting.insert().values(a_row(sitting, 2) | row | {"id": 2, "person_id": 3, "begun_at": None})
        )
    migrate(url)
    with closing(Database(url)) as database, database.transaction() as db:
        assert [one.learning_path for one in db.scalars(sa.select(Person).order_by(Person.id))] == ["1", "1", None]
        siti = db.get_one(Person, 1)
        now = lessons.standing(db, siti, content=content(), now=MONDAY)
        assert now.next is content().lesson("M03L3")
        assert now.core_done
