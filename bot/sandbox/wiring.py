"""The running sandbox: both stand-ins, the page in front of them, and the bot's process."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.listeners import url_of
from bot.sandbox.page.features import read_features
from bot.sandbox.page.web import build_app as build_page
from bot.sandbox.powerpost.service import PowerPost
from bot.sandbox.powerpost.web import build_app as build_powerpost
from bot.sandbox.process import CLIENT_WORKSPACE_ID, WORKSPACE_ID, BotProcess, Keys
from bot.sandbox.saved_state import SavedState
from bot.sandbox.serving import Outage, serve
from bot.sandbox.slack.delivery import Delivery
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.web import build_app as build_slack
from bot.sandbox.slack.workspace import Workspace

# Above PowerPost's own example of 30, so that one person who tries things is not held up.
_CALLS_PER_MINUTE = 120


@dataclass(frozen=True)
class Listeners:
    """The ports, taken before anything is served on them."""

    page: socket.socket
    slack: socket.socket
    powerpost: socket.socket


@dataclass(frozen=True)
class Sandbox:
    """Everything that is up. `url` is the page's."""

    url: str
    workspace: Workspace
    powerpost: PowerPost
    delivery: Delivery
    bot: BotProcess
    is_restored: bool = False
    """Whether it goes on from what an earlier one has kept."""

    def person(self, user_id: str) -> Person:
        """What someone does in Slack: U0ADA (an admin) or U0BEN."""
        return Person(self.workspace, self.delivery, user_id)


@contextlib.asynccontextmanager
async def serve_sandbox(
    listeners: Listeners,
    bot: BotProcess,
    manifest: Mapping[str, Any],
    keys: Keys,
    state: SavedState | None = None,
    clock: Callable[[], float] = time.time,
) -> AsyncIterator[Sandbox]:
    """Serve the stand-ins and the page on `listeners`; `keys` are what they ask for. The bot may
    still be starting. With a `state`, the stand-ins go on from it. `clock`: Unix seconds."""
    workspace = Workspace(
        bot_token=keys.bot_token,
        app_token=keys.app_token,
        signing_secret=keys.signing_secret,
        clock=clock,
    )
    workspace.adopt_manifest(manifest)
    powerpost = PowerPost(
        api_key=keys.api_key,
        workspace_id=WORKSPACE_ID,
        rate_limit_per_minute=_CALLS_PER_MINUTE,
        clock=clock,
    )
    powerpost.add_workspace(CLIENT_WORKSPACE_ID)
    workspace.base_url = url_of(listeners.slack)
    is_restored = state is not None and state.restore(workspace, powerpost)
    receiver = f"{bot.url}/powerpost/webhook/{keys.webhook_token}"
    powerpost.webhook_urls = dict.fromkeys((WORKSPACE_ID, CLIENT_WORKSPACE_ID), receiver)
    delivery = Delivery(workspace, bot_url=bot.url, wall_clock=clock)
    bot.on_change = lambda: workspace.announce("exchange")
    page = build_page(
        workspace=workspace,
        person=lambda user_id: Person(workspace, delivery, user_id),
        powerpost=powerpost,
        bot=bot,
        features=read_features(manifest),
    )
    outage = Outage()
    powerpost.faults.on_away = outage.set_away
    async with (
        serve(build_powerpost(powerpost), listener=listeners.powerpost, outage=outage),
        serve(build_slack(workspace), listener=listeners.slack),
        serve(page, listener=listeners.page) as url,
        state.keeping(workspace, powerpost) if state else contextlib.nullcontext(),
    ):
        try:
            yield Sandbox(url, workspace, powerpost, delivery, bot, is_restored)
        finally:
            # Before the stand-ins go: it may have something to say to them.
            await bot.stop()
            await delivery.aclose()
