"""What pictures are made for: a campaign's name, and what each of them has taken."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_ADDED = (
    "INSERT INTO campaign_sums (team_id, campaign, quarter, credits) VALUES "
    "(NEW.team_id, NEW.campaign, {quarter}, coalesce(NEW.credits, 0) + NEW.expected) "
    "ON CONFLICT (team_id, campaign, quarter) "
    "DO UPDATE SET credits = campaign_sums.credits + excluded.credits"
)
_QUARTER = {
    "sqlite": "CAST(strftime('%s', substr(NEW.counts_at, 1, 19)) AS INTEGER) / 900",
    "postgresql": "floor(extract(epoch FROM NEW.counts_at) / 900)",
}


def upgrade() -> None:
    """Add what the version before leaves empty. It enters nothing for a campaign, and adds up its
    own sums as before."""
    op.add_column("generations", sa.Column("campaign", sa.String(64)))
    op.add_column("ledger", sa.Column("campaign", sa.String(64)))
    op.create_table(
        "campaigns",
        sa.Column("team_id", sa.String(64), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("team_id", "key", name="pk_campaigns"),
    )
    op.create_index("ix_campaigns_team_id_used_at", "campaigns", ["team_id", "used_at"])
    op.create_table(
        "campaign_sums",
        sa.Column("team_id", sa.String(64), nullable=False),
        sa.Column("campaign", sa.String(64), nullable=False),
        sa.Column("quarter", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("credits", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("team_id", "campaign", "quarter", name="pk_campaign_sums"),
        sqlite_with_rowid=False,
    )
    dialect = op.get_bind().dialect.name
    added = _ADDED.format(quarter=_QUARTER[dialect])
    if dialect == "sqlite":
        op.execute(
            "CREATE TRIGGER ledger_adds_up_campaigns AFTER INSERT ON ledger "
            f"WHEN NEW.campaign IS NOT NULL BEGIN {added}; END"
        )
        return
    op.execute(
        "CREATE FUNCTION add_up_campaign() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {added}; RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER ledger_adds_up_campaigns AFTER INSERT ON ledger FOR EACH ROW "
        "WHEN (NEW.campaign IS NOT NULL) EXECUTE FUNCTION add_up_campaign()"
    )
