"""Where the app is installed, since when, and where it was removed."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table, which the version before does not know."""
    op.create_table(
        "installations",
        sa.Column("team_id", sa.String(64), nullable=False),
        sa.Column("installed_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("team_id", name="pk_installations"),
    )
