"""Anybody checks a certificate in the chat: by the link in its QR code, or by typing its code. They are told everything
that the paper says, and whether it counts. Nothing is kept of who asked, but a code that is unknown is counted."""

from __future__ import annotations

import re
from typing import Final

from bot.actions.buttons import HELP, MENU
from bot.actions.certificates import (
    AllowCorrection,
    CheckCode,
    ConsiderRevokingCertificate,
    SeeCertificate,
    SeeCertificates,
)
from bot.people import people
from bot.programme import certificates
from bot.programme.certificates import Certificate, Status
from bot.turns.turn import Turn
from bot.words.message import Button
from handlers.certificates.mine import certificates_asked_for
from handlers.certificates.parts import day_of, told

_AS_PRINTED: Final = re.compile(r"\s*[0-9A-Za-z]{4}[\s\-–—.]+[0-9A-Za-z]{4}[\s\-–—.]+[0-9A-Za-z]{2}\s*")
"""A code with the signs between its parts, as on the paper; without them it could be a word."""


def check_asked_for(turn: Turn) -> None:
    """/sertifikat: the person's own; with a code behind it, what that says."""
    if turn.arguments.strip():
        return code_checked(turn, CheckCode(turn.arguments.strip()[:64]))
    if not turn.registered and turn.serves:
        return turn.show("certificates.how_to_check", buttons=[[MENU, HELP]])
    _ = turn.person
    certificates_asked_for(turn)


def code_typed(turn: Turn) -> bool:
    """Takes up a typed code that looks as on the paper and is one, unless it may be the answer to a question. Who has
    not agreed to anything yet is only asked whether they do, which no code answers: anybody can check a paper."""
    may_answer = turn.account.conversation is not None and turn.anybody is not None
    if may_answer or not _AS_PRINTED.fullmatch(turn.text):
        return False
    code = certificates.read_code(turn.text)
    if code is None or (certificates.find(turn.db, code) is None and not any(char.isdigit() for char in code)):
        return False
    code_checked(turn, CheckCode(code))
    return True


def code_checked(turn: Turn, action: CheckCode) -> None:
    found = certificates.look_up(turn.db, turn.account, certificates.read_code(action.code), turn.now)
    buttons = [[MENU, HELP]] if turn.registered or turn.serves else []
    match found:
        case certificates.TooManyTries():
            turn.show("certificates.check.too_many", buttons=buttons)
        case certificates.NotFound():
            turn.show("certificates.check.unknown", buttons=buttons)
        case Certificate():
            _tell(turn, found, buttons)


def _tell(turn: Turn, found: Certificate, buttons: list[list[Button]]) -> None:
    if found.status is Status.GONE:
        return turn.show("certificates.check.gone", code=certificates.shown(found.code), buttons=buttons)
    if found.person_id in {one.id for one in people.persons_of(turn.db, turn.account)}:
        # the one in its place is for its holder alone
        mine = SeeCertificate(found.id, person=found.person_id or 0)
        if found.status is Status.VALID:
            buttons = [[Button("certificates.button.mine", mine)], *buttons]
        elif found.status is Status.REPLACED:
            whole = SeeCertificates(person=found.person_id or 0)
            buttons = [[Button("certificates.button.list", whole)], *buttons]
    since = found.replaced_at if found.status is Status.REPLACED else found.revoked_at
    values = told(found)
    if since is not None:
        values["since"] = day_of(turn, found, since)
    key = f"certificates.check.{found.status}"
    if turn.admin:
        turn.note("certificate_seen", f"certificate:{found.id}", site_id=found.site_id)
        if found.status is Status.VALID:
            allow = [Button("certificates.button.allow", AllowCorrection(found.id))]
            buttons = [[Button("certificates.button.revoke", ConsiderRevokingCertificate(found.id))], allow, *buttons]
            if certificates.no_longer_fits(turn.db, found, turn.now):
                key = "certificates.check.valid_but"
    turn.show(key, values, buttons=buttons)
