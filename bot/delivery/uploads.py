"""Uploads each file once; after that every process names it by the id that Telegram gave it.

The content's hash -> Telegram's file id: in memory, or in the table `file_id`. If neither knows it, one sender uploads,
and all others who want to send the same file wait for that.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.database import Database, insert_or
from bot.delivery.kept_files import content_of
from bot.delivery.outbox import SentFile
from bot.delivery.queue import Delivery
from bot.delivery.recent import Recent
from bot.delivery.requests import FILE_PARAMETER, Attachment, Speech
from bot.delivery.runtime import Runtime
from bot.words.message import File, Form, Message

LONGEST_FILE_ID: Final = 200
"""The longest id that the table holds, in characters; a longer one is not kept."""
NO_FILE: Final = "none"
"""The digest of a message that should have a file and has none."""


class Uploads:
    """Knows which files Telegram has, and prepares those it has not. `root` is the folder `File.path` counts from."""

    def __init__(
        self, database: Database, texts: Speech, root: Path, now: Callable[[], datetime], runtime: Runtime
    ) -> None:
        self._database = database
        self._texts = texts
        self._root = root
        self._now = now
        self._runtime = runtime
        self._file_ids: Recent[str, str] = Recent()
        self._hashes: Recent[tuple[str, int, int], str] = Recent()
        """Hashes by form, path, time of change and size."""
        self._under_way: dict[str, asyncio.Future[None]] = {}

    def must_prepare(self, delivery: Delivery) -> bool:
        """Whether `prepare` must be called before the message's file can be sent."""
        if not _is_uploaded(delivery.claimed.message):
            return False
        digest = delivery.digest
        return digest is None or (digest not in self._file_ids and digest in self._under_way)

    async def prepare(self, delivery: Delivery) -> None:
        """Makes the message's file if necessary, finds out its hash and whether Telegram has the file, and waits while
        another message uploads the same file. Raises OSError when the file cannot be read."""
        message = delivery.claimed.message
        if not _is_uploaded(message):
            return
        if delivery.digest is None:
            if message.file is None:
                delivery.digest = NO_FILE
                return
            delivery.file = message.file
            if message.paper is not None or message.poster is not None or message.certificate is not None:
                content = await asyncio.to_thread(self._texts.printed, message)
                delivery.file = replace(message.file, content=content)
            elif message.sheets:
                content = await asyncio.to_thread(self._texts.workbook, message, delivery.claimed.language)
                delivery.file = replace(message.file, content=content)
            elif message.file.kept is not None:
                kept = await self._database.in_transaction(content_of, message.file.kept)
                if kept is None:
                    raise FileNotFoundError(f"kept file {message.file.kept} was deleted")
                delivery.file = replace(message.file, content=kept)
            delivery.digest = await self._hash(message.form, delivery.file)
        digest = delivery.digest
        while digest not in self._file_ids:
            upload = self._under_way.get(digest)
            if upload is not None:
                await asyncio.shield(upload)
                continue
            known = await self._database.in_transaction(_known_file_id, digest, message.form)
            if known is not None and not delivery.id_was_wrong:
                self._file_ids[digest] = known
            return

    def begin(self, delivery: Delivery) -> None:
        """Notes that the call of this message begins. If it uploads a file, other messages with the same file wait for
        `ended`."""
        digest = delivery.digest
        if digest is not None and digest not in self._file_ids:
            delivery.uploading = True
            self._under_way[digest] = asyncio.get_running_loop().create_future()

    def ended(self, delivery: Delivery) -> None:
        """Notes that the call of this message has ended, with whatever result."""
        if delivery.uploading and delivery.digest is not None:
            delivery.uploading = False
            self._under_way.pop(delivery.digest).set_result(None)

    async def attachment(self, delivery: Delivery) -> Attachment | None:
        """Returns what the call sends as the message's file: Telegram's id of the file if one is known, else its name,
        content and MIME type. Returns None for a message of a form that carries no file. Raises OSError when the file
        cannot be read, ValueError if the message should have a file and has none."""
        message = delivery.claimed.message
        if message.form not in FILE_PARAMETER:
            return None
        if message.file is not None and message.file.id is not None:
            return message.file.id
        delivery.sent_file_id = self._file_ids.get(delivery.digest) if delivery.digest else None
        if delivery.sent_file_id is not None:
            return delivery.sent_file_id
        file = delivery.file or message.file
        if file is None:
            raise ValueError("a file's message without a file")
        content = file.content if file.content is not None else await asyncio.to_thread(self._path(file).read_bytes)
        return file.name, content, file.mime

    def learn(self, delivery: Delivery, answer: dict[str, Any]) -> None:
        """Keeps the id that Telegram's answer gives to an uploaded file; not for files that were made for one person,
        or that nobody may find later."""
        digest, message = delivery.digest, delivery.claimed.message
        if digest is None or message.sheets or message.paper or message.certificate or message.secret:
            return
        # Only of the kind we sent: an id works for nothing else, and Telegram may have made something else of it.
        found = answer.get(FILE_PARAMETER[message.form])
        if isinstance(found, list):
            found = found[-1] if found else None
        file_id = found.get("file_id") if isinstance(found, dict) else None
        if isinstance(file_id, str) and len(file_id) <= LONGEST_FILE_ID:
            self._file_ids[digest] = file_id
            self._runtime.start(self._write(digest, message.form, file_id, self._now()))

    def forget(self, delivery: Delivery) -> None:
        """Forgets an id that Telegram no longer knows: the file is uploaded again."""
        digest, wrong = delivery.digest, delivery.sent_file_id
        if digest is not None and wrong is not None:
            if self._file_ids.get(digest) == wrong:
                self._file_ids.pop(digest)
            self._runtime.start(self._erase(digest, delivery.claimed.message.form, wrong))
        delivery.id_was_wrong = True
        delivery.sent_file_id = None

    async def _hash(self, form: Form, file: File) -> str:
        if file.content is not None:
            return _content_hash(form, file.content)
        path = self._path(file)
        state = await asyncio.to_thread(path.stat)
        seen = (f"{form}:{path}", state.st_mtime_ns, state.st_size)
        known = self._hashes.get(seen)
        if known is None:
            content = await asyncio.to_thread(path.read_bytes)
            known = await asyncio.to_thread(_content_hash, form, content)
            self._hashes[seen] = known
        return known

    def _path(self, file: File) -> Path:
        if file.path is None:
            raise ValueError("a file without content or path")
        return self._root / file.path

    async def _write(self, digest: str, form: Form, file_id: str, now: datetime) -> None:
        try:
            await self._database.in_transaction(_keep_file_id, digest, form, file_id, now)
        except Exception as error:
            self._runtime.log_once(error, "a file id could not be kept")  # then the file is uploaded once more some day

    async def _erase(self, digest: str, form: Form, file_id: str) -> None:
        try:
            await self._database.in_transaction(_drop_file_id, digest, form, file_id)
        except Exception as error:
            self._runtime.log_once(error, "a file id could not be forgotten")


def _is_uploaded(message: Message) -> bool:
    """Whether the message has a file that Telegram may not have yet."""
    return message.form in FILE_PARAMETER and (message.file is None or message.file.id is None)


def _content_hash(form: Form, content: bytes) -> str:
    return hashlib.sha256(form.value.encode() + b"\0" + content).hexdigest()


def _known_file_id(db: Session, digest: str, form: Form) -> str | None:
    return db.scalar(
        select(SentFile.telegram_file_id).where(SentFile.content_hash == digest, SentFile.form == form.value)
    )


def _keep_file_id(db: Session, digest: str, form: Form, file_id: str, now: datetime) -> None:
    known = {"telegram_file_id": file_id, "seen_at": now}
    db.execute(
        insert_or(db, SentFile)
        .values(content_hash=digest, form=form.value, **known)
        .on_conflict_do_update(index_elements=["content_hash", "form"], set_=known)
    )


def _drop_file_id(db: Session, digest: str, form: Form, file_id: str) -> None:
    db.execute(
        delete(SentFile).where(
            SentFile.content_hash == digest, SentFile.form == form.value, SentFile.telegram_file_id == file_id
        )
    )
