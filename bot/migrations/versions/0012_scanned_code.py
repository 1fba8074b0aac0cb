"""What a phone read from a QR code before its person had a seat.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "scanned_code",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("good_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_scanned_code_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_scanned_code_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "session_id", name=op.f("pk_scanned_code")),
    )
    with op.batch_alter_table("scanned_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_scanned_code_session_id"), ["session_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("scanned_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_scanned_code_session_id"))

    op.drop_table("scanned_code")
