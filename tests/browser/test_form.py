"""The form with every option: opened in each way, changed, filled with files, refused, sent."""

from __future__ import annotations

import io
import re

from PIL import Image
from playwright.async_api import FilePayload, expect

from tests.support.browser_page import Desk


def draw_picture(colour: str) -> bytes:
    """A small PNG."""
    out = io.BytesIO()
    Image.new("RGB", (120, 90), colour).save(out, "PNG")
    return out.getvalue()


async def test_a_new_model_redraws_its_sizes_and_keeps_what_was_typed(desk: Desk) -> None:
    form = await desk.open_form()
    prompt, model, size = (form.get_by_label(name) for name in ("Prompt", "Model", "Size"))
    await prompt.first.fill("a red fox in snow")
    await size.select_option("feed")
    await expect(size.locator("option[value=feed]")).to_contain_text("Feed 4:5 · 1280×1600 px")
    await desk.shoot("form")
    await model.select_option("gpt-image-1.5")

    await expect(size.locator("option[value=portrait]")).to_contain_text(
        "Portrait 2:3 · 1024×1536 px"
    )
    await expect(size.locator("option[value=feed]")).to_have_count(0)
    await expect(size).to_have_value("square")
    await expect(form).to_contain_text("GPT Image 1.5 has no size feed: it is square now.")
    await expect(prompt.first).to_have_value("a red fox in snow")


async def test_what_the_form_was_filled_with_is_made(desk: Desk) -> None:
    form = await desk.open_form()
    await form.get_by_label("Prompt").first.fill("a red fox in snow")
    await form.get_by_label("Model").select_option("nano-banana-2")
    await expect(form.get_by_label("Size").locator("[value=portrait]")).to_contain_text("768×1344")
    await form.get_by_label("Size").select_option("portrait")
    await form.get_by_label("How many").select_option("2")
    await form.get_by_label("Let AI improve my prompt").check()
    await desk.press("Create", form)

    await expect(form).to_be_hidden()
    root = desk.messages.last
    await expect(root).to_contain_text("2 pictures · Nano Banana 2 · portrait 4:7, 768×1344 px")
    await expect(root).to_contain_text("prompt improved by AI")
    await desk.open_thread(root)
    await expect(desk.pictures(desk.replies.last)).to_have_count(2)


async def test_reference_pictures_are_picked_dropped_taken_away_and_used(desk: Desk) -> None:
    form = await desk.open_form()
    await form.get_by_label("Prompt").first.fill("in the style of these")
    field = form.get_by_role("group", name="Reference pictures")
    chips = field.get_by_role("list", name="Chosen files").get_by_role("listitem")
    picked = FilePayload(name="teal.png", mimeType="image/png", buffer=draw_picture("teal"))
    await field.locator("input[type=file]").set_input_files(picked)
    await expect(chips).to_have_count(1)
    await desk.drop(field.locator(".drop-words"), "coral.png", "image/png", draw_picture("coral"))
    await expect(chips).to_have_count(2)
    await desk.drop(field.locator(".drop-words"), "third.png", "image/png", draw_picture("gold"))
    await expect(chips).to_have_count(3)
    await desk.press("Remove third.png", field)
    await expect(chips).to_have_count(2)
    await expect(field.locator(".loading")).to_have_count(0)
    await chips.last.scroll_into_view_if_needed()
    await desk.shoot("references")
    await desk.press("Create", form)

    await expect(form).to_be_hidden()
    await expect(desk.messages.last).to_contain_text("2 reference pictures")
    await expect(desk.messages.last).to_contain_text(re.compile("Generating|Done"))
    made = desk.find_generation(prompt="in the style of these")
    assert len(made.style_images) == 2


async def test_a_broken_reference_is_told_at_its_field_before_anything_is_spent(desk: Desk) -> None:
    form = await desk.open_form()
    await form.get_by_label("Prompt").first.fill("in the style of this")
    field = form.get_by_role("group", name="Reference pictures")
    await desk.drop(field.locator(".drop-words"), "broken.png", "image/png", b"no picture at all")
    await expect(field.get_by_role("button", name="Remove broken.png")).to_be_visible()
    await expect(field.locator(".loading")).to_have_count(0)
    await desk.press("Create", form)

    # Looking into a file takes longer than Slack waits for a form: it is told in the channel.
    told = desk.page.get_by_text("“broken.png” isn't a picture that I can read")
    await expect(told.first).to_be_visible()
    assert desk.count_submits() == 0


async def test_a_caption_is_searched_and_its_platform_chosen(desk: Desk) -> None:
    form = await desk.open_form()
    search = form.get_by_role("combobox", name="From a caption")
    await search.click()
    await expect(form.locator(".listbox [role=option]").first).to_be_visible()
    everything = await form.locator(".listbox [role=option]").count()
    await search.press_sequentially("Nordlicht")
    await expect(form.locator(".listbox [role=option]")).not_to_have_count(everything)
    await expect(form.locator(".listbox [role=option]").first).to_contain_text("Nordlicht")
    await desk.shoot("caption-search")
    await search.press("Enter")

    platform = form.get_by_label("Platform")
    await expect(platform).to_be_visible()
    await platform.select_option(index=2)
    kind = await platform.input_value()
    await expect(form.get_by_label("Further instructions").first).to_have_value("")
    await desk.shoot("caption-chosen")
    await desk.press("Create", form)

    await expect(form).to_be_hidden()
    await expect(desk.messages.last).to_contain_text("For the caption")
    await expect(desk.messages.last).to_contain_text(re.compile("Generating|Done"))
    made = desk.find_generation(mode="post")
    assert made.source_post_type == kind


async def test_what_is_missing_is_told_at_its_field(desk: Desk) -> None:
    form = await desk.open_form()
    await desk.press("Create", form)

    prompt = form.get_by_label("Prompt").first
    await expect(form.get_by_role("alert")).to_contain_text("complete this required field")
    await expect(prompt).to_be_focused()
    await expect(prompt).to_have_attribute("aria-invalid", "true")
    await desk.shoot("form-error")
    await prompt.fill("   ")
    await desk.press("Create", form)
    await expect(form.get_by_role("alert")).to_be_visible()
    assert desk.count_submits() == 0


async def test_a_form_that_was_closed_comes_back_as_it_was(desk: Desk) -> None:
    form = await desk.open_form()
    await form.get_by_label("Prompt").first.fill("a very long thought")
    await form.get_by_label("How many").select_option("3")
    await desk.page.keyboard.press("Escape")
    await expect(form).to_be_hidden()

    form = await desk.open_form()
    await expect(form).to_contain_text("Restored from your draft.")
    await expect(form.get_by_label("Prompt").first).to_have_value("a very long thought")
    await expect(form.get_by_label("Prompt").first).to_be_focused()
    await expect(form.get_by_label("How many")).to_have_value("3")
    await desk.shoot("draft")
    await desk.press("Start over", form)
    await expect(form.get_by_label("Prompt").first).to_have_value("")


async def test_the_shortcut_opens_the_form_and_asks_where_to_post(desk: Desk) -> None:
    await desk.press("Shortcuts")
    await desk.page.get_by_role("menuitem", name="Create image").click()
    form = desk.form
    await expect(form).to_contain_text("left")
    await form.get_by_label("Prompt").first.fill("for me alone")
    await form.get_by_label("In another channel").check()
    await expect(form.get_by_label("Channel", exact=True)).to_be_visible()
    await form.get_by_label("Only to me, in a direct message").check()
    await expect(form.get_by_label("Channel", exact=True)).to_have_count(0)
    await desk.press("Create", form)

    await expect(form).to_be_hidden()
    await desk.page.get_by_role("link", name="Imagine (direct message)").click()
    # The greeting of who opens this for the first time may come before or after it.
    await expect(desk.messages.filter(has_text="for me alone")).to_be_visible()


async def test_a_message_with_its_picture_becomes_a_request(desk: Desk) -> None:
    picture = FilePayload(name="sketch.png", mimeType="image/png", buffer=draw_picture("plum"))
    files = desk.page.locator("#composer-channel input[type=file]")
    await files.set_input_files(picture)
    await expect(desk.page.locator("#composer-channel .chip:not(.loading)")).to_have_count(1)
    await desk.send("a house like in my sketch")
    message = desk.messages.last
    await expect(message.get_by_role("img", name="sketch.png")).to_be_visible()
    await desk.choose_from_menu(message, "Make an image of this")

    form = desk.form
    await expect(form.get_by_label("Prompt").first).to_have_value("a house like in my sketch")
    await expect(form.get_by_label("sketch.png")).to_be_checked()
    await expect(form.get_by_label("In this thread")).to_be_checked()
    await desk.shoot("form-of-message")
    await desk.press("Create", form)
    await expect(form).to_be_hidden()
    await desk.open_thread(message)
    await expect(desk.thread).to_contain_text("1 reference picture")
    await expect(desk.pictures(desk.replies.last)).to_have_count(1)


async def test_a_long_prompt_is_counted_and_not_cut(desk: Desk) -> None:
    form = await desk.open_form()
    prompt = form.get_by_label("Prompt").first
    await prompt.fill("x" * 2001)
    await expect(form.locator(".counter.over")).to_have_text("-1")
    await desk.press("Create", form)
    await expect(form.get_by_role("alert")).to_contain_text("2000")
    await expect(prompt).to_have_value("x" * 2001)
