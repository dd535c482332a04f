"""Several pictures at once, asked for on a wide screen and on a phone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.support.accessibility import find_barriers
from tests.support.browser import OpenDesk

WIDTHS = [pytest.param((1280, 800), id="desktop"), pytest.param((390, 844), id="phone")]


@pytest.mark.parametrize("size", WIDTHS)
async def test_a_size_that_a_model_lacks_has_two_buttons(
    open_tab: OpenDesk, size: tuple[int, int]
) -> None:
    desk = await open_tab(size=size)
    await desk.visit()
    await desk.send("/imagine a {red|blue} kite -m gpt-image-1.5 --size feed")
    await expect(desk.private).to_contain_text("GPT Image 1.5 has no feed")
    await expect(desk.private.get_by_role("button", name="Take the nearest")).to_be_visible()
    await expect(desk.private.get_by_role("button", name="Use FLUX.2 Flex")).to_be_visible()
    script = "document.documentElement.scrollWidth <= window.innerWidth"
    assert await desk.page.evaluate(script)
    assert desk.count_submits() == 0


@pytest.mark.parametrize("size", WIDTHS)
async def test_a_list_in_the_form_names_its_bad_rows_and_is_made_without_them(
    open_tab: OpenDesk, size: tuple[int, int], tmp_path: Path
) -> None:
    shots = tmp_path / "shots.csv"
    shots.write_text("prompt;size\na kite;feed\na fox;huge\na cat;\n", "utf-8")
    desk = await open_tab(size=size)
    await desk.visit()
    await desk.send("/imagine")
    await desk.form.get_by_label("Choose several of each").check()
    await expect(desk.form.get_by_text("A list, as a CSV file")).to_be_visible()
    assert await find_barriers(desk.page) == []
    await desk.form.locator("input[type=file]").first.set_input_files(shots)
    await expect(desk.form.get_by_text("shots.csv")).to_be_visible()
    await desk.press("Create", desk.form)
    await expect(desk.form).to_contain_text("Row 3: there is no size “huge”.")
    await desk.form.get_by_label("Leave these out, and make the others").check()
    await desk.press("Create", desk.form)
    await expect(desk.form).to_contain_text("This makes 2 pictures")
    await expect(desk.form).to_contain_text("About 10 credits for 2 pictures")
    assert desk.count_submits() == 0
    await desk.press("Create", desk.form)
    await expect(desk.form).to_have_count(0)
