"""The grammar of a reply in a thread, as tables."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.images.catalogue import MODELS, Model, Size
from bot.images.meaning import Problem
from bot.images.reply import (
    AgainstSpec,
    Change,
    Help,
    Kind,
    Misunderstood,
    NotUnderstood,
    Understood,
    add_words,
    parse_reply,
)
from bot.images.request import ImageRequest, Rule, find_spec_violations

BASE = ImageRequest(
    prompt="a lighthouse in fog",
    model=Model.FLUX2_FLEX,
    size=Size.LANDSCAPE,
    quantity=2,
    style_images=("media-1",),
)
POST = ImageRequest(caption_id="550e8400", source_post_type="instagram-feed")

AGAIN = Understood(Kind.AGAIN)
ENHANCE = Understood(Kind.ENHANCE_ON)
PLAIN = Understood(Kind.ENHANCE_OFF)
REFERENCES = Understood(Kind.REFERENCES)


def words(value: str) -> Understood:
    return Understood(Kind.WORDS_ADDED, value)


def prompt(value: str) -> Understood:
    return Understood(Kind.PROMPT_REPLACED, value)


def size(value: str) -> Understood:
    return Understood(Kind.SIZE, value)


def model(value: str) -> Understood:
    return Understood(Kind.MODEL, value)


def quantity(value: int) -> Understood:
    return Understood(Kind.QUANTITY, str(value))


def understand(text: str) -> tuple[Understood, ...]:
    reply = parse_reply(text, BASE)
    assert isinstance(reply, Change), reply
    return reply.understood


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("again", {}),
        ("again x3", {"quantity": 3}),
        ("with a darker sky", {"prompt": "a lighthouse in fog. with a darker sky"}),
        ("--size portrait", {"size": Size.PORTRAIT}),
        ("-s portrait -n 4", {"size": Size.PORTRAIT, "quantity": 4}),
        ("use ideogram", {"model": Model.IDEOGRAM_3}),
        ("enhance", {"enhance_prompt": True}),
        ("prompt: a red fox", {"prompt": "a red fox"}),
        (
            "again with a darker sky --size portrait -n 1",
            {
                "prompt": "a lighthouse in fog. with a darker sky",
                "size": Size.PORTRAIT,
                "quantity": 1,
            },
        ),
        (
            "use the nano banana model, enhance please, in portrait",
            {"model": Model.NANO_BANANA_2, "enhance_prompt": True, "size": Size.PORTRAIT},
        ),
    ],
)
def test_a_reply_changes_only_what_it_names(text: str, changed: dict[str, object]) -> None:
    reply = parse_reply(text, BASE)

    assert isinstance(reply, Change)
    assert reply.request == BASE.model_copy(update=changed)


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ("again", (AGAIN,)),
        ("Again!", (AGAIN,)),
        ("once more please", (AGAIN,)),
        ("can you do it again?", (AGAIN,)),
        ("try again", (AGAIN,)),
        ("regenerate", (AGAIN,)),
        ("more like this", (AGAIN,)),
        ("nice, again", (AGAIN,)),
        (":tada: again", (AGAIN,)),
        ("ok again, thanks", (AGAIN,)),
        ("again x3", (AGAIN, quantity(3))),
        ("again ×3", (AGAIN, quantity(3))),
        ("again 2", (AGAIN, quantity(2))),
        ("again, 3 times", (AGAIN, quantity(3))),
        ("again twice", (AGAIN, quantity(2))),
        ("do it three times", (quantity(3),)),
        ("x3", (quantity(3),)),
        ("3 more", (quantity(3),)),
        ("could you make three more?", (quantity(3),)),
        ("another one", (quantity(1),)),
        ("4 of them", (quantity(4),)),
        ("give me 3 pictures", (quantity(3),)),
        ("4 variations please", (quantity(4),)),
        ("-n 4", (quantity(4),)),
        ("—quantity 4", (quantity(4),)),
        ("--size portrait", (size("portrait"),)),
        ("—size portrait", (size("portrait"),)),
        ("--size portrait, with more fog", (words("with more fog"), size("portrait"))),
        ("portrait", (size("portrait"),)),
        ("portrait please", (size("portrait"),)),
        ("as landscape", (size("landscape"),)),
        ("in portrait", (size("portrait"),)),
        ("in a portrait format", (size("portrait"),)),
        ("make it square", (size("square"),)),
        ("size: feed", (size("feed"),)),
        ("I love it but can you do it in portrait?", (size("portrait"),)),
        ("use ideogram", (model("ideogram-3"),)),
        ("use flux", (model("flux2-flex"),)),
        ("with ideogram 3", (model("ideogram-3"),)),
        ("with Ideogram v3 please", (model("ideogram-3"),)),
        ("in nano banana", (model("nano-banana-2"),)),
        ("same but with nano banana", (AGAIN, model("nano-banana-2"))),
        ("switch to GPT Image 1.5", (model("gpt-image-1.5"),)),
        ("-m gpt", (model("gpt-image-1.5"),)),
        ("enhance", (ENHANCE,)),
        ("--enhance", (ENHANCE,)),
        ("improve the prompt", (ENHANCE,)),
        ("again without enhance", (AGAIN, PLAIN)),
        ("don't enhance, x3", (quantity(3), PLAIN)),
        ("--no-enhance", (PLAIN,)),
    ],
)
def test_commands_are_understood_in_words_and_in_flags(
    text: str, understood: tuple[Understood, ...]
) -> None:
    assert understand(text) == understood


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ("again, but at night", (AGAIN, words("at night"))),
        ("make it darker, again", (AGAIN, words("make it darker"))),
        ("thanks for the cat, make it black", (words("make it black"),)),
        ("please make it darker, thanks!", (words("make it darker"),)),
        ("Could you make it darker?", (words("make it darker"),)),
    ],
)
def test_once_more_and_courtesy_are_taken_off_an_instruction(
    text: str, understood: tuple[Understood, ...]
) -> None:
    assert understand(text) == understood


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        (
            "again x2 with a darker sky --size portrait",
            (AGAIN, words("with a darker sky"), size("portrait"), quantity(2)),
        ),
        (
            "use ideogram and make the sky darker",
            (words("make the sky darker"), model("ideogram-3")),
        ),
        (
            "make the sky darker and use ideogram",
            (words("make the sky darker"), model("ideogram-3")),
        ),
        ("with a darker sky\nportrait please", (words("with a darker sky"), size("portrait"))),
        ("a darker sky in portrait, x3", (words("a darker sky"), size("portrait"), quantity(3))),
        ("darker, using GPT Image 1.5", (words("darker"), model("gpt-image-1.5"))),
        ("again 2 x3", (AGAIN, quantity(3))),
    ],
)
def test_an_option_in_words_beside_an_instruction_is_asked_and_offered_with_all_of_it(
    text: str, understood: tuple[Understood, ...]
) -> None:
    reply = parse_reply(text, BASE)

    assert isinstance(reply, Misunderstood)
    assert reply.guess is not None
    assert reply.guess.understood == understood


@pytest.mark.parametrize(
    "text",
    [
        "with a darker sky",
        "use a darker sky",
        "a city in flux",
        "in flux",
        "a robot with gpt",
        "a man holding a portrait",
        "portrait, oil on canvas, 85mm",
        "square, dark windows",
        "add a circle and square",
        "make it square windows",
        "feed the cat",
        "add 3 more",
        "3 more clouds",
        "4 of them wearing hats",
        "two pictures on the wall",
        "another tree",
        "zoom in x2",
        "2x bigger",
        "make the sky dark again",
        "regenerate the sky",
        "same colours but darker",
        "more fog",
        "enhance the colours",
        "enhanced, 8k, detailed",
        "a sign that says please",
        "a sign that says in portrait",
        "nice, but make it darker",
        "beautiful, dreamy, soft light",
        "no people",
        "too dark",
        "what about a darker sky?",
        "minus -5 degrees",
        "fog — thick and grey",
        "write the prompt: hello on a wall",
        "add a :fox_face:",
        "🦊 instead of the dog",
        'the sign says "again"',
        "Make it darker. Add a cat.",
        "two  spaces\nand a line",
        "もっと暗く",
        "مزيد من الضباب",
    ],
)
def test_in_doubt_words_are_an_instruction_to_the_letter(text: str) -> None:
    assert understand(text) == (words(text),)


@pytest.mark.parametrize(
    ("text", "added"),
    [
        ('"again"', "again"),
        ("“portrait please”", "portrait please"),
        ("-- --size is a word", "--size is a word"),
        ("-- again", "again"),
    ],
)
def test_what_is_quoted_or_after_two_hyphens_is_no_command(text: str, added: str) -> None:
    assert understand(text) == (words(added),)


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ("prompt: a Red fox", (prompt("a Red fox"),)),
        ("Prompt:a fox", (prompt("a fox"),)),
        ("new prompt: a fox", (prompt("a fox"),)),
        ("prompt: a fox --size portrait, again", (prompt("a fox --size portrait, again"),)),
        ('prompt: "a fox"', (prompt('"a fox"'),)),
        ("prompt: prompt: a fox", (prompt("prompt: a fox"),)),
        ("--size portrait prompt: a fox -n 3", (prompt("a fox -n 3"), size("portrait"))),
        ("again x3 prompt: a fox", (AGAIN, prompt("a fox"), quantity(3))),
        ("use ideogram, prompt: a fox", (prompt("a fox"), model("ideogram-3"))),
    ],
)
def test_a_prompt_is_replaced_to_the_letter_and_commands_stand_before_it(
    text: str, understood: tuple[Understood, ...]
) -> None:
    assert understand(text) == understood


@pytest.mark.parametrize(
    "text", ["", "  ", "help", "HELP", "?", "--help", "—help", "-h", "\u200b\u00ad"]
)
def test_help_is_asked_for(text: str) -> None:
    assert parse_reply(text, BASE) == Help()


@pytest.mark.parametrize(
    "text",
    [
        "thanks!",
        "Thank you so much for this!",
        "thanks again!",
        "thank you, again",
        "thank youuu",
        "please",
        "can you",
        "yes please",
        "no thanks",
        "nice",
        "Nice one 👌",
        "great",
        "niiice",
        "lol",
        "hahaha",
        "wow",
        "wow, this is so beautiful!!",
        "I love it",
        "that's hilarious :joy:",
        "great work team",
        "LGTM",
        "not bad",
        "no",
        "stop",
        "never mind",
        "hi",
        "ok",
        ":+1:",
        ":+1::skin-tone-3: :heart:",
        "👍🏽",
        "❤️ 🔥",
        "<@U2> nice!",
        "+1",
        ":)",
        "...",
        "!!!",
        '""',
        "--",
        "1.5",
        "3",
        "and",
        "like this",
        "credits",
        "history",
        "how much did this cost?",
        "who made this",
        "What model is this?",
        "what can you do?",
        "--colour",
    ],
)
def test_courtesy_reactions_and_questions_spend_nothing(text: str) -> None:
    assert parse_reply(text, BASE) == NotUnderstood()


@pytest.mark.parametrize("text", ["thanks!", "nice", "👍", ":+1:", "can you"])
def test_a_reaction_spends_nothing_even_with_a_picture(text: str) -> None:
    assert parse_reply(text, BASE, has_pictures=True) == NotUnderstood()


def test_a_lone_wrong_flag_spends_nothing_and_is_named_where_one_is_near() -> None:
    assert parse_reply("--siez", BASE) == NotUnderstood(
        Misunderstood(Problem.UNKNOWN_FLAG, "--siez", "--size")
    )


@pytest.mark.parametrize(
    ("text", "problem", "typed", "suggestion"),
    [
        ("again --siez portrait", Problem.UNKNOWN_FLAG, "--siez", "--size"),
        ("darker --colour red", Problem.UNKNOWN_FLAG, "--colour", None),
        ("--size huge", Problem.UNKNOWN_SIZE, "huge", None),
        ("--size", Problem.VALUE_MISSING, "--size", None),
        ("--model ideogramm-3", Problem.UNKNOWN_MODEL, "ideogramm-3", "ideogram-3"),
        ("use gpt image 2", Problem.UNKNOWN_MODEL, "gpt image 2", "gpt-image-1.5"),
        ("use nano banana 3", Problem.UNKNOWN_MODEL, "nano banana 3", "nano-banana-2"),
        ("use gpt image 1.5, 16:9", Problem.SIZE_DIFFERS, "16:9", "landscape 3:2"),
        ("again -n two", Problem.BAD_QUANTITY, "two", None),
        ("again 1.5", Problem.BAD_QUANTITY, "1.5", None),
        ("again x1234567", Problem.BAD_QUANTITY, "1234567", None),
        ("--size portrait, make it square", Problem.GIVEN_TWICE, "--size", None),
        (
            "use flux and use ideogram",
            Problem.NAMES_MODEL,
            "use flux and use ideogram",
            "FLUX.2 Flex + Ideogram 3.0",
        ),
        ("--enhance without enhance", Problem.GIVEN_TWICE, "--enhance", None),
    ],
)
def test_what_is_wrong_or_contradicts_itself_is_named(
    text: str, problem: Problem, typed: str, suggestion: str | None
) -> None:
    assert parse_reply(text, BASE) == Misunderstood(problem, typed, suggestion)


def test_the_same_thing_said_twice_is_no_contradiction() -> None:
    assert understand("make it square --size square") == (size("square"),)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("again x5", Rule.QUANTITY_OUT_OF_RANGE),
        ("x0", Rule.QUANTITY_OUT_OF_RANGE),
        ("five more", Rule.QUANTITY_OUT_OF_RANGE),
        ("again -1", Rule.QUANTITY_OUT_OF_RANGE),
        ("-n 9", Rule.QUANTITY_OUT_OF_RANGE),
        ("use gpt image, feed please", Rule.SIZE_NOT_IN_MODEL),
        ("prompt:", Rule.PROMPT_MISSING),
        ("prompt: " + "x" * 2001, Rule.PROMPT_TOO_LONG),
    ],
)
def test_what_the_specification_forbids_is_refused(text: str, rule: Rule) -> None:
    reply = parse_reply(text, BASE)

    assert isinstance(reply, AgainstSpec)
    assert [violation.rule for violation in reply.violations] == [rule]


def test_a_prompt_may_grow_to_2000_characters_and_no_further() -> None:
    long = BASE.model_copy(update={"prompt": "x" * 1990})

    fits = parse_reply("a cat 12", long)
    grown = parse_reply("a cat 123", long)

    assert isinstance(fits, Change)
    assert len(fits.request.prompt or "") == 2000
    assert isinstance(grown, AgainstSpec)
    assert grown.request.prompt == "x" * 1990 + ". a cat 123"
    assert [violation.rule for violation in grown.violations] == [Rule.PROMPT_TOO_LONG]


@pytest.mark.parametrize(
    ("before", "added", "after"),
    [
        ("a fox", "in snow", "a fox. in snow"),
        ("a fox.", "in snow", "a fox. in snow"),
        ("a fox!  ", "in snow", "a fox! in snow"),
        ("a fox,", "in snow", "a fox, in snow"),
        ('a sign: "Open."', "in snow", 'a sign: "Open." in snow'),
        ('a sign "Open"', "in snow", 'a sign "Open". in snow'),
        ("雪の狐。", "もっと暗く", "雪の狐。 もっと暗く"),
        (None, "in snow", "in snow"),
        ("  ", "in snow", "in snow"),
    ],
)
def test_added_words_are_the_next_sentence_without_double_punctuation(
    before: str | None, added: str, after: str
) -> None:
    assert add_words(before, added) == after


def test_a_size_that_only_the_new_model_lacks_falls_back_and_says_so() -> None:
    feed = BASE.model_copy(update={"size": Size.FEED})

    reply = parse_reply("use gpt image", feed)

    assert reply == Change(
        feed.model_copy(update={"model": Model.GPT_IMAGE_1_5, "size": Size.SQUARE}),
        (model("gpt-image-1.5"), Understood(Kind.SIZE_FELL_BACK, "square")),
    )


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ("", (REFERENCES,)),
        ("again", (AGAIN, REFERENCES)),
        ("in this style", (words("in this style"), REFERENCES)),
        ("like this one", (words("like this one"), REFERENCES)),
        ("portrait please", (size("portrait"), REFERENCES)),
    ],
)
def test_attached_pictures_leave_the_references_that_there_are(
    text: str, understood: tuple[Understood, ...]
) -> None:
    reply = parse_reply(text, BASE, has_pictures=True)

    assert isinstance(reply, Change)
    assert reply.understood == understood
    assert reply.request.style_images == BASE.style_images


@pytest.mark.parametrize(
    ("text", "derived"),
    [
        ("with neon accents", "with neon accents"),
        ("prompt: neon accents", "neon accents"),
        ("again", None),
        ("portrait please", None),
    ],
)
def test_words_for_a_caption_become_its_prompt(text: str, derived: str | None) -> None:
    reply = parse_reply(text, POST)

    assert isinstance(reply, Change)
    assert reply.request.prompt == derived
    assert reply.request.caption_id == "550e8400"
    assert reply.request.source_post_type == "instagram-feed"


def test_an_empty_prompt_is_a_slip_for_a_caption_too() -> None:
    reply = parse_reply("prompt:", POST)

    assert isinstance(reply, AgainstSpec)
    assert [violation.rule for violation in reply.violations] == [Rule.PROMPT_MISSING]


@pytest.mark.parametrize("asked", list(Model))
@pytest.mark.parametrize("form", ["use {}", "with {}", "again in {} please"])
def test_every_model_can_be_asked_for_by_its_id_and_its_name(asked: Model, form: str) -> None:
    for spelling in (asked.value, MODELS[asked].name, asked.value.replace("-", " ")):
        reply = parse_reply(form.format(spelling), BASE)

        assert isinstance(reply, Change)
        assert reply.request.model == asked


@pytest.mark.parametrize("asked", list(Size))
@pytest.mark.parametrize("form", ["{}", "{} please", "make it {}", "in {} format", "size {}"])
def test_every_size_can_be_asked_for_in_words(asked: Size, form: str) -> None:
    assert understand(form.format(asked)) == (size(asked),)


FIELDS = {
    Kind.AGAIN: set[str](),
    Kind.WORDS_ADDED: {"prompt"},
    Kind.PROMPT_REPLACED: {"prompt"},
    Kind.MODEL: {"model"},
    Kind.SIZE: {"size"},
    Kind.SIZE_FELL_BACK: {"size"},
    Kind.QUANTITY: {"quantity"},
    Kind.ENHANCE_ON: {"enhance_prompt"},
    Kind.ENHANCE_OFF: {"enhance_prompt"},
    Kind.REFERENCES: set[str](),
}

VOCABULARY = """
again once more x2 x9 3 two 16:9 of them portrait square please thanks nice can you use with in as
make it ideogram gpt image nano banana 2 1.5 flux a darker sky, and but . — -- --size -n —model -e
--foo prompt: enhance without "quoted again" " 👍 :+1: :tada: <@U1> what is this ?
"""

bases = st.sampled_from(
    [
        BASE,
        POST,
        BASE.model_copy(update={"size": Size.FEED, "prompt": "x" * 1995}),
        BASE.model_copy(update={"model": Model.GPT_IMAGE_1_5, "prompt": "fog."}),
    ]
)
replies = (
    st.text(max_size=200)
    | st.text(alphabet='-—x2s :,"“”\n👍🏽', max_size=40)
    | st.lists(st.sampled_from(VOCABULARY.split()), max_size=10).map(" ".join)
)


@example("👍", BASE, True)
@example('can you "? ?"', BASE, False)
@given(replies, bases, st.booleans())
def test_any_text_is_answered_and_a_change_may_be_sent_and_keeps_what_was_not_named(
    text: str, base: ImageRequest, has_pictures: bool
) -> None:
    reply = parse_reply(text, base, has_pictures=has_pictures)

    if isinstance(reply, Change):
        named = set[str]().union(*(FIELDS[understood.kind] for understood in reply.understood))
        old, new = base.model_dump(), reply.request.model_dump()
        assert reply.understood
        assert find_spec_violations(reply.request) == []
        assert {field for field in old if old[field] != new[field]} <= named
    if isinstance(reply, AgainstSpec):
        assert reply.violations


@given(st.lists(st.sampled_from(["thanks", "nice", "wow!", "👍", ":+1:", "lol", "so", "please"])))
def test_no_mixture_of_courtesy_and_reactions_ever_spends(said: list[str]) -> None:
    assert not isinstance(parse_reply(" ".join(said), BASE), Change)


@pytest.mark.parametrize("word", ["again ", "x ", "a, ", "and ", '"a" ', "thanks for ", "x"])
def test_a_reply_as_long_as_slack_allows_is_answered(word: str) -> None:
    assert parse_reply((word * 40_000)[:40_000], BASE) is not None


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("use midjourney", "midjourney"),
        ("try DALL-E 3 please", "DALL-E 3"),
        ("with Stable Diffusion", "Stable Diffusion"),
        ("switch to the sdxl model", "sdxl"),
    ],
)
def test_a_model_that_powerpost_lacks_is_named_and_not_painted(text: str, typed: str) -> None:
    answer = parse_reply(text, ImageRequest(prompt="fog"))

    assert answer == Misunderstood(Problem.UNKNOWN_MODEL, typed)


def test_such_a_name_within_an_instruction_is_an_instruction() -> None:
    answer = parse_reply("a poster of midjourney, the town", ImageRequest(prompt="fog"))

    assert isinstance(answer, Change)
