"""The log: one id from the click to the picture, and no secret on the way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.powerpost.service import PollFault
from tests.support.process import BotProcess, start_bot
from tests.support.stage import API_KEY, DESIGN, open_stage

PROMPT = "a lighthouse that nobody else may know of"
SECRETS = (
    "nobody else",
    API_KEY,
    "xoxb-sandbox",
    "sandbox-signing-secret",
    "signature=",
    "expires=",
    ".webp",
    "/commands/",  # a response_url
)


def read_events(bot: BotProcess) -> list[dict[str, Any]]:
    """What was logged: every line is JSON."""
    return [json.loads(line) for line in bot.lines]


@pytest.mark.parametrize("level", ["INFO", "DEBUG"])
async def test_one_id_follows_a_generation_and_nothing_secret_is_beside_it(
    tmp_path: Path, level: str
) -> None:
    async with (
        open_stage(tmp_path, runs_bot=False, port=0, log_level=level) as stage,
        start_bot(stage.settings, tmp_path) as bot,
    ):
        stage.delivery.bot_url = bot.url
        await bot.until_page("/readyz", 200)
        stage.powerpost.faults.next_poll(PollFault.ERROR_500)
        await stage.ada.run_command(DESIGN, "/imagine", f"{PROMPT} --quantity 2")
        await stage.until_told()
        await stage.until(lambda: '"generation.delivered"' in bot.output, what="told")
        assert await bot.stop() == 0

    events = read_events(bot)
    names = [event["event"] for event in events]
    life = events[names.index("generation.accepted") : names.index("generation.delivered") + 1]
    (generation,) = {event.get("generation") for event in life}  # each has it, and the same
    assert isinstance(generation, str)
    assert {
        "generation.accepted",
        "generation.paid",
        "poll.failed",
        "generation.finished",
        "generation.delivered",
    } <= set(names)
    for secret in SECRETS:
        assert secret not in bot.output, secret
    if level == "DEBUG":
        calls = {event.get("kind") or event.get("method") for event in life}
        assert {"credits", "submit", "poll", "chat.postMessage", "chat.update"} <= calls
        assert {"files.getUploadURLExternal", "files.completeUploadExternal"} <= calls


async def test_what_is_done_for_two_people_at_once_is_told_apart(tmp_path: Path) -> None:
    async with (
        open_stage(tmp_path, runs_bot=False, port=0, log_level="DEBUG") as stage,
        start_bot(stage.settings, tmp_path) as bot,
    ):
        stage.delivery.bot_url = bot.url
        await bot.until_page("/readyz", 200)
        await stage.ada.run_command(DESIGN, "/imagine", PROMPT)
        await stage.ben.run_command(DESIGN, "/imagine", PROMPT)
        await stage.until_told(2)
        await stage.until(lambda: bot.output.count('"generation.delivered"') == 2, what="told")
        assert await bot.stop() == 0

    events = read_events(bot)
    accepted = [event["generation"] for event in events if event["event"] == "generation.accepted"]
    for event in ("generation.paid", "generation.finished", "generation.delivered"):
        assert sorted(e["generation"] for e in events if e["event"] == event) == sorted(accepted)
    submits = [e["generation"] for e in events if e.get("kind") == "submit"]
    assert sorted(submits) == sorted(accepted)
