"""Faq.

Revision ID: 0026
Revises: 0025
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "held_question",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("said", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("origin", sa.String(length=40), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_held_question_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_held_question")),
    )
    with op.batch_alter_table("held_question", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_held_question_due_at"), ["due_at"], unique=False)

    op.create_table(
        "faq",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("from_ticket", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("site_id", sa.String(length=40), nullable=False),
        sa.Column("audience", sa.String(length=40), nullable=False),
        sa.Column("topic", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("question", sa.String(length=120), nullable=True),
        sa.Column("answer", sa.String(length=400), nullable=True),
        sa.Column("fact", sa.String(length=4), nullable=True),
        sa.Column("hidden_for", sa.String(length=10), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("written_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("approved_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("shown", sa.Integer(), server_default="0", nullable=False),
        sa.Column("helped", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["approved_by"], ["account.id"], name=op.f("fk_faq_approved_by"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["from_ticket"], ["ticket.id"], name=op.f("fk_faq_from_ticket")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_faq_person_id")),
        sa.ForeignKeyConstraint(["written_by"], ["account.id"], name=op.f("fk_faq_written_by"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_faq")),
        sa.UniqueConstraint("from_ticket", name=op.f("uq_faq_from_ticket")),
    )
    with op.batch_alter_table("faq", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_faq_approved_by"), ["approved_by"], unique=False)
        batch_op.create_index(
            "ix_faq_fact",
            ["fact"],
            unique=False,
            sqlite_where=sa.text("state = 'published' AND fact <> '-'"),
            postgresql_where=sa.text("state = 'published' AND fact <> '-'"),
        )
        batch_op.create_index(
            "ix_faq_next",
            ["next_at"],
            unique=False,
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_faq_old",
            ["changed_at"],
            unique=False,
            sqlite_where=sa.text("state <> 'published' AND person_id IS NOT NULL"),
            postgresql_where=sa.text("state <> 'published' AND person_id IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_faq_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            "ix_faq_published",
            ["audience", "topic"],
            unique=False,
            sqlite_where=sa.text("state = 'published'"),
            postgresql_where=sa.text("state = 'published'"),
        )
        batch_op.create_index("ix_faq_site", ["site_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_faq_written_by"), ["written_by"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("faq", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_faq_written_by"))
        batch_op.drop_index("ix_faq_site")
        batch_op.drop_index(
            "ix_faq_published",
            sqlite_where=sa.text("state = 'published'"),
            postgresql_where=sa.text("state = 'published'"),
        )
        batch_op.drop_index(batch_op.f("ix_faq_person_id"))
        batch_op.drop_index(
            "ix_faq_old",
            sqlite_where=sa.text("state <> 'published' AND person_id IS NOT NULL"),
            postgresql_where=sa.text("state <> 'published' AND person_id IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_faq_next", sqlite_where=sa.text("next_at IS NOT NULL"), postgresql_where=sa.text("next_at IS NOT NULL")
        )
        batch_op.drop_index(
            "ix_faq_fact",
            sqlite_where=sa.text("state = 'published' AND fact <> '-'"),
            postgresql_where=sa.text("state = 'published' AND fact <> '-'"),
        )
        batch_op.drop_index(batch_op.f("ix_faq_approved_by"))

    op.drop_table("faq")
    with op.batch_alter_table("held_question", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_held_question_due_at"))

    op.drop_table("held_question")
