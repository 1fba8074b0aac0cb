"""Attendance: the trainer shows a code or ticks names; participants read or type the code, or say they were there.

    /hadir -> class -> code or names -> the list is complete

Participants come first, trainers after them.

    checking_in  the code, read or typed, and where one is
    at_the_door  who has no seat yet joins
    afterwards   "I was there", "I was not", and why not
    classes      the trainer's classes, and the check-in of one
    names        the list of names, the ticks in it
    typed_words  what is typed below a list, instead of taps
    name_search  finds people of a list by what is typed
    all_but      everybody was there but these
    claims       answers to "I was there"
    closing      the end of the list; all others at once
    parts        what these screens have in common
"""

from __future__ import annotations

from typing import Final

from telegram.ext import filters

from bot.actions.attendance import (
    AdmitAbsence,
    AnswerAtDoor,
    AskToComeIn,
    BeginAllBut,
    ClaimPresence,
    CloseCheckIn,
    CloseForAll,
    ConfirmClaim,
    ConsiderFinishing,
    ConsiderOthers,
    EnterCode,
    FinishList,
    JoinClass,
    JoinInstead,
    MarkOthers,
    OfferToJoin,
    OpenCheckIn,
    PickAbsent,
    RecordAllBut,
    RefuseClaim,
    ReviewAllBut,
    ScanCode,
    SeeAllBut,
    SeeAttendance,
    SeeAttendanceClasses,
    SeeClaims,
    SeeDoor,
    SeeMyAttendance,
    SeeNames,
    ShareWhere,
    StopAllBut,
    TakeBackPresence,
    TellReason,
    TickName,
    WithdrawRequest,
)
from bot.capability import Capability, Command, Handlers
from bot.programme import attendance
from bot.turns.router import Conversation, command, sent, tap, typed
from handlers.attendance.afterwards import absence_admitted, presence_claimed, reason_told
from handlers.attendance.all_but import (
    ALL_BUT,
    PICK,
    REVIEW,
    absent_picked,
    all_but_begun,
    broken_off,
    names_typed,
    page_turned,
    question_asked_again,
    recorded,
    recorded_before,
    reviewed,
    stopped_before,
)
from handlers.attendance.at_the_door import (
    class_joined,
    coming_in_wanted,
    door_answered,
    door_asked_for,
    joined_instead,
    joining_offered,
    request_withdrawn,
    withdrawal_typed,
)
from handlers.attendance.checking_in import (
    LOCATE,
    LOCATION,
    HasCode,
    ResemblesCode,
    code_entered,
    code_misread,
    code_scanned,
    code_typed,
    location_kept_back,
    location_offered,
    location_offered_again,
    location_shared,
    mine_asked_for,
    wrote_instead_of_sharing,
)
from handlers.attendance.claims import claim_confirmed, claim_refused, claims_asked_for
from handlers.attendance.classes import (
    attendance_asked_for,
    check_in_closed,
    check_in_closed_for_all,
    check_in_opened,
    class_picked,
    classes_asked_for,
)
from handlers.attendance.closing import list_considered, list_finished, others_considered, others_marked
from handlers.attendance.names import name_ticked, names_asked_for, presence_taken_back
from handlers.attendance.typed_words import words_typed


def handlers() -> Handlers:
    location = Conversation(
        LOCATION,
        entry_points=[tap(ShareWhere, location_offered)],
        states={LOCATE: [sent(filters.LOCATION, location_shared), typed(wrote_instead_of_sharing)]},
        fallbacks=[command("batal", location_kept_back)],
        resume=location_offered_again,
    )
    picking = [
        tap(PickAbsent, absent_picked),
        tap(SeeAllBut, page_turned),
        tap(ReviewAllBut, reviewed),
        tap(RecordAllBut, recorded),
        typed(names_typed),
    ]
    all_but = Conversation(
        ALL_BUT,
        entry_points=[tap(BeginAllBut, all_but_begun)],
        states={PICK: picking, REVIEW: picking},
        fallbacks=[tap(StopAllBut, broken_off), command("batal", broken_off)],
        resume=question_asked_again,
    )
    return [
        location,
        all_but,
        command("hadir", attendance_asked_for),
        tap(SeeMyAttendance, mine_asked_for),
        tap(ScanCode, code_scanned),
        tap(EnterCode, code_entered),
        tap(OfferToJoin, joining_offered),
        tap(AskToComeIn, coming_in_wanted),
        tap(WithdrawRequest, request_withdrawn),
        tap(JoinClass, class_joined),
        tap(JoinInstead, joined_instead),
        tap(ClaimPresence, presence_claimed),
        tap(AdmitAbsence, absence_admitted),
        tap(TellReason, reason_told),
        # trainers
        tap(SeeAttendanceClasses, classes_asked_for),
        tap(SeeAttendance, class_picked),
        tap(OpenCheckIn, check_in_opened),
        tap(CloseCheckIn, check_in_closed),
        tap(CloseForAll, check_in_closed_for_all),
        tap(SeeNames, names_asked_for),
        tap(TickName, name_ticked),
        tap(TakeBackPresence, presence_taken_back),
        tap(SeeClaims, claims_asked_for),
        tap(ConfirmClaim, claim_confirmed),
        tap(RefuseClaim, claim_refused),
        tap(AnswerAtDoor, door_answered),
        tap(SeeDoor, door_asked_for),
        tap(ConsiderFinishing, list_considered),
        tap(FinishList, list_finished),
        tap(ConsiderOthers, others_considered),
        tap(MarkOthers, others_marked),
        tap(RecordAllBut, recorded_before),
        tap(StopAllBut, stopped_before),
        sent(HasCode(), code_typed),
        sent(ResemblesCode(), code_misread),
    ]


CAPABILITY: Final = Capability(
    "attendance",
    handlers,
    commands=(
        Command("batal", "participant", place=130),
        Command("hadir", "participant", place=50),
    ),
    data=attendance.DATA,
    hears_first=lambda turn: words_typed(turn) or withdrawal_typed(turn),
)
