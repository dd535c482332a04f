"""Posting, editing and deleting: where the bot may write, what Slack refuses, who sees what."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.slack_stand_in import Slack

DIVIDER = {"type": "divider"}


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


PLACES = [
    ("C0DESIGN", None, "C0DESIGN"),
    ("#design", None, "C0DESIGN"),
    ("C0GENERAL", None, "C0GENERAL"),
    ("U0ADA", None, "D0ADA"),
    ("D0BEN", None, "D0BEN"),
    ("G0LAUNCH", "channel_not_found", None),
    ("C0NOWHERE", "channel_not_found", None),
    ("U0IMAGINE", "channel_not_found", None),
]


@pytest.mark.parametrize(("channel", "error", "place"), PLACES)
async def test_where_the_bot_may_post(
    slack: Slack, channel: str, error: str | None, place: str | None
) -> None:
    answer = await slack.call("chat.postMessage", channel=channel, text="hi")
    assert (answer.get("error"), answer.get("channel")) == (error, place)


async def test_without_the_public_scope_the_bot_must_be_a_member(slack: Slack) -> None:
    slack.workspace.scopes.discard("chat:write.public")
    answer = await slack.call("chat.postMessage", channel="C0GENERAL", text="hi")
    assert answer["error"] == "not_in_channel"


async def test_an_archived_channel_takes_nothing(slack: Slack) -> None:
    slack.workspace.channels["C0DESIGN"].is_archived = True
    answer = await slack.call("chat.postMessage", channel="C0DESIGN", text="hi")
    assert answer["error"] == "is_archived"


REFUSED = [
    ({}, "no_text"),
    ({"text": ""}, "no_text"),
    ({"blocks": []}, "no_text"),
    ({"text": "x" * 40_001}, "msg_too_long"),
    ({"blocks": [DIVIDER] * 51}, "invalid_blocks"),
    ({"blocks": [section("x" * 3000)] * 5}, "msg_blocks_too_long"),
    ({"text": "x", "thread_ts": "1.000001"}, "thread_not_found"),
    ({"text": "x", "metadata": {"event_type": 5}}, "invalid_metadata_format"),
    ({"text": "x", "attachments": [{"text": "old"}]}, "invalid_arguments"),
    ({"text": "x", "username": "Someone"}, "missing_scope"),
]


@pytest.mark.parametrize(("arguments", "error"), REFUSED)
async def test_what_a_message_must_not_be(
    slack: Slack, arguments: dict[str, Any], error: str
) -> None:
    answer = await slack.call("chat.postMessage", channel="C0DESIGN", **arguments)
    assert answer["error"] == error
    assert slack.workspace.messages["C0DESIGN"] == []


async def test_a_refused_block_is_pointed_at(slack: Slack) -> None:
    blocks = [DIVIDER, section("x" * 3001)]
    answer = await slack.call("chat.postMessage", channel="C0DESIGN", blocks=blocks)
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] must be less than 3001 characters [json-pointer:/blocks/1/text/text]"
    ]
    assert answer["errors"] == [
        "must be less than 3001 characters [json-pointer:/blocks/1/text/text]"
    ]


async def test_a_thread_counts_its_replies_and_refuses_a_reply_as_parent(slack: Slack) -> None:
    root = await slack.client.chat_postMessage(channel="C0DESIGN", text="root")
    reply = await slack.client.chat_postMessage(
        channel="C0DESIGN", text="reply", thread_ts=root["ts"]
    )
    parent = slack.workspace.find_message("C0DESIGN", root["ts"])
    assert parent is not None
    assert parent.reply_count == 1
    assert reply["message"]["parent_user_id"] == "U0IMAGINE"
    answer = await slack.call(
        "chat.postMessage", channel="C0DESIGN", text="x", thread_ts=reply["ts"]
    )
    assert answer["error"] == "thread_not_found"
    assert [m.text for m in slack.workspace.history("C0DESIGN", viewer="U0ADA")] == ["root"]
    thread = slack.workspace.thread("C0DESIGN", root["ts"], viewer="U0ADA")
    assert [m.text for m in thread] == ["root", "reply"]


async def test_a_deleted_parent_leaves_a_gravestone_and_a_deleted_reply_nothing(
    slack: Slack,
) -> None:
    root = await slack.client.chat_postMessage(channel="C0DESIGN", text="root")
    reply = await slack.client.chat_postMessage(
        channel="C0DESIGN", text="reply", thread_ts=root["ts"]
    )
    await slack.client.chat_delete(channel="C0DESIGN", ts=root["ts"])
    thread = slack.workspace.thread("C0DESIGN", root["ts"], viewer="U0ADA")
    assert [m.is_deleted for m in thread] == [True, False]
    again = await slack.call("chat.update", channel="C0DESIGN", ts=root["ts"], text="x")
    assert again["error"] == "message_not_found"
    await slack.client.chat_delete(channel="C0DESIGN", ts=reply["ts"])
    assert thread[0].reply_count == 0
    answer = await slack.call("chat.delete", channel="C0DESIGN", ts=reply["ts"])
    assert answer["error"] == "message_not_found"


async def test_an_update_keeps_what_it_leaves_out(slack: Slack) -> None:
    metadata = {"event_type": "picture", "event_payload": {"id": "g1"}}
    posted = await slack.client.chat_postMessage(
        channel="C0DESIGN", text="one", blocks=[DIVIDER], metadata=metadata
    )
    message = slack.workspace.find_message("C0DESIGN", posted["ts"])
    assert message is not None
    await slack.client.chat_update(channel="C0DESIGN", ts=posted["ts"], text="two")
    assert (message.text, len(message.blocks), message.metadata) == ("two", 1, metadata)
    assert message.edited is not None
    await slack.client.chat_update(
        channel="C0DESIGN", ts=posted["ts"], text="three", blocks=[], metadata={}
    )
    assert (message.text, message.blocks, message.metadata) == ("three", [], None)


async def test_an_update_is_shorter_and_only_for_own_messages(slack: Slack) -> None:
    theirs = slack.workspace.post_message("C0DESIGN", "U0ADA", "mine")
    own = await slack.client.chat_postMessage(channel="C0DESIGN", text="own")
    cases = [
        ({"ts": theirs.ts, "text": "x"}, "cant_update_message"),
        ({"ts": "1.000001", "text": "x"}, "message_not_found"),
        ({"ts": own["ts"], "text": "x" * 4001}, "msg_too_long"),
        ({"ts": own["ts"]}, "no_text"),
    ]
    for arguments, error in cases:
        answer = await slack.call("chat.update", channel="C0DESIGN", **arguments)
        assert answer["error"] == error
    answer = await slack.call("chat.delete", channel="C0DESIGN", ts=theirs.ts)
    assert answer["error"] == "cant_delete_message"


async def test_an_ephemeral_message_is_for_one_member_only(slack: Slack) -> None:
    await slack.client.chat_postEphemeral(channel="C0DESIGN", user="U0ADA", text="psst")
    assert len(slack.workspace.history("C0DESIGN", viewer="U0ADA")) == 1
    assert slack.workspace.history("C0DESIGN", viewer="U0BEN") == []
    cases = [("C0GENERAL", "U0ADA", "not_in_channel"), ("C0DESIGN", "U0X", "user_not_in_channel")]
    for channel, user, error in cases:
        answer = await slack.call("chat.postEphemeral", channel=channel, user=user, text="x")
        assert answer["error"] == error


async def test_metadata_comes_back_only_where_it_is_asked_for_and_allowed(slack: Slack) -> None:
    metadata = {"event_type": "picture", "event_payload": {"id": "g1"}}
    root = await slack.client.chat_postMessage(channel="C0DESIGN", text="root")
    await slack.client.chat_postMessage(
        channel="C0DESIGN", text="reply", thread_ts=root["ts"], metadata=metadata
    )
    refused = await slack.call("conversations.replies", channel="C0DESIGN", ts=root["ts"])
    assert (refused["error"], refused["needed"]) == ("missing_scope", "channels:history")
    slack.workspace.scopes.add("channels:history")
    plain = await slack.client.conversations_replies(channel="C0DESIGN", ts=root["ts"])
    assert [m.get("metadata") for m in plain["messages"]] == [None, None]
    whole = await slack.client.conversations_replies(
        channel="C0DESIGN", ts=root["ts"], include_all_metadata=True
    )
    assert [m.get("metadata") for m in whole["messages"]] == [None, metadata]
    assert whole["messages"][0]["reply_count"] == 1


async def test_history_is_paged_newest_first(slack: Slack) -> None:
    for number in range(5):
        await slack.client.chat_postMessage(channel="D0ADA", text=str(number))
    first = await slack.client.conversations_history(channel="D0ADA", limit=3)
    cursor = first["response_metadata"]["next_cursor"]
    second = await slack.client.conversations_history(channel="D0ADA", limit=3, cursor=cursor)
    assert [m["text"] for m in first["messages"]] == ["4", "3", "2"]
    assert [m["text"] for m in second["messages"]] == ["1", "0"]
    assert (first["has_more"], second["has_more"]) == (True, False)
    bad = await slack.call("conversations.history", channel="D0ADA", cursor="?")
    assert bad["error"] == "invalid_cursor"


async def test_a_permalink_leads_to_message_and_thread(slack: Slack) -> None:
    root = await slack.client.chat_postMessage(channel="C0DESIGN", text="root")
    reply = await slack.client.chat_postMessage(
        channel="C0DESIGN", text="reply", thread_ts=root["ts"]
    )
    first = await slack.client.chat_getPermalink(channel="C0DESIGN", message_ts=root["ts"])
    second = await slack.client.chat_getPermalink(channel="C0DESIGN", message_ts=reply["ts"])
    place = root["ts"].replace(".", "")
    assert first["permalink"] == f"{slack.url}/archives/C0DESIGN/p{place}"
    assert second["permalink"].endswith(f"?thread_ts={root['ts']}&cid=C0DESIGN")


async def test_conversations_are_shown_by_kind(slack: Slack) -> None:
    slack.workspace.scopes |= {"channels:read", "groups:read", "im:read", "im:write"}
    public = (await slack.client.conversations_info(channel="C0GENERAL"))["channel"]
    assert (public["name"], public["is_member"], public["is_private"]) == ("general", False, False)
    private = await slack.call("conversations.info", channel="G0LAUNCH")
    assert private["error"] == "channel_not_found"
    dm = await slack.client.conversations_open(users="U0BEN")
    assert dm["channel"]["id"] == "D0BEN"
    members = await slack.client.conversations_members(channel="C0DESIGN")
    assert members["members"] == ["U0ADA", "U0BEN", "U0IMAGINE"]


async def test_a_threads_status_ends_with_the_next_message(slack: Slack) -> None:
    root = await slack.client.chat_postMessage(channel="C0DESIGN", text="root")
    await slack.client.assistant_threads_setStatus(
        channel_id="C0DESIGN", thread_ts=root["ts"], status="is drawing..."
    )
    assert slack.workspace.current_status("C0DESIGN", root["ts"]) == "is drawing..."
    await slack.client.chat_postMessage(channel="C0DESIGN", text="done", thread_ts=root["ts"])
    assert slack.workspace.current_status("C0DESIGN", root["ts"]) == ""


async def test_a_subscriber_hears_of_each_change(slack: Slack) -> None:
    changes = slack.workspace.subscribe()
    await slack.client.chat_postMessage(channel="C0DESIGN", text="hi")
    first, second = await anext(changes), await anext(changes)
    assert (first.kind, first.channel) == ("message", "C0DESIGN")
    assert second.kind == "exchange"
    await changes.aclose()


async def test_a_reply_that_is_broadcast_is_in_its_thread_and_in_the_channel(slack: Slack) -> None:
    root = await slack.client.chat_postMessage(channel="C0DESIGN", text="root")
    reply = await slack.client.chat_postMessage(
        channel="C0DESIGN", text="reply", thread_ts=root["ts"], reply_broadcast=True
    )
    assert reply["message"]["subtype"] == "thread_broadcast"
    assert reply["message"]["root"]["text"] == "root"
    seen = slack.workspace.history("C0DESIGN", viewer="U0ADA")
    assert [m.text for m in seen] == ["root", "reply"]
    thread = slack.workspace.thread("C0DESIGN", root["ts"], viewer="U0ADA")
    assert [m.text for m in thread] == ["root", "reply"]


async def test_a_message_outside_threads_is_no_broadcast(slack: Slack) -> None:
    posted = await slack.client.chat_postMessage(
        channel="C0DESIGN", text="alone", reply_broadcast=True
    )
    assert "subtype" not in posted["message"]


async def test_an_old_reply_is_broadcast_only_as_it_is(slack: Slack) -> None:
    root = await slack.client.chat_postMessage(channel="C0DESIGN", text="root")
    reply = await slack.client.chat_postMessage(
        channel="C0DESIGN", text="reply", thread_ts=root["ts"]
    )
    where = {"channel": "C0DESIGN", "ts": reply["ts"], "reply_broadcast": True}
    refused = await slack.call("chat.update", text="other", **where)
    assert refused["error"] == "no_dual_broadcast_content_update"
    assert (await slack.call("chat.update", **where))["ok"]
    seen = slack.workspace.history("C0DESIGN", viewer="U0ADA")
    assert [m.text for m in seen] == ["root", "reply"]
