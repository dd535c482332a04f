"""What the real bot exchanges with both services falls into the right groups."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import UTC
from pathlib import Path

from bot.sandbox.page.exchange_rows import ExchangeTable
from bot.sandbox.run import open_sandbox
from tests.support.stage import ANSWER_SECONDS, DESIGN


async def test_two_equal_commands_at_once_land_in_a_group_each(tmp_path: Path) -> None:
    async with open_sandbox(0, tmp_path / "x.sqlite3", tmp_path) as sandbox:
        await sandbox.bot.until_ready()
        sandbox.delivery.answer_seconds = ANSWER_SECONDS
        news = sandbox.workspace.subscribe()
        ada = sandbox.person("U0ADA")
        await asyncio.gather(*(ada.run_command(DESIGN, "/imagine", "a fox") for _ in range(2)))
        async with asyncio.timeout(90):
            while sum(message.is_reply for message in sandbox.workspace.messages[DESIGN]) < 2:
                await anext(news)
        made = list(sandbox.powerpost.generations)
        slack, powerpost = sandbox.workspace.exchanges, sandbox.powerpost.exchanges
        rows, _ = await ExchangeTable(slack, powerpost, UTC).find_last("", 1000)

    groups = defaultdict(list)
    for row in rows:
        if row.generation is not None:
            groups[row.generation].append(row)
    assert len(groups) == 2
    for group in groups.values():
        said = "\n".join(f"{row.call} {row.words} {row.answer}" for row in group)
        assert sum(row.words == "/imagine a fox" for row in group) == 1
        assert sum(row.call == "POST /api/v1/images/generate" for row in group) == 1
        assert sum(row.call.startswith("GET /storage/images/") for row in group) == 1
        assert sum(row.call.startswith("POST /upload/v1/") for row in group) == 1
        assert sum(paid in said for paid in made) == 1
