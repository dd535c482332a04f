"""Whether a text may be paid for: by the workspace's rules and budgets, when it is asked for, and
again right before it is paid. A draft alone costs nothing, and no rule is about it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from bot.credits.estimates import Estimate
from bot.errors import Cause, Misconfigured, Rejected, Transient
from bot.images.request import ImageRequest
from bot.policy.book import PolicyBook
from bot.policy.budgets import find_ceilings
from bot.policy.policy import Policy
from bot.policy.rules import RuleName, find_rule_violations, must_ask_groups
from bot.policy.terms import NotAllowed, StalePolicy, Terms
from bot.policy.workspaces import ONE_WORKSPACE, PowerPostWorkspaces, WorkspaceUnknown
from bot.posts.ports import Posts
from bot.posts.record import NewPost, Post

_TRIES: Final = 5
_GROUPS_SECONDS: Final = 1.5
# These are about pictures.
_OF_PICTURES: Final = frozenset({RuleName.MODEL, RuleName.QUANTITY, RuleName.PRESET})

FindGroups = Callable[[str, str, Collection[str]], Awaitable[frozenset[str]]]
EstimateText = Callable[[int], Awaitable[Estimate]]


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who asks where, and what the text is about."""

    team_id: str
    user_id: str
    channel_id: str
    campaign: str | None
    powerpost_workspace: str | None
    words: str


def _asked_of(post: NewPost | Post) -> _Asked:
    return _Asked(
        post.team_id,
        post.user_id,
        post.ruled_channel_id,
        post.campaign,
        post.powerpost_workspace,
        post.request.topic,
    )


class PostGate:
    """Lets drafts through to the disk. One for the process."""

    def __init__(
        self,
        book: PolicyBook,
        posts: Posts,
        estimate_text: EstimateText,
        find_groups: FindGroups,
        is_removed: Callable[[str], Awaitable[bool]],
        workspaces: PowerPostWorkspaces = ONE_WORKSPACE,
    ) -> None:
        """`is_removed`: whether the app was removed from a workspace. `workspaces`: PowerPost's
        that the operator has set up; in others nothing is paid."""
        self._workspaces = workspaces
        self._book = book
        self._posts = posts
        self._estimate_text = estimate_text
        self._find_groups = find_groups
        self._is_removed = is_removed

    async def accept(self, new: NewPost, *, has_order: bool) -> bool:
        """Promise `new`: on disk when this returns; False if it was promised before. With
        `has_order` a text will be paid for: raises NotAllowed or OverBudget if it may not be.
        Raises Transient if nothing could be kept."""
        if not has_order:
            return await self._posts.accept(new, None, None)
        asked = _asked_of(new)
        estimate = await self.estimate(len(new.request.media_ids))
        for _ in range(_TRIES):
            policy = await self._book.read(new.team_id)
            try:
                async with asyncio.timeout(_GROUPS_SECONDS):  # Slack waits for an answer
                    terms = await self._find_terms(policy, asked)
            except TimeoutError as error:
                raise Rejected(Cause.GROUPS_UNKNOWN) from error
            try:
                return await self._posts.accept(new, terms, estimate.credits)
            except StalePolicy:
                self._book.forget(new.team_id)
        raise Transient(Cause.STORAGE, "the policy changes all the time")

    async def estimate(self, pictures: int) -> Estimate:
        """What a text for so many pictures will probably cost. Raises Transient."""
        return await self._estimate_text(pictures)

    async def check(self, post: Post) -> Terms:
        """See the port."""
        if await self._is_removed(post.team_id):
            raise Rejected(Cause.APP_REMOVED)
        policy = await self._book.read(post.team_id, fresh=True)
        return await self._find_terms(policy, _asked_of(post))

    async def _ask_groups(self, asked: _Asked, groups: Collection[str]) -> frozenset[str]:
        try:
            return await self._find_groups(asked.team_id, asked.user_id, groups)
        except (Rejected, Misconfigured) as error:
            raise Rejected(Cause.GROUPS_UNKNOWN, error.detail) from error

    async def _find_terms(self, policy: Policy, asked: _Asked) -> Terms:
        if not self._workspaces.knows(asked.powerpost_workspace):
            raise WorkspaceUnknown(asked.powerpost_workspace or "")
        if policy.is_open:
            return Terms(policy.version)
        rules = policy.rules_in(asked.channel_id)
        groups: frozenset[str] = frozenset()
        if must_ask_groups(rules, asked.user_id):
            groups = await self._ask_groups(asked, rules.groups or ())
        found = find_rule_violations(
            rules,
            ImageRequest(prompt=asked.words),
            channel_id=asked.channel_id,
            user_id=asked.user_id,
            groups=groups,
        )
        if breaks := [each for each in found if each.rule not in _OF_PICTURES]:
            raise NotAllowed(breaks)
        ceilings = find_ceilings(
            policy.budgets,
            channel_id=asked.channel_id,
            user_id=asked.user_id,
            now=datetime.now(UTC),
            zone=policy.zone,
            campaign=asked.campaign,
        )
        return Terms(policy.version, ceilings)
