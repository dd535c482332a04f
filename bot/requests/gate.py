"""The gate: every request is held against the workspace's policy before it is promised."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final, Protocol

import structlog

from bot.credits import estimates
from bot.credits.estimates import Basis, Estimate, add_up
from bot.errors import Cause, ImagineError, Misconfigured, Rejected, Transient
from bot.generations.record import Generation, NewGeneration, Place, Sources
from bot.generations.relocation import find_files, find_strays, relocate
from bot.images.request import ImageRequest
from bot.policy.book import PolicyBook
from bot.policy.budgets import BudgetUse, ReadUsage, find_ceilings
from bot.policy.choices import (
    Choice,
    GaveWay,
    PresetConflictError,
    explain_rule_violations,
    find_own_words,
    find_show,
    settle,
)
from bot.policy.policy import Policy
from bot.policy.rules import RuleViolation, find_rule_violations, must_ask_groups
from bot.policy.terms import (
    AboveThreshold,
    NotAllowed,
    OverBudget,
    StalePolicy,
    Terms,
    TooManyAtOnce,
)
from bot.policy.workspaces import (
    ONE_WORKSPACE,
    Elsewhere,
    InOtherWorkspace,
    PowerPostWorkspaces,
    WorkspaceUnknown,
)

# A policy that is changed as often as this while one request is looked at is nobody's.
_TRIES: Final = 5

log = structlog.get_logger()


KnownGroups = Callable[[str, str, Collection[str]], frozenset[str] | None]
"""Those of some of a workspace's user groups that a person is in, as far as they were asked for
lately; None if that is not known. Never waits (bot/slack/kit/membership.py)."""

FindGroups = Callable[[str, str, Collection[str]], Awaitable[frozenset[str]]]
"""Some of these groups that the person is in, if any, as Slack says now or said moments ago. Raises
Transient, Rejected or Misconfigured if it does not."""

KeepForApproval = Callable[[NewGeneration, Policy, OverBudget], Awaitable[OverBudget]]
"""Keeps a request over budget for approval: the error, which names what was kept, if there is
anybody who may approve (bot/requests/approvals.py)."""


class Captions(Protocol):
    """The words of captions (bot/powerpost/captions.py)."""

    def known_words(self, generation_id: str) -> str:
        """As far as they were read before. Never waits."""

    async def read_words(self, generation_id: str, workspace_id: str | None = None) -> str:
        """Empty where PowerPost does not tell them."""


FindVersions = Callable[[str], Awaitable[Sequence[Generation]]]
"""The versions that lead to a generation, itself the last (bot/store/versions.py)."""


class Prices(estimates.Prices, Protocol):
    """What was seen to be taken, and is left (bot/store/prices.py)."""

    async def last_balance(self) -> float | None:
        """Credits that PowerPost told last; None if it has told nothing yet."""


class Gate:
    """Lets requests through to the queue, on the terms of the policy. One for the process."""

    def __init__(
        self,
        book: PolicyBook,
        enqueue: Callable[[NewGeneration], Awaitable[bool]],
        known_groups: KnownGroups,
        tell_gave_way: Callable[[Sequence[GaveWay]], str],
        offer: KeepForApproval | None = None,
        captions: Captions | None = None,
        prices: Prices | None = None,
        read_usage: ReadUsage | None = None,
        workspaces: PowerPostWorkspaces = ONE_WORKSPACE,
        find_versions: FindVersions | None = None,
    ) -> None:
        """`tell_gave_way`: the sentence for a person of whose options something gave way.
        `read_usage`: how much of budgets is gone (bot/store/spending.py). `workspaces` are
        PowerPost's, one of which each channel is set to."""
        self._workspaces = workspaces
        self._find_versions = find_versions
        self._read_usage = read_usage
        self._prices = prices
        self._book = book
        self._tell_gave_way = tell_gave_way
        self._enqueue = enqueue
        self._known_groups = known_groups
        self._keep_for_approval = offer
        self._captions = captions

    async def accept(self, new: NewGeneration, *, may_ask: bool = False) -> bool:
        """Promise `new`: see GenerationQueue.accept. Raises PresetConflictError, NotAllowed or
        OverBudget, too, or an error of bot/policy/workspaces.py: then nothing is kept and nothing
        will be spent. `may_ask`: its person has
        not seen the price, so AboveThreshold is raised if they want to be asked; after the rules,
        before the budgets."""
        if not new.is_whole:  # else its template would be paid for as a prompt
            raise ValueError("a brief without parts")
        team_id = new.place.team_id
        for _ in range(_TRIES):
            policy, settled = await self._complete(new)
            settled = await self._choose_workspace(policy, settled)
            terms = self.find_terms(policy, settled, new.choice)
            if may_ask:
                await self._check_price(policy, settled, terms)
            try:
                return await self._enqueue(replace(settled, terms=terms))
            except StalePolicy:
                self._book.forget(team_id)
            except OverBudget as error:
                if self._keep_for_approval is None:
                    raise
                raise await self._keep_for_approval(settled, policy, error) from error
        raise Transient(Cause.STORAGE, "the policy changes all the time")

    async def _choose_workspace(self, policy: Policy, new: NewGeneration) -> NewGeneration:
        """`new` for PowerPost's workspace that its channel is set to now. From here on it keeps
        that one. Raises WorkspaceUnknown or InOtherWorkspace."""
        wanted = policy.powerpost_workspace_in(new.place.ruled_channel_id)
        if not self._workspaces.knows(wanted):
            log.warning("workspace.unknown", workspace=wanted, channel=new.place.ruled_channel_id)
            raise WorkspaceUnknown(wanted or "")
        wanted = self._workspaces.settle(wanted)
        whole = _with_preset_files(policy, new.place, new.sources)
        request, sources = await self._relocate(new.request, whole, wanted, new.parent_id)
        parts = []
        for part in new.parts:
            own = _with_preset_files(policy, new.place, part.sources or new.sources)
            moved, own = await self._relocate(part.request, own, wanted, new.parent_id)
            parts.append(replace(part, request=moved, sources=own if part.sources else None))
        return replace(new, request=request, sources=sources, parts=tuple(parts))

    async def _relocate(
        self, request: ImageRequest, sources: Sources, wanted: str | None, parent_id: str | None
    ) -> tuple[ImageRequest, Sources]:
        found = self._workspaces.settle(sources.powerpost_workspace)
        if found == wanted and sources.preset is None:
            return request, sources  # as nearly always
        names = self._workspaces.name_of(found), self._workspaces.name_of(wanted)
        if found != wanted and request.caption_id is not None:
            raise InOtherWorkspace(Elsewhere.CAPTION, *names)
        versions: Sequence[Generation] = ()
        if found != wanted and find_strays(request, sources) and parent_id and self._find_versions:
            versions = await self._find_versions(parent_id)
        sources = sources.model_copy(update={"powerpost_workspace": found})
        files = find_files(versions)
        if (moved := relocate(request, sources, wanted, files)) is not None:
            return moved
        alone = sources.model_copy(update={"preset": None})
        is_presets = relocate(request, alone, wanted, files) is not None
        raise InOtherWorkspace(Elsewhere.PRESET if is_presets else Elsewhere.REFERENCES, *names)

    async def _check_price(self, policy: Policy, new: NewGeneration, terms: Terms) -> None:
        """Raises AboveThreshold if its person wants to be asked, or if it is a brief of many; also
        if the price cannot be looked up: it may be any."""
        own, settings = policy.defaults.get(new.place.user_id), policy.settings
        threshold = None if own is None else own.ask_above
        made = new.split()
        pictures = sum(each.request.quantity for each in made)
        if threshold is None and not new.parts:
            return
        price = await self._estimate([each.request for each in made])
        is_guide = price is not None and price.basis is Basis.GUIDE
        credits_ = None if price is None else price.credits
        if threshold is not None and (credits_ is None or credits_ > threshold):
            raise AboveThreshold(credits_, threshold, is_guide=is_guide)
        above = settings.brief_ask_pictures
        is_many = above is not None and pictures > above
        most = settings.brief_ask_credits
        is_dear = most is not None and (credits_ is None or credits_ > most)
        if new.parts and (is_many or is_dear):
            left, is_budgets = await self._find_left(new.place.team_id, terms)
            raise AboveThreshold(
                credits_,
                None,
                is_guide=is_guide,
                pictures=pictures,
                left=left,
                is_budgets=is_budgets,
            )

    async def _find_left(self, team_id: str, terms: Terms) -> tuple[float | None, bool]:
        """The balance, or what is left of the budget that has least, if that is less (True)."""
        try:
            balance = None if self._prices is None else await self._prices.last_balance()
            uses: Sequence[BudgetUse] = ()
            if self._read_usage is not None and terms.ceilings:
                uses = await self._read_usage(team_id, terms.ceilings)
        except ImagineError as error:
            log.warning("balance.unread", cause=error.cause)
            return None, False
        least = min((use.left for use in uses), default=None)
        if least is not None and (balance is None or least < balance):
            return least, True
        return balance, False

    async def _estimate(self, requests: Sequence[ImageRequest]) -> Estimate | None:
        if self._prices is None:
            return None
        try:
            return add_up(
                [await self._prices.estimate(each.model, each.quantity) for each in requests]
            )
        except ImagineError as error:
            log.warning("prices.unread", cause=error.cause)
            return None

    async def _complete(self, new: NewGeneration) -> tuple[Policy, NewGeneration]:
        """`new` with what its preset and its person's defaults make of it: what is promised, or
        kept for an approval; and the policy that said so. Raises PresetConflictError, once it is
        sure that the policy is the newest: nobody is told that there is no such preset because our
        copy is old."""
        policy = await self._book.read(new.place.team_id)
        if new.choice is None:
            return policy, new
        try:
            return policy, self._apply(policy, new, new.choice)
        except PresetConflictError:
            newest = await self._book.read(new.place.team_id, fresh=True)
            return newest, self._apply(newest, new, new.choice)

    def _apply(self, policy: Policy, new: NewGeneration, choice: Choice) -> NewGeneration:
        if not new.parts:
            return _show(policy, self._settle(policy, new, choice), choice)
        settled = [self._settle(policy, each, each.choice or choice) for each in new.split()]
        parts = [
            replace(part, request=each.request, sources=each.sources, preset=each.preset)
            for part, each in zip(new.parts, settled, strict=True)
        ]
        said = next((each.understood for each in settled if each.understood), None)
        whole = replace(new, parts=tuple(parts), preset=settled[0].preset, understood=said)
        return _show(policy, whole, choice)

    def _settle(self, policy: Policy, new: NewGeneration, choice: Choice) -> NewGeneration:
        place, sources = new.place, new.sources
        settled = settle(
            policy,
            choice,
            new.request,
            channel_id=place.ruled_channel_id,
            user_id=place.user_id,
            files=0 if sources.is_gathered else len(sources.references),
            applied=sources.preset,
        )
        applied = settled.applied
        if said := self._tell_gave_way(settled.gave_way):
            understood = f"{new.understood}. {said}" if new.understood else said
            new = replace(new, understood=understood)
        is_as_said = settled.request is new.request and applied is None
        if is_as_said and sources.preset is None and new.preset is None:
            return new  # as nearly always
        if applied is None and sources.preset is None:
            return replace(new, request=settled.request, preset=None, choice=None)
        return replace(
            new,
            request=settled.request,
            sources=sources.model_copy(update={"preset": applied}),
            preset=applied.name if applied else None,
            choice=None,
        )

    def find_terms(self, policy: Policy, new: NewGeneration, choice: Choice | None = None) -> Terms:
        """On what terms `policy` has `new` promised. NotAllowed where its rules forbid it; it says
        where that came from, by the `choice` that `new` was settled from."""
        pictures = sum(part.request.quantity for part in new.parts)
        if pictures > policy.settings.brief_most:
            raise TooManyAtOnce(pictures, policy.settings.brief_most)
        if policy.is_open:
            return Terms(policy.version)
        if new.parts:
            terms = [self.find_terms(policy, each, choice) for each in new.split()]
            ceilings = dict.fromkeys(ceiling for each in terms for ceiling in each.ceilings)
            return Terms(policy.version, tuple(ceilings))
        place = new.place
        rules = policy.rules_in(place.ruled_channel_id)
        breaks = find_rule_violations(
            rules,
            new.request,
            channel_id=place.ruled_channel_id,
            user_id=place.user_id,
            groups=self._known_groups(place.team_id, place.user_id, rules.groups or ()),
            caption=self._find_caption(new) + _find_preset_words(policy, new),
            preset=new.preset,
        )
        if breaks:
            raise NotAllowed(_explain(policy, new, breaks, choice))
        return _find_terms(policy, place, new.accepted_at, new.campaign)

    def _find_caption(self, new: NewGeneration) -> str:
        """What is known of the caption's words without asking."""
        caption_id = new.request.caption_id
        if caption_id is None:
            return ""
        known = self._captions.known_words(caption_id) if self._captions else ""
        return f"{new.sources.caption_title or ''}\n{known}"


def _find_preset_words(policy: Policy, new: NewGeneration | Generation) -> str:
    words = find_own_words(policy, new.sources.preset, new.place.ruled_channel_id)
    return f"\n{words}" if words else ""


class Permission:
    """Holds what was promised against the rules as they are now, before it is paid, and says which
    budgets it counts against by now. Implements `generations.ports.Permission`; one for the
    process."""

    def __init__(
        self,
        book: PolicyBook,
        find_groups: FindGroups,
        offer: KeepForApproval | None = None,
        captions: Captions | None = None,
        home_team_id: Callable[[], str | None] | None = None,
        is_removed: Callable[[str], Awaitable[bool]] | None = None,
    ) -> None:
        """`home_team_id` is the workspace that pays, once it is known; where it is not given, each
        pays for itself. `is_removed`: whether the app was removed from a workspace."""
        self._home_team_id = home_team_id
        self._is_removed = is_removed
        self._book = book
        self._ask_groups = find_groups
        self._keep_for_approval = offer
        self._captions = captions

    async def check(self, generation: Generation, *, is_last: bool) -> Terms:
        """See the port. The last look is at the newest policy; the ones before need no database
        where this process has a copy."""
        place = generation.place
        if is_last:
            self._check_workspace(place)
            if self._is_removed is not None and await self._is_removed(place.team_id):
                raise Rejected(Cause.APP_REMOVED)  # nothing could be brought there
        policy = await self._book.read(place.team_id, fresh=is_last)
        rules = policy.rules_in(place.ruled_channel_id)
        groups: frozenset[str] = frozenset()
        if must_ask_groups(rules, place.user_id):
            groups = await self._find_groups(place, rules.groups or ())
        has_words = bool(rules.words or rules.beginnings)
        breaks = find_rule_violations(
            rules,
            generation.request,
            channel_id=place.ruled_channel_id,
            user_id=place.user_id,
            groups=groups,
            caption=(await self._read_caption(generation) if has_words else "")
            + _find_preset_words(policy, generation),
            preset=generation.preset,
        )
        if breaks:
            raise NotAllowed(breaks)
        return _find_terms(policy, place, datetime.now(UTC), generation.campaign)

    def _check_workspace(self, place: Place) -> None:
        """Another workspace has no rules and no budgets here. It may have been promised before it
        was known which is ours: Slack is answered at once, also while it is away."""
        if self._home_team_id is None:
            return
        ours = self._home_team_id()
        if not ours:
            raise Transient(Cause.SLACK_AWAY, "it has not told yet which workspace is ours")
        if place.team_id != ours:
            log.warning("outsider.request_refused", team=place.team_id)
            raise Rejected(Cause.OUTSIDER)

    async def offer(self, generation: Generation, error: OverBudget) -> OverBudget:
        """See the port. What is approved is a request of its own: this one has ended."""
        if self._keep_for_approval is None:
            return error
        policy = await self._book.read(generation.place.team_id)
        new = NewGeneration(
            id=str(uuid.uuid4()),
            origin=f"over-budget:{generation.id}",
            place=replace(generation.place, response_url=None),
            request=generation.request,
            accepted_at=datetime.now(UTC),
            sources=generation.sources,
            parent_id=generation.parent_id,
            understood=generation.understood,
            preset=generation.preset,
            campaign=generation.campaign,
            show=generation.show,
            chain=generation.chain,
        )
        return await self._keep_for_approval(new, policy, error)

    async def _read_caption(self, generation: Generation) -> str:
        """The caption's words, which PowerPost will read beside the prompt."""
        caption_id = generation.request.caption_id
        if caption_id is None:
            return ""
        words = ""
        if self._captions is not None:
            workspace_id = generation.powerpost_workspace
            words = await self._captions.read_words(caption_id, workspace_id)
        return f"{generation.sources.caption_title or ''}\n{words}"

    async def _find_groups(self, place: Place, groups: Collection[str]) -> frozenset[str]:
        try:
            return await self._ask_groups(place.team_id, place.user_id, groups)
        except (Rejected, Misconfigured) as error:
            log.error("groups.unknown", cause=error.cause, detail=error.detail)
            raise Rejected(Cause.GROUPS_UNKNOWN, error.detail) from error
        except Transient as error:
            raise Transient(
                Cause.GROUPS_UNKNOWN,
                error.detail,
                retry_after_seconds=error.retry_after_seconds,
            ) from error


def _show(policy: Policy, new: NewGeneration, choice: Choice) -> NewGeneration:
    """`new` where it is to be shown, for the campaign that it is made for."""
    place = new.place
    said = find_show(policy, choice, channel_id=place.ruled_channel_id, user_id=place.user_id)
    show = said or new.show
    campaign = new.campaign
    if campaign is None and choice.has_defaults:  # nobody said
        campaign = policy.settings.campaign_in(place.ruled_channel_id)
    return replace(new, show=show, place=place.showing(show), campaign=campaign)


def _with_preset_files(policy: Policy, place: Place, sources: Sources) -> Sources:
    """`sources` with the files of its preset's pictures, which an earlier version does not have."""
    if sources.preset is None:
        return sources
    preset = policy.find_preset(sources.preset.name, place.ruled_channel_id)
    return sources.model_copy(update={"preset": sources.preset.with_files_of(preset)})


def _find_terms(policy: Policy, place: Place, now: datetime, campaign: str | None) -> Terms:
    ceilings = find_ceilings(
        policy.budgets,
        channel_id=place.ruled_channel_id,
        user_id=place.user_id,
        now=now,
        zone=policy.zone,
        campaign=campaign,
    )
    return Terms(policy.version, ceilings)


def _explain(
    policy: Policy, new: NewGeneration, breaks: list[RuleViolation], choice: Choice | None
) -> list[RuleViolation]:
    return explain_rule_violations(
        policy,
        breaks,
        new.request,
        choice=choice,
        preset_name=new.preset,
        channel_id=new.place.ruled_channel_id,
        user_id=new.place.user_id,
    )
