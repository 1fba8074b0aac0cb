"""Participants: the code that is read or typed, and where they are, if they like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from telegram import Message as TelegramMessage
from telegram.ext import filters

from bot.actions.attendance import EnterCode, OfferToJoin, ScanCode, ShareWhere
from bot.actions.buttons import SCHEDULE
from bot.actions.mentoring import AskMentor
from bot.actions.menu import OpenMenu
from bot.actions.registration import SeePersons, StartFromSite
from bot.actions.understanding import HearWords
from bot.people import people
from bot.people.people import Person
from bot.programme import attendance, sessions
from bot.programme.attendance import Mark
from bot.turns.for_whom import ask_for_whom
from bot.turns.turn import Turn
from bot.words.message import At, Button, Keyboard, Lines, Words
from bot.words.typed_text import cleaned
from handlers.attendance.at_the_door import joining_offered, request_told
from handlers.attendance.parts import claim_of, starts_of

LOCATION: Final = "attendance_location"
LOCATE: Final = "locate"
WORDS_OF_OTHERS: Final = ("mentoring.", "broadcasts.")
"""How the keys of messages begin that carry words of a human being: four letters below them may be an answer."""


class HasCode(filters.MessageFilter):
    """Four letters that may be a code. No word has only consonants."""

    def filter(self, message: TelegramMessage) -> bool:
        return attendance.readable_code(message.text or "") is not None


class ResemblesCode(filters.MessageFilter):
    """Four letters or digits that were misread: no code has a vowel or a digit."""

    def filter(self, message: TelegramMessage) -> bool:
        return attendance.resembles_code(message.text or "")


def mine_asked_for(turn: Turn) -> None:
    """Shows the person's classes of now, what is recorded in each, and what can be done about it."""
    mine = attendance.mine_now(turn.db, turn.person, turn.now, content=turn.content)
    if not mine:
        return None if request_told(turn) else _show_lately(turn)
    known = {one.id: attendance.mark_of(turn.db, one.id, turn.person.id) for one in mine}
    marks = {number: one.mark if one is not None else "open" for number, one in known.items()}
    if len(mine) == 1 and marks[mine[0].id] == Mark.PRESENT:
        turn.show("attendance.already_in", title=mine[0].title, buttons=[[SCHEDULE]])
        return
    claimable = attendance.may_claim(turn.db, turn.person, turn.now, content=turn.content)
    buttons = [
        [Button("attendance.button.was_there_in", claim_of(session, turn.person), {"title": session.title})]
        for session in claimable
    ]
    lines = [
        Words(f"attendance.line_{marks[one.id]}", {"title": one.title, "starts": starts_of(turn, one)}) for one in mine
    ]
    waits = any(marks[one.id] == "open" and one not in claimable for one in mine)
    key = "attendance.mine" if waits else "attendance.mine_over" if claimable else "attendance.mine_known"
    turn.show(key, classes=Lines(tuple(lines)), buttons=[*buttons, [SCHEDULE]])


def _show_lately(turn: Turn) -> None:
    """There is nothing to record any more: what is recorded of the last classes, and the way to a human being."""
    over = attendance.over_lately(turn.db, turn.person, turn.now)
    if not over:
        return turn.show("attendance.mine_empty", buttons=[[SCHEDULE]])
    lines = []
    for one in over:
        known = attendance.mark_of(turn.db, one.id, turn.person.id)
        mark = known.mark if known is not None else "unrecorded"
        lines.append(Words(f"attendance.line_{mark}", {"title": one.title, "starts": starts_of(turn, one)}))
    ask = Button("mentoring.button.ask", AskMentor(f"class.{over[0].id}"))
    turn.show("attendance.mine_late", classes=Lines(tuple(lines)), buttons=[[ask], [SCHEDULE]])


def code_scanned(turn: Turn, action: ScanCode) -> None:
    """Checks in by the link of the QR code. If something has to be done first (registering, taking a seat), notes which
    class it was."""
    if not turn.registered:
        return _scanned_by_newcomer(turn, action)
    read = attendance.read_payload(action.code)
    here = _still_to_come(turn, read[0]) if read else []
    if read and here and here != [turn.person]:  # the code does not say who of them is there
        return _ask_for_whom(turn, read[1], here)
    outcome = attendance.check_in_by_link(turn.db, turn.person, action.code, turn.now, content=turn.content)
    if isinstance(outcome, attendance.NotEnrolled):
        session = attendance.note_scan(turn.db, turn.account, action.code, turn.now)
        if session is not None:
            return joining_offered(turn, OfferToJoin(session.id))
    _tell(turn, outcome)


def _scanned_by_newcomer(turn: Turn, action: ScanCode) -> None:
    """Begins the registration with the class's site filled in; at its end it leads to the class."""
    session = attendance.note_scan(turn.db, turn.account, action.code, turn.now)
    site = turn.content.site(session.site_id) if session is not None else None
    turn.follow(StartFromSite(site.id if site is not None else ""))


def code_typed(turn: Turn) -> None:
    letters = attendance.readable_code(turn.text) or ""
    if not turn.registered and not turn.serves and _typed_by_newcomer(turn, letters):
        return
    everybody = [one for one in people.persons_of(turn.db, turn.account) if one.registered_at is not None]
    here = [one for one in everybody if attendance.mine_now(turn.db, one, turn.now, content=turn.content)]
    whom = turn.newest_said_to() or turn.anybody
    if len(everybody) > 1 and here and here != [whom]:  # nobody knows which of them is there
        return _ask_for_whom(turn, letters, here)
    turn.act_for(whom if here else None)
    code_entered(turn, EnterCode(letters))


def _typed_by_newcomer(turn: Turn, letters: str) -> bool:
    """Begins the registration as the QR code does, for the class that has these letters as its code. Returns False if
    none has; then it is counted as a try."""
    session = attendance.class_of_letters(turn.db, letters, turn.now)
    site = turn.content.site(session.site_id) if session is not None else None
    if session is None or site is None:
        attendance.note_miss(turn.db, turn.account, turn.now)
        return False
    attendance.note_typed(turn.db, turn.account, session, letters, turn.now)
    turn.follow(StartFromSite(site.id))
    return True


def _ask_for_whom(turn: Turn, letters: str, here: Sequence[Person]) -> None:
    ask_for_whom(turn, [(one, EnterCode(letters, person=one.id)) for one in here])


def _still_to_come(turn: Turn, session_id: int) -> list[Person]:
    """Returns who of this phone has a seat in the class and is not recorded as present yet, and with them whom the
    phone speaks as, who may have come along; nobody where the phone has one person or nobody is still to come."""
    everybody = [one for one in people.persons_of(turn.db, turn.account) if one.registered_at is not None]
    if len(everybody) < 2:
        return []
    seated, found = False, []
    for one in everybody:
        mine = attendance.mine_now(turn.db, one, turn.now, content=turn.content)
        known = attendance.mark_of(turn.db, session_id, one.id)
        has_seat = session_id in [session.id for session in mine]
        if (has_seat or one == turn.person) and (known is None or known.mark != Mark.PRESENT):
            seated = seated or has_seat
            found.append(one)
    return found if seated else []


def code_entered(turn: Turn, action: EnterCode) -> None:
    letters = attendance.readable_code(action.code) or ""
    outcome = attendance.check_in_by_code(turn.db, turn.person, letters, turn.now, content=turn.content)
    if isinstance(outcome, attendance.NoCodeNow):
        attendance.note_miss(turn.db, turn.account, turn.now)
    if isinstance(outcome, attendance.NotEnrolled):
        attendance.note_typed(turn.db, turn.account, outcome.session, letters, turn.now)
        return joining_offered(turn, OfferToJoin(outcome.session.id))
    if turn.text and _is_no_code(turn, outcome):
        turn.follow(HearWords())
    else:
        _tell(turn, outcome)


def code_misread(turn: Turn) -> None:
    """Tells somebody to look at the code again; where no code of a class of theirs is shown now, that none is asked
    for. It counts as no try, because no class has such a code. What is understood as words, or stands below somebody's
    words, is taken as words, and so is everything from who is not registered."""
    newest = turn.newest.said
    below_words = newest is not None and newest.key.startswith(WORDS_OF_OTHERS)
    if not turn.registered or below_words or turn.content.understand(cleaned(turn.text)).at_once:
        return turn.follow(HearWords())
    shown = attendance.shown_now(turn.db, turn.person, turn.now)
    if shown is None:
        turn.say("attendance.no_code_misread", buttons=[[SCHEDULE]])
    else:
        turn.say("attendance.misread", title=shown.title)


def _is_no_code(turn: Turn, outcome: attendance.CheckIn) -> bool:
    """Whether what was typed in small letters ("mksh", "zxcv") is nobody's code but words: it is understood as such, or
    its person has no class now. What calls itself a code ("kode tfgw") is one."""
    if not isinstance(outcome, attendance.NoCodeNow | attendance.WrongCode) or turn.text.isupper():
        return False
    if attendance.is_called_code(turn.text):
        return False
    mine = attendance.mine_now(turn.db, turn.person, turn.now, content=turn.content)
    return not mine or turn.content.understand(cleaned(turn.text)).at_once


def _tell(turn: Turn, outcome: attendance.CheckIn) -> None:
    match outcome:
        case attendance.CheckedIn(session):
            locate = Button("attendance.button.locate", ShareWhere(session.id))
            turn.say("attendance.checked_in", title=session.title, buttons=[[locate]])
        case attendance.AlreadyIn(session):
            turn.say("attendance.already_in", title=session.title)
        case attendance.NotEnrolled(session):
            several = len(people.persons_of(turn.db, turn.account)) > 1
            switch = [[Button("menu.button.people", SeePersons())]] if several else []
            turn.say("attendance.not_enrolled", title=session.title, buttons=[*switch, [SCHEDULE]])
        case attendance.TooEarly(session, opens_at):
            turn.say("attendance.too_early", title=session.title, opens=At(opens_at, turn.zone(session.site_id)))
        case attendance.TooLate(session, None):
            turn.say("attendance.too_late", title=session.title, buttons=[[SCHEDULE]])
        case attendance.TooLate(session, until) if until is not None:
            was_there = Button("attendance.button.was_there", claim_of(session, turn.person))
            turn.say(
                "attendance.code_over",
                title=session.title,
                until=At(until, turn.zone(session.site_id)),
                buttons=[[was_there]],
            )
        case attendance.NotOpen(session):
            turn.say("attendance.not_open", title=session.title)
        case attendance.Stale(session):
            turn.say("attendance.stale", title=session.title)
        case attendance.WrongCode(session):
            turn.say("attendance.wrong_code", title=session.title)
        case attendance.TooManyTries(session):
            minutes = int(attendance.TRIES_FORGET.total_seconds() // 60)
            turn.say("attendance.too_many_tries", title=session.title, minutes=minutes)
        case attendance.NoCodeNow():
            turn.say("attendance.no_code_now", buttons=[[SCHEDULE]])
        case attendance.Cancelled(session):
            turn.say("attendance.cancelled", title=session.title, buttons=[[SCHEDULE]])
        case attendance.Unknown():
            turn.say("attendance.unknown", buttons=[[SCHEDULE]])


def location_offered(turn: Turn, action: ShareWhere) -> None:
    session = sessions.get(turn.db, action.session)
    _ = turn.person
    if session is None:
        turn.say("attendance.unknown", buttons=[[SCHEDULE]])
        return
    turn.enter(LOCATION, LOCATE, session=session.id)
    location_offered_again(turn)


def location_offered_again(turn: Turn) -> None:
    turn.ask(LOCATION, LOCATE)
    turn.say("attendance.share_location", keyboard=Keyboard.SHARE_LOCATION)


def location_shared(turn: Turn) -> None:
    message = turn.update.message
    point = message.location if message else None
    session_id = int(turn.draft.get("session", 0))
    turn.leave(LOCATION)
    session = None
    if point is not None:
        session = attendance.note_location(turn.db, turn.person, session_id, point.latitude, point.longitude)
    turn.say("attendance.located" if session else "attendance.not_located", keyboard=Keyboard.REMOVE, plain=True)
    turn.follow(OpenMenu())


def wrote_instead_of_sharing(turn: Turn) -> None:
    """Accepts "Kembali" or any other text instead of a location: nobody has to say where they are."""
    location_kept_back(turn)


def location_kept_back(turn: Turn) -> None:
    turn.leave(LOCATION)
    turn.say("attendance.not_located", keyboard=Keyboard.REMOVE, plain=True)
    turn.follow(OpenMenu())
