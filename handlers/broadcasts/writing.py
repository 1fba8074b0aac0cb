"""The content of an announcement: words, a file or a place that the trainer sends, and the same for a correction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from telegram import Message as TelegramMessage
from telegram import MessageEntity

from bot.actions.broadcasts import BeginAnnouncement, CorrectAnnouncement
from bot.programme import broadcasts
from bot.programme.broadcasts import Broadcast, BroadcastStatus, Group
from bot.telegram.html import EntityError, parse_html
from bot.turns.turn import Turn
from bot.words.message import Button, File, Form, Message, Place
from bot.words.texts import escaped
from handlers.broadcasts.announcement import (
    BROADCASTS,
    CONTENT,
    PREVIEW,
    REPLACED,
    announced,
    audience_words,
    cancel_button,
    find,
    must_reach,
    new_button,
    show_preview,
    tell_standing,
)
from handlers.broadcasts.typed_words import typed_instead

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
"""The markup of a message that is kept. Links to people are not, nor emoji that only some may use."""


def ask_content(turn: Turn) -> None:
    turn.ask(BROADCASTS, CONTENT)
    groups = [Group(kind, subject) for kind, subject in turn.draft.get("groups", ())]
    change = Button("broadcasts.button.others", BeginAnnouncement())
    turn.show("broadcasts.content", audience=audience_words(turn, groups), buttons=[[change, cancel_button()]])


def correction_asked_for(turn: Turn, action: CorrectAnnouncement) -> None:
    broadcast = announced(turn, action.broadcast)
    if broadcast is None:
        return
    turn.keeps_tapped = True  # it tells how far the announcement has come
    if broadcast.status in (BroadcastStatus.DISCARDED, BroadcastStatus.WITHDRAWN):
        return tell_standing(turn, broadcast)
    if broadcasts.message_of(turn.db, broadcast) is None:
        turn.show("broadcasts.too_old", buttons=[[new_button()]])
        return
    turn.enter(BROADCASTS, CONTENT, corrects=broadcast.id)
    ask_correction(turn)


def ask_correction(turn: Turn) -> None:
    """Asks for the right words, below those that they replace."""
    turn.ask(BROADCASTS, CONTENT)
    original = find(turn, turn.draft.get("corrects"))
    before = broadcasts.message_of(turn.db, original) if original is not None else None
    if original is None or before is None:
        turn.leave(BROADCASTS)
        turn.show("broadcasts.too_old", buttons=[[new_button()]])
        return
    turn.show(
        "broadcasts.correct",
        number=original.id,
        audience=audience_words(turn, original.groups),
        before=broadcasts.quote(before, REPLACED),
        buttons=[[cancel_button()]],
    )


def content_sent(turn: Turn) -> None:
    turn.must_be_staff()
    received = turn.update.message
    if received is None or typed_instead(turn):
        return
    album = received.media_group_id
    if album is not None and turn.draft.get("album") == album:
        if not turn.draft.get("album_told"):
            turn.keep(album_told=True)
            turn.say("broadcasts.one_of_album", buttons=[[cancel_button()]])
        return
    original = find(turn, turn.draft.get("corrects"))
    previous = find(turn, turn.draft.get("broadcast"))
    if previous is not None and previous.status != BroadcastStatus.DRAFT:
        previous = None  # it was sent meanwhile, from another phone
    groups = previous.groups if previous else [Group(kind, subject) for kind, subject in turn.draft.get("groups", ())]
    if original is not None:
        groups = original.groups
    if not groups:
        turn.leave(BROADCASTS)
        turn.follow(BeginAnnouncement())
        return
    message = _composed(turn, received, groups, original)
    if message is None:
        return
    broadcast = previous
    if broadcast is not None:
        broadcasts.rewrite(turn.db, broadcast, message, turn.now, content=turn.content, source=received.message_id)
    else:
        broadcast = _begun(turn, groups, message, original, received.message_id)
    turn.keep(broadcast=broadcast.id, album=album, album_told=False, adding=None)
    show_preview(turn, broadcast, instead=previous is not None)


def _begun(turn: Turn, groups: Sequence[Group], message: Message, original: Broadcast | None, source: int) -> Broadcast:
    """Stores a new draft: an announcement, or the correction of `original`."""
    sites = original.sites if original is not None else turn.staff_sites
    return broadcasts.draft(
        turn.db,
        turn.account,
        groups,
        None if turn.admin else sites,
        message,
        turn.now,
        zone=_zone_for(turn, groups),
        content=turn.content,
        corrects=original,
        source=source,
    )


def _composed(
    turn: Turn, received: TelegramMessage, groups: Sequence[Group], original: Broadcast | None
) -> Message | None:
    """Returns what an announcement to these groups will say. Of what cannot be said, tells why, and returns None."""
    message = _read(received)
    if message is None:
        turn.say("broadcasts.cannot_be_sent", buttons=[[cancel_button()]])
        return None
    plain = received.text or received.caption or ""
    if original is not None:
        before = broadcasts.message_of(turn.db, original)
        message = broadcasts.merged(before, message) if before else message
    above = _letters_above(turn, groups, message)
    if broadcasts.too_long(message, plain, above=above):
        most = broadcasts.room(message, above=above)
        turn.say("broadcasts.too_long", n=broadcasts.length(plain), most=most, buttons=[[cancel_button()]])
        return None
    return broadcasts.as_announced(message)


def _letters_above(turn: Turn, groups: Sequence[Group], message: Message) -> int:
    """Returns how many characters the lines above the words have, in the language that needs most."""
    sites = None if turn.admin else turn.staff_sites
    headed = broadcasts.with_head(turn.db, turn.account, groups, sites, message, turn.content)
    texts = turn.context.texts
    if texts is None or not headed.key:
        return 0
    lines = (texts.words(headed.key, headed.values, language, html=False) for language in texts.languages)
    return max(broadcasts.length(line) for line in lines) + 2


# --- one's own message, edited in Telegram ----------------------------------------------------------------------------


def is_of_announcement(turn: Turn) -> bool:
    """Whether the edited message says the words of an announcement of this account. A place that moves does not."""
    edited = turn.update.edited_message
    if edited is None or edited.location is not None or not turn.staff:
        return False
    return broadcasts.said_in(turn.db, turn.account, edited.message_id) is not None


def words_edited(turn: Turn) -> None:
    """Takes over the new words of a message that was edited: into a draft at once; of what was sent or scheduled, a
    correction is shown, to be confirmed."""
    turn.must_be_staff()
    edited = turn.update.edited_message
    said = broadcasts.said_in(turn.db, turn.account, edited.message_id) if edited is not None else None
    if edited is None or said is None:
        return
    original = find(turn, said.corrects_id)
    if said.status != BroadcastStatus.DRAFT:
        original = original or find(turn, said.id)
        assert original is not None
        if original.status in (BroadcastStatus.DISCARDED, BroadcastStatus.WITHDRAWN):
            return tell_standing(turn, original)
    message = _composed(turn, edited, said.groups, original)
    if message is None:
        return
    if said.status == BroadcastStatus.DRAFT:
        broadcasts.rewrite(turn.db, said, message, turn.now, content=turn.content)
        draft = said
    else:
        assert original is not None
        must_reach(turn, original)
        if broadcasts.message_of(turn.db, original) is None:
            turn.say("broadcasts.too_old", buttons=[[new_button()]])
            return
        draft = _begun(turn, original.groups, message, original, edited.message_id)
    corrects = original.id if original is not None else None
    turn.enter(BROADCASTS, PREVIEW, broadcast=draft.id, corrects=corrects)
    show_preview(turn, draft, instead=said is draft)


def _read(received: TelegramMessage) -> Message | None:
    """Returns what somebody sent, ready to be sent on; None for what cannot be sent on."""
    if received.venue is not None:
        place = received.venue.location
        return Message(
            form=Form.VENUE,
            place=Place(place.latitude, place.longitude, received.venue.title, received.venue.address),
        )
    if received.location is not None:
        return Message(form=Form.LOCATION, place=Place(received.location.latitude, received.location.longitude))
    html = marked_up(received)
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


def marked_up(received: TelegramMessage) -> str:
    """Returns the words as Telegram's HTML, with the markup we keep. Text that Telegram would refuse loses its
    markup."""
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


def _zone_for(turn: Turn, groups: Sequence[Group]) -> str:
    """Returns the zone in which moments are read and told: that of the site that the announcement is about, else of the
    trainer's own."""
    sites = [site for group in groups if (site := broadcasts.site_of(turn.db, group))]
    if not sites and not turn.admin:
        sites = sorted(turn.staff_sites)
    person = turn.account.person
    return turn.zone(sites[0] if sites else person.site_id if person else None)
