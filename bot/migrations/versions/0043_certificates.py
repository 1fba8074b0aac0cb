"""Certificates.

Revision ID: 0043
Revises: 0042
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "certificate_wave",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("site_id", sa.String(length=40), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column(
            "criteria",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column("fixed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tell_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_up_to", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_wave")),
        sa.UniqueConstraint("site_id", "first", name=op.f("uq_certificate_wave_site_id")),
    )
    with op.batch_alter_table("certificate_wave", schema=None) as batch_op:
        batch_op.create_index(
            "ix_certificate_wave_tell",
            ["tell_at"],
            unique=False,
            sqlite_where=sa.text("tell_at IS NOT NULL"),
            postgresql_where=sa.text("tell_at IS NOT NULL"),
        )

    op.create_table(
        "certificate",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("session_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("wave_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("site_id", sa.String(length=40), nullable=False),
        sa.Column(
            "facts",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column("template", sa.String(length=8), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaces_id", sa.BigInteger(), nullable=True),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=12), nullable=True),
        sa.Column("rename_allowed", sa.Boolean(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_certificate_person_id")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_certificate_session_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["wave_id"], ["certificate_wave.id"], name=op.f("fk_certificate_wave_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("code", name=op.f("uq_certificate_code")),
    )
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.create_index(
            "ix_certificate_of_class",
            ["person_id", "session_id"],
            unique=True,
            sqlite_where=sa.text("replaced_at IS NULL AND revoked_at IS NULL AND erased_at IS NULL"),
            postgresql_where=sa.text("replaced_at IS NULL AND revoked_at IS NULL AND erased_at IS NULL"),
        )
        batch_op.create_index(
            "ix_certificate_of_wave",
            ["person_id", "wave_id"],
            unique=True,
            sqlite_where=sa.text("replaced_at IS NULL AND revoked_at IS NULL AND erased_at IS NULL"),
            postgresql_where=sa.text("replaced_at IS NULL AND revoked_at IS NULL AND erased_at IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_certificate_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_session_id"), ["session_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificate_site_id"), ["site_id"], unique=False)

    op.create_table(
        "certificate_news",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_certificate_news_person_id")),
        sa.PrimaryKeyConstraint("person_id", "what", name=op.f("pk_certificate_news")),
    )
    with op.batch_alter_table("attendance_sheet", schema=None) as batch_op:
        batch_op.add_column(sa.Column("certificates_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            "ix_attendance_sheet_certificates",
            ["certificates_at"],
            unique=False,
            sqlite_where=sa.text("certificates_at IS NOT NULL"),
            postgresql_where=sa.text("certificates_at IS NOT NULL"),
        )

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("consent_certificate", sa.Boolean(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_column("consent_certificate")

    with op.batch_alter_table("attendance_sheet", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_attendance_sheet_certificates",
            sqlite_where=sa.text("certificates_at IS NOT NULL"),
            postgresql_where=sa.text("certificates_at IS NOT NULL"),
        )
        batch_op.drop_column("certificates_at")

    op.drop_table("certificate_news")
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certificate_site_id"))
        batch_op.drop_index(batch_op.f("ix_certificate_session_id"))
        batch_op.drop_index(batch_op.f("ix_certificate_person_id"))
        batch_op.drop_index(
            "ix_certificate_of_wave",
            sqlite_where=sa.text("replaced_at IS NULL AND revoked_at IS NULL AND erased_at IS NULL"),
            postgresql_where=sa.text("replaced_at IS NULL AND revoked_at IS NULL AND erased_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_certificate_of_class",
            sqlite_where=sa.text("replaced_at IS NULL AND revoked_at IS NULL AND erased_at IS NULL"),
            postgresql_where=sa.text("replaced_at IS NULL AND revoked_at IS NULL AND erased_at IS NULL"),
        )

    op.drop_table("certificate")
    with op.batch_alter_table("certificate_wave", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_certificate_wave_tell",
            sqlite_where=sa.text("tell_at IS NOT NULL"),
            postgresql_where=sa.text("tell_at IS NOT NULL"),
        )

    op.drop_table("certificate_wave")
