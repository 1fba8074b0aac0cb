"""What is owed of the tables of certificates."""

from __future__ import annotations

from collections.abc import Mapping
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

PRINTED: Final[Mapping[str, str]] = {
    "programme": "program",
    "site": "tempat",
    "zone": "zona_waktu",
    "title": "judul",
    "first": "hari_pertama",
    "last": "hari_terakhir",
    "minutes": "menit",
    "attended": "kelas_dihadiri",
    "held": "kelas_diadakan",
    "lessons": "pelajaran_selesai",
    "signed": "ditandatangani",
    "link": "alamat_kode_qr",
    "address": "alamat_cek",
}
"""The names in the copy of what is printed (`facts.Facts`)."""


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
                "kode_sertifikat": shown(one.code),
                "jenis_sertifikat": one.kind,
                "nama_tertulis": one.name,
                "lokasi": one.site_id,
                "tertulis": _printed(one.facts),
                "terbit_pada": told(one.issued_at),
                "diganti_pada": told(one.replaced_at),
                "dicabut_pada": told(one.revoked_at),
                "alasan_dicabut": one.reason,
            }
            for one in mine
        ],
        "kabar_sertifikat": [{"tentang": one.what, "pada": told(one.at)} for one in db.scalars(news)],
    }


def _printed(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what is printed under the names of the copy; what is empty was not printed."""
    found = {PRINTED[key]: value for key, value in facts.items() if key in PRINTED and value not in ("", 0, [])}
    others = [str(value) for key, value in facts.items() if key not in PRINTED]
    return found | ({"tertulis_juga": others} if others else {})


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
