"""The rule: what is typed is taken as it was meant, or it is asked; see spellings.py."""

from __future__ import annotations

import pytest

from bot.images.catalogue import Size
from bot.images.command import Generate, Misunderstood, parse_command
from bot.images.reply import AgainstSpec, Change, Reply, parse_reply
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


# Each of these tests reads hundreds of lines; what it compares are those that break the rule.


def test_an_ordinary_prompt_is_never_asked_about() -> None:
    answers = {text: parse_command(text) for text in ORDINARY_PROMPTS}

    asked = {
        text: answer
        for text, answer in answers.items()
        if answer != Generate(ImageRequest(prompt=text))
    }
    assert asked == {}


def test_an_ordinary_reply_is_never_asked_about() -> None:
    asked = {
        text: reply
        for text in ORDINARY_REPLIES
        if not adds_the_words(reply := parse_reply(text, BASE), text)
    }
    assert asked == {}


def adds_the_words(reply: Reply, text: str) -> bool:
    """Whether `reply` adds `text`, but for courtesy before it, to the prompt, and no more."""
    if not isinstance(reply, Change):
        return False
    said = (reply.request.prompt or "").removeprefix("a lighthouse in fog. ").rstrip("?")
    others = reply.request.model_copy(update={"prompt": BASE.prompt})
    return others == BASE and said != "" and text.rstrip("?").endswith(said)


def test_an_odd_command_is_never_paid_for_as_something_else() -> None:
    paid = [text for text in ODD_COMMANDS if isinstance(parse_command(text), Generate)]

    assert paid == []


def test_an_odd_reply_is_never_paid_for_as_something_else() -> None:
    paid = [text for text in ODD_REPLIES if isinstance(parse_reply(text, BASE), Change)]

    assert paid == []


def test_what_is_offered_instead_may_be_sent() -> None:
    texts = [*ODD_COMMANDS, *ODD_REPLIES]
    offered = {
        text: answer.guess.request
        for text in texts
        for answer in (parse_command(text), parse_reply(text, BASE))
        if isinstance(answer, Misunderstood | AgainstSpec) and answer.guess is not None
    }

    assert len(offered) > 100
    assert [text for text, request in offered.items() if find_spec_violations(request)] == []


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
