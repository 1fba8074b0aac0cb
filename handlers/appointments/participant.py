"""The person: free times, one booked, moved, called off and taken back; where to come, or the number to call."""

from __future__ import annotations

from typing import Final

from bot.actions.appointments import (
    BookTime,
    CannotCome,
    ComeToAppointment,
    GetAppointmentFile,
    GivePlace,
    KeepAppointment,
    Kind,
    LeavePlace,
    MoveTo,
    SeeAppointment,
    SeeDesk,
    SeeOtherTimes,
    SeeTimes,
)
from bot.actions.buttons import HELP
from bot.actions.consents import AskFirst
from bot.actions.mentoring import AskMentor
from bot.actions.menu import OpenMenu
from bot.people.people import Person, Use
from bot.programme import appointments, consents, mentoring, privacy, registration
from bot.programme.appointments import Appointment, State
from bot.turns.turn import Turn
from bot.words.message import At, Button, Value, Words
from handlers.appointments import parts

PLACE: Final = "appointments_place"
WHERE: Final = "where"


def command_given(turn: Turn) -> None:
    """Mentors come to their desk; everybody else to their own appointment, or to free times."""
    if turn.mentor_sites:
        return turn.follow(SeeDesk())
    turn.follow(SeeAppointment())


def appointment_asked_for(turn: Turn, action: SeeAppointment) -> None:
    mine = appointments.booked_by(turn.db, turn.person)
    if mine is None:
        return times_asked_for(turn, SeeTimes(action.ticket))
    show(turn, mine)


def show(turn: Turn, mine: Appointment, key: str = "appointments.mine", **values: Value) -> None:
    """Shows the person's appointment with all that can be done about it."""
    if mine.state != State.BOOKED or mine.ends_at <= turn.now:
        return _over(turn, mine)
    number, version = mine.id, mine.revision
    ways = [Button("appointments.button.calendar", GetAppointmentFile(number))]
    if parts.asks_where(mine.kind):
        ways.append(Button(f"appointments.button.place_{mine.kind}", GivePlace(number)))
    if mine.starts_at <= turn.now:
        changes = []
    else:
        no = Button("button.not_coming", CannotCome(number, version))
        move = [Button("appointments.button.move", SeeOtherTimes(number))] if _in_time(turn, mine) else []
        changes = [*move, no]
    facts = appointments.news.facts(turn.db, mine) | {"where": _where(mine)} | values
    turn.show(key, facts, buttons=[ways, changes], secret=mine.address is not None)


def _where(mine: Appointment) -> Value:
    if mine.address is not None:
        return Words(f"appointments.where.{mine.kind}", {"address": mine.address})
    return Words("appointments.where.pin") if mine.latitude is not None else None


def _in_time(turn: Turn, mine: Appointment) -> bool:
    return mine.starts_at > turn.now + appointments.SOONEST


def _over(turn: Turn, mine: Appointment) -> None:
    key = "appointments.is_off" if mine.state == State.OFF else "appointments.is_over"
    other = Button("appointments.button.others", SeeTimes(mine.ticket_id or 0))
    turn.show(key, appointments.news.facts(turn.db, mine), buttons=[[other]])


# --- booking ----------------------------------------------------------------------------------------------------------


def times_asked_for(turn: Turn, action: SeeTimes) -> None:
    person = turn.person
    if not consents.covers(turn.db, person, Use.NOTES, content=turn.content):
        return turn.follow(AskFirst(Use.NOTES))
    why = appointments.may_book(turn.db, person, turn.now)
    if why is not None:
        return _may_not(turn, why)
    _show_times(turn, person, action.ticket, action.start, "appointments.times")


def _show_times(turn: Turn, person: Person, ticket: int, start: int, key: str, **values: Value) -> None:
    site = turn.content.site(person.site_id or "")
    after = parts.moment_of(start)
    found = appointments.next_times(turn.db, person.site_id or "", turn.now, but=person.account_id, after=after)
    about: dict[str, Value] = {"site": site.name if site is not None else None, **values}
    ask = Button("mentoring.button.ask", AskMentor())
    if not found:
        first = [Button("appointments.button.first", SeeTimes(ticket))] if start else []
        key = "appointments.no_more_times" if start else "appointments.no_times"
        return turn.show(key, about, buttons=[first, [ask]])
    zone = turn.zone(person.site_id)
    times = [appointments.news.time_button(one, zone, ticket=ticket) for one in found]
    more = []
    if len(found) == appointments.SHOWN:
        last = parts.minutes_of(found[-1].starts_at)
        more = [Button("appointments.button.later", SeeTimes(ticket, start=last))]
    about["lines"] = parts.lines_of(turn, found)
    turn.show(key, about, buttons=[*parts.pairs(times), [*more, ask]])


def _may_not(turn: Turn, why: object) -> None:
    match why:
        case appointments.HasOne(mine):
            show(turn, mine, "appointments.has_one")
        case appointments.TooMany(most):
            ask = Button("mentoring.button.ask", AskMentor())
            turn.show("appointments.too_many", n=most, buttons=[[ask]])
        case appointments.NotYet(until):
            ask = Button("mentoring.button.ask", AskMentor())
            turn.show("appointments.not_yet", until=At(until, turn.zone(turn.person.site_id)), buttons=[[ask]])


def time_booked(turn: Turn, action: BookTime) -> None:
    person = turn.person
    ticket = mentoring.mine(turn.db, person, action.ticket) if action.ticket else None
    outcome = appointments.book(
        turn.db,
        action.slot,
        person,
        turn.now,
        content=turn.content,
        ticket_id=ticket.id if ticket is not None else None,
        anyway=action.anyway,
    )
    match outcome:
        case appointments.Booked(mine):
            appointments.news.tell_mentor(turn.db, mine, "appointments.mentor_booked", turn.now, what="mentor")
            turn.toast("appointments.toast.booked")
            show(turn, mine, "appointments.booked")
            if parts.asks_where(mine.kind):
                turn.follow(GivePlace(mine.id, person=person.id))
        case appointments.HasOne(mine) if mine.slot_id == action.slot:  # tapped twice
            show(turn, mine)
        case appointments.HasOne() | appointments.TooMany() | appointments.NotYet():
            _may_not(turn, outcome)
        case appointments.Clash(session):
            anyway = Button("appointments.button.anyway", BookTime(action.slot, action.ticket, anyway=True))
            others = Button("appointments.button.others", SeeTimes(action.ticket))
            starts = At(session.starts_at, turn.zone(session.site_id))
            turn.show("appointments.clash", title=session.title, starts=starts, buttons=[[anyway, others]])
        case appointments.Unreachable():
            turn.follow(AskFirst(Use.NOTES))
        case _:
            turn.toast("appointments.toast.gone")
            _show_times(turn, person, action.ticket, 0, "appointments.gone")


# --- changing ---------------------------------------------------------------------------------------------------------


def _mine(turn: Turn, number: int) -> Appointment | None:
    """Returns the person's appointment; None: it is not theirs or was erased, and they were shown what they have."""
    found = appointments.of_person(turn.db, turn.person, number)
    if found is None:
        turn.toast("menu.stale")
        appointment_asked_for(turn, SeeAppointment())
    return found


def _as_it_is(turn: Turn, mine: Appointment) -> None:
    """The button is of an appointment that is another by now: it is shown as it is."""
    turn.toast("menu.stale")
    show(turn, mine)


def move_considered(turn: Turn, action: SeeOtherTimes) -> None:
    mine = _mine(turn, action.appointment)
    if mine is None:
        return
    if mine.state != State.BOOKED or not _in_time(turn, mine):
        return _as_it_is(turn, mine)
    person = turn.person
    after = parts.moment_of(action.start)
    found = appointments.next_times(turn.db, mine.site_id, turn.now, but=person.account_id, after=after)
    stay = Button("appointments.button.stay", SeeAppointment())
    if not found:
        return turn.show("appointments.move_no_times", appointments.news.facts(turn.db, mine), buttons=[[stay]])
    times = [parts.time(MoveTo(mine.id, one.id), one, mine.zone) for one in found]
    more = []
    if len(found) == appointments.SHOWN:
        more = [Button("appointments.button.later", SeeOtherTimes(mine.id, parts.minutes_of(found[-1].starts_at)))]
    values = appointments.news.facts(turn.db, mine) | {"lines": parts.lines_of(turn, found)}
    turn.show("appointments.move", values, buttons=[*parts.pairs(times), [*more, stay]])


def moved(turn: Turn, action: MoveTo) -> None:
    mine = _mine(turn, action.appointment)
    if mine is None:
        return
    former = mine.account_id
    if mine.slot_id == action.slot:  # tapped twice
        return show(turn, mine)
    outcome = appointments.move(
        turn.db, mine, action.slot, mine.revision, turn.now, content=turn.content, by_mentor=False
    )
    match outcome:
        case appointments.Moved(_, before):
            appointments.news.person_moved(turn.db, mine, former, before, turn.now)
            turn.toast("appointments.toast.moved")
            show(turn, mine, "appointments.moved")
        case appointments.Gone():
            turn.toast("appointments.toast.gone")
            move_considered(turn, SeeOtherTimes(mine.id))
        case appointments.Stale():
            _as_it_is(turn, mine)


def said_coming(turn: Turn, action: ComeToAppointment) -> None:
    mine = _mine(turn, action.appointment)
    if mine is None:
        return
    match appointments.say_coming(turn.db, mine, action.version, turn.now):
        case appointments.Booked():
            turn.toast("appointments.toast.coming")
            show(turn, mine, "appointments.coming")
        case _:
            _as_it_is(turn, mine)


def said_not_coming(turn: Turn, action: CannotCome) -> None:
    mine = _mine(turn, action.appointment)
    if mine is None:
        return
    match appointments.cannot(turn.db, mine, action.version, turn.now):
        case appointments.CalledOff(_, until):
            _left(turn, mine)
            others = Button("appointments.button.others", SeeTimes(mine.ticket_id or 0))
            calendar = Button("appointments.button.calendar_gone", GetAppointmentFile(mine.id))
            back = [Button("appointments.button.back", KeepAppointment(mine.id, mine.revision))] if until else []
            key = "appointments.called_off" if until else "appointments.called_off_late"
            turn.show(key, appointments.news.facts(turn.db, mine), buttons=[back, [others, calendar]])
        case _:
            _as_it_is(turn, mine)


def _left(turn: Turn, mine: Appointment) -> None:
    if turn.account.conversation == PLACE and turn.draft.get("appointment") == mine.id:
        turn.leave(PLACE)


def taken_back(turn: Turn, action: KeepAppointment) -> None:
    mine = _mine(turn, action.appointment)
    if mine is None:
        return
    match appointments.take_back(turn.db, mine, action.version, turn.now, content=turn.content):
        case appointments.Booked():
            turn.toast("appointments.toast.back")
            show(turn, mine, "appointments.back")
        case appointments.HasOne(other):
            show(turn, other, "appointments.has_one")
        case _:
            _as_it_is(turn, mine)


def calendar_asked_for(turn: Turn, action: GetAppointmentFile) -> None:
    mine = _mine(turn, action.appointment)
    if mine is not None:
        parts.send_calendar(turn, mine, mentor=False)


# --- where ------------------------------------------------------------------------------------------------------------


def place_begun(turn: Turn, action: GivePlace) -> None:
    mine = _mine(turn, action.appointment)
    if mine is None:
        return
    if mine.state != State.BOOKED or not parts.asks_where(mine.kind) or mine.ends_at <= turn.now:
        return _as_it_is(turn, mine)
    turn.enter(PLACE, WHERE, appointment=mine.id, asker=turn.person.id)
    _ask(turn, mine)


def asked_again(turn: Turn) -> None:
    mine = _of_draft(turn)
    if mine is not None:
        _ask(turn, mine)


def _of_draft(turn: Turn) -> Appointment | None:
    """Returns the appointment that the question is about; None: it is over, and what else there is was shown."""
    person = turn.whose(turn.draft.get("asker"))
    mine = appointments.of_person(turn.db, person, turn.draft.get("appointment", 0)) if person is not None else None
    if mine is None or mine.state != State.BOOKED or mine.ends_at <= turn.now:
        turn.leave(PLACE)
        turn.follow(OpenMenu())
        return None
    return mine


def _ask(turn: Turn, mine: Appointment, again: str = "") -> None:
    later = Button("appointments.button.no_place", LeavePlace())
    turn.say(f"appointments.ask.{mine.kind}{again}", buttons=[[later]], plain=True)
    turn.ask(PLACE, WHERE)


def place_typed(turn: Turn) -> None:
    mine = _of_draft(turn)
    if mine is None:
        return
    words = " ".join(turn.text.split())
    if mine.kind == Kind.CALL:
        words = registration.readable_phone(words) or ""
    if not words or len(words) > appointments.PLACE_LETTERS or privacy.holds_secret_code(words):
        return _ask(turn, mine, "_again")
    _kept(turn, mine, address=words)


def contact_shared(turn: Turn) -> None:
    mine = _of_draft(turn)
    if mine is None:
        return
    message = turn.update.message
    contact = message.contact if message is not None else None
    number = registration.readable_phone(f"+{contact.phone_number.lstrip('+')}") if contact is not None else None
    if mine.kind != Kind.CALL or number is None:
        return _ask(turn, mine, "_again")
    _kept(turn, mine, address=number)


def pin_shared(turn: Turn) -> None:
    mine = _of_draft(turn)
    if mine is None:
        return
    message = turn.update.message
    place = message.location if message is not None else None
    if mine.kind != Kind.VISIT or place is None:
        return _ask(turn, mine, "_again")
    _kept(turn, mine, pin=(place.latitude, place.longitude))


def _kept(turn: Turn, mine: Appointment, *, address: str | None = None, pin: tuple[float, float] | None = None) -> None:
    turn.leave(PLACE)
    appointments.tell_place(turn.db, mine, turn.now, address=address, pin=pin)
    at = int(turn.now.timestamp())
    appointments.news.tell_mentor(turn.db, mine, "appointments.mentor_place", turn.now, what=f"place{at}")
    turn.say("appointments.place_kept", buttons=[[Button("appointments.button.see", SeeAppointment())], [HELP]])


def place_left(turn: Turn) -> None:
    turn.leave(PLACE)
    turn.follow(SeeAppointment())
