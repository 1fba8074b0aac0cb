"""Learning: the path, a lesson page by page, the task, and the daily lesson at the right hour."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from bot.capability import Context
from bot.delivery.outbox import OutboxRow, Status
from bot.people import people
from bot.people.people import Account, Person, Purpose, Role, RoleGrant, record_consent
from bot.people.quiet_hours import Kind
from bot.programme import lessons, privacy
from bot.programme.lessons import LearningDay, LessonPlan, LessonProgress, TaskDone
from bot.programme.quizzes import QuizPurpose, Sitting
from bot.settings import Settings
from tests.chat import MONDAY, Chat, Phone, content, registered
from tests.databases import quick_database

WIB, WITA, WIT = (ZoneInfo(f"Asia/{city}") for city in ("Jakarta", "Makassar", "Jayapura"))
SITES = {"yogyakarta": WIB, "labuan-bajo": WITA, "jayapura": WIT}
ALL_DAYS = lessons.EVERY_DAY
PHOTO = [{"file_id": "small", "file_unique_id": "s", "width": 1, "height": 1},
         {"file_id": "large", "file_unique_id": "l", "width": 9, "height": 9}]  # fmt: skip


@pytest.fixture
def quick(sqlite_url: str) -> Iterator[Chat]:
    """A chat on SQLite alone, for what is the same on every database."""
    opened = Chat(sqlite_url)
    try:
        yield opened
    finally:
        opened.close()


def learner(chat: Chat, name: str = "Siti", site: str = "labuan-bajo", *, reminders: bool | None = True) -> Phone:
    """Somebody who was offered the test before learning and skipped it."""
    phone = registered(chat, name, site, reminders=reminders)
    with chat.database.transaction() as db:
        for purpose in (QuizPurpose.PRETEST, QuizPurpose.POSTTEST):
            db.add(Sitting(person_id=phone.person(db).id, purpose=purpose, questions=[], put_off_at=chat.now))
    return phone


def plans(chat: Chat, phone: Phone, *, days: int = ALL_DAYS, minute: int = 18 * 60, unanswered: int = 0) -> None:
    """Switch the daily lesson on, in the database."""
    with chat.database.transaction() as db:
        lessons.plan(db, phone.person(db), content=chat.content, now=chat.now, days=days, minute=minute)
        db.flush()
        plan = lessons.plan_of(db, phone.person(db))
        assert plan is not None
        plan.unanswered = unanswered


def plan_of(chat: Chat, phone: Phone) -> LessonPlan:
    with chat.database.transaction() as db:
        plan = lessons.plan_of(db, phone.person(db))
        assert plan is not None
        return plan


def finishes(chat: Chat, phone: Phone, *lesson_ids: str) -> None:
    with chat.database.transaction() as db:
        for lesson_id in lesson_ids:
            lessons.finish(db, phone.person(db), lesson_id, content=chat.content, now=chat.now)


def daily_to(phone: Phone) -> list[str]:
    return [bubble.text for bubble in phone.bubbles if "ini pelajaran hari ini" in bubble.text]


def moment(zone: ZoneInfo, day: int, hour: int, minute: int = 0) -> datetime:
    """A wall time of November 2026."""
    return datetime(2026, 11, day, hour, minute, tzinfo=zone)


# --- the path ---------------------------------------------------------------------------------------------------------


def test_the_overview_tells_where_i_am_and_what_comes_next(quick: Chat) -> None:
    siti = learner(quick).types("/belajar")
    siti.sees("Berikutnya: Foto terang tanpa lampu mahal", "Cukup").does_not_see("0 dari 72")
    assert siti.last.labels == [
        "Mulai belajar", "Lihat semua modul", "Cari pelajaran", "Atur jam belajar", "Menu", "Bantuan",
    ]  # fmt: skip
    siti.types("/menu").taps("Belajar").sees("Berikutnya: ", "Cukup")


def test_a_stranger_is_led_to_the_registration(quick: Chat) -> None:
    quick.phone("Siti").types("/belajar").sees("Ya, setuju")
    quick.phone("Anton").sends_tap("lessons:open:M01L1").sees("Ya, setuju")


def test_a_lesson_is_turned_in_place_and_gone_on_with_where_it_was_left(quick: Chat) -> None:
    siti = learner(quick).types("/belajar").taps("Mulai belajar")
    lesson = quick.content.lesson("M01L1")
    assert lesson is not None
    siti.sees("Foto terang tanpa lampu mahal (1/3)", *lesson.points, "Lanjut", "Kembali")
    pages = len(siti.bubbles)
    siti.taps("Lanjut").sees("(2/3)", "Contoh:", lesson.example or "")
    siti.taps("Lanjut").sees("(3/3)", lesson.task, "Sudah dikerjakan", "Jawab kuis")
    siti.taps("Kembali").sees("(2/3)")
    assert len(siti.bubbles) == pages
    quick.restart()
    quick.travel(days=20)
    siti.types("/belajar").sees("Lanjut belajar").taps("Lanjut belajar").sees("(2/3)", "Contoh:")
    siti.taps("Kembali").taps("Kembali").sees("Berikutnya: ", "Cukup")
    siti.taps("Lanjut belajar").sees("(1/3)")


def test_forged_and_outdated_pages_lead_to_the_nearest_one(quick: Chat) -> None:
    siti = learner(quick).sends_tap("lessons:open:M01L1:9").sees("(3/3)")
    siti.sends_tap("lessons:open:M01L1:0").sees("(1/3)").sends_tap("lessons:open:M01L1:-2").sees_toast("")
    siti.types("/menu").sends_tap("lessons:open:").sees("sudah tidak ada")
    for malformed in ("lessons:open", "lessons:open:M01L1:2:3:4"):
        siti.types("/menu").sends_tap(malformed).sees_toast("sudah tidak berlaku")


def after_the_first_lesson(chat: Chat, name: str = "Siti") -> Phone:
    phone = (
        registered(chat, name).types("/belajar").taps("Mulai belajar").sees("(1/3)").does_not_see("pertanyaan pendek")
    )
    finishes(chat, phone, "M01L1")
    return phone


def test_the_test_before_learning_is_offered_once_after_the_first_lesson(quick: Chat) -> None:
    siti = after_the_first_lesson(quick).types("/belajar").taps("Lanjut belajar").sees("13 pertanyaan", "Lewati")
    siti.does_not_see("(1/3)").types("/belajar").taps("Lanjut belajar").sees("13 pertanyaan")
    second = quick.content.path("kuliner")[0].lessons[1]
    siti.taps("Lewati").sees(second.title, "(1/")
    siti.types("/belajar").does_not_see("Lanjutkan tes").taps("Lanjut belajar").sees("(1/").does_not_see("pertanyaan")
    anton = after_the_first_lesson(quick, "Anton").types("/menu").sends_tap("lessons:open:M01L1").sees("(1/3)")
    anton.types("/menu").sends_tap("lessons:open:M02L1").sees("13 pertanyaan").taps("Lewati").sees("(1/")
    budi = after_the_first_lesson(quick, "Budi")
    finishes(quick, budi, "M01L2")
    budi.types("/belajar").taps("Lanjut belajar").does_not_see("pertanyaan").sees("(1/")


def test_a_test_that_was_interrupted_is_found_again(quick: Chat) -> None:
    siti = (
        after_the_first_lesson(quick).types("/belajar").taps("Lanjut belajar").taps("Mulai").sees("Pertanyaan 1 dari")
    )
    siti.types("/belajar").sees("Lanjutkan tes").taps("Lanjut belajar").sees("Pertanyaan 1 dari 13").taps("A")
    quick.restart()
    siti.types("/belajar").taps("Lanjutkan tes").sees("Pertanyaan 2 dari 13").taps("Berhenti dulu").sees("Tersimpan: 1")
    # stopped with a tap: lessons go on, and the way back stays
    siti.types("/belajar").sees("Lanjutkan tes").taps("Lanjut belajar").sees("(1/").does_not_see("Pertanyaan")
    siti.types("/belajar").taps("Lanjutkan tes").sees("Pertanyaan 2 dari 13")
    for _ in range(12):
        siti.taps("A")
    siti.sees("Tes awal selesai").types("/belajar").does_not_see("Lanjutkan tes")


def test_the_test_after_is_offered_when_the_core_is_done(quick: Chat) -> None:
    siti = learner(quick)
    with quick.database.transaction() as db:
        db.delete(db.scalars(select(Sitting).where(Sitting.purpose == QuizPurpose.POSTTEST)).one())
    core = sorted(quick.content.core_lessons())
    finishes(quick, siti, *core[:-1])
    siti.sends_tap("lessons:next").sees("(1/").does_not_see("pertanyaan")
    finishes(quick, siti, core[-1])
    siti.sends_tap("lessons:next").sees("pertanyaan").does_not_see("(1/").taps("Lewati").sees("(1/")
    siti.types("/belajar").taps("Lanjut belajar").sees("(1/").does_not_see("pertanyaan")


def test_the_path_begins_with_the_core_and_then_fits_the_business(quick: Chat) -> None:
    siti = learner(quick)
    finishes(quick, siti, *quick.content.core_lessons())
    first = quick.content.module("M06")
    assert first is not None
    siti.types("/belajar").sees(f"Berikutnya: {first.lessons[0].title}")  # kuliner: permits for food come next


def test_modules_stand_by_name_in_ones_own_order(quick: Chat) -> None:
    siti = learner(quick)
    first, *_ = quick.content.path("kuliner")
    finishes(quick, siti, *(lesson.id for lesson in first.lessons[:2]))
    siti.types("/belajar").taps("Lihat semua modul").sees("2 dari 72 pelajaran selesai")
    titles = [module.title for module in quick.content.path("kuliner")]
    names = [f"{number}. {title}" for number, title in enumerate(titles, 1)]
    assert siti.last.labels == [*names[:5], "Modul lain", "Kembali", "Menu", "Bantuan"]
    assert siti.taps("Modul lain").last.labels[:6] == [*names[5:10], "Modul lain"]
    siti.taps(names[6]).sees(f"Modul 7: {titles[6]}").taps("Kembali").sees("Semua modul")
    assert siti.last.labels[:5] == names[5:10]
    assert siti.taps("Modul lain").last.labels[:4] == [*names[10:], "Modul lain"]
    siti.taps("Modul lain").taps("1. Foto").sees(
        "Modul 1: Foto", "2 dari 5 selesai", "✅ Foto terang tanpa lampu mahal"
    )
    third = quick.content.lesson("M01L3")
    assert third is not None
    siti.taps(third.title[:20]).sees(third.title, "(1/")
    siti.sends_tap("lessons:module:M99").sees("Semua modul")
    siti.sends_tap("lessons:open:M99L1").sees("sudah tidak ada", "Lanjut belajar")
    siti.types("/menu").sends_tap("lessons:finish:M99L1").sees("sudah tidak ada")
    siti.types("/menu").sends_tap("lessons:task:M99L1").sees("sudah tidak ada")


def test_all_is_done_some_day(quick: Chat) -> None:
    siti = learner(quick)
    finishes(quick, siti, *(lesson.id for module in quick.content.modules for lesson in module.lessons))
    siti.types("/belajar").sees("Semua 72 pelajaran sudah selesai").does_not_see("Lanjut belajar")
    siti.types("/menu").sends_tap("lessons:next").sees("Semua 72 pelajaran")
    siti.sends_tap("lessons:open:M01L1").sees("(1/3)")  # read again, from the beginning


def test_lessons_are_found_by_a_word_however_it_is_written(quick: Chat) -> None:
    siti = learner(quick).types("/belajar").taps("Cari pelajaran").sees("tentang apa?")
    siti.types("xyzzyqw").sees("Belum ketemu", "Lihat semua modul")
    siti.types("qriss").sees("QRIS").taps("Cari lagi").types("qris").sees("QRIS")
    siti.taps(next(label for label in siti.last.labels if "QRIS" in label)).sees("(1/")
    siti.taps("Kembali").taps("Cari pelajaran").types("/menu").sees("Lanjutkan").taps("Lanjutkan").sees("tentang apa?")
    siti.types("/batal").sees("Berikutnya:")
    siti.types("qris").sees("Maksudnya yang mana?", "QRIS")  # nobody asked any more


def test_the_picture_of_a_module_comes_once_and_not_to_those_who_save_data(quick: Chat) -> None:
    siti = learner(quick).sends_tap("lessons:open:M01L1")
    assert [bubble.method for bubble in siti.bubbles] == ["sendPhoto", "sendMessage"]
    module = quick.content.module("M01")
    assert module is not None
    assert siti.bubbles[0].text == module.alt
    siti.sends_tap("lessons:open:M01L2").sends_tap("lessons:open:M01L1")
    assert [bubble.method for bubble in siti.bubbles].count("sendPhoto") == 1
    anton = learner(quick, "Anton").types("/belajar").taps("Atur jam belajar").taps("Hemat kuota")
    anton.sees("Hemat kuota aktif").sees_toast("Sudah disimpan").sends_tap("lessons:open:M01L1").sees("(1/3)")
    assert not [bubble for bubble in anton.bubbles if bubble.method == "sendPhoto"]
    anton.types("/belajar").taps("Atur jam belajar").taps("Tampilkan gambar").sees("Hemat kuota tidak aktif")


def test_a_lesson_whose_fact_is_past_its_date_is_marked_and_not_asked(quick: Chat) -> None:
    siti = learner(quick).sends_tap("lessons:open:M06L4").sees("Aturan ini bisa berubah", "Tanya pendamping")
    siti.taps("Lanjut")
    if "(3/3)" not in siti.last.text:
        siti.taps("Lanjut")
    siti.sees("Aturan ini bisa berubah", "Selesai").does_not_see("Jawab kuis")
    siti.taps("Selesai").sees("selesai", "tidak ada kuis", "Lanjut belajar", "Tanya pendamping")
    siti.taps("Tanya pendamping").sees("Mau tanya apa").taps("Jangan kirim")
    siti.types("/belajar").sees("1 dari 72")


def test_the_quiz_follows_the_last_page(quick: Chat) -> None:
    siti = learner(quick).sends_tap("lessons:open:M01L1:3").taps("Jawab kuis")
    assert siti.last.method == "sendPoll"
    siti.types("/belajar").sees("1 dari 72", "Minggu ini sudah 1 hari belajar").does_not_see("1 minggu belajar")
    quick.travel(days=7)
    siti.types("/belajar").sees("Sudah 1 minggu belajar")


# --- the task ---------------------------------------------------------------------------------------------------------


def task_of(chat: Chat, phone: Phone) -> TaskDone:
    with chat.database.transaction() as db:
        return db.scalars(select(TaskDone).where(TaskDone.person_id == phone.person(db).id)).one()


def test_a_task_may_be_shown_with_a_photo(quick: Chat) -> None:
    siti = learner(quick).sends_tap("lessons:open:M01L1:3").taps("Sudah dikerjakan").sees_toast("Tugas sudah dicatat")
    siti.sees("Mau kirim foto atau link?", "Boleh dilewati", "Lewati", "Bantuan")
    siti.sends(photo=PHOTO).sees("Terima kasih, sudah kami simpan")
    assert siti.last.method == "sendPoll"
    assert task_of(quick, siti).photo == "large"
    siti.sends(photo=PHOTO).sees("tidak kami simpan")  # nobody asked for another one
    siti.types("/belajar").sees("1 dari 72")


def test_a_task_may_be_shown_with_a_link_or_not_at_all(chat: Chat) -> None:
    siti = learner(chat).sends_tap("lessons:task:M01L1").types("ini fotonya bu").sees("atau link-nya", "Lewati")
    siti.sends(voice={"file_id": "v", "file_unique_id": "v", "duration": 3}).sees("suara", "atau link-nya")
    siti.types("lihat tiktok.com/@kopisiti ya").sees("Terima kasih")
    assert task_of(chat, siti).link == "https://tiktok.com/@kopisiti"
    anton = learner(chat, "Anton").sends_tap("lessons:task:M01L1").taps("Lewati")
    assert anton.last.method == "sendPoll"
    assert (task_of(chat, anton).photo, task_of(chat, anton).link) == (None, None)
    rina = learner(chat, "Rina").sends_tap("lessons:task:M01L1").types("tidak ada")
    assert rina.last.method == "sendPoll"
    budi = learner(chat, "Budi").sends_tap("lessons:task:M01L1").sends_tap("lessons:task:M01L1")
    assert task_of(chat, budi).lesson_id == "M01L1"  # tapped twice, noted once
    budi.types("/batal").sees("1 dari 72").sends_tap("lessons:skip:M01L1")
    assert budi.last.method == "sendPoll"


def test_an_identity_number_never_becomes_a_task(quick: Chat) -> None:
    siti = learner(quick).sends_tap("lessons:task:M01L1")
    siti.sends(photo=PHOTO, caption="3201234567890001").sees("seperti nomor KTP")
    assert task_of(quick, siti).photo is None
    siti.sends(document={"file_id": "doc", "file_unique_id": "d", "mime_type": "image/jpeg"}).sees("Terima kasih")
    assert task_of(quick, siti).photo == "doc"


def staff(chat: Chat, role: Role, site: str | None) -> Phone:
    phone = chat.phone(role.value).types("/start")
    with chat.database.transaction() as db:
        account = phone.account(db)
        assert account is not None
        db.add(RoleGrant(account_id=account.id, role=role, site_id=site, granted_at=chat.now))
    return phone


def test_a_trainer_of_the_site_sees_tasks_and_says_well_done(chat: Chat) -> None:
    siti = learner(chat).sends_tap("lessons:task:M01L1").sends(photo=PHOTO)
    learner(chat, "Anton", "jayapura").sends_tap("lessons:task:M01L1").taps("Lewati")
    with chat.database.transaction() as db:
        ((task, person),) = lessons.tasks_at(db, ["labuan-bajo"])
        assert (person.name, task.photo) == ("Siti", "large")
        assert [found[1].name for found in lessons.tasks_at(db, None)] == ["Anton", "Siti"]
        assert lessons.tasks_at(db, None, before=task.id) == []
    good = f"lessons:good:{task.id}"
    siti.looks_up()
    staff(chat, Role.TRAINER, "jayapura").sends_tap(good).sees("hanya untuk pelatih atau admin")
    siti.sends_tap(good).sees("hanya untuk pelatih atau admin").looks_up()
    staff(chat, Role.TRAINER, "labuan-bajo").sends_tap(good).sees_toast("sudah kami sampaikan")
    siti.sees("pelatih sudah melihat tugas Foto terang tanpa lampu mahal", "bagus!").looks_up()
    staff(chat, Role.ADMIN, None).sends_tap(good).sees_toast("sudah dikirim").sends_tap("lessons:good:999").sees_toast(
        "tidak ada di daftar"
    )
    siti.sees_nothing_new()
    with chat.database.transaction() as db:
        assert [one[1].name for one in lessons.tasks_at(db, None) if one[0].praised_at is None] == ["Anton"]


def test_a_trainer_to_whom_no_task_came_yet_hears_no_word_of_others(chat: Chat) -> None:
    maria = staff(chat, Role.TRAINER, "labuan-bajo").types("/tugas").sees("Belum ada tugas dari peserta")
    maria.does_not_see("tugas lain")


def test_trainers_look_at_the_tasks_of_their_sites_one_by_one(chat: Chat) -> None:
    siti = learner(chat).sends_tap("lessons:task:M01L1").sends(photo=PHOTO)
    learner(chat, "Anton").sends_tap("lessons:task:M01L1").types("https://contoh.id/produk")
    learner(chat, "Rina", "jayapura").sends_tap("lessons:task:M01L1").taps("Lewati")
    siti.types("/tugas").sees("hanya untuk pelatih atau admin")
    maria = staff(chat, Role.TRAINER, "labuan-bajo").types("/tugas")
    maria.sees("Bu Anton", "Foto terang tanpa lampu mahal", "https://contoh.id/produk").does_not_see("Rina")
    maria.taps("Tugas berikutnya").sees("Bu Siti")
    assert maria.new[0].method == "sendPhoto"
    assert maria.new[0].params["photo"] == "large"
    assert len(maria.new) == 1
    maria.taps("Bagus").sees_toast("sudah kami sampaikan")
    siti.sees("bagus! 👍")
    maria.taps("Tugas berikutnya").sees("Tidak ada tugas lain")
    with chat.database.transaction() as db:
        assert "Anton" not in str(db.scalars(select(OutboxRow.message)).all())


def test_a_trainers_emoji_on_a_task_is_praise(chat: Chat) -> None:
    siti = learner(chat).sends_tap("lessons:task:M01L1").sends(photo=PHOTO)
    anton = learner(chat, "Anton").sends_tap("lessons:task:M01L1").types("https://contoh.id/produk")
    maria = staff(chat, Role.TRAINER, "labuan-bajo").types("/tugas").sees("Bu Anton")
    siti.looks_up()
    anton.looks_up()
    link = maria.last
    maria.taps("Tugas berikutnya").sees("Bu Siti")
    photo = maria.last
    maria.reacts("👎", photo).sees_nothing_new().reacts("👏", photo).sees("sudah kami sampaikan")
    siti.sees("bagus! 👏").looks_up()
    anton.sees_nothing_new()
    # changed or put a second time it is still one praise, and taken away it is no word
    maria.reacts("🔥", photo, before="👏").sees("sudah dikirim").reacts("", photo, before="🔥").sees_nothing_new()
    siti.sees_nothing_new()
    maria.reacts("❤", link).sees("sudah kami sampaikan")
    anton.sees("bagus! ❤")
    # on anything else, and from anybody else, an emoji is only an emoji
    maria.reacts("👏", maria.last).sees_nothing_new()
    siti.reacts("👏", siti.last).sees_nothing_new()
    chat.phone("Budi").reacts("👏", photo).sees_nothing_new()


def test_an_emoji_of_somebody_who_is_no_trainer_any_more_praises_nobody(quick: Chat) -> None:
    siti = learner(quick).sends_tap("lessons:task:M01L1").sends(photo=PHOTO).looks_up()
    maria = staff(quick, Role.TRAINER, "labuan-bajo").types("/tugas").sees("Bu Siti")
    with quick.database.transaction() as db:
        for grant in db.scalars(select(RoleGrant)):
            grant.site_id = "jayapura"
    maria.reacts("👏", maria.last).sees("hanya untuk pelatih atau admin")
    siti.sees_nothing_new()


def test_praise_keeps_the_night_and_the_consent(quick: Chat) -> None:
    siti = learner(quick).sends_tap("lessons:task:M01L1").taps("Lewati")
    anton = learner(quick, "Anton", reminders=False).sends_tap("lessons:task:M01L1").taps("Lewati")
    trainer = staff(quick, Role.TRAINER, "labuan-bajo")
    quick.travel(to=moment(WITA, 23, 22))
    siti.looks_up()
    trainer.sends_tap(f"lessons:good:{task_of(quick, siti).id}").sees_toast("sudah kami sampaikan")
    siti.sees_nothing_new()
    anton.looks_up()
    trainer.sends_tap(f"lessons:good:{task_of(quick, anton).id}").sees_toast("Sudah dicatat")
    quick.travel(to=moment(WITA, 24, 8))
    siti.sees("bagus!")
    assert "bagus!" not in anton.last.text


# --- when the daily lesson comes --------------------------------------------------------------------------------------


def test_the_daily_lesson_is_switched_on_and_its_days_and_hour_are_chosen(quick: Chat) -> None:
    siti = learner(quick).types("/belajar").taps("Atur jam belajar").sees("Pelajaran harian belum dinyalakan")
    siti.taps("Nyalakan").sees_toast("nyala").sees("3 hari seminggu", "Rabu, 25 November 2026 pukul 09.00 WITA")
    siti.taps("Ganti jam").sees("WITA", "08.00", "19.00", "dari 08.00 sampai 19.30").taps("16.00")
    siti.sees("Senin, 23 November 2026 pukul 16.00 WITA")
    siti.taps("Ganti jam").types("tengah malam").sees("belum bisa").types("jam 11 malam").sees("belum bisa")
    siti.types("jam 8 atau 9").sees("belum bisa").types("9 pagi WIB").sees("belum bisa")
    siti.types("setengah 8 malam").sees("belum bisa").types("saya mau setengah 7 malam").sees("pukul 18.30 WITA")
    siti.taps("Ganti jam").types("jam 7 malam").sees("pukul 19.00 WITA").types("halo").sees("Apa yang bisa dibantu?")
    siti.types("/belajar").taps("Atur jam belajar").taps("Ganti hari").sees("✅ Senin", "Selasa")
    tuesday = siti.button("Selasa")
    siti.sends_tap(*tuesday).sends_tap(*tuesday).types("/belajar").taps("Atur jam belajar").taps("Ganti hari")
    siti.sees("✅ Selasa").taps("✅ Senin").does_not_see("✅ Senin")
    siti.taps("Simpan").sees("Selasa, 24 November 2026 pukul 19.00 WITA")
    for day in (1, 2, 4):
        siti.sends_tap(f"lessons:day:{day}")
    siti.sees_toast("paling sedikit satu hari")
    siti.taps("Simpan").sees("1 hari seminggu").taps("Matikan").sees("belum dinyalakan")
    for action in ("days", "hours", "day:1", "day:9", "hour:600", "later", "rest", "switch:off"):
        siti.types("/menu").sends_tap(f"lessons:{action}").sees("belum dinyalakan")
    assert plan_of(quick, siti).ended_because == "asked"
    siti.taps("Nyalakan").sees("1 hari seminggu")


def test_the_daily_lesson_rests_on_the_second_consent(quick: Chat) -> None:
    siti = learner(quick, reminders=None).sends_tap("lessons:switch:on").sees("boleh kami kirim pelajaran")
    siti.taps("Ya, kirim").sends_tap("lessons:daily").sees("3 hari seminggu")
    anton = learner(quick, "Anton", reminders=False).sends_tap("lessons:switch:on").sees("belum punya izin")
    quick.travel(days=3)
    assert (len(daily_to(siti)), len(daily_to(anton))) == (1, 0)
    anton.taps("Izinkan pelajaran").taps("Ya, kirim").sends_tap("lessons:daily").sees("Berikutnya")
    quick.travel(days=3)
    assert len(daily_to(anton)) == 1
    rina = learner(quick, "Rina", reminders=None).sends_tap("lessons:switch:on").taps("Tidak usah")
    quick.travel(days=7)
    assert daily_to(rina) == []


@pytest.mark.parametrize("site", SITES)
def test_it_comes_at_the_hour_of_the_site_once_a_day(quick: Chat, site: str) -> None:
    zone = SITES[site]
    siti = learner(quick, site=site)
    plans(quick, siti, minute=8 * 60)
    quick.travel(to=moment(zone, 24, 7, 59))
    siti.sees_nothing_new()
    quick.travel(to=moment(zone, 24, 8))
    siti.sees("Bu Siti, ini pelajaran hari ini", "Foto terang tanpa lampu mahal", "2 menit")
    siti.sees("Mulai belajar", "Nanti", "Libur dulu", "Bantuan")
    quick.look()
    quick.travel(to=moment(zone, 25, 7, 59))
    assert len(daily_to(siti)) == 1
    siti.looks_up()
    quick.travel(to=moment(zone, 25, 8))
    siti.sees("pelajaran hari ini").taps("Mulai belajar").sees("(1/3)")
    siti.taps("Lanjut")
    quick.travel(to=moment(zone, 26, 8))
    siti.sees("pelajaran ini belum selesai", "Lanjut belajar").taps("Lanjut belajar").sees("(2/3)")


def test_only_on_the_days_chosen_and_over_the_new_year(quick: Chat) -> None:
    siti = learner(quick)
    plans(quick, siti, days=lessons.day_set([3, 4]), minute=9 * 60)  # Thursdays and Fridays
    quick.travel(to=datetime(2026, 12, 31, 8, 59, tzinfo=WITA))
    before = len(daily_to(siti)) + sum("kami berhenti" in bubble.text.casefold() for bubble in siti.bubbles)
    assert before == 8  # five Thursdays and Fridays and a half: seven lessons, then a last word
    siti.sends_tap("lessons:switch:on").looks_up()
    quick.travel(to=datetime(2026, 12, 31, 9, tzinfo=WITA))
    siti.sees("pelajaran hari ini").looks_up()
    quick.travel(to=datetime(2027, 1, 1, 9, tzinfo=WITA))
    siti.sees("pelajaran hari ini")
    assert plan_of(quick, siti).due_at == datetime(2027, 1, 7, 9, tzinfo=WITA)


def test_friday_prayer_sunday_morning_and_the_evening_are_kept(quick: Chat) -> None:
    siti = learner(quick)
    plans(quick, siti, minute=12 * 60)
    quick.travel(to=moment(WITA, 27, 12, 59))  # Friday
    assert len(daily_to(siti)) == 5 - 1
    quick.travel(to=moment(WITA, 27, 13))
    assert len(daily_to(siti)) == 5
    anton = learner(quick, "Anton")
    plans(quick, anton, minute=9 * 60)
    quick.travel(to=moment(WITA, 29, 11, 59))  # Sunday in NTT
    assert len(daily_to(anton)) == 1
    quick.travel(to=moment(WITA, 29, 12))
    assert len(daily_to(anton)) == 2
    rina = learner(quick, "Rina")
    plans(quick, rina, minute=21 * 60)  # the hours of the site may change after the choice
    quick.travel(to=moment(WITA, 29, 23))
    assert daily_to(rina) == []
    for day in (30, 31):
        quick.travel(to=datetime(2026, 11, 1, 8, tzinfo=WITA) + timedelta(days=day - 1))
        assert len(daily_to(rina)) == day - 29


def test_after_a_long_stop_there_is_one_lesson_and_no_pile(quick: Chat) -> None:
    siti, anton = learner(quick), learner(quick, "Anton")
    plans(quick, siti, minute=9 * 60)
    plans(quick, anton, minute=18 * 60)
    quick.start += timedelta(days=4, hours=2)  # the process was down: Friday, 12.00 WITA, when nobody is written to
    quick.look()
    quick.travel(to=moment(WITA, 27, 13))
    assert (len(daily_to(siti)), len(daily_to(anton))) == (1, 0)
    quick.travel(to=moment(WITA, 27, 18))
    assert (len(daily_to(siti)), len(daily_to(anton))) == (1, 1)
    quick.travel(to=moment(WITA, 28, 18))
    assert (len(daily_to(siti)), len(daily_to(anton))) == (2, 2)


def test_what_could_not_be_sent_until_the_next_lesson_is_dropped(quick: Chat) -> None:
    siti = learner(quick)
    plans(quick, siti)
    quick.travel(to=moment(WITA, 23, 18))
    with quick.database.transaction() as db:
        row = db.scalars(select(OutboxRow).where(OutboxRow.kind == Kind.LESSON)).one()
        assert row.not_after == moment(WITA, 24, 18)
        assert row.once == f"lesson:{siti.person(db).id}:2026-11-23"
        assert row.site_id == "labuan-bajo"


def test_seven_unanswered_and_it_stops_kindly_by_itself(chat: Chat) -> None:
    siti = learner(chat)
    plans(chat, siti)
    chat.travel(days=7)
    assert len(daily_to(siti)) == 7
    siti.looks_up()
    chat.travel(days=1)
    siti.sees("7 pelajaran terakhir belum sempat dibuka", "Tidak apa-apa", "Lanjut belajar", "Nyalakan").looks_up()
    chat.travel(days=9)
    siti.sees_nothing_new()
    assert plan_of(chat, siti).ended_because == "unanswered"
    siti.taps("Nyalakan").sees("setiap hari", "Berikutnya")
    chat.travel(days=1)
    assert len(daily_to(siti)) == 8


def test_whatever_is_done_with_a_lesson_counts_as_an_answer(quick: Chat) -> None:
    for action in ("lessons:open:M01L1", "lessons:later", "lessons:rest", "lessons:path", "lessons:finish:M01L1"):
        siti = learner(quick)
        plans(quick, siti, unanswered=6)
        siti.sends_tap(action)
        assert plan_of(quick, siti).unanswered == 0, action
    siti = learner(quick)
    plans(quick, siti, unanswered=6)
    siti.types("/menu").types("halo")
    assert plan_of(quick, siti).unanswered == 6


def test_later_brings_it_back_the_same_day_once(chat: Chat) -> None:
    siti = learner(chat)
    plans(chat, siti, minute=11 * 60)
    chat.travel(to=moment(WITA, 23, 11))
    siti.taps("Nanti").sees("Senin, 23 November 2026 pukul 14.00 WITA", "Lanjut belajar").looks_up()
    siti.types("/menu").sends_tap("lessons:later").sees("pukul 14.00 WITA").looks_up()
    chat.travel(to=moment(WITA, 23, 14))
    siti.sees("pelajaran hari ini").taps("Nanti").sees("Selasa, 24 November 2026 pukul 11.00 WITA")
    siti.looks_up()
    chat.travel(to=moment(WITA, 24, 10, 59))
    siti.sees_nothing_new()
    chat.travel(to=moment(WITA, 24, 11))
    siti.taps("Nanti").sees("pukul 14.00")


def test_later_in_the_evening_is_tomorrow(quick: Chat) -> None:
    siti = learner(quick)
    plans(quick, siti, minute=18 * 60)
    quick.travel(to=moment(WITA, 23, 18))
    siti.taps("Nanti").sees("Selasa, 24 November 2026 pukul 18.00 WITA")


def test_a_rest_lasts_a_week_and_ends_by_itself_or_at_once(quick: Chat) -> None:
    siti = learner(quick)
    plans(quick, siti)
    quick.travel(to=moment(WITA, 23, 18))
    siti.taps("Libur dulu").sees("selamat libur", "Senin, 30 November 2026").taps("Atur jam belajar").sees(
        "sedang libur"
    )
    siti.looks_up()
    quick.travel(to=moment(WITA, 30, 17))
    siti.sees_nothing_new()
    quick.travel(to=datetime(2026, 12, 1, 18, tzinfo=WITA))
    assert len(daily_to(siti)) >= 1
    siti.sends_tap("lessons:rest").sends_tap("lessons:daily").taps("Nyalakan").sees("Berikutnya Rabu, 2 Desember 2026")


def test_who_stopped_or_blocked_or_withdrew_gets_none_and_nobody_waits_for_them(chat: Chat) -> None:
    siti, anton, rina = learner(chat), learner(chat, "Anton"), learner(chat, "Rina")
    for phone in (siti, anton, rina):
        plans(chat, phone)
    siti.types("/berhenti")
    anton.sends_tap("privacy:change:messages:no")
    with chat.database.transaction() as db:
        account = rina.account(db)
        assert account is not None
        account.blocked_at = chat.now
    chat.travel(days=2)
    assert [daily_to(phone) for phone in (siti, anton, rina)] == [[], [], []]
    assert plan_of(chat, siti).unanswered == 0
    assert plan_of(chat, rina).due_at == moment(WITA, 25, 18)
    siti.sends_tap("lessons:daily").sees("sedang dihentikan").taps("Terima pesan lagi")
    chat.travel(days=1)
    assert len(daily_to(siti)) == 1


def test_who_moves_gets_it_at_the_hour_of_the_new_site(quick: Chat) -> None:
    siti, anton = learner(quick), learner(quick, "Anton")
    plans(quick, siti)
    plans(quick, anton)
    with quick.database.transaction() as db:
        siti.person(db).site_id, anton.person(db).site_id = "yogyakarta", "jayapura"
    quick.travel(to=moment(WITA, 23, 18, 30))
    assert daily_to(siti) == []
    quick.travel(to=moment(WIB, 23, 18))
    assert len(daily_to(siti)) == 1
    assert len(daily_to(anton)) == 1  # 18.00 WITA was 19.00 WIT: an hour late, once
    quick.travel(to=moment(WIT, 24, 17, 59))
    assert len(daily_to(anton)) == 1
    quick.travel(to=moment(WIT, 24, 18))
    assert len(daily_to(anton)) == 2


def test_who_has_finished_everything_is_thanked_and_left_alone(quick: Chat) -> None:
    siti = learner(quick)
    finishes(quick, siti, *(lesson.id for module in quick.content.modules for lesson in module.lessons))
    plans(quick, siti)
    quick.travel(days=3)
    assert [bubble.text for bubble in siti.bubbles if "menyelesaikan semua pelajaran" in bubble.text] == [
        siti.last.text
    ]
    assert plan_of(quick, siti).ended_because == "finished"


def test_switching_off_unsays_what_waits_for_the_morning(chat: Chat) -> None:
    siti, anton = learner(chat), learner(chat, "Anton")
    for phone in (siti, anton):
        plans(chat, phone)
        with chat.database.transaction() as db:  # as if Telegram could not be reached at the hour
            account, person = phone.account(db), phone.person(db)
            assert account is not None
            db.add(OutboxRow(
                account_id=account.id, person_id=person.id, chat_id=phone.id, language="id", kind=Kind.LESSON,
                priority=2, message={"form": "text", "key": "lessons.search"}, status=Status.WAITING,
                created_at=chat.now, not_before=chat.now + timedelta(hours=30), attempts=0,
                once=f"lesson:{person.id}:2026-11-22",
            ))  # fmt: skip
    siti.sends_tap("lessons:switch:off")
    anton.sends_tap("lessons:rest")
    with chat.database.transaction() as db:
        rows = db.scalars(select(OutboxRow).where(OutboxRow.kind == Kind.LESSON).order_by(OutboxRow.id))
        assert [(row.status, row.reason) for row in rows] == [("dropped", "plan ended"), ("dropped", "resting")]


def test_thousands_are_due_in_one_minute_and_each_gets_one(sqlite_url: str) -> None:
    database = quick_database(sqlite_url)
    many = 4 * lessons.AT_ONCE + 300
    with database.transaction() as db:
        db.add_all(
            Account(id=n, telegram_id=n, language="id", created_at=MONDAY, seen_at=MONDAY, last_message_id=0, draft={})
            for n in range(1, many + 1)
        )
        db.flush()
        db.add_all(
            Person(id=n, account_id=n, name="X", salutation="ibu", sector="kriya", site_id="labuan-bajo",
                   consent_training=True, consent_messages=True, registered_at=MONDAY)
            for n in range(1, many + 1)
        )  # fmt: skip
        db.flush()
        db.add_all(
            LessonPlan(
                person_id=n, days=ALL_DAYS, minute=600, due_at=MONDAY, postponed=False, times=0, unanswered=n % 9
            )
            for n in range(1, many + 1)
        )
    context = Context(content(), Settings())
    try:
        posted: list[int] = []
        while posted[-1:] != [0]:
            with database.transaction() as db:
                posted.append(lessons.due(db, MONDAY, context))
        assert posted == [*[lessons.AT_ONCE] * 4, 300, 0]
        with database.transaction() as db:
            assert db.scalar(select(func.count()).select_from(OutboxRow)) == many
            keys = db.execute(select(OutboxRow.message["key"].as_string(), func.count()).group_by(
                OutboxRow.message["key"].as_string()))  # fmt: skip
            ended = sum(n % 9 >= 7 for n in range(1, many + 1))
            assert {row[0]: row[1] for row in keys} == {
                "lessons.daily_new": many - ended,
                "lessons.daily_stopped": ended,
            }
            assert lessons.next_due(db, MONDAY, context) == MONDAY + timedelta(days=1)
            db.execute(LessonPlan.__table__.update().values(due_at=MONDAY, last_day=None))  # type: ignore[attr-defined]
        with database.transaction() as db:  # asked again by somebody who knows of nothing: the names were said
            assert lessons.due(db, MONDAY, context) == 0
    finally:
        database.close()


# --- weeks ------------------------------------------------------------------------------------------------------------


def test_a_week_is_learnt_although_two_of_its_days_are_left_out() -> None:
    monday = date(2026, 11, 23)

    def week(*days: int, planned: int) -> list[tuple[date, int]]:
        return [(monday + timedelta(days=day), planned) for day in days]

    assert lessons.weeks_learnt([]) == 0
    assert lessons.weeks_learnt(week(0, planned=3)) == 1
    assert lessons.weeks_learnt(week(0, 1, planned=5)) == 0
    assert lessons.weeks_learnt(week(0, 1, 6, planned=5)) == 1
    assert lessons.weeks_learnt(week(0, 1, 2, 3, planned=7)) == 0
    assert lessons.weeks_learnt(week(0, 1, 2, 3, 4, planned=7)) == 1
    assert lessons.weeks_learnt(week(6, 7, planned=1)) == 2  # Sunday and the Monday after it
    assert lessons.weeks_learnt([*week(0, planned=3), *week(2, planned=7)]) == 1  # more was planned half-way


def test_no_week_is_ever_lost(chat: Chat) -> None:
    siti = learner(chat)
    for offset in range(3):
        with chat.database.transaction() as db:
            person = siti.person(db)
            lessons.learned(db, person, chat.now + timedelta(days=7 * offset), content=chat.content)
            lessons.learned(db, person, chat.now + timedelta(days=7 * offset, hours=1))
    chat.travel(days=40)
    siti.types("/belajar").sees("Sudah 3 minggu belajar. Libur dua hari seminggu tidak apa-apa")
    siti.does_not_see("Minggu ini")
    plans(chat, siti)
    siti.types("/belajar").sees("Sudah 3 minggu belajar")
    with chat.database.transaction() as db:
        assert db.scalar(select(func.count()).select_from(LearningDay)) == 3


# --- what is pure -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "link"),
    [("https://vt.tiktok.com/ZS1/?a=b#c", "https://vt.tiktok.com/ZS1/?a=b#c"),
     ("ini: shopee.co.id/toko, ya", "https://shopee.co.id/toko"),
     ("http://x.id.", "http://x.id"), ("belum jadi bu", None), ("siti@contoh.id", None),
     ("https://x.id/" + "a" * 400, None), ("javascript:alert(1)", None)],
)  # fmt: skip
def test_a_link_is_found_in_what_people_write(text: str, link: str | None) -> None:
    assert lessons.readable_link(text) == link


def test_slots_follow_the_wall_clock_of_the_site() -> None:
    sunday = lessons.day_set([6])
    for zone in ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"):
        slot = lessons.next_slot(sunday, 8 * 60, zone, MONDAY)
        assert slot == datetime(2026, 11, 29, 8, tzinfo=ZoneInfo(zone))
        assert lessons.next_slot(sunday, 8 * 60, zone, slot) == slot + timedelta(days=7)
    with pytest.raises(ValueError, match="without a day"):
        lessons.next_slot(0, 480, "Asia/Jakarta", MONDAY)


# --- one's own data ---------------------------------------------------------------------------------------------------


def test_a_copy_of_all_that_is_kept_and_what_goes_when_somebody_leaves(chat: Chat) -> None:
    siti = learner(chat)
    plans(chat, siti)
    siti.sends_tap("lessons:task:M01L1").types("contoh.id/foto").sends_tap("lessons:open:M01L2")
    with chat.database.transaction() as db:
        account, person = siti.account(db), siti.person(db)
        assert account is not None
        copy = json.loads(json.dumps(privacy.copy_of(db, person, context=chat.context, now=chat.now)))
        assert [one["pelajaran"] for one in copy["belajar"]["pelajaran"]] == ["M01L1", "M01L2"]
        assert copy["belajar"]["tugas"][0]["link"] == "https://contoh.id/foto"
        assert copy["belajar"]["hari_belajar"] == ["2026-11-23"]
        assert copy["belajar"]["pelajaran_harian"]["pukul"] == "18.00"
        assert copy["belajar"]["hemat_kuota"] is False
        somebody = person.id
    siti.types("/hapus_data").taps("Ya, hapus data")
    with chat.database.transaction() as db:
        task = db.scalars(select(TaskDone)).one()
        assert (task.photo, task.link) == (None, None)
        plan = db.get(LessonPlan, somebody)
        assert plan is not None
        assert (plan.due_at, plan.ended_because) == (None, "erased")
        left = db.scalars(select(LessonProgress.lesson_id).where(LessonProgress.person_id == somebody))
        assert list(left) == ["M01L1", "M01L2"]
        assert lessons.task_with_person(db, task.id) is None
        assert lessons.tasks_at(db, None) == []
    chat.travel(days=2)


def test_two_people_on_one_phone_learn_each_for_themselves(quick: Chat) -> None:
    siti = learner(quick)
    finishes(quick, siti, "M01L1")
    with quick.database.transaction() as db:
        account = siti.account(db)
        assert account is not None
        anton = Person(account_id=account.id, name="Anton", salutation="bapak", sector="kriya", site_id="labuan-bajo",
                       registered_at=quick.now)  # fmt: skip
        db.add(anton)
        db.flush()
        record_consent(db, anton, Purpose.TRAINING, given=True, text_version="1", language="id", now=quick.now)
        people.switch_person(db, account, anton.id)
    siti.types("/belajar").sees("Berikutnya: ", "Cukup")
