"""A refusal that is mended, a price that stays, and the history, on a wide screen and on a
phone."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.support.browser import OpenDesk
from tests.support.browser_page import Desk
from tests.support.stage import hold

WIDTHS = [pytest.param((1280, 800), id="desktop"), pytest.param((390, 844), id="phone")]


async def is_as_wide_as_the_screen(desk: Desk) -> bool:
    """Whether nothing has to be scrolled sideways."""
    script = "document.documentElement.scrollWidth <= window.innerWidth"
    return bool(await desk.page.evaluate(script))


@pytest.mark.parametrize("size", WIDTHS)
async def test_a_misspelling_has_a_button_with_the_right_one_and_edit(
    open_tab: OpenDesk, size: tuple[int, int]
) -> None:
    desk = await open_tab(size=size)
    await desk.visit()
    await desk.send("/imagine a fox in snow --size protrait")
    await expect(desk.private).to_contain_text("Did you mean portrait?")
    await expect(desk.private.get_by_role("button", name="Make it")).to_be_visible()
    await desk.shoot(f"refused-{size[0]}")
    assert await is_as_wide_as_the_screen(desk)
    await desk.press("Edit", desk.private)
    await expect(desk.form.get_by_label("Prompt").first).to_have_value("a fox in snow")
    await expect(desk.form.get_by_label("Size")).to_have_value("portrait")
    assert desk.count_submits() == 0


@pytest.mark.parametrize("size", WIDTHS)
async def test_the_price_stays_in_the_first_message_and_the_history_is_used_again(
    open_tab: OpenDesk, size: tuple[int, int]
) -> None:
    desk = await open_tab(size=size)
    await desk.visit()
    with hold(desk.scene.powerpost):
        root = await desk.imagine("a hut on a hill")
        await expect(root).to_contain_text("Generating")
        await expect(root).to_contain_text("5 credits")
    await expect(root).to_contain_text("Used 5 credits")
    await desk.send("/imagine history")
    await expect(desk.private).to_contain_text("square 1:1")
    await expect(desk.private).to_contain_text("design")
    await expect(desk.private.get_by_role("button", name="Share")).to_be_visible()
    await desk.shoot(f"history-{size[0]}")
    assert await is_as_wide_as_the_screen(desk)
    await desk.private.get_by_role("button", name="Use again").click()
    await expect(desk.form.get_by_label("Prompt").first).to_have_value("a hut on a hill")
