"""One announcement: found for somebody who may see it, and shown as a draft, as scheduled or as sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.actions.broadcasts import (
    AddAudience,
    AskMoment,
    AskUrgency,
    BeginAnnouncement,
    BreakOffAnnouncement,
    CorrectAnnouncement,
    SeeMissed,
    SeePreview,
    SeeSendingReport,
    SendNow,
    TakeBackSchedule,
)
from bot.actions.buttons import HELP, back
from bot.programme import attendance, broadcasts, sessions, staff
from bot.programme.broadcasts import About, Broadcast, BroadcastStatus, Group
from bot.programme.sessions import ClassSession
from bot.turns.turn import Turn
from bot.words.action import version_of
from bot.words.message import At, Button, Lines, Message, Value, Words, rows

BROADCASTS: Final = "broadcasts"
CONTENT: Final = "content"
PREVIEW: Final = "preview"
WHEN: Final = "when"
REASON: Final = "reason"
AFTER_OPENING: Final = timedelta(hours=4)
"""Who hears of a class so soon before it begins hears of it late."""
REPLACED: Final = 400
"""So many letters of what a correction replaces are shown."""


def show_preview(turn: Turn, broadcast: Broadcast, *, instead: bool = False) -> None:
    """Shows the announcement as it will arrive, and below it what sending it now would do. `instead`: these words take
    the place of other ones of the same draft."""
    turn.ask(BROADCASTS, PREVIEW)
    message = broadcasts.message_of(turn.db, broadcast)
    if message is not None:
        turn.send(message)
    if broadcast.corrects_id is not None:
        return _preview_correction(turn, broadcast, message, instead=instead)
    reach = broadcasts.reach(turn.db, broadcast, turn.content)
    others = Button("broadcasts.button.others", AddAudience(broadcast.id, instead=True))
    more = Button("broadcasts.button.more", AddAudience(broadcast.id))
    names = Button("call_list.button.names", SeeMissed(broadcast.id))
    if not reach.people:
        turn.say(
            "broadcasts.nobody",
            audience=audience_words(turn, broadcast.groups),
            buttons=[[others, more], [names] if reach.beyond else [], [cancel_button(broadcast)]],
        )
        return
    buttons = [
        [Button("broadcasts.button.send", SendNow(broadcast.id, version_shown(turn, broadcast)))],
        [Button("broadcasts.button.when", AskMoment(broadcast.id)), more],
    ]
    below = [names] if reach.beyond > 0 else []
    if turn.admin and not broadcast.urgent:
        buttons.append([Button("broadcasts.button.urgent", AskUrgency(broadcast.id))])
    facts: dict[str, Value] = {
        "audience": audience_words(turn, broadcast.groups),
        "n": reach.people,
        "notes": notes_before(turn, broadcast, reach, turn.now),
        "instead": Words("broadcasts.instead") if instead else None,
    }
    held = None if broadcast.urgent else broadcasts.held(reach, turn.now, turn.content)
    if held is not None and held.people == reach.people:
        turn.say("broadcasts.preview_held", facts, buttons=[*buttons, [*below, cancel_button(broadcast)]])
    else:
        facts["time"] = _time_for(turn, reach.people)
        turn.say("broadcasts.preview", facts, buttons=[*buttons, [*below, cancel_button(broadcast)]])


def _preview_correction(turn: Turn, broadcast: Broadcast, message: Message | None, *, instead: bool) -> None:
    original = find(turn, broadcast.corrects_id)
    if original is None or message is None:
        turn.say("broadcasts.too_old", buttons=[[new_button()]])
        return
    if original.status == BroadcastStatus.WITHDRAWN:
        turn.leave(BROADCASTS)
        turn.say("broadcasts.was_withdrawn", number=original.id, buttons=[[new_button()]])
        return
    before = broadcasts.message_of(turn.db, original)
    facts: dict[str, Value] = {
        "number": original.id,
        "instead": Words("broadcasts.instead") if instead else None,
        "before": broadcasts.quote(before, REPLACED) if before is not None else Words("broadcasts.quote.gone"),
    }
    edits, notices = broadcasts.correction_reach(turn.db, original, message)
    buttons = [
        [Button("broadcasts.button.correct_now", SendNow(broadcast.id, version_shown(turn, broadcast)))],
        [cancel_button(broadcast)],
    ]
    if edits or notices:
        turn.say("broadcasts.correction_preview", facts, edits=edits, notices=notices, buttons=buttons)
    else:
        turn.say("broadcasts.correction_preview_waiting", facts, buttons=buttons)


def _time_for(turn: Turn, people: int) -> Words:
    seconds = broadcasts.seconds_for(people, turn.settings.send_rate)
    if seconds < 60:
        return Words("broadcasts.seconds", {"n": seconds})
    return Words("broadcasts.minutes", {"minutes": -(-seconds // 60)})


def notes_before(turn: Turn, broadcast: Broadcast, reach: broadcasts.Reach, moment: datetime) -> Lines:
    """Returns what else the author must know before the announcement is sent."""
    notes = []
    if broadcast.urgent:
        notes.append(Words("broadcasts.note.urgent"))
    elif (held := broadcasts.held(reach, moment, turn.content)) is not None:
        notes.append(Words("broadcasts.note.held", {"n": held.people, "opening": At(held.opening, broadcast.zone)}))
        late = held.opening + AFTER_OPENING
        if not turn.admin and any(moment < one.starts_at < late for one in classes_of(turn, broadcast)):
            notes.append(Words("broadcasts.note.ask_admin"))
    if reach.beyond > 0:
        notes.append(Words("broadcasts.note.beyond", {"n": reach.beyond}))
    if (unrecorded := _unrecorded(turn, broadcast)) > 0:
        notes.append(Words("broadcasts.note.unrecorded", {"n": unrecorded}))
    return Lines(tuple(notes))


def classes_of(turn: Turn, broadcast: Broadcast) -> list[ClassSession]:
    """Returns the classes of an audience."""
    of_class = [one for one in broadcast.groups if broadcasts.AUDIENCES[one.kind].about is About.CLASS]
    found = [sessions.get(turn.db, int(group.subject)) for group in of_class]
    return [session for session in found if session is not None]


def _unrecorded(turn: Turn, broadcast: Broadcast) -> int:
    """Returns of how many people with a seat it is not recorded whether they came, where that decides who is told."""
    of_record = {int(one.subject) for one in broadcast.groups if one.kind in ("came", "absent")}
    counts = [attendance.count(turn.db, one) for one in classes_of(turn, broadcast) if one.id in of_record]
    return sum(one.unmarked + one.claims for one in counts)


def version_shown(turn: Turn, broadcast: Broadcast) -> int:
    """Returns the version of what a preview shows: the words, the audience, whether it waits for open hours, and for a
    correction what it replaces."""
    message = broadcasts.message_of(turn.db, broadcast)
    original = broadcasts.find(turn.db, broadcast.corrects_id)
    before = broadcasts.message_of(turn.db, original) if original is not None else None
    replaced = () if original is None else (before and before.to_json(), original.status == BroadcastStatus.WITHDRAWN)
    return version_of(message and message.to_json(), broadcast.audience, broadcast.urgent, *replaced)


def was_changed(turn: Turn, broadcast: Broadcast, version: int) -> bool:
    """Returns whether the draft has changed since its button was sent: then the preview is shown again, as it is
    now."""
    if broadcast.status != BroadcastStatus.DRAFT or version in (0, version_shown(turn, broadcast)):
        return False
    turn.toast("broadcasts.toast.changed", alert=True)
    show_preview(turn, broadcast)
    return True


def tell_gone(turn: Turn) -> None:
    """Answers an old button of a draft that was thrown away: shows the newer draft that replaced it, if there is
    one."""
    newer = find(turn, turn.draft.get("broadcast")) if turn.account.conversation == BROADCASTS else None
    if newer is not None and newer.status == BroadcastStatus.DRAFT:
        turn.toast("broadcasts.toast.changed", alert=True)
        show_preview(turn, newer)
    else:
        turn.leave(BROADCASTS)
        turn.show("broadcasts.draft_gone", buttons=[[new_button()]])


def tell_standing(turn: Turn, broadcast: Broadcast) -> None:
    """Answers an old button of an announcement that is no longer a draft."""
    if broadcast.status == BroadcastStatus.DISCARDED:
        turn.show("broadcasts.was_called_off", buttons=[[new_button()]])
    elif broadcast.status == BroadcastStatus.WITHDRAWN:
        tell_withdrawn(turn, broadcast)
    elif broadcast.status == BroadcastStatus.SCHEDULED:
        turn.show("broadcasts.scheduled", schedule_values(turn, broadcast), buttons=schedule_buttons(broadcast))
    else:
        turn.toast("broadcasts.toast.already")
        show_report(turn, broadcast)


def schedule_values(turn: Turn, broadcast: Broadcast) -> dict[str, Value]:
    return {"audience": audience_words(turn, broadcast.groups), "when": moment_of(broadcast)}


def schedule_buttons(broadcast: Broadcast) -> list[list[Button]]:
    return [
        [
            Button("broadcasts.button.correct", CorrectAnnouncement(broadcast.id)),
            Button("broadcasts.button.unschedule", TakeBackSchedule(broadcast.id)),
        ],
        [new_button()],
    ]


def show_report(turn: Turn, broadcast: Broadcast) -> None:
    if broadcast.status == BroadcastStatus.WITHDRAWN:
        return tell_withdrawn(turn, broadcast)
    if broadcast.under_way:
        turn.keeps_tapped = True  # the progress is told in its own message
    words = broadcasts.words_of(turn.db, broadcast)
    said = broadcasts.told(broadcast, broadcasts.tally(turn.db, broadcast), words, by=written_by(turn, broadcast))
    turn.show(said.key, said.values, buttons=said.buttons)


def tell_withdrawn(turn: Turn, broadcast: Broadcast) -> None:
    """Says that it was withdrawn, and how far that has come."""
    withdrawal = broadcasts.withdrawal_of(turn.db, broadcast)
    if withdrawal is not None and withdrawal.recipients:
        show_report(turn, withdrawal)
    else:
        turn.show("broadcasts.was_withdrawn", number=broadcast.id, buttons=[[new_button()]])


def find(turn: Turn, broadcast_id: int | None, *, to_look: bool = False) -> Broadcast | None:
    """Returns an announcement that the account may handle: its own, and those that trainers of its sites have sent or
    scheduled. With `to_look`, also those of an admin to people of one of its sites. Refuses all others."""
    found = broadcasts.find(turn.db, broadcast_id)
    if found is None or turn.admin or found.account_id == turn.account.id:
        return found
    seen = to_look and found.site_id in turn.staff_sites
    shared = found.corrects_id is None and (seen or broadcasts.of_colleague(turn.db, found, turn.staff_sites))
    if found.status == BroadcastStatus.DRAFT or not shared:
        turn.must_be_admin()
    return found


def announced(turn: Turn, broadcast_id: int, *, to_look: bool = False) -> Broadcast | None:
    """Returns the announcement of the button; if there is none, says so and returns None."""
    turn.must_be_staff()
    broadcast = find(turn, broadcast_id, to_look=to_look)
    if broadcast is None or broadcast.status == BroadcastStatus.DRAFT:
        turn.show("broadcasts.unknown", buttons=[[new_button()]])
        return None
    return broadcast


def must_reach(turn: Turn, broadcast: Broadcast) -> None:
    """Refuses an author who may not write to this audience: a right may have been taken away since it was drafted."""
    for group in broadcast.groups:
        if broadcasts.AUDIENCES[group.kind].of_admins:
            turn.must_be_admin()
        site = broadcasts.site_of(turn.db, group)
        if site is not None:
            turn.must_lead(site)
    if broadcast.sites is None:
        turn.must_be_admin()
    elif not turn.admin and not broadcast.sites <= turn.staff_sites:
        turn.must_lead(None)


def written_by(turn: Turn, broadcast: Broadcast) -> Words | None:
    """Returns who wrote the announcement, for everybody else."""
    if broadcast.account_id == turn.account.id:
        return None
    author = staff.account_of(turn.db, broadcast.account_id) if broadcast.account_id is not None else None
    name = author.staff_name if author is not None else None
    return Words("broadcasts.by", {"staff": name or Words("broadcasts.somebody")})


def tell_author(turn: Turn, broadcast: Broadcast, key: str) -> None:
    """Tells who wrote the announcement what a colleague did to it."""
    if broadcast.account_id in (None, turn.account.id):
        return
    author = staff.account_of(turn.db, broadcast.account_id or 0)
    said = broadcasts.message_of(turn.db, broadcast)
    if author is None:
        return
    values: dict[str, Value] = {
        "number": broadcast.id,
        "staff": turn.account.staff_name or Words("broadcasts.somebody"),
        "quote": broadcasts.quote(said) if said is not None else Words("broadcasts.quote.gone"),
    }
    turn.tell(author, Message(key, values, rows([report_button(broadcast)], [HELP])))


def done_with(turn: Turn, broadcast: Broadcast) -> None:
    """Ends the conversation about this draft; one about another draft goes on."""
    if turn.account.conversation == BROADCASTS and turn.draft.get("broadcast") == broadcast.id:
        turn.leave(BROADCASTS)


def draft_of(turn: Turn, broadcast_id: int) -> Broadcast | None:
    """Returns the draft of the button; if it is no longer a draft, says so and returns None."""
    turn.must_be_staff()
    broadcast = find(turn, broadcast_id)
    if broadcast is None:
        tell_gone(turn)
        return None
    if broadcast.status != BroadcastStatus.DRAFT:
        tell_standing(turn, broadcast)
        return None
    return broadcast


def note(turn: Turn, action: str, broadcast: Broadcast, **details: Value) -> None:
    sites = {site for group in broadcast.groups if (site := broadcasts.site_of(turn.db, group))}
    site = next(iter(sites)) if len(sites) == 1 else None
    groups = [f"{group.kind}:{group.subject}" for group in broadcast.groups]
    turn.note(action, f"broadcast:{broadcast.id}", site_id=site, groups=groups, urgent=broadcast.urgent, **details)


def audience_words(turn: Turn, groups: Sequence[Group]) -> Lines:
    return Lines(tuple(group_words(turn, group) for group in groups))


def group_words(turn: Turn, group: Group) -> Words:
    match broadcasts.AUDIENCES[group.kind].about:
        case About.SITE:
            site = turn.content.site(group.subject)
            return Words("broadcasts.to.site", {"site": site.name if site else group.subject})
        case About.CLASS:
            session = sessions.get(turn.db, int(group.subject))
            if session is not None:
                starts = At(session.starts_at, turn.zone(session.site_id))
                return Words(f"broadcasts.to.{group.kind}", {"title": session.title, "starts": starts})
        case About.MODULE:
            modules = turn.content.modules
            title = next((module.title for module in modules if module.id == group.subject), group.subject)
            return Words("broadcasts.to.unfinished", {"module": title})
        case _:
            pass
    return Words(f"broadcasts.to.{group.kind}")


def moment_of(broadcast: Broadcast) -> At:
    return At(broadcast.due_at or broadcast.created_at, broadcast.zone)


def to_preview(broadcast: Broadcast) -> list[Button]:
    return [back(SeePreview(broadcast.id)), cancel_button(broadcast)]


def report_button(broadcast: Broadcast) -> Button:
    return Button("broadcasts.button.look", SeeSendingReport(broadcast.id))


def cancel_button(broadcast: Broadcast | None = None) -> Button:
    return Button("button.cancel", BreakOffAnnouncement(broadcast.id if broadcast is not None else 0))


def new_button() -> Button:
    return Button("broadcasts.button.new", BeginAnnouncement())
