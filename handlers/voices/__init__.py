"""Voices: staff read texts aloud, a second listener agrees, and participants listen.

/suara -> text -> consent of the speaker (once) -> recording -> [Pakai] -> a second listener -> [Setuju]

recording  the list of texts, the recording, one's own recordings
approving  the second listener
listening  [Dengarkan]
parts      what these screens have in common
"""

from __future__ import annotations

from typing import Final

from telegram.ext import filters

from bot.actions.voices import (
    AgreeToVoice,
    ApproveRecording,
    ConsiderVoiceWithdrawal,
    HearWaiting,
    LeaveVoice,
    Listen,
    PickVoicesSite,
    RecordVoice,
    RejectRecording,
    SeeMyVoices,
    SeeVoices,
    SeeWaitingVoices,
    UseRecording,
    WithdrawVoice,
)
from bot.capability import Capability, Command, Handlers
from bot.programme import voices
from bot.turns.router import Conversation, command, sent, tap, typed
from handlers.voices.approving import approved, hearing_wanted, rejected, waiting_asked_for
from handlers.voices.listening import listened
from handlers.voices.recording import (
    ASK,
    SEND,
    VOICES,
    agreed,
    mine_asked_for,
    question_asked_again,
    recording_left,
    recording_sent,
    recording_used,
    recording_wanted,
    site_asked_for,
    texts_asked_for,
    withdrawal_considered,
    withdrawn,
)

SOUND: Final = filters.VOICE | filters.AUDIO | filters.VIDEO_NOTE | filters.VIDEO


def handlers() -> Handlers:
    conversation = Conversation(
        VOICES,
        entry_points=[tap(RecordVoice, recording_wanted), tap(AgreeToVoice, agreed)],
        states={
            ASK: [typed(question_asked_again)],
            SEND: [sent(SOUND, recording_sent), typed(question_asked_again)],
        },
        fallbacks=[tap(LeaveVoice, recording_left), command("batal", recording_left)],
        resume=question_asked_again,
    )
    return [
        conversation,
        command("suara", texts_asked_for, SeeVoices()),
        tap(SeeVoices, texts_asked_for),
        tap(PickVoicesSite, site_asked_for),
        tap(LeaveVoice, recording_left),
        tap(UseRecording, recording_used),
        tap(SeeMyVoices, mine_asked_for),
        tap(ConsiderVoiceWithdrawal, withdrawal_considered),
        tap(WithdrawVoice, withdrawn),
        tap(SeeWaitingVoices, waiting_asked_for),
        tap(HearWaiting, hearing_wanted),
        tap(ApproveRecording, approved),
        tap(RejectRecording, rejected),
        tap(Listen, listened),
    ]


CAPABILITY: Final = Capability("voices", handlers, commands=(Command("suara", "trainer", place=58),), data=voices.DATA)
