"""Thumbnails in forms; a file that is gone costs the thumbnails only, not the form."""

from __future__ import annotations

from typing import Any

import pytest

from bot.policy.presets import Preset, StoredReference
from tests.support.home import Home
from tests.support.image_form import Form, picture
from tests.support.policies import set_policy
from tests.support.stage import Stage, images_of
from tests.support.threads import make, open_menu, press


def thumbnails(form: Form) -> list[str]:
    """The ids of the files that the view shows."""
    elements: list[dict[str, Any]] = [
        element
        for block in form.view.body["blocks"]
        for element in [block.get("accessory"), *block.get("elements", [])]
        if element
    ]
    return [e["slack_file"]["id"] for e in elements if e["type"] == "image"]


async def test_edit_shows_the_pictures_before_also_when_redrawn(stage: Stage) -> None:
    result = await make(stage, "a lighthouse -n 2")
    await press(stage.ada, result, "edit_generation")
    form = await Form(stage, stage.ada).until_open()

    assert thumbnails(form) == [image["slack_file"]["id"] for image in images_of(result)]
    await form.set("model", "ideogram-3")
    await stage.until(lambda: "Ideogram" in form.text(), what="redrawn")
    assert len(thumbnails(form)) == 2


@pytest.mark.parametrize("is_redrawn", [False, True])
async def test_a_file_that_is_gone_costs_the_form_its_thumbnails_only(
    stage: Stage, is_redrawn: bool
) -> None:
    result = await make(stage, "a lighthouse -n 2")
    if is_redrawn:
        await press(stage.ada, result, "edit_generation")
        await Form(stage, stage.ada).until_open()
    stage.workspace.delete_file(next(iter(stage.workspace.files.values())))
    if not is_redrawn:
        await press(stage.ada, result, "edit_generation")
    form = await Form(stage, stage.ada).until_open()
    await form.set("model", "gpt-image-1.5")
    await stage.until(lambda: thumbnails(form) == [], what="without thumbnails")

    assert form.value("prompt") == "a lighthouse"
    assert (await form.submit()).ok
    await stage.until_told_in_thread(stage.roots()[0].ts)
    assert stage.submits() == 2


async def test_sharing_what_is_left_opens_all_the_same(stage: Stage) -> None:
    result = await make(stage, "a lighthouse -n 2")
    stage.workspace.delete_file(next(iter(stage.workspace.files.values())))
    form = await open_menu(stage, stage.ada, result, "share")

    assert thumbnails(form) == []


async def test_a_preset_shows_its_references_in_its_form_and_in_the_list(stage: Stage) -> None:
    file = await stage.ada.upload("mood.png", picture())
    reference = StoredReference(media_id="m1", name="mood.png", file_id=file.id)
    await set_policy(stage, presets=(Preset(name="brand", references=(reference,)),))
    home = Home(stage, stage.ada)
    await home.open()
    await home.press("home_presets", until="Add a preset")
    assert file.id in str(home.tab.body["blocks"])
    await home.choose_from_row("brand", "change")
    assert file.id in str(home.sheet.body["blocks"])
    await stage.ada.close(home.sheet.id)

    stage.workspace.delete_file(file)
    await home.choose_from_row("brand", "change")
    assert file.id not in str(home.sheet.body["blocks"])
    assert "mood.png" in str(home.sheet.body["blocks"])
