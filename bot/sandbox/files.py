"""The files that were uploaded to the sandbox, found by their id, path or unique id; their bytes lie in the store."""

from __future__ import annotations

import base64
import hashlib
import mimetypes
from collections.abc import Callable
from typing import Any

from .models import File
from .pictures import picture_size
from .refusals import Refused
from .store import Store

MAX_UPLOAD = 50 << 20
MAX_PHOTO = 10 << 20
MAX_DOWNLOAD = 20 << 20


class Files:
    """The uploaded files. `next_number` numbers them; `bot_id` is part of their ids, so that another bot's ids are
    different."""

    def __init__(self, store: Store, bot_id: int, next_number: Callable[[], int]) -> None:
        self._store = store
        self._bot_id = bot_id
        self._next_number = next_number
        self._by_id: dict[str, File] = {}
        self._by_path: dict[str, File] = {}
        self._by_unique: dict[str, File] = {}
        for _, document in store.load("file"):
            self._index(File(**document))

    def clear(self) -> None:
        """Forgets all files in memory; in the store the caller deletes them."""
        for index in (self._by_id, self._by_path, self._by_unique):
            index.clear()

    def get(self, file_id: str) -> File | None:
        return self._by_id.get(file_id)

    def at_path(self, path: str) -> File | None:
        """Returns the file at the path that getFile tells; None if there is none."""
        return self._by_path.get(path)

    def of_unique_id(self, unique: str) -> File | None:
        return self._by_unique.get(unique)

    def body(self, file: File) -> bytes | None:
        """Returns the bytes of the file; None if they are gone."""
        return self._store.blob(file.unique)

    def _index(self, file: File) -> None:
        self._by_id[file.id] = self._by_path[file.path] = self._by_unique[file.unique] = file

    def add(self, kind: str, name: str, mime: str | None, body: bytes, **measures: int) -> File:
        """Keeps an upload of a kind: photo, document, voice, video, audio or sticker. Raises Refused where Telegram
        would not take it."""
        if not body:
            raise Refused("file must be non-empty")
        if len(body) > (MAX_PHOTO if kind == "photo" else MAX_UPLOAD):
            raise Refused("", 413)
        name = name.replace("\\", "/").rsplit("/", 1)[-1][:120]
        guessed = mimetypes.guess_type(name)[0]
        if kind in ("photo", "sticker"):
            size = picture_size(body)
            if size is None:
                raise Refused("IMAGE_PROCESS_FAILED")
            width, height = size
            if width + height > 10_000 or max(size) > 20 * min(size):
                raise Refused("PHOTO_INVALID_DIMENSIONS")
            measures = {"width": width, "height": height}
            mime = guessed = guessed if guessed and guessed.startswith("image/") else "image/jpeg"
        folder, prefix, plain = {
            "sticker": ("stickers", "CAACAgUAAxkB", "image/webp"),
            "photo": ("photos", "AgACAgUAAxkB", "image/jpeg"),
            "document": ("documents", "BQACAgUAAxkB", "application/octet-stream"),
            "voice": ("voice", "AwACAgUAAxkB", "audio/ogg"),
            "video": ("videos", "BAACAgUAAxkB", "video/mp4"),
            "audio": ("music", "CQACAgUAAxkB", "audio/mpeg"),
        }[kind]
        number = self._next_number()
        digest = hashlib.sha256(f"{self._bot_id}:{number}:{len(body)}".encode()).digest()
        unique = "Ag" + base64.urlsafe_b64encode(digest[:9]).decode().rstrip("=")
        ending = name.rsplit(".", 1)[-1] if "." in name else {"photo": "jpg", "voice": "oga"}.get(kind, "")
        ending = "".join(c for c in ending if c.isascii() and c.isalnum())[:8].lower()
        mime = guessed or mime or plain
        file = File(
            id=prefix + base64.urlsafe_b64encode(digest[:27] + b"\x02").decode().rstrip("="),
            unique=unique,
            kind=kind,
            name=name,
            mime=mime,
            size=len(body),
            path=f"{folder}/file_{number}" + (f".{ending}" if ending else ""),
            **measures,
        )
        self._index(file)
        self._store.put("file", file.id, vars(file))
        self._store.put_blob(file.unique, body)
        return file


def content_of(file: File) -> dict[str, Any]:
    """Returns the Message field that shows the file."""
    base: dict[str, Any] = {"file_id": file.id, "file_unique_id": file.unique}
    match file.kind:
        case "photo":
            return {"photo": [base | {"width": file.width, "height": file.height, "file_size": file.size}]}
        case "sticker":
            shape = {"width": file.width, "height": file.height, "is_animated": False, "is_video": False}
            return {"sticker": base | {"type": "regular", **shape, "emoji": "😀", "file_size": file.size}}
        case "voice":
            return {"voice": base | {"duration": file.duration, "mime_type": file.mime, "file_size": file.size}}
        case "video" | "audio":
            named = base | {"duration": file.duration, "mime_type": file.mime, "file_size": file.size}
            if file.name:
                named["file_name"] = file.name
            if file.kind == "video":
                named |= {"width": file.width, "height": file.height}
            return {file.kind: named}
        case _:
            return {
                "document": base | {"file_name": file.name or "file", "mime_type": file.mime, "file_size": file.size}
            }
