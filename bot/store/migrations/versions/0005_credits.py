"""Credits in the open: what a workspace has set, and the ledger of what PowerPost took."""

from datetime import datetime
from typing import Any

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
    _fill_ledger()
    _close_ledger()
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
    op.create_index("ix_ledger_kind_entered_at", "ledger", ["kind", "entered_at"])


_TIME = sa.DateTime(timezone=True)
_GENERATIONS = sa.table(
    "generations",
    *(
        sa.column(name, sa.String)
        for name in ("id", "team_id", "channel_id", "user_id", "state", "image_generation_id")
    ),
    sa.column("request", sa.JSON),
    *(sa.column(name, sa.Float) for name in ("credits_used", "balance_after", "balance_at_end")),
    *(
        sa.column(name, _TIME)
        for name in ("accepted_at", "intended_at", "submitted_at", "finished_at")
    ),
)
_PICTURES = sa.table("pictures", sa.column("generation_id", sa.String))
_LEDGER = sa.table(
    "ledger",
    *(
        sa.column(name, sa.String)
        for name in ("generation_id", "kind", "team_id", "channel_id", "user_id", "model")
    ),
    sa.column("quantity", sa.Integer),
    *(sa.column(name, sa.Float) for name in ("credits", "expected", "balance")),
    *(sa.column(name, _TIME) for name in ("entered_at", "counts_at")),
)


def _fill_ledger() -> None:
    """Enter what was paid for before there was a ledger, and what comes back of it."""
    columns = _GENERATIONS.c
    made = sa.select(sa.func.count()).where(_PICTURES.c.generation_id == columns.id)
    paid = (
        sa.select(_GENERATIONS, made.scalar_subquery().label("made"))
        .where(columns.image_generation_id.is_not(None))
        .order_by(columns.submitted_at)
    )
    bind = op.get_bind()
    for row in bind.execute(paid).all():
        if entries := _list_entries(bind, row):
            bind.execute(sa.insert(_LEDGER), entries)


def _list_entries(bind: sa.Connection, row: sa.Row[Any]) -> list[dict[str, Any]]:
    """A charge; where pictures are missing, the refund that is expected; and where nobody else was
    out and the balance at the end shows it, the one that came."""
    # The past is untrusted: what is not there is as the specification has it by default.
    quantity = row.request.get("quantity") or 1
    charged_at = row.submitted_at or row.accepted_at
    charge = {
        "generation_id": row.id,
        "kind": "charge",
        "team_id": row.team_id,
        "channel_id": row.channel_id,
        "user_id": row.user_id,
        "model": row.request.get("model") or "flux2-flex",
        "quantity": quantity,
        "credits": row.credits_used,
        "expected": 0.0,
        "balance": row.balance_after,
        "entered_at": charged_at,
        "counts_at": charged_at,
    }
    missing = max(0, quantity - row.made)
    has_ended = row.state in ("failed", "finished", "delivered")
    if not has_ended or not missing or not row.credits_used:
        return [charge]
    due = row.credits_used * missing / quantity
    ended = {
        **charge,
        "quantity": missing,
        "balance": row.balance_at_end,
        "entered_at": row.finished_at or charged_at,
    }
    expected = {**ended, "kind": "refund_expected", "credits": 0.0, "expected": -due}
    if (came := _read_refund(bind, row, charged_at)) is None:
        return [charge, expected]
    confirmed = {**ended, "kind": "refund_confirmed", "credits": -came, "expected": due}
    return [charge, expected, confirmed]


def _read_refund(bind: sa.Connection, row: sa.Row[Any], charged_at: datetime) -> float | None:
    """As those generations were told: a number only where nobody else of ours was out."""
    if row.balance_at_end is None or row.balance_after is None:
        return None
    came = row.balance_at_end - row.balance_after
    columns = _GENERATIONS.c
    others = (
        sa.select(sa.literal(1))
        .where(columns.id != row.id)
        .where(columns.intended_at.is_not(None))
        .where(columns.intended_at <= row.finished_at)
        .where((columns.finished_at >= charged_at) | columns.finished_at.is_(None))
        .limit(1)
    )
    is_possible = 0 < came <= row.credits_used
    return came if is_possible and bind.execute(others).first() is None else None


def _close_ledger() -> None:
    """Nobody changes an entry, and nobody takes one away: the database itself refuses it."""
    said = "the ledger is append-only"
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER ledger_refuses_{deed.lower()} BEFORE {deed} ON ledger "
                f"BEGIN SELECT RAISE(ABORT, '{said}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{said}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER ledger_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change()"
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
