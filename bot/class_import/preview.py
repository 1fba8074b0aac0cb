"""What a table would change, before it is saved: each new class with its date, each changed one from what to what, and
how many people are told. A long table is summarised, and all of it comes as a file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.class_import.tables import Change, Clash, Difference, Imported
from bot.documents.xlsx_writer import MIME
from bot.words.action import version_of
from bot.words.message import At, File, Form, Lines, Message, Sheet, Value, Words

SHOWN: Final = 6
"""How many classes stand in the message: six of the longest are 3,400 characters."""
SHOWN_CLASHING: Final = 4
"""How many, if one of them is on at the same time as another: four of the longest are 3,700 characters."""
FILE_NAME: Final = "perubahan-kelas.xlsx"
LONGEST: Final = 40
NOTES: Final = 10
"""So many rows that are no classes are named."""
PINS: Final = ("latitude", "longitude")


def version(outcome: Imported) -> int:
    """Returns a version of what the preview shows. The button that saves carries it, so that nothing else is saved."""
    shown = [
        (one.plan.code, one.new, one.plan.site.id, one.plan.details() if one.new else _differences(one), _clashes(one))
        for one in outcome.changes
    ]
    return version_of(shown)


def _differences(change: Change) -> list[tuple[str, str, str]]:
    return [(one.name, str(one.old), str(one.new)) for one in change.differences]


def _clashes(change: Change) -> list[tuple[str, str, str]]:
    return [(one.code, one.why, str(one.starts_at)) for one in change.clashes]


def counts(outcome: Imported) -> dict[str, Value]:
    """Returns how many classes are new, changed and unchanged, and how many people are told of it."""
    return {
        "created": len(outcome.created),
        "changed": len(outcome.changed),
        "unchanged": len(outcome.unchanged),
        "told": outcome.told,
    }


def remarks(outcome: Imported, page: str) -> dict[str, Value]:
    """Returns what stands below the classes: how many are on at the same time as others, which rows are no classes, and
    which sheet was read of a workbook with several tables (`page`; empty: there is one)."""
    clashing = sum(bool(one.clashes) for one in outcome.changes)
    numbers = [str(number) for number in outcome.notes[:NOTES]] + ["…"] * (len(outcome.notes) > NOTES)
    return {
        "clashing": Words("sessions.import.clashing", {"n": clashing}) if clashing else None,
        "notes": Words("sessions.import.notes", {"numbers": ", ".join(numbers)}) if numbers else None,
        "page": Words("sessions.import.page", {"page": _short(page)}) if page else None,
    }


def lines(outcome: Imported) -> Lines:
    """Returns the first classes that are new or change, a line each, in the order of the table."""
    return Lines(tuple(_line(one) for one in outcome.changes[: shown(outcome)]))


def shown(outcome: Imported) -> int:
    """Returns how many classes stand in the message, which has to fit into one of Telegram's."""
    most = SHOWN_CLASHING if any(one.clashes for one in outcome.changes[:SHOWN]) else SHOWN
    return min(len(outcome.changes), most)


def _line(change: Change) -> Words:
    plan = change.plan
    starts = At(plan.starts_at, plan.site.zone)
    facts: dict[str, Value] = {"title": _short(plan.title), "site": plan.site.name, "starts": starts}
    facts["clash"] = _clash(change.clashes) if change.clashes else None
    if change.new:
        facts |= {"minutes": plan.minutes, "capacity": plan.capacity, "venue": _short(plan.venue)}
        return Words("sessions.import.new", facts)
    before = {one.name: one.old for one in change.differences}
    facts["title"] = _short(before.get("title", plan.title))
    facts["starts"] = At(before.get("starts_at", plan.starts_at), plan.site.zone)
    fields = Lines(tuple(_field(one, plan.site.zone) for one in _shown(change)))
    offers = Words("sessions.import.offers", {"n": change.offers}) if change.offers else None
    return Words("sessions.import.different", {**facts, "fields": fields, "told": change.told, "offers": offers})


def _clash(clashes: Sequence[Clash]) -> Words:
    """Returns the first class that is on at the same time, and how many more are."""
    more = Words("sessions.import.clash_more", {"n": len(clashes) - 1}) if len(clashes) > 1 else None
    return Words("sessions.import.clash", {"line": _clash_line(clashes[0]), "more": more})


def _clash_line(clash: Clash) -> Words:
    starts, until = At(clash.starts_at, clash.zone), At(clash.ends_at, clash.zone)
    facts: dict[str, Value] = {"title": _short(clash.title), "starts": starts, "until": until, "site": clash.site}
    facts |= {"venue": _short(clash.venue), "trainer": clash.trainer and _short(clash.trainer)}
    return Words(f"sessions.warning.{clash.why}", facts)


def _shown(change: Change) -> list[Difference]:
    """Returns the differences, the two coordinates of a map pin as one."""
    first_pin = next((one for one in change.differences if one.name in PINS), None)
    return [one for one in change.differences if one.name not in PINS or one is first_pin]


def _field(one: Difference, zone: str) -> Words:
    name = "pin" if one.name in PINS else one.name
    return Words(f"sessions.import.field.{name}", {"old": _value(one.old, zone), "new": _value(one.new, zone)})


def _value(value: object, zone: str) -> Value:
    if isinstance(value, datetime):
        return At(value, zone)
    if value is None:
        return Words("sessions.import.nothing_there")
    return value if isinstance(value, int) else _short(str(value))


def all_of_them(outcome: Imported) -> Message:
    """Returns every change as a table beside the message."""
    names = ("row", "what", "code", "site", "title", "starts", "changes", "told", "clashes")
    head = tuple(Words(f"sessions.import.head.{name}") for name in names)
    cells = tuple(_cells(one) for one in outcome.changes)
    return Message(
        "sessions.import.all_changes",
        {"n": len(outcome.changes)},
        form=Form.DOCUMENT,
        file=File(FILE_NAME, MIME),
        sheets=(Sheet(Words("sessions.import.head.page"), head, cells),),
    )


def _cells(change: Change) -> tuple[Value, ...]:
    plan = change.plan
    what = Words("sessions.import.head.new" if change.new else "sessions.import.head.different")
    starts = Words("sessions.import.when", {"starts": At(plan.starts_at, plan.site.zone)})
    fields = Lines(tuple(_field(one, plan.site.zone) for one in _shown(change)))
    clashes = Lines(tuple(map(_clash_line, change.clashes)))
    return (plan.row, what, plan.code, plan.site.name, plan.title, starts, fields, change.told, clashes)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
