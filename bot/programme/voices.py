"""Voices: texts of the bot read aloud by its staff, for people who read slowly.

    draft -> waiting -> approved

A trainer records a text, listens to it, and a second member of staff listens and agrees; then [Dengarkan] stands beside
the text at that site, or everywhere. A recording is of the words as they were (`edition`): when they change it is not
offered any more, and its speaker is asked for a new one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any, Final, Protocol

from sqlalchemy import BigInteger, ForeignKey, SmallInteger, String, delete, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.actions.buttons import HELP, MENU
from bot.actions.voices import Listen, RecordVoice, SeeWaitingVoices
from bot.capability import CapabilityData, Context
from bot.catalogue.content import Content
from bot.database import Base, BigId, partial_index
from bot.delivery import background_jobs, kept_files, outbox
from bot.delivery.background_jobs import Finish, Job, Worker
from bot.people.people import Account, Person, account_of, persons_of
from bot.people.quiet_hours import Kind
from bot.people.rights import admin_accounts, reachable_trainers
from bot.programme.privacy import kept_until
from bot.settings import Settings
from bot.words.action import version_of
from bot.words.message import Button, File, Form, Message, Value, Words, rows

SHORTEST: Final = 5
"""Seconds of a recording."""
LONGEST: Final = 90
"""Seconds of a recording."""
LARGEST: Final = 1 << 20
"""Bytes: Telegram's voices of 90 s have about 200 kB."""
CONSENT: Final = "consent"
REMINDER: Final = "reminder"
LESSON: Final = "lesson."
OUTDATED_FOR: Final = timedelta(days=30)
"""A recording of words that have changed is kept so long: they may be changed back."""
DRAFT_FOR: Final = timedelta(days=2)
LANGUAGE: Final = "id"
"""Recordings are in the reference language."""
MIME: Final = "audio/ogg"
KIND: Final = "voice"
"""Of the background job that fetches a recording."""


class Wording(Protocol):
    """Knows the words of each key in each language."""

    def words(self, key: str, values: Mapping[str, Any], language: str, *, html: bool = True) -> str: ...


class State(StrEnum):
    DRAFT = "draft"
    """The speaker has not said yet that it is good."""
    WAITING = "waiting"
    """Nobody else has listened yet."""
    APPROVED = "approved"


class Speaker(Base):
    """Somebody of the staff who agreed to their voice being used."""

    __tablename__ = "speaker"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    agreed_at: Mapped[datetime]


class Recording(Base):
    """A text read aloud."""

    __tablename__ = "recording"
    # a number is never given again: old buttons carry those of recordings that were deleted
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - as SQLAlchemy takes it

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    what: Mapped[str] = mapped_column(String(24), index=True)
    edition: Mapped[int] = mapped_column(BigInteger)
    """The version of the words that were read."""
    site_id: Mapped[str | None] = mapped_column(String(40))
    """None: it is heard at all sites that have none of their own."""
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    """Who reads."""
    file_id: Mapped[str] = mapped_column(String(200))
    """Telegram's, for as long as the bytes are not kept."""
    kept_file_id: Mapped[int | None] = mapped_column(ForeignKey("kept_file.id", ondelete="SET NULL"), index=True)
    seconds: Mapped[int] = mapped_column(SmallInteger)
    size: Mapped[int] = mapped_column(BigInteger)
    """Bytes."""
    state: Mapped[str] = mapped_column(String(8))
    made_at: Mapped[datetime]
    approved_by_account_id: Mapped[int | None] = mapped_column(
        ForeignKey("account.id", ondelete="SET NULL"), index=True
    )
    approved_at: Mapped[datetime | None]
    outdated_at: Mapped[datetime | None]
    """Since when its words are known to have changed; its speaker was told then."""
    heard: Mapped[int] = mapped_column(BigInteger, default=0)
    """How often it was asked for."""


partial_index("ix_recording_waiting", Recording.id, of="state = 'waiting'")


# --- the texts ------------------------------------------------------------------------------------------------------


def words_of(what: str, content: Content, texts: Wording, settings: Settings) -> str | None:
    """Returns the text as it is read aloud; None: there is no such text."""
    if what == CONSENT:
        values: dict[str, Value] = {"controller": settings.data_controller, "kept": kept_until(content.programme)}
        return texts.words("registration.consent.short", values, LANGUAGE, html=False)
    if what == REMINDER:
        return texts.words("voices.text.reminder", {}, LANGUAGE, html=False)
    lesson = content.lesson(what.removeprefix(LESSON)) if what.startswith(LESSON) else None
    if lesson is None:
        return None
    points = (f"{number}. {point}" for number, point in enumerate(lesson.points, 1))
    parts = (lesson.title, lesson.opening, *points, lesson.example, lesson.task)
    return "\n\n".join(part for part in parts if part)


def edition_of(words: str) -> int:
    return version_of(words)


def edition_now(what: str, content: Content, texts: Wording, settings: Settings) -> int | None:
    """Returns the edition of the text as it is now; None: there is no such text."""
    words = words_of(what, content, texts, settings)
    return None if words is None else edition_of(words)


def called(what: str, content: Content) -> Words | str:
    """Returns how staff call the text."""
    lesson = content.lesson(what.removeprefix(LESSON)) if what.startswith(LESSON) else None
    return lesson.title if lesson is not None else Words(f"voices.what.{what}")


def all_texts(content: Content) -> list[str]:
    """Returns everything that can be read aloud: the consent and the reminder, then the lessons in the order of the
    path. Everybody begins with the first, so the most read come first."""
    lessons = (lesson.id for module in content.modules for lesson in module.lessons)
    return [CONSENT, REMINDER, *(f"{LESSON}{one}" for one in lessons)]


def without_voice(
    db: Session, site_id: str | None, content: Content, texts: Wording, settings: Settings
) -> list[tuple[str, Recording | None]]:
    """Returns the texts that nobody can listen to at this site, each with the recording that waits for a listener."""
    query = select(Recording).where(or_(Recording.site_id == site_id, Recording.site_id.is_(None)))
    editions: dict[str, list[Recording]] = {}
    for one in db.scalars(query.where(Recording.state != State.DRAFT).order_by(Recording.id)):
        editions.setdefault(one.what, []).append(one)
    found: list[tuple[str, Recording | None]] = []
    for what in all_texts(content):
        now = edition_now(what, content, texts, settings) if what in editions else None
        of_these = [one for one in editions.get(what, ()) if one.edition == now]
        if not any(one.state == State.APPROVED for one in of_these):
            found.append((what, of_these[-1] if of_these else None))
    return found


# --- listening ------------------------------------------------------------------------------------------------------


def recording_of(db: Session, what: str, edition: int, site_id: str | None) -> Recording | None:
    """Returns the approved recording of these words: that of the site before that of all sites, the newest first."""
    query = (
        select(Recording)
        .where(Recording.what == what, Recording.edition == edition, Recording.state == State.APPROVED)
        .where(or_(Recording.site_id == site_id, Recording.site_id.is_(None)))
        .order_by(Recording.site_id.is_(None), Recording.id.desc())
        .limit(1)
    )
    return db.scalars(query).one_or_none()


def listen_button(
    db: Session, what: str, site_id: str | None, content: Content, texts: Wording | None, settings: Settings
) -> list[Button]:
    """Returns [Dengarkan (90 kB)], or nothing where these words have no voice."""
    there = select(Recording.id).where(Recording.what == what, Recording.state == State.APPROVED).limit(1)
    if texts is None or db.scalar(there) is None:  # mostly there is none: the words need not be put together
        return []
    now = edition_now(what, content, texts, settings)
    found = recording_of(db, what, now, site_id) if now is not None else None
    if found is None:
        return []
    return [Button("voices.button.listen", Listen(found.id), {"kb": max(1, round(found.size / 1000))})]


def heard(
    db: Session, recording_id: int, content: Content, texts: Wording | None, settings: Settings
) -> Recording | None:
    """Returns the recording, and counts that it was asked for; None if it must not be heard any more."""
    found = db.get(Recording, recording_id)
    if found is None or found.state != State.APPROVED or texts is None:
        return None
    if edition_now(found.what, content, texts, settings) != found.edition:
        return None
    db.execute(update(Recording).where(Recording.id == found.id).values(heard=Recording.heard + 1))
    return found


def spoken(found: Recording, content: Content) -> Message:
    """Returns the recording as a message."""
    file = File("suara.ogg", MIME, kept=found.kept_file_id)
    if found.kept_file_id is None:
        file = File("suara.ogg", MIME, id=found.file_id)
    title: Value = called(found.what, content)
    return Message("voices.spoken", {"title": title}, form=Form.VOICE, file=file, protected=True)


# --- recording ------------------------------------------------------------------------------------------------------


def has_agreed(db: Session, account: Account) -> bool:
    return db.get(Speaker, account.id) is not None


def agree(db: Session, account: Account, now: datetime) -> None:
    if not has_agreed(db, account):
        db.add(Speaker(account_id=account.id, agreed_at=now))


def draft(
    db: Session,
    account: Account,
    what: str,
    words: str,
    site_id: str | None,
    file_id: str,
    *,
    seconds: int,
    size: int,
    now: datetime,
) -> Recording:
    """Keeps what was recorded, in place of an earlier draft of the same speaker."""
    db.execute(delete(Recording).where(Recording.account_id == account.id, Recording.state == State.DRAFT))
    found = Recording(
        what=what,
        edition=edition_of(words),
        site_id=site_id,
        account_id=account.id,
        file_id=file_id,
        seconds=seconds,
        size=size,
        state=State.DRAFT,
        made_at=now,
    )
    db.add(found)
    db.flush()
    return found


def hand_on(db: Session, account: Account, recording_id: int, now: datetime, context: Context) -> Recording | None:
    """Gives the speaker's draft to a second listener; None: there is no such draft any more. A waiting one of the same
    speaker and text goes."""
    found = db.get(Recording, recording_id)
    if found is None or found.account_id != account.id or found.state != State.DRAFT:
        return None
    same = (Recording.what == found.what, Recording.site_id.is_not_distinct_from(found.site_id))
    waiting = (Recording.state == State.WAITING, Recording.account_id == account.id)
    for other in db.scalars(select(Recording).where(*same, *waiting)):
        _remove(db, other)
    found.state = State.WAITING
    background_jobs.ask(db, account, KIND, {"recording": found.id, "file_id": found.file_id}, now)
    listeners = reachable_trainers(db, found.site_id) if found.site_id else []
    others = [one for one in listeners if one.id != account.id]
    others = others or [one for one in admin_accounts(db, context.settings) if one.id != account.id]
    title: Value = called(found.what, context.content)
    see = Button("voices.button.waiting", SeeWaitingVoices())
    message = Message("voices.waits_for_you", {"title": title}, rows((see,), (MENU, HELP)))
    about = {"kind": Kind.STAFF, "site_id": found.site_id}
    outbox.post_to_each(db, others, message, now=now, once=f"voice:{found.id}", **about)
    return found


def keeper(api: kept_files.Downloads) -> Worker:
    """Returns the worker of the job `KIND`: fetches the bytes of the recording `recording` from Telegram."""

    async def fetch(job: Job) -> Finish:
        content = await kept_files.fetched(api, str(job.args["file_id"]), LARGEST)
        return partial(_keep_file, int(job.args["recording"]), content)

    return fetch


def _keep_file(recording_id: int, content: bytes, db: Session, account: Account, now: datetime) -> None:
    """Keeps the bytes, if the recording is still there."""
    found = db.get(Recording, recording_id)
    if found is not None and found.kept_file_id is None:
        found.kept_file_id, found.size = kept_files.keep(db, content, now), len(content)


# --- the second listener --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Approved:
    recording: Recording


@dataclass(frozen=True)
class OwnVoice:
    """Nobody approves themselves."""


@dataclass(frozen=True)
class NotKeptYet:
    """The file is still being fetched from Telegram."""


@dataclass(frozen=True)
class Decided:
    """It does not wait any more: somebody has decided, or the speaker took it back."""


def waiting_for(db: Session, account: Account, sites: Collection[str], *, everywhere: bool) -> list[Recording]:
    """Returns what this listener can decide about, the oldest first: others' recordings for these sites, and those for
    all sites if `everywhere`."""
    here = Recording.site_id.in_(sites)
    theirs = or_(here, Recording.site_id.is_(None)) if everywhere else here
    query = select(Recording).where(Recording.state == State.WAITING, theirs, Recording.account_id != account.id)
    return list(db.scalars(query.order_by(Recording.id)))


def get(db: Session, recording_id: int) -> Recording | None:
    return db.get(Recording, recording_id)


def approve(
    db: Session, account: Account, found: Recording, now: datetime
) -> Approved | OwnVoice | NotKeptYet | Decided:
    """Lets a waiting recording be heard; earlier ones of the same text and site go."""
    if found.account_id == account.id:
        return OwnVoice()
    if found.state != State.WAITING:
        return Decided()
    if found.kept_file_id is None:
        return NotKeptYet()
    same = (Recording.what == found.what, Recording.site_id.is_not_distinct_from(found.site_id))
    for other in db.scalars(select(Recording).where(*same, Recording.state == State.APPROVED)):
        _remove(db, other)
    found.state, found.approved_by_account_id, found.approved_at = State.APPROVED, account.id, now
    return Approved(found)


def reject(db: Session, account: Account, found: Recording) -> OwnVoice | Decided | None:
    """Deletes a waiting recording; None: it is deleted."""
    if found.account_id == account.id:
        return OwnVoice()
    if found.state != State.WAITING:
        return Decided()
    _remove(db, found)
    return None


# --- one's own ------------------------------------------------------------------------------------------------------


def own(db: Session, account: Account) -> list[Recording]:
    """Returns the speaker's recordings, the newest first, without drafts."""
    query = select(Recording).where(Recording.account_id == account.id, Recording.state != State.DRAFT)
    return list(db.scalars(query.order_by(Recording.id.desc())))


def withdraw(db: Session, account: Account, newest: int | None = None) -> int:
    """Deletes the speaker's recordings up to the one with this number (None: all), and that they agreed. Returns how
    many there were."""
    mine = select(Recording).where(Recording.account_id == account.id)
    if newest is not None:
        mine = mine.where(Recording.id <= newest)
    found = list(db.scalars(mine))
    for one in found:
        _remove(db, one)
    if not own(db, account):
        db.execute(delete(Speaker).where(Speaker.account_id == account.id))
    return len(found)


def _remove(db: Session, found: Recording) -> None:
    number = found.kept_file_id
    db.delete(found)
    db.flush()
    kept_files.remove(db, number)


# --- time -----------------------------------------------------------------------------------------------------------


def due(db: Session, now: datetime, context: Context) -> None:
    """Looks for recordings whose words have changed: tells the speaker once, forgets that if they were changed back,
    and deletes what stayed so for OUTDATED_FOR. Drafts go after DRAFT_FOR."""
    if context.texts is None:
        return
    old = select(Recording).where(Recording.state == State.DRAFT, Recording.made_at < now - DRAFT_FOR)
    for one in db.scalars(old):
        _remove(db, one)
    editions: dict[str, int | None] = {}
    for one in list(db.scalars(select(Recording).where(Recording.state != State.DRAFT).order_by(Recording.id))):
        if one.what not in editions:
            editions[one.what] = edition_now(one.what, context.content, context.texts, context.settings)
        if editions[one.what] == one.edition:
            one.outdated_at = None
        elif one.outdated_at is None:
            one.outdated_at = now
            _ask_for_another(db, one, now, context, there_is=editions[one.what] is not None)
        elif one.outdated_at < now - OUTDATED_FOR:
            _remove(db, one)


def _ask_for_another(db: Session, found: Recording, now: datetime, context: Context, *, there_is: bool) -> None:
    account = db.get(Account, found.account_id)
    if account is None or account.blocked_at is not None or not there_is:
        return
    title: Value = called(found.what, context.content)
    again = Button("voices.button.record_again", RecordVoice(found.what, found.site_id or ""))
    message = Message("voices.words_changed", {"title": title}, rows((again,), (MENU, HELP)))
    once = f"voice_changed:{found.id}:{found.edition}"
    post = outbox.to(account, message, kind=Kind.STAFF, site_id=found.site_id, once=once)
    outbox.post(db, post, now=now)


# --- what it owes ---------------------------------------------------------------------------------------------------


def forget(db: Session, person: Person, now: datetime) -> None:
    """Deletes the recordings of somebody who was staff and is the only person of the phone: the account goes, too."""
    account = account_of(db, person)
    if account is not None and len(persons_of(db, account)) == 1:
        withdraw(db, account)


def copy_of_account(db: Session, account: Account) -> list[dict[str, Any]]:
    """Returns what the copy of staff tells of their recordings. The moments are UTC."""
    return [
        {"teks": one.what, "lokasi": one.site_id, "detik": one.seconds, "pada": one.made_at, "didengar": one.heard}
        for one in own(db, account)
    ]


_OF_STAFF: Final = "A recording of staff, deleted with the account, or when they take their voice back."
DATA: Final = CapabilityData(
    "voices",
    tables=(Recording, Speaker),
    due=due,
    forget=forget,
    stays={"recording.file_id": _OF_STAFF},
    not_copied=dict.fromkeys(
        ("recording.account_id", "recording.approved_by_account_id", "recording.file_id", "speaker.account_id"),
        "It is in the copy that staff get of what is kept of them as staff.",
    ),
)
