"""Short typed words that mean a button below a screen of announcements, and are not what is to be announced.

The words come in one spelling (`Understanding.spelled`). Every word must be known: what says more is a message.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from bot.understanding.normalise import wordset
from bot.understanding.short_answers import takes_back, yes_or_no

LONGEST: Final = 4
"""The most words of what may mean a button."""
_SEND: Final = wordset("kirim kirimkan kirimin dikirim umumkan sebarkan send")
_NOW: Final = wordset("sekarang langsung now")
_BESIDE: Final = _NOW | wordset(
    "saja ya iya oke tolong dong yuk isi isinya teks pesan pengumuman yang waktu waktunya jam kirim mau"
)
_CHANGE: Final = wordset("ganti ubah perbaiki ralat betulkan koreksi edit salah change correct fix")
_WHOM: Final = wordset("penerima penerimanya siapa orang recipients")
_MORE: Final = "tambah"
_WHEN: Final = wordset("waktu waktunya jam jadwal jadwalkan nanti time later schedule")
_STOP: Final = wordset("stop hentikan berhenti setop")
_WITHDRAW: Final = wordset("tarik hapus batalkan batal withdraw delete")
_BESIDE_WITHDRAW: Final = _BESIDE | wordset("kembali semua dari peserta itu ini back")


class Meant(StrEnum):
    """Which button somebody typed."""

    RECIPIENTS = "recipients"
    MORE_RECIPIENTS = "more"
    NO = "no"
    YES = "yes"
    SEND = "send"
    SCHEDULE = "schedule"
    CHANGE = "change"
    STOP = "stop"
    WITHDRAW = "withdraw"


def meant_while_writing(words: Sequence[str]) -> Meant | None:
    """Returns what is meant below a preview, or where the words of an announcement are asked for."""
    said = set(words)
    if not said or len(words) > LONGEST:
        return None
    if said & _WHOM and said <= _WHOM | _CHANGE | _BESIDE | {_MORE}:
        return Meant.MORE_RECIPIENTS if _MORE in said else Meant.RECIPIENTS
    if takes_back(words) or yes_or_no(words) is False:
        return Meant.NO
    if said & _WHEN and said <= _WHEN | _SEND | _CHANGE | _BESIDE | {"pilih"}:
        return Meant.SCHEDULE
    if said & _CHANGE and said <= _CHANGE | _BESIDE:
        return Meant.CHANGE
    if said & _SEND and said <= _SEND | _BESIDE:
        return Meant.SEND
    return Meant.YES if yes_or_no(words) else None


def meant_instead_of_a_moment(words: Sequence[str]) -> Meant | None:
    """Returns what is meant where the moment of sending is asked for."""
    said = set(words)
    if not said or len(words) > LONGEST:
        return None
    if said & (_SEND | _NOW) and said <= _SEND | _NOW | {"saja"}:
        return Meant.SEND
    if said & _CHANGE and said <= _CHANGE | _WHEN | _BESIDE:
        return Meant.CHANGE
    return Meant.YES if yes_or_no(words) or said <= {"jadwalkan", "schedule"} else None


def meant_afterwards(words: Sequence[str]) -> Meant | None:
    """Returns what is meant below the report of what was sent, or below what is scheduled."""
    said = set(words)
    if not said or len(words) > LONGEST:
        return None
    if said & _CHANGE and said <= _CHANGE | _BESIDE:
        return Meant.CHANGE
    if said & _STOP and said <= _STOP | _SEND | _BESIDE:
        return Meant.STOP
    withdrawn = said & _WITHDRAW and said <= _WITHDRAW | _BESIDE_WITHDRAW
    return Meant.WITHDRAW if withdrawn or takes_back(words) else None
