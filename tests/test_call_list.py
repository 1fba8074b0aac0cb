"""The call list: who could not be told about a class, with words for WhatsApp, and whom staff told."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select, update

from bot.delivery.outbox import OutboxRow, Status
from bot.people.audit import AuditRow
from bot.people.people import Account, Person, RoleGrant, Salutation
from bot.programme import call_list, class_changes, class_restoring, privacy
from bot.programme.call_list import CallMade, Why
from bot.programme.enrolment import Enrolment, EnrolmentStatus
from bot.programme.sessions import ClassSession
from bot.telegram.http import Refused
from tests.chat import Chat, Phone, enrolled, local, registered, staffed
from tests.databases import by_turns


def gives_number(chat: Chat, phone: Phone, number: str) -> None:
    with chat.database.transaction() as db:
        phone.person(db).phone = number


def moves(maria: Phone, session: int, to: str = "jumat 15.00") -> Phone:
    return maria.sends_tap(f"sessions:move:{session}").types(to).taps("Simpan")


def blocked(chat: Chat, phone: Phone) -> Phone:
    """Somebody whose phone Telegram said, some time ago, that it does not want us."""
    phone.blocks()
    chat.deliver({"my_chat_member": _left(phone)})
    return phone


def _left(phone: Phone) -> dict[str, Any]:
    bot = {"id": 1, "is_bot": True, "first_name": "Jalin"}
    return {
        "chat": {"id": phone.id, "type": "private"},
        "from": phone.user,
        "date": 0,
        "old_chat_member": {"status": "member", "user": bot},
        "new_chat_member": {"status": "kicked", "user": bot, "until_date": 0},
    }


def link_of(phone: Phone, label: str) -> tuple[str, str]:
    """The number and the words of the newest button to WhatsApp with this label."""
    for bubble in reversed(phone.bubbles):
        for button in (button for row in bubble.buttons for button in row):
            if button["text"] == label:
                address = urlsplit(button["url"])
                assert address.netloc == "wa.me"
                assert len(button["url"]) <= 2000
                return address.path.removeprefix("/"), parse_qs(address.query)["text"][0]
    raise AssertionError(phone.transcript())


def walk_in(chat: Chat, session: int, name: str = "Zebedeus") -> None:
    """Somebody without a phone has a seat, if there is one."""
    with chat.database.transaction() as db:
        found = db.get_one(ClassSession, session)
        if found.seats_taken == found.capacity or found.cancelled_at is not None:
            return
        found.seats_taken += 1
        person = Person(
            account_id=None, name=name, form_of_address=Salutation.BAPAK, site_id=found.site_id, registered_at=chat.now
        )
        db.add(person)
        db.flush()
        status = EnrolmentStatus.SEATED
        one = Enrolment(
            session_id=session, person_id=person.id, status=status, created_at=chat.now, changed_at=chat.now
        )
        db.add(one)


# --- a class moves, is called off, is near ----------------------------------------------------------------------------


def test_after_a_move_the_trainer_hears_who_is_left_and_calls_them(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9))
    for name in ("Siti", "Rina"):
        enrolled(chat, name, session=session)
    anton = enrolled(chat, "Anton", session=session)
    gives_number(chat, anton, "+6281234567890")
    blocked(chat, anton)
    walk_in(chat, session)
    moves(maria, session).sees("2 orang dikabari. 2 orang belum tahu kabarnya.").taps("Lihat nama")
    maria.sees("Yang belum tahu kabarnya: kelas Foto Produk, Jum 27 Nov, 15.00", "Waktu atau tempatnya berubah")
    maria.sees(
        "1. Bu Anton, 0812-3456-7890: memblokir bot", "2. Pak Zebedeus: tanpa Telegram", "Perlu dihubungi: 2 orang"
    )
    maria.does_not_see("Bu Siti", "2. WhatsApp")
    assert maria.last.params["protect_content"] is True
    number, words = link_of(maria, "1. WhatsApp")
    assert number == "6281234567890"
    assert "Menjadi Jumat, 27 November 2026 pukul 15.00 WITA, di Puncak Waringin" in words
    assert words.endswith("https://t.me/jalin_bot")
    assert "Anton" not in words
    maria.taps("1. Sudah dikabari").sees_toast("Sudah dicatat").sees("✓ Bu Anton: dikabari Maria", "Perlu dihubungi: 1")
    with chat.database.transaction() as db:
        assert all("6281234567890" not in str(one) for one in db.scalars(select(OutboxRow.message)))
        noted = [(one.action, one.subject) for one in db.scalars(select(AuditRow))]
        assert ("call_made", f"person:{anton.person(db).id}") in noted
        assert ("call_list_seen", f"session:{session}") in noted


def test_a_move_made_at_night_says_from_when_on_people_are_told(chat: Chat, maria: Phone) -> None:
    """Nobody is told yet, and the trainer is not made to believe it; a class of tomorrow is told about at any hour."""
    far, near = chat.add_class("A", starts=local(27, 9)), chat.add_class("B", starts=local(25, 9))
    siti, anton = enrolled(chat, "Siti", session=far).looks_up(), enrolled(chat, "Anton", session=near).looks_up()
    chat.travel(to=local(24, 22))
    maria.sends_tap(f"sessions:move:{far}").types("28/11 9").taps("Simpan")
    maria.sees("1 orang dikabari. Kabarnya dikirim mulai Rab 25 Nov, 08.00")
    maria.sends_tap(f"call_list:see:{far}").sees("Bu Siti: pesan menunggu dikirim")
    siti.sees_nothing_new()
    maria.sends_tap(f"sessions:move:{near}").types("26/11 9").taps("Simpan").sees("1 orang dikabari.")
    maria.does_not_see("Kabarnya dikirim mulai")
    anton.sees("waktu kelas Foto Produk berubah")
    chat.travel(to=local(25, 8))
    siti.sees("waktu kelas Foto Produk berubah")


def test_two_trainers_see_each_others_calls(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9))
    walk_in(chat, session)
    moves(maria, session).taps("Lihat nama")
    yosef = staffed(chat, "Yosef").sends_tap(f"call_list:see:{session}").sees("Pak Zebedeus: tanpa Telegram")
    stale = yosef.button("1. Sudah dikabari")
    maria.taps("1. Sudah dikabari")
    chat.travel(minutes=5)
    yosef.sends_tap(*stale).sees_toast("Sudah dikabari sebelumnya").sees("dikabari Maria", "Sen 23 Nov, 10.00")
    yosef.taps("1. Belum dikabari").sees_toast("Tandanya sudah dihapus").sees("tanpa Telegram")
    yosef.sends_tap(*stale).sees("dikabari Yosef")
    yosef.sends_tap(*stale).sees_toast("Sudah dikabari sebelumnya").sees_nothing_new()
    with chat.database.transaction() as db:
        assert len(db.scalars(select(CallMade)).all()) == 1
        assert len(db.scalars(select(AuditRow).where(AuditRow.action == "call_made")).all()) == 2


def test_a_button_about_an_older_date_marks_nobody(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9))
    walk_in(chat, session)
    moves(maria, session).taps("Lihat nama")
    stale = maria.button("1. Sudah dikabari")
    maria.taps("1. Sudah dikabari")
    chat.travel(minutes=1)
    moves(maria, session, "28/11 9").taps("Lihat nama").sees("tanpa Telegram").does_not_see("dikabari Maria")
    maria.sends_tap(*stale).sees_toast("berubah lagi").sees("tanpa Telegram")
    with chat.database.transaction() as db:
        assert db.scalars(select(CallMade.about)).all() == ["r2"]
    maria.sends_tap(f"call_list:told:{session}:999:r3:yes").sees_toast("berubah lagi")
    maria.sends_tap(f"call_list:told:{session}:1:b999999999999999:yes").sees_toast("berubah lagi")


def test_a_cancelled_class_is_told_about_by_phone(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9), capacity=1)
    siti = enrolled(chat, "Siti", session=session)
    gives_number(chat, siti, "+6281234567890")
    enrolled(chat, "Rina", session=session)
    blocked(chat, siti)
    maria.sends_tap(f"sessions:cancelled:{session}").sees("1 orang dikabari. 1 orang belum tahu kabarnya").taps(
        "Lihat nama"
    )
    maria.sees("Kelas ini dibatalkan", "1. Bu Siti, 0812-3456-7890: memblokir bot").does_not_see("Rina")
    assert "dibatalkan" in link_of(maria, "1. WhatsApp")[1]
    maria.sends_tap(f"sessions:cancelled:{session}").sees("dibatalkan sebelumnya", "Lihat nama")


def test_who_blocks_us_at_the_message_is_on_the_list_then(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9))
    siti = enrolled(chat, "Siti", session=session)
    siti.blocks()
    moves(maria, session).sees("1 orang dikabari").does_not_see("belum tahu kabarnya.")
    maria.sends_tap(f"call_list:see:{session}").sees("Bu Siti: memblokir bot", "Perlu dihubungi: 1 orang")


def test_before_a_class_those_the_reminder_did_not_reach_are_called(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9))
    enrolled(chat, "Siti", session=session)
    anton = enrolled(chat, "Anton", session=session).types("/berhenti")
    rina = registered(chat, "Rina", reminders=False).sends_tap(f"enrolment:take:{session}")
    maria.sends_tap(f"sessions:show:{session}").taps("Siapa belum tahu")
    maria.sees("tidak bisa dihubungi lewat bot", "Bu Anton: menghentikan pesan").does_not_see("Rina", "Siti")
    chat.travel(to=local(25, 17))
    maria.sends_tap(f"call_list:see:{session}").sees("Kelasnya sudah dekat", "Bu Anton: menghentikan pesan")
    maria.sees("Bu Rina: belum setuju diingatkan", "Sudah tahu: 1 orang").does_not_see("Siti")
    chat.travel(minutes=1)
    rina.sends_tap(f"reminders:coming:{session}")
    with chat.database.transaction() as db:
        assert db.scalars(select(Enrolment.reply).where(Enrolment.person_id == rina.person(db).id)).all() == ["coming"]
        assert anton.account(db) is not None
    maria.sends_tap(f"call_list:see:{session}").does_not_see("Rina").sees("Sudah tahu: 2 orang")


def test_what_still_waits_is_named_and_needs_no_call(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 18))
    enrolled(chat, "Siti", session=session)
    chat.travel(to=local(25, 10))
    maria.sends_tap(f"call_list:see:{session}").sees("Bu Siti: pesan belum dikirim", "Perlu dihubungi: 0 orang")
    chat.travel(to=local(25, 18, 1))
    maria.sends_tap(f"call_list:see:{session}").sees("Semua sudah tahu: 1 orang").does_not_see("Siti")


def test_pages_and_words_for_long_names_of_classes(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9), title="📷" * 120, venue="🏠" * 160, capacity=20)
    people = [enrolled(chat, f"Peserta {letter}", session=session) for letter in "ABCDEFG"]
    for number, phone in enumerate(people):
        gives_number(chat, phone, f"+62812345678{number:02}")
        blocked(chat, phone)
    maria.sends_tap(f"call_list:see:{session}").sees("1. Bu Peserta A", "5. Bu Peserta E").does_not_see("Peserta F")
    assert link_of(maria, "5. WhatsApp")[0] == "6281234567804"
    maria.taps("Berikutnya").sees("6. Bu Peserta F", "7. Bu Peserta G").does_not_see("Peserta E")
    maria.taps("7. Sudah dikabari").sees("7. ✓ Bu Peserta G").taps("Sebelumnya").sees("1. Bu Peserta A")


def test_who_cannot_be_reached_is_not_called_silent(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9))
    for name in ("Siti", "Rina"):
        enrolled(chat, name, session=session)
    blocked(chat, enrolled(chat, "Anton", session=session))
    enrolled(chat, "Dewi", session=session).types("/berhenti")
    maria.sends_tap(f"roster:list:{session}").sees("Bu Siti, belum menjawab", "Bu Anton, tidak bisa dihubungi")
    maria.sees("Bu Dewi, tidak bisa dihubungi").taps("Siapa belum tahu").sees("Bu Anton: memblokir bot")


# --- words of the list ------------------------------------------------------------------------------------------------


def test_where_nobody_has_a_number_the_list_says_so(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9))
    walk_in(chat, session)
    moves(maria, session).taps("Lihat nama").sees("Pak Zebedeus: tanpa Telegram", "Nomor HP mereka tidak ada di sini")
    maria.does_not_see("WhatsApp", "Sudah tahu").taps("1. Sudah dikabari").sees("Perlu dihubungi: 0 orang")
    maria.does_not_see("Nomor HP mereka", "WhatsApp")


def test_a_class_without_anybody_has_nobody_to_be_told(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9))
    maria.sends_tap(f"call_list:see:{session}").sees("Belum ada peserta yang perlu dikabari").does_not_see("0 orang")


def test_where_everybody_can_be_reached_that_is_said(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9))
    enrolled(chat, session=session)
    maria.sends_tap(f"call_list:see:{session}").sees("Semua peserta bisa dihubungi lewat bot")
    maria.does_not_see("tidak bisa dihubungi")


def test_who_froze_their_data_is_not_said_to_be_reminded_later(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9))
    siti = enrolled(chat, session=session)
    gives_number(chat, siti, "+6281234567890")
    siti.types("/bekukan").taps("Bekukan, simpan kursi")
    chat.travel(to=local(26, 8, 50))
    maria.sends_tap(f"call_list:see:{session}").sees("1. Bu Siti: tidak diingatkan bot", "Perlu dihubungi: 1 orang")
    maria.does_not_see("WhatsApp membuka", "1. WhatsApp", "0812")


# --- asked for by words -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed", ["siapa yang belum dikabari", "siapa belum tahu", "siapa yg perlu dihubungi", "belum terkabari"]
)
def test_the_call_list_is_asked_for_by_words(chat: Chat, maria: Phone, typed: str) -> None:
    maria.types(typed).sees("Belum ada kelas yang akan datang")
    session = chat.add_class(starts=local(26, 9))
    enrolled(chat, "Anton", session=session).types("/berhenti")
    maria.types(typed).sees("1. Bu Anton: menghentikan pesan")
    other = chat.add_class("LB-2", title="Toko Online", starts=local(27, 9))
    walk_in(chat, other)
    with chat.database.transaction() as db:
        class_changes.cancel(db, db.get_one(ClassSession, other), chat.now, zone="Asia/Makassar")
    maria.types(typed).sees("• Foto Produk, Kam 26 Nov, 09.00: 1 orang", "• Toko Online, Jum 27 Nov, 09.00: 1 orang")
    maria.taps("Toko Online").sees("Kelas ini dibatalkan", "Pak Zebedeus")
    chat.add_class("LB-3", title="Atur Uang", starts=local(28, 9))
    maria.types(typed).sees("• Atur Uang, Sab 28 Nov, 09.00: tidak ada yang perlu dihubungi").does_not_see(" 0 orang")


def test_of_a_list_with_and_without_numbers_it_says_what_can_be_done_with_both(chat: Chat, maria: Phone) -> None:
    session = three_to_call(chat, maria)
    with chat.database.transaction() as db:
        anton = db.scalars(select(Person).where(Person.name == "Anton")).one()
        anton.phone = "+6281234567890"
    maria.sends_tap(f"call_list:see:{session}").sees("WhatsApp membuka pesan", "Yang tanpa nomor: kabari langsung")


# --- a name or number typed below it ----------------------------------------------------------------------------------


def three_to_call(chat: Chat, maria: Phone) -> int:
    session = chat.add_class(starts=local(26, 9), capacity=20)
    for name in ("Anton", "Rina", "Siti"):
        enrolled(chat, name, session=session).types("/berhenti")
    maria.sends_tap(f"roster:list:{session}").taps("Siapa belum tahu").sees("1. Bu Anton", "3. Bu Siti")
    return session


@pytest.mark.parametrize("typed", ["rina", "bu rina", "2", "no. 2", "RIN"])
def test_a_name_or_number_typed_below_the_list_opens_that_line(chat: Chat, maria: Phone, typed: str) -> None:
    three_to_call(chat, maria)
    maria.types(typed).sees("2. Bu Rina: menghentikan pesan", "2. Sudah dikabari").does_not_see("Anton", "Siti")
    maria.taps("2. Sudah dikabari").sees("2. ✓ Bu Rina: dikabari Maria", "1. Bu Anton")


def test_a_name_that_is_not_on_the_call_list_is_answered_with_how(chat: Chat, maria: Phone) -> None:
    session = three_to_call(chat, maria)
    for typed in ("Xerxes", "17", "budi", "Pak Budi", "hana", "dodi"):
        maria.types(typed).sees("Tidak ada nama seperti itu di daftar yang belum dikabari", "Ketik nomornya")
    maria.types("siti").sees("3. Bu Siti").taps("Lihat daftar").sees("1. Bu Anton", "3. Bu Siti")
    maria.types("menu").does_not_see("Tidak ada nama").types("siti").does_not_see("3. Bu Siti")
    maria.sends_tap(f"call_list:see:{session}").types("laporan").does_not_see("Tidak ada nama")


def test_done_typed_below_the_call_list_asks_who_was_told(chat: Chat, maria: Phone) -> None:
    three_to_call(chat, maria)
    maria.types("sudah").sees("Sudah mengabari siapa?").types("2").taps("2. Sudah dikabari").sees("dikabari Maria")
    for typed in ("lanjut", "kembali", "batal"):
        maria.types(typed).sees("1. Bu Anton", "3. Bu Siti").does_not_see("Tidak ada nama", "Ya, setuju")


def test_a_name_typed_below_an_announcements_list_is_of_that_list(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9))
    enrolled(chat, "Siti", session=session)
    registered(chat, "Anton", reminders=False).sends_tap(f"enrolment:take:{session}")
    maria.sends_tap(f"sessions:show:{session}").taps("Kirim pengumuman").types("Bawa produk.").taps("Kirim sekarang")
    maria.taps("Lihat nama").types("anton").sees("1. Bu Anton: belum setuju diingatkan").taps("1. Sudah dikabari")
    with chat.database.transaction() as db:
        assert db.scalars(select(CallMade.about)).all() == ["b1"]


def test_nobody_of_another_site_finds_names_by_typing(chat: Chat, maria: Phone) -> None:
    three_to_call(chat, maria)
    with chat.database.transaction() as db:
        db.execute(update(RoleGrant).values(site_id="samosir"))
    maria.types("siti").does_not_see("menghentikan pesan")


# --- an announcement to one class -------------------------------------------------------------------------------------


def test_whom_an_announcement_to_a_class_did_not_reach(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9))
    enrolled(chat, "Siti", session=session)
    anton = registered(chat, "Anton", reminders=False).sends_tap(f"enrolment:take:{session}")
    gives_number(chat, anton, "+6281234567890")
    maria.sends_tap(f"sessions:show:{session}").taps("Kirim pengumuman").types("Kelas pindah ke Aula Paroki.").taps(
        "Kirim sekarang"
    )
    maria.sees("Lihat nama").taps("Lihat nama").sees("pengumuman untuk kelas ini", "Sudah tahu: 1 orang")
    maria.sees("1. Bu Anton, 0812-3456-7890: belum setuju diingatkan").does_not_see("Bu Siti")
    words = link_of(maria, "1. WhatsApp")[1]
    assert "Ada pengumuman dari pelatih untuk kelas Foto Produk" in words
    maria.taps("1. Sudah dikabari").sees("✓ Bu Anton: dikabari Maria")
    maria.sends_tap(f"call_list:see:{session}").does_not_see("dikabari Maria")
    chat.travel(minutes=1)
    yosef = staffed(chat, "Yosef").sends_tap("call_list:news:1").sees("dikabari Maria")
    yosef.taps("1. Belum dikabari").sees("1. Bu Anton, 0812-3456-7890")
    staffed(chat, "Budi", site="samosir").sends_tap("call_list:news:1").sees("hanya untuk pelatih")


# --- what is kept -----------------------------------------------------------------------------------------------------


def test_a_call_is_in_the_copy_and_goes_with_the_person_or_after_a_month(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9))
    siti, rina = (enrolled(chat, name, session=session).types("/berhenti") for name in ("Siti", "Rina"))
    maria.sends_tap(f"call_list:see:{session}")
    for _ in (siti, rina):
        maria.taps("1. Sudah dikabari" if _ is siti else "2. Sudah dikabari")
    with chat.database.transaction() as db:
        copy = privacy.copy_of(db, siti.person(db), context=chat.context, now=chat.now)
    (told,) = copy["dikabari_pelatih"]
    assert (told["kelas"], told["tentang"]) == ("LB-1", "r1")
    siti.types("/hapus_data").sends_tap("privacy:erased")
    with chat.database.transaction() as db:
        assert [one.person_id for one in db.scalars(select(CallMade))] == [rina.person(db).id]
    chat.travel(days=31)
    with chat.database.transaction() as db:
        assert db.scalars(select(CallMade)).all() == []


# --- complete ---------------------------------------------------------------------------------------------------------


class Town:
    """People who do things by chance, and what each of them knows by what they did: the revision of a class that their
    own tap was answered with."""

    def __init__(self, chat: Chat, seed: int) -> None:
        self.chat, self.chance = chat, random.Random(seed)
        self.classes = [
            chat.add_class(f"K-{n}", starts=local(25 + n, 9 + n * 5), capacity=self.chance.choice((2, 4)))
            for n in range(3)
        ]
        self.people = [
            registered(chat, f"Orang {n}", reminders=self.chance.choice((True, True, False, None))) for n in range(6)
        ]
        self.known: dict[tuple[int, int], int] = {}

    def step(self) -> str:
        chance, session, phone = self.chance, self.chance.choice(self.classes), self.chance.choice(self.people)
        what = chance.choice(
            (
                "take",
                "take",
                "take",
                "leave",
                "coming",
                "move",
                "move",
                "cancel",
                "restore",
                "block",
                "stop",
                "wait",
                "fault",
                "walk",
                "freeze",
                "no",
            )
        )
        match what:
            case "take" | "leave" | "coming":
                phone.blocks(False)
                action = {"take": "enrolment:take", "leave": "enrolment:withdrawn", "coming": "reminders:coming"}[what]
                phone.sends_tap(f"{action}:{session}")
                self._learns(phone, session)
            case "block":
                blocked(self.chat, phone)
            case "stop":
                phone.blocks(False)
                phone.types("/berhenti")
            case "fault":
                self.chat.telegram.faults.append(Refused(400, "Bad Request: strange", None))
                self._moves(session)
                self.chat.telegram.faults.clear()
            case "move":
                self._moves(session)
            case "cancel" if chance.random() < 0.4:
                with self.chat.database.transaction() as db:
                    class_changes.cancel(db, db.get_one(ClassSession, session), self.chat.now, zone="Asia/Makassar")
                self.chat.look()
            case "restore":
                with self.chat.database.transaction() as db:
                    found = db.get_one(ClassSession, session)
                    leads, hours = (of(found.site_id) for of in (self.chat.content.leads, self.chat.content.open_hours))
                    class_restoring.restore(db, found, self.chat.now, leads=leads, hours=hours)  # type: ignore[arg-type]
                self.chat.look()
            case "walk":
                walk_in(self.chat, session, "Walk")
            case "freeze":
                leave, owing = chance.random() < 0.3, self.chat.context.capabilities
                with self.chat.database.transaction() as db:
                    privacy.freeze(db, phone.person(db), self.chat.now, owing, leave_seats=leave)
            case "no":
                phone.blocks(False)
                phone.sends_tap("privacy:consent:reminders:no")
            case _:
                self.chat.travel(hours=chance.choice((1, 7, 20)))
        self.chat.travel(minutes=1)
        return f"{what} {session} {phone.first_name}"

    def _moves(self, session: int) -> None:
        with self.chat.database.transaction() as db:
            found = db.get_one(ClassSession, session)
            if found.starts_at > self.chat.now:
                later = found.starts_at + timedelta(hours=self.chance.choice((1, 24, 72)))
                leads = self.chat.content.leads(found.site_id)
                class_changes.change(db, found, self.chat.now, starts_at=later, leads=leads, zone="Asia/Makassar")
        self.chat.look()

    def _learns(self, phone: Phone, session: int) -> None:
        with self.chat.database.transaction() as db:
            found, person = db.get_one(ClassSession, session), phone.person(db)
            self.known[person.id, session] = found.revision

    def check(self) -> int:
        """Returns how many were on a list. Whoever has a seat was sent a message about this revision, did something
        themselves at this revision, or is on the list; and who was sent one is not said to need a call."""
        listed = 0
        with self.chat.database.transaction() as db:
            for session in db.scalars(select(ClassSession)):
                calls = call_list.of_class(db, session, self.chat.now, self.chat.content)
                names = {one.person.id: one.why for one in calls.entries}
                listed += len(names)
                seats = select(Enrolment.person_id).where(Enrolment.session_id == session.id)
                if session.cancelled_at is None:
                    seats = seats.where(Enrolment.status == EnrolmentStatus.SEATED)
                else:
                    seats = seats.where(
                        Enrolment.status == EnrolmentStatus.CANCELLED, Enrolment.changed_at == session.cancelled_at
                    )
                told = set(
                    db.scalars(
                        select(OutboxRow.person_id).where(
                            OutboxRow.session_id == session.id,
                            OutboxRow.status == Status.SENT,
                            OutboxRow.once.like(f"change:{session.id}:{session.revision}:%")
                            | OutboxRow.once.like(f"reminder:{session.id}:{session.revision}:%"),
                        )
                    )
                )
                told |= set(  # who never heard that it was cancelled knows it as it is
                    db.scalars(
                        select(OutboxRow.person_id).where(
                            OutboxRow.reason == "restored",
                            OutboxRow.once.like(f"change:{session.id}:{session.revision - 1}:%"),
                        )
                    )
                )
                if calls.occasion is call_list.Occasion.COMING:
                    silent = Account.blocked_at.is_not(None) | Account.stopped_at.is_not(None) | Account.id.is_(None)
                    cut_off = select(Person.id).outerjoin(Account, Account.id == Person.account_id).where(silent)
                    assert set(db.scalars(seats.where(Enrolment.person_id.in_(cut_off)))) == set(names), session.code
                    continue
                if self.chat.now >= session.starts_at:
                    late = {why for why in names.values() if why in call_list.PENDING}
                    assert not late, (session.code, "is said to be told yet")
                for person in db.scalars(seats):
                    knows = session.cancelled_at is None and self.known.get((person, session.id)) == session.revision
                    assert person in names or person in told or knows, (session.code, person, calls.occasion)
        return listed


@by_turns("seed", range(8))
def test_everybody_with_a_seat_was_sent_a_message_or_is_on_the_list(chat: Chat, seed: int) -> None:
    town = Town(chat, seed)
    listed, steps = 0, []
    for _ in range(15):
        steps.append(town.step())
        try:
            listed += town.check()
        except AssertionError as error:
            raise AssertionError(steps) from error
    for number in range(3):  # to the beginning of each class, and of what it moved to
        with chat.database.transaction() as db:
            starts = sorted(one.starts_at for one in db.scalars(select(ClassSession)) if one.starts_at > chat.now)
        if starts:
            chat.travel(to=starts[0])
            steps.append(f"begin {number}")
            listed += town.check()
    assert listed


def test_a_failed_message_is_on_the_list(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9))
    siti = enrolled(chat, "Siti", session=session)
    moves(maria, session)
    with chat.database.transaction() as db:
        person = siti.person(db).id
        db.execute(
            update(OutboxRow)
            .where(OutboxRow.person_id == person, OutboxRow.kind == "change")
            .values(status=Status.FAILED, reason="strange")
        )
    maria.sends_tap(f"call_list:see:{session}").sees("Bu Siti: pesan tidak terkirim")
    with chat.database.transaction() as db:
        calls = call_list.of_class(db, db.get_one(ClassSession, session), chat.now, chat.content)
        assert [(one.person.name, one.why) for one in calls.entries] == [("Siti", Why.FAILED)]
        assert db.get_one(Person, person).name == "Siti"
