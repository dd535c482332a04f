"""Other people's votes, while one is watched on the page."""

from __future__ import annotations

from bot.sandbox.slack.blocks import list_elements
from bot.sandbox.wiring import Sandbox


async def vote_as(sandbox: Sandbox, user_id: str, channel_id: str, name: str) -> None:
    """Press the button of the newest vote in a channel that has this number."""
    messages = sandbox.workspace.messages[channel_id]
    message = next(m for m in reversed(messages) if "asks for your vote" in m.text)
    block, button = next(
        (block, element)
        for block in message.blocks
        for element in list_elements(block)
        if (element.get("text") or {}).get("text") == name
    )
    person = sandbox.person(user_id)
    shown = await person.click(channel_id, message.ts, block["block_id"], button["action_id"])
    assert shown.ok, shown.error
