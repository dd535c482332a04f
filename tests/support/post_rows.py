"""Drafts that are about to be promised."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.posts.record import NewPost, Plan, PostRequest, Source

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


def make_new_post(
    source: Source = Source.TYPED,
    plan: Plan | None = None,
    number: int = 1,
    accepted_at: datetime | None = None,
) -> NewPost:
    """One of U1's in C1, for an X post with one picture."""
    is_written = source is Source.WRITTEN
    return NewPost(
        id=f"d{number}",
        origin=f"post:V{number}",
        team_id="T1",
        user_id="U1",
        channel_id="C1",
        thread_ts="1.1",
        ruled_channel_id="C1",
        generation_id="g1",
        request=PostRequest(
            media_ids=("m1",),
            generation_ids=("g1",),
            post_types=("x-post",),
            source=source,
            topic="a boat" if is_written else "",
            texts={} if is_written else {"x": "Hello"},
            plan=plan,
        ),
        accepted_at=accepted_at or datetime.now(UTC),
    )
