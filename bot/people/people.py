"""Who the bot knows: Telegram accounts, the persons who speak through them, their roles and their consents."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    String,
    UniqueConstraint,
    and_,
    bindparam,
    case,
    false,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.hybrid import hybrid_property
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
    NAME = "nama"
    """The name alone: see `Person.form_of_address`."""


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
    """The purpose of a consent. Each consent is asked by itself, when it matters."""

    TRAINING = "training"
    """1: take part: what the notice names is kept."""
    MESSAGES = "messages"
    """2 as it was asked before it was divided: an answer counts for reminders and for lessons."""
    REMINDERS = "reminders"
    """2a: reminders and other news of classes by chat."""
    LESSONS = "lessons"
    """2b: lessons and reviews by chat."""
    FOLLOW_UP = "follow_up"
    """3: be asked again months after the training."""
    NAMES = "names"
    """4: the name may be passed on to ministry and partners."""
    CERTIFICATE = "certificate"
    """Asked with each certificate: the name is printed, and whoever has the code can read it."""


PURPOSES: Final = (Purpose.TRAINING, Purpose.REMINDERS, Purpose.LESSONS, Purpose.FOLLOW_UP, Purpose.NAMES)
"""The consents as they are asked for, in the order they are shown."""
DIVIDED: Final = (Purpose.REMINDERS, Purpose.LESSONS)
"""What an answer to Purpose.MESSAGES counts for."""


class Use(StrEnum):
    """What people's data are kept or used for since a later version of a text: content/programme.yaml says which."""

    QUESTIONS = "questions"
    """Questions to a mentor, in words, voice and pictures, and the answers."""
    NOTES = "notes"
    """Business plans, and what a mentor notes."""
    ANSWERS = "answers"
    """Answers to a survey after the training."""
    CERTIFICATES = "certificates"
    """The name on a certificate."""
    SHEETS = "sheets"
    """Photos of attendance lists with names and signatures."""
    CLASS_NEWS = "class_news"
    """Word of a class that the person takes part in, also without reminders."""
    HALF_YEAR = "half_year"
    """The survey half a year after the training."""


class Role(StrEnum):
    PARTICIPANT = "participant"
    TRAINER = "trainer"
    MENTOR = "mentor"
    """Answers questions of one site (pendamping)."""
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
    """The newest message of the chat by Telegram's number: a menu is edited only while it is the last one."""
    together: Mapped[str | None] = mapped_column(String(40))
    """What was answered last of that which Telegram splits into several messages: `album:<its id>`, or `text:` and
    `long:` with the second in which the piece was sent (`turns.together`)."""

    staff_name: Mapped[str | None] = mapped_column(String(60))
    """The name of somebody who serves as staff; they told it themselves when they took the role."""

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


class ErasedBecause(StrEnum):
    """Why somebody was erased. After a backup is restored only wishes and refusals are repeated."""

    WISH = "wish"
    """They asked for it."""
    REFUSAL = "refusal"
    """They refused the consent without which nothing may be kept."""
    RETENTION = "retention"
    """They had been away for as long as the privacy notice says."""
    MERGED = "merged"
    """They were merged into another person, who stays (programme/merging.py)."""


class Person(Base):
    """A participant (or staff member). `account_id` is empty for a walk-in without a phone."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    salutation: Mapped[str] = mapped_column(String(10))
    name_alone: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Called by the name alone. `salutation` is kakak then, so that the version before says "Kak Siti"."""
    sector: Mapped[str | None] = mapped_column(String(20))
    site_id: Mapped[str | None] = mapped_column(String(40), index=True)
    phone: Mapped[str | None] = mapped_column(String(20))
    needs: Mapped[str | None] = mapped_column(String(200))
    saves_data: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether the person has "Hemat kuota": text only, no pictures and no polls."""
    learning_path: Mapped[str | None] = mapped_column(String(8))
    """The path through the lessons on which the person began (content/programme.yaml, learning); None: they have not
    begun."""
    consent_training: Mapped[bool] = mapped_column(default=False)
    consent_messages: Mapped[bool | None]
    consent_reminders: Mapped[bool | None]
    consent_lessons: Mapped[bool | None]
    consent_follow_up: Mapped[bool | None]
    consent_names: Mapped[bool | None]
    consent_certificate: Mapped[bool | None]
    """The consents as they stand now (None: never asked). The log in `consent` is the proof; both are written by
    `record_consent` alone, so that a reminder to thousands is one INSERT ... SELECT. Of the divided consent ask
    `consent_of` and `agreed_to`: the version of the bot before writes and reads `consent_messages` alone."""
    training_version: Mapped[str | None] = mapped_column(String(20))
    """Which version of the notice the person agreed to and that counts now, as in the log; None: the log has to be
    asked."""
    ask_after: Mapped[datetime | None]
    """There is no consent to ask the person for before this moment; None: that has to be found out."""
    frozen_at: Mapped[datetime | None]
    """Since when the person's data are frozen: they are written to only where the law or a seat they keep wants it, and
    counted nowhere."""
    registered_at: Mapped[datetime | None]
    """Empty between the consent and the last question of the registration."""
    anonymised_at: Mapped[datetime | None]
    erased_because: Mapped[str | None] = mapped_column(String(10))
    """An ErasedBecause; empty for people who were erased before this was kept."""

    @hybrid_property
    def form_of_address(self) -> str:
        """A Salutation; empty while it has not been asked."""
        return Salutation.NAME if self.name_alone else self.salutation

    @form_of_address.inplace.setter
    def _be_addressed_as(self, salutation: str) -> None:
        self.name_alone = salutation == Salutation.NAME
        self.salutation = Salutation.KAKAK if self.name_alone else salutation

    @form_of_address.inplace.expression
    @classmethod
    def _form_of_address_in_sql(cls) -> ColumnElement[str]:
        return case((cls.name_alone, Salutation.NAME.value), else_=cls.salutation)

    @property
    def called(self) -> Called:
        return Called(self.form_of_address, self.name)


partial_index("ix_person_frozen", Person.frozen_at, of="frozen_at IS NOT NULL")
partial_index("ix_person_anonymised", Person.anonymised_at, of="anonymised_at IS NOT NULL")


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
    """Returns the accounts of these Telegram users; new ones are made.

    On PostgreSQL they are locked if wanted, always in the same order: a tap and a message of one person may come in the
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
    """Notes that somebody wrote to the bot (or `blocked` it), and Telegram's number of the message if it was one.
    `write_presence` writes that to the database."""
    set_committed_value(account, "seen_at", now)
    set_committed_value(account, "blocked_at", now if blocked else None)
    set_committed_value(account, "last_message_id", max(account.last_message_id, message_id))


def write_presence(db: Session, accounts: Iterable[Account]) -> None:
    """Writes everything that `was_here` noted, with one statement. The ORM would write each account alone, as soon as a
    turn asks the database something: a third of such a turn's time."""
    values = [
        {"account": one.id, "seen": one.seen_at, "blocked": one.blocked_at, "newest": one.last_message_id}
        for one in sorted(accounts, key=lambda one: one.id)
    ]
    if values:
        db.connection().execute(WRITE_PRESENCE, values)


def record_consent(
    db: Session, person: Person, purpose: Purpose, *, given: bool, text_version: str, language: str, now: datetime
) -> None:
    """Logs the answer and makes it count from this moment."""
    db.add(
        Consent(person_id=person.id, purpose=purpose, text_version=text_version, language=language, given=given, at=now)
    )
    if purpose is Purpose.MESSAGES:
        person.consent_messages = person.consent_reminders = person.consent_lessons = given
    elif purpose in DIVIDED:
        both = {one: consent_of(person, one) for one in DIVIDED} | {purpose: given}
        person.consent_reminders, person.consent_lessons = both[Purpose.REMINDERS], both[Purpose.LESSONS]
        # what the version of the bot before reads: a no to one of them is a no, a yes is one to both
        person.consent_messages = False if False in both.values() else None if None in both.values() else True
    else:
        setattr(person, f"consent_{purpose.value}", given)
    if purpose is Purpose.TRAINING:
        person.training_version = text_version if given else None


def consent_of(person: Person, purpose: Purpose) -> bool | None:
    """Returns the answer that counts for this consent; None: never asked.

    The former version of the bot writes `consent_messages` alone. So if that contradicts the two consents into which it
    was divided, it was the last answer, for both.
    """
    together = person.consent_messages
    if purpose not in DIVIDED:
        return getattr(person, f"consent_{purpose.value}")  # type: ignore[no-any-return]
    mine, other = person.consent_reminders, person.consent_lessons
    if purpose is Purpose.LESSONS:
        mine, other = other, mine
    if together is None or (together is False and False in (mine, other)):
        return mine
    return together


def agreed_to(purpose: Purpose) -> ColumnElement[bool]:
    """Returns the condition for people of whom `consent_of(person, purpose) is True` and whose data are not frozen."""
    if purpose not in DIVIDED:
        stands: ColumnElement[bool] = getattr(Person, f"consent_{purpose.value}").is_(True)
        return and_(stands, Person.frozen_at.is_(None))
    mine, other = Person.consent_reminders, Person.consent_lessons
    if purpose is Purpose.LESSONS:
        mine, other = other, mine
    by_itself = and_(mine.is_(True), or_(Person.consent_messages.is_(None), other.is_(False)))
    return and_(or_(Person.consent_messages.is_(True), by_itself), Person.frozen_at.is_(None))


def not_asked(purpose: Purpose) -> ColumnElement[bool]:
    """Returns the condition for people of whom `consent_of(person, purpose)` is None, for one of the consents into
    which messages were divided."""
    mine, other = Person.consent_reminders, Person.consent_lessons
    if purpose is Purpose.LESSONS:
        mine, other = other, mine
    neither = or_(Person.consent_messages.is_(None), and_(Person.consent_messages.is_(False), other.is_(False)))
    return and_(mine.is_(None), neither)


def agreed_version() -> ColumnElement[str | None]:
    """Returns the version of the notice that a person agreed to and that counts: as it is kept with the person, else
    that of the newest yes in the log."""
    newest_yes = (
        select(Consent.text_version)
        .where(Consent.person_id == Person.id, Consent.purpose == Purpose.TRAINING, Consent.given)
        .order_by(Consent.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return func.coalesce(Person.training_version, newest_yes)


def frozen() -> Select[Any]:
    """Returns the query for the ids of people whose data are frozen: no count has them."""
    return select(Person.id).where(Person.frozen_at.is_not(None))


def consents_of(db: Session, person: Person) -> list[Consent]:
    """Returns the whole log of one person, oldest first."""
    return list(db.scalars(select(Consent).where(Consent.person_id == person.id).order_by(Consent.id)))


def has_consented(person: Person, purpose: Purpose) -> bool:
    return bool(consent_of(person, purpose))


def persons_of(db: Session, account: Account) -> list[Person]:
    """Returns everybody who uses this phone, in the order they came."""
    query = select(Person).where(Person.account_id == account.id, Person.anonymised_at.is_(None)).order_by(Person.id)
    return list(db.scalars(query))


def account_of(db: Session, person: Person | None) -> Account | None:
    """Returns the account of the phone that somebody uses; None: they have none (any more)."""
    return db.get(Account, person.account_id) if person is not None and person.account_id is not None else None


def whose(db: Session, account: Account, person_id: int) -> Person | None:
    """Returns the person of this phone that a button was made for; None: it was made for another phone, or they
    left."""
    return next((one for one in persons_of(db, account) if one.id == person_id), None)


def switch_person(db: Session, account: Account, person_id: int) -> Person | None:
    """Makes the account speak as another person of the same phone. Returns None if that person is not one of them."""
    person = whose(db, account, person_id)
    if person is not None:
        account.person = person
    return person


def number_registered(db: Session) -> int:
    registered = select(func.count()).select_from(Person)
    known = (Person.registered_at.is_not(None), Person.anonymised_at.is_(None), Person.frozen_at.is_(None))
    return db.scalar(registered.where(*known)) or 0


# --- what it owes -----------------------------------------------------------------------------------------------------


def forget(db: Session, person: Person, now: datetime) -> None:
    """Makes the person anonymous; the row stays, so that counts stay true."""
    person.name, person.form_of_address = "", Salutation.KAKAK
    person.sector = person.site_id = person.phone = person.needs = person.learning_path = None
    person.consent_training = person.saves_data = False
    person.consent_messages = person.consent_reminders = person.consent_lessons = None
    person.consent_follow_up = person.consent_names = None
    person.training_version = person.ask_after = person.frozen_at = None
    person.account_id, person.anonymised_at = None, now


def copy(db: Session, person: Person, content: Content, told: Told) -> dict[str, Any]:
    """Returns the profile, the phone it is used on, and every consent ever given or refused."""
    site = content.site(person.site_id or "")
    account = db.get_one(Account, person.account_id)
    return {
        "profil": {
            "sapaan": person.form_of_address or None,
            "nama_panggilan": person.name or None,
            "jenis_usaha": person.sector,
            "lokasi": {"id": person.site_id, "nama": site.name if site else None},
            "nomor_kontak": person.phone,
            "kebutuhan_khusus": person.needs,
            "terdaftar_pada": told(person.registered_at),
            "dibekukan_pada": told(person.frozen_at),
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
        "person.id": "The row stays, so that counts stay true; nothing in it tells who it was.",
    },
    not_copied={
        "role.account_id": "What somebody may do as staff is shown by /staf.",
        "account.draft": "What is being typed right now, until it is saved or thrown away.",
        "account.together": "When the newest message was sent: its pieces get one answer. No words.",
        "account.staff_name": "What staff are called is shown by /staf; a participant has none.",
    },
)
