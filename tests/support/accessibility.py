"""axe-core's verdict on what is on the screen."""

from __future__ import annotations

from typing import Any, Final

from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # no stubs
from playwright.async_api import Page

# axe-core itself, as axe-playwright-python bundles it. Its 570 KB are read once per page.
_SCRIPT: Final = Axe().axe_script
_RUN: Final = "axe.run(document, { resultTypes: ['violations'] })"


async def find_barriers(page: Page) -> list[str]:
    """What axe-core calls serious or critical, one line for each place. It reads colours one after
    the other: what is gone when it looks again changed while it was read."""
    for _ in range(3):
        if not (barriers := await _look_for_barriers(page)):
            break
    return barriers


async def _look_for_barriers(page: Page) -> list[str]:
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(_SCRIPT)
    found: dict[str, Any] = await page.evaluate(_RUN)
    return [
        f"{violation['impact']}: {violation['id']}: {node['target']} {node['html'][:120]} "
        f"({node['failureSummary']})"
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]
