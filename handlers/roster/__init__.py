"""The people of a class: the list of names in pages and as a file; move somebody, free a seat, add somebody who just
came.

/peserta -> class -> names -> one of them -> move or free (told) · add a name: somebody known, or consent read out

    looking       classes, names, the file, one of the names
    moving        a seat is freed, somebody is moved
    doubts        what is in doubt of a list before the consent
    adding        who just came: somebody known, somebody new, a list
    known_of_list  those of a list whom the bot knows
    correcting    what is kept of somebody without a phone, and deleting it
    same_person   two rows of one human being become one
    tapped_twice  second taps, when a question is over
    parts         what these screens have in common
"""

from __future__ import annotations

from typing import Final

from bot.actions.roster import (
    AddKnown,
    AddKnownOfList,
    AddSeat,
    AddSomebodyElse,
    AddWalkIn,
    ConsiderErasingWalkIn,
    ConsiderFreeing,
    ConsiderMerging,
    ConsiderMovingLine,
    CorrectWalkInName,
    CorrectWalkInNumber,
    EraseWalkIn,
    ForgetWalkInNumber,
    FreeSeat,
    GetRosterFile,
    LeaveOutWalkIn,
    MergePeople,
    MoveLine,
    PartPeople,
    PickMerge,
    PickTarget,
    PickWalkInAddress,
    PickWhoIsKnown,
    PickWhoRefused,
    SeeLine,
    SeePerson,
    SeeRoster,
    SeeRosters,
    SetWalkInAddress,
    StopCorrecting,
    StopWalkIn,
    WalkInAgreed,
    WalkInRefused,
)
from bot.capability import Capability, Command, Handlers
from bot.programme import merging
from bot.turns.router import Conversation, command, tap, typed
from bot.turns.turn import Turn
from handlers.roster.adding import (
    CONSENT,
    FULL,
    KNOWN,
    NAME,
    broken_off,
    consent_given,
    consent_refused,
    known_picked,
    left_out,
    list_with_secrets_heard,
    more_written,
    name_written,
    question_asked_again,
    seat_added,
    somebody_else_meant,
    walk_in_came,
    who_refused_asked,
)
from handlers.roster.correcting import (
    NEW_NAME,
    NEW_NUMBER,
    PERSON,
    address_asked,
    address_set,
    correcting_stopped,
    correction_asked_again,
    erasing_considered,
    name_asked,
    name_corrected,
    number_asked,
    number_corrected,
    number_forgotten,
    walk_in_erased,
)
from handlers.roster.known_of_list import known_of_list_picked, who_is_known_asked
from handlers.roster.looking import (
    ROSTER,
    classes_asked_for,
    file_asked_for,
    name_typed,
    names_asked_for,
    one_picked,
    person_asked_for,
)
from handlers.roster.moving import freeing_considered, move_considered, moved, seat_freed, target_picked
from handlers.roster.same_person import (
    OTHER_NAME,
    merge_asked,
    merge_asked_again,
    merging_considered,
    other_name_written,
    people_merged,
    people_parted,
)
from handlers.roster.tapped_twice import answered_before, refused_before, stopped_before


def handlers() -> Handlers:
    conversation = Conversation(
        ROSTER,
        entry_points=[tap(AddWalkIn, walk_in_came)],
        states={
            NAME: [typed(name_written)],
            KNOWN: [tap(AddSomebodyElse, somebody_else_meant), typed(name_written)],
            CONSENT: [
                tap(WalkInAgreed, consent_given),
                tap(WalkInRefused, consent_refused),
                tap(PickWhoRefused, who_refused_asked),
                tap(LeaveOutWalkIn, left_out),
                tap(PickWhoIsKnown, who_is_known_asked),
                tap(AddKnownOfList, known_of_list_picked),
                typed(more_written),
            ],
            FULL: [tap(AddSeat, seat_added), typed(question_asked_again)],
        },
        fallbacks=[tap(StopWalkIn, broken_off), command("batal", broken_off)],
        resume=question_asked_again,
    )
    about_person = Conversation(
        PERSON,
        entry_points=[
            tap(CorrectWalkInName, name_asked),
            tap(CorrectWalkInNumber, number_asked),
            tap(PickMerge, merge_asked),
        ],
        states={
            NEW_NAME: [typed(name_corrected)],
            NEW_NUMBER: [typed(number_corrected)],
            OTHER_NAME: [typed(other_name_written)],
        },
        fallbacks=[tap(StopCorrecting, correcting_stopped), command("batal", correcting_stopped)],
        resume=person_asked_again,
    )
    return [
        conversation,
        about_person,
        command("peserta", classes_asked_for, SeeRosters()),
        tap(SeeRosters, classes_asked_for),
        tap(SeeRoster, names_asked_for),
        tap(GetRosterFile, file_asked_for),
        tap(SeeLine, one_picked),
        tap(ConsiderFreeing, freeing_considered),
        tap(FreeSeat, seat_freed),
        tap(PickTarget, move_considered),
        tap(ConsiderMovingLine, target_picked),
        tap(MoveLine, moved),
        tap(AddKnown, known_picked),
        tap(SeePerson, person_asked_for),
        tap(ForgetWalkInNumber, number_forgotten),
        tap(PickWalkInAddress, address_asked),
        tap(SetWalkInAddress, address_set),
        tap(ConsiderErasingWalkIn, erasing_considered),
        tap(EraseWalkIn, walk_in_erased),
        tap(ConsiderMerging, merging_considered),
        tap(MergePeople, people_merged),
        tap(PartPeople, people_parted),
        # when the question is over
        tap(WalkInAgreed, answered_before),
        tap(AddSeat, answered_before),
        tap(AddSomebodyElse, answered_before),
        tap(PickWhoRefused, answered_before),
        tap(LeaveOutWalkIn, answered_before),
        tap(PickWhoIsKnown, answered_before),
        tap(AddKnownOfList, answered_before),
        tap(WalkInRefused, refused_before),
        tap(StopWalkIn, stopped_before),
        tap(StopCorrecting, stopped_before),
    ]


def person_asked_again(turn: Turn) -> None:
    if turn.account.state == OTHER_NAME:
        merge_asked_again(turn)
    else:
        correction_asked_again(turn)


CAPABILITY: Final = Capability(
    "roster",
    handlers,
    commands=(Command("peserta", "trainer", place=20),),
    data=merging.DATA,
    hears_first=lambda turn: list_with_secrets_heard(turn) or name_typed(turn),
)
