"""Methods that send: texts, files, places, contacts, copies and forwards."""

from __future__ import annotations

from typing import Any

from ..arguments import Arguments
from ..files import content_of
from ..keyboards import read_markup
from ..refusals import Refused
from .reading_arguments import CAPTION_FIELDS, MEDIA_FIELDS, TEXT_FIELDS, Methods

_COPIED = (
    *TEXT_FIELDS, *CAPTION_FIELDS, *MEDIA_FIELDS, "location", "venue", "contact", "has_media_spoiler",
)  # fmt: skip


class Sending(Methods):
    """sendMessage, sendPhoto and the like, copyMessage, forwardMessage."""

    def do_send_message(self, a: Arguments) -> dict[str, Any]:
        content = self.text(a, "message is too long")
        return self.send(a, self.writable(a), content).body

    def _send_file(self, a: Arguments, kind: str) -> dict[str, Any]:
        caption = self.caption(a)
        person = self.writable(a)
        read_markup(a.values.get("reply_markup"))  # refused before the upload is kept
        file = self.input_file(a, kind, a.values.get(kind), kind)
        content = content_of(file) | caption
        if kind in ("photo", "video") and a.flag("has_spoiler"):
            content["has_media_spoiler"] = True
        return self.send(a, person, content).body

    def do_send_photo(self, a: Arguments) -> dict[str, Any]:
        return self._send_file(a, "photo")

    def do_send_document(self, a: Arguments) -> dict[str, Any]:
        return self._send_file(a, "document")

    def do_send_voice(self, a: Arguments) -> dict[str, Any]:
        return self._send_file(a, "voice")

    def do_send_video(self, a: Arguments) -> dict[str, Any]:
        return self._send_file(a, "video")

    def do_send_audio(self, a: Arguments) -> dict[str, Any]:
        return self._send_file(a, "audio")

    def _location(self, a: Arguments) -> dict[str, Any]:
        words = "wrong parameter {} in request"
        if not a.has("latitude"):
            raise Refused("latitude is empty")
        if not a.has("longitude"):
            raise Refused("longitude is empty")
        return {
            "latitude": a.number("latitude", words.format("latitude"), -90, 90),
            "longitude": a.number("longitude", words.format("longitude"), -180, 180),
        }

    def do_send_location(self, a: Arguments) -> dict[str, Any]:
        location = self._location(a)
        return self.send(a, self.writable(a), {"location": location}).body

    def do_send_venue(self, a: Arguments) -> dict[str, Any]:
        venue = {"location": self._location(a), "title": a.text("title").strip(), "address": a.text("address").strip()}
        for name in ("title", "address"):
            if not venue[name]:
                raise Refused(f"{name} is empty")
        # A venue's message carries the bare location as well, for clients that know no venues.
        content = {"venue": venue, "location": venue["location"]}
        return self.send(a, self.writable(a), content).body

    def do_send_contact(self, a: Arguments) -> dict[str, Any]:
        contact = {"phone_number": a.text("phone_number"), "first_name": a.text("first_name")}
        for name, value in contact.items():
            if not value:
                raise Refused(f"{name} is empty" if name == "first_name" else "contact phone number is empty")
        for name in ("last_name", "vcard"):
            if a.has(name):
                contact[name] = a.text(name)
        return self.send(a, self.writable(a), {"contact": contact}).body

    def do_copy_message(self, a: Arguments) -> dict[str, Any]:
        person = self.writable(a)
        source = self.world.chat_of(self.chat_id(a, "from_chat_id"))
        original = self.world.forwardable(source.id, a.integer("message_id"), "copy")
        content = {name: original.body[name] for name in _COPIED if name in original.body}
        if not content:
            raise Refused("message can't be copied")
        if "text" not in content and "caption" in a.values:
            content = {k: v for k, v in content.items() if k not in CAPTION_FIELDS} | self.caption(a)
        return {"message_id": self.send(a, person, content).id}

    def do_forward_message(self, a: Arguments) -> dict[str, Any]:
        person = self.writable(a)
        source = self.world.chat_of(self.chat_id(a, "from_chat_id"))
        original = self.world.forwardable(source.id, a.integer("message_id"), "forward")
        content = {name: original.body[name] for name in (*_COPIED, "poll") if name in original.body}
        content["forward_origin"] = original.body.get("forward_origin") or {
            "type": "user",
            "sender_user": original.body["from"],
            "date": original.body["date"],
        }
        return self.send(a, person, content).body
