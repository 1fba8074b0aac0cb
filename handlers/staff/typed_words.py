"""Words typed below an invitation, and below the question whether the right person accepted it.

Whoever opened a link may say yes or no in words. That somebody else becomes staff needs a tap.
"""

from __future__ import annotations

from typing import Final

from bot.actions.staff import ConfirmStaff, RejectStaff
from bot.programme import staff
from bot.turns.turn import Turn
from bot.understanding.short_answers import takes_back, yes_or_no
from bot.words.message import Button, Style
from bot.words.typed_buttons import plain
from bot.words.typed_text import cleaned
from handlers.staff.inviting import accepted_in_words, declined, staff_rejected
from handlers.staff.parts import role_of

LONGEST: Final = 5
"""The most words of an answer."""
_BESIDE: Final = frozenset(
    {"saya", "jadi", "menjadi", "pelatih", "pendamping", "admin", "dia", "orangnya", "itu", "memang"}
)
_NO: Final = frozenset({"bukan", "salah", "cabut"})
_BESIDE_NO: Final = _NO | {"orang", "untuk", "me", "not", "for", "tidak", "wrong"}
_RIGHT: Final = frozenset({"benar", "betul", "right"})


def heard(turn: Turn) -> bool:
    """Takes words that answer the newest message; nothing that was forwarded."""
    message = turn.update.message
    if message is None or message.forward_origin is not None or "?" in turn.text or not 0 < len(turn.text) <= 60:
        return False
    name, _, rest = turn.newest.row.partition(":")
    number = rest.partition(":")[0]
    if name not in (staff.OFFER, staff.CONFIRM) or not number.isdecimal():
        return False
    invitation = staff.invitation_of(turn.db, int(number))
    answer = _answer(turn)
    if invitation is None or answer is None:
        return False
    if name == staff.OFFER:
        (accepted_in_words if answer else declined)(turn, invitation)
    elif not turn.admin:
        return False
    elif answer:
        right = Button("staff.button.right", ConfirmStaff(invitation.id), style=Style.PRIMARY)
        wrong = Button("staff.button.wrong", RejectStaff(invitation.id))
        row = f"{staff.CONFIRM}:{invitation.id}:{turn.account.id}"
        turn.say("staff.tap_to_confirm", role=role_of(turn, invitation), buttons=[[right, wrong]], secret=True, row=row)
    else:
        staff_rejected(turn, RejectStaff(invitation.id))
    return True


def _answer(turn: Turn) -> bool | None:
    typed = plain(cleaned(turn.text))
    words = tuple(word for word in turn.content.spelled(typed) if word not in _BESIDE)
    said = set(words)
    if not said or len(words) > LONGEST:
        return None
    if (said & _NO and said <= _BESIDE_NO) or takes_back(words):
        return False
    if said & _RIGHT and said <= _RIGHT | {"ya", "iya", "oke"}:
        return True
    return yes_or_no(words)
