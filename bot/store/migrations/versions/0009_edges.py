"""What the edges of money need: why it was refused, since when it is tried, and a ledger that
refuses to be replaced, too."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what the version before neither reads nor has to write."""
    op.add_column("generations", sa.Column("tried_at", sa.DateTime(timezone=True)))
    op.add_column("generations", sa.Column("unplaced_at", sa.DateTime(timezone=True)))
    op.add_column("generations", sa.Column("over_budget", sa.JSON))
    if op.get_bind().dialect.name == "sqlite":
        _refuse_replacing()


def _refuse_replacing() -> None:
    """SQLite's INSERT OR REPLACE deletes without the trigger that refuses to delete. Such an insert
    is passed over, as the code's own ON CONFLICT DO NOTHING is: older versions go on working."""
    op.execute(
        "CREATE TRIGGER ledger_refuses_replace BEFORE INSERT ON ledger "
        "WHEN EXISTS (SELECT 1 FROM ledger WHERE id = NEW.id "
        "OR (generation_id = NEW.generation_id AND kind = NEW.kind)) "
        "BEGIN SELECT RAISE(IGNORE); END"
    )
