"""Where pictures are shown, and sharing them, on a wide screen and on a phone."""

from __future__ import annotations

import pytest
from playwright.async_api import Locator, expect

from tests.support.browser import OpenDesk
from tests.support.browser_page import DESIGN, GENERAL, PHONE, WIDE, Desk

SIZES = pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])


async def open_page(open_tab: OpenDesk, size: tuple[int, int]) -> Desk:
    """Ada in #design, on a screen of that size, which nothing is wider than."""
    desk = await open_tab(size=size)
    await desk.visit()
    return desk


async def expect_to_fit(desk: Desk) -> None:
    """Nothing on the page has to be scrolled sideways."""
    width = await desk.page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert width <= 0


async def visit_own_messages(desk: Desk) -> Locator:
    """Open Ada's direct message with the bot; the preview in it."""
    (channel,) = [c.id for c in desk.scene.workspace.channels.values() if c.with_user == desk.ada]
    await desk.visit(channel)
    preview = desk.messages.filter(has_text="Here are your")
    await expect(desk.pictures(preview)).to_have_count(2)
    return preview


@SIZES
async def test_the_first_message_says_where_the_pictures_are(
    open_tab: OpenDesk, size: tuple[int, int]
) -> None:
    desk = await open_page(open_tab, size)
    root = await desk.imagine("a lighthouse -n 2")
    await expect(root).to_contain_text("Done")
    await expect(root).to_contain_text("2 pictures in this thread")
    await expect_to_fit(desk)


@SIZES
async def test_shown_in_the_channel_too_the_pictures_are_seen_without_a_click(
    open_tab: OpenDesk, size: tuple[int, int]
) -> None:
    desk = await open_page(open_tab, size)
    await desk.imagine("a dune -n 2 --show channel")
    shown = desk.messages.filter(has_text="replied to a thread")
    await expect(desk.pictures(shown)).to_have_count(2)
    await expect(shown.get_by_role("button", name="Regenerate")).to_have_count(0)
    await desk.shoot(f"show-channel-{size[0]}")
    await expect_to_fit(desk)

    await shown.get_by_role("link", name="View thread").click()
    await expect(desk.thread).to_contain_text("Also sent to the channel")
    await expect(desk.thread.get_by_role("button", name="Regenerate")).to_be_visible()


@SIZES
async def test_a_preview_is_seen_by_its_person_alone_and_shared_from_there(
    open_tab: OpenDesk, size: tuple[int, int]
) -> None:
    desk = await open_page(open_tab, size)
    await desk.send("/imagine a heron -n 2 --show me")
    await expect(desk.private).to_contain_text("Only you see this")
    await desk.shoot(f"preview-pointer-{size[0]}")
    preview = await visit_own_messages(desk)
    await expect(preview.get_by_role("button", name="Again")).to_be_visible()
    await desk.shoot(f"preview-{size[0]}")

    await desk.press("Share", preview)
    await expect(desk.form.get_by_label("Share to")).to_have_value(DESIGN)
    await desk.form.get_by_label("Picture 2").uncheck()
    await desk.form.get_by_label("Note").fill("This one?")
    await desk.shoot(f"share-modal-{size[0]}")
    await expect_to_fit(desk)
    await desk.press("Share", desk.form)
    await expect(desk.form).to_be_hidden()
    await expect(desk.private).to_contain_text("Shared 1 picture in #design")
    await desk.private.get_by_role("link", name="See it there.").click()

    shared = desk.messages.filter(has_text="shares a picture")
    await expect(desk.pictures(shared)).to_have_count(1)
    await expect(shared).to_contain_text("This one?")
    assert desk.count_submits() == 1


@SIZES
async def test_again_makes_another_preview_beside_the_first(
    open_tab: OpenDesk, size: tuple[int, int]
) -> None:
    desk = await open_page(open_tab, size)
    await desk.send("/imagine a pier -n 2 --show me")
    await expect(desk.private).to_contain_text("Only you see this")
    preview = await visit_own_messages(desk)
    await desk.press("Again", preview)
    version = desk.messages.filter(has_text="2nd version")
    await expect(desk.pictures(version)).to_have_count(2)
    await desk.visit(DESIGN)
    await expect(desk.messages.filter(has_text="a pier")).to_have_count(0)


@SIZES
async def test_several_pictures_are_shared_with_a_note_and_lead_back(
    open_tab: OpenDesk, size: tuple[int, int]
) -> None:
    desk = await open_page(open_tab, size)
    result = await desk.make_pictures("an island -n 2")
    await result.get_by_role("button", name="More", exact=True).click()
    await desk.page.get_by_role("menuitem", name="Share to channel").click()
    await desk.form.get_by_label("Share to").select_option(GENERAL)
    await desk.form.get_by_label("Note").fill("Which one?")
    await desk.press("Share", desk.form)
    await expect(desk.form).to_be_hidden()
    told = desk.thread.locator(".ephemeral")
    await expect(told).to_contain_text("Shared 2 pictures in #general")
    await told.get_by_role("link", name="See them there.").click()

    shared = desk.messages.filter(has_text="shares 2 pictures")
    await expect(desk.pictures(shared)).to_have_count(2)
    await expect(shared).to_contain_text("Which one?")
    await desk.shoot(f"shared-{size[0]}")
    await expect_to_fit(desk)
    await shared.get_by_role("link", name="The thread they come from").click()
    await expect(desk.pictures(desk.replies.first)).to_have_count(2)


@SIZES
async def test_a_share_that_fails_names_the_channel_and_says_what_to_do(
    open_tab: OpenDesk, size: tuple[int, int]
) -> None:
    desk = await open_page(open_tab, size)
    result = await desk.make_pictures("a harbour")
    await result.get_by_role("button", name="More", exact=True).click()
    await desk.page.get_by_role("menuitem", name="Share to channel").click()
    await desk.form.get_by_label("Share to").select_option("G0LAUNCH")
    await desk.press("Share", desk.form)
    told = desk.thread.locator(".ephemeral")
    await expect(told).to_contain_text("Nothing was shared in #launch")
    await expect(told).to_contain_text("/invite @Imagine")
    await desk.shoot(f"share-failed-{size[0]}")


@SIZES
async def test_the_form_offers_where_the_pictures_are_shown(
    open_tab: OpenDesk, size: tuple[int, int]
) -> None:
    desk = await open_page(open_tab, size)
    form = await desk.open_form()
    await form.get_by_label("Prompt").first.fill("a kite")
    await expect(form.get_by_label("In the thread", exact=True)).to_be_checked()
    await form.get_by_label("In the thread and in the channel").check()
    await desk.shoot(f"form-show-{size[0]}")
    await desk.press("Create", form)
    await expect(form).to_be_hidden()
    shown = desk.messages.filter(has_text="replied to a thread")
    await expect(desk.pictures(shown)).to_have_count(1)


@SIZES
async def test_an_admin_sets_where_results_are_shown(
    open_tab: OpenDesk, size: tuple[int, int]
) -> None:
    desk = await open_tab(size=size)
    # Where no other test asks for anything: what is set stays set.
    channel = "launch" if size == WIDE else "harbour-partners"
    await desk.page.goto(f"{desk.scene.url}/home?as={desk.ada}")
    home = desk.page.locator(".home")
    await home.get_by_role("button", name="Change where results are shown").click()
    await expect(desk.form).to_contain_text("Where results appear")
    channels = desk.form.get_by_role("group", name="In these channels: in the thread and in the")
    await channels.get_by_label(channel).check()
    await desk.shoot(f"showing-form-{size[0]}")
    await expect_to_fit(desk)
    await desk.press("Save", desk.form)
    await expect(desk.form).to_be_hidden()
    await expect(home).to_contain_text(f"#{channel}")
    await expect(home).to_contain_text(": in the thread and in the channel")
