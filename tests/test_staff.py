"""Trainers and admins: invitations, taking rights away, and the record of what staff did."""

from __future__ import annotations

import ast
import io
import os
import random
import re
from datetime import datetime, timedelta

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from bot.delivery.outbox import OutboxRow
from bot.people import rights
from bot.people.audit import AuditRow
from bot.people.people import Consent, Person, Role, RoleGrant
from bot.programme import staff
from bot.programme.enrolment import TAKEN, Enrolment
from bot.programme.sessions import ClassSession
from bot.programme.staff import Invitation
from bot.settings import ROOT
from tests.chat import Chat, Phone, enrolled, registered, staffed, texts
from tests.databases import by_turns
from tests.test_rights import ADMIN, RIGHTS, admin

AT_TEN = datetime(2026, 11, 23, 10, 0)  # noqa: DTZ001 - a spreadsheet knows wall time only


@pytest.fixture
def admins() -> tuple[int, ...]:
    return (ADMIN,)


def invited(chat: Chat, who: Phone, *ways: str) -> str:
    """The code of a link that an admin made, as it stands in the picture's words."""
    who.types("/staf").taps("Undang staf")
    for way in ways:
        who.taps(way)
    found = re.search(r"\?start=t_([\w-]+)", who.last.text)
    assert found, who.transcript()
    return found[1]


def trainer_code(chat: Chat, who: Phone) -> str:
    return invited(chat, who, "Undang pelatih", "Samosir")


def actions(chat: Chat) -> list[str]:
    with chat.database.transaction() as db:
        return list(db.scalars(select(AuditRow.action).order_by(AuditRow.id)))


# --- invitations ----------------------------------------------------------------------------------------------------


def test_somebody_becomes_a_trainer_by_a_link(chat: Chat) -> None:
    boss = admin(chat)
    code = trainer_code(chat, boss)
    boss.sees("pelatih di Samosir", "https://t.me/jalin_bot?start=t_", "Rabu, 25 November 2026 pukul 09.00 WIB")
    assert boss.last.method == "sendPhoto"
    assert boss.last.params["files"]["photo"][1].startswith(b"\x89PNG")
    maria = chat.phone("Maria").starts(f"t_{code}")
    maria.sees(
        "Admin program mengajak jadi pelatih di Samosir", "mencatat kehadiran", "Ya, saya mau", "Bukan untuk saya"
    )
    with chat.database.transaction() as db:
        assert db.scalar(select(func.count(RoleGrant.id))) == 0, "nobody is staff by opening a link"
    maria.taps("Ya, saya mau").sees("Selamat bergabung sebagai pelatih di Samosir", "Siapa nama panggilannya?")
    maria.types("Bu Maria").sees("Terima kasih, Maria", "Atur kelas")
    chat.add_class("SM-1", site="samosir")
    maria.taps("Atur kelas").sees("Kelas Anda", "Foto Produk")
    with chat.database.transaction() as db:
        account = maria.account(db)
        assert account is not None
        assert account.staff_name == "Maria"
        assert rights.sites_of(db, account) == {"samosir"}
        # a trainer takes part in nothing, and agreed to nothing
        assert (db.scalar(select(func.count(Person.id))), db.scalar(select(func.count(Consent.id)))) == (0, 0)
    assert actions(chat) == ["staff_invited", "role_taken", "staff_named"]
    menus = [given for method, given in chat.telegram.calls if method == "setMyCommands"]
    assert {"sesi", "peserta"} <= {command["command"] for command in menus[-1]["commands"]}


def test_somebody_becomes_a_mentor_by_a_link_and_has_none_of_the_rights_of_a_trainer(chat: Chat) -> None:
    boss = admin(chat)
    chat.add_class("SM-1", site="samosir")
    code = invited(chat, boss, "Undang pendamping", "Samosir")
    boss.sees("pendamping di Samosir")
    rina = chat.phone("Rina").starts(f"t_{code}").sees("menjawab pertanyaan peserta").taps("Ya, saya mau")
    rina.sees("bergabung sebagai pendamping di Samosir").types("Rina")
    rina.sees("Terima kasih, Rina").does_not_see("Atur kelas")
    rina.types("/menu").sees("Ini menu pendamping").does_not_see("Atur kelas", "Lihat peserta")
    rina.types("/sesi").sees("hanya untuk pelatih atau admin").does_not_see("Foto Produk")
    with chat.database.transaction() as db:
        account = rina.account(db)
        assert account is not None
        assert rights.mentors_of(db, "samosir", trainers_answer=True) == [account]
        assert rights.mentors_of(db, "jayapura", trainers_answer=True) == []
        assert rights.sites_of(db, account) == frozenset()
    boss.types("/staf").sees("Rina, pendamping di Samosir").taps("Rina").taps("Cabut").taps("Ya, cabut")
    rina.sees("Peran sebagai pendamping di Samosir sudah selesai")
    with chat.database.transaction() as db:
        assert rights.mentors_of(db, "samosir", trainers_answer=True) == []


def test_trainers_answer_unless_the_programme_says_otherwise(chat: Chat) -> None:
    maria = staffed(chat, "Maria", site="samosir")
    with chat.database.transaction() as db:
        assert rights.mentors_of(db, "samosir", trainers_answer=True) == [maria.account(db)]
        assert rights.mentors_of(db, "samosir", trainers_answer=False) == []


def test_a_mentor_can_have_their_data_and_have_them_erased(chat: Chat) -> None:
    rina = staffed(chat, "Rina", role=Role.MENTOR, site="samosir")
    rina.types("/data_saya").sees("Rina", "pendamping di Samosir")
    rina.types("/hapus_data").sees("Rina").taps("Ya, hapus")
    with chat.database.transaction() as db:
        assert db.scalar(select(func.count(RoleGrant.id))) == 0


def test_who_is_registered_keeps_their_name_and_is_asked_nothing(chat: Chat) -> None:
    code = trainer_code(chat, admin(chat))
    siti = registered(chat, "Siti").starts(f"t_{code}").taps("Ya, saya mau")
    siti.sees("Selamat bergabung").does_not_see("Siapa nama panggilannya?")
    siti.types("/menu").sees("Pilih kelas").does_not_see("Atur kelas").taps("Buka menu pelatih")
    siti.sees("Atur kelas", "Lihat peserta", "Lihat tugas").does_not_see("Atur staf")
    siti.taps("Kembali").sees("Pilih kelas")


def test_a_link_serves_one_person_once(chat: Chat) -> None:
    boss = admin(chat)
    code = trainer_code(chat, boss)
    maria, rina = chat.phone("Maria").starts(f"t_{code}"), chat.phone("Rina").starts(f"t_{code}").sees("Ya, saya mau")
    maria.taps("Ya, saya mau")
    chat.phone("Anton").starts(f"t_{code}").sees("sudah dipakai, dibatalkan, atau lewat 48 jam", "0800-0000-000")
    rina.taps("Ya, saya mau").sees("sudah dipakai, dibatalkan, atau lewat 48 jam")
    maria.types("Maria").starts(f"t_{code}").sees("Anda sudah menjadi pelatih di Samosir")
    maria.does_not_see("masih bisa dipakai orang lain")
    other = trainer_code(chat, boss)
    maria.starts(f"t_{other}").sees("Anda sudah menjadi pelatih di Samosir", "masih bisa dipakai orang lain")
    with chat.database.transaction() as db:
        assert db.scalar(select(func.count(RoleGrant.id))) == 1


def test_two_who_accept_at_once_are_one_and_a_refusal(chat: Chat) -> None:
    code = trainer_code(chat, admin(chat))
    phones = [chat.phone(f"Orang {number}").starts(f"t_{code}") for number in range(6)]
    chat.deliver_all([phone.tap_update(f"staff:accept:{code}") for phone in phones])
    with chat.database.transaction() as db:
        assert db.scalar(select(func.count(RoleGrant.id))) == 1
    assert sum("Selamat bergabung" in bubble.text for phone in phones for bubble in phone.bubbles) == 1


def test_a_link_ends_after_48_hours(chat: Chat) -> None:
    boss = admin(chat)
    first, second = trainer_code(chat, boss), trainer_code(chat, boss)
    chat.travel(hours=47, minutes=59)
    maria = chat.phone("Maria").starts(f"t_{first}").sees("Ya, saya mau")
    chat.travel(minutes=1)
    chat.phone("Anton").starts(f"t_{second}").sees("lewat 48 jam")
    maria.taps("Ya, saya mau").sees("lewat 48 jam")


@pytest.mark.parametrize("code", ["", "x", "t_t_", "a" * 60])
def test_a_link_nobody_made_is_answered_kindly(chat: Chat, code: str) -> None:
    chat.phone("Maria").starts(f"t_{code}").sees("Minta yang baru ke admin", "Bantuan")


def joins_as_admin(chat: Chat, boss: Phone, name: str = "Rina") -> Phone:
    code = invited(chat, boss, "Undang admin")
    rina = chat.phone(name).starts(f"t_{code}").taps("Ya, saya mau").sees("memeriksa dulu")
    boss.sees(name, "Haknya baru mulai setelah dibenarkan").taps("Ya, benar").sees("Sudah dibenarkan")
    return rina.sees("Selamat bergabung sebagai admin").taps("Tulis nama saya").types(name)


def test_an_admin_can_make_admins(chat: Chat) -> None:
    rina = joins_as_admin(chat, admin(chat)).types("/staf").sees("Rina, admin", "Undang staf")
    chat.phone("Maria").starts(f"t_{trainer_code(chat, rina)}").sees("Rina mengajak jadi pelatih di Samosir")


def test_an_admins_rights_begin_when_an_admin_says_it_was_the_right_person(chat: Chat) -> None:
    boss = admin(chat)
    code = invited(chat, boss, "Undang admin")
    budi = registered(chat, "Budi").starts(f"t_{code}").sees("jadi admin", "semua lokasi").taps("Ya, saya mau")
    boss.sees("Budi menerima undangan sebagai admin", "Ya, benar", "Bukan, cabut")
    budi.types("/staf").sees("hanya untuk pelatih atau admin")
    budi.starts(f"t_{code}").sees("sedang diperiksa admin")
    chat.phone("Anton").starts(f"t_{code}").sees("sudah dipakai")
    boss.taps("Bukan, cabut").sees("Undangan sebagai admin sudah dibatalkan")
    budi.sees("dibatalkan admin", "0800-0000-000").types("/staf").sees("hanya untuk pelatih atau admin")
    boss.sends_tap("staff:confirm:1").sees("sudah tidak berlaku")
    budi.types("/staf").sees("hanya untuk pelatih atau admin")
    with chat.database.transaction() as db:
        assert db.scalar(select(func.count(RoleGrant.id))) == 0


def test_going_on_with_a_half_made_class_is_not_offered_beside_what_takes_a_role_away(chat: Chat) -> None:
    """Its button would be read as the yes to the question above it."""
    boss = admin(chat)
    staffed(chat, "Maria")
    boss.types("/sesi").taps("Buat kelas").types("/staf").sees("Lanjutkan")
    boss.taps("Maria").taps("Cabut").sees("Haknya langsung hilang", "Ya, cabut").does_not_see("Lanjutkan")
    boss.taps("Kembali").sees("Lanjutkan")


def test_nobody_confirms_themselves_or_after_four_days(chat: Chat) -> None:
    boss = admin(chat)
    code = invited(chat, boss, "Undang admin")
    chat.travel(hours=47)
    budi = chat.phone("Budi").starts(f"t_{code}").taps("Ya, saya mau")
    budi.sends_tap("staff:confirm:1").sees("hanya untuk pelatih atau admin")
    chat.travel(hours=48)
    boss.types("/staf").sees("Lihat undangan (1)").taps("Lihat undangan").sees("admin: diterima", "menunggu dibenarkan")
    chat.travel(hours=2)
    boss.sends_tap("staff:confirm:1").sees("sudah tidak berlaku")
    with chat.database.transaction() as db:
        assert db.scalar(select(func.count(RoleGrant.id))) == 0


def test_who_made_an_invitation_hears_who_accepted_it(chat: Chat) -> None:
    boss = admin(chat)
    maria = chat.phone("Maria", username="maria_ndiwa").starts(f"t_{trainer_code(chat, boss)}")
    maria.taps("Ya, saya mau").types("Maria")
    boss.sees("Maria (@maria_ndiwa) menerima undangan sebagai pelatih di Samosir", "Orangnya benar?")
    boss.taps("Ya, benar").sees("Sudah dibenarkan: Maria, pelatih di Samosir")
    boss.sends_tap("staff:confirm:1")
    assert "Sudah dibenarkan: Maria" in boss.last.text
    boss.sends_tap("staff:reject:1").sees("Cabut peran Maria sebagai pelatih di Samosir?").taps("Ya, cabut")
    maria.sees("sudah selesai")
    boss.sends_tap("staff:reject:1").sees("sudah tidak berlaku")
    boss.sends_tap("staff:confirm:1").does_not_see("dibenarkan")
    assert "sudah tidak berlaku" in boss.last.text
    maria.types("/sesi").sees("hanya untuk pelatih")


def test_who_is_not_meant_says_so_and_the_link_stays(chat: Chat) -> None:
    boss = admin(chat)
    code = trainer_code(chat, boss)
    anton = chat.phone("Anton").starts(f"t_{code}").taps("Bukan untuk saya").sees("Tidak ada yang berubah")
    boss.sees("Anton membuka undangan", "Katanya salah orang", "masih bisa dipakai", "Batalkan undangan")
    chat.phone("Maria").starts(f"t_{code}").taps("Ya, saya mau").sees("Selamat bergabung")
    boss.sends_tap("staff:withdraw:1").sees("pelatih di Samosir")  # too late: leads to who has it
    anton.sends_tap(f"staff:decline:{code}").sees("sudah dipakai")


def test_open_invitations_are_listed_and_withdrawn(chat: Chat) -> None:
    boss = admin(chat)
    first, second = trainer_code(chat, boss), invited(chat, boss, "Undang admin")
    boss.types("/staf").taps("Lihat undangan (2)").sees("1. admin, dari", "2. pelatih di Samosir", "Rab 25 Nov, 09.00")
    boss.taps("Batalkan 1").sees("Undangan sebagai admin sudah dibatalkan")
    chat.phone("Rina").starts(f"t_{second}").sees("sudah dipakai, dibatalkan, atau lewat")
    boss.sends_tap("staff:withdraw:2").sees("sudah tidak berlaku")
    chat.phone("Maria").starts(f"t_{first}").sees("Ya, saya mau")
    assert actions(chat) == ["staff_invited", "staff_invited", "invitation_withdrawn"]
    maria = staffed(chat, "Yosef")
    for tap in ("staff:open", "staff:withdraw:1", "staff:confirm:1", "staff:reject:1"):
        maria.sends_tap(tap).sees("hanya untuk pelatih atau admin")


def test_the_name_can_wait_and_be_changed(chat: Chat) -> None:
    boss = admin(chat)
    maria = chat.phone("Maria").starts(f"t_{trainer_code(chat, boss)}").taps("Ya, saya mau")
    maria.types("12345").sees("belum terbaca")
    maria.taps("Nanti saja").sees("lain waktu")
    boss.types("/staf").sees("Staf nomor", "pelatih di Samosir")
    boss.taps("Ubah nama saya").types("Dewi").sees("Terima kasih, Dewi")


def test_the_link_stands_nowhere_afterwards(chat: Chat) -> None:
    code = trainer_code(chat, admin(chat))
    chat.phone("Maria").starts(f"t_{code}").sees("Ya, saya mau")
    with chat.database.transaction() as db:
        rows = db.scalars(select(OutboxRow)).all()
        assert rows
        assert not [row for row in rows if row.message and code in str(row.message)]
        assert [row.code_hash for row in db.scalars(select(Invitation)) if code in row.code_hash] == []


def test_help_is_by_role(chat: Chat) -> None:
    admin(chat).types("/bantuan").sees("undang staf", "0800-0000-000", "Menu").does_not_see("Ayo daftar", "pilih kelas")
    staffed(chat, "Maria").types("/bantuan").sees("catat kehadiran", "Menu").does_not_see("Ayo daftar", "undang staf")
    rina = staffed(chat, "Rina", role=Role.MENTOR).types("/bantuan").sees("jawab pertanyaan peserta")
    rina.does_not_see("Ayo daftar", "catat kehadiran").taps("Menu").sees("Ini menu pendamping")
    siti = registered(chat, "Siti").starts(f"t_{trainer_code(chat, chat.phone('Dewi', ADMIN))}").taps("Ya, saya mau")
    siti.types("/bantuan").sees("pilih kelas", "Buka menu pelatih", "Tanya pendamping")


def test_who_looked_before_being_invited_has_no_registration_to_go_on_with(chat: Chat) -> None:
    """[Lanjutkan] of a question for participants stands on no screen of staff, nor does their text answer it."""
    chat.add_class("SM-1", site="samosir")
    boss = admin(chat)
    maria = chat.phone("Maria").starts("").sees("Ya, setuju").starts(f"t_{trainer_code(chat, boss)}")
    maria.taps("Ya, saya mau").types("Maria").sees("Terima kasih, Maria").does_not_see("Lanjutkan")
    maria.types("/sesi").sees("Foto Produk").does_not_see("Lanjutkan")
    maria.types("/peserta").sees("Foto Produk").does_not_see("Lanjutkan")
    maria.types("qwertyuiop").does_not_see("Setuju ikut", "18")
    # in the middle of it, with consent given: what was answered is kept, and asked for again by [Ayo daftar] alone
    yosef = chat.phone("Yosef").starts("").taps("Ya, setuju").taps("Bapak")
    yosef.starts(f"t_{trainer_code(chat, boss)}").taps("Ya, saya mau").types("Yosef")
    yosef.types("/sesi").sees("Foto Produk").does_not_see("Lanjutkan")
    yosef.types("/menu").taps("Ayo daftar").sees("nama")


# --- taking away ----------------------------------------------------------------------------------------------------


def test_a_role_that_is_taken_away_is_gone_at_once(chat: Chat) -> None:
    session = chat.add_class()
    boss, maria = admin(chat), staffed(chat, "Maria")
    maria.types("/sesi").sees("Foto Produk").taps("Buat kelas").sees("judul kelasnya")
    boss.types("/staf").sees("Maria, pelatih di Labuan Bajo").taps("Maria").taps("Cabut").sees("Haknya langsung hilang")
    maria.looks_up()
    boss.taps("Ya, cabut").sees("Maria bukan lagi pelatih di Labuan Bajo")
    maria.sees("sudah selesai", "0800-0000-000")
    # in the middle of a conversation, by an old button, by a command
    maria.types("Foto Malam").sees("hanya untuk pelatih").does_not_see("Kapan kelasnya")
    maria.sends_tap(f"sessions:cancelled:{session}").sees("hanya untuk pelatih")
    maria.types("/sesi").sees("hanya untuk pelatih")
    with chat.database.transaction() as db:
        account = maria.account(db)
        assert account is not None
        assert account.conversation is None
    boss.taps("Kembali").sees("Belum ada pelatih, pendamping, atau admin")
    assert "role_revoked" in actions(chat)


def test_it_is_gone_for_those_who_share_the_transaction(sqlite_url: str) -> None:
    chat = Chat(sqlite_url, admin_ids=(ADMIN,))
    try:
        boss, ani, maria = admin(chat), staffed(chat, "Ani", site="samosir"), staffed(chat, "Maria")
        boss.types("/staf").taps("Maria").taps("Cabut")
        revoke = next(b["callback_data"] for row in boss.last.buttons for b in row if b["text"] == "Ya, cabut")
        command = {"text": "/sesi", "entities": [{"type": "bot_command", "offset": 0, "length": 5}]}
        chat.deliver_all([ani.message(**command), boss.tap_update(revoke), maria.message(**command)])
        ani.does_not_see("hanya untuk pelatih")
        maria.sees("hanya untuk pelatih")
    finally:
        chat.close()


def test_what_a_former_admin_prepared_is_void(chat: Chat) -> None:
    boss = admin(chat)
    rina = joins_as_admin(chat, boss)
    code = trainer_code(chat, rina)
    boss.types("/staf").taps("Rina").taps("Cabut").taps("Ya, cabut")
    chat.phone("Maria").starts(f"t_{code}").sees("sudah dipakai, dibatalkan, atau lewat")
    rina.types("/staf").sees("hanya untuk pelatih atau admin")


def test_two_roles_of_one_person_have_buttons_of_their_own(chat: Chat) -> None:
    boss, maria = admin(chat), staffed(chat, "Maria")
    maria.starts(f"t_{trainer_code(chat, boss)}").taps("Ya, saya mau")
    boss.types("/staf").taps("Maria, Labuan Bajo").sees("Peran: pelatih di Labuan Bajo")
    boss.types("/staf").taps("Maria, Samosir").sees("Peran: pelatih di Samosir")


def test_taking_it_away_twice_is_once(chat: Chat) -> None:
    boss, _ = admin(chat), staffed(chat, "Maria")
    boss.types("/staf").taps("Maria").taps("Cabut")
    data = next(b["callback_data"] for row in boss.last.buttons for b in row if b["text"] == "Ya, cabut")
    boss.sends_tap(data).sees("bukan lagi")
    boss.sends_tap(data).sees("sudah dicabut sebelumnya")
    boss.sends_tap(data.replace("revoked", "revoke")).sees("Belum ada")
    assert actions(chat).count("role_revoked") == 1


def test_a_trainer_of_two_sites_loses_one(chat: Chat) -> None:
    boss, maria = admin(chat), staffed(chat, "Maria")
    maria.starts(f"t_{trainer_code(chat, boss)}").taps("Ya, saya mau").sees("pelatih di Samosir")
    chat.add_class("LB-1", title="Kelas Labuan")
    chat.add_class("SM-1", site="samosir", title="Kelas Samosir")
    maria.types("/sesi").sees("Kelas Labuan", "Kelas Samosir")
    with chat.database.transaction() as db:
        grant = db.scalars(select(RoleGrant).where(RoleGrant.site_id == "labuan-bajo")).one()
        staff.revoke(db, grant.id)
    maria.types("/sesi").sees("Kelas Samosir").does_not_see("Kelas Labuan")


# --- the record -----------------------------------------------------------------------------------------------------


def test_admins_read_what_staff_did_in_the_chat_and_as_a_file(chat: Chat) -> None:
    session = chat.add_class(capacity=1, title="=2+2")
    boss, maria = admin(chat), staffed(chat, "Maria")
    enrolled(chat, "Siti", session=session)
    maria.types("/peserta").taps("=2+2").taps("1. Bu Siti").taps("Lepas kursi").taps("Ya, lepas")
    maria.types("/sesi").taps("=2+2").taps("Ubah kelas").taps("Batalkan kelas").taps("Ya, batalkan")
    registered(chat, "Anton").types("/sesi")
    boss.types("/catatan").sees("Maria melepas kursi (Bu Siti)", "Maria membatalkan kelas (=2+2)")
    boss.sees("Sen 23 Nov, 10.00", "Labuan Bajo").does_not_see("mencoba tindakan yang tidak diizinkan")
    boss.taps("Lihat yang ditolak").sees("Peserta Bu Anton mencoba tindakan yang tidak diizinkan", "1 kali /sesi").taps(
        "Lihat catatan"
    )
    boss.taps("Unduh Excel").sees("catatan tindakan staf bulan November 2026")
    content = boss.last.params["files"]["document"][1]
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert sheet[0] == ["Waktu", "Siapa", "Tindakan", "Kepada", "Lokasi", "Rincian"]
    freed = next(row for row in sheet if row[2] == "melepas kursi")
    assert (freed[0], freed[1], freed[3]) == (AT_TEN, "Maria", "(Bu Siti)")
    assert "record_taken" in actions(chat)


def test_a_long_record_has_pages(chat: Chat) -> None:
    boss = admin(chat)
    boss.types("/catatan").sees("Belum ada catatan")
    with chat.database.transaction() as db:
        for number in range(25):
            at = chat.now + timedelta(minutes=number)
            db.add(
                AuditRow(at=at, actor_id=1, actor_name=f"N{number}", action="session_created", subject="", details={})
            )
    boss.types("/catatan").sees("N24", "N15").does_not_see("N14").taps("Lihat sebelumnya").sees("N14", "N5")
    boss.taps("Lihat sebelumnya").sees("N0").does_not_see("N5 ", "Lihat sebelumnya")


def test_every_action_that_is_noted_has_words() -> None:
    noted = {"refused"}
    for path in [*(ROOT / "handlers").rglob("*.py"), *(ROOT / "bot").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            wanted = node.args[:1] if name == "note" and node.args else []
            wanted = wanted or [word.value for word in node.keywords if name == "note" and word.arg == "action"]
            noted |= {one.value for one in wanted if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    noted |= {"session_created", "session_copied"}
    assert len(noted) > 15
    assert [action for action in sorted(noted) if f"staff.audit.{action}" not in texts()] == []


def test_no_name_stands_in_the_ledger_or_in_a_file_that_waits(chat: Chat) -> None:
    session = chat.add_class(capacity=3)
    maria = staffed(chat, "Maria")
    enrolled(chat, "Kunigunda", session=session)
    maria.types("/peserta").taps("Foto Produk").sees("Bu Kunigunda").taps("1. Bu Kunigunda").sees("Bu Kunigunda")
    maria.taps("Lepas kursi").sees("Bu Kunigunda").taps("Lihat peserta").taps("Unduh Excel")
    maria.types("/peserta").taps("Foto Produk").taps("Tambah peserta").types("Pak Zebedeus").sees("Zebedeus")
    maria.taps("Ya, setuju").sees("Pak Zebedeus")
    with chat.database.transaction() as db:
        said = " ".join(str(row.message) for row in db.scalars(select(OutboxRow)))
        noted = " ".join(f"{row.subject} {row.details}" for row in db.scalars(select(AuditRow)))
    for name in ("Kunigunda", "Zebedeus"):
        assert name not in said
        assert name not in noted


# --- anything at all ------------------------------------------------------------------------------------------------

WRITTEN = (
    *("/sesi", "/peserta", "/staf", "/catatan", "/menu", "/batal", "/bantuan", "/kelas", "besok 9", "jumat 13.30", "1"),
    *(
        "Foto Malam",
        "20",
        "2 jam",
        "Bu Siti",
        "samosir",
        "=cmd|' /C calc'!A0",
        "x" * 200,
        "hari ini 1",
        "😀",
        "31/12 8",
    ),
)
BUTTONS = [re.sub(r"\{\w+\}", "1", what) for what in RIGHTS if ":" in what]


@by_turns("seed", range(int(os.environ.get("JALIN_SEEDS", "2"))))
def test_whatever_staff_do_no_turn_fails(chat: Chat, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    dice = random.Random(seed)
    sessions = [chat.add_class(f"LB-{n}", capacity=2, starts=chat.now + timedelta(days=n + 1)) for n in range(3)]
    for name in ("Siti", "Anton", "Rina", "Budi"):
        enrolled(chat, name, session=sessions[0])
    phones = [staffed(chat, "Maria"), staffed(chat, "Joko", site="samosir"), admin(chat)]
    for step in range(120):
        phone, kind = dice.choice(phones), dice.random()
        shown = [
            (button["callback_data"], bubble.message_id)
            for bubble in phone.bubbles[-5:]
            for row in bubble.buttons
            for button in row
            if "callback_data" in button
        ]
        before = len(chat.telegram.calls)
        if kind < 0.6 and shown:
            phone.sends_tap(*dice.choice(shown))
        elif kind < 0.85:
            phone.types(dice.choice(WRITTEN))
        elif kind < 0.9:
            phone.shares_location(dice.uniform(-11, 6), dice.uniform(95, 141))
        elif kind < 0.97:
            phone.sends_tap(dice.choice(BUTTONS))
        else:
            chat.travel(hours=dice.choice((1, 5)))
        said = capsys.readouterr().out
        assert "turn failed" not in said, f"seed {seed}, step {step}:\n{said}\n{phone.transcript()}"
        assert "errand" not in said, f"seed {seed}, step {step}:\n{said}"
        assert len(chat.telegram.calls) > before or kind >= 0.97, f"step {step}: no answer\n{phone.transcript()}"
    with chat.database.transaction() as db:
        for session in db.scalars(select(ClassSession)):
            held = select(func.count(Enrolment.id)).where(
                Enrolment.session_id == session.id, Enrolment.status.in_(TAKEN)
            )
            assert db.scalar(held) == session.seats_taken <= session.capacity
