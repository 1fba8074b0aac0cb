"""What the buttons about a new version of the notice carry."""

from __future__ import annotations

from bot.people.people import Use
from bot.words.action import PersonalAction


class AnswerNotice(PersonalAction, name="consents:answer"):
    """Agrees to this version of the notice, or refuses it."""

    version: str
    given: bool


class PutNoticeOff(PersonalAction, name="consents:later"):
    """Puts the question about the notice off."""

    version: str


class ReadNewNotice(PersonalAction, name="consents:read"):
    """Shows the whole of this version of the notice, then asks about it again."""

    version: str


class SeeNewNotice(PersonalAction, name="consents:new"):
    """Shows what is new since the version of the notice that the person agreed to."""


class AskFirst(PersonalAction, name="consents:first"):
    """Asks the person to agree to a newer version, because what they want is covered by that alone. No button carries
    this: handlers lead here."""

    use: Use
