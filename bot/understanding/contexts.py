"""Answers to the newest open question, as people type them: yes, no, perhaps; a letter; a code; a name.

Each function gives an intent with whether it is clear, or None where the words are no answer. What is clear may be done
at once; so every word of a clear answer must be known ("hadir, tapi mungkin anak saya" is none).
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from bot.understanding.normalise import Text, wordset


class Answer(NamedTuple):
    """An answer. `clear`: no word of the message says otherwise."""

    intent: str
    clear: bool


_YES: Final = wordset(
    "ya iya oke siap ayo hayu hayuk yuk sana meluncur merapat ketemu hadir datang bisa ikut jadi mau gas tentu pasti"
    " jelas setuju jempol insyaallah usahakan sampai"
    " jumpa ketemu"
    " konfirmasi yes sure berangkat otomatis lanjut gelem purun nio tetap"
)
_TAKE: Final = _YES | wordset("ambil terima boleh ini hadir") | {"ambillah", "diambil"}
_BESIDE: Final = wordset(
    "saya kami itu ini juga nanti besok lusa hari jam tanggal saja di ke sana situ kelas kursi kursinya untuk yang"
    " sama dengan"
    " tepat waktu pagi siang sore malam senin selasa rabu kamis jumat sabtu minggu akan bakal banget lagi sudah dulu"
    " baik alhamdulillah"
    " semangat senang sekalian banyak makasih tolong mohon maaf kok dong sekali sembah senyum emoji amin semoga"
    " kalau gitu kan iyo"
    " bersama berdua bertiga keluarga pelatih lewat info infonya kabar tidak apa masalah telat there be will see you"
    " i'll ll it take am going"
    " offer seat the"
)
_MAYBE: Final = re.compile(
    r"(?<! tidak) mungkin | (tunggu|nunggu|menunggu) kabar | berat | belum (tahu|pasti|tentu|bisa|jelas|yakin|mesti"
    r"|weruh)| lihat (dulu|nanti|besok|situasi|kondisi"
    r"|keadaan|cuaca|hari)"
    r"| (nanti|besok) (saya |aku )?(dulu|saja|kabari|dikabari|jawab|kabarin|lihat|infokan|malam saya jawab"
    r"|sore saya jawab)"
    r"| (kabari|dikabari|kabarin|infokan) (lagi |nanti)| tergantung | (pikir|mikir|pikirkan)( pikir)? | ragu | entah"
    r"| tanya (\w+ ){0,3}dulu | setengah hari | (not sure|let me see|let you know|perhaps|don t know) | (nanti"
    r"|tunggu) dulu "
    r"| (bisa|datang|ikut|jadi|hadir|ambil) tidak (ya |nya )*$| mau baca dulu| duka | can jelas | antara | durung "
    r"| dereng "
)
_NO: Final = re.compile(
    r" (tidak|jangan|emoh|moh|wegah|ogah|jempolbawah|batal|batalkan|izin|halangan|luar kota|absen dulu|berhalangan"
    r"|mundur|nope"
    r"|menolak|tolak"
    r"|keberatan|lewatkan|skip|lain kali|lain waktu|yang lain|orang lain|kejauhan|libur dulu|ada acara|sudah ada acara"
    r"|not coming|can t|cannot|won t|belum bisa)( |$)"
)
_NO_IS_NOT: Final = re.compile(
    r" (jangan|tidak jadi|tidak usah|tidak mau|bukan) (\w+ ){0,2}(batal|batalkan|dibatalkan|dicoret|izin)"
    r"| tidak (usah|perlu) (ragu|diragukan|khawatir|takut|ditanya)| tidak (apa|sabar|lupa|masalah|telat|terlambat"
    r"|akan lupa|mungkin tidak|bukan)| mana mungkin | siapa bilang "
    r"| tidak ada (alasan|halangan|kendala|masalah) | bukan tidak "
    r"| tidak (pernah|akan|bakal|mungkin) (\w+ )?(absen|tidak|telat|terlambat|lupa|lewat|lewatkan|melewatkan)"
    r"| jangan (khawatir|lupa|dicoret|dikasih|kasih|dihapus|diganti)"
)
_ASKS: Final = re.compile(
    r" (apa|berapa|dimana|kapan|siapa|kenapa|bagaimana|mana|butuh|dapat|ada|artinya|maksud|kalau|tahu|where|what"
    r"|when|how) "
)
_ASKS_BACK: Final = re.compile(r" (apa|berapa|dimana|kapan|siapa|kenapa|bagaimana|mana|kalau|where|what|when|how) ")
_AFTER_ALL: Final = re.compile(
    r" (besok|saya|tetap) (tetap |pasti |juga |jadi )?(bisa|datang|hadir|ikut|tetap|ambil) $"
)
"""A yes at the end, whatever was denied before: "teman saya tidak bisa, saya tetap ikut"."""
_OTHERS: Final = re.compile(
    r" (teman|suami|istri|anak|ibunda|ayah|tetangga|adik|saudara|peserta|mertua|cucu|dia) (saya |kami )?"
    r"(yang|saja|bisa|tidak bisa|ikut|datang|hadir|juga|mau)| bukan saya | (diwakilkan|diwakili|mewakili|gantikan"
    r"|digantikan) "
)
_TOLD_BEFORE: Final = re.compile(
    r" sudah (\w+ )?(ikut|ambil|dapat|daftar|bilang|jawab|hadir|datang|punya|pernah)"
    r"| (tadi|kemarin) (\w+ )?(sudah|bilang|jawab|hadir|datang)"
)
"""What is over, not what will be: no answer."""
_LATE: Final = re.compile(r" (telat|terlambat|siangan|nyusul|menyusul) ")
_ASKS_WHO: Final = re.compile(r" (siapa|kenapa|kapan|berapa|dimana|mana) ")
_REGRET: Final = re.compile(r" (maaf|tidak (bisa|jadi|ikut|datang|hadir|sempat)) ")
_BUT: Final = re.compile(r" (hanya|tapi|asal|kecuali|cuma|sih|kalau) ")
_MOVE: Final = re.compile(
    r" (pindah|ganti|geser|lain hari|hari lain|kelas lain|minggu depan|kelas (yang )?berikut|bulan depan|jadwal lain)"
)
_CODE: Final = re.compile(r"[bcdfghjklmnprstvwxyz]{4}")
_NO_CODES: Final = wordset(
    "mksh trms thks slmt tlng mhns bsk sbtr bntr nggk ngak smpt mmng bgmn gmna brpa knpa krng dtng lgkp plng krna"
)
_AGE: Final = re.compile(r" (\d{1,2}) ")
_MINOR: Final = re.compile(
    r" belum (18|delapan belas|cukup umur|dewasa|17|genap)| (di )?bawah (umur|18|17|delapan)| under (18|age)"
    r"| masih (sekolah|smp|sma|smk|pelajar|anak sekolah|sd|mts)"
    r"| (saya|kelas \d) (anak |siswa |pelajar )?(smp|sma|smk|mts|pelajar|siswa|siswi)| (minor|teenager) | (tujuh"
    r"|enam|lima|empat) belas "
)
_ABOUT_OTHERS: Final = re.compile(
    r" (anak saya|anak kami|adik saya|cucu|produk|warung|toko|usaha|keponakan|untuk anak|ibunda|ayah|suami|istri|mertua"
    r"|orang tua|teman|tetangga|karyawan|pegawai|anak buah|dari anak|punya anak|anak (umur )?\d+) "
)
_COMMANDS: Final[dict[str, str]] = {
    **dict.fromkeys(
        ("batal", "batalkan", "tidak jadi", "cancel", "tidak jadi daftar", "batal saja", "batal daftar"), "break_off"
    ),
    **dict.fromkeys(
        ("nanti saja", "nanti dulu", "lain kali", "lain kali saja", "tidak mau", "keluar", "lewati", "skip"),
        "break_off",
    ),
    **dict.fromkeys(
        ("kembali", "tidak usah", "besok saja", "nanti", "tidak mau isi", "later", "quit", "berhenti dulu"), "break_off"
    ),
    **dict.fromkeys(("menu", "lihat menu", "buka menu", "menu utama"), "menu"),
    **dict.fromkeys(("bantuan", "minta bantuan", "bantuan saya", "bingung", "saya bingung"), "help"),
    **dict.fromkeys(("berhenti", "stop", "unsubscribe", "berhenti saja", "berhenti kirim pesan"), "stop_messages"),
}
_WAYS_OUT: Final[dict[str, str]] = {
    **dict.fromkeys(("batal", "batalkan", "cancel", "batal saja", "batal daftar"), "break_off"),
    **dict.fromkeys(("kembali", "back"), "back"),
    **dict.fromkeys(("menu", "lihat menu", "buka menu", "menu utama"), "menu"),
    **dict.fromkeys(("bantuan", "minta bantuan", "help", "bingung", "saya bingung"), "help"),
    **dict.fromkeys(("berhenti", "stop", "unsubscribe", "berhenti kirim pesan"), "stop_messages"),
}
"""Never an answer to any question, whatever it asks for."""
_GIVEN_UP: Final = re.compile(
    r"^ ((eh|aduh|duh|maaf|oke|saya|ya|sudah) )*(batal|batalkan|batalin|tidak jadi|cancel)"
    r"( (dulu|saja|ah|deh|dah|lah|dong|ya|aja|kak|kakak|min|bu|pak|mas|mbak|daftar|maaf|makasih|nanti|lagi|saya))* $"
)
_QUIET_REASONS: Final = re.compile(
    r" (nanti|besok|lain kali) (\w+ )?(isi|ngisi|ngisinya|jawab|daftar)| (tidak|belum) mau (isi|jawab|kasih|sebut"
    r"|ngisi)"
)
_WHY: Final = re.compile(r" (kenapa|apa|bagaimana|bingung|maksud|untuk apa|harus isi|isi apa|butuh) ")
_CALLED: Final = wordset("kak kakak min mimin mbak mas kk bu ibu pak bapak ya")
"""Words by which somebody is addressed, at the end of a message: "hadir bu". At the beginning they tell who is
present."""
_LETTER_BESIDE: Final = wordset(
    "saya jawab jawaban pilih yang itu ini saja adalah kayaknya mungkin iya ya oke jempol senyum sembah huruf nomor"
    " opsi option kami yakin"
    " pasti answer is the my jawabnya sepertinya menurut tentu benar emoji tawa"
)


def yes_or_no(text: Text, yes: str, no: str) -> Answer | None:
    """Returns the answer to "Bisa datang?" or "Mau diambil?": `yes`, `no`, `not_sure`, or None for something else."""
    line, words = text.line, _telling(text)
    taken = _TAKE if yes == "accept_offer" else _YES
    if _MOVE.search(line) or (words & {"butuh", "dapat"} and asks_at_end(line)):
        return None
    if _TOLD_BEFORE.search(line) or _LATE.search(line) or (_ASKS_WHO.search(line) and not _REGRET.search(line)):
        return None
    if re.search(r" (kursi|nama) (\w+ ){0,3}tidak ada ", line):
        return None  # what they miss, no answer
    if text.core == ("usahakan",):
        return Answer("not_sure", clear=True)
    if _NO_IS_NOT.search(line):
        if text.question:
            return None
        only_yes = bool(words & {"datang", "hadir", "ikut", "bisa"}) and words <= taken | _BESIDE
        return Answer(yes, only_yes and not _BUT.search(line) and "siapa" not in words)
    if _MAYBE.search(line) and not re.search(r" tidak (bisa|jadi|ikut|datang|hadir|mau) (?!tidak)", _no_question(line)):
        if " belum bisa " in line and {"maaf", "kali"} & set(text.tokens):
            return Answer(no, clear=False)
        return Answer("not_sure", clear=not text.question and len(text.core) <= 5 and not _ASKS_BACK.search(line))
    if text.question or asks_whether(text) or (_ASKS.search(line) and not _NO.search(line)):
        return None
    if re.search(r" kalau (\w+ ){0,6}(bagaimana|apa|siapa|berapa|kapan|dapat|boleh|bisa) |^ kalau .* tidak ", line):
        return None
    if _OTHERS.search(line):
        if re.search(r" saya (tetap |juga |pasti )?(bisa|datang|hadir|ikut) ", line) and not re.search(
            r" tapi | mungkin ", line
        ):
            return Answer(yes, clear=False)
        if not re.search(r" (saya|jadi|sakit|maaf) (\w+ ){0,3}tidak (bisa|datang|hadir|ikut|jadi) ", line):
            return Answer("not_sure", clear=False)
    if re.search(r" bukan saya | (belum|tidak|bukan) (\w+ )?bilang ", line):
        return Answer("not_sure", clear=False)
    if (
        _NO.search(line)
        and _AFTER_ALL.search(line)
        and not re.search(r" tidak (jadi )?(bisa|datang|hadir|ikut|tetap) $", line)
    ):
        return Answer(yes, clear=False)
    if re.search(r" (mau|bisa|ingin) (\w+ ){0,2}(tapi|cuma|hanya) ", line) and not _REGRET.search(line):
        return Answer("not_sure", clear=False)
    if _NO.search(line):
        if re.search(r" (tidak|jangan) (kirim|chat|pesan|ganggu)", line):
            return None
        return Answer(no, clear=False)
    if _BUT.search(line) and words & taken:
        return Answer("not_sure", clear=False)
    if words & taken - {"sudah"} and words <= taken | _BESIDE and not words <= _BESIDE:
        if "makasih" in words and not words & (taken - {"ya", "oke", "siap", "sampai"}):
            return None
        return Answer(yes, clear=True)
    return None


def _telling(text: Text) -> set[str]:
    """Returns the words that count, with the polite ones that may be a whole answer."""
    return set(text.core) | ({"ya", "jempol", "jempolbawah", "makasih"} & set(text.tokens))


def asks_whether(text: Text) -> bool:
    """Whether a "tidak" asks about what comes before it ("Bayar tidak besok", "aman tidak") and does not deny what
    follows."""
    found = re.search(
        r" (\w+) tidak (?!bisa|jadi|ikut|datang|hadir|mau|usah|sempat|dapat|perlu|ada|dulu|ambil|setuju|apa|izin"
        r"|akan|lagi|boleh)",
        f" {' '.join(text.core)} ",
    )
    return found is not None and found[1] not in _BESIDE | _YES | {"mungkin", "sepertinya", "memang", "karena", "sakit"}


def asks(text: Text) -> bool:
    """Whether the message asks something back instead of answering."""
    return text.question or asks_whether(text) or bool(_ASKS_BACK.search(text.line))


def asks_at_end(line: str) -> bool:
    """Whether the message ends as a yes/no question: "... hadir tidak ya"."""
    return bool(re.search(r" tidak (\w+ )?$", line))


def _no_question(line: str) -> str:
    """Returns the words without a "tidak" at the end, which asks."""
    return re.sub(r" (bisa|datang|ikut|jadi|hadir) tidak (ya )*$", " ", line)


_REFUSED: Final = re.compile(
    r" (tidak|jangan|belum) (\w+ )?(setuju|mau|ikut|usah|jadi|izin|izinkan|dulu|bersedia|simpan|disimpan|berkenan"
    r"|sudi|dipakai)"
    r"|^ (\w+ )?(tidak|jangan)( ya| saja| makasih| bu| kak| pak| ah| deh)* $| no thanks "
    r"| (menolak|tolak|keberatan|ogah|emoh|moh|wegah|jempolbawah|batal|batalkan|disagree|berhenti|refuse) "
)


def consent(text: Text) -> Answer | None:
    """Returns the answer to the privacy notice. Only the word itself agrees; a refusal and being under age count at
    once."""
    line, words = text.line, set(text.tokens)
    others = bool(_ABOUT_OTHERS.search(line))
    young = bool(_MINOR.search(line))
    aged = [int(one) for one in _AGE.findall(line.replace(" ", "  "))]
    spoken = words & {"umur", "tahun", "masih", "baru", "belum", "saya"}
    # a lone digit counts the buttons, and is nobody's age
    if aged and (spoken or (len(text.core) <= 2 and min(aged) > 9)):
        young = young or min(aged) < 18
    if young and not others:
        return Answer("under_age", clear=True)
    if others:
        return Answer("unclear", clear=False)
    if aged and not young and not words & {"setuju"}:
        return Answer("unclear", clear=False)
    if re.search(r" bukan tidak | siapa bilang ", line):
        return Answer("unclear", clear=False)
    if re.search(r" (baca|lihat|tanya|pikir|mikir) (\w+ ){0,3}dulu | nanti ", line):
        return Answer("not_sure", clear=not text.question and len(text.core) <= 5)
    if re.search(r" tidak (keberatan|apa apa|masalah) ", line):
        return Answer("unclear", clear=False)
    if line.count(" setuju ") > 1 or re.search(r" (kalau|takut|sebagian) ", line):
        return Answer("unclear", clear=False)
    if re.search(r" (simpan|disimpan|menyimpan) ", line) and words & _YES and not _REFUSED.search(line):
        return Answer("unclear", clear=False)  # "ok simpan": a yes, but not by its word
    if "setuju" in words and (text.question or re.search(r" setuju tidak (ya )*$", line)):
        return Answer("unclear", clear=False)
    if re.search(r" (bisa|mau|boleh) baca | kecil ", line):
        return Answer("help", clear=False)
    if (
        not text.question
        and not asks_whether(text)
        and not _ASKS.search(line.replace(" ada ", " ").replace(" apa apa ", " "))
    ):
        no = _REFUSED.search(line)
        if no:
            return Answer("disagree", clear=not re.search(r" (tapi|kalau) ", line))
    known = wordset(
        "saya setuju ya iya oke siap saja banget ikut umur tahun agree sudah juga dengan ini untuk jempol sembah"
        " senyum kami i"
    )
    if "setuju" in words and all(word in known or word.isdigit() for word in text.core):
        return Answer("agree", clear=True)
    if words & _YES and words <= _YES | _BESIDE:
        return Answer("unclear", clear=False)
    return None


def letter(text: Text) -> str | None:
    """Returns the one letter of a quiz that somebody means, small; None if there is none, or more than one, or it is
    somebody else's."""
    bare = re.sub(r"[^a-z ]", " ", text.raw.lower()).split()
    letters = [word for word in bare if word in {"a", "b", "c"}]
    rest = [token for token in text.core if token not in {"a", "b", "c"}]
    if len(letters) == 1 and all(token in _LETTER_BESIDE for token in rest) and not text.question:
        return letters[0]
    return None


def code(text: Text) -> str | None:
    """Returns the four letters of a check-in, capital; None for an abbreviation or anything else."""
    bare = re.sub(r"^(kode|code|kodenya|kode hadir|absen)\b[\s:=]*", "", text.raw.strip().lower())
    joined = re.sub(r"[\s.\-_]+", "", bare)
    if _CODE.fullmatch(joined) and joined not in _NO_CODES and not text.question:
        known = len(text.core) == 1 and text.core[0] != joined and bare == text.raw.strip().lower()
        return None if known else joined.upper()
    return None


def present(text: Text) -> Answer | None:
    """Whether somebody says "Saya hadir" during a class."""
    line, words = text.line, set(text.tokens)
    if (
        text.question
        or asks_whether(text)
        or _ASKS.search(line)
        or _OTHERS.search(line)
        or re.search(r" (belum|kemarin|tadi|besok|minggu|tahun|tidak datang|tidak hadir) ", line)
        or re.search(r" (sebentar lagi|bentar lagi|hampir|nyaris|otw|jalan|menit lagi) ", line)
    ):
        return None
    here = wordset(
        "saya sudah hadir datang absen di kelas lokasi tempat sini sampai ikut catat tolong mau masuk duduk bisa"
        " tidak scan qr kode tapi"
        " hp ya iya kami lapor present here arrived am in the class i have check balai desa gedung ruangan ini nih"
        " sembah jempol makasih oke siap"
    )
    if words & {"hadir", "datang", "absen", "sampai", "present", "here"} or re.search(
        r" di (kelas|lokasi|tempat|sini) ", line
    ):
        called = {"kak", "kakak", "min", "mimin", "mbak", "mas", "kk"}
        known = words - called - set(text.tokens[-1:]) <= here and (
            text.tokens[-1] in here or text.tokens[-1] in _CALLED
        )
        if line.endswith(" tidak ") or ("saya" not in words and not known):
            return Answer("unclear", clear=False)
        return Answer("check_in", clear=known)
    return None


_TAIL: Final = (
    "((ke|di|dalam|kelas|kelasnya|ruangan|ruang|sekarang|langsung|tidak|saya|kami|dulu|ini|itu|juga|ya|bu|pak|ibu|bapak|kak"
    "|kakak|mbak|mas|min|dong|kah|pintu|gedung|aula) )*"
)
_COMES_IN: Final = re.compile(
    rf" (bisa|izin|minta|mau) (\w+ )?(masuk|ikut|gabung) {_TAIL}$|^ masuk {_TAIL}$| may saya (datang|masuk) in "
    rf"|^ (\w+ ){{0,3}}di (depan|luar|pintu|muka|ruangan|ruang|dalam) {_TAIL}((bisa|izin|mau) masuk {_TAIL})?$"
)
"""Asks to be let in, and nothing else: "boleh masuk, bu?", "saya sudah di depan pintu"."""
_NOT_NOW: Final = re.compile(
    r" tidak (bisa|mau|jadi) | (akun|login|aplikasi|kapan|kenapa|bagaimana|besok|lusa|minggu|nanti|bulan|lain|berikut) "
)


def comes_in(text: Text) -> bool:
    """Whether somebody says that they are at the door, or in the room."""
    here = present(text)
    asks_in = _COMES_IN.search(text.line) is not None and _NOT_NOW.search(text.line) is None
    return asks_in or (here is not None and here.intent == "check_in")


def way_out(text: Text) -> str | None:
    """Returns what is wanted if nothing was typed but the word of a button that stands under every question."""
    return _WAYS_OUT.get(text.said) or _WAYS_OUT.get(" ".join(text.tokens)) or _given_up(text)


def _given_up(text: Text) -> str | None:
    """Whether a text says nothing but that it is to be ended, with words that only soften that: "Batal dulu ah", "gak
    jadi deh"."""
    return "break_off" if _GIVEN_UP.search(text.line) else None


def name(text: Text) -> Answer:
    """Returns the text if it is a name, where a name is asked for; None if it is one of a few commands, or asks
    back."""
    command = _COMMANDS.get(text.said) or _COMMANDS.get(" ".join(text.tokens)) or _given_up(text)
    if command is not None:
        return Answer(command, clear=True)
    if _QUIET_REASONS.search(text.line):
        return Answer("break_off", clear=True)
    if text.question or (_WHY.search(text.line) and len(text.core) > 1):
        return Answer("help", clear=True)
    return Answer("answer", clear=True)
