"""How a version's prompt came to be."""

from __future__ import annotations

import pytest

from bot.images.chain import Chain, join_lines, lines_of


def test_lines_make_the_prompt() -> None:
    assert join_lines(("fog", "with rain", "no text")) == "fog. with rain. no text"
    assert join_lines(()) == ""


@pytest.mark.parametrize(
    ("prompt", "chain", "lines"),
    [
        ("fog. with rain", Chain(lines=("fog", "with rain")), ("fog", "with rain")),
        ("fog. with rain", None, ("fog. with rain",)),
        ("snow", Chain(lines=("fog", "with rain")), ("snow",)),
        (None, Chain(lines=("fog",)), ()),
        (None, None, ()),
    ],
)
def test_lines_of_another_prompt_are_one(
    prompt: str | None, chain: Chain | None, lines: tuple[str, ...]
) -> None:
    assert lines_of(prompt, chain) == lines
