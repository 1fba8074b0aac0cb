"""The classes of a site, the sites that have some, and one class as it is for this person."""

from __future__ import annotations

from typing import Final

from bot.actions.buttons import HELP, SCHEDULE, back, other_classes
from bot.actions.enrolment import AcceptOffer, DeclineOffer, SeeClass, SeeClasses, SeePast, SeeSites, TakeSeat
from bot.actions.mentoring import AskMentor
from bot.actions.openings import DoNotTell, TellWhenOpen
from bot.actions.privacy import RestartMessages
from bot.actions.reminders import SayLate, SayOnTime
from bot.catalogue.content import Site
from bot.programme import attendance, enrolment, openings, sessions
from bot.programme.enrolment import SEATS, Enrolment, EnrolmentStatus
from bot.programme.past_classes import presence_of
from bot.programme.sessions import ClassSession
from bot.turns.pages import in_pairs
from bot.turns.turn import Turn
from bot.words.message import At, Button, Words
from handlers.enrolment.parts import (
    calendar_button,
    calendar_gone_button,
    card_facts,
    check_in_button,
    is_today,
    leave_button,
    map_button,
    move_button,
    seat_to_leave,
    see_button,
    show_cancelled,
    stays_words,
    withdraw_button,
)

PAGE: Final = 3
"""How many classes to choose from are on one screen: with the ways on no more than six buttons."""


def classes_asked_for(turn: Turn, action: SeeClasses) -> None:
    site = turn.content.site(action.site or turn.person.site_id or "")
    if site is None or not (site.active or site.id == turn.person.site_id):  # its own people go on
        return sites_asked_for(turn)
    first = min(action.page, 1000) * PAGE
    coming = sessions.upcoming(turn.db, site.id, turn.now, first=first, limit=PAGE + 1)
    if not coming and first:  # there are fewer than there were
        first, coming = 0, sessions.upcoming(turn.db, site.id, turn.now, limit=PAGE + 1)
    mine = {session.id: one for session, one in enrolment.mine(turn.db, turn.person, turn.now)}
    if not coming:
        return _no_classes(turn, site, [_other_sites(), *([SCHEDULE] if mine else [])])
    buttons = [[see_button(turn, session, mine.get(session.id))] for session in coming[:PAGE]]
    more = Button("enrolment.button.more", SeeClasses(site.id, first // PAGE + 1))
    turn.show("enrolment.classes", site=site.name, buttons=[*buttons, [more if coming[PAGE:] else _other_sites()]])


def _no_classes(turn: Turn, site: Site, ways: list[Button]) -> None:
    """Shows that the site has no classes, and offers to tell the person when it has."""
    if turn.account.stopped_at is not None:
        restart = Button("privacy.button.restart", RestartMessages())
        turn.show("enrolment.no_classes_but_stopped", site=site.name, buttons=[[restart], ways])
    elif openings.is_wished(turn.db, turn.person, site.id):
        no = Button("openings.button.no", DoNotTell(site.id))
        turn.show("openings.waiting", site=site.name, buttons=[[no], ways])
    else:
        turn.show("enrolment.no_classes", site=site.name, buttons=[[_tell_when_open(site.id)], ways])


def sites_asked_for(turn: Turn) -> None:
    with_classes = [
        site for site in turn.content.sites if site.active and sessions.upcoming(turn.db, site.id, turn.now, limit=1)
    ]
    buttons = [
        [Button("enrolment.button.site", SeeClasses(site.id), {"site": site.name}) for site in pair]
        for pair in in_pairs(with_classes)
    ]
    home = turn.person.site_id
    if not with_classes and home and turn.account.stopped_at is None:
        buttons = [[_tell_when_open(home)]]
    turn.show("enrolment.sites" if with_classes else "enrolment.no_sites", buttons=[*buttons, [SCHEDULE]])


def class_picked(turn: Turn, action: SeeClass) -> None:
    session = sessions.get(turn.db, action.session)
    if session is None:
        turn.show("enrolment.unknown", buttons=[[other_classes()]])
    else:
        show_class(turn, session)


def show_class(turn: Turn, session: ClassSession) -> None:
    """Shows the class as it is for this person. A person who has a seat sees where the class is, also when it has
    begun."""
    mine = enrolment.enrolment_of(turn.db, turn.person, session.id)
    status = mine.status if mine else None
    if session.cancelled_at is not None:
        rows = [[other_classes(session.site_id)]]
        if status == EnrolmentStatus.CANCELLED:
            rows.insert(0, [calendar_gone_button(session)])
        return show_cancelled(turn, session, rows)
    if mine is not None and status in SEATS:
        return _show_seat(turn, session, mine)
    if session.starts_at <= turn.now:
        return turn.show("enrolment.begun", title=session.title, buttons=[[other_classes(session.site_id)]])
    card = card_facts(turn, session)
    below = [*map_button(session), back(SeeClasses(session.site_id))]
    match status:
        case EnrolmentStatus.OFFERED if mine and mine.offered_until:
            until = At(mine.offered_until, turn.zone(session.site_id))
            left = seat_to_leave(turn, mine)
            leaves = Words("enrolment.leaves", {"left": left.title}) if left is not None else None
            rows = [_yes_or_no(session, left), below]
            turn.show("enrolment.card.offered", card, until=until, leaves=leaves, buttons=rows)
        case EnrolmentStatus.WAITLISTED if mine:
            place = enrolment.place_in_line(turn.db, mine)
            stays = stays_words(turn, mine, "enrolment.stays")
            rows = [[leave_button(session)], below]
            turn.show("enrolment.card.waiting", card, place=place, stays=stays, buttons=rows)
        case _ if enrolment.has_seat_for_newcomers(turn.db, session, turn.now):
            take = Button("enrolment.button.take", TakeSeat(session.id))
            turn.show("enrolment.card.free", card, n=enrolment.free_seats(session), buttons=[[take], below])
        case _:
            wait = Button("enrolment.button.wait", TakeSeat(session.id))
            turn.show("enrolment.card.full", card, buttons=[[wait], below])


def _show_seat(turn: Turn, session: ClassSession, mine: Enrolment) -> None:
    card = card_facts(turn, session, seated=True)
    presence = _presence(turn, session, mine)
    if session.ends_at <= turn.now:
        can_say = presence is None and attendance.claim_until(session, turn.content.open_hours(session.site_id))
        check_in = [[check_in_button()]] if can_say and can_say > turn.now else []
        past = Button("enrolment.button.past", SeePast())
        turn.show("enrolment.card.over", card, presence=presence, buttons=[*check_in, [past, SCHEDULE]])
    elif session.starts_at <= turn.now:
        late = [*_late(turn, session, mine, presence), SCHEDULE]
        rows = [[*map_button(session), check_in_button()], late, [_ask_trainer(session), HELP]]
        turn.show("enrolment.card.now", card, presence=presence, buttons=rows, plain=True)
    elif is_today(turn, session):
        leave = [*_late(turn, session, mine, presence), withdraw_button(session)]
        rows = [[*map_button(session), check_in_button()], leave, [_ask_trainer(session), SCHEDULE]]
        turn.show("enrolment.card.today", card, presence=presence, buttons=rows, plain=True)
    else:
        leave = [move_button(session), withdraw_button(session)]
        rows = [[*map_button(session), calendar_button(session)], leave, [_ask_trainer(session), SCHEDULE]]
        turn.show("enrolment.card.seated", card, buttons=rows, plain=True)


def _presence(turn: Turn, session: ClassSession, mine: Enrolment) -> Words | None:
    known = attendance.mark_of(turn.db, session.id, mine.person_id)
    presence = presence_of(mine.status, known.mark if known is not None else None)
    return Words(f"enrolment.presence.{presence}") if presence is not None else None


def _late(turn: Turn, session: ClassSession, mine: Enrolment, presence: Words | None) -> list[Button]:
    """Returns the button to say that one comes late, or in time after all, which nobody can once the class has begun;
    none for a person who is there."""
    if presence is not None:
        return []
    if mine.late_at is not None:
        return [] if session.starts_at <= turn.now else [Button("reminders.button.on_time", SayOnTime(session.id))]
    return [Button("reminders.button.late", SayLate(session.id))]


def _yes_or_no(session: ClassSession, left: ClassSession | None) -> list[Button]:
    return [
        Button("enrolment.button.accept", AcceptOffer(session.id, left=left.id if left else None)),
        Button("enrolment.button.stay" if left else "enrolment.button.decline", DeclineOffer(session.id)),
    ]


def _other_sites() -> Button:
    return Button("enrolment.button.sites", SeeSites())


def _tell_when_open(site_id: str) -> Button:
    return Button("openings.button.tell", TellWhenOpen(site_id))


def _ask_trainer(session: ClassSession) -> Button:
    return Button("mentoring.button.ask_trainer", AskMentor(f"class.{session.id}"))
