"""The library in a browser: looked through and searched on a desktop and on a phone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import expect

from bot.sandbox.wiring import Sandbox
from tests.support.accessibility import find_barriers
from tests.support.browser import OpenDesk
from tests.support.browser_page import PHONE, WIDE, Gallery, clear_scene

WIDTHS: dict[str, dict[str, Any]] = {
    "desktop": {"size": WIDE},
    "phone": {"size": PHONE, "has_touch": True, "is_mobile": True},
}


@pytest.mark.parametrize("width", list(WIDTHS))
async def test_pictures_are_found_in_the_home_tab_and_edited_from_there(
    open_tab: OpenDesk, scene: Sandbox, gallery: Gallery, width: str
) -> None:
    clear_scene(scene, gallery.people)
    desk = await open_tab(**WIDTHS[width])
    await desk.page.goto(f"{desk.scene.url}/home?as={desk.ada}")
    home = desk.page.locator(".home")
    await desk.press("Library", home)
    await expect(home).to_contain_text("Everything that you can see, newest first")
    barriers = await find_barriers(desk.page)

    await desk.press("Search the library", home)
    await desk.form.get_by_label("Words of the prompt").fill("isl")
    barriers += await find_barriers(desk.page)
    await desk.press("Search", desk.form)
    await expect(desk.form).to_be_hidden()

    await expect(home).to_contain_text("“isl”")
    await expect(home.get_by_role("link", name="an island")).to_be_visible()
    await expect(home.get_by_role("img").first).to_be_visible()
    await home.get_by_role("button", name="Edit").first.click()
    await expect(desk.form.get_by_label("Prompt").first).to_contain_text("an island")
    assert barriers == []
