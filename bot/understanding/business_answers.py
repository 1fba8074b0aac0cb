"""Typed answers to questions about a business: what it has, orders, workers, turnover, and about its owner.

Every word must be known: what says more is a message, and no answer. The words are taken as they are written, but for
the usual short forms of "tidak" and "sudah".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from enum import Enum, auto
from typing import Final

from bot.understanding.normalise import wordset


class Boxes(Enum):
    ALL = auto()
    NONE = auto()


_SPELLED: Final[Mapping[str, str]] = {
    **dict.fromkeys(("gak", "ga", "nggak", "ngga", "enggak", "engga", "tdk", "tak", "ndak", "nda", "g"), "tidak"),
    **dict.fromkeys(("udah", "udh", "sdh", "dah", "telah"), "sudah"),
    **dict.fromkeys(("blm", "belom", "blum"), "belum"),
    **dict.fromkeys(("msh", "masi"), "masih"),
}
_BESIDE: Final = wordset(
    "pak bu bapak ibu kak kakak mbak mas min saya kami usaha saja aja kok nih sih ya iya sekarang kira sekitar kurang"
    " lebih sekali banget dong deh makasih terima kasih the my we it is are i am about"
)
_AND: Final = wordset("dan sama juga serta ada sudah jalan punya yang baru plus and have has")
_ALL: Final = wordset("semua semuanya all lengkap")
_NOTHING: Final = wordset("belum tidak ada satupun apa none nothing nihil kosong")
_NO: Final = wordset("tidak belum bukan no not never")
_MORE: Final = wordset("naik meningkat bertambah tambah ramai rame banyak up more higher better membaik")
_LESS: Final = wordset("turun menurun berkurang sepi sedikit down fewer lower less worse")
_LIKE: Final = wordset("sama tetap biasa stabil seperti begitu same equal")
_UNKNOWN: Final = wordset("tidak tahu tau belum entah bingung lupa yakin unknown dont know")
_BESIDE_ORDERS: Final = wordset(
    "pesanan order orders pembeli jualan penjualan makin lumayan agak alhamdulillah masih lagi"
)
_SKIP: Final = wordset("lewati lewat skip rahasia tidak mau ingin jawab menjawab usah perlu pass")
_ON: Final = wordset("masih ya iya ada berlaku dipakai pakai buka diisi benar rutin yes still betul jalan terus aktif")
_OFF: Final = wordset("tidak sudah lagi mati habis tutup berhenti stop no not anymore any more pernah")
_CLOSED: Final = wordset("tutup ditutup bangkrut gulung tikar berhenti closed shut")
_BESIDE_CLOSED: Final = wordset("toko warung sudah jualan dagang lagi tidak has down permanen total")
_WOMAN: Final = wordset("perempuan wanita cewek female woman")
_MAN: Final = wordset("laki laki-laki pria cowok lelaki male man")
_NUMBERS: Final[Mapping[str, int]] = {
    "nol": 0, "satu": 1, "seorang": 1, "dua": 2, "tiga": 3, "empat": 4, "lima": 5, "enam": 6, "tujuh": 7,
    "delapan": 8, "sembilan": 9, "sepuluh": 10, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "zero": 0,
}  # fmt: skip
_OBSTACLES: Final[Mapping[str, Collection[str]]] = {
    "capital": wordset("modal uang dana pinjaman kredit money capital"),
    "buyers": wordset("pembeli pelanggan pasar sepi buyers customers market"),
    "time": wordset("waktu tenaga sibuk time hands"),
    "materials": wordset("bahan baku material materials"),
    "permits": wordset("izin ijin surat halal permits licence"),
    "other": wordset("lain lainnya other"),
}
_PEOPLE: Final = wordset("orang pekerja karyawan pegawai people workers tukang")
_ALONE: Final = wordset("sendiri sendirian alone")
_SUM: Final = re.compile(
    r"(?:rp\.?\s*)?(\d{1,3}(?:\.\d{3})+|\d+(?:[.,]\d{1,2})?)\s*(ribuan|ribu|rb|k|jutaan|juta|jt|million|miliar|milyar|m)?"
)
_UNITS: Final[Mapping[str, float]] = {
    "": 1, "ribu": 1e3, "rb": 1e3, "k": 1e3, "ribuan": 1e3, "juta": 1e6, "jt": 1e6, "jutaan": 1e6, "million": 1e6,
    "miliar": 1e9, "milyar": 1e9, "m": 1e9,
}  # fmt: skip
_RANGES: Final = ((1e6, "0-1"), (5e6, "1-5"), (15e6, "5-15"), (50e6, "15-50"), (150e6, "50-150"))
_BESIDE_SUM: Final = wordset("sebulan per bulan omzet sekitar kira-kira kira kurang lebih a month rp") | _BESIDE
_LARGE: Final = 5e9
"""No small business has more in a month: a longer number is another one, of a card for instance."""
_SMALL: Final = 1000
"""A bare number below this is no sum in rupiah: "5" may be five million, or five workers."""


def words_of(text: str) -> list[str]:
    """Returns the words of a text in small letters, the short forms of "tidak" and the like written out."""
    found = re.findall(r"[a-z]+(?:-[a-z]+)*|\d+", text.casefold())
    return [_SPELLED.get(word, word) for word in found]


def _said(text: str) -> list[str]:
    return [word for word in words_of(text) if word not in _BESIDE]


def boxes_named(text: str, typed: Mapping[str, Collection[str]]) -> frozenset[str] | Boxes | None:
    """Returns which of these things somebody says they have; None: the words say something else, too. `typed`: by code,
    what people write for it."""
    rest = f" {' '.join(_said(text))} "
    found = set()
    names = sorted(((name, code) for code, known in typed.items() for name in known), key=lambda one: -len(one[0]))
    for name, code in names:
        written = f" {' '.join(words_of(name))} "
        if written in rest:
            found.add(code)
            rest = rest.replace(written, " ")
    left = set(rest.split())
    if found:
        return frozenset(found) if left <= _AND else None
    if left & _ALL and left <= _ALL | _AND:
        return Boxes.ALL
    if (left & _NO and left <= _NOTHING | _NO | _ALL) or left & wordset("none nothing nihil"):
        return Boxes.NONE
    return None


def still_goes_on(text: str) -> bool | None:
    """Returns whether something that was there goes on; None: the words say something else."""
    said = [word for word in words_of(text) if word not in _BESIDE or word in _ON]
    if not said:
        return None
    if set(said) & _NO or "lagi" in said or set(said) & wordset("mati habis"):
        return False if set(said) <= _OFF | _ON and "belum" not in said else None
    return True if set(said) <= _ON | {"sudah"} else None


def orders(text: str) -> str | None:
    """Returns how orders are against before: up, same, down, unknown; None: the words say something else."""
    said = [word for word in _said(text) if word not in _BESIDE_ORDERS]
    if not said:
        return None
    words = set(said)
    if words <= _UNKNOWN and words & (_UNKNOWN - {"tidak", "belum"}):
        return "unknown"
    if words <= _LIKE:
        return "same"
    if words <= _MORE:
        return "up"
    return "down" if words <= _LESS else None


def workers(text: str) -> str | None:
    """Returns a range of paid workers: 0, 1, 2-4, 5+; None: the words name no number."""
    said = [word for word in _said(text) if word not in _PEOPLE]
    if not said or set(said) <= _ALONE or (set(said) & {"tidak", "belum"} and set(said) <= _NOTHING | _ALONE):
        return "0" if said else None
    if len(said) != 1:
        return None
    number = int(said[0]) if said[0].isdecimal() else _NUMBERS.get(said[0])
    if number is None or number > 999:
        return None
    return str(number) if number < 2 else "2-4" if number < 5 else "5+"


def turnover(text: str) -> str | None:
    """Returns the range of a sum of a month; None: the words name no one sum."""
    low = text.casefold()
    sums = [one for one in _SUM.finditer(low) if one[1]]
    if len(sums) != 1 or not set(words_of(_SUM.sub(" ", low))) <= _BESIDE_SUM:
        return None
    number, unit = sums[0][1], sums[0][2] or ""
    value = float(number.replace(".", "") if re.fullmatch(r"\d{1,3}(?:\.\d{3})+", number) else number.replace(",", "."))
    value *= _UNITS[unit]
    no_sum = len(number) > 1 and number.startswith("0") and number[1].isdecimal()  # a telephone number
    if no_sum or 0 < value < _SMALL or value > _LARGE:
        return None
    return next((name for most, name in _RANGES if value < most), "150+")


def obstacle(text: str) -> str | None:
    """Returns what hinders most, as a code; None: nothing, or several things are named."""
    words = set(_said(text)) - wordset("kurang susah sulit tidak ada cari belum punya lack of no")
    found = [code for code, known in _OBSTACLES.items() if words & set(known)]
    known_words = {word for code in found for word in _OBSTACLES[code]}
    return found[0] if len(found) == 1 and words <= known_words else None


def points(text: str) -> str | None:
    """Returns a number from 0 to 10; None: the words are none."""
    said = _said(text)
    if len(said) != 1:
        return None
    number = int(said[0]) if said[0].isdecimal() and len(said[0]) < 3 else _NUMBERS.get(said[0])
    return str(number) if number is not None and number <= 10 else None


def age_in_years(text: str) -> int | None:
    said = [word for word in _said(text) if word not in wordset("tahun thn th umur usia years old year")]
    return int(said[0]) if len(said) == 1 and said[0].isdecimal() and len(said[0]) < 4 else None


def sex(text: str) -> str | None:
    said = set(_said(text)) or set(words_of(text))
    if said and said <= _WOMAN | {"ibu"}:
        return "female"
    return "male" if said and said <= _MAN | {"bapak"} else None


def is_skipped(text: str) -> bool:
    """Whether somebody does not want to answer, or does not know: "lewati", "rahasia", "tidak tahu"."""
    said = set(_said(text))
    skips = said & wordset("lewati lewat skip rahasia jawab menjawab usah pass") and said <= _SKIP
    return bool(skips or (said <= _UNKNOWN and said & (_UNKNOWN - {"tidak", "belum"})))


def has_closed(text: str) -> bool:
    """Whether somebody says that their business has closed: "tutup", "usaha sudah tutup"."""
    said = set(_said(text))
    return bool(said & _CLOSED) and said <= _CLOSED | _BESIDE_CLOSED
