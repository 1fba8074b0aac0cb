"""The spine in chats: failed turns, order, floods, stale and forged taps, and updates that come twice."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from bot import inbox
from bot.inbox import PATIENCE, InboxRow
from bot.outbox import OutboxRow
from bot.programme import enrolment
from bot.programme.people import Account
from tests.chat import Chat, registered


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


def test_a_database_that_is_away_for_a_moment_loses_nothing(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    siti = registered(chat)
    real, failures = enrolment.mine, [2]

    def mine(db: object, person: object, now: object) -> object:
        if failures[0]:
            failures[0] -= 1
            raise OperationalError("SELECT", {}, RuntimeError("disk is full"))
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
    flood = [siti.message(text="halo") for _ in range(60)]
    chat.deliver_all([*flood, anton.message(text="/jadwal", entities=COMMAND)], siti)
    anton.sees("belum punya kelas")
    assert sum("Pelan-pelan" in bubble.text for bubble in siti.new) == 1
    assert len(siti.new) == PATIENCE + 1
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
