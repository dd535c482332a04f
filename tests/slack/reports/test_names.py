"""What people and channels are called, as far as Slack tells."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.sandbox.serving import serve
from bot.sandbox.slack.web import build_app
from bot.sandbox.slack.workspace import Workspace
from bot.slack.kit.connection import open_client
from bot.slack.kit.names import Names

Asked = tuple[Workspace, Names]


@pytest.fixture
async def asked() -> AsyncIterator[Asked]:
    """A workspace, and the names in it."""
    workspace = Workspace()
    workspace.scopes.add("users:read")
    async with (
        serve(build_app(workspace)) as url,
        open_client(f"{url}/api", workspace.bot_token) as client,
    ):
        workspace.base_url = url
        yield workspace, Names(client)


def calls(workspace: Workspace) -> list[str]:
    """The methods that were called."""
    return [exchange.method for exchange in workspace.exchanges]


async def test_people_are_asked_for_once(asked: Asked) -> None:
    workspace, names = asked
    for _ in range(2):
        assert await names.find(["U0ADA", "U0BEN", "U0ADA", "U0GONE"]) == {
            "U0ADA": "Ada Park",
            "U0BEN": "Ben Osei",
        }
    assert calls(workspace) == ["users.info"] * 4  # the one who is gone is asked for again


async def test_channels_need_a_scope_or_to_be_named_in_passing(asked: Asked) -> None:
    workspace, names = asked
    assert await names.find(["C0DESIGN", "D0ADA"]) == {"D0ADA": "direct message"}
    names.note_channel("C0GENERAL", "general")
    names.note_channel("G0LAUNCH", "privategroup")
    assert await names.find(["C0GENERAL", "G0LAUNCH"]) == {"C0GENERAL": "#general"}
    workspace.scopes.add("channels:read")
    assert await names.find(["C0DESIGN"]) == {"C0DESIGN": "#design"}


async def test_without_the_scope_for_people_ids_have_to_do(asked: Asked) -> None:
    workspace, names = asked
    workspace.scopes.discard("users:read")

    assert await names.find([f"U0{n}" for n in range(50)]) == {}
    assert len(calls(workspace)) <= 8
