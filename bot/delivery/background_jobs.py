"""Slow work asked for by a turn: a row in its commit, done outside any transaction, its result posted to the outbox.

A worker of a kind does what is slow (a download, a picture) and returns what is to be written; that is written in the
commit which marks the job as done. So its effect comes once, however often the work itself had to be tried.

A job in somebody's hands has a lease, which is renewed while the work goes on: several processes share the jobs,
and what a killed one held is taken up when its lease has run out.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import structlog
from sqlalchemy import BigInteger, ForeignKey, SmallInteger, String, delete, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.actions.buttons import HELP, MENU
from bot.capability import CapabilityData
from bot.database import Base, BigId, Database, Signal, leave_to_others, take_due_flag, take_left
from bot.database_trouble import is_away
from bot.delivery import outbox
from bot.people.people import Account
from bot.telegram.http import Refused
from bot.words.message import Message, rows

log = structlog.get_logger("errands")

TRIES: Final = 4
WAITS: Final = (1.0, 5.0, 30.0)
"""Seconds of real time before the second, third and fourth try."""
POLL_SECONDS: Final = 5.0
"""How often the table is searched for waiting jobs when nobody says that there is one."""
RETENTION: Final = timedelta(days=2)
LEASE: Final = timedelta(seconds=60)
RENEW_SECONDS: Final = 20.0


class JobStatus(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


class JobRow(Base):
    __tablename__ = "errand"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(20))
    args: Mapped[dict[str, Any]]
    """What the work needs to know: ids and codes, nothing that people wrote."""
    status: Mapped[str] = mapped_column(String(8), default=JobStatus.WAITING, index=True)
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    """Counted before the work begins, so that a job that ends the process is not tried for ever."""
    created_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    """Until when a worker has it, or it waits for its next try. Real time."""
    done_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(200))


@dataclass(frozen=True)
class Job:
    """A job that a worker has claimed."""

    id: int
    account_id: int
    chat_id: int
    kind: str
    args: Mapping[str, Any]
    attempts: int


Finish = Callable[[Session, Account, datetime], None]
"""Writes the result of the work, in the commit that marks the job as done: posts to the account that asked for it."""
Worker = Callable[[Job], Awaitable[Finish]]


# --- asking ---------------------------------------------------------------------------------------------------------


def ask(db: Session, account: Account, kind: str, args: Mapping[str, Any], now: datetime) -> int:
    """Asks for work to be done after this commit; returns the job's id."""
    row = JobRow(
        account_id=account.id,
        chat_id=account.telegram_id,
        kind=kind,
        args=dict(args),
        status=JobStatus.WAITING,
        attempts=0,
        created_at=now,
    )
    db.add(row)
    db.flush()
    leave_to_others(db, Signal.ERRAND)
    return row.id


def take_asked_flag(db: Session) -> bool:
    """Returns whether this transaction asked for a job."""
    return take_left(db, Signal.ERRAND)


def find(db: Session, account: Account, job_id: int) -> JobRow | None:
    """Returns a job this account asked for, done or not."""
    return db.scalars(select(JobRow).where(JobRow.id == job_id, JobRow.account_id == account.id)).one_or_none()


def due(db: Session, now: datetime) -> None:
    """Deletes jobs that were done long ago."""
    db.execute(delete(JobRow).where(JobRow.status != JobStatus.WAITING, JobRow.created_at < now - RETENTION))


def release_all(db: Session) -> None:
    """Releases all jobs that an earlier process had claimed or put off, at the start of a process that serves alone."""
    db.execute(update(JobRow).where(JobRow.status == JobStatus.WAITING).values(lease_until=None))


# --- doing ----------------------------------------------------------------------------------------------------------


class BackgroundJobs:
    """Does jobs, one after the other, until cancelled.

    `said(written, something_due)` is called after a commit: rows may be waiting in the outbox.
    """

    def __init__(
        self,
        database: Database,
        workers: Mapping[str, Worker],
        *,
        now: Callable[[], datetime],
        said: Callable[[bool, bool], None],
    ) -> None:
        self._database = database
        self._workers = dict(workers)
        self._now = now
        self._said = said
        self._wake = asyncio.Event()
        self._some_wait = True
        """Whether jobs may be waiting; True at first, because an earlier process may have left some."""
        self._one_by_one = asyncio.Lock()

    def wake(self) -> None:
        """Tells that a job was committed."""
        self._some_wait = True
        self._wake.set()

    async def run(self) -> None:
        """Does jobs until cancelled; jobs that an earlier process left undone come first."""
        while True:
            self._wake.clear()
            try:
                while await self._do_next(patient=True):
                    pass
            except Exception as problem:  # the rows wait
                if not is_away(problem):
                    log.error("errands could not be looked for", error=type(problem).__name__)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await self._wake.wait()

    async def drain(self) -> None:
        """Does all waiting jobs now, also those that would be tried again only later."""
        while self._some_wait:
            self._some_wait = False
            while await self._do_next(patient=False):
                pass

    async def _do_next(self, *, patient: bool) -> bool:
        async with self._one_by_one:
            job = await self._database.in_transaction(_take, _real_now(), patient)
            if job is None:
                return False
            holding = asyncio.create_task(self._hold(job))
            try:
                if job.attempts > TRIES:  # without an error in between: it ends the process that does it
                    raise LookupError("an errand that nobody lives through")
                worker = self._workers[job.kind]
                finish = await worker(job)
                await self._write(_done, job, finish)
            except Exception as problem:
                # no text of the exception: it may quote what stands in a file
                error = type(problem).__name__
                hopeless = isinstance(problem, Refused) and 400 <= problem.code < 500 and problem.code != 429
                log.warning("an errand failed", kind=job.kind, error=error, attempt=job.attempts)
                if hopeless or job.attempts >= TRIES or isinstance(problem, LookupError):
                    await self._write(_failed, job, error)
                else:
                    rest = timedelta(seconds=WAITS[min(job.attempts, len(WAITS)) - 1])
                    await self._database.in_transaction(_lease, job.id, _real_now() + rest)
            finally:
                holding.cancel()
            return True

    async def _hold(self, job: Job) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            with contextlib.suppress(Exception):  # the database is away: what is written at the end will tell
                await self._database.in_transaction(_lease, job.id, _real_now() + LEASE)

    async def _write(self, work: Callable[..., bool], *args: Any) -> None:
        def whole() -> tuple[bool, bool]:
            with self._database.transaction() as db:
                work(db, *args, self._now())
                return outbox.take_written_flag(db), take_due_flag(db)

        self._said(*await self._database.run(whole))


def _real_now() -> datetime:
    return datetime.now(UTC)


def _take(db: Session, real_now: datetime, patient: bool) -> Job | None:
    """Claims the next job, with a lease. Without `patient` also one that waits for its next try."""
    query = select(JobRow).where(JobRow.status == JobStatus.WAITING).order_by(JobRow.id).limit(1)
    if patient:
        query = query.where(or_(JobRow.lease_until.is_(None), JobRow.lease_until <= real_now))
    row = db.scalars(query.with_for_update(skip_locked=True)).one_or_none()
    if row is None:
        return None
    row.attempts += 1
    row.lease_until = real_now + LEASE
    return Job(row.id, row.account_id, row.chat_id, row.kind, dict(row.args), row.attempts)


def _lease(db: Session, job_id: int, until: datetime) -> None:
    db.execute(update(JobRow).where(JobRow.id == job_id, JobRow.status == JobStatus.WAITING).values(lease_until=until))


def _row_and_account(db: Session, job: Job) -> tuple[JobRow, Account] | None:
    """Returns the job's row and account; None when the job is done already, or the account is gone."""
    row = db.get(JobRow, job.id, with_for_update=True)
    if row is None or row.status != JobStatus.WAITING:
        return None
    account = db.get(Account, row.account_id)
    return None if account is None else (row, account)


def _done(db: Session, job: Job, finish: Finish, now: datetime) -> bool:
    found = _row_and_account(db, job)
    if found is None:
        return False
    row, account = found
    row.status, row.done_at = JobStatus.DONE, now
    finish(db, account, now)
    return True


def _failed(db: Session, job: Job, error: str, now: datetime) -> bool:
    found = _row_and_account(db, job)
    if found is None:
        return False
    row, account = found
    row.status, row.done_at, row.error = JobStatus.FAILED, now, error
    buttons = rows((MENU, HELP))
    outbox.post(db, outbox.to(account, Message("turn.errand_failed", buttons=buttons)), now=now)
    return True


# --- what it owes -----------------------------------------------------------------------------------------------------


DATA: Final = CapabilityData(
    "background_jobs",
    tables=(JobRow,),
    due=lambda db, now, context: due(db, now),
    not_copied={"errand.account_id": "A file that is being made for this chat; done work is deleted after some days."},
)
