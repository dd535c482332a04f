"""Drafts in PowerPost's post desk, and the texts that were ordered for them."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table, which the version before does not know."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "posts",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("origin", sa.String(255), nullable=False),
        sa.Column("team_id", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(64), nullable=False),
        sa.Column("channel_id", sa.String(64), nullable=False),
        sa.Column("thread_ts", sa.String(32)),
        sa.Column("ruled_channel_id", sa.String(64), nullable=False),
        sa.Column("generation_id", sa.String(64), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("accepted_at", moment, nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("campaign", sa.String(64)),
        sa.Column("powerpost_workspace", sa.String(255)),
        sa.Column("estimate", sa.Float()),
        sa.Column("caption_id", sa.String(255)),
        sa.Column("intended_at", moment),
        sa.Column("submitted_at", moment),
        sa.Column("finished_at", moment),
        sa.Column("is_text_failed", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("credits_used", sa.Float()),
        sa.Column("balance_before", sa.Float()),
        sa.Column("balance_after", sa.Float()),
        sa.Column("balance_at_end", sa.Float()),
        sa.Column("drafting_at", moment),
        sa.Column("post_id", sa.String(255)),
        sa.Column("upstream_state", sa.String(64)),
        sa.Column("looked_at", moment),
        sa.Column("plan_state", sa.String(32)),
        sa.Column("plan_cause", sa.String(64)),
        sa.Column("cause", sa.String(64)),
        sa.Column("detail", sa.Text()),
        sa.Column("request_id", sa.String(255)),
        sa.Column("message_ts", sa.String(32)),
        sa.Column("told_intended_at", moment),
        sa.Column("told_at", moment),
        sa.Column("blanked_at", moment),
        sa.Column("taken_by", sa.String(64)),
        sa.Column("taken_until", moment),
        sa.PrimaryKeyConstraint("id", name="pk_posts"),
        sa.UniqueConstraint("origin", name="uq_posts_origin"),
    )
    op.create_index("ix_posts_team_id_accepted_at", "posts", ["team_id", "accepted_at"])
    op.create_index("ix_posts_intended_at", "posts", ["intended_at"])
    op.create_index("ix_posts_submitted_at", "posts", ["submitted_at"])
    op.create_index("ix_posts_finished_at", "posts", ["finished_at"])
    op.create_index("ix_posts_told_at", "posts", ["told_at"])
