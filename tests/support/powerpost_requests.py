"""Requests to the stand-in of PowerPost."""

from __future__ import annotations

from typing import Any

import httpx

from tests.support.powerpost_stand_in import Clock

EVERY_SIZE = [
    ("flux2-flex", "square", 1024, 1024),
    ("flux2-flex", "feed", 1280, 1600),
    ("flux2-flex", "portrait", 1088, 1936),
    ("flux2-flex", "landscape", 1536, 864),
    ("ideogram-3", "square", 1024, 1024),
    ("ideogram-3", "feed", 1280, 1600),
    ("ideogram-3", "portrait", 1088, 1936),
    ("ideogram-3", "landscape", 1536, 864),
    ("gpt-image-1.5", "square", 1024, 1024),
    ("gpt-image-1.5", "portrait", 1024, 1536),
    ("gpt-image-1.5", "landscape", 1536, 1024),
    ("nano-banana-2", "square", 1024, 1024),
    ("nano-banana-2", "feed", 896, 1152),
    ("nano-banana-2", "portrait", 768, 1344),
    ("nano-banana-2", "landscape", 1344, 768),
]


async def generate(client: httpx.AsyncClient, clock: Clock, **body: Any) -> list[dict[str, Any]]:
    """Submit, let it end, and return the images."""
    answer = (await client.post("/images/generate", json={"prompt": "a fox", **body})).json()
    clock.advance(3)
    looked = await client.get(answer["status_url"].removeprefix("/api/v1"))
    images: list[dict[str, Any]] = looked.json()["images"]
    return images
