"""The sandbox in a browser."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tests.support.browser_page import (
    Desk,
)

OpenDesk = Callable[..., Awaitable[Desk]]
