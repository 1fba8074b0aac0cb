"""What the buttons of attendance on paper carry. `session` is the number of a class."""

from __future__ import annotations

from bot.words.action import Action


class SeePastClasses(Action, name="paper:past"):
    """For trainers: lists the classes of a month that have begun. `month` is like 202611; 0 is the newest with
    classes."""

    month: int = 0
    page: int = 0


class SeePastClass(Action, name="paper:class"):
    """Shows who was in the class, by name."""

    session: int
    page: int = 0


class GetAttendanceFile(Action, name="paper:file"):
    """Sends who was in the class, as a spreadsheet."""

    session: int


class PickSheet(Action, name="paper:sheets"):
    """Choose of which class to print the sheet."""


class GetSheet(Action, name="paper:sheet"):
    """Sends the list of names for signatures, as a PDF."""

    session: int


class SendSheetPhoto(Action, name="paper:photo"):
    """Begins the sending of photos of the signed sheet."""

    session: int


class RowsCovered(Action, name="paper:covered"):
    """The trainer says that the rows of people who have not agreed are covered. `version` is the version of the list of
    those people."""

    session: int
    version: int = 0


class LeavePhotos(Action, name="paper:leave"):
    """Back to the class: no photo is sent (any more)."""

    session: int


class FinishPhotos(Action, name="paper:enough"):
    """Ends the sending of photos."""

    session: int


class SeeSheetPhotos(Action, name="paper:photos"):
    """Shows the photos of the signed sheet again."""

    session: int


class ConsiderDeletingPhoto(Action, name="paper:delete"):
    """Asks whether to delete this photo. `photo` is its number."""

    photo: int


class DeletePhoto(Action, name="paper:deleted"):
    """Deletes this photo."""

    photo: int
