"""Certificates issued, corrected, revoked, and found by their code. Nothing here happens by itself: a certificate is
issued by a tap of the person it names, and by nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.catalogue.content import Content
from bot.documents.certificate import NEWEST
from bot.documents.deep_links import link
from bot.people import audit
from bot.people.people import Account, Person, Purpose, record_consent
from bot.programme.attendance import Mark
from bot.programme.certificates.codes import LINK, new_code, shown
from bot.programme.certificates.facts import Facts
from bot.programme.certificates.names import printable
from bot.programme.certificates.standing import WaveStanding, attended_classes, classes_held, standing
from bot.programme.certificates.tables import Certificate, CertificateKind, CertificateWave, Revoked
from bot.programme.past_classes import past_classes
from bot.programme.sessions import ClassSession

RENAMES: Final = 2
RENAME_WITHIN: Final = timedelta(days=30)
"""A holder may correct the name so often, within this time after the certificate was first issued; then an admin has to
allow it."""
TRIES: Final = 10
TRIES_FORGET: Final = timedelta(minutes=10)
"""After TRIES unknown codes from one phone within this time no code counts there."""


@dataclass(frozen=True)
class Issued:
    certificate: Certificate


@dataclass(frozen=True)
class HasIt:
    """The person has this certificate already."""

    certificate: Certificate


@dataclass(frozen=True)
class NotEarned:
    """The person cannot have it (any more): they are not recorded as present, or something is still missing."""


@dataclass(frozen=True)
class AskAdmin:
    """The name was corrected often enough, or it is too late: an admin has to allow it."""


@dataclass(frozen=True)
class SameName:
    """That is the name already."""


@dataclass(frozen=True)
class NotFound:
    """There is no such certificate, or it does not count any more."""


@dataclass(frozen=True)
class TooManyTries:
    """So many unknown codes came from this phone that none is looked up."""


@dataclass(frozen=True)
class Printer:
    """What is printed beside what the person did. `username` is the bot's; `public_url`: where this installation's
    pages are (None: nowhere, then the QR code leads into the chat); `language`: that in which the person agreed."""

    programme: str
    username: str
    public_url: str | None
    language: str

    def addresses(self, code: str) -> tuple[str, str]:
        """Returns what the QR code opens, and where somebody can type the code."""
        if self.public_url is None:
            return link(self.username, LINK + code), f"t.me/{self.username}"
        page = f"{self.public_url}/v/{code}"
        return page, f"{self.public_url}/v/{shown(code)}".split("://", 1)[1]


def find_held(db: Session, person: Person, certificate_id: int) -> Certificate | None:
    """Returns a certificate of this person."""
    found = db.get(Certificate, certificate_id)
    return found if found is not None and found.person_id == person.id else None


def counting(db: Session, person: Person, kind: str, of: int) -> Certificate | None:
    """Returns the person's certificate of this class or wave (`of`: its number) that counts now."""
    query = select(Certificate).where(
        Certificate.person_id == person.id,
        Certificate.replaced_at.is_(None),
        Certificate.revoked_at.is_(None),
        Certificate.session_id == of if kind == CertificateKind.CLASS else Certificate.wave_id == of,
    )
    return db.scalars(query).one_or_none()


def issue(
    db: Session, person: Person, kind: str, of: int, name: str, now: datetime, *, content: Content, by: Printer
) -> Issued | HasIt | NotEarned:
    """Issues the certificate of a class or of a wave (`of`: its number), if the person can have it now. They agreed to
    the name as it is printed: that is logged as a consent."""
    known = counting(db, person, kind, of)
    if known is not None:
        return HasIt(known)
    found = standing(db, person, now, content=content)
    row = Certificate(person_id=person.id, kind=kind, name=name, template=NEWEST, issued_at=now, code=_free_code(db))
    session = next((one for one in found.classes if one.id == of), None) if kind == CertificateKind.CLASS else None
    wave = next((one for one in found.waves if one.wave.id == of and one.is_fulfilled), None)
    if session is not None:
        row.session_id, row.site_id = session.id, session.site_id
        facts = _facts_of_class(session, content, by, row.code)
    elif kind == CertificateKind.WAVE and wave is not None:
        row.wave_id, row.site_id = wave.wave.id, wave.wave.site_id
        facts = _facts_of_wave(wave, content, by, row.code)
    else:
        return NotEarned()
    row.facts = facts.as_json()
    db.add(row)
    _consent(db, person, content, by, now)
    db.flush()
    return Issued(row)


def _consent(db: Session, person: Person, content: Content, by: Printer, now: datetime) -> None:
    version = content.consent_version(Purpose.CERTIFICATE)
    record_consent(db, person, Purpose.CERTIFICATE, given=True, text_version=version, language=by.language, now=now)


def may_rename(db: Session, certificate: Certificate, now: datetime) -> bool:
    """Returns whether the holder may correct the name by themselves now."""
    if certificate.rename_allowed:
        return True
    line = _line_of(db, certificate)
    return len(line) - 1 < RENAMES and now - line[0].issued_at < RENAME_WITHIN


def rename(
    db: Session, person: Person, certificate_id: int, name: str, now: datetime, *, content: Content, by: Printer
) -> Issued | SameName | AskAdmin | NotFound:
    """Issues the certificate once more with this name and a new code; the old one says that it was replaced."""
    old = find_held(db, person, certificate_id)
    if old is None or old.replaced_at is not None or old.revoked_at is not None:
        return NotFound()
    if old.name == name:
        return SameName()
    if not may_rename(db, old, now):
        return AskAdmin()
    old.replaced_at = now
    db.flush()  # before the new one: only one of them counts
    code = _free_code(db)
    opens, address = by.addresses(code)
    row = Certificate(
        code=code,
        person_id=person.id,
        kind=old.kind,
        session_id=old.session_id,
        wave_id=old.wave_id,
        name=name,
        site_id=old.site_id,
        facts={**old.facts, "link": opens, "address": address},
        template=old.template,
        issued_at=now,
        replaces_id=old.id,
    )
    db.add(row)
    _consent(db, person, content, by, now)
    db.flush()
    return Issued(row)


def _line_of(db: Session, certificate: Certificate) -> list[Certificate]:
    """Returns the certificate and those it replaced, the first one first."""
    line = [certificate]
    while line[0].replaces_id is not None and len(line) <= RENAMES + 1:
        before = db.get(Certificate, line[0].replaces_id)
        if before is None:
            break
        line.insert(0, before)
    return line


def allow_rename(db: Session, certificate: Certificate) -> None:
    """Lets the holder correct the name once more, whatever was corrected before."""
    certificate.rename_allowed = True


def revoke(db: Session, certificate: Certificate, reason: Revoked, now: datetime) -> bool:
    """Revokes a certificate; False if it does not count anyway."""
    if certificate.revoked_at is not None or certificate.replaced_at is not None or certificate.erased_at is not None:
        return False
    certificate.revoked_at, certificate.reason = now, reason
    return True


def revoke_all(db: Session, person: Person, now: datetime) -> int:
    """Revokes all certificates of somebody who took back the consent to print their name. Returns how many."""
    result = db.execute(
        update(Certificate)
        .where(Certificate.person_id == person.id, Certificate.replaced_at.is_(None), Certificate.revoked_at.is_(None))
        .values(revoked_at=now, reason=Revoked.CONSENT)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def number_counting(db: Session, person: Person) -> int:
    """Returns how many certificates of the person count now."""
    query = select(func.count()).where(
        Certificate.person_id == person.id, Certificate.replaced_at.is_(None), Certificate.revoked_at.is_(None)
    )
    return db.scalar(query) or 0


# --- checked by its code ----------------------------------------------------------------------------------------------


def find(db: Session, code: str) -> Certificate | None:
    """Returns the certificate with this code, whatever became of it."""
    return db.scalars(select(Certificate).where(Certificate.code == code)).one_or_none()


def look_up(db: Session, account: Account, code: str | None, now: datetime) -> Certificate | NotFound | TooManyTries:
    """Returns the certificate with a code that came from this phone. Unknown ones are counted as wrong check-in codes
    are."""
    if audit.number_of(db, account, audit.CODE_REFUSED, since=now - TRIES_FORGET) >= TRIES:
        return TooManyTries()
    found = None if code is None else find(db, code)
    if found is None:
        audit.note(db, actor=account, action=audit.CODE_REFUSED, now=now, subject="certificate")
        return NotFound()
    return found


def no_longer_fits(db: Session, certificate: Certificate, now: datetime) -> bool:
    """Returns whether what is recorded of the class, or of the classes of the wave, says something else than the
    certificate now. Nothing follows from it by itself."""
    person = None if certificate.person_id is None else db.get(Person, certificate.person_id)
    if person is None:
        return False
    if certificate.wave_id is not None and certificate.facts.get("held"):
        wave, zone = db.get_one(CertificateWave, certificate.wave_id), ZoneInfo(certificate.facts["zone"])
        held = {one.id for one in classes_held(db, wave, now, zone)}
        came = {one.id for one in attended_classes(db, person, now)}
        return (len(held & came), len(held)) != (certificate.facts["attended"], certificate.facts["held"])
    if certificate.session_id is None:
        return False
    here = [one for one in past_classes(db, person, now) if one.session.id == certificate.session_id]
    return not here or here[0].presence is not Mark.PRESENT


def of_class(db: Session, session: ClassSession) -> Sequence[Certificate]:
    """Returns the certificates of a class that count now."""
    query = select(Certificate).where(
        Certificate.session_id == session.id,
        Certificate.replaced_at.is_(None),
        Certificate.revoked_at.is_(None),
        Certificate.erased_at.is_(None),
    )
    return db.scalars(query.order_by(Certificate.id)).all()


# --- what is printed --------------------------------------------------------------------------------------------------


def _free_code(db: Session) -> str:
    while True:
        code = new_code()
        if find(db, code) is None:
            return code


def _facts_of_class(session: ClassSession, content: Content, by: Printer, code: str) -> Facts:
    zone = content.open_hours(session.site_id).zone
    day = session.starts_at.astimezone(ZoneInfo(zone)).date().isoformat()
    return _facts(
        session.site_id, content, by, code,
        title=printable(session.title) or printable(by.programme),
        first=day, last=day, minutes=session.minutes, attended=0, held=0, lessons=0,
    )  # fmt: skip


def _facts_of_wave(standing: WaveStanding, content: Content, by: Printer, code: str) -> Facts:
    wave = standing.wave
    classes, lessons = standing.part("classes"), standing.part("lessons")
    read = lessons.done if lessons else 0
    return _facts(
        wave.site_id, content, by, code,
        title="", first=wave.first.isoformat(), last=wave.last.isoformat(),
        minutes=standing.minutes + read * int(wave.criteria.get("lesson_minutes", 0)),
        attended=classes.done if classes else 0, held=classes.of if classes else 0, lessons=read,
    )  # fmt: skip


def _facts(site_id: str, content: Content, by: Printer, code: str, **of: object) -> Facts:
    site = content.site(site_id)
    signer = content.programme.certificates.signed_by
    opens, address = by.addresses(code)
    place = site_id if site is None else ", ".join(part for part in (site.name, site.province) if part)
    return Facts(
        programme=printable(by.programme),
        site=printable(place),
        zone=content.open_hours(site_id).zone,
        signed=()
        if signer is None
        else tuple(filter(None, (printable(part or "") for part in (signer.name, signer.position)))),
        link=opens,
        address=address,
        **of,  # type: ignore[arg-type]
    )
