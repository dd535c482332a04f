"""The rows of policies: one document a workspace, with a version; and who changed it when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from bot.policy.changes import Difference, PolicyChange, find_differences
from bot.policy.documents import dump_policy, read_policy, write_policy
from bot.policy.policy import Policy
from bot.store.database import Database
from bot.store.tables import policies, policy_changes

# Made once: it is asked before every answer to Slack.
_VERSIONS: Final = sa.select(policies.c.team_id, policies.c.version).where(
    policies.c.team_id.in_(sa.bindparam("team_ids", expanding=True))
)


class PolicyStore:
    """Reads and changes policies. Raises Transient where the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, team_id: str) -> Policy:
        """The newest policy; an empty one of version 0 where nothing was ever set. Raises
        NewerVersion where this version cannot hold to it."""
        return await self._database.read(lambda on: _read(_find(on, team_id)))

    async def list_teams(self) -> list[str]:
        """The workspaces that ever set anything."""
        found = sa.select(policies.c.team_id).where(policies.c.version > 0)
        return await self._database.read(lambda on: list(on.execute(found).scalars()))

    async def change(
        self,
        team_id: str,
        edit: Callable[[Policy], Policy],
        *,
        user_id: str,
        what: str,
        now: datetime,
    ) -> Policy:
        """Apply `edit` to the newest policy and keep the outcome with the next version. Of two
        changes at once, each sees the other's or is seen by it."""

        def write(on: sa.Connection) -> Policy:
            lock_policies(on, self._database, [team_id])
            found = _find(on, team_id)
            before = _read(found)
            version = before.version + 1
            after = edit(before).model_copy(update={"version": version})
            differences = find_differences(before, after)
            document = write_policy(found[0] if found else {}, before, after)
            on.execute(
                sa.update(policies)
                .where(policies.c.team_id == team_id)
                .values(version=version, document=document, changed_at=now)
            )
            on.execute(
                sa.insert(policy_changes).values(
                    team_id=team_id,
                    version=version,
                    what=what,
                    changed_by=user_id,
                    changed_at=now,
                    summary=[each.model_dump(mode="json") for each in differences] or None,
                )
            )
            return after

        return await self._database.write(write)

    async def list_changes(self, team_id: str, offset: int, limit: int) -> list[PolicyChange]:
        """The newest changes first; without people's own defaults, which are nobody's business."""
        statement = (
            sa.select(policy_changes)
            .where(policy_changes.c.team_id == team_id)
            .where(policy_changes.c.what != "defaults")
            .order_by(policy_changes.c.version.desc())
            .offset(offset)
            .limit(limit)
        )
        rows = await self._database.read(lambda on: on.execute(statement).all())
        return [_read_change(row) for row in rows]


def lock_policies(on: sa.Connection, database: Database, team_ids: list[str]) -> None:
    """Hold the policies of `team_ids` until the transaction ends: nobody changes them, and nobody
    else counts what is left of their budgets. (SQLite's writers are alone anyway.)"""
    empty = dump_policy(Policy())
    rows = [{"team_id": team_id, "version": 0, "document": empty} for team_id in sorted(team_ids)]
    on.execute(database.insert(policies).on_conflict_do_nothing(index_elements=["team_id"]), rows)
    held = sa.select(policies.c.team_id).where(policies.c.team_id.in_(team_ids))
    on.execute(held.order_by(policies.c.team_id).with_for_update()).all()


def read_versions(on: sa.Connection, team_ids: list[str]) -> dict[str, int]:
    """The version of each workspace's policy; without those that never set anything."""
    rows = on.execute(_VERSIONS, {"team_ids": team_ids})
    return {row.team_id: row.version for row in rows}


def _read_change(row: sa.Row[Any]) -> PolicyChange:
    differences = tuple(Difference.model_validate(each) for each in row.summary or ())
    return PolicyChange(row.version, row.what, row.changed_by, row.changed_at, differences)


def _find(on: sa.Connection, team_id: str) -> tuple[dict[str, Any], int] | None:
    found = sa.select(policies.c.document, policies.c.version)
    row = on.execute(found.where(policies.c.team_id == team_id)).one_or_none()
    return None if row is None else (row.document, row.version)


def _read(found: tuple[dict[str, Any], int] | None) -> Policy:
    return Policy() if found is None else read_policy(*found)
