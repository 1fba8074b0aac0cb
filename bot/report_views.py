"""The views of reports: what dashboards may read, and nothing else. Made by migration 0041, and again after a restore.

On PostgreSQL they are the schema `report`, on SQLite they begin with `report_`. They read the table `released` alone. A
change of a view is a new column at its end, made by a new migration.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, text

SCHEMA: Final = "report"
_STANDS: Final = "FROM released WHERE replaced_at IS NULL AND topic"
VIEWS: Final[dict[str, str]] = {
    "site_quarter": (
        "SELECT site_id AS site, period, code, part, n, k, before AS k_before, word, word_before AS word_before,"
        f" value, value_before, sites, counted_at {_STANDS} IN ('service', 'answers')"
    ),
    "class": (
        "SELECT site_id AS site, period, part AS class, day, value AS seats, n AS expected, k AS present, counted_at"
        f" {_STANDS} = 'class'"
    ),
    "lesson": f"SELECT period, part AS lesson, n AS finished, counted_at {_STANDS} = 'lesson'",
    "question": (
        "SELECT period, part AS question, n AS answered, k AS right_first, word, value AS fools, counted_at"
        f" {_STANDS} = 'question'"
    ),
    "mentoring": (
        "SELECT site_id AS site, period, max(CASE code WHEN 'questions' THEN n END) AS due,"
        " max(CASE code WHEN 'questions' THEN k END) AS answered,"
        " max(CASE code WHEN 'questions_in_time' THEN k END) AS in_time,"
        " max(CASE code WHEN 'questions_median' THEN value END) AS median_minutes, max(counted_at) AS counted_at"
        f" {_STANDS} = 'service' AND code IN ('questions', 'questions_in_time', 'questions_median')"
        " GROUP BY site_id, period"
    ),
    "delivery": f"SELECT period, day, part AS kind, n AS settled, k AS sent, counted_at {_STANDS} = 'delivery'",
}
"""By name: the query of each."""


def name_of(view: str, dialect: str) -> str:
    return f"{SCHEMA}.{view}" if dialect == "postgresql" else f"{SCHEMA}_{view}"


def make_views(connection: Connection) -> bool:
    """Makes the views that are not there. Returns False where PostgreSQL lets this role make no schema: then the views
    are missing, and nothing else."""
    dialect = connection.dialect.name
    if dialect == "postgresql":
        there = connection.execute(text("SELECT to_regnamespace('report') IS NOT NULL")).scalar()
        may = connection.execute(text("SELECT has_database_privilege(current_database(), 'CREATE')")).scalar()
        if not there and not may:
            return False
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    for view, query in VIEWS.items():
        make = "CREATE OR REPLACE VIEW" if dialect == "postgresql" else "CREATE VIEW IF NOT EXISTS"
        connection.execute(text(f"{make} {name_of(view, dialect)} AS {query}"))
    return True


def drop_views(connection: Connection) -> None:
    """Takes the views away, so that the table under them can go."""
    dialect = connection.dialect.name
    for view in VIEWS:
        connection.execute(text(f"DROP VIEW IF EXISTS {name_of(view, dialect)}"))
