"""People to be erased by age are planned and announced; why somebody was erased is kept.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "erasure_plan",
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erase_after", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_erasure_plan_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_erasure_plan")),
    )
    op.create_index(op.f("ix_erasure_plan_erase_after"), "erasure_plan", ["erase_after"], unique=False)
    op.add_column("person", sa.Column("erased_because", sa.String(length=10), nullable=True))
    op.create_index(
        "ix_person_anonymised",
        "person",
        ["anonymised_at"],
        unique=False,
        sqlite_where=sa.text("anonymised_at IS NOT NULL"),
        postgresql_where=sa.text("anonymised_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_person_anonymised", "person")
    op.drop_column("person", "erased_because")
    op.drop_index(op.f("ix_erasure_plan_erase_after"), "erasure_plan")
    op.drop_table("erasure_plan")
