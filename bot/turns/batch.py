"""Runs turns in batches: up to BATCH people, one update each, in one transaction.

A batch that fails is rolled back and its turns are run one by one, so that only the bad one fails, and its person is
told. If the database is away, no turn is to blame: DatabaseUnavailableError is raised to the caller, who has the
updates and tries them again.
"""

from __future__ import annotations

import secrets
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from telegram import Bot

from bot.actions.buttons import HELP, MENU
from bot.capability import Capability, Context
from bot.database import Database, Signal, leave_to_others, take_due_flag
from bot.database_trouble import DatabaseUnavailableError, may_pass, our_own_mistake, why
from bot.delivery import background_jobs, outbox
from bot.delivery.outbox import ClaimedMessage, Post
from bot.people.people import Account, accounts_of, was_here, write_presence
from bot.people.rights import Rights
from bot.telegram import updates
from bot.telegram.sanitize import part_of
from bot.turns import inbox
from bot.turns.dispatcher import Dispatcher
from bot.turns.pace import Pace
from bot.turns.turn import Answer, Turn
from bot.words.message import Message, rows

log = structlog.get_logger("turn")

BATCH: Final = 64
"""How many people's turns share one transaction at most."""


@dataclass(frozen=True)
class Done:
    """What must be done after the commit of a batch of turns."""

    claimed: list[ClaimedMessage]
    answers: list[Answer]
    something_due: bool
    written: bool
    """Rows were written that no sender has claimed yet: the sender must search the ledger."""
    handled: int = 0
    """The number of updates."""
    failed: int = 0
    reload_for: Sequence[int] = ()
    """Accounts that asked for content to be read again."""
    asked: bool = False
    """Background jobs were asked for."""


class EndsTheProcessError(Exception):
    """An update was begun several times, and the process ended each time."""


class Turns:
    """Runs batches of inbox rows, in a database thread."""

    def __init__(
        self,
        *,
        database: Database,
        bot: Bot,
        capabilities: Sequence[Capability],
        context: Callable[[Session], Context],
        now: Callable[[], datetime],
        holder: str,
        alone: bool,
        pace: Pace,
    ) -> None:
        """`alone`: no other process handles updates of this database. `pace` is kept in what is claimed."""
        self._database = database
        self._bot = bot
        self._capabilities = capabilities
        self._context = context
        self._now = now
        self._holder = holder
        self._alone = alone
        self._pace = pace
        self._left_over_until: datetime | None = None
        self._retries_to_undo: dict[int, int] = {}
        """Updates that were begun again but not done because the database was away, with their `tries` before that."""
        self._threads = threading.local()

    def _dispatcher(self) -> Dispatcher:
        found: Dispatcher | None = getattr(self._threads, "dispatcher", None)
        if found is None:
            found = self._threads.dispatcher = Dispatcher(self._bot, self._capabilities)
        return found

    def run(self, batch: Sequence[inbox.Arrival], hand_over: bool) -> Done:
        """Handles a batch: one update each of different people. `hand_over`: replies go straight to this process's own
        sender.

        Either all of the updates are left over from an earlier process, or none; if they are, they are begun in the
        order of `inbox.suspects_first`. Raises DatabaseUnavailableError, whose `done` tells what could be committed
        before, if anything.
        """
        tries = batch[0].tries
        if tries is None:
            return self._run(batch, hand_over)
        if tries >= inbox.TRIES:
            return self._apologise(batch[0], EndsTheProcessError(), hand_over)
        ids = [arrival.update_id for arrival in batch]
        try:
            with _or_unavailable(), self._database.transaction() as db:
                inbox.count_tries(db, ids, tries + 1)
            return self._run(batch, hand_over)
        except DatabaseUnavailableError:
            self._retries_to_undo.update(dict.fromkeys(ids, tries))
            with suppress(DatabaseUnavailableError):
                self._clear_the_innocent()
            raise

    def _clear_the_innocent(self) -> None:
        """Takes back the count of tries of updates that were begun again and did not end the process."""
        counted = dict(self._retries_to_undo)
        if not counted:
            return
        with _or_unavailable(), self._database.transaction() as db:
            for tries in set(counted.values()):
                inbox.count_tries(db, [one for one, before in counted.items() if before == tries], tries)
        for update_id in counted:
            self._retries_to_undo.pop(update_id, None)

    def _run(self, batch: Sequence[inbox.Arrival], hand_over: bool) -> Done:
        try:
            try:
                with self._database.transaction() as db:
                    return self._handle(db, inbox.still_undone(db, batch, shared=not self._alone), hand_over)
            except Exception as problem:
                if len(batch) == 1 or _connection_lost(problem):
                    raise
            return self._one_by_one(batch, hand_over)
        except DatabaseUnavailableError:
            raise
        except Exception as problem:
            if (away := _away(problem)) is not None and not our_own_mistake(problem):
                raise away from None
            return self._apologise(batch[0], problem, hand_over)

    def _one_by_one(self, batch: Sequence[inbox.Arrival], hand_over: bool) -> Done:
        """Runs the turns of a batch that was rolled back one by one, so that only the bad one fails."""
        done: list[Done] = []
        for arrival in batch:
            try:
                done.append(self._run([arrival], hand_over))
            except DatabaseUnavailableError as problem:
                problem.done = _together(done) if done else None
                raise
        return _together(done)

    def run_left_over(self, limit: int) -> Done | None:
        """Does what `run_next` does for updates that a dead process may have begun: they are handled in the order of
        `inbox.suspects_first`."""
        until = self._left_over_until = self._left_over_until or self._now()
        self._clear_the_innocent()
        with _or_unavailable(), self._database.transaction() as db:
            batch = inbox.suspects_first(inbox.claim(db, limit, left_over=until))
        self._pace.handle(arrival.sender_id for arrival in batch)
        return self.run(batch, hand_over=False) if batch else None

    def run_next(self, limit: int) -> Done | None:
        """Claims and handles the next updates of up to `limit` people (PostgreSQL); returns None if no update waits.

        Replies go into the ledger: another process sends them. Raises DatabaseUnavailableError like `run`.
        """
        batch: list[inbox.Arrival] = []
        try:
            with self._database.transaction() as db:
                batch = inbox.claim(db, limit, without=self._pace.held())
                self._pace.handle(arrival.sender_id for arrival in batch)
                return self._handle(db, batch, hand_over=False) if batch else None
        except Exception as problem:
            if not batch or _connection_lost(problem):
                raise _away(problem) or problem from None
        return self._one_by_one(batch, hand_over=False)

    def _handle(self, db: Session, fresh: Sequence[inbox.Arrival], hand_over: bool) -> Done:
        """Runs the turns of a batch inside a transaction; the result only counts once that is committed."""
        dispatcher = self._dispatcher()
        now = self._now()
        posts: list[Post] = []
        answers: list[Answer] = []
        reload_for: list[int] = []
        accounts = accounts_of(db, [arrival.sender_id for arrival in fresh], now, lock=True)
        rights = Rights(db, accounts.values())
        context = self._context(db)
        turns = [self._turn(db, accounts[one.sender_id], one, now, dispatcher, rights, context) for one in fresh]
        write_presence(db, accounts.values())
        for turn in turns:
            if turn is None:
                continue
            dispatcher.dispatch(turn)
            posts += turn.posts
            if turn.reload:
                reload_for.append(turn.account.id)
            query = turn.update.callback_query
            if query is not None:
                answers.append(Answer(query.id, turn.answer, turn.account.language, turn.alert))
        db.flush()
        # an account that was erased in its own turn still gets its last answer
        posts = [replace(post, account_id=None) if _is_gone(db, post, accounts) else post for post in posts]
        inbox.settle(db, fresh, now=now)
        if hand_over:
            claimed = outbox.post_claimed(db, posts, now=now, holder=self._holder, real_now=datetime.now(UTC))
        else:
            outbox.post_all(db, posts, now=now)
            claimed = []
        if reload_for:
            leave_to_others(db, Signal.RELOAD)
        return Done(
            claimed,
            answers,
            take_due_flag(db),
            outbox.take_written_flag(db),
            len(fresh),
            reload_for=reload_for,
            asked=background_jobs.take_asked_flag(db),
        )

    def _turn(
        self,
        db: Session,
        account: Account,
        arrival: inbox.Arrival,
        now: datetime,
        dispatcher: Dispatcher,
        rights: Rights,
        context: Context,
    ) -> Turn | None:
        idle = now - account.seen_at
        if member := part_of(arrival.payload, "my_chat_member"):
            # Telegram tells us itself that it was blocked or let in again; nobody waits for an answer
            was_here(account, now, blocked=part_of(member, "new_chat_member").get("status") in ("kicked", "left"))
            return None
        update = updates.read(arrival.payload, self._bot)
        was_here(account, now, message_id=update.message.message_id if update.message is not None else 0)
        return Turn(
            db=db,
            account=account,
            update=update,
            now=now,
            context=context,
            dispatcher=dispatcher,
            rights=rights,
            idle=idle,
            asked_at=arrival.received_at,
        )

    def _apologise(self, arrival: inbox.Arrival, problem: Exception, hand_over: bool) -> Done:
        """Tells the person of a turn that failed and was rolled back, once, with a reference that also stands in the
        log."""
        reference = secrets.token_hex(3).upper()
        # no message of the exception: it may quote what the person wrote
        log.error(
            "turn failed",
            reference=reference,
            update_id=arrival.update_id,
            error=type(problem).__name__,
            cause=type(problem.orig).__name__ if isinstance(problem, DBAPIError) else None,
            at=[f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in traceback.extract_tb(problem.__traceback__)],
        )
        now = self._now()
        query_id = inbox.tap_of(arrival.payload)
        words = Message("turn.failed", {"reference": reference}, rows((MENU, HELP)))
        with _or_unavailable(), self._database.transaction() as db:
            if not inbox.still_undone(db, [arrival], shared=not self._alone):
                return _together([])  # another process has handled it, or is handling it
            account = accounts_of(db, [arrival.sender_id], now, lock=True)[arrival.sender_id]
            inbox.settle(db, [arrival], now=now)
            posts = [outbox.to(account, words, person_id=account.current_person_id)]
            if hand_over:
                claimed = outbox.post_claimed(db, posts, now=now, holder=self._holder, real_now=datetime.now(UTC))
            else:
                outbox.post_all(db, posts, now=now)
                claimed = []
            language = account.language
        answers = [Answer(query_id, None, language)] if query_id is not None else []
        return Done(claimed, answers, False, written=not hand_over, handled=1, failed=1)


@contextmanager
def _or_unavailable() -> Iterator[None]:
    """Turns errors of a database that is away into DatabaseUnavailableError, for callers that try again."""
    try:
        yield
    except DBAPIError as problem:
        raise _away(problem) or problem from None


def _together(done: Sequence[Done]) -> Done:
    return Done(
        [reply for one in done for reply in one.claimed],
        [answer for one in done for answer in one.answers],
        any(one.something_due for one in done),
        any(one.written for one in done),
        sum(one.handled for one in done),
        sum(one.failed for one in done),
        [account_id for one in done for account_id in one.reload_for],
        any(one.asked for one in done),
    )


def _is_gone(db: Session, post: Post, accounts: Mapping[int, Account]) -> bool:
    account = accounts.get(post.chat_id)
    return account is None or account not in db


def _away(problem: Exception) -> DatabaseUnavailableError | None:
    """Returns a DatabaseUnavailableError if the error means that the database is away or accepts nothing, which may
    pass; else None."""
    return DatabaseUnavailableError(why(problem)) if may_pass(problem) else None


def _connection_lost(problem: Exception) -> bool:
    return isinstance(problem, DBAPIError) and bool(problem.connection_invalidated)
