"""Chats as tests: people type and tap, and see what the bot says. Telegram is faked at the HTTP seam; all else is real.

def test_the_next_in_line_inherits_a_seat(chat):
    siti = enrolled(chat, "Siti"); anton = enrolled(chat, "Anton")
    anton.sees("daftar tunggu")
"""

from __future__ import annotations

import asyncio
import copy
import itertools
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.app import App
from bot.capability import Context
from bot.catalogue.content import Content, load_content
from bot.clock import Clock
from bot.people.people import DIVIDED, Account, Person, Purpose, Role, RoleGrant, record_consent
from bot.programme import sessions
from bot.settings import ROOT, Settings
from bot.telegram.html import parse_html
from bot.telegram.http import Refused
from bot.turns.pace import Pace
from bot.words.texts import Texts
from tests.databases import quick_database

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""When chats begin unless told otherwise: Monday 23 November 2026, 09.00 WIB, 10.00 WITA, 11.00 WIT."""
WITA = ZoneInfo("Asia/Makassar")


def local(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    """A moment of November 2026 (or another month) in Labuan Bajo."""
    return datetime(2026, month, day, hour, minute, tzinfo=WITA)


@dataclass
class Bubble:
    """One message in a chat, as it looks now."""

    message_id: int
    method: str
    text: str
    buttons: list[list[dict[str, Any]]]
    params: dict[str, Any]
    edited: int = 0
    from_bot: bool = True

    @property
    def labels(self) -> list[str]:
        return [button["text"] for row in self.buttons for button in row]


class FakeTelegram:
    """Answers as the Bot API does, refuses what it refuses, and remembers what was said to whom."""

    def __init__(self) -> None:
        self.chats: dict[int, list[Bubble]] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.answers: dict[str, dict[str, Any]] = {}
        self.blocked: set[int] = set()
        self.ids = itertools.count(1)
        self.faults: list[Exception] = []
        """Raised by the next calls that send something, in order."""
        self.files: dict[str, bytes] = {}
        """What people sent, by file id; an exception's turn comes first."""
        self.file_faults: list[Exception] = []

    async def download(self, file_path: str, limit_bytes: int = 0) -> bytes:
        if self.file_faults:
            raise self.file_faults.pop(0)
        return self.files[file_path.removeprefix("documents/")]

    async def call(self, method: str, params: Mapping[str, Any], files: Any = None, timeout: float = 0) -> Any:  # noqa: ASYNC109
        given = dict(params)
        self.calls.append((method, given))
        match method:
            case "getMe":
                return {"id": 1, "is_bot": True, "first_name": "Jalin", "username": "jalin_bot"}
            case "answerCallbackQuery":
                assert given["callback_query_id"] not in self.answers, "a tap was answered twice"
                assert len(given.get("text") or "") <= 200
                self.answers[given["callback_query_id"]] = given
                return True
            case "getFile":
                if given["file_id"] not in self.files:
                    raise Refused(400, "Bad Request: wrong file_id or the file is temporarily unavailable", None)
                return {"file_id": given["file_id"], "file_path": f"documents/{given['file_id']}"}
            case "setMyCommands" | "setMessageReaction" | "sendChatAction":
                return True
        if self.faults:
            raise self.faults.pop(0)
        chat_id = int(given["chat_id"])
        if chat_id in self.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user", None)
        chat = self.chats.setdefault(chat_id, [])
        markup = given.get("reply_markup") or {}
        buttons = markup.get("inline_keyboard", [])
        for button in (button for row in buttons for button in row):
            assert button["text"]
            assert 1 <= len(button.get("callback_data", "x").encode()) <= 64, button
        text = given.get("text", given.get("caption", "")) or ""
        plain = parse_html(text)[0]
        assert len(plain) <= 4096
        if method in ("editMessageText", "editMessageCaption", "editMessageMedia"):
            if method == "editMessageMedia":
                text = given["media"].get("caption") or ""
                plain = parse_html(text)[0]
            bubble = next((b for b in chat if b.message_id == given["message_id"]), None)
            if bubble is None:
                raise Refused(400, "Bad Request: message to edit not found", None)
            if (bubble.method == "sendMessage") is not (method == "editMessageText"):
                raise Refused(400, "Bad Request: there is no text in the message to edit", None)
            if (bubble.text, bubble.buttons) == (plain, buttons):
                raise Refused(400, "Bad Request: message is not modified: specified new message content", None)
            bubble.text, bubble.buttons, bubble.params = plain, buttons, given
            bubble.edited += 1
            return {"message_id": bubble.message_id, "chat": {"id": chat_id, "type": "private"}, "date": 0}
        if method == "deleteMessage":
            chat[:] = [b for b in chat if b.message_id != given["message_id"]]
            return True
        if method == "sendMessage":
            assert plain, "message text is empty"
        bubble = Bubble(next(self.ids), method, plain, buttons, given)
        chat.append(bubble)
        answer: dict[str, Any] = {
            "message_id": bubble.message_id,
            "date": 0,
            "chat": {"id": chat_id, "type": "private"},
        }
        if method == "sendPoll":
            assert 1 <= len(given["question"]) <= 300
            assert all(1 <= len(option["text"]) <= 100 for option in given["options"])
            assert len(given.get("explanation") or "") <= 200
            assert given["is_anonymous"] is False
            bubble.text = given["question"]
            answer["poll"] = {"id": f"poll{bubble.message_id}"}
        if method in ("sendDocument", "sendPhoto"):
            answer["document"] = {"file_id": f"file{bubble.message_id}", "file_unique_id": "u"}
            answer["photo"] = [{"file_id": f"file{bubble.message_id}", "file_unique_id": "u", "width": 1, "height": 1}]
            bubble.params = given | {"files": files}
        return answer


@dataclass
class Phone:
    """One Telegram account in somebody's hand."""

    chat: Chat
    id: int
    first_name: str
    username: str | None = None
    seen: int = 0
    _taps: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    # --- acting ---------------------------------------------------------------------------------------------------

    def types(self, text: str) -> Phone:
        message: dict[str, Any] = {"text": text}
        if text.startswith("/"):
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]
        return self.sends(**message)

    def sends(self, **content: Any) -> Phone:
        """Any message: location=..., contact=..., photo=..."""
        self.chat.deliver(self.message(**content), self)
        return self

    def message(self, **content: Any) -> dict[str, Any]:
        return {
            "message": {
                "message_id": next(self.chat.telegram.ids),
                "date": 0,
                "chat": {"id": self.id, "type": "private", "first_name": self.first_name},
                "from": self.user,
                **content,
            }
        }

    def sends_file(self, name: str, content: bytes) -> Phone:
        """A document, as it comes when somebody picks a file."""
        file_id = f"sent{len(self.chat.telegram.files) + 1}"
        self.chat.telegram.files[file_id] = content
        document = {"file_id": file_id, "file_unique_id": file_id, "file_name": name, "file_size": len(content)}
        return self.sends(document=document)

    def starts(self, payload: str = "") -> Phone:
        return self.types(f"/start {payload}".strip())

    def shares_location(self, latitude: float, longitude: float) -> Phone:
        return self.sends(location={"latitude": latitude, "longitude": longitude})

    def taps(self, label: str) -> Phone:
        """Tap the newest visible button with this label (or one that begins with it)."""
        return self.sends_tap(*self.button(label))

    def button(self, label: str, *words: str) -> tuple[str, int]:
        """The newest visible button with this label (or one that begins with it), under a message with these words:
        what it carries, and the message. To be tapped when something else has happened."""
        for bubble in reversed(self.bubbles):
            for button in (button for row in bubble.buttons for button in row):
                parts = (button["text"], *button["text"].split(" · ")[1:])  # a class is known by its title, too
                if any(part.startswith(label) for part in parts) and all(word in bubble.text for word in words):
                    return button["callback_data"], bubble.message_id
        raise AssertionError(f"no button '{label}' to tap:\n{self.transcript()}")

    def sends_tap(self, data: str, message_id: int | None = None) -> Phone:
        """A tap with any data, forged or stale."""
        self.chat.deliver(self.tap_update(data, message_id), self)
        return self

    def tap_update(self, data: str, message_id: int | None = None) -> dict[str, Any]:
        where = message_id or (self.bubbles[-1].message_id if self.bubbles else 1)
        return {
            "callback_query": {
                "id": f"{self.id}-{next(self._taps)}",
                "from": self.user,
                "chat_instance": "1",
                "data": data,
                "message": {
                    "message_id": where,
                    "date": 1,
                    "chat": {"id": self.id, "type": "private"},
                    **({"text": "..."} if self._is_text(where) else {}),
                },
            }
        }

    def answers(self, option: str, poll_id: str | None = None) -> Phone:
        """Vote in the newest quiz poll for the option with this text; `poll_id` pretends it was another poll."""
        for bubble in reversed(self.bubbles):
            if bubble.method == "sendPoll":
                texts = [one["text"] for one in bubble.params["options"]]
                return self.votes(poll_id or f"poll{bubble.message_id}", texts.index(option))
        raise AssertionError(f"no quiz to answer:\n{self.transcript()}")

    def votes(self, poll_id: str, *options: int) -> Phone:
        """A vote in any poll, old or unknown; without options it is taken back."""
        self.chat.deliver(self.vote_update(poll_id, *options), self)
        return self

    def vote_update(self, poll_id: str, *options: int) -> dict[str, Any]:
        ids = list(options)
        answer = {"poll_id": poll_id, "user": self.user, "option_ids": ids}
        return {"poll_answer": answer | {"option_persistent_ids": [str(one) for one in ids]}}

    def _is_text(self, message_id: int) -> bool:
        return all(bubble.method in ("sendMessage",) for bubble in self.bubbles if bubble.message_id == message_id)

    def reacts(self, emoji: str, bubble: Bubble, *, before: str = "") -> Phone:
        """Put an emoji on a message, in place of the one that was there; an empty one takes it away."""
        old, new = ([{"type": "emoji", "emoji": one}] if one else [] for one in (before, emoji))
        reaction = {"chat": {"id": self.id, "type": "private"}, "message_id": bubble.message_id, "user": self.user}
        self.chat.deliver({"message_reaction": reaction | {"date": 0, "old_reaction": old, "new_reaction": new}}, self)
        return self

    def blocks(self, blocked: bool = True) -> Phone:
        (self.chat.telegram.blocked.add if blocked else self.chat.telegram.blocked.discard)(self.id)
        return self

    # --- seeing ---------------------------------------------------------------------------------------------------

    @property
    def user(self) -> dict[str, Any]:
        names = {"first_name": self.first_name, **({"username": self.username} if self.username else {})}
        return {"id": self.id, "is_bot": False, **names, "language_code": "id"}

    @property
    def bubbles(self) -> list[Bubble]:
        return self.chat.telegram.chats.get(self.id, [])

    @property
    def last(self) -> Bubble:
        assert self.bubbles, f"{self.first_name} has no message yet"
        return self.bubbles[-1]

    @property
    def new(self) -> list[Bubble]:
        """What came, or changed, since this phone last did something."""
        return [bubble for bubble in self.bubbles if (bubble.message_id, bubble.edited) not in self.chat.known[self.id]]

    def sees(self, *texts: str) -> Phone:
        """All these words stand in what is new, in messages or on buttons."""
        seen = "\n".join(f"{bubble.text}\n{' '.join(bubble.labels)}" for bubble in self.new)
        for text in texts:
            assert text in seen, f"{self.first_name} does not see '{text}' in what is new:\n{self.transcript()}"
        return self

    def does_not_see(self, *texts: str) -> Phone:
        seen = "\n".join(f"{bubble.text}\n{' '.join(bubble.labels)}" for bubble in self.new)
        for text in texts:
            assert text not in seen, f"{self.first_name} sees '{text}':\n{self.transcript()}"
        return self

    def sees_nothing_new(self) -> Phone:
        assert not self.new, f"{self.first_name} got something:\n{self.transcript()}"
        return self

    def sees_toast(self, text: str) -> Phone:
        mine = [a for query, a in self.chat.telegram.answers.items() if query.startswith(f"{self.id}-")]
        said = (mine[-1].get("text") or "") if mine else ""
        assert text in said, f"no toast '{text}' but '{said}'"
        return self

    def looks_up(self) -> Phone:
        """From here on only what comes next is new."""
        self.chat.known[self.id] = {(bubble.message_id, bubble.edited) for bubble in self.bubbles}
        return self

    def transcript(self) -> str:
        return "\n".join(f"#{b.message_id} {b.method}: {b.text} {b.labels}" for b in self.bubbles[-8:]) or "(nothing)"

    # --- known to the database --------------------------------------------------------------------------------------

    def account(self, db: Session) -> Account | None:
        return db.scalars(select(Account).where(Account.telegram_id == self.id)).unique().one_or_none()

    def person(self, db: Session) -> Person:
        account = self.account(db)
        assert account is not None
        assert account.person is not None
        return account.person


class Chat:
    """The bot, its database and a fake Telegram; time stands still until it is moved. It begins with `words`, after a
    restart too; without them it says what stands in locales/."""

    def __init__(
        self,
        database_url: str,
        *,
        now: datetime = MONDAY,
        words: Texts | None = None,
        pace: Pace | None = None,
        **settings: Any,
    ) -> None:
        """People here are as quick as they like, unless another `pace` is given."""
        self.telegram = FakeTelegram()
        self.pace = pace or Pace(10_000, 10_000)
        self.known: dict[int, set[tuple[int, int]]] = {}
        self.start = now
        self._updates = itertools.count(1)
        self._people = itertools.count(101)
        self._loop = asyncio.new_event_loop()
        self.settings = _settings(tuple(settings.items())).model_copy(update={"database_url": database_url})
        self.database = quick_database(database_url)
        self.content = content()
        self.words = words or texts()
        self.app = self._loop.run_until_complete(self._open())

    @property
    def context(self) -> Context:
        """What the work of capabilities is given besides the database and the present."""
        return self.app.context()

    async def _open(self) -> App:
        app = App(
            self.settings,
            api=self.telegram,
            database=self.database,
            clock=Clock(real=lambda: self.start),
            content=self.content,
            texts=copy.copy(self.words),  # a reload puts other words into it; whoever shares these keeps them
            sender_options={"rate": 10_000, "chat_rate": 10_000, "chat_burst": 1_000},
            pace=self.pace,
        )
        app.leadership = None  # these apps are restarted without a goodbye, and nobody else is there
        await app.serving.prepare()
        self._tasks = [asyncio.create_task(app.inbox.work()), asyncio.create_task(app.sender.run())]
        return app

    def close(self) -> None:
        async def shut() -> None:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self.app.serving.close()

        self._loop.run_until_complete(shut())
        self._loop.close()

    def restart(self) -> None:
        """A new process on the same database; nothing of the old one's memory is left."""

        async def shut() -> None:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

        self._loop.run_until_complete(shut())
        self.app = self._loop.run_until_complete(self._open())

    def numbers_phones_from(self, telegram_id: int) -> None:
        """The next phone gets this Telegram id, and those after it the ones that follow. They count from 101 otherwise:
        three digits that a random token may hold, too."""
        self._people = itertools.count(telegram_id)

    def phone(self, first_name: str = "Siti", telegram_id: int | None = None, username: str | None = None) -> Phone:
        """Somebody new, with a phone of their own; with an id that is known, for instance as an admin's."""
        phone = Phone(self, telegram_id or next(self._people), first_name, username)
        self.known[phone.id] = set()
        return phone

    def deliver(self, update: Mapping[str, Any], phone: Phone | None = None) -> None:
        """An update arrives, is handled, and everything it leads to is said."""
        self.deliver_all([update], phone)

    def deliver_all(self, updates: Sequence[Mapping[str, Any]], phone: Phone | None = None) -> None:
        if phone is not None:
            phone.looks_up()
        numbered = [{"update_id": next(self._updates), **update} for update in updates]
        self._loop.run_until_complete(self._take(numbered))

    async def _take(self, updates: Sequence[Mapping[str, Any]]) -> None:
        await self.app.inbox.take(updates)
        await self.app.settled(look=False)

    def travel(self, *, to: datetime | None = None, **by: float) -> None:
        """Move the present forward: travel(hours=1), travel(days=2), travel(to=...)."""
        target = to or self.now + timedelta(**by)
        self._loop.run_until_complete(self.app.travel(target))

    def wait_for(self, work: Coroutine[Any, Any, object]) -> None:
        """Does something of the app's, to its end."""
        self._loop.run_until_complete(work)

    def look(self) -> None:
        """The clock asks what is due, without time having moved; what a test has written by hand is found, too."""

        async def look() -> None:
            self.app.jobs.wake()
            await self.app.scheduler.run_due()
            await self.app.settled()

        self._loop.run_until_complete(look())

    @property
    def now(self) -> datetime:
        return self.app.clock.now()

    def add_class(
        self,
        code: str = "LB-1",
        *,
        site: str = "labuan-bajo",
        starts: datetime | None = None,
        capacity: int = 20,
        title: str = "Foto Produk",
        minutes: int = 120,
        venue: str = "Puncak Waringin",
    ) -> int:
        """A class at a site, three days from now at the same hour unless told otherwise. Returns its id."""
        with self.database.transaction() as db:
            session = sessions.create(
                db,
                self.now,
                code=code,
                site_id=site,
                title=title,
                starts_at=starts or self.now + timedelta(days=3),
                minutes=minutes,
                capacity=capacity,
                venue=venue,
                latitude=-8.5,
                longitude=119.88,
                trainer="Pelatih (contoh)",
                leads=self.content.leads(site),
            )
            return session.id


@cache
def content() -> Content:
    return load_content(ROOT / "content")


@cache
def _settings(given: tuple[tuple[str, Any], ...]) -> Settings:
    """To look through the environment for each chat takes longer than to make the chat."""
    return Settings(_env_file=None, privacy_contact="0800-0000-000 (contoh)", **dict(given))


@cache
def texts() -> Texts:
    return Texts(ROOT / "locales")


def registered(chat: Chat, name: str = "Siti", site: str = "labuan-bajo", *, reminders: bool | None = True) -> Phone:
    """Somebody who registered earlier (written straight into the database: registering has its own tests).

    `reminders` is the answer to consents 2a and 2b; None: not asked yet.
    """
    phone = chat.phone(name)
    with chat.database.transaction() as db:
        add_registered(db, phone.id, name, chat.now, site=site, reminders=reminders)
    return phone


def add_registered(
    db: Session,
    telegram_id: int,
    name: str,
    now: datetime,
    *,
    site: str = "labuan-bajo",
    reminders: bool | None = True,
    saves_data: bool = False,
) -> Person:
    """The rows of somebody who registered at `now`: account, person and consents."""
    account = Account(telegram_id=telegram_id, language="id", created_at=now, seen_at=now, last_message_id=0, draft={})
    db.add(account)
    db.flush()
    person = Person(
        account_id=account.id,
        name=name,
        salutation="ibu",
        sector="kuliner",
        site_id=site,
        saves_data=saves_data,
        registered_at=now,
    )
    db.add(person)
    db.flush()
    account.person = person
    answers = {Purpose.TRAINING: True} | dict.fromkeys(DIVIDED, reminders)
    for purpose, given in answers.items():
        if given is not None:
            version = content().consent_version(purpose)
            record_consent(db, person, purpose, given=given, text_version=version, language="id", now=now)
    return person


def staffed(chat: Chat, name: str = "Maria", *, role: Role = Role.TRAINER, site: str | None = "labuan-bajo") -> Phone:
    """Somebody who was made a trainer (or an admin) earlier, and takes part in nothing."""
    phone = chat.phone(name)
    with chat.database.transaction() as db:
        account = Account(
            telegram_id=phone.id, language="id", created_at=chat.now, seen_at=chat.now, last_message_id=0, draft={},
            staff_name=name,
        )  # fmt: skip
        db.add(account)
        db.flush()
        db.add(RoleGrant(account_id=account.id, role=role, site_id=site, granted_at=chat.now))
    return phone


def enrolled(chat: Chat, name: str = "Siti", *, session: int, site: str = "labuan-bajo") -> Phone:
    """Somebody who registered and asked for a seat in the class (and got it, or a place on the waitlist)."""
    return registered(chat, name, site).sends_tap(f"enrolment:take:{session}")
