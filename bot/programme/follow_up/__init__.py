"""What came of it: a few questions after the first class, and 30, 90 and 180 days later.

tables    what is kept
values    what can be answered, and when a round is open: pure data
planning  when a person is asked
rounds    what becomes due: asked, reminded of, ended
state     which practices are asked about, and which question is open
screens   the questions as messages
answers   what is done with each answer
data      what all of this owes
"""

from __future__ import annotations

from bot.actions.follow_up import AgeBand, OutcomeKey, RoundKind, Sex
from bot.programme.follow_up.answers import (
    BusinessClosed,
    NeedsConsent,
    NotOpen,
    Open,
    Over,
    Stale,
    about_of,
    about_open,
    amend,
    answered_before,
    close_business,
    give_outcome,
    note_practice,
    open_business,
    opened,
    outcomes_of,
    round_of_about,
    save_practices,
    say_still,
    set_practice,
    to_answer,
)
from bot.programme.follow_up.data import DATA
from bot.programme.follow_up.planning import LESSONS, agreed, attended, learnt, not_attended
from bot.programme.follow_up.screens import Lead, age_question, more, question, sex_question, thanks
from bot.programme.follow_up.state import MORE, Standing, standing, standings
from bot.programme.follow_up.tables import AboutPerson, Ended, FollowUpRound, Outcome, Practice, PracticeState, Source
from bot.programme.follow_up.values import ANSWERED_FOR, CLOSES, OPENS, PARTS, SKIPPED, UNKNOWN, VALUES

__all__ = [
    "ANSWERED_FOR",
    "CLOSES",
    "DATA",
    "LESSONS",
    "MORE",
    "OPENS",
    "PARTS",
    "SKIPPED",
    "UNKNOWN",
    "VALUES",
    "AboutPerson",
    "AgeBand",
    "BusinessClosed",
    "Ended",
    "FollowUpRound",
    "Lead",
    "NeedsConsent",
    "NotOpen",
    "Open",
    "Outcome",
    "OutcomeKey",
    "Over",
    "Practice",
    "PracticeState",
    "RoundKind",
    "Sex",
    "Source",
    "Stale",
    "Standing",
    "about_of",
    "about_open",
    "age_question",
    "agreed",
    "amend",
    "answered_before",
    "attended",
    "close_business",
    "give_outcome",
    "learnt",
    "more",
    "not_attended",
    "note_practice",
    "open_business",
    "opened",
    "outcomes_of",
    "question",
    "round_of_about",
    "save_practices",
    "say_still",
    "set_practice",
    "sex_question",
    "standing",
    "standings",
    "thanks",
    "to_answer",
]
