"""A class day by two trainers on a slow line, in a real browser: what is recorded at the end is what happened.

Both have the list of names open. While the list is marked every answer of the bot comes LATE seconds late, so they tap
twice, tap on screens that show what was true a while ago, and tap what the other has tapped already; one participant
checks in by the code meanwhile. All their taps come before the first answer does, so that the test takes seconds, not
minutes; so do the two taps that close the list.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from bot.demo import TRAINER, TRAINER_SITE
from bot.people.audit import AuditRow
from bot.people.people import Account, Role, RoleGrant
from bot.people.people import Person as Participant
from bot.programme import attendance, enrolment, sessions
from bot.programme.attendance import Mark
from tests.browser import PHONE, Person
from tests.chat import add_registered
from tests.test_journey_of_a_trainer import asked, now, written

pytestmark = [pytest.mark.browser, pytest.mark.today]

LATE: Final = 4.0
"""Seconds by which every message and answer of the bot is late."""
SECOND: Final = 1003
"""The other trainer: a sample participant of the sandbox who is given the role."""
CODE: Final = "DUA-PELATIH"
TITLE: Final = "Kelas Dua Pelatih"
CAME: Final = ("Ani", "Budi", "Citra", "Dian")
STAYED_AWAY: Final = ("Eka", "Fitri")


def class_day(page: Page, sandbox: str, data: Path) -> dict[str, int]:
    """Six people have seats in a class, which begins now, and its site has two trainers. Returns the phones."""
    names = (*CAME, *STAYED_AWAY)
    phones = {name: asked(page, sandbox, "people", first_name=name)["id"] for name in names}
    begins = now(page, sandbox)
    starts = begins + timedelta(hours=1)
    with written(data) as db:
        chosen = sessions.create(
            db,
            begins,
            code=CODE,
            site_id=TRAINER_SITE,
            title=TITLE,
            starts_at=starts,
            minutes=120,
            capacity=20,
            venue="Balai (contoh)",
            trainer="Maria",
            leads=(1440,),
        )
        for name, phone in phones.items():
            person = add_registered(db, phone, name, begins)
            assert isinstance(enrolment.enrol(db, person, chosen.id, begins), enrolment.Seated)
        other = Account(
            telegram_id=SECOND, language="id", created_at=begins, seen_at=begins, last_message_id=0, draft={}
        )
        other.staff_name = "Rina"
        db.add(other)
        db.flush()
        db.add(RoleGrant(account_id=other.id, role=Role.TRAINER, site_id=TRAINER_SITE, granted_at=begins))
    for phone in phones.values():
        asked(page, sandbox, f"chat/{phone}/start")
    asked(page, sandbox, "travel", hours=(starts - now(page, sandbox)) / timedelta(hours=1))
    return phones


def recorded(data: Path) -> dict[str, str | None]:
    with written(data) as db:
        session = sessions.find(db, CODE)
        assert session is not None
        found: dict[str, str | None] = {}
        for person in db.scalars(select(Participant).where(Participant.name.in_((*CAME, *STAYED_AWAY)))).unique():
            mark = attendance.mark_of(db, session.id, person.id)
            found[str(person.name)] = mark.mark if mark is not None else None
        return found


def answers_come_late(page: Page, sandbox: str) -> None:
    asked(page, sandbox, "faults", what="slow", method=["send*", "edit*", "answer*"], seconds=LATE)


def until(happened: Callable[[], object]) -> None:
    """Waits for what the bot writes; what it says comes LATE seconds later."""
    deadline = time.monotonic() + 15
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def deeds(data: Path, action: str) -> int:
    """How often the log of deeds has this one."""
    with written(data) as db:
        return len(list(db.scalars(select(AuditRow).where(AuditRow.action == action))))


class Trainer(Person):
    """One who ticks names, on a page of their own."""

    def opens_the_list(self) -> Trainer:
        self.takes_the_phone()
        expect(self.page.locator("#person-name")).to_contain_text({TRAINER: "Maria", SECOND: "Rina"}[self.number])
        start = self.page.get_by_test_id("start")
        expect(start.or_(self.last).first).to_be_visible()
        if start.is_visible():
            self.presses_start()
        self.sees("")
        self.types("/hadir")
        button = self.page.get_by_test_id("inline-button").filter(has_text=re.compile(rf"{TITLE}$"))
        names = self.page.locator('[data-action^="attendance:names:"]')
        expect(button.or_(names).last).to_be_visible()
        if button.count():
            button.last.click()
        names.last.click()
        expect(self.name("Ani")).to_be_visible()
        return self

    def name(self, name: str) -> Locator:
        return self.page.get_by_test_id("inline-button").filter(has_text=re.compile(rf"Bu {name}\b")).last

    def on_screen(self, name: str) -> dict[str, object]:
        """What a tap on this name sends, as the screen is now."""
        return self.carried(self.name(name))

    def carried(self, button: Locator) -> dict[str, object]:
        message = button.locator("xpath=ancestor::li").get_attribute("data-message-id")
        return {"message_id": int(str(message)), "data": button.get_attribute("data-action")}

    def sends_tap(self, tap: dict[str, object], times: int = 1) -> None:
        """As from a phone that sends again what it thinks was lost; the page would hold a second tap back while the
        first is unanswered."""
        for _ in range(times):
            asked(self.page, self.address, f"chat/{self.number}/tap", **tap)

    @property
    def address(self) -> str:
        return self.page.url

    def seen_as_present(self, names: Sequence[str]) -> None:
        for name in names:
            expect(self.name(name)).to_contain_text("✓")


def test_two_trainers_tap_twice_and_on_stale_screens_and_the_record_is_what_happened(
    sandbox: str, page: Page, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    phones = class_day(page, sandbox, data)
    assert page.context.browser
    second = page.context.browser.new_page(viewport=PHONE, locale="id-ID")  # type: ignore[arg-type]
    second.add_init_script("localStorage['sandbox.guide'] ??= 'closed'")
    problems: list[str] = []
    for each in (page, second):
        each.on("pageerror", lambda error: problems.append(str(error)))
        each.goto(sandbox)
    maria, rina = Trainer(page, TRAINER).opens_the_list(), Trainer(second, SECOND).opens_the_list()

    # the code is on the wall; both have the list on the screen, with nobody recorded
    maria.page.locator('[data-action^="attendance:class:"]').last.click()
    maria.taps("Tunjukkan kode").sees("Kode hadir: ")
    letters = re.search(r"Kode hadir:\s*((?:[A-Z] ?){4})", maria.last.inner_text())
    assert letters
    maria.opens_the_list()
    screens = {trainer: {name: trainer.on_screen(name) for name in CAME} for trainer in (maria, rina)}

    answers_come_late(page, sandbox)
    asked(page, sandbox, f"chat/{phones['Ani']}/say", text=letters[1].strip())
    until(lambda: recorded(data)["Ani"])
    rina.name("Ani").click()  # on Rina's screen Ani is still open
    rina.sends_tap(screens[rina]["Ani"])
    maria.name("Budi").click()
    maria.sends_tap(screens[maria]["Budi"], times=2)
    maria.sends_tap(screens[maria]["Citra"], times=2)
    rina.sends_tap(screens[rina]["Citra"], times=2)  # what Maria has tapped a moment ago
    rina.sends_tap(screens[rina]["Dian"], times=2)
    maria.sends_tap(screens[maria]["Dian"], times=2)  # both for the first time, as far as they can see
    until(lambda: all(recorded(data)[name] for name in CAME))
    page.request.delete(f"{sandbox}sandbox/faults")  # what is under way comes late still; what waits behind it need not
    for trainer in (rina, maria):
        expect(trainer.page.locator(".inline-button.pending")).to_have_count(0, timeout=60_000)
        trainer.seen_as_present(CAME)
    assert recorded(data) == dict.fromkeys(CAME, Mark.PRESENT) | dict.fromkeys(STAYED_AWAY)

    asked(page, sandbox, "travel", hours=3)
    for trainer in (maria, rina):
        trainer.opens_the_list().seen_as_present(CAME)
        for name in STAYED_AWAY:
            expect(trainer.name(name)).not_to_contain_text("✓")
    maria.page.locator('[data-action^="attendance:finish:"]').last.click()
    closes = maria.page.locator('[data-action^="attendance:finished:"]').last
    expect(closes).to_be_visible()
    answers_come_late(page, sandbox)
    again = maria.carried(closes)
    closes.click()
    maria.sends_tap(again)
    until(lambda: deeds(data, "attendance_settled"))
    page.request.delete(f"{sandbox}sandbox/faults")
    expect(maria.page.locator(".inline-button.pending")).to_have_count(0, timeout=60_000)
    maria.sees("4 hadir")
    assert recorded(data) == dict.fromkeys(CAME, Mark.PRESENT) | dict.fromkeys(STAYED_AWAY)
    assert deeds(data, "presence_ticked") == len(CAME) - 1, "Ani had the code; each of the others was ticked once"
    assert deeds(data, "attendance_settled") == 1, "the second tap closed nothing again"
    assert problems == []
    health = page.request.get(f"{sandbox}health").json()
    assert health["ok"], health
