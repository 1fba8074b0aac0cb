"""An announcement is taken back: copies that wait are not sent, copies in chats are deleted, older ones are edited."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.delivery.outbox import OutboxRow, Status
from bot.programme.broadcasts import Broadcast, Withdrawn, withdraw
from bot.telegram.http import Refused
from tests.chat import Chat, Phone, enrolled, registered, staffed
from tests.test_broadcasts import FILE, RIGHT, actions, announced, copies, drafted, newest, refused, rows
from tests.test_rights import ADMIN, admin


@pytest.fixture
def admins() -> tuple[int, ...]:
    return (ADMIN,)


def refusing(chat: Chat, staff: Phone, *methods: str) -> None:
    """Telegram refuses these calls from now on, in all chats but this one."""
    original = chat.telegram.call

    async def call(method: str, params: Any, files: Any = None, timeout: float = 0) -> Any:  # noqa: ASYNC109
        if method in methods and params.get("chat_id") != staff.id:
            raise Refused(400, "Bad Request: message can't be deleted for everyone", None)
        return await original(method, params, files, timeout)

    chat.telegram.call = call  # type: ignore[method-assign]


def withdrawn(who: Phone, number: int = 1) -> Phone:
    return who.sends_tap(f"broadcasts:withdraw:{number}").taps("Ya, tarik")


def test_copies_in_chats_are_deleted_and_those_that_wait_are_not_sent(chat: Chat) -> None:
    session = chat.add_class()
    siti, anton = enrolled(chat, "Siti", session=session), registered(chat, "Anton")
    far = registered(chat, "Rina", "jayapura")
    chat.travel(to=datetime(2026, 11, 23, 23, 30, tzinfo=UTC))  # 08.30 in Jayapura, 07.30 in Labuan Bajo
    maria = staffed(chat, "Maria")
    staffed_elsewhere(chat, maria)
    announced(chat, maria, "Salah kelas.")
    assert [len(copies(phone, "Salah")) for phone in (siti, anton, far)] == [0, 0, 1]
    maria.sees("Tarik kembali").taps("Tarik kembali")
    maria.sees("Tarik pengumuman 1?", "«Salah kelas.»", "Dihapus dari chat: 1", "tidak jadi dikirim: 2", "Perbaiki isi")
    data, message = maria.button("Ya, tarik")
    maria.sends_tap(data, message).sees_toast("Ditarik").sees("ditarik dari 1 orang", "tidak jadi dikirim: 2")
    assert far.bubbles == []
    maria.sends_tap(data, message).sees("Pengumuman 1")
    chat.travel(seconds=4)
    maria.sees("sudah ditarik dari 1 orang", "Dihapus dari chat: 1").does_not_see("Hentikan")
    chat.travel(days=1)
    assert not any(copies(phone, "Salah") for phone in (siti, anton, far))
    assert actions(chat) == ["broadcast_sent", "broadcast_withdrawn"]
    # what was withdrawn is neither corrected, sent again, stopped nor withdrawn once more
    for action in ("correct", "again", "stop", "withdraw", "report", "send", "unschedule"):
        maria.types("/menu").sends_tap(f"broadcasts:{action}:1").sees("sudah ditarik")
    maria.types("/pengumuman").taps("Lihat pengumuman lama").sees("1. Sudah ditarik", "«Salah kelas.»")
    assert not any(copies(phone, "Salah") for phone in (siti, anton, far))
    far.types("/data_saya")
    copy = json.loads(far.last.params["files"]["document"][1])
    assert copy["jumlah_pengumuman_ditarik"] == 1
    # words typed now answer what stands above, not what was taken back
    siti.types("hadir").does_not_see("Salah")


def test_what_nobody_got_yet_is_withdrawn_without_a_word_of_progress(chat: Chat) -> None:
    siti, maria = registered(chat), staffed(chat, "Maria")
    chat.travel(to=datetime(2026, 11, 23, 12, 0, tzinfo=UTC))  # 20.00 in Labuan Bajo
    announced(chat, maria, "Besok saja.")
    maria.sends_tap("broadcasts:withdraw:1").looks_up()
    maria.taps("Ya, tarik").sees("Belum ada yang menerimanya", "tidak jadi dikirim: 1").does_not_see("di bawah")
    chat.travel(days=1)
    assert copies(siti, "Besok") == []


def staffed_elsewhere(chat: Chat, maria: Phone) -> None:
    """Also a trainer of Jayapura."""
    from bot.people.people import Role, RoleGrant

    with chat.database.transaction() as db:
        account = maria.account(db)
        assert account is not None
        db.add(RoleGrant(account_id=account.id, role=Role.TRAINER, site_id="jayapura", granted_at=chat.now))


def test_a_correction_and_its_notice_are_taken_back_with_it(chat: Chat) -> None:
    siti, anton = registered(chat), registered(chat, "Anton")
    maria = staffed(chat, "Maria")
    announced(chat, maria)
    maria.sends_tap("broadcasts:correct:1").types(RIGHT).taps("Perbaiki sekarang")
    siti.bubbles.clear()  # deleted by hand: the next correction comes as a notice
    maria.sends_tap("broadcasts:correct:1").types("Sekali lagi").taps("Perbaiki sekarang")
    chat.travel(seconds=10)
    assert [len(phone.bubbles) for phone in (siti, anton)] == [1, 1]
    old = maria.sends_tap("broadcasts:withdraw:1").button("Ya, tarik")
    maria.sends_tap("broadcasts:correct:1").types("Yang benar").taps("Perbaiki sekarang")
    maria.sends_tap(*old).sees_toast("Sudah diubah").sees("«Yang benar»").taps("Ya, tarik")
    chat.travel(seconds=10)
    assert [phone.bubbles for phone in (siti, anton)] == [[], []]
    maria.sends_tap("broadcasts:report:1").sees("sudah ditarik")


def test_after_two_days_a_line_stands_in_its_place(chat: Chat) -> None:
    siti, anton = registered(chat), registered(chat, "Anton")
    maria = staffed(chat, "Maria")
    announced(chat, maria)
    maria.types("/pengumuman").taps("Semua peserta saya").sends(voice=FILE | {"duration": 3}, caption="Dengar")
    maria.taps("Kirim sekarang")
    maria.types("/pengumuman").taps("Semua peserta saya").sends(location={"latitude": -8.5, "longitude": 119.9})
    maria.taps("Kirim sekarang")
    chat.travel(days=3)
    maria.sends_tap("broadcasts:withdraw:1").sees("Lewat 48 jam", "«ditarik»: 2").does_not_see("Dihapus dari chat")
    maria.taps("Ya, tarik")
    withdrawn(maria, 2)
    maria.sends_tap("broadcasts:withdraw:3").sees("tetap terlihat: 2").taps("Ya, tarik").sees("Pengumuman 3")
    chat.travel(seconds=10)
    line = "Pengumuman ini sudah ditarik oleh pengirimnya."
    for phone in (siti, anton):
        assert [(bubble.method, bubble.text) for bubble in phone.bubbles] == [
            ("sendMessage", line),
            ("sendVoice", line),
            ("sendVenue", ""),
        ]
    maria.sends_tap("broadcasts:report:1").sees("Diganti tulisan «ditarik»: 2")


def test_what_telegram_will_not_delete_is_edited_and_what_it_will_not_edit_is_told(chat: Chat) -> None:
    siti, anton, stopped = registered(chat), registered(chat, "Anton"), registered(chat, "Rina")
    maria = staffed(chat, "Maria")
    announced(chat, maria)
    stopped.types("/berhenti")
    stopped.looks_up()
    anton.blocks()
    refusing(chat, maria, "deleteMessage")
    withdrawn(maria)
    chat.travel(seconds=10)
    assert copies(siti) == []
    assert copies(stopped) == [], "who stopped all messages is rid of it, too"
    assert "sudah ditarik oleh pengirimnya" in siti.bubbles[0].text
    maria.sees("Dihapus dari chat: 0", "Diganti tulisan «ditarik»: 2", "Memblokir bot: 1")
    announced(chat, maria, "Yang kedua")
    refusing(chat, maria, "deleteMessage", "editMessageText")
    withdrawn(maria, newest(chat).id)
    chat.travel(seconds=10)
    assert copies(siti, "Yang kedua")
    assert rows(chat, newest(chat).id)[-1].status == Status.FAILED


@pytest.mark.parametrize("restarts", [False, True])
def test_it_goes_on_after_a_kill_and_for_copies_in_the_senders_hands(chat: Chat, restarts: bool) -> None:
    siti, anton = registered(chat), registered(chat, "Anton")
    maria = staffed(chat, "Maria")
    announced(chat, maria)
    with chat.database.transaction() as db:
        mine = OutboxRow.broadcast_id == 1, OutboxRow.chat_id == anton.id
        db.execute(update(OutboxRow).where(*mine).values(status=Status.CLAIMED))
    with chat.database.transaction() as db:  # in the same commit as everything that follows of it
        account, announcement = maria.account(db), db.get(Broadcast, 1)
        assert account is not None
        assert announcement is not None
        assert isinstance(withdraw(db, announcement, account, chat.now), Withdrawn)
    with chat.database.transaction() as db:
        deleting = select(OutboxRow.status).join(Broadcast, Broadcast.id == OutboxRow.broadcast_id)
        assert set(db.scalars(deleting.where(Broadcast.withdraws))) == {Status.WAITING}
    if restarts:
        chat.restart()
        with chat.database.transaction() as db:  # it was being sent when the process was killed
            assert db.scalars(select(OutboxRow.status).where(*mine)).one() == Status.UNKNOWN
    else:
        with chat.database.transaction() as db:
            db.execute(update(OutboxRow).where(*mine).values(status=Status.SENT))
    chat.travel(minutes=1)
    chat.travel(seconds=10)
    assert copies(siti) == []
    assert len(copies(anton)) == restarts, "nobody knows the number of a message whose answer was lost"
    assert newest(chat).ended_at is not None


def test_who_may_take_it_back(chat: Chat) -> None:
    session = chat.add_class()
    siti, maria, yosef = enrolled(chat, session=session), staffed(chat, "Maria"), staffed(chat, "Yosef")
    far = staffed(chat, "Frans", site="jayapura")
    announced(chat, maria, to=f"class:{session}")
    before = refused(chat)
    for phone in (far, siti):
        for forged in ("withdraw:1", "withdrawn:1:7"):
            phone.sends_tap(f"broadcasts:{forged}").sees("hanya untuk pelatih atau admin")
    assert refused(chat) == before + 4
    yosef.sends_tap("broadcasts:withdrawn:1:7").sees_toast("Sudah diubah").sees("Tarik pengumuman 1?")
    maria.looks_up()
    yosef.taps("Ya, tarik").sees("ditarik dari 1 orang")
    maria.sees("Yosef menarik pengumuman 1")
    assert copies(siti) == []
    drafted(admin(chat), "Dari admin.", to=f"class:{session}").taps("Kirim sekarang")
    maria.sends_tap(f"broadcasts:withdraw:{newest(chat).id}").sees("hanya untuk pelatih atau admin")
    # a draft, and what is only scheduled, is called off instead
    drafted(maria, "Nanti.").taps("Pilih waktu kirim").types("besok 9").taps("Jadwalkan")
    number = newest(chat).id
    maria.types("/menu").sends_tap(f"broadcasts:withdraw:{number}").sees("Sudah dijadwalkan", "Batalkan kirim")


def test_typed_words_below_a_report_and_the_question(chat: Chat) -> None:
    siti, maria = registered(chat), staffed(chat, "Maria")
    announced(chat, maria)
    chat.travel(seconds=4)
    maria.types("tarik").sees("Tarik pengumuman 1?").types("tidak").sees("selesai").types("hapus").sees("Tarik")
    maria.types("ya").sees("Ya, tarik kembali").types("perbaiki saja").sees("Isinya sekarang").types("batal")
    assert copies(siti)
    maria.sends_tap("broadcasts:report:1").types("batalkan").sees("Tarik pengumuman 1?").taps("Ya, tarik")
    chat.travel(seconds=10)
    assert copies(siti) == []
