"""What the buttons of answers for everybody carry. `faq` is the number of such an answer, `said` Telegram's number of
the message by which a question was typed that waits to go out."""

from __future__ import annotations

from typing import Literal

from bot.words.action import Action, PersonalAction

# --- the person -------------------------------------------------------------------------------------------------------


class SeeNear(PersonalAction, name="faq:near"):
    """What was answered already, before a typed question goes out. No button: a question leads here."""

    said: int


class AnsweredAlready(PersonalAction, name="faq:known"):
    """This answer (0: a lesson) was enough: the question need not go out."""

    said: int
    faq: int = 0


class SendAnyway(PersonalAction, name="faq:send"):
    """Ask a human being all the same."""

    said: int


class ReadLesson(PersonalAction, name="faq:lesson"):
    """Read this lesson; the question stays where it is."""

    lesson: str


class SeeTopics(PersonalAction, name="faq:topics"):
    """What was answered for everybody, by topic."""


class SeeTopic(PersonalAction, name="faq:topic"):
    """The answers of one topic: the id of a module, or `lain`."""

    topic: str
    page: int = 0


class SeeAnswer(PersonalAction, name="faq:answer"):
    """One answer. `typed`: it is offered for words that were typed."""

    faq: int
    typed: bool = False


class SayHelped(PersonalAction, name="faq:helped"):
    """This answer was enough."""

    faq: int


class Allow(PersonalAction, name="faq:allow"):
    """Whether the person's question may help others; no name is written."""

    faq: int
    allowed: bool


# --- staff ------------------------------------------------------------------------------------------------------------


class BeginFaq(Action, name="faq:begin"):
    """Make an answer for everybody of this question (`ticket`): its asker is asked first."""

    ticket: int


class SeeFaqs(Action, name="faq:list"):
    """The answers for everybody of my sites: what there is to do comes first."""

    page: int = 0


class SeeFaq(Action, name="faq:see"):
    """One of them, as staff see it."""

    faq: int


class WriteFaq(Action, name="faq:write"):
    """Write the question and the answer anew: a conversation begins."""

    faq: int


class KeepWords(Action, name="faq:keep"):
    """The words stay as they are: on to the next question."""

    faq: int


class PickFact(Action, name="faq:fact"):
    """The fact of facts.yaml that the answer hangs on; `-`: there is no rule or figure in it."""

    faq: int
    fact: str


class StopWritingFaq(Action, name="faq:stop"):
    """Out of writing; what was written so far stays."""


class SubmitFaq(Action, name="faq:submit"):
    """Ask a second one to look at it. `version` is of the words as they were shown."""

    faq: int
    version: int


class ApproveFaq(Action, name="faq:approve"):
    """Good for everybody, in these words."""

    faq: int
    version: int


class ConsiderReturn(Action, name="faq:returning"):
    """Ask for something better: what is wrong?"""

    faq: int
    version: int


class ReturnFaq(Action, name="faq:return"):
    """Back to who wrote it."""

    faq: int
    version: int
    why: Literal["unclear", "wrong", "long"]


class ConsiderRemoval(Action, name="faq:removing"):
    """Show it to nobody any more: ask first."""

    faq: int


class RemoveFaq(Action, name="faq:remove"):
    """Show it to nobody any more."""

    faq: int


class SetScope(Action, name="faq:scope"):
    """For the people of all sites, or of its own alone."""

    faq: int
    everywhere: bool
