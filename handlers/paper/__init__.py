"""Attendance on paper: the sheet that people sign, photos of it, and who was at the classes of past months.

/peserta or /hadir -> [Kelas yang lalu] -> month -> class -> names -> file, sheet, photos

lists   past classes by name, on the screen and as a spreadsheet; the sheet as a PDF
photos  photos of the signed sheet: sent, shown again, deleted
parts   what these screens have in common
"""

from __future__ import annotations

from typing import Final

from telegram.ext import filters

from bot.actions.paper import (
    ConsiderDeletingPhoto,
    DeletePhoto,
    FinishPhotos,
    GetAttendanceFile,
    GetSheet,
    LeavePhotos,
    PickSheet,
    RowsCovered,
    SeePastClass,
    SeePastClasses,
    SeeSheetPhotos,
    SendSheetPhoto,
)
from bot.capability import Capability, Handlers
from bot.programme import sheet_photos
from bot.turns.router import Conversation, command, sent, tap, typed
from handlers.paper.lists import (
    file_asked_for,
    past_class_picked,
    past_classes_asked_for,
    sheet_asked_for,
    sheet_wanted,
)
from handlers.paper.photos import (
    COVER,
    PAPER,
    PHOTO,
    deleting_considered,
    photo_deleted,
    photo_sent,
    photos_asked_for,
    question_asked_again,
    rows_covered,
    sending_finished,
    sending_left,
    sending_stopped,
    sending_wanted,
)

PICTURES: Final = filters.PHOTO | filters.Document.IMAGE


def handlers() -> Handlers:
    conversation = Conversation(
        PAPER,
        entry_points=[tap(SendSheetPhoto, sending_wanted), tap(RowsCovered, rows_covered)],
        states={
            COVER: [sent(PICTURES, question_asked_again), typed(question_asked_again)],
            PHOTO: [sent(PICTURES, photo_sent), typed(question_asked_again)],
        },
        fallbacks=[
            tap(FinishPhotos, sending_finished),
            tap(LeavePhotos, sending_left),
            command("batal", sending_stopped),
        ],
        resume=question_asked_again,
    )
    return [
        conversation,
        tap(FinishPhotos, sending_finished),
        tap(LeavePhotos, sending_left),
        tap(SeePastClasses, past_classes_asked_for),
        tap(SeePastClass, past_class_picked),
        tap(GetAttendanceFile, file_asked_for),
        tap(PickSheet, sheet_wanted),
        tap(GetSheet, sheet_asked_for),
        tap(SeeSheetPhotos, photos_asked_for),
        tap(ConsiderDeletingPhoto, deleting_considered),
        tap(DeletePhoto, photo_deleted),
    ]


CAPABILITY: Final = Capability("paper", handlers, data=sheet_photos.DATA)
