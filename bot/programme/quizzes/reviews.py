"""Reviews of questions that were missed: who is offered one when, and which question is next."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.actions.buttons import HELP, MENU
from bot.actions.quizzes import PutReviewOff, StartReview, StopReviews
from bot.capability import Context
from bot.catalogue.content import Content
from bot.catalogue.lesson_files import Question
from bot.database import something_due
from bot.delivery import outbox
from bot.delivery.outbox import OutboxRow
from bot.people.people import Account, Person, Purpose, agreed_to, consent_of
from bot.people.quiet_hours import Kind, is_open, verdict
from bot.programme.lessons import Ended, LessonPlan
from bot.programme.quizzes.asking import ask
from bot.programme.quizzes.outcomes import Asked, JustAsked
from bot.programme.quizzes.questions import askable, zone_of
from bot.programme.quizzes.tables import Quiz, QuizPurpose, Review, ReviewOffer
from bot.words.message import Button, Message, rows

AT_ONCE: Final = 500
"""How many people are offered their review in one transaction; the scheduler looks again at once for the rest."""
LONGEST_PATIENCE: Final = 7
"""Days between offers to somebody who ignores them: 1, 2, 4, and then this."""
IGNORED_LIMIT: Final = 4
"""After so many ignored offers in a row the offers end: the person is told once, and their next answer begins offers
again."""
AFTER_LESSON: Final = timedelta(hours=3)
"""An offer comes so long after the hour of the daily lesson, or before it where that would be in the evening."""
LATEST_MINUTE: Final = 18 * 60
"""An hour for offers that is moved away from the daily lesson is no later than this, in minutes after midnight."""
BETWEEN_MESSAGES: Final = timedelta(hours=1)
"""How much time lies at least between the daily lesson (or another message about learning) and an offer."""


def pause(days: Sequence[int], stage: int) -> int:
    """Returns after how many days a question comes back that was answered rightly `stage` times since the miss: with
    review days 2, 7, 21 that is 2, 5, 14."""
    return days[stage] - (days[stage - 1] if stage else 0)


def moment_at(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """Returns the moment at which the zone's clock shows this `minute` after midnight."""
    return datetime.combine(day, time(minute // 60, minute % 60), zone).astimezone(UTC)


def _question_ids(content: Content) -> list[str]:
    return [lesson.question.id for module in content.modules for lesson in module.lessons]


def due_reviews(db: Session, person: Person, now: datetime, *, content: Content) -> int:
    """Returns how many questions the person can repeat now: those due, at most so many a day."""
    return len(_due_now(db, person, now, content))


def next_review(db: Session, person: Person, now: datetime, *, content: Content) -> Asked | JustAsked | None:
    """Asks the question that has been due longest; None when there is none (any more today)."""
    found = _due_now(db, person, now, content)
    if not found:
        return None
    review, question = found[0]
    return ask(db, person, question, QuizPurpose.REVIEW, now, repeat=review.stage + 1)


def repeated_today(db: Session, person: Person, now: datetime, *, content: Content) -> int:
    """Returns how many questions of reviews the person answered today, in the zone of their site."""
    zone = zone_of(content, person.site_id)
    return _answered_today(db, {person.id: zone}, now)[person.id]


def put_off_review(db: Session, person: Person, now: datetime, *, content: Content) -> None:
    """Puts the review off until tomorrow."""
    if db.get(ReviewOffer, person.id) is not None:
        set_offer(db, person, now, content)


def _due_now(db: Session, person: Person, now: datetime, content: Content) -> list[tuple[Review, Question]]:
    today = now.astimezone(zone_of(content, person.site_id)).date()
    query = (
        select(Review)
        .where(Review.person_id == person.id, Review.done_at.is_(None), Review.due_at <= now)
        .order_by(Review.due_at, Review.id)
    )
    found = [(review, askable(content, review.question_id, today)) for review in db.scalars(query)]
    left = content.programme.learning.review_a_day - repeated_today(db, person, now, content=content)
    return [(review, question) for review, question in found if question is not None][: max(0, left)]


def _answered_today(db: Session, zones: Mapping[int, ZoneInfo], now: datetime) -> Counter[int]:
    """Returns for each person (id -> zone) how many questions of reviews they answered on this day of their zone."""
    query = select(Quiz.person_id, Quiz.answered_at).where(
        Quiz.person_id.in_(zones),
        Quiz.purpose == QuizPurpose.REVIEW,
        Quiz.answered_at > now - timedelta(days=1),
    )
    return Counter(
        person_id
        for person_id, at in db.execute(query)
        if at is not None and at.astimezone(zones[person_id]).date() == now.astimezone(zones[person_id]).date()
    )


def set_offer(db: Session, person: Person, now: datetime, content: Content) -> None:
    """Sets the next offer of a person who has just answered: when the next question is due."""
    db.flush()
    first = db.scalar(select(func.min(Review.due_at)).where(Review.person_id == person.id, Review.done_at.is_(None)))
    offer = db.get(ReviewOffer, person.id)
    if offer is None:
        offer = ReviewOffer(person_id=person.id)
        db.add(offer)
    offer.passed = 0
    if offer.stopped_at is not None:
        offer.due_at = None
        return
    if first is not None and first <= now:  # what is more than a day's worth waits for tomorrow
        zone = zone_of(content, person.site_id)
        minute = minutes_of_review(db, [person.id], content)[person.id]
        first = moment_at(now.astimezone(zone).date() + timedelta(days=1), minute, zone)
    offer.due_at = first


def stop_offers(db: Session, person: Person, now: datetime) -> None:
    """Ends offers of reviews until the person wants them again. Missed questions stay, to be repeated when the person
    likes."""
    offer = db.get(ReviewOffer, person.id)
    if offer is None:
        offer = ReviewOffer(person_id=person.id, passed=0)
        db.add(offer)
    offer.stopped_at = offer.stopped_at or now
    offer.due_at = None


def begin_offers_again(db: Session, person: Person, now: datetime, content: Content) -> None:
    offer = db.get(ReviewOffer, person.id)
    if offer is not None and offer.stopped_at is not None:
        offer.stopped_at = None
        set_offer(db, person, now, content)
        something_due(db)


def offers_stopped(db: Session, person: Person) -> bool:
    """Returns whether the person said that they want no offers."""
    offer = db.get(ReviewOffer, person.id)
    return offer is not None and offer.stopped_at is not None


def comes_by_itself(db: Session, person: Person) -> bool:
    """Returns whether what was missed is offered to the person, so that it may be promised. True also while they were
    not asked for consent yet: that is asked with the promise."""
    if offers_stopped(db, person) or consent_of(person, Purpose.LESSONS) is False:
        return False
    plan = db.get(LessonPlan, person.id)
    return plan is None or plan.ended_because not in (Ended.ASKED, Ended.UNANSWERED)


def minutes_of_review(db: Session, person_ids: Collection[int], content: Content) -> dict[int, int]:
    """Returns the time of day at which each person repeats questions, in minutes after midnight: away from the hour of
    the daily lesson, as chosen for it when there is none any more, or the usual."""
    away = AFTER_LESSON // timedelta(minutes=1)
    plans = select(LessonPlan.person_id, LessonPlan.minute, LessonPlan.due_at.is_not(None)).where(
        LessonPlan.person_id.in_(person_ids)
    )
    minutes = dict.fromkeys(person_ids, content.programme.learning.default_hour * 60)
    for person_id, minute, with_lesson in db.execute(plans):
        moved = minute + away if minute + away <= LATEST_MINUTE else minute - away
        minutes[person_id] = moved if with_lesson else minute
    return minutes


def due(db: Session, now: datetime, context: Context) -> int:
    """Asks everybody whose time has come whether they have a minute, and tells those who ignored several offers that
    these end. Returns how many were written to."""
    content = context.content
    query = (
        select(
            ReviewOffer.person_id,
            ReviewOffer.passed,
            Person.site_id,
            agreed_to(Purpose.LESSONS).label("agreed"),
            Account.stopped_at,
            Account.blocked_at,
            LessonPlan.due_at.label("lesson_at"),
            LessonPlan.ended_because,
            LessonPlan.resting_until,
        )
        .join(Person, Person.id == ReviewOffer.person_id)
        .outerjoin(Account, Account.id == Person.account_id)
        .outerjoin(LessonPlan, LessonPlan.person_id == ReviewOffer.person_id)
        .where(ReviewOffer.due_at <= now)
        .order_by(ReviewOffer.due_at, ReviewOffer.person_id)
        .limit(AT_ONCE)
        .with_for_update(of=ReviewOffer, skip_locked=True)
    )
    found = db.execute(query).all()
    if not found:
        return 0
    zones = {row.person_id: zone_of(content, row.site_id) for row in found}
    minutes = minutes_of_review(db, zones.keys(), content)
    questions = _due_of_many(db, zones, now, content)
    just_written_to = _just_written_to(db, zones.keys(), now)
    a_day, done_today = content.programme.learning.review_a_day, _answered_today(db, zones, now)
    audiences: dict[tuple[str | None, int], list[int]] = defaultdict(list)
    """By site and number of questions; 0 questions: they are told that offers end."""
    dated: dict[tuple[datetime | None, int], list[int]] = defaultdict(list)
    for row in found:
        person_id, zone, minute = row.person_id, zones[row.person_id], minutes[row.person_id]
        today = now.astimezone(zone).date()
        hours = content.open_hours(row.site_id)
        decision = verdict(
            Kind.LESSON, now=now, hours=hours, consented=bool(row.agreed), stopped=row.stopped_at is not None
        )
        number = min(questions[person_id], a_day - done_today[person_id])
        not_now = (
            decision.drop is not None
            or row.blocked_at is not None
            or number <= 0
            or row.ended_because in (Ended.ASKED, Ended.UNANSWERED)  # who stopped lessons is not asked questions either
            or (row.resting_until is not None and now < row.resting_until)
        )
        near = row.lesson_at is not None and row.lesson_at < now + BETWEEN_MESSAGES
        passed = row.passed
        again: datetime | None
        if not_now:
            again = moment_at(
                today + timedelta(days=1), minute, zone
            )  # perhaps they can be reached then, or it be asked
        elif now < (later := moment_at(today, minute, zone)) and is_open(hours, later):  # another hour was chosen
            again = later
        elif decision.hold_until is not None:
            again = decision.hold_until
        elif near or person_id in just_written_to:
            again = max(now, row.lesson_at if near else now) + AFTER_LESSON
        elif passed >= IGNORED_LIMIT:
            again = None
            audiences[row.site_id, 0].append(person_id)
        else:
            again = moment_at(today + timedelta(days=min(2**passed, LONGEST_PATIENCE)), minute, zone)
            passed += 1
            audiences[row.site_id, number].append(person_id)
        dated[again, passed].append(person_id)
    for (again, passed), person_ids in dated.items():
        db.execute(
            update(ReviewOffer)
            .where(ReviewOffer.person_id.in_(person_ids))
            .values(due_at=again, passed=passed)
            .execution_options(synchronize_session=False)
        )
    if len(found) == AT_ONCE:
        something_due(db)
    return sum(
        _offer_to(db, person_ids, number, site_id, now, zones[person_ids[0]])
        for (site_id, number), person_ids in audiences.items()
    )


def next_due(db: Session, now: datetime, context: Context) -> datetime | None:
    return db.scalar(select(func.min(ReviewOffer.due_at)))


def offer(number: int) -> Message:
    """Returns the question whether there is a minute for `number` questions."""
    return Message(
        "quizzes.review.offer",
        {"n": number},
        rows(
            (Button("quizzes.button.start", StartReview()), Button("quizzes.button.later", PutReviewOff())),
            (Button("quizzes.button.stop_reviews", StopReviews()),),
            (MENU, HELP),
        ),
    )


def _ended() -> Message:
    return Message(
        "quizzes.review.ended",
        {"n": IGNORED_LIMIT},
        rows(
            (Button("quizzes.button.start", StartReview()),),
            (MENU, HELP),
        ),
    )


def _just_written_to(db: Session, person_ids: Collection[int], now: datetime) -> set[int]:
    """Returns which of these people a message about learning left for a moment ago."""
    query = select(OutboxRow.person_id).where(
        OutboxRow.person_id.in_(person_ids),
        OutboxRow.kind == Kind.LESSON,
        OutboxRow.created_at > now - BETWEEN_MESSAGES,
    )
    return {person_id for person_id in db.scalars(query.distinct()) if person_id is not None}


def _due_of_many(db: Session, zones: Mapping[int, ZoneInfo], now: datetime, content: Content) -> Counter[int]:
    """Returns for each person (id -> zone) how many questions are due and can be asked."""
    query = select(Review.person_id, Review.question_id).where(
        Review.person_id.in_(zones), Review.done_at.is_(None), Review.due_at <= now
    )
    asked = {
        (question_id, day): askable(content, question_id, day) is not None
        for question_id in content.published.keys() | set(_question_ids(content))
        for day in {now.astimezone(zone).date() for zone in set(zones.values())}
    }
    return Counter(
        person_id
        for person_id, question_id in db.execute(query)
        if asked.get((question_id, now.astimezone(zones[person_id]).date()), False)
    )


def _offer_to(
    db: Session, person_ids: Sequence[int], number: int, site_id: str | None, now: datetime, zone: ZoneInfo
) -> int:
    """Offers the review once per person and day of their zone; with no questions, says that offers end."""
    audience = outbox.recipients().where(Person.id.in_(person_ids))
    return outbox.post_to_many(
        db,
        audience,
        offer(number) if number else _ended(),
        kind=Kind.LESSON,
        once=f"review:{now.astimezone(zone).date()}",
        now=now,
        site_id=site_id,
        not_after=now + timedelta(days=1),
    )
