"""A question in a real browser: asked within three taps, taken, answered and clear; by one phone that changes hands,
and by two side by side."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Person, accessibility_faults, picture

pytestmark = [pytest.mark.browser, pytest.mark.today]

QUESTION = "Bagaimana cara memotret keripik supaya kelihatan renyah?"
ANSWER = "Dekat jendela, pagi hari, dari samping."


class Counting(Person):
    """Counts what a finger does: buttons, and sending. Writing is not tapping."""

    taps_made = 0

    def taps(self, label: str) -> Person:
        self.taps_made += 1
        return super().taps(label)

    def types(self, text: str) -> Person:
        self.taps_made += 1
        return super().types(text)


def test_a_question_is_asked_within_three_taps_taken_answered_and_clear(sandbox: str, page: Page) -> None:
    page.goto(sandbox)
    siti = Counting(page, 1001)
    siti.takes_the_phone().registers("Siti")
    siti.taps_made = 0
    siti.taps("Menu").sees("Tanya pendamping").taps("Tanya pendamping").sees("Mau tanya apa, Bu Siti")
    siti.types(QUESTION).sees("Sudah diteruskan ke pendamping Labuan Bajo")
    assert siti.taps_made <= 3
    picture(page, "question-1-asked")

    page.get_by_test_id("guide-toggle").click()
    page.get_by_test_id("do-answer").click()
    expect(page.locator("#person-name")).to_contain_text("Lukas")
    lukas = Person(page, 2002).sees("3 menunggu")
    lukas.taps("Buka 3").sees("renyah").taps("Ambil").sees("Balas").taps("Balas").sees("Balasan untuk Bu Siti")
    lukas.types(ANSWER).sees("Terkirim ke Bu Siti")
    picture(page, "question-2-answered")

    siti.takes_the_phone().sees("Dekat jendela").taps("Sudah jelas").sees("Bagaimana jawabannya?").taps("😊")
    siti.sees("Terima kasih")
    picture(page, "question-3-clear")


def test_two_phones_side_by_side_where_the_window_is_wide(sandbox: str, page: Page) -> None:
    page.goto(sandbox)
    expect(page.get_by_test_id("second-phone")).to_have_count(0)
    page.set_viewport_size({"width": 1280, "height": 800})
    right = page.frame_locator("[data-testid=second-phone]")
    expect(right.locator("#person-name")).to_contain_text("Lukas")
    expect(right.get_by_test_id("guide-toggle")).to_be_hidden()
    page.get_by_test_id("guide-toggle").click()

    page.get_by_test_id("do-ask").click()
    expect(page.get_by_test_id("notice")).to_contain_text("nomor 1")
    siti = Person(page, 1001)
    page.get_by_test_id("do-register").click()
    siti.sees("Ya, setuju").taps("Ya, setuju").sees("panggil").taps("Ibu").sees("nama").types("Siti").sees("usaha")
    siti.taps("Makanan").sees("Siti").taps("Sudah benar").sees("Kelas di Labuan Bajo")
    page.get_by_test_id("do-ask").click()
    siti.sees("Mau tanya apa, Bu Siti").types(QUESTION).sees("Sudah diteruskan")
    page.get_by_test_id("do-answer").click()
    expect(page.locator("#person-name")).to_contain_text("Siti")
    in_queue = right.get_by_test_id("inline-button")
    in_queue.filter(has_text="Buka 3").last.click()
    in_queue.filter(has_text="Ambil").last.click()
    in_queue.filter(has_text="Balas").last.click()
    right.get_by_test_id("composer").fill(ANSWER)
    right.get_by_test_id("send").click()
    siti.sees("Dekat jendela")
    picture(page, "two-phones")
    assert accessibility_faults(page) == []
    siti.taps("Sudah jelas").sees("Bagaimana jawabannya?")

    page.get_by_test_id("language").click()
    expect(right.get_by_test_id("composer")).to_have_attribute("aria-label", "Message")
    page.set_viewport_size({"width": 920, "height": 700})
    expect(right.get_by_test_id("composer")).to_be_visible()
    first, second = page.locator("#phone").bounding_box(), page.get_by_test_id("second-phone").bounding_box()
    assert first
    assert second
    assert first["x"] + first["width"] < second["x"]
    assert second["x"] + second["width"] <= 920
    page.get_by_test_id("person-switch").click()
    expect(page.get_by_test_id("person-1002")).to_be_visible()
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 360, "height": 740})
    expect(page.get_by_test_id("second-phone")).to_have_count(0)
