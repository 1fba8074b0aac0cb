"""Who speaks in an announcement, and about what: the lines above its words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from sqlalchemy.orm import Session

from bot.catalogue.content import Content
from bot.people.people import Account
from bot.programme.broadcasts.audience import AUDIENCES, About, Sites, site_of
from bot.programme.broadcasts.tables import Group
from bot.programme.sessions import ClassSession
from bot.words.message import At, Form, Message, Place, Value, Words

HEAD: Final = "broadcasts.head"
"""The key of the lines above the words."""
MOST_CLASSES: Final = 3
"""So many classes are named above the words; of more none is."""


def with_head(
    db: Session, account: Account | None, groups: Iterable[Group], sites: Sites, message: Message, content: Content
) -> Message:
    """Returns the message with the lines above that say who speaks and about what. A place has no words of its own: it
    is named after the class or the site, and after who sent it."""
    told = tuple(groups)
    name = account.staff_name if account is not None else None
    site_id = one_site(db, told, sites)
    site = content.site(site_id or "")
    if message.place is not None:
        about = next((session.title for session in _classes(db, told)), None) or (site.name if site else None)
        return _place_named(message, about, name)
    if not message.html and message.form is Form.TEXT:
        return message
    speaker = _speaker(name, site.name if site else None, admin=sites is None)
    lines = _about(db, told, content)
    return replace(message, key=HEAD, values={"speaker": speaker, "about": lines})


def one_site(db: Session, groups: Iterable[Group], sites: Sites) -> str | None:
    """Returns the only site whose people these groups are; None if there are several, or if it is not known."""
    found: set[str | None] = set()
    for group in groups:
        if AUDIENCES[group.kind].about in (About.SITE, About.CLASS):
            found.add(site_of(db, group))
        elif sites is None:
            return None
        else:
            found |= sites
    return next(iter(found)) if len(found) == 1 else None


def _speaker(name: str | None, site: str | None, *, admin: bool) -> Words:
    values: dict[str, Value] = {"name": name, "site": site}
    if admin:
        return Words("broadcasts.speaker.admin" if name else "broadcasts.speaker.some_admin", values)
    if site is None:
        return Words("broadcasts.speaker.trainer" if name else "broadcasts.speaker.some_trainer", values)
    return Words("broadcasts.speaker.trainer_at" if name else "broadcasts.speaker.some_trainer_at", values)


def _classes(db: Session, groups: tuple[Group, ...]) -> list[ClassSession]:
    """Returns the classes that the announcement is about, if it is about nothing else."""
    if any(AUDIENCES[group.kind].about is not About.CLASS for group in groups):
        return []
    ids = dict.fromkeys(int(group.subject) for group in groups)
    found = [session for one in ids if (session := db.get(ClassSession, one)) is not None]
    return found if len(found) <= MOST_CLASSES else []


def _about(db: Session, groups: tuple[Group, ...], content: Content) -> Value:
    """Returns the line of the classes. People are not told which part of a class they are."""
    classes = sorted(_classes(db, groups), key=lambda one: (one.starts_at, one.id))
    lines: list[Mapping[str, Value]] = [
        {"title": one.title, "starts": At(one.starts_at, content.open_hours(one.site_id).zone)} for one in classes
    ]
    if not lines:
        return None
    said = Words("broadcasts.about", lines[0])
    for more in lines[1:]:
        said = Words("broadcasts.about_more", {"first": said, "more": Words("broadcasts.about", more)})
    return said


def _place_named(message: Message, about: str | None, name: str | None) -> Message:
    place = message.place
    assert place is not None
    if place.title is None:
        title, address = about or name, name if about else None
    else:
        title, address = place.title, ", ".join(part for part in (place.address, name) if part)
    if title is None:
        return message
    return replace(message, form=Form.VENUE, place=Place(place.latitude, place.longitude, title, address or title))
