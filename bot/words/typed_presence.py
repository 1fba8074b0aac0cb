"""How trainers type who was there: sentences about names and numbers of a list, as patterns of `fullmatch`, for text in
small letters without signs at its ends. The names themselves are looked up in the list."""

from __future__ import annotations

import re
from typing import Final

_NO: Final = "tidak|tdk|tak|gak|ga|nggak|enggak"
_HERE: Final = "hadir|datang|dateng|masuk|present"
_ALL: Final = "se?mua(?:nya)?"
_EVERYBODY: Final = f"(?:{_ALL}|all{{more}})(?: (?:peserta|orang))?"
_EXCEPT: Final = "ke?cuali|selain|cuma|tapi|minus|but|except"
_OUT: Final = rf"[ ,:]+(?:{_EXCEPT})(?:[ :,]+(?:bukan|tidak|yang|yg))?[ :,]+"

# --- below a list of names --------------------------------------------------------------------------------------------

CLOSE: Final = re.compile(
    r"(?:tolong |mau |ayo )?(?:tutup|selesaikan|akhiri|close)(?:kan)? (?:the )?(?:daftar|list)(?:nya)?"
    r"(?: (?:hadir|nama|kehadiran)(?:nya)?)?(?: (?:ya|dong|sekarang))?"
)
EVERYBODY: Final = re.compile(
    rf"{_EVERYBODY.format(more='|everybody')} (?:sudah |udah )?(?:{_HERE})(?:{_OUT}(?P<out>.+))?"
    rf"|(?:(?:sudah|udah|yang|yg) )?(?:hadir|datang|dateng|masuk) {_ALL}(?:{_OUT}(?P<left>.+))?"
    rf"|(?:sudah |udah )?(?:lengkap|{_ALL})(?:{_OUT}(?P<rest>.+))?"
    r"|(?:ke?cuali|selain|all but|everybody but)[ :,]+(?P<but>.+)"
)
"""The names and numbers are in one of the groups, if there are any."""
DONE: Final = re.compile(
    r"(?:(?:ok|oke|ya) )?(?:(?:sudah|udah|dah)(?: (?:semua|selesai|beres|lengkap|cukup|itu saja))?"
    r"|selesai|beres|tutup|cukup|itu saja|itu aja|done|finished|close)"
    r"(?: (?:semua(?:nya)?|ya|bu|pak|kak|sekarang|dulu))*"
)
"""Nothing more is to be recorded."""
NEXT: Final = re.compile(r"(?:lanjut(?:kan)?|berikut(?:nya)?|selanjutnya|terus|next)(?: (?:ya|dong|halaman|lagi))*")
BACK: Final = re.compile(r"(?:kembali|balik|mundur|back)(?: (?:ya|dong|lagi|ke (?:daftar|kelas)))*")
UNDO: Final = re.compile(rf"(?:batal(?:kan)?|(?:{_NO}|ngga) jadi|urung|cancel)(?: (?:ya|saja|aja|deh|dulu))*")
_CAME: Final = rf"(?:{_HERE}|hdr|dtg)"
_AWAY: Final = "absen|alpa|absent|sakit|izin|ijin|berhalangan"
_NOT: Final = rf"(?:(?:{_NO}|ngga|not)(?: (?:bisa|dapat|jadi))? {_CAME}|{_AWAY})"
_NOT_HERE: Final = rf"(?:{_NOT}|(?:{_NO}|ngga) ada)"
ABSENT: Final = re.compile(
    rf"(?:(?P<before>.+?)(?: (?:ternyata|yang))? {_NOT_HERE}|(?:(?:yang|yg) )?{_NOT}(?: itu)?[ :,]+(?P<after>.+))"
)
PRESENT: Final = re.compile(
    rf"(?:(?P<before>.+?)(?: (?:sudah|udah|juga|ternyata))? (?:{_CAME}|ada(?: di (?:sini|kelas))?)"
    rf"|(?:(?:yang|yg) )?{_CAME}(?: itu)?[ :,]+(?P<after>.+))(?: (?:ya|juga))?"
)
SAID_OF: Final = re.compile(
    rf"[ :]+(?:(?:sudah|udah|belum|blm|masih|lagi|yang|ternyata|juga|baru|akan|mau|{_NO}|ngga|{_CAME}|ada|{_AWAY}"
    r"|telat|terlambat|(?:me)?nyusul|datangnya|di jalan|pulang)\b[ ,]*)+"
)
"""What is said behind a name ("bu ana belum datang", "pak budi telat"): the name alone is looked for."""
ADD: Final = re.compile(
    r"(?:tolong |mau |ayo )?tambah(?:kan|in)?(?: (?:orang|peserta|nama|tamu|satu|lagi|yang|baru|datang))*(?: ya)?"
)
SHOW_CODE: Final = re.compile(
    r"(?:(?:tolong|mau|ayo) )?(?:(?:tunjuk|tampil|buka|lihat|minta|kasih)(?:kan|in)? )?(?:kode|qr)(?:nya)?"
    r"(?: (?:qr|hadir|kelas|kehadiran|lagi|ya))*"
)
HIDE_CODE: Final = re.compile(r"(?:tutup|sembunyi)(?:kan)? (?:kode|qr)(?:nya)?(?: (?:hadir|kelas|ya|dulu))*")
WHO_CAME: Final = re.compile(
    rf"(?:siapa|berapa)(?: (?:orang|saja|aja|yang|yg|sudah|udah|belum|{_NO}|ngga))* {_CAME}"
    r"(?: (?:ya|sekarang|hari ini))*[ ?]*"
)

# --- below the word that the trainers were asked to let somebody in ---------------------------------------------------

WITHDRAWS: Final = re.compile(
    r"(?:maaf |mohon maaf )?(?:(?:saya|kami) )?"
    rf"(?:(?:{_NO}|ngga) (?:jadi|usah)|batal(?:kan)?|tarik|urung|cancel|never mind)"
    r"(?: (?:masuk|ikut|minta|permintaan(?:nya)?|kelas(?:nya)?|saja|aja|deh|ya|bu|pak|kak|dulu|it|the|request))*"
)

HOW_IT_STANDS: Final = re.compile(
    r"(?:(?:bu|pak|kak|permisi|halo|maaf|jadi|apa|apakah|saya|lalu|terus) )*"
    r"(?:bagaimana|gimana|sudah|udah|boleh|bisa|belum|masih|jadi|kapan|berapa lama|dijawab|lama|masuk|menunggu)"
    r"(?: (?:boleh|bisa|dijawab|jawab|jawaban(?:nya)?|masuk|lama|me?nunggu|saya|bu|pak|kak|ya|belum|dong|nih))*"
)
"""Asks what the trainers say: "sudah boleh?", "bagaimana bu", "belum dijawab?"."""

# --- where everybody is picked who was not there ----------------------------------------------------------------------

YES: Final = re.compile(r"(?:ya|iya|yes|ok|oke|benar|betul|setuju|catat)(?: (?:catat|benar|betul|ya|bu|pak))*")
ENOUGH: Final = re.compile(
    r"(?:sudah|udah|cukup|selesai|lanjut|itu saja|itu aja|tidak ada lagi|nggak ada lagi|gak ada lagi|done|no more)"
    r"(?: (?:itu|semua|ya|itu saja))?"
)
NOBODY: Final = re.compile(
    rf"(?:(?:{_NO}) ada|nihil|kosong|none|nobody)(?: (?:yang )?(?:absen|tidak hadir))?"
    rf"|{_EVERYBODY.format(more='')} (?:{_HERE})|(?:hadir|datang|dateng|masuk) {_ALL}|lengkap"
)
NOT_THESE: Final = re.compile(
    r"(?:bukan|not|hapus|coret|salah|batal|batalkan) (?P<these>.+)"
    rf"|(?P<those>.+?)(?: (?:sudah|udah|juga|ternyata))? (?:{_CAME}|ada)"
)
THESE: Final = re.compile(
    rf"(?:(?:yang|yg) )?(?:{_NOT}|belum {_CAME})(?: itu)?[ :,]+(?P<these>.+)"
    rf"|(?P<those>.+?)(?: (?:ternyata|yang))? (?:{_NOT_HERE}|belum (?:{_CAME}|ada))"
)
