"""Events. Those that nobody handles are acknowledged, or Slack would send them again, and in the
end switch the subscription off (slack-facts.md, "Events")."""

from __future__ import annotations

from slack_bolt.context.ack.async_ack import AsyncAck


async def pass_over_event(ack: AsyncAck) -> None:
    """An event that means nothing to us."""
    await ack()
