"""What was given up a moment ago is kept, and who moves from the waitlist keeps the old seat until then.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_seat",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("given_up_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("taken_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("queue_no", sa.Integer(), nullable=True),
        sa.Column("offered_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reply", sa.String(length=10), nullable=True),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("from_waitlist_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("instead_of", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_kept_seat_person_id")),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_kept_seat_session_id")),
        sa.ForeignKeyConstraint(["taken_id"], ["session.id"], name=op.f("fk_kept_seat_taken_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_seat")),
        sa.UniqueConstraint("session_id", "person_id", name=op.f("uq_kept_seat_session_id")),
    )
    with op.batch_alter_table("kept_seat", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_kept_seat_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_kept_seat_until"), ["until"], unique=False)

    with op.batch_alter_table("enrolment", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("instead_of", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )


def downgrade() -> None:
    with op.batch_alter_table("enrolment", schema=None) as batch_op:
        batch_op.drop_column("instead_of")

    with op.batch_alter_table("kept_seat", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_kept_seat_until"))
        batch_op.drop_index(batch_op.f("ix_kept_seat_person_id"))

    op.drop_table("kept_seat")
