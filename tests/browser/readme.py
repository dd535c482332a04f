"""`python -m tests.browser.readme`: the README's pictures, of a sandbox in real use."""

from __future__ import annotations

import asyncio
import io
import sys
import tempfile
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.async_api import Browser, expect

from bot.sandbox.demo import DANA, seed_history
from bot.sandbox.past import SharedClock
from bot.sandbox.run import open_sandbox
from bot.sandbox.wiring import Sandbox
from tests.support.browser_page import DESIGN, Desk, open_desk
from tests.support.chromium import find_chromium, open_browser
from tests.support.root import ROOT
from tests.support.votes import vote_as

DIRECTORY: Final = ROOT / ".readme"
MOST_BYTES: Final = 300_000
_SIZE: Final = (1280, 860)


def keep_picture(png: bytes, name: str) -> Path:
    """Write a screenshot, in fewer bytes."""
    path = DIRECTORY / f"{name}.png"
    Image.open(io.BytesIO(png)).convert("RGB").save(path, optimize=True)
    if path.stat().st_size > MOST_BYTES:
        raise RuntimeError(f"{path} has {path.stat().st_size:,} bytes; {MOST_BYTES:,} are too many")
    return path


async def show_thread(desk: Desk) -> None:
    """The channel as the demo left it, a new command half typed, its pictures beside it."""
    await desk.visit()
    root = desk.messages.filter(has_text="a lighthouse in fog")
    await desk.open_thread(root)
    await expect(desk.pictures(desk.replies.last)).to_have_count(2)
    await desk.composer.fill("/imagine ")
    await expect(desk.page.get_by_role("note", name="Usage")).to_be_visible()
    await desk.thread.locator(".list").evaluate("list => { list.scrollTop = 0; }")


async def show_form(desk: Desk) -> None:
    """Every option, filled in."""
    await desk.visit()
    form = await desk.open_form()
    await form.get_by_label("Prompt").first.fill("A harbour at dawn, gulls over the quay")
    await form.get_by_label("Model").select_option("nano-banana-2")
    await expect(form.get_by_label("Size").locator("[value=feed]")).to_contain_text("896×1152")
    await form.get_by_label("How many").select_option("2")
    await expect(form).to_contain_text("About 12 credits")
    await form.locator(".modal-body").evaluate("body => { body.scrollTop = 0; }")


async def show_promise(desk: Desk) -> None:
    """An answer is lost on purpose: the bot says what it knows, and sends nothing again."""
    await desk.visit()
    await desk.inject_fault("submit-answer_lost")
    root = await desk.imagine("a kite above the dunes")
    await expect(root).to_contain_text("Outcome unknown")
    await desk.open_thread(root)
    await expect(desk.replies.last).to_contain_text("I will not send it again by myself.")


async def show_drawer(desk: Desk) -> None:
    """Every exchange of one generation, the paid request opened."""
    await desk.visit()
    await desk.page.get_by_role("button", name="Exchanges").click()
    rows = desk.page.get_by_role("log", name="Exchanges").locator(".exchange")
    submits = rows.filter(has_text="POST /api/v1/images/generate")
    submit = submits.nth(await submits.count() - 2)  # the last one lost its answer
    await submit.locator("summary").click()
    await submit.get_by_role("button", name="Only generation").click()
    await expect(rows.filter(has_text="GET /api/v1/images/generations/")).to_have_count(1)
    await expect(rows.first).to_contain_text("/imagine")
    await desk.page.locator(".drawer-list").evaluate("list => { list.scrollTop = 0; }")


async def show_home(desk: Desk) -> None:
    """What an admin finds in the Home tab."""
    await desk.page.goto(f"{desk.scene.url}/home?as={desk.ada}")
    home = desk.page.locator(".home")
    await expect(home.get_by_role("heading", name="For admins")).to_be_attached()
    await expect(home).to_contain_text("a day")


async def show_library(desk: Desk) -> None:
    """Pictures of all channels that a person is in, found again."""
    await desk.page.goto(f"{desk.scene.url}/home?as={desk.ada}")
    home = desk.page.locator(".home")
    await home.get_by_role("button", name="Library").click()
    await expect(home).to_contain_text("newest first")
    await expect(home.get_by_role("button", name="Older")).to_be_attached()


BRIEF: Final = "/imagine a {red|blue|brass} kite over the sea --for instagram-feed,youtube"


async def show_brief_form(desk: Desk) -> None:
    """Several models and sizes of one prompt."""
    await desk.visit()
    form = await desk.open_form()
    await form.get_by_label("Prompt").first.fill("A {red|blue} kite over the sea")
    await form.get_by_label("Choose several of each").check()
    await form.get_by_label("Portrait 9:16").check()
    await form.get_by_label("Landscape 16:9").check()
    await expect(form).to_contain_text("4 pictures")
    await form.locator(".modal-body").evaluate("body => { body.scrollTop = 0; }")


async def show_brief_question(desk: Desk) -> None:
    """All that a command would make, its price, and what is left."""
    await desk.visit(who=DANA.id)  # she has spent nothing today
    await desk.composer.fill(BRIEF)
    await desk.composer.press("Enter")
    await expect(desk.messages.last).to_contain_text("I would make 6 pictures")


async def show_brief_progress(desk: Desk) -> None:
    """One line for each, while they are made."""
    await desk.visit(who=DANA.id)  # she has spent nothing today
    powerpost = desk.scene.powerpost
    usual, powerpost.seconds_per_generation = powerpost.seconds_per_generation, 6.0
    await desk.composer.fill(BRIEF)
    await desk.composer.press("Enter")
    await desk.messages.last.get_by_role("button", name="Make it").click()
    root = desk.messages.filter(has_text="asked for 6 pictures").last
    await expect(root).to_contain_text("3 of 6 made", timeout=60_000)
    powerpost.seconds_per_generation = usual


async def show_brief(desk: Desk) -> None:
    """The end of a brief: its contact sheet, what it came to, and what can be done with it."""
    await desk.visit()
    root = desk.messages.filter(has_text="a tram stop in").first
    await desk.open_thread(root)
    await expect(desk.replies.last).to_contain_text("That's all 4 pictures")
    await desk.thread.locator(".list").evaluate("list => { list.scrollTop = list.scrollHeight; }")


async def show_vote(desk: Desk) -> None:
    """A vote on a brief's pictures, with the votes of three."""
    await desk.visit()
    root = desk.messages.filter(has_text="a tram stop in").first
    await desk.open_thread(root)
    await desk.press("Pick", desk.replies.filter(has_text="That's all 4 pictures"))
    vote = desk.replies.filter(has_text="asks for your vote")
    await expect(vote.get_by_role("button", name="Vote for Picture 2")).to_be_visible()
    for who, number in ((desk.ada, "2"), (desk.ben, "3"), (DANA.id, "2")):
        await vote_as(desk.scene, who, DESIGN, number)
    await expect(vote).to_contain_text("2 votes")
    await expect(vote).to_contain_text("3 people have voted")
    await desk.thread.locator(".list").evaluate("list => { list.scrollTop = list.scrollHeight; }")


async def show_post_form(desk: Desk) -> None:
    """Two pictures on their way into a draft."""
    await desk.visit()
    root = desk.messages.filter(has_text="a lighthouse in fog")
    await desk.open_thread(root)
    await desk.press("Use in post", desk.replies.last)
    form = desk.page.get_by_role("dialog", name="Use in post")
    await form.get_by_label("Instagram feed").check()
    await form.get_by_label("X post").check()
    await form.locator(".modal-body").evaluate("body => { body.scrollTop = 210; }")


SHOWS: Final = {
    "thread": show_thread,
    "form": show_form,
    "promise": show_promise,
    "drawer": show_drawer,
    "home": show_home,
    "library": show_library,
    "brief": show_brief,
    "brief-form": show_brief_form,
    "brief-question": show_brief_question,
    "brief-progress": show_brief_progress,
    "vote": show_vote,
    "post-form": show_post_form,
}


async def photograph(browser: Browser, scene: Sandbox) -> list[Path]:
    """All of them, each in a fresh tab."""
    paths = []
    for name, show in SHOWS.items():
        desk = await open_desk(browser, scene, DIRECTORY, size=_SIZE)
        await show(desk)
        await desk.page.mouse.move(0, 0)
        paths.append(keep_picture(await desk.page.screenshot(), name))
        scene.workspace.view_stacks.clear()  # a form that is left open would lie over the next
        await desk.context.close()
    return paths


async def main() -> int:
    """Make them; the exit code."""
    chromium = find_chromium()
    if chromium is None:
        print("No Chromium here: apt-get install chromium fonts-noto-color-emoji")
        return 1
    DIRECTORY.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch)
        clock = SharedClock(directory / "clock")
        database = directory / "imagine.sqlite3"
        async with (
            open_sandbox(0, database, directory, clock=clock) as scene,
            open_browser(chromium) as browser,
        ):
            await scene.bot.until_ready()
            await seed_history(scene, clock)
            for path in await photograph(browser, scene):
                print(f"{path} ({path.stat().st_size:,} bytes)")
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
