"""Who comes late says so in their own words: the trainer sees it, the seat stays, and nothing of the words is kept."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from bot.delivery.outbox.tables import OutboxRow
from bot.programme.enrolment import Enrolment
from tests.chat import Chat, Phone, enrolled, registered, staffed
from tests.databases import by_turns


def on_the_day(chat: Chat) -> tuple[Phone, int]:
    """Siti has a seat in a class that begins in two hours."""
    session = chat.add_class(starts=chat.now + timedelta(hours=2))
    return enrolled(chat, session=session), session


def marked(chat: Chat) -> int:
    with chat.database.transaction() as db:
        return len(db.scalars(select(Enrolment.id).where(Enrolment.late_at.is_not(None))).all())


@by_turns(
    "typed",
    ["saya terlambat", "saya telat", "otw kak", "macet", "telat dikit ya bu", "ban bocor bu", "tunggu sy 10 menit"],
)
def test_the_trainer_sees_who_comes_late(chat: Chat, typed: str) -> None:
    siti, session = on_the_day(chat)
    maria = staffed(chat).sends_tap(f"roster:list:{session}").sees("1. Bu Siti, belum menjawab")
    siti.types(typed).sees("Pelatih bisa melihat kabar ini di daftar", "Kursinya tetap", "Puncak Waringin")
    assert "Lihat peta" in siti.last.labels, "the answer is the last message, the map a tap away"
    maria.sends_tap(f"roster:list:{session}").sees("1. Bu Siti, datang terlambat")
    maria.sends_tap(f"attendance:class:{session}").sees("Bu Siti bilang datang terlambat")
    with chat.database.transaction() as db:
        assert not [one for one in db.scalars(select(OutboxRow.message)) if typed in str(one)]


def test_the_list_of_attendance_tells_it_until_the_person_is_there(chat: Chat) -> None:
    siti, session = on_the_day(chat)
    siti.types("saya terlambat")
    chat.travel(hours=2)
    maria = staffed(chat).sends_tap(f"attendance:names:{session}").sees("Bu Siti bilang datang terlambat")
    maria.taps("1. Bu Siti").sees("1 dari 1").does_not_see("terlambat")
    assert marked(chat) == 0
    maria.sends_tap(f"roster:list:{session}").does_not_see("terlambat")


def test_it_is_taken_back_by_its_button(chat: Chat) -> None:
    siti, session = on_the_day(chat)
    siti.types("saya telat kak").taps("Bisa tepat waktu").sees("Sampai jumpa")
    staffed(chat).sends_tap(f"roster:list:{session}").sees("akan datang").does_not_see("terlambat")


def test_a_question_and_another_day_mark_nobody(chat: Chat) -> None:
    siti, session = on_the_day(chat)
    for typed in ("telat gpp?", "besok saya telat", "kalau telat masih boleh masuk?"):
        siti.types(typed).sees("kursinya tetap", "Beri tahu pelatih", "Lihat peta").does_not_see("Pelatih bisa melihat")
    assert marked(chat) == 0
    siti.taps("Beri tahu pelatih").sees("Pelatih bisa melihat")
    staffed(chat).sends_tap(f"roster:list:{session}").sees("datang terlambat")


def test_the_day_before_is_too_early(chat: Chat) -> None:
    siti = enrolled(chat, session=chat.add_class(starts=chat.now + timedelta(days=2)))
    siti.types("saya terlambat").sees("Kursinya tetap", "tulis lagi").does_not_see("Pelatih bisa melihat")
    registered(chat, "Ani").types("saya terlambat").does_not_see("Pelatih", "Kursinya")
    assert marked(chat) == 0


def test_nothing_is_left_of_it_when_the_seat_is_given_back(chat: Chat) -> None:
    siti, session = on_the_day(chat)
    siti.types("saya terlambat").sends_tap(f"enrolment:withdrawn:{session}")
    assert marked(chat) == 0


def test_nothing_is_left_of_it_when_the_class_moves_or_is_over(chat: Chat) -> None:
    siti, session = on_the_day(chat)
    other = chat.add_class("LB-2", title="Toko Online", starts=chat.now + timedelta(hours=5))
    siti.sends_tap(f"enrolment:take:{other}")
    siti.types("saya terlambat").sees("Foto Produk")
    assert marked(chat) == 1
    maria = staffed(chat)
    maria.sends_tap(f"sessions:move:{session}").types("besok jam 10 pagi").taps("Simpan")
    assert marked(chat) == 0
    siti.sends_tap(f"reminders:late:{other}")
    assert marked(chat) == 1
    chat.travel(days=2)
    assert marked(chat) == 0


def test_the_button_is_for_whom_it_was_made_on_a_shared_phone(chat: Chat) -> None:
    siti, session = on_the_day(chat)
    siti.types("saya terlambat").sees("Bisa tepat waktu")
    data, message_id = siti.button("Bisa tepat waktu")
    with chat.database.transaction() as db:
        assert data == f"reminders:on_time:{siti.person(db).id}:{session}" or str(siti.person(db).id) in data
    siti.sends_tap(data, message_id).sees("Sampai jumpa")
    siti.sends_tap(data, message_id).sees("Sampai jumpa")
    siti.sends_tap("reminders:late:9999").does_not_see("Pelatih bisa melihat")


def test_the_copy_tells_it(chat: Chat) -> None:
    siti, _ = on_the_day(chat)
    siti.types("saya terlambat").types("/data_saya")
    assert b"terlambat" in siti.last.params["files"]["document"][1]


def test_it_is_a_button_on_the_day_on_the_card_and_on_the_reminder(chat: Chat) -> None:
    session = chat.add_class(starts=chat.now + timedelta(hours=3))
    siti = enrolled(chat, session=session).sends_tap(f"enrolment:show:{session}").sees("Saya terlambat")
    siti.looks_up()
    chat.travel(hours=1)
    siti.sees("Bisa datang", "Saya terlambat").taps("Saya terlambat").sees("Pelatih bisa melihat")
    assert marked(chat) == 1
    chat.travel(hours=2, minutes=1)
    # nobody can be in time any more once it has begun
    siti.sends_tap(f"enrolment:show:{session}").sees("Catat hadir").does_not_see("tepat waktu", "Saya terlambat")
    siti.types("saya terlambat").sees("Pelatih bisa melihat").does_not_see("tepat waktu")
    other = chat.add_class("LB-2", starts=chat.now + timedelta(days=2))
    siti.sends_tap(f"enrolment:take:{other}").sends_tap(f"enrolment:show:{other}").does_not_see("Saya terlambat")


def test_who_has_no_seat_or_whose_class_was_called_off_hears_that_first(chat: Chat) -> None:
    siti = enrolled(chat, session=chat.add_class(starts=chat.now + timedelta(days=2)))
    siti.sends_tap("enrolment:withdrawn:1").sends_tap("reminders:late:1").does_not_see("Kursinya tetap")
    off = chat.add_class("LB-2", starts=chat.now + timedelta(days=3))
    siti.sends_tap(f"enrolment:take:{off}")
    staffed(chat).sends_tap(f"sessions:cancel:{off}").taps("Ya, batalkan")
    siti.sends_tap(f"reminders:late:{off}").does_not_see("Kursinya tetap").sees("dibatalkan")
