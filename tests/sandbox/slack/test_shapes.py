"""Payloads and answers invent no key: held against slackapi/java-slack-sdk's samples (MIT), which
stand in `tests/contract/slack`, at every depth."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest

from bot.sandbox.slack import payloads
from bot.sandbox.slack.modals import open_view
from bot.sandbox.slack.workspace import Workspace
from tests.support.root import ROOT
from tests.support.slack_stand_in import Bot, Slack

SAMPLES: Final = ROOT / "tests" / "contract" / "slack"
# Documented keys that the samples lack: they were left out of them with the blocks, or are newer.
NEWER: Final = {
    "BlockActionPayload": {"state", "actions", "response_url"},
    "ViewSubmissionPayload": {"view.state", "view.blocks", "response_urls"},
    "ViewClosedPayload": {"view.blocks"},
    "MessageShortcutPayload": {"response_url"},
    "AppMentionPayload": {"event.team", "event.files"},
    "MessagePayload": {"event.team", "event.client_msg_id"},
    "MessageFileSharePayload": {"event.team", "event.client_msg_id"},
    "MessageChangedPayload": {"event.team"},
    "MessageDeletedPayload": {"event.team"},
}
# What stands below these is the app's own, or differs from answer to answer.
FREE: Final = frozenset({"blocks", "values", "state", "metadata", "event_payload", "shares"})


def read_sample(kind: str, name: str) -> Any:
    """A sample's JSON; `kind` is "api" or "payloads"."""
    return json.loads((SAMPLES / kind / f"{name}.json").read_text(encoding="utf-8"))


def find_invented(value: Any, sample: Any, at: str = "") -> Iterator[str]:
    """The paths of keys that the sample does not have. What is blank there may be anything."""
    if isinstance(value, list) and isinstance(sample, list):
        for item in value if sample else ():
            yield from find_invented(item, sample[0], at)
    if not isinstance(value, dict) or not isinstance(sample, dict) or not sample:
        return
    for key, item in value.items():
        path = f"{at}.{key}".lstrip(".")
        if key not in sample:
            yield path
        elif key not in FREE:
            yield from find_invented(item, sample[key], path)


def check(kind: str, name: str, value: Any) -> set[str]:
    """The keys that are neither in the sample nor documented otherwise."""
    known = NEWER.get(name, set())
    return set(find_invented(value, read_sample(kind, name))) - known


MODAL = {
    "type": "modal",
    "callback_id": "form",
    "title": {"type": "plain_text", "text": "T"},
    "blocks": [{"type": "divider"}],
}


@pytest.fixture
async def answers(slack: Slack, bot: Bot) -> dict[str, Any]:
    slack.workspace.scopes |= {"users:read", "channels:read", "im:write", "channels:history"}
    call = slack.call
    posted = await call("chat.postMessage", channel="C0DESIGN", text="hi", blocks=MODAL["blocks"])
    ts = posted["ts"]
    trigger = slack.workspace.grant_trigger
    opened = await call("views.open", trigger_id=trigger("U0ADA"), view=MODAL)
    view_id = opened["view"]["id"]
    start = await call("files.getUploadURLExternal", filename="a.txt", length=1)
    async with slack.http.post(start["upload_url"], data=b"x"):
        pass
    files = [{"id": start["file_id"]}]
    return {
        "auth.test": await call("auth.test"),
        "apps.connections.open": await call("apps.connections.open", "xapp-sandbox"),
        "assistant.threads.setStatus": await call(
            "assistant.threads.setStatus", channel_id="C0DESIGN", thread_ts=ts, status="x"
        ),
        "chat.postMessage": posted,
        "chat.getPermalink": await call("chat.getPermalink", channel="C0DESIGN", message_ts=ts),
        "chat.postEphemeral": await call(
            "chat.postEphemeral", channel="C0DESIGN", user="U0ADA", text="x"
        ),
        "conversations.replies": await call("conversations.replies", channel="C0DESIGN", ts=ts),
        "chat.update": await call("chat.update", channel="C0DESIGN", ts=ts, text="x"),
        "chat.delete": await call("chat.delete", channel="C0DESIGN", ts=ts),
        "conversations.info": await call("conversations.info", channel="C0DESIGN"),
        "conversations.open": await call("conversations.open", users="U0ADA"),
        "files.getUploadURLExternal": start,
        "files.completeUploadExternal": await call("files.completeUploadExternal", files=files),
        "files.info": await call("files.info", file=start["file_id"]),
        "files.delete": await call("files.delete", file=start["file_id"]),
        "users.info": await call("users.info", user="U0ADA"),
        "views.open": opened,
        "views.update": await call("views.update", view_id=view_id, view=MODAL),
        "views.push": await call("views.push", trigger_id=trigger("U0ADA", view_id), view=MODAL),
        "views.publish": await call(
            "views.publish", user_id="U0ADA", view={"type": "home", "blocks": []}
        ),
    }


async def test_answers_have_slacks_keys_only(answers: dict[str, Any]) -> None:
    assert set(answers) == {path.stem for path in (SAMPLES / "api").iterdir()}
    assert {name for name, answer in answers.items() if not answer["ok"]} == set()
    # The second: `conversations.open` says so, the sample's channel is another one each time.
    ours = {"response_metadata", "already_open", "no_op"}
    invented = {name: check("api", name, answer) - ours for name, answer in answers.items()}
    assert {name: keys for name, keys in invented.items() if keys} == {}


def test_payloads_have_slacks_keys_only() -> None:
    workspace = Workspace()
    ada = workspace.users["U0ADA"]
    message = workspace.post_message("C0DESIGN", "U0ADA", "hi")
    view = open_view(workspace, "U0ADA", MODAL)
    channel = workspace.channels["C0DESIGN"]
    action = {"type": "button", "action_id": "a"}
    made = {
        "SlashCommandPayload": payloads.make_command(workspace, ada, channel, "/imagine", "x"),
        "BlockActionPayload": payloads.make_message_actions(workspace, ada, message, action, {}),
        "MessageShortcutPayload": payloads.make_message_shortcut(workspace, ada, "a", message),
        "ViewSubmissionPayload": payloads.make_submission(workspace, ada, view),
        "ViewClosedPayload": payloads.make_closing(workspace, ada, view, is_cleared=False),
    }
    invented = {name: check("payloads", name, value) for name, value in made.items()}
    assert {name: keys for name, keys in invented.items() if keys} == {}


async def test_events_have_slacks_keys_only(slack: Slack, bot: Bot) -> None:
    async def listen(body) -> None:  # type: ignore[no-untyped-def]
        bot.heard.append(body)

    for name in ("app_mention", "message", "app_home_opened"):
        bot.app.event(name)(listen)
    bot.app.event({"type": "message", "subtype": "message_changed"})(listen)
    bot.app.event({"type": "message", "subtype": "message_deleted"})(listen)
    bot.app.event({"type": "message", "subtype": "file_share"})(listen)
    await bot.ada.say("C0DESIGN", "@imagine hi")
    file = await bot.ada.upload("a.txt", b"x")
    await bot.ada.say("D0ADA", "file", files=[file])
    said = await bot.ada.say("D0ADA", "hi")
    assert said.message is not None
    await bot.ada.edit("D0ADA", said.message.ts, "ho")
    await bot.ada.delete("D0ADA", said.message.ts)
    await bot.ada.open_home()
    await bot.delivery.settle()
    names = {
        "app_mention": "AppMentionPayload",
        "app_home_opened": "AppHomeOpenedPayload",
        "message": "MessagePayload",
        "message.file_share": "MessageFileSharePayload",
        "message.message_changed": "MessageChangedPayload",
        "message.message_deleted": "MessageDeletedPayload",
    }
    seen = set()
    for body in bot.heard:
        subtype = body["event"].get("subtype")
        name = names[".".join(filter(None, [body["event"]["type"], subtype]))]
        seen.add(name)
        assert check("payloads", name, body) == set(), name
    assert seen == set(names.values())
