"""Slash commands."""

from __future__ import annotations

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.slack.commands.service import CommandService
from bot.slack.kit.payloads import SlashCommand


class CommandListeners:
    """What people type after a slash."""

    def __init__(self, desk: CommandService) -> None:
        self._desk = desk

    async def run_imagine(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """`/imagine …`: what it promises is on disk before this acks."""
        answer = await self._desk.take_command(SlashCommand.model_validate(body))
        if answer is None:
            await ack()
        else:
            await ack(response_type="ephemeral", **answer.to_dict())
