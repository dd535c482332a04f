"""Slash commands: what is sent, three seconds of patience, and the answers that appear."""

from __future__ import annotations

import asyncio
import time
from urllib.parse import parse_qs

import pytest
from slack_sdk.signature import SignatureVerifier
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.sandbox.slack.delivery import Delivery, sign
from bot.sandbox.slack.person import Person
from tests.support.slack_stand_in import Bot, ServeBot, Slack


def test_signature_is_the_one_of_slacks_documentation() -> None:
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
        b"&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
        b"&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com"
        b"%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    assert sign("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", body) == (
        "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    )


async def test_a_command_arrives_signed_and_fresh_as_a_form(
    slack: Slack, serve_bot: ServeBot
) -> None:
    seen: list[tuple[bytes, dict[str, str]]] = []

    async def answer(request: Request) -> Response:
        seen.append((await request.body(), dict(request.headers)))
        return Response()

    delivery = await serve_bot(answer)
    ada = Person(slack.workspace, delivery, "U0ADA")
    shown = await ada.run_command("C0DESIGN", "/imagine", 'a "cat" & <dog> 100% ü')

    assert (shown.ok, shown.error, shown.message) == (True, None, None)
    body, headers = seen[0]
    verifier = SignatureVerifier("sandbox-signing-secret")
    assert verifier.is_valid_request(body, headers)
    assert abs(int(headers["x-slack-request-timestamp"]) - time.time()) < 5
    fields = {key: values[0] for key, values in parse_qs(body.decode()).items()}
    assert fields["text"] == 'a "cat" &amp; &lt;dog&gt; 100% ü'
    assert fields["command"] == "/imagine"
    assert (fields["channel_id"], fields["channel_name"]) == ("C0DESIGN", "design")
    assert (fields["user_id"], fields["user_name"]) == ("U0ADA", "ada")
    assert fields["response_url"].startswith(slack.url + "/commands/")
    assert "thread_ts" not in fields


async def test_bolt_takes_a_command_and_its_ack_is_shown_privately(bot: Bot, slack: Slack) -> None:
    @bot.app.command("/imagine")
    async def imagine(ack, command) -> None:  # type: ignore[no-untyped-def]
        await ack(f"You said {command['text']}")

    shown = await bot.ada.run_command("C0GENERAL", "/imagine", "hello")
    assert shown.message is not None
    assert shown.message.text == "You said hello"
    assert shown.message.ephemeral_to == "U0ADA"
    assert [m.text for m in slack.workspace.history("C0GENERAL", viewer="U0ADA")] == [
        "You said hello"
    ]
    assert slack.workspace.history("C0GENERAL", viewer="U0BEN") == []


ANSWERS = [
    pytest.param(Response(), True, None, None, id="empty"),
    pytest.param(PlainTextResponse("hi"), True, None, "hi", id="text"),
    pytest.param(JSONResponse({"text": "json"}), True, None, "json", id="json"),
    pytest.param(JSONResponse({}), True, None, None, id="empty-object"),
    pytest.param(Response(status_code=500), False, "http_service_error", None, id="500"),
    pytest.param(Response(status_code=404), False, "http_client_error", None, id="404"),
    pytest.param(
        JSONResponse({"blocks": [{"type": "nope"}]}),
        False,
        "invalid_command_response",
        None,
        id="bad-blocks",
    ),
    pytest.param(
        Response("{nope", media_type="application/json"),
        False,
        "dispatch_unknown_error",
        None,
        id="broken-json",
    ),
]


@pytest.mark.parametrize(("answer", "ok", "error", "text"), ANSWERS)
async def test_what_the_client_shows_follows_from_the_answer(
    slack: Slack,
    serve_bot: ServeBot,
    answer: Response,
    ok: bool,
    error: str | None,
    text: str | None,
) -> None:
    async def reply(request: Request) -> Response:
        return answer

    ada = Person(slack.workspace, await serve_bot(reply), "U0ADA")
    shown = await ada.run_command("C0DESIGN", "/imagine", "x")
    assert (shown.ok, shown.error) == (ok, error)
    assert (shown.message.text if shown.message else None) == text


async def test_an_in_channel_answer_is_seen_by_everyone(slack: Slack, serve_bot: ServeBot) -> None:
    async def reply(request: Request) -> Response:
        return JSONResponse({"response_type": "in_channel", "text": "for all"})

    ada = Person(slack.workspace, await serve_bot(reply), "U0ADA")
    await ada.run_command("C0DESIGN", "/imagine", "x")
    assert [m.text for m in slack.workspace.history("C0DESIGN", viewer="U0BEN")] == ["for all"]


async def test_an_answer_that_comes_too_late_is_operation_timeout(
    slack: Slack, serve_bot: ServeBot
) -> None:
    async def reply(request: Request) -> Response:
        await asyncio.sleep(30)
        return Response()

    ada = Person(slack.workspace, await serve_bot(reply, answer_seconds=0.05), "U0ADA")
    shown = await ada.run_command("C0DESIGN", "/imagine", "x")
    assert (shown.ok, shown.error) == (False, "operation_timeout")
    assert 0.04 < shown.seconds < 25


async def test_a_bot_that_is_not_there_is_dispatch_failed(slack: Slack) -> None:
    delivery = Delivery(slack.workspace, bot_url="http://127.0.0.1:9")
    ada = Person(slack.workspace, delivery, "U0ADA")
    assert (await ada.run_command("C0DESIGN", "/imagine", "x")).error == "dispatch_failed"
    await delivery.aclose()


async def test_an_unknown_command_is_not_sent(bot: Bot) -> None:
    assert (await bot.ada.run_command("C0DESIGN", "/dream", "x")).error == "invalid_command"
    assert bot.requests == []


async def test_invite_makes_the_bot_a_member(bot: Bot, slack: Slack) -> None:
    assert (await slack.call("chat.postMessage", channel="G0LAUNCH", text="x"))["error"] == (
        "channel_not_found"
    )
    assert (await bot.ada.run_command("G0LAUNCH", "/invite", "@imagine")).ok
    assert (await slack.call("chat.postMessage", channel="G0LAUNCH", text="x"))["ok"]


async def test_names_become_ids_in_a_command_that_asks_for_it(bot: Bot, slack: Slack) -> None:
    texts: list[str] = []

    @bot.app.command("/imagine")
    async def imagine(ack, command) -> None:  # type: ignore[no-untyped-def]
        texts.append(command["text"])
        await ack()

    slack.workspace.is_escaping_commands = True
    await bot.ada.run_command("C0DESIGN", "/imagine", "@Ben Osei and @ada in #general & <co>")
    assert texts == ["<@U0BEN|ben> and <@U0ADA|ada> in <#C0GENERAL|general> &amp; &lt;co&gt;"]


async def test_the_same_command_can_be_delivered_twice(bot: Bot, slack: Slack) -> None:
    triggers: list[str] = []

    @bot.app.command("/imagine")
    async def imagine(ack, command) -> None:  # type: ignore[no-untyped-def]
        triggers.append(command["trigger_id"])
        await ack()

    await bot.ada.run_command("C0DESIGN", "/imagine", "x")
    sent = next(e for e in slack.workspace.exchanges if e.kind == "command")
    await bot.delivery.deliver_again(sent)
    assert len(triggers) == 2
    assert triggers[0] == triggers[1]


async def test_exchanges_show_no_token_and_no_signature(bot: Bot, slack: Slack) -> None:
    @bot.app.command("/imagine")
    async def imagine(ack, client) -> None:  # type: ignore[no-untyped-def]
        await ack()
        await client.chat_postMessage(channel="C0DESIGN", text="hi")

    await bot.ada.run_command("C0DESIGN", "/imagine", "x")
    shown = repr(list(slack.workspace.exchanges))
    assert "chat.postMessage" in shown
    assert "xoxb-sandbox" not in shown
    assert "v0=" not in shown
