"""What keeps a click as quick after a year: sums of the ledger, open refunds, and indexes."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_SUMMED = (
    "INSERT INTO ledger_sums (team_id, subject, quarter, credits) "
    "VALUES (NEW.team_id, '', {quarter}, {credits}), "
    "(NEW.team_id, NEW.channel_id, {quarter}, {credits}), "
    "(NEW.team_id, NEW.user_id, {quarter}, {credits}) "
    "ON CONFLICT (team_id, subject, quarter) "
    "DO UPDATE SET credits = ledger_sums.credits + excluded.credits"
)
_ADDED = "coalesce(NEW.credits, 0) + NEW.expected"
_QUARTER = {
    "sqlite": "CAST(strftime('%s', substr({row}counts_at, 1, 19)) AS INTEGER) / 900",
    "postgresql": "floor(extract(epoch FROM {row}counts_at) / 900)",
}
_OPENED = "INSERT INTO open_refunds (generation_id, entry_id) VALUES (NEW.generation_id, NEW.id)"
_CLOSED = "DELETE FROM open_refunds WHERE generation_id = NEW.generation_id"


def upgrade() -> None:
    """Add what the version before neither reads nor has to write: the database fills it."""
    _create_tables()
    # First: PostgreSQL lets nobody enter anything between this and the end of the transaction.
    if op.get_bind().dialect.name == "sqlite":
        _add_up_on_sqlite()
    else:
        _add_up_on_postgresql()
    _fill()
    op.drop_index("ix_generations_held", "generations")
    held = ["team_id", "state", "accepted_at"]
    _index("ix_generations_held", "generations", held, sa.column("estimate").is_not(None))
    for name, column, is_there in (
        ("ix_generations_result_ts", "result_ts", "result_ts"),
        ("ix_generations_balance_at_end", "finished_at", "balance_at_end"),
    ):
        _index(name, "generations", [column], sa.column(is_there).is_not(None))
    is_unpriced = sa.column("credits").is_(None)
    _index("ix_ledger_unpriced", "ledger", ["team_id", "counts_at"], is_unpriced)
    _index("ix_alerts_untold", "alerts", ["id"], sa.column("told_at").is_(None))


def _create_tables() -> None:
    op.create_table(
        "ledger_sums",
        sa.Column("team_id", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("quarter", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("credits", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("team_id", "subject", "quarter", name="pk_ledger_sums"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "open_refunds",
        sa.Column("generation_id", sa.String(64), nullable=False),
        sa.Column("entry_id", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("generation_id", name="pk_open_refunds"),
    )


def _index(name: str, table: str, columns: list[str], where: sa.ColumnElement[bool]) -> None:
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def _add_up_on_sqlite() -> None:
    added = _SUMMED.format(quarter=_QUARTER["sqlite"].format(row="NEW."), credits=_ADDED)
    op.execute(f"CREATE TRIGGER ledger_adds_up AFTER INSERT ON ledger BEGIN {added}; END")
    op.execute(
        "CREATE TRIGGER ledger_opens_refund AFTER INSERT ON ledger "
        f"WHEN NEW.kind = 'refund_expected' BEGIN {_OPENED}; END"
    )
    op.execute(
        "CREATE TRIGGER ledger_closes_refund AFTER INSERT ON ledger "
        f"WHEN NEW.kind IN ('refund_confirmed', 'refund_missed') BEGIN {_CLOSED}; END"
    )


def _add_up_on_postgresql() -> None:
    added = _SUMMED.format(quarter=_QUARTER["postgresql"].format(row="NEW."), credits=_ADDED)
    op.execute(
        "CREATE FUNCTION add_up_ledger() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {added}; "
        f"IF NEW.kind = 'refund_expected' THEN {_OPENED}; "
        f"ELSIF NEW.kind IN ('refund_confirmed', 'refund_missed') THEN {_CLOSED}; "
        "END IF; RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER ledger_adds_up AFTER INSERT ON ledger "
        "FOR EACH ROW EXECUTE FUNCTION add_up_ledger()"
    )


def _fill() -> None:
    """The sums and open refunds of what is in the ledger."""
    quarter = _QUARTER[op.get_bind().dialect.name].format(row="")
    for subject in ("''", "channel_id", "user_id"):
        into = "INSERT INTO ledger_sums (team_id, subject, quarter, credits)"
        columns = f"team_id, {subject}, {quarter}, sum(coalesce(credits, 0) + expected)"
        op.execute(f"{into} SELECT {columns} FROM ledger GROUP BY 1, 2, 3")  # noqa: S608 - ours
    op.execute(
        "INSERT INTO open_refunds (generation_id, entry_id) "
        "SELECT generation_id, id FROM ledger WHERE kind = 'refund_expected' "
        "AND generation_id NOT IN (SELECT generation_id FROM ledger "
        "WHERE kind IN ('refund_confirmed', 'refund_missed'))"
    )
