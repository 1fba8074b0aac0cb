"""The spine in chats: failed turns, order, floods, stale and forged taps, and updates that come twice."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import InternalError, OperationalError

from bot.database_trouble import DatabaseUnavailableError
from bot.delivery.outbox import OutboxRow
from bot.people.people import Account
from bot.programme import enrolment
from bot.turns import inbox
from bot.turns.floods import MAX_UNHANDLED_PER_PERSON
from bot.turns.inbox import InboxRow
from tests.chat import Chat, Phone, registered


@pytest.fixture
def broken_schedule(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """/jadwal fails for one person, whose id is put into the list."""
    victims: list[int] = []
    real = enrolment.mine

    def mine(db: object, person: object, now: object) -> object:
        if getattr(person, "id", None) in victims:
            raise RuntimeError("secret: Siti Aminah")
        return real(db, person, now)  # type: ignore[arg-type]

    monkeypatch.setattr(enrolment, "mine", mine)
    return victims


def person_id(chat: Chat, phone: object) -> int:
    with chat.database.transaction() as db:
        return phone.person(db).id  # type: ignore[attr-defined, no-any-return]


def undone(chat: Chat) -> int:
    with chat.database.transaction() as db:
        return inbox.number_undone(db)


def test_a_failed_turn_apologises_once_with_a_reference_and_logs_no_words(
    chat: Chat, broken_schedule: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    siti = registered(chat)
    broken_schedule.append(person_id(chat, siti))
    siti.types("/jadwal").sees("Maaf, ada gangguan", "kode ", "Bantuan")
    assert len(siti.new) == 1
    logged = capsys.readouterr().out
    reference = siti.last.text.split("kode ")[1].strip(" .")
    assert logged.count("turn failed") == 1
    assert reference in logged
    assert "Aminah" not in logged
    assert undone(chat) == 0
    broken_schedule.clear()
    siti.types("/jadwal").sees("belum punya kelas")


def test_one_bad_turn_does_not_spoil_the_batch(chat: Chat, broken_schedule: list[int]) -> None:
    phones = [registered(chat, f"Orang {number}") for number in range(8)]
    broken_schedule.append(person_id(chat, phones[3]))
    for phone in phones:
        phone.looks_up()
    chat.deliver_all([phone.message(text="/jadwal", entities=COMMAND) for phone in phones])
    for number, phone in enumerate(phones):
        phone.sees("Maaf, ada gangguan" if number == 3 else "belum punya kelas")
        assert len(phone.new) == 1


COMMAND = [{"type": "bot_command", "offset": 0, "length": 7}]


def test_a_failed_tap_stops_its_spinner(chat: Chat, broken_schedule: list[int]) -> None:
    siti = registered(chat)
    broken_schedule.append(person_id(chat, siti))
    siti.sends_tap("enrolment:mine").sees("Maaf, ada gangguan")
    assert [query for query in chat.telegram.answers if query.startswith(f"{siti.id}-")]


class ReadOnly(Exception):
    """What PostgreSQL says as a standby that has not taken over yet."""

    sqlstate = "25006"


class TooSlow(Exception):
    """What PostgreSQL says where it ended a transaction that did nothing for too long."""

    sqlstate = "25P03"


@pytest.mark.parametrize(
    "problem",
    [
        OperationalError("SELECT", {}, RuntimeError("disk is full")),
        InternalError("UPDATE", {}, ReadOnly("read-only")),
        InternalError("UPDATE", {}, TooSlow("terminating connection due to idle-in-transaction timeout")),
    ],
    ids=["full", "read-only", "too slow"],
)
def test_a_database_that_is_away_for_a_moment_loses_nothing(
    chat: Chat, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    siti = registered(chat)
    real, failures = enrolment.mine, [2]

    def mine(db: object, person: object, now: object) -> object:
        if failures[0]:
            failures[0] -= 1
            raise problem
        return real(db, person, now)  # type: ignore[arg-type]

    monkeypatch.setattr(enrolment, "mine", mine)
    siti.types("/jadwal").sees("belum punya kelas").does_not_see("Maaf")


def test_an_update_that_comes_twice_is_handled_once(chat: Chat) -> None:
    session = chat.add_class()
    siti = registered(chat)
    update = {"update_id": 70_001, **siti.tap_update(f"enrolment:take:{session}")}
    chat.deliver_all([update], siti)
    said = len(siti.bubbles)
    chat.deliver_all([update], siti)
    assert len(siti.bubbles) == said


def test_updates_of_one_person_are_handled_in_their_order(chat: Chat) -> None:
    siti = registered(chat).looks_up()
    texts = ["/jadwal", "/kelas", "/jadwal", "/kelas", "/jadwal"]
    chat.deliver_all([siti.message(text=text, entities=[{**COMMAND[0], "length": len(text)}]) for text in texts], siti)
    expected = ["belum punya kelas" if text == "/jadwal" else "Belum ada kelas" for text in texts]
    assert len(siti.new) == 5
    assert all(words in bubble.text for words, bubble in zip(expected, siti.new, strict=True))


def test_a_flood_is_slowed_and_told_once_and_others_do_not_notice(chat: Chat) -> None:
    siti, anton = registered(chat), registered(chat, "Anton")
    flood = [siti.message(text="halo") for _ in range(MAX_UNHANDLED_PER_PERSON + 40)]
    chat.deliver_all([*flood, anton.message(text="/jadwal", entities=COMMAND)], siti)
    anton.sees("belum punya kelas")
    assert sum("banyak sekaligus" in bubble.text for bubble in siti.new) == 1
    assert len(siti.new) == MAX_UNHANDLED_PER_PERSON + 1
    assert undone(chat) == 0
    siti.types("/jadwal").sees("belum punya kelas")


def test_taps_of_a_flood_stop_spinning(chat: Chat) -> None:
    siti = registered(chat)
    chat.deliver_all([siti.tap_update("enrolment:mine") for _ in range(40)], siti)
    assert len([query for query in chat.telegram.answers if query.startswith(f"{siti.id}-")]) == 40


def test_groups_and_unknown_updates_are_noted_and_left_alone(chat: Chat) -> None:
    siti = registered(chat)
    group = siti.message(text="halo")
    group["message"]["chat"] = {"id": -5, "type": "group", "title": "Warga"}
    chat.deliver_all([group, {"poll": {"id": "1"}}, {"something_new": {}}], siti)
    siti.sees_nothing_new()
    with chat.database.transaction() as db:
        assert db.scalar(select(func.count()).select_from(InboxRow).where(InboxRow.done_at.is_not(None))) == 3


def test_blocking_and_letting_in_again_is_noted(chat: Chat) -> None:
    siti = registered(chat)

    def member(status: str) -> dict[str, object]:
        bot = {"id": 1, "is_bot": True, "first_name": "Jalin"}
        kicked = {"status": status, "user": bot} | ({"until_date": 0} if status == "kicked" else {})
        return {
            "my_chat_member": {
                "chat": {"id": siti.id, "type": "private"},
                "from": siti.user,
                "date": 0,
                "old_chat_member": {"status": "member", "user": bot},
                "new_chat_member": kicked,
            }
        }

    for status, blocked in (("kicked", True), ("member", False)):
        chat.deliver(member(status), siti)
        with chat.database.transaction() as db:
            account = siti.account(db)
            assert account is not None
            assert (account.blocked_at is not None) is blocked
    siti.sees_nothing_new()


def test_what_was_handled_is_forgotten_but_for_its_number(chat: Chat) -> None:
    registered(chat).types("rahasia saya")
    with chat.database.transaction() as db:
        rows = db.execute(select(InboxRow.payload, InboxRow.sender_id)).all()
    assert rows
    assert all(row == (None, None) for row in rows)


def test_no_name_stands_in_the_ledger(chat: Chat) -> None:
    session = chat.add_class()
    registered(chat, "Siti Nurhaliza").sends_tap(f"enrolment:take:{session}").sees("Bu Siti Nurhaliza")
    with chat.database.transaction() as db:
        assert "Nurhaliza" not in str(db.scalars(select(OutboxRow.message)).all())
        assert db.scalar(select(func.count()).select_from(Account)) == 1


def test_a_process_that_died_with_updates_in_hand_leaves_them_to_the_next(chat: Chat) -> None:
    siti = registered(chat).looks_up()
    with chat.database.transaction() as db:
        inbox.store(
            db,
            [{"update_id": 90_001, **siti.message(text="/jadwal", entities=COMMAND)}],
            now=chat.now,
            let_go=frozenset(),
        )
    chat.restart()
    chat.look()
    siti.sees("belum punya kelas")
    assert undone(chat) == 0


def full(*, after: int, failures: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A full disk: the first batch fails, then `after` turns fit, then so many fail. What happened, in order."""
    real, happened = enrolment.mine, ["batch"]

    def mine(db: object, person: object, now: object) -> object:
        fits = happened.count("fits")
        if happened == ["batch"] or (fits >= after and happened.count("full") <= failures):
            happened.append("full")
            raise OperationalError("INSERT", {}, RuntimeError("database or disk is full"))
        happened.append("fits")
        return real(db, person, now)  # type: ignore[arg-type]

    monkeypatch.setattr(enrolment, "mine", mine)
    return happened


def test_what_still_fits_on_a_full_disk_is_said(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch is taken apart, some of it is committed, and the database fails again: none of it is forgotten."""
    phones = [registered(chat, f"Orang {number}").looks_up() for number in range(4)]
    happened = full(after=2, failures=2, monkeypatch=monkeypatch)
    chat.deliver_all([phone.message(text="/jadwal", entities=COMMAND) for phone in phones])
    assert happened.count("full") == 3
    for phone in phones:
        phone.sees("belum punya kelas").does_not_see("Maaf")
        assert len(phone.new) == 1
    with chat.database.transaction() as db:
        assert set(db.scalars(select(OutboxRow.status))) == {"sent"}


def tries(chat: Chat) -> list[int]:
    with chat.database.transaction() as db:
        return list(db.scalars(select(InboxRow.tries).where(InboxRow.done_at.is_(None)).order_by(InboxRow.update_id)))


def left_over(chat: Chat, *phones: Phone) -> None:
    """Their /jadwal lies in the inbox, as if a process had ended with it in hand."""
    with chat.database.transaction() as db:
        updates = [
            {"update_id": 90_001 + at, **phone.message(text="/jadwal", entities=COMMAND)}
            for at, phone in enumerate(phones)
        ]
        inbox.store(db, updates, now=chat.now, let_go=frozenset())


def test_a_database_that_is_away_is_not_blamed_on_the_update(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    siti = registered(chat).looks_up()
    left_over(chat, siti)
    for _ in range(inbox.TRIES + 1):
        with monkeypatch.context() as away:

            def mine(*_: object) -> object:
                raise OperationalError("SELECT", {}, RuntimeError("the server closed the connection"))

            away.setattr(enrolment, "mine", mine)
            with pytest.raises(DatabaseUnavailableError):
                chat.app.turns.run_left_over(64)
            assert tries(chat) == [0]
    chat.restart()
    chat.look()
    siti.sees("belum punya kelas").does_not_see("Maaf")


def test_what_may_have_ended_a_process_is_begun_one_after_the_other(chat: Chat) -> None:
    """Also where a process has several threads."""
    phones = [registered(chat, f"Orang {number}").looks_up() for number in range(4)]
    left_over(chat, *phones)
    with chat.database.transaction() as db:
        db.execute(update(InboxRow).values(tries=1))
    real = chat.app.inbox._run_turns
    under_way: set[int] = set()
    batches: list[list[int]] = []

    def run_turns(batch: Sequence[inbox.Arrival], hand_over: bool) -> Any:
        assert not under_way
        under_way.add(batch[0].update_id)
        time.sleep(0.02)  # time enough for another thread to take the next
        under_way.clear()
        batches.append([arrival.update_id for arrival in batch])
        return real(batch, hand_over)

    chat.app.inbox._run_turns = run_turns
    chat._loop.run_until_complete(chat.app.inbox.recover())
    chat.look()
    assert batches == [[90_001], [90_002], [90_003], [90_004]]
    for phone in phones:
        phone.sees("belum punya kelas").does_not_see("Maaf")


def test_an_update_is_given_up_by_one_only(chat: Chat) -> None:
    siti = registered(chat).looks_up()
    left_over(chat, siti)
    given_up = inbox.Arrival(90_001, siti.id, siti.message(text="/jadwal", entities=COMMAND), tries=inbox.TRIES)
    done = [chat.app.turns.run([given_up], hand_over=False) for _ in range(2)]
    assert [one.handled for one in done] == [1, 0]
    chat.look()
    siti.sees("Maaf, ada gangguan")
    assert len(siti.new) == 1


def test_a_commit_of_which_nobody_heard_loses_no_update(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database took the updates, and the connection broke before it could say so."""
    siti = registered(chat).looks_up()
    real, failures = chat.app.inbox._store, [1]

    def store(*given: Any) -> inbox.Received:
        with chat.database.transaction() as db:
            received = real(db, *given[1:])
        if failures[0]:
            failures[0] -= 1
            raise OperationalError("COMMIT", {}, RuntimeError("the server closed the connection"))
        return received

    monkeypatch.setattr(chat.app.inbox, "_store", store)
    monkeypatch.setattr(chat.database, "in_transaction", lambda work, *given: chat.database.run(work, None, *given))
    brought = {"update_id": 70_001, **siti.message(text="/jadwal", entities=COMMAND)}
    with pytest.raises(OperationalError):
        chat._loop.run_until_complete(chat.app.inbox.accept([brought]))
    chat._loop.run_until_complete(chat.app.inbox.accept([brought]))
    monkeypatch.undo()
    chat.look()
    siti.sees("belum punya kelas")
    assert len(siti.new) == 1
