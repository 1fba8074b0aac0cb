"""What the screens of certificates have in common."""

from __future__ import annotations

from typing import Final

from bot.actions.certificates import SeeCertificate, SeeCertificates
from bot.programme import certificates
from bot.programme.certificates import Certificate, CertificateKind, Facts
from bot.turns.turn import Turn
from bot.words.message import At, Button, Lines, Value, Words

CERTIFICATE: Final = "certificates_name"
"""The conversation."""
NAME, PREVIEW = "name", "preview"
TO_LIST: Final = Button("certificates.button.list", SeeCertificates())


def printer(turn: Turn) -> certificates.Printer:
    settings = turn.settings
    return certificates.Printer(settings.programme_name, turn.bot_username, settings.public_url, turn.language)


def what_for(certificate: Certificate) -> Words:
    """Names a certificate shortly: the class, or the days of the wave."""
    facts = Facts.of(certificate)
    if certificate.kind == CertificateKind.CLASS:
        return Words("certificates.for_class", {"title": facts.title, "day": facts.day(facts.first)})
    return Words("certificates.for_wave", {"first": facts.day(facts.first), "last": facts.day(facts.last)})


def told(certificate: Certificate) -> dict[str, Value]:
    """Returns everything that the certificate says, as values of a message: `title`, `name`, `lines` and `facts`."""
    facts = Facts.of(certificate)
    return {
        "title": certificates.title_of(certificate.kind),
        "name": certificate.name,
        "programme": facts.programme,
        "lines": Lines(certificates.lines_of(certificate.kind, facts)),
        "facts": Lines(
            tuple(
                Words("certificates.fact", {"label": label, "value": value})
                for label, value in certificates.rows_of(certificate)
            )
        ),
        "signed": Words("certificates.signed", {"who": ", ".join(facts.signed)}) if facts.signed else None,
    }


def day_of(turn: Turn, certificate: Certificate, moment: object) -> At:
    zone = certificate.facts.get("zone") or turn.zone(certificate.site_id)
    return At(moment, str(zone))  # type: ignore[arg-type]


def see_button(certificate: Certificate) -> Button:
    facts = Facts.of(certificate)
    if certificate.kind == CertificateKind.CLASS:
        values: dict[str, Value] = {"day": facts.day(facts.first), "title": facts.title}
        return Button("certificates.button.of_class", SeeCertificate(certificate.id), values)
    return Button("certificates.button.of_wave", SeeCertificate(certificate.id), {"day": facts.day(facts.last)})
