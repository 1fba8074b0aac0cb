"""Who asks to be let into a full class, and the card in which trainers answer.

Revision ID: 0024
Revises: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "door_card",
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("outbox_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_door_card_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_door_card_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("session_id", "account_id", name=op.f("pk_door_card")),
    )
    with op.batch_alter_table("door_card", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_door_card_account_id"), ["account_id"], unique=False)

    op.create_table(
        "door_request",
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_door_request_person_id")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_door_request_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("session_id", "person_id", name=op.f("pk_door_request")),
    )
    with op.batch_alter_table("door_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_door_request_asked_at"), ["asked_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_door_request_person_id"), ["person_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("door_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_door_request_person_id"))
        batch_op.drop_index(batch_op.f("ix_door_request_asked_at"))

    op.drop_table("door_request")
    with op.batch_alter_table("door_card", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_door_card_account_id"))

    op.drop_table("door_card")
