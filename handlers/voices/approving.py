"""The second listener: hears a recording beside its text, and agrees or not."""

from __future__ import annotations

from bot.actions.buttons import back
from bot.actions.voices import (
    ApproveRecording,
    HearWaiting,
    RecordVoice,
    RejectRecording,
    SeeVoices,
    SeeWaitingVoices,
)
from bot.delivery import outbox
from bot.people.people import Account
from bot.people.quiet_hours import Kind
from bot.programme import voices
from bot.programme.voices import Recording
from bot.turns.pages import page_of
from bot.turns.turn import Turn
from bot.words.message import Button, Message, Value, rows
from handlers.voices.parts import place_of, words_of

ON_A_PAGE = 4


def waiting_asked_for(turn: Turn, action: SeeWaitingVoices) -> None:
    turn.must_be_staff()
    waiting = voices.waiting_for(turn.db, turn.account, turn.staff_sites, everywhere=turn.admin)
    if not waiting:
        return turn.show("voices.nothing_waits", buttons=[[back(SeeVoices())]])
    page = page_of(waiting, action.page, ON_A_PAGE)
    buttons = [
        [Button("voices.button.hear", HearWaiting(one.id), {"title": voices.called(one.what, turn.content)})]
        for one in page.items
    ]
    ways = [Button("voices.button.more", SeeWaitingVoices(page.after))] if page.after else []
    turn.show("voices.waiting", n=len(waiting), buttons=[*buttons, [*ways, back(SeeVoices())]])


def hearing_wanted(turn: Turn, action: HearWaiting) -> None:
    """Sends the recording, and then the text with the question."""
    found = _decidable(turn, action.recording)
    if found is None:
        return
    words = words_of(turn, found.what)
    if words is None or voices.edition_of(words) != found.edition:
        return turn.show("voices.changed_meanwhile", buttons=[[back(SeeWaitingVoices())]])
    turn.send(voices.spoken(found, turn.content))
    yes = Button("voices.button.approve", ApproveRecording(found.id))
    no = Button("voices.button.reject", RejectRecording(found.id))
    turn.say("voices.judge", words=words, place=place_of(turn, found), buttons=[[yes, no], [back(SeeWaitingVoices())]])


def approved(turn: Turn, action: ApproveRecording) -> None:
    found = _decidable(turn, action.recording)
    if found is None:
        return
    title: Value = voices.called(found.what, turn.content)
    match voices.approve(turn.db, turn.account, found, turn.now):
        case voices.Approved():
            turn.note("recording_approved", f"recording:{found.id}", site_id=found.site_id, what=found.what)
            _tell(turn, found.account_id, found.site_id, Message("voices.approved", {"title": title}, rows()))
            turn.show(
                "voices.now_heard", title=title, place=place_of(turn, found), buttons=[[back(SeeWaitingVoices())]]
            )
        case voices.NotKeptYet():
            turn.toast("voices.toast.not_kept_yet", alert=True)
        case voices.OwnVoice():
            turn.show("voices.own_voice", buttons=[[back(SeeWaitingVoices())]])
        case voices.Decided():
            turn.show("voices.decided", buttons=[[back(SeeWaitingVoices())]])


def rejected(turn: Turn, action: RejectRecording) -> None:
    found = _decidable(turn, action.recording)
    if found is None:
        return
    title: Value = voices.called(found.what, turn.content)
    what, site, speaker = found.what, found.site_id, found.account_id
    match voices.reject(turn.db, turn.account, found):
        case None:
            turn.note("recording_rejected", f"recording:{action.recording}", site_id=site, what=what)
            again = Button("voices.button.record_again", RecordVoice(what, site or ""))
            _tell(turn, speaker, site, Message("voices.rejected", {"title": title}, rows((again,))))
            turn.show("voices.not_heard", title=title, buttons=[[back(SeeWaitingVoices())]])
        case voices.OwnVoice():
            turn.show("voices.own_voice", buttons=[[back(SeeWaitingVoices())]])
        case voices.Decided():
            turn.show("voices.decided", buttons=[[back(SeeWaitingVoices())]])


def _decidable(turn: Turn, recording: int) -> Recording | None:
    """Returns the recording, if this account decides about its site; tells what became of it otherwise."""
    turn.must_be_staff()
    found = voices.get(turn.db, recording)
    if found is None or found.state == voices.State.DRAFT:
        turn.show("voices.decided", buttons=[[back(SeeWaitingVoices())]])
        return None
    if found.site_id is None:
        turn.must_be_admin()
    else:
        turn.must_lead(found.site_id)
    return found


def _tell(turn: Turn, account_id: int, site_id: str | None, message: Message) -> None:
    speaker = turn.db.get(Account, account_id)
    if speaker is not None and speaker.blocked_at is None:
        post = outbox.to(speaker, message, kind=Kind.STAFF, site_id=site_id)
        outbox.post(turn.db, post, now=turn.now)
