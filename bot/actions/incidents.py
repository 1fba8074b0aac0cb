"""What the buttons about a breach of data carry. `incident` is the number of the incident; an empty `site` means all
sites."""

from __future__ import annotations

from bot.words.action import Action


class BeginIncident(Action, name="incidents:begin"):
    """Begins an incident: asks whose data are touched, everybody's or those of one site."""

    page: int = 0


class AskSince(Action, name="incidents:touched"):
    """Asks since when the breach is known."""

    site: str = ""


class OpenIncident(Action, name="incidents:open"):
    """Opens the incident: it has been known for `hours` hours, and the 72 hours of the law run from then."""

    site: str
    hours: int


class SeeIncident(Action, name="incidents:show"):
    """Shows the notice as it would be sent, and how much time is left."""

    incident: int


class RewriteIncident(Action, name="incidents:rewrite"):
    """Asks for the texts of the notice again."""

    incident: int


class SendNotice(Action, name="incidents:send"):
    """Sends the notice to everybody touched. `version` is the version of the words that were shown."""

    incident: int
    version: int


class GetTouched(Action, name="incidents:list"):
    """Sends the list of the people touched, as a spreadsheet."""

    incident: int


class GetLetter(Action, name="incidents:letter"):
    """Sends the words for the agency."""

    incident: int


class ConsiderDropping(Action, name="incidents:drop"):
    """Asks whether to end the incident because there was no breach."""

    incident: int


class DropIncident(Action, name="incidents:dropped"):
    """Ends the incident because there was no breach: nobody is told."""

    incident: int


class StopWriting(Action, name="incidents:stop"):
    """Stops the writing of the notice; the incident stays open."""
