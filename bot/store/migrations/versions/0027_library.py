"""What pictures are found by in the library, and an index of held credits that has few rows."""

import sqlalchemy as sa
from alembic import op

from bot.store.library_sql import FILL_SQLITE, NUMBER_SQLITE, POSTGRESQL, SQLITE

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column and an index, which the database fills itself whatever version writes: all rows
    at once, in the seconds before this process answers."""
    op.add_column("generations", sa.Column("marks", sa.Text))
    op.add_column("generations", sa.Column("number", sa.Integer))
    op.execute(
        "UPDATE generations SET marks = (SELECT CASE "
        "WHEN min(opinion) = max(opinion) THEN min(opinion) ELSE 'bad good' END FROM feedback "
        "WHERE generation_id = generations.id AND opinion IN ('good', 'bad')) "
        "WHERE id IN (SELECT generation_id FROM feedback)"
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    if is_sqlite:
        op.execute(NUMBER_SQLITE)
    is_numbered = sa.text("number IS NOT NULL")
    op.create_index(
        "ix_generations_number",
        "generations",
        ["number"],
        sqlite_where=is_numbered,
        postgresql_where=is_numbered,
    )
    for statement in SQLITE if is_sqlite else POSTGRESQL:
        op.execute(sa.text(statement.replace(":", r"\:")))
    if is_sqlite:
        op.execute(FILL_SQLITE)
    op.drop_index("ix_generations_held", "generations")
    where = sa.text("state = 'unknown' AND estimate IS NOT NULL")
    op.create_index(
        "ix_generations_held",
        "generations",
        ["team_id", "accepted_at"],
        sqlite_where=where,
        postgresql_where=where,
    )
