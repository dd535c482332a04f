"""OpenTelemetry traces, where OTEL_EXPORTER_OTLP_ENDPOINT is set: a span for each generation, with
spans in it for each step and each call to PowerPost and Slack.

The library is an extra (`pip install 'imagine-for-slack[otel]'`) and is only imported when it is
wanted. What is raised is not recorded: its words may be a third party's, who may quote a prompt.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import structlog

from bot.telemetry.instrumentation import OK, Note, Operation

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import SpanKind

SERVICE_NAME: Final = "imagine"
_EXPORT_SECONDS: Final = 5.0
_PAUSE_MS: Final = 2000
# Of the 10 seconds that a stop may take.
_CLOSE_SECONDS: Final = 1.0

log = structlog.get_logger()


class Traces:
    """Sends what it sees to a collector, from a thread of its own. One for the process."""

    def __init__(self, provider: TracerProvider) -> None:
        """See `open_traces`."""
        from opentelemetry.trace import SpanKind, Status, StatusCode

        self._provider = provider
        self._tracer = provider.get_tracer(SERVICE_NAME)
        self._kinds: dict[Operation, SpanKind] = {
            Operation.POWERPOST: SpanKind.CLIENT,
            Operation.SLACK: SpanKind.CLIENT,
            Operation.ANSWER: SpanKind.SERVER,
        }
        self._internal = SpanKind.INTERNAL
        self._failed = Status(StatusCode.ERROR)

    @contextmanager
    def watch(self, operation: Operation, name: str, /) -> Iterator[Note]:
        """See bot/telemetry/instrumentation.py."""
        if operation is Operation.TASK:  # several a second, and what it begins is no part of it
            yield Note()
            return
        is_generation = operation is Operation.GENERATION
        note, raised = Note(), None
        with self._tracer.start_as_current_span(
            operation.value if is_generation else f"{operation.value} {name}",
            kind=self._kinds.get(operation, self._internal),
            attributes={"imagine.generation": name} if is_generation else None,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                yield note
            except BaseException as error:
                raised = error
                raise
            finally:
                outcome = note.settle(raised)
                span.set_attribute("imagine.outcome", outcome)
                if outcome != OK:
                    span.set_status(self._failed)

    async def close(self) -> None:
        """Send what is left, for a second at most."""
        loop, ended = asyncio.get_running_loop(), asyncio.Event()

        def shut_down() -> None:
            self._provider.shutdown()
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(ended.set)

        # Its own: a pool's thread would be waited for at the end of the process.
        threading.Thread(target=shut_down, daemon=True, name="traces").start()
        try:
            await asyncio.wait_for(ended.wait(), _CLOSE_SECONDS)
        except TimeoutError:
            log.warning("traces.lost")


def open_traces(endpoint: str | None) -> Traces | None:
    """Traces to the collector at `endpoint` (its address without /v1/traces). None where there is
    no endpoint, or where the library is missing: then one line in the log says so."""
    if endpoint is None:
        return None
    try:
        return Traces(_build_provider(f"{endpoint}/v1/traces"))
    except ImportError:
        log.warning("traces.export_failed", missing="pip install 'imagine-for-slack[otel]'")
        return None


def _build_provider(address: str) -> TracerProvider:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    # Ours, and not the library's global one: two bots in one process do not share it.
    provider = TracerProvider(
        resource=Resource.create({"service.name": SERVICE_NAME}), shutdown_on_exit=False
    )
    exporter = OTLPSpanExporter(endpoint=address, timeout=_EXPORT_SECONDS)
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=_PAUSE_MS))
    return provider
