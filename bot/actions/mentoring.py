"""What the buttons of questions to mentors carry. `ticket` is the number of a question, `message` of something said in
it, `account` of a member of staff."""

from __future__ import annotations

from bot.words.action import Action, PersonalAction

# --- the person -------------------------------------------------------------------------------------------------------


class AskMentor(PersonalAction, name="mentoring:ask"):
    """Ask a mentor. `origin`: where it is asked, `lesson.M01L1` or `class.12`."""

    origin: str = ""


class SeeQuestions(PersonalAction, name="mentoring:mine"):
    """The person's open questions."""


class AddToQuestion(PersonalAction, name="mentoring:add"):
    """Say more in this question."""

    ticket: int


class HearMore(Action, name="mentoring:more"):
    """Something came that belongs to the open question (0: the one in which something was said last). No button: other
    handlers lead here. Without `waits` it is a short yes or no that wants no answer."""

    ticket: int = 0
    waits: bool = True


class HearClassWords(Action, name="mentoring:class_words"):
    """Something came that is about this class: for its trainer. No button: other handlers lead here."""

    session: int


class AskWhose(Action, name="mentoring:whose"):
    """Words came that may belong to the question of any of the people on this phone. No button: other handlers lead
    here."""


class HearHeart(Action, name="mentoring:heart"):
    """A friendly emoji was put on some message. No button: other handlers lead here."""


class LookInstead(PersonalAction, name="mentoring:common"):
    """Look at what was answered for everybody, instead of writing the question that was begun."""


class MeetInstead(PersonalAction, name="mentoring:meet"):
    """Look for a time to meet a mentor, instead of writing the question that was begun."""


class ShowOpened(PersonalAction, name="mentoring:opened"):
    """The question has just gone out. No button: other handlers lead here."""

    ticket: int


class NotForMentor(PersonalAction, name="mentoring:not_mine"):
    """This was not meant for the mentor: take it back."""

    message: int


class CancelQuestion(PersonalAction, name="mentoring:cancel"):
    """Take the whole question back."""

    ticket: int


class AnswerClear(PersonalAction, name="mentoring:clear"):
    """The answer is clear: the question is over."""

    ticket: int


class AnswerUnclear(PersonalAction, name="mentoring:unclear"):
    """The answer is not clear: the person waits again."""

    ticket: int


class RateAnswer(PersonalAction, name="mentoring:face"):
    """How the answer was found: 1 not good, 2 middling, 3 good."""

    ticket: int
    face: int


class GiveNumber(PersonalAction, name="mentoring:number_yes"):
    """The mentor of this question may call: ask for the number."""

    ticket: int


class RefuseNumber(PersonalAction, name="mentoring:number_no"):
    """The mentor of this question may not call, or not any more."""

    ticket: int


class GiveTo(Action, name="mentoring:give"):
    """The words that wait belong to this question of this person of the phone (0: to a new one). `said`: Telegram's
    number of them."""

    ticket: int
    whom: int
    said: int


class SendHeld(Action, name="mentoring:send_held"):
    """Send what I wrote after I had looked at something else. `said`: Telegram's number of my words."""

    said: int


class StopAsking(Action, name="mentoring:stop"):
    """Out of the question that was begun; nothing of it was sent."""


# --- mentors ----------------------------------------------------------------------------------------------------------


class SeeQueue(Action, name="mentoring:queue"):
    """What waits at my sites, the longest first."""

    page: int = 0


class TakeQuestion(Action, name="mentoring:take"):
    """Make it mine."""

    ticket: int


class SeeTalk(Action, name="mentoring:talk"):
    """Everything that was said in it."""

    ticket: int


class ReplyTo(Action, name="mentoring:reply"):
    """Write an answer to it."""

    ticket: int


class SendAnswerAgain(Action, name="mentoring:again"):
    """Send what did not arrive in this question once more."""

    ticket: int


class SendToo(Action, name="mentoring:send_too"):
    """Send what I wrote although a colleague answered. `said`: Telegram's number of my words; `known`: the colleague's
    answer that I was shown."""

    ticket: int
    said: int
    known: int


class SendHeldAnswer(Action, name="mentoring:send_held_answer"):
    """The same of what a mentor or a trainer wrote to somebody."""

    said: int


class StopReplying(Action, name="mentoring:stop_reply"):
    """Out of the answer that was begun; nothing of it was sent."""


class Unsay(Action, name="mentoring:unsay"):
    """Take this answer back."""

    message: int


class SendInMorning(Action, name="mentoring:morning"):
    """Let this answer, given at night, come at the next opening."""

    message: int


class MarkDone(Action, name="mentoring:done"):
    """The question is over."""

    ticket: int


class PickColleague(Action, name="mentoring:hand"):
    """Hand it over: to whom?"""

    ticket: int
    page: int = 0


class HandOver(Action, name="mentoring:hand_to"):
    """Hand it over to this account (0: back to the queue); a note is asked for."""

    ticket: int
    account: int


class HandOverNow(Action, name="mentoring:handed"):
    """The same without a note."""

    ticket: int
    account: int


class SeeReady(Action, name="mentoring:ready"):
    """The ready answers of the question's site, to answer it with one."""

    ticket: int
    page: int = 0


class ShowReady(Action, name="mentoring:ready_show"):
    """This one, before it is sent."""

    ticket: int
    ready: int


class SendReady(Action, name="mentoring:ready_send"):
    """Send it. `version` is of its words as they were shown."""

    ticket: int
    ready: int
    version: int


class AddReady(Action, name="mentoring:ready_add"):
    """Write another one for the site of this question."""

    ticket: int


class DropReady(Action, name="mentoring:ready_drop"):
    """Delete this one."""

    ticket: int
    ready: int


class ConsiderRest(Action, name="mentoring:rest"):
    """No new questions for a while: ask about those I have."""


class Rest(Action, name="mentoring:rested"):
    """Begin to rest; the questions I have go back to the queue."""


class ServeAgain(Action, name="mentoring:serve"):
    """New questions again."""


class DropPhoto(Action, name="mentoring:drop_photo"):
    """Delete a picture, voice or video that should not be there."""

    message: int


class AskNumber(Action, name="mentoring:number"):
    """Ask the person whether a call may help."""

    ticket: int


class ConsiderBlocking(Action, name="mentoring:block"):
    """Ask whether its person shall ask nothing for a while."""

    ticket: int


class Block(Action, name="mentoring:blocked"):
    """End what is open of its person, and let them ask nothing for a while."""

    ticket: int


class Unblock(Action, name="mentoring:unblock"):
    """They may ask again."""

    ticket: int


class WriteToPerson(Action, name="mentoring:write"):
    """Write to one person on the list of a class."""

    person: int
    session: int


class GetQuestionsFile(Action, name="mentoring:file"):
    """The questions of this site as a table; without one those of all sites that one leads."""

    site: str = ""
