"""Trainers see who of a class has taken a certificate; admins revoke one, or let its holder correct the name."""

from __future__ import annotations

from typing import Final, Literal

from bot.actions.buttons import MENU
from bot.actions.certificates import (
    AllowCorrection,
    CheckCode,
    ConsiderRevokingCertificate,
    RevokeCertificate,
    SeeCertificatesOfClass,
)
from bot.actions.paper import SeePastClass
from bot.programme import attendance, certificates, paper, sessions
from bot.programme.attendance import Mark
from bot.programme.certificates import Certificate, Revoked, Status
from bot.turns.led import led
from bot.turns.pages import page_of
from bot.turns.turn import Turn
from bot.words.message import At, Button, Lines, Style, Words
from handlers.certificates.parts import what_for

NAMES: Final = 20
"""How many names are on one screen."""
REASONS: Final[tuple[Literal["wrong_person", "not_there", "asked"], ...]] = ("wrong_person", "not_there", "asked")


def certificates_of_class_asked_for(turn: Turn, action: SeeCertificatesOfClass) -> None:
    """Shows who was in the class, and who of them has a certificate; the names printed and the files are for the
    holders alone. Admins see, too, which certificates say something else than the list of attendance."""
    session = led(turn, sessions.get(turn.db, action.session))
    if session is None:
        return turn.show("attendance.unknown")
    turn.note("certificates_seen", f"session:{session.id}", site_id=session.site_id)
    there = {one.person_id for one in paper.lines(turn.db, session) if one.presence is Mark.PRESENT and one.person_id}
    has = {one.person_id for one in certificates.of_class(turn.db, session)}
    called = attendance.called(attendance.names(turn.db, session), turn.zone(session.site_id))
    everybody = [one for one in called if one in there | has]
    page = page_of(everybody, action.page, NAMES)

    def line(person_id: int) -> Words:
        state = "has" if person_id in has else "can"
        if person_id in has - there and turn.admin:
            state = "differs"
        return Words(f"certificates.class.{state}", {"called": called[person_id]})

    pages = []
    if page.before is not None:
        pages.append(Button("paper.button.before", SeeCertificatesOfClass(session.id, page.before)))
    if page.after:
        pages.append(Button("paper.button.more", SeeCertificatesOfClass(session.id, page.after)))
    turn.show(
        "certificates.class" if everybody else "certificates.class_empty",
        title=session.title,
        starts=At(session.starts_at, turn.zone(session.site_id)),
        n=len(has),
        of=len(there),
        names=Lines(tuple(line(one) for one in page.items)),
        buttons=[pages, [Button("button.back", SeePastClass(session.id))]],
    )


def revoking_considered(turn: Turn, action: ConsiderRevokingCertificate) -> None:
    found = _certificate(turn, action.certificate)
    if found is None:
        return
    reasons = [
        [Button(f"certificates.button.because.{one}", RevokeCertificate(found.id, one), style=Style.DANGER)]
        for one in REASONS
    ]
    turn.show(
        "certificates.revoke",
        what=what_for(found),
        name=found.name,
        buttons=[*reasons, [Button("button.cancel", CheckCode(found.code))]],
    )


def revoked(turn: Turn, action: RevokeCertificate) -> None:
    found = _certificate(turn, action.certificate)
    if found is None:
        return
    if certificates.revoke(turn.db, found, Revoked(action.reason), turn.now):
        turn.note("certificate_revoked", f"certificate:{found.id}", site_id=found.site_id, reason=action.reason)
        turn.toast("certificates.toast.revoked")
    turn.follow(CheckCode(found.code))


def correction_allowed(turn: Turn, action: AllowCorrection) -> None:
    found = _certificate(turn, action.certificate)
    if found is None:
        return
    if not found.rename_allowed:
        certificates.allow_rename(turn.db, found)
        turn.note("certificate_correction_allowed", f"certificate:{found.id}", site_id=found.site_id)
    turn.show("certificates.allowed", name=found.name, buttons=[[MENU]])


def _certificate(turn: Turn, number: int) -> Certificate | None:
    """Returns the certificate that an admin's button is about, if it counts; otherwise says what became of it."""
    turn.must_be_admin()
    found = turn.db.get(Certificate, number)
    if found is not None and found.status is Status.VALID:
        return found
    if found is None:
        turn.show("certificates.check.unknown", buttons=[[MENU]])
    else:
        turn.follow(CheckCode(found.code))
    return None
