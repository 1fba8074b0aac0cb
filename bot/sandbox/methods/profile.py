"""Methods that tell and set who the bot is: its name and description, its commands, its menu button."""

from __future__ import annotations

import re
from typing import Any

from ..arguments import Arguments
from ..refusals import Refused
from ..world import commands_key
from .reading_arguments import Methods


class Profile(Methods):
    """getMe, setMyCommands, setChatMenuButton, setMyDescription and the like."""

    def do_get_me(self, a: Arguments) -> dict[str, Any]:
        return self.world.bot

    def _commands_key(self, a: Arguments) -> str:
        scope = a.json("scope", "can't parse BotCommandScope JSON object") or {"type": "default"}
        if not isinstance(scope, dict):
            raise Refused("BotCommandScope must be an Object")
        kind = scope.get("type")
        language = a.text("language_code")
        if language and not re.fullmatch(r"[a-z]{2}", language):
            raise Refused("invalid language code specified")
        if kind == "chat":
            person = self.world.chat_of(self.chat_id(Arguments({"chat_id": scope.get("chat_id")})))
            return commands_key(f"chat:{person.id}", language)
        if kind in ("default", "all_private_chats", "all_group_chats", "all_chat_administrators"):
            return commands_key(kind, language)
        if kind in ("chat_administrators", "chat_member"):
            raise Refused("can't use specified scope in private chats")
        raise Refused("unsupported type specified")

    def do_set_my_commands(self, a: Arguments) -> bool:
        given = a.json("commands", "can't parse commands JSON object")
        if given is None or not isinstance(given, list):
            raise Refused("expected an Array of BotCommand")
        if len(given) > 100:
            raise Refused("BOT_COMMANDS_TOO_MUCH")
        commands = []
        for item in given:
            if not isinstance(item, dict):
                raise Refused("can't parse BotCommand: expected an Object")
            command, description = item.get("command"), item.get("description")
            for name, value in (("command", command), ("description", description)):
                if not isinstance(value, str):
                    raise Refused(f"can't parse BotCommand: Can't find field \"{name}\"")
            command = str(command).strip().removeprefix("/")
            description = str(description).strip()
            if not command:
                raise Refused("Command must be non-empty")
            if len(command) > 32:
                raise Refused("Command length must not exceed 32")
            if not re.fullmatch(r"[a-z0-9_]+", command):
                raise Refused("BOT_COMMAND_INVALID")
            if not description:
                raise Refused("Command description must be non-empty")
            if len(description) > 256:
                raise Refused("Command description length must not exceed 256")
            commands.append({"command": command, "description": description})
        self.world.set_commands(self._commands_key(a), commands)
        return True

    def do_get_my_commands(self, a: Arguments) -> list[dict[str, str]]:
        return self.world.commands.get(self._commands_key(a), [])

    def do_delete_my_commands(self, a: Arguments) -> bool:
        self.world.set_commands(self._commands_key(a), None)
        return True

    def _menu_key(self, a: Arguments) -> str:
        return f"menu:{self.world.chat_of(self.chat_id(a)).id}" if a.has("chat_id") else "menu"

    def do_set_chat_menu_button(self, a: Arguments) -> bool:
        button = a.json("menu_button", "can't parse menu button JSON object") or {"type": "default"}
        kind = button.get("type") if isinstance(button, dict) else None
        if kind not in ("default", "commands", "web_app"):
            raise Refused("MenuButton has unsupported type")
        if kind == "web_app" and not (button.get("text") and isinstance(button.get("web_app"), dict)):
            raise Refused("can't parse menu button: Can't find field \"text\"")
        self.world.save_setting(self._menu_key(a), button)
        return True

    def do_get_chat_menu_button(self, a: Arguments) -> dict[str, Any]:
        key = self._menu_key(a)
        button: dict[str, Any] = self.world.settings.get(key) or self.world.settings.get("menu") or {"type": "commands"}
        return {"type": "commands"} if button["type"] == "default" else button

    def _set_profile(self, a: Arguments, field: str, limit: int, refusal: str) -> bool:
        text = a.text(field).strip()
        if len(text) > limit:
            raise Refused(refusal)
        self.world.save_setting(f"{field}:{a.text('language_code')}", text)
        return True

    def _get_profile(self, a: Arguments, field: str, default: str = "") -> dict[str, str]:
        settings = self.world.settings
        return {field: settings.get(f"{field}:{a.text('language_code')}") or settings.get(f"{field}:") or default}

    def do_set_my_name(self, a: Arguments) -> bool:
        return self._set_profile(a, "name", 64, "BOT_TITLE_INVALID")

    def do_get_my_name(self, a: Arguments) -> dict[str, str]:
        return self._get_profile(a, "name", self.world.bot["first_name"])

    def do_set_my_description(self, a: Arguments) -> bool:
        return self._set_profile(a, "description", 512, "BOT_DESCRIPTION_TOO_LONG")

    def do_get_my_description(self, a: Arguments) -> dict[str, str]:
        return self._get_profile(a, "description")

    def do_set_my_short_description(self, a: Arguments) -> bool:
        return self._set_profile(a, "short_description", 120, "BOT_ABOUT_TOO_LONG")

    def do_get_my_short_description(self, a: Arguments) -> dict[str, str]:
        return self._get_profile(a, "short_description")
