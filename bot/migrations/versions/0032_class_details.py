"""A class has a contact, a reason when it is cancelled, and can be put back; what is written about it can change.

Revision ID: 0032
Revises: 0031
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("contact", sa.String(length=80), nullable=True))
        batch_op.add_column(sa.Column("edits", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("cancelled_why", sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column("cancelled_because", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("restored_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("enrolment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("before_cancel", sa.String(length=10), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("enrolment", schema=None) as batch_op:
        batch_op.drop_column("before_cancel")

    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.drop_column("restored_at")
        batch_op.drop_column("cancelled_because")
        batch_op.drop_column("cancelled_why")
        batch_op.drop_column("edits")
        batch_op.drop_column("contact")
