"""A database after years of use: people, their consents, classes, seats, messages, lessons and answers, by bulk SQL.

For each person: two consents, one class in the past or to come, 5 messages of the last year (those of the last 30 days
with their words), 2 lessons begun, 2 questions answered, and half an update of the last two days. For each 25 people a
class, a twelfth of them still to come; and, however few people there are, CLASSES_TO_COME at each site, so that all
sizes show the same screens. Nobody's lesson is due within the next hours.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, text

from bot.catalogue.content import load_content
from bot.database import Database, migrate
from tests.fake_api import FIRST_PERSON, ROOT

PEOPLE_IN_A_CLASS: Final = 25
CLASSES_TO_COME: Final = 9
"""At each site at least: more than one page of the list."""
SEATS: Final = 30
MESSAGE: Final = (
    '{"key": "reminders.tomorrow", "values": {"title": "Foto Produk", "venue": "Aula Kecamatan", "starts": '
    '{"_": "at", "moment": "2026-11-24T02:00:00+00:00", "zone": "Asia/Makassar"}}, "buttons": '
    '[[{"label": "button.coming", "action": "reminders:coming:1"}, {"label": "button.not_coming", "action": '
    '"reminders:not_coming:1"}], [{"label": "button.map", "action": "reminders:map:1"}]]}'
)
"""As long as a usual one; nobody sends it again."""


def grow(url: str, people: int, *, now: datetime | None = None) -> None:
    """Fill a fresh database at `url`. The people's Telegram ids begin with FIRST_PERSON."""
    migrate(url)
    database = Database(url, durable=False)  # while it is filled; whoever serves it waits for the disk
    sites = [site.id for site in load_content(Path(ROOT) / "content").sites if site.active]
    try:
        with database.engine.connect() as connection:
            _fill(connection, people, sites, now or datetime.now(UTC))
        if database.is_sqlite:
            with contextlib.closing(database.engine.raw_connection()) as raw:
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        database.close()


def _fill(connection: Connection, people: int, sites: Sequence[str], now: datetime) -> None:
    sqlite = connection.dialect.name == "sqlite"
    past = people // PEOPLE_IN_A_CLASS
    coming = max(past // 12, CLASSES_TO_COME * len(sites))
    numbers = {"people": people, "past": max(past, 1), "coming": coming, "sites": len(sites), "first": FIRST_PERSON - 1}
    made = "draft, last_message_id"

    def ago(seconds: str) -> str:
        """So many seconds before now, as this database writes moments."""
        if sqlite:
            return f"strftime('%Y-%m-%d %H:%M:%S.000000', {now.timestamp():.0f} - ({seconds}), 'unixepoch')"
        return f"to_timestamp({now.timestamp():.0f} - ({seconds}))"

    def each(table: str, columns: str, values: str, number: str, more: str = "") -> None:
        """One row for every i from 1 to `number`."""
        counting = f"WITH RECURSIVE one(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM one WHERE i < {number})"
        if not sqlite:
            counting = f"WITH one(i) AS (SELECT generate_series(1, {number}))"
        words = f"{counting} SELECT {values} FROM one {more}"
        for name, value in numbers.items():
            words = words.replace(f"<{name}>", str(value))
        connection.exec_driver_sql(f"INSERT INTO {table} ({columns}) {words}".replace("%", "%" if sqlite else "%%"))

    site = "CASE i % <sites> " + " ".join(f"WHEN {at} THEN '{one}'" for at, one in enumerate(sites)) + " END"
    day, year = 86_400, 365 * 86_400
    joined = ago(f"(i * 7919) % {year}")
    yes, no = ("1", "0") if sqlite else ("true", "false")
    empty = "'{}'" if sqlite else "'{}'::jsonb"
    words = f"'{MESSAGE}'" if sqlite else f"'{MESSAGE}'::jsonb"
    indexes = _without_indexes(connection) if sqlite else []
    each(
        "account",
        f"id, telegram_id, language, created_at, seen_at, current_person_id, {made}",
        f"i, <first> + i, 'id', {joined}, {ago(f'(i * 7919) % {year} / 2')}, i, {empty}, 0",
        "<people>",
    )
    each(
        "person",
        "id, account_id, name, salutation, sector, site_id, consent_training, consent_messages, saves_data,"
        " registered_at",
        f"i, i, 'Siti', 'ibu', 'kuliner', {site}, {yes}, {yes}, {no}, {joined}",
        "<people>",
    )
    each(
        "consent",
        "person_id, purpose, text_version, language, given, at",
        f"(i + 1) / 2, CASE i % 2 WHEN 1 THEN 'training' ELSE 'messages' END, '2', 'id', {yes}, {ago('i % 999')}",
        "2 * <people>",
    )
    # classes: first those that are over, then those to come
    when = f"CASE WHEN i <= <past> THEN {ago(f'{4 * day} + (i * 7919) % {year}')}"
    when += f" ELSE {ago(f'-{2 * day} - (i * 7919) % {60 * day}')} END"
    each(
        "session",
        "id, code, site_id, title, starts_at, minutes, capacity, seats_taken, queue_tail, venue, revision, changed_at",
        f"i, 'K-' || i, {site}, 'Foto Produk', {when}, 120, {SEATS},"
        f" CASE WHEN i <= <past> THEN {PEOPLE_IN_A_CLASS} ELSE 0 END, 0, 'Aula Kecamatan', 1, {ago('0')}",
        "<past> + <coming>",
    )
    each(
        "session_lead",
        "session_id, lead_minutes, due_at, done_at",
        f"s.id, 1440, s.starts_at, CASE WHEN s.id <= <past> THEN {ago('0')} END",
        "<past> + <coming>",
        "JOIN session s ON s.id = i",
    )
    each("attendance_sheet", "session_id, secret, looked_at, settled_at", f"i, 'x', {ago('0')}, {ago('0')}", "<past>")
    each("feedback_round", "session_id, asked_at, told_at", f"i, {ago('0')}, {ago('0')}", "<past>")
    each(
        "enrolment",
        "session_id, person_id, status, created_at, changed_at",
        f"1 + i % <past>, i, CASE i % 9 WHEN 0 THEN 'absent' ELSE 'attended' END, {joined}, {joined}",
        "<people>",
    )
    each(
        "attendance",
        "session_id, person_id, mark, how, at",
        f"1 + i % <past>, i, CASE i % 9 WHEN 0 THEN 'absent' ELSE 'present' END, 'ticked', {joined}",
        "<people>",
    )
    # messages: in the order they were said, the last twelfth with its words; one in 100 never arrived
    said = ago(f"(5 * <people> - i) * {year} / (5 * <people>)")
    each(
        "outbox",
        "account_id, person_id, chat_id, language, kind, priority, message, site_id, urgent, status, created_at,"
        " once, attempts, telegram_message_id, sent_at",
        f"1 + i % <people>, 1 + i % <people>, <first> + 1 + i % <people>, 'id', 'reminder', 1,"
        f" CASE WHEN i > 5 * <people> * 11 / 12 THEN {words} END, {site}, {no},"
        f" CASE i % 100 WHEN 0 THEN 'failed' ELSE 'sent' END, {said},"
        f" CASE i % 5 WHEN 0 THEN 'reminder:' || i END, 1, i, CASE i % 100 WHEN 0 THEN NULL ELSE {said} END",
        "5 * <people>",
    )
    each(
        "lesson_progress",
        "person_id, lesson_id, page, started_at, turned_at, finished_at",
        f"(i + 1) / 2, CASE i % 2 WHEN 1 THEN 'M01L1' ELSE 'M01L2' END, 2, {joined}, {joined},"
        f" CASE i % 2 WHEN 1 THEN {joined} END",
        "2 * <people>",
    )
    each(
        "quiz",
        "person_id, question_id, edition, purpose, shown_order, correct, native, attempt, repeat, asked_at,"
        ' answered_at, chosen, "right"',
        "(i + 1) / 2, 'M01L' || (1 + i % 2) || 'Q1', 'x', 'lesson', "
        f"{empty.replace('{}', '[0, 1, 2]')}, 0, {yes}, 1, 0, {joined}, {joined}, 0, {yes}",
        "2 * <people>",
    )
    each(
        "lesson_plan",
        "person_id, days, minute, due_at, postponed, times, unanswered",
        f"2 * i, 127, 1080, {ago(f'-{2 * day} - i % {7 * day}')}, {no}, 0, 0",
        "<people> / 2",
    )
    each("review_offer", "person_id, due_at, passed", f"3 * i, {ago(f'-{2 * day} - i % {7 * day}')}, 0", "<people> / 3")
    each("sitting", "person_id, purpose, questions, put_off_at", f"i, 'pretest', {empty.replace('{}', '[]')}, {joined}",
         "<people>")  # fmt: skip
    each("inbox", "update_id, received_at, done_at", f"-i, {ago('(i * 7) % 170000')}, {ago('(i * 7) % 170000')}",
         "<people> / 2")  # fmt: skip
    for statement in indexes:
        connection.exec_driver_sql(statement)
    if not sqlite:
        for table in ("account", "person", "session"):
            connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"))
    connection.commit()
    if not sqlite:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))


def _without_indexes(connection: Connection) -> list[str]:
    """Drop them, and tell how to make them again: filling is quicker without."""
    found = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"))
    indexes = [(name, statement) for name, statement in found]
    for name, _ in indexes:
        connection.exec_driver_sql(f'DROP INDEX "{name}"')
    return [statement for _, statement in indexes]
