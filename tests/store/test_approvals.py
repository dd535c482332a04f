"""The rows of approvals: of several who decide at once one does, and nothing is said twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.generations.approval import (
    REQUESTER,
    Approval,
    ApprovalMessage,
    ApprovalState,
    Verdict,
)
from bot.generations.queue import GenerationQueue
from bot.generations.record import NewGeneration, State
from bot.images.request import ImageRequest
from bot.policy.book import PolicyBook
from bot.policy.policy import Policy, WorkspaceSettings
from bot.policy.terms import OverBudget, StalePolicy, Terms
from bot.requests.approvals import ApprovalOffers, ApprovalService, ApprovalSweep
from bot.requests.gate import Gate
from bot.slack.approvals.notifier import ApprovalNotifier
from bot.store.approvals import CLAIM_LIFETIME, ApprovalStore
from bot.store.database import Database
from bot.store.drafts import DraftStore
from bot.store.generations import GenerationStore
from bot.store.policies import PolicyStore
from bot.store.spending import SpendingStore
from tests.support.budget_rows import asked, budget, ceilings

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TERMS = Terms(0, ceilings(budget(1.0)))


async def ask(database: Database, *addresses: str, approval_id: str = "a1") -> ApprovalStore:
    """A request that waits for a decision; its cards are not posted yet."""
    store = ApprovalStore(database, "local")
    new = asked(f"g-{approval_id}", budget(1.0), quantity=2)
    assert await store.offer(Approval(approval_id, new, (), NOW + DAY))
    approval = await store.read(approval_id)
    assert approval is not None
    assert await store.ask(approval, addresses or ("C9",), NOW) is Verdict.DONE
    return store


async def approve(
    store: ApprovalStore, by: str = "U2", now: datetime = NOW + HOUR, terms: Terms = TERMS
) -> bool:
    approval = await store.read("a1")
    assert approval is not None
    new = approval.approved_generation(by, now)
    return await store.approve("a1", new, terms, now) is not None


async def state_of(store: ApprovalStore) -> ApprovalState:
    approval = await store.read("a1")
    assert approval is not None
    return approval.state


async def say_all(store: ApprovalStore, now: datetime) -> list[tuple[str, ApprovalState, bool]]:
    """Say what is due: to whom, what, and whether it is an edit."""
    said = []
    for message in sorted(await store.claim_messages(now), key=lambda each: each.address):
        await store.note_shown(message, channel_id="D1", ts="1.1")
        said.append((message.address, message.approval.state, message.ts is not None))
    return said


async def test_what_was_offered_is_asked_for_once(any_database: Database) -> None:
    store = await ask(any_database)

    approval = await store.read("a1")
    assert approval is not None
    assert await store.ask(approval, ("C9",), NOW) is Verdict.ENDED
    assert await state_of(store) is ApprovalState.ASKED
    assert await say_all(store, NOW) == [("C9", ApprovalState.ASKED, False)]
    assert await say_all(store, NOW) == []


async def test_two_approvers_at_once_make_one_generation(
    any_database: Database, same_database: Database
) -> None:
    await ask(any_database)
    stores = [ApprovalStore(any_database, "a"), ApprovalStore(same_database, "b")] * 3

    won = await asyncio.gather(*(approve(store, f"U{n}") for n, store in enumerate(stores, 2)))

    assert won.count(True) == 1
    kept = await GenerationStore(any_database).read("g-a1")
    assert (kept.state, kept.origin) == (State.ACCEPTED, "command:g-a1")
    assert kept.approved_by == f"U{won.index(True) + 2}"
    assert kept.owner == ("a" if won.index(True) % 2 == 0 else "b")
    (use,) = await SpendingStore(any_database).usage("T1", ceilings(budget(1.0)))
    assert use.used == 12.0  # two pictures at the guide price


async def test_of_two_approvals_of_one_request_one_generation_comes(
    any_database: Database, same_database: Database
) -> None:
    """However it came to two: a version of before may have offered twice."""
    stores = [ApprovalStore(any_database, "a"), ApprovalStore(same_database, "b")]
    for number, store in enumerate(stores):
        new = replace(asked(f"g{number}", budget(1.0)), origin="message:1")
        await store.offer(Approval(f"a{number}", new, (), NOW + DAY))
    read = [await store.read(f"a{number}") for number, store in enumerate(stores)]
    approved = [each.approved_generation("U2", NOW) for each in read if each is not None]
    for each, store in zip(read, stores, strict=True):
        assert each is not None
        assert await store.ask(each, ["C9"], NOW) is Verdict.DONE

    promised = await asyncio.gather(
        *(
            store.approve(f"a{number}", new, TERMS, NOW)
            for number, (store, new) in enumerate(zip(stores, approved, strict=True))
        )
    )
    again = await GenerationStore(any_database).accept(
        replace(asked("g9"), origin="message:1", terms=None)
    )

    assert promised in (["g0", "g0"], ["g1", "g1"])
    assert not again
    with pytest.raises(KeyError):
        await GenerationStore(any_database).read({"g0": "g1", "g1": "g0"}[str(promised[0])])


async def test_a_request_that_is_delivered_twice_is_offered_once_until_it_is_decided(
    any_database: Database, same_database: Database
) -> None:
    settings = WorkspaceSettings(approvers=("U2",))
    offers = [ApprovalOffers(ApprovalStore(each, "a")) for each in (any_database, same_database)]
    refused = OverBudget(())

    async def offer(id_: str, **changes: Any) -> str | None:
        new = replace(asked(id_, budget(1.0)), origin="message:1", accepted_at=NOW, **changes)
        error = await offers[len(id_) % 2].offer(new, Policy(settings=settings), refused)
        return error.approval_id

    first, second = await asyncio.gather(offer("g1"), offer("g22"))
    assert first is not None
    assert first == second
    assert await offer("g3", request=ImageRequest(prompt="another")) != first
    store = ApprovalStore(any_database, "a")
    offered = await store.read(first)
    assert offered is not None
    assert await store.ask(offered, ["C9"], NOW) is Verdict.DONE
    assert await offer("g4") == first  # asked for: the answer says so
    await store.deny(first, "U2", "no", NOW + HOUR)
    assert await offer("g5") not in (first, None)


async def test_who_may_decide_by_now_has_a_card(any_database: Database) -> None:
    store = await ask(any_database, "C9")
    policies, delivered = list[Policy](), list[str]()

    async def deliver() -> None:
        delivered.extend(each.address for each in await store.claim_messages(NOW))

    async def read_policy(team_id: str) -> Policy:
        return policies[-1]

    sweep = ApprovalSweep(store, deliver, read_policy, clock=lambda: NOW)
    for settings, due in (
        (WorkspaceSettings(approval_channel="C9"), ["C9"]),
        (WorkspaceSettings(approval_channel="C10"), ["C10"]),
        (WorkspaceSettings(approvers=("U1", "U3")), ["U3"]),  # U1 wants it
        (WorkspaceSettings(approval_channel="C9"), []),
    ):
        policies.append(Policy(settings=settings))
        delivered.clear()
        await sweep.sweep()
        assert delivered == due


class Clumsy(AsyncWebClient):
    """Posts, except to one channel, where it falls over its own feet."""

    def __init__(self) -> None:
        super().__init__()
        self.tries, self.posted = 0, list[str]()

    async def chat_postMessage(self, *, channel: str, **content: Any) -> Any:  # noqa: N802 - theirs
        if channel == "C-broken":
            self.tries += 1
            raise RuntimeError("a mistake of ours")
        self.posted.append(channel)
        return {"channel": channel, "ts": "1.1"}


async def test_what_a_mistake_of_ours_keeps_from_being_said_is_given_up_and_keeps_up_nobody(
    any_database: Database,
) -> None:
    store = await ask(any_database, "C-broken", "C9")
    client, now = Clumsy(), NOW

    async def read_policy(team_id: str) -> Policy:
        return Policy()

    async def keep(new: NewGeneration) -> None:
        return None

    notifier = ApprovalNotifier(client, store, read_policy, keep, clock=lambda: now)
    while now < NOW + 4 * DAY:
        await notifier.deliver()
        now += timedelta(minutes=1) if now < NOW + HOUR else HOUR

    assert client.posted == ["C9"]
    assert 10 <= client.tries <= 15
    assert await store.claim_messages(now) == []


async def test_approved_denied_and_expired_at_once_ends_in_one_way(
    any_database: Database, same_database: Database
) -> None:
    store = await ask(any_database)
    other = ApprovalStore(same_database, "b")
    at_the_end = NOW + DAY

    approved, denied, expired = await asyncio.gather(
        approve(store, now=at_the_end - timedelta(seconds=1)),
        other.deny("a1", "U3", "no", at_the_end - timedelta(seconds=1)),
        other.expire(at_the_end),
    )

    assert [approved, denied, bool(expired)].count(True) == 1
    outcome = {
        ApprovalState.APPROVED: approved,
        ApprovalState.DENIED: denied,
        ApprovalState.EXPIRED: bool(expired),
    }
    assert outcome[await state_of(store)]
    assert len(await GenerationStore(any_database).list_pending()) == int(approved)


async def test_what_has_ended_is_not_approved_though_no_sweep_has_seen_it(
    any_database: Database,
) -> None:
    store = await ask(any_database)

    assert not await approve(store, now=NOW + DAY)
    assert not await store.deny("a1", "U2", "no", NOW + DAY)
    assert await store.has_overdue(NOW + DAY)
    assert await store.expire(NOW + DAY) == ["a1"]
    assert await store.expire(NOW + DAY) == []
    with pytest.raises(KeyError):
        await GenerationStore(any_database).read("g-a1")


async def test_a_policy_that_changes_while_somebody_approves_is_looked_at_again(
    any_database: Database, same_database: Database
) -> None:
    store = await ask(any_database)
    edit: Callable[[Policy], Policy] = lambda policy: policy  # noqa: E731

    change = PolicyStore(same_database).change("T1", edit, user_id="U9", what="budget", now=NOW)
    answer, changed = await asyncio.gather(approve(store), change, return_exceptions=True)

    assert isinstance(changed, Policy)
    assert changed.version == 1
    assert answer is True or isinstance(answer, StalePolicy)
    if answer is True:  # it was before the change
        return
    assert await state_of(store) is ApprovalState.ASKED
    assert await approve(store, terms=Terms(1))


async def test_what_was_looked_at_under_another_policy_is_not_approved(
    any_database: Database,
) -> None:
    store = await ask(any_database)
    await PolicyStore(any_database).change(
        "T1", lambda policy: policy, user_id="U9", what="rules", now=NOW
    )

    with pytest.raises(StalePolicy):
        await approve(store, terms=Terms(0))

    assert await state_of(store) is ApprovalState.ASKED
    assert await GenerationStore(any_database).list_pending() == []
    assert await approve(store, terms=Terms(1))


async def test_an_ending_brings_every_card_up_to_date_and_tells_the_requester(
    any_database: Database,
) -> None:
    store = await ask(any_database, "U2", "U3")
    await say_all(store, NOW)

    assert await store.deny("a1", "U2", "too dear", NOW + HOUR)

    assert await say_all(store, NOW + HOUR) == [
        (REQUESTER, ApprovalState.DENIED, False),
        ("U2", ApprovalState.DENIED, True),
        ("U3", ApprovalState.DENIED, True),
    ]
    denied = await store.read("a1")
    assert denied is not None
    assert (denied.decided_by, denied.reason) == ("U2", "too dear")


async def test_what_is_due_is_one_processs_to_say(
    any_database: Database, same_database: Database
) -> None:
    await ask(any_database, "U2", "U3", "U4")
    stores = [ApprovalStore(any_database, "a"), ApprovalStore(same_database, "b")] * 2

    taken = await asyncio.gather(*(store.claim_messages(NOW) for store in stores))

    assert sorted(each.address for part in taken for each in part) == ["U2", "U3", "U4"]


async def test_what_a_dead_process_had_taken_is_due_again_later(any_database: Database) -> None:
    store = await ask(any_database)
    assert len(await store.claim_messages(NOW)) == 1

    assert await store.claim_messages(NOW + CLAIM_LIFETIME - timedelta(seconds=1)) == []
    assert len(await store.claim_messages(NOW + CLAIM_LIFETIME)) == 1


async def test_a_card_that_is_decided_while_it_is_posted_is_due_again(
    any_database: Database,
) -> None:
    store = await ask(any_database)
    (message,) = await store.claim_messages(NOW)

    await approve(store, now=NOW + timedelta(seconds=1))
    await store.note_shown(message, channel_id="C9", ts="1.1")

    assert await say_all(store, NOW + timedelta(seconds=1)) == [
        (REQUESTER, ApprovalState.APPROVED, False),
        ("C9", ApprovalState.APPROVED, True),
    ]


async def test_where_no_card_can_be_posted_it_ends_and_is_told(any_database: Database) -> None:
    store = await ask(any_database, "C9")
    (message,) = await store.claim_messages(NOW)
    await store.add_cards("a1", ["U2"], NOW)
    await store.note_shown(message, channel_id=None, ts=None)
    assert not await store.give_up("a1", NOW)

    (second,) = await store.claim_messages(NOW)
    await store.note_shown(second, channel_id=None, ts=None)

    assert await store.give_up("a1", NOW)
    assert await state_of(store) is ApprovalState.UNREACHED
    due: list[ApprovalMessage] = await store.claim_messages(NOW)
    assert REQUESTER in {each.address for each in due}


async def test_what_nobody_asked_for_is_forgotten_after_a_day(any_database: Database) -> None:
    store = ApprovalStore(any_database, "local")
    await store.offer(Approval("a1", asked("g1", budget(1.0)), (), NOW + DAY))

    await store.expire(NOW + DAY - HOUR)
    assert await store.read("a1") is not None
    await store.expire(NOW + DAY)
    assert await store.read("a1") is None


async def test_the_request_is_kept_to_the_letter(any_database: Database) -> None:
    store = await ask(any_database)

    kept = await store.read("a1")

    assert kept is not None
    assert kept.new == replace(asked("g-a1", budget(1.0), quantity=2), terms=None)
    assert (kept.asked_at, kept.expires_at) == (NOW, NOW + DAY)


async def test_a_draft_that_was_offered_is_in_the_state_of_its_approval(
    any_database: Database,
) -> None:
    drafts = DraftStore(any_database)
    await drafts.save("T1", "U1", {"prompt": "fog"}, NOW, generation_id="g-a1")
    unknown = await drafts.find("T1", "U1", NOW)
    store = await ask(any_database)
    asked_ = await drafts.find("T1", "U1", NOW)
    await store.deny("a1", "U2", "no", NOW + HOUR)
    denied = await drafts.find("T1", "U1", NOW)

    found = [each and each.sent_state for each in (unknown, asked_, denied)]
    assert found == [None, ApprovalState.ASKED, ApprovalState.DENIED]


async def test_what_is_approved_is_begun_at_once_and_once(any_database: Database) -> None:
    store = await ask(any_database, "U2")
    await PolicyStore(any_database).change(
        "T1",
        lambda policy: policy.model_copy(update={"settings": WorkspaceSettings(approvers=("U2",))}),
        user_id="U2",
        what="settings",
        now=NOW,
    )
    begun: list[NewGeneration] = []
    gate, queue = Mock(Gate), Mock(GenerationQueue)
    gate.find_terms.return_value = Terms(1, ceilings(budget(1.0)))
    queue.take_up.side_effect = begun.append
    service = ApprovalService(store, PolicyBook(PolicyStore(any_database)), gate, queue)

    verdicts = [await service.approve("a1", "T1", "U2", "D2", NOW) for _ in range(2)]

    assert [verdict for verdict, _ in verdicts] == [Verdict.DONE, Verdict.ENDED]
    assert [new.id for new in begun] == ["g-a1"]
    assert begun[0].approved_by == "U2"
