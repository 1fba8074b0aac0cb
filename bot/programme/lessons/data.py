"""Declares how a person's rows of lessons are forgotten and copied, and why the rest stays."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bot.capability import CapabilityData, Told
from bot.catalogue.content import Content
from bot.people.people import Person
from bot.programme.lessons.daily import due, next_due, note_end, plan_of
from bot.programme.lessons.days import days_in
from bot.programme.lessons.outcomes import Ended
from bot.programme.lessons.tables import LearningDay, LessonPlan, LessonProgress, TaskDone


def all_progress(db: Session, person: Person) -> list[LessonProgress]:
    """Returns every lesson the person ever opened, in the order they did."""
    query = select(LessonProgress).where(LessonProgress.person_id == person.id)
    return list(db.scalars(query.order_by(LessonProgress.started_at, LessonProgress.id)))


def all_tasks(db: Session, person: Person) -> list[TaskDone]:
    return list(db.scalars(select(TaskDone).where(TaskDone.person_id == person.id).order_by(TaskDone.id)))


def learning_days(db: Session, person: Person) -> list[date]:
    query = select(LearningDay.day).where(LearningDay.person_id == person.id).order_by(LearningDay.day)
    return list(db.scalars(query))


def forget(db: Session, person: Person, now: datetime) -> None:
    """Makes the progress anonymous; deletes photos, links and the plan."""
    db.execute(update(TaskDone).where(TaskDone.person_id == person.id).values(photo=None, link=None))
    db.execute(delete(LearningDay).where(LearningDay.person_id == person.id))
    mine = db.get(LessonPlan, person.id)
    if mine is not None:
        note_end(mine, now, Ended.ERASED)


def copy(db: Session, person: Person, content: Content, told: Told) -> dict[str, Any]:
    """Returns how far the person has come, their tasks, and the plan of daily lessons."""
    plan = plan_of(db, person)
    return {
        "belajar": {
            "hemat_kuota": person.saves_data,
            "jalur": person.learning_path,
            "pelajaran": [
                {
                    "pelajaran": progress.lesson_id,
                    "halaman_terakhir": progress.page,
                    "mulai": told(progress.started_at),
                    "terakhir_dibuka": told(progress.turned_at),
                    "selesai": told(progress.finished_at),
                }
                for progress in all_progress(db, person)
            ],
            "tugas": [
                {
                    "pelajaran": task.lesson_id,
                    "dikerjakan": told(task.done_at),
                    "foto": task.photo,
                    "link": task.link,
                    "dipuji_pelatih": told(task.praised_at),
                }
                for task in all_tasks(db, person)
            ],
            "hari_belajar": [day.isoformat() for day in learning_days(db, person)],
            "pelajaran_harian": plan
            and {
                "hari": days_in(plan.days),
                "pukul": f"{plan.minute // 60:02}.{plan.minute % 60:02}",
                "berikutnya": told(plan.due_at),
                "belum_dibuka_berturut_turut": plan.unanswered,
                "libur_sampai": told(plan.resting_until),
                "berakhir": told(plan.ended_at),
                "alasan_berakhir": plan.ended_because,
            },
        }
    }


DATA: Final = CapabilityData(
    "lessons",
    tables=(LessonProgress, TaskDone, LearningDay, LessonPlan),
    due=due,
    next_due=next_due,
    forget=forget,
    copy=copy,
    stays={
        "lesson_progress.person_id": "Which lessons were finished, as counts, of nobody in particular.",
        "task_done.person_id": "Which tasks were done, as counts, of nobody in particular; photo and link are emptied.",
        "lesson_plan.person_id": "That daily lessons ended because the person left; no day or hour is due any more.",
    },
    not_copied={"task_done.praised_by": "Whose task a trainer praised is in the copy of who did the task."},
)
