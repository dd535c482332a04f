"""Events: which are sent, in what shape, and how they come again."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from bot.sandbox.slack.composing import compose_text
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.workspace import Workspace
from tests.support.slack_stand_in import Bot, ServeBot, Slack


def hear_events(bot: Bot) -> list[dict[str, Any]]:
    heard: list[dict[str, Any]] = []

    async def listen(body) -> None:  # type: ignore[no-untyped-def]
        heard.append(body["event"] | {"_id": body["event_id"]})

    for name in ("app_mention", "message", "tokens_revoked", "app_uninstalled"):
        bot.app.event(name)(listen)
    bot.app.event({"type": "message", "subtype": "message_changed"})(listen)
    bot.app.event({"type": "message", "subtype": "message_deleted"})(listen)
    bot.app.event({"type": "message", "subtype": "file_share"})(listen)
    return heard


async def test_a_mention_is_heard_where_the_bot_is_a_member(slack: Slack, bot: Bot) -> None:
    heard = hear_events(bot)
    await bot.ada.say("C0DESIGN", "@Imagine a <cat> & dog")
    await bot.ada.say("C0GENERAL", "@Imagine a cat")
    await bot.ada.say("C0DESIGN", "no mention")
    await bot.delivery.settle()
    (event,) = heard
    assert event["type"] == "app_mention"
    assert event["text"] == "<@U0IMAGINE> a &lt;cat&gt; &amp; dog"
    assert (event["user"], event["channel"]) == ("U0ADA", "C0DESIGN")
    assert event["blocks"][0]["elements"][0]["elements"] == [
        {"type": "user", "user_id": "U0IMAGINE"},
        {"type": "text", "text": " a <cat> & dog"},
    ]


async def test_a_mention_in_a_thread_carries_its_root_and_its_pictures(
    slack: Slack, bot: Bot
) -> None:
    heard = hear_events(bot)
    root = await slack.client.chat_postMessage(channel="C0DESIGN", text="root")
    file = await bot.ada.upload("cat.png", b"\x89PNG\r\n\x1a\n")
    await bot.ada.say("C0DESIGN", "@imagine again", thread_ts=root["ts"], files=[file])
    await bot.delivery.settle()
    (event,) = heard
    assert event["thread_ts"] == root["ts"]
    assert event["parent_user_id"] == "U0IMAGINE"
    assert event["files"][0]["mimetype"] == "image/png"


async def test_a_mention_is_two_events_with_one_ts_when_messages_are_heard_too(
    slack: Slack, bot: Bot
) -> None:
    heard = hear_events(bot)
    slack.workspace.events.add("message.channels")
    slack.workspace.scopes.add("channels:history")
    await bot.ada.say("C0DESIGN", "@imagine hi")
    await bot.delivery.settle()
    assert sorted(e["type"] for e in heard) == ["app_mention", "message"]
    assert len({e["ts"] for e in heard}) == 1
    assert len({e["_id"] for e in heard}) == 2


async def test_in_a_dm_every_message_is_heard_the_bots_own_too(slack: Slack, bot: Bot) -> None:
    heard = hear_events(bot)
    said = await bot.ada.say("D0ADA", "a cat")
    await bot.delivery.settle()
    posted = await slack.client.chat_postMessage(channel="D0ADA", text="done")
    await bot.delivery.settle()
    await slack.client.chat_update(channel="D0ADA", ts=posted["ts"], text="all done")
    await bot.delivery.settle()
    assert said.message is not None
    await bot.ada.edit("D0ADA", said.message.ts, "a dog")
    await bot.delivery.settle()
    await bot.ada.delete("D0ADA", said.message.ts)
    await bot.delivery.settle()
    first, own, updated, edited, deleted = heard
    assert (first["channel_type"], first["user"], first["text"]) == ("im", "U0ADA", "a cat")
    assert "bot_id" not in first
    assert own["bot_id"] == "B0IMAGINE"
    assert (updated["subtype"], updated["hidden"]) == ("message_changed", True)
    assert updated["previous_message"]["text"] == "done"
    assert edited["message"]["text"] == "a dog"
    assert (deleted["subtype"], deleted["deleted_ts"]) == ("message_deleted", said.message.ts)


async def test_without_scope_or_subscription_nothing_is_sent(slack: Slack, bot: Bot) -> None:
    slack.workspace.scopes.discard("im:history")
    slack.workspace.events.discard("app_mention")
    await bot.ada.say("D0ADA", "a cat")
    await bot.ada.say("C0DESIGN", "@imagine a cat")
    await bot.delivery.settle()
    assert bot.requests == []


async def test_a_picture_in_a_dm_is_a_file_share(slack: Slack, bot: Bot) -> None:
    heard = hear_events(bot)
    file = await bot.ada.upload("cat.png", b"\x89PNG\r\n\x1a\n")
    await bot.ada.say("D0ADA", "like this", files=[file])
    await bot.delivery.settle()
    assert heard[0]["subtype"] == "file_share"


ANSWERS = [
    ([200], []),
    ([500, 200], [("1", "http_error")]),
    ([404, 404, 404, 404], [("1", "http_error"), ("2", "http_error"), ("3", "http_error")]),
    ([0, 200], [("1", "http_timeout")]),
]


@pytest.mark.parametrize(("statuses", "retries"), ANSWERS)
async def test_an_event_comes_again_until_it_is_taken(
    slack: Slack, serve_bot: ServeBot, statuses: list[int], retries: list[tuple[str, str]]
) -> None:
    seen: list[tuple[str | None, str | None]] = []
    ids: set[str] = set()
    left = list(statuses)

    async def answer(request: Request) -> Response:
        ids.add((await request.json())["event_id"])
        headers = request.headers
        seen.append((headers.get("x-slack-retry-num"), headers.get("x-slack-retry-reason")))
        status = left.pop(0)
        if status == 0:
            await asyncio.sleep(30)  # for ever, as far as Slack is concerned
        return Response(status_code=status or 200)

    # Short only where it is waited for: a slow machine is no silent bot.
    delivery = await serve_bot(answer, answer_seconds=4.0 if 0 in statuses else 30.0)
    await Person(slack.workspace, delivery, "U0ADA").say("C0DESIGN", "@imagine hi")
    await delivery.settle()
    assert seen == [(None, None), *retries]
    assert len(ids) == 1


async def test_a_bot_can_refuse_retries(slack: Slack, serve_bot: ServeBot) -> None:
    count = 0

    async def answer(request: Request) -> Response:
        nonlocal count
        count += 1
        return Response(status_code=500, headers={"x-slack-no-retry": "1"})

    delivery = await serve_bot(answer)
    await Person(slack.workspace, delivery, "U0ADA").say("C0DESIGN", "@imagine hi")
    await delivery.settle()
    assert count == 1


async def test_the_same_event_can_be_delivered_twice(slack: Slack, bot: Bot) -> None:
    heard = hear_events(bot)
    await bot.ada.say("C0DESIGN", "@imagine hi")
    await bot.delivery.settle()
    (sent,) = [e for e in slack.workspace.exchanges if e.kind == "event"]
    await bot.delivery.deliver_again(sent)
    assert len({e["_id"] for e in heard}) == 1
    assert len(heard) == 2
    assert bot.requests[1].headers["x-slack-retry-num"] == "1"


async def test_an_uninstalled_app_is_told_and_its_token_is_dead(slack: Slack, bot: Bot) -> None:
    heard = hear_events(bot)
    await bot.delivery.uninstall()
    assert sorted(e["type"] for e in heard) == ["app_uninstalled", "tokens_revoked"]
    assert (await slack.call("auth.test"))["error"] == "token_revoked"


async def test_a_person_says_only_what_the_client_allows(slack: Slack, bot: Bot) -> None:
    slack.workspace.channels["G0LAUNCH"].members.discard("U0BEN")
    slack.workspace.channels["C0GENERAL"].members.discard("U0BEN")
    theirs = await bot.ada.say("C0DESIGN", "mine")
    assert theirs.message is not None
    ts = theirs.message.ts
    cases = [
        (await bot.ben.say("G0LAUNCH", "x"), "channel_not_found"),
        (await bot.ben.say("C0GENERAL", "x"), "not_in_channel"),
        (await bot.ben.say("C0DESIGN", "  "), "no_text"),
        (await bot.ben.say("C0DESIGN", "x", thread_ts="1.1"), "thread_not_found"),
        (await bot.ben.edit("C0DESIGN", ts, "x"), "cant_update_message"),
        (await bot.ben.delete("C0DESIGN", ts), "cant_delete_message"),
    ]
    assert [shown.error for shown, _ in cases] == [error for _, error in cases]
    assert (await bot.ada.delete("C0DESIGN", ts)).ok


async def test_a_reaction_is_added_and_taken_back(slack: Slack, bot: Bot) -> None:
    said = await bot.ada.say("C0DESIGN", "hi")
    assert said.message is not None
    await bot.ben.react("C0DESIGN", said.message.ts, "tada")
    assert said.message.reactions == {"tada": ["U0BEN"]}
    await bot.ben.react("C0DESIGN", said.message.ts, "tada")
    assert said.message.reactions == {}


TYPED = [
    ("plain", "plain"),
    ("a & b < c > d", "a &amp; b &lt; c &gt; d"),
    ("@Imagine hi", "<@U0IMAGINE> hi"),
    ("hi @imagine, again", "hi <@U0IMAGINE>, again"),
    ("@Ben Osei and @ben", "<@U0BEN> and <@U0BEN>"),
    ("me@imagine.com @imaginary", "me@imagine.com @imaginary"),
    ("<@U0IMAGINE> hi", "<@U0IMAGINE> hi"),
    ("<@U0NOBODY> hi", "&lt;@U0NOBODY&gt; hi"),
    ("<!channel>", "&lt;!channel&gt;"),
    ("@channel look", "<!channel> look"),
    ("in #design now", "in <#C0DESIGN|design> now"),
    ("see https://x.y/a?b=1&c=2.", "see <https://x.y/a?b=1&amp;c=2>."),
]


@pytest.mark.parametrize(("typed", "text"), TYPED)
def test_typed_text_becomes_slacks_markup(typed: str, text: str) -> None:
    assert compose_text(Workspace(), typed) == text
