"""Questions to mentors, and words about a class: asked in the chat, answered by a human being, and never forgotten.

person: /tanya or a button -> words, voice or picture -> (a mentor answers) -> clear, or not yet
mentor: a card, or /antrean -> take -> answer by a button or by a Telegram reply -> done
trainer: what people say about their class (who has it at once), and first words to one of the list

    participant       a question begun, said, added to, taken back, and in the end clear
    queue             the queue, a question and what was said in it, taking and ending it, a mentor's rest
    replying          a mentor answers
    telegram_replies  which question a Telegram reply belongs to
    corrections       a message that was edited after it had been sent
    albums            several pictures sent at once
    aside             words typed after something else was looked at: asked about before they go out
    whose             words that may belong to the question of any of the people on a phone
    short_answers     typed words that act as a button
    ready             words that the mentors of a site say often
    colleagues        a question handed over, to a colleague or back to the queue
    list_file         the questions of a trainer's sites as a table, without what was said
    telephone         a number to call, asked for and given
    class_words       words between a participant and the trainer of a class
    blocking          somebody may ask nothing for thirty days
    rights            which questions a member of staff may see
    words             what was said, read from the update; words that several screens share
"""

from __future__ import annotations

from typing import Final

from telegram.ext import filters

from bot.actions.mentoring import (
    AddReady,
    AddToQuestion,
    AnswerClear,
    AnswerUnclear,
    AskMentor,
    AskNumber,
    AskWhose,
    Block,
    CancelQuestion,
    ConsiderBlocking,
    ConsiderRest,
    DropPhoto,
    DropReady,
    GetQuestionsFile,
    GiveNumber,
    GiveTo,
    HandOver,
    HandOverNow,
    HearClassWords,
    HearHeart,
    HearMore,
    LookInstead,
    MarkDone,
    MeetInstead,
    NotForMentor,
    PickColleague,
    RateAnswer,
    RefuseNumber,
    ReplyTo,
    Rest,
    SeeQuestions,
    SeeQueue,
    SeeReady,
    SeeTalk,
    SendAnswerAgain,
    SendHeld,
    SendHeldAnswer,
    SendInMorning,
    SendReady,
    SendToo,
    ServeAgain,
    ShowOpened,
    ShowReady,
    StopAsking,
    StopReplying,
    TakeQuestion,
    Unblock,
    Unsay,
    WriteToPerson,
)
from bot.capability import Capability, Command, Handlers
from bot.programme import mentoring
from bot.turns.router import Conversation, command, sent, tap, typed, wanted
from handlers.mentoring import (
    albums,
    aside,
    blocking,
    class_words,
    colleagues,
    corrections,
    list_file,
    participant,
    queue,
    ready,
    replying,
    short_answers,
    telegram_replies,
    telephone,
    whose,
)

ANYTHING: Final = ~filters.TEXT & ~filters.StatusUpdate.ALL
"""What is said in another way than by typing."""
PICTURES: Final = filters.UpdateType.MESSAGE & (filters.PHOTO | filters.VIDEO | filters.Document.ALL)


def handlers() -> Handlers:
    asking = Conversation(
        participant.ASKING,
        entry_points=[tap(AskMentor, participant.question_begun), tap(AddToQuestion, participant.more_begun)],
        states={
            participant.WORDS: [typed(participant.words_given), sent(ANYTHING, participant.words_given)],
            aside.HELD: [
                tap(SendHeld, participant.held_sent),
                typed(participant.whether_answered),
                sent(ANYTHING, participant.words_given),
            ],
        },
        fallbacks=[command("batal", participant.asking_stopped), tap(StopAsking, participant.asking_stopped)],
        resume=participant.asked_again,
        asks_before_sending=True,
    )
    of_whom = Conversation(
        whose.WHOSE,
        entry_points=[tap(AskWhose, whose.whose_asked)],
        states={
            whose.WHICH: [
                tap(GiveTo, whose.given_to),
                typed(whose.words_given),
                sent(ANYTHING, whose.words_given),
            ],
        },
        fallbacks=[command("batal", whose.stopped), tap(StopAsking, whose.stopped)],
        resume=whose.asked_again,
        asks_before_sending=True,
    )
    answering = Conversation(
        replying.REPLYING,
        entry_points=[tap(ReplyTo, replying.reply_begun)],
        states={
            replying.WORDS: [typed(replying.words_given), sent(ANYTHING, replying.words_given)],
            replying.SURE: [
                tap(SendToo, replying.sent_too),
                typed(replying.whether_answered),
                sent(ANYTHING, replying.instead_given),
            ],
            aside.HELD: [
                tap(SendHeldAnswer, replying.held_sent),
                typed(replying.held_answered),
                sent(ANYTHING, replying.words_given),
            ],
        },
        fallbacks=[command("batal", replying.reply_stopped), tap(StopReplying, replying.reply_stopped)],
        resume=replying.asked_again,
        asks_before_sending=True,
    )
    giving = Conversation(
        telephone.GIVING,
        entry_points=[tap(GiveNumber, telephone.giving_begun)],
        states={telephone.NUMBER: [typed(telephone.number_given), sent(filters.CONTACT, telephone.number_given)]},
        fallbacks=[command("batal", telephone.giving_stopped), tap(StopAsking, telephone.giving_stopped)],
        resume=telephone.asked_again,
    )
    writing_to_person = Conversation(
        class_words.WRITING,
        entry_points=[tap(WriteToPerson, class_words.writing_begun)],
        states={
            class_words.WORDS: [typed(class_words.words_given), sent(ANYTHING, class_words.words_given)],
            aside.HELD: [
                tap(SendHeldAnswer, class_words.held_sent),
                typed(class_words.held_answered),
                sent(ANYTHING, class_words.words_given),
            ],
        },
        fallbacks=[command("batal", class_words.writing_stopped), tap(StopReplying, class_words.writing_stopped)],
        resume=class_words.asked_again,
        asks_before_sending=True,
    )
    handing = Conversation(
        colleagues.HANDING,
        entry_points=[tap(HandOver, colleagues.note_asked_for)],
        states={
            colleagues.NOTE: [typed(colleagues.note_written)],
            aside.HELD: [tap(SendHeldAnswer, colleagues.held_sent), typed(colleagues.held_answered)],
        },
        fallbacks=[command("batal", colleagues.handing_stopped), tap(StopReplying, colleagues.handing_stopped)],
        resume=colleagues.asked_again,
        asks_before_sending=True,
    )
    writing = Conversation(
        ready.WRITING,
        entry_points=[tap(AddReady, ready.words_asked_for)],
        states={ready.WORDS: [typed(ready.words_written)]},
        fallbacks=[command("batal", ready.writing_stopped), tap(StopReplying, ready.writing_stopped)],
        resume=ready.asked_again,
    )
    return [
        wanted(filters.UpdateType.EDITED_MESSAGE, corrections.is_of_question, corrections.words_corrected),
        wanted(PICTURES, albums.goes_on, albums.piece_heard, takes_albums=True),
        wanted(
            filters.UpdateType.MESSAGE & ANYTHING, telegram_replies.replies_to_question, telegram_replies.file_replied
        ),
        wanted(filters.UpdateType.MESSAGE & filters.CONTACT, short_answers.contact_wanted, short_answers.contact_heard),
        asking,
        of_whom,
        giving,
        answering,
        writing_to_person,
        handing,
        writing,
        command("tanya", participant.command_given),
        tap(SeeQuestions, participant.questions_asked_for),
        tap(HearMore, participant.more_heard),
        tap(HearHeart, participant.heart_put),
        tap(HearClassWords, class_words.words_heard),
        tap(LookInstead, participant.topics_instead),
        tap(MeetInstead, participant.meeting_instead),
        tap(ShowOpened, participant.opened),
        tap(SendHeld, participant.nothing_held),
        tap(SendHeldAnswer, replying.nothing_held),
        tap(NotForMentor, participant.not_meant),
        tap(RefuseNumber, telephone.number_refused),
        tap(CancelQuestion, participant.question_taken_back),
        tap(AnswerClear, participant.answer_clear),
        tap(AnswerUnclear, participant.answer_unclear),
        tap(RateAnswer, participant.answer_rated),
        command("antrean", queue.queue_asked_for, SeeQueue()),
        tap(SeeQueue, queue.queue_asked_for),
        tap(GetQuestionsFile, list_file.file_asked_for),
        tap(TakeQuestion, queue.question_taken),
        tap(SeeTalk, queue.talk_asked_for),
        tap(MarkDone, queue.question_done),
        tap(SendAnswerAgain, queue.answer_sent_again),
        tap(DropPhoto, queue.photo_dropped),
        tap(AskNumber, telephone.number_wanted),
        tap(ConsiderBlocking, blocking.blocking_considered),
        tap(Block, blocking.blocked),
        tap(Unblock, blocking.unblocked),
        tap(ConsiderRest, queue.rest_considered),
        tap(Rest, queue.rest_begun),
        tap(ServeAgain, queue.rest_ended),
        tap(Unsay, replying.answer_taken_back),
        tap(SendInMorning, replying.put_off),
        tap(PickColleague, colleagues.colleague_asked_for),
        tap(HandOverNow, colleagues.handed_over),
        tap(SeeReady, ready.list_asked_for),
        tap(ShowReady, ready.one_shown),
        tap(SendReady, ready.one_sent),
        tap(DropReady, ready.one_dropped),
    ]


CAPABILITY: Final = Capability(
    "mentoring",
    handlers,
    commands=(Command("tanya", "participant", place=55), Command("antrean", "mentor", place=10)),
    data=mentoring.DATA,
    hears_first=lambda turn: telegram_replies.reply_heard(turn) or short_answers.heard(turn),
)
