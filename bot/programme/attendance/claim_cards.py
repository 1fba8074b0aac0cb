"""What trainers are shown of people who say they were there: their names, and buttons to answer each.

Who was answered keeps the row until the list is opened anew, so that the next tap answers nobody else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy.orm import Session

from bot.actions.attendance import ConfirmClaim, RefuseClaim, SeeClaims
from bot.programme.attendance.records import Name, names
from bot.programme.attendance.tables import Mark
from bot.programme.sessions import ClassSession
from bot.words.message import Button, Message, Value
from bot.words.typed_buttons import actions_of

ON_CARD: Final = 6
"""So many are answered on one screen; the others come when these are answered."""


def open_claims(db: Session, session: ClassSession) -> list[Name]:
    """Returns who says they were there and waits for an answer, in the order of the list."""
    return claims_of(names(db, session))


def claims_of(everybody: Sequence[Name]) -> list[Name]:
    return [one for one in everybody if one.mark is Mark.CLAIMED]


def claim_rows(session: ClassSession, claims: Sequence[Name]) -> list[Sequence[Button]]:
    """Returns the buttons that answer each of these claims: a row for each of the first ON_CARD, with the number it has
    in the list where there are several; for more a way to them. Of somebody who has an answer the buttons say so."""
    rows: list[Sequence[Button]] = []
    several = len(claims) > 1
    for one in claims[:ON_CARD]:
        number: dict[str, Value] = {"n": one.number} if several or one.mark is not Mark.CLAIMED else {}
        keys = ["came_no", "not_came_no"] if several else ["came", "not_came"]
        if one.mark is Mark.PRESENT:
            keys[0] = "came_done"
        elif one.mark is Mark.ABSENT:
            keys[1] = "not_came_done"
        yes = Button(f"attendance.button.{keys[0]}", ConfirmClaim(session.id, one.person.id, one.version), number)
        no = Button(f"attendance.button.{keys[1]}", RefuseClaim(session.id, one.person.id, one.version), number)
        rows.append((yes, no))
    if len(claims) > ON_CARD:
        rows.append((Button("attendance.button.more_claims", SeeClaims(session.id)),))
    return rows


def claimants_on(message: Message | None) -> list[int]:
    """Returns the persons whose claims this message has buttons for, in their order."""
    answers = (one for one in actions_of(message) if isinstance(one, ConfirmClaim | RefuseClaim))
    return list(dict.fromkeys(one.person for one in answers))


def claims_with(everybody: Sequence[Name], kept: Sequence[int]) -> list[Name]:
    """Returns who is shown: the people in `kept` in their places, whatever became of their claims, and who waits for an
    answer after them, as long as there is room on the card; of more there is one, so that a way to them is shown."""
    by_id = {one.person.id: one for one in everybody}
    shown = [by_id[one] for one in kept if one in by_id]
    return [*shown, *(one for one in claims_of(everybody) if one.person.id not in kept)]
