"""Reads the environment (or `.env`) into one frozen object. A wrong value is reported in one line that names the
variable."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.text_files import NotUtf8, read_utf8

ROOT: Final = Path(__file__).resolve().parent.parent
"""The project's folder: content/, locales/ and data/ lie in it."""


class SettingsError(Exception):
    """One line for the person at the terminal."""


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_file=ROOT / ".env", env_ignore_empty=True, extra="ignore", frozen=True)

    bot_token: SecretStr | None = None
    bot_api_url: str = "https://api.telegram.org"
    database_url: str = f"sqlite:///{ROOT / 'data' / 'jalin.sqlite'}"
    admin_ids: Annotated[tuple[int, ...], NoDecode] = ()
    send_rate: Annotated[float, Field(gt=0, le=10_000)] = 30
    """Messages a second over all chats."""
    chat_rate: Annotated[float, Field(gt=0, le=10_000)] = 1
    """Messages a second in one chat, after a burst of three."""
    webhook_url: str | None = None
    webhook_secret: SecretStr | None = None
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """The port of /health, /metrics and the webhook; 0: none of them (for `worker` and `sender`)."""
    public_url: str | None = None
    """Where this installation's own pages can be reached (`https://jalin.example.org`): /v/<code> checks a certificate.
    None: certificates are checked in the chat alone."""
    trusted_proxies: str = "127.0.0.1,::1"
    """The addresses of reverse proxies that may say whose request they pass on, with commas between; * is anybody."""
    backup_recipients: Annotated[tuple[str, ...], NoDecode] = ()
    """Public keys (age1...) for which backups are encrypted; none: they are not."""
    watch_backups: Path | None = None
    """The folder in which backups lie: /metrics tells the age of the newest. None: it is not told."""
    erase_per_day: Annotated[int, Field(ge=0)] = 50
    """How many people a day may be erased for not having been here for long. People who ask for it are always
    erased."""
    log_level: str = "INFO"
    programme_name: str = "TikTok Jalin Nusantara"
    data_controller: str = "pengelola program Jalin Nusantara"
    report_logos: Annotated[tuple[str, ...], NoDecode] = ()
    """Who stands on the page of a report beside the programme: names, with ; between them."""
    privacy_contact: str | None = None
    """How to reach a human being: a phone number, an address or an @name. Needed before going live."""

    @field_validator("bot_api_url")
    @classmethod
    def _address(cls, value: str) -> str:
        if not re.match(r"https?://[^\s/]+", value):
            raise ValueError("must be an address that begins with http:// or https://")
        return value.rstrip("/")

    @field_validator("public_url")
    @classmethod
    def _public(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("must be an address like https://jalin.example.org")
        return value.rstrip("/")

    @field_validator("webhook_url")
    @classmethod
    def _webhook(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost"):
            raise ValueError("must begin with https://, as Telegram wants it")
        if not parts.hostname or parts.path.strip("/") in ("", "health", "metrics"):
            raise ValueError("must have a path of its own, for instance https://bot.example.org/telegram")
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(r"[A-Za-z0-9_-]{16,256}", value.get_secret_value()):
            raise ValueError("must be 16 to 256 letters, digits, _ or -")
        return value

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        if not re.match(r"(sqlite|postgresql(\+psycopg)?)://", value):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        return value

    @field_validator("admin_ids", mode="before")
    @classmethod
    def _numbers(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        parts = [part for part in re.split(r"[,\s]+", value) if part]
        if not all(part.isdigit() for part in parts):
            raise ValueError("must be Telegram user ids (numbers) with commas between them")
        return tuple(int(part) for part in parts)

    @field_validator("report_logos", mode="before")
    @classmethod
    def _several(cls, value: Any) -> Any:
        return tuple(one.strip() for one in value.split(";") if one.strip()) if isinstance(value, str) else value

    @field_validator("backup_recipients", mode="before")
    @classmethod
    def _recipients(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        from pyrage import RecipientError, x25519  # only where it is needed

        keys = tuple(part for part in re.split(r"[,\s]+", value) if part)
        try:
            for key in keys:
                x25519.Recipient.from_str(key)
        except RecipientError:
            raise ValueError("must be public keys (age1...) as age-keygen tells them, with commas between") from None
        return keys

    @field_validator("log_level")
    @classmethod
    def _level(cls, value: str) -> str:
        if value.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
        return value.upper()

    @field_validator("bot_token")
    @classmethod
    def _token(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch(r"\d+:[A-Za-z0-9_-]{3,}", value.get_secret_value()):
            raise ValueError("must look like 123456:ABC..., as BotFather gives it")
        return value


NAMES: Final = tuple(name.upper() for name in Settings.model_fields)
SHORT: Final = 4
"""A part of a setting's name that stands in `.env` is taken for the setting from so many letters on."""
LONG: Final = 7
"""A setting's name of fewer letters (HOST, PORT) is too like the names of others in the environment."""


def read_settings(**given: Any) -> Settings:
    """Returns the settings from the environment and `.env`; `given` comes before both. Raises SettingsError."""
    env_file = given.get("_env_file", Settings.model_config.get("env_file"))
    _see_that_it_can_be_read(env_file)
    _see_that_no_name_is_misspelled(env_file)
    try:
        settings = Settings(**given)
    except ValidationError as problem:
        error = problem.errors(include_url=False, include_input=False, include_context=False)[0]
        name = str(error["loc"][0]).upper() if error["loc"] else "settings"
        words = str(error["msg"]).removeprefix("Value error, ")
        raise SettingsError(f"{name}: {words}") from None
    return settings


def _see_that_it_can_be_read(env_file: Any) -> None:
    """Raises SettingsError for a `.env` in an encoding that would lose names or values."""
    if env_file is None or not Path(env_file).is_file():
        return
    try:
        read_utf8(Path(env_file))
    except NotUtf8 as problem:
        raise SettingsError(f"{Path(env_file).name}:{problem.line}: {problem}") from None


def _see_that_no_name_is_misspelled(env_file: Any) -> None:
    """Raises SettingsError for a name that is nearly a setting's. In the environment stand many names of others, so
    there it must be nearer than in `.env`."""
    for name in unknown_names(env_file):
        if meant := _meant(name, among_ours=True):
            raise SettingsError(f"{name}: there is no such setting; is {meant} meant?")
    for name in os.environ:
        if name.upper() not in NAMES and (meant := _meant(name, among_ours=False)):
            raise SettingsError(f"{name}: there is no such setting; is {meant} meant?")


def unknown_names(env_file: Any) -> list[str]:
    """Returns the names in `.env` that are no settings: misspelled, or of another version of the bot."""
    if env_file is None or not Path(env_file).is_file():
        return []
    names = (name.removeprefix("\ufeff") for name in dotenv_values(env_file, interpolate=False))
    return [name for name in names if name.upper() not in NAMES]


def _meant(name: str, *, among_ours: bool) -> str | None:
    """Returns the setting that is probably meant by a name that is none."""
    from rapidfuzz.distance import OSA  # only where it is needed

    written = name.upper()
    if among_ours and len(written) >= SHORT and (holds := [one for one in NAMES if written in one]):
        return holds[0]
    meant = min(NAMES, key=lambda one: OSA.distance(written, one))
    missed = OSA.distance(written, meant)
    if among_ours:
        return meant if missed <= max(1, len(meant) // 3) else None
    return meant if missed <= 2 and len(meant) >= LONG else None


def for_service(settings: Settings) -> Settings:
    """Checks what must be set before real people are served. Raises SettingsError."""
    if settings.webhook_url is not None and settings.webhook_secret is None:
        raise SettingsError(
            "WEBHOOK_SECRET: is needed with WEBHOOK_URL: without it anybody could pretend to be Telegram "
            "(16 letters and digits or more)"
        )
    if settings.privacy_contact is None:
        raise SettingsError(
            "PRIVACY_CONTACT: is needed with BOT_TOKEN: people must be able to reach a human being "
            "(a phone number, an e-mail address or an @name)"
        )
    return settings
