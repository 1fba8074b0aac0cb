"""Short typed words that mean one of the buttons below a message: yes or no, clear or not.

Each function gets the words in one spelling (`Understanding.spelled`, where "boleh" is "bisa" and "gak" is "tidak").
Every word must be known: what says more is a message, and no answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bot.understanding.normalise import wordset

_BESIDE: Final = wordset(
    "pak bu bapak ibu kak kakak mbak mas min dong deh kok sih nih saja dulu makasih banyak maaf sekali banget"
    " senyum sembah jempol"
)
_YES: Final = wordset("ya iya oke siap silakan silahkan setuju mau yes okay") | {"bisa", "boleh"}
_NO: Final = wordset("tidak jangan no not")
_AFTER_NO: Final = wordset("usah mau perlu setuju jadi ya") | {"bisa", "boleh", "diizinkan"}
_UNDERSTOOD: Final = wordset("jelas paham mengerti ngerti clear")
_BESIDE_UNDERSTOOD: Final = wordset("saya kami sudah sekarang ya iya oke sip baik all")
_NOT: Final = wordset("belum tidak kurang not")
_BESIDE_NOT: Final = wordset("saya kami masih juga tetap ini")
_BACK: Final = wordset(
    "jangan tidak usah perlu jadi kirim dikirim diteruskan terus batal batalkan dibatalkan tarik ditarik soal tanya"
)
_GIVES_UP: Final = wordset("batal batalkan dibatalkan tarik ditarik jangan")
_ENOUGH: Final = wordset("ya iya sudah terjawab cukup jelas paham")
_PERSON: Final = wordset("tetap tanya orang belum terjawab kirim teruskan")
_NO_QUESTION: Final = (
    wordset(
        "mau tanya ingin numpang izin permisi halo hai tes soal konsultasi mulai ada siapa itu ini nih begini saya aku"
    )
    | _YES
    | _NO
    | _GIVES_UP
)


def yes_or_no(words: Sequence[str]) -> bool | None:
    """Returns whether somebody says yes; None: it is neither a yes nor a no."""
    said = _said(words)
    if said and said[0] in _NO and set(said) <= _NO | _AFTER_NO:
        return False
    return True if said and set(said) <= _YES else None


def understood(words: Sequence[str]) -> bool | None:
    """Returns whether somebody says that an answer is clear to them; None: they say nothing of that."""
    said = set(_said(words))
    if said & _UNDERSTOOD and said <= _UNDERSTOOD | _BESIDE_UNDERSTOOD:
        return True
    if "bingung" in said and said <= _BESIDE_NOT | {"bingung"}:
        return False
    knows_not = said & _UNDERSTOOD and said & _NOT
    return False if knows_not and said <= _UNDERSTOOD | _NOT | _BESIDE_NOT | {"bingung"} else None


def takes_back(words: Sequence[str]) -> bool:
    """Whether somebody does not want their words to be sent: "batal", "jangan dikirim", "tidak jadi"."""
    said = set(_said(words))
    return said <= _BACK and bool(said & _GIVES_UP or (len(said) > 1 and "tidak" in said))


def is_enough(words: Sequence[str]) -> bool:
    """Whether somebody says that what they were shown is enough: "sudah", "ya"."""
    said = set(_said(words))
    return bool(said) and said <= _ENOUGH


def asks_nothing(words: Sequence[str]) -> bool:
    """Whether somebody who was asked what they want to ask said nothing of it yet: "ya", "mau tanya", "?"."""
    return set(_said(words)) <= _NO_QUESTION


def wants_person(words: Sequence[str]) -> bool:
    """Whether somebody wants to ask a human being all the same: "tetap tanya", "belum terjawab"."""
    said = set(_said(words))
    return bool(said & wordset("tetap tanya belum")) and said <= _PERSON


def _said(words: Sequence[str]) -> list[str]:
    return [word for word in words if word not in _BESIDE]
