"""`GET /metrics` for Prometheus: what is owed, how long things take, what goes wrong and what it
costs. No label holds a prompt, a person, a channel or an id.

Names: https://prometheus.io/docs/practices/naming/. Gauges of what is owed are read from the
database at each scrape, so with several processes each shows the same; all else is this process's.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final, Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response

from bot.errors import ImagineError
from bot.generations.record import Generation, Pending, State
from bot.generations.usage import Usage
from bot.telemetry.instrumentation import Note, Operation

_CALL_SECONDS: Final = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 90)
_PHASE_SECONDS: Final = (0.1, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 1800, 7200, 86400)
# Slack waits for 3 seconds.
_ANSWER_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3)
_DATABASE_SECONDS: Final = 2.0
_PENDING_STATES: Final = (State.ACCEPTED, State.SUBMITTING, State.PROCESSING, State.FINISHED)


class Outstanding(Protocol):
    """Refunds that no balance has shown yet."""

    @property
    def credits(self) -> float: ...
    @property
    def oldest_at(self) -> datetime | None: ...


class Metrics:
    """Keeps count. One for the process, with a registry of its own."""

    def __init__(self, queued: Callable[[], int], running: Callable[[], int]) -> None:
        """`queued`: accepted here and not begun. `running`: begun here and not ended."""
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._make_gauges(queued, running)
        self._make_ends()
        self._make_calls()
        self._make_sweeps()

    def _make_gauges(self, queued: Callable[[], int], running: Callable[[], int]) -> None:
        registry = self._registry
        self._pending = Gauge(
            "imagine_generations_owed",
            "Generations whose outcome was not told yet, in all processes, by state.",
            ["state"],
            registry=registry,
        )
        self._oldest = Gauge(
            "imagine_oldest_owed_age_seconds",
            "How long ago the oldest generation was accepted that is owed; 0 where none is.",
            registry=registry,
        )
        self._database = Gauge(
            "imagine_database_up", "Whether the database answered this scrape.", registry=registry
        )
        self._expected = Gauge(
            "imagine_refunds_outstanding_credits",
            "Credits that PowerPost gives back and that no balance has shown yet.",
            registry=registry,
        )
        self._oldest_expected = Gauge(
            "imagine_oldest_refund_outstanding_age_seconds",
            "Since when the oldest of them is expected; 0 where none is.",
            registry=registry,
        )
        queue = Gauge(
            "imagine_queue_length",
            "Generations that this process accepted and has not begun.",
            registry=registry,
        )
        queue.set_function(queued)
        under_way = Gauge(
            "imagine_generations_running",
            "Generations that this process has under way.",
            registry=registry,
        )
        under_way.set_function(running)

    def _make_ends(self) -> None:
        registry = self._registry
        self._phases = Histogram(
            "imagine_phase_seconds",
            "Of a generation that was told: accepted to announced, to paid, to finished, to told.",
            ["phase"],
            buckets=_PHASE_SECONDS,
            registry=registry,
        )
        self._told = Counter(
            "imagine_generations_told",
            "Generations whose outcome was told, by outcome and cause.",
            ["outcome", "cause"],
            registry=registry,
        )
        self._spent = Counter(
            "imagine_credits_spent",
            "Credits that PowerPost said it took, for generations that were told.",
            registry=registry,
        )
        self._refunded = Counter(
            "imagine_credits_refunded",
            "Credits that were seen to come back. Not every refund can be seen.",
            registry=registry,
        )
        self._steps = _seconds(
            "imagine_step_seconds",
            "Tries of a step.",
            ["step", "outcome"],
            _PHASE_SECONDS,
            registry,
        )

    def _make_calls(self) -> None:
        registry = self._registry
        self._calls = {
            Operation.POWERPOST: _seconds(
                "imagine_powerpost_call_seconds",
                "Calls to PowerPost and downloads, by kind and by what became of them.",
                ["kind", "outcome"],
                _CALL_SECONDS,
                registry,
            ),
            Operation.SLACK: _seconds(
                "imagine_slack_call_seconds",
                "Calls of Slack's Web API, by method and by what became of them.",
                ["method", "outcome"],
                _CALL_SECONDS,
                registry,
            ),
            Operation.STEP: self._steps,
            Operation.TASK: _seconds(
                "imagine_task_seconds",
                "Rounds of what is done again and again, by task and by what became of them.",
                ["task", "outcome"],
                _CALL_SECONDS,
                registry,
            ),
        }
        self._answers = _seconds(
            "imagine_answer_seconds",
            "From a whole payload of Slack's to our answer, over HTTP or the socket.",
            [],
            _ANSWER_SECONDS,
            registry,
        )

    def _make_sweeps(self) -> None:
        self._swept = Counter(
            "imagine_rows_swept",
            "Rows that were deleted or blanked because they are not needed any more, by kind.",
            ["kind"],
            registry=self._registry,
        )
        self._sweep_ended = Gauge(
            "imagine_last_sweep_timestamp_seconds",
            "When a nightly sweep ended last, of whichever process; 0 where none did.",
            registry=self._registry,
        )

    @contextmanager
    def watch(self, operation: Operation, name: str, /) -> Iterator[Note]:
        """See bot/telemetry/instrumentation.py."""
        note, begun = Note(), time.perf_counter()
        raised: BaseException | None = None
        try:
            yield note
        except BaseException as error:
            raised = error
            raise
        finally:
            seconds = time.perf_counter() - begun
            if operation is Operation.ANSWER:
                self._answers.observe(seconds)
            elif histogram := self._calls.get(operation):
                histogram.labels(name, note.settle(raised)).observe(seconds)

    def note_delivered(self, generation: Generation, usage: Usage) -> None:
        """A generation's outcome was told, with this `usage`; its row says when what was."""
        cause = generation.cause.value if generation.cause else ""
        self._told.labels(generation.state.value, cause).inc()
        self._spent.inc(max(0.0, usage.used or 0.0))
        for phase, seconds in measure_phases(generation).items():
            self._phases.labels(phase).observe(seconds)

    def note_swept(self, kind: str, rows: int) -> None:
        """So many rows of a kind were taken away (bot/store/retention.py)."""
        self._swept.labels(kind).inc(rows)

    def note_sweep_ended(self, at: datetime) -> None:
        """A night was swept, by whichever process."""
        self._sweep_ended.set(at.timestamp())

    def note_refund(self, credits_: float) -> None:
        """A balance has shown that so many credits are back."""
        self._refunded.inc(max(0.0, credits_))

    async def answer(
        self,
        count_pending: Callable[[], Awaitable[list[Pending]]],
        read_outstanding: Callable[[], Awaitable[Outstanding]],
    ) -> Response:
        """The page. What the database would have to say is missing where it does not answer."""
        try:
            async with asyncio.timeout(_DATABASE_SECONDS):
                pending, outstanding = await count_pending(), await read_outstanding()
            now = datetime.now(UTC)
            self._show_pending(pending, now)
            self._show_outstanding(outstanding, now)
        except (TimeoutError, ImagineError):
            self._pending.clear()
            for gauge in (self._oldest, self._expected, self._oldest_expected):
                gauge.set(float("nan"))
            self._database.set(0)
        return Response(generate_latest(self._registry), media_type=CONTENT_TYPE_LATEST)

    def _show_pending(self, pending: list[Pending], now: datetime) -> None:
        for state in _PENDING_STATES:
            self._pending.labels(state.value).set(0)
        for each in pending:
            # Ended, and not told yet, is owed too: whatever the state is called.
            self._pending.labels(each.state).set(each.count)
        ages = [(now - each.oldest_accepted_at).total_seconds() for each in pending]
        self._oldest.set(max([0.0, *ages]))
        self._database.set(1)

    def _show_outstanding(self, outstanding: Outstanding, now: datetime) -> None:
        oldest_at = outstanding.oldest_at
        age = 0.0 if oldest_at is None else (now - oldest_at).total_seconds()
        self._expected.set(outstanding.credits)
        self._oldest_expected.set(max(0.0, age))


def measure_phases(generation: Generation) -> dict[str, float]:
    """Seconds from one moment to the next, as far as it came. Pure.

    `announced` is when the status line stood in Slack, by Slack's clock, which its `ts` is of.
    """
    moments: dict[str, float | None] = {
        "announced": _read_ts(generation.root_ts),
        "paid": _unix(generation.submitted_at),
        "finished": _unix(generation.finished_at),
        "told": _unix(generation.told_at),
    }
    phases, before = {}, generation.accepted_at.timestamp()
    for name, moment in moments.items():
        if moment is not None:
            phases[name] = max(0.0, moment - before)  # clocks differ, and may be set
            before = moment
    return phases


def _read_ts(ts: str | None) -> float | None:
    try:
        return None if ts is None else float(ts)
    except ValueError:
        return None


def _unix(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


def _seconds(
    name: str,
    says: str,
    labels: list[str],
    buckets: tuple[float, ...],
    registry: CollectorRegistry,
) -> Histogram:
    return Histogram(name, says, labels, buckets=buckets, registry=registry)
