"""The steps of a draft on a database: what is sent at most once, and what a new process makes of
what another has left."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.errors import Cause, ImagineError, Misconfigured, NotOurs, OutcomeUnknown, Rejected
from bot.policy.terms import Terms
from bot.posts.ports import Captions, Look, Ordered, Sent
from bot.posts.record import NewPost, Plan, PlanState, Post, PostRequest, PostState, Source
from bot.posts.workflow import PostWorkflow, find_title, name_entry
from bot.store.database import Database
from bot.store.ledger import LedgerStore
from bot.store.posts import PostStore
from tests.support.post_rows import make_new_post

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


class Desk:
    """PowerPost, which answers what it is told to, and notes what it is sent."""

    def __init__(self, **answers: ImagineError) -> None:
        self.answers = answers
        self.sent: list[str] = []
        self.workspaces: list[str | None] = []
        self.captions = Captions(True, texts={"x": "Written"})

    def for_workspace(self, workspace_id: str | None) -> Desk:
        self.workspaces.append(workspace_id)
        return self

    @contextlib.asynccontextmanager
    async def turn(self, sent: Sent) -> AsyncIterator[None]:
        yield

    def _answer(self, what: str) -> None:
        self.sent.append(what)
        if what in self.answers:
            raise self.answers[what]

    async def order(self, request: PostRequest) -> Ordered:
        self._answer("order")
        return Ordered("c1", 7.0, 93.0)

    async def read_captions(self, caption_id: str) -> Captions:
        return self.captions

    async def draft(self, request: PostRequest) -> Look:
        self._answer("draft")
        return Look("p1", "draft")

    async def look(self, post_id: str) -> Look:
        return Look(post_id, "draft")

    async def plan(self, request: PostRequest, title: str) -> None:
        self._answer("plan")

    async def balance(self) -> float:
        return 100.0


class Thread:
    """Where it is told, once for each time."""

    def __init__(self, posts: PostStore) -> None:
        self._posts = posts
        self.told: list[PostState] = []

    async def tell(self, post: Post) -> None:
        self.told.append(post.state)
        await self._posts.note(post.id, told_at=datetime.now(UTC))


class Open:
    """No rules, no budgets."""

    async def check(self, post: Post) -> Terms:
        return Terms(0)


async def run(
    database: Database, new: NewPost, desk: Desk, state: PostState | None = None
) -> tuple[Post, Thread]:
    """Promise it, have it stand in `state` as a process that is gone has left it, and run it."""
    posts = PostStore(database, "p")
    has_order = new.request.source is Source.WRITTEN
    assert await posts.accept(new, Terms(0) if has_order else None, 7.0 if has_order else None)
    if state is not None:
        assert await posts.advance(new.id, PostState.ACCEPTED, state)
    thread = Thread(posts)
    settle = LedgerStore(database).settle
    workflow = PostWorkflow(posts, desk, thread, Open(), settle, poll_seconds=0.0)
    await workflow.run(new.id)
    return await posts.read(new.id), thread


@pytest.mark.parametrize(
    ("answers", "state", "sent"),
    [
        ({}, PostState.DRAFTED, ["order", "draft"]),
        ({"order": OutcomeUnknown(Cause.NO_ANSWER)}, PostState.TEXT_UNKNOWN, ["order"]),
        ({"order": Rejected(Cause.INSUFFICIENT_CREDITS)}, PostState.REFUSED, ["order"]),
        ({"draft": OutcomeUnknown(Cause.SERVER_ERROR)}, PostState.UNKNOWN, ["order", "draft"]),
        ({"draft": Misconfigured(Cause.INSUFFICIENT_SCOPE)}, PostState.REFUSED, ["order", "draft"]),
    ],
)
async def test_each_is_sent_once_whatever_is_answered(
    any_database: Database, answers: dict[str, ImagineError], state: PostState, sent: list[str]
) -> None:
    desk = Desk(**answers)
    post, thread = await run(any_database, make_new_post(Source.WRITTEN), desk)
    assert (post.state, desk.sent, thread.told) == (state, sent, [state])


@pytest.mark.parametrize(
    ("left", "state"),
    [
        (PostState.ORDERING, PostState.TEXT_UNKNOWN),
        (PostState.DRAFTING, PostState.UNKNOWN),
    ],
)
async def test_what_another_process_intended_is_unknown_and_not_sent(
    any_database: Database, left: PostState, state: PostState
) -> None:
    desk = Desk()
    post, _ = await run(any_database, make_new_post(Source.WRITTEN), desk, left)
    assert (post.state, post.cause, desk.sent) == (state, Cause.INTERRUPTED, [])


async def test_a_paid_text_is_entered_once_and_its_refund_is_expected(
    any_database: Database,
) -> None:
    desk = Desk()
    desk.captions = Captions(True, is_failed=True)
    post, _ = await run(any_database, make_new_post(Source.WRITTEN), desk)
    assert (post.state, post.is_text_failed, desk.sent) == (PostState.REFUSED, True, ["order"])
    ledger = LedgerStore(any_database)
    await ledger.settle(post.id, datetime.now(UTC))
    entries = await ledger.read_entries()
    kinds = [(each.kind.value, each.model, each.credits, each.expected) for each in entries]
    assert kinds[0] == ("charge", "captions", 7.0, 0.0)
    assert kinds[1][0] == "refund_expected"
    assert kinds[1][3] == -7.0
    assert await ledger.find_wrong_sums(NOON - timedelta(days=1)) == []
    (window,) = await ledger.read_charge_windows()
    assert (window.generation_id, window.credits) == (post.id, 7.0)


PLAN = Plan(day=date(2027, 5, 12))


@pytest.mark.parametrize(
    ("answers", "plan_state"),
    [
        ({}, PlanState.PLANNED),
        ({"plan": OutcomeUnknown(Cause.NO_ANSWER)}, PlanState.UNKNOWN),
        ({"plan": Misconfigured(Cause.INSUFFICIENT_SCOPE)}, PlanState.REFUSED),
    ],
)
async def test_the_draft_is_made_whatever_becomes_of_the_plan(
    any_database: Database, answers: dict[str, ImagineError], plan_state: PlanState
) -> None:
    post, _ = await run(any_database, make_new_post(plan=PLAN), Desk(**answers))
    assert (post.state, post.plan_state) == (PostState.DRAFTED, plan_state)


async def test_nothing_is_planned_without_a_draft(any_database: Database) -> None:
    desk = Desk(draft=Rejected(Cause.INVALID_REQUEST))
    post, _ = await run(any_database, make_new_post(plan=PLAN), desk)
    assert (post.plan_state, desk.sent) == (PlanState.WANTED, ["draft"])


async def test_all_of_it_is_sent_to_the_workspace_of_the_pictures(any_database: Database) -> None:
    desk = Desk()
    new = replace(make_new_post(Source.WRITTEN, PLAN), powerpost_workspace="w2")
    await run(any_database, new, desk)
    assert desk.sent == ["order", "draft", "plan"]
    assert set(desk.workspaces) == {"w2"}
    (charge,) = await LedgerStore(any_database).read_entries()
    assert charge.powerpost_workspace == "w2"


async def test_an_answer_that_comes_after_another_process_gave_up_is_paid_and_arrives(
    any_database: Database,
) -> None:
    posts = PostStore(any_database, "p")

    class Late(Desk):
        async def order(self, request: PostRequest) -> Ordered:
            """Meanwhile another process finds it, and tells that nobody knows."""
            other = {"told_at": NOON, "finished_at": NOON, "cause": Cause.INTERRUPTED.value}
            assert await posts.advance("d1", PostState.ORDERING, PostState.TEXT_UNKNOWN, **other)
            return await super().order(request)

    desk = Late()
    post, thread = await run(any_database, make_new_post(Source.WRITTEN), desk)
    assert (post.state, post.credits_used, post.cause) == (PostState.DRAFTED, 7.0, None)
    assert (desk.sent, thread.told) == (["order", "draft"], [PostState.DRAFTED])
    (charge,) = await LedgerStore(any_database).read_entries()
    assert charge.credits == 7.0


async def test_whoever_has_the_claim_goes_on_with_a_late_answer(any_database: Database) -> None:
    first, second = PostStore(any_database, "p1"), PostStore(any_database, "p2")
    settle = LedgerStore(any_database).settle

    class Late(Desk):
        async def order(self, request: PostRequest) -> Ordered:
            """Another process has taken it over meanwhile, and told it."""
            assert await second.take("d1", datetime.now(UTC) + timedelta(hours=1))
            other = PostWorkflow(second, Desk(), Thread(second), Open(), settle)
            await other.run("d1")
            return await super().order(request)

    await first.accept(make_new_post(Source.WRITTEN), Terms(0), 7.0)
    late, desk = Late(), Desk()
    with pytest.raises(NotOurs):
        await PostWorkflow(first, late, Thread(first), Open(), settle).run("d1")
    assert await second.list_pending(datetime.now(UTC)) == ["d1"]
    await PostWorkflow(second, desk, Thread(second), Open(), settle).run("d1")
    assert (await second.read("d1")).state is PostState.DRAFTED
    assert (late.sent, desk.sent) == (["order"], ["draft"])


@pytest.mark.parametrize("source", [Source.WRITTEN, Source.TYPED])
async def test_who_has_waited_longer_than_a_claim_lasts_sends_nothing_that_another_has(
    any_database: Database, source: Source
) -> None:
    other = PostStore(any_database, "other")

    class Slow(Desk):
        @contextlib.asynccontextmanager
        async def turn(self, sent: Sent) -> AsyncIterator[None]:
            """The claim ends, and another process takes it over."""
            assert await other.take("d1", datetime.now(UTC) + timedelta(hours=1))
            yield

    desk = Slow()
    with pytest.raises(NotOurs):
        await run(any_database, make_new_post(source), desk)
    assert desk.sent == []
    assert (await other.read("d1")).state is PostState.ACCEPTED


async def test_a_text_that_was_written_while_no_process_ran_is_found(
    any_database: Database,
) -> None:
    posts = PostStore(any_database, "p")
    await posts.accept(make_new_post(Source.WRITTEN), Terms(0), 7.0)
    paid = {"caption_id": "c1", "credits_used": 7.0, "submitted_at": NOON - timedelta(days=1)}
    assert await posts.advance("d1", PostState.ACCEPTED, PostState.WRITING, **paid)
    desk, settle = Desk(), LedgerStore(any_database).settle
    await PostWorkflow(posts, desk, Thread(posts), Open(), settle).run("d1")
    assert (await posts.read("d1")).state is PostState.DRAFTED
    assert desk.sent == ["draft"]


async def test_a_text_that_was_left_to_powerpost_is_looked_for_again_and_not_paid_again(
    any_database: Database,
) -> None:
    new = make_new_post(Source.WRITTEN)
    request = new.request.model_copy(update={"caption_id": "c1"})
    posts = PostStore(any_database, "p")
    assert await posts.accept(replace(new, request=request), None, None)
    desk, settle = Desk(), LedgerStore(any_database).settle
    await PostWorkflow(posts, desk, Thread(posts), Open(), settle).run("d1")
    post = await posts.read("d1")
    assert (post.state, post.request.words) == (PostState.DRAFTED, "Written")
    assert desk.sent == ["draft"]
    assert await LedgerStore(any_database).read_entries() == []


async def test_a_text_that_fails_late_is_given_back_to_the_draft_that_has_paid_it(
    any_database: Database,
) -> None:
    posts, ledger = PostStore(any_database, "p"), LedgerStore(any_database)
    first = make_new_post(Source.WRITTEN)
    await posts.accept(first, Terms(0), 7.0)
    paid = {"caption_id": "c1", "credits_used": 7.0, "submitted_at": NOON, "told_at": NOON}
    assert await posts.advance("d1", PostState.ACCEPTED, PostState.WRITING, **paid)
    assert await posts.advance("d1", PostState.WRITING, PostState.REFUSED)
    desk = Desk()
    desk.captions = Captions(True, is_failed=True)
    for number in (2, 3):
        request = first.request.model_copy(update={"caption_id": "c1"})
        again = replace(first, id=f"d{number}", origin=f"again:d{number - 1}", request=request)
        await posts.accept(again, None, None)
    await PostWorkflow(posts, desk, Thread(posts), Open(), ledger.settle).run("d3")
    assert [(await posts.read(each)).is_text_failed for each in ("d1", "d2", "d3")] == [
        True,
        False,
        True,
    ]
    entries = await ledger.read_entries()
    assert [(each.generation_id, each.credits, each.expected) for each in entries] == [
        ("d1", 7.0, 0.0),
        ("d1", 0.0, -7.0),
    ]


@pytest.mark.parametrize(
    ("title", "text", "found"),
    [
        ("Our boat", "A boat.", "Our boat"),
        ("t" * 120, "A boat.", "t" * 100),
        ("", "A boat.\nIt floats.", "A boat."),
        (" ", "", ""),
    ],
)
def test_a_text_that_is_paid_for_has_a_title_that_youtube_takes(
    title: str, text: str, found: str
) -> None:
    assert find_title(Captions(True, texts={"youtube": text}, title=title)) == found


async def test_only_one_process_works_on_a_draft(any_database: Database) -> None:
    first, second = PostStore(any_database, "p1"), PostStore(any_database, "p2")
    assert await first.accept(make_new_post(), None, None)
    assert not await second.accept(make_new_post(), None, None)
    now = datetime.now(UTC)
    assert await first.take("d1", now)
    assert not await second.take("d1", now)
    assert await second.list_pending(now) == []
    workflow = PostWorkflow(
        second, Desk(), Thread(second), Open(), LedgerStore(any_database).settle
    )
    with pytest.raises(NotOurs):
        await workflow.run("d1")
    await first.let_go()
    assert await second.take("d1", now)


def test_an_entry_is_called_by_what_the_post_says() -> None:
    new = make_new_post()
    post = Post(**{name: getattr(new, name) for name in NewPost.__slots__}, state=PostState.DRAFTED)
    assert name_entry(post) == "Hello (X)"
