"""Several people on one phone: a button acts for whom it was made, whoever the phone speaks as when it is tapped."""

from __future__ import annotations

import os
import random
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from bot.actions.privacy import AnswerPurpose, ChangeConsent, EraseNow
from bot.actions.quizzes import AnswerQuestion, AskWithLetters
from bot.people.people import DIVIDED, Consent, Person, Purpose, record_consent
from bot.programme.attendance import Attendance
from bot.programme.enrolment import Enrolment
from bot.programme.lessons import LessonPlan, LessonProgress, TaskDone
from bot.programme.quizzes import Quiz, ReviewOffer, Sitting
from bot.programme.surveys import Feedback
from bot.words.action import PersonalAction, parse
from tests.chat import Chat, Phone, registered
from tests.databases import by_turns

NAMES = ("Ani", "Bunga", "Cici")
OF_PEOPLE = (Attendance, Enrolment, Feedback, LessonPlan, LessonProgress, Quiz, ReviewOffer, Sitting, TaskDone)
"""Tables whose rows are somebody's deeds."""


def shared(chat: Chat, *, reminders: bool | None = True) -> tuple[Phone, dict[str, int]]:
    """A phone with Ani, Bunga and Cici (samples), who is current; and the number of each."""
    phone = registered(chat, NAMES[0], reminders=reminders)
    with chat.database.transaction() as db:
        account = phone.account(db)
        assert account is not None
        ids = {NAMES[0]: phone.person(db).id}
        for name in NAMES[1:]:
            person = Person(
                account_id=account.id, name=name, salutation="ibu", site_id="labuan-bajo", sector="kuliner",
                registered_at=chat.now,
            )  # fmt: skip
            db.add(person)
            db.flush()
            given = {Purpose.TRAINING: True} | ({} if reminders is None else dict.fromkeys(DIVIDED, reminders))
            for purpose, yes in given.items():
                version = chat.content.consent_version(purpose)
                record_consent(db, person, purpose, given=yes, text_version=version, language="id", now=chat.now)
            ids[name] = person.id
            account.person = person
    return phone, ids


def switch(phone: Phone, person: int) -> Phone:
    return phone.sends_tap(f"registration:switch:{person}")


def seats(chat: Chat, session: int) -> dict[int, str]:
    with chat.database.transaction() as db:
        found = db.execute(select(Enrolment.person_id, Enrolment.status).where(Enrolment.session_id == session))
        return {person: str(status) for person, status in found}


def erased(chat: Chat) -> set[int]:
    with chat.database.transaction() as db:
        return set(db.scalars(select(Person.id).where(Person.anonymised_at.is_not(None))))


# --- what was found, step by step -----------------------------------------------------------------------------------


def test_a_double_tap_erases_one_person_and_says_whose_data(chat: Chat) -> None:
    phone, ids = shared(chat)
    phone.types("/hapus_data").sees("Hapus data Bu Cici?")
    data, message = phone.button("Ya, hapus data")
    phone.sends_tap(data, message).sees_toast("Data Bu Cici dihapus").sees("Chat ini sekarang dipakai Bu Ani")
    phone.sends_tap(data, message).sees_toast("tidak lagi memakai HP ini")
    assert erased(chat) == {ids["Cici"]}


def test_whose_consents_lessons_and_seats_they_are_is_said_where_several_use_the_phone(chat: Chat) -> None:
    session = chat.add_class()
    phone, ids = shared(chat)
    for name in ("Ani", "Cici"):
        phone.sends_tap(f"enrolment:take:{session}:{ids[name]}")
    phone.types("/izin").sees("Ini izin Bu Cici sekarang")
    phone.types("/belajar").sees("Belajar: Bu Cici")
    phone.types("/berhenti").sees("• Bu Ani: Foto Produk", "• Bu Cici: Foto Produk").does_not_see("Bu Bunga")
    registered(chat, "Dewi").types("/izin").sees("Ini izin Anda sekarang").types("/belajar").does_not_see("Bu Dewi")


def test_a_button_without_a_person_asks_for_whom_while_somebody_without_a_name_registers(chat: Chat) -> None:
    phone = (
        registered(chat, "Ani").types("/bantuan").taps("Ganti peserta").taps("Daftar peserta lain").taps("Ya, setuju")
    )
    phone.sends_tap("privacy:consent:follow_up:no").sees("Untuk siapa?", "Bu Ani").taps("Bu Ani").sees("sudah dicatat")
    with chat.database.transaction() as db:
        (answer,) = db.scalars(select(Consent).where(Consent.purpose == "follow_up"))
        assert db.get_one(Person, answer.person_id).name == "Ani"


def test_an_old_confirmation_erases_whom_it_named_and_the_phone_stays_with_whom_it_was(chat: Chat) -> None:
    phone, ids = shared(chat)
    phone.types("/hapus_data")
    data, message = phone.button("Ya, hapus data")
    switch(phone, ids["Bunga"])
    phone.sends_tap(data, message).sees("Chat ini sekarang dipakai Bu Bunga")
    assert erased(chat) == {ids["Cici"]}
    with chat.database.transaction() as db:
        assert phone.person(db).id == ids["Bunga"]


def test_cannot_come_under_one_persons_reminder_frees_that_persons_seat(chat: Chat) -> None:
    session = chat.add_class()
    phone, ids = shared(chat)
    for name in ("Bunga", "Ani"):
        switch(phone, ids[name]).sends_tap(f"enrolment:take:{session}:{ids[name]}")
    chat.travel(days=2, hours=1)
    data, message = phone.button("Tidak bisa", "Bu Ani")
    switch(phone, ids["Bunga"])
    phone.sends_tap(data, message).sees("Bu Ani")
    assert seats(chat, session) == {ids["Ani"]: "withdrawn", ids["Bunga"]: "seated"}


def test_an_offer_can_be_taken_while_somebody_else_is_current(chat: Chat) -> None:
    session = chat.add_class(capacity=1)
    first = registered(chat, "Dewi").sends_tap(f"enrolment:take:{session}")
    phone, ids = shared(chat)
    switch(phone, ids["Ani"]).sends_tap(f"enrolment:take:{session}:{ids['Ani']}").sees("daftar tunggu")
    switch(phone, ids["Bunga"])
    first.sends_tap(f"enrolment:withdrawn:{session}")
    chat.travel(minutes=2)
    data, message = phone.button("Ambil kursi", "Bu Ani")
    phone.sends_tap(data, message).sees("Bu Ani")
    assert seats(chat, session)[ids["Ani"]] == "seated"
    assert ids["Bunga"] not in seats(chat, session)


def test_a_consent_is_that_of_the_person_who_was_asked(chat: Chat) -> None:
    session = chat.add_class()
    phone, ids = shared(chat, reminders=None)
    switch(phone, ids["Ani"]).sends_tap(f"enrolment:take:{session}:{ids['Ani']}").taps("Tidak usah")
    switch(phone, ids["Bunga"]).sends_tap(f"enrolment:take:{session}:{ids['Bunga']}")
    data, message = phone.button("Ya, ingatkan", "Bu Bunga")
    switch(phone, ids["Ani"])
    phone.sends_tap(data, message).sees("Bu Bunga")
    with chat.database.transaction() as db:
        stand = {one.id: one.consent_reminders for one in db.scalars(select(Person))}
    assert stand == {ids["Ani"]: False, ids["Bunga"]: True, ids["Cici"]: None}


def test_an_answer_typed_later_is_about_whom_the_question_was(chat: Chat) -> None:
    """A conversation that a button of Ani's began goes on about Ani, though the phone speaks as Cici."""
    phone, ids = shared(chat)
    phone.sends_tap(f"registration:ask:needs:profile:{ids['Ani']}").types("tangga landai")
    phone.sends_tap(f"registration:ask:name:profile:{ids['Ani']}").types("Anita")
    with chat.database.transaction() as db:
        people = {one.id: (one.name, one.needs) for one in db.scalars(select(Person))}
        assert phone.person(db).id == ids["Cici"]
    assert people[ids["Ani"]] == ("Anita", "tangga landai")
    assert people[ids["Cici"]] == ("Cici", None)


def test_what_is_about_the_phone_is_done_as_whom_it_speaks(chat: Chat) -> None:
    """In the middle of a question about Ani, of a phone that speaks as Cici."""
    phone, ids = shared(chat)
    ask = f"registration:ask:site:profile:{ids['Ani']}"
    phone.sends_tap(ask).types("/start s_labuan-bajo").sees("Halo Bu Cici").does_not_see("Bu Ani")
    phone.sends_tap(ask).sends_tap(f"registration:site:jayapura:{ids['Bunga']}").sees("Bu Cici").does_not_see("Bu Ani")
    phone.sends_tap(ask).sends_tap("registration:newcomer").taps("Tidak setuju").sees("Bu Cici")
    with chat.database.transaction() as db:
        assert phone.person(db).id == ids["Cici"]
        assert {one.site_id for one in db.scalars(select(Person))} == {"labuan-bajo"}


def test_a_button_of_before_asks_for_whom(chat: Chat) -> None:
    session = chat.add_class()
    phone, ids = shared(chat)
    phone.sends_tap(f"enrolment:take:{session}").sees("Untuk siapa?", "Bu Ani", "Bu Bunga", "Bu Cici")
    assert seats(chat, session) == {}
    phone.taps("Bu Bunga").sees("Bu Bunga sudah dapat kursi")
    assert seats(chat, session) == {ids["Bunga"]: "seated"}


def test_what_is_said_again_is_said_to_the_same_person(chat: Chat) -> None:
    """Bunga's reminder stays hers, whatever is typed below it while the phone speaks as Cici."""
    session = chat.add_class()
    phone, ids = shared(chat)
    switch(phone, ids["Bunga"]).sends_tap(f"enrolment:take:{session}:{ids['Bunga']}")
    switch(phone, ids["Cici"])
    chat.travel(days=2, hours=1)
    for typed in ("tidak bisa", "entahlah"):
        phone.types(typed).sees("Bu Bunga, besok ada kelas Foto Produk").does_not_see("Bu Cici")
    phone.types("gak bisa dtg kak, anak sakit").sees("Untuk Bu Bunga", "batal ikut kelas Foto Produk")
    phone.taps("Ya, batal ikut")
    assert seats(chat, session) == {ids["Bunga"]: "withdrawn"}


def test_a_wish_in_words_asks_for_whom_it_is(chat: Chat) -> None:
    session = chat.add_class()
    phone, ids = shared(chat)
    phone.types("batalkan kelas saya").sees("Bu Cici belum punya kelas")
    for name in ("Ani", "Cici"):
        switch(phone, ids[name]).sends_tap(f"enrolment:take:{session}:{ids[name]}")
    phone.types("batalkan kelas ibu Ani").sees("Untuk siapa?", "Bu Ani", "Bu Cici").does_not_see("Bu Bunga")
    phone.types("Bu Ani").sees("Untuk Bu Ani", "batal ikut kelas Foto Produk").taps("Ya, batal ikut")
    assert seats(chat, session) == {ids["Ani"]: "withdrawn", ids["Cici"]: "seated"}
    later = chat.add_class("LB-2", starts=chat.now + timedelta(days=5))
    phone.sends_tap(f"enrolment:take:{later}:{ids['Cici']}")
    phone.types("mau pindah kelas").sees("Untuk siapa?").taps("Bu Cici").sees("Jadwal Bu Cici")


def test_a_button_of_another_phone_does_nothing_and_says_why(chat: Chat) -> None:
    session = chat.add_class()
    _, ids = shared(chat)
    dewi = registered(chat, "Dewi")
    dewi.sends_tap(f"enrolment:take:{session}:{ids['Ani']}").sees_toast("tidak lagi memakai HP ini")
    dewi.sends_tap(f"privacy:erased:{ids['Ani']}")
    assert seats(chat, session) == {}
    assert erased(chat) == set()


# --- random acts ----------------------------------------------------------------------------------------------------


def deeds(chat: Chat) -> tuple[dict[int, Any], list[tuple[int, str, bool]]]:
    """Everything that is known of each person, and the log of consents."""
    known: dict[int, Any] = {}
    with chat.database.transaction() as db:
        for person in db.scalars(select(Person)):
            known[person.id] = [
                (person.name, person.salutation, person.sector, person.site_id, person.needs, person.phone),
                (person.consent_reminders, person.consent_lessons, person.consent_follow_up, person.consent_names),
                (person.training_version, person.saves_data),
                person.anonymised_at,
            ]
        for model in OF_PEOPLE:
            columns = [column for column in model.__table__.columns if column.name != "due_at"]
            for row in db.execute(select(*columns).order_by(*model.__table__.primary_key)).mappings():
                known[row["person_id"]].append((model.__tablename__, *row.values()))
        log = db.execute(select(Consent.person_id, Consent.purpose, Consent.given).order_by(Consent.id))
        return known, [(person, str(purpose), given) for person, purpose, given in log]


QUIET = ("privacy:stop", "privacy:seats", "privacy:restart", "registration:newcomer", "registration:switch")
"""Not tapped at random: about the whole phone, or changing who is on it."""


LOOKS = (
    "menu",
    "enrolment:show",
    "enrolment:classes",
    "enrolment:mine",
    "enrolment:sites",
    "registration:people",
    "reminders:map",
)
"""Tapped less often: they only show something."""


SEEDS = int(os.environ.get("SHARED_PHONE_SEEDS", "5"))
"""Of each some 70 taps; every second one is lived through on PostgreSQL."""


@by_turns("seed", range(SEEDS))
def test_nothing_ever_happens_to_a_person_whose_button_was_not_tapped(chat: Chat, seed: int) -> None:
    rng = random.Random(seed)
    sessions = [chat.add_class(f"LB-{n}", starts=chat.now + timedelta(days=2 + n)) for n in range(3)]
    phone, ids = shared(chat, reminders=rng.choice((True, None)))
    for name in NAMES:
        switch(phone, ids[name]).sends_tap(f"enrolment:take:{rng.choice(sessions)}:{ids[name]}")
    acts = 0
    while acts < 70:
        match rng.random():
            case r if r < 0.2:
                switch(phone, rng.choice(list(ids.values())))
            case r if r < 0.32:
                phone.types(rng.choice(("/jadwal", "/kelas", "/belajar", "/izin", "/hapus_data", "/profil", "/menu")))
            case r if r < 0.36:
                chat.travel(hours=rng.choice((3, 20)))
            case _:
                acts += tapped(chat, phone, rng)
    assert acts >= 70


def whom(chat: Chat, action: Any) -> int | None:
    """Whom a button is about: the person it carries, or the one its question was asked of."""
    if isinstance(action, AnswerQuestion | AskWithLetters):
        with chat.database.transaction() as db:
            return db.get_one(Quiz, action.quiz).person_id
    return getattr(action, "person", 0) or None


def weight(data: str, speaking: int) -> float:
    """How often a button is tapped: rather those that do something, and for somebody else than the phone speaks as."""
    if data.startswith("privacy:erased"):
        return 0.3  # else soon nobody is left
    often = 1.0 if data.startswith(LOOKS) else 8.0
    return often * (3.0 if getattr(parse(data), "person", speaking) != speaking else 1.0)


def tapped(chat: Chat, phone: Phone, rng: random.Random) -> int:
    """Taps a button of any message of the chat, once or twice, and compares. Returns how often."""
    newest = phone.bubbles[-rng.choice((2, 8, 400)) :]
    carried = [
        (button["callback_data"], bubble.message_id)
        for bubble in newest
        for button in (one for row in bubble.buttons for one in row)
        if "callback_data" in button and not button["callback_data"].startswith(QUIET)
    ]
    if not carried:
        phone.types("/menu")
        return 0
    with chat.database.transaction() as db:
        speaking = phone.person(db).id if phone.account(db) is not None else 0
    data, message = rng.choices(carried, [weight(one, speaking) for one, _ in carried])[0]
    action = parse(data)
    about = whom(chat, action)
    times = rng.choice((1, 1, 2))
    for _ in range(times):
        (before, log), gone = deeds(chat), erased(chat)
        with chat.database.transaction() as db:
            account = phone.account(db)
            current = account.current_person_id if account is not None else None
        phone.sends_tap(data, message)
        after, longer = deeds(chat)
        changed = {person for person in after if before.get(person) != after[person]}
        if isinstance(action, PersonalAction):
            assert action.person, f"a button without a person was sent: {data}"
            assert changed <= {about}, f"{data} changed {changed}"
        else:
            assert changed <= ({about} if about else {current}), f"{data} changed {changed}"
        for person, purpose, given in longer[len(log) :]:
            if isinstance(action, EraseNow) and action.because == "refusal":  # to take consent 1 back is to leave
                assert (person, purpose, given) == (action.person, Purpose.TRAINING, False)
                continue
            assert isinstance(action, ChangeConsent | AnswerPurpose), f"{data} wrote a consent"
            assert (person, purpose, given) == (action.person, action.purpose, action.given)
        assert erased(chat) - gone <= ({about} if isinstance(action, EraseNow) else set())
    return times
