"""A lesson is recorded, approved and heard in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Person, accessibility_faults, picture

pytestmark = [pytest.mark.browser, pytest.mark.today]


def test_a_lesson_is_recorded_approved_and_heard(sandbox: str, page: Page) -> None:
    page.goto(sandbox)
    siti, maria, dewi = Person(page, 1001), Person(page, 2001), Person(page, 9001)
    siti.takes_the_phone().registers("Siti")

    maria.takes_the_phone().presses_start().types("/suara").sees("belum bisa didengar")
    picture(page, "voice-1-texts")
    maria.taps("Foto terang").sees("Boleh suara Anda dipakai?")
    picture(page, "voice-2-consent")
    maria.taps("Ya, boleh dipakai").sees("Bacakan teks ini")
    picture(page, "voice-3-read")
    page.get_by_test_id("attach").click()
    page.get_by_test_id("attach-voice").click()
    maria.sees("coba dengarkan dulu")
    picture(page, "voice-4-listen")
    maria.taps("Pakai").sees("menunggu didengar satu orang lagi")

    # she is told in open hours alone, and this may be any hour
    dewi.takes_the_phone().opens_link("suara").types("/suara").sees("Pilih teks").taps("Perlu didengar")
    dewi.sees("rekaman menunggu didengar").taps("Foto terang")
    dewi.sees("Cocokkan dengan teksnya")
    picture(page, "voice-5-judge")
    assert accessibility_faults(page) == []
    dewi.taps("Setuju").sees("sekarang bisa didengar peserta")

    siti.takes_the_phone().types("/belajar").sees("Mulai").taps("Mulai").sees("Dengarkan")
    siti.taps("Dengarkan")
    heard = page.locator('[data-testid="message"][data-from="bot"]').filter(has=page.get_by_test_id("voice"))
    expect(heard.last).to_be_visible()
    picture(page, "voice-6-heard")
