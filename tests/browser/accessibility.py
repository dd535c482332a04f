"""axe-core's verdict on what is on the screen."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # no stubs
from playwright.async_api import Page

_axe = Axe()


async def find_barriers(page: Page) -> list[str]:
    """What axe-core (bundled in axe-playwright-python) calls serious or critical, one line each."""
    found = await _axe.run(page)
    violations: list[dict[str, Any]] = found.response["violations"]
    return [
        f"{violation['impact']}: {violation['id']}: {node['target']} {node['html'][:120]}"
        for violation in violations
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]
