"""The clock is compared with Telegram's: what is believed, what stops while it is wrong, and who is told."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery import outbox
from bot.operations.clock_check import FRESH_SECONDS, ClockCheck, ClockWatch, Source
from bot.people.quiet_hours import Kind
from bot.words.message import Message
from tests.chat import Chat, enrolled, registered

TRUTH = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)
YEAR = timedelta(days=400)


@dataclass
class Machine:
    """A clock that can be set, beside a stopwatch that cannot. `truth` is what Telegram's clock shows."""

    off: timedelta = timedelta(0)
    passed: float = 0.0

    @property
    def truth(self) -> datetime:
        return TRUTH + timedelta(seconds=self.passed)

    def check(self) -> ClockCheck:
        return ClockCheck(lambda: self.truth + self.off, lambda: 5_000 + self.passed)


def test_nothing_is_known_before_telegram_has_answered_and_long_after() -> None:
    machine = Machine()
    check = machine.check()
    assert (check.off, check.trusted, check.wrong) == (None, False, False)
    check.hear(machine.truth, Source.HEADER)
    assert check.trusted
    machine.passed += FRESH_SECONDS
    assert check.trusted
    machine.passed += 1
    assert check.off is None
    assert not check.trusted


@given(off=st.floats(-40_000_000, 40_000_000), passed=st.floats(0, FRESH_SECONDS - 1))
def test_a_jump_is_seen_at_once_and_not_at_the_next_answer(off: float, passed: float) -> None:
    machine = Machine()
    check = machine.check()
    check.hear(machine.truth, Source.HEADER)
    machine.passed, machine.off = passed, timedelta(seconds=off)
    assert check.off is not None
    assert abs(check.off - machine.off) < timedelta(milliseconds=1)
    if abs(abs(off) - 60) > 0.01 and abs(abs(off) - 3600) > 0.01:
        assert check.trusted is (abs(off) < 60)
        assert check.alarming is (abs(off) > 60)
        assert check.wrong is (abs(off) > 3600)


def test_one_wrong_answer_on_the_way_changes_nothing() -> None:
    machine = Machine()
    check = machine.check()
    for _ in range(2):
        check.hear(machine.truth, Source.HEADER)
    check.hear(machine.truth - YEAR, Source.HEADER)
    assert check.trusted


def test_a_server_on_the_same_machine_is_not_believed_against_telegram_itself() -> None:
    machine = Machine(off=YEAR)
    check = machine.check()
    check.hear(machine.truth + machine.off, Source.HEADER)  # it shares the wrong clock
    check.hear(machine.truth, Source.MESSAGE)
    assert check.wrong


def watched(machine: Machine) -> tuple[ClockCheck, ClockWatch, list[str]]:
    happened: list[str] = []

    async def tell(off: timedelta, stops: bool) -> None:
        happened.append(f"told {round(off / timedelta(minutes=1))} {stops}")

    check = machine.check()
    return check, ClockWatch(check, on_set=lambda: happened.append("set"), tell=tell), happened


def test_staff_are_told_once_when_it_begins_and_once_more_when_it_gets_worse() -> None:
    machine = Machine()
    check, watch, happened = watched(machine)

    def looks(*offs: timedelta) -> list[str]:
        happened.clear()
        for off in offs:
            machine.passed, machine.off = machine.passed + 5, off
            check.hear(machine.truth, Source.HEADER)
            asyncio.run(watch.look())
        return happened

    second = timedelta(seconds=1)
    assert looks(0 * second, 2 * second) == []
    assert looks(5 * second, 63 * second, 66 * second) == ["set", "told 1 False"]
    assert looks(2 * YEAR, 2 * YEAR) == ["set", f"told {2 * 400 * 24 * 60} True"]
    assert looks(2 * YEAR + 4 * second) == []
    assert looks(0 * second) == ["set"]
    assert looks(-90 * second) == ["set", "told -2 False"], "it is told again once it was right meanwhile"


def test_a_watch_goes_on_when_nobody_can_be_told() -> None:
    machine = Machine(off=YEAR)
    check = machine.check()

    async def tell(off: timedelta, stops: bool) -> None:
        raise RuntimeError("the database is away")

    watch = ClockWatch(check, on_set=lambda: None, tell=tell)
    check.hear(machine.truth, Source.HEADER)
    asyncio.run(watch.look())
    asyncio.run(watch.look())


# --- the whole bot --------------------------------------------------------------------------------------------------


def hears_telegram(chat: Chat, off: timedelta) -> None:
    """Telegram answers once; this machine's clock is that much ahead of it."""
    truth = chat.start
    chat.start += off
    chat.app.clock_check = ClockCheck(lambda: chat.start, lambda: 0.0)
    chat.app.clock_check.hear(truth, Source.HEADER)


@pytest.mark.parametrize("off", [YEAR, timedelta(hours=49)])
def test_while_the_clock_is_wrong_nothing_is_due_and_replies_go_on(chat: Chat, off: timedelta) -> None:
    siti = enrolled(chat, "Siti", session=chat.add_class()).looks_up()
    right = chat.start
    hears_telegram(chat, off)
    chat.look()
    siti.sees_nothing_new()  # no reminder, and nobody asks how the class was
    siti.types("/menu").sees("Ada yang bisa kami bantu")
    chat.start = right
    hears_telegram(chat, timedelta(0))
    siti.types("/jadwal").sees("Foto Produk")
    chat.travel(days=2, hours=1)
    siti.sees("besok ada kelas")


def test_what_waits_for_a_date_is_not_sent_by_a_wrong_clock(chat: Chat) -> None:
    siti = registered(chat).looks_up()
    with chat.database.transaction() as db:
        account = siti.account(db)
        assert account is not None
        for days, kind in ((1, Kind.LESSON), (0, Kind.ALARM)):
            post = outbox.to(
                account, Message(f"privacy.stopped{'' if days else '_with_seats'}", {"classes": ""}), kind=kind
            )
            outbox.post(db, replace(post, not_before=chat.now + timedelta(days=days)), now=chat.now)
    right = chat.start
    hears_telegram(chat, YEAR)
    chat.look()
    assert len(siti.new) == 1, "an alarm goes at once"
    siti.looks_up()
    chat.start = right
    hears_telegram(chat, timedelta(0))
    chat.look()
    siti.sees_nothing_new()
    chat.travel(days=1)
    assert len(siti.new) == 1


def test_admins_are_told_in_words(sqlite_url: str) -> None:
    chat = Chat(sqlite_url, admin_ids=(101,))
    try:
        dewi, siti = chat.phone("Dewi").types("/menu").looks_up(), registered(chat).looks_up()

        async def passes() -> None:
            await chat.app.clock_watch.look()
            await chat.app.settled()

        for off, words in ((timedelta(seconds=90), "meleset 2 menit"), (YEAR, "meleset 576.000 menit")):
            right = chat.start
            hears_telegram(chat, off)
            chat.app.clock_watch.check = chat.app.clock_check
            chat.wait_for(passes())
            dewi.sees(words)
            dewi.looks_up()
            chat.start = right
        siti.sees_nothing_new()
    finally:
        chat.close()


def test_the_sandboxs_moved_time_is_no_wrong_clock(chat: Chat) -> None:
    siti = enrolled(chat, "Siti", session=chat.add_class()).looks_up()
    hears_telegram(chat, timedelta(0))
    chat.travel(days=2, hours=1)
    siti.sees("besok ada kelas")
    assert chat.app.clock_is_trusted
