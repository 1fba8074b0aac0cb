"""The first whole journey in a real browser, over real HTTP: `make run`, then what a participant would do.

Register by the link of a site, take the only seat, travel to the reminder, say "Tidak bisa"; the next in line, who
registered meanwhile, takes the seat.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Person, picture

pytest_plugins = ("tests.browser",)
pytestmark = [pytest.mark.browser, pytest.mark.today]


def test_register_enrol_be_reminded_give_back_and_the_next_takes_the_seat(sandbox: str, page: Page) -> None:
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
    page.goto(sandbox)
    siti, anton = Person(page, 1001), Person(page, 1002)

    siti.takes_the_phone().opens_link("s_labuan-bajo").sees("Ya, setuju")
    picture(page, "consent")
    siti.registers("Siti").taps("Foto Produk").sees("Sisa 1 kursi").taps("Ikut kelas ini")
    siti.sees("Bu Siti sudah dapat kursi").sees("ingatkan")
    picture(page, "asked")
    siti.taps("Ya, ingatkan")
    seat = page.locator('[data-testid="message"]').filter(has_text="Bu Siti sudah dapat kursi").last
    seat.evaluate("one => one.scrollIntoView()")  # Playwright's own way waits for a message that may be drawn anew
    picture(page, "seat-taken")

    anton.takes_the_phone().registers("Anton").taps("Foto Produk").taps("Masuk daftar tunggu").sees("nomor 1 di daftar")

    siti.takes_the_phone()
    reminder = page.locator('[data-testid="message"]').filter(has_text="besok ada kelas Foto Produk")
    for _ in range(20):  # other things may be due before it; on a Sunday it waits for noon
        siti.travels_to_the_next_due_moment()
        if reminder.count():
            break
    page.keyboard.press("Escape")
    expect(reminder).to_be_visible()
    picture(page, "reminder")
    siti.taps("Tidak bisa").sees("Terima kasih sudah memberi kabar")
    siti.travels_to_the_next_due_moment()  # two minutes later it cannot be taken back any more
    page.keyboard.press("Escape")

    anton.takes_the_phone().sees("ada kursi kosong di kelas Foto Produk")
    picture(page, "offer")
    anton.taps("Ambil kursi").sees("Bu Anton sudah dapat kursi")
    assert problems == []
    health = page.request.get(f"{sandbox}health").json()
    assert health["ok"], health


RIGHT = "Cahaya jendela, pagi atau sore"


def test_a_lesson_a_wrong_answer_and_the_question_that_comes_back(sandbox: str, page: Page) -> None:
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(sandbox)
    siti = Person(page, 1001).takes_the_phone().registers("Siti")
    siti.types("/belajar").sees("Foto terang tanpa lampu mahal").taps("Mulai belajar")
    siti.sees("Matikan lampu kilat").taps("Lanjut").sees("kopi Manggarai")
    picture(page, "lesson")
    siti.taps("Lanjut").sees("Taruh satu produk di dekat jendela").taps("Jawab kuis")

    options = page.get_by_test_id("poll-option")
    expect(options).to_have_count(3)
    options.filter(has_not_text=RIGHT).first.click()
    siti.sees("Dari dekat, lampu kilat membuat silau").sees("Lusa kita ulang")
    expect(page.get_by_test_id("poll-explanation")).to_have_count(0)
    picture(page, "quiz")
    siti.sees("kirim pelajaran").taps("Ya, kirim")

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
    for _ in range(20):  # up to the hour at which questions come back, and past quiet hours
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
