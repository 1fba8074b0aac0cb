"""The questions of day 30 in a real browser: three taps, and what is new said by one tap more."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Page

from bot.demo import FOLLOWED
from tests.browser import Person, accessibility_faults, picture

pytestmark = [pytest.mark.browser, pytest.mark.today]


class Counting(Person):
    taps_made = 0

    def taps(self, label: str) -> Person:
        self.taps_made += 1
        return super().taps(label)


def test_day_30_takes_three_taps(sandbox: str, page: Page) -> None:
    page.goto(sandbox)
    wati = Counting(page, FOLLOWED)
    wati.takes_the_phone()
    asked = page.locator('[data-testid="message"][data-from="bot"]').filter(has_text="sebulan lalu")
    for _ in range(12):
        if asked.count():
            break
        wati.travels_to_the_next_due_moment()
        page.keyboard.press("Escape")
        wati.takes_the_phone()
    wati.sees("Bu Wati, sebulan lalu ikut kelas").sees("Dulu belum ada: QRIS")
    picture(page, "round-1-asked")
    assert accessibility_faults(page) == []
    began = time.monotonic()
    wati.taps("Simpan").sees("NIB masih berlaku?").taps("Masih").sees("Bagaimana pesanan").taps("Naik")
    wati.sees("Semua tersimpan")
    took = time.monotonic() - began
    assert wati.taps_made == 3
    print(f"three taps took {took:.1f} s, of 25 that answering may take")  # noqa: T201 - told, not asserted
    picture(page, "round-2-done")
    wati.taps("Ubah jawaban").sees("pertanyaan 1 dari 3").taps("☐ QRIS").sees("☑ QRIS").taps("Simpan")
    wati.sees("NIB masih berlaku?")
