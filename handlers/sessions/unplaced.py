"""The people of a site who have no class to come, and what can be done about it.

The list cannot be forwarded, and nothing of it stays in the ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.actions.broadcasts import PickAudience
from bot.actions.buttons import back
from bot.actions.sessions import NewClass, SeeSiteLink, SeeUnplaced
from bot.people import namesakes
from bot.people.people import Person, Purpose, has_consented
from bot.programme import enrolment, registration
from bot.turns.turn import Turn
from bot.words.message import Button, Lines, Link, Share, Words
from handlers.sessions.classes import site_name

PAGE: Final = 5


def unplaced_asked_for(turn: Turn, action: SeeUnplaced) -> None:
    turn.must_be_staff()
    turn.must_lead(action.site)
    number = enrolment.number_without_class(turn.db, action.site, turn.now)
    page = min(action.page, max(0, (number - 1) // PAGE))
    first = page * PAGE
    found = enrolment.without_class(turn.db, action.site, turn.now, first=first, limit=PAGE)
    zone = turn.zone(action.site)
    called = {person.id: namesakes.called_at_site(turn.db, person, zone) for person, _ in found}
    turn.note("unplaced_seen", f"site:{action.site}", site_id=action.site, rows=len(found))
    lines, buttons = [], list[Sequence[Button]]()
    site = site_name(turn, action.site)
    words = Words("sessions.share_classes", {"site": site, "link": Link(f"https://t.me/{turn.bot_username}")})
    for at, (person, language) in enumerate(found, first + 1):
        phone = person.phone if _may_be_called(person) else None
        told = Words("call_list.phone", {"phone": registration.as_dialled(phone)}) if phone else None
        lines.append(Words("sessions.unplaced_line", {"n": at, "called": called[person.id], "phone": told}))
        if phone:
            share = Share(words, to=phone, language=language)
            buttons.append([Button("call_list.button.whatsapp", values={"n": at}, share=share)])
    ways = [Button("sessions.button.before", SeeUnplaced(action.site, page - 1))] if page else []
    ways += [Button("sessions.button.more", SeeUnplaced(action.site, page + 1))] if first + PAGE < number else []
    create = Button("sessions.button.new", NewClass())
    announce = Button("sessions.button.announce", PickAudience("site", action.site))
    speak = turn.show if page else turn.say  # only a new message can be protected
    speak(
        "sessions.unplaced" if number else "sessions.unplaced_none",
        site=site,
        n=number,
        names=Lines(tuple(lines)),
        buttons=[*buttons, ways, [create, announce], [back(SeeSiteLink(action.site))]],
        secret=True,
        protected=True,
    )


def _may_be_called(person: Person) -> bool:
    """Whether a number is kept, and its person agreed to be written to."""
    return bool(person.phone) and has_consented(person, Purpose.REMINDERS)
