"""What mentoring owes: how a person's questions are forgotten and copied, and what stays."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.capability import CapabilityData, Context, Told
from bot.catalogue.content import Content
from bot.people.people import Person, account_of, persons_of
from bot.programme.mentoring import cards, clock, held
from bot.programme.mentoring.clock import alive_of, empty
from bot.programme.mentoring.desk import release
from bot.programme.mentoring.tables import (
    Closed,
    HeldWords,
    MentorPause,
    ReadyAnswer,
    Ticket,
    TicketCard,
    TicketMessage,
)
from bot.programme.mentoring.tickets import close


def due(db: Session, now: datetime, context: Context) -> None:
    """Does what is due with questions, and with words that wait."""
    clock.due(db, now, context)
    held.due(db, now, context)


def next_due(db: Session, now: datetime, context: Context) -> datetime | None:
    moments = (clock.next_due(db, now, context), held.next_due(db))
    return min((one for one in moments if one is not None), default=None)


def forget(db: Session, person: Person, now: datetime) -> None:
    """Empties all that was said in the person's questions, and takes it out of the mentors' chats. Open ones end, and
    the mentors are told why. Words that wait in somebody's draft go, too. If a mentor's account goes with the person,
    what they had is free again."""
    held.let_go(db, person, now)
    for ticket in alive_of(db, person):
        close(db, ticket, now, Closed.ERASED)
    mine = db.scalars(select(Ticket).where(Ticket.person_id == person.id, Ticket.emptied_at.is_(None))).all()
    for ticket in mine:
        cards.over(db, ticket, now, key="mentoring.card_erased")
    empty(db, [ticket.id for ticket in mine], now)
    words = update(TicketMessage).where(TicketMessage.person_id == person.id)
    db.execute(words.values(text=None, file_id=None, telegram_message_id=None, album=None))
    db.execute(update(Ticket).where(Ticket.person_id == person.id).values(phone=None))
    account = account_of(db, person)
    if account is not None and len(persons_of(db, account)) <= 1:
        release(db, account, now)


def freeze(db: Session, person: Person, now: datetime) -> None:
    """Ends the person's open questions, and what waits to be sent: nobody works with what is frozen."""
    held.let_go(db, person, now)
    for ticket in alive_of(db, person):
        close(db, ticket, now, Closed.FROZEN)
        cards.over(db, ticket, now, key="mentoring.card_frozen")


def copy(db: Session, person: Person, content: Content, told: Told) -> dict[str, Any]:
    """Returns every question and talk about a class with all that was said in it, notes among mentors included."""
    query = select(Ticket).where(Ticket.person_id == person.id).order_by(Ticket.id)
    said = select(TicketMessage).where(TicketMessage.person_id == person.id)
    return {
        "pertanyaan": [
            {
                "nomor": ticket.id,
                "topik": ticket.topic,
                "dari": ticket.origin,
                "dimulai_pelatih": ticket.from_staff,
                "keadaan": ticket.state,
                "dibuka": told(ticket.opened_at),
                "diambil": told(ticket.claimed_at),
                "batas_jawaban_pertama": told(ticket.reply_due_at),
                "jawaban_pertama": told(ticket.first_reply_at),
                "menit_kerja_sampai_jawaban": ticket.reply_minutes,
                "jawaban_pertama_belum_sampai": ticket.reply_lost,
                "menunggu_sejak": told(ticket.waiting_since),
                "selesai": told(ticket.closed_at),
                "alasan_selesai": ticket.closed_because,
                "penilaian": ticket.face,
                "nomor_diminta": told(ticket.phone_asked_at),
                "nomor_hp": ticket.phone,
                "dibatasi_sampai": told(ticket.blocked_until),
                "isi_dihapus": told(ticket.emptied_at),
            }
            for ticket in db.scalars(query)
        ],
        "pesan_pertanyaan": [
            {
                "nomor": message.ticket_id,
                "arah": message.way,
                "bentuk": message.form,
                "isi": message.text,
                "berkas": message.file_id,
                "detik": message.seconds,
                "pada": told(message.at),
                "diubah": told(message.edited_at),
            }
            for message in db.scalars(said.order_by(TicketMessage.id))
        ],
    }


_OF_MENTORS: Final = "What a member of staff did; their own record is the audit (/catatan)."

DATA: Final = CapabilityData(
    "mentoring",
    tables=(Ticket, TicketMessage, TicketCard, HeldWords, MentorPause, ReadyAnswer),
    due=due,
    next_due=next_due,
    forget=forget,
    freeze=freeze,
    copy=copy,
    stays={
        "ticket.person_id": "How many questions were asked and answered, of nobody in particular.",
        "ticket_message.person_id": "How much was said in a question, of nobody in particular; the words are emptied.",
        "ready_answer.text": "Words that the mentors of a site share; they tell of no participant.",
    },
    not_copied={
        "ticket.claimed_by": _OF_MENTORS,
        "ticket_message.account_id": _OF_MENTORS,
        "ticket_card.account_id": "Which message showed a question to a member of staff; the question is its person's.",
        "held_words.account_id": "That words wait in a draft for a day at most; the words are being typed right now.",
        "held_words.person_id": "Whose question they are about, for that day.",
        "mentor_pause.account_id": "That a mentor rests at the moment is shown by /antrean.",
        "ready_answer.written_by": _OF_MENTORS,
    },
)
