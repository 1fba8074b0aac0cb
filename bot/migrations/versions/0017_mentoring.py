"""Mentoring.

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mentor_pause",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("site_id", sa.String(length=40), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_mentor_pause_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "site_id", name=op.f("pk_mentor_pause")),
    )
    op.create_table(
        "ready_answer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("site_id", sa.String(length=40), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("written_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["written_by"], ["account.id"], name=op.f("fk_ready_answer_written_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ready_answer")),
    )
    with op.batch_alter_table("ready_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ready_answer_site_id"), ["site_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ready_answer_written_by"), ["written_by"], unique=False)

    op.create_table(
        "ticket",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("site_id", sa.String(length=40), nullable=False),
        sa.Column("topic", sa.String(length=8), nullable=False),
        sa.Column("origin", sa.String(length=40), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_reply_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("turn", sa.SmallInteger(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_because", sa.String(length=10), nullable=True),
        sa.Column("face", sa.SmallInteger(), nullable=True),
        sa.Column("reopened", sa.SmallInteger(), nullable=False),
        sa.Column("emptied_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["claimed_by"], ["account.id"], name=op.f("fk_ticket_claimed_by"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_ticket_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
    )
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.create_index(
            "ix_ticket_claimed_by",
            ["claimed_by", "state"],
            unique=False,
            sqlite_where=sa.text("claimed_by IS NOT NULL"),
            postgresql_where=sa.text("claimed_by IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_ticket_kept",
            ["closed_at"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NOT NULL AND emptied_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NOT NULL AND emptied_at IS NULL"),
        )
        batch_op.create_index(
            "ix_ticket_next",
            ["next_at"],
            unique=False,
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_ticket_open",
            ["waiting_since", "site_id"],
            unique=False,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.create_index(
            "ix_ticket_overdue",
            ["site_id"],
            unique=False,
            sqlite_where=sa.text("level = 4"),
            postgresql_where=sa.text("level = 4"),
        )
        batch_op.create_index(batch_op.f("ix_ticket_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            "ix_ticket_replied",
            ["site_id", "first_reply_at"],
            unique=False,
            sqlite_where=sa.text("first_reply_at IS NOT NULL"),
            postgresql_where=sa.text("first_reply_at IS NOT NULL"),
        )

    op.create_table(
        "ticket_card",
        sa.Column("outbox_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_ticket_card_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_card_ticket_id")),
        sa.PrimaryKeyConstraint("outbox_id", name=op.f("pk_ticket_card")),
    )
    with op.batch_alter_table("ticket_card", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ticket_card_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ticket_card_ticket_id"), ["ticket_id"], unique=False)

    op.create_table(
        "ticket_message",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ticket_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("way", sa.String(length=8), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("form", sa.String(length=8), nullable=False),
        sa.Column("text", sa.String(length=2000), nullable=True),
        sa.Column("file_id", sa.String(length=200), nullable=True),
        sa.Column("seconds", sa.SmallInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outbox_id", sa.BigInteger(), nullable=True),
        sa.Column("telegram_message_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_ticket_message_account_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_ticket_message_person_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("fk_ticket_message_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_message")),
    )
    with op.batch_alter_table("ticket_message", schema=None) as batch_op:
        batch_op.create_index(
            "ix_ticket_message_account",
            ["account_id"],
            unique=False,
            sqlite_where=sa.text("account_id IS NOT NULL"),
            postgresql_where=sa.text("account_id IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_ticket_message_outbox",
            ["outbox_id"],
            unique=False,
            sqlite_where=sa.text("outbox_id IS NOT NULL"),
            postgresql_where=sa.text("outbox_id IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_ticket_message_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ticket_message_ticket_id"), ["ticket_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("ticket_message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ticket_message_ticket_id"))
        batch_op.drop_index(batch_op.f("ix_ticket_message_person_id"))
        batch_op.drop_index(
            "ix_ticket_message_outbox",
            sqlite_where=sa.text("outbox_id IS NOT NULL"),
            postgresql_where=sa.text("outbox_id IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_ticket_message_account",
            sqlite_where=sa.text("account_id IS NOT NULL"),
            postgresql_where=sa.text("account_id IS NOT NULL"),
        )

    op.drop_table("ticket_message")
    with op.batch_alter_table("ticket_card", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ticket_card_ticket_id"))
        batch_op.drop_index(batch_op.f("ix_ticket_card_account_id"))

    op.drop_table("ticket_card")
    with op.batch_alter_table("ticket", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_ticket_replied",
            sqlite_where=sa.text("first_reply_at IS NOT NULL"),
            postgresql_where=sa.text("first_reply_at IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_ticket_person_id"))
        batch_op.drop_index(
            "ix_ticket_overdue", sqlite_where=sa.text("level = 4"), postgresql_where=sa.text("level = 4")
        )
        batch_op.drop_index(
            "ix_ticket_open", sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'")
        )
        batch_op.drop_index(
            "ix_ticket_next",
            sqlite_where=sa.text("next_at IS NOT NULL"),
            postgresql_where=sa.text("next_at IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_ticket_kept",
            sqlite_where=sa.text("closed_at IS NOT NULL AND emptied_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NOT NULL AND emptied_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_ticket_claimed_by",
            sqlite_where=sa.text("claimed_by IS NOT NULL"),
            postgresql_where=sa.text("claimed_by IS NOT NULL"),
        )

    op.drop_table("ticket")
    with op.batch_alter_table("ready_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ready_answer_written_by"))
        batch_op.drop_index(batch_op.f("ix_ready_answer_site_id"))

    op.drop_table("ready_answer")
    op.drop_table("mentor_pause")
