"""The rows of generations and pictures: the promise that a job is kept.

Every statement that changes a state names the state it comes from, so of two that race one wins
and the other is told so.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

import sqlalchemy as sa

from bot.credits.ledger import EntryKind
from bot.errors import Cause, ImagineError, NotOurs, Rejected, Transient
from bot.generations.record import (
    MAY_BECOME,
    Generation,
    InDoubt,
    NewGeneration,
    Pending,
    Picture,
    State,
)
from bot.images.catalogue import Model
from bot.policy.terms import OverBudget, StalePolicy, Terms
from bot.store.briefs import find_brief, insert_briefs
from bot.store.campaigns import name_campaigns
from bot.store.channels import find_current
from bot.store.database import Database
from bot.store.ledger import keep_charge
from bot.store.policies import lock_policies, read_versions
from bot.store.rows import read_generation
from bot.store.spending import Reservation, reserve_again
from bot.store.tables import briefs, generations, is_unindexed, ledger, pictures

# Slack waits for 3 seconds: until then the person must know whether the request is kept.
ACCEPT_SECONDS: Final = 2.0
# What is being written by then is waited for a little longer, since it cannot be withdrawn.
COMMIT_SECONDS: Final = 2.4

# How many are owed to some people of a workspace, without what hangs at PowerPost and has given
# its place back; a brief is one. Made once: it is asked before every answer.
_PROMISE: Final = sa.func.coalesce(generations.c.brief_id, generations.c.id)
_OWED: Final = (
    sa.select(generations.c.user_id, sa.func.count(_PROMISE.distinct()))
    .where(generations.c.told_at.is_(None))
    .where(generations.c.unplaced_at.is_(None))
    .where(generations.c.state != State.DELIVERED.value)  # only late pictures are tried for
    .where(generations.c.team_id == sa.bindparam("team_id"))
    .where(generations.c.user_id.in_(sa.bindparam("users", expanding=True)))
    .group_by(generations.c.user_id)
)


@dataclass(slots=True, eq=False)
class _Waiting:
    """A request that waits for the disk. Who takes the claim decides, once: the writer, that it
    is written, or the one who waits, that it is not."""

    new: NewGeneration
    done: asyncio.Future[bool]
    claim: threading.Lock = field(default_factory=threading.Lock)
    refusal: ImagineError | None = None
    is_committed: bool = False  # as far as we are concerned: the database may not have heard it
    estimates: Sequence[float | None] = ()  # credits to be held for it, or for each of its parts

    def withdraw(self) -> None:
        """It has waited long enough; does nothing where it is being written at this moment."""
        if self.claim.acquire(blocking=False) and not self.done.done():
            self.done.set_exception(Transient(Cause.STORAGE, "locked for too long"))

    def doubt(self) -> None:
        """It is being written, and the database does not say whether it has been."""
        if not self.done.done():
            self.done.set_exception(InDoubt(self.new))


# Balances are ordered by these.
_BY_DATABASE: Final = frozenset({"intended_at", "submitted_at", "finished_at"})
# Who works on generations where there is one process only: a SQLite file has no other.
LOCAL_OWNER: Final = "local"


class GenerationStore:
    """Reads and writes generations. Raises Transient (Cause.STORAGE) where the database is gone,
    locked for long, or full; nothing of a failed call is kept."""

    def __init__(
        self,
        database: Database,
        owner: str | None = LOCAL_OWNER,
        *,
        pending_per_person: int | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`owner` is this process where it works on generations: what it accepts is its own, and
        it writes to nothing that another has taken over (NotOurs). None: it only accepts.
        `pending_per_person`: of more than that at once, `accept` refuses the rest. `clock` is that
        of this machine, which the times that it is given are by. On PostgreSQL those that money
        is ordered by (`_BY_DATABASE`) are kept by the database's clock, as the machines' differ."""
        self._clock = clock
        self._pending_per_person = pending_per_person
        self._database = database
        self._owner = owner
        self._accepting = (
            database.insert(generations)
            .on_conflict_do_nothing(index_elements=["origin"])
            .returning(generations.c.id)
        )
        self._waiting: list[_Waiting] = []
        self._writer: asyncio.Task[None] | None = None

    async def accept(self, new: NewGeneration) -> bool:
        """Put `new` on disk. False where its `origin` is there already (delivered twice).

        Requests that come together share one commit, so that the disk's latency is paid once
        for all of them; each returns only when its own row is on disk. Raises Rejected
        (TOO_MANY_WAITING) where the person has too many under way already, StalePolicy or
        OverBudget where its terms do not hold, and Transient after `ACCEPT_SECONDS` too: `new` is
        then withdrawn, and will not be written later. A COMMIT without an answer is looked up;
        InDoubt where that cannot be told in time: ask `find_kept` until it can.
        """
        loop = asyncio.get_running_loop()
        waiting = _Waiting(new, loop.create_future())
        self._waiting.append(waiting)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_waiting())
        patience = (
            loop.call_later(ACCEPT_SECONDS, waiting.withdraw),
            loop.call_later(COMMIT_SECONDS, waiting.doubt),
        )
        try:
            return await waiting.done
        finally:
            for each in patience:
                each.cancel()

    async def _write_waiting(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                fresh = await self._insert(batch)
            except Exception as error:  # noqa: BLE001 - those who wait raise it
                await self._settle_failed(batch, error)
                continue
            for waiting in batch:
                if waiting.done.done():
                    continue
                if waiting.refusal is not None:
                    waiting.done.set_exception(waiting.refusal)
                else:
                    waiting.done.set_result(waiting.new.id in fresh)

    async def _insert(self, batch: Sequence[_Waiting]) -> set[str]:
        def write(on: sa.Connection) -> set[str]:
            # The lock is ours by now: from here on it is quick, and what is claimed is written.
            within = self._within_limit(on, self._within_terms(on, batch))
            claimed = [
                waiting
                for waiting in self._within_budgets(on, within)
                if waiting.claim.acquire(blocking=False)
            ]
            fresh = insert_briefs(
                on, self._database, [each.new for each in claimed if each.new.parts]
            )
            # Rows apart from the statement: so it is compiled once, not for each size of a batch.
            rows = [
                row
                for each in claimed
                if (each.new.id in fresh if each.new.parts else not _is_brief(on, each.new))
                for row in rows_of(each.new, self._owner, each.estimates)
            ]
            name_campaigns(on, self._database, rows)
            fresh |= set(on.execute(self._accepting, rows).scalars()) if rows else set()
            for each in claimed:
                each.is_committed = True
            return fresh

        return await self._database.write(write)

    async def _settle_failed(self, batch: Sequence[_Waiting], error: Exception) -> None:
        """Nothing of a transaction that failed is kept, unless it failed in the COMMIT: that may
        have been carried out, and only its answer is lost."""
        unclear = [waiting for waiting in batch if waiting.is_committed]
        kept: dict[str, str] | None = {}
        try:
            if unclear:
                kept = await self.find_kept([waiting.new for waiting in unclear])
        except Transient:
            kept = None
        for waiting in batch:
            if waiting.done.done():
                continue
            if kept is None and waiting.is_committed:
                waiting.doubt()
            elif kept and (found := kept.get(waiting.new.origin)) is not None:
                waiting.done.set_result(found == waiting.new.id)
            else:
                waiting.done.set_exception(error)

    async def find_kept(self, news: Sequence[NewGeneration]) -> dict[str, str]:
        """The id that is on disk for each origin of `news` that is; for good: what is not there
        now will not come. Raises Transient where that cannot be told."""
        rows = [row_of(new, self._owner, None) for new in news if not new.parts]
        whole = [new for new in news if new.parts]
        kept = sa.union_all(
            *(
                sa.select(table.c.origin, table.c.id).where(
                    table.c.origin.in_([new.origin for new in news])
                )
                for table in (generations, briefs)
            )
        )

        def find(on: sa.Connection) -> dict[str, str]:
            # SQLite has one writer, and that is us now, also if the disk is full. On PostgreSQL, to
            # try to insert the same waits for a transaction that has done so and has not ended (a
            # read would not see it); what was not there is taken back.
            if self._database.dialect == "postgresql":
                with on.begin_nested() as attempt:
                    insert_briefs(on, self._database, whole)
                    if rows:
                        on.execute(self._accepting, rows)
                    attempt.rollback()
            return {row.origin: row.id for row in on.execute(kept)}

        return await self._database.write(find)

    def _within_terms(self, on: sa.Connection, batch: Sequence[_Waiting]) -> list[_Waiting]:
        """Those of `batch` whose terms hold; the others are marked."""
        teams = {waiting.new.place.team_id for waiting in batch if waiting.new.terms}
        if counted := {waiting.new.place.team_id for waiting in batch if _is_counted(waiting)}:
            # Before anything is read: nobody else counts or changes these budgets until we end.
            lock_policies(on, self._database, sorted(counted))
        versions = read_versions(on, list(teams)) if teams else {}
        within = []
        for waiting in batch:
            terms, team_id = waiting.new.terms, waiting.new.place.team_id
            if terms is not None and terms.policy_version != versions.get(team_id, 0):
                waiting.refusal = StalePolicy()
            else:
                within.append(waiting)
        return within

    def _within_budgets(self, on: sa.Connection, batch: Sequence[_Waiting]) -> Sequence[_Waiting]:
        """Those of `batch` that their budgets have enough for, each with what is to be held for
        it; the others are marked. One that is here already is let through: it changes nothing."""
        if not any(map(_is_counted, batch)):
            return batch
        asked = [
            (each.new.place.team_id, each.new.terms.ceilings) for each in batch if each.new.terms
        ]
        reservation = Reservation(on, asked)
        within = []
        for waiting in batch:
            try:
                if (terms := waiting.new.terms) is not None and terms.ceilings:
                    waiting.estimates = reservation.reserve(waiting.new, terms.ceilings)
            except OverBudget as error:
                waiting.refusal = error
            else:
                within.append(waiting)
        return within

    def _within_limit(self, on: sa.Connection, batch: Sequence[_Waiting]) -> list[_Waiting]:
        """Those of `batch` whose person has room for one more; the others are marked."""
        if self._pending_per_person is None or not batch:
            return list(batch)
        asking: dict[str, set[str]] = defaultdict(set)
        for waiting in batch:
            asking[waiting.new.place.team_id].add(waiting.new.place.user_id)
        counts = Counter(
            {
                (team_id, user): number
                for team_id, users in asking.items()
                for user, number in on.execute(_OWED, {"team_id": team_id, "users": list(users)})
            }
        )
        within = []
        for waiting in batch:
            place = waiting.new.place
            if counts[place.team_id, place.user_id] >= self._pending_per_person:
                waiting.refusal = Rejected(Cause.TOO_MANY_WAITING)
            else:
                counts[place.team_id, place.user_id] += 1
                within.append(waiting)
        return within

    async def cancel(self, generation_id: str, now: datetime) -> bool:
        """Refuse what nothing was sent for yet, whoever works on it. False where that is over."""
        change = (
            sa.update(generations)
            .where(generations.c.id == generation_id)
            .where(generations.c.state == State.ACCEPTED.value)
            .values(state=State.REFUSED.value, cause=Cause.CANCELLED.value, finished_at=now)
        )
        return await self._database.write(lambda on: bool(on.execute(change).rowcount == 1))

    async def read(self, generation_id: str) -> Generation:
        """The generation with its pictures in order. KeyError where there is none, NewerVersion
        where this version does not know all that it asks for."""
        return await self._database.read(lambda on: _find(on, generation_id))

    async def read_own(self, generation_id: str) -> Generation:
        """The same, for working on it: where it was asked for under an id that its channel does
        not have any more, under the one that it has. NotOurs where another process has taken it
        over."""
        find = partial(_find_for_work, generation_id=generation_id)
        generation = await self._database.read(find)
        if generation.owner != self._owner:
            raise NotOurs(generation_id)
        return generation

    async def let_go(self, generation_id: str) -> None:
        """Whoever can may take it: this process cannot go on with it."""
        change = (
            sa.update(generations)
            .where(generations.c.id == generation_id)
            .where(generations.c.owner == self._owner)
            .where(generations.c.told_at.is_(None))
            .values(owner=None)
        )
        await self._database.write(lambda on: on.execute(change))

    async def advance(
        self, generation_id: str, before: State, after: State, **changes: Any
    ) -> bool:
        """Move from `before` to `after` and note `changes`. False where another was first. What
        becomes processing was paid for: its charge is entered in the ledger with it."""
        if after not in MAY_BECOME[before]:
            raise ValueError(f"{before} may not become {after}")
        return await self._update(generation_id, before, state=after.value, **changes)

    async def intend(self, generation: Generation, terms: Terms | None, **changes: Any) -> bool:
        """accepted -> submitting: from now on the paid POST may be sent. False where another was
        first. What it will probably take is held from here on, if not before. Raises StalePolicy
        where `terms` do not hold any more, OverBudget where a budget has not enough left: then
        nothing has changed. Without terms nothing is asked."""

        def note(on: sa.Connection) -> bool:
            if terms is not None:
                changes["estimate"] = self._ask_again(on, generation, terms)
            submitting = {"state": State.SUBMITTING.value, **changes}
            return self._change(on, generation.id, State.ACCEPTED, submitting)

        return await self._database.write(note)

    async def hand_back(self, generation_id: str, intent: str) -> bool:
        """submitting -> accepted, if it stands there by this very `intent`, which was not sent.
        Another's may have been sent, and paid for: then False, and nothing has changed."""
        change = (
            sa.update(generations)
            .where(generations.c.id == generation_id)
            .where(generations.c.state == State.SUBMITTING.value)
            .where(generations.c.owner == self._owner)
            .where(generations.c.intent == intent)
            .values(state=State.ACCEPTED.value)
        )
        return await self._database.write(lambda on: bool(on.execute(change).rowcount == 1))

    def _ask_again(self, on: sa.Connection, generation: Generation, terms: Terms) -> float:
        team_id = generation.place.team_id
        if terms.ceilings:
            lock_policies(on, self._database, [team_id])
        if read_versions(on, [team_id]).get(team_id, 0) != terms.policy_version:
            raise StalePolicy()
        return reserve_again(on, generation, terms.ceilings)

    async def note(
        self, generation_id: str, *, while_state: State | None = None, **changes: Any
    ) -> bool:
        """Note `changes` (columns by name), whatever the state, or only in `while_state`: False
        where it has left that."""
        return await self._update(generation_id, while_state, **changes)

    async def finish(self, generation_id: str, found: Iterable[Picture], **changes: Any) -> bool:
        """processing -> finished, together with the pictures that PowerPost made."""
        rows = [_picture_row(generation_id, picture) for picture in found]
        change = (
            sa.update(generations)
            .where(generations.c.id == generation_id)
            .where(generations.c.state == State.PROCESSING.value)
            .where(generations.c.owner == self._owner)
            .values(state=State.FINISHED.value)
        )

        def note(on: sa.Connection) -> bool:
            if on.execute(change.values(self._by_database(changes))).rowcount != 1:
                self._check_owner(on, generation_id)
                return False
            on.execute(sa.insert(pictures), rows)
            return True

        return await self._database.write(note)

    async def revive(self, generation_id: str, **receipt: Any) -> bool:
        """The answer to a paid POST came after another process had taken the job over: it is
        paid, so it goes on, whatever was told, and whoever has it now. Its charge is entered."""
        late = (
            sa.update(generations)
            .where(generations.c.id == generation_id)
            .where(generations.c.state.in_([State.SUBMITTING.value, State.UNKNOWN.value]))
            .values(
                state=State.PROCESSING.value,
                cause=None,
                finished_at=None,
                balance_at_end=None,
                told_at=None,
                result_ts=None,
                result_intended_at=None,
            )
        )

        def note(on: sa.Connection) -> bool:
            if on.execute(late.values(self._by_database(receipt))).rowcount != 1:
                return False
            keep_charge(on, self._database, generation_id)
            return True

        return await self._database.write(note)

    async def note_picture(self, generation_id: str, position: int, **changes: Any) -> None:
        """Note what became of one picture."""
        change = (
            sa.update(pictures)
            .where(pictures.c.generation_id == generation_id)
            .where(pictures.c.position == position)
            .values(**changes)
        )
        await self._database.write(lambda on: on.execute(change))

    async def list_pending(self) -> list[str]:
        """The ids of this process's generations whose outcome was not told yet, oldest first."""
        pending = (
            sa.select(generations.c.id)
            .where(generations.c.told_at.is_(None))
            .where(generations.c.owner == self._owner)
            .order_by(generations.c.accepted_at)
        )
        return await self._database.read(lambda on: list(on.execute(pending).scalars()))

    async def count_pending(self) -> list[Pending]:
        """All processes' generations whose outcome was not told yet, by state."""
        oldest = sa.func.min(generations.c.accepted_at, type_=generations.c.accepted_at.type)
        pending = (
            sa.select(generations.c.state, sa.func.count(), oldest)
            .where(generations.c.told_at.is_(None))
            .group_by(generations.c.state)
        )

        def find(on: sa.Connection) -> list[Pending]:
            return [Pending(state, count, since) for state, count, since in on.execute(pending)]

        return await self._database.read(find)

    async def recent_durations(self, model: Model, quantity: int, limit: int) -> list[float]:
        """How many seconds the last `limit` generations of this model and quantity took that ended
        with pictures, newest first: from the submit to the look that saw the end."""
        # By the ledger's index of models: whatever ended with pictures was charged for.
        latest = (
            sa.select(generations.c.submitted_at, generations.c.finished_at)
            .join(ledger, ledger.c.generation_id == generations.c.id)
            .where(is_unindexed(ledger.c.kind, EntryKind.CHARGE.value))
            .where(ledger.c.model == model.value)
            .where(ledger.c.quantity == quantity)
            .where(generations.c.state.in_([State.FINISHED.value, State.DELIVERED.value]))
            .where(generations.c.submitted_at.is_not(None))
            .where(generations.c.finished_at.is_not(None))
            .order_by(ledger.c.entered_at.desc())
            .limit(limit)
        )

        def find(on: sa.Connection) -> list[float]:
            rows = on.execute(latest).all()
            return [(row.finished_at - row.submitted_at).total_seconds() for row in rows]

        return await self._database.read(find)

    async def ping(self) -> None:
        """Raise where the database does not answer."""
        await self._database.read(lambda on: on.execute(sa.select(sa.literal(1))))

    async def _update(self, generation_id: str, before: State | None, **changes: Any) -> bool:
        return await self._database.write(
            lambda on: self._change(on, generation_id, before, changes)
        )

    def _change(
        self, on: sa.Connection, generation_id: str, before: State | None, changes: dict[str, Any]
    ) -> bool:
        statement = sa.update(generations).where(generations.c.id == generation_id)
        if before is not None:
            statement = statement.where(generations.c.state == before.value)
        if "channel_id" in changes:  # it may have been posted a moment before its channel moved
            changes = {**changes, "channel_id": _find_channel(on, generation_id, changes)}
        change = statement.where(generations.c.owner == self._owner)
        change = change.values(self._by_database(changes))
        if on.execute(change).rowcount != 1:
            self._check_owner(on, generation_id)
            return False
        if changes.get("state") == State.PROCESSING.value:
            keep_charge(on, self._database, generation_id)
        return True

    def _by_database(self, changes: dict[str, Any]) -> dict[str, Any]:
        """`changes` with the times of this machine as the database's clock had them."""
        if self._database.dialect != "postgresql":
            return changes
        now, ago = self._clock(), dict[str, Any]()
        for name in _BY_DATABASE & changes.keys():
            if (moment := changes[name]) is not None:
                since = sa.literal(now - moment, sa.Interval())
                ago[name] = sa.func.clock_timestamp() - since
        return {**changes, **ago}

    def _check_owner(self, on: sa.Connection, generation_id: str) -> None:
        whose = sa.select(generations.c.owner).where(generations.c.id == generation_id)
        if on.execute(whose).scalar_one_or_none() != self._owner:
            raise NotOurs(generation_id)


def _find(on: sa.Connection, generation_id: str, *, for_work: bool = False) -> Generation:
    found = read_generation(on, generation_id, for_work=for_work)
    if found is None:
        raise KeyError(generation_id)
    return found


def _find_for_work(on: sa.Connection, generation_id: str) -> Generation:
    generation = _find(on, generation_id, for_work=True)
    place = generation.place
    if generation.root_ts is not None:
        return generation  # its row has moved with its channel
    current = find_current(on, place.team_id, place.channel_id)
    asked_in = place.for_channel_id
    if asked_in is not None:
        asked_in = find_current(on, place.team_id, asked_in)
    place = replace(place, channel_id=current, for_channel_id=asked_in)
    return replace(generation, place=place)


def _find_channel(on: sa.Connection, generation_id: str, changes: dict[str, Any]) -> str:
    of_row = sa.select(generations.c.team_id).where(generations.c.id == generation_id)
    team_id = on.execute(of_row).scalar_one_or_none() or ""
    return find_current(on, team_id, changes["channel_id"])


def _is_counted(waiting: _Waiting) -> bool:
    return waiting.new.terms is not None and bool(waiting.new.terms.ceilings)


def _is_brief(on: sa.Connection, new: NewGeneration) -> bool:
    """Whether another button of the same question has made a brief: nothing else has its origin."""
    return new.origin.startswith("asked:") and find_brief(on, new.origin) is not None


def rows_of(
    new: NewGeneration, owner: str | None, estimates: Sequence[float | None] = ()
) -> list[dict[str, Any]]:
    """The rows of what `new` promises: its own, or one for each of its parts. `estimates` are the
    credits that are held for each; none where there is no budget."""
    made = new.split()
    held = estimates or (None,) * len(made)
    return [row_of(each, owner, estimate) for each, estimate in zip(made, held, strict=True)]


def row_of(new: NewGeneration, owner: str | None, estimate: float | None) -> dict[str, Any]:
    """The row of a request that is promised, and worked on by `owner`."""
    return {
        "owner": owner,
        "estimate": estimate,
        "id": new.id,
        "origin": new.origin,
        "team_id": new.place.team_id,
        "channel_id": new.place.channel_id,
        "user_id": new.place.user_id,
        "response_url": new.place.response_url,
        "thread_ts": new.place.thread_ts,
        "for_channel_id": new.place.for_channel_id,
        "for_thread_ts": new.place.for_thread_ts,
        "show": new.show.value,
        "request": new.request.model_dump(mode="json"),
        "sources": new.sources.model_dump(mode="json", exclude_none=True),
        "parent_id": new.parent_id,
        "understood": new.understood,
        "chain": None if new.chain is None else new.chain.model_dump(mode="json"),
        "preset": new.preset,
        "campaign": new.campaign or None,
        "powerpost_workspace": new.sources.powerpost_workspace,
        "brief_id": new.brief_id,
        "part": new.part,
        "approved_by": new.approved_by,
        "state": State.ACCEPTED.value,
        "accepted_at": new.accepted_at,
    }


def _picture_row(generation_id: str, picture: Picture) -> dict[str, Any]:
    return {
        "generation_id": generation_id,
        "position": picture.position,
        "media_id": picture.media_id,
        "url": picture.url,
        "width": picture.width,
        "height": picture.height,
        "state": picture.state.value,
        "slack_file_id": picture.slack_file_id,
        "cause": picture.cause,
        "expires_at": picture.expires_at,
    }
