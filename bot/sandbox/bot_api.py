"""All methods of the Bot API by their names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .arguments import Arguments
from .files import MAX_DOWNLOAD
from .methods.editing import Editing
from .methods.polls import Polls
from .methods.profile import Profile
from .methods.reading_arguments import Methods
from .methods.sending import Sending
from .models import Event
from .refusals import Refused
from .webhook import Told, Webhook
from .world import World

_CHAT_ACTIONS = frozenset(
    {
        "cancel",
        "typing",
        "record_video",
        "upload_video",
        "record_audio",
        "record_voice",
        "upload_audio",
        "upload_voice",
        "upload_photo",
        "upload_document",
        "choose_sticker",
        "pick_up_location",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)


class BotApi:
    """What each method does: `methods`, by their names in lower case. They raise Refused in Telegram's words."""

    def __init__(self, world: World, webhook: Webhook) -> None:
        parts = (Chats(world), Webhooks(world, webhook), Sending(world), Polls(world), Editing(world), Profile(world))
        self.methods: dict[str, Callable[[Arguments], Any]] = {
            name.removeprefix("do").replace("_", ""): getattr(part, name)
            for part in parts
            for name in dir(part)
            if name.startswith("do_")
        }


class Webhooks(Methods):
    """setWebhook, deleteWebhook, getWebhookInfo."""

    def __init__(self, world: World, webhook: Webhook) -> None:
        super().__init__(world)
        self._webhook = webhook

    def do_set_webhook(self, a: Arguments) -> Told:
        return self._webhook.set(a)

    def do_delete_webhook(self, a: Arguments) -> Told:
        return self._webhook.delete(drop_pending=a.flag("drop_pending_updates"))

    def do_get_webhook_info(self, a: Arguments) -> dict[str, Any]:
        return self._webhook.info()


class Chats(Methods):
    """getChat, leaveChat, sendChatAction, getFile."""

    def do_get_chat(self, a: Arguments) -> dict[str, Any]:
        person = self.world.chat_of(self.chat_id(a))
        return person.as_chat() | {
            "accent_color_id": person.id % 7,
            "max_reaction_count": 11,
            "accepted_gift_types": {
                "unlimited_gifts": True,
                "limited_gifts": True,
                "unique_gifts": True,
                "premium_subscription": True,
                "gifts_from_channels": True,
            },
        }

    def do_leave_chat(self, a: Arguments) -> bool:
        self.world.chat_of(self.chat_id(a))
        raise Refused("chat member status can't be changed in private chats")

    def do_send_chat_action(self, a: Arguments) -> bool:
        person = self.writable(a)
        action = a.text("action").lower()
        if action not in _CHAT_ACTIONS:
            raise Refused("wrong parameter action in request")
        self.world.on_event(Event("typing", person.id, fields={"action": action}))
        return True

    def do_get_file(self, a: Arguments) -> dict[str, Any]:
        file = self.world.files.get(a.text("file_id").strip())
        if file is None:
            raise Refused("invalid file_id")
        if file.size > MAX_DOWNLOAD:
            raise Refused("file is too big")
        return {"file_id": file.id, "file_unique_id": file.unique, "file_size": file.size, "file_path": file.path}
