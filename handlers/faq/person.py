"""The person: what was answered already before a question goes out, the answers by topic, and one's own yes or no."""

from __future__ import annotations

from collections import Counter
from typing import Final

from bot.actions.buttons import HELP, MENU, back
from bot.actions.faq import (
    Allow,
    AnsweredAlready,
    ReadLesson,
    SayHelped,
    SeeAnswer,
    SeeNear,
    SeeTopic,
    SeeTopics,
    SendAnyway,
)
from bot.actions.lessons import OpenLesson
from bot.actions.mentoring import AskMentor, SeeQuestions, ShowOpened
from bot.programme import faq, mentoring, privacy
from bot.programme.faq import Faq, HeldQuestion, State
from bot.turns.pages import page_of
from bot.turns.turn import Turn
from bot.words.message import Button, Lines, Value, Words

PAGE: Final = 5
ON_BUTTON: Final = 28
"""So many letters of a question stand on its button."""
MINUTES: Final = int(faq.WAITS.total_seconds() // 60)


# --- before a question goes out ---------------------------------------------------------------------------------------


def near_shown(turn: Turn, action: SeeNear) -> None:
    """Shows what fits the question that waits; where nothing does (any more) it goes out at once."""
    question = _held(turn, action.said)
    if question is None:
        return _gone_out(turn)
    near = faq.find(turn.db, turn.person.site_id, question.text, turn.now, content=turn.content, origin=question.origin)
    if not near:
        return sent_anyway(turn, SendAnyway(action.said))
    faq.count_shown(turn.db, near.answers)
    several = len(near.answers) > 1
    known = [
        Button("faq.button.enough_one" if several else "faq.button.enough", _enough(action, one), {"number": at})
        for at, one in enumerate(near.answers, 1)
    ]
    if not near.answers:
        known = [Button("faq.button.enough", AnsweredAlready(action.said))]
    send = Button("faq.button.send", SendAnyway(action.said))
    lessons = [[Button("faq.button.lesson", ReadLesson(one.id), {"title": one.title})] for one in near.lessons]
    found = Lines(tuple(_found(one, at if several else None) for at, one in enumerate(near.answers, 1)))
    key = "faq.near" if near.answers else "faq.near_lessons"
    turn.say(key, found=found if near.answers else None, n=MINUTES, buttons=[*lessons, known, [send]])


def _enough(action: SeeNear, one: Faq) -> AnsweredAlready:
    return AnsweredAlready(action.said, one.id)


def _found(one: Faq, number: int | None = None) -> Words:
    values: dict[str, Value] = {"question": one.question, "answer": one.answer}
    if number is None:
        return Words("faq.found", values)
    return Words("faq.found_number" if number == 1 else "faq.found_next", values | {"number": number})


def answered_already(turn: Turn, action: AnsweredAlready) -> None:
    question = _held(turn, action.said)
    if question is None or not faq.drop(turn.db, question):
        return _gone_out(turn)
    if action.faq in _shown_here(turn):
        faq.count_helped(turn.db, [action.faq])
    turn.show("faq.glad_unsent", buttons=[[Button("mentoring.button.ask", AskMentor())]])


def question_held_back(turn: Turn, action: SendAnyway) -> None:
    """Takes back a question while it waits: it is not sent to anybody."""
    turn.act_for(turn.whose(action.person))
    question = _held(turn, action.said)
    if question is None or not faq.drop(turn.db, question):
        return _gone_out(turn)
    turn.show("mentoring.cancelled", buttons=[[Button("mentoring.button.ask", AskMentor())]])


def sent_anyway(turn: Turn, action: SendAnyway) -> None:
    question = _held(turn, action.said)
    opened = faq.send(turn.db, question, turn.now, content=turn.content) if question is not None else None
    match opened:
        case mentoring.Opened(ticket, _):
            turn.follow(ShowOpened(ticket.id))
        case mentoring.Blocked():
            turn.follow(AskMentor())  # it says until when
        case None:
            _gone_out(turn)


def _gone_out(turn: Turn) -> None:
    """Tells that a question does not wait any more: it was sent, or the answer was enough."""
    turn.toast("menu.stale")
    turn.show("faq.not_waiting", buttons=[[Button("mentoring.button.mine", SeeQuestions())]])


def lesson_opened(turn: Turn, action: ReadLesson) -> None:
    """Opens the lesson below: what was found, and the way to a human being, stay where they are."""
    turn.keeps_tapped = True
    turn.follow(OpenLesson(action.lesson))


def _held(turn: Turn, said: int) -> HeldQuestion | None:
    question = faq.held(turn.db, turn.person)
    return question if question is not None and question.said == said else None


def edits_held(turn: Turn) -> bool:
    return _edited(turn) is not None


def held_edited(turn: Turn) -> None:
    """Corrects a question while it waits."""
    question, message = _edited(turn), turn.update.edited_message
    text = (message.text or "").strip() if message is not None else ""
    if question is None or not text:
        return
    plain = turn.account.conversation is not None
    if len(text) > mentoring.MOST_LETTERS:
        return turn.say("mentoring.too_long", plain=plain)
    if privacy.holds_secret_number(text):
        return turn.say("privacy.secret_number", plain=plain)
    if privacy.holds_secret_code(text):
        return turn.say("mentoring.secret_code", plain=plain)
    question.text = text
    turn.say("faq.edited", plain=plain)


def _edited(turn: Turn) -> HeldQuestion | None:
    message = turn.update.edited_message
    if message is None or turn.account.person is None or not turn.registered:
        return None
    question = faq.held(turn.db, turn.account.person)
    return question if question is not None and question.said == message.message_id else None


# --- by topic ---------------------------------------------------------------------------------------------------------


def topics_asked_for(turn: Turn) -> None:
    found = faq.published(turn.db, turn.person.site_id, turn.now, content=turn.content)
    ask = [Button("mentoring.button.ask", AskMentor())]
    if not found:
        turn.show("faq.none", buttons=[ask])
        return
    numbers = Counter(one.topic if turn.content.module(one.topic) else mentoring.OTHER for one in found)
    modules = [one for one in turn.content.modules if one.id in numbers]
    topics: list[tuple[str, Value]] = [(one.id, one.title) for one in modules]
    if mentoring.OTHER in numbers:
        topics.append((mentoring.OTHER, Words("faq.topic.other")))
    buttons = [[Button("faq.button.topic", SeeTopic(one), {"title": title})] for one, title in topics]
    turn.show("faq.topics", n=len(found), buttons=[*buttons, ask])


def topic_asked_for(turn: Turn, action: SeeTopic) -> None:
    everything = faq.published(turn.db, turn.person.site_id, turn.now, content=turn.content)
    of_topic = [
        one for one in everything
        if (one.topic if turn.content.module(one.topic) else mentoring.OTHER) == action.topic
    ]  # fmt: skip
    if not of_topic:
        turn.toast("menu.stale")
        return topics_asked_for(turn)
    page = page_of(of_topic, action.page, PAGE)
    module = turn.content.module(action.topic)
    title: Value = module.title if module else Words("faq.topic.other")
    lines = Lines(
        tuple(
            Words("faq.topic_line", {"number": page.first + at, "question": one.question})
            for at, one in enumerate(page.items, 1)
        )
    )
    buttons = [
        [Button("faq.button.question", SeeAnswer(one.id), {"number": page.first + at, "text": _beginning(one)})]
        for at, one in enumerate(page.items, 1)
    ]
    ways = []
    if page.before is not None:
        ways.append(Button("faq.button.before", SeeTopic(action.topic, page.before)))
    if page.after is not None:
        ways.append(Button("faq.button.after", SeeTopic(action.topic, page.after)))
    last = [Button("mentoring.button.ask", AskMentor()), back(SeeTopics())]
    turn.show("faq.topic", title=title, lines=lines, buttons=[*buttons, ways, last])


def _beginning(one: Faq) -> str:
    first = " ".join((one.question or "").split())
    return first if len(first) <= ON_BUTTON else first[:ON_BUTTON].rstrip() + "…"


def answer_asked_for(turn: Turn, action: SeeAnswer) -> None:
    one = _shown_here(turn).get(action.faq)
    if one is None:
        turn.toast("menu.stale")
        return topics_asked_for(turn)
    faq.count_shown(turn.db, (one,))
    enough = Button("faq.button.enough", SayHelped(one.id))
    ask = Button("mentoring.button.ask", AskMentor())
    values: dict[str, Value] = {"question": one.question, "answer": one.answer}
    if action.typed:
        turn.say("faq.maybe", values, buttons=[[enough], [ask], [Button("faq.button.topics", SeeTopics())]])
    else:
        topic = one.topic if turn.content.module(one.topic) else mentoring.OTHER
        turn.show("faq.one", values, buttons=[[enough], [ask, back(SeeTopic(topic))]])


def helped(turn: Turn, action: SayHelped) -> None:
    """Counts that an answer helped: once, also if the button is tapped several times in a row."""
    newest = turn.newest.said
    if action.faq in _shown_here(turn) and (newest is None or newest.key != "faq.glad"):
        faq.count_helped(turn.db, [action.faq])
    turn.show("faq.glad", buttons=[[MENU, HELP]], plain=True)


def _shown_here(turn: Turn) -> dict[int, Faq]:
    """Returns the answers that this person may see."""
    found = faq.published(turn.db, turn.person.site_id, turn.now, content=turn.content)
    return {one.id: one for one in found}


# --- one's own question -----------------------------------------------------------------------------------------------


def allowed(turn: Turn, action: Allow) -> None:
    """Records whether the asker wants their question to help others. A no counts until it is published."""
    one = faq.get(turn.db, action.faq)
    if one is None or one.person_id != turn.person.id:
        turn.toast("menu.stale")
        return turn.follow(SeeQuestions())
    if one.state == State.PUBLISHED:
        turn.show("faq.published_already", contact=turn.contact)
    elif not action.allowed:
        if faq.writing.refuse(turn.db, one, turn.now):
            faq.news.tell_refused(turn.db, one, turn.now)
        turn.show("faq.refused_by_you")
    elif faq.writing.agree(turn.db, one, turn.now):
        faq.news.may_write(turn.db, one, turn.now)
        turn.show("faq.allowed")
    elif one.state in (State.REFUSED, State.WITHDRAWN):
        turn.show("faq.decided_before")
    else:
        turn.show("faq.allowed")
