"""`python -m bot sandbox`: the stand-ins, the page, and the real bot between them.

The bot is a process of its own, started as an operator would start it (`python -m bot run`), with
settings that point at the stand-ins. It speaks HTTP to them over loopback, and can be killed and
started again while they go on.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import tempfile
import webbrowser
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final

import httpx
import yaml

from bot.sandbox.page.features import read_features
from bot.sandbox.page.web import build_app as build_page
from bot.sandbox.powerpost.service import PowerPost
from bot.sandbox.powerpost.web import build_app as build_powerpost
from bot.sandbox.serving import serve
from bot.sandbox.slack.delivery import Delivery
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.web import build_app as build_slack
from bot.sandbox.slack.workspace import Workspace

_ROOT: Final = Path(__file__).parent.parent.parent
_OURS: Final = ("SLACK_", "POWERPOST_", "DATABASE_URL", "PORT", "HOST", "POLL_", "LOG_LEVEL")
_READY_SECONDS: Final = 20.0
_STOP_SECONDS: Final = 10.0

API_KEY: Final = "pp_live_sk_sandbox"
WORKSPACE_ID: Final = "ws_sandbox"


class BotProcess:
    """The bot as a process of its own, which a person may kill and start again."""

    def __init__(self, environment: dict[str, str], directory: Path) -> None:
        self._environment = environment
        self._directory = directory
        self._process: asyncio.subprocess.Process | None = None

    @property
    def is_running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start it, and wait until it is ready. RuntimeError where it is not within 20 s."""
        if self.is_running:
            return
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", env=self._environment, cwd=self._directory
        )
        await self._wait_until_ready()

    async def kill(self) -> None:
        """SIGKILL: no warning, nothing tidied up."""
        if self._process is not None and self.is_running:
            self._process.kill()
            await self._process.wait()

    async def stop(self) -> None:
        """SIGTERM, as a platform stops it; killed after 10 seconds."""
        if self._process is None or not self.is_running:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._process.wait(), _STOP_SECONDS)
        except TimeoutError:
            await self.kill()

    async def _wait_until_ready(self) -> None:
        url = f"http://127.0.0.1:{self._environment['PORT']}/readyz"
        async with asyncio.timeout(_READY_SECONDS), httpx.AsyncClient() as http:
            while self.is_running:
                with contextlib.suppress(httpx.TransportError):
                    if (await http.get(url)).status_code == 200:
                        return
                await asyncio.sleep(0.03)
        raise RuntimeError("The bot did not start; its own words are above.")


def run_sandbox(*, port: int, opens_browser: bool, db: Path | None) -> int:
    """Run until Ctrl-C; the exit code."""
    try:
        asyncio.run(_run(port, opens_browser, db.absolute() if db else None))
    except OSError as error:
        print(f"Port {port} is taken ({error.strerror}). Choose another with --port.")
        return 1
    except (RuntimeError, TimeoutError) as error:
        print(error or "The bot did not start in time.")
        return 1
    return 0


async def _run(port: int, opens_browser: bool, db: Path | None) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C ends asyncio.run
            loop.add_signal_handler(name, stopped.set)
    with tempfile.TemporaryDirectory(prefix="imagine-sandbox-") as scratch:
        database = db or Path(scratch) / "imagine.sqlite3"
        async with open_sandbox(port, database, Path(scratch)) as url:
            print(f"\n  Imagine's sandbox: {url}\n\n  Ctrl-C stops it.\n", flush=True)
            if opens_browser:
                await asyncio.to_thread(_open_browser, url)
            await stopped.wait()


@contextlib.asynccontextmanager
async def open_sandbox(port: int, database: Path, directory: Path) -> AsyncIterator[str]:
    """Everything up and ready; the page's address."""
    manifest = yaml.safe_load((_ROOT / "manifest.yml").read_text("utf-8"))
    workspace = Workspace()
    workspace.adopt_manifest(manifest)
    powerpost = PowerPost(api_key=API_KEY, workspace_id=WORKSPACE_ID, rate_limit_per_minute=120)
    bot_port = _free_port()
    delivery = Delivery(workspace, bot_url=f"http://127.0.0.1:{bot_port}")
    async with (
        serve(build_powerpost(powerpost)) as powerpost_url,
        serve(build_slack(workspace)) as slack_url,
    ):
        workspace.base_url = slack_url
        environment = bot_environment(
            workspace, slack_url, powerpost_url, database=database, port=bot_port
        )
        bot = BotProcess(environment, directory)
        page = build_page(
            workspace=workspace,
            person=_hands(workspace, delivery),
            powerpost=powerpost,
            bot=bot,
            features=read_features(manifest),
        )
        try:
            async with serve(page, port) as url:
                await bot.start()
                yield url
        finally:
            await bot.stop()
            await delivery.aclose()


def bot_environment(
    workspace: Workspace, slack_url: str, powerpost_url: str, *, database: Path, port: int
) -> dict[str, str]:
    """What an operator would set, with the stand-ins' addresses. Nothing of a real account's that
    the person may have in the environment goes along."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return kept | {
        "SLACK_BOT_TOKEN": workspace.bot_token,
        "SLACK_SIGNING_SECRET": workspace.signing_secret,
        "SLACK_API_URL": f"{slack_url}/api",
        "POWERPOST_API_KEY": API_KEY,
        "POWERPOST_WORKSPACE_ID": WORKSPACE_ID,
        "POWERPOST_API_URL": f"{powerpost_url}/api/v1",
        "DATABASE_URL": f"sqlite:///{database}",
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "LOG_LEVEL": "WARNING",
        "PYTHONPATH": str(_ROOT),
    }


def _hands(workspace: Workspace, delivery: Delivery) -> Callable[[str], Person]:
    return lambda user_id: Person(workspace, delivery, user_id)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _open_browser(url: str) -> None:
    # A machine without a browser says so in many ways; the address is printed anyway.
    with contextlib.suppress(webbrowser.Error, OSError):
        webbrowser.open(url)
