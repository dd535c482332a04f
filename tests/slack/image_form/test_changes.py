"""Lines of a prompt in the form, and what was changed of a version."""

from __future__ import annotations

import pytest

from bot.images.catalogue import Model
from bot.images.chain import join_lines
from bot.slack.image_form.changes import chain_of, start_of
from bot.slack.image_form.values import FormContext, FormValues, Reference, with_lines

VALUES = FormValues(prompt="fog", lines=("with rain", "no text"))
CONTEXT = FormContext(parent_id="g1", lines=VALUES.lines, start=start_of(VALUES))


@pytest.mark.parametrize(
    ("update", "changed"),
    [
        ({}, "once more"),
        ({"lines": ("with rain",)}, "without “no text”"),
        ({"lines": ()}, "without “with rain” and “no text”"),
        ({"prompt": "snow"}, ""),
        ({"quantity": 3}, "3 pictures"),
        ({"model": Model.IDEOGRAM_3}, "model Ideogram 3.0"),
        ({"quantity": 2, "enhance_prompt": True}, "2 pictures · prompt improved by AI"),
        ({"kept": (Reference.of_media("m1", "mood"),)}, "other reference pictures"),
        ({"caption_id": "c1"}, ""),
    ],
)
def test_what_was_changed_is_named(update: dict[str, object], changed: str) -> None:
    chain = chain_of(CONTEXT, VALUES.model_copy(update=update))

    assert chain.changed == changed
    assert chain.usual_quantity == 1


def test_what_is_no_version_has_only_its_lines() -> None:
    chain = chain_of(FormContext(), FormValues(prompt=" fog "))

    assert (chain.lines, chain.changed, chain.usual_quantity) == (("fog",), "", None)


@pytest.mark.parametrize("number", [1, 2, 11, 12, 40])
def test_of_many_lines_the_last_ten_can_be_struck(number: int) -> None:
    lines = tuple(f"line {n}" for n in range(number))
    values = with_lines(FormValues(), lines)

    assert len(values.lines) == min(10, number - 1)
    assert values.whole_prompt == join_lines(lines)


def test_long_lines_stay_in_the_prompt() -> None:
    """`private_metadata` has 3,000 characters for everything."""
    values = with_lines(FormValues(), ("fog", "a" * 600, "b" * 600, "no text"))

    assert values.lines == ("b" * 600, "no text")
    assert values.prompt == "fog. " + "a" * 600
