"""What must never be missed, looked at before everything else: erasing, stopping, scams. Danger to life: `danger`.

The rules read words in one spelling (`normalise.py`, `words` of content/understanding.yaml). Each has its guards: words
beside it that make it mean something else ("mati lampu", "hapus video di tiktok", "jangan hapus data saya").
"""

from __future__ import annotations

import re
from typing import Final

from bot.understanding import danger
from bot.understanding.danger import any_of
from bot.understanding.normalise import Text, wordset


def asked_about(text: Text) -> bool:
    """Returns whether the text asks how to keep safe, or what an OTP is: a question for the lessons."""
    return bool(_KNOWLEDGE.search(text.line))


def kept(text: Text) -> bool:
    """Returns whether the text denies a wish: "Jangan hapus data saya", "tidak mau berhenti belajar"."""
    line = text.line
    return bool((_ERASE.search(line) or " hapus " in line or " dihapus " in line) and _KEEP.search(line)) or bool(
        _GO_ON.search(line)
    )


# --- scams ----------------------------------------------------------------------------------------------------------

_CODES: Final = r"(otp|pin|sandi|password|kode|cvv|token)"
_SCAM: Final = any_of(
    rf" (minta|diminta|nanya|tanya|ditanya|asked|asking|suruh|disuruh|kasih|kasihkan|terlanjur|bocor|sebut|sebutkan"
    rf"|ngaku|telepon|bagi)"
    rf" (\w+ ){{0,6}}{_CODES} (?!(hadir|absen|produk|pos|kelas|qr|kbli|promo|voucher))",
    rf" {_CODES} (\w+ ){{0,4}}(diminta|dimintai|minta|bocor|dikasih|kasih orang|tersebar|diketahui|asked) ",
    r" (dibajak|disadap|kecolongan) ",
    r" (akun|wa|rekening|nomor|ktp|hp|tiktok|fb|facebook|ig|instagram) (\w+ ){0,4}(dicuri|dipakai orang"
    r"|dipakai penipu|diambil|digunakan orang|disalahgunakan|dikuasai|palsu) ",
    r" akun (\w+ )?palsu ",
    r" (ditipu|penipu|modus|pinjol|phishing|hoax investasi|investasi bodong) ",
    r" (ngaku|mengaku|mengatasnamakan|atas nama|pura pura) (\w+ ){0,3}(admin|jalin|bank|panitia|pelatih|program"
    r"|polisi|dinas|kurir|petugas|dari|tiktok|cs|teman|keluarga)",
    r" (disuruh|diminta|dimintai|dimintain|suruh|dipaksa|ditagih) (\w+ ){0,4}(bayar|transfer|tf|uang|setor"
    r"|beli materi|beli kursi|kirim uang|\d+ (ribu|rb|juta|jt))",
    r" (admin|panitia|pelatih|pendamping|jalin|petugas|yang|telepon|orang|program|kelas|sertifikat|materi"
    r"|pendaftaran|pungutan) (\w+ ){0,4}minta (\w+ ){0,2}(uang|bayar|bayaran|transfer|tf|pulsa|setoran|\d+ (ribu|rb"
    r"|juta|jt|k))",
    r" (pungutan|pungli|sogok|uang pelicin) ",
    r" jual (kursi|sertifikat|data) ",
    r" (uang|saldo|rekening|tabungan|dana) (\w+ ){0,5}(hilang|raib|terkuras|dikuras|lenyap|dicuri|dibawa kabur"
    r"|kesedot|ludes|is gone|stolen)",
    r" (dibawa kabur|bawa kabur|dilarikan) ",
    r" (terlanjur|sudah) (\w+ )?(klik|buka|pencet|isi|instal|download) (\w+ ){0,3}(link|tautan|apk|file|undangan)",
    r" (link|tautan|file|apk|undangan|situs|web|sms) (\w+ ){0,3}(aneh|mencurigakan|palsu|jebakan|bahaya|virus)",
    r" (dikirim|dapat|kirim|ada|terima) (\w+ ){0,2}(file apk|apk|undangan apk|undangan digital) ",
    r" (menang|dapat|dpt) (\w+ )?(undian|hadiah|lotre|giveaway) ",
    r" bukti (transfer|tf|bayar) (\w+ )?palsu ",
    r" (barang|pesanan) tidak (\w+ )?(dikirim|kirim|datang|sampai) (\w+ ){0,4}(sudah|padahal) (\w+ )?(transfer|bayar)",
    r" sudah (transfer|bayar|tf) (\w+ ){0,4}(barang|pesanan)? ?(\w+ )?tidak (\w+ )?(kirim|dikirim|sampai|balas|respon)",
    r" (scam|scammed|hacked|fraud|phished|stolen account) ",
    r" asked (\w+ ){0,3}(uang|money|otp|pin) ",
)
_KNOWLEDGE: Final = any_of(
    rf" (apa (itu|sih|ya)?|arti|artinya|maksud|fungsi|beda) (\w+ )?{_CODES} ",
    rf" {_CODES} (itu |adalah )?(apa|untuk apa) ",
    rf" (cara|bagaimana|biar|supaya|agar|tips|hindari|menghindari|cegah|mencegah|ciri|lupa|reset|ganti|membuat"
    rf"|buat) (\w+ ){{0,4}}({_CODES}|penipu|ditipu|dibajak)",
    r" (apk|file|link) (\w+ )?itu apa ",
)
_BYSTANDER: Final = any_of(
    r" (kursi|giliran|jatah|antrean) (\w+ ){0,2}dibajak ",
    r" (lagu|film|preman|uang (jajan|keamanan|kas|parkir|sekolah|arisan)|jajan|arisan|tilang|wifi|anak (saya )?minta) ",
)


def scam(text: Text) -> bool:
    """Returns whether secrets or money were asked for, an account was taken, or somebody was cheated. The question what
    an OTP is does not count."""
    line = text.line
    return bool(_SCAM.search(line)) and not _KNOWLEDGE.search(line) and not _BYSTANDER.search(line)


# --- rights: erasing and stopping -----------------------------------------------------------------------------------

_GONE: Final = (
    r"(hapus|dihapus|hilangkan|dihilangkan|hilangin|buang|dibuang|musnahkan|dimusnahkan|lupakan|bersihkan|cabut|dicabut"
    r"|tarik|ditarik|coret|keluarkan|lenyapkan|hapuslah|forget|tutup|menarik|mencabut|sasa)"
)
_MINE: Final = (
    r"(data|akun|nama|nomor|profil|informasi|info saya|riwayat|persetujuan|izin|identitas|biodata|semua|semuanya"
    r"|jejak|me"
    r"|everything|saya dari|saya di|account)"
)
_ERASE: Final = any_of(
    rf" {_GONE} (\w+ ){{0,4}}{_MINE} ",
    rf" {_MINE} (\w+ ){{0,4}}{_GONE} ",
    rf"^ (\w+ )?{_GONE} saya (saja |sekarang )?$",
    r" (lupakan|forget) saya ",
    r" (jangan|tidak usah|tidak boleh|tidak mau|tidak izinkan) (\w+ ){0,2}(simpan|disimpan|menyimpan) ",
    r" tidak mau (\w+ ){0,3}(data|nama|nomor) (\w+ ){0,4}(disimpan|simpan|ada|dipakai|pakai|tercatat|terdaftar)",
    r" (minta|mohon|tolong|mau) dihapus ",
    r" tidak setuju lagi ",
)
_KEEP: Final = any_of(
    rf" (jangan|tidak jadi|tidak usah|tidak perlu|jangan sampai|tidak mau|belum mau|tidak ingin) (\w+ ){{0,2}}{_GONE} ",
    r" (terhapus|kehapus|hilang sendiri) ",
    rf" (kenapa|kok|siapa yang) (\w+ ){{0,6}}{_GONE} ",
    rf" sudah (saya |aku )?{_GONE} ",
    r" (tutup|tarik) (jam|toko|kelas|absen|kode|pendaftaran|uang|tunai|hadir) ",
    r" (cabut|tutup) (gigi|botol) ",
)


def erase(text: Text, topics: frozenset[str]) -> bool:
    """Returns whether data or an account are to be erased. That is a right, so every way to say it counts; it is asked
    back once before it is done."""
    if not _ERASE.search(text.line) or _KEEP.search(text.line):
        return False
    return not topics & set(text.tokens)


_QUIT: Final = frozenset({"berhenti", "hentikan", "unsubscribe", "blokir", "keluar", "stop", "cukup", "setop"})
_QUIT_WITH: Final = _QUIT | wordset(
    "saya kami mau saja sekarang sudah semua semuanya ini itu bot program jalin lagi dari sini grup tidak kirim"
    " pesan tolong"
    " total dulu selamanya ikut yang akun nomor langganan subscribe berlangganan jangan quit opt out leave me alone"
    " no more"
)
_STOP: Final = any_of(
    r" (berhenti|hentikan|matikan|blokir|cukup|spam|unsubscribe|nonaktif) (\w+ ){0,5}(kirim|pesan|notifikasi"
    r"|pengingat|wa|sms|ganggu|pengumuman|pemberitahuan|broadcast|bot|langganan|sending)",
    r" (kirim|pesan|notifikasi|pengingat|wa|pengumuman|pemberitahuan|broadcast|sms) (\w+ ){0,8}(hentikan|berhenti"
    r"|matikan|blokir)",
    r" (jangan|tidak usah|tidak perlu|tidak boleh|tidak mau|tidak ingin|tidak mau lagi|unang|jan|don t|do not|bosan"
    r"|capek|cape|risih|terganggu|muak|malas) (\w+ ){0,4}"
    r"(kirim|dikirim|kirimkan|kirimin|dikirimi|pesan|ganggu|hubungi|dihubungi|terima pesan|telepon|wa|sms|notifikasi"
    r"|spam|masuk lagi|send|message)",
    r" (pesan|kirim|notifikasi) (\w+ ){0,4}(mengganggu|ganggu|bising|berisik|risih) ",
    r" (keluar|berhenti|mundur|keluarkan saya|mengundurkan diri) dari (\w+ ){0,2}(program|jalin|bot|grup|sini"
    r"|langganan|daftar kirim|telegram ini|aplikasi|semua)",
    r" (leave me alone|opt out|no more) ",
    r" (nomor|nama) saya dari daftar kirim ",
)
_GO_ON: Final = any_of(
    r" (jangan|tidak mau|tidak jadi|tidak ingin|tidak akan|tidak usah|belum mau|siapa yang mau) (\w+ )?(berhenti"
    r"|hentikan|matikan|blokir|keluar) ",
    r" (jangan lupa|jangan bosan|jangan capek|kenapa (\w+ ){0,4}tidak (\w+ )?(kirim|dikirim)) ",
    r" tidak (\w+ ){0,2}(bisa|sempat|pernah) (\w+ )?(kirim|wa|telepon|hubungi|dihubungi) ",
)
_SETTING: Final = any_of(
    r" (pelajaran|kuis|harian|gambar|foto|video|ulangan|tiap hari|setiap hari|sering|pagi|siang|sore|malam|isuk"
    r"|subuh|jam) "
)
_HARD_STOP: Final = any_of(r" (hentikan|berhenti|blokir|unsubscribe|lagi|semua|program) ")
_LESSONS: Final = any_of(r" (pelajaran|kuis|harian|gambar|foto|video|ulangan) ")


def stop(text: Text, topics: frozenset[str]) -> bool:
    """Returns whether somebody wants no more messages, or to leave the programme: a right, asked back once. Fewer or
    other lessons are a setting."""
    line = text.line
    if _GO_ON.search(line):
        return False
    words = set(text.core)
    if words & _QUIT and words <= _QUIT_WITH and not ("tidak" in words and "mau" in words and "lagi" not in words):
        return True
    if not _STOP.search(line):
        return False
    if setting(text):
        return False
    return not topics & (words - {"foto", "video"})


def setting(text: Text) -> bool:
    """Returns whether fewer, later or lighter lessons are wanted instead of none."""
    line = text.line
    if not _STOP.search(line) or not _SETTING.search(line):
        return False
    return bool(_LESSONS.search(line)) or not _HARD_STOP.search(line)


WORDS: Final = frozenset(
    word
    for rules in (*danger.RULES, _SCAM, _ERASE, _STOP)
    for word in re.findall(r"(?<![\\a-z])[a-z]{4,}", rules.pattern)
)
"""The words the rules look for: typing errors are corrected towards them."""
