"""What is answered to people who speak to the bot, where nothing is made of it: to an edit, to
somebody of another company, and once to whoever opens the Messages tab."""

from __future__ import annotations

from typing import Final, Protocol

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ImagineError
from bot.slack.kit import refusal_texts as refusals
from bot.slack.kit.admins import Admins
from bot.slack.kit.answer_views import show_sentence
from bot.slack.kit.answered import Answered
from bot.slack.kit.background_tasks import BackgroundTasks
from bot.slack.kit.ephemeral import say_directly, send_ephemeral
from bot.slack.kit.payloads import EventEnvelope
from bot.slack.kit.text import NOTHING_SPENT
from bot.slack.messages.edits import Spoken
from bot.slack.messages.views import show_welcome

# A message was edited that is to the bot, or came to be by the edit.
EDITED: Final = (
    "You edited a message. I make nothing of edits, and change nothing that I made of it "
    "before. To have it made, send it as a new message that mentions me; in the thread of a "
    f"picture it changes that one. {NOTHING_SPENT}"
)

log = structlog.get_logger()


class Welcomes(Protocol):
    """Who was welcomed (bot/store/welcomes.py)."""

    async def claim(self, team_id: str, user_id: str) -> bool:
        """Whether this person was not welcomed yet; from now on they were."""

    async def give_back(self, team_id: str, user_id: str) -> None:
        """They were not after all."""


class MessageService:
    """One for the process."""

    def __init__(
        self,
        client: AsyncWebClient,
        background: BackgroundTasks,
        welcomes: Welcomes,
        members: Admins,
    ) -> None:
        self._client = client
        self._background = background
        self._welcomes = welcomes
        self._members = members
        self._answered = Answered()

    def answer_edit(self, edit: Spoken) -> None:
        """An edit makes nothing: what to do instead."""
        self._say(edit, EDITED)

    def refuse_outsider(self, envelope: EventEnvelope) -> None:
        """A mention or message of somebody of another company."""
        event = envelope.event
        user = event.user or (event.message.user if event.message else None)
        if not user or not event.channel:
            return
        origin = f"message:{envelope.team_id}:{event.channel}:{event.ts}"
        spoken = Spoken(origin, event.channel, user, event.thread_ts)
        self._say(spoken, refusals.MEMBERS_ONLY)

    async def welcome(self, team_id: str, user_id: str) -> None:
        """Say hello in the direct message, once to each person. Raises Transient where the
        database does not answer."""
        if await self._welcomes.claim(team_id, user_id):
            self._background.run(self._welcome(team_id, user_id))

    async def _welcome(self, team_id: str, user_id: str) -> None:
        is_outsider = await self._members.is_member(team_id, user_id) is False
        message = show_sentence(refusals.MEMBERS_ONLY) if is_outsider else show_welcome()
        try:
            await say_directly(self._client, message, user_id)
        except ImagineError as error:
            log.info("welcome.failed", cause=error.cause, detail=error.detail)
            await self._welcomes.give_back(team_id, user_id)  # the next opening tries again

    def _say(self, spoken: Spoken, sentence: str) -> None:
        """Privately, where it was said, and once however often it is delivered."""
        if not self._answered.claim(spoken.origin):
            return
        self._background.run(
            send_ephemeral(
                self._client,
                show_sentence(sentence),
                channel_id=spoken.channel_id,
                user_id=spoken.user_id,
                thread_ts=spoken.thread_ts,
            )
        )
