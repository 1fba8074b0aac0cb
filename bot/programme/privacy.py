"""People's own data: what they agreed to, what is kept about them, stopping messages, freezing, and erasing.

Erasing leaves the person as a row without a name, so that counts stay true. The consent log keeps what was agreed to
and when, without saying by whom. Somebody who never consented leaves no row at all.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from bot.capability import CapabilityData, Context
from bot.catalogue.content import Programme
from bot.delivery import outbox
from bot.delivery.outbox import OutboxRow, Status
from bot.people.people import (
    DIVIDED,
    PURPOSES,
    Account,
    ErasedBecause,
    Person,
    Purpose,
    RoleGrant,
    consent_of,
    consents_of,
    has_consented,
    persons_of,
    record_consent,
    switch_person,
)
from bot.people.quiet_hours import ENDED_BY_FREEZING, ENDED_BY_STOP, NEEDS_CONSENT, Kind
from bot.programme import certificates, enrolment, follow_up, openings
from bot.programme.sessions import ClassSession
from bot.words.action import version_of
from bot.words.message import At, Words
from bot.words.typed_text import cleaned

ZONE: Final = "Asia/Jakarta"
"""The zone in which dates are told that belong to no site."""
MONTH: Final = timedelta(days=30.5)
WITHDRAWN: Final = "consent withdrawn"
_BETWEEN: Final = (
    r"[\s:=.,-]*(?:(?:saya|aku|kami|dia|beliau|anda|bu|ibu|pak|bapak|tadi|baru|barusan|sekarang|ini|itu|adalah|yaitu"
    r"|nya|nomor|angka|kode|akun|atm|wa|whatsapp|bca|bri|bni|mandiri|dana|gopay|ovo"
    r"|shopee|tokopedia|facebook|instagram|my|is|the)\b[\s:=.,-]*){0,4}"
)
_CODES: Final = (
    # "OTP saya 482913", "kode verifikasi: 48-29-13"
    re.compile(
        r"\b(?:otp|cvv|cvc|kode (?:otp|verifikasi|rahasia|keamanan|masuk)|verification code|password|pasword|kata sandi"
        rf"|sandi)(?:nya|ku)?\b{_BETWEEN}\d(?:[ .-]?\d){{2,7}}(?!\d)",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?<!\d)\d{4,8}\s+(?:itu |ini |adalah |is )?(?:kode )?(?:otp|pin (?:saya|atm)|my pin)\b", re.IGNORECASE
    ),
    re.compile(
        rf"\b(?:password|pasword|kata sandi)(?:nya|ku)?\b{_BETWEEN}(?=\S*\d)(?=\S*[a-z])\S{{4,}}", re.IGNORECASE
    ),
)
_PIN: Final = re.compile(
    rf"\bpin(?P<own>ku|nya)?\b(?P<between>{_BETWEEN})(?P<digits>\d(?:\d{{3}}|\d{{5}}))(?!\d)(?P<after>.{{0,12}})",
    re.IGNORECASE | re.DOTALL,
)
"""A PIN has four or six digits. Pins are sold, too, and stand on maps."""
_PIN_OWNER: Final = re.compile(
    r"\b(?:saya|aku|kami|dia|beliau|bu|ibu|pak|bapak|my|atm|akun|wa|whatsapp|bca|bri|bni|mandiri|dana|gopay|ovo|shopee"
    r"|tokopedia|facebook|instagram)\b",
    re.IGNORECASE,
)
_PIN_PRICED: Final = re.compile(
    r"\s*(?:rupiah|ribu|rb|perak|biji|buah|pcs|lusin|an\b|saja per|per|untuk \d|/)", re.IGNORECASE
)
_PIN_SOLD: Final = re.compile(
    r"\b(?:harga(?:nya)?|jual(?:an)?|dijual|menjual|beli|pesan(?:an)?|order|bros|gantungan|enamel|peniti|produk|modal"
    r"|rp|peta|maps?|lokasi|titik|kode ?pos)\b[^.!?]{0,30}$",
    re.IGNORECASE,
)
_ROUND: Final = 500
"""What costs money costs a multiple of so many rupiah; as a PIN without an owner's name it is left to pass."""
_SECRET: Final = re.compile(r"(?<!\d)\d(?:[ ./_-]{0,3}\d){15}(?!\d)")


# --- outcomes -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stopped:
    """The phone gets no more messages. `seats`: the classes in which the people of this phone still have a seat;
    `version` changes with who has a seat in which class."""

    seats: tuple[ClassSession, ...]
    version: int


@dataclass(frozen=True)
class Erased:
    """The person is anonymous now. `successor`: the person this phone speaks as from now on; None: the account is gone,
    too."""

    successor: Person | None


@dataclass(frozen=True)
class Standing:
    """The state of one consent: None was never asked (or never answered)."""

    purpose: Purpose
    given: bool | None
    since: datetime | None


# --- decisions ------------------------------------------------------------------------------------------------------


def holds_secret_number(text: str) -> bool:
    """Returns whether the text has a 16-digit number, as on an identity card (NIK), a family card or a bank card."""
    return _SECRET.search(cleaned(text)) is not None


def holds_secret_code(text: str) -> bool:
    """Returns whether the text tells a code that is for nobody else: an OTP, a PIN, a password."""
    words = cleaned(text)
    return any(pattern.search(words) for pattern in _CODES) or any(_is_pin(one, words) for one in _PIN.finditer(words))


def _is_pin(found: re.Match[str], words: str) -> bool:
    """Whether the number after "pin" is a secret, and no price of a pin or place on a map: a number that names its
    owner or its account always is."""
    if _PIN_PRICED.match(found["after"]):
        return False
    sold, round_ = _PIN_SOLD.search(words[: found.start()]), int(found["digits"]) % _ROUND == 0
    if found["own"] == "ku" or _PIN_OWNER.search(found["between"]):
        return not (sold and round_)
    return not (sold or round_)


def noon(day: date) -> datetime:
    """Returns a moment for a day without an hour: noon in ZONE, which is the same day all over the country."""
    return datetime.combine(day, time(12), ZoneInfo(ZONE)).astimezone(UTC)


def kept_until(programme: Programme) -> Words:
    """Returns how long data are kept, as the notice and consent 1 tell it: a date, or months after the last class."""
    if programme.kept_until is None:
        return Words("registration.kept.months", {"n": programme.retention.profile_months})
    return Words("registration.kept.date", {"date": At(noon(programme.kept_until), ZONE)})


# --- consents -------------------------------------------------------------------------------------------------------


def consents_now(db: Session, person: Person) -> list[Standing]:
    """Returns each consent with the answer that counts now, and since when."""
    log = consents_of(db, person)
    standing = []
    asked = consent_of(person, Purpose.CERTIFICATE) is not None
    for purpose in (*PURPOSES, Purpose.CERTIFICATE) if asked else PURPOSES:
        given = consent_of(person, purpose)
        # of consent 1 a no to a newer version may be the last word: the yes before it stands
        said = [one for one in log if one.purpose in heard_for(purpose) and one.given is given]
        standing.append(Standing(purpose, given if said else None, said[-1].at if said else None))
    return standing


def answer_consent(
    db: Session, person: Person, purpose: Purpose, *, given: bool, text_version: str, language: str, now: datetime
) -> bool:
    """Records a yes or a no; returns False if that was the answer already (a second tap). A no drops at once the
    messages that wait and need the yes."""
    meant = DIVIDED if purpose is Purpose.MESSAGES else (purpose,)
    if all(consent_of(person, one) is given for one in meant):
        before = [one for one in consents_of(db, person) if one.purpose in heard_for(purpose)]
        if not given or not before or before[-1].text_version == text_version:
            return False
    record_consent(db, person, purpose, given=given, text_version=text_version, language=language, now=now)
    if not given:
        for one in meant:
            _drop_what_rested_on(db, person, one)
        if purpose is Purpose.CERTIFICATE:
            certificates.revoke_all(db, person, now)
    elif purpose is Purpose.FOLLOW_UP:
        follow_up.agreed(db, person, now)
    return True


def heard_for(purpose: Purpose) -> tuple[Purpose, ...]:
    """Returns the purposes under which answers to this consent stand in the log: consents 2a and 2b were once asked as
    one (MESSAGES)."""
    return (purpose, Purpose.MESSAGES) if purpose in DIVIDED else (purpose,)


def _drop_what_rested_on(db: Session, person: Person, purpose: Purpose) -> None:
    kinds = [kind for kind, needed in NEEDS_CONSENT.items() if needed == purpose]
    if purpose is Purpose.LESSONS:
        outbox.drop_waiting(db, WITHDRAWN, kinds=kinds, person_id=person.id, about_class=False)
    elif kinds:
        outbox.drop_waiting(db, WITHDRAWN, kinds=kinds, person_id=person.id)
    if purpose is Purpose.REMINDERS:
        outbox.drop_waiting(db, WITHDRAWN, kinds=(Kind.LESSON,), person_id=person.id, about_class=True)


# --- stopping -------------------------------------------------------------------------------------------------------


def stop(db: Session, account: Account, now: datetime) -> Stopped:
    """Stops messages to this phone from this moment: leaves the waitlists of its people and drops what waits to be
    sent. Their seats stay."""
    account.stopped_at = account.stopped_at or now
    for person in persons_of(db, account):
        enrolment.leave_waitlists(db, person, now)
        openings.drop_all(db, person)
    outbox.drop_waiting(db, "stopped", kinds=ENDED_BY_STOP, account_id=account.id)
    return seats_held(db, account, now)


def seats_held(db: Session, account: Account, now: datetime) -> Stopped:
    """Returns the seats that the people of this phone have now."""
    held = [(one.id, session) for one in persons_of(db, account) for session in enrolment.held(db, one, now)]
    seats = {session.id: session for _, session in held}
    return Stopped(
        tuple(sorted(seats.values(), key=lambda session: (session.starts_at, session.id))),
        version_of(sorted((person, session.id) for person, session in held)),
    )


def may_stop_alone(person: Person | None) -> tuple[Purpose, ...]:
    """Returns which of reminders and lessons the person can stop while the other goes on: both if they agreed to both,
    else none."""
    both = person is not None and all(has_consented(person, one) for one in DIVIDED)
    return DIVIDED if both else ()


def restart(account: Account) -> None:
    """Lets messages come again. Places on waitlists that were left do not come back."""
    account.stopped_at = None


def give_seats_back(db: Session, account: Account, now: datetime) -> int:
    """Gives back the seats of everybody on this phone. Returns how many."""
    return sum(enrolment.withdraw_all(db, person, now) for person in persons_of(db, account))


# --- freezing -------------------------------------------------------------------------------------------------------


def seats_of(db: Session, person: Person, now: datetime) -> Stopped:
    """Returns the seats that this person alone has now."""
    held = sorted(enrolment.held(db, person, now), key=lambda session: (session.starts_at, session.id))
    return Stopped(tuple(held), version_of(person.id, [session.id for session in held]))


def freeze(
    db: Session, person: Person, now: datetime, capabilities: Sequence[CapabilityData], *, leave_seats: bool
) -> None:
    """Freezes the person's data (UU PDP 11): from now on they get no messages and are in no counts. Waitlists are left,
    and with `leave_seats` seats are given back, too; a person who keeps a seat still hears that the class moves or is
    cancelled. Does nothing where the data are frozen already."""
    if person.frozen_at is not None:
        return
    enrolment.leave_waitlists(db, person, now)
    if leave_seats:
        enrolment.withdraw_all(db, person, now)
    for capability in capabilities:
        if capability.freeze is not None:
            capability.freeze(db, person, now)
    person.frozen_at = now
    outbox.drop_waiting(db, "frozen", kinds=ENDED_BY_FREEZING, person_id=person.id)


def unfreeze(person: Person) -> bool:
    """Ends the freezing of the person's data; returns False if they were not frozen."""
    was_frozen, person.frozen_at = person.frozen_at is not None, None
    return was_frozen


# --- seeing ---------------------------------------------------------------------------------------------------------


def copy_of(db: Session, person: Person, *, context: Context, now: datetime) -> dict[str, Any]:
    """Returns everything that is kept about the person, for a file of their own. Moments are told in the zone of the
    person's site. Raises ValueError if two capabilities name a section alike."""
    zone = ZoneInfo(context.content.open_hours(person.site_id).zone)

    def told(moment: datetime | None) -> str | None:
        return moment.astimezone(zone).isoformat(timespec="seconds") if moment else None

    copy: dict[str, Any] = {"dibuat_pada": told(now)}
    for capability in context.capabilities:
        if capability.copy is not None:
            sections = capability.copy(db, person, context.content, told)
            if twice := copy.keys() & sections.keys():
                raise ValueError(f"{capability.name} would replace sections of the copy: {sorted(twice)}")
            copy |= sections
    return copy


# --- leaving --------------------------------------------------------------------------------------------------------


def is_last(db: Session, account: Account) -> bool:
    """Whether the phone has at most one person, with whom the account would go."""
    return len(persons_of(db, account)) <= 1


def forget_account(db: Session, account: Account) -> bool:
    """Deletes the account of somebody who never consented: no row with their Telegram id stays. False if somebody on
    this phone did consent, or staff use it: then nothing is forgotten."""
    if persons_of(db, account) or db.scalar(select(RoleGrant.id).where(RoleGrant.account_id == account.id).limit(1)):
        return False
    _delete_account(db, account)
    return True


def erase(
    db: Session,
    account: Account | None,
    person: Person,
    now: datetime,
    capabilities: Sequence[CapabilityData],
    *,
    because: ErasedBecause = ErasedBecause.WISH,
) -> Erased:
    """Erases a person's data. Every capability forgets the person, and the messages said in the person's chat are
    emptied; `because` is kept with the anonymous row that is left.

    If nobody else uses the phone, the account is deleted, too. Otherwise the account goes on for the others; if it
    spoke as the erased person, it speaks as another of them from now on, registered people first. `account` is None for
    a walk-in, who has no phone.
    """
    # in the order opposite to that of the copy: who the person is goes last, because the others may have to look
    for capability in reversed(capabilities):
        if capability.forget is not None:
            capability.forget(db, person, now)
    person.erased_because = because
    if account is None:
        db.flush()
        return Erased(None)
    current = account.current_person_id
    if current == person.id:
        account.person = None
    db.flush()
    others = persons_of(db, account)
    if not others:
        _delete_account(db, account)
        return Erased(None)
    # what was said to the others in this chat may hold the name as well (the list of who is on the phone)
    db.execute(update(OutboxRow).where(OutboxRow.account_id == account.id, _not_waiting()).values(message=None))
    if current != person.id:
        return Erased(account.person)
    others.sort(key=lambda other: other.registered_at is None)
    return Erased(switch_person(db, account, others[0].id))


def _not_waiting() -> ColumnElement[bool]:
    """Selects messages that do not wait any more, those that are just being sent included: the sender does not read
    their rows again."""
    return OutboxRow.status != Status.WAITING


def _delete_account(db: Session, account: Account) -> None:
    db.execute(delete(OutboxRow).where(OutboxRow.account_id == account.id))
    db.delete(account)
    db.flush()


# --- what it owes -----------------------------------------------------------------------------------------------------


DATA: Final = CapabilityData("privacy")
