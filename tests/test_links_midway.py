"""Links opened while a question is being answered: what they mean is done, and the question is found again."""

from __future__ import annotations

import pytest

from bot.people.people import Role, RoleGrant
from tests.chat import Chat, Phone, registered, staffed
from tests.test_rights import ADMIN, admin
from tests.test_staff import trainer_code


@pytest.fixture
def admins() -> tuple[int, ...]:
    return (ADMIN,)


def grant(chat: Chat, phone: Phone) -> None:
    """Makes a trainer of a participant of Labuan Bajo."""
    with chat.database.transaction() as db:
        account = phone.account(db)
        assert account is not None
        db.add(RoleGrant(account_id=account.id, role=Role.TRAINER, site_id="labuan-bajo", granted_at=chat.now))


def test_the_link_of_another_site_while_registering_goes_on_at_the_same_question(chat: Chat) -> None:
    siti = chat.phone("Siti").starts("s_labuan-bajo").taps("Ya, setuju").taps("Ibu")
    siti.starts("s_jayapura").sees("Siapa nama panggilannya?").types("Siti").taps("Makanan")
    siti.sees("Nama: Bu Siti", "Lokasi: Jayapura")


def test_an_invitation_opened_while_registering_makes_a_trainer_and_loses_no_answer(chat: Chat) -> None:
    code = trainer_code(chat, admin(chat))
    rina = chat.phone("Rina").starts("s_labuan-bajo").taps("Ya, setuju").taps("Bapak")
    rina.starts(f"t_{code}").sees("pelatih di Samosir", "Mau?").does_not_see("Lanjutkan")
    rina.taps("Ya, saya mau").sees("Rekan pelatih melihat nama ini").types("Rina").sees("Namanya sudah disimpan")
    rina.types("/menu").does_not_see("Lanjutkan").taps("Ayo daftar").sees("Siapa nama panggilannya?")
    rina.types("Rinaldi").taps("Makanan").sees("Nama: Pak Rinaldi", "Labuan Bajo")


def test_an_invitation_opened_below_a_question_of_ones_own_data_leads_back_to_it(chat: Chat) -> None:
    code = trainer_code(chat, admin(chat))
    budi = registered(chat, "Budi").types("/profil").taps("Ubah nama").starts(f"t_{code}").does_not_see("Lanjutkan")
    budi.taps("Ya, saya mau").sees("pelatih di Samosir", "Atur kelas", "Lanjutkan").taps("Lanjutkan").sees(
        "Siapa nama panggilannya?"
    )
    budi.types("Ratna").sees("Bu Ratna")
    again = budi.types("/profil").taps("Ubah nama").starts(f"t_{code}").sees("sudah menjadi pelatih", "Lanjutkan")
    again.taps("Lanjutkan").sees("Siapa nama panggilannya?")
    anton = registered(chat, "Anton").types("/profil").taps("Ubah nama").starts(f"t_{code}")
    anton.sees("sudah dipakai", "Lanjutkan")


def goes_on(maria: Phone) -> None:
    """The class that was being made is finished as if nothing had happened."""
    maria.taps("Lanjutkan").sees("Berapa lama").types("120").types("20").types("Balai Desa")
    maria.sends_tap("sessions:no_pin").sees("Foto Malam", "Balai Desa")


@pytest.mark.parametrize("link", ["s_jayapura", "s_labuan-bajo", "s_nowhere", ""])
def test_a_sites_link_in_the_middle_of_making_a_class_loses_nothing(chat: Chat, link: str) -> None:
    siti = registered(chat)
    grant(chat, siti)
    siti.sends_tap("sessions:new").types("Foto Malam").types("besok 9").sees("Berapa lama")
    goes_on(siti.starts(link).sees("Lanjutkan"))


def test_who_registers_in_the_middle_of_making_a_class_finds_it_again(chat: Chat) -> None:
    """A trainer who was no participant yet."""
    maria = staffed(chat).sends_tap("sessions:new").types("Foto Malam").types("besok 9").sees("Berapa lama")
    maria.starts("s_jayapura").taps("Ya, setuju").taps("Ibu").types("Maria").taps("Makanan").taps("Sudah benar")
    goes_on(maria.sees("sudah terdaftar").types("/menu"))


def test_a_sites_link_below_a_question_of_ones_own_data_shows_the_classes_there(chat: Chat) -> None:
    ani = registered(chat, "Ani").types("/profil").taps("Ubah nama").starts("s_jayapura").sees("Jayapura")
    ani.types("Ratna").types("/profil").sees("Bu Ani", "Lokasi kelas: Labuan Bajo")
