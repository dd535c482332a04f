"""Credits in the open: what a workspace has set, and the ledger of what PowerPost took."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _create_alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=True),
        sa.Column("team_id", sa.String(64), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.Column("told_to", sa.JSON, nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_until", sa.DateTime(timezone=True)),
        sa.Column("told_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
        sa.UniqueConstraint("team_id", "key", name="uq_alerts_team_id_key"),
    )


def upgrade() -> None:
    """Add tables, and columns that the version before may leave empty."""
    op.add_column("generations", sa.Column("estimate", sa.Float))
    op.add_column("generations", sa.Column("approved_by", sa.String(64)))
    op.add_column("generations", sa.Column("preset", sa.String(64)))
    _create_alerts()
    op.create_table(
        "policies",
        sa.Column("team_id", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("team_id", name="pk_policies"),
    )
    op.create_table(
        "policy_changes",
        sa.Column("team_id", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("what", sa.String(64), nullable=False),
        sa.Column("changed_by", sa.String(64), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("team_id", "version", name="pk_policy_changes"),
    )
    _create_ledger()
    _create_approvals()


def _create_ledger() -> None:
    op.create_table(
        "ledger",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=True),
        sa.Column("generation_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("team_id", sa.String(64), nullable=False),
        sa.Column("channel_id", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(64), nullable=False),
        sa.Column("model", sa.String(64), nullable=False),
        sa.Column("quantity", sa.Integer, nullable=False),
        sa.Column("credits", sa.Float),
        sa.Column("expected", sa.Float, nullable=False),
        sa.Column("balance", sa.Float),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name="pk_ledger"),
        sa.UniqueConstraint("generation_id", "kind", name="uq_ledger_generation_id_kind"),
    )
    op.create_index("ix_ledger_team_id_counts_at", "ledger", ["team_id", "counts_at"])
    op.create_index(
        "ix_ledger_model_quantity_entered_at", "ledger", ["model", "quantity", "entered_at"]
    )


def _create_approvals() -> None:
    is_held = sa.text("estimate IS NOT NULL")
    op.create_index(
        "ix_generations_held",
        "generations",
        ["team_id", "state"],
        sqlite_where=is_held,
        postgresql_where=is_held,
    )
    op.create_table(
        "approvals",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("team_id", sa.String(64), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("request", sa.JSON, nullable=False),
        sa.Column("shortfalls", sa.JSON, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True)),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("decided_by", sa.String(64)),
        sa.Column("reason", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_approvals"),
    )
    op.create_index("ix_approvals_state_expires_at", "approvals", ["state", "expires_at"])
    op.create_table(
        "approval_messages",
        sa.Column("approval_id", sa.String(64), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("channel_id", sa.String(64)),
        sa.Column("ts", sa.String(32)),
        sa.Column("shown", sa.String(32)),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["approval_id"],
            ["approvals.id"],
            name="fk_approval_messages_approval_id_approvals",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("approval_id", "address", name="pk_approval_messages"),
    )
    is_due = sa.text("due_at IS NOT NULL")
    op.create_index(
        "ix_approval_messages_due_at",
        "approval_messages",
        ["due_at"],
        sqlite_where=is_due,
        postgresql_where=is_due,
    )
