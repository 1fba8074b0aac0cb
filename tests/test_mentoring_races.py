"""Questions to mentors under many hands: one owner each, and no word of a mentor ever reaches anybody but the one whose
question it is."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.database import Database
from bot.delivery.outbox import OutboxRow
from bot.people.people import Account, Person, Role
from bot.programme import enrolment, mentoring
from bot.programme.mentoring import Given, Taken, Ticket, TicketMessage
from tests.chat import MONDAY, Chat, Phone, add_registered, content, enrolled, staffed
from tests.databases import quick_database

SITE = "labuan-bajo"
MENTORS, QUESTIONS, HANDS = 200, 50, 8


@pytest.mark.slow
def test_two_hundred_mentors_race_for_fifty_questions_and_each_has_one_owner(database_url: str) -> None:
    database: Database = quick_database(database_url)
    with database.transaction() as db:
        for number in range(MENTORS):
            db.add(
                Account(telegram_id=50_000 + number, language="id", created_at=MONDAY, seen_at=MONDAY,
                        last_message_id=0, draft={})
            )  # fmt: skip
        for number in range(QUESTIONS):
            person = add_registered(db, 90_000 + number, f"Orang {chr(97 + number % 26)}", MONDAY)
            mentoring.ask(db, person, Given("text", "?"), MONDAY, content=content())
        db.flush()
        mentors = list(db.scalars(select(Account.id).where(Account.telegram_id < 90_000)).unique())
        tickets = list(db.scalars(select(Ticket.id)))
    start = Barrier(HANDS)

    def race(hand: int) -> list[tuple[int, int]]:
        """This hand's mentors go for every question, each in an order of their own."""
        dice, won = random.Random(hand), []
        start.wait()
        for account_id in mentors[hand::HANDS]:
            for number in dice.sample(tickets, 5):
                with database.transaction() as db:
                    account = db.get_one(Account, account_id)
                    if isinstance(mentoring.take(db, number, account, MONDAY, content=content()), Taken):
                        won.append((number, account_id))
        return won

    with ThreadPoolExecutor(HANDS) as pool:
        won = [one for some in pool.map(race, range(HANDS)) for one in some]
    assert len({number for number, _ in won}) == len(won), "somebody was told of a question that another has"
    with database.transaction() as db:
        owners = dict(db.execute(select(Ticket.id, Ticket.claimed_by).where(Ticket.claimed_by.is_not(None))).all())
    assert owners == dict(won)
    assert len(won) == QUESTIONS


# --- whose words reach whom -------------------------------------------------------------------------------------------


class Street:
    """Three people (two of them on one phone) ask, and have seats in one class; three mentors answer, two trainers talk
    with their class: at random, with buttons of any age, by day and by night, also after something else was looked at.
    Each of their texts names the person it is meant for by what the writer saw when it was written."""

    def __init__(self, chat: Chat, seed: int) -> None:
        self.chat, self.seed, self.dice = chat, seed, random.Random(seed)
        self.staff = [staffed(chat, name, role=Role.MENTOR, site=SITE) for name in ("Rina", "Anton", "Dewi")]
        self.trainers = [staffed(chat, name, site=SITE) for name in ("Maria", "Bram")]
        self.staff += self.trainers
        self.session = chat.add_class(f"S-{seed}", starts=chat.now + timedelta(hours=47))
        self.phones = [enrolled(chat, name, session=self.session) for name in ("Siti", "Budi")]
        with chat.database.transaction() as db:
            account = self.phones[0].account(db)
            assert account is not None
            yosef = Person(account_id=account.id, name="Yosef", salutation="bapak", site_id=SITE, sector="kriya",
                           registered_at=chat.now, consent_training=True,
                           training_version=chat.content.consent_version("training"))  # type: ignore[arg-type]  # fmt: skip
            db.add(yosef)
            db.flush()
            enrolment.enrol(db, yosef, self.session, chat.now)
            self.shared = [account.current_person_id, yosef.id]
            self.people = [*self.shared, self.phones[1].person(db).id]
        self.words = 0
        self.meant: dict[str, int | None] = {}
        """The person each text of staff was written for; None: for none, nothing of it may be sent."""
        self.of_people: list[str] = []
        self.waited: set[str] = set()
        """The texts that were written after something else was looked at."""

    def text(self) -> str:
        self.words += 1
        return f"jawaban-{self.seed}-{self.words}-contoh"

    def step(self) -> None:
        someone, phone = self.dice.choice(self.staff), self.dice.choice(self.phones)
        match self.dice.randrange(18):
            case 0:
                phone.sends_tap("mentoring:ask").types(self.of_person("soal kemasan"))
            case 1:
                with self.chat.database.transaction() as db:
                    account = self.phones[0].account(db)
                    assert account is not None
                    account.person = db.get_one(Person, self.dice.choice(self.shared))
            case 2 | 3:
                self.tap(someone, "mentoring:take:")
            case 4 | 5:
                self.tap(someone, "mentoring:reply:")
                self.types(someone)
            case 6:
                self.types(someone)
            case 7 | 8:
                self.replies(someone)
            case 9:
                self.hands(someone)
            case 10:
                phone.types(self.of_person("parkir di mana ya"))
            case 11:
                person = self.dice.choice(self.people)
                self.dice.choice(self.trainers).sends_tap(f"mentoring:write:{person}:{self.session}")
            case 12:
                self.types(self.dice.choice(self.trainers))
            case 13:
                self.dice.choice([self.takes_back, self.corrects])(someone)
            case 14 | 15:
                self.tap(someone, self.dice.choice(["mentoring:take:", "mentoring:hand_to:"]))
                self.tap(someone, "mentoring:reply:")
                self.looks_elsewhere(someone)
            case 16:
                self.tap(someone, self.dice.choice(["mentoring:send_held_answer:", "mentoring:send_too:"]))
            case 17:
                self.tap(someone, "mentoring:morning:")

    def looks_elsewhere(self, mentor: Phone) -> None:
        """Another screen, then words: they wait, and are sent by a [Kirim] of any age, or are not; another question may
        be opened in between."""
        mentor.types(self.dice.choice(["/antrean", "/menu"]))
        self.types(mentor)
        if self.dice.random() < 0.4:
            self.tap(mentor, "mentoring:reply:")
        if self.dice.random() < 0.8:
            self.tap(mentor, "mentoring:send_held_answer:")

    def of_person(self, words: str) -> str:
        self.words += 1
        self.of_people.append(f"ucapan-{self.seed}-{self.words}-contoh")
        return f"{words} {self.of_people[-1]}"

    def tap(self, mentor: Phone, begins: str) -> None:
        """Any button of this kind that the mentor ever saw, or none."""
        found = [
            (button["callback_data"], bubble.message_id)
            for bubble in mentor.bubbles
            for row in bubble.buttons
            for button in row
            if button.get("callback_data", "").startswith(begins)
        ]
        if found:  # mostly one of the newest, as people do
            mentor.sends_tap(*self.dice.choice(found[-2:] if self.dice.random() < 0.7 else found))

    def whom(self, db: Session, account: Account) -> int | None:
        """The person whom the newest prompt names, if one is under way."""
        match account.conversation:
            case "mentoring_reply":
                return db.get_one(Ticket, int(account.draft["ticket"])).person_id
            case "mentoring_write":
                return int(account.draft["whom"])
            case _:
                return None

    def types(self, mentor: Phone) -> None:
        text = self.text()
        with self.chat.database.transaction() as db:
            account = mentor.account(db)
            assert account is not None
            self.meant[text] = self.whom(db, account)
            if account.draft.get("aside") or account.state == "held":
                self.waited.add(text)
        mentor.types(text)

    def replies(self, mentor: Phone) -> None:
        """A Telegram reply to any message that ever stood in the chat."""
        if not mentor.bubbles:
            return
        bubble = self.dice.choice(mentor.bubbles)
        text = self.text()
        with self.chat.database.transaction() as db:
            account = mentor.account(db)
            assert account is not None
            shown = mentoring.cards.answered_by_reply(db, account, bubble.message_id)
            self.meant[text] = shown.person_id if shown else self.whom(db, account)
        to = {"message_id": bubble.message_id, "date": 1, "chat": {"id": mentor.id, "type": "private"},
              "from": {"id": 1, "is_bot": True, "first_name": "Jalin"}, "text": "..."}  # fmt: skip
        self.chat.deliver(mentor.message(text=text, reply_to_message=to), mentor)

    def hands(self, mentor: Phone) -> None:
        self.tap(mentor, "mentoring:hand:")
        self.tap(mentor, self.dice.choice(["mentoring:hand_to:", "mentoring:handed:"]))

    def takes_back(self, mentor: Phone) -> None:
        self.tap(mentor, "mentoring:unsay:")

    def corrects(self, mentor: Phone) -> None:
        """Any message that the mentor ever sent as an answer is changed in Telegram."""
        text = self.text()
        with self.chat.database.transaction() as db:
            account = mentor.account(db)
            assert account is not None
            query = select(TicketMessage).where(TicketMessage.account_id == account.id, TicketMessage.way == "out")
            said = db.scalars(query.order_by(TicketMessage.id)).all()
            if not said:
                return
            one = self.dice.choice(said)
            number, self.meant[text] = one.telegram_message_id, one.person_id
        edited = mentor.message(text=text)["message"] | {"message_id": number, "edit_date": 2}
        self.chat.deliver({"edited_message": edited}, mentor)

    def check(self) -> Counter[str]:
        """Every text of staff that reached a phone was meant for somebody on it, and stands in a question of theirs; no
        words of a person reached another one. Returns how many reached somebody: in questions, about the class, after
        they had waited, and in the morning."""
        reached: Counter[str] = Counter()
        with self.chat.database.transaction() as db:
            people = {person.id: person for person in db.scalars(select(Person))}
            accounts = {phone.id: phone.account(db).id for phone in self.phones}  # type: ignore[union-attr]
            tickets = {one.id: one for one in db.scalars(select(Ticket))}
            rows = {one.id: one for one in db.scalars(select(OutboxRow))}
            stored = {one.text: one for one in db.scalars(select(TicketMessage).where(TicketMessage.way == "out"))}
            for text, message in stored.items():
                if text in self.meant:
                    assert self.meant[text] == message.person_id == tickets[message.ticket_id].person_id
            for phone in self.phones:
                for bubble in phone.bubbles:
                    assert not [one for one in self.of_people if one in bubble.text], "words of a person went astray"
                    for text in [text for text in self.meant if text in bubble.text]:
                        meant = self.meant[text]
                        assert meant is not None, f"{text} was meant for nobody"
                        assert people[meant].account_id == accounts[phone.id], f"{text} reached somebody else's phone"
                        reached["all"] += 1
                        reached["waited"] += text in self.waited
                        if (said := stored.get(text)) is not None:
                            reached["class"] += tickets[said.ticket_id].class_id is not None
                            reached["morning"] += rows[said.outbox_id or 0].not_before is not None
        return reached


@pytest.mark.slow
def test_words_of_staff_reach_nobody_but_the_one_they_are_for(sqlite_url: str) -> None:
    chat = Chat(sqlite_url)
    try:
        reached: Counter[str] = Counter()
        for seed in (1, 2, 3, 4):
            street = Street(chat, seed)
            for _ in range(150):
                street.step()
            chat.travel(to=(chat.now + timedelta(days=1)).replace(hour=12, minute=30))  # 20.30 WITA
            for _ in range(100):
                street.step()
            reached += street.check()
            chat.travel(hours=12)
            reached += street.check()
        least = {"all": 8, "class": 3, "waited": 3, "morning": 3}
        assert all(reached[what] >= number for what, number in least.items()), f"too little to show anything: {reached}"
    finally:
        chat.close()
