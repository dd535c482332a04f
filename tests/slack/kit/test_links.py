"""Links to messages, as `chat.getPermalink` would give them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.generations.record import Place, State
from bot.slack.kit.links import generation_link, home_of, message_link
from tests.support.examples import make_generation

URL = "https://team.slack.com/"
MADE = replace(make_generation(State.DELIVERED, pictures=1), result_ts="2.000002")


@pytest.mark.parametrize(
    ("channel_id", "ts", "thread_ts", "link"),
    [
        ("C1", "1.000001", None, "https://team.slack.com/archives/C1/p1000001"),
        ("C1", "1.000001", "1.000001", "https://team.slack.com/archives/C1/p1000001"),
        (
            "C1",
            "2.000002",
            "1.000001",
            "https://team.slack.com/archives/C1/p2000002?thread_ts=1.000001&cid=C1",
        ),
        ("D1", "1.000001", None, "https://team.slack.com/archives/D1/p1000001"),
    ],
)
def test_a_link_is_as_slack_makes_it(
    channel_id: str, ts: str, thread_ts: str | None, link: str
) -> None:
    assert message_link(URL, channel_id, ts, thread_ts) == link


def test_a_generation_is_linked_at_its_result() -> None:
    assert generation_link(URL, MADE) == message_link(URL, "C1", "2.000002", "1.000001")


def test_a_result_that_went_elsewhere_is_linked_there_and_is_at_home_there() -> None:
    moved = replace(MADE, result_channel_id="D1")

    assert generation_link(URL, moved) == message_link(URL, "D1", "2.000002")
    assert home_of(moved) == ("D1", "2.000002")


def test_before_there_is_a_result_the_root_is_linked_in_its_thread() -> None:
    place = Place("T1", "C1", "U1", thread_ts="0.000001")
    waiting = replace(MADE, result_ts=None, place=place)

    assert generation_link(URL, waiting) == message_link(URL, "C1", "1.000001", "0.000001")
    assert home_of(waiting) == ("C1", "0.000001")


def test_where_there_is_nothing_there_is_no_link() -> None:
    assert generation_link(URL, replace(MADE, result_ts=None, root_ts=None)) is None
    assert generation_link(None, MADE) is None
