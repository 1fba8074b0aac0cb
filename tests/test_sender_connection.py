"""Whether Telegram can be written to, as the sender sees it, and the answers to taps that depend on it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.delivery import tap_answers
from bot.delivery.connection import LONG_OUTAGE_PROBES, LOST_IN_A_ROW, PAUSE_MARGIN, Connection
from bot.delivery.runtime import Runtime, back_off
from bot.delivery.tap_answers import ANSWER_SECONDS, ANSWERS_AT_ONCE, TapAnswers
from bot.telegram.http import AnswerLost, NotReached, Refused
from tests.sender_time import SenderTime


class Api:
    """Answers what it is told to, one after the other, and then yes."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls: list[tuple[str, Mapping[str, Any]]] = []

    async def call(
        self,
        method: str,
        params: Mapping[str, Any],
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        timeout: float = 30.0,  # noqa: ASYNC109
    ) -> Any:
        self.calls.append((method, params))
        if self.errors:
            raise self.errors.pop(0)
        return True


class Setup:
    """A connection, and what it asked of the sender."""

    def __init__(self, *errors: Exception) -> None:
        self.time = SenderTime()
        self.runtime: Runtime = self.time.runtime()
        self.api = Api(*errors)
        self.long_waits = 0
        self.held: list[tuple[int, float]] = []
        self.connection = Connection(
            self.api, self.runtime, self.long_wait, lambda chat, seconds: self.held.append((chat, seconds))
        )
        self.answers = TapAnswers(self.api, self.connection, self.runtime)

    def long_wait(self) -> None:
        self.long_waits += 1

    async def all_ended(self) -> None:
        while self.runtime.has_tasks:  # noqa: ASYNC110 - the tasks are nobody's business but the runtime's
            await asyncio.sleep(0)


def run(work: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(10):
            await work()

    asyncio.run(bounded())


def test_a_pause_is_kept_a_bit_longer_than_asked_and_a_shorter_one_does_not_end_it() -> None:
    made = Setup()
    made.connection.pause(4.0)
    made.connection.pause(1.0)
    assert made.connection.rest_left == pytest.approx(4.0 * PAUSE_MARGIN)
    assert made.long_waits == 0
    made.time.now += 4.0 * PAUSE_MARGIN
    assert not made.connection.resting
    made.connection.pause(None)
    assert made.connection.rest_left == pytest.approx(PAUSE_MARGIN)
    made.connection.pause(60)
    assert made.long_waits == 1


def test_a_pause_is_the_chats_until_it_is_said_of_another_with_nothing_taken_in_between() -> None:
    made = Setup()
    connection = made.connection
    assert connection.pause(4.0, 5) == pytest.approx(4.0 * PAUSE_MARGIN)
    assert connection.pause(2.0, 5) == pytest.approx(2.0 * PAUSE_MARGIN), "the same chat, once more"
    connection.accepted()
    connection.pause(60.0, 6)
    assert not connection.resting
    assert made.held == [(5, 4.0 * PAUSE_MARGIN), (5, 2.0 * PAUSE_MARGIN), (6, 60.0 * PAUSE_MARGIN)]
    assert connection.pause(3.0, 7) == 0.0
    assert connection.rest_left == pytest.approx(3.0 * PAUSE_MARGIN)
    connection.pause(8.0, 7)
    assert connection.rest_left == pytest.approx(8.0 * PAUSE_MARGIN)
    assert made.long_waits == 1
    assert len(made.held) == 3
    made.time.now += 9
    connection.pause(1.0)  # an answer to a tap is of no chat
    assert connection.resting


def test_when_it_cannot_be_reached_it_is_probed_ever_more_seldom_until_it_answers() -> None:
    made = Setup(*(NotReached("no route") for _ in range(LONG_OUTAGE_PROBES + 1)))

    async def work() -> None:
        made.connection.not_reached()
        made.connection.not_reached()  # is probed once, not twice
        assert made.connection.rest_left == math.inf
        await made.all_ended()
        assert not made.connection.resting

    run(work)
    assert [method for method, _ in made.api.calls] == ["getMe"] * (LONG_OUTAGE_PROBES + 2)
    assert made.time.slept[0] < made.time.slept[2] < made.time.slept[4]
    assert made.long_waits == 1


def test_lost_answers_in_a_row_are_an_outage_and_one_that_came_begins_the_row_anew() -> None:
    made = Setup()

    async def work() -> None:
        for _ in range(2):
            made.connection.answered()
            for _ in range(LOST_IN_A_ROW - 1):
                made.connection.answer_lost()
            assert not made.connection.resting
        made.connection.answer_lost()
        assert made.connection.resting
        await made.all_ended()

    run(work)


@pytest.mark.parametrize("code", [401, 429])
def test_a_probe_learns_of_a_pause_and_of_a_refused_token(code: int) -> None:
    made = Setup(Refused(code, "no", 3.0))

    async def work() -> None:
        made.connection.not_reached()
        await made.all_ended()

    run(work)
    assert (made.connection.fatal is not None, made.connection.fatal_event.is_set()) == (code == 401, code == 401)
    assert made.connection.resting == (code == 429)


def test_a_probe_that_is_cancelled_before_its_first_step_does_not_rest_for_ever() -> None:
    made = Setup()

    async def work() -> None:
        made.connection.not_reached()
        await made.runtime.cancel_tasks()
        assert not made.connection.resting

    run(work)
    assert made.api.calls == []


def test_taps_wait_for_a_short_pause_and_are_let_go_in_a_long_one() -> None:
    made = Setup()

    async def work() -> None:
        made.connection.pause(3.0)
        made.answers.answer("short", "x" * 300, alert=True)
        await made.all_ended()
        made.connection.pause(ANSWER_SECONDS + 1)
        made.answers.answer("long")
        await made.all_ended()

    run(work)
    asked = {"callback_query_id": "short", "text": "x" * 200, "show_alert": True}
    assert made.api.calls == [("answerCallbackQuery", asked)]
    assert made.answers.failed == 1


def test_a_tap_that_is_refused_is_let_go_and_a_pause_is_kept_for_everybody() -> None:
    made = Setup(Refused(400, "query is too old"), AnswerLost("cut"), ValueError("odd"), Refused(429, "slow", 2.0))

    async def work() -> None:
        for number in range(4):
            made.answers.answer(str(number))
            await made.all_ended()

    with capture_logs() as logs:
        run(work)
    assert made.answers.failed == 4
    assert made.connection.pause_left > 0
    assert [log["event"] for log in logs] == ["a tap could not be answered", "Telegram asks for a pause"]


def test_taps_beyond_the_limit_are_let_go_and_cancelled_ones_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tap_answers, "ANSWERS_LIMIT", 2)
    made = Setup()

    async def work() -> None:
        for number in range(3):
            made.answers.answer(str(number))
        assert made.answers.failed == 1
        await made.runtime.cancel_tasks()  # before their first step
        made.answers.answer("again")
        await made.all_ended()
        made.runtime.stopping = True
        made.answers.answer("too late")

    run(work)
    assert [params["callback_query_id"] for _, params in made.api.calls] == ["again"]
    assert made.answers.failed == 2


def test_an_end_waits_for_the_answers_that_wait_and_takes_no_more() -> None:
    made = Setup()

    async def work() -> None:
        made.connection.pause(3.0)
        for number in range(2 * ANSWERS_AT_ONCE):
            made.answers.answer(str(number))
        made.runtime.stopping = True
        await made.answers.end(5.0)
        await made.runtime.cancel_tasks()
        made.answers.answer("too late")
        await made.answers.end(5.0)

    run(work)
    answered = sorted(int(params["callback_query_id"]) for _, params in made.api.calls)
    assert answered == list(range(2 * ANSWERS_AT_ONCE))
    assert made.answers.failed == 1


def test_trouble_is_logged_once_for_each_place_and_never_with_its_words() -> None:
    runtime = SenderTime().runtime()

    def trouble(words: str) -> Exception:
        try:
            raise ValueError(words)
        except ValueError as error:
            return error

    with capture_logs() as logs:
        for words in ("Siti", "Budi"):
            runtime.log_once(trouble(words), "odd", key="a.b")
        runtime.log_once(KeyError("Siti"), "odd")
    assert [(log["error"], log.get("key")) for log in logs] == [("ValueError", "a.b"), ("KeyError", None)]
    assert "Siti" not in str(logs)


def test_the_loop_wakes_when_told_and_by_time_alone() -> None:
    time = SenderTime()
    runtime = time.runtime()

    async def work() -> None:
        began = time.now
        await runtime.wait(7.0)
        assert time.now == began + 7.0
        runtime.notify()
        await runtime.wait(1000.0)
        runtime.end_alarm()
        await asyncio.sleep(0)
        assert time.now == began + 7.0

    run(work)


def test_backing_off_doubles_up_to_its_bound() -> None:
    assert all(0.5 <= back_off(0, 60) <= 0.75 for _ in range(20))
    assert all(4 <= back_off(3, 60) <= 6 for _ in range(20))
    assert back_off(10_000, 60) == 60
