"""Staff: invitations that wait or have ended are told, words typed below them, moving to another site, and classes that
are handed over."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from bot.people.people import Role, RoleGrant
from bot.programme.sessions import ClassSession
from tests.chat import Chat, Phone, enrolled, local, registered, staffed
from tests.test_broadcasts import drafted
from tests.test_rights import ADMIN, admin
from tests.test_staff import actions, invited, trainer_code


@pytest.fixture
def admins() -> tuple[int, ...]:
    return (ADMIN,)


def grants(chat: Chat) -> list[tuple[str, str | None]]:
    with chat.database.transaction() as db:
        return [(one.role, one.site_id) for one in db.scalars(select(RoleGrant).order_by(RoleGrant.id))]


def grant_of(chat: Chat, phone: Phone) -> int:
    with chat.database.transaction() as db:
        account = phone.account(db)
        assert account is not None
        return db.scalars(select(RoleGrant.id).where(RoleGrant.account_id == account.id)).one()


# --- invitations ------------------------------------------------------------------------------------------------------


def test_an_admins_word_that_is_awaited_is_reminded_of_and_its_end_told_to_both(chat: Chat) -> None:
    boss = admin(chat)
    code = invited(chat, boss, "Undang admin")
    chat.travel(to=datetime(2026, 11, 23, 13, 0, tzinfo=UTC))  # 20.00 in Jakarta
    budi = registered(chat, "Budi").starts(f"t_{code}").taps("Ya, saya mau")
    boss.looks_up()
    budi.looks_up()
    chat.travel(hours=25)
    boss.sees_nothing_new()
    chat.travel(hours=12)
    boss.sees("Budi menunggu sejak kemarin untuk menjadi admin", "Ya, benar", "Bukan, cabut").looks_up()
    budi.sees("masih menunggu jawaban admin").looks_up()
    chat.travel(hours=12)
    boss.sees_nothing_new()
    chat.travel(days=2)
    boss.sees("Undangan admin untuk Budi sudah berakhir tanpa jawaban", "Undang staf").looks_up()
    budi.sees("Undangan sebagai admin sudah berakhir", "0800-0000-000").looks_up()
    chat.travel(days=9)
    boss.sees_nothing_new()
    assert grants(chat) == []


def test_one_that_nobody_used_is_told_and_one_that_was_answered_is_not(chat: Chat) -> None:
    boss = admin(chat)
    trainer_code(chat, boss)
    for answer in ("Ya, benar", "Bukan, cabut"):
        code = invited(chat, boss, "Undang admin")
        registered(chat, "Budi").starts(f"t_{code}").taps("Ya, saya mau")
        boss.taps(answer)
    used = trainer_code(chat, boss)
    chat.phone("Maria").starts(f"t_{used}").taps("Ya, saya mau").types("Maria")
    boss.looks_up()
    chat.travel(days=2)
    boss.sees("Undangan pelatih di Samosir sudah berakhir. Tidak ada yang memakainya.")
    assert len(boss.new) == 1, boss.transcript()
    chat.travel(days=5)
    assert len(boss.new) == 1


def test_yes_and_no_typed_below_an_invitation(chat: Chat) -> None:
    boss = admin(chat)
    for typed, joins in (("saya mau", True), ("bukan untuk saya", False), ("ya", True), ("tidak", False)):
        phone = chat.phone("Maria").starts(f"t_{trainer_code(chat, boss)}").types(typed)
        phone.sees("Selamat bergabung sebagai pelatih di Samosir" if joins else "Tidak ada yang berubah")
    assert grants(chat) == [("trainer", "samosir")] * 2
    boss.looks_up()
    code = invited(chat, boss, "Undang admin")
    budi = registered(chat, "Budi").starts(f"t_{code}").types("berapa lama?").does_not_see("memeriksa")
    budi.starts(f"t_{code}").types("mau").sees("memeriksa dulu")
    boss.looks_up()
    boss.types("benar").sees("perlu satu ketukan", "Ya, benar").types("iya betul").sees("perlu satu ketukan")
    assert ("admin", None) not in grants(chat)
    boss.types("bukan dia").sees("Undangan sebagai admin sudah dibatalkan")
    rina = chat.phone("Rina").starts(f"t_{trainer_code(chat, boss)}").types("oke").types("Rina")
    boss.types("salah orang").sees("Cabut peran Rina sebagai pelatih di Samosir?")
    rina.types("/sesi").does_not_see("hanya untuk pelatih")
    chat.phone("Wati").starts(f"t_{trainer_code(chat, boss)}").types("bukan saya")
    boss.sees("Wati membuka undangan", "Katanya salah orang").types("benar").does_not_see("perlu satu ketukan")
    # a no is heard below that message alone
    boss.types("/menu").types("tidak").does_not_see("Cabut")


# --- another site, and classes handed over ----------------------------------------------------------------------------


def test_a_trainer_moves_to_another_site(chat: Chat) -> None:
    boss, maria, yosef = admin(chat), staffed(chat, "Maria"), staffed(chat, "Yosef")
    session = chat.add_class(starts=local(26, 9))
    siti = enrolled(chat, session=session)
    with chat.database.transaction() as db:
        db.execute(update(ClassSession).values(trainer="Maria"))
    drafted(maria, "Besok.").taps("Pilih waktu kirim").types("besok 9").taps("Jadwalkan")
    grant = grant_of(chat, maria)
    boss.sends_tap(f"staff:show:{grant}").sees("Pindah lokasi", "Serahkan 1 kelas").taps("Pindah lokasi")
    boss.sees("Pindah ke lokasi mana?").does_not_see("Labuan Bajo (").taps("Samosir")
    boss.sees("Sekarang: pelatih di Labuan Bajo", "Menjadi: pelatih di Samosir", "1 kelas tetap di lokasi lama")
    old = boss.button("Ya, pindahkan")
    maria.looks_up()
    boss.sends_tap(*old).sees("Maria sekarang pelatih di Samosir", "dijadwalkan 1", "Serahkan 1 kelas", "Hentikan")
    maria.sees("Mulai sekarang Anda pelatih di Samosir, bukan lagi pelatih di Labuan Bajo")
    boss.sends_tap(*old).sees("sudah dipindahkan atau dicabut")
    boss.sends_tap(f"staff:revoked:{grant}").sees("sudah")
    assert grants(chat) == [("trainer", "labuan-bajo"), ("trainer", "samosir")]
    maria.sends_tap(f"sessions:show:{session}").sees("hanya untuk pelatih")
    siti.looks_up()
    boss.sends_tap(f"staff:heirs:{account_id(chat, maria)}:labuan-bajo").sees(
        "• Foto Produk, Kam 26 Nov", "kepada siapa?"
    )
    boss.sees("kepada siapa?").taps("Yosef").sees("Serahkan 1 kelas dari Maria kepada Yosef?")
    yosef.looks_up()
    give = boss.button("Ya, serahkan")
    chat.add_class("LB-7", title="Baru", starts=local(27, 9))
    with chat.database.transaction() as db:
        db.execute(update(ClassSession).values(trainer="Maria"))
    boss.sends_tap(*give).sees_toast("Kelasnya sudah berubah").sees("Serahkan 2 kelas", "• Baru").taps("Ya, serahkan")
    boss.sees("2 kelas dari Maria sekarang bersama Yosef", "Dikabari: 1 orang")
    yosef.sees("2 kelas dari Maria sekarang bersama Anda", "• Foto Produk")
    siti.sees("Yosef").looks_up()
    boss.sends_tap(*give).sees("Tidak ada kelas yang perlu diserahkan")
    siti.sees_nothing_new()
    assert [one for one in actions(chat) if one in ("role_moved", "classes_handed_over")] == [
        "role_moved",
        "classes_handed_over",
    ]
    with chat.database.transaction() as db:
        assert set(db.scalars(select(ClassSession.trainer))) == {"Yosef"}
    # who serves at the new site already keeps one role there
    frans = staffed(chat, "Frans", site="samosir")
    with chat.database.transaction() as db:
        account = frans.account(db)
        assert account is not None
        db.add(RoleGrant(account_id=account.id, role=Role.TRAINER, site_id="jayapura", granted_at=chat.now))
        db.flush()
        second = db.scalars(select(RoleGrant.id).where(RoleGrant.site_id == "jayapura")).one()
    boss.sends_tap(f"staff:move:{second}:samosir").taps("Ya, pindahkan").sees("Frans sekarang pelatih di Samosir")
    assert grants(chat).count(("trainer", "samosir")) == 2
    for forged in (f"staff:new_site:{grant}", f"staff:moved:{grant_of(chat, yosef)}:samosir", "staff:given:1:1:1"):
        yosef.sends_tap(forged).sees("hanya untuk pelatih atau admin")
    boss.sends_tap(f"staff:moved:{grant_of(chat, yosef)}:nirgendwo").sees("Pindah ke lokasi mana?")


def account_id(chat: Chat, phone: Phone) -> int:
    with chat.database.transaction() as db:
        account = phone.account(db)
        assert account is not None
        return account.id


def test_who_leaves_has_classes_that_can_be_handed_over_and_an_admins_role_has_no_site(chat: Chat) -> None:
    boss, maria = admin(chat), staffed(chat, "Maria")
    chat.add_class()
    with chat.database.transaction() as db:
        db.execute(update(ClassSession).values(trainer="maria"))
    grant = grant_of(chat, maria)
    boss.sends_tap(f"staff:heirs:{account_id(chat, maria)}:labuan-bajo").sees("Belum ada pelatih lain di lokasi ini")
    boss.sends_tap(f"staff:revoked:{grant}").sees("Serahkan 1 kelas")
    made = staffed(chat, "Rina", role=Role.ADMIN, site=None)
    boss.sends_tap(f"staff:show:{grant_of(chat, made)}").sees("Rina").does_not_see("Pindah lokasi", "Serahkan")
    boss.sends_tap(f"staff:moved:{grant_of(chat, made)}:samosir").sees("sudah dipindahkan atau dicabut")
