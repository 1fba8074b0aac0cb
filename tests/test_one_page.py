"""One page of a quarter, its spreadsheet and its files: what is counted, what is told, and that all say the same."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import select, text

from bot.catalogue.indicators_file import COUNTED, base_of
from bot.catalogue.yaml_files import Problem
from bot.database import Database
from bot.documents import one_page
from bot.people.people import Person
from bot.programme import released
from bot.programme.follow_up import Practice
from bot.programme.released import Quarter, Reading, Released, quarter_of, read_quarter
from bot.report_views import VIEWS, name_of
from bot.reports import exporting, files, renewal
from bot.reports.one_page import PageMaker
from bot.settings import ROOT, Settings
from bot.words.texts import read_catalogue
from tests.chat import content, texts
from tests.databases import quick_database
from tests.made_up_answers import CORE, answered, class_held

HERE = "labuan-bajo"
JANUARY = datetime(2027, 1, 11, 2, tzinfo=UTC)
NOW = datetime(2027, 3, 20, 3, tzinfo=UTC)
FIRST = Quarter(2027, 1)
SETTINGS = Settings(_env_file=None, report_logos=("Kementerian", "TikTok"))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = quick_database(database_url)
    yield made
    made.close()


def village(database: Database) -> list[int]:
    """Fourteen people who answered twice, two classes, and a site that sleeps."""
    with database.transaction() as db:
        ids = answered(
            db, HERE, 14, JANUARY,
            first={"nib": 3, "qris": 5, "shop": 0, "books": 2}, last={"nib": 6, "qris": 9, "shop": 5, "books": 14},
            orders={"up": 8, "same": 6},
        )  # fmt: skip
        class_held(db, "LB-1", HERE, JANUARY, ids[:12], ids[12:])
        class_held(db, "LB-2", HERE, JANUARY + timedelta(days=7), ids)
    return ids


def more(database: Database, number: int, site: str = HERE) -> None:
    with database.transaction() as db:
        answered(
            db, site, number, JANUARY, first=dict.fromkeys(CORE, 0), last=dict.fromkeys(CORE, number),
            orders={"up": number},
        )  # fmt: skip


def released_now(database: Database, now: datetime = NOW, quarter: Quarter = FIRST) -> Reading:
    renewal.renew(database, content(), quarter, now)
    with database.transaction() as db:
        return released.read(db, str(quarter), ("", *(site.id for site in content().sites)))


def lines(reading: Reading, site: str = HERE, now: datetime = NOW) -> str:
    """All words of the PDF."""
    page = PageMaker(reading, content(), texts(), SETTINGS, now).page(site, read_quarter(reading.period) or FIRST)
    pdf = PdfReader(io.BytesIO(one_page.pdf(page)))
    assert len(pdf.pages) == 1
    return re.sub(r"\s+", " ", pdf.pages[0].extract_text())


# --- what is counted, and what is told of it --------------------------------------------------------------------------


def test_a_village_is_told_in_counts_and_in_words_where_they_are_small(database: Database) -> None:
    village(database)
    said = lines(released_now(database))
    assert "Labuan Bajo" in said
    assert "5 dari 14" in said  # QRIS at first
    assert "9 dari 14" in said
    assert "sebagian kecil dari 14" in said  # NIB at first: 3
    assert "14 dari 14" in said
    assert "naik 8, sama 6, turun 0" in said
    assert "26 dari 28" in said  # attendance is exempt, and says so
    assert "Angka layanan di atas ditulis apa adanya" in said
    assert "%" not in said.replace("93%", "")  # below 20 answers there are counts
    assert "3 dari 14" not in said


def test_the_first_and_last_answers_of_other_people_are_never_compared(database: Database) -> None:
    """Somebody who answered only the first time, or only the last, is in no pair."""
    village(database)
    with database.transaction() as db:
        answered(db, HERE, 6, JANUARY, first=dict.fromkeys(CORE, 6))
        answered(db, HERE, 6, JANUARY, first={}, last=dict.fromkeys(CORE, 6))
    one = released_now(database).one(HERE, "practice.qris")
    assert one is not None
    assert (one.n, one.before, one.k) == (14, 5, 9)


def test_twenty_answers_are_told_in_per_cent_with_their_number(database: Database) -> None:
    with database.transaction() as db:
        answered(db, HERE, 25, JANUARY, first={"qris": 8}, last={"qris": 15})
    assert "60% (15 dari 25)" in lines(released_now(database))


def test_frozen_people_are_in_no_count_and_the_page_stands_when_one_is_erased(database: Database) -> None:
    ids = village(database)
    before = released_now(database)
    with database.transaction() as db:
        db.get_one(Person, ids[0]).frozen_at = NOW
        for one in db.scalars(select(Practice).where(Practice.person_id == ids[1])):
            db.delete(one)
    after = released_now(database, NOW + timedelta(days=1))
    assert after.one(HERE, "practice.qris") == before.one(HERE, "practice.qris")


def test_one_to_four_more_people_change_nothing_and_five_do(database: Database) -> None:
    village(database)
    before = released_now(database).one(HERE, "practice.shop")
    more(database, 3)
    assert released_now(database, NOW + timedelta(days=1)).one(HERE, "practice.shop") == before
    more(database, 2)
    after = released_now(database, NOW + timedelta(days=2)).one(HERE, "practice.shop")
    assert after is not None
    assert (after.n, after.k) == (19, 10)


def test_what_stands_goes_on_into_the_next_quarter_with_its_date(database: Database) -> None:
    village(database)
    released_now(database)
    more(database, 2)
    april = datetime(2027, 4, 20, 3, tzinfo=UTC)
    reading = released_now(database, april, FIRST.after)
    one = reading.one(HERE, "practice.qris")
    assert one is not None
    assert (one.n, one.k, one.counted_at) == (14, 9, NOW)
    assert "per Sabtu, 20 Maret 2027" in lines(reading, now=april)


def test_a_split_of_answers_with_a_small_part_is_not_printed_in_numbers(database: Database) -> None:
    with database.transaction() as db:
        answered(db, HERE, 14, JANUARY, first={"qris": 5}, last={"qris": 9}, orders={"up": 9, "same": 4, "down": 1})
    reading = released_now(database)
    assert reading.parts(HERE, "orders.d30") == {}
    said = lines(reading)
    assert "Separuh lebih menjawab naik, dari 14 orang" in said
    assert "sama 4" not in said


def test_who_did_not_answer_and_why_is_told_whole_or_not_at_all(database: Database) -> None:
    village(database)
    with database.transaction() as db:
        answered(db, HERE, 6, JANUARY, first=dict.fromkeys(CORE, 2))  # and then silent
    reading = released_now(database)
    assert reading.parts(HERE, "why.d30")["silent"].k == 6
    assert "Hari ke-30: menjawab 70% (14 dari 20) yang ditanya." in lines(reading)
    with database.transaction() as db:
        answered(db, "samosir", 14, JANUARY, first={"qris": 7}, last={"qris": 7})
        answered(db, "samosir", 3, JANUARY, first={"qris": 1})
    reading = released_now(database, NOW + timedelta(days=1))
    assert reading.parts("samosir", "why.d30") == {}
    assert "14 menjawab, sebagian besar yang ditanya" in lines(reading, "samosir")


def test_all_sites_together_say_which_sleep_and_how_the_silent_differed(database: Database) -> None:
    village(database)
    with database.transaction() as db:
        ids = answered(
            db, "samosir", 25, JANUARY, first={"qris": 10}, last={"qris": 15}, sexes=("female", "male"),
        )  # fmt: skip
        answered(db, "samosir", 20, JANUARY, first={"qris": 6})
        class_held(db, "S-1", "samosir", JANUARY, ids)
    reading = released_now(database)
    one = reading.one("", "practice.qris")
    assert one is not None
    assert (one.n, one.before, one.k, one.sites) == (39, 15, 24, 2)
    parts = reading.parts("", "practice.qris")
    assert (parts["sex:female"].n, parts["sex:male"].n, parts["sex:unsaid"].n) == (13, 12, 14)
    said = lines(reading, "")
    assert "2 dari 19 sudah punya kelas selesai" in said
    assert "belum ada kelas selesai" in said
    assert "QRIS pada awalnya: yang menjawab lagi 38% (15 dari 39), yang diam 30% (6 dari 20)." in said


def test_a_site_that_is_told_in_words_is_not_in_the_sum(database: Database) -> None:
    village(database)
    with database.transaction() as db:
        answered(db, "samosir", 14, JANUARY, first={"qris": 5}, last={"qris": 12})
    one = released_now(database).one("", "practice.qris")
    assert one is not None
    assert (one.n, one.sites) == (14, 1)


def test_a_site_without_anything_has_a_page(database: Database) -> None:
    said = lines(released_now(database), "golo-loni")
    assert "Golo Loni" in said
    assert "Belum ada lima peserta yang menjawab dua kali." in said


# --- words ------------------------------------------------------------------------------------------------------------

CAUSE = re.compile(
    r"karena|akibat|berkat|dampak|sebab|menyebabkan|berpengaruh|pengaruh|hasil program|meningkatkan|menaikkan|"
    r"because|due to|thanks to|impact|effect|caused?|led to|result(ed|s)? (in|of)|improv",
    re.IGNORECASE,
)


@pytest.mark.parametrize("language", ["id", "en"])
def test_no_word_of_the_report_says_what_caused_what(language: str) -> None:
    read = read_catalogue(ROOT / "locales" / language / "LC_MESSAGES" / "bot.po").entries
    told = [one for one in read if one.key.startswith(("reports.", "guide.job.read_report"))]
    assert len(told) > 100
    for entry in told:
        assert not any(CAUSE.search(words) for words in entry.variants), entry.key
    for one in content().indicators.indicators:
        assert not CAUSE.search(one.name.words(language) + one.definition.words(language)), one.code


def test_the_words_that_would_say_so_are_found() -> None:
    assert CAUSE.search("Omzet naik berkat program")
    assert CAUSE.search("the impact of the programme")


# --- the files --------------------------------------------------------------------------------------------------------


def test_the_page_is_a_pdf_to_be_kept_and_the_same_page_is_the_same_file(database: Database) -> None:
    village(database)
    page = PageMaker(released_now(database), content(), texts(), SETTINGS, NOW).page(HERE, FIRST)
    made = one_page.pdf(page)
    assert made == one_page.pdf(page)
    metadata = PdfReader(io.BytesIO(made)).xmp_metadata
    assert metadata is not None
    assert b"<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>" in made


def test_the_files_pass_a_table_schema_validator_and_say_what_the_page_says(database: Database, tmp_path: Path) -> None:
    from frictionless import Package

    village(database)
    reading = released_now(database)
    zipped = exporting.zipped(exporting.files([reading], content(), (HERE,), NOW))
    with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
        assert archive.namelist() == ["indikator.csv", "lokasi.csv", "kelas.csv", "datapackage.json"]
        archive.extractall(tmp_path)
    checked = Package(str(tmp_path / "datapackage.json")).validate()
    assert checked.valid, checked.flatten(["rowNumber", "fieldName", "note"])
    rows = list(csv.DictReader((tmp_path / "indikator.csv").read_text("utf-8").splitlines()))
    said = lines(reading)
    by_code = {(row["code"], row["part"]): row for row in rows}
    for code in ("practice.qris", "practice.shop"):
        row = by_code[code, ""]
        assert f"{row['k_before']} dari {row['n']} {row['k']} dari {row['n']}" in said
    assert by_code["practice.nib", ""]["k_before"] == ""
    assert by_code["practice.nib", ""]["word_before"] == "minor"
    assert f"{by_code['attendance', '']['k']} dari {by_code['attendance', '']['n']}" in said
    assert f"naik {by_code['orders.d30', 'up']['k']}," in said
    package = json.loads((tmp_path / "datapackage.json").read_text("utf-8"))
    assert {one["code"] for one in package["indicators"]} == set(COUNTED)
    classes = list(csv.DictReader((tmp_path / "kelas.csv").read_text("utf-8").splitlines()))
    assert [(row["class"], row["day"], row["present"]) for row in classes] == [
        ("LB-1", "2027-01-11", "12"),
        ("LB-2", "2027-01-18", "14"),
    ]


def test_a_broken_file_does_not_pass(database: Database, tmp_path: Path) -> None:
    from frictionless import Package

    village(database)
    for name, data in exporting.files([released_now(database)], content(), (HERE,), NOW).items():
        (tmp_path / name).write_bytes(data.replace(b"2027-01-11", b"11.01.2027"))
    assert not Package(str(tmp_path / "datapackage.json")).validate().valid


def test_every_code_that_is_printed_is_defined(database: Database) -> None:
    village(database)
    reading = released_now(database)
    assert {base_of(one.code) for one in reading.figures} <= set(COUNTED)
    assert all(content().indicators.of(one.code) for one in reading.figures)


def test_a_code_without_a_definition_and_a_sponsors_code_of_nothing_are_refused(tmp_path: Path) -> None:
    from bot.catalogue.indicators_file import read_indicators

    root = Path(__file__).parent.parent
    whole = (root / "content" / "indicators.yaml").read_text("utf-8")
    sponsor = "sponsors:\n  - name: X\n    indicators:\n      - {code: A1, name: NIB, of: practice.nub}\n"
    broken = whole.replace("  - code: gain\n", "  - code: gains\n").replace("sponsors: []\n", sponsor)
    (tmp_path / "indicators.yaml").write_text(broken, "utf-8")
    problems: list[Problem] = []
    read_indicators(tmp_path, problems)
    assert [one.words for one in problems] == [
        "nothing is counted as 'gains'",
        "no definition of gain, which reports tell",
        "'practice.nub' is none of the indicators above",
    ]
    (tmp_path / "indicators.yaml").write_text(whole.replace("sponsors: []\n", sponsor.replace("nub", "nib")), "utf-8")
    problems.clear()
    assert "X A1 (NIB)" in read_indicators(tmp_path, problems).standards_of("practice.nib")
    assert problems == []


def test_the_night_writes_what_others_read_and_nothing_else(database: Database, tmp_path: Path) -> None:
    village(database)
    code, said = files.export(database, content(), NOW, tmp_path)
    assert code == 0
    assert "2027Q1" in said[0]
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        "datapackage.json", "indikator.csv", "kelas.csv", "laporan.sqlite", "lokasi.csv",
    ]  # fmt: skip
    with sqlite3.connect(tmp_path / "laporan.sqlite") as db:
        assert {name for (name,) in db.execute("SELECT name FROM sqlite_master")} == set(VIEWS)
        told = db.execute("SELECT n, k FROM site_quarter WHERE site = ? AND code = 'practice.qris'", (HERE,))
        assert told.fetchall() == [(14, 9)]
        assert db.execute('SELECT present FROM "class" ORDER BY 1').fetchall() == [(12,), (14,)]
    assert files.export(database, content(), NOW + timedelta(days=1), tmp_path)[0] == 0


@pytest.mark.parametrize(
    ("site", "quarter", "said"),
    [("nowhere", "2027Q1", "there is no site"), (HERE, "2027", "is no quarter"), (HERE, "2027Q3", "has not begun")],
)
def test_a_page_that_cannot_be_made_is_refused_in_a_line(
    sqlite_url: str, tmp_path: Path, site: str, quarter: str, said: str
) -> None:
    database = quick_database(sqlite_url)
    code, words = files.write_page(database, content(), NOW, site, quarter, tmp_path)
    database.close()
    assert code == 2
    assert said in words[0]


def test_a_page_and_its_spreadsheet_lie_in_the_folder(sqlite_url: str, tmp_path: Path) -> None:
    database = quick_database(sqlite_url)
    village(database)
    assert files.write_page(database, content(), NOW, "semua", "2027q1", tmp_path)[0] == 0
    database.close()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["laporan-semua-2027Q1.pdf", "laporan-semua-2027Q1.xlsx"]


# --- views ------------------------------------------------------------------------------------------------------------


def test_the_views_say_what_the_page_says(database: Database) -> None:
    village(database)
    reading = released_now(database)
    view = name_of("site_quarter", database.engine.dialect.name)
    with database.transaction() as db:
        rows = db.execute(text(f"SELECT code, part, n, k, k_before FROM {view} WHERE site = '{HERE}'")).all()
        stands = [one for one in reading.figures if one.site_id == HERE and one.topic in ("service", "answers")]
        assert {tuple(row) for row in rows} == {(one.code, one.part, one.n, one.k, one.before) for one in stands}
        for name in VIEWS:
            db.execute(text(f"SELECT * FROM {name_of(name, database.engine.dialect.name)}")).all()


def test_rows_of_answers_are_only_added_to(database: Database) -> None:
    village(database)
    released_now(database)
    more(database, 5)
    released_now(database, NOW + timedelta(days=1))
    with database.transaction() as db:
        rows = db.scalars(
            select(Released).where(Released.site_id == HERE, Released.code == "practice.shop").order_by(Released.id)
        ).all()
    assert [(one.n, one.replaced_at is None) for one in rows] == [(14, False), (19, True)]


# --- quarters ---------------------------------------------------------------------------------------------------------


def test_quarters_begin_at_midnight_of_the_site() -> None:
    assert quarter_of(datetime(2026, 12, 31, 16, 59, tzinfo=UTC), "Asia/Jakarta") == Quarter(2026, 4)
    assert quarter_of(datetime(2026, 12, 31, 17, tzinfo=UTC), "Asia/Jakarta") == Quarter(2027, 1)
    assert FIRST.begins("Asia/Jayapura") == datetime(2026, 12, 31, 15, tzinfo=UTC)
    assert FIRST.ends("Asia/Jakarta") == Quarter(2027, 2).begins("Asia/Jakarta")
    assert FIRST.before == Quarter(2026, 4)
    assert read_quarter(" 2027q1 ") == FIRST
    assert [read_quarter(one) for one in ("2027Q5", "27Q1", "2027", "٢٠٢٧Q1", "9999Q1")] == [None] * 5


# --- the role of dashboards -------------------------------------------------------------------------------------------


@pytest.mark.postgresql
def test_the_role_of_dashboards_reads_the_views_and_nothing_else(postgresql_url: str) -> None:
    import psycopg

    from bot.database import Base

    database = quick_database(postgresql_url)
    village(database)
    released_now(database)
    sql = (ROOT / "deploy" / "jalin_report.sql").read_text("utf-8").replace(":password", "'made up'")
    with psycopg.connect(postgresql_url, autocommit=True) as owner:
        owner.execute(sql)
        owner.execute(sql)  # a second time is no harm
    refused = []
    with psycopg.connect(postgresql_url, user="jalin_report", password="made up", autocommit=True) as reader:
        told = reader.execute("SELECT n, k FROM site_quarter WHERE site = %s AND code = 'practice.qris'", (HERE,))
        assert told.fetchall() == [(14, 9)]
        for view in VIEWS:
            reader.execute(f"SELECT * FROM report.{view}")
        for table in (*Base.metadata.tables, "alembic_version"):
            for statement in (f'SELECT * FROM public."{table}"', f'DELETE FROM public."{table}"'):
                with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)):
                    reader.execute(statement)
                refused.append(table)
        reader.execute("SET default_transaction_read_only = off")
        for statement in (
            "CREATE TABLE public.mine (id int)",
            "CREATE TABLE report.mine (id int)",
            "DELETE FROM report.lesson",
            "INSERT INTO report.lesson (period) VALUES ('x')",
            'UPDATE public."released" SET n = 3',
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reader.execute(statement)
        with pytest.raises(psycopg.errors.QueryCanceled):
            reader.execute("SET statement_timeout = '50ms'; SELECT pg_sleep(5)")
    with psycopg.connect(postgresql_url, user="jalin_report", password="made up") as reader:
        assert reader.execute("SHOW statement_timeout").fetchone() == ("5s",)
        assert reader.execute("SHOW default_transaction_read_only").fetchone() == ("on",)
    assert len(refused) > 100
    with psycopg.connect(postgresql_url, autocommit=True) as owner:
        owner.execute("DROP OWNED BY jalin_report")
        owner.execute("DROP ROLE jalin_report")
    database.close()
