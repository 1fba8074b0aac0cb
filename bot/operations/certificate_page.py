"""What anybody is told of a certificate's code over HTTP: a page to read, and the same as JSON. Both tell everything
that the paper tells, so that a paper that was changed is told from the one that was issued."""

from __future__ import annotations

from typing import Any, Final

from bot.documents.readable_page import Section, readable_page
from bot.programme import certificates
from bot.programme.certificates import Certificate, Facts, Status
from bot.words.message import At, Value, Words
from bot.words.texts import REFERENCE, Texts

UNKNOWN: Final = "unknown"
"""What is told of a code that was never given."""


def status_of(found: Certificate | None) -> str:
    return UNKNOWN if found is None else found.status.value


def as_page(found: Certificate | None, texts: Texts) -> bytes:
    """Returns the page, in the reference language with a line in English."""

    def say(key: str, language: str = REFERENCE, **values: Value) -> str:
        return texts.words(key, values, language, html=False)

    def cell(value: Value) -> str:
        return say("certificates.page.value", value=value)

    status = status_of(found)
    title = say(f"certificates.page.{status}")
    if found is None or found.status is Status.GONE:
        return readable_page(title, say(f"certificates.page.{status}", "en"), REFERENCE, [])
    facts = Facts.of(found)
    what_for = " ".join(cell(one) for one in certificates.lines_of(found.kind, facts))
    box = [(say("certificates.label.name"), found.name), (say("certificates.label.for"), what_for)]
    box += [(cell(label), cell(value)) for label, value in certificates.rows_of(found)]
    box.append((say("certificates.label.programme"), facts.programme))
    if facts.signed:
        box.append((say("certificates.label.signed"), ", ".join(facts.signed)))
    since = found.revoked_at or found.replaced_at
    if since is not None:
        day = Words("certificates.on_day", {"day": At(since, facts.zone)})
        box.insert(0, (say(f"certificates.label.{status}"), cell(day)))
    opening = f"{say('certificates.page.compare')} ({say(f'certificates.page.{status}', 'en')})"
    return readable_page(title, opening, REFERENCE, [Section(cell(certificates.title_of(found.kind)), [box])])


def as_data(code: str, found: Certificate | None) -> dict[str, Any]:
    """Returns the same for programs. Days and moments are ISO 8601; `minutes` are those of the training."""
    told: dict[str, Any] = {"code": code, "status": status_of(found)}
    if found is None or found.status is Status.GONE:
        return told
    facts = Facts.of(found)
    since = found.revoked_at or found.replaced_at
    return told | {
        "kind": found.kind,
        "name": found.name,
        "programme": facts.programme,
        "site": facts.site,
        "title": facts.title or None,
        "first_day": facts.first,
        "last_day": facts.last,
        "minutes": facts.minutes,
        "lesson_hours": facts.lesson_hours,
        "classes_attended": facts.attended or None,
        "classes_held": facts.held or None,
        "lessons": facts.lessons or None,
        "signed_by": list(facts.signed),
        "issued_at": found.issued_at.isoformat(timespec="seconds"),
        "since": since.isoformat(timespec="seconds") if since else None,
    }
