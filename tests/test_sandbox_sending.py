"""What people can send to a bot in the sandbox besides text, and what the bot gets of it: over real HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from telegram import Message, MessageOriginHiddenUser, MessageOriginUser, Sticker

from bot.sandbox.pictures import picture_size, sample_picture
from bot.sandbox.sample_files import STICKER_SIZE, VOICE_SECONDS, sample_sticker, sample_voice
from tests.test_sandbox import SITI, Telegram, opened, talk, with_siti


async def received(t: Telegram) -> Message:
    message = (await t.update()).message
    assert message is not None
    return message


@talk
async def test_a_voice_message_and_a_sticker_come_as_telegram_sends_them() -> None:
    async with with_siti() as t:
        await t.page(f"chat/{SITI}/voice")
        voice = (await received(t)).voice
        assert voice is not None
        assert (voice.mime_type, voice.file_size) == ("audio/ogg", len(sample_voice()))
        assert voice.to_dict()["duration"] == VOICE_SECONDS
        file = await t.bot.get_file(voice.file_id)
        assert bytes(await file.download_as_bytearray()).startswith(b"OggS")

        shown = (await t.page(f"chat/{SITI}/sticker"))["message"]
        sticker = (await received(t)).sticker
        assert sticker is not None
        assert (sticker.width, sticker.height, sticker.type) == (STICKER_SIZE, STICKER_SIZE, Sticker.REGULAR)
        assert not sticker.is_animated
        assert not sticker.is_video
        assert picture_size(sample_sticker()) == (STICKER_SIZE, STICKER_SIZE)
        answer = await t.http.get(t.url + shown["sticker"]["file"])
        assert answer.headers["content-type"] == "image/webp"
        said = [entry for entry in t.sandbox.transcript.entries if entry["what"] == "said"]
        assert [entry.get("shared") for entry in said[-2:]] == ["voice", "sticker"]


@talk
async def test_an_album_is_several_messages_of_one_group_the_first_with_the_caption() -> None:
    async with with_siti() as t:
        await t.page(f"chat/{SITI}/album", caption="Produk saya")
        messages = [update.message for update in await t.updates()]
        assert [bool(message and message.photo) for message in messages] == [True] * 3
        assert [message.caption for message in messages if message] == ["Produk saya", None, None]
        assert len({message.media_group_id for message in messages if message}) == 1
        own = [("files", (f"{at}.png", sample_picture(at), "image/png")) for at in range(2)]
        answer = await t.http.post(f"{t.url}/sandbox/chat/{SITI}/album", files=own)
        assert [message["photo"]["width"] for message in answer.json()["messages"]] == [160, 160]
        groups = {update.message.media_group_id for update in await t.updates() if update.message}
        assert len(groups) == 1
        assert groups != {message.media_group_id for message in messages if message}
        one = await t.http.post(f"{t.url}/sandbox/chat/{SITI}/album", files=own[:1])
        assert (one.status_code, one.json()["error"]) == (400, "an album has 2 to 10 pictures")
        assert (await t.refused(f"chat/{SITI}/album", caption="x" * 1025))[0] == 400


@talk
async def test_a_photo_and_a_document_may_have_words_under_them() -> None:
    async with with_siti() as t:
        await t.page(f"chat/{SITI}/photo", caption="lihat t.me/contoh")
        photo = await received(t)
        assert (photo.caption, photo.caption_entities[0].type) == ("lihat t.me/contoh", "url")
        own = {"file": ("daftar.csv", b"a,b\n", "text/csv")}
        await t.http.post(f"{t.url}/sandbox/chat/{SITI}/document", files=own, data={"caption": "Daftar"})
        document = await received(t)
        assert document.document is not None
        assert (document.document.file_name, document.caption) == ("daftar.csv", "Daftar")


@talk
async def test_who_edits_their_own_message_sends_the_whole_of_it_again() -> None:
    async with with_siti() as t, t.listening() as heard:
        mine = await t.says(SITI, "besuk")
        await t.update()
        edited = (await t.page(f"chat/{SITI}/edit", message_id=mine["id"], text="besok /menu"))["message"]
        assert (edited["text"], bool(edited["edited"])) == ("besok /menu", True)
        update = await t.update()
        assert update.message is None
        assert update.edited_message is not None
        assert (update.edited_message.message_id, update.edited_message.text) == (mine["id"], "besok /menu")
        assert update.edited_message.edit_date is not None
        assert update.edited_message.entities[0].type == "bot_command"
        again = (await t.page(f"chat/{SITI}/edit", message_id=mine["id"], text="besok /menu"))["message"]
        assert again == edited
        await t.page(f"chat/{SITI}/photo", caption="a")
        # nothing had changed, so of the second edit nothing was told
        photo = await received(t)
        await t.page(f"chat/{SITI}/edit", message_id=photo.message_id, text="b")
        changed = (await t.update()).edited_message
        assert changed is not None
        assert (changed.caption, changed.text) == ("b", None)
        assert [event["type"] for event in heard if event["type"] == "edited"] == ["edited"] * 2


@talk
async def test_nobody_edits_what_is_not_theirs_has_no_words_or_is_two_days_old() -> None:
    present = datetime(2026, 11, 24, 8, tzinfo=UTC)

    class Time:
        def now(self) -> datetime:
            return present

        async def travel(self, to: datetime) -> datetime:
            return to

        async def next_due(self) -> datetime | None:
            return None

    async with opened(time=Time()) as t:
        mine = await t.says(SITI, "halo")
        await t.updates()
        theirs = await t.bot.send_message(SITI, "Halo")
        voice = (await t.page(f"chat/{SITI}/voice"))["message"]
        forwarded = (await t.page(f"chat/{SITI}/forward", message_id=theirs.message_id))["message"]
        for number in (theirs.message_id, voice["id"], forwarded["id"]):
            code, words = await t.refused(f"chat/{SITI}/edit", message_id=number, text="x")
            assert (code, words) == (400, "Bad Request: message can't be edited")
        present += timedelta(hours=48)
        assert (await t.refused(f"chat/{SITI}/edit", message_id=mine["id"], text="x"))[0] == 400


@talk
async def test_a_forwarded_message_says_who_wrote_it_first() -> None:
    async with with_siti() as t:
        sent = await t.bot.send_message(SITI, "<b>Besok</b> kelas", parse_mode="HTML")
        shown = (await t.page(f"chat/{SITI}/forward", message_id=sent.message_id))["message"]
        assert (shown["from"], shown["forwarded_from"], shown["buttons"]) == ("person", "kelas_bot", None)
        message = await received(t)
        assert isinstance(message.forward_origin, MessageOriginUser)
        assert message.forward_origin.sender_user.is_bot
        assert (message.text, message.entities[0].type) == ("Besok kelas", "bold")
        assert message.from_user is not None
        assert message.from_user.id == SITI
        assert message.message_id > sent.message_id

        await t.page(f"chat/{SITI}/forward", text="Kelasnya gratis?", sender="Bu Ani")
        hidden = (await received(t)).forward_origin
        assert isinstance(hidden, MessageOriginHiddenUser)
        assert hidden.sender_user_name == "Bu Ani"

        kept = await t.bot.send_message(SITI, "rahasia", protect_content=True)
        assert (await t.refused(f"chat/{SITI}/forward", message_id=kept.message_id))[0] == 400
        quiz = await t.bot.send_poll(SITI, "Hari apa?", ["Senin", "Selasa"], is_anonymous=False)
        assert (await t.refused(f"chat/{SITI}/forward", message_id=quiz.message_id))[0] == 400
        assert (await t.refused(f"chat/{SITI}/forward", text="x", sender=""))[0] == 400


@talk
async def test_beginning_anew_leaves_the_people_of_the_start_and_gives_out_no_number_twice() -> None:
    async with with_siti() as t, t.listening() as heard:
        added = (await t.page("people", first_name="Rina"))["id"]
        before = await t.says(SITI, "halo")
        voice = (await t.page(f"chat/{SITI}/voice"))["message"]["voice"]["file"]
        await t.page("faults", what="blocked", method="sendMessage")
        offset = t.sandbox.world.counters["update"]
        await t.page("begin-anew")
        world = await t.get("world")
        assert [person["id"] for person in world["people"]] == [101, 102]
        assert added not in t.sandbox.world.people
        assert (await t.get(f"chat/{SITI}"))["messages"] == []
        assert (await t.http.get(t.url + voice)).status_code == 404
        assert (await t.get("faults"))["faults"] == []
        assert not t.sandbox.world.updates
        answer = await t.raw("sendMessage", chat_id=SITI, text="x")
        assert answer["description"] == "Bad Request: chat not found"
        again = await t.says(SITI, "/start")
        assert again["id"] > before["id"]
        assert (await t.update()).update_id > offset
        assert [event for event in heard if event["type"] == "begun_anew"] == [{"type": "begun_anew", "person": 0}]


@talk
async def test_whoever_runs_a_bot_beside_the_sandbox_begins_anew_with_it_or_says_why_not() -> None:
    async with with_siti() as t:

        async def cannot() -> None:
            raise LookupError("it is being started")

        t.sandbox.restart = cannot
        assert await t.refused("begin-anew") == (409, "it is being started")
        assert len((await t.get(f"chat/{SITI}"))["messages"]) == 1
        done = []

        async def restart() -> None:
            t.sandbox.begin_anew()
            done.append(True)

        t.sandbox.restart = restart
        await t.page("begin-anew")
        assert done == [True]
        assert (await t.get(f"chat/{SITI}"))["messages"] == []
