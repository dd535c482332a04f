"""One command for several pictures: choices in braces, lists in flags, in a thread and in a
message; what is not sure is asked before anything is paid."""

from __future__ import annotations

import pytest

from bot.sandbox.slack.records import Message
from tests.support.stage import DESIGN, Stage
from tests.support.threads import element, make, press, requests


def labels(message: Message) -> list[str]:
    """What its buttons say."""
    return [
        found["text"]["text"]
        for block in message.blocks
        for found in block.get("elements", [])
        if found.get("type") == "button"
    ]


def made(stage: Stage) -> list[tuple[str, str, str]]:
    """What PowerPost was asked for, in no order of its own."""
    return sorted((r["prompt"], r["model"], r.get("size", "square")) for r in requests(stage))


async def until_paid(stage: Stage, number: int) -> None:
    await stage.until(lambda: stage.submits() == number, what=f"{number} are paid for")


async def test_a_command_with_choices_and_sizes_makes_each_combination_once(stage: Stage) -> None:
    shown = await stage.ada.run_command(
        DESIGN, "/imagine", "a {red|blue} kite --size feed,story --model ideogram-3"
    )
    if shown.message is not None:  # so much is asked about, with its price
        assert "I would make 4 pictures" in shown.message.text
        assert "1. red · Ideogram 3.0 · feed 4:5" in shown.message.text
        assert (await press(stage.ada, shown.message, "make_asked")).ok
    await until_paid(stage, 4)

    assert made(stage) == [
        ("a blue kite", "ideogram-3", "feed"),
        ("a blue kite", "ideogram-3", "portrait"),
        ("a red kite", "ideogram-3", "feed"),
        ("a red kite", "ideogram-3", "portrait"),
    ]
    (root,) = stage.roots()
    assert "red · story" in str(root.blocks)


async def test_two_places_of_one_size_are_one_ordinary_picture(stage: Stage) -> None:
    await stage.ada.run_command(DESIGN, "/imagine", "a fox --for instagram-story,tiktok")
    await stage.until_told()

    assert made(stage) == [("a fox", "flux2-flex", "portrait")]


async def test_too_many_are_refused_with_their_number_and_nothing_is_made(stage: Stage) -> None:
    shown = await stage.ada.run_command(
        DESIGN, "/imagine", "a {1|2|3|4|5|6|7} fox with {1|2|3} cubs --size feed,story"
    )

    assert shown.message is not None
    assert "That would be 42 pictures, and at most 40 are made at once." in shown.message.text
    assert labels(shown.message) == ["Edit"]
    assert stage.submits() == 0


@pytest.mark.parametrize(
    ("action_id", "expected"),
    [
        ("make_asked", ("a kite", "gpt-image-1.5", "portrait")),
        ("make_asked_other", ("a kite", "flux2-flex", "feed")),
    ],
)
async def test_a_size_that_a_model_lacks_is_asked_about_with_both_ways_out(
    stage: Stage, action_id: str, expected: tuple[str, str, str]
) -> None:
    shown = await stage.ada.run_command(
        DESIGN, "/imagine", "a kite --model gpt-image-1.5 --size feed,square"
    )

    question = shown.message
    assert question is not None
    assert "GPT Image 1.5 has no feed, its nearest is portrait 2:3." in question.text
    said = labels(question)
    assert said[0].startswith("Take the nearest · about 28 credits")
    assert said[1].startswith("Use FLUX.2 Flex for that · about 19 credits")
    assert stage.submits() == 0
    found = element(question, action_id)
    for _ in range(2):  # pressed twice, it is made once
        await stage.ada.click(
            question.channel, question.ts, found["block_id"], action_id, value=found["value"]
        )
    await until_paid(stage, 2)
    assert made(stage) == sorted([expected, ("a kite", "gpt-image-1.5", "square")])


async def test_a_reply_makes_a_brief_of_the_version_above_it(stage: Stage) -> None:
    first = await make(stage, "a fox")
    await stage.ada.say(
        DESIGN, "<@U0IMAGINE> in the rain --size feed, story", thread_ts=first.thread_ts
    )
    await until_paid(stage, 3)

    assert made(stage)[1:] == [
        ("a fox. in the rain", "flux2-flex", "feed"),
        ("a fox. in the rain", "flux2-flex", "portrait"),
    ]


async def test_a_mention_makes_a_brief(stage: Stage) -> None:
    await stage.ada.say(DESIGN, "<@U0IMAGINE> a {red|blue} kite over the sea")
    await until_paid(stage, 2)

    assert [prompt for prompt, _, _ in made(stage)] == [
        "a blue kite over the sea",
        "a red kite over the sea",
    ]
