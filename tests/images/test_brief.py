"""Lists in flags and choices in a prompt multiply; what is in them stays, or is asked about."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.images.brief import PICTURES_MAX, BriefPlan, Spread, plan
from bot.images.catalogue import MODELS, Model, Size
from bot.images.command import Generate, Misunderstood, parse_command
from bot.images.meaning import Change, Problem
from bot.images.message import parse_message
from bot.images.reply import parse_reply
from bot.images.request import ImageRequest, find_spec_violations
from bot.slack.kit.answer_texts import too_many

BASE = ImageRequest(prompt="a fox", size=Size.FEED)
FLUX = Model.FLUX2_FLEX


def generate(text: str) -> Generate:
    command = parse_command(text)
    assert isinstance(command, Generate), command
    return command


def brief_of(text: str) -> BriefPlan:
    brief = generate(text).brief
    assert brief is not None
    return brief


def labels(brief: BriefPlan) -> list[str]:
    return [part.label for part in brief.parts]


def asked(text: str) -> Misunderstood:
    command = parse_command(text)
    assert isinstance(command, Misunderstood), command
    return command


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a harbour --size feed,portrait,landscape", ["feed", "portrait", "landscape"]),
        ("a harbour --size feed, portrait and landscape", ["feed", "portrait", "landscape"]),
        ("a harbour --sizes feed, feed, 16:9", ["feed", "16:9"]),
        ("a harbour -s {feed|story}", ["feed", "story"]),
        ("a fox -m ideogram,flux", ["Ideogram 3.0", "FLUX.2 Flex"]),
        ("a fox -m flux2-flex, nano banana 2", ["FLUX.2 Flex", "Nano Banana 2"]),
        (
            "a fox --for instagram-feed,instagram-story,youtube",
            ["Instagram feed", "Instagram story", "YouTube"],
        ),
        (
            "--for instagram feed, instagram story and tiktok --enhance a fox",
            ["instagram feed", "instagram story + TikTok"],
        ),
        ("a fox --for x,linkedin", ["X", "LinkedIn"]),
        ("a fox --for instagram-feed youtube -n 1", ["Instagram feed", "YouTube"]),
        ('a fox --for "instagram feed, story"', ["instagram feed", "story"]),
        ("a fox -s feed/portrait", ["feed", "portrait"]),
        ("a fox --size 1080x1080,16/9", ["1080x1080", "16/9"]),
        ("a fox —for story,youtube", ["story", "YouTube"]),
        ("a {red|blue} kite -s feed", ["red", "blue"]),
        (
            "a {red|blue} kite --size feed,story",
            ["red · feed", "red · story", "blue · feed", "blue · story"],
        ),
        (
            "a {red|blue} kite -m ideogram-3,flux2-flex -s 1:1,story --quantity 2",
            [
                f"{colour} · {model} · {size}"
                for colour in ("red", "blue")
                for model in ("Ideogram 3.0", "FLUX.2 Flex")
                for size in ("1:1", "story")
            ],
        ),
    ],
)
def test_lists_and_choices_make_these_parts_in_this_order(text: str, expected: list[str]) -> None:
    brief = brief_of(text)

    assert labels(brief) == expected
    assert brief.pictures == sum(part.request.quantity for part in brief.parts)


def test_a_size_that_several_places_need_is_made_once_for_all_of_them() -> None:
    brief = brief_of("a fox --for tiktok,instagram-story,youtube")

    assert [(part.request.size, part.uses) for part in brief.parts] == [
        (Size.PORTRAIT, ("tiktok", "instagram-story")),
        (Size.LANDSCAPE, ("youtube",)),
    ]


@pytest.mark.parametrize(
    ("text", "prompt", "size"),
    [
        ("a fox --for story", "a fox", Size.PORTRAIT),
        ("a fox --for story,tiktok", "a fox", Size.PORTRAIT),
        ("a fox --size feed,feed", "a fox", Size.FEED),
        ("a {red|red} fox", "a red fox", Size.SQUARE),
        (r"a \{red|blue\} fox", "a {red|blue} fox", Size.SQUARE),
        ("a {red} fox | 2", "a {red} fox | 2", Size.SQUARE),
        ("a gift —for you", "a gift —for you", Size.SQUARE),
    ],
)
def test_what_comes_to_one_is_an_ordinary_request(text: str, prompt: str, size: Size) -> None:
    command = generate(text)

    assert command.brief is None
    assert (command.request.prompt, command.request.size) == (prompt, size)


def test_what_a_list_has_wrong_is_asked_with_the_near_one_and_all_the_rest_kept() -> None:
    question = asked("a {red|blue} kite --size feed, protrait, landscape -n 2")

    assert (question.problem, question.typed) == (Problem.UNKNOWN_SIZE, "protrait")
    assert question.suggestion == "portrait"
    assert question.guess is not None
    assert question.guess.brief is not None
    assert question.guess.brief.pictures == 12
    assert {part.request.size for part in question.guess.brief.parts} == {
        Size.FEED,
        Size.PORTRAIT,
        Size.LANDSCAPE,
    }


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a fox --size feed, portrait of a king", Problem.LIST_OR_WORD),
        ("a fox --for instagram-feed youtube in fog", Problem.LIST_OR_WORD),
        ("a fox — size feed,portrait", Problem.UNKNOWN_FLAG),
        ("a fox --size feed, portrait, banana split", Problem.UNKNOWN_SIZE),
        ("a fox --for banana,story", Problem.UNKNOWN_USE),
        ("a fox --model flux2-flex,midjourney", Problem.UNKNOWN_MODEL),
        ("a {red|blue fox", Problem.UNCLOSED),
        ("a fox --for", Problem.VALUE_MISSING),
        ("a fox for instagram story and youtube", Problem.NAMES_SIZE),
        ("{1|2|3|4|5|6} {1|2|3|4|5|6} {1|2} --size feed,story", Problem.TOO_MANY),
        ("a {1|2|3|4|5|6} -m ideogram,flux -n 4", Problem.TOO_MANY),
    ],
)
def test_what_is_not_sure_is_asked(text: str, problem: Problem) -> None:
    assert asked(text).problem is problem


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a fox for instagram story and youtube", "instagram story + youtube"),
        ("a fox as story and square format", "story + square"),
        ("a fox in snow, with ideogram and nano banana", "Ideogram 3.0 + Nano Banana 2"),
    ],
)
def test_several_in_plain_words_are_asked_about_together(text: str, expected: str) -> None:
    question = asked(text)

    assert question.suggestion == expected
    assert question.guess is not None
    assert question.guess.brief is not None
    assert " + ".join(labels(question.guess.brief)).casefold() == expected.casefold()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("in portrait and landscape", "portrait + landscape"),
        ("for instagram story and youtube", "instagram story + youtube"),
        ("darker, for a story and for youtube", "story + youtube"),
        ("use ideogram and flux", "Ideogram 3.0 + FLUX.2 Flex"),
    ],
)
def test_so_they_are_in_a_reply(text: str, expected: str) -> None:
    question = parse_reply(text, BASE)

    assert isinstance(question, Misunderstood)
    assert question.suggestion == expected
    assert question.guess is not None
    assert question.guess.brief is not None
    assert " + ".join(labels(question.guess.brief)).casefold() == expected.casefold()


def test_one_size_that_a_model_lacks_has_both_ways_out_too() -> None:
    question = asked("a fox --for instagram-feed -m gpt-image-1.5 -n 2")

    assert question.guess is not None
    assert question.other is not None
    ways = [
        (way.request.model, way.request.size, way.request.quantity, sorted(way.options.said))
        for way in (question.guess, question.other)
    ]
    assert ways == [
        (Model.GPT_IMAGE_1_5, Size.PORTRAIT, 2, ["model", "quantity", "size"]),
        (Model.FLUX2_FLEX, Size.FEED, 2, ["model", "quantity", "size"]),
    ]


def test_too_many_are_counted_and_kept_and_none_is_offered() -> None:
    question = asked("a {1|2|3|4|5|6} {1|2|3|4} fox --size feed,story")

    assert (question.typed, question.guess) == ("48", None)
    assert question.shown is not None
    assert question.shown.brief is not None
    assert question.shown.brief.parts == ()
    assert question.shown.brief.spread.sizes == ("feed", "story")
    assert question.shown.request.prompt == "a {1|2|3|4|5|6} {1|2|3|4} fox"


def test_a_number_that_nobody_can_read_is_not_said() -> None:
    question = asked("{a|b}" * 600)

    assert too_many(int(question.typed)).startswith("That would be more than 1,000,000 pictures")


def test_of_a_size_that_a_model_lacks_the_nearest_and_another_model_are_offered() -> None:
    question = asked("a kite -m gpt-image-1.5,ideogram-3 --size feed,square")

    assert (question.problem, question.typed) == (Problem.SIZE_DIFFERS, "feed")
    assert question.guess is not None
    assert question.guess.brief is not None
    assert labels(question.guess.brief)[0] == "GPT Image 1.5 · feed as portrait"
    assert question.other is not None
    assert question.other.brief is not None
    assert labels(question.other.brief) == [
        "FLUX.2 Flex · feed",
        "GPT Image 1.5 · square",
        "Ideogram 3.0 · feed",
        "Ideogram 3.0 · square",
    ]
    assert question.other.brief.parts[0].said == {"model"}


@pytest.mark.parametrize(
    ("text", "prompts"),
    [
        ("--size feed,portrait", ["a fox", "a fox"]),
        ("with a {red|blue} sky", ["a fox. with a red sky", "a fox. with a blue sky"]),
        ("prompt: a {red|blue} sky", ["a red sky", "a blue sky"]),
        ("at night --for story,youtube", ["a fox. at night", "a fox. at night"]),
        ("-m ideogram-3,flux2-flex", ["a fox", "a fox"]),
    ],
)
def test_a_reply_makes_a_brief_of_the_version_above(text: str, prompts: list[str]) -> None:
    change = parse_reply(text, BASE)

    assert isinstance(change, Change)
    assert change.brief is not None
    assert [part.request.prompt for part in change.brief.parts] == prompts


def test_braces_of_the_version_above_stay_as_they_are() -> None:
    above = BASE.model_copy(update={"prompt": "a {red|blue} fox"})
    plain = parse_reply("with rain", above)
    several = parse_reply("with rain --size feed,story", above)

    assert isinstance(plain, Change)
    assert plain.request.prompt == "a {red|blue} fox. with rain"
    assert isinstance(several, Change)
    assert several.brief is not None
    assert {part.request.prompt for part in several.brief.parts} == {plain.request.prompt}


def test_a_message_to_the_bot_makes_a_brief_too() -> None:
    read = parse_message("a {red|blue} kite --size feed,story")

    assert isinstance(read, Generate)
    assert read.brief is not None
    assert read.brief.pictures == 4


SHAPES = st.sampled_from(["feed", "story", "youtube", "16:9", "square", "instagram-feed", "x-post"])


@given(
    st.lists(st.sampled_from(list(Model)), unique=True, max_size=4),
    st.lists(SHAPES, unique=True, max_size=5),
    st.lists(SHAPES, unique=True, max_size=5),
    st.integers(1, 4),
    st.sampled_from([None, *Model]),
)
def test_every_combination_is_asked_for_once_and_may_be_sent(
    models: list[Model],
    sizes: list[str],
    uses: list[str],
    quantity: int,
    substitute: Model | None,
) -> None:
    request = ImageRequest(prompt="a {red|blue} fox", quantity=quantity)
    spread = Spread(
        models=tuple(models), sizes=tuple(sizes), uses=tuple(uses), substitute=substitute
    )
    brief = plan(request, spread, FLUX)

    assert brief.is_too_large or len(brief.parts) >= 2
    assert brief.pictures <= PICTURES_MAX or not brief.parts
    asked_for = [part.request for part in brief.parts]
    assert len(set(asked_for)) == len(asked_for)
    if substitute is None or substitute in MODELS:
        assert all(not find_spec_violations(each) for each in asked_for)
    if brief.parts and not brief.misfits:
        assert {use for part in brief.parts for use in part.uses} <= set(uses)
        assert len({part.label for part in brief.parts}) == len(brief.parts)
        for model in models or [FLUX]:
            assert {each.prompt for each in asked_for if each.model is model} == {
                "a red fox",
                "a blue fox",
            }
