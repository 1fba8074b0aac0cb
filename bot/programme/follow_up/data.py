"""What the follow-up owes: how a person's answers are forgotten and copied."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.capability import CapabilityData, Told
from bot.catalogue.content import Content
from bot.people.people import Person
from bot.programme.follow_up.rounds import due, next_due
from bot.programme.follow_up.tables import AboutPerson, FollowUpRound, Outcome, Practice

TABLES: Final = (FollowUpRound, Practice, Outcome, AboutPerson)


def forget(db: Session, person: Person, now: datetime) -> None:
    """Deletes all of it: no figure is made of it any more."""
    for table in TABLES:
        db.execute(delete(table).where(table.person_id == person.id))


def copy(db: Session, person: Person, content: Content, told: Told) -> dict[str, Any]:
    """Returns every answer and every question that came or comes."""
    rounds = select(FollowUpRound).where(FollowUpRound.person_id == person.id).order_by(FollowUpRound.counted_from)
    practices = select(Practice).where(Practice.person_id == person.id).order_by(Practice.id)
    outcomes = select(Outcome).where(Outcome.person_id == person.id).order_by(Outcome.at, Outcome.key)
    about = db.get(AboutPerson, person.id)
    return {
        "survei_lanjutan": [
            {
                "putaran": one.kind,
                "lokasi": one.site_id,
                "dihitung_sejak": told(one.counted_from),
                "berikutnya": told(one.due_at),
                "ditanya_pada": told(one.asked_at),
                "sampai_pada": told(one.reached_at),
                "diingatkan_pada": told(one.reminded_at),
                "mulai_dijawab": told(one.answered_at),
                "dijawab_dari_3": one.parts,
                "kali_dibuka": one.version,
                "selesai_dijawab": told(one.done_at),
                "berakhir": told(one.ended_at),
                "alasan_berakhir": one.ended_because,
            }
            for one in db.scalars(rounds)
        ],
        "praktik_usaha": [
            {
                "praktik": one.code,
                "keadaan": one.state,
                "kata": one.source,
                "putaran": one.round,
                "pada": told(one.at),
            }
            for one in db.scalars(practices)
        ],
        "hasil_usaha": [
            {"putaran": one.round, "tentang": one.key, "jawaban": one.value, "pada": told(one.at)}
            for one in db.scalars(outcomes)
        ],
        "tentang_peserta": about
        and {
            "jenis_kelamin": about.sex,
            "umur": about.age_band,
            "ditanya_pada": told(about.asked_at),
            "usaha_tutup_pada": told(about.closed_at),
        },
    }


DATA: Final = CapabilityData("follow_up", tables=TABLES, due=due, next_due=next_due, forget=forget, copy=copy)
