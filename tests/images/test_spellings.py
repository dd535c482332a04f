"""The rule: what is typed is taken as it was meant, or it is asked; see spellings.py."""

from __future__ import annotations

import pytest

from bot.images.catalogue import Size
from bot.images.command import Generate, Misunderstood, parse_command
from bot.images.reply import Change, Forbidden, parse_reply
from bot.images.request import ImageRequest, find_violations
from tests.images.spellings import (
    ODD_COMMANDS,
    ODD_REPLIES,
    ORDINARY_PROMPTS,
    ORDINARY_REPLIES,
)

BASE = ImageRequest(prompt="a lighthouse in fog", size=Size.FEED, quantity=2)


def test_there_are_hundreds_of_both() -> None:
    assert len({*ORDINARY_PROMPTS, *ORDINARY_REPLIES}) >= 200
    assert len({*ODD_COMMANDS, *ODD_REPLIES}) >= 200


@pytest.mark.parametrize("text", ORDINARY_PROMPTS)
def test_an_ordinary_prompt_is_never_asked_about(text: str) -> None:
    assert parse_command(text) == Generate(ImageRequest(prompt=text))


@pytest.mark.parametrize("text", ORDINARY_REPLIES)
def test_an_ordinary_reply_is_never_asked_about(text: str) -> None:
    reply = parse_reply(text, BASE)

    assert isinstance(reply, Change), reply
    added = BASE.model_copy(update={"prompt": f"a lighthouse in fog. {text.rstrip('?')}"})
    bare = reply.request.model_copy(update={"prompt": (reply.request.prompt or "").rstrip("?")})
    said = (bare.prompt or "").removeprefix("a lighthouse in fog. ")
    assert bare.model_copy(update={"prompt": added.prompt}) == added
    assert said
    assert text.rstrip("?").endswith(said)


@pytest.mark.parametrize("text", ODD_COMMANDS)
def test_an_odd_command_is_never_paid_for_as_something_else(text: str) -> None:
    assert not isinstance(parse_command(text), Generate)


@pytest.mark.parametrize("text", ODD_REPLIES)
def test_an_odd_reply_is_never_paid_for_as_something_else(text: str) -> None:
    assert not isinstance(parse_reply(text, BASE), Change)


@pytest.mark.parametrize("text", [*ODD_COMMANDS, *ODD_REPLIES])
def test_what_is_offered_instead_may_be_sent(text: str) -> None:
    for answer in (parse_command(text), parse_reply(text, BASE)):
        if isinstance(answer, Misunderstood | Forbidden) and answer.guess is not None:
            assert find_violations(answer.guess.request) == []
