"""The guide in the chat: /panduan lists the jobs of a role, each on a page of its own with a button that leads there.

The same words stand in docs/panduan-pelatih.md and docs/panduan-admin.md (test: `tests/test_guides.py`).
"""

from __future__ import annotations

from typing import Final

from bot.actions.appointments import SeeDesk
from bot.actions.attendance import SeeAttendanceClasses
from bot.actions.broadcasts import BeginAnnouncement
from bot.actions.buttons import HELP, MENU, back
from bot.actions.call_list import PickCalls
from bot.actions.enrolment import SeeClasses
from bot.actions.guide import Job, SeeGuide, SeeJob
from bot.actions.incidents import BeginIncident
from bot.actions.lessons import SeePath
from bot.actions.mentoring import AskMentor, SeeQueue
from bot.actions.menu import SeeStatus
from bot.actions.overrides import SeeSettings
from bot.actions.paper import PickSheet
from bot.actions.registration import ContinueRegistration
from bot.actions.reports import PickPage, PickPeriod
from bot.actions.roster import SeeRosters
from bot.actions.sessions import NewClass, PickSiteLink, SeeMyClasses
from bot.actions.staff import InviteStaff, SeeStaff
from bot.actions.staff_data import SeeStaffNotice
from bot.actions.voices import SeeVoices
from bot.capability import Capability, Command, Handlers
from bot.people.people import Role
from bot.turns.pages import page_of
from bot.turns.router import command, tap
from bot.turns.turn import Turn
from bot.words.message import Button

PAGE: Final = 5


def handlers() -> Handlers:
    return [command("panduan", guide_asked_for, SeeGuide()), tap(SeeGuide, guide_asked_for), tap(SeeJob, job_picked)]


CAPABILITY: Final = Capability("guide", handlers, commands=(Command("panduan", "participant", place=135),))

OF_TRAINERS: Final[tuple[Job, ...]] = (
    "class_new",
    "class_change",
    "table",
    "link",
    "announce",
    "untold",
    "attendance",
    "signal",
    "walk_in",
    "close",
    "questions",
    "appointments",
    "people",
    "report",
    "read_report",
    "certificates",
    "voice",
)
OF_ADMINS: Final[tuple[Job, ...]] = (
    "invite",
    "confirm",
    "leave",
    "sites",
    "settings",
    "table",
    "report",
    "read_report",
    "incident",
    "requests",
    "state",
)
OF_MENTORS: Final[tuple[Job, ...]] = ("questions", "appointments", "rest")
BY_MENTORS: Final = frozenset({"questions", "appointments"})
"""The jobs of trainers who answer questions."""

_CLASSES: Final = Button("menu.button.sessions", SeeMyClasses())
_ATTENDANCE: Final = Button("menu.button.attendance", SeeAttendanceClasses())
_ROSTERS: Final = Button("menu.button.roster", SeeRosters())
_QUEUE: Final = Button("mentoring.button.queue", SeeQueue())
_STAFF: Final = Button("staff.button.list", SeeStaff())

WAYS: Final[dict[Job, Button]] = {
    "class_new": Button("sessions.button.new", NewClass()),
    "class_change": _CLASSES,
    "table": _CLASSES,
    "link": Button("sessions.button.links", PickSiteLink()),
    "announce": Button("menu.button.broadcasts", BeginAnnouncement()),
    "untold": Button("call_list.button.see", PickCalls()),
    "attendance": _ATTENDANCE,
    "signal": Button("paper.button.sheet", PickSheet()),
    "walk_in": _ROSTERS,
    "close": _ATTENDANCE,
    "questions": _QUEUE,
    "appointments": Button("appointments.button.desk", SeeDesk()),
    "people": _ROSTERS,
    "report": Button("menu.button.reports", PickPeriod()),
    "read_report": Button("reports.button.pdf", PickPage("pdf")),
    "certificates": _ATTENDANCE,
    "voice": Button("voices.button.texts", SeeVoices()),
    "rest": _QUEUE,
    "invite": Button("staff.button.invite", InviteStaff()),
    "confirm": _STAFF,
    "leave": _STAFF,
    "sites": Button("sessions.button.links", PickSiteLink()),
    "settings": Button("overrides.button.list", SeeSettings()),
    "incident": Button("incidents.button.begin", BeginIncident()),
    "requests": Button("privacy.button.staff", SeeStaffNotice()),
    "state": Button("menu.button.status", SeeStatus()),
}
"""Where each page leads; what stands there asks for the rights it needs."""


def jobs_of(turn: Turn) -> tuple[Job, ...]:
    """Returns the jobs of the account: an admin's own come first, then those of trainers, none of them twice."""
    match turn.role:
        case Role.ADMIN:
            return tuple(dict.fromkeys((*OF_ADMINS, *OF_TRAINERS)))
        case Role.TRAINER:
            return OF_TRAINERS if turn.mentor_sites else tuple(one for one in OF_TRAINERS if one not in BY_MENTORS)
        case Role.MENTOR:
            return OF_MENTORS
        case _:
            return ()


def guide_asked_for(turn: Turn, action: SeeGuide) -> None:
    if not turn.serves:
        return _own_page(turn)
    page = page_of(jobs_of(turn), action.page, PAGE)
    buttons = [[Button(f"guide.button.{job}", SeeJob(job))] for job in page.items]
    pages = []
    if page.before is not None:
        pages.append(Button("guide.button.before", SeeGuide(page.before)))
    if page.after:
        pages.append(Button("guide.button.after", SeeGuide(page.after)))
    turn.show("guide.jobs", buttons=[*buttons, pages])


def _own_page(turn: Turn) -> None:
    """Says to somebody without a role how the bot is used."""
    if turn.account.conversation is not None:
        buttons = []
    elif turn.registered:
        classes, learn = Button("menu.button.classes", SeeClasses()), Button("menu.button.learn", SeePath())
        buttons = [[classes, learn], [Button("mentoring.button.ask", AskMentor()), MENU]]
    else:
        buttons = [[Button("registration.button.begin", ContinueRegistration()), HELP]]
    turn.show("guide.own", buttons=buttons, plain=True)


def job_picked(turn: Turn, action: SeeJob) -> None:
    """A page of another role, from a role that ended or a forged button, leads to the list."""
    turn.must_serve()
    jobs = jobs_of(turn)
    if action.job not in jobs:
        return turn.follow(SeeGuide())
    page = jobs.index(action.job) // PAGE
    turn.show(f"guide.job.{action.job}", buttons=[[WAYS[action.job]], [back(SeeGuide(page))]])
