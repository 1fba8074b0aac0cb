"""Certificates as they are printed: which names they take, what does not fit, and the QR code in the PDF."""

from __future__ import annotations

from io import BytesIO
from typing import Final

import pypdfium2
import pytest

from bot.documents.certificate import NotPrintable, PrintedCertificate, drawn
from bot.programme.certificates import printed_name
from bot.programme.sessions import ClassSession
from tests import qr_codes
from tests.chat import Chat
from tests.test_certificates import after_class, issued, taken

LINK: Final = "https://jalin.example.org/v/ABCDEFGHJK"


def paper(name: str, line: str = "telah mengikuti kelas Foto Produk") -> PrintedCertificate:
    return PrintedCertificate(
        LINK, "Program", "Sertifikat kehadiran", "diberikan kepada", name, [line], [("Kode", "ABCD-EFGH-JK")],
        ("Wati", "Ketua"), ("Cek keasliannya", "jalin.example.org/v/ABCD-EFGH-JK"), 1_790_000_000,
    )  # fmt: skip


@pytest.mark.parametrize(
    "name", ["Siti", "W" * 60, "Hj. Siti Aminah, S.E., M.M.", "Nur'aini", "Đặng Thị Ngọc", "MARIA GORETI TUKAN"]
)
def test_names_are_printed_on_one_page_and_in_a_picture(name: str) -> None:
    pdf = drawn(paper(name), "pdf")
    assert pdf.startswith(b"%PDF")
    assert len(pdf) < 100_000
    assert drawn(paper(name), "pdf") == pdf, "the same certificate is the same file"
    assert qr_codes.read(drawn(paper(name), "png")) == LINK


@pytest.mark.parametrize("name", ["ᯅᯖᯂ᯲", "ꦱꦶꦠꦶ", "王小明", "Siti 😀"])
def test_letters_without_a_font_are_refused_by_the_compiler(name: str) -> None:
    for form in ("pdf", "png"):
        with pytest.raises(NotPrintable):
            drawn(paper(name), form)


def test_the_code_in_the_pdf_leads_to_the_page() -> None:
    (page,) = pypdfium2.PdfDocument(drawn(paper("Siti"), "pdf"))
    picture = BytesIO()
    page.render(scale=1.5).to_pil().save(picture, "png")
    assert qr_codes.read(picture.getvalue()) == LINK


def test_a_class_whose_title_no_font_has_gives_a_certificate(chat: Chat) -> None:
    siti, session = after_class(chat)
    with chat.database.transaction() as db:
        db.get_one(ClassSession, session).title = "Foto Produk 📸 王"
    taken(chat, siti)
    (sent,) = [bubble for bubble in siti.new if bubble.method == "sendDocument"]
    assert sent.params["files"]["document"][1].startswith(b"%PDF")
    assert issued(chat)[0].facts["title"] == "Foto Produk"


@pytest.mark.parametrize("name", ["Ａｎｉ Ｓｉｔｉ", "Sitiⱥ", "Siti\u0346 Aminah"])
def test_latin_letters_without_a_font_are_asked_for_again(name: str) -> None:
    assert printed_name(name) == "letters"
