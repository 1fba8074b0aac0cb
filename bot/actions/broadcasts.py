"""What the buttons of announcements carry. `broadcast` is the number of an announcement or of its draft."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from bot.words.action import Action, MalformedError


class BeginAnnouncement(Action, name="broadcasts:begin"):
    """Begins an announcement: asks who it is for."""


class LookForAudience(Action, name="broadcasts:pick"):
    """Asks which site, class or module an audience of this kind (`broadcasts.AUDIENCES`) belongs to."""

    kind: str
    page: int = 0
    site: str = ""

    def parts(self) -> list[str]:
        """Returns the parts of the packed action, with the page behind the kind: `class`, `class.1`,
        `class.1:samosir`."""
        step = f"{self.kind}.{self.page}" if self.page else self.kind
        return [step, self.site] if self.site else [step]

    @classmethod
    def of_parts(cls, parts: Sequence[str]) -> Self:
        if not 1 <= len(parts) <= 2:
            raise MalformedError(parts)
        kind, dot, page = parts[0].partition(".")
        if dot and not (page.isascii() and page.isdigit() and len(page) < 4):
            raise MalformedError(parts)
        return cls(kind, int(page) if dot else 0, parts[1] if len(parts) == 2 else "")


class PickPart(Action, name="broadcasts:part"):
    """Asks which part of a class the announcement is for."""


class PickAudience(Action, name="broadcasts:to"):
    """Chooses this audience; `subject` is its site, class or module."""

    kind: str
    subject: str = ""


class AddAudience(Action, name="broadcasts:more"):
    """Asks for another audience of this draft; with `instead`, in the place of the one it has."""

    broadcast: int
    instead: bool = False


class SeePreview(Action, name="broadcasts:preview"):
    """Shows the draft as people will get it."""

    broadcast: int


class SendNow(Action, name="broadcasts:send"):
    """Sends the announcement now. `version` is the version that the preview showed."""

    broadcast: int
    version: int = 0


class AskMoment(Action, name="broadcasts:when"):
    """Asks when the announcement is to be sent."""

    broadcast: int


class ScheduleSending(Action, name="broadcasts:scheduled"):
    """Schedules the announcement for this moment, in minutes since 1970 (UTC). `version` is the version that the
    preview showed."""

    broadcast: int
    minute: int
    version: int = 0


class TakeBackSchedule(Action, name="broadcasts:unschedule"):
    """Takes back the scheduled sending."""

    broadcast: int


class AskUrgency(Action, name="broadcasts:urgent"):
    """For admins: asks for the reason why the announcement must be sent even in quiet hours."""

    broadcast: int


class BreakOffAnnouncement(Action, name="broadcasts:cancel"):
    """Discards this draft. 0: the one that is being written, for buttons sent before they carried one."""

    broadcast: int = 0


class StopSending(Action, name="broadcasts:stop"):
    """Stops the announcement while it is being sent."""

    broadcast: int


class SendAgain(Action, name="broadcasts:again"):
    """Sends the announcement again to the people of whom it is not known whether they got it."""

    broadcast: int


class CorrectAnnouncement(Action, name="broadcasts:correct"):
    """Begins a correction of the announcement."""

    broadcast: int


class WithdrawAnnouncement(Action, name="broadcasts:withdraw"):
    """Asks whether to take the announcement out of people's chats."""

    broadcast: int


class WithdrawNow(Action, name="broadcasts:withdrawn"):
    """Takes the announcement out of people's chats. `version` is the version of what the question showed."""

    broadcast: int
    version: int = 0


class SeeMissed(Action, name="broadcasts:missed"):
    """Shows by name whom the announcement did not reach, or the draft would not reach."""

    broadcast: int
    page: int = 0


class SeeAnnouncements(Action, name="broadcasts:list"):
    """Lists the announcements that were sent."""

    page: int = 0


class SeeSendingReport(Action, name="broadcasts:report"):
    """Shows how many people got the announcement so far."""

    broadcast: int


class OpenMenuBelow(Action, name="broadcasts:menu"):
    """Shows the menu as a new message, so that the announcement stays."""


class GetHelpBelow(Action, name="broadcasts:help"):
    """Shows help as a new message, so that the announcement stays."""
