"""Announcements: a trainer picks who hears it, sends what is to be said, sees it as it will arrive, and sends it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from telegram import Message as TelegramMessage
from telegram import MessageEntity
from telegram.ext import filters

from bot.capability import Capability, Command, Handlers
from bot.class_import import time_words
from bot.programme import broadcasts, registration, sessions
from bot.programme.broadcasts import About, Broadcast, BroadcastStatus, Group
from bot.telegram.html import EntityError, parse_html
from bot.turns.pages import page_of
from bot.turns.router import Conversation, command, sent, tap, typed
from bot.turns.turn import HELP, MENU, State, Turn, enter, leave
from bot.words.message import At, Button, File, Form, Lines, Message, Place, Value, Words
from bot.words.texts import escaped

BROADCASTS: Final = "broadcasts"
CONTENT: Final = "content"
PREVIEW: Final = "preview"
WHEN: Final = "when"
REASON: Final = "reason"

PAGE: Final = 5
"""Classes, sites or modules on one screen."""
SHOWN: Final = 6
"""Announcements in the list of those that were sent."""
FORMATTING: Final = frozenset(
    {
        MessageEntity.BOLD,
        MessageEntity.ITALIC,
        MessageEntity.UNDERLINE,
        MessageEntity.STRIKETHROUGH,
        MessageEntity.SPOILER,
        MessageEntity.CODE,
        MessageEntity.PRE,
        MessageEntity.BLOCKQUOTE,
        MessageEntity.EXPANDABLE_BLOCKQUOTE,
        MessageEntity.TEXT_LINK,
    }
)
"""What is kept of a message's markup. Not links to people, nor the emoji that only some may use."""


def handlers() -> Handlers:
    content = [sent(filters.ALL & ~filters.COMMAND, content_sent)]
    conversation = Conversation(
        BROADCASTS,
        entry_points=[
            tap("broadcasts:to", audience_picked),
            tap("broadcasts:correct", correction_asked_for),
            tap("broadcasts:more", more_asked_for),
            tap("broadcasts:when", schedule_asked_for),
            tap("broadcasts:urgent", urgency_asked_for),
            tap("broadcasts:preview", preview_asked_for),
        ],
        states={CONTENT: content, PREVIEW: content, WHEN: [typed(moment_written)], REASON: [typed(reason_written)]},
        fallbacks=[tap("broadcasts:cancel", broken_off), command("batal", broken_off)],
        resume=question_asked_again,
    )
    return [
        conversation,
        command("pengumuman", announcement_begun),
        tap("broadcasts:begin", announcement_begun),
        tap("broadcasts:pick", audience_looked_for),
        tap("broadcasts:send", sending_confirmed),
        tap("broadcasts:scheduled", schedule_confirmed),
        tap("broadcasts:cancel", broken_off),
        tap("broadcasts:unschedule", schedule_taken_back),
        tap("broadcasts:stop", stop_asked_for),
        tap("broadcasts:again", resending_asked_for),
        tap("broadcasts:list", old_ones_asked_for),
        tap("broadcasts:report", report_asked_for),
        tap("broadcasts:menu", way_taken_to_menu),
        tap("broadcasts:help", way_taken_to_help),
    ]


CAPABILITY: Final = Capability(
    "broadcasts",
    handlers,
    commands=(Command("pengumuman", "trainer", place=30),),
    data=broadcasts.DATA,
)


# --- who hears it ---------------------------------------------------------------------------------------------------


def announcement_begun(turn: Turn) -> State:
    turn.must_be_staff()
    leave(turn.account, BROADCASTS)
    old = [Button("broadcasts.button.old", "broadcasts:list")]
    turn.show("broadcasts.audience", buttons=[*_audiences(turn), old])
    return None


def _audiences(turn: Turn) -> list[list[Button]]:
    buttons = []
    for audience in broadcasts.offered(turn.content, admin=turn.admin):
        if audience.kind == "mine" and turn.admin:
            continue  # all sites are theirs: that is everyone
        if audience.kind == "site" and len(turn.staff_sites) == 1:
            continue
        step = "to" if audience.about is About.NOTHING else "pick"
        label = f"broadcasts.button.to.{audience.kind}"
        if step == "to":
            buttons.append(Button(label, f"broadcasts:to:{audience.kind}"))
        else:
            buttons.append(Button(label, f"broadcasts:pick:{audience.kind}"))
    return [buttons[at : at + 2] for at in range(0, len(buttons), 2)]


def audience_looked_for(turn: Turn) -> State:
    """broadcasts:pick:<kind>[.<page>][:<site>]: of which site, class or module?"""
    turn.must_be_staff()
    step, _, rest = turn.choice.partition(":")
    kind, _, number = step.partition(".")
    page = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0
    audience = broadcasts.AUDIENCES.get(kind)
    if audience is None or audience.about is About.NOTHING or not audience.can_be_offered(turn.content):
        return _begin_anew(turn)
    match audience.about:
        case About.MODULE:
            _show_modules(turn, kind, page)
        case About.SITE:
            _show_sites(turn, kind, "to", page)
        case _ if not rest and len(turn.staff_sites) > 1:
            _show_sites(turn, kind, "pick", page)
        case _:
            site = rest or next(iter(turn.staff_sites))
            turn.must_lead(site)
            _show_classes(turn, kind, site, page)
    return None


def _begin_anew(turn: Turn) -> State:
    return turn.follow("broadcasts:begin")


def _back(turn: Turn) -> list[Button]:
    adding = turn.draft.get("adding") if turn.account.conversation == BROADCASTS else None
    if adding is not None:
        return [Button("button.back", f"broadcasts:preview:{adding}")]
    return [Button("button.back", "broadcasts:begin")]


def _show_sites(turn: Turn, kind: str, step: str, number: int) -> None:
    page = page_of([one for one in turn.content.sites if one.id in turn.staff_sites and one.active], number, PAGE)
    buttons = [
        [
            Button("enrolment.button.site", f"broadcasts:to:{kind}:{site.id}", {"site": site.name})
            if step == "to"
            else Button("enrolment.button.site", f"broadcasts:pick:{kind}:{site.id}", {"site": site.name})
        ]
        for site in page.items
    ]
    turn.show("broadcasts.which_site", buttons=[*buttons, *_more(page.after, kind), _back(turn)])


def _show_classes(turn: Turn, kind: str, site: str, number: int) -> None:
    page = page_of(broadcasts.classes_to_write_to(turn.db, site, turn.now), number, PAGE)
    if not page.items:
        turn.show("broadcasts.no_classes", buttons=[_back(turn)])
        return
    buttons = [
        [
            Button(
                "enrolment.button.class",
                f"broadcasts:to:{kind}:{session.id}",
                {"title": session.title, "starts": At(session.starts_at, _zone(turn, session.site_id))},
            )
        ]
        for session in page.items
    ]
    turn.show("broadcasts.which_class", buttons=[*buttons, *_more(page.after, kind, site), _back(turn)])


def _show_modules(turn: Turn, kind: str, number: int) -> None:
    page = page_of(turn.content.modules, number, PAGE)
    buttons = [
        [Button("broadcasts.button.module", f"broadcasts:to:{kind}:{module.id}", {"module": module.title})]
        for module in page.items
    ]
    turn.show("broadcasts.which_module", buttons=[*buttons, *_more(page.after, kind), _back(turn)])


def _more(after: int | None, kind: str, site: str = "") -> list[list[Button]]:
    if not after:
        return []
    step = f"{kind}.{after}"
    if site:
        return [[Button("enrolment.button.more", f"broadcasts:pick:{step}:{site}")]]
    return [[Button("enrolment.button.more", f"broadcasts:pick:{step}")]]


def _picked(turn: Turn) -> Group | None:
    """broadcasts:to:<kind>[:<subject>]; None for a forged or stale one. Who may not write to them is refused."""
    kind, _, subject = turn.choice.partition(":")
    audience = broadcasts.AUDIENCES.get(kind)
    if audience is None or not audience.can_be_offered(turn.content):
        return None
    if audience.of_admins:
        turn.must_be_admin()
    match audience.about:
        case About.NOTHING:
            return Group(kind)
        case About.SITE:
            turn.must_lead(subject)
            return Group(kind, subject) if turn.content.site(subject) else None
        case About.CLASS:
            session = sessions.get(turn.db, turn.number(1) or 0)
            if session is None:
                return None
            turn.must_lead(session.site_id)
            return Group(kind, str(session.id))
        case _:
            modules = turn.content.modules
            return Group(kind, subject) if any(module.id == subject for module in modules) else None


def audience_picked(turn: Turn) -> State:
    turn.must_be_staff()
    group = _picked(turn)
    if group is None:
        _begin_anew(turn)
        return None
    mine = turn.account.conversation == BROADCASTS
    adding = _found(turn, turn.draft.get("adding")) if mine else None
    if adding is not None and adding.status == BroadcastStatus.DRAFT:
        turn.asked = True
        broadcasts.add_group(turn.db, adding, group)
        turn.keep(adding=None)
        return _preview(turn, adding)
    enter(turn.account, BROADCASTS, CONTENT)
    turn.account.draft = {"groups": [[group.kind, group.subject]]}
    return _ask_content(turn)


def more_asked_for(turn: Turn) -> State:
    """broadcasts:more:<id>: this draft goes to others, too."""
    broadcast = _draft(turn)
    if broadcast is None:
        return None
    enter(turn.account, BROADCASTS, PREVIEW)
    turn.keep(adding=broadcast.id, broadcast=broadcast.id)
    turn.show("broadcasts.audience_more", buttons=[*_audiences(turn), _back(turn)])
    return PREVIEW


# --- what is said ---------------------------------------------------------------------------------------------------


def _ask_content(turn: Turn) -> State:
    turn.asked = True
    groups = [Group(kind, subject) for kind, subject in turn.draft.get("groups", ())]
    change = Button("broadcasts.button.others", "broadcasts:begin")
    turn.show("broadcasts.content", audience=_named(turn, groups), buttons=[[change, _cancel()]])
    return CONTENT


def correction_asked_for(turn: Turn) -> State:
    """broadcasts:correct:<id>"""
    broadcast = _announced(turn)
    if broadcast is None:
        return None
    turn.keeps_tapped = True  # it tells how far the announcement has come
    if broadcasts.message_of(turn.db, broadcast) is None:
        turn.show("broadcasts.too_old", buttons=[[_new()]])
        return None
    enter(turn.account, BROADCASTS, CONTENT)
    turn.account.draft = {"corrects": broadcast.id}
    return _ask_correction(turn)


def _ask_correction(turn: Turn) -> State:
    turn.asked = True
    turn.show("broadcasts.correct", buttons=[[_cancel()]])
    return CONTENT


def content_sent(turn: Turn) -> State:
    turn.must_be_staff()
    turn.asked = True
    received = turn.update.message
    if received is None:
        return None
    album = received.media_group_id
    if album is not None and turn.draft.get("album") == album:
        if not turn.draft.get("album_told"):
            turn.keep(album_told=True)
            turn.say("broadcasts.one_of_album", buttons=[[_cancel()]])
        return None
    original = _found(turn, turn.draft.get("corrects"))
    message = _read(received)
    if message is None:
        turn.say("broadcasts.cannot_be_sent", buttons=[[_cancel()]])
        return None
    plain = received.text or received.caption or ""
    if original is not None:
        before = broadcasts.message_of(turn.db, original)
        message = broadcasts.merged(before, message) if before else message
    if broadcasts.too_long(message, plain, correcting=original is not None):
        turn.say("broadcasts.too_long", n=len(plain), buttons=[[_cancel()]])
        return None
    previous = _found(turn, turn.draft.get("broadcast"))
    groups = previous.groups if previous else [Group(kind, subject) for kind, subject in turn.draft.get("groups", ())]
    if original is not None:
        groups = original.groups
    broadcast = broadcasts.draft(
        turn.db,
        turn.account,
        groups,
        None if turn.admin else turn.staff_sites,
        broadcasts.as_announced(message),
        turn.now,
        zone=_zone_for(turn, groups),
        corrects=original,
    )
    turn.keep(broadcast=broadcast.id, album=album, album_told=False, adding=None)
    return _preview(turn, broadcast)


def _read(received: TelegramMessage) -> Message | None:
    """What somebody sent, ready to be sent on; None for what cannot be."""
    if received.venue is not None:
        place = received.venue.location
        return Message(
            form=Form.VENUE,
            place=Place(place.latitude, place.longitude, received.venue.title, received.venue.address),
        )
    if received.location is not None:
        return Message(form=Form.LOCATION, place=Place(received.location.latitude, received.location.longitude))
    html = _marked_up(received)
    if received.photo:
        return Message(form=Form.PHOTO, html=html, file=File("photo", "image/jpeg", id=received.photo[-1].file_id))
    if received.video is not None:
        return Message(form=Form.VIDEO, html=html, file=File("video", "video/mp4", id=received.video.file_id))
    if received.voice is not None:
        return Message(form=Form.VOICE, html=html, file=File("voice", "audio/ogg", id=received.voice.file_id))
    if received.document is not None and received.animation is None:
        document = File("document", "application/octet-stream", id=received.document.file_id)
        return Message(form=Form.DOCUMENT, html=html, file=document)
    return Message(html=html) if received.text else None


def _marked_up(received: TelegramMessage) -> str:
    """The words as Telegram's HTML, with the markup we keep. What would be refused is said without markup."""
    text = received.text or received.caption or ""
    kept = [
        # PTB puts an address into the HTML as it is
        MessageEntity(entity.type, entity.offset, entity.length, url=escaped(entity.url) if entity.url else None)
        for entity in (*received.entities, *received.caption_entities)
        if entity.type in FORMATTING
        and (entity.type != MessageEntity.TEXT_LINK or (entity.url or "").startswith(("http://", "https://")))
    ]
    try:
        html = TelegramMessage(0, received.date, received.chat, text=text, entities=kept).text_html
        as_shown = parse_html(html)[0]
    except (EntityError, UnicodeError):
        return escaped(text)
    return html if as_shown == text else escaped(text)


# --- seeing it before it goes ---------------------------------------------------------------------------------------


def preview_asked_for(turn: Turn) -> State:
    broadcast = _draft(turn)
    if broadcast is None:
        return None
    enter(turn.account, BROADCASTS, PREVIEW)
    turn.keep(broadcast=broadcast.id, adding=None)
    return _preview(turn, broadcast)


def _preview(turn: Turn, broadcast: Broadcast) -> State:
    """The announcement as it will arrive, and below it what would happen now."""
    turn.asked = True
    message = broadcasts.message_of(turn.db, broadcast)
    if message is not None:
        turn.send(message)
    if broadcast.corrects_id is not None:
        return _preview_correction(turn, broadcast, message)
    reach = broadcasts.reach(turn.db, broadcast, turn.content)
    others = Button("broadcasts.button.others", "broadcasts:begin")
    more = Button("broadcasts.button.more", f"broadcasts:more:{broadcast.id}")
    if not reach.people:
        turn.say("broadcasts.nobody", audience=_named(turn, broadcast.groups), buttons=[[others, more], [_cancel()]])
        return PREVIEW
    buttons = [
        [Button("broadcasts.button.send", f"broadcasts:send:{broadcast.id}")],
        [Button("broadcasts.button.when", f"broadcasts:when:{broadcast.id}"), more],
    ]
    if turn.admin and not broadcast.urgent:
        buttons.append([Button("broadcasts.button.urgent", f"broadcasts:urgent:{broadcast.id}")])
    facts: dict[str, Value] = {
        "audience": _named(turn, broadcast.groups),
        "n": reach.people,
        "notes": _notes(turn, broadcast, reach, turn.now),
    }
    held = None if broadcast.urgent else broadcasts.held(reach, turn.now, turn.content)
    if held is not None and held.people == reach.people:
        turn.say("broadcasts.preview_held", facts, buttons=[*buttons, [_cancel()]])
    else:
        turn.say("broadcasts.preview", facts, time=_time_for(turn, reach.people), buttons=[*buttons, [_cancel()]])
    return PREVIEW


def _preview_correction(turn: Turn, broadcast: Broadcast, message: Message | None) -> State:
    original = _found(turn, broadcast.corrects_id)
    if original is None or message is None:
        turn.say("broadcasts.too_old", buttons=[[_new()]])
        return PREVIEW
    edits, notices = broadcasts.correction_reach(turn.db, original, message)
    buttons = [[Button("broadcasts.button.correct_now", f"broadcasts:send:{broadcast.id}")], [_cancel()]]
    if edits or notices:
        turn.say("broadcasts.correction_preview", edits=edits, notices=notices, buttons=buttons)
    else:
        turn.say("broadcasts.correction_preview_waiting", buttons=buttons)
    return PREVIEW


def _time_for(turn: Turn, people: int) -> Words:
    seconds = broadcasts.seconds_for(people, turn.settings.send_rate)
    if seconds < 60:
        return Words("broadcasts.seconds", {"n": seconds})
    return Words("broadcasts.minutes", {"minutes": -(-seconds // 60)})


def _notes(turn: Turn, broadcast: Broadcast, reach: broadcasts.Reach, moment: datetime) -> Lines:
    """What else there is to know before it goes."""
    notes = []
    if broadcast.urgent:
        notes.append(Words("broadcasts.note.urgent"))
    elif (held := broadcasts.held(reach, moment, turn.content)) is not None:
        notes.append(Words("broadcasts.note.held", {"n": held.people, "opening": At(held.opening, broadcast.zone)}))
    if reach.beyond > 0:
        notes.append(Words("broadcasts.note.beyond", {"n": reach.beyond}))
    return Lines(tuple(notes))


def question_asked_again(turn: Turn) -> None:
    broadcast = _found(turn, turn.draft.get("broadcast"))
    match turn.account.state:
        case "content" if turn.draft.get("corrects"):
            _ask_correction(turn)
        case "content":
            _ask_content(turn)
        case _ if broadcast is None or broadcast.status != BroadcastStatus.DRAFT:
            leave(turn.account, BROADCASTS)
            _begin_anew(turn)
        case "when":
            _ask_when(turn, broadcast)
        case "reason":
            _ask_reason(turn, broadcast)
        case _:
            _preview(turn, broadcast)


# --- sending --------------------------------------------------------------------------------------------------------


def sending_confirmed(turn: Turn) -> State:
    """broadcasts:send:<id>. Tapped twice it is sent once."""
    turn.must_be_staff()
    broadcast = _found(turn, turn.number())
    if broadcast is None:
        turn.show("broadcasts.unknown", buttons=[[_new()]])
        return None
    _must_reach(turn, broadcast)
    match broadcasts.send(turn.db, broadcast, turn.now, content=turn.content):
        case broadcasts.Begun(begun, people):
            leave(turn.account, BROADCASTS)
            action = "broadcast_corrected" if begun.corrects_id is not None else "broadcast_sent"
            _note(turn, action, begun, people=people)
            turn.toast("broadcasts.toast.begun")
            if begun.corrects_id is not None and not people:
                turn.show("broadcasts.corrected_waiting", buttons=[[_new()]])
                return None
            key = "broadcasts.correction_begun" if begun.corrects_id is not None else "broadcasts.begun"
            turn.show(key, n=people, buttons=[[_look(begun)]])
        case broadcasts.Replaced(original):
            leave(turn.account, BROADCASTS)
            _note(turn, "broadcast_corrected", original)
            turn.show("broadcasts.replaced", when=_due(original), buttons=[[_look(original)]])
        case broadcasts.Nobody():
            others = Button("broadcasts.button.others", "broadcasts:begin")
            turn.show("broadcasts.nobody", audience=_named(turn, broadcast.groups), buttons=[[others, _cancel()]])
        case broadcasts.TooOld():
            leave(turn.account, BROADCASTS)
            turn.show("broadcasts.too_old", buttons=[[_new()]])
        case broadcasts.AlreadySent(already):
            _tell_standing(turn, already)
    return None


def _tell_standing(turn: Turn, broadcast: Broadcast) -> None:
    """An old button: the announcement is no draft any more."""
    if broadcast.status == BroadcastStatus.DISCARDED:
        turn.show("broadcasts.was_called_off", buttons=[[_new()]])
    elif broadcast.status == BroadcastStatus.SCHEDULED:
        turn.show("broadcasts.scheduled", _schedule_card(turn, broadcast), buttons=_schedule_buttons(broadcast))
    else:
        turn.toast("broadcasts.toast.already")
        _show_report(turn, broadcast)


def _must_reach(turn: Turn, broadcast: Broadcast) -> None:
    """A right may have been taken away since it was drafted."""
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


def _draft_asked_about(turn: Turn) -> Broadcast | None:
    """The draft whose question was answered in writing; None, and said, if it is a draft no longer."""
    turn.asked = True
    broadcast = _found(turn, turn.draft.get("broadcast"))
    if broadcast is None or broadcast.status != BroadcastStatus.DRAFT:
        leave(turn.account, BROADCASTS)
        turn.say("broadcasts.unknown", buttons=[[_new()]])
        return None
    return broadcast


# --- later ----------------------------------------------------------------------------------------------------------


def schedule_asked_for(turn: Turn) -> State:
    """broadcasts:when:<id>"""
    broadcast = _draft(turn)
    if broadcast is None:
        return None
    enter(turn.account, BROADCASTS, WHEN)
    turn.keep(broadcast=broadcast.id)
    return _ask_when(turn, broadcast)


def _ask_when(turn: Turn, broadcast: Broadcast) -> State:
    turn.asked = True
    turn.show("broadcasts.when", buttons=[_to_preview(broadcast)])
    return WHEN


def moment_written(turn: Turn) -> State:
    turn.must_be_staff()
    broadcast = _draft_asked_about(turn)
    if broadcast is None:
        return None
    moment = time_words.read_moment(turn.text, now=turn.now, zone=broadcast.zone)
    if moment is None:
        turn.say("broadcasts.when_unread", buttons=[_to_preview(broadcast)])
        return None
    if moment <= turn.now:
        turn.say("broadcasts.when_past", when=At(moment, broadcast.zone), buttons=[_to_preview(broadcast)])
        return None
    minute = int(moment.timestamp() // 60)
    reach = broadcasts.reach(turn.db, broadcast, turn.content)
    confirm = Button("broadcasts.button.schedule", f"broadcasts:scheduled:{broadcast.id}:{minute}")
    other = Button("broadcasts.button.other_time", f"broadcasts:when:{broadcast.id}")
    turn.say(
        "broadcasts.when_read",
        when=At(moment, broadcast.zone),
        n=reach.people,
        notes=_notes(turn, broadcast, reach, moment),
        buttons=[[confirm, other], _to_preview(broadcast)],
    )
    return None


def schedule_confirmed(turn: Turn) -> State:
    """broadcasts:scheduled:<id>:<minutes since 1970>"""
    turn.must_be_staff()
    broadcast, minute = _found(turn, turn.number()), turn.number(1)
    if broadcast is None or minute is None or minute > 10**9:
        turn.show("broadcasts.unknown", buttons=[[_new()]])
        return None
    _must_reach(turn, broadcast)
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    match broadcasts.schedule(turn.db, broadcast, moment, turn.now):
        case broadcasts.Scheduled(scheduled):
            leave(turn.account, BROADCASTS)
            _note(turn, "broadcast_scheduled", scheduled, due=moment.isoformat())
            turn.toast("broadcasts.toast.scheduled")
            turn.show("broadcasts.scheduled", _schedule_card(turn, scheduled), buttons=_schedule_buttons(scheduled))
        case broadcasts.Past():
            turn.show("broadcasts.when_past", when=At(moment, broadcast.zone), buttons=[_to_preview(broadcast)])
        case broadcasts.AlreadySent(already):
            _tell_standing(turn, already)
    return None


def schedule_taken_back(turn: Turn) -> State:
    """broadcasts:unschedule:<id>"""
    broadcast = _announced(turn)
    if broadcast is None:
        return None
    if broadcast.status != BroadcastStatus.DISCARDED and not broadcasts.call_off(turn.db, broadcast):
        turn.toast("broadcasts.toast.already")
        _show_report(turn, broadcast)
        return None
    _note(turn, "broadcast_called_off", broadcast)
    turn.show("broadcasts.was_called_off", buttons=[[_new()]])
    return None


def _schedule_card(turn: Turn, broadcast: Broadcast) -> dict[str, Value]:
    return {"audience": _named(turn, broadcast.groups), "when": _due(broadcast)}


def _schedule_buttons(broadcast: Broadcast) -> list[list[Button]]:
    return [
        [
            Button("broadcasts.button.correct", f"broadcasts:correct:{broadcast.id}"),
            Button("broadcasts.button.unschedule", f"broadcasts:unschedule:{broadcast.id}"),
        ],
        [_new()],
    ]


# --- urgent ---------------------------------------------------------------------------------------------------------


def urgency_asked_for(turn: Turn) -> State:
    """broadcasts:urgent:<id>: not to wait for open hours. An admin's decision, with a reason."""
    turn.must_be_admin()
    broadcast = _draft(turn)
    if broadcast is None:
        return None
    enter(turn.account, BROADCASTS, REASON)
    turn.keep(broadcast=broadcast.id)
    return _ask_reason(turn, broadcast)


def _ask_reason(turn: Turn, broadcast: Broadcast) -> State:
    turn.asked = True
    turn.show("broadcasts.reason", buttons=[_to_preview(broadcast)])
    return REASON


def reason_written(turn: Turn) -> State:
    turn.must_be_admin()
    broadcast = _draft_asked_about(turn)
    if broadcast is None:
        return None
    reason = registration.cleaned(turn.text)
    if len(reason) < 5:
        turn.say("broadcasts.reason_short", buttons=[_to_preview(broadcast)])
        return None
    broadcasts.mark_urgent(turn.db, broadcast, reason)
    _note(turn, "broadcast_urgent", broadcast)
    return _preview(turn, broadcast)


# --- while it goes out, and after -----------------------------------------------------------------------------------


def stop_asked_for(turn: Turn) -> State:
    """broadcasts:stop:<id>. The progress message tells what was still sent."""
    broadcast = _announced(turn)
    if broadcast is None:
        return None
    match broadcasts.stop(turn.db, broadcast, turn.now):
        case broadcasts.Stopped(stopped, dropped):
            _note(turn, "broadcast_stopped", stopped, dropped=dropped)
            turn.toast("broadcasts.toast.stopped")
        case broadcasts.Over(over):
            turn.toast("broadcasts.toast.over")
            _show_report(turn, over)
    return None


def resending_asked_for(turn: Turn) -> State:
    """broadcasts:again:<id>: to those of whom nobody knows whether they got it."""
    broadcast = _announced(turn)
    if broadcast is None:
        return None
    _must_reach(turn, broadcast)
    match broadcasts.resend(turn.db, broadcast, turn.now):
        case broadcasts.Begun(begun, people):
            _note(turn, "broadcast_resent", begun, people=people)
            turn.toast("broadcasts.toast.begun")
        case broadcasts.Nobody():
            turn.toast("broadcasts.toast.none_unknown")
            _show_report(turn, broadcast)
        case broadcasts.TooOld():
            turn.show("broadcasts.too_old", buttons=[[_new()]])
    return None


def old_ones_asked_for(turn: Turn) -> State:
    turn.must_be_staff()
    found = broadcasts.latest(turn.db, turn.account, admin=turn.admin, limit=SHOWN)
    if not found:
        turn.show("broadcasts.none_yet", buttons=[[_new()]])
        return None
    lines = Lines(tuple(_line(turn, one) for one in found))
    buttons = [Button("broadcasts.button.number", f"broadcasts:report:{one.id}", {"number": one.id}) for one in found]
    turn.show("broadcasts.list", broadcasts=lines, buttons=[buttons[:3], buttons[3:], [_new()]])
    return None


def report_asked_for(turn: Turn) -> State:
    """broadcasts:report:<id>"""
    broadcast = _announced(turn)
    if broadcast is None:
        return None
    if broadcast.status in (BroadcastStatus.SCHEDULED, BroadcastStatus.DISCARDED):
        _tell_standing(turn, broadcast)
    else:
        _show_report(turn, broadcast)
    return None


def _show_report(turn: Turn, broadcast: Broadcast) -> None:
    if broadcast.under_way:
        turn.keeps_tapped = True  # the progress is told in its own message
    said = broadcasts.told(broadcast, broadcasts.tally(turn.db, broadcast))
    turn.show(said.key, said.values, buttons=said.buttons)


def way_taken_to_menu(turn: Turn) -> State:
    """Under an announcement: it stays where it is."""
    turn.keeps_tapped = True
    return turn.follow(MENU)


def way_taken_to_help(turn: Turn) -> State:
    turn.keeps_tapped = True
    return turn.follow(HELP)


def broken_off(turn: Turn) -> State:
    turn.must_be_staff()
    broadcast = _found(turn, turn.draft.get("broadcast")) if turn.account.conversation == BROADCASTS else None
    if broadcast is not None and broadcast.status == BroadcastStatus.DRAFT:
        broadcasts.call_off(turn.db, broadcast)
    leave(turn.account, BROADCASTS)
    turn.show("broadcasts.broken_off", buttons=[[_new()]])
    return None


# --- words and buttons ----------------------------------------------------------------------------------------------


def _found(turn: Turn, broadcast_id: int | None) -> Broadcast | None:
    """An announcement of one's own; those of others are for admins."""
    found = broadcasts.find(turn.db, broadcast_id)
    if found is not None and found.account_id != turn.account.id:
        turn.must_be_admin()
    return found


def _announced(turn: Turn) -> Broadcast | None:
    """The announcement the button is about; None, and an answer, when there is no such."""
    turn.must_be_staff()
    broadcast = _found(turn, turn.number())
    if broadcast is None or broadcast.status == BroadcastStatus.DRAFT:
        turn.show("broadcasts.unknown", buttons=[[_new()]])
        return None
    return broadcast


def _draft(turn: Turn) -> Broadcast | None:
    """The draft the button is about; None, and an answer, when it is no draft any more."""
    turn.must_be_staff()
    broadcast = _found(turn, turn.number())
    if broadcast is None:
        turn.show("broadcasts.unknown", buttons=[[_new()]])
        return None
    if broadcast.status != BroadcastStatus.DRAFT:
        _tell_standing(turn, broadcast)
        return None
    return broadcast


def _note(turn: Turn, action: str, broadcast: Broadcast, **details: Value) -> None:
    sites = {site for group in broadcast.groups if (site := broadcasts.site_of(turn.db, group))}
    site = next(iter(sites)) if len(sites) == 1 else None
    groups = [f"{group.kind}:{group.subject}" for group in broadcast.groups]
    turn.note(action, f"broadcast:{broadcast.id}", site_id=site, groups=groups, urgent=broadcast.urgent, **details)


def _named(turn: Turn, groups: Sequence[Group]) -> Lines:
    return Lines(tuple(_group_words(turn, group) for group in groups))


def _group_words(turn: Turn, group: Group) -> Words:
    match broadcasts.AUDIENCES[group.kind].about:
        case About.SITE:
            site = turn.content.site(group.subject)
            return Words("broadcasts.to.site", {"site": site.name if site else group.subject})
        case About.CLASS:
            session = sessions.get(turn.db, int(group.subject))
            if session is not None:
                starts = At(session.starts_at, _zone(turn, session.site_id))
                return Words(f"broadcasts.to.{group.kind}", {"title": session.title, "starts": starts})
        case About.MODULE:
            modules = turn.content.modules
            title = next((module.title for module in modules if module.id == group.subject), group.subject)
            return Words("broadcasts.to.unfinished", {"module": title})
        case _:
            pass
    return Words(f"broadcasts.to.{group.kind}")


def _line(turn: Turn, broadcast: Broadcast) -> Words:
    values: dict[str, Value] = {
        "number": broadcast.id,
        "n": broadcast.recipients,
        "audience": _group_words(turn, broadcast.groups[0]),
    }
    match broadcast.status:
        case BroadcastStatus.SCHEDULED:
            return Words("broadcasts.line.scheduled", {**values, "when": _due(broadcast)})
        case BroadcastStatus.SENDING:
            return Words("broadcasts.line.sending", values)
    return Words(
        "broadcasts.line.sent", {**values, "when": At(broadcast.begun_at or broadcast.created_at, broadcast.zone)}
    )


def _due(broadcast: Broadcast) -> At:
    return At(broadcast.due_at or broadcast.created_at, broadcast.zone)


def _zone(turn: Turn, site_id: str | None) -> str:
    return turn.content.open_hours(site_id).zone


def _zone_for(turn: Turn, groups: Sequence[Group]) -> str:
    """In which moments are read and told: of the site it is about, else of the trainer's own."""
    sites = [site for group in groups if (site := broadcasts.site_of(turn.db, group))]
    if not sites and not turn.admin:
        sites = sorted(turn.staff_sites)
    person = turn.account.person
    return _zone(turn, sites[0] if sites else person.site_id if person else None)


def _to_preview(broadcast: Broadcast) -> list[Button]:
    return [Button("button.back", f"broadcasts:preview:{broadcast.id}"), _cancel()]


def _look(broadcast: Broadcast) -> Button:
    return Button("broadcasts.button.look", f"broadcasts:report:{broadcast.id}")


def _cancel() -> Button:
    return Button("button.cancel", "broadcasts:cancel")


def _new() -> Button:
    return Button("broadcasts.button.new", "broadcasts:begin")
