"""Use in post: its form, and the buttons under a draft. What is promised is on disk before Slack is
answered, and the workflow (bot/posts/workflow.py) does it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Final, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from cachetools import TTLCache
from slack_sdk.models.views import View
from slack_sdk.web.async_client import AsyncWebClient

from bot.credits.estimates import Estimate
from bot.errors import ImagineError, Rejected, Transient
from bot.generations.record import Generation
from bot.policy.book import PolicyBook
from bot.policy.workspaces import ONE_WORKSPACE, PowerPostWorkspaces
from bot.posts.checks import Filled, Mistake, find_mistakes
from bot.posts.ports import PostDesk, Posts
from bot.posts.record import AGAIN, NewPost, Plan, Post, PostRequest, PostState, Source
from bot.slack.kit import refusal_texts as refusals
from bot.slack.kit.answer_views import show_sentence
from bot.slack.kit.background_tasks import BackgroundTasks
from bot.slack.kit.calls import call_slack
from bot.slack.kit.ephemeral import answer_press
from bot.slack.kit.ids import PostField
from bot.slack.kit.links import generation_link, home_of
from bot.slack.kit.modals import open_view, show_notice
from bot.slack.kit.payloads import MessageAction, ViewSent
from bot.slack.kit.quotas import Quota
from bot.slack.posts import texts
from bot.slack.posts.teller import PostTeller
from bot.slack.posts.values import find_block, read_form, read_plan
from bot.slack.posts.views import PostContext, show_form, show_outcome, usable_pictures

# Slack waits for 3 seconds, for an answer and for a trigger to be used.
_CAPTIONS_SECONDS: Final = 1.5
_FACTS_SECONDS: Final = 1.2
_ZONE_KEPT_SECONDS: Final = 3600.0
_ZONES_KEPT: Final = 2000

log = structlog.get_logger()


class Gate(Protocol):
    """Lets drafts through (bot/posts/gate.py)."""

    async def accept(self, new: NewPost, *, has_order: bool) -> bool: ...
    async def estimate(self, pictures: int) -> Estimate: ...


class PostService:
    """One for the process."""

    def __init__(
        self,
        *,
        client: AsyncWebClient,
        background: BackgroundTasks,
        gate: Gate,
        posts: Posts,
        desk: PostDesk,
        teller: PostTeller,
        policies: PolicyBook,
        begin: Callable[[str], None],
        workspace_url: Callable[[], str | None],
        is_set_up: bool,
        workspaces: PowerPostWorkspaces = ONE_WORKSPACE,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`begin` has a draft worked on, once it is on disk. `is_set_up`: IMAGINE_POSTS; if it was
        switched off since, buttons of before make and spend nothing."""
        self._client = client
        self._background = background
        self._gate = gate
        self._posts = posts
        self._desk = desk
        self._teller = teller
        self._policies = policies
        self._begin = begin
        self._workspace_url = workspace_url
        self._is_set_up = is_set_up
        self._workspaces = workspaces
        self._clock = clock
        self._zones: TTLCache[str, str] = TTLCache(_ZONES_KEPT, _ZONE_KEPT_SECONDS)
        self._looks = Quota(texts.MOST_LOOKS, per_seconds=texts.LOOKS_MINUTES * 60.0)

    # The form ------------------------------------------------------------------------------

    def open(self, action: MessageAction, generation: Generation) -> None:
        """Use in post, under a result."""
        if not self._is_set_up:
            self._say(action, texts.NOT_SET_UP)
        elif generation.blanked_at is not None:
            self._say(action, texts.NOT_KEPT)
        elif not usable_pictures(generation) or generation.deleted_at is not None:
            self._say(action, texts.NO_PICTURES)
        else:
            self._background.run(self._open(action, generation))

    async def _open(self, action: MessageAction, generation: Generation) -> None:
        estimate, zone = await asyncio.gather(
            self._try_estimate(len(usable_pictures(generation))),
            self._find_zone(action.team_id, action.user.id),
        )
        context = PostContext(
            generation_id=generation.id,
            channel_id=action.channel.id,
            zone=zone,
            powerpost_workspace=generation.powerpost_workspace,
        )
        several, in_ = self._workspaces.are_several, generation.powerpost_workspace
        workspace = self._workspaces.name_of(in_) if several else None
        show = partial(show_form, generation, context, estimate, zone, workspace)
        try:
            await open_view(self._client, action, show())
        except Rejected as error:
            log.info("thumbnails.refused", detail=error.detail)
            await open_view(self._client, action, show(has_thumbnails=False))

    async def _try_estimate(self, pictures: int) -> Estimate | None:
        try:
            async with asyncio.timeout(_FACTS_SECONDS):
                return await self._gate.estimate(pictures)
        except (ImagineError, TimeoutError):
            return None

    async def _find_zone(self, team_id: str, user_id: str) -> str:
        """The person's own, as their Slack has it; else the workspace's."""
        if (known := self._zones.get(user_id)) is not None:
            return known
        try:
            async with asyncio.timeout(_FACTS_SECONDS):
                answer = await call_slack(self._client.users_info, user=user_id)
            zone = ZoneInfo(str((answer.get("user") or {}).get("tz") or "")).key
        except (ImagineError, TimeoutError, ValueError, ZoneInfoNotFoundError, OSError):
            return (await self._policies.read(team_id)).zone.key
        self._zones[user_id] = zone
        return zone

    async def submit(self, sent: ViewSent, generation: Generation) -> View | dict[str, str] | None:
        """Make the draft: on disk when this returns, once however often it is sent. A form with
        mistakes stays as it is, each sentence at its field."""
        if not self._is_set_up:
            return show_notice(texts.NOT_SET_UP)
        if generation.blanked_at is not None:
            return show_notice(texts.NOT_KEPT)
        if generation.deleted_at is not None:
            return show_notice(refusals.NOT_THERE_ANY_MORE)
        context = PostContext.read(sent.view.private_metadata)
        form = read_form(sent, generation)
        filled = await self._with_captions(form.filled, generation)
        plan = read_plan(form, ZoneInfo(context.zone), self._clock())
        mistakes = find_mistakes(filled)
        if isinstance(plan, Mistake):
            mistakes.append(plan)
        elif not mistakes:
            new = self._make_new(sent, context, generation, filled, plan)
            return await self._promise(new, filled)
        return _show_mistakes(mistakes, filled)

    async def _with_captions(self, filled: Filled, generation: Generation) -> Filled:
        if filled.caption_id is None:
            return filled
        try:
            async with asyncio.timeout(_CAPTIONS_SECONDS):
                desk = self._desk.for_workspace(generation.powerpost_workspace)
                captions = await desk.read_captions(filled.caption_id)
        except (ImagineError, TimeoutError):
            return filled
        return replace(filled, texts=captions.texts, title=filled.title or captions.title)

    def _make_new(
        self,
        sent: ViewSent,
        context: PostContext,
        generation: Generation,
        filled: Filled,
        plan: Plan | None,
    ) -> NewPost:
        channel_id, thread_ts = home_of(generation)
        media = {each.position: each.media_id for each in generation.pictures}
        platforms = dict.fromkeys(kind.platform.key for kind in filled.kinds)
        typed = dict.fromkeys(platforms, filled.text) if filled.source is Source.TYPED else {}
        chosen = {k: v for k, v in (filled.texts or {}).items() if k in platforms}
        request = PostRequest(
            media_ids=tuple(media[position] for position in filled.pictures),
            generation_ids=tuple(generation.id for _ in filled.pictures),
            post_types=tuple(kind.key for kind in filled.kinds),
            source=filled.source,
            topic=filled.text if filled.source is Source.WRITTEN else "",
            texts=typed or chosen,
            title=filled.title,
            caption_id=filled.caption_id,
            plan=plan,
            link=generation_link(self._workspace_url(), generation),
        )
        return NewPost(
            id=str(uuid.uuid4()),
            origin=f"post:{sent.view.id}:{generation.id}",
            team_id=sent.team_id,
            user_id=sent.user.id,
            channel_id=channel_id,
            thread_ts=thread_ts or generation.result_ts,
            ruled_channel_id=generation.place.ruled_channel_id,
            generation_id=generation.id,
            request=request,
            accepted_at=self._clock(),
            campaign=generation.campaign,
            powerpost_workspace=generation.powerpost_workspace,
        )

    async def _promise(self, new: NewPost, filled: Filled) -> View | dict[str, str] | None:
        has_order = filled.source is Source.WRITTEN
        try:
            if await self._gate.accept(new, has_order=has_order):
                self._begin(new.id)
        except Rejected as error:
            return {PostField.SOURCE.value: texts.refusal(error)}
        except Transient as error:
            log.warning("draft.not_saved", cause=error.cause, detail=error.detail)
            return {PostField.TYPES.value: texts.NOT_SAVED}
        return show_notice(texts.WRITING_NOTICE) if has_order else None

    # Under a draft -------------------------------------------------------------------------

    async def check(self, action: MessageAction) -> None:
        """Check state: one look at PowerPost for each press."""
        post = await self._find(action)
        if post is None:
            self._say(action, texts.GONE)
        elif not self._looks.take(action.team_id, action.user.id):
            self._say(action, texts.TOO_MANY_LOOKS)
        else:
            self._background.run(self._check(action, post))

    async def _check(self, action: MessageAction, post: Post) -> None:
        now = self._clock()
        try:
            desk = self._desk.for_workspace(post.powerpost_workspace)
            look = await desk.look(post.post_id or "")
        except ImagineError as error:
            log.info("draft.look_failed", post=post.id, cause=error.cause)
            self._say(action, texts.look_failed(error.cause))
            return
        await self._posts.note(post.id, upstream_state=look.state[:64], looked_at=now)
        seen = replace(post, upstream_state=look.state)
        message = show_outcome(seen, look=texts.looked(look, now))
        if action.message is not None and action.message.ts:
            await self._teller.edit(action.channel.id, action.message.ts, message)

    async def again(self, action: MessageAction) -> None:
        """Make it again: on disk when this returns; of one draft at most once. A text that is paid
        for is not ordered again."""
        if not self._is_set_up:
            self._say(action, texts.NOT_SET_UP)
            return
        post = await self._find(action)
        if post is None or post.state is PostState.DRAFTED or post.told_at is None:
            self._say(action, texts.GONE if post is None else texts.UNDER_WAY)
            return
        if post.blanked_at is not None:
            self._say(action, texts.NOT_KEPT)
            return
        request = post.request
        if post.is_text_missing:
            request = request.model_copy(update={"caption_id": post.awaited_caption_id})
        new = NewPost(
            id=str(uuid.uuid4()),
            origin=f"{AGAIN}{post.id}",
            team_id=post.team_id,
            user_id=action.user.id,
            channel_id=post.channel_id,
            thread_ts=post.thread_ts,
            ruled_channel_id=post.ruled_channel_id,
            generation_id=post.generation_id,
            request=request,
            accepted_at=self._clock(),
            campaign=post.campaign,
            powerpost_workspace=post.powerpost_workspace,
        )
        try:
            if await self._gate.accept(new, has_order=post.is_order_wanted):
                self._begin(new.id)
            else:
                self._say(action, texts.ALREADY)
        except Rejected as error:
            self._say(action, texts.refusal(error))
        except Transient:
            self._say(action, texts.NOT_SAVED)

    async def _find(self, action: MessageAction) -> Post | None:
        """The draft that a button is about, if it is pressed where that was told."""
        try:
            post = await self._posts.read(action.actions[0].value or "")
        except KeyError:
            return None
        is_direct = action.channel.id.startswith("D") and action.user.id == post.user_id
        is_there = action.channel.id == post.channel_id or is_direct
        if is_there and action.team_id == post.team_id:
            return post
        log.warning("click.refused", post=post.id)
        return None

    def _say(self, action: MessageAction, sentence: str) -> None:
        self._background.run(answer_press(self._client, action, show_sentence(sentence)))


def _show_mistakes(mistakes: list[Mistake], filled: Filled) -> dict[str, str]:
    said: dict[str, str] = {}
    for each in mistakes:
        block, text = find_block(each, filled), texts.mistake(each)
        said[block] = f"{said[block]} {text}" if block in said else text
    return said
