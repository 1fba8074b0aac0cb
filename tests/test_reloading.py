"""Content and words are read again while the bot runs: all of it after the check, or nothing; nobody is thrown out."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import pytest

from bot import demo
from bot.catalogue.key_template import TEMPLATE
from bot.catalogue.reload import Fresh, Unusable, read_again
from bot.people.people import Account
from bot.settings import ROOT
from bot.words.texts import Texts
from tests import warm_start
from tests.chat import Chat, Phone, registered

FIRST = Path("content/lessons/m01/01-foto-terang.md")
PO = Path("locales/id/LC_MESSAGES/bot.po")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of what can be read again."""
    for folder in ("content", "locales"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


@pytest.fixture
def staffed(sqlite_url: str, root: Path) -> Iterator[Chat]:
    """A chat that reads from the copy, in which the first phone is an admin's."""
    opened = Chat(sqlite_url, words=Texts(root / "locales"), admin_ids=(101,))
    opened.app.reload.root = root
    try:
        yield opened
    finally:
        opened.close()


def change(root: Path, file: Path, old: str, new: str) -> None:
    text = (root / file).read_text(encoding="utf-8")
    assert old in text
    (root / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def title_of_first(chat: Chat) -> str:
    lesson = chat.app.content.lesson("M01L1")
    assert lesson is not None
    return lesson.title


def dewi(chat: Chat) -> Phone:
    return registered(chat, "Dewi")


def test_an_admin_has_content_and_words_read_again(staffed: Chat, root: Path) -> None:
    admin = dewi(staffed)
    change(root, FIRST, "title: Foto terang tanpa lampu mahal", "title: Foto terang di jendela")
    change(root, PO, "Tidak ada yang sedang diisi. Semua aman.", "Tidak ada yang sedang diisi.")
    admin.types("/muat_ulang").sees("sedang dibaca ulang", "sudah dimuat ulang: 72 pelajaran", "Menu", "Bantuan")
    assert title_of_first(staffed) == "Foto terang di jendela"
    admin.types("/batal").sees("Tidak ada yang sedang diisi.").does_not_see("Semua aman")


def test_the_button_of_status_does_the_same(staffed: Chat) -> None:
    dewi(staffed).types("/status").taps("Muat ulang").sees("sudah dimuat ulang")


def test_with_a_mistake_nothing_changes_and_the_admin_sees_where(staffed: Chat, root: Path) -> None:
    before = staffed.app.content
    change(root, FIRST, "title: Foto terang tanpa lampu mahal", "title: Foto terang di jendela")
    change(root, FIRST, "minutes: 2", "minutes: dua")
    change(root, Path("content/programme.yaml"), "capacity: 20", "capacity: many")
    change(root, PO, "Tidak ada yang sedang diisi. Semua aman.", "Silahkan.")
    admin = dewi(staffed).types("/muat_ulang")
    admin.sees("yang lama tetap dipakai", "content/lessons/m01/01-foto-terang.md:5: minutes", "content/programme.yaml:")
    admin.sees("Menu")
    assert staffed.app.content is before
    admin.types("/batal").sees("Semua aman")
    change(root, FIRST, "minutes: dua", "minutes: 2")
    change(root, Path("content/programme.yaml"), "capacity: many", "capacity: 21")
    change(root, PO, "Silahkan.", "Aman.")
    admin.types("/muat_ulang").sees("sudah dimuat ulang")
    assert staffed.app.content.programme.capacity == 21


def test_of_many_mistakes_the_admin_sees_the_first(staffed: Chat, root: Path) -> None:
    for path in (root / "content" / "lessons").rglob("*.md"):
        path.write_text("x" * 500, encoding="utf-8")
    admin = dewi(staffed).types("/muat_ulang").sees("Yang perlu diperbaiki: 72")
    assert admin.last.text.count("•") == 5


def test_only_admins_may(staffed: Chat, root: Path) -> None:
    dewi(staffed)
    change(root, FIRST, "title: Foto terang tanpa lampu mahal", "title: Foto terang di jendela")
    siti = registered(staffed, "Siti").types("/muat_ulang").sees("hanya untuk pelatih atau admin")
    siti.types("/menu").sends_tap("menu:reload").sees("hanya untuk pelatih atau admin")
    assert title_of_first(staffed) == "Foto terang tanpa lampu mahal"


def test_who_is_in_the_middle_of_something_stays_there(staffed: Chat, root: Path) -> None:
    admin = dewi(staffed)
    siti = registered(staffed, "Siti").sends_tap("lessons:open:M01L1")
    siti.sees("Foto terang tanpa lampu mahal", "Lanjut")
    anton = registered(staffed, "Anton").types("/profil").taps("Ubah nama").sees("nama")
    change(root, FIRST, "title: Foto terang tanpa lampu mahal", "title: Foto terang di jendela")
    change(root, FIRST, "## Tugas\n\n", "## Tugas\n\nSiapkan lap. ")
    admin.types("/muat_ulang").sees("sudah dimuat ulang")
    while "Siapkan lap." not in siti.last.text:
        siti.taps("Lanjut")
    anton.types("Ratna").sees("Ratna")


def test_two_at_once_are_done_one_after_the_other(staffed: Chat) -> None:
    admin = dewi(staffed)
    staffed.deliver_all(
        [admin.message(text="/muat_ulang", entities=[{"type": "bot_command", "offset": 0, "length": 11}])] * 2, admin
    )
    assert sum("sudah dimuat ulang" in bubble.text for bubble in admin.new) == 2


def test_words_the_running_bot_needs_do_not_disappear(root: Path) -> None:
    """The code on the disk may be newer than the one that runs."""
    spoken = Texts(root / "locales")
    assert isinstance(read_again(root, spoken), Fresh)
    for file in (PO, Path("locales/en/LC_MESSAGES/bot.po")):
        text = (root / file).read_text(encoding="utf-8")
        (root / file).write_text(re.sub(r'msgid "menu.cancelled"\nmsgstr .*\n', "", text), encoding="utf-8")
    template = (root / TEMPLATE).read_text(encoding="utf-8")
    newer = re.sub(r'(#\..*\n)*msgid "menu.cancelled"\nmsgstr ""\n', "", template)
    assert newer != template
    (root / TEMPLATE).write_text(newer, encoding="utf-8")
    found = read_again(root, spoken)
    assert isinstance(found, Unusable)
    assert "the running bot still says 'menu.cancelled'" in found.problems[0].words


def test_status_names_the_lessons_to_look_at(staffed: Chat) -> None:
    dewi(staffed).types("/status").sees("isinya perlu diperiksa: 1", "Halal untuk usaha mikro dan kecil")


# --- the real process -------------------------------------------------------------------------------------------------


@pytest.mark.today
def test_a_preview_that_reads_again_on_a_signal(tmp_path: Path) -> None:
    """The lesson reaches Siti's chat; SIGHUP reads content again, and only SIGTERM stops."""
    environment = {name: value for name, value in os.environ.items() if name not in ("BOT_TOKEN", "DATABASE_URL")}
    read, write = os.pipe()
    with open(write, "wb") as output:
        process = warm_start.start(
            ["-m", "bot", "preview", str(ROOT / FIRST), "--data", str(tmp_path / "data")],
            cwd=ROOT,
            env=environment | {"PORT": "8190", "LOG_LEVEL": "DEBUG"},
            output=output.fileno(),
        )
    said = open(read)  # noqa: SIM115 - closed below
    try:
        _until(said, "http://127.0.0.1")
        ends = time.monotonic() + 15
        while (states := _outbox(tmp_path / "data" / "bot.sqlite")) == ["waiting"] and time.monotonic() < ends:
            time.sleep(0.1)
        assert states == ["sent"]
        process.send_signal(signal.SIGHUP)
        _until(said, "content and words were read again")
        assert process.poll() is None
    finally:
        process.terminate()
        code = process.wait(timeout=15)
        said.close()
    assert code == 0


def _outbox(path: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        return [
            "waiting" if state == "claimed" else state for (state,) in database.execute("SELECT status FROM outbox")
        ]


def _until(said: TextIO, words: str) -> None:
    ends = time.monotonic() + 30
    seen = []
    while time.monotonic() < ends:
        line = said.readline()
        seen.append(line)
        if words in line:
            return
        if not line:
            break
    raise AssertionError(f"'{words}' was not said:\n{''.join(seen)}")


# --- preview ----------------------------------------------------------------------------------------------------------


def test_a_preview_gives_the_lesson_to_the_first_sample_person(sqlite_url: str) -> None:
    chat = Chat(sqlite_url)
    try:
        with chat.database.transaction() as db:
            demo.give_lesson(db, chat.content, "M05L4", chat.now)
            account = db.query(Account).one()
            assert account.person is not None
            assert account.person.registered_at == chat.now
        chat.look()
        siti = Phone(chat, demo.PEOPLE[0].id, "Siti")
        chat.known[siti.id] = set()
        siti.sees("Terima bayar dengan QRIS")
        action = siti.last.buttons[0][0]["callback_data"]
        assert action.startswith("lessons:open:M05L4:")
        siti.sends_tap(action).sees("Lanjut").does_not_see("10 pertanyaan")
        with chat.database.transaction() as db, pytest.raises(LookupError):
            demo.give_lesson(db, chat.content, "M99L1", chat.now)
    finally:
        chat.close()


@pytest.mark.usefixtures("anew")
@pytest.mark.parametrize(
    ("lesson", "said"), [("M99L1", "there is no lesson M99L1"), ("content/nothing.md", "cannot be read: No such file")]
)
def test_a_preview_of_nothing_says_so(lesson: str, said: str) -> None:
    done = warm_start.run(["-m", "bot", "preview", lesson], cwd=ROOT, timeout=30)
    assert done.returncode == 2
    assert said in done.stderr


def test_what_was_set_in_the_chat_lies_over_files_that_are_read_again(staffed: Chat, root: Path) -> None:
    admin = dewi(staffed).types("/pengaturan").taps("Ubah kursi").types("25").taps("Ya, ubah").sees("Sekarang: 25")
    change(root, Path("content/programme.yaml"), "capacity: 20", "capacity: 40")
    admin.types("/muat_ulang").sees("sudah dimuat ulang")
    found = staffed.app.content
    assert (found.capacity("samosir"), found.written.capacity("samosir")) == (25, 40)
    admin.types("/pengaturan").taps("Ubah kursi").sees("Sekarang: 25", "Asalnya: 40").taps("Kembali ke asal")
    admin.sees("Menjadi: 40").taps("Ya, ubah").sees("Sekarang: 40")
