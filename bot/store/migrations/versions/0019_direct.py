"""No direct message stands in the ledger by its id: that is one person's, and is never deleted.
And an index goes that nothing is looked up by."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_LEDGER = sa.table("ledger", sa.column("channel_id"))
_SUMS = sa.table("ledger_sums", *map(sa.column, ("team_id", "subject", "quarter", "credits")))
_IS_DIRECT = "substr(channel_id, 1, 1) = 'D' AND channel_id <> 'D'"


def upgrade() -> None:
    """A version before reads the changed values as a direct message, too."""
    op.drop_index("ix_generations_image_generation_id", table_name="generations")
    bind = op.get_bind()
    if bind.execute(sa.select(_LEDGER).where(sa.text(_IS_DIRECT)).limit(1)).first():
        _change_ledger(bind)
        _add_sums_up(bind)


def _change_ledger(bind: sa.Connection) -> None:
    """The database itself refuses this: what refuses it is lifted, and put back as it was."""
    change = sa.update(_LEDGER).where(sa.text(_IS_DIRECT)).values(channel_id="D")
    if bind.dialect.name == "postgresql":
        bind.execute(sa.text("ALTER TABLE ledger DISABLE TRIGGER ledger_refuses_change"))
        bind.execute(change)
        bind.execute(sa.text("ALTER TABLE ledger ENABLE TRIGGER ledger_refuses_change"))
        return
    refusing = "SELECT sql FROM sqlite_master WHERE name = 'ledger_refuses_update'"
    trigger = bind.execute(sa.text(refusing)).scalar_one()
    bind.execute(sa.text("DROP TRIGGER ledger_refuses_update"))
    bind.execute(change)
    bind.exec_driver_sql(trigger)


def _add_sums_up(bind: sa.Connection) -> None:
    """All direct messages together, as the entries are by now."""
    is_one = sa.func.substr(_SUMS.c.subject, 1, 1) == "D"
    total = sa.func.sum(_SUMS.c.credits).label("credits")
    columns = (_SUMS.c.team_id, _SUMS.c.quarter)
    found = sa.select(*columns, sa.literal("D").label("subject"), total).where(is_one)
    rows = [dict(row._mapping) for row in bind.execute(found.group_by(*columns))]
    bind.execute(sa.delete(_SUMS).where(is_one))
    if rows:
        bind.execute(sa.insert(_SUMS), rows)
