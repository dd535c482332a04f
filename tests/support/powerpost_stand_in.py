"""The stand-in of PowerPost with a clock of its own."""

from __future__ import annotations

import ssl
from typing import Final

import httpx

# What PowerPost takes per picture in tests: other than its guide prices, so that a test sees it if
# one of these is taken for what was charged.
CHANGED_PRICES: Final = {
    "flux2-flex": 3,
    "ideogram-3": 4,
    "gpt-image-1.5": 5,
    "nano-banana-2": 2,
}


class Clock:
    """Unix seconds that only pass when a test says so: 2026-01-10T18:30:00Z at first."""

    def __init__(self) -> None:
        self.seconds = 1_768_069_800.0

    def __call__(self) -> float:
        return self.seconds

    def advance(self, seconds: float) -> None:
        self.seconds += seconds


def open_client(base_url: str, headers: dict[str, str] | None = None) -> httpx.AsyncClient:
    """A client for loopback. An empty TLS context saves the 30 ms that httpx's own takes."""
    return httpx.AsyncClient(
        base_url=base_url,
        headers=headers,
        timeout=30,
        trust_env=False,
        verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
    )
