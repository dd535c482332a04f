"""Channels whose ids have changed, and who was welcomed."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two tables, which the version before does not know."""
    op.create_table(
        "channel_moves",
        sa.Column("team_id", sa.String(64), nullable=False),
        sa.Column("old_id", sa.String(64), nullable=False),
        sa.Column("new_id", sa.String(64), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("team_id", "old_id", name="pk_channel_moves"),
    )
    op.create_table(
        "welcomes",
        sa.Column("team_id", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("team_id", "user_id", name="pk_welcomes"),
    )
