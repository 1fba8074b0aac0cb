"""Words that wait for a yes.

Revision ID: 0039
Revises: 0038
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "held_words",
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_held_words_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_held_words_person_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_held_words")),
    )
    with op.batch_alter_table("held_words", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_held_words_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_held_words_due_at"), ["due_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("held_words", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_held_words_due_at"))
        batch_op.drop_index(batch_op.f("ix_held_words_person_id"))
    op.drop_table("held_words")
