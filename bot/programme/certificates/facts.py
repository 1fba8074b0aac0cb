"""What is printed on a certificate beside the name, frozen when it was issued, and how it is told: on paper, in the
chat and on the page that checks a code. All three tell the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot.programme.certificates.codes import shown
from bot.programme.certificates.tables import Certificate, CertificateKind, CertificateWave
from bot.words.message import At, Printed, Value, Words

LESSON_HOUR: Final = 45
"""Minutes of a "jam pelajaran" (JP), in which certificates of training are counted. What is left over is dropped."""


@dataclass(frozen=True)
class Facts:
    """Everything printed but the name, the code and the moment of issue."""

    programme: str
    site: str
    zone: str
    """IANA: the dates are those of this zone."""
    title: str
    """Of the class; empty for a wave."""
    first: str
    last: str
    """ISO dates: the day of the class, or the days of the wave."""
    minutes: int
    """Of the class, or of the classes attended and the lessons."""
    attended: int
    held: int
    lessons: int
    """For a wave; 0: not asked for."""
    signed: tuple[str, ...]
    """Name and position, the name alone, or nothing."""
    link: str
    """What the QR code opens."""
    address: str
    """Where the code can be typed in."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"signed": list(self.signed)}

    @classmethod
    def of(cls, certificate: Certificate) -> Facts:
        """Returns what was printed. What a later version of the bot wrote beside it is passed over."""
        known: Mapping[str, Any] = {name: certificate.facts[name] for name in cls.__dataclass_fields__}
        return cls(**{**known, "signed": tuple(known["signed"])})

    @property
    def lesson_hours(self) -> int:
        return self.minutes // LESSON_HOUR

    def day(self, iso: str) -> At:
        return At(datetime.combine(date.fromisoformat(iso), time(12), ZoneInfo(self.zone)).astimezone(UTC), self.zone)


def days_of(wave: CertificateWave, zone: str) -> tuple[At, At]:
    """Returns the first and the last day of a wave, to be told in this zone (IANA)."""

    def noon(day: date) -> At:
        return At(datetime.combine(day, time(12), ZoneInfo(zone)).astimezone(UTC), zone)

    return noon(wave.first), noon(wave.last)


def title_of(kind: str) -> Words:
    return Words(f"certificates.title.{CertificateKind(kind)}")


def lines_of(kind: str, facts: Facts) -> tuple[Words, ...]:
    """Returns what the certificate is for."""
    if kind == CertificateKind.CLASS:
        return (Words("certificates.paper.class", {"title": facts.title}),)
    lines = [Words("certificates.paper.wave", {"programme": facts.programme})]
    if facts.held:
        lines.append(Words("certificates.paper.classes", {"attended": facts.attended, "held": facts.held}))
    if facts.lessons:
        lines.append(Words("certificates.paper.lessons", {"n": facts.lessons}))
    return tuple(lines)


def rows_of(certificate: Certificate) -> tuple[tuple[Words, Value], ...]:
    """Returns label and value of everything else that is printed."""
    facts = Facts.of(certificate)
    days: Value = Words("certificates.on_day", {"day": facts.day(facts.first)})
    if facts.last != facts.first:
        days = Words("certificates.days", {"first": facts.day(facts.first), "last": facts.day(facts.last)})
    found: list[tuple[str, Value]] = [("date", days)]
    if facts.minutes:
        hours = "certificates.length" if facts.lesson_hours else "certificates.length_short"
        found.append(("length", Words(hours, {"minutes": facts.minutes, "hours": facts.lesson_hours})))
    found.append(("site", facts.site))
    issued = At(certificate.issued_at, facts.zone)
    found.append(("issued", Words("certificates.on_day", {"day": issued})))
    found.append(("code", shown(certificate.code)))
    return tuple((Words(f"certificates.label.{name}"), value) for name, value in found)


def printed(certificate: Certificate) -> Printed:
    """Returns the certificate as data, to be drawn when it is sent."""
    facts = Facts.of(certificate)
    return Printed(
        template=certificate.template,
        link=facts.link,
        programme=facts.programme,
        title=title_of(certificate.kind),
        given_to=Words("certificates.paper.given_to"),
        name=certificate.name,
        lines=lines_of(certificate.kind, facts),
        facts=rows_of(certificate),
        signed=facts.signed,
        check=(Words("certificates.paper.check"), Words("certificates.paper.address", {"address": facts.address})),
        issued=int(certificate.issued_at.timestamp()),
    )
