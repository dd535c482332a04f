"""What command and reply have in common: words and quotes, flags, and what people call things."""

from __future__ import annotations

import pytest

from bot.images.catalogue import MODELS, Model, Size
from bot.images.flags import Flag, split_flags
from bot.images.meaning import Options, Problem
from bot.images.names import find_size, suggest_model, suggest_size
from bot.images.options import find_value_problems, read_options, read_preset
from bot.images.showing import Show, find_show
from bot.images.tokens import join_words, prepare, split_tokens


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
        ("“b c“", [("b c", True)]),
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
        ("--show me a fox", {Flag.SHOW: "me"}, "a fox"),
        ("a fox --show only me at dawn", {Flag.SHOW: "only me"}, "a fox at dawn"),
        ("a fox —show=channel", {Flag.SHOW: "channel"}, "a fox"),
        ("show me a fox", {}, "show me a fox"),
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
        ("--show", Problem.VALUE_MISSING, "--show"),
        ("--shwo me", Problem.UNKNOWN_FLAG, "--shwo"),
    ],
)
def test_a_flag_that_is_wrong_is_a_problem(text: str, problem: Problem, typed: str) -> None:
    first = split_flags(text).problems[0]

    assert (first.problem, first.typed) == (problem, typed)


def test_a_value_in_quotes_may_look_like_a_flag() -> None:
    assert split_flags('--preset "--size"').values == {Flag.PRESET: "--size"}


@pytest.mark.parametrize("model", list(Model))
def test_every_name_that_is_shown_is_taken_as_it_is_typed(model: Model) -> None:
    facts = MODELS[model]
    shown = (model.value, facts.name, facts.name.upper(), model.value.replace("-", " "))
    for name in (*shown, f'"{facts.name}"', facts.name.replace(" ", "\u00a0")):
        for text in (f"--model {name} a fox", f"a fox -m {name}", f"a --model {name} fox"):
            split = split_flags(prepare(text))
            assert read_options(split.values).model == model
            assert join_words(prepare(text), split.words) == "a fox"
            assert split.problems == ()


SHOWN_SIZES = [
    (f"{size.capitalize()} {facts.dimensions[size].ratio} · {facts.dimensions[size]} px", size)
    for facts in MODELS.values()
    for size in facts.sizes
]


@pytest.mark.parametrize(
    ("typed", "size"),
    [
        *SHOWN_SIZES,
        *[("16:9", Size.LANDSCAPE), ("9:16", Size.PORTRAIT), ("4:5", Size.FEED)],
        *[("1:1", Size.SQUARE), ("1080x1920", Size.PORTRAIT)],
        *[("16x9", Size.LANDSCAPE), ("16 : 9", Size.LANDSCAPE), ("1920×1080", Size.LANDSCAPE)],
        *[("story", Size.PORTRAIT), ("Instagram story", Size.PORTRAIT), ("TikTok", Size.PORTRAIT)],
        *[("youtube", Size.LANDSCAPE), ("YouTube thumbnail", Size.LANDSCAPE)],
        *[("Hochformat", Size.PORTRAIT), ("paysage", Size.LANDSCAPE), ("cuadrado", Size.SQUARE)],
        *[("horizontal", Size.LANDSCAPE), ("縦長", Size.PORTRAIT), ("ｓｑｕａｒｅ", Size.SQUARE)],
    ],
)
def test_a_size_may_be_typed_as_it_is_shown_and_as_people_call_it(typed: str, size: Size) -> None:
    text = f"a --size {typed} fox"
    split = split_flags(text)

    assert find_size(split.values[Flag.SIZE]) is size
    assert join_words(text, split.words) == "a fox"


@pytest.mark.parametrize(
    ("text", "is_enhanced", "rest"),
    [
        ("a fox --enhance off", False, "a fox"),
        ("a fox --enhance OFF.", False, "a fox"),
        ("--enhance true a fox", True, "a fox"),
        ("--enhance false a fox", False, "a fox"),
        ("a fox --enhance=no", False, "a fox"),
        ("a fox -e yes", True, "a fox"),
        ("a fox -e 0 -n 2", False, "a fox"),
        ("a fox -e disabled", False, "a fox"),
        ("--enhance on a fox", True, "a fox"),
        ("a fox --no-enhance", False, "a fox"),
        ("a fox --without-enhance", False, "a fox"),
        ("a --enhance fox", True, "a fox"),
        ("-e 2 foxes", True, "2 foxes"),
        ('-e "off"', True, "off"),
    ],
)
def test_a_flag_with_two_states_takes_the_one_that_is_said(
    text: str, is_enhanced: bool, rest: str
) -> None:
    split = split_flags(text)

    assert split.problems == ()
    assert read_options(split.values).enhance is is_enhanced
    assert join_words(text, split.words) == rest


@pytest.mark.parametrize(
    "text",
    [
        *("a fox --size portrait", "a fox —size portrait", "a fox –size portrait"),
        *("a fox −size portrait", "a fox −−size portrait", "a fox ‑‑size portrait"),
        *("a fox －－size portrait", "a fox \u200b--size\u00ad portrait"),
        *("a fox \u200f--size portrait", "a fox\u3000--size portrait"),
        *("a fox --size\u00a0portrait", "`--size portrait` a fox"),
        *("a fox `--size portrait`", "a fox *--size portrait*", "a fox ```--size portrait```"),
        *("a fox _--size portrait_", "a fox --size:portrait", "a fox --size, portrait"),
        *("a fox --ar portrait", "a fox --aspect-ratio portrait", "a fox -s portrait"),
        "a fox —s portrait",
    ],
)
def test_a_flag_is_one_however_it_came_here(text: str) -> None:
    typed = prepare(text)
    split = split_flags(typed)

    assert split.values == {Flag.SIZE: "portrait"}
    assert join_words(typed, split.words) == "a fox"


@pytest.mark.parametrize(
    "quoted",
    [
        *('"sale -e now"', "“sale -e now”", "„sale -e now“", "„sale -e now”", "«sale -e now»"),
        *(
            "»sale -e now«",
            "‹sale -e now›",
            "「sale -e now」",
            "『sale -e now』",
            "＂sale -e now＂",
        ),
        *("'sale -e now'", "‘sale -e now’", "‚sale -e now‘"),
    ],
)
@pytest.mark.parametrize("around", ["a sign: {}, neon", "a sign {}.", "({}) a sign", "{}!"])
def test_what_stands_in_any_quotes_is_text(quoted: str, around: str) -> None:
    text = around.format(quoted)
    split = split_flags(text)

    assert split.values == {}
    assert join_words(text, split.words) == text


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("--preset Summer Sale a fox", "Summer Sale"),
        ("a fox -p summer  SALE", "summer SALE"),
        ("a fox --preset Söké", "Söké"),
        ('a fox --preset="Summer Sale"', "Summer Sale"),
        ("a fox --preset summer", "summer"),
    ],
)
def test_a_preset_of_several_words_needs_no_quotes(text: str, name: str) -> None:
    split = split_flags(text, ("Summer Sale", "Soke"))

    assert split.values == {Flag.PRESET: name}
    assert join_words(text, split.words) == "a fox"


@pytest.mark.parametrize(
    ("typed", "show"),
    [
        ("thread", Show.THREAD),
        ("Thread only", Show.THREAD),
        ("in the channel,", Show.CHANNEL),
        ("#channel", Show.CHANNEL),
        ("everyone", Show.CHANNEL),
        ("ME", Show.ME),
        ("just me", Show.ME),
        ("private", Show.ME),
        ("the", None),
        ("", None),
    ],
)
def test_where_pictures_are_shown_is_said_in_ones_own_words(typed: str, show: Show | None) -> None:
    assert find_show(typed) is show


def test_a_place_that_is_none_is_a_problem_and_nothing_is_guessed() -> None:
    values: dict[str, str] = {Flag.SHOW: "nowhere"}

    assert [each.problem for each in find_value_problems(values)] == [Problem.UNKNOWN_SHOW]
    assert read_options(values) == Options()
