"""Migrations: the version before still works on what they make."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.store.database import DatabaseUnusableError
from bot.store.migrate import migrate
from bot.store.revisions import Revision, may_work_on, sort_revisions
from tests.support.postgres import make_database
from tests.support.schema import MIGRATIONS, connect, list_revisions, migrate_to


@pytest.mark.parametrize(
    ("found", "known", "may"),
    [
        ("0005", "0004", True),
        ("0105", "0004", True),
        ("0009_needs_0006", "0006", True),
        ("0009_needs_0006", "0008", True),
        ("0009_needs_0006", "0005", False),
        ("0005_needs_0005", "0004", False),
        ("0004", "0004", False),  # a stranger of that name: ours is known
        ("0003", "0004", False),
        ("from the future", "0004", False),
        ("0005_needs", "0004", False),
        ("٠٠٠٥", "0004", False),
        ("", "0004", False),
    ],
)
def test_code_works_on_a_newer_schema_that_does_not_need_more_than_it_knows(
    found: str, known: str, *, may: bool
) -> None:
    assert may_work_on(found, known) is may


def test_revisions_are_numbered_and_what_one_needs_the_next_ones_need() -> None:
    revisions = [Revision.read(name) for name in list_revisions()]

    assert [each and each.number for each in revisions] == list(range(1, len(revisions) + 1))
    needs = [each.needs for each in revisions if each]
    assert needs == sorted(needs)


def test_a_migrations_file_is_called_after_its_revision() -> None:
    files = [path.stem for path in MIGRATIONS.glob("versions/*.py")]

    assert sort_revisions(files) == list_revisions()
    assert len(files) == len(list_revisions())


def test_the_revision_is_read_from_a_files_name_with_what_it_needs() -> None:
    files = ["0009_needs_0006_moods", "0008_needs_0006_more", "0007_summaries", "__init__"]

    assert sort_revisions(files) == ["0007", "0008_needs_0006", "0009_needs_0006"]


def describe(url: str) -> dict[str, dict[str, sa.engine.interfaces.ReflectedColumn]]:
    """The columns of all tables."""
    with connect(url) as connection:
        inspector = sa.inspect(connection)
        return {
            table: {column["name"]: column for column in inspector.get_columns(table)}
            for table in inspector.get_table_names()
        }


def list_rules(url: str) -> set[str]:
    """What is forbidden to write, by table: uniqueness, other tables' keys, checks."""
    with connect(url) as connection:
        inspector = sa.inspect(connection)
        return {
            f"{table}: {rule}"
            for table in inspector.get_table_names()
            for rule in (
                *(
                    f"unique {each['column_names']}"
                    for each in inspector.get_unique_constraints(table)
                ),
                *(
                    f"unique {each['column_names']}"
                    for each in inspector.get_indexes(table)
                    if each["unique"]
                ),
                *(
                    f"key {each['constrained_columns']}"
                    for each in inspector.get_foreign_keys(table)
                ),
                *(f"check {each['sqltext']}" for each in inspector.get_check_constraints(table)),
                f"primary {inspector.get_pk_constraint(table)['constrained_columns']}",
            )
        }


@pytest.mark.parametrize(("older", "newer"), list(pairwise(list_revisions())))
def test_a_migration_only_adds_what_the_version_before_may_leave_out(
    tmp_path: Path, older: str, newer: str
) -> None:
    revision = Revision.read(newer)
    assert revision is not None
    if revision.needs == revision.number:
        pytest.skip("its name says that older versions cannot work with it")
    url = f"sqlite:///{tmp_path}/imagine.sqlite3"
    migrate_to(url, older)
    before, rules = describe(url), list_rules(url)
    migrate_to(url, newer)
    after = describe(url)

    for table, columns in before.items():
        assert columns.keys() <= after[table].keys(), table
        for name, column in after[table].items():
            was = columns.get(name)
            may_be_left_out = column["nullable"] or column["default"] is not None
            assert may_be_left_out or was, f"{table}.{name}"
            assert was is None or str(was["type"]) == str(column["type"]), f"{table}.{name}"
            assert was is None or was["nullable"] == column["nullable"], f"{table}.{name}"
    added = {rule for rule in list_rules(url) - rules if rule.partition(":")[0] in before}
    assert added == set()


def make_newer(url: str, revision: str) -> None:
    """What a later version has made of it: a table more, a column more."""
    with connect(url) as connection:
        connection.execute(sa.text("ALTER TABLE generations ADD COLUMN mood VARCHAR(8)"))
        connection.execute(sa.text("CREATE TABLE moods (id VARCHAR(8) PRIMARY KEY)"))
        name = sa.text("UPDATE alembic_version SET version_num = :name")
        connection.execute(name, {"name": revision})


def read_revision(url: str) -> str:
    with connect(url) as connection:
        return str(connection.scalar(sa.text("SELECT version_num FROM alembic_version")))


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_newer_schema_is_used_as_it_is_or_refused(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path}/imagine.sqlite3"
    if kind == "postgresql":
        url = request.getfixturevalue("postgres_url")
    migrate(url)
    make_newer(url, "9000")
    before = describe(url)

    migrate(url)

    assert (read_revision(url), describe(url).keys()) == ("9000", before.keys())
    with connect(url) as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9001_needs_9000'"))
    with pytest.raises(DatabaseUnusableError, match="written by a newer version"):
        migrate(url)


def spell(constraint: Mapping[str, Any]) -> str:
    """What SQLAlchemy found, conditions of indexes included, which it has as objects."""
    options = {key: str(value) for key, value in constraint.get("dialect_options", {}).items()}
    return repr({**constraint, "dialect_options": options})


def read_code(connection: sa.Connection) -> list[Any]:
    """The database's triggers, views, and functions of ours."""
    if connection.dialect.name == "sqlite":
        kinds = "SELECT type, name, sql FROM sqlite_master WHERE type IN ('trigger', 'view')"
        return sorted(map(tuple, connection.execute(sa.text(kinds))))
    statements = (
        "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
        "SELECT proname, prosrc FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace "
        "WHERE nspname = 'public'",
        "SELECT viewname, definition FROM pg_views WHERE schemaname = 'public'",
    )
    return [sorted(map(tuple, connection.execute(sa.text(each)))) for each in statements]


def read_schema(database_url: str) -> dict[str, object]:
    """Everything that a database says of its tables."""
    engine = sa.create_engine(database_url, poolclass=sa.NullPool)
    look = sa.inspect(engine)
    with engine.connect() as connection:
        noted = connection.scalars(sa.text("SELECT version_num FROM alembic_version")).all()
        found: dict[str, object] = {"revision": noted, "code": read_code(connection)}
    for table in look.get_table_names():
        columns = {
            column["name"]: (str(column["type"]), column["nullable"], column["default"])
            for column in look.get_columns(table)
        }
        others = (
            look.get_pk_constraint(table),
            sorted(map(spell, look.get_foreign_keys(table))),
            sorted(map(spell, look.get_indexes(table))),
            sorted(map(spell, look.get_unique_constraints(table))),
            sorted(map(spell, look.get_check_constraints(table))),
        )
        found[table] = (columns, *others)
    engine.dispose()
    return found


def test_an_empty_database_gets_what_all_migrations_make(
    empty_database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    other = f"sqlite:///{tmp_path}/other.sqlite3"
    if not empty_database_url.startswith("sqlite"):
        other = make_database(request.getfixturevalue("postgres_server"))
    migrate(empty_database_url)
    migrate_to(other, list_revisions()[-1])

    assert read_schema(empty_database_url) == read_schema(other)
