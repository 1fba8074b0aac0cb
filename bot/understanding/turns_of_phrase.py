"""Recognises words that change the meaning of the rest: "jangan dibatalkan", "kemarin saya hadir", "jadwal posting"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.understanding import safety
from bot.understanding.intents import KINDS, Kind
from bot.understanding.normalise import Text, wordset

_WARM: Final = wordset(
    "halo selamat assalamualaikum waalaikumsalam permisi makasih maaf oke siap iya ya baik baiklah bagus paham amin"
    " aamiin alhamdulillah"
    " pagi siang sore malam jempol sembah senyum tawa sudah semoga sukses sehat tuhan memberkati berkat berkati"
    " berkah salam begitu oh mengerti"
    " mantap senang jelas sama semangat tes cek p banyak banget sekali infonya info informasi atas informasinya"
    " bantuannya ilmunya gusti allah"
    " mbales bah min kak tolong wb hehe haha wkwk hihi hehehe hahaha wkwkwk noted good thanks you very much dulu"
    " semua atas jawabannya kawan"
    " admin sayang bye dadah barakallah monggo mangga rahayu sejahtera"
)
_NOT_WARM_ALONE: Final = wordset(
    "sudah sama semua dulu info infonya informasi banyak banget sekali admin tolong maaf jelas tidak min kak"
)
_BEFORE: Final = re.compile(
    r" (kemarin|tadi|dulu|pernah|barusan) | (minggu|bulan|tahun|hari|senin|selasa|rabu|kamis|jumat|sabtu) (lalu"
    r"|kemarin) "
)
_CAME: Final = re.compile(r" (hadir|datang|ikut|absen) ")
_PAST_CLASSES: Final = re.compile(
    r" (pernah|sudah) (\w+ ){0,2}(ikut|ikuti|hadir|hadiri) (\w+ ){0,3}(apa|berapa|mana) "
    r"| (apa|berapa|mana) (\w+ ){0,4}(pernah|sudah) (\w+ ){0,2}(ikut|ikuti|hadir|hadiri|saya ikuti) "
    r"| riwayat (\w+ )?(kelas|kehadiran|hadir|pelatihan) | kelas (\w+ )?(yang )?(lalu|lewat|sebelumnya|terdahulu) "
)
_PAST_CLASSES_IN_ENGLISH: Final = re.compile(
    r"\b(what|which) class(es)? (was i (in|at)|did i (attend|join|go to|come to)"
    r"|have i (attended|joined|been (to|in)))\b"
    r"|\bclasses (that )?i('ve| have)? (attended|joined|was in|went to|have been to)\b"
    r"|\bmy (past|earlier|previous) classes\b",
    re.IGNORECASE,
)
_NOT_PAST_IN_ENGLISH: Final = re.compile(
    r"\b(not|why|how|certificates?|erase|delete|change|cancel|when)\b|n't", re.IGNORECASE
)
_NOT_PAST: Final = re.compile(r" (belum|tidak|kenapa|bagaimana|sertifikat|hapus|syarat|kapan|mulai|ubah|batal) ")
_MY: Final = re.compile(r"\b(kursi|seat|kelas|jadwal|antrean|antrian)ku\b", re.IGNORECASE)
"""The suffix "my" is lost where words are brought to one spelling."""
_ASKS_FOR: Final = (
    r"((saya |mau |bisa )*(cek|lihat|tahu) |(info|status|nomor|apa|dimana|mana|bagaimana|terus|is|are) )*"
)
_BESIDE_SEAT: Final = (
    r"((yang|di|itu|ini|mana|dimana|masih|tetap|sudah|belum|ada|aman|nomor|berapa|apa|saja|kelas|status|statusnya"
    r"|bagaimana|kapan|tidak|still|there|safe) )*"
)
_OWN_SEAT: Final = re.compile(
    rf" (kursi|daftar tunggu) | {_ASKS_FOR}((kursi|jatah|daftar tunggu) (punya |milik |atas nama )?(saya|kami)"
    rf"|(saya|kami) (kursi|seats|kelas|classes)) {_BESIDE_SEAT}"
)
_HAS_SEAT: Final = re.compile(
    r" (apa )?(saya|kami) ((masih|sudah|ada|tetap) )*(punya|dapat) kursi ((apa|saja|dimana|mana|berapa|tidak|belum) )*"
)
_SEAT_GONE: Final = re.compile(r" (tidak|belum) (ada|aman|dapat|apa) ")
_KEEP_SEAT: Final = re.compile(
    r" (jangan|tidak jadi|tidak usah|tidak mau|tidak perlu|bukan|belum mau) (\w+ ){0,2}(batal|batalkan|dibatalkan"
    r"|dicoret|coret|dikasih|dilepas)"
    r"| (jadi|tetap|pasti) (ikut|datang|hadir) .*(batal|jangan)| tetap (ikut|datang|hadir) "
)
_IS_IT_ON: Final = re.compile(
    r" kelas (\w+ ){0,4}(batal|dibatalkan|diundur|pindah|jadi|libur) | (batal|dibatalkan|diundur) (\w+ ){0,3}kelas "
)
_CANCEL_WHOSE: Final = re.compile(
    r"^ (tolong |minta |mau |maaf |saya )*(batal|batalkan|dibatalkan|cancel|lepas|lepaskan) (\w+ )?(punya|milik"
    r"|atas nama|kursi|jatah|bagian) "
)
"""Whose seat is to be given back: "batalkan punya ibu Ani"."""
_ANGRY: Final = re.compile(r" (kenapa|mendadak|tiba tiba|padahal|jauh|kecewa|marah) ")
_OTHER_PAPER: Final = re.compile(r" sertifikat (\w+ )?(pirt|halal|tanah|rumah|merek|nib|haki|bpom|vaksin) ")
_SELLING_TIME: Final = re.compile(r" (jadwal|jam|waktu|kapan) (\w+ ){0,4}(live|posting|upload|unggah|konten|tayang)")
_SHOPS_NAME: Final = re.compile(
    r" (nama|profil|akun|nomor|lokasi|bio|sandi) (\w+ )?(toko|tiktok|shopee|merek|produk|ig|instagram|facebook|fb)"
)
_CHANGED_BUSINESS: Final = re.compile(r" (usaha|jualan) saya (\w+ ){0,3}(ganti|pindah|berubah|jadi|lain) ")
_ORDER: Final = re.compile(r" (pesanan|order|orderan|cod|pembeli|paket|nikah|puasa|tunangan|janji) ")
_ASKS_PERSON: Final = re.compile(r" (pendamping|pelatih|admin|manusia|kontak|hubungi) ")
_ABOUT_CLASS: Final = re.compile(r" (kelas|sertifikat|kursi|pelajaran|absen|kuis|pengingat) ")
_HOW: Final = re.compile(r" (cara|bagaimana|apa itu|itu apa|tips|kenapa|syarat|beda|how) ")
_LATE: Final = re.compile(
    r" (telat|terlambat|macet|masih di jalan|nyusul|menyusul|tunggu saya|kesiangan|baru berangkat) "
)
_LATE_OTHER: Final = re.compile(r" (bayar|haid|arisan|cicilan|kirim|pembeli|paket|denda|gaji|transfer) ")
_PEOPLE: Final = re.compile(
    r" (suami|istri|ibunda|ayah|teman|tetangga|adik|orang|mertua|anggota|kelompok|rombongan|anaknya|suaminya|istrinya) "
)
_SIGN_UP: Final = re.compile(r" (daftar|daftarkan|ikut|pakai|tambah) ")
_AGREES_ELSEWHERE: Final = re.compile(
    r" (setuju|sepakat) (?!lagi)| (umur|usia) (\w+ ){0,3}\d+ | \d+ tahun (ke |lebih |kurang |sudah |lalu |lamanya "
    r"|berdiri )| sudah \d+ tahun "
    r"| (di bawah|masih|baru) (umur )?1[0-7] tahun "
)
_RUDE: Final = wordset("anjing babi asu setan gila bangsat goblok bodoh monyet iblis sampah gendeng edan")
_NOT_RUDE_WITH: Final = wordset(
    "lucu pedas laku laris murah enak tetangga gonggong gigit pakan sakit mahal cantik bagus rabies kandang panggang"
    " guling geprek"
    " diangkut dibuang buang organik plastik bank"
)
_TRAINER_CHANGE: Final = re.compile(
    r" (batalkan|batal|hapus|tiadakan|pindah|undur|diundur|geser|majukan|dimajukan|ganti|kurang|tambah|ubah"
    r"|liburkan) (\w+ ){0,3}(kelas|jam|hari|tanggal|tempat|ruangan|kursi|kuota|gedung|jadwal|kapasitas|sesi)"
    r"| kelas (\w+ ){0,3}(batal|dibatalkan|diundur|pindah|ditiadakan|dimajukan|ditunda|libur)| tidak bisa ngajar "
    r"| (kapasitas|kuota) (\w+ )?jadi "
)
_TELL: Final = re.compile(
    r" (umumkan|pengumuman|kabari|beritahu|sampaikan|kasih tahu|broadcast|ingatkan|informasikan"
    r"|kirim (\w+ ){0,2}(peserta|semua))"
)


@dataclass(frozen=True)
class Hint:
    """By how much an intent gains (or loses) in the model's scores; which intents may then only be offered, not shown
    at once; whether it counts more than a phrase that fits word for word."""

    leads: Mapping[str, float]
    only_offered: frozenset[str] = frozenset()
    weighs_more: bool = field(default=False)


def is_small_talk(text: Text) -> bool:
    """Whether the message is nothing but greetings, thanks, praise and smileys."""
    words = [word for word in text.tokens if not word.isdigit()]
    left = [word for word in words if word not in _WARM and word in set(text.core)]
    return (
        not left
        and (bool(set(words) - _NOT_WARM_ALONE) or not text.core)
        and set(words) != {"emoji"}
        and not text.question
    )


def warmth(text: Text) -> str:
    """Returns which friendly answer fits: thanks, salam, greeting, wrong_chat or alright."""
    words = set(text.tokens)
    if words & {"assalamualaikum", "waalaikumsalam"}:
        return "salam"
    if words & {"makasih", "sembah"}:
        return "thanks"
    if words & {"halo", "selamat", "permisi", "pagi", "siang", "sore", "malam", "p"}:
        return "greeting"
    return "wrong_chat" if words & {"salah", "maaf"} else "alright"


def cancels(text: Text) -> bool:
    """Returns whether a seat is to be given back that is named by its person ("batalkan punya ibu Ani"): no phrase can
    know the name."""
    return bool(_CANCEL_WHOSE.search(text.line)) and not text.question


def asks_for_past(text: Text) -> bool:
    """Whether somebody asks which classes they were in: "sudah pernah ikut apa saja", "which classes was I in"."""
    if _PAST_CLASSES_IN_ENGLISH.search(text.raw):
        return not _NOT_PAST_IN_ENGLISH.search(text.raw)
    return bool(_PAST_CLASSES.search(text.line)) and not _NOT_PAST.search(text.line)


def asks_for_own_seat(text: Text, *, trainer: bool = False) -> bool:
    """Whether somebody asks for nothing but the seats they have: "kursi saya", "kursiku mana", "my seat". Who says that
    the seat is gone complains, and who speaks of anything else besides is not meant. The classes of a `trainer` are
    those they lead."""
    line = f" {text.said} ".replace(" tempat duduk ", " kursi ")
    if not trainer and _MY.search(text.raw) and not re.search(r" (saya|kami) ", line):
        line = re.sub(r" (kursi|kelas|jadwal|antri) ", " kursi saya ", line, count=1)
    if _SEAT_GONE.search(line) or (trainer and not re.search(r" kursi (saya|kami) | (saya|kami) kursi ", line)):
        return False
    asked = text.question or line.startswith(" apa ") or line.endswith((" tidak ", " belum ", " mana ", " dimana "))
    return bool(_OWN_SEAT.fullmatch(line)) or (asked and bool(_HAS_SEAT.fullmatch(line)))


def hint(text: Text, topics: frozenset[str], context: str) -> Hint | None:
    """Returns what changes the meaning of this message; None if nothing does."""
    line, words = text.line, set(text.tokens)
    topical = bool(topics & words)
    if context == "trainer":
        return _trainers(line)
    if (
        _KEEP_SEAT.search(line)
        and re.search(r" (batal|batalkan|dibatalkan|coret|dicoret|dikasih|dilepas) ", line)
        and not topical
    ):
        return Hint(
            {"my_schedule": 6.0, "give_back_seat": -6.0}, frozenset({"my_schedule", "coming"}), weighs_more=True
        )
    if _BEFORE.search(line) and _CAME.search(line) and not re.search(r" (tidak|belum|besok|sertifikat) ", line):
        return Hint(
            {"progress": 6.0, "give_back_seat": -6.0}, frozenset({"progress", "check_in", "coming"}), weighs_more=True
        )
    if re.search(r" kursi (\w+ ){0,2}dibajak ", line):  # "taken by others", of a seat
        return Hint({"complaint": 6.0, "scam_report": -6.0})
    if re.search(r" (siapa|kenapa) (\w+ ){0,3}(batalkan|dibatalkan|dicoret|coret|pindahkan) ", line):
        return Hint({"complaint": 4.0})
    if (
        "makasih" in words
        and not text.question
        and not re.search(r" (tidak|mau|tolong|minta|berapa|dimana|kapan) ", line)
    ):
        return Hint({"small_talk": 3.0})
    if context == "in_class" and text.question and " kelas " in line:
        return Hint({"my_schedule": 2.0, "give_back_seat": -3.0, "move_class": -3.0})
    if re.search(r" salah (ketik|kirim|pencet|sambung|kamar|chat|tekan) ", line) and not re.search(
        r" (nama|nomor|data) ", line
    ):
        return Hint({"small_talk": 4.0})
    if text.tokens[0] == "selamat" and len(text.core) <= 4 and not text.question and not topical:
        return Hint({"small_talk": 4.0})
    if (
        re.search(r" (bisa|mau) ikut (tidak |juga |saja )*$", line)
        and not re.search(r" (masih|saya mau) ", line)
        and not _PEOPLE.search(line)
    ):
        return Hint({"class_details": 1.5, "give_back_seat": -2.0})
    if re.search(r" (ada )?(batas|batasan|syarat|minimal) ", line) and " sertifikat " not in line and not topical:
        return Hint({"class_details": 2.0})
    if context not in {"consent", "offer"} and _AGREES_ELSEWHERE.search(line):
        return Hint({"unclear": 3.0, "lesson_search": 1.5 if topical else 0.0, "cost": -2.0, "give_back_seat": -4.0})
    if words & _RUDE and (topical or words & _NOT_RUDE_WITH):
        return Hint({"unclear": 2.0, "complaint": -4.0})
    if re.search(r" tidak pernah (\w+ )?batal ", line):
        return Hint({"my_schedule": 4.0, "give_back_seat": -4.0}, frozenset({"my_schedule"}))
    if context != "in_class" and safety.asked_about(text):
        return Hint({"lesson_search": 6.0, "scam_report": -6.0}, weighs_more=False)
    if safety.kept(text):
        leads = {"my_data": 6.0} if " data " in line else {"learn": 3.0, "small_talk": 1.0}
        return Hint({**leads, "erase_data": -6.0, "stop_messages": -6.0}, frozenset(leads), weighs_more=True)
    if _OTHER_PAPER.search(line):
        return Hint({"lesson_search": 6.0, "certificate": -3.0}, weighs_more=True)
    if _SELLING_TIME.search(line):
        return Hint({"lesson_search": 6.0, "my_schedule": -3.0}, weighs_more=True)
    if _SHOPS_NAME.search(line) and not _CHANGED_BUSINESS.search(line):
        return Hint({"lesson_search": 6.0, "profile": -3.0}, weighs_more=True)
    if (
        _IS_IT_ON.search(line)
        and not topical
        and (text.question or re.search(r" (katanya|apa|benar|betul|tidak) ", line))
    ):
        if _ANGRY.search(line):
            return Hint({"complaint": 1.5, "give_back_seat": -3.0})
        return Hint({"my_schedule": 1.5, "give_back_seat": -3.0, "move_class": -3.0})
    if _IS_IT_ON.search(line) and _ANGRY.search(line):
        return Hint({"complaint": 1.5, "give_back_seat": -1.5})
    if re.search(r" (batal|batalkan|dibatalkan) ", line) and _ORDER.search(line):
        return Hint(
            {"lesson_search" if topical else "unclear": 2.0, "give_back_seat": -4.0}, frozenset({"lesson_search"})
        )
    if _LATE.search(line) and _LATE_OTHER.search(line):
        return Hint({"unclear": 1.0}, frozenset({"running_late"}))
    if not topical and re.search(
        r" ada kelas | (ikut|masuk|gabung|nyusul) (\w+ )?kelas .*(bisa|masih)| masih (bisa|ada|terima) (\w+ )?(ikut"
        r"|daftar|masuk|kursi|gabung)",
        line,
    ):
        return Hint(
            {
                "my_schedule" if re.search(r" (hari ini|besok|nanti malam) ", line) else "classes": 1.0,
                "move_class": -1.0,
            }
        )
    if not topical and re.search(r" cara (\w+ )?daftar | daftar (\w+ )?(bagaimana|dimana|cara)", line):
        return Hint({"classes": 1.2, "lesson_search": -1.0})
    if " sertifikat " in line and re.search(r" (nama|gelar|salah) ", line):
        return Hint({"certificate": 1.5})
    if _PEOPLE.search(line) and _SIGN_UP.search(line):
        return Hint({"other_person": 0.5})
    if topical and not _ABOUT_CLASS.search(line) and not _ASKS_PERSON.search(line):
        others = {intent for intent, kind in KINDS.items() if kind in (Kind.SHOW, Kind.CONFIRM)} - {"small_talk"}
        if _CHANGED_BUSINESS.search(line):
            others -= {"profile"}
        lead = 2.0 if _HOW.search(line) or text.question else 1.0
        return Hint({**dict.fromkeys(sorted(others), -1.5), "lesson_search": lead})
    if topical and _HOW.search(line) and " kelas " not in line:
        return Hint({"lesson_search": 0.5})
    return None


def _trainers(line: str) -> Hint | None:
    if re.search(
        r" (belum|tidak) (\w+ )?(dikabari|terkabari|dihubungi|ditelepon|tahu kabar|tahu kelas|dapat (kabar|pesan)) "
        r"| (harus|perlu) (saya |kami )?(ditelepon|dihubungi|telepon) ",
        line,
    ):
        return Hint({"t_calls": 3.0, "t_change_class": -3.0})
    if re.search(r" (lembar|cetak|print|kertas|tanda tangan) (\w+ )?(hadir|absen|absensi|kehadiran|peserta) ", line):
        return Hint({"t_sheet": 3.0})
    if re.search(
        r" (tidak jadi|jangan|bukan|kalau|apa) (\w+ ){0,3}(batal|batalkan|dibatalkan|diundur|pindah|ditunda) "
        r"| (batal|dibatalkan|diundur|pindah) (\w+ ){0,2}tidak (ya )?$",
        line,
    ):
        return Hint({"t_classes": 1.5, "unclear": 2.0, "t_change_class": -4.0})
    if re.search(
        r" (bu|pak|bapak|ibu|mas|mbak|kak) (?!saya|besok|kelas)\w+ (\w+ ){0,2}(mau|minta|batal|izin|pindah|telat) ",
        line,
    ):
        return Hint({"t_roster": 3.0, "question_for_human": 1.0, "t_change_class": -3.0})
    if re.search(
        r" (buat|tambah|salin|buka) (\w+ )?kelas (baru|foto|video|lagi|tanggal|di)| ngajar (\w+ )?(apa|dimana|kapan"
        r"|jam) ",
        line,
    ):
        return Hint({"t_classes": 1.5})
    if re.search(
        r" kenapa (\w+ ){0,4}(dibatalkan|pindah|diundur|dihapus)| (ngeluh|mengeluh|keluhan|komplain|protes) ", line
    ):
        return Hint({"complaint": 3.0, "question_for_human": 1.0, "t_change_class": -4.0})
    if re.search(r" (\w+ )?minta (pindah|ganti|batal|izin) | peserta (\w+ ){0,2}(batal|mundur) ", line):
        return Hint({"t_roster": 3.0, "t_change_class": -3.0})
    if re.search(r" tidak (bisa )?(hadir|datang|ikut) ", line) and not re.search(r" (saya|ngajar) ", line):
        return Hint({"t_roster": 3.0, "t_change_class": -3.0})
    if re.search(r" (batal|mundur|pindah|batalkan) ", line) and not re.search(
        r" (saya|kelas|jam|hari|tanggal|tempat kelas|ruangan|kursi|kuota|jadwal|gedung|aula|sesi|besok|minggu|ke) ",
        line,
    ):
        return Hint({"t_roster": 3.0, "t_change_class": -3.0})
    if re.search(r" (ada yang|pindahan|siapa yang) ", line):
        return Hint({"t_roster": 1.5, "t_change_class": -3.0})
    if _BEFORE.search(line):
        return Hint({"t_attendance": 1.0 if " absen " in line else 0.0, "unclear": 1.0, "t_change_class": -4.0})
    if re.search(r" (nomor|hp) (\w+ ){0,3}(siti|peserta|bu|pak) ", line):
        return Hint({"t_roster": 1.5})
    if re.search(r" peserta (saya |\w+ )?(tanya|marah|pindahan|tidak bisa|telat|hilang) ", line):
        return Hint({"t_roster": 0.5, "question_for_human": 0.5, "t_change_class": -2.0})
    if _TELL.search(line):
        return Hint({"t_announce": 1.5})
    if _TRAINER_CHANGE.search(line) and not re.search(
        r" (kemarin|katanya|peserta (saya|tanya)|tadi|pindahan|buat kelas) ", line
    ):
        return Hint({"t_change_class": 2.5})
    if re.search(r" (kemarin|tadi) (\w+ )?kelas (\w+ )?batal", line):
        return Hint({"unclear": 2.0, "t_change_class": -3.0})
    return None
