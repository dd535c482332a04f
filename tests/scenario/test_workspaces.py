"""Several of PowerPost's workspaces behind one key: what is for a channel is made in its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from bot.policy.presets import Preset
from bot.policy.rules import Rules
from bot.sandbox.powerpost.exchanges import Exchange
from bot.sandbox.powerpost.media import Media
from tests.support.home import Home
from tests.support.image_form import Form, picture, styles
from tests.support.policies import set_policy
from tests.support.posts import open_post_form, until_drafted
from tests.support.rendered_text import find_insides
from tests.support.stage import DESIGN, Stage, hold, open_stage, run_bot
from tests.support.threads import make, press

OURS, LAKESIDE = "ws_sandbox", "ws_lakeside"
SET: dict[str, Rules] = {DESIGN: Rules(powerpost_workspace=LAKESIDE)}


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """The bot with two workspaces."""
    names = f"Our brand={OURS}, Lakeside Hotel={LAKESIDE}"
    async with open_stage(
        tmp_path, imagine_powerpost_workspaces=names, imagine_posts=True
    ) as opened:
        opened.powerpost.add_workspace(LAKESIDE)
        yield opened
    assert find_insides(opened) == []


def called(stage: Stage, method: str, path: str) -> list[Exchange]:
    """The calls to an endpoint."""
    return [e for e in stage.powerpost.exchanges if e.method == method and path in e.path]


def workspaces(stage: Stage, method: str, path: str) -> list[str]:
    """The header of each of them, in order."""
    return [e.request_headers["x-workspace-id"] for e in called(stage, method, path)]


async def test_a_change_between_acceptance_and_the_polls_changes_nothing_for_what_is_made(
    stage: Stage,
) -> None:
    await set_policy(stage, channel_rules=SET)
    with hold(stage.powerpost):
        await stage.ada.run_command(DESIGN, "/imagine", "a fox")
        await stage.until(lambda: bool(called(stage, "GET", "/images/generations/")), what="a poll")
        await set_policy(stage, channel_rules={})
    await stage.until_told()
    await make(stage, "a hare", "D0ADA")

    assert workspaces(stage, "POST", "/images/generate") == [LAKESIDE, OURS]
    told = next(iter(stage.powerpost.generations.values()))
    polls = called(stage, "GET", told.image_generation_id)
    assert {e.request_headers["x-workspace-id"] for e in polls} == {LAKESIDE}
    assert {e.status for e in polls} == {200}


async def test_a_picture_made_again_in_another_workspace_has_its_references_brought_there(
    stage: Stage,
) -> None:
    await stage.ada.run_command(DESIGN, "/imagine", "")
    form = await Form(stage, stage.ada).until_open()
    file = await stage.ada.upload("mood.png", picture())
    await form.set("prompt", "a fox")
    await form.set("files", [file.id])
    assert (await form.submit()).ok
    result = (await stage.until_told())[-1]
    await set_policy(stage, channel_rules=SET)
    await press(stage.ada, result, "regenerate")
    submits = partial(called, stage, "POST", "/images/generate")
    await stage.until(lambda: [e.status for e in submits()] == [200, 200], what="made again")

    assert workspaces(stage, "POST", "/media/upload") == [OURS, LAKESIDE]
    assert workspaces(stage, "POST", "/images/generate") == [OURS, LAKESIDE]
    first, second = styles(stage)
    assert len(first) == len(second) == 1
    assert first != second


async def test_a_presets_pictures_are_brought_to_the_workspace_once(stage: Stage) -> None:
    file = await stage.ada.upload("brand.png", picture())
    media = Media("m-ours", OURS, "image", "brand.png", 1, "image/png", 0.0, (1, 2, 3))
    stage.powerpost.media[media.media_id] = media
    brand = Preset.model_validate(
        {
            "name": "Brand",
            "references": [{"media_id": media.media_id, "name": "brand.png", "file_id": file.id}],
        }
    )
    await set_policy(stage, presets=(brand,), channel_rules=SET)
    for number in (1, 2):
        await stage.ada.run_command(DESIGN, "/imagine", "a fox --preset brand")
        await stage.until_told(number)

    assert workspaces(stage, "POST", "/media/upload") == [LAKESIDE]
    assert [e.status for e in called(stage, "POST", "/images/generate")] == [200, 200]
    first, second = styles(stage)
    assert first == second != [media.media_id]


async def test_the_form_offers_the_captions_of_its_channel_and_leaves_others_out(
    stage: Stage,
) -> None:
    await set_policy(stage, channel_rules=SET)
    await stage.ada.run_command(DESIGN, "/imagine", "")
    form = await Form(stage, stage.ada).until_open()
    found = await stage.ada.options(form.view.id, form.block("caption")["block_id"], "caption", "")
    captions = stage.powerpost.captions

    assert {captions[each["value"]].workspace_id for each in found} == {LAKESIDE}
    assert "wrote in Lakeside Hotel." in form.text()

    await form.set("caption", found[0]["value"])
    await form.set("destination", "me")
    await stage.until(lambda: "The caption of another one is left out." in form.text())
    assert form.value("caption") is None
    there = form.block("caption")["block_id"]
    found = await stage.ada.options(form.view.id, there, "caption", "")
    assert {captions[each["value"]].workspace_id for each in found} == {OURS}


async def test_a_draft_its_text_and_the_report_follow_the_pictures_whatever_is_set_since(
    stage: Stage,
) -> None:
    await set_policy(stage, channel_rules=SET)
    _, form = await open_post_form(stage)
    await set_policy(stage, channel_rules={})
    await form.set("post_source", "captions")
    found = await stage.ada.options(form.view.id, form.block("caption")["block_id"], "caption", "")
    captions = stage.powerpost.captions
    assert {captions[each["value"]].workspace_id for each in found} == {LAKESIDE}

    await form.set("post_types", ["x-post"])
    await form.set("post_source", "written")
    assert (await form.submit()).ok
    await until_drafted(stage)
    (post,) = stage.powerpost.posts.values()
    assert post.workspace_id == LAKESIDE
    assert workspaces(stage, "POST", "/content/generate") == [LAKESIDE]

    await stage.ada.run_command(DESIGN, "/imagine", "usage --by brand")
    said = "Lakeside Hotel: 10 credits, 2 requests"
    await stage.until(lambda: said in str([m.text for m in stage.private()]), what="the report")


async def test_a_channel_set_to_a_workspace_that_is_gone_pays_for_nothing(stage: Stage) -> None:
    await set_policy(stage, channel_rules={DESIGN: Rules(powerpost_workspace="ws_gone")})
    await stage.ada.run_command(DESIGN, "/imagine", "a fox")

    assert "a PowerPost workspace that isn't set up here any more" in stage.private()[0].text
    assert stage.submits() == 0


async def test_an_admin_sets_a_channel_and_report_and_changes_name_the_workspace(
    stage: Stage,
) -> None:
    home = Home(stage, stage.ada)
    await home.open()
    assert home.says("• By default: Our brand")
    await home.press("home_rules", until="Add a channel")
    await home.open_sheet("home_add_exception")
    await home.fill("one_channel", DESIGN)
    await home.fill("powerpost_workspace", f"workspace:{LAKESIDE}")
    assert (await stage.ada.submit(home.sheet.id)).ok
    await stage.until(lambda: home.says("• PowerPost workspace: Lakeside Hotel"), what="it is set")
    await make(stage, "a fox")
    await home.open()
    await home.press("home_changes", until="PowerPost workspace Our brand → Lakeside Hotel")
    await stage.ada.run_command(DESIGN, "/imagine", "usage --by workspace")

    await stage.until(
        lambda: any("Lakeside Hotel: " in each.text for each in stage.private()), what="a report"
    )
    assert workspaces(stage, "POST", "/images/generate") == [LAKESIDE]


async def test_what_was_paid_for_arrives_from_a_workspace_that_is_not_set_up_any_more(
    tmp_path: Path,
) -> None:
    names = f"Lakeside Hotel={LAKESIDE}"
    async with open_stage(tmp_path, runs_bot=False, imagine_powerpost_workspaces=names) as stage:
        stage.powerpost.add_workspace(LAKESIDE)
        with hold(stage.powerpost):
            async with run_bot(stage):
                await set_policy(stage, channel_rules=SET)
                await stage.ada.run_command(DESIGN, "/imagine", "a fox")
                await stage.until(lambda: "*Generating*" in str(stage.roots()), what="it is paid")
        without = {"imagine_powerpost_workspaces": ""}
        stage.settings = stage.settings.model_copy(update=without)
        async with run_bot(stage):
            await stage.until_told()
            await stage.ada.run_command(DESIGN, "/imagine", "a hare")
            await stage.until(lambda: bool(stage.private()), what="refused")

    assert set(workspaces(stage, "GET", "/images/generations/")) == {LAKESIDE}
    assert stage.submits() == 1


async def test_with_one_workspace_nothing_of_it_is_shown(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        home = Home(stage, stage.ada)
        await home.open()
        assert not home.says("PowerPost workspace")
        await home.press("home_rules", until="Add a channel")
        await home.open_sheet("home_add_exception")
        assert "PowerPost workspace" not in str(home.sheet.body)
