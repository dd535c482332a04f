"""What Slack sends us, as far as we use it. Untrusted: unknown fields are ignored.

Source: the payload samples of slackapi/java-slack-sdk, and slack-facts.md.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class SlashCommand(BaseModel):
    """A slash command. `text` is escaped by Slack; `trigger_id` names this one use of it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    team_id: str
    channel_id: str
    user_id: str
    command: str
    trigger_id: str
    text: str = ""
    response_url: str | None = None
