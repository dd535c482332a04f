"""What people in Slack see of a generation: implements `generations.ports.Publisher`.

The row says when a post was intended; where an earlier try may have arrived, our own message is
looked for first (bot/slack/kit/posting.py). Where nothing can tell, it is posted again: pictures
twice are better than never.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

import structlog
from cachetools import LRUCache
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import Cause, ImagineError, Misconfigured, Rejected, Transient
from bot.generations.ports import Phase, Posted, Progress
from bot.generations.record import Generation, Picture, PictureState, State
from bot.generations.timing import FILE_POLL_SECONDS
from bot.generations.usage import Usage
from bot.images.marks import name_file
from bot.images.showing import Show
from bot.slack.kit import failure_texts as failures
from bot.slack.kit.answer_views import show_sentence
from bot.slack.kit.aside import made_aside, say_where
from bot.slack.kit.channel_access import ChannelAccess
from bot.slack.kit.ephemeral import respond, send_ephemeral
from bot.slack.kit.files import FileUploader
from bot.slack.kit.ids import MessageKind
from bot.slack.kit.links import generation_link, home_of, message_link
from bot.slack.kit.marking import mark_picture
from bot.slack.kit.message import POST_TEXT_MAX, Message, cut_text
from bot.slack.kit.pictures import PictureConverter, SlackPicture
from bot.slack.kit.posting import (
    EDIT_PAUSE_SECONDS,
    Address,
    Form,
    Poster,
    Subject,
    showing,
    with_note,
    without_feedback,
)
from bot.slack.kit.rate_limits import SlackRateLimits
from bot.slack.results.quotes import Quote, Quotes
from bot.slack.results.result_views import (
    Lineage,
    ReplyHint,
    show_failure,
    show_late_pictures,
    show_result,
)
from bot.slack.results.root_views import (
    show_ended_root,
    show_linking_root,
    show_root,
)
from bot.slack.results.versions import Versions

# How far our clock may be ahead of Slack's where we look for what we have posted.
_CLOCKS_DIFFER_SECONDS: Final = 60.0
_KEPT: Final = 1000

log = structlog.get_logger()


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
        has_prompts: bool = False,
    ) -> None:
        """`pace` is this process's own where it is not given. `may` says whether the bot has a
        scope. `has_prompts`: the files say what they were made with."""
        self._has_prompts = has_prompts
        self._client = client
        self._fetch = fetch
        self._converter = converter
        self._versions = versions
        self._quotes = quotes
        self._files = FileUploader(client, first_poll_seconds=file_poll_seconds, may=may)
        self._channels = channels or ChannelAccess(client, may)
        self._poster = Poster(client, pace or SlackRateLimits(time.monotonic))
        self._bringing = asyncio.Semaphore(8)  # pictures held in memory at once
        # Generations whose links were given privately.
        self._linked: LRUCache[str, None] = LRUCache(_KEPT)

    async def post_root(self, generation: Generation) -> Posted:
        """See the port."""
        address = Address(generation.place.channel_id, generation.place.thread_ts)
        if generation.root_intended_at is not None:
            found, _ = await self._poster.find_own(
                _subject(generation, MessageKind.ROOT), MessageKind.ROOT, address
            )
            if found is not None:
                return Posted(address.channel_id, found)
        estimate = await self._quotes.estimate(generation)
        message = show_root(generation, Progress(Phase.WAITING), estimate)
        forms = [Form(message), Form(message, has_metadata=False)]
        try:
            root = await self._post_first(generation, MessageKind.ROOT, address, forms)
        except Rejected as error:
            if not (error.cause is Cause.NOT_IN_CHANNEL and address.channel_id.startswith("D")):
                raise
        else:
            if generation.place.asked_at[0] != generation.place.channel_id:
                await say_where(self._client, generation.place, made_aside(self._link(root)))
            return root
        # A conversation of two people: nobody can invite an app there. Its messages with the
        # person are open to it.
        person = Address(generation.place.user_id)
        root = await self._post_first(generation, MessageKind.ROOT, person, forms)
        await say_where(self._client, generation.place, show_sentence(failures.COMES_DIRECTLY))
        return root

    async def show_progress(self, generation: Generation, progress: Progress) -> None:
        """See the port."""
        if generation.root_ts is None or not await self._poster.pace.try_edit_turn():
            return
        estimate = None
        if generation.credits_used is None:
            estimate = await self._quotes.estimate(generation)
        message = show_root(generation, progress, estimate)
        await self._poster.try_edit(generation.place.channel_id, generation.root_ts, message)

    async def show_outcome(self, generation: Generation, usage: Usage) -> None:
        """See the port. What Slack has refused everywhere else stands here."""
        if generation.root_ts is None:
            return
        channel_id, root_ts = generation.place.channel_id, generation.root_ts
        if self._poster.is_quiet(generation.id):
            generation = replace(generation, show=Show.THREAD)
        link = generation_link(self._versions.workspace_url, generation)
        whole = show_ended_root(generation, usage, link if generation.result_ts else None)
        if generation.result_ts is None and generation.pictures:
            whole = show_linking_root(_with_links(generation), usage)
        forms = [Form(whole), Form(whole, EDIT_PAUSE_SECONDS), Form(Message(whole.text))]
        await self._poster.edit_first(channel_id, root_ts, forms)

    async def upload_picture(self, generation: Generation, picture: Picture) -> str:
        """See the port."""
        async with self._bringing:
            content = await self._fetch(picture.url)
            mark = mark_picture(generation, picture, has_prompts=self._has_prompts)
            converted = await self._convert(content, mark)
            del content
            name = name_file(generation.request, picture.position, converted.extension)
            return await self._files.upload(name, converted.content, converted.extension)

    async def _convert(self, content: bytes, xmp: str) -> SlackPicture:
        try:
            return await self._converter.convert(content, xmp)
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
        kind = _kind_of(generation)
        if generation.result_intended_at is not None:
            found, is_known = await self._poster.find_own(_subject(generation, kind), kind, thread)
            if found is not None:
                return Posted(thread.channel_id, found)
            if not is_known and not self._poster.is_unposted(generation.id):
                # It may be in the channel already, and is not shown there twice.
                thread = replace(thread, is_broadcast=False)
                self._poster.keep_quiet(generation.id)
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
            return await self._tell_at(Address(place.user_id), generation, usage, note)
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
        forms = showing(message)
        address = Address(*home_of(generation))
        await self._post_first(generation, MessageKind.LATE, address, forms)

    async def _tell_at(
        self, address: Address, generation: Generation, usage: Usage, note: str = ""
    ) -> Posted:
        """In the first form that Slack takes there, with a `note` under it. Rejected where it takes
        none."""
        forms = await self._draw(address.channel_id, generation, usage, note)
        return await self._post_first(generation, _kind_of(generation), address, forms)

    async def show_again(self, generation: Generation, usage: Usage) -> None:
        """The result as its row is now, in place of its message: what is said of its pictures has
        changed. The files are those that stand there, or Slack would show none of them
        (java-slack-sdk#1441). Raises the last error if Slack takes it in no form."""
        if generation.result_ts is None or generation.deleted_at is not None:
            return
        channel_id = generation.result_channel_id or generation.place.channel_id
        forms = await self._draw(channel_id, generation, usage)
        if shown := [form for form in forms if form.has_files]:
            await self._poster.edit_first(channel_id, generation.result_ts, shown)

    async def _draw(
        self, channel_id: str, generation: Generation, usage: Usage, note: str = ""
    ) -> list[Form]:
        lineage = await self._versions.lineage_of(generation)
        quote = await self._quotes.quote(generation)
        hint = await self._versions.hint_of(generation, channel_id)
        if generation.pictures and await self._channels.is_unheard(channel_id):
            note = failures.UNHEARD
        show = partial(_outcome, usage=usage, lineage=lineage, quote=quote, hint=hint)
        return _forms(generation, show, note)

    async def _post_first(
        self, generation: Generation, kind: MessageKind, address: Address, forms: list[Form]
    ) -> Posted:
        return await self._poster.post_first(_subject(generation, kind), kind, address, forms)

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


def _kind_of(generation: Generation) -> MessageKind:
    """What the message that tells the outcome is."""
    return MessageKind.UNKNOWN if generation.state is State.UNKNOWN else MessageKind.RESULT


def _oldest(generation: Generation, kind: MessageKind) -> str:
    """A `ts` before our message of `kind`: by Slack's own clock, where it has told us one."""
    if kind is not MessageKind.ROOT and generation.root_ts is not None:
        return generation.root_ts
    return f"{generation.accepted_at.timestamp() - _CLOCKS_DIFFER_SECONDS:.6f}"


def _subject(generation: Generation, kind: MessageKind) -> Subject:
    details = {"origin": generation.origin}
    if generation.image_generation_id is not None:
        details["image_generation_id"] = generation.image_generation_id
    return Subject(generation.id, _oldest(generation, kind), details)


def _thread_of(generation: Generation) -> Address:
    """Where the outcome is told. Of a request of its own the pictures are shown in the channel,
    too, if that was chosen; the words of a failure never."""
    is_broadcast = generation.show is Show.CHANNEL and bool(generation.pictures)
    return Address(generation.place.channel_id, generation.home_ts, is_broadcast)


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
) -> list[Form]:
    """The outcome, as `show` does, from the best form to the plainest."""
    whole = with_note(show(generation), note)

    def link(why: Cause) -> Message:
        linked = show(_with_links(generation, why))
        return with_note(without_feedback(linked), note)

    def say(why: Cause) -> Message:
        return Message(cut_text(link(why).text, POST_TEXT_MAX))

    forms = [Form(whole)]
    if any(picture.state is PictureState.UPLOADED for picture in generation.pictures):
        forms = showing(whole)
    plainer = (Form(whole, has_metadata=False, explain=each) for each in (link, say))
    return [*forms, *plainer]


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
