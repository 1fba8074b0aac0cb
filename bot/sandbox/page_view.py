"""Messages as JSON for the page: how one looks to the person of its chat."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from .models import File, Message
from .world import World

NOT_KEPT = {"x-content-type-options": "nosniff", "cache-control": "no-store"}
"""Headers of every answer: browsers keep none, and guess no type."""


class PageView:
    """Shows the messages of `world`."""

    def __init__(self, world: World) -> None:
        self.world = world

    def as_page(self, message: Message) -> dict[str, Any]:
        """Returns a message as the page shows it to the person of its chat."""
        body = message.body
        shown: dict[str, Any] = {
            "id": message.id,
            "from": "bot" if message.from_bot else "person",
            "date": iso(datetime.fromtimestamp(body["date"], UTC)),
            "edited": iso(datetime.fromtimestamp(body["edit_date"], UTC)) if "edit_date" in body else None,
            "text": body.get("text"),
            "entities": body.get("entities", []),
            "caption": body.get("caption"),
            "caption_entities": body.get("caption_entities", []),
            "buttons": None,
            "reaction": message.bot_reaction or message.person_reaction,
            "bot_reaction": message.bot_reaction,
            "person_reaction": message.person_reaction,
        }
        if "reply_to_message" in body:
            shown["reply_to"] = body["reply_to_message"]["message_id"]
        if "forward_origin" in body:
            shown["forwarded"] = True
            origin = body["forward_origin"]
            shown["forwarded_from"] = origin.get("sender_user_name") or origin["sender_user"]["first_name"]
        if "media_group_id" in body:
            shown["album"] = body["media_group_id"]
        for kind in ("photo", "document", "voice", "video", "audio", "sticker"):
            if kind in body:
                media = body[kind][-1] if kind == "photo" else body[kind]
                file = self.world.files.get(media["file_id"])
                if file is not None:
                    shown[kind] = self._as_file(file)
        if "venue" in body:
            venue = body["venue"]
            shown["venue"] = {"title": venue["title"], "address": venue["address"], **venue["location"]}
        elif "location" in body:
            shown["location"] = body["location"]
        if "contact" in body:
            shown["contact"] = body["contact"]
        if "poll" in body:
            shown["poll"] = self._as_poll(message.chat, body["poll"])
        if "reply_markup" in body:
            rows = body["reply_markup"]["inline_keyboard"]
            shown["buttons"] = [[_as_button(button) for button in row] for row in rows]
        return shown

    def _as_file(self, file: File) -> dict[str, Any]:
        address = f"/sandbox/file/{file.unique}/{quote(file.name or file.path.rsplit('/', 1)[-1], safe='')}"
        shown: dict[str, Any] = {"file": address, "name": file.name or None, "mime": file.mime, "size": file.size}
        if file.kind in ("photo", "video", "sticker"):
            shown |= {"width": file.width, "height": file.height}
        if file.kind in ("voice", "video", "audio"):
            shown["duration"] = file.duration
        return shown

    def _as_poll(self, person: int, body: dict[str, Any]) -> dict[str, Any]:
        votes = self.world.polls[body["id"]].votes.get(str(person))
        open_to_them = votes is not None or body["is_closed"]
        correct = body.get("correct_option_ids")
        return {
            "id": body["id"],
            "question": body["question"],
            "options": [
                {"text": option["text"], "votes": option["voter_count"] if open_to_them else 0}
                for option in body["options"]
            ],
            "type": body["type"],
            "correct": correct[0] if correct and open_to_them else None,
            "explanation": body.get("explanation") if open_to_them else None,
            "explanation_entities": body.get("explanation_entities", []) if open_to_them else [],
            "chosen": votes[0] if votes else None,
            "closed": body["is_closed"],
        }


def _as_button(button: dict[str, Any]) -> dict[str, Any]:
    shown = dict(button)
    if "callback_data" in shown:
        shown["data"] = shown.pop("callback_data")
    return shown


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
