"""The grammar of `/imagine`, as tables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.images.catalogue import MODELS, Model, Size
from bot.images.command import (
    AgainstSpec,
    Generate,
    Help,
    Misunderstood,
    OpenForm,
    Problem,
    ShowCredits,
    find_model,
    parse_command,
)
from bot.images.request import ImageRequest, Rule

FULL = ImageRequest(
    prompt="a lighthouse in fog",
    model=Model.IDEOGRAM_3,
    size=Size.LANDSCAPE,
    quantity=2,
    enhance_prompt=True,
)


@pytest.mark.parametrize(
    "text",
    [
        "a lighthouse in fog --model ideogram-3 --size landscape --quantity 2 --enhance",
        "a lighthouse in fog -m ideogram-3 -s landscape -n 2 -e",
        "-m ideogram-3 -s landscape -n 2 -e a lighthouse in fog",
        "a lighthouse --model ideogram-3 in -s landscape fog -n 2 -e",
        "a lighthouse in fog —model ideogram-3 —size landscape —quantity 2 —enhance",
        "a lighthouse in fog –model ideogram-3 –size landscape –quantity 2 –enhance",
        "a lighthouse in fog --model=ideogram-3 --size=landscape --quantity=2 --enhance",
        '"a lighthouse in fog" --model ideogram-3 --size landscape --quantity 2 --enhance',
        "“a lighthouse in fog” --model “Ideogram 3.0” --size landscape --quantity 2 --enhance",
        "  a lighthouse in fog -M Ideogram -S LANDSCAPE -N 2 -E  ",
        "-e -n 2 -s landscape -m ideogram-3 -- a lighthouse in fog",
    ],
)
def test_every_way_to_write_the_same_request_means_the_same(text: str) -> None:
    assert parse_command(text) == Generate(FULL)


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        ("a dog's breakfast", "a dog's breakfast"),
        ("two  spaces\nand a line", "two  spaces\nand a line"),
        ('a sign saying "open --now" at night', 'a sign saying "open --now" at night'),
        ('"--model is a word here"', "--model is a word here"),
        ('he said "hi" and left', 'he said "hi" and left'),
        ('an open " quote', 'an open " quote'),
        ("-- --size is kept", "--size is kept"),
        ("fog — thick and grey —old", "fog — thick and grey —old"),
        ("minus -5 degrees", "minus -5 degrees"),
        ("well-known t-shirt", "well-known t-shirt"),
        ("a - b", "a - b"),
        ('"help"', "help"),
        ("<!channel> & <@U1> *bold*", "<!channel> & <@U1> *bold*"),
        ("منارة في الضباب", "منارة في الضباب"),
        ("🦊 in 雪", "🦊 in 雪"),
        ("x" * 2000, "x" * 2000),
        ("🦊" * 2000, "🦊" * 2000),
    ],
)
def test_what_is_no_flag_is_the_prompt_to_the_letter(text: str, prompt: str) -> None:
    assert parse_command(text) == Generate(ImageRequest(prompt=prompt))


@pytest.mark.parametrize("text", ["help", "HELP", "--help", "—help", "-h", "?"])
def test_help_is_asked_for(text: str) -> None:
    assert parse_command(text) == Help()


@pytest.mark.parametrize("text", ["", "   "])
def test_nothing_at_all_opens_the_form(text: str) -> None:
    assert parse_command(text) == OpenForm()


@pytest.mark.parametrize("text", ["credits", " Credits ", "balance"])
def test_the_balance_is_asked_for(text: str) -> None:
    assert parse_command(text) == ShowCredits()


@pytest.mark.parametrize(
    ("text", "problem", "typed", "suggestion"),
    [
        ("fog --modle flux2-flex", Problem.UNKNOWN_FLAG, "--modle", "--model"),
        ("fog —modle flux2-flex", Problem.UNKNOWN_FLAG, "—modle", "--model"),
        ("fog --colour red", Problem.UNKNOWN_FLAG, "--colour", None),
        ("fog -q 2", Problem.UNKNOWN_FLAG, "-q", None),
        ("fog --model ideogramm-3", Problem.UNKNOWN_MODEL, "ideogramm-3", "ideogram-3"),
        ("fog --model gpt-image-2", Problem.UNKNOWN_MODEL, "gpt-image-2", "gpt-image-1.5"),
        ("fog --model midjourney", Problem.UNKNOWN_MODEL, "midjourney", None),
        ("fog --size landscap", Problem.UNKNOWN_SIZE, "landscap", "landscape"),
        ("fog -m gpt-image-1.5 --size 16:9", Problem.SIZE_DIFFERS, "16:9", "landscape 3:2"),
        ("fog -m gpt-image-1.5 -s feed", Problem.SIZE_DIFFERS, "feed", "portrait 2:3"),
        ("fog --size huge", Problem.UNKNOWN_SIZE, "huge", None),
        ("fog -n two", Problem.BAD_QUANTITY, "two", None),
        ("fog -n 1.5", Problem.BAD_QUANTITY, "1.5", None),
        ("fog --model", Problem.VALUE_MISSING, "--model", None),
        ("fog --model --size square", Problem.VALUE_MISSING, "--model", None),
        ("fog -n 1 -n 2", Problem.GIVEN_TWICE, "--quantity", None),
        ("fog -e --enhance", Problem.GIVEN_TWICE, "--enhance", None),
    ],
)
def test_what_is_not_understood_is_named_with_the_nearest_spelling(
    text: str, problem: Problem, typed: str, suggestion: str | None
) -> None:
    assert parse_command(text) == Misunderstood(problem, typed, suggestion)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("-n 2", Rule.PROMPT_MISSING),
        ('""', Rule.PROMPT_MISSING),
        ("x" * 2001, Rule.PROMPT_TOO_LONG),
        ("fog -n 0", Rule.QUANTITY_OUT_OF_RANGE),
        ("fog -n 5", Rule.QUANTITY_OUT_OF_RANGE),
        ("fog -n -1", Rule.QUANTITY_OUT_OF_RANGE),
    ],
)
def test_what_the_specification_forbids_is_refused(text: str, rule: Rule) -> None:
    command = parse_command(text)

    assert isinstance(command, AgainstSpec)
    assert [violation.rule for violation in command.violations] == [rule]


def test_every_broken_rule_is_named_at_once() -> None:
    command = parse_command(f"{'x' * 2001} -n 9 -m gpt-image-1.5 -s feed")

    assert isinstance(command, AgainstSpec)
    assert {v.field for v in command.violations} == {"prompt", "size", "quantity"}


@pytest.mark.parametrize(
    ("typed", "model"),
    [
        ("flux", Model.FLUX2_FLEX),
        ("FLUX.2 Flex", Model.FLUX2_FLEX),
        ("gpt", Model.GPT_IMAGE_1_5),
        ("nano-banana", Model.NANO_BANANA_2),
        ("", None),
        ("banana", None),
    ],
)
def test_a_model_may_be_named_by_any_beginning_that_only_it_has(
    typed: str, model: Model | None
) -> None:
    assert find_model(typed) == model


@pytest.mark.parametrize("model", list(Model))
def test_every_model_is_found_by_its_id_and_its_name(model: Model) -> None:
    assert find_model(model.value) == model
    assert find_model(MODELS[model].name) == model


@given(st.text(max_size=300) | st.text(alphabet='-—–mseníx =“”"\n', max_size=60))
def test_any_text_is_answered_and_a_request_is_always_one_that_may_be_sent(text: str) -> None:
    command = parse_command(text)

    if isinstance(command, Generate):
        assert command.request.prompt
        assert 1 <= command.request.quantity <= 4
