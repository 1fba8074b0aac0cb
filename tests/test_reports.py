"""Reports: what is counted, what is not told, the picture and the spreadsheet."""

from __future__ import annotations

import struct
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from bot.delivery import background_jobs
from bot.delivery.background_jobs import JobRow
from bot.documents import charts
from bot.people.people import Person, RoleGrant
from bot.programme import attendance, reports, surveys
from bot.programme.enrolment import Enrolment, EnrolmentStatus
from bot.programme.lessons import LessonProgress
from bot.programme.quizzes import Gain, Quiz, Sitting
from bot.programme.reports import HIDDEN, Figures, Report, together, told
from bot.programme.sessions import ClassSession
from bot.programme.surveys import FEW
from bot.reports import site_report
from tests.chat import MONDAY, Chat, Phone, content, texts
from tests.test_attendance import audited, trainer

pytestmark = pytest.mark.both_databases

NAMES = {site.id: site.name for site in content().sites}


def held(
    chat: Chat, code: str, site: str = "labuan-bajo", *, came: int, missed: int = 0, waited: int = 0, seats: int = 20
) -> int:
    """A class of yesterday whose list is finished; `waited` of those who came got their seat from the waitlist."""
    session_id = chat.add_class(code, site=site, starts=chat.now - timedelta(days=1), capacity=seats)
    with chat.database.transaction() as db:
        for number in range(came + missed):
            person = Person(name=f"Peserta {number}", salutation="ibu", site_id=site, registered_at=chat.now)
            db.add(person)
            db.flush()
            db.add(
                Enrolment(
                    session_id=session_id,
                    person_id=person.id,
                    status=EnrolmentStatus.ATTENDED if number < came else EnrolmentStatus.ABSENT,
                    from_waitlist_at=chat.now if number < waited else None,
                    created_at=chat.now,
                    changed_at=chat.now,
                )
            )
            if number < came:
                db.add(surveys.Feedback(session_id=session_id, person_id=person.id, face=3, at=chat.now))
        gave_back = Person(name="Batal", salutation="ibu", site_id=site, registered_at=chat.now)
        db.add(gave_back)
        db.flush()
        db.add(
            Enrolment(
                session_id=session_id, person_id=gave_back.id, status=EnrolmentStatus.WITHDRAWN,
                created_at=chat.now, changed_at=chat.now,
            )
        )  # fmt: skip
        db.add(
            attendance.AttendanceSheet(session_id=session_id, secret="00" * 32, settled_at=chat.now, looked_at=chat.now)
        )
    return session_id


def report_of(chat: Chat, *sites: str, days: int = 30) -> Report:
    with chat.database.transaction() as db:
        return reports.report(db, sites, chat.now, days=days)


def files(phone: Phone) -> dict[str, bytes]:
    """What came with the newest messages, by its kind."""
    found = {}
    for bubble in phone.new:
        if bubble.method in ("sendPhoto", "sendDocument"):
            (_, (name, sent, _)) = next(iter(bubble.params["files"].items()))
            found[name.rpartition(".")[2]] = sent
    return found


def sheet(workbook: bytes, number: int = 0) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(BytesIO(workbook)).get_sheet_by_index(number).to_python()


# --- counting -------------------------------------------------------------------------------------------------------


def test_attendance_is_present_over_registered_less_those_who_gave_back_before(chat: Chat) -> None:
    held(chat, "LB-1", came=8, missed=2, waited=6)
    held(chat, "LB-2", came=6, missed=4)
    (figures,) = report_of(chat, "labuan-bajo").sites
    assert (figures.classes, figures.expected, figures.present, figures.seats) == (2, 20, 14, 40)
    assert figures.attendance == pytest.approx(0.7)
    assert figures.seats_used == pytest.approx(0.35)
    assert figures.from_waitlist == 6
    assert figures.satisfaction == 3


def test_who_is_not_recorded_is_counted_apart_and_never_as_absent(chat: Chat) -> None:
    session = held(chat, "LB-1", came=8, missed=7)
    nobody = held(chat, "LB-2", came=0, missed=9)
    with chat.database.transaction() as db:
        absent = db.scalars(
            select(Enrolment).where(Enrolment.status == EnrolmentStatus.ABSENT).order_by(Enrolment.id)
        ).all()
        for one in absent:
            if one.session_id == nobody or one.id > absent[0].id + 1:
                one.status = EnrolmentStatus.UNRECORDED
    (figures,) = report_of(chat, "labuan-bajo").sites
    assert (figures.classes, figures.unrecorded) == (1, 1)
    assert (figures.expected, figures.present, figures.missing) == (10, 8, 5)
    assert figures.attendance == pytest.approx(0.8)
    report = report_of(chat, "labuan-bajo")
    drawn = site_report.chart(report, NAMES, texts(), "id")
    assert "tidak tercatat: 5 orang" in drawn.blocks[0].note.replace("\N{NO-BREAK SPACE}", " ")
    figures_sheet, _ = site_report.sheets(report, NAMES)
    columns = [cell.key for cell in figures_sheet.head]
    assert figures_sheet.rows[0][columns.index("reports.column.missing")] == 5
    assert session != nobody


def test_only_finished_lists_of_the_period_and_the_sites_count(chat: Chat) -> None:
    held(chat, "LB-1", came=8)
    held(chat, "JY-1", "jayapura", came=9)
    old = held(chat, "LB-2", came=7)
    gone = held(chat, "LB-3", came=6)
    unfinished = held(chat, "LB-4", came=5)
    with chat.database.transaction() as db:
        found = {one: db.get(ClassSession, one) for one in (old, gone)}
        assert found[old] is not None
        assert found[gone] is not None
        found[old].starts_at = chat.now - timedelta(days=60)  # type: ignore[union-attr]
        found[gone].cancelled_at = chat.now  # type: ignore[union-attr]
        open_list = attendance.sheet_of(db, unfinished)
        assert open_list is not None
        open_list.settled_at = None
    (figures,) = report_of(chat, "labuan-bajo").sites
    assert (figures.classes, figures.present, figures.unrecorded) == (1, 8, 1)
    assert report_of(chat, "labuan-bajo", days=0).sites[0].present == 15
    assert report_of(chat, "samosir").sites == ()
    both = report_of(chat, "labuan-bajo", "jayapura")
    assert [one.site_id for one in both.sites] == ["labuan-bajo", "jayapura"]
    assert both.whole is not None
    assert both.whole.present == 17


def test_a_class_that_is_not_over_is_not_missing_its_list(chat: Chat) -> None:
    held(chat, "LB-1", came=8)
    running = held(chat, "LB-2", came=5)
    with chat.database.transaction() as db:
        found = db.get(ClassSession, running)
        assert found is not None
        found.starts_at = chat.now - timedelta(hours=1)
        open_list = attendance.sheet_of(db, running)
        assert open_list is not None
        open_list.settled_at = None
    assert report_of(chat, "labuan-bajo").sites[0].unrecorded == 0


def test_lessons_and_tests_are_counted_by_the_site_people_belong_to(chat: Chat) -> None:
    yesterday, long_ago = chat.now - timedelta(days=1), chat.now - timedelta(days=60)

    def finished(person: Person, lesson: str, at: datetime | None) -> LessonProgress:
        begun = {"started_at": long_ago, "turned_at": long_ago}
        return LessonProgress(person_id=person.id, lesson_id=lesson, finished_at=at, **begun)

    def answered(person: Person, purpose: str, question: str, right: bool) -> Quiz:
        asked = {
            "edition": "e",
            "shown_order": [0, 1],
            "correct": 0,
            "native": True,
            "attempt": 1,
            "asked_at": long_ago,
        }
        return Quiz(
            person_id=person.id, purpose=purpose, question_id=question, right=right, answered_at=yesterday, **asked
        )

    with chat.database.transaction() as db:
        people = [Person(name=f"P{n}", salutation="ibu", site_id="samosir", registered_at=chat.now) for n in range(7)]
        db.add_all(people)
        db.flush()
        for number, person in enumerate(people):
            db.add_all([finished(person, "M01L1", yesterday), finished(person, "M01L2", yesterday)])
            for purpose, right in (("pretest", False), ("posttest", True)):
                if purpose == "posttest" and number == 6:
                    continue  # one who took only the first
                db.add(Sitting(person_id=person.id, purpose=purpose, questions=["Q1", "Q2"], done_at=yesterday))
                db.add_all([answered(person, purpose, "Q1", True), answered(person, purpose, "Q2", right)])
            db.add(answered(person, "posttest", "Q3", False))  # asked after only: it compares with nothing
        db.add_all([finished(people[0], "M01L3", long_ago), finished(people[0], "M01L4", None)])
    (figures,) = report_of(chat, "samosir").sites
    assert (figures.learners, figures.lessons) == (7, 14)
    assert report_of(chat, "samosir", days=0).sites[0].lessons == 15
    assert figures.gain == Gain(6, 0.5, 1.0)
    assert figures.classes == 0


# --- what is not told -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "shown"), [(0, 0), (1, HIDDEN), (4, HIDDEN), (5, 5), (60, 60)])
def test_small_numbers_of_people_are_not_told(number: int, shown: int | str) -> None:
    assert told(number) == shown


def test_a_share_is_not_told_where_it_would_tell_a_small_number() -> None:
    assert Figures("a", classes=1, seats=20, expected=4, present=4).attendance is None
    assert Figures("a", classes=1, seats=20, expected=20, present=3).attendance is None
    assert Figures("a", classes=1, seats=20, expected=20, present=3).seats_used is None
    assert Figures("a", classes=1, seats=20, expected=20, present=0).attendance == 0
    assert Figures("a", classes=1, seats=20, expected=20, present=5).attendance == 0.25
    assert Figures("a", answers=4, faces=12).satisfaction is None


COUNTS = st.integers(0, 12)
FIGURES = st.builds(
    lambda expected, present, waited, answers, learners, both: Figures(
        "x", classes=1, seats=20, expected=expected, present=min(present, expected), from_waitlist=waited,
        answers=answers, faces=answers * 2, learners=learners, lessons=learners * 3,
        gain=Gain(both, 0.4, 0.6) if both else None,
    ),
    COUNTS, COUNTS, COUNTS, COUNTS, COUNTS, COUNTS,
)  # fmt: skip


@given(st.lists(FIGURES, min_size=2, max_size=6))
def test_the_whole_tells_no_more_than_its_parts(sites: list[Figures]) -> None:
    """What is told of the whole is the sum of what is told of the sites: nothing is left over that was hidden."""
    whole = together(sites)
    shares = [one for one in sites if one.attendance is not None]
    assert whole.expected == sum(one.expected for one in shares)
    assert whole.present == sum(one.present for one in shares)
    for name in ("from_waitlist", "answers", "learners"):
        numbers = [getattr(one, name) for one in sites]
        assert getattr(whole, name) == sum(number for number in numbers if number >= FEW)
    for number in (whole.expected, whole.present, whole.from_waitlist, whole.answers, whole.learners or 0):
        assert told(number) == number
    gains = [one.gain.people for one in sites if one.gain and one.gain.people >= FEW]
    assert (whole.gain.people if whole.gain else 0) == sum(gains)


# --- the files ------------------------------------------------------------------------------------------------------


def a_report(*sites: Figures) -> Report:
    return Report(MONDAY - timedelta(days=30), MONDAY, sites, together(sites) if len(sites) > 1 else None)


FULL = Figures(
    "labuan-bajo", classes=2, unrecorded=1, seats=40, expected=30, present=24, from_waitlist=6, answers=10, faces=27,
    learners=12, lessons=80, gain=Gain(9, 0.5, 0.71),
)  # fmt: skip
SMALL = Figures(
    "samosir", classes=1, seats=20, expected=3, present=2, from_waitlist=1, answers=2, faces=4, learners=2, lessons=9,
    gain=Gain(2, 0.2, 0.9),
)  # fmt: skip


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_words_of_the_picture(language: str) -> None:
    chart = site_report.chart(a_report(FULL, SMALL), NAMES, texts(), language)
    whole, full, small = chart.blocks
    assert whole.title == {"id": "Semua lokasi", "en": "All sites"}[language]
    assert [bar.words for bar in full.bars] == ["80%", "60%"]
    assert full.aside == "n = 30"
    assert "+21" in full.note
    assert "(n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}9)" in full.note
    assert [bar.share for bar in small.bars] == [None, None]
    assert {bar.words for bar in small.bars} == {HIDDEN}
    assert small.aside == f"n = {HIDDEN}"
    assert "9" not in small.note
    assert whole.aside == "n = 30"
    assert any(HIDDEN in note for note in chart.notes)
    assert "2026" in chart.subtitle


def size(picture: bytes) -> tuple[int, int]:
    assert picture.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", picture[16:24])
    return width, height


@pytest.mark.parametrize("number", [0, 1, 8, 19])
def test_the_picture_fits_a_phone_and_telegram(number: int) -> None:
    sites = [Figures(site.id, classes=1, seats=20, expected=20, present=15, lessons=8, learners=6)
             for site in content().sites[:number]]  # fmt: skip
    picture = charts.png(site_report.chart(a_report(*sites), NAMES, texts(), "id"))
    width, height = size(picture)
    assert width == 1080
    assert height < 5 * width
    assert width + height < 10_000
    assert len(picture) < 1_000_000


def test_words_are_no_markup() -> None:
    tricky = '#panic("x") *tebal* $x$ @a \\ "]'
    bar = charts.Bar(0.5, tricky, 0)
    chart = charts.Chart(tricky, tricky, (tricky, tricky), (charts.Block(tricky, tricky, (bar,), tricky),), (tricky,))
    assert size(charts.png(chart))[0] == 1080


def test_the_spreadsheet_tells_what_the_picture_tells_and_what_it_means() -> None:
    message = site_report.messages(a_report(FULL, SMALL), NAMES, b"")[1]
    book = texts().workbook(message, "id")
    head, full, small, whole = sheet(book)
    row = dict(zip(head, full, strict=True))
    assert (row["Lokasi"], row["Hadir"], row["Hadir dan tidak hadir"], row["Kehadiran"]) == ("Labuan Bajo", 24, 30, 0.8)
    assert (row["Pelajaran selesai"], row["Ikut kedua tes (n)"], row["Tes akhir"]) == (80, 9, 0.71)
    hidden = dict(zip(head, small, strict=True))
    for column in ("Hadir", "Hadir dan tidak hadir", "Kehadiran", "Kursi terpakai", "Dari daftar tunggu",
                   "Tanggapan (n)", "Tanggapan (rata-rata)", "Peserta belajar", "Pelajaran selesai",
                   "Ikut kedua tes (n)",
                   "Tes awal", "Tes akhir"):  # fmt: skip
        assert hidden[column] == HIDDEN, column
    assert dict(zip(head, whole, strict=True))["Hadir"] == 24
    meanings = {line[0]: line[1] for line in sheet(book, 1)[1:]}
    assert set(head) <= set(meanings)
    assert "2026" in str(meanings["Dibuat pada"])
    assert all(meanings.values())


def test_columns_of_lessons_and_tests_appear_only_where_there_are_any() -> None:
    plain = Figures("samosir", classes=1, seats=20, expected=10, present=9)
    head = sheet(texts().workbook(site_report.messages(a_report(plain), NAMES, b"")[1], "id"))[0]
    assert "Pelajaran selesai" not in head
    assert "Tes awal" not in head


# --- asking for it --------------------------------------------------------------------------------------------------


def test_a_trainer_gets_picture_and_spreadsheet_of_their_own_sites(chat: Chat) -> None:
    held(chat, "LB-1", came=8, missed=2)
    held(chat, "JY-1", "jayapura", came=9)
    maria = trainer(chat)
    maria.types("/laporan").sees("30 hari", "90 hari", "Sejak awal").taps("30 hari").sees("sedang dibuat")
    sent = files(maria)
    assert size(sent["png"])[0] == 1080
    head, *rows = sheet(sent["xlsx"])
    assert [row[0] for row in rows] == ["Labuan Bajo"]
    assert rows[0][head.index("Hadir")] == 8
    assert ("report_asked", "") in audited(chat)
    with chat.database.transaction() as db:
        assert db.scalars(select(JobRow.status)).all() == ["done"]


def test_with_several_sites_one_can_be_picked(chat: Chat) -> None:
    held(chat, "LB-1", came=8)
    held(chat, "JY-1", "jayapura", came=9)
    maria = trainer(chat)
    with chat.database.transaction() as db:
        account = maria.account(db)
        assert account is not None
        db.add(RoleGrant(account_id=account.id, role="trainer", site_id="jayapura", granted_at=chat.now))
    maria.types("/laporan").taps("Sejak awal")
    assert [row[0] for row in sheet(files(maria)["xlsx"])[1:]] == ["Labuan Bajo", "Jayapura", "Semua lokasi"]
    maria.types("/laporan").taps("Jayapura").sees("Laporan Jayapura").taps("90 hari")
    assert [row[0] for row in sheet(files(maria)["xlsx"])[1:]] == ["Jayapura"]


def test_nobody_else_gets_one(chat: Chat) -> None:
    held(chat, "LB-1", came=8)
    yohanes = trainer(chat, "Yohanes", site="jayapura")
    yohanes.sends_tap("reports:make:30:labuan-bajo")
    assert not files(yohanes)
    yohanes.sends_tap("reports:make:7:").sees("berapa hari terakhir")
    yohanes.sends_tap("reports:make:30:")
    assert sheet(files(yohanes)["xlsx"])[1:] == []
    budi = chat.phone("Budi")
    for action in ("reports:period", "reports:make:30:", "reports:make:30:labuan-bajo"):
        budi.sends_tap(action)
        assert not files(budi)
    assert [action for action, _ in audited(chat)].count("report_asked") == 1


def test_a_role_that_went_before_the_picture_was_made_gets_a_word(
    chat: Chat, capsys: pytest.CaptureFixture[str]
) -> None:
    held(chat, "LB-1", came=8)
    maria = trainer(chat).types("/laporan")
    with chat.database.transaction() as db:
        account = maria.account(db)
        assert account is not None
        background_jobs.ask(db, account, site_report.KIND, {"days": 30, "site": ""}, chat.now)
        for grant in db.scalars(select(RoleGrant)):
            db.delete(grant)
    maria.looks_up()
    capsys.readouterr()
    chat.look()
    assert not files(maria)
    maria.sees("Laporannya tidak dibuat", "sudah berakhir").does_not_see("gangguan")
    assert "errand" not in capsys.readouterr().out  # nothing has failed
    with chat.database.transaction() as db:
        assert db.scalars(select(JobRow.status)).all() == ["done"]


def test_an_admin_sees_all_sites(database_url: str) -> None:
    chat = Chat(database_url, admin_ids=(501,))
    try:
        held(chat, "LB-1", came=8)
        held(chat, "JY-1", "jayapura", came=9)
        admin = Phone(chat, 501, "Ketua")
        chat.known[501] = set()
        admin.types("/laporan").taps("Sejak awal").sees("sedang dibuat")
        assert len(sheet(files(admin)["xlsx"])) == 4
    finally:
        chat.close()
