"""People are told that they can have a certificate: after their first class, and when they have done what a wave asks
for. Each is told once; nobody is told because the bot was upgraded, started or restored, or because the rules
changed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import exists, func, literal, select
from sqlalchemy.orm import Session

from bot.actions.buttons import only_these
from bot.actions.certificates import AskCertificate, SeeCertificates
from bot.capability import Context
from bot.catalogue.content import Content
from bot.catalogue.programme_files import Wave
from bot.database import insert_or
from bot.delivery import outbox
from bot.people.people import Account, Person, Purpose, agreed_to
from bot.people.quiet_hours import Kind, next_opening
from bot.programme import attendance
from bot.programme.attendance import Attendance, AttendanceSheet, Mark
from bot.programme.certificates.standing import midnight, over_at, wave_standing
from bot.programme.certificates.tables import Certificate, CertificateNews, CertificateWave
from bot.programme.sessions import ClassSession
from bot.words.message import Button, Message, rows

CLASS: Final = "class"
"""What CertificateNews calls the first class."""
USEFUL: Final = timedelta(days=7)
"""How long the message may wait to be sent; people find their certificates in the menu at any time."""
AT_ONCE: Final = 100
"""People of a wave who are looked at in one transaction; the tick is asked again at once for the rest."""


def due(db: Session, now: datetime, context: Context) -> None:
    _fix_waves(db, now, context.content)
    for sheet in attendance.sheets_due(db, AttendanceSheet.certificates_at, now):
        sheet.certificates_at = None
        _tell_class(db, sheet.session_id, now)
    waves = (
        select(CertificateWave)
        .where(CertificateWave.tell_at.is_not(None), CertificateWave.tell_at <= now)
        .order_by(CertificateWave.id)
    )
    for wave in db.scalars(waves.with_for_update(skip_locked=True)).all():
        _tell_wave(db, wave, now, context.content)


def next_due(db: Session, now: datetime, context: Context) -> datetime | None:
    moments = [midnight(wave.first, _zone(wave, context.content)) for wave in _not_fixed(db, context.content)]
    sheets = select(func.min(AttendanceSheet.certificates_at)).where(AttendanceSheet.certificates_at.is_not(None))
    moments += [one for one in (db.scalar(sheets), _next_wave(db)) if one is not None]
    return min(moments, default=None)


def _next_wave(db: Session) -> datetime | None:
    return db.scalar(select(func.min(CertificateWave.tell_at)).where(CertificateWave.tell_at.is_not(None)))


# --- waves ------------------------------------------------------------------------------------------------------------


def _zone(wave: Wave, content: Content) -> ZoneInfo:
    return ZoneInfo(content.open_hours(wave.site).zone)


def _not_fixed(db: Session, content: Content) -> list[Wave]:
    """Returns the waves of content/ that have no row yet."""
    waves = content.programme.waves
    if not waves:
        return []
    rows = db.execute(select(CertificateWave.site_id, CertificateWave.first))
    known = {(site_id, first) for site_id, first in rows}
    return [wave for wave in waves if (wave.site, wave.first) not in known]


def _fix_waves(db: Session, now: datetime, content: Content) -> None:
    """Keeps what each wave that has begun asks for, as it stands in content/ now. Of one that was over before anybody
    heard of it nobody is told; what its people can have stands in the menu."""
    for wave in _not_fixed(db, content):
        zone = _zone(wave, content)
        if now < midnight(wave.first, zone):
            continue
        over = over_at(wave.last, zone)
        tell_at = next_opening(content.open_hours(wave.site), over) if now < over else None
        certificates = content.programme.certificates
        row = insert_or(db, CertificateWave).values(
            site_id=wave.site, first=wave.first, last=wave.last, fixed_at=now, tell_at=tell_at,
            criteria=certificates.completion.model_dump() | {"lesson_minutes": certificates.lesson_minutes},
            told_up_to=0,
        )  # fmt: skip
        db.execute(row.on_conflict_do_nothing())


def _tell_wave(db: Session, wave: CertificateWave, now: datetime, content: Content) -> None:
    """Looks at the next people of the site, and tells those who have done everything."""
    query = (
        select(Person, Account)
        .join(Account, Account.id == Person.account_id)
        .where(Person.site_id == wave.site_id, Person.id > wave.told_up_to)
        .where(Person.registered_at.is_not(None), Person.consent_training, agreed_to(Purpose.LESSONS))
        .where(Account.stopped_at.is_(None), Account.blocked_at.is_(None))
        .order_by(Person.id)
        .limit(AT_ONCE)
    )
    found = db.execute(query).unique().all()
    for person, account in found:
        wave.told_up_to = person.id
        if wave_standing(db, person, wave, now, content=content).is_fulfilled:
            news = earned(db, person, wave, now)
            if news is not None:
                post = outbox.to(
                    account, news, kind=Kind.LESSON, person_id=person.id, site_id=wave.site_id,
                    once=f"certificate:w{wave.id}:{person.id}", not_after=now + USEFUL,
                )  # fmt: skip
                outbox.post(db, post, now=now)
    if len(found) < AT_ONCE:
        wave.tell_at = None


def earned(db: Session, person: Person, wave: CertificateWave, now: datetime) -> Message | None:
    """Returns what tells the person that they completed the wave, and notes that they were told; None: they were told
    already, or have the certificate."""
    has = select(Certificate.id).where(Certificate.person_id == person.id, Certificate.wave_id == wave.id).limit(1)
    if db.scalar(has) is not None or not _note(db, person, f"wave:{wave.id}", now):
        return None
    take = Button("certificates.button.take", AskCertificate("wave", wave.id, person=person.id))
    return Message("certificates.earned_wave", {}, rows([take], only_these([Purpose.LESSONS])))


def earned_since(db: Session, person: Person, now: datetime, *, content: Content) -> Message | None:
    """Returns what tells the person that what they just did completes a wave of theirs that is over; None: it does
    not."""
    if person.site_id is None:
        return None
    for wave in db.scalars(select(CertificateWave).where(CertificateWave.site_id == person.site_id)):
        if wave.tell_at is None and wave_standing(db, person, wave, now, content=content).is_fulfilled:
            news = earned(db, person, wave, now)
            if news is not None:
                return news
    return None


def _note(db: Session, person: Person, what: str, now: datetime) -> bool:
    """Notes that the person was told; False if they were already."""
    if db.get(CertificateNews, (person.id, what)) is not None:
        return False
    db.add(CertificateNews(person_id=person.id, what=what, at=now))
    db.flush()
    return True


# --- classes ----------------------------------------------------------------------------------------------------------


def _tell_class(db: Session, session_id: int, now: datetime) -> None:
    """Tells whoever was in this class and never heard of certificates, with a handful of statements."""
    session = db.get(ClassSession, session_id)
    if session is None or session.cancelled_at is not None:
        return
    new = (
        exists()
        .where(Attendance.session_id == session.id, Attendance.person_id == Person.id)
        .where(Attendance.mark == Mark.PRESENT),
        ~exists().where(CertificateNews.person_id == Person.id, CertificateNews.what == CLASS),
        ~exists().where(Certificate.person_id == Person.id),
        Person.consent_training,
        Person.registered_at.is_not(None),
        agreed_to(Purpose.LESSONS),
        Account.stopped_at.is_(None),
        Account.blocked_at.is_(None),
    )
    audience = outbox.recipients().where(*new)
    see = Button("certificates.button.list", SeeCertificates())
    buttons = rows([see], only_these([Purpose.LESSONS]))
    outbox.post_to_many(
        db, audience, Message("certificates.earned_class", {"title": session.title}, buttons),
        kind=Kind.LESSON, once=f"certificate:{CLASS}", now=now, site_id=session.site_id, session_id=session.id,
        not_after=now + USEFUL,
    )  # fmt: skip
    told = select(Person.id, literal(CLASS), literal(now, CertificateNews.at.type)).join(
        Account, Account.id == Person.account_id
    )
    db.execute(
        insert_or(db, CertificateNews)
        .from_select(["person_id", "what", "at"], told.where(*new))
        .on_conflict_do_nothing()
    )
