"""The ledger of what was printed, and the views of it.

Revision ID: 0041
Revises: 0040
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.report_views import drop_views, make_views

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "released",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("topic", sa.String(length=10), nullable=False),
        sa.Column("site_id", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("part", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=6), nullable=False),
        sa.Column("n", sa.Integer(), nullable=True),
        sa.Column("k", sa.Integer(), nullable=True),
        sa.Column("before", sa.Integer(), nullable=True),
        sa.Column("word", sa.String(length=12), nullable=True),
        sa.Column("word_before", sa.String(length=12), nullable=True),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("value_before", sa.Double(), nullable=True),
        sa.Column("sites", sa.SmallInteger(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_released")),
    )
    with op.batch_alter_table("released", schema=None) as batch_op:
        batch_op.create_index("ix_released_figure", ["site_id", "code", "part"], unique=False)
        batch_op.create_index("ix_released_period", ["topic", "period"], unique=False)

    make_views(op.get_bind())


def downgrade() -> None:
    drop_views(op.get_bind())
    with op.batch_alter_table("released", schema=None) as batch_op:
        batch_op.drop_index("ix_released_period")
        batch_op.drop_index("ix_released_figure")

    op.drop_table("released")
