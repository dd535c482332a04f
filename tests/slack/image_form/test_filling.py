"""The form in PowerPost's workspaces: what cannot be used in another one is left out, and said."""

from __future__ import annotations

from bot.policy.policy import Policy
from bot.policy.rules import Rules
from bot.policy.workspaces import PowerPostWorkspaces
from bot.slack.image_form.filling import fit
from bot.slack.image_form.values import Destination, FormContext, FormValues, Reference
from bot.slack.kit.ids import Field

SEVERAL = PowerPostWorkspaces("ws_1", {"ws_1": "Ours", "ws_2": "Lakeside Hotel"})
LAKESIDE = Policy(channel_rules={"C1": Rules(powerpost_workspace="ws_2")})
SEEN = Reference.of_media("m1", "Picture 1", "F1")
UNSEEN = Reference.of_media("m2", "Reference 2")
FILE = Reference.of_file("F3", "mood.png")
HERE = FormContext(channel_id="C1", offered=(SEEN, UNSEEN, FILE))


def test_a_form_is_for_the_workspace_of_its_channel() -> None:
    context, values, offer = fit(
        LAKESIDE, FormContext(channel_id="C1"), FormValues(), "U1", SEVERAL
    )

    assert context.powerpost_workspace == values.powerpost_workspace == "ws_2"
    assert values.to_sources().powerpost_workspace == "ws_2"
    assert offer.powerpost_workspace == "Lakeside Hotel"
    assert context.said == ""


def test_with_one_workspace_it_names_none() -> None:
    one = PowerPostWorkspaces("ws_1")
    context, _, offer = fit(Policy(), FormContext(channel_id="C1"), FormValues(), "U1", one)

    assert context.powerpost_workspace is None
    assert offer.powerpost_workspace is None


def test_pictures_come_along_as_files_and_what_has_none_is_left_out_with_the_caption() -> None:
    filled = FormValues(kept=(SEEN, UNSEEN, FILE), caption_id="caption", source_post_type="x-post")
    context, values, _ = fit(LAKESIDE, HERE, filled, "U1", SEVERAL)

    assert [each.key for each in values.kept] == ["file:F1", "file:F3"]
    assert context.offered == values.kept
    assert values.to_request().style_images == ()
    assert [each.file_id for each in values.to_sources().references] == ["F1", "F3"]
    assert values.caption_id is values.source_post_type is None
    assert context.said == (
        "Pictures there are made in the PowerPost workspace Lakeside Hotel. The caption and a "
        "reference picture of another one are left out."
    )


def test_the_picture_before_comes_along_as_a_file() -> None:
    filled = FormValues(pictures=(SEEN,))
    context = HERE.model_copy(update={"pictures": (SEEN,), "offered": ()})
    context, values, _ = fit(LAKESIDE, context, filled, "U1", SEVERAL)

    assert [each.file_id for each in values.to_sources().references] == ["F1"]
    assert context.said == ""


def test_in_its_own_workspace_everything_stays() -> None:
    filled = FormValues(kept=(SEEN, UNSEEN), caption_id="c", powerpost_workspace="ws_2")
    context, values, _ = fit(LAKESIDE, HERE, filled, "U1", SEVERAL)

    assert values.kept == (SEEN, UNSEEN)
    assert values.caption_id == "c"
    assert context.offered == HERE.offered


def test_another_channel_is_another_workspace_and_other_fields() -> None:
    context, values, _ = fit(LAKESIDE, HERE, FormValues(), "U1", SEVERAL)
    elsewhere = values.model_copy(update={"destination": Destination.ME, "caption_id": "c"})
    moved, values, _ = fit(LAKESIDE, context, elsewhere, "U1", SEVERAL)

    assert values.powerpost_workspace is None
    assert values.caption_id is None
    assert moved.block_id(Field.CAPTION) != context.block_id(Field.CAPTION)
    assert moved.block_id(Field.PROMPT) == context.block_id(Field.PROMPT)
