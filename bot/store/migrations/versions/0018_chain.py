"""How the prompt of a version came to be, line by line."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column, which the version before leaves empty."""
    op.add_column("generations", sa.Column("chain", sa.JSON))
