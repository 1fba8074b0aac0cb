"""Which certificates a person can have now, and what is still missing for those of a wave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.catalogue.content import Content
from bot.people.people import Person
from bot.programme import lessons, quizzes
from bot.programme.attendance import Mark
from bot.programme.certificates.tables import Certificate, CertificateWave, Revoked
from bot.programme.past_classes import past_classes
from bot.programme.quizzes import TestStatus
from bot.programme.sessions import ClassSession


@dataclass(frozen=True)
class Part:
    """One thing that a certificate of completion asks for: `classes`, `lessons` or `test`. `done` of `needed`; of
    classes `of` is how many were held so far."""

    what: str
    done: int
    needed: int
    of: int = 0

    @property
    def is_done(self) -> bool:
        return self.done >= self.needed


@dataclass(frozen=True)
class WaveStanding:
    """How far a person is in a wave. `minutes`: of the classes attended."""

    wave: CertificateWave
    parts: tuple[Part, ...]
    minutes: int
    is_over: bool
    """Whether all its classes are over and their lists closed, so that the count of classes stays."""

    @property
    def is_fulfilled(self) -> bool:
        return self.is_over and bool(self.parts) and all(part.is_done for part in self.parts)

    def part(self, what: str) -> Part | None:
        return next((part for part in self.parts if part.what == what), None)


@dataclass(frozen=True)
class Standing:
    """`classes`: those the person was in and has no certificate of, the newest first; `waves`: those of their site
    whose certificate they do not have; `held`: what they have, also what no longer counts, the newest first."""

    classes: tuple[ClassSession, ...]
    waves: tuple[WaveStanding, ...]
    held: tuple[Certificate, ...]

    @property
    def can_have(self) -> bool:
        return bool(self.classes) or any(wave.is_fulfilled for wave in self.waves)


def standing(db: Session, person: Person, now: datetime, *, content: Content) -> Standing:
    """Returns what the person has, can have, and has still to do."""
    held = certificates_of(db, person)
    counting = [one for one in held if one.replaced_at is None and one.revoked_at is None]
    # what staff took away is not given again by a tap
    refused = [
        one for one in held if one.revoked_at is not None and one.reason in (Revoked.NOT_THERE, Revoked.WRONG_PERSON)
    ]
    classes = {one.session_id for one in (*counting, *refused)}
    waves = {one.wave_id for one in (*counting, *refused)}
    return Standing(
        tuple(one for one in attended_classes(db, person, now) if one.id not in classes),
        tuple(
            wave_standing(db, person, one, now, content=content) for one in waves_of(db, person) if one.id not in waves
        ),
        tuple(held),
    )


def certificates_of(db: Session, person: Person) -> Sequence[Certificate]:
    """Returns all certificates of the person that were not replaced, the newest first."""
    query = select(Certificate).where(Certificate.person_id == person.id, Certificate.replaced_at.is_(None))
    return db.scalars(query.order_by(Certificate.issued_at.desc(), Certificate.id.desc())).all()


def attended_classes(db: Session, person: Person, now: datetime) -> list[ClassSession]:
    """Returns the classes that are over and in which the person is recorded as present, the newest first."""
    return [one.session for one in past_classes(db, person, now) if one.presence is Mark.PRESENT]


def waves_of(db: Session, person: Person) -> Sequence[CertificateWave]:
    """Returns the waves of the person's site that have begun, the newest first."""
    if person.site_id is None:
        return ()
    query = select(CertificateWave).where(CertificateWave.site_id == person.site_id)
    return db.scalars(query.order_by(CertificateWave.first.desc())).all()


def wave_standing(
    db: Session, person: Person, wave: CertificateWave, now: datetime, *, content: Content
) -> WaveStanding:
    criteria: dict[str, Any] = wave.criteria
    zone = ZoneInfo(content.open_hours(wave.site_id).zone)
    held = classes_held(db, wave, now, zone)
    came = {one.id for one in attended_classes(db, person, now)}
    attended = [one for one in held if one.id in came]
    parts = []
    if (share := criteria.get("classes")) is not None:
        # the smallest number that is at least this share; one class at least
        parts.append(Part("classes", len(attended), max(1, -(-len(held) * int(share) // 100)), len(held)))
    if criteria.get("lessons") == "core":
        core = content.core_lessons(person.learning_path)
        parts.append(Part("lessons", len(core & lessons.finished_lessons(db, person)), len(core)))
    if criteria.get("test") == "posttest":
        taken = quizzes.posttest_state(db, person).status is TestStatus.DONE
        parts.append(Part("test", int(taken), 1))
    minutes = sum(one.minutes for one in attended)
    return WaveStanding(wave, tuple(parts), minutes, now >= over_at(wave.last, zone))


def classes_held(db: Session, wave: CertificateWave, now: datetime, zone: ZoneInfo) -> list[ClassSession]:
    """Returns the classes of the wave that are over: those of its site that began on its days and were not called
    off."""
    query = (
        select(ClassSession)
        .where(ClassSession.site_id == wave.site_id, ClassSession.cancelled_at.is_(None))
        .where(ClassSession.starts_at >= midnight(wave.first, zone))
        .where(ClassSession.starts_at < midnight(wave.last + timedelta(days=1), zone))
        .order_by(ClassSession.starts_at)
    )
    return [one for one in db.scalars(query) if one.ends_at <= now]


def over_at(last: date, zone: ZoneInfo) -> datetime:
    """Returns when a wave with this last day is over: the list of a class on that day closes at the end of the next."""
    return midnight(last + timedelta(days=2), zone)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Returns the first moment of the day in the zone, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
