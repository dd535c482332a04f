"""Says in a draft's thread what became of it: once, also after a crash in the moment of posting."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

import structlog

from bot.credits.estimates import Estimate
from bot.errors import ImagineError, Misconfigured, Rejected
from bot.generations.ports import Posted
from bot.posts.ports import Posts
from bot.posts.record import Post
from bot.slack.kit.ids import MessageKind
from bot.slack.kit.message import Message
from bot.slack.kit.posting import Address, Form, Poster, Subject
from bot.slack.posts.views import show_outcome

# How far our clock may be ahead of Slack's where we look for what we have posted.
_CLOCKS_DIFFER_SECONDS: Final = 60.0

log = structlog.get_logger()


class PostTeller:
    """Implements `posts.ports.Teller`."""

    def __init__(
        self,
        poster: Poster,
        posts: Posts,
        estimate_text: Callable[[int], Awaitable[Estimate]],
    ) -> None:
        self._poster = poster
        self._posts = posts
        self._estimate = estimate_text

    async def tell(self, post: Post) -> None:
        """See the port. A thread that is gone is answered in a direct message."""
        posted = await self._find(post)
        message = show_outcome(post, estimate=await self._price(post))
        if posted is not None:
            await self.edit(posted.channel_id, posted.ts, message)
        else:
            posted = await self._post(post, message)
        await self._posts.note(
            post.id, told_at=datetime.now(UTC), message_ts=posted.ts if posted else None
        )

    async def edit(self, channel_id: str, ts: str, message: Message) -> None:
        """Put `message` in place of what was told."""
        try:
            await self._poster.edit_first(channel_id, ts, [Form(message)])
        except (Rejected, Misconfigured) as error:
            log.info("draft.edit_refused", cause=error.cause, detail=error.detail)

    async def _find(self, post: Post) -> Posted | None:
        """The message that was posted before, if one was."""
        if post.message_ts is not None:
            return Posted(post.channel_id, post.message_ts)
        if post.told_intended_at is None:
            return None
        address = Address(post.channel_id, post.thread_ts)
        found, _ = await self._poster.find_own(_subject(post), MessageKind.DRAFT, address)
        return None if found is None else Posted(post.channel_id, found)

    async def _post(self, post: Post, message: Message) -> Posted | None:
        await self._posts.note(post.id, told_intended_at=datetime.now(UTC))
        for address in (Address(post.channel_id, post.thread_ts), Address(post.user_id)):
            forms = [Form(message), Form(message, has_metadata=False), Form(Message(message.text))]
            try:
                posted = await self._poster.post_first(
                    _subject(post), MessageKind.DRAFT, address, forms
                )
            except (Rejected, Misconfigured) as error:
                log.warning("draft.not_told", post=post.id, cause=error.cause, detail=error.detail)
            else:
                return posted if address.channel_id == post.channel_id else None
        return None

    async def _price(self, post: Post) -> Estimate | None:
        if not post.is_order_wanted:
            return None
        try:
            return await self._estimate(len(post.request.media_ids))
        except ImagineError:
            return None


def _subject(post: Post) -> Subject:
    return Subject(post.id, f"{post.accepted_at.timestamp() - _CLOCKS_DIFFER_SECONDS:.6f}")
