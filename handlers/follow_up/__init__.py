"""The follow-up rounds: three taps after the first class, and 30, 90 and 180 days later.

screens   what is shown after an answer, and what is said where there is nothing to answer
typed     words typed below a question
"""

from __future__ import annotations

from typing import Final

from bot.actions.follow_up import (
    AmendAnswers,
    AnswerMore,
    ConsiderClosed,
    GiveOutcome,
    SavePractices,
    SayClosed,
    SayOpen,
    SayStill,
    SeeRound,
    SetPractice,
    TellAge,
    TellSex,
)
from bot.capability import Capability, Handlers
from bot.programme import follow_up
from bot.programme.follow_up import AgeBand, Open, OutcomeKey, RoundKind, Sex
from bot.turns.router import tap
from bot.turns.turn import Turn
from bot.words.message import Button, Style
from handlers.follow_up import typed
from handlers.follow_up.screens import answerable, is_frozen, refused, show_next, show_question, to_answer


def handlers() -> Handlers:
    return [
        tap(SetPractice, practice_set),
        tap(SavePractices, practices_saved),
        tap(SayStill, still_said),
        tap(GiveOutcome, outcome_given),
        tap(AnswerMore, more_wanted),
        tap(TellAge, age_told),
        tap(TellSex, sex_told),
        tap(AmendAnswers, answers_amended),
        tap(SeeRound, round_asked_for),
        tap(ConsiderClosed, closing_considered),
        tap(SayClosed, business_closed),
        tap(SayOpen, business_opened),
    ]


CAPABILITY: Final = Capability("follow_up", handlers, data=follow_up.DATA, hears_first=typed.heard)


def practice_set(turn: Turn, action: SetPractice) -> None:
    """Keeps one box as it is wanted, and shows the boxes anew."""
    found = to_answer(turn, action.round, action.version)
    if found is not None:
        follow_up.set_practice(turn.db, turn.person, found, action.code, has=action.has, now=turn.now)
        turn.toast("follow_up.toast.kept")
        show_next(turn, found.kind)


def practices_saved(turn: Turn, action: SavePractices) -> None:
    found = to_answer(turn, action.round, action.version)
    if found is not None:
        follow_up.save_practices(turn.db, turn.person, found, turn.now)
        turn.toast("follow_up.toast.kept")
        show_next(turn, found.kind)


def still_said(turn: Turn, action: SayStill) -> None:
    found = to_answer(turn, action.round, action.version)
    if found is not None:
        follow_up.say_still(turn.db, turn.person, found, action.code, has=action.has, now=turn.now)
        turn.toast("follow_up.toast.kept")
        show_next(turn, found.kind)


def outcome_given(turn: Turn, action: GiveOutcome) -> None:
    found = to_answer(turn, action.round, action.version)
    if found is None:
        return
    key = action.key
    if not follow_up.give_outcome(turn.db, turn.person, found, key, action.value, turn.now):
        turn.toast("menu.stale")
        return show_next(turn, found.kind)
    turn.toast("follow_up.toast.kept")
    if key in follow_up.MORE[found.kind]:
        return _ask_more(turn, found)
    show_next(turn, found.kind)


def more_wanted(turn: Turn, action: AnswerMore) -> None:
    """Asks what is offered after the thanks, one question at a time; an answer given before can be given again."""
    found = answerable(turn, action.round)
    if found is None:
        return
    if action.what == "rate" and found.kind is RoundKind.D180:
        return show_question(turn, follow_up.more(found.kind, found.round.version, OutcomeKey.RECOMMEND, 1, 1))
    _ask_more(turn, found)


def _ask_more(turn: Turn, found: Open) -> None:
    """Shows the first of the offered questions that has no answer; the thanks when there is none left."""
    given = follow_up.outcomes_of(turn.db, turn.person, found.kind)
    left = [key for key in follow_up.MORE[found.kind] if key not in given]
    if left:
        of = len(follow_up.MORE[found.kind])
        show_question(turn, follow_up.more(found.kind, found.round.version, left[0], of - len(left) + 1, of))
    else:
        show_next(turn, found.kind)


def age_told(turn: Turn, action: TellAge) -> None:
    _about_told(turn, age=action.value)


def sex_told(turn: Turn, action: TellSex) -> None:
    _about_told(turn, sex=action.value)


def _about_told(turn: Turn, *, age: AgeBand | None = None, sex: Sex | None = None) -> None:
    """Keeps an answer to what is asked once ever, and shows what follows. These buttons end with the round."""
    row = follow_up.round_of_about(turn.db, turn.person)
    found = answerable(turn, RoundKind(row.kind)) if row is not None else None
    if row is None:
        refused(turn, follow_up.Over())
    if found is None:
        return
    about = follow_up.about_of(turn.db, turn.person)
    about.age_band, about.sex = age or about.age_band, sex or about.sex
    turn.toast("follow_up.toast.kept")
    show_next(turn, found.kind)


def answers_amended(turn: Turn, action: AmendAnswers) -> None:
    found = answerable(turn, action.round)
    if found is not None:
        follow_up.amend(turn.db, found)
        show_next(turn, found.kind)


def round_asked_for(turn: Turn, action: SeeRound) -> None:
    found = answerable(turn, action.round)
    if found is not None:
        show_next(turn, found.kind)


def closing_considered(turn: Turn, action: ConsiderClosed) -> None:
    """Asks once more: what is closed is asked nothing again."""
    if answerable(turn, action.round) is not None:
        yes = Button("follow_up.button.closed", SayClosed(action.round), style=Style.DANGER)
        turn.show("follow_up.closing", buttons=[[yes], [Button("follow_up.button.not_closed", SeeRound(action.round))]])


def business_closed(turn: Turn, action: SayClosed) -> None:
    if answerable(turn, action.round) is None:
        return
    follow_up.close_business(turn.db, turn.person, turn.now)
    turn.show("follow_up.closed", buttons=[[Button("follow_up.button.open", SayOpen(action.round))]])


def business_opened(turn: Turn, action: SayOpen) -> None:
    if is_frozen(turn):
        return
    follow_up.open_business(turn.db, turn.person, turn.now)
    turn.toast("follow_up.toast.open")
    found = answerable(turn, action.round)
    if found is not None:
        show_next(turn, found.kind)
