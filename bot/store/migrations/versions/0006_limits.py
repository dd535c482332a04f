"""Limits that hold across processes: who has a place among those that run, and shared paces."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what the version before neither reads nor has to write."""
    for column in ("place_wanted_at", "placed_at"):
        op.add_column("generations", sa.Column(column, sa.DateTime(timezone=True)))
    op.create_table(
        "paces",
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("state", sa.JSON, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_paces"),
    )
