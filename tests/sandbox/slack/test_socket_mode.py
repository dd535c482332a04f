"""Socket Mode: the SDK's own client connects, takes envelopes, acks, and reconnects."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

from bot.sandbox.slack.delivery import Delivery
from bot.sandbox.slack.person import Person
from tests.support.slack_stand_in import Slack


async def until(is_true: Callable[[], bool]) -> None:
    """Wait for something that the SDK does in the background; at most 30 seconds."""
    async with asyncio.timeout(30):
        while not is_true():  # noqa: ASYNC110 - the SDK tells nobody
            await asyncio.sleep(0.005)


@pytest.fixture
async def app(slack: Slack) -> AsyncIterator[AsyncApp]:
    app = AsyncApp(client=slack.client, signing_secret="unused")
    handler = AsyncSocketModeHandler(
        app, slack.workspace.app_token, web_client=slack.client, ping_interval=0.3
    )
    await handler.connect_async()  # type: ignore[no-untyped-call]
    await until(lambda: slack.workspace.sockets.is_connected)
    yield app
    await handler.close_async()  # type: ignore[no-untyped-call]


@pytest.fixture
async def ada(slack: Slack, app: AsyncApp) -> AsyncIterator[Person]:
    delivery = Delivery(slack.workspace, answer_seconds=30.0, retry_delays=(0.0, 0.01))
    yield Person(slack.workspace, delivery, "U0ADA")
    await delivery.aclose()


async def test_a_command_is_acked_through_the_socket(app: AsyncApp, ada: Person) -> None:
    @app.command("/imagine")
    async def imagine(ack, command) -> None:  # type: ignore[no-untyped-def]
        await ack(text=f"You said {command['text']}", response_type="in_channel")

    shown = await ada.run_command("C0DESIGN", "/imagine", "hi")
    assert shown.ok
    assert shown.message is not None
    assert (shown.message.text, shown.message.ephemeral_to) == ("You said hi", None)


async def test_a_submission_gets_its_errors_through_the_socket(
    slack: Slack, app: AsyncApp, ada: Person
) -> None:
    @app.view("form")
    async def submit(ack) -> None:  # type: ignore[no-untyped-def]
        await ack(response_action="errors", errors={"a": "no"})

    element = {"type": "plain_text_input", "action_id": "a", "initial_value": "x"}
    label = {"type": "plain_text", "text": "A"}
    block = {"type": "input", "block_id": "a", "label": label, "element": element}
    view = {"type": "modal", "callback_id": "form", "title": label, "submit": label}
    trigger = slack.workspace.grant_trigger("U0ADA")
    opened = await slack.client.views_open(trigger_id=trigger, view=view | {"blocks": [block]})
    shown = await ada.submit(opened["view"]["id"])
    assert shown.view_errors == {"a": "no"}


async def test_events_arrive_and_are_acked(app: AsyncApp, ada: Person) -> None:
    heard: list[str] = []

    @app.event("app_mention")
    async def mention(event) -> None:  # type: ignore[no-untyped-def]
        heard.append(event["text"])

    await ada.say("C0DESIGN", "@imagine hi")
    await ada.delivery.settle()
    await until(lambda: bool(heard))
    assert heard == ["<@U0IMAGINE> hi"]


async def test_without_an_ack_the_command_times_out(
    slack: Slack, app: AsyncApp, ada: Person
) -> None:
    ada.delivery.answer_seconds = 0.05
    slack.workspace.sockets.sockets[0].is_silent = True
    assert (await ada.run_command("C0DESIGN", "/imagine")).error == "operation_timeout"


async def test_pings_are_answered_so_that_the_client_stays_connected(
    slack: Slack, app: AsyncApp
) -> None:
    first = slack.workspace.sockets.sockets[0]
    await asyncio.sleep(1.6)  # five of the client's pings, four unanswered ones would end it
    assert slack.workspace.sockets.sockets == [first]


async def test_after_disconnect_the_client_comes_back(
    slack: Slack, app: AsyncApp, ada: Person
) -> None:
    @app.command("/imagine")
    async def imagine(ack) -> None:  # type: ignore[no-untyped-def]
        await ack("hi")

    hub = slack.workspace.sockets
    first = hub.sockets[0]
    await hub.say_disconnect()
    await until(lambda: hub.is_connected and first not in hub.sockets)
    assert (await ada.run_command("C0DESIGN", "/imagine")).ok


async def test_after_a_cut_the_client_comes_back(slack: Slack, app: AsyncApp) -> None:
    hub = slack.workspace.sockets
    first = hub.sockets[0]
    await hub.close_all()
    await until(lambda: hub.is_connected and first not in hub.sockets)


async def test_a_client_replaces_a_connection_that_went_silent(
    slack: Slack, app: AsyncApp, ada: Person
) -> None:
    @app.command("/imagine")
    async def imagine(ack) -> None:  # type: ignore[no-untyped-def]
        await ack("hi")

    hub = slack.workspace.sockets
    (first,) = hub.sockets
    hub.go_silent()
    await until(lambda: first not in hub.sockets and hub.is_connected)
    assert (await ada.run_command("C0DESIGN", "/imagine")).ok


async def test_nobody_connected_is_dispatch_failed(slack: Slack) -> None:
    delivery = Delivery(slack.workspace)
    ada = Person(slack.workspace, delivery, "U0ADA")
    assert (await ada.run_command("C0DESIGN", "/imagine")).error == "dispatch_failed"


async def test_two_connections_take_turns_and_junk_is_ignored(slack: Slack) -> None:
    delivery = Delivery(slack.workspace, answer_seconds=30.0)
    ada = Person(slack.workspace, delivery, "U0ADA")
    async with aiohttp.ClientSession() as http:
        sockets = []
        for _ in range(2):
            answer = await slack.call("apps.connections.open", "xapp-sandbox")
            sockets.append(await http.ws_connect(answer["url"]))
        hellos = [await socket.receive_json() for socket in sockets]
        assert [h["type"] for h in hellos] == ["hello", "hello"]
        assert hellos[1]["num_connections"] == 2
        for socket in sockets:
            await socket.send_str("junk")
            await socket.send_str("[1]")
            await socket.send_json({"envelope_id": "unknown"})
        for socket in sockets:
            asking = asyncio.create_task(ada.run_command("C0DESIGN", "/imagine", "x"))
            envelope = await socket.receive_json()
            assert (envelope["type"], envelope["accepts_response_payload"]) == (
                "slash_commands",
                True,
            )
            await socket.send_json({"envelope_id": envelope["envelope_id"]})
            assert (await asking).ok


async def test_a_ticket_is_good_for_one_connection(slack: Slack) -> None:
    answer = await slack.call("apps.connections.open", "xapp-sandbox")
    async with aiohttp.ClientSession() as http:
        await http.ws_connect(answer["url"])
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await http.ws_connect(answer["url"])
