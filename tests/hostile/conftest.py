"""One bot for all hostile input, which still works when it has seen everything."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.support.hostile import INSIDES, Door
from tests.support.signed_requests import Slack
from tests.support.stage import DESIGN, images_of, open_stage


@pytest.fixture(scope="package")
async def door(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Door]:
    """A bot that has made one picture; afterwards it makes another, and has told nobody its
    insides."""
    directory = tmp_path_factory.mktemp("hostile")
    async with open_stage(directory) as stage, aiohttp.ClientSession() as http:
        await stage.ada.run_command(DESIGN, "/imagine", "fog")
        (result,) = await stage.until_told()
        actions = next(block for block in result.blocks if block["block_id"] == "actions")
        yield Door(Slack(http, stage), stage, actions["elements"][0]["value"])

        await stage.ben.run_command("D0BEN", "/imagine", "after all that, a lighthouse")
        await stage.until(
            lambda: any(
                "after all that" in message.text and images_of(message)
                for message in stage.workspace.messages["D0BEN"]
            ),
            what="a picture after everything",
        )
        said = [str(vars(m)) for ms in stage.workspace.messages.values() for m in ms if m.bot_id]
        for inside in INSIDES:
            assert not any(inside in words for words in said), inside
