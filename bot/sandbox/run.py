"""`python -m bot sandbox`: the stand-ins, the page, and the real bot between them.

The bot's process takes longest to start, so it is sent off first; what the stand-ins and the page
need is imported while it starts.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import socket
import tempfile
import time
import webbrowser
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bot.sandbox.listeners import find_free_port, open_listener, url_of
from bot.sandbox.past import SharedClock
from bot.sandbox.process import (
    API_KEY,
    ROOT,
    WORKSPACE_ID,
    BotProcess,
    Keys,
    bot_environment,
)

if TYPE_CHECKING:
    from bot.sandbox.wiring import Sandbox

__all__ = ["API_KEY", "WORKSPACE_ID", "BotProcess", "bot_environment", "run_sandbox"]

_STOP_SIGNALS: Final = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


def run_sandbox(*, port: int, opens_browser: bool, db: Path | None, has_history: bool) -> int:
    """Run until Ctrl-C, SIGTERM or the end of the terminal; the exit code."""
    try:
        asyncio.run(_run(port, opens_browser, db.absolute() if db else None, has_history))
    except OSError as error:
        print(f"Port {port} cannot be used ({error.strerror}). Choose another with --port.")
        return 1
    except (RuntimeError, TimeoutError) as error:
        print(str(error) or "The bot did not start in time.")
        return 1
    return 0


async def _run(port: int, opens_browser: bool, db: Path | None, has_history: bool) -> None:
    stopped = _hear_signals()
    with tempfile.TemporaryDirectory(prefix="imagine-sandbox-") as scratch:
        database = db or Path(scratch) / "imagine.sqlite3"
        state = db.with_name(f"{db.name}.world") if db else None
        clock = SharedClock(Path(scratch) / "clock") if has_history else None
        async with open_sandbox(port, database, Path(scratch), state=state, clock=clock) as sandbox:
            await _either(stopped, sandbox.bot.until_ready())
            if clock is not None and not sandbox.is_restored:
                await _either(stopped, _seed(sandbox, clock))
            if not stopped.is_set():
                print(f"\n  Imagine's sandbox: {sandbox.url}\n\n  Ctrl-C stops it.\n", flush=True)
                if db is not None:
                    print(f"  To audit {db}, run:\n  {sandbox.bot.audit}\n", flush=True)
                if opens_browser:
                    await asyncio.to_thread(_open_browser, sandbox.url)
            await stopped.wait()


def _hear_signals() -> asyncio.Event:
    """Set when it is time to go."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in _STOP_SIGNALS:
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C ends asyncio.run
            loop.add_signal_handler(name, stopped.set)
    return stopped


async def _either(stopped: asyncio.Event, work: Any) -> None:
    """Do something, unless it is time to go before it is done. Raises what the work raises."""
    working, going = asyncio.ensure_future(work), asyncio.ensure_future(stopped.wait())
    try:
        await asyncio.wait({working, going}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            await working
    finally:
        for task in (working, going):
            task.cancel()
        await asyncio.gather(working, going, return_exceptions=True)


async def _seed(sandbox: Sandbox, clock: SharedClock) -> None:
    from bot.sandbox.demo import seed_history

    print("  Four weeks of history are being made; this takes some 15 seconds.", flush=True)
    try:
        await seed_history(sandbox, clock)
    except TimeoutError:
        print("  Not all of the history could be made. The sandbox starts with what there is.")


@contextlib.asynccontextmanager
async def open_sandbox(
    port: int,
    database: Path,
    directory: Path,
    settings: Mapping[str, str] | None = None,
    *,
    state: Path | None = None,
    clock: SharedClock | None = None,
) -> AsyncIterator[Sandbox]:
    """Stand-ins and page up, the bot on its way (`sandbox.bot.until_ready()`), all of it stopped in
    the end. `settings` are more variables for the bot. In the directory `state` the stand-ins keep
    what they have, as the bot does in `database`. `clock` is everybody's, the bot's too. OSError if
    the port is taken."""
    page = open_listener(port)
    slack_port, powerpost_port = read_ports(state)
    slack, powerpost = _open_again(slack_port), _open_again(powerpost_port)
    keys = Keys.make()
    environment = bot_environment(
        keys,
        url_of(slack),
        url_of(powerpost),
        database=database,
        port=find_free_port(),
        api_key=keys.api_key,
    )
    environment["POWERPOST_WEBHOOK_TOKEN"] = keys.webhook_token
    environment |= dict(settings or {})
    if clock is None:
        bot = BotProcess(environment, directory)
    else:
        bot = BotProcess(clock.share(environment), directory, "bot.sandbox.past")
    await bot.launch()
    try:
        # Here and not above: half a second in which the bot is starting already.
        import yaml

        from bot.sandbox.saved_state import SavedState
        from bot.sandbox.wiring import Listeners, serve_sandbox

        manifest = yaml.safe_load((ROOT / "manifest.yml").read_text("utf-8"))
        listeners = Listeners(page, slack, powerpost)
        ports = {"slack": slack.getsockname()[1], "powerpost": powerpost.getsockname()[1]}
        kept = SavedState(state, ports) if state else None
        async with serve_sandbox(
            listeners, bot, manifest, keys, kept, clock or time.time
        ) as sandbox:
            yield sandbox
    finally:
        await bot.stop()


def read_ports(state: Path | None) -> tuple[int, int]:
    """The ports that Slack and PowerPost had in this state: their addresses are in what the bot
    keeps. 0 where there is none, or none that can be read: others do, too."""
    # Not by SavedState, whose imports take long.
    try:
        kept = json.loads((state / "ports.json").read_text("utf-8")) if state else {}
        slack, powerpost = int(kept["slack"]), int(kept["powerpost"])
    except (OSError, ValueError, TypeError, KeyError):
        return 0, 0
    return slack, powerpost


def _open_again(port: int) -> socket.socket:
    """The same port as before, or another one where somebody has it by now."""
    try:
        return open_listener(port)
    except (OSError, OverflowError):
        return open_listener()


def _open_browser(url: str) -> None:
    # A machine without a browser says so in many ways; the address is printed anyway.
    with contextlib.suppress(webbrowser.Error, OSError):
        webbrowser.open(url)
