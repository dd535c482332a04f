"""One browser and one sandbox for all; a fresh tab, fresh people and empty channels for each."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from bot.sandbox.run import open_sandbox
from bot.sandbox.wiring import Sandbox
from tests.support.browser import OpenDesk
from tests.support.browser_page import (
    PATIENCE_MS,
    Desk,
    Gallery,
    Tabs,
    clear_scene,
    fill_gallery,
    settle_scene,
)
from tests.support.chromium import need_chromium, open_browser
from tests.support.stage import ANSWER_SECONDS

# What each shows, and in how many pictures.
RESULTS = {
    "a lighthouse": 2,
    "a dune": 2,
    "a harbour": 1,
    "a heron": 1,
    "an island": 1,
    "a pier": 1,
}


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium, started once."""
    path = need_chromium()
    expect.set_options(timeout=PATIENCE_MS)
    async with open_browser(path) as opened:
        yield opened


@pytest.fixture(scope="session")
async def sandbox(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Any]:
    """What `python -m bot sandbox` starts: page, stand-ins, and the bot as a process."""
    directory = tmp_path_factory.mktemp("sandbox")
    database = directory / "imagine.sqlite3"
    async with open_sandbox(0, database, directory, {"POLL_SECONDS": "0.2"}) as scene:
        await scene.bot.until_ready()
        scene.delivery.answer_seconds = scene.workspace.trigger_seconds = ANSWER_SECONDS
        yield scene


@pytest.fixture(scope="session")
async def gallery(sandbox: Sandbox) -> Gallery:
    """Results to look at and to go on from; each has its one test that changes it."""
    return await fill_gallery(sandbox, RESULTS)


@pytest.fixture
async def scene(sandbox: Sandbox) -> Sandbox:
    """The sandbox as nobody has touched it, the bot running."""
    await sandbox.bot.start()
    await settle_scene(sandbox)
    clear_scene(sandbox)
    return sandbox


@pytest.fixture(scope="session")
def shots() -> Path | None:
    """Where screenshots go: IMAGINE_SCREENSHOTS. A picture of each tab takes more of a machine than
    many a test."""
    if not (named := os.environ.get("IMAGINE_SCREENSHOTS")):
        return None
    directory = Path(named)
    directory.mkdir(parents=True, exist_ok=True)
    return directory


@pytest.fixture(scope="session")
def tabs(browser: Browser, sandbox: Sandbox, shots: Path | None) -> Tabs:
    """Where tabs are from."""
    return Tabs(browser, sandbox, shots)


@pytest.fixture
async def open_tab(
    request: pytest.FixtureRequest, tabs: Tabs, scene: Sandbox
) -> AsyncIterator[OpenDesk]:
    """Opens tabs (`size=`, `color_scheme=`, …). In the end each is photographed (`shots`),
    and fails the test if its console or its network had anything to complain of."""
    desks: list[Desk] = []

    async def open_one(**options: Any) -> Desk:
        desks.append(await tabs.take(**options))
        return desks[-1]

    yield open_one
    for number, desk in enumerate(desks, 1):
        await desk.shoot(request.node.name.removeprefix("test_") + f"-{number}" * (number > 1))
        await tabs.give_back(desk)
    troubles = [trouble for desk in desks for trouble in desk.troubles]
    assert troubles == []


@pytest.fixture
async def visitor(open_tab: OpenDesk, scene: Sandbox, gallery: Gallery) -> Desk:
    """Ada, who made the gallery, with no page open yet."""
    clear_scene(scene, gallery.people)
    return await open_tab()


@pytest.fixture
async def desk(open_tab: OpenDesk) -> Desk:
    """Ada in #design, on a wide screen."""
    opened = await open_tab()
    await opened.visit()
    return opened
