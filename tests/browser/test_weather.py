"""What goes wrong, ordered in the Weather panel: each promise of the bot is seen being kept."""

from __future__ import annotations

from playwright.async_api import expect

from tests.support.browser_page import Desk
from tests.support.stage import hold


async def test_a_partial_result_delivers_what_there_is_and_says_what_came_back(desk: Desk) -> None:
    await desk.inject_fault("outcome-partial")
    result = await desk.make_pictures("two boats --quantity 2")

    await expect(result).to_contain_text("1 of 2 pictures could be made; 1 picture failed")
    await expect(result).to_contain_text("Used 10 credits · 5 credits refunded · 95 left")
    await expect(desk.pictures(result)).to_have_count(1)
    await expect(desk.messages.last).to_contain_text("1 of 2 pictures made")
    await expect(desk.page.locator("#weather")).to_contain_text("Fair: nothing will go wrong.")


async def test_a_lost_answer_is_told_and_never_sent_again(desk: Desk) -> None:
    await desk.inject_fault("submit-answer_lost")
    await desk.send("/imagine a boat")
    root = desk.messages.last
    await expect(root).to_contain_text("Outcome unknown")
    await desk.open_thread(root)

    notice = desk.replies.last
    await expect(notice).to_contain_text("The balance was 100 before and is 95 now")
    await expect(notice).to_contain_text("I will not send it again by myself.")
    assert desk.count_submits() == 1


async def test_without_credits_nothing_is_started(desk: Desk) -> None:
    await desk.page.get_by_role("button", name="Weather", exact=True).first.click()
    await desk.page.get_by_label("Balance at PowerPost").fill("2")
    await desk.press("Set")
    await expect(desk.page.get_by_label("2 PowerPost credits")).to_be_visible()
    await desk.send("/imagine a boat")

    root = desk.messages.last
    await expect(root).to_contain_text("Not started")
    await desk.open_thread(root)
    await expect(desk.replies.last).to_contain_text("too few credits")
    await expect(desk.replies.last).to_contain_text("Nothing was spent.")


async def test_a_failed_generation_says_why_and_what_came_back(desk: Desk) -> None:
    await desk.inject_fault("outcome-failed")
    result = await desk.make_pictures("a boat")
    await expect(result).to_contain_text("PowerPost could not make this picture.")
    await expect(result).to_contain_text("5 credits refunded")


async def test_a_rate_limit_is_waited_for_and_paid_once(desk: Desk) -> None:
    await desk.inject_fault("submit-rate_limited")
    result = await desk.make_pictures("a boat")
    await expect(desk.pictures(result)).to_have_count(1)
    assert desk.scene.powerpost.balance == 95


async def test_powerpost_away_is_waited_for(desk: Desk) -> None:
    panel = desk.page.locator("#weather")
    await desk.page.get_by_role("button", name="Weather", exact=True).first.click()
    away = panel.locator("[data-fault=powerpost-away]")
    await away.click()
    await expect(away).to_have_attribute("aria-pressed", "true")
    await desk.send("/imagine a boat")
    root = desk.messages.last
    await expect(root).to_contain_text("Nothing has been spent yet, and I keep trying.")
    await away.click()
    await expect(away).to_have_attribute("aria-pressed", "false")
    await expect(root).to_contain_text("Done in")
    assert desk.scene.powerpost.balance == 95


async def test_pictures_that_slack_holds_up_come_once(desk: Desk) -> None:
    with hold(desk.scene.powerpost):
        root = await desk.imagine("a boat")
        await expect(root).to_contain_text("Generating")
        await desk.inject_fault("slack-ratelimited")
    await desk.open_thread(root)
    await expect(desk.pictures(desk.replies.last)).to_have_count(1)
    await expect(root).to_contain_text("Done in")
    await expect(desk.replies).to_have_count(1)


async def test_a_bot_that_was_killed_in_the_middle_finishes_what_was_paid(desk: Desk) -> None:
    await desk.page.get_by_role("button", name="Weather", exact=True).first.click()
    with hold(desk.scene.powerpost):
        root = await desk.imagine("a phoenix --quantity 2")
        await expect(root).to_contain_text("Generating")
        await desk.press("Kill the bot (SIGKILL)")
        await expect(desk.page.get_by_label("The bot is stopped")).to_be_visible()
    await desk.shoot("killed")
    assert not desk.scene.bot.is_running
    await desk.send("/imagine is anybody there")
    await expect(desk.private).to_contain_text('failed with the error "dispatch_failed"')
    await desk.press("Start the bot")
    await expect(desk.page.get_by_label("The bot is running")).to_be_visible()

    await expect(root).to_contain_text("Done in")
    await desk.open_thread(root)
    await expect(desk.pictures(desk.replies.last)).to_have_count(2)
    await expect(desk.replies).to_have_count(1)
    assert desk.count_submits() == 1
    assert desk.scene.powerpost.balance == 90
