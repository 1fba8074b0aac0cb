"""What the buttons of classes and seats carry. `session` is the number of a class."""

from __future__ import annotations

import dataclasses

from bot.words.action import PersonalAction


class SeeClasses(PersonalAction, name="enrolment:classes"):
    """Lists the coming classes of a site; without a site, of the person's own."""

    site: str = ""
    page: int = 0


class SeeSites(PersonalAction, name="enrolment:sites"):
    """Lists the sites that have classes."""


class SeeClass(PersonalAction, name="enrolment:show"):
    """Shows a class, and what the person can do about it."""

    session: int


class SeeSchedule(PersonalAction, name="enrolment:mine"):
    """Shows the person's own classes."""


class TakeSeat(PersonalAction, name="enrolment:take"):
    """Enrols the person, or puts them on the waitlist where the class is full."""

    session: int


class AcceptOffer(PersonalAction, name="enrolment:accept"):
    """Takes the seat that was offered. `left`: the class whose seat is given back for it, as the words above the button
    say."""

    session: int
    left: int | None = dataclasses.field(default=None, kw_only=True)


class DeclineOffer(PersonalAction, name="enrolment:decline"):
    """Declines the seat that was offered."""

    session: int


class ConsiderWithdrawal(PersonalAction, name="enrolment:withdraw"):
    """Asks whether to give the seat back, or to leave the waitlist."""

    session: int


class Withdraw(PersonalAction, name="enrolment:withdrawn"):
    """Gives the seat back, or leaves the waitlist. `version` is the version of the seat or place that was asked
    about."""

    session: int
    version: int = dataclasses.field(default=0, kw_only=True)


class ConsiderMove(PersonalAction, name="enrolment:move"):
    """Asks which class to take instead of this one."""

    session: int


class ChangeClass(PersonalAction, name="enrolment:moved"):
    """Asks whether to take a seat in `session` and give back the one in `left`."""

    left: int
    session: int


class ConfirmMove(PersonalAction, name="enrolment:move_now"):
    """Takes a seat in `session` and gives back the one in `left`. `waits`: there is no seat in `session` yet, and the
    one in `left` is kept until there is."""

    left: int
    session: int
    waits: bool


class TakeBack(PersonalAction, name="enrolment:back"):
    """Gives the person back what they gave up at one time, which `version` names (`KeptSeat.version`)."""

    session: int
    version: int


class GetCalendar(PersonalAction, name="enrolment:calendar"):
    """Sends the file that puts the class into the phone's calendar, or takes the class out of the calendar."""

    session: int


class SeePast(PersonalAction, name="enrolment:past"):
    """Shows the person's classes that are over."""
