"""What a change of the policy changed, beside who made it."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what the version before neither reads nor has to write."""
    op.add_column("policy_changes", sa.Column("summary", sa.JSON))
