"""What is made from a generation is made of the same, in the place where it was asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.generations.record import SlackFile, Sources, State
from bot.images.reply import Change, parse_reply
from bot.images.request import ImageRequest
from bot.slack.image_form.values import STRENGTH_SENTENCES, values_like
from bot.slack.kit.ids import Strength
from bot.slack.kit.message_content import Attached
from bot.slack.kit.payloads import MessageAction, ViewSent
from bot.slack.kit.replies import Reply
from bot.slack.results.variations import (
    count_references,
    follow,
    read_channel,
    read_pick,
    repeat,
)
from tests.support.examples import NOON, make_generation

FILES = (SlackFile(file_id="F1", name="mood.png"),)
MADE = make_generation(State.DELIVERED, quantity=3, pictures=3)


def reply(text: str, files: tuple[SlackFile, ...] = ()) -> Reply:
    return Reply("T1", "C1", "U2", "9.0", "1.000001", text, Attached(files), is_direct=False)


def sent(state: Any) -> ViewSent:
    return ViewSent.model_validate(
        {"user": {"id": "U1"}, "team": {"id": "T1"}, "view": {"id": "V1", "state": state}}
    )


def press(channel: str, message: dict[str, str] | None) -> MessageAction:
    payload = {"user": {"id": "U2"}, "team": {"id": "T1"}, "channel": {"id": channel}}
    return MessageAction.model_validate(
        payload | {"message": message, "actions": [{"action_id": "regenerate"}]}
    )


def test_once_more_is_the_same_in_the_same_thread_by_who_pressed() -> None:
    parent = replace(MADE, sources=Sources(references=FILES))
    action = press("C1", {"ts": "5.0", "thread_ts": "1.000001"})
    new = repeat(parent, parent.request, action, "again:g1:0", NOON)

    assert (new.request, new.sources, new.parent_id) == (parent.request, parent.sources, "g1")
    assert (new.place.channel_id, new.place.thread_ts) == ("C1", "1.000001")
    assert new.place.user_id == "U2"
    assert new.place.response_url is None


def test_where_the_result_had_to_go_elsewhere_the_talk_goes_on_there() -> None:
    moved = replace(MADE, result_ts="5.0", result_channel_id="D1")
    for action in (press("D1", {"ts": "5.0"}), press("D1", None)):
        new = repeat(moved, moved.request, action, "again:g1:0", NOON)

        assert (new.place.channel_id, new.place.thread_ts) == ("D1", "5.0")


def test_a_post_mode_generation_keeps_its_caption() -> None:
    request = ImageRequest(caption_id="c1", source_post_type="x-post")
    parent = replace(MADE, request=request, sources=Sources(caption_title="Autumn"))
    change = parse_reply("with snow", parent.request)
    assert isinstance(change, Change)
    new = follow(reply("with snow"), parent, change, NOON)

    assert (new.request.caption_id, new.request.prompt) == ("c1", "with snow")
    assert new.sources.caption_title == "Autumn"


def test_references_that_are_not_gathered_yet_are_gathered_for_the_new_one_too() -> None:
    parent = replace(MADE, state=State.ACCEPTED, sources=Sources(references=FILES))
    change = parse_reply("again", parent.request)
    assert isinstance(change, Change)

    assert follow(reply("again"), parent, change, NOON).sources == parent.sources


def test_pictures_of_a_reply_are_added_to_the_references_that_there_are() -> None:
    request = ImageRequest(prompt="fog", style_images=("m1", "m2"))
    parent = replace(MADE, request=request, sources=Sources(references=FILES, is_gathered=True))
    new_files = (SlackFile(file_id="F9", name="new.png"),)
    change = parse_reply("in this style", parent.request, has_pictures=True)
    assert isinstance(change, Change)
    new = follow(reply("in this style", new_files), parent, change, NOON)

    assert new.request.style_images == ("m1", "m2")
    assert new.sources == Sources(references=new_files)
    assert "beside the 2 from before" in (new.understood or "")
    assert count_references(reply("", new_files), parent) == 3


def test_pictures_that_are_not_at_powerpost_yet_stay_too_and_none_twice() -> None:
    parent = replace(MADE, state=State.ACCEPTED, sources=Sources(references=FILES))
    new_files = (SlackFile(file_id="F9", name="new.png"),)
    change = parse_reply("in this style", parent.request, has_pictures=True)
    assert isinstance(change, Change)
    new = follow(reply("in this style", FILES + new_files), parent, change, NOON)

    assert new.sources == Sources(references=FILES + new_files)
    assert count_references(reply("", FILES + new_files), parent) == 2


def test_another_strength_takes_the_place_of_the_one_before() -> None:
    close = values_like(replace(MADE, request=ImageRequest(prompt="fog")), 1, Strength.CLOSE)
    again = values_like(replace(MADE, request=close.to_request()), 1, Strength.LOOSELY)
    assert again.prompt == f"fog. {STRENGTH_SENTENCES[Strength.LOOSELY]}"
    assert values_like(replace(MADE, request=again.to_request()), 1).prompt == "fog."


def test_a_prompt_without_room_for_it_stays_as_it_is() -> None:
    full = ImageRequest(prompt="x" * 1990)
    assert values_like(replace(MADE, request=full), 1, Strength.CLOSE).prompt == full.prompt


def test_more_like_one_has_that_picture_alone_as_its_reference() -> None:
    request = ImageRequest(prompt="fog", style_images=("m9",), quantity=3)
    values = values_like(replace(MADE, request=request), 2)

    assert values.to_request().style_images == ("media-2",)
    assert values.prompt == "fog"


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"values": None},
        {"values": {"picture": None}},
        {"values": {"picture": {"picture": {"selected_option": {"value": "99"}}}}},
        {"values": {"picture": {"picture": {"selected_option": "2"}}}},
        {"values": {"picture": {"picture": {"selected_option": {"value": ["2"]}}}}},
    ],
    ids=str,
)
def test_what_cannot_be_read_picks_the_first(state: Any) -> None:
    assert read_pick(sent(state), list(MADE.pictures)) == MADE.pictures[0]
    assert read_pick(sent(state), []) is None
    assert read_channel(sent(state).view) is None


def test_what_was_picked_is_read() -> None:
    state = {
        "values": {
            "picture": {"picture": {"selected_option": {"value": "3"}}},
            "share_channel": {"share_channel": {"selected_conversation": "C7"}},
        }
    }
    assert read_pick(sent(state), list(MADE.pictures)) == MADE.pictures[2]
    assert read_channel(sent(state).view) == "C7"
