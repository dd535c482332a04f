"""A text that is paid for is held against the workspace's rules; a draft alone is not."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import pytest

from bot.credits.estimates import Basis, Estimate
from bot.errors import Cause, Misconfigured, Rejected
from bot.policy.book import PolicyBook
from bot.policy.policy import Policy
from bot.policy.rules import RuleName, Rules
from bot.policy.terms import NotAllowed
from bot.posts.gate import PostGate
from bot.posts.record import Source
from bot.store.database import Database
from bot.store.policies import PolicyStore
from bot.store.posts import PostStore
from tests.support.post_rows import NOON, make_new_post


async def estimate(pictures: int) -> Estimate:
    return Estimate(Basis.GUIDE, 6.0 + pictures)


async def no_groups(team_id: str, user_id: str, groups: Collection[str]) -> frozenset[str]:
    raise Misconfigured(Cause.MISSING_SCOPE)


async def is_there(team_id: str) -> bool:
    return False


async def open_gate(database: Database, rules: Rules) -> PostGate:
    store = PolicyStore(database)

    def edit(policy: Policy) -> Policy:
        return policy.model_copy(update={"rules": rules})

    await store.change("T1", edit, user_id="U9", what="rules", now=NOON)
    return PostGate(PolicyBook(store), PostStore(database, "p"), estimate, no_groups, is_there)


@pytest.mark.parametrize(
    ("rules", "broken"),
    [
        (Rules(words=("boat",)), RuleName.WORD),
        (Rules(people=("U2",)), RuleName.PERSON),
        (Rules(channels=("C2",)), RuleName.CHANNEL),
    ],
)
async def test_rules_hold_for_a_text(
    any_database: Database, rules: Rules, broken: RuleName
) -> None:
    gate = await open_gate(any_database, rules)
    with pytest.raises(NotAllowed) as refused:
        await gate.accept(make_new_post(Source.WRITTEN), has_order=True)
    assert [each.rule for each in refused.value.breaks] == [broken]
    assert await gate.accept(make_new_post(), has_order=False)


async def test_rules_about_pictures_do_not(any_database: Database) -> None:
    gate = await open_gate(any_database, Rules(models=(), preset="brand"))
    new = make_new_post(Source.WRITTEN)
    assert await gate.accept(new, has_order=True)
    assert not await gate.accept(replace(new, id="d2"), has_order=True)


async def test_groups_that_nobody_can_ask_for_let_nothing_be_paid(any_database: Database) -> None:
    gate = await open_gate(any_database, Rules(groups=("S1",)))
    with pytest.raises(Rejected) as refused:
        await gate.accept(make_new_post(Source.WRITTEN), has_order=True)
    assert refused.value.cause is Cause.GROUPS_UNKNOWN


async def test_nothing_is_paid_in_a_workspace_that_is_not_set_up(any_database: Database) -> None:
    gate = await open_gate(any_database, Rules())
    new = replace(make_new_post(Source.WRITTEN), powerpost_workspace="gone")
    with pytest.raises(Rejected) as refused:
        await gate.accept(new, has_order=True)
    assert refused.value.cause is Cause.WORKSPACE_UNKNOWN
