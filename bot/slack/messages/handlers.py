"""Events. What nobody handles is acknowledged, or Slack would send it again, and in the end switch
the subscription off (slack-facts.md, "Events")."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.slack.kit.names import Names
from bot.slack.kit.outsiders import Outsiders
from bot.slack.kit.payloads import AppRemoved, ChannelMoved, EventEnvelope, HomeOpened
from bot.slack.kit.replies import Reply, find_mentioned, read_overheard, read_reply
from bot.slack.messages.edits import read_edit
from bot.slack.messages.service import MessageService

_NAMES_SECONDS: Final = 0.8
_NAMES_MAX: Final = 10

# (team, the id that was, the id that is): all that is kept of a channel moves along.
MoveChannel = Callable[[str, str, str], Awaitable[None]]
# (team, when): the app was removed from it.
EndInstallation = Callable[[str, datetime], Awaitable[None]]


class MessageHandlers:
    """What people say to the bot, and what becomes of channels."""

    def __init__(
        self,
        *,
        answers: MessageService,
        outsiders: Outsiders,
        names: Names,
        bot_user_id: Callable[[], str | None],
        take_reply: Callable[[Reply], Awaitable[None]],
        take_overheard: Callable[[Reply], Awaitable[None]],
        open_home: Callable[[HomeOpened], None],
        move_channel: MoveChannel,
        end_installation: EndInstallation,
    ) -> None:
        """The last five are what other features do with an event."""
        self._take_reply = take_reply
        self._take_overheard = take_overheard
        self._open_home = open_home
        self._answers = answers
        self._outsiders = outsiders
        self._move_channel = move_channel
        self._end_installation = end_installation
        self._names = names
        self._bot_user_id = bot_user_id

    async def hear_message(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """A mention, or a direct message: what it promises is on disk before this acks. Of all else
        that is heard in channels, replies to pictures are asked about."""
        heard = EventEnvelope.model_validate(body)
        envelope = EventEnvelope.model_validate(self._outsiders.place(body))
        bot_user_id = self._bot_user_id()
        reply = read_reply(envelope, bot_user_id)
        edit = None if reply else read_edit(envelope, bot_user_id)
        overheard = None if reply or edit else read_overheard(envelope, bot_user_id)
        if (reply or edit) and not await self._outsiders.may_speak(heard):
            self._answers.refuse_outsider(envelope)
        elif reply is not None:
            if mentioned := find_mentioned(envelope, bot_user_id):
                names = await self._find_names(mentioned)
                reply = read_reply(envelope, bot_user_id, names) or reply
            is_member = await self._outsiders.is_member(heard)
            await self._take_reply(replace(reply, is_member=is_member))
        elif edit is not None:
            self._answers.answer_edit(edit)
        elif overheard is not None and await self._outsiders.may_speak(heard):
            await self._take_overheard(overheard)
        await ack()

    async def open_tab(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """The Home tab was opened, or the Messages tab: the first time, that is welcomed."""
        opened = HomeOpened.model_validate(self._outsiders.place(body))
        if opened.event.tab == "messages":
            await self._answers.welcome(opened.team_id, opened.event.user)
        else:
            self._open_home(opened)
        await ack()

    async def follow_channel(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """A channel has another id now: what is kept of it is under that one before this acks."""
        moved = ChannelMoved.model_validate(self._outsiders.place(body))
        event = moved.event
        await self._move_channel(moved.team_id, event.old_channel_id, event.new_channel_id)
        await ack()

    async def note_removal(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """The app was removed, or its token revoked: that is on disk before this acks. What is
        about a person's own token is none of ours."""
        removed = AppRemoved.model_validate(body)
        is_whole = removed.event.type == "app_uninstalled"
        if is_whole or self._bot_user_id() in removed.event.tokens.bot:
            at = datetime.fromtimestamp(removed.event_time, UTC)
            await self._end_installation(removed.team_id, at)
        await ack()

    async def _find_names(self, ids: tuple[str, ...]) -> dict[str, str]:
        """As far as Slack tells them at once: the answer must not wait for it."""
        try:
            async with asyncio.timeout(_NAMES_SECONDS):
                return await self._names.find(ids[:_NAMES_MAX])
        except TimeoutError:
            return {}
