"""What a line of the table of routes says (bot/slack/routes.py), and how Bolt is told."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.request import payload_utils as payloads

from bot.slack.kit.listeners import Listener, pass_over
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
    key: str
    listener: Listener
    right: Right
    outsiders: bool = False


_ANY: Final = re.compile(".*")
# What a route of each surface is found by: the field of the part of the body that has it.
_KEYS: Final[Mapping[Surface, tuple[Callable[[dict[str, Any]], Any], str]]] = {
    Surface.SHORTCUT: (payloads.to_shortcut, "callback_id"),
    Surface.VIEW: (payloads.to_view, "callback_id"),
    Surface.VIEW_CLOSED: (payloads.to_view, "callback_id"),
    Surface.ACTION: (payloads.to_action, "action_id"),
    Surface.OPTIONS: (payloads.to_options, "action_id"),
    Surface.EVENT: (payloads.to_event, "type"),
}


def register_routes(app: AsyncApp, routes: list[Route]) -> None:
    """Tell Bolt: one listener for a surface, which looks up whose it is. Of a listener for each
    route, Bolt would ask every one in turn (0.05 ms each). What means nothing to us is answered,
    too, or Slack would take us for broken."""
    for surface in Surface:
        table = {str(route.key): route.listener for route in routes if route.surface is surface}
        if surface is Surface.COMMAND:
            for key, listener in table.items():
                app.command(key)(listener)
        else:
            getattr(app, surface.value)(_ANY)(_dispatch(table, *_KEYS[surface]))


def _find(table: Mapping[str, Listener], key: str) -> Listener | None:
    """Buttons of one row need ids that differ: what follows a colon tells them apart."""
    return table.get(key) or table.get(key.partition(":")[0])


def _dispatch(
    table: Mapping[str, Listener], part_of: Callable[[dict[str, Any]], Any], field: str
) -> Listener:
    async def dispatch(ack: AsyncAck, body: dict[str, Any]) -> None:
        key = (part_of(body) or {}).get(field)
        listener = _find(table, key) if isinstance(key, str) else None
        await (pass_over(ack) if listener is None else listener(ack, body))

    return dispatch
