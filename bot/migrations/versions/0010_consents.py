"""Consents.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "consent_question",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("purpose", sa.String(length=12), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_consent_question_person_id")),
        sa.PrimaryKeyConstraint("person_id", "purpose", name=op.f("pk_consent_question")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("consent_reminders", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("consent_lessons", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("training_version", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("ask_after", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_column("ask_after")
        batch_op.drop_column("training_version")
        batch_op.drop_column("consent_lessons")
        batch_op.drop_column("consent_reminders")

    op.drop_table("consent_question")
