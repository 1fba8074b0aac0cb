"""Consents in versions: a newer notice, consent 2 in two, consents 3 and 4 asked later, each yes with its words."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Final

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot.people import people
from bot.people.people import Consent, ErasedBecause, Person, Purpose, Use, consent_of, record_consent
from bot.people.quiet_hours import Kind
from bot.programme import consents
from bot.programme.consents import ConsentQuestion
from bot.programme.lessons import LessonPlan
from bot.turns.dispatcher import Dispatcher
from tests.chat import Chat, Phone, add_registered, content, enrolled, registered, staffed
from tests.test_privacy import became_of, waiting
from tests.test_shared_phone import shared, switch

NEW: Final = "pemberitahuan data kami diperbarui"
FOLLOW_UP: Final = "90, dan 180 hari?"
NEWEST: Final = content().consent_version(Purpose.TRAINING)
NAMES: Final = "kementerian dan mitra?"


def of_before(chat: Chat, name: str = "Siti") -> Phone:
    """Somebody who registered while version 1 of the notice was shown, and said yes to consent 2 when it was one: their
    rows are as the version of the bot before wrote them."""
    phone = registered(chat, name, reminders=None)
    with chat.database.transaction() as db:
        person = phone.person(db)
        agreed_to_version_1(db, person)
        db.add(
            Consent(person_id=person.id, purpose="messages", text_version="2", language="id", given=True, at=chat.now)
        )
        person.consent_messages = True
    return phone


def agreed_to_version_1(db: Session, person: Person) -> None:
    of_training = update(Consent).where(Consent.person_id == person.id, Consent.purpose == "training")
    db.execute(of_training.values(text_version="1"))
    person.training_version = None


def log(chat: Chat, phone: Phone, *purposes: str) -> list[tuple[str, str, bool]]:
    """The person's answers to these consents: purpose, version, yes or no."""
    with chat.database.transaction() as db:
        answers = people.consents_of(db, phone.person(db))
        return [(one.purpose, one.text_version, one.given) for one in answers if one.purpose in purposes]


def stands(chat: Chat, phone: Phone, purpose: Purpose) -> bool | None:
    with chat.database.transaction() as db:
        return consent_of(phone.person(db), purpose)


def may(chat: Chat, phone: Phone, use: Use) -> bool:
    with chat.database.transaction() as db:
        return consents.covers(db, phone.person(db), use, content=chat.content)


def learnt(chat: Chat, phone: Phone, lessons: int) -> Phone:
    """Finishes so many lessons, one a day; what comes after is a day later."""
    phone.sends_tap("quizzes:skip:pretest")
    for number in range(1, lessons + 1):
        phone.sends_tap(f"lessons:finish:M01L{number}")
        chat.travel(days=1)
    return phone.looks_up()


# --- a newer notice ---------------------------------------------------------------------------------------------------


def test_who_agreed_to_an_older_notice_is_told_what_is_new_after_what_they_did(chat: Chat) -> None:
    siti = of_before(chat).types("/menu").sees("Ada yang bisa kami bantu", NEW, "Setuju", "Nanti", "Baca lengkap")
    menu, news = siti.new
    assert "Ada yang bisa" in menu.text
    assert news.text.startswith("Bu Siti, ")
    assert news.text.count("•") == 3
    assert news.labels[:3] == ["Setuju", "Nanti", "Baca lengkap"]
    assert not may(chat, siti, Use.QUESTIONS)
    of_before(chat, "Rina").types("/salah").sees("Perintah itu tidak ada").does_not_see(NEW)
    siti.taps("Setuju").sees("Terima kasih, Bu Siti").sees_toast("Persetujuan sudah dicatat")
    assert NEW in news.text  # it stays in the chat as it was agreed to
    assert log(chat, siti, "training") == [("training", "1", True), ("training", NEWEST, True)]
    assert may(chat, siti, Use.QUESTIONS)
    siti.types("/menu").does_not_see(NEW)
    assert "diperbarui" not in registered(chat, "Dewi").types("/menu").last.text


def test_later_is_a_week_three_times_and_then_never(chat: Chat) -> None:
    siti = of_before(chat).types("/menu").taps("Nanti").sees("Kami tanya lagi minggu depan", "Atur izin")
    for wait in (timedelta(0), timedelta(days=6, hours=23)):
        chat.travel(to=chat.start + wait) if wait else None
        siti.types("/menu").does_not_see(NEW).types("/kelas").does_not_see(NEW)
    chat.travel(days=1)
    siti.types("/kelas").sees(NEW).taps("Nanti").sees("minggu depan")
    chat.travel(days=8)
    siti.types("/jadwal").sees(NEW).taps("Nanti").sees("Kami tidak bertanya lagi")
    for _ in range(3):
        chat.travel(days=40)
        siti.types("/menu").does_not_see(NEW)
    siti.types("/izin").taps("Pemberitahuan baru").sees(NEW, "Setuju", "Tidak setuju").taps("Setuju")
    assert may(chat, siti, Use.NOTES)
    assert log(chat, siti, "training")[-1] == ("training", NEWEST, True)


def test_who_does_not_answer_is_not_asked_at_every_tap(chat: Chat) -> None:
    siti = of_before(chat).types("/menu").sees(NEW)
    siti.types("/menu").does_not_see(NEW).types("/kelas").does_not_see(NEW)
    chat.travel(days=7)
    siti.types("/menu").sees(NEW)


def test_a_refusal_leaves_the_old_one_standing(chat: Chat) -> None:
    session = chat.add_class()
    siti = of_before(chat).types("/menu").taps("Baca lengkap").sees("1. Dasar hukum", "7. Kapan saja", "Tidak setuju")
    siti.taps("Tidak setuju").sees("Yang lama tetap berlaku")
    assert log(chat, siti, "training") == [("training", "1", True), ("training", NEWEST, False)]
    assert not may(chat, siti, Use.QUESTIONS)
    siti.sends_tap(f"enrolment:take:{session}").sees("sudah dapat kursi").does_not_see(NEW)
    siti.types("/izin").sees("Ikut pelatihan: diizinkan")
    chat.travel(days=30)
    siti.types("/menu").does_not_see(NEW)
    with chat.database.transaction() as db:
        assert siti.person(db).consent_training
    # and back: the yes can be taken back as it was given
    siti.types("/izin").taps("Pemberitahuan baru").taps("Setuju")
    assert may(chat, siti, Use.QUESTIONS)
    siti.types("/izin").taps("Pemberitahuan baru").taps("Tidak setuju").sees("Yang lama tetap berlaku")
    assert not may(chat, siti, Use.QUESTIONS)
    assert [given for _, _, given in log(chat, siti, "training")] == [True, False, True, False]


@pytest.mark.parametrize("answer", ["Tidak setuju", "Nanti"])
def test_a_still_newer_notice_is_asked_about_at_the_next_thing_they_do(chat: Chat, answer: str) -> None:
    siti = of_before(chat).types("/menu").sees(NEW)
    siti.taps("Baca lengkap") if answer == "Tidak setuju" else None
    siti.taps(answer)
    chat.travel(days=2)
    with chat.database.transaction() as db:
        siti.person(db).ask_after = chat.now + timedelta(days=29)  # all that can be asked was answered or put off
    siti.types("/menu").does_not_see(NEW)
    with chat.database.transaction() as db:  # what they were asked about was the version before this one
        question = db.get_one(ConsentQuestion, (siti.person(db).id, "training"))
        question.version = "1b"
    siti.types("/menu").sees(NEW).taps("Setuju")
    assert may(chat, siti, Use.QUESTIONS)


def test_never_in_the_middle_of_a_conversation(chat: Chat) -> None:
    siti = of_before(chat).sends_tap("registration:ask:needs:profile").sees("Apa yang dibutuhkan").does_not_see(NEW)
    siti.types("tangga landai").does_not_see(NEW)
    siti.sends_tap("quizzes:skip:pretest").sends_tap("lessons:switch:on").sees(NEW).sends_tap("lessons:hours")
    with chat.database.transaction() as db:
        siti.person(db).ask_after = None
        db.execute(delete(ConsentQuestion))
    siti.sends_tap("lessons:hours").sees("Jam berapa mau belajar?").does_not_see(NEW)
    siti.types("7 malam").sees(NEW)


def test_never_in_a_check_in_or_at_the_door(chat: Chat) -> None:
    session = chat.add_class(starts=chat.now + timedelta(minutes=20))
    siti = of_before(chat).sends_tap(f"enrolment:take:{session}").sees("sudah dapat kursi").does_not_see(NEW)
    siti.types("/hadir").does_not_see(NEW)
    chat.travel(minutes=60)
    siti.types("/menu").does_not_see(NEW)
    chat.travel(hours=3)
    siti.types("/menu").sees(NEW)


def test_never_beside_a_page_a_question_or_work_of_staff(chat: Chat) -> None:
    session = chat.add_class()
    siti = of_before(chat).sends_tap("quizzes:skip:pretest").does_not_see(NEW)
    siti.sends_tap("lessons:open:M01L1").does_not_see(NEW).sends_tap("lessons:finish:M01L1").does_not_see(NEW)
    siti.types("/menu").does_not_see(NEW)  # the quiz was asked a moment ago
    chat.travel(minutes=2)
    siti.types("/data_saya").does_not_see(NEW).types("/bahasa").does_not_see(NEW).types("/berhenti").does_not_see(NEW)
    siti.types("/menu").does_not_see(NEW).taps("Terima pesan lagi").sees(NEW)
    maria = of_before(chat, "Maria")
    with chat.database.transaction() as db:
        account = maria.account(db)
        assert account is not None
        db.add(people.RoleGrant(account_id=account.id, role="trainer", site_id="labuan-bajo", granted_at=chat.now))
    maria.types("/sesi").does_not_see(NEW).sends_tap(f"attendance:class:{session}").does_not_see(NEW)
    maria.types("/menu").sees(NEW)
    staffed(chat, "Anton").types("/menu").does_not_see(NEW)


def test_twice_at_once_and_after_the_other_answer(chat: Chat) -> None:
    siti = of_before(chat).types("/menu")
    yes, later = siti.button("Setuju"), siti.button("Nanti")
    chat.deliver_all([siti.tap_update(*yes), siti.tap_update(*yes)], siti)
    assert log(chat, siti, "training") == [("training", "1", True), ("training", NEWEST, True)]
    siti.sends_tap(*later).sees_toast("Sudah dicatat sebelumnya").sees_nothing_new()
    assert may(chat, siti, Use.QUESTIONS)


def test_an_older_button_says_what_replaced_it(chat: Chat) -> None:
    siti = of_before(chat)
    with chat.database.transaction() as db:
        number = siti.person(db).id
    for data in (f"consents:answer:1:yes:{number}", f"consents:later:1:{number}", f"consents:read:1:{number}"):
        siti.sends_tap(data).sees_toast("Tulisannya sudah diganti").sees(NEW, "Setuju")
    assert log(chat, siti, "training") == [("training", "1", True)]
    # of consents that are asked by themselves, too; a no counts whatever stood there
    siti.sends_tap(f"privacy:consent:follow_up:yes:{number}:1").sees_toast("sudah diganti").sees(FOLLOW_UP)
    siti.sends_tap(f"privacy:consent:names:no:{number}:1").sees("Jawabannya sudah dicatat")
    assert log(chat, siti, "follow_up", "names") == [("names", "1", False)]
    newcomer = chat.phone("Budi").starts()
    newcomer.sends_tap("registration:consent:yes:0:1").sees_toast("sudah diganti").sees(
        "Umur sudah 18 tahun dan setuju?"
    )
    with chat.database.transaction() as db:
        account = newcomer.account(db)
        assert account is not None
        assert account.person is None


def test_a_button_without_a_version_was_shown_with_the_words_of_version_1(chat: Chat) -> None:
    budi = chat.phone("Budi").starts("s_labuan-bajo").sends_tap("registration:consent:yes")
    budi.taps("Bapak").types("Budi").taps("Makanan").taps("Sudah benar").does_not_see(NEW)
    assert log(chat, budi, "training") == [("training", "1", True)]
    budi.types("/menu").sees(NEW)


def test_three_people_on_one_phone_with_three_versions(chat: Chat) -> None:
    phone, ids = shared(chat)  # Cici speaks and agreed to the newest
    with chat.database.transaction() as db:
        for name in ("Ani", "Bunga"):
            agreed_to_version_1(db, db.get_one(Person, ids[name]))
    session = chat.add_class()
    phone.types("/menu").does_not_see(NEW)
    switch(phone, ids["Bunga"]).types("/menu").sees(f"Bu Bunga, {NEW}")
    bungas = phone.button("Setuju")
    # a button of Ani's is something that Ani did, whoever the phone speaks as
    phone.sends_tap(f"enrolment:take:{session}:{ids['Ani']}").sees("Bu Ani sudah dapat kursi", f"Bu Ani, {NEW}")
    anis = phone.button("Nanti", "Bu Ani")
    phone.types("/menu").sends_tap(f"registration:switch:{ids['Cici']}")
    phone.sends_tap(*anis).sees("Baik, Bu Ani").sends_tap(*bungas).sees("Terima kasih, Bu Bunga")
    with chat.database.transaction() as db:
        versions = {one.person_id: one.text_version for one in db.scalars(select(Consent).order_by(Consent.id))
                    if one.purpose == "training"}  # fmt: skip
        assert phone.person(db).id == ids["Cici"]
    assert versions == {ids["Ani"]: "1", ids["Bunga"]: NEWEST, ids["Cici"]: NEWEST}


def test_a_typed_no_counts_and_a_typed_yes_is_a_tap(chat: Chat) -> None:
    siti = of_before(chat).types("/menu").sees(NEW)
    siti.types("setuju aja").sees("tombolnya", NEW).types("kapan kelas saya?").does_not_see(NEW)
    siti.types("/izin").taps("Pemberitahuan baru").types("setuju").sees("tombolnya", NEW)
    siti.types("setuju").sees("tombolnya", NEW).types("ya").sees("tombolnya", NEW).types("oke kak").sees(NEW)
    assert log(chat, siti, "training") == [("training", "1", True)]
    siti.types("gak setuju").sees("Yang lama tetap berlaku")
    assert log(chat, siti, "training")[-1] == ("training", NEWEST, False)
    of_before(chat, "Rina").types("/menu").types("nanti").sees("Kami tanya lagi minggu depan")


def test_a_turn_that_ends_in_the_middle_asks_once_and_loses_nothing(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process ends after the question was written and before the commit: next time all of it is done, once."""
    session = chat.add_class()
    siti = of_before(chat)
    dispatch = Dispatcher.dispatch

    def fails(self: Dispatcher, turn: object) -> None:
        dispatch(self, turn)  # type: ignore[arg-type]
        raise RuntimeError("the process ends here")

    monkeypatch.setattr(Dispatcher, "dispatch", fails)
    siti.sends_tap(f"enrolment:take:{session}").does_not_see(NEW, "dapat kursi")
    monkeypatch.undo()
    chat.restart()
    with chat.database.transaction() as db:
        assert db.scalars(select(ConsentQuestion)).all() == []
    siti.sends_tap(f"enrolment:take:{session}").sees("sudah dapat kursi", NEW)
    with chat.database.transaction() as db:
        (asked,) = db.scalars(select(ConsentQuestion))
        assert (asked.purpose, asked.version, asked.times) == ("training", NEWEST, 1)


def test_what_only_the_newer_notice_covers_is_asked_first(chat: Chat) -> None:
    siti = of_before(chat).types("/menu").taps("Nanti")
    siti.sends_tap("consents:first:questions").sees("Untuk itu kami perlu persetujuan", NEW, "Tidak setuju")
    siti.taps("Setuju").sends_tap("consents:first:questions").sees_toast("Sudah dicatat").does_not_see(NEW)
    siti.sends_tap("consents:first:half_year").sees(FOLLOW_UP).taps("Ya, boleh")
    assert may(chat, siti, Use.HALF_YEAR)
    walk_in = chat.add_class()
    maria = staffed(chat).sends_tap(f"roster:walk_in:{walk_in}").types("Pak Budi").taps("Ya, setuju")
    maria.sees("sudah dapat kursi")
    with chat.database.transaction() as db:
        budi = db.scalars(select(Person).where(Person.name == "Budi")).one()
        assert consents.covers(db, budi, Use.SHEETS, content=chat.content)
        assert [one.text_version for one in people.consents_of(db, budi)] == [f"lisan {NEWEST}"]
        assert not consents.covers(db, budi, Use.HALF_YEAR, content=chat.content)


def test_status_counts_versions(chat: Chat) -> None:
    of_before(chat)
    of_before(chat, "Anton").types("/menu").taps("Baca lengkap").taps("Tidak setuju")
    of_before(chat, "Rina").types("/menu").taps("Setuju")
    registered(chat, "Dewi")
    admin = staffed(chat, role=people.Role.ADMIN, site=None).types("/status")
    admin.sees("Pesan masuk yang belum dijawab bot: 0")  # the question itself does not wait
    admin.sees("Persetujuan data", "• versi 1: 2 orang", f"• versi {NEWEST}: 2 orang")


# --- consent 2 in two -------------------------------------------------------------------------------------------------


def test_an_old_yes_counts_for_both_and_each_is_taken_back_by_itself(chat: Chat) -> None:
    siti = of_before(chat)
    assert stands(chat, siti, Purpose.REMINDERS) is stands(chat, siti, Purpose.LESSONS) is True
    siti.types("/izin").sees("kabar kelas: diizinkan", "chat: diizinkan").taps("Cabut izin pelajaran")
    siti.sees("kabar kelas: diizinkan", "chat: tidak diizinkan", "Izinkan pelajaran")
    assert stands(chat, siti, Purpose.REMINDERS) is True
    assert log(chat, siti, "messages", "lessons") == [("messages", "2", True), ("lessons", "1", False)]
    siti.taps("Izinkan pelajaran").sees("boleh kami kirim pelajaran").taps("Ya, kirim").sees("Pelajaran dan ulangan")
    assert log(chat, siti, "lessons")[-1] == ("lessons", "1", True)


TABLE: Final = [
    # what the two consents are set to by this version, what the version before writes, what stands then
    ((True, True), None, (True, True)),
    ((True, True), False, (False, False)),
    ((True, False), None, (True, False)),
    ((True, False), True, (True, True)),
    ((False, True), True, (True, True)),
    ((False, False), True, (True, True)),
    ((True, None), None, (True, None)),
    ((True, None), False, (False, False)),
    ((True, None), True, (True, True)),
    ((False, None), None, (False, None)),
    ((False, None), True, (True, True)),
    ((None, None), True, (True, True)),
    ((None, None), False, (False, False)),
    ((None, None), None, (None, None)),
]


@pytest.mark.parametrize(("set_to", "then", "stand"), TABLE)
def test_what_the_version_before_writes_counts_for_both(
    chat: Chat, set_to: tuple[bool | None, bool | None], then: bool | None, stand: tuple[bool | None, bool | None]
) -> None:
    """Both versions serve beside one another while one is upgraded, and an upgrade may be taken back."""
    with chat.database.transaction() as db:
        person = add_registered(db, 500, "Siti", chat.now, reminders=None)
        for purpose, given in zip(people.DIVIDED, set_to, strict=True):
            if given is not None:
                record_consent(db, person, purpose, given=given, text_version="1", language="id", now=chat.now)
        if then is not None:
            person.consent_messages = then
        else:
            # the version before writes only where both are a yes: nobody hears what they refused
            assert (person.consent_messages is True) == (set_to == (True, True))
        db.flush()
        assert tuple(consent_of(person, one) for one in people.DIVIDED) == stand
        for purpose, given in zip(people.DIVIDED, stand, strict=True):
            found = db.scalars(select(Person.id).where(people.agreed_to(purpose))).all()
            assert found == ([person.id] if given else [])


def test_reminders_and_lessons_each_look_at_their_own_consent(chat: Chat) -> None:
    session = chat.add_class()
    siti, rina = enrolled(chat, "Siti", session=session), enrolled(chat, "Rina", session=session)
    for phone, taken_back in ((siti, "lessons"), (rina, "reminders")):
        phone.sends_tap("lessons:switch:on").sends_tap(f"privacy:change:{taken_back}:no").looks_up()
    chat.travel(days=2, hours=1)
    texts = {phone.first_name: "\n".join(bubble.text for bubble in phone.new) for phone in (siti, rina)}
    assert "besok ada kelas" in texts["Siti"]
    assert "besok ada kelas" not in texts["Rina"]
    assert "Pelajaran hari ini" not in texts["Siti"]
    assert any("lessons:open" in str(bubble.buttons) for bubble in rina.new)
    assert not any("lessons:open" in str(bubble.buttons) for bubble in siti.new)


def test_stopping_some_of_it(chat: Chat) -> None:
    siti = registered(chat)
    reminder, lesson = waiting(chat, siti, Kind.REMINDER), waiting(chat, siti, Kind.LESSON)
    siti.types("saya mau berhenti terima pesan").sees(
        "Ya, hentikan semua", "Hentikan pelajaran saja", "Hentikan pengingat saja"
    )
    siti.taps("Hentikan pelajaran saja").sees(
        "Pelajaran tidak kami kirim lagi", "Pengingat dan kabar kelas tetap kami kirim"
    )
    assert became_of(chat, lesson) == ("dropped", "consent withdrawn")
    assert became_of(chat, reminder)[0] == "waiting"
    siti.types("berhenti").does_not_see("Hentikan pelajaran saja")
    anton = registered(chat, "Anton").types("/berhenti").sees("Pesan sudah dihentikan", "Hentikan pelajaran saja")
    anton.taps("Hentikan pengingat saja").sees("Pengingat tidak kami kirim lagi").types("/menu").sees(
        "Ada yang bisa kami bantu"
    )
    assert stands(chat, anton, Purpose.REMINDERS) is False
    assert stands(chat, anton, Purpose.LESSONS) is True


@pytest.mark.parametrize(("first", "second"), [("pengingat", "pelajaran"), ("pelajaran", "pengingat")])
def test_stopping_one_and_then_the_other_promises_neither(chat: Chat, first: str, second: str) -> None:
    anton = registered(chat, "Anton").types("saya mau berhenti terima pesan")
    one, other = (anton.button(f"Hentikan {what} saja") for what in (first, second))
    anton.sends_tap(*one).sees("tetap kami kirim").sends_tap(*other).does_not_see("tetap kami kirim")
    assert anton.new, "the second tap is answered"
    assert stands(chat, anton, Purpose.REMINDERS) is stands(chat, anton, Purpose.LESSONS) is False


@pytest.mark.parametrize("way", ["/mulai", "/start", "Terima pesan lagi"])
def test_who_took_both_back_is_told_what_comes_again_and_offered_them(chat: Chat, way: str) -> None:
    siti = registered(chat, reminders=False).types("/berhenti")
    siti.types(way) if way.startswith("/") else siti.taps(way)
    siti.sees("Pengingat dan pelajaran untuk Bu Siti belum aktif", "perubahan kelas")
    siti.does_not_see("akan dikirim lagi").taps("Nyalakan pengingat").taps("Ya, ingatkan")
    assert stands(chat, siti, Purpose.REMINDERS) is True
    siti.types("/berhenti").types("/mulai").sees("akan dikirim lagi")


def test_an_old_button_that_stops_some_does_not_restart_the_rest(chat: Chat) -> None:
    siti = registered(chat).types("/berhenti").sees("Pesan sudah dihentikan")
    some = siti.button("Hentikan pelajaran saja")
    siti.sends_tap(*some).sees("Pengingat dan kabar kelas tetap kami kirim")
    siti.types("/berhenti").sends_tap(*some).sees("Pesan sudah dihentikan").does_not_see("tetap kami kirim")
    siti.types("/menu").sees("Terima pesan lagi")
    # nor one whose rest was taken back meanwhile
    rina = registered(chat, "Rina").types("/berhenti")
    some = rina.button("Hentikan pelajaran saja")
    rina.types("/izin").taps("Cabut izin pengingat").sends_tap(*some).does_not_see("tetap kami kirim")
    rina.types("/menu").sees("Terima pesan lagi")


# --- consents 3 and 4 -------------------------------------------------------------------------------------------------


def test_consents_3_and_4_are_asked_after_the_third_lesson_one_a_day(chat: Chat) -> None:
    siti = learnt(chat, registered(chat), 2).types("/menu").does_not_see(FOLLOW_UP, NAMES)
    siti.sends_tap("lessons:finish:M01L3").types("/menu").does_not_see(FOLLOW_UP)  # a quiz was asked a moment ago
    chat.travel(minutes=2)
    siti.types("/menu").sees("Ada yang bisa kami bantu", FOLLOW_UP).does_not_see(NAMES)
    siti.taps("Tidak usah").types("/menu").does_not_see(FOLLOW_UP, NAMES)
    chat.travel(days=1)
    siti.types("/menu").sees(NAMES).taps("Ya, boleh")
    for _ in range(4):
        chat.travel(days=10)
        siti.types("/menu").does_not_see(FOLLOW_UP, NAMES)
    with chat.database.transaction() as db:
        number = siti.person(db).id
    assert log(chat, siti, "follow_up", "names") == [("follow_up", "2", False), ("names", "2", True)]
    siti.types("/izin").sees("Cabut izin nama").taps("Izinkan ditanya lagi").sees(FOLLOW_UP)
    data, _ = siti.button("Ya, boleh")
    assert data == f"privacy:consent:follow_up:yes:{number}:2"


def test_and_after_the_first_class(chat: Chat) -> None:
    session = chat.add_class(starts=chat.now + timedelta(hours=2))
    siti, absent = enrolled(chat, "Siti", session=session), enrolled(chat, "Rina", session=session)
    with chat.database.transaction() as db:
        number = siti.person(db).id
    maria = staffed(chat)
    chat.travel(hours=3)
    maria.sends_tap(f"attendance:tick:{session}:{number}:0")
    siti.types("/menu").does_not_see(FOLLOW_UP)  # the class is on
    chat.travel(hours=6)
    siti.types("/jadwal").sees(FOLLOW_UP)
    absent.types("/jadwal").does_not_see(FOLLOW_UP)


def test_not_in_one_minute_with_the_daily_lesson(chat: Chat) -> None:
    siti = learnt(chat, registered(chat), 3).sends_tap("lessons:switch:on")
    with chat.database.transaction() as db:
        lesson = db.scalars(select(LessonPlan.due_at)).one()
        siti.person(db).ask_after = None
        db.execute(delete(ConsentQuestion))  # it was put beside the settings
    assert lesson is not None
    chat.travel(to=lesson)
    siti.types("/menu").does_not_see(FOLLOW_UP)
    chat.travel(minutes=2)
    siti.types("/menu").sees(FOLLOW_UP)


def test_on_a_shared_phone_consents_3_and_4_name_whom_they_are_about(chat: Chat) -> None:
    phone, ids = shared(chat)  # Cici speaks
    session = chat.add_class(starts=chat.now + timedelta(days=9))
    phone.sends_tap(f"quizzes:skip:pretest:{ids['Ani']}")
    for number in range(1, 4):
        phone.sends_tap(f"lessons:finish:M01L{number}:{ids['Ani']}")
    for question, answer in ((FOLLOW_UP, "Tidak usah"), (NAMES, "Ya, boleh")):
        chat.travel(days=1)
        phone.types("/jadwal").does_not_see(FOLLOW_UP, NAMES)
        phone.sends_tap(f"enrolment:take:{session}:{ids['Ani']}").sees(question, "Bu Ani, boleh")
        phone.taps(answer)
    with chat.database.transaction() as db:
        answers = [(one.person_id, one.purpose, one.given) for one in db.scalars(select(Consent).order_by(Consent.id))]
    assert answers[-2:] == [(ids["Ani"], "follow_up", False), (ids["Ani"], "names", True)]


def test_a_question_nobody_answers_is_asked_three_times_a_week_apart(chat: Chat) -> None:
    siti = learnt(chat, registered(chat), 3).types("/menu").sees(FOLLOW_UP)
    seen = []
    for _ in range(30):
        chat.travel(days=1)
        siti.types("/menu")
        text = "\n".join(bubble.text for bubble in siti.new)
        seen.append("follow_up" if FOLLOW_UP in text else "names" if NAMES in text else "")
    assert [one for one in seen if one] == ["names", "follow_up", "names", "follow_up", "names"]
    assert seen.count("follow_up") == 2


def test_the_notice_comes_before_the_others(chat: Chat) -> None:
    siti = learnt(chat, of_before(chat), 3).types("/menu").sees(NEW).does_not_see(FOLLOW_UP)
    siti.taps("Nanti").types("/menu").does_not_see(FOLLOW_UP)
    chat.travel(days=1)
    siti.types("/menu").sees(FOLLOW_UP).does_not_see(NEW)


# --- one's own data ---------------------------------------------------------------------------------------------------


def test_the_copy_tells_what_was_asked_and_erasing_forgets_it(chat: Chat) -> None:
    siti = of_before(chat).types("/menu").taps("Nanti").types("/data_saya")
    copy = json.loads(siti.last.params["files"]["document"][1])
    (asked,) = copy["pertanyaan_persetujuan"]
    assert (asked["untuk"], asked["versi_teks"], asked["kali"]) == ("training", NEWEST, 1)
    siti.types("/hapus_data").taps("Ya, hapus data")
    with chat.database.transaction() as db:
        assert db.scalars(select(ConsentQuestion)).all() == []
        person = db.scalars(select(Person)).one()
        assert (person.training_version, person.ask_after, person.erased_because) == (None, None, ErasedBecause.WISH)


@pytest.mark.parametrize("way", ["/izin", "an old [Tidak setuju]"])
def test_taking_consent_1_back_erases_because_of_the_refusal(chat: Chat, way: str) -> None:
    siti = registered(chat)
    if way == "/izin":
        siti.types("/izin").taps("Keluar, hapus data")
    else:
        siti.sends_tap("registration:consent:no:0:2")
    siti.sees("Hapus data Bu Siti?").taps("Ya, hapus data").sees("sudah dihapus")
    with chat.database.transaction() as db:
        person = db.scalars(select(Person)).one()
        assert person.erased_because == ErasedBecause.REFUSAL
        last = people.consents_of(db, person)[-1]
        assert (last.purpose, last.text_version, last.given) == ("training", NEWEST, False)


# --- a notice that only says more exactly what was agreed to ----------------------------------------------------------


def under_version_2(chat: Chat, name: str = "Siti", *, refused: bool = False) -> Phone:
    """Somebody who agreed to version 2 of the notice, or refused it and stands by version 1."""
    phone = registered(chat, name)
    with chat.database.transaction() as db:
        person = phone.person(db)
        of_training = update(Consent).where(Consent.person_id == person.id, Consent.purpose == "training")
        db.execute(of_training.values(text_version="1" if refused else "2"))
        if refused:
            no = {"purpose": "training", "text_version": "2", "language": "id", "given": False, "at": chat.now}
            db.add(Consent(person_id=person.id, **no))
        person.training_version = None
    return phone


def test_who_agreed_to_all_uses_before_is_told_once_and_asked_nothing(chat: Chat) -> None:
    siti = under_version_2(chat).types("/menu").sees("sekarang lebih lengkap", "dibaca pelatihnya", "Nomor HP")
    assert siti.new[-1].labels[:2] == ["Baca lengkap", "Atur izin"]
    siti.taps("Baca lengkap").sees("Pesan Anda tentang kelas, untuk pelatih", "boleh meminta nomor HP")
    assert log(chat, siti, "training") == [("training", "2", True)]
    assert may(chat, siti, Use.QUESTIONS)
    for _ in range(4):
        chat.travel(days=8)
        siti.types("/menu").does_not_see("lebih lengkap", NEW)
    siti.types("/tanya").sees("Mau tanya apa")
    registered(chat, "Budi").types("/menu").does_not_see("lebih lengkap", NEW)


def test_who_refused_the_same_uses_is_not_asked_for_them_again(chat: Chat) -> None:
    siti = under_version_2(chat, refused=True)
    for _ in range(2):
        siti.types("/menu").does_not_see(NEW, "lebih lengkap")
        chat.travel(days=8)
    siti.types("/tanya").sees("Setuju")  # who wants to ask is asked, as before
