"""Photos of signed sheets: sent, shown again, deleted; rows of who has not agreed are covered; erasing empties."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select, update

from bot.delivery.outbox import OutboxRow
from bot.people.audit import AuditRow
from bot.people.people import Consent, Purpose, RoleGrant
from bot.programme.enrolment import Enrolment
from bot.programme.sheet_photos import MOST, SheetPhoto
from tests.chat import Chat, Phone, content, enrolled, local, registered

NEWEST = content().consent_version(Purpose.TRAINING)


def photo(file_id: str) -> list[dict[str, Any]]:
    return [{"file_id": file_id, "file_unique_id": file_id, "width": 9, "height": 9}]


def a_class(chat: Chat) -> int:
    """At noon, begun five minutes ago, with Siti and Anton."""
    session = chat.add_class(starts=local(23, 12), minutes=60)
    enrolled(chat, "Siti", session=session)
    enrolled(chat, "Anton", session=session)
    return session


def kept(chat: Chat) -> list[str | None]:
    with chat.database.transaction() as db:
        return list(db.scalars(select(SheetPhoto.file_id).order_by(SheetPhoto.id)))


def agreed_to_the_older_notice(chat: Chat, phone: Phone) -> None:
    with chat.database.transaction() as db:
        person = phone.person(db)
        mine = (Consent.person_id == person.id, Consent.purpose == Purpose.TRAINING)
        db.execute(update(Consent).where(*mine).values(text_version="1"))
        person.training_version = "1"


def notes(chat: Chat) -> list[str]:
    with chat.database.transaction() as db:
        return [row.action for row in db.scalars(select(AuditRow).order_by(AuditRow.id))]


def test_there_is_a_way_back_without_a_photo(chat: Chat, maria: Phone) -> None:
    session = a_class(chat)
    chat.travel(to=local(23, 13))
    maria.sends_tap(f"paper:photo:{session}").sees("Boleh beberapa", "Kembali").does_not_see("Selesai")
    old = maria.button("Kembali")
    maria.taps("Kembali").sees("Kirim foto lembar").does_not_see("Boleh beberapa")
    maria.sends(photo=photo("p1")).sees("tidak kami simpan")
    assert kept(chat) == []
    maria.sends_tap(*old).sees("Kirim foto lembar")  # once more, from an old message
    maria.sends_tap(f"paper:photo:{session}").sends(photo=photo("p2")).taps("Selesai")
    maria.sends_tap(f"paper:photo:{session}").sees("Selesai")


def test_there_is_a_way_back_before_rows_are_covered(chat: Chat, maria: Phone) -> None:
    session = a_class(chat)
    agreed_to_the_older_notice(chat, enrolled(chat, "Rina", session=session))
    chat.travel(to=local(23, 13))
    maria.sends_tap(f"paper:photo:{session}").sees("Rina", "Kembali").taps("Kembali").sees("Kirim foto lembar")


# --- sending and seeing ---------------------------------------------------------------------------------------------


def test_photos_are_sent_seen_again_and_deleted(chat: Chat, maria: Phone) -> None:
    session = a_class(chat)
    maria.types("/hadir").taps("Foto Produk").does_not_see("Kirim foto lembar")
    maria.sends_tap(f"paper:photo:{session}").sees("belum mulai")
    chat.travel(to=local(23, 13))
    maria.types("/hadir").taps("Foto Produk").taps("Kirim foto lembar").sees("Boleh beberapa", "90 hari")
    assert maria.last.labels == ["Kembali", "Bantuan"], "a way to a human being, as on every screen"
    maria.sends(photo=photo("p1")).sees("Foto ke-1", "21 Februari 2027")
    maria.sends(document={"file_id": "d2", "file_unique_id": "d2", "mime_type": "image/jpeg", "file_name": "a.jpg"})
    maria.sees("Foto ke-2").types("sudah").sees("Boleh beberapa").taps("Selesai").sees("Ada 2 foto")
    maria.taps("Kembali").taps("Lihat foto lembar").sees("Foto 1, lembar hadir Foto Produk", "2 foto lembar hadir")
    first, second = maria.new[0], maria.new[1]
    assert (first.method, first.params["photo"]) == ("sendPhoto", "p1")
    assert (second.method, second.params["document"]) == ("sendDocument", "d2")
    assert first.params["protect_content"] is second.params["protect_content"] is True
    with chat.database.transaction() as db:
        assert not [row for row in db.scalars(select(OutboxRow)) if "'p1'" in str(row.message)], (
            "an id is left in a row"
        )
    data, at = maria.button("Hapus foto", "Foto 1,")
    maria.sends_tap(data, at).sees("Hapus foto lembar hadir Foto Produk").taps("Ya, hapus").sees("sudah dihapus")
    assert kept(chat) == ["d2"]
    maria.sends_tap(data, at).sees("sudah tidak ada")
    maria.sends_tap("paper:deleted:1")
    assert "sudah tidak ada" in maria.last.text
    assert notes(chat) == [*["sheet_photo_kept"] * 2, "sheet_photo_seen", "sheet_photo_deleted"]


def test_the_same_photo_twice_is_one_and_there_is_a_most(chat: Chat, maria: Phone) -> None:
    session = a_class(chat)
    chat.travel(to=local(23, 13))
    maria.sends_tap(f"paper:photo:{session}")
    maria.sends(photo=photo("p0")).sends(photo=photo("p0")).sees("Foto ke-1")
    for number in range(1, MOST + 1):
        maria.sends(photo=photo(f"p{number}"))
    maria.sees(f"Sudah ada {MOST} foto")
    assert len(kept(chat)) == MOST


def test_a_photo_out_of_place_is_not_kept_and_says_where_it_goes(chat: Chat, maria: Phone) -> None:
    a_class(chat)
    chat.travel(to=local(23, 13))
    maria.sends(photo=photo("p1")).sees("tidak kami simpan", "Kirim foto lembar").taps("Pilih kelas")
    maria.taps("Foto Produk").taps("Kirim foto lembar").sends(photo=photo("p1")).sees("Foto ke-1")
    maria.taps("Selesai").sends(photo=photo("p2")).sees("tidak kami simpan")
    registered(chat, "Budi").sends(photo=photo("p3")).sees("Jangan kirim foto KTP").does_not_see("Kirim foto lembar")
    assert kept(chat) == ["p1"]


def test_after_ninety_days_it_is_gone(chat: Chat, maria: Phone) -> None:
    session = a_class(chat)
    chat.travel(to=local(23, 13))
    maria.sends_tap(f"paper:photo:{session}").sends(photo=photo("p1")).taps("Selesai")
    chat.travel(days=89)
    assert kept(chat) == ["p1"]
    chat.travel(days=1)
    assert kept(chat) == []
    maria.sends_tap(f"paper:photos:{session}").sees("Tidak ada foto lembar hadir")


def test_who_is_trainer_no_more_or_elsewhere_neither_sends_nor_sees(chat: Chat, maria: Phone) -> None:
    session = a_class(chat)
    chat.travel(to=local(23, 13))
    maria.sends_tap(f"paper:photo:{session}").sends(photo=photo("p1"))
    with chat.database.transaction() as db:
        db.execute(update(RoleGrant).values(site_id="samosir"))
    maria.sends(photo=photo("p2")).sees("hanya untuk pelatih")
    for what in (f"photo:{session}", f"photos:{session}", f"enough:{session}", "delete:1", "deleted:1"):
        maria.sends_tap(f"paper:{what}").sees("hanya untuk pelatih")
    assert kept(chat) == ["p1"]


# --- who has not agreed ---------------------------------------------------------------------------------------------


def test_rows_of_who_has_not_agreed_are_covered_first(chat: Chat, maria: Phone) -> None:
    session = a_class(chat)
    rina = enrolled(chat, "Rina", session=session)
    agreed_to_the_older_notice(chat, rina)
    chat.travel(to=local(23, 13))
    maria.sends_tap(f"paper:photo:{session}").sees("Tutup baris ini", "2. Bu Rina").does_not_see("Siti", "Anton")
    maria.sends(photo=photo("early")).sees("Tutup baris ini")
    assert kept(chat) == []
    covered = maria.button("Sudah ditutup")
    maria.taps("Sudah ditutup").sees("Boleh beberapa").sends(photo=photo("p1")).sees("Foto ke-1")
    budi = enrolled(chat, "Budi", session=session)
    with chat.database.transaction() as db:  # the class has begun: they came by themselves
        person = budi.person(db)
        db.add(
            Enrolment(
                session_id=session, person_id=person.id, status="seated", created_at=chat.now, changed_at=chat.now
            )
        )
    agreed_to_the_older_notice(chat, budi)
    maria.sends(photo=photo("p2")).sees("tidak kami simpan: daftar pesertanya berubah", "3. Bu Rina", "Bu Budi")
    maria.sends_tap(*covered).sees("Tutup baris ini", "Bu Budi")  # what was confirmed were other rows
    assert kept(chat) == ["p1"]


def test_who_takes_the_consent_back_empties_it(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(23, 12), minutes=60)
    siti = registered(chat, "Siti")
    agreed_to_the_older_notice(chat, siti)
    siti.sends_tap(f"consents:answer:{NEWEST}:yes").sends_tap(f"enrolment:take:{session}")
    chat.travel(to=local(23, 13))
    maria.sends_tap(f"paper:photo:{session}").sends(photo=photo("p1")).sees("Foto ke-1").taps("Selesai").looks_up()
    siti.sends_tap(f"consents:answer:{NEWEST}:no")
    assert kept(chat) == [None]
    maria.sees("dihapus karena seorang peserta mencabut izinnya").does_not_see("Siti")


# --- erasing --------------------------------------------------------------------------------------------------------


def test_erasing_anybody_of_the_class_empties_it_and_tells_the_trainer_once(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(23, 12), minutes=60)
    other = chat.add_class("LB-2", starts=local(23, 14), minutes=60, title="Lain")
    siti, _ = enrolled(chat, "Siti", session=session), enrolled(chat, "Anton", session=other)
    chat.travel(to=local(23, 15))
    maria.sends_tap(f"paper:photo:{session}").sends(photo=photo("p1")).sends(photo=photo("p2")).taps("Selesai")
    maria.sends_tap(f"paper:photo:{other}").sends(photo=photo("p3")).taps("Selesai")
    siti.types("/data_saya")
    copy = json.loads(siti.last.params["files"]["document"][1])
    assert [one["kelas"] for one in copy["foto_lembar_hadir"]] == ["LB-1", "LB-1"]
    maria.looks_up()
    siti.types("/hapus_data").taps("Ya, hapus")
    assert kept(chat) == [None, None, "p3"]
    maria.sees("Foto lembar hadir Foto Produk", "seorang peserta menghapus datanya", "Coret namanya di kertas juga")
    assert len(maria.new) == 1
    chat.travel(minutes=5)
    assert len(maria.new) == 1
    maria.sends_tap(f"paper:photos:{session}").sees("Ada foto yang dihapus karena seorang peserta menghapus datanya")
    maria.does_not_see("Hapus foto")


def test_the_trainer_is_told_in_open_hours(chat: Chat, maria: Phone) -> None:
    session = a_class(chat)
    siti = enrolled(chat, "Tuti", session=session)
    chat.travel(to=local(23, 13))
    maria.sends_tap(f"paper:photo:{session}").sends(photo=photo("p1")).taps("Selesai")
    chat.travel(to=local(23, 23))
    maria.looks_up()
    siti.types("/hapus_data").taps("Ya, hapus")
    assert kept(chat) == [None]
    maria.does_not_see("menghapus datanya")
    chat.travel(to=local(24, 9))
    maria.sees("menghapus datanya")
