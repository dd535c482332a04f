"""Nothing: the branch `aged` has a migration of this number. It takes this file's place."""

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change nothing."""
