"""The path of lessons that each person is on.

Revision ID: 0035
Revises: 0034
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("learning_path", sa.String(length=8), nullable=True))
    # who has begun to learn stays on the only path there was
    op.execute(
        "UPDATE person SET learning_path = '1' WHERE id IN"
        " (SELECT person_id FROM lesson_progress UNION SELECT person_id FROM sitting WHERE begun_at IS NOT NULL)"
    )


def downgrade() -> None:
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_column("learning_path")
