"""/laporan: one page of a quarter as a PDF, and its files for machines; who gets which."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from bot.people.people import RoleGrant
from bot.programme.released import Released
from tests.chat import Chat, registered
from tests.made_up_answers import answered, class_held
from tests.test_attendance import audited, trainer
from tests.test_reports import files
from tests.test_rights import ADMIN, REFUSAL, admin

pytestmark = pytest.mark.both_databases


@pytest.fixture
def admins() -> tuple[int, ...]:
    return (ADMIN,)


def fourteen(chat: Chat, site: str = "labuan-bajo") -> None:
    with chat.database.transaction() as db:
        began = chat.now - timedelta(days=40)
        ids = answered(
            db, site, 14, began, first={"qris": 5}, last={"qris": 9}, orders={"up": 8, "same": 6},
        )  # fmt: skip
        class_held(db, f"C-{site}", site, began, ids)


def test_a_trainer_gets_the_page_and_the_table_of_the_own_site(chat: Chat) -> None:
    fourteen(chat)
    maria = trainer(chat).types("/laporan").sees("Laporan untuk berapa hari").taps("Satu halaman PDF")
    maria.sees("Labuan Bajo: dari kuartal mana?").taps("Kuartal 4, 2026").sees("Filenya datang sebentar lagi")
    found = files(maria)
    assert found["pdf"].startswith(b"%PDF")
    assert found["xlsx"].startswith(b"PK")
    maria.sees("Satu halaman, kuartal 4 2026", "Arti tiap angka ada di lembar kedua")
    assert ("report_page_asked", "") in audited(chat)


def test_the_files_for_machines_come_as_one_zip(chat: Chat) -> None:
    fourteen(chat)
    maria = trainer(chat).types("/laporan").taps("Data mesin").taps("Kuartal 4, 2026")
    assert files(maria)["zip"].startswith(b"PK")


def test_an_admin_picks_all_sites_or_one(chat: Chat) -> None:
    fourteen(chat)
    dewi = admin(chat).types("/laporan").taps("Satu halaman PDF").sees("Dari lokasi mana?").taps("Berikutnya")
    dewi.taps("Sebelumnya").taps("Semua lokasi").sees("Semua lokasi: dari kuartal mana?").taps("Kuartal 4, 2026")
    assert files(dewi)["pdf"].startswith(b"%PDF")
    dewi.types("/laporan").taps("Satu halaman PDF").taps("Samosir").taps("Cara membaca laporan").sees("Batang muda")


def test_forged_taps_of_others_make_nothing(chat: Chat) -> None:
    siti = registered(chat)
    maria = trainer(chat)
    taps = (
        "reports:pages:pdf:0",
        "reports:quarters:pdf:",
        "reports:page:pdf:2026Q4:labuan-bajo",
        "reports:page:data:2026Q4:",
    )
    for tap in taps:
        siti.sends_tap(tap).sees(REFUSAL)
    for tap in ("reports:page:pdf:2026Q4:", "reports:page:data:2026Q4:samosir", "reports:quarters:pdf:samosir"):
        maria.sends_tap(tap).sees(REFUSAL)
    with chat.database.transaction() as db:
        assert db.scalars(select(Released)).all() == []


@pytest.mark.parametrize(
    "tap",
    ["reports:page:pdf:2031Q1:labuan-bajo", "reports:page:exe:2026Q4:labuan-bajo", "reports:page:pdf:x:labuan-bajo"],
)
def test_a_quarter_that_is_none_leads_back(chat: Chat, tap: str) -> None:
    trainer(chat).sends_tap(tap).sees("dari kuartal mana?")


def test_whose_role_ends_before_the_page_is_made_gets_none(chat: Chat) -> None:
    fourteen(chat)
    maria = trainer(chat)
    maria.types("/laporan").taps("Satu halaman PDF")
    with chat.database.transaction() as db:
        db.execute(delete(RoleGrant))
    maria.sends_tap("reports:page:pdf:2026Q4:labuan-bajo").sees(REFUSAL)


def test_a_second_page_of_the_same_night_tells_the_same(chat: Chat) -> None:
    fourteen(chat)
    maria = trainer(chat)
    maria.sends_tap("reports:page:data:2026Q4:labuan-bajo")
    first = files(maria)["zip"]
    maria.sends_tap("reports:page:data:2026Q4:labuan-bajo")
    with chat.database.transaction() as db:
        rows = db.scalars(select(Released).where(Released.code == "practice.qris")).all()
        assert [(one.n, one.before, one.k) for one in rows] == [(14, 5, 9)]
    assert first
