"""Reads content and words again while the bot serves: on SIGHUP, and by an admin's /muat_ulang.

People in the middle of a lesson go on in it: each turn asks for the content anew, by the lesson's id.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy.orm import Session

from bot.actions.buttons import HELP, MENU
from bot.catalogue.content import Content
from bot.catalogue.reload import Fresh, Unusable, read_again
from bot.database import Database
from bot.delivery import outbox
from bot.people.people import Account
from bot.words.message import Lines, Message, Words
from bot.words.texts import Texts

log = structlog.get_logger("app")

PROBLEMS_SHOWN: Final = 5
PROBLEM_LENGTH: Final = 160
"""How many characters of a problem an admin sees in the chat; `python -m bot check` tells all."""


class ContentReload:
    """Reads the files below `root` again when asked, one reading after the other, and reports the result. `on_fresh`
    gets content that passed the check; the words are changed in `texts` itself. `wake_sender` is called when somebody
    is told."""

    def __init__(
        self,
        root: Path,
        texts: Texts,
        database: Database,
        *,
        now: Callable[[], datetime],
        on_fresh: Callable[[Content], None],
        wake_sender: Callable[[], None],
    ) -> None:
        self.root = root
        self.texts = texts
        self._database = database
        self._now = now
        self._on_fresh = on_fresh
        self._wake_sender = wake_sender
        self._tasks: set[asyncio.Task[None]] = set()
        self._one_by_one = asyncio.Lock()

    def begin(self, *, tell: int | None = None) -> None:
        """Begins a reading. Its result goes to the log, and to the account `tell`."""
        task = asyncio.create_task(self._reload(tell), name="reload")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def until_done(self) -> None:
        """Waits until all readings that were begun are done."""
        await asyncio.gather(*self._tasks)

    async def _reload(self, tell: int | None) -> None:
        async with self._one_by_one:
            found = await asyncio.to_thread(read_again, self.root, self.texts)
            message = self._take(found) if isinstance(found, Fresh) else self._refuse(found)
        if tell is not None:
            await self._database.in_transaction(self._tell, tell, message)
            self._wake_sender()

    def _take(self, fresh: Fresh) -> Message:
        self.texts.become(fresh.texts)
        self._on_fresh(fresh.content)
        lessons = sum(len(module.lessons) for module in fresh.content.modules)
        log.info("content and words were read again", lessons=lessons)
        return Message("menu.reloaded", {"n": lessons})

    def _refuse(self, unusable: Unusable) -> Message:
        shown = [str(problem)[:PROBLEM_LENGTH] for problem in unusable.problems[:PROBLEMS_SHOWN]]
        log.error("content stays as it was", problems=len(unusable.problems), first=shown[0])
        lines = Lines(tuple(Words("menu.problem", {"problem": one}) for one in shown))
        return Message("menu.reload_refused", {"n": len(unusable.problems), "problems": lines})

    def _tell(self, db: Session, account_id: int, message: Message) -> None:
        account = db.get(Account, account_id)
        if account is not None:
            ways_on = [[MENU, HELP]]
            outbox.post(db, outbox.to(account, message.with_buttons(ways_on)), now=self._now())
