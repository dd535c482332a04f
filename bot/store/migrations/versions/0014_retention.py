"""What is not needed any more goes: who sweeps, what was blanked, and what is found for it."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what the version before neither reads nor has to write."""
    op.add_column("generations", sa.Column("blanked_at", sa.DateTime(timezone=True)))
    op.create_table(
        "sweeps",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("night", sa.DateTime(timezone=True)),
        sa.Column("taken_until", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("name", name="pk_sweeps"),
    )
    _index(
        "ix_generations_told_at_response_url",
        "generations",
        "told_at",
        "response_url IS NOT NULL AND told_at IS NOT NULL",
    )
    _index(
        "ix_generations_told_at_blanked_at",
        "generations",
        "told_at",
        "blanked_at IS NULL AND told_at IS NOT NULL",
    )
    _index("ix_pictures_expires_at", "pictures", "expires_at", "url != ''")


def _index(name: str, table: str, column: str, where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, [column], sqlite_where=condition, postgresql_where=condition)
