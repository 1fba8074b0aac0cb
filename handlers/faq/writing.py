"""A mentor writes an answer for everybody: the question, the answer, and the fact it hangs on.

question (<= 120 letters) -> answer (<= 400) -> fact, or none -> shown, with advice. Each step is kept at once.
"""

from __future__ import annotations

from typing import Final

from bot.actions.faq import KeepWords, PickFact, SeeFaqs, StopWritingFaq, WriteFaq
from bot.programme import faq, mentoring
from bot.programme.faq import NO_FACT, Faq, State
from bot.programme.faq.writing import Problem
from bot.programme.mentoring import Way
from bot.turns.turn import Turn
from bot.words.message import Button, Lines, Value, Words
from handlers.faq import staff

WRITING: Final = "faq_writing"
QUESTION: Final = "question"
ANSWER: Final = "answer"
FACT: Final = "fact"
SHOWN: Final = 600
"""So many letters of what was said are shown beside the question how to write it."""
FACT_LETTERS: Final = 160


def writing_begun(turn: Turn, action: WriteFaq) -> None:
    one = _mine(turn, action.faq)
    if one is None:
        return
    turn.enter(WRITING, QUESTION, faq=one.id)
    _ask(turn, one, QUESTION)


def asked_again(turn: Turn) -> None:
    one = _mine(turn, turn.draft.get("faq", 0))
    if one is not None:
        _ask(turn, one, turn.account.state or QUESTION)


def _mine(turn: Turn, number: int) -> Faq | None:
    """Returns what this account may write; None: it was told why not, and is out of the conversation."""
    one = staff.must_see(turn, number)
    if one is not None and one.state == State.DRAFT and staff.may_write(turn, one):
        return one
    turn.leave(WRITING)
    if one is None:
        staff.over(turn)
    else:
        turn.toast("menu.stale")
        staff.show(turn, one)
    return None


def _ask(turn: Turn, one: Faq, state: str) -> None:
    match state:
        case "answer":
            _ask_answer(turn, one)
        case "fact":
            _ask_fact(turn, one, "")
        case _:
            _ask_question(turn, one)


def _ask_question(turn: Turn, one: Faq) -> None:
    said = _said(turn, one, Way.IN)
    _put(turn, one, QUESTION, "faq.write_question", one.question, said, faq.QUESTION_LETTERS)


def _ask_answer(turn: Turn, one: Faq) -> None:
    said = _said(turn, one, Way.OUT)
    _put(turn, one, ANSWER, "faq.write_answer", one.answer, said, faq.ANSWER_LETTERS)


def _put(turn: Turn, one: Faq, state: str, key: str, written: str | None, said: Value, most: int) -> None:
    keep = [Button("faq.button.keep", KeepWords(one.id))] if written else []
    now: Value = Words("faq.written_so_far", {"text": written}) if written else None
    turn.say(key, said=said, now=now, n=most, buttons=[keep, [_stop()]], secret=True, protected=True, plain=True)
    turn.ask(WRITING, state)


def _said(turn: Turn, one: Faq, way: Way) -> Value:
    """Returns what was said in the question, from which an answer for everybody is written anew."""
    ticket = mentoring.get(turn.db, one.from_ticket or 0)
    said = mentoring.messages(turn.db, ticket) if ticket is not None else []
    texts = [said_.text for said_ in said if said_.way == way and said_.text]
    text = " ".join(texts if way == Way.OUT else texts[:1])
    if not text:
        return Words("faq.spoken")
    return text if len(text) <= SHOWN else text[:SHOWN].rstrip() + "…"


def question_written(turn: Turn) -> None:
    one = _mine(turn, turn.draft.get("faq", 0))
    if one is None:
        return
    problem = faq.writing.problem_of(turn.db, one, turn.text, faq.QUESTION_LETTERS, content=turn.content)
    if problem is not None:
        _refuse(turn, problem)
        return _ask_question(turn, one)
    faq.writing.write_question(turn.db, one, turn.text, turn.now)
    _ask_answer(turn, one)


def question_kept(turn: Turn, action: KeepWords) -> None:
    one = _kept(turn, action)
    if one is not None:
        _ask_answer(turn, one) if one.question else _ask_question(turn, one)


def answer_written(turn: Turn) -> None:
    one = _mine(turn, turn.draft.get("faq", 0))
    if one is None:
        return
    problem = faq.writing.problem_of(turn.db, one, turn.text, faq.ANSWER_LETTERS, content=turn.content)
    if problem is not None:
        _refuse(turn, problem)
        return _ask_answer(turn, one)
    faq.writing.write_answer(turn.db, one, turn.text, turn.now, content=turn.content)
    _ask_fact(turn, one, "")


def answer_kept(turn: Turn, action: KeepWords) -> None:
    one = _kept(turn, action)
    if one is not None:
        _ask_fact(turn, one, "") if one.answer else _ask_answer(turn, one)


def _kept(turn: Turn, action: KeepWords) -> Faq | None:
    if action.faq != turn.draft.get("faq"):  # a button of another one that was being written
        turn.toast("menu.stale")
        asked_again(turn)
        return None
    return _mine(turn, action.faq)


def _refuse(turn: Turn, problem: Problem) -> None:
    turn.say(f"faq.refused.{problem.why}", what=problem.what, n=problem.most, plain=True, secret=True)


# --- the fact ---------------------------------------------------------------------------------------------------------


def _ask_fact(turn: Turn, one: Faq, text: str) -> None:
    found = faq.writing.facts_for(one, text, content=turn.content)
    lines = Lines(tuple(Words("faq.fact.one", {"code": fact.id, "fact": _short(fact.fact)}) for fact in found))
    buttons = [[Button("faq.button.fact", PickFact(one.id, fact.id), {"code": fact.id}) for fact in found]]
    none = [Button("faq.button.no_fact", PickFact(one.id, NO_FACT))]
    key = "faq.which_fact" if found else "faq.no_fact_found"
    turn.say(key, lines=lines if found else None, buttons=[*buttons, none, [_stop()]], plain=True)
    turn.ask(WRITING, FACT)


def _short(text: str) -> str:
    return text if len(text) <= FACT_LETTERS else text[:FACT_LETTERS].rstrip() + "…"


def fact_searched(turn: Turn) -> None:
    one = _mine(turn, turn.draft.get("faq", 0))
    if one is not None:
        _ask_fact(turn, one, turn.text)


def fact_picked(turn: Turn, action: PickFact) -> None:
    if action.faq != turn.draft.get("faq"):
        turn.toast("menu.stale")
        return asked_again(turn)
    one = _mine(turn, action.faq)
    if one is None:
        return
    if not faq.writing.hang_on(turn.db, one, action.fact, turn.now, content=turn.content):
        turn.toast("menu.stale")
        return _ask_fact(turn, one, "")
    turn.leave(WRITING)
    staff.show(turn, one)


def writing_stopped(turn: Turn) -> None:
    turn.leave(WRITING)
    turn.show("faq.stopped", buttons=[[Button("faq.button.list", SeeFaqs())]])


def _stop() -> Button:
    return Button("faq.button.stop", StopWritingFaq())
