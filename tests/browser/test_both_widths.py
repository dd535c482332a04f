"""What is used on a desktop and on a phone: each in both widths, and with the keyboard's focus."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from bot.sandbox.wiring import Sandbox
from tests.support.accessibility import find_barriers
from tests.support.browser import OpenDesk
from tests.support.browser_page import GALLERY, PHONE, WIDE, Desk, Gallery, clear_scene

WIDTHS: dict[str, dict[str, Any]] = {
    "desktop": {"size": WIDE},
    "phone": {"size": PHONE, "has_touch": True, "is_mobile": True},
}
IN_BOTH = pytest.mark.parametrize("width", list(WIDTHS))
_FITS = "document.documentElement.scrollWidth <= innerWidth"
_FOCUS_IS_INSIDE = "node => node.contains(document.activeElement)"


def write_file(directory: Path, name: str, megabytes: int) -> Path:
    """A file of that size; nobody looks into it."""
    with (directory / name).open("wb") as file:
        file.truncate(megabytes * 1024 * 1024)
    return directory / name


async def open_gallery(open_tab: OpenDesk, scene: Sandbox, gallery: Gallery, width: str) -> Desk:
    """Ada, who made the gallery, in its channel."""
    clear_scene(scene, gallery.people)
    desk = await open_tab(**WIDTHS[width])
    await desk.visit(GALLERY)
    return desk


@IN_BOTH
async def test_opening_a_thread_moves_the_focus_there_and_closing_it_back(
    open_tab: OpenDesk, scene: Sandbox, gallery: Gallery, width: str
) -> None:
    desk = await open_gallery(open_tab, scene, gallery, width)
    link = desk.page.locator(f"[id='m-{gallery.threads['an island']}'] a.replies")
    await link.focus()
    await desk.page.keyboard.press("Enter")
    await expect(desk.replies.first).to_be_visible()
    field = desk.thread.get_by_role("textbox", name="Reply")
    await expect(field if width == "desktop" else desk.thread.get_by_role("log")).to_be_focused()

    await desk.page.keyboard.press("Escape")
    await expect(desk.thread).to_be_hidden()
    await expect(link).to_be_focused()

    await desk.page.go_back()
    await expect(desk.replies.first).to_be_visible()
    assert await desk.thread.evaluate(_FOCUS_IS_INSIDE)


@IN_BOTH
async def test_a_file_that_is_too_large_is_said_at_its_field_and_the_form_waits(
    open_tab: OpenDesk, tmp_path: Path, width: str
) -> None:
    desk = await open_tab(**WIDTHS[width])
    await desk.visit()
    form = await desk.open_form()
    prompt = form.get_by_label("Prompt").first
    await prompt.fill("a poster like this")
    field = form.locator(".file-input")
    await field.locator("input[type=file]").set_input_files(write_file(tmp_path, "huge.png", 11))
    error = field.get_by_role("alert")
    await expect(error).to_contain_text("huge.png is larger than 10 MB. Remove it, or choose")
    assert await find_barriers(desk.page) == []

    await desk.press("Create", form)
    await expect(field.get_by_role("button", name="Remove huge.png")).to_be_focused()
    await form.get_by_label("Model").select_option("ideogram-3")  # it is drawn anew
    await expect(error).to_be_visible()
    await expect(prompt).to_have_value("a poster like this")
    assert desk.count_submits() == 0

    await field.get_by_role("button", name="Remove huge.png").click()
    await expect(error).to_have_count(0)
    await desk.press("Create", form)
    await expect(form).to_be_hidden()
    await expect(desk.messages.last).to_contain_text("a poster like this")


@IN_BOTH
async def test_a_reply_waits_for_a_file_that_was_too_large_to_be_taken_away(
    open_tab: OpenDesk, scene: Sandbox, gallery: Gallery, tmp_path: Path, width: str
) -> None:
    desk = await open_gallery(open_tab, scene, gallery, width)
    composer = desk.page.locator("#composer-channel")
    await composer.locator("input[type=file]").set_input_files(
        write_file(tmp_path, "huge.tiff", 51)
    )
    await expect(composer.get_by_role("alert")).to_contain_text("huge.tiff is larger than 50 MB.")
    await desk.send("with this")
    await expect(desk.composer).to_have_value("with this")
    await composer.get_by_role("button", name="Remove huge.tiff").click()
    await expect(composer.get_by_role("alert")).to_have_count(0)
    await desk.send("with this")
    await expect(desk.messages.last).to_contain_text("with this")


@IN_BOTH
async def test_the_table_of_a_report_is_read_in_either_width(
    open_tab: OpenDesk, scene: Sandbox, gallery: Gallery, width: str
) -> None:
    desk = await open_gallery(open_tab, scene, gallery, width)
    await desk.send("/imagine usage --by model")
    table = desk.private.last.get_by_role("table")
    head = table.get_by_role("columnheader", name="Credits")
    await expect(head).to_have_count(1)
    cell = table.get_by_role("row").last.get_by_role("cell").last
    label = await cell.evaluate("node => getComputedStyle(node, '::before').content")
    assert label == ('"Pictures"' if width == "phone" else "none")
    boxes = [await table.get_by_role("cell").nth(n).bounding_box() for n in (0, 1)]
    tops = [box["y"] for box in boxes if box is not None]
    assert (tops[0] < tops[1]) == (width == "phone")
    assert await desk.page.evaluate(_FITS)
    scrolled = "node => node.scrollWidth <= node.clientWidth"
    assert await desk.private.last.locator(".table-scroll").evaluate(scrolled)
    assert await find_barriers(desk.page) == []
    await desk.shoot(f"usage-{width}")
