"""The table of rights: every command, every button of staff, and everybody who could send it.

A handler that forgets to ask (`must_be_staff`, `must_lead`, `must_be_admin`) shows here; so does a new button that
nobody put into the table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

import handlers
from bot.actions.appointments import Kind
from bot.app import COMMANDS_OF
from bot.database import Base
from bot.people.audit import AuditRow
from bot.people.people import Account, Role, RoleGrant
from bot.programme import appointments, attendance, broadcasts, faq, incidents, lessons, mentoring
from bot.programme.broadcasts import Group
from bot.programme.mentoring import Given
from bot.programme.sessions import ClassSession
from bot.programme.sheet_photos import SheetPhoto
from bot.turns.router import Conversation, Tap
from bot.words.message import Message
from tests.chat import Chat, Phone, enrolled, registered, staffed

ADMIN = 999
ROLES = ("stranger", "participant", "mentor", "elsewhere", "trainer", "made admin", "admin")
"""A trainer of another site is `elsewhere`; a trainer's site, and a mentor's, is that of the class."""
EVERYBODY = frozenset(ROLES)
STAFF = frozenset({"elsewhere", "trainer", "made admin", "admin"})
HERE = frozenset({"trainer", "made admin", "admin"})
ADMINS = frozenset({"made admin", "admin"})
SERVING = STAFF | {"mentor"}
MENTORS_HERE = HERE | {"mentor"}
REFUSAL = "hanya untuk pelatih atau admin"

RIGHTS: dict[str, frozenset[str]] = {
    **{f"/{name}": EVERYBODY for name in COMMANDS_OF["participant"]},
    "/menu": EVERYBODY,
    "/start": EVERYBODY,
    "/sesi": STAFF,
    "/peserta": STAFF,
    "/pengumuman": STAFF,
    "/hadir": EVERYBODY,
    "/laporan": STAFF,
    "/suara": STAFF,
    "/staf": ADMINS,
    "/catatan": ADMINS,
    "/pengaturan": ADMINS,
    "/status": ADMINS,
    "/muat_ulang": ADMINS,
    "/tugas": STAFF,
    "/laporan_kuis": ADMINS,
    # what stands behind the buttons, as it could be forged: all of it is of the trainer's own site
    "sessions:list": STAFF,
    "sessions:show:{class}": HERE,
    "sessions:new": STAFF,
    "sessions:copy:{class}": HERE,
    "sessions:change:{class}": HERE,
    "sessions:move:{class}": HERE,
    "sessions:seats:{class}": HERE,
    "sessions:venue:{class}": HERE,
    "sessions:details:{class}": HERE,
    "sessions:detail:{class}:title": HERE,
    "sessions:detail:{class}:length": HERE,
    "sessions:detail:{class}:trainer": HERE,
    "sessions:detail:{class}:contact": HERE,
    "sessions:cancel:{class}": HERE,
    "sessions:why:{class}:weather": HERE,
    "sessions:restore:{class}": HERE,
    "sessions:restored:{class}:1": HERE,
    "sessions:links": STAFF,
    "sessions:link:{site}": HERE,
    "sessions:unplaced:{site}": HERE,
    "sessions:poster:{site}:pdf": HERE,
    "sessions:poster:{site}:png": HERE,
    "sessions:template": STAFF,
    "sessions:import:1": STAFF,
    "sessions:moves:1:yes": STAFF,
    "sessions:dates:1:day": STAFF,
    "sessions:calendar": STAFF,
    "roster:classes": STAFF,
    "roster:list:{class}": HERE,
    "roster:file:{class}": HERE,
    "roster:one:{line}": HERE,
    "roster:free:{line}": HERE,
    "roster:move:{line}": HERE,
    "roster:to:{line}:{other}": HERE,
    "roster:moved:{line}:{other}": HERE,
    "roster:freed:{line}": HERE,
    "roster:walk_in:{class}": HERE,
    "roster:known:{class}:{person}": HERE,
    "paper:past": STAFF,
    "paper:class:{class}": HERE,
    "paper:file:{class}": HERE,
    "paper:sheet:{class}": HERE,
    "paper:photo:{class}": HERE,
    "paper:covered:{class}": HERE,
    "paper:enough:{class}": HERE,
    "paper:photos:{class}": HERE,
    "paper:delete:{photo}": HERE,
    "paper:deleted:{photo}": HERE,
    "roster:person:{person}:{class}": HERE,
    "roster:rename:{person}:{class}": HERE,
    "roster:number:{person}:{class}": HERE,
    "roster:no_number:{person}:{class}": HERE,
    "roster:address:{person}:{class}": HERE,
    "roster:addressed:{person}:{class}:ibu": HERE,
    "roster:erase:{person}:{class}": HERE,
    "roster:erased:{person}:{class}:1": HERE,
    "roster:same:{person}:{class}": HERE,
    "roster:consider_merge:{person}:{person}:{class}": HERE,
    "roster:merge:{person}:{person}:{class}:1": HERE,
    "roster:part:1": STAFF,
    "attendance:classes": STAFF,
    "attendance:class:{class}": HERE,
    "attendance:open:{class}": HERE,
    "attendance:close:{class}": HERE,
    "attendance:close_all:{class}": HERE,
    "attendance:names:{class}": HERE,
    "attendance:claims:{class}": HERE,
    "attendance:doors:{class}": HERE,
    "paper:sheets": STAFF,
    "paper:leave:{class}": HERE,
    "attendance:door:{class}:{person}:yes:1": HERE,
    "attendance:tick:{class}:{person}:0": HERE,
    "attendance:take_back:{class}:{person}:0:1": HERE,
    "attendance:others:{class}:present": HERE,
    "attendance:mark_others:{class}:present:1": HERE,
    "attendance:all_but:{class}": HERE,
    "attendance:came:{class}:{person}": HERE,
    "attendance:not_came:{class}:{person}": HERE,
    "attendance:finish:{class}": HERE,
    "attendance:finished:{class}": HERE,
    "certificates:class:{class}": HERE,
    "certificates:revoke:1": ADMINS,
    "certificates:revoked:1:asked": ADMINS,
    "certificates:allow:1": ADMINS,
    "voices:list:0": STAFF,
    "voices:site:consent:0": STAFF,
    "voices:record:consent:{site}": HERE,
    "voices:record:consent:": ADMINS,
    "voices:agree:consent:{site}": HERE,
    "voices:use:1": STAFF,
    "voices:waiting:0": STAFF,
    "voices:hear:1": STAFF,
    "voices:approve:1": STAFF,
    "voices:reject:1": STAFF,
    "surveys:average:{class}": HERE,
    "surveys:sentences:{class}": HERE,
    "call_list:see:{class}": HERE,
    "call_list:news:{sent}": STAFF,  # this one was to no single class: nothing is told of it
    "call_list:told:{class}:{person}:r1:yes": HERE,
    "call_list:told:{class}:{person}:r1:no": HERE,
    "reports:period": STAFF,
    "reports:period:{site}": HERE,
    "reports:make:30:": STAFF,
    "reports:make:30:{site}": HERE,
    "reports:pages:pdf:0": STAFF,
    "reports:quarters:pdf:": ADMINS,
    "reports:quarters:data:{site}": HERE,
    "reports:page:pdf:2026Q4:": ADMINS,
    "reports:page:data:2026Q4:": ADMINS,
    "reports:page:pdf:2026Q4:{site}": HERE,
    "reports:page:data:2026Q4:{site}": HERE,
    "lessons:tasks": STAFF,
    "lessons:good:{task}": HERE,
    "quizzes:report": ADMINS,
    "broadcasts:begin": STAFF,
    "broadcasts:list": STAFF,
    "broadcasts:cancel": STAFF,
    "broadcasts:pick:unfinished": STAFF,
    "broadcasts:pick:class:{site}": HERE,
    "broadcasts:to:mine": STAFF,
    "broadcasts:to:unfinished:M01": STAFF,
    "broadcasts:to:everyone": ADMINS,
    "broadcasts:to:site:{site}": HERE,
    "broadcasts:to:class:{class}": HERE,
    "broadcasts:to:waitlist:{class}": HERE,
    "broadcasts:to:silent:{class}": HERE,
    "broadcasts:to:came:{class}": HERE,
    "broadcasts:to:absent:{class}": HERE,
    # a colleague's announcement is nobody's but the colleague's and the admins'
    "broadcasts:more:{draft}": ADMINS,
    "broadcasts:preview:{draft}": ADMINS,
    "broadcasts:when:{draft}": ADMINS,
    "broadcasts:urgent:{draft}": ADMINS,
    "broadcasts:report:{sent}": HERE,
    "broadcasts:correct:{sent}": HERE,
    "broadcasts:again:{sent}": HERE,
    "broadcasts:stop:{sent}": HERE,
    "broadcasts:unschedule:{sent}": HERE,
    "broadcasts:withdraw:{sent}": HERE,
    "broadcasts:part": STAFF,
    "broadcasts:missed:{sent}": HERE,
    "broadcasts:withdrawn:{sent}:1": HERE,
    "broadcasts:scheduled:{draft}:99999999": ADMINS,
    "broadcasts:send:{draft}": ADMINS,
    "sessions:cancelled:{class}": HERE,
    "overrides:list": ADMINS,
    "overrides:sites": ADMINS,
    "overrides:site:{site}": ADMINS,
    "overrides:rules:{site}": ADMINS,
    "overrides:ask:hour": ADMINS,
    "overrides:ask:seat:{site}": ADMINS,
    "overrides:to:{site}:no": ADMINS,
    "overrides:drop:{site}:20261224": ADMINS,
    "overrides:back:lead:{site}": ADMINS,
    "overrides:ok:name:{site}:1": ADMINS,
    "staff:list": ADMINS,
    "staff:show:{grant}": ADMINS,
    "staff:revoke:{grant}": ADMINS,
    "staff:revoked:{grant}": ADMINS,
    "staff:new_site:{grant}": ADMINS,
    "staff:move:{grant}:samosir": ADMINS,
    "staff:moved:{grant}:nirgendwo": ADMINS,
    "staff:heirs:1:{site}": ADMINS,
    "staff:give:1:{grant}": ADMINS,
    "staff:given:1:{grant}:1": ADMINS,
    "staff:stop_theirs:1": ADMINS,
    "staff:leave_theirs:1": ADMINS,
    "staff:invite": ADMINS,
    "staff:sites": ADMINS,
    "staff:link:admin": ADMINS,
    "staff:link:trainer:samosir": ADMINS,
    "staff:link:mentor:samosir": ADMINS,
    "staff:sites:0:mentor": ADMINS,
    "staff:open": ADMINS,
    "staff:confirm:1": ADMINS,
    "staff:reject:1": ADMINS,
    "staff:withdraw:1": ADMINS,
    "staff:record": ADMINS,
    "staff:record_file": ADMINS,
    "staff:record_months": ADMINS,
    "staff:refusals": ADMINS,
    "staff:rename": SERVING,
    "/insiden": ADMINS,
    "incidents:begin": ADMINS,
    "incidents:touched": ADMINS,
    "incidents:touched:{site}": ADMINS,
    "incidents:show:{incident}": ADMINS,
    "incidents:list:{incident}": ADMINS,
    "incidents:letter:{incident}": ADMINS,
    "incidents:open:{site}:0": ADMINS,
    "incidents:rewrite:{incident}": ADMINS,
    "incidents:drop:{incident}": ADMINS,
    "incidents:send:{incident}:1": ADMINS,
    "incidents:dropped:{incident}": ADMINS,
    "/antrean": SERVING,
    "mentoring:queue": SERVING,
    "mentoring:queue:1": SERVING,
    "mentoring:file": STAFF,
    "mentoring:file:{site}": HERE,
    "mentoring:take:{ticket}": MENTORS_HERE,
    "mentoring:talk:{ticket}": MENTORS_HERE,
    "mentoring:reply:{ticket}": MENTORS_HERE,
    "mentoring:hand:{ticket}": MENTORS_HERE,
    "mentoring:hand_to:{ticket}:{account}": MENTORS_HERE,
    "mentoring:handed:{ticket}:{account}": MENTORS_HERE,
    "mentoring:ready:{ticket}": MENTORS_HERE,
    "mentoring:ready_show:{ticket}:{ready}": MENTORS_HERE,
    "mentoring:ready_send:{ticket}:{ready}:1": MENTORS_HERE,
    "mentoring:ready_add:{ticket}": MENTORS_HERE,
    "mentoring:ready_drop:{ticket}:{ready}": MENTORS_HERE,
    "mentoring:drop_photo:{said}": MENTORS_HERE,
    "mentoring:done:{ticket}": MENTORS_HERE,
    "mentoring:again:{ticket}": MENTORS_HERE,
    "mentoring:unsay:{said}": SERVING,
    "mentoring:morning:{said}": SERVING,
    "mentoring:number:{ticket}": MENTORS_HERE,
    "mentoring:block:{ticket}": ADMINS,
    "mentoring:blocked:{ticket}": ADMINS,
    "mentoring:unblock:{ticket}": ADMINS,
    "mentoring:write:{person}:{class}": HERE,
    "mentoring:rest": SERVING,
    "mentoring:rested": SERVING,
    "mentoring:serve": SERVING,
    "appointments:desk": SERVING,
    "appointments:desk:1": SERVING,
    "appointments:show:{appointment}": MENTORS_HERE,
    "appointments:file:{appointment}": MENTORS_HERE,
    "appointments:open": SERVING,
    "appointments:open:{ticket}": MENTORS_HERE,
    "appointments:open:0:{appointment}": MENTORS_HERE,
    "appointments:unopen:1": SERVING,
    "appointments:free": SERVING,
    "appointments:close:999": SERVING,  # those there are belong to one mentor alone (tests/test_appointments.py)
    "appointments:schedule:{ticket}": MENTORS_HERE,
    "appointments:book_for:{ticket}:999": MENTORS_HERE,
    "appointments:move_it:{appointment}": MENTORS_HERE,
    "appointments:moved_it:{appointment}:999:1": MENTORS_HERE,
    "appointments:call_off:{appointment}": MENTORS_HERE,
    "appointments:met:{appointment}:yes:1": MENTORS_HERE,
    "appointments:called_off:{appointment}:sick:1": MENTORS_HERE,
    "faq:begin:{ticket}": MENTORS_HERE,
    "faq:list": SERVING,
    "faq:list:1": SERVING,
    "faq:see:{faq}": MENTORS_HERE,
    "faq:write:{faq}": MENTORS_HERE,
    "faq:submit:{faq}:1": MENTORS_HERE,
    "faq:approve:{faq}:1": MENTORS_HERE,
    "faq:returning:{faq}:1": MENTORS_HERE,
    "faq:return:{faq}:1:long": MENTORS_HERE,
    "faq:removing:{faq}": ADMINS,
    "faq:scope:{faq}:yes": ADMINS,
    "faq:remove:{faq}": ADMINS,
    "menu:staff": SERVING,
    "guide:list": EVERYBODY,
    "guide:job:questions": SERVING,
    "menu:status": ADMINS,
    "menu:reload": ADMINS,
}
"""Who may do it. Every other role is refused politely, it is logged, and nothing is changed."""

OF_PARTICIPANTS = frozenset(
    {
        *("attendance:mine", "attendance:code", "attendance:claim", "attendance:missed", "attendance:reason"),
        *("attendance:join", "attendance:join_instead", "attendance:offer", "attendance:enter"),
        "attendance:come_in",
        "attendance:door_off",
        *("mentoring:ask", "mentoring:mine", "mentoring:add", "mentoring:not_mine", "mentoring:cancel"),
        *("mentoring:clear", "mentoring:unclear", "mentoring:face", "mentoring:more", "mentoring:stop"),
        *("mentoring:class_words", "mentoring:heart", "mentoring:whose", "mentoring:number_yes", "mentoring:number_no"),
        *("mentoring:give", "mentoring:send_held"),
        *(
            "mentoring:opened",
            "mentoring:common",
            "faq:near",
            "faq:known",
            "faq:send",
            "faq:lesson",
            "faq:topics",
            "faq:topic",
        ),
        *("faq:answer", "faq:helped", "faq:allow"),
        *("attendance:locate", "surveys:face", "surveys:skip", "broadcasts:menu", "broadcasts:help", "staff:invited"),
        *("staff:accept", "staff:decline"),
        *("follow_up:set", "follow_up:save", "follow_up:still", "follow_up:say", "follow_up:more", "follow_up:age"),
        *("follow_up:sex", "follow_up:amend", "follow_up:see", "follow_up:closing", "follow_up:closed"),
        "follow_up:open",
        *("appointments:mine", "appointments:times", "appointments:book", "appointments:move", "appointments:to"),
        *("appointments:coming", "appointments:not_coming", "appointments:back", "appointments:calendar"),
        *("appointments:place", "appointments:no_place", "mentoring:meet"),
        *("certificates:mine", "certificates:ask", "certificates:take", "certificates:retake", "certificates:name"),
        *("certificates:none", "certificates:see", "certificates:get", "certificates:correct"),
        *("certificates:withdraw", "certificates:check"),
        *("voices:listen", "voices:mine", "voices:withdraw", "voices:withdrawn"),
    }
)
"""What stands in the rooms of staff but is for everybody."""
IN_CONVERSATION = frozenset(
    {
        *("sessions:at", "sessions:when", "sessions:length", "sessions:size", "sessions:same_venue", "sessions:no_pin"),
        *("sessions:confirm", "sessions:lower", "sessions:back", "roster:agreed", "roster:raise"),
        *("sessions:trainer", "sessions:no_contact", "sessions:myself"),
        *("roster:other", "roster:refusers", "roster:without", "roster:same_ones", "roster:is_known"),
        *("staff:telegram_name",),
        *("attendance:all_but_page", "attendance:pick_absent", "attendance:review_all_but"),
        *("attendance:record_all_but",),
        *("faq:keep", "faq:fact"),
        *("mentoring:send_too", "mentoring:send_held_answer"),
        *("appointments:site", "appointments:part", "appointments:each", "appointments:save"),
    }
)
"""Answers to a question that was put: whoever lost the role meanwhile is refused (see below)."""
SLOW = frozenset({"/muat_ulang", "menu:reload"})
"""Everything is read anew: tests/test_reloading.py does it."""
WAYS_OUT = frozenset(
    {
        "appointments:stop",
        "attendance:stop_all_but",
        "faq:stop",
        "incidents:stop",
        "mentoring:stop_reply",
        "sessions:stop",
        "roster:stop",
        "roster:refused",
        "roster:leave",
        "staff:later",
        "voices:leave",
    }
)
"""They throw away what was begun, and tell nothing."""


@pytest.fixture
def quick(sqlite_url: str) -> Iterator[Chat]:
    opened = Chat(sqlite_url, admin_ids=(ADMIN,))
    try:
        yield opened
    finally:
        opened.close()


def admin(chat: Chat) -> Phone:
    """An admin by the settings, who takes part in nothing."""
    return chat.phone("Dewi", ADMIN)


def somebody(chat: Chat, role: str) -> Phone:
    match role:
        case "stranger":
            return chat.phone("Budi")
        case "participant":
            return registered(chat, "Budi")
        case "mentor":
            return staffed(chat, "Budi", role=Role.MENTOR)
        case "elsewhere":
            return staffed(chat, "Budi", site="samosir")
        case "trainer":
            return staffed(chat, "Budi")
        case "made admin":
            return staffed(chat, "Budi", role=Role.ADMIN, site=None)
    return admin(chat)


def furnished(chat: Chat) -> dict[str, str]:
    """A place of Labuan Bajo with something of everything, and what the holes of the table are filled with.

    The class began ten minutes ago, Siti has a seat and did a task; Maria, who leads the site, has an announcement
    that was sent and a draft.
    """
    maria = staffed(chat, "Maria")
    session = chat.add_class("LB-1", starts=chat.now + timedelta(minutes=5))
    other = chat.add_class("LB-2", starts=chat.now + timedelta(days=5))
    siti = enrolled(chat, "Siti", session=session)
    chat.travel(minutes=15)
    maria.types("/pengumuman").taps("Semua peserta saya").types("Besok bawa produk").taps("Kirim sekarang")
    with chat.database.transaction() as db:
        account, person = maria.account(db), siti.person(db)
        assert account is not None
        grant = db.scalars(select(RoleGrant).where(RoleGrant.account_id == account.id)).one()
        line = attendance.names(db, db.get_one(ClassSession, session))[0]
        assert line.person.id == person.id
        lessons.note_task(db, person, "M01L1", content=chat.content, now=chat.now)
        db.flush()
        (task,) = lessons.all_tasks(db, person)
        text = broadcasts.as_announced(Message(html="Draf"))
        sites = frozenset({"labuan-bajo"})
        photo = SheetPhoto(session_id=session, file_id="p1", document=False, sent_at=chat.now)
        db.add(photo)
        draft = broadcasts.draft(
            db, account, [Group("mine")], sites, text, chat.now, zone="Asia/Makassar", content=chat.content
        )
        asked = mentoring.ask(db, person, Given("photo", "kemasan", "PHOTO"), chat.now, content=chat.content)
        assert isinstance(asked, mentoring.Opened)
        ready = mentoring.add_ready(db, "labuan-bajo", "Foto di dekat jendela", chat.now, by=account)
        assert ready is not None
        db.flush()
        mentors = {"ticket": asked.ticket.id, "said": asked.message.id, "ready": ready.id, "account": account.id}
        numbers = {"class": session, "other": other, "line": 1, "person": person.id, "task": task.id, "photo": photo.id}
        appointments.offer(db, account, "labuan-bajo", chat.now + timedelta(days=1), 30, 30, Kind.CHAT, chat.now)
        (slot,) = appointments.next_times(db, "labuan-bajo", chat.now)
        booked = appointments.book(db, slot.id, person, chat.now, content=chat.content)
        assert isinstance(booked, appointments.Booked)
        mentors |= {"appointment": booked.appointment.id}
        incident = incidents.open_incident(db, account, "labuan-bajo", chat.now, chat.now)
        incident.what = incident.done = "Daftar"
        mentors |= {"incident": incident.id}
        answer = faq.published_by_programme(db, "Di mana?", "Di sini.", chat.now, site_id="labuan-bajo")
        mentors |= {"faq": answer.id}
        numbers |= {"grant": grant.id, "sent": 1, "draft": draft.id}
        numbers |= mentors
        return {name: str(number) for name, number in numbers.items()} | {"site": "labuan-bajo"}


def filled(what: str, holes: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda hole: holes[hole[1]], what)


def does(phone: Phone, what: str) -> Phone:
    return phone.types(what) if what.startswith("/") else phone.sends_tap(what)


def was_refused(phone: Phone) -> bool:
    return any(REFUSAL in bubble.text for bubble in phone.new)


SAID = ("account", "inbox", "outbox", "audit")
"""Where being refused leaves its trace."""


def everything(chat: Chat) -> dict[str, list[Any]]:
    """All that a refused one could have changed."""
    with chat.database.transaction() as db:
        tables = [table for table in Base.metadata.sorted_tables if table.name not in SAID]
        return {table.name: sorted(map(repr, db.execute(select(table)).all())) for table in tables}


def noted(chat: Chat) -> list[str]:
    with chat.database.transaction() as db:
        rows = db.scalars(select(AuditRow).order_by(AuditRow.id))
        return [row.action for row in rows for _ in range(row.times)]


def actions_of(rooms: tuple[str, ...]) -> set[str]:
    found: set[str] = set()
    for capability in handlers.CAPABILITIES:
        for handler in capability.handlers():
            several = [handler]
            if isinstance(handler, Conversation):
                several = [*handler.entry_points, *handler.fallbacks]
                several += [one for state in handler.states.values() for one in state]
            found |= {one.action.name for one in several if isinstance(one, Tap)}
    return {action for action in found if action.split(":")[0] in rooms}


def test_every_command_and_every_button_of_staff_stands_in_the_table() -> None:
    assert {f"/{name}" for names in COMMANDS_OF.values() for name in names} <= RIGHTS.keys()
    rooms = (
        "staff",
        "sessions",
        "roster",
        "broadcasts",
        "attendance",
        "certificates",
        "surveys",
        "follow_up",
        "reports",
        "paper",
        "mentoring",
        "appointments",
        "faq",
        "incidents",
        "voices",
    )
    listed = {":".join(what.split(":")[:2]) for what in RIGHTS}
    assert actions_of(rooms) - listed == OF_PARTICIPANTS | IN_CONVERSATION | WAYS_OUT


@pytest.mark.parametrize("role", [role for role in ROLES if role not in ADMINS])
def test_who_may_not_is_refused_and_it_is_logged_and_nothing_is_changed(quick: Chat, role: str) -> None:
    holes = furnished(quick)
    phone = somebody(quick, role)
    before, log = everything(quick), len(noted(quick))
    refused = [what for what, roles in RIGHTS.items() if role not in roles]
    assert len(refused) > 20
    for what in refused:
        does(phone, filled(what, holes))
        assert was_refused(phone), f"{what}\n{phone.transcript()}"
        phone.does_not_see("Siti", "Foto Produk", "Maria", "Besok bawa")
    assert noted(quick)[log:] == ["refused"] * len(refused)
    assert everything(quick) == before


@pytest.mark.parametrize("role", ROLES)
def test_who_may_is_let_in(quick: Chat, role: str) -> None:
    holes = furnished(quick)
    phone = somebody(quick, role)
    for what, roles in RIGHTS.items():
        if role in roles and what not in SLOW:
            answered = len(quick.telegram.calls)
            does(phone, filled(what, holes))
            assert not was_refused(phone), f"{what}\n{phone.transcript()}"
            assert len(quick.telegram.calls) > answered, f"{what} was not answered"
            assert not any("gangguan" in bubble.text for bubble in phone.new), what


# --- in the middle of something -------------------------------------------------------------------------------------


def drafts(holes: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """What stands in the draft when all questions of a conversation were answered."""
    session = int(holes["class"])
    of_class: dict[str, Any] = {"session": session}
    somebody_there: dict[str, Any] = {"session": session, "person": int(holes["person"])}
    new = {"title": "Foto Malam", "when": "2026-12-01T02:00:00+00:00", "length": 120, "seats": 20, "venue": "Balai"}
    return (
        {
            "sessions": {"kind": "new", "site": "labuan-bajo", "pin": None, **new},
            "sessions_cancelling": of_class,
            "roster": {"session": session, "name": "Yosef", "salutation": "bapak"},
            "roster_person": somebody_there,
            "broadcasts": {"groups": [["class", str(session)]], "broadcast": int(holes["draft"])},
            "staff": {},
            "attendance_all_but": {"session": session, "out": [], "begun": 1, "page": 0, "shown": []},
            "appointments": {
                "site": "labuan-bajo",
                "start": 29_774_880,
                "minutes": 60,
                "each": 30,
                "ticket": 0,
                "appointment": 0,
            },
            "incidents": {"incident": int(holes["incident"]), "what": "Daftar"},
            "faq_writing": {"faq": int(holes["faq"])},
        }
        | {
            name: {"ticket": int(holes["ticket"]), "account": int(holes["account"])}
            for name in ("mentoring_reply", "mentoring_hand", "mentoring_ready")
        }
        | {"mentoring_write": {"whom": int(holes["person"]), "session": session}}
    )


ANSWERS = {
    "sessions:at": "labuan-bajo",
    "sessions:when": "202612010900",
    "sessions:length": "60",
    "sessions:size": "20",
    "sessions:trainer": "0",
    "roster:other": "1",
    "roster:refusers": "1",
    "roster:without": "0:1",
    "roster:same_ones": "1",
    "roster:is_known": "0:1:1",
    "attendance:all_but_page": "0:1",
    "attendance:pick_absent": "1:yes:0:1",
    "attendance:review_all_but": "1",
    "attendance:record_all_but": "1",
    "mentoring:send_too": "1:0:0",
    "mentoring:send_held_answer": "0",
    "appointments:site": "labuan-bajo",
    "appointments:part": "29774880:60",
    "appointments:each": "29774880:30",
    "appointments:save": "29774880:30:chat",
    "faq:keep": "1",
    "faq:fact": "1:-",
}


@pytest.mark.parametrize("role", ["participant", "elsewhere"])
def test_who_lost_the_role_in_the_middle_is_refused_at_every_step(quick: Chat, role: str) -> None:
    holes = furnished(quick)
    phone = somebody(quick, role)
    before = everything(quick)
    conversations = [
        handler
        for capability in handlers.CAPABILITIES
        for handler in capability.handlers()
        if isinstance(handler, Conversation) and handler.name in drafts(holes)
    ]
    assert len(conversations) == 14
    steps = 0
    for conversation in conversations:
        name = str(conversation.name)
        if role == "elsewhere" and name in ("staff", "broadcasts"):
            continue  # still staff: a name may be written, and sending asks for the right to the audience
        for state, possible in conversation.states.items():
            taps = [one.action.name for one in possible if isinstance(one, Tap)]
            taps = [name for name in taps if name in IN_CONVERSATION]
            if role == "elsewhere" and state == "site":
                continue  # only one's own sites can be picked
            for answer in [*(f"{tap}:{ANSWERS.get(tap, '')}".rstrip(":") for tap in taps), None]:
                with quick.database.transaction() as db:
                    account = db.scalars(select(Account).where(Account.telegram_id == phone.id)).unique().one()
                    account.conversation, account.state, account.draft = name, str(state), drafts(holes)[name]
                if answer is not None:
                    phone.sends_tap(answer)
                elif state == "pin":
                    phone.shares_location(-8.5, 119.9)
                else:
                    phone.types("Foto Malam")
                assert was_refused(phone), f"{name}, {state}: {answer}\n{phone.transcript()}"
                with quick.database.transaction() as db:
                    assert phone.account(db).conversation is None  # type: ignore[union-attr]
                steps += 1
    assert steps > 15
    assert everything(quick) == before


def test_what_is_not_there_harms_nobody(quick: Chat) -> None:
    maria = staffed(quick, "Maria")
    for what in RIGHTS:
        if "{" in what:
            before = len(quick.telegram.calls)
            does(maria, re.sub(r"\{\w+\}", "999", what))
            assert len(quick.telegram.calls) > before, what
            assert not any("gangguan" in bubble.text for bubble in maria.bubbles), what
