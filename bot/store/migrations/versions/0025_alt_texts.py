"""What people say in a picture's alt text, in place of what is made from its prompt."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column, which the version before leaves as it is."""
    op.add_column("pictures", sa.Column("alt_text", sa.Text))
