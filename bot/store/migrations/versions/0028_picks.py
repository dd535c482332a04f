"""Votes on pictures, and which picture was chosen."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add tables that the version before does not know, and a column that it leaves empty."""
    moment = sa.DateTime(timezone=True)
    op.add_column("pictures", sa.Column("chosen_at", moment))
    op.create_table(
        "pick_rounds",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("team_id", sa.String(64), nullable=False),
        sa.Column("subject_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("generation_id", sa.String(64), nullable=False),
        sa.Column("brief_id", sa.String(64)),
        sa.Column("channel_id", sa.String(64), nullable=False),
        sa.Column("thread_ts", sa.String(32)),
        sa.Column("opened_by", sa.String(64), nullable=False),
        sa.Column("opened_at", moment, nullable=False),
        sa.Column("candidates", sa.JSON(), nullable=False),
        sa.Column("message_ts", sa.String(32)),
        sa.Column("intended_at", moment),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("is_plain", sa.Boolean(), nullable=False),
        sa.Column("is_wanted", sa.Boolean(), nullable=False),
        sa.Column("lost_at", moment),
        sa.Column("taken_until", moment),
        sa.Column("closed_at", moment),
        sa.Column("closed_by", sa.String(64)),
        sa.Column("winners", sa.JSON()),
        sa.Column("counts", sa.JSON()),
        sa.PrimaryKeyConstraint("id", name="pk_pick_rounds"),
        sa.UniqueConstraint("subject_id", "number", name="uq_pick_rounds_subject_id_number"),
    )
    op.create_index("ix_pick_rounds_opened_at", "pick_rounds", ["opened_at"])
    is_due = sa.text("shown < changes")
    op.create_index(
        "ix_pick_rounds_due",
        "pick_rounds",
        ["taken_until"],
        sqlite_where=is_due,
        postgresql_where=is_due,
    )
    op.create_table(
        "pick_votes",
        sa.Column("round_id", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(64), nullable=False),
        sa.Column("team_id", sa.String(64), nullable=False),
        sa.Column("choice", sa.Integer(), nullable=False),
        sa.Column("voted_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("round_id", "user_id", name="pk_pick_votes"),
        _of_round("pick_votes"),
    )
    op.create_index("ix_pick_votes_team_id_user_id", "pick_votes", ["team_id", "user_id"])
    op.create_table(
        "pick_notes",
        sa.Column("id", sa.String(255), nullable=False),
        sa.Column("round_id", sa.String(64), nullable=False),
        sa.Column("team_id", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("said_at", moment, nullable=False),
        sa.Column("intended_at", moment),
        sa.Column("ts", sa.String(32)),
        sa.PrimaryKeyConstraint("id", name="pk_pick_notes"),
        _of_round("pick_notes"),
    )
    op.create_index("ix_pick_notes_round_id", "pick_notes", ["round_id"])


def _of_round(table: str) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_round_id"
    return sa.ForeignKeyConstraint(["round_id"], ["pick_rounds.id"], name=name, ondelete="CASCADE")
