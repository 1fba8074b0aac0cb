"""Photos of the signed sheet: sent by a trainer, shown again, deleted.

class -> [Kirim foto lembar] -> rows of who has not agreed are covered -> photos -> [Selesai]
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.actions.attendance import SeeAttendance, SeeAttendanceClasses
from bot.actions.buttons import back
from bot.actions.paper import (
    ConsiderDeletingPhoto,
    DeletePhoto,
    FinishPhotos,
    LeavePhotos,
    RowsCovered,
    SeeSheetPhotos,
    SendSheetPhoto,
)
from bot.programme import sessions, sheet_photos
from bot.programme.sessions import ClassSession
from bot.programme.sheet_photos import SheetPhoto
from bot.turns.led import led
from bot.turns.turn import Turn
from bot.words.message import At, Button, File, Form, Lines, Message, Style, Value, Words, rows
from handlers.paper.parts import called_in, class_of, facts_of, no_class

PAPER: Final = "paper"
COVER, PHOTO = "cover", "photo"


# --- sending --------------------------------------------------------------------------------------------------------


def sending_wanted(turn: Turn, action: SendSheetPhoto) -> None:
    session = class_of(turn, action.session)
    if session is None:
        return no_class(turn)
    if not sheet_photos.may_be_sent(session, turn.now):
        key = "attendance.cancelled" if session.cancelled_at is not None else "paper.photo.too_early"
        return turn.show(key, facts_of(turn, session), buttons=[[back(SeeAttendance(session.id))]])
    _begin(turn, session)


def _begin(turn: Turn, session: ClassSession) -> None:
    """Names the people who have not agreed that a photo is kept. If everybody has, asks for the photos at once."""
    found = sheet_photos.uncovered(turn.db, session, turn.content)
    if not found:
        turn.enter(PAPER, PHOTO, session=session.id, covered=sheet_photos.version([]))
        return _ask_photo(turn, session)
    turn.enter(PAPER, COVER, session=session.id)
    turn.ask(PAPER, COVER)
    called = called_in(turn, session)
    names = tuple(Words("paper.photo.row", {"n": one.number, "called": called[one.person_id or 0]}) for one in found)
    covered = Button("paper.button.covered", RowsCovered(session.id, sheet_photos.version(found)))
    turn.show(
        "paper.photo.cover",
        facts_of(turn, session),
        names=Lines(names),
        buttons=[[covered], [back(LeavePhotos(session.id))]],
    )


def rows_covered(turn: Turn, action: RowsCovered) -> None:
    """Asks for the photos: the trainer has covered the rows of the people who were named."""
    session = class_of(turn, action.session)
    if session is None:
        return no_class(turn)
    now_named = sheet_photos.version(sheet_photos.uncovered(turn.db, session, turn.content))
    if action.version != now_named or not sheet_photos.may_be_sent(session, turn.now):
        return sending_wanted(turn, SendSheetPhoto(session.id))
    turn.enter(PAPER, PHOTO, session=session.id, covered=action.version)
    _ask_photo(turn, session)


def _ask_photo(turn: Turn, session: ClassSession) -> None:
    turn.ask(PAPER, PHOTO)
    days = turn.content.programme.retention.sheet_photo_days
    sent = sheet_photos.number_of(turn.db, session.id) > 0
    way = _stop(session) if sent else back(LeavePhotos(session.id))
    turn.show("paper.photo.ask", {"n": days, **facts_of(turn, session)}, buttons=[[way]])


def question_asked_again(turn: Turn) -> None:
    session = _of_draft(turn)
    if session is None:
        turn.leave(PAPER)
        no_class(turn)
    elif turn.account.state == PHOTO:
        _ask_photo(turn, session)
    else:
        _begin(turn, session)


def photo_sent(turn: Turn) -> None:
    """Keeps the photo, unless somebody was added since who has not agreed: then their row is named first."""
    session = _of_draft(turn)
    message = turn.update.message
    if session is None or message is None:
        return sending_stopped(turn)
    if turn.draft.get("covered") != sheet_photos.version(sheet_photos.uncovered(turn.db, session, turn.content)):
        turn.say("paper.photo.not_kept", plain=True)
        return _begin(turn, session)
    document = not message.photo
    file_id = message.photo[-1].file_id if message.photo else message.document.file_id if message.document else ""
    turn.ask(PAPER, PHOTO)
    match sheet_photos.keep(turn.db, session, turn.account, file_id, turn.now, document=document, content=turn.content):
        case sheet_photos.Kept(number, until):
            turn.note("sheet_photo_kept", f"session:{session.id}", site_id=session.site_id)
            at = At(until, turn.zone(session.site_id))
            enough = Button("paper.button.enough", FinishPhotos(session.id))
            turn.say(
                "paper.photo.kept",
                {"n": number, "until": at, **facts_of(turn, session)},
                buttons=[[enough]],
            )
        case sheet_photos.TooMany():
            turn.say("paper.photo.too_many", n=sheet_photos.MOST, buttons=[[_stop(session)]])


def sending_finished(turn: Turn, action: FinishPhotos) -> None:
    session = class_of(turn, action.session)
    turn.leave(PAPER)
    if session is None:
        return no_class(turn)
    number = sheet_photos.number_of(turn.db, session.id)
    key = "paper.photo.finished" if number else "paper.photo.none"
    turn.show(key, {"n": number, **facts_of(turn, session)}, buttons=[[back(SeeAttendance(session.id))]])


def sending_left(turn: Turn, action: LeavePhotos) -> None:
    turn.leave(PAPER)
    turn.follow(SeeAttendance(action.session))


def sending_stopped(turn: Turn) -> None:
    """Ends the sending after /batal; the photos kept so far stay."""
    session_id = int(turn.draft.get("session") or 0)
    turn.leave(PAPER)
    turn.follow(SeeAttendance(session_id) if session_id else SeeAttendanceClasses())


# --- seeing and deleting --------------------------------------------------------------------------------------------


def photos_asked_for(turn: Turn, action: SeeSheetPhotos) -> None:
    """Shows the photos again; they can be neither passed on nor saved, and the rows of the messages are emptied."""
    session = class_of(turn, action.session)
    if session is None:
        return no_class(turn)
    found = sheet_photos.photos_of(turn.db, session.id)
    kept = [one for one in found if one.file_id is not None]
    if kept:
        turn.note("sheet_photo_seen", f"session:{session.id}", site_id=session.site_id, photos=len(kept))
    for at, one in enumerate(kept, 1):
        turn.send(_shown(turn, session, one, at))
    reasons = dict.fromkeys(one.emptied_because for one in found if one.file_id is None)
    gone = Lines(tuple(Words(f"paper.gone.{reason}") for reason in reasons))
    send: Sequence[Sequence[Button]] = []
    if sheet_photos.may_be_sent(session, turn.now):
        send = [[Button("paper.button.send_photo", SendSheetPhoto(session.id))]]
    turn.show(
        "paper.photo.shown" if kept else "paper.photo.nothing",
        {"n": len(kept), **facts_of(turn, session)},
        gone=gone,
        buttons=[*send, [back(SeeAttendance(session.id))]],
    )


def _shown(turn: Turn, session: ClassSession, one: SheetPhoto, number: int) -> Message:
    values: dict[str, Value] = {
        "n": number,
        "sent": At(one.sent_at, turn.zone(session.site_id)),
        **facts_of(turn, session),
    }
    delete = Button("paper.button.delete_photo", ConsiderDeletingPhoto(one.id))
    form = Form.DOCUMENT if one.document else Form.PHOTO
    file = File("lembar.jpg", "image/jpeg", id=one.file_id)
    return Message("paper.photo.one", values, rows((delete,)), form=form, file=file, secret=True, protected=True)


def deleting_considered(turn: Turn, action: ConsiderDeletingPhoto) -> None:
    found = _photo(turn, action.photo)
    if found is None:
        return turn.show("paper.photo.gone", buttons=[[back(SeeAttendanceClasses())]])
    one, session = found
    sent = At(one.sent_at, turn.zone(session.site_id))
    really = Button("paper.button.really_delete", DeletePhoto(one.id), style=Style.DANGER)
    keep = Button("paper.button.keep_photo", SeeAttendance(session.id))
    turn.show("paper.photo.delete", {"sent": sent, **facts_of(turn, session)}, buttons=[[really, keep]])


def photo_deleted(turn: Turn, action: DeletePhoto) -> None:
    found = _photo(turn, action.photo)
    if found is None and turn.did("sheet_photo_deleted", photo=action.photo):
        return turn.toast("paper.toast.deleted_before")
    if found is None:
        return turn.show("paper.photo.gone", buttons=[[back(SeeAttendanceClasses())]])
    one, session = found
    sheet_photos.remove(turn.db, one.id)
    turn.note("sheet_photo_deleted", f"session:{session.id}", site_id=session.site_id, photo=action.photo)
    turn.show("paper.photo.deleted", facts_of(turn, session), buttons=[[back(SeeAttendance(session.id))]])


# --- small things ---------------------------------------------------------------------------------------------------


def _photo(turn: Turn, photo_id: int) -> tuple[SheetPhoto, ClassSession] | None:
    """Returns the photo of the button, if this trainer looks after its site; otherwise refuses."""
    found = sheet_photos.photo(turn.db, photo_id)
    led(turn, found[1] if found is not None else None)
    return found


def _of_draft(turn: Turn) -> ClassSession | None:
    return led(turn, sessions.get(turn.db, turn.draft.get("session") or 0))


def _stop(session: ClassSession) -> Button:
    return Button("paper.button.enough", FinishPhotos(session.id))
