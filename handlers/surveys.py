"""Feedback after a class: a face, then a sentence if the person likes; for trainers the average, and the sentences."""

from __future__ import annotations

from typing import Final

from bot.actions.menu import OpenMenu
from bot.actions.sessions import SeeMyClass
from bot.actions.surveys import PickFace, ReadSentences, SeeAverage, SkipSentence
from bot.capability import Capability, Handlers
from bot.programme import sessions, surveys
from bot.programme.sessions import ClassSession
from bot.turns.led import led
from bot.turns.router import Conversation, command, tap, typed
from bot.turns.turn import Turn
from bot.words.message import Button, Lines, Words

SENTENCE: Final = "surveys_sentence"
WRITING: Final = "writing"
PAGE: Final = 5
"""How many sentences are on one screen."""


def handlers() -> Handlers:
    sentence = Conversation(
        SENTENCE,
        entry_points=[tap(PickFace, face_tapped)],
        states={WRITING: [tap(SkipSentence, sentence_skipped), typed(sentence_written)]},
        fallbacks=[command("batal", sentence_skipped)],
        resume=sentence_asked_again,
    )
    return [
        sentence,
        tap(SkipSentence, sentence_skipped_before),
        tap(SeeAverage, average_asked_for),
        tap(ReadSentences, sentences_asked_for),
    ]


CAPABILITY: Final = Capability("surveys", handlers, data=surveys.DATA)


def face_tapped(turn: Turn, action: PickFace) -> None:
    person = turn.whose(action.person)
    session_id = action.session
    outcome = surveys.answer(turn.db, person, session_id, action.face, turn.now) if person else surveys.NotAsked()
    match outcome:
        case surveys.Away():
            turn.show("surveys.not_there")
        case surveys.Noted(session) if person is not None:
            turn.toast("surveys.toast.noted")
            turn.enter(SENTENCE, WRITING, session=session.id, person=person.id)
            sentence_asked_again(turn)
        case surveys.Over(session):
            turn.show("surveys.over", title=session.title)
        case _:
            turn.toast("menu.stale")
            turn.follow(OpenMenu())


def sentence_asked_again(turn: Turn) -> None:
    turn.ask(SENTENCE, WRITING)
    turn.show("surveys.sentence", buttons=[[Button("surveys.button.skip", SkipSentence())]])


def sentence_written(turn: Turn) -> None:
    person = turn.whose(int(turn.draft.get("person", 0)))
    session_id = int(turn.draft.get("session", 0))
    outcome = surveys.keep_sentence(turn.db, person, session_id, turn.text, turn.now) if person else surveys.NotAsked()
    match outcome:
        case surveys.TooLong(limit):
            turn.say("surveys.too_long", n=limit, buttons=[[Button("surveys.button.skip", SkipSentence())]])
            turn.ask(SENTENCE, WRITING)
        case surveys.SentenceKept():
            turn.leave(SENTENCE)
            turn.say("surveys.thanks")
        case surveys.NotAsked():
            turn.leave(SENTENCE)
            turn.follow(OpenMenu())


def sentence_skipped(turn: Turn) -> None:
    turn.leave(SENTENCE)
    turn.show("surveys.thanks")


def sentence_skipped_before(turn: Turn) -> None:
    """Answers a second tap on "skip" after the conversation has ended."""
    turn.toast("surveys.toast.noted")


# --- trainers -------------------------------------------------------------------------------------------------------


def average_asked_for(turn: Turn, action: SeeAverage) -> None:
    session = led(turn, sessions.get(turn.db, action.session))
    if session is None:
        return turn.show("attendance.unknown")
    turn.note("feedback_seen", f"session:{session.id}", site_id=session.site_id)
    match surveys.average(turn.db, session):
        case surveys.Average() as told:
            message = surveys.average_message(told, turn.zone(session.site_id))
            turn.show(message.key, message.values, buttons=[*message.buttons, [_to_class(session)]])
        case surveys.TooFew(session):
            turn.show("surveys.too_few", title=session.title, n=surveys.FEW, buttons=[[_to_class(session)]])


def sentences_asked_for(turn: Turn, action: ReadSentences) -> None:
    session = led(turn, sessions.get(turn.db, action.session))
    if session is None:
        return turn.show("attendance.unknown")
    page = min(action.page, 1000)
    found = surveys.sentences(turn.db, session, limit=PAGE + 1, offset=page * PAGE)
    turn.note("feedback_seen", f"session:{session.id}", site_id=session.site_id)
    if not found:
        turn.show("surveys.no_sentences", title=session.title, buttons=[[_to_class(session)]])
        return
    more = [[Button("surveys.button.more", ReadSentences(session.id, page + 1))]] if found[PAGE:] else []
    lines = Lines(tuple(Words("surveys.line", {"sentence": sentence}) for sentence in found[:PAGE]))
    turn.show("surveys.sentences", title=session.title, sentences=lines, buttons=[*more, [_to_class(session)]])


def _to_class(session: ClassSession) -> Button:
    return Button("surveys.button.class", SeeMyClass(session.id))
