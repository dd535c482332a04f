"""Texts that are paid for count against budgets, and are no unknown charge."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import NewerVersion
from bot.policy.terms import OverBudget, StalePolicy, Terms
from bot.posts.record import PostState, Source
from bot.store.database import Database
from bot.store.generations import GenerationStore
from bot.store.heartbeats import HeartbeatStore
from bot.store.posts import PostStore
from bot.store.prices import PriceStore
from bot.store.spending import SpendingStore
from bot.store.tables import posts
from tests.store.examples import insert, post_row
from tests.support.budget_rows import NOW, asked, budget, ceilings
from tests.support.post_rows import make_new_post

TEN = budget(10)
TERMS = Terms(0, ceilings(TEN))


async def test_a_text_is_held_against_budgets_beside_pictures(any_database: Database) -> None:
    store = PostStore(any_database, "p")
    first, second = (
        make_new_post(Source.WRITTEN, number=number, accepted_at=NOW) for number in (1, 2)
    )
    assert await store.accept(first, TERMS, 7.0)
    with pytest.raises(OverBudget) as refused:
        await store.accept(second, TERMS, 7.0)
    assert refused.value.shortfalls[0].left == 3
    with pytest.raises(OverBudget):
        await GenerationStore(any_database).accept(asked("g1", TEN))  # guide price 5
    (use,) = await SpendingStore(any_database).usage("T1", ceilings(TEN))
    assert use.used == 7


@pytest.mark.parametrize(
    ("state", "used"),
    [
        (PostState.ORDERING, 7),
        (PostState.TEXT_UNKNOWN, 7),
        (PostState.REFUSED, 0),
        (PostState.WRITING, 6.5),  # as PowerPost said
    ],
)
async def test_what_a_text_holds_goes_by_its_state(
    any_database: Database, state: PostState, used: float
) -> None:
    store = PostStore(any_database, "p")
    await store.accept(make_new_post(Source.WRITTEN, accepted_at=NOW), TERMS, 7.0)
    paid = {"credits_used": 6.5, "submitted_at": NOW, "caption_id": "c1"}
    changes = paid if state is PostState.WRITING else {}
    assert await store.advance("d1", PostState.ACCEPTED, state, **changes)
    (use,) = await SpendingStore(any_database).usage("T1", ceilings(TEN))
    assert use.used == used
    if state is PostState.WRITING:
        assert (await PriceStore(any_database).estimate_text(1)).credits == 6.5
        assert (await PriceStore(any_database).estimate_text(3)).credits == 8.5


async def test_a_text_is_asked_about_again_before_it_is_paid(any_database: Database) -> None:
    store = PostStore(any_database, "p")
    await store.accept(make_new_post(Source.WRITTEN, accepted_at=NOW), TERMS, 7.0)
    post = await store.read("d1")
    with pytest.raises(StalePolicy):
        await store.intend_order(post, replace(TERMS, policy_version=4))
    with pytest.raises(OverBudget):
        await store.intend_order(post, Terms(0, ceilings(budget(5))))
    assert (await store.read("d1")).state is PostState.ACCEPTED
    assert await store.intend_order(post, TERMS)
    assert not await store.intend_order(post, TERMS)


async def test_a_paid_text_does_not_look_like_a_restored_backup(any_database: Database) -> None:
    hearts, store = HeartbeatStore(any_database), PostStore(any_database, "p")
    await hearts.note(100.0, NOW)
    await store.accept(make_new_post(Source.WRITTEN, accepted_at=NOW), None, 7.0)
    assert await hearts.count_unpaid() == 1
    post = await store.read("d1")
    assert await store.intend_order(post, Terms(0), intended_at=NOW)
    assert await hearts.list_out(NOW - timedelta(hours=1)) == [("captions", 1)]
    paid = {"credits_used": 7.0, "balance_after": 93.0, "submitted_at": NOW + timedelta(hours=1)}
    await store.advance("d1", PostState.ORDERING, PostState.WRITING, caption_id="c1", **paid)
    assert await hearts.list_out(NOW - timedelta(hours=1)) == []
    last = await hearts.last_seen()
    assert last is not None
    assert last.balance == 93.0


@pytest.mark.parametrize(
    ("source", "left", "state", "used"),
    [
        (Source.TYPED, PostState.ACCEPTED, PostState.UNKNOWN, 0),
        (Source.TYPED, PostState.DRAFTING, PostState.UNKNOWN, 0),
        (Source.WRITTEN, PostState.ACCEPTED, PostState.TEXT_UNKNOWN, 7),
        (Source.WRITTEN, PostState.ORDERING, PostState.TEXT_UNKNOWN, 7),
        (Source.WRITTEN, PostState.READY, PostState.UNKNOWN, 0),
    ],
)
async def test_of_a_restored_draft_it_is_unknown_what_was_made_and_paid(
    any_database: Database, source: Source, left: PostState, state: PostState, used: float
) -> None:
    store = PostStore(any_database, "p")
    estimate = 7.0 if source is Source.WRITTEN else None
    terms = TERMS if source is Source.WRITTEN else None
    await store.accept(make_new_post(source, accepted_at=NOW), terms, estimate)
    if left is not PostState.ACCEPTED:
        assert await store.advance("d1", PostState.ACCEPTED, left)
    assert await HeartbeatStore(any_database).settle_restored(100.0, NOW) == 1
    assert (await store.read("d1")).state is state
    (use,) = await SpendingStore(any_database).usage("T1", ceilings(TEN))
    assert use.used == used


@pytest.mark.parametrize("newer", [{"state": "scheduled"}, {"request": {"source": "dreamt"}}])
async def test_what_a_newer_version_wrote_is_left_to_it(
    any_database: Database, newer: dict[str, object]
) -> None:
    await insert(any_database, posts, post_row("d1", NOW) | newer)
    with pytest.raises(NewerVersion):
        await PostStore(any_database, "p").read("d1")
