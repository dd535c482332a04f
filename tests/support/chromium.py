"""Chromium, as the machine has it: found, started, or missed in one line."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import pytest
from playwright.async_api import Browser, async_playwright

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--in-process-gpu",
    # Playwright's own list would be replaced by this one: what matters of it is in it, too.
    "--disable-features=SpareRendererForSitePerProcess,PaintHolding,HttpsUpgrades,MediaRouter",
)
_PATIENCE_MS: Final = 120_000
_HOW_TO_GET: Final = (
    "No Chromium here. Get one with: apt-get install chromium (Debian, Ubuntu), "
    "or brew install --cask chromium (macOS), or install Google Chrome."
)


def find_chromium() -> str | None:
    """The path of a Chromium; None where there is none."""
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


def need_chromium() -> str:
    """Its path. Without one the test is skipped, or fails where IMAGINE_BROWSER=required."""
    path = find_chromium()
    if path is None:
        if os.environ.get("IMAGINE_BROWSER") == "required":
            pytest.fail(_HOW_TO_GET, pytrace=False)
        pytest.skip(_HOW_TO_GET)
    return path


@asynccontextmanager
async def open_browser(path: str) -> AsyncIterator[Browser]:
    """A browser without a window."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path, args=list(_FLAGS), timeout=_PATIENCE_MS
        )
        try:
            yield browser
        finally:
            await browser.close()
