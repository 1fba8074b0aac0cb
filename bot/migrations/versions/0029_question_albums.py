"""Question albums.

Revision ID: 0029
Revises: 0028
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("ticket_message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("album", sa.String(length=40), nullable=True))
        batch_op.create_index(
            "ix_ticket_message_album",
            ["album"],
            unique=False,
            sqlite_where=sa.text("album IS NOT NULL"),
            postgresql_where=sa.text("album IS NOT NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("ticket_message", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_ticket_message_album",
            sqlite_where=sa.text("album IS NOT NULL"),
            postgresql_where=sa.text("album IS NOT NULL"),
        )
        batch_op.drop_column("album")
