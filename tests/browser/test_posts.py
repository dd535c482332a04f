"""Use in post in the sandbox: the form over a result, its mistakes, and what the thread says."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import expect

from bot.sandbox.wiring import Sandbox
from tests.support.accessibility import find_barriers
from tests.support.browser import OpenDesk
from tests.support.browser_page import PHONE, WIDE, clear_scene

TEXT = re.compile(r"^Text\b")
DAY = re.compile(r"calendar: day")
WIDTHS: dict[str, dict[str, Any]] = {
    "desktop": {"size": WIDE},
    "phone": {"size": PHONE, "has_touch": True, "is_mobile": True},
}


@pytest.mark.parametrize("width", list(WIDTHS))
async def test_a_picture_is_handed_on_as_a_draft(
    open_tab: OpenDesk, scene: Sandbox, width: str
) -> None:
    clear_scene(scene)
    desk = await open_tab(**WIDTHS[width])
    await desk.visit()
    result = await desk.make_pictures("/imagine a paper boat -n 2")
    await desk.press("Use in post", result)
    form = desk.page.get_by_role("dialog", name="Use in post")
    await expect(form).to_contain_text("Nothing is published")
    await form.get_by_label("X post").check()
    await form.get_by_role("textbox", name=TEXT).fill("a" * 300)
    await desk.press("Make the draft", form)
    await expect(form).to_contain_text("X post takes 280 characters; the text has 300")
    assert await find_barriers(desk.page) == []
    await desk.shoot(f"post-form-{width}")

    await form.get_by_role("textbox", name=TEXT).fill("Fold one today.")
    await form.get_by_label(DAY).fill("2030-05-12")
    await desk.press("Make the draft", form)

    told = desk.replies.last
    await expect(told).to_contain_text("made a draft in PowerPost: X post")
    await expect(told).to_contain_text("In PowerPost's calendar: Sun 12 May 2030")
    await desk.press("Check state", told)
    await expect(told).to_contain_text("Checked")
    assert await find_barriers(desk.page) == []
    await desk.shoot(f"post-draft-{width}")
