"""The follow-up rounds: planned by the first class or the third lesson, three taps, every tap kept, nothing that is too
late, nothing without consent, and nobody taken for somebody else."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.people.people import Person, Purpose, record_consent
from bot.programme import follow_up
from bot.programme.attendance import How, Mark
from bot.programme.attendance.records import record
from bot.programme.follow_up import AboutPerson, FollowUpRound, Outcome, Practice
from bot.programme.sessions import ClassSession
from tests.chat import Chat, Phone, content, enrolled, local, registered

pytestmark = pytest.mark.both_databases
CLASS = local(24, 9)
"""When the first class begins: Tuesday."""


def agrees(chat: Chat, phone: Phone, *, given: bool = True, version: str | None = None) -> Phone:
    """The consent to being asked again, written straight into the database."""
    with chat.database.transaction() as db:
        record_consent(
            db, phone.person(db), Purpose.FOLLOW_UP, given=given, language="id", now=chat.now,
            text_version=version or content().consent_version(Purpose.FOLLOW_UP),
        )  # fmt: skip
    return phone


def attends(chat: Chat, phone: Phone, session: int, mark: Mark = Mark.PRESENT) -> None:
    with chat.database.transaction() as db:
        record(db, db.get_one(ClassSession, session), phone.person(db), mark, How.TRAINER, chat.now)


def been(chat: Chat, name: str = "Siti", *, consent: bool = True) -> Phone:
    """Somebody who was in the first class, and agreed to being asked."""
    session = chat.add_class(f"LB-{name}", starts=CLASS)
    phone = enrolled(chat, name, session=session)
    if consent:
        agrees(chat, phone)
    chat.travel(to=CLASS + timedelta(minutes=10))
    attends(chat, phone, session)
    return phone.looks_up()


def asked_d0(chat: Chat, name: str = "Siti") -> Phone:
    phone = been(chat, name)
    chat.travel(to=CLASS + timedelta(hours=6, minutes=5))
    return phone.sees("tiga pertanyaan tentang usaha")


def answers_d0(phone: Phone, *ticks: str) -> Phone:
    for one in ticks:
        phone.taps(f"☐ {one}")
    return phone.taps("Simpan").taps("1").taps("1-5 juta").taps("35-44 tahun").taps("Perempuan").sees("Semua tersimpan")


def asked(chat: Chat, days: int, name: str = "Siti", *ticks: str) -> Phone:
    """Somebody who answered the baseline and is asked so many days after the class."""
    phone = answers_d0(asked_d0(chat, name), *(ticks or ("NIB",)))
    phone.looks_up()
    chat.travel(to=CLASS + timedelta(days=days, minutes=1))
    return phone


def rows(chat: Chat, phone: Phone) -> dict[str, FollowUpRound]:
    with chat.database.transaction() as db:
        mine = select(FollowUpRound).where(FollowUpRound.person_id == phone.person(db).id)
        return {one.kind: one for one in db.scalars(mine)}


def practices(chat: Chat, phone: Phone, kind: str) -> dict[str, str]:
    """The newest state of each practice that was said in a round."""
    with chat.database.transaction() as db:
        mine = select(Practice).where(Practice.person_id == phone.person(db).id, Practice.round == kind)
        return {one.code: one.state for one in db.scalars(mine.order_by(Practice.id))}


def outcomes(chat: Chat, phone: Phone, kind: str) -> dict[str, str]:
    with chat.database.transaction() as db:
        mine = select(Outcome).where(Outcome.person_id == phone.person(db).id, Outcome.round == kind)
        return {one.key: one.value for one in db.scalars(mine)}


def about(chat: Chat, phone: Phone) -> AboutPerson | None:
    with chat.database.transaction() as db:
        return db.get(AboutPerson, phone.person(db).id)


# --- the baseline -----------------------------------------------------------------------------------------------------


def test_the_baseline_comes_after_the_first_class_and_takes_three_answers(chat: Chat) -> None:
    siti = asked_d0(chat).sees("Bu Siti", "Pertanyaan 1 dari 3", "☐ NIB", "☐ QRIS", "☐ P-IRT", "Simpan", "Bantuan")
    siti.does_not_see("Usaha sudah tutup")
    siti.taps("☐ QRIS").sees("☑ QRIS", "☐ NIB").sees_toast("Tersimpan")
    assert practices(chat, siti, "d0") == {"qris": "yes"}
    assert len(siti.new) == 1, "the screen is edited in place"
    siti.taps("Simpan").sees("Bu Siti, pertanyaan 2 dari 3", "pekerja")
    assert practices(chat, siti, "d0") == {
        "qris": "yes", "nib": "no", "shop": "no", "books": "no", "halal": "no", "pirt": "no",
    }  # fmt: skip
    siti.taps("2-4").sees("pertanyaan 3 dari 3", "omzet", "tanpa nama", "Lewati").taps("5-15 juta")
    siti.sees("Terima kasih, Bu Siti. Tersimpan", "umur", "Tidak ingin menjawab")
    assert outcomes(chat, siti, "d0") == {"workers": "2-4", "turnover": "5-15"}
    row = rows(chat, siti)["d0"]
    assert (row.parts, row.ended_because, row.due_at) == (3, "done", None)
    assert row.done_at == chat.now
    siti.taps("25-34 tahun").sees("jenis kelamin").taps("Tidak ingin menjawab").sees("Semua tersimpan", "Ubah jawaban")
    mine = about(chat, siti)
    assert mine is not None
    assert (mine.age_band, mine.sex) == ("25-34", "unsaid")


def test_what_is_optional_can_be_skipped(chat: Chat) -> None:
    siti = asked_d0(chat).taps("Simpan").taps("Lewati").taps("Lewati").sees("umur").taps("Tidak ingin menjawab")
    siti.taps("Tidak ingin menjawab").sees("Semua tersimpan")
    assert outcomes(chat, siti, "d0") == {"workers": "skipped", "turnover": "skipped"}
    mine = about(chat, siti)
    assert mine is not None
    assert (mine.age_band, mine.sex) == ("unsaid", "unsaid")


def test_a_tap_twice_does_it_once(chat: Chat) -> None:
    siti = asked_d0(chat)
    for label in ("☐ QRIS", "Simpan", "0", "0-1 juta", "25-34 tahun"):
        data, message = siti.button(label)
        siti.sends_tap(data, message).sends_tap(data, message)
    assert "jenis kelamin" in siti.last.text
    with chat.database.transaction() as db:
        assert len(db.scalars(select(Practice)).all()) == 6
    assert outcomes(chat, siti, "d0") == {"workers": "0", "turnover": "0-1"}


def test_quick_taps_before_the_screen_changes_all_count(chat: Chat) -> None:
    siti = asked_d0(chat)
    message = siti.last.message_id
    taps = [siti.tap_update(siti.button(label)[0], message) for label in ("☐ NIB", "☐ QRIS", "☐ Toko online", "Simpan")]
    chat.deliver_all(taps, siti)
    assert {code for code, state in practices(chat, siti, "d0").items() if state == "yes"} == {"nib", "qris", "shop"}
    siti.sees("pertanyaan 2 dari 3")


def test_a_box_that_was_ticked_by_mistake_is_unticked(chat: Chat) -> None:
    siti = asked_d0(chat).taps("☐ NIB").taps("☑ NIB").sees("☐ NIB").taps("Simpan")
    assert practices(chat, siti, "d0")["nib"] == "no"


def test_without_consent_nothing_comes_and_it_comes_after_the_yes(chat: Chat) -> None:
    siti = been(chat, consent=False)
    chat.travel(to=CLASS + timedelta(hours=8))
    siti.does_not_see("tiga pertanyaan")
    siti.types("menu").looks_up()
    siti.sends_tap("privacy:offer:follow_up").taps("Ya, boleh").sees("tiga pertanyaan tentang usaha")


def test_without_consent_it_ends_with_the_reason(chat: Chat) -> None:
    siti = been(chat, consent=False)
    chat.travel(days=8)
    siti.does_not_see("tiga pertanyaan")
    assert rows(chat, siti)["d0"].ended_because == "no_consent"
    agrees(chat, siti)
    chat.travel(days=1)
    siti.does_not_see("tiga pertanyaan")


def test_the_third_lesson_brings_the_baseline_before_any_class(chat: Chat) -> None:
    siti = agrees(chat, registered(chat))
    for lesson in ("M01L1", "M01L2", "M01L3"):
        assert rows(chat, siti) == {}
        siti.sends_tap(f"lessons:finish:{lesson}")
    siti.looks_up()
    assert set(rows(chat, siti)) == {"d0"}
    chat.travel(hours=1, minutes=1)
    siti.sees("tiga pertanyaan tentang usaha")


def test_an_earlier_class_that_is_recorded_later_counts(chat: Chat) -> None:
    first, second = chat.add_class("A", starts=CLASS), chat.add_class("B", starts=CLASS + timedelta(days=1))
    siti = enrolled(chat, session=first).sends_tap(f"enrolment:take:{second}")
    chat.travel(to=CLASS + timedelta(days=1, minutes=5))
    attends(chat, siti, second)
    assert rows(chat, siti)["d30"].counted_from == CLASS + timedelta(days=1)
    attends(chat, siti, first)
    assert {one.counted_from for one in rows(chat, siti).values()} == {CLASS}
    attends(chat, siti, first, Mark.ABSENT)
    assert {one.counted_from for one in rows(chat, siti).values()} == {CLASS + timedelta(days=1)}
    attends(chat, siti, second, Mark.ABSENT)
    assert rows(chat, siti) == {}


# --- later rounds -----------------------------------------------------------------------------------------------------


def test_day_30_is_three_taps_and_reminds_of_what_was_said(chat: Chat) -> None:
    siti = asked(chat, 30, "Siti", "NIB", "QRIS")
    siti.sees("Bu Siti, sebulan lalu ikut kelas", "Dulu belum ada: toko online, catatan uang, sertifikat halal, P-IRT")
    siti.sees("Usaha sudah tutup").does_not_see("☐ NIB", "☐ QRIS")
    siti.taps("Simpan").sees("pertanyaan 2 dari 3", "NIB masih berlaku?").taps("Masih")
    siti.sees("pertanyaan 3 dari 3", "Bagaimana pesanan").taps("Naik").sees("Semua tersimpan").does_not_see("umur")
    siti.does_not_see("pertanyaan lagi")
    assert practices(chat, siti, "d30") == {"nib": "yes", "shop": "no", "books": "no", "halal": "no", "pirt": "no"}
    assert outcomes(chat, siti, "d30") == {"orders": "up"}


def test_an_earlier_yes_is_asked_again_in_turn(chat: Chat) -> None:
    siti = asked(chat, 30, "Siti", "NIB", "QRIS").taps("☐ Toko online").taps("Simpan").taps("Tidak lagi").taps("Sama")
    chat.travel(to=CLASS + timedelta(days=90, minutes=1))
    siti.sees("tiga bulan lalu", "Dulu belum ada: NIB, catatan uang").taps("Simpan").sees("QRIS masih dipakai?")
    siti.taps("Masih").taps("Tidak tahu").sees("Semua tersimpan", "2 pertanyaan lagi")
    siti.taps("2 pertanyaan lagi").sees("pekerja").taps("5+").sees("omzet").taps("150 juta lebih")
    siti.sees("Semua tersimpan").does_not_see("pertanyaan lagi")
    assert outcomes(chat, siti, "d90") == {"orders": "unknown", "workers": "5+", "turnover": "150+"}
    chat.travel(to=CLASS + timedelta(days=180, hours=5))  # a Sunday, which opens at noon
    siti.sees("setengah tahun lalu").taps("Simpan").sees("Toko online masih buka?").taps("Masih").taps("Turun")
    siti.sees("3 pertanyaan lagi", "Beri nilai program").taps("3 pertanyaan lagi").taps("0").taps("Lewati")
    siti.sees("menghambat").taps("Modal").sees("Semua tersimpan").taps("Beri nilai program")
    assert [len(row) for row in siti.last.buttons[:2]] == [6, 5]
    siti.taps("9").sees("Semua tersimpan").does_not_see("Beri nilai")
    assert outcomes(chat, siti, "d180") == {
        "orders": "down", "workers": "0", "turnover": "skipped", "obstacle": "capital", "recommend": "9",
    }  # fmt: skip


def test_who_never_answered_the_baseline_is_told_nothing_of_before(chat: Chat) -> None:
    siti = asked_d0(chat)
    chat.travel(to=CLASS + timedelta(days=30, minutes=1))
    siti.sees("sebulan lalu", "Mana yang sudah jalan", "Pertanyaan 1 dari 2").does_not_see("Dulu belum ada")
    siti.taps("☐ QRIS").taps("Simpan").sees("pertanyaan 2 dari 2", "pesanan").taps("Naik").sees("umur")
    assert rows(chat, siti)["d0"].ended_because == "silent"
    assert rows(chat, siti)["d30"].ended_because == "done"


def test_who_had_everything_is_not_shown_empty_boxes(chat: Chat) -> None:
    siti = asked(chat, 30, "Siti", "NIB", "QRIS", "Toko online", "Catatan uang", "Sertifikat halal", "P-IRT")
    siti.sees("Pertanyaan 1 dari 2", "NIB masih berlaku?").taps("Masih").taps("Sama").sees("Semua tersimpan")


def test_what_a_mentor_saw_is_not_asked_again(chat: Chat) -> None:
    siti = answers_d0(asked_d0(chat), "NIB")
    with chat.database.transaction() as db:
        siti_is = siti.person(db)
        follow_up.note_practice(db, siti_is, "qris", follow_up.PracticeState.YES, follow_up.Source.PROOF, chat.now)
        follow_up.note_practice(
            db, siti_is, "halal", follow_up.PracticeState.NOT_MINE, follow_up.Source.MENTOR, chat.now
        )
    chat.travel(to=CLASS + timedelta(days=30, minutes=1))
    siti.sees("☐ Toko online").does_not_see("☐ QRIS", "☐ Sertifikat halal")


# --- when -------------------------------------------------------------------------------------------------------------


def test_it_is_asked_in_open_hours_and_reminded_once_after_three_open_days(chat: Chat) -> None:
    siti = answers_d0(asked_d0(chat))
    chat.travel(to=datetime.combine((CLASS + timedelta(days=30)).date(), local(1, 7).timetz()))
    siti.looks_up()
    chat.travel(to=CLASS + timedelta(days=30, hours=11))
    siti.sees("sebulan lalu")  # a Thursday, 09.00: asked then
    at = rows(chat, siti)["d30"].asked_at
    assert at is not None
    assert at == CLASS + timedelta(days=30)
    siti.looks_up()
    chat.travel(to=at + timedelta(days=2, hours=20))
    siti.sees_nothing_new()
    chat.travel(to=at + timedelta(days=3, hours=9))  # Sunday opens at noon
    siti.sees("masih menunggu", "Kami tidak mengingatkan lagi", "Simpan")
    siti.looks_up()
    chat.travel(to=CLASS + timedelta(days=50))
    siti.sees_nothing_new()
    row = rows(chat, siti)["d30"]
    assert (row.ended_because, row.parts) == ("silent", 0)
    assert row.reached_at == at


def test_half_an_answer_counts_and_is_reminded_where_it_stopped(chat: Chat) -> None:
    siti = asked(chat, 30).taps("☐ QRIS").taps("Simpan").looks_up()
    chat.travel(days=4)
    siti.sees("masih menunggu", "Pertanyaan 2 dari 3", "NIB masih berlaku?")
    chat.travel(days=40)
    row = rows(chat, siti)["d30"]
    assert (row.ended_because, row.parts) == ("silent", 1)
    assert row.answered_at is not None
    assert practices(chat, siti, "d30")["qris"] == "yes"


def test_what_comes_too_late_for_its_window_is_not_sent(chat: Chat) -> None:
    siti = answers_d0(asked_d0(chat)).types("/berhenti").looks_up()
    chat.travel(to=CLASS + timedelta(days=46))
    siti.sees_nothing_new()
    assert rows(chat, siti)["d30"].ended_because == "stopped"
    siti.types("/mulai").looks_up()
    chat.travel(days=1)
    siti.sees_nothing_new()
    chat.travel(to=CLASS + timedelta(days=91))
    siti.sees("tiga bulan lalu")


def test_messages_that_come_again_within_the_window_bring_the_question(chat: Chat) -> None:
    siti = answers_d0(asked_d0(chat)).types("/berhenti").looks_up()
    chat.travel(to=CLASS + timedelta(days=31))
    siti.sees_nothing_new()
    siti.types("/mulai").looks_up()
    chat.travel(days=4)
    siti.sees("sebulan lalu")


def test_frozen_data_stop_it(chat: Chat) -> None:
    siti = answers_d0(asked_d0(chat))
    siti.types("/bekukan").taps("Ya, bekukan").looks_up()
    chat.travel(to=CLASS + timedelta(days=46))
    siti.sees_nothing_new()
    assert rows(chat, siti)["d30"].ended_because == "frozen"


def test_a_tap_after_the_consent_was_taken_back_keeps_nothing(chat: Chat) -> None:
    siti = asked(chat, 30)
    agrees(chat, siti, given=False)
    siti.taps("Simpan").sees("belum ada izin", "tidak kami simpan")
    assert practices(chat, siti, "d30") == {}
    assert rows(chat, siti)["d30"].answered_at is None


def test_a_tap_while_the_data_are_frozen_keeps_nothing(chat: Chat) -> None:
    siti = asked(chat, 30)
    data, message = siti.button("☐ QRIS")
    siti.types("/bekukan").taps("Ya, bekukan").sends_tap(data, message).sees("dibekukan")
    assert practices(chat, siti, "d30") == {}


def test_day_180_needs_the_words_that_say_so(chat: Chat) -> None:
    siti = answers_d0(asked_d0(chat))
    agrees(chat, siti, version="1")
    chat.travel(to=CLASS + timedelta(days=31))
    siti.sees("sebulan lalu").looks_up()
    chat.travel(to=CLASS + timedelta(days=215))
    assert rows(chat, siti)["d180"].ended_because == "no_consent"
    assert rows(chat, siti)["d90"].asked_at is not None


def test_a_blocked_phone_is_the_reason(chat: Chat) -> None:
    siti = answers_d0(asked_d0(chat)).blocks()
    chat.travel(to=CLASS + timedelta(days=46))
    assert rows(chat, siti)["d30"].ended_because == "blocked"


# --- late, twice, another's -------------------------------------------------------------------------------------------


def test_a_round_that_is_over_is_kindly_refused(chat: Chat) -> None:
    siti = asked(chat, 30)
    data, message = siti.button("☐ QRIS")
    chat.travel(to=CLASS + timedelta(days=46))
    siti.sends_tap(data, message).sees("sudah selesai", "Terima kasih")
    assert practices(chat, siti, "d30") == {}


def test_who_was_asked_on_the_last_day_can_answer_for_a_week(chat: Chat) -> None:
    siti = answers_d0(asked_d0(chat), "NIB").types("/berhenti").looks_up()
    chat.travel(to=CLASS + timedelta(days=42))
    siti.types("/mulai").looks_up()
    chat.travel(to=CLASS + timedelta(days=44, hours=23))
    siti.sees("sebulan lalu")
    chat.travel(to=CLASS + timedelta(days=46))
    siti.taps("Simpan").taps("Masih").taps("Sama").sees("Semua tersimpan")


def test_answers_can_be_changed_and_old_buttons_change_nothing_then(chat: Chat) -> None:
    siti = asked(chat, 30)
    old, message = siti.button("☐ QRIS")
    siti.taps("Simpan").taps("Masih").taps("Naik").sees("Semua tersimpan")
    done = rows(chat, siti)["d30"].done_at
    siti.taps("Ubah jawaban").sees("pertanyaan 1 dari 3", "☐ QRIS")
    siti.sends_tap(old, message).sees_toast("Ini yang terbaru")
    assert practices(chat, siti, "d30")["qris"] == "no"
    siti.taps("☐ QRIS").taps("Simpan").taps("Tidak lagi").taps("Turun").sees("Semua tersimpan")
    assert practices(chat, siti, "d30")["qris"] == "yes"
    assert outcomes(chat, siti, "d30") == {"orders": "down"}
    assert rows(chat, siti)["d30"].done_at == done


def test_on_one_phone_each_round_names_whose_it_is(chat: Chat) -> None:
    siti = asked(chat, 30)
    with chat.database.transaction() as db:
        account = siti.account(db)
        assert account is not None
        mother = siti.person(db)
        rina = Person(
            account_id=account.id, name="Rina", salutation="kakak", sector="kriya", site_id="labuan-bajo",
            registered_at=chat.now, consent_training=True,
        )  # fmt: skip
        db.add(rina)
        db.flush()
        account.person, her, daughter = rina, mother.id, rina.id
    siti.taps("☐ QRIS").sees_toast("Tersimpan").sees("Bu Siti", "☑ QRIS").taps("Simpan").sees("Bu Siti, pertanyaan 2")
    with chat.database.transaction() as db:
        assert {one.person_id for one in db.scalars(select(Practice).where(Practice.round == "d30"))} == {her}
    siti.sends_tap(f"follow_up:set:d30:0:qris:yes:{daughter}").sees("sudah selesai")
    siti.sends_tap("follow_up:set:d30:0:qris:yes:999").sees_toast("tidak lagi memakai HP ini")


def test_after_erasing_an_old_button_is_kindly_answered(chat: Chat) -> None:
    siti = asked(chat, 30)
    data, message = siti.button("☐ QRIS")
    siti.types("/hapus_data").sends_tap("privacy:erased").sends_tap(data, message).does_not_see("gangguan")
    with chat.database.transaction() as db:
        for table in (FollowUpRound, Practice, Outcome, AboutPerson):
            assert db.scalars(select(table)).all() == []


def test_forged_answers_change_nothing(chat: Chat) -> None:
    siti = asked(chat, 30)
    for data in (
        "follow_up:say:d30:0:turnover:1-5", "follow_up:say:d30:0:orders:many", "follow_up:say:d30:0:recommend:9",
        "follow_up:set:d30:0:brand:yes", "follow_up:still:d30:0:qris:yes", "follow_up:more:d30:rate",
        "follow_up:say:d0:0:workers:0", "follow_up:set:d31:0:nib:yes", "follow_up:age:18-24",
    ):  # fmt: skip
        siti.sends_tap(data).does_not_see("gangguan")
    assert outcomes(chat, siti, "d30") == {}
    assert practices(chat, siti, "d30") == {}
    assert rows(chat, siti)["d30"].parts == 0


# --- a business that has closed ---------------------------------------------------------------------------------------


def test_a_closed_business_says_so_once_and_is_never_asked_again(chat: Chat) -> None:
    siti = asked(chat, 30).taps("Usaha sudah tutup").sees("kami tidak bertanya lagi", "Tidak, masih jalan")
    siti.taps("Tidak, masih jalan").sees("☐ QRIS").taps("Simpan")
    chat.travel(days=4)
    siti.sees("masih menunggu").taps("Usaha sudah tutup").taps("Ya, sudah tutup").sees("Sudah dicatat, Bu Siti")
    assert {one.ended_because for kind, one in rows(chat, siti).items() if kind != "d0"} == {"closed"}
    siti.looks_up()
    chat.travel(days=200)
    siti.does_not_see("bulan lalu", "tahun lalu", "masih menunggu")


def test_closing_by_mistake_is_taken_back(chat: Chat) -> None:
    siti = asked(chat, 30).taps("Usaha sudah tutup").taps("Ya, sudah tutup").taps("Usaha jalan lagi")
    siti.sees_toast("jalan lagi").sees("☐ QRIS").taps("Simpan").taps("Masih").taps("Naik").sees("Semua tersimpan")
    chat.travel(to=CLASS + timedelta(days=91))
    siti.sees("tiga bulan lalu")


# --- typed ------------------------------------------------------------------------------------------------------------


def test_typed_answers_go_through_the_whole_baseline(chat: Chat) -> None:
    siti = asked_d0(chat).types("sudah punya qris dan toko online kak").sees("☑ QRIS", "☑ Toko online", "☐ NIB")
    siti.types("simpan").sees("pertanyaan 2 dari 3").types("5 orang").sees("pertanyaan 3 dari 3")
    siti.types("sekitar 3 juta").sees("umur").types("35 tahun").sees("jenis kelamin").types("perempuan")
    siti.sees("Semua tersimpan")
    assert outcomes(chat, siti, "d0") == {"workers": "5+", "turnover": "1-5"}
    mine = about(chat, siti)
    assert mine is not None
    assert (mine.age_band, mine.sex) == ("35-44", "female")


def test_typed_answers_below_day_30(chat: Chat) -> None:
    siti = asked(chat, 30).types("sudah semua").sees("pertanyaan 2 dari 3").types("masih kak").sees("pesanan")
    siti.types("naik").sees("Semua tersimpan")
    assert set(practices(chat, siti, "d30").values()) == {"yes"}
    assert outcomes(chat, siti, "d30") == {"orders": "up"}


def test_typed_nothing_and_skips_and_closed(chat: Chat) -> None:
    siti = asked_d0(chat).types("belum ada").sees("pertanyaan 2").types("lewati").sees("pertanyaan 3").types("lewati")
    siti.sees("umur")
    assert outcomes(chat, siti, "d0") == {"workers": "skipped", "turnover": "skipped"}
    assert set(practices(chat, siti, "d0").values()) == {"no"}
    chat.travel(to=CLASS + timedelta(days=30, minutes=1))
    siti.types("usaha sudah tutup").sees("kami tidak bertanya lagi", "Ya, sudah tutup")


@pytest.mark.parametrize("typed", ["jadwal", "qris itu apa?", "saya bingung", "pesanan tidak naik"])
def test_other_words_are_no_answer(chat: Chat, typed: str) -> None:
    siti = asked(chat, 30).types(typed).does_not_see("pertanyaan 2", "☑")
    assert practices(chat, siti, "d30") == {}


def test_a_frozen_business_is_not_opened_by_an_old_button(chat: Chat) -> None:
    siti = asked(chat, 30).taps("Usaha sudah tutup").taps("Ya, sudah tutup")
    data, message = siti.button("Usaha jalan lagi")
    siti.types("/bekukan").taps("Ya, bekukan").sends_tap(data, message).sees("dibekukan")
    assert {one.ended_because for kind, one in rows(chat, siti).items() if kind != "d0"} == {"closed"}
