"""What time does with the rounds: asks them in open hours within their window, reminds once after three open days,
ends them with the reason. Who cannot be asked now is looked at again; what is too late is not asked at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.actions.follow_up import RoundKind
from bot.capability import Context
from bot.catalogue.content import Content
from bot.database import something_due
from bot.delivery import outbox
from bot.delivery.outbox import OutboxRow, Status
from bot.people.people import Account, Consent, Person, Purpose, Use, agreed_to, agreed_version
from bot.people.quiet_hours import Kind, OpenHours, Verdict, next_opening, verdict, windows
from bot.programme.follow_up import screens
from bot.programme.follow_up.screens import Lead
from bot.programme.follow_up.state import Standing, standings
from bot.programme.follow_up.tables import AboutPerson, Ended, FollowUpRound
from bot.programme.follow_up.values import ANSWERED_FOR, CLOSES, PARTS
from bot.words.message import Message

AT_ONCE: Final = 500
"""So many rounds are looked at in one transaction, so that replies need not wait long."""
LOOK_AGAIN: Final = timedelta(days=1)
"""Who cannot be asked is looked at again after this time, while the window is open; a consent that is given is noticed
at once (`planning.agreed`)."""
OPEN_DAYS: Final = 3
"""So many open days after the question the person is reminded, once."""
_ORAL: Final = "lisan "
"""The mark in the log of a consent that was given by word of mouth."""


def due(db: Session, now: datetime, context: Context) -> int:
    """Asks, reminds and ends what is due, and dates every row anew. Returns how many messages were posted."""
    found = _due_rows(db, now)
    if not found:
        return 0
    content = context.content
    lost, half_year = _look_up_arrivals(db, found), _agreed_to_half_year(db, found, content)
    answers = content.covered_by(Use.ANSWERS)[1]
    verdicts: dict[tuple[str | None, bool, bool], Verdict] = {}
    ask: list[Any] = []
    remind: list[Any] = []
    moved: dict[datetime, list[Any]] = defaultdict(list)
    ended: dict[Ended, list[Any]] = defaultdict(list)
    for row in found:
        last = _last_moment(row)
        hours = content.open_hours(row.lives_at)
        may = _may_be_asked(row, answers, half_year)
        person = (row.lives_at, may, row.stopped_at is not None)
        if person not in verdicts:
            verdicts[person] = verdict(Kind.SURVEY, now=now, hours=hours, consented=may, stopped=person[2])
        said = verdicts[person]
        obstacle = _obstacle(row, said)
        if obstacle is Ended.CLOSED:
            ended[obstacle].append(row)
        elif now >= last:
            ended[_why_over(row, obstacle, lost)].append(row)
        elif obstacle is not None:
            moved[last if row.asked_at is not None else min(last, now + LOOK_AGAIN)].append(row)
        elif row.asked_at is not None and (row.reminded_at is not None or row.parts >= PARTS):
            moved[last].append(row)
        elif said.hold_until is not None:
            moved[min(last, said.hold_until)].append(row)
        elif row.asked_at is None:
            ask.append(row)
        else:
            remind.append(row)
    posted = _post(db, ask, Lead.ASKED, now, content) + _post(db, remind, Lead.REMINDED, now, content)
    _write(db, ask, remind, moved, ended, now, content)
    if len(found) == AT_ONCE:
        something_due(db)
    return posted


def next_due(db: Session, now: datetime, context: Context) -> datetime | None:
    return db.scalar(select(func.min(FollowUpRound.due_at)).where(FollowUpRound.due_at.is_not(None)))


def _due_rows(db: Session, now: datetime) -> Sequence[Any]:
    query = (
        select(
            FollowUpRound.person_id, FollowUpRound.kind, FollowUpRound.counted_from, FollowUpRound.asked_at,
            FollowUpRound.reached_at, FollowUpRound.reminded_at, FollowUpRound.parts, FollowUpRound.version,
            Person.site_id.label("lives_at"), Person.sector, Person.frozen_at, agreed_version().label("agreed_version"),
            agreed_to(Purpose.FOLLOW_UP).label("agreed"), AboutPerson.closed_at,
            Account.id.label("account_id"), Account.telegram_id, Account.language, Account.stopped_at,
            Account.blocked_at,
        )
        .join(Person, Person.id == FollowUpRound.person_id)
        .outerjoin(AboutPerson, AboutPerson.person_id == FollowUpRound.person_id)
        .outerjoin(Account, Account.id == Person.account_id)
        .where(FollowUpRound.due_at <= now)
        .order_by(FollowUpRound.due_at, FollowUpRound.person_id)
        .limit(AT_ONCE)
        .with_for_update(of=FollowUpRound, skip_locked=True)
    )  # fmt: skip
    return db.execute(query).all()


def _may_be_asked(row: Any, answers: frozenset[str], half_year: frozenset[int]) -> bool:
    """Returns whether what the person agreed to covers this round."""
    if not row.agreed or (row.agreed_version or "").removeprefix(_ORAL) not in answers:
        return False
    return row.kind != RoundKind.D180 or row.person_id in half_year


def _agreed_to_half_year(db: Session, found: Sequence[Any], content: Content) -> frozenset[int]:
    """Returns the people of the rounds of day 180 whose newest yes to consent 3 is to words that say so."""
    people = [row.person_id for row in found if row.kind == RoundKind.D180]
    if not people:
        return frozenset()
    purpose, versions = content.covered_by(Use.HALF_YEAR)
    query = select(Consent.person_id, Consent.text_version).where(
        Consent.person_id.in_(people), Consent.purpose == purpose, Consent.given
    )
    newest: dict[int, str] = {row[0]: row[1] for row in db.execute(query.order_by(Consent.id))}
    return frozenset(person for person, version in newest.items() if version.removeprefix(_ORAL) in versions)


def _obstacle(row: Any, said: Verdict) -> Ended | None:
    """Returns why the person cannot be written to now; None: they can, in open hours."""
    if row.closed_at is not None:
        return Ended.CLOSED
    if row.account_id is None:
        return Ended.NO_PHONE
    if row.frozen_at is not None:
        return Ended.FROZEN
    if row.blocked_at is not None:
        return Ended.BLOCKED
    if row.stopped_at is not None:
        return Ended.STOPPED
    return Ended.NO_CONSENT if said.drop is not None else None


def _why_over(row: Any, obstacle: Ended | None, lost: Mapping[tuple[int, str], str]) -> Ended:
    if row.asked_at is None:
        return obstacle or Ended.LATE
    status = lost.get((row.person_id, row.kind))
    if status is None:
        return Ended.SILENT  # it arrived
    return obstacle or (Ended.BLOCKED if status == Status.BLOCKED else Ended.LATE)


def _last_moment(row: Any) -> datetime:
    closes: datetime = row.counted_from + CLOSES[RoundKind(row.kind)]
    return closes if row.asked_at is None else max(closes, row.asked_at + ANSWERED_FOR)


# --- posting --------------------------------------------------------------------------------------------------------


def _post(db: Session, those: Sequence[Any], lead: Lead, now: datetime, content: Content) -> int:
    posts = []
    for kind in RoundKind:
        some = [row for row in those if row.kind == kind]
        if not some:
            continue
        known = standings(db, {row.person_id: (kind, row.sector) for row in some}, content)
        alike: dict[tuple[Any, ...], Message] = {}
        for row in some:
            standing = known[row.person_id]
            key = (row.version, row.parts, row.language, standing.boxes, standing.ticked, standing.missing,
                   standing.again)  # fmt: skip
            if key not in alike:
                alike[key] = _message(kind, row, standing, content, lead)
            posts.append(
                outbox.Post(
                    row.account_id,
                    row.telegram_id,
                    row.language,
                    alike[key],
                    kind=Kind.SURVEY,
                    person_id=row.person_id,
                    site_id=row.lives_at,
                    once=_once(row, lead),
                    not_after=_last_moment(row) if lead is Lead.REMINDED else row.counted_from + CLOSES[kind],
                )
            )
    return outbox.post_all(db, posts, now=now)


def _message(kind: RoundKind, row: Any, standing: Standing, content: Content, lead: Lead) -> Message:
    part = min(standing.open_part(kind, row.parts), PARTS - 1)
    return screens.question(kind, row.version, part, standing, content, row.language, lead)


def _once(row: Any, lead: Lead) -> str:
    return f"follow_up:{row.person_id}:{row.kind}" + (":again" if lead is Lead.REMINDED else "")


def _look_up_arrivals(db: Session, found: Sequence[Any]) -> dict[tuple[int, str], str]:
    """Notes which questions arrived, of those of which it is not known yet. Returns what became of the others."""
    open_ones = [row for row in found if row.asked_at is not None and row.reached_at is None]
    names = {_once(row, Lead.ASKED): row for row in open_ones}
    if not names:
        return {}
    query = select(OutboxRow.once, OutboxRow.status, OutboxRow.sent_at).where(OutboxRow.once.in_(names))
    lost: dict[tuple[int, str], str] = {}
    arrived: dict[datetime, list[Any]] = defaultdict(list)
    for once, status, sent_at in db.execute(query):
        if status == Status.SENT and sent_at is not None:
            arrived[sent_at].append(names[str(once)])
        else:
            lost[_key(names[str(once)])] = status
    for at, rows in arrived.items():
        _update(db, rows, None, reached_at=at)
    return {(row.person_id, row.kind): "" for row in open_ones if _key(row) not in _keys(arrived)} | lost


def _key(row: Any) -> tuple[int, str]:
    return row.person_id, row.kind


def _keys(arrived: Mapping[datetime, Sequence[Any]]) -> set[tuple[int, str]]:
    return {_key(row) for rows in arrived.values() for row in rows}


# --- writing --------------------------------------------------------------------------------------------------------


def _write(
    db: Session,
    ask: Sequence[Any],
    remind: Sequence[Any],
    moved: Mapping[datetime, Sequence[Any]],
    ended: Mapping[Ended, Sequence[Any]],
    now: datetime,
    content: Content,
) -> None:
    """Writes what was decided: few statements, whatever the number of rows. Other processes may have been here first,
    so each asks that the row is still due."""
    asked: dict[tuple[datetime, str | None], list[Any]] = defaultdict(list)
    again_at = {site: _reminded_at(content.open_hours(site), now) for site in {row.lives_at for row in ask}}
    for row in ask:
        asked[again_at[row.lives_at], row.lives_at].append(row)
    for (again, site_id), those in asked.items():
        _update(db, those, now, asked_at=now, site_id=site_id, due_at=again)
    lasts: dict[datetime, list[Any]] = defaultdict(list)
    for row in remind:
        lasts[_last_moment(row)].append(row)
    for last, those in lasts.items():
        _update(db, those, now, reminded_at=now, due_at=last)
    for at, held in moved.items():
        _update(db, held, now, due_at=at)
    for because, over in ended.items():
        _update(db, over, now, ended_at=now, ended_because=because.value, due_at=None)


def _update(db: Session, those: Sequence[Any], due_by: datetime | None, **changes: Any) -> None:
    by_kind: dict[str, list[int]] = defaultdict(list)
    for row in those:
        by_kind[row.kind].append(row.person_id)
    for kind, people in by_kind.items():
        where = [FollowUpRound.person_id.in_(people), FollowUpRound.kind == kind]
        if due_by is not None:
            where.append(FollowUpRound.due_at <= due_by)
        statement = update(FollowUpRound).where(*where).values(**changes)
        db.execute(statement, execution_options={"synchronize_session": False})


def _reminded_at(hours: OpenHours, asked: datetime) -> datetime:
    """Returns the same hour on the third open day after the question, in open hours."""
    local = asked.astimezone(ZoneInfo(hours.zone))
    day, left = local.date(), OPEN_DAYS
    for _ in range(30):
        day += timedelta(days=1)
        if windows(hours, day):
            left -= 1
            if not left:
                break
    return next_opening(hours, datetime.combine(day, local.time(), ZoneInfo(hours.zone)).astimezone(UTC))
