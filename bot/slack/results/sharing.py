"""Showing a result's picture in another channel: where its rules allow it, and Slack takes it."""

from __future__ import annotations

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ImagineError, Rejected
from bot.generations.record import Generation, Picture
from bot.policy.book import PolicyBook
from bot.policy.rules import RuleName, RuleViolation, find_rule_violations, must_ask_groups
from bot.slack.kit import refusal_texts as refusals
from bot.slack.kit.calls import CONTENT_REFUSED, TOO_LONG, call_slack
from bot.slack.kit.membership import GroupMembership
from bot.slack.kit.message import Message
from bot.slack.results import texts as thread_texts
from bot.slack.results.result_views import with_short_captions
from bot.slack.results.thread_views import show_shared

log = structlog.get_logger()


class Sharing:
    """One for the process."""

    def __init__(
        self, client: AsyncWebClient, policies: PolicyBook, groups: GroupMembership
    ) -> None:
        self._client = client
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
                log.warning("groups_unknown", cause=error.cause, detail=error.detail)
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

    async def post(
        self, generation: Generation, picture: Picture, channel_id: str, sharer: str
    ) -> str | None:
        """Post it there; what to tell the sharer where Slack did not take it."""
        message = show_shared(generation, picture, sharer)
        try:
            try:
                await self._post(channel_id, message)
            except Rejected as error:
                if error.detail not in TOO_LONG:
                    raise
                await self._post(channel_id, with_short_captions(message))
        except ImagineError as error:
            log.warning("not_shared", cause=error.cause, detail=error.detail)
            if error.detail in CONTENT_REFUSED:
                return thread_texts.PICTURE_GONE
            return thread_texts.not_shared(error.cause)
        return None

    async def _post(self, channel_id: str, message: Message) -> None:
        await call_slack(
            self._client.chat_postMessage,
            channel=channel_id,
            unfurl_links=False,
            **message.to_dict(),
        )


def _explain(breaks: list[RuleViolation]) -> str:
    said = [thread_texts.share_forbidden(each.rule) or refusals.forbidden(each) for each in breaks]
    return " ".join(dict.fromkeys(said))
