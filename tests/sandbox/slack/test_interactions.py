"""Buttons, menus and shortcuts on messages, and what a response_url can do."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.slack_stand_in import Bot, Clock, Slack


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def option(value: str) -> dict[str, Any]:
    return {"text": plain(value), "value": value}


ROW = {
    "type": "actions",
    "block_id": "row",
    "elements": [
        {"type": "button", "action_id": "again", "text": plain("Again"), "value": "g1"},
        {"type": "overflow", "action_id": "more", "options": [option("share"), option("drop")]},
        {"type": "static_select", "action_id": "size", "options": [option("a"), option("b")]},
    ],
}
THUMBS = {
    "type": "context_actions",
    "block_id": "thumbs",
    "elements": [
        {
            "type": "feedback_buttons",
            "action_id": "feedback",
            "positive_button": {"text": plain("Good"), "value": "g1:up"},
            "negative_button": {"text": plain("Bad"), "value": "g1:down"},
        }
    ],
}


def hear(bot: Bot, *action_ids: str) -> None:
    async def listen(ack, body) -> None:  # type: ignore[no-untyped-def]
        bot.heard.append(body)
        await ack()

    for action_id in action_ids:
        bot.app.action(action_id)(listen)


async def post(slack: Slack, **more: Any) -> str:
    answer = await slack.client.chat_postMessage(
        channel="C0DESIGN", text="result", blocks=[ROW, THUMBS], **more
    )
    ts: str = answer["ts"]
    return ts


CLICKS: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("row", "again", {}, {"type": "button", "value": "g1"}),
    ("row", "more", {"selected_option": "drop"}, {"selected_option": option("drop")}),
    ("row", "size", {"selected_option": "b"}, {"selected_option": option("b")}),
    ("thumbs", "feedback", {"value": "positive"}, {"value": "g1:up"}),
    ("thumbs", "feedback", {"value": "g1:down"}, {"value": "g1:down"}),
]


@pytest.mark.parametrize(("block_id", "action_id", "choice", "wanted"), CLICKS)
async def test_a_click_tells_which_element_and_what_was_chosen(
    slack: Slack,
    bot: Bot,
    block_id: str,
    action_id: str,
    choice: dict[str, Any],
    wanted: dict[str, Any],
) -> None:
    hear(bot, action_id)
    ts = await post(slack)
    shown = await bot.ben.click("C0DESIGN", ts, block_id, action_id, **choice)
    assert shown.ok, shown
    (body,) = bot.heard
    (action,) = body["actions"]
    assert (action["block_id"], action["action_id"]) == (block_id, action_id)
    assert wanted.items() <= action.items()
    assert body["user"]["id"] == "U0BEN"
    assert body["channel"]["id"] == "C0DESIGN"
    assert body["message"]["ts"] == ts
    assert body["container"]["message_ts"] == ts


async def test_a_click_in_a_thread_says_so(slack: Slack, bot: Bot) -> None:
    hear(bot, "again")
    root = await post(slack)
    reply = await post(slack, thread_ts=root)
    await bot.ada.click("C0DESIGN", reply, "row", "again")
    assert bot.heard[0]["container"]["thread_ts"] == root
    assert bot.heard[0]["message"]["thread_ts"] == root


async def test_an_ephemeral_message_is_clicked_by_its_person_and_not_shown_in_the_payload(
    slack: Slack, bot: Bot
) -> None:
    hear(bot, "again")
    answer = await slack.client.chat_postEphemeral(
        channel="C0DESIGN", user="U0ADA", text="x", blocks=[ROW]
    )
    ts = answer["message_ts"]
    assert (await bot.ben.click("C0DESIGN", ts, "row", "again")).error == "message_not_found"
    assert (await bot.ada.click("C0DESIGN", ts, "row", "again")).ok
    (body,) = bot.heard
    assert body["container"]["is_ephemeral"]
    assert "message" not in body


async def test_what_is_not_there_cannot_be_clicked(slack: Slack, bot: Bot) -> None:
    ts = await post(slack)
    cases = [
        (await bot.ada.click("C0DESIGN", "1.1", "row", "again"), "message_not_found"),
        (await bot.ada.click("C0DESIGN", ts, "row", "nope"), "action_not_found"),
        (await bot.ada.click("C0DESIGN", ts, "row", "more"), "option_not_found"),
        (
            await bot.ada.click("C0DESIGN", ts, "row", "size", selected_option="z"),
            "option_not_found",
        ),
    ]
    assert [shown.error for shown, _ in cases] == [error for _, error in cases]
    assert bot.requests == []


async def test_a_click_that_nobody_listens_to_is_an_error(slack: Slack, bot: Bot) -> None:
    ts = await post(slack)
    assert (await bot.ada.click("C0DESIGN", ts, "row", "again")).error == "http_client_error"


async def test_a_click_opens_a_modal_with_its_trigger(slack: Slack, bot: Bot) -> None:
    @bot.app.action("again")
    async def again(ack, body, client) -> None:  # type: ignore[no-untyped-def]
        await ack()
        view = {"type": "modal", "title": plain("Edit"), "blocks": [{"type": "divider"}]}
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    await bot.ada.click("C0DESIGN", await post(slack), "row", "again")
    (view,) = slack.workspace.view_stacks["U0ADA"]
    assert view.body["title"]["text"] == "Edit"


async def test_shortcuts_carry_what_they_were_chosen_on(slack: Slack, bot: Bot) -> None:
    @bot.app.shortcut("make")
    async def make(ack, shortcut) -> None:  # type: ignore[no-untyped-def]
        bot.heard.append(shortcut)
        await ack()

    file = await bot.ada.upload("cat.png", b"\x89PNG\r\n\x1a\n")
    said = await bot.ada.say("C0DESIGN", "a cat & a dog", files=[file])
    assert said.message is not None
    assert (await bot.ada.shortcut("make")).ok
    assert (await bot.ada.message_shortcut("make", "C0DESIGN", said.message.ts)).ok
    first, second = bot.heard
    assert (first["type"], "channel" in first) == ("shortcut", False)
    assert second["type"] == "message_action"
    assert second["message"]["text"] == "a cat &amp; a dog"
    assert second["message"]["files"][0]["id"] == file.id
    assert second["channel"]["id"] == "C0DESIGN"


async def test_a_manifest_decides_which_shortcuts_there_are(slack: Slack, bot: Bot) -> None:
    slack.workspace.shortcuts = {"make": "global"}
    said = await bot.ada.say("C0DESIGN", "hi")
    assert said.message is not None
    shown = await bot.ada.message_shortcut("make", "C0DESIGN", said.message.ts)
    assert shown.error == "shortcut_not_found"


# -- response_url ------------------------------------------------------------------------------


async def respond(slack: Slack, url: str, **body: Any) -> tuple[int, Any]:
    async with slack.http.post(url, json=body) as response:
        return response.status, await response.json()


async def test_a_response_url_works_five_times_in_thirty_minutes(
    slack: Slack, clock: Clock
) -> None:
    url = slack.workspace.grant_response_url("G0LAUNCH", "U0ADA")
    results = [await respond(slack, url, text="x") for _ in range(6)]
    assert [status for status, _ in results] == [200] * 5 + [404]
    assert results[5][1]["error"] == "used_url"
    late = slack.workspace.grant_response_url("C0DESIGN", "U0ADA")
    clock.now += 1801
    assert (await respond(slack, late, text="x"))[1]["error"] == "expired_url"
    unknown = slack.url + "/commands/T0/1/x"
    assert (await respond(slack, unknown, text="x"))[1]["error"] == "invalid_url"


async def test_a_response_is_private_unless_it_says_otherwise(slack: Slack) -> None:
    url = slack.workspace.grant_response_url("G0LAUNCH", "U0ADA")
    await respond(slack, url, text="private")
    await respond(slack, url, text="public", response_type="in_channel")
    seen = [m.text for m in slack.workspace.history("G0LAUNCH", viewer="U0BEN")]
    assert seen == ["public"]
    assert len(slack.workspace.history("G0LAUNCH", viewer="U0ADA")) == 2


async def test_a_click_answers_by_replacing_or_deleting_its_message(slack: Slack, bot: Bot) -> None:
    @bot.app.action("again")
    async def again(ack, respond) -> None:  # type: ignore[no-untyped-def]
        await ack()
        await respond(text="replaced", blocks=[ROW], replace_original=True)

    @bot.app.action("more")
    async def more(ack, respond) -> None:  # type: ignore[no-untyped-def]
        await ack()
        await respond(delete_original=True)

    answer = await slack.client.chat_postEphemeral(
        channel="C0DESIGN", user="U0ADA", text="first", blocks=[ROW]
    )
    ts = answer["message_ts"]
    await bot.ada.click("C0DESIGN", ts, "row", "again")
    assert [m.text for m in slack.workspace.history("C0DESIGN", viewer="U0ADA")] == ["replaced"]
    await bot.ada.click("C0DESIGN", ts, "row", "more", selected_option="drop")
    assert slack.workspace.history("C0DESIGN", viewer="U0ADA") == []


async def test_a_response_can_go_into_the_thread_of_a_click_only(slack: Slack) -> None:
    root = await post(slack)
    workspace = slack.workspace
    click = workspace.grant_response_url("C0DESIGN", "U0ADA", path="actions", may_thread=True)
    shortcut = workspace.grant_response_url("C0DESIGN", "U0ADA", path="app")
    body = {"text": "x", "response_type": "in_channel", "thread_ts": root}
    await respond(slack, click, **body)
    await respond(slack, shortcut, **body)
    assert len(workspace.thread("C0DESIGN", root, viewer="U0ADA")) == 2
    assert len(workspace.history("C0DESIGN", viewer="U0ADA")) == 2


BAD_BODIES: list[tuple[bytes, str]] = [
    (b"", "invalid_payload"),
    (b"[]", "invalid_payload"),
    (b"{", "invalid_payload"),
    (b"{}", "no_text"),
    (b'{"text": 5}', "invalid_arguments"),
    (b'{"blocks": [{"type": "nope"}]}', "invalid_blocks"),
    (b'{"text": "x", "response_type": "loud"}', "invalid_arguments"),
    (b'{"text": "x", "respnse_type": "in_channel"}', "invalid_arguments"),
    (b'{"delete_original": true}', "message_not_found"),
]


@pytest.mark.parametrize(("body", "error"), BAD_BODIES)
async def test_a_bad_response_is_refused(slack: Slack, body: bytes, error: str) -> None:
    url = slack.workspace.grant_response_url("C0DESIGN", "U0ADA")
    async with slack.http.post(url, data=body) as response:
        assert response.status == 400
        assert (await response.json())["error"] == error
