"""What trainers hear of their classes: the evening before, a seat given back late, tasks gathered."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from bot.delivery.outbox import OutboxRow
from bot.programme import lessons, trainer_news
from bot.programme.news import News
from tests.chat import Chat, Phone, enrolled, local, staffed


def evenings(chat: Chat) -> list[str]:
    with chat.database.transaction() as db:
        said = select(OutboxRow.status).where(OutboxRow.message["key"].as_string() == "trainer_news.evening")
        return list(db.scalars(said.order_by(OutboxRow.id)))


# --- the evening before -----------------------------------------------------------------------------------------------


def test_the_evening_before_says_who_comes_who_waits_and_whom_nobody_reaches(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9), capacity=4)
    people = {name: enrolled(chat, name, session=session) for name in ("Siti", "Anton", "Rina", "Dewi", "Budi")}
    people["Anton"].types("/berhenti")
    chat.travel(to=local(25, 10))
    people["Siti"].sends_tap(f"reminders:coming:{session}")
    maria.looks_up()
    chat.travel(to=local(25, 16, 59))
    maria.sees_nothing_new()
    chat.travel(to=local(25, 17))
    maria.sees("besok di Labuan Bajo", "Foto Produk, 09.00 WITA", "Akan datang 1, belum menjawab 2, menunggu kursi 1")
    maria.sees("Tidak bisa dihubungi lewat bot: 1", "• Bu Anton", "Daftar nama", "Siapa belum tahu")
    maria.does_not_see("• Bu Rina")
    maria.taps("Siapa belum tahu").sees("Bu Anton: menghentikan pesan")
    maria.looks_up()
    chat.travel(to=local(25, 20))
    maria.sees_nothing_new()
    assert evenings(chat) == ["sent"]


def test_a_class_on_monday_is_told_on_sunday(chat: Chat, maria: Phone) -> None:
    chat.add_class(starts=local(30, 9))
    maria.looks_up()
    chat.travel(to=local(29, 17))
    maria.sees("besok di Labuan Bajo")


def test_several_classes_are_one_message_and_other_sites_hear_nothing(chat: Chat, maria: Phone) -> None:
    chat.add_class("A", starts=local(26, 9), title="Foto")
    second = chat.add_class("B", starts=local(26, 13), title="Harga")
    chat.add_class("C", starts=local(27, 9), title="Izin")
    enrolled(chat, "Siti", session=second)
    other = staffed(chat, "Budi", site="samosir")
    other.looks_up()
    maria.looks_up()
    chat.travel(to=local(25, 17))
    maria.sees(
        "Labuan Bajo: 2.", "Foto, 09.00 WITA\nBelum ada peserta.", "Harga, 13.00", "1. Daftar nama", "2. Belum dikabari"
    )
    maria.does_not_see("Izin")
    other.sees_nothing_new()
    maria.taps("2. Daftar nama").sees("Harga", "Bu Siti")


def test_nothing_about_a_class_that_was_called_off_or_moved(chat: Chat, maria: Phone) -> None:
    first, second = chat.add_class("A", starts=local(26, 9)), chat.add_class("B", starts=local(26, 13))
    maria.sends_tap(f"sessions:cancelled:{first}")
    maria.sends_tap(f"sessions:move:{second}").types("30/11 9").taps("Simpan").looks_up()
    chat.travel(to=local(25, 17))
    maria.sees_nothing_new()
    assert evenings(chat) == []


def test_what_waits_to_be_sent_is_counted_again(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9))
    siti = enrolled(chat, "Siti", session=session)
    other = chat.add_class("B", starts=local(26, 13), title="Harga")
    chat.travel(to=local(25, 16, 59))
    siti.sends_tap(f"reminders:coming:{session}")
    hold(chat, maria)
    maria.sends_tap(f"sessions:cancelled:{other}")
    chat.look()
    with chat.database.transaction() as db:
        (message,) = db.scalars(
            select(OutboxRow.message).where(OutboxRow.message["key"].as_string() == "trainer_news.evening")
        )
    assert message is not None
    assert "Harga" not in str(message)
    assert message["values"]["n"] == 1
    maria.sends_tap(f"sessions:cancelled:{session}")
    chat.look()
    assert evenings(chat) == ["dropped"]


def hold(chat: Chat, maria: Phone) -> None:
    """The evening's message is written, and held back until later, as it is over the night."""
    chat.start += timedelta(minutes=2)
    with chat.database.transaction() as db:
        trainer_news.due(db, chat.now, chat.context)
        row = db.scalars(select(OutboxRow).where(OutboxRow.once.startswith("evening:"))).one()
        row.not_before = chat.now + timedelta(hours=12)
    maria.looks_up()


# --- a seat given back late, tasks ------------------------------------------------------------------------------------


def test_seats_given_back_late_are_told_together(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9))
    siti, anton, rina = (enrolled(chat, name, session=session) for name in ("Siti", "Anton", "Rina"))
    maria.looks_up()
    siti.sends_tap(f"enrolment:withdrawn:{session}")
    chat.travel(hours=1)
    maria.sees_nothing_new()  # three days before it is no news
    chat.travel(to=local(25, 18))
    maria.looks_up()
    anton.sends_tap(f"enrolment:withdrawn:{session}")
    rina.sends_tap(f"enrolment:withdrawn:{session}")
    chat.travel(minutes=1)
    rina.taps("Kembalikan")
    maria.sees_nothing_new()
    chat.travel(minutes=3)
    maria.sees("Kursi dikembalikan di kelas Foto Produk, Kam 26 Nov, 09.00: 1", "• Bu Anton", "Kursi kosong 19")
    maria.does_not_see("Rina")
    with chat.database.transaction() as db:
        assert db.scalar(select(func.count()).select_from(News)) == 0


def test_a_seat_given_back_at_night_is_told_in_the_morning(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(26, 9))
    siti = enrolled(chat, "Siti", session=session)
    chat.travel(to=local(25, 22))
    maria.looks_up()
    siti.sends_tap(f"enrolment:withdrawn:{session}")
    chat.travel(to=local(26, 7, 59))
    maria.sees_nothing_new()
    chat.travel(to=local(26, 8))
    maria.sees("• Bu Siti")


def test_tasks_are_gathered(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(28, 9))
    people = [enrolled(chat, name, session=session) for name in ("Siti", "Anton")]
    maria.looks_up()
    does_task(chat, people[0], "M01L1")
    chat.travel(minutes=30)
    does_task(chat, people[1], "M01L1")
    does_task(chat, people[1], "M01L1")
    maria.sees_nothing_new()
    chat.travel(minutes=30)
    maria.sees("Tugas yang baru dikerjakan: 2", "Lihat tugas").looks_up()
    does_task(chat, people[0], "M01L2")
    chat.travel(minutes=119)
    maria.sees_nothing_new()
    chat.travel(minutes=61)
    maria.sees("Tugas yang baru dikerjakan: 1").taps("Lihat tugas").sees("Bu Siti")


def test_who_leaves_is_no_news(chat: Chat, maria: Phone) -> None:
    session = chat.add_class(starts=local(24, 9))
    siti = enrolled(chat, "Siti", session=session)
    maria.looks_up()
    siti.types("/hapus_data").sends_tap("privacy:erased")
    with chat.database.transaction() as db:
        assert db.scalars(select(News)).all() == []


def does_task(chat: Chat, phone: Phone, lesson: str) -> None:
    with chat.database.transaction() as db:
        lessons.note_task(db, phone.person(db), lesson, content=chat.content, now=chat.now)
    chat.look()
