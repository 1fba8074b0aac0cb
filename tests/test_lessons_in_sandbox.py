"""All lessons, walked in the real sandbox with the buttons a person sees: nothing is refused, nothing is too long, and
nobody is left without a way on."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

import httpx
import pytest
from sqlalchemy import select

from bot.app import App
from bot.catalogue.content import Lesson
from bot.clock import Clock
from bot.database import Database
from bot.demo import SandboxTime
from bot.people.people import Account
from bot.programme import lessons
from bot.programme.quizzes import Quiz, QuizPurpose
from bot.sandbox import Call, SamplePerson, Sandbox
from bot.settings import Settings
from bot.telegram.http import CALL_SECONDS, File, Refused
from bot.turns.pace import Pace
from tests.chat import MONDAY, add_registered, content, texts
from tests.databases import quick_database

TOKEN: Final = "1234567:sandbox-token"
SITI, ANTON = 101, 102
WORDS: Final = 90
"""No page of a lesson has more, title and all."""
PEOPLE: Final = (SamplePerson(SITI, "Siti", "participant"), SamplePerson(ANTON, "Anton", "participant"))


class InProcess:
    """Telegram for the bot: each call goes to the sandbox's door as it would over HTTP."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def call(
        self,
        method: str,
        params: Mapping[str, Any],
        files: Mapping[str, File] | None = None,
        timeout: float = CALL_SECONDS,  # noqa: ASYNC109 - the sandbox holds a poll that long
    ) -> Any:
        if files:
            data = {name: one if isinstance(one, str) else json.dumps(one) for name, one in params.items()}
            response = await self._http.post(f"/bot{TOKEN}/{method}", data=data, files=dict(files))
        else:
            response = await self._http.post(f"/bot{TOKEN}/{method}", json=dict(params))
        answer = response.json()
        if not answer["ok"]:
            refused = answer.get("parameters") or {}
            raise Refused(answer["error_code"], answer["description"], refused.get("retry_after"))
        return answer["result"]


class World:
    """The bot and the sandbox in one event loop; what the bot calls is checked after every step."""

    def __init__(self, database: Database) -> None:
        self.sandbox = Sandbox(None, token=TOKEN, bot_username="jalin_bot", people=PEOPLE, record=True)
        transport = httpx.ASGITransport(app=self.sandbox.asgi)
        self.http = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", timeout=60)
        self.app = App(
            Settings(_env_file=None, privacy_contact="0800-0000-000 (contoh)"),
            api=InProcess(self.http),
            database=database,
            clock=Clock(real=lambda: MONDAY),
            content=content(),
            texts=texts(),
            sender_options={"rate": 10_000, "chat_rate": 10_000, "chat_burst": 1_000},
            pace=Pace(10_000, 1_000),
        )
        self.sandbox.time = SandboxTime(self.app)
        self.taps = self.answers = self.messages = 0
        self.methods: set[str] = set()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> World:
        await self.app.serving.prepare()
        await self.app.profile.set_all(("setMyCommands", menu) for menu in self.app.command_menus())
        work = (self.app.inbox.poll(), self.app.inbox.work(), self.app.sender.run())
        self._tasks = [asyncio.create_task(one) for one in work]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.http.aclose()
        await self.sandbox.stop()
        self.sandbox.close()

    async def settled(self) -> None:
        """Wait until the bot has taken everything, and has said what it has to say."""
        async with asyncio.timeout(10):
            while self.sandbox.world.updates:  # the next poll confirms them
                assert not any(task.done() for task in self._tasks), "the bot has stopped"
                await asyncio.sleep(0)
        await self.app.settled()
        calls, self.sandbox.calls[:] = list(self.sandbox.calls), []
        for call in calls:
            self._check(call)
        assert not self.sandbox.world.queries, "a tap was not answered"
        assert self.answers == self.taps

    def _check(self, call: Call) -> None:
        assert call.answer["ok"], f"Telegram refused {call.method}: {call.answer}\n{call.params}"
        self.methods.add(call.method)
        if call.method == "answercallbackquery":
            self.answers += 1
            assert len(call.params.get("text", "")) <= 200
        message = call.answer["result"]
        if isinstance(message, dict) and "chat" in message:
            self.messages += 1
            inside_limits(message)


def inside_limits(message: Mapping[str, Any]) -> None:
    """Telegram's limits for a message as it was parsed, in UTF-16 units where that is stricter."""
    assert len(message.get("text", "").encode("utf-16-le")) <= 2 * 4096
    assert len(message.get("caption", "").encode("utf-16-le")) <= 2 * 1024
    for row in message.get("reply_markup", {}).get("inline_keyboard", []):
        for button in row:
            assert 0 < len(button["text"]) <= 64, button
            if "copy_text" in button:
                assert 0 < len(button["copy_text"]["text"]) <= 256, button
            else:
                assert 0 < len(button["callback_data"].encode()) <= 64, button
    poll = message.get("poll")
    if poll is not None:
        assert 0 < len(poll["question"]) <= 300
        assert 2 <= len(poll["options"]) <= 12
        assert all(0 < len(option["text"]) <= 100 for option in poll["options"])
        assert not poll.get("explanation"), "it is told once, by the words that follow the answer"


class Walker:
    """One person at the page: sees the newest message, and taps only what is on it."""

    def __init__(self, world: World, person: int) -> None:
        self.world = world
        self.person = person
        self.shown: dict[str, Any] = {}
        self.pictures = 0
        self._newest = 0

    async def _does(self, action: str, **body: Any) -> None:
        response = await self.world.http.post(f"/sandbox/chat/{self.person}/{action}", json=body)
        assert response.status_code == 200, response.text
        await self.world.settled()
        await self._looks()

    async def _looks(self) -> None:
        query = f"/sandbox/chat/{self.person}?after={max(0, self._newest - 1)}"
        new = (await self.world.http.get(query)).json()["messages"]
        self.pictures += sum(one["from"] == "bot" and "photo" in one for one in new if one["id"] > self._newest)
        self.shown = new[-1]
        self._newest = self.shown["id"]
        assert self.shown["from"] == "bot", f"no answer to {self.shown}"
        assert self.actions, f"no button under {self.shown}"
        assert "menu:help" in self.actions, f"nobody to ask: {self.shown}"
        assert set(self.actions) - {"menu:help"}, f"no way on: {self.shown}"

    @property
    def actions(self) -> list[str]:
        return [button["data"] for row in self.shown["buttons"] or [] for button in row if "data" in button]

    @property
    def text(self) -> str:
        return self.shown["text"] or ""

    def offers(self, action: str) -> bool:
        return any(one == action or one.startswith(f"{action}:") for one in self.actions)

    async def says(self, text: str) -> None:
        await self._does("say", text=text)

    async def sends_a_photo(self) -> None:
        await self._does("photo")

    async def writes_a_link(self) -> None:
        await self.says("tiktok.com/@kopisiti")

    async def shows_nothing(self) -> None:
        await self.taps("lessons:skip")

    async def taps(self, action: str) -> None:
        """The first button with this action, whatever comes behind it."""
        data = next((one for one in self.actions if one == action or one.startswith(f"{action}:")), None)
        assert data is not None, f"no button {action} under {self.shown}"
        self.world.taps += 1
        await self._does("tap", message_id=self.shown["id"], data=data)

    # --- a question -----------------------------------------------------------------------------------------------

    async def answers(self, options: tuple[str, ...], *, right: bool) -> None:
        """Vote in the poll, or tap the letter; the right option stands first in the content."""
        wanted = options[0] if right else options[-1]
        poll = self.shown.get("poll")
        if poll is None:
            assert self.offers("quizzes:answer")
            lines = dict(line.split(". ", 1) for line in self.text.splitlines() if line[1:3] == ". ")
            letter = next(letter for letter, option in lines.items() if option == wanted)
            assert sorted(lines.values()) == sorted(options)
            place = sorted(lines).index(letter)
            await self.taps(next(one for one in self.actions if one.endswith(f":{place}")))
            return
        shown = [option["text"] for option in poll["options"]]
        assert sorted(shown) == sorted(options)
        assert poll["correct"] is None, "the answer is told before the vote"
        voted = self._newest
        await self._does("vote", message_id=voted, option=shown.index(wanted))
        messages = (await self.world.http.get(f"/sandbox/chat/{self.person}?after={voted - 1}")).json()["messages"]
        poll = messages[0]["poll"]
        assert (poll["chosen"] == poll["correct"]) is right

    async def takes_the_test(self, purpose: str) -> None:
        """The questions of a test, right and wrong in turn; whether it was right is not told."""
        await self.taps(f"quizzes:{purpose}:go")
        questions = {question.text: question for question in content().test_questions()}
        for number in range(len(questions)):
            question = next(one for one in questions.values() if one.text in self.text)
            await self.answers(question.options, right=number % 2 == 0)
        assert not self.offers("quizzes:answer")
        await self.taps("lessons:next")

    # --- a lesson -------------------------------------------------------------------------------------------------

    async def reads(self, lesson: Lesson, *, back: bool = False) -> None:
        """From the first page to the last, every word of it on the screen."""
        pages = len(lessons.pages_of(lesson))
        assert pages in (2, 3)
        expected = [[lesson.opening, *lesson.points], [lesson.example or ""], [lesson.task]]
        if lesson.example is None:
            del expected[1]
        for page in range(1, pages + 1):
            assert f"{lesson.title} ({page}/{pages})" in self.text
            assert all(words in self.text for words in expected[page - 1])
            assert len(self.text.split()) <= WORDS, self.text
            if page < pages:
                await self.taps(f"lessons:open:{lesson.id}:{page + 1}")
        if back:
            await self.taps(f"lessons:open:{lesson.id}:{pages - 1}")
            await self.taps(f"lessons:open:{lesson.id}:{pages}")

    async def goes_on(self) -> None:
        await self.taps("lessons:next")
        if self.offers("quizzes:pretest:go"):
            await self.takes_the_test("pretest")
        if self.offers("quizzes:posttest"):
            await self.takes_the_test("posttest")


Way = Callable[[Walker], Awaitable[None]]


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    opened = quick_database(sqlite_url)
    try:
        yield opened
    finally:
        opened.close()


def path() -> list[Lesson]:
    return [lesson for module in content().path("kuliner") for lesson in module.lessons]


def is_marked(lesson: Lesson) -> bool:
    return bool(content().overdue(lesson, (MONDAY + timedelta(hours=8)).date()))


def walk(database: Database, telegram_id: int, name: str, way: Way, *, saves_data: bool = False) -> World:
    """Somebody registers (in the database), and goes `way`."""

    async def walked() -> World:
        async with World(database) as world:
            with database.transaction() as db:
                add_registered(db, telegram_id, name, MONDAY, saves_data=saves_data)
            await way(Walker(world, telegram_id))
            return world

    return asyncio.run(walked())


def outcome(database: Database, telegram_id: int) -> tuple[frozenset[str], dict[str, list[bool | None]], int]:
    """What stands in the database: lessons finished, answers to the questions of lessons, and how many tasks."""
    with database.transaction() as db:
        person = db.scalars(select(Account).where(Account.telegram_id == telegram_id)).unique().one().person
        assert person is not None
        found: dict[str, list[bool | None]] = {}
        asked = select(Quiz).where(Quiz.person_id == person.id, Quiz.purpose == QuizPurpose.LESSON).order_by(Quiz.id)
        for quiz in db.scalars(asked):
            found.setdefault(quiz.question_id, []).append(quiz.right)
        return lessons.finished_lessons(db, person), found, len(lessons.all_tasks(db, person))


def test_all_lessons_with_polls_each_question_missed_and_then_known(database: Database) -> None:
    walked = path()
    askable = [lesson for lesson in walked if not is_marked(lesson)]
    shows = itertools.cycle((Walker.sends_a_photo, Walker.writes_a_link, Walker.shows_nothing))

    async def way(siti: Walker) -> None:
        await siti.says("/belajar")
        await siti.taps("lessons:next")
        for lesson in walked:
            await siti.reads(lesson, back=lesson.number == 1)
            if lesson not in askable:
                await siti.taps("lessons:finish")
                assert "poll" not in siti.shown
                await siti.goes_on()
                continue
            await siti.taps("lessons:finish")
            await siti.answers(lesson.question.options, right=False)
            assert lesson.question.options[0] in siti.text
            await siti.taps(f"lessons:open:{lesson.id}")
            await siti.reads(lesson)
            await siti.taps("lessons:task")
            await next(shows)(siti)
            await siti.answers(lesson.question.options, right=True)
            await siti.goes_on()
        assert f"{len(walked)} pelajaran" in siti.text
        assert not siti.offers("lessons:next")
        assert siti.pictures == sum(module.picture is not None for module in content().modules)

    world = walk(database, SITI, "Siti", way)
    finished, answers, tasks = outcome(database, SITI)
    assert len(walked) == len(finished) == 72
    assert answers == {lesson.question.id: [False, True] for lesson in askable}
    assert tasks == len(askable)
    assert {"sendmessage", "editmessagetext", "sendphoto", "sendpoll", "answercallbackquery"} <= world.methods
    assert world.taps > 7 * len(walked)


def test_all_lessons_without_pictures_and_polls(database: Database) -> None:
    walked = path()

    async def way(anton: Walker) -> None:
        await anton.says("/belajar")
        await anton.taps("lessons:next")
        for number, lesson in enumerate(walked):
            await anton.reads(lesson)
            await anton.taps("lessons:finish")
            if not is_marked(lesson):
                await anton.answers(lesson.question.options, right=number % 2 == 0)
            await anton.goes_on()

    world = walk(database, ANTON, "Anton", way, saves_data=True)
    finished, answers, _ = outcome(database, ANTON)
    assert len(finished) == 72
    asked = {lesson.question.id: [number % 2 == 0] for number, lesson in enumerate(walked) if not is_marked(lesson)}
    assert answers == asked
    assert not {"sendphoto", "sendpoll"} & world.methods


def test_a_poll_can_be_had_with_letters(database: Database) -> None:
    (lesson, *_) = path()

    async def way(siti: Walker) -> None:
        await siti.says("/belajar")
        await siti.taps("lessons:next")
        await siti.reads(lesson)
        await siti.taps("lessons:finish")
        await siti.taps("quizzes:letters")
        await siti.answers(lesson.question.options, right=True)

    walk(database, SITI, "Siti", way)
    assert outcome(database, SITI)[1] == {lesson.question.id: [True]}
