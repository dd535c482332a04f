"""`/imagine history`: private, page by page, with links that lead there."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

from bot.sandbox.slack.records import Message
from tests.support.databases import database_of
from tests.support.home import Home
from tests.support.image_form import Form
from tests.support.stage import DESIGN, GENERAL, LAUNCH, Stage
from tests.support.threads import element, make, press

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


async def test_a_row_says_the_hour_the_channel_the_size_and_the_version(stage: Stage) -> None:
    result = await make(stage, "fog --size portrait")
    assert (await press(stage.ada, result, "regenerate")).ok
    await stage.until_told_in_thread(result.thread_ts or "")
    version, first = entries(await ask(stage, GENERAL))

    for row in (version, first):
        assert "{date_short_pretty} at {time}" in row
        assert f"<#{DESIGN}>" in row
        assert "portrait 9:16" in row
    assert "2nd version" in version
    assert "version" not in first


async def test_a_row_is_used_again_from_another_channel(stage: Stage) -> None:
    await make(stage, "fog --model ideogram-3 --size portrait")
    history = await ask(stage, GENERAL)
    assert (await press(stage.ada, history, "use_again")).ok
    form = await Form(stage, stage.ada).until_open()

    assert (form.value("prompt"), form.value("model")) == ("fog", "ideogram-3")
    assert form.value("size") == "portrait"
    assert stage.submits() == 1


async def test_a_row_offers_to_share_it_from_another_channel(stage: Stage) -> None:
    await make(stage, "fog")
    history = await ask(stage, GENERAL)
    assert (await press(stage.ada, history, "share_own")).ok
    form = Form(stage, stage.ada)
    await stage.until(lambda: form.is_open, what="the modal that shares")
    assert form.view.body["callback_id"] == "share_picture"
    # It is sent from where the picture is: that is where its person may share it from.
    assert DESIGN in form.view.body["private_metadata"]


async def test_what_is_shared_from_a_list_is_told_where_the_list_is(stage: Stage) -> None:
    await make(stage, "fog")
    history = await ask(stage)
    await press(stage.ada, history, "share_own")
    form = Form(stage, stage.ada)
    await stage.until(lambda: form.is_open, what="the modal")
    await form.set("share_channel", LAUNCH)  # where the bot is not
    await form.submit()
    await stage.until(lambda: len(stage.private()) == 2, what="told")
    told = stage.private()[1]
    assert "Nothing was shared in" in told.text
    await press(stage.ada, told, "share_own")
    await stage.until(lambda: form.is_open, what="the modal again")
    await form.set("share_channel", GENERAL)
    await form.submit()
    await stage.until(lambda: len(stage.private()) == 3, what="told again")

    assert "Shared 1 picture in" in stage.private()[2].text
    assert stage.private()[2].thread_ts is None


async def test_a_row_of_the_home_tab_is_used_again(stage: Stage) -> None:
    await make(stage, "fog")
    home = Home(stage, stage.ada)
    await home.open(until="Use again")
    block = next(b for b in home.tab.body["blocks"] if "use_again" in str(b))
    value = next(e["value"] for e in block["elements"] if e["action_id"] == "use_again")
    assert (await stage.ada.change(home.tab.id, block["block_id"], "use_again", value)).ok
    assert (await Form(stage, stage.ada).until_open()).value("prompt") == "fog"


async def test_a_row_counts_for_its_own_person_alone(stage: Stage) -> None:
    await make(stage, "fog")
    history = await ask(stage)
    history.ephemeral_to = "U0BEN"  # as if Ben had it
    await press(stage.ben, history, "use_again")
    await stage.until(
        lambda: (
            "no longer have these pictures" in str([m.text for m in stage.private()])
            or "no longer have these pictures"
            in str([m.text for m in stage.workspace.messages["D0BEN"]])
        ),
        what="refused",
    )
    assert not Form(stage, stage.ben).is_open
