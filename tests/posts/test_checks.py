"""What is wrong with a draft, as a table."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.images.catalogue import SOURCE_POST_TYPES
from bot.posts.checks import Fault, Filled, find_mistakes
from bot.posts.kinds import INSTAGRAM, KINDS, X, count_characters
from bot.posts.record import Source

FEED, STORY, X_POST, SHORT = (
    KINDS[key] for key in ("instagram-feed", "instagram-story", "x-post", "youtube-short")
)
GOOD = Filled(pictures=(1,), kinds=(FEED,), source=Source.TYPED, text="Hello")


def test_the_post_types_are_those_of_the_api() -> None:
    assert set(KINDS) == set(SOURCE_POST_TYPES)
    assert {kind.key for kind in KINDS.values() if kind.is_video} == {
        *("instagram-reel", "tiktok-video", "youtube-video", "youtube-short", "facebook-reel")
    }
    assert {kind.key for kind in KINDS.values() if kind.needs_title} == {
        *("youtube-video", "youtube-short")
    }


@pytest.mark.parametrize(
    ("filled", "faults"),
    [
        (GOOD, []),
        (replace(GOOD, kinds=()), [Fault.NO_TYPE]),
        (replace(GOOD, pictures=()), [Fault.NO_PICTURE]),
        (replace(GOOD, pictures=(2, 2)), [Fault.PICTURE_TWICE]),
        (replace(GOOD, pictures=(1, 2), kinds=(STORY,)), [Fault.TOO_MANY_PICTURES]),
        (replace(GOOD, pictures=(1, 2), kinds=(SHORT,), title="Boats"), []),
        (replace(GOOD, text=" "), [Fault.NO_TEXT]),
        (replace(GOOD, text="a" * 2200), []),
        (replace(GOOD, text="a" * 2201), [Fault.TEXT_TOO_LONG]),
        (replace(GOOD, kinds=(FEED, X_POST), text="a" * 281), [Fault.TEXT_TOO_LONG]),
        (replace(GOOD, kinds=(SHORT,)), [Fault.NO_TITLE]),
        (replace(GOOD, kinds=(SHORT,), title="t" * 101), [Fault.TITLE_TOO_LONG]),
        (replace(GOOD, kinds=(SHORT,), source=Source.WRITTEN), []),
        (replace(GOOD, source=Source.WRITTEN, text="ab"), [Fault.NO_TOPIC]),
        (replace(GOOD, source=Source.WRITTEN, text="a" * 2001), [Fault.TOPIC_TOO_LONG]),
        (replace(GOOD, source=Source.CAPTIONS), [Fault.NO_CAPTIONS]),
        (replace(GOOD, source=Source.CAPTIONS, caption_id="c"), [Fault.NO_CAPTIONS]),
        (
            replace(GOOD, source=Source.CAPTIONS, caption_id="c", texts={"x": "Hi"}),
            [Fault.CAPTIONS_LACK],
        ),
        (replace(GOOD, source=Source.CAPTIONS, caption_id="c", texts={"instagram": "Hi"}), []),
    ],
)
def test_each_mistake_is_found(filled: Filled, faults: list[Fault]) -> None:
    assert [each.fault for each in find_mistakes(filled)] == faults


@pytest.mark.parametrize(
    ("text", "of_x", "of_others"),
    [("Hello", 5, 5), ("Käse", 4, 4), ("灯台", 4, 2), ("⛵", 2, 1), ("“fog”", 5, 5)],
)
def test_characters_are_counted_as_the_platform_does(text: str, of_x: int, of_others: int) -> None:
    assert count_characters(text, X) == of_x
    assert count_characters(text, INSTAGRAM) == of_others
