"""What the page does in one person's chat: write, start, tap, vote, share, send files, edit, forward, react, block."""

from __future__ import annotations

import re
from typing import Any

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from . import phone, polls
from .files import content_of
from .json_requests import Refusal, read_json, read_number, read_text, route
from .models import REACTIONS, Message, Person
from .page_view import NOT_KEPT, PageView
from .pictures import sample_picture
from .sample_files import DOCUMENT, SAMPLE_ALBUM, VOICE_SECONDS, sample_sticker, sample_voice
from .world import QUERY_SECONDS, World

_MAX_FILE = 21 << 20


class ChatApi:
    """Routes under /sandbox/chat/<person>/."""

    def __init__(self, world: World, view: PageView) -> None:
        self.world = world
        self.view = view
        self.routes: list[Route] = [route(world, "/sandbox/chat/{person}", self._chat)]
        for handler in (
            self._say, self._start, self._tap, self._location, self._contact, self._vote, self._photo, self._album,
            self._document, self._voice, self._sticker, self._edit, self._forward, self._block,
            self._unblock, self._react, self._read,
        ):  # fmt: skip
            name = handler.__name__.removeprefix("_")
            self.routes.append(route(world, f"/sandbox/chat/{{person}}/{name}", handler, "POST"))

    def _person(self, request: Request) -> Person:
        key = request.path_params["person"]
        person = self.world.people.get(int(key)) if re.fullmatch(r"\d{1,18}", key, re.ASCII) else None
        if person is None:
            raise Refusal("no such person", 404)
        return person

    def _writer(self, request: Request) -> Person:
        person = self._person(request)
        if person.blocked:
            raise Refusal("this person has blocked the bot", 409)
        return person

    def _message(self, person: Person, body: dict[str, Any]) -> Message:
        number = body.get("message_id")
        message = self.world.chats.get(person.id, {}).get(number) if isinstance(number, int) else None
        if message is None:
            raise Refusal("no such message", 404)
        return message

    def _sent(self, message: Message) -> Response:
        return JSONResponse({"message": self.view.as_page(message)})

    async def _chat(self, request: Request) -> Response:
        person = self._person(request)
        after = request.query_params.get("after", "0")
        if not re.fullmatch(r"\d{1,18}", after, re.ASCII):
            raise Refusal("after must be a message id")
        messages = [m for m in self.world.chats.get(person.id, {}).values() if m.id > int(after)]
        self.world.mark_read(person)
        return JSONResponse(
            {
                "messages": [self.view.as_page(message) for message in messages],
                "keyboard": person.keyboard,
                "commands": self.world.commands_for(person),
                "blocked": person.blocked,
            },
            headers=NOT_KEPT,
        )

    async def _read(self, request: Request) -> Response:
        await read_json(request)
        self.world.mark_read(self._person(request))
        return JSONResponse({})

    async def _say(self, request: Request) -> Response:
        person = self._writer(request)
        text = read_text(await read_json(request), "text")
        try:
            return self._sent(phone.say(self.world, person, text))
        except ValueError as error:
            raise Refusal(str(error)) from None

    async def _start(self, request: Request) -> Response:
        person = self._person(request)
        payload = read_text(await read_json(request), "payload", "")
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,64}", payload, re.ASCII):
            raise Refusal("a deep link's payload has at most 64 of A-Z a-z 0-9 _ -")
        phone.block(self.world, person, False)  # the app's START button un-blocks
        return self._sent(phone.say(self.world, person, f"/start {payload}".strip()))

    async def _tap(self, request: Request) -> Response:
        person = self._writer(request)
        body = await read_json(request)
        message = self._message(person, body)
        data = read_text(body, "data")
        rows = message.body.get("reply_markup", {}).get("inline_keyboard", [])
        if not any(button.get("callback_data") == data for row in rows for button in row):
            raise Refusal("the message has no such button", 409)
        return JSONResponse({"query_id": phone.tap(self.world, person, message, data).id, "seconds": QUERY_SECONDS})

    async def _location(self, request: Request) -> Response:
        person = self._writer(request)
        body = await read_json(request)
        location = {"latitude": read_number(body, "latitude"), "longitude": read_number(body, "longitude")}
        if abs(location["latitude"]) > 90 or abs(location["longitude"]) > 180:
            raise Refusal("latitude is -90 to 90, longitude -180 to 180")
        return self._sent(phone.receive(self.world, person, {"location": location}))

    async def _contact(self, request: Request) -> Response:
        person = self._writer(request)
        await read_json(request)
        contact = {
            "phone_number": f"62812{person.id % 10**8:08d}",
            "first_name": person.telegram_name,
            "user_id": person.id,
        }
        return self._sent(phone.receive(self.world, person, {"contact": contact}))

    async def _vote(self, request: Request) -> Response:
        person = self._writer(request)
        body = await read_json(request)
        message = self._message(person, body)
        poll = polls.of_message(self.world, message)
        if poll is None:
            raise Refusal("the message has no quiz", 409)
        polls.close_due(self.world)
        if poll.body["is_closed"]:
            raise Refusal("the poll is closed", 409)
        given = body.get("option")
        options = given if isinstance(given, list) else [] if given is None else [given]
        count = len(poll.body["options"])
        if not all(isinstance(i, int) and not isinstance(i, bool) and 0 <= i < count for i in options):
            raise Refusal("no such option")
        if len(set(options)) != len(options) or (len(options) > 1 and not poll.body["allows_multiple_answers"]):
            raise Refusal("one option only")
        voted = str(person.id) in poll.votes
        if voted and not poll.body["allows_revoting"]:
            raise Refusal("this vote cannot be changed", 409)
        if not options and not voted:
            raise Refusal("nothing to take back", 409)
        polls.vote(self.world, person, poll, sorted(options))
        return self._sent(message)

    async def _photo(self, request: Request) -> Response:
        person = self._writer(request)
        uploads, words = await _uploads(request)
        file = self.world.files.add("photo", *(uploads[0] if uploads else _photo_of(person.id)))
        return self._sent(self._described(person, content_of(file), words))

    async def _album(self, request: Request) -> Response:
        person = self._writer(request)
        uploads, words = await _uploads(request)
        chosen = uploads or [_photo_of(seed) for seed in range(person.id, person.id + SAMPLE_ALBUM)]
        contents = [content_of(self.world.files.add("photo", *each)) for each in chosen]
        try:
            sent = phone.send_album(self.world, person, contents, read_text(words, "caption", ""))
        except ValueError as error:
            raise Refusal(str(error)) from None
        return JSONResponse({"messages": [self.view.as_page(message) for message in sent]})

    async def _document(self, request: Request) -> Response:
        person = self._writer(request)
        uploads, words = await _uploads(request)
        file = self.world.files.add("document", *(uploads[0] if uploads else DOCUMENT))
        return self._sent(self._described(person, content_of(file), words))

    def _described(self, person: Person, content: dict[str, Any], words: dict[str, Any]) -> Message:
        """Sends a file with the caption that the request gives, if any."""
        try:
            return phone.send_file(self.world, person, content, read_text(words, "caption", ""))
        except ValueError as error:
            raise Refusal(str(error)) from None

    async def _voice(self, request: Request) -> Response:
        person = self._writer(request)
        await read_json(request)
        file = self.world.files.add("voice", "", "audio/ogg", sample_voice(), duration=VOICE_SECONDS)
        return self._sent(phone.receive(self.world, person, content_of(file)))

    async def _sticker(self, request: Request) -> Response:
        person = self._writer(request)
        await read_json(request)
        file = self.world.files.add("sticker", "sticker.webp", "image/webp", sample_sticker())
        return self._sent(phone.receive(self.world, person, content_of(file)))

    async def _edit(self, request: Request) -> Response:
        person = self._writer(request)
        body = await read_json(request)
        try:
            return self._sent(phone.edit(self.world, person, self._message(person, body), read_text(body, "text")))
        except ValueError as error:
            raise Refusal(str(error)) from None

    async def _forward(self, request: Request) -> Response:
        """Forwards a message of this chat (`message_id`), or words from elsewhere (`text`, `sender`)."""
        person = self._writer(request)
        body = await read_json(request)
        if "message_id" in body:
            return self._sent(phone.forward(self.world, person, self._message(person, body)))
        sender = read_text(body, "sender").strip()
        if not 0 < len(sender) <= 64:
            raise Refusal("sender must have 1 to 64 characters")
        try:
            return self._sent(phone.forward_from_elsewhere(self.world, person, read_text(body, "text"), sender))
        except ValueError as error:
            raise Refusal(str(error)) from None

    async def _block(self, request: Request) -> Response:
        await read_json(request)
        phone.block(self.world, self._person(request), True)
        return JSONResponse({"blocked": True})

    async def _unblock(self, request: Request) -> Response:
        await read_json(request)
        phone.block(self.world, self._person(request), False)
        return JSONResponse({"blocked": False})

    async def _react(self, request: Request) -> Response:
        person = self._writer(request)
        body = await read_json(request)
        emoji = body.get("emoji") or None
        if emoji is not None and emoji not in REACTIONS:
            raise Refusal("Telegram has no such reaction")
        message = self._message(person, body)
        phone.react(self.world, person, message, emoji)
        return self._sent(message)


def _photo_of(seed: int) -> tuple[str, str | None, bytes]:
    return "photo.png", "image/png", sample_picture(seed)


async def _uploads(request: Request) -> tuple[list[tuple[str, str | None, bytes]], dict[str, Any]]:
    """Returns the files of a multipart body (name, type, bytes) and its other fields; a JSON body has fields alone."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return [], await read_json(request)
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > _MAX_FILE:
        raise Refusal("the file is too big", 413)
    files: list[tuple[str, str | None, bytes]] = []
    words: dict[str, Any] = {}
    try:
        async with request.form(max_files=phone.MAX_ALBUM, max_part_size=_MAX_FILE) as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    files.append((value.filename or "file", value.content_type, await value.read(_MAX_FILE)))
                else:
                    words[name] = value
    except HTTPException:
        raise Refusal("the upload cannot be read") from None
    return files, words
