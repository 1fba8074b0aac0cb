"""What is kept of staff: they are told, get a copy, and a deletion that does what it says."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from bot.people.audit import AuditRow
from bot.people.people import Account, Person, RoleGrant
from bot.programme.staff import Invitation
from tests.chat import Chat, Phone, enrolled, registered, staffed
from tests.test_record import cancelled
from tests.test_registration import everything_kept

pytestmark = pytest.mark.both_databases

ADMIN = 9001


@pytest.fixture
def admins() -> tuple[int, ...]:
    return (ADMIN,)


@pytest.fixture
def dewi(chat: Chat) -> Phone:
    """An admin by the settings."""
    return chat.phone("Dewi", ADMIN).types("/status")


def grants(chat: Chat) -> int:
    with chat.database.transaction() as db:
        return len(db.scalars(select(RoleGrant)).all())


def made_trainer(chat: Chat, boss: Phone, who: Phone) -> Phone:
    boss.types("/staf").taps("Undang staf").taps("Undang pelatih").taps("Samosir")
    return who.starts(boss.last.text.partition("?start=")[2].split()[0]).taps("Ya, saya mau")


def test_a_trainer_is_told_what_is_kept_and_why(chat: Chat) -> None:
    maria = staffed(chat, "Maria").types("/privasi")
    maria.sees("Data staf", "tindakan", "24 bulan", "0800-0000-000", "Lihat data staf", "Hapus data staf")
    maria.does_not_see("Ayo daftar")
    registered(chat, "Siti").types("/privasi").does_not_see("Buka data staf")


def test_who_is_registered_too_finds_it_below_their_own_notice(chat: Chat, dewi: Phone) -> None:
    siti = made_trainer(chat, dewi, registered(chat, "Siti"))
    siti.types("/privasi").sees("Data kami simpan").taps("Buka data staf").sees("Gunanya: rekan tahu")


def test_the_copy_has_the_role_the_site_the_name_and_the_deeds_as_numbers(chat: Chat) -> None:
    chat.add_class()
    maria = staffed(chat, "Maria")
    cancelled(maria)
    maria.types("/data_saya").sees("Ini salinan lengkap data staf", "Nama: Maria", "pelatih di Labuan Bajo")
    copy = json.loads(maria.last.params["files"]["document"][1])
    assert copy["nama_staf"] == "Maria"
    assert [(role["peran"], role["lokasi"]) for role in copy["peran"]] == [("trainer", "Labuan Bajo")]
    assert list(copy["jumlah_tindakan"].values()) == [1]
    assert copy["akun"]["id_telegram"] == maria.id


def test_who_is_registered_too_gets_both_copies(chat: Chat, dewi: Phone) -> None:
    siti = made_trainer(chat, dewi, registered(chat, "Siti")).types("/data_saya")
    names = [one.params["files"]["document"][0] for one in siti.bubbles if one.method == "sendDocument"]
    assert names == ["data-saya.html", "data-saya.json", "data-staf.json"]


def test_a_trainer_who_erases_is_gone_and_is_told_what_stays(chat: Chat, dewi: Phone) -> None:
    chat.add_class()
    maria = staffed(chat, "Maria")
    cancelled(maria)
    maria.types("/hapus_data").sees("Hapus data Maria?", "peran, dan akun", "tanpa nama, selama 24 bulan")
    assert grants(chat) == 1
    maria.taps("Ya, hapus Maria").sees("sudah dihapus", "Yang masih ada", "tanpa nama, selama 24 bulan")
    maria.does_not_see("Semua sudah dihapus")
    dewi.sees("Maria meminta datanya dihapus", "pelatih di Labuan Bajo")
    assert grants(chat) == 0
    with chat.database.transaction() as db:
        assert maria.account(db) is None
        assert "Maria" not in everything_kept(db)
        actions = list(db.scalars(select(AuditRow.action).where(AuditRow.actor_name.is_(None))))
    assert "staff_erased" in actions
    assert len(actions) == 2
    maria.types("/sesi").sees("hanya untuk pelatih")


def test_a_tap_on_an_old_confirmation_erases_nobody_else(chat: Chat) -> None:
    maria, joko = staffed(chat, "Maria"), staffed(chat, "Joko", site="samosir")
    maria.types("/hapus_data")
    carried = next(b["callback_data"] for row in maria.last.buttons for b in row if b["text"].startswith("Ya, hapus"))
    joko.sends_tap(carried).sees("Hapus data Joko?")
    assert grants(chat) == 2
    maria.sends_tap(carried).sees("sudah dihapus")
    maria.sends_tap(carried)
    assert grants(chat) == 1


def test_who_is_registered_too_erases_both_by_one_tap(chat: Chat, dewi: Phone) -> None:
    session = chat.add_class(capacity=1)
    siti = made_trainer(chat, dewi, enrolled(chat, "Siti", session=session))
    siti.types("/hapus_data").sees("data peserta, dan isi pesan", "catatan persetujuan", "tindakan sebagai staf")
    siti.taps("Ya, hapus Siti").sees("Yang masih ada", "catatan persetujuan")
    dewi.sees("Siti meminta datanya dihapus")
    with chat.database.transaction() as db:
        assert siti.account(db) is None
        assert [person.name for person in db.scalars(select(Person))] == [""]
    assert grants(chat) == 0
    enrolled(chat, "Anton", session=session)


def test_the_button_for_participants_asks_the_same_where_the_account_would_go(chat: Chat, dewi: Phone) -> None:
    siti = made_trainer(chat, dewi, registered(chat, "Siti"))
    siti.sends_tap("privacy:erase").sees("Hapus data Siti?", "Perannya langsung berakhir")
    siti.sends_tap("privacy:erased").does_not_see("sudah dihapus")
    assert grants(chat) == 1


def test_on_a_shared_phone_the_others_stay(chat: Chat, dewi: Phone) -> None:
    siti = made_trainer(chat, dewi, registered(chat, "Siti"))
    with chat.database.transaction() as db:
        account = siti.account(db)
        assert account is not None
        db.add(Person(account_id=account.id, name="Bunga", salutation="ibu", registered_at=chat.now))
    siti.types("/hapus_data").sees("data peserta di HP ini", "Hapus data peserta").taps("Ya, hapus Siti")
    siti.sees("Yang masih ada", "data peserta di HP ini")
    assert grants(chat) == 0
    with chat.database.transaction() as db:
        account = siti.account(db)
        assert account is not None
        assert account.staff_name is None
        assert {person.name for person in db.scalars(select(Person))} == {"Siti", "Bunga"}
    siti.types("/profil").sees("Siti").types("/sesi").sees("hanya untuk pelatih")


def test_an_admin_of_the_settings_hears_who_can_change_that(chat: Chat, dewi: Phone) -> None:
    dewi.types("/staf").taps("Undang staf").taps("Undang admin")
    dewi.types("/hapus_data").sees("pengaturan server", "hanya pengelola server bisa mengubahnya")
    dewi.taps("Ya, hapus").sees("Yang masih ada", "pengaturan server")
    with chat.database.transaction() as db:
        assert not db.scalars(select(Account).where(Account.telegram_id == ADMIN)).all()
        assert [one.made_by for one in db.scalars(select(Invitation))] == [None]
    dewi.types("/staf").sees("Undang staf")


def test_stopping_deletes_nothing_of_staff(chat: Chat, dewi: Phone) -> None:
    maria = staffed(chat, "Maria")
    for phone in (maria, dewi):
        phone.types("/berhenti").sees("Belum ada yang dihapus").does_not_see("Semua sudah dihapus")
        with chat.database.transaction() as db:
            account = phone.account(db)
            assert account is not None
            assert account.stopped_at is None
    assert grants(chat) == 1
    maria.types("/sesi").does_not_see("hanya untuk pelatih")


@pytest.mark.parametrize("action", ["notice", "copy", "erase", "erased:1"])
def test_nobody_else_is_served(chat: Chat, dewi: Phone, action: str) -> None:
    siti = registered(chat, "Siti").sends_tap(f"staff_data:{action}")
    siti.does_not_see("Buka data staf", "salinan lengkap data staf")
    with chat.database.transaction() as db:
        assert {person.name for person in db.scalars(select(Person))} == {"Siti"}
