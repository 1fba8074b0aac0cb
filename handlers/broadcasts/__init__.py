"""Announcements: a trainer picks who gets it, sends what it says, sees it as it will arrive, and sends it.

announcement  one announcement, found and shown
audience      who hears it
writing       what it says
sending       sent now or later
after         stopped, sent again, its report
missed        whom it did not reach, by name
withdrawing   taken out of people's chats
typed_words   words typed instead of tapped
"""

from __future__ import annotations

from typing import Final

from telegram.ext import filters

from bot.actions.broadcasts import (
    AddAudience,
    AskMoment,
    AskUrgency,
    BeginAnnouncement,
    BreakOffAnnouncement,
    CorrectAnnouncement,
    GetHelpBelow,
    LookForAudience,
    OpenMenuBelow,
    PickAudience,
    PickPart,
    ScheduleSending,
    SeeAnnouncements,
    SeeMissed,
    SeePreview,
    SeeSendingReport,
    SendAgain,
    SendNow,
    StopSending,
    TakeBackSchedule,
    WithdrawAnnouncement,
    WithdrawNow,
)
from bot.capability import Capability, Command, Handlers
from bot.programme import broadcasts
from bot.programme.broadcasts import BroadcastStatus
from bot.turns.router import Conversation, command, sent, tap, typed, wanted
from bot.turns.turn import Turn
from handlers.broadcasts.after import (
    old_ones_asked_for,
    report_asked_for,
    resending_asked_for,
    stop_asked_for,
    way_taken_to_help,
    way_taken_to_menu,
)
from handlers.broadcasts.announcement import (
    BROADCASTS,
    CONTENT,
    PREVIEW,
    REASON,
    WHEN,
    draft_of,
    find,
    new_button,
    show_preview,
    tell_gone,
    tell_standing,
)
from handlers.broadcasts.audience import (
    announcement_begun,
    audience_looked_for,
    audience_picked,
    begin_anew,
    more_asked_for,
    part_asked_for,
)
from handlers.broadcasts.missed import missed_asked_for
from handlers.broadcasts.sending import (
    ask_reason,
    ask_when,
    moment_written,
    reason_written,
    schedule_asked_for,
    schedule_confirmed,
    schedule_taken_back,
    sending_confirmed,
    urgency_asked_for,
)
from handlers.broadcasts.typed_words import heard
from handlers.broadcasts.withdrawing import withdrawal_confirmed, withdrawal_considered
from handlers.broadcasts.writing import (
    ask_content,
    ask_correction,
    content_sent,
    correction_asked_for,
    is_of_announcement,
    words_edited,
)


def handlers() -> Handlers:
    content = [sent(filters.ALL & ~filters.COMMAND, content_sent)]
    conversation = Conversation(
        BROADCASTS,
        entry_points=[
            tap(PickAudience, audience_picked),
            tap(CorrectAnnouncement, correction_asked_for),
            tap(AddAudience, more_asked_for),
            tap(AskMoment, schedule_asked_for),
            tap(AskUrgency, urgency_asked_for),
            tap(SeePreview, preview_asked_for),
        ],
        states={CONTENT: content, PREVIEW: content, WHEN: [typed(moment_written)], REASON: [typed(reason_written)]},
        fallbacks=[tap(BreakOffAnnouncement, broken_off), command("batal", broken_off, BreakOffAnnouncement())],
        resume=question_asked_again,
    )
    conversation.corrected_elsewhere = frozenset({CONTENT, PREVIEW})
    return [
        wanted(filters.UpdateType.EDITED_MESSAGE, is_of_announcement, words_edited),
        conversation,
        command("pengumuman", announcement_begun),
        tap(BeginAnnouncement, announcement_begun),
        tap(LookForAudience, audience_looked_for),
        tap(SendNow, sending_confirmed),
        tap(ScheduleSending, schedule_confirmed),
        tap(BreakOffAnnouncement, broken_off),
        tap(TakeBackSchedule, schedule_taken_back),
        tap(StopSending, stop_asked_for),
        tap(SendAgain, resending_asked_for),
        tap(PickPart, part_asked_for),
        tap(SeeMissed, missed_asked_for),
        tap(WithdrawAnnouncement, withdrawal_considered),
        tap(WithdrawNow, withdrawal_confirmed),
        tap(SeeAnnouncements, old_ones_asked_for),
        tap(SeeSendingReport, report_asked_for),
        tap(OpenMenuBelow, way_taken_to_menu),
        tap(GetHelpBelow, way_taken_to_help),
    ]


CAPABILITY: Final = Capability(
    "broadcasts",
    handlers,
    commands=(Command("pengumuman", "trainer", place=30),),
    data=broadcasts.DATA,
    hears_first=heard,
)


def preview_asked_for(turn: Turn, action: SeePreview) -> None:
    broadcast = draft_of(turn, action.broadcast)
    if broadcast is None:
        return
    turn.ask(BROADCASTS, PREVIEW)
    turn.keep(broadcast=broadcast.id, adding=None)
    show_preview(turn, broadcast)


def question_asked_again(turn: Turn) -> None:
    broadcast = find(turn, turn.draft.get("broadcast"))
    match turn.account.state:
        case "content" if turn.draft.get("corrects"):
            ask_correction(turn)
        case "content":
            ask_content(turn)
        case _ if broadcast is None or broadcast.status != BroadcastStatus.DRAFT:
            turn.leave(BROADCASTS)
            begin_anew(turn)
        case "when":
            ask_when(turn, broadcast)
        case "reason":
            ask_reason(turn, broadcast)
        case _:
            show_preview(turn, broadcast)


def broken_off(turn: Turn, action: BreakOffAnnouncement) -> None:
    """Discards the draft of the button; an announcement that was sent or scheduled since is left as it is."""
    turn.must_be_staff()
    written = turn.draft.get("broadcast") if turn.account.conversation == BROADCASTS else None
    broadcast = find(turn, action.broadcast or written)
    if broadcast is None and action.broadcast:
        return tell_gone(turn)
    if broadcast is not None and broadcast.status != BroadcastStatus.DRAFT and action.broadcast:
        return tell_standing(turn, broadcast)
    if broadcast is not None and broadcast.status == BroadcastStatus.DRAFT:
        broadcasts.call_off(turn.db, broadcast)
    if broadcast is None or not action.broadcast or written in (None, broadcast.id):
        turn.leave(BROADCASTS)
    turn.show("broadcasts.broken_off", buttons=[[new_button()]])
