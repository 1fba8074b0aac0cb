"""A breach of data: who is touched, what they are told, and the 72 hours that the law gives (UU PDP 46).

Everybody whose data are kept is told, also after /berhenti and while frozen; those without a chat stand in a list. The
admins are reminded until the notice was sent or the incident turned out to be none. The incident itself names nobody
and is kept: it is the proof that people were told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, ForeignKey, SmallInteger, String, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.actions.incidents import SeeIncident
from bot.capability import CapabilityData, Context
from bot.database import Base, BigId, something_due
from bot.delivery import outbox
from bot.people.people import Account, Person
from bot.people.quiet_hours import Kind
from bot.people.rights import admin_accounts
from bot.settings import Settings
from bot.words.action import version_of
from bot.words.message import At, Button, Message, Value, Words, rows

GIVEN: Final = timedelta(hours=72)
"""How long after a breach became known people and the agency must have been told."""
REMINDED: Final = (timedelta(hours=24), timedelta(hours=48), timedelta(hours=66))
"""How long after a breach became known the admins are reminded."""
LETTERS: Final = 500
"""How many characters each of the two texts may have."""
ZONE: Final = "Asia/Jakarta"


class Incident(Base):
    """A breach of data. The two texts are written by the admin; they tell what happened, and name nobody."""

    __tablename__ = "incident"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    site_id: Mapped[str | None] = mapped_column(String(40))
    """Whose people are touched; empty: everybody."""
    known_at: Mapped[datetime]
    what: Mapped[str | None] = mapped_column(String(LETTERS))
    """Which data, when and how."""
    done: Mapped[str | None] = mapped_column(String(LETTERS))
    """What is done about it."""
    made_by: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    opened_at: Mapped[datetime]
    next_at: Mapped[datetime | None] = mapped_column(index=True)
    """When the admins are reminded next."""
    reminded: Mapped[int] = mapped_column(SmallInteger, default=0)
    sent_at: Mapped[datetime | None]
    dropped_at: Mapped[datetime | None]


# --- outcomes ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Touched:
    """How many people can be told in their chat, and how many have no chat that works."""

    in_chat: int
    without: int


@dataclass(frozen=True)
class Sent:
    """The notice is on its way to so many people."""

    people: int


@dataclass(frozen=True)
class Otherwise:
    """The words are not those that the admin was shown, or are not written yet: nothing was sent."""


@dataclass(frozen=True)
class Over:
    """The incident is over: its notice was sent or it was dropped before."""


# --- services ---------------------------------------------------------------------------------------------------------


def open_incident(db: Session, by: Account, site_id: str | None, known_at: datetime, now: datetime) -> Incident:
    """Opens an incident. `known_at` is when it became known: the 72 hours of the law count from then."""
    incident = Incident(
        site_id=site_id,
        known_at=known_at,
        made_by=by.id,
        opened_at=now,
        reminded=0,
        next_at=known_at + REMINDED[0],
    )
    db.add(incident)
    db.flush()
    something_due(db)
    return incident


def get(db: Session, number: int) -> Incident | None:
    return db.get(Incident, number)


def under_way(db: Session) -> Incident | None:
    """Returns the newest incident that was neither sent nor dropped."""
    query = select(Incident).where(Incident.sent_at.is_(None), Incident.dropped_at.is_(None))
    return db.scalars(query.order_by(Incident.id.desc()).limit(1)).one_or_none()


def touched(db: Session, incident: Incident) -> Touched:
    mine = select(func.count()).select_from(Person).where(*_meant(incident))
    reached = mine.join(Account, Account.id == Person.account_id).where(Account.blocked_at.is_(None))
    in_chat = db.scalar(reached) or 0
    return Touched(in_chat, (db.scalar(mine) or 0) - in_chat)


def list_of(db: Session, incident: Incident) -> list[tuple[int, str | None, str | None, bool]]:
    """Returns everybody touched: number, site, phone number if one is known, and whether their chat can be reached."""
    query = (
        select(Person.id, Person.site_id, Person.phone, Account.id.is_not(None) & Account.blocked_at.is_(None))
        .outerjoin(Account, Account.id == Person.account_id)
        .where(*_meant(incident))
        .order_by(Person.site_id, Person.id)
    )
    return [(number, site, phone, bool(reached)) for number, site, phone, reached in db.execute(query)]


def _meant(incident: Incident) -> list[ColumnElement[bool]]:
    meant: list[ColumnElement[bool]] = [Person.anonymised_at.is_(None)]
    return meant if incident.site_id is None else [*meant, Person.site_id == incident.site_id]


def version(incident: Incident) -> int:
    """Returns a number that changes with the texts of the incident, so that a confirmation is one of the texts that
    were shown."""
    return version_of(incident.what, incident.done, incident.site_id)


def notice(incident: Incident, settings: Settings) -> Message:
    """Returns the message that each person gets: which data, when and how, what is done, and whom to ask."""
    contact: Value = settings.privacy_contact or Words("menu.contact_trainer")
    values: dict[str, Value] = {
        "what": incident.what or "",
        "done": incident.done or "",
        "controller": settings.data_controller,
        "contact": contact,
    }
    return Message("incidents.notice", values)


def send(db: Session, incident: Incident, shown: int, now: datetime, settings: Settings) -> Sent | Otherwise | Over:
    """Sends the notice to everybody touched, once, if its texts are those that were `shown`."""
    if not incident.what or not incident.done or shown != version(incident):
        return Otherwise() if incident.sent_at is None and incident.dropped_at is None else Over()
    open_ = (Incident.sent_at.is_(None), Incident.dropped_at.is_(None))
    changed = db.execute(
        update(Incident)
        .where(Incident.id == incident.id, *open_)
        .values(sent_at=now, next_at=None)
        .execution_options(synchronize_session=False)
    )
    db.refresh(incident)
    if not changed.rowcount:  # type: ignore[attr-defined]
        return Over()
    audience = outbox.recipients().add_columns(Person.site_id.label("site_id"))
    audience = audience.where(*_meant(incident), Account.blocked_at.is_(None))
    body = outbox.keep_body(db, notice(incident, settings), now=now)
    once = f"incident:{incident.id}"
    people = outbox.post_to_many(db, audience, None, body_id=body, kind=Kind.BREACH, once=once, now=now)
    return Sent(people)


def drop(db: Session, incident: Incident, now: datetime) -> bool:
    """Ends an incident because there was no breach. Returns False if it was sent or dropped before."""
    if incident.sent_at is not None or incident.dropped_at is not None:
        return False
    incident.dropped_at, incident.next_at = now, None
    db.flush()
    return True


# --- time -------------------------------------------------------------------------------------------------------------


def due(db: Session, now: datetime, context: Context) -> None:
    """Reminds the admins of an incident whose notice was not sent yet; after a downtime once."""
    query = select(Incident).where(Incident.next_at.is_not(None), Incident.next_at <= now)
    for incident in db.scalars(query.with_for_update(skip_locked=True)):
        passed = sum(incident.known_at + one <= now for one in REMINDED)
        incident.reminded = passed
        incident.next_at = incident.known_at + REMINDED[passed] if passed < len(REMINDED) else None
        until = At(incident.known_at + GIVEN, ZONE)
        message = Message(
            "incidents.reminder", {"until": until}, rows((Button("incidents.button.see", SeeIncident(incident.id)),))
        )
        once = f"incident:{incident.id}:reminder:{passed}"
        outbox.post_to_each(db, admin_accounts(db, context.settings), message, kind=Kind.ALARM, now=now, once=once)
    db.flush()


def next_due(db: Session, now: datetime, context: Context) -> datetime | None:
    return db.scalar(select(func.min(Incident.next_at)).where(Incident.next_at.is_not(None)))


# --- what it owes -----------------------------------------------------------------------------------------------------

_PROOF: Final = "What people were told of a breach: the proof that the law asks for. It tells of nobody in particular."

DATA: Final = CapabilityData(
    "incidents",
    tables=(Incident,),
    due=due,
    next_due=next_due,
    stays={"incident.what": _PROOF, "incident.done": _PROOF},
    not_copied={"incident.made_by": "What a member of staff did; their own record is the audit (/catatan)."},
)
