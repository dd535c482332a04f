"""That replies change a picture is said once to each person in a thread."""

from __future__ import annotations

from bot.sandbox.powerpost.faults import Outcome
from bot.sandbox.slack.records import Message
from tests.support.stage import DESIGN, Stage
from tests.support.threads import make, press

HINT = "To change it, reply here: "


def hints(messages: list[Message]) -> list[str]:
    """Of each message that has one, its line."""
    found = [b for m in messages for b in m.blocks if b.get("block_id") == "hint"]
    return [block["elements"][0]["text"] for block in found]


async def test_a_result_says_it_once_with_an_example_that_fits(stage: Stage) -> None:
    result = await make(stage, "a lighthouse in fog")
    await press(stage.ada, result, "regenerate")
    messages = await stage.until_told_in_thread(result.thread_ts or "")

    assert hints(messages) == [
        f"{HINT}@Imagine with a darker sky. That makes a new picture; this one stays."
    ]
    assert f"{HINT}@Imagine with a darker sky" in result.text


async def test_another_person_is_told_in_the_same_thread(stage: Stage) -> None:
    result = await make(stage, "a lighthouse in fog")
    await press(stage.ben, result, "regenerate")
    messages = await stage.until_told_in_thread(result.thread_ts or "")

    assert len(hints(messages)) == 2


async def test_each_thread_says_it(stage: Stage) -> None:
    first, second = await make(stage, "fog"), await make(stage, "a fox")

    assert len(hints([first])) == len(hints([second])) == 1


async def test_in_a_direct_message_the_example_needs_no_mention(stage: Stage) -> None:
    result = await make(stage, "a lighthouse in fog", channel="D0ADA")

    assert hints([result]) == [
        f"{HINT}with a darker sky. That makes a new picture; this one stays."
    ]


async def test_what_failed_says_nothing_of_replies_and_the_next_result_does(
    stage: Stage,
) -> None:
    stage.powerpost.faults.next_outcome(Outcome.FAILED)
    await stage.ada.run_command(DESIGN, "/imagine", "fog")
    (failed,) = await stage.until_told()
    assert hints([failed]) == []
    await press(stage.ada, failed, "regenerate")
    messages = await stage.until_told_in_thread(failed.thread_ts or "")

    assert len(hints(messages)) == 1


async def test_help_names_the_ways_to_a_picture(stage: Stage) -> None:
    shown = await stage.ada.run_command(DESIGN, "/imagine", "help")
    assert shown.ok
    said = stage.private()[-1].text

    for way in ("*Replies*", "@Imagine a fox", "Make an image of this", "*Captions*", "*Presets*"):
        assert way in said
