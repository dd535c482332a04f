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
from bot.slack.kit.admins import Admins, is_admin_of, is_member_of
from bot.slack.kit.connection import open_client

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


async def test_an_admin_of_another_company_is_none_here(asked: Asked) -> None:
    workspace, admins = asked
    assert workspace.users["U0CLEO"].is_admin

    assert not await admins.is_admin("T0SANDBOX", "U0CLEO")
    assert await admins.is_member("T0SANDBOX", "U0CLEO") is False
    assert "U0CLEO" not in await admins.list_all("T0SANDBOX")
    assert await admins.is_admin("T0SANDBOX", "U0ADA")
    assert await admins.is_member("T0SANDBOX", "U0BEN")


@pytest.mark.parametrize(
    ("enterprise", "is_member"),
    [
        ({"enterprise_id": "E1", "teams": ["T2"]}, True),
        ({"enterprise_id": "E2"}, False),
        (None, False),
    ],
)
def test_of_another_workspace_of_our_organisation_somebody_is_no_stranger(
    enterprise: dict[str, object] | None, is_member: bool
) -> None:
    user = {"team_id": "T2", "enterprise_user": enterprise, "is_admin": True}

    assert is_member_of("T1", user, "E1") is is_member
    assert not is_admin_of("T1", user)
    assert not is_member_of("T1", user)


async def test_whom_slack_does_not_know_is_nobody_of_ours(asked: Asked) -> None:
    _, admins = asked

    assert await admins.is_member("T0SANDBOX", "U0ELSEWHERE") is False


async def test_while_slack_does_not_say_nobody_is_taken_for_a_stranger(asked: Asked) -> None:
    workspace, admins = asked
    workspace.scopes.discard("users:read")

    assert await admins.is_member("T0SANDBOX", "U0CLEO") is None
    assert await admins.is_member("T0SANDBOX", "U0NAMED")


@pytest.mark.parametrize(
    ("user", "is_member", "is_admin"),
    [
        ({"team_id": "T1", "is_admin": True}, True, True),
        ({"team_id": "T1", "is_owner": True}, True, True),
        ({"team_id": "T1"}, True, False),
        ({"team_id": "T1", "is_restricted": True}, True, False),
        ({"is_admin": True}, True, True),
        ({"team_id": "T2", "is_admin": True}, False, False),
        ({"team_id": "T2", "is_owner": True, "is_primary_owner": True}, False, False),
        ({"team_id": "T2", "enterprise_user": {"teams": ["T1", "T2"]}}, True, False),
        ({"team_id": "T2", "enterprise_user": {"teams": ["T2"]}, "is_admin": True}, False, False),
        ({"team_id": "T1", "is_stranger": True, "is_admin": True}, False, False),
        ({"team_id": "T1", "deleted": True, "is_admin": True}, True, False),
        ({"team_id": "T1", "is_bot": True, "is_admin": True}, True, False),
    ],
)
def test_what_somebody_is_elsewhere_says_nothing_here(
    user: dict[str, object], is_member: bool, is_admin: bool
) -> None:
    assert is_member_of("T1", user) is is_member
    assert is_admin_of("T1", user) is is_admin
