"""The bot beside its sandbox: sample people and staff, sample classes that are always ahead, sample questions to a
mentor, a lesson to look at, movable time, and beginning anew."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.app import App
from bot.catalogue.content import Content
from bot.delivery import outbox
from bot.documents.deep_links import SITE_PREFIX
from bot.people import people
from bot.people.quiet_hours import SEARCH_DAYS, OpenHours, is_open
from bot.programme import attendance, faq, follow_up, lessons, mentoring, quizzes, sessions
from bot.sandbox import SamplePerson, Sandbox
from bot.words.texts import ZONE_LABELS

BOT_ID: Final = 1_000_000_001
USERNAME: Final = "jalin_coba_bot"
ADMIN: Final = 9001
TRAINER: Final = 2001
MENTOR: Final = 2002
FOLLOWED: Final = 1006
"""Who was in a class a month ago, and is soon asked what came of it."""
TRAINER_SITE: Final = "labuan-bajo"
"""Where the sample trainer is a trainer, and the sample mentor a mentor."""
STAFF: Final = (ADMIN, TRAINER, MENTOR)
FOLLOWED_IN: Final = timedelta(days=3)
"""After so long she is asked: beyond the first reminder of a class."""
LOOK_SECONDS: Final = 60.0
"""How often it is looked whether a sample class has begun while nobody moved the time."""
PEOPLE: Final = (
    SamplePerson(1001, "Siti (contoh)", "participant"),
    SamplePerson(1002, "Anton (contoh)", "participant"),
    SamplePerson(1003, "Rina (contoh)", "participant"),
    SamplePerson(1004, "Made (contoh)", "participant"),
    SamplePerson(1005, "Yuli (contoh)", "participant"),
    SamplePerson(FOLLOWED, "Wati (contoh)", "participant"),
    SamplePerson(MENTOR, "Lukas (contoh, pendamping)", "mentor"),
    SamplePerson(TRAINER, "Maria (contoh, pelatih)", "trainer"),
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

QUESTIONS: Final = (
    # who asks (of PEOPLE), their name, how they are called, their sector, what they ask, how long ago
    (1004, "Made", people.Salutation.BAPAK, "kriya",
     "Foto tenun saya selalu gelap. Perlu lampu khusus, atau cukup di dekat jendela?", timedelta(hours=3)),
    (1005, "Yuli", people.Salutation.IBU, "kuliner",
     "Berapa harga yang pas untuk abon ikan 100 gram? Modal saya Rp18.000.", timedelta(minutes=50)),
)  # fmt: skip
ANSWER: Final = (
    "Di kelas perlu laptop, atau cukup HP?",
    "Cukup HP. Isi baterainya penuh, dan bawa satu produk untuk latihan.",
)
"""A question of many, and its answer for everybody."""


def new_token() -> str:
    """Returns a token for the sandbox's bot that nobody can guess: so no other program or page on this machine can act
    as the bot."""
    return f"{BOT_ID}:{secrets.token_urlsafe(24)}"


class SandboxTime:
    """Lets the sandbox move the bot's present."""

    def __init__(self, app: App) -> None:
        self._app = app

    def now(self) -> datetime:
        return self._app.clock.now()

    async def travel(self, to: datetime) -> datetime:
        arrived = await self._app.travel(to)
        await self._app.database.in_transaction(add_sample_classes, self._app.content, arrived)
        return arrived

    async def next_due(self) -> datetime | None:
        return await self._app.scheduler.next_due()


class Demonstration:
    """Runs the bot beside its sandbox until `stop`; when the page asks for it, starts again with nothing kept.

    `new_app` makes the bot, `empty` empties its database (both files belong to this process), `on_app` is called with
    each bot that was made, before it serves. `lesson_id`: the lesson that the first sample person is given at each
    start.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        new_app: Callable[[], App],
        empty: Callable[[], None],
        on_app: Callable[[App], None],
        lesson_id: str | None = None,
    ) -> None:
        self._sandbox = sandbox
        self._new_app = new_app
        self._empty = empty
        self._on_app = on_app
        self._lesson_id = lesson_id
        self._app: App | None = None
        self._begun: asyncio.Future[None] | None = None
        """Set while the page waits for a new start."""
        self._stopped = False
        sandbox.restart = self.begin_anew
        sandbox.zones = self.zones
        sandbox.tries = self.tries

    async def serve(self, ready: Callable[[], None]) -> None:
        """Serves until `stop`. `ready` is called once, when everything is there. Raises FatalError as the bot does."""
        try:
            while True:
                app = self._new_app()
                try:
                    await self._serve_once(app, ready)
                finally:
                    self._app = self._sandbox.time = None
                    await app.serving.close()
                if self._stopped or self._begun is None:
                    return
                self._sandbox.begin_anew()
                await asyncio.to_thread(self._empty)
                ready = _nothing
        finally:
            if self._begun is not None and not self._begun.done():
                self._begun.set_exception(LookupError("the bot is being stopped"))

    async def _serve_once(self, app: App, ready: Callable[[], None]) -> None:
        self._on_app(app)
        await app.serving.prepare()
        now = app.clock.now()
        await app.database.in_transaction(add_sample_staff, now)
        await app.database.in_transaction(add_sample_questions, app.content, now)
        await app.database.in_transaction(add_sample_answer, now)
        await app.database.in_transaction(add_sample_round, app.content, now)
        for telegram_id in (*STAFF, FOLLOWED, *(one[0] for one in QUESTIONS)):
            self._make_known(telegram_id)  # the bot writes to them before they have written
        await app.database.in_transaction(add_sample_classes, app.content, now)
        if self._lesson_id is not None:
            self._make_known(PEOPLE[0].id)  # a bot may write only to those who wrote to it
            await app.database.in_transaction(give_lesson, app.content, self._lesson_id, now)
        self._app, self._sandbox.time = app, SandboxTime(app)
        ahead = asyncio.create_task(keep_classes_ahead(app))
        if self._begun is not None:
            self._begun.set_result(None)
            self._begun = None
        ready()
        try:
            if not self._stopped:
                await app.serving.serve()
        finally:
            ahead.cancel()
            await asyncio.wait([ahead], timeout=3)

    def _make_known(self, telegram_id: int) -> None:
        world = self._sandbox.world
        world.make_known(world.people[telegram_id])

    async def begin_anew(self) -> None:
        """Forgets everything and starts the bot again, as at the first start; returns when it serves. Raises
        LookupError where that is under way already, or the bot is not serving."""
        if self._app is None or self._begun is not None:
            raise LookupError("it is being started")
        self._begun = asyncio.get_running_loop().create_future()
        self._app.serving.stop()
        await asyncio.shield(self._begun)

    def stop(self) -> None:
        self._stopped = True
        if self._app is not None:
            self._app.serving.stop()

    def reload(self) -> None:
        """Reads content and words again, if the bot is serving."""
        if self._app is not None:
            self._app.reload.begin()

    async def zones(self) -> dict[int, str]:
        """Returns in which zone people live (by Telegram id); nothing while the bot is being started."""
        app = self._app
        return {} if app is None else await app.database.in_transaction(zones, app.content)

    async def tries(self) -> list[dict[str, Any]]:
        """Returns what the page offers to try; nothing while the bot is being started."""
        app = self._app
        if app is None:
            return []
        return await app.database.in_transaction(tries, app.content, app.clock.now())


def _nothing() -> None:
    pass


def zones(db: Session, content: Content) -> dict[int, str]:
    """Returns for the people who have chosen a site in which zone they live, by their Telegram ids. Sample staff live
    at TRAINER_SITE."""
    query = select(people.Account.telegram_id, people.Person.site_id).join(
        people.Person, people.Person.id == people.Account.current_person_id
    )
    sites = dict.fromkeys(STAFF, TRAINER_SITE) | {one: site for one, site in db.execute(query) if site}
    return {one: ZONE_LABELS[content.open_hours(site).zone] for one, site in sites.items() if content.site(site)}


def tries(db: Session, content: Content, now: datetime) -> list[dict[str, Any]]:
    """Returns the things to try, with the sample links as they are at this moment: register by a site's link, move to
    the reminder, be the trainer of a class and show the code, scan it, ask a mentor, answer as one, ask for one's own
    data."""
    trainer: dict[str, Any] = {"id": "trainer", "person": TRAINER, "say": "/hadir"}
    scan: dict[str, Any] = {"id": "class_qr", "person": PEOPLE[1].id, "missing": True}
    classes: list[sessions.ClassSession] = []
    for session in sessions.upcoming(db, TRAINER_SITE, now - timedelta(hours=1)):
        sheet = attendance.sheet_of(db, session.id)
        if now >= attendance.closes_at(session) or (sheet is not None and sheet.closed_at is not None):
            continue
        if sheet is not None and sheet.opened_at is not None:
            code = attendance.code_of(sheet.secret, session.id, attendance.stretch_of(now))
            scan = {"id": "class_qr", "person": PEOPLE[1].id, "start": attendance.payload(session.id, code)}
            classes = [session]
            break
        classes.append(session)
    # a class to which somebody comes shows more
    chosen = next((session for session in classes if session.seats_taken), classes[0] if classes else None)
    if chosen is not None:
        trainer["class"] = {"title": chosen.title, "starts_at": chosen.starts_at.isoformat()}
        if now < attendance.opens_at(chosen):
            trainer["at"] = chosen.starts_at.isoformat()
    return [
        {"id": "register", "person": PEOPLE[0].id, "start": SITE_PREFIX + TRAINER_SITE},
        {"id": "time", "travel": {"message": True}},
        trainer,
        scan,
        _asking(db),
        {"id": "answer", "person": MENTOR, "say": "/antrean"},
        {"id": "own_data", "person": PEOPLE[0].id, "say": "/data_saya"},
    ]


def _asking(db: Session) -> dict[str, Any]:
    """Returns the step of the demonstration in which somebody asks a question; it is missing as long as they are not
    registered."""
    asks = PEOPLE[0].id
    found = _account(db, asks)
    if found is None or found.person is None or found.person.registered_at is None:
        return {"id": "ask", "person": asks, "missing": True}
    return {"id": "ask", "person": asks, "say": "/tanya"}


async def keep_classes_ahead(app: App) -> None:
    """Adds sample classes at once and whenever one has begun, until it is cancelled."""
    while True:
        await app.database.in_transaction(add_sample_classes, app.content, app.clock.now())
        await asyncio.sleep(LOOK_SECONDS)


def starts_at(hours: OpenHours, now: datetime, days: int, wall: str) -> datetime:
    """Returns that time of day (`wall`, at the site) in so many days, or on the next day on which people of the site
    may be written to at that time: otherwise a class on a Sunday morning in Flores would never have its reminder two
    hours before."""
    zone = ZoneInfo(hours.zone)
    first = now.astimezone(zone).date() + timedelta(days=days)
    at = datetime.strptime(wall, "%H:%M").time()  # noqa: DTZ007 - a wall time
    times = [datetime.combine(first + timedelta(days=later), at, zone) for later in range(SEARCH_DAYS)]
    return next((time for time in times if is_open(hours, time)), times[0])


def add_sample_classes(db: Session, content: Content, now: datetime) -> int:
    """Adds the sample classes that are not ahead: at first all, later each anew once it has begun; those of earlier
    days stay. Returns how many."""
    ahead = {
        (site, session.title) for site in {one[0] for one in SAMPLES} for session in sessions.upcoming(db, site, now)
    }
    added = 0
    for site_id, title, days, wall, minutes, seats, venue, latitude, longitude in SAMPLES:
        if (site_id, title) in ahead:
            continue
        starts = starts_at(content.open_hours(site_id), now, days, wall)
        initials = "".join(word[0] for word in title.split())
        code = f"CONTOH-{site_id}-{initials}-{starts:%y%m%d}"
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


def add_sample_staff(db: Session, now: datetime) -> None:
    """Makes the sample admin, trainer and mentor known to the bot by name, and the last two what they are, unless that
    was done before: what became of them since stays. The admin is one by the settings."""
    roles = {TRAINER: people.Role.TRAINER, MENTOR: people.Role.MENTOR}
    for telegram_id, name in ((ADMIN, "Dewi"), (TRAINER, "Maria"), (MENTOR, "Lukas")):
        if _account(db, telegram_id) is not None:
            continue
        account = people.accounts_of(db, [telegram_id], now)[telegram_id]
        account.staff_name = name
        if role := roles.get(telegram_id):
            db.add(people.RoleGrant(account_id=account.id, role=role, site_id=TRAINER_SITE, granted_at=now))


def add_sample_questions(db: Session, content: Content, now: datetime) -> None:
    """Registers the people who ask, and asks for them, at the first start. Nothing becomes due of these questions
    before a mentor takes them: who moves the time on to a class's reminder is not to meet them on the way. Their people
    agreed to no messages but the answer, so no announcement counts them."""
    for telegram_id, name, salutation, sector, words, ago in QUESTIONS:
        if _account(db, telegram_id) is not None:
            continue
        person = _register(db, content, telegram_id, name, salutation, sector, now - ago)
        asked = mentoring.ask(db, person, mentoring.Given("text", words), now - ago, content=content)
        if isinstance(asked, mentoring.Opened):
            asked.ticket.next_at = None


def add_sample_round(db: Session, content: Content, now: datetime) -> None:
    """Registers who answered the baseline a month ago and is asked again in FOLLOWED_IN, at the first start."""
    if _account(db, FOLLOWED) is not None:
        return
    began = now + FOLLOWED_IN - follow_up.OPENS[follow_up.RoundKind.D30]
    purposes = (people.Purpose.FOLLOW_UP,)
    person = _register(db, content, FOLLOWED, "Wati", people.Salutation.IBU, "kuliner", began, to=purposes)
    follow_up.attended(db, person, began)
    follow_up.answered_before(db, person, began, has={"nib"}, content=content)


def add_sample_answer(db: Session, now: datetime) -> None:
    """Publishes an answer for everybody at TRAINER_SITE, unless there is or was any."""
    if db.scalars(select(faq.Faq.id).limit(1)).first() is None:
        question, answer = ANSWER
        faq.published_by_programme(db, question, answer, now, site_id=TRAINER_SITE)


def _account(db: Session, telegram_id: int) -> people.Account | None:
    return db.scalars(select(people.Account).where(people.Account.telegram_id == telegram_id)).first()


def _register(
    db: Session,
    content: Content,
    telegram_id: int,
    name: str,
    salutation: people.Salutation,
    sector: str,
    now: datetime,
    *,
    to: tuple[people.Purpose, ...] = (),
) -> people.Person:
    """Registers somebody at TRAINER_SITE who agrees to the training, and to these purposes besides."""
    account = people.Account(
        telegram_id=telegram_id, language="id", created_at=now, seen_at=now, last_message_id=0, draft={}
    )
    db.add(account)
    db.flush()
    person = people.Person(
        account_id=account.id,
        name=name,
        salutation=salutation,
        sector=sector,
        site_id=TRAINER_SITE,
        registered_at=now,
    )
    db.add(person)
    db.flush()
    account.person = person
    for purpose in (people.Purpose.TRAINING, *to):
        version = content.consent_version(purpose)
        people.record_consent(db, person, purpose, given=True, text_version=version, language="id", now=now)
    quizzes.put_off_test(db, person, quizzes.QuizPurpose.PRETEST, now)
    return person


def give_lesson(db: Session, content: Content, lesson_id: str, now: datetime) -> None:
    """Registers the first sample person and gives them the lesson, ready to be opened (`python -m bot preview`)."""
    lesson = content.lesson(lesson_id)
    if lesson is None:
        raise LookupError(f"no lesson {lesson_id}")
    person = _register(db, content, PEOPLE[0].id, "Siti", people.Salutation.IBU, "kuliner", now, to=people.DIVIDED)
    account = people.accounts_of(db, [PEOPLE[0].id], now)[PEOPLE[0].id]
    outbox.post(db, outbox.to(account, lessons.daily_lesson(lesson, begun=False), person_id=person.id), now=now)
