"""What the buttons of voices carry. `what` is a text that can be read aloud (`lesson.M01L1`, `consent`, `reminder`),
`recording` the number of a recording, `site` empty for all sites."""

from __future__ import annotations

from bot.words.action import Action


class Listen(Action, name="voices:listen"):
    """Sends the recording: for participants."""

    recording: int


class SeeVoices(Action, name="voices:list"):
    """For staff: which texts have no voice yet, the most used first."""

    page: int = 0


class PickVoicesSite(Action, name="voices:site"):
    """For trainers of several sites: where the recording will be heard."""

    what: str
    page: int = 0


class RecordVoice(Action, name="voices:record"):
    """Shows the text to read and asks for the recording."""

    what: str
    site: str = ""


class AgreeToVoice(Action, name="voices:agree"):
    """The speaker agrees that their voice is used."""

    what: str
    site: str = ""


class LeaveVoice(Action, name="voices:leave"):
    """No recording."""


class UseRecording(Action, name="voices:use"):
    """The speaker has listened: the recording goes to a second listener."""

    recording: int


class SeeWaitingVoices(Action, name="voices:waiting"):
    """For staff: recordings that wait for a second listener."""

    page: int = 0


class HearWaiting(Action, name="voices:hear"):
    """Plays a waiting recording to a second listener, with the text beside it."""

    recording: int


class ApproveRecording(Action, name="voices:approve"):
    recording: int


class RejectRecording(Action, name="voices:reject"):
    recording: int


class SeeMyVoices(Action, name="voices:mine"):
    """The speaker's own recordings, and how often each was heard."""


class ConsiderVoiceWithdrawal(Action, name="voices:withdraw"):
    """Asks whether all own recordings shall go."""


class WithdrawVoice(Action, name="voices:withdrawn"):
    """Deletes all own recordings up to this number, the newest when it was asked."""

    newest: int
