"""Posts: drafts that wait to be published, and reading the body of POST /posts.

Source: PowerPost's page on posts (powerpost-neighbours.md, "Posts"). Not said, and strict here, as
the harder case: a post type that is a video refuses pictures, and an id of media that is unknown or
another workspace's is 404. Limits of texts are the platforms' own (see `TEXT_MAX`).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bot.sandbox.powerpost.captions import format_time
from bot.sandbox.powerpost.catalogue import PLATFORM_OF_POST_TYPE
from bot.sandbox.powerpost.errors import invalid
from bot.sandbox.powerpost.fields import check_post_type, read_ids, read_words

MAX_ITEMS: Final = 12
MAX_MEDIA: Final = 35
MAX_TITLE_CHARACTERS: Final = 100
VIDEO_TYPES: Final = frozenset(
    {"instagram-reel", "tiktok-video", "youtube-video", "youtube-short", "facebook-reel"}
)
# What the platforms themselves take; which of it PowerPost checks when a draft is made is not said.
TEXT_MAX: Final[Mapping[str, int]] = {
    "instagram": 2200,
    "tiktok": 4000,
    "youtube": 5000,
    "x": 280,
    "facebook": 63_206,
    "linkedin": 3000,
}


@dataclass(slots=True)
class PostItem:
    """One post type of a post: a text with media on a platform."""

    item_id: str
    post_type: str
    content: str
    title: str | None
    media_ids: tuple[str, ...]
    status: str = "draft"  # draft, posting, posted, failed

    @property
    def platform(self) -> str:
        return PLATFORM_OF_POST_TYPE[self.post_type]

    def describe(self) -> dict[str, Any]:
        return {
            "item_id": self.item_id,
            "post_type": self.post_type,
            "platform": self.platform,
            "content": self.content,
            "media_ids": list(self.media_ids),
            "status": self.status,
        }


@dataclass(slots=True)
class Post:
    """A draft, or what became of it."""

    post_id: str
    workspace_id: str
    created_at: float  # Unix seconds
    items: list[PostItem] = field(default_factory=list)
    generation_id: str | None = None
    status: str = "draft"  # draft, publishing, published, failed

    def describe(self) -> dict[str, Any]:
        """The JSON of POST /posts and of GET /posts/{id}."""
        return {
            "post_id": self.post_id,
            "status": self.status,
            "created_at": format_time(self.created_at),
            "items": [item.describe() for item in self.items],
        }

    def set_status(self, status: str) -> None:
        """As somebody does it in PowerPost's dashboard."""
        self.status = status
        of_items = {"publishing": "posting", "published": "posted"}
        for item in self.items:
            item.status = of_items.get(status, status)


def read_post(body: object, workspace_id: str, now: float) -> Post:
    """Check a decoded JSON body; what it names (captions, media) is looked up by the service.
    Raises ApiError 400."""
    if not isinstance(body, dict):
        raise invalid("Request body must be a JSON object")
    generation_id = read_words(body, "generation_id", 255)
    items = body.get("items")
    if not isinstance(items, list) or not 1 <= len(items) <= MAX_ITEMS:
        raise invalid(f"items must be an array of 1 to {MAX_ITEMS} items")
    return Post(
        post_id=str(uuid.uuid4()),
        workspace_id=workspace_id,
        created_at=now,
        items=[_read_item(each, has_captions=generation_id is not None) for each in items],
        generation_id=generation_id,
    )


def _read_item(body: object, *, has_captions: bool) -> PostItem:
    if not isinstance(body, dict):
        raise invalid("items must be objects")
    post_type = check_post_type(body.get("post_type"))
    platform = PLATFORM_OF_POST_TYPE[post_type]
    content = read_words(body, "content", TEXT_MAX[platform])
    if content is None and not has_captions:
        raise invalid(f"content is required for {post_type} without a generation_id")
    title = read_words(body, "title", MAX_TITLE_CHARACTERS)
    if platform == "youtube" and not (title or "").strip():
        raise invalid(f"title is required for {post_type}")
    return PostItem(
        item_id=str(uuid.uuid4()),
        post_type=post_type,
        content=content or "",
        title=title,
        media_ids=read_ids(body, "media_ids", MAX_MEDIA),
    )
