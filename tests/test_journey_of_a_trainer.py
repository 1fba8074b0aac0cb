"""A trainer's day in a real browser, over real HTTP: everything in the same chat, on a phone's screen.

Invited by an admin's link; a class put together; somebody takes a seat; an announcement to many, watched while it goes
out, stopped, corrected; check-in by the code on the trainer's screen; the picture of the report.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.catalogue.content import load_content
from bot.database import Database
from bot.people.people import Account
from bot.people.quiet_hours import is_open
from bot.programme import enrolment
from bot.programme.sessions import ClassSession
from bot.settings import ROOT
from tests.browser import Person, picture
from tests.chat import WITA, add_registered

pytestmark = [pytest.mark.browser, pytest.mark.today]

MANY = 40
ANNOUNCED = "Besok bawa HP dan satu produk ya."
CORRECTED = "Besok bawa HP dan dua produk ya."
SPEAKS = "📣 Maria, pelatih di Labuan Bajo\n\n"


@pytest.fixture
def sandbox_settings() -> dict[str, str]:
    """So slow that an announcement to MANY is still under way when it is stopped, on a busy machine, too."""
    return {"SEND_RATE": "5"}


def asked(page: Page, sandbox: str, path: str, **body: Any) -> Any:
    """What the page's own API answers."""
    answer = page.request.post(f"{sandbox}sandbox/{path}", data=body)
    assert answer.ok, answer.text()
    return answer.json()


def now(page: Page, sandbox: str) -> datetime:
    return datetime.fromisoformat(page.request.get(f"{sandbox}sandbox/world").json()["time"]["now"])


def travels_to_ten(page: Page, sandbox: str) -> datetime:
    """Until it is ten in the morning at the site on a day on which people may be written to at that hour, whatever the
    day and the hour are where the test runs: on a Sunday morning no announcement leaves."""
    hours = load_content(ROOT / "content").open_hours("labuan-bajo")
    here = now(page, sandbox).astimezone(WITA)
    ten = here.replace(hour=10, minute=0, second=0, microsecond=0)
    while ten <= here or not is_open(hours, ten):
        ten += timedelta(days=1)
    asked(page, sandbox, "travel", hours=(ten - here) / timedelta(hours=1))
    return now(page, sandbox).astimezone(WITA)


@contextmanager
def written(data: Path) -> Iterator[Session]:
    """A transaction in the database of the bot that runs beside its sandbox."""
    database = Database(f"sqlite:///{data / 'bot.sqlite'}")
    try:
        with database.transaction() as db:
            yield db
    finally:
        database.close()


def some_take_seats(data: Path, title: str, people: list[int], at: datetime) -> None:
    with written(data) as db:
        session = db.scalars(select(ClassSession).where(ClassSession.title == title)).one()
        for account in db.scalars(select(Account).where(Account.telegram_id.in_(people))).unique():
            assert account.person is not None
            assert isinstance(enrolment.enrol(db, account.person, session.id, at), enrolment.Seated)


def many_register(page: Page, sandbox: str, data: Path) -> list[int]:
    """People with a phone each, who agreed to messages. Written into the database: registering has its own tests."""
    ids = [asked(page, sandbox, "people", first_name=f"Peserta {at + 1}")["id"] for at in range(MANY)]
    begins = now(page, sandbox)
    with written(data) as db:
        for at, telegram_id in enumerate(ids):
            add_registered(db, telegram_id, f"Peserta {at + 1}", begins)
    for one in ids:
        asked(page, sandbox, f"chat/{one}/start")
    return ids


def copies(page: Page, sandbox: str, people: list[int]) -> list[str]:
    """What those of them who got the announcement read now."""
    found = []
    for one in people:
        chat = page.request.get(f"{sandbox}sandbox/chat/{one}").json()
        found += [str(message.get("text")) for message in chat["messages"] if "Besok bawa" in str(message.get("text"))]
    return found


def test_a_trainer_is_invited_makes_a_class_announces_stops_corrects_checks_in_and_reports(
    sandbox: str, page: Page, tmp_path: Path
) -> None:
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    people = many_register(page, sandbox, tmp_path / "data")
    today = travels_to_ten(page, sandbox)
    page.goto(sandbox)
    dewi, maria, siti = Person(page, 9001), Person(page, 1003), Person(page, 1001)

    dewi.takes_the_phone()
    start = page.get_by_test_id("start")
    expect(start.or_(dewi.last).first).to_be_visible()
    if start.is_visible():  # the bot may have told admins of tomorrow's classes
        dewi.presses_start()
    dewi.types("/staf").sees("Maria")
    picture(page, "t01-staff")
    dewi.taps("Undang staf").taps("Undang pelatih")
    picture(page, "t02-which-site")
    dewi.taps("Lihat berikutnya").taps("Labuan Bajo").sees("pelatih di Labuan Bajo")
    expect(dewi.last.get_by_test_id("photo")).to_be_visible()
    picture(page, "t03-invitation", small=True)
    code = re.search(r"\?start=(t_[\w-]+)", dewi.last.inner_text())
    assert code

    maria.takes_the_phone().opens_link(code[1]).sees("jadi pelatih di Labuan Bajo")
    picture(page, "t03b-offered")
    maria.taps("Ya, saya mau").sees("Selamat bergabung sebagai pelatih di Labuan Bajo")
    picture(page, "t04-welcome")
    maria.types("Bu Maria").sees("Terima kasih, Maria")
    picture(page, "t05-named")
    dewi.takes_the_phone().sees("Orangnya benar?")
    picture(page, "t05b-confirm", small=True)
    maria.takes_the_phone()

    maria.taps("Atur kelas").sees("Kelas Anda")
    picture(page, "t06-classes")
    maria.taps("Buat kelas").sees("judul")
    picture(page, "t07-title")
    starts = today + timedelta(days=1)
    maria.types("Foto Malam")
    picture(page, "t08-when")
    maria.types(f"besok {starts:%H.%M}")
    picture(page, "t09-length")
    maria.taps("2 jam")
    picture(page, "t10-seats")
    maria.taps("20")
    picture(page, "t11-venue")
    maria.taps("Puncak Waringin").sees("Foto Malam")
    picture(page, "t12-summary")
    maria.page.locator('[data-action^="sessions:confirm:"]').last.click()  # "anyway", where a sample class runs into it
    picture(page, "t13-created")

    siti.takes_the_phone().registers("Siti").taps("Foto Malam").taps("Ikut kelas ini").sees("sudah dapat kursi")
    siti.sees("ingatkan").taps("Ya, ingatkan")

    some_take_seats(tmp_path / "data", "Foto Malam", people[:6], now(page, sandbox))

    maria.takes_the_phone().types("/pengumuman").sees("untuk siapa")
    picture(page, "t14-audience")
    maria.taps("Semua peserta saya").sees("Kirim isi pengumuman")
    picture(page, "t15-content")
    maria.types(ANNOUNCED).sees(f"Akan dikirim ke {MANY + 1} orang, selesai")
    picture(page, "t16-preview")
    maria.taps("Kirim sekarang").sees("sedang dikirim ke")
    picture(page, "t17-progress")
    maria.taps("Hentikan").sees("dihentikan")
    picture(page, "t18-stopped")
    arrived = copies(page, sandbox, people)
    assert 0 < len(arrived) < MANY, "stopped in flight"
    maria.taps("Perbaiki").sees("Kirim isi yang benar")
    picture(page, "t19-correct")
    maria.types(CORRECTED).sees("Diubah di tempat")
    picture(page, "t20-correct-preview")
    maria.taps("Perbaiki sekarang").sees("selesai untuk")
    picture(page, "t21-corrected")
    assert sorted(set(copies(page, sandbox, people))) == [f"{SPEAKS}{CORRECTED}"]

    travel = starts - now(page, sandbox)
    asked(page, sandbox, "travel", hours=travel / timedelta(hours=1))
    maria.types("/hadir").sees("Foto Malam")
    picture(page, "t22-classes")
    maria.taps("Foto Malam")
    picture(page, "t23-class")
    maria.taps("Tunjukkan kode").sees("Kode hadir: ")
    picture(page, "t24-code")
    letters = re.search(r"Kode hadir:\s*((?:[A-Z] ?){4})", maria.last.inner_text())
    assert letters
    siti.takes_the_phone().types(letters[1].strip()).sees("sudah tercatat hadir")
    picture(page, "t25-checked-in")
    for one in people[:5]:  # the sixth stays away
        asked(page, sandbox, f"chat/{one}/say", text=letters[1])
    maria.takes_the_phone()
    asked(page, sandbox, "travel", hours=3)
    maria.types("/hadir").taps("Foto Malam")
    picture(page, "t26-after")
    maria.taps("Lihat daftar nama")
    maria.sees("6 dari 7 orang hadir")
    picture(page, "t27-names", small=True)
    maria.taps("Tutup daftar").sees("1 orang belum dicatat").taps("Tutup juga").sees("ditutup: 6 hadir")
    maria.types("/laporan").sees("Laporan untuk berapa hari")
    picture(page, "t28-period")
    maria.taps("30 hari").sees("Laporan yang sama sebagai tabel")
    expect(maria.last.get_by_test_id("document")).to_be_visible()
    picture(page, "t30-report")
    assert problems == []
