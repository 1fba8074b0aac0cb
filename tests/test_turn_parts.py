"""The parts of a turn: where an answer is shown, ways out below it, corrections, the newest message and its answers."""

from __future__ import annotations

from typing import Any, cast

import pytest
from sqlalchemy.orm import Session
from telegram import Bot, Update

from bot.actions.buttons import HELP, MENU
from bot.actions.menu import SeeLanguages
from bot.capability import Context
from bot.delivery import outbox
from bot.people.people import Account
from bot.people.rights import Rights
from bot.telegram import updates
from bot.turns.corrections import MOST_HEARD, as_written, note_answer, state_corrected
from bot.turns.dispatcher import Dispatcher
from bot.turns.newest import Newest
from bot.turns.pages import in_pairs
from bot.turns.placing import is_last_message, place_of_menu, with_ways_out
from bot.turns.turn import Turn
from bot.turns.typed_below import stands_below_newest, was_forwarded
from bot.words.message import Button, Keyboard, Message
from tests.chat import MONDAY

PERSON = {"id": 5, "is_bot": False, "first_name": "Siti"}
CHAT = {"id": 5, "type": "private", "first_name": "Siti"}
DICE = {"emoji": "🎲", "value": 3}


def came(**payload: Any) -> Update:
    return updates.read({"update_id": 1, **payload}, Bot("1:made-up"))


def written(number: int, **rest: Any) -> dict[str, Any]:
    return {"message_id": number, "date": 1, "from": PERSON, "chat": CHAT, **rest}


def tapped(number: int, **shown: Any) -> Update:
    message = {"message_id": number, "date": 1, "chat": CHAT, **shown}
    return came(callback_query={"id": "7", "from": PERSON, "chat_instance": "5", "message": message, "data": "x:y"})


def of(last: int = 4, **fields: Any) -> Account:
    return Account(telegram_id=5, language="id", last_message_id=last, **{"draft": {}, **fields})


def turn_of(account: Account, update: Update) -> Turn:
    return Turn(
        db=cast(Session, None),
        account=account,
        update=update,
        now=MONDAY,
        context=cast(Context, None),
        dispatcher=cast(Dispatcher, None),
        rights=cast(Rights, None),
    )


def test_a_menu_takes_the_place_of_the_last_message_alone_and_only_of_a_text() -> None:
    last, older, dice = tapped(4, text="Menu"), tapped(3, text="Menu"), tapped(4, dice=DICE)
    assert [is_last_message(one.callback_query, of(last=4)) for one in (last, older, dice)] == [True, False, True]
    assert [place_of_menu(one.callback_query, of(last=4)) for one in (last, older, dice)] == [4, None, None]
    assert place_of_menu(came(message=written(5, text="halo")).callback_query, of()) is None


def test_the_ways_out_are_added_where_they_are_missing() -> None:
    other = Button("menu.button.language", SeeLanguages())
    assert with_ways_out([[other]], None, menu=True) == ((other,), (MENU, HELP))
    assert with_ways_out([[other]], None, menu=False) == ((other,), (HELP,))
    assert with_ways_out([[MENU]], None, menu=True) == ((MENU,), (HELP,))
    assert with_ways_out([[MENU, HELP]], None, menu=True) == ((MENU, HELP),)
    # Telegram shows either a keyboard or buttons
    assert with_ways_out([], Keyboard.SHARE_LOCATION, menu=True) == ()


def test_the_last_few_answers_of_a_conversation_can_be_corrected() -> None:
    account = of(conversation="registration", state="name")
    for number in range(1, MOST_HEARD + 2):
        note_answer(turn_of(account, came(message=written(number, text="Siti"))), f"state {number}")

    def corrected(number: int, **what: Any) -> str | None:
        return state_corrected(turn_of(account, came(edited_message=written(number, edit_date=2, **what))))

    assert corrected(1, text="Siti A.") is None  # too long ago
    assert corrected(2, text="Siti A.") == "state 2"
    assert corrected(2, location={"latitude": -8.5, "longitude": 119.9}) is None
    account.conversation = None
    assert corrected(2, text="Siti A.") is None


def test_a_correction_is_read_like_a_message() -> None:
    turn = turn_of(of(), came(edited_message=written(2, edit_date=2, text="Siti A.")))
    assert turn.text == ""
    as_written(turn)
    assert turn.text == "Siti A."


def test_the_newest_message_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    reads = []

    def read(db: Session, account: Account) -> outbox.Newest:
        reads.append(account)
        return outbox.Newest(Message("menu.menu"), 3, None)

    monkeypatch.setattr(outbox, "newest", read)
    newest = Newest(cast(Session, None), of())
    assert (newest.said, newest.person_id) == (Message("menu.menu"), 3)
    assert len(reads) == 1


def test_only_a_secret_that_was_named_has_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = []
    for name in (None, "calls:12@siti", "calls:12@77"):
        monkeypatch.setattr(outbox, "newest", lambda db, account, name=name: outbox.Newest(None, None, name))
        rows.append(Newest(cast(Session, None), of()).row)
    assert rows == ["", "", "calls:12"]


def test_a_forwarded_text_and_one_in_a_conversation_do_not_answer_the_newest_message() -> None:
    text, origin = {"text": "ya"}, {"type": "hidden_user", "date": 1, "sender_user_name": "Ani"}
    forwarded = came(message=written(5, **text, forward_origin=origin))
    assert was_forwarded(turn_of(of(), forwarded))
    assert not was_forwarded(turn_of(of(), came(message=written(5, **text))))
    assert stands_below_newest(turn_of(of(), came(message=written(5, **text))))
    assert not stands_below_newest(turn_of(of(), forwarded))
    assert not stands_below_newest(turn_of(of(conversation="roster"), came(message=written(5, **text))))
    assert not stands_below_newest(turn_of(of(), tapped(4, text="Menu")))


def test_a_list_in_pairs_keeps_its_order_and_loses_nothing() -> None:
    assert in_pairs([1, 2, 3, 4, 5]) == [[1, 2], [3, 4], [5]]
    assert in_pairs([]) == []
