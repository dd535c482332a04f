"""The words: there are some for everything that can happen, and they are plain."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.credits.estimates import Basis, Estimate
from bot.errors import Cause
from bot.generations.ports import Phase, Progress
from bot.generations.record import MAY_BECOME, PictureState, State
from bot.generations.usage import Usage
from bot.images.catalogue import Model
from bot.images.command import Misunderstood, Problem
from bot.images.request import ImageRequest, Rule, SpecViolation
from bot.slack.kit import answer_texts as answers
from bot.slack.kit import failure_texts as failures
from bot.slack.kit import generation_texts
from bot.slack.kit.text import duration, escape, shorten, unescape
from tests.support.examples import make_generation

ENDED = [state for state in State if not MAY_BECOME[state]]
USED = Usage(3, 97)
# What only programs call things: "not_found", "NOT_FOUND", "KeyError", a status.
_INSIDES = re.compile(r"\b[A-Za-z]+_[A-Za-z_]+\b|[a-z](?:Error|Exception)\b|\b[45]\d\d\b")


def assert_plain(text: str) -> None:
    """A whole sentence, and no code."""
    assert text.strip()
    assert not _INSIDES.search(re.sub(r":[a-z_]+:", "", text)), text
    assert "None" not in text


@pytest.mark.parametrize("cause", Cause)
def test_every_refusal_has_words_that_say_that_nothing_was_spent(cause: Cause) -> None:
    refused = replace(make_generation(State.REFUSED), cause=cause, upstream_message="Say less.")

    said = failures.failure_text(refused, Usage(None, None))

    assert_plain(said)
    assert "Nothing was spent." in said


@pytest.mark.parametrize("cause", Cause)
@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (100, 97, "credits were probably spent"),
        (100, 100, "probably nothing was spent"),
        (100, None, "I cannot tell whether credits were spent"),
        (None, 97, "it is 97 now"),
        (None, None, "I cannot tell whether credits were spent"),
    ],
)
def test_every_unknown_outcome_has_words_with_the_balance_as_far_as_it_is_known(
    cause: Cause, before: float | None, after: float | None, says: str
) -> None:
    unknown = replace(
        make_generation(State.UNKNOWN), cause=cause, balance_before=before, balance_at_end=after
    )

    said = failures.failure_text(unknown, USED)

    assert_plain(said)
    assert says in said
    assert "I will not send it again by myself" in said
    assert "Nothing was spent." not in said


@pytest.mark.parametrize("state", ENDED)
@pytest.mark.parametrize("cause", [None, *Cause])
def test_every_end_has_a_status_line(state: State, cause: Cause | None) -> None:
    pictures = 1 if state is State.DELIVERED else 0
    ended = replace(make_generation(state, pictures=pictures), cause=cause)

    assert_plain(generation_texts.outcome_mrkdwn(ended, USED))


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("elapsed", [0.0, 59.9, 3600.0])
def test_every_phase_has_a_status_line(phase: Phase, elapsed: float) -> None:
    assert_plain(generation_texts.progress_mrkdwn(Progress(phase, elapsed)))


@pytest.mark.parametrize("cause", [None, *Cause])
def test_every_picture_that_was_not_brought_has_words_and_a_way_to_it(cause: Cause | None) -> None:
    generation = make_generation(State.FINISHED, pictures=2)
    picture = replace(generation.pictures[1], state=PictureState.LINKED, cause=cause)
    generation = replace(generation, pictures=(generation.pictures[0], picture))

    said = generation_texts.linked_picture_mrkdwn(generation, 2)

    assert "Picture 2 of 2" in said
    assert "media-2" in said or "<https://powerpost.example/2.webp" in said
    assert_plain(re.sub(r"<[^>]*>", "", said))


@pytest.mark.parametrize("rule", Rule)
def test_every_rule_has_words(rule: Rule) -> None:
    request = ImageRequest(prompt="x" * 2001, model=Model.GPT_IMAGE_1_5, quantity=9)

    assert_plain(answers.violation(SpecViolation(rule, "prompt"), request))


@pytest.mark.parametrize("problem", Problem)
def test_every_misunderstanding_has_words(problem: Problem) -> None:
    assert_plain(answers.misunderstood(Misunderstood(problem, "--size", "landscape")))


@given(st.text())
def test_what_is_escaped_holds_no_syntax_and_can_be_read_back(text: str) -> None:
    escaped = escape(text)

    assert "<" not in escaped
    assert ">" not in escaped
    assert unescape(escaped) == text


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("&amp;lt;", "&lt;"), ("&lt;!channel&gt;", "<!channel>"), ("a &amp; b", "a & b")],
)
def test_what_slack_escaped_is_read_once(typed: str, meant: str) -> None:
    assert unescape(typed) == meant


@given(text=st.text(max_size=300), limit=st.integers(1, 200))
def test_what_is_shortened_fits_on_one_line(text: str, limit: int) -> None:
    short = shorten(text, limit)

    assert len(short) <= limit
    assert "\n" not in short


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.0, "0 s"),
        (59.9, "59 s"),
        (60.0, "1 min 0 s"),
        (200.0, "3 min 20 s"),
        (3840.0, "1 h 4 min"),
    ],
)
def test_durations_are_said_as_people_say_them(seconds: float, said: str) -> None:
    assert duration(seconds) == said


@pytest.mark.parametrize(
    ("usage", "said"),
    [
        (Usage(9, 36), "Used 9 credits · 36 left"),
        (Usage(1, 0), "Used 1 credit · 0 left"),
        (Usage(9, 36, 4.5, True), "Used 9 credits · 4.5 credits refunded · 36 left"),
        (
            Usage(9, 36, None, True),
            "Used 9 credits · refunded by PowerPost for what failed (amount not stated) · 36 left",
        ),
        (Usage(None, None), "Used an unknown number of credits"),
    ],
)
def test_money_is_said_exactly(usage: Usage, said: str) -> None:
    assert generation_texts.usage_text(usage) == said


def test_an_estimate_stands_in_the_status_line_until_what_was_taken_takes_its_place() -> None:
    estimate = Estimate(Basis.SEEN, 9)
    for phase in Phase:
        before = generation_texts.progress_mrkdwn(Progress(phase, 7.0), estimate)
        assert "about 9 credits" in before, phase
    after = generation_texts.progress_mrkdwn(Progress(Phase.GENERATING, 7.0), estimate, 8.0)
    assert after.endswith(" · 8 credits")
    assert "about" not in after
