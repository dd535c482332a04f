"""Caption generations: the seeded ones, their JSON, and listing them page by page.

Source: PowerPost's page on GET /content/generations and /content/generations/{id}.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.sandbox.powerpost.catalogue import MAX_PROMPT_CHARACTERS, PLATFORM_OF_POST_TYPE
from bot.sandbox.powerpost.errors import invalid, not_found

STATUSES = ("pending", "processing", "completed", "failed")
DEFAULT_LIMIT = 20
MAX_LIMIT = 100

Caption = str | dict[str, str]  # YouTube's has "title" and "description"


@dataclass(slots=True)
class CaptionGeneration:
    """Captions that PowerPost wrote earlier for one topic, per platform."""

    generation_id: str
    workspace_id: str
    status: str
    prompt: str
    platforms: list[str]
    created_at: float  # Unix seconds
    outputs: dict[str, Caption] = field(default_factory=dict)  # only when completed
    research_mode: str = "regular"
    credits_used: int = 1
    media_ids: tuple[str, ...] = ()  # uploaded with it; not part of any answer
    # Of one that is being written: when it ends (Unix seconds), and what it comes to then.
    ends_at: float | None = None
    written: dict[str, Caption] | None = None  # None: it fails

    def end(self) -> None:
        """It is written, or has failed."""
        self.ends_at = None
        self.status = "failed" if self.written is None else "completed"
        self.outputs, self.written = self.written or {}, None

    def summary(self) -> dict[str, Any]:
        """The object of the list: everything but the outputs."""
        return {
            "generation_id": self.generation_id,
            "status": self.status,
            "prompt": self.prompt,
            "platforms": list(self.platforms),
            "research_mode": self.research_mode,
            "credits_used": self.credits_used,
            "created_at": format_time(self.created_at),
        }

    def details(self) -> dict[str, Any]:
        """The object by itself: the outputs too, when completed."""
        if self.status != "completed":
            return self.summary()
        return {**self.summary(), "outputs": dict(self.outputs)}


def format_time(seconds: float) -> str:
    """ISO 8601 in UTC, such as 2026-01-10T18:30:00Z."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def find_captions(
    generations: Mapping[str, CaptionGeneration], workspace_id: str, generation_id: str
) -> CaptionGeneration:
    """Raises ApiError 404, also for another workspace's: that it exists is not ours to tell."""
    found = generations.get(generation_id)
    if found is None or found.workspace_id != workspace_id:
        raise not_found("Generation")
    return found


def derive_prompt(source: CaptionGeneration, post_type: str | None) -> str:
    """The prompt for pictures that match these captions, or the one of `post_type`'s platform.

    Raises ApiError 400 where there are no captions yet, or none for that platform.
    """
    if source.status != "completed":
        raise invalid("generation_id has no captions yet: its status is " + source.status)
    captions = source.outputs
    if post_type is not None:
        platform = PLATFORM_OF_POST_TYPE[post_type]
        if platform not in captions:
            raise invalid(f"source_post_type {post_type}: the generation has no {platform} caption")
        captions = {platform: captions[platform]}
    words = " ".join(_flatten(caption) for caption in captions.values())
    return f"An image that matches this post: {words}"[:MAX_PROMPT_CHARACTERS]


def _flatten(caption: Caption) -> str:
    if isinstance(caption, str):
        return caption
    return f"{caption['title']}. {caption['description']}"


def list_captions(
    generations: Iterable[CaptionGeneration], workspace_id: str, query: Mapping[str, str]
) -> dict[str, Any]:
    """One page, newest first. A cursor keeps its place when newer ones arrive. Raises 400."""
    status = query.get("status")
    if status is not None and status not in STATUSES:
        raise invalid(f"status must be one of: {', '.join(STATUSES)}")
    limit = _read_limit(query.get("limit"))
    after = _read_cursor(query["cursor"]) if "cursor" in query else None
    found = [
        generation
        for generation in generations
        if generation.workspace_id == workspace_id
        and status in (None, generation.status)
        and (after is None or _place(generation) > after)
    ]
    found.sort(key=_place)
    page = found[:limit]
    has_more = len(found) > limit
    return {
        "data": [generation.summary() for generation in page],
        "next_cursor": _write_cursor(page[-1]) if has_more else None,
        "has_more": has_more,
    }


def _place(generation: CaptionGeneration) -> tuple[float, str]:
    return -generation.created_at, generation.generation_id


def _read_limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= MAX_LIMIT):
        raise invalid(f"limit must be a whole number from 1 to {MAX_LIMIT}")
    return int(text)


def _write_cursor(generation: CaptionGeneration) -> str:
    text = f"{generation.created_at!r}|{generation.generation_id}"
    return base64.urlsafe_b64encode(text.encode()).decode()


def _read_cursor(cursor: str) -> tuple[float, str]:
    try:
        text = base64.urlsafe_b64decode(cursor.encode()).decode()
        seconds, generation_id = text.split("|", 1)
        return -float(seconds), generation_id
    except (binascii.Error, ValueError) as error:
        raise invalid("cursor is not one that this endpoint gave out") from error
