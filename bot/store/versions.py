"""How generations hang together: in a thread, as versions of each other, as a person's history."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from bot.credits.ledger import Bill, EntryKind
from bot.errors import Cause
from bot.generations.record import NOTHING_MADE, Generation, State
from bot.store.database import Database
from bot.store.library import mark_again
from bot.store.picks import touch_rounds
from bot.store.rows import generations_of
from bot.store.tables import briefs, feedback, generations, ledger, pictures, taken_up, unindexed

# The generations, what each took and gave back, and which version each is that was made from one.
HistoryPage = tuple[list[Generation], dict[str, Bill], dict[str, int]]

_NOTHING_MADE: Final = tuple(state.value for state in NOTHING_MADE)
# A chain that is longer was not made by people.
_VERSIONS_MAX: Final = 500


class VersionStore:
    """Raises Transient (Cause.STORAGE) where the database does not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def newest_in_thread(
        self, team_id: str, channel_id: str, thread_ts: str
    ) -> Generation | None:
        """The newest generation of a thread that a reply changes: one whose root message it hangs
        under, one that was posted into it, or one whose result came to head it because its own
        thread was gone. What was refused only counts in a thread that has nothing else, and what
        was cancelled last of all."""
        refused = (
            (generations.c.state != State.REFUSED.value, 0),
            (generations.c.cause != Cause.CANCELLED.value, 1),
        )
        in_thread = (
            sa.select(generations)
            .where(generations.c.id.in_(_select_thread(channel_id, thread_ts)))
            .where(unindexed(generations.c.team_id) == team_id)
            .order_by(sa.case(*refused, else_=2), generations.c.accepted_at.desc())
            .limit(1)
        )
        moved_here = (
            sa.select(generations)
            .where(unindexed(generations.c.team_id) == team_id)
            .where(generations.c.result_channel_id == channel_id)
            .where(generations.c.result_ts == thread_ts)
            .limit(1)
        )
        # Apart: the first is quick, and nearly always it.
        found = await self._database.read(lambda on: _find(on, in_thread) or _find(on, moved_here))
        return found[0] if found else None

    async def versions(self, generation_id: str) -> list[Generation]:
        """The versions that lead to a generation, the first one first, itself the last. What was
        not made is no version, unless it is this one."""
        columns = generations.c.id, generations.c.parent_id
        chain = (
            sa.select(*columns, sa.literal(1).label("depth"))
            .where(generations.c.id == generation_id)
            .cte("chain", recursive=True)
        )
        above = sa.alias(generations)
        chain = chain.union_all(
            sa.select(above.c.id, above.c.parent_id, chain.c.depth + 1)
            .where(above.c.id == chain.c.parent_id)
            .where(chain.c.depth < _VERSIONS_MAX)
        )
        is_one = (generations.c.id == generation_id) | generations.c.state.not_in(_NOTHING_MADE)
        statement = (
            sa.select(generations)
            .join(chain, chain.c.id == generations.c.id)
            .where(is_one)
            .order_by(chain.c.depth.desc())
        )
        return await self._database.read(lambda on: _find(on, statement))

    async def parts(self, brief_id: str) -> list[Generation]:
        """The parts of a brief, in their order."""
        of_brief = (
            sa.select(generations)
            .where(generations.c.brief_id == brief_id)
            .order_by(generations.c.part)
        )
        return await self._database.read(lambda on: _find(on, of_brief))

    async def campaign(
        self, team_id: str, campaign: str, user_id: str, channel_ids: Collection[str], limit: int
    ) -> list[Generation]:
        """What was made for a campaign by `user_id`, or stands in one of those channels: the
        newest, at most `limit`, in the order in which they were asked for."""
        stands_in = sa.func.coalesce(generations.c.result_channel_id, generations.c.channel_id)
        is_there = stands_in.in_(sorted(channel_ids)) & generations.c.result_ts.is_not(None)
        made = (
            sa.select(generations)
            .where(generations.c.team_id == team_id)
            .where(generations.c.campaign == campaign)
            .where(generations.c.state == State.DELIVERED.value)
            .where((generations.c.user_id == user_id) | is_there)
            .order_by(generations.c.accepted_at.desc())
            .limit(limit)
        )
        found = await self._database.read(lambda on: _find(on, made))
        return sorted(found, key=lambda each: (each.accepted_at, each.part or 0))

    async def find_sheet(self, brief_id: str) -> str | None:
        """Slack's file of a brief's contact sheet, if there is one."""
        of_brief = sa.select(briefs.c.sheet_file_id).where(briefs.c.id == brief_id)
        return await self._database.read(lambda on: on.execute(of_brief).scalar_one_or_none())

    async def thread_parts(self, team_id: str, channel_id: str, thread_ts: str) -> list[Generation]:
        """The parts of the briefs in a thread, the oldest brief first."""
        here = (
            sa.select(generations)
            .where(generations.c.id.in_(_select_thread(channel_id, thread_ts)))
            .where(unindexed(generations.c.team_id) == team_id)
            .where(generations.c.brief_id.is_not(None))
            .order_by(generations.c.accepted_at, generations.c.brief_id, generations.c.part)
        )
        return await self._database.read(lambda on: _find(on, here))

    async def take_up(
        self, generation: Generation, user_id: str, thread_ts: str, channel_id: str, now: datetime
    ) -> None:
        """A person goes on from an earlier version of a thread, until something newer is there."""
        key = {
            "team_id": generation.place.team_id,
            "user_id": user_id,
            "channel_id": channel_id,
            "thread_ts": thread_ts,
        }
        row = {"generation_id": generation.id, "taken_at": now}
        statement = (
            self._database.insert(taken_up)
            .values(**key, **row)
            .on_conflict_do_update(index_elements=list(key), set_=row)
        )
        await self._database.write(lambda on: on.execute(statement))

    async def find_taken_up(
        self, team_id: str, user_id: str, channel_id: str, thread_ts: str, since: datetime
    ) -> Generation | None:
        """The version that a person went back to in a thread since then."""
        statement = (
            sa.select(generations)
            .join(taken_up, taken_up.c.generation_id == generations.c.id)
            .where(taken_up.c.team_id == team_id)
            .where(taken_up.c.user_id == user_id)
            .where(taken_up.c.channel_id == channel_id)
            .where(taken_up.c.thread_ts == thread_ts)
            .where(taken_up.c.taken_at > since)
        )
        found = await self._database.read(lambda on: _find(on, statement))
        return found[0] if found else None

    async def find_shown(
        self,
        team_id: str,
        channel_id: str,
        ts: str,
        thread_ts: str | None,
        file_ids: Sequence[str],
    ) -> Generation | None:
        """The generation that a message is about: its root message or its result; else the newest
        that one of the files, which the message shows, was made by."""
        of_team = sa.select(generations).where(unindexed(generations.c.team_id) == team_id).limit(1)
        here = of_team.where(
            generations.c.id.in_(_select_thread(channel_id, thread_ts or ts))
        ).where((generations.c.root_ts == ts) | (generations.c.result_ts == ts))
        makers = sa.select(pictures.c.generation_id).where(pictures.c.slack_file_id.in_(file_ids))
        made = of_team.where(generations.c.id.in_(makers)).order_by(
            generations.c.accepted_at.desc()
        )

        def read(on: sa.Connection) -> list[Generation]:
            return _find(on, here) or (_find(on, made) if file_ids else [])

        found = await self._database.read(read)
        return found[0] if found else None

    async def count_presses(self, parent_id: str, kind: str, before: datetime) -> int:
        """How many generations the buttons of one kind have made from `parent_id` before a
        moment: their origins begin with `kind:parent_id:`."""
        statement = (
            sa.select(sa.func.count())
            .select_from(generations)
            .where(generations.c.parent_id == parent_id)
            .where(generations.c.origin.startswith(f"{kind}:{parent_id}:", autoescape=True))
            .where(generations.c.accepted_at < before)
        )
        return await self._database.read(lambda on: int(on.execute(statement).scalar_one()))

    async def count_vain(self, parent_id: str, kind: str) -> int:
        """How many of those that the buttons of one kind have made from `parent_id` have come to
        nothing, as far as is known."""
        statement = (
            sa.select(sa.func.count())
            .select_from(generations)
            .where(generations.c.parent_id == parent_id)
            .where(generations.c.origin.startswith(f"{kind}:{parent_id}:", autoescape=True))
            .where(generations.c.state.in_([State.UNKNOWN.value, *_NOTHING_MADE]))
        )
        return await self._database.read(lambda on: int(on.execute(statement).scalar_one()))

    async def version_of(self, generation_id: str) -> int:
        """1 for what was made from nothing, 2 for what was made from that, and so on. What was not
        made is no version."""
        columns = generations.c.id, generations.c.parent_id, generations.c.state
        chain = (
            sa.select(*columns, sa.literal(1).label("depth"))
            .where(generations.c.id == generation_id)
            .cte("chain", recursive=True)
        )
        above = sa.alias(generations)
        chain = chain.union_all(
            sa.select(above.c.id, above.c.parent_id, above.c.state, chain.c.depth + 1)
            .where(above.c.id == chain.c.parent_id)
            .where(chain.c.depth < _VERSIONS_MAX)
        )
        is_one = (chain.c.id == generation_id) | chain.c.state.not_in(_NOTHING_MADE)
        statement = sa.select(sa.func.count()).select_from(chain).where(is_one)
        return await self._database.read(lambda on: int(on.execute(statement).scalar_one() or 1))

    async def is_first_in_thread(self, generation: Generation) -> bool:
        """Whether its person has asked for nothing before it, in its thread, that came to
        pictures, or may yet: the same whenever it is asked."""
        thread_ts = generation.home_ts
        if thread_ts is None:
            return True
        earlier = (
            sa.select(sa.literal(1))
            .where(generations.c.id.in_(_select_thread(generation.place.channel_id, thread_ts)))
            .where(unindexed(generations.c.team_id) == generation.place.team_id)
            .where(unindexed(generations.c.user_id) == generation.place.user_id)
            .where(generations.c.accepted_at < generation.accepted_at)
            .where(generations.c.state.not_in([State.UNKNOWN.value, *_NOTHING_MADE]))
            .limit(1)
        )
        return await self._database.read(lambda on: on.execute(earlier).first() is None)

    async def history(
        self, team_id: str, user_id: str, before: datetime | None, limit: int
    ) -> HistoryPage:
        """A person's generations, newest first, with their pictures, bills and versions: one look,
        on one connection."""
        statement = (
            sa.select(generations)
            .where(generations.c.team_id == team_id)
            .where(generations.c.user_id == user_id)
            .order_by(generations.c.accepted_at.desc())
            .limit(limit)
        )
        if before is not None:
            statement = statement.where(generations.c.accepted_at < before)

        def read(on: sa.Connection) -> HistoryPage:
            found = _find(on, statement)
            bills = _read_bills(on, [each.id for each in found])
            return found, bills, _count_versions(on, [x.id for x in found if x.parent_id])

        return await self._database.read(read)

    async def bills(self, generation_ids: Sequence[str]) -> dict[str, Bill]:
        """What each of them took and gave back by now, in one look at the ledger; without those
        that nothing was charged for, or that PowerPost named no price of."""
        return await self._database.read(lambda on: _read_bills(on, generation_ids))

    async def mark_deleted(self, generation_id: str, user_id: str, now: datetime) -> bool:
        """Note who took it away. False where it was taken away before."""
        statement = (
            sa.update(generations)
            .where(generations.c.id == generation_id)
            .where(generations.c.state == State.DELIVERED.value)
            .where(generations.c.deleted_at.is_(None))
            .values(deleted_at=now, deleted_by=user_id)
        )

        def write(on: sa.Connection) -> bool:
            is_new = bool(on.execute(statement).rowcount == 1)
            if is_new:
                touch_rounds(on, generation_id)
            return is_new

        return await self._database.write(write)

    async def keep_alt_texts(self, generation_id: str, said: Mapping[int, str | None]) -> bool:
        """What somebody has written of its pictures, by position; None: it is made from the prompt.
        False, and nothing is kept, if what its person said is not kept any more."""
        is_kept = (
            sa.select(generations.c.id)
            .where(generations.c.id == generation_id)
            .where(generations.c.blanked_at.is_(None))
        )
        changes = [
            sa.update(pictures)
            .where(pictures.c.generation_id.in_(is_kept))
            .where(pictures.c.position == position)
            .values(alt_text=text)
            for position, text in said.items()
        ]
        return await self._database.write(
            lambda on: sum(on.execute(each).rowcount for each in changes) == len(changes)
        )

    async def keep_opinion(
        self, generation_id: str, user_id: str, opinion: str, now: datetime
    ) -> None:
        """What a person thinks of a result; the last word counts."""
        row = {"opinion": opinion, "given_at": now}
        statement = (
            self._database.insert(feedback)
            .values(generation_id=generation_id, user_id=user_id, **row)
            .on_conflict_do_update(index_elements=["generation_id", "user_id"], set_=row)
        )

        def write(on: sa.Connection) -> None:
            on.execute(statement)
            mark_again(on, [generation_id])

        await self._database.write(write)

    async def opinions(self, generation_id: str) -> dict[str, str]:
        """User -> opinion."""
        statement = sa.select(feedback.c.user_id, feedback.c.opinion).where(
            feedback.c.generation_id == generation_id
        )
        return await self._database.read(
            lambda on: {row.user_id: row.opinion for row in on.execute(statement)}
        )


def _select_thread(channel_id: str, thread_ts: str) -> sa.CompoundSelect[Any]:
    """The ids of a thread's generations, of whatever workspace: those under whose root message it
    hangs, and those that were posted into it. Each by its own index, where an OR would be looked
    for in all rows."""
    here = sa.select(generations.c.id).where(generations.c.channel_id == channel_id)
    return sa.union_all(
        here.where(generations.c.root_ts == thread_ts),
        here.where(generations.c.thread_ts == thread_ts),
    )


def _find(on: sa.Connection, statement: sa.Select[Any]) -> list[Generation]:
    return generations_of(on, statement, for_work=True)


def _read_bills(on: sa.Connection, generation_ids: Sequence[str]) -> dict[str, Bill]:
    if not generation_ids:
        return {}
    is_charge = ledger.c.kind == EntryKind.CHARGE.value
    found = (
        sa.select(
            ledger.c.generation_id,
            sa.func.sum(sa.case((is_charge, ledger.c.credits))).label("taken"),
            (-sa.func.sum(sa.case((is_charge, 0.0), else_=ledger.c.credits))).label("back"),
            (-sa.func.sum(ledger.c.expected)).label("coming_back"),
        )
        .where(ledger.c.generation_id.in_(generation_ids))
        .group_by(ledger.c.generation_id)
    )
    return {
        row.generation_id: Bill(row.taken, row.back + 0.0, row.coming_back + 0.0)
        for row in on.execute(found)
        if row.taken is not None
    }


def _count_versions(on: sa.Connection, generation_ids: Sequence[str]) -> dict[str, int]:
    """`version_of` each of them, in one look."""
    if not generation_ids:
        return {}
    own = generations.c.id, generations.c.parent_id, generations.c.state
    chain = (
        sa.select(generations.c.id.label("start"), *own, sa.literal(1).label("depth"))
        .where(generations.c.id.in_(generation_ids))
        .cte("chains", recursive=True)
    )
    above = sa.alias(generations)
    columns = above.c.id, above.c.parent_id, above.c.state
    chain = chain.union_all(
        sa.select(chain.c.start, *columns, chain.c.depth + 1)
        .where(above.c.id == chain.c.parent_id)
        .where(chain.c.depth < _VERSIONS_MAX)
    )
    is_one = (chain.c.id == chain.c.start) | chain.c.state.not_in(_NOTHING_MADE)
    counted = (
        sa.select(chain.c.start, sa.func.count().label("version"))
        .where(is_one)
        .group_by(chain.c.start)
    )
    return {row.start: int(row.version) for row in on.execute(counted)}
