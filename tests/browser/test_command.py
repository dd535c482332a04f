"""`/imagine` as a person types it: completed, understood, refused, and answered with pictures."""

from __future__ import annotations

import re

from playwright.async_api import expect

from tests.support.browser_page import GENERAL, Desk, Gallery
from tests.support.stage import hold


async def test_a_command_is_completed_and_its_usage_shown(desk: Desk) -> None:
    await desk.composer.press_sequentially("/im")
    option = desk.page.get_by_role("option")
    await expect(option).to_contain_text("/imagine")
    await expect(option).to_contain_text("Make pictures from words")
    await desk.shoot("command-completion")
    await desk.composer.press("Tab")

    await expect(desk.composer).to_have_value("/imagine ")
    usage = desk.page.get_by_role("note", name="Usage")
    await expect(usage).to_contain_text("--model ideogram-3 --size landscape --quantity 2")
    await desk.composer.press("Escape")
    await expect(usage).to_be_hidden()


async def test_pictures_come_into_the_thread_with_what_they_cost(desk: Desk) -> None:
    with hold(desk.scene.powerpost):
        root = await desk.imagine("a lighthouse in fog --size landscape --quantity 2")
        await expect(root).to_contain_text("asked for 2 pictures · FLUX.2 Flex · landscape 16:9")
        await expect(root).to_contain_text("Generating")
    await desk.open_thread(root)

    result = desk.replies.last
    await expect(result).to_contain_text("Here are your 2 pictures.")
    await expect(result).to_contain_text("Used 10 credits · 90 left")
    pictures = desk.pictures(result)
    await expect(pictures).to_have_count(2)
    for picture in await pictures.all():
        await expect(picture).to_have_js_property("complete", value=True)
        await expect(picture).not_to_have_js_property("naturalWidth", value=0)
    await expect(root).to_contain_text("Done in")
    await expect(desk.page.get_by_label("90 PowerPost credits")).to_be_visible()


async def test_a_picture_opens_large(visitor: Desk, gallery: Gallery) -> None:
    result = await visitor.visit_result(gallery, "a lighthouse")
    await result.locator("[data-zoom]").first.click()
    lightbox = visitor.page.get_by_role("dialog", name="Picture")

    await expect(lightbox.get_by_role("img")).to_have_attribute("alt", re.compile("a lighthouse"))
    await visitor.shoot("lightbox")
    await visitor.page.keyboard.press("Escape")
    await expect(lightbox).to_be_hidden()


async def test_an_unknown_flag_is_refused_to_one_person_only(desk: Desk) -> None:
    await desk.send("/imagine a cat --sise portrait")
    await expect(desk.private).to_contain_text("Only visible to you")
    await expect(desk.private).to_contain_text("--size")
    await expect(desk.private).to_contain_text("Nothing was spent.")
    await desk.shoot("unknown-flag")
    assert desk.count_submits() == 0

    await desk.become("Ben Osei")
    await expect(desk.private).to_have_count(0)
    await desk.become("Ada Park")
    await desk.press("Dismiss message", desk.private)
    await expect(desk.private).to_have_count(0)


async def test_a_command_that_is_none_is_slacks_to_refuse(desk: Desk) -> None:
    await desk.send("/imagin a cat")
    await expect(desk.private).to_contain_text("/imagin is not a valid command")
    await expect(desk.composer).to_have_value("/imagin a cat")


async def test_help_and_credits_are_answered_privately(desk: Desk) -> None:
    await desk.send("/imagine help")
    await expect(desk.private.last).to_contain_text("Make pictures from words.")
    await expect(desk.private.last).to_contain_text("Ideogram 3.0")
    await desk.send("/imagine credits")
    await expect(desk.private.filter(has_text="100 credits left")).to_be_visible()
    await desk.shoot("help")


async def test_commands_do_not_work_in_threads(desk: Desk) -> None:
    await desk.send("a plain message")
    message = desk.messages.last
    await message.hover()
    await message.get_by_role("link", name="Reply in thread").click()
    await desk.reply("/imagine a cat")
    refusal = desk.thread.get_by_text("/imagine is not supported in threads. Sorry!")
    await expect(refusal).to_be_visible()


async def test_it_works_in_a_public_channel_that_the_bot_is_not_in(desk: Desk) -> None:
    await desk.visit(GENERAL)
    await expect(desk.page.get_by_text("Imagine isn’t in this channel.")).to_be_visible()
    result = await desk.make_pictures("a paper boat")
    await expect(result).to_contain_text("Here is your picture.")


async def test_hostile_words_stay_words(desk: Desk) -> None:
    await desk.imagine("<script>alert(1)</script> <!channel> *bold* \u202eevil & <@U0BEN>")
    root = desk.messages.last
    await expect(root).to_contain_text("<script>alert(1)</script> <!channel> *bold*")
    await expect(root.locator(".body b", has_text="bold")).to_have_count(0)
    await expect(root.locator(".body .mention")).to_have_count(1)  # Ada, who asked
