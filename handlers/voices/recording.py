"""The speaker: which texts have no voice, the recording, and one's own recordings."""

from __future__ import annotations

from typing import Final

from bot.actions.buttons import back
from bot.actions.voices import (
    AgreeToVoice,
    ConsiderVoiceWithdrawal,
    LeaveVoice,
    PickVoicesSite,
    RecordVoice,
    SeeMyVoices,
    SeeVoices,
    SeeWaitingVoices,
    UseRecording,
    WithdrawVoice,
)
from bot.programme import voices
from bot.turns.pages import page_of
from bot.turns.turn import Turn
from bot.words.message import Button, File, Form, Lines, Message, Style, Value, Words, rows
from handlers.voices.parts import place_of, words_of

VOICES: Final = "voices"
ASK, SEND = "ask", "send"
ON_A_PAGE: Final = 4
SHOWN: Final = 8
"""How many of one's own recordings stand on the screen; the newest come first."""


# --- the list ---------------------------------------------------------------------------------------------------------


def texts_asked_for(turn: Turn, action: SeeVoices) -> None:
    """Lists what has no voice yet: for an admin at all sites, for a trainer at their own."""
    turn.must_be_staff()
    texts = turn.context.texts
    if texts is None:
        return turn.show("voices.all_read")
    site = None if turn.admin else min(turn.staff_sites)
    missing = voices.without_voice(turn.db, site, turn.content, texts, turn.settings)
    waiting = voices.waiting_for(turn.db, turn.account, turn.staff_sites, everywhere=turn.admin)
    page = page_of(missing, action.page, ON_A_PAGE)
    buttons = [
        [
            Button(
                "voices.button.text_waits" if recorded else "voices.button.text",
                _begin(turn, what),
                {"title": voices.called(what, turn.content)},
            )
        ]
        for what, recorded in page.items
    ]
    ways = []
    if page.before is not None:
        ways.append(Button("voices.button.before", SeeVoices(page.before)))
    if page.after:
        ways.append(Button("voices.button.more", SeeVoices(page.after)))
    own = [Button("voices.button.mine", SeeMyVoices())] if voices.own(turn.db, turn.account) else []
    others = [Button("voices.button.waiting_n", SeeWaitingVoices(), {"n": len(waiting)})] if waiting else []
    turn.show(
        "voices.texts" if missing else "voices.all_read",
        n=len(missing),
        buttons=[*buttons, ways, [*others, *own]],
    )


def _begin(turn: Turn, what: str) -> RecordVoice | PickVoicesSite:
    """Returns what a text of the list leads to: an admin records for all sites, a trainer of several is asked where."""
    if turn.admin:
        return RecordVoice(what)
    sites = sorted(turn.staff_sites)
    return RecordVoice(what, sites[0]) if len(sites) == 1 else PickVoicesSite(what)


def site_asked_for(turn: Turn, action: PickVoicesSite) -> None:
    turn.must_be_staff()
    sites = [site for site in turn.content.sites if site.id in turn.staff_sites]
    page = page_of(sites, action.page, ON_A_PAGE)
    buttons = [
        [Button("voices.button.site", RecordVoice(action.what, site.id), {"site": site.name})] for site in page.items
    ]
    more = [Button("voices.button.more", PickVoicesSite(action.what, page.after))] if page.after else []
    turn.show("voices.where", buttons=[*buttons, [*more, back(SeeVoices())]])


# --- recording --------------------------------------------------------------------------------------------------------


def recording_wanted(turn: Turn, action: RecordVoice) -> None:
    """Asks the speaker once whether their voice may be used, then for the recording."""
    _must_speak_for(turn, action.site)
    if words_of(turn, action.what) is None:
        return turn.show("voices.no_text", buttons=[[back(SeeVoices())]])
    agreed_before = voices.has_agreed(turn.db, turn.account)
    turn.enter(VOICES, SEND if agreed_before else ASK, what=action.what, site=action.site)
    question_asked_again(turn)


def agreed(turn: Turn, action: AgreeToVoice) -> None:
    _must_speak_for(turn, action.site)
    voices.agree(turn.db, turn.account, turn.now)
    turn.follow(RecordVoice(action.what, action.site))


def question_asked_again(turn: Turn) -> None:
    what, site = str(turn.draft.get("what") or ""), str(turn.draft.get("site") or "")
    words = words_of(turn, what) if what and turn.staff else None
    if words is None:
        turn.leave(VOICES)
        return turn.show("voices.no_text", buttons=[[back(SeeVoices())]])
    if not voices.has_agreed(turn.db, turn.account):
        turn.ask(VOICES, ASK)
        yes = Button("voices.button.agree", AgreeToVoice(what, site))
        return turn.show("voices.may_be_used", buttons=[[yes], [back(LeaveVoice())]])
    turn.ask(VOICES, SEND)
    turn.show(
        "voices.read_this",
        words=words,
        least=voices.SHORTEST,
        most=voices.LONGEST,
        buttons=[[back(LeaveVoice())]],
    )


def recording_sent(turn: Turn) -> None:
    """Plays the recording back to the speaker; what is no recording of one's own is told kindly."""
    message, what, site = turn.update.message, str(turn.draft.get("what") or ""), str(turn.draft.get("site") or "")
    words = words_of(turn, what) if what and turn.staff else None
    if words is None or message is None or not voices.has_agreed(turn.db, turn.account):
        return question_asked_again(turn)
    voice = message.voice
    wrong = None
    if message.forward_origin is not None:
        wrong = "voices.wrong.forwarded"
    elif voice is None:
        wrong = "voices.wrong.no_voice"
    elif _seconds(voice.duration) < voices.SHORTEST:
        wrong = "voices.wrong.short"
    elif _seconds(voice.duration) > voices.LONGEST or (voice.file_size or 0) > voices.LARGEST:
        wrong = "voices.wrong.long"
    if wrong is not None or voice is None:
        turn.ask(VOICES, SEND)
        return turn.say(
            wrong or "voices.wrong.no_voice",
            least=voices.SHORTEST,
            most=voices.LONGEST,
            buttons=[[back(LeaveVoice())]],
        )
    _must_speak_for(turn, site)
    kept = voices.draft(
        turn.db,
        turn.account,
        what,
        words,
        site or None,
        voice.file_id,
        seconds=_seconds(voice.duration),
        size=voice.file_size or 0,
        now=turn.now,
    )
    turn.leave(VOICES)
    title: Value = voices.called(what, turn.content)
    again = Button("voices.button.again", RecordVoice(what, site))
    use = Button("voices.button.use", UseRecording(kept.id))
    file = File("suara.ogg", voices.MIME, id=voice.file_id)
    turn.send(Message("voices.listen_to_it", {"title": title}, rows((use, again)), form=Form.VOICE, file=file))


def _seconds(duration: object) -> int:
    """Returns a duration of python-telegram-bot, which tells a timedelta or a number of seconds, in seconds."""
    total = getattr(duration, "total_seconds", None)
    return int(total()) if callable(total) else int(str(duration))


def recording_used(turn: Turn, action: UseRecording) -> None:
    turn.must_be_staff()
    found = voices.hand_on(turn.db, turn.account, action.recording, turn.now, turn.context)
    if found is None:
        before = voices.get(turn.db, action.recording)
        mine = before is not None and before.account_id == turn.account.id
        return turn.toast("voices.toast.waits_already" if mine else "voices.toast.draft_gone", alert=True)
    turn.note("recording_made", f"recording:{found.id}", site_id=found.site_id, what=found.what)
    title: Value = voices.called(found.what, turn.content)
    turn.say("voices.handed_on", title=title, place=place_of(turn, found), buttons=[[back(SeeVoices())]])


def recording_left(turn: Turn) -> None:
    turn.leave(VOICES)
    turn.follow(SeeVoices())


def _must_speak_for(turn: Turn, site_id: str) -> None:
    """A trainer records for the own sites; for all sites only an admin does."""
    turn.must_be_staff()
    if site_id:
        turn.must_lead(site_id)
    else:
        turn.must_be_admin()


# --- one's own --------------------------------------------------------------------------------------------------------


def mine_asked_for(turn: Turn) -> None:
    """Lists the speaker's recordings, also of somebody who is no longer staff."""
    mine = voices.own(turn.db, turn.account)
    if not mine:
        return turn.show("voices.none_of_mine", buttons=[[back(SeeVoices())]] if turn.staff else [])
    lines = tuple(
        Words(
            f"voices.line.{one.state}",
            {"title": voices.called(one.what, turn.content), "place": place_of(turn, one), "n": one.heard},
        )
        for one in mine[:SHOWN]
    )
    take_back = Button("voices.button.withdraw", ConsiderVoiceWithdrawal())
    turn.show("voices.mine", lines=Lines(lines), n=len(mine), buttons=[[take_back], [back(SeeVoices())]])


def withdrawal_considered(turn: Turn) -> None:
    mine = voices.own(turn.db, turn.account)
    if not mine:
        return turn.show("voices.none_of_mine")
    yes = Button("voices.button.really_withdraw", WithdrawVoice(mine[0].id), style=Style.DANGER)
    no = Button("voices.button.keep", SeeMyVoices())
    turn.show("voices.withdraw", n=len(mine), buttons=[[yes, no]])


def withdrawn(turn: Turn, action: WithdrawVoice) -> None:
    number = voices.withdraw(turn.db, turn.account, action.newest)
    if not number:
        return turn.show("voices.none_of_mine")
    turn.note("voice_withdrawn", recordings=number)
    turn.show("voices.all_gone", n=number)
