"""Logging: events with fields, one line each; JSON unless a person is looking at a terminal.

One id (`generation`) follows a generation from the command to the picture. Prompts and tokens are
never in an event; the loggers of libraries that would print bodies are kept quiet.
"""

from __future__ import annotations

import logging
import sys
from typing import Final

import structlog

# Below these levels they print bodies (Bolt), signed links (httpx) or a line per request.
_LIBRARIES: Final = {
    "slack_bolt": logging.ERROR,
    "slack_sdk": logging.WARNING,
    # Its tracebacks hold the socket's secret address; connection.py says what is wrong.
    "slack_socket": logging.CRITICAL,
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "aiosqlite": logging.WARNING,
    "alembic": logging.WARNING,
    "opentelemetry": logging.ERROR,
    "urllib3": logging.ERROR,
    "PIL": logging.WARNING,
    # Its warnings are one for each request that is not HTTP, which anybody can send.
    "uvicorn": logging.ERROR,
}


def set_up_logging(level: str) -> None:
    """Send everything to standard output. To be called once, by the command line."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: structlog.typing.Processor = structlog.processors.JSONRenderer(ensure_ascii=False)
    final: list[structlog.typing.Processor] = [structlog.processors.format_exc_info, renderer]
    if sys.stdout.isatty():
        # Not its own tracebacks: they show the values of variables, tokens and prompts among them.
        plain = structlog.dev.plain_traceback
        final = [structlog.dev.ConsoleRenderer(exception_formatter=plain)]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *final],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name, least in _LIBRARIES.items():
        logging.getLogger(name).setLevel(max(least, logging.getLevelName(level)))
