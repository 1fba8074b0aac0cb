"""The table of docs/taps.md: how many acts each job of a trainer takes, counted in a chat."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import pytest
from sqlalchemy import update

from bot.programme.attendance import Mark, payload
from bot.programme.sessions import ClassSession
from bot.settings import ROOT
from tests.chat import Chat, Phone, enrolled, local, registered, staffed
from tests.test_announcement_audiences import marked
from tests.test_attendance import START, a_class, code_now, trainer
from tests.test_call_list import blocked
from tests.test_rights import ADMIN, admin
from tests.test_whole_class import a_full_class


@pytest.fixture
def admins() -> tuple[int, ...]:
    return (ADMIN,)


class Acting:
    """A phone whose acts are counted: a command is none, a tap and a message are one each."""

    def __init__(self, phone: Phone) -> None:
        self.phone = phone
        self.acts = 0

    def types(self, text: str) -> Acting:
        self.acts += not text.startswith("/")
        self.phone.types(text)
        return self

    def taps(self, *labels: str) -> Acting:
        for label in labels:
            self.acts += 1
            self.phone.taps(label)
        return self

    def done(self, *seen: str) -> int:
        self.phone.sees(*seen)
        return self.acts


def with_class(chat: Chat, people: int = 1) -> int:
    session = chat.add_class(starts=local(26, 9))
    for number in range(people):
        enrolled(chat, f"Peserta {number}", session=session)
    return session


def invite(chat: Chat) -> int:
    who = Acting(admin(chat)).types("/staf").taps("Undang staf", "Undang pelatih", "Lihat berikutnya")
    return who.taps("Labuan Bajo").done("Undangan")


def create(chat: Chat) -> int:
    chat.add_class()
    who = Acting(staffed(chat)).types("/sesi").taps("Buat kelas").types("Toko Online").types("besok 9")
    return who.taps("2 jam", "20 kursi", "Puncak Waringin", "Simpan").done("Kelas sudah dibuat")


def copy(chat: Chat) -> int:
    with_class(chat)
    who = Acting(staffed(chat)).types("/sesi").taps("Foto Produk", "Salin kelas", "Minggu depan", "Simpan")
    return who.done("Kelas sudah dibuat")


def move(chat: Chat) -> int:
    with_class(chat)
    who = Acting(staffed(chat)).types("/sesi").taps("Foto Produk", "Ubah kelas", "Ganti waktu").types("jumat 15.00")
    return who.taps("Simpan").done("1 orang dikabari")


def cancel(chat: Chat) -> int:
    with_class(chat)
    who = Acting(staffed(chat)).types("/sesi").taps("Foto Produk", "Ubah kelas", "Batalkan kelas", "Ya, batalkan")
    return who.done("1 orang dikabari")


def cancel_because(chat: Chat) -> int:
    with_class(chat)
    who = Acting(staffed(chat)).types("/sesi").taps("Foto Produk", "Ubah kelas", "Batalkan kelas", "Cuaca buruk")
    return who.taps("Ya, batalkan").done("1 orang dikabari")


def put_back(chat: Chat) -> int:
    session = with_class(chat)
    who = Acting(staffed(chat)).types("/sesi")
    who.phone.sends_tap(f"sessions:cancelled:{session}")
    return who.types("/sesi").taps("Foto Produk", "Kembalikan kelas", "Ya, kembalikan").done("1 orang dikabari")


def retitle(chat: Chat) -> int:
    with_class(chat)
    who = Acting(staffed(chat)).types("/sesi").taps("Foto Produk", "Ubah kelas", "Judul, lama, pelatih", "Ganti judul")
    return who.types("Foto Makanan").taps("Simpan, kabari").done("1 orang dikabari")


def site_link(chat: Chat) -> int:
    return Acting(staffed(chat)).types("/sesi").taps("Link dan poster").done("s_labuan-bajo")


def site_poster(chat: Chat) -> int:
    return Acting(staffed(chat)).types("/sesi").taps("Link dan poster", "Poster PDF").done("siap dicetak")


def unplaced(chat: Chat) -> int:
    registered(chat)
    return Acting(staffed(chat)).types("/sesi").taps("Link dan poster", "Belum ikut kelas").done("1. Bu Siti")


def announced(chat: Chat) -> Acting:
    with_class(chat)
    who = Acting(staffed(chat)).types("/pengumuman").taps("Satu kelas", "Foto Produk").types("Bawa produk.")
    return who.taps("Kirim sekarang")


def announce(chat: Chat) -> int:
    return announced(chat).done("Pengumuman 1")


def withdraw(chat: Chat) -> int:
    who = Acting(announced(chat).phone)
    chat.travel(seconds=5)
    return who.taps("Tarik kembali", "Ya, tarik").done("Pengumuman 1")


def see_missed(chat: Chat) -> int:
    registered(chat, "Anton", reminders=False)
    who = Acting(staffed(chat)).types("/pengumuman").taps("Semua peserta saya").types("Bawa produk.")
    return Acting(who.phone).taps("Lihat nama").done("Bu Anton")


def to_who_came(chat: Chat) -> int:
    session = with_class(chat)
    siti = enrolled(chat, session=session)
    chat.travel(to=local(26, 12))
    marked(chat, session, (siti, Mark.PRESENT))
    who = Acting(staffed(chat)).types("/pengumuman").taps("Sebagian peserta kelas", "Yang datang", "Foto Produk")
    return who.types("Terima kasih.").taps("Kirim sekarang").done("mulai dikirim ke 1 orang")


def move_trainer(chat: Chat) -> int:
    staffed(chat)
    who = Acting(admin(chat)).types("/staf").taps("Maria", "Pindah lokasi", "Samosir", "Ya, pindahkan")
    return who.done("Maria sekarang pelatih di Samosir")


def confirm(chat: Chat) -> int:
    boss = admin(chat).types("/staf").taps("Undang staf").taps("Undang pelatih").taps("Samosir")
    (code,) = re.findall(r"start=(t_[\w-]+)", boss.last.text)
    chat.phone("Rina").starts(code).taps("Ya, saya mau")
    return Acting(boss).taps("Ya, benar").done("Sudah dibenarkan")


def take_invitation_back(chat: Chat) -> int:
    admin(chat).types("/staf").taps("Undang staf").taps("Undang pelatih").taps("Samosir")
    who = Acting(admin(chat)).types("/staf").taps("Lihat undangan", "Batalkan 1")
    return who.done("sudah dibatalkan")


def hand_over(chat: Chat) -> int:
    chat.add_class(starts=local(26, 9))
    with chat.database.transaction() as db:
        db.execute(update(ClassSession).values(trainer="Maria"))
    staffed(chat)
    staffed(chat, "Yosef")
    who = Acting(admin(chat)).types("/staf").taps("Maria", "Serahkan 1 kelas", "Yosef", "Ya, serahkan")
    return who.done("Yosef")


def from_table(chat: Chat) -> int:
    who = Acting(staffed(chat))
    who.phone.sends_file("kelas.csv", b"Judul;Mulai;Lama;Tempat\nFoto;7 Des 2026 09.00;2 jam;Balai\n")
    who.acts += 1
    return who.taps("Simpan semua").done("Kelas baru: 1")


def calendar(chat: Chat) -> int:
    with_class(chat)
    return Acting(staffed(chat)).types("/sesi").taps("Unduh jadwal").done("Ubah di tabel ini")


def fortieth(chat: Chat) -> int:
    for number in range(40):
        chat.add_class(f"LB-{number}", title=f"Foto {number}", starts=local(24, 9) + timedelta(days=number))
    return Acting(staffed(chat)).types("/sesi").types("foto 39").taps("Foto 39").done("Terisi 0")


def how(chat: Chat) -> int:
    return Acting(staffed(chat)).types("/panduan").taps("Membuat kelas").done("besok jam 9")


def how_by_words(chat: Chat) -> int:
    return Acting(staffed(chat)).types("gimana caranya bikin kelas").done("besok jam 9")


def correct(chat: Chat) -> int:
    who = Acting(announced(chat).phone)
    chat.travel(seconds=5)
    return who.taps("Perbaiki").types("Bawa dua produk.").taps("Perbaiki sekarang").done("Perbaikan 2")


def show_code(chat: Chat) -> int:
    a_class(chat)
    return Acting(trainer(chat)).types("/hadir").taps("Foto Produk", "Tunjukkan kode").done("Kode hadir")


def from_paper(people: int, absent: str) -> Callable[[Chat], int]:
    def whole(chat: Chat) -> int:
        a_full_class(chat, people)
        chat.travel(to=START.replace(hour=START.hour + 3))
        who = Acting(trainer(chat)).types("/hadir").taps("Foto Produk", "Lihat daftar nama", "Semua hadir kecuali")
        return who.types(absent).taps("Ya, catat").done("hadir")

    return whole


def walk_in(chat: Chat) -> int:
    a_class(chat)
    chat.travel(hours=1)
    who = Acting(trainer(chat)).types("/peserta").taps("Foto Produk", "Tambah peserta").types("Bu Yohana")
    return who.taps("Ya, setuju").done("tercatat hadir")


def somebody_known(chat: Chat) -> int:
    a_class(chat)
    registered(chat)
    chat.travel(hours=1)
    who = Acting(trainer(chat)).types("/peserta").taps("Foto Produk", "Tambah peserta").types("Siti")
    return who.taps("1. Bu Siti").done("tercatat hadir")


def ten_walk_ins(chat: Chat) -> int:
    a_class(chat)
    chat.travel(hours=1)
    who = Acting(trainer(chat)).types("/peserta").taps("Foto Produk", "Tambah peserta")
    return who.types("\n".join(f"Bu {name}" for name in TEN)).taps("Ya, setuju").done("10 orang sudah dapat kursi")


def call(chat: Chat) -> int:
    """After the move, whose last message offers the names."""
    session = with_class(chat)
    blocked(chat, enrolled(chat, "Anton", session=session))
    maria = staffed(chat).sends_tap(f"sessions:move:{session}").types("jumat 15.00").taps("Simpan")
    return Acting(maria).taps("Lihat nama", "1. Sudah dikabari").done("dikabari Maria")


def let_in(chat: Chat) -> int:
    session = a_class(chat, capacity=1)
    maria = trainer(chat).sends_tap(f"attendance:open:{session}")
    enrolled(chat, "Anton", session=session)
    registered(chat).starts(payload(session, code_now(chat, session)))
    return Acting(maria).taps("Terima Bu Siti").done("Bu Siti: diterima")


def sheet(chat: Chat) -> int:
    with_class(chat)
    return Acting(staffed(chat)).types("/peserta").taps("Foto Produk", "Lembar hadir").done("untuk dicetak")


def names_file(chat: Chat) -> int:
    with_class(chat)
    return Acting(staffed(chat)).types("/peserta").taps("Foto Produk", "Unduh Excel").done("Daftar peserta")


def report(chat: Chat) -> int:
    return Acting(staffed(chat)).types("/laporan").taps("30 hari").done("aporan")


TEN: Final = ("Ana", "Bima", "Citra", "Dodi", "Eka", "Fajar", "Gita", "Hana", "Indra", "Joko")
JOBS: Final[dict[str, Callable[[Chat], int]]] = {
    "invite a trainer, the site on the second page": invite,
    "say that it was the right person": confirm,
    "take an invitation back": take_invitation_back,
    "move a trainer to another site": move_trainer,
    "hand the classes of one who leaves to another": hand_over,
    "create a class": create,
    "the same class next week": copy,
    "move a class": move,
    "cancel a class": cancel,
    "cancel it with a reason that is picked": cancel_because,
    "put a cancelled class back": put_back,
    "another title": retitle,
    "classes from a table": from_table,
    "the calendar as a table": calendar,
    "the last of 40 classes": fortieth,
    "the site's link": site_link,
    "the site's poster as a PDF": site_poster,
    "who has no class at the site": unplaced,
    "announcement to one class": announce,
    "correct the announcement": correct,
    "take the announcement back": withdraw,
    "announcement to who came to a class": to_who_came,
    "see whom an announcement would miss": see_missed,
    "show the check-in code": show_code,
    "attendance of 25 from paper, two absent": from_paper(25, "3, 7"),
    "attendance of 60 from paper, four absent": from_paper(60, "3, 7, 41, 60"),
    "one walk-in, marked present": walk_in,
    "somebody known who came without a seat, marked present": somebody_known,
    "ten walk-ins, marked present": ten_walk_ins,
    "who was not told of a move, and that it is done": call,
    "let somebody into a full class": let_in,
    "the sheet to sign": sheet,
    "names as a spreadsheet": names_file,
    "report": report,
    "how a job is done": how,
    "how a job is done, asked in words": how_by_words,
}


def table() -> dict[str, tuple[str, int]]:
    """Each job of docs/taps.md: before and now."""
    rows = [line.strip("| \n").split("|") for line in (ROOT / "docs" / "taps.md").read_text().splitlines()]
    jobs = [[cell.strip() for cell in row] for row in rows if len(row) == 3]
    return {job: (before, int(now)) for job, before, now in jobs if now.isdecimal()}


def test_the_table_has_every_job_and_none_takes_longer_than_before() -> None:
    assert list(table()) == list(JOBS)
    assert all(not before or now <= int(before) for before, now in table().values())


@pytest.mark.parametrize("job", JOBS)
def test_a_job_takes_as_many_acts_as_the_table_says(chat: Chat, job: str) -> None:
    assert JOBS[job](chat) == table()[job][1]
