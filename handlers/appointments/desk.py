"""The mentor: the appointments there are, one of them, moved, called off, whether the two met; and one booked for the
person of a question."""

from __future__ import annotations

from typing import Final

from bot.actions.appointments import (
    BookFor,
    CallOff,
    CloseTime,
    ConsiderCallingOff,
    ConsiderMoving,
    GetTheirCalendar,
    MarkMet,
    MoveIt,
    OpenTimes,
    Schedule,
    SeeAppointment,
    SeeBooked,
    SeeDesk,
    SeeFree,
    Why,
)
from bot.actions.mentoring import SeeQueue, SeeTalk
from bot.people.people import Person
from bot.programme import appointments, mentoring
from bot.programme.appointments import Appointment, State
from bot.programme.mentoring import Ticket
from bot.turns.turn import NotAllowedError, Turn
from bot.words.message import At, Button, Form, Lines, Message, Place, Style, Value, Who, Words
from handlers.appointments import parts

PAGE: Final = 5
MOST_FREE: Final = 6
REASONS: Final = (Why.SICK, Why.DUTY, Why.WEATHER, Why.OTHER)


def desk_asked_for(turn: Turn, action: SeeDesk) -> None:
    turn.must_mentor()
    page = min(action.page, 1000)
    found = appointments.of_mentor(turn.db, turn.account, turn.now, limit=PAGE + 1, offset=page * PAGE)
    shown = found[:PAGE]
    lines = [_line(turn, one) for one in shown]
    each = [
        Button("appointments.button.one", SeeBooked(one.id), {"starts": At(one.starts_at, one.zone), "who": _name(one)})
        for one in shown
    ]
    pages = []
    if page:
        pages.append(Button("appointments.button.before", SeeDesk(page - 1)))
    if len(found) > PAGE:
        pages.append(Button("appointments.button.after", SeeDesk(page + 1)))
    free = appointments.number_free(turn.db, turn.account, turn.now)
    ways = [Button("appointments.button.open", OpenTimes())]
    if free:
        ways.append(Button("appointments.button.free", SeeFree(), {"n": free}))
    own = [Button("appointments.button.own", SeeAppointment())] if turn.registered else []
    buttons = [*([one] for one in each), pages, ways, [Button("mentoring.button.queue", SeeQueue()), *own]]
    key = "appointments.desk" if shown else "appointments.desk_empty" if free else "appointments.desk_nothing"
    turn.show(key, lines=Lines(tuple(lines)), n=free, buttons=buttons, protected=True)


def _line(turn: Turn, one: Appointment) -> Words:
    values = appointments.news.facts(turn.db, one) | {"who": appointments.news.who(turn.db, one)}
    if one.ends_at <= turn.now:
        return Words("appointments.desk_line.over", values)
    return Words(f"appointments.desk_line.{'coming' if one.coming_at is not None else 'booked'}", values)


def _name(one: Appointment) -> Value:
    return Who(one.person_id) if one.person_id is not None else Words("appointments.left")


# --- one of them ------------------------------------------------------------------------------------------------------


def _must_see(turn: Turn, number: int) -> Appointment | None:
    """Returns the appointment. None: there is none, and they were shown their desk. Raises NotAllowedError for who
    is no mentor of its site."""
    turn.must_mentor()
    found = appointments.get(turn.db, number)
    if found is None:
        turn.toast("menu.stale")
        desk_asked_for(turn, SeeDesk())
        return None
    turn.must_mentor(found.site_id)
    return found


def _must_hold(turn: Turn, number: int) -> Appointment | None:
    """Returns an appointment that this account may change: its own; those of the sites it leads. None: it was told
    whose it is."""
    found = _must_see(turn, number)
    if found is None or _may_change(turn, found):
        return found
    _show(turn, found)
    return None


def _may_change(turn: Turn, one: Appointment) -> bool:
    return one.account_id == turn.account.id or turn.admin or one.site_id in turn.staff_sites


def booked_asked_for(turn: Turn, action: SeeBooked) -> None:
    found = _must_see(turn, action.appointment)
    if found is None:
        return
    turn.note("appointment_read", f"appointment:{found.id}", site_id=found.site_id)
    _show(turn, found)
    if found.latitude is not None and found.longitude is not None and _may_change(turn, found):
        pin = Place(found.latitude, found.longitude)
        turn.send(Message(form=Form.LOCATION, place=pin, secret=True, protected=True))


def _show(turn: Turn, one: Appointment, key: str = "appointments.one", **values: Value) -> None:
    mine = _may_change(turn, one)
    facts = appointments.news.facts(turn.db, one) | {
        "who": appointments.news.who(turn.db, one),
        "state": Words(f"appointments.state.{_state(turn, one)}"),
        "where": Words(f"appointments.where.{one.kind}", {"address": one.address}) if mine and one.address else None,
    }
    turn.show(key, facts | values, buttons=_ways(turn, one) if mine else [[_desk()]], secret=True, protected=True)


def _state(turn: Turn, one: Appointment) -> str:
    if one.state == State.BOOKED and one.starts_at <= turn.now:
        return State.OVER if one.ends_at <= turn.now else "now"
    if one.state == State.BOOKED and one.coming_at is not None:
        return "coming"
    return one.state


def _ways(turn: Turn, one: Appointment) -> list[list[Button]]:
    talk = [Button("mentoring.button.talk", SeeTalk(one.ticket_id))] if one.ticket_id is not None else []
    file = Button("appointments.button.calendar", GetTheirCalendar(one.id))
    marks = []
    if one.state != State.OFF and one.starts_at <= turn.now:
        if one.state != State.MET:
            marks.append(Button("appointments.button.met", MarkMet(one.id, met=True, version=one.revision)))
        if one.state != State.MISSED:
            marks.append(Button("appointments.button.missed", MarkMet(one.id, met=False, version=one.revision)))
        return [marks, [*talk, _desk()]]
    if one.state == State.BOOKED:
        move = Button("appointments.button.move_it", ConsiderMoving(one.id))
        off = Button("appointments.button.call_off", ConsiderCallingOff(one.id), style=Style.DANGER)
        return [[move, off], [file, *talk], [_desk()]]
    return [[file, *talk], [_desk()]]


def _opens() -> Button:
    return Button("appointments.button.open", OpenTimes())


def _desk() -> Button:
    return Button("appointments.button.desk", SeeDesk())


def calendar_asked_for(turn: Turn, action: GetTheirCalendar) -> None:
    found = _must_hold(turn, action.appointment)
    if found is not None:
        parts.send_calendar(turn, found, mentor=True)


def marked(turn: Turn, action: MarkMet) -> None:
    one = _must_hold(turn, action.appointment)
    if one is None:
        return
    before = one.state
    match appointments.mark(turn.db, one, action.met, action.version, turn.now):
        case appointments.Marked():
            if before != one.state:
                what = "appointment_met" if action.met else "appointment_missed"
                turn.note(what, f"appointment:{one.id}", site_id=one.site_id)
                if not action.met and before in (State.BOOKED, State.OVER):
                    appointments.news.missed(turn.db, one, turn.now)
            turn.toast("appointments.toast.marked")
            _show(turn, one)
        case appointments.NotBegun():
            turn.toast("appointments.toast.not_begun")
            _show(turn, one)
        case _:
            turn.toast("menu.stale")
            _show(turn, one)


# --- called off -------------------------------------------------------------------------------------------------------


def calling_off_considered(turn: Turn, action: ConsiderCallingOff) -> None:
    one = _must_hold(turn, action.appointment)
    if one is None:
        return
    if one.state != State.BOOKED or one.starts_at <= turn.now:
        turn.toast("menu.stale")
        return _show(turn, one)
    reasons = [Button(f"appointments.button.why_{why}", CallOff(one.id, why, one.revision)) for why in REASONS]
    stay = Button("appointments.button.stay", SeeBooked(one.id))
    values = appointments.news.facts(turn.db, one) | {"who": appointments.news.who(turn.db, one)}
    turn.show("appointments.why", values, buttons=[*parts.pairs(reasons), [stay]], protected=True)


def called_off(turn: Turn, action: CallOff) -> None:
    one = _must_hold(turn, action.appointment)
    if one is None:
        return
    if one.starts_at <= turn.now:
        turn.toast("menu.stale")
        return _show(turn, one)
    match appointments.call_off(turn.db, one, action.version, action.why, turn.now):
        case appointments.CalledOff():
            turn.note("appointment_called_off", f"appointment:{one.id}", site_id=one.site_id, why=action.why)
            _show(turn, one, "appointments.is_called_off")
        case _:
            turn.toast("menu.stale")
            _show(turn, one)


# --- moved ------------------------------------------------------------------------------------------------------------


def moving_considered(turn: Turn, action: ConsiderMoving) -> None:
    """The mentor's own free times; of one that did not take place, times for another."""
    one = _must_hold(turn, action.appointment)
    if one is None:
        return
    mentor = appointments.mentor_account(turn.db, one)
    if one.state == State.OFF or mentor is None or one.person_id is None:
        turn.toast("menu.stale")
        return _show(turn, one)
    found = appointments.free_of(turn.db, mentor, turn.now, site_id=one.site_id, limit=MOST_FREE)
    values = appointments.news.facts(turn.db, one) | {"who": appointments.news.who(turn.db, one)}
    times = [parts.time(MoveIt(one.id, slot.id, one.revision), slot, one.zone) for slot in found]
    opens = [Button("appointments.button.open", OpenTimes(appointment=one.id))] if mentor.id == turn.account.id else []
    back = Button("appointments.button.stay", SeeBooked(one.id))
    key = "appointments.move_it" if found else "appointments.move_it_none"
    turn.show(key, values, buttons=[*parts.pairs(times), [*opens, back]], protected=True)


def moved(turn: Turn, action: MoveIt) -> None:
    one = _must_hold(turn, action.appointment)
    if one is None:
        return
    if one.slot_id == action.slot and one.state == State.BOOKED:  # tapped twice
        return _show(turn, one, "appointments.is_moved")
    if one.state in (State.OVER, State.MISSED) or (one.state == State.BOOKED and one.starts_at <= turn.now):
        return _another(turn, one, action.slot)
    match appointments.move(turn.db, one, action.slot, action.version, turn.now, content=turn.content, by_mentor=True):
        case appointments.Moved(_, before):
            appointments.news.mentor_moved(turn.db, one, before, turn.now)
            turn.note("appointment_moved", f"appointment:{one.id}", site_id=one.site_id)
            _show(turn, one, "appointments.is_moved")
        case appointments.Gone():
            turn.toast("appointments.toast.gone")
            moving_considered(turn, ConsiderMoving(one.id))
        case _:
            turn.toast("menu.stale")
            _show(turn, one)


def _another(turn: Turn, one: Appointment, slot: int) -> None:
    """They did not meet: another time is booked for the same person, and this one is recorded as missed."""
    person = appointments.person_of(turn.db, one)
    if person is None or appointments.of_another(turn.db, turn.account, slot):
        return _show(turn, one)
    if one.state != State.MISSED:
        appointments.mark(turn.db, one, False, one.revision, turn.now)
        turn.note("appointment_missed", f"appointment:{one.id}", site_id=one.site_id)
    _book(turn, slot, person, one.ticket_id)


# --- booked for somebody ----------------------------------------------------------------------------------------------


def _ticket(turn: Turn, number: int) -> tuple[Ticket, Person] | None:
    """Returns the question and its person; None: it is over, and that was said. Raises NotAllowedError for who does not
    answer questions there."""
    turn.must_mentor()
    ticket = mentoring.get(turn.db, number)
    if ticket is not None and ticket.site_id not in turn.mentor_sites:
        raise NotAllowedError
    person = mentoring.person_of(turn.db, ticket) if ticket is not None and ticket.emptied_at is None else None
    if ticket is None or person is None:
        turn.toast("menu.stale")
        turn.follow(SeeQueue())
        return None
    return ticket, person


def schedule_asked_for(turn: Turn, action: Schedule) -> None:
    found = _ticket(turn, action.ticket)
    if found is None:
        return
    ticket, person = found
    if (mine := appointments.booked_by(turn.db, person)) is not None:
        return _has_one(turn, mine)
    zone = turn.zone(ticket.site_id)
    free = appointments.free_of(turn.db, turn.account, turn.now, site_id=ticket.site_id, limit=MOST_FREE)
    times = [parts.time(BookFor(ticket.id, one.id), one, zone) for one in free]
    opens = Button("appointments.button.open", OpenTimes(ticket=ticket.id))
    talk = Button("mentoring.button.talk", SeeTalk(ticket.id))
    values: dict[str, Value] = {"who": Who(person.id), "lines": parts.lines_of(turn, free)}
    key = "appointments.schedule" if free else "appointments.schedule_none"
    turn.show(key, values, buttons=[*parts.pairs(times), [opens, talk]], protected=True)


def _has_one(turn: Turn, mine: Appointment) -> None:
    values = appointments.news.facts(turn.db, mine) | {"who": appointments.news.who(turn.db, mine)}
    see = [Button("appointments.button.show", SeeBooked(mine.id))]
    turn.show("appointments.has_one_already", values, buttons=[see, [_desk()]], protected=True)


def booked_for(turn: Turn, action: BookFor) -> None:
    found = _ticket(turn, action.ticket)
    if found is None:
        return
    ticket, person = found
    slot = appointments.slot_of(turn.db, turn.account, action.slot)
    if appointments.of_another(turn.db, turn.account, action.slot):
        raise NotAllowedError
    if slot is not None and slot.site_id != ticket.site_id:
        return schedule_asked_for(turn, Schedule(ticket.id))
    _book(turn, action.slot, person, ticket.id)


def _book(turn: Turn, slot: int, person: Person, ticket: int | None) -> None:
    outcome = appointments.book(
        turn.db, slot, person, turn.now, content=turn.content, by_mentor=True, ticket_id=ticket, anyway=True
    )
    match outcome:
        case appointments.Booked(one):
            appointments.news.mentor_booked(turn.db, one, turn.now)
            turn.note("appointment_booked", f"appointment:{one.id}", site_id=one.site_id)
            _show(turn, one, "appointments.is_booked")
        case appointments.HasOne(one) if one.slot_id == slot:  # tapped twice
            _show(turn, one, "appointments.is_booked")
        case appointments.HasOne(one):
            _has_one(turn, one)
        case appointments.Own():
            turn.show("mentoring.own", buttons=[[_desk()]])
        case appointments.Unreachable():
            turn.show("appointments.unreachable", who=Who(person.id), buttons=[[_desk()]], protected=True)
        case _:
            turn.toast("appointments.toast.gone")
            if ticket is not None:
                schedule_asked_for(turn, Schedule(ticket))
            else:
                desk_asked_for(turn, SeeDesk())


# --- free times -------------------------------------------------------------------------------------------------------


def free_asked_for(turn: Turn, action: SeeFree) -> None:
    turn.must_mentor()
    page = min(action.page, 1000)
    found = appointments.free_of(turn.db, turn.account, turn.now, limit=MOST_FREE + 1, offset=page * MOST_FREE)
    shown = found[:MOST_FREE]
    if not shown:
        return turn.show("appointments.free_none", buttons=[[_opens()], [_desk()]])
    close = [
        Button("appointments.button.close", CloseTime(one.id), {"starts": At(one.starts_at, turn.zone(one.site_id))})
        for one in shown
    ]
    pages = []
    if page:
        pages.append(Button("appointments.button.before", SeeFree(page - 1)))
    if len(found) > MOST_FREE:
        pages.append(Button("appointments.button.after", SeeFree(page + 1)))
    buttons = [*parts.pairs(close), pages, [_desk()]]
    turn.show("appointments.free", lines=parts.lines_of(turn, shown), buttons=buttons)


def time_closed(turn: Turn, action: CloseTime) -> None:
    turn.must_mentor()
    slot = appointments.slot_of(turn.db, turn.account, action.slot)
    if appointments.of_another(turn.db, turn.account, action.slot):
        raise NotAllowedError
    site_id = slot.site_id if slot is not None else None
    if appointments.close(turn.db, turn.account, action.slot):
        turn.note("time_closed", f"slot:{action.slot}", site_id=site_id)
        turn.toast("appointments.toast.closed")
    else:
        turn.toast("appointments.toast.not_closed")
    free_asked_for(turn, SeeFree())
