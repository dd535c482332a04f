"""The rule: what is typed is taken as it was meant, or it is asked; see spellings.py."""

from __future__ import annotations

import pytest

from bot.images.catalogue import Size
from bot.images.command import Generate, Misunderstood, parse_command
from bot.images.reply import AgainstSpec, Change, parse_reply
from bot.images.request import ImageRequest, find_spec_violations
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
        if isinstance(answer, Misunderstood | AgainstSpec) and answer.guess is not None:
            assert find_spec_violations(answer.guess.request) == []


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("a fox in portrait", {"size": Size.PORTRAIT}),
        ("a fox for youtube", {"size": Size.LANDSCAPE}),
        ("ein Fuchs, bitte im Querformat", {"size": Size.LANDSCAPE}),
        ("a fox, size: square, model: ideogram, x3", {"model": "ideogram-3", "quantity": 3}),
        ("use ideogram for a fox, 16:9", {"model": "ideogram-3", "size": Size.LANDSCAPE}),
        ("zwei Bilder von einem Fuchs", {"quantity": 2}),
        ("5 pictures of a fox", {"quantity": 4}),
        ("a fox but enhance the prompt", {"enhance_prompt": True}),
        ("a fox, size=portrait please", {"size": Size.PORTRAIT}),
    ],
)
def test_all_options_of_a_prompt_are_offered_together(
    text: str, offered: dict[str, object]
) -> None:
    answer = parse_command(text)

    assert isinstance(answer, Misunderstood)
    assert answer.guess is not None
    prompt = answer.guess.request.prompt
    assert prompt in ("a fox", "ein Fuchs", "einem Fuchs")
    assert answer.guess.request == ImageRequest.model_validate({"prompt": prompt, **offered})
