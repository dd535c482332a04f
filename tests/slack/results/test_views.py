"""What a generation shows stays within Slack's limits, whatever was typed, in any script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.credits.estimates import Basis, Estimate
from bot.generations.ports import Phase, Progress
from bot.generations.record import Generation, PictureState, State
from bot.generations.usage import Usage
from bot.images.catalogue import Model
from bot.sandbox.slack.blocks import MOST_CHARACTERS, check_message_blocks
from bot.sandbox.slack.records import File
from bot.slack.kit.message import EDIT_TEXT_MAX, POST_TEXT_MAX, Message, cut_text
from bot.slack.results.quotes import Quote
from bot.slack.results.result_views import show_failure, show_result
from bot.slack.results.root_views import show_ended_root, show_root
from tests.support.examples import make_generation

USED = Usage(12, 88, 3, True)
PROMPTS = [
    "x" * 2000,
    "&" * 2000,
    "<" * 2000,
    "🦊" * 2000,
    "👨‍👩‍👧‍👦" * 285,
    "منارة في الضباب " * 125,
    "灯台" * 1000,
    "ﷺ" * 2000,
    "e\u0301" * 1000,
    "\u202egnorw" * 300,
    "<!channel> " * 180,
    "*_~`" * 500,
    "https://evil.example/" * 95,
    "\n" * 1999 + "x",
    "word " * 400,
]
prompts = st.one_of(
    st.sampled_from(PROMPTS),
    st.text(min_size=1, max_size=2000).filter(lambda prompt: prompt.strip() != ""),
)


def find_file(key: str) -> File:
    """Any picture that Slack has."""
    return File(
        id=key,
        name="1.jpg",
        mimetype="image/jpeg",
        content=b"x",
        user="U0IMAGINE",
        created=0.0,
        title="1.jpg",
        is_ready_at=0.0,
    )


def complaints_of(message: Message) -> Sequence[str]:
    """What Slack would say to it."""
    report = check_message_blocks(message.to_dict()["blocks"], find_file, lambda _file: True)
    too_long = [f"{report.characters} characters"] * (report.characters > MOST_CHARACTERS)
    return [*report.errors, *too_long, *["no text"] * (not message.text.strip())]


def delivered(prompt: str, *, linked: int = 0) -> Generation:
    """Four pictures of five, of which `linked` are only linked."""
    generation = make_generation(State.FINISHED, prompt=prompt, quantity=4, pictures=4)
    pictures = [
        replace(picture, state=PictureState.UPLOADED, slack_file_id=f"F{picture.position}")
        if picture.position > linked
        else replace(
            picture,
            state=PictureState.LINKED,
            url=f"https://powerpost.example/{picture.position}?signature={'a' * 900}&b",
        )
        for picture in generation.pictures
    ]
    return replace(
        generation,
        pictures=tuple(pictures),
        upstream_message="1 of 5 images failed. " * 40,
        request_id="req_" + "a" * 100,
    )


@settings(max_examples=60, deadline=None)
@given(prompt=prompts, linked=st.integers(0, 4))
def test_a_result_is_taken_by_slack(prompt: str, linked: int) -> None:
    message = show_result(delivered(prompt, linked=linked), USED)

    assert complaints_of(message) == []
    assert len(message.text) <= POST_TEXT_MAX


@pytest.mark.parametrize("model", Model)
@pytest.mark.parametrize(
    "estimate",
    [
        Estimate(Basis.GUIDE, 56.0),
        Estimate(Basis.SEEN, 9.0),
        Estimate(Basis.SCALED, 1_000_000 / 3, 1),
    ],
)
def test_a_button_that_asks_first_is_taken_by_slack(model: Model, estimate: Estimate) -> None:
    generation = delivered("fog")
    request = generation.request.model_copy(update={"model": model, "quantity": 4})
    asking = replace(generation, request=request, pictures=generation.pictures[:1])
    quote = Quote(estimate, estimate)

    for message in (
        show_result(asking, USED, None, quote),
        show_failure(replace(asking, pictures=(), state=State.FAILED), USED, quote=quote),
    ):
        assert complaints_of(message) == []
        assert "Make it" in str(message.to_dict())


@settings(max_examples=60, deadline=None)
@given(prompt=prompts, phase=st.sampled_from(Phase))
def test_a_root_is_taken_by_slack_and_can_be_edited(prompt: str, phase: Phase) -> None:
    generation = delivered(prompt)

    for message in (
        show_root(generation, Progress(phase, 100.0)),
        show_ended_root(generation, USED),
    ):
        assert complaints_of(message) == []
        assert len(cut_text(message.text, EDIT_TEXT_MAX)) <= EDIT_TEXT_MAX


@settings(max_examples=60, deadline=None)
@given(
    prompt=prompts,
    state=st.sampled_from([State.FAILED, State.REFUSED, State.UNKNOWN]),
    is_private=st.booleans(),
)
def test_a_failure_is_taken_by_slack(prompt: str, state: State, is_private: bool) -> None:
    generation = replace(
        make_generation(state, prompt=prompt),
        upstream_message="<!channel> & so on " * 100,
        request_id="req_1",
    )

    message = show_failure(generation, USED, is_private=is_private)

    assert complaints_of(message) == []
    assert "<!channel>" not in message.text


@pytest.mark.parametrize("prompt", ["<!channel>", "<@U0BEN>", "<https://evil.example|click>"])
def test_nothing_in_a_prompt_can_ping_or_link(prompt: str) -> None:
    generation = delivered(prompt)

    for message in (
        show_result(generation, USED),
        show_root(generation, Progress(Phase.WAITING)),
        show_ended_root(generation, USED),
        show_failure(replace(generation, pictures=(), state=State.FAILED), USED, is_private=True),
    ):
        assert prompt not in message.text
        for block in message.to_dict()["blocks"]:
            text = block.get("text", {})
            assert not (text.get("type") == "mrkdwn" and prompt in text["text"])


@given(text=st.text("&<>ab ", max_size=300), most=st.integers(10, 100))
def test_a_text_that_is_cut_fits_and_ends_with_a_whole_escape(text: str, most: int) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    cut = cut_text(escaped, most)

    assert len(cut) <= most
    assert cut == escaped or escaped.startswith(cut[:-1])
    rest = cut.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
    assert "&" not in rest
