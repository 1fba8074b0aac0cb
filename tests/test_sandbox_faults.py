"""The sandbox's rates, faults, transcript and report of broken rules; over real HTTP."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from telegram.error import BadRequest, Conflict, Forbidden

import bot.sandbox.report as judging
from bot.sandbox import Rates
from bot.sandbox.faults import Faults, read_fault
from bot.sandbox.rates import Gate
from bot.sandbox.refusals import Refused
from bot.sandbox.report import Report
from bot.sandbox.transcript import Transcript
from tests.test_sandbox import ANTON, SITI, TOKEN, NotedSleep, Telegram, keyboard, opened, talk, with_siti


async def lines(t: Telegram, query: str = "") -> list[dict[str, Any]]:
    response = await t.http.get(f"{t.url}/sandbox/transcript{query}")
    assert response.headers["content-type"].startswith("application/x-ndjson")
    return [json.loads(line) for line in response.text.splitlines()]


# --- faults -----------------------------------------------------------------------------------------------------------


@talk
async def test_refusals_come_before_any_effect() -> None:
    async with with_siti() as t:
        await t.says(ANTON, "halo")
        await t.page("faults", what="blocked", chat=SITI, method="sendMessage", times=1)
        await t.bot.send_message(ANTON, "lain orang")
        with pytest.raises(Forbidden, match="blocked by the user"):
            await t.bot.send_message(SITI, "satu")
        await t.bot.send_message(SITI, "dua")
        await t.page("faults", what="flood", retry_after=7, begins="Peng")
        await t.bot.send_message(SITI, "tiga")
        flooded = await t.http.post(f"{t.url}/bot{TOKEN}/sendMessage", json={"chat_id": SITI, "text": "Pengumuman"})
        assert (flooded.status_code, flooded.headers["retry-after"]) == (429, "7")
        assert flooded.json() == {
            "ok": False,
            "error_code": 429,
            "description": "Too Many Requests: retry after 7",
            "parameters": {"retry_after": 7},
        }
        await t.http.delete(f"{t.url}/sandbox/faults")
        await t.page("faults", what="error", code=502, every=2)
        assert [(await t.raw("getMe"))["ok"] for _ in range(4)] == [True, False, True, False]
        await t.http.delete(f"{t.url}/sandbox/faults")
        await t.page("faults", what="error", every=4, run=2)
        assert [(await t.raw("getMe"))["ok"] for _ in range(9)] == [True] * 3 + [False] * 2 + [True] * 2 + [False] * 2
        await t.http.delete(f"{t.url}/sandbox/faults")
        await t.page("faults", what="refuse", method=["GETME", "getChat"], but="getChat", code=400, words="No way")
        assert (await t.raw("getMe"))["description"] == "Bad Request: no way"
        assert (await t.raw("getChat", chat_id=SITI))["ok"]
        shown = [m["text"] for m in (await t.get(f"chat/{SITI}"))["messages"] if m["from"] == "bot"]
        assert shown == ["dua", "tiga"]


@talk
async def test_a_reset_has_no_effect_and_a_lost_answer_has() -> None:
    async with with_siti() as t:
        await t.page("faults", what="reset", method="send*", nth=1)
        await t.page("faults", what="lost", method="sendMessage", nth=2, seconds=0.05)
        for text in ("reset", "hilang"):
            with pytest.raises(httpx.TransportError):
                await t.http.post(f"{t.url}/bot{TOKEN}/sendMessage", json={"chat_id": SITI, "text": text})
        await t.bot.send_message(SITI, "sampai")
        shown = [m["text"] for m in (await t.get(f"chat/{SITI}"))["messages"] if m["from"] == "bot"]
        assert shown == ["hilang", "sampai"]
        calls = [
            (entry["ok"], entry.get("text"), entry.get("fault"), entry.get("lost"))
            for entry in await lines(t, "?what=called")
            if entry["method"] == "sendMessage"
        ]
        assert calls == [
            (False, None, "reset", None),
            (True, "hilang", "lost", True),
            (True, "sampai", None, None),
        ]
        await t.says(SITI, "masih ada?")
        await t.page("faults", what="lost", method="getUpdates", times=1)
        with pytest.raises(httpx.TransportError):
            await t.http.post(f"{t.url}/bot{TOKEN}/getUpdates", json={"offset": t.offset})
        message = (await t.update()).message
        assert message is not None
        assert message.text == "masih ada?"
        report = await t.get("report")
        assert (report["updates"]["handed"], report["updates"]["handed_again"]) == (2, 1)
        assert report["faults"] == {"reset": 1, "lost": 1}


@talk
async def test_slow_calls_and_conflicts(monkeypatch: pytest.MonkeyPatch) -> None:
    noted = NotedSleep()
    monkeypatch.setattr("bot.sandbox.bot_api_server.asyncio", noted)
    async with with_siti() as t:
        await t.page("faults", what="slow", seconds=0.2, method="getMe")
        await t.page("faults", what="slow", seconds=0.1, method="getMe")
        await t.raw("getMe")
        assert noted.slept == [pytest.approx(0.3)]
        await t.page("faults", what="conflict", method="getUpdates", times=1)
        with pytest.raises(Conflict, match="terminated by other getUpdates"):
            await t.updates()
        await t.page("faults", what="conflict", webhook=True, method="getUpdates", times=1)
        with pytest.raises(Conflict, match="webhook is active"):
            await t.updates()
        document = await t.bot.send_document(SITI, b"isi", filename="a.txt")
        assert document.document is not None
        path = (await t.raw("getFile", file_id=document.document.file_id))["result"]["file_path"]
        await t.page("faults", what="error", method="file", times=1)
        assert (await t.http.get(f"{t.url}/file/bot{TOKEN}/{path}")).status_code == 500
        assert (await t.http.get(f"{t.url}/file/bot{TOKEN}/{path}")).content == b"isi"
        faults = await t.get("faults")
        assert [rule["what"] for rule in faults["faults"]] == ["slow", "slow"]
        ended = [(rule["what"], rule["hit"]) for rule in faults["ended"]]
        assert ended == [("conflict", 1), ("conflict", 1), ("error", 1)]
        number = faults["faults"][0]["id"]
        assert (await t.http.delete(f"{t.url}/sandbox/faults/{number}")).status_code == 200
        assert (await t.http.delete(f"{t.url}/sandbox/faults/{number}")).status_code == 404


def test_dice_fall_the_same_again() -> None:
    def falls(seed: int) -> list[bool]:
        faults = Faults()
        faults.add(read_fault({"what": "error", "probability": 0.3, "seed": seed}))
        return [faults.strike("sendmessage", 1, "").fault is not None for _ in range(200)]

    assert falls(1) == falls(1) != falls(2)
    assert 30 < sum(falls(1)) < 90


def test_a_fault_may_last_a_while() -> None:
    now = [100.0]
    faults = Faults(lambda: now[0])
    faults.add(read_fault({"what": "reset", "lasts": 3600}))
    assert faults.strike("getupdates", None, "").fault is not None
    now[0] += 3601
    assert faults.strike("getupdates", None, "").fault is None
    assert faults.rules == []


@talk
async def test_what_cannot_be_is_refused() -> None:
    async with opened() as t:
        wrong: dict[str, list[dict[str, Any]]] = {
            "faults": [
                {}, {"what": "x"}, {"what": "slow"}, {"what": "error", "code": 200}, {"what": "error", "code": 599},
                {"what": "reset", "chat": "x"}, {"what": "reset", "method": []}, {"what": "reset", "nth": 0},
                {"what": "reset", "nth": 1, "every": 2}, {"what": "reset", "every": 2, "run": 3},
                {"what": "reset", "probability": 2},
                {"what": "reset", "or": 1}, {"what": "reset", "seconds": True}, {"what": "reset", "webhook": True},
            ],
            "rates": [{"on": 1}, {"all_rate": 0}, {"all_rate": "x"}, {"rate": 5}, {"chat_burst": 0.5}],
            "webhook": [{"twice": 2}, {"paused": 1}, {"x": 1}, {"seed": 1.5}, {"first_wait": -1}],
            "replay": [{"last": 0}, {"updates": 5}],
        }  # fmt: skip
        for path, bodies in wrong.items():
            for body in bodies:
                code, words = await t.refused(path, **body)
                assert (code, bool(words)) == (400, True), (path, body)
        assert await t.refused("replay") == (409, "there is no webhook; who polls asks with an older offset")
        for query in ("?after=x", "?limit=-1", "?person=x"):
            assert (await t.http.get(f"{t.url}/sandbox/transcript{query}")).status_code == 400
        assert (await t.get("faults")) == {"faults": [], "ended": []}
        foreign = await t.http.request("DELETE", f"{t.url}/sandbox/faults", headers={"origin": "https://example.org"})
        assert foreign.status_code == 403


# --- rates ------------------------------------------------------------------------------------------------------------


class Seconds:
    """A clock that goes when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def waits(gate: Gate, method: str, chat: int | None, **more: Any) -> int:
    """0 if the call passes, else the seconds it is told to wait."""
    try:
        gate.pass_(method, chat, **more)
    except Refused as refused:
        return (refused.retry_after or 0) if refused.code == 429 else -1
    return 0


def test_thirty_a_second_and_one_a_second_in_a_chat() -> None:
    clock = Seconds()
    gate = Gate(Rates(on=True, chat_burst=3), clock)
    assert [waits(gate, "sendmessage", chat) for chat in range(31)] == [0] * 30 + [1]
    clock.now += 0.5  # who was refused is shut out for the whole of its wait
    assert waits(gate, "sendmessage", 99) == 1
    clock.now += 0.5
    assert [waits(gate, "sendphoto", 5) for _ in range(4)] == [0, 0, 0, 1]
    assert waits(gate, "sendmessage", 6) == 0
    clock.now += 100
    assert [waits(gate, "editmessagetext", 5) for _ in range(11)] == [0] * 10 + [1]
    assert waits(gate, "sendmessage", 5) == 0  # edits have a bucket of their own in a chat


def test_over_a_minute_no_more_than_the_rate_passes() -> None:
    clock = Seconds()
    gate = Gate(Rates(on=True), clock)
    passed = 0
    for step in range(60 * 100):
        clock.now = 1000 + step / 100
        passed += waits(gate, "sendmessage", step) == 0
    assert passed <= 30 + 60 * 30


def test_other_rates() -> None:
    clock = Seconds()
    gate = Gate(Rates(on=True, answer_rate=2, answer_burst=2), clock)
    assert [waits(gate, "answercallbackquery", None) for _ in range(3)] == [0, 0, 1]
    assert [waits(gate, "setwebhook", None) for _ in range(2)] == [0, 1]
    assert [waits(gate, "sendmessage", chat, paid=True) for chat in range(200)] == [0] * 200
    assert waits(gate, "getme", None) == waits(gate, "sendchataction", 1) == 0
    uploads = [waits(gate, "senddocument", 1000 + i, paid=True, upload=200_000) for i in range(13)]
    assert uploads == [0] * 11 + [60] * 2
    gate = Gate(Rates(), clock)
    assert [waits(gate, "sendmessage", 1) for _ in range(100)] == [0] * 100


@talk
async def test_rates_are_switched_by_the_api() -> None:
    async with with_siti() as t:
        for _ in range(8):
            await t.bot.send_message(SITI, "lancar")
        shown = await t.page("rates", on=True, chat_burst=2, shortest_wait=3)
        assert (shown["on"], shown["all_rate"], shown["chat_burst"]) == (True, 30, 2)
        await t.bot.send_message(SITI, "satu")
        await t.bot.send_message(SITI, "dua")
        refused = await t.raw("sendMessage", chat_id=SITI, text="tiga")
        assert (refused["error_code"], refused["parameters"]) == (429, {"retry_after": 3})
        await t.page("rates", on=False)
        await t.bot.send_message(SITI, "empat")
    async with with_siti(rates=Rates(on=True, all_rate=1, all_burst=1)) as t:
        await t.bot.send_message(SITI, "satu")
        assert (await t.raw("sendMessage", chat_id=SITI, text="dua"))["error_code"] == 429
        report = await t.get("report")
        assert report["refused"] == {"sendMessage: 429 Too Many Requests: retry after N": 1}
        assert report["broken"]["too_many_in_a_second"] == 0  # what was refused was not sent


# --- the transcript ---------------------------------------------------------------------------------------------------


@talk
async def test_the_transcript_tells_everything_in_order(tmp_path: Path) -> None:
    file = tmp_path / "transcript.jsonl"
    began = round(time.time(), 6) - 1e-6
    async with opened(transcript_file=file) as t:
        await t.says(SITI, "/start")
        (start,) = await t.updates()
        sent = await t.bot.send_message(SITI, "Hadir?", reply_markup=keyboard("ya"))
        query = (await t.page(f"chat/{SITI}/tap", message_id=sent.message_id, data="ya"))["query_id"]
        (tap,) = await t.updates()
        await t.bot.answer_callback_query(query, "Baik")
        await t.bot.edit_message_text("Hadir", SITI, sent.message_id)
        await t.bot.send_document(SITI, b"isi", caption="Berkas", filename="a.txt")
        with pytest.raises(BadRequest):
            await t.bot.send_message(ANTON, "x")
        await t.page(f"chat/{SITI}/location", latitude=1, longitude=2)
        await t.page(f"chat/{SITI}/block")
        entries = await lines(t)
        assert [entry["n"] for entry in entries] == list(range(1, len(entries) + 1))
        assert [entry["at"] for entry in entries] == sorted(entry["at"] for entry in entries)
        assert began <= entries[0]["at"] <= entries[-1]["at"] <= time.time()
        told = [
            {k: v for k, v in entry.items() if k not in ("n", "at") and v is not None}
            for entry in entries
            if entry.get("method") != "getMe"
        ]
        message_id = sent.message_id
        called = {"what": "called", "ok": True, "person": SITI}
        assert told[7].pop("media").startswith("document Ag")
        assert told[:8] == [
            {"what": "said", "person": SITI, "message_id": 1, "update_id": start.update_id, "text": "/start"},
            {"what": "handed", "updates": [start.update_id]},
            called | {"method": "sendMessage", "message_id": message_id, "text": "Hadir?", "buttons": [[["Ya", "ya"]]]},
            {
                "what": "tapped",
                "person": SITI,
                "message_id": message_id,
                "update_id": tap.update_id,
                "query_id": query,
                "data": "ya",
            },
            {"what": "handed", "updates": [tap.update_id]},
            called | {"method": "answerCallbackQuery", "query_id": query, "text": "Baik"},
            called | {"method": "editMessageText", "message_id": message_id, "text": "Hadir"},
            called | {"method": "sendDocument", "message_id": message_id + 1, "text": "Berkas"},
        ]
        assert [entry["what"] for entry in told[8:]] == ["called", "said", "blocked"]
        assert told[8]["description"] == "Bad Request: chat not found"
        assert told[9]["shared"] == "location"
        only = await lines(t, f"?what=said,tapped&person={SITI}&limit=2")
        assert [entry["what"] for entry in only] == ["said", "tapped"]
        assert await lines(t, f"?after={entries[-2]['n']}") == entries[-1:]
    assert [json.loads(line) for line in file.read_text("utf-8").splitlines()][: len(entries)] == entries


def test_only_the_newest_entries_stay_in_memory() -> None:
    transcript = Transcript(keep=10)
    for number in range(25):
        transcript.add("said", person=number % 2)
    assert [entry["n"] for entry in transcript.after(0, 100)] == list(range(16, 26))
    assert [entry["n"] for entry in transcript.after(20, 2)] == [21, 22]
    assert [entry["n"] for entry in transcript.after(0, 2, person=1)] == [16, 18]


# --- the report -------------------------------------------------------------------------------------------------------


@talk
async def test_the_report_names_what_was_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "ANSWER_WITHIN", 0.2)
    async with with_siti() as t:
        await t.bot.send_message(SITI, "Selamat datang")
        await t.bot.send_message(SITI, "Kelas besok")
        await t.bot.send_message(SITI, "Kelas besok")
        await t.says(SITI, "apa?")
        await t.bot.send_message(SITI, "Kelas besok")  # she asked for it
        await t.says(ANTON, "halo?")  # never answered
        sent = await t.bot.send_message(SITI, "Hadir?", reply_markup=keyboard("ya"))
        late, never, soon = [
            (await t.page(f"chat/{SITI}/tap", message_id=sent.message_id, data="ya"))["query_id"] for _ in range(3)
        ]
        await t.bot.answer_callback_query(soon)
        await asyncio.sleep(0.3)
        await t.bot.answer_callback_query(late)
        for _ in range(2):
            with pytest.raises(BadRequest):
                await t.bot.edit_message_text("Hadir?", SITI, sent.message_id, reply_markup=keyboard("ya"))
        for number in range(40):
            await t.raw("sendMessage", chat_id=SITI, text=f"terlalu banyak {number}")
        report = await t.get("report")
        report["broken"].pop("too_many_in_a_second")  # that depends on this machine; there is a test for it below
        assert report["broken"].pop("too_many_in_a_chat") > 20
        assert report["broken"] == {
            "taps_never_answered": 1,
            "taps_answered_late": 1,
            "texts_never_answered": 1,
            "texts_answered_late": 0,
            "edits_that_change_nothing": 2,
            "said_twice": 1,
        }
        assert [tap["query_id"] for tap in report["taps"]["never_examples"]] == [never]
        assert [tap["query_id"] for tap in report["taps"]["late_examples"]] == [late]
        assert [text["person"] for text in report["texts"]["never_examples"]] == [ANTON]
        assert report["calls"]["sendMessage"] == 45
        assert report["refused"] == {
            "editMessageText: 400 Bad Request: message is not modified: specified new message content and reply markup "
            "are exactly the same as a current content and reply markup of the message"[:200]: 2
        }
        state = await t.get("state")
        assert (state["open_taps"], state["open_texts"], state["updates_waiting"]) == (1, 1, 6)
        await t.page(f"chat/{ANTON}/block")  # who has blocked the bot waits for nothing
        assert (await t.get("report"))["texts"]["withdrawn"] == 1
        fresh = (await t.http.delete(f"{t.url}/sandbox/report")).json()
        assert sum(fresh["broken"].values()) == 0


def test_thirty_one_in_a_second_are_too_many() -> None:
    report = Report(Rates(), lambda: 2000.0)

    def send(at: float, chat: int) -> None:
        report.listen({"n": 1, "at": at, "what": "called", "method": "sendMessage", "ok": True, "person": chat})

    for number in range(300):  # ten seconds at thirty a second
        send(1000 + number / 30, number)
    assert report.over_all.count == 0
    assert report.most_in_a_second == 30
    for number in range(31):
        send(1050 + number / 100, number)
    assert (report.over_all.count, report.most_in_a_second) == (1, 31)
    assert report.over_chat.count == 0
    for number in range(7):
        send(1100 + number / 10, 7)
    assert report.over_chat.count == 2


@talk
async def test_what_is_said_again_after_a_lost_answer_is_counted_apart() -> None:
    async with with_siti() as t:
        await t.page("faults", what="lost", method="sendMessage", nth=1)
        with pytest.raises(httpx.TransportError):
            await t.http.post(f"{t.url}/bot{TOKEN}/sendMessage", json={"chat_id": SITI, "text": "Pengingat"})
        await t.bot.send_message(SITI, "Pengingat")
        report = await t.get("report")
        assert report["said_twice"]["after_a_lost_answer"] == 1
        assert report["broken"]["said_twice"] == 0
        assert [example["after_loss"] for example in report["said_twice"]["examples"]] == [True]


@talk
async def test_two_taps_may_have_the_same_answer() -> None:
    async with with_siti() as t:
        sent = await t.bot.send_message(SITI, "Pilih", reply_markup=keyboard("a", "b"))
        for data in ("a", "b", "b"):
            await t.page(f"chat/{SITI}/tap", message_id=sent.message_id, data=data)
        for _ in range(3):
            await t.bot.send_message(SITI, "Maaf, kelas penuh")
            await t.bot.send_message(SITI, "Ada yang lain?")
        assert (await t.get("report"))["said_twice"]["count"] == 0


@talk
async def test_a_chat_forgets_its_oldest_messages() -> None:
    async with opened(history=3) as t:
        await t.says(SITI, "/start")
        sent = [await t.bot.send_message(SITI, f"pesan {number}") for number in range(5)]
        with pytest.raises(BadRequest, match="Message to edit not found"):
            await t.bot.edit_message_text("x", SITI, sent[0].message_id)
        await t.bot.edit_message_text("x", SITI, sent[-1].message_id)
        assert len((await t.get(f"chat/{SITI}"))["messages"]) == 3
