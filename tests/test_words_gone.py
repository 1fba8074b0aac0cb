"""A message that waited over an upgrade which took its words away."""

from __future__ import annotations

from bot.actions.buttons import MENU
from bot.delivery import outbox
from bot.programme.mentoring.desk import escaped
from bot.words.message import File, Form, Message, rows
from tests.chat import Chat, registered


def test_a_message_without_words_says_so_and_the_queue_goes_on(chat: Chat) -> None:
    siti = registered(chat).types("/menu")
    waiting = (
        Message("mentoring.said_by_version_one", {"number": 1}, rows((MENU,)), html=escaped("Foto di <jendela>")),
        Message("mentoring.said_by_version_one", form=Form.PHOTO, file=File("photo", "image/jpeg", id="A")),
        Message("mentoring.stopped"),
    )
    with chat.database.transaction() as db:
        account = siti.account(db)
        assert account is not None
        for message in waiting:
            outbox.post(db, outbox.to(account, message), now=chat.now)
    siti.looks_up()
    chat.look()
    siti.sees("Pesan ini sudah tidak berlaku", "Foto di <jendela>", "Menu", "Bantuan", "Tidak ada yang dikirim")
    assert [bubble.params["photo"] for bubble in siti.new if bubble.method == "sendPhoto"] == ["A"]
    assert (chat.app.sender.wordless, chat.app.sender.failed) == (2, 0)
