"""What trainers shall hear, and when they heard last.

Revision ID: 0022
Revises: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "trainer_news",
        sa.Column("id", big, nullable=False),
        sa.Column("site_id", sa.String(length=40), nullable=False),
        sa.Column("what", sa.String(length=8), nullable=False),
        sa.Column("session_id", big, nullable=True),
        sa.Column("person_id", big, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_trainer_news_person_id")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_trainer_news_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trainer_news")),
    )
    with op.batch_alter_table("trainer_news", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_trainer_news_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_trainer_news_session_id"), ["session_id"], unique=False)

    op.create_table(
        "trainer_news_round",
        sa.Column("site_id", sa.String(length=40), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_trainer_news_round")),
    )


def downgrade() -> None:
    op.drop_table("trainer_news_round")
    op.drop_table("trainer_news")
