"""The thread: what was understood of a reply, deletion, feedback, and ways to look things up."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns that the version before may leave empty, indexes and a table."""
    op.add_column("generations", sa.Column("understood", sa.Text))
    op.add_column("generations", sa.Column("deleted_at", sa.DateTime(timezone=True)))
    op.add_column("generations", sa.Column("deleted_by", sa.String(64)))
    for columns in (["parent_id"], ["channel_id", "root_ts"], ["channel_id", "thread_ts"]):
        where = sa.text(f"{columns[-1]} IS NOT NULL")
        op.create_index(
            f"ix_generations_{'_'.join(columns)}",
            "generations",
            columns,
            sqlite_where=where,
            postgresql_where=where,
        )
    columns = ["team_id", "user_id", "accepted_at"]
    op.create_index("ix_generations_team_id_user_id_accepted_at", "generations", columns)
    op.create_table(
        "feedback",
        sa.Column("generation_id", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(64), nullable=False),
        sa.Column("opinion", sa.String(16), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("generation_id", "user_id", name="pk_feedback"),
        sa.ForeignKeyConstraint(
            ["generation_id"],
            ["generations.id"],
            name="fk_feedback_generation_id",
            ondelete="CASCADE",
        ),
    )
