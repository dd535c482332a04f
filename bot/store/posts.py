"""The rows of drafts. Every change of a state names the one that it comes from: of two that race
one wins. What becomes `writing` was paid for: its charge is entered in the same transaction."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from pydantic import ValidationError

from bot.credits.estimates import Estimate
from bot.credits.ledger import PaidText
from bot.errors import Cause, NewerVersion
from bot.policy.terms import StalePolicy, Terms
from bot.posts.record import NewPost, PlanState, Post, PostRequest, PostState
from bot.store.campaigns import name_campaigns
from bot.store.channels import find_current
from bot.store.database import Database
from bot.store.ledger import keep_text_charge
from bot.store.policies import lock_policies, read_versions
from bot.store.prices import read_text_estimate
from bot.store.spending import reserve_text
from bot.store.tables import posts

# Longer than any one call of its workflow may take: it is claimed anew before each.
CLAIM_LIFETIME: Final = timedelta(minutes=5)


class PostStore:
    """Raises Transient (Cause.STORAGE) where the database does not answer; nothing of a failed call
    is kept."""

    def __init__(self, database: Database, owner: str) -> None:
        """`owner` is this process."""
        self._database = database
        self._owner = owner

    async def accept(self, new: NewPost, terms: Terms | None, estimate: float | None) -> bool:
        """Put it on disk. False where its `origin` is there already. With `terms` a text is to be
        paid for: raises StalePolicy or OverBudget where they do not hold."""
        row = asdict(new) | {
            "request": new.request.model_dump(mode="json"),
            "state": PostState.ACCEPTED.value,
            "estimate": estimate,
            "plan_state": PlanState.WANTED.value if new.request.plan else None,
        }
        insert = self._database.insert(posts).on_conflict_do_nothing(index_elements=["origin"])

        def write(on: sa.Connection) -> bool:
            if self._is_known(on, new.origin):
                return False
            if terms is not None:
                of = new.team_id, new.campaign, len(new.request.media_ids)
                self._reserve(on, terms, *of, with_waiting=True)
            name_campaigns(on, self._database, [row])
            added = insert.values(row).returning(posts.c.id)
            return on.execute(added).first() is not None

        return await self._database.write(write)

    def _is_known(self, on: sa.Connection, origin: str) -> bool:
        known = sa.select(posts.c.id).where(posts.c.origin == origin)
        return on.execute(known).first() is not None

    def _reserve(
        self,
        on: sa.Connection,
        terms: Terms,
        team_id: str,
        campaign: str | None,
        pictures: int,
        *,
        with_waiting: bool,
    ) -> Estimate:
        if terms.ceilings:
            lock_policies(on, self._database, [team_id])
        if read_versions(on, [team_id]).get(team_id, 0) != terms.policy_version:
            raise StalePolicy()
        price = read_text_estimate(on, pictures)
        if terms.ceilings:
            reserve_text(on, team_id, campaign, terms.ceilings, price, with_waiting=with_waiting)
        return price

    async def read(self, post_id: str) -> Post:
        """KeyError where there is none, NewerVersion where this version does not know all that it
        asks for."""
        return await self._database.read(lambda on: _find(on, post_id))

    async def take(self, post_id: str, now: datetime) -> bool:
        """Whether it is this process that works on it, for `CLAIM_LIFETIME` from now on."""
        is_free = (
            posts.c.taken_by.is_(None)
            | (posts.c.taken_by == self._owner)
            | (posts.c.taken_until <= now)
        )
        take = (
            sa.update(posts)
            .where(posts.c.id == post_id)
            .where(is_free)
            .values(taken_by=self._owner, taken_until=now + CLAIM_LIFETIME)
        )
        return await self._database.write(lambda on: bool(on.execute(take).rowcount == 1))

    async def let_go(self, post_id: str | None = None) -> None:
        """Another process may go on with it, or with all of this one's, at once."""
        own = sa.update(posts).where(posts.c.taken_by == self._owner, posts.c.told_at.is_(None))
        if post_id is not None:
            own = own.where(posts.c.id == post_id)
        await self._database.write(
            lambda on: on.execute(own.values(taken_by=None, taken_until=None))
        )

    async def adopt_all(self) -> None:
        """Nobody else has the database: whatever was taken is free."""
        free = sa.update(posts).where(posts.c.told_at.is_(None), posts.c.taken_by.is_not(None))
        await self._database.write(
            lambda on: on.execute(free.values(taken_by=None, taken_until=None))
        )

    async def list_pending(self, now: datetime) -> list[str]:
        """Those that were not told yet and that no other process has, oldest first."""
        is_free = posts.c.taken_by.is_(None) | (posts.c.taken_by == self._owner)
        pending = sa.select(posts.c.id).where(posts.c.told_at.is_(None))
        pending = pending.where(is_free | (posts.c.taken_until <= now))
        pending = pending.order_by(posts.c.accepted_at)
        return await self._database.read(lambda on: list(on.execute(pending).scalars()))

    async def advance(
        self, post_id: str, before: PostState, after: PostState, /, **changes: Any
    ) -> bool:
        """Move from `before` to `after`, and note `changes`. False where another was first."""

        def write(on: sa.Connection) -> bool:
            if not _change(on, post_id, before, {"state": after.value, **changes}):
                return False
            if after is PostState.WRITING:
                keep_text_charge(on, self._database, _paid_text_of(_find(on, post_id)))
            return True

        return await self._database.write(write)

    async def intend_order(self, post: Post, terms: Terms, **changes: Any) -> bool:
        """accepted -> ordering: from now on the paid request may be sent. False where another was
        first. Raises StalePolicy or OverBudget where it may not be: then nothing has changed."""

        def write(on: sa.Connection) -> bool:
            if _find(on, post.id).state is not PostState.ACCEPTED:
                return False
            of = post.team_id, post.campaign, len(post.request.media_ids)
            price = self._reserve(on, terms, *of, with_waiting=False)
            ordering = {"state": PostState.ORDERING.value, "estimate": price.credits}
            return _change(on, post.id, PostState.ACCEPTED, {**ordering, **changes})

        return await self._database.write(write)

    async def intend_plan(self, post_id: str) -> bool:
        """wanted -> planning. False where another was first."""
        intend = (
            sa.update(posts)
            .where(posts.c.id == post_id, posts.c.plan_state == PlanState.WANTED.value)
            .values(plan_state=PlanState.PLANNING.value)
        )
        return await self._database.write(lambda on: bool(on.execute(intend).rowcount == 1))

    async def note(self, post_id: str, /, **changes: Any) -> None:
        """Note `changes` (columns by name)."""
        note = sa.update(posts).where(posts.c.id == post_id).values(**changes)
        await self._database.write(lambda on: on.execute(note))


def _change(on: sa.Connection, post_id: str, before: PostState, values: dict[str, Any]) -> bool:
    change = sa.update(posts).where(posts.c.id == post_id, posts.c.state == before.value)
    return bool(on.execute(change.values(**values)).rowcount == 1)


def _paid_text_of(post: Post) -> PaidText:
    return PaidText(
        id=post.id,
        team_id=post.team_id,
        channel_id=post.ruled_channel_id,
        user_id=post.user_id,
        pictures=len(post.request.media_ids),
        credits=post.credits_used,
        balance_after=post.balance_after,
        charged_at=post.submitted_at or post.accepted_at,
        campaign=post.campaign,
        powerpost_workspace=post.powerpost_workspace,
    )


def _find(on: sa.Connection, post_id: str) -> Post:
    row = on.execute(sa.select(posts).where(posts.c.id == post_id)).one_or_none()
    if row is None:
        raise KeyError(post_id)
    values = {each.name: getattr(row, each.name) for each in fields(Post)}
    try:
        values["state"] = PostState(values["state"])
        plan = values["plan_state"]
        values["plan_state"] = None if plan is None else PlanState(plan)
        values["request"] = PostRequest.model_validate(values["request"])
    except (ValidationError, ValueError):
        raise NewerVersion(post_id) from None  # its text would quote the words
    for name in ("cause", "plan_cause"):
        values[name] = Cause(values[name]) if values[name] else None
    # What was asked for late is under an id that its channel does not have any more.
    values["channel_id"] = find_current(on, row.team_id, row.channel_id)
    return Post(**values)
