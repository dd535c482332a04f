"""The entrance: what the policy of this moment says holds, whatever was known before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from bot.entrance import Entrance
from bot.errors import Transient
from bot.generations.record import NewGeneration
from bot.policy.book import PolicyBook
from bot.policy.budgets import Budget, Period, Scope
from bot.policy.policy import Policy
from bot.policy.rules import RuleName, Rules
from bot.policy.terms import NotAllowed, StalePolicy
from tests.store.test_generations import new_generation


class Rows:
    """Policies in memory, as several processes would share them."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.reads = 0

    async def read(self, team_id: str) -> Policy:
        self.reads += 1
        return self.policy

    async def change(
        self,
        team_id: str,
        edit: Callable[[Policy], Policy],
        *,
        user_id: str,
        what: str,
        now: datetime,
    ) -> Policy:
        self.policy = edit(self.policy)
        return self.policy


class DoorOf:
    """Accepts what names the newest version of `rows`."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self.accepted: list[NewGeneration] = []

    async def accept(self, new: NewGeneration) -> bool:
        assert new.terms is not None
        if new.terms.policy_version != self._rows.policy.version:
            raise StalePolicy
        self.accepted.append(new)
        return True


class Nobody:
    """Nothing is known of user groups."""

    def known_groups(self, team_id: str, user_id: str) -> frozenset[str] | None:
        return None


def open_entrance(rows: Rows) -> tuple[Entrance, DoorOf]:
    door = DoorOf(rows)
    return Entrance(PolicyBook(rows), door, Nobody()), door


async def test_a_policy_is_read_once_while_nobody_changes_it() -> None:
    rows = Rows(Policy())
    entrance, door = open_entrance(rows)

    for number in range(3):
        await entrance.accept(new_generation(f"g{number}"))

    assert rows.reads == 1
    assert len(door.accepted) == 3


async def test_a_rule_that_another_process_has_set_holds_at_once() -> None:
    rows = Rows(Policy())
    entrance, door = open_entrance(rows)
    await entrance.accept(new_generation("g1"))
    rows.policy = Policy(version=1, rules=Rules(quantity_max=1))

    with pytest.raises(NotAllowed) as caught:
        await entrance.accept(new_generation("g2"))

    assert [each.rule for each in caught.value.breaks] == [RuleName.QUANTITY]
    assert [new.id for new in door.accepted] == ["g1"]


async def test_a_request_goes_on_with_the_budgets_that_it_counts_against() -> None:
    budget = Budget(id="b", scope=Scope.PERSON, period=Period.DAY, credits=5)
    entrance, door = open_entrance(Rows(Policy(version=3, budgets=(budget,))))

    await entrance.accept(new_generation())

    terms = door.accepted[0].terms
    assert terms is not None
    assert terms.policy_version == 3
    assert [(each.budget, each.subject) for each in terms.ceilings] == [(budget, "U1")]


async def test_a_policy_that_changes_all_the_time_is_given_up_on() -> None:
    class Restless(Rows):
        async def read(self, team_id: str) -> Policy:
            self.policy = self.policy.model_copy(update={"version": self.policy.version + 1})
            return Policy()

    entrance, door = open_entrance(Restless(Policy()))

    with pytest.raises(Transient):
        await entrance.accept(new_generation())
    assert door.accepted == []
