"""`python -m bot run`: the bot behind uvicorn, until SIGTERM."""

from __future__ import annotations

import asyncio
from typing import Final

import uvicorn

from bot.app import Bot
from bot.logs import set_up_logging
from bot.settings import Settings

# Requests that Slack still waits for get this long; paid answers have their own time (app.py).
_OPEN_REQUESTS_SECONDS: Final = 3


def run_bot(settings: Settings) -> int:
    """Run until SIGTERM or SIGINT; the exit code. Stops within 10 seconds."""
    set_up_logging(settings.log_level)
    return asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> int:
    config = uvicorn.Config(
        Bot(settings).web_app(),
        host=settings.host,
        port=settings.port,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_OPEN_REQUESTS_SECONDS,
    )
    server = uvicorn.Server(config)
    await server.serve()
    return 0 if server.started else 1
