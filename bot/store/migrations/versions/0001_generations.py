"""Generations and their pictures."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _time(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "generations",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("origin", sa.String(255), nullable=False),
        sa.Column("team_id", sa.String(64), nullable=False),
        sa.Column("channel_id", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(64), nullable=False),
        sa.Column("response_url", sa.Text),
        sa.Column("request", sa.JSON, nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("root_ts", sa.String(32)),
        sa.Column("result_ts", sa.String(32)),
        sa.Column("intent", sa.String(64)),
        sa.Column("image_generation_id", sa.String(255)),
        sa.Column("credits_used", sa.Float),
        sa.Column("balance_before", sa.Float),
        sa.Column("balance_after", sa.Float),
        sa.Column("balance_at_end", sa.Float),
        sa.Column("cause", sa.String(64)),
        sa.Column("upstream_message", sa.Text),
        sa.Column("request_id", sa.String(255)),
        _time("accepted_at", nullable=False),
        _time("root_intended_at"),
        _time("intended_at"),
        _time("submitted_at"),
        _time("finished_at"),
        _time("result_intended_at"),
        _time("told_at"),
        sa.PrimaryKeyConstraint("id", name="pk_generations"),
        sa.UniqueConstraint("origin", name="uq_generations_origin"),
    )
    op.create_index(
        "ix_generations_owed",
        "generations",
        ["team_id", "user_id"],
        sqlite_where=sa.text("told_at IS NULL"),
        postgresql_where=sa.text("told_at IS NULL"),
    )
    op.create_index(
        "ix_generations_image_generation_id",
        "generations",
        ["image_generation_id"],
        sqlite_where=sa.text("image_generation_id IS NOT NULL"),
        postgresql_where=sa.text("image_generation_id IS NOT NULL"),
    )
    op.create_table(
        "pictures",
        sa.Column("generation_id", sa.String(64), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("media_id", sa.String(255), nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("width", sa.Integer),
        sa.Column("height", sa.Integer),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("slack_file_id", sa.String(64)),
        sa.Column("cause", sa.String(64)),
        _time("expires_at", nullable=False),
        sa.PrimaryKeyConstraint("generation_id", "position", name="pk_pictures"),
        sa.ForeignKeyConstraint(
            ["generation_id"],
            ["generations.id"],
            name="fk_pictures_generation_id",
            ondelete="CASCADE",
        ),
    )
