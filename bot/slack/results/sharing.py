"""Showing pictures of a result in another channel: where its rules allow it, and Slack does.

A share is a row before the person is answered, and is posted from that row: right after the answer,
or by whoever finds it pending after a crash. Slack has no idempotency key for posts, so the post
carries the share's id as metadata, and where an earlier try may have arrived, it is looked for
first (that needs a history scope, which is optional). Where nothing can tell, it is not posted
again: the sharer is asked to look.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

import structlog
from slack_sdk.models.metadata import Metadata
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import Cause, ImagineError, Rejected, Transient
from bot.generations.record import Generation, Picture
from bot.generations.share import Share
from bot.policy.book import PolicyBook
from bot.policy.choices import find_own_words
from bot.policy.rules import RuleName, RuleViolation, find_rule_violations, must_ask_groups
from bot.slack.kit import refusal_texts as refusals
from bot.slack.kit.calls import CONTENT_REFUSED, TOO_LONG, call_slack
from bot.slack.kit.ephemeral import send_ephemeral
from bot.slack.kit.ids import METADATA_EVENT, ActionId, MessageKind
from bot.slack.kit.links import generation_link, home_of, message_link, shown_pictures
from bot.slack.kit.membership import GroupMembership
from bot.slack.kit.message import Message
from bot.slack.kit.posting import Address, Poster, Subject, with_short_captions
from bot.slack.kit.text import escape
from bot.slack.results import texts as thread_texts
from bot.slack.results.thread_views import show_not_shared, show_shared

# Somebody waits to hear of it.
_WAIT_SECONDS: Final = 30.0
# How far our clock may be ahead of Slack's where we look for what we have posted.
_CLOCKS_DIFFER_SECONDS: Final = 60.0
# What got no answer, and is not there, is posted again after this.
_AGAIN_AFTER: Final = timedelta(seconds=30)
# Nobody expects it any more.
_PENDING_LIFETIME: Final = timedelta(days=1)
# How often pending shares are looked for, and, until Slack has said who we are, at the start.
LOOK_SECONDS: Final = 30.0
_START_SECONDS: Final = 0.2

log = structlog.get_logger()


class Shares(Protocol):
    """Where they are kept (bot/store/shares.py). Raises Transient."""

    async def keep(self, share: Share) -> bool: ...
    async def claim(self, now: datetime, *, orphaned_at: datetime | None = None) -> list[Share]: ...
    async def intend(self, share_id: str, now: datetime) -> None: ...
    async def note_posted(self, share_id: str, ts: str) -> None: ...
    async def postpone(self, share_id: str, until: datetime) -> None: ...
    async def end(self, share_id: str, now: datetime) -> None: ...


class Sharing:
    """One for the process."""

    def __init__(
        self,
        client: AsyncWebClient,
        poster: Poster,
        shares: Shares,
        read_generation: Callable[[str], Awaitable[Generation]],
        policies: PolicyBook,
        groups: GroupMembership,
        workspace_url: Callable[[], str | None],
        *,
        is_alone: bool,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`workspace_url` is `url` of `auth.test`, as soon as that is known. `is_alone`: no other
        process has the database."""
        self._client = client
        self._poster = poster
        self._shares = shares
        self._read_generation = read_generation
        self._workspace_url = workspace_url
        self._policies = policies
        self._groups = groups
        self._clock = clock
        # What was shared before the start is nobody's, if nobody else has the database.
        self._orphaned_at = clock() if is_alone else None

    async def find_objection(
        self, generation: Generation, channel_id: str, user_id: str
    ) -> str | None:
        """Why `user_id` may not show it in that channel, by the rules that it has; None where they
        may. A picture that could not be asked for there is not shown there either, unless it was
        made there. Raises Transient where the database does not answer."""
        team_id = generation.place.team_id
        if channel_id == generation.place.channel_id:
            return None
        policy = await self._policies.read(team_id, fresh=True)
        rules = policy.rules_in(channel_id)
        groups: frozenset[str] = frozenset()
        if must_ask_groups(rules, user_id):
            try:
                groups = await self._groups.find_groups(team_id, user_id, rules.groups or ())
            except ImagineError as error:
                log.warning("groups.unknown", cause=error.cause, detail=error.detail)
                return thread_texts.SHARE_GROUPS_UNKNOWN
        breaks = find_rule_violations(
            rules,
            generation.request,
            channel_id=channel_id,
            user_id=user_id,
            groups=groups,
            caption=find_own_words(policy, generation.sources.preset, channel_id),
            preset=generation.preset,
        )
        # How many were asked for at a time says nothing of one of them.
        breaks = [each for each in breaks if each.rule is not RuleName.QUANTITY]
        return _explain(breaks) if breaks else None

    async def keep(self, share: Share) -> bool:
        """Promise it: on disk when this returns. False where it was promised before. Raises
        Transient."""
        return await self._shares.keep(share)

    async def deliver_pending(self) -> float | None:
        """Post what another process, or the one before this, has left pending; how soon to look
        again, if not as usual."""
        if self._workspace_url() is None:
            return _START_SECONDS
        pending = await self._shares.claim(self._clock(), orphaned_at=self._orphaned_at)
        self._orphaned_at = None  # from now on they are claimed as all others are
        for share in pending:
            log.info("share.resumed", generation=share.generation_id)
            try:
                await self.deliver(share)
            except ImagineError as error:  # due again when the claim ends
                log.warning("picture.share_failed", cause=error.cause, detail=error.detail)
        return None

    async def deliver(self, share: Share, list_in: str | None = None) -> None:
        """Post it, unless it is there already, and tell the sharer, in the conversation of the list
        that they pressed it in, if it was one. What can't be done for now is due again. Raises
        Transient where the database or Slack does not answer."""
        generation = await self._read_generation(share.generation_id)
        again = ActionId.SHARE_OWN if list_in else ActionId.SHARE
        is_late = self._clock() - share.shared_at > _PENDING_LIFETIME
        said = Message(_give_up(share)) if is_late else await self._settle(generation, share, again)
        if said is None:
            await self._shares.postpone(share.id, self._clock() + _AGAIN_AFTER)
            return
        try:
            at = (list_in, None) if list_in else home_of(generation)
            await self._tell(share, said, *at)
        except ImagineError as error:
            log.warning("share.not_told", cause=error.cause, detail=error.detail)
            if isinstance(error, Transient) and not is_late:
                return  # due again when the claim ends
        await self._shares.end(share.id, self._clock())

    async def _settle(
        self, generation: Generation, share: Share, again: ActionId
    ) -> Message | None:
        """Post it, at most once: what to tell the sharer then, with the button that shares it
        `again` if that may help; None where it is not there, and is to be posted later."""
        if share.posted_ts is not None:
            return self._shared(share, share.posted_ts)
        if share.intended_at is not None and (said := await self._look(share)) is not None:
            return said
        pictures = find_pictures(generation, share.positions)
        if not pictures:
            return Message(_with_note(thread_texts.picture_gone(_where(share)), share))
        try:
            posted = await self._post_into_thread(generation, pictures, share)
        except ImagineError as error:
            log.warning("picture.share_failed", cause=error.cause, detail=error.detail)
            if _is_unanswered(error):
                return await self._look(replace(share, intended_at=self._clock()))
            why = _with_note(_explain_failure(error, _where(share)), share)
            return show_not_shared(why, generation, again)
        await self._shares.note_posted(share.id, posted)
        return self._shared(share, posted)

    async def _look(self, share: Share) -> Message | None:
        """What to tell of one that may have been posted; None where it was not."""
        since = (share.intended_at or share.shared_at).timestamp() - _CLOCKS_DIFFER_SECONDS
        found, is_known = await self._poster.find_own(
            Subject(share.id, f"{since:.6f}"),
            MessageKind.SHARE,
            Address(share.channel_id, share.thread_ts),
        )
        if found is not None:
            await self._shares.note_posted(share.id, found)
            return self._shared(share, found)
        return None if is_known else Message(_give_up(share))

    def _shared(self, share: Share, ts: str) -> Message:
        link = None
        if (url := self._workspace_url()) is not None:
            link = message_link(url, share.channel_id, ts, share.thread_ts)
        return Message(thread_texts.shared(len(share.positions), _where(share), link))

    async def _tell(
        self, share: Share, message: Message, channel_id: str, thread_ts: str | None
    ) -> None:
        """Privately."""
        await send_ephemeral(
            self._client,
            message,
            channel_id=channel_id,
            user_id=share.user_id,
            thread_ts=thread_ts,
        )

    async def _post_into_thread(
        self, generation: Generation, pictures: Sequence[Picture], share: Share
    ) -> str:
        """The `ts` of the message: in the thread that it is for, unless that is gone."""
        message = show_shared(
            generation,
            pictures,
            share.user_id,
            note=share.note,
            link=self._find_thread(generation),
        )
        try:
            return await self._post_fitting(share, message)
        except Rejected as error:
            if share.thread_ts is None or error.cause is not Cause.THREAD_GONE:
                raise
            return await self._post_fitting(replace(share, thread_ts=None), message)

    async def _post_fitting(self, share: Share, message: Message) -> str:
        """With shorter captions if it is too long, and without metadata if Slack takes none: then
        it is not found again after a crash."""
        try:
            return await self._post(share, message)
        except Rejected as error:
            if error.detail in TOO_LONG:
                return await self._post(share, with_short_captions(message))
            if "metadata" not in (error.detail or ""):
                raise
            return await self._post(share, message, has_metadata=False)

    def _find_thread(self, generation: Generation) -> str | None:
        """The address of the thread, if others can see it."""
        channel_id, _ = home_of(generation)
        return generation_link(self._workspace_url(), generation) if channel_id[0] in "CG" else None

    async def _post(self, share: Share, message: Message, *, has_metadata: bool = True) -> str:
        """Refused for being too fast, it is certainly not there: then it is tried again."""
        content = message.to_dict()
        if has_metadata:
            payload = {"generation": share.id, "kind": MessageKind.SHARE.value}
            content["metadata"] = Metadata(METADATA_EVENT, payload).to_dict()

        async def post() -> Any:
            await self._shares.intend(share.id, self._clock())
            return await call_slack(
                self._client.chat_postMessage,
                channel=share.channel_id,
                thread_ts=share.thread_ts,
                unfurl_links=False,
                **content,
            )

        try:
            answer = await post()
        except Transient as error:
            if error.retry_after_seconds is None or error.retry_after_seconds > _WAIT_SECONDS:
                raise
            await asyncio.sleep(error.retry_after_seconds)
            answer = await post()
        return str(answer["ts"])


def find_pictures(generation: Generation, positions: Sequence[int]) -> list[Picture]:
    """Those of a result that can be shared (still). Pure."""
    if generation.deleted_at is not None or generation.blanked_at is not None:
        return []
    return [each for each in shown_pictures(generation) if each.position in positions]


def _where(share: Share) -> str:
    return f"<#{share.channel_id}>"


def _with_note(said: str, share: Share) -> str:
    return thread_texts.with_note(said, escape(share.note))


def _give_up(share: Share) -> str:
    """It is not tried (again)."""
    if share.intended_at is None:
        return _with_note(thread_texts.not_shared(Cause.SLACK_AWAY, _where(share)), share)
    return _with_note(thread_texts.perhaps_shared(_where(share)), share)


def _is_unanswered(error: ImagineError) -> bool:
    """Whether it may have been posted all the same. Pure."""
    is_answer = not isinstance(error, Transient) or error.retry_after_seconds is not None
    return error.cause is Cause.SLACK_AWAY and not is_answer


def _explain_failure(error: ImagineError, where: str) -> str:
    if error.detail in CONTENT_REFUSED:
        return thread_texts.picture_gone(where)
    return thread_texts.not_shared(error.cause, where)


def _explain(breaks: list[RuleViolation]) -> str:
    said = [thread_texts.share_forbidden(each.rule) or refusals.forbidden(each) for each in breaks]
    return " ".join(dict.fromkeys(said))
