"""The questions of a trainer's sites as a table: topic, times and who, one row each; nothing that was said in them."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from bot.actions.mentoring import GetQuestionsFile
from bot.documents.file_names import file_name
from bot.documents.xlsx_writer import MIME
from bot.people import namesakes
from bot.programme import mentoring
from bot.programme.mentoring import Ticket
from bot.programme.privacy import ZONE
from bot.turns.turn import Turn
from bot.words.message import At, File, Form, Message, Sheet, Value, Words

DAYS: Final = 90
"""So far back a question is in the table, by when its first reply was due."""
MOST: Final = 1000
"""So many rows it has at most; of more questions the newest."""
COLUMNS: Final = (
    *("number", "site", "topic", "who", "state", "opened", "due", "first_reply", "minutes", "in_time", "mentor"),
    *("closed", "face"),
)


def file_asked_for(turn: Turn, action: GetQuestionsFile) -> None:
    """Sends the table. It is made when it is sent, so that no row of the ledger holds a name."""
    turn.must_be_staff()
    if action.site:
        turn.must_lead(action.site)
    sites = {action.site} if action.site else {one.id for one in turn.content.sites if one.id in turn.staff_sites}
    since = turn.now - timedelta(days=DAYS)
    found = mentoring.queue.due_since(turn.db, since, sites, limit=MOST)
    turn.note("questions_taken", site_id=action.site or None, rows=len(found))
    if not found:
        turn.show("mentoring.file_empty", n=DAYS)
        return
    head = tuple(Words(f"mentoring.head.{name}") for name in COLUMNS)
    asked_by = {one.id: one for one in mentoring.queue.askers(turn.db, found)}
    called = namesakes.called([one for one in asked_by.values() if one.name], ZONE)
    rows = tuple(_row(turn, one, called.get(one.person_id)) for one in found)
    zone = turn.zone(action.site) if action.site else ZONE
    turn.send(
        Message(
            "mentoring.questions_file",
            {"n": len(found), "days": DAYS},
            form=Form.DOCUMENT,
            file=File(file_name("pertanyaan", action.site, turn.now, zone, "xlsx"), MIME),
            sheets=(Sheet(Words("mentoring.head.title"), head, rows),),
        )
    )


def _row(turn: Turn, ticket: Ticket, who: Value) -> tuple[Value, ...]:
    zone, content = turn.zone(ticket.site_id), turn.content
    site, module = content.site(ticket.site_id), content.module(ticket.topic)
    holder = mentoring.holder(turn.db, ticket)
    replied = ticket.first_reply_at if not ticket.reply_lost else None
    in_time = None if replied is None or ticket.reply_due_at is None else replied <= ticket.reply_due_at
    return (
        ticket.id,
        site.name if site else ticket.site_id,
        module.title if module else Words("faq.topic.other"),
        who if who is not None else Words("mentoring.head.erased"),
        Words(f"mentoring.head.state.{ticket.state}"),
        At(ticket.opened_at, zone),
        At(ticket.reply_due_at, zone) if ticket.reply_due_at else None,
        At(replied, zone) if replied else None,
        ticket.reply_minutes if replied else None,
        None if in_time is None else Words("mentoring.head.yes" if in_time else "mentoring.head.no"),
        None if holder is None else mentoring.called(holder),
        At(ticket.closed_at, zone) if ticket.closed_at else None,
        None if ticket.face is None else Words(f"mentoring.button.face_{ticket.face}"),
    )
