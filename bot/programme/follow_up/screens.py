"""The questions of a round as messages: what is posted when a round is due, and what each answer leads to."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from bot.actions.buttons import HELP
from bot.actions.follow_up import (
    AgeBand,
    AmendAnswers,
    AnswerMore,
    ConsiderClosed,
    GiveOutcome,
    OutcomeKey,
    RoundKind,
    SavePractices,
    SayStill,
    SetPractice,
    Sex,
    TellAge,
    TellSex,
)
from bot.catalogue.content import Content
from bot.catalogue.practices_file import Practice
from bot.programme.follow_up.state import MORE, Standing
from bot.programme.follow_up.values import PARTS, SKIPPED, VALUES
from bot.words.message import Button, Message, Style, Value, Words, rows

IN_A_ROW: Final = {OutcomeKey.ORDERS: 2, OutcomeKey.WORKERS: 4, OutcomeKey.TURNOVER: 2, OutcomeKey.OBSTACLE: 2}
"""So many buttons stand in one row; a "skip" has its own."""


class Lead(StrEnum):
    """Why a message comes by itself."""

    ASKED = "asked"
    REMINDED = "reminded"


def question(
    kind: RoundKind,
    version: int,
    part: int,
    standing: Standing,
    content: Content,
    language: str,
    lead: Lead | None = None,
) -> Message:
    """Returns the question number `part` (from 0) of a round. `lead`: it is posted by itself, and says why."""
    number, of = standing.numbered(kind, part)
    practices = {one.code: one for one in content.practices}
    if part == 0:
        asked, buttons = _boxes(kind, version, standing, practices, language)
    elif part == 1 and standing.again is not None and kind is not RoundKind.D0:
        again = practices[standing.again]
        asked = Words("follow_up.ask.still", {"question": again.still.words(language)})
        yes, no = (SayStill(kind, version, again.code, has) for has in (True, False))
        buttons = [[Button("follow_up.button.still", yes), Button("follow_up.button.not_any_more", no)]]
    else:
        key = OutcomeKey.ORDERS
        if kind is RoundKind.D0:
            key = OutcomeKey.WORKERS if part == 1 else OutcomeKey.TURNOVER
        asked, buttons = asking(kind, version, key)
    values: dict[str, Value] = {"question": asked, "n": number, "of": of}
    if lead is None:
        return Message("follow_up.question", values, rows(*buttons, [HELP]))
    last = [HELP] if kind is RoundKind.D0 else [Button("follow_up.button.closing", ConsiderClosed(kind)), HELP]
    values["lead"] = Words("follow_up.reminded" if lead is Lead.REMINDED else f"follow_up.asked.{kind.value}")
    return Message("follow_up.posted", values, rows(*buttons, last))


def _boxes(
    kind: RoundKind, version: int, standing: Standing, practices: dict[str, Practice], language: str
) -> tuple[Words, list[list[Button]]]:
    boxes = [
        Button(
            "follow_up.button.ticked" if code in standing.ticked else "follow_up.button.box",
            SetPractice(kind, version, code, code not in standing.ticked),
            {"practice": practices[code].label(language)},
        )
        for code in standing.boxes
    ]
    buttons = [boxes[at : at + 2] for at in range(0, len(boxes), 2)]
    buttons.append([Button("follow_up.button.save", SavePractices(kind, version), style=Style.PRIMARY)])
    if not standing.missing:
        return Words("follow_up.ask.practices", {}), buttons
    names = ", ".join(practices[code].name.words(language) for code in standing.missing)
    return Words("follow_up.ask.missing", {"practices": names}), buttons


def asking(kind: RoundKind, version: int, key: OutcomeKey) -> tuple[Words, list[list[Button]]]:
    """Returns the words and buttons of a question with fixed answers."""
    values = [one for one in VALUES[key] if one != SKIPPED]
    width = 6 if key is OutcomeKey.RECOMMEND else IN_A_ROW[key]
    given = [_answer(kind, version, key, value) for value in values]
    buttons = [given[at : at + width] for at in range(0, len(given), width)]
    if SKIPPED in VALUES[key]:
        buttons.append([Button("follow_up.button.skip", GiveOutcome(kind, version, key, SKIPPED))])
    return Words(f"follow_up.ask.{key.value}", {}), buttons


def _answer(kind: RoundKind, version: int, key: OutcomeKey, value: str) -> Button:
    action = GiveOutcome(kind, version, key, value)
    if key in (OutcomeKey.WORKERS, OutcomeKey.RECOMMEND):
        return Button("follow_up.button.number", action, {"number": value})
    return Button(f"follow_up.button.{key.value}.{value.replace('+', '_up').replace('-', '_')}", action)


def more(kind: RoundKind, version: int, key: OutcomeKey, number: int, of: int) -> Message:
    """Returns one of the questions that are offered after the thanks: which it is, of how many."""
    asked, buttons = asking(kind, version, key)
    if of == 1:
        return Message("follow_up.more", {"question": asked}, rows(*buttons, [HELP]))
    return Message("follow_up.more_of", {"question": asked, "number": number, "of": of}, rows(*buttons, [HELP]))


def thanks(kind: RoundKind, answered: Sequence[OutcomeKey]) -> Message:
    """Returns the thanks. `answered`: what of the offered questions is answered; the rest is offered."""
    left = [key for key in MORE[kind] if key not in answered]
    offers = [[Button("follow_up.button.more", AnswerMore(kind, "more"), {"n": len(left)})]] if left else []
    if kind is RoundKind.D180 and OutcomeKey.RECOMMEND not in answered:
        offers.append([Button("follow_up.button.rate", AnswerMore(kind, "rate"))])
    return Message("follow_up.thanks", {}, rows(*offers, [Button("follow_up.button.amend", AmendAnswers(kind))]))


def age_question() -> Message:
    ages = [Button(f"follow_up.button.age.{_word(one)}", TellAge(one)) for one in AgeBand]
    return Message("follow_up.age", {}, rows(ages[:3], ages[3:5], ages[5:], [HELP]))


def sex_question() -> Message:
    female, male, unsaid = (Button(f"follow_up.button.sex.{one.value}", TellSex(one)) for one in Sex)
    return Message("follow_up.sex", {}, rows([female, male], [unsaid], [HELP]))


def _word(band: AgeBand) -> str:
    return band.value.replace("+", "_up").replace("-", "_")


assert PARTS == 3, "three questions have their words here"
