"""How far an announcement has come: its copies are counted, and its author is told in one message that is edited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from bot.actions.broadcasts import (
    CorrectAnnouncement,
    SeeMissed,
    SeeSendingReport,
    SendAgain,
    StopSending,
    WithdrawAnnouncement,
)
from bot.actions.buttons import HELP
from bot.actions.call_list import SeeUnheard
from bot.catalogue.content import Content
from bot.delivery import outbox
from bot.delivery.outbox import OutboxRow, Status
from bot.people.people import Account
from bot.programme.broadcasts.audience import AUDIENCES, About
from bot.programme.broadcasts.content import quote
from bot.programme.broadcasts.correcting import correct_copies, notify_failed
from bot.programme.broadcasts.drafting import lock, message_of
from bot.programme.broadcasts.sending import newest_copies
from bot.programme.broadcasts.tables import Broadcast, BroadcastStatus
from bot.programme.broadcasts.withdrawing import look_after, withdraw_copies
from bot.words.message import Button, Lines, Message, Style, Value, Words, rows

EVERY: Final = timedelta(seconds=3)
"""The progress message is edited at most this often."""
BAR: Final = 10
"""The length of the progress bar, in blocks."""


@dataclass(frozen=True)
class Tally:
    """How many copies of an announcement (one for each person) are in each state of the outbox. `total` copies were
    written; those that the states do not count are `gone`: their rows were erased with the person."""

    total: int
    states: Mapping[str, int]
    dropped: Mapping[str, int]
    """Why copies were dropped, and how many."""
    edited: int = 0
    """For a correction: how many of `sent` were corrected in place; for a withdrawal: how many are a line now."""

    def of(self, status: Status) -> int:
        return self.states.get(status, 0)

    @property
    def open(self) -> int:
        return self.of(Status.WAITING) + self.of(Status.CLAIMED)

    @property
    def gone(self) -> int:
        return max(0, self.total - sum(self.states.values()))

    @property
    def done(self) -> int:
        return self.total - self.open


def tally(db: Session, broadcast: Broadcast) -> Tally:
    """Counts the copies of an announcement. Of several rows for one person the newest counts: the copy that was sent
    again, the notice after the edit."""
    why = case((OutboxRow.status == Status.DROPPED, OutboxRow.reason))
    # of a withdrawal: what was edited into a line; all else was deleted
    changed = OutboxRow.body_id != broadcast.body_id if broadcast.withdraws else OutboxRow.edits.is_not(None)
    in_place_ = case((changed, 1), else_=0)
    query = select(OutboxRow.status, why, in_place_, func.count()).where(OutboxRow.broadcast_id == broadcast.id)
    if broadcast.resent or broadcast.corrects_id is not None:
        query = query.where(OutboxRow.id.in_(newest_copies(broadcast)))
    states: dict[str, int] = {}
    dropped: dict[str, int] = {}
    edited = 0
    for status, reason, in_place_row, number in db.execute(query.group_by(OutboxRow.status, why, in_place_)):
        states[status] = states.get(status, 0) + number
        if status == Status.DROPPED:
            dropped[reason or ""] = dropped.get(reason or "", 0) + number
        if status == Status.SENT and in_place_row:
            edited += number
    return Tally(broadcast.recipients, states, dropped, edited)


OF_CLASS: Final = frozenset(kind for kind, audience in AUDIENCES.items() if audience.about is About.CLASS)
"""The audiences that are people of one class."""
REASONS: Final = {
    "stopped by staff": "staff",
    "stopped": "stopped",
    "consent withdrawn": "consent",
    "superseded": "superseded",
    "stale": "stale",
    "withdrawn": "withdrawn",
    "its message was never sent": "erased",
    "erased": "erased",
}
"""The ledger's reasons why something was not sent, and the end of the key that says each of them to people."""


def told(broadcast: Broadcast, figures: Tally, said: Message | None, *, by: Value = None) -> Message:
    """Returns the message that tells how far the announcement has come, or the report at its end. `said`: what it
    says; `by`: who wrote it, where somebody else reads the report."""
    counts: list[Words] = []
    if broadcast.withdraws:
        counts += [Words("broadcasts.count.deleted", {"n": figures.of(Status.SENT) - figures.edited})]
        counts += _count_words("line", figures.edited)
    elif broadcast.corrects_id is not None:
        counts += _count_words("edited", figures.edited) + _count_words(
            "told", figures.of(Status.SENT) - figures.edited
        )
    else:
        counts += [Words("broadcasts.count.sent", {"n": figures.of(Status.SENT)})]
    counts += _count_words("waiting", figures.open)
    counts += _count_words("blocked", figures.of(Status.BLOCKED))
    counts += _count_words("stays" if broadcast.withdraws else "failed", figures.of(Status.FAILED))
    counts += _count_words("unknown", figures.of(Status.UNKNOWN))
    reasons: dict[str, int] = {}
    for reason, number in figures.dropped.items():
        name = REASONS.get(reason, "other")
        reasons[name] = reasons.get(name, 0) + number
    counts += [Words(f"broadcasts.dropped.{name}", {"n": number}) for name, number in sorted(reasons.items())]
    counts += _count_words("gone", figures.gone)
    number = (broadcast.corrects_id if broadcast.withdraws else None) or broadcast.id
    values: dict[str, Value] = {"number": number, "n": figures.total, "counts": Lines(tuple(counts))}
    values |= {"quote": quote(said) if said is not None else Words("broadcasts.quote.gone"), "by": by}
    if figures.open or not broadcast.begun_at:
        share = figures.done / figures.total if figures.total else 0.0
        blocks = int(share * BAR)
        key = "broadcasts.correcting" if broadcast.corrects_id is not None else "broadcasts.progress"
        key = "broadcasts.withdrawing" if broadcast.withdraws else key
        values |= {"bar": "▓" * blocks + "░" * (BAR - blocks), "share": int(share * 100) / 100}
    elif broadcast.withdraws:
        key = "broadcasts.withdrawal_report"
    elif broadcast.status == BroadcastStatus.STOPPED:
        key = "broadcasts.stopped"
    else:
        key = "broadcasts.correction_report" if broadcast.corrects_id is not None else "broadcasts.report"
    return Message(key, values, rows(*_buttons(broadcast, figures)))


def _count_words(name: str, number: int) -> list[Words]:
    return [Words(f"broadcasts.count.{name}", {"n": number})] if number else []


def _buttons(broadcast: Broadcast, figures: Tally) -> list[list[Button]]:
    if broadcast.withdraws:
        return [[Button("broadcasts.button.look", SeeSendingReport(broadcast.id))], [HELP]]
    look = Button("broadcasts.button.look", SeeSendingReport(broadcast.id))
    sending = figures.open and broadcast.status == BroadcastStatus.SENDING
    stop = [Button("broadcasts.button.stop", StopSending(broadcast.id))] if sending else []
    if broadcast.corrects_id is not None:
        return [stop, [look], [HELP]]
    correct = Button("broadcasts.button.correct", CorrectAnnouncement(broadcast.id))
    withdraw = Button("broadcasts.button.withdraw", WithdrawAnnouncement(broadcast.id), style=Style.DANGER)
    if figures.open:
        return [[*stop, correct], [look, withdraw], [HELP]]
    one_class = len(broadcast.groups) == 1 and broadcast.groups[0].kind in OF_CLASS
    names = Button("call_list.button.names", SeeUnheard(broadcast.id) if one_class else SeeMissed(broadcast.id))
    again = [Button("broadcasts.button.again", SendAgain(broadcast.id))] if figures.of(Status.UNKNOWN) else []
    return [[correct, withdraw], again, [look, names], [HELP]]


def tell_progress(db: Session, broadcast: Broadcast, now: datetime, content: Content) -> None:
    if broadcast.told_at is not None and now - broadcast.told_at < EVERY:
        return
    lock(db, broadcast)
    if (last := _still_fresh(db, broadcast, now)) is not None:
        broadcast.told_at = last
        return
    sending = broadcast.status == BroadcastStatus.SENDING
    if broadcast.corrects_id is not None and sending and not broadcast.swept:
        original = db.get(Broadcast, broadcast.corrects_id)
        if original is not None:
            if broadcast.withdraws:
                withdraw_copies(db, broadcast, original, now)
            else:
                correct_copies(db, broadcast, original, now, content)
    figures = tally(db, broadcast)
    if broadcast.withdraws:
        if look_after(db, broadcast, now):
            figures = tally(db, broadcast)
    elif (
        broadcast.corrects_id is not None
        and sending
        and not figures.open
        and notify_failed(db, broadcast, now, content)
    ):
        figures = tally(db, broadcast)
    if figures.total or not broadcast.swept:  # a correction that concerns nobody is not reported
        _tell(db, broadcast, figures, now)
    if not figures.open and (broadcast.corrects_id is None or broadcast.swept or not sending):
        broadcast.ended_at = now
        if sending:
            broadcast.status = BroadcastStatus.DONE


def _still_fresh(db: Session, broadcast: Broadcast, now: datetime) -> datetime | None:
    """Returns when the progress was told last, if that is less than EVERY ago: a message that was posted then may have
    left much later."""
    row = db.get(OutboxRow, broadcast.told_id, populate_existing=True) if broadcast.told_id is not None else None
    if row is None:
        return None
    if row.status in (Status.WAITING, Status.CLAIMED):
        return now
    return row.sent_at if row.sent_at is not None and now - row.sent_at < EVERY else None


def _tell(db: Session, broadcast: Broadcast, figures: Tally, now: datetime) -> None:
    broadcast.told_at = now
    shown = f"{broadcast.status}:{figures.total}:{sorted(figures.states.items())}"[:200]
    if shown == broadcast.shown:
        return
    broadcast.shown = shown
    account = db.get(Account, broadcast.account_id) if broadcast.account_id is not None else None
    words = told(broadcast, figures, words_of(db, broadcast))
    if broadcast.progress_id is None:
        broadcast.progress_id = broadcast.told_id = say_to_author(db, account, words, now)
    else:
        broadcast.told_id = say_to_author(db, account, words, now, edits=broadcast.progress_id)


def words_of(db: Session, broadcast: Broadcast) -> Message | None:
    """Returns what the announcement says; of a withdrawal, what was withdrawn."""
    original = db.get(Broadcast, broadcast.corrects_id) if broadcast.withdraws else None
    return message_of(db, original or broadcast)


def say_to_author(
    db: Session, account: Account | None, message: Message, now: datetime, *, edits: int | None = None
) -> int | None:
    if account is None:
        return None
    return outbox.post(db, outbox.to(account, message, edits=edits), now=now)
