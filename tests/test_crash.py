"""The real process, `python -m bot run`: stopped, started wrongly, beside others. Nothing is lost or leaked."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import socket
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from bot.catalogue.content import load_content
from bot.catalogue.yaml_files import ContentError, Problem
from bot.command_line.parts import NOT_NOW, WRONG
from bot.command_line.process import make_app
from bot.database import Database
from bot.people.people import DIVIDED, Account, Person, Purpose, record_consent
from bot.processes import Role
from bot.programme import sessions
from bot.settings import ROOT, Settings
from tests.bot_process import TOKEN, Bot, asked, free_port, nobody_there, running, until
from tests.fake_api import StandIn, tap_update, text_update
from tests.sandbox_process import SandboxProcess

pytestmark = pytest.mark.slow

PEOPLE: Final = range(501, 561)
SITE: Final = "labuan-bajo"
SEATS: Final = 40
"""In the class that all the 60 want."""
OPEN: Final = (
    "SELECT (SELECT count(*) FROM inbox WHERE done_at IS NULL)"
    " + (SELECT count(*) FROM outbox WHERE status IN ('waiting', 'claimed'))"
)
UNIT: Final = (ROOT / "deploy" / "systemd" / "jalin-run.service").read_text("utf-8")
STOP_SECONDS: Final = int(re.findall(r"TimeoutStopSec=(\d+)", UNIT)[0])
"""What is not done by then is killed."""
LATENCY: Final = 0.02
"""Of the stand-in: so that a kill finds messages in flight."""


@pytest.fixture
def folder(sqlite_url: str) -> Path:
    """A folder with a migrated, empty bot.sqlite."""
    return Path(sqlite_url.removeprefix("sqlite:///")).parent


@contextlib.contextmanager
def ledger(folder: Path) -> Iterator[sqlite3.Connection]:
    """What the database says, read beside the bot."""
    with contextlib.closing(sqlite3.connect(f"file:{folder / 'bot.sqlite'}?mode=ro", uri=True)) as connection:
        yield connection


def count(folder: Path, query: str) -> int:
    with ledger(folder) as connection:
        return int(connection.execute(query).fetchone()[0])


def seeded(folder: Path, people: Sequence[int]) -> list[int]:
    """Registered people, and three classes: one to look at, one that all want, one more. Returns the classes' ids."""
    now = datetime.now(UTC)
    content = load_content(ROOT / "content")
    database = Database(f"sqlite:///{folder / 'bot.sqlite'}")
    try:
        with database.transaction() as db:
            for telegram_id in people:
                account = Account(
                    telegram_id=telegram_id, language="id", created_at=now, seen_at=now, last_message_id=10, draft={}
                )
                db.add(account)
                db.flush()
                person = Person(
                    account_id=account.id, name="Siti", salutation="ibu", sector="kuliner", site_id=SITE,
                    registered_at=now,
                )  # fmt: skip
                db.add(person)
                db.flush()
                account.person = person
                for purpose in (Purpose.TRAINING, *DIVIDED):
                    version = content.consent_version(purpose)
                    record_consent(db, person, purpose, given=True, text_version=version, language="id", now=now)
            ids = []
            for number, title in enumerate(("Kelas Angin", "Kelas Batu", "Kelas Cahaya")):
                session = sessions.create(
                    db, now, code=f"LB-{number}", site_id=SITE, title=title,
                    starts_at=now + timedelta(days=5 + number), minutes=90, capacity=SEATS, venue="Balai Desa",
                    latitude=None, longitude=None, trainer="Pelatih (contoh)", leads=content.leads(SITE),
                )  # fmt: skip
                ids.append(session.id)
            return ids
    finally:
        database.close()


# --- kill -9 --------------------------------------------------------------------------------------------------------

LOOKED, SEATED, WAITING, MINE = "enrolment.card.free", "enrolment.seated", "enrolment.waiting", "enrolment.mine"


def five_updates(person: int, classes: Sequence[int]) -> list[dict[str, Any]]:
    """Each is answered by words that only it can cause, so an answer can be told by its update."""
    angin, batu, cahaya = classes
    return [
        tap_update(person, f"enrolment:show:{angin}", f"{person}-1"),
        tap_update(person, f"enrolment:take:{batu}", f"{person}-2"),
        tap_update(person, f"enrolment:show:{batu}", f"{person}-3"),
        text_update(person, "/jadwal", 11),
        tap_update(person, f"enrolment:show:{cahaya}", f"{person}-5"),
    ]


ANSWERS: Final = {
    True: [LOOKED, SEATED, "enrolment.card.seated", MINE, LOOKED],
    False: [LOOKED, WAITING, "enrolment.card.waiting", MINE, LOOKED],
}
"""The keys of the messages that answer them, for somebody who got a seat and for somebody who did not."""


# --- Telegram says: not this chat, not now ----------------------------------------------------------------------------


@pytest.mark.today
def test_a_chat_that_telegram_holds_up_holds_up_nobody_else(folder: Path) -> None:
    held, others = PEOPLE[0], PEOPLE[1:11]
    with StandIn() as stand_in, running(folder, stand_in) as bot:
        stand_in.control("faults", {"flood_chats": [held], "flood_calls": 1, "retry_after": 3})
        stand_in.feed([text_update(held, "/start", 1)])
        until(lambda: stand_in.control("faults")["flood"] == 1, 10, lambda: bot.output)
        stand_in.feed([text_update(person, "/start", 1) for person in others])
        until(lambda: held in {entry["chat"] for entry in stand_in.log()["sent"]}, 20, lambda: bot.output)
        heard = list(dict.fromkeys(entry["chat"] for entry in stand_in.log()["sent"]))
        assert heard[-1] == held
        assert set(heard) == {held, *others}
        assert bot.end(signal.SIGTERM) == 0, bot.output
    assert "Telegram asks for a pause in one chat" in bot.output


# --- stopping and starting ------------------------------------------------------------------------------------------


@pytest.mark.today
@pytest.mark.usefixtures("anew")
def test_sigterm_ends_it_cleanly_and_loses_nothing(folder: Path) -> None:
    people = range(501, 531)
    classes = seeded(folder, people)
    updates = [update for person in people for update in five_updates(person, classes)[:3]]
    with StandIn(latency=LATENCY) as stand_in, running(folder, stand_in) as bot:
        ids = stand_in.feed(updates)
        until(lambda: len(stand_in.log()["sent"]) >= 20, 10, lambda: bot.output)
        assert bot.end(signal.SIGTERM, STOP_SECONDS) == 0, bot.output
        taken_in = count(folder, "SELECT count(*) FROM inbox")
        assert count(folder, "SELECT count(*) FROM inbox WHERE done_at IS NULL") == 0, "it finishes what it took in"
        assert count(folder, "SELECT count(*) FROM outbox WHERE status = 'claimed'") == 0, "and holds nothing back"
        sent = count(folder, "SELECT count(*) FROM outbox WHERE status = 'sent'")
        assert sent == len(stand_in.log()["sent"]), "what was in flight is settled"
        assert len(stand_in.log()["taps"]) == taken_in, "no button keeps turning"

        served = bot.output.count("serving")
        bot.start()
        until(
            lambda: (
                bot.output.count("serving") > served  # with nothing left to do it could be stopped while it starts
                and count(folder, "SELECT count(*) FROM inbox") == len(ids)
                and not count(folder, OPEN)
            ),
            20,
            lambda: f"{taken_in} of {len(ids)} were taken in before\n{bot.output}",
        )
        assert bot.end(signal.SIGINT) == 0, bot.output
        with ledger(folder) as db:
            ledgered = [row[0] for row in db.execute("SELECT telegram_message_id FROM outbox ORDER BY id")]
        assert sorted(entry["message_id"] for entry in stand_in.log()["sent"]) == sorted(ledgered), "each once"
    assert len(ledgered) == 3 * len(people)
    assert "Traceback" not in bot.output


def test_it_serves_by_webhook_and_takes_it_off_when_it_ends(folder: Path) -> None:
    """Telegram's side is the sandbox: it brings what people do to the door that the bot told it of, and to no other."""
    port = free_port()
    address = f"http://127.0.0.1:{port}/telegram"
    with SandboxProcess("--person", "501:Siti") as box:
        bot = Bot(
            folder, BOT_API_URL=box.address, BOT_TOKEN=box.token, PORT=str(port),
            WEBHOOK_URL=address, WEBHOOK_SECRET="a-secret-of-the-tests-0123456789",
        )  # fmt: skip
        box.post("webhook", first_wait=0.05, longest_wait=0.5)  # it may open a moment after it was told of
        try:
            for words in ("/start s_labuan-bajo", "halo"):  # the second comes while nobody is there
                box.post("chat/501/say", text=words)
                assert box.get("state")["updates_waiting"] == 1
                heard = len(box.said_to(501))
                bot.start()
                until(lambda heard=heard: len(box.said_to(501)) > heard, 20, lambda: bot.output)  # type: ignore[misc]
                until(lambda: not box.get("state")["updates_waiting"], 10, lambda: bot.output)
                assert box.get("webhook")["webhook"]["url"] == address
                assert bot.end(signal.SIGTERM) == 0, bot.output
                assert box.get("webhook")["webhook"]["url"] == ""
            assert any("Ya, setuju" in str(one.get("buttons")) for one in box.said_to(501))
        finally:
            bot.close()
        handed = box.every("handed")
        delivered = [one["update_id"] for one in box.every("delivered") if one["ok"]]
    assert not handed, "it never asks by itself"
    assert len(set(delivered)) == 2
    assert "Traceback" not in bot.output, bot.output
    assert count(folder, "SELECT count(*) FROM inbox WHERE done_at IS NOT NULL") == 2


@pytest.mark.today
@pytest.mark.usefixtures("anew")
def test_short_commands_work_beside_it(folder: Path) -> None:
    """`import-sessions` and `backup`, in processes of their own, while it serves people on SQLite."""
    classes = seeded(folder, PEOPLE)
    day = datetime.now(UTC) + timedelta(days=9)
    table = folder / "classes.csv"
    table.write_text(
        "code,site,title,starts,minutes,capacity,venue,lat,lon,trainer\n"
        f"NEW-1,{SITE},Kelas Baru,{day:%F} 09:00,90,20,Balai Desa,,,\n"
    )
    with StandIn(latency=LATENCY) as stand_in, running(folder, stand_in) as bot:
        per_person = [five_updates(person, classes)[:2] for person in PEOPLE]
        ids = stand_in.feed([update for round_ in zip(*per_person, strict=True) for update in round_])
        short = [
            Bot(folder, "import-sessions", "import", BOT_API_URL=stand_in.address),
            Bot(folder, "backup", "backup", BOT_API_URL=stand_in.address),
        ]
        try:
            for one, argument in zip(short, (str(table), str(folder / "copy.backup")), strict=True):
                one.start(argument)
            for one in short:
                assert one.process is not None
                assert one.process.wait(30) == 0, one.output
        finally:
            for one in short:
                one.close()
        assert bot.alive, bot.output
        (new,) = _column(folder / "bot.sqlite", "SELECT id FROM session WHERE code = 'NEW-1'")
        ids += stand_in.feed([tap_update(501, f"enrolment:take:{new}", "501-new")])
        until(lambda: count(folder, "SELECT count(*) FROM inbox") == len(ids), 20, lambda: bot.output)
        until(lambda: not count(folder, OPEN), 20, lambda: bot.output)
        assert bot.end(signal.SIGTERM) == 0, bot.output
    assert "turn failed" not in bot.output, bot.output
    assert "Traceback" not in bot.output, bot.output
    assert count(folder, f"SELECT seats_taken FROM session WHERE id = {new}") == 1
    restored = folder / "restored.sqlite"
    back = Bot(folder, "restore", "restore", DATABASE_URL=f"sqlite:///{restored}")
    back.start(str(folder / "copy.backup"))
    assert back.process is not None
    assert back.process.wait(30) == 0, back.output
    assert set(_column(restored, "SELECT telegram_id FROM account")) == set(PEOPLE)


def _column(path: Path, query: str) -> list[Any]:
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return [row[0] for row in connection.execute(query)]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_can_be_stopped_while_telegram_cannot_be_reached(folder: Path, number: signal.Signals) -> None:
    with nobody_there() as address, contextlib.closing(Bot(folder, BOT_API_URL=address)) as bot:
        bot.start()
        until(lambda: "cannot be reached yet" in bot.output, 20, lambda: bot.output)
        is_starting(bot)
        assert bot.end(number) == 0, bot.output
        assert "Traceback" not in bot.output
        assert "serving" not in bot.output


def test_it_can_be_stopped_while_the_database_lets_nobody_in(folder: Path) -> None:
    with locked(folder), StandIn() as stand_in, contextlib.closing(Bot(folder, BOT_API_URL=stand_in.address)) as bot:
        bot.start()
        until(lambda: asked(bot.port, "/health")[0] != 0, 20, lambda: bot.output)
        is_starting(bot)
        assert bot.end(signal.SIGTERM) == 0, bot.output
        assert not bot.output


def is_starting(bot: Bot) -> None:
    """Whoever watches it hears that it is not ready, and need not wait."""
    status, facts = asked(bot.port, "/health")
    assert status == 503
    assert {"ok": False, "starting": True, "database": None}.items() <= json.loads(facts).items()
    status, figures = asked(bot.port, "/metrics")
    assert status == 200
    assert "jalin_up 0.0" in figures
    assert "jalin_database_up" not in figures, "nobody has asked it yet"


def test_the_journal_is_told_how_bad_each_line_is(folder: Path) -> None:
    with nobody_there() as address:
        stream = {"JOURNAL_STREAM": "OUTPUT", "LOG_LEVEL": "DEBUG"}
        with contextlib.closing(Bot(folder, BOT_API_URL=address, **stream)) as bot:
            bot.start()
            until(lambda: "cannot be reached yet" in bot.output, 20, lambda: bot.output)
            bot.end(signal.SIGTERM)
            assert re.fullmatch(r"(<4>level=warning .+\n)+", bot.output), bot.output
    with StandIn() as stand_in, running(folder, stand_in, name="serving", **stream) as bot:
        until(lambda: "serving" in bot.output, 20, lambda: bot.output)
        assert 'event=serving version="' in bot.output
        assert re.fullmatch(r"(<6>level=info .+\n)+", bot.output), bot.output
    with contextlib.closing(Bot(folder, name="refused", PORT="abc", **stream)) as bot:
        bot.start()
        until(lambda: not bot.alive, 20, lambda: bot.output)
        assert re.fullmatch(r"<3>PORT: .+\n", bot.output), bot.output


def test_only_the_journal_is_told(folder: Path) -> None:
    with nobody_there() as address:
        inherited = Bot(folder, BOT_API_URL=address, JOURNAL_STREAM="8:12345")  # of a service that started a terminal
        with contextlib.closing(inherited) as bot:
            bot.start()
            until(lambda: "cannot be reached yet" in bot.output, 20, lambda: bot.output)
            bot.end(signal.SIGTERM)
            assert re.fullmatch(r"(timestamp=\S+ level=warning .+\n)+", bot.output), bot.output


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Somebody else writes into bot.sqlite, and takes long."""
    with contextlib.closing(sqlite3.connect(folder / "bot.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BOT_TOKEN", "not-a-token"),
        ("PORT", "abc"),
        ("DATABASE_URL", "mysql://nobody@localhost/jalin"),
        ("SEND_RATE", "0"),
        ("ADMIN_IDS", "x"),
        ("PRIVACY_CONTACT", ""),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it(tmp_path: Path, name: str, value: str) -> None:
    _is_refused(Bot(tmp_path, **{name: value}), name)


def test_a_database_that_nobody_may_make_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("here is no room for a folder")
    bot = Bot(tmp_path, DATABASE_URL=f"sqlite:///{tmp_path / 'taken' / 'jalin.sqlite'}")
    _is_refused(bot, "DATABASE_URL", NOT_NOW)
    assert str(tmp_path / "taken") in bot.output


def test_a_token_telegram_does_not_know_is_one_line(folder: Path) -> None:
    with StandIn(token="1:another") as stand_in:
        _is_refused(Bot(folder, BOT_API_URL=stand_in.address), "BOT_TOKEN")


def test_a_second_process_on_the_same_sqlite_file_is_refused(folder: Path) -> None:
    with StandIn() as stand_in, running(folder, stand_in) as first:
        second = Bot(folder, BOT_API_URL=stand_in.address)
        second._output = folder / "second.txt"
        _is_refused(second, "DATABASE_URL", NOT_NOW)
        assert first.process is not None
        assert first.process.poll() is None, "the first goes on"


@pytest.mark.postgresql
def test_it_serves_on_postgresql_and_only_one_process_does(tmp_path: Path, postgresql_url: str) -> None:
    with StandIn() as stand_in, running(tmp_path, stand_in, DATABASE_URL=postgresql_url) as first:
        stand_in.feed([text_update(person, "/start", 1) for person in range(601, 621)])
        until(lambda: len(stand_in.log()["sent"]) >= 40, 15, lambda: first.output)
        second = Bot(tmp_path, BOT_API_URL=stand_in.address, DATABASE_URL=postgresql_url)
        second._output = tmp_path / "second.txt"
        _is_refused(second, "DATABASE_URL", NOT_NOW)
        assert first.end(signal.SIGTERM) == 0, first.output


def test_a_taken_port_is_one_line(folder: Path) -> None:
    with socket.socket() as taken, StandIn() as stand_in:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        _is_refused(Bot(folder, BOT_API_URL=stand_in.address, PORT=str(taken.getsockname()[1])), "PORT", NOT_NOW)


def _is_refused(bot: Bot, name: str, status: int = WRONG) -> None:
    try:
        bot.start()
        assert bot.process is not None
        assert bot.process.wait(20) == status, bot.output
    finally:
        bot.close()
    assert re.fullmatch(rf"{name}: .+\n", bot.output), f"one line that names {name} was expected:\n{bot.output}"
    assert TOKEN.partition(":")[2] not in bot.output


def test_the_token_is_never_in_its_output(folder: Path) -> None:
    """Not at DEBUG, not when Telegram refuses, is slow, or goes away in the middle."""
    classes = seeded(folder, [501])
    with StandIn() as stand_in, running(folder, stand_in, LOG_LEVEL="DEBUG") as bot:
        stand_in.feed([*five_updates(501, classes), text_update(502, "/start", 1)])
        until(lambda: len(stand_in.log()["sent"]) >= 5, 10, lambda: bot.output)
        stand_in.control("latency", {"seconds": 30})
        stand_in.feed([text_update(501, "/jadwal", 12), text_update(502, "halo", 2)])
        until(lambda: len(stand_in.log()["sent"]) >= 7, 10, lambda: bot.output)
        stand_in.close()
        # more than an empty output, or the test would prove nothing
        until(lambda: "cannot be reached" in bot.output, 10, lambda: f"it did not notice:\n{bot.output}")
        assert bot.end(signal.SIGTERM, STOP_SECONDS) == 0, "it stops although Telegram is not there"
    assert TOKEN.partition(":")[2] not in bot.output
    assert "Traceback" not in bot.output


@pytest.mark.parametrize(
    "wrong", [ContentError([Problem("content/sites.yaml", 3, "zone: no such zone")]), ValueError("bot.po:3: no")]
)
def test_content_that_cannot_be_read_is_told_with_its_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], wrong: Exception
) -> None:
    def load(_folder: Path) -> None:
        raise wrong

    monkeypatch.setattr("bot.app.load_content", load)
    with pytest.raises(SystemExit) as ended:
        make_app(Settings(), Role.RUN)
    assert ended.value.code == 2
    assert capsys.readouterr().err == f"{wrong}\n"
