"""Words about approvals that Slack did not take: said again, when Slack says or when nobody else
can be saying them any more, and once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.generations.approval import APPROVAL_LIFETIME, Approval, ApprovalState, Verdict
from bot.policy.policy import Policy
from bot.sandbox.serving import serve
from bot.sandbox.slack.records import Message
from bot.sandbox.slack.web import build_app
from bot.sandbox.slack.workspace import Workspace
from bot.slack.approvals.notifier import ApprovalNotifier
from bot.slack.kit.connection import build_client
from bot.store.approvals import CLAIM_LIFETIME, ApprovalStore
from bot.store.database import Database
from bot.store.questions import QuestionStore
from tests.support.budget_rows import asked
from tests.support.schema import make_migrated_file

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
BENS_DM = "D0BEN"
CLAIM_SECONDS = CLAIM_LIFETIME.total_seconds()


@dataclass
class Post:
    """A courier whose clock stands, Slack, and one request that Ben may decide on."""

    workspace: Workspace
    store: ApprovalStore
    notifier: ApprovalNotifier
    clock: list[datetime] = field(default_factory=lambda: [NOW])

    async def deliver_at(self, seconds: float) -> None:
        """Say what is due so many seconds after the request, by three at once."""
        self.clock[0] = NOW + timedelta(seconds=seconds)
        await asyncio.gather(*(self.notifier.deliver() for _ in range(3)))

    @property
    def cards(self) -> list[Message]:
        return [m for m in self.workspace.messages[BENS_DM] if "asks for approval" in m.text]

    def tries(self, method: str) -> int:
        return sum(exchange.method == method for exchange in self.workspace.exchanges)


@pytest.fixture
async def post(tmp_path: Path) -> AsyncIterator[Post]:
    workspace = Workspace()
    database = Database(make_migrated_file(tmp_path / "imagine.sqlite3"))
    store, clock = ApprovalStore(database, "local"), [NOW]

    async def read_policy(team_id: str) -> Policy:
        return Policy()

    async with serve(build_app(workspace)) as slack_url:
        workspace.base_url = slack_url
        client = build_client(f"{slack_url}/api", workspace.bot_token)
        keep = QuestionStore(database).keep
        notifier = ApprovalNotifier(client, store, read_policy, keep, clock=lambda: clock[0])
        new = asked("g1", user="U0ADA", channel="C0DESIGN")
        approval = Approval("a1", new, (), NOW + APPROVAL_LIFETIME)
        await store.offer(approval)
        assert await store.ask(approval, ["U0BEN"], NOW) is Verdict.DONE
        yield Post(workspace, store, notifier, clock)
        assert client.session is not None
        await client.session.close()
    await database.close()


@pytest.mark.parametrize(
    ("fault", "due_seconds"),
    [
        pytest.param("ratelimited", 7.0, id="when Slack says"),
        pytest.param("http_500", CLAIM_SECONDS, id="when the claim ends"),
        pytest.param("internal_error", CLAIM_SECONDS, id="when the claim ends, Slack's own fault"),
        pytest.param("dropped_before", CLAIM_SECONDS, id="when the claim ends, no answer"),
    ],
)
async def test_a_card_that_slack_did_not_take_is_posted_when_it_is_due_and_once(
    post: Post, fault: str, due_seconds: float
) -> None:
    post.workspace.faults.retry_after_seconds = 7
    post.workspace.faults.next_call("chat.postMessage", fault)

    await post.deliver_at(0)
    assert post.tries("chat.postMessage") == 1
    await post.deliver_at(due_seconds - 0.5)
    assert post.tries("chat.postMessage") == 1
    assert post.cards == []

    await post.deliver_at(due_seconds + 0.5)
    assert len(post.cards) == 1
    await post.deliver_at(2 * due_seconds + 1)
    assert post.tries("chat.postMessage") == 2


async def test_a_card_that_could_not_be_brought_up_to_date_is_later(post: Post) -> None:
    await post.deliver_at(0)
    assert await post.store.deny("a1", "U0BEN", "too dear", NOW)
    post.workspace.faults.retry_after_seconds = 7
    post.workspace.faults.next_call("chat.update", "ratelimited")

    await post.deliver_at(1)
    assert "Denied" not in str(post.cards[0].blocks)
    await post.deliver_at(7)
    assert "Denied" not in str(post.cards[0].blocks)
    await post.deliver_at(9)

    assert "Denied" in str(post.cards[0].blocks)
    assert post.tries("chat.update") == 2


async def test_a_card_that_was_deleted_is_let_be_and_the_requester_is_told(post: Post) -> None:
    await post.deliver_at(0)
    post.workspace.messages[BENS_DM].clear()
    assert await post.store.deny("a1", "U0BEN", "too dear", NOW)

    await post.deliver_at(1)
    await post.deliver_at(1 + CLAIM_SECONDS)

    assert post.tries("chat.update") == 1
    assert [m.text for m in post.workspace.messages["D0ADA"] if "too dear" in m.text]


async def test_two_days_after_the_end_nobody_waits_for_it_any_more(post: Post) -> None:
    lifetime = APPROVAL_LIFETIME.total_seconds()
    post.workspace.faults.next_call("chat.postMessage", "http_500", times=3)
    await post.deliver_at(0)

    await post.deliver_at(2 * lifetime)
    assert post.tries("chat.postMessage") == 2
    await post.deliver_at(2 * lifetime + CLAIM_SECONDS)  # the last try
    await post.deliver_at(2 * lifetime + 3 * CLAIM_SECONDS)

    assert post.tries("chat.postMessage") == 3
    approval = await post.store.read("a1")
    assert approval is not None
    assert approval.state is ApprovalState.ASKED
    assert post.cards == []


async def test_a_mistake_of_ours_puts_a_card_off_for_longer_each_time(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = 0

    def fail(_approval: Approval) -> Any:
        nonlocal tries
        tries += 1
        raise ValueError("a mistake")

    monkeypatch.setattr("bot.slack.approvals.notifier.show_card", fail)
    for seconds in range(0, 3600, 30):
        await post.deliver_at(seconds)

    assert 2 <= tries <= 10  # each time after as long again: one in half a minute would be 120
    monkeypatch.undo()
    await post.deliver_at(2 * 3600)
    assert len(post.cards) == 1
