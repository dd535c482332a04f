"""Captions that PowerPost wrote, as far as pictures can be made for them. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CaptionSummary:
    """A caption generation in a list, by PowerPost's `generation_id`."""

    caption_id: str
    prompt: str | None = None
    created_at: datetime | None = None

    @property
    def date(self) -> str:
        """`5 Nov 2026`; empty if it is not known."""
        return f"{self.created_at:%d %b %Y}".lstrip("0") if self.created_at else ""


@dataclass(frozen=True, slots=True)
class CaptionFacts:
    """One that was chosen. `previews`: platform (`x`) -> its caption; `post_types` are those of its
    own platforms. `is_unavailable`: PowerPost does not tell."""

    post_types: tuple[str, ...] = ()
    previews: dict[str, str] = field(default_factory=dict)
    is_unavailable: bool = False

    @property
    def words(self) -> str:
        """All of its captions."""
        return "\n".join(self.previews.values())
