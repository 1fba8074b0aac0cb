"""Words that were written and wait for a yes: asked about once more after an hour, thrown away after a day.

The words stand in the draft of the account alone. A row says that some may wait there, whose question it is about, and
when to look. It stays when they were sent: a look finds nothing and deletes it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.actions.buttons import GO_ON
from bot.actions.mentoring import AskMentor, SeeQueue
from bot.capability import Context
from bot.catalogue.content import Content
from bot.database import something_due
from bot.delivery import outbox
from bot.people.parking import leave
from bot.people.people import Account, Person
from bot.people.quiet_hours import Kind, is_open, next_opening
from bot.programme.mentoring.tables import ALIVE, HeldWords, Ticket
from bot.programme.mentoring.tickets import can_be_opened
from bot.words.message import At, Button, Message, rows

HELD: Final = "held"
"""The name of what waits in a draft."""
ASK_AFTER: Final = timedelta(hours=1)
"""So long after the newest words it is asked once more whether to send them."""
KEPT: Final = timedelta(days=1)
"""So long they wait."""
AT_ONCE: Final = 20
"""So many are looked at in one transaction; the next look goes on."""
OF_PEOPLE: Final = frozenset({"mentoring", "mentoring_whose"})
"""The conversations in which people ask; in the others staff write."""


def note(db: Session, account: Account, person_id: int | None, now: datetime, *, content: Content) -> None:
    """Notes that words wait in the draft of this account. `person_id`: whose question they are about."""
    person = db.get(Person, person_id) if person_id is not None else None
    row = db.get(HeldWords, account.id)
    if row is None:
        row = HeldWords(account_id=account.id)
        db.add(row)
    row.person_id, row.at, row.asked = person.id if person is not None else None, now, False
    hours = content.open_hours(person.site_id if person is not None else None)
    row.due_at = next_opening(hours, now + ASK_AFTER)
    something_due(db)


def let_go(db: Session, person: Person, now: datetime) -> None:
    """Lets nobody's words wait any longer that are to or from this person. The next look throws them away: an account
    is locked before a question is, so it cannot be done here."""
    mine = update(HeldWords).where(HeldWords.person_id == person.id)
    db.execute(mine.values(person_id=None, at=now - KEPT, due_at=now, asked=True))
    something_due(db)


def next_due(db: Session) -> datetime | None:
    return db.scalar(select(func.min(HeldWords.due_at)))


def due(db: Session, now: datetime, context: Context) -> None:
    """Asks about words that wait, or throws them away; moves every row on that it looks at."""
    query = (
        select(HeldWords, Account)
        .join(Account, Account.id == HeldWords.account_id)
        .where(HeldWords.due_at <= now)
        .order_by(HeldWords.due_at, HeldWords.account_id)
        .limit(AT_ONCE)
        .with_for_update(of=Account, skip_locked=True)
    )
    found = db.execute(query).unique().all()
    for row, account in found:
        _look(db, row, account, now, context)
    db.flush()
    if len(found) == AT_ONCE:
        something_due(db)


def _look(db: Session, row: HeldWords, account: Account, now: datetime, context: Context) -> None:
    draft = _draft(account)
    if draft is None:
        db.delete(row)
        return
    ended, end = _is_over(db, draft, now), row.at + KEPT
    if not ended and now < end and (row.asked or _is_parked(account)):
        row.due_at = end
        return
    if row.asked and (not ended or row.person_id is None):  # they were told
        return _throw_away(db, row, account)
    person = db.get(Person, row.person_id) if row.person_id is not None else account.person
    site_id = person.site_id if person is not None else None
    hours = context.content.open_hours(site_id)
    if not is_open(hours, now):
        row.due_at = next_opening(hours, now)
        return
    of_people = _conversation(account) in OF_PEOPLE
    if ended or now >= end:
        key = "mentoring.held.ended" if ended else "mentoring.held.thrown_away"
        way = Button("mentoring.button.ask", AskMentor()) if of_people else Button("mentoring.button.queue", SeeQueue())
        message = Message(key, buttons=rows((way,)))
        _throw_away(db, row, account)
    else:
        until = At(end, context.content.open_hours(site_id).zone)
        message = Message("mentoring.held.waits", {"until": until}, rows((GO_ON,)))
        row.asked, row.due_at = True, end
    if account.blocked_at is None and not (of_people and account.stopped_at is not None):
        kind = Kind.ANSWER if of_people else Kind.STAFF
        asks = account.current_person_id if of_people else None
        post = outbox.to(account, message, kind=kind, person_id=asks, site_id=site_id)
        outbox.post(db, post, now=now)


def _draft(account: Account) -> dict[str, Any] | None:
    """Returns the draft in which words wait, of the conversation under way or of the one it interrupted."""
    if account.draft.get(HELD):
        return account.draft
    parked: dict[str, Any] = (account.parked or {}).get("draft", {})
    return parked if parked.get(HELD) else None


def _is_parked(account: Account) -> bool:
    return not account.draft.get(HELD)


def _conversation(account: Account) -> str | None:
    return (account.parked or {}).get("conversation") if _is_parked(account) else account.conversation


def _is_over(db: Session, draft: dict[str, Any], now: datetime) -> bool:
    """Whether the question that the words are for is over; they could be sent to nobody."""
    number = draft.get("ticket")
    ticket = db.get(Ticket, number) if number is not None else None
    if ticket is None or ticket.state in ALIVE:
        return number is not None and ticket is None
    return not ("asker" in draft and can_be_opened(ticket, now))


def _throw_away(db: Session, row: HeldWords, account: Account) -> None:
    if _is_parked(account):
        account.parked = None
    else:
        leave(account)
    db.delete(row)
