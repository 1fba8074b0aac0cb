"""Photos of signed attendance sheets.

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "sheet_photo",
        sa.Column("id", number, nullable=False),
        sa.Column("session_id", number, nullable=False),
        sa.Column("file_id", sa.String(length=200), nullable=True),
        sa.Column("document", sa.Boolean(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_account_id", number, nullable=True),
        sa.Column("emptied_because", sa.String(length=8), nullable=True),
        sa.Column("untold_since", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name=op.f("fk_sheet_photo_session_id")),
        sa.ForeignKeyConstraint(
            ["by_account_id"], ["account.id"], name=op.f("fk_sheet_photo_by_account_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet_photo")),
    )
    with op.batch_alter_table("sheet_photo", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sheet_photo_session_id"), ["session_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sheet_photo_sent_at"), ["sent_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_sheet_photo_by_account_id"), ["by_account_id"], unique=False)
        batch_op.create_index(
            "ix_sheet_photo_untold",
            ["untold_since"],
            unique=False,
            sqlite_where=sa.text("untold_since IS NOT NULL"),
            postgresql_where=sa.text("untold_since IS NOT NULL"),
        )


def downgrade() -> None:
    op.drop_table("sheet_photo")
