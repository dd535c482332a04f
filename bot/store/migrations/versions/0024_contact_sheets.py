"""The contact sheet of a brief, which goes when one of its pictures is deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column, which the version before leaves empty."""
    op.add_column("briefs", sa.Column("sheet_file_id", sa.String(64)))
