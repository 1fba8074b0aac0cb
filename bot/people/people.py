"""Who the bot knows: Telegram accounts, the persons who speak through them, their roles and their consents."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    bindparam,
    false,
    func,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship
from sqlalchemy.orm.attributes import set_committed_value

from bot.capability import CapabilityData, Told
from bot.database import Base, BigId, insert_or, partial_index
from bot.words.message import Called

if TYPE_CHECKING:
    from bot.catalogue.content import Content


class Salutation(StrEnum):
    IBU = "ibu"
    BAPAK = "bapak"
    KAKAK = "kakak"


SECTORS: Final = (
    "kuliner",
    "kriya",
    "fesyen",
    "penginapan",
    "wisata",
    "pertanian",
    "jasa_kreatif",
    "lainnya",
)
"""The eight types of business, in the order they are offered. Their words are `people.sector.<name>`."""


class Purpose(StrEnum):
    """What a consent is for. Each is asked by itself, when it matters."""

    TRAINING = "training"
    """1: take part: data for registration and attendance."""
    MESSAGES = "messages"
    """2: reminders and lessons by chat."""
    FOLLOW_UP = "follow_up"
    """3: be asked again after 30 and 90 days."""
    NAMES = "names"
    """4: the name may be passed on to ministry and partners."""


class Role(StrEnum):
    PARTICIPANT = "participant"
    TRAINER = "trainer"
    ADMIN = "admin"


class Account(Base):
    """A Telegram account: the phone. It may hold several persons and speaks as one of them at a time."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    telegram_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    language: Mapped[str] = mapped_column(String(8), default="id")
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    blocked_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    current_person_id: Mapped[int | None] = mapped_column(BigInteger)
    """Not a foreign key: persons point at accounts, and two tables that point at each other cannot be made in order.
    Persons are never deleted, only made anonymous."""
    conversation: Mapped[str | None] = mapped_column(String(40))
    state: Mapped[str | None] = mapped_column(String(40))
    draft: Mapped[dict[str, Any]] = mapped_column(default=dict)
    parked: Mapped[dict[str, Any] | None]
    """The conversation that another one interrupted: {"conversation", "state", "draft"}."""
    last_message_id: Mapped[int] = mapped_column(BigInteger, default=0)
    """The newest message of the chat as Telegram numbers it: a menu is edited only while it is the last one."""

    staff_name: Mapped[str | None] = mapped_column(String(60))
    """What somebody who serves as staff is called: told when the role was taken, by nobody else."""

    person: Mapped[Person | None] = relationship(
        primaryjoin="foreign(Account.current_person_id) == Person.id", lazy="joined", post_update=True
    )


partial_index("ix_account_nobody", Account.seen_at, of="current_person_id IS NULL")


ACCOUNT: Final = Base.metadata.tables["account"]
WRITE_PRESENCE: Final = (
    update(ACCOUNT)
    .where(ACCOUNT.c.id == bindparam("account"))
    .values(seen_at=bindparam("seen"), blocked_at=bindparam("blocked"), last_message_id=bindparam("newest"))
)


class Person(Base):
    """A participant (or staff member). `account_id` is empty for a walk-in without a phone."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    salutation: Mapped[str] = mapped_column(String(10))
    sector: Mapped[str | None] = mapped_column(String(20))
    site_id: Mapped[str | None] = mapped_column(String(40), index=True)
    phone: Mapped[str | None] = mapped_column(String(20))
    needs: Mapped[str | None] = mapped_column(String(200))
    saves_data: Mapped[bool] = mapped_column(default=False, server_default=false())
    """ "Hemat kuota": text only, no pictures and no polls."""
    consent_training: Mapped[bool] = mapped_column(default=False)
    consent_messages: Mapped[bool | None]
    consent_follow_up: Mapped[bool | None]
    consent_names: Mapped[bool | None]
    """The consents as they stand now (None: never asked). The log in `consent` is the proof; both are written by
    `record_consent` alone, so that a reminder to thousands is one INSERT ... SELECT."""
    registered_at: Mapped[datetime | None]
    """Empty between the consent and the last question of the registration."""
    anonymised_at: Mapped[datetime | None]

    @property
    def called(self) -> Called:
        return Called(self.salutation, self.name)


class Consent(Base):
    """Every answer ever given to a consent, with the version and language of the text. Only ever added to."""

    __tablename__ = "consent"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(12))
    text_version: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(8))
    given: Mapped[bool]
    at: Mapped[datetime]


class RoleGrant(Base):
    """A role somebody holds beyond being a participant; `site_id` empty means everywhere."""

    __tablename__ = "role"
    __table_args__ = (UniqueConstraint("account_id", "role", "site_id"), Index("ix_role_site", "site_id", "role"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(String(12))
    site_id: Mapped[str | None] = mapped_column(String(40))
    granted_at: Mapped[datetime]


# --- services -------------------------------------------------------------------------------------------------------


def accounts_of(db: Session, telegram_ids: Collection[int], now: datetime, *, lock: bool = False) -> dict[int, Account]:
    """The accounts of these Telegram users, made where they are new.

    On PostgreSQL they are locked if wanted, in one order for all: a tap and a message of one person may come in the
    wrong order, and then not even the inbox keeps their turns apart.
    """
    found = _known(db, telegram_ids, lock)
    if missing := sorted({one for one in telegram_ids if one not in found}):
        # somebody else may be making the same account just now: then it is theirs that is found
        new = {"language": "id", "created_at": now, "seen_at": now, "last_message_id": 0, "draft": {}}
        db.execute(insert_or(db, Account).on_conflict_do_nothing(), [new | {"telegram_id": one} for one in missing])
        found |= _known(db, missing, lock)
    return found


def _known(db: Session, telegram_ids: Collection[int], lock: bool) -> dict[int, Account]:
    query = select(Account).where(Account.telegram_id.in_(telegram_ids))
    if lock:
        # what others write about them (a row of the outbox) need not wait: only their key is needed for that
        query = query.order_by(Account.id).with_for_update(of=Account, key_share=True)
    return {account.telegram_id: account for account in db.scalars(query).unique()}


def was_here(account: Account, now: datetime, *, blocked: bool = False, message_id: int = 0) -> None:
    """Note that somebody spoke (or `blocked` us), in the message of this number if it was one. Only `write_presence`
    brings it into the database."""
    set_committed_value(account, "seen_at", now)
    set_committed_value(account, "blocked_at", now if blocked else None)
    set_committed_value(account, "last_message_id", max(account.last_message_id, message_id))


def write_presence(db: Session, accounts: Iterable[Account]) -> None:
    """Write for all at once what `was_here` noted. The ORM would write it one by one, each time a turn first asks the
    database something: a third of such a turn's time."""
    values = [
        {"account": one.id, "seen": one.seen_at, "blocked": one.blocked_at, "newest": one.last_message_id}
        for one in sorted(accounts, key=lambda one: one.id)
    ]
    if values:
        db.connection().execute(WRITE_PRESENCE, values)


def record_consent(
    db: Session, person: Person, purpose: Purpose, *, given: bool, text_version: str, language: str, now: datetime
) -> None:
    """Log the answer and make it count from this moment."""
    db.add(
        Consent(person_id=person.id, purpose=purpose, text_version=text_version, language=language, given=given, at=now)
    )
    setattr(person, f"consent_{purpose.value}", given)


def consents_of(db: Session, person: Person) -> list[Consent]:
    """The whole log of one person, oldest first."""
    return list(db.scalars(select(Consent).where(Consent.person_id == person.id).order_by(Consent.id)))


def has_consented(person: Person, purpose: Purpose) -> bool:
    return bool(getattr(person, f"consent_{purpose.value}"))


def persons_of(db: Session, account: Account) -> list[Person]:
    """Everybody who uses this phone, in the order they came."""
    query = select(Person).where(Person.account_id == account.id, Person.anonymised_at.is_(None)).order_by(Person.id)
    return list(db.scalars(query))


def whose(db: Session, account: Account, person_id: int) -> Person | None:
    """The person of this phone that a button was made for; None: it was made for another phone, or they left."""
    return next((one for one in persons_of(db, account) if one.id == person_id), None)


def switch_person(db: Session, account: Account, person_id: int) -> Person | None:
    """Speak as another person of the same phone; None if that person is not one of them."""
    person = whose(db, account, person_id)
    if person is not None:
        account.person = person
    return person


def number_registered(db: Session) -> int:
    registered = select(func.count()).select_from(Person)
    return db.scalar(registered.where(Person.registered_at.is_not(None), Person.anonymised_at.is_(None))) or 0


# --- what it owes -----------------------------------------------------------------------------------------------------


def forget(db: Session, person: Person, now: datetime) -> None:
    """Makes the person nobody in particular; the row stays, so that counts stay true."""
    person.name, person.salutation = "", Salutation.KAKAK
    person.sector = person.site_id = person.phone = person.needs = None
    person.consent_training = person.saves_data = False
    person.consent_messages = person.consent_follow_up = person.consent_names = None
    person.account_id, person.anonymised_at = None, now


def copy(db: Session, person: Person, content: Content, told: Told) -> dict[str, Any]:
    """Returns the profile, the phone it is used on, and every consent ever given or refused."""
    site = content.site(person.site_id or "")
    account = db.get_one(Account, person.account_id)
    return {
        "profil": {
            "sapaan": person.salutation or None,
            "nama_panggilan": person.name or None,
            "jenis_usaha": person.sector,
            "lokasi": {"id": person.site_id, "nama": site.name if site else None},
            "nomor_kontak": person.phone,
            "kebutuhan_khusus": person.needs,
            "terdaftar_pada": told(person.registered_at),
        },
        "akun": {
            "id_telegram": account.telegram_id,
            "bahasa": account.language,
            "dibuat_pada": told(account.created_at),
            "terakhir_terlihat": told(account.seen_at),
            "pesan_dihentikan_pada": told(account.stopped_at),
        },
        "persetujuan": [
            {
                "untuk": consent.purpose,
                "setuju": consent.given,
                "versi_teks": consent.text_version,
                "bahasa": consent.language,
                "pada": told(consent.at),
            }
            for consent in consents_of(db, person)
        ],
    }


DATA: Final = CapabilityData(
    "people",
    tables=(Account, Person, Consent, RoleGrant),
    forget=forget,
    copy=copy,
    stays={
        "consent.person_id": "The proof of what was agreed to and when, of a person without a name.",
        "role.account_id": "Rights go with the account (ON DELETE CASCADE), which goes with its last person.",
    },
    not_copied={"role.account_id": "What somebody may do as staff is shown by /staf."},
)
