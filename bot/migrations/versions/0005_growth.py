"""Indexes that hold only the rows that are looked for: so a million people in the database make no query slower.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ADDED = (
    ("ix_account_nobody", "account", ["seen_at"], "current_person_id IS NULL"),
    ("ix_attendance_by", "attendance", ["by_account_id"], "by_account_id IS NOT NULL"),
    ("ix_attendance_sheet_care", "attendance_sheet", ["care_at"], "care_at IS NOT NULL"),
    ("ix_attendance_sheet_open", "attendance_sheet", ["session_id"], "opened_at IS NOT NULL AND closed_at IS NULL"),
    ("ix_enrolment_offered", "enrolment", ["offered_until"], "status = 'offered'"),
    ("ix_feedback_round_tell", "feedback_round", ["tell_at"], "tell_at IS NOT NULL"),
    ("ix_outbox_again", "outbox", ["attempts"], "attempts > 1"),
    ("ix_outbox_lost", "outbox", ["status"], "status IN ('failed', 'blocked', 'unknown', 'dropped')"),
    ("ix_outbox_poll", "outbox", ["poll_id"], "poll_id IS NOT NULL"),
    ("ix_outbox_sent", "outbox", ["sent_at"], "sent_at IS NOT NULL"),
    ("ix_outbox_session", "outbox", ["session_id"], "session_id IS NOT NULL"),
    ("ix_outbox_words", "outbox", ["created_at"], "message IS NOT NULL"),
    ("ix_task_done_praised", "task_done", ["praised_by"], "praised_by IS NOT NULL"),
)
"""Name, table, columns, and which rows."""
DROPPED = (
    ("ix_enrolment_offered_until", "enrolment", ["offered_until"]),
    ("ix_outbox_poll_id", "outbox", ["poll_id"]),
    ("ix_outbox_sent_at", "outbox", ["sent_at"]),
    ("ix_outbox_session_id", "outbox", ["session_id"]),
)
"""The indexes before them, which held every row, also those in which the column is empty: that is most of them."""


def upgrade() -> None:
    for name, table, columns, where in ADDED:
        op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    for name, table, _ in DROPPED:
        op.drop_index(name, table_name=table)


def downgrade() -> None:
    for name, table, columns in DROPPED:
        op.create_index(name, table, columns)
    for name, table, _, _ in ADDED:
        op.drop_index(name, table_name=table)
