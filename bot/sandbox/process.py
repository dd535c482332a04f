"""The bot as a process of its own, started as an operator would start it (`python -m bot run`).

It speaks HTTP to the stand-ins over loopback, and can be killed and started again while they go on.
Imports nothing that takes long: the process is on its way before the stand-ins are.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shlex
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

ROOT: Final = Path(__file__).parent.parent.parent
API_KEY: Final = "pp_live_sk_sandbox"
WORKSPACE_ID: Final = "ws_sandbox"
# Another one of the same account, which channels can be set to.
CLIENT_WORKSPACE_ID: Final = "ws_lakeside"
WORKSPACES: Final = f"Our brand={WORKSPACE_ID}, Lakeside Hotel={CLIENT_WORKSPACE_ID}"

_OURS: Final = ("SLACK_", "POWERPOST_", "DATABASE_URL", "PORT", "HOST", "POLL_", "LOG_LEVEL")
_READY_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 10.0


@dataclass(frozen=True)
class Keys:
    """What opens the stand-ins and the bot. Worth nothing elsewhere, and made anew at each start:
    a web page in the same browser must not know it."""

    bot_token: str
    app_token: str
    signing_secret: str
    api_key: str
    webhook_token: str

    @classmethod
    def make(cls) -> Keys:
        """New ones."""
        made = [secrets.token_urlsafe(24) for _ in range(5)]
        prefixes = ("xoxb-sandbox-", "xapp-sandbox-", "", "pp_live_sk_sandbox_", "")
        return cls(*(prefix + word for prefix, word in zip(prefixes, made, strict=True)))


class SlackKeys(Protocol):
    """What Slack hands to the operator of an app; the stand-in's `Workspace` has them."""

    @property
    def bot_token(self) -> str: ...
    @property
    def signing_secret(self) -> str: ...


def bot_environment(
    keys: SlackKeys,
    slack_url: str,
    powerpost_url: str,
    *,
    database: Path,
    port: int,
    api_key: str = API_KEY,
) -> dict[str, str]:
    """What an operator would set, with the stand-ins' addresses. Nothing of a real account's that
    the person may have in the environment goes along."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return (
        kept
        | {
            "SLACK_BOT_TOKEN": keys.bot_token,
            "SLACK_SIGNING_SECRET": keys.signing_secret,
            "SLACK_API_URL": f"{slack_url}/api",
            "POWERPOST_API_KEY": api_key,
            "POWERPOST_WORKSPACE_ID": WORKSPACE_ID,
            "IMAGINE_POWERPOST_WORKSPACES": WORKSPACES,
            "IMAGINE_POSTS": "true",
            "POWERPOST_API_URL": f"{powerpost_url}/api/v1",
            "DATABASE_URL": f"sqlite:///{database}",
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "LOG_LEVEL": "WARNING",
            "PYTHONPATH": str(ROOT),
        }
        | without_proxy(os.environ)
    )


def without_proxy(environment: Mapping[str, str]) -> dict[str, str]:
    """The settings with which loopback is called directly, also where `environment` names a proxy:
    that one would not find the stand-ins."""
    names = ("NO_PROXY", "no_proxy")
    given = next((environment[name] for name in names if environment.get(name)), "")
    direct = ",".join(filter(None, (given, "127.0.0.1", "localhost", "::1")))
    return dict.fromkeys(names, direct)


def write_audit(environment: Mapping[str, str]) -> str:
    """The command that holds the ledger of a bot with this environment against the stand-in's
    balance, for a POSIX shell in the project's directory; it spends and changes nothing."""
    needed = ("SLACK_", "POWERPOST_", "DATABASE_URL")
    given = (
        f"{name}={shlex.quote(value)}"
        for name, value in environment.items()
        if name.startswith(needed)
    )
    return f"{' '.join(given)} {shlex.quote(sys.executable)} -m bot audit"


class BotProcess:
    """A bot that a person may kill and start again. One event loop, no threads."""

    def __init__(self, environment: dict[str, str], directory: Path, module: str = "bot") -> None:
        self._environment = environment
        self._module = module
        self._directory = directory
        self._process: asyncio.subprocess.Process | None = None
        self._coming: asyncio.Task[None] | None = None
        self._watch: asyncio.Task[None] | None = None
        self._listening: asyncio.Task[None] | None = None
        self._words: list[str] = []  # on standard error, until it is ready
        self.on_change: Callable[[], None] = lambda: None
        """Called when it has become ready, and when it has ended, for whatever reason."""

    @property
    def audit(self) -> str:
        """See `write_audit`."""
        return write_audit(self._environment)

    @property
    def url(self) -> str:
        """Where it listens, once it does."""
        return f"http://127.0.0.1:{self._environment['PORT']}"

    @property
    def is_running(self) -> bool:
        """Whether the process is there, ready or not."""
        return self._process is not None and self._process.returncode is None

    @property
    def is_starting(self) -> bool:
        """Whether it is there and not ready yet."""
        return self._coming is not None and not self._coming.done()

    async def launch(self) -> None:
        """Start the process if there is none, and do not wait for it."""
        if self.is_running:
            return
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", self._module, "run"),
            env=self._environment,
            cwd=self._directory,
            stderr=asyncio.subprocess.PIPE,
        )
        self._words = []
        self._listening = asyncio.create_task(self._listen(self._process.stderr))
        self._coming = asyncio.create_task(self._come_up(self._process, self._listening))
        self._watch = asyncio.create_task(self._see_the_end(self._process))

    async def until_ready(self) -> None:
        """Wait until it hears. RuntimeError, with its own words, where it ended instead;
        TimeoutError after a minute."""
        if self._coming is not None:
            await asyncio.shield(self._coming)

    async def start(self) -> None:
        """Start it and wait until it is ready; raises as `until_ready`."""
        await self.launch()
        await self.until_ready()

    async def kill(self) -> None:
        """SIGKILL: no warning, nothing tidied up."""
        if self._process is not None and self.is_running:
            self._process.kill()
            await self._process.wait()
        # Both end by themselves now, and nobody else may have wanted to know how.
        ends = [task for task in (self._coming, self._watch) if task is not None]
        await asyncio.gather(*ends, return_exceptions=True)

    async def stop(self) -> None:
        """SIGTERM, as a platform stops it; killed after 10 seconds."""
        if self._process is not None and self.is_running:
            self._process.send_signal(signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), _STOP_SECONDS)
        await self.kill()

    async def _see_the_end(self, process: asyncio.subprocess.Process) -> None:
        await process.wait()
        self.on_change()

    async def _listen(self, errors: asyncio.StreamReader | None) -> None:
        """Pass on what it says on standard error; until it is ready, keep it for `until_ready`."""
        while errors is not None and (line := await errors.readline()):
            if self.is_starting:
                self._words.append(line.decode("utf-8", "replace").rstrip())
            else:
                sys.stderr.buffer.write(line)
                sys.stderr.flush()

    async def _come_up(
        self, process: asyncio.subprocess.Process, listening: asyncio.Task[None]
    ) -> None:
        port = int(self._environment["PORT"])
        async with asyncio.timeout(_READY_SECONDS):
            while process.returncode is None:
                if await _is_ready(port):
                    asyncio.get_running_loop().call_soon(self.on_change)
                    return
                await asyncio.sleep(0.03)
        await listening
        raise RuntimeError("\n".join(self._words) or "The bot did not start.")


async def _is_ready(port: int) -> bool:
    """Ask `/readyz`. By hand: an HTTP library would take longer to import than the answer."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    try:
        writer.write(b"GET /readyz HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
        return b" 200 " in await reader.readline()
    except OSError:
        return False
    finally:
        writer.close()
