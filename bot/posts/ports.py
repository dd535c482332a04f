"""What the workflow of a draft needs of the other rooms."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from bot.policy.terms import Terms
from bot.posts.record import NewPost, Post, PostRequest, PostState


class Sent(StrEnum):
    """What is sent at most once."""

    ORDER = "order"  # of a text: it is paid for
    DRAFT = "draft"
    PLAN = "plan"


@dataclass(frozen=True, slots=True)
class Ordered:
    """PowerPost's answer to the order of a text."""

    caption_id: str
    credits_used: float | None
    remaining_credits: float | None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Captions:
    """Captions as PowerPost has them: platform -> text, and YouTube's title."""

    is_ended: bool
    is_failed: bool = False
    texts: dict[str, str] = field(default_factory=dict)
    title: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """How a post stands at PowerPost: its state, and post type -> state of each."""

    post_id: str
    state: str
    items: dict[str, str] = field(default_factory=dict)
    request_id: str | None = None


class PostDesk(Protocol):
    """PowerPost (bot/powerpost/posts.py). Raises the errors of bot/errors.py; OutcomeUnknown only
    from what is sent once."""

    def turn(self, sent: Sent) -> AbstractAsyncContextManager[None]:
        """A turn of the limiter, to be held before the intent is stored."""

    def for_workspace(self, workspace_id: str | None) -> PostDesk:
        """The same in another of PowerPost's workspaces, where the pictures are."""

    async def order(self, request: PostRequest) -> Ordered: ...
    async def read_captions(self, caption_id: str) -> Captions: ...
    async def draft(self, request: PostRequest) -> Look: ...
    async def look(self, post_id: str) -> Look: ...
    async def plan(self, request: PostRequest, title: str) -> None: ...
    async def balance(self) -> float: ...


class Posts(Protocol):
    """Where they are kept (bot/store/posts.py). Raises Transient."""

    async def accept(self, new: NewPost, terms: Terms | None, estimate: float | None) -> bool: ...
    async def read(self, post_id: str) -> Post: ...
    async def take(self, post_id: str, now: datetime) -> bool: ...
    async def advance(
        self, post_id: str, before: PostState, after: PostState, /, **changes: Any
    ) -> bool: ...
    async def intend_order(self, post: Post, terms: Terms, **changes: Any) -> bool: ...
    async def intend_plan(self, post_id: str) -> bool: ...
    async def note(self, post_id: str, /, **changes: Any) -> None: ...


class Teller(Protocol):
    """Says in Slack what became of a draft (bot/slack/posts/teller.py)."""

    async def tell(self, post: Post) -> None:
        """Post it once, or put it in place of what was posted; notes both. Raises Transient."""


class Allow(Protocol):
    """On what terms a text may be paid for (bot/posts/gate.py)."""

    async def check(self, post: Post) -> Terms:
        """By the rules and budgets as they are now. Raises NotAllowed or Transient."""
