"""Classes of a site, and a participant's seats: see, take, wait, move, give back.

    looking   the classes of a site, the sites, one class as it is for this person
    schedule  the person's own classes, past ones too; the calendar file
    taking    a seat or a place on the waitlist; an offer accepted
    leaving   a seat given back, an offer declined; what was given up taken back
    moving    another class in place of this one
    parts     words and buttons that these have in common

Whether there is a seat, and whose it is, `bot/programme/enrolment/` decides.
"""

from __future__ import annotations

from typing import Final

from bot.actions.enrolment import (
    AcceptOffer,
    ChangeClass,
    ConfirmMove,
    ConsiderMove,
    ConsiderWithdrawal,
    DeclineOffer,
    GetCalendar,
    SeeClass,
    SeeClasses,
    SeePast,
    SeeSchedule,
    SeeSites,
    TakeBack,
    TakeSeat,
    Withdraw,
)
from bot.capability import Capability, Command, Handlers
from bot.programme import enrolment
from bot.turns.router import command, tap
from handlers.enrolment.leaving import offer_declined, seat_given_back, taken_back, withdrawal_considered
from handlers.enrolment.looking import class_picked, classes_asked_for, sites_asked_for
from handlers.enrolment.moving import class_changed, move_considered, move_picked
from handlers.enrolment.schedule import calendar_asked_for, past_asked_for, schedule_asked_for
from handlers.enrolment.taking import offer_accepted, seat_asked_for


def handlers() -> Handlers:
    return [
        command("kelas", classes_asked_for, SeeClasses()),
        command("jadwal", schedule_asked_for),
        tap(SeeClasses, classes_asked_for),
        tap(SeeSites, sites_asked_for),
        tap(SeeClass, class_picked),
        tap(TakeSeat, seat_asked_for),
        tap(AcceptOffer, offer_accepted),
        tap(DeclineOffer, offer_declined),
        tap(ConsiderWithdrawal, withdrawal_considered),
        tap(Withdraw, seat_given_back),
        tap(ConsiderMove, move_considered),
        tap(ChangeClass, move_picked),
        tap(ConfirmMove, class_changed),
        tap(TakeBack, taken_back),
        tap(SeeSchedule, schedule_asked_for),
        tap(SeePast, past_asked_for),
        tap(GetCalendar, calendar_asked_for),
    ]


CAPABILITY: Final = Capability(
    "enrolment",
    handlers,
    commands=(
        Command("kelas", "participant", place=40),
        Command("jadwal", "participant", place=30),
    ),
    data=enrolment.DATA,
)
