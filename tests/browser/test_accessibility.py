"""Nothing serious in the way of anyone, by axe-core: everywhere, in light, in the dark, small."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import expect

from bot.sandbox.wiring import Sandbox
from tests.support.accessibility import find_barriers
from tests.support.browser import OpenDesk
from tests.support.browser_page import PHONE, WIDE, Desk, Gallery, clear_scene

SCREENS: dict[str, dict[str, Any]] = {
    "light": {"size": WIDE, "color_scheme": "light"},
    "dark": {"size": WIDE, "color_scheme": "dark"},
    "phone": {"size": PHONE, "has_touch": True, "is_mobile": True},
}


async def look_around(desk: Desk, gallery: Gallery) -> dict[str, list[str]]:
    """The barriers at each place of the page."""
    found = {}
    page = desk.page
    result = await desk.visit_result(gallery, "a lighthouse")
    found["thread"] = await find_barriers(page)
    await desk.pictures(result).first.click()
    found["lightbox"] = await find_barriers(page)
    await page.keyboard.press("Escape")
    if await page.get_by_role("link", name="Back to the channel").is_visible():
        await page.get_by_role("link", name="Back to the channel").click()
    await desk.send("/imagine nonsense --sise portrait")
    await expect(desk.private.last).to_be_visible()
    await desk.composer.fill("/im")
    found["channel with completion"] = await find_barriers(page)
    await desk.open_form()
    found["form"] = await find_barriers(page)
    await desk.press("Create", desk.form)
    await expect(desk.form.get_by_role("alert")).to_be_visible()
    await expect(page.locator("html.submitting")).to_have_count(0)
    found["form with errors"] = await find_barriers(page)
    await desk.press("Cancel", desk.form)
    await expect(desk.form).to_be_hidden()
    await desk.inject_fault("outcome-partial")
    await expect(page.locator("#weather").get_by_text("Coming up")).to_be_visible()
    found["weather"] = await find_barriers(page)
    await page.locator("#weather").get_by_role("button", name="Close the weather").click()
    await page.get_by_role("button", name="Exchanges").click()
    await page.locator(".exchange summary").last.click()
    await expect(page.get_by_role("button", name="Copy as curl")).to_be_visible()
    found["drawer"] = await find_barriers(page)
    await page.goto(f"{desk.scene.url}/home?as={desk.ada}")
    await expect(page.locator(".home")).to_be_visible()
    found["home"] = await find_barriers(page)
    return found


@pytest.mark.parametrize("screen", list(SCREENS))
async def test_nothing_is_in_the_way(
    open_tab: OpenDesk, gallery: Gallery, scene: Sandbox, screen: str
) -> None:
    clear_scene(scene, gallery.people)
    desk = await open_tab(**SCREENS[screen])
    found = await look_around(desk, gallery)
    assert {place: barriers for place, barriers in found.items() if barriers} == {}
