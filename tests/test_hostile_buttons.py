"""Forged taps: any data, other people's numbers, other roles' actions; and links into the chat with any payload."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import handlers
from bot.people import audit, rights
from bot.people.audit import REFUSED, AuditRow
from bot.people.people import Account, Person, Role, RoleGrant
from bot.programme import staff
from bot.programme.enrolment import Enrolment
from bot.programme.sessions import ClassSession
from bot.turns.floods import MAX_UNHANDLED_PER_PERSON
from bot.turns.router import Conversation, Tap
from tests.chat import Chat, Phone, enrolled, registered, staffed

ADMIN = 9001
HASTY = settings(
    deadline=None,
    derandomize=True,
    max_examples=int(os.environ.get("JALIN_EXAMPLES", "25")),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def admins() -> tuple[int, ...]:
    return (ADMIN,)


def actions() -> list[str]:
    """Every action a button can carry, as the handlers name them."""
    found: set[str] = set()
    for capability in handlers.CAPABILITIES:
        stack = list(capability.handlers())
        while stack:
            one = stack.pop()
            if isinstance(one, Conversation):
                stack += [*one.entry_points, *one.fallbacks, *(h for state in one.states.values() for h in state)]
            elif isinstance(one, Tap):
                found.add(one.action.name)
    return sorted(found)


ACTIONS = actions()
STAFF_ONLY = ("sessions:", "roster:", "staff:", "broadcasts:", "reports:")
NUMBERS = [
    "",
    "0",
    "1",
    "2",
    "3",
    "-1",
    "+1",
    " 1",
    "1\n",
    "1.5",
    "1e3",
    "٣",
    "²",
    "9" * 15,
    "9" * 18,
    "9" * 40,
    str(2**63),
]
WORDS = ["\x00", "\ud800", "'", "x", ":", "yes", "no", "%s", "{0}", "../x", "M01L1", "labuan-bajo", "jayapura", "mine"]
WORDS += ["everyone", "admin", "training"]
CHOICES = st.lists(st.sampled_from([*NUMBERS, *WORDS]), max_size=4).map(":".join)
FORGED = st.one_of(
    st.builds(lambda action, choice: f"{action}:{choice}" if choice else action, st.sampled_from(ACTIONS), CHOICES),
    st.text(st.characters(codec=None), max_size=64),
)


class Town:
    """Two sites with a class each and somebody of every kind."""

    def __init__(self, chat: Chat) -> None:
        self.chat = chat
        self.near = chat.add_class("LB-1", starts=chat.now + timedelta(minutes=20))
        self.far = chat.add_class("JY-1", site="jayapura")
        self.bystander = enrolled(chat, "Budi", session=self.far, site="jayapura")
        self.admin = chat.phone("Dewi", ADMIN)
        self.admin.types("/menu").sends_tap("broadcasts:to:everyone").types("Besok bawa HP")
        self.people = {
            "stranger": chat.phone("Rina"),
            "participant": enrolled(chat, "Siti", session=self.near),
            "trainer": staffed(chat, "Maria"),
            "admin": self.admin,
        }

    def tap(self, who: str, data: str | None, **query: Any) -> Phone:
        phone = self.people[who]
        update = phone.tap_update(data or "")
        if data is None:
            del update["callback_query"]["data"]
        update["callback_query"] |= query
        answers = len(self.chat.telegram.answers)
        self.chat.deliver(update, phone)
        assert len(self.chat.telegram.answers) == answers + 1, f"{who} {data!r}: the spinner was not stopped once"
        return phone


def persons_of(db: Session, phone: Phone) -> set[int]:
    account = phone.account(db)
    return set() if account is None else set(db.scalars(select(Person.id).where(Person.account_id == account.id)))


def world(db: Session, phone: Phone, mine: set[int]) -> dict[str, Any]:
    """What nobody may change by forging: all that is not theirs. `mine` are the persons of the phone that taps."""
    queries = {
        "accounts": select(Account.__table__).where(Account.telegram_id != phone.id).order_by(Account.id),
        "people": select(Person.__table__).where(Person.id.not_in(mine)).order_by(Person.id),
        "seats": select(Enrolment.__table__).where(Enrolment.person_id.not_in(mine)).order_by(Enrolment.id),
        "roles": select(RoleGrant.__table__).order_by(RoleGrant.id),
    }
    return {name: db.execute(query).all() for name, query in queries.items()}


def calendar(db: Session) -> list[Any]:
    """The classes, without the seats that anybody may take."""
    return list(
        db.execute(
            select(
                ClassSession.id, ClassSession.title, ClassSession.starts_at, ClassSession.capacity, ClassSession.venue,
                ClassSession.cancelled_at,
            ).order_by(ClassSession.id)
        ).all()
    )  # fmt: skip


def test_forged_taps_are_answered_and_change_nothing_of_others(chat: Chat, capsys: pytest.CaptureFixture[str]) -> None:
    town = Town(chat)

    @HASTY
    @given(st.sampled_from(sorted(town.people)), FORGED)
    def forged(who: str, data: str) -> None:
        capsys.readouterr()
        phone = town.people[who]
        with chat.database.transaction() as db:
            mine = persons_of(db, phone)
            before, classes = world(db, phone, mine), calendar(db)
        town.bystander.looks_up()
        town.tap(who, data)
        said = capsys.readouterr().out
        assert "turn failed" not in said, f"{who} {data!r}: {said}"
        assert "put into words" not in said, f"{who} {data!r}: {said}"
        assert "no words any more" not in said, f"{who} {data!r}: {said}"
        if who != "admin":
            town.bystander.sees_nothing_new()
        with chat.database.transaction() as db:
            after = world(db, phone, mine | persons_of(db, phone))
            assert after["roles"] == before["roles"] or who == "admin", data
            if who not in ("trainer", "admin"):
                assert after == before, data
                assert calendar(db) == classes, data

    forged()
    assert chat.app.inbox.failed == 0


def test_staff_actions_of_anybody_else_are_refused_and_noted(chat: Chat) -> None:
    town = Town(chat)
    for_staff = [action for action in ACTIONS if action.startswith(STAFF_ONLY)]
    assert len(for_staff) > 50
    open_to_all = {"staff:invited"}
    for who in ("participant", "stranger") if chat.database.is_sqlite else ("participant",):
        updates = []
        phone = town.people[who]
        for action in for_staff:
            if action not in open_to_all:
                updates.append(phone.tap_update(f"{action}:{town.near}:1"))
        with chat.database.transaction() as db:
            classes = calendar(db)
            noted = sum(row.times for row in audit.refusals(db, limit=1_000))
        answers = len(chat.telegram.answers)
        for begin in range(0, len(updates), MAX_UNHANDLED_PER_PERSON):
            chat.deliver_all(updates[begin : begin + MAX_UNHANDLED_PER_PERSON], phone)
        assert len(chat.telegram.answers) == answers + len(updates)
        with chat.database.transaction() as db:
            account = phone.account(db)
            assert account is not None
            assert calendar(db) == classes
            assert account.conversation in (None, "registration")
            assert not db.scalar(select(func.count()).where(RoleGrant.account_id == account.id))
            tried = set(db.scalars(select(AuditRow.action).where(AuditRow.actor_id == account.id)))
            assert tried == {REFUSED}
            assert sum(row.times for row in audit.refusals(db, limit=1_000)) > noted
    assert chat.app.inbox.failed == 0


HUGE = ":".join(["9" * 15] * 3)
ODD_CHOICES = [f"trainer:{HUGE}", f"{2**63}:{2**64}", "-1:٣:²", "1:1:1:1:1:1", "::", "\n", "\x00\ud800"]


def test_every_action_with_odd_choices_by_everybody(chat: Chat, capsys: pytest.CaptureFixture[str]) -> None:
    """Numbers no table holds, from those who get furthest; others in turn: of other scripts, missing, too many. On
    PostgreSQL, which has numbers of its own, only the first."""
    town = Town(chat)
    huge = [f"{action}:{HUGE}" for action in ACTIONS]
    odd = [f"{action}:{ODD_CHOICES[number % len(ODD_CHOICES)]}" for number, action in enumerate(ACTIONS)]
    taps = {"participant": huge, "admin": huge}
    if chat.database.is_sqlite:
        taps |= {"stranger": odd, "trainer": odd[::-1]}
    answers = len(chat.telegram.answers)
    for begin in range(0, len(ACTIONS), MAX_UNHANDLED_PER_PERSON):
        some = [
            (who, data)
            for who, all_of_them in taps.items()
            for data in all_of_them[begin : begin + MAX_UNHANDLED_PER_PERSON]
        ]
        chat.deliver_all([town.people[who].tap_update(data) for who, data in some])
        said = capsys.readouterr().out
        bad = ("turn failed", "put into words", "no words any more")
        wrong = [line for line in said.splitlines() if any(words in line for words in bad)]
        assert not wrong, f"{wrong}: {some!r}"
    assert len(chat.telegram.answers) == answers + len(ACTIONS) * len(taps)
    assert chat.app.inbox.failed == 0
    assert chat.app.inbox.let_go == 0


def test_taps_on_what_is_no_message_of_ours(chat: Chat) -> None:
    """Messages too old to be looked at, of other chats, games; and buttons that carry nothing."""
    siti = registered(chat, "Siti")
    odd: list[dict[str, Any]] = [
        {"message": {"chat": {"id": siti.id, "type": "private"}, "message_id": 7, "date": 0}},
        {"message": None, "inline_message_id": "abc"},
        {"game_short_name": "catur"},
        {"from": {"id": siti.id, "is_bot": False, "first_name": "\u202e<b>"}},
    ]
    for data in ("menu:show", "", None, "enrolment:mine", "menu:show\n", "x" * 64):
        for query in odd:
            update = siti.tap_update("")
            tap = update["callback_query"] | query | {"data": data}
            update["callback_query"] = {name: value for name, value in tap.items() if value is not None}
            answers = len(chat.telegram.answers)
            chat.deliver(update, siti)
            assert len(chat.telegram.answers) == answers + 1
            told = list(chat.telegram.answers.values())[-1].get("text")
            # a menu that stands there already needs no new one
            assert siti.new or told or (data or "").strip() in ("menu:show", "enrolment:mine"), (
                f"{data!r} {query}: a tap without an answer"
            )
    assert chat.app.inbox.failed == 0


# --- links into the chat ------------------------------------------------------------------------------------------


PAYLOADS = st.one_of(
    st.text("abcXYZ019_-", max_size=64),
    st.builds(
        lambda kind, rest: (kind + rest)[:64],
        st.sampled_from(["t_", "h_", "s_", "t_t_", "h_1_", "h_0_BCDF", "s_labuan-bajo"]),
        st.one_of(st.text("abcXYZBCDF019_-", max_size=64), st.sampled_from(NUMBERS)),
    ),
)


def test_links_with_any_payload_give_no_rights(chat: Chat) -> None:
    town = Town(chat)

    @HASTY
    @given(st.sampled_from(["stranger", "participant"]), PAYLOADS)
    def opened(who: str, payload: str) -> None:
        phone = town.people[who].starts(payload)
        assert phone.new, f"{who} {payload!r}: no answer"
        with chat.database.transaction() as db:
            account = phone.account(db)
            assert account is not None
            assert not db.scalar(select(func.count()).where(RoleGrant.account_id == account.id))

    opened()
    assert chat.app.inbox.failed == 0


AGES = (timedelta(0), staff.VALID, timedelta(0))


def test_an_invitation_is_too_long_to_be_guessed_and_tells_nothing(chat: Chat) -> None:
    """Used, too old, or never made: the same words; a near miss is a miss."""
    town = Town(chat)
    maria, siti = town.people["trainer"], town.people["participant"]
    with chat.database.transaction() as db:
        maker = town.admin.account(db)
        assert maker is not None
        used, old, good = (staff.invite(db, maker, Role.TRAINER, "jayapura", chat.now - ago) for ago in AGES)
    assert len(good) * 6 >= 90  # bits
    maria.starts(f"t_{used}").sees("Jayapura").taps("Ya, saya mau")
    words = set()
    for code in (used, old, "A" * len(good), good[:-1], good.swapcase(), f"{good}A", ""):
        words.add(siti.starts(f"t_{code}").new[-1].text)
    assert len(words) == 1
    with chat.database.transaction() as db:
        account = siti.account(db)
        assert account is not None
        assert not rights.roles_of(db, account)
