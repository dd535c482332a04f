"""The table of routes and the manifest are of one mind, and nothing is left unanswered."""

from __future__ import annotations

from collections import Counter
from unittest.mock import Mock

import pytest

from bot.cli.manifest import read_manifest
from bot.slack.kit import ids
from bot.slack.kit.routing import Route, Surface
from bot.slack.routes import build_routes


@pytest.fixture
def routes() -> list[Route]:
    """The table; its listeners are not called here."""
    return build_routes(Mock())


def keys(routes: list[Route], surface: Surface) -> list[str]:
    """The keys of a surface's routes."""
    return [str(route.key) for route in routes if route.surface is surface]


def test_every_event_of_the_manifest_has_a_listener(routes: list[Route]) -> None:
    events = read_manifest()["settings"]["event_subscriptions"]["bot_events"]
    heard = keys(routes, Surface.EVENT)

    assert events
    assert {event.partition(".")[0] for event in events} <= set(heard)


def test_every_command_and_shortcut_of_the_manifest_has_a_listener(
    routes: list[Route],
) -> None:
    features = read_manifest()["features"]

    assert {c["command"] for c in features["slash_commands"]} == set(keys(routes, Surface.COMMAND))
    assert {s["callback_id"] for s in features["shortcuts"]} == set(keys(routes, Surface.SHORTCUT))


def test_every_id_has_its_listener_and_no_two(routes: list[Route]) -> None:
    actions = Counter(keys(routes, Surface.ACTION))

    assert set(actions) == {*ids.Field, *ids.ActionId, *ids.HomeAction}
    assert max(actions.values()) == 1
    # These have nothing to send.
    sent = set(ids.ViewId) - {ids.ViewId.NOTICE, ids.ViewId.MORE}
    assert set(keys(routes, Surface.VIEW)) == sent


def test_nothing_has_two_listeners(routes: list[Route]) -> None:
    counts = Counter((route.surface, str(route.key)) for route in routes)

    assert max(counts.values()) == 1
