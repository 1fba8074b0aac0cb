"""The table of rights, button by button: whoever may not is refused politely, it is logged, and nothing has changed.

What the buttons of classes, rosters and staff lead to from anywhere stands in tests/test_staff.py; here are those of
announcements, attendance, feedback, reports and tasks, and the steps in the middle of a conversation, at which a right
may be gone that was there at the first one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

import pytest
from sqlalchemy import func, select, text

from bot.programme.audit import AuditRow
from bot.programme.lessons import TaskDone
from bot.programme.people import Role
from bot.turn import Conversation, Tap
from handlers import attendance, broadcasts, reports, roster, sessions, staff, surveys
from tests.chat import Chat, Phone, enrolled, registered, staffed
from tests.test_staff import RIGHTS, admin, was_refused

ROLES: Final = ("stranger", "participant", "elsewhere", "trainer", "made admin", "admin")
"""Everybody, from the least to the most; `elsewhere` is a trainer of another site, `trainer` one of this site."""
EVERYBODY: Final = frozenset(ROLES)
STAFF: Final = frozenset(ROLES[2:])
HERE: Final = frozenset(ROLES[3:])
ADMINS: Final = frozenset(ROLES[4:])

BUTTONS: Final[dict[str, frozenset[str]]] = {
    "broadcasts:begin": STAFF,
    "broadcasts:list": STAFF,
    "broadcasts:cancel": STAFF,
    "broadcasts:to:mine": STAFF,
    "broadcasts:to:everyone": ADMINS,
    "broadcasts:to:site:labuan-bajo": HERE,
    "broadcasts:to:class:{class}": HERE,
    "broadcasts:to:waitlist:{class}": HERE,
    "broadcasts:to:silent:{class}": HERE,
    "broadcasts:to:unfinished:M01": STAFF,
    "broadcasts:pick:site": STAFF,
    "broadcasts:pick:class:labuan-bajo": HERE,
    "attendance:classes": STAFF,
    "attendance:class:{class}": HERE,
    "attendance:open:{class}": HERE,
    "attendance:close:{class}": HERE,
    "attendance:names:{class}": HERE,
    "attendance:tick:{class}:{person}:0": HERE,
    "attendance:came:{class}:{person}": HERE,
    "attendance:not_came:{class}:{person}": HERE,
    "attendance:finish:{class}": HERE,
    "attendance:finished:{class}": HERE,
    "surveys:average:{class}": HERE,
    "surveys:sentences:{class}": HERE,
    "reports:period": STAFF,
    "reports:make:30:": STAFF,
    "reports:make:30:labuan-bajo": HERE,
    "lessons:tasks": STAFF,
    "lessons:good:1": HERE,
}

OF_THEIR_AUTHOR: Final = (
    *("broadcasts:send", "broadcasts:scheduled", "broadcasts:when", "broadcasts:more", "broadcasts:preview"),
    *("broadcasts:stop", "broadcasts:correct", "broadcasts:again", "broadcasts:report", "broadcasts:unschedule"),
)
"""An announcement belongs to who wrote it, and to admins; for other staff there is none."""

NEW: Final = {"kind": "new", "site": "labuan-bajo", "title": "Foto Malam"}
WALK_IN: Final = {"session": 1, "name": "Zebedeus", "salutation": "bapak"}
STEPS: Final[dict[str, tuple[str, str, dict[str, Any], frozenset[str]]]] = {
    "sessions:at:labuan-bajo": ("sessions", "site", {"kind": "new"}, HERE),
    "sessions:when:202612010900": ("sessions", "when", NEW, HERE),
    "sessions:length:120": ("sessions", "length", NEW, HERE),
    "sessions:size:20": ("sessions", "seats", NEW, HERE),
    "sessions:same_venue": ("sessions", "venue", NEW, HERE),
    "sessions:no_pin": ("sessions", "pin", NEW, HERE),
    "sessions:confirm": (
        "sessions", "confirm", {"kind": "seats", "site": "labuan-bajo", "session": 1, "seats": 9}, HERE,
    ),
    "sessions:lower": (
        "sessions", "confirm", {"kind": "seats", "site": "labuan-bajo", "session": 1, "seats": 9}, HERE,
    ),
    "sessions:back": ("sessions", "length", NEW, HERE),
    "sessions:stop": ("sessions", "when", NEW, EVERYBODY),
    "roster:agreed": ("roster", "consent", WALK_IN, HERE),
    "roster:refused": ("roster", "consent", WALK_IN, HERE),
    "roster:raise": ("roster", "full", WALK_IN, HERE),
    "roster:stop": ("roster", "name", WALK_IN, EVERYBODY),
    "staff:telegram_name": ("staff", "name", {}, STAFF),
    "staff:later": ("staff", "name", {}, EVERYBODY),
}  # fmt: skip
"""A tap in the middle of a conversation: where it stands, what was told so far, who may. Ending one's own conversation
is everybody's right."""

PARTICIPANTS: Final = frozenset(
    {
        *("attendance:locate", "attendance:mine", "attendance:code", "attendance:claim", "attendance:missed"),
        *("attendance:reason", "surveys:face", "surveys:skip", "staff:invited", "broadcasts:menu", "broadcasts:help"),
    }
)
"""Of the staff's files, what everybody taps."""


@pytest.fixture
def chat(sqlite_url: str) -> Iterator[Chat]:
    opened = Chat(sqlite_url, admin_ids=(999,))
    try:
        yield opened
    finally:
        opened.close()


def somebody(chat: Chat, role: str) -> Phone:
    match role:
        case "stranger":
            return chat.phone("Budi")
        case "participant":
            return registered(chat, "Budi")
        case "elsewhere":
            return staffed(chat, "Yohanes", site="jayapura")
        case "trainer":
            return staffed(chat, "Maria")
        case "made admin":
            return staffed(chat, "Rina", role=Role.ADMIN, site=None)
    return admin(chat)


def a_class_with_siti(chat: Chat) -> dict[str, int]:
    """A class that began a moment ago, with Siti in it, who did a task; returns what the placeholders stand for."""
    session = chat.add_class("LB-1", starts=chat.now + timedelta(minutes=10), minutes=20, capacity=5)
    siti = enrolled(chat, "Kunigunda", session=session)
    with chat.database.transaction() as db:
        person = siti.person(db).id
        db.add(TaskDone(person_id=person, lesson_id="M01L1", done_at=chat.now, link="https://example.com/x"))
    chat.travel(minutes=35)
    return {"class": session, "person": person}


def filled(what: str, numbers: dict[str, int]) -> str:
    for name, number in numbers.items():
        what = what.replace(f"{{{name}}}", str(number))
    return what


KEPT: Final = (
    *("session", "enrolment", "person", "attendance", "attendance_sheet", "broadcast", "task_done", "role"),
    *("invitation", "errand"),
)


def state(chat: Chat) -> list[tuple[Any, ...]]:
    """Everything staff can change, as it stands."""
    with chat.database.transaction() as db:
        return [tuple(row) for table in KEPT for row in db.execute(text(f"SELECT * FROM {table}"))]


def refusals(chat: Chat) -> int:
    with chat.database.transaction() as db:
        return db.scalar(select(func.count()).select_from(AuditRow).where(AuditRow.action == "refused")) or 0


def is_refused(chat: Chat, phone: Phone, what: str) -> bool:
    """Tap it; a refusal is polite, logged, tells nothing and changes nothing."""
    before, refused = state(chat), refusals(chat)
    phone.sends_tap(what)
    if not was_refused(phone):
        assert refusals(chat) == refused
        return False
    phone.does_not_see("Kunigunda", "Foto Produk").sees("Bantuan")
    assert refusals(chat) == refused + 1
    assert state(chat) == before
    return True


def test_every_button_of_staff_stands_in_a_table() -> None:
    actions: set[str] = set()
    for module in (attendance, broadcasts, reports, roster, sessions, staff, surveys):
        for handler in module.handlers():
            within = [handler]
            if isinstance(handler, Conversation):
                states = [one for found in handler.states.values() for one in found]
                within = [*handler.entry_points, *states, *handler.fallbacks]
            actions |= {one.action for one in within if isinstance(one, Tap)}
    named = [*RIGHTS, *BUTTONS, *OF_THEIR_AUTHOR, *STEPS, "broadcasts:urgent"]
    told = {":".join(one.split(":")[:2]) for one in named} | PARTICIPANTS
    assert actions - told == set(), "who may tap it?"
    assert actions >= PARTICIPANTS


@pytest.mark.parametrize("what", BUTTONS)
def test_every_button_and_every_role(chat: Chat, what: str) -> None:
    tapped = filled(what, a_class_with_siti(chat))
    for role in ROLES:
        phone = somebody(chat, role)
        assert is_refused(chat, phone, tapped) is (role not in BUTTONS[what]), f"{role}:\n{phone.transcript()}"


@pytest.mark.parametrize("what", STEPS)
def test_every_step_of_a_conversation_asks_again_who_may(chat: Chat, what: str) -> None:
    a_class_with_siti(chat)
    conversation, at, draft, who = STEPS[what]
    for role in ROLES:
        phone = somebody(chat, role)
        phone.types("/bantuan")  # everybody has an account now
        with chat.database.transaction() as db:
            account = phone.account(db)
            assert account is not None
            account.conversation, account.state, account.draft, account.parked = conversation, at, dict(draft), None
        assert is_refused(chat, phone, what) is (role not in who), f"{role}:\n{phone.transcript()}"
        with chat.database.transaction() as db:
            account = phone.account(db)
            assert role in who or (account is not None and account.conversation != conversation), "it ended"


@pytest.mark.parametrize("sent", [False, True])
@pytest.mark.parametrize("what", OF_THEIR_AUTHOR)
def test_an_announcement_is_its_authors(chat: Chat, what: str, sent: bool) -> None:
    a_class_with_siti(chat)
    author = staffed(chat, "Paulus")
    author.types("/pengumuman").sends_tap("broadcasts:to:mine").types("Rahasia").sees("Akan dikirim")
    if sent:
        author.taps("Kirim sekarang").sees("selesai")
    minute = int((chat.now + timedelta(days=1)).timestamp() // 60)
    tapped = f"{what}:1:{minute}" if what == "broadcasts:scheduled" else f"{what}:1"
    for role in ROLES:
        phone, before = somebody(chat, role), state(chat)
        assert is_refused(chat, phone, tapped) is (role not in STAFF), f"{role}:\n{phone.transcript()}"
        if role in STAFF - ADMINS:
            phone.sees("tidak ditemukan").does_not_see("Rahasia")
            assert state(chat) == before


def test_only_an_admin_makes_an_announcement_urgent(chat: Chat) -> None:
    a_class_with_siti(chat)
    author = staffed(chat, "Paulus")
    author.types("/pengumuman").sends_tap("broadcasts:to:mine").types("Rahasia").sees("Akan dikirim")
    author.does_not_see("mendesak")
    assert is_refused(chat, author, "broadcasts:urgent:1")
    for role in ROLES:
        phone = somebody(chat, role)
        assert is_refused(chat, phone, "broadcasts:urgent:1") is (role not in ADMINS), f"{role}:\n{phone.transcript()}"
