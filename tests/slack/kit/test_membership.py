"""Who is in a user group: asked of Slack, kept for a while, never guessed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from bot.errors import Misconfigured, Transient
from bot.sandbox.serving import serve
from bot.sandbox.slack.web import build_app
from bot.sandbox.slack.workspace import Workspace
from bot.slack.kit.connection import open_client
from bot.slack.kit.membership import GroupMembership

TEAM = "T0SANDBOX"
GROUP = ("S0DESIGNERS",)


@dataclass
class Sandbox:
    """The membership, its clock, and Slack."""

    workspace: Workspace
    membership: GroupMembership
    now: list[float]

    def asked(self) -> int:
        return sum(e.method == "usergroups.users.list" for e in self.workspace.exchanges)


@pytest.fixture
async def scene() -> AsyncIterator[Sandbox]:
    workspace, now = Workspace(), [1000.0]
    workspace.scopes.add("usergroups:read")
    async with (
        serve(build_app(workspace)) as workspace.base_url,
        open_client(f"{workspace.base_url}/api", workspace.bot_token) as client,
    ):
        yield Sandbox(workspace, GroupMembership(client, lambda: now[0]), now)


async def test_nothing_is_known_before_it_was_asked_for(scene: Sandbox) -> None:
    known = scene.membership.known_groups

    assert known(TEAM, "U0ADA", GROUP) is None
    assert await scene.membership.find_groups(TEAM, "U0ADA", GROUP) == frozenset(GROUP)
    assert await scene.membership.find_groups(TEAM, "U0BEN", GROUP) == frozenset()
    assert known(TEAM, "U0ADA", GROUP) == frozenset(GROUP)
    assert known(TEAM, "U0BEN", GROUP) == frozenset()
    assert known(TEAM, "U0BEN", (*GROUP, "S0EVERYONE")) is None
    assert known(TEAM, "U0ADA", (*GROUP, "S0EVERYONE")) == frozenset(GROUP)
    assert known("T0OTHER", "U0ADA", GROUP) is None


async def test_a_burst_of_requests_asks_once_and_a_minute_later_it_is_asked_afresh(
    scene: Sandbox,
) -> None:
    find = scene.membership.find_groups
    await asyncio.gather(*(find(TEAM, "U0BEN", GROUP) for _ in range(5)))
    assert scene.asked() == 1

    scene.workspace.user_groups["S0DESIGNERS"].members.append("U0BEN")
    scene.now[0] += 60
    assert scene.membership.known_groups(TEAM, "U0BEN", GROUP) == frozenset()
    assert await find(TEAM, "U0BEN", GROUP) == frozenset(GROUP)
    assert scene.asked() == 2

    scene.now[0] += 180
    assert scene.membership.known_groups(TEAM, "U0BEN", GROUP) is None


async def test_nobody_is_in_a_group_that_was_taken_away(scene: Sandbox) -> None:
    scene.workspace.user_groups["S0DESIGNERS"].is_disabled = True

    assert await scene.membership.find_groups(TEAM, "U0ADA", GROUP) == frozenset()
    assert await scene.membership.find_groups(TEAM, "U0ADA", ("S0NONE",)) == frozenset()


async def test_where_slack_does_not_say_it_is_an_error_and_nothing_is_kept(scene: Sandbox) -> None:
    scene.workspace.faults.next_call("usergroups.users.list", "internal_error")
    with pytest.raises(Transient):
        await scene.membership.find_groups(TEAM, "U0ADA", GROUP)

    scene.workspace.scopes.discard("usergroups:read")
    with pytest.raises(Misconfigured, match="usergroups:read"):
        await scene.membership.find_groups(TEAM, "U0ADA", GROUP)
    assert scene.membership.known_groups(TEAM, "U0ADA", GROUP) is None
