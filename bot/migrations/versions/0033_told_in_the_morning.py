"""Told in the morning.

Revision ID: 0033
Revises: 0032
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("attendance_sheet", schema=None) as batch_op:
        batch_op.add_column(sa.Column("tell_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            "ix_attendance_sheet_tell",
            ["tell_at"],
            unique=False,
            sqlite_where=sa.text("tell_at IS NOT NULL"),
            postgresql_where=sa.text("tell_at IS NOT NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("attendance_sheet", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_attendance_sheet_tell",
            sqlite_where=sa.text("tell_at IS NOT NULL"),
            postgresql_where=sa.text("tell_at IS NOT NULL"),
        )
        batch_op.drop_column("tell_at")
