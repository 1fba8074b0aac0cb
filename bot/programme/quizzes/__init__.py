"""Quizzes: asking a question, what an answer means, what was missed coming back, and the tests before and after.

One row of `quiz` is one asking of one question to one person. It keeps in which order the options were shown and which
of them was right, so that content edited later does not change what an answer meant. Each asking is answered once: the
first answer counts.

What was missed comes back 2, 7 and 21 days after the miss; right three times is done, wrong starts over. One row per
person (`review_offer`) says when they are next to be asked whether they have a minute. Offers end when the person says
so, or after four in a row that were ignored, until the next answer; none comes near the daily lesson or after it was
stopped.

    tables             the rows
    outcomes           what the functions return
    questions          the question itself: order of options, edition, whether it may be asked
    asking             a question is asked
    reviews            what is due again: offered, and asked
    answers            an answer is recorded; the question comes back or moves on
    tests_of_learning  the tests before and after
    figures            numbers for reports
    data               what is owed of the tables

Other packages import this one as a whole: `quizzes.answer`.
"""

from bot.programme.quizzes.answers import answer, newest_open_poll, quiz_of_poll
from bot.programme.quizzes.asking import ask_of_lesson, ask_with_letters
from bot.programme.quizzes.data import DATA, answers_of, reviews_of
from bot.programme.quizzes.figures import FEW, Gain, Kept, QuestionReport, gain, gain_of, kept, question_reports, told
from bot.programme.quizzes.outcomes import (
    AlreadyAnswered,
    Asked,
    JustAsked,
    Marked,
    NextQuestion,
    Noted,
    OfAnother,
    Right,
    TestDone,
    TestState,
    TestStatus,
    TooEarly,
    TooLate,
    Unknown,
    Wrong,
)
from bot.programme.quizzes.questions import shuffled
from bot.programme.quizzes.reviews import (
    begin_offers_again,
    comes_by_itself,
    due_reviews,
    next_review,
    offers_stopped,
    put_off_review,
    repeated_today,
    stop_offers,
)
from bot.programme.quizzes.tables import TESTS, Quiz, QuizPurpose, Review, ReviewOffer, Sitting
from bot.programme.quizzes.tests_of_learning import closed_test, posttest_state, pretest_state, put_off_test, take_test

__all__ = [
    "DATA",
    "FEW",
    "TESTS",
    "AlreadyAnswered",
    "Asked",
    "Gain",
    "JustAsked",
    "Kept",
    "Marked",
    "NextQuestion",
    "Noted",
    "OfAnother",
    "QuestionReport",
    "Quiz",
    "QuizPurpose",
    "Review",
    "ReviewOffer",
    "Right",
    "Sitting",
    "TestDone",
    "TestState",
    "TestStatus",
    "TooEarly",
    "TooLate",
    "Unknown",
    "Wrong",
    "answer",
    "answers_of",
    "ask_of_lesson",
    "ask_with_letters",
    "begin_offers_again",
    "closed_test",
    "comes_by_itself",
    "due_reviews",
    "gain",
    "gain_of",
    "kept",
    "newest_open_poll",
    "next_review",
    "offers_stopped",
    "posttest_state",
    "pretest_state",
    "put_off_review",
    "put_off_test",
    "question_reports",
    "quiz_of_poll",
    "repeated_today",
    "reviews_of",
    "shuffled",
    "stop_offers",
    "take_test",
    "told",
]
