"""What people in Slack see of a generation: implements `generations.ports.Publisher`.

Slack has no idempotency key for posts. So the row says when a post was intended, the post carries
our generation's id as metadata, and where an earlier try may have arrived, our own message is
looked for first (that needs a history scope, which is optional). Where nothing can tell, it is
posted again: pictures twice are better than never.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import structlog
from cachetools import LRUCache
from slack_sdk.models.metadata import Metadata
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.errors import Cause, ImagineError, Misconfigured, Rejected, Transient
from bot.generations.ports import Phase, Posted, Progress
from bot.generations.record import Generation, Picture, PictureState, State
from bot.generations.timing import FILE_POLL_SECONDS
from bot.generations.usage import Usage
from bot.images.showing import Show
from bot.slack.kit import failure_texts as failures
from bot.slack.kit.answer_views import show_sentence
from bot.slack.kit.calls import (
    CONTENT_REFUSED,
    MAY_RIPEN,
    OF_FILES,
    OF_PLACE,
    TOO_LONG,
    call_slack,
)
from bot.slack.kit.channel_access import ChannelAccess
from bot.slack.kit.ephemeral import content_of, respond, send_ephemeral
from bot.slack.kit.files import FileUploader
from bot.slack.kit.ids import METADATA_EVENT, MessageKind
from bot.slack.kit.links import generation_link, home_of, message_link
from bot.slack.kit.message import EDIT_TEXT_MAX, POST_TEXT_MAX, Message, cut_text
from bot.slack.kit.pictures import PictureConverter, SlackPicture
from bot.slack.kit.rate_limits import SlackRateLimits
from bot.slack.results.quotes import Quote, Quotes
from bot.slack.results.result_views import (
    Lineage,
    ReplyHint,
    show_failure,
    show_late_pictures,
    show_result,
    with_note,
    with_short_captions,
    without_feedback,
)
from bot.slack.results.root_views import (
    made_aside,
    show_ended_root,
    show_linking_root,
    show_root,
)
from bot.slack.results.versions import Versions

# https://docs.slack.dev/reference/methods/chat.postMessage and …/chat.update, "Errors".
_FILE_PAUSES_SECONDS: Final = (1.0, 2.0)
_EDIT_PAUSE_SECONDS: Final = 2.0
# How far our clock may be ahead of Slack's where we look for what we have posted.
_CLOCKS_DIFFER_SECONDS: Final = 60.0
_KEPT: Final = 1000

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Address:
    channel_id: str
    thread_ts: str | None = None
    is_broadcast: bool = False  # a reply that is shown in the channel, too


@dataclass(frozen=True, slots=True)
class _Form:
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


class SlackPublisher:
    """Posts, edits and uploads. One for the process."""

    def __init__(
        self,
        client: AsyncWebClient,
        fetch: Callable[[str], Awaitable[bytes]],
        converter: PictureConverter,
        versions: Versions,
        quotes: Quotes,
        pace: SlackRateLimits | None = None,
        channels: ChannelAccess | None = None,
        may: Callable[[str], bool] = lambda _scope: True,
        file_poll_seconds: float = FILE_POLL_SECONDS,
    ) -> None:
        """`pace` is this process's own where it is not given. `may` says whether the bot has a
        scope."""
        self._client = client
        self._fetch = fetch
        self._converter = converter
        self._versions = versions
        self._quotes = quotes
        self._files = FileUploader(client, first_poll_seconds=file_poll_seconds, may=may)
        self._channels = channels or ChannelAccess(client, may)
        self._pace = pace or SlackRateLimits(time.monotonic)
        self._bringing = asyncio.Semaphore(8)  # pictures held in memory at once
        # Generations: their links were given privately; their last try Slack has certainly not
        # posted; they are in their thread only, after all.
        self._linked: LRUCache[str, None] = LRUCache(_KEPT)
        self._unposted: LRUCache[str, None] = LRUCache(_KEPT)
        self._quiet: LRUCache[str, None] = LRUCache(_KEPT)

    async def post_root(self, generation: Generation) -> Posted:
        """See the port."""
        address = _Address(generation.place.channel_id, generation.place.thread_ts)
        if generation.root_intended_at is not None:
            found, _ = await self._find_own(generation, MessageKind.ROOT, address)
            if found is not None:
                return Posted(address.channel_id, found)
        estimate = await self._quotes.estimate(generation)
        message = show_root(generation, Progress(Phase.WAITING), estimate)
        forms = [_Form(message), _Form(message, has_metadata=False)]
        try:
            root = await self._post_first(generation, MessageKind.ROOT, address, forms)
        except Rejected as error:
            if not (error.cause is Cause.NOT_IN_CHANNEL and address.channel_id.startswith("D")):
                raise
        else:
            if generation.place.asked_at[0] != generation.place.channel_id:
                await self._say_where(generation, made_aside(self._link(root)))
            return root
        # A conversation of two people: nobody can invite an app there. Its messages with the
        # person are open to it.
        person = _Address(generation.place.user_id)
        root = await self._post_first(generation, MessageKind.ROOT, person, forms)
        await self._say_where(generation, show_sentence(failures.COMES_DIRECTLY))
        return root

    async def _say_where(self, generation: Generation, message: Message) -> None:
        """Privately, where it was asked for; the request itself says it, too, where it stands."""
        place = generation.place
        channel_id, thread_ts = place.asked_at
        try:
            await send_ephemeral(
                self._client,
                message,
                channel_id=channel_id,
                user_id=place.user_id,
                thread_ts=thread_ts,
                response_url=place.response_url,
            )
        except ImagineError as error:
            log.info("queue_position.update_failed", cause=error.cause, detail=error.detail)

    async def show_progress(self, generation: Generation, progress: Progress) -> None:
        """See the port."""
        if generation.root_ts is None or not await self._pace.try_edit_turn():
            return
        estimate = None
        if generation.credits_used is None:
            estimate = await self._quotes.estimate(generation)
        try:
            await self._edit_root(generation, show_root(generation, progress, estimate))
        except Transient as error:
            await self._pace.hold_edits(error.retry_after_seconds or 5.0)
        except ImagineError as error:
            log.info("status_line.update_failed", cause=error.cause, detail=error.detail)

    async def show_outcome(self, generation: Generation, usage: Usage) -> None:
        """See the port. What Slack has refused everywhere else stands here."""
        if generation.root_ts is None:
            return
        if generation.id in self._quiet:
            generation = replace(generation, show=Show.THREAD)
        link = generation_link(self._versions.workspace_url, generation)
        whole = show_ended_root(generation, usage, link if generation.result_ts else None)
        if generation.result_ts is None and generation.pictures:
            whole = show_linking_root(_with_links(generation), usage)
        forms = [_Form(whole), _Form(whole, _EDIT_PAUSE_SECONDS), _Form(Message(whole.text))]
        await self._edit_first(generation, forms)

    async def _edit_first(self, generation: Generation, forms: list[_Form]) -> None:
        """The first of `forms` that Slack takes as the root message."""
        refusal = Rejected(Cause.REFUSED_BY_SLACK)
        for form in forms:
            await asyncio.sleep(form.pause_seconds)
            await self._pace.edit_turn()
            try:
                return await self._edit_root(generation, form.message)
            except Rejected as error:
                if error.cause in OF_PLACE:
                    raise
                log.info("edit.refused", detail=error.detail)
                refusal = error
            except Transient as error:
                if error.retry_after_seconds is not None:
                    await self._pace.hold_edits(error.retry_after_seconds)
                raise
        raise refusal

    async def upload_picture(self, generation: Generation, picture: Picture) -> str:
        """See the port."""
        async with self._bringing:
            content = await self._fetch(picture.url)
            converted = await self._convert(content)
            del content
            name = f"imagine-{generation.id[:8]}-{picture.position}.{converted.extension}"
            return await self._files.upload(name, converted.content, converted.extension)

    async def _convert(self, content: bytes) -> SlackPicture:
        try:
            return await self._converter.convert(content)
        except Rejected as error:
            if error.cause is not Cause.NOT_A_PICTURE:
                raise
            # A page in its place, or half of it: the storage may have it whole in a moment.
            raise Transient(error.cause, error.detail) from error

    async def post_outcome(self, generation: Generation, usage: Usage) -> Posted | None:
        """See the port."""
        if generation.root_ts is None:
            await self._tell_privately(generation, usage)
            return None
        if generation.cause is Cause.CANCELLED:
            return None  # who cancelled it knows; the status line says so to the others
        thread = _thread_of(generation)
        if generation.result_intended_at is not None:
            found, is_known = await self._find_own(generation, _kind_of(generation), thread)
            if found is not None:
                return Posted(thread.channel_id, found)
            if not is_known and generation.id not in self._unposted:
                # It may be in the channel already, and is not shown there twice.
                thread = replace(thread, is_broadcast=False)
                self._quiet[generation.id] = None
        try:
            return await self._tell_at(thread, generation, usage)
        except (Rejected, Misconfigured) as error:
            if isinstance(error, Misconfigured) and error.cause is not Cause.APP_NOT_ALLOWED:
                raise  # a token that is good nowhere: it comes here once that is mended
            log.warning("thread.lost", cause=error.cause, detail=error.detail)
            return await self._tell_elsewhere(generation, usage, error.cause)

    async def _tell_elsewhere(
        self, generation: Generation, usage: Usage, cause: Cause
    ) -> Posted | None:
        """What was paid for goes to the person, in a direct message, with why it stands there; and
        where Slack takes that neither, privately, before it is given up."""
        place = generation.place
        note = failures.elsewhere(cause, place.channel_id)
        try:
            return await self._tell_at(_Address(place.user_id), generation, usage, note)
        except (Rejected, Misconfigured):
            if generation.pictures and place.response_url and generation.id not in self._linked:
                self._linked[generation.id] = None
                linked = show_result(_with_links(generation), usage)
                with contextlib.suppress(ImagineError):
                    await respond(place.response_url, Message(linked.text), self._client)
            raise

    async def post_late(self, generation: Generation, pictures: Sequence[Picture]) -> None:
        """See the port."""
        message = show_late_pictures(generation, pictures)
        forms = _showing(message)
        address = _Address(*home_of(generation))
        await self._post_first(generation, MessageKind.LATE, address, forms)

    async def _tell_at(
        self, address: _Address, generation: Generation, usage: Usage, note: str = ""
    ) -> Posted:
        """In the first form that Slack takes there, with a `note` under it. Rejected where it takes
        none."""
        lineage = await self._versions.lineage_of(generation)
        quote = await self._quotes.quote(generation)
        hint = await self._versions.hint_of(generation, address.channel_id)
        if generation.pictures and await self._channels.is_unheard(address.channel_id):
            note = failures.UNHEARD
        show = partial(_outcome, usage=usage, lineage=lineage, quote=quote, hint=hint)
        forms = _forms(generation, show, note)
        return await self._post_first(generation, _kind_of(generation), address, forms)

    async def _post_first(
        self, generation: Generation, kind: MessageKind, address: _Address, forms: list[_Form]
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
                return await self._post(generation, kind, address, form)
            except Rejected as error:
                if error.cause in OF_PLACE:
                    raise
                log.warning("message.refused", kind=kind, detail=error.detail)
                refusal = error
                why = error.cause if error.cause is not Cause.REFUSED_BY_SLACK else why
        raise refusal or Rejected(Cause.REFUSED_BY_SLACK)

    async def _tell_privately(self, generation: Generation, usage: Usage) -> None:
        message = show_failure(generation, usage, is_private=True)
        place = generation.place
        channel_id, thread_ts = place.asked_at
        await send_ephemeral(
            self._client,
            message,
            channel_id=channel_id,
            user_id=place.user_id,
            thread_ts=thread_ts,
            response_url=place.response_url,
        )

    def _link(self, posted: Posted) -> str | None:
        url = self._versions.workspace_url
        return None if url is None else message_link(url, posted.channel_id, posted.ts)

    async def _post(
        self, generation: Generation, kind: MessageKind, address: _Address, form: _Form
    ) -> Posted:
        """Also in the channel, if it is to be, and Slack lets it: the thread is enough."""
        if address.is_broadcast:
            try:
                return await self._post_once(generation, kind, address, form)
            except Rejected as error:
                if error.detail in CONTENT_REFUSED or error.cause in OF_FILES:
                    raise
                log.info("message.broadcast_refused", detail=error.detail)
                self._quiet[generation.id] = None
        return await self._post_once(generation, kind, replace(address, is_broadcast=False), form)

    async def _post_once(
        self, generation: Generation, kind: MessageKind, address: _Address, form: _Form
    ) -> Posted:
        content = content_of(form.message)
        if form.has_metadata:
            payload = {"generation": generation.id, "kind": kind.value, "origin": generation.origin}
            if generation.image_generation_id is not None:
                payload["image_generation_id"] = generation.image_generation_id
            content["metadata"] = Metadata(METADATA_EVENT, payload).to_dict()
        if address.is_broadcast:
            content["reply_broadcast"] = True
        self._unposted.pop(generation.id, None)
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
                self._unposted[generation.id] = None
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
        await self._pace.message_turn(channel)
        try:
            return await call_slack(self._client.chat_postMessage, channel=channel, **content)
        except Transient as error:
            if error.retry_after_seconds is not None:
                await self._pace.hold_channel(channel, error.retry_after_seconds)
            raise

    async def _edit_root(self, generation: Generation, message: Message) -> None:
        await call_slack(
            self._client.chat_update,
            channel=generation.place.channel_id,
            ts=generation.root_ts,
            **content_of(replace(message, text=cut_text(message.text, EDIT_TEXT_MAX))),
        )

    async def _find_own(
        self, generation: Generation, kind: MessageKind, address: _Address
    ) -> tuple[str | None, bool]:
        """Our message of `kind`, if an earlier try has arrived; and whether we may look."""
        arguments: dict[str, Any] = {
            "channel": address.channel_id,
            "oldest": _oldest(generation, kind),
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
            return None, False
        return find_message(answer.get("messages") or [], generation.id, kind), True


def is_stray(answer: Any, thread_ts: str | None) -> bool:
    """Whether a message that was posted into a thread stands in the channel instead, as far as the
    `answer` of chat.postMessage shows it. Pure."""
    message = answer.get("message")
    if thread_ts is None or not isinstance(message, dict):
        return False
    return "ts" in message and message.get("thread_ts") != thread_ts


def find_message(messages: list[Any], generation_id: str, kind: MessageKind) -> str | None:
    """The `ts` of the message that carries this generation and kind as metadata. Pure."""
    for message in messages:
        metadata = message.get("metadata") or {}
        payload = metadata.get("event_payload") or {}
        if (
            metadata.get("event_type") == METADATA_EVENT
            and payload.get("generation") == generation_id
            and payload.get("kind") == kind.value
        ):
            return str(message["ts"])
    return None


def _kind_of(generation: Generation) -> MessageKind:
    """What the message that tells the outcome is."""
    return MessageKind.UNKNOWN if generation.state is State.UNKNOWN else MessageKind.RESULT


def _oldest(generation: Generation, kind: MessageKind) -> str:
    """A `ts` before our message of `kind`: by Slack's own clock, where it has told us one."""
    if kind is not MessageKind.ROOT and generation.root_ts is not None:
        return generation.root_ts
    return f"{generation.accepted_at.timestamp() - _CLOCKS_DIFFER_SECONDS:.6f}"


def _thread_of(generation: Generation) -> _Address:
    """Where the outcome is told. Of a request of its own the pictures are shown in the channel,
    too, if that was chosen; the words of a failure never."""
    is_broadcast = generation.show is Show.CHANNEL and bool(generation.pictures)
    return _Address(generation.place.channel_id, generation.home_ts, is_broadcast)


def _outcome(
    generation: Generation,
    usage: Usage,
    lineage: Lineage | None,
    quote: Quote,
    hint: ReplyHint | None,
) -> Message:
    if generation.pictures:
        return show_result(generation, usage, lineage, quote, hint)
    return show_failure(generation, usage, quote=quote)


def _forms(
    generation: Generation, show: Callable[[Generation], Message], note: str = ""
) -> list[_Form]:
    """The outcome, as `show` does, from the best form to the plainest."""
    whole = with_note(show(generation), note)

    def link(why: Cause) -> Message:
        linked = show(_with_links(generation, why))
        return with_note(without_feedback(linked), note)

    def say(why: Cause) -> Message:
        return Message(cut_text(link(why).text, POST_TEXT_MAX))

    forms = [_Form(whole)]
    if any(picture.state is PictureState.UPLOADED for picture in generation.pictures):
        forms = _showing(whole)
    plainer = (_Form(whole, has_metadata=False, explain=each) for each in (link, say))
    return [*forms, *plainer]


def _showing(message: Message) -> list[_Form]:
    """A message that shows files, from the best form to the plainest that still does."""
    return [
        _Form(message, has_files=True),
        # Slack may refuse a file for a moment after it has said that it is ready.
        *(_Form(message, pause, is_again=True, has_files=True) for pause in _FILE_PAUSES_SECONDS),
        _Form(with_short_captions(message), is_shorter=True, has_files=True),
        _Form(without_feedback(message), has_metadata=False, has_files=True),
    ]


def _with_links(generation: Generation, why: Cause = Cause.REFUSED_BY_SLACK) -> Generation:
    linked = tuple(
        replace(
            picture,
            state=PictureState.LINKED,
            cause=picture.cause or why,
        )
        for picture in generation.pictures
    )
    return replace(generation, pictures=linked)
