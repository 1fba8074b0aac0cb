"""The page on which people read what is kept of them: /data_saya, beside the file for computers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html.parser import HTMLParser
from typing import Any

from bot.actions.appointments import Kind
from bot.documents.readable_page import Section, readable_page
from bot.people.people import Person, Purpose
from bot.programme import (
    appointments,
    certificates,
    enrolment,
    faq,
    follow_up,
    lessons,
    mentoring,
    privacy,
    quizzes,
    surveys,
)
from bot.programme.attendance.tables import How, Mark, Reason
from tests.chat import Chat, Phone, registered
from tests.every_column import Writer

CODE = re.compile(r"\b(seated|waitlisted|present|lesson|pretest|M\d\dL\d|\d{4}-\d\d-\d\d|None|True|False)\b")


class Read(HTMLParser):
    """The words of a page as people see them, and the tags it is made of."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: set[str] = set()
        self._inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.add(tag)
        self._inside = tag

    def handle_data(self, data: str) -> None:
        if data.strip() and self._inside != "style":
            self.words.append(data.strip())


def page_of(phone: Phone) -> str:
    """The page the phone was sent last."""
    sent = [files["document"] for bubble in phone.bubbles if (files := bubble.params.get("files"))]
    _, content, mime = next(one for one in reversed(sent) if one[0] == "data-saya.html")
    assert mime == "text/html"
    return str(content.decode())


def facts(page: str) -> dict[str, str]:
    return dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page))


def test_the_page_is_in_the_words_people_read(chat: Chat) -> None:
    siti = registered(chat)
    siti.sends_tap("quizzes:ask:M01L1")
    lesson = chat.content.lesson("M01L1")
    assert lesson is not None
    siti.answers(lesson.question.options[1])
    siti.types("/belajar").taps("Atur jam belajar").taps("Nyalakan pelajaran").types("/data_saya")
    siti.sees("Salinan untuk dibaca", "Data yang sama untuk komputer")
    page = page_of(siti)
    said = facts(page)
    assert "Data Bu Siti" in page
    assert "Senin, 23 November 2026 pukul 10.00 WITA" in page
    assert (said["Nama panggilan"], said["Lokasi"], said["Hemat kuota"]) == ("Siti", "Labuan Bajo", "tidak")
    assert (said["Pertanyaan"], said["Jawaban"]) == (lesson.question.text, lesson.question.options[1])
    assert (said["Hari"], said["Pukul"]) == ("Senin, Rabu, Jumat", "09.00")
    shown = " ".join(Read(page).words)
    assert not CODE.search(shown), CODE.search(shown)


def test_in_english_it_is_english(chat: Chat) -> None:
    siti = registered(chat)
    siti.sends_tap("menu:language:en").types("/data_saya")
    page = page_of(siti)
    assert '<html lang="en">' in page
    assert facts(page)["Place"] == "Labuan Bajo"
    assert "Monday, 23 November 2026" in page
    assert "Nama panggilan" not in page


def test_what_people_wrote_stays_text_and_nothing_is_fetched(chat: Chat) -> None:
    siti = registered(chat)
    with chat.database.transaction() as db:
        siti.person(db).needs = '<script src="https://x.example">1</script>&"'
    page = page_of(siti.types("/data_saya"))
    assert Read(page).tags <= {
        "html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "dl", "dt", "dd",
    }  # fmt: skip
    assert "&lt;script src=&quot;https://x.example&quot;&gt;" in page
    assert "default-src 'none'" in page
    assert 'name="viewport" content="width=device-width' in page
    hostile = readable_page("<i>", "<b>", '"x', [Section("<u>", [[("<a>", "<br>")]])]).decode()
    assert Read(hostile).tags & {"i", "b", "u", "a", "br"} == set()


def test_every_fact_and_every_code_has_words(chat: Chat) -> None:
    """Of somebody who is in every table; of codes, all there are."""
    texts = chat.app.texts
    with chat.database.transaction() as db:
        writer = Writer(db)
        siti = writer.somebody(1)
        writer.fill(siti)
        db.expire_all()
        copy = privacy.copy_of(db, db.get_one(Person, siti.person_id), context=chat.context, now=chat.now)
    names: set[str] = set()

    def look(name: str, value: Any) -> None:
        parts = value if isinstance(value, list) else [value]
        inner = [one for one in parts if isinstance(one, dict)]
        names.add(f"copy.section.{name}" if inner and name != "lokasi" else f"copy.field.{name}")
        if name == "lokasi":
            return
        for one in inner:
            for key, its in one.items():
                look(key, its)

    for name, value in copy.items():
        if value != [] and name != "dibuat_pada":
            look(name, value)
    codes: dict[str, Iterable[Any]] = {
        "status": enrolment.EnrolmentStatus,
        "tanda": Mark,
        "cara": How,
        "alasan": Reason,
        "untuk": [*Purpose, *quizzes.QuizPurpose],
        "alasan_berakhir": [*lessons.Ended, *follow_up.Ended],
        "wajah": [int(face) for face in surveys.Face],
        "keadaan": [*mentoring.State, *faq.State, *follow_up.PracticeState],
        "putaran": follow_up.RoundKind,
        "kata": follow_up.Source,
        "tentang": follow_up.OutcomeKey,
        "jenis_kelamin": follow_up.Sex,
        "alasan_selesai": mentoring.Closed,
        "cara_bertemu": Kind,
        "keadaan_janji": appointments.State,
        "dibatalkan_oleh": appointments.OffBy,
        "arah": mentoring.Way,
        "jenis_sertifikat": certificates.CertificateKind,
        "alasan_dicabut": certificates.Revoked,
    }
    needed = names | {f"copy.code.{field}.{code}" for field, of in codes.items() for code in of}
    assert len(names) > 40
    assert {one for one in needed if one not in texts} == set()
