"""Where and when a person's class is; a class named by its title; giving a seat back, moving, being late."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.actions.buttons import SCHEDULE
from bot.actions.enrolment import ConsiderMove, ConsiderWithdrawal, SeeClass, SeeClasses, SeePast, SeeSchedule
from bot.actions.lessons import SeePath
from bot.actions.mentoring import SeeQuestions
from bot.actions.reminders import SayLate, SeeMap
from bot.people.people import Person, persons_of
from bot.programme import enrolment, mentoring, sessions
from bot.programme.sessions import ClassSession
from bot.turns.for_whom import ask_for_whom
from bot.turns.turn import Turn
from bot.understanding.short_answers import takes_back
from bot.words.action import Action
from bot.words.message import At, Button, Value
from bot.words.typed_buttons import plain
from bot.words.typed_text import cleaned
from handlers.understanding.parts import next_class, tell_for_whom, written_answer

CLASSES: Final = 5
"""How many classes are offered if it is not clear which one is meant."""
TITLE_WITH: Final = frozenset(
    {
        *("mau", "ingin", "ikut", "daftar", "kelas", "kelasnya", "saya", "pilih", "ambil", "lihat", "tolong", "info"),
        *("kak", "bu", "pak", "min", "dong", "ya", "yang", "ada", "apa", "itu", "join", "class", "the"),
    }
)
"""Words beside a class's title that leave no doubt that the class is meant."""


def place(turn: Turn) -> None:
    """Shows where the person's next class is, with the map; without a seat, the classes of the site."""
    session = next_class(turn)
    if session is None:
        return turn.follow(SeeClasses())
    buttons = [[Button("enrolment.button.see", SeeClass(session.id)), SCHEDULE]]
    turn.show("understanding.place", _told(turn, session), buttons=buttons)
    if session.has_pin:
        turn.follow(SeeMap(session.id))


def class_details(turn: Turn) -> None:
    session = next_class(turn)
    turn.follow(SeeClasses() if session is None or session.starts_at <= turn.now else SeeClass(session.id))


def named_class(turn: Turn, intent: str) -> bool:
    """Shows the class whose title was typed, if exactly one coming class at the person's site has it. If the intent is
    not about classes, the text must be nothing but the title and words like "mau ikut" (TITLE_WITH)."""
    if not turn.registered:
        return False
    typed = f" {plain(cleaned(turn.text))} "
    coming = sessions.upcoming(turn.db, turn.person.site_id or "", turn.now)
    titles = [(session, f" {plain(session.title)} ") for session in coming]
    named = [
        session
        for session, title in titles
        if title in typed
        and (intent in {"classes", "class_details"} or TITLE_WITH.issuperset(typed.replace(title, " ").split()))
    ]
    if len(named) == 1:
        tell_for_whom(turn)
        turn.follow(SeeClass(named[0].id))
    return len(named) == 1


def progress(turn: Turn) -> None:
    """Shows what was learned; to who asks which classes they were in, those."""
    said = turn.content.understand(cleaned(turn.text)).slots if turn.text else {}
    turn.follow(SeePast() if "past" in said else SeePath())


def running_late(turn: Turn) -> None:
    """Tells the trainer that the person comes late, on the day of the class. A person who asks whether they may come
    late, or speaks of another day, is told about the seat and can tell the trainer by a tap."""
    session = next_class(turn)
    if session is None:
        return turn.follow(SeeSchedule())
    late = SayLate(session.id, person=turn.person.id)
    said = turn.content.understand(cleaned(turn.text)).slots if turn.text else {}
    if "asks" not in said and said.get("day", "hari ini") == "hari ini":
        turn.follow(late)
    else:
        where = [*([Button("button.map", SeeMap(session.id))] if session.has_pin else []), SCHEDULE]
        buttons = [[Button("understanding.button.late", late)], where]
        answer = written_answer(turn, "running_late")
        turn.show("understanding.running_late", _told(turn, session), answer=answer, buttons=buttons)


def give_back_seat(turn: Turn) -> None:
    """Shows the screen that names the class and asks; if there are several classes, asks which one."""
    _of_a_class(turn, ConsiderWithdrawal, "understanding.give_back_which")


def move_class(turn: Turn) -> None:
    _of_a_class(turn, ConsiderMove, "understanding.move_which")


def _of_a_class(turn: Turn, action: type[ConsiderWithdrawal | ConsiderMove], key: str) -> None:
    everybody = persons_of(turn.db, turn.account)
    if len(everybody) > 1:  # "batalkan punya ibu": the words may be about any of them
        coming = [(one, _coming(turn, one)) for one in everybody]
        choices = [(one, _wanted(one, classes, action)) for one, classes in coming if classes]
        if choices:
            return ask_for_whom(turn, choices)
    mine = _coming(turn, turn.person)
    if not mine and turn.text and takes_back(turn.content.spelled(cleaned(turn.text))):
        waiting = mentoring.may_be_cancelled(turn.db, turn.person)
        return turn.follow(SeeQuestions() if waiting else SeeSchedule())
    if not mine:
        return turn.follow(SeeSchedule())
    if len(mine) == 1:
        return turn.follow(action(mine[0].id))
    buttons = [
        [
            Button(
                "enrolment.button.class",
                action(one.id),
                {"title": one.title, "starts": At(one.starts_at, turn.zone(one.site_id))},
            )
        ]
        for one in mine[:CLASSES]
    ]
    turn.show(key, buttons=buttons)


def _wanted(person: Person, classes: Sequence[ClassSession], action: type[ConsiderWithdrawal | ConsiderMove]) -> Action:
    """Returns `action` for this person's class; if they have several classes, the action that shows them to pick
    one."""
    return action(classes[0].id, person=person.id) if len(classes) == 1 else SeeSchedule(person=person.id)


def _coming(turn: Turn, person: Person) -> list[ClassSession]:
    """Returns the person's classes that are still to begin."""
    return [session for session, _ in enrolment.mine(turn.db, person, turn.now) if session.starts_at > turn.now]


def _told(turn: Turn, session: ClassSession) -> dict[str, Value]:
    return {"title": session.title, "starts": At(session.starts_at, turn.zone(session.site_id)), "venue": session.venue}
