"""Policies: changes never swallow each other, and what is promised on an old one is refused."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.policy.budgets import Budget, Period, Scope
from bot.policy.policy import Policy
from bot.policy.rules import Rules
from bot.policy.terms import StalePolicy, Terms
from bot.store.database import Database
from bot.store.generations import GenerationStore
from bot.store.policies import PolicyStore
from tests.support.rows import NOW, new_generation


def with_budget(name: str, policy: Policy) -> Policy:
    budget = Budget(id=name, scope=Scope.WORKSPACE, period=Period.DAY, credits=5)
    return policy.model_copy(update={"budgets": (*policy.budgets, budget)})


async def add_budget(store: PolicyStore, name: str, team_id: str = "T1") -> Policy:
    return await store.change(
        team_id, lambda policy: with_budget(name, policy), user_id="U1", what="budget", now=NOW
    )


async def test_a_workspace_that_never_set_anything_has_an_empty_policy(
    any_database: Database,
) -> None:
    assert await PolicyStore(any_database).read("T1") == Policy()


async def test_changes_at_once_all_hold(any_database: Database) -> None:
    store = PolicyStore(any_database)

    await asyncio.gather(*(add_budget(store, f"b{n}") for n in range(6)))

    kept = await store.read("T1")
    assert {budget.id for budget in kept.budgets} == {f"b{n}" for n in range(6)}
    assert kept.version == 6
    assert await store.read("T2") == Policy()


async def test_an_edit_that_fails_changes_nothing(any_database: Database) -> None:
    store = PolicyStore(any_database)

    def fail(_: Policy) -> Policy:
        raise KeyError("gone")

    with pytest.raises(KeyError):
        await store.change("T1", fail, user_id="U1", what="budget", now=NOW)
    assert await store.read("T1") == Policy()


async def test_what_was_looked_at_under_an_older_policy_is_not_promised(
    any_database: Database,
) -> None:
    generations, policies = GenerationStore(any_database), PolicyStore(any_database)
    await policies.change(
        "T1",
        lambda policy: policy.model_copy(update={"rules": Rules(quantity_max=1)}),
        user_id="U1",
        what="rules",
        now=NOW,
    )

    with pytest.raises(StalePolicy):
        await generations.accept(replace(new_generation(), terms=Terms(0)))
    assert await generations.list_pending() == []
    assert await generations.accept(replace(new_generation(), terms=Terms(1)))


async def test_another_workspaces_change_is_no_change(any_database: Database) -> None:
    await add_budget(PolicyStore(any_database), "b", team_id="T2")

    assert await GenerationStore(any_database).accept(replace(new_generation(), terms=Terms(0)))


async def test_one_stale_request_does_not_hold_up_the_others_of_its_batch(
    any_database: Database,
) -> None:
    generations = GenerationStore(any_database)
    stale = replace(new_generation("g1", "command:1"), terms=Terms(7))
    fresh = replace(new_generation("g2", "command:2"), terms=Terms(0))

    ended = await asyncio.gather(
        generations.accept(stale), generations.accept(fresh), return_exceptions=True
    )

    assert isinstance(ended[0], StalePolicy)
    assert ended[1] is True
