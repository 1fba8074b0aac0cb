"""An announcement is taken out of people's chats, after a question that says what happens to each copy."""

from __future__ import annotations

from bot.actions.broadcasts import CorrectAnnouncement, SeeSendingReport, WithdrawAnnouncement, WithdrawNow
from bot.actions.buttons import back
from bot.programme import broadcasts, staff
from bot.programme.broadcasts import Broadcast, BroadcastStatus
from bot.turns.turn import Turn
from bot.words.action import version_of
from bot.words.message import Button, Lines, Message, Style, Words
from handlers.broadcasts.announcement import (
    announced,
    audience_words,
    must_reach,
    new_button,
    note,
    show_report,
    tell_author,
    tell_standing,
)


def withdrawal_considered(turn: Turn, action: WithdrawAnnouncement) -> None:
    broadcast = _withdrawable(turn, action.broadcast)
    if broadcast is not None:
        turn.keeps_tapped = broadcast.under_way  # the progress is told in its own message
        _ask(turn, broadcast)


def withdrawal_confirmed(turn: Turn, action: WithdrawNow) -> None:
    """Withdraws what the question showed; if it was corrected meanwhile, asks again."""
    broadcast = _withdrawable(turn, action.broadcast)
    if broadcast is None:
        return
    if action.version != _version(turn, broadcast):
        turn.toast("broadcasts.toast.changed", alert=True)
        return _ask(turn, broadcast)
    author = staff.account_of(turn.db, broadcast.account_id) if broadcast.account_id is not None else None
    match broadcasts.withdraw(turn.db, broadcast, turn.account, turn.now):
        case broadcasts.Withdrawn(withdrawal, dropped):
            note(turn, "broadcast_withdrawn", broadcast, copies=withdrawal.recipients, dropped=dropped)
            tell_author(turn, broadcast, "broadcasts.told_withdrawn")
            if broadcast.progress_id is not None:
                over = Message("broadcasts.was_withdrawn", {"number": broadcast.id}, ((new_button(),),))
                broadcasts.say_to_author(turn.db, author, over, turn.now, edits=broadcast.progress_id)
            turn.toast("broadcasts.toast.withdrawn")
            waits = Words("broadcasts.copies.dropped", {"n": dropped}) if dropped else None
            if withdrawal.swept and not withdrawal.recipients:  # nobody had it yet: there is nothing to watch
                return turn.show(
                    "broadcasts.withdrawn_in_time", number=broadcast.id, dropped=waits, buttons=[[new_button()]]
                )
            turn.show(
                "broadcasts.withdrawal_begun",
                number=broadcast.id,
                n=withdrawal.recipients,
                dropped=waits,
                buttons=[[Button("broadcasts.button.look", SeeSendingReport(withdrawal.id))], [new_button()]],
            )
        case broadcasts.TooOld():
            turn.show("broadcasts.too_old", buttons=[[new_button()]])
        case broadcasts.AlreadySent(already):
            tell_standing(turn, already)


def _withdrawable(turn: Turn, broadcast_id: int) -> Broadcast | None:
    """Returns the announcement, if there is something to take back; otherwise says how it stands and returns None."""
    broadcast = announced(turn, broadcast_id)
    if broadcast is None:
        return None
    must_reach(turn, broadcast)
    if broadcast.status in (BroadcastStatus.SCHEDULED, BroadcastStatus.DISCARDED, BroadcastStatus.WITHDRAWN):
        tell_standing(turn, broadcast)
        return None
    if broadcast.corrects_id is not None:
        show_report(turn, broadcast)
        return None
    if broadcasts.message_of(turn.db, broadcast) is None:
        turn.show("broadcasts.too_old", buttons=[[new_button()]])
        return None
    return broadcast


def _ask(turn: Turn, broadcast: Broadcast) -> None:
    said = broadcasts.message_of(turn.db, broadcast)
    assert said is not None
    copies = broadcasts.copies_of(turn.db, broadcast, turn.now)
    counts = [
        Words(f"broadcasts.copies.{name}", {"n": number})
        for name, number in (
            ("deleted", copies.deleted),
            ("edited", copies.edited),
            ("stay", copies.stay),
            ("dropped", copies.dropped),
            ("unknown", copies.unknown),
        )
        if number
    ]
    instead = Button("broadcasts.button.correct", CorrectAnnouncement(broadcast.id))
    really = WithdrawNow(broadcast.id, _version(turn, broadcast))
    turn.show(
        "broadcasts.withdraw",
        number=broadcast.id,
        audience=audience_words(turn, broadcast.groups),
        quote=broadcasts.quote(said),
        counts=Lines(tuple(counts)),
        buttons=[
            [Button("broadcasts.button.withdraw_now", really, style=Style.DANGER)],
            [instead, back(SeeSendingReport(broadcast.id))],
        ],
    )


def _version(turn: Turn, broadcast: Broadcast) -> int:
    said = broadcasts.message_of(turn.db, broadcast)
    return version_of(said and said.to_json(), broadcast.audience)
