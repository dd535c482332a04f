"""The app manifest: `manifest.yml` is for Socket Mode; for HTTP the addresses are put in."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import yaml

MANIFEST_PATH: Final = Path(__file__).parents[2] / "manifest.yml"
_PLACEHOLDER: Final = "https://your.host"


def read_manifest() -> dict[str, Any]:
    """`manifest.yml` as data."""
    manifest: dict[str, Any] = yaml.safe_load(MANIFEST_PATH.read_text("utf-8"))
    return manifest


def is_reachable(url: str) -> bool:
    """Whether Slack would take it as the bot's address: https, and a host. Pure."""
    parts = urlsplit(url)
    return parts.scheme == "https" and bool(parts.hostname) and " " not in url


def manifest_for_http(manifest: dict[str, Any], url: str = _PLACEHOLDER) -> dict[str, Any]:
    """The same app with all of Slack's traffic sent to `url`/slack/events. Pure."""
    address = url.rstrip("/") + "/slack/events"
    features, settings = dict(manifest["features"]), dict(manifest["settings"])
    features["slash_commands"] = [
        {**command, "url": address} for command in features.get("slash_commands", [])
    ]
    settings["socket_mode_enabled"] = False
    settings["interactivity"] = {
        **settings["interactivity"],
        "request_url": address,
        "message_menu_options_url": address,  # the choices of selects that are searched
    }
    if "event_subscriptions" in settings:
        settings["event_subscriptions"] = {
            "request_url": address,
            **settings["event_subscriptions"],
        }
    return {**manifest, "features": features, "settings": settings}


def print_manifest(manifest: dict[str, Any]) -> str:
    """YAML, in the file's order."""
    text: str = yaml.safe_dump(manifest, sort_keys=False, allow_unicode=True, width=100)
    return text
