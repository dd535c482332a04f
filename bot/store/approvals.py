"""The rows of approvals, and of what is to be said about them.

Every change names the state that it comes from: of two that decide at once, in one process or in
several, one wins. Approving and promising the generation are one transaction.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

import sqlalchemy as sa

from bot.errors import NewerVersion
from bot.generations.approval import (
    APPROVAL_LIFETIME,
    ASKED_MAX,
    OFFERED_MAX,
    REQUESTER,
    Approval,
    ApprovalMessage,
    ApprovalState,
    Verdict,
    dump_request,
    dump_shortfalls,
    load_request,
    load_shortfalls,
)
from bot.generations.record import NewGeneration
from bot.policy.terms import StalePolicy, Terms
from bot.store.briefs import find_brief, insert_briefs
from bot.store.campaigns import name_campaigns
from bot.store.database import Database
from bot.store.generations import rows_of
from bot.store.policies import lock_policies, read_versions
from bot.store.spending import Reservation
from bot.store.tables import approval_messages, approvals, generations

# For so long a message is one process's to post. Longer than Slack may take to answer: a message
# that may have been posted is not posted by another in the meantime.
CLAIM_LIFETIME: Final = timedelta(seconds=60)
_CLAIMED_AT_ONCE: Final = 10
_UNLIMITED: Final = 1_000_000  # SQLite takes no offset without a limit


class ApprovalStore:
    """Raises Transient where the database does not answer; nothing of a failed call is kept."""

    def __init__(self, database: Database, owner: str | None) -> None:
        """`owner` is this process where it works on generations: see GenerationStore."""
        self._database = database
        self._owner = owner

    async def offer(self, approval: Approval) -> bool:
        """Keep a request that was refused, so that approval can be asked for: of each person's the
        last OFFERED_MAX. True also where this one is kept already, and open; False where that is
        over."""
        row = {
            "id": approval.id,
            "team_id": approval.new.place.team_id,
            "state": ApprovalState.OFFERED.value,
            "request": dump_request(approval.new),
            "shortfalls": dump_shortfalls(approval.shortfalls),
            "expires_at": approval.expires_at,
        }
        fresh = {name: row[name] for name in ("request", "shortfalls", "expires_at")}
        keep = (
            self._database.insert(approvals)
            .values(row)
            .on_conflict_do_update(
                index_elements=["id"],
                set_=fresh,
                where=approvals.c.state == ApprovalState.OFFERED.value,
            )
            .returning(approvals.c.id)
        )
        asked = (
            sa.select(approvals.c.id)
            .where(approvals.c.id == approval.id)
            .where(approvals.c.state == ApprovalState.ASKED.value)
            .where(approvals.c.expires_at > approval.new.accepted_at)
        )
        newest = (
            _of_person(sa.select(approvals.c.id), approval, ApprovalState.OFFERED)
            .order_by(approvals.c.expires_at.desc())
            .limit(_UNLIMITED)
            .offset(OFFERED_MAX)
        )

        def write(on: sa.Connection) -> bool:
            if on.execute(keep).first() is None:
                return on.execute(asked).first() is not None
            older = list(on.execute(newest).scalars())
            if older:
                on.execute(sa.delete(approvals).where(approvals.c.id.in_(older)))
            return True

        return await self._database.write(write)

    async def read(self, approval_id: str) -> Approval | None:
        """None where there is none. Raises NewerVersion where that one has to decide."""
        return await self._database.read(lambda on: _read(on, approval_id))

    async def ask(self, approval: Approval, addresses: Sequence[str], now: datetime) -> Verdict:
        """offered -> asked; the cards for `addresses` are due: DONE. ENDED where it is not offered
        (any more), TOO_MANY where ASKED_MAX of the same person's wait already."""
        approval_id, team_id = approval.id, approval.new.place.team_id
        waiting = _of_person(
            sa.select(sa.func.count()).select_from(approvals), approval, ApprovalState.ASKED
        )
        changes = {"asked_at": now, "expires_at": now + APPROVAL_LIFETIME}

        def write(on: sa.Connection) -> Verdict:
            lock_policies(on, self._database, [team_id])
            if on.execute(waiting).scalar_one() >= ASKED_MAX:
                return Verdict.TOO_MANY
            is_offered = approvals.c.state == ApprovalState.OFFERED.value
            change = sa.update(approvals).where(approvals.c.id == approval_id).where(is_offered)
            state = ApprovalState.ASKED.value
            if on.execute(change.values(state=state, **changes)).rowcount != 1:
                return Verdict.ENDED
            self._add_messages(on, approval_id, addresses, now)
            return Verdict.DONE

        return await self._database.write(write)

    async def approve(
        self, approval_id: str, new: NewGeneration, terms: Terms, now: datetime
    ) -> str | None:
        """asked -> approved by `new.approved_by`, and `new` is promised, past its budgets. The id
        of what is promised: another one where its origin was promised before. None where it was
        decided before, or is too late. Raises StalePolicy where `terms` do not hold
        any more. The limit on what one person may have waiting is not asked: somebody has looked
        at this one."""
        team_id = new.place.team_id

        def write(on: sa.Connection) -> str | None:
            lock_policies(on, self._database, [team_id])
            if read_versions(on, [team_id]).get(team_id, 0) != terms.policy_version:
                raise StalePolicy()
            changes = {"decided_by": new.approved_by, "decided_at": now}
            is_in_time = approvals.c.expires_at > now
            if not self._decide(on, approval_id, ApprovalState.APPROVED, is_in_time, **changes):
                return None
            estimates: Sequence[float] = ()
            if terms.ceilings:
                reservation = Reservation(on, [(team_id, terms.ceilings)])
                estimates = reservation.reserve(new, terms.ceilings)
            self._add_to_outbox(on, approval_id, now)
            return self._promise(on, new, estimates)

        return await self._database.write(write)

    def _promise(self, on: sa.Connection, new: NewGeneration, estimates: Sequence[float]) -> str:
        """The id of what its origin has promised, now or before."""
        promised = sa.select(generations.c.id).where(generations.c.origin == new.origin)
        if new.parts and new.id not in insert_briefs(on, self._database, [new]):
            return find_brief(on, new.origin) or str(on.execute(promised).scalar_one())
        insert = self._database.insert(generations)
        insert = insert.on_conflict_do_nothing(index_elements=["origin"])
        rows = rows_of(new, self._owner, estimates)
        name_campaigns(on, self._database, rows)
        on.execute(insert, rows)
        return new.id if new.parts else str(on.execute(promised).scalar_one())

    async def deny(self, approval_id: str, user_id: str, reason: str, now: datetime) -> bool:
        """asked -> denied. False where that was decided before, or is too late."""
        is_in_time = approvals.c.expires_at > now
        changes = {"decided_by": user_id, "decided_at": now, "reason": reason}
        return await self._end(approval_id, ApprovalState.DENIED, is_in_time, now, changes)

    async def give_up(self, approval_id: str, now: datetime) -> bool:
        """asked -> unreached: nobody who may decide could be told, and no card stands anywhere or
        is still to be posted. False where one does."""
        card = sa.select(approval_messages.c.address).where(
            (approval_messages.c.approval_id == approvals.c.id)
            & (approval_messages.c.address != REQUESTER)
            & (approval_messages.c.ts.is_not(None) | approval_messages.c.due_at.is_not(None))
        )
        is_alone = ~sa.exists(card.correlate(approvals))
        changes = {"decided_at": now}
        return await self._end(approval_id, ApprovalState.UNREACHED, is_alone, now, changes)

    async def expire(self, now: datetime) -> list[str]:
        """asked -> expired for all that nobody decided in time: their ids. What was offered and
        never asked for is deleted."""
        overdue = (
            sa.update(approvals)
            .where(approvals.c.state == ApprovalState.ASKED.value)
            .where(approvals.c.expires_at <= now)
            .values(state=ApprovalState.EXPIRED.value, decided_at=now)
            .returning(approvals.c.id)
        )
        forgotten = (
            sa.delete(approvals)
            .where(approvals.c.state == ApprovalState.OFFERED.value)
            .where(approvals.c.expires_at <= now)
        )

        def write(on: sa.Connection) -> list[str]:
            expired = list(on.execute(overdue).scalars())
            for approval_id in expired:
                self._add_to_outbox(on, approval_id, now)
            on.execute(forgotten)
            return expired

        return await self._database.write(write)

    async def has_overdue(self, now: datetime) -> bool:
        """Whether `expire` has anything to do: a look that holds up nobody."""
        open_states = [ApprovalState.ASKED.value, ApprovalState.OFFERED.value]
        overdue = (
            sa.select(approvals.c.id)
            .where(approvals.c.state.in_(open_states))
            .where(approvals.c.expires_at <= now)
            .limit(1)
        )
        return await self._database.read(lambda on: on.execute(overdue).first() is not None)

    # What is to be said --------------------------------------------------------------------

    async def claim_messages(self, now: datetime) -> list[ApprovalMessage]:
        """Take some of what is due: nobody else takes it for `CLAIM_LIFETIME`."""
        due = sa.select(approval_messages).where(approval_messages.c.due_at <= now)
        due = due.order_by(approval_messages.c.due_at).limit(_CLAIMED_AT_ONCE)
        if not await self._database.read(lambda on: on.execute(due).first() is not None):
            return []
        until = now + CLAIM_LIFETIME

        def take(on: sa.Connection) -> list[ApprovalMessage]:
            rows = on.execute(due.with_for_update(skip_locked=True)).all()
            return [message for row in rows if (message := _claim(on, row, until)) is not None]

        return await self._database.write(take)

    async def note_shown(
        self, message: ApprovalMessage, *, channel_id: str | None, ts: str | None
    ) -> None:
        """What `message` says stands at `ts`; None where it stands nowhere, and will not. Where
        the approval has changed meanwhile, it stays due."""
        shown = {
            "shown": message.approval.state.value,
            "channel_id": channel_id,
            "ts": ts,
        }

        def write(on: sa.Connection) -> None:
            one = _one_message(message.approval.id, message.address)
            on.execute(sa.update(approval_messages).where(one).values(shown))
            still_ours = approval_messages.c.due_at == message.due_at
            settled = sa.update(approval_messages).where(one).where(still_ours)
            on.execute(settled.values(due_at=None))

        await self._database.write(write)

    async def postpone(self, message: ApprovalMessage, until: datetime) -> None:
        """It was surely not posted: anybody may take it again from `until` on."""
        one = _one_message(message.approval.id, message.address)
        still_ours = approval_messages.c.due_at == message.due_at
        change = sa.update(approval_messages).where(one).where(still_ours).values(due_at=until)
        await self._database.write(lambda on: on.execute(change))

    async def list_asked(self) -> list[tuple[Approval, frozenset[str]]]:
        """What waits for a decision, with the addresses that have, or had, cards; without what
        only a newer version knows."""
        asked = sa.select(approvals.c.id).where(approvals.c.state == ApprovalState.ASKED.value)

        def find(on: sa.Connection) -> list[tuple[Approval, frozenset[str]]]:
            found = []
            for approval_id in on.execute(asked).scalars().all():
                of_it = approval_messages.c.approval_id == approval_id
                cards = on.execute(sa.select(approval_messages.c.address).where(of_it)).scalars()
                with contextlib.suppress(NewerVersion):
                    if (approval := _read(on, approval_id)) is not None:
                        found.append((approval, frozenset(cards)))
            return found

        return await self._database.read(find)

    async def add_cards(self, approval_id: str, addresses: Sequence[str], now: datetime) -> None:
        """Cards for `addresses` are due too, where there are none yet."""
        await self._database.write(lambda on: self._add_messages(on, approval_id, addresses, now))

    async def _end(
        self,
        approval_id: str,
        state: ApprovalState,
        condition: sa.ColumnElement[bool],
        now: datetime,
        changes: dict[str, Any],
    ) -> bool:
        def write(on: sa.Connection) -> bool:
            if not self._decide(on, approval_id, state, condition, **changes):
                return False
            self._add_to_outbox(on, approval_id, now)
            return True

        return await self._database.write(write)

    def _decide(
        self,
        on: sa.Connection,
        approval_id: str,
        state: ApprovalState,
        condition: sa.ColumnElement[bool],
        **changes: Any,
    ) -> bool:
        change = (
            sa.update(approvals)
            .where(approvals.c.id == approval_id)
            .where(approvals.c.state == ApprovalState.ASKED.value)
            .where(condition)
            .values(state=state.value, **changes)
        )
        return bool(on.execute(change).rowcount == 1)

    def _add_to_outbox(self, on: sa.Connection, approval_id: str, now: datetime) -> None:
        """It has ended: every card is due again, and the requester is to be told."""
        cards = sa.update(approval_messages).where(approval_messages.c.approval_id == approval_id)
        on.execute(cards.values(due_at=now))
        self._add_messages(on, approval_id, [REQUESTER], now)

    def _add_messages(
        self, on: sa.Connection, approval_id: str, addresses: Iterable[str], now: datetime
    ) -> None:
        keys = ["approval_id", "address"]
        insert = self._database.insert(approval_messages).on_conflict_do_nothing(
            index_elements=keys
        )
        rows = [{"approval_id": approval_id, "address": to, "due_at": now} for to in addresses]
        on.execute(insert, rows)


def _claim(on: sa.Connection, row: sa.Row[Any], until: datetime) -> ApprovalMessage | None:
    """None where another process was quicker."""
    claim = (
        sa.update(approval_messages)
        .where(_one_message(row.approval_id, row.address))
        .where(approval_messages.c.due_at == row.due_at)
        .values(due_at=until)
    )
    try:
        approval = _read(on, row.approval_id)
    except NewerVersion:  # that one will say it
        return None
    if approval is None or on.execute(claim).rowcount != 1:
        return None
    return ApprovalMessage(approval, row.address, until, row.channel_id, row.ts)


_S = TypeVar("_S", bound=sa.Select[Any])


def _of_person(found: _S, approval: Approval, state: ApprovalState) -> _S:
    """`found`, of those in a state that are of the same person in the same workspace."""
    place = approval.new.place
    return (
        found.where(approvals.c.team_id == place.team_id)
        .where(approvals.c.state == state.value)
        .where(approvals.c.request["place"]["user_id"].as_string() == place.user_id)
    )


def _one_message(approval_id: str, address: str) -> sa.ColumnElement[bool]:
    return (approval_messages.c.approval_id == approval_id) & (
        approval_messages.c.address == address
    )


def _read(on: sa.Connection, approval_id: str) -> Approval | None:
    found = on.execute(sa.select(approvals).where(approvals.c.id == approval_id)).one_or_none()
    if found is None:
        return None
    try:
        state = ApprovalState(found.state)
    except ValueError:
        raise NewerVersion(approval_id) from None
    return Approval(
        id=found.id,
        new=load_request(found.request),
        shortfalls=load_shortfalls(found.shortfalls),
        expires_at=found.expires_at,
        state=state,
        asked_at=found.asked_at,
        decided_at=found.decided_at,
        decided_by=found.decided_by,
        reason=found.reason,
    )
