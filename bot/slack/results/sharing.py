"""Showing pictures of a result in another channel: where its rules allow it, and Slack does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import Cause, ImagineError, Rejected, Transient
from bot.generations.record import Generation, Picture
from bot.policy.book import PolicyBook
from bot.policy.rules import RuleName, RuleViolation, find_rule_violations, must_ask_groups
from bot.slack.kit import refusal_texts as refusals
from bot.slack.kit.calls import CONTENT_REFUSED, TOO_LONG, call_slack
from bot.slack.kit.links import generation_link, home_of, message_link
from bot.slack.kit.membership import GroupMembership
from bot.slack.kit.message import Message
from bot.slack.kit.posting import with_short_captions
from bot.slack.kit.text import escape
from bot.slack.results import texts as thread_texts
from bot.slack.results.thread_views import show_shared

# Somebody waits to hear of it.
_WAIT_SECONDS: Final = 30.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Share:
    """Which pictures a person shares, where, and with what words."""

    pictures: Sequence[Picture]
    channel_id: str
    sharer: str
    note: str = ""
    thread_ts: str | None = None


class Sharing:
    """One for the process."""

    def __init__(
        self,
        client: AsyncWebClient,
        policies: PolicyBook,
        groups: GroupMembership,
        workspace_url: Callable[[], str | None],
    ) -> None:
        """`workspace_url` is `url` of `auth.test`, as soon as that is known."""
        self._client = client
        self._workspace_url = workspace_url
        self._policies = policies
        self._groups = groups

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
            preset=generation.preset,
        )
        # How many were asked for at a time says nothing of one of them.
        breaks = [each for each in breaks if each.rule is not RuleName.QUANTITY]
        return _explain(breaks) if breaks else None

    async def post(self, generation: Generation, share: Share) -> str:
        """Post it, at most once: what got no answer may be there. What to tell the sharer then, in
        mrkdwn."""
        where = f"<#{share.channel_id}>"
        try:
            posted = await self._post_into_thread(generation, share)
        except ImagineError as error:
            log.warning("picture.share_failed", cause=error.cause, detail=error.detail)
            return thread_texts.with_note(_explain_failure(error, where), escape(share.note))
        link = None
        if (url := self._workspace_url()) is not None:
            link = message_link(url, share.channel_id, posted, share.thread_ts)
        return thread_texts.shared(len(share.pictures), where, link)

    async def _post_into_thread(self, generation: Generation, share: Share) -> str:
        """The `ts` of the message: in the thread that it is for, unless that is gone."""
        message = show_shared(
            generation,
            share.pictures,
            share.sharer,
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
        try:
            return await self._post(share, message)
        except Rejected as error:
            if error.detail not in TOO_LONG:
                raise
            return await self._post(share, with_short_captions(message))

    def _find_thread(self, generation: Generation) -> str | None:
        """The address of the thread, if others can see it."""
        channel_id, _ = home_of(generation)
        return generation_link(self._workspace_url(), generation) if channel_id[0] in "CG" else None

    async def _post(self, share: Share, message: Message) -> str:
        """Refused for being too fast, it is certainly not there: then it is tried again."""

        async def post() -> Any:
            return await call_slack(
                self._client.chat_postMessage,
                channel=share.channel_id,
                thread_ts=share.thread_ts,
                unfurl_links=False,
                **message.to_dict(),
            )

        try:
            answer = await post()
        except Transient as error:
            if error.retry_after_seconds is None or error.retry_after_seconds > _WAIT_SECONDS:
                raise
            await asyncio.sleep(error.retry_after_seconds)
            answer = await post()
        return str(answer["ts"])


def _explain_failure(error: ImagineError, where: str) -> str:
    if error.detail in CONTENT_REFUSED:
        return thread_texts.picture_gone(where)
    has_answer = not isinstance(error, Transient) or error.retry_after_seconds is not None
    if error.cause is Cause.SLACK_AWAY and not has_answer:
        return thread_texts.perhaps_shared(where)
    return thread_texts.not_shared(error.cause, where)


def _explain(breaks: list[RuleViolation]) -> str:
    said = [thread_texts.share_forbidden(each.rule) or refusals.forbidden(each) for each in breaks]
    return " ".join(dict.fromkeys(said))
