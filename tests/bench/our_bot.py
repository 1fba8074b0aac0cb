"""Our side: a database with people in the middle of a conversation, for the unmodified `python -m bot run`."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.database import Database, migrate
from bot.programme.people import Account, Person, Purpose, record_consent
from tests.stand_in import FIRST_PERSON

SITE = "labuan-bajo"

CONVERSATION = ("Siti", "Kembali")
"""Said in turn from the question for the name on: each answer is written to the person's row, moves the
ConversationHandler to its other state, and is answered by one message."""

MENU = ("/menu",)
"""A command outside of any conversation, answered by one message; nothing about the person changes."""


def prepare(url: str, people: int, *, registered: bool) -> None:
    """A fresh database at `url`. `registered` people have all answers, the others are at the question for the name."""
    migrate(url)
    database = Database(url)
    now = datetime.now(UTC)
    try:
        with database.transaction() as db:
            for telegram_id in range(FIRST_PERSON, FIRST_PERSON + people):
                account = Account(
                    telegram_id=telegram_id, language="id", created_at=now, seen_at=now, last_message_id=0, draft={}
                )
                if not registered:
                    account.conversation, account.state = "registration", "name"
                db.add(account)
                db.flush()
                person = Person(account_id=account.id, name="", salutation="ibu")
                if registered:
                    person.name, person.sector, person.site_id, person.registered_at = "Siti", "kuliner", SITE, now
                db.add(person)
                db.flush()
                account.person = person
                for purpose in (Purpose.TRAINING, Purpose.MESSAGES):
                    record_consent(db, person, purpose, given=True, text_version="1", language="id", now=now)
    finally:
        database.close()


def truth(url: str) -> dict[str, int]:
    """What the ledger says afterwards: rows of the inbox that are not done, and of the outbox by state."""
    from sqlalchemy import text

    database = Database(url)
    try:
        with database.transaction() as db:
            states = {row[0]: row[1] for row in db.execute(text("SELECT status, count(*) FROM outbox GROUP BY status"))}
            states["not handled"] = db.execute(text("SELECT count(*) FROM inbox WHERE done_at IS NULL")).scalar_one()
    finally:
        database.close()
    return states
