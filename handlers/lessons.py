"""Learning: the path, a lesson page by page, finding one, the task, and when the daily lesson comes.

    /belajar -> overview -> page 1 [Lanjut] page 2 [Lanjut] page 3 -> [Sudah dikerjakan] photo, link or nothing -> quiz
                                                                     [Kuis] -> quiz

A lesson is one message that is turned in place; the page is noted, so it goes on wherever it was left.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import Final

from telegram.ext import filters

from bot.capability import Capability, Command, Handlers
from bot.catalogue.content import Lesson
from bot.people import people
from bot.people.people import Purpose
from bot.programme import lessons, quizzes, registration
from bot.programme.lessons import LessonPlan, Page
from bot.programme.quizzes import TestStatus
from bot.turns.router import Conversation, command, reacted, sent, tap, typed
from bot.turns.turn import END, HELP, MENU, State, Turn, enter, leave
from bot.words.message import At, Button, File, Form, Lines, Message, Value, Who, Words, rows
from bot.words.texts import zone_label

LESSONS: Final = "lessons"
SEARCH: Final = "search"
TASK: Final = "task"
HOUR: Final = "hour"
PRAISE_OF_BUTTON: Final = "👍"
HOURS: Final = (8, 9, 10, 13, 16, 19)
"""Offered as buttons, as far as the site is open then; any other can be written."""
PRAISE: Final = frozenset(
    ("👍", "❤", "🔥", "🥰", "👏", "😁", "🎉", "🤩", "🙏", "👌", "😍", "💯", "🏆", "🤗", "🤝", "😎", "⚡")
)
"""Of the emoji Telegram has for reactions, those that say "well done"."""
MIME: Final = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
NOTHING: Final = frozenset({"lewati", "tidak", "tidak ada", "tidak usah", "nanti", "skip", "no"})
"""Written instead of tapping "Lewati"."""


def handlers() -> Handlers:
    conversation = Conversation(
        LESSONS,
        entry_points=[
            tap("lessons:search", search_asked_for),
            tap("lessons:task", task_done),
            tap("lessons:hours", hours_asked_for),
        ],
        states={
            SEARCH: [typed(word_written)],
            TASK: [
                tap("lessons:skip", task_not_shown),
                sent(filters.PHOTO | filters.Document.IMAGE, photo_sent),
                typed(link_written),
            ],
            HOUR: [tap("lessons:hour", hour_picked), typed(hour_written)],
        },
        fallbacks=[command("batal", broken_off)],
        resume=question_asked_again,
    )
    return [
        conversation,
        command("belajar", path_asked_for),
        tap("lessons:path", path_asked_for),
        tap("lessons:next", next_asked_for),
        tap("lessons:open", lesson_opened),
        tap("lessons:finish", lesson_finished),
        tap("lessons:modules", modules_asked_for),
        tap("lessons:module", module_picked),
        tap("lessons:skip", task_not_shown),
        tap("lessons:daily", settings_asked_for),
        tap("lessons:switch", switched),
        tap("lessons:days", days_asked_for),
        tap("lessons:day", day_toggled),
        tap("lessons:hour", hour_picked),
        tap("lessons:saving", saving_switched),
        tap("lessons:later", put_off),
        tap("lessons:rest", rest_taken),
        command("tugas", tasks_asked_for),
        tap("lessons:tasks", tasks_asked_for),
        tap("lessons:good", praised),
        reacted(emoji_put),
    ]


CAPABILITY: Final = Capability(
    "lessons",
    handlers,
    commands=(
        Command("belajar", "participant", place=20),
        Command("tugas", "trainer", place=40),
    ),
    data=lessons.DATA,
)


# --- the path -------------------------------------------------------------------------------------------------------


def path_asked_for(turn: Turn) -> State:
    person = turn.person
    leave(turn.account, LESSONS)
    lessons.answered(turn.db, person)
    now = lessons.standing(turn.db, person, content=turn.content, now=turn.now)
    others = [_modules(), Button("lessons.button.search", "lessons:search")]
    daily = [Button("lessons.button.daily", "lessons:daily")]
    if quizzes.due_reviews(turn.db, person, turn.now, content=turn.content):
        daily.insert(0, Button("lessons.button.review", "quizzes:review"))
    weeks = Words("lessons.rhythm.weeks", {"n": now.weeks}) if now.weeks else None
    days = Words("lessons.rhythm.days", {"n": now.days_this_week}) if now.days_this_week else None
    if now.next is None:
        turn.show("lessons.path_done", n=now.total, weeks=weeks, days=days, buttons=[others, daily])
        return None
    turn.show(
        "lessons.path",
        done=now.done,
        total=now.total,
        title=now.next.title,
        weeks=weeks,
        days=days,
        buttons=[[_go_on() if now.begun or now.done else _start()], others, daily],
    )
    return None


def next_asked_for(turn: Turn) -> State:
    person = turn.person
    leave(turn.account, LESSONS)
    now = lessons.standing(turn.db, person, content=turn.content, now=turn.now)
    if _test_before_lessons(turn):
        return turn.follow("quizzes:pretest")
    if now.core_done and quizzes.posttest_state(turn.db, person).status is TestStatus.OPEN:
        return turn.follow("quizzes:posttest")
    if now.next is None:
        return path_asked_for(turn)
    return _open(turn, now.next.id, None)


def modules_asked_for(turn: Turn) -> State:
    person = turn.person
    leave(turn.account, LESSONS)
    now = lessons.standing(turn.db, person, content=turn.content, now=turn.now)
    lines = [
        Words(
            "lessons.line.module",
            {
                "number": one.module.number,
                "bar": one.bar,
                "done": one.done,
                "total": one.total,
                "title": one.module.title,
            },
        )
        for one in now.modules
    ]
    buttons = [
        Button("lessons.button.module", f"lessons:module:{one.module.id}", {"number": one.module.number})
        for one in now.modules
    ]
    turn.show("lessons.modules", modules=Lines(tuple(lines)), buttons=[*_in_rows(buttons, 3), [_back("lessons:path")]])
    return None


def module_picked(turn: Turn) -> State:
    person = turn.person
    leave(turn.account, LESSONS)
    now = lessons.standing(turn.db, person, content=turn.content, now=turn.now)
    found = next((one for one in now.modules if one.module.id == turn.choice), None)
    if found is None:
        return modules_asked_for(turn)
    finished = lessons.finished_lessons(turn.db, person)
    turn.show(
        "lessons.module",
        number=found.module.number,
        title=found.module.title,
        bar=found.bar,
        done=found.done,
        total=found.total,
        buttons=[*([_lesson(one, one.id in finished)] for one in found.module.lessons), [_back("lessons:modules")]],
    )
    return None


# --- finding --------------------------------------------------------------------------------------------------------


def search_asked_for(turn: Turn) -> State:
    _ = turn.person
    turn.asked = True
    turn.show("lessons.search", buttons=[[_modules(), _back("lessons:path")]])
    return SEARCH


def word_written(turn: Turn) -> State:
    found = turn.content.search_lessons(registration.cleaned(turn.text))
    if not found:
        turn.asked = True
        turn.say("lessons.search_none", buttons=[[_modules(), _back("lessons:path")]])
        return None
    leave(turn.account, LESSONS)
    finished = lessons.finished_lessons(turn.db, turn.person)
    again = [Button("lessons.button.search_again", "lessons:search"), _back("lessons:path")]
    turn.say("lessons.found", buttons=[*([_lesson(one, one.id in finished)] for one in found), again])
    return END


# --- a lesson -------------------------------------------------------------------------------------------------------


def lesson_opened(turn: Turn) -> State:
    """lessons:open:<lesson>: where it was left; lessons:open:<lesson>:<page>: turned."""
    _ = turn.person
    leave(turn.account, LESSONS)
    lesson_id, _, _ = turn.choice.partition(":")
    page = turn.number(1)
    if page is None and turn.content.lesson(lesson_id) is not None and _test_before_lessons(turn):
        return turn.follow("quizzes:pretest")
    return _open(turn, lesson_id, page)


def _open(turn: Turn, lesson_id: str, page: int | None) -> State:
    match lessons.open_lesson(turn.db, turn.person, lesson_id, content=turn.content, now=turn.now, page=page):
        case lessons.UnknownLesson():
            return _lesson_gone(turn)
        case lessons.Opened() as opened:
            if opened.first_time and opened.page == 1:
                _show_picture(turn, opened)
            _show_page(turn, opened)
    return None


def _show_picture(turn: Turn, opened: lessons.Opened) -> None:
    """A module begins with its picture, once, and not for those who must save data."""
    module = opened.module
    if module.picture is None or module.lessons[0] != opened.lesson or turn.person.saves_data:
        return
    path = PurePath(module.picture)
    file = File(path.name, MIME.get(path.suffix, "image/png"), path=module.picture)
    turn.send(Message("lessons.picture", {"alt": module.alt or module.title}, form=Form.PHOTO, file=file))


def _show_page(turn: Turn, opened: lessons.Opened) -> None:
    lesson, page, pages = opened.lesson, opened.page, len(opened.pages)
    before = f"lessons:open:{lesson.id}:{page - 1}" if page > 1 else "lessons:path"
    turned: list[list[Button]] = [[Button("lessons.button.on", f"lessons:open:{lesson.id}:{page + 1}"), _back(before)]]
    note: Words | None = None
    if opened.marked:
        note = Words("lessons.marked")
        turned.append([_ask_mentor()])
    where: dict[str, Value] = {"title": lesson.title, "page": page, "pages": pages}
    match opened.kind:
        case Page.POINTS:
            points = "\n".join(f"{number}. {point}" for number, point in enumerate(lesson.points, 1))
            turn.show("lessons.page.points", where, opening=lesson.opening, points=points, note=note, buttons=turned)
        case Page.EXAMPLE:
            turn.show("lessons.page.example", where, example=lesson.example, note=note, buttons=turned)
        case Page.TASK:
            done = Button("lessons.button.task_done", f"lessons:task:{lesson.id}")
            key = "lessons.button.finish" if opened.marked else "lessons.button.quiz"
            over = [Button(key, f"lessons:finish:{lesson.id}"), _back(before)]
            turn.show("lessons.page.task", where, task=lesson.task, note=note, buttons=[[done], over, *turned[1:]])


def lesson_finished(turn: Turn) -> State:
    leave(turn.account, LESSONS)
    match lessons.finish(turn.db, turn.person, turn.choice, content=turn.content, now=turn.now):
        case lessons.UnknownLesson():
            return _lesson_gone(turn)
        case lessons.Finished(lesson, marked):
            return _after(turn, lesson, marked)


def _after(turn: Turn, lesson: Lesson, marked: bool) -> State:
    """The question of the lesson, unless it asks for what may have changed."""
    if not marked:
        return turn.follow(f"quizzes:ask:{lesson.id}")
    turn.show("lessons.finished", title=lesson.title, buttons=[[_go_on()], [_ask_mentor()]])
    return None


def _lesson_gone(turn: Turn) -> State:
    turn.show("lessons.unknown", buttons=[[_go_on()], [_modules(), _back("lessons:path")]])
    return None


def _test_before_lessons(turn: Turn) -> bool:
    """Ten questions are offered once, before the very first lesson."""
    if lessons.has_begun(turn.db, turn.person):
        return False
    return quizzes.pretest_state(turn.db, turn.person).status is TestStatus.OPEN


# --- the task -------------------------------------------------------------------------------------------------------


def task_done(turn: Turn) -> State:
    lesson_id = turn.choice
    match lessons.note_task(turn.db, turn.person, lesson_id, content=turn.content, now=turn.now):
        case lessons.UnknownLesson():
            leave(turn.account, LESSONS)
            _lesson_gone(turn)
            return END
    turn.toast("lessons.toast.task")
    return _ask_to_show(turn, lesson_id)


def _ask_to_show(turn: Turn, lesson_id: str, *, again: bool = False) -> State:
    turn.asked = True
    skip = [[Button("lessons.button.skip", f"lessons:skip:{lesson_id}"), Button("button.help", HELP)]]
    if again:
        turn.say("lessons.task_again", buttons=skip, plain=True)
        return None
    turn.show("lessons.task_noted", buttons=skip, plain=True)
    enter(turn.account, LESSONS, TASK)
    turn.keep(lesson=lesson_id)
    return TASK


def photo_sent(turn: Turn) -> State:
    message = turn.update.message
    file_id = None
    if message is not None and message.photo:
        file_id = message.photo[-1].file_id
    elif message is not None and message.document is not None:
        file_id = message.document.file_id
    return _shown(turn, photo=file_id)


def link_written(turn: Turn) -> State:
    if registration.cleaned(turn.text).casefold().rstrip(".!") in NOTHING:
        return _go_to_quiz(turn, _lesson_of_task(turn))
    link = lessons.readable_link(registration.cleaned(turn.text))
    return _shown(turn, link=link) if link else _ask_to_show(turn, _lesson_of_task(turn), again=True)


def _shown(turn: Turn, *, photo: str | None = None, link: str | None = None) -> State:
    lesson_id = _lesson_of_task(turn)
    if lessons.show_task(turn.db, turn.person, lesson_id, photo=photo, link=link) is not None:
        turn.say("lessons.task_shown", plain=True)
    return _go_to_quiz(turn, lesson_id)


def task_not_shown(turn: Turn) -> State:
    """ "Lewati": showing the task is a wish, never a duty."""
    return _go_to_quiz(turn, turn.choice)


def _go_to_quiz(turn: Turn, lesson_id: str) -> State:
    leave(turn.account, LESSONS)
    turn.choice = lesson_id
    lesson_finished(turn)
    return END


def _lesson_of_task(turn: Turn) -> str:
    return str(turn.draft.get("lesson") or "")


# --- the daily lesson -----------------------------------------------------------------------------------------------


def settings_asked_for(turn: Turn) -> State:
    person = turn.person
    leave(turn.account, LESSONS)
    plan = lessons.plan_of(turn.db, person)
    saving = Words("lessons.saving.on") if person.saves_data else Words("lessons.saving.off")
    turn.show("lessons.daily", state=_state(turn, plan), saving=saving, buttons=_setting_buttons(turn, plan))
    return None


def _state(turn: Turn, plan: LessonPlan | None) -> Words:
    if plan is None or plan.due_at is None:
        return Words("lessons.state.off")
    if turn.account.stopped_at is not None:
        return Words("lessons.state.stopped")
    if not people.has_consented(turn.person, Purpose.MESSAGES):
        return Words("lessons.state.no_consent")
    at = At(plan.due_at, _zone(turn))
    if plan.resting_until is not None and plan.resting_until > turn.now:
        return Words("lessons.state.resting", {"at": at})
    days = len(lessons.days_in(plan.days))
    often = Words("lessons.every_day") if days == 7 else Words("lessons.days_a_week", {"n": days})
    return Words("lessons.state.on", {"often": often, "at": at})


def _setting_buttons(turn: Turn, plan: LessonPlan | None) -> list[list[Button]]:
    data = [
        Button("lessons.button.pictures", "lessons:saving:off")
        if turn.person.saves_data
        else Button("lessons.button.save_data", "lessons:saving:on"),
        _back("lessons:path"),
    ]
    on = Button("lessons.button.switch_on", "lessons:switch:on")
    off = Button("lessons.button.switch_off", "lessons:switch:off")
    if plan is None or plan.due_at is None:
        return [[on], data]
    first: list[Button] = []
    last = [off]
    if turn.account.stopped_at is not None:
        first = [Button("privacy.button.restart", "privacy:restart")]
    elif not people.has_consented(turn.person, Purpose.MESSAGES):
        first = [Button("privacy.button.give.messages", "privacy:change:messages:yes")]
    elif plan.resting_until is not None and plan.resting_until > turn.now:
        first = [Button("lessons.button.switch_on", "lessons:switch:on")]
    else:
        last = [Button("lessons.button.rest", "lessons:rest"), off]
    change = [Button("lessons.button.days", "lessons:days"), Button("lessons.button.hours", "lessons:hours")]
    return [first, change, last, data]


def switched(turn: Turn) -> State:
    """lessons:switch:on or :off. On without consent 2 asks for it, once; after a no there is a button to change it."""
    person = turn.person
    if turn.choice == "off":
        lessons.end_plan(turn.db, person, turn.now)
        turn.toast("lessons.toast.off")
        return settings_asked_for(turn)
    lessons.plan(turn.db, person, content=turn.content, now=turn.now)
    turn.toast("lessons.toast.on")
    if person.consent_messages is None:
        leave(turn.account, LESSONS)
        return turn.follow("privacy:ask:messages")
    return settings_asked_for(turn)


def days_asked_for(turn: Turn) -> State:
    plan = lessons.plan_of(turn.db, turn.person)
    if plan is None or plan.due_at is None:
        return settings_asked_for(turn)
    leave(turn.account, LESSONS)
    buttons = []
    for day in range(7):
        key = "lessons.button.day_on" if plan.days >> day & 1 else "lessons.button.day_off"
        buttons.append(Button(key, f"lessons:day:{day}", {"day": Words(f"lessons.day.{day}")}))
    done = [Button("lessons.button.days_done", "lessons:daily")]
    turn.show("lessons.days", buttons=[*_in_rows(buttons, 2), done])
    return None


def day_toggled(turn: Turn) -> State:
    person, day = turn.person, turn.number()
    plan = lessons.plan_of(turn.db, person)
    if plan is None or plan.due_at is None or day is None or day > 6:
        return settings_asked_for(turn)
    days = plan.days ^ (1 << day)
    if days:
        lessons.plan(turn.db, person, content=turn.content, now=turn.now, days=days)
    else:
        turn.toast("lessons.toast.one_day")
    return days_asked_for(turn)


def hours_asked_for(turn: Turn) -> State:
    plan = lessons.plan_of(turn.db, turn.person)
    if plan is None or plan.due_at is None:
        settings_asked_for(turn)
        return END
    _ask_hour(turn)
    return HOUR


def _ask_hour(turn: Turn, *, again: bool = False) -> None:
    turn.asked = True
    opens, closes = _open_minutes(turn)
    buttons = [
        Button("lessons.button.hour", f"lessons:hour:{hour * 60}", {"hour": _wall(hour * 60)})
        for hour in HOURS
        if opens <= hour * 60 < closes
    ]
    facts: dict[str, Value] = {"zone": zone_label(_zone(turn)), "opens": _wall(opens), "closes": _wall(closes)}
    ways = [*_in_rows(buttons, 3), [_back("lessons:daily")]]
    if again:
        turn.say("lessons.hours_again", facts, buttons=ways)
    else:
        turn.show("lessons.hours", facts, buttons=ways)


def hour_picked(turn: Turn) -> State:
    return _hour_given(turn, turn.number())


def hour_written(turn: Turn) -> State:
    return _hour_given(turn, lessons.readable_hour(turn.text))


def _hour_given(turn: Turn, minute: int | None) -> State:
    plan = lessons.plan_of(turn.db, turn.person)
    opens, closes = _open_minutes(turn)
    if plan is None or plan.due_at is None:
        settings_asked_for(turn)
        return END
    if minute is None or not opens <= minute < closes:
        _ask_hour(turn, again=True)
        return None
    lessons.plan(turn.db, turn.person, content=turn.content, now=turn.now, minute=minute)
    turn.toast("lessons.toast.saved")
    settings_asked_for(turn)
    return END


def saving_switched(turn: Turn) -> State:
    """ "Hemat kuota": no pictures, and questions with buttons instead of polls."""
    turn.person.saves_data = turn.choice == "on"
    turn.toast("lessons.toast.saved")
    return settings_asked_for(turn)


def put_off(turn: Turn) -> State:
    match lessons.later(turn.db, turn.person, content=turn.content, now=turn.now):
        case lessons.Planned(at):
            turn.show("lessons.later", at=At(at, _zone(turn)), buttons=[[_go_on(), _settings()]])
        case lessons.NoPlan():
            return settings_asked_for(turn)
    return None


def rest_taken(turn: Turn) -> State:
    match lessons.rest(turn.db, turn.person, content=turn.content, now=turn.now):
        case lessons.Resting(until):
            turn.show("lessons.resting", at=At(until, _zone(turn)), buttons=[[_go_on(), _settings()]])
        case lessons.NoPlan():
            return settings_asked_for(turn)
    return None


# --- for trainers ---------------------------------------------------------------------------------------------------


def tasks_asked_for(turn: Turn) -> State:
    """/tugas, and lessons:tasks:<the last one seen>: what people of the trainer's sites did, the newest first."""
    turn.must_be_staff()
    found = lessons.tasks_at(turn.db, None if turn.admin else turn.staff_sites, limit=1, before=turn.number())
    if not found:
        turn.say("lessons.tasks_none", buttons=[[_tasks()]] if turn.number() else [])
        return None
    task, person = found[0]
    lesson = turn.content.lesson(task.lesson_id)
    turn.note("task_seen", f"person:{person.id}", site_id=person.site_id, task=task.id)
    zone = turn.content.open_hours(person.site_id).zone
    good = [] if task.praised_at else [Button("lessons.button.good", f"lessons:good:{task.id}")]
    following = Button("lessons.button.next_task", f"lessons:tasks:{task.id}")
    facts: dict[str, Value] = {
        "who": Who(person.id),
        "title": lesson.title if lesson else task.lesson_id,
        "at": At(task.done_at, zone),
        "link": Words("lessons.task_link", {"link": task.link}) if task.link else None,
    }
    if task.photo is None:
        turn.say("lessons.task_seen", facts, buttons=[[*good, following]])
        return None
    buttons = rows([*good, following], [Button("button.menu", MENU), Button("button.help", HELP)])
    photo = File("tugas.jpg", "image/jpeg", id=task.photo)
    turn.send(Message("lessons.task_seen", facts, buttons, form=Form.PHOTO, file=photo))
    return None


def emoji_put(turn: Turn) -> State:
    """A friendly emoji on a task that was shown here is praise, like [Bagus]. On anything else it is only an emoji."""
    if turn.reaction is None or not turn.staff:
        return None
    message_id, emoji = turn.reaction
    shown = turn.said_as(message_id) if emoji & PRAISE else None
    if shown is None or shown.key != "lessons.task_seen":
        return None
    buttons = [(button.action or "").rpartition(":") for row in shown.buttons for button in row]
    task_id = next(number for action, _, number in buttons if action in ("lessons:good", "lessons:tasks"))
    return turn.follow(f"lessons:good:{task_id}")


def praised(turn: Turn) -> State:
    """lessons:good:<task>, for trainers of the site of whoever did the task, and for admins."""
    turn.must_be_staff()
    task_id = turn.number() or 0
    found = lessons.task_with_person(turn.db, task_id)
    if found is None:
        turn.toast("lessons.toast.no_task")
        return None
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
    return None


def _answer(turn: Turn, key: str) -> None:
    """A word over the chat for a tap; an emoji has no such place."""
    if turn.reaction is None:
        turn.toast(key)
    else:
        turn.say(key, buttons=[[_tasks()]])


def _tasks() -> Button:
    return Button("lessons.button.tasks", "lessons:tasks")


# --- small things ---------------------------------------------------------------------------------------------------


def question_asked_again(turn: Turn) -> None:
    match turn.account.state:
        case "task":
            _ask_to_show(turn, _lesson_of_task(turn), again=True)
        case "hour":
            _ask_hour(turn)
        case _:
            search_asked_for(turn)


def broken_off(turn: Turn) -> State:
    path_asked_for(turn)
    return END


def _zone(turn: Turn) -> str:
    return turn.content.open_hours(turn.person.site_id).zone


def _open_minutes(turn: Turn) -> tuple[int, int]:
    """When people of the site may be written to, in minutes after midnight."""
    hours = turn.content.open_hours(turn.person.site_id)
    return hours.opens.hour * 60 + hours.opens.minute, hours.closes.hour * 60 + hours.closes.minute


def _wall(minute: int) -> str:
    return f"{minute // 60:02}.{minute % 60:02}"


def _in_rows(buttons: Sequence[Button], width: int) -> list[list[Button]]:
    return [list(buttons[at : at + width]) for at in range(0, len(buttons), width)]


def _lesson(lesson: Lesson, finished: bool) -> Button:
    key = "lessons.button.lesson_done" if finished else "lessons.button.lesson"
    return Button(key, f"lessons:open:{lesson.id}", {"title": lesson.title})


def _start() -> Button:
    return Button("lessons.button.start", "lessons:next")


def _go_on() -> Button:
    return Button("lessons.button.go_on", "lessons:next")


def _modules() -> Button:
    return Button("lessons.button.modules", "lessons:modules")


def _settings() -> Button:
    return Button("lessons.button.daily", "lessons:daily")


def _back(action: str) -> Button:
    return Button("button.back", action)


def _ask_mentor() -> Button:
    return Button("lessons.button.ask_mentor", HELP)
