"""An invitation remembers when an admin said that the right person had accepted it, or withdrew it.

Revision ID: 0028
Revises: 0027
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
    # whoever joined before had the role at once: nobody waits for an admin's word
    op.execute("UPDATE invitation SET confirmed_at = used_at WHERE used_at IS NOT NULL")


def downgrade() -> None:
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_column("withdrawn_at")
        batch_op.drop_column("confirmed_at")
