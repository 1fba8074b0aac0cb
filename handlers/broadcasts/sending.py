"""Confirms an announcement: sent now, scheduled, or made urgent."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from bot.actions.broadcasts import (
    AddAudience,
    AskMoment,
    AskUrgency,
    ScheduleSending,
    SeeMissed,
    SendNow,
    TakeBackSchedule,
)
from bot.actions.call_list import SeeUnheard
from bot.programme import broadcasts, call_list
from bot.programme.broadcasts import Broadcast, BroadcastStatus
from bot.turns.turn import Turn
from bot.words.message import At, Button, Words
from bot.words.spoken_time import Spoken, Why, read_time
from bot.words.typed_text import cleaned
from bot.words.unread_time import words_of
from handlers.broadcasts.announcement import (
    BROADCASTS,
    REASON,
    WHEN,
    announced,
    audience_words,
    cancel_button,
    done_with,
    draft_of,
    find,
    moment_of,
    must_reach,
    new_button,
    note,
    notes_before,
    report_button,
    schedule_buttons,
    schedule_values,
    show_preview,
    show_report,
    tell_author,
    tell_gone,
    tell_standing,
    to_preview,
    version_shown,
    was_changed,
)
from handlers.broadcasts.typed_words import asked_otherwise


def sending_confirmed(turn: Turn, action: SendNow) -> None:
    """Sends the announcement; tapped twice, the announcement is sent once."""
    turn.must_be_staff()
    broadcast = find(turn, action.broadcast)
    if broadcast is None:
        return tell_gone(turn)
    must_reach(turn, broadcast)
    original = find(turn, broadcast.corrects_id)  # a right may have gone since the correction was begun
    if original is not None:
        must_reach(turn, original)
    if was_changed(turn, broadcast, action.version):
        return
    match broadcasts.send(turn.db, broadcast, turn.now, content=turn.content):
        case broadcasts.Begun(begun, people):
            done_with(turn, begun)
            if original is not None:
                tell_author(turn, original, "broadcasts.told_corrected")
            done = "broadcast_corrected" if begun.corrects_id is not None else "broadcast_sent"
            note(turn, done, begun, people=people)
            turn.toast("broadcasts.toast.begun")
            if begun.corrects_id is not None and not people:
                turn.show("broadcasts.corrected_waiting", buttons=[[new_button()]])
                return
            key = "broadcasts.correction_begun" if begun.corrects_id is not None else "broadcasts.begun"
            _, missed = call_list.missed_by(turn.db, begun, turn.content, limit=1, offset=0) if people else ([], 0)
            missed = 0 if begun.corrects_id is not None else missed
            one_class = call_list.class_of(turn.db, begun) is not None
            see = SeeUnheard(begun.id) if one_class else SeeMissed(begun.id)
            names = [Button("call_list.button.names", see)] if missed else []
            missing = Words("call_list.missing", {"n": missed}) if missed else None
            turn.show(key, n=people, missing=missing, buttons=[names, [report_button(begun)]])
        case broadcasts.Replaced(scheduled):
            done_with(turn, broadcast)
            tell_author(turn, scheduled, "broadcasts.told_corrected")
            note(turn, "broadcast_corrected", scheduled)
            turn.show("broadcasts.replaced", when=moment_of(scheduled), buttons=[[report_button(scheduled)]])
        case broadcasts.Nobody():
            others = Button("broadcasts.button.others", AddAudience(broadcast.id, instead=True))
            turn.show(
                "broadcasts.nobody",
                audience=audience_words(turn, broadcast.groups),
                buttons=[[others, cancel_button(broadcast)]],
            )
        case broadcasts.TooOld():
            done_with(turn, broadcast)
            turn.show("broadcasts.too_old", buttons=[[new_button()]])
        case broadcasts.AlreadySent(already):
            tell_standing(turn, already)


def _draft_asked_about(turn: Turn) -> Broadcast | None:
    """Returns the draft whose question was answered in writing; if it is no longer a draft, says so and returns
    None."""
    broadcast = find(turn, turn.draft.get("broadcast"))
    if broadcast is None or broadcast.status != BroadcastStatus.DRAFT:
        turn.leave(BROADCASTS)
        turn.say("broadcasts.unknown", buttons=[[new_button()]])
        return None
    return broadcast


def schedule_asked_for(turn: Turn, action: AskMoment) -> None:
    broadcast = draft_of(turn, action.broadcast)
    if broadcast is None:
        return
    turn.ask(BROADCASTS, WHEN)
    turn.keep(broadcast=broadcast.id)
    ask_when(turn, broadcast)


def ask_when(turn: Turn, broadcast: Broadcast) -> None:
    turn.ask(BROADCASTS, WHEN)
    turn.show("broadcasts.when", buttons=[to_preview(broadcast)])


def _time_written(turn: Turn, zone: str) -> datetime | Words:
    """Returns the moment that was written, or why it is none. Of a day without an hour, the day is kept for the next
    answer."""
    day, part = turn.draft.get("said_day"), turn.draft.get("said_part")
    kept = date.fromisoformat(day) if day else None
    found = read_time(turn.text, now=turn.now, zone=zone, day=kept, part=part)
    turn.take_back("said_day")
    turn.take_back("said_part")
    if isinstance(found, Spoken):
        return found.moment if found.minutes is None else Words("spoken.one_hour")
    if found.why is Why.HOUR:
        turn.keep(said_part=found.part, said_day=found.day.isoformat() if found.day else None)
    return words_of(found, zone)


def moment_written(turn: Turn) -> None:
    turn.must_be_staff()
    broadcast = _draft_asked_about(turn)
    if broadcast is None:
        return
    if asked_otherwise(turn, broadcast.id):
        return
    found = _time_written(turn, broadcast.zone)
    if isinstance(found, Words):
        turn.say("broadcasts.when_why", why=found, buttons=[to_preview(broadcast)])
        return
    moment = found
    if moment <= turn.now:
        turn.say("broadcasts.when_past", when=At(moment, broadcast.zone), buttons=[to_preview(broadcast)])
        return
    minute = int(moment.timestamp() // 60)
    reach = broadcasts.reach(turn.db, broadcast, turn.content)
    confirm = Button(
        "broadcasts.button.schedule", ScheduleSending(broadcast.id, minute, version_shown(turn, broadcast))
    )
    other = Button("broadcasts.button.other_time", AskMoment(broadcast.id))
    turn.say(
        "broadcasts.when_read",
        when=At(moment, broadcast.zone),
        n=reach.people,
        notes=notes_before(turn, broadcast, reach, moment),
        buttons=[[confirm, other], to_preview(broadcast)],
    )


def schedule_confirmed(turn: Turn, action: ScheduleSending) -> None:
    turn.must_be_staff()
    broadcast = find(turn, action.broadcast)
    if broadcast is None:
        return tell_gone(turn)
    if action.minute > 10**9:
        turn.show("broadcasts.unknown", buttons=[[new_button()]])
        return
    must_reach(turn, broadcast)
    if was_changed(turn, broadcast, action.version):
        return
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=action.minute)
    match broadcasts.schedule(turn.db, broadcast, moment, turn.now):
        case broadcasts.Scheduled(scheduled):
            done_with(turn, scheduled)
            note(turn, "broadcast_scheduled", scheduled, due=moment.isoformat())
            turn.toast("broadcasts.toast.scheduled")
            turn.show("broadcasts.scheduled", schedule_values(turn, scheduled), buttons=schedule_buttons(scheduled))
        case broadcasts.Past():
            turn.show("broadcasts.when_past", when=At(moment, broadcast.zone), buttons=[to_preview(broadcast)])
        case broadcasts.AlreadySent(already):
            tell_standing(turn, already)


def schedule_taken_back(turn: Turn, action: TakeBackSchedule) -> None:
    broadcast = announced(turn, action.broadcast)
    if broadcast is None:
        return
    if broadcast.status != BroadcastStatus.DISCARDED and not broadcasts.call_off(turn.db, broadcast):
        turn.toast("broadcasts.toast.already")
        show_report(turn, broadcast)
        return
    note(turn, "broadcast_called_off", broadcast)
    tell_author(turn, broadcast, "broadcasts.told_called_off")
    turn.show("broadcasts.was_called_off", buttons=[[new_button()]])


def urgency_asked_for(turn: Turn, action: AskUrgency) -> None:
    """Asks an admin for the reason why the announcement must not wait for open hours."""
    turn.must_be_admin()
    broadcast = draft_of(turn, action.broadcast)
    if broadcast is None:
        return
    turn.ask(BROADCASTS, REASON)
    turn.keep(broadcast=broadcast.id)
    ask_reason(turn, broadcast)


def ask_reason(turn: Turn, broadcast: Broadcast) -> None:
    turn.ask(BROADCASTS, REASON)
    turn.show("broadcasts.reason", buttons=[to_preview(broadcast)])


def reason_written(turn: Turn) -> None:
    turn.must_be_admin()
    broadcast = _draft_asked_about(turn)
    if broadcast is None:
        return
    reason = cleaned(turn.text)
    if len(reason) < 5:
        turn.say("broadcasts.reason_short", buttons=[to_preview(broadcast)])
        return
    broadcasts.mark_urgent(turn.db, broadcast, reason)
    note(turn, "broadcast_urgent", broadcast)
    show_preview(turn, broadcast)
