"""A vote, on a wide screen and on a phone, by keyboard and with its words alone."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.support.accessibility import find_barriers
from tests.support.browser import OpenDesk
from tests.support.browser_page import DESIGN
from tests.support.votes import vote_as

WIDTHS = [pytest.param((1280, 800), id="desktop"), pytest.param((390, 844), id="phone")]


@pytest.mark.parametrize("size", WIDTHS)
async def test_a_team_votes_and_chooses_by_keyboard(
    open_tab: OpenDesk, size: tuple[int, int]
) -> None:
    desk = await open_tab(size=size)
    await desk.visit()
    result = await desk.make_pictures("a harbour at dawn -n 2")
    submits = desk.count_submits()
    await result.get_by_role("button", name="More", exact=True).click()
    await desk.page.get_by_role("menuitem", name="More…").click()
    await desk.press("Pick", desk.form)
    await expect(desk.form).to_contain_text("The vote is open")
    await desk.form.get_by_role("button", name="Close", exact=True).first.click()  # all of them
    await expect(desk.form).to_have_count(0)

    vote = desk.replies.filter(has_text="asks for your vote").last
    second = vote.get_by_role("button", name="Vote for Picture 2, a harbour at dawn")
    await second.focus()
    await desk.page.keyboard.press("Enter")
    await expect(vote).to_contain_text("2: 1 vote · @Ada")
    await vote_as(desk.scene, desk.ben, DESIGN, "2")
    await expect(vote).to_contain_text("2: 2 votes · @Ada Park and @Ben Osei")
    await expect(desk.pictures(vote)).to_have_count(2)
    script = "document.documentElement.scrollWidth <= window.innerWidth"
    assert await desk.page.evaluate(script)
    assert await find_barriers(desk.page) == []
    await desk.shoot(f"vote-{size[0]}")

    await vote.get_by_role("button", name="Close this vote").click()
    await desk.press("Close it")
    closed = desk.replies.filter(has_text="Picture 2 was chosen with 2 of 2 votes")
    await expect(closed).to_have_count(2)  # the vote, and what is said of it
    assert desk.count_submits() == submits
