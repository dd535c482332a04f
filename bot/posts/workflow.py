"""The steps of a draft: order the text, wait for it, make the draft, plan it, tell. What is done
stands in its row, and each step passes it on; to go on after a crash is to start again.

Nothing here publishes, and nothing that was sent once is sent again: whoever finds `ordering`,
`drafting` or `planning` in a row without having written it says that nobody knows the outcome.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import structlog

from bot.errors import (
    Cause,
    ImagineError,
    Misconfigured,
    NotOurs,
    OutcomeUnknown,
    Rejected,
    Transient,
)
from bot.generations.retry import retry_forever, wait_seconds
from bot.policy.terms import NotAllowed, OverBudget, StalePolicy, Terms
from bot.posts.kinds import TITLE_MAX, YOUTUBE, platforms_of
from bot.posts.ports import Allow, Captions, PostDesk, Posts, Sent, Teller
from bot.posts.record import AGAIN, ENDED, PlanState, Post, PostState

# What PowerPost would not take for so long is given up: nothing was made.
SEND_PATIENCE_SECONDS: Final = 600.0
# A text that it writes takes seconds; after this it is left to PowerPost, where it will be found.
WRITING_PATIENCE_SECONDS: Final = 3600.0
# The same of a text that was left to it, and is looked for again because somebody wants it now.
LOOK_PATIENCE_SECONDS: Final = 60.0
POLL_SECONDS: Final = 2.5
_POLL_SECONDS_MAX: Final = 30.0
_BALANCE_SECONDS: Final = 10.0
_TITLE_MAX: Final = 500

_EVENTS: Final = {
    PostState.REFUSED: "draft.refused",
    PostState.UNKNOWN: "draft.unknown",
    PostState.TEXT_UNKNOWN: "text.unknown",
}

log = structlog.get_logger()

Settle = Callable[[str, datetime], Awaitable[object]]
"""Enters the refund that is due for a text that failed (bot/store/ledger.py)."""


class PostWorkflow:
    """Runs one draft at a time to its end; the engine keeps several. One for the process."""

    def __init__(
        self,
        posts: Posts,
        desk: PostDesk,
        teller: Teller,
        gate: Allow,
        settle: Settle,
        cleared: asyncio.Event | None = None,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        """Nothing is sent before `cleared` is set (bot/credits/restore_guard.py)."""
        self._posts = posts
        self._desk = desk
        self._teller = teller
        self._gate = gate
        self._settle = settle
        self._cleared = cleared
        self._poll_seconds = poll_seconds
        self._sent: set[asyncio.Task[None]] = set()

    async def run(self, post_id: str) -> None:
        """Do all that is left to do. Raises NotOurs if another process does it."""
        now = datetime.now(UTC)
        if not await self._posts.take(post_id, now):
            raise NotOurs(post_id)
        if self._cleared is not None:
            await self._cleared.wait()
        post = await self._posts.read(post_id)
        while post.state not in ENDED:
            await self._step(post)
            post = await self._posts.read(post_id)
        await self._plan(post)
        await retry_forever(lambda: self._tell(post_id))

    async def _tell(self, post_id: str) -> None:
        post = await self._posts.read(post_id)
        if post.told_at is None:
            await self._posts.take(post_id, datetime.now(UTC))
            await self._teller.tell(post)

    async def _step(self, post: Post) -> None:
        match post.state:
            case PostState.ACCEPTED if post.is_order_wanted:
                await self._order(post)
            case PostState.ACCEPTED if post.is_text_missing:
                await self._wait(post, LOOK_PATIENCE_SECONDS)
            case PostState.ACCEPTED | PostState.READY:
                await self._draft(post)
            case PostState.WRITING:
                await self._wait(post, WRITING_PATIENCE_SECONDS)
            case PostState.ORDERING:
                await self._end(post, PostState.TEXT_UNKNOWN, OutcomeUnknown(Cause.INTERRUPTED))
            case PostState.DRAFTING:
                await self._end(post, PostState.UNKNOWN, OutcomeUnknown(Cause.INTERRUPTED))

    # The text ------------------------------------------------------------------------------

    async def _order(self, post: Post) -> None:
        async def send() -> None:
            async with self._desk.turn(Sent.ORDER):
                await self._claim(post)
                balance = await self._try_balance()
                terms = await self._gate.check(post)
                intent = {"intended_at": datetime.now(UTC), "balance_before": balance}
                await self._once(self._intend_order(post, terms, intent))

        try:
            await self._patiently(send)
        except (Rejected, Misconfigured, Transient) as error:
            await self._end(post, PostState.REFUSED, error, before=PostState.ACCEPTED)

    async def _intend_order(self, post: Post, terms: Terms, intent: dict[str, Any]) -> None:
        if await self._posts.intend_order(post, terms, **intent):
            await self._send_order(post)

    async def _send_order(self, post: Post) -> None:
        ordering = PostState.ORDERING
        try:
            ordered = await self._desk_of(post).order(post.request)
        except OutcomeUnknown as error:
            await self._end(post, PostState.TEXT_UNKNOWN, error, before=ordering)
            return
        except (Rejected, Misconfigured) as error:
            await self._end(post, PostState.REFUSED, error, before=ordering)
            return
        except Transient:
            await self._move(post, ordering, PostState.ACCEPTED, intended_at=None)
            raise
        log.info("text.paid", post=post.id, credits_used=ordered.credits_used)
        kept = {
            "caption_id": ordered.caption_id,
            "credits_used": ordered.credits_used,
            "balance_after": ordered.remaining_credits,
            "submitted_at": datetime.now(UTC),
            "request_id": ordered.request_id,
        }
        if not await self._move(post, ordering, PostState.WRITING, **kept):
            # Another process thought this one dead, and said that nobody knows: it is paid.
            anew = dict.fromkeys(("told_at", "finished_at", "balance_at_end", "cause", "detail"))
            await self._move(post, PostState.TEXT_UNKNOWN, PostState.WRITING, **kept, **anew)

    async def _wait(self, post: Post, patience_seconds: float) -> None:
        """Until it is written: what is paid for is looked at again whatever goes wrong."""
        pause = self._poll_seconds
        since = post.submitted_at or post.accepted_at
        while True:
            await self._claim(post)
            captions = await self._try_captions(post)
            if captions is not None and captions.is_ended:
                await self._take_captions(post, captions)
                return
            # Looked at once at least: it may have been written while no process ran.
            if (datetime.now(UTC) - since).total_seconds() >= patience_seconds:
                break
            await asyncio.sleep(pause)
            pause = min(pause * 1.2, _POLL_SECONDS_MAX)
        await self._end(post, PostState.REFUSED, Rejected(Cause.NO_ANSWER), before=post.state)

    async def _try_captions(self, post: Post) -> Captions | None:
        try:
            return await self._desk_of(post).read_captions(post.awaited_caption_id or "")
        except ImagineError as error:
            log.info("text.look_failed", post=post.id, cause=error.cause)
            return None

    async def _take_captions(self, post: Post, captions: Captions) -> None:
        now = datetime.now(UTC)
        if captions.is_failed:
            balance = await self._try_balance()
            failed = {"is_text_failed": True, "balance_at_end": balance, "finished_at": now}
            await self._move(
                post, post.state, PostState.REFUSED, cause=Cause.SERVER_ERROR.value, **failed
            )
            payer = await self._find_payer(post)
            if payer.id != post.id:
                await self._note(payer, **failed)
            await retry_forever(lambda: self._settle(payer.id, now))
            return
        title = post.request.title or find_title(captions)
        request = post.request.model_copy(
            update={"texts": captions.texts, "title": title, "caption_id": post.awaited_caption_id}
        )
        kept = {"request": request.model_dump(mode="json"), "finished_at": now}
        await self._move(post, post.state, PostState.READY, **kept)

    async def _find_payer(self, post: Post) -> Post:
        """Of drafts that were made again one after the other, the one that has paid the text."""
        while post.submitted_at is None and post.origin.startswith(AGAIN):
            earlier = post.origin.removeprefix(AGAIN)
            post = await retry_forever(partial(self._posts.read, earlier))
        return post

    # The draft -----------------------------------------------------------------------------

    async def _draft(self, post: Post) -> None:
        async def send() -> None:
            async with self._desk.turn(Sent.DRAFT):
                await self._claim(post)
                await self._once(self._intend_draft(post))

        try:
            await self._patiently(send)
        except Transient as error:
            await self._end(post, PostState.REFUSED, error, before=post.state)

    async def _intend_draft(self, post: Post) -> None:
        drafting = {"drafting_at": datetime.now(UTC)}
        if await self._posts.advance(post.id, post.state, PostState.DRAFTING, **drafting):
            await self._send_draft(post)

    async def _send_draft(self, post: Post) -> None:
        drafting = PostState.DRAFTING
        try:
            made = await self._desk_of(post).draft(post.request)
        except OutcomeUnknown as error:
            await self._end(post, PostState.UNKNOWN, error, before=drafting)
            return
        except (Rejected, Misconfigured) as error:
            await self._end(post, PostState.REFUSED, error, before=drafting)
            return
        except Transient:
            await self._move(post, drafting, post.state, drafting_at=None)
            raise
        log.info("draft.made", post=post.id, post_id=made.post_id)
        kept = {"post_id": made.post_id, "upstream_state": made.state or "draft"}
        if not await self._move(post, drafting, PostState.DRAFTED, **kept):
            # Another process thought this one dead, and said that nobody knows.
            await self._move(
                post, PostState.UNKNOWN, PostState.DRAFTED, told_at=None, cause=None, **kept
            )

    async def _plan(self, post: Post) -> None:
        """The calendar entry, once the draft is there. What goes wrong is told with it."""
        if post.state is not PostState.DRAFTED or post.request.plan is None:
            return
        if post.plan_state is PlanState.PLANNING:
            await self._end_plan(post, PlanState.UNKNOWN, Cause.INTERRUPTED)
        elif post.plan_state is PlanState.WANTED:
            try:
                await self._patiently(lambda: self._send_plan(post))
            except Transient as error:
                await self._end_plan(post, PlanState.REFUSED, error.cause)

    async def _send_plan(self, post: Post) -> None:
        async with self._desk.turn(Sent.PLAN):
            await self._claim(post)
            await self._once(self._intend_plan(post))

    async def _intend_plan(self, post: Post) -> None:
        if not await self._posts.intend_plan(post.id):
            return
        try:
            await self._desk_of(post).plan(post.request, name_entry(post))
        except OutcomeUnknown as error:
            await self._end_plan(post, PlanState.UNKNOWN, error.cause)
        except (Rejected, Misconfigured) as error:
            await self._end_plan(post, PlanState.REFUSED, error.cause)
        except Transient:
            await self._note(post, plan_state=PlanState.WANTED.value)
            raise
        else:
            await self._note(post, plan_state=PlanState.PLANNED.value)

    async def _end_plan(self, post: Post, state: PlanState, cause: Cause) -> None:
        log.warning("plan.failed", post=post.id, state=state, cause=cause)
        await self._note(post, plan_state=state.value, plan_cause=cause.value)

    # How -----------------------------------------------------------------------------------

    async def _claim(self, post: Post) -> None:
        """Anew, since it may have waited for longer than a claim lasts. Raises NotOurs."""
        if not await self._posts.take(post.id, datetime.now(UTC)):
            raise NotOurs(post.id)

    async def _once(self, sending: Coroutine[Any, Any, None]) -> None:
        """Once intended, its answer is noted whatever becomes of the run around it."""
        sent = asyncio.create_task(sending)
        self._sent.add(sent)
        sent.add_done_callback(self._forget)
        await asyncio.shield(sent)

    def _forget(self, sent: asyncio.Task[None]) -> None:
        self._sent.discard(sent)
        if not sent.cancelled():
            sent.exception()  # whoever waits for it is told; at the end nobody may

    async def close(self, patience_seconds: float) -> None:
        """Wait for the answers to what was sent, once nothing new begins."""
        if self._sent:
            await asyncio.wait(list(self._sent), timeout=patience_seconds)

    async def _patiently(self, send: Callable[[], Awaitable[None]]) -> None:
        """Again while nothing was sent or made. Raises the last Transient."""
        loop = asyncio.get_running_loop()
        until, times = loop.time() + SEND_PATIENCE_SECONDS, 0
        while True:
            try:
                return await send()
            except StalePolicy:
                times += 1
            except Transient as error:
                times += 1
                wait = wait_seconds(error, times)
                if loop.time() + wait > until:
                    raise
                await asyncio.sleep(wait)

    async def _end(
        self,
        post: Post,
        state: PostState,
        error: ImagineError,
        before: PostState | None = None,
    ) -> None:
        is_fault = isinstance(error, OutcomeUnknown | Misconfigured)
        say = log.error if is_fault else log.info
        say(_EVENTS[state], post=post.id, cause=error.cause, request_id=error.request_id)
        is_text = state is PostState.TEXT_UNKNOWN
        balance = {"balance_at_end": await self._try_balance()} if is_text else {}
        is_own_words = isinstance(error, Misconfigured) or (
            isinstance(error, Rejected) and not isinstance(error, NotAllowed | OverBudget)
        )
        await self._move(
            post,
            before or post.state,
            state,
            cause=error.cause.value,
            detail=error.detail[:2000] if is_own_words else None,
            request_id=error.request_id,
            **({"finished_at": datetime.now(UTC)} if post.finished_at is None else {}),
            **balance,
        )

    async def _move(self, post: Post, before: PostState, after: PostState, **changes: Any) -> bool:
        return await retry_forever(lambda: self._posts.advance(post.id, before, after, **changes))

    async def _note(self, post: Post, **changes: Any) -> None:
        await retry_forever(lambda: self._posts.note(post.id, **changes))

    def _desk_of(self, post: Post) -> PostDesk:
        return self._desk.for_workspace(post.powerpost_workspace)

    async def _try_balance(self) -> float | None:
        try:
            async with asyncio.timeout(_BALANCE_SECONDS):
                return await self._desk.balance()
        except (TimeoutError, ImagineError):
            return None


def find_title(captions: Captions) -> str:
    """YouTube's, which it takes no draft without: the one that was written, else the beginning of
    its text. Pure."""
    text = captions.texts.get(YOUTUBE.key, "").strip()
    return (captions.title.strip() or text.partition("\n")[0])[:TITLE_MAX].strip()


def name_entry(post: Post) -> str:
    """The title of its calendar entry: the campaign, or the text's first line. Pure."""
    names = ", ".join(each.name for each in platforms_of(post.request.kinds))
    first = post.request.title or post.request.words.strip().partition("\n")[0]
    return f"{post.campaign or first or 'Post'} ({names})"[:_TITLE_MAX]
