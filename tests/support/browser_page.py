"""A person at the sandbox's page: what their hands do, and what they look at."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    Request,
    expect,
)

from bot.sandbox.powerpost.generation import ImageGeneration
from bot.sandbox.slack.records import Channel, User
from bot.sandbox.wiring import Sandbox

DESIGN: Final = "C0DESIGN"
GENERAL: Final = "C0GENERAL"
LAUNCH: Final = "G0LAUNCH"
GALLERY: Final = "C0GALLERY"
WIDE: Final = (1280, 800)
PHONE: Final = (390, 844)
PATIENCE_MS: Final = 45_000  # nothing waits for it where all is well

_NOTHING_OWED: Final = "imagine_oldest_owed_age_seconds 0.0"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class People:
    """An Ada, who is an admin, and a Ben."""

    ada: User
    ben: User


@dataclass(frozen=True)
class Gallery:
    """Results that were made before the tests, all at once: by name, the `ts` of their threads."""

    people: People
    threads: dict[str, str]


async def settle_scene(scene: Sandbox) -> None:
    """Fair weather, until the bot owes nothing to anyone: what one test has begun, and not waited
    for, says nothing into the next one."""
    scene.workspace.faults.clear()
    scene.powerpost.faults.clear()
    scene.powerpost.balance = 100
    scene.powerpost.seconds_per_generation = 0.2
    async with asyncio.timeout(PATIENCE_MS / 1000), httpx.AsyncClient() as http:
        while _NOTHING_OWED not in (await http.get(f"{scene.bot.url}/metrics")).text.splitlines():
            for generation in scene.powerpost.generations.values():  # also what never ends
                generation.ends_at = min(generation.ends_at, scene.powerpost.now())
            await asyncio.sleep(0.05)


def clear_scene(scene: Sandbox, people: People | None = None) -> People:
    """Empty channels, no faults, 100 credits, and (unless told who) an Ada and a Ben of whom
    the bot knows nothing: no test sees what another one left."""
    workspace = scene.workspace
    workspace.faults.clear()
    workspace.limiter.is_on = False
    scene.powerpost.faults.clear()
    scene.powerpost.balance = 100
    scene.powerpost.seconds_per_generation = 0.2
    for channel_id, messages in workspace.messages.items():
        if channel_id != GALLERY:
            messages.clear()
    ours = (user for user in workspace.users.values() if not workspace.is_outside(user))
    old = [user for user in ours if not user.is_bot]
    if people is None:
        number = next(_numbers)
        people = People(*(dataclasses.replace(u, id=f"{u.id[:5]}{number}") for u in old))
    for user in old:
        workspace.view_stacks.pop(user.id, None)
    for user, new in zip(old, (people.ada, people.ben), strict=True):
        _replace_user(scene, user, new)
    return people


def _replace_user(scene: Sandbox, old: User, new: User) -> None:
    workspace = scene.workspace
    if old.id == new.id:
        return
    del workspace.users[old.id]
    del workspace.channels[_dm_of(scene, old.id)]
    workspace.add_user(new)
    for channel in workspace.channels.values():
        if old.id in channel.members:
            channel.members ^= {old.id, new.id}


async def fill_gallery(scene: Sandbox, results: Mapping[str, int]) -> Gallery:
    """A result for each name, of so many pictures, made by Ada, in a channel of their own."""
    people = clear_scene(scene)
    workspace = scene.workspace
    members = {people.ada.id, people.ben.id, workspace.bot.id}
    workspace.add_channel(Channel(GALLERY, "gallery", "public", members))
    threads: dict[str, str] = {}
    changes = workspace.subscribe()
    for name, quantity in results.items():
        text = f"{name} --quantity {quantity}"
        await scene.person(people.ada.id).run_command(GALLERY, "/imagine", text)
    async with asyncio.timeout(90):
        while len(threads) < len(results):
            threads = {
                name: message.ts
                for message in workspace.messages[GALLERY]
                for name in results
                if f"“{name}”" in message.text and "*Done*" in message.text
            }
            await anext(changes)
    await changes.aclose()
    return Gallery(people, threads)


def _dm_of(scene: Sandbox, user_id: str) -> str:
    channels = scene.workspace.channels.values()
    return next(channel.id for channel in channels if channel.with_user == user_id)


class Desk:
    """One browser tab. Everything that goes wrong in it is in `troubles`."""

    def __init__(self, scene: Sandbox, page: Page, shots: Path | None, kind: str) -> None:
        self.scene = scene
        self.page = page
        self.kind = kind
        self.troubles: list[str] = []
        self._shots = shots
        self._seen_before = len(scene.powerpost.exchanges)
        self._made_before = len(scene.powerpost.generations)
        page.on("console", self._hear_console)
        page.on("pageerror", self._hear_error)
        page.on("request", self._see_request)

    @property
    def context(self) -> BrowserContext:
        """What its cookies and permissions belong to."""
        return self.page.context

    def close_ears(self) -> None:
        """Nothing that happens in the tab from here on is its trouble."""
        self.page.remove_listener("console", self._hear_console)
        self.page.remove_listener("pageerror", self._hear_error)
        self.page.remove_listener("request", self._see_request)

    @property
    def ada(self) -> str:
        """The id of this test's Ada, an admin."""
        return next(user for user in self.scene.workspace.users if user.startswith("U0ADA"))

    @property
    def ben(self) -> str:
        """The id of this test's Ben."""
        return next(user for user in self.scene.workspace.users if user.startswith("U0BEN"))

    def _hear_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.troubles.append(f"console {message.type}: {message.text}")

    def _hear_error(self, error: Error) -> None:
        self.troubles.append(f"page error: {error}")

    def _see_request(self, request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme in ("http", "https") and url.hostname != "127.0.0.1":
            self.troubles.append(f"left this computer: {request.url}")

    # -- places ----------------------------------------------------------------------------

    async def visit(self, channel: str = DESIGN, who: str | None = None) -> None:
        """Open the page at a channel, as someone (Ada)."""
        await self.page.goto(f"{self.scene.url}/c/{channel}?as={who or self.ada}")
        await expect(self.composer).to_be_visible()

    async def visit_result(self, gallery: Gallery, name: str) -> Locator:
        """Open the page at a result of the gallery, as Ada, who made it."""
        await self.page.goto(
            f"{self.scene.url}/c/{GALLERY}/t/{gallery.threads[name]}?as={gallery.people.ada.id}"
        )
        await expect(self.pictures(self.replies.first).first).to_be_visible()
        return self.replies.first

    async def become(self, name: str) -> None:
        """Switch to the other person."""
        await self.page.get_by_role("group", name="Who you are").get_by_text(name).click()
        current = self.page.locator(".person[aria-current=true]")
        await expect(current).to_contain_text(name)

    @property
    def composer(self) -> Locator:
        """The channel's composer."""
        return self.page.locator("#composer-channel textarea")

    @property
    def messages(self) -> Locator:
        """All messages of the channel."""
        return self.page.locator("main [data-message]")

    @property
    def thread(self) -> Locator:
        """The thread pane."""
        return self.page.locator("aside.thread")

    @property
    def replies(self) -> Locator:
        """All messages of the open thread but its parent."""
        return self.thread.locator("[data-message] ~ [data-message]")

    @property
    def form(self) -> Locator:
        """The modal that is open."""
        return self.page.locator("#modal")

    @property
    def private(self) -> Locator:
        """What only this person sees in the channel."""
        return self.page.locator("main .message.ephemeral")

    def pictures(self, message: Locator) -> Locator:
        """The pictures in a message."""
        return message.locator(".zoom img")

    # -- hands -----------------------------------------------------------------------------

    async def send(self, text: str) -> None:
        """Write in the channel's composer and press Enter."""
        await self.composer.fill(text)
        await self.composer.press("Enter")

    async def reply(self, text: str) -> None:
        """Write in the thread's composer and press Enter."""
        field = self.thread.locator(".composer textarea")
        await field.fill(text)
        await field.press("Enter")

    async def imagine(self, text: str) -> Locator:
        """Ask for pictures; the bot's message about it."""
        known = await self.messages.evaluate_all("nodes => nodes.map((node) => node.id)")
        others = "".join(f":not([id='{node}'])" for node in known)
        await self.send(f"/imagine {text}")
        # Not `wait_for_function`: it evaluates text in the page, which the page's CSP forbids.
        new = self.page.locator(f"main [data-message]:not(.ephemeral){others}")
        found = await new.filter(has_text="asked for").first.get_attribute("id")
        # By its id, which stays when other messages come after it.
        return self.page.locator(f"[id='{found}']")

    async def open_thread(self, root: Locator) -> None:
        """Open the thread of a message that has replies."""
        await root.locator("a.replies").click()
        await expect(self.replies.first).to_be_visible()

    async def make_pictures(self, text: str) -> Locator:
        """Ask for pictures, wait for them, open the thread; the message with the pictures."""
        root = await self.imagine(text)
        await self.open_thread(root)
        return self.replies.last

    async def open_form(self) -> Locator:
        """Open the form by `/imagine` alone, and wait until the balance stands in it."""
        await self.send("/imagine")
        await expect(self.form).to_contain_text("left")
        return self.form

    async def press(self, name: str, inside: Locator | None = None) -> None:
        """Press the button of this name."""
        await (inside or self.page).get_by_role("button", name=name, exact=True).click()

    async def inject_fault(self, key: str) -> None:
        """Press a fault's button in the Weather panel, opening the panel for that. It is ordered
        then, and may have happened already."""
        panel = self.page.locator("#weather")
        if not await panel.is_visible():
            await self.page.get_by_role("button", name="Weather", exact=True).first.click()
        async with self.page.expect_response("**/do/fault"):
            await panel.locator(f"[data-fault='{key}']").click()

    async def press_and_see(self, button: Locator, passing: Locator) -> None:
        """Press something, and see what it shows for some seconds only."""
        await asyncio.gather(passing.first.wait_for(), button.click())

    async def choose_from_menu(self, message: Locator, item: str) -> None:
        """Open a message's menu and choose."""
        await message.hover()
        await message.get_by_role("button", name="More actions").click()
        await self.page.get_by_role("menuitem", name=item).click()

    async def drop(self, target: Locator, name: str, kind: str, content: bytes) -> None:
        """Drag a file from outside and drop it on something."""
        await target.evaluate(
            """(node, [name, type, bytes]) => {
                const dataTransfer = new DataTransfer();
                dataTransfer.items.add(new File([new Uint8Array(bytes)], name, { type }));
                for (const kind of ['dragover', 'drop']) node.dispatchEvent(
                    new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer }));
            }""",
            [name, kind, list(content)],
        )

    # -- eyes ------------------------------------------------------------------------------

    async def shoot(self, name: str) -> None:
        """Keep a picture of what is on the screen, if anybody wants to see it."""
        if self._shots is not None:
            await self.page.screenshot(path=self._shots / f"{name}.png")

    def count_submits(self) -> int:
        """How many `POST /images/generate` PowerPost saw in this test."""
        exchanges = self.scene.powerpost.exchanges[self._seen_before :]
        return sum(exchange.path.endswith("/images/generate") for exchange in exchanges)

    def find_generation(self, **fields: Any) -> ImageGeneration:
        """What PowerPost has made in this test and has these fields; others may come after it."""
        made = list(self.scene.powerpost.generations.values())[self._made_before :]
        (found,) = [g for g in made if all(getattr(g, name) == fields[name] for name in fields)]
        return found


async def open_desk(browser: Browser, scene: Sandbox, shots: Path | None, **options: Any) -> Desk:
    """A fresh tab, with nothing remembered."""
    return await Tabs(browser, scene, shots).take(**options)


class Tabs:
    """Tabs with nothing remembered. One that is given back is emptied and taken again: to start a
    browser's process for each test costs more than most tests do."""

    def __init__(self, browser: Browser, scene: Sandbox, shots: Path | None) -> None:
        self._browser = browser
        self._scene = scene
        self._shots = shots
        self._idle: dict[str, list[Page]] = {}  # by the options of their contexts

    async def take(self, *, size: tuple[int, int] = WIDE, **options: Any) -> Desk:
        """One in a window of this size."""
        width, height = size
        kind = repr((size if options.get("is_mobile") else None, sorted(options.items())))
        if idle := self._idle.get(kind):
            page = idle.pop()
            await page.set_viewport_size({"width": width, "height": height})
        else:
            context = await self._browser.new_context(
                viewport={"width": width, "height": height}, reduced_motion="reduce", **options
            )
            context.set_default_timeout(PATIENCE_MS)
            await context.grant_permissions(["clipboard-read", "clipboard-write"])
            page = await context.new_page()
        return Desk(self._scene, page, self._shots, kind)

    async def give_back(self, desk: Desk) -> None:
        """Empty it, for another test."""
        desk.close_ears()
        if desk.page.is_closed():
            return
        await desk.page.goto(f"{self._scene.url}/static/icon.svg")  # our own, and runs nothing
        await desk.page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
        await desk.context.clear_cookies()
        self._idle.setdefault(desk.kind, []).append(desk.page)
