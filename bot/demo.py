"""The bot beside its sandbox: sample people, sample classes in the coming days, a lesson to look at, movable time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.app import App
from bot.catalogue.content import Content
from bot.delivery import outbox
from bot.people import people
from bot.people.quiet_hours import SEARCH_DAYS, OpenHours, is_open
from bot.programme import lessons, quizzes, sessions
from bot.sandbox import SamplePerson

TOKEN: Final = "1000000001:sandbox"  # noqa: S105 - not Telegram's
USERNAME: Final = "jalin_coba_bot"
ADMIN: Final = 9001
PEOPLE: Final = (
    SamplePerson(1001, "Siti (contoh)", "participant"),
    SamplePerson(1002, "Anton (contoh)", "participant"),
    SamplePerson(1003, "Rina (contoh)", "participant"),
    SamplePerson(2001, "Maria (contoh, pelatih)", "trainer"),
    SamplePerson(ADMIN, "Dewi (contoh, admin)", "admin"),
)

SAMPLES: Final = (
    # site, title, days from today, wall time, minutes, seats, venue, latitude, longitude
    ("labuan-bajo", "Foto Produk", 2, "09:00", 120, 1, "Puncak Waringin (contoh)", -8.4968, 119.8787),
    ("labuan-bajo", "Atur Uang Usaha", 4, "13:30", 150, 20, "Puncak Waringin (contoh)", -8.4968, 119.8787),
    ("labuan-bajo", "Video Pendek", 6, "09:00", 120, 20, "Puncak Waringin (contoh)", -8.4968, 119.8787),
    ("jayapura", "Foto Produk", 2, "09:00", 120, 20, "Rumah Kreatif Jayapura (contoh)", -2.5337, 140.7181),
    ("jayapura", "Toko Online", 5, "10:00", 120, 20, "Rumah Kreatif Jayapura (contoh)", -2.5337, 140.7181),
    ("yogyakarta", "Foto Produk", 2, "09:00", 120, 20, "Balai Kota Yogyakarta (contoh)", -7.8003, 110.3914),
    ("yogyakarta", "Harga dan Laba", 3, "13:00", 90, 20, "Balai Kota Yogyakarta (contoh)", -7.8003, 110.3914),
    ("samosir", "Foto Produk", 3, "10:00", 120, 20, "Balai Pangururan (contoh)", 2.6070, 98.6960),
    ("golo-loni", "Layani Tamu", 3, "09:00", 180, 20, "Balai Desa Golo Loni (contoh)", -8.70, 120.58),
)


class SandboxTime:
    """The sandbox's hold on the bot's present."""

    def __init__(self, app: App) -> None:
        self._app = app

    def now(self) -> datetime:
        return self._app.clock.now()

    async def travel(self, to: datetime) -> datetime:
        return await self._app.travel(to)

    async def next_due(self) -> datetime | None:
        return await self._app.scheduler.next_due()


def starts_at(hours: OpenHours, now: datetime, days: int, wall: str) -> datetime:
    """Returns that wall time so many days from now, or on the next day on which the site may be written to then: a
    class on a Sunday morning in Flores would be one whose reminder two hours before never comes."""
    zone = ZoneInfo(hours.zone)
    first = now.astimezone(zone).date() + timedelta(days=days)
    at = datetime.strptime(wall, "%H:%M").time()  # noqa: DTZ007 - a wall time
    times = [datetime.combine(first + timedelta(days=later), at, zone) for later in range(SEARCH_DAYS)]
    return next((time for time in times if is_open(hours, time)), times[0])


def add_sample_classes(db: Session, content: Content, now: datetime) -> int:
    """Classes in the coming days at several sites, marked as samples; those of earlier days stay. Returns how many."""
    added = 0
    for site_id, title, days, wall, minutes, seats, venue, latitude, longitude in SAMPLES:
        starts = starts_at(content.open_hours(site_id), now, days, wall)
        initials = "".join(word[0] for word in title.split())
        code = f"CONTOH-{site_id}-{initials}-{starts:%m%d}"
        if sessions.find(db, code) is not None:
            continue
        sessions.create(
            db,
            now,
            code=code,
            site_id=site_id,
            title=title,
            starts_at=starts,
            minutes=minutes,
            capacity=seats,
            venue=venue,
            latitude=latitude,
            longitude=longitude,
            trainer="Maria (contoh)",
            leads=content.leads(site_id),
        )
        added += 1
    return added


def has_classes_ahead(db: Session, content: Content, now: datetime) -> bool:
    return any(sessions.upcoming(db, site.id, now) for site in content.sites)


def give_lesson(db: Session, content: Content, lesson_id: str, now: datetime) -> None:
    """The first sample person is registered and gets the lesson, ready to be opened (`python -m bot preview`)."""
    lesson = content.lesson(lesson_id)
    if lesson is None:
        raise LookupError(f"no lesson {lesson_id}")
    account = people.Account(
        telegram_id=PEOPLE[0].id, language="id", created_at=now, seen_at=now, last_message_id=0, draft={}
    )
    db.add(account)
    db.flush()
    person = people.Person(
        account_id=account.id,
        name="Siti",
        salutation=people.Salutation.IBU,
        sector="kuliner",
        site_id="labuan-bajo",
        registered_at=now,
    )
    db.add(person)
    db.flush()
    account.person = person
    for purpose in (people.Purpose.TRAINING, people.Purpose.MESSAGES):
        version = content.consent_version(purpose)
        people.record_consent(db, person, purpose, given=True, text_version=version, language="id", now=now)
    quizzes.put_off_test(db, person, quizzes.QuizPurpose.PRETEST, now)
    outbox.post(db, outbox.to(account, lessons.daily_lesson(lesson, begun=False), person_id=person.id), now=now)
