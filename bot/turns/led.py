"""Shows what belongs to a site only to accounts that look after that site."""

from __future__ import annotations

from typing import Protocol, TypeVar

from bot.turns.turn import Turn


class OfSite(Protocol):
    """Something that belongs to a site: a class, a person ..."""

    @property
    def site_id(self) -> str | None: ...


_Found = TypeVar("_Found", bound=OfSite)


def led(turn: Turn, found: _Found | None) -> _Found | None:
    """Returns what a button or a draft meant, if the account looks after its site; None if it does not exist (any
    more).

    Raises NotAllowedError if the account does not look after the site, and for everybody who is not staff also if
    nothing was found.
    """
    turn.must_be_staff()
    if found is not None:
        turn.must_lead(found.site_id)
    return found
