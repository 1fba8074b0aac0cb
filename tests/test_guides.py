"""The guides of staff (docs/panduan-*.md) and /panduan: every button, command and picture they name is one the product
has, and the chat says what the files say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from bot.app import COMMANDS_OF
from bot.people.people import Role
from bot.settings import ROOT
from bot.words.texts import read_catalogue
from bot.words.writing_rules import word_count
from handlers.guide import OF_ADMINS, OF_TRAINERS, WAYS
from tests.chat import Chat, registered, staffed
from tests.test_rights import ADMIN, REFUSAL, admin

DOCS: Final = ROOT / "docs"
GUIDES: Final = tuple(sorted(one.name for one in DOCS.glob("panduan-*.md")))
COMMANDS: Final = {*COMMANDS_OF["admin"], "menu"}
"""What can be typed: of all roles an admin has the most; /menu stands in no list of commands."""
MOST_PICTURES: Final = 6
MOST_WORDS: Final = 90
QUOTED: Final = re.compile(r"(?<![!\w])\[([^\]]+)\](?!\()")
COMMAND: Final = re.compile(r"(?<![\w/.\])<])/(\w+)\b(?!/|\.\w)")
PICTURE: Final = re.compile(r"!\[[^\]]+\]\((\S+)\)")


@cache
def labels(language: str) -> frozenset[str]:
    """The words of every button."""
    found = read_catalogue(ROOT / "locales" / language / "LC_MESSAGES" / "bot.po").entries
    return frozenset(
        variant
        for entry in found
        if ".button." in entry.key or entry.key.startswith("button.")
        for variant in entry.variants
    )


def faults(text: str, known: frozenset[str]) -> Iterator[str]:
    """Yields the buttons and commands that the text names and the product does not have. "[Terima …]" names a button
    that goes on with a value."""
    for quoted in QUOTED.findall(text):
        whole = quoted.removesuffix(" …")
        if quoted not in known and not (whole != quoted and any(one.startswith(f"{whole} {{") for one in known)):
            yield f"[{quoted}]"
    yield from (f"/{command}" for command in COMMAND.findall(text) if command not in COMMANDS)


def test_a_wrong_label_and_a_wrong_command_are_found() -> None:
    said = "Ketik /sesi, tekan [Buat kelas], [Terima …], [Bikin kelas] dan [Ambil …]. Lihat [a.md](a.md) atau /kelasku."
    assert list(faults(said, labels("id"))) == ["[Bikin kelas]", "[Ambil …]", "/kelasku"]


@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_names_only_what_there_is(name: str) -> None:
    text = (DOCS / name).read_text("utf-8")
    assert list(faults(text, labels("id"))) == []
    pictures = PICTURE.findall(text)
    assert len(pictures) <= MOST_PICTURES
    assert [one for one in pictures if not Path(DOCS / one).is_file()] == []
    assert not pictures or "hanya contoh" in text, "the names in pictures are samples, and the guide says so"


@cache
def words(language: str) -> Mapping[str, str]:
    """What /panduan says, by key."""
    found = read_catalogue(ROOT / "locales" / language / "LC_MESSAGES" / "bot.po").entries
    return {entry.key: entry.variants[0] for entry in found if entry.key.startswith("guide.")}


def page(language: str, job: str) -> tuple[str, list[str]]:
    """The title and the lines of a job's page in the chat."""
    title, lines = words(language)[f"guide.job.{job}"].split("\n\n")
    return title.removeprefix("<b>").removesuffix("</b>"), lines.split("\n")


@pytest.mark.parametrize(("name", "jobs"), [("panduan-pelatih.md", OF_TRAINERS), ("panduan-admin.md", OF_ADMINS)])
def test_the_chat_says_of_each_job_what_the_guide_says(name: str, jobs: tuple[str, ...]) -> None:
    sections = [one.split("\n") for one in (DOCS / name).read_text("utf-8").split("\n## ")[1:]]
    assert [one[0] for one in sections] == [page("id", job)[0] for job in jobs]
    for job, (_, *lines) in zip(jobs, sections, strict=True):
        said = page("id", job)[1]
        assert [line.strip() for line in lines if line.strip()][: len(said)] == said


@pytest.mark.parametrize("language", ["id", "en"])
def test_each_page_names_only_what_there_is_and_is_short(language: str) -> None:
    said = words(language)
    assert {key.removeprefix("guide.job.") for key in said if key.startswith("guide.job.")} == set(WAYS)
    for key, text in said.items():
        assert list(faults(text, labels(language))) == [], key
        assert word_count(text) <= MOST_WORDS, key


@pytest.fixture
def admins() -> tuple[int, ...]:
    return (ADMIN,)


def test_everybody_finds_the_jobs_of_their_role_and_each_page_leads_there(chat: Chat) -> None:
    maria = staffed(chat).types("/panduan").sees("Pilih pekerjaannya").taps("Lihat berikutnya").taps("Sinyal jelek")
    maria.sees("Lembar hadir (PDF)").taps("Kembali").sees("Pilih pekerjaannya").taps("Lihat sebelumnya").sees(
        "Membuat kelas"
    )
    maria.taps("Membuat kelas").sees("besok jam 9").taps("Buat kelas").sees("Apa judul kelasnya?")
    maria.types("/panduan").sees("Pilih pekerjaannya")  # with a class half made
    maria.sends_tap("guide:job:invite").does_not_see("Undang staf")  # of admins: the list stays

    rina = staffed(chat, "Rina", role=Role.MENTOR)
    rina.types("/panduan").taps("Sedang tidak sempat").sees("Libur dulu").taps("Lihat antrean").sees(
        "Tidak ada pertanyaan yang menunggu"
    )

    dewi = admin(chat)
    dewi.types("/panduan").taps("Memeriksa undangan").sees("Ya, benar").taps("Lihat staf").sees("Pelatih, pendamping")
    for job in OF_ADMINS + OF_TRAINERS:
        dewi.sends_tap(f"guide:job:{job}")
        assert page("id", job)[1][-1] in dewi.last.text
        dewi.sends_tap(str(WAYS[job].data)).does_not_see(REFUSAL).types("/batal")

    siti = registered(chat).types("/panduan").sees("Cara pakai", "/belajar").taps("Pilih kelas").sees("Labuan Bajo")
    siti.types("/bantuan").taps("Buka panduan").sees("Cara pakai")
    siti.sends_tap("guide:job:invite").sees(REFUSAL)
    chat.phone("Yosef").types("/panduan").sees("Cara pakai")


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("panduan", "Pilih pekerjaannya"),
        ("Buka panduannya", "Pilih pekerjaannya"),
        ("gimana caranya bikin kelas", "Membuat kelas"),
        ("cara pindah jam kelas?", "Mengubah atau membatalkan"),
        ("bagaimana kirim pengumuman", "lalu pilih penerimanya"),
        ("Pak, gmn cara catat kehadiran", "Hari kelas: catat hadir"),
    ],
)
def test_staff_who_ask_how_are_led_to_the_page_of_the_guide(chat: Chat, typed: str, title: str) -> None:
    staffed(chat, "Maria").types(typed).sees(title)


def test_participants_who_ask_how_are_answered_as_before(chat: Chat) -> None:
    registered(chat).types("gimana caranya ikut kelas").does_not_see("Membuat kelas", "Pilih pekerjaannya")
