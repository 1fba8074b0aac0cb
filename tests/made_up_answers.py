"""Made-up people of a site who answered the rounds, for tests of what is printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.people.people import Person
from bot.programme.attendance import AttendanceSheet
from bot.programme.enrolment import Enrolment, EnrolmentStatus
from bot.programme.follow_up import AboutPerson, Ended, FollowUpRound, Outcome, Practice
from bot.programme.sessions import ClassSession

CORE = ("nib", "qris", "shop", "books")


def answered(
    db: Session,
    site: str,
    number: int,
    at: datetime,
    *,
    first: Mapping[str, int],
    last: Mapping[str, int] | None = None,
    later: str = "d30",
    orders: Mapping[str, int] | None = None,
    sector: str = "kuliner",
    sexes: Sequence[str] = (),
) -> list[int]:
    """So many people answered the first round; `first`: how many of them said yes to each practice; `last`: in the
    later round. Without `last` they were asked again, and fell silent."""
    said = [value for value, times in (orders or {}).items() for _ in range(times)]
    ids = []
    for place in range(number):
        person = Person(
            name=f"Peserta {place}", salutation="ibu", site_id=site, sector=sector,
            registered_at=at, consent_training=True,
        )  # fmt: skip
        db.add(person)
        db.flush()
        ids.append(person.id)
        if sexes:
            db.add(AboutPerson(person_id=person.id, sex=sexes[place % len(sexes)], age_band="25-34"))
        for kind, yes, moment in (("d0", first, at), (later, last, at + timedelta(days=30))):
            spoke = yes is not None
            db.add(
                FollowUpRound(
                    person_id=person.id, kind=kind, site_id=site, counted_from=at, asked_at=moment, reached_at=moment,
                    answered_at=moment if spoke else None, parts=3 if spoke else 0, version=1,
                    done_at=moment if spoke else None, ended_at=moment + timedelta(days=1),
                    ended_because=Ended.DONE if spoke else Ended.SILENT,
                )
            )  # fmt: skip
            for code, times in (yes or {}).items():
                state = "yes" if place < times else "no"
                db.add(Practice(person_id=person.id, code=code, state=state, at=moment, source="self", round=kind))
        if place < len(said):
            db.add(
                Outcome(person_id=person.id, round=later, key="orders", value=said[place], at=at + timedelta(days=30))
            )
    return ids


def class_held(
    db: Session, code: str, site: str, starts: datetime, came: Sequence[int], missed: Sequence[int] = ()
) -> None:
    """A class whose list is closed."""
    session = ClassSession(
        code=code, site_id=site, title="Foto Produk", starts_at=starts, minutes=120, capacity=25, seats_taken=0,
        venue="Balai desa", changed_at=starts,
    )  # fmt: skip
    db.add(session)
    db.flush()
    for ids, status in ((came, EnrolmentStatus.ATTENDED), (missed, EnrolmentStatus.ABSENT)):
        for person_id in ids:
            facts = {"session_id": session.id, "person_id": person_id, "status": status}
            db.add(Enrolment(**facts, created_at=starts, changed_at=starts))
    db.add(AttendanceSheet(session_id=session.id, secret="00" * 32, settled_at=starts, looked_at=starts))
