"""Pictures that somebody shares in another channel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Share:
    """Which pictures of a generation a person shares, where, and with what words: on disk before
    the person is answered, until it was posted and told."""

    id: str  # of the modal that was sent: sent twice, it is shared once
    team_id: str
    user_id: str
    generation_id: str
    positions: tuple[int, ...]
    channel_id: str
    shared_at: datetime
    thread_ts: str | None = None
    note: str = ""
    intended_at: datetime | None = None  # since then it may have been posted
    posted_ts: str | None = None
