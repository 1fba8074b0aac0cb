"""Announcements: whom they reach, how they look, when they go, and what became of every copy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from bot.delivery import outbox
from bot.delivery.outbox import OutboxBody, OutboxRow, Status
from bot.people import audit
from bot.people.people import DIVIDED, Account, Person, Purpose, Role, RoleGrant, record_consent
from bot.programme.broadcasts import Broadcast, BroadcastStatus, Reach, held, in_place, merged, seconds_for, too_long
from bot.programme.enrolment import Enrolment
from bot.programme.lessons import LessonProgress
from bot.telegram.http import AnswerLost
from bot.words.message import File, Form, Message
from tests.chat import Bubble, Chat, Phone, content, enrolled, registered, staffed

ADMIN = 9001
TEXT = "Besok bawa produk dan HP ya"
HEAD = "📣 Pelatih di Labuan Bajo\n\n"
"""What stands above the words of a trainer of one site who gave no name."""


@pytest.fixture
def admins() -> tuple[int, ...]:
    return (ADMIN,)


def trainer(chat: Chat, *sites: str, name: str = "Maria") -> Phone:
    """Staff without a registration of their own."""
    phone = chat.phone(name)
    with chat.database.transaction() as db:
        account = Account(
            telegram_id=phone.id, language="id", created_at=chat.now, seen_at=chat.now, last_message_id=0, draft={}
        )
        db.add(account)
        db.flush()
        for site in sites or ("labuan-bajo",):
            db.add(RoleGrant(account_id=account.id, role=Role.TRAINER, site_id=site, granted_at=chat.now))
    return phone


def admin(chat: Chat) -> Phone:
    return chat.phone("Dewi", ADMIN)


def drafted(who: Phone, text: str = TEXT, *, to: str = "mine") -> Phone:
    """As far as the preview."""
    return who.types("/pengumuman").sends_tap(f"broadcasts:to:{to}").types(text)


def announced(chat: Chat, who: Phone, text: str = TEXT, *, to: str = "mine") -> int:
    """Sent, and its number."""
    drafted(who, text, to=to).taps("Kirim sekarang")
    return newest(chat).id


def newest(chat: Chat) -> Broadcast:
    with chat.database.transaction() as db:
        found = db.scalars(select(Broadcast).order_by(Broadcast.id.desc()).limit(1)).one()
        db.expunge(found)
        return found


def copies(phone: Phone, text: str = TEXT) -> list[Bubble]:
    return [bubble for bubble in phone.bubbles if text in bubble.text]


def rows(chat: Chat, broadcast_id: int) -> list[OutboxRow]:
    with chat.database.transaction() as db:
        found = list(db.scalars(select(OutboxRow).where(OutboxRow.broadcast_id == broadcast_id).order_by(OutboxRow.id)))
        db.expunge_all()
        return found


def actions(chat: Chat) -> list[str]:
    with chat.database.transaction() as db:
        return [row.action for row in reversed(audit.deeds(db, limit=50))]


def refused(chat: Chat) -> int:
    """How often somebody was refused."""
    with chat.database.transaction() as db:
        return sum(row.times for row in audit.refusals(db, limit=50))


def quiet(chat: Chat) -> None:
    """To 21.00 in Labuan Bajo: nobody is written to before the next morning."""
    chat.travel(to=datetime(2026, 11, 23, 13, 0, tzinfo=UTC))


# --- from the first question to the report ------------------------------------------------------------------------


def test_an_announcement_is_picked_written_seen_sent_and_reported(chat: Chat) -> None:
    siti, anton = registered(chat, "Siti"), registered(chat, "Anton")
    far = registered(chat, "Rina", "jayapura")
    maria = trainer(chat).types("/pengumuman")
    maria.sees("untuk siapa?", "Semua peserta saya", "Satu kelas", "Sebagian peserta kelas", "Bantuan")
    maria.does_not_see("Satu lokasi").taps("Semua peserta saya")
    maria.sees("Kirim isi pengumuman di sini", "Semua peserta di lokasi Anda", "Berhenti mengisi").types(TEXT)
    assert next(bubble.text for bubble in maria.new) == HEAD + TEXT
    maria.sees(
        "Akan dikirim ke 2 orang, selesai kira-kira 1 detik", "Kirim sekarang", "Pilih waktu kirim", "Tambah penerima"
    )
    maria.does_not_see("mendesak")
    preview = maria.new[0]
    maria.taps("Kirim sekarang").sees("mulai dikirim ke 2 orang").sees_toast("Mulai dikirim")
    for phone in (siti, anton):
        (copy,) = copies(phone)
        assert (copy.text, copy.labels) == (preview.text, preview.labels), "the preview is what arrives"
    assert not copies(far)
    chat.travel(seconds=4)
    maria.sees("✅ Pengumuman 1 selesai. Penerima: 2 orang.", "Terkirim: 2", "Perbaiki").does_not_see("Hentikan")
    assert len(maria.new) == 2, "the progress is told in one message"
    assert actions(chat) == ["broadcast_sent"]
    found = rows(chat, 1)
    assert len({row.body_id for row in found}) == 1, "they share one body"
    assert {row.once for row in found} == {f"broadcast:1:{row.person_id}" for row in found}
    assert all(row.message is None and row.status == Status.SENT and row.site_id == "labuan-bajo" for row in found)
    maria.sends_tap("broadcasts:send:1").sees_toast("Sudah dikirim")
    assert len(copies(siti)) == 1, "tapped twice, sent once"
    maria.types("/menu").sends_tap("broadcasts:when:1").sees("Terkirim: 2")


def test_formatting_arrives_and_what_telegram_would_refuse_does_not(chat: Chat) -> None:
    siti = registered(chat)
    maria = trainer(chat).types("/pengumuman").taps("Semua peserta saya")
    entities = [
        {"type": "bold", "offset": 0, "length": 7},
        {"type": "text_link", "offset": 8, "length": 4, "url": "https://contoh.id/a?b=1&c=2"},
        {"type": "text_link", "offset": 13, "length": 4, "url": "tg://user?id=5"},
        {"type": "text_mention", "offset": 13, "length": 4, "user": siti.user},
    ]
    maria.sends(text="Penting sini <b> & ini", entities=entities).taps("Kirim sekarang")
    html = siti.last.params["text"]
    assert html == HEAD + '<b>Penting</b> <a href="https://contoh.id/a?b=1&amp;c=2">sini</a> &lt;b&gt; &amp; ini'


PHOTO = {"photo": [{"file_id": "kecil", "file_unique_id": "a", "width": 90, "height": 90},
                   {"file_id": "besar", "file_unique_id": "b", "width": 900, "height": 900}]}  # fmt: skip
FILE = {"file_id": "berkas", "file_unique_id": "c"}


AS_THEY_ARE: list[tuple[dict[str, Any], str, dict[str, Any]]] = [
    (PHOTO | {"caption": "Contoh"}, "sendPhoto", {"photo": "besar", "caption": f"{HEAD}Contoh"}),
    ({"video": FILE | {"width": 1, "height": 1, "duration": 3}}, "sendVideo", {"video": "berkas"}),
    ({"voice": FILE | {"duration": 3}}, "sendVoice", {"voice": "berkas"}),
    ({"document": FILE | {"file_name": "a.pdf"}}, "sendDocument", {"document": "berkas"}),
    ({"location": {"latitude": -8.5, "longitude": 119.9}}, "sendVenue", {"title": "Labuan Bajo"}),
    (
        {
            "location": {"latitude": -8.5, "longitude": 119.9},
            "venue": {"location": {"latitude": -8.5, "longitude": 119.9}, "title": "Aula", "address": "Jalan A"},
        },
        "sendVenue",
        {"title": "Aula", "address": "Jalan A"},
    ),
]


def test_files_and_places_are_sent_on_as_they_are(chat: Chat) -> None:
    siti, maria = registered(chat), trainer(chat)
    for sent, method, expected in AS_THEY_ARE:
        maria.types("/pengumuman").taps("Semua peserta saya").sends(**sent).sees("Akan dikirim ke 1 orang")
        assert maria.new[0].method == method
        maria.taps("Kirim sekarang")
        assert siti.last.method == method
        assert siti.last.params | expected == siti.last.params
        assert siti.last.params.get("files") is None, "nothing is uploaded"
        assert siti.last.labels == ["Menu", "Bantuan"]


def test_what_cannot_be_announced_is_asked_for_again(chat: Chat) -> None:
    registered(chat)
    maria = trainer(chat).types("/pengumuman").taps("Semua peserta saya")
    maria.sends(sticker=FILE | {"width": 1, "height": 1, "is_animated": False, "is_video": False, "type": "regular"})
    maria.sees("belum bisa dikirim", "Berhenti mengisi")
    maria.sends(animation=FILE | {"width": 1, "height": 1, "duration": 1}, document=FILE).sees("belum bisa dikirim")
    maria.sends(**PHOTO, caption="a" * 1025).sees("terlalu panjang: 1.025")
    maria.sends(**PHOTO, caption="a", media_group_id="7").sees("Akan dikirim ke 1 orang")
    maria.sends(**PHOTO, media_group_id="7").sees("Satu pengumuman memuat satu foto")
    maria.sends(**PHOTO, media_group_id="7").sees_nothing_new()
    maria.types("Isi yang lain").sees("Isi yang lain", "Akan dikirim")
    maria.taps("Kirim sekarang")
    chat.travel(seconds=4)
    assert newest(chat).recipients == 1


def test_the_way_out_under_an_announcement_leaves_it_where_it_is(chat: Chat) -> None:
    siti = registered(chat)
    announced(chat, trainer(chat))
    siti.taps("Bantuan")
    assert copies(siti)[0].edited == 0
    assert len(siti.bubbles) == 2
    announced(chat, trainer(chat, name="Yosef"))
    siti.taps("Menu")
    assert len(copies(siti)) == 2


# --- whom it reaches ----------------------------------------------------------------------------------------------


def test_who_did_not_agree_stopped_or_blocked_gets_nothing(chat: Chat) -> None:
    ok, asked, no = registered(chat), registered(chat, reminders=None), registered(chat, reminders=False)
    stopped, blocked = registered(chat).types("/berhenti"), registered(chat)
    with chat.database.transaction() as db:
        db.execute(update(Account).where(Account.telegram_id == blocked.id).values(blocked_at=chat.now))
    maria = drafted(trainer(chat)).sees("Akan dikirim ke 1 orang", "Tidak menerima: 4 orang")
    maria.taps("Kirim sekarang")
    assert [len(copies(phone)) for phone in (ok, asked, no, stopped, blocked)] == [1, 0, 0, 0, 0]


def test_two_persons_on_one_phone_hear_it_once(chat: Chat) -> None:
    siti = registered(chat)
    with chat.database.transaction() as db:
        account = siti.account(db)
        assert account is not None
        other = Person(
            account_id=account.id, name="Ani", salutation="ibu", site_id="labuan-bajo", registered_at=chat.now
        )
        db.add(other)
        db.flush()
        for purpose in (Purpose.TRAINING, *DIVIDED):
            record_consent(db, other, purpose, given=True, text_version="2", language="id", now=chat.now)
    drafted(trainer(chat)).sees("Akan dikirim ke 1 orang").taps("Kirim sekarang")
    assert len(copies(siti)) == 1


def test_a_class_its_waitlist_and_those_who_did_not_answer(chat: Chat) -> None:
    session = chat.add_class(capacity=2)
    siti, anton = enrolled(chat, "Siti", session=session), enrolled(chat, "Anton", session=session)
    rina = enrolled(chat, "Rina", session=session)
    with chat.database.transaction() as db:
        db.execute(update(Enrolment).where(Enrolment.person_id == siti.person(db).id).values(reply="coming"))
    maria = trainer(chat)
    for label, heard in (("Satu kelas", [siti, anton]), ("Daftar tunggu", [rina]), ("Belum menjawab", [anton])):
        text = f"Untuk {label}"
        maria.types("/pengumuman")
        if label != "Satu kelas":
            maria.taps("Sebagian peserta kelas").sees("Peserta yang mana?", "Yang datang", "Yang tidak datang")
        maria.taps(label).sees("Kelas yang mana?", "Kembali").taps("Foto Produk")
        maria.types(text).sees("Foto Produk", f"Akan dikirim ke {len(heard)} orang").taps("Kirim sekarang")
        assert [phone for phone in (siti, anton, rina) if copies(phone, text)] == heard


def test_a_person_in_two_audiences_gets_it_once(chat: Chat) -> None:
    one, two = chat.add_class("LB-1"), chat.add_class("LB-2", title="Toko Online", starts=chat.now + timedelta(days=5))
    siti, anton = enrolled(chat, "Siti", session=one), enrolled(chat, "Anton", session=two)
    siti.sends_tap(f"enrolment:take:{two}")
    maria = drafted(trainer(chat), to=f"class:{one}").sees("Akan dikirim ke 1 orang")
    maria.taps("Tambah penerima").sees("Kirim juga ke siapa?").taps("Satu kelas").taps("Toko Online")
    maria.sees("Foto Produk", "Toko Online", "Akan dikirim ke 2 orang").taps("Kirim sekarang")
    assert (len(copies(siti)), len(copies(anton))) == (1, 1)


def test_many_classes_come_in_pages_and_old_ones_are_left_out(chat: Chat) -> None:
    maria = trainer(chat).types("/pengumuman").taps("Satu kelas").sees("Belum ada kelas")
    for day in range(1, 9):
        chat.add_class(f"LB-{day}", title=f"Kelas {day}", starts=chat.now + timedelta(days=day))
    maria.types("/pengumuman").taps("Satu kelas").sees("Kelas 5").does_not_see("Kelas 6")
    maria.taps("Lihat berikutnya").sees("Kelas 6", "Kelas 8").taps("Kembali").sees("untuk siapa?")
    chat.travel(days=12)
    maria.types("/pengumuman").taps("Satu kelas").sees("Kelas 6").does_not_see("Kelas 1")


def test_a_trainer_of_two_sites_picks_one_or_all(chat: Chat) -> None:
    siti, rina = registered(chat), registered(chat, "Rina", "jayapura")
    maria = trainer(chat, "labuan-bajo", "jayapura").types("/pengumuman").taps("Satu lokasi")
    maria.sees("Labuan Bajo", "Jayapura").does_not_see("Samosir").taps("Jayapura").types("Satu")
    maria.sees("Peserta di Jayapura", "Akan dikirim ke 1 orang").taps("Kirim sekarang")
    drafted(maria, "Semua").sees("Akan dikirim ke 2 orang").taps("Kirim sekarang")
    assert (len(copies(siti, "Satu")), len(copies(rina, "Satu"))) == (0, 1)
    assert (len(copies(siti, "Semua")), len(copies(rina, "Semua"))) == (1, 1)
    chat.add_class("JY-1", site="jayapura", title="Kelas Timur")
    maria.types("/pengumuman").taps("Satu kelas").sees("Lokasi yang mana?").taps("Jayapura").sees("Kelas Tim…")


def test_everyone_is_for_admins(chat: Chat) -> None:
    siti, rina = registered(chat), registered(chat, "Rina", "jayapura")
    dewi = admin(chat).types("/pengumuman").sees("Semua peserta", "Satu lokasi").does_not_see("Semua peserta saya")
    dewi.taps("Semua peserta").types(TEXT).sees("Akan dikirim ke 2 orang").taps("Kirim sekarang")
    assert (len(copies(siti)), len(copies(rina))) == (1, 1)


def test_nobody_there_is_said_and_nothing_sent(chat: Chat) -> None:
    maria = drafted(trainer(chat)).sees("Belum ada yang bisa menerima", "Ganti penerima")
    maria.sends_tap(f"broadcasts:send:{newest(chat).id}").sees("Belum ada yang bisa menerima")
    assert actions(chat) == []


def test_those_who_have_not_finished_a_module_can_be_asked(chat: Chat) -> None:
    siti, anton = registered(chat), registered(chat, "Anton")
    module = chat.content.modules[0]
    with chat.database.transaction() as db:
        for lesson in module.lessons:
            db.add(
                LessonProgress(
                    person_id=siti.person(db).id,
                    lesson_id=lesson.id,
                    page=1,
                    started_at=chat.now,
                    turned_at=chat.now,
                    finished_at=chat.now,
                )
            )
    maria = trainer(chat).types("/pengumuman").taps("Belum selesai modul").sees("Modul yang mana?")
    maria.taps(module.title).types(TEXT).sees(f"Belum selesai modul {module.title}", "Akan dikirim ke 1 orang")
    maria.taps("Kirim sekarang")
    assert (len(copies(siti)), len(copies(anton))) == (0, 1)


# --- rights -------------------------------------------------------------------------------------------------------


def test_participants_and_trainers_of_other_sites_are_refused(chat: Chat) -> None:
    session = chat.add_class("JY-1", site="jayapura")
    registered(chat, "Rina", "jayapura")
    siti, maria = registered(chat), trainer(chat)
    for who in (siti, maria):
        for forged in (
            "broadcasts:to:everyone",
            "broadcasts:to:site:jayapura",
            f"broadcasts:to:class:{session}",
            "broadcasts:pick:class:jayapura",
            "broadcasts:urgent:1",
        ):
            before = refused(chat)
            who.sends_tap(forged)
            assert refused(chat) == before + 1, forged
    before = refused(chat)
    siti.types("/pengumuman")
    siti.sends_tap("broadcasts:to:mine")
    assert refused(chat) == before + 2
    assert not actions(chat)
    with chat.database.transaction() as db:
        assert not db.scalar(select(func.count()).select_from(Broadcast))


def test_an_announcement_to_another_site_cannot_be_touched(chat: Chat) -> None:
    registered(chat)
    number = announced(chat, trainer(chat))
    yosef = trainer(chat, "jayapura", name="Yosef")
    for action in ("send", "stop", "again", "correct", "report", "when", "more", "preview", "unschedule"):
        before = refused(chat)
        yosef.sends_tap(f"broadcasts:{action}:{number}").sees("hanya untuk pelatih atau admin")
        assert refused(chat) == before + 1, action
        yosef.sends_tap(f"broadcasts:{action}:{number + 99}").sees("Buat pengumuman")
    yosef.sends_tap(f"broadcasts:scheduled:{number}:1").sees("hanya untuk pelatih atau admin")
    yosef.types("/pengumuman").taps("Lihat pengumuman lama").sees("Belum ada pengumuman")
    admin(chat).types("/pengumuman").taps("Lihat pengumuman lama").sees(f"{number}.").taps(f"Lihat {number}").sees(
        "Terkirim: 1"
    )


def test_a_right_that_was_taken_away_before_sending_counts(chat: Chat) -> None:
    siti = registered(chat)
    maria = drafted(trainer(chat, "labuan-bajo", "jayapura"))
    with chat.database.transaction() as db:
        db.execute(RoleGrant.__table__.delete().where(RoleGrant.site_id == "labuan-bajo"))  # type: ignore[attr-defined]
    maria.taps("Kirim sekarang")
    assert (actions(chat), refused(chat)) == ([], 1)
    assert not copies(siti)


# --- later --------------------------------------------------------------------------------------------------------


def test_it_is_put_down_for_a_moment_and_goes_out_then(chat: Chat) -> None:
    siti = registered(chat)
    maria = drafted(trainer(chat)).taps("Pilih waktu kirim").sees("Kapan dikirim?")
    maria.types("entah").sees("belum terbaca").types("hari ini 8").sees("sudah lewat")
    maria.types("besok 9").sees("Selasa, 24 November 2026 pukul 09.00 WITA", "ke 1 orang?").taps("Ganti waktu")
    maria.types("besok 10").sees("pukul 10.00 WITA").taps("Jadwalkan").sees("Sudah dijadwalkan", "Batalkan kirim")
    assert newest(chat).due_at == datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
    maria.types("/pengumuman").taps("Lihat pengumuman lama").sees("Dijadwalkan Sel 24 Nov, 10.00")
    chat.travel(to=datetime(2026, 11, 24, 1, 59, tzinfo=UTC))
    assert not copies(siti)
    registered(chat, "Anton")
    chat.travel(minutes=1)
    assert copies(siti)
    assert newest(chat).recipients == 2, "who came since hears it, too"
    assert actions(chat) == ["broadcast_scheduled"]


def test_what_was_put_down_can_be_changed_and_taken_back(chat: Chat) -> None:
    siti = registered(chat)
    maria = drafted(trainer(chat)).taps("Pilih waktu kirim").types("besok 9").taps("Jadwalkan")
    number = newest(chat).id
    maria.taps("Perbaiki").sees("isi yang benar").types("Isi yang benar").taps("Perbaiki sekarang")
    maria.sees("Isi sudah diganti. Tetap dikirim Selasa, 24 November")
    chat.travel(days=1)
    assert copies(siti, "Isi yang benar")
    assert not copies(siti)
    drafted(maria).taps("Pilih waktu kirim").types("besok 11").taps("Jadwalkan").taps("Batalkan kirim").sees(
        "sudah dibatalkan"
    )
    later = newest(chat).id
    maria.sends_tap(f"broadcasts:unschedule:{number}").sees("Terkirim: 1")
    maria.sends_tap(f"broadcasts:report:{later}").sees("sudah dibatalkan")
    chat.travel(days=2)
    assert not copies(siti)


def test_a_scheduled_one_is_not_sent_without_the_right_or_the_people(chat: Chat) -> None:
    siti = registered(chat)
    maria = drafted(trainer(chat)).taps("Pilih waktu kirim").types("besok 9").taps("Jadwalkan")
    with chat.database.transaction() as db:
        db.execute(RoleGrant.__table__.delete())  # type: ignore[attr-defined]
    maria.looks_up()
    chat.travel(days=1)
    maria.sees("Anda tidak lagi bertugas di lokasi itu")
    dewi = drafted(admin(chat), to="site:jayapura").taps("Tambah penerima").taps("Semua peserta")
    dewi.taps("Pilih waktu kirim").types("besok 9").taps("Jadwalkan").looks_up()
    siti.types("/berhenti")
    chat.travel(days=1)
    dewi.sees("tidak ada penerima")
    assert not copies(siti)


def test_a_moment_that_passed_while_it_was_looked_at_is_refused(chat: Chat) -> None:
    registered(chat)
    maria = drafted(trainer(chat)).taps("Pilih waktu kirim").types("hari ini 11")
    chat.travel(hours=2)
    maria.taps("Jadwalkan").sees("sudah lewat")
    maria.sends_tap("broadcasts:scheduled:1:x").sees_toast("sudah tidak berlaku")
    maria.sends_tap("broadcasts:scheduled:1:9999999999").sees("tidak ditemukan")
    maria.taps("Buat pengumuman").sees("untuk siapa?")


# --- quiet hours and urgency --------------------------------------------------------------------------------------


def test_in_quiet_hours_it_waits_for_each_persons_site(chat: Chat) -> None:
    siti, rina = registered(chat), registered(chat, "Rina", "jayapura")
    quiet(chat)
    maria = drafted(trainer(chat, "labuan-bajo", "jayapura"))
    maria.sees("Akan dikirim ke 2 orang.", "Untuk 2 orang, sekarang di luar jam kirim").does_not_see(
        "selesai kira-kira"
    )
    maria.taps("Kirim sekarang")
    assert not copies(siti)
    assert not copies(rina)
    maria.looks_up()
    chat.travel(seconds=4)
    maria.sees_nothing_new()
    hours = content().open_hours("labuan-bajo")
    chat.travel(to=datetime(2026, 11, 23, 23, 30, tzinfo=UTC))
    assert (len(copies(siti)), len(copies(rina))) == (0, 1), f"08.30 in Jayapura, 07.30 in Labuan Bajo: {hours}"
    maria.sees("Menunggu: 1", "Terkirim: 1")
    chat.travel(hours=1)
    assert len(copies(siti)) == 1
    maria.sees("Pengumuman 1 selesai", "Terkirim: 2")


def test_urgent_is_an_admins_word_with_a_reason(chat: Chat) -> None:
    siti = registered(chat)
    quiet(chat)
    dewi = drafted(admin(chat), to="everyone").taps("Tandai mendesak").sees("Mengapa mendesak?")
    dewi.types("ya").sees("alasan yang lebih jelas").types("Jalan ke lokasi tutup karena banjir")
    dewi.sees("Mendesak: langsung dikirim").does_not_see("di luar jam kirim", "Tandai mendesak")
    dewi.taps("Kirim sekarang")
    assert copies(siti)
    assert actions(chat) == ["broadcast_urgent", "broadcast_sent"]
    assert newest(chat).reason == "Jalan ke lokasi tutup karena banjir"
    assert all(row.urgent for row in rows(chat, 1))


# --- while it goes out --------------------------------------------------------------------------------------------


def held_back(chat: Chat, number: int = 3) -> tuple[Phone, list[Phone]]:
    """An announcement that waits for the morning: as good as one in the middle of going out."""
    people = [registered(chat, f"Siti {at}") for at in range(number)]
    quiet(chat)
    maria = trainer(chat)
    announced(chat, maria)
    return maria, people


def test_stopping_drops_what_waits_at_once(chat: Chat) -> None:
    maria, people = held_back(chat)
    maria.sees("sedang dikirim ke 3 orang", "░░░░░░░░░░ 0%", "Menunggu: 3", "Hentikan")
    maria.taps("Hentikan").sees_toast("Dihentikan")
    assert {row.status for row in rows(chat, 1)} == {Status.DROPPED}, "at once"
    chat.travel(seconds=4)
    maria.sees("dihentikan", "Tidak dikirim, pengiriman dihentikan: 3")
    chat.travel(days=1)
    assert not any(copies(phone) for phone in people)
    maria.sends_tap("broadcasts:stop:1").sees_toast("Sudah selesai")
    assert {row.status for row in rows(chat, 1)} == {Status.DROPPED}
    assert actions(chat) == ["broadcast_sent", "broadcast_stopped"]


def test_progress_is_one_message_edited_at_most_once_in_three_seconds(chat: Chat) -> None:
    maria, people = held_back(chat)
    first = maria.last
    with chat.database.transaction() as db:
        db.execute(update(OutboxRow).where(OutboxRow.broadcast_id == 1).values(urgent=True, not_before=None))
        db.execute(
            update(OutboxRow)
            .where(OutboxRow.broadcast_id == 1, OutboxRow.chat_id == people[0].id)
            .values(not_before=chat.now + timedelta(minutes=5))
        )
    chat.app.sender.wake()
    for _ in range(5):
        chat.look()
    assert first.edited == 0
    chat.travel(seconds=3)
    assert first.edited == 1
    assert "▓▓▓▓▓▓░░░░ 66%" in first.text
    chat.travel(seconds=30)
    assert first.edited == 1, "nothing new, nothing said"
    chat.travel(minutes=6)
    assert "selesai" in first.text
    assert maria.last is first


def test_the_report_adds_up_and_the_unknown_are_sent_again(chat: Chat) -> None:
    siti, anton, rina, ani = (registered(chat, name) for name in ("Siti", "Anton", "Rina", "Ani"))
    anton.blocks()
    maria = drafted(trainer(chat))
    original = chat.telegram.call

    async def call(method: str, params: Any, files: Any = None, timeout: float = 0) -> Any:  # noqa: ASYNC109
        if params.get("chat_id") == rina.id and lost:
            lost.pop()
            await original(method, params, files, timeout)
            raise AnswerLost("timeout")
        return await original(method, params, files, timeout)

    lost = [1]
    chat.telegram.call = call  # type: ignore[method-assign]
    maria.taps("Kirim sekarang")
    chat.travel(seconds=4)
    report = maria.last.text
    assert "Penerima: 4 orang" in report
    assert "Terkirim: 2\nMemblokir bot: 1\nBelum pasti sampai: 1" in report
    maria.taps("Kirim ulang").sees("Pengumuman 1")
    chat.travel(seconds=4)
    assert "Terkirim: 3\nMemblokir bot: 1" in maria.last.text
    assert "Belum pasti" not in maria.last.text
    assert [len(copies(phone)) for phone in (siti, anton, rina, ani)] == [1, 0, 2, 1]
    maria.sends_tap("broadcasts:again:1").sees_toast("Tidak ada yang perlu")
    assert actions(chat) == ["broadcast_sent", "broadcast_resent"]


def test_whoever_stops_or_leaves_meanwhile_stands_in_the_report(chat: Chat) -> None:
    maria, people = held_back(chat, 4)
    people[0].types("/berhenti")
    people[1].types("/hapus_data").taps("Ya, hapus data")
    people[2].types("/izin").sends_tap("privacy:change:messages:no")
    chat.travel(hours=12)
    assert [len(copies(phone)) for phone in people] == [0, 0, 0, 1]
    for line in ("Terkirim: 1", "peserta menghentikan pesan: 1", "izin dicabut: 1", "Data sudah dihapus: 1"):
        assert line in maria.last.text, maria.last.text


def test_it_survives_a_restart_in_the_middle(chat: Chat) -> None:
    maria, people = held_back(chat)
    chat.restart()
    chat.travel(hours=12)
    assert [len(copies(phone)) for phone in people] == [1, 1, 1]
    assert "selesai" in maria.last.text


# --- correcting ---------------------------------------------------------------------------------------------------

RIGHT = "Lusa bawa produk dan HP ya"


def corrected(maria: Phone, **sent: Any) -> Phone:
    maria.sends_tap("broadcasts:correct:1").sees("Kirim isi yang benar").sends(**sent)
    return maria.taps("Perbaiki sekarang")


def test_every_delivered_copy_is_edited_in_place(chat: Chat) -> None:
    siti, anton = registered(chat), registered(chat, "Anton")
    maria = trainer(chat)
    announced(chat, maria)
    quiet(chat)
    maria.sends_tap("broadcasts:correct:1").sees("Kirim isi yang benar").types(RIGHT)
    maria.sees(RIGHT, "Diubah di tempat: 2", "pesan baru: 0").taps("Perbaiki sekarang")
    for phone in (siti, anton):
        assert [(bubble.text, bubble.edited) for bubble in phone.bubbles] == [(HEAD + RIGHT, 1)], (
            "silently, also at night"
        )
    chat.travel(seconds=4)
    assert f"✅ Perbaikan 2 selesai untuk 2 orang.\n«{RIGHT}»\nDiubah di tempat: 2" in maria.last.text
    assert actions(chat) == ["broadcast_sent", "broadcast_corrected"]


def test_copies_that_still_wait_get_the_new_words(chat: Chat) -> None:
    maria, people = held_back(chat)
    corrected(maria, text=RIGHT).sees("Isinya sudah diganti")
    maria.looks_up()
    chat.travel(seconds=4)
    maria.sees_nothing_new()  # nobody hears of the correction: there is nothing to tell of it
    chat.travel(hours=12)
    for phone in people:
        assert [bubble.text for bubble in phone.bubbles] == [HEAD + RIGHT]


def test_new_words_for_a_photo_keep_the_photo(chat: Chat) -> None:
    siti = registered(chat)
    maria = trainer(chat).types("/pengumuman").taps("Semua peserta saya").sends(**PHOTO, caption="Salah")
    maria.taps("Kirim sekarang")
    corrected(maria, text=RIGHT)
    assert (siti.last.text, siti.last.edited) == (HEAD + RIGHT, 1)
    assert siti.last.params["media"]["media"] == "besar"
    assert len(siti.bubbles) == 1


def test_new_words_for_a_voice_keep_the_voice_and_another_voice_is_a_notice(chat: Chat) -> None:
    siti = registered(chat)
    maria = trainer(chat).types("/pengumuman").taps("Semua peserta saya").sends(voice=FILE | {"duration": 3})
    maria.taps("Kirim sekarang")
    corrected(maria, text=RIGHT)
    assert (siti.last.text, siti.last.edited) == (HEAD + RIGHT, 1)
    corrected(maria, voice=FILE | {"file_id": "lain", "duration": 3})
    assert [bubble.method for bubble in siti.bubbles] == ["sendVoice", "sendVoice"]
    assert siti.last.text.startswith("Ralat untuk pengumuman sebelumnya")
    assert siti.last.params["voice"] == "lain"


def test_what_cannot_be_edited_gets_a_short_notice(chat: Chat) -> None:
    siti = registered(chat)
    maria = trainer(chat)
    announced(chat, maria)
    maria.sends_tap("broadcasts:correct:1").sends(location={"latitude": -8.5, "longitude": 119.9})
    maria.sees("Diubah di tempat: 0", "pesan baru: 1").taps("Perbaiki sekarang")
    assert [bubble.method for bubble in siti.bubbles] == ["sendMessage", "sendMessage", "sendVenue"]
    assert "Yang benar ada di bawah ini" in siti.bubbles[1].text
    chat.travel(seconds=4)
    assert "Perbaikan 2 selesai untuk 1 orang.\n(lokasi) Labuan Bajo\nMenerima pesan baru: 1" in maria.last.text
    corrected(maria, text=RIGHT)
    assert siti.bubbles[0].text == HEAD + RIGHT, "its first copy is text still"


def test_a_copy_that_is_gone_gets_the_notice_and_the_blocked_nothing(chat: Chat) -> None:
    siti, anton, rina = registered(chat), registered(chat, "Anton"), registered(chat, "Rina")
    maria = trainer(chat)
    announced(chat, maria)
    siti.bubbles.clear()
    rina.blocks()
    corrected(maria, text=RIGHT)
    chat.travel(seconds=10)
    assert [bubble.text for bubble in siti.bubbles] == [f"Ralat untuk pengumuman sebelumnya.\n{HEAD}{RIGHT}"]
    assert [bubble.text for bubble in anton.bubbles] == [HEAD + RIGHT]
    assert "Diubah di tempat: 1\nMenerima pesan baru: 1\nMemblokir bot: 1" in maria.last.text, maria.last.text


def test_a_copy_in_the_senders_hands_is_corrected_when_it_has_arrived(chat: Chat) -> None:
    siti = registered(chat)
    maria = trainer(chat)
    announced(chat, maria)
    with chat.database.transaction() as db:
        db.execute(update(OutboxRow).where(OutboxRow.broadcast_id == 1).values(status=Status.CLAIMED))
    corrected(maria, text=RIGHT)
    assert siti.last.text == HEAD + TEXT
    with chat.database.transaction() as db:
        db.execute(update(OutboxRow).where(OutboxRow.broadcast_id == 1).values(status=Status.SENT))
    chat.travel(seconds=4)
    assert (siti.last.text, len(siti.bubbles)) == (HEAD + RIGHT, 1)


def test_a_second_correction_overtakes_the_first(chat: Chat) -> None:
    siti = registered(chat)
    maria = trainer(chat)
    announced(chat, maria)
    corrected(maria, text="Salah lagi")
    corrected(maria, text=RIGHT)
    chat.travel(seconds=10)
    assert [bubble.text for bubble in siti.bubbles] == [HEAD + RIGHT]


# --- breaking off -------------------------------------------------------------------------------------------------


def test_breaking_off_and_coming_back(chat: Chat) -> None:
    registered(chat)
    maria = drafted(trainer(chat)).taps("Berhenti mengisi").sees("tidak jadi dibuat", "Buat pengumuman")
    maria.sends_tap("broadcasts:send:1").sees("sudah dibatalkan")
    drafted(maria).types("/bantuan").sends_tap("menu:resume").sees("Akan dikirim ke 1 orang")
    maria.taps("Pilih waktu kirim").types("/bantuan").sends_tap("menu:resume").sees("Kapan dikirim?").taps("Kembali")
    maria.sees("Akan dikirim").types("/batal").sees("tidak jadi dibuat")
    maria.types("/pengumuman").taps("Semua peserta saya").types("/bantuan").sends_tap("menu:resume")
    maria.sees("Kirim isi pengumuman")
    dewi = drafted(admin(chat), to="everyone").taps("Tandai mendesak").types("/bantuan").sends_tap("menu:resume")
    dewi.sees("Mengapa mendesak?")
    dewi.sends_tap("broadcasts:pick:nothing").sees("untuk siapa?")


def test_a_draft_that_nobody_sends_is_forgotten(chat: Chat) -> None:
    registered(chat)
    maria = drafted(trainer(chat))
    chat.travel(hours=25)
    with chat.database.transaction() as db:
        assert not db.scalar(select(func.count()).select_from(Broadcast))
        assert not db.scalar(select(func.count()).select_from(OutboxBody))
    maria.taps("Kirim sekarang").sees("Draf ini sudah tidak ada").does_not_see("Lanjutkan")


def test_old_words_are_emptied_and_cannot_be_sent_again(chat: Chat) -> None:
    registered(chat)
    maria = trainer(chat)
    announced(chat, maria)
    with chat.database.transaction() as db:
        outbox.empty_old(db, before=chat.now + timedelta(hours=1), limit=10)
        assert db.scalar(select(OutboxBody.message)) is None
    for action in ("again", "correct"):
        maria.sends_tap(f"broadcasts:{action}:1").sees("sudah dihapus karena sudah lama")


# --- decisions ----------------------------------------------------------------------------------------------------


def test_how_long_it_takes() -> None:
    assert [seconds_for(n, 30) for n in (1, 30, 31, 412)] == [1, 1, 2, 14]


def test_who_would_have_to_wait_for_the_morning() -> None:
    reach = Reach({"labuan-bajo": 3, "jayapura": 2}, 0)
    night = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)  # 20.00 in Jayapura, 19.00 in Labuan Bajo
    found = held(reach, night, content())
    assert found is not None
    assert found.people == 2


def test_what_can_be_made_right_in_place() -> None:
    text, photo = Message(html="a"), Message(form=Form.PHOTO, html="a", file=File("f", "m", id="1"))
    voice = Message(form=Form.VOICE, file=File("f", "m", id="1"))
    assert in_place(text, Message(html="b"))
    assert not in_place(text, photo)
    assert in_place(photo, Message(form=Form.PHOTO, file=File("f", "m", id="2")))
    assert not in_place(voice, Message(form=Form.VOICE, file=File("f", "m", id="2")))
    assert not in_place(Message(form=Form.LOCATION), Message(form=Form.LOCATION))
    assert merged(photo, Message(html="b")) == Message(form=Form.PHOTO, html="b", file=File("f", "m", id="1"))
    assert merged(text, photo) == photo


def test_characters_are_counted_as_telegram_does() -> None:
    assert not too_long(Message(), "a" * 4000, above=0)
    assert too_long(Message(), "😀" * 2049, above=0)
    assert too_long(Message(form=Form.VIDEO), "a" * 900, above=40)


def test_the_message_comes_back_from_its_row() -> None:
    message = Message(form=Form.VIDEO, html="<b>a</b>", file=File("video", "video/mp4", id="x"))
    assert Message.from_json(message.to_json()) == message


# --- a confirmation confirms what it showed -------------------------------------------------------------------------


def test_an_old_button_of_a_draft_that_was_written_anew_shows_the_new_one_and_sends_nothing(chat: Chat) -> None:
    siti, maria = registered(chat), staffed(chat, "Maria")
    drafted(maria, "Kelas dibatalkan.")
    data, message = maria.button("Kirim sekarang")
    maria.types("Kelas tetap ada.").looks_up()
    siti.looks_up()
    maria.sends_tap(data, message).sees_toast("Sudah diubah").sees("Kelas tetap ada.", "Kirim sekarang")
    siti.sees_nothing_new()
    maria.taps("Kirim sekarang")
    chat.look()
    siti.sees("Kelas tetap ada.").does_not_see("dibatalkan")


def test_an_old_button_of_a_draft_that_goes_to_others_by_now_shows_it_again(chat: Chat) -> None:
    maria = staffed(chat, "Maria")
    registered(chat)
    session = chat.add_class()
    enrolled(chat, "Budi", session=session)
    drafted(maria, to=f"class:{session}")
    data, message = maria.button("Kirim sekarang")
    maria.taps("Tambah").sends_tap("broadcasts:to:mine").sees("Kirim sekarang")
    maria.sends_tap(data, message).sees_toast("Sudah diubah").sees("Kirim sekarang")
    assert newest(chat).status == BroadcastStatus.DRAFT
    maria.taps("Kirim sekarang")
    assert newest(chat).status != BroadcastStatus.DRAFT
