"""Classes of a site, and a participant's seats: see, take, wait, move, give back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.capability import Capability, Command, Handlers
from bot.catalogue.content import Site
from bot.documents.calendar_file import MIME, calendar_file, file_name
from bot.programme import enrolment, sessions
from bot.programme.enrolment import EnrolmentStatus
from bot.programme.sessions import ClassSession
from bot.turns.router import command, tap
from bot.turns.turn import State, Turn
from bot.words.message import At, Button, File, Form, Lines, Message, Value, Words

PAGE: Final = 5
"""Classes on one screen: more would be a wall of buttons on a small phone."""


def handlers() -> Handlers:
    return [
        command("kelas", classes_asked_for),
        command("jadwal", schedule_asked_for),
        tap("enrolment:classes", classes_asked_for),
        tap("enrolment:sites", sites_asked_for),
        tap("enrolment:show", class_picked),
        tap("enrolment:take", seat_asked_for),
        tap("enrolment:accept", offer_accepted),
        tap("enrolment:decline", offer_declined),
        tap("enrolment:withdraw", withdrawal_considered),
        tap("enrolment:withdrawn", seat_given_back),
        tap("enrolment:move", move_considered),
        tap("enrolment:moved", class_changed),
        tap("enrolment:mine", schedule_asked_for),
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


# --- looking ------------------------------------------------------------------------------------------------------


def classes_asked_for(turn: Turn) -> State:
    site_id, _, page = turn.choice.partition(":")
    site = turn.content.site(site_id or turn.person.site_id or "")
    if site is None or not site.active:
        return sites_asked_for(turn)
    first = int(page) * PAGE if page.isascii() and page.isdigit() and len(page) < 4 else 0
    coming = sessions.upcoming(turn.db, site.id, turn.now, first=first, limit=PAGE + 1)
    if not coming and first:  # there are fewer than there were
        first, coming = 0, sessions.upcoming(turn.db, site.id, turn.now, limit=PAGE + 1)
    if not coming:
        turn.show("enrolment.no_classes", site=site.name, buttons=[[_other_sites()]])
        return None
    shown = coming[:PAGE]
    mine = {session.id: one for session, one in enrolment.mine(turn.db, turn.person, turn.now)}
    buttons = [
        [Button("enrolment.button.class", f"enrolment:show:{session.id}", {"title": session.title, "starts": at})]
        for session in shown
        for at in [_starts(turn, session)]
    ]
    if coming[PAGE:]:
        buttons.append([Button("enrolment.button.more", f"enrolment:classes:{site.id}:{first // PAGE + 1}")])
    buttons.append([_other_sites(), _my_schedule()])
    lines = Lines(tuple(_line(turn, session, mine.get(session.id)) for session in shown))
    turn.show("enrolment.classes", site=site.name, classes=lines, buttons=buttons)
    return None


def sites_asked_for(turn: Turn) -> State:
    with_classes = [
        site for site in turn.content.sites if site.active and sessions.upcoming(turn.db, site.id, turn.now, limit=1)
    ]
    buttons = [
        [Button("enrolment.button.site", f"enrolment:classes:{site.id}", {"site": site.name}) for site in pair]
        for pair in _pairs(with_classes)
    ]
    turn.show("enrolment.sites" if with_classes else "enrolment.no_sites", buttons=[*buttons, [_my_schedule()]])
    return None


def class_picked(turn: Turn) -> State:
    session = sessions.get(turn.db, turn.number() or 0)
    if session is None:
        turn.show("enrolment.unknown", buttons=[[_other_classes()]])
    elif session.cancelled_at is not None:
        turn.show("enrolment.cancelled", title=session.title, buttons=[[_other_classes(session)]])
    elif session.starts_at <= turn.now:
        turn.show("enrolment.begun", title=session.title, buttons=[[_other_classes(session)]])
    else:
        _show_class(turn, session)
    return None


def _show_class(turn: Turn, session: ClassSession) -> None:
    mine = enrolment.enrolment_of(turn.db, turn.person, session.id)
    status = mine.status if mine else None
    card = _card(turn, session)
    pin = Button("button.map", f"reminders:map:{session.id}")
    back = Button("button.back", f"enrolment:classes:{session.site_id}")
    match status:
        case EnrolmentStatus.SEATED:
            buttons = [[_move(session), _withdraw(session)], [pin, back]]
            turn.show("enrolment.card.seated", card, buttons=buttons)
        case EnrolmentStatus.OFFERED if mine and mine.offered_until:
            until = At(mine.offered_until, _zone(turn, session))
            turn.show("enrolment.card.offered", card, until=until, buttons=[_yes_or_no(session), [pin, back]])
        case EnrolmentStatus.WAITLISTED if mine:
            place = enrolment.place_in_line(turn.db, mine)
            turn.show("enrolment.card.waiting", card, place=place, buttons=[[_leave_line(session)], [pin, back]])
        case _ if enrolment.has_seat_for_newcomers(turn.db, session, turn.now):
            take = Button("enrolment.button.take", f"enrolment:take:{session.id}")
            left = enrolment.free_seats(session)
            turn.show("enrolment.card.free", card, n=left, buttons=[[take], [pin, back]])
        case _:
            wait = Button("enrolment.button.wait", f"enrolment:take:{session.id}")
            turn.show("enrolment.card.full", card, buttons=[[wait], [pin, back]])


def schedule_asked_for(turn: Turn) -> State:
    mine = enrolment.mine(turn.db, turn.person, turn.now)
    if not mine:
        turn.show("enrolment.mine_empty", buttons=[[Button("enrolment.button.pick", "enrolment:classes")]])
        return None
    buttons = [
        [Button("enrolment.button.class", f"enrolment:show:{s.id}", {"title": s.title, "starts": _starts(turn, s)})]
        for s, _ in mine[:PAGE]
    ]
    lines = Lines(tuple(_line(turn, session, one) for session, one in mine))
    buttons.append([Button("enrolment.button.pick", "enrolment:classes")])
    turn.show("enrolment.mine", classes=lines, buttons=buttons)
    return None


# --- taking -------------------------------------------------------------------------------------------------------


def seat_asked_for(turn: Turn) -> State:
    _tell(turn, enrolment.enrol(turn.db, turn.person, turn.number() or 0, turn.now))
    return None


def offer_accepted(turn: Turn) -> State:
    _tell(turn, enrolment.take_offered(turn.db, turn.person, turn.number() or 0, turn.now))
    return None


def class_changed(turn: Turn) -> State:
    """enrolment:moved:<from>:<to>"""
    left, wanted = turn.number(0) or 0, turn.number(1) or 0
    _tell(turn, enrolment.enrol(turn.db, turn.person, wanted, turn.now, instead_of=left))
    return None


def _tell(turn: Turn, outcome: enrolment.Enrolled) -> None:
    match outcome:
        case enrolment.Seated(session):
            turn.toast("enrolment.toast.seated")
            _congratulate(turn, "enrolment.seated", session)
        case enrolment.Moved(session, left):
            turn.toast("enrolment.toast.seated")
            _congratulate(turn, "enrolment.moved", session, left=left.title)
        case enrolment.Waitlisted(session, place):
            turn.toast("enrolment.toast.waiting")
            key = "enrolment.waiting_but_stopped" if turn.account.stopped_at else "enrolment.waiting"
            buttons = [[_other_classes(session)], [_leave_line(session)]]
            if turn.account.stopped_at is not None:
                buttons.insert(0, [Button("privacy.button.restart", "privacy:restart")])
            turn.say(key, title=session.title, starts=_starts(turn, session), place=place, buttons=buttons)
        case enrolment.AlreadySeated(session):
            turn.toast("enrolment.toast.already")
            turn.show("enrolment.card.seated", _card(turn, session), buttons=[[_move(session), _withdraw(session)]])
        case enrolment.AlreadyWaiting(session, place):
            turn.toast("enrolment.toast.waiting")
            card = _card(turn, session)
            buttons = [[_other_classes(session)], [_leave_line(session)]]
            turn.show("enrolment.card.waiting", card, place=place, buttons=buttons)
        case enrolment.Clash(session, other):
            swap = Button("enrolment.button.swap", f"enrolment:moved:{other.id}:{session.id}")
            keep = Button("enrolment.button.keep", "enrolment:mine")
            turn.say(
                "enrolment.clash",
                title=session.title,
                other=other.title,
                starts=_starts(turn, other),
                buttons=[[swap, keep]],
            )
        case enrolment.OfferGone(session):
            again = Button("enrolment.button.again", f"enrolment:take:{session.id}")
            turn.say("enrolment.offer_gone", title=session.title, buttons=[[again, _other_classes(session)]])
        case enrolment.Begun(session):
            turn.say("enrolment.begun", title=session.title, buttons=[[_other_classes(session)]])
        case enrolment.Cancelled(session):
            turn.say("enrolment.cancelled", title=session.title, buttons=[[_other_classes(session)]])
        case enrolment.Unknown():
            turn.say("enrolment.unknown", buttons=[[_other_classes()]])


def _congratulate(turn: Turn, key: str, session: ClassSession, **values: Value) -> None:
    """The confirmation, the calendar file and the pin; then, if it was never asked, whether we may remind them."""
    turn.say(key, {**_card(turn, session), **values}, buttons=[[_my_schedule(), _withdraw(session)]])
    site = turn.content.site(session.site_id)
    content = calendar_file(
        session,
        site_name=site.name if site else session.site_id,
        zone=_zone(turn, session),
        description=turn.settings.programme_name,
        language=turn.language,
    )
    turn.send(Message("enrolment.calendar", form=Form.DOCUMENT, file=File(file_name(session), MIME, content)))
    if session.latitude is not None:
        turn.follow(f"reminders:map:{session.id}")
    turn.follow("privacy:ask:messages")


# --- leaving ------------------------------------------------------------------------------------------------------


def withdrawal_considered(turn: Turn) -> State:
    session = sessions.get(turn.db, turn.number() or 0)
    mine = enrolment.enrolment_of(turn.db, turn.person, session.id) if session else None
    if session is None:
        turn.show("enrolment.unknown", buttons=[[_other_classes()]])
    elif mine is None or mine.status not in enrolment.LIVE:
        turn.show("enrolment.not_enrolled", title=session.title, buttons=[[_other_classes(session)]])
    else:
        done = f"enrolment:withdrawn:{session.id}"
        keep = Button("enrolment.button.keep", f"enrolment:show:{session.id}")
        starts = _starts(turn, session)
        if mine.status in enrolment.HOLDING:
            buttons = [[Button("enrolment.button.withdraw", done), keep]]
            turn.show("enrolment.withdraw", title=session.title, starts=starts, buttons=buttons)
        else:
            buttons = [[Button("enrolment.button.leave", done)], [keep]]
            turn.show("enrolment.withdraw_waiting", title=session.title, starts=starts, buttons=buttons)
    return None


def seat_given_back(turn: Turn) -> State:
    mine = enrolment.enrolment_of(turn.db, turn.person, turn.number() or 0)
    waiting = mine is not None and mine.status == EnrolmentStatus.WAITLISTED  # who waited had no seat to give back
    return _withdraw_now(turn, "enrolment.left_waiting" if waiting else "enrolment.withdrawn")


def offer_declined(turn: Turn) -> State:
    return _withdraw_now(turn, "enrolment.declined")


def _withdraw_now(turn: Turn, key: str) -> State:
    match enrolment.withdraw(turn.db, turn.person, turn.number() or 0, turn.now):
        case enrolment.Withdrawn(session):
            turn.show(key, title=session.title, buttons=[[_other_classes(session), _my_schedule()]])
        case enrolment.NotEnrolled(session):
            turn.show("enrolment.not_enrolled", title=session.title, buttons=[[_other_classes(session)]])
        case enrolment.Begun(session):
            turn.show("enrolment.begun", title=session.title, buttons=[[_my_schedule()]])
        case enrolment.Cancelled(session):
            turn.show("enrolment.cancelled", title=session.title, buttons=[[_other_classes(session)]])
        case enrolment.Unknown():
            turn.show("enrolment.unknown", buttons=[[_other_classes()]])
    return None


def move_considered(turn: Turn) -> State:
    """enrolment:move:<from>: which class instead?"""
    _ = turn.person
    session = sessions.get(turn.db, turn.number() or 0)
    if session is None:
        turn.show("enrolment.unknown", buttons=[[_other_classes()]])
        return None
    coming = sessions.upcoming(turn.db, session.site_id, turn.now, limit=PAGE + 1)
    others = [one for one in coming if one.id != session.id]
    back = [Button("button.back", f"enrolment:show:{session.id}")]
    if not others:
        turn.show("enrolment.nothing_to_move_to", title=session.title, buttons=[back])
        return None
    buttons = [
        [
            Button(
                "enrolment.button.class",
                f"enrolment:moved:{session.id}:{one.id}",
                {"title": one.title, "starts": _starts(turn, one)},
            )
        ]
        for one in others[:PAGE]
    ]
    lines = Lines(tuple(_line(turn, one, None) for one in others[:PAGE]))
    turn.show("enrolment.move", title=session.title, classes=lines, buttons=[*buttons, back])
    return None


# --- words and buttons --------------------------------------------------------------------------------------------


def _zone(turn: Turn, session: ClassSession) -> str:
    return turn.content.open_hours(session.site_id).zone


def _starts(turn: Turn, session: ClassSession) -> At:
    return At(session.starts_at, _zone(turn, session))


def _card(turn: Turn, session: ClassSession) -> dict[str, Value]:
    trainer = Words("enrolment.trainer", {"trainer": session.trainer}) if session.trainer else None
    return {
        "title": session.title,
        "starts": _starts(turn, session),
        "minutes": session.minutes,
        "venue": session.venue,
        "trainer": trainer,
    }


def _line(turn: Turn, session: ClassSession, mine: enrolment.Enrolment | None) -> Words:
    values: dict[str, Value] = {"title": session.title, "starts": _starts(turn, session), "venue": session.venue}
    match mine.status if mine else None:
        case EnrolmentStatus.SEATED:
            return Words("enrolment.line.seated", values)
        case EnrolmentStatus.OFFERED:
            return Words("enrolment.line.offered", values)
        case EnrolmentStatus.WAITLISTED if mine:
            return Words("enrolment.line.waiting", {**values, "place": enrolment.place_in_line(turn.db, mine)})
        case _ if enrolment.has_seat_for_newcomers(turn.db, session, turn.now):
            return Words("enrolment.line.free", {**values, "n": enrolment.free_seats(session)})
    return Words("enrolment.line.full", values)


def _pairs(sites: Sequence[Site]) -> list[Sequence[Site]]:
    return [sites[at : at + 2] for at in range(0, len(sites), 2)]


def _yes_or_no(session: ClassSession) -> list[Button]:
    return [
        Button("enrolment.button.accept", f"enrolment:accept:{session.id}"),
        Button("enrolment.button.decline", f"enrolment:decline:{session.id}"),
    ]


def _other_classes(session: ClassSession | None = None) -> Button:
    return Button("button.other_classes", f"enrolment:classes:{session.site_id}" if session else "enrolment:classes")


def _other_sites() -> Button:
    return Button("enrolment.button.sites", "enrolment:sites")


def _my_schedule() -> Button:
    return Button("enrolment.button.mine", "enrolment:mine")


def _withdraw(session: ClassSession) -> Button:
    return Button("enrolment.button.withdraw", f"enrolment:withdraw:{session.id}")


def _leave_line(session: ClassSession) -> Button:
    return Button("enrolment.button.leave", f"enrolment:withdraw:{session.id}")


def _move(session: ClassSession) -> Button:
    return Button("enrolment.button.move", f"enrolment:move:{session.id}")
