"""Who sees a result, and where; of what is made aside, for which channel and thread."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns, which the version before leaves empty."""
    op.add_column("generations", sa.Column("show", sa.String(16)))
    op.add_column("generations", sa.Column("for_channel_id", sa.String(64)))
    op.add_column("generations", sa.Column("for_thread_ts", sa.String(32)))
