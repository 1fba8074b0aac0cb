"""An announcement that is being sent or was sent: stopped, sent again, its report, and the buttons below it."""

from __future__ import annotations

from typing import Final

from bot.actions.broadcasts import SeeAnnouncements, SeeSendingReport, SendAgain, StopSending
from bot.actions.menu import GetHelp, OpenMenu
from bot.programme import broadcasts
from bot.programme.broadcasts import Broadcast, BroadcastStatus
from bot.turns.pages import page_of
from bot.turns.turn import Turn
from bot.words.message import At, Button, Lines, Value, Words
from handlers.broadcasts.announcement import (
    announced,
    group_words,
    moment_of,
    must_reach,
    new_button,
    note,
    show_report,
    tell_author,
    tell_standing,
    tell_withdrawn,
    written_by,
)

SHOWN: Final = 5
"""How many announcements are on one page of the list."""
MOST_PAGES: Final = 40
"""The list goes no further back: words are emptied after a month."""
LISTED: Final = 60
"""So many letters of each stand in the list."""


def stop_asked_for(turn: Turn, action: StopSending) -> None:
    """Stops an announcement. The progress message tells how many copies were still sent."""
    broadcast = announced(turn, action.broadcast)
    if broadcast is None:
        return
    match broadcasts.stop(turn.db, broadcast, turn.now):
        case broadcasts.Stopped(stopped, dropped):
            note(turn, "broadcast_stopped", stopped, dropped=dropped)
            tell_author(turn, stopped, "broadcasts.told_stopped")
            turn.toast("broadcasts.toast.stopped")
        case broadcasts.Over(over):
            turn.toast("broadcasts.toast.over")
            show_report(turn, over)


def resending_asked_for(turn: Turn, action: SendAgain) -> None:
    """Sends an announcement again to the people of whom it is not known whether they got it."""
    broadcast = announced(turn, action.broadcast)
    if broadcast is None:
        return
    must_reach(turn, broadcast)
    if broadcast.status == BroadcastStatus.WITHDRAWN:
        return tell_withdrawn(turn, broadcast)
    match broadcasts.resend(turn.db, broadcast, turn.now, content=turn.content):
        case broadcasts.Begun(begun, people):
            note(turn, "broadcast_resent", begun, people=people)
            turn.toast("broadcasts.toast.begun")
        case broadcasts.Nobody():
            turn.toast("broadcasts.toast.none_unknown")
            show_report(turn, broadcast)
        case broadcasts.TooOld():
            turn.show("broadcasts.too_old", buttons=[[new_button()]])


def old_ones_asked_for(turn: Turn, action: SeeAnnouncements) -> None:
    """Lists what was said to people of one's sites, whoever wrote it; for admins, all of it."""
    turn.must_be_staff()
    most = (min(action.page, MOST_PAGES) + 1) * SHOWN + 1
    sites = None if turn.admin else turn.staff_sites
    page = page_of(broadcasts.latest(turn.db, turn.account, sites, limit=most), action.page, SHOWN)
    if not page.items:
        turn.show("broadcasts.none_yet", buttons=[[new_button()]])
        return
    lines = Lines(tuple(_line(turn, one) for one in page.items))
    numbers = [Button("broadcasts.button.number", SeeSendingReport(one.id), {"number": one.id}) for one in page.items]
    pages = [Button("broadcasts.button.older", SeeAnnouncements(page.after))] if page.after else []
    if page.before is not None:
        pages.insert(0, Button("broadcasts.button.newer", SeeAnnouncements(page.before)))
    turn.show("broadcasts.list", broadcasts=lines, buttons=[numbers[:3], numbers[3:], pages, [new_button()]])


def report_asked_for(turn: Turn, action: SeeSendingReport) -> None:
    broadcast = announced(turn, action.broadcast, to_look=True)
    if broadcast is None:
        return
    if broadcast.status in (BroadcastStatus.SCHEDULED, BroadcastStatus.DISCARDED, BroadcastStatus.WITHDRAWN):
        tell_standing(turn, broadcast)
    else:
        show_report(turn, broadcast)


def way_taken_to_menu(turn: Turn) -> None:
    """Shows the menu below an announcement, which stays where it is."""
    turn.keeps_tapped = True
    turn.follow(OpenMenu())


def way_taken_to_help(turn: Turn) -> None:
    turn.keeps_tapped = True
    turn.follow(GetHelp())


def _quote(turn: Turn, broadcast: Broadcast) -> Words:
    said = broadcasts.message_of(turn.db, broadcast)
    return broadcasts.quote(said, LISTED) if said is not None else Words("broadcasts.quote.gone")


def _line(turn: Turn, broadcast: Broadcast) -> Words:
    values: dict[str, Value] = {
        "number": broadcast.id,
        "n": broadcast.recipients,
        "audience": group_words(turn, broadcast.groups[0]),
        "by": written_by(turn, broadcast),
        "quote": _quote(turn, broadcast),
    }
    match broadcast.status:
        case BroadcastStatus.SCHEDULED:
            return Words("broadcasts.line.scheduled", {**values, "when": moment_of(broadcast)})
        case BroadcastStatus.SENDING:
            return Words("broadcasts.line.sending", values)
        case BroadcastStatus.WITHDRAWN:
            return Words("broadcasts.line.withdrawn", values)
    return Words(
        "broadcasts.line.sent", {**values, "when": At(broadcast.begun_at or broadcast.created_at, broadcast.zone)}
    )
