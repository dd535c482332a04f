"""What is used on a desktop and on a phone: each in both widths, and with the keyboard's focus."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Locator, expect

from bot.sandbox.powerpost.faults import SubmitFault
from bot.sandbox.slack.records import Channel
from bot.sandbox.wiring import Sandbox
from tests.support.accessibility import find_barriers
from tests.support.browser import OpenDesk
from tests.support.browser_page import DESIGN, GALLERY, PHONE, WIDE, Desk, Gallery, clear_scene

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


async def open_home(desk: Desk, who: str) -> Locator:
    """Open the Home tab as an admin; its page."""
    await desk.page.goto(f"{desk.scene.url}/home?as={who}")
    home = desk.page.locator(".home")
    await expect(home.get_by_role("heading", name="For admins")).to_be_visible()
    return home


async def save(desk: Desk) -> None:
    """Send the form that is open."""
    await desk.press("Save", desk.form)
    await expect(desk.form).to_be_hidden()


async def fill_budget_of_ben(desk: Desk, credits_: str) -> None:
    """The form of a new budget, filled in."""
    await desk.press("Budgets", desk.page.locator(".home"))
    await desk.press("Add a budget", desk.page.locator(".home"))
    await desk.form.get_by_label("One person").check()
    await desk.form.get_by_label("Person", exact=True).select_option(desk.ben)
    await desk.form.get_by_label("Credits").fill(credits_)


@IN_BOTH
async def test_the_report_asks_for_month_and_grouping(
    open_tab: OpenDesk, scene: Sandbox, gallery: Gallery, width: str
) -> None:
    desk = await open_gallery(open_tab, scene, gallery, width)
    home = await open_home(desk, gallery.people.ada.id)
    await desk.press("Report", home)
    await expect(desk.form.get_by_label("Month")).to_be_focused()
    await desk.form.get_by_label("Models").check()
    assert await find_barriers(desk.page) == []
    assert await desk.page.evaluate(_FITS)
    await desk.shoot(f"report-{width}")
    await desk.press("Send report", desk.form)
    await expect(desk.form).to_contain_text("Your report is on its way")


@IN_BOTH
async def test_the_audit_says_in_the_home_tab_whether_it_adds_up(
    open_tab: OpenDesk, scene: Sandbox, gallery: Gallery, width: str
) -> None:
    desk = await open_gallery(open_tab, scene, gallery, width)
    home = await open_home(desk, gallery.people.ada.id)
    await desk.press("Audit", home)
    # The tests of one run set the balance of their account as they like.
    await expect(desk.form).to_contain_text("python -m bot audit")
    await expect(desk.form).to_contain_text("add")
    assert await find_barriers(desk.page) == []
    assert await desk.page.evaluate(_FITS)
    await desk.shoot(f"audit-{width}")


@IN_BOTH
async def test_a_budget_of_nothing_asks_and_remove_is_not_what_enter_does(
    open_tab: OpenDesk, width: str
) -> None:
    desk = await open_tab(**WIDTHS[width])
    home = await open_home(desk, desk.ada)
    await fill_budget_of_ben(desk, "0")
    await desk.press("Save", desk.form)
    await expect(desk.form).to_contain_text("can't make pictures then. Save?")
    assert await find_barriers(desk.page) == []
    await desk.shoot(f"budget-of-nothing-{width}")
    await save(desk)

    row = home.locator(".block-section", has_text="0 credits a month for @Ben Osei").last
    await row.get_by_role("button", name="More").click()
    await desk.page.get_by_role("menuitem", name="Remove").locator("visible=true").click()
    await expect(desk.form.get_by_role("button", name="Keep")).to_be_focused()
    await expect(desk.form.locator(".primary")).to_have_count(0)
    assert await find_barriers(desk.page) == []
    await desk.shoot(f"remove-{width}")
    await desk.press("Remove", desk.form)
    await expect(desk.form).to_contain_text("Removed: ")


@IN_BOTH
async def test_a_channel_lifts_adds_and_requires_and_the_form_obeys(
    open_tab: OpenDesk, scene: Sandbox, width: str
) -> None:
    desk = await open_tab(**WIDTHS[width])
    name, channel = f"house {width}", f"C0{width.upper()}"
    members = {desk.ada, scene.workspace.bot.id}
    scene.workspace.add_channel(Channel(channel, f"rules-{width}", "public", members))
    home = await open_home(desk, desk.ada)
    await desk.press("Presets", home)
    await desk.press("Add a preset", home)
    await desk.form.get_by_label("Name").fill(name)
    await desk.form.get_by_label("One channel").check()  # other tests' channels have none
    await desk.form.get_by_label("Channel", exact=True).select_option(channel)
    await save(desk)
    await expect(home).to_contain_text(name)
    await desk.press("Back", home)
    await desk.press("Rules", home)
    await desk.press("Add a channel", home)
    await desk.form.get_by_label("Channel", exact=True).select_option(channel)
    await expect(desk.form).to_contain_text("Whole words only")
    await desk.form.get_by_label("Blocked beginnings of words").fill("kite")
    await desk.form.get_by_label("Required preset").select_option(f"preset:{name}")
    lifted = desk.form.get_by_role("group", name="Lift the workspace's rules here")
    await lifted.get_by_label("Max images per request").check()
    assert await find_barriers(desk.page) == []
    assert await desk.page.evaluate(_FITS)
    await desk.shoot(f"exception-{width}")
    await save(desk)
    await expect(home).to_contain_text("Lifted: max images per request")

    await desk.visit(channel)
    await desk.send("/imagine kites")
    await expect(desk.private.last).to_contain_text("words that begin with “kite”")
    await desk.send("/imagine a fox --no-preset")
    await expect(desk.private.last).to_contain_text("can't be left out")
    await desk.open_form()
    options = desk.form.get_by_label("Preset").locator("option:not(.placeholder)")
    await expect(options).to_have_count(1)
    await expect(desk.form).to_contain_text(f"rules require the preset “{name}”")


async def test_an_alert_raises_its_budget(open_tab: OpenDesk, scene: Sandbox) -> None:
    """Both widths in one test: the bot remembers for a while who is to be told, and each test has
    another Ada."""
    desk = await open_tab(**WIDTHS["desktop"])
    await open_home(desk, desk.ada)
    await fill_budget_of_ben(desk, "22")
    await save(desk)
    await scene.person(desk.ben).run_command(DESIGN, "/imagine", "a rook -n 4")
    for width, credits_, raised in (("desktop", "22", "50"), ("phone", "50", "60")):
        desk = await open_tab(**WIDTHS[width])
        await desk.visit(scene.workspace.open_dm(desk.ada).id)
        told = desk.messages.filter(has_text="You get this because")
        await desk.press("Raise the budget", told.first)
        await expect(desk.form.get_by_label("Credits")).to_have_value(credits_)
        await expect(desk.form).to_contain_text("Refused requests don't start by themselves")
        assert await find_barriers(desk.page) == []
        await desk.shoot(f"raise-{width}")
        await desk.form.get_by_label("Credits").fill(raised)
        await save(desk)


@IN_BOTH
async def test_look_again_says_what_the_balance_tells(
    open_tab: OpenDesk, scene: Sandbox, width: str
) -> None:
    desk = await open_tab(**WIDTHS[width])
    await desk.visit()
    scene.powerpost.faults.next_submit(SubmitFault.ANSWER_LOST)
    root = await desk.imagine("a heron lost")
    await expect(root).to_contain_text("Outcome unknown")
    await desk.open_thread(root)
    await desk.press("Look again", desk.thread)
    said = desk.page.locator(".message.ephemeral").last
    await expect(said).to_contain_text("Nothing was spent by looking.")
    assert await find_barriers(desk.page) == []
    await desk.shoot(f"look-again-{width}")
    assert desk.count_submits() == 1
