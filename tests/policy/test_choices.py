"""What presets and personal defaults make of a request, as tables."""

from __future__ import annotations

from typing import Any

import pytest

from bot.images.catalogue import Model, Size
from bot.images.request import ImageRequest, Rule
from bot.policy.choices import (
    OPTION_FIELDS,
    Choice,
    LockedOption,
    Overflow,
    PresetConflictError,
    Settled,
    UnknownPreset,
    find_barred,
    find_own_words,
    find_unsaid,
    find_usable,
    settle,
)
from bot.policy.policy import Policy
from bot.policy.presets import AppliedPreset, Defaults, Preset, StoredReference, join_prompt
from bot.policy.rules import Rules

BRAND = Preset(
    name="Brand",
    prefix="Watercolour of",
    suffix="on white",
    model=Model.IDEOGRAM_3,
    size=Size.LANDSCAPE,
    quantity=2,
    enhance_prompt=True,
)
LOCKED = BRAND.model_copy(update={"name": "Strict", "is_locked": True})
GPT = Preset(name="Photo", model=Model.GPT_IMAGE_1_5)
HERE = Preset(name="Here", channel_id="C1", quantity=3)
POLICY = Policy(
    presets=(BRAND, LOCKED, GPT, HERE),
    defaults={"U2": Defaults(model=Model.NANO_BANANA_2, size=Size.FEED, preset="gone")},
)
FOX = ImageRequest(prompt="a fox")


def run(choice: Choice, request: ImageRequest = FOX, **more: Any) -> Settled:
    values = {"channel_id": "C1", "user_id": "U1", **more}
    return settle(POLICY, choice, request, **values)


def fields_of(request: ImageRequest) -> tuple[Any, ...]:
    return tuple(getattr(request, name) for name in OPTION_FIELDS)


def asked(**changes: Any) -> ImageRequest:
    return FOX.model_copy(update=changes)


def said(*fields: str, preset: str | None = None, **more: Any) -> Choice:
    return Choice(frozenset(fields), preset, **more)


@pytest.mark.parametrize(
    ("choice", "request_", "user_id", "expected"),
    [
        # model, size, quantity, enhance_prompt
        (said(), FOX, "U1", ("flux2-flex", "square", 1, False)),
        (said(has_defaults=True), FOX, "U2", ("nano-banana-2", "feed", 1, False)),
        (said(), FOX, "U2", ("flux2-flex", "square", 1, False)),
        (said("model", has_defaults=True), FOX, "U2", ("flux2-flex", "feed", 1, False)),
        (said(preset="brand"), FOX, "U1", ("ideogram-3", "landscape", 2, True)),
        (said(preset=" BRAND "), FOX, "U1", ("ideogram-3", "landscape", 2, True)),
        (said("size", preset="brand"), FOX, "U1", ("ideogram-3", "square", 2, True)),
        (
            said("quantity", preset="brand"),
            asked(quantity=4),
            "U1",
            ("ideogram-3", "landscape", 4, True),
        ),
        (said(preset="strict"), FOX, "U1", ("ideogram-3", "landscape", 2, True)),
        (
            said("quantity", preset="strict"),
            asked(quantity=2),
            "U1",
            ("ideogram-3", "landscape", 2, True),
        ),
        # One's own default size, which the preset's model lacks, gives way.
        (said(preset="photo", has_defaults=True), FOX, "U2", ("gpt-image-1.5", "square", 1, False)),
        (said(preset="here"), FOX, "U1", ("flux2-flex", "square", 3, False)),
        (said(preset=""), FOX, "U1", ("flux2-flex", "square", 1, False)),
        # What came before stands, but for what is locked.
        (
            said(preset="brand", is_continued=True),
            asked(quantity=4),
            "U1",
            ("flux2-flex", "square", 4, False),
        ),
        (
            said(preset="strict", is_continued=True),
            asked(quantity=4),
            "U1",
            ("ideogram-3", "landscape", 2, True),
        ),
    ],
)
def test_what_was_said_goes_before_the_preset_and_that_before_ones_own_defaults(
    choice: Choice, request_: ImageRequest, user_id: str, expected: tuple[Any, ...]
) -> None:
    assert fields_of(run(choice, request_, user_id=user_id).request) == expected


def test_the_persons_own_words_stay_and_the_presets_go_around_them_when_it_is_sent() -> None:
    settled = run(said(preset="brand"))

    assert settled.request.prompt == "a fox"
    assert settled.applied is not None
    assert settled.applied.compose(settled.request).prompt == "Watercolour of a fox, on white"


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"model": Model.FLUX2_FLEX}, ["model"]),
        ({"size": Size.SQUARE}, ["size"]),
        ({"quantity": 1}, ["quantity"]),
        ({"enhance_prompt": False}, ["enhance_prompt"]),
        ({"model": Model.FLUX2_FLEX, "quantity": 4}, ["model", "quantity"]),
    ],
)
def test_what_a_locked_preset_sets_cannot_be_said_otherwise(
    changes: dict[str, Any], fields: list[str]
) -> None:
    with pytest.raises(PresetConflictError) as caught:
        run(said(*changes, preset="strict"), asked(**changes))

    assert list(caught.value.misfits) == [LockedOption(LOCKED, field) for field in fields]


@pytest.mark.parametrize(
    ("typed", "channel_id", "suggestion", "names"),
    [
        ("brnad", "C1", "Brand", ("Brand", "Here", "Photo", "Strict")),
        ("xyz", "C1", None, ("Brand", "Here", "Photo", "Strict")),
        ("here", "C2", None, ("Brand", "Photo", "Strict")),  # another channel's
        ("here", "U1", None, ("Brand", "Photo", "Strict")),  # a direct message
    ],
)
def test_an_unknown_preset_is_answered_with_those_that_there_are(
    typed: str, channel_id: str, suggestion: str | None, names: tuple[str, ...]
) -> None:
    with pytest.raises(PresetConflictError) as caught:
        run(said(preset=typed), channel_id=channel_id)

    assert caught.value.misfits == (UnknownPreset(typed, names, suggestion),)


def test_a_preset_that_is_gone_stays_with_what_was_made_with_it() -> None:
    had = AppliedPreset(name="Old", prefix="Etching of")

    kept = run(said(preset="old", is_continued=True), applied=had)
    dropped = run(said(preset=""), applied=had)
    other = run(said(preset="here"), applied=had)

    assert kept == Settled(FOX, had)
    assert dropped == Settled(FOX, None)
    assert other.applied == AppliedPreset(name="Here")


@pytest.mark.parametrize(
    ("preset", "request_", "files", "rule"),
    [
        (Preset(name="Long", prefix="x" * 600), asked(prompt="y" * 1400), 0, Rule.PROMPT_TOO_LONG),
        (GPT, asked(size=Size.FEED), 0, Rule.SIZE_NOT_IN_MODEL),
        (
            Preset(name="P", references=(StoredReference(media_id="m1", name="a"),) * 1),
            asked(style_images=("m2", "m3", "m4", "m5")),
            0,
            Rule.TOO_MANY_STYLE_IMAGES,
        ),
        (
            Preset(name="P", references=(StoredReference(media_id="m1", name="a"),)),
            asked(style_images=("m2",)),
            3,
            Rule.TOO_MANY_STYLE_IMAGES,
        ),
    ],
)
def test_what_preset_and_request_break_together_is_told(
    preset: Preset, request_: ImageRequest, files: int, rule: Rule
) -> None:
    choice = Choice(frozenset({"size"}), preset.name)
    with pytest.raises(PresetConflictError) as caught:
        settle(
            Policy(presets=(preset,)),
            choice,
            request_,
            channel_id="C1",
            user_id="U1",
            files=files,
        )

    (misfit,) = caught.value.misfits
    assert isinstance(misfit, Overflow)
    assert misfit.violation.rule is rule


def test_a_picture_that_preset_and_person_both_bring_is_sent_once() -> None:
    applied = AppliedPreset(name="P", style_images=("m1", "m2"))

    whole = applied.compose(asked(style_images=("m2", "m3")))

    assert whole.style_images == ("m2", "m3", "m1")


@pytest.mark.parametrize(
    ("prefix", "prompt", "suffix", "whole"),
    [
        ("", "a fox", "", "a fox"),
        ("Watercolour of", "a fox", "", "Watercolour of a fox"),
        ("Brand style:", "a fox", "", "Brand style: a fox"),
        ("", "a fox", "on white", "a fox, on white"),
        ("", "a fox.", "on white", "a fox. on white"),
        ("", "a fox", ", on white", "a fox, on white"),
        ("", "a fox", "No text.", "a fox. No text."),
        (" a ", " b ", " c ", "a b, c"),
        ("Etching", "", "", "Etching"),
        ("", "", "on white", "on white"),
    ],
)
def test_prefix_prompt_and_suffix_read_as_one_text(
    prefix: str, prompt: str, suffix: str, whole: str
) -> None:
    assert join_prompt(prefix, prompt, suffix) == whole


ONLY = Rules(models=(Model.GPT_IMAGE_1_5, Model.IDEOGRAM_3), quantity_max=2)


@pytest.mark.parametrize(
    ("choice", "request_", "expected"),
    [
        # model, size, quantity
        (said(has_defaults=True), FOX, ("gpt-image-1.5", "square", 1)),
        (said(), FOX, ("flux2-flex", "square", 1)),  # a reply or a form: as it was
        (said("model", has_defaults=True), FOX, ("flux2-flex", "square", 1)),
        (said("size", has_defaults=True), asked(size=Size.FEED), ("ideogram-3", "feed", 1)),
        (said("quantity", has_defaults=True), asked(quantity=4), ("gpt-image-1.5", "square", 4)),
        (said(preset="three", has_defaults=True), FOX, ("ideogram-3", "feed", 3)),
        (said(preset="nano", has_defaults=True), FOX, ("nano-banana-2", "square", 1)),
    ],
)
def test_what_the_rules_forbid_and_nobody_said_gives_way(
    choice: Choice, request_: ImageRequest, expected: tuple[Any, ...]
) -> None:
    three = Preset(name="Three", quantity=3, size=Size.FEED, is_locked=True)
    nano = Preset(name="Nano", model=Model.NANO_BANANA_2, is_locked=True)
    policy = Policy(rules=ONLY, presets=(three, nano))
    settled = settle(policy, choice, request_, channel_id="C1", user_id="U1")
    request = settled.request

    assert (request.model, request.size, request.quantity) == expected
    for change in settled.gave_way:
        assert getattr(request, change.field) == change.got != change.wanted


@pytest.mark.parametrize(
    ("policy", "user", "expected"),
    [
        (Policy(), "U1", ("flux2-flex", "square", 1)),
        (POLICY, "U2", ("nano-banana-2", "feed", 1)),
        (Policy(rules=ONLY), "U1", ("gpt-image-1.5", "square", 1)),
    ],
)
def test_a_command_that_says_nothing_is_what_defaults_and_rules_make_of_it(
    policy: Policy, user: str, expected: tuple[Any, ...]
) -> None:
    unsaid = find_unsaid(policy, channel_id="C1", user_id=user)

    assert (unsaid.model, unsaid.size, unsaid.quantity) == expected


@pytest.mark.parametrize(
    ("rules", "barred"),
    [
        (Rules(), {}),
        (Rules(models=(Model.IDEOGRAM_3,), quantity_max=2), {}),
        (Rules(models=(Model.GPT_IMAGE_1_5,)), {"model": Model.IDEOGRAM_3}),
        (Rules(quantity_max=1), {"quantity": 2}),
    ],
)
def test_a_locked_preset_is_barred_by_what_it_is_locked_to_and_an_open_one_never(
    rules: Rules, barred: dict[str, object]
) -> None:
    assert find_barred(rules, LOCKED) == barred
    assert find_barred(rules, BRAND) == {}
    policy = POLICY.model_copy(update={"rules": rules})
    assert find_usable(policy, "strict", "C1") == (None if barred else LOCKED)
    assert find_usable(policy, "BRAND", "C1") == BRAND
    assert find_usable(policy, None, "C1") is None


def test_words_of_ones_own_preset_are_no_teams_because_its_name_is_much_alike() -> None:
    policy = Policy(presets=(Preset(name="Brand", prefix="Etching of"),))
    of_team = AppliedPreset(name="Brand", prefix="Etching of")
    assert find_own_words(policy, of_team, "C1") == ""
    for name in ("Bränd", "Brand"):
        own = AppliedPreset(name=name, prefix="A dragon")
        assert "A dragon" in find_own_words(policy, own, "C1")
