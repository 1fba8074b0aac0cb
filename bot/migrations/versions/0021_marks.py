"""When people hear that their record changed; when a list asks and closes by itself.

Revision ID: 0021
Revises: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("attendance", schema=None) as batch_op:
        batch_op.add_column(sa.Column("told", sa.String(length=8), nullable=True))
        batch_op.add_column(sa.Column("tell_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            "ix_attendance_tell",
            ["tell_at"],
            unique=False,
            sqlite_where=sa.text("tell_at IS NOT NULL"),
            postgresql_where=sa.text("tell_at IS NOT NULL"),
        )

    with op.batch_alter_table("attendance_sheet", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ask_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("close_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            "ix_attendance_sheet_ask",
            ["ask_at"],
            unique=False,
            sqlite_where=sa.text("ask_at IS NOT NULL"),
            postgresql_where=sa.text("ask_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_attendance_sheet_close",
            ["close_at"],
            unique=False,
            sqlite_where=sa.text("close_at IS NOT NULL"),
            postgresql_where=sa.text("close_at IS NOT NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("attendance_sheet", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_attendance_sheet_close",
            sqlite_where=sa.text("close_at IS NOT NULL"),
            postgresql_where=sa.text("close_at IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_attendance_sheet_ask",
            sqlite_where=sa.text("ask_at IS NOT NULL"),
            postgresql_where=sa.text("ask_at IS NOT NULL"),
        )
        batch_op.drop_column("close_at")
        batch_op.drop_column("ask_at")

    with op.batch_alter_table("attendance", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_attendance_tell",
            sqlite_where=sa.text("tell_at IS NOT NULL"),
            postgresql_where=sa.text("tell_at IS NOT NULL"),
        )
        batch_op.drop_column("tell_at")
        batch_op.drop_column("told")
