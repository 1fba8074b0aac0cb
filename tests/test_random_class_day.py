"""A class day of random acts: two trainers tick, answer claims and requests at the door, and take presence back, with
screens out of date and taps that come twice; the people type the code and say that they were there. The class is full:
others ask at the door, and take it back.

The record always is what the last deliberate deed made it: a button does something only if the record still is what it
was shown with. Presence by the code, or of somebody without a seat, never goes without the tap that confirms it, and an
answered claim or request never changes by an old message.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass, field
from datetime import timedelta

from bot.actions.attendance import AnswerAtDoor, ConfirmClaim, MarkOthers, RefuseClaim, TakeBackPresence, TickName
from bot.words.action import Action, parse
from tests.chat import Chat, Phone, registered
from tests.databases import by_turns
from tests.test_attendance import START, a_class, code_now, enrolled, mark_of, opened, person_id, trainer

SEEDS = int(os.environ.get("JALIN_SEEDS", "2"))
"""How many stories are tried; more when somebody looks for trouble."""
STEPS = (14, 66)
"""Acts while the code is good, and after it. In between those of whom nothing is recorded say that they were there."""
TYPE_CODE = 3
"""So many of the people type the code; the others can only say that they were there."""


@dataclass
class Record:
    """What ought to be recorded of one person. `deed` counts what was done to it."""

    mark: str | None = None
    by_code: bool = False
    deed: int = 0
    listed: bool = True
    """Whether the person has a seat, or was let in without one and is present."""
    guest: bool = False
    asks: str = ""
    """What became of the request at the door: open, accepted, declined, withdrawn; empty: there is none."""
    asked: int = 0
    """Counts what was done to the request."""

    def request(self, state: str) -> None:
        self.asks = state
        self.asked += 1

    def becomes(self, mark: str, *, by_code: bool = False) -> None:
        self.mark, self.by_code = mark, by_code
        self.deed += 1


@dataclass
class Day:
    """The class, what ought to be recorded, and every button that was shown, with the records as they were then.
    `people` have a seat, `outside` none."""

    chat: Chat
    session: int
    people: dict[int, Phone]
    outside: dict[int, Phone]
    trainers: list[Phone]
    dice: random.Random
    records: dict[int, Record] = field(default_factory=dict)
    shown: list[tuple[Phone, str, int, dict[int, tuple[bool, int, int]]]] = field(default_factory=list)
    known: set[tuple[int, str, int]] = field(default_factory=set)
    over: bool = False
    """Whether the code is not good any more."""

    def deeds(self) -> dict[int, tuple[bool, int, int]]:
        return {person: (record.listed, record.deed, record.asked) for person, record in self.records.items()}

    def as_listed(self, deeds: dict[int, tuple[bool, int, int]]) -> dict[int, int]:
        return {person: deed for person, (listed, deed, _) in deeds.items() if listed}

    def look(self) -> None:
        """Notes the buttons that came, with the records as they are."""
        for phone in self.trainers:
            for bubble in phone.bubbles:
                for button in (button for row in bubble.buttons for button in row):
                    data = button.get("callback_data", "")
                    if (phone.id, data, bubble.message_id) not in self.known and isinstance(
                        parse(data),
                        TickName | TakeBackPresence | ConfirmClaim | RefuseClaim | MarkOthers | AnswerAtDoor,
                    ):
                        self.known.add((phone.id, data, bubble.message_id))
                        self.shown.append((phone, data, bubble.message_id, self.deeds()))

    def trainer_looks(self) -> None:
        phone = self.dice.choice(self.trainers)
        looks = ["names:{}", "names:{}", "claims:{}", "doors:{}"]
        looks += ["others:{}:present", "others:{}:absent"] if self.over and self.dice.random() < 0.3 else []
        what = self.dice.choice(looks)
        phone.sends_tap("attendance:" + what.format(self.session))

    def trainer_taps(self) -> None:
        """Mostly one of the newest buttons; any that was ever shown; often twice."""
        if not self.shown:
            return self.trainer_looks()
        recent = self.shown[-12:] if self.dice.random() < 0.6 else self.shown
        phone, data, message_id, then = self.dice.choice(recent)
        action = parse(data)
        assert action is not None
        for _ in range(self.dice.choice([1, 1, 2])):
            self.expect(action, then)
            phone.sends_tap(data, message_id)

    def expect(self, action: Action, then: dict[int, tuple[bool, int, int]]) -> None:
        """What the tap ought to do, by the records as they were when its button was shown."""
        if isinstance(action, MarkOthers):
            if self.as_listed(then) == self.as_listed(self.deeds()):
                marks = (None, "claimed") if action.to == "present" else (None,)
                for record in self.records.values():
                    if record.listed and record.mark in marks:
                        record.becomes(action.to)
            return
        assert isinstance(action, TickName | TakeBackPresence | ConfirmClaim | RefuseClaim | AnswerAtDoor)
        record = self.records[action.person]
        _, deed, asked = then[action.person]
        if isinstance(action, AnswerAtDoor):
            if asked == record.asked:
                self.expect_answer(record, yes=action.to == "yes")
            return
        if record.deed != deed or not record.listed:
            return
        match action:
            case TickName(to="absent") if record.by_code or record.guest:
                pass  # asked first
            case TickName(to=to) if to is not None:
                record.becomes(to)
            case TakeBackPresence():
                record.becomes("absent")
                record.listed, record.guest = not record.guest, False
            case ConfirmClaim() if record.mark == "claimed":
                record.becomes("present")
            case RefuseClaim() if record.mark == "claimed":
                record.becomes("absent")
            case _:
                pass

    def everybody_asks(self) -> None:
        """Those without a seat ask at the door, and both trainers have the card."""
        for person, phone in self.outside.items():
            self.chat.travel(seconds=1)
            phone.types(code_now(self.chat, self.session))
            self.records[person].request("open")
        self.look()

    def expect_answer(self, record: Record, *, yes: bool) -> None:
        """A yes lets in without a seat, and may follow a no that was shown; a no answers an open request alone."""
        if yes and record.asks in ("open", "declined"):
            record.becomes("present")
            record.listed = record.guest = True
            record.request("accepted")
        elif not yes and record.asks == "open":
            record.request("declined")

    def outsider_acts(self) -> None:
        """Types the code, which asks at the door of a full class, or takes the request back."""
        person = self.dice.choice(sorted(self.outside))
        record, phone = self.records[person], self.outside[person]
        self.chat.travel(seconds=1)  # no request is of the same moment as another
        if self.dice.random() < 0.4:
            phone.sends_tap(f"attendance:door_off:{self.session}:{person}")
            if record.asks == "open":
                record.request("withdrawn")
        elif not self.over:
            phone.types(code_now(self.chat, self.session))
            if record.listed and not record.by_code:
                record.becomes("present", by_code=True)
            elif not record.listed and record.asks in ("", "accepted", "withdrawn"):
                record.request("open")

    def person_types_code(self) -> None:
        person = self.dice.choice(sorted(self.people)[:TYPE_CODE])
        self.people[person].types(code_now(self.chat, self.session))
        record = self.records[person]
        if record.mark != "present" or not record.by_code:  # also after a tick: it is proof
            record.becomes("present", by_code=True)

    def person_claims(self) -> None:
        person = self.dice.choice(sorted(self.people))
        self.people[person].sends_tap(f"attendance:claim:{self.session}:{person}")
        if self.records[person].mark is None:
            self.records[person].becomes("claimed")

    def everybody_claims(self) -> None:
        """Who is not recorded says that they were there, and both trainers look at it."""
        for person, record in self.records.items():
            if record.mark is None and record.listed:
                self.people[person].sends_tap(f"attendance:claim:{self.session}:{person}")
                record.becomes("claimed")
        for phone in self.trainers:
            phone.sends_tap(f"attendance:claims:{self.session}")
        self.look()

    def agrees(self, step: str) -> None:
        for person, phone in (self.people | self.outside).items():
            found = mark_of(self.chat, phone, self.session)
            assert found == self.records[person].mark, f"{step}: {phone.first_name}"


@by_turns("seed", range(SEEDS))
def test_the_record_is_what_the_last_deliberate_deed_made_it(chat: Chat, seed: int) -> None:
    session = a_class(chat, capacity=8)
    phones = [
        enrolled(chat, name, session=session) for name in ("Ana", "Budi", "Cici", "Dedi", "Eka", "Fani", "Gita", "Hari")
    ]
    others = [registered(chat, name) for name in ("Ida", "Joni")]
    trainers = [opened(chat, session), trainer(chat, "Joko")]
    inside, outside = ({person_id(chat, one): one for one in some} for some in (phones, others))
    day = Day(chat, session, inside, outside, trainers, random.Random(seed))
    day.records = {person: Record() for person in inside} | {person: Record(listed=False) for person in outside}
    stretches = ((START, day.person_types_code), (START + timedelta(minutes=40), day.person_claims))
    for (moment, of_people), steps in zip(stretches, STEPS, strict=True):
        chat.travel(to=moment)
        day.look()
        day.over = moment > START
        if not day.over:
            day.everybody_asks()
        if day.over:
            day.everybody_claims()
        for step in range(steps):
            acts = [day.trainer_looks, day.trainer_taps, day.trainer_taps, day.trainer_taps, of_people]
            day.dice.choice([*acts, day.outsider_acts])()
            chat.travel(seconds=day.dice.choice([0, 1, 20]))
            day.look()
            day.agrees(f"step {step} from {moment}")
    answers = {data for _, data, _, _ in day.shown if isinstance(parse(data), ConfirmClaim | RefuseClaim)}
    assert answers, "no claim was shown to a trainer"
