"""People are in the ledger by a pseudonym, so that forgetting one is deleting one row."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_PEOPLE = sa.table("people", *(sa.column(name) for name in ("team_id", "user_id", "pseudonym")))


def upgrade() -> None:
    """Add a table, and enter pseudonyms for what is there. A version before shows them as they
    are, and counts nothing of them against a person's budget."""
    op.create_table(
        "people",
        sa.Column("pseudonym", sa.String(64), nullable=False),
        sa.Column("team_id", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(64), nullable=False),
        sa.Column("forgotten_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("pseudonym", name="pk_people"),
    )
    op.create_index("ix_people_team_id_user_id", "people", ["team_id", "user_id"])
    bind = op.get_bind()
    entered = sa.text(
        "SELECT team_id, user_id FROM ledger UNION "
        "SELECT team_id, approved_by FROM ledger WHERE approved_by IS NOT NULL"
    )
    rows = [
        {"team_id": row.team_id, "user_id": row.user_id, "pseudonym": _make_pseudonym()}
        for row in bind.execute(entered)
    ]
    if rows:
        bind.execute(sa.insert(_PEOPLE), rows)
        _change_ledger(bind)
        _change_sums(bind)


def _make_pseudonym() -> str:
    return f"person-{secrets.token_hex(8)}"


def _change_ledger(bind: sa.Connection) -> None:
    """The database itself refuses this: what refuses it is lifted, and put back as it was."""
    if bind.dialect.name == "postgresql":
        bind.execute(sa.text("ALTER TABLE ledger DISABLE TRIGGER ledger_refuses_change"))
        _enter_pseudonyms(bind)
        bind.execute(sa.text("ALTER TABLE ledger ENABLE TRIGGER ledger_refuses_change"))
        return
    refusing = sa.text(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'ledger'"
    )
    triggers = bind.execute(refusing).all()
    for trigger in triggers:
        bind.execute(sa.text(f"DROP TRIGGER {trigger.name}"))
    _enter_pseudonyms(bind)
    for trigger in triggers:
        bind.exec_driver_sql(trigger.sql)


def _enter_pseudonyms(bind: sa.Connection) -> None:
    for column in ("user_id", "approved_by"):
        bind.execute(
            sa.text(
                f"UPDATE ledger SET {column} = (SELECT pseudonym FROM people "  # noqa: S608
                f"WHERE people.team_id = ledger.team_id AND people.user_id = ledger.{column}) "
                f"WHERE {column} IS NOT NULL"
            )
        )


def _change_sums(bind: sa.Connection) -> None:
    """What is added up of people, too (0013)."""
    whose = "FROM people WHERE people.team_id = ledger_sums.team_id AND user_id = subject"
    bind.execute(
        sa.text(
            f"UPDATE ledger_sums SET subject = (SELECT pseudonym {whose}) "  # noqa: S608
            f"WHERE EXISTS (SELECT 1 {whose})"
        )
    )
