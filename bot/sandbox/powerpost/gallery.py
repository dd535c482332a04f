"""Pictures on demand: drawn in threads, two at a time, and kept while there is room."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from cachetools import LRUCache

from bot.sandbox.powerpost.faults import Outcome
from bot.sandbox.powerpost.generation import GeneratedImage
from bot.sandbox.powerpost.pictures import (
    Drawing,
    draw_picture,
    draw_thumbnail,
    make_picture_bomb,
)

_KEPT = 256  # of about 40 kB each


class Gallery:
    """The files behind the links."""

    def __init__(self, draw: Callable[[Drawing], bytes] = draw_picture) -> None:
        """`draw` makes the full pictures."""
        self._draw = draw
        self._kept: LRUCache[tuple[Drawing, bool], bytes] = LRUCache(_KEPT)
        self._at_once = asyncio.Semaphore(2)

    async def fetch(self, image: GeneratedImage, *, is_thumbnail: bool) -> bytes:
        """The bytes of a picture: WebP, or JPEG for a thumbnail, unless its outcome lies."""
        if image.outcome is Outcome.HUGE:
            return make_picture_bomb()
        if image.outcome is Outcome.NOT_A_PICTURE:
            return b"RIFF this says that it is a picture, but it is a sentence."
        wanted = (image.drawing, is_thumbnail)
        async with self._at_once:
            if (picture := self._kept.get(wanted)) is None:
                draw = draw_thumbnail if is_thumbnail else self._draw
                picture = self._kept[wanted] = await asyncio.to_thread(draw, image.drawing)
        return picture
