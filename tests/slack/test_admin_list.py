"""Who the admins are, all of them: asked of Slack page by page, and of what was set."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime

import pytest

from bot.policy.book import PolicyBook
from bot.policy.policy import Policy, WorkspaceSettings
from bot.sandbox.serving import serve
from bot.sandbox.slack.records import User
from bot.sandbox.slack.web import build_app
from bot.sandbox.slack.workspace import Workspace
from bot.slack.admins import Admins
from bot.slack.connection import open_client

Asked = tuple[Workspace, Admins]


class SetRows:
    """A workspace that has named one admin."""

    async def read(self, team_id: str) -> Policy:
        return Policy(settings=WorkspaceSettings(admins=("U0SET",)))

    async def change(
        self,
        team_id: str,
        edit: Callable[[Policy], Policy],
        *,
        user_id: str,
        what: str,
        now: datetime,
    ) -> Policy:
        raise NotImplementedError


@pytest.fixture
async def asked() -> AsyncIterator[Asked]:
    """A workspace of many, and who asks."""
    workspace = Workspace()
    workspace.scopes.add("users:read")
    async with (
        serve(build_app(workspace)) as url,
        open_client(f"{url}/api", workspace.bot_token) as client,
    ):
        workspace.base_url = url
        yield workspace, Admins(client, PolicyBook(SetRows()), ["U0NAMED"])


def pages(workspace: Workspace) -> int:
    """How often Slack was asked."""
    return sum(exchange.method == "users.list" for exchange in workspace.exchanges)


async def test_all_pages_are_read_once_in_an_hour(asked: Asked) -> None:
    workspace, admins = asked
    for number in range(250):
        workspace.add_user(User(f"U1{number:03d}", f"u{number}", f"Person {number}"))
    workspace.add_user(User("U2LAST", "last", "The Last", is_admin=True))
    for _ in range(2):
        assert await admins.list_all("T0SANDBOX") == ["U0ADA", "U0NAMED", "U0SET", "U2LAST"]

    assert pages(workspace) == 2


async def test_where_slack_does_not_say_those_who_are_named_are_all(asked: Asked) -> None:
    workspace, admins = asked
    workspace.scopes.discard("users:read")
    assert await admins.list_all("T0SANDBOX") == ["U0NAMED", "U0SET"]
    workspace.scopes.add("users:read")

    assert "U0ADA" in await admins.list_all("T0SANDBOX")
