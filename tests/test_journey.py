"""The first whole journey in a real browser, over real HTTP: `make run`, then what a participant would do.

Register by the link of a site, take the only seat, travel to the reminder, say "Tidak bisa"; the next in line, who
registered meanwhile, takes the seat. With JALIN_SCREENSHOTS set to a folder, pictures of the way are left there.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect, sync_playwright

from bot.settings import ROOT
from tests.needs import missing

CHROMIUM = Path("/usr/bin/chromium")
PHONE = {"width": 360, "height": 740}
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = pytest.mark.browser


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[str]:
    """The address of a freshly started sandbox, as `make run` starts it."""
    environment = {name: value for name, value in os.environ.items() if name not in ("BOT_TOKEN", "DATABASE_URL")}
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "sandbox", "--data", str(tmp_path / "data")],
        cwd=ROOT,
        env=environment | {"PORT": "8090"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+/", line)
        assert found, f"the sandbox said: {line!r}"
        yield found[0]
    finally:
        process.terminate()
        try:
            assert process.wait(timeout=15) == 0
        finally:
            process.kill()
            if process.stdout is not None:
                process.stdout.close()


@pytest.fixture
def page() -> Iterator[Page]:
    if not CHROMIUM.exists():
        missing("browser", "no Chromium at /usr/bin/chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        opened = browser.new_page(viewport=PHONE, locale="id-ID", device_scale_factor=2)  # type: ignore[arg-type]
        opened.set_default_timeout(15_000)
        try:
            yield opened
        finally:
            browser.close()


class Person:
    """Somebody at the page, on a phone-sized screen."""

    def __init__(self, page: Page, number: int) -> None:
        self.page = page
        self.number = number

    def takes_the_phone(self) -> Person:
        self.page.get_by_test_id("person-switch").click()
        self.page.get_by_test_id(f"person-{self.number}").click()
        return self

    def opens_link(self, payload: str) -> Person:
        self.page.get_by_test_id("tools-open").click()
        self.page.get_by_test_id("deep-link").fill(payload)
        self.page.get_by_test_id("deep-link-open").click()
        return self

    def taps(self, label: str) -> Person:
        button = self.page.get_by_test_id("inline-button").filter(has_text=re.compile(rf"^\s*{re.escape(label)}"))
        button.last.click()
        return self

    def types(self, text: str) -> Person:
        self.page.get_by_test_id("composer").fill(text)
        self.page.get_by_test_id("send").click()
        return self

    @property
    def last(self) -> Locator:
        return self.page.locator('[data-testid="message"][data-from="bot"]').last

    def sees(self, text: str) -> Person:
        message = self.page.locator('[data-testid="message"][data-from="bot"]').filter(has_text=text)
        expect(message.last).to_be_visible()
        return self

    def registers(self, name: str) -> Person:
        """From the link of Labuan Bajo to the list of its classes."""
        self.opens_link("s_labuan-bajo").sees("Setuju").taps("Setuju").sees("panggil")
        self.taps("Ibu").sees("nama").types(name).sees("usaha")
        self.taps("Makanan").sees(name).taps("Sudah benar").sees("Kelas di Labuan Bajo")
        return self

    def travels_to_the_next_due_moment(self) -> None:
        """The sheet stays open: several steps can follow one another."""
        sheet = self.page.get_by_test_id("travel-next")
        if not sheet.is_visible():
            self.page.get_by_test_id("time-open").click()
        before = self.page.get_by_test_id("clock-wita").inner_text()
        sheet.click()
        expect(self.page.get_by_test_id("clock-wita")).not_to_have_text(before)
        expect(sheet).to_be_enabled()


def picture(page: Page, name: str) -> None:
    folder = os.environ.get("JALIN_SCREENSHOTS")
    if folder:
        page.wait_for_timeout(600)  # scrolling and toasts come to rest
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def test_register_enrol_be_reminded_give_back_and_the_next_takes_the_seat(sandbox: str, page: Page) -> None:
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(sandbox)
    siti, anton = Person(page, 1001), Person(page, 1002)

    siti.takes_the_phone().opens_link("s_labuan-bajo").sees("Setuju")
    picture(page, "consent")
    siti.registers("Siti").taps("Foto Produk").sees("Sisa 1 kursi").taps("Ikut kelas ini")
    siti.sees("Bu Siti sudah dapat kursi").sees("Tekan berkas ini").sees("ingatkan")
    picture(page, "asked")
    siti.taps("Ya, ingatkan")
    page.locator('[data-testid="message"]').filter(
        has_text="Bu Siti sudah dapat kursi"
    ).last.scroll_into_view_if_needed()
    picture(page, "seat-taken")

    anton.takes_the_phone().registers("Anton").taps("Foto Produk").taps("Masuk daftar tunggu").sees("nomor 1 di daftar")

    siti.takes_the_phone()
    reminder = page.locator('[data-testid="message"]').filter(has_text="besok ada kelas Foto Produk")
    for _ in range(8):  # other things may be due before it
        siti.travels_to_the_next_due_moment()
        if reminder.count():
            break
    page.keyboard.press("Escape")
    expect(reminder).to_be_visible()
    picture(page, "reminder")
    siti.taps("Tidak bisa").sees("Terima kasih sudah memberi kabar")

    anton.takes_the_phone().sees("ada kursi kosong di kelas Foto Produk")
    picture(page, "offer")
    anton.taps("Ambil kursi").sees("Bu Anton sudah dapat kursi")
    assert problems == []
    health = page.request.get(f"{sandbox}health").json()
    assert health["ok"], health


RIGHT = "Cahaya dari jendela, tidak langsung"


def test_a_lesson_a_wrong_answer_and_the_question_that_comes_back(sandbox: str, page: Page) -> None:
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(sandbox)
    siti = Person(page, 1001).takes_the_phone().registers("Siti")
    siti.types("/belajar").sees("Foto terang tanpa lampu mahal").taps("Mulai belajar")
    siti.sees("pertanyaan pendek").taps("Lewati")
    siti.sees("Matikan lampu kilat").taps("Lanjut").sees("kopi Manggarai")
    picture(page, "lesson")
    siti.taps("Lanjut").sees("Taruh satu produk di dekat jendela").taps("Kuis")

    options = page.get_by_test_id("poll-option")
    expect(options).to_have_count(3)
    options.filter(has_not_text=RIGHT).first.click()
    expect(page.get_by_test_id("poll-explanation").last).to_contain_text(
        "Dari dekat, flash justru membuat produk silau"
    )
    siti.sees("Lusa kita ulang")
    picture(page, "quiz")
    siti.sees("ingatkan").taps("Ya, ingatkan")

    offer = page.locator('[data-testid="message"]').filter(has_text="untuk diulang").filter(has_text="Ada 1")
    page.get_by_test_id("time-open").click()
    for _ in range(2):
        before = page.get_by_test_id("clock-wita").inner_text() + page.get_by_test_id("time-open").inner_text()
        page.get_by_test_id("travel-day").click()
        expect(page.get_by_test_id("travel-day")).to_be_enabled()
        page.wait_for_function(
            "before => document.querySelector('[data-testid=clock-wita]').innerText"
            " + document.querySelector('[data-testid=time-open]').innerText !== before",
            arg=before,
        )
    for _ in range(6):  # up to the hour at which questions come back, and past quiet hours
        if offer.count():
            break
        siti.travels_to_the_next_due_moment()
    page.keyboard.press("Escape")
    expect(offer).to_be_visible()
    picture(page, "review")
    siti.taps("Mulai")
    expect(options).to_have_count(6)
    options.filter(has_text=RIGHT).last.click()
    siti.sees("Tepat")
    assert problems == []
