"""Deploys, forward and back: what one version promised the other keeps."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.images.request import ImageRequest
from bot.powerpost.client import PowerPostClient
from bot.powerpost.wire import ImageGeneration
from bot.store.migrate import migrate
from tests.support.schema import connect, migrate_to
from tests.support.stage import (
    API_KEY,
    DESIGN,
    Stage,
    images_of,
    open_stage,
    run_bot,
)

PROMPT = "a lighthouse in fog"
# The columns of 0004 that each row has.
COMMON = {
    "team_id": "T0SANDBOX",
    "channel_id": DESIGN,
    "user_id": "U0ADA",
    "owner": "local",
    "request": json.dumps({"prompt": PROMPT, "model": "flux2-flex", "size": "square"}),
}


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """The stand-ins; each test starts and stops the bot."""
    async with open_stage(tmp_path, runs_bot=False) as opened:
        yield opened


def insert(connection: sa.Connection, table: str, **values: Any) -> None:
    """A row, as SQL."""
    names, places = ", ".join(values), ", ".join(f":{name}" for name in values)
    connection.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES ({places})"), values)  # noqa: S608 - ours


async def pay(stage: Stage) -> ImageGeneration:
    """What PowerPost says of a generation that was paid for and has ended."""
    client = PowerPostClient(
        base_url=stage.settings.powerpost_api_url, api_key=API_KEY, workspace_id="ws_sandbox"
    )
    async with client.submission_turn():
        submitted = await client.submit(ImageRequest(prompt=PROMPT))
    said = await client.poll(submitted.image_generation_id)
    while said.status == "processing":
        await asyncio.sleep(0.05)
        said = await client.poll(submitted.image_generation_id)
    await client.aclose()
    return said


def post_root(stage: Stage, text: str) -> str:
    """A root message of the older version's; its `ts`."""
    bot = stage.workspace.bot
    status = {"type": "mrkdwn", "text": "*Waiting*"}
    blocks = [{"type": "context", "block_id": "status", "elements": [status]}]
    posted = stage.workspace.post_message(DESIGN, bot.id, text, blocks=blocks)
    return posted.ts


# In each state: what the row has beside COMMON, and what the person reads in the end.
LEFT: dict[str, tuple[dict[str, Any], str]] = {
    "accepted": ({"state": "accepted"}, "picture"),
    "announced": ({"state": "accepted", "root": True}, "picture"),
    "submitting": ({"state": "submitting", "intent": "gone", "root": True}, "by myself"),
    "processing": ({"state": "processing", "paid": True, "root": True}, "picture"),
    "finished": ({"state": "finished", "paid": True, "found": True, "root": True}, "picture"),
    "failed": (
        {"state": "failed", "root": True, "upstream_message": "No pictures."},
        "No pictures.",
    ),
    "refused": ({"state": "refused", "root": True, "cause": "server_error"}, "Nothing was spent"),
    "unknown": ({"state": "unknown", "root": True, "cause": "no_answer"}, "by myself"),
}


async def leave(stage: Stage, connection: sa.Connection, name: str) -> str | None:
    """A row in the state of LEFT, as the version of 0004 has left it; its root message's `ts`."""
    values = dict(LEFT[name][0])
    root_ts = post_root(stage, name) if values.pop("root", False) else None
    then = datetime.now(UTC) - timedelta(seconds=30)
    moment = then.strftime("%Y-%m-%d %H:%M:%S.%f")
    times = {"accepted_at": moment}
    said = await pay(stage) if values.pop("paid", False) else None
    if said is not None:
        times |= {"intended_at": moment, "submitted_at": moment}
        values |= {
            "image_generation_id": said.image_generation_id,
            "credits_used": 3,
            "balance_after": stage.powerpost.balance,
        }
    is_found = values.pop("found", False)
    row = COMMON | values | times | {"id": name, "origin": f"command:{name}", "root_ts": root_ts}
    insert(connection, "generations", **row)
    if said is not None and is_found:
        (image,) = said.images
        insert(
            connection,
            "pictures",
            generation_id=name,
            position=1,
            media_id=image.media_id,
            url=image.url,
            state="found",
            expires_at=(then + timedelta(days=7)).strftime("%Y-%m-%d %H:%M:%S.%f"),
        )
    return root_ts


async def test_what_an_older_version_accepted_is_finished_or_told_by_this_one(
    stage: Stage,
) -> None:
    url = stage.settings.database_url
    await asyncio.to_thread(migrate_to, url, "0004")
    with connect(url) as connection:
        roots = {name: await leave(stage, connection, name) for name in LEFT}
        delivered = COMMON | {"state": "delivered", "id": "told", "origin": "command:told"}
        moment = "2026-11-23 12:00:00.000000"
        times = {"accepted_at": moment, "told_at": moment}
        insert(connection, "generations", **delivered, **times)
    paid_before = stage.submits()

    async with run_bot(stage):
        await stage.until_told(len(LEFT))

    assert stage.submits() - paid_before == 2  # those that were only accepted
    roots["accepted"] = next(root.ts for root in stage.roots() if root.ts not in roots.values())
    for name, (_, says) in LEFT.items():
        (told,) = stage.thread(str(roots[name]))
        assert says in told.text, name
        assert bool(images_of(told)) is (says == "picture"), name


async def test_a_version_that_was_taken_back_works_on_what_the_newer_one_has_left(
    stage: Stage,
) -> None:
    url = stage.settings.database_url
    await asyncio.to_thread(migrate, url)
    with connect(url) as connection:
        connection.execute(sa.text("ALTER TABLE generations ADD COLUMN mood VARCHAR(8)"))
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9000'"))

    async with run_bot(stage):
        await stage.ada.run_command(DESIGN, "/imagine", PROMPT)
        (told,) = await stage.until_told()

    assert len(images_of(told)) == 1
