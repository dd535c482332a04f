"""A workspace's caption generations, for the form's search: paged, and kept for a minute."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

import structlog
from cachetools import LRUCache

from bot.errors import ImagineError
from bot.images.captions import CaptionFacts, CaptionSummary
from bot.images.catalogue import SOURCE_POST_TYPES
from bot.powerpost.client import PowerPostClient
from bot.powerpost.wire import CaptionGeneration

KEPT_SECONDS: Final = 60.0
_PAGE: Final = 100
_PAGES_MAX: Final = 10
# Slack waits 3 seconds for options.
_SEARCH_SECONDS: Final = 2.3
_READ_SECONDS: Final = 10.0
_OFFERED_MAX: Final = 100
_READ_KEPT: Final = 200
_WORDS_MAX: Final = 10

log = structlog.get_logger()


@dataclass
class _Shelf:
    """The captions of one workspace, as they were listed last."""

    kept: list[CaptionGeneration] = field(default_factory=list)
    kept_at: float = float("-inf")
    loading: asyncio.Task[None] | None = None


class CaptionCatalogue:
    """Searches captions that are completed, in any of the key's workspaces (None: the default one).
    One for the process."""

    def __init__(
        self, client: PowerPostClient, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._clock = clock
        self._shelves: defaultdict[str | None, _Shelf] = defaultdict(_Shelf)
        self._read: LRUCache[str, CaptionFacts] = LRUCache(_READ_KEPT)

    async def search(self, query: str, workspace_id: str | None = None) -> list[CaptionSummary]:
        """Those whose prompt or date has every word of `query`, newest
        first. What PowerPost does not tell within Slack's patience is left out: it is there for
        the next letter that is typed."""
        shelf = self._shelves[workspace_id]
        if self._clock() - shelf.kept_at > KEPT_SECONDS:
            await self._load_within(_SEARCH_SECONDS, shelf, workspace_id)
        return find_captions(shelf.kept, query)[:_OFFERED_MAX]

    def known(self, generation_id: str) -> CaptionFacts | None:
        """What was read of one before: a completed one does not change."""
        return self._read.get(generation_id)

    async def read(self, generation_id: str, workspace_id: str | None = None) -> CaptionFacts:
        """The platforms and captions of one; `is_unavailable` if they cannot be had."""
        if (known := self.known(generation_id)) is not None:
            return known
        try:
            async with asyncio.timeout(_READ_SECONDS):
                client = self._client.for_workspace(workspace_id)
                caption = await client.read_caption(generation_id)
        except (TimeoutError, ImagineError) as error:
            log.warning("caption.read_failed", error=str(error))
            return CaptionFacts(is_unavailable=True)
        facts = CaptionFacts(post_types_of(caption.platforms), previews_of(caption))
        self._read[generation_id] = facts
        return facts

    def known_words(self, generation_id: str) -> str:
        """The captions of one, as far as they were read before."""
        facts = self.known(generation_id)
        return facts.words if facts else ""

    async def read_words(self, generation_id: str, workspace_id: str | None = None) -> str:
        """The captions of one; empty where PowerPost does not tell them."""
        return (await self.read(generation_id, workspace_id)).words

    async def _load_within(self, seconds: float, shelf: _Shelf, workspace_id: str | None) -> None:
        if shelf.loading is None or shelf.loading.done():
            shelf.loading = asyncio.create_task(self._load(shelf, workspace_id))
            shelf.loading.add_done_callback(_note_failure)
        try:
            # It goes on when the time is up, for whoever asks next.
            await asyncio.wait_for(asyncio.shield(shelf.loading), seconds)
        except TimeoutError:
            log.warning("captions.timed_out")
        except ImagineError:
            pass  # noted already; what is known is offered

    async def _load(self, shelf: _Shelf, workspace_id: str | None) -> None:
        client = self._client.for_workspace(workspace_id)
        found: list[CaptionGeneration] = []
        cursor: str | None = None
        for _ in range(_PAGES_MAX):
            page = await client.list_captions(cursor, _PAGE, "completed")
            found += page.data
            if len(shelf.kept) < len(found) and shelf.kept_at == float("-inf"):
                shelf.kept = list(found)  # the first time, what is there is better than nothing
            cursor = page.next_cursor
            if not page.has_more or cursor is None:
                break
        shelf.kept, shelf.kept_at = found, self._clock()


def _note_failure(loading: asyncio.Task[None]) -> None:
    """Also where nobody waits for it any more."""
    if not loading.cancelled() and (error := loading.exception()) is not None:
        log.warning("captions.list_failed", error=str(error))


def find_captions(captions: Iterable[CaptionGeneration], query: str) -> list[CaptionSummary]:
    """Those that have every word of `query` in prompt, platforms or date. Pure."""
    wanted = list(dict.fromkeys(query.casefold().split()))[:_WORDS_MAX]
    found = []
    for caption in captions:
        summary = CaptionSummary(caption.generation_id, caption.prompt, caption.created_at)
        searched = f"{caption.prompt or ''} {summary.date} {' '.join(caption.platforms)}".casefold()
        if all(word in searched for word in wanted):
            found.append(summary)
    return found


def post_types_of(platforms: Iterable[str]) -> tuple[str, ...]:
    """The post types of a generation's own platforms, in the specification's order. Pure."""
    own = set(platforms)
    return tuple(kind for kind in SOURCE_POST_TYPES if kind.partition("-")[0] in own)


def previews_of(caption: CaptionGeneration) -> dict[str, str]:
    """Platform -> its caption as text; YouTube's is its title and description. Pure."""
    return {
        platform: output
        if isinstance(output, str)
        else " · ".join(part for part in (output.title, output.description) if part)
        for platform, output in caption.outputs.items()
    }
