"""Briefs: one promise of several generations."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table, and the columns by which a generation is a part of one. The version before
    works on a part as on any other generation."""
    op.create_table(
        "briefs",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("origin", sa.String(255), nullable=False),
        sa.Column("team_id", sa.String(64), nullable=False),
        sa.Column("channel_id", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(64), nullable=False),
        sa.Column("request", sa.JSON, nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("root_ts", sa.String(32)),
        sa.Column("root_intended_at", sa.DateTime(timezone=True)),
        sa.Column("summary_ts", sa.String(32)),
        sa.Column("summary_intended_at", sa.DateTime(timezone=True)),
        sa.Column("told_at", sa.DateTime(timezone=True)),
        sa.Column("taken_by", sa.String(64)),
        sa.Column("taken_until", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_briefs"),
        sa.UniqueConstraint("origin", name="uq_briefs_origin"),
    )
    op.create_index(
        "ix_briefs_untold",
        "briefs",
        ["accepted_at"],
        sqlite_where=sa.text("told_at IS NULL"),
        postgresql_where=sa.text("told_at IS NULL"),
    )
    op.create_index("ix_briefs_team_id_user_id", "briefs", ["team_id", "user_id"])
    op.add_column("generations", sa.Column("brief_id", sa.String(64)))
    op.add_column("generations", sa.Column("part", sa.Integer))
    op.create_index(
        "ix_generations_brief_id",
        "generations",
        ["brief_id"],
        sqlite_where=sa.text("brief_id IS NOT NULL"),
        postgresql_where=sa.text("brief_id IS NOT NULL"),
    )
