"""The form's content, read from whatever Slack sends and kept within Slack's limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import Cause
from bot.generations.record import Generation, Place, SlackFile, Sources, State
from bot.images.captions import CaptionFacts
from bot.images.catalogue import Model, Size
from bot.images.request import ImageRequest
from bot.slack.image_form.values import (
    Destination,
    FormContext,
    FormValues,
    Reference,
    distinct,
    read_values,
    values_of,
)
from bot.slack.image_form.views import FormFacts, show_form
from bot.slack.kit.ids import Field
from bot.slack.kit.lineage import as_asked, version_parent
from bot.slack.kit.modals import ViewState, read_files

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
# Shapes that are nearly right, so that every reader is reached.
FIELDS = ("prompt", "model", "size", "quantity", "enhance", "caption", "source_post_type")
KEYS = ("value", "selected_option", "selected_options", "files", "text", "selected_conversation")
ELEMENT = st.dictionaries(st.sampled_from(KEYS), ANYTHING, max_size=3)
STATE = st.dictionaries(
    st.text(max_size=5),
    st.dictionaries(
        st.sampled_from((*FIELDS, "kept", "files", "channel", "destination")), ELEMENT | ANYTHING
    ),
    max_size=4,
)


def held(field: str, **element: Any) -> dict[str, Any]:
    """A state with one field."""
    return {"values": {field: {field: element}}}


def generation(**changes: Any) -> Generation:
    place = Place("T1", "C1", "U1")
    made = Generation("g1", "command:1", place, ImageRequest(prompt="fog"), NOW, State.DELIVERED)
    return replace(made, **changes)


@pytest.mark.parametrize("files", [{"files": []}, {"files": None}, {}, {"files": "no"}])
def test_no_file_is_picked_however_slack_says_so(files: dict[str, Any]) -> None:
    assert read_files(held("files", **files), Field.FILES) == []
    assert read_files({}, Field.FILES) == []


def test_a_file_of_slack_connect_is_picked_though_nothing_is_said_of_it() -> None:
    shared = {"id": "F1", "mode": "file_access", "file_access": "check_file_info"}
    (file,) = read_files(held("files", files=[shared]), Field.FILES)

    assert (file.id, file.size, file.mimetype) == ("F1", 0, "")


def test_a_file_with_nulls_is_picked_and_one_without_an_id_is_not() -> None:
    files = [{"id": "F1", "name": None, "size": None}, {"name": "x.png"}, "F2", None]

    assert [file.id for file in read_files(held("files", files=files), Field.FILES)] == ["F1"]


def test_the_platform_of_another_caption_is_never_kept() -> None:
    def state(block_id: str) -> dict[str, Any]:
        option = {"value": "caption-2", "text": {"text": "Autumn"}}
        source = {"selected_option": {"value": "instagram-feed"}}
        return {
            "values": {
                "caption": {"caption": {"selected_option": option}},
                block_id: {"source_post_type": source},
            }
        }

    context = FormContext()
    stale = read_values(state("source_post_type:caption-1"), context)
    fresh = read_values(state("source_post_type:caption-2"), context)

    assert (stale.caption_id, stale.source_post_type) == ("caption-2", None)
    assert fresh.source_post_type == "instagram-feed"


def test_without_a_caption_there_is_no_platform() -> None:
    state = {
        "values": {
            "caption": {"caption": {"selected_option": None}},
            "source_post_type:c": {"source_post_type": {"selected_option": {"value": "x-post"}}},
        }
    }
    assert read_values(state, FormContext()).source_post_type is None


@pytest.mark.parametrize(
    ("quantity", "read"), [("3", 3), ("9", 9), ("x", 1), ("٣", 1), ("9" * 5000, 1), (2, 2)]
)
def test_a_quantity_is_read_as_it_is_or_as_one(quantity: Any, read: int) -> None:
    state = held("quantity", selected_option={"value": quantity})

    assert read_values(state, FormContext()).quantity == read


@given(state=st.fixed_dictionaries({"values": STATE | ANYTHING}) | STATE)
@settings(max_examples=150, deadline=None)
def test_no_state_breaks_the_reading(state: dict[str, Any]) -> None:
    values = read_values(state, FormContext())

    assert FormValues.model_validate(values.model_dump(mode="json")) == values
    assert all(isinstance(block_id, str) for block_id in ViewState.of(state).blocks.values())
    values.model_dump_json().encode()  # and it can be stored


@pytest.mark.parametrize(
    "metadata", [None, "", "{", "[]", '"x"', "null", '{"round": "many"}', "[" * 5000]
)
def test_a_context_that_cannot_be_read_is_an_empty_one(metadata: str | None) -> None:
    assert FormContext.read(metadata) == FormContext()


def test_unknown_words_in_a_context_of_another_version_are_left_out() -> None:
    context = FormContext.read('{"channel_id": "C1", "colour": "red"}')

    assert context == FormContext(channel_id="C1")


@pytest.mark.parametrize("letter", ["x", "é", "🦊", '"', "\\", "\n"])
def test_the_context_fits_into_private_metadata_at_its_worst(letter: str) -> None:
    names = [f"{n}{letter * 2000}" for n in range(8)]
    files = [Reference.of_file(f"F{n}ABCDEFGHIJ", name) for n, name in enumerate(names[:4])]
    media = [
        Reference.of_media(f"a1b2c3d4-e5f6-7890-abcd-ef123456789{n}", name)
        for n, name in enumerate(names[4:])
    ]
    context = FormContext(
        channel_id="C0123456789",
        thread_ts="1763899200.123456",
        offered=(*files, *media),
        parent_id="a1b2c3d4-e5f6-7890-abcd-ef1234567890",
        is_restored=True,
        round=999,
        powerpost_workspace="w" * 64,
    )
    view = show_form(context, FormValues(kept=context.offered), FormFacts()).to_dict()

    assert len(view["private_metadata"]) <= 3000
    assert FormContext.read(view["private_metadata"]) == context


def test_a_picture_that_is_there_twice_is_offered_once() -> None:
    twice = [
        Reference.of_file("F1", "a"),
        Reference.of_file("F2", "b"),
        Reference.of_file("F1", "c"),
    ]

    assert [reference.key for reference in distinct(twice)] == ["file:F2", "file:F1"][::-1]


def test_a_generation_of_the_same_picture_twice_can_be_edited() -> None:
    made = generation(
        request=ImageRequest(prompt="fog", style_images=("m1", "m1")),
        sources=Sources(
            references=(SlackFile(file_id="F1", name="a"), SlackFile(file_id="F2", name="b")),
            is_gathered=True,
        ),
    )
    values = values_of(made)
    show_form(FormContext(offered=values.kept), values, FormFacts()).to_dict()

    assert [reference.key for reference in values.kept] == ["media:m1"]


def test_everything_a_generation_was_made_of_is_in_the_form() -> None:
    made = generation(
        request=ImageRequest(
            prompt="neon",
            model=Model.NANO_BANANA_2,
            size=Size.FEED,
            quantity=4,
            enhance_prompt=True,
            style_images=("m1", "m2"),
            caption_id="c1",
            source_post_type="x-post",
        ),
        sources=Sources(
            references=(SlackFile(file_id="F2", name="mood.png"),),
            is_gathered=True,
            caption_title="Autumn",
        ),
    )
    values = values_of(made)

    assert values.to_request() == made.request
    assert [reference.name for reference in values.kept] == ["Reference 1", "mood.png"]
    assert values.caption_title == "Autumn"


def test_references_that_are_not_gathered_yet_stay_files() -> None:
    files = (SlackFile(file_id="F1", name="a.png"),)
    values = values_of(generation(sources=Sources(references=files)))

    assert values.to_request().style_images == ()
    assert values.to_sources().references == files


def test_a_picture_that_powerpost_did_not_know_becomes_a_file_again() -> None:
    refused = generation(
        state=State.REFUSED,
        cause=Cause.NOT_FOUND,
        request=ImageRequest(prompt="fog", style_images=("kept", "gone")),
        sources=Sources(references=(SlackFile(file_id="F1", name="a.png"),), is_gathered=True),
    )
    again = as_asked(refused)

    assert again.request.style_images == ("kept",)
    assert not again.sources.is_gathered
    assert [reference.key for reference in values_of(refused).kept] == ["media:kept", "file:F1"]
    assert as_asked(generation()) == generation()


def test_what_was_refused_is_no_version() -> None:
    assert version_parent(generation()) == "g1"
    assert version_parent(generation(state=State.REFUSED, parent_id="g0")) == "g0"


def test_a_form_is_blank_wherever_it_would_go() -> None:
    assert FormValues(destination=Destination.CHANNEL, channel_id="C1").is_blank
    assert not FormValues(prompt="fog").is_blank
    assert not FormValues(quantity=2).is_blank


def test_while_the_platforms_are_not_known_the_chosen_one_stays() -> None:
    values = FormValues(caption_id="c1", caption_title="Autumn", source_post_type="x-post")
    for caption in (None, CaptionFacts(is_unavailable=True)):
        view = show_form(FormContext(), values, FormFacts(caption=caption)).to_dict()
        (block,) = [b for b in view["blocks"] if b.get("block_id") == "source_post_type:c1"]
        assert block["element"]["initial_option"]["value"] == "x-post"


def test_the_preview_is_the_caption_of_the_chosen_platform() -> None:
    facts = CaptionFacts(
        post_types=("instagram-feed", "x-post"), previews={"instagram": "Leaves!", "x": "Short."}
    )

    def preview(kind: str | None) -> str:
        values = FormValues(caption_id="c1", source_post_type=kind)
        view = show_form(FormContext(), values, FormFacts(caption=facts)).to_dict()
        (block,) = [b for b in view["blocks"] if b.get("block_id") == "caption_preview"]
        return str(block["elements"][0]["text"])

    assert preview("x-post") == "“Short.”"
    assert preview("instagram-feed") == "“Leaves!”"
    assert preview(None) == "“Leaves!”"
