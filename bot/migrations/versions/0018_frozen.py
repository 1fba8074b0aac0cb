"""Frozen.

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            "ix_person_frozen",
            ["frozen_at"],
            unique=False,
            sqlite_where=sa.text("frozen_at IS NOT NULL"),
            postgresql_where=sa.text("frozen_at IS NOT NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_person_frozen",
            sqlite_where=sa.text("frozen_at IS NOT NULL"),
            postgresql_where=sa.text("frozen_at IS NOT NULL"),
        )
        batch_op.drop_column("frozen_at")
