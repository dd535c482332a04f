"""What a line of the table of routes says (bot/slack/routes.py), and how Bolt is told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from slack_bolt.async_app import AsyncApp

from bot.slack.kit.listeners import Listener
from bot.slack.kit.rights import Right


class Surface(StrEnum):
    """Slack's kinds of interaction, by the name of Bolt's registrar for each."""

    COMMAND = "command"
    SHORTCUT = "shortcut"
    VIEW = "view"
    VIEW_CLOSED = "view_closed"
    ACTION = "action"
    OPTIONS = "options"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Route:
    """One thing that can be done, who listens, and who may: of the workspace, and with `outsiders`
    also people of other companies, in channels that an admin has opened to them."""

    surface: Surface
    key: str | re.Pattern[str]
    listener: Listener
    right: Right
    outsiders: bool = False


def register_routes(app: AsyncApp, routes: list[Route]) -> None:
    """Tell Bolt."""
    for route in routes:
        key = route.key if isinstance(route.key, re.Pattern) else str(route.key)
        getattr(app, route.surface.value)(key)(route.listener)
