"""The rule: of what is typed, nothing is dropped silently, and nothing is paid for that no flag and
no phrase that is shown has named."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from bot.images.catalogue import Model, Size
from bot.images.command import Generate, parse_command
from bot.images.meaning import Kind
from bot.images.reply import Change, parse_reply
from bot.images.request import ImageRequest

BASE = ImageRequest(prompt="fog", size=Size.FEED, quantity=2)
FLAGS: dict[str, dict[str, object]] = {
    "--size portrait": {"size": Size.PORTRAIT},
    "-s 16:9": {"size": Size.LANDSCAPE},
    "--size feed,story": {"size": Size.FEED},  # and one more
    "--model ideogram-3,flux2-flex": {"model": Model.IDEOGRAM_3},
    "-n 3": {"quantity": 3},
    "--model ideogram-3": {"model": Model.IDEOGRAM_3},
    "--enhance": {"enhance_prompt": True},
    "--no-enhance": {"enhance_prompt": False},
}
# Each of these may be meant as an option, or may not; some are in quotes.
OPTION_LIKE = """
    in portrait|x3|use ideogram|3 pictures of|landscape format|16:9|another model|another one|twice
    noch ein Bild|zwei Bilder von|for youtube|nano banana|im Hochformat|縦長|enhance|version 2|two
    try midjourney|a square|flux|size: feed|n=4|the second one|"in portrait"|“x3”|"use ideogram"
    make 4|of them|1.5|protrait|ideogarm|again|again x2|4 more
"""
OTHER = """
    a fox|more fog|make it darker|with rain|in blue|and|but|please|thanks|a red fox,|near the wall
    with|a {red;blue} kite
"""
segments = st.sampled_from(
    [
        said.strip().replace(";", "|")
        for said in re.split(r"[|\n]", OPTION_LIKE + OTHER)
        if said.strip()
    ]
)
texts = st.lists(segments | st.sampled_from(list(FLAGS)), min_size=1, max_size=7)
MAY_BE_LOST = {"please", "thanks", "again", "and", "but"}


# Braces with bars are choices in quotes, too (test_variants).
LETTERS = st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="{|}\\")


def without_quotes(text: str) -> str:
    return text.translate(str.maketrans("", "", '"“”'))


def split_words(text: str) -> list[str]:
    return without_quotes(text).replace(",", " ").split()


def read_flags(said: list[str]) -> tuple[dict[str, object], list[str]]:
    """The fields that flags name, and what is no flag."""
    named: dict[str, object] = {}
    for each in said:
        named |= FLAGS.get(each, {})
    return named, [each for each in said if each not in FLAGS]


@example(["a fox", "x3", "--size portrait"])
@example(['"in portrait"', "a fox", "-n 3"])
@given(texts)
def test_a_paid_command_is_its_flags_and_all_other_words_to_the_letter(said: list[str]) -> None:
    command = parse_command(" ".join(said))

    if isinstance(command, Generate):
        named, words = read_flags(said)
        bare = without_quotes(words[0]) if len(words) == 1 else " ".join(words)
        assert command.request == ImageRequest.model_validate({"prompt": bare, **named})


@example(["again x2", "and", "more fog"])
@example(["more fog", "again", "--size portrait"])
@given(texts)
def test_a_paid_reply_has_added_all_words_or_shows_all_options_that_they_are(
    said: list[str],
) -> None:
    reply = parse_reply(" ".join(said), BASE)

    if not isinstance(reply, Change):
        return
    named, words = read_flags(said)
    old, new = BASE.model_dump(), reply.request.model_dump()
    changed = {field for field in old if old[field] != new[field]} - {"prompt"}
    added = [each.value for each in reply.understood if each.kind is Kind.WORDS_ADDED]
    if added:
        lost = split_words(" ".join(words))
        for word in split_words(added[0]):
            lost.remove(word)
        assert set(lost) <= MAY_BE_LOST
        assert changed <= set(named)
        assert {field: new[field] for field in named} == named
    else:
        shown = {Kind.MODEL, Kind.SIZE, Kind.SIZE_FELL_BACK, Kind.QUANTITY, Kind.ENHANCE_ON}
        kinds = {each.kind for each in reply.understood}
        assert len(changed) <= len(kinds & (shown | {Kind.ENHANCE_OFF}))
        assert new["prompt"] == old["prompt"]


@given(st.text(alphabet=LETTERS, max_size=60) | segments)
def test_what_is_quoted_as_a_whole_is_the_prompt_and_no_option(text: str) -> None:
    inner = without_quotes(text)

    command = parse_command(f'"{inner}"')

    if inner.strip():
        assert command == Generate(ImageRequest(prompt=inner.strip()))
    else:
        assert not isinstance(command, Generate)
