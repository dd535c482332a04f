"""In which of PowerPost's workspaces something is made, and charged for."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what the version before leaves empty, which is the default workspace. It pays for nothing
    that is to be made in another: its `sources` say more than it knows."""
    op.add_column("generations", sa.Column("powerpost_workspace", sa.String(255)))
    op.add_column("ledger", sa.Column("powerpost_workspace", sa.String(255)))
