"""What the buttons of the call list carry. `session` is the number of a class.

`about` is what people should have been told: `r2` is the second revision of the class, `b17` announcement 17.
"""

from __future__ import annotations

from bot.words.action import Action


class SeeCalls(Action, name="call_list:see"):
    """Shows who could not be told about the class as it is now."""

    session: int
    page: int = 0


class PickCalls(Action, name="call_list:pick"):
    """Choose of which class to see who could not be told."""


class SeeUnheard(Action, name="call_list:news"):
    """Shows whom this announcement to one class did not reach."""

    broadcast: int
    page: int = 0


class MarkTold(Action, name="call_list:told"):
    """Records that a member of staff told this person; with `told` no, that nobody did after all. `page` is the page of
    the list with the button."""

    session: int
    person: int
    about: str
    told: bool
    page: int = 0
