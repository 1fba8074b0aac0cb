"""Feedback after a class: a face, then a sentence if the person likes; for trainers the average, and the sentences."""

from __future__ import annotations

from typing import Final

from bot.capability import Capability, Handlers
from bot.programme import sessions, surveys
from bot.turns.router import Conversation, command, tap, typed
from bot.turns.turn import END, State, Turn, enter, leave
from bot.words.message import At, Button, Lines, Words

SENTENCE: Final = "surveys_sentence"
WRITING: Final = "writing"
PAGE: Final = 5
"""Sentences on one screen."""


def handlers() -> Handlers:
    sentence = Conversation(
        SENTENCE,
        entry_points=[tap("surveys:face", face_tapped)],
        states={WRITING: [tap("surveys:skip", sentence_skipped), typed(sentence_written)]},
        fallbacks=[command("batal", sentence_skipped)],
        resume=sentence_asked_again,
    )
    return [
        sentence,
        tap("surveys:skip", sentence_skipped_before),
        tap("surveys:average", average_asked_for),
        tap("surveys:sentences", sentences_asked_for),
    ]


CAPABILITY: Final = Capability("surveys", handlers, data=surveys.DATA)


def face_tapped(turn: Turn) -> State:
    """surveys:face:<class>:<person>:<face>"""
    person = turn.whose(turn.number(1))
    session_id = turn.number() or 0
    outcome = (
        surveys.answer(turn.db, person, session_id, turn.number(2) or 0, turn.now) if person else surveys.NotAsked()
    )
    match outcome:
        case surveys.Noted(session) if person is not None:
            turn.toast("surveys.toast.noted")
            enter(turn.account, SENTENCE, WRITING)
            turn.keep(session=session.id, person=person.id)
            sentence_asked_again(turn)
            return WRITING
        case surveys.Over(session):
            turn.show("surveys.over", title=session.title)
        case _:
            turn.toast("menu.stale")
            turn.follow("menu:show")
    return None


def sentence_asked_again(turn: Turn) -> None:
    turn.asked = True
    turn.show("surveys.sentence", buttons=[[Button("surveys.button.skip", "surveys:skip")]])


def sentence_written(turn: Turn) -> State:
    person = turn.whose(int(turn.draft.get("person", 0)))
    session_id = int(turn.draft.get("session", 0))
    outcome = surveys.keep_sentence(turn.db, person, session_id, turn.text, turn.now) if person else surveys.NotAsked()
    match outcome:
        case surveys.TooLong(limit):
            turn.say("surveys.too_long", n=limit, buttons=[[Button("surveys.button.skip", "surveys:skip")]])
            turn.asked = True
            return None
        case surveys.SentenceKept():
            leave(turn.account, SENTENCE)
            turn.say("surveys.thanks")
        case surveys.NotAsked():
            leave(turn.account, SENTENCE)
            turn.follow("menu:show")
    return END


def sentence_skipped(turn: Turn) -> State:
    leave(turn.account, SENTENCE)
    turn.show("surveys.thanks")
    return END


def sentence_skipped_before(turn: Turn) -> State:
    """Tapped a second time."""
    turn.toast("surveys.toast.noted")
    return None


# --- trainers -------------------------------------------------------------------------------------------------------


def average_asked_for(turn: Turn) -> State:
    """surveys:average:<class>"""
    turn.must_be_staff()
    session = sessions.get(turn.db, turn.number() or 0)
    if session is None:
        turn.show("attendance.unknown")
        return None
    turn.must_lead(session.site_id)
    turn.note("feedback_seen", f"session:{session.id}", site_id=session.site_id)
    match surveys.average(turn.db, session):
        case surveys.Average(session, n, mean, written):
            read = [[Button("surveys.button.read", f"surveys:sentences:{session.id}")]] if written else []
            turn.show(
                "surveys.average",
                title=session.title,
                starts=At(session.starts_at, turn.content.open_hours(session.site_id).zone),
                mean=round(mean, 1),
                n=n,
                sentences=written,
                buttons=read,
            )
        case surveys.TooFew(session):
            turn.show("surveys.too_few", title=session.title, n=surveys.FEW)
    return None


def sentences_asked_for(turn: Turn) -> State:
    """surveys:sentences:<class>[:<page>]"""
    turn.must_be_staff()
    session = sessions.get(turn.db, turn.number() or 0)
    if session is None:
        turn.show("attendance.unknown")
        return None
    turn.must_lead(session.site_id)
    page = min(turn.number(1) or 0, 1000)
    found = surveys.sentences(turn.db, session, limit=PAGE + 1, offset=page * PAGE)
    turn.note("feedback_seen", f"session:{session.id}", site_id=session.site_id)
    if not found:
        turn.show("surveys.no_sentences", title=session.title)
        return None
    more = [[Button("surveys.button.more", f"surveys:sentences:{session.id}:{page + 1}")]] if found[PAGE:] else []
    lines = Lines(tuple(Words("surveys.line", {"sentence": sentence}) for sentence in found[:PAGE]))
    turn.show("surveys.sentences", title=session.title, sentences=lines, buttons=more)
    return None
