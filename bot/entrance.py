"""The entrance: every request is held against the workspace's policy before it is promised."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, Protocol

from bot.errors import Cause, Transient
from bot.generations.record import NewGeneration
from bot.policy.book import PolicyBook
from bot.policy.budgets import find_ceilings
from bot.policy.policy import Policy
from bot.policy.rules import find_breaks
from bot.policy.terms import NotAllowed, OverBudget, StalePolicy, Terms

# A policy that is changed as often as this while one request is looked at is nobody's.
_LOOKS: Final = 5


class Door(Protocol):
    """Where requests are promised (bot/generations/admission.py)."""

    async def accept(self, new: NewGeneration) -> bool:
        """Put it on disk; Transient where that failed."""


class Members(Protocol):
    """Who is in which of Slack's user groups."""

    def known_groups(self, team_id: str, user_id: str) -> frozenset[str] | None:
        """The groups of the rules that the person is in, as far as they were asked for lately;
        None where that is not known. Never waits."""


class Offers(Protocol):
    """Where requests over budget are kept for approval (bot/approvals.py)."""

    async def offer(self, new: NewGeneration, policy: Policy, error: OverBudget) -> OverBudget:
        """`error`, which names what was kept, where there is anybody who may approve."""


class Entrance:
    """A door with a doorkeeper. One for the process."""

    def __init__(
        self, book: PolicyBook, door: Door, members: Members, offers: Offers | None = None
    ) -> None:
        self._book = book
        self._door = door
        self._members = members
        self._offers = offers

    async def accept(self, new: NewGeneration) -> bool:
        """Promise `new`: see Admission.accept. Raises NotAllowed or OverBudget, too: then nothing
        is kept and nothing will be spent."""
        team_id = new.place.team_id
        for _ in range(_LOOKS):
            policy = await self._book.read(team_id)
            terms = self.find_terms(policy, new)
            try:
                return await self._door.accept(replace(new, terms=terms))
            except StalePolicy:
                self._book.forget(team_id)
            except OverBudget as error:
                if self._offers is None:
                    raise
                raise await self._offers.offer(new, policy, error) from error
        raise Transient(Cause.STORAGE, "the policy changes all the time")

    def find_terms(self, policy: Policy, new: NewGeneration) -> Terms:
        """On what terms `policy` has `new` promised. NotAllowed where its rules forbid it."""
        place = new.place
        breaks = find_breaks(
            policy.rules_in(place.channel_id),
            new.request,
            channel_id=place.channel_id,
            user_id=place.user_id,
            groups=self._members.known_groups(place.team_id, place.user_id),
        )
        if breaks:
            raise NotAllowed(breaks)
        ceilings = find_ceilings(
            policy.budgets,
            channel_id=place.channel_id,
            user_id=place.user_id,
            now=new.accepted_at,
            zone=policy.zone,
        )
        return Terms(policy.version, ceilings)
