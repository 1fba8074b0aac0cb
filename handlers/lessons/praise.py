"""The tasks that were done, as trainers see them, and their praise."""

from __future__ import annotations

from typing import Final

from bot.actions.buttons import HELP, MENU
from bot.actions.lessons import PraiseTask, SeeTasks
from bot.actions.mentoring import HearHeart
from bot.people import namesakes
from bot.programme import lessons
from bot.turns.turn import Turn
from bot.words.action import parse
from bot.words.message import At, Button, File, Form, Message, Value, Words, rows

PRAISE_OF_BUTTON: Final = "👍"
PRAISE: Final = frozenset(
    ("👍", "❤", "🔥", "🥰", "👏", "😁", "🎉", "🤩", "🙏", "👌", "😍", "💯", "🏆", "🤗", "🤝", "😎", "⚡")
)
"""The emoji of Telegram's reactions that say "well done"."""


def tasks_asked_for(turn: Turn, action: SeeTasks) -> None:
    """Shows the tasks that people of the trainer's sites did, the newest first."""
    turn.must_be_staff()
    found = lessons.tasks_at(turn.db, None if turn.admin else turn.staff_sites, limit=1, before=action.before)
    if not found:
        if action.before:
            turn.say("lessons.tasks_none", buttons=[[_tasks()]])
        else:
            turn.say("lessons.tasks_none_yet")
        return
    task, person = found[0]
    lesson = turn.content.lesson(task.lesson_id)
    turn.note("task_seen", f"person:{person.id}", site_id=person.site_id, task=task.id)
    zone = turn.zone(person.site_id)
    good = [] if task.praised_at else [Button("lessons.button.good", PraiseTask(task.id))]
    following = Button("lessons.button.next_task", SeeTasks(task.id))
    facts: dict[str, Value] = {
        "who": namesakes.called_at_site(turn.db, person, zone),
        "title": lesson.title if lesson else task.lesson_id,
        "at": At(task.done_at, zone),
        "link": Words("lessons.task_link", {"link": task.link}) if task.link else None,
    }
    if task.photo is None:
        turn.say("lessons.task_seen", facts, buttons=[[*good, following]])
        return
    buttons = rows([*good, following], [MENU, HELP])
    photo = File("tugas.jpg", "image/jpeg", id=task.photo)
    turn.send(Message("lessons.task_seen", facts, buttons, form=Form.PHOTO, file=photo))


def emoji_put(turn: Turn) -> None:
    """Takes a friendly emoji on a task as praise, like [Bagus]; on a mentor's answer it is for `mentoring`. On anything
    else an emoji does nothing."""
    if turn.reaction is None or not turn.reaction[1] & PRAISE:
        return
    shown = turn.said_as(turn.reaction[0]) if turn.staff else None
    if shown is None or shown.key != "lessons.task_seen":
        return turn.follow(HearHeart())
    for button in (one for row in shown.buttons for one in row):
        match parse(button.data or ""):
            case PraiseTask(task) | SeeTasks(int(task)):
                return turn.follow(PraiseTask(task))


def praised(turn: Turn, action: PraiseTask) -> None:
    """Praises a task; only trainers of its person's site, and admins, may."""
    turn.must_be_staff()
    task_id = action.task
    found = lessons.task_with_person(turn.db, task_id)
    if found is None:
        turn.toast("lessons.toast.no_task")
        return
    person = found[1]
    turn.must_lead(person.site_id)
    emoji = next(iter(turn.reaction[1] & PRAISE)) if turn.reaction else PRAISE_OF_BUTTON
    match lessons.praise(turn.db, task_id, by=turn.account, emoji=emoji, content=turn.content, now=turn.now):
        case lessons.Praised(_, told):
            turn.note("task_praised", f"person:{person.id}", site_id=person.site_id, task=task_id)
            _answer(turn, "lessons.toast.praised" if told else "lessons.toast.praise_kept")
        case lessons.AlreadyPraised():
            _answer(turn, "lessons.toast.praised_before")
        case lessons.UnknownTask():
            turn.toast("lessons.toast.no_task")


def _answer(turn: Turn, key: str) -> None:
    """Answers with a short text over the chat after a tap; after an emoji, which has none, with a message."""
    if turn.reaction is None:
        turn.toast(key)
    else:
        turn.say(key, buttons=[[_tasks()]])


def _tasks() -> Button:
    return Button("lessons.button.tasks", SeeTasks())
