"""Presets as Slack shows them: within its limits, and with nothing of a name that Slack obeys."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.images.catalogue import Model, Size
from bot.policy.choices import PresetConflictError, UnknownPreset
from bot.policy.policy import Policy
from bot.policy.presets import Defaults, Preset, StoredReference
from bot.policy.rules import Rules
from bot.sandbox.slack.blocks import check_message_blocks
from bot.slack.commands.preset_views import show_presets
from bot.slack.image_form.offers import Offer, find_offer, with_defaults, with_preset
from bot.slack.image_form.values import Destination, FormContext, FormValues
from bot.slack.image_form.views import FormFacts, show_form
from bot.slack.kit import refusal_texts as refusals

HOSTILE = "<!channel> `*&_~"
MANY = tuple(
    Preset(
        name=f"{HOSTILE} {number}",
        prefix="<@U0ADA> & " * 50,
        suffix="x" * 600,
        model=Model.GPT_IMAGE_1_5,
        size=Size.LANDSCAPE,
        quantity=4,
        enhance_prompt=True,
        references=(StoredReference(media_id="m1", name="a.png"),) * 4,
        is_locked=True,
    )
    for number in range(90)
)


def test_ninety_hostile_presets_fit_into_one_message_and_ping_nobody() -> None:
    message = show_presets(Policy(presets=MANY), "C1", "U1").to_dict()

    report = check_message_blocks(message["blocks"], lambda _: None, lambda _: True)
    assert report.errors == []
    assert report.characters < 13_000
    assert "<!" not in str(message)
    assert "<@" not in str(message)
    assert "more are in the form" in message["text"]


def test_ninety_presets_fit_into_the_form() -> None:
    values = FormValues(preset=MANY[3].name)
    offer = find_offer(Policy(presets=MANY), FormContext(channel_id="C1"), values, "U1")
    context = FormContext(channel_id="C1", mark=offer.mark)
    view: dict[str, Any] = show_form(context, offer.fit(values), FormFacts(offer=offer)).to_dict()

    (select,) = [b["element"] for b in view["blocks"] if b.get("block_id") == "preset"]
    assert len(select["options"]) == 91
    assert all(len(option["description"]["text"]) <= 75 for option in select["options"][1:])
    assert select["initial_option"]["value"] == f"preset:{MANY[3].name}"


def test_ninety_presets_are_not_all_named_in_a_refusal() -> None:
    names = tuple(preset.name for preset in MANY)

    said = refusals.refused(PresetConflictError(UnknownPreset("x" * 300, names)))

    assert len(said) < 1000
    assert said.endswith("and others. Nothing was spent.")


RULED = Offer(models=(Model.IDEOGRAM_3, Model.GPT_IMAGE_1_5), quantity_max=2)
LOCKED = Preset(name="L", size=Size.PORTRAIT, quantity=3, enhance_prompt=True, is_locked=True)


@pytest.mark.parametrize(
    ("offer", "values", "fitted"),
    [
        (Offer(), FormValues(quantity=4), FormValues(quantity=4)),
        (RULED, FormValues(quantity=4), FormValues(model=Model.IDEOGRAM_3, quantity=2)),
        (
            RULED,
            FormValues(model=Model.GPT_IMAGE_1_5, size=Size.FEED),
            FormValues(model=Model.GPT_IMAGE_1_5, size=Size.SQUARE),
        ),
        (replace(RULED, models=()), FormValues(quantity=2), FormValues(quantity=2)),
        (
            Offer(preset=LOCKED),
            FormValues(preset="L"),
            FormValues(preset="L", size=Size.PORTRAIT, quantity=3, enhance_prompt=True),
        ),
        (Offer(lost_preset="L"), FormValues(preset="L"), FormValues()),
    ],
)
def test_a_form_holds_only_what_may_be_chosen(
    offer: Offer, values: FormValues, fitted: FormValues
) -> None:
    assert offer.fit(values) == fitted
    assert offer.fit(fitted) == fitted


def test_fields_are_drawn_anew_where_other_options_are_offered() -> None:
    plain, ruled = Offer(), RULED

    assert plain.mark == ""
    assert len({ruled.mark, replace(ruled, quantity_max=3).mark, Offer(preset=LOCKED).mark}) == 3
    assert FormContext(mark=ruled.mark).size_block_id(Model.IDEOGRAM_3) == (
        f"size:ideogram-3:{ruled.mark}"
    )


def test_the_rules_are_those_of_where_the_form_posts_to() -> None:
    policy = Policy(channel_rules={"C2": Rules(quantity_max=1)})
    here = FormContext(channel_id="C1")

    def most(**values: Any) -> int:
        return find_offer(policy, here, FormValues(**values), "U1").quantity_max

    assert most() == 4
    assert most(destination=Destination.CHANNEL, channel_id="C2") == 1
    assert most(destination=Destination.CHANNEL) == 4
    assert most(destination=Destination.ME, channel_id="C2") == 4


def test_ones_own_defaults_give_way_to_their_preset_and_both_to_what_was_there() -> None:
    brand = Preset(name="Brand", model=Model.GPT_IMAGE_1_5)
    policy = Policy(
        presets=(brand,), defaults={"U1": Defaults(size=Size.FEED, quantity=2, preset="brand")}
    )
    begun = with_defaults(policy, FormContext(), FormValues(prompt="a fox"), "U1")

    assert begun == FormValues(
        prompt="a fox", model=Model.GPT_IMAGE_1_5, size=Size.SQUARE, quantity=2, preset="Brand"
    )
    assert with_defaults(policy, FormContext(), FormValues(), "U2") == FormValues()
    assert with_preset(FormValues(preset="gone"), None) == FormValues(preset="gone")
