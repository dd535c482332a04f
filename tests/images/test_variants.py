"""A prompt with choices in braces stands for each of their combinations, once."""

from __future__ import annotations

import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.images.variants import escape, expand, read_template

words = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="{|}\\ \n\t"), min_size=1)
plain = words.filter(lambda word: word.strip() == word and word.isprintable())
choices = st.lists(plain, min_size=1, max_size=4, unique=True)
rows = st.lists(st.tuples(plain, choices), max_size=3)
hostile = st.text(alphabet="{|}\\ab ", max_size=60)


def prompts(text: str) -> list[str]:
    return [variant.prompt for variant in expand(read_template(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a fox", ["a fox"]),
        ("a {red|blue} kite", ["a red kite", "a blue kite"]),
        ("over {sand, dunes|a grey sea}", ["over sand, dunes", "over a grey sea"]),
        ("a { red |blue } kite", ["a red kite", "a blue kite"]),
        ("a {red {kite|balloon}|grey sea}", ["a red kite", "a red balloon", "a grey sea"]),
        ("a {|red} kite", ["a kite", "a red kite"]),
        ("a kite {in fog|}, at dawn", ["a kite in fog, at dawn", "a kite, at dawn"]),
        ("a {red|red} kite", ["a red kite"]),
        ("{a|{a|b}}", ["a", "b"]),
        # Text:
        ("a {red} kite", ["a {red} kite"]),
        ("a | b", ["a | b"]),
        ("a {|} b", ["a {|} b"]),
        ("a { b", ["a { b"]),
        (r"a \{red|blue\} kite", ["a {red|blue} kite"]),
        (r"a {red\|blue|green}", ["a red|blue", "a green"]),
        (r"¯\_(ツ)_/¯ \o/", [r"¯\_(ツ)_/¯ \o/"]),
        ("{a {b|c}", ["{a b", "{a c"]),
    ],
)
def test_a_text_stands_for_these_prompts(text: str, expected: list[str]) -> None:
    assert prompts(text) == expected


def test_a_choice_names_what_makes_its_prompt_different() -> None:
    found = expand(read_template("a {red|blue} kite {at dawn|}"))

    assert [variant.labels for variant in found] == [
        ("red", "at dawn"),
        ("red", "without at dawn"),
        ("blue", "at dawn"),
        ("blue", "without at dawn"),
    ]


@pytest.mark.parametrize("text", ["a {red|blue kite", "a red|blue} kite", "{a|b {c|d}"])
def test_a_brace_with_a_bar_and_no_counterpart_is_probably_a_slip(text: str) -> None:
    assert read_template(text).is_unsure


@given(rows)
def test_each_combination_is_made_exactly_once(segments: list[tuple[str, list[str]]]) -> None:
    text = " ".join(f"{before} {{{'|'.join(options)}|}}" for before, options in segments)
    wanted = [
        " ".join(
            f"{before} {choice}".rstrip() for (before, _), choice in zip(segments, row, strict=True)
        )
        for row in product(*([*options, ""] for _, options in segments))
    ]

    template = read_template(text)
    found = [re.sub(" +", " ", variant.prompt) for variant in expand(template)]

    assert template.count == len(wanted)
    assert found == list(dict.fromkeys(wanted))


@given(st.text() | hostile)
def test_what_is_escaped_stands_for_itself(text: str) -> None:
    template = read_template(escape(text))

    assert not template.has_choices
    assert not template.is_unsure
    assert "".join(map(str, template.nodes)) == text


@given(st.text(alphabet=st.characters(exclude_characters="|\\"), max_size=80))
def test_a_prompt_without_bars_is_itself(text: str) -> None:
    assert prompts(text) == [text.strip()]


@given(hostile)
def test_whatever_is_typed_is_read(text: str) -> None:
    template = read_template(text)

    if template.count <= 100:
        assert 1 <= len(expand(template)) <= template.count


@pytest.mark.parametrize(
    "text",
    ["{a|b}" * 800, "{a|" * 1300 + "}" * 1300, "{" * 4000, "{a|" * 1300, "{" * 2000 + "}" * 2000],
)
def test_far_too_many_are_counted_and_not_built(text: str) -> None:
    assert read_template(text).count >= 1
