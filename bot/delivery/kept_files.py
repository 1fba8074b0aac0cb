"""Files that the bot keeps itself, in the database: Telegram's id of a file is good for one bot alone, and a backup
restored under another token must still be able to send them. A message names one by its number (`File.kept`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Protocol

from sqlalchemy import delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.capability import CapabilityData
from bot.database import Base, BigId


class KeptFile(Base):
    """The bytes of a file that somebody sent. Whoever has it kept deletes it."""

    __tablename__ = "kept_file"
    # a number is never given again: a message that waits may name a file that was deleted
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - as SQLAlchemy takes it

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    content: Mapped[bytes]
    kept_at: Mapped[datetime]


class Downloads(Protocol):
    """The part of the Bot API that fetches files."""

    async def call(self, method: str, params: Mapping[str, Any]) -> Any: ...

    async def download(self, file_path: str, limit_bytes: int = ...) -> bytes: ...


async def fetched(api: Downloads, file_id: str, limit_bytes: int) -> bytes:
    """Returns the bytes of a file that somebody sent to the bot. Raises what the API raises, `Refused` if the file is
    larger than the limit."""
    found = await api.call("getFile", {"file_id": file_id})
    return await api.download(found["file_path"], limit_bytes)


def keep(db: Session, content: bytes, now: datetime) -> int:
    """Keeps a file; returns its number."""
    row = KeptFile(content=content, kept_at=now)
    db.add(row)
    db.flush()
    return row.id


def content_of(db: Session, number: int) -> bytes | None:
    """Returns the bytes; None if the file was deleted."""
    return db.scalar(select(KeptFile.content).where(KeptFile.id == number))


def remove(db: Session, number: int | None) -> None:
    db.execute(delete(KeptFile).where(KeptFile.id == number))


DATA: Final = CapabilityData(
    "kept_files",
    tables=(KeptFile,),
    stays={"kept_file.content": "The voice of staff: deleted when they take it back, or are erased as staff."},
)
