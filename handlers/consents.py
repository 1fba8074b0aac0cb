"""Asks about a newer version of the notice, and for the consents that are asked for later: at the end of what somebody
did.

What was tapped or typed is done first. Nothing is asked in the middle of a conversation, of a check-in or of a lesson,
nor beside another question. The question is about the person whom the turn was about, also where several share the
phone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.actions.consents import AnswerNotice, AskFirst, PutNoticeOff, ReadNewNotice, SeeNewNotice
from bot.actions.privacy import AskConsent, ChangeConsent, OfferConsent, ReadNotice, SeeConsents
from bot.capability import Capability, Handlers
from bot.people.people import Person, Purpose
from bot.programme import consents, sheet_photos
from bot.turns.router import tap
from bot.turns.turn import Turn
from bot.words.message import Button

BESIDE: Final = ("enrolment.", "lessons.", "menu.", "reminders.")
"""The beginnings of keys of messages that may be followed by such a question. Questions, check-ins, one's own data, and
the work of staff are not among them, nor is anything that is built later."""
NOT_BESIDE: Final = ("lessons.page.", *("menu.tools", "menu.trainer", "menu.admin", "menu.status", "menu.reloading"))
"""The exceptions: pages of a lesson, and what staff see of the menu."""
QUESTIONS: Final = frozenset(
    {
        *("enrolment.clash", "enrolment.move", "enrolment.withdraw", "enrolment.withdraw_waiting", "lessons.days"),
        *("lessons.search", "menu.language", "menu.not_understood", "menu.stopped", "menu.unknown_command"),
        "menu.who",
    }
)
"""Further exceptions: messages that want an answer themselves."""


def handlers() -> Handlers:
    return [
        tap(AnswerNotice, notice_answered),
        tap(PutNoticeOff, notice_put_off),
        tap(ReadNewNotice, whole_notice_asked_for),
        tap(SeeNewNotice, news_asked_for),
        tap(AskFirst, newer_use_wanted),
    ]


CAPABILITY: Final = Capability(
    "consents", handlers, data=consents.DATA, speaks_last=lambda turn: something_was_done(turn)
)


def something_was_done(turn: Turn) -> None:
    """Asks a question about consents that is due, at the end of a turn, if that does not disturb."""
    person = turn.anybody
    if person is None or turn.account.conversation is not None or turn.account.stopped_at is not None:
        return
    if turn.update.message is None and turn.update.callback_query is None:
        return
    keys = [post.message.key for post in turn.posts]
    if not all(_may_be_followed(key) for key in keys):
        return
    match consents.next_question(turn.db, person, turn.now, content=turn.content):
        case Purpose.TRAINING:
            version = turn.content.consent_version(Purpose.TRAINING)
            if consents.need_only_be_told(turn.db, person, turn.content):
                return _tell(turn, person, version)
            if consents.refused_the_same(turn.db, person, turn.content):
                return consents.told(turn.db, person, version, turn.now)
            consents.asked(turn.db, person, Purpose.TRAINING, version, turn.now)
            _ask(turn)
        case Purpose() as purpose:
            turn.follow(AskConsent(purpose))


def _tell(turn: Turn, person: Person, version: str) -> None:
    """Tells what the newest notice says more exactly; what was agreed to stays as it is."""
    consents.told(turn.db, person, version, turn.now)
    turn.say("consents.told", buttons=[[Button("consents.button.read", ReadNotice())], *_to_consents()])


def _may_be_followed(key: str) -> bool:
    """Returns whether a question may be asked after the message with this key; a message without a key (a place) may be
    followed by one."""
    return not key or (key.startswith(BESIDE) and not key.startswith(NOT_BESIDE) and key not in QUESTIONS)


def _ask(turn: Turn) -> None:
    """Asks about the newer notice, with three lines of what is new. The message stays in the chat with its answer."""
    version = turn.content.consent_version(Purpose.TRAINING)
    yes = Button("consents.button.agree", AnswerNotice(version, True))
    later = Button("consents.button.later", PutNoticeOff(version))
    turn.say("consents.new", buttons=[[yes, later], [Button("consents.button.read", ReadNewNotice(version))]])


def _ask_yes_or_no(turn: Turn, key: str) -> None:
    version = turn.content.consent_version(Purpose.TRAINING)
    yes = Button("consents.button.agree", AnswerNotice(version, True))
    no = Button("consents.button.refuse", AnswerNotice(version, False))
    turn.say(key, buttons=[[yes, no]])


def notice_answered(turn: Turn, action: AnswerNotice) -> None:
    if _is_replaced(turn, action.version):
        return
    match consents.answer_notice(
        turn.db, turn.somebody, given=action.given, version=action.version, language=turn.language, now=turn.now
    ):
        case consents.Agreed():
            turn.toast("consents.toast.agreed")
            turn.say("consents.agreed", buttons=_to_consents())
        case consents.Refused():
            sheet_photos.empty_for(turn.db, turn.somebody, sheet_photos.Emptied.REFUSED, turn.now)
            turn.toast("consents.toast.refused")
            turn.say("consents.refused", buttons=_to_consents())
        case consents.Unchanged():
            turn.toast("consents.toast.known")
        case consents.NothingOlder():
            turn.follow(ChangeConsent(Purpose.TRAINING, False))


def notice_put_off(turn: Turn, action: PutNoticeOff) -> None:
    if _is_replaced(turn, action.version) or _is_agreed_to(turn):
        return
    put_off = consents.put_off(turn.db, turn.somebody, action.version, turn.now)
    turn.show("consents.put_off" if put_off.again else "consents.put_off_for_good", buttons=_to_consents())


def whole_notice_asked_for(turn: Turn, action: ReadNewNotice) -> None:
    _ = turn.somebody
    if _is_replaced(turn, action.version):
        return
    turn.follow(ReadNotice())
    _ask_yes_or_no(turn, "consents.read")


def news_asked_for(turn: Turn) -> None:
    """Shows what is new in the notice and asks about it, whatever was answered before. Asked for from the list of
    consents."""
    _ = turn.somebody
    _ask_yes_or_no(turn, "consents.new")


def newer_use_wanted(turn: Turn, action: AskFirst) -> None:
    """Asks for the consent that covers what somebody wants to do, unless they have given it."""
    person = turn.person
    purpose, _ = turn.content.covered_by(action.use)
    if consents.covers(turn.db, person, action.use, content=turn.content):
        turn.toast("consents.toast.known")
    elif purpose is not Purpose.TRAINING:
        turn.follow(OfferConsent(purpose))
    else:
        turn.say("consents.needed", plain=True)
        _ask_yes_or_no(turn, "consents.new")


def _is_replaced(turn: Turn, version: str) -> bool:
    """Returns whether a button belongs to an older version of the notice, whose words are not those that would be
    agreed to now. If so, the phone has been answered."""
    if version == turn.content.consent_version(Purpose.TRAINING):
        return False
    turn.toast("consents.toast.replaced")
    if _is_agreed_to(turn):
        return True
    if consents.need_only_be_told(turn.db, turn.somebody, turn.content):
        _tell(turn, turn.somebody, turn.content.consent_version(Purpose.TRAINING))
    else:
        _ask(turn)
    return True


def _is_agreed_to(turn: Turn) -> bool:
    if not consents.stands_by_newest(turn.db, turn.somebody, turn.content):
        return False
    if turn.answer is None:
        turn.toast("consents.toast.known")
    return True


def _to_consents() -> Sequence[Sequence[Button]]:
    return [[Button("privacy.button.consents", SeeConsents())]]
