"""What staff are told of questions: cards with the words, and their end when somebody has taken the question.

Which messages showed a question to whom is kept (`TicketCard`): by it a Telegram reply finds its question, and cards
are changed when they are no longer true. Nothing of the words stays in the outbox.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot.actions.faq import BeginFaq
from bot.actions.mentoring import (
    AskNumber,
    DropPhoto,
    MarkDone,
    PickColleague,
    ReplyTo,
    SeeQueue,
    SeeReady,
    SeeTalk,
    SendAnswerAgain,
    TakeQuestion,
)
from bot.capability import Context
from bot.delivery import outbox
from bot.delivery.outbox import OutboxRow, Status
from bot.people.people import Account, Person, account_of
from bot.people.quiet_hours import Kind
from bot.people.rights import admin_accounts, mentors_of
from bot.people.working_hours import after_working
from bot.programme import lessons
from bot.programme.mentoring import albums
from bot.programme.mentoring.desk import MIME, called, escaped
from bot.programme.mentoring.tables import MentorPause, State, Ticket, TicketCard, TicketMessage, Way
from bot.programme.registration import sector_words
from bot.programme.sessions import get as get_class
from bot.words.message import At, Button, File, Form, Message, Rows, Value, Who, Words, rows

SHOWN: Final = 3
"""So many of the first messages stand on a card."""
NEWEST: Final = 20
"""So many rows of the outbox are looked at that say, or edit, one message."""
NUMBER: Final = 0
"""In the place of the message's number: the card shows the telephone number of the question."""
NOTE: Final = -1
"""In the place of the message's number: the card tells something else, such as who handed the question over."""


# --- who is told ------------------------------------------------------------------------------------------------------


def on_duty(db: Session, ticket: Ticket, context: Context) -> list[Account]:
    """Returns who is shown the question: the mentors of its site who do not rest. If all of them rest, all of them; if
    there are none, the admins. Never the phone of who asks."""
    answer = context.content.programme.mentoring.trainers_answer
    mentors = mentors_of(db, ticket.site_id, trainers_answer=answer)
    resting = resting_at(db, ticket.site_id)
    person = db.get(Person, ticket.person_id)
    asks = person.account_id if person is not None else None
    for found in (
        [one for one in mentors if one.id not in resting],
        mentors,
        admin_accounts(db, context.settings),
    ):
        if others := [one for one in found if one.id != asks]:
            return others
    return []


def resting_at(db: Session, site_id: str) -> set[int]:
    """Returns the ids of the accounts that are shown no new questions of this site for the time being."""
    return set(db.scalars(select(MentorPause.account_id).where(MentorPause.site_id == site_id)))


def show(
    db: Session, ticket: Ticket, accounts: Iterable[Account], now: datetime, context: Context, *, key: str, once: str
) -> int:
    """Sends the card of the question to these accounts, each at most once by this name. Returns to how many."""
    message = card(db, ticket, context, key=key)
    files = [one for one in _first(db, ticket) if one.file_id is not None]
    told = 0
    for account in accounts:
        if _post(db, ticket, account, message, now, once=f"{once}:{account.id}"):
            told += 1
            for one in files:
                show_file(db, ticket, one, account, now, once=f"{once}:{account.id}:{one.id}")
    return told


def show_new(db: Session, ticket: Ticket, now: datetime, context: Context) -> None:
    """Shows the mentors on duty a question that nobody has, each once for each turn of the question."""
    once = f"ticket:{ticket.id}:0:{ticket.turn}"
    show(db, ticket, on_duty(db, ticket, context), now, context, key="mentoring.card", once=once)


def card(db: Session, ticket: Ticket, context: Context, *, key: str) -> Message:
    """Returns the question as staff see it: who, since when, until when, and the first words."""
    words = [escaped(one.text) for one in _first(db, ticket) if one.text]
    return Message(
        key, about(db, ticket, context), buttons_of(ticket), html="\n\n".join(words), secret=True, protected=True
    )


def about(db: Session, ticket: Ticket, context: Context) -> dict[str, Value]:
    person = db.get(Person, ticket.person_id)
    site = context.content.site(ticket.site_id)
    zone = context.content.open_hours(ticket.site_id).zone
    since = ticket.waiting_since or ticket.opened_at
    hours = context.content.mentoring_hours(ticket.site_id)
    until = after_working(hours, since, context.content.programme.mentoring.first_reply)
    return {
        "number": ticket.id,
        "who": Who(ticket.person_id),
        "sector": sector_words(person.sector if person else None) or Words("mentoring.no_sector"),
        "n": len(lessons.finished_lessons(db, person)) if person else 0,
        "origin": _origin(db, ticket, context),
        "site": site.name if site else "…",
        "since": At(since, zone),
        "until": At(until, zone),
    }


def _origin(db: Session, ticket: Ticket, context: Context) -> Value:
    kind, _, what = (ticket.origin or "").partition(".")
    if ticket.class_id is not None:
        session = get_class(db, ticket.class_id)
        zone = context.content.open_hours(ticket.site_id).zone
        about: dict[str, Value] = {"title": session.title, "starts": At(session.starts_at, zone)} if session else {}
        return Words("mentoring.origin.class", about) if session else Words("mentoring.origin.class_gone")
    lesson = context.content.lesson(what) if kind == "lesson" else None
    return Words("mentoring.origin.lesson", {"title": lesson.title}) if lesson else Words("mentoring.origin.none")


def named_to_person(db: Session, ticket: Ticket, context: Context) -> Words:
    """Returns what a question is called to its person: its number and when it was asked; of a talk the class."""
    if ticket.class_id is not None:
        session = get_class(db, ticket.class_id)
        return Words("mentoring.named.class", {"title": session.title if session is not None else None})
    since = At(ticket.opened_at, context.content.open_hours(ticket.site_id).zone)
    return Words("mentoring.named.question", {"number": ticket.id, "since": since})


def buttons_of(ticket: Ticket) -> Rows:
    queue, talk = Button("mentoring.button.queue", SeeQueue()), Button("mentoring.button.talk", SeeTalk(ticket.id))
    known = ticket.first_reply_at is not None and ticket.emptied_at is None and ticket.class_id is None
    everybody = (Button("faq.button.begin", BeginFaq(ticket.id)),) if known else ()
    match ticket.state:
        case State.OPEN:
            return rows((Button("mentoring.button.take", TakeQuestion(ticket.id)),), (talk, queue))
        case State.ANSWERED:
            return rows(
                *_of_holder(ticket, talk), everybody, (Button("mentoring.button.done", MarkDone(ticket.id)), queue)
            )
        case State.CLOSED:
            return rows(everybody, (queue,))
        case State.CLAIMED:
            return rows(*_of_holder(ticket, talk), (Button("mentoring.button.done", MarkDone(ticket.id)), queue))
    return rows((queue,))


def _of_holder(ticket: Ticket, talk: Button) -> Rows:
    reply = Button("mentoring.button.reply", ReplyTo(ticket.id))
    ready = Button("mentoring.button.ready", SeeReady(ticket.id))
    return rows((reply, talk), (ready, Button("mentoring.button.hand", PickColleague(ticket.id))))


def _first(db: Session, ticket: Ticket) -> list[TicketMessage]:
    query = select(TicketMessage).where(TicketMessage.ticket_id == ticket.id, TicketMessage.way == Way.IN)
    return list(db.scalars(query.order_by(TicketMessage.id).limit(SHOWN)))


# --- what is sent -----------------------------------------------------------------------------------------------------


def _post(
    db: Session,
    ticket: Ticket,
    account: Account,
    message: Message,
    now: datetime,
    *,
    once: str | None = None,
    kind: Kind | None = None,
    of: TicketMessage | None = None,
    shows: int | None = None,
) -> bool:
    if ticket.class_id is not None and kind is None:  # on the day of a class trainers have their hands full
        message = replace(message, silent=True)
    post = outbox.to(account, message, kind=kind or kind_of(ticket), site_id=ticket.site_id, once=once)
    row = outbox.post(db, post, now=now)
    if row is not None:
        shown = of.id if of else shows
        db.add(TicketCard(outbox_id=row, ticket_id=ticket.id, account_id=account.id, message_id=shown))
        db.flush()
    return row is not None


def kind_of(ticket: Ticket) -> Kind:
    """Returns the kind of what staff are told of it. Questions wait for the mentors' hours; words about a class only
    for the hours of the site, at weekends too."""
    return Kind.DUTY if ticket.class_id is None else Kind.STAFF


def tell(
    db: Session, ticket: Ticket, account: Account, message: Message, now: datetime, *, shows_number: bool = False
) -> None:
    """Tells one member of staff of the question, in a message that a Telegram reply can answer."""
    _post(db, ticket, account, message, now, shows=NUMBER if shows_number else NOTE)


def not_arrived(db: Session, ticket: Ticket, accounts: Iterable[Account], now: datetime, *, once: str) -> None:
    """Tells these accounts, each once by this name, that the answer did not arrive, and what can be done."""
    asker = account_of(db, db.get(Person, ticket.person_id))
    ways = [Button("mentoring.button.again", SendAnswerAgain(ticket.id))]
    if ticket.phone_asked_at is None and asker is not None and asker.blocked_at is None:
        ways.append(Button("mentoring.button.number", AskNumber(ticket.id)))
    talk = Button("mentoring.button.talk", SeeTalk(ticket.id))
    key = "mentoring.not_arrived" if ticket.phone is None else "mentoring.not_arrived_phone"
    values: dict[str, Value] = {"number": ticket.id, "who": Who(ticket.person_id), "phone": ticket.phone}
    message = Message(key, values, rows(tuple(ways), (talk,)), secret=True, protected=True)
    for account in accounts:
        if account.blocked_at is None:
            shows = NOTE if ticket.phone is None else NUMBER
            _post(db, ticket, account, message, now, once=f"{once}:{account.id}", shows=shows)


def show_class_words(
    db: Session, ticket: Ticket, message: TicketMessage, accounts: Iterable[Account], now: datetime, context: Context
) -> None:
    """Shows these accounts, without a sound, what somebody said about a class."""
    for account in accounts:
        once = f"ticket:{ticket.id}:0:{ticket.turn}:{account.id}"
        if message.file_id is None:
            _post(db, ticket, account, card(db, ticket, context, key="mentoring.class_card"), now, once=once)
        else:
            show_file(db, ticket, message, account, now, once=once)


def show_more(db: Session, ticket: Ticket, message: TicketMessage, account: Account, now: datetime) -> None:
    """Shows the mentor who has the question what the person said just now."""
    _post(db, ticket, account, _shown(db, ticket, message), now, of=message)


def show_piece(db: Session, ticket: Ticket, first: TicketMessage, message: TicketMessage, now: datetime) -> None:
    """Shows a further picture of an album, in a question that nobody has, to whoever was shown the first."""
    seeing = {one.account_id: db.get(Account, one.account_id) for one in _of_message(db, first)}
    for account in seeing.values():
        if account is not None:
            once = f"ticket:{ticket.id}:0:{ticket.turn}:{account.id}:{message.id}"
            show_file(db, ticket, message, account, now, once=once)


def _shown(db: Session, ticket: Ticket, message: TicketMessage) -> Message:
    """Returns one thing that was said, as staff see it."""
    values: dict[str, Value] = {"number": ticket.id, "who": Who(ticket.person_id)}
    html = escaped(message.text or "")
    if message.file_id is None or message.form not in MIME:
        return Message("mentoring.more", values, buttons_of(ticket), html=html, secret=True, protected=True)
    drop = (Button(f"mentoring.button.drop_{message.form}", DropPhoto(message.id)),)
    file = File(message.form, MIME[message.form], id=message.file_id)
    buttons = rows(drop) if albums.comes_after(db, message) else rows(drop, *buttons_of(ticket))
    return Message(
        "mentoring.file", values, buttons, form=Form(message.form), file=file, html=html, secret=True, protected=True
    )


def show_file(
    db: Session,
    ticket: Ticket,
    message: TicketMessage,
    account: Account,
    now: datetime,
    *,
    once: str | None,
    kind: Kind | None = None,
) -> None:
    """Shows a voice, picture or video of the question, by the id under which Telegram keeps it."""
    if message.file_id is not None and message.form in MIME:
        _post(db, ticket, account, _shown(db, ticket, message), now, once=once, kind=kind, of=message)


def edit_shown(db: Session, ticket: Ticket, message: TicketMessage, now: datetime, context: Context) -> None:
    """Changes the shown words of a message in place, because the person changed them: for the mentor who has the
    question; where nobody has it, for those who may take it. A mentor who lost the role sees no new words."""
    seeing = _who_may_see(db, ticket, context)
    for one in _of_message(db, message):
        if one.account_id in seeing:
            _edit(db, ticket, one, _shown(db, ticket, message), now)
    if any(one.id == message.id for one in _first(db, ticket)):
        about_class = ticket.class_id is not None
        whole = card(db, ticket, context, key="mentoring.class_card" if about_class else "mentoring.card")
        for one in cards_of(db, ticket):
            if one.message_id is None and one.account_id in seeing:
                _edit(db, ticket, one, whole, now)


def _who_may_see(db: Session, ticket: Ticket, context: Context) -> set[int]:
    """Returns the ids of the accounts that may be shown new words of the question."""
    if ticket.claimed_by is not None:
        return {ticket.claimed_by}
    answer = context.content.programme.mentoring.trainers_answer
    mentors = mentors_of(db, ticket.site_id, trainers_answer=answer)
    return {one.id for one in (*mentors, *admin_accounts(db, context.settings))}


# --- what is no longer true -------------------------------------------------------------------------------------------


def cards_of(db: Session, ticket: Ticket, *, but: Account | None = None) -> list[TicketCard]:
    query = select(TicketCard).where(TicketCard.ticket_id == ticket.id)
    if but is not None:
        query = query.where(TicketCard.account_id != but.id)
    return list(db.scalars(query.order_by(TicketCard.outbox_id)))


def taken(db: Session, ticket: Ticket, by: Account, now: datetime) -> None:
    """Changes the cards of a question that a mentor took: those of all others say so, and show nothing of it any
    more."""
    words = Message("mentoring.card_taken", {"number": ticket.id, "mentor": called(by)}, _to_queue(), secret=True)
    _replace(db, ticket, cards_of(db, ticket, but=by), words, now)


def role_ended(db: Session, account: Account, now: datetime, *, sites: frozenset[str] | None = None) -> None:
    """Empties the cards of an account that does not answer questions of these sites any more (None: of any site)."""
    query = (
        select(TicketCard, Ticket)
        .join(Ticket, Ticket.id == TicketCard.ticket_id)
        .where(TicketCard.account_id == account.id)
        .order_by(TicketCard.outbox_id)
    )
    for one, ticket in db.execute(query if sites is None else query.where(Ticket.site_id.in_(sites))).all():
        words = Message("mentoring.card_role_ended", {"number": ticket.id}, secret=True)
        _replace(db, ticket, [one], words, now)


def over(db: Session, ticket: Ticket, now: datetime, *, key: str) -> None:
    """Empties everybody's cards of a question that is over, or whose words were taken away."""
    words = Message(key, {"number": ticket.id}, _to_queue(), secret=True)
    _replace(db, ticket, cards_of(db, ticket), words, now)


def over_number(db: Session, ticket: Ticket, now: datetime) -> None:
    """Empties the cards that show the telephone number given for this question, because it is of no use any more."""
    words = Message("mentoring.card_number_gone", {"number": ticket.id}, _to_queue(), secret=True)
    query = select(TicketCard).where(TicketCard.ticket_id == ticket.id, TicketCard.message_id == NUMBER)
    _replace(db, ticket, db.scalars(query).all(), words, now)


def taken_back(db: Session, message: TicketMessage, now: datetime, *, key: str) -> None:
    """Empties the cards that show this one message, because its person took it back."""
    ticket = db.get_one(Ticket, message.ticket_id)
    words = Message(key, {"number": ticket.id}, _to_queue(), secret=True)
    _replace(db, ticket, _of_message(db, message), words, now)


def _of_message(db: Session, message: TicketMessage) -> list[TicketCard]:
    """Returns the cards that show this message alone. By the question, of which there is an index."""
    query = select(TicketCard).where(TicketCard.ticket_id == message.ticket_id, TicketCard.message_id == message.id)
    return list(db.scalars(query))


def _replace(db: Session, ticket: Ticket, cards: Iterable[TicketCard], words: Message, now: datetime) -> None:
    for one in cards:
        waits = update(OutboxRow).where(OutboxRow.id == one.outbox_id, OutboxRow.status == Status.WAITING)
        dropped = db.execute(waits.values(status=Status.DROPPED, reason="question taken", message=None))
        if not dropped.rowcount:  # type: ignore[attr-defined]
            # a file cannot become words: it is deleted
            of_message = one.message_id is not None and one.message_id not in (NUMBER, NOTE)
            _edit(db, ticket, one, Message(form=Form.DELETE) if of_message else words, now)
        db.execute(delete(TicketCard).where(TicketCard.outbox_id == one.outbox_id))
    db.flush()


def _edit(db: Session, ticket: Ticket, one: TicketCard, words: Message, now: datetime) -> None:
    account = db.get(Account, one.account_id)
    if account is not None and account.blocked_at is None:
        post = outbox.to(account, words, kind=kind_of(ticket), edits=one.outbox_id, site_id=ticket.site_id)
        outbox.post(db, post, now=now)


def _to_queue() -> Rows:
    return rows((Button("mentoring.button.queue", SeeQueue()),))


def note(db: Session, ticket: Ticket, account: Account, outbox_id: int | None) -> None:
    """Keeps that this message of the outbox is about the question, so that a reply to it finds the question."""
    if outbox_id is not None:
        db.add(TicketCard(outbox_id=outbox_id, ticket_id=ticket.id, account_id=account.id, message_id=NOTE))


def answered_by_reply(db: Session, account: Account, telegram_message_id: int) -> Ticket | None:
    """Returns the question that a message of this chat showed; None: it showed none."""
    query = (
        select(Ticket)
        .join(TicketCard, TicketCard.ticket_id == Ticket.id)
        .join(OutboxRow, OutboxRow.id == TicketCard.outbox_id)
        .where(OutboxRow.account_id == account.id, OutboxRow.telegram_message_id == telegram_message_id)
        .where(TicketCard.account_id == account.id)
    )
    return db.scalars(query.limit(1)).first()


def told_staff(db: Session, account: Account, telegram_message_id: int) -> bool:
    """Whether this message of the chat told a member of staff of a question, also where it shows nothing of it now."""
    query = select(OutboxRow.kind).where(
        OutboxRow.account_id == account.id, OutboxRow.telegram_message_id == telegram_message_id
    )
    if Kind.DUTY in db.scalars(query.limit(NEWEST)).all():
        return True
    return answered_by_reply(db, account, telegram_message_id) is not None


def answer_replied_to(db: Session, account: Account, telegram_message_id: int) -> Ticket | None:
    """Returns the question whose answer this message of the person's chat was; None: it was none."""
    query = (
        select(Ticket)
        .join(TicketMessage, TicketMessage.ticket_id == Ticket.id)
        .join(OutboxRow, OutboxRow.id == TicketMessage.outbox_id)
        .where(OutboxRow.account_id == account.id, OutboxRow.telegram_message_id == telegram_message_id)
    )
    return db.scalars(query.limit(1)).first()
