"""Tokens, scopes, how arguments come, and requests that make no sense."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.slack_stand_in import Slack


async def test_auth_test_says_who_the_bot_is_and_its_scopes(slack: Slack) -> None:
    answer = await slack.client.auth_test()
    assert (answer["user_id"], answer["bot_id"], answer["team_id"]) == (
        "U0IMAGINE",
        "B0IMAGINE",
        "T0SANDBOX",
    )
    assert answer.headers["x-oauth-scopes"] == (
        "app_mentions:read,chat:write,chat:write.public,commands,files:read,files:write,im:history"
    )


TOKENS = [
    ("auth.test", None, "not_authed"),
    ("auth.test", "xoxb-wrong", "invalid_auth"),
    ("auth.test", "xapp-sandbox", "not_allowed_token_type"),
    ("apps.connections.open", "xoxb-sandbox", "not_allowed_token_type"),
    ("chat.unknown", "xoxb-sandbox", "unknown_method"),
]


@pytest.mark.parametrize(("method", "token", "error"), TOKENS)
async def test_a_wrong_token_is_refused_in_slacks_words(
    slack: Slack, method: str, token: str | None, error: str
) -> None:
    assert (await slack.call(method, token))["error"] == error


SCOPES = [
    ("chat.postMessage", {"channel": "C0DESIGN", "text": "x"}, "chat:write"),
    ("files.info", {"file": "F1"}, "files:read"),
    ("files.getUploadURLExternal", {"filename": "a", "length": 1}, "files:write"),
    ("users.info", {"user": "U0ADA"}, "users:read"),
    ("conversations.info", {"channel": "C0DESIGN"}, "channels:read"),
    ("users.conversations", {"user": "U0ADA"}, "channels:read"),
    ("users.conversations", {"types": "private_channel"}, "groups:read"),
    ("conversations.replies", {"channel": "C0DESIGN", "ts": "1.1"}, "channels:history"),
    ("conversations.history", {"channel": "D0ADA"}, "im:history"),
    ("conversations.open", {"users": "U0ADA"}, "im:write"),
]


@pytest.mark.parametrize(("method", "arguments", "needed"), SCOPES)
async def test_a_method_names_the_scope_that_is_missing(
    slack: Slack, method: str, arguments: dict[str, Any], needed: str
) -> None:
    slack.workspace.scopes = {"commands"}
    assert await slack.call(method, **arguments) == {
        "ok": False,
        "error": "missing_scope",
        "needed": needed,
        "provided": "commands",
    }


async def test_query_and_body_are_merged_and_json_may_be_a_string(slack: Slack) -> None:
    blocks = json.dumps([{"type": "divider"}])
    async with slack.http.post(
        f"{slack.url}/api/chat.postMessage?channel=C0DESIGN",
        data={"text": "form", "blocks": blocks, "token": "xoxb-sandbox"},
    ) as response:
        answer = await response.json()
    assert answer["ok"]
    assert answer["message"]["blocks"][0]["type"] == "divider"


async def test_get_with_a_query_is_as_good(slack: Slack) -> None:
    async with slack.http.get(
        f"{slack.url}/api/auth.test", headers={"Authorization": "Bearer xoxb-sandbox"}
    ) as response:
        assert (await response.json())["ok"]


BROKEN = [
    (b"{", "application/json", "invalid_json"),
    (b"[1]", "application/json", "json_not_object"),
    (b"\xff\xfe", "application/json", "invalid_json"),
    (b"[" * 100_000, "application/json", "invalid_json"),
    (b"--x\r\nnope", "multipart/form-data; boundary=x", None),
    (b"nope", "multipart/form-data", "invalid_form_data"),
    (b'{"channel": ["C0DESIGN"], "text": "x"}', "application/json", "invalid_arguments"),
    (b'{"channel": {"a": 1}}', "application/json", "invalid_arguments"),
    (b'{"channel": "C0DESIGN", "blocks": 5}', "application/json", "invalid_blocks_format"),
    (b'{"channel": "C0DESIGN", "blocks": "["}', "application/json", "invalid_blocks_format"),
    (
        b'{"channel": "C0DESIGN", "text": "x", "tread_ts": "1"}',
        "application/json",
        "invalid_arguments",
    ),
    (b"x" * 5_000_001, "text/plain", "request_too_large"),
]


@pytest.mark.parametrize(("body", "content_type", "error"), BROKEN)
async def test_a_malformed_request_gets_an_answer(
    slack: Slack, body: bytes, content_type: str, error: str | None
) -> None:
    headers = {"Content-Type": content_type, "Authorization": "Bearer xoxb-sandbox"}
    async with slack.http.post(
        f"{slack.url}/api/chat.postMessage", data=body, headers=headers
    ) as response:
        answer = await response.json()
    assert response.status == 200
    assert not answer["ok"]
    if error is not None:
        assert answer["error"] == error


async def test_an_argument_that_does_not_exist_is_named(slack: Slack) -> None:
    answer = await slack.call("chat.postMessage", channel="C0DESIGN", text="x", tread_ts="1")
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] unknown argument (sandbox): tread_ts"
    ]


async def test_users_are_shown_with_their_rights(slack: Slack) -> None:
    slack.workspace.scopes.add("users:read")
    ada = (await slack.client.users_info(user="U0ADA"))["user"]
    ben = (await slack.client.users_info(user="U0BEN"))["user"]
    assert (ada["real_name"], ada["is_admin"]) == ("Ada Park", True)
    assert (ben["real_name"], ben["is_admin"]) == ("Ben Osei", False)
    assert (await slack.call("users.info", user="U0NONE"))["error"] == "user_not_found"


async def test_a_manifest_sets_scopes_events_commands_and_shortcuts(slack: Slack) -> None:
    slack.workspace.adopt_manifest(
        {
            "features": {
                "slash_commands": [{"command": "/draw", "should_escape": True}],
                "shortcuts": [{"callback_id": "make", "type": "message", "name": "Make"}],
            },
            "oauth_config": {"scopes": {"bot": ["commands"]}},
            "settings": {"event_subscriptions": {"bot_events": ["app_mention"]}},
        }
    )
    workspace = slack.workspace
    assert workspace.commands == {"/draw"}
    assert workspace.is_escaping_commands
    assert workspace.shortcuts == {"make": "message"}
    assert workspace.scopes == {"commands"}
    assert workspace.events == {"app_mention"}


async def test_people_are_listed_page_by_page(slack: Slack) -> None:
    slack.workspace.scopes.add("users:read")
    first = await slack.client.users_list(limit=2)
    cursor = first["response_metadata"]["next_cursor"]
    second = await slack.client.users_list(limit=2, cursor=cursor)

    assert [user["id"] for user in first["members"]] == ["U0ADA", "U0BEN"]
    assert [user["id"] for user in second["members"]] == ["U0IMAGINE", "U0CLEO"]
    assert second["response_metadata"]["next_cursor"] == ""


async def test_a_persons_conversations_are_those_that_they_are_in_and_private_ones_of_the_bots(
    slack: Slack,
) -> None:
    slack.workspace.scopes |= {"channels:read", "groups:read"}
    types = "public_channel,private_channel"

    async def names() -> set[str]:
        answer = await slack.client.users_conversations(user="U0BEN", types=types, limit=999)
        return {channel["name"] for channel in answer["channels"]}

    assert {"design", "general"} <= await names()
    assert "launch" not in await names()
    slack.workspace.channels["G0LAUNCH"].members.add(slack.workspace.bot.id)
    slack.workspace.channels["C0GENERAL"].members.discard("U0BEN")
    assert {"design", "launch"} <= await names()
    assert "general" not in await names()
    assert (await slack.call("users.conversations", types="x"))["error"] == "invalid_types"
    assert (await slack.call("users.conversations", user="U0NOBODY"))["error"] == "user_not_found"
