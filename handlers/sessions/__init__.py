"""A trainer's classes: see, create, copy, move, make larger or smaller, cancel, and import from a table.

    /sesi -> class -> what is to change -> whom it touches -> [really] -> those are told

What is being put together stands in the draft, one question a message; nothing is saved before it was repeated back.

    classes     a class found and shown
    looking     the list, and the card of a class
    draft       what is being put together
    questions   what is asked
    answers     what was answered
    summary     repeated back before it is saved
    saving      saved
    warnings    what it would run into
    cancelling  cancelled
    restoring   put back within a day
    site_links  the link of a site, and its poster
    unplaced    people of a site who have no class
    tables      classes from a table
"""

from __future__ import annotations

from typing import Final

from telegram.ext import filters

from bot.actions.sessions import (
    CancelClass,
    ChangeDetail,
    ConfirmClass,
    ConsiderCancelling,
    ConsiderChange,
    ConsiderDetails,
    ConsiderRestoring,
    CopyClass,
    GetCalendarTable,
    GetPoster,
    GetTemplate,
    GoBackInClass,
    ImportClasses,
    LeaveContactOut,
    LeavePinOut,
    LowerSeats,
    MoveClass,
    NewClass,
    PickClassSite,
    PickLength,
    PickMoment,
    PickReason,
    PickSiteLink,
    PickSize,
    PickTrainer,
    ReadDates,
    ReadMoves,
    RelocateClass,
    ResizeClass,
    RestoreClass,
    SeeMyClass,
    SeeMyClasses,
    SeeSiteLink,
    SeeUnplaced,
    StopClass,
    TakeSameVenue,
    TeachMyself,
)
from bot.capability import Capability, Command, Handlers
from bot.programme import sessions
from bot.turns.router import Conversation, command, sent, tap, typed
from handlers.sessions.answers import (
    contact_left_out,
    contact_written,
    length_picked,
    length_written,
    moment_picked,
    moment_written,
    pin_left_out,
    pin_sent,
    pin_written,
    same_venue_taken,
    seats_picked,
    seats_written,
    site_picked,
    site_written,
    title_written,
    trainer_picked,
    trainer_written,
    venue_written,
)
from handlers.sessions.cancelling import (
    REASON,
    cancelling_asked_again,
    cancelling_considered,
    cancelling_left,
    class_cancelled,
    reason_picked,
    reason_written,
    yes_typed,
)
from handlers.sessions.classes import CANCELLING, SESSIONS
from handlers.sessions.draft import CONFIRM, CONTACT, LENGTH, PIN, SEATS, SITE, TITLE, TRAINER, VENUE, WHEN
from handlers.sessions.looking import change_considered, class_picked, class_typed, details_considered, list_asked_for
from handlers.sessions.questions import (
    broken_off,
    copy_wanted,
    detail_wanted,
    move_wanted,
    myself_teaching,
    new_wanted,
    other_seats_wanted,
    other_venue_wanted,
    question_asked_again,
    went_back,
)
from handlers.sessions.restoring import class_restored, restoring_considered
from handlers.sessions.saving import confirmed, lowering_confirmed
from handlers.sessions.site_links import link_picked, link_typed, links_asked_for, poster_asked_for
from handlers.sessions.summary import summary_asked_again
from handlers.sessions.tables import (
    TABLES,
    calendar_asked_for,
    dates_answered,
    import_confirmed,
    moves_answered,
    table_sent,
    template_asked_for,
)
from handlers.sessions.unplaced import unplaced_asked_for


def handlers() -> Handlers:
    conversation = Conversation(
        SESSIONS,
        entry_points=[
            tap(NewClass, new_wanted),
            tap(CopyClass, copy_wanted),
            tap(MoveClass, move_wanted),
            tap(ResizeClass, other_seats_wanted),
            tap(RelocateClass, other_venue_wanted),
            tap(ChangeDetail, detail_wanted),
        ],
        states={
            SITE: [tap(PickClassSite, site_picked), typed(site_written)],
            TITLE: [typed(title_written)],
            WHEN: [tap(PickMoment, moment_picked), typed(moment_written)],
            LENGTH: [tap(PickLength, length_picked), typed(length_written)],
            SEATS: [tap(PickSize, seats_picked), typed(seats_written)],
            VENUE: [tap(TakeSameVenue, same_venue_taken), typed(venue_written)],
            PIN: [
                tap(LeavePinOut, pin_left_out),
                sent(filters.LOCATION, pin_sent),
                typed(pin_written),
            ],
            TRAINER: [tap(PickTrainer, trainer_picked), typed(trainer_written)],
            CONTACT: [tap(LeaveContactOut, contact_left_out), typed(contact_written)],
            CONFIRM: [
                tap(ConfirmClass, confirmed),
                tap(LowerSeats, lowering_confirmed),
                tap(TeachMyself, myself_teaching),
                typed(summary_asked_again),
            ],
        },
        fallbacks=[
            tap(GoBackInClass, went_back),
            tap(StopClass, broken_off),
            command("batal", broken_off),
        ],
        resume=question_asked_again,
    )
    cancelling = Conversation(
        CANCELLING,
        entry_points=[tap(ConsiderCancelling, cancelling_considered)],
        states={REASON: [typed(reason_written)]},
        fallbacks=[command("batal", cancelling_left)],
        resume=cancelling_asked_again,
    )
    return [
        conversation,
        cancelling,
        command("sesi", list_asked_for, SeeMyClasses()),
        tap(SeeMyClasses, list_asked_for),
        tap(SeeMyClass, class_picked),
        tap(ConsiderChange, change_considered),
        tap(ConsiderDetails, details_considered),
        tap(PickReason, reason_picked),
        tap(CancelClass, class_cancelled),
        tap(ConsiderRestoring, restoring_considered),
        tap(RestoreClass, class_restored),
        tap(PickSiteLink, links_asked_for),
        tap(SeeSiteLink, link_picked),
        tap(SeeUnplaced, unplaced_asked_for),
        tap(GetPoster, poster_asked_for),
        tap(GetTemplate, template_asked_for),
        tap(GetCalendarTable, calendar_asked_for),
        tap(ReadDates, dates_answered),
        tap(ReadMoves, moves_answered),
        tap(ImportClasses, import_confirmed),
        sent(TABLES, table_sent),
    ]


CAPABILITY: Final = Capability(
    "sessions",
    handlers,
    commands=(Command("sesi", "trainer", place=10),),
    data=sessions.DATA,
    hears_first=lambda turn: yes_typed(turn) or class_typed(turn) or link_typed(turn),
)
