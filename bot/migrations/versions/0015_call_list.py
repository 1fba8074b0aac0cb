"""Whom staff told about a class outside the bot, and when a class moved last.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "call_made",
        sa.Column("id", big, nullable=False),
        sa.Column("session_id", big, nullable=False),
        sa.Column("person_id", big, nullable=False),
        sa.Column("about", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_account_id", big, nullable=True),
        sa.ForeignKeyConstraint(
            ["by_account_id"], ["account.id"], name=op.f("fk_call_made_by_account_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_call_made_person_id")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_call_made_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_made")),
        sa.UniqueConstraint("session_id", "person_id", "about", name=op.f("uq_call_made_session_id")),
    )
    with op.batch_alter_table("call_made", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_call_made_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_call_made_by_account_id"), ["by_account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_call_made_person_id"), ["person_id"], unique=False)

    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.drop_column("moved_at")

    op.drop_table("call_made")
