"""Answers for everybody: offered before a question goes out, found by topic, written by mentors with the asker's yes.

person: a typed question -> what was answered already -> enough, or all the same a human being
mentor: an answered question -> the asker says yes -> question and answer anew -> a second one approves

    person         what was answered already, the answers by topic, one's own yes or no
    short_answers  typed words that act as a button
    staff          the list, one answer, asking its asker, approving, taking it away again
    writing        question and answer written anew, and the fact they rest on
"""

from __future__ import annotations

from typing import Final

from telegram.ext import filters

from bot.actions.faq import (
    Allow,
    AnsweredAlready,
    ApproveFaq,
    BeginFaq,
    ConsiderRemoval,
    ConsiderReturn,
    KeepWords,
    PickFact,
    ReadLesson,
    RemoveFaq,
    ReturnFaq,
    SayHelped,
    SeeAnswer,
    SeeFaq,
    SeeFaqs,
    SeeNear,
    SeeTopic,
    SeeTopics,
    SendAnyway,
    SetScope,
    StopWritingFaq,
    SubmitFaq,
    WriteFaq,
)
from bot.capability import Capability, Handlers
from bot.programme import faq
from bot.turns.router import Conversation, command, tap, typed, wanted
from handlers.faq import person, short_answers, staff, writing


def handlers() -> Handlers:
    writes = Conversation(
        writing.WRITING,
        entry_points=[tap(WriteFaq, writing.writing_begun)],
        states={
            writing.QUESTION: [typed(writing.question_written), tap(KeepWords, writing.question_kept)],
            writing.ANSWER: [typed(writing.answer_written), tap(KeepWords, writing.answer_kept)],
            writing.FACT: [typed(writing.fact_searched), tap(PickFact, writing.fact_picked)],
        },
        fallbacks=[command("batal", writing.writing_stopped), tap(StopWritingFaq, writing.writing_stopped)],
        resume=writing.asked_again,
    )
    return [
        wanted(filters.UpdateType.EDITED_MESSAGE, person.edits_held, person.held_edited),
        writes,
        tap(SeeNear, person.near_shown),
        tap(AnsweredAlready, person.answered_already),
        tap(SendAnyway, person.sent_anyway),
        tap(ReadLesson, person.lesson_opened),
        tap(SeeTopics, person.topics_asked_for),
        tap(SeeTopic, person.topic_asked_for),
        tap(SeeAnswer, person.answer_asked_for),
        tap(SayHelped, person.helped),
        tap(Allow, person.allowed),
        tap(BeginFaq, staff.begun),
        tap(SeeFaqs, staff.list_asked_for),
        tap(SeeFaq, staff.one_asked_for),
        tap(SubmitFaq, staff.submitted),
        tap(ApproveFaq, staff.approved),
        tap(ConsiderReturn, staff.return_considered),
        tap(ReturnFaq, staff.returned),
        tap(ConsiderRemoval, staff.removal_considered),
        tap(RemoveFaq, staff.removed),
        tap(SetScope, staff.scope_set),
    ]


CAPABILITY: Final = Capability("faq", handlers, data=faq.DATA, hears_first=short_answers.heard)
