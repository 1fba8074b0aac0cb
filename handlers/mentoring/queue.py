"""The queue, a question and what was said in it, having it and ending it, and a mentor's rest."""

from __future__ import annotations

from typing import Final

from bot.actions.appointments import Schedule
from bot.actions.faq import BeginFaq, SeeFaqs
from bot.actions.mentoring import (
    AskNumber,
    ConsiderBlocking,
    ConsiderRest,
    DropPhoto,
    MarkDone,
    PickColleague,
    RateAnswer,
    ReplyTo,
    Rest,
    SeeQueue,
    SeeTalk,
    SendAnswerAgain,
    ServeAgain,
    TakeQuestion,
    Unblock,
)
from bot.actions.menu import OpenMenu
from bot.delivery import outbox
from bot.people.quiet_hours import Kind
from bot.programme import mentoring
from bot.programme.mentoring import Closed, Ticket, TicketMessage, Way
from bot.turns.turn import Turn
from bot.words.message import At, Button, Lines, Message, Rows, Value, Who, Words, rows
from handlers.mentoring import replying, words
from handlers.mentoring.rights import must_answer, must_hold, must_see

PAGE: Final = 5
SHOWN: Final = 2800
"""So many characters of a talk are shown, the newest: a message of Telegram's holds 4096."""
FACES: Final = (3, 2, 1)


def queue_asked_for(turn: Turn, action: SeeQueue) -> None:
    must_answer(turn)
    sites = turn.mentor_sites
    near = mentoring.queue.neighbours(sites, turn.content)
    page = min(action.page, 1000)
    found = mentoring.queue.waiting(turn.db, turn.account, sites, near, limit=PAGE + 1, offset=page * PAGE)
    held = mentoring.queue.held(turn.db, turn.account)[:PAGE] if page == 0 else []
    rests = mentoring.rests(turn.db, turn.account)
    mine = [
        [Button("mentoring.button.open", SeeTalk(one.id), {"number": one.id, "who": Who(one.person_id)})]
        for one in (*held, *found[:PAGE])
    ]
    ways: list[Button] = []
    if page:
        ways.append(Button("mentoring.button.before", SeeQueue(page - 1)))
    if len(found) > PAGE:
        ways.append(Button("mentoring.button.after", SeeQueue(page + 1)))
    lost = mentoring.lost_in(turn.db, held)
    resting = (
        Button("mentoring.button.serve", ServeAgain()) if rests else Button("mentoring.button.rest", ConsiderRest())
    )
    everybody = Button("faq.button.list", SeeFaqs())
    if not held and not found:
        turn.show("mentoring.queue_empty", rests=_rests(rests), buttons=[ways, [everybody, resting]])
        return
    lines = [_line(turn, one, held=True, here=True, lost=one.id in lost) for one in held]
    if rests:
        lines.insert(0, Words("mentoring.you_rest"))
    lines += [_line(turn, one, held=False, here=one.site_id in sites) for one in found[:PAGE]]
    turn.show(
        "mentoring.queue",
        lines=Lines(tuple(lines)),
        n=mentoring.queue.number_waiting(turn.db, turn.account, sites, near),
        buttons=[*mine, ways, [everybody, resting]],
        secret=True,
    )


def _rests(rests: bool) -> Value:
    return Words("mentoring.you_rest") if rests else None


def _line(turn: Turn, ticket: Ticket, *, held: bool, here: bool, lost: bool = False) -> Words:
    zone = turn.zone(ticket.site_id)
    values: dict[str, Value] = {"number": ticket.id, "who": Who(ticket.person_id)}
    if lost and not ticket.waiting_since:
        key = "mentoring.queue_line.lost"
    elif held:
        key = "mentoring.queue_line.waits" if ticket.waiting_since else "mentoring.queue_line.answered"
    else:
        key = "mentoring.queue_line.open" if here else "mentoring.queue_line.near"
    site = turn.content.site(ticket.site_id)
    since = At(ticket.waiting_since or ticket.said_at, zone)
    return Words(key, values | {"since": since, "site": site.name if site else None})


# --- one question -----------------------------------------------------------------------------------------------------


def question_taken(turn: Turn, action: TakeQuestion) -> None:
    if must_see(turn, action.ticket) is None:
        return replying.over(turn)
    match mentoring.take(turn.db, action.ticket, turn.account, turn.now, content=turn.content):
        case mentoring.Taken(ticket):
            turn.note("question_taken", f"ticket:{ticket.id}", site_id=ticket.site_id)
            mentoring.cards.taken(turn.db, ticket, turn.account, turn.now)
            _show_talk(turn, ticket)
        case mentoring.TakenBefore(ticket):
            turn.toast("mentoring.toast.yours")
            _show_talk(turn, ticket)
        case mentoring.HeldBy(ticket, account):
            words.held_by(turn, ticket, account)
        case mentoring.Own():
            words.own(turn)
        case mentoring.Over():
            replying.over(turn)


def talk_asked_for(turn: Turn, action: SeeTalk) -> None:
    """Shows what was said in a question, and notes who read it: the words are somebody's."""
    ticket = must_see(turn, action.ticket)
    if ticket is None:
        return replying.over(turn)
    turn.note("question_read", f"ticket:{ticket.id}", site_id=ticket.site_id)
    _show_talk(turn, ticket)


def _show_talk(turn: Turn, ticket: Ticket) -> None:
    """Sends the question as a card, with what was said; the pictures and voices come after it."""
    said = mentoring.messages(turn.db, ticket)
    shown: list[TicketMessage] = []
    left = SHOWN
    for one in reversed(said):
        left -= len(one.text or "") + 40
        if left < 0 and shown:
            break
        shown.insert(0, one)
    lost = [one.id for one in mentoring.lost_in(turn.db, [ticket]).get(ticket.id, [])]
    news = [Words("mentoring.lost", {"who": Who(ticket.person_id)})] if lost else []
    told = (words.said_line(turn, ticket, one, lost=one.id in lost) for one in shown)
    lines = Lines((*news, *_phone(turn, ticket), *told))
    values = mentoring.cards.about(turn.db, ticket, turn.context) | {"lines": lines}
    holder = mentoring.holder(turn.db, ticket)
    values["mentor"] = mentoring.called(holder) if holder is not None else Words("mentoring.nobody")
    values["role"] = mentoring.role_of(turn.db, ticket, holder)
    buttons = _ways_on(turn, ticket, lost=bool(lost))
    key = "mentoring.talk" if ticket.class_id is None else "mentoring.class_talk"
    message = Message(key, values, buttons, secret=True, protected=True)
    post = outbox.to(turn.account, message, kind=Kind.REPLY, site_id=ticket.site_id)
    mentoring.cards.note(turn.db, ticket, turn.account, outbox.post(turn.db, post, now=turn.now))
    for one in shown:
        mentoring.cards.show_file(turn.db, ticket, one, turn.account, turn.now, once=None, kind=Kind.REPLY)


def _phone(turn: Turn, ticket: Ticket) -> list[Words]:
    """Returns the telephone number that was given for this question, for the mentor who has it and admins alone."""
    if ticket.phone is None or not (ticket.claimed_by == turn.account.id or turn.admin):
        return []
    return [Words("mentoring.phone", {"phone": ticket.phone})]


def _ways_on(turn: Turn, ticket: Ticket, *, lost: bool) -> Rows:
    """The buttons below a talk: those of a card without the way to the talk itself, two beside each other."""
    here = Button("mentoring.button.talk", SeeTalk(ticket.id))
    of_card = [one for row in mentoring.cards.buttons_of(ticket) for one in row if one.data != here.data]
    *first, done, queue = of_card if len(of_card) > 2 else [*of_card[:-1], None, of_card[-1]]
    more = [one for one in (*first, *_more_ways(turn, ticket, lost=lost), done, queue) if one is not None]
    alone = more[:1] if len(more) % 2 else []  # [Ambil], or the first of an odd number
    rest = more[len(alone) :]
    return rows(tuple(alone), *(tuple(rest[at : at + 2]) for at in range(0, len(rest), 2)))


def _more_ways(turn: Turn, ticket: Ticket, *, lost: bool) -> list[Button]:
    ways = []
    held = ticket.claimed_by == turn.account.id or turn.admin
    if held and lost:
        ways.append(Button("mentoring.button.again", SendAnswerAgain(ticket.id)))
    if held and ticket.state in mentoring.ALIVE and ticket.class_id is None:
        ways.append(Button("appointments.button.schedule", Schedule(ticket.id)))
    if held and ticket.state in mentoring.ALIVE and ticket.phone_asked_at is None:
        ways.append(Button("mentoring.button.number", AskNumber(ticket.id)))
    if turn.admin and ticket.blocked_until is not None and ticket.blocked_until > turn.now:
        ways.append(Button("mentoring.button.unblock", Unblock(ticket.id)))
    elif turn.admin:
        ways.append(Button("mentoring.button.block", ConsiderBlocking(ticket.id)))
    return ways


def answer_sent_again(turn: Turn, action: SendAnswerAgain) -> None:
    ticket = must_hold(turn, action.ticket)
    if ticket is None:
        return
    about: dict[str, Value] = {"number": ticket.id, "who": Who(ticket.person_id)}
    buttons = [[Button("mentoring.button.talk", SeeTalk(ticket.id)), Button("mentoring.button.queue", SeeQueue())]]
    if not mentoring.lost_in(turn.db, [ticket]):
        turn.show("mentoring.arrived", about, buttons=buttons)
    elif mentoring.send_again(turn.db, ticket, turn.now, content=turn.content):
        turn.note("question_answered", f"ticket:{ticket.id}", site_id=ticket.site_id)
        turn.show("mentoring.sent_again", about, buttons=buttons)
    else:
        again = [Button("mentoring.button.again", SendAnswerAgain(ticket.id))]
        turn.show("mentoring.still_lost", about, buttons=[again, *buttons])


def question_done(turn: Turn, action: MarkDone) -> None:
    ticket = must_hold(turn, action.ticket)
    if ticket is None:
        return
    asker = mentoring.asker_of(turn.db, ticket)
    if not ticket.answered and asker is not None and asker.blocked_at is None:  # else nobody could answer it
        reply = Button("mentoring.button.reply", ReplyTo(ticket.id))
        hand = Button("mentoring.button.hand", PickColleague(ticket.id))
        queue = Button("mentoring.button.queue", SeeQueue())
        turn.show("mentoring.answer_first", number=ticket.id, buttons=[[reply, hand], [queue]])
        return
    mentoring.note_lost(turn.db, ticket)
    mentoring.close(turn.db, ticket, turn.now, Closed.DONE)
    turn.note("question_closed", f"ticket:{ticket.id}", site_id=ticket.site_id)
    _tell_person(turn, ticket)
    everybody = [Button("faq.button.begin", BeginFaq(ticket.id))]
    turn.show("mentoring.done", number=ticket.id, buttons=[everybody, [Button("mentoring.button.queue", SeeQueue())]])


def _tell_person(turn: Turn, ticket: Ticket) -> None:
    account = mentoring.asker_of(turn.db, ticket)
    if account is not None and account.blocked_at is None and ticket.class_id is None:
        faces = [Button(f"mentoring.button.face_{face}", RateAnswer(ticket.id, face)) for face in FACES]
        message = Message("mentoring.closed_by_mentor", {"number": ticket.id}, rows(faces))
        post = outbox.to(
            account, message, kind=Kind.ANSWER, person_id=ticket.person_id, site_id=ticket.site_id,
            once=f"ticket:{ticket.id}:done:{ticket.turn}",
        )  # fmt: skip
        outbox.post(turn.db, post, now=turn.now)


def photo_dropped(turn: Turn, action: DropPhoto) -> None:
    """Deletes a picture, voice or video that should not be there, also from the mentors' chats, and tells the person
    why."""
    must_answer(turn)
    message = mentoring.message_of(turn.db, action.message)
    if message is None or message.way != Way.IN or message.form == "text":
        return replying.over(turn)
    ticket = must_see(turn, message.ticket_id)
    assert ticket is not None
    if message.file_id is None:
        turn.show(f"mentoring.gone.{message.form}", buttons=[[Button("mentoring.button.queue", SeeQueue())]])
        return
    mentoring.cards.taken_back(turn.db, message, turn.now, key="mentoring.card_message_back")
    message.file_id = None
    turn.note("photo_dropped", f"ticket:{ticket.id}", site_id=ticket.site_id)
    account = mentoring.asker_of(turn.db, ticket)
    if account is not None and account.blocked_at is None:
        told = Message(f"mentoring.told_gone.{message.form}")
        post = outbox.to(account, told, kind=Kind.ANSWER, person_id=ticket.person_id, site_id=ticket.site_id)
        outbox.post(turn.db, post, now=turn.now)
    turn.say(f"mentoring.gone.{message.form}", buttons=[[Button("mentoring.button.queue", SeeQueue())]])


# --- rest -------------------------------------------------------------------------------------------------------------


def rest_considered(turn: Turn) -> None:
    turn.must_mentor()
    n = len(mentoring.queue.held(turn.db, turn.account))
    yes, no = Button("mentoring.button.rest_now", Rest()), Button("mentoring.button.not_now", SeeQueue())
    turn.show("mentoring.rest", n=n, buttons=[[yes, no]])


def rest_begun(turn: Turn) -> None:
    turn.must_mentor()
    mentoring.rest(turn.db, turn.account, turn.mentor_sites, turn.now)
    back = mentoring.release(turn.db, turn.account, turn.now)
    turn.note("mentor_rests", f"account:{turn.account.id}", back=len(back))
    serve = Button("mentoring.button.serve", ServeAgain())
    turn.show("mentoring.rests", n=len(back), buttons=[[serve], [Button("button.menu", OpenMenu())]])


def rest_ended(turn: Turn) -> None:
    turn.must_mentor()
    mentoring.serve_again(turn.db, turn.account)
    turn.note("mentor_serves", f"account:{turn.account.id}")
    turn.toast("mentoring.toast.serves")
    queue_asked_for(turn, SeeQueue())
