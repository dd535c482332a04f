"""`/imagine history`: private, page by page, with links that lead there."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

from bot.sandbox.slack.records import Message
from tests.support.databases import database_of
from tests.support.stage import DESIGN, Stage
from tests.support.threads import element, make

COPY = """
INSERT INTO generations (id, origin, team_id, channel_id, user_id, request, sources, state,
    root_ts, result_ts, accepted_at, told_at, credits_used)
SELECT ?, ?, team_id, channel_id, user_id, json_set(request, '$.prompt', ?), sources, state,
    root_ts, result_ts, ?, told_at, credits_used
FROM generations LIMIT 1
"""


async def copy(stage: Stage, number: int, prompt: str = "fog number {n}") -> None:
    """Ada's earlier generations, a minute apart."""
    with closing(sqlite3.connect(database_of(stage), isolation_level=None)) as connection:
        for n in range(1, number + 1):
            at = datetime.now(UTC) - timedelta(minutes=n)
            moment = at.strftime("%Y-%m-%d %H:%M:%S.%f")
            values = (f"old{n}", f"old:{n}", prompt.format(n=n), moment)
            connection.execute(COPY, values)


async def ask(stage: Stage, channel: str = DESIGN) -> Message:
    """The history, as Ada sees it."""
    before = len(stage.private(channel))
    await stage.ada.run_command(channel, "/imagine", "history")
    await stage.until(lambda: len(stage.private(channel)) > before, what="the history")
    return stage.private(channel)[-1]


def entries(message: Message) -> list[str]:
    """Its lines."""
    return [block["text"]["text"] for block in message.blocks if block["type"] == "section"]


async def test_twenty_five_come_as_twenty_and_five_in_the_same_message(stage: Stage) -> None:
    await make(stage, "the newest fog")
    await copy(stage, 24)
    history = await ask(stage)

    assert len(entries(history)) == 20
    assert "the newest fog" in entries(history)[0]
    assert "fog number 19" in entries(history)[-1]
    older = element(history, "older_history")
    await stage.ada.click(
        DESIGN, history.ts, older["block_id"], "older_history", value=older["value"]
    )
    await stage.until(lambda: len(entries(history)) == 5, what="the older page")

    assert "fog number 20" in entries(history)[0]
    assert "older_history" not in str(history.blocks)
    assert len(stage.private()) == 1
    assert history.ephemeral_to == "U0ADA"


async def test_who_has_made_nothing_is_told_how_to_begin(stage: Stage) -> None:
    history = await ask(stage)

    assert "Send /imagine and what the picture should show" in history.text
    assert history.ephemeral_to == "U0ADA"


async def test_twenty_prompts_full_of_escapes_fit_into_one_message(stage: Stage) -> None:
    prompt = "fog " + "&" * 496
    await make(stage, prompt)
    await copy(stage, 19, prompt)

    assert len(entries(await ask(stage))) == 20


async def test_a_picture_that_is_not_in_slack_any_more_costs_the_thumbnails_only(
    stage: Stage,
) -> None:
    await make(stage)
    for file in stage.workspace.files.values():
        stage.workspace.delete_file(file)
    history = await ask(stage)

    assert len(entries(history)) == 1
    assert "accessory" not in str(history.blocks)


async def test_links_lead_to_threads_and_direct_messages(stage: Stage) -> None:
    in_channel = await make(stage, "fog")
    in_dm = await make(stage, "rain", channel="D0ADA")
    rain, fog = entries(await ask(stage))

    assert f"/archives/D0ADA/p{in_dm.ts.replace('.', '')}" in rain
    assert f"/archives/{DESIGN}/p{in_channel.ts.replace('.', '')}" in fog
    assert f"thread_ts={in_channel.thread_ts}" in fog
