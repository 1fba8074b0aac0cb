"""The ledger: said once, in order of urgency, settled truthfully; on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.delivery import outbox
from bot.delivery.outbox import ClaimedMessage, Occasion, OutboxRow, Post, Result, Status
from bot.people.people import Account
from bot.people.quiet_hours import SEND, Kind, Verdict
from bot.words.message import Message
from tests.databases import quick_database

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)

Transaction = Callable[[], AbstractContextManager[Session]]


@pytest.fixture
def ledger(database_url: str) -> Iterator[Transaction]:
    database = quick_database(database_url)
    yield database.transaction
    database.close()


def account(db: Session, telegram_id: int = 5) -> Account:
    made = Account(telegram_id=telegram_id, language="id", created_at=NOW, seen_at=NOW, draft={}, last_message_id=3)
    db.add(made)
    db.flush()
    return made


def post(db: Session, to: Account, kind: Kind = Kind.REPLY, **details: Any) -> int:
    row = outbox.post(db, outbox.to(to, Message("x.y", {"n": 1}), kind=kind, **details), now=NOW)
    assert row is not None
    return row


def claim(db: Session, limit: int = 100, **details: Any) -> list[ClaimedMessage]:
    given: dict[str, Any] = {"holder": "me", "now": NOW, "real_now": NOW, "gate": lambda given, now: SEND}
    return outbox.claim(db, limit=limit, **(given | details))


def states(db: Session) -> dict[int, tuple[str, str | None]]:
    db.expire_all()
    query = select(OutboxRow.id, OutboxRow.status, OutboxRow.reason)
    return {row: (status, reason) for row, status, reason in db.execute(query)}


def test_what_has_a_name_is_said_once(ledger: Transaction) -> None:
    with ledger() as db:
        siti = account(db)
        post(db, siti, Kind.REMINDER, once="reminder:7")
    with ledger() as db:
        again = outbox.to(db.get_one(Account, siti.id), Message("x.y"), kind=Kind.REMINDER, once="reminder:7")
        assert outbox.post(db, again, now=NOW) is None
        other = outbox.to(siti, Message("x.y"), kind=Kind.REMINDER, once="reminder:8")
        assert outbox.post_all(db, [again, other, outbox.to(siti, Message("x.z"))], now=NOW) == 2
        assert outbox.tally(db, sent_since=NOW) == {"waiting": 3}


def test_the_most_urgent_is_taken_first_and_then_the_oldest(ledger: Transaction) -> None:
    with ledger() as db:
        siti = account(db)
        kinds = [Kind.ANNOUNCEMENT, Kind.REMINDER, Kind.REPLY, Kind.LESSON, Kind.REPLY, Kind.OFFER]
        posted = [post(db, siti, kind) for kind in kinds]
    with ledger() as db:
        assert [claimed.id for claimed in claim(db, priority=0)] == [posted[2], posted[4]]
    with ledger() as db:
        assert outbox.most_urgent(db, NOW) == 1
        assert [claimed.id for claimed in claim(db, limit=3)] == [posted[1], posted[5], posted[0]]
        assert outbox.most_urgent(db, NOW) == 2
        assert outbox.most_urgent(db, NOW, crowded={5}) is None


def test_nobody_waits_behind_a_crowded_chat(ledger: Transaction) -> None:
    with ledger() as db:
        flood, siti = account(db, 5), account(db, 6)
        posted = [post(db, flood) for _ in range(5)] + [post(db, siti)]
    with ledger() as db:
        assert [claimed.id for claimed in claim(db, per_chat=2)] == [posted[0], posted[1], posted[5]]
    with ledger() as db:
        post(db, db.get_one(Account, siti.id))
        assert [claimed.chat_id for claimed in claim(db, limit=1, crowded={5})] == [6]
    with ledger() as db:
        assert [claimed.id for claimed in claim(db)] == posted[2:5]


def test_what_is_not_due_yet_is_not_taken(ledger: Transaction) -> None:
    with ledger() as db:
        siti = account(db)
        post(db, siti, Kind.REMINDER, not_before=LATER)
    with ledger() as db:
        assert claim(db) == []
        assert outbox.most_urgent(db, NOW) is None
        assert outbox.next_due(db, NOW) == LATER
        assert outbox.oldest_waiting(db, NOW) is None
    with ledger() as db:
        assert len(claim(db, now=LATER)) == 1


def test_the_gate_holds_or_drops(ledger: Transaction) -> None:
    with ledger() as db:
        siti = account(db)
        held, dropped, sent = post(db, siti, Kind.LESSON), post(db, siti, Kind.SURVEY), post(db, siti)

    def gate(given: Occasion, now: datetime) -> Verdict:
        return {Kind.LESSON: Verdict(hold_until=LATER), Kind.SURVEY: Verdict(drop="stopped")}.get(given.kind, SEND)

    with ledger() as db:
        assert [claimed.id for claimed in claim(db, gate=gate)] == [sent]
    with ledger() as db:
        assert states(db) == {held: ("waiting", None), dropped: ("dropped", "stopped"), sent: ("claimed", None)}
        assert outbox.next_due(db, NOW) == LATER


def test_what_the_gate_calls_silent_goes_out_silently_and_stays_as_it_was_written(ledger: Transaction) -> None:
    with ledger() as db:
        answer = post(db, account(db), Kind.ANSWER)
    with ledger() as db:
        (claimed,) = claim(db, gate=lambda given, now: Verdict(silent=True))
        assert (claimed.id, claimed.message.silent) == (answer, True)
        assert "silent" not in str(db.get_one(OutboxRow, answer).message)


def test_a_person_who_blocked_us_is_not_tried_again(ledger: Transaction) -> None:
    with ledger() as db:
        siti = account(db)
        first, second = post(db, siti), post(db, siti, Kind.REMINDER)
        claimed = claim(db, limit=1)[0]
    with ledger() as db:
        outbox.settle(db, [Result(claimed, Status.BLOCKED, "Forbidden")], holder="me", now=NOW)
    with ledger() as db:
        assert states(db) == {first: ("blocked", "Forbidden"), second: ("blocked", "blocked")}
        assert db.get_one(Account, siti.id).blocked_at == NOW
        third = post(db, siti)
    with ledger() as db:
        assert claim(db) == []
    with ledger() as db:
        assert states(db)[third] == ("blocked", "blocked before")


def test_settling_writes_down_what_telegram_said(ledger: Transaction) -> None:
    with ledger() as db:
        siti, anton = account(db, 5), account(db, 6)
        posts = [outbox.to(siti, Message("x.y")), outbox.to(siti, Message("x.z")), outbox.to(anton, Message("x.z"))]
        first, second, edit = outbox.post_claimed(db, posts, now=NOW, holder="me", real_now=NOW)
    assert (first.chat_id, first.message, first.attempts) == (5, Message("x.y"), 1)
    with ledger() as db:
        results = [
            Result(second, Status.SENT, message_id=12, poll_id="p1"),
            Result(first, Status.SENT, message_id=11),
            Result(edit, Status.SENT, message_id=2),
        ]
        outbox.settle(db, results, holder="me", now=LATER)
    with ledger() as db:
        row = db.get_one(OutboxRow, second.id)
        assert (row.status, row.telegram_message_id, row.poll_id, row.sent_at) == ("sent", 12, "p1", LATER)
        assert row.lease_until is None
        assert db.get_one(Account, siti.id).last_message_id == 12
        assert db.get_one(Account, anton.id).last_message_id == 3  # an older message was edited
        assert outbox.telegram_message_of(db, first.id) == ("sent", 11)
        assert outbox.telegram_message_of(db, 999) is None


def test_what_is_given_back_unsent_does_not_count_as_said_twice(ledger: Transaction) -> None:
    with ledger() as db:
        post(db, account(db))
        claimed = claim(db)[0]
    with ledger() as db:
        claimed.attempts -= 1
        outbox.settle(db, [Result(claimed, Status.WAITING, retry_at=LATER)], holder="me", now=NOW)
    with ledger() as db:
        assert claim(db) == []
        (again,) = claim(db, now=LATER)
        assert again.attempts == 1
        outbox.settle(db, [Result(again, Status.SENT, message_id=4)], holder="me", now=LATER)
    with ledger() as db:
        assert outbox.said_more_than_once(db) == 0


def test_a_rest_is_kept_as_a_moment_whatever_its_zone(ledger: Transaction) -> None:
    with ledger() as db:
        post(db, account(db))
        parcel = claim(db)[0]
    with ledger() as db:
        retry_at = LATER.astimezone(timezone(timedelta(hours=9)))
        outbox.settle(db, [Result(parcel, Status.WAITING, retry_at=retry_at)], holder="me", now=NOW)
    with ledger() as db:
        assert claim(db, now=LATER - timedelta(microseconds=1)) == []
        assert len(claim(db, now=LATER)) == 1


def test_what_ends_every_sender_is_given_up(ledger: Transaction) -> None:
    with ledger() as db:
        deadly = post(db, account(db))
    for _ in range(outbox.MOST_ATTEMPTS):
        with ledger() as db:
            assert [claimed.id for claimed in claim(db)] == [deadly]
        with ledger() as db:
            outbox.recover(db, real_now=NOW, everything=True)
    with ledger() as db:
        assert claim(db) == []
        assert states(db)[deadly][0] == "failed"


def test_what_was_claimed_but_is_in_nobodys_hands_is_taken_up_again(ledger: Transaction) -> None:
    """A commit went well, and the connection broke before it could say so."""
    with ledger() as db:
        siti = account(db)
        held, lost = post(db, siti), post(db, siti)
        claim(db)
    later = NOW + outbox.LEASE + timedelta(seconds=1)
    with ledger() as db:
        outbox.renew_leases(db, [held], holder="me", real_now=NOW + timedelta(seconds=30))
        assert outbox.recover(db, real_now=later, everything=False) == 1
    with ledger() as db:
        assert states(db)[held][0] == "claimed"
        assert states(db)[lost][0] == "waiting"


def test_what_a_dead_process_held_is_taken_up_again_but_no_announcement(ledger: Transaction) -> None:
    with ledger() as db:
        siti = account(db)
        reply, announcement = post(db, siti), post(db, siti, Kind.ANNOUNCEMENT)
        claim(db)
    with ledger() as db:
        assert outbox.recover(db, real_now=NOW + outbox.LEASE - timedelta(seconds=1), everything=False) == 0
    with ledger() as db:
        outbox.renew_leases(db, [reply, announcement], holder="me", real_now=NOW + timedelta(seconds=60))
    with ledger() as db:
        assert outbox.recover(db, real_now=NOW + outbox.LEASE + timedelta(seconds=1), everything=False) == 0
        assert outbox.recover(db, real_now=NOW + outbox.LEASE + timedelta(seconds=61), everything=False) == 2
    with ledger() as db:
        assert states(db)[reply][0] == "waiting"
        assert states(db)[announcement][0] == "unknown"
        (claimed,) = claim(db)
        outbox.settle(db, [Result(claimed, Status.SENT, message_id=9)], holder="me", now=NOW)
    with ledger() as db:
        assert outbox.said_more_than_once(db) == 1


def test_a_sender_that_lost_its_place_can_only_tell_what_was_sent(ledger: Transaction) -> None:
    with ledger() as db:
        siti = account(db)
        reply, failed, taken = post(db, siti), post(db, siti), post(db, siti)
        announcement = post(db, siti, Kind.ANNOUNCEMENT)
        secret = outbox.post(db, outbox.to(siti, Message("x.y", secret=True)), now=NOW)
        assert secret is not None
        old = {claimed.id: claimed for claimed in claim(db)}
    with ledger() as db:
        assert outbox.recover(db, real_now=NOW, everything=True) == 5
    with ledger() as db:
        (claimed,) = claim(db, holder="next", limit=1)
        assert (claimed.id, claimed.attempts) == (reply, 2)
    with ledger() as db:  # the old one knows nothing of it
        results = [
            Result(old[reply], Status.SENT, message_id=11),
            Result(old[failed], Status.FAILED, "x"),
            Result(old[taken], Status.SENT, message_id=13),
            Result(old[announcement], Status.SENT, message_id=14),
            Result(old[secret], Status.FAILED, "x"),
        ]
        outbox.settle(db, results, holder="me", now=NOW)
    with ledger() as db:
        assert {row: status for row, (status, _) in states(db).items()} == {
            reply: "claimed",
            failed: "waiting",
            taken: "sent",
            announcement: "sent",
            secret: "waiting",
        }
        assert db.get_one(OutboxRow, secret).message is not None
        assert db.get_one(OutboxRow, announcement).telegram_message_id == 14
        outbox.settle(db, [Result(claimed, Status.SENT, message_id=15)], holder="next", now=NOW)
    with ledger() as db:
        outbox.settle(db, [Result(old[reply], Status.SENT, message_id=11)], holder="me", now=LATER)
    with ledger() as db:
        row = db.get_one(OutboxRow, reply)
        assert (row.status, row.telegram_message_id, row.attempts, row.sent_at) == ("sent", 15, 2, NOW)


def test_a_late_word_does_not_make_it_said_less_often(ledger: Transaction) -> None:
    with ledger() as db:
        post(db, account(db))
        (old,) = claim(db)
    with ledger() as db:
        outbox.recover(db, real_now=NOW, everything=True)
        (claimed,) = claim(db, holder="next")
        outbox.settle(db, [Result(claimed, Status.WAITING)], holder="next", now=NOW)
    with ledger() as db:
        outbox.settle(db, [Result(old, Status.SENT, message_id=4)], holder="me", now=NOW)
    with ledger() as db:
        row = db.get_one(OutboxRow, old.id)
        assert (row.status, row.attempts) == ("sent", 2)


def test_the_last_word_to_an_erased_account_leaves_no_row(ledger: Transaction) -> None:
    with ledger() as db:
        goodbye = Post(None, 5, "id", Message("privacy.erased"))
        claimed_messages = outbox.post_claimed(db, [goodbye], now=NOW, holder="me", real_now=NOW)
    with ledger() as db:
        outbox.settle(db, [Result(claimed_messages[0], Status.SENT, message_id=4)], holder="me", now=NOW)
    with ledger() as db:
        assert states(db) == {}


def test_what_became_untrue_is_dropped_unless_it_is_being_sent(ledger: Transaction) -> None:
    with ledger() as db:
        siti = account(db)
        being_sent = post(db, siti, Kind.REMINDER)
        claim(db)
        waiting, reply = post(db, siti, Kind.REMINDER), post(db, siti)
        assert outbox.drop_waiting(db, "stopped", kinds=[Kind.REMINDER], account_id=siti.id) == 1
        with pytest.raises(ValueError, match="what to drop"):
            outbox.drop_waiting(db, "everything")
    with ledger() as db:
        assert {row: status for row, (status, _) in states(db).items()} == {
            being_sent: "claimed",
            waiting: "dropped",
            reply: "waiting",
        }


def test_old_words_are_forgotten(ledger: Transaction) -> None:
    with ledger() as db:
        siti = account(db)
        post(db, siti)
        claimed = claim(db)[0]
        outbox.settle(db, [Result(claimed, Status.SENT, message_id=4)], holder="me", now=NOW)
        waiting = post(db, siti)
    with ledger() as db:
        assert outbox.empty_old(db, limit=10, before=LATER) == 1
    with ledger() as db:
        assert db.get_one(OutboxRow, claimed.id).message is None
        assert db.get_one(OutboxRow, waiting).message is not None


@pytest.mark.parametrize("status", [Status.SENT, Status.FAILED, Status.UNKNOWN, Status.BLOCKED, Status.WAITING])
def test_a_secret_stays_in_the_ledger_no_longer_than_it_must(ledger: Transaction, status: Status) -> None:
    with ledger() as db:
        siti = account(db)
        secret = outbox.post(db, outbox.to(siti, Message("x.y", {"link": "z"}, secret=True)), now=NOW)
        plain = post(db, siti)
    with ledger() as db:
        claimed_messages = claim(db)
        outbox.settle(db, [Result(claimed, status) for claimed in claimed_messages], holder="me", now=NOW)
    with ledger() as db:
        kept = dict(db.execute(select(OutboxRow.id, OutboxRow.message.is_not(None))).all())
        assert kept == {secret: status is Status.WAITING, plain: True}


def test_a_reply_that_waits_for_somebody_who_blocked_us_is_emptied(ledger: Transaction) -> None:
    with ledger() as db:
        siti = account(db)
        first, reply, reminder = post(db, siti), post(db, siti), post(db, siti, Kind.REMINDER)
    with ledger() as db:
        (claimed,) = claim(db, limit=1)
        outbox.settle(db, [Result(claimed, Status.BLOCKED)], holder="me", now=NOW)
    with ledger() as db:
        kept = {row.id: row.message is not None for row in db.scalars(select(OutboxRow))}
        assert kept == {first: True, reply: False, reminder: True}
