"""The table of everything that people can do to this bot: reading it is reading the product."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from slack_bolt.async_app import AsyncApp

from bot.slack.ids import CommandName
from bot.slack.listeners.commands import CommandListeners
from bot.slack.listeners.events import pass_over_event
from bot.slack.ordering import OrderDesk


class Surface(StrEnum):
    """Slack's kinds of interaction, by the name of Bolt's registrar for each."""

    COMMAND = "command"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Route:
    """One thing that can be done, and who listens."""

    surface: Surface
    key: str | re.Pattern[str]
    listener: Callable[..., Awaitable[Any]]


def build_routes(desk: OrderDesk) -> list[Route]:
    """Every route; the first that matches is taken."""
    commands = CommandListeners(desk)
    return [
        Route(Surface.COMMAND, CommandName.IMAGINE, commands.run_imagine),
        Route(Surface.EVENT, re.compile(".*"), pass_over_event),
    ]


def register_routes(app: AsyncApp, routes: list[Route]) -> None:
    """Tell Bolt."""
    for route in routes:
        key = route.key if isinstance(route.key, re.Pattern) else str(route.key)
        getattr(app, route.surface.value)(key)(route.listener)
