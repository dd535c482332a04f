"""Two workers, late answers, lost commits, refusals, kills and deploys, in any order: at most one
paid POST each, a ledger that is equal to what was charged, and nobody left without an answer."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import Cause, Rejected, Transient
from bot.store.generations import LOCAL_OWNER
from bot.store.tables import generations, ledger
from tests.support.fast_clock import HastyLoop, run_hastily
from tests.support.machine import (
    PRICE,
    FakePowerPost,
    FakeSlack,
    LossyDatabase,
    Reply,
    Worker,
    read_rows,
)
from tests.support.postgres import make_migrated_database
from tests.support.schema import make_migrated_file

SPEED = 200.0
PATIENCE_SECONDS = 4000.0  # of the hasty loop: 20 of ours

WORKERS = st.sampled_from(("a", "b"))
DEEDS = st.one_of(
    st.tuples(st.just("accept"), WORKERS),
    st.tuples(st.just("sweep"), WORKERS),
    st.tuples(st.just("kill"), WORKERS),
    st.tuples(st.just("deploy"), WORKERS),
    st.tuples(st.just("bury"), WORKERS),  # frozen: the other takes over what it has
    st.tuples(st.just("reply"), st.sampled_from(Reply)),
    st.tuples(st.just("hold"), st.booleans()),
    st.tuples(st.just("lose"), st.integers(1, 3)),
    st.tuples(st.just("refuse"), st.booleans()),
    st.tuples(st.just("wait"), st.sampled_from([0.0, 1.5, 10.0])),
    st.tuples(st.just("pay"), WORKERS),
)


class Machine:
    """The world, and what is done to it."""

    def __init__(self, database_url: str) -> None:
        self.database = LossyDatabase(database_url)
        self.powerpost, self.slack = FakePowerPost(), FakeSlack()
        self.asked = 0
        self._lives = 0
        # A SQLite file has one process.
        self.is_shared = self.database.dialect == "postgresql"
        self.workers = self._start_all()

    def _start_all(self) -> dict[str, Worker]:
        alone = self._start("a")
        return {"a": alone, "b": self._start("b") if self.is_shared else alone}

    def _start(self, name: str) -> Worker:
        self._lives += 1
        owner = f"{name}{self._lives}" if self.is_shared else LOCAL_OWNER
        return Worker(owner, self.database, self.powerpost, self.slack)

    async def do(self, deed: str, argument: Any) -> None:
        """One thing that happens."""
        await getattr(self, f"do_{deed}")(argument)
        await asyncio.sleep(0.01)

    async def do_accept(self, name: str) -> None:
        self.asked += 1
        await self.workers[name].accept(self.asked)
        await self.workers[name].sweep()

    async def do_pay(self, name: str) -> None:
        """A request whose paid POST is under way, and its answer held."""
        self.powerpost.is_holding = True
        before = len(self.powerpost.held)
        await self.do_accept(name)
        for _ in range(100):
            if len(self.powerpost.held) > before:
                return
            await asyncio.sleep(1.0)

    async def do_sweep(self, name: str) -> None:
        await self.workers[name].sweep()

    async def do_kill(self, name: str) -> None:
        """Killed, and another process comes in its place, with a name of its own."""
        await self.workers[name].kill()
        entered = {entry.generation_id for entry in await read_rows(self.database, ledger)}
        for charge in self.powerpost.charges.values():  # read, perhaps, and never written down
            if f"g{charge.prompt.removeprefix('fog ')}" not in entered:
                charge.is_heard = False
        await self._come_in_place_of(name)

    async def do_deploy(self, name: str) -> None:
        await self.workers[name].leave()
        await self._come_in_place_of(name)

    async def _come_in_place_of(self, name: str) -> None:
        dead = self.workers[name]
        heir = self._start(name)
        self.workers = {
            other: heir if worker is dead else worker for other, worker in self.workers.items()
        }
        await self._bury(dead)
        await heir.sweep()

    async def do_bury(self, name: str) -> None:
        """Thought dead while it goes on; it shows life again at its next sweep."""
        await self._bury(self.workers[name])
        await self.workers["b" if name == "a" else "a"].sweep()

    async def _bury(self, silent: Worker) -> None:
        if not self.is_shared:
            return
        undertaker = next(worker for worker in self.workers.values() if worker is not silent)
        with contextlib.suppress(Transient):
            signs = await undertaker.processes.list_signs()
            if silent.name in signs:
                await undertaker.processes.bury({silent.name: signs[silent.name]})

    async def do_reply(self, reply: Reply) -> None:
        self.powerpost.replies.append(reply)

    async def do_hold(self, is_holding: bool) -> None:
        self.powerpost.is_holding = is_holding
        if not is_holding:
            self.powerpost.let_go()

    async def do_lose(self, number: int) -> None:
        self.database.losses = number

    async def do_refuse(self, is_final: bool) -> None:
        fault = Rejected(Cause.CHANNEL_GONE) if is_final else Transient(Cause.SLACK_AWAY)
        self.slack.refusals.append(fault)

    async def do_wait(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def calm_down(self) -> None:
        """Everything works again, and all that is pending is brought to its end."""
        self.powerpost.is_holding = False
        self.powerpost.let_go()
        self.database.losses = 0
        self.slack.refusals.clear()
        await self._until_all_told()
        await self._leave()  # answers that come late may have revived some
        self.workers = self._start_all()
        await self._until_all_told()
        await self._leave()

    async def _until_all_told(self) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while any(row.told_at is None for row in await read_rows(self.database, generations)):
                for worker in self.workers.values():
                    await worker.sweep()
                await asyncio.sleep(2.0)

    async def _leave(self) -> None:
        for worker in self.workers.values():
            await worker.leave(PATIENCE_SECONDS)

    async def check(self) -> None:
        """What holds whatever happened."""
        rows = {row.id: row for row in await read_rows(self.database, generations)}
        entries = await read_rows(self.database, ledger)
        charged = [charge.prompt for charge in self.powerpost.charges.values()]
        heard = [charge.prompt for charge in self.powerpost.charges.values() if charge.is_heard]
        tried = [prompt for prompt in self.powerpost.posts if charged.count(prompt)]

        assert len(charged) == len(set(charged)), "paid twice"
        assert all(tried.count(prompt) >= 1 for prompt in charged)
        by_prompt = {f"fog {id_.removeprefix('g')}": row for id_, row in rows.items()}
        assert sum(entry.credits for entry in entries) == PRICE * len(entries)
        entered = [rows[entry.generation_id].request["prompt"] for entry in entries]
        assert sorted(entered) == sorted(set(entered)), "entered twice"
        for prompt, row in by_prompt.items():
            self._check_one(prompt, row, is_charged=prompt in charged, is_entered=prompt in entered)
        assert set(heard) <= set(entered), "what was answered is in the ledger"
        for id_, told in self.slack.told.items():
            assert set(told) <= {"finished", "unknown", "refused"}, "no outcome was told"
            assert told[-1].replace("finished", "delivered") == rows[id_].state
            assert self.slack.shown[id_] == (told[-1] == "finished")

    def _check_one(self, prompt: str, row: Any, *, is_charged: bool, is_entered: bool) -> None:
        assert row.told_at is not None, prompt
        assert row.state in ("delivered", "refused", "unknown"), row.state
        if row.state == "delivered":
            assert is_charged
            assert is_entered
        if row.state == "refused":
            assert not is_charged, "told that nothing was spent"
        if is_entered:
            assert row.state == "delivered", "its answer was heard: its pictures come"


async def live(database_url: str, deeds: list[tuple[str, Any]], loop: HastyLoop) -> None:
    machine = Machine(database_url)
    loop.make_haste(SPEED)
    try:
        for deed, argument in deeds:
            await machine.do(deed, argument)
        await machine.calm_down()
        await machine.check()
    finally:
        for worker in machine.workers.values():
            await worker.kill()
        await machine.database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh_database(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Makes the address of a database with our tables and nothing in them."""
    if request.param == "postgresql":
        return partial(make_migrated_database, request.getfixturevalue("postgres_server"))
    names = itertools.count()
    return lambda: make_migrated_file(tmp_path / f"{next(names)}.sqlite3")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=st.lists(DEEDS, min_size=4, max_size=25))
def test_nothing_is_paid_twice_and_nobody_is_left_without_an_answer(
    fresh_database: Callable[[], str], deeds: list[tuple[str, Any]]
) -> None:
    url = fresh_database()

    run_hastily(lambda loop: live(url, deeds, loop))


SEQUENCES: dict[str, list[tuple[str, Any]]] = {
    "frozen while it pays, taken over, and answered while the heir asks for the balance": [
        ("pay", "a"),
        ("bury", "a"),
        ("wait", 0.5),
        ("hold", False),
    ],
    "frozen while it pays, and answered after the heir has told": [
        ("pay", "a"),
        ("bury", "a"),
        ("wait", 60.0),
        ("hold", False),
    ],
    "a deploy with a slow POST": [("pay", "a"), ("deploy", "a"), ("sweep", "b"), ("hold", False)],
    "the commit of the receipt is not heard of": [("pay", "a"), ("lose", 1), ("hold", False)],
    "killed while it pays": [("pay", "a"), ("kill", "a"), ("sweep", "b"), ("hold", False)],
}


@pytest.mark.parametrize("name", SEQUENCES)
def test_sequences_that_once_lost_a_picture(fresh_database: Callable[[], str], name: str) -> None:
    url = fresh_database()

    run_hastily(lambda loop: live(url, SEQUENCES[name], loop))
