"""Posting and editing our messages so that nothing is lost and little is said twice.

Slack has no idempotency key for posts. So each message carries as metadata what it is about, and
where an earlier try may have arrived, our own message is looked for first (that needs a history
scope, which is optional). Of several forms of a message the first that Slack takes is posted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import structlog
from cachetools import LRUCache
from slack_sdk.models.blocks import Block, ImageBlock
from slack_sdk.models.blocks.basic_components import PlainTextObject, TextObject
from slack_sdk.models.metadata import Metadata
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.errors import Cause, ImagineError, Misconfigured, Rejected, Transient
from bot.generations.ports import Posted
from bot.slack.kit.calls import (
    CONTENT_REFUSED,
    MAY_RIPEN,
    OF_FILES,
    OF_PLACE,
    TOO_LONG,
    call_slack,
)
from bot.slack.kit.ephemeral import content_of
from bot.slack.kit.ids import METADATA_EVENT, BlockId, MessageKind
from bot.slack.kit.message import EDIT_TEXT_MAX, Message, cut_text, mrkdwn_context
from bot.slack.kit.rate_limits import SlackRateLimits
from bot.slack.kit.text import shorten

# https://docs.slack.dev/reference/methods/chat.postMessage and …/chat.update, "Errors".
_FILE_PAUSES_SECONDS: Final = (1.0, 2.0)
EDIT_PAUSE_SECONDS: Final = 2.0
_KEPT: Final = 1000
# Characters, where Slack finds the whole too long.
SHORT_ALT: Final = 200
SHORT_TITLE: Final = 60

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes."""

    channel_id: str
    thread_ts: str | None = None
    is_broadcast: bool = False  # a reply that is shown in the channel, too


@dataclass(frozen=True, slots=True)
class Subject:
    """What a message is about: `id` and `details` become its metadata, by which it is found again.
    `since` is a `ts` before it could have been posted."""

    id: str
    since: str
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Form:
    """One way to say a thing. Without metadata it is not found again after a crash."""

    message: Message
    pause_seconds: float = 0.0  # before it
    is_again: bool = False  # the same as the one before: only its content can have ripened
    is_shorter: bool = False  # only if the one before was too long
    has_metadata: bool = True
    has_files: bool = False
    explain: Callable[[Cause], Message] | None = None  # the message, by why the others were refused

    def may_pass(self, refusal: Rejected | None) -> bool:
        """Whether Slack may take it after that `refusal` of the one before."""
        if refusal is None:
            return True
        if self.is_again and refusal.detail not in MAY_RIPEN:
            return False
        if self.is_shorter and refusal.detail not in TOO_LONG:
            return False
        return not (self.has_files and refusal.cause in OF_FILES)


class Poster:
    """One for all that is posted about generations."""

    def __init__(self, client: AsyncWebClient, pace: SlackRateLimits) -> None:
        self.pace = pace
        self._client = client
        # Subjects: their last try Slack has certainly not posted; they are in their thread only,
        # after all.
        self._unposted: LRUCache[str, None] = LRUCache(_KEPT)
        self._quiet: LRUCache[str, None] = LRUCache(_KEPT)

    def is_unposted(self, subject_id: str) -> bool:
        """Whether the last try was certainly not posted."""
        return subject_id in self._unposted

    def is_quiet(self, subject_id: str) -> bool:
        """Whether it stands in its thread only, though it was to be shown in the channel."""
        return subject_id in self._quiet

    def keep_quiet(self, subject_id: str) -> None:
        """It is not shown in the channel."""
        self._quiet[subject_id] = None

    async def post_first(
        self, subject: Subject, kind: MessageKind, address: Address, forms: list[Form]
    ) -> Posted:
        """The first of `forms` that Slack takes. Whatever the code of a refusal, the next form may
        pass, unless it is about the place."""
        refusal: Rejected | None = None
        why = Cause.REFUSED_BY_SLACK
        for form in forms:
            if not form.may_pass(refusal):
                continue
            if form.explain is not None:
                form = replace(form, message=form.explain(why))
            await asyncio.sleep(form.pause_seconds)
            try:
                return await self._post(subject, kind, address, form)
            except Rejected as error:
                if error.cause in OF_PLACE:
                    raise
                log.warning("message.refused", kind=kind, detail=error.detail)
                refusal = error
                why = error.cause if error.cause is not Cause.REFUSED_BY_SLACK else why
        raise refusal or Rejected(Cause.REFUSED_BY_SLACK)

    async def edit_first(self, channel_id: str, ts: str, forms: list[Form]) -> None:
        """The first of `forms` that Slack takes in place of a message."""
        refusal = Rejected(Cause.REFUSED_BY_SLACK)
        for form in forms:
            await asyncio.sleep(form.pause_seconds)
            await self.pace.edit_turn()
            try:
                return await self.edit(channel_id, ts, form.message)
            except Rejected as error:
                if error.cause in OF_PLACE:
                    raise
                log.info("edit.refused", detail=error.detail)
                refusal = error
            except Transient as error:
                if error.retry_after_seconds is not None:
                    await self.pace.hold_edits(error.retry_after_seconds)
                raise
        raise refusal

    async def edit(self, channel_id: str, ts: str, message: Message) -> None:
        """Put `message` in place of the one that stands there."""
        await call_slack(
            self._client.chat_update,
            channel=channel_id,
            ts=ts,
            **content_of(replace(message, text=cut_text(message.text, EDIT_TEXT_MAX))),
        )

    async def try_edit(self, channel_id: str, ts: str, message: Message) -> None:
        """The same, in a turn that the caller has (`pace.try_edit_turn`); what Slack does not take
        is dropped."""
        try:
            await self.edit(channel_id, ts, message)
        except Transient as error:
            await self.pace.hold_edits(error.retry_after_seconds or 5.0)
        except ImagineError as error:
            log.info("status_line.update_failed", cause=error.cause, detail=error.detail)

    async def find_own(
        self, subject: Subject, kind: MessageKind, address: Address
    ) -> tuple[str | None, bool]:
        """Our message of `kind`, if an earlier try has arrived; and whether we may look."""
        messages = await self.read_own(subject.since, address)
        if messages is None:
            return None, False
        return find_message(messages, subject.id, kind), True

    async def read_own(self, since: str, address: Address) -> list[Any] | None:
        """What stands there since then, with metadata; None where we may not look."""
        arguments: dict[str, Any] = {
            "channel": address.channel_id,
            "oldest": since,
            "include_all_metadata": True,
            "limit": 200,
        }
        method: Callable[..., Awaitable[AsyncSlackResponse]] = self._client.conversations_history
        if address.thread_ts is not None:
            method = self._client.conversations_replies
            arguments["ts"] = address.thread_ts
        try:
            answer = await call_slack(method, **arguments)
        except (Rejected, Misconfigured) as error:
            log.info("message.lookup_refused", cause=error.cause, detail=error.detail)
            return None
        return list(answer.get("messages") or [])

    async def _post(
        self, subject: Subject, kind: MessageKind, address: Address, form: Form
    ) -> Posted:
        """Also in the channel, if it is to be, and Slack lets it: the thread is enough."""
        if address.is_broadcast:
            try:
                return await self._post_once(subject, kind, address, form)
            except Rejected as error:
                if error.detail in CONTENT_REFUSED or error.cause in OF_FILES:
                    raise
                log.info("message.broadcast_refused", detail=error.detail)
                self._quiet[subject.id] = None
        return await self._post_once(subject, kind, replace(address, is_broadcast=False), form)

    async def _post_once(
        self, subject: Subject, kind: MessageKind, address: Address, form: Form
    ) -> Posted:
        content = content_of(form.message)
        if form.has_metadata:
            payload = {"generation": subject.id, "kind": kind.value, **subject.details}
            content["metadata"] = Metadata(METADATA_EVENT, payload).to_dict()
        if address.is_broadcast:
            content["reply_broadcast"] = True
        self._unposted.pop(subject.id, None)
        try:
            answer = await self._post_in_turn(
                channel=address.channel_id,
                thread_ts=address.thread_ts,
                unfurl_links=False,
                unfurl_media=False,
                **content,
            )
        except Transient as error:
            if error.retry_after_seconds is not None:  # a 429 is an answer: it was not posted
                self._unposted[subject.id] = None
            raise
        posted = Posted(str(answer.get("channel") or address.channel_id), str(answer["ts"]))
        if is_stray(answer, address.thread_ts):
            await self._take_back(posted)
            raise Rejected(Cause.THREAD_GONE, "no parent")
        return posted

    async def _take_back(self, posted: Posted) -> None:
        """A reply whose parent is gone, and which came to stand in the channel."""
        try:
            await call_slack(self._client.chat_delete, channel=posted.channel_id, ts=posted.ts)
        except ImagineError as error:
            log.warning("message.stray", cause=error.cause, detail=error.detail)

    async def _post_in_turn(self, channel: str, **content: Any) -> Any:
        await self.pace.message_turn(channel)
        try:
            return await call_slack(self._client.chat_postMessage, channel=channel, **content)
        except Transient as error:
            if error.retry_after_seconds is not None:
                await self.pace.hold_channel(channel, error.retry_after_seconds)
            raise


def is_stray(answer: Any, thread_ts: str | None) -> bool:
    """Whether a message that was posted into a thread stands in the channel instead, as far as the
    `answer` of chat.postMessage shows it. Pure."""
    message = answer.get("message")
    if thread_ts is None or not isinstance(message, dict):
        return False
    return "ts" in message and message.get("thread_ts") != thread_ts


def find_message(messages: list[Any], subject_id: str, kind: MessageKind) -> str | None:
    """The `ts` of the message that carries this id and kind as metadata. Pure."""
    for message in messages:
        payload = payload_of(message)
        if payload.get("generation") == subject_id and payload.get("kind") == kind.value:
            return str(message["ts"])
    return None


def payload_of(message: Any) -> dict[str, Any]:
    """The metadata that we gave a message; empty where it is not ours. Pure."""
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != METADATA_EVENT:
        return {}
    return dict(metadata.get("event_payload") or {})


# What shows files --------------------------------------------------------------------------------


def showing(message: Message) -> list[Form]:
    """A message that shows files, from the best form to the plainest that still does."""
    return [
        Form(message, has_files=True),
        # Slack may refuse a file for a moment after it has said that it is ready.
        *(Form(message, pause, is_again=True, has_files=True) for pause in _FILE_PAUSES_SECONDS),
        Form(with_short_captions(message), is_shorter=True, has_files=True),
        Form(without_feedback(message), has_metadata=False, has_files=True),
    ]


def without_feedback(message: Message) -> Message:
    """The same without the newest kind of block, which not every Slack takes."""
    blocks = [block for block in message.blocks if block.block_id != BlockId.FEEDBACK]
    return Message(message.text, blocks)


def with_note(message: Message, note: str) -> Message:
    """The same with a line of small print, where there is any."""
    if not note:
        return message
    return Message(f"{message.text} {note}", [*message.blocks, mrkdwn_context(note)])


def with_short_captions(message: Message) -> Message:
    """The same pictures with less said of each: all of a message has about 13,000 characters
    (slack-facts.md, "Messages and images")."""
    return Message(message.text, [_with_short_caption(block) for block in message.blocks])


def _with_short_caption(block: Block) -> Block:
    if not isinstance(block, ImageBlock):
        return block
    title = block.title.text if isinstance(block.title, TextObject) else ""
    return ImageBlock(
        slack_file=block.slack_file,
        alt_text=shorten(block.alt_text or "", SHORT_ALT),
        title=PlainTextObject(text=shorten(str(title), SHORT_TITLE), emoji=False),
    )
