"""The Home tab in a browser: everything is set there, and nothing is in the way of anyone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Locator, expect

from tests.support.accessibility import find_barriers
from tests.support.browser import OpenDesk
from tests.support.browser_page import PHONE, WIDE, Desk

SCREENS: dict[str, dict[str, Any]] = {
    "light": {"size": WIDE, "color_scheme": "light"},
    "dark": {"size": WIDE, "color_scheme": "dark"},
    "phone": {"size": PHONE, "has_touch": True, "is_mobile": True},
}


def home_of(desk: Desk) -> Locator:
    """The Home tab."""
    return desk.page.locator(".home")


async def open_home(desk: Desk, who: str) -> Locator:
    """Open the Home tab as someone; its page."""
    await desk.page.goto(f"{desk.scene.url}/home?as={who}")
    home = home_of(desk)
    await expect(home.get_by_role("button", name="Create image")).to_be_visible()
    return home


async def save(desk: Desk) -> None:
    """Send the form that is open."""
    await desk.press("Save", desk.form)
    await expect(desk.form).to_be_hidden()


@pytest.mark.parametrize("screen", list(SCREENS))
async def test_everything_is_set_in_the_home_tab_and_nothing_is_in_the_way(
    open_tab: OpenDesk, screen: str
) -> None:
    desk = await open_tab(**SCREENS[screen])
    found: dict[str, list[str]] = {}
    home = await open_home(desk, desk.ada)
    await expect(home.get_by_role("heading", name="For admins")).to_be_visible()
    found["overview"] = await find_barriers(desk.page)

    await home.get_by_role("button", name="Change the settings").click()
    people = desk.form.get_by_role("group", name="Admins of Imagine")
    await people.get_by_label("Ben Osei").check()
    found["settings"] = await find_barriers(desk.page)
    await save(desk)
    await expect(home.get_by_text("Slack's own and @Ben Osei")).to_be_visible()

    await desk.press("Budgets", home)
    await desk.press("Add a budget", home)
    await desk.form.get_by_label("One person").check()
    await desk.form.get_by_label("Person", exact=True).select_option(desk.ben)
    await desk.press("Save", desk.form)
    await expect(desk.form.get_by_role("alert")).to_be_visible()
    found["budget with errors"] = await find_barriers(desk.page)
    await desk.form.get_by_label("Credits").fill("50")
    await save(desk)
    # The tests of one run share a workspace: the row of this test's Ben is the last one.
    row = home.locator(".block-section", has_text="50 credits a month for @Ben Osei").last
    await row.get_by_role("button", name="More").click()
    found["budgets"] = await find_barriers(desk.page)
    await desk.page.get_by_role("menuitem", name="Remove").locator("visible=true").click()
    await desk.press("Remove", desk.form)
    await expect(desk.form.get_by_text("Removed: ")).to_be_visible()
    await desk.press("Close", desk.form.locator(".dialog-foot"))
    await expect(row).to_be_hidden()
    await desk.press("Back", home)
    await desk.press("Recent changes", home)
    await expect(home.get_by_text("removed the budget for @Ben Osei").first).to_be_visible()
    found["changes"] = await find_barriers(desk.page)

    assert {place: barriers for place, barriers in found.items() if barriers} == {}


async def test_a_form_of_the_home_tab_begins_at_its_first_field(open_tab: OpenDesk) -> None:
    desk = await open_tab()
    home = await open_home(desk, desk.ada)
    keys = desk.page.keyboard

    async def open_by_key(button: str) -> None:
        await home.get_by_role("button", name=button).focus()
        await keys.press("Enter")

    await open_by_key("Change the settings")
    await expect(desk.form.get_by_label("Time zone")).to_be_focused()
    await desk.press("Cancel", desk.form)
    await expect(home.get_by_role("button", name="Change the settings")).to_be_focused()
    await open_by_key("Change my defaults")
    await expect(desk.form.get_by_label("Preset")).to_be_focused()
    await keys.press("Escape")
    await desk.press("Budgets", home)
    await open_by_key("Add a budget")
    await expect(desk.form.get_by_label("The whole workspace")).to_be_focused()
    await desk.form.get_by_label("Credits").fill("1234")
    await save(desk)
    await expect(home.get_by_role("button", name="Add a budget")).to_be_focused()
    await open_by_key("More: 1,234 credits a month")
    items = desk.page.get_by_role("menuitem").locator("visible=true")
    await expect(items.first).to_be_focused()
    await keys.press("End")
    await expect(items.last).to_be_focused()
    await keys.press("Enter")
    await expect(desk.form.get_by_role("button", name="Keep")).to_be_focused()
    await keys.press("Enter")
    await expect(desk.form).to_be_hidden()
    await expect(home.get_by_text("1,234 credits a month")).not_to_have_count(0)


async def test_a_member_sees_what_is_theirs_and_sets_it(open_tab: OpenDesk) -> None:
    desk = await open_tab()
    home = await open_home(desk, desk.ben)
    await expect(home.get_by_role("heading", name="My defaults")).to_be_visible()
    await expect(home.get_by_role("heading", name="For admins")).to_be_hidden()

    await home.get_by_role("button", name="Change").last.click()
    await desk.form.get_by_label("Model").select_option("ideogram-3")
    await save(desk)

    await expect(home.get_by_text("Ideogram 3.0")).to_be_visible()
    await desk.press("Create image", home)
    await expect(desk.form.get_by_role("heading", name="Create image")).to_be_visible()
