"""The app is removed from the workspace: nothing more is paid for."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from tests.support.stage import DESIGN, Stage


def read(stage: Stage, statement: str) -> list[Any]:
    path = stage.settings.sqlite_path
    assert path is not None
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement).fetchall()


async def test_what_waits_is_not_paid_once_the_app_is_removed(stage: Stage) -> None:
    stage.powerpost.faults.away = True
    await stage.ada.run_command(DESIGN, "/imagine", "fog")
    await stage.until(lambda: stage.roots())

    await stage.delivery.uninstall()

    # Away all the time: what was looked at before the removal cannot be sent after it.
    look = "SELECT state, cause FROM generations"
    await stage.until(lambda: read(stage, look) == [("refused", "app_removed")])
    assert stage.powerpost.charges == []


@pytest.mark.parametrize("tokens", [{"oauth": ["U0ADA"]}, {"oauth": [], "bot": []}, {}])
async def test_somebody_elses_token_changes_nothing(stage: Stage, tokens: dict[str, Any]) -> None:
    stage.delivery.queue_event({"type": "tokens_revoked", "tokens": tokens}, "tokens_revoked")
    await stage.delivery.settle()

    assert read(stage, "SELECT team_id FROM installations WHERE ended_at IS NOT NULL") == []
    await stage.ada.run_command(DESIGN, "/imagine", "fog")
    await stage.until_told()
