"""The daily lesson: switched on and off, its days and its hour, put off, paused."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from bot.actions.buttons import back
from bot.actions.lessons import (
    AskHour,
    PickHour,
    RestFromLessons,
    SaveData,
    SeeDailyLesson,
    SeeDays,
    SeePath,
    SwitchDailyLesson,
    ToggleDay,
)
from bot.actions.privacy import AskConsent, OfferConsent, RestartMessages
from bot.actions.quizzes import WantReviews
from bot.people import people
from bot.people.people import Purpose
from bot.programme import lessons, quizzes
from bot.programme.lessons import LessonPlan
from bot.turns.turn import Turn
from bot.words.message import At, Button, Value, Words
from bot.words.spoken_time import read_hour
from bot.words.texts import zone_label
from handlers.lessons.buttons import HOUR, LESSONS, go_on_button, in_rows, settings_button

HOURS: Final = (8, 9, 10, 13, 16, 19)
"""Offered as buttons, if the site is open then; any other can be typed."""


def settings_asked_for(turn: Turn) -> None:
    person = turn.person
    turn.leave(LESSONS)
    plan = lessons.plan_of(turn.db, person)
    saving = Words("lessons.saving.on") if person.saves_data else Words("lessons.saving.off")
    buttons = _setting_buttons(turn, plan)
    if quizzes.offers_stopped(turn.db, person):
        buttons.insert(-1, [Button("quizzes.button.want_reviews", WantReviews())])
    turn.show("lessons.daily", state=_state(turn, plan), saving=saving, buttons=buttons)


def _state(turn: Turn, plan: LessonPlan | None) -> Words:
    if plan is None or plan.due_at is None:
        return Words("lessons.state.off")
    if turn.account.stopped_at is not None:
        return Words("lessons.state.stopped")
    if not people.has_consented(turn.person, Purpose.LESSONS):
        return Words("lessons.state.no_consent")
    at = At(plan.due_at, turn.zone(turn.person.site_id))
    if plan.resting_until is not None and plan.resting_until > turn.now:
        return Words("lessons.state.resting", {"at": at})
    days = len(lessons.days_in(plan.days))
    often = Words("lessons.every_day") if days == 7 else Words("lessons.days_a_week", {"n": days})
    return Words("lessons.state.on", {"often": often, "at": at})


def _setting_buttons(turn: Turn, plan: LessonPlan | None) -> list[list[Button]]:
    data = [
        Button("lessons.button.pictures", SaveData("off"))
        if turn.person.saves_data
        else Button("lessons.button.save_data", SaveData("on")),
        back(SeePath()),
    ]
    on = Button("lessons.button.switch_on", SwitchDailyLesson("on"))
    off = Button("lessons.button.switch_off", SwitchDailyLesson("off"))
    if plan is None or plan.due_at is None:
        return [[on], data]
    first: list[Button] = []
    last = [off]
    if turn.account.stopped_at is not None:
        first = [Button("privacy.button.restart", RestartMessages())]
    elif not people.has_consented(turn.person, Purpose.LESSONS):
        first = [Button("privacy.button.give.lessons", OfferConsent(Purpose.LESSONS))]
    elif plan.resting_until is not None and plan.resting_until > turn.now:
        first = [Button("lessons.button.switch_on", SwitchDailyLesson("on"))]
    else:
        last = [Button("lessons.button.rest", RestFromLessons()), off]
    change = [Button("lessons.button.days", SeeDays()), Button("lessons.button.hours", AskHour())]
    return [first, change, last, data]


def switched(turn: Turn, action: SwitchDailyLesson) -> None:
    """Switches the daily lesson on or off. Switching it on without consent 2b asks for that consent, once; after a no
    there is a button to change that."""
    person = turn.person
    if action.to == "off":
        lessons.end_plan(turn.db, person, turn.now)
        turn.toast("lessons.toast.off")
        return settings_asked_for(turn)
    lessons.plan(turn.db, person, content=turn.content, now=turn.now)
    turn.toast("lessons.toast.on")
    if people.consent_of(person, Purpose.LESSONS) is None:
        turn.leave(LESSONS)
        return turn.follow(AskConsent(Purpose.LESSONS))
    settings_asked_for(turn)


def days_asked_for(turn: Turn) -> None:
    plan = lessons.plan_of(turn.db, turn.person)
    if plan is None or plan.due_at is None:
        return settings_asked_for(turn)
    turn.leave(LESSONS)
    buttons = []
    for day in range(7):
        on = plan.days >> day & 1
        key = "lessons.button.day_on" if on else "lessons.button.day_off"
        buttons.append(Button(key, ToggleDay(day, to="off" if on else "on"), {"day": Words(f"lessons.day.{day}")}))
    done = [Button("lessons.button.days_done", SeeDailyLesson())]
    turn.show("lessons.days", buttons=[*in_rows(buttons, 2), done])


def day_toggled(turn: Turn, action: ToggleDay) -> None:
    person, day = turn.person, action.day
    plan = lessons.plan_of(turn.db, person)
    if plan is None or plan.due_at is None or day > 6:
        return settings_asked_for(turn)
    days = {"on": plan.days | 1 << day, "off": plan.days & ~(1 << day), None: plan.days ^ 1 << day}[action.to]
    if days:
        lessons.plan(turn.db, person, content=turn.content, now=turn.now, days=days)
    else:
        turn.toast("lessons.toast.one_day")
    days_asked_for(turn)


def hours_asked_for(turn: Turn) -> None:
    plan = lessons.plan_of(turn.db, turn.person)
    if plan is None or plan.due_at is None:
        return settings_asked_for(turn)
    ask_hour(turn)


def ask_hour(turn: Turn, *, again: bool = False) -> None:
    opens, closes = _open_minutes(turn)
    buttons = [
        Button("lessons.button.hour", PickHour(hour * 60), {"hour": _wall(hour * 60)})
        for hour in HOURS
        if opens <= hour * 60 < closes
    ]
    facts: dict[str, Value] = {
        "zone": zone_label(turn.zone(turn.person.site_id)),
        "opens": _wall(opens),
        "closes": _wall(closes),
    }
    ways = [*in_rows(buttons, 3), [back(SeeDailyLesson())]]
    if again:
        turn.say("lessons.hours_again", facts, buttons=ways)
    else:
        turn.show("lessons.hours", facts, buttons=ways)
    turn.ask(LESSONS, HOUR)


def hour_picked(turn: Turn, action: PickHour) -> None:
    _hour_given(turn, action.minute)


def hour_written(turn: Turn) -> None:
    found = read_hour(turn.text, zone_label(turn.zone(turn.person.site_id)))
    _hour_given(turn, None if found is None else found.hour * 60 + found.minute)


def _hour_given(turn: Turn, minute: int | None) -> None:
    plan = lessons.plan_of(turn.db, turn.person)
    opens, closes = _open_minutes(turn)
    if plan is None or plan.due_at is None:
        return settings_asked_for(turn)
    if minute is None or not opens <= minute < closes:
        return ask_hour(turn, again=True)
    lessons.plan(turn.db, turn.person, content=turn.content, now=turn.now, minute=minute)
    turn.toast("lessons.toast.saved")
    settings_asked_for(turn)


def saving_switched(turn: Turn, action: SaveData) -> None:
    """Switches "Hemat kuota": pictures off, and polls to questions with buttons; or both on again."""
    turn.person.saves_data = action.to == "on"
    turn.toast("lessons.toast.saved")
    settings_asked_for(turn)


def put_off(turn: Turn) -> None:
    match lessons.later(turn.db, turn.person, content=turn.content, now=turn.now):
        case lessons.Planned(at):
            _tell_next(turn, "lessons.later", at)
        case lessons.NoPlan():
            return settings_asked_for(turn)


def rest_taken(turn: Turn) -> None:
    match lessons.rest(turn.db, turn.person, content=turn.content, now=turn.now):
        case lessons.Resting(until):
            _tell_next(turn, "lessons.resting", until)
        case lessons.NoPlan():
            return settings_asked_for(turn)


def _tell_next(turn: Turn, key: str, at: datetime) -> None:
    """Tells when the next lesson comes, for a person who put one off or rests."""
    buttons = [[go_on_button(), settings_button()]]
    turn.show(key, at=At(at, turn.zone(turn.person.site_id)), buttons=buttons)


def _open_minutes(turn: Turn) -> tuple[int, int]:
    """Returns when people of the site may be written to, in minutes after midnight."""
    hours = turn.content.open_hours(turn.person.site_id)
    return hours.opens.hour * 60 + hours.opens.minute, hours.closes.hour * 60 + hours.closes.minute


def _wall(minute: int) -> str:
    return f"{minute // 60:02}.{minute % 60:02}"
