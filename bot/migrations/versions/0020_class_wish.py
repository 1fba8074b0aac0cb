"""Who wants to be told when there are classes at a site.

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "class_wish",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("site_id", sa.String(length=40), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_class_wish_person_id")),
        sa.PrimaryKeyConstraint("person_id", "site_id", name=op.f("pk_class_wish")),
    )
    op.create_index(op.f("ix_class_wish_site_id"), "class_wish", ["site_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_class_wish_site_id"), table_name="class_wish")
    op.drop_table("class_wish")
