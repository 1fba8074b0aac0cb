"""What a capability declares to the rest of the bot, in two halves: its data, and its handlers and commands.

`DATA` stands beside the tables in programme/ (the engine's tables have one, too), `CAPABILITY` stands in handlers/.
app.py joins them; erasure, the copy of a person's data, the ticks, the command menus and the list of tables are loops
over what is declared here. tests/test_capabilities.py refuses a table that nobody declared, and looks at every column
after erasing somebody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from sqlalchemy.orm import Session
    from telegram.ext import BaseHandler

    from bot.catalogue.content import Content
    from bot.database import Base
    from bot.people.people import Person
    from bot.settings import Settings
    from bot.turns.turn import Turn
    from bot.words.texts import Texts

Handlers = Sequence["BaseHandler[Any, Any, Any]"]

Told = Callable[["datetime | None"], "str | None"]
"""Tells a moment as text in the zone of the person's site; None stays None."""


@dataclass(frozen=True)
class Context:
    """The facts that a tick, an erasure and a copy need besides the database and the present."""

    content: Content
    settings: Settings
    username: str = ""
    """The bot's username, for deep links."""
    capabilities: Sequence[CapabilityData] = ()
    """All capabilities: erasing a person asks each of them."""
    clock_is_trusted: bool = False
    """Whether the present is known to be right to a minute: nothing is erased by age otherwise."""
    texts: Texts | None = None
    """The labels of the buttons, to know a button whose words were typed; None: nobody types."""


@dataclass(frozen=True)
class CapabilityData:
    """The data half: which tables belong to a capability, and what has to happen to their rows."""

    name: str
    tables: tuple[type[Base], ...] = ()
    due: Callable[[Session, datetime, Context], object] | None = None
    """Does what is due at that moment (the bot's time, UTC), in the tick's transaction."""
    next_due: Callable[[Session, datetime, Context], datetime | None] | None = None
    """Returns the next moment at which `due` has something to do; None: at no known moment."""
    forget: Callable[[Session, Person, datetime], object] | None = None
    """Deletes or empties everything that tells of the person; a row that is left no longer says whose it was. Rows of
    the phone (with a foreign key to account) are deleted by `ON DELETE`."""
    freeze: Callable[[Session, Person, datetime], object] | None = None
    """Ends what must not go on while the person's data are frozen; what is kept stays."""
    copy: Callable[[Session, Person, Content, Told], Mapping[str, Any]] | None = None
    """Returns the sections of the person's own copy that come from these tables."""
    stays: Mapping[str, str] = field(default_factory=dict)
    """Columns (`table.column`) in which an id or words are left after a person is erased, with the reason for each.
    Also every column with words in a table that has nobody's id."""
    not_copied: Mapping[str, str] = field(default_factory=dict)
    """Columns that hold a person, an account or their words and are not in `copy`, with the reason for each."""


@dataclass(frozen=True)
class Command:
    """A command in the menu of a role; its words are the key `command.<name>`."""

    name: str
    role: str
    place: int
    """Its place in the menu of its role: lower comes first."""


@dataclass(frozen=True)
class Capability:
    """The handlers' half, and the data half that belongs to it."""

    name: str
    handlers: Callable[[], Handlers]
    """Makes the handlers anew: each database thread has its own, because PTB's handlers keep state."""
    commands: tuple[Command, ...] = ()
    data: CapabilityData | None = None
    hears_first: Callable[[Turn], bool] | None = None
    """Is asked about each typed text before any handler, also in the middle of a conversation. Returns True if it
    handled the text: so "batal" is never taken for a name."""
    speaks_last: Callable[[Turn], None] | None = None
    """Called when a turn has been handled: it may add a message to what the turn says."""


MENU_ROLES: Final = {
    "participant": ("participant",),
    "mentor": ("mentor", "participant"),
    "trainer": ("trainer", "mentor", "participant"),
    "admin": ("trainer", "mentor", "admin", "participant"),
}
"""The roles whose commands stand in the menu of each role, in this order."""


def command_menus(capabilities: Iterable[Capability]) -> dict[str, tuple[str, ...]]:
    """Returns the names in the command menu of each role, in the order in which they are shown."""
    commands = sorted((one for capability in capabilities for one in capability.commands), key=lambda one: one.place)
    return {
        role: tuple(one.name for part in parts for one in commands if one.role == part)
        for role, parts in MENU_ROLES.items()
    }
