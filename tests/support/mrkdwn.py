"""People and times for what is drawn."""

NOON = 1_764_072_000.0  # 2025-11-25 12:00 UTC, a Tuesday


class People:
    """One person, one bot, one channel."""

    def user_name(self, user_id: str) -> str | None:
        return {"U0ADA": "Ada Park", "U0IMAGINE": "Imagine"}.get(user_id)

    def channel_name(self, channel_id: str) -> str | None:
        return {"C0DESIGN": "design"}.get(channel_id)

    def link_to(self, channel_id: str, thread_ts: str | None, ts: str | None) -> str:
        return f"/c/{channel_id}" + (f"/t/{thread_ts}" if thread_ts else "") + f"#{ts}"
