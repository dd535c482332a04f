"""Logging: events with fields, one line each; JSON unless a person is looking at a terminal.

One id (`generation`) follows a generation from the command to the picture. Prompts and tokens are
never in an event; the loggers of libraries that would print bodies are kept quiet.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final

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


# What would begin another line, steer a terminal, or turn the direction of what follows.
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)


def clean_fields(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """A processor: what others chose (names, a third party's words) stays within its field, on one
    line. Only a traceback has several."""
    return {name: _clean(value, keeps_lines=name == "exception") for name, value in event.items()}


def _clean(value: Any, *, keeps_lines: bool = False) -> Any:
    if isinstance(value, str):
        value = _UNSEEN.sub(" ", value)
        return value if keeps_lines else value.replace("\n", " ").replace("\t", " ")
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(each) for each in value]
    if isinstance(value, dict):
        return {_clean(name): _clean(each) for name, each in value.items()}
    return value


def set_up_logging(level: str) -> None:
    """Send everything to standard output. To be called once, by the command line."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: structlog.typing.Processor = structlog.processors.JSONRenderer(ensure_ascii=False)
    final: list[structlog.typing.Processor] = [
        structlog.processors.format_exc_info,
        clean_fields,
        renderer,
    ]
    if sys.stdout.isatty():
        # Not its own tracebacks: they show the values of variables, tokens and prompts among them.
        plain = structlog.dev.plain_traceback
        final = [clean_fields, structlog.dev.ConsoleRenderer(exception_formatter=plain)]
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
