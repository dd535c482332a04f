"""Pictures for captions: what is chosen stays chosen while the form is redrawn."""

from __future__ import annotations

from functools import partial
from typing import Any

from tests.support.image_form import Form, choose_caption
from tests.support.stage import DESIGN, Stage
from tests.support.threads import choose, element, open_menu, press, requests


def preview(form: Form) -> str:
    """The caption's words in the form."""
    found: list[dict[str, Any]] = [
        b for b in form.view.body["blocks"] if b["block_id"] == "caption_preview"
    ]
    return str(found[0]["elements"][0]["text"]) if found else ""


def shows(form: Form, start: str) -> bool:
    """Whether the preview begins so."""
    return start in preview(form)


async def test_the_preview_follows_the_platform(stage: Stage, form: Form) -> None:
    caption_id = await choose_caption(stage, form)
    outputs = stage.powerpost.captions[caption_id].outputs
    for kind in form.options("source_post_type")[1:]:
        await form.set("source_post_type", kind)
        words = outputs[kind.partition("-")[0]]
        wanted = words if isinstance(words, str) else words["title"]
        start = " ".join(wanted.split())[:20]
        await stage.until(partial(shows, form, start), what=f"preview of {kind}")


async def test_the_platform_stays_chosen_while_other_fields_change_and_powerpost_hangs(
    stage: Stage, form: Form
) -> None:
    await choose_caption(stage, form)
    kind = form.options("source_post_type")[1]
    await form.set("source_post_type", kind)
    stage.powerpost.faults.latency_seconds = 5.0
    await form.set("quantity", "2")
    await form.set("model", "ideogram-3")
    await stage.until(lambda: "size:ideogram-3" in form.text())
    assert form.value("source_post_type") == kind
    shown = await form.submit()
    stage.powerpost.faults.latency_seconds = 0.0
    await stage.until_told()

    assert shown.ok
    assert requests(stage)[0]["source_post_type"] == kind


async def test_the_platform_of_one_caption_is_not_taken_for_another(
    stage: Stage, form: Form
) -> None:
    first = await choose_caption(stage, form)
    await form.set("source_post_type", form.options("source_post_type")[1])
    second = await choose_caption(stage, form, 1)
    assert first != second
    assert form.value("source_post_type") == "all"
    await form.submit()
    await stage.until_told()

    assert requests(stage)[0]["generation_id"] == second
    assert "source_post_type" not in requests(stage)[0]


async def test_edit_and_regenerate_keep_caption_and_platform(stage: Stage, form: Form) -> None:
    await choose_caption(stage, form)
    kind = form.options("source_post_type")[1]
    await form.set("source_post_type", kind)
    await form.set("prompt", "neon")
    await form.submit()
    (result,) = await stage.until_told()
    await press(stage.ada, result, "regenerate")
    messages = await stage.until_told_in_thread(stage.roots()[0].ts)
    assert requests(stage)[0] == requests(stage)[1]

    await press(stage.ada, messages[-1], "edit_generation")
    again = await Form(stage, stage.ada).until_open()
    await stage.until(lambda: "source_post_type:" in again.text(), what="the platforms")
    assert again.value("source_post_type") == kind
    await again.set("pictures", [])
    await again.submit()
    await stage.until_told_in_thread(stage.roots()[0].ts, 2)

    assert requests(stage)[2] == requests(stage)[0]
    assert "For the caption" in stage.thread(stage.roots()[0].ts)[-2].text


async def test_the_prompt_that_powerpost_made_of_a_caption_is_shown_and_can_be_used(
    stage: Stage, form: Form
) -> None:
    await choose_caption(stage, form)
    await form.submit()
    (result,) = await stage.until_told()
    assert "PowerPost's prompt: “An image that matches this post:" in result.text
    more = await open_menu(stage, stage.ada, result, "more")
    assert "PowerPost's prompt: “An image that matches" in more.text()
    await more.press("more_use_prompt")
    again = await Form(stage, stage.ada).until_shows("image_form")
    prompt = again.value("prompt")
    assert prompt.startswith("An image that matches this post:")
    await again.set("pictures", [])
    await again.submit()
    await stage.until_told_in_thread(stage.roots()[0].ts)

    assert requests(stage)[1]["prompt"] == prompt
    assert "generation_id" not in requests(stage)[1]
    assert "PowerPost's prompt" not in stage.thread(stage.roots()[0].ts)[-1].text
    assert not again.is_open  # nothing is left under it


async def test_the_menu_of_an_older_message_still_uses_the_prompt(stage: Stage, form: Form) -> None:
    await choose_caption(stage, form)
    await form.submit()
    (result,) = await stage.until_told()
    option = element(result, "result_menu")["options"][1]
    option["value"] = option["value"].replace("share:", "use_prompt:")
    await choose(stage.ada, result, "use_prompt")

    again = await Form(stage, stage.ada).until_open()
    assert again.value("prompt").startswith("An image that matches this post:")


async def test_the_history_says_it_and_uses_it_too(stage: Stage, form: Form) -> None:
    await choose_caption(stage, form)
    await form.submit()
    await stage.until_told()
    await stage.ada.run_command(DESIGN, "/imagine", "history")
    await stage.until(lambda: stage.private(), what="the history")
    (history,) = stage.private()
    assert "PowerPost's prompt: “An image that matches" in history.text
    await press(stage.ada, history, "use_prompt")
    again = await Form(stage, stage.ada).until_open()

    assert again.value("prompt").startswith("An image that matches this post:")


async def test_while_powerpost_hangs_the_search_is_answered_in_time(
    stage: Stage, form: Form
) -> None:
    stage.powerpost.faults.latency_seconds = 60.0
    block_id = form.block("caption")["block_id"]
    found = await stage.ada.options(form.view.id, block_id, "caption", "")
    stage.powerpost.faults.latency_seconds = 0.0
    (asked,) = [e for e in stage.workspace.exchanges if "block_suggestion" in str(e.request)]

    assert found == []
    assert asked.status == 200
    assert asked.seconds < 8.0  # 2.3 s, on a machine that has time
