"""Captions that PowerPost is asked to write: POST /content/generate.

Source: powerpost-neighbours.md, "Learned since": the body's fields and their limits, and what
captions cost as it was published once (6, deep research 8, +1 an image). That `sources` cost is
said, and not how much: one credit each here. Not said: the answer; it is like the image endpoint's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.sandbox.powerpost.captions import Caption
from bot.sandbox.powerpost.catalogue import PLATFORM_OF_POST_TYPE
from bot.sandbox.powerpost.errors import invalid
from bot.sandbox.powerpost.fields import check_https, read_ids, read_post_types, read_words

RESEARCH_MODES: Final = ("regular", "deep")
PROMPT_CHARACTERS: Final = (3, 2000)
MAX_IMAGES: Final = 10
MAX_CTA_CHARACTERS: Final = 100
MAX_SOURCES: Final = 10
CREDITS: Final = {"regular": 6, "deep": 8}
CREDITS_PER_IMAGE: Final = 1
CREDITS_PER_SOURCE: Final = 1
_TITLE_CHARACTERS: Final = 90


@dataclass(frozen=True, slots=True)
class CaptionOrder:
    """A body that keeps every rule which can be checked without looking anything up."""

    post_types: tuple[str, ...]
    research_mode: str
    prompt: str
    media_ids: tuple[str, ...]
    sources: int

    @property
    def price(self) -> int:
        """Credits."""
        images = CREDITS_PER_IMAGE * len(self.media_ids)
        return CREDITS[self.research_mode] + images + CREDITS_PER_SOURCE * self.sources

    @property
    def platforms(self) -> list[str]:
        """Those of the post types, each once."""
        return list(dict.fromkeys(PLATFORM_OF_POST_TYPE[each] for each in self.post_types))


def read_order(body: object) -> CaptionOrder:
    """Check a decoded JSON body; unknown fields are ignored. Raises ApiError 400."""
    if not isinstance(body, dict):
        raise invalid("Request body must be a JSON object")
    research_mode = body.get("research_mode")
    if research_mode not in RESEARCH_MODES:
        raise invalid(f"research_mode is required: one of {', '.join(RESEARCH_MODES)}")
    read_words(body, "cta_text", MAX_CTA_CHARACTERS)
    read_words(body, "writing_style_id", 255)
    prompt = read_words(body, "prompt", PROMPT_CHARACTERS[1]) or ""
    media_ids = read_ids(body, "media_ids", MAX_IMAGES)
    if prompt and len(prompt.strip()) < PROMPT_CHARACTERS[0]:
        raise invalid(f"prompt must be at least {PROMPT_CHARACTERS[0]} characters")
    if not prompt and not media_ids:
        raise invalid("prompt is required")
    return CaptionOrder(
        post_types=read_post_types(body),
        research_mode=research_mode,
        prompt=prompt,
        media_ids=media_ids,
        sources=_count_sources(body),
    )


def _count_sources(body: Mapping[str, Any]) -> int:
    urls = body.get("source_urls", [])
    if not isinstance(urls, list) or len(urls) > MAX_SOURCES:
        raise invalid(f"source_urls must be an array of at most {MAX_SOURCES} https URLs")
    for url in urls:
        check_https(url, "source_urls")
    return len(urls)


def write_captions(prompt: str, platforms: Iterable[str]) -> dict[str, Caption]:
    """What the stand-in writes; each says that it was."""
    topic = prompt.strip() or "these pictures"
    body = f"Written by the sandbox about: {topic}"
    return {
        platform: {"title": topic[:_TITLE_CHARACTERS], "description": body}
        if platform == "youtube"
        else body[: 280 if platform == "x" else 2000]
        for platform in platforms
    }
