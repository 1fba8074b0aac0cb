"""How questions to mentors are answered, in numbers: counted, and told in /laporan, its table, /status and /metrics."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import httpx
import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select
from starlette.applications import Starlette

from bot.operations import health
from bot.people.people import Account, Person, Role
from bot.programme import mentoring
from bot.programme.mentoring import Closed, Given
from bot.programme.mentoring.figures import Figures, figures, together
from bot.programme.reports import Figures as SiteFigures
from bot.reports import site_report
from tests.chat import Chat, Phone, content, local, registered, staffed, texts
from tests.test_reports import NAMES, a_report
from tests.test_rights import ADMIN, admin

pytestmark = pytest.mark.both_databases

SITE = "labuan-bajo"
TEN = local(23, 10)
"""Monday; the first reply to a question of this moment is due at 15.00, after a break of an hour at noon."""


@pytest.fixture
def admins() -> tuple[int, ...]:
    return (ADMIN,)


def question(
    chat: Chat, *, answered: datetime | None = None, ended: tuple[datetime, Closed] | None = None, site: str = SITE
) -> None:
    """A question of TEN, by somebody new, and what became of it."""
    with chat.database.transaction() as db:
        account = Account(telegram_id=7_000_000 + db.query(Account).count(), language="id", created_at=TEN,
                          seen_at=TEN, last_message_id=0, draft={})  # fmt: skip
        db.add(account)
        db.flush()
        person = Person(account_id=account.id, name="Peserta", salutation="ibu", site_id=site, registered_at=TEN)
        db.add(person)
        db.flush()
        opened = mentoring.ask(db, person, Given("text", "Bagaimana?"), TEN, content=content())
        assert isinstance(opened, mentoring.Opened)
        if answered is not None:
            mentor = Account(telegram_id=8_000_000 + account.telegram_id, language="id", created_at=TEN, seen_at=TEN,
                             last_message_id=0, draft={})  # fmt: skip
            db.add(mentor)
            db.flush()
            said = mentoring.reply(
                db, opened.ticket, Given("text", "Begini."), answered, by=mentor, admin=True, content=content()
            )
            assert isinstance(said, mentoring.Answered)
        if ended is not None and ended[1] is Closed.CANCELLED:
            assert mentoring.cancel(db, opened.ticket, ended[0])
        elif ended is not None:
            assert mentoring.close(db, opened.ticket, *ended)


def counted(chat: Chat, since: datetime | None = None, until: datetime | None = None) -> Figures:
    with chat.database.transaction() as db:
        return figures(db, since, until or local(30, 9)).get(SITE, Figures())


# --- counting ---------------------------------------------------------------------------------------------------------


def test_a_question_belongs_to_the_period_in_which_its_first_reply_was_due(chat: Chat) -> None:
    question(chat, answered=local(23, 10, 30))
    question(chat)
    due = local(23, 15)
    assert (counted(chat, until=due).number, counted(chat, until=due).waiting) == (0, 1)
    assert counted(chat, until=due + timedelta(minutes=1)).number == 2
    assert counted(chat, since=due).number == 2
    later = counted(chat, since=due + timedelta(minutes=1))
    assert (later.number, later.minutes, later.waiting) == (0, [], 1)


def test_only_minutes_of_work_count_and_late_is_not_in_time(chat: Chat) -> None:
    for answered in (local(23, 10), local(23, 13, 30), local(23, 15), local(23, 15, 1), local(24, 9, 30)):
        question(chat, answered=answered)
    found = counted(chat)
    assert sorted(found.minutes) == [0, 150, 240, 241, 330]
    assert (found.number, found.in_time, found.unanswered) == (5, 3, 0)
    assert found.share_in_time == pytest.approx(0.6)
    assert found.median_minutes == 240


def test_who_nobody_answers_is_not_forgotten(chat: Chat) -> None:
    for _ in range(4):
        question(chat, answered=local(23, 11))
    question(chat)
    question(chat, ended=(local(24, 9), Closed.DONE))  # a mentor says it is done, and answered nothing
    found = counted(chat)
    assert (found.number, found.in_time, found.unanswered, found.waiting) == (6, 4, 2, 1)
    assert found.median_minutes is None, "four answers are too few"
    assert found.share_in_time == pytest.approx(4 / 6)


@pytest.mark.parametrize("because", [Closed.CANCELLED, Closed.ERASED])
def test_what_its_person_ended_before_it_was_due_is_counted_apart(chat: Chat, because: Closed) -> None:
    question(chat, ended=(local(23, 15), because))
    found = counted(chat)
    assert (found.withdrawn, found.number, found.unanswered) == (1, 0, 0)
    question(chat, ended=(local(23, 15, 1), because))  # nobody had answered in time
    found = counted(chat)
    assert (found.withdrawn, found.number, found.unanswered) == (1, 1, 1)


def test_an_answer_that_was_taken_back_was_none(chat: Chat) -> None:
    rina = staffed(chat, "Rina", role=Role.MENTOR, site=SITE)
    registered(chat).types("/tanya").types("Bagaimana?")
    rina.taps("Ambil").taps("Balas").types("Begini.")
    assert counted(chat).minutes == [0]
    rina.taps("Tarik")
    found = counted(chat)
    assert (found.minutes, found.unanswered, found.free, found.held) == ([], 1, 0, 1)


def test_an_answer_that_nobody_got_was_none_until_it_arrived(chat: Chat) -> None:
    rina, siti = (
        staffed(chat, "Rina", role=Role.MENTOR, site=SITE),
        registered(chat).types("/tanya").types("Bagaimana?"),
    )
    rina.taps("Ambil").taps("Balas")
    siti.blocks()
    rina.types("Begini.")
    chat.travel(minutes=11)
    found = counted(chat)
    assert (found.minutes, found.unanswered, found.waiting) == ([], 1, 0)
    siti.blocks(False)
    siti.types("/menu")
    chat.travel(minutes=60)  # it is sent again by itself
    siti.sees("Begini.")
    assert (len(counted(chat).minutes), counted(chat).unanswered) == (1, 0)
    assert counted(chat).minutes[0] > 60


def test_an_answer_that_nobody_got_stays_none_where_the_mentor_ended_the_question(chat: Chat) -> None:
    rina, siti = (
        staffed(chat, "Rina", role=Role.MENTOR, site=SITE),
        registered(chat).types("/tanya").types("Bagaimana?"),
    )
    rina.taps("Ambil").taps("Balas")
    siti.blocks()
    rina.types("Begini.")
    rina.taps("Tandai selesai")
    found = counted(chat)
    assert (found.minutes, found.unanswered) == ([], 1)


def test_of_frozen_people_nothing_is_counted(chat: Chat) -> None:
    question(chat, answered=local(23, 11))
    with chat.database.transaction() as db:
        db.scalars(select(Person)).one().frozen_at = chat.now
    assert counted(chat) == Figures()


def test_what_waits_for_three_working_days_is_overdue(chat: Chat) -> None:
    registered(chat).types("/tanya").types("Bagaimana?")
    chat.travel(to=local(26, 9, 59))
    assert (counted(chat).free, counted(chat).overdue) == (1, 0)
    chat.travel(to=local(26, 10, 1))
    assert (counted(chat).free, counted(chat).overdue) == (1, 1)


def test_the_figures_of_several_sites_add_up(chat: Chat) -> None:
    one = Figures(in_time=2, minutes=[10, 400, 30], unanswered=1, withdrawn=2, free=1, held=1, overdue=1)
    two = Figures(in_time=2, minutes=[20, 40], withdrawn=1, held=3)
    whole = together((one, two))
    assert whole == Figures(in_time=4, minutes=[10, 400, 30, 20, 40], unanswered=1, withdrawn=3, free=1, held=4,
                            overdue=1)  # fmt: skip
    assert (whole.median_minutes, whole.number, whole.waiting) == (30, 6, 5)


# --- /laporan ---------------------------------------------------------------------------------------------------------


def workbook(phone: Phone) -> dict[str, dict[str, Any]]:
    """The first sheet of the newest spreadsheet: the site of each row, and what stands below each head."""
    sent = [bubble for bubble in phone.new if bubble.method == "sendDocument"][-1]
    ((_, (_, body, _)),) = sent.params["files"].items()
    head, *rows = CalamineWorkbook.from_filelike(BytesIO(body)).get_sheet_by_index(0).to_python()
    return {str(row[0]): dict(zip(map(str, head), row, strict=True)) for row in rows}


def test_a_report_tells_of_questions_in_words_and_in_the_table(chat: Chat) -> None:
    for answered in (local(23, 10, 20), local(23, 10, 40), local(23, 11, 20), local(23, 13, 20), local(24, 9, 20)):
        question(chat, answered=answered)
    question(chat)
    question(chat, ended=(local(23, 11), Closed.CANCELLED))
    question(chat, answered=local(23, 11), site="samosir")
    maria = staffed(chat)
    chat.travel(to=local(24, 10))
    maria.types("/laporan").taps("30 hari").sees(
        "Pertanyaan ke pendamping",
        "Labuan Bajo",
        "Dijawab tepat waktu: 4 dari 6 (67%)",
        "Separuh jawaban datang dalam 1 jam 20 menit (n = 5)",
        "Lewat batas tanpa jawaban: 1",
        "Dibatalkan peserta, dihitung terpisah: 1",
        "Menunggu jawaban sekarang: 1 (belum diambil: 1)",
        "dalam 4 jam",
    )
    maria.does_not_see("Samosir", "Semua lokasi", "tiga hari kerja")
    row = workbook(maria)["Labuan Bajo"]
    assert (row["Pertanyaan (n)"], row["Pertanyaan dijawab"], row["Dijawab tepat waktu"]) == (6, 5, 4)
    assert (row["Tepat waktu (bagian)"], row["Median menit sampai dijawab"]) == (0.667, 80)
    assert (row["Lewat batas tanpa jawaban"], row["Dibatalkan peserta"], row["Menunggu sekarang"]) == (1, 1, 1)
    maria.taps("Lihat antrean").sees("Antrean")


def test_where_nobody_asked_it_says_so(chat: Chat) -> None:
    maria = staffed(chat)
    maria.types("/laporan").taps("30 hari").sees("Belum ada pertanyaan")
    assert workbook(maria) == {}


def test_an_admin_sees_the_sites_and_all_together(chat: Chat) -> None:
    for site in (SITE, "samosir"):
        for _ in range(3):
            question(chat, answered=local(23, 11), site=site)
    dewi = admin(chat)
    chat.travel(to=local(24, 10))
    dewi.types("/laporan").taps("30 hari")
    dewi.sees("Semua lokasi", "6 dari 6 (100%)", "Labuan Bajo", "Samosir", "3 dari 3.", "baru 3 jawaban")
    rows = workbook(dewi)
    assert rows["Samosir"]["Tepat waktu (bagian)"] == rows["Samosir"]["Median menit sampai dijawab"] == "kurang dari 5"
    assert (rows["Semua lokasi"]["Tepat waktu (bagian)"], rows["Semua lokasi"]["Pertanyaan (n)"]) == (1, 6)


def test_of_many_sites_the_words_tell_those_where_most_waits() -> None:
    sites = [site.id for site in content().sites][: site_report.SITES + 2]
    assert len(sites) == site_report.SITES + 2
    asked = [
        SiteFigures(site, questions=Figures(free=place, overdue=int(place == 3))) for place, site in enumerate(sites, 1)
    ]
    message = site_report.questions(a_report(*asked), NAMES, rule=240, answers=False)
    said = texts().render(message, "id").text
    assert NAMES[sites[0]] not in said
    assert NAMES[sites[1]] not in said
    assert all(NAMES[site] in said for site in sites[2:])
    assert "Ada 2 lokasi lagi di tabel" in said
    assert not message.buttons


def test_who_answers_no_questions_gets_no_way_to_the_queue() -> None:
    assert not site_report.questions(a_report(), NAMES, rule=240, answers=False).buttons
    assert site_report.questions(a_report(), NAMES, rule=240, answers=True).buttons


# --- /status and /metrics ---------------------------------------------------------------------------------------------


def test_status_tells_it_in_plain_words(chat: Chat) -> None:
    dewi = admin(chat)
    dewi.types("/status").sees("Pertanyaan ke pendamping, 30 hari ini", "Belum ada pertanyaan")
    registered(chat).types("/tanya").types("Bagaimana?")
    dewi.types("/status").sees("Belum ada pertanyaan yang sampai batas", "Menunggu jawaban sekarang: 1")
    chat.travel(to=local(26, 10, 1))
    dewi.types("/status").sees(
        "Dijawab tepat waktu: 0 dari 1.",
        "Lewat batas tanpa jawaban: 1",
        "lebih dari tiga hari kerja: 1",
        "Labuan Bajo: 1",
    )


def test_metrics_tell_how_many_taps_were_left_unanswered(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    registered(chat)
    monkeypatch.setattr(type(chat.app.sender), "answers_failed", property(lambda _: 3))
    assert "jalin_taps_unanswered_total 3.0" in metrics(chat)


def lines_of_metrics(chat: Chat) -> list[str]:
    return [one for one in metrics(chat) if one.startswith(("jalin_question", "jalin_first"))]


def metrics(chat: Chat) -> list[str]:
    async def asked() -> str:
        transport = httpx.ASGITransport(Starlette(routes=list(health.routes(chat.app))))
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
            assert (await client.get("/health")).json()["questions"] is not None
            return (await client.get("/metrics")).text

    return chat._loop.run_until_complete(asked()).splitlines()


def test_metrics_tell_it_by_site(chat: Chat) -> None:
    registered(chat)  # so that the bot has its tables, and is ready
    assert lines_of_metrics(chat) == []
    for answered in (local(23, 10, 20), local(23, 10, 40), local(23, 11, 20), local(23, 13, 20), local(24, 9, 20)):
        question(chat, answered=answered)
    question(chat)
    question(chat, answered=local(23, 11), site="samosir")
    chat.travel(to=local(26, 10, 1))
    assert sorted(lines_of_metrics(chat)) == [
        'jalin_first_replies_due{site="labuan-bajo"} 6.0',
        'jalin_first_replies_due{site="samosir"} 1.0',
        'jalin_first_replies_in_time{site="labuan-bajo"} 4.0',
        'jalin_first_replies_in_time{site="samosir"} 1.0',
        'jalin_first_reply_minutes{site="labuan-bajo"} 80.0',
        'jalin_questions_open{site="labuan-bajo",taken="no"} 1.0',
        'jalin_questions_open{site="labuan-bajo",taken="yes"} 0.0',
        'jalin_questions_open{site="samosir",taken="no"} 0.0',
        'jalin_questions_open{site="samosir",taken="yes"} 0.0',
        'jalin_questions_overdue{site="labuan-bajo"} 1.0',
        'jalin_questions_overdue{site="samosir"} 0.0',
    ]


# --- the table for trainers -------------------------------------------------------------------------------------------


def table(phone: Phone) -> list[list[Any]]:
    """The newest table that the phone got."""
    (_name, content, _mime), *_ = phone.last.params["files"].values()
    return CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()


def test_a_trainer_takes_the_questions_away_as_a_table_without_what_was_said(chat: Chat) -> None:
    question(chat, answered=local(23, 11))
    question(chat, answered=local(24, 11))
    question(chat, ended=(local(23, 11), Closed.CANCELLED))
    question(chat, site="samosir")
    maria = staffed(chat, "Maria", site=SITE)
    chat.travel(to=local(24, 12))
    maria.types("/laporan").taps("Daftar pertanyaan").sees("3 pertanyaan", "Isi percakapan tidak ada")
    head, *rows = table(maria)
    assert head[:5] == ["No", "Lokasi", "Topik", "Penanya", "Keadaan"]
    assert {row[1] for row in rows} == {"Labuan Bajo"}
    assert [(row[4], row[9]) for row in rows] == [("Ditarik", ""), ("Sudah dijawab", "Tidak"), ("Sudah dijawab", "Ya")]
    assert f"{rows[2][7]:%d %H.%M}" == "23 11.00"
    assert rows[2][8] == 60
    assert "Begini." not in str(rows)
    assert "Bagaimana?" not in str(rows)


def test_the_table_names_nobody_who_deleted_their_data_and_has_nobody_who_froze_them(chat: Chat) -> None:
    siti, budi, ani = (registered(chat, name) for name in ("Siti", "Budi", "Ani"))
    for one in (siti, budi, ani):
        one.types("/tanya").types("Bagaimana menghitung harga jual?")
        if any("Tetap" in label for label in one.last.labels):
            one.taps("Tetap")
    siti.types("/hapus_data").taps("Ya, hapus")
    budi.types("/bekukan").taps("Ya")
    maria = staffed(chat, "Maria", site=SITE)
    maria.types("/laporan").taps("Daftar pertanyaan")
    _head, *rows = table(maria)
    assert [row[3] for row in rows] == ["Bu Ani", "(data sudah dihapus)"]


def test_without_a_question_there_is_no_table(chat: Chat) -> None:
    staffed(chat, "Maria", site=SITE).types("/laporan").taps("Daftar pertanyaan").sees("Belum ada pertanyaan")
