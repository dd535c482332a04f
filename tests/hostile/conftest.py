"""One bot for all hostile input, which still works when it has seen everything."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from yarl import URL

from tests.slack.test_web import FORM, JSON, SECRET, Slack
from tests.stage import API_KEY, DESIGN, Stage, images_of, open_stage

# What must never be seen outside: our insides, and what opens doors.
INSIDES = ("Traceback", 'File "', "/work/", "site-packages", "xoxb-", API_KEY, SECRET)


@dataclass
class Door:
    """The bot's real endpoint, and somebody with Slack's secret before it."""

    slack: Slack
    stage: Stage
    generation_id: str = ""

    async def send(self, body: bytes, content_type: str) -> None:
        """Never a 5xx, and never a word of our insides."""
        status, answer = await self.slack.post_signed(body, content_type)
        assert status < 500, answer
        for inside in INSIDES:
            assert inside not in answer

    async def send_interaction(self, payload: Any) -> None:
        """As Slack sends clicks and forms."""
        await self.send(make_form({"payload": payload}), FORM)

    async def send_event(self, payload: Any) -> None:
        """As Slack sends events."""
        await self.send(to_json(payload).encode(), JSON)


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


def to_json(payload: Any) -> str:
    """JSON, halves of characters and all."""
    return json.dumps(payload)


def make_form(fields: dict[str, Any]) -> bytes:
    """A form; what is no text becomes JSON. By yarl: urllib takes as long as the bot."""
    texts = {k: v if isinstance(v, str) else to_json(v) for k, v in fields.items()}
    whole = {k: v.encode(errors="replace").decode() for k, v in texts.items()}
    return URL.build(query=whole).raw_query_string.encode()
