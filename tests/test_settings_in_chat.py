"""/pengaturan: settings that admins make in the chat lie over content/, hold at once in every process, and can be taken
back; what is planned already follows, and the record says who set what."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.catalogue.overriding import Override, in_force, overridden
from bot.database import migrate
from bot.overridable import EVERYWHERE, What
from bot.people.audit import AuditRow
from bot.people.people import Role
from bot.people.quiet_hours import next_opening
from bot.programme import overrides
from bot.programme.sessions import ClassSession, SessionLead
from bot.settings import ROOT
from tests.chat import Chat, Phone, content, enrolled, local, registered, staffed

SITE = "labuan-bajo"
BAD = {
    "overrides:ask:hour": {
        "9-5": "Itu terbaca 09.00 sampai 05.00",
        "asdf": "Jamnya belum terbaca",
        "02.00-23.00": "terlalu pagi atau terlalu malam",
        "08.00-09.00": "Perlu paling sedikit tiga jam",
        "25.00-26.00": "Jamnya belum terbaca",
        "08.00-19.30 WIB": "Tulis tanpa WIB, WITA, atau WIT",
    },
    "overrides:ask:free": {
        "1 Januari 2020": "Rabu, 1 Januari 2020 sudah lewat",
        "31 Februari": "tidak ada",
        "1-30 Desember 2026": "Itu 30 hari",
        "26-24 Desember 2026": "Kamis, 24 Desember 2026 lebih dulu",
        "1 Desember 2036": "lebih dari dua tahun",
        "kapan-kapan": "Tanggalnya belum terbaca",
    },
    "overrides:ask:seat": {
        "0": "0 kursi tidak bisa",
        "5000": "5.000 kursi tidak bisa",
        "10.000": "10.000 kursi tidak bisa",
        "banyak": "belum terbaca",
    },
    "overrides:ask:lead": {
        "10 menit": "10 menit tidak bisa",
        "30 hari": "30 hari tidak bisa",
        "nanti": "Waktunya belum terbaca",
        "1 hari, 2 hari, 3 hari, 4 hari, 5 hari": "Paling banyak 4",
    },
    f"overrides:ask:name:{SITE}": {
        "x" * 60: "Nama itu 60 huruf",
        "12": "belum terbaca",
        "Samosir": "Sudah ada lokasi bernama Samosir",
        "Labuan Bajo": "sama dengan yang sekarang",
    },
    f"overrides:ask:pin:{SITE}": {
        "di sana": "Pin belum terbaca",
        "119.88, -8.49": "Maksudnya -8.49, 119.88?",
        "52.5, 13.4": "di luar Indonesia",
    },
    f"overrides:ask:talk:{SITE}": {"=1+1": "Kontaknya belum terbaca", "x" * 90: "Kontaknya belum terbaca"},
}


def admin(chat: Chat, name: str = "Dewi") -> Phone:
    return staffed(chat, name, role=Role.ADMIN, site=None)


def notes(chat: Chat) -> list[AuditRow]:
    with chat.database.transaction() as db:
        rows = list(db.scalars(select(AuditRow).where(AuditRow.action == "setting_changed").order_by(AuditRow.id)))
        db.expunge_all()
        return rows


def leads_of(chat: Chat, session: int) -> dict[int, tuple[object, bool]]:
    """The reminders of a class: when they are due, and whether they are done."""
    with chat.database.transaction() as db:
        found = db.scalars(select(SessionLead).where(SessionLead.session_id == session))
        return {one.lead_minutes: (one.due_at, one.done_at is not None) for one in found}


def test_hours_are_set_hold_at_once_and_go_back_to_the_file(chat: Chat) -> None:
    boss = admin(chat).types("/pengaturan").sees("jam kirim pesan: 08.00-19.30", "kursi per kelas: 20")
    boss.taps("Ubah jam").sees("Sekarang: 08.00-19.30", "Ini nilai asal", "Contoh: 08.00-19.30")
    boss.types("9 sampai 17").sees("Sekarang: 08.00-19.30", "Menjadi: 09.00-17.00", "Balasan tetap kapan saja")
    assert f"{chat.app.content.open_hours(SITE).opens:%H.%M}" == "08.00", "nothing holds before the tap"
    boss.taps("Ya, ubah").sees("Sudah diubah: jam kirim pesan untuk semua lokasi", "Sekarang: 09.00-17.00")
    boss.taps("Kembali").sees("jam kirim pesan: 09.00-17.00")
    assert f"{chat.app.content.open_hours(SITE).closes:%H.%M}" == "17.00"
    chat.restart()
    assert f"{chat.app.content.open_hours(SITE).closes:%H.%M}" == "17.00", "after a start, too"
    boss.taps("Ubah jam").sees("Diubah Dewi, Sen 23 Nov, 09.00 WIB. Asalnya: 08.00-19.30")
    boss.taps("Kembali ke asal").sees("ke asal?", "Menjadi: 08.00-19.30").taps("Ya, ubah").sees("Sekarang: 08.00-19.30")
    boss.taps("Kembali").taps("Ubah jam").sees("Ini nilai asal").does_not_see("Kembali ke asal")
    boss.types("/catatan").sees("Dewi mengubah pengaturan (jam kirim pesan: 09.00-17.00)")
    assert [row.details["to"] for row in notes(chat)] == [["09.00", "17.00"], ["08.00", "19.30"]]


@pytest.mark.parametrize("asked", [*BAD])
def test_what_cannot_be_is_told_with_an_example_and_changes_nothing(chat: Chat, asked: str) -> None:
    boss = admin(chat).sends_tap(asked)
    for typed, said in BAD[asked].items():
        boss.types(typed).sees(said, "Contoh:").does_not_see("Ya, ubah")
    assert notes(chat) == []
    boss.types("/batal").sees("tidak ada yang diubah")


@pytest.mark.both_databases
def test_of_two_admins_the_second_is_shown_what_holds_now(chat: Chat) -> None:
    dewi, joko = admin(chat), admin(chat, "Joko")
    for boss, seats in ((dewi, "25"), (joko, "30")):
        boss.types("/pengaturan").taps("Ubah kursi").types(seats).sees(f"Menjadi: {seats}")
    dewi.taps("Ya, ubah").sees("Sekarang: 25")
    joko.taps("Ya, ubah").sees_toast("admin lain")
    joko.sees("belum disimpan", "baru saja diubah Dewi, Sen 23 Nov, 09.00 WIB", "Sekarang: 25")
    assert chat.app.content.capacity(SITE) == 25
    joko.taps("Ubah lagi").types("30").taps("Ya, ubah").sees("Sekarang: 30")
    assert [row.details["to"] for row in notes(chat)] == [25, 30]


def test_a_second_tap_says_that_it_is_done_and_an_old_confirmation_confirms_nothing_else(chat: Chat) -> None:
    boss = admin(chat).types("/pengaturan").taps("Ubah kursi").types("25")
    first = boss.button("Ya, ubah")
    boss.types("30").sees("Menjadi: 30")
    second = boss.button("Ya, ubah")
    boss.sends_tap(*first).sees_toast("Tombol lama")
    assert chat.app.content.capacity(SITE) == 20
    boss.types("30").sees("Menjadi: 30").sends_tap(*second).sees("Sekarang: 30")
    boss.sends_tap(*second).sees("Sekarang: 30", "sudah diubah tadi")
    assert len(notes(chat)) == 1


def test_others_change_nothing(chat: Chat) -> None:
    boss = admin(chat).types("/pengaturan").taps("Ubah kursi").types("25")
    data, _ = boss.button("Ya, ubah")
    for phone in (staffed(chat, "Maria"), registered(chat, "Siti")):
        for tap in (data, "overrides:ask:seat", f"overrides:to:{SITE}:no", "overrides:list"):
            phone.sends_tap(tap).sees("hanya untuk pelatih atau admin")
        phone.types("pengaturan").does_not_see("Ubah kursi")
    assert notes(chat) == []


def test_who_is_no_admin_any_more_answers_no_question(chat: Chat) -> None:
    boss, other = admin(chat), admin(chat, "Joko")
    boss.types("/pengaturan").taps("Ubah kursi")
    other.types("/staf").taps("Dewi").taps("Cabut").taps("Ya, cabut")
    boss.types("25").sees("hanya untuk pelatih atau admin")
    assert notes(chat) == []


def test_who_was_in_between_is_asked_again_and_loses_nothing(chat: Chat) -> None:
    boss = admin(chat).types("/pengaturan").taps("Ubah kursi").types("25").sees("Menjadi: 25")
    boss.sends(
        sticker={
            "file_id": "s",
            "file_unique_id": "s",
            "type": "regular",
            "width": 1,
            "height": 1,
            "is_animated": False,
            "is_video": False,
        }
    ).sees("Menjadi: 25", "Ya, ubah")
    boss.taps("Ya, ubah").sees("Sekarang: 25")


# --- sites ----------------------------------------------------------------------------------------------------------


def test_a_closed_site_takes_nobody_new_and_its_people_and_classes_go_on(chat: Chat) -> None:
    session = chat.add_class()
    chat.add_class("LB-2", title="Kelas Kedua", starts=local(27, 10))
    siti, maria = enrolled(chat, "Siti", session=session), staffed(chat, "Maria")
    boss = admin(chat).types("pengaturan labuan bajo").sees("Labuan Bajo, waktu WITA", "Pendaftaran: dibuka")
    boss.taps("Tutup pendaftaran").sees("Tutup pendaftaran Labuan Bajo?", "2 kelas tetap berjalan")
    boss.taps("Ya, ubah").sees("ditutup untuk orang dan kelas baru").taps("Kembali").sees("Buka pendaftaran")
    chat.phone("Ani").starts("s_labuan-bajo").sees("belum dibuka")
    maria.types("/sesi").taps("Buat kelas").does_not_see("Labuan Bajo")
    maria.types("/batal")
    siti.types("/jadwal").sees("Foto Produk")
    siti.types("/kelas").sees("Kelas Kedua").taps("Kelas Kedua").taps("Ikut kelas ini").sees("sudah dapat kursi")
    maria.types("/pengumuman").taps("Semua peserta saya").sees("Kirim isi pengumuman")
    boss.taps("Buka pendaftaran").sees("Orang bisa mendaftar lagi").taps("Ya, ubah").sees("Sekarang: dibuka")
    chat.phone("Budi").starts("s_labuan-bajo").does_not_see("belum dibuka")


def test_a_site_without_a_place_is_not_opened(chat: Chat) -> None:
    boss = admin(chat).sends_tap("overrides:site:ekraf-victory").sees("zona waktu belum diketahui")
    boss.taps("Buka pendaftaran").sees("zona waktunya belum diketahui")
    assert notes(chat) == []


def test_a_site_is_renamed_and_still_found_by_its_old_name(chat: Chat) -> None:
    boss = admin(chat).sends_tap(f"overrides:site:{SITE}").taps("Ubah nama").types("Waringin").taps("Ya, ubah")
    boss.sees("nama lokasi Waringin")
    registered(chat, "Siti").types("/profil").sees("Waringin")
    assert [site.id for site in chat.app.content.search_sites("labuan bajo")] == [SITE]
    assert [site.id for site in chat.app.content.search_sites("waringin")] == [SITE]
    assert "to" not in notes(chat)[0].details, "the record holds no words that somebody wrote"


def test_no_two_sites_are_called_alike_not_even_when_a_name_goes_back_to_the_file(chat: Chat) -> None:
    boss = admin(chat).sends_tap(f"overrides:ask:name:{SITE}").types("Waringin").taps("Ya, ubah")
    boss.sends_tap("overrides:ask:name:samosir").types("labuan bajo").sees("Sudah ada lokasi bernama labuan bajo")
    with chat.database.transaction() as db:  # as a version before this one let it be done
        row = overrides.OverrideRow(what="name", site_id="samosir", value={"value": "Labuan Bajo"}, version=1)
        row.set_at, row.set_by = chat.now, 1
        db.add(row)
    boss.sends_tap(f"overrides:back:name:{SITE}").sees("Sudah ada lokasi bernama Labuan Bajo")
    assert [site.name for site in chat.app.content.sites if site.id in (SITE, "samosir")] == ["Labuan Bajo", "Waringin"]


def test_a_closed_site_gets_no_class_by_a_copy_either(chat: Chat) -> None:
    session = chat.add_class()
    maria = staffed(chat, "Maria").sends_tap(f"sessions:copy:{session}").types("besok 9").sees("Simpan kelas ini?")
    admin(chat).sends_tap(f"overrides:to:{SITE}:no").taps("Ya, ubah")
    maria.taps("Simpan").sees("Pendaftaran di Labuan Bajo sedang ditutup").does_not_see("sudah dibuat")
    bram = staffed(chat, "Bram").sends_tap(f"sessions:copy:{session}").sees("sedang ditutup").does_not_see("Kapan")
    bram.types("/menu")
    maria.sends_tap("sessions:new").sees("Semua lokasi Anda sedang ditutup").does_not_see("lokasi mana")
    maria.sends_tap("sessions:links").sees("Tidak ada lokasi Anda yang dibuka sekarang")
    with chat.database.transaction() as db:
        assert db.query(ClassSession).count() == 1


def test_whose_site_was_closed_while_registering_is_told_why_the_place_is_asked_again(chat: Chat) -> None:
    ani = chat.phone("Ani").starts("s_labuan-bajo").taps("Ya, setuju").taps("Ibu").types("Ani").taps("Makanan")
    admin(chat).sends_tap(f"overrides:to:{SITE}:no").taps("Ya, ubah")
    ani.taps("Sudah benar").sees("Kelas Labuan Bajo belum dibuka", "pilih lokasi lain")
    ani.types("samosir").taps("Samosir").sees("Lokasi: Samosir").taps("Sudah benar").sees("Samosir")


def test_a_contact_that_nobody_can_reach_is_told_so(chat: Chat) -> None:
    boss = admin(chat)
    for contact, fits in {"Bu Maria": False, "0812": False, "Bu Maria, 0812-3456-7890": True, "@bumaria": True}.items():
        boss.sends_tap(f"overrides:ask:talk:{SITE}").types(contact).sees(f"Menjadi: {contact}", "0800-0000-000")
        (boss.does_not_see if fits else boss.sees)("Belum ada nomor HP")


def test_a_pin_is_read_from_the_link_of_a_map_and_shown_to_the_metre(chat: Chat) -> None:
    boss = admin(chat)
    for link in (
        "https://maps.google.com/?q=-8.49681,119.87874",
        "https://www.google.com/maps/place/Puncak/@-8.49681,119.87874,17z/data=x",
        "https://www.google.com/maps/search/?api=1&query=-8.49681%2C119.87874",
    ):
        boss.sends_tap(f"overrides:ask:pin:{SITE}").types(link).sees("Menjadi: -8.49681, 119.87874")


@pytest.mark.both_databases
def test_a_restart_and_files_read_again_between_question_and_tap_lose_nothing(chat: Chat) -> None:
    boss = admin(chat).sends_tap("overrides:ask:seat").types("25")
    chat.restart()
    boss.taps("Ya, ubah").sees("Sekarang: 25")
    boss.sends_tap("overrides:ask:free").types("24-26 Desember 2026").types("/muat_ulang")
    boss.sends_tap(*boss.button("Ya, ubah")).sees("1 libur")
    assert (chat.app.content.capacity(SITE), len(chat.app.content.holidays[EVERYWHERE])) == (25, 1)


def test_a_pin_far_from_the_one_before_is_told_and_used(chat: Chat) -> None:
    boss = admin(chat).sends_tap(f"overrides:site:{SITE}").taps("Ubah pin").shares_location(-2.53, 140.7)
    boss.sees("Menjadi: -2.53, 140.7", "km dari yang sekarang").taps("Kembali").taps("Ubah pin")
    boss.types("-8,51 119,9").sees("Menjadi: -8.51, 119.9", "lokasi terdekat").types("ya").sees(
        "Sekarang: -8.51, 119.9"
    )
    site = chat.app.content.site(SITE)
    assert site is not None
    assert (site.lat, site.lon) == (-8.51, 119.9)


def test_the_contact_of_a_site_is_for_its_people_and_not_for_their_data(chat: Chat) -> None:
    session = chat.add_class()
    boss = admin(chat).sends_tap(f"overrides:ask:talk:{SITE}").types("Bu Maria, 0812-3456-7890")
    boss.sees("data pribadi tetap: 0800-0000-000").taps("Ya, ubah")
    siti = enrolled(chat, "Siti", session=session)
    siti.types("/bantuan").sees("Bu Maria, 0812-3456-7890")
    siti.types("/privasi").does_not_see("Bu Maria")
    siti.types("/jadwal").taps("✅ Kam 26 Nov").sees("Bu Maria")
    registered(chat, "Anton", "samosir").types("/bantuan").sees("0800-0000-000").does_not_see("Bu Maria")


# --- rules ----------------------------------------------------------------------------------------------------------


def test_a_site_keeps_its_own_rule_where_that_of_all_changes(chat: Chat) -> None:
    boss = admin(chat).sends_tap(f"overrides:rules:{SITE}").sees("kursi per kelas: 20 (sama dengan semua lokasi)")
    boss.taps("Ubah kursi").types("12 kursi").taps("Ya, ubah").sees("untuk Labuan Bajo", "Sekarang: 12")
    boss.types("/pengaturan").taps("Ubah kursi").types("30").taps("Ya, ubah")
    assert (chat.app.content.capacity(SITE), chat.app.content.capacity("samosir")) == (12, 30)
    boss.sends_tap(f"overrides:rules:{SITE}").sees("kursi per kelas: 12 (aturan sendiri)")
    staffed(chat, "Maria").types("/sesi").taps("Buat kelas").types("Kelas Baru").types("besok 9").taps("2 jam").sees(
        "12"
    )


def test_other_leads_plan_reminders_anew_and_send_none_twice_or_late(chat: Chat) -> None:
    session = chat.add_class(starts=local(25, 10))
    siti = enrolled(chat, "Siti", session=session)
    chat.travel(to=local(24, 11))
    assert leads_of(chat, session)[1440][1], "the day before was told"
    seen = len(siti.bubbles)
    boss = admin(chat).types("ubah pengingat kelas").types("2 hari, 1 hari dan 3 jam")
    boss.sees("Menjadi: 2 hari, 1 hari, 3 jam", "Pengingat 1 kelas", "lewat tidak dikirim").taps("Ya, ubah")
    boss.sees("Pengingat 1 kelas sudah disesuaikan")
    found = leads_of(chat, session)
    assert {minutes: done for minutes, (_, done) in found.items()} == {2880: True, 1440: True, 180: False}
    assert found[180][0] == local(25, 7)
    assert len(siti.bubbles) == seen, "none comes late"


def test_a_reminder_held_for_the_old_hours_follows_the_new_ones(chat: Chat) -> None:
    chat.travel(to=local(23, 20))
    session = chat.add_class(starts=local(24, 21))
    enrolled(chat, "Siti", session=session)
    chat.travel(to=local(23, 21, 30))
    held, _ = leads_of(chat, session)[1440]
    assert held == local(24, 8), "held over night"
    boss = admin(chat).types("ubah jam kirim pesan").types("06.00-19.30").sees("Pengingat 1 kelas menyesuaikan")
    boss.taps("Ya, ubah").sees("Pengingat 1 kelas sudah disesuaikan")
    chat.travel(minutes=1)
    assert leads_of(chat, session)[1440][0] == local(24, 6)


def test_on_a_holiday_nothing_is_sent_and_no_mentor_works(chat: Chat) -> None:
    session = chat.add_class(starts=local(26, 16))
    enrolled(chat, "Siti", session=session)
    boss = admin(chat).types("hari libur").sees("Hari libur untuk semua lokasi: belum ada")
    boss.types("25-26 November 2026").sees("Rabu, 25 November 2026 sampai Kamis, 26 November 2026")
    boss.sees("1 kelas pada hari itu tetap berjalan", "Yang terlambat tidak dikirim").taps("Ya, ubah").sees("1 libur")
    chat.travel(to=local(25, 16, 30))
    assert leads_of(chat, session)[1440][1], "the next opening would be after the class"
    hours = chat.app.content.mentoring_hours(SITE)
    assert any(one.on(local(25, 9).date()) and f"{one.start:%H}" == "00" for one in hours.closed)
    boss.types("hari libur").sees("1. Rabu, 25 November").types("25 November 2026").sees("sudah libur")
    boss.taps("Hapus 1").sees("Hapus hari libur untuk semua lokasi?").taps("Ya, ubah").sees("Sekarang: belum ada")
    assert chat.app.content.holidays == {EVERYWHERE: ()}


def test_nothing_closes_a_site_for_weeks(chat: Chat) -> None:
    boss = admin(chat).types("hari libur")
    boss.types("7-16 Desember 2026").taps("Ya, ubah").sees("1 libur")
    boss.types("hari libur").types("17-24 Desember 2026").sees("tutup lebih dari dua minggu").does_not_see("Ya, ubah")
    assert len(notes(chat)) == 1


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("24-26 Desember", "2026-12-24", "2026-12-26"),
        ("24 Desember 2026 sampai 2 Januari 2027", "2026-12-24", "2027-01-02"),
        ("30 Des 2026-2 Jan 2027", "2026-12-30", "2027-01-02"),
        ("24/12-26/12", "2026-12-24", "2026-12-26"),
        ("2026-12-25", "2026-12-25", "2026-12-25"),
        ("17 agustus", "2027-08-17", "2027-08-17"),
        ("besok", "2026-11-24", "2026-11-24"),
        ("hari ini", "2026-11-23", "2026-11-23"),
    ],
)
def test_days_are_read_as_people_write_them(chat: Chat, typed: str, first: str, last: str) -> None:
    boss = admin(chat).types("hari libur").types(typed).sees("Tambah hari libur untuk semua lokasi?")
    boss.taps("Ya, ubah")
    assert [f"{one.first} {one.last}" for one in chat.app.content.holidays[EVERYWHERE]] == [f"{first} {last}"]


def test_a_long_holiday_after_a_weekend_leaves_mentors_an_opening(chat: Chat) -> None:
    admin(chat).types("hari libur").types("7-16 Desember 2026").taps("Ya, ubah").sees("1 libur")
    for hours in (chat.app.content.mentoring_hours(SITE), chat.app.content.open_hours(SITE)):
        for days in range(6):
            assert next_opening(hours, local(3, 23, month=12) + timedelta(days=days)) < local(18, 0, month=12)


def test_hours_that_do_not_fit_the_files_are_left_out() -> None:
    files = content()
    days = [["2026-12-07", "2026-12-20"], ["2026-12-21", "2026-12-30"]]
    both = [Override(What.HOLIDAYS, EVERYWHERE, days), Override(What.SEATS, EVERYWHERE, 30)]
    found, whole = in_force(files, both)
    assert (found.capacity(SITE), whole, found.holidays) == (30, False, {})


# --- processes, files, the command line -----------------------------------------------------------------------------


def test_another_process_sees_it_at_its_next_look_and_keeps_it_over_files_read_again(chat: Chat) -> None:
    other = overrides.InForce(content())
    admin(chat).types("/pengaturan").taps("Ubah kursi").types("25").taps("Ya, ubah")
    assert other.content.capacity(SITE) == 20
    with chat.database.transaction() as db:
        assert other.look(db)
        assert not other.look(db), "nothing new"
    assert other.content.capacity(SITE) == 25
    files = content()
    other.use(replace(files, programme=files.programme.model_copy(update={"capacity": 40})))
    assert (other.content.capacity(SITE), other.content.written.capacity(SITE)) == (25, 40)


def test_without_settings_content_is_what_stands_in_the_files() -> None:
    files = content()
    assert overridden(files, ()) is files
    changed = overridden(files, [Override(What.NAME, "nowhere", "X"), Override(What.SEATS, SITE, 7)])
    assert changed.sites == files.sites
    assert (changed.capacity(SITE), changed.capacity("samosir")) == (7, 20)
    assert overridden(changed, ()) is files
    assert changed.understand("menu") == files.understand("menu")


def test_typed_words_lead_there(chat: Chat) -> None:
    boss = admin(chat)
    boss.types("pengaturan").sees("Pengaturan untuk semua lokasi")
    boss.types("ubah jam kirim pesan").sees("Jam berapa pesan otomatis").types("batal")
    boss.types("atur lokasi samosir").sees("Samosir, waktu WIB")
    boss.types("/pengaturan").taps("Pilih lokasi").types("golo loni").sees("Golo Loni, waktu WITA")
    boss.types("/menu").taps("Lihat pengaturan").sees("Pengaturan untuk semua lokasi")


def test_check_shows_what_the_database_sets(tmp_path: object) -> None:
    url = f"sqlite:///{tmp_path}/bot.sqlite"
    migrate(url)
    opened = Chat(url)
    try:
        admin(opened).types("/pengaturan").taps("Ubah kursi").types("25").taps("Ya, ubah")
        with opened.database.transaction() as db:
            lines = overrides.lines_about(db, content())
    finally:
        opened.close()
    assert lines == ["set in the chat: capacity of all sites: 25 (content/: 20; 2026-11-23 02:00 UTC, account 1)"]
    command = [sys.executable, "-m", "bot", "check"]
    done = subprocess.run(
        command, cwd=ROOT, env={"DATABASE_URL": url, "PATH": "/usr/bin"}, capture_output=True, text=True, check=False
    )
    assert lines[0] in done.stdout
    assert done.returncode == 0


def test_a_look_costs_little_and_finds_old_rows_unharmed(chat: Chat) -> None:
    """A row of a version that knows more settings changes nothing here."""
    with chat.database.transaction() as db:
        row = overrides.OverrideRow(what="later", site_id="", value={"value": 1}, version=1, set_by=1)
        row.set_at = chat.now - timedelta(days=1)
        db.add(row)
    registered(chat, "Siti").types("/kelas")
    assert chat.app.content.programme == chat.app.content.written.programme
