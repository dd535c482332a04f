"""The form: threads, reference pictures, captions, drafts."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns that the version before may leave empty, and two tables."""
    op.add_column("generations", sa.Column("thread_ts", sa.String(32)))
    op.add_column("generations", sa.Column("sources", sa.JSON))
    op.add_column("generations", sa.Column("parent_id", sa.String(64)))
    op.add_column("generations", sa.Column("result_channel_id", sa.String(64)))
    op.create_table(
        "drafts",
        sa.Column("team_id", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(64), nullable=False),
        sa.Column("form", sa.JSON, nullable=False),
        sa.Column("generation_id", sa.String(64)),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("team_id", "user_id", name="pk_drafts"),
    )
    op.create_table(
        "media",
        sa.Column("workspace_id", sa.String(255), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("media_id", sa.String(255), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "content_hash", name="pk_media"),
    )
