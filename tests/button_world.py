"""A prepared chat for the test of old buttons: classes, lessons, announcements, and people in every state.

It is built once, by tapping and typing, and can be reset as often as wanted. Every text is said as its key of
`locales/`, so that answers can be compared however they are worded. Of the bot's insides it knows its texts, the helper
in tests/chat.py and the database file only.
"""

from __future__ import annotations

import copy
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

from bot.people.people import Purpose, record_consent
from bot.programme import enrolment, follow_up
from bot.words.texts import Texts
from tests.chat import MONDAY, Chat, Phone, registered, staffed

LOCALES: Final = Path(__file__).parent.parent / "locales"
TABLE: Final = Path(__file__).parent / "sample_sessions.csv"
ADMINS: Final = {"admin": 9001, "urgent-admin": 9002, "urgent-reason": 9003, "site-asked": 9004}
"""Admins by the settings: Telegram ids by the name used in the list."""
BEGIN: Final = MONDAY - timedelta(days=3)
SITE: Final = "labuan-bajo"
LONG_AGO: Final = 1
"""A message that no chat has any more: the tapped button is an old one, never in the newest message."""
KEY: Final = re.compile(r"[a-z_]+(\.[A-Za-z0-9_-]+)+")


def wordless(folder: Path) -> Path:
    """Copies the locales into a folder, with the key in place of every text; formats of dates stay. Returns it."""
    for path in sorted(LOCALES.glob("*/LC_MESSAGES/bot.po")):
        lines, key, skipping = [], "", False
        for line in path.read_text(encoding="utf-8").splitlines():
            if found := re.match(r'msgid "(.*)"', line):
                key = found[1]
            if line.startswith('"'):
                if not skipping:
                    lines.append(line)
                continue
            found = re.match(r'(msgstr(?:\[\d\])?) "', line)
            skipping = bool(found) and bool(key) and not key.startswith("format.")
            lines.append(f'{found[1]} "{key}"' if found and skipping else line)
        target = folder / path.relative_to(LOCALES)
        target.parent.mkdir(parents=True)
        target.write_text("\n".join(lines), encoding="utf-8")
    return folder


class World:
    """The prepared chat, its people, and the ids its buttons carry. Made by `opened`."""

    def __init__(self, chat: Chat) -> None:
        self.chat = chat
        self.people: dict[str, Phone] = {}
        """By the names used in the list: mostly the question that is being asked."""
        self.values: dict[str, str] = {}
        """What the placeholders of the list stand for: {coming}, {person} ..."""
        self.shown: set[str] = set()
        """The data of all buttons shown so far."""
        self._build()
        self._note_buttons()
        self._path = chat.settings.database_url.removeprefix("sqlite:///")
        self._before = sqlite3.connect(":memory:")
        with closing(sqlite3.connect(self._path)) as now:
            now.backup(self._before)
        self._chats, self._files = chat.telegram.chats, chat.telegram.files
        self._reloaded = False

    def reset(self) -> None:
        """Undoes everything that was done since the chat was prepared."""
        chat = self.chat
        with closing(sqlite3.connect(self._path)) as now:
            self._before.backup(now)
        chat.telegram.calls.clear()
        chat.telegram.answers.clear()
        chat.telegram.files = dict(self._files)
        chat.telegram.chats = {one: [copy.copy(bubble) for bubble in bubbles] for one, bubbles in self._chats.items()}
        if self._reloaded:
            chat.restart()  # it speaks the real words now
            self._reloaded = False

    def close(self) -> None:
        self._before.close()

    def filled(self, action: str) -> str:
        """Returns the action with the placeholders replaced."""
        return re.sub(r"\{(\w+)\}", lambda placeholder: self.values[placeholder[1]], action)

    def tap(self, person: str, data: str) -> str:
        """Taps a button of an old message. Returns the keys of the toast and of the messages that answer it, or the
        method where a message has no text; an empty string if nothing answers."""
        phone = self.people[person]
        answered = len(self.chat.telegram.answers)
        phone.sends_tap(data, LONG_AGO)
        self._note_buttons()
        self._reloaded |= data.startswith("menu:reload")
        (answer,) = list(self.chat.telegram.answers.values())[answered:]
        toast = [f"toast:{key_of(answer['text'])}"] if answer.get("text") else []
        return " ".join([*toast, *(key_of(bubble.text) or f"({bubble.method})" for bubble in phone.new)])

    def _note_buttons(self) -> None:
        for _, params in self.chat.telegram.calls:
            for row in (params.get("reply_markup") or {}).get("inline_keyboard", ()):
                self.shown |= {button["callback_data"] for button in row if "callback_data" in button}

    def _person(self, phone: Phone) -> str:
        with self.chat.database.transaction() as db:
            return str(phone.person(db).id)

    # --- building -------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        chat, people, values = self.chat, self.people, self.values
        values |= {"site": SITE, "elsewhere": "jayapura", "module": "M01", "lesson": "M01L1"}
        self._learning()
        chat.travel(to=MONDAY)
        people["trainer"] = maria = staffed(chat, "Maria")
        people["participant"] = siti = registered(chat, "Siti")
        people["friend"] = budi = registered(chat, "Budi")
        self._classes(maria, siti, budi)
        self._registering()
        self._on_the_phone()
        self._staff()
        values["person"] = self._person(siti)
        values["friend"] = self._person(budi)

    def _learning(self) -> None:
        """Three days before everything else, so that a question answered wrongly is due again."""
        chat, people, values = self.chat, self.people, self.values
        people["beginner"] = registered(chat, "Rina")
        people["tested"] = registered(chat, "Tuti").sends_tap("quizzes:pretest:go")
        values["tested"] = carried(people["tested"], "quizzes:answer:").split(":")[2]
        people["learner"] = learner = registered(chat, "Lina").sends_tap("quizzes:skip:pretest")
        learner.sends_tap("lessons:finish:M01L2")
        poll = next(one for one in reversed(learner.bubbles) if one.method == "sendPoll")
        (right,) = poll.params["correct_option_ids"]
        learner.votes(f"poll{poll.message_id}", (right + 1) % len(poll.params["options"]))
        learner.sends_tap("lessons:finish:M01L3")
        values["poll"] = carried(learner, "quizzes:letters:").split(":")[2]
        learner.sends_tap("lessons:switch:on")
        learner.sends_tap("lessons:task:M01L1").sends_tap("lessons:skip:M01L1")
        # three lessons: else the consents that are asked then would come with any answer
        learner.sends_tap("privacy:change:follow_up:no").sends_tap("privacy:change:names:no")
        people["saver"] = saver = registered(chat, "Sari").sends_tap("quizzes:skip:pretest")
        saver.sends_tap("lessons:saving:on").sends_tap("lessons:finish:M01L1")
        values["asked"] = carried(saver, "quizzes:answer:").split(":")[2]
        people["task"] = registered(chat, "Yuni").sends_tap("lessons:task:M01L1")
        people["hour"] = registered(chat, "Yanti").sends_tap("lessons:switch:on").sends_tap("lessons:hours")
        people["search"] = registered(chat, "Yuli").sends_tap("lessons:search")

    def _classes(self, maria: Phone, siti: Phone, budi: Phone) -> None:
        chat, people, values = self.chat, self.people, self.values
        start = chat.now
        days = {"coming": 3, "other": 4, "full": 5, "offered": 6, "packed": 7, "cancelled": 8}
        seats = {"full": 1, "offered": 1, "packed": 1}
        numbers = {
            "settled": chat.add_class("LB-1", starts=start + timedelta(minutes=5), minutes=60),
            "over": chat.add_class("LB-2", starts=start + timedelta(hours=2), minutes=60),
            "open": chat.add_class("LB-3", starts=start + timedelta(hours=4, minutes=40)),
            **{
                name: chat.add_class(f"LB-{name}", starts=start + timedelta(days=day), capacity=seats.get(name, 20))
                for name, day in days.items()
            },
            "clash": chat.add_class("LB-9", starts=start + timedelta(days=3)),
            "far": chat.add_class("JY-1", site="jayapura"),
        }
        for name in ("settled", "over", "open", "coming", "full", "offered", "packed"):
            budi.sends_tap(f"enrolment:take:{numbers[name]}")
        for name in ("settled", "over", "open", "coming", "full", "offered", "cancelled"):
            siti.sends_tap(f"enrolment:take:{numbers[name]}")
        raters = [registered(chat, name).sends_tap(f"enrolment:take:{numbers['settled']}") for name in "ABCDE"]
        people["rater"] = raters[-1]
        chat.travel(hours=1, minutes=10)
        for phone in (budi, *raters):
            maria.sends_tap(f"attendance:tick:{numbers['settled']}:{self._person(phone)}:0")
        maria.sends_tap(f"attendance:finished:{numbers['settled']}")
        with chat.database.transaction() as db:  # as version 0.1 settled it: who was not ticked was absent
            missed = enrolment.enrolment_of(db, siti.person(db), numbers["settled"])
            assert missed is not None
            missed.status = enrolment.EnrolmentStatus.ABSENT
        for phone in raters:
            phone.sends_tap(f"surveys:face:{numbers['settled']}:{self._person(phone)}:3")
            if phone is not raters[-1]:
                phone.types("Bagus sekali")
        chat.travel(hours=3, minutes=45)
        budi.sends_tap(f"attendance:claim:{numbers['over']}:{self._person(budi)}")
        maria.sends_tap(f"attendance:open:{numbers['open']}")
        maria.sends_tap(f"sessions:cancelled:{numbers['cancelled']}")
        budi.sends_tap(f"enrolment:withdrawn:{numbers['offered']}")
        chat.travel(minutes=2)  # then it is offered to the next
        chat.look()
        values |= {name: str(number) for name, number in numbers.items()}
        maria.sends_tap(f"roster:list:{numbers['coming']}")
        values["line"] = carried(maria, "roster:one:").split(":")[2]
        maria.sends_tap("lessons:tasks")
        values["task"] = carried(maria, "lessons:good:").split(":")[2]

    def _registering(self) -> None:
        chat, people = self.chat, self.people
        people["stranger"] = chat.phone("Rina")
        steps = ["*registration:consent:yes", "*registration:salutation:ibu", "Rina", "*registration:sector:kuliner"]
        steps += [f"*registration:site:{SITE}"]
        for number, name in enumerate(("consent", "salutation", "name", "sector", "site", "card")):
            people[f"register-{name}"] = does(chat.phone("Rina").types("/start"), *steps[:number])
        people["register-helped"] = does(chat.phone("Rina").types("/start"), *steps[:2], "*menu:help")
        for field in ("salutation", "name", "sector", "site", "phone", "needs"):
            phone = registered(chat, "Siti")
            if field == "needs":
                does(phone, "*registration:ask:needs:profile", "Kursi roda")
            people[f"profile-{field}"] = phone.sends_tap(f"registration:ask:{field}:profile")

    def _on_the_phone(self) -> None:
        chat, people, values = self.chat, self.people, self.values
        people["unasked"] = registered(chat, "Siti", reminders=None)
        people["family"] = family = registered(chat, "Siti")
        values["relative"] = self._person(family)
        steps = ["*registration:newcomer", "*registration:consent:yes", "*registration:salutation:bapak", "Anton"]
        does(family, *steps, "*registration:sector:kriya", f"*registration:site:{SITE}", "*registration:confirm")
        people["stopped"] = does(registered(chat, "Siti"), f"*enrolment:take:{values['other']}", "*privacy:stop")
        people["followed"] = followed = registered(chat, "Siti")
        values["followed"] = self._person(followed)
        began = chat.now - timedelta(days=30)
        with chat.database.transaction() as db:
            asked = followed.person(db)
            version = chat.content.consent_version(Purpose.FOLLOW_UP)
            record_consent(db, asked, Purpose.FOLLOW_UP, given=True, text_version=version, language="id", now=chat.now)
            follow_up.attended(db, asked, began)
            follow_up.answered_before(db, asked, began, has={"nib"}, content=chat.content)
        chat.look()
        people["located"] = does(registered(chat, "Siti"), f"*attendance:locate:{values['open']}")

    def _staff(self) -> None:
        chat, people, values = self.chat, self.people, self.values
        for name, number in ADMINS.items():
            people[name] = Phone(chat, number, "Dewi")
            chat.known[number] = set()
        coming = values["coming"]
        wizard = ["*sessions:new", "Foto Produk", "besok 9", "120", "20", "Balai Desa", "*sessions:no_pin"]
        for number, name in enumerate(("title", "when", "length", "seats", "venue", "pin", "confirm"), 1):
            people[f"class-{name}"] = does(staffed(chat, "Ani"), *wizard[:number])
        people["class-lower"] = does(staffed(chat, "Ani"), f"*sessions:seats:{coming}", "1")
        people["site-asked"].sends_tap("sessions:new")
        people["walk-in-name"] = does(staffed(chat, "Ani"), f"*roster:walk_in:{coming}")
        people["walk-in-consent"] = does(staffed(chat, "Ani"), f"*roster:walk_in:{coming}", "Melkior")
        for name in ("full", "packed"):
            steps = [f"*roster:walk_in:{values[name]}", "Melkior"]
            people[f"walk-in-{name}"] = does(staffed(chat, "Ani"), *steps, *["*roster:agreed"] * (name == "packed"))
        people["staff-name"] = staffed(chat, "Ani").sends_tap("staff:rename")
        self._announcing()
        people["admin"].sends_tap("staff:list")
        values["grant"] = carried(people["admin"], "staff:show:").split(":")[2]
        people["admin"].sends_file("kelas.csv", TABLE.read_bytes())
        values["import"] = carried(people["admin"], "sessions:import:").split(":")[2]

    def _announcing(self) -> None:
        chat, people, values = self.chat, self.people, self.values
        steps = ["*broadcasts:to:mine", "Besok bawa HP"]
        people["announcer-asked"] = does(staffed(chat, "Ani"), steps[0])
        people["announcer"] = drafting(staffed(chat, "Ani"), "draft", values)
        people["announcer-when"] = drafting(staffed(chat, "Ani"), "draft_when", values)
        people["announcer-when"].sends_tap(f"broadcasts:when:{values['draft_when']}")
        people["announcer-more"] = drafting(staffed(chat, "Ani"), "draft_more", values)
        people["announcer-more"].sends_tap(f"broadcasts:more:{values['draft_more']}")
        for name in ("urgent-admin", "urgent-reason"):
            drafting(people[name], name.replace("-", "_"), values, to="everyone")
        people["urgent-reason"].sends_tap(f"broadcasts:urgent:{values['urgent_reason']}")
        people["announced"] = drafting(staffed(chat, "Ani"), "sent", values)
        people["announced"].sends_tap(f"broadcasts:send:{values['sent']}")
        people["scheduled"] = drafting(staffed(chat, "Ani"), "scheduled", values)
        values["minute"] = str(int((chat.now + timedelta(hours=20)).timestamp()) // 60)
        people["scheduled"].sends_tap(f"broadcasts:scheduled:{values['scheduled']}:{values['minute']}")


def does(phone: Phone, *steps: str) -> Phone:
    """Taps each step that begins with *, and types the others."""
    for step in steps:
        if step.startswith("*"):
            phone.sends_tap(step[1:])
        else:
            phone.types(step)
    return phone


def drafting(phone: Phone, name: str, values: dict[str, str], *, to: str = "mine") -> Phone:
    """Drafts an announcement and keeps its id as `values[name]`."""
    does(phone, f"*broadcasts:to:{to}", "Besok bawa HP")
    values[name] = carried(phone, "broadcasts:send:").split(":")[2]
    return phone


def carried(phone: Phone, beginning: str) -> str:
    """Returns the data of the newest button that begins so."""
    for bubble in reversed(phone.bubbles):
        for button in (button for row in bubble.buttons for button in row):
            data = str(button.get("callback_data", ""))
            if data.startswith(beginning):
                return data
    raise AssertionError(f"no button {beginning}:\n{phone.transcript()}")


def key_of(text: str) -> str:
    """Returns the key a text begins with; an empty string for a text that is not from `locales/`."""
    found = KEY.match(text)
    return found[0] if found else ""


@contextmanager
def opened(database_url: str, folder: Path) -> Iterator[World]:
    """Prepares the chat in an empty SQLite database; `folder` is for the doctored locales."""
    chat = Chat(database_url, now=BEGIN, words=Texts(wordless(folder)), admin_ids=tuple(ADMINS.values()))
    try:
        with closing(World(chat)) as world:
            yield world
    finally:
        chat.close()
