"""Words typed below a question of a round that answer it as its buttons do."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from bot.actions.follow_up import (
    AgeBand,
    ConsiderClosed,
    GiveOutcome,
    OutcomeKey,
    SavePractices,
    SayStill,
    SetPractice,
    Sex,
    TellAge,
    TellSex,
)
from bot.programme import follow_up
from bot.turns.turn import Turn
from bot.turns.typed_below import stands_below_newest
from bot.understanding.business_answers import (
    Boxes,
    age_in_years,
    boxes_named,
    has_closed,
    is_skipped,
    obstacle,
    orders,
    points,
    sex,
    still_goes_on,
    turnover,
    workers,
)
from bot.words.action import Action, PersonalAction
from bot.words.typed_buttons import actions_of
from bot.words.typed_text import cleaned
from handlers.follow_up.screens import show_next, to_answer

KEYS: Final = frozenset(
    {
        "follow_up.question",
        "follow_up.posted",
        "follow_up.more",
        "follow_up.more_of",
        "follow_up.age",
        "follow_up.sex",
    }
)
"""The messages below which words are an answer."""


def heard(turn: Turn) -> bool:
    """Takes typed words that answer the newest message; nothing that asks, nothing that was forwarded, and nothing
    while a conversation is under way."""
    if not stands_below_newest(turn) or "?" in turn.text:
        return False
    newest = turn.newest.said
    if newest is None or newest.key not in KEYS:
        return False
    actions = actions_of(newest)
    if turn.button_typed(newest) is not None:
        return False  # the words of a button: they press it
    person = turn.newest_said_to()
    text = cleaned(turn.text)
    if person is None:
        return False
    rounds = [one for one in actions if isinstance(one, SavePractices | SayStill | GiveOutcome)]
    if rounds and has_closed(text):
        return turn.press(ConsiderClosed(rounds[0].round, person=person.id))
    save = next((one for one in actions if isinstance(one, SavePractices)), None)
    if save is not None:
        return _boxes_named(turn, save, actions, person.id)
    found = _meant(actions, text)
    return found is not None and turn.press(replace(found, person=person.id))


def _boxes_named(turn: Turn, save: SavePractices, actions: list[Action], person: int) -> bool:
    """Ticks what was named, and shows the boxes again; "all" and "none" say everything, and end the question."""
    boxes = {one.code for one in actions if isinstance(one, SetPractice)}
    typed = {one.code: (*one.typed, one.name.id, one.name.en) for one in turn.content.practices if one.code in boxes}
    said = boxes_named(cleaned(turn.text), typed)
    if said is None:
        return False
    turn.act_for(turn.whose(person))
    found = to_answer(turn, save.round, save.version)
    if found is None:
        return True
    codes = boxes if said is Boxes.ALL else frozenset() if said is Boxes.NONE else said
    for code in found.standing.boxes:
        if code in codes or said is Boxes.NONE:
            follow_up.set_practice(turn.db, turn.person, found, code, has=said is not Boxes.NONE, now=turn.now)
    turn.db.flush()
    if isinstance(said, Boxes):
        return turn.press(SavePractices(save.round, save.version, person=person))
    show_next(turn, found.kind)
    return True


def _meant(actions: list[Action], text: str) -> PersonalAction | None:
    """Returns the button that the words mean; None: none of these."""
    still = [one for one in actions if isinstance(one, SayStill)]
    if still:
        goes_on = still_goes_on(text)
        return next((one for one in still if one.has is goes_on), None)
    age = [one for one in actions if isinstance(one, TellAge)]
    if age:
        band = AgeBand.UNSAID if is_skipped(text) else _band(age_in_years(text))
        return next((one for one in age if one.value == band), None)
    sexes = [one for one in actions if isinstance(one, TellSex)]
    if sexes:
        told = "unsaid" if is_skipped(text) else sex(text)
        return next((one for one in sexes if told is not None and one.value == Sex(told)), None)
    given = [one for one in actions if isinstance(one, GiveOutcome)]
    if not given:
        return None
    value = _value(given[0].key, text)
    return next((one for one in given if one.value == value), None)


def _value(key: OutcomeKey, text: str) -> str | None:
    if is_skipped(text):
        return follow_up.UNKNOWN if key is OutcomeKey.ORDERS else follow_up.SKIPPED
    match key:
        case OutcomeKey.ORDERS:
            return orders(text)
        case OutcomeKey.WORKERS:
            return workers(text)
        case OutcomeKey.TURNOVER:
            return turnover(text)
        case OutcomeKey.OBSTACLE:
            return obstacle(text)
        case OutcomeKey.RECOMMEND:
            return points(text)


def _band(years: int | None) -> AgeBand | None:
    if years is None or not 17 < years < 120:
        return None
    for band, first in zip(reversed(AgeBand), (None, 55, 45, 35, 25, 18), strict=True):
        if first is not None and years >= first:
            return band
    return None
