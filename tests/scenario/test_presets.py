"""Presets and personal defaults, as people use them: typed, chosen, repeated, replied to."""

from __future__ import annotations

from typing import Any

import pytest

from bot.images.catalogue import Model, Size
from bot.policy.presets import Defaults, Preset, StoredReference
from bot.policy.rules import Rules
from tests.support.image_form import Form, picture
from tests.support.policies import set_policy
from tests.support.presets import BRAND
from tests.support.stage import DESIGN, GENERAL, Stage
from tests.support.threads import make, press, requests

STRICT = BRAND.model_copy(update={"name": "Strict look", "is_locked": True})
LAUNCH_ONLY = Preset(name="Launch", channel_id="G0LAUNCH", suffix="with confetti")
WHOLE = "Watercolour of a fox, on white"


@pytest.fixture
async def stage(stage: Stage) -> Stage:
    """The stage, with presets."""
    await set_policy(stage, presets=(BRAND, STRICT, LAUNCH_ONLY))
    return stage


def root_text(stage: Stage) -> str:
    """What the first root message says."""
    return stage.roots()[0].text


async def test_a_preset_goes_around_the_prompt_and_the_root_message_says_what_was_typed(
    stage: Stage,
) -> None:
    await make(stage, "a fox --preset brand")

    (sent,) = requests(stage)
    assert sent == {
        "prompt": WHOLE,
        "model": "ideogram-3",
        "size": "landscape",
        "quantity": 2,
    }
    assert "“a fox”" in root_text(stage)
    assert "Watercolour" not in root_text(stage)
    assert "Preset: Brand" in root_text(stage)
    assert "Ideogram 3.0" in root_text(stage)


async def test_what_was_typed_goes_before_a_preset_that_is_not_locked(stage: Stage) -> None:
    await make(stage, 'a fox -p BRAND -n 1 -m "FLUX.2 Flex"')

    (sent,) = requests(stage)
    assert (sent["model"], sent["size"], sent["quantity"]) == ("flux2-flex", "landscape", 1)


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ('a fox -p "strict look" -m flux',
         "The preset “Strict look” is locked to the model Ideogram 3.0."),
        ('a fox -p "strict look" -n 4 -s square', "is locked to 2 pictures."),
        ("a fox --preset brnad",
         "There is no preset “brnad” here. Did you mean “Brand”? The presets are Brand and "
         "Strict look."),
        ("a fox --preset strict",
         "There is no preset “strict” here. Did you mean “Strict look”? Put it in double quotes: "
         '--preset "Strict look". The presets are'),
        ("a fox --preset launch", "There is no preset “launch” here."),
        ("a fox --preset", "--preset needs a value after it, such as --preset brand."),
        ("x" * 1990 + " -p brand",
         "With the words of the preset “Brand” the prompt would have 2,015 characters; PowerPost "
         "takes at most 2,000. Shorten yours by 15."),
    ],
)  # fmt: skip
async def test_what_does_not_go_with_the_preset_is_told_and_nothing_is_spent(
    stage: Stage, command: str, says: str
) -> None:
    await stage.ada.run_command(DESIGN, "/imagine", command)

    (told,) = stage.private()
    assert says in told.text
    assert "Nothing was spent." in told.text
    assert stage.submits() == 0


async def test_a_repeat_has_the_presets_words_once_also_when_the_preset_is_gone(
    stage: Stage,
) -> None:
    result = await make(stage, "a fox -p brand")
    await set_policy(stage, presets=())
    await press(stage.ben, result, "regenerate")
    await stage.until_told_in_thread(stage.roots()[0].ts)

    first, second = requests(stage)
    assert first == second
    assert "Preset: Brand" in stage.thread(stage.roots()[0].ts)[1].text


async def test_a_reply_keeps_the_preset_as_it_is_now(stage: Stage) -> None:
    result = await make(stage, "a fox -p brand")
    changed = BRAND.model_copy(update={"suffix": "on black", "quantity": 4})
    await set_policy(stage, presets=(changed,))
    await stage.ben.say(
        DESIGN, "<@U0IMAGINE> with rain --size portrait", thread_ts=result.thread_ts
    )
    await stage.until_told_in_thread(stage.roots()[0].ts)

    sent = requests(stage)[-1]
    assert sent["prompt"] == "Watercolour of a fox. with rain, on black"
    assert (sent["size"], sent["quantity"], sent["model"]) == ("portrait", 2, "ideogram-3")


@pytest.mark.parametrize(
    ("words", "prompt", "understood"),
    [
        ("use preset strict", "a fox", "There is no preset “strict” here."),
        ("without preset", "a fox", "no preset"),
        ("again --preset 'Strict look'", WHOLE, "preset “Strict look”"),
        ("again --preset STRICT  look", WHOLE, "preset “STRICT look”"),
        ("again --preset Strict", "", "There is no preset"),
        ('again --preset "Strict look"', WHOLE, "preset “Strict look”"),
        ("prompt: a hare", "Watercolour of a hare, on white", "a new prompt"),
        ("use ideogram", WHOLE, "model Ideogram 3.0"),
    ],
)
async def test_a_reply_may_name_another_preset_or_none(
    stage: Stage, words: str, prompt: str, understood: str
) -> None:
    result = await make(stage, "a fox -p brand")
    await stage.ben.say(DESIGN, f"<@U0IMAGINE> {words}", thread_ts=result.thread_ts)
    if understood.startswith("There is no"):
        await stage.until(lambda: stage.private())
        assert understood in stage.private()[0].text
        assert stage.submits() == 1
        return
    shown = await stage.until_told_in_thread(stage.roots()[0].ts)

    assert requests(stage)[-1]["prompt"] == prompt
    assert understood in shown[1].text


async def test_a_reply_cannot_undo_what_a_preset_is_locked_to(stage: Stage) -> None:
    result = await make(stage, 'a fox -p "strict look"')
    await stage.ben.say(DESIGN, "<@U0IMAGINE> use flux", thread_ts=result.thread_ts)
    await stage.until(lambda: stage.private())

    assert "is locked to the model Ideogram 3.0" in stage.private()[0].text
    assert stage.submits() == 1


async def test_edit_opens_with_the_preset_and_with_the_persons_own_words(stage: Stage) -> None:
    result = await make(stage, "a fox -p brand")
    await press(stage.ben, result, "edit_generation")
    form = await Form(stage, stage.ben).until_open()

    assert form.value("prompt") == "a fox"
    assert form.value("preset") == "preset:Brand"
    assert "preset:Launch" not in form.options("preset")
    await form.set("prompt", "a hare")
    assert (await form.submit()).ok
    await stage.until_told_in_thread(stage.roots()[0].ts)
    assert requests(stage)[-1]["prompt"] == "Watercolour of a hare, on white"


async def test_edit_says_that_the_preset_is_gone(stage: Stage) -> None:
    result = await make(stage, "a fox -p brand")
    await set_policy(stage, presets=(STRICT,))
    await press(stage.ben, result, "edit_generation")
    form = await Form(stage, stage.ben).until_open()

    assert "The preset “Brand” doesn't exist any more" in form.text()
    assert form.value("preset") == "none"


async def test_the_form_shows_what_a_preset_sets_and_locks(stage: Stage) -> None:
    await stage.ada.run_command(DESIGN, "/imagine", "")
    form = await Form(stage, stage.ada).until_open()
    await form.set("prompt", "a fox")
    await form.set("quantity", "4")
    await form.set("preset", "preset:Brand")
    await stage.until(lambda: "begins with: Ideogram 3.0, landscape and 2 pictures" in form.text())
    assert (form.value("model"), form.value("size"), form.value("quantity")) == (
        "ideogram-3",
        "landscape",
        "2",
    )
    assert len(form.options("model")) == 4

    await form.set("preset", "preset:Strict look")
    await stage.until(lambda: "is locked to: Ideogram" in form.text())
    assert form.options("model") == ["ideogram-3"]
    assert form.options("size") == ["landscape"]
    assert form.options("quantity") == ["2"]
    assert form.value("prompt") == "a fox"
    assert (await form.submit()).ok
    await stage.until_told()
    (sent,) = requests(stage)
    assert (sent["prompt"], sent["quantity"]) == (WHOLE, 2)
    assert "Preset: Strict look" in root_text(stage)


async def test_a_preset_that_went_while_the_form_was_open_is_left_out_and_that_is_said(
    stage: Stage,
) -> None:
    await stage.ada.run_command(DESIGN, "/imagine", "")
    form = await Form(stage, stage.ada).until_open()
    await set_policy(stage, presets=(BRAND,))
    await form.set("preset", "preset:Strict look")
    await stage.until(lambda: "“Strict look” doesn't exist any more" in form.text())

    assert form.options("preset") == ["none", "preset:Brand"]
    assert form.value("preset") == "none"


async def test_what_became_locked_while_the_form_was_open_is_said_at_its_field(
    stage: Stage,
) -> None:
    await stage.ada.run_command(DESIGN, "/imagine", "")
    form = await Form(stage, stage.ada).until_open()
    await form.set("prompt", "a fox")
    await form.set("preset", "preset:Brand")
    await stage.until(lambda: "begins with" in form.text())
    await set_policy(stage, presets=(BRAND.model_copy(update={"quantity": 3, "is_locked": True}),))
    shown = await form.submit()

    assert shown.view_errors is not None
    block_id = form.block("quantity")["block_id"]
    assert list(shown.view_errors) == [block_id]
    assert "The preset “Brand” is locked to 3 pictures." in shown.view_errors[block_id]
    assert stage.submits() == 0


async def test_the_presets_pictures_are_references_beside_ones_own(stage: Stage) -> None:
    with_pictures = Preset(
        name="Logo",
        references=tuple(StoredReference(media_id=f"m{n}", name=f"{n}.png") for n in range(3)),
    )
    await set_policy(stage, presets=(with_pictures,))
    await stage.ada.run_command(DESIGN, "/imagine", "")
    form = await Form(stage, stage.ada).until_open()
    await form.set("prompt", "a fox")
    await form.set("preset", "preset:Logo")
    await stage.until(lambda: "adds 3 reference pictures (1 more can be yours)" in form.text())
    files = [await stage.ada.upload(f"{n}.png", picture(n)) for n in ("red", "tan")]
    await form.set("files", [file.id for file in files])
    shown = await form.submit()

    assert shown.view_errors == {
        "files": "The preset “Logo” brings 3 reference pictures, and PowerPost takes 4: "
        "there is room for at most 1 of yours."
    }
    assert stage.submits() == 0


async def test_presets_are_listed_privately_and_in_help(stage: Stage) -> None:
    await stage.ada.run_command(DESIGN, "/imagine", "presets")
    await stage.until(lambda: stage.private())
    await stage.ada.run_command(DESIGN, "/imagine", "help")
    listed, helped = stage.private()

    assert "*Brand* · Ideogram 3.0 · landscape · 2 pictures · words around yours" in listed.text
    assert "“Watercolour of” … “on white”" in listed.text
    assert "2 pictures (locked)" in listed.text
    assert "Launch" not in listed.text
    assert "/imagine a lighthouse in fog --preset Brand" in listed.text
    assert "`--preset` or `-p` · one of this team's presets: Brand, Strict look" in helped.text


async def test_where_there_are_none_that_is_said_and_help_is_silent(stage: Stage) -> None:
    await set_policy(stage, presets=())
    await stage.ada.run_command(DESIGN, "/imagine", "presets")
    await stage.until(lambda: stage.private())
    await stage.ada.run_command(DESIGN, "/imagine", "help")
    listed, helped = stage.private()

    assert "There are no presets for this conversation." in listed.text
    assert "preset" not in helped.text
    assert "`--quantity` or `-n` · how many pictures, 1 to 4" in helped.text
    assert "`flux2-flex` (default) ·" in helped.text
    assert (
        "`/imagine usage` what you spent (`--month 2026-11`; for admins also `--by user`"
        in helped.text
    )


async def test_help_is_true_of_ones_own_defaults_and_of_the_rules(stage: Stage) -> None:
    await set_policy(
        stage,
        presets=(BRAND, STRICT),
        rules=Rules(quantity_max=1),
        channel_rules={GENERAL: Rules(models=(Model.GPT_IMAGE_1_5,), quantity_max=2)},
        defaults={"U0ADA": Defaults(model=Model.NANO_BANANA_2, quantity=3)},
    )
    await stage.ada.run_command(DESIGN, "/imagine", "help")
    await stage.ada.run_command(GENERAL, "/imagine", "help")
    (here,), (there,) = stage.private(DESIGN), stage.private(GENERAL)

    assert "how many pictures, 1\n" in here.text
    assert "`nano-banana-2` (your default) ·" in here.text
    assert "presets: Brand (" in here.text
    assert "`--no-preset` for none" in here.text
    assert "Without options: one square picture by Nano Banana 2." in here.text
    assert "how many pictures, 1 to 2\n" in there.text
    assert "`gpt-image-1.5` (default) ·" in there.text
    assert "Without options: 2 square pictures by GPT Image 1.5." in there.text


MINE: dict[str, Any] = {
    "U0ADA": Defaults(model=Model.NANO_BANANA_2, size=Size.FEED, quantity=2, preset="launch")
}


async def test_ones_own_defaults_are_for_what_a_command_does_not_say(stage: Stage) -> None:
    await set_policy(stage, defaults=MINE)
    await make(stage, "a fox -n 1")
    await stage.ben.run_command(DESIGN, "/imagine", "a hare")
    await stage.until_told(2)

    mine, bens = requests(stage)
    assert (mine["model"], mine["size"], mine["quantity"]) == ("nano-banana-2", "feed", 1)
    assert (bens["model"], bens["size"], bens["quantity"]) == ("flux2-flex", "square", 1)


async def test_ones_own_default_preset_may_be_left_out(stage: Stage) -> None:
    await set_policy(stage, defaults={"U0ADA": Defaults(preset="brand")})
    await make(stage, "a fox")
    await stage.ada.run_command(DESIGN, "/imagine", "a fox --no-preset")
    await stage.until_told(2)

    assert [sent["prompt"] for sent in requests(stage)] == [WHOLE, "a fox"]


async def test_ones_own_defaults_are_what_an_empty_form_begins_with_and_no_draft(
    stage: Stage,
) -> None:
    await set_policy(stage, defaults=MINE)
    await stage.ada.run_command(DESIGN, "/imagine", "")
    form = await Form(stage, stage.ada).until_open()
    assert (form.value("model"), form.value("size"), form.value("quantity")) == (
        "nano-banana-2",
        "feed",
        "2",
    )
    await stage.ada.close(form.view.id)
    await stage.ada.run_command(DESIGN, "/imagine", "")
    form = await Form(stage, stage.ada).until_open()
    assert "Restored from your draft" not in form.text()

    await stage.ada.run_command(DESIGN, "/imagine", "help")
    assert "Your own defaults: Nano Banana 2, feed, 2 pictures and preset “launch”." in (
        stage.private()[-1].text
    )


async def require_brand(stage: Stage) -> None:
    """Every picture in #design is made with brand."""
    await set_policy(stage, channel_rules={DESIGN: Rules(preset="Brand")})


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (
            "a fox --no-preset",
            "so it can't be left out. Send it again without --no-preset",
        ),
        (
            "a fox -p 'Strict look'",
            "be “Strict look” instead. Send it again without --preset",
        ),
    ],
)
async def test_what_a_channel_requires_cannot_be_left_out(
    stage: Stage, typed: str, says: str
) -> None:
    await require_brand(stage)
    await stage.ada.run_command(DESIGN, "/imagine", typed)

    (told,) = stage.private()
    assert says in told.text
    assert "Nothing was spent." in told.text
    assert stage.submits() == 0
    await stage.ada.run_command(DESIGN, "/imagine", "a fox")
    await stage.until_told()
    assert requests(stage)[-1]["prompt"] == WHOLE
    await stage.ada.run_command("D0ADA", "/imagine", "a fox --no-preset")
    await stage.until(lambda: stage.submits() == 2, what="a request")
    assert requests(stage)[-1]["prompt"] == "a fox"


async def test_help_and_the_list_of_presets_do_not_offer_to_leave_it_out(stage: Stage) -> None:
    await require_brand(stage)
    for asked in ("help", "presets"):
        await stage.ada.run_command(DESIGN, "/imagine", asked)
        said = stage.private()[-1].text
        assert "“Brand”" in said
        assert "--no-preset" not in said


async def test_the_form_offers_only_what_is_required_where_it_is(stage: Stage) -> None:
    await require_brand(stage)
    await stage.ada.run_command(DESIGN, "/imagine", "")
    form = await Form(stage, stage.ada).until_open()
    assert form.options("preset") == ["preset:Brand"]
    assert form.value("model") == "ideogram-3"
    assert "This channel's rules require the preset “Brand”." in form.text()
    await form.set("prompt", "a fox")
    assert (await form.submit()).ok
    await stage.until_told()
    assert requests(stage)[-1]["prompt"] == WHOLE


async def test_what_becomes_required_while_the_form_is_open_is_said_at_its_field(
    stage: Stage,
) -> None:
    await stage.ada.run_command(DESIGN, "/imagine", "")
    form = await Form(stage, stage.ada).until_open()
    await form.set("prompt", "a fox")
    await require_brand(stage)
    shown = await form.submit()

    assert shown.view_errors is not None
    assert "require the preset “Brand”" in shown.view_errors[form.block("preset")["block_id"]]
    assert form.value("prompt") == "a fox"
    assert stage.submits() == 0


async def test_a_form_whose_required_preset_is_gone_says_so(stage: Stage) -> None:
    await set_policy(stage, channel_rules={DESIGN: Rules(preset="House")})
    await stage.ada.run_command(DESIGN, "/imagine", "")
    form = await Form(stage, stage.ada).until_open()
    await form.set("prompt", "a fox")

    assert "require the preset “House”, which isn't there any more" in form.text()
    assert not (await form.submit()).ok
    assert stage.submits() == 0


async def test_a_reply_to_what_was_made_without_it_is_made_with_it_and_says_so(
    stage: Stage,
) -> None:
    result = await make(stage, "a fox")
    await require_brand(stage)
    await stage.ben.say(DESIGN, "<@U0IMAGINE> without preset", thread_ts=result.thread_ts)
    await stage.until(lambda: stage.private())
    assert "can't be left out" in stage.private()[0].text
    assert stage.submits() == 1

    await stage.ben.say(DESIGN, "<@U0IMAGINE> again", thread_ts=result.thread_ts)
    shown = await stage.until_told_in_thread(stage.roots()[0].ts)
    assert requests(stage)[-1]["prompt"] == WHOLE
    assert "rules require the preset “Brand”" in shown[1].text


async def test_regenerate_of_what_was_made_without_it_is_refused_and_says_what_to_do(
    stage: Stage,
) -> None:
    result = await make(stage, "a fox")
    await require_brand(stage)
    await press(stage.ada, result, "regenerate")
    await stage.until(lambda: stage.private())

    assert "require the preset “Brand”, and this was made without it" in stage.private()[0].text
    assert stage.submits() == 1
