"""The rules a bot should keep, judged by the transcript: what was left unanswered, said twice, refused, too fast."""

from __future__ import annotations

import re
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .rates import Bucket, Rates, kind_of
from .transcript import Entry

ANSWER_WITHIN = 15.0
"""Seconds within which a tap and a text should be answered."""
_EXAMPLES = 100
_REMEMBERED = 20
_OWED = 60.0
"""How long the same words may be the answer to something else that the person did."""
_DOUBLE_TAP = 1.0
_MOST_CHATS = 50_000


@dataclass
class _Waiting:
    """Taps, or texts, and what became of them."""

    made: int = 0
    answered: int = 0
    late: int = 0
    withdrawn: int = 0
    slowest: float = 0.0
    open: dict[Any, Entry] = field(default_factory=dict)
    examples: deque[Entry] = field(default_factory=lambda: deque(maxlen=_EXAMPLES))

    def begin(self, key: Any, entry: Entry) -> None:
        self.made += 1
        self.open[key] = entry

    def end(self, key: Any, at: float) -> None:
        entry = self.open.pop(key, None)
        if entry is None:
            return
        waited = at - entry["at"]
        self.answered += 1
        self.slowest = max(self.slowest, waited)
        if waited > ANSWER_WITHIN:
            self.late += 1
            self.examples.append(entry | {"waited": round(waited, 3)})

    def as_json(self, now: float) -> dict[str, Any]:
        never = [entry for entry in self.open.values() if now - entry["at"] > ANSWER_WITHIN]
        open_ = [entry for entry in self.open.values() if now - entry["at"] <= ANSWER_WITHIN]
        return {
            "made": self.made,
            "answered": self.answered,
            "withdrawn": self.withdrawn,
            "late": self.late,
            "never": len(never),
            "open": len(open_),
            "slowest": round(self.slowest, 3),
            "late_examples": list(self.examples),
            "never_examples": never[:_EXAMPLES],
            "open_examples": open_[:_EXAMPLES],
        }


@dataclass
class _Breach:
    count: int = 0
    examples: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=_EXAMPLES))

    def add(self, **example: Any) -> None:
        self.count += 1
        self.examples.append(example)

    def as_json(self) -> dict[str, Any]:
        return {"count": self.count, "examples": list(self.examples)}


class _Said:
    """What the bot said in a chat since its person last did something (True: its answer was lost), and how many answers
    the person still waits for."""

    __slots__ = ("excused_until", "last_tap", "owed", "words")

    def __init__(self) -> None:
        self.words: OrderedDict[tuple[Any, ...], bool] = OrderedDict()
        self.owed: deque[float] = deque(maxlen=_REMEMBERED)
        self.last_tap: tuple[Any, float] = (None, 0.0)
        self.excused_until = 0.0

    def deed(self, entry: Entry) -> None:
        at = entry["at"]
        self.words.clear()
        self.owed.append(at)
        if entry["what"] == "tapped":
            tap = (entry["message_id"], entry["data"])
            if tap == self.last_tap[0] and at - self.last_tap[1] < _DOUBLE_TAP:
                self.excused_until = at + _OWED
            self.last_tap = (tap, at)

    def owes(self, at: float) -> bool:
        while self.owed and self.owed[0] < at - _OWED:
            self.owed.popleft()
        return bool(self.owed) or at < self.excused_until

    def spoken(self) -> None:
        if self.owed:
            self.owed.popleft()


class Report:
    """Judges a transcript while it is written.

    A text counts as answered by the next message or edit in its chat. The same words count as said twice if the person
    did nothing in between, and nothing before that still waits for an answer. Limits are judged by the calls that took
    effect, whether or not they are enforced, with the figures of `rates`: more than `all_rate` sends and edits in any
    second, and more in a chat than its bucket holds.
    """

    def __init__(self, rates: Rates, clock: Callable[[], float] = time.time) -> None:
        self._rates = rates
        self._clock = clock
        self.begin()

    def begin(self) -> None:
        """Forgets everything so far."""
        self.since = self._clock()
        self.calls: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.taps = _Waiting()
        self.texts = _Waiting()
        self.same_edits = _Breach()
        self.over_all = _Breach()
        self.over_chat = _Breach()
        self.said_twice = _Breach()
        self.twice_after_loss = 0
        self.most_in_a_second = 0
        self.updates = Counter(made=0, handed=0, handed_again=0, delivered=0, delivered_again=0, refused=0)
        self._delivered: OrderedDict[int, None] = OrderedDict()
        self._handed_to = 0
        self._second: deque[float] = deque()
        self._buckets: dict[tuple[str, int], Bucket] = {}
        self._said: dict[int, _Said] = {}
        self._people_open: dict[int, list[int]] = {}

    # --- listening ----------------------------------------------------------------------------------------------------

    def listen(self, entry: Entry) -> None:
        match entry["what"]:
            case "called":
                self._called(entry)
            case "handed":
                self._handed(entry["updates"])
            case "delivered":
                self._delivery(entry)
            case what:
                self._deed(what, entry)

    def _deed(self, what: str, entry: Entry) -> None:
        person = entry["person"]
        self._said.setdefault(person, _Said()).deed(entry)
        if entry.get("update_id") is not None:
            self.updates["made"] += 1
        if what == "tapped":
            self.taps.begin(entry["query_id"], entry)
        elif what == "said":
            self.texts.begin(entry["n"], entry)
            self._people_open.setdefault(person, []).append(entry["n"])
        elif what == "blocked":  # a person who blocked the bot cannot be answered
            for number in self._people_open.pop(person, ()):
                self.texts.withdrawn += self.texts.open.pop(number, None) is not None
            for query_id in [key for key, tap in self.taps.open.items() if tap["person"] == person]:
                del self.taps.open[query_id]
                self.taps.withdrawn += 1

    def _handed(self, numbers: list[int]) -> None:
        for number in numbers:
            if number <= self._handed_to:
                self.updates["handed_again"] += 1
            else:
                self.updates["handed"] += 1
                self._handed_to = number

    def _delivery(self, entry: Entry) -> None:
        if not entry["ok"]:
            self.updates["refused"] += 1
        elif entry["update_id"] in self._delivered:
            self.updates["delivered_again"] += 1
        else:
            self.updates["delivered"] += 1
            self._delivered[entry["update_id"]] = None
            if len(self._delivered) > _MOST_CHATS:
                self._delivered.popitem(last=False)

    def _called(self, entry: Entry) -> None:
        method = entry["method"]
        self.calls[method] += 1
        if "fault" in entry:
            self.faults[entry["fault"]] += 1
        if not entry["ok"]:
            self._refusal(method, entry)
            return
        kind = kind_of(method.lower())
        if kind == "answer":
            self.taps.end(entry.get("query_id"), entry["at"])
            if "text" in entry and "person" in entry:
                self._said.setdefault(entry["person"], _Said()).spoken()
        elif kind in ("message", "edit"):
            person = entry["person"]
            for number in self._people_open.pop(person, ()):
                self.texts.end(number, entry["at"])
            self._pace(kind, person, entry["at"], method)
            said = self._said.setdefault(person, _Said())
            if kind == "message":
                self._repetition(said, entry)
            said.spoken()

    def _refusal(self, method: str, entry: Entry) -> None:
        if "code" not in entry:
            return  # a connection that was reset: counted among the faults
        description = re.sub(r"\d+", "N", entry["description"])
        self.refused[f"{method}: {entry['code']} {description}"[:200]] += 1
        if "message is not modified" in description:
            self.same_edits.add(n=entry["n"], at=entry["at"], person=entry.get("person"), method=method)

    def _pace(self, kind: str, person: int, at: float, method: str) -> None:
        second = self._second
        second.append(at)
        while second[0] <= at - 1:
            second.popleft()
        self.most_in_a_second = max(self.most_in_a_second, len(second))
        if len(second) > self._rates.all_rate:
            self.over_all.add(at=at, sent=len(second))
        bucket = self._buckets.get((kind, person))
        rate, burst = self._figures(kind)
        if bucket is None:
            if len(self._buckets) >= _MOST_CHATS:
                self._buckets = {
                    key: each for key, each in self._buckets.items() if each.lacking(at) or each.tokens < each.burst
                }
            bucket = self._buckets[kind, person] = Bucket(rate, burst, at)
        bucket.rate, bucket.burst = rate, burst
        if bucket.lacking(at) > 0:
            self.over_chat.add(at=at, person=person, method=method)
        else:
            bucket.take()

    def _figures(self, kind: str) -> tuple[float, float]:
        rates = self._rates
        if kind == "message":
            return rates.chat_rate, rates.chat_burst
        return rates.edit_rate, rates.edit_burst

    def _repetition(self, said: _Said, entry: Entry) -> None:
        words = (entry.get("text"), entry.get("media"), repr(entry.get("buttons")))
        if words[:2] == (None, None):
            return  # a copy: its answer does not say of what
        if words in said.words and not said.owes(entry["at"]):
            lost_before = said.words[words]
            self.twice_after_loss += lost_before
            self.said_twice.add(
                n=entry["n"],
                at=entry["at"],
                person=entry["person"],
                text=entry.get("text"),
                after_loss=lost_before,
            )
        said.words[words] = bool(entry.get("lost"))
        if len(said.words) > _REMEMBERED:
            said.words.popitem(last=False)

    # --- telling ------------------------------------------------------------------------------------------------------

    def as_json(self) -> dict[str, Any]:
        now = self._clock()
        taps, texts = self.taps.as_json(now), self.texts.as_json(now)
        return {
            "since": self.since,
            "broken": {
                "taps_never_answered": taps["never"],
                "taps_answered_late": taps["late"],
                "texts_never_answered": texts["never"],
                "texts_answered_late": texts["late"],
                "edits_that_change_nothing": self.same_edits.count,
                "too_many_in_a_second": self.over_all.count,
                "too_many_in_a_chat": self.over_chat.count,
                "said_twice": self.said_twice.count - self.twice_after_loss,
            },
            "taps": taps,
            "texts": texts,
            "edits_that_change_nothing": self.same_edits.as_json(),
            "limits": {
                "most_in_a_second": self.most_in_a_second,
                "too_many_in_a_second": self.over_all.as_json(),
                "too_many_in_a_chat": self.over_chat.as_json(),
            },
            "said_twice": self.said_twice.as_json() | {"after_a_lost_answer": self.twice_after_loss},
            "updates": dict(self.updates),
            "calls": dict(self.calls),
            "refused": dict(self.refused),
            "faults": dict(self.faults),
        }
