"""The name is asked for, shown, and agreed to; then the certificate is made. A name is corrected in the same way."""

from __future__ import annotations

from typing import Final

from bot.actions.certificates import (
    AskCertificate,
    ChangeName,
    CorrectName,
    NoCertificate,
    SeeCertificate,
    TakeCertificate,
    TakeCorrection,
)
from bot.actions.consents import AskFirst
from bot.actions.mentoring import AskMentor
from bot.people.people import Use
from bot.programme import certificates, consents, privacy
from bot.programme.certificates import NameTrouble, Standing
from bot.turns.turn import Turn
from bot.words.action import version_of
from bot.words.message import Button, Style
from handlers.certificates.mine import buttons_of, send_file, show_certificate
from handlers.certificates.parts import CERTIFICATE, NAME, PREVIEW, TO_LIST, printer, told

LEARNT: Final = ("lessons.finished", "quizzes.")
"""The beginnings of keys of messages after which a wave may be completed."""


def name_wanted(turn: Turn, action: AskCertificate) -> None:
    """Asks for the name, if the person can have this certificate."""
    person = turn.person
    known = certificates.counting(turn.db, person, action.kind, action.of)
    if known is not None:
        turn.toast("certificates.toast.has_it")
        return show_certificate(turn, known)
    if not _can_have(certificates.standing(turn.db, person, turn.now, content=turn.content), action):
        return turn.show("certificates.not_earned", buttons=[[TO_LIST]])
    if not consents.covers(turn.db, person, Use.CERTIFICATES, content=turn.content):
        return turn.follow(AskFirst(Use.CERTIFICATES))
    turn.enter(CERTIFICATE, NAME, person=person.id, kind=action.kind, of=action.of)
    name_asked_again(turn)


def _can_have(found: Standing, action: AskCertificate) -> bool:
    if action.kind == "class":
        return any(one.id == action.of for one in found.classes)
    return any(one.wave.id == action.of and one.is_fulfilled for one in found.waves)


def correction_asked_for(turn: Turn, action: CorrectName) -> None:
    """Asks for the right name of a certificate, if its holder may correct it by themselves now."""
    found = certificates.find_held(turn.db, turn.person, action.certificate)
    if found is None or found.replaced_at is not None or found.revoked_at is not None:
        return show_certificate(turn, found)
    if not certificates.may_rename(turn.db, found, turn.now):
        ask = Button("mentoring.button.ask", AskMentor())
        return turn.show("certificates.ask_admin", code=certificates.shown(found.code), buttons=[[ask], [TO_LIST]])
    turn.enter(CERTIFICATE, NAME, person=turn.person.id, certificate=found.id, before=found.name)
    name_asked_again(turn)


def name_asked_again(turn: Turn) -> None:
    """Asks the question under way again: for the name, or whether the name is right."""
    if turn.account.state == PREVIEW and turn.draft.get("name"):
        return _show_name(turn)
    turn.ask(CERTIFICATE, NAME)
    cancel = Button("button.cancel", NoCertificate())
    if turn.draft.get("certificate"):
        return turn.show("certificates.ask_right_name", name=turn.draft.get("before", ""), buttons=[[cancel]])
    turn.show("certificates.ask_name", kept=privacy.kept_until(turn.content.programme), buttons=[[cancel]])


def name_written(turn: Turn) -> None:
    if _whose(turn) is None:
        return
    found = certificates.printed_name(turn.text)
    if isinstance(found, NameTrouble):
        turn.ask(CERTIFICATE, NAME)
        return turn.say(f"certificates.name.{found}", buttons=[[Button("button.cancel", NoCertificate())]])
    turn.keep(name=found)
    _show_name(turn)


def name_not_read(turn: Turn) -> None:
    """A text while the name is shown is another name."""
    name_written(turn)


def name_change_asked_for(turn: Turn, action: ChangeName) -> None:
    if turn.account.conversation != CERTIFICATE:
        return turn.show("certificates.over", buttons=[[TO_LIST]])
    turn.take_back("name")
    turn.ask(CERTIFICATE, NAME)
    name_asked_again(turn)


def _show_name(turn: Turn) -> None:
    """Shows the name as it will be printed, and asks whether it is right."""
    turn.ask(CERTIFICATE, PREVIEW)
    name, person = str(turn.draft["name"]), int(turn.draft["person"])
    version = version_of(name)
    if number := turn.draft.get("certificate"):
        take = Button("certificates.button.make", TakeCorrection(number, version, person=person), style=Style.PRIMARY)
    else:
        kind, of = turn.draft["kind"], turn.draft["of"]
        take = Button(
            "certificates.button.make", TakeCertificate(kind, of, version, person=person), style=Style.PRIMARY
        )
    change = Button("certificates.button.change", ChangeName(person=person))
    turn.say("certificates.preview", name=name, buttons=[[take], [change, Button("button.cancel", NoCertificate())]])


def certificate_taken(turn: Turn, action: TakeCertificate) -> None:
    person = turn.person
    known = certificates.counting(turn.db, person, action.kind, action.of)
    if known is not None:
        turn.toast("certificates.toast.has_it")
        return show_certificate(turn, known)
    name = _name_shown(turn, action.version)
    if name is None or (turn.draft.get("kind"), turn.draft.get("of")) != (action.kind, action.of):
        return turn.show("certificates.over", buttons=[[TO_LIST]])
    outcome = certificates.issue(
        turn.db, person, action.kind, action.of, name, turn.now, content=turn.content, by=printer(turn)
    )
    turn.leave(CERTIFICATE)
    match outcome:
        case certificates.Issued(made):
            _made(turn, made)
        case certificates.HasIt(made):
            show_certificate(turn, made)
        case certificates.NotEarned():
            turn.show("certificates.not_earned", buttons=[[TO_LIST]])


def correction_taken(turn: Turn, action: TakeCorrection) -> None:
    name = _name_shown(turn, action.version)
    if name is None or turn.draft.get("certificate") != action.certificate:
        return turn.show("certificates.over", buttons=[[TO_LIST]])
    outcome = certificates.rename(
        turn.db, turn.person, action.certificate, name, turn.now, content=turn.content, by=printer(turn)
    )
    turn.leave(CERTIFICATE)
    match outcome:
        case certificates.Issued(made):
            _made(turn, made)
        case certificates.SameName():
            turn.show("certificates.same_name", buttons=[[Button("button.back", SeeCertificate(action.certificate))]])
        case certificates.AskAdmin():
            turn.show("certificates.ask_admin", code="", buttons=[[TO_LIST]])
        case certificates.NotFound():
            turn.show("certificates.unknown", buttons=[[TO_LIST]])


def _name_shown(turn: Turn, version: int) -> str | None:
    """Returns the name that stood above the button; None: it was another one, that of
    another person on this phone, or the question is over."""
    name = turn.draft.get("name")
    asked = turn.account.conversation == CERTIFICATE and turn.draft.get("person") == turn.person.id
    return name if asked and name and version_of(name) == version else None


def _made(turn: Turn, made: certificates.Certificate) -> None:
    """Says so, sends the PDF, and shows the certificate with the ways to a picture and to another name."""
    turn.show("certificates.made", name=made.name, plain=True)
    send_file(turn, made, "pdf")
    turn.say("certificates.one", told(made), buttons=buttons_of(made))


def _whose(turn: Turn) -> object | None:
    """Acts for the person of the question; None, and an answer, if they are no longer here."""
    person = turn.whose(int(turn.draft.get("person", 0)))
    if person is None:
        turn.leave(CERTIFICATE)
        turn.show("certificates.over", buttons=[[TO_LIST]])
        return None
    turn.act_for(person)
    return person


def broken_off(turn: Turn) -> None:
    turn.leave(CERTIFICATE)
    turn.show("certificates.broken_off", buttons=[[TO_LIST]])


def something_learnt(turn: Turn) -> None:
    """Tells whoever completes a wave with what they just did, if the wave is over."""
    if not any(post.message.key.startswith(LEARNT) for post in turn.posts) or not turn.registered:
        return
    news = certificates.earned_since(turn.db, turn.person, turn.now, content=turn.content)
    if news is not None:
        turn.send(news)
