"""The app manifest: valid by Slack's schema, of one mind with the code, with the least scopes."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
import yaml

from bot.cli.doctor import LOSSES
from bot.cli.manifest import manifest_for_http, print_manifest, read_manifest
from bot.slack.kit.ids import CommandName, ShortcutId
from tests.support.documents import SCHEMA
from tests.support.root import ROOT

SLACK_ROOM = ROOT / "bot" / "slack"

# What the schema cannot say: the scope that each event needs (docs.slack.dev, the event's page).
SCOPE_OF_EVENT = {
    "app_home_opened": None,
    "app_mention": "app_mentions:read",
    "app_uninstalled": None,
    "channel_id_changed": "groups:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "tokens_revoked": None,
}
# What each scope is there for: a call in our code, or an entry of the manifest.
NEED_OF_SCOPE = {
    "app_mentions:read": "app_mention",
    "channels:history": "message.channels",
    "channels:read": "conversations_info",
    "chat:write": "chat_postMessage",
    "chat:write.public": "chat_postMessage",
    "commands": "slash_commands",
    "files:read": "files_info",
    "groups:read": "channel_id_changed",
    "files:write": "files_getUploadURLExternal",
    "im:history": "message.im",
    "usergroups:read": "usergroups_users_list",
    "users:read": "users_info",
}


def bot_events(manifest: dict[str, Any]) -> list[str]:
    """The events that the manifest subscribes to."""
    events: list[str] = manifest["settings"].get("event_subscriptions", {}).get("bot_events", [])
    return events


def find_addresses(value: Any, key: str = "") -> list[tuple[str, str]]:
    """Every http(s) address in the manifest, with its key."""
    if isinstance(value, dict):
        return [found for name, inner in value.items() for found in find_addresses(inner, name)]
    if isinstance(value, list):
        return [found for inner in value for found in find_addresses(inner, key)]
    return [(key, value)] if isinstance(value, str) and value.startswith("http") else []


def test_the_manifest_is_valid_for_socket_mode_and_for_http() -> None:
    manifest = read_manifest()

    jsonschema.validate(manifest, SCHEMA)
    jsonschema.validate(manifest_for_http(manifest, "https://bot.example"), SCHEMA)


def test_the_schema_is_one_that_refuses() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(read_manifest() | {"display_information": {}}, SCHEMA)


def test_socket_mode_has_no_address_and_http_sends_all_traffic_to_ours() -> None:
    manifest = read_manifest()
    for_http = manifest_for_http(manifest, "https://bot.example/")

    assert manifest["settings"]["socket_mode_enabled"]
    assert find_addresses(manifest) == []
    assert not for_http["settings"]["socket_mode_enabled"]
    addresses = find_addresses(for_http)
    assert {address for _, address in addresses} == {"https://bot.example/slack/events"}
    keys = [key for key, _ in addresses]
    assert keys.count("url") == len(manifest["features"]["slash_commands"])
    assert "message_menu_options_url" in keys
    assert keys.count("request_url") == 1 + bool(bot_events(manifest))


def test_http_changes_nothing_but_how_slack_reaches_us() -> None:
    manifest = read_manifest()
    for_http = manifest_for_http(manifest, "https://bot.example")

    assert for_http["oauth_config"] == manifest["oauth_config"]
    assert for_http["display_information"] == manifest["display_information"]
    assert bot_events(for_http) == bot_events(manifest)
    assert manifest == read_manifest()


def test_what_is_printed_reads_back_the_same() -> None:
    manifest = manifest_for_http(read_manifest(), "https://bot.example")

    assert yaml.safe_load(print_manifest(manifest)) == manifest


def test_commands_and_shortcuts_are_those_that_the_code_knows() -> None:
    features = read_manifest()["features"]

    commands = [command["command"] for command in features["slash_commands"]]
    shortcuts = [shortcut["callback_id"] for shortcut in features["shortcuts"]]
    assert sorted(commands) == sorted(CommandName)
    assert sorted(shortcuts) == sorted(ShortcutId)


def test_each_scope_is_needed_by_something() -> None:
    manifest = read_manifest()
    code = "\n".join(path.read_text("utf-8") for path in sorted(SLACK_ROOM.rglob("*.py")))
    entries = [*manifest["features"], *bot_events(manifest)]
    declared = manifest["oauth_config"]["scopes"]
    scopes = [*declared["bot"], *declared["bot_optional"]]

    assert len(set(scopes)) == len(scopes)
    for scope in scopes:
        assert scope in NEED_OF_SCOPE, f"say here what {scope} is for"
        need = NEED_OF_SCOPE[scope]
        assert need in entries or f".{need}" in code, f"{scope} is there for nothing"
    assert "user" not in manifest["oauth_config"]["scopes"]


def test_each_event_has_its_scope() -> None:
    manifest = read_manifest()
    declared = manifest["oauth_config"]["scopes"]
    # What is optional is there for those who install it with that scope.
    scopes = [*declared["bot"], *declared["bot_optional"]]

    for event in bot_events(manifest):
        needed = SCOPE_OF_EVENT[event]
        assert needed is None or needed in scopes, event


def test_the_doctor_knows_what_is_lost_without_each_optional_scope() -> None:
    optional = read_manifest()["oauth_config"]["scopes"]["bot_optional"]

    assert {"files:read", "usergroups:read", "chat:write.public"} <= set(optional)
    assert set(LOSSES) == set(optional)


def test_commands_and_shortcuts_have_their_scope() -> None:
    assert "commands" in read_manifest()["oauth_config"]["scopes"]["bot"]


def test_names_fit_where_slack_shows_them() -> None:
    manifest = read_manifest()

    assert len(manifest["display_information"]["name"]) <= 35
    assert len(manifest["display_information"]["description"]) <= 140
    assert all(len(item["name"]) <= 24 for item in manifest["features"]["shortcuts"])
