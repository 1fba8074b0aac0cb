"""The sandbox's page in a real browser, as somebody holds it in the hand: fixtures and gestures of the journeys.

With JALIN_SCREENSHOTS set to a folder, pictures of the way are left there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from bot.settings import ROOT
from tests import warm_start
from tests.requirements import missing

CHROMIUM = Path(os.environ.get("JALIN_CHROMIUM", "/usr/bin/chromium"))
"""Debian's; Ubuntu has none that is no snap, so .ci/run names another there."""
expect.set_options(timeout=15_000)
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


@pytest.fixture
def sandbox_settings() -> dict[str, str]:
    """What the sandbox's environment has besides; a test file can put its own in this place."""
    return {}


@pytest.fixture
def sandbox(tmp_path: Path, sandbox_settings: dict[str, str]) -> Iterator[str]:
    """The address of a freshly started sandbox, as `make run` starts it."""
    environment = {name: value for name, value in os.environ.items() if name not in ("BOT_TOKEN", "DATABASE_URL")}
    process = warm_start.start(
        ["-m", "bot", "sandbox", "--data", str(tmp_path / "data")],
        cwd=ROOT,
        # nobody reads along, so nobody is given time to read
        env=environment | {"PORT": "8090", "CHAT_RATE": "50"} | sandbox_settings,
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


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for a file's tests. While it is there, no test of the same file can run an event loop of its own."""
    if not CHROMIUM.exists():
        missing("browser", f"no Chromium at {CHROMIUM}")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET)
        try:
            yield launched
        finally:
            launched.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page of a browser that remembers nothing of other tests."""
    sharp = 2 if os.environ.get("JALIN_SCREENSHOTS") else 1  # four times the points take four times as long to draw
    opened = chromium.new_page(viewport=PHONE, locale="id-ID", device_scale_factor=sharp)  # type: ignore[arg-type]
    opened.set_default_timeout(15_000)
    # the strip of things to try would take the chat's room; its own tests unfold it
    opened.add_init_script("localStorage['sandbox.guide'] ??= 'closed'")
    try:
        yield opened
    finally:
        for context in chromium.contexts:
            context.close()


class Person:
    """Somebody at the page, on a phone-sized screen."""

    def __init__(self, page: Page, number: int) -> None:
        self.page = page
        self.number = number

    def takes_the_phone(self) -> Person:
        self.page.get_by_test_id("person-switch").click()
        self.page.get_by_test_id(f"person-{self.number}").click()
        return self

    def presses_start(self) -> Person:
        """In a chat that is still empty: Telegram shows nothing else to do."""
        self.page.get_by_test_id("start").click()
        return self

    def opens_link(self, payload: str) -> Person:
        self.page.get_by_test_id("tools-open").click()
        self.page.get_by_test_id("deep-link").fill(payload)
        self.page.get_by_test_id("deep-link-open").click()
        return self

    def taps(self, label: str) -> Person:
        """A label of a class begins with the date: "Sen 30 Nov, 15.59 · Foto Produk"."""
        begins = re.compile(rf"^\s*(?:✅ )?(?:\w+ \d+ \w+, \d\d\.\d\d · )?{re.escape(label)}")
        button = self.page.get_by_test_id("inline-button").filter(has_text=begins)
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
        self.opens_link("s_labuan-bajo").sees("Ya, setuju").taps("Ya, setuju").sees("panggil")
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


def accessibility_faults(page: Page) -> list[str]:
    """What axe finds serious or critical in the page as it is now: the rule, and where."""
    # halfway through appearing, words are paler than they will be
    page.evaluate(
        "Promise.allSettled(document.getAnimations()"
        ".filter((one) => one.effect.getComputedTiming().endTime !== Infinity).map((one) => one.finished))"
    )
    found = Axe().run(page).response["violations"]
    return [
        f"{fault['id']}: {node['html'][:160]} ({node['failureSummary'][:200]})"
        for fault in found
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]


def picture(page: Page, name: str, *, small: bool = False) -> None:
    """Leaves a picture if asked to; `small`: with one pixel each way a point, enough for a guide."""
    folder = os.environ.get("JALIN_SCREENSHOTS")
    if folder:
        page.wait_for_timeout(600)  # scrolling comes to rest
        page.evaluate("document.getElementById('toasts').replaceChildren()")  # they would cover what is said
        page.screenshot(path=str(Path(folder) / f"{name}.png"), scale="css" if small else "device")
