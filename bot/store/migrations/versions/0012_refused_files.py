"""Which files of a request could not be used, and which generation a file in Slack is of."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what the version before neither reads nor has to write."""
    op.add_column("generations", sa.Column("refused_files", sa.JSON))
    is_there = sa.column("slack_file_id").is_not(None)
    op.create_index(
        "ix_pictures_slack_file_id",
        "pictures",
        ["slack_file_id"],
        sqlite_where=is_there,
        postgresql_where=is_there,
    )
