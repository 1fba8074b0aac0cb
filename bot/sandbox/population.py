"""Sample people who use the bot by a script: they follow a path, then do what they like with what is on their screen.

They act only on what is on their screen: a button is tapped only while it can be seen (unless the script asks for stale
taps), and nobody acts again before they were answered or have lost patience. Each person has random numbers of their
own, made from the seed and their id: the same screens lead to the same choices. All waits are real time.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import logging
import random
import re
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal

from . import phone, polls
from .models import Event, Message, Person
from .population_script import Script, Step
from .world import World

log = logging.getLogger(__name__)
_SLICE = 0.01
_TRIES = 3
_SEEN = 50
_EXAMPLES = 20

State = Literal["ready", "waiting", "settling", "thinking", "watching", "done"]


@dataclass
class _Agent:
    """One person of the population. `state`: `ready` to act; `waiting` for an answer; `settling` while a tap is
    answered but a new screen may still come; `watching` for a button the path needs; `thinking`; or `done`."""

    person: Person
    number: int
    dice: random.Random
    state: State = "ready"
    step: int = 0
    tries: int = 0
    turn: int = 0  # timers of an older turn count no more
    acted_at: float = 0.0
    watching_since: float = 0.0
    last_act: Callable[[], bool] | None = None
    seen: deque[tuple[Message, str]] = field(default_factory=lambda: deque(maxlen=_SEEN))


class Population:
    """The people of one script. `begin` starts them in the running loop, `end` stops them; afterwards what they did can
    still be read."""

    def __init__(self, world: World, script: Script) -> None:
        self.world = world
        self.script = script
        self.running = False
        self._acts: Counter[str] = Counter()
        self._answered = 0
        self._impatient = 0
        self._skipped = 0
        self._gave_up: list[dict[str, Any]] = []
        self._latencies: list[float] = []
        self._waiting = 0
        self._done = 0
        self._wake = asyncio.Event()
        self._timers: list[tuple[float, int, int]] = []
        self._began = time.monotonic()
        self._ended: float | None = None
        self._task: asyncio.Task[None] | None = None
        self._prefer = [(re.compile(pattern), weight) for pattern, weight in script.prefer]
        self._answers = [(re.compile(pattern), texts) for pattern, texts in script.answers]
        self._agents = [self._agent(number) for number in range(script.people)]
        self._by_id = {agent.person.id: agent for agent in self._agents}
        order = list(self._agents)
        random.Random(script.seed).shuffle(order)
        self._ready = deque(order)

    def _agent(self, number: int) -> _Agent:
        script, world = self.script, self.world
        person_id = script.first_id + number
        person = world.people.get(person_id)
        if person is None:
            name = script.names[number % len(script.names)]
            person = world.add_person(name, person_id=person_id)
        if script.known:
            world.make_known(person)
        return _Agent(person, number, random.Random(f"{script.seed} {person_id}"))

    # --- life ---------------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        self.running = True
        self._began = time.monotonic()
        self.world.listeners.append(self._heard)
        self._task = asyncio.create_task(self._run())

    async def end(self) -> None:
        """Stops at once; nobody acts any more."""
        self._finish()
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()
            await asyncio.wait([self._task])

    def _finish(self) -> None:
        if self.running:
            self.running = False
            self._ended = time.monotonic()
            self.world.listeners.remove(self._heard)

    async def _run(self) -> None:
        try:
            while not self._over():
                self._wake.clear()
                now = time.monotonic()
                self._ring(now)
                self._act_now(now)
                self.world.commit()
                wait = _SLICE if self.script.rate is not None else 1.0
                if self._timers:
                    wait = min(wait, max(self._timers[0][0] - time.monotonic(), 0.0))
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(max(wait, 0.001)):
                        await self._wake.wait()
        except Exception:
            log.exception("sandbox: the population failed")
        finally:
            self._finish()

    def _over(self) -> bool:
        script = self.script
        if script.seconds is not None and time.monotonic() - self._began >= script.seconds:
            return True
        if self._budget() <= 0:
            return not self._waiting  # people who have acted are still answered, or lose patience
        return self._done == len(self._agents)

    def _budget(self) -> float:
        return float("inf") if self.script.acts is None else self.script.acts - sum(self._acts.values())

    def _act_now(self, now: float) -> None:
        rate = self.script.rate
        for _ in range(len(self._ready)):
            if not self._ready or self._budget() <= 0:
                return
            if rate is None and self._waiting >= self.script.under_way:
                return
            if rate is not None and sum(self._acts.values()) >= (now - self._began) * rate:
                return
            self._turn(self._ready.popleft(), now)

    # --- waiting ------------------------------------------------------------------------------------------------------

    def _to(self, agent: _Agent, state: State, seconds: float | None = None) -> None:
        """Puts a person into another state, whose end comes after so many seconds."""
        self._waiting += (state == "waiting") - (agent.state == "waiting")
        self._done += state == "done"
        agent.state = state
        agent.turn += 1
        if state == "ready":
            self._ready.append(agent)
        self._wake.set()
        if seconds is not None:
            heapq.heappush(self._timers, (time.monotonic() + seconds, agent.number, agent.turn))

    def _ring(self, now: float) -> None:
        while self._timers and self._timers[0][0] <= now:
            _, number, turn = heapq.heappop(self._timers)
            agent = self._agents[number]
            if agent.turn != turn:
                continue
            if agent.state == "thinking":
                self._to(agent, "ready")
            elif agent.state == "settling":
                self._think(agent)
            elif agent.state in ("waiting", "watching"):
                self._impatient += 1
                self._again(agent, now)

    def _heard(self, event: Event) -> None:
        agent = self._by_id.get(event.person)
        if agent is None:
            return
        if event.type in ("message", "edited"):
            if event.message is None or not event.message.from_bot:
                return
            self._remember(agent, event.message)
            if agent.state == "waiting":
                self._was_answered(agent)
                self._think(agent)
            elif agent.state == "settling":
                self._think(agent)
            elif agent.state == "watching":
                self._to(agent, "ready")
        elif event.type == "toast" and not event.fields.get("expired") and agent.state == "waiting":
            # The button has stopped turning; if no new screen comes soon, that was all.
            self._was_answered(agent)
            self._to(agent, "settling", self.script.settle)

    def _remember(self, agent: _Agent, message: Message) -> None:
        if self.script.stale:
            agent.seen.extend((message, data) for _, data in _buttons(message))

    def _was_answered(self, agent: _Agent) -> None:
        self._answered += 1
        self._latencies.append(time.monotonic() - agent.acted_at)
        if agent.step >= len(self.script.path):
            agent.tries = 0  # on the path only a step forward counts

    def _think(self, agent: _Agent) -> None:
        self._to(agent, "thinking", agent.dice.uniform(*self.script.think))

    def _again(self, agent: _Agent, now: float) -> None:
        """Handles that no answer or no button came: the person does the last thing again, or gives up the path, or goes
        on as they like."""
        agent.tries += 1
        walking = agent.step < len(self.script.path)
        if agent.tries <= _TRIES and agent.last_act is not None and self._budget() > 0 and agent.last_act():
            agent.acted_at = now
            self._to(agent, "waiting", self.script.patience)
            return
        if agent.tries <= _TRIES and walking:
            self._to(agent, "ready")
            return
        agent.tries = 0
        if walking:
            if len(self._gave_up) < _EXAMPLES:
                self._gave_up.append(self._picture(agent))
            agent.step = len(self.script.path) + 1
        self._to(agent, "ready" if self.script.roam else "done")

    def _picture(self, agent: _Agent) -> dict[str, Any]:
        last = next((message for message in self._screen(agent) if message.from_bot), None)
        step = self.script.path[agent.step] if agent.step < len(self.script.path) else None
        return {
            "person": agent.person.id,
            "name": agent.person.first_name,
            "step": {step.kind: step.value} if step else None,
            "sees": (last.body.get("text") or last.body.get("caption") or "")[:300] if last else None,
            "buttons": [words for words, _ in _buttons(last)] if last else [],
        }

    # --- acting -------------------------------------------------------------------------------------------------------

    def _turn(self, agent: _Agent, now: float) -> None:
        path = self.script.path
        if agent.step < len(path):
            self._walk(agent, path[agent.step], now)
        elif self.script.roam and not agent.person.blocked:
            self._roam(agent, now)
        else:
            self._to(agent, "done")

    def _walk(self, agent: _Agent, step: Step, now: float) -> None:
        if step.kind == "wait":
            agent.step += 1
            self._to(agent, "thinking", float(step.value))
            return
        act = self._step_act(agent, step)
        if act is not None:
            agent.step += 1
            agent.tries = 0
            agent.watching_since = 0.0
            self._do(agent, act, now, waits=step.kind not in ("block", "unblock"))
            return
        agent.watching_since = agent.watching_since or now
        if step.optional is not None and now - agent.watching_since >= step.optional:
            agent.step += 1
            agent.watching_since = 0.0
            self._skipped += 1
            self._to(agent, "ready")
        elif step.optional is not None:
            self._to(agent, "thinking", min(step.optional, 0.1))
        else:
            self._to(agent, "watching", self.script.patience)

    def _step_act(self, agent: _Agent, step: Step) -> Callable[[], bool] | None:
        match step.kind:
            case "start":
                return lambda: self._start(agent, step.value)
            case "say":
                words = step.value.replace("{name}", agent.person.first_name).replace("{n}", str(agent.number))
                return lambda: self._say(agent, words)
            case "tap":
                pattern = re.compile(step.value)
                for message in self._screen(agent):
                    for words, data in _buttons(message):
                        if pattern.search(words) or pattern.search(data):
                            return self._tapping(agent, message, data)
                for words in _keyboard(agent.person):
                    if pattern.search(words):
                        return lambda words=words: self._say(agent, words)  # type: ignore[misc]
                return None
            case "vote":
                for message in self._screen(agent):
                    if self._can_vote(agent, message):
                        return lambda message=message: self._vote(agent, message, step.value)  # type: ignore[misc]
                return None
            case "share":
                return lambda: self._share(agent, step.value)
        blocks = step.kind == "block"
        return lambda: self._block(agent, blocks)

    def _roam(self, agent: _Agent, now: float) -> None:
        dice, script = agent.dice, self.script
        screen = list(self._screen(agent))
        seen_once = [(message, data) for message, data in agent.seen if not _shows(message, data, screen)]
        quiz = next((message for message in screen if self._can_vote(agent, message)), None)
        buttons = [(message, words, data) for message in screen for words, data in _buttons(message)]
        weights = [self._weight(words, data) for _, words, data in buttons]
        if seen_once and dice.random() < script.stale:
            message, data = dice.choice(seen_once)
            self._do(agent, lambda: self._tap(agent, message, data, "stale"), now)
        elif quiz is not None and dice.random() < 0.9:
            self._do(agent, lambda: self._vote(agent, quiz, True), now)
        elif sum(weights) > 0 and dice.random() < script.tap:
            ((message, _, data),) = dice.choices(buttons, weights)
            self._do(agent, self._tapping(agent, message, data), now)
        else:
            words = self._words(agent, screen)
            self._do(agent, lambda: self._say(agent, words), now)

    def _weight(self, words: str, data: str) -> float:
        return next((weight for pattern, weight in self._prefer if pattern.search(words) or pattern.search(data)), 1.0)

    def _words(self, agent: _Agent, screen: list[Message]) -> str:
        last = next((message.body for message in screen if message.from_bot), {})
        said = last.get("text") or last.get("caption") or ""
        for pattern, texts in self._answers:
            if pattern.search(said):
                return agent.dice.choice(texts).replace("{name}", agent.person.first_name)
        keyboard = _keyboard(agent.person)
        if keyboard and agent.dice.random() < self.script.tap:
            return agent.dice.choice(keyboard)
        return agent.dice.choice(self.script.texts).replace("{name}", agent.person.first_name)

    def _do(self, agent: _Agent, act: Callable[[], bool], now: float, *, waits: bool = True) -> None:
        agent.acted_at = now
        agent.last_act = act if waits else None
        if waits:
            self._to(agent, "waiting", self.script.patience)
        else:
            self._think(agent)
        if not act() and agent.state == "waiting":
            self._to(agent, "thinking", 0.05)  # the screen has changed meanwhile

    # What follows is True if it could be done.

    def _start(self, agent: _Agent, payload: str) -> bool:
        phone.block(self.world, agent.person, False)
        return self._say(agent, f"/start {payload}".strip())

    def _say(self, agent: _Agent, words: str) -> bool:
        if agent.person.blocked:
            return False
        self._acts["said"] += 1
        phone.say(self.world, agent.person, words[:4096])
        return True

    def _tapping(self, agent: _Agent, message: Message, data: str) -> Callable[[], bool]:
        def tap() -> bool:
            if not _shows(message, data, self._screen(agent)):
                return False
            done = self._tap(agent, message, data, "tapped")
            if done and self.script.double and agent.dice.random() < self.script.double:
                self._tap(agent, message, data, "double")
            return done

        return tap

    def _tap(self, agent: _Agent, message: Message, data: str, kind: str) -> bool:
        if agent.person.blocked:
            return False
        self._acts[kind] += 1
        phone.tap(self.world, agent.person, message, data)
        return True

    def _can_vote(self, agent: _Agent, message: Message) -> bool:
        poll = polls.of_message(self.world, message)
        return poll is not None and not poll.body["is_closed"] and str(agent.person.id) not in poll.votes

    def _vote(self, agent: _Agent, message: Message, option: Any) -> bool:
        poll = polls.of_message(self.world, message)
        if agent.person.blocked or poll is None or not self._can_vote(agent, message):
            return False
        count = len(poll.body["options"])
        self._acts["voted"] += 1
        chosen = agent.dice.randrange(count) if option is True else min(option, count - 1)
        polls.vote(self.world, agent.person, poll, [chosen])
        return True

    def _share(self, agent: _Agent, what: str) -> bool:
        person = agent.person
        if person.blocked:
            return False
        self._acts["shared"] += 1
        if what == "location":
            place = {"latitude": agent.dice.uniform(-11, 6), "longitude": agent.dice.uniform(95, 141)}
            phone.receive(self.world, person, {"location": place})
        else:
            number = f"62812{person.id % 10**8:08d}"
            contact = {"phone_number": number, "first_name": person.first_name, "user_id": person.id}
            phone.receive(self.world, person, {"contact": contact})
        return True

    def _block(self, agent: _Agent, blocked: bool) -> bool:
        self._acts["blocked" if blocked else "unblocked"] += 1
        phone.block(self.world, agent.person, blocked)
        return True

    def _screen(self, agent: _Agent) -> Iterator[Message]:
        """Yields the messages that the person can see, the newest first."""
        return islice(reversed(self.world.chats.get(agent.person.id, {}).values()), self.script.screen)

    # --- telling ------------------------------------------------------------------------------------------------------

    def as_json(self) -> dict[str, Any]:
        ordered = sorted(self._latencies)
        seconds = (self._ended or time.monotonic()) - self._began
        steps = len(self.script.path)

        def part(share: float) -> float | None:
            return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 4) if ordered else None

        states = Counter(agent.state for agent in self._agents)
        return {
            "running": self.running,
            "seconds": round(seconds, 3),
            "people": len(self._agents),
            "acts": sum(self._acts.values()),
            "by_kind": dict(self._acts),
            "answered": self._answered,
            "waiting": states["waiting"],
            "watching": states["watching"],
            "impatient": self._impatient,
            "skipped": self._skipped,
            "walked": sum(agent.step == steps for agent in self._agents),
            "gave_up": sum(agent.step > steps for agent in self._agents),
            "gave_up_examples": self._gave_up,
            "stuck": [self._picture(agent) for agent in islice(self._stuck(), _EXAMPLES)],
            "p50": part(0.5),
            "p95": part(0.95),
            "p99": part(0.99),
        }

    def _stuck(self) -> Iterator[_Agent]:
        return (agent for agent in self._agents if agent.state == "watching" or agent.tries)


def _buttons(message: Message | None) -> list[tuple[str, str]]:
    """Returns words and data of the buttons under a message of the bot."""
    if message is None or not message.from_bot:
        return []
    rows = message.body.get("reply_markup", {}).get("inline_keyboard", [])
    return [(button["text"], button["callback_data"]) for row in rows for button in row if "callback_data" in button]


def _shows(message: Message, data: str, screen: Any) -> bool:
    return any(each is message for each in screen) and any(each == data for _, each in _buttons(message))


def _keyboard(person: Person) -> list[str]:
    rows = (person.keyboard or {}).get("keyboard", [])
    return [button["text"] for row in rows for button in row if len(button) == 1]
