"""Voices: recorded by staff, heard by a second one, listened to where the words are still the same."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.catalogue.content import Lesson
from bot.delivery.kept_files import KeptFile
from bot.people import audit
from bot.people.people import Account, Role, RoleGrant
from bot.programme import voices
from bot.programme.voices import Recording, Speaker, State
from tests.chat import Chat, Phone, registered
from tests.test_attendance import trainer

OGG = b"OggS" + bytes(89_996)
"""What Telegram would give of a recording: 90 kB."""
LESSON = "lesson.M01L1"


@pytest.fixture
def admins() -> tuple[int, ...]:
    return (900,)


def says(phone: Phone, seconds: int = 40, **more: Any) -> Phone:
    """The phone sends a voice message."""
    file_id = f"voice{len(phone.chat.telegram.files) + 1}"
    phone.chat.telegram.files[file_id] = OGG
    voice = {"file_id": file_id, "file_unique_id": file_id, "duration": seconds, "file_size": len(OGG)}
    return phone.sends(voice=voice, **more)


def recorded(maria: Phone, what: str = LESSON, site: str = "labuan-bajo") -> Phone:
    """A trainer has recorded a text, and it waits for a second listener."""
    maria.sends_tap(f"voices:record:{what}:{site}" if site else f"voices:record:{what}")
    if maria.last.labels[0] == "Ya, boleh dipakai":
        maria.taps("Ya, boleh dipakai")
    says(maria).taps("Pakai")
    maria.chat.look()
    return maria


def approved(chat: Chat, what: str = LESSON) -> tuple[Phone, Phone]:
    maria, yosef = trainer(chat), trainer(chat, "Yosef")
    recorded(maria, what)
    yosef.sends_tap("voices:hear:1").taps("Setuju").sees("sekarang bisa didengar")
    return maria, yosef


def rows(chat: Chat) -> list[Recording]:
    with chat.database.transaction() as db:
        return list(db.scalars(select(Recording).order_by(Recording.id)))


def kept(chat: Chat) -> int:
    with chat.database.transaction() as db:
        return db.scalar(select(func.count()).select_from(KeptFile)) or 0


def changes(chat: Chat, lesson_id: str, **what: Any) -> None:
    """Content is read again, and a lesson has other words."""

    def edited(one: Lesson) -> Lesson:
        return dataclasses.replace(one, **what) if one.id == lesson_id else one

    content = chat.app.content
    modules = tuple(dataclasses.replace(one, lessons=tuple(map(edited, one.lessons))) for one in content.modules)
    chat.app.content = dataclasses.replace(content, modules=modules)


# --- the way ----------------------------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_a_lesson_is_recorded_heard_by_a_second_one_and_listened_to(chat: Chat) -> None:
    maria, yosef = trainer(chat), trainer(chat, "Yosef")
    siti = registered(chat)
    assert not [one for one in siti.sends_tap("lessons:open:M01L1").last.labels if "Dengarkan" in one]
    maria.types("/suara").sees("belum bisa didengar", "Pertanyaan izin", "Pengingat kelas")
    maria.sends_tap("voices:record:lesson.M01L1:labuan-bajo").sees("kami minta izin", "Boleh suara Anda dipakai?")
    maria.taps("Ya, boleh dipakai").sees("Bacakan teks ini", "5 sampai 90 detik")
    says(maria).sees("coba dengarkan dulu", "Pakai", "Ulangi").taps("Pakai").sees("menunggu didengar satu orang lagi")
    chat.look()
    assert not [one for one in siti.sends_tap("lessons:open:M01L1").last.labels if "Dengarkan" in one]
    yosef.sees("Ada rekaman baru").taps("Dengarkan rekaman").sees("1 rekaman menunggu")
    yosef.sends_tap("voices:hear:1").sees("Cocokkan dengan teksnya", "Labuan Bajo").taps("Setuju")
    yosef.sees("sekarang bisa didengar peserta")
    chat.look()
    maria.sees("sudah bisa didengar peserta")
    siti.sends_tap("lessons:open:M01L1").sees("Dengarkan (90 kB)").taps("Dengarkan")
    assert siti.last.method == "sendVoice"
    assert rows(chat)[0].heard == 1
    maria.types("/suara").taps("Rekaman saya").sees("didengar 1 kali")


@pytest.mark.both_databases
def test_changed_words_hide_the_recording_at_once_and_its_speaker_is_asked(chat: Chat) -> None:
    maria, _ = approved(chat)
    siti = registered(chat)
    siti.sends_tap("lessons:open:M01L1").sees("Dengarkan")
    old = siti.button("Dengarkan")
    changes(chat, "M01L1", task="Coba sekali lagi besok pagi.")
    assert not [one for one in siti.sends_tap("lessons:open:M01L1").last.labels if "Dengarkan" in one]
    siti.sends_tap(*old).sees_toast("sudah diganti")
    assert rows(chat)[0].heard == 0
    chat.look()
    maria.sees("rekaman Anda tidak dipakai lagi", "Rekam lagi")
    chat.look()
    assert maria.transcript().count("tidak dipakai lagi") == 1
    chat.travel(days=31)
    assert rows(chat) == []
    assert kept(chat) == 0


def test_words_that_are_changed_back_are_heard_again(chat: Chat) -> None:
    approved(chat)
    before = chat.app.content
    changes(chat, "M01L1", task="Coba sekali lagi besok pagi.")
    chat.look()
    chat.app.content = before
    chat.travel(days=40)
    registered(chat).sends_tap("lessons:open:M01L1").sees("Dengarkan")
    assert rows(chat)[0].outdated_at is None


def test_the_consent_and_the_reminder_can_be_listened_to(chat: Chat) -> None:
    approved(chat, "consent")
    anton = chat.phone("Anton").starts("s_labuan-bajo")
    anton.sees("Dengarkan (90 kB)").taps("Dengarkan")
    assert anton.last.method == "sendVoice"
    other = chat.phone("Lia").starts("s_lumban-bulbul")
    assert not [one for one in other.last.labels if "Dengarkan" in one], "of another site"


def test_a_reminder_has_the_button_where_its_site_has_a_voice(chat: Chat) -> None:
    approved(chat, "reminder")
    siti = registered(chat)
    session = chat.add_class()
    siti.sends_tap(f"enrolment:take:{session}")
    chat.travel(days=2)
    siti.sees("Dengarkan (90 kB)").taps("Dengarkan")
    assert siti.last.method == "sendVoice"


# --- who --------------------------------------------------------------------------------------------------------------


def test_nobody_approves_their_own_voice_nor_another_sites(chat: Chat) -> None:
    maria = recorded(trainer(chat))
    maria.sends_tap("voices:hear:1").sends_tap("voices:approve:1").sees("rekaman Anda sendiri")
    trainer(chat, "Tika", "samosir").sends_tap("voices:approve:1").sees("Maaf")
    registered(chat).sends_tap("voices:approve:1").sees("Maaf")
    assert rows(chat)[0].state == State.WAITING


def test_only_an_admin_records_for_all_sites(chat: Chat) -> None:
    trainer(chat).sends_tap("voices:record:lesson.M01L1").sees("Maaf")
    boss = chat.phone("Admin", 900).starts()
    recorded(boss, LESSON, "")
    boss.sees("semua lokasi")
    trainer(chat, "Yosef").sends_tap("voices:approve:1").sees("Maaf")
    assert rows(chat)[0].site_id is None


def test_a_recording_of_the_site_comes_before_that_of_all(chat: Chat) -> None:
    approved(chat)
    with chat.database.transaction() as db:
        one = db.get_one(Recording, 1)
        fields = {c.name: getattr(one, c.name) for c in Recording.__table__.columns if c.name not in ("id", "site_id")}
        db.add(Recording(**fields, site_id=None))
    registered(chat).sends_tap("lessons:open:M01L1").taps("Dengarkan")
    assert [one.heard for one in rows(chat)] == [1, 0]


def test_a_second_tap_of_each_button_does_nothing_more(chat: Chat) -> None:
    maria, yosef = trainer(chat), trainer(chat, "Yosef")
    recorded(maria)
    maria.sends_tap("voices:use:1").sees_toast("sudah diterima")
    yosef.sends_tap("voices:hear:1")
    (yes, _), (no, _) = yosef.button("Setuju"), yosef.button("Jangan dipakai")
    yosef.taps("Setuju").sends_tap(yes).sees("tidak menunggu lagi")
    yosef.sends_tap(no)
    assert [one.state for one in rows(chat)] == [State.APPROVED]
    assert kept(chat) == 1


def test_a_refused_recording_is_deleted_and_its_speaker_told(chat: Chat) -> None:
    maria = recorded(trainer(chat))
    trainer(chat, "Yosef").sends_tap("voices:hear:1").taps("Jangan dipakai").sees("sudah dihapus")
    chat.look()
    maria.sees("belum bisa dipakai", "Rekam lagi")
    assert rows(chat) == []
    assert kept(chat) == 0


# --- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"seconds": 3}, "terlalu pendek"),
        ({"seconds": 3600}, "terlalu panjang"),
        (
            {"forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "Lia"}},
            "diteruskan",
        ),
    ],
)
def test_a_voice_that_is_no_recording_of_ones_own_is_told_kindly(chat: Chat, sent: dict[str, Any], told: str) -> None:
    maria = trainer(chat).sends_tap("voices:record:lesson.M01L1:labuan-bajo").taps("Ya, boleh dipakai")
    says(maria, **sent).sees(told)
    assert rows(chat) == []
    says(maria).sees("coba dengarkan dulu")  # the question goes on


def test_a_video_note_and_words_are_asked_for_again(chat: Chat) -> None:
    maria = trainer(chat).sends_tap("voices:record:lesson.M01L1:labuan-bajo").taps("Ya, boleh dipakai")
    note = {"file_id": "N", "file_unique_id": "n", "length": 240, "duration": 20}
    maria.sends(video_note=note).sees("bukan pesan suara")
    maria.types("sebentar ya").sees("Bacakan teks ini")
    assert rows(chat) == []


def test_a_new_draft_replaces_the_old_one_whose_button_says_so(chat: Chat) -> None:
    maria = trainer(chat).sends_tap("voices:record:lesson.M01L1:labuan-bajo").taps("Ya, boleh dipakai")
    says(maria)
    old = maria.button("Pakai")
    maria.taps("Ulangi")
    says(maria, 50)
    maria.sends_tap(*old).sees_toast("sudah diganti")
    assert [one.seconds for one in rows(chat)] == [50]


def test_a_text_that_does_not_exist_is_told(chat: Chat) -> None:
    trainer(chat).sends_tap("voices:record:lesson.M99L9:labuan-bajo").sees("sudah tidak ada")


# --- taking it back, and being erased ---------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_who_takes_their_voice_back_is_heard_no_more_at_once(chat: Chat) -> None:
    maria, _ = approved(chat)
    siti = registered(chat).sends_tap("lessons:open:M01L1")
    old = siti.button("Dengarkan")
    maria.types("/suara").taps("Rekaman saya").taps("Hapus rekaman saya").sees("Hapus semua 1 rekaman")
    confirm = maria.button("Ya, hapus semua")
    maria.taps("Ya, hapus semua").sees("1 rekaman Anda sudah dihapus")
    maria.sends_tap(*confirm).sees("Tidak ada rekaman suara Anda")
    siti.sends_tap(*old).sees_toast("sudah diganti")
    assert rows(chat) == []
    assert kept(chat) == 0
    with chat.database.transaction() as db:
        assert db.scalar(select(Speaker)) is None  # asked again the next time
    recorded(maria)
    maria.sends_tap(*confirm)  # of the recordings there were then
    assert len(rows(chat)) == 1


def test_erasing_a_member_of_staff_erases_their_voice(chat: Chat) -> None:
    maria, _ = approved(chat)
    with chat.database.transaction() as db:
        account = db.scalars(select(Account).where(Account.telegram_id == maria.id)).unique().one()
        copy = voices.copy_of_account(db, account)
        assert [one["teks"] for one in copy] == [LESSON]
    maria.types("/hapus_data").taps("Ya, hapus Staf")
    assert rows(chat) == []
    assert kept(chat) == 0


def test_somebody_whose_role_was_taken_can_still_take_their_voice_back(chat: Chat) -> None:
    maria, _ = approved(chat)
    with chat.database.transaction() as db:
        account = db.scalars(select(Account).where(Account.telegram_id == maria.id)).unique().one()
        for grant in db.scalars(
            select(RoleGrant).where(RoleGrant.account_id == account.id, RoleGrant.role == Role.TRAINER)
        ):
            db.delete(grant)
    maria.sends_tap("voices:mine").sees("didengar 0 kali").taps("Hapus rekaman saya").taps("Ya, hapus semua")
    assert rows(chat) == []


def test_under_another_token_the_kept_bytes_are_sent(chat: Chat) -> None:
    """Telegram's ids are of no use to another bot: what is sent comes from the database."""
    approved(chat)
    siti = registered(chat).sends_tap("lessons:open:M01L1").taps("Dengarkan")
    _, params = [call for call in chat.telegram.calls if call[0] == "sendVoice"][-1]
    assert "voice1" not in str(params.get("voice")), "the id that the speaker's message had"
    assert siti.last.method == "sendVoice"


def test_the_deeds_of_staff_are_in_the_record(chat: Chat) -> None:
    maria, _ = approved(chat)
    maria.sends_tap("voices:withdrawn:1")
    with chat.database.transaction() as db:
        found = [one.action for one in db.scalars(select(audit.AuditRow).order_by(audit.AuditRow.id))]
    assert [one for one in found if "recording" in one or "voice" in one] == [
        "recording_made",
        "recording_approved",
        "voice_withdrawn",
    ]
