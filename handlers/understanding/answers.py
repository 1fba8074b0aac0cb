"""Short answers of content/answers.yaml, lessons that fit a question, a human being's contact, help in danger."""

from __future__ import annotations

from typing import Final

from bot.actions.certificates import SeeCertificates
from bot.actions.lessons import OpenLesson, SeeModules
from bot.programme import understanding
from bot.turns.turn import Turn
from bot.words.message import Button
from bot.words.typed_text import cleaned
from handlers.understanding.parts import ask_a_mentor, written_answer

FOUND: Final = 3
"""How many lessons are shown for a question of knowledge."""


def lesson_search(turn: Turn) -> None:
    """Shows lessons that fit the text; all modules if none does, or after a tap on a guess, which has no text."""
    buttons = lessons_found(turn, FOUND)
    if not buttons:
        return turn.follow(SeeModules())
    turn.show("understanding.lessons", buttons=[*buttons, [Button("lessons.button.modules", SeeModules())]])


def lessons_found(turn: Turn, most: int) -> list[list[Button]]:
    found = turn.content.search_lessons(cleaned(turn.text), most)
    return [[Button("lessons.button.lesson", OpenLesson(one.id), {"title": one.title})] for one in found]


def small_talk(turn: Turn) -> None:
    """Answers with one kind sentence."""
    warm = turn.content.understand(cleaned(turn.text)).slots.get("warm", "alright")  # a tap has no text
    turn.say("understanding.answer", answer=written_answer(turn, warm))


def cost(turn: Turn) -> None:
    turn.show("understanding.answer", answer=written_answer(turn, "cost"))


def certificate(turn: Turn) -> None:
    if turn.registered:
        return turn.follow(SeeCertificates())
    _answered_with_a_human(turn, "certificate")


def human(turn: Turn) -> None:
    turn.show("understanding.human", contact=turn.contact, buttons=ask_a_mentor(turn))


def complaint(turn: Turn) -> None:
    _answered_with_a_human(turn, "complaint")


def _answered_with_a_human(turn: Turn, answer: str) -> None:
    words, buttons = written_answer(turn, answer), ask_a_mentor(turn)
    turn.show("understanding.answer_and_human", answer=words, contact=turn.contact, buttons=buttons)


def scam(turn: Turn) -> None:
    turn.say("understanding.answer_and_human", answer=written_answer(turn, "scam"), contact=turn.contact)
    turn.resume()


def urgent(turn: Turn) -> None:
    """Shows the emergency numbers at once, to anybody; to who may wish to die, kind words and whom to talk to. If the
    person is registered, the staff are told, too."""
    alone = "alone" in turn.content.understand(cleaned(turn.text)).slots
    answer = written_answer(turn, "urgent_alone" if alone else "urgent")
    told = understanding.raise_alarm(turn.db, turn.person, turn.now, turn.context) if turn.registered else 0
    key = "understanding.urgent_and_told" if told else "understanding.answer_and_human"
    turn.say(key, answer=answer, contact=turn.contact)
