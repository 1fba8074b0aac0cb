"""By when the first reply to a question is due, and after how long it came.

Questions asked before have neither, and are in no figure of first replies.

Revision ID: 0027
Revises: 0026
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reply_due_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("reply_minutes", sa.Integer(), nullable=True))
        batch_op.create_index(
            "ix_ticket_reply_due",
            ["reply_due_at", "site_id"],
            unique=False,
            sqlite_where=sa.text("reply_due_at IS NOT NULL"),
            postgresql_where=sa.text("reply_due_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_ticket_waiting",
            ["site_id", "state"],
            unique=False,
            sqlite_where=sa.text("waiting_since IS NOT NULL"),
            postgresql_where=sa.text("waiting_since IS NOT NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_ticket_waiting",
            sqlite_where=sa.text("waiting_since IS NOT NULL"),
            postgresql_where=sa.text("waiting_since IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_ticket_reply_due",
            sqlite_where=sa.text("reply_due_at IS NOT NULL"),
            postgresql_where=sa.text("reply_due_at IS NOT NULL"),
        )
        batch_op.drop_column("reply_minutes")
        batch_op.drop_column("reply_due_at")
