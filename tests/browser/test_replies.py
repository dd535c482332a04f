"""Mentions, replies and versions as people see them, on a wide screen and on a phone."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, expect

from tests.support.browser import OpenDesk
from tests.support.browser_page import PHONE, WIDE, Desk


@pytest.fixture(params=[WIDE, PHONE], ids=["desktop", "phone"])
async def narrow(request: pytest.FixtureRequest, open_tab: OpenDesk) -> Desk:
    """Ada in #design, in either width."""
    opened = await open_tab(size=request.param)
    await opened.visit()
    return opened


async def open_own_thread(desk: Desk, text: str) -> None:
    """The thread of what Ada said in the channel, once the bot has answered there."""
    seen_by_all = desk.page.locator("main [data-message]:not(.ephemeral)")
    await desk.open_thread(seen_by_all.filter(has_text=text).last)


async def expect_fits(desk: Desk) -> None:
    """Nothing is wider than the screen."""
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await desk.page.evaluate(wide) <= 0


def version(desk: Desk, number: str) -> Locator:
    """The result that is this version."""
    return desk.replies.filter(has_text=f"{number} version, from")


async def test_a_mention_makes_a_picture_in_its_thread(narrow: Desk) -> None:
    await narrow.send("@Imagine a fox")
    await open_own_thread(narrow, "a fox")
    await expect(narrow.pictures(narrow.replies.last)).to_have_count(1)
    await expect_fits(narrow)
    await narrow.shoot("mention")
    assert narrow.count_submits() == 1


async def test_thanks_to_the_bot_is_answered_and_not_paid(narrow: Desk) -> None:
    await narrow.send("@Imagine thanks!")
    await expect(narrow.private.last).to_contain_text("Say what one should show")
    await expect(narrow.private.last).to_contain_text("Nothing was spent")
    await expect(narrow.private.last.get_by_role("button", name="Open the form")).to_be_visible()
    await expect_fits(narrow)
    assert narrow.count_submits() == 0


async def test_what_may_be_meant_for_people_is_made_by_its_button(narrow: Desk) -> None:
    await narrow.send("look what I made with @Imagine today")
    question = narrow.private.last
    await expect(question).to_contain_text("Shall I make a picture of this?")
    assert narrow.count_submits() == 0
    await question.get_by_role("button", name="Make it").click()
    await open_own_thread(narrow, "look what I made")
    await expect(narrow.pictures(narrow.replies.last)).to_have_count(1)
    assert narrow.count_submits() == 1


async def test_plain_words_in_a_direct_message_make_and_change_a_picture(narrow: Desk) -> None:
    await narrow.page.goto(f"{narrow.scene.url}/c/{dm_of(narrow)}?as={narrow.ada}")
    # The welcome, which may come later, has an example of its own.
    await narrow.send("a lighthouse at dusk")
    await open_own_thread(narrow, "a lighthouse at dusk")
    await expect(narrow.replies.last).to_contain_text("reply here: with a darker sky")
    await narrow.reply("with a darker sky")
    await expect(narrow.pictures(version(narrow, "2nd"))).to_have_count(1)
    await expect_fits(narrow)
    assert narrow.count_submits() == 2


async def test_a_plain_reply_in_a_channel_is_asked_about(narrow: Desk) -> None:
    result = await narrow.make_pictures("a lighthouse in fog")
    await expect(result).to_contain_text("reply here: @Imagine with a darker sky")
    await narrow.reply("darker sky")
    question = narrow.thread.locator(".message.ephemeral").last
    await expect(question).to_contain_text("Make a new version with “darker sky”?")
    await narrow.shoot("asked-about-a-reply")
    assert narrow.count_submits() == 1
    await question.get_by_role("button", name="Make it").click()
    await expect(narrow.pictures(version(narrow, "2nd"))).to_have_count(1)
    await expect_fits(narrow)
    assert narrow.count_submits() == 2


async def test_versions_say_what_changed_and_edit_strikes_lines(narrow: Desk) -> None:
    await narrow.make_pictures("a lighthouse in fog")
    await narrow.reply("@Imagine with a darker sky -n 2")
    await expect(narrow.pictures(version(narrow, "2nd"))).to_have_count(2)
    await narrow.reply("@Imagine no text")
    third = version(narrow, "3rd")
    await expect(narrow.pictures(third)).to_have_count(1)
    await expect(third).to_contain_text("no text")
    await expect(third).not_to_contain_text("a lighthouse in fog. with a darker sky")
    await expect(third).to_contain_text("a new picture, not a retouched one")
    await narrow.press("Edit", third)
    await expect(narrow.form.get_by_label("Prompt").first).to_have_value("a lighthouse in fog")
    await expect(narrow.form.get_by_label("Keep the picture")).to_be_checked()
    await expect(narrow.form).to_contain_text("PowerPost may refuse")
    await narrow.form.get_by_label("no text").uncheck()
    await expect_fits(narrow)
    await narrow.shoot("edit-lines")
    await narrow.press("Create", narrow.form)
    await expect(narrow.pictures(version(narrow, "4th"))).to_have_count(1)
    made = narrow.find_generation(prompt="a lighthouse in fog. with a darker sky", quantity=1)
    assert len(made.style_images) == 1


def dm_of(desk: Desk) -> str:
    """Ada's direct message with the bot."""
    channels = desk.scene.workspace.channels.values()
    return next(channel.id for channel in channels if channel.with_user == desk.ada)
