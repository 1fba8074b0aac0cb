"""The sandbox's people: they look at their screens, walk a path, tap, write and vote, and lose patience."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.sandbox import Sandbox
from bot.sandbox.population_script import read_script
from tests.test_sandbox import TOKEN, Telegram, opened, talk

FIRST = 1_000_001


@dataclass
class LittleBot:
    """Asks for consent, then a name, then lets one choose a class, again and again, with a quiz now and then."""

    t: Telegram
    deaf_to: Callable[[str], bool] = lambda said: False
    heard: list[tuple[int, str]] = field(default_factory=list)
    taps: list[tuple[int, str, bool]] = field(default_factory=list)
    votes: int = 0
    seats: int = 3
    taken: list[int] = field(default_factory=list)

    async def serve(self) -> None:
        offset = 0
        while True:
            answer = await self.t.raw("getUpdates", offset=offset, timeout=10)
            for update in answer["result"]:
                offset = update["update_id"] + 1
                await self._handle(update)

    async def _send(self, person: int, text: str, *buttons: str) -> None:
        rows = [[{"text": words, "callback_data": words.lower()}] for words in buttons]
        await self.t.raw("sendMessage", chat_id=person, text=text, reply_markup={"inline_keyboard": rows})

    async def _handle(self, update: dict[str, Any]) -> None:
        if "message" in update:
            person, said = update["message"]["from"]["id"], update["message"].get("text", "")
            self.heard.append((person, said))
            if self.deaf_to(said):
                return
            if said.startswith("/start"):
                await self._send(person, "Setuju dengan syarat?", "Setuju", "Tidak")
            elif said.startswith("/kuis"):
                await self.t.raw("sendPoll", chat_id=person, question="?", options=["a", "b"], is_anonymous=False)
            else:
                await self._send(person, f"Halo {said}", "Kelas", "Menu")
        elif "poll_answer" in update:
            self.votes += 1
            await self._send(update["poll_answer"]["user"]["id"], "Terima kasih", "Menu")
        elif "callback_query" in update:
            query = update["callback_query"]
            person, data, message = query["from"]["id"], query["data"], query["message"]
            rows = message["reply_markup"]["inline_keyboard"]
            shown = [button["callback_data"] for row in rows for button in row]
            self.taps.append((person, data, data in shown))
            await self.t.raw("answerCallbackQuery", callback_query_id=query["id"])
            if data == "setuju":
                await self._send(person, "Siapa nama Ibu?")
                return
            words, buttons = "Menu", ["Kelas", "Menu"]
            if data == "kelas":
                words, buttons = "Ambil kursi?", ["Ambil", "Menu"]
            elif data == "ambil":
                if person not in self.taken and len(self.taken) < self.seats:
                    self.taken.append(person)
                words = "Dapat kursi" if person in self.taken else "Penuh"
            keyboard = {"inline_keyboard": [[{"text": each, "callback_data": each.lower()}] for each in buttons]}
            await self.t.raw(
                "editMessageText",
                chat_id=person,
                message_id=message["message_id"],
                text=f"{words} {len(self.taps)}",
                reply_markup=keyboard,
            )


@contextlib.asynccontextmanager
async def with_bot() -> AsyncIterator[tuple[Telegram, LittleBot]]:
    async with opened() as t:
        bot = LittleBot(t)
        serving = asyncio.create_task(bot.serve())
        try:
            yield t, bot
        finally:
            serving.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await serving


async def over(t: Telegram) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    for _ in range(800):
        figures = await t.get("population")
        if not figures["running"]:
            return figures
        await asyncio.sleep(0.01)
    raise AssertionError(f"they do not come to an end: {figures}")


PATH: list[dict[str, Any]] = [
    {"start": "s_labuan-bajo"},
    {"tap": "^Setuju$"},
    {"say": "{name}"},
    {"tap": "Perkenalan", "optional": 0.1},
    {"tap": "kelas"},
    {"tap": "Ambil"},
]
QUICK: dict[str, Any] = {"think": [0, 0.01], "settle": 0.1}


@talk
async def test_they_walk_a_path_by_what_they_see() -> None:
    async with with_bot() as (t, bot):
        await t.page("population", people=8, names=["Siti", "Anton"], path=PATH, roam=False, under_way=4, **QUICK)
        figures = await over(t)
        assert (figures["walked"], figures["gave_up"], figures["skipped"]) == (8, 0, 8)
        assert figures["by_kind"] == {"said": 16, "tapped": 24}
        assert figures["answered"] == figures["acts"] == 40
        assert 0 < figures["p50"] <= figures["p95"] <= figures["p99"]
        assert sorted(bot.heard) == sorted(
            (FIRST + number, said)
            for number in range(8)
            for said in ("/start s_labuan-bajo", ("Siti", "Anton")[number % 2])
        )
        assert len(bot.taken) == bot.seats
        report = await t.get("report")
        assert (report["taps"]["made"], report["taps"]["answered"]) == (24, 24)
        assert sum(report["broken"][name] for name in ("taps_never_answered", "texts_never_answered")) == 0
        state = await t.get("state")
        assert (state["acting"], state["people"]) == (False, 10)


@talk
async def test_they_roam_tap_only_what_they_see_and_vote() -> None:
    async with with_bot() as (t, bot):
        await t.page(
            "population",
            people=5,
            seed=4,
            acts=150,
            path=[{"start": ""}],
            texts=["halo", "/kuis"],
            prefer={"^Menu$": 0, "kelas": 5},
            tap=0.6,
            **QUICK,
        )
        figures = await over(t)
        assert figures["acts"] == 150
        assert set(figures["by_kind"]) == {"said", "tapped", "voted"}
        assert figures["by_kind"]["voted"] == bot.votes > 0
        assert all(shown for _, _, shown in bot.taps)
        assert "menu" not in {data for _, data, _ in bot.taps}


@talk
async def test_stale_and_double_taps_only_if_the_script_wants_them() -> None:
    async with with_bot() as (t, bot):
        await t.page("population", people=3, acts=120, stale=0.3, double=0.3, path=[{"start": ""}], **QUICK)
        figures = await over(t)
        assert figures["by_kind"]["stale"] > 5
        assert figures["by_kind"]["double"] > 5
        assert not all(shown for _, _, shown in bot.taps)


def test_the_same_seed_the_same_story() -> None:
    stories: list[list[tuple[int, str]]] = []
    for seed in (7, 7, 8):

        @talk
        async def told(seed: int = seed) -> None:
            async with with_bot() as (t, bot):
                await t.page(
                    "population", people=3, under_way=1, acts=30, seed=seed, path=[{"start": ""}], think=[0, 0]
                )
                await over(t)
                story = [(person, data) for person, data, _ in bot.taps] + bot.heard
                stories.append(sorted(story))

        told()
    assert stories[0] == stories[1] != stories[2]


@talk
async def test_who_is_not_answered_says_it_again_and_gives_up() -> None:
    async with with_bot() as (t, bot):
        bot.deaf_to = lambda said: said == "Siti" and len(bot.heard) < 4
        await t.page(
            "population", people=1, path=PATH[:3], roam=False, patience=0.2, **QUICK
        )  # /start, Siti, Siti are heard before the bot listens
        figures = await over(t)
        assert (figures["walked"], figures["impatient"]) == (1, 2)
        bot.deaf_to = lambda said: True
        path = [{"say": "halo"}, {"tap": "Tidak ada"}]
        await t.page("population", people=2, first_id=2_000_001, path=path, roam=False, patience=0.1, **QUICK)
        figures = await over(t)
        assert (figures["walked"], figures["gave_up"]) == (0, 2)
        assert figures["gave_up_examples"][0]["step"] == {"tap": "Tidak ada"}
        assert figures["by_kind"] == {"said": 8}


@talk
async def test_an_open_loop_goes_at_its_rate() -> None:
    async with with_bot() as (t, _):
        await t.page("population", people=40, rate=50, seconds=1, texts=["halo"], tap=0, **QUICK)
        figures = await over(t)
        assert 0 < figures["acts"] <= 51
        assert figures["seconds"] >= 1


@talk
async def test_they_share_block_and_come_back() -> None:
    async with with_bot() as (t, _):
        path: list[dict[str, Any]] = [
            {"start": ""}, {"share": "location"}, {"share": "contact"}, {"say": "/kuis"}, {"vote": 1}, {"block": True},
            {"wait": 0.05}, {"unblock": True}, {"say": "lagi"},
        ]  # fmt: skip
        await t.page("population", people=2, path=path, roam=False, **QUICK)
        figures = await over(t)
        assert figures["walked"] == 2
        assert figures["by_kind"] == {"said": 6, "shared": 4, "voted": 2, "blocked": 2, "unblocked": 2}


@talk
async def test_known_people_may_be_written_to_and_others_end_on_request() -> None:
    async with with_bot() as (t, _):
        await t.page("population", people=3, known=True, acts=0)
        await over(t)
        assert (await t.raw("sendMessage", chat_id=FIRST + 2, text="Pengumuman"))["ok"]
        assert (await t.page("population", people=3, patience=60, **QUICK))["running"]
        assert not (await t.http.delete(f"{t.url}/sandbox/population")).json()["running"]
        assert (await t.http.delete(f"{t.url}/sandbox/population")).status_code == 200


@talk
async def test_nobody_there_yet() -> None:
    async with opened() as t:
        assert (await t.http.get(f"{t.url}/sandbox/population")).status_code == 404
        assert await t.refused("population", people=0) == (400, "people: must be a whole number from 1 to 100000")


@pytest.mark.parametrize(
    "wrong",
    [
        {"persons": 5}, {"people": True}, {"path": {}}, {"path": [5]}, {"path": [{"tap": "("}]}, {"path": [{}]},
        {"path": [{"fly": True}]}, {"path": [{"tap": "a", "say": "b"}]}, {"think": [1]}, {"think": [2, 1]},
        {"prefer": {"a": -1}}, {"prefer": []}, {"answers": {"a": "b"}}, {"texts": []}, {"tap": 2}, {"rate": 0},
        {"path": [{"share": "money"}]}, {"path": [{"vote": 99}]}, {"path": [{"block": False}]}, {"roam": 1},
    ],
)  # fmt: skip
def test_scripts_are_looked_at(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        read_script(wrong)


@pytest.mark.parametrize("steps", range(6))
def test_people_can_be_stopped_however_soon_after_something_was_said_to_them(steps: int) -> None:
    async def whole() -> None:
        sandbox = Sandbox(None, token=TOKEN, bot_username="kelas_bot", people=())
        await sandbox.populate(read_script({"people": 1}))
        assert sandbox.population is not None
        for _ in range(20):
            await asyncio.sleep(0)
        sandbox.population._wake.set()
        for _ in range(steps):
            await asyncio.sleep(0)
        await asyncio.wait_for(sandbox.populate(None), 5)
        sandbox.close()

    asyncio.run(whole())
