"""Whom an announcement did not reach, by name, with what it said for WhatsApp: a human being sends it. The list cannot
be forwarded, and nothing of it stays in the ledger."""

from __future__ import annotations

from typing import Final

from bot.actions.broadcasts import SeeMissed, SeePreview, SeeSendingReport
from bot.actions.buttons import back
from bot.people import namesakes
from bot.programme import broadcasts, call_list, registration
from bot.programme.broadcasts import Broadcast, BroadcastStatus
from bot.programme.call_list import Entry
from bot.turns.turn import Turn
from bot.words.message import Button, Lines, Link, Share, Value, Words
from handlers.broadcasts.announcement import (
    BROADCASTS,
    PREVIEW,
    find,
    must_reach,
    note,
    tell_gone,
    tell_withdrawn,
)

PAGE: Final = 5
"""How many names are on one screen."""
SHARED: Final = 600
"""So many letters of an announcement are filled in for WhatsApp: an address holds about 2,000 characters."""


def missed_asked_for(turn: Turn, action: SeeMissed) -> None:
    turn.must_be_staff()
    broadcast = find(turn, action.broadcast)
    if broadcast is None:
        return tell_gone(turn)
    must_reach(turn, broadcast)
    if broadcast.status == BroadcastStatus.WITHDRAWN or broadcast.withdraws:
        return tell_withdrawn(turn, broadcast)
    first = action.page * PAGE
    entries, total = call_list.missed_by(turn.db, broadcast, turn.content, limit=PAGE, offset=first)
    if not entries and action.page:
        return missed_asked_for(turn, SeeMissed(broadcast.id))
    note(turn, "call_list_seen", broadcast, rows=total)
    draft = broadcast.status == BroadcastStatus.DRAFT
    if draft:
        turn.ask(BROADCASTS, PREVIEW)
        turn.keep(broadcast=broadcast.id)
    way_back = back(SeePreview(broadcast.id)) if draft else back(SeeSendingReport(broadcast.id))
    called = namesakes.called([one.person for one in entries], broadcast.zone)
    lines, buttons = [], []
    for at, one in enumerate(entries, first + 1):
        lines.append(_line(at, one, called[one.person.id]))
        if _may_be_written_to(one):
            share = Share(_whatsapp(turn, broadcast), to=one.person.phone or "", language=one.language)
            buttons.append(Button("call_list.button.whatsapp", values={"n": at}, share=share))
    pages = []
    if action.page:
        pages.append(Button("call_list.button.before", SeeMissed(broadcast.id, action.page - 1)))
    if first + PAGE < total:
        pages.append(Button("call_list.button.more", SeeMissed(broadcast.id, action.page + 1)))
    speak = turn.show if action.page else turn.say
    key = "broadcasts.would_miss" if draft else "broadcasts.missed"
    speak(
        key if entries else "broadcasts.missed_nobody",
        n=total,
        names=Lines(tuple(lines)),
        quote=_quote(turn, broadcast),
        how=Words("broadcasts.missed_how" if buttons else "broadcasts.missed_how_no_number"),
        buttons=[buttons[:3], buttons[3:], pages, [way_back]],
        secret=True,
        protected=True,
    )


def _line(at: int, one: Entry, called: Value) -> Words:
    phone = registration.as_dialled(one.person.phone) if one.person.phone and _may_be_written_to(one) else None
    values: dict[str, Value] = {
        "n": at,
        "called": called,
        "phone": Words("call_list.phone", {"phone": phone}) if phone else None,
        "why": Words(f"call_list.why.{one.why}"),
    }
    return Words("call_list.line", values)


def _may_be_written_to(one: Entry) -> bool:
    """Whether a number is kept that may be used: not of somebody whose data are frozen."""
    return bool(one.person.phone) and one.person.frozen_at is None


def _quote(turn: Turn, broadcast: Broadcast) -> Words:
    said = broadcasts.message_of(turn.db, broadcast)
    return broadcasts.quote(said) if said is not None else Words("broadcasts.quote.gone")


def _whatsapp(turn: Turn, broadcast: Broadcast) -> Words:
    """Returns what a trainer sends by WhatsApp: the announcement's own words, without a file."""
    said = broadcasts.message_of(turn.db, broadcast)
    values: dict[str, Value] = {
        "text": broadcasts.quote(said, SHARED) if said is not None else Words("broadcasts.quote.gone"),
        "link": Link(f"https://t.me/{turn.bot_username}"),
    }
    return Words("broadcasts.whatsapp", values)
