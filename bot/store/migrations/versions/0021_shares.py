"""What is being shared, until it was posted."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table, which the version before does not know."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "shares",
        sa.Column("id", sa.String(255), nullable=False),
        sa.Column("team_id", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(64), nullable=False),
        sa.Column("generation_id", sa.String(64), nullable=False),
        sa.Column("positions", sa.JSON(), nullable=False),
        sa.Column("channel_id", sa.String(64), nullable=False),
        sa.Column("thread_ts", sa.String(32)),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("shared_at", moment, nullable=False),
        sa.Column("intended_at", moment),
        sa.Column("posted_ts", sa.String(32)),
        sa.Column("taken_until", moment, nullable=False),
        sa.Column("ended_at", moment),
        sa.PrimaryKeyConstraint("id", name="pk_shares"),
    )
    op.create_index("ix_shares_ended_at", "shares", ["ended_at"])
