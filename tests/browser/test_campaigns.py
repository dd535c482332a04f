"""Campaigns in the form: a new one is typed, and offered the next time."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Locator, expect

from bot.sandbox.wiring import Sandbox
from tests.support.browser import OpenDesk
from tests.support.browser_page import PHONE, WIDE, Desk, clear_scene

WIDTHS: dict[str, dict[str, Any]] = {
    "desktop": {"size": WIDE},
    "phone": {"size": PHONE, "has_touch": True, "is_mobile": True},
}


async def open_search(desk: Desk) -> tuple[Locator, Locator]:
    """The form with its prompt filled in, and the field for the campaign, open."""
    form = await desk.open_form()
    await form.get_by_label("Prompt").first.fill("a paper boat")
    search = form.get_by_role("combobox", name="Campaign")
    await search.click()
    await expect(form.locator(".listbox [role=option]").first).to_be_visible()
    return form, search


@pytest.mark.parametrize("width", list(WIDTHS))
async def test_a_new_campaign_is_typed_and_offered_the_next_time(
    open_tab: OpenDesk, scene: Sandbox, width: str
) -> None:
    clear_scene(scene)
    desk = await open_tab(**WIDTHS[width])
    await desk.visit()
    name = f"Boats {width}"
    form, search = await open_search(desk)
    await search.fill(name)
    new = form.locator(".listbox [role=option]", has_text=f"New: {name}")
    await expect(new).to_be_visible()
    await desk.shoot(f"campaign-new-{width}")
    await new.click()
    await desk.press("Create", form)
    await expect(desk.messages.last).to_contain_text(f"Campaign: {name}")
    await desk.shoot(f"campaign-root-{width}")

    form, search = await open_search(desk)
    await expect(form.locator(".listbox [role=option]", has_text=name)).to_be_visible()
    await desk.shoot(f"campaign-offered-{width}")
