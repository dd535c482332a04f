"""The stand-ins with their people, the page in front of them, and the bot's process in between."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.doors import address_of
from bot.sandbox.page.features import read_features
from bot.sandbox.page.web import build_app as build_page
from bot.sandbox.powerpost.service import PowerPost
from bot.sandbox.powerpost.web import build_app as build_powerpost
from bot.sandbox.process import WORKSPACE_ID, BotProcess, Keys
from bot.sandbox.serving import Shutter, serve
from bot.sandbox.slack.delivery import Delivery
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.web import build_app as build_slack
from bot.sandbox.slack.workspace import Workspace
from bot.sandbox.world import World

# Above PowerPost's own example of 30, so that one person who tries things is not held up.
_CALLS_PER_MINUTE = 120


@dataclass(frozen=True)
class Doors:
    """The ports, taken before anything is behind them."""

    page: socket.socket
    slack: socket.socket
    powerpost: socket.socket


@dataclass(frozen=True)
class Scene:
    """Everything that is up. `url` is the page's."""

    url: str
    workspace: Workspace
    powerpost: PowerPost
    delivery: Delivery
    bot: BotProcess
    has_past: bool = False
    """Whether it goes on with what an earlier one has left."""

    def person(self, user_id: str) -> Person:
        """The hands of someone: U0ADA (an admin) or U0BEN."""
        return Person(self.workspace, self.delivery, user_id)


@contextlib.asynccontextmanager
async def open_scene(
    doors: Doors,
    bot: BotProcess,
    manifest: Mapping[str, Any],
    keys: Keys,
    world: World | None = None,
) -> AsyncIterator[Scene]:
    """Stand behind the doors, which `keys` open. The bot may still be on its way. Where there is a
    `world`, the stand-ins go on with what is in it."""
    workspace = Workspace(
        bot_token=keys.bot_token, app_token=keys.app_token, signing_secret=keys.signing_secret
    )
    workspace.adopt_manifest(manifest)
    powerpost = PowerPost(
        api_key=keys.api_key, workspace_id=WORKSPACE_ID, rate_limit_per_minute=_CALLS_PER_MINUTE
    )
    workspace.base_url = address_of(doors.slack)
    has_past = world is not None and world.restore(workspace, powerpost)
    powerpost.webhook_url = f"{bot.url}/powerpost/webhook/{keys.webhook_token}"
    delivery = Delivery(workspace, bot_url=bot.url)
    bot.on_change = lambda: workspace.announce("exchange")
    page = build_page(
        workspace=workspace,
        person=lambda user_id: Person(workspace, delivery, user_id),
        powerpost=powerpost,
        bot=bot,
        features=read_features(manifest),
    )
    shutter = Shutter()
    powerpost.weather.on_away = shutter.set_away
    async with (
        serve(build_powerpost(powerpost), door=doors.powerpost, shutter=shutter),
        serve(build_slack(workspace), door=doors.slack),
        serve(page, door=doors.page) as url,
        world.keeping(workspace, powerpost) if world else contextlib.nullcontext(),
    ):
        try:
            yield Scene(url, workspace, powerpost, delivery, bot, has_past)
        finally:
            # Before the stand-ins go: it may have something to say to them.
            await bot.stop()
            await delivery.aclose()
