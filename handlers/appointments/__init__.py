"""Appointments and visits: /janji.

person: free times -> one tap books -> reminded, a day and two hours before -> coming, or not (the time is free again)
mentor: when, how long, how -> times are offered -> the day's appointments -> met, or not

    participant  the person's side, and where to come
    desk         the mentor's side, and one booked for the person of a question
    opening      times offered
    parts        what they have in common
"""

from __future__ import annotations

from typing import Final

from telegram.ext import filters

from bot.actions.appointments import (
    BookFor,
    BookTime,
    CallOff,
    CannotCome,
    CloseOpened,
    CloseTime,
    ComeToAppointment,
    ConsiderCallingOff,
    ConsiderMoving,
    GetAppointmentFile,
    GetTheirCalendar,
    GivePlace,
    KeepAppointment,
    LeavePlace,
    MarkMet,
    MoveIt,
    MoveTo,
    OpenTimes,
    PickStretch,
    PickTimeLength,
    PickTimesSite,
    SaveTimes,
    Schedule,
    SeeAppointment,
    SeeBooked,
    SeeDesk,
    SeeFree,
    SeeOtherTimes,
    SeeTimes,
    StopOpening,
)
from bot.capability import Capability, Command, Handlers
from bot.programme import appointments
from bot.turns.router import Conversation, command, sent, tap, typed
from handlers.appointments import desk, opening, participant


def handlers() -> Handlers:
    offering = Conversation(
        opening.OPENING,
        entry_points=[tap(OpenTimes, opening.begun)],
        states={
            opening.SITE: [tap(PickTimesSite, opening.site_picked), typed(opening.site_typed)],
            opening.WHEN: [tap(PickStretch, opening.part_picked), typed(opening.time_typed)],
            opening.LENGTH: [tap(PickTimeLength, opening.length_picked), typed(opening.time_typed)],
            opening.WAY: [tap(SaveTimes, opening.way_picked), typed(opening.time_typed)],
            opening.OFFICE: [typed(opening.office_typed)],
        },
        fallbacks=[command("batal", opening.stopped), tap(StopOpening, opening.stopped)],
        resume=opening.asked_again,
    )
    where = Conversation(
        participant.PLACE,
        entry_points=[tap(GivePlace, participant.place_begun)],
        states={
            participant.WHERE: [
                typed(participant.place_typed),
                sent(filters.LOCATION, participant.pin_shared),
                sent(filters.CONTACT, participant.contact_shared),
            ]
        },
        fallbacks=[command("batal", participant.place_left), tap(LeavePlace, participant.place_left)],
        resume=participant.asked_again,
    )
    return [
        offering,
        where,
        command("janji", participant.command_given),
        tap(SeeAppointment, participant.appointment_asked_for),
        tap(SeeTimes, participant.times_asked_for),
        tap(BookTime, participant.time_booked),
        tap(SeeOtherTimes, participant.move_considered),
        tap(MoveTo, participant.moved),
        tap(ComeToAppointment, participant.said_coming),
        tap(CannotCome, participant.said_not_coming),
        tap(KeepAppointment, participant.taken_back),
        tap(GetAppointmentFile, participant.calendar_asked_for),
        tap(SeeDesk, desk.desk_asked_for),
        tap(SeeBooked, desk.booked_asked_for),
        tap(GetTheirCalendar, desk.calendar_asked_for),
        tap(MarkMet, desk.marked),
        tap(ConsiderCallingOff, desk.calling_off_considered),
        tap(CallOff, desk.called_off),
        tap(ConsiderMoving, desk.moving_considered),
        tap(MoveIt, desk.moved),
        tap(Schedule, desk.schedule_asked_for),
        tap(BookFor, desk.booked_for),
        tap(SeeFree, desk.free_asked_for),
        tap(CloseTime, desk.time_closed),
        tap(CloseOpened, opening.opened_taken_back),
    ]


CAPABILITY: Final = Capability(
    "appointments",
    handlers,
    commands=(Command("janji", "participant", place=57),),
    data=appointments.DATA,
)
