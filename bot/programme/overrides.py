"""Settings made in the chat: kept in the database, laid over content/ in every process.

A row says who set what, and when; its version rises with every change, so that a confirmation tells which value it
replaces. Taking a setting back empties its row. How the values lie over the files: `bot.catalogue.overriding`.
"""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import BigInteger, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.capability import CapabilityData
from bot.catalogue.content import Content
from bot.catalogue.overriding import Override, can_open, in_force, overridden, value_of
from bot.database import Base, something_due
from bot.overridable import EVERYWHERE, OF_TIME, What
from bot.people.people import Account
from bot.programme.sessions import ClassSession, SessionLead

log = structlog.get_logger("settings")

LOOK_SECONDS: Final = 5.0
"""How often a process that handles no updates looks whether a setting was changed. Turns and ticks always look."""


NAMES: Final = {
    What.NAME: "name",
    What.PIN: "pin",
    What.ACTIVE: "active",
    What.CONTACT: "contact",
    What.SEATS: "capacity",
    What.HOURS: "open",
    What.HOLIDAYS: "holidays",
    What.LEADS: "leads (minutes)",
}
"""What the settings are called in content/."""


class OverrideRow(Base):
    """A setting of one site or of all, as an admin set it last; empty once it was taken back."""

    __tablename__ = "override"

    what: Mapped[str] = mapped_column(String(8), primary_key=True)
    site_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    """Empty for all sites."""
    value: Mapped[dict[str, Any]]
    """The value under `value`; nothing: what stands in the files holds."""
    version: Mapped[int]
    set_by: Mapped[int | None] = mapped_column(BigInteger)
    """The account. Not a foreign key: what holds does not end with it."""
    set_at: Mapped[datetime]


@dataclass(frozen=True)
class Saved:
    """It holds from now on. `classes`: whose reminders were given other moments."""

    content: Content
    classes: int


@dataclass(frozen=True)
class ChangedMeanwhile:
    """Somebody else changed it after it was shown: nothing was saved."""

    row: OverrideRow


@dataclass(frozen=True)
class NeverOpen:
    """Some site would be closed for weeks: nothing was saved."""


# --- services -------------------------------------------------------------------------------------------------------


def everything(db: Session) -> tuple[Override, ...]:
    """Returns the settings that hold in place of the files' own."""
    return tuple(Override(What(row.what), row.site_id, row.value["value"]) for row in _rows_in_force(db))


def _rows_in_force(db: Session) -> list[OverrideRow]:
    """Returns the rows that hold, in order; none of a setting that this version of the bot does not know."""
    rows = db.scalars(select(OverrideRow).order_by(OverrideRow.what, OverrideRow.site_id))
    return [row for row in rows if row.what in {*What} and holds(row)]


def row_of(db: Session, what: What, site: str, *, lock: bool = False) -> OverrideRow | None:
    query = select(OverrideRow).where(OverrideRow.what == what, OverrideRow.site_id == site)
    return db.scalars(query.with_for_update() if lock else query).one_or_none()


def version_of_row(row: OverrideRow | None) -> int:
    """Returns the version of a setting; 0: it was never made in the chat."""
    return row.version if row is not None else 0


def holds(row: OverrideRow | None) -> bool:
    """Whether the row holds in place of the file's value."""
    return row is not None and "value" in row.value


def content_now(db: Session, content: Content) -> Content:
    """Returns content with the settings as they are in this transaction."""
    return in_force(content.written, everything(db))[0]


def preview(db: Session, content: Content, what: What, site: str, value: Any) -> Content | None:
    """Returns content as it would be with this value (None: with the file's); None if some site would never open."""
    others = [one for one in everything(db) if (one.what, one.site) != (what, site)]
    found = overridden(content.written, others if value is None else [*others, Override(what, site, value)])
    return None if what in OF_TIME and not can_open(found) else found


def save(
    db: Session,
    what: What,
    site: str,
    value: Any,
    now: datetime,
    *,
    replaces: int,
    account: Account,
    content: Content,
) -> Saved | ChangedMeanwhile | NeverOpen:
    """Makes the setting, or takes it back (`value` None). `replaces`: the version that was shown."""
    row = row_of(db, what, site, lock=True)
    if row is not None and row.version != replaces:
        return ChangedMeanwhile(row)
    before = content_now(db, content)
    if preview(db, content, what, site, value) is None:
        return NeverOpen()
    if row is None:
        row = OverrideRow(what=what, site_id=site, version=0)
        db.add(row)
    row.value = {} if value is None else {"value": value}
    row.version += 1
    row.set_by, row.set_at = account.id, now
    db.flush()
    found = content_now(db, content)
    classes = _redate(db, what, before, found, now)
    something_due(db)  # other processes look at once
    return Saved(found, classes)


_MARK: Final = select(func.coalesce(func.sum(OverrideRow.version), 0))
"""Made once: every batch of turns asks it."""


def mark(db: Session) -> int:
    """Returns a number that rises with every change of a setting."""
    return db.scalar(_MARK) or 0


def lines_about(db: Session, content: Content) -> list[str]:
    """Returns a line for each setting that holds in place of the files' own, for whoever runs the bot: what, of which
    site, the value, that of the files, since when (UTC) and by which account."""
    lines = []
    for row in _rows_in_force(db):
        what = What(row.what)
        where = row.site_id or "all sites"
        file = value_of(content.written, what, row.site_id)
        since = f"{row.set_at:%Y-%m-%d %H:%M} UTC, account {row.set_by}"
        value = json.dumps(row.value["value"])
        lines.append(f"set in the chat: {NAMES[what]} of {where}: {value} (content/: {json.dumps(file)}; {since})")
        if row.site_id and content.site(row.site_id) is None:
            lines[-1] += ": no such site in content/sites.yaml, so it changes nothing"
    return lines


# --- what is planned already ------------------------------------------------------------------------------------------


def classes_of(db: Session, site: str, now: datetime) -> list[ClassSession]:
    """Returns the classes to come at the site, or at all, the next one first."""
    query = select(ClassSession).where(ClassSession.starts_at > now, ClassSession.cancelled_at.is_(None))
    if site != EVERYWHERE:
        query = query.where(ClassSession.site_id == site)
    return list(db.scalars(query.order_by(ClassSession.starts_at, ClassSession.id)))


def _redate(db: Session, what: What, before: Content, after: Content, now: datetime) -> int:
    """Gives the reminders of classes to come the moments that hold now. Returns of how many classes any changed.

    With other leads, moments ahead are new, and those that have passed count as done. With other hours or holidays, a
    reminder that was held for an opening is due again at its own moment: it is sent or held by what holds now.
    """
    if what not in (What.LEADS, *OF_TIME):
        return 0
    sites = {
        site.id
        for site in after.sites
        if before.leads(site.id) != after.leads(site.id) or before.open_hours(site.id) != after.open_hours(site.id)
    }
    coming = [one for one in classes_of(db, EVERYWHERE, now) if one.site_id in sites]
    leads: dict[int, list[SessionLead]] = defaultdict(list)
    ids = [one.id for one in coming]
    for lead in db.scalars(select(SessionLead).where(SessionLead.session_id.in_(ids))):
        leads[lead.session_id].append(lead)
    changed = {one.id for one in coming if what is What.LEADS and _dated(db, one, leads[one.id], after, now)}
    changed |= {one.id for one in coming if what in OF_TIME and _let_go(one, leads[one.id])}
    db.flush()
    return len(changed)


def _dated(db: Session, session: ClassSession, known: Iterable[SessionLead], content: Content, now: datetime) -> bool:
    wanted: Collection[int] = content.leads(session.site_id)
    there = {lead.lead_minutes: lead for lead in known}
    for minutes in set(wanted) - set(there):
        due = session.starts_at - timedelta(minutes=minutes)
        done = None if due > now else now
        db.add(SessionLead(session_id=session.id, lead_minutes=minutes, due_at=due, done_at=done))
    for minutes in set(there) - set(wanted):
        db.delete(there[minutes])
    return set(there) != set(wanted)


def _let_go(session: ClassSession, leads: Iterable[SessionLead]) -> bool:
    held = False
    for lead in leads:
        due = session.starts_at - timedelta(minutes=lead.lead_minutes)
        if lead.done_at is None and lead.due_at != due:
            lead.due_at, held = due, True
    return held


# --- in every process -------------------------------------------------------------------------------------------------


class InForce:
    """Content as it holds in this process: the files with the settings of the database over them."""

    def __init__(self, files: Content) -> None:
        self.content = files
        self._overrides: tuple[Override, ...] = ()
        self._mark = 0
        self._lock = threading.Lock()

    def use(self, files: Content) -> None:
        """Takes files that were read again; the settings of the database lie over them as before."""
        with self._lock:
            self._lay_over(files)

    def look(self, db: Session) -> bool:
        """Takes over what was set since the last look, by whichever process. Returns whether anything was."""
        if db.info.get(InForce) is self:  # a look at what is due asks once for each capability, in one transaction
            return False
        db.info[InForce] = self
        now = mark(db)
        if now == self._mark:
            return False
        with self._lock:
            if now <= self._mark:  # another thread has seen more
                return False
            self._overrides, self._mark = everything(db), now
            self._lay_over(self.content.written)
        return True

    def _lay_over(self, files: Content) -> None:
        self.content, whole = in_force(files, self._overrides)
        if not whole:
            log.error("hours and holidays set in the chat do not fit content", n=len(self._overrides))


# --- what it owes -----------------------------------------------------------------------------------------------------


DATA: Final = CapabilityData(
    "overrides",
    tables=(OverrideRow,),
    stays={
        "override.what": "Which setting it is: a code.",
        "override.value": "How the programme is run, as everybody sees it: a site's name, hours, whom to ask.",
        "override.set_by": "Who set what holds for everybody: the number of an account, as in the record.",
    },
    not_copied={"override.set_by": "Part of the record of staff, shown to admins by /pengaturan."},
)
