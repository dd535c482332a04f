"""What command and reply have in common: words and quotes, flags, and what people call things."""

from __future__ import annotations

import pytest

from bot.images.catalogue import Model, Size
from bot.images.flags import (
    Flag,
    MisunderstoodError,
    Options,
    Problem,
    find_size,
    join_words,
    read_options,
    read_preset,
    split_flags,
    split_tokens,
    suggest_model,
    suggest_size,
)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        ("  two words ", [("two", False), ("words", False)]),
        ('"two words"', [("two words", True)]),
        ('a "b c" d', [("a", False), ("b c", True), ("d", False)]),
        ("“b c” „d e“ «f g»", [("b c", True), ("d e", True), ("f g", True)]),
        # It is a quote only if it ends where a word does.
        ('"b c"d e', [('"b', False), ('c"d', False), ("e", False)]),
        ('"b c', [('"b', False), ("c", False)]),
        ('""', [("", True)]),
        ("“b c“", [("“b", False), ("c“", False)]),
        ('a"b c"', [('a"b', False), ('c"', False)]),
    ],
)
def test_a_text_is_words_and_quoted_stretches(text: str, tokens: list[tuple[str, bool]]) -> None:
    found = list(split_tokens(text))

    assert [(token.text, token.is_literal) for token in found] == tokens
    for token in found:
        whole = text[token.start : token.end]
        assert (whole[1:-1] if token.is_literal else whole) == token.text


@pytest.mark.parametrize(
    ("typed", "size"),
    [
        ("1:1", "square"),
        ("4:5", "feed"),
        ("9:16", "portrait"),
        ("16:9", "landscape"),
        ("Vertical", "portrait"),
        ("tall", "portrait"),
        ("story", "portrait"),
        ("horizontal", "landscape"),
        ("wide", "landscape"),
        ("widescreen", "landscape"),
        ("sqare", "square"),
        ("huge", None),
    ],
)
def test_a_size_that_is_none_is_taken_for_the_one_that_people_call_so(
    typed: str, size: str | None
) -> None:
    assert suggest_size(typed) == size


def test_every_size_is_found_in_any_case() -> None:
    assert [find_size(size.value.upper()) for size in Size] == list(Size)
    assert find_size("huge") is None


@pytest.mark.parametrize(
    ("typed", "model"),
    [
        ("flux2flx", Model.FLUX2_FLEX),
        ("gpt image 1.4", Model.GPT_IMAGE_1_5),
        ("Ideogramm 3", Model.IDEOGRAM_3),
        ("midjourney", None),
    ],
)
def test_a_model_that_is_none_is_taken_for_the_nearest(typed: str, model: Model | None) -> None:
    assert suggest_model(typed) == (model and model.value)


@pytest.mark.parametrize(
    ("value", "is_enhanced"),
    [("", True), ("on", True), ("yes", True), ("off", False), ("No", False), ("FALSE", False),
     ("0", False)],
)  # fmt: skip
def test_enhancement_is_on_if_it_is_not_said_to_be_off(value: str, is_enhanced: bool) -> None:
    assert read_options({Flag.ENHANCE: value}) == Options(enhance=is_enhanced)


@pytest.mark.parametrize(
    ("typed", "name"),
    [(" Brand ", "Brand"), ("none", ""), ("Off", ""), ("no", ""), ("none of it", "none of it")],
)
def test_a_preset_has_any_name_but_those_that_mean_none(typed: str, name: str) -> None:
    assert read_preset(typed) == name


def test_what_was_named_is_known_by_the_requests_fields() -> None:
    options = read_options({Flag.MODEL: "gpt", Flag.SIZE: "feed,", Flag.QUANTITY: "3."})

    assert options == Options(model=Model.GPT_IMAGE_1_5, size=Size.FEED, quantity=3)
    assert options.said == {"model", "size", "quantity"}
    assert read_options({Flag.ENHANCE: "off"}).said == {"enhance_prompt"}
    assert read_options({}) == Options()


@pytest.mark.parametrize(
    ("text", "values", "rest"),
    [
        ("fog --no-enhance", {Flag.ENHANCE: "off"}, "fog"),
        ("fog --no-preset", {Flag.PRESET: "none"}, "fog"),
        ("fog -p brand -e", {Flag.PRESET: "brand", Flag.ENHANCE: ""}, "fog"),
        ("fog --enhance=off", {Flag.ENHANCE: "off"}, "fog"),
        ('fog --preset "my brand" at dawn', {Flag.PRESET: "my brand"}, "fog at dawn"),
        ("a --size feed  b", {Flag.SIZE: "feed"}, "a b"),
        ("a  b --size feed", {Flag.SIZE: "feed"}, "a  b"),
        ("a -- --size feed", {}, "a --size feed"),
        ('"--" --size feed', {Flag.SIZE: "feed"}, "--"),
        ("-m gpt -- -n", {Flag.MODEL: "gpt"}, "-n"),
    ],
)
def test_flags_are_taken_out_and_the_rest_stays_as_it_was(
    text: str, values: dict[Flag, str], rest: str
) -> None:
    split = split_flags(text)

    assert split.values == values
    assert join_words(text, split.words) == rest


@pytest.mark.parametrize(
    ("text", "problem", "typed"),
    [
        ("--size --modle x", Problem.VALUE_MISSING, "--size"),
        ("--size -n 2", Problem.VALUE_MISSING, "--size"),
        ("--size", Problem.VALUE_MISSING, "--size"),
        ("--size=", Problem.VALUE_MISSING, "--size"),
        ("-s a --size b", Problem.GIVEN_TWICE, "--size"),
        ("-ms gpt", Problem.UNKNOWN_FLAG, "-ms"),
    ],
)
def test_a_flag_that_is_wrong_ends_the_reading(text: str, problem: Problem, typed: str) -> None:
    with pytest.raises(MisunderstoodError) as caught:
        split_flags(text)

    assert (caught.value.answer.problem, caught.value.answer.typed) == (problem, typed)


def test_a_value_in_quotes_may_look_like_a_flag() -> None:
    assert split_flags('--preset "--size"').values == {Flag.PRESET: "--size"}
