"""What the two of an appointment are told of it. Nobody's address or number stands in the outbox, and names are looked
up when they are sent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.actions.appointments import (
    BookTime,
    CannotCome,
    ComeToAppointment,
    GetAppointmentFile,
    SeeBooked,
    SeeDesk,
    SeeTimes,
    Why,
)
from bot.actions.buttons import HELP
from bot.delivery import outbox
from bot.delivery.outbox import OutboxRow, Status
from bot.people import namesakes
from bot.people.people import Account, Person, account_of
from bot.people.quiet_hours import Kind
from bot.programme.appointments.offering import next_times
from bot.programme.appointments.tables import Appointment, OffBy, Slot
from bot.programme.mentoring import called
from bot.words.message import At, Button, Message, Rows, Value, Words, rows

FIRST_TIMES: Final = 3
"""So many of the next free times somebody is offered with the word that theirs is off."""
MOST_LEADS: Final = 8
"""So many reminders an appointment has at most, as their names count them."""
REPLACED: Final = "replaced"


# --- words ------------------------------------------------------------------------------------------------------------


def facts(db: Session, appointment: Appointment) -> dict[str, Value]:
    """Returns what both are told: when, how, and with which mentor."""
    mentor = db.get(Account, appointment.account_id) if appointment.account_id is not None else None
    return {
        "starts": At(appointment.starts_at, appointment.zone),
        "minutes": int((appointment.ends_at - appointment.starts_at).total_seconds()) // 60,
        "how": how(appointment),
        "mentor": called(mentor) if mentor is not None else Words("mentoring.somebody"),
    }


def how(one: Appointment | Slot) -> Words:
    """Returns how the two meet; of an office, where it is."""
    if one.place is not None:
        return Words(f"appointments.how.{one.kind}_at", {"place": one.place})
    return Words(f"appointments.how.{one.kind}")


def who(db: Session, appointment: Appointment) -> Value:
    """Returns what to call the person to the mentor, told apart from namesakes."""
    person = db.get(Person, appointment.person_id) if appointment.person_id is not None else None
    return namesakes.called_at_site(db, person, appointment.zone) if person is not None else Words("appointments.left")


def coming_buttons(appointment: Appointment) -> Rows:
    """The answers to a reminder, and to the word that a mentor booked or moved it."""
    number, version = appointment.id, appointment.revision
    yes = Button("button.coming", ComeToAppointment(number, version))
    no = Button("button.not_coming", CannotCome(number, version))
    return rows((yes, no), (Button("appointments.button.calendar", GetAppointmentFile(number)), HELP))


def time_button(slot: Slot, zone: str, *, ticket: int = 0) -> Button:
    return Button("appointments.button.time", BookTime(slot.id, ticket), {"starts": At(slot.starts_at, zone)})


# --- to the person ----------------------------------------------------------------------------------------------------


def tell_person(
    db: Session, appointment: Appointment, what: str, message: Message, now: datetime, *, starts_at: datetime
) -> None:
    """Tells the person, once for each revision. `starts_at`: the time it is about, which decides about quiet hours."""
    person = db.get(Person, appointment.person_id) if appointment.person_id is not None else None
    account = account_of(db, person)
    if person is None or account is None or account.blocked_at is not None:
        return
    post = outbox.to(
        account, message, kind=Kind.APPOINTMENT, person_id=person.id, site_id=appointment.site_id,
        starts_at=starts_at, once=_once(appointment, what),
    )  # fmt: skip
    outbox.post(db, post, now=now)


def mentor_booked(db: Session, appointment: Appointment, now: datetime) -> None:
    """Tells the person of an appointment that a mentor booked for them."""
    message = Message("appointments.told_booked", facts(db, appointment), coming_buttons(appointment))
    tell_person(db, appointment, "person", message, now, starts_at=appointment.starts_at)


def mentor_moved(db: Session, appointment: Appointment, before: datetime, now: datetime) -> None:
    values = facts(db, appointment) | {"before": At(before, appointment.zone)}
    message = Message("appointments.told_moved", values, coming_buttons(appointment))
    tell_person(db, appointment, "person", message, now, starts_at=min(before, appointment.starts_at))


def mentor_cannot(db: Session, appointment: Appointment, why: Why | None, now: datetime) -> None:
    """Tells the person that the mentor cannot, and the next free times. `why` None: they are no mentor any more."""
    person = db.get(Person, appointment.person_id) if appointment.person_id is not None else None
    but = person.account_id if person is not None else None
    free = next_times(db, appointment.site_id, now, but=but)[:FIRST_TIMES]
    ticket = appointment.ticket_id or 0
    times = [(time_button(one, appointment.zone, ticket=ticket),) for one in free]
    calendar = Button("appointments.button.calendar_gone", GetAppointmentFile(appointment.id))
    others = (Button("appointments.button.others", SeeTimes(ticket)), calendar)
    values = facts(db, appointment)
    named: dict[str, Value] = {"mentor": values["mentor"]}
    reason = Words("appointments.why.role", named) if why is None else Words(f"appointments.why.{why}", named)
    values |= {"why": reason, "n": len(free)}
    key = "appointments.told_off" if free else "appointments.told_off_no_times"
    message = Message(key, values, rows(*times, others, (HELP,)))
    tell_person(db, appointment, "off", message, now, starts_at=appointment.starts_at)


def missed(db: Session, appointment: Appointment, now: datetime) -> None:
    """Tells the person kindly that they did not meet, and that another time can be found."""
    ways = (Button("appointments.button.others", SeeTimes(appointment.ticket_id or 0)), HELP)
    message = Message("appointments.told_missed", facts(db, appointment), rows(ways))
    tell_person(db, appointment, "missed", message, now, starts_at=appointment.starts_at)


# --- to the mentor ----------------------------------------------------------------------------------------------------


def tell_mentor(
    db: Session,
    appointment: Appointment,
    key: str,
    now: datetime,
    *,
    what: str,
    account: Account | None = None,
    not_before: datetime | None = None,
    buttons: Iterable[Iterable[Button]] = (),
    kind: Kind = Kind.APPOINTMENT,
    **values: Value,
) -> None:
    """Tells the mentor (or `account`, who was it before), once for each revision. As news of an appointment it comes at
    any hour of the day before it, else in the site's open hours."""
    account = account or (db.get(Account, appointment.account_id) if appointment.account_id is not None else None)
    if account is None or account.blocked_at is not None:
        return
    told = facts(db, appointment) | {"who": who(db, appointment)} | values
    ways = [tuple(one) for one in buttons] or [(Button("appointments.button.show", SeeBooked(appointment.id)),)]
    message = Message(key, told, rows(*ways), protected=True)
    post = outbox.to(
        account, message, kind=kind, site_id=appointment.site_id, starts_at=appointment.starts_at,
        once=_once(appointment, what), not_before=not_before,
    )  # fmt: skip
    outbox.post(db, post, now=now)


def person_moved(db: Session, appointment: Appointment, former: int | None, before: datetime, now: datetime) -> None:
    """Tells the mentor that the person moved it; if it is with another mentor now, both."""
    at = At(before, appointment.zone)
    if former != appointment.account_id and former is not None and (was := db.get(Account, former)) is not None:
        free = [(Button("appointments.button.desk", SeeDesk()),)]
        tell_mentor(
            db, appointment, "appointments.mentor_left", now, what="former", account=was, buttons=free, before=at
        )
        return tell_mentor(db, appointment, "appointments.mentor_booked", now, what="mentor")
    tell_mentor(db, appointment, "appointments.mentor_moved", now, what="mentor", before=at)


def person_cannot(db: Session, appointment: Appointment, now: datetime, *, not_before: datetime | None) -> None:
    tell_mentor(db, appointment, "appointments.mentor_off", now, what="mentor", not_before=not_before)


def person_gone(db: Session, appointment: Appointment, by: OffBy, now: datetime) -> None:
    """Tells the mentor that the person erased or froze their data. Nobody is named."""
    tell_mentor(db, appointment, f"appointments.mentor_{by}", now, what="mentor")


# --- what was said before ---------------------------------------------------------------------------------------------


def _once(appointment: Appointment, what: str) -> str:
    return f"appointment:{appointment.id}:{appointment.revision}:{what}"


def reminder_name(appointment: Appointment, number: int, to: str) -> str:
    """Returns under which name a reminder is said once: `number` counts the leads, `to` is person or mentor."""
    return _once(appointment, f"r{number}:{to}")


def drop_untold(db: Session, appointment: Appointment) -> None:
    """Drops what waits to be said of the appointment as it was before its last change: it is not true any more."""
    before = f"appointment:{appointment.id}:{appointment.revision - 1}:"
    names = [before + one for one in ("person", "off", "mentor", "former")]
    names += [f"{before}r{number}:{to}" for number in range(MOST_LEADS) for to in ("person", "mentor")]
    waiting = update(OutboxRow).where(OutboxRow.once.in_(names), OutboxRow.status == Status.WAITING)
    db.execute(waiting.values(status=Status.DROPPED, reason=REPLACED).execution_options(synchronize_session=False))
