"""Versions: what each changed, where it is listed, and what holds for one of them only."""

from __future__ import annotations

from bot.sandbox.slack.records import Message
from tests.support.stage import DESIGN, Stage
from tests.support.threads import change_rows, make, press, requests


async def reply(stage: Stage, result: Message, *texts: str) -> list[Message]:
    """Ben's replies to a result, each told before the next; all of the thread."""
    thread_ts = result.thread_ts
    assert thread_ts is not None
    before = len([m for m in stage.thread(thread_ts) if "asked for" in m.text])
    for number, text in enumerate(texts, before + 1):
        await stage.ben.say(DESIGN, f"<@U0IMAGINE> {text}", thread_ts=thread_ts)
        await stage.until_told_in_thread(thread_ts, number)
    return stage.thread(thread_ts)


async def test_a_version_shows_what_changed_and_not_the_whole_chain(stage: Stage) -> None:
    messages = await reply(stage, await make(stage, "fog"), "with rain", "no text")
    asked = [m for m in messages if "asked for" in m.text][-1]
    shown = messages[-1]

    assert requests(stage)[-1]["prompt"] == "fog. with rain. no text"
    for message in (asked, shown):
        assert "“no text”" in message.text
        assert "fog. with rain" not in message.text
    assert "A version of “fog”" in asked.text
    (image,) = [block for block in shown.blocks if block["type"] == "image"]
    assert image["title"]["text"].startswith("no text ·")
    assert image["alt_text"].startswith("fog. with rain. no text")  # what can be seen in it


async def test_history_names_versions_by_what_changed(stage: Stage) -> None:
    await reply(stage, await make(stage, "fog"), "with rain", "again x2")
    await stage.ben.run_command(DESIGN, "/imagine", "history")
    await stage.until(lambda: stage.private(), what="the history")
    lines = [b["text"]["text"] for b in stage.private()[-1].blocks if b["type"] == "section"]

    assert "|2 pictures>, a version of “fog”" in lines[0]
    assert "|with rain>, a version of “fog”" in lines[1]


async def test_a_number_of_pictures_holds_for_one_version(stage: Stage) -> None:
    await reply(stage, await make(stage, "fog"), "again x3", "with rain", "again")

    assert [each["quantity"] for each in requests(stage)] == [1, 3, 1, 1]


async def test_the_number_that_was_asked_for_at_first_stays(stage: Stage) -> None:
    await reply(stage, await make(stage, "fog -n 2"), "again x4", "with rain")

    assert [each["quantity"] for each in requests(stage)] == [2, 4, 2]


async def test_regenerate_makes_as_many_as_the_version_has(stage: Stage) -> None:
    result = await make(stage, "fog")
    messages = await reply(stage, result, "again x3")
    await press(stage.ada, messages[-1], "regenerate")
    messages = await stage.until_told_in_thread(result.thread_ts or "", 2)
    await reply(stage, result, "with rain")

    assert [each["quantity"] for each in requests(stage)] == [1, 3, 3, 1]
    assert "“once more”" in messages[-1].text


async def test_versions_from_before_the_chain_was_kept_go_on(stage: Stage) -> None:
    result = await make(stage, "fog. with rain")
    change_rows(stage, "UPDATE generations SET chain = NULL")
    messages = await reply(stage, result, "no text")

    assert requests(stage)[-1]["prompt"] == "fog. with rain. no text"
    assert "A version of “fog. with rain”" in messages[-2].text


async def test_a_new_prompt_is_shown_whole(stage: Stage) -> None:
    messages = await reply(stage, await make(stage, "fog"), "prompt: a red fox", "in snow")

    assert requests(stage)[-1]["prompt"] == "a red fox. in snow"
    assert "A version of “a red fox”" in messages[-2].text
