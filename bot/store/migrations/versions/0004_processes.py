"""Several processes: who works on a generation, and who is alive; what was spent when."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column that the version before may leave empty (whoever comes first takes it)."""
    op.add_column("generations", sa.Column("owner", sa.String(64)))
    op.create_index(
        "ix_generations_owner",
        "generations",
        ["owner", "accepted_at"],
        sqlite_where=sa.text("told_at IS NULL"),
        postgresql_where=sa.text("told_at IS NULL"),
    )
    op.create_table(
        "processes",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_processes"),
    )
    for column in ("intended_at", "submitted_at", "finished_at"):
        where = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_generations_{column}",
            "generations",
            [column],
            sqlite_where=where,
            postgresql_where=where,
        )
