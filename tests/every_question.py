"""People in every question the bot asks, so that the same thing can be said to all of them; and put back again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select, update

from bot.delivery.outbox import OutboxRow, Status
from bot.people.people import Account, Person, Role
from bot.programme import lessons
from bot.programme.surveys import Feedback
from tests.chat import Chat, Phone, enrolled, registered, staffed

ADMIN: Final = 9001
STANDS: Final = (
    "conversation",
    "state",
    "draft",
    "parked",
    "language",
    "stopped_at",
    "staff_name",
    "current_person_id",
)
SAID: Final = ("name", "salutation", "sector", "site_id", "phone", "needs", "registered_at")


def newcomer(chat: Chat, *steps: str) -> Phone:
    """Somebody who is registering: each step is tapped if it begins with *, and typed otherwise."""
    phone = chat.phone("Rina")
    if steps:
        phone.starts()
    for step in steps[1:]:
        if step.startswith("*"):
            phone.taps(step[1:])
        else:
            phone.types(step)
    return phone


def asked(chat: Chat, action: str) -> Phone:
    return registered(chat, "Siti").sends_tap(action)


def in_state(chat: Chat, conversation: str, state: str, draft: Callable[[Phone], Mapping[str, Any]]) -> Phone:
    """Somebody registered whose conversation stands where it takes hours to come to."""
    phone = registered(chat, "Siti")
    values = {"conversation": conversation, "state": state, "draft": dict(draft(phone))}
    with chat.database.transaction() as db:
        db.execute(update(Account).where(Account.telegram_id == phone.id).values(values))
    return phone


class Rooms:
    """A chat with one person in each question, and two who only watch."""

    def __init__(self, chat: Chat) -> None:
        """`chat` is to have ADMIN among its admins."""
        self.chat = chat
        self.session = chat.add_class("LB-1")
        self.full = chat.add_class("LB-2", capacity=1)
        self.watching = [enrolled(chat, "Budi", session=self.full), staffed(chat, "Dewi", site="jayapura")]
        self.people: dict[str, Phone] = {
            **self._participants(),
            **self._trainers(),
            "admin idle": self._admin(),
            "admin reason": self._announcing(self._admin(1), "urgent"),
        }
        self._before = self._rows()

    # --- coming in ------------------------------------------------------------------------------------------------

    def _participants(self) -> dict[str, Phone]:
        chat = self.chat
        consent = ("start", "*Ya, setuju")
        whole = (*consent, "*Ibu", "Rina", "*Makanan", "Labuan Bajo")
        rooms = {
            "stranger": newcomer(chat),
            "consent": newcomer(chat, "start"),
            "salutation": newcomer(chat, *whole[:2]),
            "name": newcomer(chat, *whole[:3]),
            "sector": newcomer(chat, *whole[:4]),
            "site": newcomer(chat, *whole[:5]),
            "card": newcomer(chat, *whole),
            "idle": registered(chat, "Siti"),
            "newcomer": asked(chat, "registration:newcomer"),
            "search": asked(chat, "lessons:search"),
            "sentence": self._surveyed(),
            "task": in_state(chat, "lessons", "task", lambda _: {"lesson": chat.content.modules[0].lessons[0].id}),
            "hour": self._planning(),
            "location": in_state(chat, "attendance_location", "locate", lambda _: {"session": self.session}),
        }
        for field in ("salutation", "name", "sector", "site", "phone", "needs"):
            rooms[f"profile {field}"] = asked(chat, f"registration:ask:{field}:profile")
        return rooms

    def _surveyed(self) -> Phone:
        phone = registered(self.chat, "Siti")
        with self.chat.database.transaction() as db:
            person = phone.person(db)
            db.add(Feedback(session_id=self.session, person_id=person.id, face=3, at=self.chat.now))
            account = phone.account(db)
            assert account is not None
            account.conversation, account.state = "surveys_sentence", "writing"
            account.draft = {"session": self.session, "person": person.id}
        return phone

    def _planning(self) -> Phone:
        phone = in_state(self.chat, "lessons", "hour", lambda _: {})
        with self.chat.database.transaction() as db:
            lessons.plan(db, phone.person(db), content=self.chat.content, now=self.chat.now, minute=600)
        return phone

    def _trainers(self) -> dict[str, Phone]:
        chat = self.chat
        wizard = ("Foto Produk", "besok 9", "120", "20", "Balai Desa", "*Tanpa")
        rooms = {
            "trainer idle": staffed(chat),
            "trainer name": staffed(chat).sends_tap("staff:rename"),
            "class seats": staffed(chat).sends_tap(f"sessions:seats:{self.session}"),
            "class move": staffed(chat).sends_tap(f"sessions:move:{self.session}"),
            "class venue": staffed(chat).sends_tap(f"sessions:venue:{self.session}"),
            "class site": staffed(chat, role=Role.ADMIN, site=None).sends_tap("sessions:new"),
            "walk-in": staffed(chat).sends_tap(f"roster:walk_in:{self.session}"),
            "walk-in consent": staffed(chat).sends_tap(f"roster:walk_in:{self.session}").types("Anton"),
            "walk-in full": staffed(chat).sends_tap(f"roster:walk_in:{self.full}").types("Anton").taps("Ya, setuju"),
            "announcement": staffed(chat).sends_tap("broadcasts:to:mine"),
            "announcement preview": self._announcing(staffed(chat)),
            "announcement when": self._announcing(staffed(chat), "when"),
        }
        for number, name in enumerate(("title", "when", "length", "seats", "venue", "pin", "confirm")):
            phone = staffed(chat).sends_tap("sessions:new")
            for step in wizard[:number]:
                if step.startswith("*"):
                    phone.sends_tap("sessions:no_pin")
                else:
                    phone.types(step)
            rooms[f"new {name}"] = phone
        return rooms

    def _admin(self, number: int = 0) -> Phone:
        phone = Phone(self.chat, ADMIN + number, "Dewi")
        self.chat.known[phone.id] = set()
        return phone.types("/menu")

    def _announcing(self, phone: Phone, step: str = "") -> Phone:
        phone.sends_tap("broadcasts:to:mine" if phone.id < ADMIN else "broadcasts:to:everyone").types("Besok bawa HP")
        if step:
            with self.chat.database.transaction() as db:
                account = phone.account(db)
                assert account is not None
                draft = account.draft["broadcast"]
            phone.sends_tap(f"broadcasts:{step}:{draft}")
        return phone

    def others(self, people: Mapping[str, Phone]) -> list[Phone]:
        """Everybody but these."""
        return [*self.watching, *(phone for name, phone in self.people.items() if name not in people)]

    # --- saying the same to all -------------------------------------------------------------------------------------

    def hear(self, updates: Sequence[tuple[Phone, Mapping[str, Any]]]) -> None:
        """These updates arrive at once."""
        for phone in (*self.people.values(), *self.watching):
            phone.looks_up()
        self.chat.deliver_all([one for _, one in updates])

    def put_back(self) -> None:
        """Everybody stands again where they stood at first."""
        accounts, persons = self._before
        with self.chat.database.transaction() as db:
            for account in db.scalars(select(Account).order_by(Account.id)).unique():
                for name, value in accounts.get(account.id, {"conversation": None, "draft": {}}).items():
                    setattr(account, name, value)
            for person in db.scalars(select(Person).order_by(Person.id)):
                for name, value in persons.get(person.id, {}).items():
                    setattr(person, name, value)

    def _rows(self) -> tuple[dict[int, dict[str, Any]], dict[int, dict[str, Any]]]:
        with self.chat.database.transaction() as db:
            accounts = {one.id: {name: getattr(one, name) for name in STANDS} for one in db.scalars(select(Account))}
            persons = {one.id: {name: getattr(one, name) for name in SAID} for one in db.scalars(select(Person))}
        return accounts, persons

    # --- what must hold ---------------------------------------------------------------------------------------------

    def standing(self) -> dict[int, dict[str, Any]]:
        """What the database knows of everybody, by their Telegram id."""
        with self.chat.database.transaction() as db:
            return {
                account.telegram_id: {name: getattr(account, name) for name in STANDS}
                | {name: getattr(account.person, name) for name in SAID if account.person is not None}
                for account in db.scalars(select(Account)).unique()
            }

    def nothing_failed(self) -> None:
        assert self.chat.app.inbox.failed == 0
        with self.chat.database.transaction() as db:
            failed = list(db.scalars(select(OutboxRow).where(OutboxRow.status == Status.FAILED)))
            assert not failed, [(row.reason, row.message) for row in failed]

    def all_can_be_sent(self) -> None:
        """Every call so far is JSON in UTF-8."""
        for method, params in self.chat.telegram.calls:
            if method != "setMyCommands":
                json.dumps(params, ensure_ascii=False, default=str).encode()
        self.chat.telegram.calls.clear()
