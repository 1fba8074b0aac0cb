"""The person's own certificates: the list with what is still missing, one of them, its files, the consent taken
back."""

from __future__ import annotations

from typing import Final

from bot.actions.buttons import back
from bot.actions.certificates import (
    AskCertificate,
    CorrectName,
    GetCertificate,
    GiveUpCertificates,
    SeeCertificate,
    SeeCertificates,
)
from bot.actions.enrolment import SeeSchedule
from bot.actions.lessons import SeePath
from bot.actions.mentoring import AskMentor
from bot.actions.privacy import SeeConsents
from bot.documents import certificate as paper
from bot.documents.file_names import in_ascii
from bot.people.people import Purpose, consent_of
from bot.programme import certificates, consents, privacy
from bot.programme.certificates import Certificate, Part, WaveStanding
from bot.programme.sessions import ClassSession
from bot.turns.turn import Turn
from bot.words.message import At, Button, File, Form, Lines, Message, Style, Words
from handlers.certificates.parts import TO_LIST, day_of, see_button, told, what_for

SHOWN: Final = 4
"""How many of a kind stand on the screen; the newest come first."""


def certificates_asked_for(turn: Turn) -> None:
    """Shows what the person has, what they can have, and what a wave still asks for."""
    found = certificates.standing(turn.db, turn.person, turn.now, content=turn.content)
    valid = [one for one in found.held if one.revoked_at is None]
    lines = [Words("certificates.line.held", {"what": what_for(one)}) for one in valid[:SHOWN]]
    lines += [
        Words("certificates.line.revoked", {"what": what_for(one), "day": day_of(turn, one, one.revoked_at)})
        for one in found.held
        if one.revoked_at is not None
    ][:SHOWN]
    classes = found.classes[:SHOWN]
    lines += [Words("certificates.line.class", {"title": one.title, "day": _day(turn, one)}) for one in classes]
    waves = [line for wave in found.waves for line in _of_wave(turn, wave)]
    buttons = [[see_button(one)] for one in valid[:SHOWN]]
    buttons += [
        [
            Button(
                "certificates.button.take_class",
                AskCertificate("class", one.id),
                {"title": one.title, "day": _day(turn, one)},
            )
        ]
        for one in classes
    ]
    for wave in found.waves:
        if wave.is_fulfilled:
            buttons.insert(0, [Button("certificates.button.take", AskCertificate("wave", wave.wave.id))])
    if not lines and not waves:
        ways = [Button("menu.button.schedule", SeeSchedule()), Button("menu.button.learn", SeePath())]
        ask = Button("mentoring.button.ask", AskMentor())
        return turn.show("certificates.none", buttons=[ways, [ask]])
    turn.show(
        "certificates.mine",
        certificates=Lines(tuple(lines)) if lines else Words("certificates.none_yet"),
        waves=Lines(tuple(waves)) if waves else None,
        buttons=buttons[:5],
    )


def _day(turn: Turn, session: ClassSession) -> At:
    return At(session.starts_at, turn.zone(session.site_id))


def _of_wave(turn: Turn, standing: WaveStanding) -> list[Words]:
    """Returns what the wave asks for, with ticks, and when the classes are counted."""
    zone = turn.zone(standing.wave.site_id)
    first, last = certificates.days_of(standing.wave, zone)
    lines = [Words("certificates.wave", {"first": first, "last": last})]
    for part in standing.parts:
        lines.append(_of_part(standing, part))
    return lines


def _of_part(standing: WaveStanding, part: Part) -> Words:
    done = part.is_done and (part.what != "classes" or standing.is_over)
    state = "done" if done else "open"
    return Words(f"certificates.part.{part.what}.{state}", {"n": part.done, "needed": part.needed, "of": part.of})


def certificate_asked_for(turn: Turn, action: SeeCertificate) -> None:
    show_certificate(turn, certificates.find_held(turn.db, turn.person, action.certificate))


def show_certificate(turn: Turn, found: Certificate | None) -> None:
    if found is None or found.replaced_at is not None:
        return turn.show("certificates.unknown", buttons=[[TO_LIST]])
    if found.revoked_at is not None:
        return turn.show(
            "certificates.revoked_one",
            what=what_for(found),
            day=day_of(turn, found, found.revoked_at),
            buttons=[[TO_LIST]],
        )
    turn.show("certificates.one", told(found), buttons=buttons_of(found))


def buttons_of(found: Certificate) -> list[list[Button]]:
    pdf = Button("certificates.button.pdf", GetCertificate(found.id, "pdf"))
    picture = Button("certificates.button.picture", GetCertificate(found.id, "png"))
    return [[pdf, picture], [Button("certificates.button.correct", CorrectName(found.id))], [back(SeeCertificates())]]


def file_asked_for(turn: Turn, action: GetCertificate) -> None:
    found = certificates.find_held(turn.db, turn.person, action.certificate)
    if found is None or found.replaced_at is not None or found.revoked_at is not None:
        return show_certificate(turn, found)
    send_file(turn, found, action.form)


def send_file(turn: Turn, found: Certificate, form: str) -> None:
    """Sends the certificate; it is drawn when it is sent, and its row keeps none of it."""
    name = f"sertifikat-{in_ascii(found.name) or found.code.lower()}-{found.issued_at:%Y-%m-%d}.{form}"
    picture = form == "png"
    turn.send(
        Message(
            "certificates.picture" if picture else "certificates.file",
            {"what": what_for(found)},
            form=Form.PHOTO if picture else Form.DOCUMENT,
            file=File(name, paper.PNG if picture else paper.PDF),
            certificate=certificates.printed(found),
            secret=True,
        )
    )


def consent_withdrawn(turn: Turn, action: GiveUpCertificates) -> None:
    """Takes back the consent to print the name, after a question: what was issued no longer counts."""
    person = turn.person
    if not consent_of(person, Purpose.CERTIFICATE):
        return turn.follow(SeeConsents())
    number = certificates.number_counting(turn.db, person)
    if number and not action.sure:
        sure = Button("certificates.button.withdraw_sure", GiveUpCertificates(True), style=Style.DANGER)
        return turn.show("certificates.withdraw", n=number, buttons=[[sure], [back(SeeConsents())]])
    version = consents.version_of(turn.db, person, Purpose.CERTIFICATE)
    privacy.answer_consent(
        turn.db,
        person,
        Purpose.CERTIFICATE,
        given=False,
        text_version=version or turn.content.consent_version(Purpose.CERTIFICATE),
        language=turn.language,
        now=turn.now,
    )
    turn.toast("privacy.toast.withdrawn")
    turn.follow(SeeConsents())
