"""`python -m bot stand-in …`: one stand-in on a port of its own, for other people's bots.

Slack's comes with the page, since somebody has to type: page and Web API share the port.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import yaml

from bot.sandbox.page.features import read_features
from bot.sandbox.page.web import build_app as build_page
from bot.sandbox.powerpost.service import PowerPost
from bot.sandbox.powerpost.web import build_app as build_powerpost
from bot.sandbox.process import Keys
from bot.sandbox.serving import App, Receive, Scope, Send, serve
from bot.sandbox.slack.delivery import Delivery
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.web import build_app as build_slack
from bot.sandbox.slack.workspace import Workspace

# Everything else is the page's.
_SLACKS_PATHS: Final = (
    "/api/",
    "/upload/",
    "/files-pri/",
    "/commands/",
    "/actions/",
    "/app/",
    "/archives/",
    "/socket",
)
_EVENTS_PATH: Final = "/slack/events"


def run_slack(*, port: int, bot_url: str | None, manifest: Path) -> int:
    """Slack alone until Ctrl-C; the exit code."""
    try:
        described = yaml.safe_load(manifest.read_text("utf-8"))
        keys = Keys.make()
        workspace = Workspace(
            bot_token=keys.bot_token, app_token=keys.app_token, signing_secret=keys.signing_secret
        )
        workspace.adopt_manifest(described)
    except (OSError, yaml.YAMLError, AttributeError, KeyError, TypeError) as error:
        print(f"{manifest} can't be read as an app manifest ({type(error).__name__}).")
        return 1
    return _run(_hold_slack(workspace, port, bot_url, described), port)


def run_powerpost(*, port: int, balance: int) -> int:
    """PowerPost alone until Ctrl-C; the exit code."""
    api_key = Keys.make().api_key
    service = PowerPost(api_key=api_key, balance=balance)
    return _run(_hold_powerpost(service, api_key, port), port)


def build_slack_alone(workspace: Workspace, delivery: Delivery, manifest: Mapping[str, Any]) -> App:
    """Web API and page behind one address."""
    api = build_slack(workspace)
    page = build_page(
        workspace=workspace,
        person=lambda user_id: Person(workspace, delivery, user_id),
        powerpost=None,
        bot=None,
        features=read_features(manifest),
    )

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        is_api = scope["type"] == "websocket" or str(scope.get("path", "")).startswith(
            _SLACKS_PATHS
        )
        await (api if is_api else page)(scope, receive, send)

    return app


def make_delivery(workspace: Workspace, bot_url: str | None) -> Delivery:
    """To `bot_url` (its path is /slack/events where it has none), or by Socket Mode for None."""
    if bot_url is None:
        return Delivery(workspace, bot_url=None)
    path = urlsplit(bot_url).path.rstrip("/")
    origin = bot_url.rstrip("/").removesuffix(path)
    return Delivery(workspace, bot_url=origin, path=path or _EVENTS_PATH)


async def _hold_slack(
    workspace: Workspace, port: int, bot_url: str | None, manifest: Mapping[str, Any]
) -> None:
    delivery = make_delivery(workspace, bot_url)
    try:
        async with serve(build_slack_alone(workspace, delivery, manifest), port) as url:
            workspace.base_url = url
            keys = {"SLACK_API_URL": f"{url}/api", "SLACK_BOT_TOKEN": workspace.bot_token}
            if bot_url is None:
                keys["SLACK_APP_TOKEN"] = workspace.app_token
            else:
                keys["SLACK_SIGNING_SECRET"] = workspace.signing_secret
            way = f"POST {bot_url}" if bot_url else "Socket Mode"
            await _stand(f"Slack: {url} (commands and clicks go to the bot by {way})", keys)
    finally:
        await delivery.aclose()


async def _hold_powerpost(service: PowerPost, api_key: str, port: int) -> None:
    async with serve(build_powerpost(service), port) as url:
        keys = {
            "POWERPOST_API_URL": f"{url}/api/v1",
            "POWERPOST_API_KEY": api_key,
            "POWERPOST_WORKSPACE_ID": "ws_sandbox",
        }
        await _stand(f"PowerPost: {url} ({service.balance} credits)", keys)


async def _stand(words: str, keys: Mapping[str, str]) -> None:
    """Say where we are and what the bot needs to know, and wait for a signal."""
    stopped = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C ends asyncio.run
            asyncio.get_running_loop().add_signal_handler(name, stopped.set)
    shown = "\n".join(f"  {name}={json.dumps(value)}" for name, value in keys.items())
    print(f"\n  {words}\n\n{shown}\n\n  Ctrl-C stops it.\n", flush=True)
    await stopped.wait()


def _run(holding: Any, port: int) -> int:
    try:
        asyncio.run(holding)
    except OSError as error:
        print(f"Port {port} cannot be used ({error.strerror}). Choose another with --port.")
        return 1
    return 0
