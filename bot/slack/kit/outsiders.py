"""People of other companies, in a channel that is shared with them (Slack Connect).

They see the bot's messages, can mention it, press what they see and send forms
(slack-facts.md, "Learned since"). What it costs is not theirs to spend, and what it knows is not
theirs to see; so each way in comes by here. Where an admin has opened a channel to them, they may
do there what members do with results; never what belongs to the workspace.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

import structlog
from pydantic import ValidationError
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import Transient
from bot.policy.book import PolicyBook
from bot.slack.kit import refusal_texts as refusals
from bot.slack.kit.admins import Admins
from bot.slack.kit.answer_views import show_sentence
from bot.slack.kit.background_tasks import BackgroundTasks
from bot.slack.kit.ephemeral import send_ephemeral
from bot.slack.kit.failed_listeners import answer_submission
from bot.slack.kit.listeners import Listener
from bot.slack.kit.modals import Metadata, open_view, show_notice
from bot.slack.kit.payloads import (
    Channel,
    EventEnvelope,
    Interaction,
    Origin,
    SentMessage,
    SentView,
    SlashCommand,
    at_home,
)
from bot.slack.kit.standing import Home, Standing, judge

# Where no channel is: a direct message, the Home tab. Never open to anybody from outside.
_NOWHERE: Final = ""
# A modal's `callback_id` -> the conversation where what it asks for would go; empty for none.
Targets = Mapping[str, Callable[[SentView], str]]

log = structlog.get_logger()


class _Opened(Metadata):
    """Where a modal was opened, of whatever feature it is."""

    channel_id: str | None = None


class _Act(Interaction):
    """Something done, wherever: a modal and a global shortcut have no channel."""

    type: str = ""
    channel: Channel | None = None
    message: SentMessage | None = None


class Outsiders:
    """The guard. One for the process."""

    def __init__(
        self,
        client: AsyncWebClient,
        background: BackgroundTasks,
        policies: PolicyBook,
        members: Admins,
        home: Callable[[], Home | None],
        targets: Targets,
    ) -> None:
        """`home` is the workspace of the app, once it is known."""
        self._targets = targets
        self._client = client
        self._background = background
        self._policies = policies
        self._members = members
        self._home = home

    def guard(self, listener: Listener, *, may_outsiders: bool = False) -> Listener:
        """`listener`, for members; for others too where it `may_outsiders` and all happens in a
        channel that is open to them; under the app's own workspace. Whoever is refused is told so,
        privately."""

        async def listen(ack: AsyncAck, body: dict[str, Any]) -> None:
            if await self._may(body, may_outsiders=may_outsiders):
                await listener(ack=ack, body=self.place(body))
            else:
                await self._refuse(ack, body)

        return listen

    def place(self, body: dict[str, Any]) -> dict[str, Any]:
        """`body` under the app's own workspace, once that is known."""
        home = self._home()
        return body if home is None else at_home(body, home.team_id)

    async def may_speak(self, envelope: EventEnvelope) -> bool:
        """Whether the person of a message or mention may ask for something there."""
        event = envelope.event
        user = event.user or (event.message.user if event.message else None) or ""
        channels = {event.channel or _NOWHERE}
        return await self._may_pass(envelope.origin, user, channels)

    async def is_member(self, envelope: EventEnvelope) -> bool:
        """Whether the person of a message or mention is of the workspace."""
        return await self._may_pass(envelope.origin, envelope.event.user or "", {_NOWHERE})

    async def _may(self, body: dict[str, Any], *, may_outsiders: bool) -> bool:
        try:
            if "command" in body:
                command = SlashCommand.model_validate(body)
                return await self._may_pass(command.origin, command.user_id, {_NOWHERE})
            act = _Act.model_validate(body)
        except ValidationError:
            return True  # the listener says what is wrong with it
        channels = find_channels(act, self._targets) if may_outsiders else {_NOWHERE}
        return await self._may_pass(act.origin, act.user.id, channels)

    async def _may_pass(self, origin: Origin, user_id: str, channels: Collection[str]) -> bool:
        standing = judge(origin, self._home())
        if standing is Standing.MEMBER:
            return True
        team_id = self._find_team(origin)
        if standing is Standing.UNCLEAR and await self._members.is_member(team_id, user_id):
            return True
        if _NOWHERE in channels:
            return False
        try:
            # The newest: what an admin has closed is closed.
            policy = await self._policies.read(team_id, fresh=True)
        except Transient as error:
            log.warning("policy.read_failed", cause=error.cause)
            return False
        return set(channels) <= set(policy.settings.shared_channels)

    def _find_team(self, origin: Origin) -> str:
        home = self._home()
        return home.team_id if home else origin.team_id

    async def _refuse(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        log.warning(
            "outsider.refused", payload="command" if "command" in body else body.get("type")
        )
        sentence = refusals.MEMBERS_ONLY
        match body.get("type"):
            case None:
                await ack(response_type="ephemeral", **show_sentence(sentence).to_dict())
            case "view_submission":
                await ack(**answer_submission(body, sentence))
            case "block_suggestion":
                await ack(options=[])
            case kind:
                if kind != "view_closed":
                    self._tell(_Act.model_validate(body), sentence)
                await ack()

    def _tell(self, act: _Act, sentence: str) -> None:
        """In the conversation, or where there is none, in a modal. In a modal of ours nothing is
        said at each letter: it is when the modal is sent."""
        if act.channel is not None:
            thread_ts = act.message.thread_ts if act.message else None
            self._background.run(
                send_ephemeral(
                    self._client,
                    show_sentence(sentence),
                    channel_id=act.channel.id,
                    user_id=act.user.id,
                    thread_ts=thread_ts,
                )
            )
        elif act.view is None or act.view.type != "modal":
            self._background.run(open_view(self._client, act, show_notice(sentence)))


def find_channels(act: _Act, targets: Targets) -> set[str]:
    """Every conversation that something done is about: where it is done, where the modal was
    opened, and where what it asks for would go. Pure."""
    if act.channel is not None:
        return {act.channel.id}
    if act.view is None:
        return {_NOWHERE}
    channels = {_Opened.read(act.view.private_metadata).channel_id or _NOWHERE}
    find_target = targets.get(act.view.callback_id)
    if act.type == "view_submission" and find_target is not None:
        channels.add(find_target(act.view))
    return channels
