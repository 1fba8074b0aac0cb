"""In a real browser: a person who only types, from /start to a seat, a reminder, a class found, messages stopped.

A tap is asked for only where a consent is given, which the law wants as an act of its own, and where something is lost:
to stop all messages.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Person, picture

pytest_plugins = ("tests.browser",)
pytestmark = [pytest.mark.browser, pytest.mark.today]


def test_a_person_who_only_types(sandbox: str, page: Page) -> None:
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
    page.goto(sandbox)
    siti = Person(page, 1001).takes_the_phone()

    siti.presses_start().sees("Ya, setuju")
    siti.types("oke kak").types("setuju").sees("tekan tombolnya")
    siti.taps("Ya, setuju").sees("panggil")  # the law: a consent is a tap
    siti.types("ibu").sees("nama panggilan").types("bantuan").sees("Lanjutkan").types("lanjutkan").sees(
        "nama panggilan"
    )
    siti.types("nama saya Siti").sees("jenis usaha").types("jualan kue").sees("di mana")
    siti.types("labuan bajo").sees("Bu Siti").types("sudah benar").sees("sudah terdaftar").sees("Kelas di Labuan Bajo")

    siti.types("mau ikut foto produk").sees("Sisa").types("ikut kelas ini").sees("Bu Siti sudah dapat kursi")
    siti.sees("boleh kami ingatkan")
    picture(page, "typed-seat")
    siti.types("jadwal").sees("Jadwal Bu Siti").types("kelasnya dimana?").sees("Tempatnya di")
    siti.taps("Ya, ingatkan").sees("Nanti kami ingatkan")  # the law again

    reminder = page.locator('[data-testid="message"]').filter(has_text="ada kelas Foto Produk")
    for _ in range(20):  # other things may be due before it
        siti.travels_to_the_next_due_moment()
        if reminder.count():
            break
    page.keyboard.press("Escape")
    expect(reminder.first).to_be_visible()
    siti.types("hadir kak, insyaallah").sees("Sampai jumpa di kelas Foto Produk")
    picture(page, "typed-coming")
    siti.types("ada kelas apa lagi?").sees("Kelas di Labuan Bajo")

    siti.types("sudah jangan kirim pesan lagi ya").sees("Mau berhenti menerima pesan?")
    siti.types("ya").sees("tekan tombolnya").taps("Ya, hentikan semua").sees("Pesan sudah dihentikan")  # a loss
    siti.types("menu").sees("sedang dihentikan")
    assert problems == []
