"""The prompt that PowerPost made pictures from, if it is another than was sent."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column, which the version before leaves empty."""
    op.add_column("generations", sa.Column("upstream_prompt", sa.Text()))
