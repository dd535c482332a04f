"""What is wrong with a form is said at its field."""

from __future__ import annotations

from typing import Any

import pytest

from bot.generations.record import SlackFile
from bot.images.catalogue import Model, Size
from bot.slack.image_form.checks import find_form_errors
from bot.slack.image_form.values import Destination, FormValues, Reference
from bot.slack.kit.ids import Field
from bot.slack.kit.modals import PickedFile

FIFTY_MEGABYTES = 50 * 1024 * 1024


def png(size: int = 1000, mimetype: str = "image/png") -> PickedFile:
    return PickedFile(id="F1", name="mood.png", mimetype=mimetype, size=size)


def test_a_form_that_is_well_has_no_errors() -> None:
    assert find_form_errors(FormValues(prompt="fog"), []) == {}


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"prompt": " \n "}, Field.PROMPT, "Describe the picture"),
        ({"prompt": "x" * 2001}, Field.PROMPT, "2,001 characters"),
        ({"quantity": 5}, Field.QUANTITY, "1 to 4"),
        ({"model": Model.GPT_IMAGE_1_5, "size": Size.FEED}, Field.SIZE, "has no size feed"),
        ({"destination": Destination.CHANNEL}, Field.CHANNEL, "Choose a channel"),
        ({"caption_id": "c", "source_post_type": "myspace"}, Field.SOURCE, "platforms"),
    ],
)
def test_each_error_is_at_its_own_field(changes: dict[str, Any], field: Field, says: str) -> None:
    errors = find_form_errors(FormValues(**({"prompt": "fog"} | changes)), [])

    assert list(errors) == [field]
    assert says in errors[field]


def test_a_caption_makes_the_prompt_optional_and_only_then() -> None:
    assert find_form_errors(FormValues(caption_id="c1"), []) == {}
    assert list(find_form_errors(FormValues(), [])) == [Field.PROMPT]


def test_a_size_from_the_list_of_another_model_is_said_at_the_model() -> None:
    values = FormValues(prompt="fog", model=Model.GPT_IMAGE_1_5, size=Size.FEED)
    errors = find_form_errors(values, [], is_size_fresh=False)

    assert list(errors) == [Field.MODEL]


@pytest.mark.parametrize(("more", "is_fine"), [(0, True), (1, False)])
def test_fifty_megabytes_are_taken_and_not_a_byte_more(more: int, is_fine: bool) -> None:
    errors = find_form_errors(FormValues(prompt="fog"), [png(FIFTY_MEGABYTES + more)])

    assert (errors == {}) is is_fine
    assert is_fine or "mood.png" in errors[Field.FILES]


@pytest.mark.parametrize("mimetype", ["video/mp4", "application/pdf", "image/svg+xml"])
def test_what_is_no_picture_is_named(mimetype: str) -> None:
    errors = find_form_errors(FormValues(prompt="fog"), [png(mimetype=mimetype)])

    assert "“mood.png” isn't a picture that I can read" in errors[Field.FILES]


def test_a_file_that_slack_does_not_describe_is_looked_at_later() -> None:
    assert find_form_errors(FormValues(prompt="fog"), [PickedFile(id="F1")]) == {}


def test_more_than_four_references_are_refused_over_kept_and_picked() -> None:
    kept = tuple(Reference.of_media(f"m{n}", "a") for n in range(2))
    kept += (Reference.of_file("F9", "b"),)
    files = tuple(SlackFile(file_id=f"F{n}", name="c") for n in range(2))
    five = FormValues(prompt="fog", kept=kept, files=files)
    four = FormValues(prompt="fog", kept=kept, files=files[:1])

    assert "5 reference pictures" in find_form_errors(five, [])[Field.FILES]
    assert find_form_errors(four, []) == {}
