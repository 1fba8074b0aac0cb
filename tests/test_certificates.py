"""Certificates in the chat: taken by a tap after the name was asked for, corrected, revoked, checked by their code."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pypdfium2
import pytest
from sqlalchemy import select, update

from bot.catalogue.programme_files import Wave
from bot.delivery.outbox import OutboxRow
from bot.people.people import Consent, Role
from bot.programme import certificates, enrolment, lessons, privacy
from bot.programme.certificates import Certificate, CertificateNews
from tests import qr_codes
from tests.chat import Chat, Phone, content, local, registered, staffed
from tests.test_attendance import START, a_class, audited, came, enrolled, trainer

END = START + timedelta(hours=2, minutes=5)
NAME = "Hj. Siti Nur'aini, S.E."


def after_class(chat: Chat, name: str = "Siti") -> tuple[Phone, int]:
    """Somebody who was in a class that is over."""
    session = a_class(chat)
    siti = enrolled(chat, name, session=session)
    came(chat, siti, session)
    chat.travel(to=END)
    return siti.looks_up(), session


def issued(chat: Chat) -> list[Certificate]:
    with chat.database.transaction() as db:
        found = list(db.scalars(select(Certificate).order_by(Certificate.id)))
        db.expunge_all()
    return found


def taken(chat: Chat, phone: Phone, name: str = NAME) -> Certificate:
    phone.types("/sertifikat").taps("Ambil: ").types(name).taps("Benar, buat")
    return issued(chat)[-1]


def shown(certificate: Certificate) -> str:
    return certificates.shown(certificate.code)


def test_a_certificate_of_a_class_is_taken_in_four_acts(chat: Chat) -> None:
    siti, session = after_class(chat)
    siti.types("/sertifikat").sees("Sertifikat Bu Siti", "Foto Produk", "bisa diambil")
    siti.taps("Ambil: ").sees("Nama lengkap seperti di KTP", "bisa membaca nama ini", "Jangan kirim foto KTP")
    siti.types(NAME).sees("Di sertifikat akan tertulis", NAME)
    assert issued(chat) == []
    siti.taps("Benar, buat").sees("Selamat, " + NAME, "PDF untuk dicetak", "Perbaiki nama")
    (made,) = issued(chat)
    assert (made.name, made.session_id, made.kind, made.site_id) == (NAME, session, "class", "labuan-bajo")
    (sent,) = [bubble for bubble in siti.new if bubble.method == "sendDocument"]
    name, body, mime = sent.params["files"]["document"]
    assert (name, mime) == (f"sertifikat-hj-siti-nur-aini-s-e-{made.issued_at:%Y-%m-%d}.pdf", "application/pdf")
    assert body.startswith(b"%PDF")
    assert len(body) < 100_000
    with chat.database.transaction() as db:
        said = [(one.purpose, one.given) for one in db.scalars(select(Consent).order_by(Consent.id))]
    assert said[-1] == ("certificate", True)


def test_the_picture_has_a_code_that_leads_to_the_check(chat: Chat) -> None:
    siti, _ = after_class(chat)
    made = taken(chat, siti)
    siti.taps("Gambar untuk WA")
    (sent,) = [bubble for bubble in siti.new if bubble.method == "sendPhoto"]
    _, body, _ = sent.params["files"]["photo"]
    link = qr_codes.read(body)
    assert link == made.facts["link"] == f"https://t.me/jalin_bot?start=v_{made.code}"
    stranger = chat.phone("Ade")
    stranger.starts(link.split("start=")[1]).sees("berlaku", NAME, "Foto Produk", "Labuan Bajo", shown(made))
    stranger.does_not_see("Menu").types(shown(made).lower().replace("0", "o")).sees("berlaku", NAME)


def test_the_paper_has_a_code_that_leads_to_the_page(chat: Chat) -> None:
    chat.app.settings = chat.app.settings.model_copy(update={"public_url": "https://jalin.example.org"})
    siti, _ = after_class(chat)
    made = taken(chat, siti)
    siti.taps("PDF untuk dicetak")
    sent = [bubble for bubble in siti.new if bubble.method == "sendDocument"][-1]
    _, body, _ = sent.params["files"]["document"]
    (page,) = pypdfium2.PdfDocument(body)
    picture = BytesIO()
    page.render(scale=2).to_pil().save(picture, "png")
    assert qr_codes.read(picture.getvalue()) == f"https://jalin.example.org/v/{made.code}"


def test_a_paper_that_cannot_be_printed_is_given_up_and_holds_nobody_up(chat: Chat) -> None:
    siti, _ = after_class(chat)
    taken(chat, siti)
    with chat.database.transaction() as db:
        db.execute(update(Certificate).values(name="Siti 王"))
    siti.taps("PDF untuk dicetak").types("/sertifikat").sees("Foto Produk")
    with chat.database.transaction() as db:
        assert db.scalars(select(OutboxRow.reason).where(OutboxRow.status == "failed")).all() == [
            "not made: NotPrintable"
        ]


def test_who_was_not_there_or_whose_class_is_not_over_can_have_none(chat: Chat) -> None:
    session = a_class(chat)
    siti, budi = enrolled(chat, "Siti", session=session), enrolled(chat, "Budi", session=session)
    came(chat, siti, session)
    for phone in (siti, budi):
        phone.types("/sertifikat").sees("Belum ada sertifikat")
        phone.sends_tap(f"certificates:ask:class:{session}").sees("belum bisa diambil")
    chat.travel(to=END)
    budi.types("/menu").sends_tap(f"certificates:ask:class:{session}").sees("belum bisa diambil")
    siti.types("/sertifikat").taps("Ambil: ").types(NAME)
    came(chat, siti, session, present=False)
    siti.taps("Benar, buat").sees("belum bisa diambil")
    assert issued(chat) == []


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("ᯅᯖᯂ᯲", "huruf Latin"),
        ("ꦱꦶꦠꦶ", "huruf Latin"),
        ("王小明", "huruf Latin"),
        ("Siti 😀", "tanpa angka dan emoji"),
        ("Siti 123", "tanpa angka dan emoji"),
        ("A", "tanpa angka dan emoji"),
        ("b" * 61, "terlalu panjang"),
        ("a b c d e f g h i", "terlalu panjang"),
    ],
)
def test_names_that_cannot_be_printed_are_asked_for_again(chat: Chat, typed: str, said: str) -> None:
    siti, _ = after_class(chat)
    siti.types("/sertifikat").taps("Ambil: ").types(typed).sees(said)
    siti.types("Siti").taps("Benar, buat").sees("Selamat, Siti")
    assert [one.name for one in issued(chat)] == ["Siti"]


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("nama saya Siti Aminah", "Siti Aminah"),
        ("Nur’aini", "Nur'aini"),
        ("Đặng Thị Ngọc", "Đặng Thị Ngọc"),
        ("MARIA GORETI TUKAN", "MARIA GORETI TUKAN"),
        ("  Hj.  Siti ,S.E. ", "Hj. Siti, S.E."),
        ("x" * 60, "x" * 60),
    ],
)
def test_names_as_people_write_them(typed: str, printed: str) -> None:
    assert certificates.printed_name(typed) == printed


def test_another_name_while_it_is_shown_and_a_stale_yes(chat: Chat) -> None:
    siti, _ = after_class(chat)
    siti.types("/sertifikat").taps("Ambil: ").types("Siti Amina")
    wrong = siti.button("Benar, buat")
    siti.taps("Ubah nama").types("Siti Aminah").sees("Siti Aminah")
    siti.sends_tap(*wrong).sees("Pertanyaan itu sudah lewat")
    assert issued(chat) == []
    siti.types("/sertifikat").taps("Ambil: ").types("Siti Amina").types("Siti Aminah").taps("Benar, buat")
    assert [one.name for one in issued(chat)] == ["Siti Aminah"]


def test_a_double_tap_makes_one(chat: Chat) -> None:
    siti, _ = after_class(chat)
    siti.types("/sertifikat").taps("Ambil: ").types(NAME)
    make = siti.button("Benar, buat")
    siti.sends_tap(*make).sends_tap(*make).sees_toast("sudah dibuat")
    assert len(issued(chat)) == 1


def test_a_restart_between_the_name_and_the_yes(chat: Chat) -> None:
    siti, _ = after_class(chat)
    siti.types("/sertifikat").taps("Ambil: ").types(NAME)
    chat.restart()
    siti.taps("Benar, buat").sees("Selamat")
    assert len(issued(chat)) == 1


def test_broken_off(chat: Chat) -> None:
    siti, _ = after_class(chat)
    siti.types("/sertifikat").taps("Ambil: ").types("batal").sees("berhenti dulu")
    siti.types("/sertifikat").taps("Ambil: ").types(NAME).taps("Berhenti mengisi").sees("berhenti dulu")
    assert issued(chat) == []


def test_the_name_is_corrected_twice_then_an_admin_allows_it(chat: Chat) -> None:
    siti, _ = after_class(chat)
    first = taken(chat, siti, "Siti Amina")
    for name in ("Siti Aminah", "Siti Aminah, S.E."):
        siti.taps("Perbaiki nama").sees("Ketik nama yang benar").types(name).taps("Benar, buat").sees("Selamat")
    old, between, newest = issued(chat)
    assert [bool(one.replaced_at) for one in (old, between, newest)] == [True, True, False]
    assert (between.replaces_id, newest.replaces_id) == (first.id, between.id)
    assert len({old.code, between.code, newest.code}) == 3
    chat.phone("Ade").starts(f"v_{old.code}").sees("diganti", "Siti Amina").does_not_see(shown(newest))
    siti.taps("Perbaiki nama").sees("sudah dua kali diperbaiki", shown(newest))
    admin = staffed(chat, "Rina", role=Role.ADMIN, site=None)
    admin.types(shown(newest)).sees("berlaku").taps("Izinkan ganti nama").sees("sekali lagi")
    siti.types("/sertifikat").taps("🎓").taps("Perbaiki nama").types("Siti A.").taps("Benar, buat").sees("Selamat")
    siti.taps("Perbaiki nama").sees("sudah dua kali diperbaiki")


def test_after_thirty_days_only_an_admin_can_let_it_be_corrected(chat: Chat) -> None:
    siti, _ = after_class(chat)
    made = taken(chat, siti)
    chat.travel(to=END + timedelta(days=30, minutes=-5))
    siti.sends_tap(f"certificates:correct:{made.id}").sees("Ketik nama yang benar").types("batal")
    chat.travel(to=END + timedelta(days=30, minutes=5))
    siti.sends_tap(f"certificates:correct:{made.id}").sees("lebih dari 30 hari")


def test_an_admin_revokes_with_a_reason(chat: Chat) -> None:
    siti, session = after_class(chat)
    made = taken(chat, siti)
    admin = staffed(chat, "Rina", role=Role.ADMIN, site=None)
    admin.types("/sertifikat " + shown(made)).taps("Cabut").sees("tidak bisa dibatalkan", NAME).taps("Tidak hadir")
    admin.sees("dicabut sejak")
    admin.sends_tap(f"certificates:revoked:{made.id}:asked")
    assert [one.reason for one in issued(chat)] == ["not_there"]
    assert [one for one in audited(chat) if one[0] == "certificate_revoked"] == [
        ("certificate_revoked", f"certificate:{made.id}")
    ]
    chat.phone("Ade").starts(f"v_{made.code}").sees("dicabut", NAME).does_not_see("Tidak hadir", "Cabut")
    siti.types("/sertifikat").sees("dicabut").does_not_see("Ambil: ")
    siti.sends_tap(f"certificates:get:{made.id}:pdf").sees("dicabut pada")
    siti.sends_tap(f"certificates:ask:class:{session}").sees("belum bisa diambil")


def test_others_can_neither_fetch_nor_correct_nor_revoke_it(chat: Chat) -> None:
    siti, session = after_class(chat)
    made = taken(chat, siti)
    for phone in (registered(chat, "Budi"), trainer(chat), chat.phone("Ade")):
        for data in (
            f"certificates:get:{made.id}:pdf",
            f"certificates:correct:{made.id}",
            f"certificates:see:{made.id}",
            f"certificates:revoke:{made.id}",
            f"certificates:revoked:{made.id}:asked",
            f"certificates:allow:{made.id}",
            f"certificates:retake:{made.id}:1",
            f"certificates:take:class:{session}:1",
        ):
            phone.sends_tap(data).does_not_see(NAME)
    (row,) = issued(chat)
    assert (row.revoked_at, row.rename_allowed, row.replaced_at) == (None, False, None)


def test_the_consent_taken_back_revokes_all_after_a_question(chat: Chat) -> None:
    siti, _ = after_class(chat)
    made = taken(chat, siti)
    siti.types("/izin").sees("Nama dicetak di sertifikat").taps("Cabut izin sertifikat").sees(
        "1 sertifikat akan dicabut"
    )
    assert issued(chat)[0].revoked_at is None
    siti.taps("Ya, cabut sertifikat").sees("Nama dicetak di sertifikat").does_not_see("Cabut izin sertifikat")
    assert issued(chat)[0].reason == "consent"
    chat.phone("Ade").starts(f"v_{made.code}").sees("dicabut")
    siti.types("/sertifikat").sees("bisa diambil").taps("Ambil: ").types("Siti").taps("Benar, buat").sees("Selamat")


def test_who_erases_their_data_leaves_a_code_that_tells_nothing(chat: Chat) -> None:
    siti, _ = after_class(chat)
    made = taken(chat, siti)
    with chat.database.transaction() as db:
        privacy.erase(db, siti.account(db), siti.person(db), chat.now, chat.context.capabilities)
    (left,) = issued(chat)
    assert (left.person_id, left.name, left.facts, left.code) == (None, "", {}, made.code)
    chat.phone("Ade").starts(f"v_{made.code}").sees("tidak lagi tercatat").does_not_see("Siti", "Foto")


def test_unknown_codes_are_told_and_after_ten_none_counts(chat: Chat) -> None:
    siti, _ = after_class(chat)
    made = taken(chat, siti)
    ade = chat.phone("Ade")
    for number in range(10):
        ade.starts(f"v_000000000{number}").sees("tidak dikenal")
    ade.starts(f"v_{made.code}").sees("beberapa kali belum cocok")
    chat.travel(minutes=11)
    ade.starts(f"v_{made.code}").sees("berlaku")
    chat.phone("Ani").starts("v_x").sees("tidak dikenal")


def test_who_is_asked_for_consent_can_check_a_code_and_is_still_asked(chat: Chat) -> None:
    siti, _ = after_class(chat)
    made = taken(chat, siti)
    buyer = chat.phone("Ade").starts().sees("Ya, setuju")
    buyer.types(shown(made)).sees("berlaku", NAME).taps("Ya, setuju").sees("Mau dipanggil apa")


def test_words_that_look_like_a_code_are_left_alone(chat: Chat) -> None:
    siti, _ = after_class(chat)
    siti.types("kami mau ke").does_not_see("tidak dikenal")


def test_a_trainer_sees_who_has_taken_one_and_an_admin_what_no_longer_fits(chat: Chat) -> None:
    siti, session = after_class(chat)
    taken(chat, siti)
    maria = trainer(chat)
    maria.sends_tap(f"certificates:class:{session}").sees("1 dari 1", "🎓").does_not_see(NAME)
    admin = staffed(chat, "Rina", role=Role.ADMIN, site=None)
    (made,) = issued(chat)
    admin.types(shown(made)).sees("berlaku").does_not_see("tidak cocok")
    came(chat, siti, session, present=False)
    admin.sends_tap(f"certificates:class:{session}").sees("tidak cocok")
    admin.types(shown(made)).sees("tidak cocok")
    maria.sends_tap(f"certificates:class:{session}").does_not_see("tidak cocok")
    chat.phone("Ade").starts(f"v_{made.code}").sees("berlaku").does_not_see("tidak cocok")


def test_two_people_on_one_phone_have_their_own(chat: Chat) -> None:
    siti, _ = after_class(chat)
    made = taken(chat, siti)
    siti.types("/sertifikat").sees("Bu Siti")
    with chat.database.transaction() as db:
        account = siti.account(db)
        assert account is not None
        number = siti.person(db).id
    other = registered(chat, "Budi")
    with chat.database.transaction() as db:
        budi = other.person(db)
        budi.account_id = db.merge(account).id
        other_id = budi.id
    siti.sends_tap(f"certificates:see:{made.id}:{other_id}").sees("sudah tidak ada").does_not_see(NAME)
    siti.sends_tap(f"certificates:see:{made.id}:{number}").sees(NAME)


def test_after_the_first_class_people_are_told_once(chat: Chat) -> None:
    session = a_class(chat)
    siti = enrolled(chat, "Siti", session=session)
    came(chat, siti, session)
    chat.travel(to=local(27, 8, 30))
    told = [bubble for bubble in siti.bubbles if "Sertifikat kehadirannya" in bubble.text]
    assert len(told) == 1
    chat.restart()
    chat.travel(days=1)
    second = a_class(chat, "LB-2", starts=chat.now + timedelta(hours=1))
    with chat.database.transaction() as db:
        enrolment.enrol(db, siti.person(db), second, chat.now)
    chat.travel(hours=2)
    came(chat, siti, second)
    chat.travel(days=4)
    assert sum("Sertifikat kehadirannya" in bubble.text for bubble in siti.bubbles) == 1
    with chat.database.transaction() as db:
        assert len(db.scalars(select(CertificateNews.what)).all()) == 1


def test_a_restart_with_a_thousand_certificates_and_other_rules_issues_and_sends_nothing(chat: Chat) -> None:
    with_wave(chat, classes=80)
    chat.look()
    siti, _ = after_class(chat)
    made = taken(chat, siti)
    chat.travel(to=local(28, 12))
    with chat.database.transaction() as db:
        row = {column.name: getattr(made, column.key) for column in Certificate.__table__.columns}
        rest = {"session_id": None, "id": None}
        for number in range(999):
            db.add(Certificate(**{**row, **rest, "code": f"{number:010}"}))
    siti.looks_up()
    before = len(siti.bubbles)
    chat.restart()
    with_wave(chat, classes=1)
    chat.look()
    chat.travel(days=3)
    assert len(issued(chat)) == 1_000
    assert not any("ertifikat" in bubble.text or bubble.method == "sendDocument" for bubble in siti.bubbles[before:])


# --- waves ------------------------------------------------------------------------------------------------------------


def with_wave(chat: Chat, **completion: Any) -> None:
    """A wave at Labuan Bajo from today (Monday, 23 November 2026) to Wednesday."""
    programme = content().programme
    rules = programme.certificates
    fresh = rules.completion.model_copy(update={"classes": None, "lessons": None, "test": None, **completion})
    wave = Wave(site="labuan-bajo", first=date(2026, 11, 23), last=date(2026, 11, 25))
    changed = programme.model_copy(
        update={"waves": (wave,), "certificates": rules.model_copy(update={"completion": fresh})}
    )
    chat.app.content = replace(chat.app.content, programme=changed)


@pytest.mark.parametrize(("attended", "earned"), [(3, False), (4, True)])
def test_a_wave_asks_for_its_share_of_classes(chat: Chat, attended: int, earned: bool) -> None:
    with_wave(chat, classes=80)
    chat.look()
    siti = registered(chat)
    classes = [chat.add_class(f"LB-{number}", starts=START + timedelta(hours=3 * number)) for number in range(5)]
    for number, session in enumerate(classes):
        with chat.database.transaction() as db:
            enrolment.enrol(db, siti.person(db), session, chat.now)
        chat.travel(to=START + timedelta(hours=3 * number, minutes=10))
        came(chat, siti, session, present=number < attended)
    chat.travel(to=local(26, 23, 59))
    siti.types("/sertifikat").sees(f"Hadir {attended} dari 5 kelas", "Perlu 4").does_not_see("Ambil sertifikat")
    chat.travel(to=local(27, 8, 1))
    assert any("Sertifikat penyelesaian bisa diambil" in bubble.text for bubble in siti.bubbles) is earned
    siti.types("/sertifikat")
    if not earned:
        siti.does_not_see("Ambil sertifikat")
        return
    siti.taps("Ambil sertifikat").types(NAME).taps("Benar, buat").sees("Selamat", "hadir di 4 dari 5 kelas")
    (made,) = issued(chat)
    assert (made.kind, made.facts["minutes"]) == ("wave", 4 * 120)
    admin = staffed(chat, "Rina", role=Role.ADMIN, site=None)
    admin.types(shown(made)).sees("berlaku").does_not_see("tidak cocok")
    came(chat, siti, classes[3], present=False)
    admin.types(shown(made)).sees("berlaku", "tidak cocok")
    chat.phone("Ade").starts(f"v_{made.code}").sees("berlaku", "hadir di 4 dari 5").does_not_see("tidak cocok")


def test_what_a_wave_asks_for_stays_as_it_was_on_its_first_day(chat: Chat) -> None:
    with_wave(chat, classes=80)
    chat.look()
    siti, _ = after_class(chat)
    with_wave(chat, classes=100, test="posttest")
    chat.travel(to=local(27, 8, 1))
    siti.types("/sertifikat").sees("✅ Hadir 1 dari 1 kelas").does_not_see("Tes akhir").sees("Ambil sertifikat")


def test_a_wave_that_is_over_before_it_was_written_down_tells_nobody(chat: Chat) -> None:
    siti, _ = after_class(chat)
    chat.travel(to=local(28, 12))
    siti.looks_up()
    with_wave(chat, classes=80)
    chat.look()
    chat.travel(days=1)
    siti.sees_nothing_new()
    siti.types("/sertifikat").sees("Ambil sertifikat")


def test_lessons_and_the_test_are_asked_for_too_and_the_last_one_tells(chat: Chat) -> None:
    with_wave(chat, lessons="core")
    chat.look()
    siti = registered(chat)
    chat.travel(to=local(27, 9))
    siti.types("/sertifikat").sees("Pelajaran utama: 0 dari")
    core = sorted(chat.app.content.core_lessons("2"))
    with chat.database.transaction() as db:
        for one in core[:-1]:
            lessons.finish(db, siti.person(db), one, content=chat.app.content, now=chat.now)
    siti.types("/sertifikat").sees(f"{len(core) - 1} dari {len(core)}").does_not_see("Ambil sertifikat")
    siti.sends_tap(f"lessons:finish:{core[-1]}")
    if not any("Semua syarat sudah selesai" in bubble.text for bubble in siti.new):
        question = next(bubble for bubble in siti.new if bubble.method == "sendPoll")
        siti.votes(f"poll{question.message_id}", 0)
    siti.sees("Semua syarat sudah selesai", "Ambil sertifikat")
    assert siti.button("Ambil sertifikat")[0].startswith("certificates:ask:wave:")
