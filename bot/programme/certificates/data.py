"""What is owed of the tables of certificates."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot.capability import CapabilityData, Told
from bot.catalogue.content import Content
from bot.people.people import Person
from bot.programme.certificates.codes import shown
from bot.programme.certificates.tables import Certificate, CertificateNews, CertificateWave
from bot.programme.certificates.telling import due, next_due


def forget(db: Session, person: Person, now: datetime) -> None:
    """Leaves of each certificate its code and its moments: who checks it hears that it is no longer recorded."""
    db.execute(delete(CertificateNews).where(CertificateNews.person_id == person.id))
    db.execute(
        update(Certificate)
        .where(Certificate.person_id == person.id)
        .values(person_id=None, name="", facts={}, session_id=None, wave_id=None, reason=None, erased_at=now)
    )


def copy(db: Session, person: Person, content: Content, told: Told) -> dict[str, Any]:
    mine = db.scalars(select(Certificate).where(Certificate.person_id == person.id).order_by(Certificate.id))
    news = select(CertificateNews).where(CertificateNews.person_id == person.id).order_by(CertificateNews.at)
    return {
        "sertifikat": [
            {
                "kode": shown(one.code),
                "jenis": one.kind,
                "nama": one.name,
                "lokasi": one.site_id,
                "isi": {key: value for key, value in one.facts.items() if value not in ("", 0, [])},
                "terbit_pada": told(one.issued_at),
                "diganti_pada": told(one.replaced_at),
                "dicabut_pada": told(one.revoked_at),
                "alasan": one.reason,
            }
            for one in mine
        ],
        "kabar_sertifikat": [{"tentang": one.what, "pada": told(one.at)} for one in db.scalars(news)],
    }


DATA: Final = CapabilityData(
    "certificates",
    tables=(Certificate, CertificateWave, CertificateNews),
    due=due,
    next_due=next_due,
    forget=forget,
    copy=copy,
    stays={
        "certificate.code": "Whoever checks the paper hears that it is no longer recorded; a code tells of nobody.",
        "certificate_wave.site_id": "A wave of the programme, of nobody.",
        "certificate_wave.criteria": "What a wave asks for, of nobody.",
    },
)
