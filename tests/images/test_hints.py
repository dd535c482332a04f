"""Examples of replies that fit a prompt."""

from __future__ import annotations

import pytest

from bot.images.hints import find_example
from bot.images.meaning import Change, Kind, Understood
from bot.images.reply import parse_reply
from bot.images.request import ImageRequest

PROMPTS = [
    ("a lighthouse in fog", "with a darker sky"),
    ("A Logo for our café", "in blue and white"),
    ("a fox", "in snow"),
    ("a fox in snow", "in warmer colours"),
    ("portrait of a man", "smiling, in evening light"),
    ("a bottle", "on a marble table"),
    ("a street", "at night"),
    ("日本の城", "in warmer colours"),
    ("", "in warmer colours"),
]


@pytest.mark.parametrize(("prompt", "example"), PROMPTS)
def test_an_example_fits_and_works_as_a_reply(prompt: str, example: str) -> None:
    assert find_example(prompt) == example
    read = parse_reply(example, ImageRequest(prompt=prompt or "fog"))
    assert isinstance(read, Change)
    assert read.understood == (Understood(Kind.WORDS_ADDED, example),)
