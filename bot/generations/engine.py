"""The engine that keeps workflows going through crashes: DBOS Transact behind a narrow port.

Nothing else in this project imports dbos. What a step has done is in our own row (record.py); the
engine only remembers which steps have ended and runs the rest again after a crash.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import sqlalchemy as sa
import structlog
from dbos import DBOS, DBOSConfig, SetWorkflowID

from bot.errors import NotOurs, Transient
from bot.generations.endurance import wait_seconds
from bot.generations.ports import Step, Workflow
from bot.generations.record import State

# Pinned: by default DBOS derives it from the code, and strands running jobs at every deploy.
# A change to the order of steps goes through DBOS.patch instead.
APPLICATION_VERSION: Final = "imagine-1"
_RUNNING: Final = frozenset({"PENDING", "ENQUEUED", "DELAYED"})
# What the engine says that it runs, and does not, is given up by it after this long: it could not
# write down how it ended, say, or it is an older version's.
_GIVEN_UP_AFTER_SECONDS: Final = 8.0

log = structlog.get_logger()


class EngineError(Exception):
    """The engine cannot run on this machine; the sentence says why."""


class DbosEngine:
    """Runs one workflow per generation. One for the process: DBOS is a singleton."""

    def __init__(self, database_url: str, workflow: Workflow, owner: str) -> None:
        """`owner` names this process; what ran under another name is not resumed by itself."""
        _check_sqlite(database_url)
        self._database_url = _engine_url(database_url)
        self._workflow = workflow
        self._owner = owner
        self._registered: Callable[[str], Any] | None = None
        self._running: set[str] = set()
        self._idle_since: dict[str, float] = {}  # loop time, by generation
        self._tasks: set[asyncio.Task[object]] = set()

    @property
    def running(self) -> int:
        """How many workflows this process has under way."""
        return len(self._running)

    async def launch(self) -> None:
        """Open the engine's tables and resume what was under way when the process last ended.

        To be called on the loop that the workflows shall run on.
        """
        config: DBOSConfig = {
            "name": "imagine",
            "system_database_url": self._database_url,
            "application_version": APPLICATION_VERSION,
            "executor_id": self._owner,
            "max_executor_threads": 8,
            # As for our own tables (store/database.py): what a frozen process holds is let go.
            "sys_db_idle_transaction_timeout_sec": 5.0,
            "log_level": "WARNING",
            # We listen to nothing; a thread sleeps this long, and a stop waits for it.
            "notification_listener_polling_interval_sec": 0.25,
        }
        DBOS(config=config)
        for handler in logging.getLogger("dbos").handlers[:]:
            logging.getLogger("dbos").removeHandler(handler)  # ours formats what it says
        _prepare_sqlite_file(self._database_url)

        async def generation(generation_id: str) -> None:  # DBOS takes functions, not methods
            await self._run(generation_id)

        self._registered = DBOS.workflow(name="generation")(generation)
        DBOS.launch()

    async def ensure(self, generation_id: str) -> None:
        """See to it that the workflow of `generation_id` runs; harmless where it does.

        A run that the engine gave up (its own tables failed, say) is begun anew under the next
        name: the row says what is done already. To be called again and again while it is owed.
        """
        if generation_id in self._running or self._registered is None:
            return
        self._running.add(generation_id)  # at once, so that two calls start one
        try:
            workflow_id = await self._next_workflow_id(generation_id)
            if workflow_id is None:  # the engine's own recovery will start it, or has given it up
                self._running.discard(generation_id)
                return
            with SetWorkflowID(workflow_id):
                await DBOS.start_workflow_async(self._registered, generation_id)
        except Exception:
            self._running.discard(generation_id)
            raise

    async def close(self) -> None:
        """Stop what runs and let go of the engine's tables: the next launch resumes it."""
        self._registered = None
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        # DBOS has put its own threads in place of the loop's, and takes them away with it.
        threads = ThreadPoolExecutor()
        loop = asyncio.get_running_loop()
        loop.set_default_executor(threads)
        await loop.run_in_executor(threads, _destroy)

    async def _next_workflow_id(self, generation_id: str) -> str | None:
        for attempt in range(1, 1000):
            name = generation_id if attempt == 1 else f"{generation_id}~{attempt}"
            status = await DBOS.get_workflow_status_async(name)
            if status is None:
                return name
            if status.status in _RUNNING:
                is_ours = status.executor_id in (self._owner, None)
                if is_ours and not self._is_given_up(generation_id):
                    return None
                # It ran in a process that is dead, or frozen: then it stops at its next step.
                await DBOS.cancel_workflow_async(name)
        raise EngineError(f"generation {generation_id} was begun a thousand times")

    def _is_given_up(self, generation_id: str) -> bool:
        """Whether the engine has said for some while that it runs this, and it does not run."""
        now = asyncio.get_running_loop().time()
        return now - self._idle_since.setdefault(generation_id, now) > _GIVEN_UP_AFTER_SECONDS

    async def _run(self, generation_id: str) -> None:
        self._running.add(generation_id)
        self._idle_since.pop(generation_id, None)
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            await self._workflow(generation_id, _run_step)
        except NotOurs:
            log.warning("let_go", generation=generation_id)
        finally:
            self._running.discard(generation_id)


def _destroy() -> None:
    DBOS.destroy(destroy_registry=True)


async def _run_step(name: Step, do: Callable[[], Awaitable[State]]) -> State:
    async def run() -> str:
        return (await _until_done(name, do)).value

    return State(await DBOS.run_step_async({"name": name.value}, run))


async def _until_done(name: Step, do: Callable[[], Awaitable[State]]) -> State:
    """A step that raises is run again: what it owes does not end with a fault. Each step is safe
    to run twice, and the one that pays never sends twice (payment.py)."""
    failures = 0
    while True:
        try:
            return await do()
        except NotOurs:
            raise
        except Exception as error:
            failures += 1
            log.exception("step_failed", step=name.value, failures=failures)
            fault = error if isinstance(error, Transient) else None
            wait = wait_seconds(fault, failures) if fault else min(2.0**failures, 60.0)
            await asyncio.sleep(wait)


def _engine_url(database_url: str) -> str:
    """On SQLite a file of its own beside ours, so that neither waits for the other's lock."""
    url = sa.make_url(database_url)
    if url.get_backend_name() != "sqlite" or url.database is None:
        return database_url
    stem = url.database.removesuffix(".sqlite3")
    return f"sqlite:///{stem}-engine.sqlite3"


def _check_sqlite(database_url: str) -> None:
    if (
        database_url.startswith("sqlite")
        and sys.version_info >= (3, 12)
        and sqlite3.sqlite_version_info < (3, 42)
    ):
        raise EngineError(
            f"Python {sys.version_info.major}.{sys.version_info.minor} with SQLite "
            f"{sqlite3.sqlite_version} cannot keep jobs: SQLite 3.42 or newer is needed. "
            "Use another Python, or set DATABASE_URL to a PostgreSQL."
        )


def _prepare_sqlite_file(engine_url: str) -> None:
    if engine_url.startswith("sqlite:///"):
        # WAL is a property of the file: set once, it holds for every connection of the engine's.
        with sqlite3.connect(engine_url.removeprefix("sqlite:///")) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
        connection.close()
