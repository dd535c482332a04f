"""A draft that somebody asked for: what it is to hold, and where it stands.

    accepted ──> ordering ──> writing ──> ready ──> drafting ──> drafted
       │            │            │          ^          ├──> refused   (no draft: PowerPost said no)
       │            │            └> refused │          └──> unknown   (perhaps a draft)
       │            ├──> unpaid: refused    │
       │            └──> text_unknown       │         (perhaps paid; no draft)
       └────────────────────────────────────┘         (a text that was typed or chosen)

Two requests of it are sent at most once: the one that orders a text and is paid for, and the one
that makes the draft. Before each its intent is on disk (`ordering`, `drafting`); if the process
ends before the answer is, nobody knows what became of it: that is told, and it is not sent again by
itself. The same holds for the calendar entry, which has its own state beside.

A draft is no generation, though it may cost: it has no pictures of its own, no versions and no
place among those that run. So it has a row and a room of its own (`bot/posts`), and its charge is
in the same ledger.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict

from bot.errors import Cause
from bot.posts.kinds import KINDS, PostKind


class PostState(StrEnum):
    """Where the draft stands. What was told is `told_at`, apart from it."""

    ACCEPTED = "accepted"  # on disk; nothing was sent
    ORDERING = "ordering"  # the paid request for a text may have been sent
    WRITING = "writing"  # it is paid, and PowerPost writes
    READY = "ready"  # it is written
    DRAFTING = "drafting"  # the draft may have been sent
    DRAFTED = "drafted"
    REFUSED = "refused"  # no draft, for certain
    UNKNOWN = "unknown"  # perhaps a draft
    TEXT_UNKNOWN = "text_unknown"  # the text may have been paid; no draft


ENDED: Final = frozenset(
    {PostState.DRAFTED, PostState.REFUSED, PostState.UNKNOWN, PostState.TEXT_UNKNOWN}
)


# How the `origin` of one that is made again begins; the id of the one before follows.
AGAIN: Final = "again:"


class PlanState(StrEnum):
    """Where its calendar entry stands."""

    WANTED = "wanted"
    PLANNING = "planning"  # it may have been sent
    PLANNED = "planned"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Source(StrEnum):
    """Where the text comes from."""

    TYPED = "typed"
    CAPTIONS = "captions"  # that PowerPost wrote earlier
    WRITTEN = "written"  # that PowerPost is to write, for credits


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Plan(_Kept):
    """A calendar entry. `at` is by the clocks of `zone`; without it only the day is said."""

    day: date
    at: time | None = None
    zone: str = "UTC"


class PostRequest(_Kept):
    """What a person asked for. `texts`: platform (`x`) -> its text; empty as long as PowerPost has
    not written it. `titles` are YouTube's."""

    media_ids: tuple[str, ...]
    generation_ids: tuple[str, ...]  # that the pictures are of, in the same order
    post_types: tuple[str, ...]
    source: Source
    topic: str = ""  # what a text that is to be written is about
    texts: dict[str, str] = {}
    title: str = ""
    caption_id: str | None = None
    plan: Plan | None = None
    link: str | None = None  # to the thread

    @property
    def kinds(self) -> tuple[PostKind, ...]:
        """Those of its post types that this version knows."""
        return tuple(KINDS[each] for each in self.post_types if each in KINDS)

    @property
    def words(self) -> str:
        """The first of its texts."""
        return next((each for each in self.texts.values() if each), "")

    @property
    def items(self) -> list[dict[str, object]]:
        """As `POST /posts` takes them: a video's has no pictures."""
        return [_item(kind, self) for kind in self.kinds]


def _item(kind: PostKind, request: PostRequest) -> dict[str, object]:
    item: dict[str, object] = {
        "post_type": kind.key,
        "content": request.texts.get(kind.platform.key, ""),
    }
    if kind.needs_title:
        item["title"] = request.title
    if not kind.is_video:
        item["media_ids"] = list(request.media_ids)
    return item


@dataclass(frozen=True, slots=True)
class NewPost:
    """A draft that is about to be promised. `origin` is that of the press: the same one delivered
    twice makes one. `channel_id` and `thread_ts` are where it is told; `ruled_channel_id` is the
    one whose rules and budgets hold."""

    id: str
    origin: str
    team_id: str
    user_id: str
    channel_id: str
    thread_ts: str | None
    ruled_channel_id: str
    generation_id: str
    request: PostRequest
    accepted_at: datetime
    campaign: str | None = None
    powerpost_workspace: str | None = None  # that its pictures are in; None: the default one


@dataclass(frozen=True, slots=True)
class Post:
    """A draft as the store holds it. Times are UTC, credits PowerPost's."""

    id: str
    origin: str
    team_id: str
    user_id: str
    channel_id: str
    thread_ts: str | None
    ruled_channel_id: str
    generation_id: str
    request: PostRequest
    accepted_at: datetime
    state: PostState
    campaign: str | None = None
    powerpost_workspace: str | None = None  # that its pictures are in; None: the default one
    estimate: float | None = None  # credits that are held for its text
    caption_id: str | None = None  # PowerPost's id of the text that was ordered
    intended_at: datetime | None = None
    submitted_at: datetime | None = None
    finished_at: datetime | None = None
    is_text_failed: bool = False  # it was paid, and PowerPost wrote nothing: the credits come back
    credits_used: float | None = None
    balance_before: float | None = None
    balance_after: float | None = None
    balance_at_end: float | None = None
    drafting_at: datetime | None = None
    post_id: str | None = None  # PowerPost's
    upstream_state: str | None = None  # PowerPost's, when it was looked at last
    looked_at: datetime | None = None
    plan_state: PlanState | None = None
    plan_cause: Cause | None = None
    cause: Cause | None = None
    detail: str | None = None  # PowerPost's own words, or the scope that is missing: untrusted
    request_id: str | None = None
    message_ts: str | None = None
    told_intended_at: datetime | None = None
    told_at: datetime | None = None
    blanked_at: datetime | None = None

    @property
    def is_text_missing(self) -> bool:
        """Whether PowerPost is to write its text, and has not as far as is known."""
        return self.request.source is Source.WRITTEN and not self.request.texts

    @property
    def awaited_caption_id(self) -> str | None:
        """PowerPost's id of a text that is paid for and not there yet."""
        if not self.is_text_missing or self.is_text_failed:
            return None
        return self.caption_id or self.request.caption_id

    @property
    def is_order_wanted(self) -> bool:
        """Whether a text has to be ordered first, and paid for."""
        return self.is_text_missing and self.awaited_caption_id is None
